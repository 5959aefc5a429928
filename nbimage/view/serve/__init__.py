"""Views without a kernel: a small web server, an exported folder."""
