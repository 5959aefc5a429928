"""Smaller levels of what has none: built in one pass, cached, or rough first."""
