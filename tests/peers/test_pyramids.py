"""Pyramids that libvips has written are read tile for tile; damaged and hostile files are one line.

Where a file could make a reader take memory or time, it is read by a process of its own that has
little of either.
"""

from __future__ import annotations

import functools
import io
import json
import lzma
import math
import os
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image

from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.writers.deepzoom.write import write_dzi

pyvips = pytest.importorskip("pyvips")

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(21)
MEMORY = 1 << 30  # bytes of addresses, of which the libraries alone take half
SECONDS = 20


# -------------------------------------------------------------------------------- libvips


def picture(rows: int, columns: int, channels: int, dtype: Any = np.uint8) -> Array:
    """Waves that every codec keeps, with noise that tells each pixel from the next."""
    y, x = np.mgrid[:rows, :columns] / 30
    waves = np.stack([np.sin(x + k) * np.cos(y - k) for k in range(channels)], axis=-1)
    values = 0.5 + 0.45 * waves + RANDOM.random(waves.shape) / 20
    return (values * np.iinfo(dtype).max).astype(dtype)


def vips(array: Array) -> Any:
    """The array as libvips has it, with its kind said."""
    kinds = {"uint8": ("b-w", "srgb"), "uint16": ("grey16", "rgb16")}
    kind = kinds[str(array.dtype)][array.shape[2] > 2]
    return pyvips.Image.new_from_array(array).copy(interpretation=kind)


def tile_by_vips(data: bytes) -> Array:
    """Decode a tile; gray without a channel axis."""
    image = pyvips.Image.new_from_buffer(data, "")
    channels = () if image.bands == 1 else (image.bands,)
    return np.asarray(image.numpy()).reshape(image.height, image.width, *channels)


def tiles(path: Path) -> dict[str, bytes]:
    """``LEVEL/COLUMN_ROW`` -> the tile's bytes, in a folder or a zip file."""
    if path.suffix == ".dzi":
        folder = path.with_name(f"{path.stem}_files")
        files = ((file.relative_to(folder), file.read_bytes()) for file in folder.rglob("*_*.*"))
        return {name.with_suffix("").as_posix(): data for name, data in files}
    with zipfile.ZipFile(path) as file:
        names = [name for name in file.namelist() if "_files/" in name and name.count("_") > 1]
        return {n.partition("_files/")[2].rpartition(".")[0]: file.read(n) for n in names}


def check_tiles(path: Path, shape: tuple[int, int], size: int, overlap: int, off: int = 0) -> int:
    """Compare each tile and each level with what libvips decodes; return how many levels."""
    found = {name: tile_by_vips(data) for name, data in tiles(path).items()}
    grid = TileGrid(*shape, size, overlap)
    numbers = sorted({int(name.partition("/")[0]) for name in found})
    with open_pyramid(path, tile_size=size, overlap=overlap) as pyramid:
        assert pyramid.shapes == tuple(grid.shape(level) for level in range(grid.last + 1))
        assert len(pyramid.native_levels) == len(numbers)
        for number in numbers:
            level = numbers[-1] - number  # libvips counts those that are there, the smallest first
            whole = pyramid.read(level)
            down, across = grid.tiles(level)
            assert whole.shape[:2] == grid.shape(level)
            assert sum(name.startswith(f"{number}/") for name in found) == down * across
            for row in range(down):
                for column in range(across):
                    wanted = found[f"{number}/{column}_{row}"]
                    box = grid.bounds(level, column, row)
                    for seen in (pyramid.tile(level, column, row), whole[box.slices]):
                        assert (seen.shape, seen.dtype) == (wanted.shape, wanted.dtype)
                        apart = np.abs(seen.astype(int) - wanted)
                        assert apart.max() <= off and apart.mean() <= off / 12
    return len(numbers)


@pytest.mark.parametrize("size", [128, 254, 256, 510])
@pytest.mark.parametrize("overlap", [0, 1, 8, 254])
def test_tiles_of_libvips_are_read_as_they_are(size: int, overlap: int, tmp_path: Path) -> None:
    array = picture(523, 611, 3)
    vips(array).dzsave(tmp_path / "a", suffix=".png", tile_size=size, overlap=min(overlap, size))
    check_tiles(tmp_path / "a.dzi", (523, 611), size, min(overlap, size))
    with open_pyramid(tmp_path / "a.dzi") as pyramid:
        assert np.array_equal(pyramid.read(0), array)


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (255, 254), (257, 1025)], ids=str)
@pytest.mark.parametrize("depth", ["one", "onetile", "onepixel"])
def test_every_depth_of_libvips_opens(depth: str, shape: tuple[int, int], tmp_path: Path) -> None:
    array = picture(*shape, 1)
    vips(array).dzsave(tmp_path / "a", suffix=".png", depth=depth, tile_size=254, overlap=1)
    levels = check_tiles(tmp_path / "a.dzi", shape, 254, 1)
    last = TileGrid(*shape).last
    assert levels == {"one": 1, "onetile": levels, "onepixel": last + 1}[depth]
    with open_pyramid(tmp_path / "a.dzi") as pyramid:
        assert np.array_equal(pyramid.read(0), array[:, :, 0])
        assert pyramid.read(last).shape == (1, 1)  # made where it is not there


