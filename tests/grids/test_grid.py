"""`Grid`: what becomes which cell, which pictures share a range, and what stands beside them."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matplotlib.colors as norms
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

import nbimage.base.atomic
from nbimage import Grid, Picture, Video, nbgrid, rerange
from nbimage.grids.grid_files import name_files

Array = np.ndarray
RANDOM = np.random.default_rng(11)
SMALL = RANDOM.normal(size=(5, 7))
LARGE = RANDOM.normal(size=(5, 7)) * 10
BYTES = RANDOM.integers(90, 120, (5, 7), dtype=np.uint8)
PHOTO = RANDOM.integers(0, 256, (6, 8, 3), dtype=np.uint8)


class Page(HTMLParser):
    """What a grid's HTML holds: its elements as (tag, attributes), its texts, its pictures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.scripts = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.scripts += tag == "script"

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] != "script" and data.strip():
            self.texts.append(data.strip())

    def of_class(self, name: str) -> list[dict[str, str]]:
        return [found for _, found in self.elements if name in found.get("class", "").split()]


def media(grid: Grid) -> list[Image.Image]:
    """The pictures that the page holds, in its order."""
    found = re.findall(r'class="nbimage-media".*?<img src="data:[^,]*,([^"]*)"', grid.html)
    return [Image.open(io.BytesIO(base64.b64decode(uri, validate=True))) for uri in found]


def pixels(grid: Grid, mode: str = "L") -> list[Array]:
    return [np.asarray(image.convert(mode)) for image in media(grid)]


def bars(grid: Grid) -> int:
    """How many colorbars there are."""
    return len(Page(grid.html).of_class("nbimage-bar"))


def shapes(grid: Grid) -> list[tuple[int, ...] | None]:
    return [None if p is None else p.pixels.shape for p in grid.pictures]


def template(grid: Grid) -> str:
    return re.findall(r"grid-template-columns:([^;]*)", grid.html)[0]


def joined(images: list[Array]) -> tuple[float, float]:
    """The finite minimum and maximum of all of them."""
    every = np.concatenate([np.asarray(image, np.float64).reshape(-1) for image in images])
    finite = every[np.isfinite(every)]
    return float(finite.min()), float(finite.max())


