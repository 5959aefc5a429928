"""Compose pixels: quilts, joined pictures, frame counters, montages."""
