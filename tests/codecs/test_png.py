"""Whatever `encode_png` writes, other people's decoders read back, pixel for pixel."""

from __future__ import annotations

import base64
import functools
import io
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data as photographs

from nbimage import rerange
from nbimage.codecs import png
from nbimage.codecs.packing import codings
from nbimage.codecs.packing.deflate import Matches, adler32, adler32_combine, crc32, raw_deflate
from nbimage.codecs.packing.filters import PAETH, apply_filter
from nbimage.codecs.png import encode_png, find_free_value
from tests.e2e.harness import READ_PIXELS, Chromium
from tests.memory import traced

Array = np.ndarray


# ------------------------------------------------------------------------------- the pictures


@dataclass
class Case:
    """What goes into the encoder, and the RGBA that everyone must get out of it."""

    name: str
    array: Array
    rgba: Array
    options: dict[str, Any] = field(default_factory=dict)
    color_type: int = 0
    depth: int = 8

    @property
    def hidden(self) -> bool:
        """Whether the color of transparent pixels is the encoder's own choice."""
        return "mask" in self.options

    def encoded(self) -> bytes:
        return encode_png(self.array, **self.options)

    def expected(self) -> Array:
        return without_hidden(self.rgba) if self.hidden else self.rgba


def without_hidden(rgba: Array) -> Array:
    """RGBA with zeros where nothing is seen."""
    return rgba * (rgba[:, :, 3:] > 0)


def as_rgba(array: Array) -> Array:
    """Gray, gray and alpha, RGB or RGBA as RGBA."""
    if array.ndim == 2:
        array = array[:, :, None]
    channels = array.shape[2]
    colors = array[:, :, : channels - (channels in (2, 4))]
    alpha = array[:, :, -1:] if channels in (2, 4) else np.full_like(array[:, :, :1], 255)
    if colors.shape[2] == 1:
        colors = np.repeat(colors, 3, axis=2)
    return np.concatenate([colors, alpha], axis=2)


def plain(name: str, array: Array, **options: Any) -> Case:
    channels = 1 if array.ndim == 2 else array.shape[2]
    return Case(name, array, as_rgba(array), options, {1: 0, 2: 4, 3: 2, 4: 6}[channels])


def indexed(name: str, indices: Array, palette: Array, **options: Any) -> Case:
    depth = next(bits for bits in (1, 2, 4, 8) if 2**bits >= len(palette))
    colors = np.column_stack([palette, np.full(len(palette), 255, np.uint8)])[:, :4]
    if palette.shape[1] == 4:
        colors = palette
    options["palette"] = palette
    return Case(name, indices, colors[indices], options, 3, depth)


def masked(name: str, gray: Array, mask: Array, **options: Any) -> Case:
    rgba = as_rgba(gray)
    rgba[:, :, 3] = np.where(mask, 0, 255)
    options["mask"] = mask
    return Case(name, gray, rgba, options)


def bilevel(name: str, gray: Array, **options: Any) -> Case:
    options["bilevel"] = True
    return Case(name, gray, as_rgba(gray), options, 0, 1)


def noise(*shape: int, top: int = 256) -> Array:
    random = np.random.default_rng(list(shape))
    return random.integers(0, top, shape, dtype=np.uint8)


def ramp(*shape: int) -> Array:
    """Values that rise along both sides, each channel at its own pace."""
    grids = np.indices(shape)
    return (2 * grids[0] + 3 * grids[1] + 40 * sum(grids[2:])).astype(np.uint8)


SHAPES = [(1, 1), (1, 2), (2, 1), (1, 67), (67, 1), (3, 5), (13, 17), (64, 64), (97, 251)]


