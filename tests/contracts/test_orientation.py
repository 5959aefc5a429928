"""Every door shows a picture upright, as its EXIF or TIFF tags ask for, or as it is stored."""

from __future__ import annotations

import io
import pickle
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

import nbimage
from nbimage import Grid, Picture, Video, View, encode, open_pyramid, rerange
from nbimage.cli.main import main
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.levels.cache_folder import CacheLimits
from nbimage.pyramid.levels.level_cache import with_level_cache
from nbimage.pyramid.sources.tiff.source import Segments
from nbimage.pyramid.sources.vips_image import VipsSource
from tests.web_server import serving

Array = np.ndarray[Any, Any]
TURNS: dict[int, Callable[[Array], Array]] = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a.swapaxes(0, 1), 2),
    8: lambda a: np.rot90(a, 1),
}
RANDOM = np.random.default_rng(3)
STORED = RANDOM.integers(0, 256, (22, 38, 3), dtype=np.uint8)
GRAY = STORED[..., 0]
DEEP = RANDOM.integers(0, 65536, (22, 38), dtype=np.uint16)


def exif_of(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = orientation
    return exif


def save(path: Path, orientation: int, array: Array = STORED, **options: Any) -> Path:
    if path.suffix == ".tif":
        tifffile = pytest.importorskip("tifffile")
        kind = "rgb" if array.ndim == 3 and "colormap" not in options else "minisblack"
        tag = [(274, "H", 1, orientation, True)]
        options = {"photometric": kind, "metadata": None, "extratags": tag, **options}
        tifffile.imwrite(path, array, **options)
    else:
        Image.fromarray(array).save(path, exif=exif_of(orientation), **options)
    return path


def stored_in(path: Path) -> Array:
    """Return a file's samples as they are stored, by other readers."""
    if path.suffix == ".tif":
        import tifffile

        found: Array = tifffile.imread(path)
        return found
    with Image.open(path) as image:
        return np.asarray(image)


# Doors: each takes what a picture is given as, and returns the samples that are seen


def by_picture(data: Any, **options: Any) -> Array:
    return Picture(data, **options).pixels


def by_encode(data: Any, **options: Any) -> Array:
    return np.asarray(Image.open(io.BytesIO(encode(data, **options))))


def by_grid(data: Any, **options: Any) -> Array:
    found: Array = Grid([data], **options).pictures[0].pixels
    return found


def by_grid_alone(data: Any, **options: Any) -> Array:
    found: Array = Grid(data, **options).pictures[0].pixels
    return found


def by_dict(data: Any, **options: Any) -> Array:
    found: Array = Grid({"a": data}, **options).pictures[0].pixels
    return found


def by_video(data: Any, **options: Any) -> Array:
    return Video([data, data], format="webp", **options).render()


def by_iterator(data: Any, **options: Any) -> Array:
    frames = iter([data, data]) if isinstance(data, Image.Image) else [data, data]
    return Video(frames, format="webp", **options).render()


def by_view(data: Any, **options: Any) -> Array:
    return np.asarray(View(data, **options).model.images[0].stack.plane(()).array)


def by_compared_views(data: Any, **options: Any) -> Array:
    return np.asarray(View([data, data], **options).model.images[1].stack.plane(()).array)


def by_tiles(data: Any, **options: Any) -> Array:
    pytest.importorskip("anywidget")
    view = View(data, embed=False, **options)
    stack: Any = view.model.images[0].stack
    try:
        found: Array = stack.pyramid.read(0)
        return found
    finally:
        view.model.close()


def by_pyramid(data: Any, **options: Any) -> Array:
    with open_pyramid(data, **options) as pyramid:
        return pyramid.read(0)


def by_level(data: Any, **options: Any) -> Array:
    with open_pyramid(data, **options) as pyramid:
        return np.asarray(pyramid.levels[0])


def by_uri(data: Any, **options: Any) -> Array:
    return np.asarray(Image.open(io.BytesIO(_bytes_of(nbimage.data_uri(data, **options)))))


def _bytes_of(uri: str) -> bytes:
    import base64

    return base64.b64decode(uri.partition(",")[2])


DOORS = (
    by_picture,
    by_encode,
    by_grid,
    by_grid_alone,
    by_dict,
    by_video,
    by_iterator,
    by_view,
    by_compared_views,
    by_tiles,
    by_pyramid,
    by_level,
    by_uri,
)
FORMATS = ("a.png", "a.jpg", "a.webp", "a.avif", "a.tif")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_upright_by_every_door(
    door: Callable[..., Array], name: str, tmp_path: Path
) -> None:
    path = save(tmp_path / name, 6)
    stored = stored_in(path)
    np.testing.assert_array_equal(door(path), TURNS[6](stored))
    np.testing.assert_array_equal(door(path, orientation=False), stored)


@pytest.mark.parametrize("door", DOORS)
def test_a_pillow_image_is_upright_by_every_door(
    door: Callable[..., Array], tmp_path: Path
) -> None:
    path = save(tmp_path / "a.png", 8)
    with Image.open(path) as image:
        np.testing.assert_array_equal(door(image), TURNS[8](STORED))
        np.testing.assert_array_equal(door(image, orientation=False), STORED)
        assert image.getexif()[274] == 8
        assert image.size == (38, 22)


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("name", FORMATS)
def test_each_orientation_is_turned_as_pillow_does(
    name: str, orientation: int, tmp_path: Path
) -> None:
    path = save(tmp_path / name, orientation)
    expected = TURNS[orientation](stored_in(path))
    with Image.open(path) as image:
        np.testing.assert_array_equal(np.asarray(ImageOps.exif_transpose(image)), expected)
    with Image.open(path) as image:
        np.testing.assert_array_equal(rerange(image), expected)
    with open_pyramid(path) as pyramid:
        assert pyramid.shapes[0] == expected.shape[:2]
        np.testing.assert_array_equal(pyramid.read(0), expected)
        part = pyramid.read(0, slice(3, 17), slice(5, 20))
        np.testing.assert_array_equal(part, expected[3:17, 5:20])
        again = pickle.loads(pickle.dumps(pyramid))
        np.testing.assert_array_equal(again.read(0), expected)
    with open_pyramid(np.ascontiguousarray(expected)) as plain, open_pyramid(path) as pyramid:
        for level, other in zip(pyramid.levels, plain.levels, strict=True):
            np.testing.assert_array_equal(np.asarray(level), np.asarray(other))


@pytest.mark.parametrize("value", [0, 9, 77])
def test_an_orientation_that_there_is_not_turns_nothing(value: int, tmp_path: Path) -> None:
    for name in ("a.png", "a.tif"):
        path = save(tmp_path / name, value)
        np.testing.assert_array_equal(Picture(path).pixels, STORED)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_turns_nothing(tmp_path: Path) -> None:
    Image.fromarray(STORED).save(tmp_path / "a.png", exif=b"Exif\0\0MM\0*nonsense")
    np.testing.assert_array_equal(Picture(tmp_path / "a.png").pixels, STORED)
    with Image.open(tmp_path / "a.png") as image:
        np.testing.assert_array_equal(Picture(image).pixels, STORED)


def test_exif_behind_the_pixels_of_a_png_counts(tmp_path: Path) -> None:
    """The chunk may stand anywhere; nothing is decoded to know the shape."""
    file = io.BytesIO()
    Image.fromarray(STORED).save(file, "PNG")
    body = exif_of(6).tobytes().removeprefix(b"Exif\0\0")
    chunk = struct.pack(">I", len(body)) + b"eXIf" + body
    chunk += struct.pack(">I", zlib.crc32(chunk[4:]))
    data = file.getvalue()
    path = tmp_path / "a.png"
    path.write_bytes(data[:-12] + chunk + data[-12:])
    np.testing.assert_array_equal(Picture(path).pixels, TURNS[6](STORED))
    with Image.open(path) as image:
        np.testing.assert_array_equal(Picture(image).pixels, TURNS[6](STORED))


@pytest.mark.parametrize("name", ["a.jpg", "a.tif", "a.webp"])
def test_an_orientation_of_xmp_alone_counts_as_for_pillow(name: str, tmp_path: Path) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'
    path = tmp_path / name
    if name == "a.tif":
        tifffile = pytest.importorskip("tifffile")
        tag = (700, "B", len(xmp), xmp, True)
        tifffile.imwrite(path, STORED, photometric="rgb", metadata=None, extratags=[tag])
    else:
        Image.fromarray(STORED).save(path, xmp=xmp)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    assert expected.shape == (38, 22, 3)
    np.testing.assert_array_equal(Picture(path).pixels, expected)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_is_turned(mode: str, tmp_path: Path) -> None:
    image = Image.fromarray(DEEP if mode == "I;16" else STORED)
    image = image if mode == "I;16" else image.convert(mode)
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    image.save(path, exif=exif_of(7))
    expected = TURNS[7](Picture(path, orientation=False).pixels)
    with Image.open(path) as opened:
        np.testing.assert_array_equal(Picture(opened).pixels, expected)
    np.testing.assert_array_equal(Picture(path).pixels, expected)


# Frames


@pytest.mark.parametrize("name", ["a.webp", "a.png"])
def test_the_frames_of_an_animation_are_upright(name: str, tmp_path: Path) -> None:
    frames = [Image.fromarray(np.roll(GRAY, i, 1)) for i in range(3)]
    path = tmp_path / name
    more: dict[str, Any] = {"lossless": True} if name == "a.webp" else {}
    frames[0].save(path, save_all=True, append_images=frames[1:], exif=exif_of(6), **more)
    video = Video(path, format="apng", fps=5)
    assert video.size == (22, 38)
    assert Video(path, format="apng", orientation=False).size == (38, 22)
    assert Grid(path).pictures[2].pixels.shape[:2] == (38, 22)
    assert Grid(path, orientation=False).pictures[2].pixels.shape[:2] == (22, 38)


def test_a_folder_of_pictures_is_upright(tmp_path: Path) -> None:
    """Though each is stored another way."""
    for orientation, turn in TURNS.items():
        back = {6: 8, 8: 6}.get(orientation, orientation)
        save(tmp_path / f"{orientation}.png", orientation, np.ascontiguousarray(TURNS[back](GRAY)))
        assert turn is not None
    video = Video(tmp_path, format="apng")
    assert (video.count, video.size) == (8, (38, 22))
    with Image.open(io.BytesIO(video.files["apng"])) as frames:
        for number in range(8):
            frames.seek(number)
            np.testing.assert_array_equal(np.asarray(frames.convert("L")), GRAY)
    for picture in Grid(tmp_path).pictures:
        np.testing.assert_array_equal(picture.pixels, GRAY)


# TIFF

LAYOUTS: dict[str, dict[str, Any]] = {
    "whole": {},
    "strips": {"rowsperstrip": 5},
    "compressed strips": {"rowsperstrip": 5, "compression": "zlib"},
    "tiles": {"tile": (16, 16)},
    "compressed tiles": {"tile": (16, 16), "compression": "zlib"},
    "planes": {"planarconfig": "separate", "rowsperstrip": 5},
    "tiles of planes": {"planarconfig": "separate", "tile": (16, 16), "compression": "zlib"},
    "big-endian": {"byteorder": ">"},
    "bigtiff": {"bigtiff": True},
}


@pytest.mark.parametrize("orientation", [2, 3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_a_tiff_is_turned(layout: str, orientation: int, tmp_path: Path) -> None:
    options = dict(LAYOUTS[layout])
    planar = "planarconfig" in options
    data = np.ascontiguousarray(STORED.transpose(2, 0, 1)) if planar else STORED
    path = save(tmp_path / "a.tif", orientation, data, **options)
    expected = TURNS[orientation](STORED)
    with open_pyramid(path) as pyramid, open_pyramid(path, orientation=False) as stored:
        np.testing.assert_array_equal(pyramid.read(0), expected)
        np.testing.assert_array_equal(
            pyramid.read(0, slice(4, 9), slice(7, 18)), expected[4:9, 7:18]
        )
        np.testing.assert_array_equal(stored.read(0), STORED)


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_palette_and_samples_of_16_bits_are_turned(orientation: int, tmp_path: Path) -> None:
    palette = RANDOM.integers(0, 65536, (3, 256), dtype=np.uint16)
    path = save(tmp_path / "a.tif", orientation, GRAY, photometric="palette", colormap=palette)
    expected = TURNS[orientation]((palette >> 8).astype(np.uint8).T[GRAY])
    np.testing.assert_array_equal(Picture(path).pixels, expected)
    path = save(tmp_path / "b.tif", orientation, DEEP)
    np.testing.assert_array_equal(by_pyramid(path), TURNS[orientation](DEEP))


@pytest.mark.parametrize("orientation", [2, 3, 5, 6, 8])
def test_the_pages_of_a_tiff_are_turned(orientation: int, tmp_path: Path) -> None:
    stack = RANDOM.integers(0, 256, (5, 22, 38), dtype=np.uint8)
    tag = (274, "H", 1, orientation, False)  # of every page
    path = save(tmp_path / "a.tif", orientation, stack, photometric="minisblack", extratags=[tag])
    with open_pyramid(path) as pyramid:
        for number in range(5):
            expected = TURNS[orientation](stack[number])
            np.testing.assert_array_equal(pyramid.read(0, index=(number,)), expected)
    assert Video(path).size == TURNS[orientation](stack[0]).shape[::-1]
    np.testing.assert_array_equal(
        Grid(path, shared=False).pictures[3].pixels, TURNS[orientation](stack[3])
    )


def write_pages(
    path: Path, pages: list[Array], orientations: Sequence[int | None], **more: Any
) -> Path:
    tifffile = pytest.importorskip("tifffile")
    with tifffile.TiffWriter(path, **more) as writer:
        for page, own in zip(pages, orientations, strict=True):
            tag = [] if own is None else [(274, "H", 1, own, True)]
            options: dict[str, Any] = {"metadata": None, "contiguous": False, "extratags": tag}
            writer.write(page, photometric="minisblack", **options)
    return path


def test_each_page_of_a_scan_is_turned_by_itself(tmp_path: Path) -> None:
    pages = [RANDOM.integers(0, 256, (20, 20), dtype=np.uint8) for _ in range(5)]
    orientations = [1, 3, 6, 8, None]
    path = write_pages(tmp_path / "a.tif", pages, orientations)
    frames = Grid(path).pictures
    for number, (page, own) in enumerate(zip(pages, orientations, strict=True)):
        expected = TURNS[own or 1](page)
        with open_pyramid(path) as pyramid, Image.open(path) as image:
            image.seek(number)
            np.testing.assert_array_equal(np.asarray(image), expected)
            np.testing.assert_array_equal(pyramid.read(0, index=(number,)), expected)
        np.testing.assert_array_equal(frames[number].pixels, expected)
        with open_pyramid(path, orientation=False) as pyramid:
            np.testing.assert_array_equal(pyramid.read(0, index=(number,)), page)


@pytest.mark.parametrize("bigtiff", [False, True])
def test_the_pages_of_a_long_scan_are_turned_too(bigtiff: bool, tmp_path: Path) -> None:
    """tifffile reads the tags of the first alone."""
    pages = [RANDOM.integers(0, 256, (20, 20), dtype=np.uint8) for _ in range(30)]
    orientations = [6 if number % 5 == 3 else 1 for number in range(30)]
    path = write_pages(tmp_path / "a.tif", pages, orientations, bigtiff=bigtiff)
    with open_pyramid(path) as pyramid:
        for number, page in enumerate(pages):
            expected = TURNS[orientations[number]](page)
            np.testing.assert_array_equal(pyramid.read(0, index=(number,)), expected)


def test_a_page_on_another_side_is_refused_rather_than_wrong(tmp_path: Path) -> None:
    pages = [RANDOM.integers(0, 256, (20, 30), dtype=np.uint8) for _ in range(5)]
    path = write_pages(tmp_path / "a.tif", pages, [8, 6, None, 8, 8])
    with open_pyramid(path) as pyramid:
        assert pyramid.shapes[0] == (30, 20)
        np.testing.assert_array_equal(pyramid.read(0, index=(1,)), TURNS[6](pages[1]))
        with pytest.raises(ValueError, match="page 2 is stored in orientation 1, on another side"):
            pyramid.read(0, index=(2,))
    with open_pyramid(path, orientation=False) as pyramid:
        np.testing.assert_array_equal(pyramid.read(0, index=(2,)), pages[2])


def write_levels(path: Path, orientation: int, kind: str, own_tags: bool) -> list[Array]:
    tifffile = pytest.importorskip("tifffile")
    levels = [RANDOM.integers(0, 256, (64 >> i, 96 >> i), dtype=np.uint8) for i in range(3)]
    tag = [(274, "H", 1, orientation, True)]
    options: dict[str, Any] = {"tile": (16, 16), "photometric": "minisblack", "metadata": None}
    with tifffile.TiffWriter(path) as writer:
        writer.write(levels[0], subifds=2 * (kind == "subifds"), extratags=tag, **options)
        for level in levels[1:]:
            writer.write(level, subfiletype=1, extratags=tag if own_tags else [], **options)
    return levels


@pytest.mark.parametrize("own_tags", [True, False])
@pytest.mark.parametrize("kind", ["subifds", "pages"])
@pytest.mark.parametrize("orientation", [2, 6, 7])
def test_the_levels_of_a_file_are_turned(
    orientation: int, kind: str, own_tags: bool, tmp_path: Path
) -> None:
    """A level without a tag lies as the largest one does."""
    levels = write_levels(tmp_path / "a.tif", orientation, kind, own_tags)
    with open_pyramid(tmp_path / "a.tif") as pyramid:
        assert pyramid.native_levels == (0, 1, 2)
        for number, level in enumerate(levels):
            expected = TURNS[orientation](level)
            np.testing.assert_array_equal(np.asarray(pyramid.levels[number]), expected)
            np.testing.assert_array_equal(pyramid.levels[number][3:9, 2:11], expected[3:9, 2:11])


def test_an_ome_tiff_is_as_it_is_stored(tmp_path: Path) -> None:
    """Its XML counts rows and columns as they are stored; Bio-Formats and tifffile turn none."""
    path = tmp_path / "a.ome.tif"
    tifffile = pytest.importorskip("tifffile")
    tag = [(274, "H", 1, 6, True)]
    tifffile.imwrite(path, GRAY, photometric="minisblack", extratags=tag, ome=True)
    np.testing.assert_array_equal(Picture(path).pixels, GRAY)


def test_a_georeferenced_tiff_is_as_it_is_stored(tmp_path: Path) -> None:
    """Its coordinates are of the rows and columns that are stored; GDAL turns none."""
    keys = (1, 1, 0, 1, 1024, 0, 1, 1)
    tags = [(274, "H", 1, 3, True), (34735, "H", len(keys), keys, True)]
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(
        tmp_path / "a.tif", GRAY, photometric="minisblack", extratags=tags, metadata=None
    )
    np.testing.assert_array_equal(Picture(tmp_path / "a.tif").pixels, GRAY)


def test_without_tifffile_pillow_has_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    paths = [save(tmp_path / f"{i}.tif", i) for i in TURNS]
    monkeypatch.setitem(sys.modules, "tifffile", None)
    monkeypatch.setattr("nbimage.pyramid.open_path.find_spec", lambda name: None)
    for orientation, path in zip(TURNS, paths, strict=True):
        np.testing.assert_array_equal(by_pyramid(path), TURNS[orientation](STORED))
        np.testing.assert_array_equal(by_pyramid(path, orientation=False), STORED)


def test_the_size_of_a_pixel_is_turned_too(tmp_path: Path) -> None:
    options: dict[str, Any] = {"resolution": (100, 200), "resolutionunit": "CENTIMETER"}
    path = save(tmp_path / "a.tif", 6, GRAY, **options)
    with open_pyramid(path) as pyramid, open_pyramid(path, orientation=False) as stored:
        assert stored.pixel_size == (50, 100)
        assert pyramid.pixel_size == (100, 50)
        assert pyramid.unit == stored.unit


def test_a_window_of_a_turned_tiff_reads_the_tiles_that_it_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []
    read = Segments.read
    monkeypatch.setattr(Segments, "read", lambda *a: counted.append(a[1]) or read(*a))
    pytest.importorskip("tifffile")
    data = RANDOM.integers(0, 256, (512, 768), dtype=np.uint8)
    path = save(tmp_path / "a.tif", 6, data, tile=(64, 64), compression="zlib")
    with open_pyramid(path) as pyramid:
        part = pyramid.read(0, slice(10, 60), slice(10, 60))
        np.testing.assert_array_equal(part, TURNS[6](data)[10:60, 10:60])
        assert counted == [12 * 7]  # the last row's first one


# libvips


@pytest.mark.parametrize("orientation", [2, 3, 6, 7])
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif"])
def test_what_only_libvips_opens_is_upright(
    name: str, orientation: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyvips")
    path = save(tmp_path / name, orientation)
    with open_pyramid(path) as pyramid:
        expected = pyramid.read(0)
    assert VipsSource(path).orientations == (orientation,)
    if name != "a.tif":
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 400)  # Pillow refuses twice as many
        with open_pyramid(path) as pyramid, open_pyramid(path, orientation=False) as stored:
            assert isinstance(pyramid.source.inner, VipsSource)  # type: ignore[attr-defined]
            np.testing.assert_allclose(pyramid.read(0), expected, atol=3)
            np.testing.assert_allclose(stored.read(0), stored_by_vips(path), atol=3)


def stored_by_vips(path: Path) -> Array:
    import pyvips

    found: Array = pyvips.Image.new_from_file(str(path)).numpy()
    return found


def test_colors_of_16_bits_are_upright(tmp_path: Path) -> None:
    pyvips = pytest.importorskip("pyvips")
    data = RANDOM.integers(0, 65536, (22, 38, 3), dtype=np.uint16)
    image = pyvips.Image.new_from_array(data).copy(interpretation="rgb16")
    image.set_type(pyvips.GValue.gint_type, "orientation", 6)
    image.write_to_file(str(tmp_path / "a.png"))
    np.testing.assert_array_equal(by_pyramid(tmp_path / "a.png"), TURNS[6](data))
    np.testing.assert_array_equal(by_pyramid(tmp_path / "a.png", orientation=False), data)


# The cache of levels

LIMITS = CacheLimits(large=1 << 12, small=1 << 10, smallest_level=1 << 8, tile_size=32)


@pytest.mark.parametrize("orientation", [2, 3, 6, 7])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.tif", {"tile": (32, 32), "compression": "zlib"}),
        ("a.tif", {"rowsperstrip": 7, "compression": "zlib"}),
        ("a.png", {}),
    ],
)
def test_levels_that_are_kept_are_upright(
    name: str,
    options: dict[str, Any],
    orientation: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of the stored image are others, in the same folder."""
    monkeypatch.setenv("NBIMAGE_CACHE", str(tmp_path / "cache"))

    def cached(source: Source, path: Path, **more: Any) -> Source:
        return with_level_cache(source, path, limits=LIMITS, progress=False, key=more["key"])

    monkeypatch.setattr("nbimage.pyramid.open.with_level_cache", cached)
    data = RANDOM.integers(0, 256, (101, 143), dtype=np.uint8)
    path = save(tmp_path / name, orientation, data, **options)
    for upright in (True, False, True):
        whole = TURNS[orientation](data) if upright else data
        with open_pyramid(path, orientation=upright) as pyramid:
            assert len(pyramid.native_levels) > 1
            plain = open_pyramid(np.ascontiguousarray(whole))
            for level, other in zip(pyramid.levels, plain.levels, strict=True):
                np.testing.assert_array_equal(np.asarray(level), np.asarray(other))
    assert len(list((tmp_path / "cache").rglob("*.levels"))) == 2


# Files that are written


def test_what_is_written_is_upright_and_has_no_tag(tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    tifffile = pytest.importorskip("tifffile")
    source = save(tmp_path / "a.tif", 6)
    expected = TURNS[6](STORED)
    with tifffile.TiffFile(nbimage.write_tiff(source, tmp_path / "b.tif", progress=False)) as file:
        assert file.pages[0].tags.get("Orientation") is None
        np.testing.assert_array_equal(file.asarray(), expected)
    for path in (
        nbimage.write_ome_zarr(source, tmp_path / "b.ome.zarr", progress=False),
        nbimage.write_dzi(source, tmp_path / "b.dzi", format="png", progress=False),
        Picture(source).save(tmp_path / "b.png"),
        Picture(source).save(tmp_path / "b.webp", lossless=True),
    ):
        np.testing.assert_array_equal(by_pyramid(Path(path)), expected)
    with Image.open(tmp_path / "b.png") as image:
        assert image.getexif().get(274) is None
    stored: dict[str, Any] = {"orientation": False, "progress": False}
    for path in (
        nbimage.write_tiff(source, tmp_path / "c.tif", **stored),
        nbimage.write_ome_zarr(source, tmp_path / "c.ome.zarr", **stored),
        nbimage.write_dzi(source, tmp_path / "c.dzi", format="png", **stored),
    ):
        np.testing.assert_array_equal(by_pyramid(Path(path)), STORED)


def test_a_tile_keeps_its_place_whatever_its_exif_says(tmp_path: Path) -> None:
    data = RANDOM.integers(0, 256, (64, 64), dtype=np.uint8)
    path = nbimage.write_dzi(
        data, tmp_path / "a.dzi", format="png", tile_size=64, overlap=0, progress=False
    )
    tile = tmp_path / "a_files" / "6" / "0_0.png"
    Image.open(tile).save(tile, exif=exif_of(3))
    np.testing.assert_array_equal(by_pyramid(Path(path)), data)


def test_resume_tells_the_upright_image_from_the_stored_one(tmp_path: Path) -> None:
    from nbimage.mapping.value_scale import UNTOUCHED
    from nbimage.pyramid.writers.fingerprint import make_fingerprint

    path = save(tmp_path / "a.png", 3)
    names = []
    for upright in (True, False, True):
        with open_pyramid(path, orientation=upright) as pyramid:
            names.append(make_fingerprint(pyramid, UNTOUCHED, required=True))
    assert names[0] == names[2] != names[1]


# The command line, addresses, tables


def test_the_command_line_turns_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = str(save(tmp_path / "a.png", 6))
    shapes = {(): (38, 22), ("--no-orientation",): (22, 38)}
    for flags, (rows, columns) in shapes.items():
        assert main(["png", source, str(tmp_path / "b.png"), *flags]) == 0
        with Image.open(tmp_path / "b.png") as image:
            assert image.size == (columns, rows)
        assert main(["dzi", source, str(tmp_path / "b.dzi"), *flags]) == 0
        assert open_pyramid(tmp_path / "b.dzi").shapes[0] == (rows, columns)
        capsys.readouterr()
        assert main(["info", source, *flags]) == 0
        told = capsys.readouterr().out
        assert f"rows, columns: {rows}, {columns}\n" in told
        assert ("orientation: 6 in the file, turned upright\n" in told) == (not flags)
        pytest.importorskip("anywidget")
        assert main(["view", source, "--export", str(tmp_path / "out"), *flags]) == 0
        tiles = next((tmp_path / "out" / "tiles").rglob("*.dzi"))
        assert open_pyramid(tiles).shapes[0] == (rows, columns)


def test_the_command_line_turns_frames(tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    for i in range(2):
        save(frames / f"{i}.png", 6, np.zeros((70, 90), np.uint8))
    for flags, size in (([], "70×90"), (["--no-orientation"], "90×70")):
        target = tmp_path / "out.mp4"
        assert main(["video", str(frames), str(target), *flags]) == 0
        assert video_size(target) == tuple(map(int, size.split("×")))


def video_size(path: Path) -> tuple[int, int]:
    """Return width and height of an MP4's track."""
    data = path.read_bytes()
    start = data.index(b"tkhd") + 4
    wide, high = struct.unpack(">II", data[start + 76 : start + 84])
    return wide >> 16, high >> 16


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_a_file_at_an_address_is_upright(name: str, tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    path = save(tmp_path / name, 6)
    stored = stored_in(path)
    with serving(tmp_path) as server:
        address = f"{server.address}/{name}"
        np.testing.assert_array_equal(by_pyramid(address), TURNS[6](stored))
        np.testing.assert_array_equal(by_pyramid(address, orientation=False), stored)


def test_the_pictures_of_tables_are_upright(tmp_path: Path) -> None:
    with Image.open(save(tmp_path / "a.png", 6)) as image:
        (uri,) = nbimage.data_uris([image])
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(_bytes_of(uri)))), TURNS[6](STORED)
    )


def test_a_pyramid_was_turned_when_it_was_opened(tmp_path: Path) -> None:
    with open_pyramid(save(tmp_path / "a.png", 6)) as pyramid:
        for door in (by_picture, by_pyramid):
            with pytest.raises(ValueError, match="orientation must be left out"):
                door(pyramid, orientation=False)
        with pytest.raises(ValueError, match="orientation must be left out"):
            nbimage.write_dzi(pyramid, tmp_path / "b.dzi", orientation=False)
