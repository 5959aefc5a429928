"""What a page gets of layers, and their state: what is visible, and how.

Not here: which layers there are (`label_layer`, `overlay_layer`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nbimage.mapping.colormap import as_css
from nbimage.view.model.layers.label_colors import as_numbers, label_colors
from nbimage.view.model.layers.label_layer import LabelLayer
from nbimage.view.model.layers.label_table import as_label, page_label
from nbimage.view.model.layers.overlay_layer import Layer, OverlayLayer
from nbimage.view.model.samples import as_samples

_MOST_BYTES = 100_000_000  # of labels in a page, compressed
KEYS = ("visible", "opacity", "fill", "picked", "by")
LayerState = dict[str, Any]


def describe_layers(layers: Sequence[Layer]) -> list[dict[str, Any]]:
    """Return what the page gets, as its ``types.js`` has it.

    Raises ValueError for more labels than a page should hold.
    """
    found = []
    for layer in layers:
        if isinstance(layer, OverlayLayer):
            found.append(_describe_overlay(layer))
            continue
        own = _describe_labels(layer)
        tiles = layer.stack.tiles
        found.append(own | ({"tiles": tiles} if tiles else {"planes": _planes(layer)}))
    return found


def _describe_labels(layer: LabelLayer) -> dict[str, Any]:
    down, across = layer.ratio
    colors, facts = np.ascontiguousarray(layer.palette), layer.facts.describe()
    return {
        "kind": "labels",
        "name": layer.name,
        "image": layer.image,
        "rows": layer.stack.rows,
        "columns": layer.stack.columns,
        "channels": 1,
        "base": "0",
        "labels": len(colors) - 1,
        "planes": [],
        "position": {"x": 0.0, "y": 0.0, "sx": across, "sy": down},
        "steps": list(layer.steps),
        "lengths": layer.lengths,
        "count": layer.count(),
        "palette": base64.b64encode(colors.tobytes()).decode("ascii"),
        **facts,
        **_describe_tints(layer, facts),
    }


def _describe_tints(layer: LabelLayer, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the labels' own colors, and those by each property, with the range of numbers."""
    ids, own = [int(one) for one in facts["ids"]], layer.facts.colors
    tints: dict[str, list[str | None]] = {}
    if own:
        tints[""] = [as_css(own[label]) if label in own else None for label in ids]
    ranges = {}
    for key, column in facts["properties"].items():
        color = label_colors(layer, key, facts)
        tints[key] = [as_css(color(label)) for label in ids]
        known = as_numbers(column)
        if known:
            ranges[key] = [float(f"{end:.4g}") for end in (min(known), max(known))]
    return {"tints": tints, "ranges": ranges}


def _planes(layer: LabelLayer) -> list[dict[str, Any]]:
    planes, size = [], 0
    for array, mask in layer.read_planes():
        samples = as_samples(array, mask, exact=True, page=True)
        size += samples.size
        if size > _MOST_BYTES:
            raise ValueError(
                f"labels must take at most {_MOST_BYTES / 1e6:.0f} MB in the page, but take more: "
                "show a part of them, or give embed=False"
            )
        planes.append(samples.stored)
    return planes


def _describe_overlay(layer: OverlayLayer) -> dict[str, Any]:
    found = {
        "kind": layer.kind,
        "name": layer.name,
        "image": layer.image,
        "shapes": layer.shapes,
        "colors": layer.colors,
        "count": len(layer.shapes),
        **layer.style,
    }
    more = {"names": layer.names, "values": layer.values}
    return found | {key: value for key, value in more.items() if value is not None}


