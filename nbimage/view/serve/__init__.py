"""An explorer without a kernel: a small web server, an exported folder."""
