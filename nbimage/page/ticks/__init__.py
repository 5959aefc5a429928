"""Ticks of axes and colorbars: where they stand, what they say, how many there are."""
