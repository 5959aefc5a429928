"""IIIF, Google and Zoomify: the files are called as libvips has it, and hold the same pixels."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from nbimage import open_pyramid, write_dzi
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.layouts.layout import find_layout
from nbimage.pyramid.levels import super_tiles as building
from nbimage.pyramid.levels.super_tiles import cut_super_tiles
from nbimage.pyramid.writers.tile_encoder import TileCodec

pyvips = pytest.importorskip("pyvips")

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(7)
LAYOUTS = ["iiif3", "google", "zoomify"]
SIZES = [(1, 1), (1, 33), (31, 1), (16, 16), (17, 16), (32, 33), (64, 64), (65, 67), (67, 130)]
SIZES += [(129, 40), (63, 255), (33, 257), (511, 2), (128, 256), (101, 99)]
OWN = {"tiles.json", "vips-properties.xml", "blank.png", "info.json", "ImageProperties.xml"}


def noise(shape: tuple[int, int], channels: int, top: int = 256) -> Array:
    whole = shape if channels == 1 else (*shape, channels)
    return RANDOM.integers(0, top, whole, dtype=np.uint8)


def as_vips(pixels: Array) -> Any:
    height, width, *channels = pixels.shape
    image = pyvips.Image.new_from_memory(
        np.ascontiguousarray(pixels).data, width, height, channels[0] if channels else 1, "uchar"
    )
    kind = "srgb" if channels and channels[0] > 2 else "b-w"
    return image.copy(interpretation=kind)


def as_of_today(name: str, shape: tuple[int, ...]) -> str:
    """A name as libvips has it since 8.18: before, the region of all was named by its numbers."""
    if pyvips.at_least_libvips(8, 18):
        return name
    return name.replace(f"0,0,{shape[1]},{shape[0]}/", "full/")


def tiles(folder: Path) -> dict[str, Array]:
    """Tile's name below the pyramid's folder -> its pixels."""
    found, shape = {}, (0, 0)
    if (folder / "info.json").exists():
        described = json.loads((folder / "info.json").read_text())
        shape = described["height"], described["width"]
    for file in sorted(folder.rglob("*.*")):
        if file.is_file() and file.name not in OWN:
            with Image.open(file) as image:
                name = as_of_today(file.relative_to(folder).as_posix(), shape)
                found[name] = np.asarray(image)
    return found


def check_same(ours: dict[str, Array], theirs: dict[str, Array], more: set[str]) -> None:
    assert ours.keys() - more == theirs.keys() - more
    for name, tile in theirs.items():
        assert np.array_equal(ours[name], tile), name


def axis(channels: int) -> int | None:
    return None if channels == 1 else -1


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_tile_of_every_level_is_that_of_libvips(
    tmp_path: Path, layout: str, channels: int
) -> None:
    for shape in SIZES if channels in (1, 3) else SIZES[::2]:
        name = "x".join(map(str, shape))
        pixels = noise(shape, channels)
        options: Any = {"layout": layout, "tile_size": 16}
        as_vips(pixels).dzsave(str(tmp_path / f"vips{name}"), suffix=".png", **options)
        write_dzi(
            pixels, tmp_path / f"ours{name}", format="png", channel_axis=axis(channels), **options
        )
        found = tiles(tmp_path / f"ours{name}")
        check_same(found, tiles(tmp_path / f"vips{name}"), {"full/max/0/default.png"})


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("most", [1, 1 << 13, 1 << 30])
def test_the_tiles_are_the_same_whatever_one_task_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str, most: int
) -> None:
    pixels = noise((203, 389), 3)
    options: Any = {"layout": layout, "tile_size": 32}
    as_vips(pixels).dzsave(str(tmp_path / "vips"), suffix=".png", **options)
    monkeypatch.setattr(cut_super_tiles, "__defaults__", (most,))
    monkeypatch.setattr(building, "_IN_MEMORY", 1 << 10)
    write_dzi(pixels, tmp_path / "ours", format="png", **options)
    check_same(tiles(tmp_path / "ours"), tiles(tmp_path / "vips"), set())


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sizes_and_suffixes_are_those_of_libvips_where_none_are_given(
    tmp_path: Path, layout: str, channels: int
) -> None:
    y, x = np.mgrid[:700, :1100]
    pixels = np.stack([x % 256, y % 256, (x + y) % 256, x // 5], -1).astype(np.uint8) // 2 + 60
    pixels = np.ascontiguousarray(pixels[:, :, 0] if channels == 1 else pixels[:, :, :channels])
    if channels == 4:
        pixels[:, :, 3] = 255
    as_vips(pixels).dzsave(str(tmp_path / "vips"), layout=layout)
    as_vips(pixels).dzsave(str(tmp_path / "exact"), layout=layout, suffix=".png")
    write_dzi(pixels, tmp_path / "ours", layout=layout, channel_axis=axis(channels))
    ours, theirs = tiles(tmp_path / "ours"), tiles(tmp_path / "vips")
    assert ours.keys() == theirs.keys()
    for name, tile in tiles(tmp_path / "exact").items():
        own, other = (found[name.replace(".png", ".jpg")] for found in (ours, theirs))
        assert own.shape == other.shape
        exact = (tile[..., :3] if channels == 4 else tile).astype(int)
        assert np.abs(own - exact).mean() <= np.abs(other - exact).mean() + 0.5, name


def test_descriptors_say_what_those_of_libvips_do(tmp_path: Path) -> None:
    pixels = noise((300, 417), 3)
    for layout in ("iiif3", "zoomify"):
        options: Any = {"layout": layout, "tile_size": 64}
        as_vips(pixels).dzsave(str(tmp_path / f"v-{layout}" / "x"), **options)
        write_dzi(pixels, tmp_path / f"o-{layout}", **options)
    ours, theirs = (
        ElementTree.parse(tmp_path / name / "ImageProperties.xml").getroot()
        for name in ("o-zoomify", "v-zoomify/x")
    )
    assert (ours.tag, ours.attrib) == (theirs.tag, theirs.attrib)
    own, other = (
        json.loads((tmp_path / name / "info.json").read_text()) for name in ("o-iiif3", "v-iiif3/x")
    )
    assert own["id"].replace("o-iiif3", "x") == other["id"]
    assert {key: own[key] for key in other if key != "id"} == {
        key: value for key, value in other.items() if key != "id"
    }


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("suffix", [".zip", ".szi"])
def test_archives_hold_what_those_of_libvips_do(tmp_path: Path, layout: str, suffix: str) -> None:
    pixels = noise((100, 130), 1)
    (tmp_path / "theirs").mkdir()
    options: Any = {"layout": layout, "tile_size": 32}
    theirs = tmp_path / "theirs" / f"x{suffix}"
    as_vips(pixels).dzsave(str(theirs), suffix=".png", **options)
    for resume in (False, True):
        ours = write_dzi(
            pixels, tmp_path / f"x{suffix}", format="png", resume=resume, progress=False, **options
        )
        assert ours == tmp_path / f"x{suffix}"
        names = []
        for path in (ours, theirs):
            with zipfile.ZipFile(path) as archive:
                named = {name for name in archive.namelist() if not name.endswith("/")}
                named = {as_of_today(name, pixels.shape) for name in named}
                names.append({name for name in named if "properties.xml" not in name})
        more = {"x/tiles.json", "x/x/tiles.json"} if layout == "google" else set()
        assert names[0] - more == names[1]


def test_tiles_that_are_white_are_left_out_as_by_libvips(tmp_path: Path) -> None:
    pixels = noise((150, 260), 3)
    pixels[:90, 70:] = 251  # near enough
    pixels[100:, :70] = 249
    options: Any = {"layout": "google", "tile_size": 32}
    as_vips(pixels).dzsave(str(tmp_path / "vips"), suffix=".png", **options)
    path = write_dzi(pixels, tmp_path / "ours", format="png", **options)
    theirs = tiles(tmp_path / "vips")
    assert path == tmp_path / "ours"
    assert "4/0/5.png" not in theirs
    check_same(tiles(tmp_path / "ours"), theirs, set())


def test_labels_that_are_nearly_white_are_kept(tmp_path: Path) -> None:
    labels = np.zeros((100, 100), np.uint8)
    labels[:40] = 251
    labels[40:, 50:] = 255
    options: Any = {"layout": "google", "tile_size": 16, "labels": True}
    write_dzi(labels, tmp_path / "x", **options)
    assert np.array_equal(open_pyramid(tmp_path / "x").read(0), labels)


@pytest.mark.parametrize("layout", ["dz", *LAYOUTS])
@pytest.mark.parametrize("target", ["x", "x.zip", "memory://resumed/x"])
def test_a_writing_that_was_stopped_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str, target: str
) -> None:
    pixels = noise((300, 430), 3, 200)
    monkeypatch.setattr(cut_super_tiles, "__defaults__", (1 << 14,))
    options: Any = {"layout": layout, "tile_size": 32, "format": "png", "resume": True}
    calls: list[int] = []
    encode = TileCodec.encode

    def fail(codec: TileCodec, *rest: Any) -> bytes:
        calls.append(1)
        if len(calls) == 60:
            raise OSError("no space is left")
        return encode(codec, *rest)

    address = f"{target}-{layout}" if "memory" in target else str(tmp_path / target)
    monkeypatch.setattr(TileCodec, "encode", fail)
    with pytest.raises(OSError, match="no space is left"):
        write_dzi(pixels, address, **options)
    path = write_dzi(pixels, address, **options)
    whole = sum(len(level) for level in all_tiles(pixels.shape[:2], layout))
    assert len(calls) < 60 + whole  # what was done is not done again
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0), pixels)
        for number in pyramid.native_levels:
            pyramid.read(number)
    assert not list(tmp_path.glob(".nbimage*"))


def all_tiles(shape: tuple[int, int], layout: str) -> list[range]:
    """How many tiles each level has."""
    names = find_layout(layout).names(TileGrid(*shape, 32, 0), "png")
    counts = [names.counts(level) for level in range(len(names.shapes))]
    return [range(down * across) for down, across in counts]


@pytest.mark.parametrize("target", ["x", "memory://others/x"])
def test_numbered_folders_that_are_no_tiles_are_never_replaced(tmp_path: Path, target: str) -> None:
    fsspec = pytest.importorskip("fsspec")
    address = target if "memory" in target else str(tmp_path / target)
    fs, path = fsspec.core.url_to_fs(address)
    fs.makedirs(f"{path}/1", exist_ok=True)
    fs.pipe(f"{path}/1/notes", b"mine")
    with pytest.raises(FileExistsError, match=r"holds no tiles\.json, which a pyramid has"):
        write_dzi(noise((20, 30), 1), address, layout="google")
    assert fs.cat(f"{path}/1/notes") == b"mine"
