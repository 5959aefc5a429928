"""`LiveProperties`: what is seen of a view, read and set from Python while it is live.

In the array's own words and counting. Not here: messages between kernel and page (`widget`), the
state as a whole (`nbimage.view.model.view_state`).
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import UNLABELLED, Metadata
from nbimage.base.box import Box
from nbimage.mapping.channels.composite import composite
from nbimage.mapping.value_scale import ValueScale
from nbimage.page.ipython import call_in_main_thread
from nbimage.picture import Picture, make_picture
from nbimage.pyramid.core.stored import as_stored
from nbimage.view.live.widget import LiveWidget
from nbimage.view.model.annotations import add_slices, describe_annotations
from nbimage.view.model.display_settings import (
    display_palette,
    limit_pairs,
    limits_scale,
    with_limits,
)
from nbimage.view.model.view_model import ViewModel
from nbimage.view.model.view_state import (
    PageState,
    describe_cursor,
    resolve_state,
    touched_samples,
    viewport_slices,
)

if TYPE_CHECKING:
    from nbimage.grids.grid import Grid

NAMES = ("viewport", "limits", "index", "cursor", "roi", "annotations")
"""What can be read, set and observed."""
Slices = tuple[slice, slice]


def page_key(name: str) -> str:
    """Return the key in the page's state of what can be read."""
    return "displays" if name == "limits" else name


@dataclass(frozen=True, slots=True)
class Change:
    """What `View.observe` calls a function with."""

    name: str
    old: Any
    new: Any


