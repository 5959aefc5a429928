"""`ValueScale`: the limits, contrast and norm that a caller asked for, before values are seen.

It is made once, where a call comes in, and is handed on as one value. What it becomes for an
array are `Limits`, which `resolve_limits` finds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nbimage.arrays.metadata import Window
from nbimage.mapping.norms import LINEAR, Norm, as_norm

if TYPE_CHECKING:
    from nbimage.typing import ContrastLike, LimitLike, NormLike

Number = float  # an int as well, and a long double where the data are such
Limit = Any
"""None, one number or date as it was given, or a tuple of such, one a channel."""
Contrast = Literal["minmax", "infer"] | tuple[float, float] | None
"""A rule, two percentiles, or None: the usual rule, but uint8 values stay as they are."""

_ROBUST = (2.0, 98.0)


@dataclass(frozen=True, slots=True, eq=False)
class ValueScale:
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
    ) -> ValueScale:
        """Take a call's parameters. Raises ValueError for an unknown contrast or norm.

        Limits are checked by `parse_limit`, when the data's dtype is known.
        """
        return cls(
            _as_limit("vmin", vmin),
            _as_limit("vmax", vmax),
            bool(vsym),
            _as_contrast(contrast),
            as_norm(norm),
            channel_axis,
        )

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
    def sampled(self) -> bool:
        """Whether limits come from percentiles, and so from a sample of the values."""
        return isinstance(self.contrast, tuple)

    def parameters(self) -> dict[str, Any]:
        """Return what `Picture` and the like take for the same scale."""
        return {field: getattr(self, field) for field in self.__slots__}

    def on_axis(self, channel_axis: int | None) -> ValueScale:
        """Return the scale for an array whose channels lie on this axis."""
        if channel_axis == self.channel_axis:
            return self
        return replace(self, channel_axis=channel_axis)

    def within(self, windows: Sequence[Window | None], channels: int = 1) -> ValueScale:
        """Return the scale with the limits that a file gives, one pair a channel.

        Itself where limits or a contrast are asked for, and where the file does not give them all.
        """
        colors = windows[: channels - (channels in (2, 4))]
        asked = self.vmin is not None or self.vmax is not None or self.vsym or self.contrast
        if asked or len(windows) != channels or self.norm.function is not None:
            return self
        given = [window for window in colors if window is not None]
        if len(given) < len(colors) or (self.norm.positive and min(map(min, given)) <= 0):
            return self
        low, high = (tuple(window[end] for window in given) for end in (0, 1))
        if len(given) == 1:
            return replace(self, vmin=low[0], vmax=high[0])
        return replace(self, vmin=low, vmax=high)

    def of_channel(self, channel: int) -> ValueScale:
        """Return the scale of one channel by itself."""
        low, high = (_pick(limit, channel) for limit in (self.vmin, self.vmax))
        return replace(self, vmin=low, vmax=high, channel_axis=None)


UNTOUCHED = ValueScale()


def _as_limit(name: str, limit: Any) -> Limit:
    if limit is None or isinstance(limit, str) or not hasattr(limit, "__len__"):
        return limit
    if np.ndim(limit) == 0:
        return limit
    if len(limit) == 0:
        raise ValueError(f"{name} must be a number, or one a channel, but got none: {limit!r}")
    return tuple(limit)


def _as_contrast(contrast: Any) -> Contrast:
    if contrast is None or (isinstance(contrast, str) and contrast in ("minmax", "infer")):
        return contrast  # type: ignore[return-value]
    if isinstance(contrast, str):
        if contrast == "robust":
            return _ROBUST
    elif isinstance(contrast, Sequence) and len(contrast) == 2:
        low, high = contrast
        if 0 <= low <= high <= 100:
            return (float(low), float(high))
    raise ValueError(
        'contrast must be "minmax", "infer", "robust" or two percentiles such as (1, 99), '
        f"but got {contrast!r}"
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


def parse_limit(name: str, limit: Limit, dtype: str = "") -> tuple[Number, ...] | None:
    """Return a limit as a tuple of finite Python numbers, or None where none was given.

    ``dtype`` is the one that the data came in, so that limits of dates can be dates.

    Raises TypeError or ValueError for what is no number.
    """
    if limit is None:
        return None
    dates = dtype.startswith(("datetime64", "timedelta64"))
    if isinstance(limit, str) and not dates:
        raise TypeError(f"{name} must be a number, or one a channel, but got {limit!r}")
    parts = limit if isinstance(limit, tuple) else (limit,)
    if dates:
        return tuple(_date_number(name, part, dtype) for part in parts)
    return tuple(_limit_number(name, part) for part in parts)


def _date_number(name: str, value: Any, dtype: str) -> Number:
    """Return a date, a time span or a plain number as the count of the data's own unit."""
    try:
        date = np.asarray(value).astype(dtype)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be a {dtype} value, but got {value!r}: {error}") from None
    if np.isnat(date):
        raise ValueError(f"{name} must be finite, but got {value!r}")
    return int(date.astype(np.int64))


def _limit_number(name: str, value: Any) -> Number:
    number: Number
    if isinstance(value, (int, np.longdouble)):
        number = value + 0  # type: ignore[assignment]  # True counts as 1
    elif hasattr(value, "__index__") and getattr(value, "ndim", 0) == 0:
        number = int(value.__index__())
    else:
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise TypeError(
                f"{name} must be a number, or one a channel, but got {value!r}"
            ) from None
    try:
        wide = isinstance(number, np.longdouble)
        finite = np.isfinite(number) if wide else math.isfinite(number)
    except OverflowError:  # an integer beyond every float
        finite = False
    if not finite:
        raise ValueError(f"{name} must be finite, but got {str(value)[:60]}")
    return number
