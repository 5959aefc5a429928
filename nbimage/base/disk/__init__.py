"""What a system does with names and bytes that Python's own library does not ask it for."""
