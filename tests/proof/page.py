"""The page `docs/quality.md`: what was tried, how often, and what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "quality.md"
ROWS = Path(__file__).with_name("rows")
PARTS = (  # modules with a CLAIM and what tries it, `prove`
    "calls",
    "pairs",
    "interruptions",
    "load",
    "mutants",
    "readers",
    "payloads",
    "doors",
    "claims",
)
HEAD = """\
# Quality

What is promised is tried at length by `make proof`, which writes this page. Each line is one of \
its parts, and `python -m tests.proof calls` runs one alone. A part that finds a fault stops and \
leaves the page as it was; what it found becomes a test, and is mended before the line is written.

| what holds | tried | minutes | date |
|---|---|---|---|
"""


class Row(NamedTuple):
    """A line: what holds, how it was tried in figures, on two cores how long, and when."""

    claim: str
    tried: str
    minutes: float
    date: str


def read() -> dict[str, Row]:
    """Return the lines that are kept, in the order of their parts."""
    files = {name: ROWS / f"{name}.json" for name in PARTS}
    return {
        name: Row(**json.loads(path.read_text("utf-8")))
        for name, path in files.items()
        if path.is_file()
    }


def keep(name: str, row: Row) -> None:
    """Keep a line in place of an older one."""
    ROWS.mkdir(exist_ok=True)
    text = json.dumps(row._asdict(), indent=1, ensure_ascii=False)
    (ROWS / f"{name}.json").write_text(text + "\n", "utf-8")


def compose(rows: dict[str, Row]) -> str:
    """Return the page of these lines."""
    lines = (
        f"| {row.claim} | {row.tried} | {row.minutes:.0f} | {row.date} |\n" for row in rows.values()
    )
    return HEAD + "".join(lines)


def write() -> None:
    """Write the page."""
    PAGE.write_text(compose(read()), "utf-8")
