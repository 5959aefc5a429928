"""Display settings: how values become colors, as ``state=`` takes them and as a page does.

A page's limits have the image's base off, by which whole numbers fit into its own. Not here: how
limits are found (`image_limits`), how pictures are colored (`nbimage.mapping`).
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.arrays.metadata import UNLABELLED, Metadata
from nbimage.base.chunked import Array
from nbimage.base.scalars import holds_one, in_unit
from nbimage.mapping.colormap import as_color
from nbimage.mapping.limits import Limits
from nbimage.mapping.norms import Norm, as_norm
from nbimage.mapping.value_scale import ValueScale, parse_limit

NORMS = ("linear", "log", "asinh", "symlog", "gamma", "levels")
"""Those that a page follows."""
LABELS = "labels"
"""The palette of labels, of which each has a color of its own, whatever the limits are."""
CUSTOM_PALETTE = "given"  # the name of a palette that the caller made, which nobody else knows
_KEYS = ("limits", "norm", "vsym", "cmap", "on", "colors")
PageDisplay = dict[str, Any]


def first_display(limits: Sequence[Limits], channels: int, base: int) -> PageDisplay:
    """Return how values become colors first, but for the palette.

    ``channels``: how many a color image or a composite has; 0: it is gray.
    """
    ends = [_shift_limits(one, base) for one in limits]
    first = limits[0]
    display = {
        "vmin": [x for low, _ in ends for x in low],
        "vmax": [x for _, high in ends for x in high],
        "on": [True] * channels,
        "colors": [],
        "norm": first.norm.name,
        "parameter": first.norm.parameter,
        "vsym": first.vsym,
    }
    if first.norm.edges is not None:
        display["edges"] = [float(edge - base) for edge in first.norm.edges]
    return display


def has_limits(display: PageDisplay, limits: Sequence[Limits], base: int) -> bool:
    """Whether display settings are still in the limits and norm that they began with."""
    first = first_display(limits, len(display["on"]), base)
    return all(display[key] == first[key] for key in first if key not in ("on", "colors"))


def limits_scale(limits: Limits) -> ValueScale:
    """Return the scale that gives these limits to any values."""
    if limits.unchanged:
        return ValueScale()
    low, high = (ends[0] if len(ends) == 1 else ends for ends in (limits.vmin, limits.vmax))
    return ValueScale(low, high, norm=limits.norm)


def check_finite(*numbers: float) -> None:
    """Raise ValueError for numbers that float64 does not hold."""
    if not np.isfinite(numbers).all():
        raise ValueError(
            f"data must lie within the range of float64, but go from {min(numbers)} to "
            f"{max(numbers)}"
        )


def _shift_limits(limits: Limits, base: int) -> tuple[list[float], list[float]]:
    if limits.unchanged:  # bins of one value each
        return [0.0 - base], [256.0 - base]
    low, high = ([float(x - base) for x in limit] for limit in (limits.vmin, limits.vmax))
    check_finite(*low, *high)
    return low, high


def describe_display(display: PageDisplay, base: int, whole: bool) -> dict[str, Any]:
    """Return display settings as ``state=`` takes them, of plain lists, numbers and words.

    ``whole``: the samples are whole numbers, and limits too where they can be.
    """
    cmap = display["cmap"]
    return {
        "limits": [list(pair) for pair in limit_pairs(display, base, whole)],
        "norm": _describe_norm(display, base),
        "vsym": display["vsym"],
        "cmap": None if cmap == CUSTOM_PALETTE else cmap,
        "on": list(display["on"]),
        "colors": ["#{:02x}{:02x}{:02x}".format(*color) for color in display["colors"]],
    }


def resolve_displays(
    displays: Any,
    invert: Any,
    first: Sequence[PageDisplay],
    bases: Sequence[int],
    palettes: Mapping[str, str],
) -> list[PageDisplay]:
    """Return a page's display settings, with what ``state=`` changes of them.

    Raises TypeError or ValueError for what does not fit the data.
    """
    inverted = list(invert) if isinstance(invert, (list, tuple)) else [invert] * len(first)
    bools = all(isinstance(one, (int, np.bool_)) and one in (0, 1) for one in inverted)
    if len(inverted) != len(first) or not bools:
        raise ValueError(
            f"state['invert'] must be a bool or {len(first)} of them, but got {invert!r:.60}"
        )
    if displays is None:
        displays = [{}] * len(first)
    if isinstance(displays, (str, Mapping)) or not isinstance(displays, Sequence):
        raise TypeError(f"state['displays'] must be a list of dicts, but got {displays!r:.60}")
    if len(displays) != len(first):
        raise ValueError(f"state['displays'] must be {len(first)} dicts, but got {len(displays)}")
    return [
        _resolve_display(f"state['displays'][{i}]", asked, display, base, palettes)
        | {"invert": bool(inverted[i])}
        for i, (asked, display, base) in enumerate(zip(displays, first, bases, strict=True))
    ]


def _resolve_display(
    what: str, asked: Any, display: PageDisplay, base: int, palettes: Mapping[str, str]
) -> PageDisplay:
    if not isinstance(asked, Mapping):
        raise TypeError(f"{what} must be a dict, but got {asked!r:.60}")
    for key in asked:
        if key not in _KEYS:
            raise ValueError(f"{what} must have keys of {', '.join(_KEYS)}, but got {key!r}")
    changed = dict(display)
    if asked.get("limits") is not None:
        changed = with_limits(f"{what}['limits']", changed, asked["limits"], base)
    if asked.get("norm") is not None:
        norm = asked["norm"]
        if isinstance(norm, (list, tuple)) and len(norm) == 2 and norm[0] == "levels":
            norm = ValueScale.of(levels=norm[1]).norm
            changed["edges"] = [float(edge - base) for edge in norm.edges or ()]
        found = as_norm(tuple(norm) if isinstance(norm, list) else norm)
        if found.function is not None or isinstance(found.levels, int):
            raise ValueError(f"{what}['norm'] must be one that a browser can follow")
        changed |= {"norm": found.name, "parameter": found.parameter}
    if "vsym" in asked:
        changed["vsym"] = bool(asked["vsym"])
    if asked.get("cmap") is not None:
        if asked["cmap"] not in palettes:
            known = ", ".join(map(repr, palettes))
            raise ValueError(f"{what}['cmap'] must be one of {known}, but got {asked['cmap']!r}")
        changed["cmap"] = asked["cmap"]
    check_norm(what, changed, base)
    if asked.get("on") is not None:
        if len(asked["on"]) != len(display["on"]):
            raise ValueError(
                f"{what}['on'] must be {len(display['on'])} bools, but got {asked['on']!r:.60}"
            )
        changed["on"] = [bool(one) for one in asked["on"]]
    if asked.get("colors") is not None:
        changed["colors"] = _resolve_colors(f"{what}['colors']", asked["colors"], display)
    return changed


def _resolve_colors(what: str, asked: Any, display: PageDisplay) -> list[list[int]]:
    """Return the colors of a composite's channels, each as three bytes."""
    count = len(display["colors"])
    if isinstance(asked, str) or not isinstance(asked, Sequence) or len(asked) != count:
        raise ValueError(
            f"{what} must be one color for each of {count} channels laid over one another, but "
            f"got {asked!r:.60}"
        )
    return [list(as_color(f"{what}[{i}]", color)[:3]) for i, color in enumerate(asked)]