def small_cases() -> Iterator[Case]:
    for shape in SHAPES:
        for channels in (1, 2, 3, 4):
            full = shape if channels == 1 else (*shape, channels)
            for kind, make in (("noise", noise), ("ramp", ramp), ("flat", np.zeros)):
                array = np.asarray(make(full) if kind == "flat" else make(*full)).astype(np.uint8)
                yield plain(f"{kind}-{full}", array)
        mask = noise(*shape, top=2).astype(bool)
        yield bilevel(f"bilevel-{shape}", np.where(mask, 255, 0).astype(np.uint8))
        yield masked(f"mask-{shape}", noise(*shape, top=255), mask)
        yield masked(f"all-masked-{shape}", ramp(*shape) // 2, np.ones(shape, bool))
        for count in (1, 2, 3, 4, 5, 16, 17, 255, 256):
            for channels in (3, 4):
                palette = noise(count, channels)
                yield indexed(f"indexed-{count}-{channels}-{shape}", noise(*shape, top=count),
                              palette)  # fmt: skip


def palette_alpha_cases() -> Iterator[Case]:
    """Palettes whose alpha ends early, late, or never begins."""
    for name, alpha in (
        ("opaque", [255, 255, 255, 255]),
        ("first", [0, 255, 255, 255]),
        ("middle", [255, 128, 255, 255]),
        ("last", [255, 255, 255, 0]),
        ("all", [0, 0, 0, 0]),
    ):
        palette = np.column_stack([noise(4, 3), np.array(alpha, np.uint8)])
        yield indexed(f"alpha-{name}", noise(9, 13, top=4), palette)


def band_cases() -> Iterator[Case]:
    """Pictures that end just before, at and after the border between two bands."""
    for width in (1000, 1024):
        rows = png._BAND // width
        for height in (rows - 1, rows, rows + 1, 2 * rows, 2 * rows + 1):
            yield plain(f"band-{height}×{width}", ramp(height, width))
            array = noise(height, width // 4, 4)
            yield plain(f"band-rgba-{array.shape}", array)
    for columns in (png._BAND - 1, png._BAND, png._BAND + 1):
        yield plain(f"one-row-a-band-{columns}", ramp(3, columns))
    yield plain("one-column-bands", noise(png._BAND + 3, 1))
    height = 8 * png._BAND // 1021 + 1
    yield bilevel("bilevel-bands", np.where(noise(height, 1021, top=2), 255, 0).astype(np.uint8))


def photograph_cases() -> Iterator[Case]:
    for name in ("camera", "astronaut", "coffee"):
        yield plain(name, getattr(photographs, name)())
    astronaut = photographs.astronaut()
    yield plain("astronaut-alpha", np.dstack([astronaut, photographs.camera()]))
    yield plain("camera-alpha", np.dstack([photographs.camera(), astronaut[:, :, 0]]))
    yield indexed("camera-colored", photographs.camera(), noise(256, 3))
    for compression in range(10):
        level = {"compression": compression}
        yield plain(f"camera-{compression}", photographs.camera()[:300, :301], **level)
        yield plain(f"coffee-{compression}", photographs.coffee()[:200], **level)
        yield indexed(f"indexed-{compression}", noise(60, 61, top=16), noise(16, 4), **level)
        yield bilevel(f"bilevel-{compression}", (photographs.camera() >> 7) * np.uint8(255),
                      **level)  # fmt: skip


def effort_cases(height: int = 61, width: int = 83) -> Iterator[Case]:
    """Each color type and bit depth at each compression, of what is noise, even or between."""
    walk = np.cumsum(noise(height, width, top=9), axis=1).astype(np.uint8)
    waves = ramp(height, width) // 2
    mask = noise(height, width, top=2).astype(bool)
    for compression in range(10):
        level = {"compression": compression}
        for name, gray in (("walk", walk), ("waves", waves)):
            more = np.stack([gray, gray[::-1], 255 - gray, np.roll(gray, 5, 1)], axis=2)
            yield plain(f"{name}-1-{compression}", gray, **level)
            for channels in (2, 3, 4):
                yield plain(f"{name}-{channels}-{compression}", more[:, :, :channels], **level)
            yield masked(f"{name}-mask-{compression}", np.minimum(gray, 254), mask, **level)
            yield bilevel(f"{name}-bilevel-{compression}", (gray >> 7) * np.uint8(255), **level)
            for count in (2, 4, 16, 256):
                palette = noise(count, 3 + (count != 4))
                indices = gray // np.uint8(256 // count)
                yield indexed(f"{name}-{count}-{compression}", indices, palette, **level)


def strided_cases() -> Iterator[Case]:
    """Arrays whose elements do not lie in the order of the rows."""
    gray, color = noise(40, 56), noise(40, 56, 4)
    yield plain("every-other", gray[::2, ::2])
    yield plain("backwards", gray[::-1, ::-1])
    yield plain("transposed", gray.T)
    yield plain("fortran", np.asfortranarray(color))
    yield plain("planar", np.moveaxis(noise(3, 40, 56), 0, -1))
    yield plain("first-three", color[:, :, :3])
    yield plain("bgr", color[:, :, 2::-1])
    yield plain("broadcast", np.broadcast_to(gray[:1], (30, 56)))
    read_only = gray.copy()
    read_only.flags.writeable = False
    yield plain("read-only", read_only)
    yield indexed("indexed-backwards", gray[::-1, ::3] & 3, noise(8, 4)[::2])
    yield bilevel("bilevel-backwards", ((gray >> 7) * np.uint8(255))[:, ::-1])
    yield masked("mask-backwards", (gray >> 1)[::-1], (color[:, :, 0] > 99)[:, ::-1])


@functools.cache
def cases() -> list[Case]:
    return [
        *small_cases(),
        *palette_alpha_cases(),
        *band_cases(),
        *photograph_cases(),
        *effort_cases(),
        *strided_cases(),
    ]


@pytest.fixture(params=["isal", "zlib"])
def deflate(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The encoder with ISA-L, and as it is on a platform that has no wheel of it."""
    if request.param == "zlib":
        hide_isal(monkeypatch)
        with pytest.raises(ImportError):
            from isal import isal_zlib
    else:
        from isal import isal_zlib  # noqa: F401
    return request.param


def hide_isal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("isal", "isal.isal_zlib", "zlib_ng", "zlib_ng.zlib_ng"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def encoded(deflate: str) -> list[tuple[Case, bytes]]:
    """Every picture with its bytes."""
    return every_case(deflate)


@functools.cache
def every_case(deflate: str) -> list[tuple[Case, bytes]]:
    return [(case, case.encoded()) for case in cases()]


# ------------------------------------------------------------------------------- the decoders


def check_all(found: Iterable[tuple[Case, bytes]], decode: Callable[[bytes], Array]) -> None:
    wrong = []
    for case, data in found:
        got = decode(data)
        got = without_hidden(got) if case.hidden else got
        if not np.array_equal(got, case.expected()):
            wrong.append(case.name)
    assert not wrong


def by_pillow(data: bytes) -> Array:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def by_vips(data: bytes) -> Array:
    image = pyvips.Image.new_from_buffer(data, "")
    assert image.format == "uchar"
    array = np.frombuffer(image.write_to_memory(), np.uint8)
    return as_rgba(array.reshape(image.height, image.width, image.bands))


def check_with_pngcheck(folder: Path, streams: Iterable[bytes]) -> None:
    """Have pngcheck look at every stream; it knows the specification and not our code."""
    paths = []
    for number, stream in enumerate(streams):
        paths.append(folder / f"{number}.png")
        paths[-1].write_bytes(stream)
    assert paths
    for start in range(0, len(paths), 200):
        batch = [str(path) for path in paths[start : start + 200]]
        done = subprocess.run(["pngcheck", "-q", *batch], capture_output=True, text=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def chunks(stream: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG, their checksums verified by zlib's."""
    assert stream[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = [], 8
    while at < len(stream):
        length, name = struct.unpack(">I4s", stream[at : at + 8])
        body = stream[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", stream[at + 8 + length : at + 12 + length])
        assert zlib.crc32(name + body) == checksum
        found.append((name, body))
        at += 12 + length
    return found


def test_pngcheck_finds_no_fault(encoded: list[tuple[Case, bytes]], tmp_path: Path) -> None:
    check_with_pngcheck(tmp_path, (data for _, data in encoded))


def test_pngcheck_would_find_a_fault(tmp_path: Path) -> None:
    stream = bytearray(encode_png(noise(9, 9)))
    stream[60] ^= 1
    with pytest.raises(AssertionError):
        check_with_pngcheck(tmp_path, [bytes(stream)])


def test_pillow_reads_every_pixel(encoded: list[tuple[Case, bytes]]) -> None:
    check_all(encoded, by_pillow)


def test_libvips_reads_every_pixel(encoded: list[tuple[Case, bytes]]) -> None:
    check_all(encoded, by_vips)


def test_chromium_reads_every_pixel(deflate: str, chromium: Chromium) -> None:
    binary = (noise(5, 9, top=2) * 255).astype(np.uint8)
    shown = [
        plain("gray", noise(23, 31)),
        plain("one", noise(1, 1)),
        plain("gray-alpha", np.dstack([noise(7, 11), binary[:1, :1].repeat(7, 0).repeat(11, 1)])),
        plain("rgb", noise(19, 33, 3)),
        plain("rgba", np.dstack([noise(5, 9, 3), binary])),
        bilevel("bilevel", (noise(31, 45, top=2) * 255).astype(np.uint8)),
        masked("mask", noise(21, 20, top=99), noise(21, 20, top=2).astype(bool)),
        *(indexed(f"indexed-{n}", noise(11, 13, top=n), noise(n, 3)) for n in (2, 4, 16, 256)),
        indexed("alpha", noise(9, 15, top=5),
                np.column_stack([noise(5, 3), np.array([255, 0, 255, 0, 255], np.uint8)])),
        plain("camera", photographs.camera()),
        plain("coffee", photographs.coffee()),
        *(plain(f"level-{n}", noise(17, 29, 3), compression=n) for n in (0, 1, 2, 3, 6, 9)),
    ]  # fmt: skip
    uris = [base64.b64encode(case.encoded()).decode() for case in shown]
    for case, rgba in zip(shown, by_chromium(chromium, uris), strict=True):
        assert np.array_equal(rgba, without_hidden(case.rgba)), case.name


CANVASES = f"""async encoded => Promise.all(encoded.map(async text => {{
  const img = new Image();
  img.src = "data:image/png;base64," + text;
  await img.decode();
  return [img.naturalHeight, img.naturalWidth, ({READ_PIXELS})(img)];
}}))"""
# Pictures as canvases have them: rows, columns, and RGBA as base64.


def by_chromium(chromium: Chromium, encoded: list[str]) -> list[Array]:
    """The canvas of each picture: exact where a pixel is opaque, zeros where transparent."""
    page = chromium.new_page()
    found = page.evaluate(CANVASES, encoded)
    page.context.close()
    return [
        np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)
        for height, width, text in found
    ]


# ---------------------------------------------------------------------------------- the space


@st.composite
def any_case(draw: st.DrawFn) -> Case:
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    lively = draw(st.sampled_from([1, 2, 7, 256]))
    options: dict[str, Any] = {"compression": draw(st.integers(0, 9))}

    def pixels(*more: int) -> Array:
        steps = random.integers(0, lively, (height, width, *more))
        walk = draw(st.booleans())
        return (np.cumsum(steps, axis=draw(st.integers(0, 1))) if walk else steps).astype(np.uint8)

    kind = draw(st.sampled_from(["plain", "indexed", "masked", "bilevel"]))
    if kind == "plain":
        channels = draw(st.integers(1, 4))
        return plain(kind, pixels() if channels == 1 else pixels(channels), **options)
    if kind == "indexed":
        count = draw(st.integers(1, 256))
        palette = random.integers(0, 256, (count, draw(st.integers(3, 4))), dtype=np.uint8)
        return indexed(kind, (pixels() % np.int64(count)).astype(np.uint8), palette, **options)
    if kind == "masked":
        mask = random.random((height, width)) < draw(st.sampled_from([0, 0.2, 1]))
        return masked(kind, np.minimum(pixels(), 254), mask, **options)
    return bilevel(kind, (pixels() & 1) * np.uint8(255), **options)


def test_any_picture_cut_into_bands_of_any_size_is_read_exactly(
    deflate: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    streams = []

    @settings(max_examples=300, database=None)
    @given(any_case(), st.sampled_from([1, 16, 100, 1 << 19]), st.sampled_from([1, 64, 1 << 14]))
    def check(case: Case, band: int, trial: int) -> None:
        monkeypatch.setattr(png, "_BAND", band)
        monkeypatch.setattr(codings, "_TRIAL", trial)
        data = case.encoded()
        streams.append(data)
        for decode in (by_pillow, by_vips):
            check_all([(case, data)], decode)

    check()
    check_with_pngcheck(tmp_path, streams)


def test_the_pixels_do_not_depend_on_isal(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = [photographs.camera(), photographs.coffee(), noise(77, 91, 2)]
    with_isal = [encode_png(array) for array in pictures]
    hide_isal(monkeypatch)
    with_zlib = [encode_png(array) for array in pictures]
    assert with_isal != with_zlib  # else one of them was never used
    for one, other in zip(with_isal, with_zlib, strict=True):
        assert np.array_equal(by_vips(one), by_vips(other))


def test_the_same_array_gives_the_same_bytes(deflate: str) -> None:
    array = np.tile(photographs.camera(), (4, 2))
    assert encode_png(array) == encode_png(array.copy())


@pytest.mark.parametrize(
    ("level", "matches"),
    [
        (1, "far"),
        (1, "near"),
        (3, "far"),
        (1, "runs"),
        (3, "long"),
        (6, "long"),
        (7, "near"),
        (9, "far"),
    ],
)
def test_bytes_do_not_depend_on_where_the_compressor_lies(
    deflate: str, level: int, matches: Matches
) -> None:
    """ISA-L hashes an address with what begins a stream: one of 4,000 beginnings meets it."""
    heads = np.random.default_rng(3).bytes(80_000)
    parts = [heads[start : start + 4] for start in range(0, len(heads), 4)]
    texts = [part + b"-" * 600 + part + b"=" * 600 for part in parts]
    found = [raw_deflate(text, level, matches=matches) for text in texts]
    codecs: list[Any] = [zlib]
    if deflate == "isal":
        from isal import isal_zlib
        from zlib_ng import zlib_ng

        codecs = [isal_zlib, zlib_ng]
    # what lies now where the others lay
    others = [codec.compressobj(1, codec.DEFLATED, -15) for codec in codecs for _ in range(50)]
    assert [raw_deflate(text, level, matches=matches) for text in texts] == found
    assert [zlib.decompress(stream, -15) for stream in found] == texts
    del others


def test_a_picture_of_400_million_pixels_is_encoded_without_a_copy_of_it() -> None:
    side, block = 20000, 1000
    base = (np.arange(2 * side) // 5 + np.arange(2 * side) ** 2 // 4001).astype(np.uint8)
    array = np.lib.stride_tricks.sliding_window_view(base, side)[:side]  # 40 kB in truth
    with traced() as memory:
        data = encode_png(array)
    assert memory.peak < 2 * len(data) + 64e6 < side * side / 2
    image = pyvips.Image.new_from_buffer(data, "", access="sequential")
    assert (image.width, image.height, image.bands) == (side, side, 1)
    region = pyvips.Region.new(image)
    for top in range(0, side, block):
        rows = np.frombuffer(region.fetch(0, top, side, block), np.uint8)
        assert np.array_equal(rows.reshape(block, side), array[top : top + block])


# ---------------------------------------------------------------------------------- the chunks


def test_each_kind_of_picture_is_stored_as_its_own_kind(
    encoded: list[tuple[Case, bytes]],
) -> None:
    for case, data in encoded:
        (name, header), *_ = chunks(data)
        height, width = case.array.shape[:2]
        kind = (width, height, case.depth, case.color_type, 0, 0, 0)
        assert (name, struct.unpack(">IIBBBBB", header)) == (b"IHDR", kind), case.name


def test_every_picture_says_that_it_is_srgb(encoded: list[tuple[Case, bytes]]) -> None:
    for _, data in encoded:
        names = [name for name, _ in chunks(data)]
        assert names.count(b"sRGB") == 1
        assert names.index(b"sRGB") < names.index(b"IDAT")
        assert dict(chunks(data))[b"sRGB"] == b"\0"  # perceptual


def test_the_size_of_a_pixel_is_stored_only_where_it_is_given() -> None:
    array = noise(4, 6)
    assert b"pHYs" not in dict(chunks(encode_png(array)))
    data = encode_png(array, pixel_size=0.0254 / 300)
    assert Image.open(io.BytesIO(data)).info["dpi"] == pytest.approx((300, 300), rel=1e-3)
    assert pyvips.Image.new_from_buffer(data, "").xres == pytest.approx(11.811, rel=1e-3)


@pytest.mark.parametrize("size", [1e-300, 1e300, 1e-10, 10.0])
def test_a_pixel_size_that_png_cannot_hold_is_left_out(size: float, tmp_path: Path) -> None:
    data = encode_png(noise(4, 6), pixel_size=size)
    assert b"pHYs" not in dict(chunks(data))
    check_with_pngcheck(tmp_path, [data])


def test_only_the_palette_entries_up_to_the_last_transparent_one_have_alpha() -> None:
    palette = np.full((9, 4), 255, np.uint8)
    indices = noise(5, 5, top=9)
    assert b"tRNS" not in dict(chunks(encode_png(indices, palette=palette)))
    palette[3, 3] = 7
    assert dict(chunks(encode_png(indices, palette=palette)))[b"tRNS"] == b"\xff\xff\xff\x07"


def test_the_image_data_are_one_zlib_stream_with_its_checksum(
    encoded: list[tuple[Case, bytes]],
) -> None:
    for case, data in encoded:
        stream = b"".join(body for name, body in chunks(data) if name == b"IDAT")
        decoder = zlib.decompressobj()
        raw = decoder.decompress(stream)
        assert decoder.eof, case.name
        assert not decoder.unused_data, case.name
        height, width = case.array.shape[:2]
        bits = case.depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[case.color_type]
        row = 1 + (width * bits + 7) // 8
        assert len(raw) == height * row, case.name
        assert set(raw[::row]) <= {0, 1, 2, 3, 4}, case.name


def test_more_effort_never_makes_a_picture_larger(deflate: str) -> None:
    y, x = np.mgrid[:300, :400]
    smooth = np.round(127 * np.sin(x / 90) * np.cos(y / 70) + 127).astype(np.uint8)
    numbers = (x // 37 * 7 + y // 53).astype(np.uint8)
    text = np.where(photographs.page() > 150, 255, 0).astype(np.uint8)
    colors = noise(256, 3)
    for array in (
        photographs.camera(),
        photographs.astronaut(),
        photographs.moon(),
        smooth,
        colors[smooth],
        numbers,
        colors[numbers],
        text,
        noise(99, 99),
    ):
        stored, *sizes = [len(encode_png(array, compression=n)) for n in range(10)]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[0] <= stored + 5  # noise


def test_a_photograph_is_about_as_small_as_pillow_makes_it(deflate: str) -> None:
    for name in ("camera", "astronaut", "coffee", "moon", "cell", "brick", "text", "retina"):
        array = getattr(photographs, name)()
        file = io.BytesIO()
        Image.fromarray(array).save(file, "png")
        assert len(encode_png(array)) < 1.1 * len(file.getvalue())
        if deflate == "isal":
            assert len(encode_png(array, compression=3)) < len(file.getvalue())


def test_smooth_fields_and_labels_are_smaller_than_pillow_makes_them(deflate: str) -> None:
    y, x = np.mgrid[:1024, :1024].astype(np.float32)
    smooth = rerange(np.sin(x / 90) + np.cos(y / 70) * x / 500)
    labels = (x // 37 * 7 + y // 53).astype(np.uint8)
    for array, most in ((smooth, 0.95 if deflate == "isal" else 1.3), (labels, 0.95)):
        file = io.BytesIO()
        Image.fromarray(array).save(file, "png")
        assert len(encode_png(array)) < most * len(file.getvalue())


# ---------------------------------------------------------------------------------- the parts


@given(st.binary(max_size=3000), st.binary(max_size=3000))
def test_adler32_of_two_parts_is_that_of_the_whole(first: bytes, second: bytes) -> None:
    combined = adler32_combine(zlib.adler32(first), zlib.adler32(second), len(second))
    assert combined == zlib.adler32(first + second)


@given(st.integers(1, 200_000), st.integers(0, 255), st.integers(1, 10))
@settings(max_examples=30)
def test_adler32_of_many_parts_is_that_of_the_whole(size: int, value: int, count: int) -> None:
    part = bytes([value]) * size
    total = 1
    for _ in range(count):
        total = adler32_combine(total, zlib.adler32(part), size)
    assert total == zlib.adler32(part * count)


def test_checksums_are_those_of_zlib(deflate: str) -> None:
    for data in (b"", b"\0", noise(1000).tobytes(), bytes([255]) * 70_000):
        assert adler32(data) == zlib.adler32(data)
        assert crc32(data) == zlib.crc32(data)
        assert crc32(data, crc32(b"before")) == zlib.crc32(b"before" + data)


@pytest.mark.parametrize("matches", ["far", "long", "near", "runs"])
@pytest.mark.parametrize("level", range(10))
def test_deflated_parts_join_to_one_stream(deflate: str, level: int, matches: Matches) -> None:
    parts = [noise(5000).tobytes(), b"", bytes(3000), b"x", photographs.camera().tobytes()]
    joined = b"".join(
        raw_deflate(part, level, last=number == len(parts) - 1, matches=matches)
        for number, part in enumerate(parts)
    )
    decoder = zlib.decompressobj(-15)
    assert decoder.decompress(joined) == b"".join(parts)
    assert decoder.eof


def unfilter(kind: int, filtered: Array, above: Array, step: int) -> Array:
    """Rows from filtered ones, byte by byte as PNG's section 9.2 has it."""
    rows = []
    before = [int(x) for x in above]
    for line in filtered:
        row: list[int] = []
        for i, x in enumerate(line):
            a = row[i - step] if i >= step else 0
            b = before[i]
            c = before[i - step] if i >= step else 0
            nearest = min((a, b, c), key=lambda x: abs(a + b - c - x))  # the first of equals
            predicted = (0, a, b, (a + b) // 2, nearest)[kind]
            row.append((int(x) + predicted) % 256)
        rows.append(row)
        before = row
    return np.array(rows, np.uint8)


@given(
    kind=st.integers(0, 4),
    step=st.integers(1, 4),
    pixels=st.integers(1, 9),
    height=st.integers(1, 7),
    seed=st.integers(0, 2**32 - 1),
    extremes=st.booleans(),
    reach=st.data(),
)
def test_an_independent_decoder_undoes_each_filter(
    kind: int,
    step: int,
    pixels: int,
    height: int,
    seed: int,
    extremes: bool,
    reach: st.DataObject,
) -> None:
    random = np.random.default_rng(seed)
    rows = random.integers(0, 256, (height, pixels * step), dtype=np.uint8)
    rows = (rows >> 7) * np.uint8(255) if extremes else rows
    start = reach.draw(st.integers(0, height - 1))
    stop = reach.draw(st.integers(start + 1, height))
    before = rows.copy()
    out = np.full((stop - start, rows.shape[1]), 77, np.uint8)
    apply_filter(kind, rows, start, stop, step, out)
    above = rows[start - 1] if start else np.zeros(rows.shape[1], np.uint8)
    assert np.array_equal(unfilter(kind, out, above, step), rows[start:stop])
    assert np.array_equal(rows, before)


def test_paeths_predictor_is_right_for_any_three_bytes() -> None:
    left, up = (part.reshape(-1) for part in np.mgrid[:256, :256])
    for corner in range(256):
        distances = [np.abs(left + up - corner - byte) for byte in (left, up, corner)]
        nearest = np.choose(np.argmin(distances, axis=0), (left, up, corner))  # first of equals
        rows = np.zeros((2, 2 * left.size), np.uint8)
        rows[0, ::2], rows[0, 1::2], rows[1, ::2] = corner, up, left
        out = np.empty((1, rows.shape[1]), np.uint8)
        apply_filter(PAETH, rows, 1, 2, 1, out)
        assert np.array_equal(-out[0, 1::2], nearest.astype(np.uint8))


def test_every_filter_is_used_where_it_pays() -> None:
    used: set[int] = set()
    line = np.arange(300) ** 2
    for array in (
        np.where(photographs.page() > 150, 255, 0).astype(np.uint8),
        np.cumsum(noise(64, 300, top=4), axis=1).astype(np.uint8),
        np.repeat(noise(1, 300), 64, axis=0),
        (np.add.outer(np.arange(64) ** 2, line) // 7 + noise(64, 300, top=4)).astype(np.uint8),
        photographs.camera(),
        photographs.brick(),
    ):
        data = encode_png(array)
        raw = zlib.decompress(b"".join(body for name, body in chunks(data) if name == b"IDAT"))
        used |= set(raw[:: array.shape[1] + 1])
    assert used == {0, 1, 2, 3, 4}


@given(st.integers(0, 2**32 - 1), st.integers(200, 260), st.floats(0, 1))
def test_a_free_value_is_one_that_no_visible_pixel_has(seed: int, top: int, share: float) -> None:
    random = np.random.default_rng(seed)
    array = random.integers(0, min(top, 256), (40, 50)).astype(np.uint8)
    mask = random.random(array.shape) < share
    seen = set(array[~mask].tolist())
    free = find_free_value(array, mask)
    assert (free is None) == (len(seen) == 256)
    assert free not in seen


def test_the_arrays_given_are_not_changed() -> None:
    for case in cases():
        given = [case.array, *(x for x in case.options.values() if isinstance(x, np.ndarray))]
        before = [array.copy() for array in given]
        case.encoded()
        for array, copy in zip(given, before, strict=True):
            assert np.array_equal(array, copy), case.name


# --------------------------------------------------------------------------------- the errors

GRAY = np.zeros((4, 5), np.uint8)


@pytest.mark.parametrize(
    ("array", "options", "said"),
    [
        (GRAY.astype(np.uint16), {}, "uint16"),
        (GRAY.astype(float), {}, "float64"),
        (GRAY.astype(bool), {}, "bool"),
        (GRAY[0], {}, "(5,)"),
        (np.zeros((4, 5, 5), np.uint8), {}, "(4, 5, 5)"),
        (np.zeros((4, 5, 1), np.uint8), {}, "(4, 5, 1)"),
        (np.zeros((2, 4, 5, 3), np.uint8), {}, "(2, 4, 5, 3)"),
        (np.zeros((0, 5), np.uint8), {}, "(0, 5)"),
        (np.zeros((4, 0, 3), np.uint8), {}, "(4, 0, 3)"),
        (GRAY, {"compression": 10}, "10"),
        (GRAY, {"compression": -1}, "-1"),
        (GRAY, {"compression": 1.5}, "1.5"),
        (GRAY, {"compression": "fast"}, "'fast'"),
        (GRAY, {"compression": None}, "None"),
        (GRAY, {"palette": np.zeros((257, 3), np.uint8)}, "(257, 3)"),
        (GRAY, {"palette": np.zeros((0, 3), np.uint8)}, "(0, 3)"),
        (GRAY, {"palette": np.zeros((4, 2), np.uint8)}, "(4, 2)"),
        (GRAY, {"palette": np.zeros(12, np.uint8)}, "(12,)"),
        (GRAY, {"palette": np.array([[0, 300, 0]])}, "int64"),
        (GRAY, {"palette": np.array([[0, 0.5, 1]])}, "float64"),
        (GRAY + np.uint8(3), {"palette": np.zeros((3, 3), np.uint8)}, "maximum of 3"),
        (np.dstack([GRAY] * 3), {"palette": np.zeros((3, 3), np.uint8)}, "(4, 5, 3)"),
        (np.dstack([GRAY] * 3), {"mask": GRAY > 0}, "mask"),
        (GRAY, {"mask": GRAY > 0, "palette": np.zeros((3, 3), np.uint8)}, "mask"),
        (np.arange(256, dtype=np.uint8)[None], {"mask": np.zeros((1, 256), bool)}, "256"),
        (np.broadcast_to(np.uint8(0), (2**31, 1)), {}, "2147483648"),
    ],
)
def test_what_cannot_be_encoded_is_an_error_that_names_it(
    array: Array, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        encode_png(array, **options)
    assert "\n" not in str(caught.value)
