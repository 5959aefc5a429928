"""An explorer with a kernel behind it: tiles on demand, linked views, annotations."""
