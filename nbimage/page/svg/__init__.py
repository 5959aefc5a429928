"""SVG as text: what is drawn so far, and what such a document holds."""
