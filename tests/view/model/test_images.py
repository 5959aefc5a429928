"""`View` of several arrays: which share a range, where each lies; and what a page begins with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nbimage import Grid, Picture, Shape, View
from nbimage.view.model.view_state import PANELS
from tests.view.test_explorer import GRAY, RGB, STACK, read_config, values

SAME = {"x": 0, "y": 0, "sx": 1, "sy": 1}


def mapped(shape: tuple[int, int], y: np.ndarray, x: np.ndarray, **units: str) -> xarray.DataArray:
    coords = {"y": ("y", y, units), "x": ("x", x, units)}
    return xarray.DataArray(np.zeros(shape), dims=("y", "x"), coords=coords)


def places(*arrays: Any) -> list[dict[str, float]]:
    return [image["position"] for image in read_config(View(list(arrays)))["images"]]


# ------------------------------------------------------------------------- what is compared


def test_a_dict_or_a_list_of_arrays_is_compared() -> None:
    for data, names in (
        ({"a": GRAY, 2: GRAY + 1}, ["a", "2"]),
        ([GRAY, GRAY + 1], ["image 0", "image 1"]),
        ((GRAY, GRAY + 1), ["image 0", "image 1"]),
    ):
        config = read_config(View(data, exact=True))
        assert config["layout"] == "compare"
        assert [image["name"] for image in config["images"]] == names
        np.testing.assert_array_equal(values(config, 0), GRAY)
        np.testing.assert_array_equal(values(config, 1), GRAY + 1)


def test_files_are_compared_by_their_names(tmp_path: Path) -> None:
    paths = []
    for name in ("first.png", "old/scan.png", "new/scan.png"):
        paths.append(tmp_path / name)
        paths[-1].parent.mkdir(exist_ok=True)
        Image.fromarray(RGB).save(paths[-1])
    names = ["first.png", "old/scan.png", "new/scan.png"]
    assert [image["name"] for image in read_config(View(paths))["images"]] == names
    twice = read_config(View([paths[1], paths[1]]))["images"]
    assert [image["name"] for image in twice] == ["scan.png (1)", "scan.png (2)"]
    mixed = read_config(View([paths[0], RGB]))["images"]
    assert [image["name"] for image in mixed] == ["first.png", "image 1"]


@pytest.mark.parametrize("data", [GRAY.tolist(), list(GRAY), STACK.tolist(), [list(GRAY)] * 5])
def test_nested_numbers_are_one_array(data: Any) -> None:
    config = read_config(View(data, exact=True))
    assert config["layout"] == "single"
    np.testing.assert_array_equal(values(config).squeeze(), np.array(data).squeeze())


def test_pictures_and_images_are_compared_by_their_pixels() -> None:
    config = read_config(View([Image.fromarray(RGB), Picture(RGB[..., 0]), RGB]))
    assert [image["kind"] for image in config["images"]] == ["color", "gray", "color"]
    np.testing.assert_array_equal(values(config, 0), RGB)
    np.testing.assert_array_equal(values(config, 1), RGB[..., 0])


def test_one_array_alone_in_a_dict_is_shown_alone() -> None:
    config = read_config(View({"a": GRAY}))
    assert (config["layout"], config["images"][0]["name"]) == ("single", "a")


def test_stacks_are_compared_along_the_same_axes() -> None:
    config = read_config(View({"a": STACK, "b": STACK // 2}))
    assert [axis["size"] for axis in config["axes"]] == [5]
    np.testing.assert_array_equal(values(config, 1), STACK // 2)


# --------------------------------------------------------------------------------- ranges


def test_gray_images_share_one_look_and_one_range() -> None:
    arrays = {"a": GRAY, "b": 10 * GRAY, "c": STACK[0]}
    view = View(arrays)
    (shown,) = read_config(view)["state"]["displays"]
    low, high = (10 * GRAY).min(), STACK[0].max()
    assert (shown["vmin"], shown["vmax"]) == ([low], [float(max(high, 10 * GRAY.max()))])
    for image, array in zip(read_config(view)["images"], arrays.values(), strict=True):
        assert image["extent"] == [[array.min(), array.max()]]
    assert isinstance(view.picture, Grid)
    assert view.picture.titles == tuple(arrays)
    for own, array in zip(view.picture.pictures, arrays.values(), strict=True):
        expected = Picture(array, shown["vmin"][0], shown["vmax"][0]).pixels
        np.testing.assert_array_equal(own.pixels, expected)


@pytest.mark.parametrize(
    ("arrays", "options"),
    [
        ([GRAY, 10 * GRAY], {"shared": False}),
        ([GRAY, RGB], {}),
        ([STACK, STACK + 5], {"channels": list("abcde"), "contrast": "minmax"}),
    ],
)
def test_images_of_other_kinds_or_unshared_have_a_look_each(
    arrays: list[np.ndarray], options: dict[str, Any]
) -> None:
    config = read_config(View(arrays, **options))
    looks = config["state"]["displays"]
    assert len(looks) == 2
    for array, shown in zip(arrays, looks, strict=True):
        if array.dtype != np.uint8:
            assert min(shown["vmin"]) == array.min()
            assert max(shown["vmax"]) == array.max()


def test_a_colormap_is_for_the_gray_ones() -> None:
    config = read_config(View([GRAY, RGB], cmap="magma"))
    assert config["state"]["displays"][0]["cmap"] == "magma"


def test_large_whole_numbers_that_share_a_look_share_a_base() -> None:
    large = np.int64(2**62) + np.arange(63).reshape(7, 9)
    images = read_config(View([large, large + 5]))["images"]
    assert {image["base"] for image in images} == {str(2**62)}
    assert [image["extent"] for image in images] == [[[0, 62]], [[5, 67]]]
    images = read_config(View([large, large.astype(float)]))["images"]
    assert {image["base"] for image in images} == {"0"}


# --------------------------------------------------------------------------------- places


def test_the_same_shape_is_the_same_place() -> None:
    assert places(GRAY, GRAY, RGB) == [SAME] * 3


def test_another_shape_fits_into_the_first_one() -> None:
    assert places(np.zeros((10, 20)), np.zeros((20, 40)))[1] == {**SAME, "sx": 0.5, "sy": 0.5}
    assert places(np.zeros((10, 20)), np.zeros((5, 5)))[1] == {"x": 5, "y": 0, "sx": 2, "sy": 2}
    assert places(np.zeros((10, 20)), np.zeros((2, 20)))[1] == {**SAME, "y": 4}


@settings(max_examples=50)
@given(
    st.tuples(st.integers(2, 9), st.integers(2, 9)),
    st.tuples(*[st.sampled_from([0.25, 0.5, 1, 2, 3])] * 2),
    st.tuples(*[st.sampled_from([-4, -0.5, 0, 2.25, 7])] * 2),
    st.booleans(),
)
def test_samples_lie_where_their_coordinates_say(
    shape: tuple[int, int], steps: tuple[float, float], starts: tuple[float, float], down: bool
) -> None:
    first = mapped((10, 20), (10 - np.arange(10)) if down else np.arange(10), 5 + np.arange(20))
    y, x = (
        start + step * np.arange(n) for n, step, start in zip(shape, steps, starts, strict=True)
    )
    other = mapped(shape, y[::-1] if down else y, x)
    config = read_config(View([first, other]))
    own, place = config["images"][0], config["images"][1]["position"]
    for axis, coordinates in (("x", x), ("y", y[::-1] if down else y)):
        centres = place[axis] + place[f"s{axis}"] * (np.arange(len(coordinates)) + 0.5)
        meant = own[axis]["first"] + own[axis]["step"] * (centres - 0.5)
        np.testing.assert_allclose(meant, coordinates, atol=1e-9)


def test_coordinates_of_other_units_or_directions_place_nothing() -> None:
    rows, columns = np.arange(10.0), np.arange(20.0)
    first = mapped((10, 20), rows, columns, units="m")
    for other in (
        mapped((10, 20), 2 * rows, 2 * columns, units="s"),
        mapped((10, 20), -rows, columns, units="m"),
        mapped((10, 20), rows**2, columns, units="m"),
        mapped((10, 20), 5 + rows[::-1], columns, units="m"),
    ):
        assert places(first, other)[1] == SAME


# ----------------------------------------------------------------------------- coordinates


@pytest.mark.parametrize(
    ("coordinates", "expected"),
    [
        (np.arange(9), {"first": 0, "step": 1}),
        (np.linspace(0, 360, 9), {"first": 0, "step": 45}),
        (np.arange(9, 0, -1) / 4, {"first": 2.25, "step": -0.25}),
        ((np.arange(9) / 10).astype(np.float32), {"first": 0, "step": 0.1}),
        (np.arange(9) ** 2, {"texts": ["0", "1", "4", "9", "16", "25", "36", "49", "64"]}),
        (list("abcdefghi"), {"texts": list("abcdefghi")}),
        (
            np.datetime64("2024-01-01") + np.arange(9),
            {"texts": [f"2024-01-0{day}" for day in range(1, 10)]},
        ),
        (2**60 + np.arange(9), {"texts": [str(2**60 + i) for i in range(9)]}),
    ],
)
def test_coordinates_are_steps_where_they_are_regular_and_texts_else(
    coordinates: Any, expected: dict[str, Any]
) -> None:
    attrs = {"long_name": "place", "units": "m"}
    field = xarray.DataArray(GRAY, dims=("y", "x"), coords={"x": ("x", coordinates, attrs)})
    (image,) = read_config(View(field))["images"]
    found = image["x"]
    assert (found.pop("label"), found.pop("unit")) == ("place", "m")
    assert found == pytest.approx(expected) if "step" in expected else found == expected
    assert image["y"] is None


def test_texts_without_end_are_left_out() -> None:
    field = xarray.DataArray(
        np.zeros((1, 2000)), dims=("y", "x"), coords={"x": [f"{i:0600}" for i in range(2000)]}
    )
    assert read_config(View(field))["images"][0]["x"] is None


def test_the_values_label_and_unit_are_told() -> None:
    field = xarray.DataArray(GRAY, attrs={"long_name": "air temperature", "units": "K"})
    (image,) = read_config(View(field))["images"]
    assert (image["label"], image["unit"]) == ("air temperature [K]", "K")


# --------------------------------------------------------------------------------- state


def spans(size: int) -> st.SearchStrategy[slice]:
    ends = st.none() | st.integers(-size, size)
    return st.builds(slice, ends, ends).filter(lambda span: range(size)[span])


NORTH = xarray.DataArray(
    STACK, dims=("t", "lat", "lon"), coords={"lat": np.arange(7.0), "lon": np.arange(9.0)}
)


@st.composite
def states(draw: st.DrawFn) -> dict[str, Any]:
    point = st.tuples(st.integers(-7, 6), st.integers(-9, 8))
    end = st.tuples(st.floats(-0.5, 6.5), st.floats(-0.5, 8.5))
    shape = st.fixed_dictionaries(
        {"kind": st.sampled_from(["line", "box", "ellipse"]), "points": st.tuples(end, end)},
        optional={"label": st.text(max_size=3), "color": st.sampled_from(["red", (0, 1, 0)])}
        | {"plane": st.fixed_dictionaries({"t": st.integers(-5, 4)})},
    )
    return draw(
        st.fixed_dictionaries(
            {},
            optional={
                "index": st.fixed_dictionaries({}, optional={"t": st.integers(-5, 4)}),
                "viewport": st.none() | st.tuples(spans(7), spans(9)),
                "cursor": st.none() | point,
                "shapes": st.lists(shape, max_size=3),
                "mode": st.sampled_from(
                    ["side", "swipe", "blink", "difference", "relative", "ssim", "flip"]
                ),
                "pair": st.tuples(*[st.sampled_from(["a", "b", "c", 0, 1, -1])] * 2),
                "swipe": st.floats(0, 1),
                "rate": st.floats(0.2, 30),
                "linked": st.booleans(),
                "panels": st.lists(st.sampled_from(PANELS), unique=True),
                "invert": st.booleans(),
            },
        )
    )


@settings(max_examples=60)
@given(states(), st.booleans())
def test_a_state_given_back_is_the_same_page(state: dict[str, Any], north: bool) -> None:
    stack = NORTH if north else NORTH.assign_coords(lat=np.arange(7.0)[::-1])
    data = {"a": stack, "b": stack + 1, "c": stack + 2}
    view = View(data, state=state)
    again = View(data, state=json.loads(json.dumps(view.state)))
    assert again.state == view.state
    both = read_config(again), read_config(view)
    for config in both:
        config.pop("asked")  # what the caller asked for, by which a cell that is run again is known
    assert both[0] == both[1]


@settings(max_examples=60)
@given(spans(7), spans(9), st.booleans())
def test_viewports_and_boxes_are_those_rows_and_columns_as_they_are_shown(
    rows: slice, columns: slice, north: bool
) -> None:
    stack = NORTH if north else NORTH.assign_coords(lat=np.arange(7.0)[::-1])
    (top, bottom, _), (left, right, _) = rows.indices(7), columns.indices(9)
    shape = Shape("box", [(top - 0.5, left - 0.5), (bottom - 0.5, right - 0.5)])
    view = View(stack[0], state={"viewport": (rows, columns), "shapes": [shape]})
    config = read_config(view)
    meant = stack[0].values[rows, columns]
    viewport = config["state"]["viewport"]
    (a, b) = config["state"]["shapes"][0]["points"]
    corners = {"x0": a["x"], "x1": b["x"], "y0": min(a["y"], b["y"]), "y1": max(a["y"], b["y"])}
    for box in (viewport, {key: int(end) for key, end in corners.items()}):
        part = values(config)[box["y0"] : box["y1"], box["x0"] : box["x1"]]
        np.testing.assert_array_equal(part, meant[::-1] if north else meant)
    np.testing.assert_array_equal(shape.values(stack[0]), meant.ravel())


@pytest.mark.parametrize("lat", [np.arange(7.0), np.arange(7.0)[::-1]])
def test_cursor_and_points_are_at_those_rows_and_columns_as_they_are_shown(lat: np.ndarray) -> None:
    field = NORTH[0].assign_coords(lat=lat)
    line = {"kind": "line", "points": [(1, 7), (2, 3)]}
    config = read_config(View(field, state={"cursor": (1, -2), "shapes": [line]}))
    shown, state = values(config), config["state"]
    assert shown[state["cursor"]["y"], state["cursor"]["x"]] == field.values[1, 7]
    first, last = state["shapes"][0]["points"]
    assert shown[int(first["y"] - 0.5), int(first["x"] - 0.5)] == field.values[1, 7]
    assert shown[int(last["y"] - 0.5), int(last["x"] - 0.5)] == field.values[2, 3]


def test_a_state_says_all_there_is_without_being_asked() -> None:
    state = View({"a": STACK, "b": STACK}, axes="zyx").state
    assert state["index"] == {"z": 0}
    assert (state["mode"], state["pair"]) == ("side", [0, 1])
    state["pair"][0] = 5
    assert View({"a": STACK, "b": STACK}).state["pair"] == [0, 1]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"zoom": 3}, "state must have keys of index, viewport"),
        ([1], "state must be a dict"),
        ({"index": {"t": 5}}, "state['index']['t'] must be from -5 to 4, but got 5"),
        ({"index": {"q": 0}}, "must be one of the axes ('t'), but got 'q'"),
        ({"index": 3}, "must be a dict"),
        ({"viewport": np.s_[0:9, :]}, "must lie within 0 to 7"),
        ({"viewport": np.s_[3:3, :]}, "at least one row or column"),
        ({"viewport": np.s_[::2, :]}, "without a step"),
        ({"viewport": np.s_[0.5:2, :]}, "whole numbers"),
        ({"viewport": 3}, "two slices"),
        ({"viewport": ((0, 1), 3)}, "two slices"),
        ({"cursor": (7, 0)}, "must be from -7 to 6"),
        ({"cursor": (0.5, 0)}, "whole number"),
        ({"shapes": [{"kind": "line", "points": (1, 2)}]}, "(row, column) pairs"),
        ({"shapes": {"kind": "line"}}, "shapes must be a list"),
        ({"line": ((0, 0), (0, 1))}, "but got 'line'"),
        ({"roi": None}, "but got 'roi'"),
        ({"selected": "a"}, "must be the id of a shape, but got 'a'"),
        ({"mode": "fade"}, "must be one of side, swipe"),
        ({"linked": "no"}, "state['linked'] must be True or False"),
        ({"pair": ("a", "z")}, "must be two of 'a', 'b', but got 'z'"),
        ({"pair": (0, 2)}, "must be from -2 to 1"),
        ({"swipe": 1.5}, "from 0 to 1"),
        ({"panels": "contrast"}, "state['panels'] must be a list of any of contrast, layers"),
        ({"panels": ["contrasts"]}, "state['panels'] must be of contrast, layers, measure"),
        ({"invert": "no"}, "state['invert'] must be a bool"),
        ({"rate": 0}, "from 0.1 to 60"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_in_one_line(state: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        View({"a": STACK, "b": STACK}, axes="tyx", state=state)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_array_alone_has_no_mode_of_comparing() -> None:
    with pytest.raises(ValueError, match="where nothing is compared"):
        View(GRAY, state={"mode": "swipe"})
