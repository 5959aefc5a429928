"""What is drawn over a picture: one inert SVG document in the picture's own pixels."""

from __future__ import annotations

import base64
import datetime
import io
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from nbimage.base.text import replace_surrogates
from nbimage.figure.overlay import overlay_svg
from nbimage.figure.overlay_contours import resolve_levels
from nbimage.mapping.colormap import as_palette, label_index, label_palette
from nbimage.page.svg_primitives import MARKERS
from tests.e2e.harness import Chromium

Array = np.ndarray
SHAPE = (12, 20)
RNG = np.random.default_rng(3)
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
SIDES = st.tuples(st.integers(1, 9), st.integers(1, 9))


def same(values: Array) -> Array:
    return values


def drawn(overlay: Any, shape: tuple[int, int] = SHAPE, **options: Any) -> ET.Element:
    """The document's root, its names without their namespace."""
    x_positions, y_positions = options.pop("x_positions", same), options.pop("y_positions", same)
    text = overlay_svg(overlay, shape, x_positions, y_positions, **options)
    assert text is not None
    root = ET.fromstring(text)
    for element in root.iter():
        element.tag = element.tag.removeprefix("{http://www.w3.org/2000/svg}")
    return root


def paths(root: ET.Element) -> list[str]:
    return [element.get("d", "") for element in root.iter("path")]


def paths_data(root: ET.Element) -> list[Array]:
    """The (N, 2) vertices of all lines, in the order in which they are drawn."""
    parts = [part for d in paths(root) for part in d.split("M") if part]
    return [np.array(NUMBER.findall(part), float).reshape(-1, 2) for part in parts]


def starts(root: ET.Element) -> Array:
    """Where markers stand."""
    found = [part for d in paths(root) for part in re.findall(r"M(\S+) ([^hl]+)", d)]
    return np.array(found, float).reshape(-1, 2)


def texts(root: ET.Element) -> dict[str, ET.Element]:
    return {element.text or "": element for element in root.iter("text")}


def picture(root: ET.Element) -> Array:
    """The one raster as RGBA; it covers the whole picture."""
    (image,) = root.iter("image")
    _, _, columns, rows = root.get("viewBox", "").split()
    assert [image.get(name) for name in ("x", "y", "width", "height")] == ["0", "0", columns, rows]
    head, _, body = image.get("href", "").partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(body))).convert("RGBA"))


# ------------------------------------------------------------------------------ the document


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_nothing_to_draw_gives_no_document(nothing: Any) -> None:
    assert overlay_svg(nothing, SHAPE, same, same) is None


EVERY_KIND: list[Any] = [
    RNG.random(SHAPE) > 0.5,
    RNG.integers(0, 9, SHAPE),
    ("contour", RNG.random(SHAPE), {"text": True}),
    *(("points", RNG.random((5, 2)) * 9, {"marker": marker}) for marker in MARKERS),
    ("points", RNG.random((2, 2)), {"text": ["a", "b"]}),
    ("line", RNG.random((5, 2)) * 9),
    ("polygon", RNG.random((5, 2)) * 9, {"fill": "blue"}),
    ("boxes", RNG.random((3, 4)) * 9, {"text": ["a", "b", "c"]}),
    ("text", "hello", {"at": (3, 4)}),
]


def test_the_view_box_is_the_picture_stretched_to_any_size() -> None:
    root = drawn(EVERY_KIND)
    assert root.tag == "svg"
    assert root.get("viewBox") == "0 0 20 12"
    assert root.get("preserveAspectRatio") == "none"


def test_a_document_holds_shapes_alone_and_refers_to_nothing_outside() -> None:
    root = drawn(EVERY_KIND)
    assert {element.tag for element in root.iter()} == {"svg", "g", "path", "text", "image"}
    for element in root.iter():
        assert not [name for name in element.attrib if name.startswith("on") or name == "id"]
        href = element.get("href")
        assert href is None or href.startswith("data:image/png;base64,")
        assert "url(" not in "".join(element.attrib.values())


def test_the_same_overlay_gives_the_same_text() -> None:
    assert overlay_svg(EVERY_KIND, SHAPE, same, same) == overlay_svg(EVERY_KIND, SHAPE, same, same)


