"""What is seen of a view as pictures and figures, drawn in Python from the view's state.

Not here: how a page draws it (``page/js/view/figure/save.js``, and ``viewer/pane.js``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import Metadata
from nbimage.base.atomic import write_file
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.codecs.png import encode_png
from nbimage.export.drawing import fit_pixels, scale_size
from nbimage.figure.page_coordinate import PageCoordinate
from nbimage.mapping.alpha import as_colors
from nbimage.mapping.channels.blend import describe_channels
from nbimage.mapping.channels.layers import composite
from nbimage.mapping.value_scale import ValueScale
from nbimage.picture import Picture, make_picture
from nbimage.pyramid.core.units import LENGTHS, short_unit
from nbimage.view.model.display_settings import display_palette, limits_scale
from nbimage.view.model.layers.layer_pictures import Part, draw_layers, lay_over
from nbimage.view.model.view_model import ViewModel
from nbimage.view.model.view_state import touched_samples

if TYPE_CHECKING:
    from nbimage.export.drawing import Drawing
    from nbimage.grids.grid import Grid

_ARC = (("°", 1.0), ("\u2032", 60.0), ("\u2033", 3600.0), ("mas", 3.6e6))
_YELLOW = "#ffd400"
_EXACT = 1e-6


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is seen of an image: its samples, and where they lie."""

    values: Values
    left: float
    """Of the first column's left edge, in samples of the image."""
    top: float
    size: float
    """Samples of the image along a side of one of these."""
    width: float
    """CSS pixels."""


def make_shown_picture(model: ViewModel, number: int, scale: float | None) -> Picture:
    """Return what is seen of an image, in its limits and colors, every sample of it.

    ``scale``: CSS pixels a sample, where a page has said it.
    """
    shown = _find_shown(model, number, scale, None)
    picture = _make_picture(model, number, shown.values)
    _lay_over(model, number, shown, picture)
    return picture


def make_shown_figure(
    model: ViewModel, scale: float | None, ratio: float, *, plain: bool = False
) -> Picture | Grid:
    """Return what is seen with all that stands around it and over it, or (``plain``) without.

    Parameters
    ----------
    model : ViewModel
        The view.
    scale : float, optional
        CSS pixels a sample, where a page has said it.
    ratio : float
        Pixels of a file that are one CSS pixel.
    plain : bool
        The picture alone.
    """
    layout = model.config["layout"]
    count = len(model.images) if layout == "compare" else 1
    pictures = [_draw(model, i, scale, ratio, plain, count == 1) for i in range(count)]
    if count == 1:
        return pictures[0]
    from nbimage.grids.grid import Grid

    titles = [image.name for image in model.images]
    columns = model.config["columns"] or None
    title = model.title or None
    return Grid(pictures, titles, columns=columns, shared=False, title=title)


def make_drawing(shown: Picture | Grid) -> Drawing:
    """Return the drawing of a figure, of one picture or several."""
    drawing: Drawing = shown._draw()
    return drawing


def draw_drawing(drawing: Drawing, scale: float) -> Array:
    """Return a drawing's pixels, so many a CSS pixel."""
    from nbimage.export.raster import draw_pixels, warn_of_missing_letters

    warn_of_missing_letters(drawing)
    return draw_pixels(drawing, scale)


def save_shown(shown: Picture | Grid, path: str, *, figure: bool, scale: float) -> Path:
    """Write what is seen to a file, by its suffix; raise ValueError for several panes as SVG."""
    if isinstance(shown, Picture):
        if not figure and path.lower().endswith(".png"):
            size = scale_size(shown.width, shown.height, scale)
            pixels = fit_pixels(shown.render(), *size, labels=shown.labels)
            return write_file(path, encode_png(pixels))
        return shown.save(path, figure=True, scale=scale)
    if path.lower().endswith(".svg"):
        raise ValueError(f"several panes are saved as .png or .pdf, but got {path!r}")
    found = shown.save(path, figure=True, scale=scale)
    return found if isinstance(found, Path) else found[0]


