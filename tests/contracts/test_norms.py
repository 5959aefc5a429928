"""Norms and colormaps of few colors: every door draws what matplotlib draws."""

from __future__ import annotations

import base64
import copy
import io
from pathlib import Path
from typing import Any

import cmap
import matplotlib
import numpy as np
import pytest
import xarray
from matplotlib import colors as mpl
from PIL import Image

from nbimage import Grid, Picture, View, encode, write_dzi
from nbimage.mapping.color_options import ColorOptions
from nbimage.mapping.frames import as_frames
from nbimage.mapping.value_scale import ValueScale

Array = np.ndarray[Any, Any]
FOUR = mpl.ListedColormap(["red", "lime", "blue", "yellow"])
THREE = mpl.ListedColormap(["red", "lime", "blue"])
ENDS = FOUR.with_extremes(under="black", over="white", bad="magenta")
VIRIDIS = matplotlib.colormaps["viridis"]
MAPS = {"four": FOUR, "three": THREE, "ends": ENDS, "viridis": VIRIDIS}
RGB = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]], np.uint8)
LABELS = np.random.default_rng(0).integers(0, 3, (13, 17))  # the last color is of none


NORMS = {
    "linear": lambda: mpl.Normalize(),
    "limits": lambda: mpl.Normalize(-1, 1),
    "clip": lambda: mpl.Normalize(-1, 1, clip=True),
    "centered": lambda: mpl.CenteredNorm(0.5),
    "half": lambda: mpl.CenteredNorm(0, 2),
    "two slopes": lambda: mpl.TwoSlopeNorm(0.2),
    "two limits": lambda: mpl.TwoSlopeNorm(0, -3, 1),
    "power": lambda: mpl.PowerNorm(0.5, 0, 2),
    "asinh": lambda: mpl.AsinhNorm(0.3),
    "symlog": lambda: mpl.SymLogNorm(0.3),
    "log": lambda: mpl.LogNorm(0.1, 2),
    "function": lambda: mpl.FuncNorm((lambda x: x**3, np.cbrt)),
    "bounds": lambda: mpl.BoundaryNorm([-2, -1, 0, 1.5], 3),
    "beyond": lambda: mpl.BoundaryNorm([-2, 1], 3, extend="both"),
}
DATA = np.random.default_rng(1).normal(size=(13, 17)) * 2
DATA[0, :2] = np.nan, 9


def drawn(data: Any, norm: Any, colormap: Any) -> Array:
    """What matplotlib makes of data, of which NaN is masked as in its pictures."""
    data = data.astype(np.float64) if data.dtype.kind == "f" else data
    norm = copy.deepcopy(norm)
    norm.autoscale_None(data[np.isfinite(data)])
    found = colormap(norm(np.ma.masked_where(np.isnan(data), data)))
    return np.rint(found * 255).astype(np.uint8)


def decoded(data: bytes) -> Array:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def first_frame(data: Any, **options: Any) -> Array:
    colors = ColorOptions.of(options.pop("cmap", None))
    return next(as_frames(data[None], ValueScale.of(**options), colors).pixels())


def tiles(data: Any, folder: Path, **options: Any) -> Array:
    write_dzi(data, folder / "a.dzi", format="png", progress=False, **options)
    (one,) = (folder / "a_files" / "5").iterdir()  # all of it: 32 × 32 holds 13 × 17
    return decoded(one.read_bytes())


