"""How pyramids of small picture files are laid out in folders: Deep Zoom, IIIF, Google, Zoomify."""
