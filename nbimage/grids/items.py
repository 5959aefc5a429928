"""Read any collection of pictures as the items of a grid, each with a label for messages.

Nothing is mapped to pixels here; `make_pictures` does that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.arrays.axis_names import CHANNEL_NAMES, find_composite_axis, plain_name
from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.colors import Samples
from nbimage.arrays.coordinates import text_of
from nbimage.arrays.frame_axes import AxisFrames
from nbimage.arrays.further import GRID_OF_PICTURES
from nbimage.arrays.ingest import Values, as_values, pick, without_dropped, without_orientation
from nbimage.arrays.metadata import DescribedChannels, label_channels
from nbimage.base.lazy_types import find_type
from nbimage.base.scalars import as_whole, whole_or_nan
from nbimage.base.text import replace_surrogates
from nbimage.base.user_warnings import collect_warnings, warn
from nbimage.grids.facets import find_axes, list_titles, split_frames
from nbimage.grids.fields import Field, open_fields
from nbimage.grids.item import Item, Items
from nbimage.mapping.channels.blend import Asked
from nbimage.pyramid.read_files import is_file, unique_names
from nbimage.pyramid.read_frames import list_files, read_frames

if TYPE_CHECKING:
    from nbimage.codecs.clips.video_frames import VideoFrames
    from nbimage.pyramid.sources.ome_zarr.plate import FieldsSource

_MOST_FRAMES, _MOST_BYTES = 1000, 1 << 30  # of a video, all of whose frames are shown
_ARRAYS = ("shape", "__array__", "__array_interface__", "__dlpack__")
"""What one of which is an array, or can be taken for one."""


def as_items(
    images: Any,
    titles: Any,
    row: Any = None,
    column: Any = None,
    channel_axis: int | None = None,
    orientation: bool = True,
    channels: Asked = None,
) -> Items:
    """Take a list, a dict, nested lists, a stack or a labelled array apart.

    Raises TypeError or ValueError for what holds no pictures, and for titles of another number.
    """
    images = images if orientation else without_orientation(images)
    if row is not None or column is not None:
        if is_file(images):
            # where both are asked for, channels are pictures
            apart: Asked = False if None not in (row, column) else None
            several = math.inf
            images = _read_stack(images, channel_axis, orientation, several, channels=apart)
        split = split_frames if isinstance(images, AxisFrames) else _split_along
        found = split(images, row, column)
    elif isinstance(images, Mapping):
        found = Items(
            [
                Item(image, f"images[{key!r}]", replace_surrogates(key))
                for key, image in images.items()
            ]
        )
    elif is_file(images):
        fields = open_fields(images, channel_axis)
        if fields is None:
            stack = _read_stack(images, channel_axis, orientation)
            if not isinstance(stack, AxisFrames):
                return as_items(stack, titles, row, column, channel_axis, orientation, channels)
            found = split_frames(stack, *_find_facets(stack))
        else:
            found = _list_fields(fields)
    elif isinstance(images, bytes):
        raise TypeError(f"images must be arrays or paths, but got bytes {images[:20]!r}")
    elif _is_series(images):
        names = [text_of(name) for name in images.index] if hasattr(images, "index") else []
        shown = [None if _is_missing(image) else unpack_polars(image) for image in images]
        found = _list_items(shown, names)
    elif isinstance(images, np.ndarray) and images.dtype == object:
        found = _list_rows(images.tolist() if images.ndim else [images.item()])
    elif shows_itself(images):
        found = Items([Item(images, "images")])
    elif any(hasattr(images, name) for name in _ARRAYS):
        found = _split_stack(images, channel_axis, channels)
    elif isinstance(images, Iterable):
        found = _list_rows(list(images))
    else:
        raise TypeError(
            f"images must be a list, a dict or a stack of pictures, but got {type(images).__name__}"
        )
    if not found.items:
        raise ValueError("images must hold at least one picture, but is empty")
    return found if titles is None else replace(_set_titles(found, titles), titled=True)


def _read_stack(
    path: Any,
    channel_axis: int | None,
    orientation: bool,
    several: float = 2,
    channels: Asked = None,
) -> Any:
    """Return what a file holds: a stack, frames, a list of pictures, or its path where it is one.

    ``several``: along so many axes frames may lie; where that is any number, a picture is one too.
    """
    files = list_files(path)
    if files is not None:
        return files
    options: Any = {"samples_apart": True, "several": several, "channels": channels}
    frames, _ = read_frames(path, channel_axis, orientation, **options)
    if hasattr(frames, "ndim"):  # an array of memory or of zarr
        return frames
    if isinstance(frames, AxisFrames) and (several == math.inf or len(frames) > 1):
        return frames
    return [path] if len(frames) == 1 else list(frames)


def _find_facets(frames: AxisFrames) -> tuple[int | None, int | None]:
    """Return the axes that go down and across where frames lie along two, as of an array."""
    long = [number for number, axis in enumerate(frames.axes) if axis.length > 1]
    return (long[0], long[1]) if len(long) == 2 else (None, None)


def resolve_columns(columns: Any, items: Items) -> int | None:
    """Return how many columns there are; None for as many as fit. Raises ValueError."""
    if columns is None:
        return items.columns
    if (
        isinstance(columns, str)
        and columns == "auto"
        and not (items.row_titles or items.column_titles)
    ):
        return None
    if (items.row_titles or items.column_titles) and columns != items.columns:
        raise ValueError(
            f"columns must be left out where rows and columns are facets, but got {columns!r}"
        )
    if not whole_or_nan(columns) >= 1:
        raise ValueError(f'columns must be 1 or more, or "auto", but got {columns!r}')
    return as_whole("columns", columns)


def shows_itself(content: Any) -> bool:
    """Whether it is a picture, a video or a matplotlib figure rather than an array."""
    return hasattr(content, "inner_html") or is_matplotlib(content)


def is_matplotlib(content: Any) -> bool:
    """Whether it is a matplotlib figure, or an axes of one."""
    figure = find_type("matplotlib.figure", "FigureBase")
    axes = find_type("matplotlib.axes", "Axes")
    return isinstance(content, (figure, axes))


def _is_series(images: Any) -> bool:
    return any(isinstance(images, find_type(module, "Series")) for module in ("pandas", "polars"))


def _is_missing(image: Any) -> bool:
    """Return whether an element of a Series is NaN or pandas' NA, which a column of arrays has."""
    return (isinstance(image, float) and image != image) or type(image).__name__ == "NAType"