LOSSY = 36  # each decoder rounds and interpolates in its own way
KINDS: dict[str, tuple[Array, str, int]] = {
    "gray, PNG": (picture(300, 410, 1), ".png", 0),
    "gray and alpha, PNG": (picture(300, 410, 2), ".png", 0),
    "colors, PNG": (picture(300, 410, 3), ".png", 0),
    "colors and alpha, PNG": (picture(300, 410, 4), ".png", 0),
    "16 bits, PNG": (picture(300, 410, 1, np.uint16), ".png", 0),
    "interlaced, PNG": (picture(300, 410, 3), ".png[interlace]", 0),
    "gray, JPEG": (picture(300, 410, 1), ".jpg[Q=90]", LOSSY),
    "colors, JPEG": (picture(300, 410, 3), ".jpg[Q=90]", LOSSY),
    "colors, JPEG of few": (picture(300, 410, 3), ".jpeg[Q=50]", LOSSY),
    "colors, progressive JPEG": (picture(300, 410, 3), ".jpg[Q=95,interlace]", LOSSY),
    "colors, WebP": (picture(300, 410, 3), ".webp", LOSSY),
    "colors and alpha, WebP": (picture(300, 410, 4), ".webp[lossless]", 0),
    "colors, lossless WebP": (picture(300, 410, 3), ".webp[lossless]", 0),
    "colors, TIFF": (picture(300, 410, 3), ".tif[compression=lzw]", 0),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_tiles_is_read_as_libvips_decodes_it(name: str, tmp_path: Path) -> None:
    array, suffix, off = KINDS[name]
    vips(array).dzsave(tmp_path / "a", suffix=suffix, tile_size=128, overlap=2)
    check_tiles(tmp_path / "a.dzi", (300, 410), 128, 2, off)


@pytest.mark.parametrize("suffix", ["zip", "szi"])
@pytest.mark.parametrize("depth", ["one", "onetile", "onepixel"])
@pytest.mark.parametrize("compression", [0, 6])
def test_one_file_of_libvips_is_read_as_its_folder(
    suffix: str, depth: str, compression: int, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{suffix}"
    vips(picture(401, 300, 3)).dzsave(
        path, suffix=".png", depth=depth, tile_size=128, overlap=1, compression=compression
    )
    check_tiles(path, (401, 300), 128, 1)


@pytest.mark.parametrize("container", ["fs", "zip"])
def test_a_tile_that_libvips_left_out_as_blank_is_background(
    container: str, tmp_path: Path
) -> None:
    array = np.full((600, 700, 3), 255, np.uint8)
    array[:200, :300] = picture(200, 300, 3)
    path = tmp_path / {"fs": "a.dzi", "zip": "a.zip"}[container]
    target = tmp_path / "a" if container == "fs" else path
    vips(array).dzsave(target, suffix=".png", tile_size=100, overlap=0, skip_blanks=0)
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0), array)


@pytest.mark.parametrize("suffix", [".gif", ".png[palette]", ".png", ".webp[lossless]"])
def test_tiles_without_what_others_have_are_given_it(suffix: str, tmp_path: Path) -> None:
    array = np.full((300, 410, 4), 255, np.uint8)
    array[:, :, :3] = np.arange(410)[:, None] // 140 * 100  # gray, of few colors
    array[200:, 300:, 3] = 0
    array[:60, :60] = 255, 0, 0, 255
    vips(array).dzsave(tmp_path / "a", suffix=suffix, tile_size=64, overlap=1)
    with open_pyramid(tmp_path / "a.dzi") as pyramid:
        assert pyramid.channels == 4
        found = pyramid.read(0)
    assert np.array_equal(found[..., 3], array[..., 3])
    seen = array[..., 3] > 0
    assert np.abs(found[seen].astype(int) - array[seen]).max() <= 2  # of a palette's rounding


@pytest.mark.parametrize("form", ["png", "webp", "avif"])
@pytest.mark.parametrize("container", ["a.dzi", "a.szi"])
@pytest.mark.parametrize("channels", [1, 3])
def test_missing_values_that_were_written_are_clear_and_nothing_else_is(
    container: str, form: str, channels: int, tmp_path: Path
) -> None:
    array = RANDOM.normal(size=(300, 410, channels)).squeeze()
    array[100:120, 300:320] = np.nan
    path = write_dzi(array, tmp_path / container, format=form, tile_size=64, progress=False)
    found = {name: tile_by_vips(data) for name, data in tiles(Path(path)).items()}
    assert len({tile.shape[2:] for tile in found.values()}) == 2  # most tiles have no alpha
    with open_pyramid(path) as pyramid:
        clear = pyramid.read(0)[..., -1] == 0
        assert clear[100:120, 300:320].all() and clear.sum() == 400
        for level in range(len(pyramid.shapes)):
            assert pyramid.read(level).shape == (*pyramid.grid.shape(level), pyramid.channels)
        first = found[f"{pyramid.grid.last}/0_0"].reshape(65, 65, -1)
        part = pyramid.read(0, slice(0, 65), slice(0, 65))
        assert form != "png" or np.array_equal(part[..., :channels], first)


