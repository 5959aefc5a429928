"""Layers over a picture of what is seen: where scripts do not run, in snapshots and figures.

The page draws the same by ``page/js/view/layers``. Not here: pictures' own overlays
(`nbimage.figure.overlay`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.codecs.png import encode_png
from nbimage.page import svg_primitives as shapes
from nbimage.picture import Picture
from nbimage.view.model.layers.label_colors import label_colors
from nbimage.view.model.layers.label_layer import LabelLayer
from nbimage.view.model.layers.layer_config import LayerState
from nbimage.view.model.layers.overlay_layer import Layer, OverlayLayer, Ring
from nbimage.view.model.stack import on_host
from nbimage.view.model.tiled_image import TiledStack
from nbimage.view.project.projections import Along

DIMMED = 0.25
"""What is left of the opacity of labels while another one is picked."""


class Part(NamedTuple):
    """What a picture shows of an image, of which its own rows and columns are made."""

    left: float
    """Of the first column's left edge, in samples of the image."""
    top: float
    size: float
    """Samples of the image along a side of one of the picture's."""
    rows: int
    columns: int


def draw_layers(
    layers: Sequence[Layer],
    states: Sequence[LayerState],
    image: int,
    index: Sequence[Along],
    part: Part,
    text_size: float | None = None,
    veil: float = 0,
) -> str | None:
    """Return the visible layers over an image as an SVG document; None where there are none.

    Parameters
    ----------
    layers, states : sequence
        All of a view.
    image : int
        The number of the image.
    index : sequence
        Along the further axes; where planes are made one, label images of several have none.
    part : Part
        What is drawn of the image.
    text_size : float, optional
        The height of letters, in the picture's samples.
    veil : float
        The opacity of white between the image and its layers, 0 to 1.
    """
    rows, columns = part.rows, part.columns
    size = text_size or max(rows, columns) / 25
    drawn = []
    if veil:
        white = f'fill="#fff" fill-opacity="{shapes.number(veil)}"'
        drawn.append(f'<rect width="{columns}" height="{rows}" {white}/>')
    for layer, state in zip(layers, states, strict=True):
        if not state["visible"] or layer.image not in (-1, image):
            continue
        if isinstance(layer, OverlayLayer):
            drawn.append(_draw_overlay(layer, state, part, size))
        elif layer.lies_at(index):
            plain = [i if isinstance(i, int) else 0 for i in index]
            pixels = paint_labels(layer, state, read_labels(layer, plain, part))
            png = encode_png(pixels)
            drawn.append(shapes.draw_raster(png, columns, rows, state["opacity"]))
    return shapes.make_document(columns, rows, drawn) if drawn else None


def lay_over(picture: Picture, overlay: str | None) -> None:
    """Lay an SVG document over a picture, below what lies over it already."""
    above = picture._layout.overlay
    if overlay and above:
        overlay = overlay.removesuffix("</svg>") + above.partition(">")[2]
    overlay = overlay or above
    picture._layout = picture._layout.with_overlay(overlay)


def read_labels(layer: LabelLayer, index: Sequence[int], part: Part) -> Array:
    """Return the labels at the centers of samples, 0 where they are missing."""
    stack, (down, across) = layer.stack, layer.ratio
    plane = layer.plane_index(index)
    level = 0
    if isinstance(stack, TiledStack):
        level = max(0, math.floor(math.log2(max(1.0, part.size / max(down, across)))))
        level = min(level, stack.coarsest)
    high, wide = -(-stack.rows >> level), -(-stack.columns >> level)
    rows = _centers(part.top, part.size, part.rows, down * 2**level, high)
    columns = _centers(part.left, part.size, part.columns, across * 2**level, wide)
    if isinstance(stack, TiledStack):
        top, left = int(rows[0]), int(columns[0])
        box = Box(top, int(rows[-1]) + 1, left, int(columns[-1]) + 1)
        array = stack.read(level, box, plane)
        rows, columns, missing = rows - top, columns - left, None
    else:
        array, missing = on_host(stack.plane(plane), None)
        if layer.upside_down:
            array, missing = array[::-1], None if missing is None else missing[::-1]
    found: Array = array[np.ix_(rows, columns)]
    if found.dtype.kind == "f":
        found = np.where(np.isfinite(found), found, 0).astype(np.int64)
    if missing is not None:
        found = np.where(missing[np.ix_(rows, columns)], 0, found)
    return found


