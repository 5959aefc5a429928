"""Axes, colorbars, histograms and overlays of a picture: options and data to a page's figure."""