def test_every_line_and_marker_keeps_its_width_at_any_size() -> None:
    for path in drawn(EVERY_KIND).iter("path"):
        assert path.get("vector-effect") == "non-scaling-stroke"


def test_items_are_drawn_in_their_order_and_the_three_ways_to_write_one_are_the_same() -> None:
    ways: list[Any] = [
        ("points", [(1, 2)], "#00ff00"),
        ("points", [(1, 2)], {"color": "#00ff00"}),
        {"points": [(1, 2)], "color": "#00ff00"},
    ]
    assert len({overlay_svg(way, SHAPE, same, same) for way in ways}) == 1
    root = drawn([("points", (1, 1), "red"), ("points", (1, 1), "lime")])
    assert [path.get("stroke") for path in root.iter("path")] == ["#ff0000", "#00ff00"]


def test_data_are_never_changed() -> None:
    image = RNG.random(SHAPE)
    image[3, 4] = np.nan
    masked = np.ma.MaskedArray(image, image > 0.5)
    labels = RNG.integers(0, 5, SHAPE)
    points = RNG.random((4, 2))
    before = [part.copy() for part in (image, masked, labels, points)]
    drawn([("contour", masked), labels, image > 0.5, ("points", points)], lower=True)
    for now, then in zip((image, masked, labels, points), before, strict=True):
        np.testing.assert_array_equal(np.asarray(now), np.asarray(then))
    assert (np.ma.getmaskarray(masked) == np.ma.getmaskarray(before[1])).all()


# ---------------------------------------------------------------------------------- rasters


@given(hnp.arrays(bool, SIDES), st.booleans())
def test_a_mask_decodes_to_itself_and_is_flipped_by_lower(mask: Array, lower: bool) -> None:
    stored = picture(drawn(mask, mask.shape, lower=lower))
    expected = mask[::-1] if lower else mask
    np.testing.assert_array_equal(stored[..., 3], np.where(expected, 255, 0))
    assert (stored[expected] == (255, 0, 0, 255)).all()


def test_a_mask_has_its_color_and_alpha_and_stays_sharp() -> None:
    mask = np.eye(3, dtype=bool)
    root = drawn(("mask", mask, {"color": (0.0, 0.0, 1.0, 0.5), "alpha": 0.5}), (3, 3))
    (image,) = root.iter("image")
    assert (picture(root)[mask] == (0, 0, 255, 255)).all()
    assert float(image.get("opacity", "")) == pytest.approx(0.25, abs=0.002)
    assert "pixelated" in image.get("style", "")


def test_masked_places_of_a_mask_are_clear() -> None:
    mask = np.ma.MaskedArray([[True, True, False]], [[False, True, False]])
    assert picture(drawn(mask, (1, 3)))[0, :, 3].tolist() == [255, 0, 0]


@given(hnp.arrays(st.sampled_from(["u1", "<i2", ">i4", "i8"]), SIDES), st.booleans())
def test_labels_have_the_colors_of_their_palette_and_zero_is_clear(
    labels: Array, lower: bool
) -> None:
    stored = picture(drawn(labels, labels.shape, lower=lower))
    palette = label_palette()
    expected = labels[::-1] if lower else labels
    np.testing.assert_array_equal(stored, palette[label_index(expected, len(palette) - 1)])
    np.testing.assert_array_equal(stored[..., 3] == 0, expected == 0)


def test_a_list_of_colors_colors_labels() -> None:
    root = drawn(("labels", [[0, 1, 2, 3]], {"cmap": ["red", "lime"]}), (1, 4))
    clear, red, lime = (0, 0, 0, 0), (255, 0, 0, 255), (0, 255, 0, 255)
    assert [tuple(pixel) for pixel in picture(root)[0].tolist()] == [clear, red, lime, red]


# --------------------------------------------------------------------------------- contours


def value_at(array: Array, x: float, y: float) -> float:
    """The array's value between pixel centres, linear along the grid's lines."""
    row, column = min(int(y), array.shape[0] - 2), min(int(x), array.shape[1] - 2)
    v, u = y - row, x - column
    square = array[row : row + 2, column : column + 2]
    return float(np.array([1 - v, v]) @ square @ np.array([1 - u, u]))


