"""Names of the types that public parameters take, for annotations of one's own.

Help, completion and type checkers show them. They say what may be given, not what is checked:
what no type can say, such as the number of axes, is checked when a function is called.

Examples
--------
A function of one's own that hands on what it is given:

>>> from nbimage.typing import *
>>> def show_height(
...     heights: ArrayLike,
...     path: PathLike,
...     *,
...     vmin: LimitLike = None,
...     contrast: ContrastLike = "robust",
...     norm: NormLike = "linear",
...     levels: LevelsLike = 10,
...     cmap: ColormapLike = "terrain",
...     sea: ColorLike = "midnightblue",
...     x: CoordinatesLike = None,
...     shade: OverlayLike = None,
... ) -> None:
...     options = {"contrast": contrast, "levels": levels, "cmap": cmap, "under": sea}
...     nbimage.nbimage(heights, vmin, x=x, overlay=shade, saveas=path, **options)
>>> show_height(np.hypot(*np.mgrid[-9:9:90j, -9:9:90j]), "heights.png", vmin=2)
<Picture 90×90 float64, gray, values 0.14301 to 12.7279, terrain from 2...

Values that a type lists:

>>> from typing import get_args
>>> get_args(PictureFormat), get_args(ComplexLike)
(('png', 'jpeg', 'jpg', 'webp', 'avif'), ('abs', 'phase', 'domain'))

Any of these, in the words of `nbview`, `nbgrid`, `nbvideo` and `write_ome_zarr`:

>>> image: ImageLike = "cells.ome.zarr"
>>> images: ImagesLike = {"raw": np.eye(9), "smooth": np.ones((9, 9))}
>>> channels: ChannelsLike = {"DAPI": "blue", "GFP": "green"}
>>> labels: LabelsLike = {"nuclei": np.eye(9, dtype=int)}
>>> sky: WcsLike = False
>>> names: NamesLike = {1: "nucleus"}
>>> size: PixelSize = {"z": 2, "y": 0.5, "x": 0.5}
>>> frames: FramesLike = (np.full((9, 9), i) for i in range(5))
>>> rate: FrameRateLike = 25
>>> counter: CounterLike = ("ul", "frame {}")
>>> each: FrameContrastLike = "frame"
>>> nbimage.Video(frames, fps=rate, counter=counter, contrast=each).count
5
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Protocol,
    SupportsFloat,
    SupportsIndex,
    TypeAlias,
    Union,
)

import numpy as np

if TYPE_CHECKING:
    from fractions import Fraction

    from cmap import Color

__all__ = [
    "ArrayLike",
    "ChannelsLike",
    "ColorLike",
    "ColormapLike",
    "ComplexLike",
    "ContrastLike",
    "CoordinatesLike",
    "CounterLike",
    "FrameContrastLike",
    "FrameRateLike",
    "FramesLike",
    "ImageLike",
    "ImagesLike",
    "LabelsLike",
    "LevelsLike",
    "LimitLike",
    "NamesLike",
    "NormLike",
    "OverlayLike",
    "PathLike",
    "PictureFormat",
    "PixelSize",
    "WcsLike",
]


class SupportsArray(Protocol):
    """What makes a NumPy array of itself: arrays of xarray, dask, zarr, torch, JAX, pandas."""

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray[Any, Any]:
        """Return the values as a NumPy array."""


class SupportsArrayInterface(Protocol):
    """What has the array interface's dict, such as a PIL image."""

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """Shape, type and memory of the values."""


class SupportsDLPack(Protocol):
    """What hands its memory over as DLPack, such as an array on an accelerator."""

    def __dlpack__(self, *args: Any, **kwargs: Any) -> Any:
        """Return a capsule that holds the values."""


class SupportsRead(Protocol):
    """What reads parts of an image, as a `Pyramid` does."""

    def read(self, *args: Any, **kwargs: Any) -> np.ndarray[Any, Any]:
        """Return a part as an array."""


PathLike: TypeAlias = str | os.PathLike[str]
"""The path of a file."""

