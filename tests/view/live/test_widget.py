"""A live view's kernel side: messages, what Python reads and sets, links, and the end of it all."""

from __future__ import annotations

import json
import re
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from typing import Any

import ipywidgets
import numpy as np
import pytest
import traitlets
import xarray

from nbimage import Picture, Shape, View
from nbimage.view.live.linking import link
from nbimage.view.live.live_properties import LiveProperties
from nbimage.view.live.messages import SYNCHRONIZED
from nbimage.view.live.observed import NAMES
from nbimage.view.live.widget_class import widget_class
from nbimage.view.model.tiled_image import TileAddress, TiledStack

rng = np.random.default_rng(3)
GRAY = rng.integers(0, 4000, (700, 900)).astype(np.uint16)


class Page:
    """What a front-end would be to a view: it says things and hears what is said."""

    def __init__(self, view: LiveProperties, name: str = "page", **hello: Any) -> None:
        assert view._live is not None
        self.view, self.name, self.live = view, name, view._live
        self.said: list[tuple[dict[str, Any], list[bytes]]] = []
        self.widget = self.live.widget
        before = self.widget.send

        def send(content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
            self.said.append((json.loads(json.dumps(content)), list(buffers or ())))
            before(content, buffers)

        self.widget.send = send
        self.tell({"type": "hello", "have": [], **hello})

    def tell(self, content: dict[str, Any]) -> None:
        self.widget._handle_custom_msg({**content, "client": self.name}, [])

    def want(self, epoch: int, *tiles: tuple[int, int, int, int], **more: Any) -> None:
        wanted = [{"image": 0, "tiles": [list(tile) for tile in tiles]}]
        self.tell({"type": "request", "epoch": epoch, "requests": wanted, **more})

    def of(self, kind: str) -> list[tuple[dict[str, Any], list[bytes]]]:
        return [one for one in list(self.said) if one[0]["type"] == kind]

    def wait(self, kind: str, count: int = 1) -> list[tuple[dict[str, Any], list[bytes]]]:
        until = time.monotonic() + 120
        while len(self.of(kind)) < count and time.monotonic() < until:
            time.sleep(0.01)
        return self.of(kind)


def live(data: Any = GRAY, **options: Any) -> View:
    return View(data, embed=False, **options)


def threads() -> int:
    return sum(thread.name == "nbimage-tiles" for thread in threading.enumerate())


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name == "nbimage-tiles":
            thread.join(10)


# Messages


def test_the_first_reply_has_the_script_the_config_and_nothing_to_be_saved() -> None:
    view = live()
    view.index = {}
    page = Page(view)
    [(hello, buffers)] = page.of("hello")
    script = zlib.decompress(buffers[0]).decode()
    assert script.endswith("\nexport default begin;\n")
    assert "import " not in script
    assert hello["config"]["images"][0]["tiles"]["coarsest"] == 2
    assert hello["count"] == len(buffers) == 1 + len(hello["tiles"])
    state = page.widget.get_state()
    assert len(json.dumps(state)) < 4000
    assert not any(isinstance(value, (bytes, memoryview)) for value in state.values())
    view.close()


def test_a_page_that_has_the_script_is_not_sent_it_again() -> None:
    view = live()
    page = Page(view)
    name = page.of("hello")[0][0]["script"]
    page.tell({"type": "hello", "have": [name]})
    second, buffers = page.of("hello")[1]
    assert not second["packed"] and len(buffers) == len(second["tiles"])
    view.close()


def test_tiles_that_are_wanted_come_one_by_one_and_wrong_ones_say_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = live()
    page = Page(view)
    page.want(1, (0, 0, 3, 2), (0, 1, 0, 0), (0, 0, 99, 0))
    tiles = {tuple(said["address"]): (said, data) for said, data in page.wait("tile", 3)}
    said, [data] = tiles[0, 0, 3, 2]
    assert said["dtype"] == "uint16" and said["bytes"] == len(data) and not said["rough"]
    assert data.startswith(b"\x89PNG")
    assert "must lie within" in tiles[0, 0, 99, 0][0]["error"]
    requested: list[Any] = []
    scheduler = page.live.scheduler
    assert scheduler is not None
    monkeypatch.setattr(scheduler, "request", lambda *request: requested.append(request[1]))
    page.want(1, (0, 0, 0, 0))  # older than what came last
    page.want(2, (0, 0, 1, 0))
    assert requested == [[TileAddress(0, 0, 1, 0)]]
    view.close()


def test_a_front_end_that_loses_buffers_gets_letters() -> None:
    view = live()
    page = Page(view, text=True)
    hello, buffers = page.of("hello")[0]
    assert buffers == [] and len(hello["texts"]) == hello["count"]
    page.want(1, (0, 0, 0, 0), text=True)
    said, buffers = page.wait("tile")[0]
    assert buffers == [] and said["text"]
    view.close()


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"type": "request"},
        {"type": "request", "epoch": "x", "requests": 3},
        {"type": "request", "epoch": 9, "requests": [{"image": 7, "tiles": [[0, 0, 0, 0]]}]},
        {"type": "request", "epoch": 9, "requests": [{"image": 0, "tiles": [["a"]]}]},
        {"type": "state", "changes": {"index": [1, 2, 3]}},
        {"type": "state", "changes": {"viewport": {"x0": 1}}},
        {"type": "stop", "image": None},
        {"type": "rubbish"},
    ],
    ids=range(9),
)
def test_messages_without_sense_change_nothing(content: dict[str, Any]) -> None:
    view = live()
    page = Page(view)
    before = dict(page.live.model.state)
    page.tell(content)
    assert page.live.model.state == before
    view.close()


