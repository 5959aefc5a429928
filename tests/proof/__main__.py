"""Run long trials, all or those that are named, and write ``docs/quality.md``."""

from __future__ import annotations

import argparse
import datetime
import time

from tests.proof import calls, page, pairs

PARTS = {
    "calls": (calls.CLAIM, calls.prove),
    "pairs": (pairs.CLAIM, pairs.prove),
}


def main() -> None:
    """Run each part and keep its figures; one that fails leaves the page as it was."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    asked = parser.parse_args().parts
    if unknown := sorted(set(asked) - set(PARTS)):
        parser.error(f"no part is called {', '.join(unknown)}: there are {', '.join(PARTS)}")
    for name in asked or PARTS:
        claim, prove = PARTS[name]
        start = time.perf_counter()
        tried = prove()
        minutes = (time.perf_counter() - start) / 60
        today = f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}"
        page.keep(name, page.Row(claim, tried, minutes, today), list(PARTS))
        print(f"{name}: {tried}, in {minutes:.1f} min", flush=True)
    page.write()


if __name__ == "__main__":
    main()
