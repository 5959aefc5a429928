"""HTML of pictures, from strings and numbers: nothing here knows of arrays.

That of videos is made in `page.video_html`.

Every style is inline and every script works on elements found by class: outputs share one page
with the notebook and with each other, and a sanitiser may take scripts and classes away.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from nbimage.base.text import close_directions, encode_base64, escape
from nbimage.page.figure_model import PLAIN, Figure, LegendEntry
from nbimage.page.guard import ELEMENT, ROOT

_CHECKERBOARD = "repeating-conic-gradient(#bbb 0 25%,#fff 0 50%) 0 0/16px 16px"
_HATCH = "repeating-linear-gradient(45deg,#8a929e 0 1px,#79818d 1px 6px)"
_BACKGROUNDS = {"checkerboard": _CHECKERBOARD, "hatch": _HATCH}
_PART = r"(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:%|deg|g?rad|turn)?|none)"
_CSS_COLOR = re.compile(
    r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})"
    rf"|(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(\s*{_PART}(?:(?:\s*,\s*|\s+){_PART}){{2}}"
    rf"(?:\s*[,/]\s*{_PART})?\s*\)",
    re.IGNORECASE,
)
_OF_THE_PAGE = {
    *("transparent", "currentcolor", "canvas", "canvastext", "field", "fieldtext", "graytext"),
    *("highlight", "highlighttext", "linktext", "buttonface", "buttontext", "mark", "marktext"),
}
"""Names of colors that are not the same on every page."""
PRINTED = "break-inside:avoid;-webkit-print-color-adjust:exact;print-color-adjust:exact"
"""What is not cut between two pages, and keeps its colors on paper."""
TEXT = "font:13px/1.5 system-ui,sans-serif;max-width:100%;overflow-wrap:anywhere"


def picture_html(
    uri: str,
    *,
    width: float,
    alt: str,
    tooltip: str,
    crisp: bool,
    labels: bool = False,
    figure: Figure = PLAIN,
    height: float = 0,
    background: str | None = None,
    display_id: str | None = None,
) -> str:
    """Return the HTML of one picture, resizable by dragging, ``width`` CSS pixels wide.

    ``height`` is as shown too; only a figure with axes or colorbars needs it.
    """
    image = picture_media(
        uri,
        width=width,
        alt=alt,
        tooltip=tooltip,
        crisp=crisp,
        labels=labels,
        figure=figure,
        background=background,
    )
    return compose_html(image, width, height, figure, display_id, ("resize",))


def picture_media(
    uri: str,
    *,
    width: float,
    alt: str,
    tooltip: str,
    crisp: bool | None,
    labels: bool = False,
    figure: Figure = PLAIN,
    background: str | None = None,
) -> str:
    """Return a picture that fills what it is in, with what lies over it.

    ``crisp`` None leaves it to what it is in how it is enlarged. ``labels``: its colors are not
    mixed where it is made smaller either.
    """
    crisp = True if labels else crisp
    rendering = "" if crisp is None else f";image-rendering:{'pixelated' if crisp else 'auto'}"
    behind = f";background:{css_background(background)}" if background else ""
    behind += ";forced-color-adjust:none" if background else ""
    image = (
        f'<img src="{uri}" alt="{escape(alt)}" title="{escape(tooltip)}" width="{number(width)}" '
        f'{"data-labels " if labels else ""}style="{ELEMENT};{_media(figure)}{rendering}{behind}">'
    )
    if figure.ratio:  # sanitisers leave no aspect-ratio, but padding in percent of the width
        image += f'<div style="padding-top:{number(100 / figure.ratio)}%"></div>'
    return image + overlays_html(figure)


def fill_source(html: str, media_type: str, data: bytes) -> str:
    """Return HTML of a picture without a source with its bytes in it."""
    before, _, after = html.partition('<img src="" ')
    return encode_base64(data, f'{before}<img src="data:{media_type};base64,', f'" {after}')


def overlays_html(figure: Figure) -> str:
    """Return what lies over a picture."""
    if not (figure.overlay or figure.scale_bar):
        return ""
    from nbimage.page.figure_html import overlay_html, scale_bar_html

    overlay = overlay_html(figure.overlay) if figure.overlay else ""
    return overlay + (scale_bar_html(figure.scale_bar) if figure.scale_bar else "")


def _media(figure: Figure) -> str:
    """Return the style of a picture that fills its box."""
    position = "position:absolute;left:0;top:0;height:100%" if figure.ratio else "height:auto"
    return f"width:100%;{position};min-height:1px;max-width:none;display:block;margin:0"


def compose_html(
    inner: str,
    width: float,
    height: float,
    figure: Figure,
    display_id: str | None,
    modules: tuple[str, ...],
) -> str:
    """Return a picture or video with all that belongs over it and around it."""
    if figure.has_margins:
        modules = (*modules, "ticks")
    box, style, natural = resizable_html(inner, width, display_id, figure.share), "", 0
    if figure.has_margins:
        # 5 ms, and most pictures are bare
        from nbimage.page.figure_html import find_figure_style, layout_html

        box = layout_html(box, figure, width, height)
        _, style, natural = find_figure_style(figure, width, height)
    from nbimage.page.scripts import compact_script, script

    text = compact_script if "player/video" in modules else script  # videos have the most
    inside = f"{box}<script>{text(*modules)}</script>"
    if figure.share:
        natural = natural or math.ceil(width)
    notes, legend = figure.notes, figure.legend
    more: dict[str, Any] = {"style": style, "natural": natural}
    return figure_html(inside, title=figure.title, notes=notes, legend=legend, **more)


def legend_html(legend: Sequence[LegendEntry]) -> str:
    """Return the line on a composite's channels: a square, a name and the limits of each."""
    # an edge, for white on white and blue on black
    edge = "forced-color-adjust:none;text-shadow:0 0 1px #888,0 0 1px #888"
    entries = (
        f'<span style="white-space:nowrap;margin-right:12px"><span aria-hidden="true" '
        f'style="color:{escape(one.color)};{edge}">■</span> {escape(close_directions(one.name))}'
        f'<span style="opacity:.75"> {escape(one.ends)}</span></span>'
        for one in legend
    )
    return f'<div class="nbimage-legend" style="{TEXT};margin-top:3px">{" ".join(entries)}</div>'


