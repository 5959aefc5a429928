"""Palettes against matplotlib's, colorcet's and cmap's, and indexed PNGs in three decoders."""

from __future__ import annotations

import io
import logging
import struct
import warnings
from pathlib import Path
from typing import Any

import cmap as cmaps
import colorcet
import hypothesis.extra.numpy as hnp
import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, NoNorm, Normalize
from PIL import Image

from nbimage import Picture, encode, rerange
from nbimage.mapping.color_options import ColorOptions
from nbimage.mapping.colormap import as_color, as_css, as_palette, label_palette
from tests.codecs.test_png import by_pillow, by_vips, check_with_pngcheck, chunks
from tests.mapping.asking import as_pixels

Array = np.ndarray[Any, Any]
CENTRES = (np.arange(256) + 0.5) / 256
RAMP = np.arange(256, dtype=np.float64).reshape(16, 16)
MATPLOTLIBS = sorted(name for name in mpl.colormaps if not name.startswith("cet_"))  # colorcet's
SEVERAL = ["viridis", "gray", "tab10", "twilight", "cet_fire", "cmo.deep"]


def colors_of(peer: Any) -> Array:
    """Return what a matplotlib colormap has at the bins' centres."""
    return np.rint(np.asarray(peer(CENTRES)) * 255).astype(int)


# Names and objects


@pytest.mark.parametrize("name", MATPLOTLIBS)
def test_every_name_of_matplotlib_gives_its_colors(name: str) -> None:
    expected = colors_of(mpl.colormaps[name])
    by_object = as_palette(mpl.colormaps[name])
    np.testing.assert_array_equal(by_object.array, expected)
    assert by_object.name == mpl.colormaps[name].name  # of "grey" it was "gray" once
    if name in ("gist_stern", "gist_stern_r"):  # the package cmap has other nodes
        return
    by_name = as_palette(name)
    assert np.abs(by_name.array.astype(int) - expected).max() <= 1
    assert by_name.name == name
    assert (by_name.under, by_name.over, by_name.missing) == (None, None, None)


@pytest.mark.parametrize("name", ["fire", "coolwarm", "rainbow4", "kbc"])
def test_names_of_colorcet_give_its_colors(name: str) -> None:
    peer = colors_of(ListedColormap(colorcet.palette[name]))
    for given_as in (f"cet_{name}", f"cc.{name}", f"colorcet:{name}", f"CET_{name}"):
        assert np.abs(as_palette(given_as).array.astype(int) - peer).max() <= 1, given_as


@pytest.mark.parametrize(
    ("name", "same"),
    [("cmo.thermal", "cmocean:thermal"), ("cmcrameri.batlow", "crameri:batlow")],
)
def test_names_as_other_packages_write_them_are_known(name: str, same: str) -> None:
    np.testing.assert_array_equal(as_palette(name).array, as_palette(same).array)


def test_objects_of_cmap_are_taken() -> None:
    for name in ("viridis", "tab10", "cmocean:phase"):
        got = as_palette(cmaps.Colormap(name))
        np.testing.assert_array_equal(got.array, as_palette(name).array)


def test_names_that_matplotlib_alone_knows_are_taken_from_it() -> None:
    own = ListedColormap([(i / 9, 0.25, 1 - i / 9) for i in range(10)], name="nbimage_tests_own")
    with pytest.raises(ValueError, match="nbimage_tests_own"):
        as_palette(own.name)
    mpl.colormaps.register(own)
    try:
        np.testing.assert_array_equal(as_palette(own.name).array, colors_of(own))
        np.testing.assert_array_equal(label_palette(own.name)[1:], np.rint(own(range(10)) * 255))
    finally:
        mpl.colormaps.unregister(own.name)


def test_a_palette_is_its_own_palette() -> None:
    palette = as_palette("magma")
    assert as_palette(palette) is palette


@pytest.mark.parametrize("name", ["tab10", "Set1", "Dark2"])
def test_colormaps_of_steps_are_not_blended(name: str) -> None:
    steps = {tuple(color) for color in colors_of(mpl.colormaps[name]).tolist()}
    assert {tuple(color) for color in as_palette(name).array.tolist()} == steps


@pytest.mark.parametrize("logger", ["cmap", None])
def test_a_short_name_with_a_namesake_is_taken_without_a_word(
    logger: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger), warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("thermal", "gray", "ice", "phase", "viridis"):
            as_palette(name)
    assert not caplog.records


