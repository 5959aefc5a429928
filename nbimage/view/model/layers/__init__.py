"""Layers: label images and overlays that lie over the images of a view."""
