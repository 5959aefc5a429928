"""Channels that are laid over one another, each in a color of its own."""
