"""Load: very many calls, many at once, long use, slow ways.

python -m tests.proof load
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.proof.load import calls, pages

CLAIM = (
    "Nothing grows: neither a process that calls each verb 1,000 times, nor a kernel and a page "
    "whose live view is used for long; what is visible stays usable where tiles are late"
)
_TIMES, _AT_ONCE, _MINUTES = 1000, 64, 10.0


def prove() -> str:
    """Try all of it; return what was tried in figures."""
    most = max(calls.check_growth(verb, _TIMES) for verb in calls.VERBS)
    for verb in calls.VERBS:
        calls.check_threads(verb, _AT_ONCE)
    calls.check_processes(list(calls.VERBS))
    with tempfile.TemporaryDirectory(prefix="nbimage-proof-") as folder:
        used = pages.check_long_use(_empty(folder, "long"), _MINUTES)
        pages.check_many(_empty(folder, "many"))
        for way in ("kernel", "network"):
            pages.check_slow(_empty(folder, way), way)
    return (
        f"{_TIMES:,} calls of each of {len(calls.VERBS)} verbs: descriptors, threads and temporary "
        f"files as after half of them, at most {most / 1000:.0f} kB more; 8 threads, forked and "
        f"spawned processes: the same bytes; a live view panned for {_MINUTES:.0f} minutes: "
        f"{used}, level since half of them; 50 live views on a page; tiles 0.3 s late, a network "
        "of 60 kB/s: never a hole, each gesture seen at once"
    )


def _empty(above: str, name: str) -> Path:
    folder = Path(above) / name
    folder.mkdir()
    return folder
