"""JPEG 2000: where the tiles of a file lie, and one of them at one resolution."""
