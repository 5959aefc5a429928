"""What the writers of samples, OME-Zarr and TIFF, do on a cluster, and go on with when stopped."""
