"""Draw a figure as pixels: resvg draws what stands around the pictures and over them.

The pictures themselves are put below by this package, so that each of their pixels is exact.
"""

from __future__ import annotations

import base64
import functools
import io
import itertools
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.optional_imports import import_resvg
from nbimage.base.user_warnings import warn
from nbimage.export.drawing import Drawing, find_size, fit_pixels, put_on_background
from nbimage.page.svg.shapes import (
    Group,
    Image,
    Paint,
    Path,
    Shape,
    Stroke,
    Text,
    find_box,
    find_texts,
    read_shapes,
)
from nbimage.page.svg_primitives import escape_text, number
from nbimage.raster.fonts import FAMILY, font_path, has_letters

_TILE = 1024  # pixels a side of what is drawn at once, where something is
_LARGE = 150_000  # pixels of a picture from which what is around it is drawn apart: that is quicker
_TOUCHED = 6  # pixels at a picture's edges that marks of axes and outlines of bars touch
_UNSEEN = (
    "Cc",
    "Cf",
    "Cn",
    "Mn",
    "Me",
    "Zs",
    "Zl",
    "Zp",
)  # kinds of letters without ink of their own
_UNASSIGNED = "\u0378"  # a letter that no font has


def draw_pixels(drawing: Drawing, scale: float) -> Array:
    """Return a figure as RGB pixels ``(H, W, 3)``, ``scale`` of them a CSS pixel."""
    width, height = find_size(drawing, scale)
    shapes = list(read_shapes(drawing.svg, scale))
    canvas = draw_pictures(drawing, scale, (width, height))
    draw_tiles(canvas, shapes, _find_large_pictures(drawing, scale))
    return canvas


Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""


def _find_large_pictures(drawing: Drawing, scale: float) -> list[Box]:
    """Return each row of large pictures, without the edges that what is around them touches."""
    rows: dict[tuple[int, int], tuple[int, int]] = {}
    for picture in drawing.pictures:
        left, top, width, height = (round(side * scale) for side in picture.box)
        if width * height > _LARGE:
            row = top + _TOUCHED, top + height - _TOUCHED
            first, last = rows.get(row, (left + _TOUCHED, left + width - _TOUCHED))
            rows[row] = min(first, left + _TOUCHED), max(last, left + width - _TOUCHED)
    return [(left, top, right, bottom) for (top, bottom), (left, right) in rows.items()]


def draw_tiles(canvas: Array, shapes: Sequence[Shape], apart: Sequence[Box] = ()) -> None:
    """Draw shapes over RGB pixels, by tiles: where there are none, as in a picture, it is quick.

    ``apart``: boxes that are tiles of their own, if nothing is drawn in them.
    """
    boxed = [(find_box(shape), shape) for shape in shapes]
    apart = [box for box in apart if not any(_touch(box, own) for own, _ in boxed)]
    for tile in _cut_tiles(canvas.shape[1], canvas.shape[0], apart):
        inside = [(box, shape) for box, shape in boxed if _touch(tile, box)]
        if not inside:
            continue
        lefts, tops, rights, bottoms = zip(*(box for box, _ in inside), strict=True)
        left, top = max(tile[0], math.floor(min(lefts))), max(tile[1], math.floor(min(tops)))
        right, bottom = (
            min(edge, math.ceil(max(ends)))
            for edge, ends in zip(tile[2:], (rights, bottoms), strict=True)
        )
        ink = draw_shapes([shape for _, shape in inside], right - left, bottom - top, (left, top))
        lay_over(canvas[top:bottom, left:right], ink)


def _touch(one: Box, other: tuple[float, float, float, float]) -> bool:
    return other[0] < one[2] and other[2] > one[0] and other[1] < one[3] and other[3] > one[1]


def _cut_tiles(width: int, height: int, apart: Sequence[Box]) -> Iterator[Box]:
    """Yield tiles: the rows of each box are cut at its sides too."""
    edges = {0, height, *range(0, height, _TILE), *(edge for box in apart for edge in box[1::2])}
    for top, bottom in itertools.pairwise(sorted(edges)):
        cuts = {0, width, *range(0, width, _TILE)}
        cuts.update(edge for box in apart if box[1] <= top < box[3] for edge in box[::2])
        for left, right in itertools.pairwise(sorted(cuts)):
            yield left, top, right, bottom


def draw_pictures(drawing: Drawing, scale: float, size: tuple[int, int]) -> Array:
    """Return a figure's pictures alone, on white."""
    width, height = size
    canvas = np.full((height, width, 3), 255, np.uint8)
    for picture in drawing.pictures:
        left, top, wide, tall = (round(side * scale) for side in picture.box)
        wide, tall = max(1, min(wide, width - left)), max(1, min(tall, height - top))
        fitted = fit_pixels(picture.array, wide, tall, labels=picture.labels)
        canvas[top : top + tall, left : left + wide] = put_on_background(
            fitted, picture.background, scale
        )
    return canvas


def draw_shapes(
    shapes: Sequence[Shape], width: int, height: int, corner: tuple[int, int] = (0, 0)
) -> Array:
    """Return shapes on nothing, RGBA ``(H, W, 4)``; ``corner`` is the first column and row."""
    from PIL import Image as PillowImage

    known = all(has_letters(text.text) for text in find_texts(shapes))
    with PillowImage.open(io.BytesIO(_render(shapes, (width, height), corner, known))) as image:
        return np.asarray(image.convert("RGBA"))


