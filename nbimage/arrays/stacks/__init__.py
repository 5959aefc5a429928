"""Several arrays as one."""
