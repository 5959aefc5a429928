"""The command line: ``nbimage png|video|dzi|info|view``."""
