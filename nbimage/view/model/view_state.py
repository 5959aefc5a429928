"""What an explorer begins with: a region, a place, a mode. From the array's own counting and back.

Rows and columns count as the array's do; a page's y goes down from the top as it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbimage.view.model.images import Image

MODES = ("side", "swipe", "flicker", "difference", "absolute")
_START: dict[str, Any] = {
    "plane": {},
    "region": None,
    "cursor": None,
    "line": None,
    "box": None,
    "mode": "side",
    "pair": None,
    "swipe": 0.5,
    "rate": 2.0,
    "contrast": False,
    "invert": False,
}
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """What an explorer begins with, resolved."""

    said: dict[str, Any]
    """As `View` takes it: complete, of plain lists, numbers and words."""
    told: dict[str, Any]
    """As the page takes it."""
    place: tuple[int, ...]
    """Along the further axes."""


def as_start(state: Any, images: Sequence[Image], *, midway: bool = False) -> Start:
    """Resolve ``state=``. Raises TypeError or ValueError for what does not fit the data.

    ``midway``: the place along the last axis is its middle unless asked otherwise.
    """
    if state is None:
        state = {}
    if not isinstance(state, Mapping):
        raise TypeError(f"state must be a dict, but got {str(state)[:60]!r}")
    for key in state:
        if key not in _START:
            raise ValueError(f"state must have keys of {', '.join(_START)}, but got {key!r}")
    asked = {**_START, **state}
    stack, lower = images[0].stack, images[0].stack.upward
    shape = stack.rows, stack.columns
    place = _place(asked["plane"], images[0], midway)
    region, box = (_spans(key, asked[key], shape) for key in ("region", "box"))
    line = _line(asked["line"], shape)
    cursor = _cursor(asked["cursor"], shape)
    mode = asked["mode"]
    if mode not in MODES or (mode != "side" and len(images) < 2):
        known = ", ".join(MODES) if len(images) > 1 else "side, where nothing is compared"
        raise ValueError(f"state['mode'] must be one of {known}, but got {mode!r}")
    pair = _pair(asked["pair"], images)
    swipe = _number("swipe", asked["swipe"], 0, 1)
    rate = _number("rate", asked["rate"], 0.1, 60)
    flags = {key: bool(asked[key]) for key in ("contrast", "invert")}
    said = {
        "plane": dict(zip(stack.names, place, strict=True)),
        "region": region and [list(span) for span in region],
        "cursor": cursor and list(cursor),
        "line": line and [list(end) for end in line],
        "box": box and [list(span) for span in box],
        "mode": mode,
        "pair": list(pair),
        "swipe": swipe,
        "rate": rate,
        **flags,
    }
    rows = stack.rows
    told = {
        "plane": list(place),
        "region": _box(region, rows, lower),
        "cursor": cursor and {"x": cursor[1], "y": _shown(cursor[0], rows, lower)},
        "mode": mode,
        "pair": list(pair),
        "swipe": swipe,
        "rate": rate,
        "tool": "move",
        "line": line and _ends(line, rows, lower),
        "box": _box(box, rows, lower),
        "contrast": flags["contrast"],
        "active": 0,
        "playing": -1,
        "shapes": [],
    }
    return Start(said, told, place)


def _place(asked: Any, image: Image, midway: bool) -> tuple[int, ...]:
    stack = image.stack
    if not isinstance(asked, Mapping):
        raise TypeError(f"state['plane'] must be a dict {{axis: index}}, but got {asked!r}")
    place = [0] * len(stack.sizes)
    if midway:
        place[-1] = stack.sizes[-1] // 2
    for axis, index in asked.items():
        number = stack.find("state['plane']", axis)
        name, size = stack.names[number], stack.sizes[number]
        place[number] = _index(f"state['plane'][{name!r}]", index, size)
    return tuple(place)


def _index(what: str, index: Any, size: int) -> int:
    """Return a place from 0 on; negative ones count from the end."""
    if isinstance(index, bool) or not hasattr(index, "__index__"):
        raise TypeError(f"{what} must be a whole number, but got {index!r}")
    if not -size <= index < size:
        raise ValueError(f"{what} must be below {size}, but got {index}")
    return int(index) % size


def _two(what: str, asked: Any, words: str) -> tuple[Any, Any]:
    if isinstance(asked, (str, Mapping)) or not isinstance(asked, Sequence) or len(asked) != 2:
        raise TypeError(f"state[{what!r}] must be {words}, but got {asked!r}")
    return asked[0], asked[1]


def _spans(what: str, asked: Any, shape: tuple[int, int]) -> tuple[Span, Span] | None:
    """Return rows and columns from and to."""
    if asked is None:
        return None
    rows, columns = _two(what, asked, "(rows, columns), two slices")
    return _span(what, rows, shape[0]), _span(what, columns, shape[1])


def _span(what: str, asked: Any, size: int) -> Span:
    found = asked
    if isinstance(asked, (tuple, list)) and len(asked) == 2:
        found = slice(*asked)
    if not isinstance(found, slice) or found.step not in (None, 1):
        raise TypeError(
            f"state[{what!r}] must be (rows, columns), two slices without a step, but got {asked!r}"
        )
    try:
        start, stop, _ = found.indices(size)
    except TypeError:
        raise TypeError(f"state[{what!r}] must be of whole numbers, but got {asked!r}") from None
    for end in (found.start, found.stop):
        if end is not None and not -size <= end <= size:
            raise ValueError(f"state[{what!r}] must lie within 0 to {size}, but got {asked!r}")
    if start >= stop:
        raise ValueError(f"state[{what!r}] must hold at least one row or column, but got {asked!r}")
    return start, stop


def _line(
    asked: Any, shape: tuple[int, int]
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    if asked is None:
        return None
    words = "two ends, each (row, column)"
    first, last = (_two("line", end, words) for end in _two("line", asked, words))
    ends = []
    for end in (first, last):
        places = [
            _number("line", place, -0.5, size - 0.5) for place, size in zip(end, shape, strict=True)
        ]
        ends.append((places[0], places[1]))
    return ends[0], ends[1]


def _cursor(asked: Any, shape: tuple[int, int]) -> tuple[int, int] | None:
    if asked is None:
        return None
    row, column = _two("cursor", asked, "(row, column)")
    return _index("state['cursor']", row, shape[0]), _index("state['cursor']", column, shape[1])


def _pair(asked: Any, images: Sequence[Image]) -> tuple[int, int]:
    if asked is None:
        return 0, min(1, len(images) - 1)
    found = []
    names = [image.name for image in images]
    for one in _two("pair", asked, "two names or numbers of images"):
        if isinstance(one, str):
            if one not in names:
                known = ", ".join(map(repr, names))
                raise ValueError(f"state['pair'] must be two of {known}, but got {one!r}")
            found.append(names.index(one))
        else:
            found.append(_index("state['pair']", one, len(images)))
    return found[0], found[1]


def _number(what: str, asked: Any, low: float, high: float) -> float:
    try:
        number = math.nan if isinstance(asked, (bool, str)) else float(asked)
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high:
        raise ValueError(f"state[{what!r}] must be from {low:g} to {high:g}, but got {asked!r}")
    return number


# As the page has it


def _shown(row: Any, rows: int, lower: bool) -> Any:
    """Return a row as counted from the top."""
    return rows - 1 - row if lower else row


def _box(spans: tuple[Span, Span] | None, rows: int, lower: bool) -> dict[str, int] | None:
    if spans is None:
        return None
    (top, bottom), (left, right) = spans
    if lower:
        top, bottom = rows - bottom, rows - top
    return {"x0": left, "y0": top, "x1": right, "y1": bottom}


def _ends(
    line: tuple[tuple[float, float], tuple[float, float]], rows: int, lower: bool
) -> dict[str, float]:
    """Return a line between the centres of samples."""
    (row0, column0), (row1, column1) = line
    return {
        "x0": column0 + 0.5,
        "y0": _shown(row0, rows, lower) + 0.5,
        "x1": column1 + 0.5,
        "y1": _shown(row1, rows, lower) + 0.5,
    }
