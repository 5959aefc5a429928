"""Arrays of stores that say something of themselves: zarr, HDF5, and what both have of CF."""