# Colors one by one


def test_a_list_of_colors_is_blended_from_the_first_to_the_last() -> None:
    steps = np.linspace(0, 1, 256)[:, None]
    expected = np.rint(steps * 255 * [1, 0, 0, 0] + [0, 0, 0, 255])
    same = [
        ["black", "red"],
        ("#000", "#ff0000"),
        [(0, 0, 0), (1.0, 0, 0)],
        [(0, 0, 0), (255, 0, 0)],
        [(0, 0, 0, 1), "rgb(255, 0, 0)"],
        [cmaps.Color("black"), cmaps.Color("red")],
        np.array([[0, 0, 0], [255, 0, 0]], np.uint8),
        np.array([[0, 0, 0], [255, 0, 0]]),
        np.array([[0, 0, 0], [1, 0, 0]], np.float32),
        np.array([[0, 0, 0, 1], [1, 0, 0, 1]], np.float64),
        np.array([[0, 0, 0, 255], [255, 0, 0, 255]], np.uint8),
    ]
    for cmap in same:
        np.testing.assert_array_equal(as_palette(cmap).array, expected)
        assert as_palette(cmap).name == "custom"


def test_256_colors_are_the_256_bins() -> None:
    table = np.random.default_rng(0).integers(0, 256, (256, 3), np.uint8)
    np.testing.assert_array_equal(as_palette(table).array[:, :3], table)
    np.testing.assert_array_equal(
        as_palette([tuple(c) for c in table.tolist()]).array[:, :3], table
    )
    before = table.copy()
    np.testing.assert_array_equal(Picture(RAMP, cmap=table).pixels.reshape(-1, 3), table)
    np.testing.assert_array_equal(table, before)


def test_one_color_is_every_bin() -> None:
    for cmap in (["red"], np.array([[255, 0, 0]], np.uint8)):
        assert (as_palette(cmap).array == [255, 0, 0, 255]).all()


@pytest.mark.parametrize("count", [1, 2, 3, 11, 254, 255, 256])
@pytest.mark.parametrize("kind", [list, np.asarray], ids=["list", "array"])
def test_a_list_of_two_to_255_colors_has_them_as_steps_too(count: int, kind: Any) -> None:
    colors = kind([(i / 256, 1 - i / 256, 0.5) for i in range(count)])
    palette = as_palette(colors)
    if not 1 < count < 256:
        assert (palette.count, palette.steps) == (256, None)
        return
    steps = np.rint(np.asarray(colors) * 255)[(np.arange(256) * 2 + 1) * count // 512]
    assert palette.count == count
    np.testing.assert_array_equal(palette.steps[:, :3], steps)  # type: ignore[index]


def test_labels_have_255_colors_of_a_map_from_end_to_end() -> None:
    palette = label_palette("gray")
    assert palette[0].tolist() == [0, 0, 0, 0]
    steps = np.rint(np.arange(255) * 255 / 254)
    np.testing.assert_array_equal(np.sort(palette[1:, 0]), steps)
    assert np.abs(np.diff(palette[1:, 0].astype(int))).min() > 30


def test_limits_of_all_colors_are_indices_but_for_colors_that_are_blended() -> None:
    tab10 = mpl.colormaps["tab10"].with_extremes(over="lime")
    for top in (9, 10, 11):
        data = np.arange(top + 1)[None]
        for vmax in (9, 10):
            expected = tab10(Normalize(0, 10)(data)) if top > 9 or vmax == 10 else tab10(data)
            if (top > 9) == (vmax == 10) or top == 9:
                got = Picture(data, 0, vmax, cmap=tab10).pixels
                np.testing.assert_array_equal(got, np.rint(expected * 255)[:, :, :3])
    data, colors = np.arange(4)[None], ["red", "lime", "blue"]
    blended = Picture(data.astype(np.float64), 0, 3, cmap=colors).pixels
    np.testing.assert_array_equal(Picture(data, 0, 3, cmap=colors).pixels, blended)
    listed = Picture(data[:, :3], 0, 2, cmap=colors).pixels
    assert listed[0].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]


def test_shares_are_blended_from_a_list_of_colors_under_a_norm_that_does_nothing() -> None:
    data, colors = np.linspace(0, 1, 9)[None], ["red", "blue"]
    got = Picture(data, norm=NoNorm(), cmap=colors).pixels
    np.testing.assert_array_equal(got, Picture(data, 0, 1, cmap=colors).pixels)