def _draw(
    model: ViewModel, number: int, scale: float | None, ratio: float, plain: bool, alone: bool
) -> Picture:
    shown = _find_shown(model, number, scale, ratio)
    if plain:
        picture = _make_picture(model, number, shown.values, width=shown.width)
        _lay_over(model, number, shown, picture)
        return picture
    image = model.images[number]
    options: dict[str, Any] = {"width": shown.width, "colorbar": image.stack.label or True}
    if alone and model.title:
        options["title"] = model.title
    if image.kind != "gray" or model.label_colors(number) is not None:
        options["colorbar"] = False
    rows, columns = _picture_shape(shown.values, image.stack.channel_axis)
    along = image.stack.page_coordinates()
    overlay = _find_overlay(model, shown) if number == 0 else []
    if model.state.get("axes"):
        sides = zip("xy", along, (shown.left, shown.top), (columns, rows), strict=True)
        for side, known, first, count in sides:
            options[side] = _find_ticks(known, first, shown.size, count)
            if known is not None:
                unit = known["unit"]
                options[f"{side}label"] = f"{known['label']} [{unit}]" if unit else known["label"]
        if overlay and not all(_is_line(known) for known in along):
            options |= {"x": True, "y": True, "xlabel": None, "ylabel": None}
        elif overlay:
            overlay = [_move(item, along, shown) for item in overlay]
    options |= _find_scale_bar(model, number, shown)
    if overlay:
        options["overlay"] = overlay
    picture = _make_picture(model, number, shown.values, **options)
    _lay_over(model, number, shown, picture)
    return picture


def _lay_over(model: ViewModel, number: int, shown: _Shown, picture: Picture) -> None:
    """Lay the view's layers over a picture."""
    if model.layers:
        rows, columns = _picture_shape(shown.values, model.images[number].stack.channel_axis)
        part = Part(shown.left, shown.top, shown.size, rows, columns)
        states, index = model.state["layers"], model.shown_index
        size = 13 * columns / picture.width
        image = model.state["image"]
        veil = 1 - image["opacity"] * image["visible"]
        lay_over(picture, draw_layers(model.layers, states, number, index, part, size, veil))


def _find_shown(model: ViewModel, number: int, scale: float | None, ratio: float | None) -> _Shown:
    """Return what is seen of an image; ``ratio``: as a page draws it, pixel for pixel if enlarged.

    Without a ratio whole samples, of the level that a page shows.
    """
    stack, config = model.images[number].stack, model.config
    columns, rows = float(stack.columns), float(stack.rows)
    box = model.state["viewport"] or {"x0": 0.0, "y0": 0.0, "x1": columns, "y1": rows}
    wide, high = box["x1"] - box["x0"], box["y1"] - box["y0"]
    zoom = scale or min(config["width"] / wide, config["height"] / high)
    if ratio is not None:  # a page fills its stage
        middle = (box["x0"] + box["x1"]) / 2, (box["y0"] + box["y1"]) / 2
        share = max(1, config["columns"] or len(model.images)) if len(model.images) > 1 else 1
        half = config["width"] / share / zoom / 2, config["height"] / zoom / 2
        box = {
            "x0": max(0.0, min(box["x0"], middle[0] - half[0])),
            "y0": max(0.0, min(box["y0"], middle[1] - half[1])),
            "x1": min(columns, max(box["x1"], middle[0] + half[0])),
            "y1": min(rows, max(box["y1"], middle[1] + half[1])),
        }
    drawn = zoom * (ratio or 1)
    tiled = model.tiled
    level = 0
    if tiled:
        level = min(max(0, math.floor(math.log2(1 / drawn) + _EXACT)), tiled[number].coarsest)
    size = 1 << level
    tall, broad = tiled[number].level_shape(level) if tiled else (stack.rows, stack.columns)
    top, bottom = touched_samples(box["y0"] / size, box["y1"] / size, tall)
    left, right = touched_samples(box["x0"] / size, box["x1"] / size, broad)
    values = _read(model, number, level, Box(top, bottom, left, right))
    if ratio is None or drawn * size < 1:
        return _Shown(values, left * size, top * size, size, (right - left) * size * zoom)
    whole = all(abs(end - round(end)) < _EXACT for end in box.values())
    if whole and not level:
        return _Shown(values, left, top, 1, (right - left) * zoom)
    # the samples at the centers of pixels, some of which are cut
    picked = []
    for first, last, at, count in (
        (box["y0"], box["y1"], top * size, bottom - top),
        (box["x0"], box["x1"], left * size, right - left),
    ):
        pixels = max(1, round((last - first) * drawn))
        centers = first + (np.arange(pixels) + 0.5) / drawn
        picked.append(np.clip(np.floor((centers - at) / size), 0, count - 1).astype(np.intp))
    values = _pick(values, picked[0], picked[1], stack.channel_axis)
    return _Shown(values, box["x0"], box["y0"], 1 / drawn, len(picked[1]) * zoom / drawn)


