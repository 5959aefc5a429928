"""Smaller versions of samples: halves, as libvips makes them, one pixel, some samples.

Not here: which part of a level is halved, and when (`lazy_level`, `nbimage.pyramid.levels`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array

Halve = Callable[[Array], Array]
"""Make one of two by two samples of ``(H, W)`` or ``(H, W, C)``, in the same dtype."""

_WIDER = {1: np.int16, 2: np.int32, 4: np.int64}  # by bytes: what holds the sum of four, and 2
_WIDER_UNSIGNED = {1: np.uint16, 2: np.uint32, 4: np.uint64}
_STRIP = 1 << 17  # samples halved at once: what is made of them stays in the processor's cache
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
    rows, columns, *colors = block.shape
    means = np.empty((-(-rows // 2), -(-columns // 2), *colors), block.dtype)
    size = (columns + columns % 2) * math.prod(colors)  # of a row
    step = max(2, _STRIP // max(1, size) // 2 * 2)
    halve_strip = _choose_strip_halving(block, (min(step, rows + rows % 2) // 2, size))
    for top in range(0, rows, step):
        halve_strip(pad_to_even(block[top : top + step]), means[top >> 1 : (top + step) >> 1])
    return means


def _choose_strip_halving(block: Array, strip: tuple[int, int]) -> Callable[[Array, Array], object]:
    """Return what halves a strip of rows into its place; what it works in is kept for the next."""
    size, half = block.dtype.itemsize, (strip[0], strip[1] // 2)
    if block.dtype.kind == "f":
        wide = np.result_type(block.dtype, np.float32)
        return partial(_halve_floats, work=(np.empty(half, wide), np.empty(half, wide)))
    if block.dtype == np.uint8 and block.ndim == 3:
        sums = np.empty(strip, np.uint16), np.empty(strip, np.uint16)
        return partial(_halve_bytes, work=sums, total=np.empty(half, np.uint16))
    if size == 8:
        return _halve_long_integers
    if block.dtype.kind == "u" and size < 4 and block.ndim == 2:
        wide = np.dtype(_WIDER_UNSIGNED[size])
        pair = _WIDER_UNSIGNED[wide.itemsize]
        return partial(_halve_gray, sums=np.empty(strip, wide), total=np.empty(half, pair))
    wider = _WIDER if block.dtype.kind == "i" else _WIDER_UNSIGNED
    return partial(_halve_integers, work=np.empty(half, wider[size]))


def _four(even: Array) -> tuple[Array, Array, Array, Array]:
    return even[::2, ::2], even[::2, 1::2], even[1::2, ::2], even[1::2, 1::2]


def _halve_integers(even: Array, means: Array, *, work: Array) -> None:
    first, second, third, fourth = _four(even)
    total = work[: len(means)].reshape(means.shape)
    np.add(first, second, out=total, dtype=total.dtype)
    total += third
    total += fourth
    total += total.dtype.type(2)
    total >>= total.dtype.type(2)
    np.copyto(means, total, casting="unsafe")


def _halve_gray(even: Array, means: Array, *, sums: Array, total: Array) -> None:
    """Put means of small numbers: two sums that lie side by side are one number of twice the bits.

    Its lower half is their sum, once its upper half is added, whichever of them comes first.
    """
    sums, total = sums[: len(means)], total[: len(means)]
    np.add(even[::2], even[1::2], out=sums, dtype=sums.dtype)
    both = sums.view(total.dtype)
    np.right_shift(both, 8 * sums.itemsize, out=total)
    total += both
    total += 2
    total >>= 2
    np.copyto(means, total, casting="unsafe")


def _halve_bytes(even: Array, means: Array, *, work: tuple[Array, Array], total: Array) -> None:
    """Put means of bytes: each pixel is added to its neighbour in long rows, then half go.

    That is three times as fast as to add every other pixel, three bytes at a time.
    """
    count, _, channels = means.shape
    sums, pairs, total = work[0][:count], work[1][:count], total[:count]
    np.add(even[::2], even[1::2], out=sums.reshape(count, *even.shape[1:]), dtype=np.uint16)
    np.add(sums[:, :-channels], sums[:, channels:], out=pairs[:, :-channels])
    pixel = f"V{2 * channels}"
    total.view(pixel)[...] = pairs.view(pixel)[:, ::2]
    total += 2
    total >>= 2
    np.copyto(means.reshape(count, -1), total, casting="unsafe")


def pad_to_even(block: Array) -> Array:
    """Return a block with a last odd row and column doubled."""
    rows, columns = block.shape[:2]
    if rows % 2:
        block = np.concatenate([block, block[-1:]])
    if columns % 2:
        block = np.concatenate([block, block[:, -1:]], axis=1)
    return block


def _halve_floats(even: Array, means: Array, *, work: tuple[Array, Array]) -> None:
    first, *others = four = _four(even)
    total, quarter = (each[: len(means)].reshape(means.shape) for each in work)
    part_of_sum = total.dtype.type(0.25)  # no sum beyond the largest float
    np.multiply(first, part_of_sum, out=total)
    with np.errstate(invalid="ignore"):
        for other in others:
            np.multiply(other, part_of_sum, out=quarter)
            total += quarter
    missing = np.isnan(total)
    if missing.any():  # or inf and -inf met, which stay NaN
        wider = np.result_type(even.dtype, np.float64)
        kept = [part[missing].astype(wider) for part in four]
        count = sum((~np.isnan(part)).astype(wider) for part in kept)
        with np.errstate(all="ignore"):
            whole = sum(np.where(np.isnan(part), 0, part / count) for part in kept)
            whole = np.clip(whole, np.fmin.reduce(kept), np.fmax.reduce(kept))  # not rounded to inf
        total[missing] = np.where(count == 0, np.nan, whole)
    with np.errstate(over="ignore"):
        means[...] = total


def _halve_long_integers(even: Array, means: Array) -> None:
    """Put the means of integers whose sums no integer holds: of quarters and what is left."""
    four = _four(even)
    quarters = sum(part >> np.array(2, part.dtype) for part in four)
    left = sum(part & np.array(3, part.dtype) for part in four)
    two = np.array(2, four[0].dtype)
    means[...] = quarters + ((left + two) >> two)


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
    """Return some of the samples of a part; the least and the largest are among them."""
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