ArrayLike: TypeAlias = SupportsArray | SupportsArrayInterface | SupportsDLPack | Sequence[Any]
"""An array of any library, a PIL image, or nested lists of numbers."""

PixelSize: TypeAlias = float | Sequence[float] | Mapping[str, float]
"""Of a pixel: a number, ``(height, width)``, ``(depth, height, width)``, or a dict by axis."""
ImageLike: TypeAlias = ArrayLike | PathLike | SupportsRead
"""An array, the path or address of an image's file, or a pyramid."""

FramesLike: TypeAlias = ImageLike | Iterable[ArrayLike]
"""A stack of frames, a file of them, or frames one after the other: a list, an iterator."""

ImagesLike: TypeAlias = ImageLike | Iterable[Any] | Mapping[Any, Any]
"""A list, a dict or a stack of pictures; lists of lists are rows."""

LimitLike: TypeAlias = (
    SupportsFloat
    | SupportsIndex
    | np.datetime64
    | np.timedelta64
    | datetime.date
    | datetime.timedelta
    | str
    | Sequence[Any]
    | None
)
"""A number, a date or a time span for such data, or a sequence of these, one a channel."""

ContrastLike: TypeAlias = Literal["minmax", "infer", "robust", "zscale"] | Sequence[float] | None
"""How limits that are not given are found: a rule's name, or two percentiles."""

FrameContrastLike: TypeAlias = ContrastLike | Literal["frame"]
"""The same of a video, where each frame may have limits of its own."""

NormLike: TypeAlias = (
    Literal["linear", "log", "sqrt", "asinh", "symlog"]
    | float
    | tuple[Literal["asinh", "symlog"], float]
    | Callable[[Any], Any]
    | None
)
"""How values are spread between the limits: a name, a gamma, a name with its width, a callable."""

LevelsLike: TypeAlias = (
    int | Sequence[float] | Sequence[datetime.date] | Sequence[np.generic] | np.ndarray[Any, Any]
)
"""Discrete levels: how many at most, or their edges, numbers or dates."""

ColorLike: TypeAlias = Union[str, Sequence[float], np.ndarray[Any, Any], "Color"]
"""A CSS color, ``(r, g, b)`` or ``(r, g, b, a)`` of 0 to 1 or 0 to 255, or a color of `cmap`."""

ChannelsLike: TypeAlias = Mapping[str, ColorLike | None] | Sequence[Any] | Literal[False] | None
"""Channels of a composite: ``{name: color}``, names, ``(name, color)`` pairs, or False for none."""

ColormapLike: TypeAlias = str | Sequence[Any] | np.ndarray[Any, Any] | Callable[..., Any]
"""A name or an object of `cmap` or matplotlib, a list of colors, or an array of them."""

PictureFormat: TypeAlias = Literal["png", "jpeg", "jpg", "webp", "avif"]
"""A format of single pictures."""

LabelsLike: TypeAlias = ImagesLike
"""Label images: one, or several in a dict or a list."""

NamesLike: TypeAlias = Mapping[Any, Any] | Sequence[Mapping[str, Any]] | Any
"""What labels are called: ``{3: "nucleus"}``, a dict of columns, a DataFrame, or records."""

OverlayLike: TypeAlias = tuple[Any, ...] | Mapping[str, Any] | ArrayLike | Literal["values"] | None
"""A mask, labels, "values", ``(kind, data[, style])``, a dict, or a list of such."""

WcsLike: TypeAlias = Any
"""Coordinates of rows and columns: an object of astropy's APE 14, a FITS header, False for none."""

CoordinatesLike: TypeAlias = ArrayLike | bool | None
"""Coordinates of an axis: a sequence, the first and the last, True or False."""

CounterLike: TypeAlias = (
    bool | str | Callable[[int], Any] | tuple[str, str | bool | Callable[[int], Any]] | None
)
"""True, a corner, a format, a function of the number, or a pair of a corner and one of these."""

FrameRateLike: TypeAlias = Union[float, "Fraction"]
"""Frames a second."""

ComplexLike: TypeAlias = Literal["abs", "phase", "domain"]
"""How complex numbers are shown."""