@given(st.integers(0, 10**6), st.floats(0.05, 0.95), st.booleans())
def test_contour_vertices_lie_on_the_level_and_on_a_line_of_the_grid(
    seed: int, level: float, lower: bool
) -> None:
    array = np.random.default_rng(seed).random((6, 8))
    for line in paths_data(drawn(("contour", array, {"levels": [level]}), (6, 8), lower=lower)):
        for x, y in line:
            x, y = x - 0.5, (6 - y if lower else y) - 0.5
            assert abs(value_at(array, x, y) - level) < 0.002  # three decimals of a pixel
            assert min(abs(x - round(x)), abs(y - round(y))) < 0.001


@given(st.floats(0.5, 6.5))
def test_the_contour_of_a_ramp_runs_where_the_ramp_has_its_level(level: float) -> None:
    ramp = np.tile(np.arange(8.0), (3, 1))
    (line,) = paths_data(drawn(("contour", ramp, {"levels": level}), (3, 8)))
    assert line[:, 0] == pytest.approx(level + 0.5, abs=0.001)
    assert {line[:, 1].min(), line[:, 1].max()} == {0.5, 2.5}


def test_contours_of_another_shape_are_stretched_over_the_picture() -> None:
    ramp = np.tile(np.arange(4.0), (2, 1))
    (line,) = paths_data(drawn(("contour", ramp, {"levels": [1.5]}), (12, 20)))
    assert (line[:, 0] == 10).all()
    assert {line[:, 1].min(), line[:, 1].max()} == {3, 9}


def test_no_contour_touches_a_square_that_holds_a_missing_value() -> None:
    ramp = np.tile(np.arange(8.0), (9, 1))
    for missing in (np.nan, np.inf):
        ramp[4, 4] = missing
        lines = paths_data(drawn(("contour", ramp, {"levels": [3.5]}), ramp.shape))
        ys = np.concatenate([line[:, 1] for line in lines]) - 0.5
        assert sorted(ys) == [0, 1, 2, 3, 5, 6, 7, 8]
    hidden = np.ma.MaskedArray(np.nan_to_num(ramp, posinf=0), ~np.isfinite(ramp))
    assert len(paths_data(drawn(("contour", hidden, {"levels": [3.5]}), ramp.shape))) == 2


def test_contours_ignore_the_places_of_the_callers_coordinates() -> None:
    image = RNG.random(SHAPE)
    moved = overlay_svg(("contour", image), SHAPE, lambda x: x + 100, lambda y: y * 0)
    assert moved == overlay_svg(("contour", image), SHAPE, same, same)


@pytest.mark.parametrize("image", [np.ones(SHAPE), np.full(SHAPE, np.nan)])
def test_an_image_without_two_values_has_no_contours(image: Array) -> None:
    assert len(drawn(("contour", image))) == 0


def test_each_level_has_the_color_of_its_place_between_the_first_and_the_last() -> None:
    ramp = np.tile(np.arange(20.0), (12, 1))
    root = drawn(("contour", ramp, {"levels": [12, 2, 4], "cmap": "viridis"}))
    palette = as_palette("viridis").array[[0, 51, 255], :3]
    strokes = ["#" + bytes(color).hex() for color in palette]
    assert [path.get("stroke") for path in root.iter("path")] == strokes


def test_a_level_is_written_on_its_longest_line() -> None:
    ramp = np.tile(np.arange(20.0), (12, 1))
    root = drawn(("contour", ramp, {"levels": [2.5, 7], "text": True}))
    assert set(texts(root)) == {"2.5", "7"}
    assert float(texts(root)["2.5"].get("x", "")) == 3
    assert 0 < float(texts(root)["7"].get("y", "")) < 12


