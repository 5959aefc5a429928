"""Values to pixels: limits, norms, colormaps. Encodes nothing."""
