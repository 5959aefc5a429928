"""Whatever a page sends and Python sets, the state stays one that any page and Python can show."""

from __future__ import annotations

import copy
import gc
import json
import math
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbimage import View
from nbimage.view.live.linking import link
from nbimage.view.live.messages import SYNCHRONIZED

DATA = np.random.default_rng(0).integers(1, 60000, (2, 90, 70), np.uint16)
KINDS = ("hello", "request", "state", "stop", "bye", "x")

numbers = st.one_of(
    st.integers(-3, 100),
    st.floats(width=32),
    st.sampled_from([2**70, -(2**70), 1e308, -1e308, 5e-324, 0.5, math.nan, math.inf, -math.inf]),
)
plain = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=5), st.sampled_from(KINDS))
junk = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["x0", "x", "kind", "points", "id"]), inner, max_size=3),
    ),
    max_leaves=8,
)
boxes = st.fixed_dictionaries(dict.fromkeys(("x0", "y0", "x1", "y1"), numbers))
point = st.fixed_dictionaries({"x": numbers, "y": numbers})
drawn = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["point", "box", "ellipse", "x"]),
        "points": st.lists(point, max_size=3),
    },
    optional={"label": junk, "id": st.text(max_size=2)},
)
display = st.fixed_dictionaries(
    {
        "vmin": st.lists(numbers, min_size=1, max_size=2),
        "vmax": st.lists(numbers, min_size=1, max_size=2),
        "on": st.sampled_from([[], [True], 3]),
        "norm": st.sampled_from(["linear", "log", "asinh", "symlog", "gamma", "x"]),
        "parameter": st.one_of(st.none(), numbers),
        "vsym": st.one_of(st.booleans(), junk),
        "cmap": st.sampled_from(["gray", "viridis", "x"]),
        "invert": st.booleans(),
    }
)
changes = st.dictionaries(st.sampled_from([*SYNCHRONIZED, "scale", "tool"]), junk, max_size=3)
likely = st.one_of(
    st.builds(lambda box: {"viewport": box, "scale": 1}, boxes),
    st.builds(lambda all_: {"shapes": all_}, st.lists(drawn, max_size=2)),
    st.builds(lambda one: {"displays": [one]}, display),
)
messages = st.fixed_dictionaries(
    {
        "type": st.sampled_from(KINDS),
        "client": st.one_of(st.sampled_from(["a", "b"]), junk),
        "have": st.one_of(st.just([]), junk),
        "epoch": junk,
        "requests": st.one_of(
            junk,
            st.lists(st.fixed_dictionaries({"image": junk, "tiles": st.lists(junk, max_size=2)})),
        ),
        "image": junk,
        "changes": st.one_of(likely, changes, junk),
    }
)


@pytest.fixture(scope="module")
def view() -> Iterator[View]:
    view = View(DATA, embed=False)
    assert view._live is not None
    view._live.widget.send = lambda *_, **__: None
    yield view
    view.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.lists(st.one_of(messages, junk), min_size=1, max_size=5))
def test_no_message_breaks_a_view_or_sticks_in_it(view: View, sent: list[Any]) -> None:
    assert view._live is not None
    for message in sent:
        view._live._receive(None, message, [])
    json.dumps(view.model.config["state"], allow_nan=False)
    state = view.state
    for name in ("viewport", "limits", "index", "cursor", "shapes", "selected"):
        getattr(view, name)
    again = View(DATA, embed=False, state=state)
    assert again.state == state
    again.close()
    view.snapshot()


WRONG = {
    "viewport": [
        {"x0": math.nan, "y0": 0, "x1": 1, "y1": 1},
        {"x0": 1, "y0": 1, "x1": 1 + 1e-9, "y1": 1 + 1e-9},
        {"x0": 0, "y0": 0, "x1": math.inf, "y1": 1},
        [0, 0, 1, 1],
        "all",
    ],
    "index": [[2], [-1], [0.5], [0, 0], ["0"], [True], {"0": 1}],
    "cursor": [{"x": 70, "y": 0}, {"x": 0.5, "y": 0}, {"x": "1", "y": 0}, [1, 2]],
    "swipe": [math.nan, 2, "0.5", True],
    "rate": [0, math.inf],
    "mode": ["swipe", [], "x"],
    "panels": [1, "contrast", ["contrasts"], [["contrast"]]],
    "shapes": [
        [{"kind": "point", "points": [{"x": math.nan, "y": 0}], "id": "a"}],
        [{"kind": "point", "points": [{"x": 1, "y": 0}], "id": "a", "label": {"a": 1}}],
        [{"kind": "line", "points": [{"x": 1, "y": 0}], "id": "a"}],
        {"0": 1},
    ],
}


@pytest.mark.parametrize("name", WRONG)
def test_what_makes_no_sense_is_ignored(view: View, name: str) -> None:
    assert view._live is not None
    before = copy.deepcopy(view.model.state)
    for value in WRONG[name]:
        message = {"type": "state", "client": "a", "changes": {name: value}}
        view._live._receive(None, message, [])
        assert view.model.state == before


