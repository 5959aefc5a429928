"""What the names of axes say: which are rows and columns, which hold channels.

Not here: what lengths say (`channels`), and what is made of both (`axis_order`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

Names = tuple[str | None, ...]

COLOR_NAMES = frozenset({"rgb", "rgba", "color", "colors", "colour", "colours", "band", "bands"})
SOURCE_NAMES = frozenset({"channel", "channels", "chan", "ch", "c"})
"""Of channels that may be colors or not: stains and detectors are called so as well."""
CHANNEL_NAMES = COLOR_NAMES | SOURCE_NAMES
SAMPLE_NAMES = frozenset({"s", "sample", "samples"})
"""Of the samples of one pixel: its colors, or gray and alpha."""
ALPHA_NAMES = SAMPLE_NAMES | {"rgb", "rgba", "color", "colors", "colour", "colours"}
"""Of four channels the last of which is alpha, whatever they are made of."""
_MOST_UNNAMED, _MOST_NAMED = 8, 16
_DEPTH_NAMES = frozenset(
    {"z", "depth", "level", "levels", "slice", "slices", "altitude", "pressure"}
)
STACK_NAMES = _DEPTH_NAMES | {
    *("t", "time", "times", "date", "frame", "frames", "n", "batch", "step"),
    *("year", "month", "season", "day", "hour", "member", "members", "ensemble", "realization"),
}
"""Of axes along which there is one picture after the other."""

_GENERIC_NAME = r"(phony_)?dim_\d+"  # xarray's own, where nobody has named an axis
_PAIRS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (
        frozenset({"y", "yc", "yg", "yt", "yu", "yv", "ny", "ydim", "ypos", "ypix", "ypixel"}),
        frozenset({"x", "xc", "xg", "xt", "xu", "xv", "nx", "xdim", "xpos", "xpix", "xpixel"}),
    ),
    (
        frozenset({"lat", "lats", "latitude", "latitudes", "rlat", "nlat", "glat"}),
        frozenset({"lon", "lons", "long", "longitude", "longitudes", "rlon", "nlon", "glon"}),
    ),
    (
        frozenset({"row", "rows", "nrow", "nrows", "line", "lines", "scanline", "scanlines"}),
        frozenset({"column", "columns", "col", "cols", "ncol", "ncols", "pixel", "pixels"}),
    ),
    (frozenset({"height", "h"}), frozenset({"width", "w"})),
    (
        frozenset({"northing", "northings", "north", "south"}),
        frozenset({"easting", "eastings", "east", "west"}),
    ),
    (frozenset({"dec", "decl", "declination"}), frozenset({"ra", "ascension"})),
    (frozenset({"eta"}), frozenset({"xi"})),
    (frozenset({"j", "nj", "jj"}), frozenset({"i", "ni", "ii"})),
)
"""Words for rows and for columns, which belong together; the first pair that is there counts."""
SPATIAL_NAMES = frozenset().union(*(one for pair in _PAIRS for one in pair))


def plain_name(name: str | None) -> str:
    """Return a name in lower case; "" for none and for one that nobody has given."""
    return "" if name is None or re.fullmatch(_GENERIC_NAME, name) else name.strip().lower()


def axis_word(names: Names | None, axis: int) -> str:
    """Return the name of an axis; "axis 0" where it has none."""
    name = names[axis] if names else None
    return name if name and plain_name(name) else f"axis {axis}"


def find_spatial(names: Names | None) -> tuple[int, int] | None:
    """Return the axes of rows and columns in the array's own order; None where names do not tell.

    By whole names first, ``(lat, lon, time)``; else by a word in each, ``(y_c, x_c, time)``; else
    by any two that are named as space, ``(lat, height, time)``.
    """
    plain = [plain_name(name) for name in names or ()]
    if not any(plain):
        return None
    words = [_split_words(name) if plain_name(name) else [] for name in names or ()]
    for found in ([[name] for name in plain], words):
        for rows, columns in _PAIRS:
            own = [axis for axis, parts in enumerate(found) if rows.intersection(parts)]
            others = [axis for axis, parts in enumerate(found) if columns.intersection(parts)]
            if len(own) == len(others) == 1 and own != others:
                return min(own + others), max(own + others)
    both = [axis for axis, name in enumerate(plain) if name in SPATIAL_NAMES]
    return (both[0], both[1]) if len(both) == 2 else None


def rank_as_space(name: str) -> int:
    """Return how far a name, as `plain_name` has it, is from being one of rows or columns."""
    if name in SPATIAL_NAMES:
        return 0
    return 1 if name not in STACK_NAMES else 2 if name in _DEPTH_NAMES else 3


def may_be_color(dtype: Any) -> bool:
    """Say whether samples along an axis "c" may be colors: deep integers are of detectors."""
    kind = getattr(dtype, "kind", "f")
    return kind == "f" or (kind in "iu" and dtype.itemsize == 1)


def find_composite_axis(axes: Sequence[tuple[str, int]], described: int = 0) -> int | None:
    """Return which of an image's further axes holds channels to be laid over one another.

    None where there is none. ``axes``: names and lengths. They are 2 to 8, or as many, up to 16,
    as the file describes.
    """
    for number, (name, length) in enumerate(axes):
        known = plain_name(name) in CHANNEL_NAMES | SAMPLE_NAMES
        most = _MOST_NAMED if length == described else _MOST_UNNAMED
        if known and 2 <= length <= most:
            return number
    return None


def check_names(axes: Any, shape: Sequence[int]) -> Names:
    """Return the caller's name for each axis."""
    if not isinstance(axes, (str, list, tuple)) or not all(isinstance(a, str) and a for a in axes):
        raise TypeError(
            f'axes must be a letter for each axis such as "tzyx", or names, but got {axes!r}'
        )
    lower = {name.lower() for name in axes}
    if len(axes) != len(shape):
        raise ValueError(
            f"axes must name each of the {len(shape)} axes of shape {shape}, but got {axes!r}"
        )
    if len(lower) < len(axes):
        raise ValueError(f"axes must have a name of its own each, but got {axes!r}")
    if not {"y", "x"} <= lower and (isinstance(axes, str) or {"y", "x"} & lower):
        raise ValueError(f'axes must hold "y" and "x", but got {axes!r}')
    return tuple(axes)


def _split_words(name: str | None) -> list[str]:
    """Return the words of a name such as "grid_latitude", "imageY" or "x1"."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name or "")]
