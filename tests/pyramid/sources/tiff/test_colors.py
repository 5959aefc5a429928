"""TIFFs in other colors, and in layouts of bits, against libvips, Pillow and what was written."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
import tifffile
from PIL import Image, ImageCms

from nbimage import Picture, View, nbimage
from nbimage.encoding import encode
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.writers.deepzoom.write import write_dzi

Array = np.ndarray[Any, Any]
HIGH, WIDE = 37, 51
ROWS, COLUMNS = np.mgrid[:HIGH, :WIDE]
RGB = np.stack([COLUMNS * 5, ROWS * 6, (COLUMNS + ROWS) * 2], axis=-1).astype(np.uint8)
TYPES = {3: "H", 4: "I", 5: "II"}
BITS, COMPRESSION, COLORS, PREDICTOR, PALETTE = 258, 259, 262, 317, 320
COEFFICIENTS, SUBSAMPLING, ENDS = 529, 530, 532


def write(path: Path, parts: list[bytes], tags: dict[int, tuple[int, list[Any]]]) -> Path:
    """Write a page of strips as they are given."""
    offsets, data = [], b""
    for part in parts:
        offsets.append(8 + len(data))
        data += part + b"\0" * (len(part) % 2)
    tags = {256: (4, [WIDE]), 257: (4, [HIGH]), 278: (4, [HIGH]), 259: (3, [1])} | tags
    tags |= {273: (4, offsets), 279: (4, [len(part) for part in parts])}
    start, fields, more = 8 + len(data), b"", b""
    for code, (kind, values) in sorted(tags.items()):
        flat = np.ravel(values).tolist()
        raw = struct.pack(f"<{len(flat)}{TYPES[kind][0]}", *flat)
        if len(raw) > 4:
            offset = start + 2 + 12 * len(tags) + 4 + len(more)
            more, raw = more + raw + b"\0" * (len(raw) % 2), struct.pack("<I", offset)
        fields += struct.pack("<HHI", code, kind, len(values)) + raw.ljust(4, b"\0")
    head = struct.pack("<2sHI", b"II", 42, start)
    path.write_bytes(head + data + struct.pack("<H", len(tags)) + fields + b"\0\0\0\0" + more)
    return path


def samples(
    bits: int, count: int, colors: int, planar: int = 1
) -> dict[int, tuple[int, list[Any]]]:
    return {BITS: (3, [bits] * count), COLORS: (3, [colors]), 277: (3, [count]), 284: (3, [planar])}


def ycbcr() -> Array:
    return np.asarray(Image.fromarray(RGB).convert("YCbCr"))


def subsampled(across: int, down: int, rows: int) -> list[bytes]:
    """Strips in which the color differences follow the pixels that they are of."""
    strips = []
    for top in range(0, HIGH, rows):
        part = ycbcr()[top : top + rows]
        more = (-part.shape[0] % down, -part.shape[1] % across)
        part = np.pad(part, ((0, more[0]), (0, more[1]), (0, 0)), "edge")
        units = part.shape[0] // down, part.shape[1] // across
        luma = part[..., 0].reshape(units[0], down, units[1], across).transpose(0, 2, 1, 3)
        joined = np.concatenate([luma.reshape(*units, -1), part[::down, ::across, 1:]], axis=-1)
        strips.append(joined.tobytes())
    return strips


def by_libvips(path: Path) -> Array:
    image: Array = pyvips.Image.new_from_file(str(path)).numpy()
    return image[..., :3].astype(int)


def read(path: Path) -> Array:
    with open_pyramid(path) as pyramid:
        whole = pyramid.read(0)
        part = pyramid.read(0, slice(9, 20), slice(11, 33))
    assert np.array_equal(part, whole[9:20, 11:33])
    assert np.array_equal(Picture(path).pixels, Picture(whole).pixels)
    return np.asarray(whole)


@pytest.mark.parametrize("rows", [16, HIGH])
@pytest.mark.parametrize("compression", [1, 8])
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (2, 2), (4, 1), (4, 2), (1, 2)])
def test_ycbcr_is_rgb(tmp_path: Path, size: tuple[int, int], compression: int, rows: int) -> None:
    strips = subsampled(*size, rows)
    if compression == 8:
        strips = [zlib.compress(strip) for strip in strips]
    tags = samples(8, 3, 6) | {SUBSAMPLING: (3, list(size)), 278: (4, [rows])}
    path = write(tmp_path / "a.tif", strips, tags | {COMPRESSION: (3, [compression])})
    expected = RGB.astype(int) if size == (1, 1) else by_libvips(path)
    assert abs(read(path) - expected).max() <= 3


def test_ycbcr_has_its_own_white_and_weights(tmp_path: Path) -> None:
    ends = [(16, 1), (235, 1), (128, 1), (240, 1), (128, 1), (240, 1)]
    weights = [(2125, 10000), (7154, 10000), (721, 10000)]
    for name, tag in (("a", {ENDS: (5, ends)}), ("b", {COEFFICIENTS: (5, weights)})):
        path = write(tmp_path / f"{name}.tif", subsampled(2, 2, HIGH), samples(8, 3, 6) | tag)
        assert abs(read(path) - by_libvips(path)).max() <= 3


def test_planes_of_ycbcr_are_rgb(tmp_path: Path) -> None:
    planes = [ycbcr()[..., i].tobytes() for i in range(3)]
    tags = samples(8, 3, 6, planar=2) | {SUBSAMPLING: (3, [1, 1])}
    assert abs(read(write(tmp_path / "a.tif", planes, tags)) - RGB.astype(int)).max() <= 3


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("planar", [1, 2])
def test_cmyk_is_rgb(tmp_path: Path, bits: int, planar: int) -> None:
    inks = np.dstack([255 - RGB, COLUMNS.astype(np.uint8)])
    expected = np.asarray(Image.frombytes("CMYK", (WIDE, HIGH), inks.tobytes()).convert("RGB"))
    inks = inks.astype(np.uint16) * 257 if bits == 16 else inks
    parts = [inks[..., i].tobytes() for i in range(4)] if planar == 2 else [inks.tobytes()]
    found = read(write(tmp_path / "a.tif", parts, samples(bits, 4, 5, planar)))
    assert found.dtype == inks.dtype
    assert np.abs(found / (257 if bits == 16 else 1) - expected).max() <= 1


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("kind", [8, 9])
def test_cielab_is_rgb(tmp_path: Path, kind: int, bits: int) -> None:
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    transform = ImageCms.buildTransform(*profiles, "RGB", "LAB")
    lab = np.asarray(ImageCms.applyTransform(Image.fromarray(RGB), transform))  # a and b signed
    signed = np.dstack([lab[..., 0], lab[..., 1:]])
    stored = signed if kind == 8 else signed ^ np.array([0, 128, 128], np.uint8)
    if bits == 16:
        stored = stored.astype(np.uint16) << 8
        stored[..., 0] = lab[..., 0].astype(int) * (257 if kind == 8 else 256)
    found = read(write(tmp_path / "a.tif", [stored.tobytes()], samples(bits, 3, kind)))
    error = np.abs(found / (257 if bits == 16 else 1) - RGB)
    assert error.mean() < 1
    assert error.max() <= 16  # 8 bits of Lab are few where colors are dark


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_palette_is_its_colors(tmp_path: Path, bits: int) -> None:
    index = ((ROWS + COLUMNS) % (1 << bits)).astype(np.uint8)
    palette = np.random.default_rng(1).integers(0, 256, (3, 1 << bits))
    palette[0, 0] = 255
    spread = np.unpackbits(index[..., None], axis=-1)[..., -bits:].reshape(HIGH, -1)
    data = np.packbits(spread, axis=1).tobytes()
    for scale in (257, 1):  # some write bytes, of which the upper ones are none
        tags = samples(bits, 1, 3) | {PALETTE: (3, (palette * scale).ravel().tolist())}
        assert np.array_equal(read(write(tmp_path / "a.tif", [data], tags)), palette.T[index])


def test_differences_of_twelve_bits_wrap_around(tmp_path: Path) -> None:
    array = ((COLUMNS * 80 + ROWS * 3) % 4096).astype(np.uint16)
    differences = np.diff(array, axis=1, prepend=0) % 4096
    shifts = np.arange(11, -1, -1)
    spread = (differences[..., None] >> shifts & 1).astype(np.uint8).reshape(HIGH, -1)
    data = zlib.compress(np.packbits(spread, axis=1).tobytes())
    tags = samples(12, 1, 1) | {COMPRESSION: (3, [8]), PREDICTOR: (3, [2])}
    assert np.array_equal(read(write(tmp_path / "a.tif", [data], tags)), array)


@pytest.mark.parametrize("dtype", ["f2", "f4"])
def test_floats_with_a_predictor_are_exact(tmp_path: Path, dtype: str) -> None:
    array = np.linspace(-3, 70, HIGH * WIDE).reshape(HIGH, WIDE).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", array, compression="zlib", predictor=3)
    assert np.array_equal(read(tmp_path / "a.tif"), array)


UNREAD = {
    "JBIG": samples(1, 1, 1) | {COMPRESSION: (3, [34661])},
    "NEXT": samples(2, 1, 1) | {COMPRESSION: (3, [32766])},
    "THUNDERSCAN": samples(4, 1, 1) | {COMPRESSION: (3, [32809])},
    "SGILOG": samples(16, 3, 32845) | {COMPRESSION: (3, [34676])},
    "PREDICTOR": samples(8, 1, 1) | {COMPRESSION: (3, [8]), PREDICTOR: (3, [99])},
    "for each pixel": samples(8, 3, 6) | {COMPRESSION: (3, [8]), PREDICTOR: (3, [2])},
    "inks": samples(8, 4, 5) | {332: (3, [2])},
}
DOORS = {
    "open_pyramid": open_pyramid,
    "nbimage": nbimage,
    "encode": encode,
    "tiles": lambda path: View(path, embed=False),
    "Deep Zoom": lambda path: write_dzi(path, path.parent / "a.dzi", progress=False),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", UNREAD)
def test_what_nothing_decodes_is_refused_when_it_is_opened(
    tmp_path: Path, kind: str, door: str
) -> None:
    path = write(tmp_path / "a.tif", [b"\0" * 9000], UNREAD[kind])
    with pytest.raises(
        ValueError, match=rf"^[^\n]*a\.tif[^\n]*{kind}[^\n]*convert (it|them) first"
    ):
        DOORS[door](path)


def test_tiles_of_other_colors_are_shown(tmp_path: Path) -> None:
    tags = samples(8, 3, 6) | {SUBSAMPLING: (3, [2, 2])}
    path = write(tmp_path / "a.tif", subsampled(2, 2, HIGH), tags)
    write_dzi(path, tmp_path / "a.dzi", format="png", progress=False)
    assert np.array_equal(Picture(tmp_path / "a.dzi").pixels, Picture(path).pixels)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_cmyk_keeps_its_alpha(dtype: str, tmp_path: Path) -> None:
    scale = 257 if dtype == "uint16" else 1
    alpha = np.add.outer(np.arange(HIGH), np.arange(WIDE)).astype(np.uint8)[..., None]
    inks = np.concatenate([255 - RGB, np.zeros_like(alpha), alpha], axis=-1).astype(dtype) * scale
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, inks, photometric="separated", extrasamples=["unassalpha"])
    with open_pyramid(path) as pyramid:
        found = pyramid.read(0)
    assert np.array_equal(found[..., 3], inks[..., 4])
    assert np.abs(found[..., :3] / scale - RGB).max() <= 1


@pytest.mark.parametrize("codec", ["zstd", "lzma", "lerc", "jpegxl", "jpegxr", "jpeg2000", "png"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_tiles_of_any_codec_are_exact(codec: str, dtype: str, tmp_path: Path) -> None:
    samples_ = RGB.astype(dtype) * (257 if dtype == "uint16" else 1)
    lossless = {"level": 0} if codec == "jpeg2000" else {}
    path = tmp_path / "a.tif"
    options: Any = {"compression": codec, "compressionargs": lossless, "bigtiff": True}
    tifffile.imwrite(path, samples_, tile=(16, 16), photometric="rgb", **options)
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0), samples_)
