"""`ColorScale`: what the pixels of a picture stand for, for its description and its colorbar."""

from __future__ import annotations

from typing import NamedTuple

from nbimage.arrays.ingest import Values
from nbimage.base.chunked import Array
from nbimage.mapping.colormap import Rgba
from nbimage.mapping.index_colors import are_indices
from nbimage.mapping.limits import Extent, Limits, blank_words
from nbimage.mapping.value_scale import is_date


class ColorScale(NamedTuple):
    """What pixel values stand for: what a colorbar shows."""

    limits: Limits
    dtype: str
    known: Extent
    under: Rgba | None = None
    over: Rgba | None = None
    cmap: str = ""
    palette: Array | None = None
    """uint8 ``(256, 4)``; None of one channel: gray."""
    channels: int = 1
    bilevel: bool = False
    phase: bool = False
    """The values are angles from -π to π."""
    middle: float | None = None
    """Of complex numbers shown by phase and magnitude: the magnitude of full color."""


def describe_values(
    values: Values, color_scale: ColorScale, axis: int | None, *, sampled: bool = False
) -> str:
    """Return one line on what came in and how its values became pixels.

    ``sampled``: what is known of the values comes from a sample.
    """
    text, note = _describe_mapping(values, color_scale, axis, sampled), values.metadata.note
    return f"{text}, {note}" if note else text


def _describe_mapping(
    values: Values, color_scale: ColorScale, axis: int | None, sampled: bool
) -> str:
    limits, known, channels = color_scale.limits, color_scale.known, color_scale.channels
    shape = "×".join(str(n) for n in values.shape)
    kind = {1: "gray", 2: "gray and alpha", 3: "RGB", 4: "RGBA"}[channels]
    if axis == 0 and channels > 1:
        kind = f"planar {kind}"
    text = f"{shape} {values.dtype}, {kind}"
    if limits.blank:
        return f"{text}, {blank_words(limits)}"
    if known.low is not None and known.high is not None:  # else nobody has looked
        low, high = (format_value(values.dtype, end) for end in (known.low, known.high))
        text = f"{text}, {'sampled ' if sampled else ''}values {low} to {high}"
    if limits.unchanged:
        return f"{text} shown as they are" + (
            f", in colors of {color_scale.cmap}" if color_scale.cmap else ""
        )
    if limits.called is not None:
        function = limits.called.function
        kind = getattr(function, "__name__", type(function).__name__)
        return f"{text}, by the norm {kind}" + (
            f" in colors of {color_scale.cmap}" if color_scale.cmap else ""
        )
    if color_scale.cmap and are_indices(limits, values.dtype):
        return f"{text}, value i in color i of {color_scale.cmap}"
    low, high = (
        " | ".join(format_value(values.dtype, x) for x in limit)
        for limit in (limits.vmin, limits.vmax)
    )
    norm = "" if limits.norm.linear else f", {limits.norm.describe(limits.vmin[0], limits.vmax[0])}"
    if color_scale.cmap:
        return f"{text}, {color_scale.cmap} from {low} to {high}{norm}"
    return f"{text}, black is {low}, white is {high}{norm}"


def alt_text(what: str, size: str, color_scale: ColorScale | None, *, sampled: bool = False) -> str:
    """Return a picture's alternative text: one sentence on its kind, size and values.

    ``what`` is "picture" or "video"; one without a color scale has colors of its own. ``sampled``
    as in `describe_values`.
    """
    if color_scale is None or color_scale.middle is not None:
        return f"Color {what}, {size}."
    limits, known = color_scale.limits, color_scale.known
    if limits.blank:
        return f"Blank {what}, {size}: {blank_words(limits)}."
    if color_scale.bilevel:
        return f"Black and white {what}, {size}."
    kind = "Gray" if color_scale.channels < 3 else "Color"
    clear = " with transparency" if color_scale.channels in (2, 4) else ""
    mapped = color_scale.cmap if color_scale.channels == 1 else ""
    name = f"{what.capitalize()} in colors of {mapped}" if mapped else f"{kind} {what}{clear}"
    text = f"{name}, {size}"
    if known.low is None or known.high is None:
        return f"{text}."
    ends = known.low, known.high
    low, high = (format_value(color_scale.dtype, end) for end in ends)
    text = f"{text}, {'sampled ' if sampled else ''}values from {low} to {high}"
    found = limits.vmin + limits.vmax
    if limits.unchanged or limits.called is not None or len(found) > 2 or found == ends:
        return f"{text}."
    shown = (format_value(color_scale.dtype, end) for end in found)
    return f"{text}, shown from {' to '.join(shown)}."


def format_value(dtype: str, number: float) -> str:
    """Return a value in words: dates as dates, numbers with six digits at most."""
    if is_date(dtype):
        from nbimage.base.dates import format_count

        return format_count(number, dtype)
    return f"{number:.6g}" if not isinstance(number, int) else str(number)
