"""Channels that are no colors are a composite: embedded and in tiles, of any format alike."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Grid, Picture, Video, View, encode, open_pyramid, write_tiff
from nbimage.base.chunked import Array
from nbimage.cli.main import main
from tests.optional import zarr

tifffile = pytest.importorskip("tifffile")
xarray = pytest.importorskip("xarray")

NAMES = ("DAPI", "GFP", "Cy3", "Cy5", "brightfield")
COLORS = ("#0000ff", "#00ff00", "#ffff00", "#ff00ff", "#ffffff")
WINDOWS = ((0, 90), (10, 100), (20, 110), (5, 200), (0, 250))


def samples(channels: int, dtype: str) -> Array:
    """Return values that differ from channel to channel."""
    shape = channels, 20, 30
    return np.random.default_rng(channels).integers(0, 251, shape).astype(dtype)


def ome_tiff(folder: Path, array: Array, described: bool) -> Path:
    """Write an OME-TIFF by tifffile alone."""
    count, path = len(array), folder / "a.ome.tif"
    metadata: dict[str, Any] = {"axes": "CYX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.25}
    if described:
        signed = [np.array(int(c[1:] + "ff", 16), np.uint32).view("i4") for c in COLORS[:count]]
        metadata["Channel"] = {"Name": NAMES[:count], "Color": [int(c) for c in signed]}
    tifffile.imwrite(path, array, ome=True, photometric="minisblack", metadata=metadata)
    return path


def ome_zarr(folder: Path, array: Array, described: bool) -> Path:
    """Write an OME-Zarr image by zarr alone."""
    path = folder / "a.ome.zarr"
    group = zarr.open_group(str(path), mode="w", zarr_format=2)
    group.create_array("0", shape=array.shape, dtype=array.dtype)[...] = array
    axes: list[dict[str, str]] = [{"name": "c", "type": "channel"}]
    axes += [{"name": n, "type": "space", "unit": "micrometer"} for n in "yx"]
    scale = {"type": "scale", "scale": [1, 0.25, 0.5]}
    levels = [{"path": "0", "coordinateTransformations": [scale]}]
    attributes: dict[str, Any] = {
        "multiscales": [{"version": "0.4", "axes": axes, "datasets": levels}]
    }
    if described:
        known = zip(NAMES, COLORS, WINDOWS, strict=True)
        attributes["omero"] = {
            "channels": [
                {
                    "label": name,
                    "color": color[1:],
                    "active": name != "GFP",
                    "window": {"start": low, "end": high, "min": 0, "max": 65535},
                }
                for name, color, (low, high) in list(known)[: len(array)]
            ]
        }
    group.attrs.update(attributes)
    return path


def page(data: Any, *limits: float, **options: Any) -> dict[str, Any]:
    """Return what a page says of an image, but for where its samples come from."""
    config = View(data, *limits, **options).model.config
    image = {
        key: value for key, value in config["images"][0].items() if key not in ("planes", "tiles")
    }
    return {**image, "axes": config["axes"], "displays": config["state"]["displays"]}


@pytest.mark.parametrize("described", [False, True], ids=["plain", "described"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("write", [ome_tiff, ome_zarr])
def test_a_file_is_the_same_embedded_and_in_tiles(
    write: Any, channels: int, dtype: str, described: bool, tmp_path: Path
) -> None:
    array = samples(channels, dtype)
    path = write(tmp_path, array, described)
    views = [View(path, embed=embed) for embed in (True, False)]
    found, tiled = (page(path, embed=embed) for embed in (True, False))
    assert found == tiled
    assert (found["x"]["unit"], found["x"]["step"], found["y"]["step"]) == ("µm", 0.5, 0.25)
    colors = channels == 3 and dtype != "uint16" and not described
    kind = "gray" if channels == 1 else "color" if colors else "composite"
    assert (found["kind"], found["channels"], found["axes"]) == (kind, channels, [])
    first, second = (view.picture.pixels for view in views)  # type: ignore[union-attr]
    np.testing.assert_array_equal(first, second)
    for other in (Picture(path), *Grid([path]).pictures):
        np.testing.assert_array_equal(other.pixels, first)


@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_omero_is_what_is_seen_first(dtype: str, embed: bool, tmp_path: Path) -> None:
    found = page(ome_zarr(tmp_path, samples(4, dtype), True), embed=embed)
    assert [one["name"] for one in found["colors"]] == list(NAMES[:4])
    assert ["#" + bytes(one["color"]).hex() for one in found["colors"]] == list(COLORS[:4])
    (display,) = found["displays"]
    assert list(zip(display["vmin"], display["vmax"], strict=True)) == list(WINDOWS[:4])
    assert display["on"] == [True, False, True, True]


@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
def test_ome_xml_is_what_is_seen_first(embed: bool, tmp_path: Path) -> None:
    found = page(ome_tiff(tmp_path, samples(4, "uint16"), True), embed=embed)
    assert [one["name"] for one in found["colors"]] == list(NAMES[:4])
    assert ["#" + bytes(one["color"]).hex() for one in found["colors"]] == list(COLORS[:4])


@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
@pytest.mark.parametrize("options", [{"channels": False}, {"cmap": "viridis"}, {"facet": "c"}])
def test_single_channels_are_shown_where_these_are_asked_for(
    options: dict[str, Any], embed: bool, tmp_path: Path
) -> None:
    found = page(ome_zarr(tmp_path, samples(4, "uint8"), True), embed=embed, **options)
    assert (found["kind"], found["axes"][0]["labels"]) == ("gray", list(NAMES[:4]))


@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
@pytest.mark.parametrize(
    ("axis", "count", "dtype", "kind"),
    [
        ("c", 3, "uint8", "color"),
        ("c", 3, "uint16", "composite"),
        ("c", 4, "uint8", "composite"),
        ("band", 4, "float32", "composite"),
        ("rgba", 4, "uint8", "color"),
        ("c", 8, "uint8", "composite"),
        ("c", 9, "uint8", "gray"),
    ],
)
def test_arrays_in_memory_follow_the_same_table(
    axis: str, count: int, dtype: str, kind: str, embed: bool
) -> None:
    data = xarray.DataArray(samples(count, dtype), dims=(axis, "y", "x"))
    assert page(data, embed=embed)["kind"] == kind


def test_encoded_and_by_the_command_line_it_is_the_same_picture(tmp_path: Path) -> None:
    path = ome_zarr(tmp_path, samples(4, "uint8"), True)
    shown = Picture(path).pixels
    with Image.open(io.BytesIO(encode(path))) as image:
        np.testing.assert_array_equal(np.asarray(image), shown)
    main(["png", str(path), str(tmp_path / "a.png")])
    with Image.open(tmp_path / "a.png") as image:
        np.testing.assert_array_equal(np.asarray(image), shown)


@pytest.mark.parametrize("vmin", [5, [1, 2, 3]])
def test_limits_of_a_composite_are_one_or_one_a_channel(vmin: Any) -> None:
    data = xarray.DataArray(samples(3, "uint16"), dims=("c", "y", "x"))
    shown = Picture(data, vmin, 200).pixels
    view = View(data, vmin, 200)
    np.testing.assert_array_equal(shown, view.picture.pixels)  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="one for each of 3 channels"):
        Picture(data, [1, 2], 200)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_fourth_sample_that_is_no_alpha_is_a_channel(dtype: str, tmp_path: Path) -> None:
    array = np.moveaxis(samples(4, dtype), 0, -1)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, array, photometric="rgb", extrasamples=["unspecified"])
    found, tiled = (page(path, embed=embed) for embed in (True, False))
    assert found == tiled
    assert [one["name"] for one in found["colors"]] == ["red", "green", "blue", "sample 3"]
    assert found["displays"][0]["on"] == [True, True, True, False]
    top = np.iinfo(dtype).max
    rgb = np.minimum(array[..., :3].astype(float) * 256 / top, 255).astype(np.uint8)
    expected = array[..., :3] if dtype == "uint8" else rgb
    for shown in (Picture(path), View(path).picture, View(path, embed=False).picture):
        np.testing.assert_array_equal(shown.pixels, expected)  # type: ignore[union-attr]
        assert "not shown" in shown.description


# Further axes

_AXES = [("t", "time"), ("c", "channel"), ("y", "space"), ("x", "space")]


def timelapse(dtype: str = "uint16") -> Array:
    return np.random.default_rng(2).integers(1, 250, (3, 2, 20, 30)).astype(dtype)


def write_timelapse(kind: str, array: Array, folder: Path) -> Any:
    """Return a stack of composites as each kind of file or array has it."""
    if kind == "ome.tif":
        path = folder / "a.ome.tif"
        metadata = {"axes": "TCYX", "Channel": {"Name": NAMES[:2]}}
        tifffile.imwrite(path, array, ome=True, photometric="minisblack", metadata=metadata)
        return path
    if kind == "named":
        return xarray.DataArray(array, dims=("t", "c", "y", "x"), coords={"c": list(NAMES[:2])})
    if kind == "list":
        return [write_timelapse("named", array, folder)[number] for number in range(len(array))]
    if kind == "files":
        paths = []
        for number, frame in enumerate(array):
            (folder / str(number)).mkdir()
            paths.append(ome_tiff(folder / str(number), frame, True))
        return paths
    path = folder / "a.zarr"
    group = zarr.open_group(str(path), mode="w", zarr_format=2)
    if kind == "zarr array":
        stored = group.create_array("0", shape=array.shape, dtype=array.dtype)
        stored.attrs["_ARRAY_DIMENSIONS"] = list("tcyx")
        stored[...] = array
        return stored
    group.create_array("0", shape=array.shape, dtype=array.dtype)[...] = array
    axes = [{"name": n, "type": t} for n, t in _AXES]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}]
    group.attrs["omero"] = {"channels": [{"label": name} for name in NAMES[:2]]}
    return path


@pytest.mark.parametrize("kind", ["ome.tif", "ome.zarr", "zarr array", "named", "list", "files"])
def test_frames_of_channels_are_composites_in_limits_that_all_share(
    kind: str, tmp_path: Path
) -> None:
    array = timelapse()
    given = write_timelapse(kind, array, tmp_path)
    ends = dict(zip(("vmin", "vmax"), np.percentile(array, (2, 98), axis=(0, 2, 3)), strict=True))
    video = Video(given, format="webp", lossless=True)
    assert video.description.startswith("3 frames of 2×20×30 uint16, ")
    colors = COLORS[:2] if kind == "files" else ("#00ff00", "#ff00ff")
    names = {"zarr array": ("channel 0", "channel 1")}.get(kind, NAMES[:2])
    channels = dict(zip(names, colors, strict=True))
    with Image.open(io.BytesIO(next(iter(video.files.values())))) as animation:
        for number, frame in enumerate(array):
            animation.seek(number)
            expected = View(frame, channels=channels, channel_axis=0, **ends).picture.pixels
            assert np.array_equal(np.asarray(animation.convert("RGB")), expected)
    assert Video(given, vmin=0, vmax=[100, 200], contrast="frame").description


def test_stacks_of_further_axes_are_refused_still(tmp_path: Path) -> None:
    array = xarray.DataArray(np.zeros((2, 3, 2, 9, 9), np.uint8), dims=("t", "z", "c", "y", "x"))
    with pytest.raises(ValueError, match="one axis of frames, but got 2 along 't' and 3 along 'z'"):
        Video(array)


def test_a_picture_with_a_further_sample_is_one_frame(tmp_path: Path) -> None:
    colors = np.random.default_rng(1).integers(0, 255, (20, 30, 4), np.uint8)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, colors, photometric="rgb", extrasamples=["unspecified"])
    video = Video(path, format="webp", lossless=True)
    with Image.open(io.BytesIO(next(iter(video.files.values())))) as animation:
        assert np.array_equal(np.asarray(animation.convert("RGB")), colors[..., :3])


@pytest.mark.parametrize("form", ["ome.tif", "ome.zarr"])
def test_channels_without_a_color_have_a_default_beside_those_with_one(
    form: str, tmp_path: Path
) -> None:
    array = samples(3, "uint16")
    if form == "ome.tif":
        path = ome_tiff(tmp_path, array, True)
        text = tifffile.tiffcomment(path)
        tifffile.tiffcomment(path, re.sub(r' Color="\d+"', "", text, count=1).encode())
        expected = ["#0000ff", "#00ff00", "#ffff00"]
    else:
        path = ome_zarr(tmp_path, array, True)
        group = zarr.open_group(str(path), mode="r+")
        omero = group.attrs["omero"]
        del omero["channels"][1]["color"]
        group.attrs["omero"] = omero
        expected = ["#0000ff", "#00ff00", "#ffff00"]
    with open_pyramid(path) as pyramid:
        assert list(pyramid.channel_colors) == expected
    if form == "ome.zarr":
        write_tiff(path, tmp_path / "b.ome.tif", progress=False)
        with open_pyramid(tmp_path / "b.ome.tif") as pyramid:
            assert list(pyramid.channel_colors) == expected


@pytest.mark.parametrize("embed", [True, False])
def test_the_plane_that_omero_names_is_the_first(embed: bool, tmp_path: Path) -> None:
    array = np.random.default_rng(4).integers(0, 250, (3, 2, 5, 20, 30)).astype(np.uint16)
    path = tmp_path / "a.zarr"
    group = zarr.open_group(str(path), mode="w", zarr_format=2)
    group.create_array("0", shape=array.shape, dtype=array.dtype)[...] = array
    axes = [{"name": n} for n in "tczyx"]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}]
    channels = [{"label": name, "active": name != "DAPI"} for name in NAMES[:2]]
    rendering = {"defaultT": 1, "defaultZ": 9, "model": "greyscale"}
    group.attrs["omero"] = {"channels": channels, "rdefs": rendering}
    view = View(path, embed=embed, vmin=0, vmax=250)
    assert view.state["index"] == {"t": 1, "z": 4}
    expected = Picture(array[1, 1, 4], vmin=0, vmax=250).pixels
    assert np.array_equal(view.picture.pixels, np.repeat(expected[..., None], 3, axis=2))
    assert View(path, embed=embed, state={"index": {"z": 2}}).state["index"] == {"t": 1, "z": 2}


def test_the_scale_bar_of_a_composite_is_that_of_its_pixels(tmp_path: Path) -> None:
    array = np.zeros((2, 40, 400), np.uint16)
    path = ome_tiff(tmp_path, array, True)
    named = xarray.DataArray(
        array,
        dims=("c", "y", "x"),
        coords={"y": ("y", np.arange(40) * 0.25), "x": ("x", np.arange(400) * 0.5)},
    )
    for axis in "yx":
        named[axis].attrs["units"] = "µm"
    for given in (path, named):
        bar = Picture(given, pixel_size=0.5, unit="µm").html
        assert re.search(r">\d+ µm</div><img", bar)
        for embed in (True, False):
            found = page(given, embed=embed)
            assert (found["x"]["unit"], found["x"]["step"], found["y"]["step"]) == ("µm", 0.5, 0.25)
            assert found["kind"] == "composite"


@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
def test_bands_that_are_called_by_colors_have_them(embed: bool) -> None:
    data = xarray.DataArray(
        samples(4, "uint16"),
        dims=("band", "y", "x"),
        coords={"band": ["nir", "Red", "green", "blue"]},
    )
    found = page(data, 0, 250, embed=embed)
    assert [bytes(one["color"]).hex() for one in found["colors"]] == [
        *("ff00ff", "ff0000", "00ff00", "0000ff")
    ]
    red = Picture(data[1:2].drop_vars("band").squeeze(), 0, 250).pixels
    others = data.copy()
    others[[0, 2, 3]] = 0
    np.testing.assert_array_equal(Picture(others, 0, 250).pixels[..., 0], red)
    assert not Picture(others, 0, 250).pixels[..., 1:].any()


@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
def test_channels_that_the_state_switches_off_are_dark_without_scripts_too(embed: bool) -> None:
    data = xarray.DataArray(
        samples(3, "uint16"), dims=("c", "y", "x"), coords={"c": ["red", "green", "blue"]}
    )
    state = {"displays": [{"on": [True, False, True]}]}
    view = View(data, state=state, embed=embed)
    assert isinstance(view.picture, Picture)
    whole = View(data, embed=embed).picture
    assert isinstance(whole, Picture)
    np.testing.assert_array_equal(view.picture.pixels[..., ::2], whole.pixels[..., ::2])
    assert not view.picture.pixels[..., 1].any()
    assert view.state["displays"][0]["on"] == [True, False, True]
    with pytest.raises(ValueError, match=r"'on'.* must be 3 bools"):
        View(data, state={"displays": [{"on": [True]}]}, embed=embed)
