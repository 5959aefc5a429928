"""What keeps a page's own style sheet out of what is shown.

A page has rules for `img`, `video`, `code`, `summary` and `*`, and containers whose text is large,
centred or in capitals: reveal.js shows no `img` taller than 95 % of its parent, Tailwind puts
borders into all sizes, themes of Sphinx dim pictures in the dark. Inline styles win over such rules
only in what they say themselves; `all` says the rest.
"""

from __future__ import annotations

ROOT = "all:initial;display:revert-layer;color:inherit;color-scheme:inherit;visibility:inherit"
"""Begins the style of the element around all: nothing is inherited but the page's colors.

A page may hide it, as hidden tabs do.
"""
ELEMENT = "all:revert"
"""Begins the style of elements that pages have rules for: none of these holds.

What is inherited still is, and what elements of this kind are by themselves they still are. Their
attributes `width` and `height` go with a page's rules: `sized` says them once more.
"""
BOX = "box-sizing:content-box"
"""For elements with a size that have a padding or a border too."""


def sized(width: float, height: float) -> str:
    """Return the attributes of an element of this size in CSS pixels, with its guarded style open.

    As attributes for where styles are taken away, as a style for where `ELEMENT` takes these.
    """
    return (
        f'width="{width:g}" height="{height:g}" '
        f'style="{ELEMENT};width:{width:g}px;height:{height:g}px'
    )


def dispensable(html: str) -> str:
    """Return elements that are shown only where a page leaves them their styles.

    GitHub and others take all styles away: what stood around a picture would be a column of
    numbers, what lay over it a second picture. There `rp` stays, which no browser shows by itself;
    where it is taken away too, as in JupyterLab, what is in it keeps its own styles.
    """
    return f'<rp style="display:contents">{html}</rp>' if html else ""
