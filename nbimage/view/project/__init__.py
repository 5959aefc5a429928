"""Projections along further axes: what they are called, and their arithmetic."""
