"""Read the package's own SVG as flat shapes in one coordinate system.

It knows what `figure_svg` and `svg_primitives` write and nothing else: rectangles, paths of
straight lines, texts, pictures as data URIs, groups, and documents inside documents.
"""

from __future__ import annotations

import base64
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from nbimage.raster.fonts import has_letters, measure_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TOKEN = re.compile(r"[MmLlHhVvZz]|-?\d*\.?\d+(?:e[-+]?\d+)?")
_SHIFT = re.compile(r"translate\((\S+) (\S+)\)")
_TURN = re.compile(r"rotate\((-?\d+)")
_HREFS = "href", "{http://www.w3.org/1999/xlink}href"
_INHERITED = (
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-opacity",
    "stroke-width",
    "font-size",
    "font-weight",
    "text-anchor",
)
_CORNER = 6  # lines of a rounded corner
_WIDEST = 1.4  # sizes of the font that the widest letters are
_UP, _DOWN = 1.2, 0.5  # sizes of the own font from the line that letters stand on
_TALLEST = 1.4  # of any font, up or down

Point = tuple[float, float]


class Paint(NamedTuple):
    """A color, and its opacity."""

    color: tuple[int, int, int]
    opacity: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line is drawn."""

    paint: Paint
    width: float
    round_cap: bool = False
    square_cap: bool = False
    round_join: bool = False
    dashes: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """Lines, each with whether it is closed; holes are even-odd."""

    lines: list[tuple[list[Point], bool]]
    fill: Paint | None = None
    stroke: Stroke | None = None
    sharp: bool = False
    """Its edges are not smoothed."""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; its baseline begins, is centred or ends at x, y."""

    text: str
    x: float
    y: float
    size: float
    anchor: str
    fill: Paint
    bold: bool = False
    turn: int = 0
    stretch: tuple[float, float] = (1.0, 1.0)
    halo: Stroke | None = None
    """An outline below the letters."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that is stretched over a box."""

    data: bytes
    box: tuple[float, float, float, float]
    """Left, top, width and height."""
    opacity: float = 1.0
    sharp: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes of a document inside another one, of which nothing is seen outside its box."""

    shapes: tuple[Shape, ...]
    box: tuple[float, float, float, float]


Shape: TypeAlias = "Path | Text | Image | Group"


@dataclass(frozen=True, slots=True)
class _Context:
    """Where an element is, and what it has from those around it."""

    scale: Point = (1.0, 1.0)
    shift: Point = (0.0, 0.0)
    outer: float = 1.0
    """The scale of CSS pixels, which lines of constant width have."""
    style: dict[str, str] = field(default_factory=dict)

    def point(self, x: float, y: float) -> Point:
        return x * self.scale[0] + self.shift[0], y * self.scale[1] + self.shift[1]

    @property
    def mean(self) -> float:
        return math.sqrt(self.scale[0] * self.scale[1])


def read_shapes(svg: str, scale: float = 1.0) -> Iterator[Shape]:
    """Yield the shapes of an SVG document in the order in which they are drawn, enlarged."""
    from xml.etree import ElementTree

    root = ElementTree.fromstring(svg)  # own text, in which everything from outside is escaped
    context = _Context((scale, scale), outer=scale)
    for child in root:
        yield from _read(child, context)


def _read(element: Element, context: _Context) -> Iterator[Shape]:
    tag = element.tag.rpartition("}")[2]
    own = {name: element.attrib[name] for name in _INHERITED if name in element.attrib}
    inner = replace(context, style={**context.style, **own})
    if tag == "g":
        inner = _shift(element, inner)
        for child in element:
            yield from _read(child, inner)
    elif tag == "svg":
        yield _read_document(element, inner)
    elif tag == "rect":
        yield _read_rectangle(element, inner)
    elif tag == "path":
        yield _read_path(element, inner)
    elif tag == "text":
        yield _read_text(element, inner)
    elif tag == "image":
        yield _read_image(element, inner)
    elif tag != "title":
        raise ValueError(f"an element of SVG is not known here: {tag!r}")


def _shift(element: Element, context: _Context) -> _Context:
    found = _SHIFT.fullmatch(element.get("transform", ""))
    return (
        replace(context, shift=context.point(float(found[1]), float(found[2])))
        if found
        else context
    )


def _read_document(element: Element, context: _Context) -> Group:
    x, y, width, height = _numbers(element, "x", "y", "width", "height")
    _, _, columns, rows = map(float, element.attrib["viewBox"].split())
    scale = context.scale[0] * width / columns, context.scale[1] * height / rows
    left, top = context.point(x, y)
    inner = replace(context, scale=scale, shift=(left, top))
    shapes = tuple(shape for child in element for shape in _read(child, inner))
    return Group(shapes, (left, top, width * context.scale[0], height * context.scale[1]))


def find_box(shape: Shape) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of what a shape surely stays within."""
    if isinstance(shape, (Image, Group)):
        left, top, width, height = shape.box
        return left, top, left + width, top + height
    if isinstance(shape, Text):
        return _find_text_box(shape)
    beyond = 1.0 if shape.stroke is None else 1.0 + 2 * shape.stroke.width  # corners are pointed
    points = [point for line, _ in shape.lines for point in line]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if not points:
        return 0.0, 0.0, 0.0, 0.0
    return min(xs) - beyond, min(ys) - beyond, max(xs) + beyond, max(ys) + beyond


