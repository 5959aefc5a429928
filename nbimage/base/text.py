"""Text that UTF-8 can hold, of files, pages and terminals; and errors in one line.

A file name that is no UTF-8, or a label of another encoding, comes as a string with surrogates that
stand alone. They become the replacement character where the text leaves this process.
"""

from __future__ import annotations

import binascii
import functools
import re
import struct
from collections.abc import Sequence
from typing import Any

_LARGE = 1 << 18  # bytes whose base64 is made on threads
_GROUPS = 1 << 14  # of three bytes in a block, of which all that is needed stays in the cache
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_GIVEN_BACK = {"changes", "shapes", "state"}  # what a page sends as it has got it
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def replace_surrogates(given: Any) -> str:
    """Return text with U+FFFD in place of each surrogate that stands alone."""
    if isinstance(given, tuple):  # a key of several parts
        given = tuple(replace_surrogates(one) if isinstance(one, str) else one for one in given)
    text = str(given)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def show_controls(text: str) -> str:
    """Return text with what a terminal obeys, and what turns its lines round, as Python writes it.

    An escape becomes a backslash, an x and its number.
    """
    if text.isprintable():  # most are
        return text
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def clean_xml(text: Any) -> str:
    """Return text without the letters that XML can't hold, not even escaped."""
    return _FORBIDDEN.sub("", replace_surrogates(text))


def fill_format(pattern: str, *values: Any, **named: Any) -> str:
    """Return ``pattern.format(…)``, whose fields may be the values alone, nothing within them.

    Raises what `str.format` does, and ValueError for a field of more than 999 letters.
    """
    import string  # few have a format

    for _, field, spec, _ in string.Formatter().parse(pattern):
        if field is not None and (set(field) & set(".[") or re.search(r"\{|\d{4}", spec or "")):
            raise ValueError(f"{{{field}{spec and ':'}{spec}}} must be a value in few letters")
    return pattern.format(*values, **named)


def format_repr(kind: str, title: str | None, description: str) -> str:
    """Return what an object says of itself in one line."""
    named = f"{replace_surrogates(title)!r}: " if title else ""
    return f"<{kind} {named}{replace_surrogates(description)}>"


def format_count(number: int, noun: str) -> str:
    """Return a number of things: "1 frame", "2 frames"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def wrap_words(text: str, most: int) -> list[str]:
    """Return a text's lines of so many letters at most, broken between words alone."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def escape(text: Any) -> str:
    """Return text as HTML has it, in an attribute too."""
    import html  # its table of all entities takes longer than most modules of ours

    return html.escape(replace_surrogates(text))


def close_directions(text: str) -> str:
    """Return text with an end of each direction of writing that it begins.

    So that what stands after it, such as the limits of a channel of this name, isn't turned round.
    """
    if text.isascii():
        return text
    ends: list[str] = []
    for sign in _DIRECTIONS.findall(text):
        if sign in "\u202c\u2069":
            if sign in ends and (sign == "\u2069" or ends[-1] == sign):
                del ends[len(ends) - 1 - ends[::-1].index(sign) :]
        else:
            ends.append("\u2069" if sign >= "\u2066" else "\u202c")
    return text + "".join(reversed(ends))


def clean_json(value: Any) -> Any:
    """Return what becomes JSON with all its texts, keys too, such that UTF-8 can hold them."""
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, dict):
        return {clean_json(key): clean_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_json(one) for one in value]
    return value


