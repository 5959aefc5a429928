"""Layers over the images of a view."""
