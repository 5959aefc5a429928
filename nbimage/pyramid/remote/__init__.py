"""Files and stores behind addresses, read in parts."""
