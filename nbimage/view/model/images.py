"""What is shown: one array or several that are compared, and the limits of each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbimage.arrays.ingest import Values, as_values, pick
from nbimage.base.lazy_types import loaded
from nbimage.mapping.limits import Extent, Limits, extent, limit_count
from nbimage.mapping.pixels import without_alpha
from nbimage.mapping.shared_limits import common_limits, shared_limits
from nbimage.picture import Picture
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.view.model.composite import Part, composite
from nbimage.view.model.stack import Stack, as_stack
from nbimage.view.model.tiled_image import LargeStack, as_large

_AS_THEY_ARE = Limits((0,), (255,), unchanged=True)
_COLORS = tuple(
    Part(name, color)
    for name, color in (("red", (255, 0, 0)), ("green", (0, 255, 0)), ("blue", (0, 0, 255)))
)


@dataclass(slots=True, eq=False)
class Image:
    """One array to be shown."""

    name: str
    stack: Stack | LargeStack
    kind: str
    """As on the page: "gray", "colour" or "composite"."""
    parts: tuple[Part, ...] = ()
    source: str = "data"
    """Python that gives the array."""
    asked: dict[str, Any] = field(default_factory=dict)
    """Limits for a `Picture` of any of its planes."""
    limits: tuple[Limits, ...] = ()
    """One, or of a composite one a channel."""
    extents: tuple[Extent, ...] = ()

    @property
    def lower(self) -> bool:
        """Whether the first row is at the bottom."""
        if isinstance(self.stack, LargeStack):
            return False
        known = self.stack.coordinate(self.stack.rows_axis)
        return known is not None and known.upward

    def picture(self, place: Sequence[int], **options: Any) -> Picture:
        """Return the picture at a place along the further axes, in the image's limits."""
        plane, axis = self.stack.plane(place), self.stack.axis
        quiet: dict[str, Any] = {"x": False, "y": False, "colorbar": False, "title": ""}
        if self.kind != "composite":
            return Picture(plane, **self.asked, channel_axis=axis, **quiet, **options)
        shown = composite(plane, axis, self.parts, self.limits)
        del options["cmap"]
        text = self._composed(plane)
        picture = Picture(shown, channel_axis=2, alt=text, **quiet, **options)
        picture.description = text
        return picture

    def _composed(self, plane: Values) -> str:
        """Return a line on a composite."""
        shape = "×".join(map(str, plane.shape))
        ranges = ", ".join(
            f"{part.name} {limits.vmin[0]:g} to {limits.vmax[0]:g}"
            for part, limits in zip(self.parts, self.limits, strict=True)
        )
        return f"{shape} {plane.dtype}, {ranges}"


def as_images(
    data: Any,
    axes: Any,
    channel_axis: int | None,
    parts: tuple[Part, ...] | None,
    embed: bool | None = None,
) -> list[Image]:
    """Return the image, or those of a dict or a list of arrays, not yet with limits.

    ``embed``: as for `nbview`. If one is of tiles, all are.

    Raises TypeError or ValueError, of several with the place.
    """
    several = _several(data)
    if several is None:
        return [_image("", data, axes, channel_axis, parts, embed)]
    if not several:
        raise ValueError("data must hold at least one array, but is empty")
    images = []
    for place, name, part in several:
        try:
            images.append(_image(name, part, axes, channel_axis, parts, embed))
            images[-1].source = place
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"{place}: {error}") from error
    if any(isinstance(one.stack, LargeStack) for one in images) and embed is None:
        return as_images(data, axes, channel_axis, parts, False)
    first = images[0].stack
    for (place, _, _), image in zip(several, images, strict=True):
        stack = image.stack
        if (stack.names, stack.sizes) != (first.names, first.sizes):
            raise ValueError(
                "data must have the same axes beside rows and columns to be compared, but "
                f"{several[0][0]} has {_said(first)} and {place} {_said(stack)}"
            )
    return images


def _several(data: Any) -> list[tuple[str, str, Any]] | None:
    """Return the place, name and content of each image; None where the data are one array."""
    if isinstance(data, Mapping) and not isinstance(data, loaded("xarray", "Dataset")):
        return [(f"data[{key!r}]", str(key), part) for key, part in data.items()]
    if isinstance(data, (list, tuple)) and data and all(map(_is_picture, data)):
        return [(f"data[{i}]", f"image {i}", part) for i, part in enumerate(data)]
    return None


def _is_picture(part: Any) -> bool:
    """Whether an element of a list is a picture of its own rather than a row."""
    if isinstance(part, (Picture, loaded("PIL.Image", "Image"), str, os.PathLike, Pyramid)):
        return True
    return len(getattr(part, "shape", ())) >= 2


