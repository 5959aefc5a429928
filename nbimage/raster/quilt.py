"""`quilt`: lay out a stack of images as one array, in rows and columns, samples untouched."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from nbimage.arrays.axis_names import Names
from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.device import DeviceArray
from nbimage.arrays.further import QUILTED
from nbimage.arrays.ingest import take
from nbimage.base.chunked import Array
from nbimage.base.doors import door
from nbimage.base.scalars import as_whole, number_or_nan, whole_or_nan

if TYPE_CHECKING:
    from nbimage.typing import ArrayLike


@door
def quilt(
    data: ArrayLike,
    aspect: float = 1,
    max_x: int | None = None,
    space: int = 0,
    fill: float | Sequence[float] = 0,
    channel_axis: int | None = None,
) -> Array:
    """Lay a stack of images out as one array, row by row, with as few empty cells as may be.

    Of all numbers of columns the one is taken for which ``|log(ratio / aspect)|`` plus the empty
    cells' number through that of the images is least, ``ratio`` being the width of the whole
    through its height; of equal ones the larger.

    Parameters
    ----------
    data : array-like, or sequence of arrays of one shape
        Gray images ``(…, H, W)``, or with channels ``(…, H, W, C)`` or ``(…, C, H, W)``: any
        number of leading axes, taken in C order. Three axes are gray images. Of four and more the
        last or the third last is that of the channels if it is 1, 3 or 4 long (the third last if
        both are, with a warning) and not named otherwise; else the images are gray. Of a labelled
        array the names of its axes tell rows, columns and channels, wherever they are. Numbers of
        any kind, booleans or dates; never changed.
    aspect : float
        Width through height that the whole should have.
    max_x : int, optional
        At most so many images side by side.
    space : int
        Pixels between two images; none around them.
    fill : number or sequence of numbers
        Value of the spaces and the empty cells, or one a channel.
    channel_axis : int, optional
        Which axis of ``data`` holds the channels, if the guess is wrong: the last or the third
        last.

    Returns
    -------
    array of the same dtype
        ``(rows * (H + space) - space, columns * (W + space) - space)``, the channels where they
        were: last, or first. New memory. Of a masked array a masked one, spaces not masked. One
        image, ``(H, W)``, is returned as it is.

    Raises
    ------
    TypeError
        For objects, strings and ragged data.
    ValueError
        For empty data, less than two axes, and parameters that do not fit.

    Examples
    --------
    >>> stack = np.arange(6)[:, None, None] * np.ones((2, 3), int)
    >>> nbimage.quilt(stack, space=1, fill=9)
    array([[0, 0, 0, 9, 1, 1, 1],
           [0, 0, 0, 9, 1, 1, 1],
           [9, 9, 9, 9, 9, 9, 9],
           [2, 2, 2, 9, 3, 3, 3],
           [2, 2, 2, 9, 3, 3, 3],
           [9, 9, 9, 9, 9, 9, 9],
           [4, 4, 4, 9, 5, 5, 5],
           [4, 4, 4, 9, 5, 5, 5]])
    >>> nbimage.quilt(np.zeros((100, 8, 8, 3)), aspect=2).shape
    (56, 120, 3)
    """
    array, mask, names = _as_array(data)
    aspect, max_x, space = _resolve_numbers(aspect, max_x, space)
    array, mask, axis = _with_images_last(array, mask, names, channel_axis)
    shape = array.shape[-2:] if axis is None else array.shape[-3:]
    first = axis is not None and axis == array.ndim - 3
    height, width = shape[1:] if first else shape[:2]
    count = math.prod(array.shape[: array.ndim - len(shape)])
    columns = _best_columns(count, width, height, aspect, max_x, space)
    background = _as_fill(fill, array.dtype, 1 if axis is None else array.shape[axis])
    if background.ndim:
        background = background[:, None, None] if first else background
    whole = _lay_out(array, len(shape), first, columns, space, background)
    if mask is not None:
        none = np.zeros((), bool)
        return np.ma.MaskedArray(whole, _lay_out(mask, len(shape), first, columns, space, none))
    return np.ma.MaskedArray(whole) if isinstance(data, np.ma.MaskedArray) else whole


def _as_array(data: Any) -> tuple[Array, Array | None, Names | None]:
    """Return a plain array, its mask and its axes' names. Raises for what can't be images."""
    values = take(data)
    array = values.array.host() if isinstance(values.array, DeviceArray) else values.array
    if array.dtype.kind not in "biufcmM":
        raise TypeError(
            f"data must be numbers, booleans or dates, but got dtype {array.dtype}: "
            "convert it first, for instance with data.astype(float)"
        )
    if 0 in array.shape:
        raise ValueError(f"the data are empty: their shape is {array.shape}")
    if array.ndim < 2:
        raise ValueError(
            f"data must have at least 2 axes (height, width), but got shape {array.shape}: "
            "give it two, such as data.reshape(1, -1) for one row"
        )
    return array, values.mask, values.names


def _resolve_numbers(aspect: Any, max_x: Any, space: Any) -> tuple[float, int | None, int]:
    """Return plain numbers. Raises ValueError for those out of range."""
    if not 0 < number_or_nan(aspect) < math.inf:
        raise ValueError(f"aspect must be a number above 0, but got {aspect!r}")
    if max_x is not None and not whole_or_nan(max_x) >= 1:
        raise ValueError(f"max_x must be a whole number from 1 on, but got {max_x!r}")
    if not whole_or_nan(space) >= 0:
        raise ValueError(f"space must be a whole number of pixels from 0 on, but got {space!r}")
    most = None if max_x is None else as_whole("max_x", max_x)
    return number_or_nan(aspect), most, as_whole("space", space)


def _with_images_last(
    array: Array, mask: Array | None, names: Names | None, channel_axis: int | None
) -> tuple[Array, Array | None, int | None]:
    """Return an array and its mask with an image's axes last, and the axis of the channels."""
    shape, count = array.shape, array.ndim
    if channel_axis is not None:
        known = hasattr(channel_axis, "__index__") and -count <= channel_axis < count
        if count < 3 or not known or channel_axis % count not in (count - 1, count - 3):
            raise ValueError(
                "channel_axis must be the last axis or the third last (-1 or -3), "
                f"but got {channel_axis!r} for an array of shape {shape}"
            )
    order = resolve_axis_order(shape, names, None, channel_axis, further=QUILTED, dtype=array.dtype)
    image = [order.rows, order.columns]
    first = order.channels is not None and order.channels < order.rows
    if order.channels is not None:
        image.insert(0 if first else 2, order.channels)
    axes = [*order.further, *image]
    mask = None if mask is None else mask.transpose(axes)
    axis = None if order.channels is None else count - 3 if first else count - 1
    return array.transpose(axes), mask, axis


