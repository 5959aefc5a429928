"""Run long trials, all or those that are named, and write ``docs/quality.md``."""

from __future__ import annotations

import argparse
import datetime
import importlib
import time

from tests.proof import page
from tests.proof.page import PARTS


def main() -> None:
    """Run each part and keep its line; one that fails leaves the page as it was."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--page", action="store_true", help="run nothing: write the kept lines")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.parts) - set(PARTS)):
        parser.error(f"no part is called {', '.join(unknown)}: there are {', '.join(PARTS)}")
    for name in [] if asked.page else asked.parts or PARTS:
        part = importlib.import_module(f"tests.proof.{name}")
        start = time.perf_counter()
        tried = part.prove()
        minutes = (time.perf_counter() - start) / 60
        today = f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}"
        page.keep(name, page.Row(part.CLAIM, tried, minutes, today))
        print(f"{name}: {tried}, in {minutes:.1f} min", flush=True)
    page.write()


if __name__ == "__main__":
    main()
