"""Channels that are no colors are a composite: embedded and in tiles, of any format alike."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Grid, Picture, View, encode
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


def page(data: Any, **options: Any) -> dict[str, Any]:
    """Return what a page says of an image, but for where its samples come from."""
    config = View(data, **options).model.config
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
