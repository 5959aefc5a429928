"""The explorer's HTML: a plain picture, the samples beside it as JSON, and the script."""

from __future__ import annotations

import json
from typing import Any

from nbimage.page.html import figure_html, packed_script

MODULES = tuple(
    f"view/{name}"
    for name in (
        "dom",
        "samples",
        "edges",
        "colour",
        "camera",
        "gestures",
        "pane",
        "readout",
        "contrast",
        "axes",
        "measure",
        "memory",
        "compare",
        "ortho",
        "python",
        "layout",
        "style",
        "viewer",
    )
)
"""The explorer's script, in an order in which each module needs only those before it."""


TILED = (*MODULES[:-1], "view/tiles", "view/viewer", "view/large", "view/tiled", "view/http")
"""The explorer's modules for images of tiles; what begins it comes last."""


def view_html(fallback: str, config: dict[str, Any], *, title: str = "") -> str:
    """Return the explorer; without scripts the fallback picture stays."""
    return _html(fallback, config, title, "nbimage-view", MODULES)


def tiled_html(fallback: str, config: dict[str, Any], entry: str, *, title: str = "") -> str:
    """Return the explorer of images of tiles; the module ``entry`` knows where these are."""
    return _html(fallback, config, title, "nbimage-tiled", (*TILED, entry))


def _html(
    fallback: str, config: dict[str, Any], title: str, name: str, modules: tuple[str, ...]
) -> str:
    text = json.dumps(config, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    inside = (
        f'<div class="{name}" style="max-width:100%"><div class="nbimage-fallback">{fallback}'
        f'</div><script type="application/json">{text}</script></div>'
        f"<script>{packed_script(modules)}</script>"
    )
    return figure_html(inside, title=title)
