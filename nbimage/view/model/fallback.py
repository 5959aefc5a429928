"""The fallback: the picture that stands where scripts do not run, or a grid of several.

Not here: what the scripts show (`page_config`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbimage.base.user_warnings import collect_warnings, warn
from nbimage.codecs.stored_picture import PreviewedPicture
from nbimage.mapping.channels.blend import describe_alt
from nbimage.mapping.color_scale import alt_text
from nbimage.mapping.colormap import as_color
from nbimage.mapping.limits import warn_blank
from nbimage.page.page_size import MAX_PIXELS
from nbimage.picture import Picture
from nbimage.view.model.image_limits import find_label_limits
from nbimage.view.model.images import Image
from nbimage.view.model.layers.layer_config import LayerState
from nbimage.view.model.layers.layer_pictures import Part, draw_layers, lay_over
from nbimage.view.model.layers.overlay_layer import Layer
from nbimage.view.model.pane_layout import PaneLayout
from nbimage.view.project.projections import Along

if TYPE_CHECKING:
    from nbimage.grids.grid import Grid

_MAX_CELLS = 200
_LARGE = 800 * 800  # pixels of a picture that the page has in its samples, and a preview of it
_NARROW = 200  # rows or columns of which a preview would show too little
_TEXT = 13  # CSS pixels of letters


def make_fallback(
    images: Sequence[Image],
    layout: PaneLayout,
    index: tuple[Along, ...],
    cmap: Any,
    size: tuple[float | None, float | None],
    labels: bool | None = None,
    background: str | None = "hatch",
) -> Picture | Grid:
    """Return the plane at an index of each image, of facets all planes along their axis.

    Gives each image that is no composite its limits, which are those of its picture.
    """
    indices = _facet_indices(images[0], layout.facet, index) if layout.facet >= 0 else [index]
    count = len(images) * len(indices)
    options: dict[str, Any] = {"max_pixels": max(1, MAX_PIXELS // count), "labels": labels}
    options["background"] = background
    if count == 1:
        options |= {"width": size[0], "height": size[1]}
    pictures = []
    for image in images:
        own = {**options, "cmap": cmap if image.kind == "gray" or len(images) == 1 else None}
        with collect_warnings() as caught:
            pictures += [_with_preview(image.picture(one, **own), image) for one in indices]
        color_scale = pictures[-1].color_scale
        if image.kind != "composite" and color_scale is not None:
            image.limits = (color_scale.limits,)
        elif image.labels and color_scale is None:
            image.limits = (find_label_limits(image),)
        stack = image.stack
        if image.limits and all(limits.blank for limits in image.limits):  # all planes are
            warn_blank(stack.shape, stack.metadata.dtype or stack.dtype.name, image.limits[0])
        else:
            for message in dict.fromkeys(caught):
                warn(message)
    if count == 1:
        return pictures[0]
    from nbimage.grids.grid import Grid

    titles = [image.name for image in images]
    if layout.facet >= 0:
        stack = images[0].stack
        texts = stack.labels(layout.facet) or [str(i) for i in range(len(indices))]
        titles = [f"{stack.names[layout.facet]} {texts[i]}" for i in range(len(indices))]
    columns = layout.columns or None
    return Grid(pictures, titles, columns=columns, shared=False, colorbar=False)


def _with_preview(picture: Picture, image: Image) -> Picture:
    """Have a page that holds all samples hold no more than a preview of a large picture."""
    shape = picture._stored.shape
    if image.stack.tiles is None and math.prod(shape) > _LARGE and min(shape) >= _NARROW:
        picture._stored = PreviewedPicture(picture._stored)
    return picture


def light_channels(images: Sequence[Image], groups: Sequence[Sequence[int]], displays: Any) -> None:
    """Show channels as the displays of ``state=`` do, which `page_config` checks."""
    if not isinstance(displays, (list, tuple)):
        return
    for group, asked in zip(groups, displays, strict=False):
        on, colors = (
            asked.get(key) if isinstance(asked, Mapping) else None for key in ("on", "colors")
        )
        for image in (images[i] for i in group):
            if isinstance(on, (list, tuple)) and len(on) == len(image.channel_colors):
                image.lit = tuple(map(bool, on))
            if image.kind == "composite" and isinstance(colors, (list, tuple)):
                image.channel_colors = tuple(
                    replace(channel, color=as_color("state['displays']", color)[:3])
                    for channel, color in zip(image.channel_colors, colors, strict=False)
                ) + tuple(image.channel_colors[len(colors) :])


def describe_fallback(picture: Picture | Grid, images: Sequence[Image]) -> str:
    """Return the fallback in words, for who does not see it."""
    if isinstance(picture, Picture):
        stack = images[0].stack  # of which the picture may be a smaller level
        size, sampled = f"{stack.rows} × {stack.columns}", "sampled values" in picture.description
        if picture._channels:
            return describe_alt("picture", size, picture._channels)
        return alt_text("picture", size, picture.color_scale, sampled=sampled)
    names = ", ".join(image.name for image in images)
    return f"{names}: {picture.description}" if names else picture.description


def _facet_indices(image: Image, facet: int, index: tuple[Along, ...]) -> list[tuple[Along, ...]]:
    before, after = index[:facet], index[facet + 1 :]
    count = min(image.stack.sizes[facet], _MAX_CELLS)
    return [(*before, i, *after) for i in range(count)]


def lay_over_fallback(
    picture: Picture | Grid,
    images: Sequence[Image],
    layers: Sequence[Layer],
    states: Sequence[LayerState],
    layout: PaneLayout,
    index: tuple[int, ...],
) -> None:
    """Lay a view's layers over the fallback, of several pictures over each."""
    if not layers:
        return
    indices = _facet_indices(images[0], layout.facet, index) if layout.facet >= 0 else [index]
    planes = [(number, one) for number in range(len(images)) for one in indices]
    pictures = [picture] if isinstance(picture, Picture) else picture.pictures
    for own, (number, one) in zip(pictures, planes, strict=True):
        rows, columns = own.render().shape[:2]
        stack = images[number].stack
        factor = 2 ** max(
            0, round(math.log2(max(1, max(stack.rows / rows, stack.columns / columns))))
        )
        text_size = _TEXT * columns / own.width
        part = Part(0, 0, factor, rows, columns)
        drawn = draw_layers(layers, states, number, one, part, text_size)
        lay_over(own, drawn)
