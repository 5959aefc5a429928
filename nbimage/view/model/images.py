"""The images of a view: one, or several that are compared.

Not here: where samples come from (`stack`), the limits (`image_limits`), what a page gets of an
image (`page_config`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.arrays.world.coordinates import World
from nbimage.base.lazy_types import find_type
from nbimage.base.text import replace_surrogates
from nbimage.figure.hidden_values import Tail
from nbimage.mapping.alpha import as_colors, without_alpha
from nbimage.mapping.channels.blend import describe_channels, describe_composite
from nbimage.mapping.channels.composite import ChannelColor, name_channels, with_file_colors
from nbimage.mapping.channels.layers import composite
from nbimage.mapping.color_scale import describe_values
from nbimage.mapping.limits import Extent, Limits, extent
from nbimage.mapping.pixels import describe_labels
from nbimage.mapping.value_scale import UNTOUCHED, ValueScale, is_date
from nbimage.picture import Picture, make_picture
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.read_files import unique_names
from nbimage.view.model.blended import Blended
from nbimage.view.model.open_image import open_stack, pick_by_names
from nbimage.view.model.stack import Stack, on_host
from nbimage.view.model.world.page_world import find_world
from nbimage.view.project.projections import Along, find_kinds

_RED_GREEN_BLUE = tuple(
    ChannelColor(name, color)
    for name, color in (("red", (255, 0, 0)), ("green", (0, 255, 0)), ("blue", (0, 0, 255)))
)


@dataclass(slots=True, eq=False)
class Image:
    """One array to be shown, with its colors and limits."""

    name: str
    stack: Stack
    kind: str
    """As on the page: "gray", "color" or "composite"."""
    channel_colors: tuple[ChannelColor, ...] = ()
    """Of a gray image none, of one in colors red, green and blue."""
    source: str = "data"
    """Python that gives the array."""
    scale: ValueScale = UNTOUCHED
    """What black and white stand for in a picture of any of its planes."""
    limits: tuple[Limits, ...] = ()
    """One, or of a composite one a channel."""
    extents: tuple[Extent, ...] = ()
    noise: tuple[float, ...] = ()
    """Of the values, or of each channel of a composite, from which asinh has its width."""
    tail: Tail | None = None
    """What its limits hide."""
    world: World | None = None
    """Coordinates of the sky or the earth, of rows from the top as shown; None without."""
    opaque: float | None = None
    """The alpha that is opaque; None without alpha."""
    lit: tuple[bool, ...] = ()
    """Which channels the caller wants to be seen at first; empty: those of the file."""
    names: Mapping[int, str] | None = None
    """What the caller calls labels that are the image itself; None: what the file calls them."""

    @property
    def labels(self) -> bool:
        """Whether the values are labels, between which there is no mean."""
        return self.stack.metadata.labels

    @property
    def on(self) -> list[bool]:
        """Which channels are seen at first: as asked for, or all that the file does not hide."""
        if self.lit:
            return list(self.lit)
        count, hidden = len(self.channel_colors), set(self.stack.metadata.hidden)
        if self.kind != "composite" or len(hidden) >= count:
            return [True] * count
        return [channel not in hidden for channel in range(count)]

    @property
    def kinds(self) -> list[str]:
        """Which projections its values have."""
        stack = self.stack
        dtype = stack.metadata.dtype or getattr(getattr(stack, "values", None), "dtype", "")
        return find_kinds(labels=self.labels, dates=is_date(dtype))

    def picture(self, index: Sequence[Along], **options: Any) -> Picture:
        """Return the picture at an index along the further axes, in the image's limits."""
        plane, axis = self.stack.plane(index), self.stack.channel_axis
        quiet: dict[str, Any] = {"x": False, "y": False, "colorbar": False, "title": ""}
        if self.kind != "composite":
            plane = replace(as_colors(plane, axis), opaque=self.opaque)
            colored = options["labels"] and self.kind == "gray"  # whatever the limits are
            scale = UNTOUCHED if colored else self.scale
            picture = make_picture(plane, scale.on_axis(axis), **quiet, **options)
            if self.stack.tiles is not None:
                picture.lower = self.stack.upward  # an overview is upright already
                picture.description = self._describe_overview(plane, index, picture)
            return picture
        lit = zip(self.channel_colors, self.on, strict=True)
        colors = [one if on else replace(one, color=(0, 0, 0)) for one, on in lit]
        shown = composite(plane, axis, colors, self.limits)
        del options["cmap"], options["labels"]
        text = self._describe_composite(plane)
        picture = make_picture(shown, ValueScale(channel_axis=2), **quiet, **options)
        picture.description = text
        dtype = plane.dtype or str(plane.array.dtype)
        picture._show_channels(describe_channels(colors, self.limits, dtype))
        return picture

    def _describe_overview(self, plane: Values, index: Sequence[Along], picture: Picture) -> str:
        """Return the line on a plane of which the picture is an overview."""
        stack, scale, axis = self.stack, picture.color_scale, self.stack.channel_axis
        if scale is None and picture.labels:
            return describe_labels(self._plane_shape(), plane.dtype or str(plane.array.dtype))
        if plane.shape[:2] == (stack.rows, stack.columns) or scale is None:
            return picture.description
        exact = stack.whole_plane(index)
        if exact is None:
            known = self.extents[0] if self.extents else Extent()
        else:
            colors = without_alpha(exact, axis, self.scale)
            known = extent(colors.array, colors.mask)
        pixel, _ = on_host(plane, axis)
        whole = replace(
            plane,
            array=np.broadcast_to(pixel[:1, :1], self._plane_shape()),
            dtype=plane.dtype or str(pixel.dtype),
        )
        scale = scale._replace(known=known)
        return describe_values(whole, scale, axis, sampled=exact is None)

    def _plane_shape(self) -> tuple[int, ...]:
        """Return rows, columns and channels of a plane of a tiled stack."""
        sides = self.stack.rows, self.stack.columns
        return sides if self.stack.channel_axis is None else (*sides, self.stack.channels)

    def _describe_composite(self, plane: Values) -> str:
        """Return a line on a composite."""
        whole = plane.shape if self.stack.tiles is None else self._plane_shape()
        return describe_composite(plane, whole, self.channel_colors, self.limits)


