"""What a pyramid reads from: levels of samples, and what is known of them.

The formats are in `nbimage.pyramid.sources`.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.metadata import UNLABELLED, Metadata
from nbimage.base.box import Box
from nbimage.base.chunked import Array, read_only

Shape = tuple[int, int]


@dataclass(kw_only=True, eq=False)
class Source:
    """What a pyramid reads from: an image of one level or more, any part of which can be read.

    A base class: give ``__init__`` what is known, and write `read`, which any thread may call.
    `Pyramid` takes an object of it, and packages register readers that return one, or an array,
    by the entry points ``nbimage.sources``: see docs/plugins.md.

    Parameters
    ----------
    shapes : tuple of (int, int)
        Rows and columns of each level that is there, largest first, each one half of the one
        before, rounded up. What is not there is made.
    dtype : dtype
        Of the samples that `read` returns: real numbers or booleans.
    channels : int
        Of one picture: 1 is gray.
    axes : tuple of (str, int), optional
        Names and lengths of the axes beside rows, columns and channels, in order.
    pixel_size : (float, float), optional
        Height and width of a pixel of the largest level, in ``unit``.
    unit : str
        Of ``pixel_size``, such as "µm".
    channel_names, channel_colors : tuple of str, optional
        Of a picture's channels, or along the axis ``c``; colors as ``#rrggbb``.
    metadata : Metadata, optional
        Labels, units and coordinates: of the further axes, rows, columns and channels, in order.
    stored : dtype, optional
        Of the samples in the file, where they are read as floats for the sake of missing values.
    blocks : tuple of (int, int), optional
        Rows and columns that are decoded at once, a level; (1, 1) where any part is as near.
    turned_from : int
        The orientation, 2 to 8, of what is stored and was turned upright; 1: nothing was turned.
    companions : tuple of Path, optional
        Other files that it is in, for what tells it from another image.

    Raises
    ------
    TypeError
        For samples that are no real numbers.

    Examples
    --------
    A chessboard of any size, which is nowhere in memory:

    >>> class Squares(nbimage.Source):
    ...     def __init__(self, side):
    ...         super().__init__(shapes=((side, side),), dtype=np.uint8, unit="mm")
    ...
    ...     def read(self, level, box, index=()):
    ...         rows = np.arange(box.top, box.bottom)[:, None]
    ...         columns = np.arange(box.left, box.right)
    ...         return np.uint8(255) * ((rows // 8 + columns // 8) % 2).astype(np.uint8)
    >>> image = nbimage.Pyramid(Squares(1_000_000))
    >>> image.levels[0].shape
    (1000000, 1000000)
    >>> image.read(0, slice(999_990, 999_994), slice(6, 10))
    array([[  0,   0, 255, 255],
           [  0,   0, 255, 255],
           [255, 255,   0,   0],
           [255, 255,   0,   0]], dtype=uint8)

    What was not given has its default:

    >>> source = Squares(1000)
    >>> source.shapes, source.dtype, source.stored, source.channels, source.axes
    (((1000, 1000),), dtype('uint8'), dtype('uint8'), 1, ())
    >>> source.blocks, source.pixel_size, source.unit, source.turned_from, source.companions
    (((1, 1),), None, 'mm', 1, ())
    >>> source.channel_names, source.channel_colors, source.metadata.label
    ((), (), '')
    >>> source.close()
    """

    shapes: tuple[Shape, ...]
    dtype: np.dtype[Any]
    channels: int = 1
    axes: tuple[tuple[str, int], ...] = ()
    pixel_size: tuple[float, float] | None = None
    unit: str = ""
    channel_names: tuple[str, ...] = ()
    channel_colors: tuple[str, ...] = ()
    metadata: Metadata = UNLABELLED
    stored: np.dtype[Any] = None  # type: ignore[assignment]
    blocks: tuple[Shape, ...] = ()
    turned_from: int = 1
    companions: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        """Check the dtype, and fill in what was left out."""
        self.dtype = check_dtype(self.dtype)
        self.stored = self.dtype if self.stored is None else self.stored
        if not self.blocks:
            self.blocks = ((1, 1),) * len(self.shapes)

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level, ``(H, W)`` or ``(H, W, C)``, at one index along the axes.

        Parameters
        ----------
        level : int
            Which of ``shapes``.
        box : Box
            Rows from ``box.top`` to ``box.bottom`` and columns from ``box.left`` to ``box.right``,
            all of which there are; ``box.slices`` is what an array takes.
        index : tuple of int
            One number for each of ``axes``.

        Examples
        --------
        >>> from nbimage.base.box import Box
        >>> source = nbimage.open_pyramid(np.arange(12).reshape(3, 4)).source
        >>> source.read(0, Box(top=1, bottom=3, left=0, right=2))
        array([[4, 5],
               [8, 9]])
        """
        raise NotImplementedError

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return the same in the dtype ``stored``, and where it is missing; None: nowhere.

        Examples
        --------
        >>> from nbimage.base.box import Box
        >>> source = nbimage.open_pyramid(np.arange(12).reshape(3, 4)).source
        >>> source.read_stored(0, Box(top=2, bottom=3, left=0, right=4))
        (array([[ 8,  9, 10, 11]]), None)
        """
        return split_missing(self.read(level, box, index), self.stored)

    def close(self) -> None:
        """Let go of files."""


class WrappedSource(Source):
    """Another source, read as it is: what knows more of it, or reads it otherwise, is a subclass.

    Parameters
    ----------
    inner : Source
        The other one.
    **changed
        What is other in this one, by the parameters of `Source`; the rest is the same.
    """

    def __init__(self, inner: Source, **changed: Any) -> None:
        self.inner = inner
        super().__init__(
            **({field.name: getattr(inner, field.name) for field in fields(Source)} | changed)
        )

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level."""
        return self.inner.read(level, box, index)

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        return self.inner.read_stored(level, box, index)

    def close(self) -> None:
        """Let go of files."""
        self.inner.close()


CLOSED: weakref.WeakSet[Source] = weakref.WeakSet()
"""Those that a pyramid has closed, which other pyramids may have as well."""


def as_labelled(metadata: Metadata, labels: Any, dtype: np.dtype[Any], channels: int) -> Metadata:
    """Return metadata of samples that are labels, or are not; None: as they say themselves.

    Raises TypeError and ValueError where they can't be. Colors of a palette can.
    """
    if labels is None or labels is metadata.labels:
        return metadata
    if not isinstance(labels, (bool, np.bool_)):
        raise TypeError(f"labels must be True or False, but got {type(labels).__name__}")
    if labels and dtype.kind not in "biu":
        raise TypeError(
            f"labels must be integers or booleans, but got dtype {dtype}: convert them, "
            "for instance with data.astype(int)"
        )
    if labels and channels > 1 and not metadata.indexed:
        raise ValueError(
            f"labels must have one channel, but got {channels}: pick one of them, give axes= of "
            "planes, or leave it out"
        )
    return replace(metadata, labels=bool(labels))


def open_alike(source: Source, labels: bool, count: int) -> None:
    """Let a source that was opened anew have labels or not, and so many levels, as before."""
    if labels != source.metadata.labels:
        source.metadata = replace(source.metadata, labels=labels)
    keep_levels(source, count)


def keep_levels(source: Source, count: int) -> None:
    """Leave out all but so many of the largest levels."""
    source.shapes, source.blocks = source.shapes[:count], source.blocks[:count]


def check_dtype(dtype: Any) -> np.dtype[Any]:
    """Return a dtype in native byte order. Raises TypeError for what is not numbers."""
    dtype = np.dtype(dtype)
    if dtype.kind not in "biuf":
        raise TypeError(
            f"samples must be real numbers or booleans, but got dtype {dtype}: convert them first, "
            "for instance with abs(data)"
        )
    plain: np.dtype[Any] = dtype.newbyteorder("=")
    return plain


def split_missing(samples: Array, stored: np.dtype[Any]) -> tuple[Array, Array | None]:
    """Return samples in the dtype that they are stored in, and where they are NaN; None: nowhere.

    Floats that are stored as such keep their NaN.
    """
    if stored == samples.dtype or stored.kind not in "biu":
        return samples, None
    mask = np.isnan(samples)
    whole = np.where(mask, 0, np.rint(samples)).astype(stored)
    return whole, mask if mask.any() else None


def as_native(part: Array, dtype: np.dtype[Any]) -> Array:
    """Return samples in native byte order; what is shared with the caller's data is read-only."""
    part = np.asarray(part)
    if part.dtype != dtype or not part.dtype.isnative:
        return part.astype(dtype)
    return read_only(part)