def _read(model: ViewModel, number: int, level: int, box: Box) -> Values:
    """Return samples from the top as shown."""
    image, index = model.images[number], model.shown_index
    stack, tiled = image.stack, model.tiled
    if tiled:
        array = tiled[number].read(level, box, index)
        if not image.labels:
            return Values(array)
        return tiled[number].as_values(array, index, Metadata(labels=True))
    plane = stack.plane(index)
    rows = np.arange(*box.slices[0].indices(stack.rows))
    if stack.upward:
        rows = stack.rows - 1 - rows
    columns = np.arange(*box.slices[1].indices(stack.columns))
    kept = Metadata(labels=plane.metadata.labels, dtype=plane.metadata.dtype)
    plane = replace(plane, metadata=kept)
    return _pick(plane, rows, columns, stack.channel_axis)


def _pick(values: Values, rows: Array, columns: Array, axis: int | None) -> Values:
    """Return some rows and columns of a picture."""
    sides = [side for side in range(len(values.shape)) if side != axis]

    def take(array: Any) -> Array:
        host = array.host() if hasattr(array, "host") else np.asarray(array)
        return np.take(np.take(host, rows, sides[0]), columns, sides[1])

    mask = values.mask
    if mask is not None:
        mask = take(mask) if mask.ndim == len(values.shape) else mask[np.ix_(rows, columns)]
    return replace(values, array=take(values.array), mask=mask)


def _picture_shape(values: Values, axis: int | None) -> tuple[int, int]:
    rows, columns = (n for side, n in enumerate(values.shape) if side != axis)
    return rows, columns


def _make_picture(model: ViewModel, number: int, values: Values, **options: Any) -> Picture:
    """Return the picture of an image's samples, in the present display settings."""
    image, limits = model.images[number], model.limits(number)
    quiet: dict[str, Any] = {"x": False, "y": False, "colorbar": False, **options}
    quiet["background"] = model.background
    axis = image.stack.channel_axis
    if image.kind == "composite":
        colors = model.lit_channels(number)
        shown = composite(values, axis, colors, limits)
        picture = make_picture(shown, ValueScale(channel_axis=2), **quiet)
        if options:
            dtype = values.dtype or str(values.array.dtype)
            picture._show_channels(describe_channels(colors, limits, dtype))
        return picture
    labels = model.label_colors(number)
    if labels is not None and axis is None:
        return make_picture(values, ValueScale(), cmap=labels[1:], labels=True, **quiet)
    gray = image.kind == "gray"
    cmap = display_palette(model.display(number), model.config["palettes"]) if gray else None
    scale = limits_scale(limits[0])._replace(channel_axis=axis)
    values = replace(as_colors(values, axis), opaque=image.opaque)
    return make_picture(values, scale, cmap=cmap, **quiet)


