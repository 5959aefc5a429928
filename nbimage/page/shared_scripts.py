"""A page of many outputs, such as nbconvert and Sphinx write, with each of their scripts once.

In a notebook every output holds all it needs, since another may be deleted or run again. A page
that is exported stays as it is: there the first output's script serves those that have the same.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from html.parser import HTMLParser

_OURS = re.compile(r'\((?:async)?\(\)=>\{const name="[0-9a-f]{8}"|\(\(\) => \{\n"use strict";')
_LEAST = 1000  # letters: shorter ones are as long as what stands for them
_AGAIN = (
    '<script>{const s=document.createElement("script");'
    's.text=document.getElementById("%s").text;document.head.append(s);s.remove()}</script>'
)


def share_scripts(page: str) -> str:
    """Return a page of HTML in which a script that several outputs of nbimage have is there once.

    Those in frames, which are pages of their own, stay as they are.
    """
    if page.count("<script") < 2:
        return page
    found = [(start, end, *_read(page[start:end])) for start, end in _Finder(page).found]
    count = Counter(text for _, _, _, text in found)
    known: set[str] = set()
    parts, done = [], 0
    for start, end, name, text in found:
        own = f"nbimage-{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"
        if name is not None or count[text] < 2 or len(text) < _LEAST or not _OURS.match(text):
            known.add(name or "")
            continue
        again = _AGAIN % own if own in known else f'<script id="{own}">{text}</script>'
        known.add(own)
        parts += [page[done:start], again]
        done = end
    return "".join((*parts, page[done:]))


def _read(script: str) -> tuple[str | None, str]:
    """Return an element's id, "" if it has other attributes, None if none, and its text."""
    head, _, text = script.removesuffix("</script>").partition(">")
    named = re.fullmatch(r'<script id="([^"]*)"', head)
    return (named[1] if named else None if head == "<script" else ""), text


class _Finder(HTMLParser):
    """Finds where the scripts of a page begin and end, as a browser would."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, int]] = []
        self._lines = [0, *(found.end() for found in re.finditer("\n", page))]
        self._start: int | None = None
        self._templates = 0  # what is in one runs no scripts
        self.feed(page)

    def _position(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "template":
            self._templates += 1
        if tag == "script" and not self._templates:
            self._start = self._position()

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._templates -= 1
        if tag == "script" and self._start is not None:
            self.found.append((self._start, self._position() + len("</script>")))
            self._start = None
