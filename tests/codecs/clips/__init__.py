"""Tests of `nbimage.codecs.clips`."""
