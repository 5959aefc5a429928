"""Text that UTF-8 can hold, of files, pages and terminals; and errors in one line.

A file name that is no UTF-8, or a label of another encoding, comes as a string with surrogates that
stand alone. They become the replacement character where the text leaves this process.
"""

from __future__ import annotations

import binascii
from typing import Any


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


def format_repr(kind: str, title: str | None, description: str) -> str:
    """Return what an object says of itself in one line."""
    named = f"{replace_surrogates(title)!r}: " if title else ""
    return f"<{kind} {named}{replace_surrogates(description)}>"


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


def clean_json(value: Any) -> Any:
    """Return what becomes JSON with all its texts, keys too, such that UTF-8 can hold them."""
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, dict):
        return {clean_json(key): clean_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_json(one) for one in value]
    return value


def encode_base64(data: Any) -> str:
    """Return bytes as base64 text."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def one_line(error: BaseException) -> str:
    """Return what an error says in one line, not too long."""
    return " ".join(replace_surrogates(str(error) or type(error).__name__).split())[:200]