def other_tile(folder: Path, before: Array, tile: Array, form: str = "png") -> Path:
    """Write an image of 3 x 3 tiles, the last of which is another."""
    vips(before).dzsave(folder / "a", suffix=f".{form}", tile_size=20, overlap=0)
    path = folder / "a_files" / "6" / f"2_2.{form}"
    path.write_bytes(in_format(tile, form))
    return folder / "a.dzi"


def test_a_tile_with_alpha_is_taken_where_it_is_opaque(tmp_path: Path) -> None:
    tile = picture(20, 20, 4)
    tile[..., 3] = 255
    path = other_tile(tmp_path, picture(60, 60, 3), tile)
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0)[40:, 40:], tile[..., :3])
    tile[3, 4, 3] = 254
    path = other_tile(tmp_path, picture(60, 60, 3), tile)
    assert "must be as the others, of 3 channels, but is RGBA" in check_one_line(path)


def test_a_gray_tile_is_taken_among_colors_and_none_in_colors_among_gray_ones(
    tmp_path: Path,
) -> None:
    gray, colors = picture(20, 20, 1)[..., 0], picture(20, 20, 3)
    with open_pyramid(other_tile(tmp_path, picture(60, 60, 3), gray)) as pyramid:
        assert np.array_equal(pyramid.read(0)[40:, 40:], np.stack([gray] * 3, axis=-1))
    path = other_tile(tmp_path, picture(60, 60, 1), colors)
    assert "must be as the others, of 1 channels, but is RGB" in check_one_line(path)


DEEP = {
    f"{channels} channels, {suffix}": (picture(90, 120, channels, np.uint16), suffix)
    for channels, suffix in [
        (2, ".png"),
        (3, ".png"),
        (4, ".png"),
        (3, ".png[interlace]"),
        (3, ".tif"),
    ]
}


@pytest.mark.parametrize("name", DEEP)
def test_colors_of_16_bits_stay_so(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    array, suffix = DEEP[name]
    file = tmp_path / f"file{suffix.partition('[')[0]}"
    vips(array).write_to_file(f"{tmp_path}/file{suffix}")
    vips(array).dzsave(tmp_path / "a", suffix=suffix, tile_size=64, overlap=1)
    check_tiles(tmp_path / "a.dzi", (90, 120), 64, 1)
    paths = [file, tmp_path / "a.dzi"]
    for path in paths:
        with open_pyramid(path) as pyramid:
            assert pyramid.dtype == np.uint16
            assert np.array_equal(pyramid.read(0), array)
    for package in ("pyvips", "imagecodecs"):
        monkeypatch.setitem(sys.modules, package, None)
    for path in paths:
        if path.suffix != ".tif":
            with open_pyramid(path) as pyramid:
                assert np.array_equal(pyramid.read(0), array)


def whole(path: Path) -> None:
    """Read all of a file; of a large one, parts."""
    with open_pyramid(path, cache=False) as pyramid:
        small = max(pyramid.shapes[0]) <= 4096
        last = pyramid.grid.last
        for level in (0, min(1, last), *([last] if small else [])):
            pyramid.read(level, slice(0, 4096), slice(0, 4096))
        pyramid.limits()


def check_one_line(path: Path) -> str:
    """Read a file that can't be read; return what is said, in one line that names it."""
    with pytest.raises((ValueError, OSError)) as raised:
        whole(path)
    said = str(raised.value)
    assert "\n" not in said and path.name in said and len(said) < 600
    return said


NOISE = RANDOM.integers(0, 65536, (200, 300), dtype=np.uint16)
COLORS = picture(200, 300, 3)
TIFFS: dict[str, tuple[Array, dict[str, Any]]] = {
    "strips": (NOISE, {"rowsperstrip": 16}),
    "strips, deflate": (NOISE, {"rowsperstrip": 32, "compression": "zlib"}),
    "tiles": (NOISE, {"tile": (64, 64)}),
    "tiles, zstd": (NOISE, {"tile": (64, 64), "compression": "zstd"}),
    "tiles, JPEG": (COLORS, {"tile": (64, 64), "compression": "jpeg"}),
    "tiles, JPEG 2000": (COLORS, {"tile": (64, 64), "compression": "jpeg2000"}),
    "BigTIFF, LZW": (NOISE, {"tile": (64, 64), "bigtiff": True, "compression": "lzw"}),
    "BigTIFF, strips": (NOISE, {"bigtiff": True}),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TIFFS)
def test_a_tiff_cut_anywhere_is_one_clear_error(name: str, tmp_path: Path) -> None:
    array, options = TIFFS[name]
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, array, **options)
    whole(path)
    data = path.read_bytes()
    for part in [*range(1, 28), 27.9]:
        path.write_bytes(data[: int(len(data) * part / 28)])
        check_one_line(path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TIFFS)
def test_bytes_that_are_wrong_give_a_picture_or_one_clear_error(name: str, tmp_path: Path) -> None:
    array, options = TIFFS[name]
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, array, **options)
    data = path.read_bytes()
    for _ in range(25):
        wrong = bytearray(data)
        for place in RANDOM.integers(4, 600, 3).tolist():
            wrong[place] = int(RANDOM.choice([0, 1, 127, 255]))
        path.write_bytes(wrong)
        try:
            whole(path)
        except (ValueError, OSError) as error:
            assert "\n" not in str(error) and path.name in str(error)


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    """One entry of a TIFF's directory: kind 3 is 16 bits, 4 is 32."""
    return struct.pack("<HHII", tag, kind, count, value)


