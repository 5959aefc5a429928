"""What is seen of a view, in the array's own words: read and set from Python while it is live."""

from __future__ import annotations

import base64
import math
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.base.box import Box
from nbimage.mapping.limits import Limits
from nbimage.mapping.norms import as_norm
from nbimage.page.ipython import call_in_main_thread
from nbimage.picture import Picture
from nbimage.view.live.annotations import as_shapes, shapes_said
from nbimage.view.live.widget import LiveWidget, PageState
from nbimage.view.model.composite import composite
from nbimage.view.model.images import Image
from nbimage.view.model.tiled_image import TiledStack
from nbimage.view.model.view_model import ViewModel
from nbimage.view.model.view_state import as_start

if TYPE_CHECKING:
    from nbimage.grids.grid import Grid

NAMES = {
    "region": "region",
    "limits": "looks",
    "plane": "plane",
    "cursor": "cursor",
    "shapes": "shapes",
}
"""What can be observed, and what the page calls it."""
Slices = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class Change:
    """What `View.observe` tells."""

    name: str
    old: Any
    new: Any


class LiveProperties:
    """What of a view Python and its pages share. `View` is one."""

    picture: Picture | Grid
    model: ViewModel
    _live: LiveWidget | None
    """None: all is kept in the page, which says nothing."""

    @property
    def html(self) -> str:
        """The view as HTML."""
        raise NotImplementedError

    # Read and set

    @property
    def region(self) -> Slices:
        """What is seen, slices of rows and columns; None shows all.

        A page shows at least the region that is set: as much more as its shape has room for.
        """
        found: Slices = self._said("region")
        return found

    @region.setter
    def region(self, region: Any) -> None:
        self._change("region", self._resolved("region", region))

    @property
    def limits(self) -> Any:
        """The range of values that is shown, ``(vmin, vmax)``, or a list of these, one a channel.

        Of images that are compared the first one's; set, it holds for all of them.
        """
        return self._said("limits")

    @limits.setter
    def limits(self, limits: Any) -> None:
        looks = enumerate(self._told["looks"])
        self._change("looks", [_limited(look, limits, self.model.base(i)) for i, look in looks])

    @property
    def plane(self) -> dict[str, int]:
        """The place along each further axis, ``{axis: index}``; those not named stay."""
        found: dict[str, int] = self._said("plane")
        return found

    @plane.setter
    def plane(self, plane: Mapping[Any, int]) -> None:
        if isinstance(plane, Mapping):
            find = self.model.images[0].stack.find
            names = self.model.images[0].stack.names
            asked = {names[find("plane", axis)]: index for axis, index in plane.items()}
            plane = {**self.plane, **asked}
        self._change("plane", self._resolved("plane", plane))

    @property
    def cursor(self) -> tuple[int, int] | None:
        """The pinned sample, ``(row, column)``; None for none."""
        found: tuple[int, int] | None = self._said("cursor")
        return found

    @cursor.setter
    def cursor(self, cursor: Any) -> None:
        self._change("cursor", self._resolved("cursor", cursor))

    @property
    def shapes(self) -> list[dict[str, Any]]:
        """What is drawn on the image: dicts of ``kind``, ``points``, ``label`` and ``id``.

        The kinds are "point", "line", "box" and "polygon"; points are ``(row, column)``, whole
        numbers at the samples' centres. A box has ``slices`` too, of the samples that it touches.
        """
        found: list[dict[str, Any]] = self._said("shapes")
        return found

    @shapes.setter
    def shapes(self, shapes: Iterable[Mapping[str, Any]]) -> None:
        self._change("shapes", as_shapes(shapes))

    # What changes

    def observe(self, callback: Callable[[Change], Any], names: Any = None) -> None:
        """Have changes told to a function, in the kernel's main thread.

        Parameters
        ----------
        callback : function of a change, which has ``name``, ``old`` and ``new``
        names : str or list of str, optional
            Any of "region", "limits", "plane", "cursor", "shapes"; by default all.
        """
        wanted = _names(names)
        live = self._needed("to be observed")

        def listener(before: PageState, now: PageState, _: Any) -> None:
            for name in wanted:
                told = NAMES[name]
                if told not in now:
                    continue
                change = Change(name, self._worded(name, before), self._worded(name, now))
                if change.old != change.new:
                    call_in_main_thread(lambda change=change: _call(callback, change))  # type: ignore[misc]

        self.unobserve(callback)
        self._observers().append((callback, live.listen(listener)))

    def unobserve(self, callback: Callable[[Change], Any]) -> None:
        """Tell a function no more."""
        for one in [one for one in self._observers() if one[0] == callback]:
            one[1]()
            self._observers().remove(one)

    def _observers(self) -> list[tuple[Any, Callable[[], None]]]:
        found: list[tuple[Any, Callable[[], None]]] = self.__dict__.setdefault("_told_to", [])
        return found

    # What is there

    @property
    def widget(self) -> Any:
        """The live view as an anywidget, to be laid out with others or for ``mo.ui.anywidget``."""
        live = self._needed("for a widget")
        live.shared = True
        return live.widget

    def close(self) -> None:
        """End the live view: its pages keep what they have, threads and tiles are let go."""
        if self._live is not None:
            self._live.close()

    def snapshot(self, image: int = 0) -> Picture:
        """Return what is seen: the region at the level that is shown, in its limits and colors.

        ``image`` is the number of one of those that are compared.
        """
        live = self._needed("for a snapshot")
        shown = self.model.images[image]
        stack = self.model.tiled[image]
        box = self.model.state["region"] or _whole(stack)
        scale = live.scale or min(
            self.model.config["width"] / (box["x1"] - box["x0"]),
            self.model.config["height"] / (box["y1"] - box["y0"]),
        )
        level = min(max(0, math.floor(math.log2(1 / scale) + 1e-6)), stack.coarsest)
        rows, columns = stack.level_shape(level)
        top, bottom = _span(box["y0"] / 2**level, box["y1"] / 2**level, rows)
        left, right = _span(box["x0"] / 2**level, box["x1"] / 2**level, columns)
        array = stack.read(level, Box(top, bottom, left, right), self.model.state["plane"])
        look = self.model.display(image)
        return self._pictured(shown, Values(array), look, self.model.base(image))

    def _pictured(self, image: Image, values: Values, look: dict[str, Any], base: int) -> Picture:
        norm = as_norm(
            look["parameter"]
            if look["norm"] == "gamma"
            else look["norm"]
            if look["parameter"] is None
            else (look["norm"], look["parameter"])
        )
        vmin, vmax = ([number + base for number in look[key]] for key in ("vmin", "vmax"))
        quiet: dict[str, Any] = {"x": False, "y": False, "colorbar": False}
        axis = image.stack.channel_axis
        if image.kind == "composite":
            limits = [
                Limits((low,), (high,), norm=norm) for low, high in zip(vmin, vmax, strict=True)
            ]
            dark = [
                channel if on else type(channel)(channel.name, (0, 0, 0))
                for channel, on in zip(image.channel_colors, look["on"], strict=True)
            ]
            return Picture(composite(values, axis, dark, limits), channel_axis=2, **quiet)
        low, high = (ends[0] if len(ends) == 1 else ends for ends in (vmin, vmax))
        colors = None
        if image.kind == "gray" and (look["cmap"] != "gray" or look["invert"]):
            table = base64.b64decode(self.model.config["palettes"][look["cmap"]])
            colors = np.frombuffer(table, np.uint8).reshape(256, -1)[:: -1 if look["invert"] else 1]
        return Picture(values, low, high, norm=norm, cmap=colors, channel_axis=axis, **quiet)

    # Words

    @property
    def _told(self) -> PageState:
        return self.model.state

    def _said(self, name: str) -> Any:
        return self._worded(name, self._told)

    def _worded(self, name: str, told: PageState) -> Any:
        stack, found = self.model.images[0].stack, told[NAMES[name]]
        rows, lower = stack.rows, self.model.images[0].stack.upward
        if name == "plane":
            return dict(zip(stack.names, found, strict=True))
        if name == "cursor":
            return found and (rows - 1 - found["y"] if lower else found["y"], found["x"])
        if name == "shapes":
            return shapes_said(found, (rows, stack.columns))
        if name == "limits":
            return _ends(found[0], self.model.base(0), stack.dtype.kind in "biu")
        if found is None:
            return slice(0, rows), slice(0, stack.columns)
        top, bottom = found["y0"], found["y1"]
        if lower:
            top, bottom = rows - bottom, rows - top
        return (
            slice(*_span(top, bottom, rows)),
            slice(*_span(found["x0"], found["x1"], stack.columns)),
        )

    def _resolved(self, name: str, value: Any) -> Any:
        try:
            return as_start({name: value}, self.model.images).told[name]
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(str(error).replace(f"state['{name}']", name)) from None

    def _change(self, name: str, told: Any) -> None:
        self._needed("to be set").change({name: told})

    def _needed(self, what: str) -> LiveWidget:
        if self._live is None:
            raise ValueError(
                f"view must be live {what}, but its values are kept in the page: give embed=False"
            )
        return self._live


