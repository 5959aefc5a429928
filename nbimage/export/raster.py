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
from dataclasses import replace
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
from nbimage.raster.outlines import Outline, outline_text

_TILE = 1024  # pixels a side of what is drawn at once, where something is
_APART = 1000  # pixels that take as long as drawing something by itself
_MOST = 100  # boxes that are drawn by themselves
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
    canvas = draw_pictures(drawing, scale, find_size(drawing, scale))
    draw_near(canvas, list(read_shapes(drawing.svg, scale)))
    return canvas


Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""


def draw_near(canvas: Array, shapes: Sequence[Shape]) -> None:
    """Draw shapes over RGB pixels, those that are near to each other at once."""
    width, height = canvas.shape[1], canvas.shape[0]
    for box, near in _gather_near(shapes):
        if isinstance(near[0], Image) and _lay_image(canvas, near[0]):
            continue
        right, bottom = min(box[2], width), min(box[3], height)
        starts = range(max(0, box[1]), bottom, _TILE), range(max(0, box[0]), right, _TILE)
        for top, left in itertools.product(*starts):
            tile = left, top, min(left + _TILE, right), min(top + _TILE, bottom)
            inside = [shape for shape in near if _touch(tile, find_box(shape))]
            if inside:
                size = tile[2] - left, tile[3] - top
                part = canvas[top : tile[3], left : tile[2]]
                lay_over(part, draw_shapes(inside, *size, (left, top)))


def _gather_near(shapes: Sequence[Shape]) -> list[tuple[Box, list[Shape]]]:
    """Return shapes with the boxes that they are drawn in at once, in an order to draw them.

    One joins the last that it lies over or an earlier one, where the box of both is not much
    larger than theirs.
    """
    found: list[tuple[Box, list[Shape]]] = []
    for shape in itertools.chain.from_iterable(map(_open_group, shapes)):
        own = _round_out(find_box(shape))
        joined = False
        for i in () if isinstance(shape, Image) else reversed(range(len(found))):
            box, near = found[i]
            both = _join(box, own)
            small = _count(both) <= _count(box) + _count(own) + _APART
            joined = not isinstance(near[0], Image) and (small or len(found) >= _MOST)
            if joined:
                near.append(shape)
                found[i] = both, near
            if joined or _touch(box, own):
                break
        if not joined:
            found.append((own, [shape]))
    return found


def _open_group(shape: Shape) -> Iterator[Shape]:
    """Yield what is in a group, in a group of its own where the box of all cuts it."""
    if not isinstance(shape, Group):
        yield shape
        return
    left, top, width, height = shape.box
    for inner in shape.shapes:
        box = find_box(inner)
        within = max(box[0], left), max(box[1], top), min(box[2], left + width)
        first, above, end, low = *within, min(box[3], top + height)
        if all(abs(own - side) < 0.01 for own, side in zip(box, (*within, low), strict=True)):
            yield inner
        elif first < end and above < low:
            yield Group((inner,), (first, above, end - first, low - above))


def _round_out(box: tuple[float, float, float, float]) -> Box:
    left, top, right, bottom = box
    return math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)


def _join(one: Box, other: Box) -> Box:
    left, top = min(one[0], other[0]), min(one[1], other[1])
    return left, top, max(one[2], other[2]), max(one[3], other[3])


def _count(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _touch(one: Box, other: tuple[float, float, float, float]) -> bool:
    return other[0] < one[2] and other[2] > one[0] and other[1] < one[3] and other[3] > one[1]


def _lay_image(canvas: Array, image: Image) -> bool:
    """Lay an image over RGB pixels; return False where it is not drawn by whole pixels."""
    from PIL import Image as PillowImage

    left, top, width, height = sides = tuple(map(round, image.box))
    exact = all(abs(own - side) < 0.01 for own, side in zip(image.box, sides, strict=True))
    inside = left >= 0 and top >= 0 and left + width <= canvas.shape[1]
    if not (exact and inside and image.sharp and top + height <= canvas.shape[0]):
        return False
    with PillowImage.open(io.BytesIO(image.data)) as opened:
        ink = fit_pixels(np.asarray(opened.convert("RGBA")), width, height, labels=True).copy()
    if image.opacity < 1:
        ink[:, :, 3] = np.rint(ink[:, :, 3] * image.opacity)
    lay_over(canvas[top : top + height, left : left + width], ink)
    return True


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

    known = all(map(_find_outline, find_texts(shapes)))
    with PillowImage.open(io.BytesIO(_render(shapes, (width, height), corner, known))) as image:
        return np.asarray(image.convert("RGBA"))


def _render(
    shapes: Sequence[Shape], size: tuple[int, int], corner: tuple[int, int], known: bool
) -> bytes:
    """Return shapes as PNG; what the own font lacks is looked for in the system's fonts.

    Where it lacks nothing, texts are outlines, and no font is read.
    """
    resvg: Any = import_resvg()
    fonts: dict[str, Any] = {
        "font_files": [font_path(), font_path(bold=True)],
        "font_family": FAMILY,
        "sans_serif_family": FAMILY,
    }
    svg = _write_svg(shapes, *size, *corner)
    return bytes(
        resvg.svg_to_bytes(svg_string=svg, skip_system_fonts=known, **({} if known else fonts))
    )


def _find_outline(text: Text) -> Outline | None:
    shown = " ".join(filter(None, text.text.split(" ")))  # as SVG has spaces
    return outline_text(shown, bold=text.bold)


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
    outline = _find_outline(text)
    if outline is not None:
        return _write_outline(text, outline)
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


def _write_outline(text: Text, outline: Outline) -> str:
    across, down = (text.size / outline.unit * factor for factor in text.stretch)
    start = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor] * outline.width
    turned = f"rotate({text.turn})" if text.turn else ""
    position = f"translate({number(text.x)} {number(text.y)}){turned}scale({across:g} {down:g})"
    halo = ""
    if text.halo:
        wide = replace(text.halo, width=text.halo.width * outline.unit / text.size)
        halo = f'{_stroke(wide)} paint-order="stroke"'
    return (
        f'<path transform="{position}translate({-start:g})"{_paint("fill", text.fill)}{halo} '
        f'd="{outline.data}"/>'
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
