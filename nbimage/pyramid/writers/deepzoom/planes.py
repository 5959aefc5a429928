"""Which planes of a stack are written as pyramids of tiles, each one picture, and their names."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from nbimage.arrays.axis_names import CHANNEL_NAMES, SAMPLE_NAMES, plain_name
from nbimage.pyramid.core.pyramid import Index, Pyramid

_ALL = "all"


@dataclass(frozen=True, slots=True)
class Plane:
    """One picture of a stack."""

    index: Index
    """Along all further axes; 0 along that of channels that are laid over one another."""
    suffix: str
    """What its pyramid's name has beside the caller's."""
    range_key: tuple[int, ...]
    """Planes of the same one have one range: all of a channel."""


def select_planes(pyramid: Pyramid, planes: Any, along: int | None) -> list[Plane]:
    """Return the planes that are asked for.

    ``along`` is the axis of channels that are laid over one another.

    Raises ValueError or TypeError where they are none of the pyramid's, or the only one is not
    named.
    """
    axes = pyramid.axes
    asked = _by_axis(pyramid, planes, along)
    chosen: list[list[int]] = []
    for axis, (name, length) in enumerate(axes):
        if axis == along or (length == 1 and axis not in asked):
            chosen.append([0])
        elif axis in asked:
            chosen.append(_numbers(name, length, asked[axis]))
        else:
            lacking = ", ".join(
                f"{name} ({length})"
                for axis, (name, length) in enumerate(axes)
                if length > 1 and axis != along and axis not in asked
            )
            raise ValueError(
                f"source must be one picture, but has further axes {lacking}: pick one of it, such "
                f'as planes={{{name!r}: 0}}, or give planes="all"'
            )
    several = [axis for axis, numbers in enumerate(chosen) if len(numbers) > 1]
    channels = [axis for axis, (name, _) in enumerate(axes) if _is_channel(name)]
    return [
        Plane(
            index,
            "".join(f"_{_letter(axes[axis])}{_digits(index, axis, axes)}" for axis in several),
            tuple(index[axis] for axis in channels),
        )
        for index in product(*chosen)
    ]


def _by_axis(pyramid: Pyramid, planes: Any, along: int | None) -> dict[int, Any]:
    """Return what is asked of each axis."""
    if planes is None:
        return {}
    rest = [axis for axis in range(len(pyramid.axes)) if axis != along]
    if isinstance(planes, str) and planes == _ALL:
        return dict.fromkeys(rest, _ALL)
    if not isinstance(planes, Mapping):
        raise TypeError(
            f'planes must be "all" or numbers by the names of axes, such as {{"z": 0}}, but got '
            f"{str(planes)[:60]!r}"
        )
    names = {pyramid.axes[axis][0]: axis for axis in rest}
    found = {}
    for key, asked in planes.items():
        name = f"axis {key}" if isinstance(key, int) else key
        if name not in names:
            known = ", ".join(map(repr, names)) or "none"
            way = ": axes= gives them names" if any("axis " in one for one in names) else ""
            raise ValueError(f"planes must be of the axes {known}, but got {key!r}{way}")
        found[names[name]] = asked
    return found


def _numbers(name: str, length: int, asked: Any) -> list[int]:
    """Return the numbers along one axis that are asked for."""
    if isinstance(asked, str) and asked == _ALL:
        return list(range(length))
    if isinstance(asked, slice):
        found = list(range(length)[asked])
    else:
        several = isinstance(asked, (Sequence, range)) and not isinstance(asked, (str, bytes))
        try:
            found = [operator.index(number) for number in (asked if several else [asked])]
        except TypeError:
            raise TypeError(
                f"planes must be whole numbers along {name}, several of them, a slice or "
                f'"all", but got {str(asked)[:60]!r}'
            ) from None
    wrong = [number for number in found if not 0 <= number < length]
    if wrong or not found:
        raise ValueError(
            f"planes must be 0 to {length - 1} along {name}, but got {wrong[0] if wrong else asked}"
        )
    return list(dict.fromkeys(found))


def _is_channel(name: str) -> bool:
    return plain_name(name) in CHANNEL_NAMES | SAMPLE_NAMES


def _letter(axis: tuple[str, int]) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", axis[0]) or "n"


def _digits(index: Index, axis: int, axes: tuple[tuple[str, int], ...]) -> str:
    return str(index[axis]).zfill(max(3, len(str(axes[axis][1] - 1))))


def name_plane(path: str, suffix: str) -> str:
    """Return the name of a plane's pyramid: before a suffix of its own, if it has one."""
    found = re.search(r"\.(dzi|zip|szi)$", path, re.IGNORECASE)
    end = found.start() if found else len(path.rstrip("/"))
    return f"{path[:end]}{suffix}{path[end:]}"
