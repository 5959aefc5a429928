"""How values are spread between the limits: linear, logarithmic and the like, or any callable.

A norm maps values to 0…1; the bin is then ``clip(floor(256 * norm(x)), 0, 255)``. The linear one
is left to `rerange`, which has quicker ways for it.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.lazy_types import find_type
from nbimage.base.scalars import number_or_nan
from nbimage.base.text import format_count
from nbimage.mapping.bins.levels import level_shares

NAMES = ("linear", "log", "sqrt", "asinh", "symlog")
_CLOSE = 2.0**-36  # limits that differ by less once bent: a line is right to a millionth of a bin
_KNEE = 100  # asinh and symlog are linear up to the larger limit's hundredth, if nothing is known
_WIDEST, _NARROWEST = 10, 1e99  # parts of the larger limit between which asinh's width lies


@dataclass(frozen=True, slots=True)
class Norm:
    """A way to spread values between two limits.

    =========  ==========================================================================
    name       norm(x), with t = (x - vmin) / (vmax - vmin)
    =========  ==========================================================================
    linear     t
    log        (log x - log vmin) / (log vmax - log vmin); only values above 0 count
    gamma      t ** parameter; "sqrt" is gamma 0.5
    asinh      the same as log, with asinh(x / parameter)
    symlog     the same, with sign(x) * log1p(abs(x) / parameter)
    levels     (pixel + 0.5) / 256, with the pixel of the bin between two edges
    callable   what it says
    =========  ==========================================================================

    Without a parameter asinh takes ``noise``, but at most a tenth of the larger limit, so that it
    bends: noise is just visible, and what is far above is compressed.
    """

    name: str = "linear"
    parameter: float | None = None
    function: Callable[[Any], Any] | None = None
    colors: int = 256
    """How many colors there are, which have equal shares of the bins."""
    levels: int | tuple[Any, ...] | None = None
    """Of the norm "levels": how many at most, or their edges, as numbers once limits are known."""
    noise: float | None = None
    """What `find_noise` finds in the values that asinh is for, 0 for nothing; None: not known."""

    @property
    def wants_noise(self) -> bool:
        """Whether the noise of the values is to be found."""
        return self.name == "asinh" and self.parameter is None and self.noise is None

    @property
    def linear(self) -> bool:
        """Whether values are spread evenly."""
        return self.name == "linear"

    @property
    def positive(self) -> bool:
        """Whether only values above 0 are mapped."""
        return self.name == "log"

    @property
    def middle_bins(self) -> Array | None:
        """The bin in the middle of each color's share; None of as many colors as bins."""
        if self.colors >= 256:
            return None
        middles: Array = ((np.arange(self.colors) + 0.5) * 256 / self.colors).astype(np.uint8)
        return middles

    @property
    def edges(self) -> tuple[Any, ...] | None:
        """The edges of discrete levels; None of other norms."""
        return None if isinstance(self.levels, int) else self.levels

    def describe(self, vmin: Any, vmax: Any) -> str:
        """Return the name and the parameter that holds between limits, unless that is usual."""
        if self.levels is not None:
            count = self.levels if isinstance(self.levels, int) else len(self.levels) - 1
            return format_count(count, "level")
        kind = "logarithmic" if self.name == "log" else self.name
        if self.parameter is not None:
            return f"{kind} {self.parameter:g}"
        return f"{kind} {self.knee(vmin, vmax):.3g}" if self.noise else kind

    def normalize(self, x: Any, vmin: Any, vmax: Any) -> Array:
        """Return where values lie between the limits: 0 to 1, beyond for others.

        As float64, or long double where ``x`` is of that; the work is done in place where it is an
        array of either. A callable needs no limits; see `call`.
        """
        work = np.longdouble if getattr(x, "dtype", None) == np.longdouble else np.float64
        x = np.asarray(x, work)
        out = x if x.ndim else x[None]
        with np.errstate(all="ignore"):
            if self.function is None:
                self._spread(out, work(vmin), work(vmax))
            else:
                np.copyto(out, self.call(out))
        result: Array = out.reshape(x.shape)
        return result

    def _spread(self, x: Array, vmin: Any, vmax: Any) -> None:
        low, high = vmin, vmax
        if self.edges is not None:
            np.copyto(x, level_shares(x, self.edges))
            return
        if self.name not in ("gamma", "linear"):
            low, high = self._bent(np.array([vmin, vmax], x.dtype), vmin, vmax)
            if not (np.isfinite(low) and np.isfinite(high)):
                raise ValueError(
                    f"norm={self.name!r} must have a larger parameter than {self.parameter} for "
                    f"limits of {vmin:g} and {vmax:g}"
                )
        close = abs(high - low) <= _CLOSE * max(abs(low), abs(high))
        if self.name in ("gamma", "linear") or close:  # so close that nothing bends
            if np.isfinite(vmax - vmin):
                x -= vmin
                x /= vmax - vmin
            else:
                x /= 2
                x -= vmin / 2
                x /= vmax / 2 - vmin / 2
            if self.name == "gamma":
                np.copyto(x, np.copysign(np.abs(x) ** (self.parameter or 1), x))
            return
        self._bent(x, vmin, vmax)
        x -= low
        x /= high - low

    def _bent(self, x: Array, vmin: Any, vmax: Any) -> Array:
        """Bend values in place: log, asinh or symlog of them."""
        if self.name == "log":
            return np.log(x, out=x)
        x /= self.knee(vmin, vmax)
        if self.name == "asinh":
            return np.arcsinh(x, out=x)
        sign = np.sign(x)
        np.log1p(np.abs(x, out=x), out=x)
        return np.multiply(x, sign, out=x)

    def knee(self, vmin: float, vmax: float) -> float:
        """Return up to where asinh and symlog are nearly linear."""
        most = max(abs(vmin), abs(vmax))
        noise = self.noise if self.name == "asinh" else None
        width = noise and min(max(noise, most / _NARROWEST), most / _WIDEST)
        return self.parameter or width or most / _KNEE or 1.0

    def call(self, x: Array) -> Array:
        """Return what a callable makes of values, as float64: 0 to 1, NaN where it has no answer.

        It gets float64, masked where values are missing if it is an object like matplotlib's.
        Colors that are few are told apart as matplotlib does it: a value lies in the middle of its
        color's share.
        """
        shown = x.astype(np.float64)
        masking = _is_masking(self.function)
        if masking:
            shown = np.ma.masked_invalid(shown, copy=False)
        else:
            shown.flags.writeable = False  # a norm may not change what it is given
        flat = masking and shown.ndim > 2  # of which matplotlib's scales take few
        got = self.function(shown.reshape(-1) if flat else shown)  # type: ignore[misc]
        got = got.reshape(x.shape) if flat else got
        mask = np.ma.getmaskarray(got)
        got = np.asarray(np.ma.getdata(got))
        if got.shape != x.shape:
            raise ValueError(
                f"norm must give one value for each of shape {x.shape}, but gave {got.shape}"
            )
        if got.dtype.kind not in "biuf":
            raise ValueError(f"norm must give real numbers, but gave {got.dtype}")
        spread: Array = got.astype(np.float64)
        if got.dtype.kind in "iu" and masking:  # indices of colors, as of a BoundaryNorm
            spread = (spread + 0.5) / self.colors
        elif self.colors < 256:
            index = np.minimum(np.floor(spread * self.colors), self.colors - 1)
            spread = np.where((spread >= 0) & (spread <= 1), (index + 0.5) / self.colors, spread)
        spread[mask] = np.nan
        clip = getattr(self.function, "clip", False)
        for infinite, end in ((np.inf, 1), (-np.inf, 0)):  # not missing, whatever the norm says
            spread[(x == infinite) & np.isnan(spread)] = end if clip else infinite
        return spread