def _said(stack: Stack | LargeStack) -> str:
    sizes = zip(stack.names, stack.sizes, strict=True)
    return ", ".join(f"{size} of {name!r}" for name, size in sizes) or "none"


def _image(
    name: str,
    data: Any,
    axes: Any,
    channel_axis: int | None,
    parts: tuple[Part, ...] | None,
    embed: bool | None,
) -> Image:
    data = data.shown() if isinstance(data, Picture) else data
    found = as_large(data, axes, channel_axis, None if parts is None else len(parts), embed)
    stack: Stack | LargeStack
    if isinstance(found, LargeStack):
        stack = found
    else:
        stack = as_stack(
            as_values(found), axes, channel_axis, None if parts is None else len(parts)
        )
    if parts is not None:
        return Image(name, stack, "composite", parts)
    if stack.channels > 2:
        return Image(name, stack, "colour", _COLORS)
    return Image(name, stack, "gray")


# Limits


def find_limits(images: Sequence[Image], asked: dict[str, Any]) -> None:
    """Give images that share a look their limits; ``asked`` are those of `shared_limits`."""
    for image in images:
        if image.kind == "composite":  # has a look of its own
            _of_composite(image, asked)
            return
    found = [(plane, image.stack.axis) for image in images for plane in image.stack.planes()]
    planes, axes = [plane for plane, _ in found], [axis for _, axis in found]
    settled, known = asked, None
    if max(limit_count(asked["vmin"]), limit_count(asked["vmax"])) > 1:
        settled = _one_a_channel(planes, axes, asked)
    elif len(planes) > 1:
        settled, known = shared_limits(planes, axes, **asked)
    for image in images:
        image.asked = settled
        parts = (
            without_alpha(plane, image.stack.axis, asked["vmin"], asked["vmax"])
            for plane in image.stack.planes()
        )
        positive = bool(asked["norm"].positive)
        own = known if known is not None and len(images) == 1 and not positive else None
        image.extents = (own or _extent(parts, positive),)


def _extent(planes: Iterator[Values], positive: bool) -> Extent:
    found = Extent()
    for plane in planes:
        found = found.join(extent(plane.array, plane.mask, positive=positive))
    return found


def _one_a_channel(
    planes: list[Values], axes: list[int | None], asked: dict[str, Any]
) -> dict[str, Any]:
    """Return limits of each channel that hold for all planes."""
    if len(planes) == 1:
        return asked
    counts = {1 if axis is None else p.shape[axis] for p, axis in zip(planes, axes, strict=True)}
    count = max(limit_count(asked["vmin"]), limit_count(asked["vmax"]))
    if any(n != count and not (n in (2, 4) and n - 1 == count) for n in counts):
        raise ValueError(
            f"vmin and vmax must be one number or one a channel, but got {count} for images of "
            f"{', '.join(map(str, sorted(counts)))}"
        )
    found = [
        common_limits(
            [p if a is None else pick(p, a, c) for p, a in zip(planes, axes, strict=True)],
            **_of_channel(asked, c),
        )
        for c in range(count)
    ]
    limits = [_AS_THEY_ARE if one is None else one[0] for one in found]
    low, high = ([one.vmin[0] for one in limits], [one.vmax[0] for one in limits])
    return {**asked, "vmin": low, "vmax": high, "contrast": None}


def _of_channel(asked: dict[str, Any], channel: int) -> dict[str, Any]:
    """Return what is asked of one channel."""
    own = {}
    for name in ("vmin", "vmax"):
        limit = asked[name]
        own[name] = limit[channel] if limit_count(limit) > 1 else limit
        if limit_count(limit) == 1 and not isinstance(limit, str) and hasattr(limit, "__len__"):
            own[name] = limit[0] if len(limit) else limit
    return {**asked, **own}


def _of_composite(image: Image, asked: dict[str, Any]) -> None:
    stack = image.stack
    count, axis = len(image.parts), stack.axis
    for name in ("vmin", "vmax"):
        given = limit_count(asked[name])
        if given not in (0, 1, count):
            raise ValueError(
                f"{name} must be one number or one for each of {count} channels, but got {given}"
            )
    limits, extents = [], []
    for channel in range(count):
        planes = [p if axis is None else pick(p, axis, channel) for p in stack.planes()]
        found = common_limits(planes, **_of_channel(asked, channel))
        if found is not None:
            limits.append(found[0])
            extents.append(found[1])
            continue
        boolean = planes[0].array.dtype.kind == "b"
        limits.append(Limits((0,), (1,)) if boolean else _AS_THEY_ARE)
        extents.append(_extent(iter(planes), False))
    image.limits, image.extents = tuple(limits), tuple(extents)
