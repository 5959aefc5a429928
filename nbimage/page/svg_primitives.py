"""SVG strings for overlays: colors, lines, markers, texts and pictures.

Positions and text sizes are in the picture's pixels, line widths and marker sizes in CSS pixels
at any size of the picture. SVG has no shape of constant size, but strokes of constant width and
dashes of constant length: a dot is the round cap of a line without length, and the arms of a
cross are the first dashes of lines as long as the picture is wide and high.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from nbimage.base.scalars import number_or_nan
from nbimage.base.text import clean_xml, escape
from nbimage.mapping.colormap import as_color

MARKERS = ("o", "x", "+", "square", "ring")
ANCHORS = ("start", "middle", "end")
_NEVER = 1_000_000  # CSS pixels to the second dash


@dataclass(frozen=True, slots=True)
class Color:
    """An opaque color, and its opacity apart, as every SVG reader takes it."""

    red: int
    green: int
    blue: int
    opacity: float = 1.0

    def format_paint(self, name: str, opacity: float = 1.0) -> str:
        """Return the attributes of a ``fill`` or a ``stroke``."""
        opacity_text = number(self.opacity * opacity)
        more = "" if opacity_text == "1" else f' {name}-opacity="{opacity_text}"'
        return f' {name}="#{self.red:02x}{self.green:02x}{self.blue:02x}"{more}'

    @property
    def contrast(self) -> Color:
        """Black or white, whichever is farther from it."""
        light = 0.299 * self.red + 0.587 * self.green + 0.114 * self.blue
        return Color(0, 0, 0) if light > 96 else Color(255, 255, 255)


WHITE = Color(255, 255, 255)


def as_svg_color(value: Any, name: str = "color") -> Color:
    """Take a CSS color, or 3 or 4 numbers of 0…1 or 0…255."""
    red, green, blue, opacity = as_color(name, value)
    return Color(red, green, blue, opacity / 255)


def group_colors(value: Any, count: int) -> list[tuple[Color, Sequence[int]]]:
    """Take one color for ``count`` things or one each: the colors, and which things are in it."""
    if isinstance(value, str) or not hasattr(value, "__len__") or hasattr(value, "rgba"):
        return [(as_svg_color(value), range(count))]
    if len(value) in (3, 4) and all(isinstance(part, Real) for part in value):
        return [(as_svg_color(value), range(count))]
    if len(value) != count:
        raise ValueError(f"color must be one color or {count}, one each, but got {len(value)}")
    groups: dict[Any, list[int]] = {}
    for index, part in enumerate(value):
        key = part if isinstance(part, str) or not hasattr(part, "__len__") else tuple(part)
        groups.setdefault(key, []).append(index)
    return [(as_svg_color(key), indices) for key, indices in groups.items()]


def check_positive(name: str, value: Any) -> float:
    """Return a number above 0. Raises ValueError for all else."""
    found = number_or_nan(value)
    if not 0 < found < math.inf:
        raise ValueError(f"{name} must be finite and above 0, but got {value!r}")
    return found


def check_alpha(value: Any) -> float:
    """Return a number from 0 to 1. Raises ValueError for all else."""
    found = number_or_nan(value)
    if not 0 <= found <= 1:
        raise ValueError(f"alpha must be from 0 to 1, but got {value!r}")
    return found


def check_word(name: str, value: Any, words: Sequence[str]) -> str:
    """Return one of several words. Raises ValueError for all else."""
    if value not in words:
        raise ValueError(f"{name} must be one of {', '.join(words)}, but got {value!r}")
    return str(value)


def number(value: float) -> str:
    """Return a number to three decimals, no longer than it needs to be."""
    return str(round(float(value), 3) + 0.0).removesuffix(".0")  # + 0.0: no "-0"


def format_numbers(values: Iterable[float]) -> list[str]:
    """Return numbers that are rounded already, no longer than they need to be."""
    return [str(value).removesuffix(".0") for value in values]


def make_document(columns: int, rows: int, shapes: Iterable[str]) -> str:
    """Return an SVG document that is to be laid over a picture of this size."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns} {rows}" '
        f'preserveAspectRatio="none">{"".join(shapes)}</svg>'
    )


def draw_raster(png: bytes, columns: int, rows: int, alpha: Any, opacity: float = 1.0) -> str:
    """Return a PNG stretched over the picture, its pixels sharp."""
    opacity_text = number(check_alpha(alpha) * opacity)
    return (
        f'<image x="0" y="0" width="{columns}" height="{rows}" preserveAspectRatio="none" '
        f'opacity="{opacity_text}" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{base64.b64encode(png).decode("ascii")}"/>'
    )


