"""A grid of pictures on the page."""