def as_images(
    data: Any,
    axes: Any,
    channel_axis: int | None,
    channel_colors: tuple[ChannelColor, ...] | None,
    embed: bool | None = None,
    orientation: bool = True,
    blended: Blended | None = None,
    labels: bool | None = None,
    wcs: Any = None,
) -> list[Image]:
    """Return the image, or those of a dict or a list of arrays, not yet with limits.

    ``embed``, ``orientation``, ``labels``, ``wcs``: as for `View`. If one is tiled, all
    are. ``blended``: which channels are laid over one another where ``channel_colors`` is None.

    Raises TypeError or ValueError, of several with the label of the one that is wrong.
    """
    items = split_items(data)
    more = orientation, blended, labels, wcs
    options = axes, channel_axis, channel_colors, embed, *more
    if items is None:
        return [_open_image("", data, *options)]
    if not items:
        raise ValueError("data must hold at least one array, but is empty")
    images = []
    for label, name, item in items:
        try:
            images.append(_open_image(name, item, *options))
            images[-1].source = label
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"{label}: {error}") from error
    if embed is None and any(image.stack.tiles is not None for image in images):
        return as_images(data, axes, channel_axis, channel_colors, False, *more)
    first = images[0].stack
    for (label, _, _), image in zip(items, images, strict=True):
        stack = image.stack
        if (stack.names, stack.sizes) != (first.names, first.sizes):
            raise ValueError(
                "data must have the same axes beside rows and columns to be compared, but "
                f"{items[0][0]} has {_format_axes(first)} and {label} {_format_axes(stack)}"
            )
    return images


def split_items(data: Any) -> list[tuple[str, str, Any]] | None:
    """Return label, name and content of each image; None where the data are one array."""
    stores = find_type("xarray", "Dataset"), find_type("h5py", "Group")
    if isinstance(data, Mapping) and not isinstance(data, stores):
        return [(f"data[{key!r}]", replace_surrogates(key), item) for key, item in data.items()]
    if isinstance(data, (list, tuple)) and data and all(map(_is_picture, data)):
        names = unique_names(data)
        return [(f"data[{i}]", names[i] or f"image {i}", item) for i, item in enumerate(data)]
    return None


def _is_picture(item: Any) -> bool:
    """Whether an element of a list is a picture of its own rather than a row."""
    kinds = find_type("PIL.Image", "Image"), find_type("pydicom.dataset", "Dataset")
    if isinstance(item, (Picture, str, os.PathLike, Pyramid, *kinds)):
        return True
    return len(getattr(item, "shape", ())) >= 2


def _format_axes(stack: Stack) -> str:
    sizes = zip(stack.names, stack.sizes, strict=True)
    return ", ".join(f"{size} of {name!r}" for name, size in sizes) or "none"


def _open_image(
    name: str,
    data: Any,
    axes: Any,
    channel_axis: int | None,
    channel_colors: tuple[ChannelColor, ...] | None,
    embed: bool | None,
    orientation: bool,
    blended: Blended | None,
    labels: bool | None,
    wcs: Any,
) -> Image:
    given = data
    data = data.render() if isinstance(data, Picture) else data
    count = None if channel_colors is None else len(channel_colors)
    own: Any = {"blended": blended, "labels": labels}
    if channel_colors is not None and axes is None and channel_axis is None:
        names = [one.name for one in channel_colors]
        data = pick_by_names(data, names, orientation=orientation, labels=labels)
        orientation, own["labels"] = (
            (True, None) if isinstance(data, Pyramid) else (orientation, labels)
        )
    stack = open_stack(data, axes, channel_axis, count, embed, orientation, **own)
    world = find_world(given, stack, wcs)
    if channel_colors is None and stack.composite:
        channel_colors = name_channels(stack.channels, stack.channel_names)
    if channel_colors is not None:
        channel_colors = with_file_colors(channel_colors, stack.channel_colors)
        return Image(name, stack, "composite", channel_colors, world=world)
    if stack.channels > 2:
        return Image(name, stack, "color", _RED_GREEN_BLUE, world=world)
    return Image(name, stack, "gray", world=world)
