"""Lines of text as outlines: paths of SVG, which are drawn many times faster than its texts.

Of the package's own font (`fonts`), which has no kerning and no ligatures: letters stand side by
side, each as wide as the font says. Its tables are those of TrueType.
"""

from __future__ import annotations

import functools
import itertools
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nbimage.raster.fonts import font_path

_ON, _REPEATED = 1, 8  # flags of a point
_SHORT, _SAME = (2, 4), (16, 32)  # of its way right, of its way up
_WORDS, _OFFSETS, _MORE = 0x01, 0x02, 0x20  # flags of a part of a glyph
_TRANSFORMS = {0x08: 1, 0x40: 2, 0x80: 4}  # and how many numbers they have

Point = tuple[float, float, bool]
"""Right and up, and whether the outline runs through it."""
Contour = tuple[float, float, str]
"""Where a closed line begins, right and down, and the path data from there."""


class Outline(NamedTuple):
    """A line of text as path data, y downwards from its baseline."""

    data: str
    width: float
    unit: int
    """How many of these units the font's size has."""


@functools.lru_cache(maxsize=1024)
def outline_text(text: str, *, bold: bool = False) -> Outline | None:
    """Return a line of text as a path; None where the font lacks one of its letters."""
    font = _load(bold)
    parts: list[str] = []
    width = 0
    for letter in text:
        glyph = font.glyphs.get(ord(letter))
        if glyph is None:
            return None
        advance, contours = font.read(glyph)
        parts += [f"M{width + x:g} {y:g}{data}z" for x, y, data in contours]
        width += advance
    return Outline("".join(parts), width, font.unit)


@functools.cache
def _load(bold: bool) -> _Font:
    return _Font(Path(font_path(bold=bold)).read_bytes())


class _Font:
    """What a font's file holds."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        (count,) = self._unpack("H", 4)
        entries = (self._unpack("4s4xI", 12 + 16 * i) for i in range(count))
        self._tables = {name.decode("ascii"): start for name, start in entries}
        (self.unit,) = self._unpack("H", self._tables["head"] + 18)
        (self._long,) = self._unpack("H", self._tables["head"] + 50)
        (self._metrics,) = self._unpack("H", self._tables["hhea"] + 34)
        self.glyphs = dict(self._read_characters())
        self._known: dict[int, tuple[int, list[Contour]]] = {}

    def _unpack(self, kinds: str, offset: int) -> tuple[Any, ...]:
        return struct.unpack_from(f">{kinds}", self._data, offset)

    def _read_characters(self) -> Iterator[tuple[int, int]]:
        """Yield characters and the numbers of their glyphs, from segments (format 4)."""
        start = self._tables["cmap"]
        start += self._unpack("I", start + 8)[0]
        size = self._unpack("H", start + 6)[0]
        columns = [start + 14, start + 16 + size, start + 16 + 2 * size, start + 16 + 3 * size]
        ends, firsts, shifts, ranges = (self._unpack(f"{size // 2}H", at) for at in columns)
        for i, (first, end) in enumerate(zip(firsts, ends, strict=True)):
            for code in range(first, min(end + 1, 0xFFFF)):
                glyph = code
                if ranges[i]:
                    at = columns[3] + 2 * i + ranges[i] + 2 * (code - first)
                    (glyph,) = self._unpack("H", at)
                if glyph:
                    yield code, (glyph + shifts[i]) & 0xFFFF

    def read(self, glyph: int) -> tuple[int, list[Contour]]:
        """Return how wide a glyph is, and its outlines."""
        if glyph not in self._known:
            metrics = self._tables["hmtx"] + 4 * min(glyph, self._metrics - 1)
            contours = [_write_contour(points) for points in self._read_glyph(glyph)]
            self._known[glyph] = self._unpack("H", metrics)[0], contours
        return self._known[glyph]

    def _read_glyph(self, glyph: int) -> list[list[Point]]:
        offsets = self._tables["loca"] + (4 if self._long else 2) * glyph
        start, end = self._unpack("2I" if self._long else "2H", offsets)
        if start == end:  # a space
            return []
        at = self._tables["glyf"] + (start if self._long else 2 * start)
        (count,) = self._unpack("h", at)
        return self._read_parts(at + 10) if count < 0 else self._read_points(at + 10, count)

    def _read_points(self, at: int, count: int) -> list[list[Point]]:
        ends = [0, *(end + 1 for end in self._unpack(f"{count}H", at))]
        at += 2 * count
        at += 2 + self._unpack("H", at)[0]  # of hints
        flags: list[int] = []
        while len(flags) < ends[-1]:
            flag = self._data[at]
            times = self._data[at + 1] if flag & _REPEATED else 0
            flags += [flag] * (1 + times)
            at += 2 if flag & _REPEATED else 1
        axes: list[list[float]] = []
        for short, same in zip(_SHORT, _SAME, strict=True):
            way: list[float] = []
            for flag in flags:
                step = 0
                if flag & short:
                    step = self._data[at] if flag & same else -self._data[at]
                    at += 1
                elif not flag & same:
                    (step,) = self._unpack("h", at)
                    at += 2
                way.append(step)
            axes.append(list(itertools.accumulate(way)))
        points = [(x, y, bool(flag & _ON)) for x, y, flag in zip(*axes, flags, strict=True)]
        return [points[first:end] for first, end in itertools.pairwise(ends)]

    def _read_parts(self, at: int) -> list[list[Point]]:
        """Return the outlines of a glyph that others make up, as a letter and its accent do."""
        found: list[list[Point]] = []
        flags = _MORE
        while flags & _MORE:
            flags, glyph = self._unpack("2H", at)
            if not flags & _OFFSETS:
                raise ValueError("a part of a glyph must have an offset, but is put by points")
            across, up = self._unpack("2h" if flags & _WORDS else "2b", at + 4)
            at += 8 if flags & _WORDS else 6
            count = next((count for flag, count in _TRANSFORMS.items() if flags & flag), 0)
            given = [number / 0x4000 for number in self._unpack(f"{count}h", at)]
            at += 2 * count
            a, b, c, d = given if count == 4 else (*(given or [1])[:1], 0, 0, *(given or [1])[-1:])
            found += [
                [(a * x + c * y + across, b * x + d * y + up, on) for x, y, on in points]
                for points in self._read_glyph(glyph)
            ]
        return found


def _write_contour(points: Sequence[Point]) -> Contour:
    """Return a closed line of straight lines and parabolas; between two controls is a point."""
    whole: list[Point] = []
    for one, after in zip(points, [*points[1:], points[0]], strict=True):
        whole.append(one)
        if not one[2] and not after[2]:
            whole.append(((one[0] + after[0]) / 2, (one[1] + after[1]) / 2, True))
    first = next(i for i, point in enumerate(whole) if point[2])
    (x, y, _), *rest = [*whole[first:], *whole[: first + 1]]
    left, top, data = x, y, []
    control = ""
    for right, up, on in rest:
        step = f"{right - x:g} {y - up:g}"
        if on:
            data.append(f"q{control} {step}" if control else f"l{step}")
            x, y, control = right, up, ""
        else:
            control = step
    return left, -top, "".join(data)
