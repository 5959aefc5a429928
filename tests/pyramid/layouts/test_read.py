"""Pyramids in every layout are read: what nbimage, libvips and others have written."""

from __future__ import annotations

import json
import pickle
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Picture, open_pyramid, write_dzi
from nbimage.base.chunked import Array
from nbimage.cli.main import main
from nbimage.pyramid.core.downsample import halve
from tests.web_server import serving

from .test_libvips import LAYOUTS, as_vips, axis, noise

SIZES = [(1, 1), (16, 16), (17, 3), (33, 70), (100, 130)]
DESCRIPTORS = {"iiif3": "info.json", "google": "tiles.json", "zoomify": "ImageProperties.xml"}


def smooth(rows: int, columns: int) -> Array:
    y, x = np.mgrid[:rows, :columns] / 40
    waves = [np.sin(x), np.cos(y + x / 2), np.sin(y)]
    return (127.5 + 100 * np.stack(waves, axis=-1)).astype(np.uint8)


def check_levels(path: Any, pixels: Array, off: int = 0) -> None:
    """Look at all levels, which are means of two by two."""
    with open_pyramid(path) as pyramid:
        assert pyramid.shapes[0] == pixels.shape[:2]
        assert pyramid.channels == (1 if pixels.ndim == 2 else pixels.shape[2])
        for level in range(len(pyramid.shapes)):
            found = pyramid.read(level)
            assert np.abs(found.astype(int) - pixels).max() <= off, level
            pixels = halve(pixels)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("channels", [1, 3])
def test_what_was_written_is_read(tmp_path: Path, layout: str, channels: int) -> None:
    for shape in SIZES:
        pixels, path = noise(shape, channels, 200), tmp_path / "x".join(map(str, shape))
        write_dzi(
            pixels, path, layout=layout, format="png", tile_size=16, channel_axis=axis(channels)
        )
        for named in (path, path / DESCRIPTORS[layout], str(path)):
            if layout == "google":  # of which the last odd row and column are mixed with white
                assert np.array_equal(open_pyramid(named).read(0), pixels)
            else:
                check_levels(named, pixels)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("suffix", [".zip", ".szi"])
def test_archives_are_read(tmp_path: Path, layout: str, suffix: str) -> None:
    pixels = noise((90, 130), 3, 200)
    options: Any = {"layout": layout, "format": "png", "tile_size": 32}
    path = write_dzi(pixels, tmp_path / f"x{suffix}", **options)
    assert np.array_equal(open_pyramid(path).read(0), pixels)


