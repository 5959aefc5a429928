"""The images of a view: one, or several that are compared, and the limits of each.

Not here: where samples come from (`stack`), what a page gets of an image (`page_config`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values, pick
from nbimage.base.lazy_types import find_type
from nbimage.base.text import replace_surrogates
from nbimage.mapping.alpha import alpha_extents, has_alpha, opaque_alpha, warn_clear, without_alpha
from nbimage.mapping.channels.blend import describe_composite
from nbimage.mapping.channels.composite import (
    ChannelColor,
    composite,
    name_channels,
    with_file_colors,
)
from nbimage.mapping.color_scale import describe_values
from nbimage.mapping.colormap import Palette
from nbimage.mapping.index_colors import index_dtype, index_scale
from nbimage.mapping.limits import Extent, Limits, extent
from nbimage.mapping.norms import as_named, is_index
from nbimage.mapping.pixels import describe_labels
from nbimage.mapping.shared_limits import common_limits, join_windows, shared_limits
from nbimage.mapping.value_sample import Counting
from nbimage.mapping.value_scale import UNTOUCHED, ValueScale, count_limits
from nbimage.picture import Picture, make_picture
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.read_files import unique_names
from nbimage.view.model.blended import Blended
from nbimage.view.model.open_image import open_stack, pick_by_names
from nbimage.view.model.stack import Stack, on_host

_UNCHANGED = Limits((0,), (255,), unchanged=True)
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
    opaque: float | None = None
    """The alpha that is opaque; None without alpha."""
    lit: tuple[bool, ...] = ()
    """Which channels the caller wants to be seen at first; empty: those of the file."""

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

    def picture(self, index: Sequence[int], **options: Any) -> Picture:
        """Return the picture at an index along the further axes, in the image's limits."""
        plane, axis = self.stack.plane(index), self.stack.channel_axis
        quiet: dict[str, Any] = {"x": False, "y": False, "colorbar": False, "title": ""}
        if self.kind != "composite":
            plane = replace(plane, opaque=self.opaque)
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
        picture = make_picture(shown, ValueScale(channel_axis=2), alt=text, **quiet, **options)
        picture.description = text
        return picture

    def _describe_overview(self, plane: Values, index: Sequence[int], picture: Picture) -> str:
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
) -> list[Image]:
    """Return the image, or those of a dict or a list of arrays, not yet with limits.

    ``embed``, ``orientation``, ``labels``: as for `View`. If one is tiled, all are. ``blended``:
    which channels are laid over one another where ``channel_colors`` is None.

    Raises TypeError or ValueError, of several with the label of the one that is wrong.
    """
    items = _split_items(data)
    more = orientation, blended, labels
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


def _split_items(data: Any) -> list[tuple[str, str, Any]] | None:
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
) -> Image:
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
    if channel_colors is None and stack.composite:
        channel_colors = name_channels(stack.channels, stack.channel_names)
    if channel_colors is not None:
        channel_colors = with_file_colors(channel_colors, stack.channel_colors)
        return Image(name, stack, "composite", channel_colors)
    if stack.channels > 2:
        return Image(name, stack, "color", _RED_GREEN_BLUE)
    return Image(name, stack, "gray")


# Limits


def browser_scale(
    scale: ValueScale, images: Sequence[Image], palette: Palette | None
) -> ValueScale:
    """Return a scale of which a browser can follow the norm.

    Raises ValueError for a callable that is no object of matplotlib's with the same formula.
    """
    if scale.norm.function is None:
        return scale
    if is_index(scale.norm):
        dtype = index_dtype(next(images[0].stack.planes()))  # as stored, where some are missing
        scale = index_scale(scale, palette, dtype, Extent())
        if scale.norm.function is None:
            return scale
    found = as_named(scale.norm)
    if found is None:
        raise ValueError(
            "norm must be a name or a gamma, which a browser can follow, but got "
            f"{type(scale.norm.function).__name__}: show it by nbimage"
        )
    norm, vmin, vmax = found
    low, high = (
        own if given is None else given for own, given in ((vmin, scale.vmin), (vmax, scale.vmax))
    )
    named = scale._replace(norm=norm, vmin=low, vmax=high)
    return named._replace(contrast="minmax") if named.untouched else named


def find_limits(images: Sequence[Image], scale: ValueScale, palette: Palette | None) -> None:
    """Give images that share display settings their limits."""
    for image in images:
        if image.kind == "composite":  # has settings of its own
            _find_composite_limits(image, scale)
            return
    scale = _within_window(images, scale)
    counting = _find_counting(scale)
    found = [
        (plane, image.stack.channel_axis)
        for image in images
        for plane in image.stack.planes(counting)
    ]
    planes, axes = [plane for plane, _ in found], [axis for _, axis in found]
    settled, known = scale, None
    several = len(planes) > 1 or images[0].stack.tiles is not None
    if scale.limit_count > 1 and several:
        settled = _find_channel_limits(planes, axes, scale)
    elif several:  # an overview has means
        gray = all(image.kind == "gray" for image in images)
        settled, known = shared_limits(planes, axes, scale, palette if gray else None)
        settled = scale if known is not None and known.low is None else settled
    _find_opaque(images, scale)
    for image in images:
        image.scale = settled
        samples = (
            without_alpha(plane, image.stack.channel_axis, scale)
            for plane in image.stack.planes(counting)
        )
        positive = scale.norm.positive
        own = known if known is not None and len(images) == 1 and not positive else None
        image.extents = (own or _find_extent(samples, positive),)


