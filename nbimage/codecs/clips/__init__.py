"""Video files as arrays: an index of all frames, then any frame exactly."""