def _find_text_box(text: Text) -> tuple[float, float, float, float]:
    known = has_letters(text.text)
    length = measure_text(text.text, text.size, bold=text.bold)
    length = length if known else length * _WIDEST
    up, down = (_UP, _DOWN) if known else (_TALLEST, _TALLEST)
    start = {"start": 0.0, "middle": -length / 2, "end": -length}[text.anchor]
    turned = [
        _rotate((x * text.stretch[0], y * text.stretch[1]), (0.0, 0.0), text.turn)
        for x in (start - text.size / 3, start + length + text.size / 3)
        for y in (-up * text.size, down * text.size)
    ]
    xs, ys = zip(*turned, strict=True)
    return text.x + min(xs), text.y + min(ys), text.x + max(xs), text.y + max(ys)


def find_texts(shapes: Iterable[Shape]) -> Iterator[Text]:
    """Yield the texts among shapes."""
    for shape in shapes:
        if isinstance(shape, Text):
            yield shape
        elif isinstance(shape, Group):
            yield from find_texts(shape.shapes)


def _numbers(element: Element, *names: str) -> list[float]:
    return [float(element.get(name, 0)) for name in names]


def _paint(context: _Context, name: str, default: str) -> Paint | None:
    color = context.style.get(name, default)
    if color == "none":
        return None
    digits = color.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    red, green, blue = (int(digits[i : i + 2], 16) for i in (0, 2, 4))
    return Paint((red, green, blue), float(context.style.get(f"{name}-opacity", 1)))


def _stroke(element: Element, context: _Context) -> Stroke | None:
    paint = _paint(context, "stroke", "none")
    if paint is None:
        return None
    constant = element.get("vector-effect") == "non-scaling-stroke"
    scale = context.outer if constant else context.mean
    cap = element.get("stroke-linecap", "")
    dashes = (float(part) * scale for part in element.get("stroke-dasharray", "").split())
    return Stroke(
        paint,
        float(context.style.get("stroke-width", 1)) * scale,
        cap == "round",
        cap == "square",
        element.get("stroke-linejoin") == "round",
        tuple(dashes),
    )


