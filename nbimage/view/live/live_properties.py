"""`LiveProperties`: what is seen of a view, read and set from Python while it is live.

In the array's own words and counting. Not here: messages between kernel and page (`widget`), the
state as a whole (`nbimage.view.model.view_state`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nbimage.arrays.metadata import UNLABELLED
from nbimage.base.doors import attribute_error, door
from nbimage.base.scalars import whole_or_nan
from nbimage.export.drawing import as_scale
from nbimage.picture import Picture
from nbimage.view.live.layer_list import LayerList
from nbimage.view.live.observed import NAMES, ObservedView
from nbimage.view.live.snapshots import (
    draw_drawing,
    make_drawing,
    make_shown_figure,
    make_shown_picture,
)
from nbimage.view.live.widget import LiveWidget
from nbimage.view.model.display_settings import (
    limit_pairs,
    with_limits,
)
from nbimage.view.model.view_model import ViewModel
from nbimage.view.model.view_state import (
    PageState,
    describe_cursor,
    resolve_state,
    viewport_slices,
)
from nbimage.view.project.projections import describe_projections
from nbimage.view.shapes.page_shapes import describe_page_shapes
from nbimage.view.shapes.shape import Shape
from nbimage.view.shapes.shape_list import Shapes

if TYPE_CHECKING:
    from nbimage.grids.grid import Grid

Slices = tuple[slice, slice]


def page_key(name: str) -> str:
    """Return the key in the page's state of what can be read."""
    return "displays" if name == "limits" else name