def directory(following: int = 0, **changed: tuple[int, int, int] | None) -> bytes:
    """A page of 4 by 4 gray pixels; ``t256=(kind, count, value)`` is another width."""
    tags = {256: (4, 1, 4), 257: (4, 1, 4), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1)}
    tags |= {273: (4, 1, 8), 277: (3, 1, 1), 278: (4, 1, 4), 279: (4, 1, 16)}
    for name, value in changed.items():
        tags.pop(int(name[1:]), None)
        if value is not None:
            tags[int(name[1:])] = value
    entries = b"".join(entry(tag, *value) for tag, value in sorted(tags.items()))
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", following)


def page(**changed: Any) -> bytes:
    """A whole file of one page."""
    return b"II*\0" + struct.pack("<I", 8) + directory(**changed) + bytes(999)


def one_tile(compression: int, data: bytes, side: int = 64, samples: int = 1) -> bytes:
    """A file of one tile."""
    changed: dict[str, Any] = dict.fromkeys(("t273", "t278", "t279"))
    changed |= {"t256": (4, 1, side), "t257": (4, 1, side), "t259": (3, 1, compression)}
    changed |= {"t322": (4, 1, side), "t323": (4, 1, side), "t325": (4, 1, len(data))}
    changed |= {"t277": (3, 1, samples), "t324": (4, 1, 0)}
    place = 8 + len(directory(**changed))
    changed["t324"] = (4, 1, place)
    return b"II*\0" + struct.pack("<I", 8) + directory(**changed) + data


@functools.cache
def bomb() -> bytes:
    """512 MiB of zeros in few bytes."""
    packer = zlib.compressobj(9)
    packed = [packer.compress(bytes(1 << 22)) for _ in range(128)]
    return b"".join(packed) + packer.flush()


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_pages_that_go_round_in_circles_are_read_once(pages: int, tmp_path: Path) -> None:
    size = len(directory())
    places = [8 + size * ((number + 1) % pages) for number in range(pages)]
    chain = b"".join(directory(place) for place in places)
    path = tmp_path / "a.tif"
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + chain + bytes(99))
    whole(path)
    with open_pyramid(path) as pyramid:
        assert math.prod(length for _, length in pyramid.axes) <= pages
    path.write_bytes(page(t330=(4, 1, 8)))  # its own smaller level
    whole(path)
    with open_pyramid(path) as pyramid:
        assert pyramid.native_levels == (0,)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("options", [{}, {"bigtiff": True}, {"metadata": None}], ids=str)
