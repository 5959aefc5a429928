"""Open every kind at every door, then write the tables of ``docs/formats.md``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.kinds.doors import DOORS
from tests.kinds.kind import KINDS
from tests.kinds.page import PAGE, with_tables


def main() -> int:
    """Return 1, and leave the page, where something does not fit what a file holds."""
    failed = 0
    for kind in KINDS.values():
        with tempfile.TemporaryDirectory() as folder:
            path, content = kind.make(Path(folder))
            for door, check in DOORS.items():
                try:
                    check(path, content, Path(folder))
                except Exception as error:  # whatever it is, the others are tried too
                    failed += 1
                    print(f"{kind.name}, {door}: {error!r:.300}", file=sys.stderr)
    if failed:
        return 1
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