@pytest.mark.parametrize(
    "change",
    [
        {"norm": "log", "vmin": [0.0]},
        {"norm": "log", "vsym": True, "vmin": [1.0]},
        {"norm": "linear", "parameter": 2.0},
        {"norm": "gamma", "parameter": None},
        {"norm": "symlog", "parameter": 5e-324},
        {"vmin": [math.nan]},
        {"vmin": []},
        {"vsym": "no"},
        {"cmap": "nipy"},
    ],
    ids=str,
)
def test_settings_that_no_picture_has_are_ignored(view: View, change: Any) -> None:
    assert view._live is not None
    before = copy.deepcopy(view.model.state)
    (settings_,) = before["displays"]
    message = {"type": "state", "client": "a", "changes": {"displays": [{**settings_, **change}]}}
    view._live._receive(None, message, [])
    assert view.model.state == before


@pytest.mark.parametrize(
    "limits",
    [("1", "2"), (10**400, 3), (math.nan, 1), (0, math.inf), "ab", None, (1, 2, 3), [[1, 2]] * 2],
    ids=lambda limits: str(limits)[:12],
)
def test_limits_that_make_no_sense_are_refused_in_one_line(view: View, limits: Any) -> None:
    before = copy.deepcopy(view.model.state)
    with pytest.raises(ValueError, match="limits must be") as caught:
        view.limits = limits
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 150
    assert view.model.state == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("viewport", ((math.nan, 1.0), (0.0, 1.0))),
        ("viewport", "all"),
        ("index", {"axis 0": 2}),
        ("index", {"axis 0": 0.5}),
        ("index", {"time": 0}),
        ("cursor", (90, 0)),
        ("cursor", (0.5, 0)),
        ("shapes", [{"kind": "point", "points": [(math.inf, 0)]}]),
        ("shapes", 3),
        ("shapes", [{"kind": "point", "points": [(10**400, 0)]}]),
        ("shapes", [{"kind": "box", "slices": 3}]),
        ("shapes", [{"kind": "box", "points": (slice(None), slice(0, 1))}]),
        ("selected", "nothing"),
    ],
)
def test_what_python_sets_is_refused_in_one_line_too(view: View, name: str, value: Any) -> None:
    before = copy.deepcopy(view.model.state)
    with pytest.raises((TypeError, ValueError), match=name) as caught:
        setattr(view, name, value)
    assert "\n" not in str(caught.value)
    assert view.model.state == before


def test_limits_below_0_are_refused_under_log() -> None:
    view = View(DATA, embed=False, norm="log")
    with pytest.raises(ValueError, match="limits must be above 0 for norm='log'"):
        view.limits = -5, 10
    with pytest.raises(ValueError, match="must be above 0"):
        View(DATA, state={"displays": [{"norm": "log", "limits": (0, 10)}]})
    view.limits = 5, 10
    assert view.snapshot().description.endswith("logarithmic")


def test_pages_without_number_are_not_kept() -> None:
    view = View(DATA, embed=False)
    assert view._live is not None
    view._live.widget.send = lambda *_, **__: None
    for name in ("x" * 10_000, *map(str, range(1100))):
        view._live._receive(None, {"type": "hello", "client": name, "have": []}, [])
    assert len(view._live._pages) == 1000
    view.close()


def test_linked_views_that_nobody_holds_are_freed() -> None:
    first, second, third = (View(DATA, embed=False) for _ in range(3))
    links = [link(first, second), link(second, third)]
    first.observe(print)
    gone = [weakref.ref(one) for view in (first, third) for one in (view, view._live)]
    del first, third
    gc.collect()
    assert [ref() for ref in gone] == [None] * 4
    second.limits = 3, 9  # which nobody follows
    links[0].unlink()
    assert second.limits == (3, 9)


def test_a_view_follows_no_farther_than_pages_may_go() -> None:
    coarse, fine = View(DATA[0], embed=False), View(np.zeros((900, 700)), embed=False)
    tie = link(coarse, fine)
    far = {"x0": -5e8, "y0": -5e8, "x1": -4e8, "y1": -4e8}
    for viewport in ({key: end / 10 for key, end in far.items()}, far):  # the other's: 10 times
        message = {"type": "state", "client": "a", "changes": {"viewport": viewport}}
        coarse._live._receive(None, message, [])  # type: ignore[union-attr]
    assert coarse.model.state["viewport"] == far
    View(np.zeros((900, 700)), state=fine.state)
    tie.unlink()


@pytest.mark.parametrize("other", [None, 1, DATA])
def test_only_views_are_linked(other: Any) -> None:
    view = View(DATA, embed=False)
    with pytest.raises(TypeError, match="view2 must be a View, but got"):
        link(view, other)


def test_a_view_follows_no_limits_for_which_its_norm_has_no_bins() -> None:
    linear, log = View(DATA, embed=False), View(DATA, embed=False, norm="log")
    tie = link(linear, log)
    linear.limits = 2, 50
    assert log.limits == (2, 50)
    linear.limits = -2, 50
    assert (linear.limits, log.limits) == ((-2, 50), (2, 50))
    tie.unlink()
