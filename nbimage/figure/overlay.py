"""Draw an overlay as one SVG document: masks, labels, contours, shapes and texts.

An item is an array (bool: a mask, integers: labels), ``(kind, data)``, ``(kind, data, style)``
where style is a color or a dict of options, or a dict of one kind and its options:

========= ============================================ ========================================
kind      data                                         options and their defaults
========= ============================================ ========================================
mask      bool ``(H, W)``                              color "red", alpha 0.4
labels    integers ``(H, W)``, 0 is clear              cmap, alpha 0.4
contour   scalars; another shape is stretched          levels 5, color "white", or cmap,
                                                       width 1.5, text False, size
values    an array ``(H, W)``, written into its cells,  format such as ".2f", color by the
          or None: the picture's own; also "values"    cell's luminance, size
points    ``(N, 2)`` of x and y                        color "red" or N, size 6, marker "o", text
line      ``(N, 2)``, or a list of such                color "red" or one each, width 2,
polygon   the same; NaN between its rings              fill None, alpha 0.3 (of the fill)
boxes     ``(N, 4)`` of x0, y0, x1, y1                 as polygon; text, size
text      texts                                        at, color "white", size, anchor "middle"
========= ============================================ ========================================

Points, lines, polygons and boxes may have ``values`` instead of colors, one each, which are colored
by ``cmap`` ("viridis"), and ``names``, which an explorer says of what is below the pointer; every
kind may have a ``name``, by which an explorer lists it.
Widths and marker sizes are in CSS pixels; text is in the picture's and grows with it.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values, as_values
from nbimage.base.chunked import Array
from nbimage.figure.overlay_canvas import (
    Canvas,
    Options,
    ToPositions,
    format_coordinates,
    group_item_colors,
    path_data,
    to_numpy,
)
from nbimage.figure.overlay_rasters import draw_contours, draw_labels, draw_mask
from nbimage.figure.overlay_values import draw_values, find_cell_side
from nbimage.page import svg_primitives as shapes


def overlay_svg(
    overlay: Any,
    shape: tuple[int, int],
    x_positions: ToPositions,
    y_positions: ToPositions,
    *,
    lower: bool = False,
    text_size: float | None = None,
    values: Values | None = None,
    pixels: Array | None = None,
) -> str | None:
    """Draw an overlay as an SVG document; None if it is empty.

    Parameters
    ----------
    overlay : item or list of items
        See the module's table.
    shape : (int, int)
        Rows and columns of the picture, which are the document's viewBox.
    x_positions, y_positions : callable
        Turn an array of the caller's x or y values, numbers as float64 and all else as it is,
        into pixel positions.
    lower : bool
        Row 0 is at the bottom.
    text_size : float, optional
        A readable height of letters in picture pixels (default: a 25th of the longer side).
    values : Values, optional
        The picture's own, ``(H, W)``.
    pixels : array, optional
        What is below the overlay: uint8 ``(H, W[, 2|3|4])``.

    Raises
    ------
    TypeError, ValueError
        For an item that can't be drawn, in one line that names it by its number.
    """
    many = is_several(overlay)
    if overlay is None or (many and not overlay):
        return None
    size = text_size or max(shape) / 25
    canvas = Canvas(*shape, x_positions, y_positions, lower, size, values, pixels)
    drawn: list[str] = []
    for number, item in enumerate(overlay if many else [overlay]):
        try:
            kind, data, options = read_item(item)
            drawn.append(_KINDS[kind][0](canvas, data, options))
        except (TypeError, ValueError) as error:
            name = f"overlay[{number}]" if many else "overlay"
            plain = TypeError if isinstance(error, TypeError) else ValueError
            raise plain(f"{name}: {error}") from error
    return shapes.make_document(canvas.columns, canvas.rows, drawn)


# ----------------------------------------------------------------------------------- items


def find_least_cell(overlay: Any, values: Values | None) -> int:
    """Return the CSS pixels that a cell must have, so that what is written in it can be read."""
    least = 0
    for item in overlay if is_several(overlay) else [overlay]:
        try:
            kind, data, options = read_item(item)
        except (TypeError, ValueError):  # said when it is drawn
            continue
        if kind == "values":
            least = max(least, find_cell_side(data, options["format"], values))
    return least


def is_item(overlay: dict[Any, Any]) -> bool:
    """Whether a dict is an item: it has a kind as a key."""
    return any(key in _KINDS for key in overlay)


def is_several(overlay: Any) -> bool:
    """Whether an overlay is a list of items rather than one."""
    return isinstance(overlay, list) or (
        isinstance(overlay, tuple) and not (overlay and isinstance(overlay[0], str))
    )


def read_item(item: Any) -> tuple[str, Any, Options]:
    """Return an item's kind, data, and options with their defaults."""
    item = (item, None) if isinstance(item, str) and item == "values" else item
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
        raise ValueError(f"unknown kind {kind!r}: {_suggest(kind, _KINDS)}")
    known = {"name": None, **_KINDS[kind][1]}
    for name in given:
        if name not in known:
            raise ValueError(f"unknown option {name!r} of {kind}: {_suggest(name, known)}")
    return kind, data, {**known, **given}