def told(make: Callable[[], Grid]) -> tuple[Grid, list[str]]:
    """A grid, and what was warned of meanwhile."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        grid = make()
    return grid, [str(one.message) for one in caught if one.category is UserWarning]


# ---------------------------------------------------------------------- what becomes which cell


@pytest.mark.parametrize("collection", [list, tuple, iter, lambda x: (a for a in x)])
def test_any_collection_is_one_cell_an_array(collection: Any) -> None:
    grid = Grid(collection([SMALL, BYTES, PHOTO]), shared=False)
    assert shapes(grid) == [(5, 7), (5, 7), (6, 8, 3)]
    assert grid.titles == ("", "", "")


def test_a_dicts_keys_are_titles_in_their_order() -> None:
    grid = Grid({"b": SMALL, 2: LARGE, ("x", 1): SMALL})
    assert grid.titles == ("b", "2", "('x', 1)")
    found = Page(grid.html).of_class("nbimage-title")
    assert [title["title"] for title in found] == list(grid.titles)


def test_nested_lists_are_rows_and_short_ones_leave_gaps() -> None:
    grid = Grid([[SMALL, LARGE, SMALL], [LARGE], [], [None, SMALL]])
    full, none = (5, 7), None
    assert shapes(grid) == [full] * 3 + [full, none, none] + [none] * 3 + [none, full, none]
    assert template(grid).startswith("repeat(3,")


def test_titles_may_be_nested_as_the_pictures_are() -> None:
    one = np.zeros((2, 3))
    assert Grid([[one, one], [one]], [["a", "b"], ["c"]]).titles == ("a", "b", "c", "")
    with pytest.raises(ValueError, match="titles must be 2, one a picture, but got 4"):
        Grid([one, one], [["a", "b"], ["c"]])


def test_texts_elsewhere_than_in_titles_are_named() -> None:
    images = [np.zeros((2, 3))] * 2
    for name in ("title", "labels"):
        given: Any = {name: ["a", "b"]}
        with pytest.raises(TypeError, match=rf"^{name} must be .* but got \['a', 'b'\]: titles="):
            Grid(images, **given)


def test_options_of_arrays_warn_where_there_are_none() -> None:
    picture = Picture(np.eye(3))
    with pytest.warns(UserWarning, match=r"^vmin, cmap: for arrays alone"):
        Grid([picture, picture], vmin=0, cmap="magma")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Grid([picture, np.eye(3)], cmap="magma")
        Grid([picture, picture])


def test_nested_lists_of_numbers_are_pictures_not_rows() -> None:
    picture = [[1, 2, 3], [4, 5, 6]]
    assert shapes(Grid([picture, picture])) == [(2, 3), (2, 3)]
    assert shapes(Grid([[np.float64(1), 2.0], [3.0, 4.0]] for _ in range(2))) == [(2, 2)] * 2
    assert shapes(Grid([[[1, 2], np.array([3, 4])]])) == [(2, 2)]
    assert shapes(Grid([[np.array([1, 2]), np.array([3, 4])]])) == [(2, 2)]


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=6).filter(any),
)
@settings(max_examples=25)
def test_ragged_rows_keep_every_picture_in_its_row_and_column(lengths: list[int]) -> None:
    rows = [
        [np.full((2, 2), 10 * i + j, np.uint8) for j in range(n)] for i, n in enumerate(lengths)
    ]
    grid = Grid(rows)
    columns = max(lengths)
    assert len(grid.pictures) == len(lengths) * columns
    for place, picture in enumerate(grid.pictures):
        i, j = divmod(place, columns)
        assert (picture is None) == (j >= lengths[i])
        assert picture is None or (picture.pixels == 10 * i + j).all()


@pytest.mark.parametrize(
    ("shape", "count", "one", "columns"),
    [
        ((6, 20, 30), 6, (20, 30), None),
        ((3, 20, 30), 3, (20, 30), None),
        ((6, 20, 30, 3), 6, (20, 30, 3), None),
        ((6, 20, 30, 4), 6, (20, 30, 4), None),
        ((6, 20, 30, 1), 6, (20, 30), None),
        ((2, 5, 20, 30), 10, (20, 30), 5),
        ((2, 5, 20, 30, 3), 10, (20, 30, 3), 5),
        ((20, 30), 1, (20, 30), None),
        ((20, 30, 3), 1, (20, 30, 3), None),
        ((20, 30, 4), 1, (20, 30, 4), None),
    ],
)
def test_stacks_are_taken_apart_along_their_leading_axes(
    shape: tuple[int, ...], count: int, one: tuple[int, ...], columns: int | None
) -> None:
    stack = RANDOM.integers(0, 256, shape, dtype=np.uint8)
    grid, said = told(lambda: Grid(stack))
    assert shapes(grid) == [one] * count
    assert said == []
    assert np.array_equal(
        np.concatenate([p.pixels.reshape(-1) for p in grid.pictures]), stack.reshape(-1)
    )
    assert template(grid).startswith("repeat(auto-fill" if columns is None else f"repeat({columns}")


def test_a_batch_of_planar_colors_is_taken_for_one_without_a_word() -> None:
    stack = RANDOM.normal(size=(8, 3, 20, 30))
    grid, nothing = told(lambda: Grid(stack))
    assert (shapes(grid), nothing) == ([(20, 30, 3)] * 8, [])
    rows, nothing = told(lambda: Grid(stack, row=0, column=1))
    assert (shapes(rows), nothing) == ([(20, 30)] * 24, [])


def test_an_ambiguous_stack_warns_once_and_names_both_ways_out() -> None:
    stack = RANDOM.normal(size=(8, 4, 20, 30))
    grid, said = told(lambda: Grid(stack))
    assert shapes(grid) == [(20, 30, 3)] * 8  # composites
    text = next(text for text in said if "planar" in text)
    assert "(8, 4, 20, 30)" in text
    _, nothing = told(lambda: Grid(stack, row=0, column=1))
    assert nothing == []
    _, said = told(lambda: Grid(RANDOM.normal(size=(8, 3, 20, 3))))
    (text,) = said
    assert text.startswith("images[0] and 7 more: ")


def test_channel_axis_makes_three_planes_one_picture() -> None:
    assert shapes(Grid(RANDOM.normal(size=(3, 20, 30)), channel_axis=0)) == [(20, 30, 3)]


def test_a_series_of_pandas_is_titled_by_its_index() -> None:
    series = pd.Series([SMALL, LARGE], index=pd.date_range("2020-01-30", periods=2))
    assert Grid(series).titles == ("2020-01-30", "2020-01-31")
    assert Grid(pd.Series([SMALL, None, LARGE])).pictures[1] is None


def test_arrays_of_objects_are_lists_and_lists_of_rows() -> None:
    row = np.empty(2, object)
    row[:] = [SMALL, PHOTO]
    assert shapes(Grid(row, shared=False)) == [(5, 7), (6, 8, 3)]
    rows = np.empty((2, 1), object)
    rows[0, 0], rows[1, 0] = SMALL, PHOTO
    grid = Grid(rows, shared=False)
    assert shapes(grid) == [(5, 7), (6, 8, 3)]
    assert template(grid).startswith("repeat(1,")


def test_one_picture_of_any_library_is_a_grid_of_one() -> None:
    figure = Figure((2, 1))
    single = [Image.fromarray(BYTES), Picture(SMALL), figure, figure.add_subplot()]
    for picture in (*single, xr.DataArray(SMALL)):
        assert len(Grid(picture).pictures) == 1


def test_pictures_videos_and_figures_stand_beside_arrays_with_their_titles() -> None:
    figure = Figure((3, 2))
    axes = figure.add_subfigure(figure.add_gridspec(1, 1)[0]).add_subplot()
    axes.set_title("loss & gain")
    video = Video(RANDOM.random((3, 32, 48)), progress=False, title="moving")
    picture = Picture(LARGE, title="own", vmin=0, vmax=1)
    grid = Grid([figure, axes, SMALL, picture, video], colorbar=False)
    assert grid.titles == ("", "", "", "own", "moving")
    assert grid.pictures[3] is picture
    assert grid.pictures[4] is video
    assert np.array_equal(grid.pictures[2].pixels, rerange(SMALL))  # the others share no range
    assert grid.html.count("<video") == 1
    first, second, *_ = media(grid)
    assert first.size == second.size == (576, 384)  # two dots a CSS pixel
    assert "loss &amp; gain" in grid.html


def test_titles_given_go_before_those_that_things_bring() -> None:
    grid = Grid([Picture(SMALL, title="own"), SMALL], ["one", 2.50])
    assert grid.titles == ("one", "2.5")
    assert "own" not in Page(grid.html).texts


# ------------------------------------------------------------------------------------- facets

CUBE = xr.DataArray(
    RANDOM.normal(size=(3, 4, 5, 7)),
    dims=("time", "level", "lat", "lon"),
    coords={
        "time": pd.date_range("2020-01-01", periods=3, freq="MS"),
        "level": ("level", [1000, 850, 500, 200], {"units": "hPa"}),
        "lat": np.linspace(40, 60, 5),
        "lon": np.linspace(0, 20, 7),
    },
    attrs={"long_name": "temperature", "units": "K"},
)
TIMES = ["time = 2020-01-01", "time = 2020-02-01", "time = 2020-03-01"]
LEVELS = ["level = 1000 hPa", "level = 850 hPa", "level = 500 hPa", "level = 200 hPa"]
SHORT_TIMES, SHORT_LEVELS = (
    ["1 Jan", "1 Feb", "1 Mar"],
    ["1000 hPa", "850 hPa", "500 hPa", "200 hPa"],
)


@pytest.mark.parametrize("along", [("time", "level"), ("level", "time")])
def test_facets_are_rows_and_columns_titled_by_their_coordinates(along: tuple[str, str]) -> None:
    row, column = along
    grid = Grid(CUBE, row=row, column=column)
    turned = CUBE.transpose(row, column, "lat", "lon").values
    low, high = joined([turned])
    for place, picture in enumerate(grid.pictures):
        i, j = divmod(place, turned.shape[1])
        north_up = turned[i, j, ::-1]
        assert np.array_equal(picture.pixels, rerange(north_up, low, high))
    texts = Page(grid.html).texts
    heads, labels = SHORT_TIMES, SHORT_LEVELS
    if column == "level":
        heads, labels = labels, heads
    assert [text for text in texts if text in heads] == heads
    assert [text for text in texts if text in labels] == labels
    assert "temperature [K]" in texts
    leads = {"time": "time 2020", "level": "level"}
    assert texts.count(f"rows: {leads[row]}; columns: {leads[column]}") == 1
    assert template(grid).startswith(f"auto repeat({turned.shape[1]},")


def test_one_facet_wraps_or_goes_down() -> None:
    level = CUBE[0]
    assert Grid(level, column="level").titles == tuple(LEVELS)
    assert template(Grid(level, column="level")).startswith("repeat(4,")
    assert template(Grid(level, column="level", columns=2)).startswith("repeat(2,")
    assert template(Grid(level, row="level")).startswith("repeat(1,")
    assert Grid(level, row="level").titles == tuple(LEVELS)
    assert template(Grid(level, row="level", columns=3)).startswith("repeat(3,")


def test_without_row_and_column_the_leading_axes_are_the_facets() -> None:
    assert Grid(CUBE[0]).titles == tuple(LEVELS)
    texts = Page(Grid(CUBE).html).texts
    assert set(SHORT_TIMES + SHORT_LEVELS) <= set(texts)
    assert "level" in Page(Grid(CUBE[0]).html).texts


def test_a_facet_without_coordinates_is_numbered() -> None:
    grid = Grid(xr.DataArray(RANDOM.normal(size=(2, 5, 7)), dims=("run", "y", "x")))
    assert grid.titles == ("run = 0", "run = 1")


def test_a_channel_dimension_is_no_facet() -> None:
    photos = xr.DataArray(
        RANDOM.integers(0, 256, (2, 5, 7, 3), dtype=np.uint8), dims=("run", "y", "x", "rgb")
    )
    assert shapes(Grid(photos)) == [(5, 7, 3)] * 2
    assert shapes(Grid(photos, column="run")) == [(5, 7, 3)] * 2


def test_named_axes_are_facets_whatever_their_length() -> None:
    runs = xr.DataArray(RANDOM.normal(size=(2, 3, 5, 7)), dims=("run", "step", "y", "x"))
    assert shapes(Grid(runs)) == [(5, 7)] * 6
    nameless = xr.DataArray(RANDOM.integers(0, 256, (2, 5, 7, 3), dtype=np.uint8))
    assert shapes(Grid(nameless)) == [(5, 7, 3)] * 2


def test_any_axes_of_any_array_can_be_facets() -> None:
    stack = RANDOM.integers(0, 256, (5, 7, 3, 4), dtype=np.uint8)
    for row, column in ((2, 3), (-2, -1)):
        grid = Grid(stack, row=row, column=column)
        got = np.array([p.pixels for p in grid.pictures]).reshape(3, 4, 5, 7)
        assert np.array_equal(got, stack.transpose(2, 3, 0, 1))
    assert len(Grid(stack[..., 0], column=-1).pictures) == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"row": "tim", "column": "level"}, "row .*time, level, lat, lon.* 'tim'"),
        ({"row": "time", "column": "time"}, "two axes.*'time'"),
        ({"row": 0, "column": -4}, "two axes"),
        ({"row": 7}, r"\(3, 4, 5, 7\).* 7"),
        ({"row": True}, "row .*True"),
        ({"column": 1.0}, r"column .*1\.0"),
        ({"row": "time", "column": "level", "columns": 2}, "columns .* 2"),
        ({"row": "time", "column": "level", "columns": "auto"}, "columns .*'auto'"),
    ],
)
def test_facets_that_are_not_there_are_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        Grid(CUBE, **options)


@pytest.mark.parametrize(
    ("number", "options"),
    [
        (0, {"row": "time", "column": "level"}),
        (0, {"row": "level", "column": 0}),
        (1, {"column": "level"}),
        (1, {"row": "level", "columns": 2}),
        (1, {}),
    ],
)
def test_facets_of_a_file_are_those_of_its_array(
    number: int, options: dict[str, Any], tmp_path: Path
) -> None:
    cube = [CUBE, CUBE[0].drop_vars("time")][number]
    cube.to_dataset(name="air").to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    ours, theirs = Grid(f"{tmp_path}/a.nc/air", **options), Grid(cube, **options)
    assert ours.titles == theirs.titles
    assert ours.html == theirs.html


def test_facets_of_a_file_that_are_not_all_its_axes_are_named(tmp_path: Path) -> None:
    CUBE.to_dataset(name="air").to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    for options, words in (
        ({"row": "time"}, "row and column .* 4 along 'level': use nbview"),
        ({"column": "tim"}, r"column .*\(time, level\).* 'tim'"),
        ({"row": 0, "column": "time"}, "two axes, but got 0 twice"),
    ):
        with pytest.raises(ValueError, match=words):
            Grid(f"{tmp_path}/a.nc/air", **options)


def test_channels_of_a_file_are_composites_along_one_axis_and_pictures_along_two(
    tmp_path: Path,
) -> None:
    tifffile = pytest.importorskip("tifffile")
    stack = RANDOM.integers(0, 999, (3, 2, 20, 30)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, metadata={"axes": "TCYX"})
    assert shapes(Grid(tmp_path / "a.ome.tif", column="t")) == [(20, 30, 3)] * 3
    found = Grid(tmp_path / "a.ome.tif", row="t", column="c")
    low, high = joined([stack])
    for k, picture in enumerate(found.pictures):
        assert np.array_equal(picture.pixels, rerange(stack[divmod(k, 2)], low, high))


def test_facets_that_leave_no_picture_say_where() -> None:
    five = CUBE.expand_dims(run=6)
    with pytest.raises(ValueError, match=r"images\[0, 0\].*\(6, 5, 7\)"):
        Grid(five, row="time", column="level")


# ---------------------------------------------------------------------------- who shares a range

images = st.lists(
    st.tuples(
        st.sampled_from(["u1", "i2", "u2", "i4", "f2", "f4", "f8", ">f4"]), st.integers(0, 2**32)
    ),
    min_size=1,
    max_size=6,
)


def drawn(kind: str, seed: int) -> Array:
    random = np.random.default_rng(seed)
    height, width = random.integers(1, 6, 2)
    scale = random.choice([1, 50, 120])
    values = random.normal(size=(height, width)) * scale
    if np.dtype(kind).kind == "u":
        values = abs(values)
    return values.astype(kind)


@given(images, st.booleans(), st.integers(1, 4), st.sampled_from([True, False, "row", "column"]))
@settings(max_examples=80)
def test_pictures_of_a_group_have_the_pixels_of_their_joined_range(
    kinds: list[tuple[str, int]], vsym: bool, columns: int, shared: bool | str
) -> None:
    arrays = [drawn(*kind) for kind in kinds]
    groups: dict[Any, list[Array]] = {}
    for i, array in enumerate(arrays):
        names = {True: 0, False: i, "row": i // columns, "column": i % columns}
        groups.setdefault(names[shared], []).append(array)
    grid = Grid(arrays, columns=columns, shared=shared, vsym=vsym)
    found = iter(pixels(grid))
    for i, array in enumerate(arrays):
        names = {True: 0, False: i, "row": i // columns, "column": i % columns}
        group = groups[names[shared]]
        if all(a.dtype == np.uint8 for a in group) and not vsym:
            expected = array
        else:
            expected = rerange(array, *joined(group), vsym=vsym)
        np.testing.assert_array_equal(next(found), expected)


def test_uint8_pictures_are_shown_value_for_value() -> None:
    for shared in (True, False, "row", "column"):
        grid = Grid([BYTES, BYTES // 2, PHOTO], shared=shared, columns=2)
        assert np.array_equal(grid.pictures[0].pixels, BYTES)
        assert np.array_equal(grid.pictures[1].pixels, BYTES // 2)
        assert np.array_equal(grid.pictures[2].pixels, PHOTO)
        assert bars(grid) == 0


def test_minmax_can_be_asked_of_uint8() -> None:
    grid = Grid([BYTES, BYTES // 2], contrast="minmax")
    low, high = joined([BYTES, BYTES // 2])
    for got, array in zip(pixels(grid), (BYTES, BYTES // 2), strict=True):
        assert np.array_equal(got, rerange(array, low, high))


@pytest.mark.parametrize("given_", [{"vmin": 0}, {"vmax": 0.5}, {"vmin": -1, "vmax": 1}])
def test_limits_given_hold_for_all_and_the_missing_one_is_shared(given_: dict[str, float]) -> None:
    grid = Grid([SMALL, LARGE], **given_)
    low, high = joined([SMALL, LARGE])
    limits = given_.get("vmin", low), given_.get("vmax", high)
    assert np.array_equal(pixels(grid)[0], rerange(SMALL, *limits))
    assert np.array_equal(pixels(grid)[1], rerange(LARGE, *limits))


def test_nan_masks_and_infinities_do_not_move_the_shared_range() -> None:
    holes = np.where(RANDOM.random((5, 7)) < 0.4, np.nan, SMALL)
    holes[0, 0], holes[0, 1] = np.inf, -np.inf
    masked = np.ma.masked_less(LARGE, 0)
    masked.data[masked.mask] = -1e9
    grid = Grid([holes, masked])
    low, high = joined([holes, masked.compressed()])
    first, second = pixels(grid, "LA")
    seen = ~np.isnan(holes)
    assert np.array_equal(first[seen][:, 0], rerange(holes, low, high)[seen])
    assert np.array_equal(first[..., 1] == 255, seen)
    assert np.array_equal(second[..., 1] == 255, ~masked.mask)
    assert np.array_equal(second[~masked.mask][:, 0], rerange(masked, low, high)[~masked.mask])


def test_a_shared_logarithm_starts_at_the_least_value_above_zero() -> None:
    grid, said = told(lambda: Grid([abs(SMALL), abs(LARGE) * 100, SMALL - 100], norm="log"))
    assert [text.partition(",")[0] for text in said] == [
        "images[2]: no finite value above 0 in the float64 array of shape (5"
    ]
    positive = [abs(SMALL), abs(LARGE) * 100]
    for got, array in zip(pixels(grid)[:2], positive, strict=True):
        assert np.array_equal(got, rerange(array, *joined(positive), norm="log"))


@pytest.mark.parametrize("kind", [norms.Normalize, norms.LogNorm, norms.AsinhNorm])
def test_a_norm_of_matplotlib_without_limits_takes_those_of_all(kind: Any) -> None:
    arrays = [abs(SMALL), abs(LARGE)]
    norm = kind()
    grid = Grid(arrays, norm=norm)
    assert (norm.vmin, norm.vmax) == (None, None)
    low, high = joined(arrays)
    for got, array in zip(pixels(grid), arrays, strict=True):
        assert np.array_equal(got, rerange(array, norm=kind(vmin=low, vmax=high)))


def test_a_norm_with_limits_keeps_them() -> None:
    norm = norms.PowerNorm(0.5, 0, 3)
    grid = Grid([abs(SMALL), abs(LARGE)], norm=norm)
    assert np.array_equal(pixels(grid)[1], rerange(abs(LARGE), norm=norms.PowerNorm(0.5, 0, 3)))


@pytest.mark.parametrize("contrast", [(1, 99), "robust", (25, 75)])
def test_percentiles_are_those_of_all_values_together(contrast: Any) -> None:
    arrays = [SMALL, LARGE, np.full((3, 3), np.nan)]
    wanted = {"robust": (2, 98)}.get(contrast, contrast)
    values = np.concatenate([SMALL.reshape(-1), LARGE.reshape(-1)])
    low, high = np.percentile(values, wanted)
    grid, _ = told(lambda: Grid(arrays, contrast=contrast))
    for got, array in zip(pixels(grid)[:2], (SMALL, LARGE), strict=True):
        assert np.array_equal(got, rerange(array, float(low), float(high)))


def test_colors_and_gray_share_a_range_and_alpha_does_not_count() -> None:
    rgb = RANDOM.normal(size=(6, 8, 3))
    rgba = np.concatenate([RANDOM.normal(size=(6, 8, 3)), np.full((6, 8, 1), 0.5)], axis=2)
    grid = Grid([rgb, xr.DataArray(rgba, dims=("y", "x", "rgba")), SMALL / 5])
    low, high = joined([rgb, rgba[..., :3], SMALL / 5])
    first, second, third = media(grid)
    assert np.array_equal(np.asarray(first), rerange(rgb, low, high, channel_axis=-1))
    got = np.asarray(second)
    assert np.array_equal(got[..., :3], rerange(rgba[..., :3], low, high))
    assert (got[..., 3] == 128).all()
    assert np.array_equal(np.asarray(third), rerange(SMALL / 5, low, high))


@pytest.mark.parametrize("shared", [True, "row", "column"])
def test_a_photograph_is_shown_as_it_is_beside_values_of_another_range(shared: Any) -> None:
    photo = RANDOM.integers(0, 256, (6, 8, 3), np.uint8)
    saliency, kelvin = RANDOM.random((6, 8)), 280 + RANDOM.random((6, 8))
    arrays = [[photo, saliency, photo, kelvin], [photo, kelvin, photo, saliency]]
    got = [picture.pixels for picture in Grid(arrays, shared=shared).pictures]
    assert np.array_equal(got[0], photo)
    assert np.array_equal(got[6], photo)
    assert np.array_equal(got[1], rerange(saliency, *joined([saliency, kelvin])))
    asked = Grid([photo, saliency], vmin=0, vmax=100).pictures[0]
    assert np.array_equal(asked.pixels, rerange(photo, 0, 100))


def test_limits_of_each_channel_need_both_ends_to_be_shared() -> None:
    photos = [PHOTO, PHOTO // 2]
    grid = Grid(photos, vmin=(0, 10, 20), vmax=(100, 200, 250))
    for image, photo in zip(media(grid), photos, strict=True):
        expected = rerange(photo, (0, 10, 20), (100, 200, 250), channel_axis=-1)
        assert np.array_equal(np.asarray(image), expected)
    with pytest.raises(ValueError, match="vmin and vmax"):
        Grid(photos, vmin=(0, 10, 20))


def test_labels_have_the_same_colors_in_every_picture() -> None:
    first = np.array([[0, 1, 2], [3, 4, 5]])
    second = np.array([[5, 0, 3]])
    a, b = pixels(Grid([first, second], labels=True), "RGBA")
    assert np.array_equal(b[0], [a[1, 2], a[0, 0], a[1, 0]])
    assert a[0, 0, 3] == 0


def test_magnitudes_share_a_range_and_phases_have_their_own() -> None:
    z = SMALL + 1j * LARGE
    grid = Grid([z, 3 * z, SMALL], complex="abs")
    low, high = joined([abs(z), abs(3 * z), abs(SMALL)])
    assert np.array_equal(pixels(grid)[1], rerange(abs(3 * z), low, high))
    phases = pixels(Grid([z, 3 * z], complex="phase"), "RGB")
    assert np.array_equal(phases[0], phases[1])
    assert bars(Grid([z, 3 * z], complex="phase")) == 1
    assert bars(Grid([z, 3 * z], complex="domain")) == 2


def test_dates_and_numbers_do_not_share_a_range() -> None:
    dates = np.arange(35).astype("M8[D]").reshape(5, 7)
    with pytest.raises(ValueError, match="datetime64"):
        Grid([dates, SMALL])
    assert len(Grid([dates, SMALL], shared=False).pictures) == 2


def test_the_arrays_given_are_not_changed() -> None:
    arrays = [SMALL.copy(), np.where(LARGE > 0, LARGE, np.nan)]
    before = [array.copy() for array in arrays]
    Grid(arrays, vsym=True, cmap="RdBu", mark_clipped=True)
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)


# ------------------------------------------------------------------------------------ colorbars


@pytest.mark.parametrize(("shared", "count"), [(True, 1), (False, 6), ("row", 2), ("column", 3)])
def test_there_is_one_colorbar_a_range(shared: Any, count: int) -> None:
    arrays = RANDOM.normal(size=(6, 5, 7))
    assert bars(Grid(arrays, columns=3, shared=shared)) == count
    assert bars(Grid(arrays, columns=3, shared=shared, colorbar=False)) == 0


def test_colorbars_of_ranges_of_their_own_stop_at_fifty() -> None:
    assert bars(Grid(RANDOM.normal(size=(50, 2, 2)), shared=False)) == 50
    assert bars(Grid(RANDOM.normal(size=(51, 2, 2)), shared=False)) == 0
    assert bars(Grid(RANDOM.normal(size=(51, 2, 2)), shared=False, colorbar=True)) == 51


def test_what_stands_for_itself_has_no_colorbar_unless_asked() -> None:
    for pictures in ([BYTES, BYTES], [PHOTO, PHOTO / 255], [SMALL > 0, SMALL < 1]):
        for shared in (True, False):
            assert bars(Grid(pictures, shared=shared)) == 0
    assert bars(Grid([BYTES, BYTES], colorbar=True)) == 1
    assert "yes" in Page(Grid([SMALL > 0], colorbar="yes").html).texts
    for shared in (True, False, "row"):
        with pytest.raises(ValueError, match="colorbar"):
            Grid([PHOTO, PHOTO], colorbar=True, shared=shared, columns=2)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_colorbar_tells_of_those_that_are_mapped(order: tuple[int, int]) -> None:
    """Beside booleans and colors too, whichever comes first."""
    for other in (SMALL > 0, RANDOM.random((5, 7, 3))):
        pair = [other, abs(SMALL) / abs(SMALL).max()]
        assert bars(Grid([pair[i] for i in order])) == 1


def test_a_colorbar_spans_the_values_of_all_pictures() -> None:
    texts = Page(Grid([SMALL * 0, SMALL * 0 + 40]).html).texts
    numbers = [float(text.replace("−", "-")) for text in texts if re.fullmatch(r"[\d.−]+", text)]
    assert max(numbers) >= 30


# --------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("pictures", "place"),
    [
        ([SMALL, SMALL, SMALL, np.zeros((0, 4))], "images[3]: "),
        ({"a": SMALL, "b": "a.png"}, "images['b']: "),
        ([[SMALL, SMALL, SMALL], [SMALL, SMALL, np.zeros((7, 8, 9))]], "images[1][2]: "),
        ([SMALL, SMALL.astype(object)], "images[1]: "),
        ([SMALL, SMALL + 1j], "images[1]: "),
        ([SMALL, [[1, 2], [3]]], "images[1]: "),
        (pd.Series([SMALL, "x"]), "images[1]: "),
    ],
)
def test_what_cannot_be_shown_is_named_by_its_place_in_one_line(pictures: Any, place: str) -> None:
    with pytest.raises((TypeError, ValueError, FileNotFoundError)) as caught:
        Grid(pictures)
    assert str(caught.value).startswith(place)
    assert "\n" not in str(caught.value)


def test_a_file_half_read_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / "half.jpg"
    Image.fromarray(np.kron(PHOTO, np.ones((20, 20, 1), np.uint8))).save(path)
    path.write_bytes(path.read_bytes()[:-800])
    with Image.open(path) as half:
        with pytest.raises(OSError, match=r"^images\[1\]: "):
            Grid([SMALL, half])
        grid = Grid([SMALL, half], errors="show")
    assert list(grid.errors) == [1]


def test_errors_can_be_shown_in_their_place_among_the_others() -> None:
    pictures = [SMALL, "no <b>array</b>", np.zeros((7, 8, 9)), LARGE]
    grid = Grid(pictures, ["a", "b", "c", "d"], errors="show")
    assert list(grid.errors) == [1, 2]
    assert len(pixels(grid)) == 2
    low, high = joined([SMALL, LARGE])
    assert np.array_equal(pixels(grid)[1], rerange(LARGE, low, high))
    page = Page(grid.html)
    cells = page.of_class("nbimage-error")
    assert len(cells) == 2
    texts = page.texts
    assert texts.index("a") < texts.index("b") < texts.index("c") < texts.index("d")
    assert texts[texts.index("b") + 1].startswith("images[1]: no such file or folder")
    assert "<b>" in texts[texts.index("b") + 1]
    assert all(element != ("b", {}) for element in page.elements)
    assert grid._repr_mimebundle_()[0]["image/png"]


def test_a_parameter_that_is_wrong_for_all_raises_whatever_errors_is() -> None:
    for options in (
        {"cmap": "viridsi"},
        {"format": "gif"},
        {"quality": 3},
        {"complex": "x"},
        {"background": "url(x)"},
        {"vmin": "x"},
        {"norm": "x"},
        {"contrast": "x"},
        {"under": "nocolor"},
    ):
        for errors in ("raise", "show"):
            with pytest.raises((TypeError, ValueError), match=next(iter(options))):
                Grid([SMALL, LARGE], errors=errors, **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"titles": ["a"]}, "titles must be 4.* got 1"),
        ({"titles": list("abcde")}, "titles must be 4.* got 5"),
        ({"titles": "abcd"}, "titles must be a list.*'abcd'"),
        ({"columns": 0}, "columns .* 0"),
        ({"columns": 1.5}, r"columns .* 1\.5"),
        ({"columns": True}, "columns .* True"),
        ({"columns": "many"}, "columns .*'many'"),
        ({"shared": "all"}, "shared .*'all'"),
        ({"shared": None}, "shared .* None"),
        ({"shared": "row"}, "columns must be a number"),
        ({"page": 0}, "page .* 0"),
        ({"page": True}, "page .* True"),
        ({"errors": "ignore"}, "errors .*'ignore'"),
        ({"width": -1}, "width .* -1"),
        ({"zoom": 2, "width": 90}, "zoom"),
        ({"max_pixels": 0}, "max_pixels .* 0"),
    ],
)
def test_parameters_that_do_not_fit_are_named_with_their_value(
    options: dict[str, Any], words: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        Grid([SMALL] * 4, **options)


@pytest.mark.parametrize("nothing", [[], {}, (), iter(()), pd.Series([], dtype=object)])
def test_no_pictures_at_all_are_an_error_that_says_so(nothing: Any) -> None:
    with pytest.raises(ValueError, match="empty"):
        Grid(nothing)


@pytest.mark.parametrize("thing", [b"x", 3, None])
def test_what_is_no_collection_is_an_error(thing: Any) -> None:
    with pytest.raises(TypeError, match="images must be"):
        Grid(thing)


def test_a_picture_without_any_value_is_warned_of_by_its_place() -> None:
    empty = np.full((5, 7), np.nan)
    for shared in (True, False):
        grid, said = told(lambda shared=shared: Grid([SMALL, empty, SMALL], shared=shared))
        (text,) = said
        assert text.startswith("images[1]: no finite value")
        assert (pixels(grid, "LA")[1][..., 1] == 0).all()
    _, said = told(lambda: Grid([SMALL, empty], vmin=0, vmax=1))
    assert said == []


def test_a_thousand_equal_warnings_are_one() -> None:
    _, said = told(lambda: Grid([np.full((2, 2), np.nan)] * 1000))
    (text,) = said
    assert text.startswith("images[0] and 999 more: no finite value")


# --------------------------------------------------------------------------------------- saving


def places(whole: Array, parts: list[Array]) -> list[tuple[int, int]]:
    """Where each part lies in the whole, pixel for pixel: (top, left), found once each."""
    found = []
    for part in parts:
        height, width = part.shape[:2]
        windows = np.lib.stride_tricks.sliding_window_view(whole, (height, width, 3))[:, :, 0]
        hits = np.argwhere((windows == part).all(axis=(2, 3, 4)))
        assert len(hits) == 1
        found.append((int(hits[0][0]), int(hits[0][1])))
    return found


def test_a_saved_png_has_the_exact_pixels_of_every_picture_in_rows(tmp_path: Path) -> None:
    photos = [RANDOM.integers(0, 200, (h, w, 3), dtype=np.uint8) for h, w in ((20, 30), (9, 14))]
    photos += [RANDOM.integers(0, 200, (12, 40, 3), dtype=np.uint8) for _ in range(3)]
    path = Grid(photos, list("abcde"), columns=2, title="Many").save(tmp_path / "grid")
    assert path == tmp_path / "grid.png"
    whole = np.asarray(Image.open(path))
    spots = places(whole, photos)
    tops, lefts = [top for top, _ in spots], [left for _, left in spots]
    assert tops[0] == tops[1] < tops[2] == tops[3] < tops[4]
    assert lefts[0] == lefts[2] == lefts[4] < lefts[1] == lefts[3]
    blank = whole.copy()
    for (top, left), photo in zip(spots, photos, strict=True):
        blank[top : top + len(photo), left : left + photo.shape[1]] = 255
        assert (blank[top - 16 : top, left : left + 10] < 128).any()  # its title
    assert (blank[: tops[0] - 20] < 128).any()  # the title of all
    assert blank[0].min() == blank[:, 0].min() == 255


def test_a_saved_page_holds_everything(tmp_path: Path) -> None:
    path = Grid([SMALL, LARGE], ["one", "two"], title="<Both>").save(tmp_path / "grid.html")
    text = path.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "<title>&lt;Both&gt;</title>" in text
    assert not re.search(r"(src|href)=\"(?!data:)", text)
    assert "http" not in re.sub(r"http://www\.w3\.org/\d+/svg", "", text)


def test_one_file_a_picture_by_number_or_title(tmp_path: Path) -> None:
    grid = Grid([SMALL, LARGE, SMALL], ["a/b", "../../c.d", ""])
    paths = grid.save(tmp_path / "{index:03}.png")
    assert [path.name for path in paths] == ["000.png", "001.png", "002.png"]
    low, high = joined([SMALL, LARGE])
    assert np.array_equal(np.asarray(Image.open(paths[1])), rerange(LARGE, low, high))
    paths = grid.save(tmp_path / "{title}")
    assert [path.name for path in paths] == ["a_b.png", "c.d.png", "2.png"]
    assert {path.parent for path in paths} == {tmp_path}
    assert sorted(p.suffix for p in grid.save(tmp_path / "{index}.webp")) == [".webp"] * 3


@given(st.lists(st.text(min_size=0, max_size=12), min_size=1, max_size=4, unique=True))
@settings(max_examples=60)
def test_no_title_leads_out_of_the_folder(titles: list[str]) -> None:
    grid = Grid([np.zeros((1, 1), np.uint8)] * len(titles), titles)
    try:
        named = name_files("folder/{title}.png", grid.pictures, grid.titles)
    except ValueError as error:
        assert "file of its own" in str(error)  # titles that differ in nothing a name can hold
        return
    for _, name in named:
        path = Path(name)
        assert path.parent == Path("folder")
        assert not path.name.startswith(".")
        assert "\0" not in name


@pytest.mark.parametrize(
    "pattern", ["{title}.png", "all{{}}.png", "{nothing}.png", "{0}.png", "{.png", "{index.x}.png"]
)
def test_names_that_are_not_one_a_picture_write_nothing(tmp_path: Path, pattern: str) -> None:
    grid = Grid([SMALL, LARGE], ["same", "same"])
    with pytest.raises(ValueError, match=r"\{index\}"):
        grid.save(tmp_path / pattern)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["grid.jpg", "grid.svg", "grid.tif", "grid.mp4"])
def test_a_grid_is_saved_as_png_or_page_alone(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Grid([SMALL]).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_figures_are_saved_in_the_format_that_is_asked_for(tmp_path: Path) -> None:
    grid = Grid([Figure((1, 1)), SMALL])
    for suffix, kind in ((".png", "PNG"), (".jpg", "JPEG"), (".webp", "WEBP")):
        for path in grid.save(tmp_path / f"{{index}}{suffix}"):
            assert Image.open(path).format == kind
    assert "<img" in grid.save(tmp_path / "{index}.html")[0].read_text()
    for suffix in ("svg", "pdf"):
        with pytest.raises(ValueError, match=rf"0\.{suffix}"):
            grid.save(tmp_path / f"{{index}}.{suffix}")


def test_a_save_that_fails_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "grid.png"
    path.write_bytes(b"earlier")

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(nbimage.base.atomic.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Grid([SMALL]).save(path)
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_the_verb_saves_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert nbgrid([SMALL, LARGE], saveas=tmp_path / "grid") is None
    assert (tmp_path / "grid.png").exists()
    assert "2 pictures" in capsys.readouterr().out


# ------------------------------------------------------------------------- what the page is given


def test_the_preview_of_many_large_pictures_is_small() -> None:
    data, metadata = Grid(
        RANDOM.integers(0, 256, (120, 300, 400), dtype=np.uint8)
    )._repr_mimebundle_()
    preview = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert max(preview.size) <= 1100
    assert len(data["image/png"]) < 0.1 * len(data["text/html"])
    assert type(metadata["image/png"]["width"]) is int


def test_a_bundle_is_html_png_and_one_line_of_text() -> None:
    grid = Grid([SMALL, LARGE], title="Two")
    data, _ = grid._repr_mimebundle_()
    assert set(data) == {"text/html", "image/png", "text/plain"}
    assert data["text/html"] == grid.html == grid._repr_html_()
    assert data["text/plain"] == repr(grid)
    assert repr(grid).startswith("<Grid 'Two': 2 pictures, the first 5×7 float64")
    assert repr(Grid([SMALL])).startswith("<Grid 1 picture, 5×7")
    assert repr(Grid([None])) == "<Grid nothing to show>"


PAYLOADS = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "'><svg onload=alert(1)>",
    "</details></div></div>",
    "a\nb\t\x00c",
    "\u202etxt.exe",
]


@pytest.mark.parametrize("text", PAYLOADS)
def test_texts_of_the_user_are_inert(text: str) -> None:
    letters = re.sub(r"\S", "x", text)  # of the same lines
    plain = Page(
        Grid([SMALL] * 4, ["x"] * 4, title="t", colorbar=letters, display_id="d", page=2).html
    )
    grid = Grid([SMALL] * 4, [text] * 4, title=text, colorbar=text, display_id=text, page=2)
    page = Page(grid.html)
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    for (_, got), (_, known) in zip(page.elements, plain.elements, strict=True):
        assert set(got) == set(known)
    assert page.scripts == 1
    array = xr.DataArray(
        np.stack([SMALL, LARGE]), dims=(text, "y", "x"), coords={text: [text, "b"]}, name=text
    )
    facets = Page(Grid(array).html)
    assert "onerror" not in {name for _, found in facets.elements for name in found}
    assert facets.scripts == 1
    assert grid.png[:4] == b"\x89PNG"
    error = Page(Grid([SMALL, text], [text] * 2, errors="show").html)
    assert error.scripts == 1


def test_each_picture_has_a_name_for_screen_readers() -> None:
    grid = Grid([SMALL, LARGE], ["one", 'two "and" more'])
    page = Page(grid.html)
    (whole,) = page.of_class("nbimage-grid")
    assert whole["role"] == "list"
    assert whole["aria-label"].startswith("2 pictures")
    assert [cell["role"] for cell in page.of_class("nbimage-cell")] == ["listitem"] * 2
    first, second = page.of_class("nbimage-media")
    assert first["role"] == "img"
    assert first["aria-label"].startswith("one: Gray picture, 5 × 7, values from ")
    assert second["aria-label"].startswith('two "and" more: ')


def test_gaps_and_colorbars_are_no_pictures_to_a_screen_reader() -> None:
    grid = Grid([[SMALL, LARGE], [SMALL]], shared="row")
    page = Page(grid.html)
    assert page.of_class("nbimage-grid")[0]["aria-label"].startswith("3 pictures")
    assert len(page.of_class("nbimage-cell")) == 3


@given(st.integers(1, 40), st.integers(1, 15), st.none() | st.integers(1, 6))
@settings(max_examples=60)
def test_pages_hold_whole_rows_and_every_picture_once(
    count: int, page: int, columns: int | None
) -> None:
    grid = Grid(np.zeros((count, 2, 2), np.uint8), columns=columns or "auto", page=page)
    texts = re.findall(r"more: (\d+) to (\d+) of (\d+)", grid.html)
    first = -(-page // (columns or 1)) * (columns or 1)
    starts = list(range(first, count, first))
    expected = [(s + 1, min(count, s + first), count) for s in starts]
    assert [tuple(map(int, text)) for text in texts] == expected
    assert len(media(grid)) == count


def test_row_bars_stay_at_the_end_of_their_rows_across_pages() -> None:
    grid = Grid(RANDOM.normal(size=(7, 5, 7)), columns=2, shared="row", page=3)
    kinds = re.findall(r'class="nbimage-(media|bar)"|(<details)', unescape(grid.html))
    marks = "".join((a or "page")[0] for a, _ in kinds)
    assert marks == "mmbmmb" + "p" + "mmbmb"


def shares(grid: Grid) -> list[float]:
    """The widths of pictures in percent of their column's."""
    found = Page(grid.html).of_class("nbimage-media")
    return [float(re.search(r"width:([\d.]+)%", item["style"]).group(1)) for item in found]


