"""Pages within pages: frames of their own, and marimo, which shows outputs in them."""
