"""Where frames come from: a stack, a lazy one, a list or an iterator, a few frames at a time.

An array has its frames along the first axis; a lazy one (dask, zarr, xarray) is read in slices. A
list holds frames. Any other iterable is read once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.axis_names import CHANNEL_NAMES, SAMPLE_NAMES, plain_name
from nbimage.arrays.axis_order import AxisOrder, resolve_axis_order
from nbimage.arrays.colors import Samples
from nbimage.arrays.further import STACK_OF_FRAMES
from nbimage.arrays.ingest import (
    Values,
    as_values,
    names_of,
    pick,
    picture_axis_order,
    slice_along,
    transpose,
    without_dropped,
)
from nbimage.arrays.metadata import list_positions
from nbimage.arrays.stacks.no_array import suggest_array
from nbimage.base.lazy_types import find_type
from nbimage.base.user_warnings import warn

_AT_ONCE = 1 << 23  # values of a slice read at once
Take = Callable[[Any], Values]


@dataclass(frozen=True, slots=True)
class Source:
    """Where slices of frames come from: each a `Values` whose first axis is time."""

    slices: Callable[[], Iterator[Values]]
    count: int | None
    first: Values
    """One frame, for its shape, its dtype and its names."""
    again: bool
    """The slices can be read more than once."""
    texts: tuple[str, ...] = ()
    """What each frame is called by its coordinate, such as its date; () where it has none."""


def as_source(data: Any, channel_axis: int | None, take: Take) -> tuple[Source, int | None]:
    """Return the source of slices, and the channel axis of one frame."""
    if isinstance(data, find_type("pydicom.dataset", "Dataset")):
        values = as_values(data)
        if values.names is not None and values.names[0] is None:  # a single frame
            return _from_list([values], None, take)
        return _from_stack(values, channel_axis, take)
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _from_list(data, channel_axis, take)
    if hasattr(data, "shape") and hasattr(data, "__getitem__"):
        return _from_stack(data, channel_axis, take)
    if isinstance(data, Iterable) and not isinstance(data, (str, bytes, dict)):
        return _from_iterator(iter(data), channel_axis, take)
    if hasattr(data, "__array__") or hasattr(data, "__dlpack__"):
        return _from_stack(as_values(data, True).array, channel_axis, take)
    raise TypeError(
        f"data must be a stack or an iterable of frames, but got {type(data).__name__}"
        + suggest_array(data).replace("nbgrid(data) for all", "nbgrid of a Video each")
    )


def _from_stack(data: Any, channel_axis: int | None, take: Take) -> tuple[Source, int | None]:
    shape = tuple(int(n) for n in data.shape)
    if 0 in shape:
        raise ValueError(f"the stack is empty: its shape is {shape}")
    if channel_axis is not None and len(shape) == 3:
        raise ValueError(f"channel_axis must be None for a stack of gray frames, shape {shape}")
    if channel_axis is not None and channel_axis % max(1, len(shape)) == 0:
        raise ValueError(
            f"channel_axis must be 1 or -1 for a stack, but got {channel_axis} for {shape}: "
            "axis 0 holds the frames"
        )
    order = resolve_axis_order(
        shape,
        names_of(data),
        None,
        channel_axis,
        further=STACK_OF_FRAMES,
        dtype=getattr(data, "dtype", None),
        samples=_find_samples(data, take),
    )
    if len(shape) == 3 and shape[2] in (3, 4) and min(shape[:2]) > 4 and not names_of(data):
        warn(
            f"shape {shape} was taken as {shape[0]} frames of {shape[1]}×{shape[2]}: give "
            "list(data) to keep that silently; nbimage(data) shows one picture in color"
        )
    along = order.further[0]
    lazy = not isinstance(data, np.ndarray)
    chunks = getattr(data, "chunks", None)
    step = max(1, _AT_ONCE * shape[along] // math.prod(shape))
    if chunks:  # a chunk is read whole in any case
        own = chunks[along][0] if isinstance(chunks[along], tuple) else chunks[along]
        step = max(int(own), step // int(own) * int(own))

    def part(start: int, stop: int) -> Values:
        whole = not lazy and (start, stop) == (0, shape[along])
        found = take(data if whole else slice_along(data, along, start, stop))
        return _frames_first(found, order)

    def slices() -> Iterator[Values]:
        count = step if lazy else shape[along]
        for start in range(0, shape[along], count):
            yield part(start, min(shape[along], start + count))

    first = pick(part(0, 1), 0, 0)
    texts = _list_texts(data, along, shape[along])
    return Source(slices, shape[along], first, True, texts), _channels_of_frame(order)


def _list_texts(data: Any, along: int, count: int) -> tuple[str, ...]:
    """Return what the positions along an axis are called; no values are read."""
    metadata = None
    if isinstance(data, Values):
        metadata = data.metadata
    elif isinstance(data, find_type("xarray", "DataArray")):
        from nbimage.arrays.labelled import as_labelled  # 5 ms, for those who have such data

        labelled = as_labelled(data, lazy=True)
        metadata = None if labelled is None else labelled.metadata
    elif isinstance(data, find_type("zarr", "Array")):
        from nbimage.arrays.stores.zarr_metadata import zarr_labels

        metadata = zarr_labels(data)[0]
    elif isinstance(data, find_type("h5py", "Dataset")):
        from nbimage.arrays.stores.hdf5_metadata import hdf5_labels

        metadata = hdf5_labels(data)[0]
    return () if metadata is None else list_positions(metadata.along(along), count)


def _find_samples(data: Any, take: Take) -> Samples | None:
    """Return what the channels of a stack are called, by one part of it; None without names."""
    names = [plain_name(name) for name in names_of(data) or ()]
    words = CHANNEL_NAMES | SAMPLE_NAMES
    along = next((axis for axis, name in enumerate(names) if name not in words), None)
    if along is None or not words.intersection(names):
        return None
    return Samples(data, metadata=take(slice_along(data, along, 0, 1)).metadata, unit=True)


def _frames_first(values: Values, order: AxisOrder) -> Values:
    """Return a part of a stack with the frames along its first axis, and no axis of length 1."""
    values, kept = without_dropped(values, order), order.without_dropped()
    along = kept.further[0]
    if not along:
        return values
    return transpose(values, [along, *(a for a in range(len(values.shape)) if a != along)])


def _channels_of_frame(order: AxisOrder) -> int | None:
    kept = order.without_dropped()
    if kept.channels is None:
        return None
    return kept.channels - (kept.channels > kept.further[0])


def _from_list(frames: Any, channel_axis: int | None, take: Take) -> tuple[Source, int | None]:
    if not frames:
        raise ValueError("a list of frames must hold at least one, but is empty")
    first = take(frames[0])
    order = picture_axis_order(first, channel_axis)

    def slices() -> Iterator[Values]:
        for frame in frames:
            yield _as_slice(take(frame), first.shape, order)

    source, axis = _of_frames(slices, len(frames), first, True, order)
    texts, title = getattr(frames, "texts", ()), first.metadata.title
    if not texts:
        texts, title = _find_titles(frames, title, take)
    metadata = replace(source.first.metadata, title=title)
    return replace(source, texts=texts, first=replace(source.first, metadata=metadata)), axis


def _find_titles(frames: Sequence[Any], title: str, take: Take) -> tuple[tuple[str, ...], str]:
    """Return what labelled frames of a list are called, such as their dates, and a title of all."""
    kind = find_type("xarray", "DataArray")
    if len(frames) < 2 or not title:
        return (), title
    if not isinstance(frames, (list, tuple)) or not all(isinstance(one, kind) for one in frames):
        return (), title if take(frames[-1]).metadata.title == title else ""
    from nbimage.arrays.labelled import list_scalars  # 5 ms, for those who have such data

    each = [list_scalars(frame) for frame in frames]
    own = [name for name in each[0] if len({scalars.get(name) for scalars in each}) > 1]
    shared = ", ".join(f"{name} = {text}" for name, text in each[0].items() if name not in own)
    texts = tuple(", ".join(scalars.get(name, "") for name in own) for scalars in each)
    return (texts, shared) if own else ((), title)


def _from_iterator(
    frames: Iterator[Any], channel_axis: int | None, take: Take
) -> tuple[Source, int | None]:
    try:
        head = next(frames)
    except StopIteration:
        raise ValueError("an iterator of frames must yield at least one, but yields none") from None
    first = take(head)
    first = replace(first, metadata=replace(first.metadata, title=""))  # of those that follow too
    order = picture_axis_order(first, channel_axis)

    def slices() -> Iterator[Values]:
        for frame in itertools.chain([head], frames):
            yield _as_slice(take(frame), first.shape, order)

    return _of_frames(slices, None, first, False, order)


def _of_frames(
    slices: Callable[[], Iterator[Values]],
    count: int | None,
    first: Values,
    again: bool,
    order: AxisOrder,
) -> tuple[Source, int | None]:
    first, channels = without_dropped(first, order), order.without_dropped().channels
    return Source(slices, count, first, again), channels


def each_frame(source: Source) -> Iterator[Values]:
    """Yield one frame after the other."""
    for part in source.slices():
        for number in range(part.shape[0]):
            yield pick(part, 0, number)


def _as_slice(frame: Values, shape: tuple[int, ...], order: AxisOrder) -> Values:
    """Return one frame as a stack of one; what is of another shape than the first is as it was."""
    if order.dropped and frame.shape == shape:
        frame = without_dropped(frame, order)
    mask = None if frame.mask is None else frame.mask[None]
    return Values(frame.array[None], mask, None, frame.dtype)