def test_pictures_keep_their_relative_sizes() -> None:
    images = [np.zeros((n, n), np.uint8) for n in (20, 40, 80)]
    assert shares(Grid(images, zoom=2.5)) == shares(Grid(images, columns=3)) == [25, 50, 100]


def test_a_width_is_that_of_each_picture_but_of_strips_that_would_be_towers() -> None:
    sizes = [(133, 133), (399, 399), (100, 300), (399, 40), (999, 50)]
    images = [np.zeros(size, np.uint8) for size in sizes]
    assert shares(Grid(images[:2], width=399)) == [100, 100]
    assert shares(Grid(images[:2], width="50%")) == [100, 100]
    found = shares(Grid(images, width=200))
    assert found == pytest.approx([100, 100, 100, 100 * 999 / 399 * 40 / 399, 5000 / 399], rel=1e-3)
    cells = Page(Grid(images, width=200).html).of_class("nbimage-cell")
    sharp = [re.findall("image-rendering:([a-z]+)", cell["style"]) for cell in cells]
    assert sharp == [["pixelated"], [], ["auto"], ["pixelated"], []]
    mixed = Grid(
        [images[1], Picture(images[0]), Video(np.zeros((3, 133, 133), np.uint8))], width=99
    )
    assert shares(mixed) == [100, 100, 100]


