"""``python -m nbimage``: the command line."""

import sys

from nbimage.cli.main import main

sys.exit(main())