LINEAR = Norm()


def as_norm(norm: Any) -> Norm:
    """Return what ``norm=`` asks for.

    A name; a gamma above 0; ``("asinh", width)`` or ``("symlog", threshold)``; or a callable that
    maps values to 0…1, such as a matplotlib or astropy normalisation. Raises ValueError.
    """
    if norm is None:
        return LINEAR
    if isinstance(norm, Norm):
        return norm
    name, parameter = norm, None
    if isinstance(norm, (tuple, list)) and len(norm) == 2:
        name, parameter = norm
    if isinstance(name, str) and name in NAMES:
        if name == "sqrt" and parameter is None:
            return Norm("gamma", 0.5)
        if parameter is None:
            return Norm(name)
        if name in ("asinh", "symlog") and _above_0(parameter):
            return Norm(name, number_or_nan(parameter))
    elif callable(norm) and not isinstance(norm, type):
        return Norm("callable", None, norm)
    elif parameter is None and _above_0(norm):
        return LINEAR if norm == 1 else Norm("gamma", number_or_nan(norm))
    raise ValueError(
        f"norm must be one of {', '.join(NAMES)}, a gamma above 0, ('asinh', width), "
        f"('symlog', threshold) or a callable that maps values to 0…1, but got {norm!r}"
    )


def with_limits(norm: Norm, array: Array, vmin: float | None, vmax: float | None) -> Norm:
    """Return a norm whose callable knows its limits: its own, else those given, else the array's.

    The caller's object is not changed. Raises ValueError for limits that it can't take.
    """
    own: Any = norm.function
    takes = own_limits(norm) is not None
    if takes:
        own = copy.copy(own)
        if hasattr(own, "callbacks"):  # who listens to the caller's object hears nothing of this
            own.callbacks = copy.deepcopy(own.callbacks)
    for name, limit in (("vmin", vmin), ("vmax", vmax)):
        if limit is None:
            continue
        if not takes or getattr(own, name) is not None:
            raise ValueError(
                f"{name} must be left out where norm has limits of its own, but got {limit!r}: "
                "give it to the norm"
            )
        setattr(own, name, limit)
    if takes and None in (own.vmin, own.vmax) and hasattr(own, "autoscale_None"):
        own.autoscale_None(np.ma.masked_invalid(array.reshape(-1) if array.ndim > 2 else array))
    return replace(norm, function=own)


