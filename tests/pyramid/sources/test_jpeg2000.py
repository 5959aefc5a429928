"""JPEG 2000 against the samples that were encoded, and against Pillow's OpenJPEG."""

from __future__ import annotations

import io
import pickle
import struct
import sys
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from nbimage import Picture, nbimage
from nbimage.arrays.metadata import FullScale
from nbimage.base.box import Box
from nbimage.encoding import encode
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.sources.jpeg2000.source import Jpeg2000Source, open_jpeg_2000
from nbimage.pyramid.writers.deepzoom.write import write_dzi

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(15)
SMOOTH = (np.add.outer(np.arange(320) * 40, np.arange(416) * 30) % 65536).astype(np.uint16)
BYTES = (SMOOTH >> 8).astype(np.uint8)
COLORS = np.stack([BYTES, BYTES[::-1], 255 - BYTES], axis=-1)


def encoded(array: Array, **options: Any) -> bytes:
    data: bytes = imagecodecs.jpeg2k_encode(array, level=0, reversible=True, **options)
    return data


def in_tiles(tiles: list[Array], across: int, **options: Any) -> bytes:
    """A codestream of tiles that were encoded one by one; their size keeps them on the grid."""
    codes = [encoded(tile, codecformat="j2k", **options) for tile in tiles]
    at = codes[0].index(b"\xff\x90\0\n")
    head = bytearray(codes[0][:at])
    place = head.index(b"\xff\x51") + 6
    wide, high = struct.unpack_from(">II", head, place)
    down = len(tiles) // across
    struct.pack_into(">8I", head, place, wide * across, high * down, 0, 0, wide, high, 0, 0)
    parts = [bytes(head)]
    for number, code in enumerate(codes):
        part = bytearray(code[code.index(b"\xff\x90\0\n") :].removesuffix(b"\xff\xd9"))
        struct.pack_into(">HI", part, 4, number, len(part))
        parts.append(bytes(part))
    return b"".join([*parts, b"\xff\xd9"])


def whole(source: Any, level: int = 0) -> Array:
    high, wide = source.shapes[level]
    part: Array = source.read(level, Box(0, high, 0, wide))
    return part


def with_opaque(channels: int) -> Array:
    array = RANDOM.integers(0, 65536, (50, 70, channels), np.uint16)
    array[:9, :, -1] = 65535
    return array


KINDS = {
    "gray of 12 bits": (SMOOTH[:50, :70] >> 4, {"bitspersample": 12}),
    "gray of 16 bits": (SMOOTH[:50, :70], {}),
    "colors of 12 bits": (RANDOM.integers(0, 4096, (50, 70, 3), np.uint16), {"bitspersample": 12}),
    "colors of 16 bits": (RANDOM.integers(0, 65536, (50, 70, 3), np.uint16), {}),
    "colors and alpha": (with_opaque(4), {}),
    "gray and alpha": (with_opaque(2), {}),
    "signed": (RANDOM.integers(-32768, 32768, (50, 70), np.int16), {}),
    "signed bytes": (RANDOM.integers(-128, 128, (50, 70), np.int8), {}),
    "signed colors": (RANDOM.integers(-32768, 32768, (50, 70, 3), np.int16), {}),
    "bytes": (BYTES[:50, :70], {}),
    "colors of bytes": (COLORS[:50, :70], {}),
}


@pytest.mark.parametrize("form", ["jp2", "j2k"])
@pytest.mark.parametrize("kind", KINDS)
def test_samples_are_those_that_were_encoded(tmp_path: Path, kind: str, form: str) -> None:
    array, options = KINDS[kind]
    path = tmp_path / f"a.{form}"
    path.write_bytes(encoded(array, codecformat=form, **options))
    with open_pyramid(path) as pyramid, open_pyramid(Image.open(path)) as of_an_image:
        assert pyramid.dtype == of_an_image.dtype == array.dtype
        assert np.array_equal(pyramid.read(0), array)
        assert np.array_equal(of_an_image.read(0), array)
        assert pyramid.metadata.windows == of_an_image.metadata.windows
    assert encode(path) == encode(Image.open(path))


@pytest.mark.parametrize("array", [SMOOTH, SMOOTH.astype(np.int16), np.dstack([SMOOTH] * 3)])
def test_high_throughput_is_read(tmp_path: Path, array: Array) -> None:
    encode_htj2k = getattr(imagecodecs, "htj2k_encode", None)
    if encode_htj2k is None:  # all that there are for Python 3.10
        pytest.skip("older versions of imagecodecs read it, but can't write it")
    (tmp_path / "a.jph").write_bytes(encode_htj2k(array))
    with open_pyramid(tmp_path / "a.jph") as pyramid:
        assert np.array_equal(pyramid.read(0), array)