def _kind_of(array: Any) -> str:
    kind = as_values(array).array.dtype.kind
    if kind not in "biu":
        raise TypeError(
            f"a bare array must be bool (a mask) or integer (labels), but got {array.dtype}: "
            'name its kind, such as ("contour", array) or ("points", array)'
        )
    return "mask" if kind == "b" else "labels"


def _suggest(word: Any, words: Any) -> str:
    near = difflib.get_close_matches(str(word), words, 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(words)}"


# ----------------------------------------------------------------------- the caller's values


def read_columns(data: Any, kind: str, names: str) -> list[Array]:
    """Return a table's columns, numbers as float64, all else as it is: dates, strings, objects."""
    width = len(names.split(", "))
    wanted = f"{kind} must be (N, {width}) of {names}, but got"
    if isinstance(data, np.ma.MaskedArray):
        data = np.ma.filled(data.astype(np.float64), np.nan)
    elif hasattr(data, "dtype") and not isinstance(data, np.ndarray) and len(data.shape) == 2:
        data = to_numpy(data) if 0 not in data.shape else np.empty((0, width))
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


def read_texts(value: Any, count: int) -> list[Any]:
    """Return one text each, None where there is none."""
    if value is None:
        return [None] * count
    texts = [value] if isinstance(value, str) or not hasattr(value, "__len__") else list(value)
    if len(texts) != count:
        raise ValueError(f"text must be {count} texts, one each, but got {len(texts)}")
    return texts


# ----------------------------------------------------------------------------------- kinds


def _points(canvas: Canvas, data: Any, options: Options) -> str:
    x, y = canvas.to_svg(*read_columns(data, "points", "x, y"))
    visible = np.isfinite(x)
    xs, ys = np.array(format_coordinates(x), object), np.array(format_coordinates(y), object)
    reach = canvas.rows + canvas.columns
    drawn = []
    for color, numbers in group_item_colors(options, len(x)):
        chosen = np.asarray(numbers, np.intp)
        chosen = chosen[visible[chosen]]
        positions = xs[chosen].tolist(), ys[chosen].tolist()
        drawn.append(
            shapes.draw_markers(*positions, options["marker"], color, options["size"], reach)
        )
    texts = _visible_texts(x, y, read_texts(options["text"], len(x)))
    style: Options = {"anchor": "start", "shift": (0.5, 0.35)}
    return "".join(drawn) + shapes.draw_texts(texts, shapes.WHITE, canvas.text_size, **style)


def _visible_texts(x: Array, y: Array, texts: Sequence[Any]) -> list[tuple[float, float, Any]]:
    """Return texts with their positions, without those that have none."""
    positions = zip(x.tolist(), y.tolist(), texts, strict=True)
    return [position for position in positions if math.isfinite(position[0])]


def _lines(canvas: Canvas, data: Any, options: Options) -> str:
    return _outlines(canvas, data, options, closed=False)


def _polygons(canvas: Canvas, data: Any, options: Options) -> str:
    return _outlines(canvas, data, options, closed=True)