def clean_shown(value: Any) -> Any:
    """Return `clean_json` of what a page shows; what it gives back, its state, stays as it is."""
    if isinstance(value, str):
        return close_directions(replace_surrogates(value))
    if isinstance(value, dict):
        return {
            clean_json(key): clean_json(one) if key in _GIVEN_BACK else clean_shown(one)
            for key, one in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [clean_shown(one) for one in value]
    return value


def encode_base64(data: bytes, before: str = "", after: str = "") -> str:
    """Return bytes as base64 text, between two others: megabytes are copied once."""
    if len(data) < _LARGE:
        return "".join((before, binascii.b2a_base64(data, newline=False).decode("ascii"), after))
    try:
        head, tail = before.encode("latin-1"), after.encode("latin-1")
    except UnicodeEncodeError:
        return "".join((before, encode_base64(data), after))
    import numpy as np  # most texts are made without arrays

    size = 4 * -(-len(data) // 3)
    start = len(head) % 2  # that pairs of letters lie at even addresses
    first = start + len(head)
    text = np.empty(first + size + len(tail), np.uint8)
    text[start:first] = np.frombuffer(head, np.uint8)
    text[first + size :] = np.frombuffer(tail, np.uint8)
    groups, left = divmod(len(data), 3)
    if groups:
        _write_base64(data, text[first : first + 4 * groups].view("<u2"))
    if left:
        last = binascii.b2a_base64(data[-left:], newline=False)
        text[first + 4 * groups : first + size] = np.frombuffer(last, np.uint8)
    return str(text[start:].data, "latin-1")


def _write_base64(data: bytes, pairs: Any) -> None:
    """Write whole groups of three bytes as pairs of letters.

    By a table for each half of a group, on threads: in a third of the time that `binascii` takes.
    """
    import numpy as np

    from nbimage.base.chunked import share_out

    firsts, seconds = _base64_tables()
    count = len(pairs) // 2
    # the two bytes, of three, that a pair of letters comes from
    halves = [np.ndarray((count,), "<u2", data, offset, (3,)) for offset in (0, 1)]

    def work(starts: Sequence[int]) -> None:
        index = np.empty(min(count, _GROUPS), np.intp)
        found = np.empty(len(index), "<u2")
        for start in starts:
            stop = min(start + _GROUPS, count)
            at, letters = index[: stop - start], found[: stop - start]
            for offset, (half, table) in enumerate(zip(halves, (firsts, seconds), strict=True)):
                np.copyto(at, half[start:stop])
                np.take(table, at, out=letters, mode="clip")
                pairs[2 * start + offset : 2 * stop : 2] = letters

    share_out(work, range(0, count, _GROUPS))


@functools.cache
def _base64_tables() -> tuple[Any, Any]:
    """Return the letters of the first and the last 12 bits of groups, by two bytes of these."""
    import numpy as np

    alphabet = np.frombuffer(_ALPHABET, np.uint8).astype("<u2")
    low, high = np.arange(1 << 16) & 255, np.arange(1 << 16) >> 8
    halves = (low << 4 | high >> 4, (low & 15) << 8 | high)
    first, second = (alphabet[half >> 6] | alphabet[half & 63] << 8 for half in halves)
    return first, second


def one_line(error: BaseException) -> str:
    """Return what an error says in one line, not too long, of letters that can be seen."""
    return as_line(str(error) or type(error).__name__)[:200]


def as_line(text: str) -> str:
    """Return text in one line, without what a terminal obeys."""
    return show_controls(" ".join(replace_surrogates(text).split()))


def explain_damage(error: BaseException) -> str:
    """Return in one line what is wrong with a file, of which reading raised an error.

    What Python says of a wrong index, key or type speaks of a program: it tells nobody what is
    wrong with a file.
    """
    if isinstance(error, KeyError) and error.args:
        key = as_line(str(error.args[0]))
        return key[:200] if " " in key else f"it lacks {key[:80]!r}"  # h5py says a sentence
    for kinds, text in _DAMAGE:
        if isinstance(error, kinds):
            return text
    line = one_line(error)
    # of ast and tokenize, by which NumPy reads headers
    parsed = " object at 0x" in line or type(error).__name__ == "TokenError"
    return "it can't be parsed" if parsed else line


_DAMAGE: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((LookupError, struct.error, EOFError), "it ends early, or contradicts itself"),
    ((RecursionError,), "it is nested too deeply"),
    ((MemoryError,), "it asks for more memory than there is"),
    ((UnicodeError,), "it has text that can't be decoded"),
    ((SyntaxError,), "it can't be parsed"),
    ((AttributeError, TypeError, AssertionError, ArithmeticError), "it contradicts itself"),
)
