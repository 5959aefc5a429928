"""Pictures of every color type, depth, orientation and family, and tiles of them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.kinds.kind import Array, Content, gradient
from tests.picture_files import chunk, make_netpbm, make_png, make_profile
from tests.proof.doors.sample import (
    ALPHA,
    BITS,
    BYTES,
    HIGH,
    RGB,
    RGB16,
    RGBA,
    TURNS,
    WIDE,
    WORDS,
    Make,
    content,
)


def written(name: str, data: bytes, right: Content) -> Make:
    """Return a maker of a file of these bytes."""

    def make(folder: Path) -> tuple[str, Content]:
        (folder / name).write_bytes(data)
        return str(folder / name), right

    return make


def pillow(name: str, pixels: Array, mode: str | None = None, **options: Any) -> Make:
    """Return a maker of a picture by Pillow, which says what it holds in its own mode."""

    def make(folder: Path) -> tuple[str, Content]:
        image = Image.fromarray(pixels)
        (image.convert(mode) if mode else image).save(folder / name, **options)
        with Image.open(folder / name) as read:
            plain = read if read.mode in ("1", "L", "RGB", "RGBA", "I;16") else read.convert("RGB")
            return str(folder / name), content(np.asarray(plain))

    return make


def with_chunk(png: bytes, name: bytes, data: bytes) -> bytes:
    """Return a PNG with one more chunk behind its head."""
    return png[:33] + chunk(name, data) + png[33:]


def exif(number: int) -> bytes:
    """Return EXIF data that has an orientation alone."""
    return b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 274, 3, 1, number, 0) + b"\0\0\0\0"


def interlaced(values: Array, bits: int) -> bytes:
    """Return a PNG in seven passes."""
    kind = 0 if values.ndim == 2 else 2
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
    lines = b""
    for top, left, down, across in [*passes, (1, 0, 2, 1)]:
        part = values[top::down, left::across]
        if part.size:
            dtype = ">u2" if bits == 16 else "u1"
            lines += b"".join(b"\0" + row.astype(dtype).tobytes() for row in part)
    rows, columns = values.shape[:2]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, bits, kind, 0, 0, 1))
    body = chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + body


def key(values: Array, bits: int, value: list[int]) -> Make:
    """Return a maker of a PNG with a transparent value."""
    hidden = values == value[0] if values.ndim == 2 else (values == value).all(axis=2)
    shown: Array = values if bits == 16 else (values * (255 // ((1 << bits) - 1))).astype(np.uint8)
    if values.ndim == 3 and bits == 8:  # which is alpha then
        shown = np.dstack([shown, np.where(hidden, 0, 255).astype(np.uint8)])
        return written("a.png", make_png(values, bits, key=value), content(shown))
    if values.ndim == 3:
        hidden = np.repeat(hidden[..., None], 3, axis=2)
    right = np.ma.masked_array(shown > 0 if bits == 1 else shown, hidden)
    return written("a.png", make_png(values, bits, key=value), content(right))


def palette(bits: int, alpha: bool) -> Make:
    """Return a maker of a PNG of indices of colors."""
    count = 1 << bits
    index = gradient(HIGH, WIDE, high=count - 0.1).astype(np.uint16)
    colors = np.random.default_rng(bits).integers(0, 256, (count, 3)).astype(np.uint8)
    cover = np.random.default_rng(9).integers(0, 256, count).astype(np.uint8)
    cover[0] = 255
    right = colors[index]
    if alpha:
        right = np.dstack([right, cover[index]])
    more: Any = {"palette_alpha": cover.tolist()} if alpha else {}
    return written("a.png", make_png(index, bits, palette=colors, **more), content(right))


def avif(values: Array, **options: Any) -> Make:
    """Return a maker of an AVIF that loses nothing it can keep."""

    def make(folder: Path) -> tuple[str, Content]:
        imagecodecs: Any = __import__("imagecodecs")
        data = imagecodecs.avif_encode(values, level=100, **options)
        (folder / "a.avif").write_bytes(data)
        return str(folder / "a.avif"), content(values, tolerance=4)

    return make


def coded(suffix: str, values: Array, encode: str, tolerance: float = 0, **options: Any) -> Make:
    """Return a maker by a codec of imagecodecs."""

    def make(folder: Path) -> tuple[str, Content]:
        imagecodecs: Any = __import__("imagecodecs")
        path = folder / f"a.{suffix}"
        path.write_bytes(getattr(imagecodecs, f"{encode}_encode")(values, **options))
        right = getattr(imagecodecs, f"{encode}_decode")(path.read_bytes())
        return str(path), content(right, tolerance=tolerance)

    return make


def deep_zoom(suffix: str, zipped: str, **options: Any) -> Make:
    """Return a maker of tiles by libvips, in a folder or an archive."""

    def make(folder: Path) -> tuple[str, Content]:
        import pyvips

        values = np.tile(RGB, (4, 3, 1))
        image = pyvips.Image.new_from_array(values)
        image.dzsave(str(folder / "a"), suffix=suffix, tile_size=64, **options)
        if not zipped:
            return str(folder / "a.dzi"), content(values, tolerance=0)
        import zipfile

        with zipfile.ZipFile(folder / f"b.{zipped}", "w") as file:
            for path in sorted([folder / "a.dzi", *(folder / "a_files").rglob("*")]):
                file.write(path, f"a/{path.relative_to(folder).as_posix()}")
        return str(folder / f"b.{zipped}"), content(values)

    return make


def ycck(folder: Path) -> tuple[str, Content]:
    """Inks of a JPEG, inverted as Adobe's programs write them."""
    inks = Image.fromarray(RGB).convert("CMYK")
    inks.save(folder / "a.jpg", quality=95)
    with Image.open(folder / "a.jpg") as read:
        return str(folder / "a.jpg"), content(np.asarray(read.convert("RGB")))


