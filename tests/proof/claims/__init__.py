"""Every figure of the documents is what a command makes: within its rounding, of the last run.

    python -m tests.proof claims

``measured``, ``limits`` and ``changes`` name the command of each, and where its figure is written
down; a figure with a unit
that no entry names is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.proof.claims import changes, limits, measured
from tests.proof.claims.claim import Claim, Relation
from tests.proof.claims.figures import ROOT, WORDS, agrees, find_table, read

CLAIM = "Each figure of README and documents has its command, and is what that found, as rounded"
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    *sorted(
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "docs").rglob("*.md")
        if path.name != "quality.md"  # which `python -m tests.proof` writes
    ),
)
CLAIMS = (*measured.CLAIMS, *limits.CLAIMS, *changes.CLAIMS)
TABLES = measured.TABLES
NAMES = {changes.PAGE: changes.NAMES, **limits.NAMES}
"""What is no promise: numbers of names, of formats, of examples."""
_UNITS = (
    *("ms", "s", "µs", "seconds?", "minutes?", "hours?", "kB", "MB", "GB", "TB", "KiB", "MiB"),
    *("GiB", "bytes", "dB", "times", "fps", "pixels?", "planes?", "frames?", "rows?", "samples?"),
    *("values?", "packages?", "bits", "million", "thousand", "lines", "letters", "tries"),
)
_SPEEDS = "ms", "s", "seconds?", "minutes?", "kB", "MB", "times"


def _figure(units: tuple[str, ...]) -> re.Pattern[str]:
    number = r"(?<![\w.])(?:\d[\d,.]*\d|\d)(?:²|³)?[ \u00a0]?"
    return re.compile(rf"{number}(?:(?:{'|'.join(units)})\b|%|×(?!\d))")


FIGURE = _figure(_UNITS)
"""A number with a unit: what a reader may take for a promise."""


def prose(page: str) -> str:
    """Return a page without its code, in lines as they are."""
    text = read(page)
    if text.startswith("---"):
        text = re.sub(r"(?ms)\A---\n.*?^---\n", "", text)
    text = re.sub(r"(?ms)^(`{3,}|:{3,}).*?^\1[^\n]*", "", text)
    text = re.sub(r"(?s)<!-- kinds -->.*?<!-- end -->", "", text)  # which `tests.kinds` writes
    text = re.sub(r"(?s)<!--.*?-->", "", text)
    text = re.sub(r"\]\([^)\s]+\)", "]", text)
    return re.sub(r"\s+", " ", text)


def pattern_of(text: str) -> re.Pattern[str]:
    """Return what finds a sentence with figures in the places of braces."""
    words = "|".join(sorted(WORDS, key=len, reverse=True))
    figure = rf"((?:\d[\d,]*(?:\.\d+)?)|{words})"
    plain = re.escape(" ".join(text.split())).replace(re.escape("{}"), figure)
    return re.compile(plain)


def check(claim: Claim) -> Iterator[str]:
    """Yield what is wrong with a claim."""
    found = pattern_of(claim.text).search(prose(claim.page))
    if found is None:
        yield f"{claim.page} lacks {claim.text!r}, which tests/proof/claims has"
        return
    for figure, source in zip(found.groups(), claim.sources, strict=True):
        value = source()
        if not agrees(figure, value, claim.near):
            yield f"{claim.page}: {found[0]!r} says {figure}, `{claim.command}` found {value:.6g}"


def check_table(relation: Relation) -> Iterator[str]:
    """Yield the cells of a table that are not what the benchmark's own table has."""
    page = find_table(relation.page, *relation.heads)
    for row in page[1:]:
        for column, source in relation.columns.items():
            own = row[page[0].index(column)]
            wanted = source(row[0])
            for figure, value in zip(_figures(own), wanted, strict=False):
                if not agrees(figure, value):
                    yield (
                        f"{relation.page}: {row[0]}, {column}: {own!r} has {figure}, "
                        f"`{relation.command}` found {value:.6g}"
                    )
            if len(_figures(own)) != len(wanted):
                yield f"{relation.page}: {row[0]}, {column}: {own!r} is to have {wanted}"


def _figures(text: str) -> list[str]:
    return re.findall(r"\d[\d,]*(?:\.\d+)?", text)


def unnamed(page: str) -> Iterator[str]:
    """Yield the figures of a page that no entry has a command of."""
    text = prose(page)
    known = [False] * len(text)

    def cover(pattern: re.Pattern[str]) -> None:
        for found in pattern.finditer(text):
            known[found.start() : found.end()] = [True] * len(found[0])

    for claim in CLAIMS:
        if claim.page == page:
            cover(pattern_of(claim.text))
    for relation in TABLES:
        if relation.page == page:
            for row in find_table(page, *relation.heads):
                cover(re.compile(re.escape(re.sub(r"\]\([^)\s]+\)", "]", " | ".join(row)))))
    for pattern in (r"`[^`]*`", *NAMES.get(page, ())):
        cover(re.compile(pattern))
    figure = _figure(_SPEEDS) if page == changes.PAGE else FIGURE  # which says what changed
    for found in figure.finditer(text):
        if not all(known[found.start() : found.end()]):
            near = text[max(0, found.start() - 40) : found.end() + 30]
            yield f"{page}: {found[0]!r} in '…{near}…' has no command in tests/proof/claims"


def faults() -> Iterator[str]:
    """Yield all that is wrong."""
    for claim in CLAIMS:
        yield from check(claim)
    for relation in TABLES:
        yield from check_table(relation)
    for page in PAGES:
        yield from unnamed(page)


def prove() -> str:
    """Compare all figures; return how many."""
    found = list(faults())
    if found:
        raise AssertionError("\n".join(found))
    listed = sum(len(claim.sources) for claim in CLAIMS)
    cells = sum(
        len(_figures(row[find_table(r.page, *r.heads)[0].index(column)]))
        for r in TABLES
        for row in find_table(r.page, *r.heads)[1:]
        for column in r.columns
    )
    commands = {one.command for one in (*CLAIMS, *TABLES)}
    return (
        f"{listed} figures of sentences and {cells} of tables on {len(PAGES)} pages, "
        f"by {len(commands)} commands"
    )