def test_a_closed_contour_is_closed() -> None:
    y, x = np.mgrid[-5:6, -5:6]
    root = drawn(("contour", np.hypot(x, y), {"levels": [3.3]}), (11, 11))
    assert [d.count("Z") for d in paths(root)] == [1]


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE, FINITE, st.integers(1, 30))
def test_round_levels_rise_and_lie_strictly_between_the_extremes(
    first: float, second: float, count: int
) -> None:
    low, high = sorted((first, second))
    levels = resolve_levels(count, np.array([[low, high]]))
    assert levels == sorted(set(levels))
    assert all(low < level < high for level in levels)
    assert len(levels) <= 2 * count + 1


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e6), st.integers(1, 30))
def test_about_as_many_levels_are_drawn_as_asked_for(low: float, span: float, count: int) -> None:
    levels = resolve_levels(count, np.array([[low, low + span]]))
    assert count / 2 - 1 <= len(levels) <= 2 * count + 1
    if len(levels) > 1:
        step = (levels[-1] - levels[0]) / (len(levels) - 1)
        mantissa = step / 10 ** math.floor(math.log10(step * 1.001))
        assert min(abs(mantissa - round_) for round_ in (1, 2, 2.5, 5)) < 1e-3
        assert np.allclose(np.diff(levels), step)
        assert np.allclose(np.round(np.array(levels) / step) * step, levels)


# ----------------------------------------------------------------------------------- points

COORDINATES = hnp.arrays(
    float, st.tuples(st.integers(0, 20), st.just(2)), elements=st.floats(-1e3, 1e3)
)


@given(COORDINATES, st.sampled_from(MARKERS), st.booleans())
def test_a_point_stands_at_the_centre_of_its_pixel(xy: Array, marker: str, lower: bool) -> None:
    root = drawn(("points", xy, {"marker": marker}), lower=lower)
    y = 12 - (xy[:, 1] + 0.5) if lower else xy[:, 1] + 0.5
    np.testing.assert_allclose(starts(root), np.stack([xy[:, 0] + 0.5, y], 1), atol=0.00051)


def test_coordinates_are_placed_by_the_callers_axes() -> None:
    root = drawn(
        ("points", [(10, 1), (30, 2)]), x_positions=lambda x: x / 10, y_positions=lambda y: 5 - y
    )
    assert starts(root).tolist() == [[1.5, 4.5], [3.5, 3.5]]


@pytest.mark.parametrize(
    "xs",
    [
        ["a", "b"],
        [datetime.date(2024, 1, 1), datetime.date(2024, 2, 1)],
        list(np.array(["2024-01-01", "2024-02-01"], "M8[D]")),
    ],
)
def test_names_and_dates_reach_the_axis_as_they_are(xs: list[Any]) -> None:
    def place(values: Array) -> Array:
        assert values.tolist() == np.asarray(xs).tolist()
        return np.array([xs.index(value) for value in values])

    frames = [list(zip(xs, [3.0, 4.0], strict=True))]
    frames.append(np.array([[xs[0], 3.0], [xs[1], 4.0]], object))
    for data in frames:
        root = drawn(("points", data), x_positions=place)
        assert starts(root).tolist() == [[0.5, 3.5], [1.5, 4.5]]


def test_points_of_any_source_are_the_same() -> None:
    import pandas as pd
    import xarray as xr

    xy = RNG.random((4, 2)).round(2)
    sources = [xy, xy.tolist(), pd.DataFrame(xy), xr.DataArray(xy), np.asfortranarray(xy)]
    assert len({overlay_svg(("points", source), SHAPE, same, same) for source in sources}) == 1


def test_points_that_are_nowhere_are_left_out_with_their_texts() -> None:
    xy = [(1, 1), (np.nan, 2), (3, np.inf), (4, 4), (-np.inf, np.nan)]
    root = drawn(("points", xy, {"text": list("abcde")}))
    assert starts(root).tolist() == [[1.5, 1.5], [4.5, 4.5]]
    assert list(texts(root)) == ["a", "d"]
    hidden = np.ma.MaskedArray([(1.0, 1.0), (2.0, 2.0)], [(False, False), (True, False)])
    assert starts(drawn(("points", hidden))).tolist() == [[1.5, 1.5]]


@pytest.mark.parametrize("none", [[], np.empty((0, 2)), np.empty(0)])
def test_no_points_draw_nothing(none: Any) -> None:
    assert len(drawn(("points", none))) == 0