def is_index(norm: Norm) -> bool:
    """Return whether values are indices of colors by themselves: matplotlib's ``NoNorm``."""
    return isinstance(norm.function, find_type("matplotlib.colors", "NoNorm"))


def gives_indices(norm: Norm) -> bool:
    """Return whether it gives indices of colors instead of 0…1: matplotlib's ``BoundaryNorm``."""
    return isinstance(norm.function, find_type("matplotlib.colors", "BoundaryNorm"))


def as_named(norm: Norm) -> tuple[Norm, Any, Any] | None:
    """Return the norm by name that gives what an object of matplotlib's does, and its limits.

    None for other callables, and for those that clip.
    """
    function: Any = norm.function
    home = "matplotlib.colors"
    kinds = {
        name: find_type(home, name) for name in ("Normalize", "LogNorm", "PowerNorm", "AsinhNorm")
    }
    kind = next((name for name, one in kinds.items() if type(function) is one), None)
    if kind is None or function.clip:
        return None
    named = LINEAR
    if kind == "LogNorm":
        named = Norm("log")
    elif kind == "PowerNorm" and function.gamma != 1:
        named = Norm("gamma", float(function.gamma))
    elif kind == "AsinhNorm":
        named = Norm("asinh", float(function.linear_width))
    return named, function.vmin, function.vmax


def own_limits(norm: Norm) -> tuple[Any, Any] | None:
    """Return the limits that a callable carries, None for one it lacks; None if it takes none."""
    function = norm.function
    if not (hasattr(function, "vmin") and hasattr(function, "vmax")):
        return None
    return function.vmin, function.vmax  # type: ignore[union-attr]


def wants_sample(norm: Norm) -> bool:
    """Return whether limits that it lacks depend on more than the extremes of the values.

    Matplotlib's own depend on these alone; others', such as astropy's, may take percentiles.
    """
    own, scale = own_limits(norm), getattr(type(norm.function), "autoscale_None", None)
    if own is None or None not in own or scale is None:
        return False
    return not str(getattr(scale, "__module__", "")).startswith("matplotlib.")


def _is_masking(function: Any) -> bool:
    """Whether it is one that takes masked arrays, as matplotlib's and astropy's do."""
    return hasattr(function, "vmin") and hasattr(function, "autoscale_None")


def _above_0(number: Any) -> bool:
    return not isinstance(number, (bool, np.bool_)) and 0 < number_or_nan(number) < math.inf
