"""All layers of a view: label images first, then an overlay's items in their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbimage.view.model.images import Image
from nbimage.view.model.layers.label_layer import LabelLayer, resolve_labels
from nbimage.view.model.layers.overlay_layer import Layer, as_overlay_layers


def resolve_layers(
    labels: Any,
    names: Any,
    overlay: Any,
    orientation: bool,
    images: Sequence[Image],
    data: Any,
    embed: bool | None,
) -> list[Layer] | None:
    """Return the layers of ``labels=`` and ``overlay=``.

    None where the images are kept in the page and labels are too many for it, which nobody has
    asked for: all are tiles then.

    Raises TypeError or ValueError for what does not fit the images.
    """
    tiled = images[0].stack.tiles is not None
    found: list[Layer] = []
    own = False if tiled else embed
    found += resolve_labels(labels, names, images, data, own, orientation)
    if not tiled and embed is None and any(_is_tiled(layer) for layer in found):
        return None
    found += as_overlay_layers(overlay, images)
    taken: set[str] = set()
    for layer in found:
        name, number = layer.name, 2
        while layer.name in taken:
            layer.name, number = f"{name} {number}", number + 1
        taken.add(layer.name)
    return found


def _is_tiled(layer: Layer) -> bool:
    return isinstance(layer, LabelLayer) and layer.stack.tiles is not None
