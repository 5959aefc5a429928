"""Label images over the images of a view: which, on which planes, and where.

Not here: names and properties of labels (`label_table`), what pages get (`layer_config`).
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.metadata import Coordinate
from nbimage.base.chunked import Array
from nbimage.base.lazy_types import find_type
from nbimage.mapping.color_options import as_own_labels
from nbimage.mapping.colormap import label_palette
from nbimage.pyramid.core.oriented import as_flipped
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.view.model.images import Image, split_items
from nbimage.view.model.layers.label_table import LabelFacts, read_facts, split_tables
from nbimage.view.model.open_image import open_stack
from nbimage.view.model.stack import EmbeddedStack, Stack, on_host
from nbimage.view.model.tiled_image import TiledStack
from nbimage.view.project.projections import Along

_CHANNELS = ("c", "ch", "channel", "channels", "band", "bands", "s")
_MOST_COUNTED = 1 << 22  # the largest label that is counted by a table
OPACITY = 0.4
Axes = list[tuple[str, int]]


@dataclass(slots=True, eq=False)
class LabelLayer:
    """A label image that lies over an image, or over all that are compared."""

    name: str
    stack: Stack
    image: int
    """The number of the image that it lies over; -1: all of them."""
    steps: tuple[int, ...]
    """By how many planes a step along each further axis of the images leads on."""
    ratio: tuple[float, float]
    """The height and the width of a label's sample in samples of the image."""
    facts: LabelFacts
    palette: Array
    """Colors of labels, that of 0 first."""
    opacity: float = OPACITY
    kind: str = "labels"
    upside_down: bool = False
    """The first row of what is embedded lies at the bottom."""

    def plane(self, index: Sequence[int]) -> int:
        """Return the number of the plane at an index along the images' further axes."""
        return sum(i * step for i, step in zip(index, self.steps, strict=True))

    @property
    def lengths(self) -> list[int]:
        """How many planes there are along each further axis of the images; 0: one for all."""
        sizes = self.stack.sizes
        strides = [math.prod(sizes[i + 1 :]) for i in range(len(sizes))]
        known = {step: n for step, n in zip(strides, sizes, strict=True) if n > 1}
        return [known.get(step, 0) if step else 0 for step in self.steps]

    def lies_at(self, index: Sequence[Along]) -> bool:
        """Return whether there are labels at an index: not where planes are made one."""
        return all(
            not count or (isinstance(i, int) and i < count)
            for i, count in zip(index, self.lengths, strict=False)
        )

    def plane_index(self, index: Sequence[int]) -> tuple[int, ...]:
        """Return the index along its own further axes, at one along the images'."""
        sizes = self.stack.sizes
        return tuple(int(i) for i in np.unravel_index(self.plane(index), sizes)) if sizes else ()

    def read_planes(self) -> Iterator[tuple[Array, Array | None]]:
        """Yield each embedded plane's labels and mask, of rows from the top as they are shown."""
        rows = slice(None, None, -1) if self.upside_down else slice(None)
        for plane in self.stack.planes():
            array, mask = on_host(plane, None)
            yield array[rows], None if mask is None else mask[rows]

    def count(self) -> int | None:
        """Return how many labels there are; None of those that are not all in the page."""
        if not isinstance(self.stack, EmbeddedStack):
            return len(self.facts.properties) or len(self.facts.names) or None
        array, _ = on_host(self.stack.values, None)
        if array.dtype.kind == "b":
            return int(array.any())
        low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
        if low >= 0 and high <= _MOST_COUNTED:
            known = np.zeros(high + 1, bool)
            known[array.ravel()] = True
            return int(known[1:].sum())
        return int(np.count_nonzero(np.unique(array)))