def test_a_stack_that_ends_after_some_pages_is_no_smaller_stack(
    options: dict[str, Any], tmp_path: Path
) -> None:
    stack = RANDOM.integers(0, 65536, (3, 80, 90), dtype=np.uint16)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stack, photometric="minisblack", compression="zstd", **options)
    data = path.read_bytes()
    opened = []
    for part in range(1, 41):
        path.write_bytes(data[: len(data) * part // 40])
        try:
            with open_pyramid(path) as pyramid:
                assert [length for _, length in pyramid.axes] == [3]
                opened.append(part)
                if part < 40:
                    with pytest.raises(ValueError, match=r"a\.tif must be a whole TIFF"):
                        pyramid.read(0, index=(2,))
        except ValueError as error:
            assert "a.tif must be a" in str(error) and "\n" not in str(error)
    assert opened[-1] == 40 and 20 not in opened


CODED: dict[str, tuple[int, Callable[[Array], bytes]]] = {
    "JPEG": (7, lambda array: in_format(array, "jpeg")),
    "progressive JPEG": (7, lambda array: vips(array[..., None]).jpegsave_buffer(interlace=True)),
    "JPEG 2000": (34712, lambda array: in_format(array, "jpeg2000")),
    "JPEG 2000, Aperio's": (33005, lambda array: in_format(array, "jpeg2000", no_jp2=True)),
    "WebP": (50001, lambda array: in_format(np.stack([array] * 3, axis=-1), "webp")),
    "lossless WebP": (
        50001,
        lambda array: vips(np.stack([array] * 3, axis=-1)).webpsave_buffer(lossless=True),
    ),
    "PNG": (34933, lambda array: in_format(array, "png")),
}


@pytest.mark.parametrize("name", CODED)
def test_a_tile_that_holds_a_far_larger_picture_is_not_decoded(name: str, tmp_path: Path) -> None:
    compression, encode = CODED[name]
    samples = 3 if "WebP" in name else 1
    path = tmp_path / "a.tif"
    path.write_bytes(one_tile(compression, encode(np.zeros((2000, 3000), np.uint8)), 64, samples))
    said = check_one_line(path)
    assert "must have 64 x 64 pixels, but one has 2000 x 3000" in said
    path.write_bytes(one_tile(compression, encode(np.zeros((64, 64), np.uint8)), 64, samples))
    whole(path)


def test_a_tiff_that_says_what_can_not_be_is_told_what_must_be(tmp_path: Path) -> None:
    said = {
        "tiles of no size": "must have tiles or strips of at least one row and column",
        "strips of no rows": "must have tiles or strips of at least one row and column",
        "no page": "must be a TIFF of at least one page, but has none",
        "a page beyond the end": "must be a TIFF of at least one page, but has none",
    }
    for name, message in said.items():
        (tmp_path / "a.tif").write_bytes(HOSTILE[name]()[1])
        assert message in check_one_line(tmp_path / "a.tif")


def npy(shape: str, descr: str = "<f8") -> bytes:
    head = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head + bytes(999)


def png(wide: int, high: int, data: bytes, more: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0))
    extra = chunk(more[:4], more[4:]) if more else b""
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


HUGE, LONG, NONE = (4, 1, 2**32 - 16), (4, 1, 2**31 - 1), None
HOSTILE: dict[str, Callable[[], tuple[str, bytes]]] = {
    "a TIFF of 2^62 pixels": lambda: ("a.tif", page(t256=LONG, t257=LONG)),
    "a TIFF of 2^62 pixels, deflate": lambda: (
        "a.tif",
        page(t256=LONG, t257=LONG, t259=(3, 1, 8)),
    ),
    "tiles of 2^64 pixels": lambda: (
        "a.tif",
        page(t256=HUGE, t257=HUGE, t259=(3, 1, 8), t322=HUGE, t323=HUGE, t324=(4, 1, 8)),
    ),
    "65535 samples": lambda: ("a.tif", page(t256=(4, 1, 30000), t277=(3, 1, 65535))),
    "65535 bits": lambda: ("a.tif", page(t258=(3, 1, 65535))),
    "no rows": lambda: ("a.tif", page(t257=(4, 1, 0))),
    "strips of no rows": lambda: ("a.tif", page(t278=(4, 1, 0), t259=(3, 1, 8))),
    "tiles of no size": lambda: (
        "a.tif",
        page(t322=(4, 1, 0), t323=(4, 1, 0), t324=(4, 1, 8), t325=(4, 1, 9), t273=NONE),
    ),
    "tiles of 2^31 columns, JPEG": lambda: (
        "a.tif",
        page(
            **dict.fromkeys(("t273", "t278", "t279"), None),
            t259=(3, 1, 7),
            t322=LONG,
            t323=(4, 1, 64),
            t324=(4, 1, 8),
            t325=(4, 1, 99),
        ),
    ),
    "2^30 strips": lambda: ("a.tif", page(t273=(4, 2**30, 8), t279=(4, 2**30, 8))),
    "no page": lambda: ("a.tif", b"II*\0" + bytes(4)),
    "a page beyond the end": lambda: ("a.tif", b"II*\0" + struct.pack("<I", 2**31 - 1)),
    "a tile that unpacks to 512 MiB": lambda: ("a.tif", one_tile(8, bomb())),
    "a strip of lzma garbage": lambda: ("a.tif", one_tile(34925, lzma.compress(b"no")[:-20])),
    "a PNG of 2^62 pixels": lambda: ("a.png", png(2**31 - 1, 2**31 - 1, bomb())),
    "a PNG of 13000^2 without data": lambda: ("a.png", png(13000, 13000, b"")),
    "a PNG of 20000^2 without data": lambda: ("a.png", png(20000, 20000, b"")),
    "a PNG of no size": lambda: ("a.png", png(0, 0, b"")),
    "a PNG with a text of 512 MiB": lambda: ("a.png", png(9, 9, b"", b"zTXta\0\0" + bomb())),
    "a PNG with a profile of 512 MiB": lambda: (
        "a.png",
        png(9, 9, b"", b"iCCPa\0\0" + bomb()),
    ),
    "npy of 2^80 values": lambda: ("a.npy", npy(f"({2**40}, {2**40})")),
    "npy of 2^40 values": lambda: ("a.npy", npy(f"({2**20}, {2**20})")),
    "npy of fewer than none": lambda: ("a.npy", npy("(-5, 7)")),
    "npy of objects": lambda: ("a.npy", npy("(5, 7)", "|O")),
    "npy of 70 axes": lambda: ("a.npy", npy(f"({'1, ' * 70})")),
    "npy of code": lambda: ("a.npy", npy("(__import__('os').getpid(), 7)")),
    "npy that is deep": lambda: ("a.npy", npy("(" * 4000 + ")" * 4000)),
}

READ = """
import resource, sys
import tifffile, zarr, numpy, PIL.Image, pyvips  # the libraries' own memory
from nbimage import open_pyramid
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
for path in sys.argv[1:]:
    try:
        with open_pyramid(path) as pyramid:
            last = len(pyramid.shapes) - 1
            for level in (0, min(1, last), last):
                pyramid.read(level, slice(0, 4096), slice(0, 4096))
        print("read")
    except (ValueError, OSError) as error:
        print(error)
more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
print(more >> 10)
""".replace("MEMORY", str(MEMORY)).replace("SECONDS", str(SECONDS))


def read_apart(*paths: Path) -> tuple[list[str], int]:
    """Return what is said of each file by a process with little memory, and MiB that it took."""
    done = subprocess.run(
        [sys.executable, "-c", READ, *paths],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    *said, more = done.stdout.splitlines()
    assert len(said) == len(paths), said  # one line each
    return said, int(more)


@pytest.mark.parametrize("kind", ["tif", "png", "npy"])
def test_hostile_files_take_little_and_are_one_clear_error_each(kind: str, tmp_path: Path) -> None:
    names, paths = [], []
    for name, make in HOSTILE.items():
        file, data = make()
        if file.endswith(kind):
            names.append(name)
            paths.append(tmp_path / name.replace(" ", "_").replace("/", "") / file)
            paths[-1].parent.mkdir()
            paths[-1].write_bytes(data)
    said, more = read_apart(*paths)
    for name, path, line in zip(names, paths, said, strict=True):
        assert str(path) in line and len(line) < 600, name
    assert more < 300


@pytest.mark.parametrize("inside", ["png", "zip"])
def test_what_is_packed_into_little_is_unpacked_only_as_far_as_it_is_a_picture(
    inside: str, tmp_path: Path
) -> None:
    if inside == "png":  # what follows the last row is left
        path = tmp_path / "a.png"
        path.write_bytes(png(9, 9, bomb()))
        said, more = read_apart(path)
        assert said == ["read"] and more < 100
        return
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.dzi", b" " * (1 << 28))
    said, more = read_apart(path)
    assert "at most 1 MiB" in said[0] and more < 100


# -------------------------------------------------------------------------------- Deep Zoom

LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))


