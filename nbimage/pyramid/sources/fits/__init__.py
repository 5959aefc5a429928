"""FITS files, read by astropy."""
