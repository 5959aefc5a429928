"""What is drawn over a picture, as one SVG document: masks, labels, contours, shapes, texts.

An item is an array (bool: a mask, integers: labels), ``(kind, data)``, ``(kind, data, style)``
where style is a colour or a dict of options, or a dict of one kind and its options:

========= ============================================ ========================================
kind      data                                         options and their defaults
========= ============================================ ========================================
mask      bool ``(H, W)``                              color "red", alpha 0.4
labels    integers ``(H, W)``, 0 is clear              cmap, alpha 0.4
contour   scalars; another shape is stretched          levels 5, color "white", or cmap,
                                                       width 1.5, text False
points    ``(N, 2)`` of x and y                        color "red" or N, size 6, marker "o", text
line      ``(N, 2)``, or a list of such                color "red" or one each, width 2,
polygon   the same; NaN between its rings              fill None, alpha 0.3 (of the fill)
boxes     ``(N, 4)`` of x0, y0, x1, y1                 as polygon; text
text      texts                                        at, color "white", size, anchor "middle"
========= ============================================ ========================================

Widths and marker sizes are in CSS pixels; text is in the picture's and grows with it.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.codecs.png import encode_png
from nbimage.figure.contours import as_levels, contours, middle_of_longest
from nbimage.page import shapes
from nbimage.page.shapes import Colour
from nbimage.values.blocks import Array
from nbimage.values.colormap import as_palette, label_index, label_palette
from nbimage.values.device import DeviceArray
from nbimage.values.intake import as_values

Place = Callable[[Array], Array]
"""Coordinates along one axis to pixel positions: 0.0 is the centre of the first pixel."""
Options = dict[str, Any]
_FAR = 1e9  # pixels: browsers drop a path that holds a number too large for float32
_TEXT_SHARE = 25  # texts in the picture's longer side


@dataclass(frozen=True, slots=True)
class Canvas:
    """The picture that is drawn on, and where the caller's coordinates lie on it."""

    rows: int
    columns: int
    place_x: Place
    place_y: Place
    lower: bool

    @property
    def text_size(self) -> float:
        """Return a readable height of text in picture pixels."""
        return max(self.rows, self.columns) / _TEXT_SHARE

    def placed(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return the caller's coordinates as SVG's, both NaN where one is not finite."""
        right = _positions("x", x, self.place_x) + 0.5
        down = self.downward(_positions("y", y, self.place_y) + 0.5)
        lost = ~(np.isfinite(right) & np.isfinite(down))
        return np.where(lost, np.nan, right), np.where(lost, np.nan, down)

    def downward(self, y: Array) -> Array:
        """Return distances from the edge of row 0 as distances from the top."""
        return self.rows - y if self.lower else y


def overlay_svg(
    overlay: Any, shape: tuple[int, int], place_x: Place, place_y: Place, *, lower: bool = False
) -> str | None:
    """Return what is to be laid over a picture as an SVG document; None if that is nothing.

    Parameters
    ----------
    overlay : item or list of items
        See the module's table.
    shape : (int, int)
        Rows and columns of the picture, which are the document's viewBox.
    place_x, place_y : callable
        Turn an array of the caller's x or y values, numbers as float64 and all else as it is,
        into pixel positions.
    lower : bool
        Row 0 is at the bottom.

    Raises
    ------
    TypeError, ValueError
        For an item that can't be drawn, in one line that names it by its number.
    """
    if overlay is None:
        return None
    many = isinstance(overlay, list) or (
        isinstance(overlay, tuple) and not (overlay and isinstance(overlay[0], str))
    )
    if many and not overlay:
        return None
    canvas = Canvas(*shape, place_x, place_y, lower)
    drawn: list[str] = []
    for number, item in enumerate(overlay if many else [overlay]):
        try:
            kind, data, options = _item(item)
            drawn.append(_KINDS[kind][0](canvas, data, options))
        except (TypeError, ValueError) as error:
            name = f"overlay[{number}]" if many else "overlay"
            plain = TypeError if isinstance(error, TypeError) else ValueError
            raise plain(f"{name}: {error}") from error
    return shapes.document(canvas.columns, canvas.rows, drawn)


# ----------------------------------------------------------------------------------- items


def _item(item: Any) -> tuple[str, Any, Options]:
    """Return an item's kind, data, and options with their defaults."""
    if isinstance(item, tuple) and 2 <= len(item) <= 3 and isinstance(item[0], str):
        kind, data = item[:2]
        style = item[2] if len(item) == 3 else {}
        given = dict(style) if isinstance(style, dict) else {"color": style}
    elif isinstance(item, dict):
        kinds = [key for key in item if key in _KINDS]
        kinds = [key for key in kinds if key != "text"] or kinds  # also an option of other kinds
        if len(kinds) != 1:
            raise ValueError(
                f"an item must have one kind as a key, but got {list(item)}: "
                f"choose from {', '.join(_KINDS)}"
            )
        kind = kinds[0]
        data, given = item[kind], {key: item[key] for key in item if key != kind}
    elif hasattr(item, "dtype") and hasattr(item, "shape"):
        kind, data, given = _kind_of(item), item, {}
    else:
        raise TypeError(
            "an item must be a bool or integer array, a tuple (kind, data) or a dict, "
            f"but got {type(item).__name__} {str(item)[:60]!r}"
        )
    if kind not in _KINDS:
        raise ValueError(f"kind must be one that there is, but got {_near(kind, _KINDS)}")
    known = _KINDS[kind][1]
    for name in given:
        if name not in known:
            raise ValueError(f"{kind} must have its own options, but got {_near(name, known)}")
    return kind, data, {**known, **given}


def _kind_of(array: Any) -> str:
    kind = as_values(array).array.dtype.kind
    if kind not in "biu":
        raise TypeError(
            f"a bare array must be bool (a mask) or integer (labels), but got {array.dtype}: "
            'name its kind, such as ("contour", array) or ("points", array)'
        )
    return "mask" if kind == "b" else "labels"


def _near(word: Any, words: Any) -> str:
    near = difflib.get_close_matches(str(word), words, 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(words)}"
    return f"{word!r}: {hint}"


# ----------------------------------------------------------------------- the caller's values


def _columns(data: Any, kind: str, names: str) -> list[Array]:
    """Return a table's columns, numbers as float64, all else as it is: dates, strings, objects."""
    width = len(names.split(", "))
    wanted = f"{kind} must be (N, {width}) of {names}, but got"
    if isinstance(data, np.ma.MaskedArray):
        data = np.ma.filled(data.astype(np.float64), np.nan)
    elif hasattr(data, "dtype") and not isinstance(data, np.ndarray) and len(data.shape) == 2:
        data = _on_host(data) if 0 not in data.shape else np.empty((0, width))
    elif not hasattr(data, "shape"):
        if not hasattr(data, "__iter__") or isinstance(data, (str, dict)):
            raise TypeError(f"{wanted} {data!r}")
        data = list(data)
    try:
        table = np.asarray(data)
    except ValueError:
        raise ValueError(f"{wanted} rows of different lengths") from None
    if table.shape in ((0,), (0, 0)):
        table = np.empty((0, width))
    if table.shape == (width,):
        table, data = table[None], [data] if isinstance(data, list) else data
    if table.ndim != 2 or table.shape[1] != width:
        hint = ": transpose it" if table.ndim == 2 and table.shape[0] == width else ""
        raise ValueError(f"{wanted} shape {np.shape(table)}{hint}")
    if table.dtype.kind in "biuf":
        return list(table.T.astype(np.float64))
    rows = data if isinstance(data, list) else table.tolist() if table.dtype == object else table
    columns = [np.asarray([row[number] for row in rows]) for number in range(width)]
    return [c.astype(np.float64) if c.dtype.kind in "biuf" else c for c in columns]


def _on_host(data: Any) -> Array:
    array = as_values(data).array
    return array.host() if isinstance(array, DeviceArray) else array


def _positions(axis: str, values: Array, place: Place) -> Array:
    placed = np.asarray(place(values))
    if placed.dtype.kind not in "biuf" or placed.shape != values.shape:
        raise TypeError(
            f"{axis} must be numbers on this picture, but got {values.dtype} {str(values[0])!r}"
        )
    return placed.astype(np.float64)


def _rounded(values: Array) -> Array:
    rounded: Array = np.round(np.clip(values, -_FAR, _FAR), 3) + 0.0  # no -0
    return rounded


def _texts(value: Any, count: int) -> list[Any]:
    """Return one text each, None where there is none."""
    if value is None:
        return [None] * count
    texts = [value] if isinstance(value, str) or not hasattr(value, "__len__") else list(value)
    if len(texts) != count:
        raise ValueError(f"text must be {count} texts, one each, but got {len(texts)}")
    return texts


def _image(data: Any, kind: str, dtypes: str, said: str, canvas: Canvas) -> tuple[Array, Any]:
    """Return a raster of the picture's shape and its mask, the top row first."""
    values = as_values(data)
    array = _on_host(values)
    if array.dtype.kind not in dtypes:
        raise TypeError(f"{kind} must be {said}, but got {values.dtype}")
    if array.shape != (canvas.rows, canvas.columns):
        raise ValueError(
            f"{kind} must have the picture's shape {(canvas.rows, canvas.columns)}, "
            f"but got {array.shape}"
        )
    rows = slice(None, None, -1 if canvas.lower else 1)
    return array[rows], None if values.mask is None else values.mask[rows]


# ----------------------------------------------------------------------------------- kinds


def _mask(canvas: Canvas, data: Any, options: Options) -> str:
    array, missing = _image(data, "mask", "b", "bool, such as data > 0", canvas)
    colour = shapes.one_colour(options["color"])
    indices = (array if missing is None else array & ~missing).astype(np.uint8)
    palette = np.array([(0, 0, 0, 0), (colour.red, colour.green, colour.blue, 255)], np.uint8)
    png = encode_png(indices, palette=palette)
    return shapes.raster(png, canvas.columns, canvas.rows, options["alpha"], colour.opacity)


def _labels(canvas: Canvas, data: Any, options: Options) -> str:
    array, missing = _image(data, "labels", "iu", "integers, 0 where there is none", canvas)
    palette = label_palette(options["cmap"])
    indices = label_index(array, len(palette) - 1)
    if missing is not None:
        indices[missing] = 0
    png = encode_png(indices, palette=palette[: int(indices.max()) + 1])
    return shapes.raster(png, canvas.columns, canvas.rows, options["alpha"])


def _contour(canvas: Canvas, data: Any, options: Options) -> str:
    values = as_values(data)
    array = _on_host(values).astype(np.float64)
    if array.ndim != 2 or min(array.shape) < 2:
        raise ValueError(f"contour must have 2 rows and columns or more, but got {array.shape}")
    if values.mask is not None:
        array[values.mask] = np.nan
    color, cmap = options["color"], options["cmap"]
    if color is not None and cmap is not None:
        raise ValueError(f"color must be left out where there is a cmap, but got {color!r}")
    plain = shapes.one_colour("white" if color is None else color)
    palette = None if cmap is None else as_palette(cmap).array.tolist()
    lines, texts = [], []
    levels = as_levels(options["levels"], array)
    for contour in contours(array, levels, (canvas.rows, canvas.columns)):
        colour = shapes.one_colour(palette[round(contour.share * 255)]) if palette else plain
        courses = [_course(line[:, 0], canvas.downward(line[:, 1])) for line in contour.lines]
        lines.append(shapes.paths(courses, colour, options["width"]))
        if options["text"]:
            place = middle_of_longest(contour.lines)
            x, y = float(place[0]), float(canvas.downward(place[1:])[0])
            texts.append(shapes.texts([(x, y, f"{contour.level:.10g}")], colour, canvas.text_size))
    return "".join(lines + texts)


def _points(canvas: Canvas, data: Any, options: Options) -> str:
    x, y = canvas.placed(*_columns(data, "points", "x, y"))
    seen = np.isfinite(x)
    xs, ys = np.array(_numbers(x), object), np.array(_numbers(y), object)
    reach = canvas.rows + canvas.columns
    drawn = []
    for colour, numbers in shapes.colours(options["color"], len(x)):
        chosen = np.asarray(numbers, np.intp)
        chosen = chosen[seen[chosen]]
        places = xs[chosen].tolist(), ys[chosen].tolist()
        drawn.append(shapes.markers(*places, options["marker"], colour, options["size"], reach))
    texts = _shown(x, y, _texts(options["text"], len(x)))
    look: Options = {"anchor": "start", "shift": (0.5, 0.35)}
    return "".join(drawn) + shapes.texts(texts, _WHITE, canvas.text_size, **look)


def _shown(x: Array, y: Array, texts: Sequence[Any]) -> list[tuple[float, float, Any]]:
    """Return texts and where they stand, without those that stand nowhere."""
    places = zip(x.tolist(), y.tolist(), texts, strict=True)
    return [place for place in places if math.isfinite(place[0])]


def _lines(canvas: Canvas, data: Any, options: Options) -> str:
    return _outlines(canvas, data, options, closed=False)


def _polygons(canvas: Canvas, data: Any, options: Options) -> str:
    return _outlines(canvas, data, options, closed=True)


def _outlines(canvas: Canvas, data: Any, options: Options, *, closed: bool) -> str:
    kind = "polygon" if closed else "line"
    listed = isinstance(data, (list, tuple)) and len(data) > 0 and np.ndim(data[0]) == 2
    courses = []
    for part in data if listed or getattr(data, "ndim", 0) == 3 else [data]:
        x, y = canvas.placed(*_columns(part, kind, "x, y"))
        edges = np.flatnonzero(np.diff(np.isfinite(x), prepend=False, append=False))
        runs = [slice(*edge) for edge in edges.reshape(-1, 2).tolist()]
        courses.append("".join([_course(x[run], y[run], closed) for run in runs]))
    return _painted(courses, options)


def _painted(courses: list[str], options: Options) -> str:
    fill = None if options["fill"] is None else shapes.one_colour(options["fill"], "fill")
    width, alpha = options["width"], options["alpha"]
    return "".join(
        shapes.paths([courses[n] for n in numbers], colour, width, fill=fill, alpha=alpha)
        for colour, numbers in shapes.colours(options["color"], len(courses))
    )


def _boxes(canvas: Canvas, data: Any, options: Options) -> str:
    x0, y0, x1, y1 = _columns(data, "boxes", "x0, y0, x1, y1")
    (x0, y0), (x1, y1) = canvas.placed(x0, y0), canvas.placed(x1, y1)
    left, right, top, bottom = (f(a, b) for a, b in ((x0, x1), (y0, y1)) for f in _EXTREMES)
    seen = np.isfinite(left) & np.isfinite(top)
    sides = zip(*map(_numbers, (left, top, right, bottom)), strict=True)
    courses = [
        f"M{x0} {y0}H{x1}V{y1}H{x0}Z" if ok else ""
        for ok, (x0, y0, x1, y1) in zip(seen.tolist(), sides, strict=True)
    ]
    size = canvas.text_size
    base = np.where((top >= 0) & (top < 1.2 * size), top + size, top - 0.4 * size)  # or cut off
    texts = _texts(options["text"], len(courses))
    drawn = [_painted(courses, options)]
    for colour, numbers in shapes.colours(options["color"], len(courses)):
        chosen = [n for n in numbers if seen[n]]
        places = _shown(left[chosen], base[chosen], [texts[n] for n in chosen])
        look: Options = {"anchor": "start", "halo": colour, "spread": 0.5, "shift": (0.25, 0.0)}
        drawn.append(shapes.texts(places, colour.contrast, size, **look))
    return "".join(drawn)


def _text(canvas: Canvas, data: Any, options: Options) -> str:
    x, y = canvas.placed(*_columns(options["at"], "at", "x, y"))
    texts = _texts("" if data is None else data, len(x))
    size = canvas.text_size if options["size"] is None else options["size"]
    drawn = []
    for colour, numbers in shapes.colours(options["color"], len(x)):
        chosen = list(numbers)
        places = _shown(x[chosen], y[chosen], [texts[n] for n in chosen])
        drawn.append(shapes.texts(places, colour, size, anchor=options["anchor"]))
    return "".join(drawn)


def _numbers(values: Array) -> list[str]:
    return shapes.numbers(_rounded(values).tolist())


def _course(x: Array, y: Array, closed: bool = False) -> str:
    """Return a line's path data; one that ends where it starts is closed there."""
    if len(x) > 2 and x[0] == x[-1] and y[0] == y[-1]:
        x, y, closed = x[:-1], y[:-1], True
    return shapes.course(_numbers(x), _numbers(y), closed=closed)


_WHITE = Colour(255, 255, 255)
_EXTREMES = np.minimum, np.maximum
_STROKE: Options = {"color": "red", "width": 2, "fill": None, "alpha": 0.3}
_KINDS: dict[str, tuple[Callable[[Canvas, Any, Options], str], Options]] = {
    "mask": (_mask, {"color": "red", "alpha": 0.4}),
    "labels": (_labels, {"cmap": None, "alpha": 0.4}),
    "contour": (
        _contour,
        {"levels": 5, "color": None, "cmap": None, "width": 1.5, "text": False},
    ),
    "points": (_points, {"color": "red", "size": 6, "marker": "o", "text": None}),
    "line": (_lines, _STROKE),
    "polygon": (_polygons, _STROKE),
    "boxes": (_boxes, {**_STROKE, "text": None}),
    "text": (_text, {"at": None, "color": "white", "size": None, "anchor": "middle"}),
}
"""Each kind: how it is drawn, and its options with their defaults."""