def test_fewer_bits_are_the_full_scale(tmp_path: Path) -> None:
    array = RANDOM.integers(0, 4096, (30, 40, 3), np.uint16)
    path = tmp_path / "a.jp2"
    path.write_bytes(encoded(array, bitspersample=12))
    with open_pyramid(path) as pyramid:
        assert pyramid.metadata.windows == (FullScale(0, 4095),) * 3
    shown = np.asarray(Image.open(io.BytesIO(Picture(path, contrast="infer").png)).convert("RGB"))
    other = np.asarray(
        Image.open(io.BytesIO(Picture(Image.open(path), contrast="infer").png)).convert("RGB")
    )
    assert np.abs(shown.astype(int) - np.rint(array / 4095 * 255)).max() <= 1
    assert np.array_equal(shown, other)


@pytest.mark.parametrize("more", [{"progression": "PCRL"}, {"progression": "CPRL"}, {}])
@pytest.mark.parametrize("array", [BYTES, COLORS], ids=["gray", "colors"])
def test_smaller_sizes_are_read_whatever_the_order_of_packets(
    more: dict[str, Any], array: Array, tmp_path: Path
) -> None:
    layers = {} if more else {"quality_layers": [40, 10, 0]}
    odd, options = array[:313, :411], {"num_resolutions": 4, "irreversible": False}
    Image.fromarray(odd).save(tmp_path / "a.jp2", **options, **more, **layers)
    Image.fromarray(odd).save(tmp_path / "b.jp2", progression="RLCP", **options)
    source, expected = (open_jpeg_2000(tmp_path / name) for name in ("a.jp2", "b.jp2"))
    assert isinstance(source, Jpeg2000Source)
    assert source.shapes == expected.shapes
    assert len(source.shapes) == 4
    for level in range(4):
        assert np.array_equal(whole(source, level), whole(expected, level))


@pytest.mark.parametrize("offset", [None, (32, 17)])
@pytest.mark.parametrize("irreversible", [False, True])
@pytest.mark.parametrize("order", ["LRCP", "RLCP", "RPCL", "PCRL", "CPRL"])
@pytest.mark.parametrize("array", [SMOOTH, BYTES, COLORS])
def test_tiles_and_resolutions_are_those_of_the_whole(
    tmp_path: Path, array: Array, order: str, irreversible: bool, offset: Any
) -> None:
    path = tmp_path / "a.jp2"
    options: dict[str, Any] = {} if offset is None else {"offset": offset, "tile_offset": (10, 5)}
    Image.fromarray(array).save(
        path,
        tile_size=(100, 70),
        num_resolutions=4,
        progression=order,
        irreversible=irreversible,
        **options,
    )
    expected = np.asarray(Image.open(path))
    source = open_jpeg_2000(path)
    assert isinstance(source, Jpeg2000Source)
    assert np.array_equal(whole(source), expected)
    for top, left in [(0, 0), (65, 95), (130, 3), (250, 300)]:
        part = Box(top, top + 70, left, left + 110)
        assert np.array_equal(source.read(0, part), expected[part.slices])
    assert len(source.shapes) == (1 if order in ("PCRL", "CPRL") else 4)
    for level in range(1, len(source.shapes) if offset is None else 1):
        with Image.open(path) as image:
            image.reduce = level  # type: ignore[method-assign, assignment]
            assert np.array_equal(whole(source, level), np.asarray(image))
    for level in range(1, len(source.shapes)):
        step = 1 << level
        rough = whole(source, level).astype(float)
        near = expected[::step, ::step].astype(float)
        assert np.median(np.abs(rough - near)) <= 0.02 * np.iinfo(array.dtype).max