def test_a_picture_that_would_be_a_dot_is_enlarged_by_a_whole_factor() -> None:
    sizes = [(224, 224), (14, 14), (3, 20), (60, 60), (4, 4)]
    grid = Grid([np.zeros(size, np.uint8) for size in sizes])
    found = Page(grid.html).of_class("nbimage-media")
    widths = [float(re.search(r"width:([\d.]+)%", item["style"]).group(1)) for item in found]
    times = [width / 100 * 224 / size[1] for width, size in zip(widths, sizes, strict=True)]
    assert times == pytest.approx([1, 16, 11, 1, 56], rel=1e-3)
    cells = Page(grid.html).of_class("nbimage-cell")
    assert ["pixelated" in cell["style"] for cell in cells] == [False, True, True, False, True]
    in_scale = Page(Grid([np.zeros(size, np.uint8) for size in sizes], zoom=1).html)
    shares = [item["style"] for item in in_scale.of_class("nbimage-media")]
    assert "width:6.25%" in shares[1]


def test_tiny_pictures_are_enlarged_by_a_whole_factor() -> None:
    for side in (3, 8, 28, 63):
        width = Grid(np.zeros((4, side, side), np.uint8)).width
        assert width % side == 0
        assert width >= 64
    assert Grid(np.zeros((4, 100, 100), np.uint8)).width == 200
    assert Grid(np.zeros((64, 28, 28), np.uint8), columns=8).width == 112
    assert Grid(np.zeros((4, 250, 250), np.uint8)).width == 240
    assert Grid(np.zeros((4, 2000, 2000), np.uint8)).width == 240
    assert Grid(np.zeros((4, 90, 90), np.uint8), zoom=1.5).width == 135


