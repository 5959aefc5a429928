"""A reader for napari, which finds ``napari.yaml`` by the entry point ``napari.manifest``."""