def test_when_the_last_page_leaves_threads_and_tiles_are_let_go() -> None:
    view = live()
    first, second = Page(view, "a"), Page(view, "b")
    first.want(1, (0, 0, 0, 0))
    second.wait("tile")
    first.tell({"type": "bye"})
    assert view._live is not None and view._live._scheduler is not None
    second.tell({"type": "bye"})
    assert view._live._scheduler is None and threads() == 0
    again = Page(view, "c")
    again.want(1, (0, 0, 0, 0))
    assert again.wait("tile")
    view.close()
    assert threads() == 0


def test_a_view_that_is_closed_says_so_and_takes_its_widgets_along() -> None:
    from ipywidgets.widgets import widget

    before = len(widget._instances)
    for _ in range(50):
        view = live(GRAY[:60, :70])
        page = Page(view)
        view.close()
        assert page.of("gone")
    assert len(widget._instances) == before and threads() == 0


def test_without_anywidget_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    widget_class.cache_clear()
    with pytest.raises(ImportError, match=r"needs anywidget: pip install 'nbimage\[live\]'"):
        _ = live().widget
    widget_class.cache_clear()


def test_elsewhere_than_in_a_notebook_a_live_view_is_shown_as_any_other() -> None:
    view = live()
    with pytest.raises(NotImplementedError):
        view._ipython_display_()
    kinds = set(view._repr_mimebundle_()[0])  # its preview is what is smaller
    assert len(kinds) == 3
    assert kinds - {"image/png", "image/jpeg"} == {"text/html", "text/plain"}


# What is seen, in Python's words


def test_what_is_set_is_read_back_and_told_to_pages() -> None:
    view = live()
    page = Page(view)
    view.viewport = np.s_[100:300, -200:]
    view.limits = 10, 2000.5
    view.cursor = 7, -1
    view.shapes = [{"kind": "line", "points": [(1, 2), (3.5, 4)], "label": "a line"}]
    assert view.viewport == np.s_[100:300, 700:900]
    assert view.limits == (10, 2000.5)
    assert view.cursor == (7, 899)
    [shape] = view.shapes
    assert shape.points == ((1, 2), (3.5, 4)) and shape.label == "a line"
    told = [list(said["changes"]) for said, _ in page.of("state")]
    assert told == [["viewport"], ["displays"], ["cursor"], ["shapes"]]
    view.viewport = None
    assert view.viewport == np.s_[0:700, 0:900]
    view.close()


def test_places_along_axes_are_set_by_name_and_the_others_stay() -> None:
    view = View(rng.random((3, 4, 50, 60)), axes="tzyx", embed=False)
    view.index = {"z": -1}
    view.index = {"t": 2}
    assert view.index == {"t": 2, "z": 3}