def _names(names: Any) -> list[str]:
    wanted = list(NAMES) if names is None else [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in NAMES:
            raise ValueError(f"names must be of {', '.join(NAMES)}, but got {name!r}")
    return wanted


def _call(callback: Callable[[Change], Any], change: Change) -> None:
    try:
        callback(change)
    except Exception:  # it must not end what called it; the reader sees what is wrong
        traceback.print_exc()


def _span(start: float, stop: float, size: int) -> tuple[int, int]:
    """Return the samples that a span touches: one at least."""
    first = min(max(math.floor(start + 1e-6), 0), size - 1)
    return first, min(max(math.ceil(stop - 1e-6), first + 1), size)


def _whole(stack: TiledStack) -> dict[str, float]:
    return {"x0": 0.0, "y0": 0.0, "x1": float(stack.columns), "y1": float(stack.rows)}


def _ends(look: dict[str, Any], base: int, whole: bool) -> Any:
    def number(value: float) -> float:
        return int(value) + base if whole and float(value).is_integer() else float(value) + base

    pairs = [(number(a), number(b)) for a, b in zip(look["vmin"], look["vmax"], strict=True)]
    return pairs[0] if len(pairs) == 1 else pairs


def _limited(look: dict[str, Any], limits: Any, base: int) -> dict[str, Any]:
    """Return a look with other limits: two numbers, or two of each channel."""
    count = len(look["vmin"])
    try:
        ends = np.asarray(limits, float)
    except (TypeError, ValueError):
        ends = np.zeros(0)
    if ends.shape == (2,):
        pairs = [tuple(limits)] * count
    elif ends.shape == (count, 2):
        pairs = [tuple(pair) for pair in limits]
    else:
        raise ValueError(f"limits must be (vmin, vmax), or {count} of these, but got {limits!r}")
    if not np.isfinite(ends).all():
        raise ValueError(f"limits must be finite, but got {limits!r}")
    low, high = ([float(pair[i] - base) for pair in pairs] for i in (0, 1))
    return {**look, "vmin": low, "vmax": high, "vsym": False}
