"""What each door makes of a text, beside what it makes of as many letters: the same elements."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from nbimage.base.text import replace_surrogates
from tests.proof.payloads.doors import Outputs, doors, try_door
from tests.proof.payloads.markup import Found, differences, read_html, read_json, read_svg
from tests.proof.payloads.texts import controls, harmless, other_widths, plain

LONGEST = 2000  # letters of an error, whatever was given
_READ: dict[str, Callable[[str], Found]] = {"html": read_html, "svg": read_svg, "json": read_json}
_LOOKED = 40
_LEAST, _MOST = 6, 500  # letters of a text that is looked for: others are found, or cut


def check_door(name: str, door: Callable[[str], Outputs], text: str) -> str:
    """Check a door with a text; return "refused", or "shown".

    Raises AssertionError where the text becomes an element, an attribute or an address, where it
    is not there as it is, and where an error is not one short line.
    """
    found = try_door(door, text)
    if isinstance(found, str):
        check_line(found, f"{name} of {text[:80]!r}")
        return "refused"
    other = try_door(door, harmless(text))
    if isinstance(other, str):  # a word that is possible, which letters are not
        return "possible"
    for kind, shown in found.items():
        laid_out = functools.partial(_laid_out, door, text, kind)
        compare(kind, shown, other[kind], text, f"{name}, {kind}, of {text[:80]!r}", laid_out)
    return "shown"


def _laid_out(door: Callable[[str], Outputs], text: str, kind: str) -> Iterator[str]:
    """Yield what a door makes of harmless texts of other widths."""
    for one in other_widths(text):
        found = try_door(door, one)
        if not isinstance(found, str) and kind in found:
            yield found[kind]


def check_line(line: str, what: str) -> None:
    """Check that an error is one line, not too long, that no terminal obeys."""
    assert not controls(line), f"{what}: {line[:300]!r} has letters that a terminal obeys"
    assert len(line) <= LONGEST, f"{what}: an error of {len(line):,} letters"


def compare(
    kind: str,
    shown: str,
    other: str,
    text: str,
    what: str,
    laid_out: Callable[[], Iterable[str]] = tuple,
) -> None:
    """Check that a text makes no other output than as many letters do.

    ``laid_out``: outputs of texts of other widths, some of which are written elsewhere.
    """
    read = _READ.get(kind.partition(" ")[0])
    if read is None:
        return
    first, second = read(shown), read(other)
    changed = differences(first, second)
    if changed:  # but for what is laid out otherwise by its width
        outputs = [set(read(one).structure) for one in laid_out()]
        known, always = set().union(*outputs), set.intersection(*outputs) if outputs else set()
        marks = {"+": lambda name: name not in known, "-": lambda name: name in always}
        changed = [one for one in changed if not outputs or marks[one[0]](one[2:])]
    assert not changed, f"{what}: {[one[:200] for one in changed[:6]]}"
    if _LEAST <= len(plain(text)) < _MOST and plain(harmless(text)) in second.text:
        ways = {text, repr(text)[1:-1], repr(replace_surrogates(text))[1:-1]}  # or as Python has it
        begins = {plain(way)[:_LOOKED] for way in ways}  # the rest may be cut
        there = any(one in first.text for one in begins)
        if not there:  # the folders of paths are said once, above their names
            there = any(
                all(word in first.text for word in re.findall(r"[^\W_]+", way)) for way in ways
            )
        assert there, f"{what}: the text is not there"


def check_all(texts: Mapping[str, str], names: Iterable[str] = ()) -> Counter[str]:
    """Check all doors, or those of these names, with all texts; return what came of it.

    In lists, dicts and the like, of which most are refused, a fourth of the texts is tried at each
    door, others at the next one; a million letters where a text alone is given.
    """
    chosen = set(names)
    counts: Counter[str] = Counter()
    for number, (name, door) in enumerate(doors()):
        if chosen and name not in chosen:
            continue
        counts["doors"] += 1
        alone = name.endswith("= text")
        said = name.startswith(("data: ", "file: ", "written: "))
        for turn, (key, text) in enumerate(texts.items()):
            few = not (alone or said) and (turn + number) % 4
            if few or (key == "long" and not alone):
                continue
            counts[check_door(name, door, text)] += 1
    return counts
