"""The state of a view, in the array's own counting, to a page's state and back.

Rows and columns count as the array's do; a page's y goes down from the top as it is shown. Not
here: which of a page's messages make sense (`nbimage.view.live.messages`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.base.scalars import as_index
from nbimage.view.model.images import Image
from nbimage.view.project.projections import (
    KINDS,
    Along,
    along_axes,
    describe_projections,
    resolve_projections,
)
from nbimage.view.shapes.page_shapes import as_page_shapes, describe_page_shapes

PICTURED_MODES = ("side", "swipe", "blink")
"""Those that need no values."""
MODES = (*PICTURED_MODES, "difference", "absolute", "relative", "ssim", "flip")
_OTHER_MODES = {"flicker": "blink"}
"""Other names of modes."""
PANELS = ("contrast", "layers", "measure", "compare")
DEFAULTS: dict[str, Any] = {
    "index": {},
    "viewport": None,
    "cursor": None,
    "mode": "side",
    "pair": None,
    "swipe": 0.5,
    "rate": 2.0,
    "linked": None,
    "projections": {},
    "panels": None,
    "axes": False,
    "tip": False,
    "invert": False,
    "displays": None,
    "shapes": (),
    "selected": "",
    "layers": None,
    "image": {},
}
_DIGITS = 6  # of a sample, to which positions between samples are kept
Span = tuple[float, float]
PageState = dict[str, Any]
"""The state as a page has it, or some keys of it; its types are in ``types.js``."""


@dataclass(frozen=True, slots=True, eq=False)
class FirstState:
    """What ``state=`` asks for, resolved."""

    page: PageState
    """As the page takes it, but for the display settings."""
    index: tuple[Along, ...]
    """Along the further axes, with what is projected."""
    mode: str
    linked: bool | None
    """Whether all images have the same display settings; None: as the view's parameters say."""
    invert: Any
    """A bool for all images, or one each."""
    displays: Any
    """Display settings, as yet unchecked; None: the view's parameters say them."""
    layers: Any = None
    """Of each layer what is asked for, as yet unchecked."""


def resolve_state(state: Any, images: Sequence[Image], *, midway: bool = False) -> FirstState:
    """Resolve ``state=``. Raises TypeError or ValueError for what does not fit the data.

    ``midway``: the index along the last axis is its middle unless asked otherwise.
    """
    if state is None:
        state = {}
    if not isinstance(state, Mapping):
        raise TypeError(f"state must be a dict, but got {state!r:.60}")
    for key in state:
        if key not in DEFAULTS:
            raise ValueError(f"state must have keys of {', '.join(DEFAULTS)}, but got {key!r}")
    asked = {**DEFAULTS, **state}
    stack = images[0].stack
    shape, upward = (stack.rows, stack.columns), stack.upward
    index = _resolve_index(asked["index"], images[0], midway)
    viewport = _as_spans("viewport", asked["viewport"], shape)
    cursor = _as_sample("cursor", asked["cursor"], shape)
    mode = asked["mode"]
    mode = _OTHER_MODES.get(mode, mode) if isinstance(mode, str) else mode
    if not isinstance(mode, str) or mode not in MODES or (mode != "side" and len(images) < 2):
        known = ", ".join(MODES) if len(images) > 1 else "side, where nothing is compared"
        raise ValueError(f"state['mode'] must be one of {known}, but got {mode!r}")
    linked = None if asked["linked"] is None else _as_bool("linked", asked["linked"])
    kinds = [] if midway else shared_kinds(images)
    find = functools.partial(stack.find, "state['projections']")
    projections = resolve_projections(asked["projections"], stack.names, stack.sizes, find, kinds)
    shapes = as_page_shapes(asked["shapes"], stack)
    page = {
        "index": list(index),
        "projections": projections,
        "viewport": _page_box(viewport, stack.rows, upward),
        "cursor": cursor and {"x": cursor[1], "y": _flip(cursor[0], stack.rows, upward)},
        "mode": mode,
        "pair": list(_resolve_pair(asked["pair"], images)),
        "swipe": _as_number("swipe", asked["swipe"], 0, 1),
        "rate": _as_number("rate", asked["rate"], 0.1, 60),
        "tool": "move",
        "panels": _resolve_panels(asked["panels"], len(images), bool(shapes)),
        "axes": _as_bool("axes", asked["axes"]),
        "tip": _as_bool("tip", asked["tip"]),
        "active": 0,
        "playing": -1,
        "shapes": shapes,
        "selected": _as_selected(asked["selected"], shapes),
        "image": _resolve_image(asked["image"]),
    }
    shown = along_axes(index, projections)
    more = asked["invert"], asked["displays"], asked["layers"]
    return FirstState(page, shown, mode, linked, *more)


