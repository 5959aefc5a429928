"""Tests of what Pillow opens."""
