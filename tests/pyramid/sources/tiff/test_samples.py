"""What a TIFF says of its samples: their bits, which end is white, alpha, what is missing."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage import Picture, open_pyramid
from nbimage.base.box import Box
from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.levels.level_cache import CachedSource
from nbimage.pyramid.levels.overview import Overview
from tests.pack_bits import let_tifffile_pack, pack
from tests.web_server import serving

let_tifffile_pack()
Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(14)
LAYOUTS: dict[str, dict[str, Any]] = {
    "one strip": {},
    "strips": {"rowsperstrip": 16},
    "compressed": {"compression": "zlib", "rowsperstrip": 16},
    "tiles": {"tile": (32, 48)},
    "big-endian": {"byteorder": ">"},
}
"""Of one strip, uncompressed: mapped into memory where its samples are whole bytes."""


def write(folder: Path, array: Array, **options: Any) -> Path:
    tifffile.imwrite(folder / "a.tif", array, **{"metadata": None, **options})
    return folder / "a.tif"


def read(path: Any, level: int = 0) -> Array:
    with open_pyramid(path) as pyramid:
        samples = pyramid.read(level)
        part = pyramid.read(level, slice(3, 20), slice(5, 30))
        assert np.array_equal(part, samples[3:20, 5:30], equal_nan=samples.dtype.kind == "f")
        assert pyramid.dtype == samples.dtype
        return samples


def write_packed(folder: Path, values: Array, bits: int, photometric: int, *more: Any) -> Path:
    """Write strips of a few bits a sample, compressed, which tifffile does not."""
    strips = [
        zlib.compress(b"".join(map(bytes, (pack(row, bits) for row in values[top : top + 16]))))
        for top in range(0, len(values), 16)
    ]
    offsets = (8 + np.cumsum([0, *map(len, strips)])).tolist()
    tags = [
        (256, values.shape[1]),
        (257, values.shape[0]),
        (258, bits),
        (259, 8),
        (262, photometric),
        (273, *offsets[:-1]),
        (277, 1),
        (278, 16),
        (279, *map(len, strips)),
        *more,
    ]
    start, extra, entries = offsets[-1] + offsets[-1] % 2, b"", b""
    end = start + 2 + 12 * len(tags) + 4
    for tag, *numbers in tags:
        wide = tag in (273, 279)
        data = np.array(numbers, "<u4" if wide else "<u2").tobytes()
        where = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack("<I", end + len(extra))
        extra += data if len(data) > 4 else b""
        entries += struct.pack("<HHI", tag, 4 if wide else 3, len(numbers)) + where
    whole = b"II*\0" + struct.pack("<I", start) + b"".join(strips)
    whole = whole.ljust(start, b"\0") + struct.pack("<H", len(tags)) + entries + b"\0" * 4 + extra
    (folder / "packed.tif").write_bytes(whole)
    return folder / "packed.tif"


def write_bits(folder: Path, values: Array, bits: int, photometric: str, layout: str) -> Path:
    if layout == "compressed" and bits not in (8, 16, 32):
        return write_packed(folder, values, bits, int(photometric == "minisblack"))
    own = {} if bits in (1, 8, 16, 32) else {"bitspersample": bits}
    return write(folder, values, photometric=photometric, **own, **LAYOUTS[layout])


# Alpha that colors were multiplied by


def premultiply(straight: Array) -> tuple[Array, Array]:
    """Return the premultiplied pixels, and what Pillow makes of such again."""
    top = 1 if straight.dtype.kind == "f" else int(np.iinfo(straight.dtype).max)
    wide = straight.astype(np.float64)
    alpha = wide[..., -1:]
    colors = wide[..., :-1] * alpha / top
    if straight.dtype.kind == "f":
        stored = np.concatenate([colors, alpha], 2).astype(straight.dtype)
        with np.errstate(all="ignore"):
            back = np.where(alpha > 0, stored[..., :-1] / stored[..., -1:], 0)
        return stored, np.concatenate([back, stored[..., -1:]], 2).astype(straight.dtype)
    stored = np.concatenate([np.rint(colors), alpha], 2).astype(straight.dtype)
    whole = stored.astype(object)
    back = np.minimum(whole[..., :-1] * top // np.maximum(whole[..., -1:], 1), top)
    back = np.where(whole[..., -1:] > 0, back, 0)
    return stored, np.concatenate([back, whole[..., -1:]], 2).astype(straight.dtype)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "float32", "float16", "float64"])
def test_premultiplied_alpha_is_divided_out(
    layout: str, channels: int, dtype: str, tmp_path: Path
) -> None:
    values = RANDOM.integers(0, 256, (50, 70, channels)).astype(dtype)
    values = values / dtype_top(dtype) if dtype.startswith("f") else values
    values[:5, :, -1] = 0
    stored, expected = premultiply(values.astype(dtype))
    options = {"photometric": "rgb" if channels == 4 else "minisblack"}
    path = write(tmp_path, stored, extrasamples=["assocalpha"], **options, **LAYOUTS[layout])
    found = read(path)
    assert found.dtype == dtype
    assert np.allclose(found, expected, rtol=2e-3 if dtype == "float16" else 1e-6)


def dtype_top(dtype: str) -> float:
    return 255.0 if dtype.startswith("f") else float(np.iinfo(dtype).max)


def test_a_premultiplied_pixel_is_the_same_at_every_door(tmp_path: Path) -> None:
    pytest.importorskip("pyvips")
    from nbimage.pyramid.sources.vips_image import VipsSource

    stored = np.full((40, 40, 4), (100, 50, 25, 128), np.uint8)
    path = write(tmp_path, stored, photometric="rgb", extrasamples=["assocalpha"])
    right = np.full((40, 40, 4), (199, 99, 49, 128), np.uint8)
    assert np.array_equal(read(path), right)
    assert np.array_equal(Picture(path).pixels, right)
    assert np.array_equal(Pyramid(VipsSource(path)).read(0), right)
    with Image.open(path) as image:
        assert np.array_equal(Picture(image).pixels, right)
        assert np.array_equal(Picture(Image.fromarray(stored, "RGBa")).pixels, right)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_premultiplied_planes_are_divided_by_the_last(
    compression: str | None, tmp_path: Path
) -> None:
    values = RANDOM.integers(0, 256, (50, 70, 4), dtype=np.uint8)
    stored, expected = premultiply(values)
    path = write(
        tmp_path,
        np.moveaxis(stored, -1, 0),
        photometric="rgb",
        planarconfig="separate",
        extrasamples=["assocalpha"],
        compression=compression,
    )
    assert np.array_equal(read(path), expected)


def test_straight_alpha_stays_as_it_is(tmp_path: Path) -> None:
    values = RANDOM.integers(0, 256, (50, 70, 4), dtype=np.uint8)
    path = write(tmp_path, values, photometric="rgb", extrasamples=["unassalpha"])
    assert np.array_equal(read(path), values)


def test_levels_of_a_file_are_divided_by_their_own_alpha(tmp_path: Path) -> None:
    large, expected = premultiply(RANDOM.integers(0, 256, (64, 96, 4), dtype=np.uint8))
    small, expected_small = premultiply(RANDOM.integers(0, 256, (32, 48, 4), dtype=np.uint8))
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        options: Any = {"photometric": "rgb", "extrasamples": ["assocalpha"], "tile": (16, 16)}
        file.write(large, subifds=1, metadata=None, **options)
        file.write(small, subfiletype=1, metadata=None, **options)
    assert np.array_equal(read(tmp_path / "a.tif"), expected)
    assert np.array_equal(read(tmp_path / "a.tif", 1), expected_small)


# Bits


def pillow_scale(values: Array, bits: int) -> Array:
    return np.asarray(np.rint(values * (255 / ((1 << bits) - 1))), np.uint8)


@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("bits", [2, 3, 4, 6])
def test_few_bits_have_their_own_full_scale(
    bits: int, layout: str, photometric: str, tmp_path: Path
) -> None:
    values = RANDOM.integers(0, 1 << bits, (50, 70), dtype=np.uint8)
    path = write_bits(tmp_path, values, bits, photometric, layout)
    right = pillow_scale(values, bits)
    right = 255 - right if photometric == "miniswhite" else right
    assert np.array_equal(read(path), right)
    assert np.array_equal(Picture(path).pixels, right)
    if bits in (2, 4):
        with Image.open(path) as image:
            assert np.array_equal(np.asarray(image), right)
            assert np.array_equal(Picture(image).pixels, right)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("bits", [1, 8, 9, 10, 12, 14, 16, 24, 32])
def test_white_is_zero_inverts_over_the_bits(bits: int, layout: str, tmp_path: Path) -> None:
    top = (1 << bits) - 1
    dtype = "bool" if bits == 1 else f"uint{8 if bits < 9 else 16 if bits < 17 else 32}"
    values = RANDOM.integers(0, top + 1, (50, 70)).astype(dtype)
    if layout == "big-endian" and bits not in (1, 8, 16, 32):
        pytest.skip("tifffile packs such in the wrong order of bytes")
    path = write_bits(tmp_path, values, bits, "miniswhite", layout)
    assert np.array_equal(read(path), ~values if bits == 1 else top - values)


def test_white_is_zero_of_signed_and_floating_samples(tmp_path: Path) -> None:
    signed = RANDOM.integers(-128, 128, (50, 70)).astype(np.int8)
    assert np.array_equal(read(write(tmp_path, signed, photometric="miniswhite")), -1 - signed)
    floats = RANDOM.random((50, 70), np.float32)
    ends = [(340, "f", 1, -1.0, True), (341, "f", 1, 2.0, True)]
    path = write(tmp_path, floats, photometric="miniswhite", extratags=ends)
    assert np.allclose(read(path), 1 - floats)
    assert np.array_equal(read(write(tmp_path, floats, photometric="miniswhite")), floats)


def test_white_is_zero_leaves_alpha_alone(tmp_path: Path) -> None:
    values = RANDOM.integers(0, 256, (50, 70, 2), dtype=np.uint8)
    path = write(tmp_path, values, photometric="miniswhite", extrasamples=["unassalpha"])
    found = read(path)
    assert np.array_equal(found[..., 0], 255 - values[..., 0])
    assert np.array_equal(found[..., 1], values[..., 1])


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_palettes_of_few_bits_have_their_colors(bits: int, tmp_path: Path) -> None:
    colors = RANDOM.integers(0, 256, (3, 1 << bits))
    indices = RANDOM.integers(0, 1 << bits, (50, 70), dtype=np.uint8)
    path = write_packed(tmp_path, indices, bits, 3, (320, *(colors * 257).ravel().tolist()))
    assert np.array_equal(read(path), colors.T[indices].astype(np.uint8))


def test_a_level_of_other_bits_is_no_level(tmp_path: Path) -> None:
    """GDAL's smaller levels of one bit have eight, of gray."""
    bits = RANDOM.random((64, 96)) < 0.5
    gray = RANDOM.integers(0, 255, (32, 48), dtype=np.uint8)
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(bits, photometric="minisblack", metadata=None)
        file.write(gray, photometric="minisblack", subfiletype=1, metadata=None)
    assert np.array_equal(read(tmp_path / "a.tif", 1), halve(bits))


