"""Datasets of pydicom's as values."""
