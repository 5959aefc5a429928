"""TIFF and OME-TIFF as they are written: what other programs read of them, or nothing."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbimage.base.box import Box
from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.writers import tiff as tiff_writer
from nbimage.pyramid.writers.tiff import write_tiff
from tests.blocks import Blocks
from tests.memory import traced

tifffile = pytest.importorskip("tifffile")
pytest.importorskip("imagecodecs")

Array = np.ndarray
RANDOM = np.random.default_rng(8)
DTYPES = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"]
PLAIN_DTYPES = ["u8", "i8", "f2"]


def samples(shape: tuple[int, ...], dtype: str = "u2") -> Array:
    found = RANDOM.integers(0, 2 if dtype == "?" else 100, shape).astype(dtype)
    return found / np.array(4, found.dtype) if found.dtype.kind == "f" else found


def smooth(rows: int, columns: int) -> Array:
    y, x = np.mgrid[:rows, :columns]
    return np.stack([y % 256, x % 256, (y + x) // 4 % 256], axis=-1).astype(np.uint8)


def check_same(first: Pyramid, second: Pyramid) -> None:
    assert first.shapes == second.shapes
    assert first.dtype == second.dtype
    assert first.channels == second.channels
    for level in range(len(first.shapes)):
        for plane in np.ndindex(tuple(length for _, length in first.axes)):
            same = plane if second.axes else ()  # an axis of length 1 may go
            one, other = first.read(level, index=plane), second.read(level, index=same)
            np.testing.assert_array_equal(one, other)


def levels(data: Array, size: int) -> list[Array]:
    """A picture and its halves, until one fits in a tile."""
    found = [data]
    while max(found[-1].shape[:2]) > size:
        found.append(halve(found[-1]))
    return found


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
@pytest.mark.parametrize("compression", ["zlib", "zstd", "lzw", None])
@pytest.mark.parametrize("dtype", [*DTYPES, *PLAIN_DTYPES])
def test_samples_of_any_dtype_come_back_in_every_level(
    tmp_path: Path, dtype: str, compression: str | None, name: str
) -> None:
    data = samples((131, 75), dtype)
    path = tmp_path / name
    if ".ome" in name and dtype in PLAIN_DTYPES:
        with pytest.raises(ValueError, match="OME-TIFF holds"):
            write_tiff(data, path)
        return
    assert write_tiff(data, path, tile_size=32, compression=compression) == path
    with open_pyramid(path) as found:
        check_same(open_pyramid(data), found)
        assert found.native_levels == (0, 1, 2, 3)
    with tifffile.TiffFile(path) as file:
        assert file.is_ome == (".ome" in name)
        for level, expected in zip(file.series[0].levels, levels(data, 32), strict=True):
            np.testing.assert_array_equal(level.asarray(), expected)


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("channels", [2, 3, 4])
def test_colors_and_alpha_are_samples_of_a_pixel(
    tmp_path: Path, channels: int, dtype: str, name: str
) -> None:
    data = samples((70, 61, channels), dtype)
    path = write_tiff(data, tmp_path / name, tile_size=16, axes="yxs")
    with open_pyramid(path) as found, open_pyramid(data, axes="yxs") as given_:
        check_same(given_, found)
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        assert page.photometric == (2 if channels > 2 else 1)
        assert tuple(page.extrasamples) == ((2,) if channels in (2, 4) else ())
        np.testing.assert_array_equal(page.asarray(), data)


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
@pytest.mark.parametrize(("dtype", "channels"), [("u2", 6), ("?", 3)], ids=["bands", "bits"])
def test_channels_beyond_colors_become_planes(
    tmp_path: Path, dtype: str, channels: int, name: str
) -> None:
    data = samples((2, 33, 44, channels), dtype)

    class Bands(Source):
        def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
            return data[plane[0]][box.slices]

    facts: dict[str, Any] = {"shapes": ((33, 44),), "dtype": data.dtype, "axes": (("t", 2),)}
    source = Pyramid(Bands(channels=channels, **facts))
    path = write_tiff(source, tmp_path / name, tile_size=16)
    with open_pyramid(path) as found:
        assert found.axes == (("t", 2), ("c", channels))
        for t, channel in np.ndindex(2, channels):
            for level, expected in enumerate(levels(data[t, :, :, channel], 16)):
                whole = found.read(level, index=(t, channel))
                np.testing.assert_array_equal(whole, expected)


@settings(max_examples=60)
@given(
    rows=st.integers(1, 90),
    columns=st.integers(1, 90),
    tile=st.sampled_from([16, 32, 48]),
    name=st.sampled_from(["a.tif", "a.ome.tiff"]),
    planes=st.integers(1, 3),
)
def test_any_shape_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: int,
    columns: int,
    tile: int,
    name: str,
    planes: int,
) -> None:
    data = samples((planes, rows, columns), "i2")
    path = tmp_path_factory.mktemp("shape") / name
    write_tiff(data, path, axes="tyx", tile_size=tile)
    with open_pyramid(path) as found:
        check_same(open_pyramid(data, axes="tyx"), found)
    assert len(list(path.parent.iterdir())) == 1


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
def test_all_planes_come_back(tmp_path: Path, name: str) -> None:
    data = samples((2, 5, 4, 50, 40))
    path = write_tiff(data, tmp_path / name, axes="tczyx", tile_size=16)
    with open_pyramid(path) as found:
        assert found.axes == (("t", 2), ("c", 5), ("z", 4))
        check_same(open_pyramid(data, axes="tczyx"), found)
    with tifffile.TiffFile(path) as file:
        assert file.series[0].axes == "TCZYX"
        assert len(file.pages) == 40
        assert all(len(page.subifds) == 2 for page in file.pages)


def test_axes_without_a_name_are_kept_in_plain_tiff_alone(tmp_path: Path) -> None:
    data = samples((5, 40, 40))
    with open_pyramid(write_tiff(data, tmp_path / "a.tif", tile_size=16)) as found:
        check_same(open_pyramid(data), found)
    with pytest.raises(ValueError, match="name each t, c or z"):
        write_tiff(data, tmp_path / "a.ome.tif")


def test_the_pixels_size_and_the_channels_are_told(tmp_path: Path) -> None:
    data = samples((2, 40, 50))

    class Known(Source):
        def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
            return data[plane[0]][box.slices]

    source = Pyramid(
        Known(
            shapes=((40, 50),),
            dtype=data.dtype,
            axes=(("c", 2),),
            pixel_size=(0.5, 0.25),
            unit="µm",
            channel_names=("DAPI", "red & blue"),
            channel_colors=("#0000ff", "#ff00ff"),
        )
    )
    path = write_tiff(source, tmp_path / "a.ome.tif", tile_size=16)
    with open_pyramid(path) as found:
        for name in ("pixel_size", "unit", "channel_names", "channel_colors", "axes"):
            assert getattr(found, name) == getattr(source, name)
    with tifffile.TiffFile(path) as file:
        root = ElementTree.fromstring(file.ome_metadata)
        (pixels,) = (e for e in root.iter() if e.tag.endswith("Pixels"))
        assert (pixels.get("SizeX"), pixels.get("SizeY"), pixels.get("SizeC")) == ("50", "40", "2")
        assert (pixels.get("PhysicalSizeX"), pixels.get("PhysicalSizeXUnit")) == ("0.25", "µm")
        tags = file.pages[0].tags
        assert tags["ResolutionUnit"].value == 3
        x, y = (tags[name].value for name in ("XResolution", "YResolution"))
        assert (x[0] / x[1], y[0] / y[1]) == (40_000, 20_000)
    plain = write_tiff(source, tmp_path / "a.tif", tile_size=16)
    with open_pyramid(plain) as found:
        assert (found.pixel_size, found.unit) == ((0.5, 0.25), "µm")


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
@pytest.mark.parametrize("compression", ["zlib", "lzw", None])
def test_libvips_reads_each_level(tmp_path: Path, compression: str | None, name: str) -> None:
    pyvips = pytest.importorskip("pyvips")
    data = smooth(300, 200)
    path = str(write_tiff(data, tmp_path / name, tile_size=64, compression=compression))
    for number, expected in enumerate(levels(data, 64)):
        options = {"page": number} if name == "a.tif" else {"subifd": number - 1}
        found = pyvips.Image.new_from_file(path, **options).numpy()
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["u2", "i2", "u4", "i4", "f4"])
def test_libvips_reads_numbers_of_any_size(tmp_path: Path, dtype: str) -> None:
    pyvips = pytest.importorskip("pyvips")
    data = samples((100, 120), dtype)
    path = str(write_tiff(data, tmp_path / "a.tif", tile_size=64))
    for number, expected in enumerate(levels(data, 64)):
        found = pyvips.Image.new_from_file(path, page=number).numpy()
        np.testing.assert_array_equal(found, expected)


def test_openslide_reads_each_level_of_plain_tiff(tmp_path: Path) -> None:
    openslide = pytest.importorskip("openslide")
    data = smooth(600, 500)
    path = write_tiff(data, tmp_path / "a.tif", tile_size=64)
    with openslide.OpenSlide(path) as slide:
        assert slide.properties["openslide.vendor"] == "generic-tiff"
        expected = levels(data, 64)
        assert slide.level_count == len(expected)
        for number, level in enumerate(expected):
            rows, columns = level.shape[:2]
            assert slide.level_dimensions[number] == (columns, rows)
            found = np.asarray(slide.read_region((0, 0), number, (columns, rows)))
            np.testing.assert_array_equal(found[..., :3], level)


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
@pytest.mark.parametrize("gray", [True, False])
def test_jpeg_is_near_what_was_written(tmp_path: Path, gray: bool, name: str) -> None:
    from PIL import Image

    y, x = np.mgrid[:200, :150]
    data = np.stack([y, x, 255 - y], axis=-1).astype(np.uint8)
    data = data[:, :, 0] if gray else data
    path = write_tiff(data, tmp_path / name, tile_size=64, compression="jpeg", quality=95)
    with open_pyramid(path) as found:
        for number, level in enumerate(levels(data, 64)):
            other = found.read(number).astype(int)
            assert np.abs(other - level).mean() < 3
    with Image.open(path) as image:  # by libtiff
        assert np.abs(np.asarray(image).astype(int) - data).mean() < 3
    smaller = write_tiff(data, tmp_path / "b.tif", tile_size=64, compression="jpeg", quality=20)
    assert smaller.stat().st_size < path.stat().st_size


def test_a_large_file_is_bigtiff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = samples((100, 100))
    with tifffile.TiffFile(write_tiff(data, tmp_path / "a.tif")) as file:
        assert not file.is_bigtiff
    monkeypatch.setattr(tiff_writer, "_MAX_CLASSIC", 1000)
    with tifffile.TiffFile(write_tiff(data, tmp_path / "a.tif")) as file:
        assert file.is_bigtiff
        np.testing.assert_array_equal(file.asarray(), data)


def test_memory_is_bounded_and_each_pixel_is_read_once(tmp_path: Path) -> None:
    source = Blocks(8000)
    with traced() as memory:
        write_tiff(Pyramid(source), tmp_path / "a.ome.tif", compression="lzw")
    assert source.pixels == 8000 * 8000
    assert memory.peak < 96 << 20  # the image has 122 MiB


@pytest.mark.parametrize("where", ["tiles", "file"])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"older")

    def full(*args: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    if where == "tiles":
        monkeypatch.setattr(tiff_writer.FileSpool, "write", full)
    else:
        real = tifffile.TiffWriter.write
        calls: list[int] = []

        def later(*args: Any, **options: Any) -> Any:
            calls.append(1)
            return full() if len(calls) > 1 else real(*args, **options)

        monkeypatch.setattr(tifffile.TiffWriter, "write", later)
    with pytest.raises(OSError, match="No space left"):
        write_tiff(samples((300, 300)), path, tile_size=64)
    assert path.read_bytes() == b"older"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.tif"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tile_size": 100}, "tile_size must be a multiple of 16 from 16 to 16384, but got 100"),
        ({"compression": "lz"}, "compression must be one of"),
        ({"quality": 50}, "quality must be left out for 'zlib'"),
        ({"compression": "jpeg", "quality": 0}, "quality must be 1 to 100, but got 0"),
        ({"compression": "jpeg"}, "JPEG holds bytes in gray or colors, but got uint16"),
    ],
    ids=["tile", "compression", "no quality", "quality", "jpeg"],
)
def test_what_can_not_be_written_is_said_in_one_line(
    tmp_path: Path, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says) as error:
        write_tiff(samples((20, 20)), tmp_path / "a.tif", **options)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_name_of_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="give it one of these suffixes"):
        write_tiff(samples((9, 9)), tmp_path / "a.png")
    (tmp_path / "b.tif").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write_tiff(samples((9, 9)), tmp_path / "b.tif")


@pytest.mark.parametrize("missing", [60_000, 30_000, 100], ids=["tiles", "more tiles", "the end"])
def test_a_file_that_may_not_grow_leaves_no_litter(tmp_path: Path, missing: int) -> None:
    pytest.importorskip("resource")
    script = """
import os, resource, signal, sys
import numpy as np
from nbimage.pyramid.writers.tiff import write_tiff

data = np.random.default_rng(0).integers(0, 256, (200, 200), dtype=np.uint8)
write_tiff(data, sys.argv[1], tile_size=32)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
most = os.path.getsize(sys.argv[1]) - int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    write_tiff(255 - data, sys.argv[1], tile_size=32)
except OSError as error:
    print(error.errno)
"""
    path = tmp_path / "a.tif"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), str(missing)], capture_output=True, text=True
    )
    assert done.stdout.strip() == str(errno.EFBIG), done.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.tif"]
    data = np.random.default_rng(0).integers(0, 256, (200, 200), dtype=np.uint8)
    np.testing.assert_array_equal(tifffile.imread(path), data)


def test_the_bytes_of_a_file_are_the_same_each_time(tmp_path: Path) -> None:
    data = smooth(200, 300)
    first = write_tiff(data, tmp_path / "a.tif", tile_size=32).read_bytes()
    second = write_tiff(data, tmp_path / "b.tif", tile_size=32).read_bytes()
    assert first == second
