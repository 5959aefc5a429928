"""Anything array-like in, pixels out: the first leg of the way."""
