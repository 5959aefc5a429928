"""Deep Zoom images of which tiles were left out as blank, and those that lack some."""

from __future__ import annotations

import errno
import os
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Picture, View, open_pyramid
from nbimage.cli.main import main
from nbimage.pyramid.sources.deepzoom import tiles as deepzoom_tiles
from tests.web_server import serving

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(4)
WHITE = np.full((500, 650, 3), 255, np.uint8)
WHITE[260:340, 300:420] = RANDOM.integers(0, 256, (80, 120, 3))
GRAY = WHITE[..., 0]
BLACK = 255 - WHITE
SLATE = np.where(WHITE == 255, np.uint8(90), WHITE)
SEEN = (WHITE != 255).any(axis=2)
CLEAR = np.dstack([np.where(SEEN[..., None], WHITE, 0), np.uint8(255) * SEEN])
OPAQUE = np.dstack([WHITE, np.full_like(GRAY, 255)])
DEEP = np.where(SEEN, RANDOM.integers(0, 65536, SEEN.shape), 65535).astype(np.uint16)
CASES: dict[str, tuple[Array, Any]] = {
    "white": (WHITE, 255),
    "gray": (GRAY, 255),
    "black": (BLACK, 0),
    "slate": (SLATE, 90),
    "clear": (CLEAR, 0),
    "opaque": (OPAQUE, 255),
    "16 bits": (DEEP, 65535),
}


def write(path: Path, array: Array, background: Any, **options: Any) -> Path:
    pyvips = pytest.importorskip("pyvips")
    image = pyvips.Image.new_from_array(array)
    kind = "grey16" if array.dtype == np.uint16 else "b-w" if array.ndim == 2 else "srgb"
    target = path if path.suffix in (".zip", ".szi") else path.with_suffix("")
    known = {"suffix": ".png", "tile_size": 100, "overlap": 1, "skip_blanks": 0, **options}
    bands = 1 if array.ndim == 2 else array.shape[2]
    image.copy(interpretation=kind).dzsave(target, background=[background] * bands, **known)
    return path


def count_tiles(folder: Path) -> int:
    return len([*folder.glob("*/*_*.*")])


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("file", ["a.dzi", "a.zip", "a.szi"])
def test_a_tile_that_libvips_left_out_is_background(file: str, name: str, tmp_path: Path) -> None:
    array, background = CASES[name]
    path = write(tmp_path / file, array, background)
    whole = write(tmp_path / "whole.dzi", array, background, skip_blanks=-1)
    with open_pyramid(path) as pyramid, open_pyramid(whole) as other:
        assert (pyramid.dtype, pyramid.channels) == (other.dtype, other.channels)
        for level in range(len(pyramid.shapes)):
            np.testing.assert_array_equal(pyramid.read(level), other.read(level))
        np.testing.assert_array_equal(pyramid.read(0), array)
        np.testing.assert_array_equal(
            pyramid.read(0, slice(90, 310), slice(180, 400)), array[90:310, 180:400]
        )
    if file == "a.dzi":
        assert count_tiles(tmp_path / "a_files") < count_tiles(tmp_path / "whole_files") // 2


@pytest.mark.parametrize("overlap", [0, 2])
@pytest.mark.parametrize("size", [99, 64])
@pytest.mark.parametrize("depth", ["onetile", "one", "onepixel"])
def test_blank_tiles_of_every_layout_are_background(
    depth: str, size: int, overlap: int, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"depth": depth, "tile_size": size, "overlap": overlap}
    path = write(tmp_path / "a.dzi", WHITE, 255, **options)
    with open_pyramid(path) as pyramid:
        np.testing.assert_array_equal(pyramid.read(0), WHITE)
        np.testing.assert_array_equal(np.asarray(pyramid.levels[2]).shape, (125, 163, 3))


def test_blank_tiles_that_differ_a_little_are_background(tmp_path: Path) -> None:
    noise = RANDOM.integers(-6, 7, WHITE.shape)
    array = np.where(WHITE == 255, 240 + noise, WHITE).astype(np.uint8)
    path = write(tmp_path / "a.dzi", array, 240, skip_blanks=10, suffix=".jpg[Q=90]")
    with open_pyramid(path) as pyramid:
        found = pyramid.read(0).astype(int)
    assert np.abs(found - array)[:190].max() <= 8
    assert count_tiles(tmp_path / "a_files" / "10") < 15


