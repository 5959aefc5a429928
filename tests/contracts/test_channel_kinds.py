"""Which channels are colors, which a composite: the table of `arrays/colors`, at every door."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nbimage import Grid, Picture, Video, View, data_uri, encode, write_dzi
from nbimage.arrays.colors import Samples, are_colors
from nbimage.cli.main import main
from nbimage.mapping.channels.composite import name_channels
from nbimage.mapping.frames import as_frames
from nbimage.mapping.value_scale import ValueScale
from nbimage.pyramid.read_frames import read_frames
from tests.optional import zarr

xarray = pytest.importorskip("xarray")

Array = np.ndarray[Any, Any]
STAINS = ("DAPI", "GFP", "RFP", "Cy5")
DASH = "\u2013"
LOSSLESS: Any = {"format": "webp", "lossless": True}


class Case(NamedTuple):
    """Channels, and what they are."""

    count: int
    dtype: str
    kind: str
    """As on the page, "color" with alpha or without."""
    last: bool = True
    top: float = 250
    axis: str | None = None
    labels: tuple[str, ...] = ()
    given: bool = False


CASES = [
    Case(3, "uint8", "color"),
    Case(3, "uint16", "color"),
    Case(3, "uint8", "color", last=False),
    Case(3, "float32", "color", last=False, given=True),
    Case(3, "uint8", "color", axis="c", last=False),
    Case(3, "uint16", "composite", axis="channel", last=False),
    Case(3, "uint8", "composite", axis="c", last=False, labels=STAINS[:3]),
    Case(3, "float32", "composite", axis="channel", labels=STAINS[:3]),
    Case(3, "uint16", "color", axis="c", last=False, labels=("r", "g", "b")),
    Case(3, "uint8", "color", axis="c", last=False, labels=("red", "green", "blue")),
    Case(3, "uint8", "color", axis="c", last=False, labels=("0", "1", "2")),
    Case(3, "uint16", "color", axis="band", last=False),
    Case(3, "uint16", "color", axis="band", last=False, labels=("nir", "red", "green")),
    Case(3, "float32", "color", axis="bands", labels=("nir", "swir", "green")),
    Case(4, "uint8", "color"),
    Case(4, "float32", "color", top=1),
    Case(4, "float64", "color", top=1, given=True),
    Case(4, "float32", "composite", top=1.5),
    Case(4, "float32", "composite", top=255),
    Case(4, "float32", "composite", top=1, last=False),
    Case(4, "uint16", "composite"),
    Case(4, "int64", "composite"),
    Case(4, "int8", "composite", top=100),
    Case(4, "bool", "composite", top=1),
    Case(4, "uint8", "composite", last=False),
    Case(4, "uint8", "composite", last=False, given=True),
    Case(4, "uint16", "composite", last=False),
    Case(4, "uint8", "composite", axis="c", labels=STAINS),
    Case(4, "uint16", "color", axis="rgba", last=False),
    Case(4, "uint16", "color", axis="s"),
    Case(4, "uint16", "color", axis="c", last=False, labels=("r", "g", "b", "a")),
    Case(4, "int32", "color", axis="channel", labels=("Red", "Green", "Blue", "Alpha")),
    Case(2, "uint8", "gray", given=True),
    Case(2, "float32", "gray", top=1, given=True),
    Case(2, "uint16", "composite", given=True),
    Case(2, "uint8", "composite", last=False, given=True),
    Case(2, "uint8", "composite", axis="c", last=False),
    Case(2, "uint16", "gray", axis="s"),
    Case(2, "float32", "gray", axis="sample", last=False),
    Case(4, "uint16", "composite", axis="band", last=False, labels=("b", "g", "r", "nir")),
    Case(2, "float32", "composite", axis="band", last=False),
    Case(5, "uint8", "composite", given=True),
    Case(8, "uint16", "composite", last=False, given=True),
    Case(8, "float32", "composite", axis="ch", last=False),
]


def samples(case: Case, seed: int = 0) -> Array:
    """Return channels that come first; the last one is opaque somewhere."""
    random = np.random.default_rng(seed)
    found = random.random((case.count, 12, 15)) * case.top
    found[:, 0, 0], found[-1, 0, 1] = case.top, 255 if case.top == 250 else case.top
    return (found > 0.5) if case.dtype == "bool" else found.astype(case.dtype)


def as_given(case: Case, *, stack: int = 0) -> tuple[Any, dict[str, Any]]:
    """Return the data, or a stack of such, and how the call says where the channels are."""
    parts = [samples(case, seed) for seed in range(stack)] if stack else [samples(case)]
    whole = [np.moveaxis(part, 0, -1) if case.last else part for part in parts]
    array = np.ascontiguousarray(np.stack(whole) if stack else whole[0])
    axis = array.ndim - 1 if case.last else stack > 0
    asked = {"channel_axis": int(axis)} if case.given else {}
    if case.axis is None:
        return array, asked
    names = ["y", "x", case.axis] if case.last else [case.axis, "y", "x"]
    coords = {case.axis: list(case.labels)} if case.labels else {}
    return xarray.DataArray(array, dims=["time"] * (stack > 0) + names, coords=coords), asked


def decoded(data: bytes) -> Array:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def name(case: Case) -> str:
    words = case.dtype, case.count, case.axis, "-".join(case.labels), f"{case.top:g}"
    layout = "last" if case.last else "first"
    return "-".join(str(word) for word in (*words, layout, "given" * case.given) if word)


every_case = pytest.mark.parametrize("case", CASES, ids=name)


@every_case
@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
def test_a_view_takes_channels_for_what_they_are(case: Case, embed: bool) -> None:
    data, asked = as_given(case)
    view = View(data, embed=embed, **asked)
    image = view.model.config["images"][0]
    assert (image["kind"], image["channels"]) == (case.kind, case.count)
    picture = Picture(data, **asked)
    assert isinstance(view.picture, Picture)
    np.testing.assert_array_equal(view.picture.render(), picture.render())
    assert view.picture.figure.legend == picture.figure.legend


@every_case
def test_pictures_bytes_and_grids_are_alike(case: Case) -> None:
    data, asked = as_given(case)
    picture = Picture(data, **asked)
    shown = picture.render()
    assert shown.shape[2] == {"gray": 2, "composite": 3}.get(case.kind, case.count)
    np.testing.assert_array_equal(decoded(encode(data, **asked)), shown)
    assert data_uri(data, **asked) == picture.data_uri
    (own,) = Grid([data], **asked).pictures
    np.testing.assert_array_equal(own.render(), shown)


@every_case
def test_frames_and_stacks_are_alike(case: Case) -> None:
    if case.count == 2 and case.kind == "gray":
        return  # no frames, which have 1, 3 or 4 channels
    stack, asked = as_given(case, stack=3)
    by_door = {"vmin": 0, "vmax": 200} if case.top == 250 else {"vmin": 0, "vmax": 1}
    source, axis = read_frames(stack, asked.get("channel_axis"))
    frames = as_frames(source, ValueScale.of(**by_door, channel_axis=axis))
    for number, frame in enumerate(frames.pixels()):
        # the axis of a frame, where one is given, is one less
        own = {"channel_axis": asked["channel_axis"] - 1} if asked else {}
        expected = Picture(stack[number], **by_door, **own).render()
        np.testing.assert_array_equal(frame, expected)
    if not asked:
        grid = Grid(stack, **by_door) if case.axis else Grid(list(stack), **by_door)
        assert len(grid.pictures) == 3
        for picture, frame in zip(grid.pictures, frames.pixels(), strict=True):
            np.testing.assert_array_equal(picture.render(), frame)


def as_npy(data: Array, folder: Path) -> Path:
    np.save(folder / "a.npy", data)
    return folder / "a.npy"


def as_zarr(data: Array, folder: Path) -> Path:
    zarr.create_array(folder / "a.zarr", shape=data.shape, dtype=data.dtype)[...] = data
    return folder / "a.zarr"


@pytest.mark.parametrize("case", [c for c in CASES if c.axis is None], ids=name)
@pytest.mark.parametrize("write", [as_npy, as_zarr])
def test_files_are_read_as_the_arrays_in_them(case: Case, write: Any, tmp_path: Path) -> None:
    data, asked = as_given(case)
    path = write(data, tmp_path)
    np.testing.assert_array_equal(Picture(path, **asked).render(), Picture(data, **asked).render())
    for embed in (True, False):
        assert View(path, embed=embed, **asked).model.config["images"][0]["kind"] == case.kind


@pytest.mark.parametrize("case", [c for c in CASES if c.kind == "composite"], ids=name)
def test_tiles_are_the_picture_in_parts(case: Case, tmp_path: Path) -> None:
    data, asked = as_given(case)
    write_dzi(data, tmp_path / "a.dzi", format="png", overlap=0, progress=False, **asked)
    tile = decoded((tmp_path / "a_files" / "4" / "0_0.png").read_bytes())
    np.testing.assert_array_equal(tile[:, :, :3], Picture(data, **asked).pixels)


# Limits and colors


def exact(data: Array, colors: Any, ends: Any) -> Array:
    """Return the sum of channels in exact arithmetic, a pixel at a time."""
    out = np.zeros((*data.shape[1:], 3), int)
    for channel, color, (low, high) in zip(data, colors, ends, strict=True):
        for place in np.ndindex(channel.shape):
            value = Fraction(float(channel[place])) - Fraction(float(low))
            span = Fraction(float(high)) - Fraction(float(low))
            bin_ = min(255, max(0, int(value * 256 // span)))
            out[place] += [(part * bin_ + 127) // 255 for part in color]
    return np.minimum(out, 255).astype(np.uint8)


@pytest.mark.parametrize("count", [2, 3, 5, 8])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "float64"])
def test_a_composite_is_the_sum_of_its_channels(dtype: str, count: int) -> None:
    data = (np.random.default_rng(count).random((count, 7, 9)) * 200).astype(dtype)
    colors = [one.color for one in name_channels(count)]
    robust = np.percentile(data.astype(float), (2, 98), axis=(1, 2)).T
    ends = [(0, 256)] * count if dtype == "uint8" else robust
    channels = {f"channel {i}": None for i in range(count)}
    shown = Picture(data, channel_axis=0, channels=channels).pixels
    np.testing.assert_array_equal(shown, exact(data, colors, ends))
    low, high = [3.0] * count, [100.0 + i for i in range(count)]
    shown = Picture(data, low, high, channel_axis=0, channels=channels).pixels
    np.testing.assert_array_equal(shown, exact(data, colors, zip(low, high, strict=True)))


def test_the_limits_of_a_composite_are_the_same_at_every_door(tmp_path: Path) -> None:
    data = np.random.default_rng(1).gamma(2, 900, (4, 40, 50)).astype(np.uint16)
    ends = np.percentile(data.astype(float), (2, 98), axis=(1, 2))
    picture = Picture(data)
    np.testing.assert_array_equal(picture.pixels, Picture(data, *ends).pixels)
    np.testing.assert_array_equal(picture.pixels, Picture(data, contrast="robust").pixels)
    for embed in (True, False):
        (display,) = View(data, embed=embed).model.config["state"]["displays"]
        np.testing.assert_allclose((display["vmin"], display["vmax"]), ends, rtol=1e-6)
    np.save(tmp_path / "a.npy", data)
    main(["png", str(tmp_path / "a.npy"), str(tmp_path / "a.png")])
    np.testing.assert_array_equal(decoded((tmp_path / "a.png").read_bytes()), picture.pixels)


def test_a_few_bright_spots_are_shown_from_the_least_value_to_the_largest() -> None:
    data = np.zeros((4, 60, 60), np.uint16)
    data[:, 3, 4:9] = [100, 200, 300, 400, 500]
    shown = Picture(data).pixels
    np.testing.assert_array_equal(shown, Picture(data, 0, 500).pixels)
    (display,) = View(data).model.config["state"]["displays"]
    assert (display["vmin"], display["vmax"]) == ([0] * 4, [500] * 4)


def test_one_bright_pixel_does_not_darken_a_channel() -> None:
    data = np.random.default_rng(1).integers(90, 110, (4, 30, 30)).astype(np.uint16)
    spoiled = data.copy()
    spoiled[:, 5, 5] = 65535
    assert np.abs(Picture(spoiled).pixels.astype(int) - Picture(data).pixels).mean() < 3


def test_two_channels_add_up_to_white_and_one_is_gray() -> None:
    assert [one.color for one in name_channels(1)] == [(255, 255, 255)]
    assert np.sum([one.color for one in name_channels(2)], axis=0).tolist() == [255] * 3
    first = ["#0000ff", "#00ff00", "#ff0000", "#ff00ff", "#00ffff", "#ffff00", "#ffa500", "#ffffff"]
    shown = ["#{:02x}{:02x}{:02x}".format(*one.color) for one in name_channels(8)]
    assert shown == first


# channels=


@pytest.mark.parametrize("channels", [{"GFP": None, "DAPI": "orange"}, ["GFP", ("DAPI", "orange")]])
def test_channels_are_picked_by_name_and_colored_alike_at_every_door(
    channels: Any, tmp_path: Path
) -> None:
    array = np.random.default_rng(2).integers(0, 4000, (3, 4, 12, 15)).astype(np.uint16)
    dims = ("time", "c", "y", "x")
    stack = xarray.DataArray(array, dims=dims, coords={"c": list(STAINS)})
    ends = {"vmin": [0, 100], "vmax": [4000, 3000]}
    options: dict[str, Any] = {"channels": channels, **ends}
    expected = View(stack[0], **options).picture
    assert isinstance(expected, Picture)
    assert [entry[:2] for entry in expected.figure.legend] == [
        ("#00ff00", "GFP"),
        ("#ffa500", "DAPI"),
    ]
    for shown in (
        Picture(stack[0], **options).pixels,
        decoded(encode(stack[0], **options)),
        Grid([stack[0]], **options).pictures[0].pixels,
        Grid(stack, **options).pictures[0].pixels,
        next(iter(video_frames(Video(stack, **LOSSLESS, **options)))),
        next(iter(video_frames(Video(list(stack), **LOSSLESS, **options)))),
    ):
        np.testing.assert_array_equal(shown, expected.pixels)


def video_frames(video: Video) -> list[Array]:
    with Image.open(io.BytesIO(next(iter(video.files.values())))) as animation:
        found = []
        for number in range(getattr(animation, "n_frames", 1)):
            animation.seek(number)
            found.append(np.asarray(animation.convert("RGB")))
        return found


def test_the_command_line_takes_channels(tmp_path: Path) -> None:
    data = np.random.default_rng(3).integers(0, 250, (3, 12, 15)).astype(np.uint8)
    np.save(tmp_path / "a.npy", data)
    asked = ["--channels", "nuclei=blue,actin=#ffa500,c"]
    main(["png", str(tmp_path / "a.npy"), str(tmp_path / "a.png"), *asked])
    expected = Picture(data, channels={"nuclei": "blue", "actin": "orange", "c": None}).pixels
    np.testing.assert_array_equal(decoded((tmp_path / "a.png").read_bytes()), expected)
    with pytest.raises(ValueError, match="hold 5 along 'channel'"):
        Picture(np.zeros((5, 9, 9)), channel_axis=0, channels=False)


def test_no_composite_is_a_picture_of_each_channel() -> None:
    stack = np.random.default_rng(4).integers(0, 9, (3, 5, 8, 8)).astype(np.uint16)
    options: dict[str, Any] = {"row": 0, "column": 1}
    assert len(Grid(stack, channels=list("abcde")).pictures) == 3
    named = xarray.DataArray(stack, dims=("time", "c", "y", "x"))
    assert len(Grid(named).pictures) == 3
    assert len(Grid(named, channels=False).pictures) == 15
    assert len(Grid(stack, **options).pictures) == 15


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"channels": "blue"}, "names, .* pairs or a dict"),
        ({"channels": {"a": "no color", "b": None, "c": None, "d": None}}, "no color"),
        ({"channels": ["a", "b"]}, "none of shape .* is 2 long"),
        ({"channels": list("abcd"), "cmap": "magma"}, "cmap must be left out"),
        ({"channels": list("abcd"), "complex": "abs"}, "complex must be left out"),
        ({"vmin": [1, 2]}, "one for each of 4 channels"),
    ],
)
@pytest.mark.parametrize("door", [Picture, encode, lambda data, **o: Grid([data], **o)])
def test_channels_that_do_not_fit_are_named(
    door: Callable[..., Any], options: dict[str, Any], error: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        door(np.zeros((4, 20, 20), np.uint16), **options)


# Text


def test_a_composite_says_its_channels() -> None:
    data = xarray.DataArray(
        np.stack([np.arange(1200).reshape(30, 40), np.arange(0, 4800, 4).reshape(30, 40)]),
        dims=("c", "y", "x"),
        coords={"c": ["DAPI", "<GFP>"]},
    )
    picture = Picture(data, [0, -12], [812, 3400])
    assert "DAPI 0 to 812, <GFP> -12 to 3400" in picture.description
    assert picture.alt == (
        f"Composite picture, 30 × 40, of 2 channels: DAPI 0{DASH}812, <GFP> −12 to 3,400."
    )
    assert "■</span> DAPI<" in picture.html
    assert "&lt;GFP&gt;" in picture.html
    assert "<GFP>" not in picture.html.replace("&lt;", "")
    assert f"DAPI 0{DASH}812" in picture.svg
    assert 'fill="#00ff00"' in picture.svg
    grid = Grid([data, data + 5])
    assert grid.html.count("nbimage-legend") == 1
    view = View(data, [0, -12], [812, 3400])
    assert view.model.config["alt"] == picture.alt
    assert "of 2 channels: DAPI" in Video(data.expand_dims("time"), **LOSSLESS).alt


def test_batches_of_a_network_are_pictures_in_color_without_a_warning(
    recwarn: pytest.WarningsRecorder,
) -> None:
    batch = np.random.default_rng(5).normal(size=(6, 3, 20, 24)).astype(np.float32)
    assert [p.pixels.shape for p in Grid(batch).pictures] == [(20, 24, 3)] * 6
    assert len(Grid(batch[0, 0][None].repeat(64, 0)[:, :7, :7]).pictures) == 64
    assert not recwarn.list


# The rule itself


@given(
    count=st.integers(2, 8),
    dtype=st.sampled_from(["u1", "i1", "u2", "i4", "i8", "f2", "f4", "f8", "?"]),
    last=st.booleans(),
    axis=st.sampled_from(["", "c", "channel", "band", "rgba", "s"]),
    top=st.sampled_from([0.5, 1, 1.001, 3, 255]),
    asked=st.booleans(),
)
@settings(max_examples=150)
def test_alpha_is_believed_of_bytes_and_unit_floats_that_come_last_and_of_names(
    count: int, dtype: str, last: bool, axis: str, top: float, asked: bool
) -> None:
    array = np.full((3, 4, count), top).astype(dtype)
    found = are_colors(
        count,
        axis,
        array.dtype,
        last=last,
        given=asked,
        samples=Samples(array),
    )
    if count > 4:
        assert not found
    elif count == 4:
        fits = dtype == "u1" or (array.dtype.kind == "f" and top <= 1)
        assert found == (axis in ("rgba", "s") or (last and fits))


@pytest.mark.parametrize(("row", "missing"), itertools.product([0, 4], [np.nan, np.inf, -np.inf]))
def test_what_is_not_finite_tells_nothing_of_alpha(row: int, missing: float) -> None:
    data = np.full((5, 6, 4), 0.5)
    data[:, :, 3], data[row, 2] = 1, missing
    assert Picture(data).pixels.shape == (5, 6, 4)
    masked = np.ma.masked_greater(np.where(np.isfinite(data), data, 9), 2)
    assert Picture(masked).pixels.shape == (5, 6, 4)


def test_the_limits_in_a_legend_have_no_exponent_below_a_million() -> None:
    data = np.zeros((2, 5, 7), np.float32)
    data[0, 0, 0], data[1, 0, 0] = 20_700.4, 0.1234567
    picture = Picture(data, channel_axis=0, contrast="minmax")
    assert [entry[2] for entry in picture.figure.legend] == ["0\u201320,700", "0\u20130.1235"]