def unpack_polars(part: Any) -> Any:
    """Return an element of a polars Series of nested lists as arrays, its dtype kept."""
    series: Any = find_type("polars", "Series")
    if isinstance(part, series):
        parts = [unpack_polars(one) for one in part] if part.dtype.is_nested() else part.to_numpy()
        even = isinstance(parts, list) and len({np.shape(one) for one in parts}) == 1
        return np.stack(parts) if even else parts
    return part


def _set_titles(found: Items, titles: Any) -> Items:
    if any(hasattr(titles, name) for name in _ARRAYS) and np.ndim(titles) > 1:
        raise TypeError(
            "titles must be a list of names, but got an array: give several pictures as a list, "
            "nbgrid([a, b])"
        )
    if isinstance(titles, (str, bytes)) or not isinstance(titles, Iterable):
        raise TypeError(f"titles must be a list, one a picture, but got {titles!r}")
    titles = list(titles)
    if titles and all(isinstance(row, (list, tuple)) for row in titles):  # as the pictures are
        longest = max(map(len, titles))
        titles = [title for row in titles for title in (*row, *[""] * (longest - len(row)))]
    texts = [text_of(title) for title in titles]
    if len(texts) != len(found.items):
        raise ValueError(
            f"titles must be {len(found.items)}, one a picture, but got {len(texts)}: {texts[:4]}"
        )
    items = [
        Item(item.content, item.label, text) for item, text in zip(found.items, texts, strict=True)
    ]
    return replace(found, items=items)


def _list_items(images: Sequence[Any], names: Sequence[str] = ()) -> Items:
    titles = names or unique_names(images)
    return Items(
        [
            Item(image, f"images[{i}]", title)
            for i, (image, title) in enumerate(zip(images, titles, strict=True))
        ]
    )


def _list_rows(images: list[Any]) -> Items:
    """Take a list; of lists of pictures, each is a row, where None and what is short are gaps."""
    rows = [row for row in images if isinstance(row, (list, tuple)) and _may_be_row(row)]
    if len(rows) < len(images) or not any(part is not None for row in rows for part in row):
        return _list_items(images)
    columns = max(len(row) for row in rows)
    full = [[*row, *[None] * (columns - len(row))] for row in rows]
    names = iter(unique_names([image for row in full for image in row]))
    items = [
        Item(image, f"images[{i}][{j}]", next(names))
        for i, row in enumerate(full)
        for j, image in enumerate(row)
    ]
    return Items(items, columns)


def _list_fields(fields: FieldsSource) -> Items:
    """Take the fields of a well, or of a plate the first one of each well, in rows and columns.

    Their titles are paths within it, by which they are opened.
    """
    name, plate = fields.name, fields.plate
    if plate is None:
        found = [Item(Field(fields, path), f"{name}/{path}", path) for path in fields.fields]
        return Items(found, note=f"{name}: a field is opened by its path, {name}/{found[0].title}")
    wells = {(well.row, well.column): well for well in plate.wells}
    items = []
    for row, column in np.ndindex(len(plate.rows), len(plate.columns)):
        well = wells.get((row, column))
        path = "" if well is None else f"{well.path}/{well.fields[0]}"
        content = None if well is None else Field(fields, path)
        items.append(Item(content, f"{name}/{path}", path))
    most = max(len(well.fields) for well in plate.wells)
    more = f", the first of up to {most} fields each" if most > 1 else ""
    note = f"{name}: {plate}{more}; a field is opened by its path, {name}/{fields.fields[0]}"
    return Items(items, len(plate.columns), plate.rows, plate.columns, note=note)


