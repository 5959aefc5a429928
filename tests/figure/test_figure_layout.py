"""What stands around a picture: where it stands, what it says, and when it is there at all."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
import xarray
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nbimage import Picture, rerange
from nbimage.arrays.metadata import Coordinate
from nbimage.figure import axis_ticks
from nbimage.figure.axes import ResolvedAxis, resolve_axis
from nbimage.page.figure_model import Axis
from nbimage.page.scale_bar import METRES, scale_bar
from nbimage.page.ticks.density import find_axis_levels
from nbimage.page.ticks.levels import Tick
from nbimage.page.ticks.numbers import degree_ticks

WAVE = np.sin(np.arange(12)[:, None] / 3) * np.cos(np.arange(16) / 2)
RGB = np.random.default_rng(2).integers(0, 256, (12, 16, 3), dtype=np.uint8)
DAYS = np.datetime64("2024-02-27") + np.arange(16)

counts = st.integers(1, 400)
everyday = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))


def number_of(text: str) -> float:
    return float(text.replace("−", "-"))


def drawn(axis: ResolvedAxis, *, across: bool = True, lower: bool = False) -> Axis:
    found = axis_ticks.make_axis(axis, 600, across=across, lower=lower)
    assert found is not None
    return found


def by_level(ticks: tuple[Tick, ...]) -> list[list[Tick]]:
    levels = sorted({level for tick in ticks for level in tick.levels})
    return [[tick for tick in ticks if level in tick.levels] for level in levels]


# ------------------------------------------------------------------------------------ axes


@given(
    st.lists(everyday, min_size=2, max_size=40, unique=True),
    st.booleans(),
    st.booleans(),
)
def test_ticks_of_numbers_stand_between_the_pixels_beside_them(
    numbers: list[float], descending: bool, lower: bool
) -> None:
    coordinates = np.sort(np.array(numbers))
    assume(np.diff(coordinates).min() > 1e-3)
    order = -1 if descending else 1
    axis = resolve_axis("x", coordinates[::order], None, None, len(coordinates))
    ticks = drawn(axis, lower=lower).ticks
    assert ticks
    span = coordinates[-1] - coordinates[0]
    for tick in ticks:
        value = number_of(tick.text)
        assert coordinates[0] - span / 1e6 <= value <= coordinates[-1] + span / 1e6
        pixel = np.interp(value, coordinates, np.arange(len(coordinates)))
        along = (pixel + 0.5) / len(coordinates)
        if descending != lower:
            along = 1 - along
        assert tick.position == pytest.approx(along, abs=1e-6)


@given(counts, st.booleans())
def test_pixel_numbers_are_whole_and_at_their_pixels_centres(count: int, lower: bool) -> None:
    ticks = drawn(resolve_axis("y", True, None, None, count), across=False, lower=lower).ticks
    assert ticks[-1 if lower else 0].text == "0"
    for tick in ticks:
        along = (int(tick.text) + 0.5) / count
        assert tick.position == pytest.approx(1 - along if lower else along)


@pytest.mark.parametrize(
    "values",
    [
        DAYS,
        DAYS[::-1],
        [f"name {i}" for i in range(16)],
        np.arange(16) * np.timedelta64(90, "m"),
        np.geomspace(1, 1e4, 16),
        2 ** np.arange(16),
        np.array(["12000-01-01", "12001-01-01"] * 8, "datetime64[D]"),
    ],
)
def test_from_below_each_tick_stands_as_high_as_it_stood_low(values: Any) -> None:
    axis = resolve_axis("y", values, None, None, 16)
    up, down = (drawn(axis, across=False, lower=lower).ticks for lower in (True, False))
    # the first date from the top is said in full, so only how texts end is alike
    mirrored, stood = (
        {
            (round(abs(end - tick.position), 9), tick.text[-5:], level)
            for tick in ticks
            for level in tick.levels
        }
        for ticks, end in ((up, 1), (down, 0))
    )
    assert mirrored == stood
    assert len(down) > 1


@pytest.mark.parametrize("values", [2 ** np.arange(16), np.geomspace(1, 3e4, 16)])
def test_ticks_of_uneven_coordinates_spread_over_the_axis(values: Any) -> None:
    ticks = drawn(resolve_axis("x", values, None, None, 16)).ticks
    for level in by_level(ticks):
        places = sorted(tick.position for tick in level)
        assert len(places) > 1
        assert places[-1] - places[0] > 0.5
    sparse = sorted(tick.position for tick in by_level(ticks)[0])
    assert min(b - a for a, b in itertools.pairwise(sparse)) > 0.2


def test_whole_coordinates_have_whole_ticks() -> None:
    for values in (np.arange(3), np.array([1, 2, 4, 8, 16]), np.array([2020, 2021, 2024])):
        ticks = drawn(resolve_axis("x", values, None, None, len(values))).ticks
        assert ticks and all(number_of(tick.text).is_integer() for tick in ticks)


@pytest.mark.parametrize(("rows", "columns"), [(200, 300), (90, 400), (60, 1000), (700, 300)])
def test_axes_of_one_scale_have_one_step(rows: int, columns: int) -> None:
    picture = Picture(np.zeros((rows, columns), np.uint8), x=True, y=True)
    x, y = picture.figure.x, picture.figure.y
    assert x is not None
    assert y is not None
    shown = []
    levels = find_axis_levels(x, y, picture.width, picture.height)
    for axis, level in zip((x, y), levels, strict=True):
        numbers = [number_of(tick.text) for tick in axis.ticks if level in tick.levels]
        shown.append(set(np.diff(numbers)))
        assert len(numbers) <= 8
    assert len(set.union(*shown)) == 1


@pytest.mark.parametrize(
    ("low", "high", "letters", "expected"),
    [
        (-90, 90, "NS", ["90°S", "60°S", "30°S", "0°", "30°N", "60°N", "90°N"]),
        (-180, 180, "EW", ["180°", "120°W", "60°W", "0°", "60°E", "120°E", "180°"]),
        (0, 357.5, "EW", ["0°", "60°E", "120°E", "180°", "120°W", "60°W"]),
        (0, 357.5, "EW", ["0°", "180°"]),
        (46.2, 46.9, "NS", ["46.2°N", "46.3°N", "46.4°N", "46.5°N", "46.6°N", "46.7°N"]),
    ],
)
def test_degrees_have_round_steps_and_their_side(
    low: float, high: float, letters: str, expected: list[str]
) -> None:
    ticks = degree_ticks(low, high, lambda x: (x - low) / (high - low), letters)
    every = [[tick.text for tick in level] for level in by_level(ticks)]
    assert any(expected == texts[: len(expected)] for texts in every)


def test_coordinates_of_the_globe_are_told_by_their_unit_or_name() -> None:
    degrees = [
        (Coordinate(np.linspace(-80, 80, 16), "lat [degrees_north]"), "NS"),
        (Coordinate(np.linspace(0, 350, 16), "longitude"), "EW"),
        (Coordinate(np.linspace(0, 350, 16), "angle [degrees]"), ""),
        (Coordinate(np.linspace(0, 350, 16), "lat"), ""),  # no latitude is 350
        (Coordinate(np.linspace(0, 35, 16), "lat [m]"), ""),
    ]
    for own, letters in degrees:
        assert resolve_axis("y", None, None, own, 16).degrees == letters


def test_names_rise_at_45_degrees_only_where_they_find_more_room_so() -> None:
    names = [f"{letter} as a rather long name" for letter in "abcdefghijkl"]
    assert drawn(resolve_axis("x", names, None, None, 12)).turned
    assert not drawn(resolve_axis("x", list("abcdefghijkl"), None, None, 12)).turned
    assert not drawn(resolve_axis("y", names, None, None, 12), across=False).turned
    assert not drawn(resolve_axis("x", DAYS, None, None, 16)).turned


own = Coordinate(np.linspace(5, 8, 16), "depth [m]", upward=True)


@pytest.mark.parametrize("no", [False, np.False_])
def test_false_leaves_out_what_the_data_bring(no: Any) -> None:
    durations = Coordinate(np.arange(16) * np.timedelta64(1, "h"), "lag")
    for coordinate in (own, durations):
        assert (
            axis_ticks.make_axis(resolve_axis("y", no, None, coordinate, 16), 600, across=False)
            is None
        )
        only = drawn(resolve_axis("y", no, "said", coordinate, 16), across=False)
        assert only == Axis((), "said")


@pytest.mark.parametrize("yes", [True, np.True_])
def test_true_asks_for_pixel_numbers(yes: Any) -> None:
    axis = resolve_axis("y", yes, None, own, 16)
    assert drawn(axis) == drawn(resolve_axis("y", True, "depth [m]", None, 16))


def test_the_callers_words_come_before_the_datas() -> None:
    assert drawn(resolve_axis("y", None, None, own, 16)).label == "depth [m]"
    assert drawn(resolve_axis("y", None, "mine", own, 16)).label == "mine"
    assert drawn(resolve_axis("y", None, "", own, 16)).label == ""
    assert axis_ticks.make_axis(resolve_axis("y", None, None, None, 16), 600, across=True) is None


def test_durations_say_their_unit_once() -> None:
    lags = np.arange(16) * np.timedelta64(90, "m")
    axis = drawn(resolve_axis("x", lags, "lag", None, 16))
    assert axis.label == "lag [h]" and axis.ticks
    for tick in axis.ticks:
        assert tick.position == pytest.approx((number_of(tick.text) / 1.5 + 0.5) / 16)


def test_words_may_be_any_objects() -> None:
    figure = Picture(WAVE, title=3, xlabel=4, ylabel=5.5).figure  # type: ignore[arg-type]
    assert figure.x is not None
    assert figure.y is not None
    assert (figure.title, figure.x.label, figure.y.label) == ("3", "4", "5.5")


# -------------------------------------------------------------------------------- colorbars


def check_bar(picture: Picture, ticks: tuple[Tick, ...], **limits: Any) -> None:
    """Each tick stands on the 256th of the bar that its value has in the picture."""
    assert ticks
    for tick in ticks:
        value = np.array([[number_of(tick.text)]])
        pixel = int(rerange(value, **limits)[0, 0])
        assert tick.position == pytest.approx(1 - (pixel + 0.5) / 256, abs=1 / 512 + 1e-6), tick


norms = st.sampled_from(["linear", "sqrt", 2.2, ("asinh", 0.5), "symlog", ("symlog", 3.0)])


@given(everyday, everyday, norms)
def test_a_colorbars_ticks_stand_where_their_values_are(low: float, high: float, norm: Any) -> None:
    assume(abs(high - low) > 1e-3)
    assume(low < high or norm == "linear")
    picture = Picture(np.array([[low, high]]), low, high, norm=norm, colorbar=True)
    (bar,) = picture.figure.bars
    check_bar(picture, bar.ticks, vmin=low, vmax=high, norm=norm)


@given(st.floats(1e-6, 1e6), st.floats(1.5, 1e9))
def test_a_logarithmic_colorbar_too(low: float, ratio: float) -> None:
    limits = {"vmin": low, "vmax": low * ratio, "norm": "log"}
    picture = Picture(np.array([[low, low * ratio]]), **limits, colorbar=True)  # type: ignore[arg-type]
    check_bar(picture, picture.figure.bars[0].ticks, **limits)


def test_the_bar_of_untouched_bytes_has_each_tick_in_the_middle_of_its_color() -> None:
    (bar,) = Picture(np.arange(256, dtype=np.uint8).reshape(16, 16), colorbar=True).figure.bars
    assert bar.ticks
    for tick in bar.ticks:
        assert 255.5 - tick.position * 256 == pytest.approx(number_of(tick.text))


def test_a_constant_picture_says_its_value() -> None:
    (bar,) = Picture(np.full((3, 3), 5.0), colorbar=True).figure.bars
    assert [tick.text for tick in bar.ticks] == ["5"]


@pytest.mark.parametrize(
    "limits, under, over",
    [
        ({}, False, False),
        ({"vmin": -0.5}, True, False),
        ({"vmax": 0.5}, False, True),
        ({"vmin": -0.5, "vmax": 0.5}, True, True),
        ({"vmin": 2, "vmax": -0.5}, False, True),
        ({"vmin": 0.5, "vmax": -2}, True, False),
    ],
)
def test_a_triangle_says_that_values_lie_beyond_that_end(
    limits: dict[str, Any], under: bool, over: bool
) -> None:
    (bar,) = Picture(WAVE, **limits, colorbar=True).figure.bars
    assert (bar.under is not None, bar.over is not None) == (under, over)


def labelled(**attributes: str) -> xarray.DataArray:
    return xarray.DataArray(WAVE, dims=("y", "x"), attrs=attributes)


def test_a_colorbar_comes_by_itself_only_where_the_data_say_what_they_are() -> None:
    (bar,) = Picture(labelled(long_name="speed", units="m/s")).figure.bars
    assert bar.label == "speed [m/s]"
    assert len(Picture(WAVE + 1j, complex="domain").figure.bars) == 2
    for data in (WAVE, labelled(), RGB):
        assert Picture(data).figure.bars == ()
    colors = xarray.DataArray(RGB, dims=("y", "x", "band"), attrs={"long_name": "photo"})
    assert Picture(colors).figure.bars == ()


@pytest.mark.parametrize("no", [False, np.False_])
def test_false_means_no_colorbar_and_no_histogram(no: Any) -> None:
    figure = Picture(labelled(long_name="speed"), colorbar=no, histogram=no).figure
    assert (figure.bars, figure.histogram) == ((), None)


# ------------------------------------------------------------------------------- histograms


@given(arrays.arrays(np.uint8, (9, 11)))
def test_a_histogram_has_the_counts_proportions(data: Any) -> None:
    histogram = Picture(data, histogram=True).figure.histogram
    assert histogram is not None
    ((_, lengths),) = histogram.curves
    counted = np.bincount(data.ravel(), minlength=256)
    assert np.array(lengths) == pytest.approx(counted / counted.max(), abs=1e-5)


def test_a_logarithmic_histogram_keeps_the_order_and_lifts_the_few() -> None:
    data = np.repeat(np.arange(8, dtype=np.uint8), 2 ** np.arange(8))[None]
    even, log = (Picture(data, histogram=kind).figure.histogram for kind in (True, "log"))
    assert even is not None
    assert log is not None
    lengths = np.array(log.curves[0][1][:8])
    assert lengths == pytest.approx(np.log1p(2 ** np.arange(8)) / math.log1p(128), abs=1e-5)
    assert (lengths[:-1] > np.array(even.curves[0][1][:7])).all()
    assert log.curves[0][1][8:] == (0.0,) * 248


def test_what_is_missing_is_not_counted() -> None:
    data = np.array([[0.0, 1.0, 1.0, np.nan, np.nan, np.nan]])
    histogram = Picture(data, histogram=True).figure.histogram
    assert histogram is not None
    lengths = histogram.curves[0][1]
    assert (lengths[0], lengths[255]) == (0.5, 1.0)


def test_colors_have_a_curve_a_channel_and_transparency_none() -> None:
    alpha = np.dstack([RGB, RGB[..., :1]])
    one, same = (Picture(data, histogram=True).figure.histogram for data in (RGB, alpha))
    assert one is not None
    assert same == one
    assert len({color for color, _ in one.curves}) == 3
    for channel, (_, lengths) in enumerate(one.curves):
        counted = np.bincount(RGB[..., channel].ravel(), minlength=256)
        assert (np.array(lengths) > 0).tolist() == (counted > 0).tolist()


def test_a_histogram_is_read_by_one_set_of_ticks() -> None:
    alone, beside = (
        Picture(WAVE, histogram=True, colorbar=bar).figure.histogram for bar in (False, True)
    )
    assert alone is not None
    assert beside is not None
    assert alone.ticks
    assert not beside.ticks
    assert alone.ticks == Picture(WAVE, colorbar=True).figure.bars[0].ticks


# ------------------------------------------------------------------------------- scale bars

lengths = st.floats(1e-9, 1e9)


@given(lengths, st.sampled_from([*METRES, "", "px", "parsec"]))
def test_a_scale_bar_is_round_and_as_long_as_it_says(width: float, unit: str) -> None:
    bar = scale_bar(width, unit)
    text, _, shown = bar.text.partition(" ")
    number = number_of(text)
    digits = f"{number:e}"
    assert re.fullmatch(r"[125]\.0+e[+-]\d+", digits), bar
    scale = METRES[shown] / METRES[unit] if unit in METRES else 1.0
    assert number * scale == pytest.approx(bar.fraction * width)
    assert 0.1 < bar.fraction <= 0.3 * (1 + 1e-9)
    assert shown == unit or (shown in METRES and unit in METRES)


@given(st.floats(1e-11, 1e3), st.sampled_from(["pm", "nm", "µm", "um", "mm", "m", "km"]))
def test_metric_lengths_are_said_in_the_prefix_that_suits_them(metres: float, unit: str) -> None:
    text, _, shown = scale_bar(metres / METRES[unit], unit).text.partition(" ")
    assert 1 <= number_of(text) < 1000
    assert shown in ("pm", "nm", "µm", "mm", "m", "km")


@pytest.mark.parametrize("unit", ["Å", "cm", "in", "parsec", ""])
def test_other_units_are_kept(unit: str) -> None:
    assert scale_bar(4e6, unit).text == f"1e6 {unit}".strip()


def test_a_scale_bar_is_for_the_pictures_width() -> None:
    scale = Picture(np.zeros((30, 200), np.uint8), pixel_size=65, unit="nm").figure.scale_bar
    assert scale is not None
    assert scale.text == "2 µm"
    assert scale.fraction == pytest.approx(2000 / (200 * 65))
    assert Picture(WAVE).figure.scale_bar is None


# ------------------------------------------------------------------------------------- size


@pytest.mark.parametrize(
    "figure_options",
    [{"title": "t"}, {"pixel_size": 3}, {"caption": True}, {"overlay": WAVE > 0}, {"x": True}],
)
def test_what_stands_around_a_picture_does_not_change_its_size(
    figure_options: dict[str, Any],
) -> None:
    picture = Picture(WAVE, **figure_options)
    assert (picture.width, picture.height) == (Picture(WAVE).width, Picture(WAVE).height)


@pytest.mark.parametrize(
    "size, expected", [({"zoom": 1}, 16), ({"width": 40}, 40), ({"height": 120}, 160)]
)
def test_a_size_that_was_asked_for_is_kept(size: dict[str, Any], expected: float) -> None:
    assert Picture(WAVE, x=True, colorbar=True, **size).width == expected


def test_aspect_is_a_pixels_height_through_its_width() -> None:
    for aspect in (0.5, 3):
        picture = Picture(WAVE, aspect=aspect, zoom=4)
        assert picture.height / 12 == pytest.approx(aspect * picture.width / 16)
        assert picture.figure.ratio == pytest.approx(picture.width / picture.height)
    filled = Picture(WAVE, aspect="auto", width=300, height=200)
    assert (filled.width, filled.height) == (300, 200)
    assert Picture(WAVE, aspect="equal", zoom=4).figure.ratio is None


@pytest.mark.parametrize(
    ("dims", "attrs", "size"),
    [
        (("time", "lon"), {"lon": {"units": "degrees_east"}}, (240, 182)),
        (("time", "station"), {}, (240, 182)),
        (("depth", "lon"), {"depth": {"units": "m"}, "lon": {"units": "degrees_east"}}, (240, 182)),
        (("depth", "width"), {"depth": {"units": "m"}, "width": {"units": "m"}}, (120, 182)),
        (("lat", "lon"), {}, (120, 182)),
        (("a", "b"), {}, (120, 182)),
    ],
)
def test_sides_that_measure_different_things_are_enlarged_by_factors_of_their_own(
    dims: tuple[str, str], attrs: dict[str, dict[str, str]], size: tuple[float, float]
) -> None:
    days = np.datetime64("2024-01-01", "ns") + np.arange(182) * np.timedelta64(1, "D")
    rows = days if dims[0] == "time" else np.linspace(-45, 45, 182)
    coordinates = {
        dim: (dim, values, attrs.get(dim, {}))
        for dim, values in zip(dims, (rows, np.linspace(0, 90, 120)), strict=True)
    }
    data = xarray.DataArray(np.zeros((182, 120)), dims=dims, coords=coordinates)
    picture = Picture(data)
    assert (picture.width, picture.height) == size
    plain = Picture(data, aspect="equal")
    assert (plain.width, plain.height) == (120, 182)
    assert picture.pixels.shape == (182, 120)


FULL: dict[str, Any] = {
    "title": "t",
    "xlabel": "x",
    "y": True,
    "colorbar": "c",
    "histogram": True,
    "overlay": ("points", [(3, 4)]),
    "pixel_size": 2,
    "caption": True,
    "aspect": 2,
}


def test_furniture_never_changes_the_pixels() -> None:
    for options in ({}, {"cmap": "viridis", "under": "red", "vmin": 0}, {"norm": "sqrt"}):
        bare, full = Picture(WAVE, **options), Picture(WAVE, **options, **FULL)
        np.testing.assert_array_equal(full.pixels, bare.pixels)
        assert full.png == bare.png
        lower = Picture(WAVE, **options, **FULL, origin="lower")
        np.testing.assert_array_equal(lower.pixels, bare.pixels[::-1])


# ----------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    "data, options, message",
    [
        (WAVE, {"origin": "top"}, r"origin must be .*'top'"),
        (WAVE, {"aspect": 0}, r"aspect must be .* 0$"),
        (WAVE, {"aspect": math.nan}, r"aspect must be .* nan"),
        (WAVE, {"aspect": True}, r"aspect must be .* True"),
        (WAVE, {"aspect": "wide"}, r"aspect must be .* 'wide'"),
        (WAVE, {"pixel_size": 0}, r"pixel_size must be .* 0$"),
        (WAVE, {"pixel_size": -2.5}, r"pixel_size must be .* -2.5"),
        (WAVE, {"pixel_size": math.inf}, r"pixel_size must be .* inf"),
        (WAVE, {"pixel_size": 1e308}, r"pixel_size must be .* 1e\+308"),
        (WAVE, {"pixel_size": "3 nm"}, r"pixel_size must be .* '3 nm'"),
        (WAVE, {"unit": "nm"}, r"pixel_size must be given where unit is, but got only 'nm'"),
        (WAVE, {"x": [1, 2, 3]}, r"x must have 16 coordinates, one a column.* got 3"),
        (WAVE, {"y": list("abcd")}, r"y must have 12 coordinates, one a row.* got 4"),
        (WAVE, {"colorbar": 5}, r"colorbar must be True, False or its label, but got 5"),
        (RGB, {"colorbar": True}, r"colorbar must be left out for colors and labels"),
        (RGB[..., 0], {"colorbar": "l", "labels": True}, r"colorbar must be left out"),
        (WAVE, {"histogram": "linear"}, r"histogram must be True.* got 'linear'"),
        (WAVE, {"histogram": None}, r"histogram must be True.* got None"),
        (RGB[..., 0], {"histogram": True, "labels": True}, r"histogram must be left out"),
        (WAVE * 1j, {"histogram": True, "complex": "domain"}, r"histogram must be left out"),
    ],
)
def test_what_can_not_be_drawn_is_an_error_in_one_line(
    data: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Picture(data, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("label", "said", "first"),
    [
        (None, "station", "A"),
        ("Station [id]", "Station [id]", "A"),
        ("place", "place", "station A"),
    ],
)
def test_the_label_says_once_what_all_names_begin_with(
    label: str | None, said: str, first: str
) -> None:
    names = [f"station {letter}" for letter in "ABCD"]
    axis = Picture(np.eye(4), x=names, xlabel=label).figure.x
    assert axis is not None
    assert (axis.label, axis.ticks[0].text) == (said, first)