def _outlines(canvas: Canvas, data: Any, options: Options, *, closed: bool) -> str:
    kind = "polygon" if closed else "line"
    listed = isinstance(data, (list, tuple)) and len(data) > 0 and np.ndim(data[0]) == 2
    paths_data = []
    for part in data if listed or getattr(data, "ndim", 0) == 3 else [data]:
        x, y = canvas.to_svg(*read_columns(part, kind, "x, y"))
        edges = np.flatnonzero(np.diff(np.isfinite(x), prepend=False, append=False))
        runs = [slice(*edge) for edge in edges.reshape(-1, 2).tolist()]
        paths_data.append("".join([path_data(x[run], y[run], closed) for run in runs]))
    return _draw_paths(paths_data, options)


def _draw_paths(paths_data: list[str], options: Options) -> str:
    fill = None if options["fill"] is None else shapes.as_svg_color(options["fill"], "fill")
    width, alpha = options["width"], options["alpha"]
    return "".join(
        shapes.draw_paths([paths_data[n] for n in numbers], color, width, fill=fill, alpha=alpha)
        for color, numbers in group_item_colors(options, len(paths_data))
    )


def _boxes(canvas: Canvas, data: Any, options: Options) -> str:
    x0, y0, x1, y1 = read_columns(data, "boxes", "x0, y0, x1, y1")
    (x0, y0), (x1, y1) = canvas.to_svg(x0, y0), canvas.to_svg(x1, y1)
    left, right, top, bottom = (f(a, b) for a, b in ((x0, x1), (y0, y1)) for f in _EXTREMES)
    visible = np.isfinite(left) & np.isfinite(top)
    sides = zip(*map(format_coordinates, (left, top, right, bottom)), strict=True)
    paths_data = [
        f"M{x0} {y0}H{x1}V{y1}H{x0}Z" if ok else ""
        for ok, (x0, y0, x1, y1) in zip(visible.tolist(), sides, strict=True)
    ]
    size = canvas.text_size if options["size"] is None else options["size"]
    base = np.where((top >= 0) & (top < 1.2 * size), top + size, top - 0.4 * size)  # or cut off
    texts = read_texts(options["text"], len(paths_data))
    drawn = [_draw_paths(paths_data, options)]
    for color, numbers in group_item_colors(options, len(paths_data)):
        chosen = [n for n in numbers if visible[n]]
        positions = _visible_texts(left[chosen], base[chosen], [texts[n] for n in chosen])
        style: Options = {"anchor": "start", "halo": color, "spread": 0.3, "shift": (0.25, 0.0)}
        drawn.append(shapes.draw_texts(positions, color.contrast, size, **style))
    return "".join(drawn)


def _text(canvas: Canvas, data: Any, options: Options) -> str:
    x, y = canvas.to_svg(*read_columns(options["at"], "at", "x, y"))
    texts = read_texts("" if data is None else data, len(x))
    size = canvas.text_size if options["size"] is None else options["size"]
    drawn = []
    for color, numbers in shapes.group_colors(options["color"], len(x)):
        chosen = list(numbers)
        positions = _visible_texts(x[chosen], y[chosen], [texts[n] for n in chosen])
        drawn.append(shapes.draw_texts(positions, color, size, anchor=options["anchor"]))
    return "".join(drawn)


_EXTREMES = np.minimum, np.maximum
_OWN: Options = {"values": None, "cmap": None, "names": None}
_STROKE: Options = {"color": "red", "width": 2, "fill": None, "alpha": 0.3, **_OWN}
_KINDS: dict[str, tuple[Callable[[Canvas, Any, Options], str], Options]] = {
    "mask": (draw_mask, {"color": "red", "alpha": 0.4}),
    "labels": (draw_labels, {"cmap": None, "alpha": 0.4}),
    "contour": (
        draw_contours,
        {"levels": 5, "color": None, "cmap": None, "width": 1.5, "text": False, "size": None},
    ),
    "values": (draw_values, {"format": None, "color": None, "size": None}),
    "points": (_points, {"color": "red", "size": 6, "marker": "o", "text": None, **_OWN}),
    "line": (_lines, _STROKE),
    "polygon": (_polygons, _STROKE),
    "boxes": (_boxes, {**_STROKE, "text": None, "size": None}),
    "text": (_text, {"at": None, "color": "white", "size": None, "anchor": "middle"}),
}
"""Each kind: how it is drawn, and its options with their defaults."""
