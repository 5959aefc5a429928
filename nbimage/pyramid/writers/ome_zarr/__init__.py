"""OME-Zarr images: levels and metadata, in folders, in one file, at addresses."""