def _may_be_row(row: Sequence[Any]) -> bool:
    """Whether it is a row of pictures and gaps; numbers and lines of them are a picture."""
    return not any(
        isinstance(part, (int, float, complex, list, tuple))
        or len(getattr(part, "shape", (0, 0))) < 2
        for part in row
    )


def check_few(video: VideoFrames) -> None:
    """Raise ValueError for a video that is too long for a grid of all its frames."""
    if len(video) > _MOST_FRAMES or video.nbytes > _MOST_BYTES:
        step = -(-len(video) // 48)
        raise ValueError(
            f"a grid must be of fewer frames, but {video.name} has {len(video)}: pick some, such "
            f"as nbgrid(frames(path)[::{step}])"
        )


def _split_stack(images: Any, channel_axis: int | None, asked: Asked) -> Items:
    """Take a stack: ``(N, H, W[, C])``, ``(rows, columns, H, W[, C])``, or one picture.

    Channels that are no colors stay together, unless ``asked`` is False.
    """
    if isinstance(images, find_type("nbimage.codecs.clips.video_frames", "VideoFrames")):
        check_few(images)
    values = as_values(images, True)
    shape = values.shape
    if channel_axis is not None:
        leading = tuple(range(len(shape) - 3))
    else:
        values, leading = _find_leading(values, asked, images)
    if len(leading) > GRID_OF_PICTURES.kept:
        raise ValueError(f"{GRID_OF_PICTURES.wrong}, but got shape {shape}: {GRID_OF_PICTURES.way}")
    label = values.metadata.label
    if not leading:
        return Items([Item(values, "images")], label=label)
    if len(leading) == 2:
        return _in_rows(values, *leading)
    titles = _titles_along(values, leading[0]) or ("",) * values.shape[leading[0]]
    items = [
        Item(pick(values, leading[0], i), f"images[{i}]", title) for i, title in enumerate(titles)
    ]
    return Items(items, label=label, facets=True)


def _find_leading(values: Values, asked: Asked, images: Any) -> tuple[Values, tuple[int, ...]]:
    """Return a stack's values, with their ``channels`` where it has some, and its leading axes."""
    shape, names = values.shape, values.names
    named = names is not None and any(plain_name(name) in CHANNEL_NAMES for name in names)
    samples = Samples(values.array, values.mask, values.metadata)
    with collect_warnings():  # they come with the pictures
        order = resolve_axis_order(
            shape,
            names,
            further=GRID_OF_PICTURES,
            channels=len(asked) if asked and not named and len(shape) > 3 else None,
            samples=samples,
        )
    layers = order.channels if asked else None
    if layers is None and asked is not False and len(shape) > 3:
        found = find_composite_axis(order.axes(shape))
        layers = None if found is None else order.further[found]
    if (order.channels is not None or layers is not None) and not names and len(shape) == 4:
        _warn_ambiguous(shape, images)
    if layers is not None:
        channels = DescribedChannels(layers, label_channels(values.metadata, layers))
        values = replace(values, channels=channels)
    values, kept = without_dropped(values, order), order.without_dropped()
    own = None if values.channels is None else values.channels.axis
    return values, tuple(axis for axis in kept.further if axis != own)


def _in_rows(values: Values, row: int, column: int) -> Items:
    """Take an array apart along two axes, that of the rows of pictures and that of the columns."""
    later = column - (column > row)
    items = [
        Item(pick(pick(values, row, i), later, j), f"images[{i}, {j}]")
        for i in range(values.shape[row])
        for j in range(values.shape[column])
    ]
    rows, column_titles = _titles_along(values, row), _titles_along(values, column)
    label = values.metadata.label
    return Items(items, values.shape[column], rows, column_titles, label, facets=True)


def _warn_ambiguous(shape: tuple[int, ...], images: Any) -> None:
    """Say that rows of pictures were taken for channels, where that is open: not of torch."""
    torch = isinstance(images, find_type("torch", "Tensor"))
    if shape[1] == 4 and shape[3] not in (1, 3, 4) and not torch:
        warn(
            f"shape {shape} was taken as {shape[0]} planar pictures of {shape[1]} channels: give "
            "channel_axis=0 to keep that silently, or row=0, column=1 for rows and columns",
        )


def _split_along(images: Any, row: Any, column: Any) -> Items:
    """Take a labelled array, or any, apart along the axes named as rows and columns."""
    values = as_values(images, True)
    names = values.names or (None,) * len(values.shape)
    down, across = find_axes(row, column, names, values.shape)
    if down is not None and across is not None:
        return _in_rows(values, down, across)
    (axis,) = (one for one in (down, across) if one is not None)
    titles = _titles_along(values, axis) or ("",) * values.shape[axis]
    items = [
        Item(pick(values, axis, i), f"images[{i}]", titles[i]) for i in range(values.shape[axis])
    ]
    label = values.metadata.label
    return Items(items, None if down is None else 1, label=label, facets=True)


def _titles_along(values: Values, axis: int) -> tuple[str, ...]:
    name = values.names[axis] if values.names else None
    return list_titles(name, values.metadata.along(axis), values.shape[axis])
