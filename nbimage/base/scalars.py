"""One number, given as anything that holds one: array or tensor of one element, fraction, quantity.

A framework's own types are told by what they can do, so that none need be imported.
"""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.base.forks import compute
from nbimage.base.lazy_types import find_type

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

Number = float  # an int as well, and a long double where it was one
_TEXT = (str, bytes, bytearray)

METRES = {
    "pm": 1e-12,
    "Å": 1e-10,
    "nm": 1e-9,
    "um": 1e-6,
    "µm": 1e-6,
    "μm": 1e-6,
    "mm": 1e-3,
    "cm": 1e-2,
    "m": 1.0,
    "km": 1e3,
    "in": 0.0254,
}
"""Units of length by their symbols, in metres."""


def as_index(what: str, value: Any, size: int) -> int:
    """Return an index from 0 on; negative ones count from the end. Raises TypeError, ValueError."""
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__"):
        raise TypeError(f"{what} must be a whole number, but got {value!r}")
    if not -size <= value < size:
        raise ValueError(f"{what} must be from {-size} to {size - 1}, but got {value}")
    return int(value) % size


def as_number(what: str, value: Any, words: str = "a number") -> Number:
    """Return one finite number: an int, a float, or a long double where it was one.

    Raises
    ------
    TypeError
        For what is no real number, and for a quantity with a unit; ``words`` say what it must be.
    ValueError
        For NaN and infinities.
    """
    number = find_number(what, value, words)
    try:
        wide = isinstance(number, np.longdouble)
        finite = bool(np.isfinite(number)) if wide else math.isfinite(number)
    except OverflowError:  # an integer beyond every float
        finite = False
    if not finite:
        raise ValueError(f"{what} must be finite, but got {value!s:.60}")
    return number


def find_number(what: str, value: Any, words: str = "a number") -> Number:
    """Return the same, which may be NaN or infinite."""
    if type(value) is int or type(value) is float:
        return value
    plain = unwrap(in_unit(what, value, None))
    if isinstance(plain, np.longdouble):
        return plain  # type: ignore[return-value]
    if isinstance(plain, (int, np.integer, np.bool_)):
        return int(plain)
    if isinstance(plain, (find_type("fractions", "Fraction"), find_type("decimal", "Decimal"))):
        return _nearest(plain)
    dates = (np.datetime64, np.timedelta64, datetime.date, datetime.timedelta)
    if not isinstance(plain, (*_TEXT, complex, np.complexfloating, *dates)):
        try:
            return float(plain)
        except (TypeError, ValueError, OverflowError, RuntimeError):  # a tensor of no device
            pass
    raise TypeError(f"{what} must be {words}, but got {_shorten(value)}")


def as_whole(what: str, value: Any) -> int:
    """Return one whole number, of an integer type. Raises TypeError for all else, booleans too."""
    plain = unwrap(value)
    if isinstance(plain, (bool, np.bool_)) or not hasattr(plain, "__index__"):
        raise TypeError(f"{what} must be a whole number, but got {_shorten(value)}")
    return int(plain.__index__())


def number_or_nan(value: Any) -> float:
    """Return one number; NaN for what is none, which no range holds."""
    try:
        return float(find_number("", value))
    except (TypeError, OverflowError):
        return math.nan


def whole_or_nan(value: Any) -> float:
    """Return one whole number, an int; NaN for what is none, booleans too."""
    try:
        return as_whole("", value)
    except TypeError:
        return math.nan


def unwrap(value: Any) -> Any:
    """Return what an array or tensor of one element holds, computed where need be.

    All else is returned as it is.
    """
    if value is None or isinstance(value, (int, float, complex, np.generic, *_TEXT)):
        return value
    if value is np.ma.masked:
        return "masked"
    if isinstance(value, np.ndarray):
        return value[(0,) * value.ndim] if value.size == 1 else value
    if hasattr(value, "compute") and hasattr(value, "dask"):
        return unwrap(compute(value))
    if _count(value) != 1:
        return value
    try:
        found = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):  # on a device, or in need of a gradient
        return _take_item(value)
    return value if found.dtype == object else found[(0,) * found.ndim]


def _take_item(value: Any) -> Any:
    """Return the one element of a tensor; the tensor where it can't be had, as of no device."""
    try:
        return value.item()
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return value


def holds_one(value: Any) -> bool:
    """Whether it is one value: not a sequence of several, or none."""
    if value is None or isinstance(value, _TEXT) or not hasattr(value, "__len__"):
        return True
    if find_unit(value) is not None and hasattr(value, "magnitude"):
        return holds_one(value.magnitude)
    if hasattr(value, "shape") or hasattr(value, "size"):
        return _count(value) == 1 and not isinstance(value, (list, tuple))
    return False


def in_unit(what: str, value: Any, unit: str | None) -> Any:
    """Return a quantity of astropy or pint as its number in a unit; all else as it is.

    ``unit`` is that of the data, None or "" for none. Raises TypeError where it is of another kind.
    """
    own = find_unit(value)
    if own is None:
        return value
    try:
        converted = value.to(unit or "")
        return getattr(converted, "value" if hasattr(value, "unit") else "magnitude")
    except (TypeError, ValueError, AttributeError, KeyError):
        wanted = f"in a unit of the same kind as {unit}" if unit else "a plain number here"
        raise TypeError(f"{what} must be {wanted}, but got {value!s:.60}") from None


def find_unit(value: Any) -> str | None:
    """Return the unit of a quantity of astropy or pint; None of all else."""
    if isinstance(value, (int, float, np.generic)) or not hasattr(value, "to"):
        return None
    if hasattr(value, "value") and getattr(value, "unit", None) is not None:
        return str(value.unit)
    if hasattr(value, "magnitude") and getattr(value, "units", None) is not None:
        return str(value.units)
    return None


def _count(value: Any) -> int:
    """Return how many elements something array-like has; 0 for what is none."""
    shape = getattr(value, "shape", None)
    try:
        return math.prod(int(n) for n in shape) if shape is not None else int(value.size)
    except (TypeError, ValueError, AttributeError):
        return 0


def _nearest(number: Fraction | Decimal) -> Number:
    try:
        return int(number) if number == int(number) else float(number)
    except (ValueError, ArithmeticError):  # NaN and infinities of decimals
        return float(number)


def _shorten(value: Any) -> str:
    """Return what was given, in one line."""
    return " ".join(f"{value!r:.60}".split())
