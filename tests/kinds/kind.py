"""What a kind of file is: how one is made, what it holds, and who else reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Line = tuple[float, float]
"""The coordinate of the first row or column, and the step to the next one."""


@dataclass(frozen=True)
class Content:
    """What a file holds, as whoever wrote it meant it."""

    values: Array
    """Further axes, rows, columns, then colors; a masked array where samples are missing."""
    axes: tuple[str, ...] = ()
    """Names of the further axes."""
    colors: bool = False
    """The last axis is red, green, blue and perhaps alpha."""
    label: str = ""
    """Of the values, with their unit."""
    rows: Line | None = None
    columns: Line | None = None
    unit: str = ""
    """Of rows and columns."""
    lower: bool = False
    """The first row belongs at the bottom."""
    windows: tuple[tuple[float, float], ...] = ()
    """The first limits, one a channel or one for all."""
    channel_names: tuple[str, ...] = ()
    """Of channels to be laid over one another, which are along the first axis then."""
    channel_colors: tuple[str, ...] = ()
    composite: bool = False
    """Channels without a name are laid over one another."""
    info: tuple[str, ...] = ()
    """Further texts that `nbimage info` prints."""
    tolerance: float = 0
    """By how much samples may differ, of codecs that lose something."""
    labels: bool = False
    """The samples are numbers of classes or objects."""


@dataclass(frozen=True)
class Kind:
    """A kind of image files."""

    name: str
    family: str
    """Under which heading it stands in the table."""
    extra: str
    """Of nbimage: what reads it; "" for none."""
    make: Callable[[Path], tuple[str, Content]]
    """Write one into an empty folder; return what a user would open, and what it holds."""
    references: dict[str, Callable[[str], Array]] = field(default_factory=dict)
    """Other programs, by name, that return the values: NaN or masked where they are missing."""


KINDS: dict[str, Kind] = {}
HEAVY = frozenset(
    {"CFITSIO", "FFmpeg", "GDAL", "OpenJPEG in GDAL", "netCDF4", "ngff-zarr", "ome-zarr-py"}
)
"""References of packages that only `make test-peers` installs."""


def add(kind: Kind) -> None:
    """Add a kind to the table."""
    if kind.name in KINDS:
        raise ValueError(f"there are two kinds {kind.name!r}")
    KINDS[kind.name] = kind


def gradient(*shape: int, dtype: str = "uint16", high: float = 4000) -> Array:
    """Return smooth values with some noise, different in every plane, up to ``high``."""
    rows, columns = np.mgrid[: shape[-2], : shape[-1]]
    plane = rows / shape[-2] + 2 * columns / shape[-1]
    noise = np.random.default_rng(len(shape)).random(shape)
    planes = np.arange(np.prod(shape[:-2], dtype=int)).reshape(*shape[:-2], 1, 1)
    values = plane + planes / 2 + noise / 5
    return (values / values.max() * high).astype(dtype)


COLORS = np.moveaxis(gradient(3, 24, 37, dtype="uint8", high=250), 0, -1)
"""Red, green and blue."""
