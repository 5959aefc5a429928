"""Encode pixels: PNG, JPEG, WebP, AVIF and video files."""