def test_colors_may_be_translucent() -> None:
    table = np.random.default_rng(0).integers(0, 256, (256, 4), np.uint8)
    np.testing.assert_array_equal(as_palette(table).array, table)
    png = encode(RAMP, cmap=table)
    np.testing.assert_array_equal(by_pillow(png).reshape(-1, 4), table)


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("red", (255, 0, 0, 255)),
        ("#f00", (255, 0, 0, 255)),
        ("#f008", (255, 0, 0, 136)),
        ("#ff000088", (255, 0, 0, 136)),
        ("transparent", (0, 0, 0, 0)),
        ((1, 0, 0), (255, 0, 0, 255)),
        ((255, 128, 0), (255, 128, 0, 255)),
        ((255, 128, 0, 1), (255, 128, 0, 255)),
        ((255, 128, 0, 128), (255, 128, 0, 128)),
        ((0.5, 0.25, 0, 0.5), (128, 64, 0, 128)),
        (np.array([10, 20, 30], np.uint8), (10, 20, 30, 255)),
        ([0, 0, 0], (0, 0, 0, 255)),
    ],
    ids=str,
)
def test_a_color_may_be_said_in_many_ways(color: Any, expected: Any) -> None:
    assert as_color("under", color) == expected
    assert as_color("under", as_css(expected)) == expected


@pytest.mark.parametrize(
    "color", ["blurple", "", (1, 2), (1, 2, 300), (-1, 0, 0), 7, object(), "#12", (np.nan, 0, 0)]
)
def test_what_is_no_color_is_named(color: Any) -> None:
    for name in ("under", "over", "nan_color"):
        with pytest.raises(ValueError, match=name) as caught:
            ColorOptions.of(**{name: color})
        assert "\n" not in str(caught.value)
        assert str(color)[:60] in str(caught.value)


# What a map says of the values that it does not hold


def extremes() -> list[Any]:
    linear = LinearSegmentedColormap.from_list("mine", ["black", "white"])
    return [
        mpl.colormaps["viridis"].with_extremes(under="red", over="lime", bad="blue"),
        linear.with_extremes(under="red", over="lime", bad="blue"),
        ListedColormap(["0.2", "0.8"]).with_extremes(under="red", over="lime", bad="blue"),
        cmaps.Colormap("viridis", under="red", over="lime", bad="blue"),
    ]


@pytest.mark.parametrize("cmap", extremes(), ids=lambda cmap: str(cmap.name))
def test_colors_that_a_map_has_for_other_values_are_shown(cmap: Any) -> None:
    data = np.array([[-1.0, 0.0, 1.0, 2.0, np.nan]])
    shown = Picture(data, 0, 1, cmap=cmap).pixels[0]
    assert shown[[0, 3, 4], :3].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    palette = as_palette(cmap).array
    np.testing.assert_array_equal(shown[[1, 2], :3], palette[[0, -1], :3])
    own = Picture(data, 0, 1, cmap=cmap, under="black", over="white", nan_color="gray").pixels[0]
    assert own[[0, 3, 4], 0].tolist() == [0, 255, 128]


def test_a_map_without_such_colors_has_its_ends_and_nothing() -> None:
    data = np.array([[-1.0, 0.0, 1.0, 2.0, np.nan]])
    for cmap in ("viridis", mpl.colormaps["viridis"]):
        shown = Picture(data, 0, 1, cmap=cmap).pixels[0]
        np.testing.assert_array_equal(shown[[0, 3]], shown[[1, 2]])
        assert shown[:, 3].tolist() == [255, 255, 255, 255, 0]