class LiveProperties:
    """What Python and the pages of a view share. `View` is one.

    Reading a property raises ValueError where Python cannot know it: of a view whose values are
    kept in the page, and before the view is displayed, unless Python has set it. `View.state` then
    is what the view begins with.
    """

    picture: Picture | Grid
    model: ViewModel
    _live: LiveWidget | None
    """None: the page holds all values, and sends nothing."""

    @property
    def html(self) -> str:
        """The view as HTML."""
        raise NotImplementedError

    # Read and set

    @property
    def viewport(self) -> Slices:
        """What is seen, slices of rows and columns; set to None, all.

        A page shows at least what is set: as much more as its shape has room for.
        """
        found: Slices = self._read("viewport")
        return found

    @viewport.setter
    def viewport(self, viewport: Any) -> None:
        self._set("viewport", self._resolve("viewport", viewport))

    @property
    def limits(self) -> Any:
        """The range of values that is shown, ``(vmin, vmax)``, or a list of these, one a channel.

        Of images that are compared the first one's; set, it holds for all of them.
        """
        return self._read("limits")

    @limits.setter
    def limits(self, limits: Any) -> None:
        displays, base = enumerate(self.model.state["displays"]), self.model.base
        tiled = self.model.tiled
        metadata = tiled[0].pyramid.metadata if tiled else UNLABELLED
        changed = [
            with_limits("limits", display, limits, base(i), metadata) for i, display in displays
        ]
        self._set("limits", changed)

    @property
    def index(self) -> dict[str, int]:
        """The index along each further axis, ``{axis: index}``; set, those not named stay."""
        found: dict[str, int] = self._read("index")
        return found

    @index.setter
    def index(self, index: Mapping[Any, int]) -> None:
        if isinstance(index, Mapping):
            stack = self.model.images[0].stack
            named = {stack.names[stack.find("index", axis)]: i for axis, i in index.items()}
            index = {**self._describe("index", self.model.state), **named}
        self._set("index", self._resolve("index", index))

    @property
    def cursor(self) -> tuple[int, int] | None:
        """The pinned sample, ``(row, column)``; None for none."""
        found: tuple[int, int] | None = self._read("cursor")
        return found

    @cursor.setter
    def cursor(self, cursor: Any) -> None:
        self._set("cursor", self._resolve("cursor", cursor))

    @property
    def roi(self) -> Slices | None:
        """The region that was chosen for its numbers, slices of rows and columns; None for none."""
        found: Slices | None = self._read("roi")
        return found

    @roi.setter
    def roi(self, roi: Any) -> None:
        self._set("roi", self._resolve("roi", roi))

    @property
    def annotations(self) -> list[dict[str, Any]]:
        """What is drawn on the image: dicts of ``kind``, ``points``, ``label`` and ``id``.

        The kinds are "point", "line", "box" and "polygon"; points are ``(row, column)``, whole
        numbers at the samples' centers. A box has ``slices`` too, of the samples that it touches.
        """
        found: list[dict[str, Any]] = self._read("annotations")
        return found

    @annotations.setter
    def annotations(self, annotations: Iterable[Mapping[str, Any]]) -> None:
        self._set("annotations", self._resolve("annotations", annotations))

    # What changes

    def observe(self, callback: Callable[[Change], Any], names: Any = None) -> None:
        """Call a function with each change, in the kernel's main thread.

        Parameters
        ----------
        callback : function of a change, which has ``name``, ``old`` and ``new``
        names : str or list of str, optional
            Any of "viewport", "limits", "index", "cursor", "roi", "annotations"; by default all.
        """
        wanted = _check_names(names)
        live = self.require_live("to be observed")

        def listener(before: PageState, now: PageState, _: Any) -> None:
            for name in wanted:
                if page_key(name) not in now:
                    continue
                old, new = (self._describe(name, state) for state in (before, now))
                change = Change(name, old, new)
                if change.old != change.new:
                    call_in_main_thread(lambda change=change: _call(callback, change))  # type: ignore[misc]

        self.unobserve(callback)
        self._observers().append((callback, live.listen(listener)))

    def unobserve(self, callback: Callable[[Change], Any]) -> None:
        """Stop to call a function with changes."""
        for observer in [one for one in self._observers() if one[0] == callback]:
            observer[1]()
            self._observers().remove(observer)

    def _observers(self) -> list[tuple[Any, Callable[[], None]]]:
        found: list[tuple[Any, Callable[[], None]]] = self.__dict__.setdefault("_callbacks", [])
        return found

    # What is there

    @property
    def widget(self) -> Any:
        """The live view as an anywidget, to be laid out with others or for ``mo.ui.anywidget``."""
        live = self.require_live("for a widget")
        live.shared = True
        return live.widget

    def close(self) -> None:
        """End the live view: its pages keep what they have, workers and tiles are freed."""
        if self._live is not None:
            self._live.close()

    def snapshot(self, image: int = 0) -> Picture:
        """Return what is seen: the viewport at the level that is shown, in its limits and colors.

        ``image`` is the number of one of those that are compared.
        """
        live = self.require_live("for a snapshot")
        stack, config = self.model.tiled[image], self.model.config
        box = self.model.state["viewport"] or {
            "x0": 0.0,
            "y0": 0.0,
            "x1": float(stack.columns),
            "y1": float(stack.rows),
        }
        scale = live.scale or min(
            config["width"] / (box["x1"] - box["x0"]), config["height"] / (box["y1"] - box["y0"])
        )
        level = min(max(0, math.floor(math.log2(1 / scale) + 1e-6)), stack.coarsest)
        rows, columns = stack.level_shape(level)
        top, bottom = touched_samples(box["y0"] / 2**level, box["y1"] / 2**level, rows)
        left, right = touched_samples(box["x0"] / 2**level, box["x1"] / 2**level, columns)
        array = stack.read(level, Box(top, bottom, left, right), self.model.state["index"])
        labels = self.model.images[image].labels
        labelled = Metadata(labels=True)
        return self._make_picture(
            image, as_stored(array, stack.pyramid, labelled) if labels else Values(array)
        )

    def _make_picture(self, number: int, values: Values) -> Picture:
        """Return the picture of an image's samples, in the present display settings."""
        model = self.model
        image, limits = model.images[number], model.limits(number)
        quiet: dict[str, Any] = {"x": False, "y": False, "colorbar": False}
        axis = image.stack.channel_axis
        if image.kind == "composite":
            shown = composite(values, axis, model.lit_channels(number), limits)
            return make_picture(shown, ValueScale(channel_axis=2), **quiet)
        colors = model.label_colors(number)
        if colors is not None and axis is None:
            return make_picture(values, ValueScale(), cmap=colors[1:], labels=True, **quiet)
        gray = image.kind == "gray"
        cmap = display_palette(model.display(number), model.config["palettes"]) if gray else None
        scale = limits_scale(limits[0])._replace(channel_axis=axis)
        values = replace(values, opaque=image.opaque)
        return make_picture(values, scale, cmap=cmap, **quiet)

    # Between the page's words and Python's

    def _read(self, name: str) -> Any:
        live = self._live
        verb = "are" if name.endswith("s") else "is"
        if live is None:
            raise ValueError(
                f"the {name} of a view whose values are kept in the page {verb} unknown to Python: "
                "give embed=False for a live view, or read view.state, what it begins with"
            )
        if not live.shown and page_key(name) not in live.changed:
            raise ValueError(
                f"the {name} {verb} unknown as long as the view is not displayed: display it, or "
                "read view.state, what it begins with"
            )
        return self._describe(name, self.model.state)

    def _describe(self, name: str, page: PageState) -> Any:
        """Return one property of a page's state."""
        image = self.model.images[0]
        stack = image.stack
        if name == "viewport":
            return viewport_slices(page["viewport"], image)
        if name == "roi":
            return page["roi"] and viewport_slices(page["roi"], image)
        if name == "limits":
            whole = stack.dtype.kind in "biu"
            pairs = limit_pairs(page["displays"][0], self.model.base(0), whole)
            return pairs[0] if len(pairs) == 1 else pairs
        if name == "annotations":
            described = describe_annotations(page["annotations"], stack.rows, stack.upward)
            return [add_slices(one, (stack.rows, stack.columns)) for one in described]
        if name == "index":
            return dict(zip(stack.names, page["index"], strict=True))
        cursor = describe_cursor(page["cursor"], image)
        return cursor and tuple(cursor)

    def _resolve(self, name: str, value: Any) -> Any:
        """Return a value that Python sets, as the page has it."""
        try:
            return resolve_state({name: value}, self.model.images).page[page_key(name)]
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(str(error).replace(f"state['{name}']", name)) from None

    def _set(self, name: str, value: Any) -> None:
        self.require_live("to be set").change({page_key(name): value})

    def require_live(self, purpose: str) -> LiveWidget:
        """Return the kernel's side of a live view. For the modules of nbimage.

        Raises ValueError for a view whose values are kept in the page.
        """
        if self._live is None:
            raise ValueError(
                f"the view must be live {purpose}, but its values are kept in the page: give "
                "embed=False"
            )
        return self._live


def _check_names(names: Any) -> list[str]:
    every = list(NAMES)
    wanted = every if names is None else [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in NAMES:
            raise ValueError(f"names must be of {', '.join(NAMES)}, but got {name!r}")
    return wanted


def _call(callback: Callable[[Change], Any], change: Change) -> None:
    try:
        callback(change)
    except Exception:  # it must not end what called it; the reader sees what is wrong
        traceback.print_exc()
