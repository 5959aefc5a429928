"""A container as a tree of lines: bounded in depth, in number and in what is read of values."""

from __future__ import annotations

import itertools
import reprlib
from dataclasses import dataclass, field
from typing import Any

from nbimage.page.trees.tree_html import Line
from nbimage.trees.array_lines import is_loaded, make_array_line, make_value_line
from nbimage.trees.containers import (
    SCALARS,
    UNREADABLE,
    Items,
    Link,
    Listed,
    StoredArray,
    count_bytes,
    format_bytes,
    holds_arrays,
    identify,
    is_array,
    read_items,
)

_EACH, _TOTAL, _DEPTH = 64, 600, 10  # lines of one container, of all, and levels
_MOST_BYTES = 1 << 29  # of values that are looked at
_PLAIN = (list, tuple)


@dataclass(slots=True)
class Walk:
    """Makes the lines of a tree, and counts what that takes."""

    lines: int = 0
    read: int = 0
    unread: int = 0
    """Arrays whose values were left out, since those before them were so large."""
    arrays: int = 0
    size: int = 0
    known: dict[Any, tuple[str, Any]] = field(default_factory=dict)
    """Where each object was met first, and the object, which keeps its number its own."""
    listed: Listed = field(default_factory=dict)

    def make_line(self, name: str, value: Any, path: str = "", depth: int = 0) -> Line:
        """Return the line of any object, with all that is in it."""
        self.lines += 1
        if type(value) in SCALARS:
            return make_value_line(name, value)
        if isinstance(value, Link):
            return Line(name, kind=value.text)
        if isinstance(value, StoredArray):
            return self._make_array(name, value)
        array = is_array(value)
        try:
            items = None if array else read_items(value, self.listed)
        except UNREADABLE:
            items = None
        if not array and items is None:
            return make_value_line(name, value)
        if isinstance(value, _PLAIN) and not holds_arrays(value, self.listed):
            return Line(name, kind=_count(items), text=_plain.repr(value))
        key = identify(value)
        if key in self.known:
            return self._repeat(name, value, array, self.known[key][0])
        self.known[key] = path or "the whole", value
        if array or items is None:
            return self._make_array(name, value)
        line = Line(name, kind=_count(items))
        if depth >= _DEPTH:
            line.text = "…"
        else:
            self._fill(line, items, path, depth)
        return line

    def _fill(self, line: Line, items: Items, path: str, depth: int) -> None:
        before, size = self.arrays, self.size
        done = 0
        try:
            for name, item in itertools.islice(items.pairs, _EACH):
                if self.lines >= _TOTAL:
                    break
                where = path + (name if name[:1] in "[." else f"[{name!r}]")
                line.children.append(self.make_line(name, item, where, depth + 1))
                done += 1
        except UNREADABLE as error:
            line.more = f"not readable: {type(error).__name__}"
            line.text = line.more * (not line.children)
        left = items.size - done
        if left > 0 and not line.more:
            line.more = f"… {left:,} more"
        count, bytes_ = self.arrays - before, self.size - size
        if count:
            line.text = f"{count} array{'s' * (count > 1)}, {format_bytes(bytes_)}"

    def _make_array(self, name: str, value: Any) -> Line:
        self.arrays += 1
        size = _measure(value)
        self.size += size
        loaded = is_loaded(value)
        fits = self.read + size <= _MOST_BYTES
        if loaded and fits:
            self.read += size
        elif loaded:
            self.unread += 1
        return make_array_line(name, value, with_values=fits)

    def _repeat(self, name: str, value: Any, array: bool, where: str) -> Line:
        if not array:
            return Line(name, kind=type(value).__name__, text=f"the same as {where}")
        line = make_array_line(name, value, with_values=False)
        line.text, line.picture = f"the same as {where}", ""
        return line

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks to be shown below the tree."""
        if not self.unread:
            return ()
        arrays = f"{self.unread} array{'s' * (self.unread > 1)}"
        return (f"The values of {arrays} were not looked at: describe() does that for each.",)


def _count(items: Items | None) -> str:
    return "" if items is None else f"{items.kind} of {items.size:,}"


def _measure(value: Any) -> int:
    try:
        if not hasattr(value, "shape"):  # Pillow's
            return int(value.size[0] * value.size[1] * len(value.getbands()))
        return count_bytes(tuple(int(n) for n in value.shape), value)
    except UNREADABLE:
        return 0


_plain = reprlib.Repr()
_plain.maxlist = _plain.maxtuple = 8
_plain.maxstring = _plain.maxother = 24
_plain.maxlevel = 2
