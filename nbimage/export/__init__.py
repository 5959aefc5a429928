"""Figures as files: own SVG to pixels and to PDF, with the pictures exact."""
