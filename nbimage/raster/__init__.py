"""Pixels to pixels: quilts, joined pictures, frame counters, montages."""
