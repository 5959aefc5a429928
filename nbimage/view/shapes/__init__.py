"""Shapes that are drawn on an image: what they are, which samples are inside, files of them."""
