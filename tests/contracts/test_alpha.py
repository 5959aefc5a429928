"""Which alpha is opaque: on the scale of the colors, once for all that is shown together.

Not here: which channel is one (`test_channel_kinds`); here the axis is named so.
"""

from __future__ import annotations

import io
import itertools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Grid, Picture, View, encode, open_pyramid, write_dzi
from nbimage.mapping.frames import as_frames
from nbimage.mapping.value_scale import ValueScale

xarray = pytest.importorskip("xarray")
Array = np.ndarray[Any, Any]
DTYPES = ["int64", "int32", "uint16", "int16", "uint32", "uint64", "float32", "float64", ">f4"]
TILES: Any = {"format": "png", "tile_size": 128, "overlap": 0, "progress": False}


def rgba(top: int = 255, seed: int = 0) -> Array:
    """Colors and alpha from 0 to ``top``, all of them multiples of top / 255."""
    found = np.random.default_rng(seed).integers(0, 256, (12, 15, 4))
    found[0, 0], found[0, 1] = 0, 255
    return found * (top // 255)


def named(data: Array) -> Any:
    """Return data whose last axis is said to be that of colors and alpha."""
    return xarray.DataArray(data, dims=("t", "y", "x", "rgba")[-data.ndim :])


def alpha(picture: Any) -> Array:
    return np.asarray(picture)[:, :, -1]


def decoded(data: bytes) -> Array:
    return np.asarray(Image.open(io.BytesIO(data)))


DOORS = {
    "picture": lambda data: Picture(named(data)).render(),
    "planar": lambda data: Picture(named(data).transpose("rgba", "y", "x")).render(),
    "encode": lambda data: decoded(encode(named(data))),
    "grid": lambda data: Grid([named(data)]).pictures[0].render(),
    "view": lambda data: View(named(data)).picture.render(),
    "live": lambda data: View(named(data), embed=False).snapshot().render(),
    "frames": lambda data: next(as_frames(named(data[None])).pixels()),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_alpha_of_0_to_255_is_opaque_at_255_whatever_holds_it(dtype: str, door: str) -> None:
    data = rgba().astype(dtype)
    np.testing.assert_array_equal(alpha(DOORS[door](data)), rgba()[:, :, 3])


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("dtype", ["uint16", "int32", "int64", "float64"])
def test_alpha_of_larger_colors_is_opaque_at_65535(dtype: str, door: str) -> None:
    data = rgba(65535).astype(dtype)
    np.testing.assert_array_equal(alpha(DOORS[door](data)), rgba()[:, :, 3])


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_alpha_of_floats_up_to_1_is_opaque_at_1(dtype: str, door: str) -> None:
    data = (rgba() / 255).astype(dtype)
    data[:, :, :3] *= 100  # colors brighter than 1 do not make it clear
    expected = np.clip(np.floor(data[:, :, 3].astype(float) * 256), 0, 255)
    np.testing.assert_array_equal(alpha(DOORS[door](data)), expected)


@pytest.mark.parametrize("dtype", ["int64", "uint16", "float32"])
def test_alpha_beside_gray_is_on_its_scale(dtype: str) -> None:
    data = rgba()[:, :, 2:].astype(dtype)
    shown = Picture(xarray.DataArray(data, dims=("y", "x", "s"))).render()
    np.testing.assert_array_equal(alpha(shown), data[:, :, 1])


def test_what_interpolation_adds_to_alpha_does_not_make_it_clear() -> None:
    data = rgba() / 255
    data[3, 4, 3] = 1.07
    assert alpha(Picture(named(data)).render())[0, 1] == 255
    assert alpha(Picture(named(data * 255)).render())[0, 1] == 255


def test_limits_of_the_colors_leave_alpha_on_their_own_scale() -> None:
    got = Picture(named(rgba()), 0, 510).render()
    np.testing.assert_array_equal(alpha(got), rgba()[:, :, 3])
    assert got[0, 1].tolist() == [128, 128, 128, 255]


def test_colors_below_0_tell_no_scale_of_alpha() -> None:
    data = rgba()
    data[:, :, :3] = data[:, :, :3] * 300 - 4000
    np.testing.assert_array_equal(alpha(Picture(named(data)).render()), data[:, :, 3])


def test_booleans_are_opaque_where_true_and_masked_pixels_are_clear() -> None:
    data = rgba() % 2 == 1
    np.testing.assert_array_equal(alpha(Picture(named(data)).render()), data[:, :, 3] * 255)
    masked = np.ma.masked_equal(rgba().astype(np.uint8), 7)
    expected = np.where(masked.mask.any(axis=2), 0, rgba()[:, :, 3])
    np.testing.assert_array_equal(alpha(Picture(masked).render()), expected)


STACK = np.stack([rgba() // 200, rgba(65535), rgba() * 0])  # the second one tells the scale


@pytest.mark.parametrize("dtype", ["uint16", "int64"])
def test_one_scale_of_alpha_holds_for_all_frames_and_pictures_of_a_stack(dtype: str) -> None:
    stack = STACK.astype(dtype)
    frames = list(as_frames(named(stack)).pixels())
    grid = [picture.render() for picture in Grid(list(map(named, stack))).pictures]
    view = View(named(stack))
    assert view.model.config["images"][0]["alpha"] == [0, 65535]
    for found, samples in itertools.chain(
        zip(frames, STACK, strict=True), zip(grid, STACK, strict=True)
    ):
        np.testing.assert_array_equal(alpha(found), samples[:, :, 3] * 256 // 65536)


@pytest.mark.parametrize("embed", [True, False])
def test_one_scale_of_alpha_holds_for_images_that_share_their_limits(embed: bool) -> None:
    images = [named(rgba(top).astype(np.uint16)) for top in (255, 65535)]
    shared = View(images, embed=embed).model.config["images"]
    assert [image["alpha"] for image in shared] == [[0, 65535], [0, 65535]]
    own = View(images, embed=embed, shared=False).model.config["images"]
    assert [image["alpha"] for image in own] == [[0, 255], [0, 65535]]


def test_frames_that_come_one_by_one_have_the_scale_of_the_limits() -> None:
    frames = [rgba() * 0, rgba()]
    shown = as_frames(map(named, frames), ValueScale.of(0, 255))
    for found, samples in zip(shown.pixels(), frames, strict=True):
        np.testing.assert_array_equal(alpha(found), samples[:, :, 3])


def test_a_later_frame_beyond_the_scale_of_alpha_is_refused() -> None:
    frames = map(named, [rgba() / 255, rgba() / 1.0])
    with pytest.raises(ValueError, match="alpha must be at most 1, as in the first frame"):
        list(as_frames(frames, ValueScale.of(0, 1)).pixels())


@pytest.mark.parametrize("limits", [{}, {"vmin": 0, "vmax": 65535}])
def test_tiles_have_one_scale_of_alpha(limits: Any, tmp_path: Path) -> None:
    data = np.full((300, 300, 4), 200, np.uint16)
    data[280, 280] = 65535  # in another tile than most
    write_dzi(named(data), tmp_path / "a.dzi", **TILES, **limits)
    tile = decoded((tmp_path / "a_files" / "9" / "0_0.png").read_bytes())
    assert tile[5, 5, 3] == 0
    view = View(named(data), embed=False)
    assert view.model.config["images"][0]["alpha"] == [0, 65535]
    data[280, 280] = 255
    write_dzi(named(data), tmp_path / "b.dzi", **TILES, **limits)
    assert decoded((tmp_path / "b_files" / "9" / "0_0.png").read_bytes())[5, 5, 3] == 200
    view = View(open_pyramid(named(data)), embed=False)
    view.export(tmp_path / "view", progress=False)
    tile = decoded(next((tmp_path / "view").rglob("9/0_0.png")).read_bytes())
    assert tile[5, 5, 3] == 200


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32"])
@pytest.mark.parametrize("door", ["picture", "encode", "grid", "view", "live"])
def test_a_picture_without_an_opaque_pixel_warns(dtype: str, door: str) -> None:
    faint = (rgba() // 2).astype(dtype)
    with pytest.warns(UserWarning, match=r"no pixel.* is opaque: .*127 at most, of 255") as caught:
        DOORS[door](faint)
    assert len(caught) == 1
    assert "\n" not in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        DOORS[door](rgba().astype(dtype))


def test_written_tiles_without_an_opaque_pixel_warn(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="no pixel of the int64 array"):
        write_dzi(named(rgba() // 2), tmp_path / "a.dzi", progress=False)
    with pytest.warns(UserWarning, match="no pixel of the int64 array"):
        list(as_frames(named((rgba() // 2)[None])).pixels())
