"""The tables of ``docs/formats.md`` that are made of the kinds, the doors and what is refused."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nbimage.pyramid.sources.unread import list_unread
from tests.kinds.doors import DOORS, outcome
from tests.kinds.kind import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
_TABLE = r"(<!-- {0} -->\n)(?:.*?\n)??(<!-- end -->)"


def kinds_table() -> str:
    """Return the table of kinds and doors, with the other programs that say what is right."""
    return "\n".join(_kind_rows())


def _kind_rows() -> Iterator[str]:
    yield f"| file | {' | '.join(DOORS)} | other readers |"
    yield f"|---|{'---|' * (len(DOORS) + 1)}"
    family = ""
    for kind in KINDS.values():
        with tempfile.TemporaryDirectory() as folder:
            _, content = kind.make(Path(folder))
        if kind.family != family:
            family = kind.family
            yield f"| **{family}** |{' |' * (len(DOORS) + 1)}"
        cells = [outcome(door, content) for door in DOORS]
        yield f"| {kind.name} | {' | '.join(cells)} | {', '.join(sorted(kind.references))} |"


def unread_table() -> str:
    """Return the table of formats that are refused with what reads them."""
    rows = ["| suffix | what it is | what reads it |", "|---|---|---|"]
    for (what, way), suffixes in sorted(list_unread().items()):
        names = " ".join(f"`{suffix}`" for suffix in sorted(suffixes))
        rows.append(f"| {names} | {what} | {f'`{way}`' if '(' in way else way} |")
    return "\n".join(rows)


TABLES = {"kinds": kinds_table, "unread": unread_table}


def with_tables(text: str) -> str:
    """Return the page's text with its tables as they are now."""
    for name, make in TABLES.items():
        pattern = re.compile(_TABLE.format(name), re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"{PAGE} must have a table between <!-- {name} --> and <!-- end -->")
        table = make()
        text = pattern.sub(lambda match, table=table: match[1] + table + "\n" + match[2], text)  # type: ignore[misc]
    return text