def resolve_labels(
    labels: Any,
    names: Any,
    images: Sequence[Image],
    data: Any,
    embed: bool | None,
    orientation: bool = True,
) -> list[LabelLayer]:
    """Return the label images of ``labels=``, or those that lie beside an OME-Zarr image.

    Parameters
    ----------
    labels : array-like, path, or dict or list of such
        None or a bool: the caller gives none.
    names : dict or table
        What labels are called.
    images : sequence of Image
        What they lie over.
    data : array-like, path or Pyramid
        Of the images, as the caller gave them.
    embed : bool, optional
        Keep them in the page, or make tiles of them; None: by their size.
    orientation : bool
        As for `open_pyramid`.

    Raises
    ------
    TypeError, ValueError
        For labels that do not fit the images.
    """
    if labels is None and len(images) == 1 and not images[0].labels:
        given = [(f"labels {path}", _base(path), path, -1) for path in _find_beside(images[0])]
        found = []
        for what, name, path, image in given:
            with contextlib.suppress(TypeError, ValueError, OSError, KeyError):
                opened = _open_beside(data, path)  # what does not fit is left out
                found.append(_resolve(what, name, opened, image, images, embed, orientation))
    elif labels is None or as_own_labels(labels) is not None:
        found = []
    else:
        found = [_resolve(*one, images, embed, orientation) for one in _split_given(labels, images)]
    if names is not None and not found:
        own = [one for one in images if one.labels]
        if not own:
            raise ValueError("names must be left out where there are no labels: give labels=")
        facts = read_facts(names)
        for one in own:
            one.names = facts.names
        return found
    for layer, table in zip(found, split_tables(names, [a.name for a in found]), strict=True):
        layer.facts = layer.facts.updated(read_facts(table))
    return found


def _split_given(labels: Any, images: Sequence[Image]) -> list[tuple[str, str, Any, int]]:
    """Return what each is called in errors and in the list, the labels, and which image's."""
    items = split_items(labels)
    if items is None:
        return [("labels", "labels", labels, -1)]
    if not items:
        raise ValueError("labels must hold at least one label image, but is empty")
    own = [image.name for image in images]
    if len(images) > 1 and isinstance(labels, Mapping) and set(labels) <= set(own):
        return [(f"labels[{name!r}]", name, one, own.index(name)) for name, one in labels.items()]
    return [(what.replace("data", "labels", 1), name, one, -1) for what, name, one in items]


def _find_beside(image: Image) -> tuple[str, ...]:
    found: tuple[str, ...] = image.stack.metadata.label_images
    return found


def _base(path: str) -> str:
    return path.removeprefix("labels/")


def _open_beside(data: Any, path: str) -> Any:
    """Return what opens a label image beside an OME-Zarr image."""
    if isinstance(data, find_type("zarr", "Group")):
        return data[path]
    if isinstance(data, Pyramid):
        data = getattr(data.source, "path", "")
    return f"{os.fspath(data).rstrip('/')}/{path}"


def _resolve(
    what: str,
    name: str,
    labels: Any,
    image: int,
    images: Sequence[Image],
    embed: bool | None,
    orientation: bool,
) -> LabelLayer:
    over = images[max(image, 0)].stack
    if isinstance(labels, (list, tuple)):
        labels = np.asarray(labels)
    try:
        axes = None if hasattr(labels, "dims") else _guess_axes(labels, over)
        stack = open_stack(labels, axes, None, None, embed, orientation, labels=True)
        return _match(name, stack, image, over)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        text = str(error).removeprefix("labels ")
        raise kind(f"{what} {text}" if text.startswith("must ") else f"{what}: {text}") from None


def _match(name: str, stack: Stack, image: int, over: Stack) -> LabelLayer:
    """Return a layer where a label image fits an image."""
    if stack.channels > 1:
        raise ValueError(
            f"must have one channel, but got {stack.channels} of shape {stack.shape}: pick one"
        )
    ratio = _find_ratio((stack.rows, stack.columns), (over.rows, over.columns))
    if ratio is None:
        raise ValueError(
            f"must have the image's {over.rows} rows and {over.columns} columns, or a whole number "
            f"of times as many or as few, but got shape {stack.shape}"
        )
    steps = _find_steps(stack, over)
    upside_down = over.upward if isinstance(stack, EmbeddedStack) else False
    if isinstance(stack, TiledStack) and over.upward and not stack.upward:
        stack = TiledStack(as_flipped(stack.pyramid), own=True)
    facts = LabelFacts.of_table(stack.metadata.label_table)
    return LabelLayer(
        name, stack, image, steps, ratio, facts, label_palette(), upside_down=upside_down
    )


def _find_ratio(own: tuple[int, int], image: tuple[int, int]) -> tuple[float, float] | None:
    """Return the height and width of a sample in samples of an image; None of no whole ratio.

    As often halved as the other side, a side may be rounded.
    """
    down, across = (_find_factor(n, count) for n, count in zip(own, image, strict=True))
    if down is None or across is None:
        return None
    exact = all(max(n, m) % min(n, m) == 0 for n, m in zip(own, image, strict=True))
    return (down, across) if exact or down == across else None


