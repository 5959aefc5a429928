"""Overlays from arrays of the picture's shape: masks, labels, contours.

Numbers in cells are in `overlay_values`; points, lines, boxes and texts in `overlay`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage.arrays.ingest import as_values
from nbimage.base.chunked import Array
from nbimage.codecs.png import encode_png
from nbimage.figure.overlay_canvas import Canvas, Options, path_data, to_numpy
from nbimage.figure.overlay_contours import (
    find_contours,
    find_middle_of_longest,
    read_field,
    resolve_levels,
)
from nbimage.mapping.area_mean import factors_for
from nbimage.mapping.colormap import label_index, label_palette
from nbimage.page import svg_primitives as shapes
from nbimage.page.page_size import MAX_SIDE


def _image(data: Any, kind: str, dtypes: str, wanted: str, canvas: Canvas) -> tuple[Array, Any]:
    """Return a raster of the picture's shape and its mask, the top row first."""
    values = as_values(data)
    array = to_numpy(values)
    if array.dtype.kind not in dtypes:
        raise TypeError(f"{kind} must be {wanted}, but got {values.dtype}")
    if array.shape != (canvas.rows, canvas.columns):
        raise ValueError(
            f"{kind} must have the picture's shape {(canvas.rows, canvas.columns)}, "
            f"but got {array.shape}"
        )
    rows = slice(None, None, -1 if canvas.lower else 1)
    return array[rows], None if values.mask is None else values.mask[rows]


def draw_mask(canvas: Canvas, data: Any, options: Options) -> str:
    """Draw a mask in one color."""
    array, missing = _image(data, "mask", "b", "bool, such as data > 0", canvas)
    color = shapes.as_svg_color(options["color"])
    indices = (array if missing is None else array & ~missing).astype(np.uint8)
    palette = np.array([(0, 0, 0, 0), (color.red, color.green, color.blue, 255)], np.uint8)
    png = encode_png(_within_limits(indices), palette=palette)
    return shapes.draw_raster(png, canvas.columns, canvas.rows, options["alpha"], color.opacity)


def draw_labels(canvas: Canvas, data: Any, options: Options) -> str:
    """Draw labels in their colors."""
    array, missing = _image(data, "labels", "iu", "integers, 0 where there is none", canvas)
    palette = label_palette(options["cmap"])
    indices = label_index(array, len(palette) - 1)
    if missing is not None:
        indices[missing] = 0
    indices = _within_limits(indices)
    png = encode_png(indices, palette=palette[: int(indices.max()) + 1])
    return shapes.draw_raster(png, canvas.columns, canvas.rows, options["alpha"])


def _within_limits(indices: Array) -> Array:
    """Return colors' numbers in no more rows and columns than browsers show; 0 gives way."""
    for axis, factor in enumerate(factors_for(indices.shape, pixels=np.inf, side=MAX_SIDE)):
        if factor > 1:
            starts = np.arange(0, indices.shape[axis], factor)
            indices = np.maximum.reduceat(indices, starts, axis=axis)
    return indices


def draw_contours(canvas: Canvas, data: Any, options: Options) -> str:
    """Draw contour lines, with their levels' values if asked for."""
    size = canvas.text_size if options["size"] is None else options["size"]
    array, color_of = read_field(data, options)
    lines, texts = [], []
    levels = resolve_levels(options["levels"], array)
    for contour in find_contours(array, levels, (canvas.rows, canvas.columns)):
        color = color_of(contour)
        paths_data = [path_data(line[:, 0], canvas.flip(line[:, 1])) for line in contour.lines]
        lines.append(shapes.draw_paths(paths_data, color, options["width"]))
        if options["text"]:
            vertex = find_middle_of_longest(contour.lines)
            x, y = float(vertex[0]), float(canvas.flip(vertex[1:])[0])
            texts.append(shapes.draw_texts([(x, y, f"{contour.level:.10g}")], color, size))
    return "".join(lines + texts)
