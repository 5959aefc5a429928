"""Deep Zoom pyramids and other folders of small pictures, written."""
