"""The command ``nbimage VERB …``: parse arguments and run the verb's module.

Errors are one line on stderr, with exit code 2; each verb is a module beside this one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import nbimage
from nbimage.cli import dzi, info, png, video, view


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, or 2 for invalid input."""
    parser = argparse.ArgumentParser(prog="nbimage", description=nbimage.__doc__)
    parser.add_argument("--version", action="version", version=f"nbimage {nbimage.__version__}")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    png.add_parser(verbs)
    video.add_parser(verbs)
    dzi.add_parser(verbs)
    info.add_parser(verbs)
    view.add_parser(verbs)
    arguments = parser.parse_args(argv)
    try:
        arguments.run(arguments)
    except (ImportError, OSError, TypeError, ValueError, nbimage.FFmpegError) as error:
        print(f"nbimage: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0