def _render(
    shapes: Sequence[Shape], size: tuple[int, int], corner: tuple[int, int], known: bool
) -> bytes:
    """Return shapes as PNG; what the own font lacks is looked for in the system's fonts."""
    resvg: Any = import_resvg()
    return bytes(
        resvg.svg_to_bytes(
            svg_string=_write_svg(shapes, *size, *corner),
            skip_system_fonts=known,
            font_files=[font_path(), font_path(bold=True)],
            font_family=FAMILY,
            sans_serif_family=FAMILY,
        )
    )


def warn_of_missing_letters(drawing: Drawing) -> None:
    """Warn of letters that no font of this machine has, and which boxes stand for."""
    texts = "".join(text.text for text in find_texts(read_shapes(drawing.svg)))
    missing = [letter for letter in dict.fromkeys(texts) if not _is_drawn(letter)]
    if missing:
        warn(
            f"no font here has {' '.join(missing[:20])}, for which the figure shows boxes: install "
            "one that has, such as Noto"
        )


@functools.lru_cache(maxsize=4096)
def _is_drawn(letter: str) -> bool:
    if has_letters(letter) or unicodedata.category(letter) in _UNSEEN:
        return True
    drawn, empty = (
        _render([Text(one, 4, 40, 32, "start", Paint((0, 0, 0), 1.0))], (64, 64), (0, 0), False)
        for one in (letter, _UNASSIGNED)
    )
    return drawn != empty


def lay_over(canvas: Array, ink: Array) -> None:
    """Lay RGBA pixels over RGB ones."""
    rows, columns = np.nonzero(ink[:, :, 3])
    colors = ink[rows, columns]
    alpha = colors[:, 3:].astype(np.uint16)
    below = canvas[rows, columns]
    canvas[rows, columns] = (colors[:, :3] * alpha + below * (255 - alpha) + 127) // 255


def _write_svg(shapes: Iterable[Shape], width: int, height: int, left: int, top: int) -> str:
    body = "".join(map(_write_shape, shapes))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="{left} {top} {width} {height}" '
        f'font-family="{FAMILY}">{body}</svg>'
    )


def _write_shape(shape: Shape) -> str:
    if isinstance(shape, Path):
        data = "".join(
            "M"
            + " ".join(f"{number(x)} {number(y)}" for x, y in points)
            + ("h0" if len(points) == 1 else "")
            + "Z" * closed
            for points, closed in shape.lines
        )
        sharp = ' shape-rendering="crispEdges"' if shape.sharp else ""
        fill, stroke = _paint("fill", shape.fill), _stroke(shape.stroke)
        return f'<path d="{data}"{fill} fill-rule="evenodd"{stroke}{sharp}/>'
    if isinstance(shape, Text):
        return _write_text(shape)
    if isinstance(shape, Group):
        # as a document of its own, which cuts what is outside
        left, top, width, height = map(number, shape.box)
        inside = "".join(map(_write_shape, shape.shapes))
        position = f'x="{left}" y="{top}" width="{width}" height="{height}"'
        return f'<svg {position} viewBox="{left} {top} {width} {height}">{inside}</svg>'
    return _write_image(shape)


def _paint(name: str, paint: Paint | None) -> str:
    if paint is None:
        return f' {name}="none"'
    red, green, blue = paint.color
    opacity = "" if paint.opacity == 1 else f' {name}-opacity="{number(paint.opacity)}"'
    return f' {name}="#{red:02x}{green:02x}{blue:02x}"{opacity}'


def _stroke(stroke: Stroke | None) -> str:
    if stroke is None:
        return ""
    cap = "round" if stroke.round_cap else "square" if stroke.square_cap else ""
    more = f' stroke-linecap="{cap}"' if cap else ""
    more += ' stroke-linejoin="round"' if stroke.round_join else ""
    if stroke.dashes:
        more += f' stroke-dasharray="{" ".join(map(number, stroke.dashes))}"'
    return f'{_paint("stroke", stroke.paint)} stroke-width="{number(stroke.width)}"{more}'


def _write_text(text: Text) -> str:
    turned = f"rotate({text.turn})" if text.turn else ""
    if text.stretch != (1.0, 1.0):
        turned += "scale({:.6g} {:.6g})".format(*text.stretch)
    position = f'x="{number(text.x)}" y="{number(text.y)}"'
    if turned:
        position = f'transform="translate({number(text.x)} {number(text.y)}){turned}"'
    halo = f'{_stroke(text.halo)} paint-order="stroke"' if text.halo else ""
    weight = ' font-weight="600"' if text.bold else ""
    return (
        f'<text {position} font-size="{number(text.size)}" text-anchor="{text.anchor}"{weight}'
        f"{_paint('fill', text.fill)}{halo}>{escape_text(text.text)}</text>"
    )


def _write_image(image: Image) -> str:
    left, top, width, height = map(number, image.box)
    kind = "jpeg" if image.data[:2] == b"\xff\xd8" else "png"
    sharp = ' image-rendering="optimizeSpeed"' if image.sharp else ""
    return (
        f'<image x="{left}" y="{top}" width="{width}" height="{height}" '
        f'preserveAspectRatio="none" opacity="{number(image.opacity)}"{sharp} '
        f'xlink:href="data:image/{kind};base64,{base64.b64encode(image.data).decode("ascii")}"/>'
    )