def xml(before: str = "", more: str = "", wide: int = 10) -> str:
    return (
        f'{before}<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="png" '
        f'Overlap="1" TileSize="254" {more}><Size Width="{wide}" Height="10"/></Image>'
    )


def small_dzi(folder: Path) -> Path:
    vips(picture(10, 10, 1)).dzsave(folder / "a", suffix=".png")
    whole(folder / "a.dzi")
    return folder / "a.dzi"


@pytest.mark.parametrize(
    "text",
    [
        xml(f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]>', 'more="&l9;"'),
        xml('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', 'more="&b;"'),
        xml('<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/passwd"> %b;]>'),
        xml('<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">'),
        xml(more='more="&b;"'),
        "<a>" * 300_000,
        xml(more=" ".join(f'a{number}=""' for number in range(50_000)))[:-9],
        xml('<?xml version="1.0" encoding="rot13"?>'),
        "\0" * 1000,
    ],
    ids=[
        "laughs",
        "external",
        "parameter",
        "document type",
        "unknown entity",
        "deep",
        "attributes",
        "encoding",
        "nothing",
    ],
)
def test_a_descriptor_may_not_ask_for_more_than_itself(text: str, tmp_path: Path) -> None:
    path = small_dzi(tmp_path)
    path.write_text(text)
    assert "a.dzi must be a .dzi" in check_one_line(path)


def in_format(array: Array, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("tile", "message"),
    [
        (png(12000, 12000, b""), "must have 10 x 10 pixels, but has 12000 x 12000"),
        (png(20000, 20000, b""), "must be a smaller picture"),
        (png(10, 10, b""), "must be a whole picture"),
        (in_format(np.zeros((10, 9), np.uint8), "png"), "must have 10 x 10 pixels"),
        (in_format(np.zeros((1, 1), np.uint8), "png"), "must have 10 x 10 pixels"),
        (in_format(np.zeros((10, 10), np.uint8), "png")[:-30], "must be a"),
        (b"", "must be a whole picture"),
        (b"\x89PNG", "must be a picture"),
    ],
    ids=["large", "huge", "no data", "narrow", "one pixel", "cut", "empty", "head"],
)
def test_a_tile_that_is_no_such_tile_is_one_clear_error(
    tile: bytes, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 89_478_485)  # Pillow's own: others may lift it
    path = small_dzi(tmp_path)
    (tmp_path / "a_files" / "4" / "0_0.png").write_bytes(tile)
    assert message in check_one_line(path)


def test_a_tile_that_leads_to_itself_is_an_error_in_one_line(tmp_path: Path) -> None:
    path = small_dzi(tmp_path)
    tile = tmp_path / "a_files" / "4" / "0_0.png"
    tile.unlink()
    tile.symlink_to(tile.name)
    assert "must have tiles that can be read, but" in check_one_line(path)
    path.unlink()
    path.symlink_to(path.name)
    assert "no such file or folder" in check_one_line(path)


EPS = (
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n"
    b"1 0 0 setrgbcolor 0 0 99 99 rectfill\nshowpage\n%%EOF\n"
)


