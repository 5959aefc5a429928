"""Pyramids: images larger than memory, level by level and tile by tile."""
