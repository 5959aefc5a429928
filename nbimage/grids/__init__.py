"""Many pictures with titles in one figure."""
