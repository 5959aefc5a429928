"""A collection's items to pictures, with one range for all of them, for some, or one each."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from nbimage.arrays.ingest import Values, as_picture, as_values
from nbimage.base.user_warnings import collect_warnings, warn
from nbimage.grids.fields import Field
from nbimage.grids.grid_sizes import Sized
from nbimage.grids.item import Item
from nbimage.grids.items import shows_itself
from nbimage.grids.matplotlib_figure import Drawing
from nbimage.grids.readings import Reading, fits_page, make_reading, reading_of
from nbimage.mapping.alpha import with_opaque
from nbimage.mapping.channels.blend import find_channels
from nbimage.mapping.channels.channel_limits import share_channel_limits
from nbimage.mapping.channels.composite import resolve_channels
from nbimage.mapping.color_options import as_own_labels
from nbimage.mapping.color_scale import ColorScale
from nbimage.mapping.colormap import as_palette
from nbimage.mapping.complex_color import as_real
from nbimage.mapping.limits import Extent, blank_words
from nbimage.mapping.shared_limits import join_windows, shared_limits
from nbimage.mapping.value_scale import ValueScale
from nbimage.picture import Picture, make_picture
from nbimage.pyramid.read_files import FileImage, read_image

T = TypeVar("T")


@dataclass(slots=True)
class PictureSet:
    """The items as pictures, and what became of them."""

    pictures: list[Any]
    """A `Picture` for each array, other things as they came; None where there is nothing."""
    errors: dict[int, str] = field(default_factory=dict)
    color_scales: list[ColorScale | None] = field(default_factory=list)
    """What pixel values stand for in each group."""
    readings: list[Reading | None] = field(default_factory=list)
    """What the page knows of each picture's values."""
    cell: float = 0
    """CSS pixels that a pixel takes at the least, so that what is written on it can be read."""


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """What is asked of every picture alike."""

    scale: ValueScale
    options: dict[str, Any]
    """Further parameters of `Picture`."""
    own_bars: bool | str | None
    """Whether each has a colorbar of its own; None: where values are mapped."""
    strict: bool
    """The first error ends it."""
    own_axes: bool = False
    """Each has the coordinates that its data bring."""
    each: Sequence[dict[str, Any]] = ()
    """Further parameters of each picture."""
    find_zooms: Callable[[Sequence[Any], float], list[float]] | None = None
    """How much pictures of these sizes are enlarged, of which pixels take so much at least."""


