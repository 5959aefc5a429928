"""Coordinates of the sky and the earth of the images of a view."""
