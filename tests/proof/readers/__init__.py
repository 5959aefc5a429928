"""Readers hold: whatever a file, a page or a client says, it is a right answer or one line.

    python -m tests.proof readers
    python -m tests.proof.readers PNG --seconds 60

Files of each kind are changed at random (`mutations`) and opened at the doors (`trial`), in
processes of their own with limits (`worker`), which `watch` looks after.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.proof.readers.others import OTHERS
from tests.proof.readers.seeds import FORMATS
from tests.proof.readers.watch import LIBRARIES, Found, watch

CLAIM = (
    "Readers hold: a changed file, message or request is a right answer or one line, under 2 GiB "
    "and 10 s"
)
SECONDS = 600.0
"""Of each format, on a processor of its own."""
PROCESSES = 2


def prove() -> str:
    """Try each format for `SECONDS`; return how many were read, refused, and at what cost."""
    names = [*FORMATS, *OTHERS]
    with ThreadPoolExecutor(PROCESSES) as pool:
        found = list(pool.map(lambda form: watch(form, SECONDS), names))
    faults = [(one.form, fault) for one in found for fault in one.faults]
    if faults:
        raise AssertionError("\n".join(describe(*one) for one in faults))
    return summarize(found)


def describe(form: str, fault: dict[str, object]) -> str:
    """Return what a fault is, and how it is tried again."""
    again = f"python -m tests.proof.readers.worker {form!r} --only {fault['number']}"
    return f"{fault['fault']}: {again}\n{fault['text']}"


def summarize(found: list[Found]) -> str:
    """Return the figures of all formats in one line."""
    tried, refused = (sum(getattr(one, key) for one in found) for key in ("tried", "refused"))
    ended = [f"{LIBRARIES[one.form]} ended {one.ended} times" for one in found if one.ended]
    return ", ".join([_count(found, tried, refused), *ended])


def _count(found: list[Found], tried: int, refused: int) -> str:
    peak, slowest = max(one.peak for one in found), max(one.slowest for one in found)
    return (
        f"{tried:,} mutants of {len(found)} formats, {SECONDS / 60:g} minutes each: {refused:,} "
        f"refused in a line, {tried - refused:,} read, the most memory {peak >> 20:,} MiB, the "
        f"longest {slowest:.1f} s"
    )