def make_pictures(
    items: Sequence[Item], groups: Sequence[Sequence[int]], asked: PictureOptions
) -> PictureSet:
    """Make a picture of every array, those of a group with one range.

    Raises TypeError or ValueError that names the item, unless errors are to be kept.
    """
    result = PictureSet([None] * len(items))

    def attempt(number: int, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except (TypeError, ValueError, OSError) as error:  # the last from files half read
            if asked.strict:
                kind = next(
                    k
                    for k in (TypeError, ValueError, FileNotFoundError, OSError)
                    if isinstance(error, k)
                )
                raise kind(f"{items[number].label}: {error}") from error
            result.errors[number] = str(error)
            return None

    contents: list[Any] = []
    images: dict[int, FileImage] = {}  # of which only a smaller level was read
    for number, item in enumerate(items):
        content = item.content
        if content is not None and not shows_itself(content):
            take = functools.partial(_values, content, asked)
            content = attempt(number, take)
            if isinstance(content, FileImage):
                images[number], content = content, content.data
        elif content is not None:
            content = attempt(number, functools.partial(_take_shown, content, asked.each[number]))
        contents.append(content)
    for group in groups:
        several = [i for i in group if isinstance(contents[i], _Composite)]
        layers = [contents[i].values for i in several]
        scale = share_channel_limits(layers, asked.scale) if len(several) > 1 else asked.scale
        for i in several:
            take = functools.partial(contents[i].make, scale, asked, asked.each[i])
            contents[i] = attempt(i, take)
    zooms, result.cell = _find_zooms(contents, asked)
    warned: dict[str, list[str]] = {}
    result.readings = [None] * len(items)
    small = fits_page([content for content in contents if isinstance(content, Values)])
    found_here = None in (asked.scale.vmin, asked.scale.vmax)
    for group in groups:
        arrays = [i for i in group if isinstance(contents[i], Values)]
        if len(group) > 1:
            _settle_alpha(contents, arrays, asked.scale)
        alone = _find_photographs(contents, arrays, asked) if len(group) > 1 else set()
        sharing = [contents[i] for i in arrays if i not in alone]
        shared, known = _share_scale(sharing, asked, len(group) > 1)
        for i in group:
            result.pictures[i] = contents[i]
        for i in arrays:
            with collect_warnings() as caught:
                values, whole = contents[i], images.get(i)
                scale = asked.scale if i in alone else shared
                data = values if whole is None else replace(whole, data=values)
                make = functools.partial(
                    _picture, data, values, scale, asked, asked.each[i], zoom=zooms[i]
                )
                picture = attempt(i, make)
                result.pictures[i] = picture
                if picture is not None:
                    axis = resolve_quietly(values, asked.scale.channel_axis)[1]
                    shape = None if whole is None else whole.shape
                    result.readings[i] = make_reading(picture, values, axis, shape, samples=small)
                if picture is not None and scale is not asked.scale and found_here:
                    _warn_empty(picture, contents[i])
            for message in caught:
                warned.setdefault(message, []).append(items[i].label)
        result.color_scales.append(_color_scale_of([result.pictures[i] for i in arrays], known))
    for i, picture in enumerate(result.pictures):
        if result.readings[i] is None and isinstance(picture, Picture):
            result.readings[i] = reading_of(picture)
    for message, labels in warned.items():
        more = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
        warn(f"{labels[0]}{more}: {message}")
    return result


def _take_shown(content: Any, own: dict[str, Any]) -> Any:
    """Return what shows itself. Raises ValueError where it is to be given something more."""
    for name in own:
        if name != "border":
            raise ValueError(f"{name} must be given to the {type(content).__name__} itself")
    return Drawing.of(content)


def _find_zooms(contents: Sequence[Any], asked: PictureOptions) -> tuple[list[float], float]:
    """Return how much each picture is enlarged, and what a pixel takes at the least.

    Overlays are drawn for that, so that their letters have one size whatever that is.
    """
    if asked.find_zooms is None or not any("overlay" in own for own in asked.each):
        return [1.0] * len(contents), 0.0
    from nbimage.figure.overlay import find_least_cell

    sizes: list[Any] = []
    cell = 0.0
    for content, own in zip(contents, asked.each, strict=True):
        if not isinstance(content, Values):
            sizes.append(content)
            continue
        values, axis = resolve_quietly(content, asked.scale.channel_axis)
        height, width = (n for i, n in enumerate(values.shape) if i != axis)
        sizes.append(Sized(width, height))
        if own.get("overlay") is not None:
            cell = max(cell, find_least_cell(own["overlay"], values if axis is None else None))
    return asked.find_zooms(sizes, cell), cell


@dataclass(frozen=True, slots=True, eq=False)
class _Composite:
    """Channels that are no colors, of which a picture is made in limits of all in a group."""

    image: FileImage
    values: Values
    """With their ``channels``."""

    def make(self, scale: ValueScale, asked: PictureOptions, own: dict[str, Any]) -> Picture:
        """Return the picture."""
        return _picture(self.image, self.values, scale, asked, own, bar=False)


def _values(content: Any, asked: PictureOptions) -> Values | FileImage | _Composite:
    """Return an array-like or a file as values; as a file's image where only a level was read.

    Of channels that are no colors these with what else a picture of them is made of.
    """
    complex_ = asked.options["complex"]
    options = asked.options
    layers = resolve_channels(options["channels"])
    image = read_image(
        content.open() if isinstance(content, Field) else content,
        asked.scale.channel_axis,
        options["max_pixels"],
        options["orientation"] or isinstance(content, Field),  # which is never turned
        labels=as_own_labels(options["labels"]),
        channels=layers,
    )
    values = as_values(image.data, complex_ is not None)
    plain = complex_ is None and not as_own_labels(options["labels"])
    found = find_channels(values, image.channel_axis, layers) if plain else None
    if found is not None:
        return _Composite(replace(image, data=values), found)
    axis = asked.scale.channel_axis
    if axis is not None and image.channel_axis not in (None, axis):  # a file's own are last
        array = np.moveaxis(np.asarray(values.array), -1, axis)
        values = replace(values, array=array, names=None)
    values, _ = resolve_quietly(values, axis)  # which finds what is no picture
    values = as_real(values, "abs") if complex_ == "abs" else values
    return values if image.factor == 1 else replace(image, data=values, channel_axis=axis)


def _picture(
    data: Values | FileImage,
    values: Values,
    scale: ValueScale,
    asked: PictureOptions,
    own: dict[str, Any],
    bar: bool = True,
    zoom: float = 1.0,
) -> Picture:
    options = asked.options
    if options["complex"] == "abs":
        options = {**options, "complex": None}
    quiet: dict[str, Any] = {"title": ""}
    if not asked.own_axes:
        quiet.update({"x": False, "y": False, "xlabel": "", "ylabel": ""})
    quiet["zoom"] = zoom  # by which the grid enlarges it
    quiet.update((name, value) for name, value in own.items() if name != "border")
    picture = make_picture(
        data,
        scale,
        **options,
        **quiet,
        colorbar=(asked.own_bars or True) if bar and _has_bar(values, asked) else False,
    )
    picture.width, picture.height = picture.width / zoom, picture.height / zoom
    return picture


def _settle_alpha(contents: list[Any], arrays: list[int], scale: ValueScale) -> None:
    """Have all pictures that share a range take the same alpha for opaque."""
    axes = [resolve_quietly(contents[i], scale.channel_axis)[1] for i in arrays]
    settled = with_opaque([contents[i] for i in arrays], axes, scale)
    for i, values in zip(arrays, settled, strict=True):
        contents[i] = values


def _warn_empty(picture: Picture, values: Values) -> None:
    """Say that there is nothing to see in a picture to which others have given limits."""
    color_scale = picture.color_scale
    if (
        color_scale is None or color_scale.middle is not None or color_scale.limits.blank
    ):  # then it has been said
        return
    high = color_scale.known.high
    if high is None or (color_scale.limits.norm.positive and high <= 0):
        words = blank_words(color_scale.limits)
        warn(f"{words} in the {values.dtype} array of shape {values.shape}")


def _has_bar(values: Values, asked: PictureOptions) -> bool:
    """Whether a colorbar of its own has something to say."""
    if asked.own_bars is False or as_own_labels(asked.options["labels"]):
        return False
    axis = resolve_quietly(values, asked.scale.channel_axis)[1]
    if axis is not None and values.shape[axis] != 1:
        return False
    scale, kind = asked.scale, values.array.dtype.kind
    plain = scale.vmin is None and scale.vmax is None and scale.norm.linear
    as_is = kind == "b" or (
        values.array.dtype == np.uint8 and not scale.vsym and scale.contrast is None
    )
    return asked.own_bars is not None or not (plain and as_is)


def _find_photographs(
    contents: Sequence[Any], arrays: Sequence[int], asked: PictureOptions
) -> set[int]:
    """Return which pictures are in colors of 8 bits, where no range is asked for.

    They are shown as they are: a map's range says nothing of a photograph, nor the other way.
    """
    if not asked.scale.untouched:
        return set()
    found = set()
    for i in arrays:
        values, axis = resolve_quietly(contents[i], asked.scale.channel_axis)
        if axis is not None and values.shape[axis] >= 3 and values.array.dtype == np.uint8:
            found.add(i)
    return found


def _share_scale(
    images: list[Values], asked: PictureOptions, several: bool
) -> tuple[ValueScale, Extent | None]:
    """Return the scale for all of a group's pictures, and what they hold together."""
    scale = asked.scale
    if not several or not images or as_own_labels(asked.options["labels"]):
        return scale, None
    if asked.options["complex"] in ("phase", "domain"):
        return scale, None
    if scale.limit_count > 1:
        if scale.vmin is None or scale.vmax is None or scale.vsym:
            raise ValueError(
                "vmin and vmax must both be given, and vsym not, where there is one a channel: "
                "give them, or shared=False"
            )
        return scale, None
    axes = [resolve_quietly(values, scale.channel_axis)[1] for values in images]
    first, axis = images[0], axes[0]
    channels = 1 if axis is None else first.shape[axis]
    windows = join_windows([values.metadata.windows for values in images])
    if windows is None and scale.within(first.metadata.windows, channels) is not scale:
        return scale, None  # each in that which its file says of it
    within = scale.within(windows or (), channels)
    cmap = asked.options["cmap"]
    return shared_limits(images, axes, within, None if cmap is None else as_palette(cmap))


def resolve_quietly(values: Values, channel_axis: int | None) -> tuple[Values, int | None]:
    """Return a picture's values and channel axis; the warning comes with the picture."""
    if channel_axis is None and values.names is None and len(values.shape) == 2:
        return values, None
    with collect_warnings():
        return as_picture(values, channel_axis)


def _color_scale_of(pictures: list[Any], known: Extent | None) -> ColorScale | None:
    """Return what pixel values stand for in those pictures of a group that have one channel."""
    scales = [picture.color_scale for picture in pictures if picture is not None]
    scales = [one for one in scales if one is not None]
    scales = [one for one in scales if one.channels == 1 or one.middle is not None]
    if not scales:
        return None
    color_scale: ColorScale = max(scales, key=_rank_for_bar)  # the first of those
    return color_scale if known is None else color_scale._replace(known=known)


def _rank_for_bar(color_scale: ColorScale) -> tuple[bool, bool]:
    """Rank a color scale by how much of the others' values a colorbar of it says."""
    plain = color_scale.limits.unchanged or color_scale.limits.blank or color_scale.bilevel
    return not plain, color_scale.dtype.startswith("float")