def shared_kinds(images: Sequence[Image]) -> list[str]:
    """Return which projections the values of all images have."""
    return [kind for kind in KINDS if all(kind in image.kinds for image in images)]


def _resolve_panels(panels: Any, images: int, measured: bool) -> list[str]:
    """Return the panels that are open: by default those of what is compared or measured."""
    if panels is None:
        return ["compare"] * (images > 1) + ["measure"] * measured
    known = ", ".join(PANELS)
    if isinstance(panels, str) or not isinstance(panels, Sequence):
        raise TypeError(f"state['panels'] must be a list of any of {known}, but got {panels!r:.60}")
    for name in panels:
        if not isinstance(name, str) or name not in PANELS:
            raise ValueError(f"state['panels'] must be of {known}, but got {name!r:.60}")
    return list(dict.fromkeys(panels))


def _as_bool(name: str, given: Any) -> bool:
    if not (isinstance(given, (int, np.bool_)) and given in (0, 1)):
        raise TypeError(f"state[{name!r}] must be True or False, but got {given!r:.60}")
    return bool(given)


def _resolve_image(asked: Any) -> dict[str, Any]:
    """Return how the images below the layers are seen."""
    if not isinstance(asked, Mapping) or not set(asked) <= {"visible", "opacity"}:
        raise TypeError(
            f"state['image'] must be a dict of visible and opacity, but got {asked!r:.60}"
        )
    return {
        "visible": _as_bool("image", asked.get("visible", True)),
        "opacity": _as_number("image", asked.get("opacity", 1), 0, 1),
    }


def _as_selected(asked: Any, shapes: Sequence[Mapping[str, Any]]) -> str:
    """Return the id of the selected shape; "" for none."""
    if asked is None or (isinstance(asked, str) and not asked):
        return ""
    if not any(isinstance(asked, str) and one["id"] == asked for one in shapes):
        raise ValueError(f"state['selected'] must be the id of a shape, but got {asked!r:.60}")
    return str(asked)


def describe_state(page: PageState, images: Sequence[Image]) -> dict[str, Any]:
    """Return a page's state as ``state=`` takes it, of plain lists, numbers and words.

    Without the display settings, which `display_settings` describes.
    """
    stack = images[0].stack
    shape, upward = (stack.rows, stack.columns), stack.upward
    ids = [shape["id"] for shape in page["shapes"]]
    return {
        "index": dict(zip(stack.names, page["index"], strict=True)),
        "viewport": _describe_box(page["viewport"], shape, upward),
        "cursor": describe_cursor(page["cursor"], images[0]),
        "mode": page["mode"],
        "axes": page["axes"],
        "pair": list(page["pair"]),
        "swipe": page["swipe"],
        "rate": page["rate"],
        "linked": page["linked"],
        "projections": describe_projections(page["projections"], stack.names),
        "panels": list(page["panels"]),
        "tip": page["tip"],
        "shapes": [shape.to_dict() for shape in describe_page_shapes(page["shapes"], stack)],
        "selected": page["selected"] if page["selected"] in ids else "",
        "image": dict(page["image"]),
    }


def describe_cursor(cursor: Mapping[str, int] | None, image: Image) -> list[int] | None:
    """Return a page's cursor as row and column."""
    stack = image.stack
    if cursor is None:
        return None
    return [_flip(cursor["y"], stack.rows, stack.upward), cursor["x"]]


def viewport_slices(page_box: Mapping[str, float] | None, image: Image) -> tuple[slice, slice]:
    """Return the rows and columns that a page's box touches, one at least; all for None."""
    stack = image.stack
    if page_box is None:
        return slice(0, stack.rows), slice(0, stack.columns)
    top, bottom = page_box["y0"], page_box["y1"]
    if stack.upward:
        top, bottom = stack.rows - bottom, stack.rows - top
    rows = touched_samples(top, bottom, stack.rows)
    columns = touched_samples(page_box["x0"], page_box["x1"], stack.columns)
    return slice(*rows), slice(*columns)


def touched_samples(start: float, stop: float, size: int) -> tuple[int, int]:
    """Return the samples that a span touches: one at least."""
    first = min(max(math.floor(start + 1e-6), 0), size - 1)
    return first, min(max(math.ceil(stop - 1e-6), first + 1), size)


def _resolve_index(asked: Any, image: Image, midway: bool) -> tuple[int, ...]:
    stack = image.stack
    if not isinstance(asked, Mapping):
        raise TypeError(f"state['index'] must be a dict {{axis: index}}, but got {asked!r}")
    index = [0] * len(stack.sizes)
    if midway:
        index[-1] = stack.sizes[-1] // 2
    own = dict(stack.metadata.first)
    for number, (name, size) in enumerate(zip(stack.names, stack.sizes, strict=True)):
        if name in own:  # as the file asks for
            index[number] = min(own[name], size - 1)
    for axis, i in asked.items():
        number = stack.find("state['index']", axis)
        name, size = stack.names[number], stack.sizes[number]
        index[number] = as_index(f"state['index'][{name!r}]", i, size)
    return tuple(index)


