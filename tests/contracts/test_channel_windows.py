"""The limits and colors that an OME-Zarr image has of its channels are the first at every door."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import (
    Grid,
    Picture,
    Video,
    View,
    encode,
    open_pyramid,
    write_dzi,
    write_ome_zarr,
    write_tiff,
)
from nbimage.base.chunked import Array
from nbimage.cli.main import main

zarr = pytest.importorskip("zarr")

WINDOWS = [(100, 900), (0, 30000), (50, 60)]
COLORS = ["FF00FF", "00FF00", "123456"]


def samples(channels: int) -> Array:
    """Return small values, with one large one that would make all others black."""
    found = np.random.default_rng(3).integers(0, 1000, (channels, 24, 37)).astype(np.uint16)
    found[:, 3, 4] = 65535
    return found


def ome_zarr(
    folder: Path, channels: int = 1, version: int = 3, dims: str = "cyx", **more: Any
) -> tuple[Path, Array]:
    """Write an image by zarr alone."""
    path = folder / f"{channels}-{version}.ome.zarr"
    group = zarr.open_group(str(path), mode="w", zarr_format=version)
    whole = samples(channels).reshape([{"c": channels, "y": 24, "x": 37}.get(d, 1) for d in dims])
    array = group.create_array("0", shape=whole.shape, dtype=whole.dtype)
    array[...] = whole
    types = {"c": "channel", "t": "time"}
    described = {
        "multiscales": [
            {
                "axes": [{"name": d, "type": types.get(d, "space")} for d in dims],
                "datasets": [
                    {
                        "path": "0",
                        "coordinateTransformations": [{"type": "scale", "scale": [1] * len(dims)}],
                    }
                ],
            }
        ],
        "omero": {
            "channels": [
                {
                    "color": COLORS[i],
                    "label": f"stain {i}",
                    "window": {"min": 0, "max": 65535, "start": low, "end": high},
                    **more,
                }
                for i, (low, high) in enumerate(WINDOWS[:channels])
            ]
        },
    }
    group.attrs.update({"ome": {"version": "0.5", **described}} if version == 3 else described)
    return path, whole.reshape(channels, 24, 37)


def decoded(data: bytes) -> Array:
    return np.asarray(Image.open(io.BytesIO(data)))


def by_command_line(path: Path) -> Array:
    assert main(["png", str(path), str(path.parent / "out.png")]) == 0
    return decoded((path.parent / "out.png").read_bytes())


def by_deep_zoom(path: Path) -> Array:
    write_dzi(path, path.parent / "out.dzi", format="png", progress=False)
    return Picture(path.parent / "out.dzi").pixels


def by_pyramid(path: Path) -> Array:
    with open_pyramid(path) as pyramid:
        return Picture(pyramid).pixels


DOORS: dict[str, Callable[[Path], Array]] = {
    "Picture": lambda path: Picture(path).pixels,
    "pyramid": by_pyramid,
    "encode": lambda path: decoded(encode(path)),
    "Grid": lambda path: Grid([path, path]).pictures[1].pixels,
    "Grid of one": lambda path: Grid([path]).pictures[0].pixels,
    "Video": lambda path: next(iter(frames(path))),
    "embedded": lambda path: picture_of(View(path, embed=True)),
    "tiled": lambda path: picture_of(View(path, embed=False)),
    "command line": by_command_line,
    "write_dzi": by_deep_zoom,
}


def frames(path: Path) -> Any:
    from nbimage.mapping.frames import as_frames
    from nbimage.pyramid.read_frames import read_frames

    return as_frames(read_frames(path)[0]).pixels()


def picture_of(view: View) -> Array:
    assert isinstance(view.picture, Picture)
    return view.picture.pixels


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("version", "dims"), [(3, "cyx"), (2, "cyx"), (3, "yx"), (3, "tcyx")])
def test_the_window_of_a_channel_is_the_first_contrast(
    door: str, version: int, dims: str, tmp_path: Path
) -> None:
    path, whole = ome_zarr(tmp_path, version=version, dims=dims)
    np.testing.assert_array_equal(DOORS[door](path), Picture(whole[0], 100, 900).pixels)


def test_limits_and_contrast_that_are_asked_for_count_more(tmp_path: Path) -> None:
    path, whole = ome_zarr(tmp_path)
    for options in ({"vmin": 5, "vmax": 50}, {"contrast": "minmax"}, {"vsym": True}):
        for embed in (True, False):
            expected = Picture(whole[0], **options).pixels
            np.testing.assert_array_equal(Picture(path, **options).pixels, expected)
            view = View(path, embed=embed, **options)
            np.testing.assert_array_equal(picture_of(view), expected)


def test_an_inverted_channel_is_inverted(tmp_path: Path) -> None:
    path, whole = ome_zarr(tmp_path, inverted=True)
    np.testing.assert_array_equal(Picture(path).pixels, Picture(whole[0], 900, 100).pixels)


@pytest.mark.parametrize(
    "window", [{}, {"start": 0}, {"start": 7, "end": 7}, {"start": "a", "end": 5}, [1, 2], None]
)
def test_windows_that_make_no_sense_are_left_out(window: Any, tmp_path: Path) -> None:
    path, whole = ome_zarr(tmp_path, window=window)
    np.testing.assert_array_equal(Picture(path).pixels, Picture(whole[0]).pixels)


@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
def test_a_composite_has_the_windows_and_colors_of_its_file(embed: bool, tmp_path: Path) -> None:
    path, _ = ome_zarr(tmp_path, 3)
    config = View(path, channels=["a", "b", ("c", "red")], embed=embed).model.config
    (display,) = config["state"]["displays"]
    assert display["vmin"] == [low for low, _ in WINDOWS]
    assert display["vmax"] == [high for _, high in WINDOWS]
    colors = [channel["color"] for channel in config["images"][0]["colors"]]
    assert colors == [[255, 0, 255], [0, 255, 0], [255, 0, 0]]


@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
def test_a_composite_hides_channels_that_are_not_active(embed: bool, tmp_path: Path) -> None:
    path, whole = ome_zarr(tmp_path, 3)
    group = zarr.open_group(str(path), mode="r+")
    described = group.attrs["ome"]
    described["omero"]["channels"][1]["active"] = False
    group.attrs["ome"] = described
    view = View(path, channels=["a", "b", "c"], embed=embed)
    (display,) = view.model.config["state"]["displays"]
    assert display["on"] == [True, False, True]
    both = View(
        whole[[0, 2]],
        [WINDOWS[0][0], WINDOWS[2][0]],
        [WINDOWS[0][1], WINDOWS[2][1]],
        channels={"a": "#ff00ff", "c": "#123456"},
    )
    np.testing.assert_array_equal(picture_of(view), picture_of(both))


@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
def test_channels_one_at_a_time_begin_with_the_first_ones_window(
    embed: bool, tmp_path: Path
) -> None:
    path, whole = ome_zarr(tmp_path, 3)
    view = View(path, embed=embed, channels=False)
    np.testing.assert_array_equal(picture_of(view), Picture(whole[0], *WINDOWS[0]).pixels)


def test_pictures_of_channels_have_each_their_own_window(tmp_path: Path) -> None:
    path, whole = ome_zarr(tmp_path, 3)
    shown = Grid(path).pictures
    assert len(shown) == 3
    for picture, plane, window in zip(shown, whole, WINDOWS, strict=True):
        np.testing.assert_array_equal(picture.pixels, Picture(plane, *window).pixels)


def test_windows_are_written_again(tmp_path: Path) -> None:
    path, _ = ome_zarr(tmp_path, 3)
    again = write_ome_zarr(path, tmp_path / "again.ome.zarr", progress=False)
    with open_pyramid(again) as pyramid:
        assert pyramid.metadata.windows == tuple(WINDOWS)
        assert pyramid.channel_colors == tuple(f"#{color.lower()}" for color in COLORS)


def test_a_composite_has_the_colors_of_an_ome_tiff(tmp_path: Path) -> None:
    pytest.importorskip("tifffile")
    path, _ = ome_zarr(tmp_path, 3)
    tiff = write_tiff(path, tmp_path / "a.ome.tif", progress=False)
    for embed in (True, False):
        config = View(tiff, channels=["a", "b", "c"], embed=embed).model.config
        colors = [channel["color"] for channel in config["images"][0]["colors"]]
        assert colors == [[255, 0, 255], [0, 255, 0], [18, 52, 86]]


def test_a_video_of_a_file_takes_its_window(tmp_path: Path) -> None:
    path, _ = ome_zarr(tmp_path)
    assert "black is 100, white is 900" in Video(path, progress=False).description
