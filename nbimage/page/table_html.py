"""Tables with pictures in them: strings in, escaped HTML out.

The pictures are data URIs here; `tables` makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nbimage.base.text import escape
from nbimage.page.guard import sized

CELL = "padding:.5em"
"""The room in each cell, as Jupyter has it: other pages have none, and pictures would touch."""
_CLASS = "nbimage-table"
_STYLE = f"<style>.{_CLASS} :is(th,td){{{CELL}}}</style>"
_TABLE = "border-collapse:collapse"


class Markup(str):
    """Text that is HTML already; all other text is escaped."""

    __slots__ = ()


def image_markup(uri: str, alt: str, size: tuple[int, int], crisp: bool) -> Markup:
    """Return an image of (width, height) CSS pixels for a cell of a table."""
    rendering = ";image-rendering:pixelated" if crisp else ""
    return Markup(
        f'<img src="{escape(uri)}" alt="{escape(alt)}" title="{escape(alt)}" '
        f'{sized(*size)};max-width:none;margin:0;vertical-align:middle{rendering}">'
    )


def as_markup(text: object) -> str:
    """Return what stands in a cell as HTML."""
    return text if isinstance(text, Markup) else escape(str(text))


def table_html(
    heads: Iterable[object],
    kinds: Iterable[object],
    rows: Iterable[Sequence[object]],
    note: str = "",
) -> str:
    """Return a table: names and types of the columns, the rows, and a line above them."""
    head, kind = (
        "".join(f"<{tag}>{as_markup(text)}</{tag}>" for text in texts)
        for tag, texts in (("th", heads), ("td", kinds))
    )
    body = "".join(
        f"<tr>{''.join(f'<td>{as_markup(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f'{_STYLE}<div style="overflow-x:auto"><small>{escape(note)}</small>'
        f'<table border="1" class="dataframe {_CLASS}" style="{_TABLE}">'
        f"<thead><tr>{head}</tr><tr>{kind}</tr></thead><tbody>{body}</tbody></table></div>"
    )