def _resolve_pair(asked: Any, images: Sequence[Image]) -> tuple[int, int]:
    if asked is None:
        return 0, min(1, len(images) - 1)
    names = [image.name for image in images]
    numbers = [
        _as_index("pair", one, names) for one in _as_pair("pair", asked, "two names or numbers")
    ]
    return numbers[0], numbers[1]


# Values of ``state=``, with errors that name the key


def _as_number(key: str, value: Any, low: float, high: float) -> float:
    """Return a number within a range."""
    try:
        number = math.nan if isinstance(value, (bool, str)) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high:
        raise ValueError(f"state[{key!r}] must be from {low:g} to {high:g}, but got {value!r}")
    return number


def _as_pair(key: str, value: Any, words: str) -> tuple[Any, Any]:
    """Return two values."""
    if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence) or len(value) != 2:
        raise TypeError(f"state[{key!r}] must be {words}, but got {value!r}")
    return value[0], value[1]


def _as_index(key: str, value: Any, names: Sequence[str]) -> int:
    """Return the number of one of several names, given by the name or the number."""
    if not isinstance(value, str):
        return as_index(f"state[{key!r}]", value, len(names))
    if value not in names:
        known = ", ".join(map(repr, names))
        raise ValueError(f"state[{key!r}] must be two of {known}, but got {value!r}")
    return list(names).index(value)


def _as_sample(key: str, value: Any, shape: tuple[int, int]) -> tuple[int, int] | None:
    """Return a sample's row and column."""
    if value is None:
        return None
    row, column = _as_pair(key, value, "(row, column)")
    what = f"state[{key!r}]"
    return as_index(what, row, shape[0]), as_index(what, column, shape[1])


def _as_spans(key: str, value: Any, shape: tuple[int, int]) -> tuple[Span, Span] | None:
    """Return rows and columns from and to: slices, or pairs of which an end may be a float.

    With a float they are positions between samples, within the image or not; else whole samples
    of it.
    """
    if value is None:
        return None
    rows, columns = _as_pair(key, value, "(rows, columns), two slices")
    return _as_span(key, rows, shape[0]), _as_span(key, columns, shape[1])


def _as_span(key: str, value: Any, size: int) -> Span:
    span = value
    if isinstance(value, (tuple, list)) and len(value) == 2:
        if any(isinstance(end, float) for end in value):
            return _as_positions(key, value)
        span = slice(*value)
    if not isinstance(span, slice) or span.step not in (None, 1):
        raise TypeError(
            f"state[{key!r}] must be (rows, columns), two slices without a step, but got {value!r}"
        )
    try:
        start, stop, _ = span.indices(size)
    except TypeError:
        raise TypeError(f"state[{key!r}] must be of whole numbers, but got {value!r}") from None
    for end in (span.start, span.stop):
        if end is not None and not -size <= end <= size:
            raise ValueError(f"state[{key!r}] must lie within 0 to {size}, but got {value!r}")
    if start >= stop:
        raise ValueError(f"state[{key!r}] must hold at least one row or column, but got {value!r}")
    return start, stop


def _as_positions(key: str, value: Any) -> Span:
    start, stop = (_as_number(key, end, -1e9, 1e9) for end in value)
    if start >= stop:
        raise ValueError(f"state[{key!r}] must begin before it ends, but got {value!r}")
    return start, stop


# Between the array's own counting and the page's


def _flip(row: Any, rows: int, upward: bool) -> Any:
    """Return a row as counted from the top, or back."""
    return rows - 1 - row if upward else row


def _round(position: float) -> float:
    return round(position, _DIGITS)


def _page_box(spans: tuple[Span, Span] | None, rows: int, upward: bool) -> dict[str, float] | None:
    if spans is None:
        return None
    (top, bottom), (left, right) = spans
    if upward:
        top, bottom = rows - bottom, rows - top
    return {"x0": left, "y0": top, "x1": right, "y1": bottom}


def _describe_box(
    box: Mapping[str, float] | None, shape: tuple[int, int], upward: bool
) -> list[list[int]] | list[list[float]] | None:
    """Return rows and columns from and to: whole ones of the image, or positions."""
    if box is None:
        return None
    top, bottom, rows = box["y0"], box["y1"], shape[0]
    if upward:
        top, bottom = rows - bottom, rows - top
    spans = [[_round(top), _round(bottom)], [_round(box["x0"]), _round(box["x1"])]]
    inside = all(0 <= end <= size for span, size in zip(spans, shape, strict=True) for end in span)
    if inside and all(float(end).is_integer() for span in spans for end in span):
        return [[int(end) for end in span] for span in spans]
    return [[float(end) for end in span] for span in spans]