def _read_rectangle(element: Element, context: _Context) -> Path:
    x, y, width, height, radius = _numbers(element, "x", "y", "width", "height", "rx")
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    if radius:
        right, bottom = x + width - radius, y + height - radius
        centres = (
            (x + radius, y + radius),
            (right, y + radius),
            (right, bottom),
            (x + radius, bottom),
        )
        corners = []
        for number, (across, down) in enumerate(centres):
            for step in range(_CORNER + 1):
                angle = math.pi * (1 + number / 2 + step / (2 * _CORNER))
                corners.append((across + radius * math.cos(angle), down + radius * math.sin(angle)))
    points = [context.point(*corner) for corner in corners]
    return Path([(points, True)], _paint(context, "fill", "#000"), _stroke(element, context))


def _read_path(element: Element, context: _Context) -> Path:
    lines = [
        ([context.point(x, y) for x, y in points], closed)
        for points, closed in _read_lines(element.get("d", ""))
    ]
    sharp = element.get("shape-rendering") == "crispEdges"
    return Path(lines, _paint(context, "fill", "#000"), _stroke(element, context), sharp)


def _read_lines(data: str) -> Iterator[tuple[list[Point], bool]]:
    """Yield the points of each line of path data, and whether it is closed."""
    points: list[Point] = []
    command, x, y = "M", 0.0, 0.0
    tokens = iter(_TOKEN.findall(data))
    for token in tokens:
        if token.isalpha():
            command = token
            if command in "Zz":
                yield points, True
                x, y = points[0]
                points = []
            continue
        value = float(token)
        if command in "Hh":
            x = value + (x if command == "h" else 0.0)
        elif command in "Vv":
            y = value + (y if command == "v" else 0.0)
        else:
            further = float(next(tokens))
            relative = command in "ml"
            before = x, y
            x, y = (value + x, further + y) if relative else (value, further)
            if command in "Mm":
                if points:
                    yield points, False
                points = []
                command = "l" if relative else "L"
            elif not points:  # after the end of a closed line
                points = [before]
        points.append((x, y))
    if points:
        yield points, False


def _read_text(element: Element, context: _Context) -> Text:
    x, y = _numbers(element, "x", "y")
    x, y = context.point(x, y)
    turn = _TURN.match(element.get("transform", ""))
    angle = int(turn[1]) if turn else 0
    if turn:  # around a point that is above the baseline
        _, across, down = element.attrib["transform"].removesuffix(")").split("(")[1].split()
        centre = context.point(float(across), float(down))
        x, y = _rotate((x, y), centre, angle)
    scale = context.mean
    return Text(
        unicodedata.normalize("NFC", "".join(element.itertext())),
        x,
        y,
        float(context.style.get("font-size", 16)) * scale,
        context.style.get("text-anchor", "start"),
        _paint(context, "fill", "#000") or Paint((0, 0, 0), 0.0),
        context.style.get("font-weight", "") in ("bold", "600"),
        angle,
        (context.scale[0] / scale, context.scale[1] / scale),
        _halo(context, scale),
    )


def _halo(context: _Context, scale: float) -> Stroke | None:
    paint = _paint(context, "stroke", "none")
    if paint is None:
        return None
    return Stroke(paint, float(context.style.get("stroke-width", 1)) * scale, round_join=True)


def _rotate(point: Point, centre: Point, degrees: int) -> Point:
    angle = math.radians(degrees)
    x, y = point[0] - centre[0], point[1] - centre[1]
    return (
        centre[0] + x * math.cos(angle) - y * math.sin(angle),
        centre[1] + x * math.sin(angle) + y * math.cos(angle),
    )


def _read_image(element: Element, context: _Context) -> Image:
    uri = next(element.attrib[name] for name in _HREFS if name in element.attrib)
    x, y, width, height = _numbers(element, "x", "y", "width", "height")
    left, top = context.point(x, y)
    box = left, top, width * context.scale[0], height * context.scale[1]
    sharp = "pixelated" in element.get("style", "")
    opacity = float(element.get("opacity", 1))
    return Image(base64.b64decode(uri.partition(",")[2]), box, opacity, sharp)
