"""Writers: Deep Zoom, OME-Zarr, TIFF, whole or not at all."""
