"""Readers: one module a format, each a `Source`."""
