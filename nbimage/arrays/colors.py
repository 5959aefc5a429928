"""Whether channels are the colors of a pixel, the fourth of them alpha: for every verb.

=============================  =======================  ===========================================
channels                       where                    read as
=============================  =======================  ===========================================
3                              unnamed, `channel_axis`  red, green, blue
3, whatever they are called    an axis "band"           red, green, blue
3 of bytes or floats           an axis "c"              red, green, blue
3 of other integers            an axis "c", not last    a composite
3 called otherwise than r g b  an axis "c"              a composite
4 uint8                        last                     red, green, blue and alpha
4 floats, all of 0…1           last                     red, green, blue and alpha
4 called r g b a               anywhere                 red, green, blue and alpha
4                              an axis "rgba" or "s"    red, green, blue and alpha
4, any other                   anywhere                 a composite: none of them is alpha
2 uint8, or floats of 0…1      `channel_axis`, last     gray and alpha
2                              an axis "s"              gray and alpha
2 to 8, any other              "c", `channel_axis`      a composite
=============================  =======================  ===========================================

"c" is any name of `SOURCE_NAMES`; of 2, 4 or more channels "band" is one too.
Of a composite each channel has a color and limits of its own (`nbimage.mapping.channels`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.axis_names import (
    ALPHA_NAMES,
    COLOR_NAMES,
    SAMPLE_NAMES,
    SOURCE_NAMES,
    Names,
    may_be_color,
    plain_name,
)
from nbimage.arrays.metadata import label_channels
from nbimage.base.chunked import Array, for_blocks, memory_order
from nbimage.base.forks import compute

MOST = 8
"""Channels of an axis that nobody describes."""
_RGB = [["r", "g", "b"], ["red", "green", "blue"]]
_GRAY = [["l"], ["y"], ["k"], ["gray"], ["grey"], ["luminance"]]
_ALPHA = ("a", "alpha")
_NUMBERED = r"(c|ch|channel|band|sample|image)?[\s:_.-]*\d[\d:]*"  # no name of a channel's own
_ROUNDING = 1e-6  # beyond 0…1
_WHOLE = 1 << 24  # samples of an array on a disk, or not yet computed, that are all looked at
_PART = 1 << 20  # of a larger one: so many in its middle


class Samples(NamedTuple):
    """An array whose channels may be colors, and what it says of itself."""

    array: Any
    mask: Any = None
    metadata: Any = None
    unit: bool | None = None
    """Whether floats lie within 0…1, where that is known."""

    def labels(self, axis: int) -> list[str]:
        """Return what the channels along an axis are called, in lower case; [] if nothing is."""
        labels = () if self.metadata is None else label_channels(self.metadata, axis)
        return [label.strip().lower() for label in labels]

    def in_unit(self) -> bool:
        """Say whether all finite values lie within 0…1."""
        array, mask = self.array, self.mask
        if self.unit is not None:
            return self.unit
        if hasattr(array, "extent"):  # on an accelerator
            low, high, _ = array.extent()
            return low is None or (low >= -_ROUNDING and high <= 1 + _ROUNDING)
        stored = not isinstance(array, np.ndarray) or isinstance(array, np.memmap)
        if stored and math.prod(array.shape) > _WHOLE:
            array, mask = array[_middle(array.shape)], None
        if hasattr(array, "compute"):
            array = compute(array)
        if isinstance(array, np.ma.MaskedArray):
            array, mask = array.data, np.ma.getmaskarray(array)
        return _lies_in_unit(np.asarray(array), mask)


def are_colors(
    count: int,
    name: str,
    dtype: Any = None,
    *,
    last: bool,
    given: bool = False,
    labels: Sequence[str] = (),
    samples: Samples | None = None,
) -> bool:
    """Say whether channels are the colors of a pixel, by the table above.

    Parameters
    ----------
    count : int
        How many they are.
    name : str
        Of their axis, as `plain_name` has it; "" for none.
    dtype : dtype, optional
        Of the samples; None if unknown.
    last : bool
        They are interleaved: their axis is the last one.
    given : bool
        Their axis was given by its number, or guessed, rather than named.
    labels : sequence of str
        What they are called, in lower case.
    samples : Samples, optional
        Of floats; without these they lie within 0…1.
    """
    if count == 1 or (count == 2 and name in SAMPLE_NAMES):
        return True
    if name in ALPHA_NAMES and count in (3, 4):
        return True
    if len(labels) == count and not all(re.fullmatch(_NUMBERED, label) for label in labels):
        *colors, alpha = [*labels, ""] if count == 3 else labels
        known = colors in (_GRAY if count == 2 else _RGB)
        if known and (alpha in _ALPHA or (not alpha and colors == _RGB[0])):
            return True
        if not known and (name not in COLOR_NAMES or count != 3):
            return False
    if count == 3:
        return last or given or name not in SOURCE_NAMES or may_be_color(dtype)
    if count not in (2, 4) or not last or (count == 2 and not given):
        return False
    if dtype is None or dtype == np.uint8:
        return True
    return dtype.kind == "f" and (samples is None or samples.in_unit())


def has_file_colors(
    names: Names, shape: Sequence[int], dtype: Any, colors: Sequence[str], labels: Sequence[str]
) -> bool:
    """Say whether the axis "c" of a file holds colors, as of an array that is named so.

    Not where the file says of them (``#rrggbb``) that they are others than red, green and blue.
    """
    axes = [axis for axis, name in enumerate(names) if plain_name(name) == "c"]
    if len(axes) != 1 or shape[axes[0]] not in (3, 4) or not may_be_color(dtype):
        return False
    count, last = shape[axes[0]], axes[0] == len(shape) - 1
    called = [label.strip().lower() for label in labels]
    known = called if len(called) == count and all(called) and not any(colors) else []
    if not are_colors(count, "c", dtype, last=last, labels=known):
        return False
    return not any(colors) or tuple(colors[:3]) == ("#ff0000", "#00ff00", "#0000ff")


def _middle(shape: Sequence[int]) -> tuple[slice, ...]:
    """Return which part of an array of interleaved channels is looked at: from its middle."""
    room, found = _PART // max(1, shape[-1]), [slice(None)]
    for length in reversed(shape[:-1]):
        size = max(1, min(length, room if found[1:] else math.isqrt(room)))
        start = (length - size) // 2
        found.insert(0, slice(start, start + size))
        room //= size
    return tuple(found)


def _lies_in_unit(array: Array, mask: Array | None) -> bool:
    views = memory_order(array) if mask is None else memory_order(array, np.asarray(mask))

    def lies(indices: Sequence[Any]) -> bool:
        with np.errstate(invalid="ignore"):
            for index in indices:
                block = views[0][index]
                beyond = (block < -_ROUNDING) | (block > 1 + _ROUNDING)  # NaN is neither
                if beyond.any():
                    beyond &= np.isfinite(block)
                if mask is not None:
                    beyond &= ~views[1][index]
                if beyond.any():
                    return False
        return True

    return all(for_blocks(lies, views[0].shape))