class LiveProperties(ObservedView):
    """What Python and the pages of a view share. `View` is one.

    Reading a property raises ValueError where Python cannot know it: before the view is displayed,
    unless Python has set it, and of a view whose values are kept in the page where there is no
    kernel, anywidget or variable that holds the view. `View.state` then is what it begins with.
    """

    picture: Picture | Grid
    model: ViewModel
    _live: LiveWidget | None
    """None: the page holds all values, and nobody hears of it."""

    @property
    def html(self) -> str:
        """The view as HTML."""
        raise NotImplementedError

    # Read and set

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; a name that is nearly one of the view's own is an error."""
        if name[0] != "_" and name not in self.__dict__ and not hasattr(type(self), name):
            error = attribute_error("'View' object", name, (*NAMES, "data", "follow", "layers"))
            if "did you mean" in str(error):
                raise error
        super().__setattr__(name, value)

    @property
    def viewport(self) -> Slices:
        """What is shown, slices of rows and columns; set to None, all.

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
    @door
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
    def projections(self) -> dict[str, Any]:
        """What is shown of the planes along axes, ``{axis: [kind, first, last]}``.

        Set, axes that are not named have one plane again; a kind alone is of all planes.
        """
        found: dict[str, Any] = self._read("projections")
        return found

    @projections.setter
    def projections(self, projections: Mapping[Any, Any] | None) -> None:
        self._set("projections", self._resolve("projections", projections or {}))

    @property
    def cursor(self) -> tuple[int, int] | None:
        """The pinned sample, ``(row, column)``; None for none."""
        found: tuple[int, int] | None = self._read("cursor")
        return found

    @cursor.setter
    def cursor(self, cursor: Any) -> None:
        self._set("cursor", self._resolve("cursor", cursor))

    @property
    def shapes(self) -> Shapes:
        """What is drawn on the image, a list of `Shape`: changed, the pages change too.

        Set, any shapes or dicts of their fields are taken, such as the page copies as JSON.
        """
        self._read("shapes")  # or it is unknown
        return Shapes.bound(lambda: list(self._read("shapes")), self._put_shapes)

    @shapes.setter
    def shapes(self, shapes: Iterable[Any]) -> None:
        self._put_shapes(shapes)

    def _put_shapes(self, shapes: Any) -> None:
        self._set("shapes", self._resolve("shapes", shapes))

    @property
    def selected(self) -> Shape | None:
        """The shape that is selected, whose numbers the page shows; None for none."""
        found: Shape | None = self._read("selected")
        return found

    @selected.setter
    def selected(self, shape: Shape | str | None) -> None:
        given = shape.id if isinstance(shape, Shape) else shape or ""
        if given and all(given != one["id"] for one in self.model.state["shapes"]):
            raise ValueError(
                f"selected must be one of the shapes, or its id, but got {shape!r:.60}"
            )
        self._set("selected", given)

    @property
    def layers(self) -> LayerList:
        """What lies over the images: label images and the items of an overlay, by number or name.

        Each has ``name``, ``visible``, ``opacity``, ``fill`` (False: outlines), ``picked`` and
        ``by``, which can be set while the view is live.
        """
        return LayerList(self.model, self._set)

    def _listen_to(self, name: str, tell: Callable[[Any, Any], None]) -> Callable[[], None]:
        key = page_key(name)

        def listener(before: PageState, now: PageState, _: Any) -> None:
            if key in now:
                old, new = (self._describe(name, state) for state in (before, now))
                if old != new:
                    tell(old, new)

        return self.require_live("to be observed").listen(listener)

    # What is there

    @property
    def widget(self) -> Any:
        """The live view as an anywidget, to be laid out with others or for ``mo.ui.anywidget``.

        Examples
        --------
        >>> import ipywidgets
        >>> view = nbimage.View(np.zeros((12, 480, 640)), axes="tyx", embed=False)
        >>> box = ipywidgets.VBox([ipywidgets.HTML("<b>Noise</b>"), view.widget])
        """
        live = self.require_live("for a widget", tiles=True)
        widget = live.widget
        live.shared = live.shown = True
        return widget

    def close(self) -> None:
        """End the live view: its pages keep what they have, workers and tiles are freed.

        Examples
        --------
        >>> view = nbimage.View(np.zeros((480, 640)), embed=False)
        >>> view.close()
        """
        if self._live is not None:
            self._live.close()

    @door
    def snapshot(self, image: int = 0, *, figure: bool = False, scale: float = 1) -> Picture:
        """Return what is shown: the viewport in its limits and colors, of tiles at the level shown.

        Parameters
        ----------
        image : int
            The number of one of those that are compared.
        figure : bool
            With all that stands around it and over it: colorbar, scale bar, axes if they are shown,
            and what was drawn; of compared images all of them.
        scale : float
            Pixels of the figure that are one CSS pixel.

        Raises
        ------
        ValueError
            For the number of an image that is not there, and for a scale without a figure.

        Examples
        --------
        >>> view = nbimage.View(np.eye(300), embed=False)
        >>> view.viewport = np.s_[:100, 50:250]
        >>> view.snapshot()
        <Picture 100×200 float64, gray, values 0 to 1, black is 0, white is 1>
        >>> view.snapshot(figure=True, scale=2).save("seen.png").name
        'seen.png'
        """
        shown = None if self._live is None else self._live.scale
        number = as_scale(scale)
        if not figure:
            if number != 1:
                raise ValueError(f"scale must be left out where figure is False, but got {scale!r}")
            count = len(self.model.images)
            if not -count <= whole_or_nan(image) < count:
                raise ValueError(f"image must be from 0 to {count - 1}, but got {image!r:.60}")
            return make_shown_picture(self.model, int(image) % count, shown)
        drawing = make_drawing(make_shown_figure(self.model, shown, number))
        return Picture(draw_drawing(drawing, number), width=drawing.width)

    # Between the page's words and Python's

    @door
    def _read(self, name: str) -> Any:
        live = self._live
        verb = "are" if name.endswith("s") else "is"
        if live is None:
            raise ValueError(
                f"the {name} of a view whose values are kept in the page {verb} unknown to Python: "
                "give embed=False for a live view, or show the view itself in a notebook with "
                "anywidget; view.state is what it begins with"
            )
        if not live.shown and page_key(name) not in live.changed:
            raise ValueError(
                f"the {name} {verb} unknown as long as the view is not displayed: display it and "
                "go on in a cell that runs when it is there, not at once with the others, or read "
                "view.state, what it begins with"
            )
        return self._describe(name, self.model.state)

    def _describe(self, name: str, page: PageState) -> Any:
        """Return one property of a page's state."""
        image = self.model.images[0]
        stack = image.stack
        if name == "viewport":
            return viewport_slices(page["viewport"], image)
        if name == "limits":
            whole = stack.dtype.kind in "biu"
            pairs = limit_pairs(page["displays"][0], self.model.base(0), whole)
            return pairs[0] if len(pairs) == 1 else pairs
        if name == "shapes":
            return Shapes(describe_page_shapes(page["shapes"], stack))
        if name == "selected":
            shapes = describe_page_shapes(self.model.state["shapes"], stack)
            return next((shape for shape in shapes if shape.id == page["selected"]), None)
        if name == "projections":
            return describe_projections(page["projections"], stack.names)
        if name == "index":
            return dict(zip(stack.names, page["index"], strict=True))
        cursor = describe_cursor(page["cursor"], image)
        return cursor and tuple(cursor)

    @door
    def _resolve(self, name: str, value: Any) -> Any:
        """Return a value that Python sets, as the page has it."""
        try:
            return resolve_state({name: value}, self.model.images).page[page_key(name)]
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(str(error).replace(f"state['{name}']", name)) from None

    def _set(self, name: str, value: Any) -> None:
        self.require_live("to be set").change({page_key(name): value})

    @door
    def require_live(self, purpose: str, *, tiles: bool = False) -> LiveWidget:
        """Return the kernel's side of a live view. For the modules of nbimage.

        Raises ValueError for a view whose values are kept in the page; unless ``tiles`` are asked
        for, only where no kernel hears of it.
        """
        if self._live is None or (tiles and not self.model.tiled):
            way = "" if tiles else ", or show the view itself in a notebook, with anywidget"
            raise ValueError(
                f"the view must be live {purpose}, but its values are kept in the page: give "
                f"embed=False{way}"
            )
        return self._live