def _as_fill(fill: Any, dtype: np.dtype[Any], channels: int) -> Array:
    """Return the fill in the images' dtype: no axis, or one of the channels' length."""
    given = np.asarray(fill)
    if given.ndim > 1 or (given.ndim == 1 and len(given) != channels):
        raise ValueError(
            f"fill must be one number, or one for each of {channels} channels, but got {fill!r}"
        )
    if given.dtype.kind == "c" and dtype.kind != "c" and not given.imag.any():
        given = given.real
    held, fits = given, False
    with np.errstate(all="ignore"), contextlib.suppress(TypeError, ValueError, OverflowError):
        if dtype.kind in "mM" or given.dtype.kind != "c" or dtype.kind == "c":
            held = given.astype(dtype)
            if dtype.kind in "mM":
                fits = given.dtype.kind not in "bf"
            elif dtype.kind in "fc" and given.dtype.kind in "biufc":  # rounded, never to infinity
                fits = bool((np.isfinite(held) == np.isfinite(given)).all())
            else:
                fits = bool((held == given).all())
    if not fits:
        raise ValueError(f"fill must be what {dtype} can hold, but got {fill!r}")
    return held


def _best_columns(
    count: int, width: int, height: int, aspect: float, max_x: int | None, space: int
) -> int:
    """Return how many columns come nearest to the aspect ratio with the fewest empty cells."""
    columns = np.arange(count if max_x is None else min(count, max_x), 0, -1)
    rows = -(-count // columns)
    wide = np.log(columns * float(width + space) - space)
    tall = np.log(rows * float(height + space) - space)
    cost = np.abs(wide - tall - math.log(aspect)) + (rows * columns - count) / count
    return int(columns[np.argmin(np.round(cost, 12))])  # the first of equals: the most columns


def _lay_out(
    images: Array, own: int, first: bool, columns: int, space: int, background: Array
) -> Array:
    """Return images, of which the last ``own`` axes are one, side by side in rows of columns."""
    lead, shape = images.shape[: images.ndim - own], images.shape[images.ndim - own :]
    y = 1 if first else 0  # the axis of an image's rows; the next is that of its columns
    rows = -(-math.prod(lead) // columns)
    steps = shape[y] + space, shape[y + 1] + space
    total = list(shape)
    total[y : y + 2] = rows * steps[0] - space, columns * steps[1] - space
    out = np.empty(total, images.dtype)
    if space or rows * columns > math.prod(lead):
        out[...] = background
    strides = steps[0] * out.strides[y], steps[1] * out.strides[y + 1]
    cells = as_strided(out, (rows, columns, *shape), (*strides, *out.strides))
    start = 0
    for index in np.ndindex(lead[:-1]):  # the last leading axis at once
        part = images[index] if lead else images[None]
        while len(part):
            row, column = divmod(start, columns)
            if column or len(part) < columns:
                n = min(columns - column, len(part))
                cells[row, column : column + n] = part[:n]
            else:
                n = len(part) // columns * columns
                cells[row : row + n // columns] = part[:n].reshape(-1, columns, *shape)
            start, part = start + n, part[n:]
    return out
