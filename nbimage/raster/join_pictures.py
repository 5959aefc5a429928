"""Several pictures joined to one: side by side, with a gap between and a label above each."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.mapping.colormap import Rgba, gray_palette
from nbimage.mapping.pixels import Pixels

GROUND: Rgba = (192, 192, 192, 255)
"""Opaque gray: it shows as a gap on light pages and on dark ones, black letters read well on it,
and a gray picture stays gray, with one byte a pixel."""
_TEXT_SIZE = 12
_LINE = 15
_INSET = 2


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Where pictures of certain shapes lie when they are joined."""

    shape: tuple[int, int]
    places: tuple[tuple[slice, slice], ...]
    """Rows and columns of each picture."""
    ground: Array
    """True where there is no picture, ``(H, W)``."""
    letters: Array
    """True where a label is drawn."""

    def gray(self, ground: int) -> Array:
        """Return the sheet without its pictures, in gray."""
        sheet = np.full(self.shape, ground, np.uint8)
        sheet[self.letters] = ink((ground, ground, ground, 255))[0]
        return sheet


@functools.lru_cache(maxsize=64)
def sheet_for(shapes: tuple[tuple[int, int], ...], gap: int, labels: tuple[str, ...]) -> Sheet:
    """Lay pictures of these (height, width) out: their tops in line, labels above if there are."""
    top = _LINE if any(labels) else 0
    height = top + max(shape[0] for shape in shapes)
    width = sum(shape[1] for shape in shapes) + gap * (len(shapes) - 1)
    ground, letters = np.ones((height, width), bool), np.zeros((height, width), bool)
    places = []
    left = 0
    for number, (rows, columns) in enumerate(shapes):
        place = slice(top, top + rows), slice(left, left + columns)
        ground[place] = False
        places.append(place)
        if top:
            room = min(columns + gap, width - left)
            letters[:top, left : left + room] = drawn(labels[number], room)
        left += columns + gap
    return Sheet((height, width), tuple(places), ground, letters)


@functools.lru_cache(maxsize=256)
def drawn(text: str, width: int) -> Array:
    """Return where the letters of one line are, bool ``(15, width)``, cut with "…" if need be."""
    from PIL import Image, ImageDraw

    text = "".join(map(_plain_letter, " ".join(text.split())))
    font = _font()
    whole, length = text, len(text)
    while text and font.getlength(text) > width - 2 * _INSET:
        length -= 1
        text = f"{whole[:length].rstrip()}…" if length > 0 else ""
    image = Image.new("1", (width, _LINE))
    ImageDraw.Draw(image).text((_INSET, 0), text, fill=1, font=font)
    return np.asarray(image)


def _plain_letter(letter: str) -> str:
    """Return what Pillow's own font has of a letter: of ö an o."""
    plain = unicodedata.normalize("NFKD", letter)[:1]
    return plain if plain.isascii() else letter


@functools.cache
def _font() -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(_TEXT_SIZE)


def ink(ground: Rgba) -> Rgba:
    """Return black or white, whichever reads better; on what is transparent a middle gray."""
    if ground[3] < 128:
        return 128, 128, 128, 255
    light = (299 * ground[0] + 587 * ground[1] + 114 * ground[2]) / 1000
    return (0, 0, 0, 255) if light > 127 else (255, 255, 255, 255)


def is_gray(color: Rgba) -> bool:
    """Return whether a gray picture can hold a color."""
    return color[0] == color[1] == color[2] and color[3] == 255


def join(
    parts: Sequence[Pixels | None],
    shapes: Sequence[tuple[int, int]],
    gap: int,
    labels: Sequence[str],
    fill: Rgba,
) -> Pixels:
    """Join pictures; None is an empty place of the shape given for it.

    What one byte a pixel and a palette can say stays so.
    """
    sheet = sheet_for(tuple(shapes), gap, tuple(labels))
    there = [(part, sheet.places[i]) for i, part in enumerate(parts) if part is not None]
    empty = sheet.ground
    for part, place in zip(parts, sheet.places, strict=True):
        if part is None:
            empty = empty.copy() if empty is sheet.ground else empty
            empty[place] = True
    description = " | ".join("nothing" if part is None else part.description for part in parts)
    first = there[0][0]
    alike = all(
        part.array.ndim == 2 and _same_palette(part.palette, first.palette) for part, _ in there
    )
    if not alike:
        return Pixels(_colored(sheet, there, fill), None, False, description)
    array = np.zeros(sheet.shape, np.uint8)
    palette, marks = first.palette, []
    if palette is None and is_gray(fill):
        array = sheet.gray(fill[0])
    else:
        palette = gray_palette().array if palette is None else palette
        marks = [(empty, fill)]
        if sheet.letters.any():
            marks = [(empty & ~sheet.letters, fill), (sheet.letters, ink(fill))]
    mask = None
    for part, place in there:
        array[place] = part.array
        for where, color in part.marks:
            marks.append((_spread(where, place, sheet.shape), color))
        if part.mask is not None:
            mask = np.zeros(sheet.shape, bool) if mask is None else mask
            mask[place] = part.mask
    return Pixels(array, mask, False, description, palette, tuple(marks))


def _same_palette(one: Array | None, other: Array | None) -> bool:
    if one is None or other is None:
        return one is other
    return one is other or np.array_equal(one, other)


def _spread(where: Array, place: tuple[slice, slice], shape: tuple[int, int]) -> Array:
    whole = np.zeros(shape, bool)
    whole[place] = where
    return whole


def _colored(
    sheet: Sheet, there: Sequence[tuple[Pixels, tuple[slice, slice]]], fill: Rgba
) -> Array:
    """Return the joined picture with as many channels as its parts need."""
    arrays = [(part.shown(), place) for part, place in there]
    clear = fill[3] < 255 or any(a.ndim == 3 and a.shape[2] in (2, 4) for a, _ in arrays)
    whole = np.empty((*sheet.shape, 4 if clear else 3), np.uint8)
    whole[...] = fill[: whole.shape[2]]
    whole[sheet.letters] = ink(fill)[: whole.shape[2]]
    for array, place in arrays:
        colors = array[:, :, None] if array.ndim == 2 else array
        target = whole[place]
        target[:, :, 3:] = 255
        if colors.shape[2] in (2, 4):
            target[:, :, 3] = colors[:, :, -1]
            colors = colors[:, :, :-1]
        target[:, :, :3] = colors
    return whole
