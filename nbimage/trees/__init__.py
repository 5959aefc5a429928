"""Arrays where they lie: in lists, dicts and dataclasses, in files, and not computed."""
