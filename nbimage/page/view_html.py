"""The explorer's HTML: a plain picture, the samples beside it as JSON, and the script."""

from __future__ import annotations

import functools
import json
import zlib
from typing import Any

from nbimage.base.text import clean_shown, escape
from nbimage.page.html import figure_html
from nbimage.page.scripts import module_script, packed_script, script

EMBEDDED = "view/loaders/embedded"
"""The explorer of samples that lie in the page; the others' are of tiles:"""
SERVED = "view/loaders/served"
FOLDER = "view/loaders/folder"
LIVE = "view/loaders/live"
PARTS = {
    "layers": "view/layers/part",
    "axes": "view/project/part",
    "sky": "view/figure/part",
    "ortho": "view/ortho/part",
    "compare": "view/compare/part",
    "steps": "view/values/steps",
}
"""What only the pages have that need it, by what they call it."""
REPORT = "view/loaders/report"
"""What tells Python of an explorer of samples that lie in the page."""
KEPT = "view/loaders/kept"
"""The explorer of the tiles that a notebook keeps of a live view."""
_SAMPLES = "(samples)"
"""Stands for samples, whose base85 is JSON as it is, while all the rest is escaped."""


def view_html(fallback: str, config: dict[str, Any], *, title: str = "", name: str = "") -> str:
    """Return the explorer; without scripts the fallback picture stays.

    ``name``: by which a kernel knows it.
    """
    more = f' data-view="{escape(name)}"' if name else ""
    return _html(fallback, config, title, "nbimage-view", EMBEDDED, more)


def tiled_html(fallback: str, config: dict[str, Any], module: str, *, title: str = "") -> str:
    """Return the explorer of images of tiles: ``module`` is `SERVED` or `FOLDER`."""
    return _html(fallback, config, title, "nbimage-tiled", module)


def page_modules(config: dict[str, Any], module: str) -> tuple[str, ...]:
    """Return what a page's script is made of: the parts that it needs, and its own module."""
    return (*(PARTS[name] for name in _find_parts(config)), module)


def _find_parts(config: dict[str, Any]) -> list[str]:
    images = config.get("images", ())
    layout = config.get("layout")
    needed = {
        "layers": bool(config.get("layers")),
        "axes": bool(config.get("axes")),
        "ortho": layout == "ortho",
        "compare": layout == "compare",
        "sky": any(image.get("world") for image in images),
        "steps": any(
            plane.get("steps")
            for one in (*images, *config.get("layers", ()))
            for plane in one.get("planes", ())
        ),
    }
    return [name for name in PARTS if needed[name]]


def kept_html(fallback: str, config: dict[str, Any], view: str, *, title: str = "") -> str:
    """Return the explorer of kept tiles, seen where the live view of this name can't be shown."""
    return _html(fallback, config, title, "nbimage-still", KEPT, f' data-view="{escape(view)}"')


def _html(
    fallback: str, config: dict[str, Any], title: str, name: str, module: str, more: str = ""
) -> str:
    text = _config_json(config)
    needed = " ".join(_find_parts(config))
    parts = f' data-parts="{needed}"' if needed else ""
    above = "" if title else ";padding-top:5px"  # a colorbar's upper number stands out by that
    inside = (
        f'<div class="{name}"{more}{parts} style="max-width:100%{above}">'
        f'<div class="nbimage-fallback">{fallback}</div>'
        f'<script type="application/json">{text}</script></div>'
        f"<script>{packed_script(*page_modules(config, module))}</script>"
    )
    return figure_html(inside, title=title)


def _config_json(config: dict[str, Any]) -> str:
    """Return a configuration as JSON that a script element holds."""
    images, samples = [], []
    for image in config.get("images", ()):
        planes = image.get("planes") or ()
        shown = []
        for plane in planes:
            data = plane["data"]
            samples += data if isinstance(data, list) else [data]
            held = [_SAMPLES] * len(data) if isinstance(data, list) else _SAMPLES
            shown.append({**plane, "data": held})
        images.append({**image, "planes": shown} if planes else image)
    text = _safe_json({**config, "images": images} if samples else config)
    parts = text.split(f'"{_SAMPLES}"')
    if len(parts) != len(samples) + 1:  # a text of the caller's is the same
        return _safe_json(config)
    joined = [parts[0]]
    for data, part in zip(samples, parts[1:], strict=True):
        joined += ['"', data, '"', part]
    return "".join(joined)


def _safe_json(config: dict[str, Any]) -> str:
    shown = clean_shown(config)
    text = json.dumps(shown, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


# Live


def widget_script() -> str:
    """Return a widget's own few lines, which ask the kernel for `live_script`."""
    return module_script("widget")


@functools.cache
def live_script(module: str) -> tuple[str, bytes]:
    """Return `LIVE` or `REPORT` as an ES module: its name, and its text deflated."""
    text = module_script(module).encode("utf-8")
    return f"{zlib.crc32(text):08x}", zlib.compress(text, 9)


def still_html(fallback: str, view: str, *, title: str = "") -> str:
    """Return the picture that is seen where the live view of this name can't be shown."""
    inside = (
        f'<div class="nbimage-still" data-view="{escape(view)}" style="max-width:100%">{fallback}'
        f"</div><script>{script('view/loaders/still')}</script>"
    )
    return figure_html(inside, title=title)
