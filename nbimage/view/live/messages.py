"""What a page sends to a live view: which keys, of which types, and whether they make sense.

A page is not trusted: what it sends may be of another version, of another view, or malicious. Not
here: sending and receiving (`widget`).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nbimage.view.model.display_settings import check_display
from nbimage.view.model.layers.layer_config import check_layers
from nbimage.view.model.tiled_image import TileAddress, TiledStack
from nbimage.view.model.view_model import ViewModel
from nbimage.view.model.view_state import MODES, PANELS, PageState
from nbimage.view.project.projections import Along, PlaneName, check_projections
from nbimage.view.shapes.shape import FARTHEST, KINDS
from nbimage.view.shapes.shape_list import MAX_SHAPES

_MAX_TILES = 64  # of an image in one request
_MAX_TEXT = 10_000  # letters of a label
_FARTHEST = 1e9  # samples from the image's corner to what is seen
_MOST = 2**53  # of whole numbers that a page knows exactly
_MAX_NAME = 200  # letters of a page's own
_SMALLEST = 1e-4  # of a sample: sides of a box
MeasuredPart = tuple[TiledStack, tuple[Along, ...], list[tuple[float, float]]]
"""An image, its plane, and the points of a shape: rows and columns as the array counts."""
WRONG = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What a check raises for a value that makes no sense."""


def check_changes(changes: Any, model: ViewModel) -> PageState:
    """Return those of a page's changes of the state that make sense; others are ignored."""
    checked = {}
    for name, check in SYNCHRONIZED.items():
        with contextlib.suppress(*WRONG):
            if name in changes:
                checked[name] = check(changes[name], model)
    return checked


def check_scale(scale: Any) -> float | None:
    """Return the CSS pixels of a sample; None where a page sent nothing that makes sense."""
    with contextlib.suppress(*WRONG):
        return _number(scale, 1e-9, 1e9)
    return None


def check_request(wanted: Any, images: int) -> list[tuple[int, list[TileAddress]]]:
    """Return the images and tiles of a page's request. Raises one of `WRONG` if it makes no sense.

    Tiles may lie outside of the image: then they are answered with an error.
    """
    return [
        (
            check_image(one["image"], images),
            [
                TileAddress(_plane(plane), *(_whole(number, _MOST) for number in rest))
                for plane, *rest in one["tiles"][:_MAX_TILES]
            ],
        )
        for one in wanted[:images]
    ]


def check_image(value: Any, images: int) -> int:
    """Return the number of an image. Raises one of `WRONG` if there is none of it."""
    return _whole(value, images)


def check_measure(kind: Any, parts: Any, model: ViewModel) -> list[MeasuredPart]:
    """Return what is to be measured. Raises one of `WRONG` if it makes no sense."""
    least, most = KINDS[kind]
    checked: list[MeasuredPart] = []
    for one in parts[:_MAX_TILES]:
        stack = model.tiled[_whole(one["image"], len(model.tiled))]
        points = [
            (_number(point["y"], -_FARTHEST, _FARTHEST), _number(point["x"], -_FARTHEST, _FARTHEST))
            for point in one["points"]
        ]
        if not least <= len(points) <= most:
            raise ValueError("a shape must have the points of its kind")
        checked.append((stack, stack.plane_index(_plane(one["plane"])), points))
    return checked


def check_epoch(value: Any) -> int:
    """Return the number of a request. Raises one of `WRONG` if it makes no sense."""
    return _whole(value, _MOST)


def check_client(value: Any) -> str:
    """Return a page's own name. Raises TypeError or ValueError if it makes no sense."""
    if not isinstance(value, str):
        raise TypeError("a name must be a text")
    if len(value) > _MAX_NAME:
        raise ValueError("a name must be short")
    return value


def _number(value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f"a number must be {low:g} to {high:g}")
    return float(value)


def _whole(value: Any, size: int) -> int:
    number = _number(value, 0, size - 1)
    if not number.is_integer():
        raise ValueError("a number must be whole")
    return int(number)


def _plane(value: Any) -> PlaneName:
    """Return a plane's number, or its name, which is checked where it is read."""
    return value[:_MAX_NAME] if isinstance(value, str) else _whole(value, _MOST)


