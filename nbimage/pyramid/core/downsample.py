"""Smaller versions of samples: halves, as libvips makes them, one pixel, some samples.

Not here: which part of a level is halved, and when (`lazy_level`, `nbimage.pyramid.levels`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array

Halve = Callable[[Array], Array]
"""Make one of two by two samples of ``(H, W)`` or ``(H, W, C)``, in the same dtype."""

_WIDER = {1: np.int16, 2: np.int32, 4: np.int64}  # by bytes: what holds the sum of four, and 2
_WIDER_UNSIGNED = {1: np.uint16, 2: np.uint32, 4: np.uint64}
_MAX_SAMPLES = 1 << 16  # samples of a part from which limits are estimated


def halve(block: Array) -> Array:
    """Return the means of two by two samples of ``(H, W)`` or ``(H, W, C)``, in the same dtype.

    Whole numbers: ``(sum + 2) >> 2``, booleans true where at least half are. Floats: NaN are left
    out, and are where there is nothing else. A last odd row or column counts twice.
    """
    kind = block.dtype.kind
    if kind == "b":
        return halve(block.view(np.uint8)) >= 1
    if kind not in "iuf":
        raise TypeError(f"samples must be numbers or booleans, but got dtype {block.dtype}")
    even = pad_to_even(block)
    if block.dtype == np.uint8 and block.ndim == 3:
        return _halve_bytes(even)
    four = even[::2, ::2], even[::2, 1::2], even[1::2, ::2], even[1::2, 1::2]
    if kind == "f":
        return _halve_floats(four, block.dtype)
    size = block.dtype.itemsize
    if size == 8:
        return _halve_long_integers(four)
    wide = (_WIDER if kind == "i" else _WIDER_UNSIGNED)[size]
    total = np.add(four[0], four[1], dtype=wide)
    total += four[2]
    total += four[3]
    total += wide(2)
    total >>= wide(2)
    return total.astype(block.dtype)


def _halve_bytes(block: Array) -> Array:
    """Return means of bytes: each pixel is added to its neighbour in long rows, then half go.

    That is three times as fast as to add every other pixel, three bytes at a time.
    """
    rows, columns, channels = block.shape
    sums = block[::2].astype(np.uint16).reshape(rows // 2, -1)
    sums += block[1::2].reshape(rows // 2, -1)
    means = sums[:, :-channels] + sums[:, channels:]
    means += 2
    means >>= 2
    whole = np.zeros((rows // 2, columns * channels), np.uint8)
    np.copyto(whole[:, :-channels], means, casting="unsafe")
    every_other = whole.view(f"V{channels}")[:, ::2]
    return np.ascontiguousarray(every_other).view(np.uint8).reshape(rows // 2, -1, channels)


def pad_to_even(block: Array) -> Array:
    """Return a block with a last odd row and column doubled."""
    rows, columns = block.shape[:2]
    if rows % 2:
        block = np.concatenate([block, block[-1:]])
    if columns % 2:
        block = np.concatenate([block, block[:, -1:]], axis=1)
    return block


def _halve_floats(four: tuple[Array, ...], dtype: np.dtype[np.generic]) -> Array:
    wide = np.result_type(dtype, np.float32)
    first, *others = (part * wide.type(0.25) for part in four)  # no sum beyond the largest float
    total = np.asarray(first, wide)
    with np.errstate(invalid="ignore"):
        for other in others:
            total += other
    missing = np.isnan(total)
    if missing.any():  # or inf and -inf met, which stay NaN
        work = np.result_type(dtype, np.float64)
        kept = [part[missing].astype(work) for part in four]
        count = sum((~np.isnan(part)).astype(work) for part in kept)
        with np.errstate(all="ignore"):
            whole = sum(np.where(np.isnan(part), 0, part / count) for part in kept)
            whole = np.clip(whole, np.fmin.reduce(kept), np.fmax.reduce(kept))  # not rounded to inf
        total[missing] = np.where(count == 0, np.nan, whole)
    return total.astype(dtype, copy=False)


def _halve_long_integers(four: tuple[Array, ...]) -> Array:
    """Return the means of integers whose sums no integer holds: of quarters and what is left."""
    quarters = sum(part >> np.array(2, part.dtype) for part in four)
    left = sum(part & np.array(3, part.dtype) for part in four)
    two = np.array(2, four[0].dtype)
    return np.asarray(quarters + ((left + two) >> two))


def halve_labels(block: Array) -> Array:
    """Return the upper left one of two by two samples: each is one that is there, whatever it is.

    Of several halvings too it is the sample that lies there, so that it does not depend on how
    they are shared out. Of labels there is no mean.
    """
    return np.ascontiguousarray(block[::2, ::2])


def choose_halving(labels: bool) -> Halve:
    """Return how samples are made fewer: labels by taking some of them, others by means."""
    return halve_labels if labels else halve


def halve_repeatedly(part: Array, times: int, halve: Halve = halve) -> Array:
    """Return one sample of two by two, so many times."""
    for _ in range(times):
        part = halve(part)
    return part


def make_smaller_levels(array: Array, halve: Halve = halve) -> list[Array]:
    """Return all smaller levels, down to one pixel."""
    found = []
    while max(array.shape[:2]) > 1:
        array = halve(array)
        found.append(array)
    return found


def find_mean_pixel(part: Array, labels: bool = False) -> Array:
    """Return the mean of all pixels, in the same dtype, without NaN; of labels the middle one."""
    if labels:
        return np.array(part[part.shape[0] // 2, part.shape[1] // 2])
    if part.dtype.kind != "f":
        mean = part.mean(axis=(0, 1), dtype=np.float64)
        if part.dtype.kind == "b":
            return np.asarray(mean >= 0.5)
        if part.dtype.itemsize == 8:  # floats near the largest integers are beyond them
            mean = np.minimum(mean, np.nextafter(float(np.iinfo(part.dtype).max), 0))
        return np.asarray(np.rint(mean).astype(part.dtype))
    there = ~np.isnan(part)
    work = np.result_type(part.dtype, np.float64)
    count = there.sum(axis=(0, 1))
    with np.errstate(all="ignore"):
        total = np.where(there, part, 0).sum(axis=(0, 1), dtype=work) / count
        if not np.isfinite(total).all():  # of the largest floats there may be no sum
            parts = np.where(there, part.astype(work) / count, 0).sum(axis=(0, 1))
            ends = np.fmin.reduce(part, axis=(0, 1)), np.fmax.reduce(part, axis=(0, 1))
            total = np.where(count > 0, np.clip(parts, *ends), np.nan)
        return np.asarray(total.astype(part.dtype))


def take_samples(part: Array) -> Array:
    """Return some of the samples of a piece; the least and the largest are among them."""
    rows, columns = part.shape[:2]
    step = int(np.ceil((part.size / _MAX_SAMPLES) ** 0.5))
    if step <= 1 or min(rows, columns) <= step:
        return part[: max(1, _MAX_SAMPLES // max(1, part.size // rows))].copy()
    some = part[step // 2 :: step, step // 2 :: step].copy()
    finite = np.isfinite(part) if part.dtype.kind == "f" else None
    if some.shape[1] < 2 or (finite is not None and not finite.all()):
        return some
    some[0, 0], some[0, 1] = part.min(axis=(0, 1)), part.max(axis=(0, 1))
    return some


def shrink_box(box: Box, times: int) -> Box:
    """Return where a part lies in a level so many halvings smaller."""
    top, left = box.top >> times, box.left >> times
    return Box(top, -(-box.bottom >> times), left, -(-box.right >> times))


def repeat_samples(part: Array, times: int, box: Box) -> Array:
    """Return a box of a level from `shrink_box` of a smaller one, each sample repeated."""
    small = shrink_box(box, times)
    rows = (np.arange(box.top, box.bottom) >> times) - small.top
    columns = (np.arange(box.left, box.right) >> times) - small.left
    repeated: Array = part[np.ix_(rows, columns)]
    return repeated