def test_tiles_of_deep_colors_are_read_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiles = [RANDOM.integers(0, 4096, (256, 256, 3), np.uint16) for _ in range(6)]
    path = tmp_path / "a.j2k"
    path.write_bytes(in_tiles(tiles, 3, bitspersample=12, resolutions=3))
    source = open_jpeg_2000(path)
    decode, sizes = imagecodecs.jpeg2k_decode, []

    def counted(data: bytes) -> Array:
        found: Array = decode(data)
        sizes.append(found.shape[:2])
        return found

    monkeypatch.setattr(imagecodecs, "jpeg2k_decode", counted)
    assert np.array_equal(
        source.read(0, Box(300, 310, 500, 530)), np.hstack(tiles[4:])[44:54, 244:274]
    )
    assert sizes == [(256, 256)] * 2
    assert source.shapes == ((512, 768), (256, 384), (128, 192))
    whole(source, 2)
    assert sizes[2:] == [(64, 64)] * 6
    expected = np.vstack([np.hstack(tiles[:3]), np.hstack(tiles[3:])])
    assert np.array_equal(whole(pickle.loads(pickle.dumps(source))), expected)
    write_dzi(path, tmp_path / "a.dzi", format="png", progress=False)
    assert Picture(tmp_path / "a.dzi").png


def with_header(array: Array, *boxes: tuple[bytes, bytes], color: bytes) -> bytes:
    """A JP2 file with a header of one's own."""
    high, wide, *more = array.shape
    body = encoded(array, codecformat="j2k")
    head = struct.pack(">IIHBBBB", high, wide, more[0] if more else 1, 7, 7, 0, 0)

    def box(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I4s", len(data) + 8, kind) + data

    inner = b"".join(box(*one) for one in [(b"ihdr", head), (b"colr", color), *boxes])
    return (
        box(b"jP  ", b"\r\n\x87\n")
        + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
        + box(b"jp2h", inner)
        + struct.pack(">I4s", 0, b"jp2c")
        + body
    )


SRGB = b"\1\0\0" + struct.pack(">I", 16)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_is_its_colors(tmp_path: Path, bits: int) -> None:
    dtype = np.dtype(">u2" if bits == 16 else np.uint8)
    palette = RANDOM.integers(0, 1 << bits, (5, 3)).astype(dtype)
    index = RANDOM.integers(0, 5, (20, 30), np.uint8)
    table = struct.pack(">HB", 5, 3) + bytes([bits - 1] * 3) + palette.tobytes()
    columns = b"".join(struct.pack(">HBB", 0, 1, column) for column in range(3))
    data = with_header(index, (b"pclr", table), (b"cmap", columns), color=SRGB)
    (tmp_path / "a.jp2").write_bytes(data)
    with open_pyramid(tmp_path / "a.jp2") as pyramid:
        assert pyramid.dtype == dtype.newbyteorder("=")
        assert np.array_equal(pyramid.read(0), palette[index])
        assert pyramid.labels


@pytest.mark.parametrize("door", [open_pyramid, nbimage, encode])
def test_what_is_no_rgb_is_refused_in_one_line(tmp_path: Path, door: Any) -> None:
    array = RANDOM.integers(0, 65536, (20, 30, 3), np.uint16)
    lab = b"\1\0\0" + struct.pack(">I", 14)
    (tmp_path / "a.jp2").write_bytes(with_header(array, color=lab))
    with pytest.raises(ValueError, match=r"a\.jp2 must be gray or RGB, .* 14: convert it first$"):
        door(tmp_path / "a.jp2")


def test_a_huge_tile_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    data = bytearray(encoded(SMOOTH, codecformat="j2k"))
    place = data.index(b"\xff\x51") + 6
    struct.pack_into(">8I", data, place, 40_000, 40_000, 0, 0, 40_000, 40_000, 0, 0)
    (tmp_path / "a.j2k").write_bytes(data)
    with pytest.raises(ValueError, match=r"tiles of at most 2\^28 samples, .* 40000 x 40000"):
        open_pyramid(tmp_path / "a.j2k")


def test_a_cut_file_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    data = in_tiles([SMOOTH[:256, :256]] * 2, 2, resolutions=3)
    for length in (10, 30, 80, len(data) // 2, len(data) - 10):
        (tmp_path / "a.j2k").write_bytes(data[:length])
        with pytest.raises(ValueError, match=r"^[^\n]*a\.j2k must be a whole JPEG 2000 picture"):
            open_pyramid(tmp_path / "a.j2k")


def test_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jp2").write_bytes(encoded(SMOOTH[:20, :20].astype(np.int16)))
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(
        ImportError, match=r"a\.jp2.* needs imagecodecs: pip install 'nbimage\[tiff"
    ):
        open_pyramid(tmp_path / "a.jp2")
    with pytest.raises(ImportError, match=r"needs imagecodecs: pip install 'nbimage\[tiff"):
        nbimage(Image.open(tmp_path / "a.jp2"))