def _exif_jpeg(number: int, pixels: Array) -> Make:
    def make(folder: Path) -> tuple[str, Content]:
        tags = Image.Exif()
        tags[0x112] = number
        Image.fromarray(pixels).save(folder / "a.jpg", exif=tags, quality=90)
        with Image.open(folder / "a.jpg") as read:
            return str(folder / "a.jpg"), content(TURNS[number](np.asarray(read)))

    return make


def _webp_turned(number: int) -> Make:
    data = io.BytesIO()
    tags = Image.Exif()
    tags[0x112] = number
    Image.fromarray(RGB).save(data, "webp", lossless=True, exact=True, exif=tags)
    return written("a.webp", data.getvalue(), content(TURNS[number](RGB)))


def animation(name: str, **options: Any) -> Make:
    """Return a maker of an animation, of which a picture is the first frame."""

    def make(folder: Path) -> tuple[str, Content]:
        frames = [Image.fromarray(np.roll(RGB, 9 * step, axis=1)) for step in range(3)]
        frames[0].save(folder / name, save_all=True, append_images=frames[1:], **options)
        stack = []
        with Image.open(folder / name) as read:
            for number in range(3):
                read.seek(number)
                stack.append(np.asarray(read.convert("RGB")))
        return str(folder / name), Content(np.stack(stack), axes=("time",), colors=True)

    return make


