"""Give another package's HTML names that are the same at each run of its cell."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from nbimage.page.ipython import find_cell

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_shown: dict[str, list[Any]] = {}
"""The outputs that had each content: the cell, and how many of its run had it before."""
_counts: dict[tuple[str, Any], tuple[Any, int]] = {}
"""How many outputs with a content the last run of a cell has had."""


def keep_ids(html: str) -> str:
    """Return HTML whose random names are replaced by names derived from its content.

    Equal outputs of several cells, and of one, have names of their own: what is folded in one of
    them must not be that of another. A cell that runs again has the names that it had before.
    """
    names = list(dict.fromkeys(_UUID.findall(html)))
    if not names:
        return html
    numbers = {name: i for i, name in enumerate(names)}
    plain = _UUID.sub(lambda found: f"\0{numbers[found[0]]}", html)
    digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    output = _number_output(digest)
    stem = f"{digest}-{output}" if output else digest
    return _UUID.sub(lambda found: f"{stem}-{numbers[found[0]]}", html)


def _number_output(digest: str) -> int:
    """Return how many other outputs have had the same content first."""
    cell, run = find_cell()
    if run is None:
        return 0
    cell = ("run", run) if cell is None else cell
    last, count = _counts.get((digest, cell), (run, 0))
    count = count if last == run else 0
    _counts[digest, cell] = run, count + 1
    outputs = _shown.setdefault(digest, [])
    if (cell, count) not in outputs:
        outputs.append((cell, count))
    return outputs.index((cell, count))
