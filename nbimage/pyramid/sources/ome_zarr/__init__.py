"""zarr arrays and OME-Zarr: images, plates, labels; in folders, zip files, at addresses."""