def files() -> Iterator[tuple[str, Make]]:
    """Yield what is written, by a name."""
    for bits in (1, 2, 4, 8, 16):
        most = (1 << bits) - 1
        values = gradient(HIGH, WIDE, high=most + 0.9).astype(np.uint16)
        shown: Array = values if bits == 16 else (values * (255 // most)).astype(np.uint8)
        right = shown > 0 if bits == 1 else shown
        yield f"PNG, {bits} bits", written("a.png", make_png(values, bits), content(right))
        yield f"PNG, key of {bits} bits", key(values, bits, [int(values[5, 5])])
        if bits <= 8:
            yield f"PNG, palette of {bits} bits", palette(bits, False)
            yield f"PNG, palette of {bits} bits with alpha", palette(bits, True)
    for values, bits in ((RGB, 8), (RGB16, 16)):
        yield f"PNG, colors of {bits}", written("a.png", make_png(values, bits), content(values))
        yield f"PNG, key of colors of {bits}", key(values, bits, values[5, 5].tolist())
        yield (
            f"PNG, colors of {bits}, interlaced",
            written("a.png", interlaced(values, bits), content(values)),
        )
    yield "PNG, 16 bits, interlaced", written("a.png", interlaced(WORDS, 16), content(WORDS))
    yield "PNG, alpha", written("a.png", make_png(RGBA), content(RGBA))
    deep = np.dstack([RGB16, np.where(ALPHA == 255, 65535, ALPHA.astype(np.uint16) * 200)])
    yield "PNG, alpha of 16", written("a.png", make_png(deep, 16), content(deep))
    plain = make_png(RGB)
    for name, data in (
        (b"gAMA", struct.pack(">I", 45455)),
        (b"sRGB", b"\0"),
        (b"pHYs", struct.pack(">IIB", 3780, 3780, 1)),
        (b"sBIT", b"\5\6\5"),
        (b"bKGD", b"\0\1\0\2\0\3"),
        (b"tEXt", b"Title\0one"),
    ):
        yield f"PNG, {name.decode()}", written("a.png", with_chunk(plain, name, data), content(RGB))
    srgb = make_profile("sRGB", space="sRGB")
    yield (
        "PNG, sRGB profile",
        written("a.png", make_png(RGB, profile=srgb), content(RGB, tolerance=1)),
    )
    for number in TURNS:
        turned = with_chunk(plain, b"eXIf", exif(number))
        yield f"PNG, EXIF {number}", written("a.png", turned, content(TURNS[number](RGB)))
        yield f"JPEG, EXIF {number}", _exif_jpeg(number, RGB)
        yield f"JPEG, gray, EXIF {number}", _exif_jpeg(number, BYTES)
        yield f"WebP, EXIF {number}", _webp_turned(number)
    for name, options in (
        ("4:4:4", {"subsampling": 0}),
        ("4:2:2", {"subsampling": 1}),
        ("4:2:0", {"subsampling": 2}),
        ("progressive", {"progressive": True}),
        ("RGB", {"keep_rgb": True}),
    ):
        yield f"JPEG, {name}", pillow("a.jpg", RGB, quality=90, **options)
    yield "JPEG, gray", pillow("a.jpg", BYTES, quality=90)
    yield "JPEG, inks", ycck
    yield "JPEG, 12 bits", coded("jpg", WORDS // 16, "jpeg", bitspersample=12, level=95)
    yield "WebP, alpha", pillow("a.webp", RGBA, lossless=True, exact=True)
    yield "WebP, lossy", pillow("a.webp", RGB, quality=80)
    yield "GIF, colors", pillow("a.gif", RGB)
    for pixels, name in ((BITS, "1"), (BYTES, "8"), (RGB, "24"), (RGBA, "32")):
        yield f"BMP, {name}", pillow("a.bmp", pixels)
    yield "BMP, palette", pillow("a.bmp", RGB, "P")
    for suffix in ("tga", "sgi", "pcx", "ppm", "im", "dds", "tif"):
        yield suffix, pillow(f"a.{suffix}", RGB)
    yield "ico", pillow("a.ico", RGBA, sizes=[(WIDE, HIGH)])
    for most in (255, 1023, 65535):
        values = np.minimum(WORDS, most) if most > 255 else BYTES
        right = values.astype(np.uint16) if most > 255 else values
        yield f"PGM, {most}", written("a.pgm", make_netpbm(values, most), content(right))
        letters = make_netpbm(values, most, plain=True)
        yield f"PGM, {most} in letters", written("a.pgm", letters, content(right))
    for values, name in ((BYTES, "gray"), (RGB, "colors"), (RGBA, "alpha")):
        yield f"AVIF, {name}", avif(values)
        yield f"JPEG XL, {name}", coded("jxl", values, "jpegxl", lossless=True)
        yield f"JPEG 2000, {name}", coded("jp2", values, "jpeg2k", level=0, reversible=True)
    yield "JPEG XL, 16 bits", coded("jxl", WORDS, "jpegxl", lossless=True)
    yield "JPEG XR, 16 bits", coded("jxr", WORDS, "jpegxr", level=1.0)
    yield "JPEG-LS, 16 bits", coded("jls", WORDS, "jpegls")
    yield "JPEG-LS, colors", coded("jls", RGB, "jpegls")
    yield "QOI", coded("qoi", RGB, "qoi")
    for suffix in (".png", ".jpg[Q=90]"):
        for zipped in ("", "zip", "szi"):
            if suffix == ".png":
                yield f"Deep Zoom, {suffix} {zipped}", deep_zoom(suffix, zipped, overlap=1)
    yield "Deep Zoom, no overlap", deep_zoom(".png", "", overlap=0)
    yield "GIF, frames", animation("a.gif")
    yield "APNG, frames", animation("a.png")
    yield "WebP, frames", animation("a.webp", lossless=True, exact=True)