# Errors


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("viridus", "viridis"),
        ("Magmaa", "magma"),
        ("inferno_rr", "inferno"),
        ("tab01", "tab10"),
        ("xyzzy-nothing-like-it", "viridis"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(name: str, near: str) -> None:
    with pytest.raises(ValueError) as caught:
        as_palette(name)
    said = str(caught.value)
    assert said.startswith(f"cmap must be a colormap, but got {name!r}")
    assert near in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("cmap", "said"),
    [
        ([], "empty"),
        (["red", "blurple"], "blurple"),
        (np.zeros((3, 5)), "(3, 5)"),
        (np.zeros(3), "(3,)"),
        (np.zeros((0, 3)), "(0, 3)"),
        (np.full((2, 3), 1.5), "1.5"),
        (np.full((2, 3), -1), "-1"),
        (np.full((2, 3), 256), "256"),
        (np.full((2, 3), np.nan), "nan"),
        (7, "7"),
        (object, "type"),
    ],
    ids=str,
)
def test_what_is_no_colormap_is_named(cmap: Any, said: str) -> None:
    for show in (as_palette, label_palette):
        with pytest.raises(ValueError) as caught:
            show(cmap)
        assert str(caught.value).startswith("cmap must")
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", [(5, 7, 3), (3, 5, 7), (5, 7, 4)])
def test_colors_take_no_colormap(shape: Any) -> None:
    with pytest.raises(ValueError, match="one channel") as caught:
        Picture(np.zeros(shape), cmap="viridis")
    assert str(shape) in str(caught.value)


# In the file: bins as indices, the colormap as the palette


def header(png: bytes) -> tuple[int, int]:
    """Return a PNG's bit depth and color type."""
    name, body = chunks(png)[0]
    assert name == b"IHDR"
    depth, kind = struct.unpack(">BB", body[8:10])
    return depth, kind


def check_everywhere(png: bytes, rgba: Array, folder: Path) -> None:
    """Have all decoders see these pixels; those with alpha 0 in any color."""
    seen = rgba[:, :, 3:] > 0
    for decode in (by_pillow, by_vips):
        np.testing.assert_array_equal(decode(png) * seen, rgba * seen)
        np.testing.assert_array_equal(decode(png)[:, :, 3], rgba[:, :, 3])
    check_with_pngcheck(folder, [png])


@pytest.mark.parametrize("cmap", SEVERAL)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_a_picture_is_stored_as_its_bins_and_its_palette(
    cmap: str, dtype: Any, tmp_path: Path
) -> None:
    data = (np.random.default_rng(0).random((37, 53)) * 250).astype(dtype)
    data[0, :2] = 0, 255  # the whole palette is in the file
    png = Picture(data, cmap=cmap).png
    palette, bins = as_palette(cmap).array, rerange(data)
    if cmap == "tab10" and dtype != np.uint8:  # each color has the bin in the middle of its share
        bins = rerange(np.floor(data / 25.5).clip(0, 9), -0.5, 9.5)
    with Image.open(io.BytesIO(png)) as image:
        assert image.mode == "P"
        np.testing.assert_array_equal(np.asarray(image), bins)
    stored = dict(chunks(png))[b"PLTE"]
    assert header(png) == (8, 3)
    assert stored == palette[: len(stored) // 3, :3].tobytes()
    check_everywhere(png, palette[bins], tmp_path)


def test_a_palette_takes_about_the_bytes_of_gray_and_not_of_rgb() -> None:
    data = np.random.default_rng(0).integers(0, 256, (200, 200), np.uint8)
    gray, indexed = len(encode(data)), len(encode(data, cmap="viridis"))
    assert indexed < gray + 1000
    assert indexed < len(encode(Picture(data, cmap="viridis").pixels)) / 2


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9),
        elements=st.floats(-3, 5, width=32) | st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1.0]),
    ),
    st.sampled_from([name for name in SEVERAL if name != "tab10"]),  # whose colors are few
    st.sampled_from([(0.0, 1.0), (1.0, 0.0), (-2.5, 4.0)]),
)
@settings(max_examples=150)
def test_what_is_decoded_are_the_colors_of_the_bins(
    data: Array, cmap: str, limits: tuple[float, float]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        png = encode(data, cmap=cmap, vmin=limits[0], vmax=limits[1])
    rgba = as_palette(cmap).array[rerange(data, *limits)]
    rgba[np.isnan(data)] = 0
    for decode in (by_pillow, by_vips):
        np.testing.assert_array_equal(decode(png), rgba)
    assert header(png)[1] == 3


@pytest.mark.parametrize("used", [254, 255, 256])
@pytest.mark.parametrize("covers", ["nan", "nan under", "nan under over"])
def test_what_has_no_room_in_the_palette_is_stored_as_colors(
    used: int, covers: str, tmp_path: Path
) -> None:
    """Index 0 is kept, so that 256 - used places are free for colors that cover some pixels."""
    data = np.append(np.arange(256.0)[-used:] + 0.5, [np.nan, -7, 999]).reshape(1, -1)
    options: dict[str, Any] = {"cmap": "viridis", "vmin": 0, "vmax": 256}
    options |= {"under": "red"} if "under" in covers else {}
    options |= {"over": "lime"} if "over" in covers else {}
    rgba = as_palette("viridis").array[rerange(data, 0, 256)]
    rgba[0, -3] = 0
    if "under" in covers:
        rgba[0, -2] = 255, 0, 0, 255
    if "over" in covers:
        rgba[0, -1] = 0, 255, 0, 255
    png = encode(data, **options)
    check_everywhere(png, rgba, tmp_path)
    kind = header(png)[1]
    assert kind in (3, 6)
    if used == 256:
        assert kind == 6
    if used < 255 and covers == "nan":
        assert kind == 3


@pytest.mark.parametrize(
    ("count", "depth"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8)]
)
@pytest.mark.parametrize("width", [1, 7, 8, 33])
def test_few_colors_take_few_bits(count: int, depth: int, width: int, tmp_path: Path) -> None:
    data = np.resize(np.arange(count, dtype=np.uint8), (5, width))
    data[0, 0] = count - 1
    palette = as_palette("viridis").array
    png = encode(data, cmap="viridis")
    assert header(png) == (depth, 3)
    check_everywhere(png, palette[data], tmp_path)


