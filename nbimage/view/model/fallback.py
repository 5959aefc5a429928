"""The fallback: the picture that stands where scripts do not run, or a grid of several.

Not here: what the scripts show (`page_config`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbimage.mapping.color_scale import alt_text
from nbimage.page.page_size import MAX_PIXELS
from nbimage.picture import Picture
from nbimage.view.model.images import Image, find_label_limits
from nbimage.view.model.pane_layout import PaneLayout

if TYPE_CHECKING:
    from nbimage.grids.grid import Grid

_MAX_CELLS = 200


def make_fallback(
    images: Sequence[Image],
    layout: PaneLayout,
    index: tuple[int, ...],
    cmap: Any,
    size: tuple[float | None, float | None],
    labels: bool | None = None,
) -> Picture | Grid:
    """Return the plane at an index of each image, of facets all planes along their axis.

    Gives each image that is no composite its limits, which are those of its picture.
    """
    indices = _facet_indices(images[0], layout.facet, index) if layout.facet >= 0 else [index]
    count = len(images) * len(indices)
    options: dict[str, Any] = {"max_pixels": max(1, MAX_PIXELS // count), "labels": labels}
    if count == 1:
        options |= {"width": size[0], "height": size[1]}
    pictures = []
    for image in images:
        own = {**options, "cmap": cmap if image.kind == "gray" or len(images) == 1 else None}
        pictures += [image.picture(one, **own) for one in indices]
        color_scale = pictures[-1].color_scale
        if image.kind != "composite" and color_scale is not None:
            image.limits = (color_scale.limits,)
        elif image.labels and color_scale is None:
            image.limits = (find_label_limits(image),)
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


def light_channels(images: Sequence[Image], groups: Sequence[Sequence[int]], displays: Any) -> None:
    """Switch off the channels that the displays of ``state=`` do, which `page_config` checks."""
    if not isinstance(displays, (list, tuple)):
        return
    for group, asked in zip(groups, displays, strict=False):
        on = asked.get("on") if isinstance(asked, Mapping) else None
        for image in (images[i] for i in group):
            if isinstance(on, (list, tuple)) and len(on) == len(image.channel_colors):
                image.lit = tuple(map(bool, on))


def describe_fallback(picture: Picture | Grid, images: Sequence[Image]) -> str:
    """Return the fallback in words, for who does not see it."""
    if isinstance(picture, Picture):
        stack = images[0].stack  # of which the picture may be a smaller level
        size, sampled = f"{stack.rows} × {stack.columns}", "sampled values" in picture.description
        return alt_text("picture", size, picture.color_scale, sampled=sampled)
    names = ", ".join(image.name for image in images)
    return f"{names}: {picture.description}" if names else picture.description


def _facet_indices(image: Image, facet: int, index: tuple[int, ...]) -> list[tuple[int, ...]]:
    before, after = index[:facet], index[facet + 1 :]
    count = min(image.stack.sizes[facet], _MAX_CELLS)
    return [(*before, i, *after) for i in range(count)]