def limit_pairs(display: PageDisplay, base: int, whole: bool) -> list[tuple[float, float]]:
    """Return the limits ``(vmin, vmax)``, one pair a channel."""

    def number(value: float) -> float:
        if whole and float(value).is_integer():
            return int(value) + base
        return float(value) + base

    pairs = zip(display["vmin"], display["vmax"], strict=True)
    return [(number(low), number(high)) for low, high in pairs]


def add_base(value: float, base: int) -> float:
    """Return a page's number with an image's base, exactly or as a long double."""
    if not base:
        return value
    if float(value).is_integer():
        return int(value) + base
    return np.longdouble(base) + np.longdouble(value)  # type: ignore[return-value]


def with_limits(
    what: str, display: PageDisplay, limits: Any, base: int, metadata: Metadata = UNLABELLED
) -> PageDisplay:
    """Return display settings with other limits: two numbers, or two of each channel.

    ``metadata`` says of which data: those of dates may be dates, those with a unit quantities.
    """
    count = len(display["vmin"])
    given = [] if holds_one(limits) else list(limits)
    if len(given) == 2 and all(map(holds_one, given)):
        given = [given] * count
    if len(given) != count or any(holds_one(pair) or len(pair) != 2 for pair in given):
        raise ValueError(f"{what} must be (vmin, vmax), or {count} of these, but got {limits!r}")
    try:
        pairs = [[_as_number(what, end, metadata) for end in pair] for pair in given]
    except (TypeError, ValueError) as error:
        raise ValueError(str(error)) from None
    low, high = ([float(pair[i] - base) for pair in pairs] for i in (0, 1))
    changed = {**display, "vmin": low, "vmax": high, "vsym": False}
    check_norm(what, changed, base)
    return changed


def _as_number(what: str, end: Any, metadata: Metadata) -> float:
    found = parse_limit(what, in_unit(what, end, metadata.value_unit), metadata.dtype)
    if found is None:
        raise TypeError(f"{what} must be a number, but got None")
    return found[0]


