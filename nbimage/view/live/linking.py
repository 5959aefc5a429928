"""Views that move together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from nbimage.view.live.live_properties import LiveProperties
from nbimage.view.live.widget import LiveWidget, PageState

WHAT = ("region", "plane", "limits", "cursor")
_KEYS = {"region": "region", "plane": "plane", "limits": "looks", "cursor": "cursor"}


class Link:
    """Two views that are linked, until `unlink`."""

    def __init__(
        self, first: LiveProperties, second: LiveProperties, what: tuple[str, ...]
    ) -> None:
        lives = [view._needed("to be linked") for view in (first, second)]
        self._ends: list[Callable[[], None]] = []
        for (one, other), live in zip(((first, second), (second, first)), lives, strict=True):
            self._ends.append(live.listen(_listener(one, other, what)))
            live.follow(1)
        self._lives = lives
        now = {_KEYS[name]: first.model.state[_KEYS[name]] for name in what}
        _listener(first, second, what)({}, now, ())

    def unlink(self) -> None:
        """Let each view go its own way."""
        for end in self._ends:
            end()
        for live in self._lives:
            live.follow(-1)
        self._ends, self._lives = [], []

    def __repr__(self) -> str:
        return f"<Link {'of two views' if self._ends else 'that has ended'}>"


def link(view1: LiveProperties, view2: LiveProperties, what: Sequence[str] = WHAT) -> Link:
    """Have two live views show the same; to begin with, the second one follows the first.

    Parameters
    ----------
    view1, view2 : View
        Live ones: of tiles. Regions go by the size of a pixel where both have one in the same
        unit, else by their share of the whole.
    what : str or sequence of str
        Any of "region", "plane", "limits", "cursor".

    Returns
    -------
    Link
        Its ``unlink()`` ends it.

    Raises
    ------
    ValueError
        For views whose values are kept in the page.
    """
    names = (what,) if isinstance(what, str) else tuple(what)
    for name in names:
        if name not in WHAT:
            raise ValueError(f"what must be of {', '.join(WHAT)}, but got {name!r}")
    if view1 is view2:
        raise ValueError("view1 and view2 must be two views, but are the same one")
    return Link(view1, view2, names)


def _listener(one: LiveProperties, other: LiveProperties, what: tuple[str, ...]) -> Any:
    def listener(_: PageState, now: PageState, came_by: tuple[LiveWidget, ...]) -> None:
        here, there = one._live, other._live
        if here is None or there is None or there in came_by:
            return
        changes: PageState = {}
        for name in what:
            if _KEYS[name] in now:
                changes |= _carried(name, now[_KEYS[name]], one, other)
        there.change(changes, came_by=(*came_by, here))

    return listener


def _carried(name: str, told: Any, one: LiveProperties, other: LiveProperties) -> PageState:
    """Return what a view has to change to show what the other one does."""
    if name == "limits":
        return _same_limits(told, one, other)
    if name == "plane":
        places = dict(zip(one.model.images[0].stack.names, told, strict=True))
        stack = other.model.images[0].stack
        before = other.model.state["plane"]
        named = zip(stack.names, stack.sizes, before, strict=True)
        return {"plane": [min(places.get(name, place), size - 1) for name, size, place in named]}
    if told is None:
        return {name: None}
    times = _times(one, other)
    if name == "region":
        return {"region": {key: number * times[key[0]] for key, number in told.items()}}
    stack = other.model.images[0].stack
    x, y = (math.floor((told[axis] + 0.5) * times[axis]) for axis in ("x", "y"))
    inside = 0 <= x < stack.columns and 0 <= y < stack.rows
    return {"cursor": {"x": x, "y": y} if inside else None}


def _times(one: LiveProperties, other: LiveProperties) -> dict[str, float]:
    """Return how many samples of the other a sample is, across and down."""
    here, there = one.model.config["images"][0], other.model.config["images"][0]
    sizes = {"x": "columns", "y": "rows"}
    times = {axis: there[size] / here[size] for axis, size in sizes.items()}
    steps = [(here[axis] or {}, there[axis] or {}) for axis in sizes]
    if all(a.get("step") and b.get("step") and a["unit"] == b["unit"] for a, b in steps):
        times = {axis: a["step"] / b["step"] for axis, (a, b) in zip(sizes, steps, strict=True)}
    return times


def _same_limits(looks: Any, one: LiveProperties, other: LiveProperties) -> PageState:
    """Return the looks of the other view with these limits, where it has as many."""
    changed = []
    for i, look in enumerate(other.model.state["looks"]):
        given = looks[min(i, len(looks) - 1)]
        off = one.model.base(0) - other.model.base(0)
        if len(given["vmin"]) == len(look["vmin"]):
            ends = {key: [x + off for x in given[key]] for key in ("vmin", "vmax")}
            look = {**look, **ends, "vsym": given["vsym"]}
        changed.append(look)
    return {"looks": changed}