def path_data(xs: Sequence[str], ys: Sequence[str], *, closed: bool = False) -> str:
    """Return the path data of one line through points."""
    return "M" + " ".join([f"{x} {y}" for x, y in zip(xs, ys, strict=True)]) + "Z" * closed


def draw_paths(
    paths: Sequence[str],
    color: Color,
    width: Any,
    *,
    fill: Color | None = None,
    alpha: Any = 1.0,
) -> str:
    """Return lines of a width in CSS pixels; a ring inside a ring that is filled is a hole."""
    inner = ' fill="none"'
    alpha = check_alpha(alpha)
    if fill:
        inner = f'{fill.format_paint("fill", alpha)} fill-rule="evenodd"'
    attributes = (
        f"{inner}{color.format_paint('stroke')} "
        f'stroke-width="{number(check_positive("width", width))}" '
        'stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
    )
    parts = [course for course in paths if course]
    parts = parts if fill else ["".join(parts)] * bool(parts)  # filled ones must not cut others
    return "".join(f'<path d="{part}"{attributes}' for part in parts)


def draw_markers(
    xs: Sequence[str], ys: Sequence[str], kind: Any, color: Color, size: Any, reach: float
) -> str:
    """Return markers as wide as ``size`` CSS pixels at any size of the picture.

    ``reach`` is a length in picture pixels that is never shorter than a marker. Where the
    picture's pixels are not square, the arms of an x slant and a ring has gaps.
    """
    size, kind = check_positive("size", size), check_word("marker", kind, MARKERS)
    if not xs:
        return ""
    thick = min(size / 4, 1 + size / 16)
    if kind in ("o", "square"):
        tail, width = "h0", size
        style = f'stroke-linecap="{"round" if kind == "o" else "square"}"'
    elif kind == "ring":
        sides = 8 if size <= 8 else 16  # their corners are less than a quarter pixel off a circle
        tail, width = _rays(sides, 0, reach), size * math.tan(math.pi / sides)
        style = f'stroke-dasharray="0 {number(size / 2 - thick)} {number(thick)} {_NEVER}"'
    else:
        tail, width = _rays(4, 45 if kind == "x" else 0, reach), thick
        arm = (size - thick) / math.sqrt(2) if kind == "x" else size / 2
        style = f'stroke-dasharray="{number(arm)} {_NEVER}"'
    attributes = (
        f' fill="none"{color.format_paint("stroke")} stroke-width="{number(width)}" {style} '
        'vector-effect="non-scaling-stroke"/>'
    )
    data = "".join([f"M{x} {y}{tail}" for x, y in zip(xs, ys, strict=True)])
    return f'<path d="{data}"{attributes}'


def _rays(count: int, first: float, reach: float) -> str:
    """Return path data of lines in all directions from where the pen stands, and back."""
    angles = [math.radians(first + 360 * k / count) for k in range(count)]
    return "".join(
        f"l{number(reach * math.cos(angle))} {number(reach * math.sin(angle))}z" for angle in angles
    )


def draw_texts(
    positions: Iterable[tuple[float, float, Any]],
    color: Color,
    size: Any,
    *,
    anchor: Any = "middle",
    halo: Color | None = None,
    spread: float = 0.2,
    shift: tuple[float, float] = (0.0, 0.35),
    tabular: bool = False,
) -> str:
    """Return texts at (x, y), ``size`` picture pixels high, on a halo that keeps them readable.

    ``spread`` is the halo's width (0: none) and ``shift`` a way right and down, both in sizes of
    the text; with ``tabular`` all digits are of one width.
    """
    size, anchor = check_positive("size", size), check_word("anchor", anchor, ANCHORS)
    right, down = shift[0] * size, shift[1] * size
    lines = [
        f'<text x="{number(x + right)}" y="{number(y + down)}">{words}</text>'
        for x, y, text in positions
        if text is not None and (words := escape_text(text))
    ]
    if not lines:
        return ""
    outline = ""
    if spread:
        outline = (
            f"{(halo or color.contrast).format_paint('stroke')} "
            f'stroke-width="{number(spread * size)}" stroke-linejoin="round" paint-order="stroke"'
        )
    digits = ' style="font-variant-numeric:tabular-nums"' if tabular else ""
    return (
        f'<g font-family="system-ui,sans-serif" font-size="{number(size)}" text-anchor="{anchor}"'
        f"{color.format_paint('fill')}{outline}{digits}>{''.join(lines)}</g>"
    )


def escape_text(text: Any) -> str:
    """Return text as XML takes it: escaped, without the characters that it forbids."""
    return escape(clean_xml(text)).replace("\r", "&#13;")
