"""The explorer: an array's own values on the page, and a viewer that needs no kernel."""