def test_points_of_one_color_are_one_path() -> None:
    colors = ["red", "#0000ff", "red", (0.0, 0.0, 1.0)]
    root = drawn(("points", [(1, 1), (2, 2), (3, 3), (4, 4)], {"color": colors[:2] * 2}))
    assert [path.get("stroke") for path in root.iter("path")] == ["#ff0000", "#0000ff"]
    assert starts(root)[:, 0].tolist() == [1.5, 3.5, 2.5, 4.5]
    many = RNG.random((100_000, 2))
    assert len(paths(drawn(("points", many)))) == 1


@pytest.mark.parametrize(
    ("color", "rgb", "opacity"),
    [
        ("Red", "#ff0000", None),
        ("rgb(1, 2, 3)", "#010203", None),
        ((0, 128, 255), "#0080ff", None),
        ((0.0, 0.5, 1.0), "#0080ff", None),
        (np.array([0, 128, 255], np.uint8), "#0080ff", None),
        ((0, 0, 255, 128), "#0000ff", "0.502"),
        ((0, 0, 255, 1), "#0000ff", None),
        ((0.0, 0.0, 1.0, 0.25), "#0000ff", "0.251"),
        ("#12345680", "#123456", "0.502"),
    ],
)
def test_colors_are_written_as_six_digits_and_an_opacity(
    color: Any, rgb: str, opacity: str | None
) -> None:
    (path,) = drawn(("points", (1, 1), {"color": color})).iter("path")
    assert (path.get("stroke"), path.get("stroke-opacity")) == (rgb, opacity)
    (path,) = drawn(("points", [(1, 1), (2, 2)], {"color": [color, color]})).iter("path")
    assert (path.get("stroke"), path.get("stroke-opacity")) == (rgb, opacity)


@given(st.text() | st.sampled_from(['red"/><script/>', "url(#a)", "red;x:y", "none", "inherit"]))
def test_no_string_of_the_users_reaches_an_attribute(color: str) -> None:
    try:
        root = drawn(("boxes", (1, 1, 2, 2), {"color": color, "fill": color, "text": "a"}))
    except ValueError as error:
        assert "CSS color" in str(error)
        return
    for element in root.iter():
        for name in ("fill", "stroke"):
            assert re.fullmatch("none|#[0-9a-f]{6}", element.get(name, "none"))


def test_coordinates_without_end_do_not_spoil_the_others() -> None:
    root = drawn(("points", [(1, 1), (1e300, -1e300)]))
    assert (np.abs(starts(root)) < 1e30).all()  # float32, which browsers draw with


# ------------------------------------------------------------------- lines, polygons, boxes


def test_a_missing_vertex_breaks_a_line() -> None:
    xy = [(0, 0), (1, 1), (np.nan, 5), (2, 2), (3, 3), (4, np.inf), (9, 9)]
    root = drawn(("line", xy))
    ends = [line.tolist() for line in paths_data(root)]
    assert ends == [[[0.5, 0.5], [1.5, 1.5]], [[2.5, 2.5], [3.5, 3.5]], [[9.5, 9.5]]]
    assert "Z" not in "".join(paths(root))


def test_a_polygon_is_closed_and_its_rings_are_parted_by_nan() -> None:
    square = [(0, 0), (9, 0), (9, 9), (0, 9)]
    hole = [(3, 3), (6, 3), (6, 6), (3, 6), (3, 3)]
    root = drawn(("polygon", [*square, (np.nan, np.nan), *hole], {"fill": "blue"}))
    (d,) = paths(root)
    assert d.count("Z") == d.count("M") == 2
    (path,) = root.iter("path")
    assert path.get("fill-rule") == "evenodd"
    assert (path.get("fill"), path.get("fill-opacity")) == ("#0000ff", "0.3")


def test_a_list_of_polygons_is_as_each_of_them() -> None:
    many = [RNG.random((3, 2)), RNG.random((4, 2)).tolist()]
    look = {"fill": "lime", "color": ["red", "blue"]}
    root = drawn(("polygon", many, look))
    alone = [paths(drawn(("polygon", part, {"fill": "lime"})))[0] for part in many]
    assert paths(root) == alone
    assert [path.get("stroke") for path in root.iter("path")] == ["#ff0000", "#0000ff"]
    stack = RNG.random((3, 4, 2))
    assert len(paths_data(drawn(("line", stack)))) == 3