@pytest.mark.parametrize("layout", ["iiif3", "iiif", "zoomify"])
@pytest.mark.parametrize("suffix", ["", ".zip", ".szi"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_what_libvips_has_written_is_read(
    tmp_path: Path, layout: str, suffix: str, channels: int
) -> None:
    for shape in SIZES[1:]:
        pixels = noise(shape, channels, 200)
        path = tmp_path / f"{'x'.join(map(str, shape))}{suffix}"
        as_vips(pixels).dzsave(str(path), layout=layout, suffix=".png", tile_size=16)
        if channels == 4:
            assert np.array_equal(open_pyramid(path).read(0), pixels)
        else:
            check_levels(path, pixels)


@pytest.mark.parametrize("suffix", ["", ".zip", ".szi"])
def test_google_tiles_without_a_descriptor_are_as_large_as_all_their_tiles(
    tmp_path: Path, suffix: str
) -> None:
    pixels = noise((90, 130), 3, 200)
    path = tmp_path / f"x{suffix}"
    as_vips(pixels).dzsave(str(path), layout="google", suffix=".png", tile_size=32)
    found = open_pyramid(path).read(0)
    assert found.shape == (96, 160, 3)
    assert np.array_equal(found[:90, :130], pixels)
    assert (found[90:] == 255).all()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_jpeg_of_libvips_sizes_is_read(tmp_path: Path, layout: str) -> None:
    pixels = smooth(700, 1301)
    write_dzi(pixels, tmp_path / "ours", layout=layout, quality=95)
    as_vips(pixels).dzsave(str(tmp_path / "vips"), layout=layout, suffix=".jpg[Q=95]")
    for name in ("ours", "vips"):
        found = open_pyramid(tmp_path / name).read(0)[:700, :1301]
        assert np.abs(found.astype(int) - pixels).mean() < 2


@pytest.mark.parametrize("kind", ["webp", "avif", "png", "jpeg"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_format_is_found(tmp_path: Path, layout: str, kind: str) -> None:
    write_dzi(smooth(70, 90), tmp_path / "x", layout=layout, format=kind, tile_size=32)
    found = open_pyramid(tmp_path / "x").read(0)
    assert np.abs(found.astype(int) - smooth(70, 90)).mean() < 8


@pytest.mark.parametrize("layout", LAYOUTS)
def test_missing_values_and_white_tiles_are_read_again(tmp_path: Path, layout: str) -> None:
    values = np.linspace(0, 1, 100 * 140).reshape(100, 140)
    values[:40, :70] = np.nan
    write_dzi(values, tmp_path / "nan", layout=layout, format="png", tile_size=16)
    found = open_pyramid(tmp_path / "nan").read(0)
    assert np.array_equal(found[:, :, 1] == 0, np.isnan(values))
    pixels = noise((100, 140), 3, 200)
    pixels[30:, 40:] = 255
    write_dzi(pixels, tmp_path / "white", layout=layout, format="png", tile_size=16)
    assert np.array_equal(open_pyramid(tmp_path / "white").read(0), pixels)
    white = np.full((50, 50), 255, np.uint8)
    write_dzi(white, tmp_path / "all", layout=layout, format="png", tile_size=16)
    assert np.array_equal(open_pyramid(tmp_path / "all").read(0), white)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("suffix", ["", ".zip"])
def test_a_server_is_asked_for_tiles(tmp_path: Path, layout: str, suffix: str) -> None:
    pixels = noise((90, 130), 3, 200)
    options: Any = {"layout": layout, "format": "png", "tile_size": 32}
    write_dzi(pixels, tmp_path / f"x{suffix}", **options)
    with serving(tmp_path) as server:
        name = f"x/{DESCRIPTORS[layout]}" if not suffix else "x.zip"
        with open_pyramid(f"{server.address}/{name}") as pyramid:
            assert np.array_equal(pyramid.read(0), pixels)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_folder_of_another_file_system_is_written_and_read(layout: str) -> None:
    pixels = noise((90, 130), 3, 200)
    options: Any = {"layout": layout, "format": "png", "tile_size": 32}
    address = f"memory://layouts/{layout}"
    write_dzi(noise((200, 300), 1), address, **options)
    for resume in (False, True):
        assert write_dzi(pixels, address, resume=resume, **options) == address
        for named in (address, f"{address}/{DESCRIPTORS[layout]}"):
            with open_pyramid(named) as pyramid:
                assert np.array_equal(pyramid.read(0), pixels)


def test_zoomify_levels_may_be_rounded_down(tmp_path: Path) -> None:
    """As of Zoomify's own programs: 35 columns are 17 and 8, in one tile less than 18 and 9."""
    pixels, tiles = noise((20, 35), 3), []
    levels = [pixels, halve(pixels)[:10, :17], halve(halve(pixels))[:5, :8]]
    for zoom, level in enumerate(levels[::-1]):
        for row in range(0, level.shape[0], 8):
            for column in range(0, level.shape[1], 8):
                tile = level[row : row + 8, column : column + 8]
                tiles.append((f"{zoom}-{column // 8}-{row // 8}.png", tile))
    (tmp_path / "x" / "TileGroup0").mkdir(parents=True)
    for name, tile in tiles:
        Image.fromarray(tile).save(tmp_path / "x" / "TileGroup0" / name)
    text = '<IMAGE_PROPERTIES WIDTH="35" HEIGHT="20" NUMTILES="{}" NUMIMAGES="1" TILESIZE="8"/>'
    described = tmp_path / "x" / "ImageProperties.xml"
    described.write_text(text.format(len(tiles)))
    with open_pyramid(tmp_path / "x") as pyramid:
        for number, level in enumerate(levels):
            found = pyramid.read(number)[: level.shape[0], : level.shape[1]]
            assert np.array_equal(found, level)
    described.write_text(text.format(99))
    with pytest.raises(ValueError, match=r"must have .* tiles of its .* levels, but has 99"):
        open_pyramid(tmp_path / "x")


def test_they_can_be_pickled_moved_and_shown(tmp_path: Path) -> None:
    pixels = noise((90, 130), 3, 200)
    write_dzi(pixels, tmp_path / "a", layout="google", format="png", tile_size=32)
    shutil.move(tmp_path / "a", tmp_path / "b")
    with open_pyramid(tmp_path / "b") as pyramid:
        copy = pickle.loads(pickle.dumps(pyramid))
        assert np.array_equal(copy.read(0), pixels)
    assert np.array_equal(Picture(tmp_path / "b").pixels, pixels)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tiles": []}, "must have tiles"),
        ({"tiles": [{"width": 32, "height": 16, "scaleFactors": [1]}]}, "as high as they are wide"),
        ({"tiles": [{"width": 32, "scaleFactors": [2, 4]}]}, "of the full image"),
        ({"width": "x"}, "must have width from 1"),
        ({"height": 1e400}, "must have height from 1"),
        ({"@context": "http://example.com"}, "must be of the IIIF Image API 2 or 3"),
        ({"@context": [["x"], {"a": 1}, None]}, "must be of the IIIF Image API 2 or 3"),
    ],
)
def test_an_info_json_that_is_no_use_is_refused_in_one_line(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    write_dzi(noise((90, 130), 1), tmp_path / "x", layout="iiif3", tile_size=32)
    path = tmp_path / "x" / "info.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ValueError, match=message) as caught:
        open_pyramid(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", DESCRIPTORS.values())
@pytest.mark.parametrize("text", ["", "[1]", "<", "{", "<a/>", "{}", "[" * 100_000])
def test_damaged_descriptors_are_refused_in_one_line(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / name).write_text(text)
    with pytest.raises((ValueError, OSError)) as caught:
        open_pyramid(tmp_path / "x")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_tile_that_is_lacking_or_of_another_size_is_told(tmp_path: Path, layout: str) -> None:
    path = tmp_path / "x"
    write_dzi(noise((90, 130), 1), path, layout=layout, format="png", tile_size=32)
    names = {"iiif3": "32,0,32,32/32,32/0/default.png", "google": "3/0/1.png"}
    tile = path / names.get(layout, "TileGroup0/3-1-0.png")
    Image.fromarray(noise((31, 32), 1)).save(tile)
    with pytest.raises(ValueError, match="must have 32 x 32 pixels, but has 31 x 32"):
        open_pyramid(path).read(0)
    tile.unlink()
    with pytest.raises(FileNotFoundError, match="must have all tiles, but lacks"):
        open_pyramid(path).read(0)


def test_info_says_which_layout_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "x.npy", noise((90, 130), 1))
    command = ["dzi", str(tmp_path / "x.npy"), str(tmp_path / "x"), "--layout", "zoomify"]
    assert main(command) == 0
    assert "a pyramid of" in capsys.readouterr().out
    assert main(["info", str(tmp_path / "x")]) == 0
    assert "layout: Zoomify\n" in capsys.readouterr().out


def test_an_archive_of_several_pyramids_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a/info.json", "{}")
        archive.writestr("b/info.json", "{}")
    with pytest.raises(ValueError, match=r"must hold one \.dzi, but holds 2"):
        open_pyramid(tmp_path / "x.zip")


@pytest.mark.parametrize("suffix", ["", ".zip"])
def test_iiif_that_names_no_region_full_is_read(tmp_path: Path, suffix: str) -> None:
    """As libvips wrote it before 8.18."""
    for shape in ((16, 16), (40, 70), (9, 200)):
        pixels, path = noise(shape, 3, 200), tmp_path / "x".join(map(str, shape))
        write_dzi(pixels, path, layout="iiif3", format="png", tile_size=16)
        (path / "full").rename(path / f"0,0,{shape[1]},{shape[0]}")
        for folder in path.glob("*/max"):
            shutil.rmtree(folder)
        if suffix:
            path = Path(shutil.make_archive(str(path), "zip", tmp_path, path.name))
        check_levels(path, pixels)