def resolve_layer_states(asked: Any, layers: Sequence[Layer]) -> list[LayerState]:
    """Return the page's state of each layer, with what ``state=`` asks for.

    Raises TypeError or ValueError for what does not fit the layers.
    """
    states = [first_state(layer) for layer in layers]
    if asked is None:
        return states
    what = "state['layers']"
    if isinstance(asked, Mapping):
        names = [layer.name for layer in layers]
        for name in asked:
            if name not in names:
                known = ", ".join(map(repr, names)) or "none"
                raise ValueError(f"{what} must be of the layers ({known}), but got {name!r}")
        asked = [asked.get(name) or {} for name in names]
    if isinstance(asked, str) or not isinstance(asked, Sequence):
        raise TypeError(f"{what} must be a list of dicts, but got {asked!r:.60}")
    if len(asked) != len(layers):
        raise ValueError(f"{what} must be {len(layers)} dicts, but got {len(asked)}")
    return [
        resolve_layer_state(f"{what}[{i}]", one, state, layer)
        for i, (one, state, layer) in enumerate(zip(asked, states, layers, strict=True))
    ]


def first_state(layer: Layer) -> LayerState:
    """Return the state of a layer that nothing is asked of."""
    return {"visible": True, "opacity": layer.opacity, "fill": True, "picked": None, "by": None}


def resolve_layer_state(what: str, asked: Any, state: LayerState, layer: Layer) -> LayerState:
    """Return the state of a layer with what is asked for, as the page has it."""
    if not isinstance(asked, Mapping):
        raise TypeError(f"{what} must be a dict, but got {asked!r:.60}")
    changed = dict(state)
    for key, value in asked.items():
        if key == "name":
            continue
        if key not in KEYS:
            raise ValueError(f"{what} must have keys of {', '.join(KEYS)}, but got {key!r}")
        changed[key] = resolve_layer_value(f"{what}[{key!r}]", key, value, layer)
    return changed


def resolve_layer_value(what: str, key: str, value: Any, layer: Layer) -> Any:
    """Return a value of a layer's state, as the page has it."""
    if key in ("visible", "fill"):
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError(f"{what} must be True or False, but got {value!r:.60}")
        return bool(value)
    if key == "opacity":
        number = np.nan if isinstance(value, (bool, str)) else _number(value)
        if not 0 <= number <= 1:
            raise ValueError(f"{what} must be from 0 to 1, but got {value!r:.60}")
        return number
    if value is None:
        return None
    if key == "by":
        known = find_columns(layer)
        if value not in known:
            raise ValueError(
                f"{what} must be a column ({', '.join(map(repr, known)) or 'none'}), "
                f"but got {value!r:.60}"
            )
        return str(value)
    if isinstance(value, str):
        value = find_named(value, layer)
    try:
        return page_label(as_label(value))
    except TypeError:
        raise TypeError(f"{what} must be a label or its name, but got {value!r:.60}") from None


def find_columns(layer: Layer) -> list[str]:
    """Return the columns by which a layer can be colored."""
    if isinstance(layer, OverlayLayer):
        return []
    found: list[str] = list(layer.facts.describe()["properties"])
    return found


def find_named(name: str, layer: Layer) -> Any:
    """Return the label of a name, or the number that it says; the name itself where none is."""
    names = {} if isinstance(layer, OverlayLayer) else layer.facts.names
    own = next((label for label, known in names.items() if known == name), None)
    return name if own is None else own


def check_layers(sent: Any, now: Sequence[LayerState], layers: Sequence[Layer]) -> list[LayerState]:
    """Return the states of layers that a page sent. Raises ValueError, TypeError or KeyError."""
    return [
        resolve_layer_state("a layer", {key: one[key] for key in KEYS}, state, layer)
        for one, state, layer in zip(sent, now, layers, strict=True)
    ]


def state_of_layers(states: Sequence[LayerState], layers: Sequence[Layer]) -> list[dict[str, Any]]:
    """Return the states as ``state=`` takes them."""
    return [
        {"name": layer.name, **state, "picked": _whole(state["picked"])}
        for layer, state in zip(layers, states, strict=True)
    ]


def _whole(picked: Any) -> int | None:
    return None if picked is None else int(picked)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
