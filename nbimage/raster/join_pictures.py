"""Join pictures side by side to one, with gaps between and a label above each.

Grids on a page are no pixels: they are `page.grids.grid_html`'s.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nbimage.base.chunked import Array
from nbimage.mapping.colormap import Rgba, gray_palette
from nbimage.mapping.pixels import Pixels
from nbimage.raster.fonts import has_letters, load_font
from nbimage.raster.frame_counter import is_light

BACKGROUND: Rgba = (192, 192, 192, 255)
"""Opaque gray: it shows as a gap on light pages and on dark ones, black letters read well on it,
and a gray picture stays gray, with one byte a pixel."""
_TEXT_SIZE = 12
_LINE = 15
_INSET = 2


@dataclass(frozen=True, slots=True, eq=False)
class JoinLayout:
    """Where pictures of given shapes lie when they are joined."""

    shape: tuple[int, int]
    boxes: tuple[tuple[slice, slice], ...]
    """Rows and columns of each picture."""
    background: Array
    """True where there is no picture, ``(H, W)``."""
    text_mask: Array
    """True where a label is drawn."""

    def gray(self, background: int) -> Array:
        """Return the sheet without its pictures, in gray."""
        layout = np.full(self.shape, background, np.uint8)
        layout[self.text_mask] = find_contrast_color((background, background, background, 255))[0]
        return layout


@functools.lru_cache(maxsize=64)
def make_join_layout(
    shapes: tuple[tuple[int, int], ...], gap: int, labels: tuple[str, ...]
) -> JoinLayout:
    """Lay out pictures of these (height, width): tops in line, labels above if there are some."""
    top = _LINE if any(labels) else 0
    height = top + max(shape[0] for shape in shapes)
    width = sum(shape[1] for shape in shapes) + gap * (len(shapes) - 1)
    background, text_mask = np.ones((height, width), bool), np.zeros((height, width), bool)
    boxes = []
    left = 0
    for number, (rows, columns) in enumerate(shapes):
        box = slice(top, top + rows), slice(left, left + columns)
        background[box] = False
        boxes.append(box)
        if top:
            room = min(columns + gap, width - left)
            text_mask[:top, left : left + room] = draw_text(labels[number], room)
        left += columns + gap
    return JoinLayout((height, width), tuple(boxes), background, text_mask)


@functools.lru_cache(maxsize=256)
def draw_text(text: str, width: int) -> Array:
    """Draw one line of text as a bool mask ``(15, width)``, cut with "…" if need be."""
    from PIL import Image, ImageDraw

    text = "".join(map(_known_letter, " ".join(text.split())))
    font = load_font(_TEXT_SIZE)
    whole, length = text, len(text)
    while text and font.getlength(text) > width - 2 * _INSET:
        length -= 1
        text = f"{whole[:length].rstrip()}…" if length > 0 else ""
    image = Image.new("1", (width, _LINE))
    ImageDraw.Draw(image).text((_INSET, 0), text, fill=1, font=font)
    return np.asarray(image)


def _known_letter(letter: str) -> str:
    """Return what the font has of a letter: of one that it lacks the Latin one that it is of."""
    plain = unicodedata.normalize("NFKD", letter)[:1]
    return letter if has_letters(letter) or not plain.isascii() else plain


def find_contrast_color(background: Rgba) -> Rgba:
    """Return black or white, whichever reads better; on what is transparent a middle gray."""
    if background[3] < 128:
        return 128, 128, 128, 255
    return (0, 0, 0, 255) if is_light(background) else (255, 255, 255, 255)


def is_gray(color: Rgba) -> bool:
    """Return whether a gray picture can hold a color."""
    return color[0] == color[1] == color[2] and color[3] == 255


def join_pictures(
    pictures: Sequence[Pixels | None],
    shapes: Sequence[tuple[int, int]],
    gap: int,
    labels: Sequence[str],
    fill: Rgba,
) -> Pixels:
    """Join pictures; None is an empty cell of the shape given for it.

    What one byte a pixel and a palette can hold stays so.
    """
    layout = make_join_layout(tuple(shapes), gap, tuple(labels))
    known = [
        (picture, layout.boxes[i]) for i, picture in enumerate(pictures) if picture is not None
    ]
    empty = layout.background
    for picture, box in zip(pictures, layout.boxes, strict=True):
        if picture is None:
            empty = empty.copy() if empty is layout.background else empty
            empty[box] = True
    description = " | ".join(
        "nothing" if picture is None else picture.description for picture in pictures
    )
    first = known[0][0]
    alike = all(
        picture.array.ndim == 2 and _same_palette(picture.palette, first.palette)
        for picture, _ in known
    )
    if not alike:
        return Pixels(_join_colors(layout, known, fill), None, False, description)
    array = np.zeros(layout.shape, np.uint8)
    palette, marks = first.palette, []
    if palette is None and is_gray(fill):
        array = layout.gray(fill[0])
    else:
        palette = gray_palette().array if palette is None else palette
        marks = [(empty, fill)]
        if layout.text_mask.any():
            marks = [
                (empty & ~layout.text_mask, fill),
                (layout.text_mask, find_contrast_color(fill)),
            ]
    mask = None
    for picture, box in known:
        array[box] = picture.array
        for marked, color in picture.marks:
            marks.append((_expand_mask(marked, box, layout.shape), color))
        if picture.mask is not None:
            mask = np.zeros(layout.shape, bool) if mask is None else mask
            mask[box] = picture.mask
    return Pixels(array, mask, False, description, palette, tuple(marks))


def _same_palette(one: Array | None, other: Array | None) -> bool:
    if one is None or other is None:
        return one is other
    return one is other or np.array_equal(one, other)


def _expand_mask(mask: Array, box: tuple[slice, slice], shape: tuple[int, int]) -> Array:
    whole = np.zeros(shape, bool)
    whole[box] = mask
    return whole


def _join_colors(
    layout: JoinLayout, known: Sequence[tuple[Pixels, tuple[slice, slice]]], fill: Rgba
) -> Array:
    """Return the joined picture with as many channels as its parts need."""
    arrays = [(picture.render(), box) for picture, box in known]
    clear = fill[3] < 255 or any(a.ndim == 3 and a.shape[2] in (2, 4) for a, _ in arrays)
    whole = np.empty((*layout.shape, 4 if clear else 3), np.uint8)
    whole[...] = fill[: whole.shape[2]]
    whole[layout.text_mask] = find_contrast_color(fill)[: whole.shape[2]]
    for array, box in arrays:
        colors = array[:, :, None] if array.ndim == 2 else array
        target = whole[box]
        target[:, :, 3:] = 255
        if colors.shape[2] in (2, 4):
            target[:, :, 3] = colors[:, :, -1]
            colors = colors[:, :, :-1]
        target[:, :, :3] = colors
    return whole
