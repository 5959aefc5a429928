"""Coordinates of the sky and the earth: what a pixel of an image is a picture of."""
