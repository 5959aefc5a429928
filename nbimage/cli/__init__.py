"""The command line: ``nbimage convert|tiff|zarr|dzi|video|info|view|export|completion``."""
