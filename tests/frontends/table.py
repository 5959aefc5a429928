"""The table of `docs/frontends.md`: rows as they were run, each with its date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.frontends.environments import ROOT
from tests.frontends.hosts import HOSTS
from tests.frontends.look import READABLE

DOCUMENT = ROOT / "docs" / "frontends.md"
ROWS = Path(__file__).with_name("rows.json")
BEGIN, END = "<!-- rows: made by `make frontends` -->", "<!-- end of rows -->"
_COLUMNS = ("figure", "video", "grid", "view", "live", "table", "drag", "hover", "dark")
_SIGNS = {"drawn": "✓", "plays": "✓", "live": "✓", "yes": "✓", "no": "✗", "nothing": "✗"}


def read() -> dict[str, dict[str, Any]]:
    """Return the rows that are kept."""
    found: dict[str, dict[str, Any]] = json.loads(ROWS.read_text("utf-8")) if ROWS.is_file() else {}
    return found


def keep(name: str, row: dict[str, Any]) -> None:
    """Keep a row in place of an older one."""
    rows = {**read(), name: row}
    order = [host.name for host in HOSTS]
    kept = {one: rows[one] for one in sorted(rows, key=order.index) if one in order}
    ROWS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


def lines(rows: dict[str, dict[str, Any]]) -> list[str]:
    """Return the table in Markdown."""
    head = ("front-end", "version", "shown by", *_COLUMNS, "date")
    table = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for name, row in rows.items():
        cells = [name, row["version"], row["how"], *(_cell(row, one) for one in _COLUMNS)]
        table.append(f"| {' | '.join([*cells, row['date']])} |")
    return table


def _cell(row: dict[str, Any], column: str) -> str:
    if column != "dark":
        return _SIGNS.get(row[column], row[column])
    if "dark" not in row:
        return "none"
    if not row["dark"]:  # something is missing, or changed by the theme
        return "✗"
    good = min(row["light"], row["dark"]) >= READABLE
    return "✓" if good else f"✗ (contrast {row['light']}, {row['dark']})"


def compose(rows: dict[str, dict[str, Any]]) -> str:
    """Return the document with these rows."""
    text = DOCUMENT.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join((f"{before}{BEGIN}", *lines(rows), f"{END}{after}"))


def write() -> None:
    """Put the rows into the document."""
    DOCUMENT.write_text(compose(read()), "utf-8")