def _find_factor(own: int, image: int) -> float | None:
    small, large = sorted((own, image))
    if not small:
        return None
    factor = round(large / small)
    halved = factor & (factor - 1) == 0 and small in (large // factor, -(-large // factor))
    if large % small and (factor < 2 or not halved):
        return None
    return float(factor) if own < image else 1 / factor


def _find_steps(stack: Stack, over: Stack) -> tuple[int, ...]:
    """Return by how many planes a step along each further axis of an image leads on."""
    own, theirs = _words(stack), _words(over)
    strides = np.cumprod([1, *[size for _, size in own][:0:-1]])[::-1].tolist() if own else []
    steps = [0] * len(theirs)
    free = set(range(len(theirs)))
    left = []
    for (name, size), stride in zip(own, strides, strict=True):
        if size == 1:
            continue
        named = next((i for i, (other, _) in enumerate(theirs) if other == name), None)
        if named is None:
            left.append((name, size, stride))
            continue
        if theirs[named][1] != size:
            raise ValueError(
                f"must have {theirs[named][1]} planes along {name!r} as the image has, or one, "
                f"but got {size}"
            )
        steps[named] = stride
        free.discard(named)
    for name, size, stride in reversed(left):
        found = next((i for i in sorted(free, reverse=True) if theirs[i][1] == size), None)
        if found is None:
            known = ", ".join(f"{size} of {name!r}" for name, size in theirs) or "none"
            raise ValueError(
                f"must have no axes but the image's beside rows and columns ({known}), but got "
                f"{size} of {name!r}"
            )
        steps[found] = stride
        free = {i for i in free if i < found}
    return tuple(steps)


def _words(stack: Stack) -> Axes:
    """Return names without units, and lengths, of the further axes."""
    names = (name.partition(" [")[0].removeprefix("along ") for name in stack.names)
    return list(zip(names, stack.sizes, strict=True))


def _guess_axes(labels: Any, over: Stack) -> tuple[str, ...] | None:
    """Return a name for each axis of an array without names: the image's own, the last ones.

    Without the image's channels; where these are an axis to go along, with them or without.
    None where the array says itself, or a file.
    """
    shape = getattr(labels, "shape", None)
    plain = isinstance(shape, tuple) and all(isinstance(n, int) for n in shape)
    named = isinstance(labels, (str, os.PathLike, Pyramid, find_type("zarr", "Group")))
    if not plain or named or not shape:
        return None
    words = _words(over)
    whole: Axes = []
    for own in over.order:
        if isinstance(own, int):
            whole.append(words[own])
        elif own in ("y", "x"):
            whole.append((own, over.rows if own == "y" else over.columns))
    fewer = [one for one in whole if one[0].lower() not in _CHANNELS]
    for known in (whole, fewer):
        found = _fit(shape, known)
        if found is not None:
            return found
    if len(shape) > len(whole):
        raise ValueError(
            f"must have at most the image's {len(whole)} axes without channels, but got shape "
            f"{shape}"
        )
    return tuple(_own_name(name) for name, _ in whole[-len(shape) :])


def _fit(shape: tuple[int, ...], known: Axes) -> tuple[str, ...] | None:
    """Return the names of an array's axes where it fits the last ones of an image's."""
    names: list[str] = []
    left = list(known)
    for number, size in reversed(list(enumerate(shape))):
        if left and _fits(size, *left[-1]):
            name, _ = left.pop()
            names.append(_own_name(name))
        elif size == 1:
            names.append(f"single {number}")
        else:
            return None
    return tuple(reversed(names)) if {"y", "x"} <= set(names) else None


def _fits(size: int, name: str, count: int) -> bool:
    if name in ("y", "x"):
        return _find_factor(size, count) is not None
    return size in (1, count)


def as_mask_layer(name: str, mask: Any, images: Sequence[Image], **style: Any) -> LabelLayer:
    """Return the layer of a mask or of labels that are part of an overlay."""
    layer = _resolve("", name, mask, -1, images, images[0].stack.tiles is None, True)
    return replace(layer, **style)


def side_coordinates(stack: Stack) -> tuple[Coordinate | None, Coordinate | None]:
    """Return the coordinates of rows and columns, in the order of what is shown of tiles."""
    from nbimage.view.model.page_coordinates import find_coordinate

    if isinstance(stack, EmbeddedStack):
        known, order = stack.values.metadata, stack.axis_order
        return known.along(order.rows), known.along(order.columns)
    if isinstance(stack, TiledStack):
        rows = len(stack.pyramid.axes)
        return find_coordinate(stack.pyramid, rows), find_coordinate(stack.pyramid, rows + 1)
    return None, None


def _own_name(name: str) -> str:
    """Return a name for an axis of labels, which have no channels."""
    return f"along {name}" if name.lower() in _CHANNELS else name