BOX = st.tuples(*[st.floats(-50, 50)] * 4)


@given(BOX, st.booleans())
def test_a_box_spans_its_corners_whichever_they_are(
    box: tuple[float, float, float, float], lower: bool
) -> None:
    x0, y0, x1, y1 = box
    ways = [(x0, y0, x1, y1), (x1, y1, x0, y0), (x0, y1, x1, y0)]
    assert len({paths(drawn(("boxes", way), lower=lower))[0] for way in ways}) == 1
    (d,) = paths(drawn(("boxes", box), lower=lower))
    left, top, right, bottom = map(float, NUMBER.findall(d)[:4])
    assert left == pytest.approx(min(x0, x1) + 0.5, abs=0.001)
    assert right == pytest.approx(max(x0, x1) + 0.5, abs=0.001)
    ys = [12 - (y + 0.5) if lower else y + 0.5 for y in (y0, y1)]
    assert (top, bottom) == pytest.approx((min(ys), max(ys)), abs=0.001)


def test_the_box_around_the_first_pixel_is_that_pixel() -> None:
    assert paths(drawn(("boxes", (-0.5, -0.5, 0.5, 0.5)))) == ["M0 0H1V1H0Z"]
    assert paths(drawn(("boxes", (-0.5, -0.5, 0.5, 0.5)), lower=True)) == ["M0 11H1V12H0Z"]


def test_a_box_bears_its_text_above_its_upper_left_corner_or_inside_at_the_top() -> None:
    boxes = [(3, 5, 9, 9), (1, 0, 5, 5), (np.nan, 0, 1, 1)]
    for lower in (False, True):
        root = drawn(("boxes", boxes, {"text": ["low", "high", "lost"]}), lower=lower)
        assert set(texts(root)) == {"low", "high"}
        low, high = ({k: float(texts(root)[n].get(k, "")) for k in "xy"} for n in ("low", "high"))
        assert 3.5 <= low["x"] < 4.5
        assert 0 < (2.5 if lower else 5.5) - low["y"] < 1
        assert high["y"] > 0


def test_filled_boxes_do_not_cut_holes_into_each_other() -> None:
    root = drawn(("boxes", [(0, 0, 5, 5), (1, 1, 4, 4)], {"fill": "blue"}))
    assert len(paths(root)) == 2


# ------------------------------------------------------------------------------------- text


@given(st.text(st.characters() | st.characters(categories=["Cc", "Cs"]) | st.sampled_from("<&>]'")))
def test_any_text_is_well_formed_and_is_all_there_but_for_what_xml_forbids(text: str) -> None:
    allowed = FORBIDDEN.sub("", replace_surrogates(text))
    items: list[Any] = [
        ("text", text, {"at": (1, 1)}),
        ("points", [(1, 1)], {"text": [text]}),
        ("boxes", [(1, 1, 2, 2)], {"text": text}),
    ]
    for item in items:
        assert list(texts(drawn(item))) == ([allowed] if allowed else [])


def test_text_stands_on_a_halo_that_differs_from_it() -> None:
    for color, halo in (("white", "#000000"), ("black", "#ffffff"), ("yellow", "#000000")):
        (group,) = drawn(("text", "a", {"at": (1, 1), "color": color})).iter("g")
        assert group.get("stroke") == halo != group.get("fill")
        assert group.get("paint-order") == "stroke"


def test_texts_have_the_size_anchor_and_colors_asked_for() -> None:
    at = [(1, 1), (2, 2)]
    look = {"at": at, "size": 3, "anchor": "end", "color": ["red", "lime"]}
    groups = list(drawn(("text", ["a", "b"], look)).iter("g"))
    assert [group.get("fill") for group in groups] == ["#ff0000", "#00ff00"]
    assert {(g.get("font-size"), g.get("text-anchor")) for g in groups} == {("3", "end")}
    (group,) = drawn(("text", "a", {"at": (1, 1)})).iter("g")
    assert group.get("font-size") == "0.8"  # 20 / 25


