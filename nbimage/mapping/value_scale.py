"""`ValueScale`: the limits, contrast and norm that a caller asked for, before values are seen.

It is made once, where a call comes in, and is handed on as one value. What it becomes for an
array are `Limits`, which `resolve_limits` finds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from nbimage.arrays.metadata import FullScale, Window
from nbimage.base.forks import compute
from nbimage.base.lazy_types import find_type
from nbimage.base.scalars import (
    Number,
    as_number,
    find_number,
    find_unit,
    holds_one,
    in_unit,
    unwrap,
    whole_or_nan,
)
from nbimage.mapping.bins.levels import MOST_LEVELS, check_edges
from nbimage.mapping.norms import LINEAR, Norm, as_norm

if TYPE_CHECKING:
    from nbimage.typing import ContrastLike, LevelsLike, LimitLike, NormLike

Limit = Any
"""None, one number or date as it was given, or a tuple of such, one a channel."""
Contrast = Literal["minmax", "infer", "zscale"] | tuple[float, float] | None
"""A rule, two percentiles, or None: the usual rule, but uint8 values stay as they are."""

_RULES = ("minmax", "infer", "zscale")
ROBUST = (2.0, 98.0)


class ValueScale(NamedTuple):
    """What black and white stand for, as the caller asked; see `nbimage.rerange`."""

    vmin: Limit = None
    vmax: Limit = None
    vsym: bool = False
    contrast: Contrast = None
    norm: Norm = LINEAR
    channel_axis: int | None = None
    """The one that was given; of an array that is at hand, the one that holds for it."""

    @classmethod
    def of(
        cls,
        vmin: LimitLike = None,
        vmax: LimitLike = None,
        vsym: bool = False,
        contrast: ContrastLike = None,
        norm: NormLike | Norm = "linear",
        channel_axis: int | None = None,
        levels: LevelsLike | None = None,
    ) -> ValueScale:
        """Take a call's parameters. Raises ValueError for an unknown contrast, norm or levels.

        Limits are checked by `parse_limit`, when the data's dtype is known.
        """
        scale = cls(
            _as_limit("vmin", vmin),
            _as_limit("vmax", vmax),
            bool(vsym),
            _as_contrast(contrast),
            as_norm(norm),
            channel_axis,
        )
        return scale if levels is None else scale._with_levels(levels)

    def _with_levels(self, levels: Any) -> ValueScale:
        """Return the scale with discrete levels: a count of these, or their edges."""
        if not self.norm.linear:
            raise ValueError("norm must be left out where levels is given")
        if holds_one(levels):
            count = whole_or_nan(levels)
            if not 1 <= count <= MOST_LEVELS:
                raise ValueError(
                    f"levels must be a count from 1 to {MOST_LEVELS}, or edges such as [0, 1, 5], "
                    f"but got {levels!r:.60}"
                )
            return self._replace(norm=Norm("levels", levels=int(count)))
        given = {
            "vmin": self.vmin is not None,
            "vmax": self.vmax is not None,
            "vsym": self.vsym,
            "contrast": self.contrast is not None,
        }
        names = [name for name, asked in given.items() if asked]
        if names:
            raise ValueError(f"{', '.join(names)} must be left out where levels are edges")
        edges = _as_parts(levels)
        if not 2 <= len(edges) <= MOST_LEVELS + 1:
            raise ValueError(f"levels must be 2 to {MOST_LEVELS + 1} edges, but got {len(edges)}")
        if all(isinstance(edge, (int, float, np.number)) for edge in edges):
            edges = parse_edges(edges)
        return self._replace(vmin=edges[0], vmax=edges[-1], norm=Norm("levels", levels=edges))

    @property
    def untouched(self) -> bool:
        """Whether nothing is asked, so that bytes may stay as they are."""
        return (
            self.vmin is None
            and self.vmax is None
            and not self.vsym
            and self.contrast is None
            and self.norm.linear
        )

    @property
    def limit_count(self) -> int:
        """How many pairs of limits there are: one, or one a channel."""
        return max(count_limits(self.vmin), count_limits(self.vmax), 1)

    @property
    def settled(self) -> bool:
        """Whether it is the same for all values: both limits are given."""
        return self.vmin is not None and self.vmax is not None and not self.norm.wants_noise

    @property
    def sampled(self) -> bool:
        """Whether limits or the norm come from a sample of the values."""
        contrast = isinstance(self.contrast, tuple) or self.contrast == "zscale"
        return contrast or self.norm.wants_noise

    def parameters(self) -> dict[str, Any]:
        """Return what `Picture` and the like take for the same scale."""
        return self._asdict()

    def on_axis(self, channel_axis: int | None) -> ValueScale:
        """Return the scale for an array whose channels lie on this axis."""
        if channel_axis == self.channel_axis:
            return self
        return self._replace(channel_axis=channel_axis)

    def within(self, windows: Sequence[Window | None], channels: int = 1) -> ValueScale:
        """Return the scale with the limits that a file gives, one pair a channel.

        Itself where limits or a contrast are asked for, and where the file does not give them all.
        """
        colors = windows[: channels - (channels in (2, 4))]
        full = {window for window in colors if isinstance(window, FullScale)}
        if full:
            whole = self.contrast == "infer" and len(full) == 1 and len(windows) == channels
            return self._on_full_scale(full.pop()) if whole else self
        asked = self.vmin is not None or self.vmax is not None or self.vsym or self.contrast
        if asked or len(windows) != channels or self.norm.function is not None:
            return self
        given = [window for window in colors if window is not None]
        if len(given) < len(colors) or (self.norm.positive and min(map(min, given)) <= 0):
            return self
        low, high = (tuple(window[end] for window in given) for end in (0, 1))
        if len(given) == 1:
            return self._replace(vmin=low[0], vmax=high[0])
        return self._replace(vmin=low, vmax=high)

    def _on_full_scale(self, full: FullScale) -> ValueScale:
        if self.norm.function is not None:
            return self
        low = None if self.norm.positive else full.low
        given = self.vmin is not None, self.vmax is not None
        return self._replace(
            vmin=self.vmin if given[0] else low,
            vmax=self.vmax if given[1] else full.high,
            contrast=None,
        )

    def in_unit(self, unit: str) -> ValueScale:
        """Return the scale with limits that are quantities as numbers of the data's unit, if any.

        Raises TypeError for a quantity of another kind, and where the data have no unit.
        """
        changed: dict[str, Any] = {}
        for name in ("vmin", "vmax"):
            limit = getattr(self, name)
            parts = limit if isinstance(limit, tuple) else (limit,)
            if any(find_unit(part) is not None for part in parts):
                plain = tuple(unwrap(in_unit(name, part, unit)) for part in parts)
                changed[name] = plain if isinstance(limit, tuple) else plain[0]
        edges = self.norm.edges or ()
        if any(find_unit(edge) is not None for edge in edges):
            plain = tuple(unwrap(in_unit("levels", edge, unit)) for edge in edges)
            changed["norm"] = Norm("levels", levels=plain)
        return self._replace(**changed) if changed else self

    def of_channel(self, channel: int) -> ValueScale:
        """Return the scale of one channel by itself."""
        low, high = (_pick(limit, channel) for limit in (self.vmin, self.vmax))
        return self._replace(vmin=low, vmax=high, channel_axis=None)


UNTOUCHED = ValueScale()


def _as_limit(name: str, limit: Any) -> Limit:
    """Return a limit as it was given, or a tuple of those of channels; computed where need be."""
    shape = getattr(limit, "shape", ())
    if len(shape) > 1 and math.prod(shape) > max(shape):
        way = "nbgrid([a, b]) shows several pictures"
        raise TypeError(f"{name} must be a number, or one a channel, but got shape {shape}: {way}")
    if holds_one(limit):
        return limit if find_unit(limit) is not None else unwrap(limit)
    parts = _as_parts(limit)
    if not parts:
        raise ValueError(f"{name} must be a number, or one a channel, but got none: {limit!r}")
    return parts


def _as_parts(limit: Any) -> tuple[Any, ...]:
    """Return several limits, or edges, as they were given; computed where need be."""
    if hasattr(limit, "compute") and hasattr(limit, "dask"):
        limit = compute(limit)
    shape = getattr(limit, "shape", ())
    if len(shape) > 1 and math.prod(shape) == max(shape):  # reduced with its axes kept
        limit = limit.reshape(-1)
    return tuple(one if find_unit(one) is not None else unwrap(one) for one in limit)


def _as_contrast(contrast: Any) -> Contrast:
    if contrast is None or (isinstance(contrast, str) and contrast in _RULES):
        return contrast  # type: ignore[return-value]
    if isinstance(contrast, str):
        if contrast == "robust":
            return ROBUST
    elif getattr(contrast, "ndim", 1) and hasattr(contrast, "__len__") and len(contrast) == 2:
        low, high = (find_number("contrast", percent) for percent in contrast)
        if 0 <= low <= high <= 100:
            return (float(low), float(high))
    raise ValueError(
        'contrast must be "minmax", "infer", "robust", "zscale" or two percentiles such as '
        f"(1, 99), but got {contrast!r}"
    )


def _pick(limit: Limit, channel: int) -> Limit:
    if not isinstance(limit, tuple):
        return limit
    return limit[channel if len(limit) > 1 else 0]


def count_limits(limit: Limit) -> int:
    """Return how many limits were given: 0 for None, 1 for a number, one a channel else."""
    if limit is None:
        return 0
    return len(limit) if isinstance(limit, tuple) else 1


def is_date(dtype: str) -> bool:
    """Return whether the dtype that data came in is one of dates or time spans."""
    return dtype.startswith(("datetime64", "timedelta64"))


def parse_limit(name: str, limit: Limit, dtype: str = "") -> tuple[Number, ...] | None:
    """Return a limit as a tuple of finite Python numbers, or None where none was given.

    ``dtype`` is the one that the data came in, so that limits of dates can be dates.

    Raises TypeError or ValueError for what is no number.
    """
    if limit is None:
        return None
    parts = limit if isinstance(limit, tuple) else (limit,)
    if is_date(dtype):
        return tuple(_date_number(name, part, dtype) for part in parts)
    return tuple(as_number(name, part, "a number, or one a channel") for part in parts)


def parse_edges(edges: tuple[Any, ...], dtype: str = "") -> tuple[Number, ...]:
    """Return the edges of levels as finite Python numbers that rise or fall; see `parse_limit`."""
    if is_date(dtype):
        return check_edges([_date_number("levels", edge, dtype) for edge in edges])
    return check_edges([as_number("levels", edge, "a count or edges") for edge in edges])


def _date_number(name: str, value: Any, dtype: str) -> Number:
    """Return a date, a time span or a plain number as the count of the data's own unit."""
    if isinstance(value, (Real, find_type("decimal", "Decimal"))) and not isinstance(
        value, np.timedelta64
    ):
        return as_number(name, value)
    from nbimage.base.dates import count_units

    try:
        return count_units(value, dtype)
    except TypeError as error:
        raise TypeError(f"{name} must be a {dtype} value, but got {value!r}: {error}") from None
    except (ValueError, OverflowError) as error:
        finite = "NaT" not in str(error)
        words = f"a {dtype} value" if finite else "finite"
        raise ValueError(f"{name} must be {words}, but got {value!r}: {error}") from None