@pytest.mark.parametrize("name", ["a.dzi", "a.eps", "a.png"])
def test_nothing_is_handed_to_another_program(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for program in ("gs", "gswin64c", "magick", "convert"):
        (programs / program).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (programs / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None)
    if name == "a.dzi":
        path = small_dzi(tmp_path)
        for tile in (tmp_path / "a_files").rglob("*.png"):
            tile.write_bytes(EPS)
    else:
        path = tmp_path / name
        path.write_bytes(EPS)
    assert "must be a picture that Pillow opens, but is not" in check_one_line(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_pipes_devices_and_files_of_no_end_are_not_read(tmp_path: Path) -> None:
    paths = []
    for kind in ("pipe", "device", "large"):
        (tmp_path / kind).mkdir()
        paths.append(small_dzi(tmp_path / kind))
        tile = tmp_path / kind / "a_files" / "4" / "0_0.png"
        tile.unlink()
        if kind == "pipe":
            os.mkfifo(tile)
        elif kind == "device":
            tile.symlink_to("/dev/zero")
        else:
            with tile.open("wb") as file:
                file.truncate(50 << 30)
    for name in ("pipe.tif", "pipe.dzi", "pipe.npy", "pipe.png", "pipe.svs"):
        paths.append(tmp_path / name)
        os.mkfifo(paths[-1])
    said, more = read_apart(*paths)
    for path, line in zip(paths, said, strict=True):
        assert str(path) in line and len(line) < 600
    assert "must have files as tiles" in said[0] and "must have files as tiles" in said[1]
    assert "must have tiles of at most 256 MiB" in said[2]
    assert all("must be a file or a folder" in line for line in said[3:])
    assert more < 100


def test_names_in_a_zip_file_lead_nowhere_else(tmp_path: Path) -> None:
    secret = tmp_path / "secret_files" / "4"
    secret.mkdir(parents=True)
    (secret / "0_0.png").write_bytes(in_format(np.zeros((10, 10), np.uint8), "png"))
    folder = tmp_path / "inner"
    folder.mkdir()
    for name in ("../secret", str(tmp_path / "secret"), "..\\secret"):
        with zipfile.ZipFile(folder / "a.zip", "w") as file:
            file.writestr(f"{name}.dzi", xml())
            file.writestr(f"{name}_files/4/1_0.png", b"")
        # the first tile is lacking, and what is there in its place is no picture
        assert "must be a whole picture: it is empty" in check_one_line(folder / "a.zip")


def test_a_tile_of_a_zip_file_is_no_larger_than_a_tile(tmp_path: Path) -> None:
    path = small_dzi(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.write(path, "a.dzi")
        with file.open("a_files/4/0_0.png", "w") as tile:
            for _ in range(17):
                tile.write(bytes(1 << 24))
    said, more = read_apart(tmp_path / "a.zip")
    assert "must have tiles of at most 256 MiB" in said[0] and more < 100


def test_a_tile_of_a_zip_file_is_unpacked_as_far_as_it_is_said_to_go(tmp_path: Path) -> None:
    path = small_dzi(tmp_path)
    size, wrong = struct.pack("<I", 300 << 20), struct.pack("<I", 100)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.write(path, "a.dzi")
        with file.open("a_files/4/0_0.png", "w") as tile:
            for _ in range(300):
                tile.write(bytes(1 << 20))
    data = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data.replace(size, wrong))
    said, more = read_apart(tmp_path / "a.zip")
    assert "must be a whole zip file" in said[0] and more < 100


def test_a_zip_file_without_tiles_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("a.dzi", xml())
        file.writestr("b_files/4/0_0.png", b"")
    assert "must have a folder of tiles for level 4, but there is none" in check_one_line(
        tmp_path / "a.zip"
    )


# ------------------------------------------------------------------------------------- zarr


def in_zarr(folder: Path, version: int) -> Path:
    made = zarr.create_array(
        folder / "a.zarr", shape=(100, 100), chunks=(50, 50), dtype="u2", zarr_format=version
    )
    made[:] = RANDOM.integers(0, 65536, (100, 100), dtype=np.uint16)
    return folder / "a.zarr"


def edit(path: Path, version: int, shape: list[Any], chunks: list[Any]) -> None:
    """Say another shape and other chunks."""
    about = path / ("zarr.json" if version == 3 else ".zarray")
    said = json.loads(about.read_text())
    said["shape"] = shape
    if version == 3:
        said["chunk_grid"]["configuration"]["chunk_shape"] = chunks
    else:
        said["chunks"] = chunks
    about.write_text(json.dumps(said))


SAID: list[tuple[list[Any], list[Any]]] = [
    ([100, 100], [2**40, 2**40]),
    ([2**41, 2**41], [2**40, 2**40]),
    ([100, 100], [2**16, 2**16]),
    ([100, 100], [0, 0]),
    ([100, 100], [-1, -1]),
    ([-100, 100], [50, 50]),
    (["a", {}], [50, 50]),
    ([], []),
    ([0, 0], [50, 50]),
]


@pytest.mark.parametrize("version", [2, 3])
def test_a_zarr_that_says_what_can_not_be_is_one_clear_error(version: int, tmp_path: Path) -> None:
    paths = []
    for number, (shape, chunks) in enumerate(SAID):
        (tmp_path / str(number)).mkdir()
        paths.append(in_zarr(tmp_path / str(number), version))
        edit(paths[-1], version, shape, chunks)
    said, more = read_apart(*paths)
    for path, line in zip(paths, said, strict=True):
        assert str(path) in line and len(line) < 600
    assert more < 300


def damaged(data: bytes) -> Iterator[bytes]:
    """Yield a chunk that is empty, cut or full of noise."""
    yield from (b"", data[:7], data[: len(data) // 2], data[:-9], RANDOM.bytes(5000))


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("sharded", [False, True])
def test_a_chunk_that_is_damaged_is_one_clear_error(
    version: int, sharded: bool, tmp_path: Path
) -> None:
    if sharded and version == 2:
        return
    path = in_zarr(tmp_path, version)
    if sharded:
        shutil.rmtree(path)
        zarr.create_array(path, data=NOISE[:100, :100], chunks=(50, 50), shards=(100, 100))
    chunk = next(p for p in sorted(path.rglob("*")) if p.is_file() and p.name[0] in "0123456789")
    whole(path)
    for data in damaged(chunk.read_bytes()):
        if sharded and not data:  # zarr takes an empty shard for one that is left out
            continue
        chunk.write_bytes(data)
        assert "must have whole chunks, but rows 0 to 100" in check_one_line(path)


SCALE = [{"type": "scale", "scale": [1, 1]}]
LEVELS: dict[str, Any] = {
    "no image": [],
    "text": "image",
    "no levels": [{"datasets": []}],
    "nothing": [{"datasets": None}],
    "a level that is not there": [{"datasets": [{"path": "9"}]}],
    "itself": [{"datasets": [{"path": "."}]}],
    "the folder above": [{"datasets": [{"path": "../b.zarr/0"}]}],
    "a folder above, hidden": [{"datasets": [{"path": "0/../../b.zarr/0"}]}],
    "with backslashes": [{"datasets": [{"path": "..\\b.zarr\\0"}]}],
    "another place": [{"datasets": [{"path": "/etc"}]}],
    "a URL": [{"datasets": [{"path": "file:///etc"}]}],
    "too few axes": [{"axes": [{"name": "y"}], "datasets": [{"path": "0"}]}],
    "a number as axes": [{"axes": 5, "datasets": [{"path": "0"}]}],
}


@pytest.mark.parametrize("name", LEVELS)
def test_levels_lie_in_their_image(name: str, tmp_path: Path) -> None:
    for folder in ("a.zarr", "b.zarr"):
        group = zarr.create_group(tmp_path / folder, zarr_format=2)
        group.create_array("0", shape=(100, 100), chunks=(50, 50), dtype="u2")
        group.attrs["multiscales"] = [
            {"datasets": [{"path": "0", "coordinateTransformations": SCALE}]}
        ]
    whole(tmp_path / "a.zarr")
    zarr.open_group(tmp_path / "a.zarr", mode="r+").attrs["multiscales"] = LEVELS[name]
    check_one_line(tmp_path / "a.zarr")


def test_a_scale_of_words_is_left_out_and_said(tmp_path: Path) -> None:
    group = zarr.create_group(tmp_path / "a.zarr", zarr_format=2)
    group.create_array("0", shape=(100, 100), chunks=(50, 50), dtype="u2")
    group.attrs["multiscales"] = [
        {
            "datasets": [
                {
                    "path": "0",
                    "coordinateTransformations": [{"type": "scale", "scale": ["a", "b"]}],
                }
            ]
        }
    ]
    with open_pyramid(tmp_path / "a.zarr") as pyramid:
        assert pyramid.pixel_size is None
        assert "scale" in pyramid.metadata.note


def test_a_zarr_is_told_what_must_be(tmp_path: Path) -> None:
    said = {
        "no image": "must describe an image of at least one level, but has none",
        "no levels": "must describe an image of at least one level, but has none",
        "nothing": "must describe an image of at least one level, but has none",
        "a level that is not there": "must hold its level '9', but does not",
    }
    for name, message in said.items():
        group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
        group.attrs["multiscales"] = LEVELS[name]
        assert message in check_one_line(tmp_path / "a.zarr")


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("shape", "chunks", "message"),
    [
        ([100, 100], [0, 0], "must have chunks of at least 1"),
        ([2**45, 2**45], [50, 50], r"must have at most 2\^31 rows and columns"),
        ([2**62, 10], [50, 50], r"must have at most 2\^31 rows and columns"),
    ],
    ids=["chunks", "both sides", "one side"],
)
def test_a_zarr_that_nobody_can_read_is_refused_at_opening(
    shape: list[int], chunks: list[int], message: str, version: int, tmp_path: Path
) -> None:
    path = in_zarr(tmp_path, version)
    edit(path, version, shape, chunks)
    with pytest.raises(ValueError, match=message) as raised:
        open_pyramid(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("array", "wrong"),
    [(np.zeros((0, 4)), "the data are empty"), (np.zeros((3, 4), complex), "samples must be")],
    ids=["empty", "complex"],
)
def test_an_npy_file_that_is_no_image_is_named(array: Array, wrong: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises((TypeError, ValueError), match=rf"a\.npy can't be opened: .*{wrong}"):
        open_pyramid(tmp_path / "a.npy")


def test_a_zarr_that_holds_itself_is_one_clear_error(tmp_path: Path) -> None:
    zarr.create_group(tmp_path / "a.zarr", attributes={"bioformats2raw.grid": 3}, zarr_format=2)
    (tmp_path / "a.zarr" / "0").symlink_to(".")
    check_one_line(tmp_path / "a.zarr")
    (tmp_path / "a.zarr" / "0").unlink()
    (tmp_path / "a.zarr" / "0").symlink_to("0")
    with pytest.raises((ValueError, OSError)) as raised:
        whole(tmp_path / "a.zarr")
    assert "\n" not in str(raised.value)
