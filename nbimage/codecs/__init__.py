"""Pixels to bytes."""