# What stands around it and over it


def _is_line(known: PageCoordinate | None) -> bool:
    return known is None or "step" in known


def _find_ticks(known: PageCoordinate | None, first: float, size: float, count: int) -> Any:
    """Return the coordinates of so many columns or rows, from an edge in samples on."""
    centers = first + (np.arange(count) + 0.5) * size - 0.5
    if known is None:
        return centers
    if "step" in known:
        return known["first"] + known["step"] * centers
    texts = known["texts"]
    return [texts[min(max(round(at), 0), len(texts) - 1)] for at in centers]


def _find_scale_bar(model: ViewModel, number: int, shown: _Shown) -> dict[str, Any]:
    """Return the size of a pixel and its unit; nothing where they are unknown."""
    image = model.images[number]
    x, _ = image.stack.page_coordinates()
    if x is not None and "step" in x and short_unit(x["unit"]) in LENGTHS:
        return {"pixel_size": abs(x["step"]) * shown.size, "unit": short_unit(x["unit"])}
    if image.world is None or image.world.parts[0].kind != "sky":
        return {"pixel_size": False}
    rows, columns = _picture_shape(shown.values, image.stack.channel_axis)
    at = shown.left + columns * shown.size / 2, shown.top + rows * shown.size / 2
    ends = image.world.vectors(np.array([at[0] - 1, at[0]]), np.array([at[1] - 0.5] * 2))[:, :3]
    step = math.degrees(float(np.linalg.norm(ends[1] - ends[0]))) * shown.size
    if not 0 < step < 90:
        return {"pixel_size": False}
    whole = step * columns * 0.3
    unit, factor = next((one for one in _ARC if whole * one[1] >= 1), _ARC[-1])
    return {"pixel_size": step * factor, "unit": unit}


def _find_overlay(model: ViewModel, shown: _Shown) -> list[Any]:
    """Return what was drawn on the image, in pixels of the picture."""
    items: list[Any] = []
    here = model.shown_index
    for shape in model.state.get("shapes") or ():
        plane = shape.get("plane") or [-1] * len(here)
        if any(at not in (-1, own) for at, own in zip(plane, here, strict=True)):
            continue
        color = shape.get("color") or _YELLOW
        points = [
            ((at["x"] - shown.left) / shown.size - 0.5, (at["y"] - shown.top) / shown.size - 0.5)
            for at in shape.get("points", ())
        ]
        kind = shape.get("kind")
        if kind == "point":
            items.append(("points", points, color))
        elif kind in ("line", "freehand"):
            items.append(("line", points, color))
        elif kind == "box" and len(points) == 2:
            (x0, y0), (x1, y1) = points
            items.append(("polygon", [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], color))
        elif kind == "ellipse" and len(points) == 2:
            (x0, y0), (x1, y1) = points
            turn = np.linspace(0, 2 * np.pi, 73)[:-1]
            x = (x0 + x1) / 2 + abs(x1 - x0) / 2 * np.cos(turn)
            y = (y0 + y1) / 2 + abs(y1 - y0) / 2 * np.sin(turn)
            items.append(("polygon", list(zip(x.tolist(), y.tolist(), strict=True)), color))
        elif kind == "polygon":
            items.append(("polygon", points, color))
    return items


def _move(item: Any, along: tuple[PageCoordinate | None, ...], shown: _Shown) -> Any:
    """Return an overlay in the coordinates of the axes."""

    def convert(point: Any) -> Any:
        if isinstance(point, list):
            return [convert(one) for one in point]
        moved = []
        for at, known, first in zip(point, along, (shown.left, shown.top), strict=True):
            index = first + (at + 0.5) * shown.size - 0.5
            moved.append(index if known is None else known["first"] + known["step"] * index)
        return tuple(moved)

    kind, points, color = item
    return kind, convert(points), color
