"""Overlays of a view: points, lines, boxes, polygons and texts in samples of the image.

The vocabulary is that of `nbimage.figure.overlay`. Masks and labels are `label_layer`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nbimage.arrays.ingest import as_values
from nbimage.base.chunked import Array
from nbimage.base.text import replace_surrogates
from nbimage.figure.axes import resolve_axis
from nbimage.figure.overlay import is_several, read_columns, read_item, read_texts
from nbimage.figure.overlay_canvas import (
    Canvas,
    Options,
    as_item_values,
    group_item_colors,
    to_numpy,
)
from nbimage.figure.overlay_contours import (
    find_contours,
    find_middle_of_longest,
    read_field,
    resolve_levels,
)
from nbimage.figure.overlay_values import format_values
from nbimage.mapping.colormap import as_css, label_palette
from nbimage.page.svg_primitives import (
    ANCHORS,
    MARKERS,
    Color,
    as_svg_color,
    check_alpha,
    check_positive,
    check_word,
)
from nbimage.view.model.images import Image
from nbimage.view.model.layers.label_layer import LabelLayer, as_mask_layer, side_coordinates

_MOST_POINTS = 2_000_000
Ring = list[float]


@dataclass(slots=True, eq=False)
class OverlayLayer:
    """One item of an overlay, in samples of the image: 0, 0 is its upper left corner."""

    name: str
    kind: str
    """As in the overlay: "points", "line", "polygon", "boxes", "text" or "contour"."""
    shapes: list[list[Ring]]
    """Of each thing its rings, x and y in turn; of a point or a text one of one."""
    colors: list[str]
    """One for all, or one each."""
    style: Options = field(default_factory=dict)
    """``width``, ``fill``, ``alpha``, ``size``, ``marker``, ``texts``, ``anchor``."""
    names: list[str | None] | None = None
    values: list[float | None] | None = None
    image: int = -1
    opacity: float = 1.0


Layer = LabelLayer | OverlayLayer


def as_overlay_layers(overlay: Any, images: Sequence[Image]) -> list[Layer]:
    """Return the layers of ``overlay=``. Raises TypeError or ValueError that names an item."""
    several = is_several(overlay)
    if overlay is None or (several and not len(overlay)):
        return []
    found: list[Layer] = []
    for number, item in enumerate(overlay if several else [overlay]):
        try:
            kind, data, options = read_item(item)
            layer = _as_layer(kind, data, options, images)
        except (TypeError, ValueError) as error:
            what = f"overlay[{number}]" if several else "overlay"
            plain = TypeError if isinstance(error, TypeError) else ValueError
            raise plain(f"{what}: {str(error).lstrip(' :')}") from None
        if layer is not None:
            found.append(layer)
    counts: dict[str, int] = {}
    for layer in found:
        count = counts[layer.name] = counts.get(layer.name, 0) + 1
        layer.name = layer.name if count == 1 else f"{layer.name} {count}"
    return found


def _as_layer(kind: str, data: Any, options: Options, images: Sequence[Image]) -> Layer | None:
    name = replace_surrogates(options.pop("name", None) or kind)
    if kind == "mask":
        if _kind(data) != "b":
            raise TypeError(f"mask must be bool, such as data > 0, but got {_dtype(data)}")
        color = as_svg_color(options["color"])
        opaque = color.red, color.green, color.blue, 255
        palette = np.array([(0, 0, 0, 0), opaque], np.uint8)
        alpha = check_alpha(options["alpha"]) * color.opacity
        return as_mask_layer(name, data, images, palette=palette, opacity=alpha)
    if kind == "labels":
        palette, alpha = label_palette(options["cmap"]), check_alpha(options["alpha"])
        return as_mask_layer(name, data, images, palette=palette, opacity=alpha)
    canvas = _make_canvas(images[0])
    if kind == "contour":
        return _contours(name, canvas, data, options)
    if kind == "values":
        return None if data is None else _values(name, canvas, data, options)
    return _shapes(name, kind, canvas, data, options)


def _kind(data: Any) -> str:
    """Return the kind of an array's dtype; what lies in chunks is not read for that."""
    array = data if hasattr(data, "chunks") else as_values(data).array
    return np.dtype(array.dtype).kind


def _dtype(data: Any) -> str:
    return str(getattr(data, "dtype", type(data).__name__))


def _make_canvas(image: Image) -> Canvas:
    """Return the image as an overlay sees it: which coordinates are which samples."""
    stack = image.stack
    own_y, own_x = side_coordinates(stack)
    x = resolve_axis("x", False, None, own_x, stack.columns)
    y = resolve_axis("y", False, None, own_y, stack.rows)
    lower = stack.upward and stack.tiles is None  # tiles are upright, and their coordinates
    return Canvas(stack.rows, stack.columns, x.to_positions, y.to_positions, lower, 0.0)