def test_every_verb_shows_them(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dzi", WHITE, 255)
    np.testing.assert_array_equal(Picture(path).pixels, WHITE)
    stack = View(path).model.images[0].stack
    np.testing.assert_array_equal(stack.plane(()).array, WHITE)
    assert main(["png", str(path), str(tmp_path / "b.png")]) == 0
    with Image.open(tmp_path / "b.png") as image:
        np.testing.assert_array_equal(np.asarray(image), WHITE)


@pytest.mark.parametrize("name", ["white", "black", "clear"])
@pytest.mark.parametrize("depth", ["onepixel", "onetile"])
@pytest.mark.parametrize("file", ["a.dzi", "a.zip"])
def test_a_server_sends_no_tile_where_one_is_blank(
    file: str, depth: str, name: str, tmp_path: Path
) -> None:
    """The first tile of the largest level is blank too, and a server lists nothing."""
    pytest.importorskip("aiohttp")
    array, background = CASES[name]
    write(tmp_path / file, array, background, depth=depth)
    with serving(tmp_path) as server, open_pyramid(f"{server.address}/{file}") as pyramid:
        np.testing.assert_array_equal(pyramid.read(0), array)
        assert 3 in pyramid.native_levels


# What is lacking is not blank


def picture(tmp_path: Path) -> Path:
    rows, columns = np.mgrid[:500, :650]
    data = np.uint8(128 + 120 * np.sin(rows / 20) * np.cos(columns / 15))
    return write(tmp_path / "a.dzi", data, 255, skip_blanks=-1)


@pytest.mark.parametrize("lost", ["10/3_2.png", "9/1_1.png"])
def test_a_tile_of_which_a_smaller_level_shows_something_is_lacking(
    lost: str, tmp_path: Path
) -> None:
    path = picture(tmp_path)
    (tmp_path / "a_files" / lost).unlink()
    with open_pyramid(path) as pyramid:
        with pytest.raises(FileNotFoundError, match=f"must have all tiles, but lacks .*{lost}"):
            pyramid.read(10 - int(lost.partition("/")[0]))
        pyramid.read(0, slice(0, 90), slice(0, 90))


@pytest.mark.parametrize("packed", [False, True])
def test_a_whole_level_is_never_blank(packed: bool, tmp_path: Path) -> None:
    path = write(tmp_path / "a.dzi", WHITE, 255)
    shutil.rmtree(tmp_path / "a_files" / "9")
    if packed:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as file:
            for each in sorted(tmp_path.rglob("*")):
                if each.is_file() and each != path:
                    file.write(each, each.relative_to(tmp_path).as_posix())
    with (
        open_pyramid(path) as pyramid,
        pytest.raises(FileNotFoundError, match=r"must have all tiles, but lacks .*9/"),
    ):
        pyramid.read(1)


def test_the_one_tile_of_a_small_level_is_never_blank(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dzi", WHITE, 255)
    (tmp_path / "a_files" / "5" / "0_0.png").unlink()
    with open_pyramid(path) as pyramid, pytest.raises(FileNotFoundError, match="lacks"):
        pyramid.read(5)


def test_a_damaged_tile_is_no_blank_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dzi", WHITE, 255)
    tile = tmp_path / "a_files" / "10" / "4_3.png"
    tile.write_bytes(tile.read_bytes()[:40])
    with open_pyramid(path) as pyramid, pytest.raises(ValueError, match=r"4_3\.png of .* picture"):
        pyramid.read(0)


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EACCES, errno.EIO])
def test_a_tile_that_can_not_be_opened_now_is_no_blank_one(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.dzi", WHITE, 255)
    open_file = deepzoom_tiles.open_at_once

    def fail(name: str, flags: int) -> int:
        if name.endswith("3_3.png"):
            raise OSError(code, os.strerror(code), name)
        return open_file(name, flags)

    with open_pyramid(path) as pyramid:
        monkeypatch.setattr(deepzoom_tiles, "open_at_once", fail)
        with pytest.raises(OSError, match=re.escape(os.strerror(code))):
            pyramid.read(0)
        monkeypatch.undo()
        np.testing.assert_array_equal(pyramid.read(0), WHITE)
