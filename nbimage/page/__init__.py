"""Bytes to what a page shows."""
