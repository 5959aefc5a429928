"""The levels of a pyramid as arrays."""
