"""The explorer's HTML: a plain picture, the samples beside it as JSON, and the script."""

from __future__ import annotations

import functools
import json
import zlib
from typing import Any

from nbimage.base.text import clean_json, escape
from nbimage.page.html import figure_html
from nbimage.page.scripts import module_script, packed_script, script

EMBEDDED = "view/loaders/embedded"
"""The explorer of samples that lie in the page; the others' are of tiles:"""
SERVED = "view/loaders/served"
FOLDER = "view/loaders/folder"
LIVE = "view/loaders/live"


def view_html(fallback: str, config: dict[str, Any], *, title: str = "") -> str:
    """Return the explorer; without scripts the fallback picture stays."""
    return _html(fallback, config, title, "nbimage-view", EMBEDDED)


def tiled_html(fallback: str, config: dict[str, Any], module: str, *, title: str = "") -> str:
    """Return the explorer of images of tiles: ``module`` is `SERVED` or `FOLDER`."""
    return _html(fallback, config, title, "nbimage-tiled", module)


def _html(fallback: str, config: dict[str, Any], title: str, name: str, module: str) -> str:
    text = json.dumps(clean_json(config), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    inside = (
        f'<div class="{name}" style="max-width:100%"><div class="nbimage-fallback">{fallback}'
        f'</div><script type="application/json">{text}</script></div>'
        f"<script>{packed_script(module)}</script>"
    )
    return figure_html(inside, title=title)


# Live


def widget_script() -> str:
    """Return a widget's own few lines, which ask the kernel for `live_script`."""
    return module_script("widget")


@functools.cache
def live_script() -> tuple[str, bytes]:
    """Return the explorer of live tiles as an ES module: its name, and its text deflated."""
    text = module_script(LIVE).encode("utf-8")
    return f"{zlib.crc32(text):08x}", zlib.compress(text, 9)


def still_html(fallback: str, view: str, *, title: str = "") -> str:
    """Return the picture that is seen where the live view of this name can't be shown."""
    inside = (
        f'<div class="nbimage-still" data-view="{escape(view)}" style="max-width:100%">{fallback}'
        f"</div><script>{script('view/loaders/still')}</script>"
    )
    return figure_html(inside, title=title)