# ----------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (("points", [1, 2, 3]), r"points must be \(N, 2\) of x, y, but got shape \(3,\)"),
        (("points", np.ones((2, 5))), r"got shape \(2, 5\): transpose it"),
        (("points", [(1, 2), (3,)]), "rows of different lengths"),
        (("points", 5), "points must be .* but got 5"),
        (("points", [("a", 1)]), "x must be numbers on this picture, but got <U1 'a'"),
        (
            ("points", (1, 2), {"colour": "red"}),
            "unknown option 'colour' of points: did you mean 'color'",
        ),
        (("points", (1, 2), "no such color"), "color must be a CSS color"),
        (("points", (1, 2), {"color": (0, 0, 255, 300)}), "color must be a CSS color"),
        (
            ("points", (1, 2), {"fill": "red"}),
            "unknown option 'fill' of points: choose from name, color, size, marker, text",
        ),
        (("line", [(1, 2)], {"fill": (1, 2, 3, 4, 5)}), "fill must be a CSS color"),
        (("points", (1, 2), {"color": ["red", "blue"]}), "one color or 1, one each, but got 2"),
        (("points", (1, 2), {"size": 0}), "size must be finite and above 0, but got 0"),
        (("points", (1, 2), {"marker": "*"}), r"marker must be one of o, x, \+, .* but got '\*'"),
        (("points", (1, 2), {"text": ["a", "b"]}), "text must be 1 texts, one each, but got 2"),
        (("pionts", (1, 2)), "unknown kind 'pionts': did you mean 'points'"),
        ({"point": (1, 2)}, r"one kind as a key, but got \['point'\]"),
        ({"points": (1, 2), "line": [(1, 2)]}, r"one kind as a key"),
        (("line", [(1, 2)], {"width": math.nan}), "width must be finite and above 0, but got nan"),
        (("line", {"x": 1}), "line must be"),
        (("polygon", [(1, 2)], {"alpha": 2}), "alpha must be from 0 to 1, but got 2"),
        (("polygon", [(1, 2)], {"fill": "blueish"}), "fill must be a CSS color"),
        (("boxes", [(1, 2, 3)]), r"boxes must be \(N, 4\) of x0, y0, x1, y1, but got"),
        (("text", "a"), r"at must be \(N, 2\) of x, y, but got None"),
        (("text", ["a", "b"], {"at": (1, 2)}), "text must be 1 texts"),
        (("text", "a", {"at": (1, 2), "anchor": "left"}), "anchor must be one of start, middle"),
        (("mask", np.ones(SHAPE)), "mask must be bool, such as data > 0, but got float64"),
        (("mask", np.ones((2, 2), bool)), r"picture's shape \(12, 20\), but got \(2, 2\)"),
        (("labels", np.ones(SHAPE)), "labels must be integers"),
        (np.ones(SHAPE), "bare array must be bool .* but got float64"),
        (("contour", np.ones((1, 5))), r"2 rows and columns or more, but got \(1, 5\)"),
        (("contour", np.ones(SHAPE), {"levels": 0}), r"but got 0: write \[0\] for this one level"),
        (("contour", np.ones(SHAPE), {"levels": [1, math.inf]}), "levels must be finite numbers"),
        (("contour", np.ones(SHAPE), {"levels": "many"}), "levels must be finite numbers"),
        (("contour", np.ones(SHAPE), {"color": "red", "cmap": "gray"}), "color must be left out"),
        (("contour", np.ones(SHAPE), {"cmap": "virids"}), "viridis"),
        ("points", "bool or integer array, a tuple .* but got str 'points'"),
        (None, "but got NoneType"),
    ],
)
def test_an_item_that_does_not_fit_is_named_by_its_number_in_one_line(
    item: Any, message: str
) -> None:
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        overlay_svg([("text", "a", {"at": (1, 1)}), item], SHAPE, same, same)
    assert str(caught.value).startswith("overlay[1]: ")
    assert "\n" not in str(caught.value)


def test_one_item_alone_has_no_number() -> None:
    with pytest.raises(ValueError, match=r"^overlay: points must be \(N, 2\)"):
        overlay_svg(("points", [1, 2, 3]), SHAPE, same, same)


# ------------------------------------------------------------------------------- the browser


