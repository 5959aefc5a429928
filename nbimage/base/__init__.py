"""What every floor needs: whole files, chunks on threads, progress. Knows no images."""