def test_booleans_in_color_take_one_bit(tmp_path: Path) -> None:
    data = np.random.default_rng(0).random((9, 13)) < 0.5
    palette = as_palette("magma").array
    png = encode(data, cmap="magma")
    assert header(png) == (1, 3)
    check_everywhere(png, palette[data * 255], tmp_path)
    masked = np.ma.array(data, mask=np.eye(9, 13, dtype=bool))
    rgba = palette[data * 255]
    rgba[np.eye(9, 13, dtype=bool)] = 0
    check_everywhere(encode(masked, cmap="magma"), rgba, tmp_path)
    rgba[np.eye(9, 13, dtype=bool)] = 0, 0, 255, 255
    check_everywhere(encode(masked, cmap="magma", nan_color="blue"), rgba, tmp_path)


@pytest.mark.parametrize("name", ["webp", "jpeg", "avif"])
def test_other_formats_hold_the_same_colors(name: str) -> None:
    data = np.repeat(np.repeat(np.array([[0.0, 40, 80], [120, 200, 255]]), 16, 0), 16, 1)
    options: dict[str, Any] = {"lossless": True} if name == "webp" else {"quality": 95}
    with Image.open(io.BytesIO(encode(data, name, cmap="viridis", **options))) as image:
        got = np.asarray(image.convert("RGB")).astype(int)
    expected = as_palette("viridis").array[rerange(data)][:, :, :3]
    apart = np.abs(got - expected)[8::16, 8::16].max()
    assert apart <= {"webp": 0, "jpeg": 3, "avif": 6}[name]


def test_a_colormap_changes_no_uint8_value_where_no_limits_are_asked() -> None:
    data = np.full((4, 5), 100, np.uint8)
    data[0, 0] = 110
    palette = as_palette("viridis").array
    np.testing.assert_array_equal(Picture(data, cmap="viridis").pixels, palette[data][:, :, :3])


def test_the_name_of_the_colormap_is_said() -> None:
    assert "magma from 0 to 255" in Picture(RAMP, cmap="magma").description
    assert "in colors of magma" in Picture(RAMP.astype(np.uint8), cmap="magma").description


def test_a_picture_upside_down_keeps_its_colors() -> None:
    data = np.random.default_rng(0).random((5, 7))
    data[1, 2] = np.nan
    options: dict[str, Any] = {"cmap": "viridis", "vmin": 0.2, "under": "red"}
    upper, lower = (Picture(data, origin=o, **options) for o in ("upper", "lower"))
    np.testing.assert_array_equal(by_pillow(lower.png), by_pillow(upper.png)[::-1])


def test_reduced_pictures_are_means_of_the_colors_and_not_of_the_indices() -> None:
    data = np.zeros((2, 2))
    data[0] = 1
    pixels = as_pixels(data, colors=ColorOptions.of(["red", "blue"])).reduced(2)
    assert pixels.array.tolist() == [[[128, 0, 128]]]
