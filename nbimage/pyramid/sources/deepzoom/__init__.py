"""Deep Zoom folders, archives and addresses as levels."""
