"""Work beside other work: threads, and what takes their place where none can be started."""
