"""Parameters of a grid that may be one for all pictures or one each.

=================  =================================================================================
what is given      what it means
=================  =================================================================================
None               nothing, for all
dict               one each, by title or by number, the first one 0; None for those that it lacks
                   (an overlay's item, which has a kind as a key, is one for all)
list, array        one each, None for none, if it has as many as there are pictures; an overlay of
                   another number is several items for all, and for all else that is an error
anything else      one for all
=================  =================================================================================

A list of numbers, dates or names is one axis for all, and a list of three or four numbers is one
color. What stands in rows may be given in the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nbimage.base.text import escape
from nbimage.figure.overlay import is_item
from nbimage.mapping.colormap import as_color, as_css


def spread_options(given: dict[str, Any], titles: Sequence[str]) -> list[dict[str, Any]]:
    """Return what holds for each picture, without what is None.

    Raises ValueError for lists of another length and for keys that name no picture.
    """
    each: list[dict[str, Any]] = [{} for _ in titles]
    for name, value in given.items():
        if value is None:
            continue
        listed = _list_each(name, value, titles)
        for number, options in enumerate(each):
            own = value if listed is None else listed[number]
            if own is not None:
                options[name] = own
    return each


def border_css(color: Any) -> str:
    """Return a border's color for the page. Raises ValueError for what is no color."""
    return escape(as_css(as_color("border", color)))


def _list_each(name: str, value: Any, titles: Sequence[str]) -> list[Any] | None:
    """Return one a picture; None for what is one for all."""
    count = len(titles)
    if isinstance(value, dict):
        return None if name == "overlay" and is_item(value) else _by_key(name, value, titles)
    if not _is_list(name, value):
        return None
    several = isinstance(value, list) and len(value) != count
    if name == "overlay" and several and not any(o is None or isinstance(o, list) for o in value):
        return None  # items for all
    found = list(value)
    if len(found) != count and all(isinstance(row, (list, tuple, np.ndarray)) for row in found):
        rows = [one for row in found for one in row]  # the pictures' own
        found = rows if len(rows) == count and name != "overlay" else found
    if len(found) != count:
        raise ValueError(
            f"{name} must be one for all or {count}, one a picture, but got {len(found)}"
        )
    return [one.item() if isinstance(one, np.generic) else one for one in found]


def _is_list(name: str, value: Any) -> bool:
    """Whether a value holds one a picture rather than being one for all."""
    if name == "overlay":
        return isinstance(value, list) or getattr(value, "ndim", 0) > 2
    if name in ("x", "y"):
        if getattr(value, "ndim", 0) > 1:
            return True
        parts = value if isinstance(value, (list, tuple)) else ()
        return any(
            one is None
            or isinstance(one, (bool, np.bool_))
            or (hasattr(one, "__len__") and not isinstance(one, (str, bytes)))
            for one in parts
        )
    if isinstance(value, str) or not (hasattr(value, "__len__") and hasattr(value, "__iter__")):
        return False
    if name == "border":
        numbers = all(isinstance(one, (int, float, np.number)) for one in value)
        return not (numbers and len(value) in (3, 4))
    return True


def _by_key(name: str, value: dict[Any, Any], titles: Sequence[str]) -> list[Any]:
    found: list[Any] = [None] * len(titles)
    for key, own in value.items():
        whole = isinstance(key, (int, np.integer)) and not isinstance(key, bool)
        numbers = [key] if whole and 0 <= key < len(titles) else []
        numbers = numbers or [i for i, title in enumerate(titles) if title and title == str(key)]
        if not numbers:
            raise ValueError(
                f"{name} must have titles or numbers of pictures as keys, but got {key!r}"
            )
        for number in numbers:
            found[number] = own
    return found