def figure_html(
    inner: str,
    *,
    title: str | None = None,
    notes: tuple[str, ...] = (),
    legend: Sequence[LegendEntry] = (),
    style: str = "",
    natural: int = 0,
) -> str:
    """Return HTML with a title above, a legend and notes below it: printed on one page if it fits.

    With a ``style`` that depends on the width that there is; ``natural`` is the one that it takes
    where nothing else says how wide it is.
    """
    room = sheet = ""
    if style:
        sheet = f"<style>{style}</style>"
    if natural:
        room = f"container-type:inline-size;contain-intrinsic-inline-size:{natural}px;min-width:0;"
    head = f'<div style="{TEXT};font-weight:600">{escape(title)}</div>' if title else ""
    foot = "".join(
        f'<div style="{TEXT};margin-top:3px;opacity:.75">{escape(note)}</div>' for note in notes
    )
    foot = legend_html(legend) + foot if legend else foot
    return (
        f'<div class="nbimage" style="{ROOT};{room}max-width:100%;margin-bottom:6px;{PRINTED}">'
        f"{sheet}{head}{inner}{foot}</div>"
    )


def resizable_html(
    inner: str, width: float, display_id: str | None = None, share: float = 0.0
) -> str:
    """Return an element wrapped so that scripts let its edges be dragged; the CSS corner else.

    Of a share of the output's width ``width`` is what it has where containers are not known.
    """
    wide = f"width:{number(width)}px" + (f";width:{number(100 * share)}cqw" if share else "")
    known = f' data-display-id="{escape(display_id)}"' if display_id else ""
    return (
        f'<div class="nbimage-box" data-width="{number(width)}"{known} '
        'style="display:inline-block;'
        f"position:relative;resize:horizontal;overflow:hidden;{wide};"
        f'min-width:{number(min(16, width))}px;max-width:100%;line-height:0;vertical-align:top">'
        f"{inner}</div>"
    )


def number(value: float) -> str:
    """Return a number as CSS and HTML take it: no exponent, no more digits than it needs."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def document_html(inner: str, title: str) -> str:
    """Return a page of its own, light or dark as the reader has it."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title></head>"
        f'<body style="margin:16px">{inner}</body></html>\n'
    )


def is_color_name(text: str) -> bool:
    """Return whether CSS knows a color by this name."""
    from PIL.ImageColor import colormap  # most pictures have a pattern

    return text.lower() in colormap


def css_background(background: str) -> str:
    """Return the CSS of a background: a color or a pattern's name. Raises ValueError."""
    if not isinstance(background, str) or not (
        background in _BACKGROUNDS
        or _CSS_COLOR.fullmatch(background)
        or background.lower() in _OF_THE_PAGE
        or is_color_name(background)
    ):
        raise ValueError(
            'background must be "hatch", "checkerboard", a CSS color or None, but got '
            f"{background!r:.60}"
        )
    return _BACKGROUNDS.get(background, background)