def check_norm(what: str, display: PageDisplay, base: int) -> None:
    """Raise ValueError for display settings whose norm has no bins for the limits."""
    norm, parameter = display["norm"], display["parameter"]
    if (parameter is None) != (norm in ("linear", "log", "levels")) and norm not in (
        "asinh",
        "symlog",
    ):
        raise ValueError(f"{what} must have a parameter for a gamma alone, but got {parameter!r}")
    for low, high in limit_pairs(display, base, False):
        if norm == "log" and (min(low, high) <= 0 or display["vsym"]):
            raise ValueError(
                f"{what} must be above 0 for norm='log', but got {low:g} and {high:g}: "
                "norm='symlog' takes any"
            )
        display_norm(display, base, 0).normalize(np.array([low, high], np.float64), low, high)


def display_norm(display: PageDisplay, base: int = 0, noise: float = 0.0) -> Norm:
    """Return how values of a known noise are spread; edges of levels move with the limits."""
    if display["norm"] == "levels":
        return Norm("levels", levels=tuple(_find_edges(display, base)))
    found = _describe_norm(display, base)
    norm = as_norm(tuple(found) if isinstance(found, list) else found)
    return replace(norm, noise=noise) if norm.wants_noise else norm


def display_palette(display: PageDisplay, palettes: Mapping[str, str]) -> Array | None:
    """Return the colors of 256 gray pixels, uint8 ``(256, 3 or 4)``; None: they are gray."""
    if display["cmap"] == "gray" and not display["invert"]:
        return None
    table = base64.b64decode(palettes[display["cmap"]])
    colors = np.frombuffer(table, np.uint8).reshape(256, -1)
    return colors[::-1] if display["invert"] else colors


def display_labels(display: PageDisplay, palettes: Mapping[str, str], count: int) -> Array | None:
    """Return the colors of so many labels after the clear one of 0; None: labels have none."""
    if display["cmap"] != LABELS or not count:
        return None
    table = np.frombuffer(base64.b64decode(palettes[LABELS]), np.uint8)
    return table.reshape(256, 4)[: count + 1]


def check_display(
    sent: Any, display: PageDisplay, base: int, palettes: Mapping[str, str]
) -> PageDisplay:
    """Return display settings that a page sent instead of others.

    Raises KeyError, TypeError or ValueError for what makes no sense.
    """
    limits = {key: [_finite(one) for one in sent[key]] for key in ("vmin", "vmax")}
    on = [_flag(one) for one in sent["on"]]
    colors = [[_byte(part) for part in color] for color in sent["colors"]]
    parameter = sent["parameter"] if sent["parameter"] is None else _finite(sent["parameter"])
    lengths = [len(limits["vmin"]), len(limits["vmax"]), len(on), len(colors)]
    if lengths != [len(display[key]) for key in ("vmin", "vmax", "on", "colors")]:
        raise ValueError("display settings must be of the image's channels")
    if sent["norm"] not in NORMS or (parameter is not None and parameter <= 0):
        raise ValueError("the norm is unknown")
    if sent["norm"] == "levels" and "edges" not in display:
        raise ValueError("the levels are unknown")
    if any(len(color) != 3 for color in colors):
        raise ValueError("a color must be red, green and blue")
    if sent["cmap"] not in palettes:
        raise ValueError("the palette is unknown")
    checked = {
        **limits,
        "on": on,
        "colors": colors,
        "norm": sent["norm"],
        "parameter": parameter,
        "vsym": _flag(sent["vsym"]),
        "cmap": sent["cmap"],
        "invert": _flag(sent["invert"]),
    }
    if "edges" in display:
        checked["edges"] = display["edges"]
    check_norm("display settings", checked, base)
    return checked


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("a flag must be true or false")
    return value


def _byte(value: Any) -> int:
    number = _finite(value)
    if not (0 <= number <= 255 and number.is_integer()):
        raise ValueError("a color must be of bytes")
    return int(number)


def _finite(number: Any) -> float:
    if isinstance(number, (bool, str)) or not math.isfinite(number):
        raise ValueError("a number must be finite")
    return float(number)


def _find_edges(display: PageDisplay, base: int) -> list[float]:
    """Return the edges of levels between the present limits, as the page has them."""
    edges, (low,), (high,) = display["edges"], display["vmin"], display["vmax"]
    if (low, high) != (edges[0], edges[-1]):
        first, last = edges[0], edges[-1]
        edges = [low + (edge - first) * (high - low) / (last - first) for edge in edges]
    return [add_base(edge, base) for edge in edges]


def _describe_norm(display: PageDisplay, base: int) -> Any:
    """Return what ``norm=`` takes: a name, a gamma, or a name and its parameter, or edges."""
    if display["norm"] == "levels":
        return ["levels", _find_edges(display, base)]
    if display["norm"] == "gamma":
        return display["parameter"]
    if display["parameter"] is None:
        return display["norm"]
    return [display["norm"], display["parameter"]]
