"""What the explorer shows: stacks, limits, display settings, the page's configuration."""