# What is missing


def nodata(text: str) -> dict[str, Any]:
    return {"extratags": [(42113, "s", 0, text, True)]}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("dtype", "text", "value"),
    [
        ("uint8", "0", 0),
        ("uint16", "65535", 65535),
        ("int16", "-9999", -9999),
        ("int32", "-2147483648", -(2**31)),
        ("float32", "-9999", -9999.0),
        ("float32", "-3.4028234663852886e+38", np.finfo(np.float32).min),
        ("float64", "1e+20", 1e20),
        ("float32", "nan", np.nan),
        ("float32", "inf", np.inf),
    ],
)
def test_gdal_nodata_is_missing(
    dtype: str, text: str, value: Any, layout: str, tmp_path: Path
) -> None:
    values = RANDOM.integers(1, 100, (50, 70)).astype(dtype)
    values[:9] = value
    path = write(tmp_path, values, **nodata(text), **LAYOUTS[layout])
    found = read(path)
    assert np.isnan(found[:9]).all()
    assert np.array_equal(found[9:], values[9:])
    with open_pyramid(path) as pyramid:
        assert pyramid.limits(exact=True) == (values[9:].min(), values[9:].max())
        assert pyramid.source.stored == dtype
        whole = np.where(np.arange(50)[:, None] < 9, np.nan, values).astype(pyramid.dtype)
        assert np.array_equal(pyramid.read(1), halve(whole), equal_nan=True)
        assert np.array_equal(pyramid.read(1)[4], halve(whole[9:10])[0])
    picture = Picture(path)
    assert not picture.render()[:9].any()
    assert (picture.render()[9:, :, -1] == 255).all()