def _index(value: Any, model: ViewModel) -> list[int]:
    sizes = model.images[0].stack.sizes
    return [_whole(i, size) for i, size in zip(value, sizes, strict=True)]


def _projections(value: Any, model: ViewModel) -> list[Any]:
    return check_projections(value, model.images[0].stack.sizes, model.config["kinds"])


def _viewport(value: Any) -> dict[str, float] | None:
    if value is None:
        return None
    box = {key: _number(value[key], -_FARTHEST, _FARTHEST) for key in ("x0", "y0", "x1", "y1")}
    if box["x1"] - box["x0"] < _SMALLEST or box["y1"] - box["y0"] < _SMALLEST:
        raise ValueError("a box must have an area")
    return box


def _cursor(value: Any, model: ViewModel) -> dict[str, int] | None:
    stack = model.images[0].stack
    if value is None:
        return None
    return {"x": _whole(value["x"], stack.columns), "y": _whole(value["y"], stack.rows)}


def _mode(value: Any, model: ViewModel) -> str:
    if value not in MODES or (value != "side" and len(model.images) < 2):
        raise ValueError("the mode is unknown")
    return str(value)


def _pair(value: Any, model: ViewModel) -> list[int]:
    first, second = value
    return [_whole(first, len(model.images)), _whole(second, len(model.images))]


def _displays(value: Any, model: ViewModel) -> list[dict[str, Any]]:
    palettes = model.config["palettes"]
    if len(value) not in (len(model.state["displays"]), 1, len(model.images)):
        raise ValueError("display settings must be one for all images, or one each")
    return [
        check_display(sent, model.display(i), model.base(i), palettes)
        for i, sent in enumerate(value)
    ]


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it must be true or false")
    return value


def _panels(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(name in PANELS for name in value):
        raise ValueError("panels must be a list of their names")
    return list(dict.fromkeys(value))


def _linked(value: Any, model: ViewModel) -> bool:
    if not isinstance(value, bool) or not (value or len(model.images) > 1):
        raise ValueError("several images alone can have display settings of their own")
    return value


def _shapes(value: Any, model: ViewModel) -> list[dict[str, Any]]:
    if not isinstance(value, Sequence) or len(value) > MAX_SHAPES:
        raise ValueError("shapes must be a list")
    checked = [_shape(one, model) for one in value]
    if len({one["id"] for one in checked} - {""}) < len(checked):
        raise ValueError("shapes must have ids of their own")
    return checked


def _shape(value: Mapping[str, Any], model: ViewModel) -> dict[str, Any]:
    least, most = KINDS[value["kind"]]
    points = [
        {axis: _number(point[axis], -FARTHEST, FARTHEST) for axis in ("x", "y")}
        for point in value["points"]
    ]
    if not least <= len(points) <= most:
        raise ValueError("a shape must have the points of its kind")
    sizes = model.images[0].stack.sizes
    plane = value.get("plane")
    if plane is not None:
        plane = [_whole(i + 1, size + 1) - 1 for i, size in zip(plane, sizes, strict=True)]
    texts = {key: _text(value.get(key, "")) for key in ("label", "color", "id")}
    if texts["color"] and not re.fullmatch("#[0-9a-f]{6}", texts["color"]):
        raise ValueError("a color must be #rrggbb")
    return {"kind": value["kind"], "points": points, "plane": plane, **texts}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a label must be a text")
    return value[:_MAX_TEXT]


SYNCHRONIZED: dict[str, Callable[[Any, ViewModel], Any]] = {
    "index": _index,
    "projections": _projections,
    "displays": _displays,
    "cursor": _cursor,
    "viewport": lambda value, model: _viewport(value),
    "mode": _mode,
    "pair": _pair,
    "swipe": lambda value, model: _number(value, 0, 1),
    "rate": lambda value, model: _number(value, 0.1, 60),
    "linked": _linked,
    "panels": lambda value, model: _panels(value),
    "axes": lambda value, model: _flag(value),
    "tip": lambda value, model: _flag(value),
    "shapes": _shapes,
    "selected": lambda value, model: _text(value),
    "image": lambda value, model: {
        "visible": _flag(value["visible"]),
        "opacity": _number(value["opacity"], 0, 1),
    },
    "layers": lambda value, model: check_layers(value, model.state["layers"], model.layers),
}
"""The keys of the state that a page sends, each whole, and what checks them."""
