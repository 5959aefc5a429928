"""Files of several named arrays: HDF5, NetCDF 3 and 4."""