def _shapes(name: str, kind: str, canvas: Canvas, data: Any, options: Options) -> OverlayLayer:
    """Return points, lines, polygons, boxes and texts."""
    if kind == "text":
        x, y = canvas.to_svg(*read_columns(options["at"], "at", "x, y"))
        rings = [[[px, py]] for px, py in zip(_plain(x), _plain(y), strict=True)]
        texts = read_texts("" if data is None else data, len(rings))
        check_word("anchor", options["anchor"], ANCHORS)
    elif kind == "points":
        x, y = canvas.to_svg(*read_columns(data, "points", "x, y"))
        rings = [[[px, py]] for px, py in zip(_plain(x), _plain(y), strict=True)]
        texts = read_texts(options["text"], len(rings))
        check_word("marker", options["marker"], MARKERS)
        check_positive("size", options["size"])
    elif kind == "boxes":
        x0, y0, x1, y1 = read_columns(data, "boxes", "x0, y0, x1, y1")
        (x0, y0), (x1, y1) = canvas.to_svg(x0, y0), canvas.to_svg(x1, y1)
        corners = np.stack([x0, y0, x1, y0, x1, y1, x0, y1], axis=1)
        rings = [[_plain(one)] if np.isfinite(one).all() else [] for one in corners]
        texts = read_texts(options["text"], len(rings))
    else:
        listed = isinstance(data, (list, tuple)) and len(data) > 0 and np.ndim(data[0]) == 2
        parts = data if listed or getattr(data, "ndim", 0) == 3 else [data]
        rings = [_rings(canvas, part, kind) for part in parts]
        texts = [None] * len(rings)
    count = len(rings)
    if sum(len(ring) for one in rings for ring in one) > 2 * _MOST_POINTS:
        raise ValueError(f"{kind} must have at most {_MOST_POINTS} corners")
    colors = [""] * count
    for color, numbers in group_item_colors(options, count):
        for n in numbers:
            colors[n] = _css(color)
    kept = "size", "marker", "anchor", "width"
    style: Options = {key: options[key] for key in kept if key in options}
    if "width" in style:
        check_positive("width", style["width"])
    if options.get("fill") is not None:
        style["fill"] = _css(as_svg_color(options["fill"], "fill"))
        style["alpha"] = check_alpha(options["alpha"])
    if any(text is not None for text in texts):
        style["texts"] = [None if text is None else replace_surrogates(text) for text in texts]
    names = options.get("names")
    names = style.get("texts") if names is None else read_texts(names, count)
    values = options.get("values")
    return OverlayLayer(
        name,
        kind,
        [[] if ring and ring[0] and ring[0][0] != ring[0][0] else ring for ring in rings],
        colors[:1] if len(set(colors)) <= 1 else colors,
        style,
        None if names is None or kind == "text" else [_text(one) for one in names],
        None if values is None else [_finite(v) for v in as_item_values(values, count).tolist()],
    )


def _rings(canvas: Canvas, part: Any, kind: str) -> list[Ring]:
    x, y = canvas.to_svg(*read_columns(part, kind, "x, y"))
    edges = np.flatnonzero(np.diff(np.isfinite(x), prepend=False, append=False))
    runs = [slice(*edge) for edge in edges.reshape(-1, 2).tolist()]
    return [_plain(np.stack([x[run], y[run]], axis=1).ravel()) for run in runs]


def _contours(name: str, canvas: Canvas, data: Any, options: Options) -> OverlayLayer:
    array, color_of = read_field(data, options)
    layer = OverlayLayer(
        name, "contour", [], [], {"width": check_positive("width", options["width"])}
    )
    texts: list[Any] = []
    layer.names, layer.values = [], []
    levels = resolve_levels(options["levels"], array)
    for contour in find_contours(array, levels, (canvas.rows, canvas.columns)):
        rings = []
        for line in contour.lines:
            points = np.stack([line[:, 0], canvas.flip(line[:, 1])], axis=1)
            rings.append(_plain(points.ravel()))
        layer.shapes.append(rings)
        layer.colors.append(_css(color_of(contour)))
        layer.names.append(f"{contour.level:.10g}")
        layer.values.append(contour.level)
        if options["text"]:
            vertex = find_middle_of_longest(contour.lines)
            texts.append([float(vertex[0]), float(canvas.flip(vertex[1:])[0]), layer.names[-1]])
    if texts:
        layer.style |= {"written": texts, "size": options["size"]}
    return layer


def _values(name: str, canvas: Canvas, data: Any, options: Options) -> OverlayLayer:
    """Return texts in the samples."""
    values = as_values(data)
    array = to_numpy(values)
    if array.shape != (canvas.rows, canvas.columns):
        raise ValueError(
            f"values must have the image's shape {(canvas.rows, canvas.columns)}, "
            f"but got {array.shape}"
        )
    texts = format_values(values, options["format"])
    longest = max((len(text) for text in texts if text), default=1)
    y, x = (axis.ravel() + 0.5 for axis in np.indices(array.shape))
    pairs = zip(_plain(x), _plain(canvas.flip(y)), strict=True)
    size = min(0.5, 1.5 / max(longest, 2)) if options["size"] is None else options["size"]
    color = "#ffffff" if options["color"] is None else _css(as_svg_color(options["color"]))
    style: Options = {"size": size, "anchor": "middle", "texts": texts}
    return OverlayLayer(name, "text", [[[px, py]] for px, py in pairs], [color], style)


def _css(color: Color) -> str:
    return as_css((color.red, color.green, color.blue, round(255 * color.opacity)))


def _plain(values: Array) -> list[float]:
    found: list[float] = (np.round(np.clip(values, -1e9, 1e9), 3) + 0.0).tolist()
    return found


def _text(value: Any) -> str | None:
    return None if value is None else replace_surrogates(value)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
