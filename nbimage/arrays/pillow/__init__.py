"""Pillow's images: their samples, and what their files say of them."""
