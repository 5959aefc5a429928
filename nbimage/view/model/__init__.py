"""What a view is made of: stacks, images, limits, display settings, state, the page's JSON."""