def _centers(first: float, size: float, count: int, each: float, most: int) -> Array:
    found = np.floor((first + (np.arange(count) + 0.5) * size) / each)
    centers: Array = np.clip(found, 0, most - 1).astype(np.intp)
    return centers


def paint_labels(layer: LabelLayer, state: LayerState, labels: Array) -> Array:
    """Return labels in their colors, RGBA, as opaque as a picked one is."""
    known, inverse = np.unique(labels, return_inverse=True)
    table = np.zeros((len(known), 4), np.uint8)
    color = label_colors(layer, state["by"], layer.facts.describe())
    for number, label in enumerate(known.tolist()):
        if label:
            table[number] = color(int(label))
    pixels: Array = table[inverse.reshape(labels.shape)]
    picked = state["picked"]
    shown = labels == int(picked) if picked is not None else np.zeros(labels.shape, bool)
    if picked is not None:
        pixels[~shown, 3] = np.round(pixels[~shown, 3] * DIMMED)
    if not state["fill"]:
        pixels[~_find_edges(labels)] = 0
    return pixels


def _find_edges(labels: Array) -> Array:
    """Return which samples have a neighbour of another label."""
    edges = np.zeros(labels.shape, bool)
    across, down = labels[:, 1:] != labels[:, :-1], labels[1:] != labels[:-1]
    edges[:, 1:] |= across
    edges[:, :-1] |= across
    edges[1:] |= down
    edges[:-1] |= down
    return edges


def _draw_overlay(layer: OverlayLayer, state: LayerState, part: Part, text_size: float) -> str:
    """Return an item of an overlay as SVG."""
    style, count = layer.style, len(layer.shapes)
    colors = layer.colors * count if len(layer.colors) == 1 else layer.colors

    def locate(ring: Ring) -> tuple[list[float], list[float]]:
        xs = [round((x - part.left) / part.size, 3) for x in ring[::2]]
        return xs, [round((y - part.top) / part.size, 3) for y in ring[1::2]]

    size = style.get("size")
    letters = text_size if size is None or layer.kind == "points" else size / part.size
    drawn = []
    for color, numbers in shapes.group_colors(colors, count) if count else []:
        some = [n for n in numbers if layer.shapes[n]]
        located = {n: [locate(ring) for ring in layer.shapes[n]] for n in some}
        if layer.kind == "points":
            xs, ys = ([shapes.number(located[n][0][i][0]) for n in some] for i in (0, 1))
            reach = part.columns + part.rows
            drawn.append(shapes.draw_markers(xs, ys, style["marker"], color, size, reach))
        elif layer.kind != "text":
            closed = layer.kind in ("polygon", "boxes")
            data = ["".join(_path(*ring, closed) for ring in located[n]) for n in some]
            fill = style.get("fill")
            paint = None if fill is None else shapes.as_svg_color(fill, "fill")
            alpha = style.get("alpha", 1.0)
            drawn.append(shapes.draw_paths(data, color, style["width"], fill=paint, alpha=alpha))
        texts = style.get("texts")
        if texts:
            where = [(located[n][0][0][0], located[n][0][1][0], texts[n]) for n in some]
            text_style: dict[str, Any] = {"anchor": "start", "shift": (0.5, 0.35)}
            if layer.kind == "text":
                text_style = {"anchor": style["anchor"]}
            elif layer.kind == "boxes":
                text_style = {"anchor": "start", "halo": color, "shift": (0.25, -0.4)}
                color = color.contrast
            drawn.append(shapes.draw_texts(where, color, letters, **text_style))
    for x, y, text in style.get("written", ()):
        (left,), (top,) = locate([x, y])
        drawn.append(shapes.draw_texts([(left, top, text)], shapes.WHITE, letters))
    opacity = state["opacity"]
    inner = "".join(drawn)
    return inner if opacity == 1 else f'<g opacity="{shapes.number(opacity)}">{inner}</g>'


def _path(xs: list[float], ys: list[float], closed: bool) -> str:
    texts = shapes.format_numbers(xs), shapes.format_numbers(ys)
    return shapes.path_data(*texts, closed=closed)