def _find_counting(scale: ValueScale) -> Counting | None:
    """Return which values limits are found from; None where they are given."""
    if scale.vmin is not None and scale.vmax is not None:
        return None
    return "positive" if scale.norm.positive else "finite"


def _within_window(images: Sequence[Image], scale: ValueScale) -> ValueScale:
    """Return the scale with the limits that the files give together, if they do not differ.

    Those of the first one where they are planes along an axis, which is seen first.
    """
    channels = {image.stack.channels for image in images}
    several = channels != {1}
    known = [image.stack.metadata.windows for image in images]
    windows = join_windows([own if several else own[:1] for own in known])
    return scale if windows is None or len(channels) > 1 else scale.within(windows, *channels)


def _find_opaque(images: Sequence[Image], scale: ValueScale) -> None:
    """Find the alpha that is opaque in all planes: the same for all images of one dtype."""
    with_alpha = [image for image in images if has_alpha(image.stack.channels, scale)]
    for dtype in {image.stack.dtype for image in with_alpha}:
        members = [image for image in with_alpha if image.stack.dtype == dtype]
        colors, alpha, sampled = Extent(), Extent(), False
        for stack in (image.stack for image in members):
            for plane in stack.planes():
                one, other = alpha_extents(plane, stack.channel_axis, scale)
                colors, alpha = colors.join(one), alpha.join(other)
            sampled |= stack.whole_plane((0,) * len(stack.sizes)) is None
        opaque = opaque_alpha(dtype, colors, alpha)
        warn_clear(members[0].stack.shape, dtype.name, alpha, opaque, sampled=sampled)
        for image in members:
            image.opaque = opaque


def _find_extent(planes: Iterator[Values], positive: bool) -> Extent:
    found = Extent()
    for plane in planes:
        found = found.join(extent(plane.array, plane.mask, positive=positive))
    return found


def find_label_limits(image: Image) -> Limits:
    """Return the limits of labels where they are shown as other values: all values."""
    known, dtype = image.extents[0], image.stack.dtype
    if dtype.kind == "b":
        return Limits((0,), (1,))
    if dtype == np.uint8 or known.low is None or known.high is None:
        return _UNCHANGED
    return Limits((known.low,), (known.high,))


def _find_channel_limits(
    planes: list[Values], axes: list[int | None], scale: ValueScale
) -> ValueScale:
    """Return limits of each channel that hold for all planes."""
    counts = {1 if axis is None else p.shape[axis] for p, axis in zip(planes, axes, strict=True)}
    count = scale.limit_count
    if any(n != count and not (n in (2, 4) and n - 1 == count) for n in counts):
        raise ValueError(
            f"vmin and vmax must be one number or one a channel, but got {count} for images of "
            f"{', '.join(map(str, sorted(counts)))}"
        )
    found = [
        common_limits(
            [p if a is None else pick(p, a, c) for p, a in zip(planes, axes, strict=True)],
            scale.of_channel(c),
        )
        for c in range(count)
    ]
    limits = [_UNCHANGED if one is None else one[0] for one in found]
    low, high = (tuple(one.vmin[0] for one in limits), tuple(one.vmax[0] for one in limits))
    return scale._replace(vmin=low, vmax=high, contrast=None)


def _find_composite_limits(image: Image, scale: ValueScale) -> None:
    stack = image.stack
    count, axis = len(image.channel_colors), stack.channel_axis
    for name, limit in (("vmin", scale.vmin), ("vmax", scale.vmax)):
        given = count_limits(limit)
        if given not in (0, 1, count):
            raise ValueError(
                f"{name} must be one number or one for each of {count} channels, but got {given}"
            )
    limits, extents = [], []
    windows = stack.metadata.windows if len(stack.metadata.windows) == count else (None,) * count
    for channel in range(count):
        planes = [
            p if axis is None else pick(p, axis, channel)
            for p in stack.planes(_find_counting(scale))
        ]
        own = scale.of_channel(channel).within((windows[channel],))
        found = common_limits(planes, own)
        if found is not None:
            limits.append(found[0])
            extents.append(found[1])
            continue
        boolean = planes[0].array.dtype.kind == "b"
        limits.append(Limits((0,), (1,)) if boolean else _UNCHANGED)
        extents.append(_find_extent(iter(planes), False))
    image.limits, image.extents = tuple(limits), tuple(extents)
