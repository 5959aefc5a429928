"""The bins of values: even ones, and those between given levels."""
