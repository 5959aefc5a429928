"""Pages of TIFF files as levels: tags, samples and segments."""