def test_what_a_page_tells_is_read_and_other_pages_are_told() -> None:
    view = live()
    first, second = Page(view, "a"), Page(view, "b")
    box = {"x0": 10.2, "y0": 20.0, "x1": 110.7, "y1": 90.5}
    first.tell(
        {"type": "state", "changes": {"viewport": box, "scale": 2.0, "cursor": {"x": 3, "y": 4}}}
    )
    assert view.viewport == np.s_[20:91, 10:111]
    assert view.cursor == (4, 3)
    assert second.of("state")[-1][0]["client"] == "a"  # the page itself leaves it aside
    view.close()


def test_shapes_are_a_list_that_both_sides_change() -> None:
    view = live()
    page = Page(view)
    points = [{"x": 10, "y": 5}, {"x": 4, "y": 9}]
    drawn = {"kind": "box", "points": points, "id": "a", "color": "#ff0000"}
    page.tell({"type": "state", "changes": {"shapes": [drawn], "selected": "a"}})
    shapes = view.shapes
    assert shapes[0].slices == np.s_[5:9, 4:10] and shapes[0].color == "#ff0000"
    assert view.selected == shapes[0]
    np.testing.assert_array_equal(shapes[0].values(GRAY), GRAY[5:9, 4:10].ravel())
    shapes.append(Shape("ellipse", [(1, 2), (30, 40)], id="b"))  # what was read before goes on
    assert [one["kind"] for one in view.model.state["shapes"]] == ["box", "ellipse"]
    assert page.of("state")[-1][0]["changes"]["shapes"] == view.model.state["shapes"]
    view.selected = shapes[1]
    assert view.model.state["selected"] == "b" and view.selected == shapes[1]
    del shapes[:]
    assert view.shapes == [] and view.selected is None
    with pytest.raises(ValueError, match="selected must be one of the shapes"):
        view.selected = "c"
    view.close()


