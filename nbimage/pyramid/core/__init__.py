"""Levels, tiles and blocks of an image of any size. Opens no file."""
