"""Benchmarks: nbimage beside its peers, in one run. `python -m benchmarks.pictures`."""
