"""What every layer needs: whole files, chunks on threads, progress. Nothing here knows images."""