def test_a_shape_of_one_plane_says_which() -> None:
    view = View(rng.random((3, 4, 50, 60)), axes="tzyx", embed=False)
    page = Page(view)
    view.shapes = [Shape("point", [(1, 2)], plane={"z": -1}, id="a")]
    assert view.model.state["shapes"][0]["plane"] == [-1, 3]
    assert view.shapes[0].plane == {"z": 3}
    for plane, known in (([1, -1], {"t": 1}), (None, None), ([3, 0], None), ([0], None)):
        point = {"kind": "point", "points": [{"x": 1, "y": 2}], "id": "a", "plane": plane}
        page.tell({"type": "state", "changes": {"shapes": [point]}})
        assert view.shapes[0].plane == known  # of what makes no sense nothing is taken
    with pytest.raises(ValueError, match=r"shapes\[0\].plane\['z'\] must be from -4 to 3"):
        view.shapes = [Shape("point", [(1, 2)], plane={"z": 4})]
    with pytest.raises(ValueError, match=r"shapes\[0\].plane"):
        view.shapes = [Shape("point", [(1, 2)], plane={"depth": 0})]
    view.close()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("viewport", 3, "viewport must be"),
        ("viewport", np.s_[5:5, :], "viewport must hold"),
        ("cursor", (0, 900), "cursor must be from -900 to 899"),
        ("limits", (1, 2, 3), "limits must be"),
        ("limits", (0, np.inf), "limits must be finite"),
        ("index", {"z": 0}, "index must be one of the axes"),
        ("index", 3, "index must be a dict"),
        ("shapes", {"kind": "point"}, "shapes must be a list"),
        ("shapes", [{"kind": "ring"}], "must be one of point, line, box, ellipse, polygon"),
        ("shapes", [{"kind": "line", "points": [(1, 2)]}], "of a line must be 2"),
        ("shapes", [{"kind": "point", "points": [(1, np.nan)]}], "must be finite"),
    ],
    ids=range(11),
)
def test_what_does_not_fit_is_said_in_one_line(name: str, value: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        setattr(live(), name, value)
    assert "\n" not in str(caught.value)


def test_a_view_that_is_kept_in_the_page_says_that_python_knows_nothing_of_it() -> None:
    view = View(GRAY, 5, 900, state={"viewport": np.s_[10:20, 30:50], "cursor": (11, 31)})
    assert view.state["viewport"] == [[10, 20], [30, 50]] and view.state["cursor"] == [11, 31]
    for name in NAMES:
        with pytest.raises(ValueError, match=f"the {name} of a view whose values are kept in"):
            getattr(view, name)
    for name, value in (("viewport", None), ("limits", (0, 1)), ("cursor", None), ("shapes", [])):
        with pytest.raises(ValueError, match="must be live to be set"):
            setattr(view, name, value)
    for what in (lambda: view.widget, lambda: view.observe(print)):
        with pytest.raises(ValueError, match="give embed=False"):
            what()
    np.testing.assert_array_equal(
        view.snapshot().pixels, Picture(GRAY[10:20, 30:50], 5, 900).pixels
    )


def test_what_is_seen_of_a_live_view_is_known_once_a_page_shows_it_or_python_has_set_it() -> None:
    view = live(state={"cursor": (1, 2)})
    for name in NAMES:
        with pytest.raises(ValueError, match="as long as the view is not displayed: display it"):
            getattr(view, name)
    view.shapes = [Shape("point", [(1, 2)])]
    assert view.shapes[0].points == ((1, 2),)
    Page(view)
    assert (view.cursor, view.viewport, view.index) == ((1, 2), np.s_[0:700, 0:900], {})
    view.close()


# What a page sends


DISPLAY = {
    "vmin": [5.0],
    "vmax": [50.5],
    "on": [],
    "colors": [],
    "norm": "asinh",
    "parameter": 3.0,
    "vsym": False,
    "cmap": "magma",
    "invert": True,
}
SENT: dict[str, Any] = {
    "index": [2],
    "displays": [DISPLAY],
    "cursor": {"x": 4, "y": 3},
    "viewport": {"x0": -10.25, "y0": 20.5, "x1": 110.75, "y1": 90.5},
    "mode": "swipe",
    "pair": [1, 0],
    "swipe": 0.25,
    "rate": 7.5,
    "projections": [{"kind": "max", "first": 1, "last": 2}],
    "panels": ["contrast"],
    "shapes": [
        {
            "kind": "polygon",
            "points": [{"x": 1.25, "y": 2.5}, {"x": 3.5, "y": 4}, {"x": 5, "y": 6}],
            "label": "here",
            "color": "#00ff7f",
            "plane": [2],
            "id": "one",
        }
    ],
    "selected": "one",
    "axes": True,
    "tip": True,
    "linked": True,
    "image": {"visible": False, "opacity": 0.25},
    "layers": [{"visible": False, "opacity": 0.5, "fill": False, "picked": 7, "by": "area"}],
}
OVER: dict[str, Any] = {
    "labels": np.arange(GRAY.size).reshape(GRAY.shape),
    "names": {"label": [7, 9], "area": [1.5, 2.5]},
}
STACKS = {"a": np.stack([GRAY // 2] * 3), "b": np.stack([GRAY] * 3)}


def test_the_state_is_what_pages_have_sent_and_given_back_it_is_the_same() -> None:
    assert set(SENT) == set(SYNCHRONIZED)
    view = live(STACKS, axes="tyx", **OVER)
    Page(view).tell({"type": "state", "changes": {**SENT, "scale": 2.0}})
    state = view.state
    assert {key: view.model.state[key] for key in SENT} == SENT
    assert state["index"] == {"t": 2} and state["cursor"] == [3, 4]
    assert state["panels"] == ["contrast"]
    [shape] = state["shapes"]
    assert shape["points"] == [[2, 0.75], [3.5, 3], [5.5, 4.5]] and shape["plane"] == {"t": 2}
    assert state["viewport"] == [[20.5, 90.5], [-10.25, 110.75]]
    assert (state["mode"], state["pair"], state["invert"]) == ("swipe", [1, 0], True)
    [display] = state["displays"]
    assert (display["limits"], display["cmap"]) == ([[5, 50.5]], "magma")
    for embed in (False, True):
        again = View(STACKS, axes="tyx", embed=embed, state=json.loads(json.dumps(state)), **OVER)
        assert again.state == state
        assert {key: again.model.state[key] for key in SENT} == SENT
    view.close()


def test_the_limits_of_huge_numbers_are_given_back_exactly() -> None:
    large = np.int64(2**62) + np.arange(42).reshape(6, 7)
    for embed in (False, True):
        view = View(large, embed=embed)
        again = View(large, embed=embed, state=json.loads(json.dumps(view.state)))
        assert again.model.state["displays"] == view.model.state["displays"]
        assert view.state["displays"][0]["limits"] == [[2**62, 2**62 + 41]]


def test_rows_count_as_the_arrays_do_where_the_first_one_is_at_the_bottom() -> None:
    coords = {"lat": np.arange(700.0), "lon": np.arange(900.0)}
    field = xarray.DataArray(GRAY, dims=("lat", "lon"), coords=coords)
    view = live(field, state={"viewport": np.s_[0:100, :200]})
    page = Page(view)
    box = {"x0": 10, "y0": 690, "x1": 20, "y1": 698}  # from the top, as shown
    points = [{"x": box["x0"], "y": box["y0"]}, {"x": box["x1"], "y": box["y1"]}]
    shape = {"kind": "box", "points": points, "label": "", "id": "a"}
    changes = {"cursor": {"x": 3, "y": 699}, "shapes": [shape]}
    page.tell({"type": "state", "changes": changes})
    assert view.shapes[0].slices == np.s_[2:10, 10:20]
    assert (view.cursor, view.viewport) == ((0, 3), np.s_[0:100, 0:200])
    shown = view.snapshot().render()
    vmin, vmax = view.limits
    np.testing.assert_array_equal(shown, Picture(GRAY[99::-1, :200], vmin, vmax).render())
    again = live(field, state=json.loads(json.dumps(view.state)))
    assert again.model.state == view.model.state
    view.close()


NONSENSE: dict[str, list[Any]] = {
    "index": [[3], [-1], [0.5], ["0"], [True], [], [0, 0], None, 0],
    "displays": [
        [],
        [DISPLAY] * 3,
        [{}],
        [{**DISPLAY, "vmin": []}],
        [{**DISPLAY, "vmin": [float("nan")]}],
        [{**DISPLAY, "vmax": ["5"]}],
        [{**DISPLAY, "on": [True]}],
        [{**DISPLAY, "norm": "cubic"}],
        [{**DISPLAY, "parameter": -1}],
        [{**DISPLAY, "cmap": "viridian"}],
        [{**DISPLAY, "cmap": []}],
    ],
    "cursor": [{"x": 4}, {"x": -1, "y": 0}, {"x": 0, "y": 700}, {"x": 0.5, "y": 0}, [1, 2], 5],
    "viewport": [
        {"x0": 1},
        {**SENT["viewport"], "x1": -11},
        {**SENT["viewport"], "y1": float("inf")},
        3,
    ],
    "mode": ["fade", None, 3, []],
    "pair": [[0], [0, 2], [0, 1, 1], None, "ab"],
    "swipe": [1.5, -0.1, "0.5", None, float("nan")],
    "rate": [0, 61, True],
    "panels": [1, None, "contrast", ["contrasts"]],
    "shapes": [
        None,
        "shapes",
        [{}],
        [{"kind": "ring", "points": []}],
        [{"kind": "line", "points": [{"x": 0, "y": 0}], "id": "a"}],
        [{"kind": "point", "points": [{"x": float("inf"), "y": 0}], "id": "a"}],
        [{"kind": "point", "points": [{"x": 0, "y": 0}]}],
        [{"kind": "point", "points": [{"x": 0, "y": 0}], "id": "a", "color": "red"}],
        [{"kind": "point", "points": [{"x": 0, "y": 0}], "id": "a", "plane": [0, 0]}],
        [{"kind": "point", "points": [{"x": 0, "y": 0}], "id": "a"}] * 2,
    ],
    "selected": [None, 3, []],
    "layers": [[], 3, [{}], [{**SENT["layers"][0], "by": "x"}], SENT["layers"] * 2],
}


@pytest.mark.parametrize("name", list(NONSENSE))
def test_what_makes_no_sense_is_ignored_and_the_rest_is_taken(name: str) -> None:
    view = live(STACKS, axes="tyx", **OVER)
    page = Page(view)
    for value in NONSENSE[name]:
        before = view.model.state
        page.tell({"type": "state", "changes": {name: value, "scale": "x"}})
        assert view.model.state == before, value
    others = {key: value for key, value in SENT.items() if key != name}
    page.tell({"type": "state", "changes": {**others, name: NONSENSE[name][0]}})
    assert {key: view.model.state[key] for key in others} == others
    assert view.model.state[name] == before[name]
    assert view.state and view.snapshot()
    view.close()


def test_observers_hear_what_they_asked_for_until_they_are_taken_off() -> None:
    view = live()
    heard: list[Any] = []
    view.observe(heard.append, "cursor")
    view.limits = 0, 9
    view.cursor = 1, 2
    view.cursor = 1, 2  # no change
    (change,) = heard
    assert change == {"name": "cursor", "old": None, "new": (1, 2), "owner": view, "type": "change"}
    assert (change.name, change.old, change.new) == ("cursor", None, (1, 2))
    assert change.owner is view
    view.unobserve(heard.append)
    view.cursor = None
    assert len(heard) == 1
    with pytest.raises(ValueError, match="names must be of"):
        view.observe(print, ["zoom"])
    with pytest.raises(ValueError, match="type must be"):
        view.observe(print, type="delete")


def test_an_observer_is_taken_off_by_name_and_hears_each_name_once() -> None:
    view, heard = live(), []
    view.observe(heard.append, ["cursor", "limits"])
    view.observe(heard.append, "cursor")
    view.cursor = 1, 2
    view.limits = 0, 9
    assert [change.name for change in heard] == ["cursor", "limits"]
    view.unobserve(heard.append, "cursor")
    view.unobserve(print)  # which was never there
    view.cursor = 3, 4
    view.limits = 0, 8
    assert [change.name for change in heard] == ["cursor", "limits", "limits"]
    view.unobserve_all()
    view.limits = 0, 7
    assert len(heard) == 3


def test_changes_that_come_while_the_main_thread_is_busy_are_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view, heard, calls = live(), [], []
    monkeypatch.setattr("nbimage.view.live.observed.call_in_main_thread", calls.append)
    view.observe(heard.append, ["cursor", "limits"])
    for row in range(5):
        view.cursor = row, 2
    view.limits = 0, 9
    assert heard == [] and len(calls) == 2
    for call in calls:
        call()
    assert [(change.name, change.new) for change in heard] == [
        ("cursor", (4, 2)),
        ("limits", (0, 9)),
    ]
    assert heard[0].old is None
    view.cursor = 1, 1
    view.cursor = 4, 2  # back again before anyone could hear of it
    assert len(calls) == 3
    calls[2]()
    assert len(heard) == 2


def test_a_view_is_linked_to_the_traits_of_widgets() -> None:
    view = View(np.zeros((12, 600, 700)), axes="tyx", embed=False)
    slider = ipywidgets.IntSlider(value=3, max=11)
    ways = (lambda t: {"t": t}, lambda index: index["t"])
    link = traitlets.link((slider, "value"), (view, "index"), transform=ways)
    assert view.index == {"t": 3}
    slider.value = 7
    assert view.index == {"t": 7}
    Page(view).tell({"type": "state", "changes": {"index": [5]}})
    assert slider.value == 5
    link.unlink()
    slider.value = 1
    assert view.index == {"t": 5}

    bounds = ipywidgets.FloatRangeSlider(min=-10, max=10)
    view.limits = -2, 3
    one_way = traitlets.dlink((view, "limits"), (bounds, "value"))
    assert bounds.value == (-2, 3)
    view.limits = -4, 5
    assert bounds.value == (-4, 5)
    one_way.unlink()
    with pytest.raises(TypeError, match="no trait 'zoom'"):
        traitlets.link((view, "zoom"), (slider, "value"))
    view.close()


def test_a_view_whose_widget_is_laid_out_can_be_linked_before_it_is_drawn() -> None:
    view = View(np.zeros((12, 600, 700)), axes="tyx", embed=False)
    slider = ipywidgets.IntSlider(max=11)
    box = ipywidgets.VBox([slider, view.widget])
    ways = (lambda index: index["t"], lambda t: {"t": t})
    link = traitlets.link((view, "index"), (slider, "value"), transform=ways)
    slider.value = 4
    assert view.index == {"t": 4}
    link.unlink()
    box.close()
    view.close()


def test_a_view_has_no_names_but_its_own_to_complete() -> None:
    view = live()
    assert {"observe", "unobserve", "index", "save"} <= set(dir(view))
    assert not {"notify_change", "hold_trait_notifications", "class_traits"} & set(dir(view))
    assert view.trait_names() == list(NAMES) == list(view.traits())
    assert view.has_trait("index") and not view.has_trait("zoom")


def test_an_observer_that_fails_stops_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    view, heard = live(), []
    view.observe(lambda change: 1 / 0)
    view.observe(heard.append)
    view.cursor = 1, 2
    assert len(heard) == 1 and "ZeroDivisionError" in capsys.readouterr().err


# Snapshots


def test_a_snapshot_at_full_size_is_the_region_in_the_present_limits() -> None:
    from nbimage import rerange

    view = live(cmap="magma")
    view.viewport, view.limits = np.s_[100:300, 200:500], (500, 2500)
    from nbimage.mapping.colormap import as_palette

    bins = rerange(GRAY[100:300, 200:500], 500, 2500)
    np.testing.assert_array_equal(
        view.snapshot().render(), as_palette("magma").array[bins][..., :3]
    )


def test_a_snapshot_of_colors_and_of_channels_is_what_a_picture_shows() -> None:
    from nbimage import Picture

    colors = rng.integers(0, 256, (300, 400, 3), dtype=np.uint8)
    view = live(colors)
    view.viewport = np.s_[:100, :100]
    np.testing.assert_array_equal(view.snapshot().render(), colors[:100, :100])
    planes = rng.integers(0, 1000, (2, 300, 400)).astype(np.uint16)
    view = live(planes, axes="cyx", channels=["a", "b"], vmin=0, vmax=1000)
    view.viewport = np.s_[:100, :100]
    kept = View(planes[:, :100, :100], axes="cyx", channels=["a", "b"], vmin=0, vmax=1000)
    assert isinstance(kept.picture, Picture)
    np.testing.assert_array_equal(view.snapshot().render(), kept.picture.render())


@pytest.mark.parametrize("background", ["checkerboard", "#123456", None])
def test_a_snapshot_has_the_background_of_its_view(background: str | None) -> None:
    from nbimage import Picture

    missing = np.where(GRAY < 1000, np.nan, GRAY)[:300, :400]
    snapshot = live(missing, background=background).snapshot()
    style = re.search('style="[^"]*"', Picture(missing, background=background).html)
    assert style and style[0] in snapshot.html


def test_a_snapshot_from_afar_is_of_the_level_that_is_seen() -> None:
    view = live(width=225)
    mean = GRAY.reshape(350, 2, 450, 2).astype(float).mean(axis=(1, 3))
    assert view.snapshot().render().shape[:2] == (175, 225)
    view.viewport = np.s_[:, 0:450]
    assert view.snapshot().render().shape[:2] in {(350, 225), (175, 113)}
    assert mean.shape == (350, 450)


# Links


def test_linked_views_show_the_same_share_until_they_are_unlinked() -> None:
    one, two = live(), live(GRAY[::2, ::3])
    one.viewport, one.cursor, one.limits = np.s_[100:200, 300:600], (101, 302), (5, 50)
    tie = link(one, two)
    assert two.viewport == np.s_[50:100, 100:200]
    assert two.cursor == (50, 100) and two.limits == (5, 50)
    two.viewport = np.s_[10:20, 30:60]
    assert one.viewport == np.s_[20:40, 90:180]
    tie.unlink()
    two.cursor = None
    assert one.cursor is not None
    tie.unlink()


def test_a_ring_of_links_comes_to_rest() -> None:
    views = [live(GRAY[: 100 + i, : 90 + 7 * i]) for i in range(3)]
    for i in range(3):
        link(views[i], views[i - 1], "viewport")
    views[1].viewport = np.s_[10:20, 11:31]
    assert all(view.viewport != np.s_[0 : 100 + i, 0 : 90 + 7 * i] for i, view in enumerate(views))


def test_a_link_refuses_what_it_cannot_link() -> None:
    view = live()
    with pytest.raises(ValueError, match="give embed=False"):
        link(view, View(GRAY))
    with pytest.raises(ValueError, match="two views"):
        link(view, view)
    with pytest.raises(ValueError, match="what must be of"):
        link(view, live(), "zoom")


# Measures


@pytest.mark.parametrize("kind", ["uint16", "int64", "float32", "bool", "colors"])
def test_a_page_gets_the_numbers_of_all_samples_inside_of_a_shape(kind: str) -> None:
    shape = (900, 1100, 3) if kind == "colors" else (900, 1100)
    array = rng.normal(2000, 500, shape).astype("float32")
    if kind == "bool":
        array = array > 2100
    elif kind == "colors":
        array = (array / 20).astype(np.uint8)
    elif kind == "int64":
        array = array.astype(np.int64) + 2**60
    else:
        array = array.astype(kind)
    if kind == "float32":
        array[::7, ::5] = np.nan
    view = live(array)
    page = Page(view)
    shapes = [
        Shape("box", [(9.5, 19.5), (880.5, 1080.5)]),
        Shape("polygon", [(5, 5), (880, 200.5), (300, 1090)]),
    ]
    for number, one in enumerate(shapes, 1):
        points = [{"x": x, "y": y} for y, x in one.points]
        part = {"image": 0, "plane": 0, "points": points}
        page.tell({"type": "measure", "number": number, "kind": one.kind, "parts": [part]})
        answer = page.wait("measured", number)[-1][0]
        assert answer["number"] == number and answer["client"] == "page"
        values = one.values(array)
        for channel, found in enumerate(answer["found"][0]):
            own = values[..., channel] if kind == "colors" else values
            some = own[np.isfinite(own)]
            assert (found["count"], found["missing"]) == (some.size, own.size - some.size)
            assert (found["min"], found["max"]) == tuple(
                str(end) if kind == "int64" else end for end in (some.min(), some.max())
            )
            wide = (some - np.int64(2**60) if kind == "int64" else some).astype(float)
            assert found["std"] == pytest.approx(wide.std(), rel=1e-6)
            for key in ("mean", "median"):
                assert found[key] == pytest.approx(getattr(np, key)(some.astype(float)), rel=1e-6)
            if kind != "int64":
                assert found["sum"] == pytest.approx(wide.sum())
            else:
                assert found["sum"] == str(sum(some.tolist()))
    view.close()


def test_measures_that_make_no_sense_or_are_too_large_are_not_begun() -> None:
    view = live()
    page = Page(view)
    corners = [{"x": 0, "y": 0}, {"x": 9, "y": 9}]
    for kind, part in [
        ("star", {"image": 0, "plane": 0, "points": corners}),
        ("box", {"image": 1, "plane": 0, "points": corners}),
        ("box", {"image": 0, "plane": "x", "points": corners}),
        ("box", {"image": 0, "plane": 0, "points": corners[:1]}),
        ("box", {"image": 0, "plane": 0, "points": [{"x": "0", "y": 0}] * 2}),
    ]:
        page.tell({"type": "measure", "number": 1, "kind": kind, "parts": [part]})
    part = {"image": 0, "plane": 0, "points": corners}
    page.tell({"type": "measure", "number": 2, "kind": "box", "parts": [part]})
    [(answer, _)] = page.wait("measured")
    assert answer["number"] == 2 and answer["found"][0][0]["count"] == 100
    view.close()


def test_a_measure_of_what_cannot_be_read_is_answered_and_logged(
    monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    view = live()
    page = Page(view)

    def read(*_: object) -> None:
        raise OSError("chunk 3\nis broken")

    monkeypatch.setattr(TiledStack, "read", read)
    corners = [{"x": 0, "y": 0}, {"x": 9, "y": 9}]
    part = {"image": 0, "plane": 0, "points": corners}
    page.tell({"type": "measure", "number": 1, "kind": "box", "parts": [part]})
    [(answer, _)] = page.wait("measured")
    assert answer["found"] is None and answer["error"] == "chunk 3 is broken"
    logged = [(one.name, one.getMessage()) for one in caplog.records]
    assert ("nbimage.read", "a shape of the view can't be measured: chunk 3 is broken") in logged
    view.close()
