"""HTML, SVG and scripts: encoded pictures to what a page shows."""