DOORS: dict[str, Any] = {
    "picture": lambda data, _, **options: Picture(data, **options).render(),
    "encode": lambda data, _, **options: decoded(encode(data, **options)),
    "grid": lambda data, _, **options: Grid([data], **options).pictures[0].render(),
    "shared": lambda data, _, **options: Grid([data, data], **options).pictures[1].render(),
    "view": lambda data, _, **options: View(data, **options).picture.render(),
    "live": lambda data, _, **options: View(data, embed=False, **options).snapshot().render(),
    "frame": lambda data, _, **options: first_frame(data, **options),
    "tiles": tiles,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("dtype", ["uint8", "int64", "int16"])
@pytest.mark.parametrize(
    "colormap",
    [FOUR, cmap.Colormap(RGB / 255, interpolation="nearest")],
    ids=["matplotlib", "cmap"],
)
def test_label_i_has_color_i(colormap: Any, dtype: str, door: str, tmp_path: Path) -> None:
    got = DOORS[door](LABELS.astype(dtype), tmp_path, cmap=colormap)
    np.testing.assert_array_equal(got[:, :, :3], RGB[LABELS])


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("dtype", ["uint8", "int64"])
@pytest.mark.parametrize("given", ["names", "array"])
def test_as_many_listed_colors_as_labels_are_not_blended(
    given: str, dtype: str, door: str, tmp_path: Path
) -> None:
    colors = ["red", "lime", "blue"] if given == "names" else RGB[:3]
    got = DOORS[door](LABELS.astype(dtype), tmp_path, cmap=colors)
    np.testing.assert_array_equal(got[:, :, :3], RGB[LABELS])


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_a_norm_that_is_none_takes_values_for_indices(
    dtype: str, door: str, tmp_path: Path
) -> None:
    labels = LABELS.astype(dtype) + 1
    got = DOORS[door](labels, tmp_path, cmap=ENDS, norm=mpl.NoNorm())
    expected = drawn(labels, mpl.NoNorm(), ENDS)[:, :, :3]
    np.testing.assert_array_equal(got[:, :, :3], expected)


@pytest.mark.parametrize("count", [2, 3, 7, 10, 100, 129, 200, 255])
@pytest.mark.parametrize("limits", [(None, None), (0, -1), (0, 0), (-0.5, -0.5)])
def test_every_label_has_its_color_however_many_there_are(count: int, limits: Any) -> None:
    colors = np.random.default_rng(count).integers(0, 256, (count, 3)) / 255
    colormap = mpl.ListedColormap(colors)
    labels = np.arange(count).reshape(1, -1)
    low, high = limits
    end = None if high is None else count + high
    got = Picture(labels, low, end, cmap=colormap).render()
    np.testing.assert_array_equal(got[0], np.rint(colors * 255))
    config = View(labels, low, end, cmap=colormap).model.config
    (display,) = config["state"]["displays"]
    assert (display["vmin"], display["vmax"]) == ([-0.5], [count - 0.5])


def test_what_is_no_label_is_stretched_as_before() -> None:
    for colors in (THREE, FOUR):
        for data in (LABELS * 1.0, LABELS * 9, LABELS - 1, np.abs(DATA[1:])):
            got = Picture(data, cmap=colors).render()
            expected = drawn(data, mpl.Normalize(), colors)
            np.testing.assert_array_equal(got, expected[:, :, :3])
            got = Picture(np.abs(data) + 1, norm="log", cmap=colors).render()
            expected = drawn(np.abs(data) + 1, mpl.LogNorm(), colors)
            np.testing.assert_array_equal(got, expected[:, :, :3])
    got = Picture(LABELS, cmap=["black", "white", "black", "white"]).render()
    assert len(np.unique(got)) > 2  # of four colors, three labels: blended


def test_a_grid_takes_values_for_labels_if_all_of_them_are() -> None:
    grid = Grid([LABELS, LABELS + 1], cmap=FOUR)
    for picture, labels in zip(grid.pictures, (LABELS, LABELS + 1), strict=True):
        np.testing.assert_array_equal(picture.render(), RGB[labels])
    grid = Grid([LABELS, LABELS + 2], cmap=FOUR)  # the second has 4, which is none
    for picture, labels in zip(grid.pictures, (LABELS, LABELS + 2), strict=True):
        expected = drawn(labels, mpl.Normalize(0, 4), FOUR)
        np.testing.assert_array_equal(picture.render(), expected[:, :, :3])


@pytest.mark.parametrize("door", ["picture", "view", "live", "tiles", "grid"])
@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_labels_of_which_some_are_missing_have_their_colors(
    dtype: str, door: str, tmp_path: Path
) -> None:
    data = xarray.DataArray(LABELS.astype(dtype), dims=("y", "x"), attrs={"_FillValue": 1})
    got = DOORS[door](data, tmp_path, cmap=FOUR)
    np.testing.assert_array_equal(got[:, :, 3], np.where(LABELS == 1, 0, 255))
    np.testing.assert_array_equal(got[LABELS != 1][:, :3], RGB[LABELS[LABELS != 1]])


def test_the_colorbar_of_labels_has_each_in_the_middle_of_its_color() -> None:
    picture = Picture(LABELS, cmap=FOUR, colorbar=True)
    assert "value i in color i of" in picture.description
    assert [tick.text for tick in picture.figure.bars[0].ticks if tick.text in "0123"]


@pytest.mark.parametrize("name", NORMS)
@pytest.mark.parametrize("colors", MAPS)
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_pictures_are_what_matplotlib_draws(dtype: str, colors: str, name: str) -> None:
    data = np.nan_to_num(DATA * 3).astype(dtype) if dtype == "int64" else DATA.astype(dtype)
    norm = NORMS[name]()
    before = {key: value for key, value in vars(norm).items() if key != "callbacks"}
    picture = Picture(data, norm=norm, cmap=MAPS[colors], colorbar=True)
    got, expected = decoded(picture.png).copy(), drawn(data, norm, MAPS[colors])
    got[got[:, :, 3] == 0] = 0
    expected[expected[:, :, 3] == 0] = 0
    np.testing.assert_array_equal(got, expected)
    assert picture.html
    assert {key: value for key, value in vars(norm).items() if key != "callbacks"} == before


@pytest.mark.parametrize("door", ["encode", "grid", "shared", "frame"])
@pytest.mark.parametrize("name", ["bounds", "two limits", "centered"])
def test_a_norm_is_the_same_at_every_door(name: str, door: str, tmp_path: Path) -> None:
    norm, colormap = NORMS[name](), ENDS if name != "bounds" else THREE
    data = np.nan_to_num(DATA)
    got = DOORS[door](data, tmp_path, norm=norm, cmap=colormap)
    np.testing.assert_array_equal(got[:, :, :3], drawn(data, norm, colormap)[:, :, :3])


def test_boundaries_are_the_ticks_of_a_colorbar_and_what_lies_between_its_colors() -> None:
    norm = mpl.BoundaryNorm([0, 1, 10, 100], VIRIDIS.N)
    data = np.array([[0.5, 5, 50]])
    picture = Picture(data, norm=norm, cmap=VIRIDIS, colorbar=True)
    (bar,) = picture.figure.bars
    assert [tick.text for tick in bar.ticks] == ["0", "1", "10", "100"]
    column = decoded(base64.b64decode(bar.uri.partition(",")[2]))
    np.testing.assert_array_equal(column[::-1, 0], drawn(data, norm, VIRIDIS)[0])


@pytest.mark.parametrize(
    ("norm", "named"),
    [
        (mpl.LogNorm(1, 50), {"norm": "log", "vmin": 1, "vmax": 50}),
        (mpl.PowerNorm(0.4), {"norm": 0.4}),
        (mpl.AsinhNorm(0.3, -1, 2), {"norm": ("asinh", 0.3), "vmin": -1, "vmax": 2}),
        (mpl.Normalize(1), {"vmin": 1}),
    ],
    ids=["log", "power", "asinh", "linear"],
)
def test_a_view_follows_a_norm_that_has_a_name(norm: Any, named: Any) -> None:
    data = np.abs(DATA[1:]) + 1
    own, other = (View(data, **one).model.config for one in ({"norm": norm}, named))
    assert own["state"]["displays"] == other["state"]["displays"]


def test_a_view_refuses_a_norm_that_no_browser_follows() -> None:
    for norm in (mpl.BoundaryNorm([0, 1, 2], 2), mpl.Normalize(0, 1, clip=True), np.tanh):
        with pytest.raises(ValueError, match="norm must be a name or a gamma"):
            View(DATA, norm=norm)


def test_indices_of_more_colors_than_bins_are_refused() -> None:
    many = VIRIDIS.resampled(300)
    with pytest.raises(ValueError, match="at most 256 colors for a NoNorm, but has 300"):
        Picture(LABELS, norm=mpl.NoNorm(), cmap=many)


def test_frames_of_labels_are_taken_together_and_one_by_one() -> None:
    stack = np.stack([LABELS * 0, LABELS + 1])
    for data in (stack, list(stack), iter(stack.astype(np.uint8))):
        frames = list(as_frames(data, colors=ColorOptions.of(FOUR)).pixels())
        for frame, labels in zip(frames, stack, strict=True):
            np.testing.assert_array_equal(frame, RGB[labels])


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", "int8"])
def test_values_at_the_edge_of_a_color_have_the_color_of_matplotlib(
    dtype: str, door: str, tmp_path: Path
) -> None:
    data = np.resize(np.arange(-3, 13), (13, 17)).astype(dtype)
    colormap = matplotlib.colormaps["tab10"]
    got = DOORS[door](data, tmp_path, cmap=colormap)
    np.testing.assert_array_equal(got[:, :, :3], drawn(data, mpl.Normalize(), colormap)[:, :, :3])


class Quartiles(mpl.Normalize):
    """Finds its limits as astropy's norms do: by more than the extremes."""

    def autoscale_None(self, A: Any) -> None:  # noqa: N802, N803 (matplotlib's words)
        values = np.ma.compressed(np.ma.masked_invalid(A))
        low, high = np.percentile(values, (25, 75))
        self.vmin = low if self.vmin is None else self.vmin
        self.vmax = high if self.vmax is None else self.vmax


@pytest.mark.parametrize("door", ["encode", "grid", "shared", "frame", "tiles"])
@pytest.mark.parametrize("norm", [Quartiles, mpl.LogNorm, mpl.CenteredNorm])
def test_a_norm_without_limits_finds_the_same_ones_at_every_door(
    norm: Any, door: str, tmp_path: Path
) -> None:
    data = np.nan_to_num(DATA)
    gray = visible(DOORS[door](data, tmp_path, norm=norm()))
    np.testing.assert_array_equal(gray, visible(Picture(data, norm=norm()).render()))
    if norm is Quartiles:
        low, high = np.percentile(data, (25, 75))
        np.testing.assert_array_equal(gray == 255, data >= low + (high - low) * 255 / 256)


def visible(pixels: Array) -> Array:
    """Return the first channel, 0 where a pixel is transparent."""
    if pixels.ndim == 2:
        return pixels
    clear = pixels.shape[2] in (2, 4)
    gray: Array = np.where(pixels[:, :, -1] == 0, 0, pixels[:, :, 0]) if clear else pixels[:, :, 0]
    return gray


@pytest.mark.parametrize("door", ["picture", "encode", "shared", "frame", "tiles"])
def test_listed_colors_are_blended_under_a_norm_and_its_steps_have_one_each(
    door: str, tmp_path: Path
) -> None:
    colors, data = ["red", "lime", "blue"], np.resize(np.arange(5.0), (13, 17))
    ramp = mpl.LinearSegmentedColormap.from_list("", colors)
    got = DOORS[door](data, tmp_path, cmap=colors, norm=mpl.PowerNorm(0.5, 0, 4))[:, :, :3]
    expected = drawn(data, mpl.PowerNorm(0.5, 0, 4), ramp)[:, :, :3]
    np.testing.assert_allclose(got, expected, atol=2)
    steps = mpl.BoundaryNorm([0, 1, 3, 5], 3)
    got = DOORS[door](data, tmp_path, cmap=colors, norm=steps)[:, :, :3]
    np.testing.assert_array_equal(got, RGB[np.digitize(data, [1, 3])])


@pytest.mark.parametrize("door", ["picture", "view", "live"])
@pytest.mark.parametrize("dtype", ["uint8", "int64"])
def test_a_linear_norm_without_limits_stretches_what_could_be_indices(
    dtype: str, door: str, tmp_path: Path
) -> None:
    labels = LABELS.astype(dtype)
    got = DOORS[door](labels, tmp_path, cmap=FOUR, norm=mpl.Normalize())
    np.testing.assert_array_equal(got[:, :, :3], drawn(labels, mpl.Normalize(), FOUR)[:, :, :3])


@pytest.mark.parametrize("door", ["picture", "view", "live", "tiles"])
@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_masked_labels_are_indices_where_a_norm_is_none(
    dtype: str, door: str, tmp_path: Path
) -> None:
    data = np.ma.masked_equal(LABELS.astype(dtype), 1)
    got = DOORS[door](data, tmp_path, cmap=FOUR, norm=mpl.NoNorm())
    np.testing.assert_array_equal(got[LABELS != 1][:, :3], RGB[LABELS[LABELS != 1]])
    np.testing.assert_array_equal(got[:, :, 3], np.where(LABELS == 1, 0, 255))


@pytest.mark.parametrize("door", DOORS)
def test_booleans_are_black_and_white_under_log_at_every_door(door: str, tmp_path: Path) -> None:
    got = DOORS[door](LABELS > 1, tmp_path, norm="log")
    np.testing.assert_array_equal(visible(got), np.where(LABELS > 1, 255, 0))