class Screen:
    """A page that overlays are drawn on."""

    def __init__(self, chromium: Chromium) -> None:
        self.page = chromium.new_page()

    def __call__(
        self, overlay: Any, shape: tuple[int, int], zoom: float, *, lower: bool = False
    ) -> Array:
        """The overlay on black, as RGB, so many CSS pixels for each of the picture's."""
        svg = overlay_svg(overlay, shape, same, same, lower=lower)
        assert svg is not None
        data = self.shoot(svg, shape[1] * zoom, shape[0] * zoom)
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(float)

    def shoot(self, svg: str, width: float, height: float) -> bytes:
        uri = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
        self.page.set_content(
            '<body style="margin:0;background:#000">'
            f'<img src="{uri}" style="display:block;width:{width}px;height:{height}px">'
        )
        self.page.wait_for_function("document.images[0].complete")
        assert self.page.evaluate("document.images[0].naturalWidth") > 0
        return self.page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": height})


@pytest.fixture(scope="module")
def screen(chromium: Chromium) -> Iterator[Screen]:
    screen = Screen(chromium)
    yield screen
    screen.page.context.close()


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("zoom", [10, 31])
def test_a_pixel_of_a_mask_covers_just_its_pixel_of_the_picture(
    screen: Screen, zoom: int, lower: bool
) -> None:
    mask = RNG.random(SHAPE) > 0.5
    shown = screen(("mask", mask, {"alpha": 1}), SHAPE, zoom, lower=lower)
    expected = np.kron(mask[::-1] if lower else mask, np.ones((zoom, zoom)))
    np.testing.assert_array_equal(shown[..., 0], 255 * expected)


@pytest.mark.parametrize("zoom", [4, 37.5])
@pytest.mark.parametrize("marker", MARKERS)
def test_a_marker_is_centred_on_its_point_and_as_large_at_any_size(
    screen: Screen, marker: str, zoom: float
) -> None:
    look = {"marker": marker, "size": 16}
    shown = screen(("points", [(7, 5)], look), SHAPE, zoom)[..., 0]
    rows, columns = np.nonzero(shown > 127)
    assert columns.mean() + 0.5 == pytest.approx(7.5 * zoom, abs=1)
    assert rows.mean() + 0.5 == pytest.approx(5.5 * zoom, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(16, abs=2)  # an x has pointed ends
    assert np.ptp(rows) + 1 == pytest.approx(16, abs=2)
    centre = shown[int(5.5 * zoom), int(7.5 * zoom)]
    assert centre == (0 if marker == "ring" else 255)


@pytest.mark.parametrize("zoom", [4, 37.5])
@pytest.mark.parametrize("width", [1, 3.5])
def test_a_line_is_as_wide_at_any_size(screen: Screen, zoom: float, width: float) -> None:
    items: list[Any] = [
        ("line", [(-5, 5), (30, 5)], {"width": width}),
        ("contour", np.tile(np.arange(12.0)[:, None], 20), {"levels": [5], "width": width}),
        ("boxes", (-5, 5, 50, 50), {"width": width}),
    ]
    for item in items:
        shown = screen(item, SHAPE, zoom)[..., 0] / 255
        assert shown[:, int(10 * zoom)].sum() == pytest.approx(width, abs=0.05)


def test_text_stands_upright_where_the_first_row_is_below(screen: Screen) -> None:
    centre = ("text", "Ring L", {"at": (9.5, 5.5), "size": 4})
    shown = screen(centre, SHAPE, 20)
    assert shown.max() == 255
    np.testing.assert_array_equal(shown, screen(centre, SHAPE, 20, lower=True))


def test_text_grows_with_the_picture(screen: Screen) -> None:
    heights = []
    for zoom in (10, 30):
        shown = screen(("text", "H", {"at": (9.5, 5.5), "size": 6}), SHAPE, zoom)
        heights.append(np.ptp(np.nonzero(shown[..., 0] > 127)[0]) + 1)
    assert heights[1] / heights[0] == pytest.approx(3, rel=0.1)


def test_the_browser_draws_every_kind_and_asks_for_nothing(
    screen: Screen, chromium: Chromium
) -> None:
    chromium.external.clear()
    for item in EVERY_KIND:
        assert screen(item, SHAPE, 20).max() > 60
    assert chromium.external == []
