"""A page that holds all values of a view of tiles.

Not here: pages whose tiles lie in a folder beside them (`export_folder`).
"""

from __future__ import annotations

from typing import Any

from nbimage.base.box import Box
from nbimage.page.html import document_html
from nbimage.page.view_html import view_html
from nbimage.view.model.layers.label_layer import LabelLayer
from nbimage.view.model.open_image import EMBED_LIMIT
from nbimage.view.model.samples import as_samples
from nbimage.view.model.tiled_image import TiledStack
from nbimage.view.model.view_model import ViewModel
from nbimage.view.serve.export_target import format_size


def one_page(model: ViewModel) -> str:
    """Return a page of its own that holds all values of a view of tiles.

    Raises ValueError for more than 64 MiB of them.
    """
    return document_html(one_page_html(model), model.title or "View")


def one_page_html(model: ViewModel) -> str:
    """Return HTML that holds all values of a view of tiles.

    Raises ValueError for more than 64 MiB of them.
    """
    size = sum(stack.count * stack.plane_bytes for stack in model.tile_stacks)
    if size > EMBED_LIMIT:
        raise ValueError(
            f"a page of its own must hold at most {format_size(EMBED_LIMIT)} of samples, but the "
            f"view has {format_size(size)}: write a folder with its tiles by "
            'view.export("folder/")'
        )
    images = []
    for stack, known in zip(model.tiled, model.config["images"], strict=True):
        whole = Box(0, stack.rows, 0, stack.columns)
        planes = [stack.read(0, whole, stack.plane_index(i)) for i in range(stack.count)]
        stored = [as_samples(plane, exact=True, page=True).stored for plane in planes]
        images.append({key: value for key, value in known.items() if key != "tiles"})
        images[-1]["planes"] = stored
    config = {**model.config, "images": images, "layers": _embed_layers(model)}
    return view_html(model.picture.html, config, title=model.title)


def _embed_layers(model: ViewModel) -> list[dict[str, Any]]:
    """Return the page's layers, with all labels."""
    found: list[dict[str, Any]] = []
    for layer, known in zip(model.layers, model.config["layers"], strict=True):
        if not isinstance(layer, LabelLayer) or not isinstance(layer.stack, TiledStack):
            found.append(known)
            continue
        stack = layer.stack
        whole = Box(0, stack.rows, 0, stack.columns)
        planes = [stack.read(0, whole, stack.plane_index(i)) for i in range(stack.count)]
        found.append({key: value for key, value in known.items() if key != "tiles"})
        found[-1]["planes"] = [as_samples(plane, exact=True, page=True).stored for plane in planes]
    return found