@pytest.mark.parametrize(
    ("dtype", "text"),
    [("uint8", "-9999"), ("uint8", "0.5"), ("float32", "1e300"), ("int16", "no data")],
)
def test_nodata_that_no_sample_can_be_is_ignored(dtype: str, text: str, tmp_path: Path) -> None:
    values = RANDOM.integers(0, 100, (50, 70)).astype(dtype)
    path = write(tmp_path, values, **nodata(text))
    found = read(path)
    assert found.dtype == dtype
    assert np.array_equal(found, values)


def test_tiles_that_are_left_out_are_missing(tmp_path: Path) -> None:
    values = RANDOM.integers(0, 200, (64, 96)).astype(np.int16)
    options: Any = {"tile": (32, 48), "photometric": "minisblack", "metadata": None}
    tiles = [values[y : y + 32, x : x + 48] for y in (0, 32) for x in (0, 48)]
    encoded = [zlib.compress(tile.tobytes()) for tile in tiles]
    encoded[1] = b""
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        shape: Any = {"shape": values.shape, "dtype": values.dtype, "compression": "zlib"}
        file.write(iter(encoded), **shape, **options, **nodata("-1"))
    found = read(tmp_path / "a.tif")
    assert np.isnan(found[:32, 48:]).all()
    assert np.array_equal(found[32:], values[32:])
    assert np.array_equal(found[:32, :48], values[:32, :48])


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_colors_have_missing_samples_and_alpha_has_none(planar: str, tmp_path: Path) -> None:
    values = RANDOM.integers(0, 255, (50, 70, 4), dtype=np.uint8)
    values[..., 3] = 255
    values[:9, :, :3] = 255
    stored = values if planar == "contig" else np.moveaxis(values, -1, 0)
    options: Any = {"photometric": "rgb", "planarconfig": planar, "extrasamples": ["unassalpha"]}
    picture = Picture(write(tmp_path, stored, **options, **nodata("255")))
    assert not picture.render()[:9].any()
    assert np.array_equal(picture.render()[9:], values[9:])


