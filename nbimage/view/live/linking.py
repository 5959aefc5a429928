"""`link`: live views that show the same, whichever of them is moved.

By way of the kernel. Not here: images that are compared within one view.
"""

from __future__ import annotations

import contextlib
import math
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from nbimage.base.doors import door
from nbimage.view.live.live_properties import LiveProperties, page_key
from nbimage.view.live.messages import check_changes
from nbimage.view.live.widget import LiveWidget
from nbimage.view.model.display_settings import limit_pairs, with_limits
from nbimage.view.model.view_model import ViewModel
from nbimage.view.model.view_state import PageState

LINKED = ("viewport", "index", "limits", "cursor")


class Link:
    """Two views that are linked, until `unlink`.

    Examples
    --------
    >>> views = [nbimage.View(np.zeros((480, 640)), embed=False) for _ in range(2)]
    >>> link = nbimage.link(*views)
    >>> link
    <Link of two views>
    >>> link.unlink()
    >>> link
    <Link that has ended>
    """

    def __init__(
        self, first: LiveProperties, second: LiveProperties, names: tuple[str, ...]
    ) -> None:
        one, other = (view.require_live("to be linked") for view in (first, second))
        self._lives = [weakref.ref(one), weakref.ref(other)]
        self._ends: list[Callable[[], None]] = [
            one.listen(_make_listener(one, other, names)),
            other.listen(_make_listener(other, one, names)),
        ]
        for live in (one, other):
            live.follow(1)
        now = {page_key(name): one.model.state[page_key(name)] for name in names}
        _make_listener(one, other, names)({}, now, ())

    def unlink(self) -> None:
        """End the link: each view goes its own way."""
        for end in self._ends:
            end()
        for live in (ref() for ref in self._lives):
            if live is not None:
                live.follow(-1)
        self._ends, self._lives = [], []

    def __repr__(self) -> str:
        return f"<Link {'of two views' if self._ends else 'that has ended'}>"


@door
def link(view1: LiveProperties, view2: LiveProperties, what: Sequence[str] = LINKED) -> Link:
    """Have two live views show the same; to begin with, the second one follows the first.

    Parameters
    ----------
    view1, view2 : View
        Live ones: of tiles. Viewports go by the size of a pixel where both have one in the same
        unit, else by their share of the whole.
    what : str or sequence of str
        Any of "viewport", "index", "limits", "cursor".

    Returns
    -------
    Link
        Its ``unlink()`` ends it.

    Raises
    ------
    TypeError
        For what is no view.
    ValueError
        For views whose values are kept in the page.

    Examples
    --------
    >>> before = nbimage.View(np.zeros((9, 480, 640)), axes="tyx", embed=False)
    >>> after = nbimage.View(np.ones((9, 960, 1280)), axes="tyx", embed=False)
    >>> link = nbimage.link(before, after, ["viewport", "index"])
    >>> before.viewport = np.s_[100:200, 100:300]
    >>> after.viewport
    (slice(200, 400, None), slice(200, 600, None))
    >>> link.unlink()
    """
    names = (what,) if isinstance(what, str) else tuple(what)
    for name in names:
        if name not in LINKED:
            raise ValueError(f"what must be of {', '.join(LINKED)}, but got {name!r}")
    for name, view in (("view1", view1), ("view2", view2)):
        if not isinstance(view, LiveProperties):
            raise TypeError(f"{name} must be a View, but got {type(view).__name__}")
    if view1 is view2:
        raise ValueError("view1 and view2 must be two views, but are the same one")
    return Link(view1, view2, names)


def _make_listener(one: LiveWidget, other: LiveWidget, names: tuple[str, ...]) -> Any:
    """Return what changes the other view when the one does.

    It keeps neither of them: a view that nobody holds is freed, though others are linked to it.
    """
    refs = weakref.ref(one), weakref.ref(other)

    def listener(_: PageState, now: PageState, came_by: tuple[LiveWidget, ...]) -> None:
        one, other = (ref() for ref in refs)
        if one is None or other is None or other in came_by:
            return
        changes: PageState = {}
        for name in names:
            if page_key(name) in now:
                changes |= _convert(name, now[page_key(name)], one.model, other.model)
        other.change(changes, came_by=(*came_by, one))

    return listener


def _convert(name: str, value: Any, one: ViewModel, other: ViewModel) -> PageState:
    """Return what a view has to change to show what the other one does."""
    if name == "limits":
        return {"displays": _convert_limits(value, one, other)}
    stack = other.images[0].stack
    if name == "index":
        given = dict(zip(one.images[0].stack.names, value, strict=True))
        axes = zip(stack.names, stack.sizes, other.state["index"], strict=True)
        return {"index": [min(given.get(axis, i), size - 1) for axis, size, i in axes]}
    if value is None:
        return {page_key(name): None}
    ratios = _sample_ratios(one, other)
    if name == "viewport":
        converted = {key: number * ratios[key[0]] for key, number in value.items()}
        return check_changes({"viewport": converted}, other)  # not farther out than pages may go
    x, y = (math.floor((value[axis] + 0.5) * ratios[axis]) for axis in ("x", "y"))
    inside = 0 <= x < stack.columns and 0 <= y < stack.rows
    return {"cursor": {"x": x, "y": y} if inside else None}


def _sample_ratios(one: ViewModel, other: ViewModel) -> dict[str, float]:
    """Return how many samples of the other a sample is, across and down."""
    here, there = one.config["images"][0], other.config["images"][0]
    sizes = {"x": "columns", "y": "rows"}
    ratios = {axis: there[size] / here[size] for axis, size in sizes.items()}
    steps = [(here[axis] or {}, there[axis] or {}) for axis in sizes]
    if all(a.get("step") and b.get("step") and a["unit"] == b["unit"] for a, b in steps):
        ratios = {axis: a["step"] / b["step"] for axis, (a, b) in zip(sizes, steps, strict=True)}
    return ratios


def _convert_limits(displays: Any, one: ViewModel, other: ViewModel) -> list[dict[str, Any]]:
    """Return the display settings of the other view with these limits, where it has as many."""
    changed = []
    for i, display in enumerate(other.state["displays"]):
        given = displays[min(i, len(displays) - 1)]
        if len(given["vmin"]) == len(display["vmin"]):
            pairs = limit_pairs(given, one.base(0), True)
            with contextlib.suppress(ValueError):  # which the other's norm has no bins for
                display = with_limits("limits", display, pairs, other.base(0))
                display["vsym"] = given["vsym"] and display["norm"] != "log"
        changed.append(display)
    return changed