def test_max_pixels_is_for_all_pictures_together() -> None:
    grid = Grid([np.zeros((100, 100), np.uint8)] * 4, max_pixels=10_000)
    assert sum(image.width * image.height for image in media(grid)) <= 10_000
    assert grid.pictures[0].pixels.shape == (100, 100)


def test_no_framework_is_imported_for_a_grid_of_arrays() -> None:
    code = (
        "import sys, numpy as np; from nbimage import Grid; "
        "Grid([np.eye(4)] * 3, shared=False).html; "
        "print({'pandas', 'polars', 'torch', 'xarray', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_grid_says_which_pictures_are_reduced() -> None:
    long = np.zeros((2, 70_000), np.uint8)
    way = "2×70000 pixels, shown as means of 1×3: nbview(data) shows every pixel"
    assert f"a picture {way}" in Grid([long, long[:, :40]]).html
    assert f"2 pictures, one of {way}" in Grid([long, long]).html
    assert "shown as means" not in Grid([long[:, :40]] * 2).html


@pytest.mark.parametrize("shape", [(24, 3, 96, 96), (8, 3, 7, 7), (5, 1, 28, 28), (4, 3, 32, 32)])
def test_a_batch_of_planar_pictures_is_shown_without_a_warning(shape: tuple[int, ...]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grid = Grid(RANDOM.random(shape))
    assert len(grid.pictures) == shape[0]
    assert grid.pictures[0].pixels.shape[:2] == shape[2:]


def test_facets_with_ticks_have_room_for_some() -> None:
    months = np.arange("2023-01", "2024-01", dtype="M8[M]").astype("M8[ns]")
    y, x = np.arange(-60, 61, 2.0), np.arange(-180, 180, 3.0)
    data = np.zeros((12, 61, 120), np.float32)
    named = xr.DataArray(
        data, dims=("time", "lat", "lon"), coords={"time": months, "lat": y, "lon": x}
    )
    assert Grid(named).width == 240
    assert Grid(data).width == 120