def test_an_index_of_a_palette_is_transparent_where_it_is_missing(tmp_path: Path) -> None:
    indices = RANDOM.integers(0, 16, (50, 70), dtype=np.uint8)
    colors = (RANDOM.integers(0, 256, (3, 256)) * 257).astype(np.uint16)
    path = write(tmp_path, indices, photometric="palette", colormap=colors, **nodata("3"))
    found = read(path)
    assert found.shape == (50, 70, 4)
    assert np.array_equal(found[..., 3] == 0, indices == 3)
    shown = indices != 3
    assert np.array_equal(found[..., :3][shown], (colors >> 8).T[indices][shown])


def test_levels_of_a_file_have_missing_samples_too(tmp_path: Path) -> None:
    large = RANDOM.integers(0, 200, (64, 96), dtype=np.uint8)
    small = RANDOM.integers(0, 200, (32, 48), dtype=np.uint8)
    large[:8] = small[:4] = 255
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        options: Any = {"photometric": "minisblack", "metadata": None, "tile": (16, 16)}
        file.write(large, **options, **nodata("255"))
        file.write(small, subfiletype=1, **options)
    found = read(tmp_path / "a.tif", 1)
    assert np.isnan(found[:4]).all()
    assert np.array_equal(found[4:], small[4:])


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_levels_that_are_kept_leave_missing_samples_out(
    compression: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBIMAGE_CACHE", str(tmp_path / "cache"))
    values = RANDOM.integers(0, 200, (1100, 1000)).astype(np.int16)
    values[:64], values[70:, ::7] = -1, -1
    path = write(tmp_path, values, compression=compression, **nodata("-1"))
    whole = np.where(values == -1, np.nan, values).astype(np.float32)
    with open_pyramid(path, cache=True) as pyramid:
        assert isinstance(pyramid.source, CachedSource)
        for level in range(4):
            assert np.array_equal(pyramid.read(level), whole, equal_nan=True)
            whole = halve(whole)
    overview = Overview(open_pyramid(path, cache=False), 2, ())
    while overview.work():
        pass
    with open_pyramid(path, cache=False) as pyramid:
        rows, columns = pyramid.shapes[2]
        samples, _ = overview.read(2, Box(0, rows, 0, columns))
        assert np.array_equal(samples, pyramid.read(2), equal_nan=True)


@pytest.mark.parametrize("layout", ["one strip", "tiles", "compressed"])
def test_files_at_an_address_are_decoded_alike(layout: str, tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    values = RANDOM.integers(0, 256, (50, 70), dtype=np.uint8)
    path = write(tmp_path, values, photometric="miniswhite", **nodata("7"), **LAYOUTS[layout])
    with serving(tmp_path) as server:
        found = read(f"{server.address}/a.tif")
    assert np.array_equal(np.isnan(found), values == 7)
    assert np.array_equal(found, read(path), equal_nan=True)


def test_missing_values_are_those_of_rows_that_go_across_pages_too(tmp_path: Path) -> None:
    values = RANDOM.random((20, 30, 4)).astype(np.float32)
    values[3, 4] = -9999
    tags = [(42113, "s", 0, "-9999", True)]
    options: Any = {"photometric": "minisblack", "metadata": {"axes": "YXZ"}, "extratags": tags}
    with open_pyramid(write(tmp_path, values, **options)) as pyramid:
        plane = pyramid.read(0, index=(1,))
    assert np.isnan(plane[3, 4])
    plane[3, 4] = -9999
    np.testing.assert_array_equal(plane, values[..., 1])
