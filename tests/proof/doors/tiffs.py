"""TIFFs of every dtype, codec, layout, orientation and family."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image

from tests.kinds.kind import Array, Content, gradient
from tests.proof.doors.sample import (
    BITS,
    BYTES,
    FLOATS,
    HIGH,
    RGB,
    RGB16,
    RGBA,
    STACK,
    TURNS,
    WIDE,
    WORDS,
    Make,
    content,
    in_dtype,
)
from tests.pyramid.sources.tiff import test_colors as strips


def tiff(stored: Array, right: Content | None = None, **options: Any) -> Make:
    """Return a maker of a TIFF by tifffile."""

    def make(folder: Path) -> tuple[str, Content]:
        options.setdefault("metadata", None)
        if stored.ndim == 2:
            options.setdefault("photometric", "minisblack")
        tifffile.imwrite(folder / "a.tif", stored, **options)
        return str(folder / "a.tif"), right or content(stored)

    return make


def by_pillow(pixels: Array, compression: str, **options: Any) -> Make:
    """Return a maker of a TIFF by Pillow, with libtiff's codecs."""

    def make(folder: Path) -> tuple[str, Content]:
        path = folder / "a.tif"
        Image.fromarray(pixels).save(path, compression=compression, **options)
        with Image.open(path) as image:
            return str(path), content(np.asarray(image))

    return make


def of_bits(bits: int, *, backward: bool = False, white: bool = False) -> Make:
    """Return a maker of a TIFF of samples of so many bits, packed by hand."""
    most = (1 << bits) - 1
    values = gradient(strips.HIGH, strips.WIDE, high=most + 0.9).astype(np.uint16)

    def make(folder: Path) -> tuple[str, Content]:
        shifts = np.arange(bits - 1, -1, -1)
        lines = (values[..., None] >> shifts & 1).astype(np.uint8).reshape(strips.HIGH, -1)
        data = np.packbits(lines, axis=1)
        if backward:
            data = np.packbits(np.unpackbits(data.reshape(-1, 1), axis=1)[:, ::-1], axis=1)
        tags = strips.samples(bits, 1, 0 if white else 1)
        tags |= {266: (3, [2 if backward else 1])}
        path = strips.write(folder / "a.tif", [data.tobytes()], tags)
        meant: Array = most - values if white else values
        if bits == 1:
            meant = meant.astype(bool)
        elif bits < 8:
            meant = (meant * (255 / most)).round().astype(np.uint8)
        elif bits == 8:
            meant = meant.astype(np.uint8)
        return str(path), content(meant)

    return make


def palette(dtype: str) -> Make:
    """Return a maker of indices of colors."""
    count = 256 if dtype == "uint8" else 65536
    colors = np.random.default_rng(4).integers(0, 256, (3, count)).astype(np.uint16) * 257
    index = in_dtype(dtype)
    right = (colors // 257).astype(np.uint8).T[index]
    known = content(right, labels=True)
    return tiff(index, known, photometric="palette", colormap=colors)


def turned(stored: Array, number: int, **options: Any) -> Make:
    """Return a maker of a TIFF with an orientation."""
    tags = [(274, "H", 1, number, True)]
    return tiff(stored, content(TURNS[number](stored)), extratags=tags, **options)


def pages_turned(folder: Path) -> tuple[str, Content]:
    """Pages upside down."""
    with tifffile.TiffWriter(folder / "a.tif") as file:
        for page in STACK:
            file.write(page, contiguous=False, metadata=None, extratags=[(274, "H", 1, 3, True)])
    return str(folder / "a.tif"), Content(STACK[:, ::-1, ::-1].copy(), axes=("i",))


def ome(axes: str, order: str) -> Make:
    """Return a maker of an OME-TIFF whose planes come in one of the six orders."""

    def make(folder: Path) -> tuple[str, Content]:
        sizes = {"T": 2, "C": 2, "Z": 3}
        values = gradient(*[sizes[axis] for axis in axes], HIGH, WIDE)
        known = {"axes": axes + "YX", "DimensionOrder": order, "Channel": {"Name": ["a", "b"]}}
        known |= {"PhysicalSizeX": 500.0, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 250.0}
        known |= {"PhysicalSizeYUnit": "nm"}
        tifffile.imwrite(
            folder / "a.ome.tif", values, ome=True, photometric="minisblack", metadata=known
        )
        names = tuple(axis.lower() for axis in axes)
        return str(folder / "a.ome.tif"), Content(
            values,
            axes=names,
            channel_names=("a", "b"),
            rows=(125, 250),
            columns=(250, 500),
            unit="nm",
        )

    return make


def ome_levels(folder: Path) -> tuple[str, Content]:
    """An OME-TIFF with smaller levels in SubIFDs."""
    values = gradient(2, 96, 128)
    with tifffile.TiffWriter(folder / "a.ome.tif", ome=True) as file:
        options: dict[str, Any] = {"tile": (32, 32), "photometric": "minisblack"}
        file.write(values, subifds=1, metadata={"axes": "ZYX"}, **options)
        half = values.reshape(2, 48, 2, 64, 2).mean((2, 4)).astype(values.dtype)
        file.write(half, subfiletype=1, metadata=None, **options)
    return str(folder / "a.ome.tif"), Content(values, axes=("z",))


def imagej_colors(folder: Path) -> tuple[str, Content]:
    """A stack of colors of ImageJ."""
    values = np.stack([RGB, RGB[::-1]])
    tifffile.imwrite(folder / "a.tif", values, imagej=True, metadata={"axes": "ZYXS"})
    return str(folder / "a.tif"), Content(values, axes=("z",), colors=True)


_KEYS = (1, 1, 0, 3, 1024, 0, 1, 1, 3072, 0, 1, 32633)


def geo(stored: Array, right: Content, raster: int, *more: Any, place: Any = None) -> Make:
    """Return a maker of a GeoTIFF whose positions are of corners (1) or of centers (2)."""
    keys = (*_KEYS, 1025, 0, 1, raster)
    ordered = (1, 1, 0, 3, *keys[4:8], *keys[12:], *keys[8:12])
    own = place or [
        (33550, "d", 3, (10.0, 20.0, 0.0), True),
        (33922, "d", 6, (0.0, 0.0, 0.0, 500000.0, 4600000.0, 0.0), True),
    ]
    tags = [*own, (34735, "H", len(ordered), ordered, True), *more]
    return tiff(stored, right, extratags=tags)


def at(half: float, **known: Any) -> dict[str, Any]:
    """Return where rows and columns of the GeoTIFFs are, by so many pixels off."""
    rows, columns = (4600000 - 20 * half, -20), (500000 + 10 * half, 10)
    return {"rows": rows, "columns": columns, "unit": "m", **known}


def beside(folder: Path) -> tuple[str, Content]:
    """A world file beside it."""
    tifffile.imwrite(folder / "a.tif", WORDS, metadata=None)
    (folder / "a.tfw").write_text("10\n0\n0\n-20\n500005\n4599990\n", "utf-8")
    return str(folder / "a.tif"), Content(WORDS, rows=(4599990, -20), columns=(500005, 10))


def masked_beside(folder: Path) -> tuple[str, Content]:
    """A mask in a file beside it, as GDAL writes them."""
    tifffile.imwrite(folder / "a.tif", RGB, photometric="rgb", metadata=None)
    mask = np.full((HIGH, WIDE), 255, np.uint8)
    mask[:5, :9] = 0
    with tifffile.TiffWriter(folder / "a.tif.msk") as file:
        file.write(mask > 0, photometric=4, metadata=None, subfiletype=4)
    hidden = np.repeat(mask[..., None] == 0, 3, axis=2)
    return str(folder / "a.tif"), Content(np.ma.masked_array(RGB, hidden), colors=True)


def named_page(folder: Path) -> tuple[str, Content]:
    """The second of two pages that are not alike."""
    with tifffile.TiffWriter(folder / "a.tif") as file:
        file.write(BYTES, metadata=None)
        file.write(WORDS[:20], metadata=None)
    return f"{folder / 'a.tif'}[1]", content(WORDS[:20])


_DTYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8")
_LOSSLESS = ("lzw", "zlib", "zstd", "lzma", "packbits", "png", "lerc")


def files() -> Iterator[tuple[str, Make]]:
    """Yield what is written, by a name."""
    for dtype in _DTYPES:
        for order in "<>":
            yield f"{order}{dtype}", tiff(in_dtype(dtype), byteorder=order)
        yield f"{dtype} in tiles", tiff(in_dtype(dtype), tile=(16, 32), bigtiff=True)
        predictor = 3 if dtype[0] == "f" else 2
        for order in "<>":
            options: dict[str, Any] = {"compression": "zlib", "predictor": predictor}
            name = f"{order}{dtype}, predictor {predictor}"
            yield name, tiff(in_dtype(dtype), byteorder=order, rowsperstrip=7, **options)
    for codec in _LOSSLESS:
        for name, values in (("bytes", BYTES), ("words", WORDS), ("colors", RGB)):
            rgb: dict[str, Any] = {"photometric": "rgb"} if values is RGB else {}
            yield f"{codec} of {name}", tiff(values, compression=codec, tile=(16, 16), **rgb)
    for codec, options in (
        ("jpeg2000", {"reversible": True}),
        ("webp", {"lossless": True}),
        ("jpegxl", {"lossless": True}),
    ):
        args = {"compression": codec, "compressionargs": options, "photometric": "rgb"}
        yield f"{codec} of colors", tiff(RGB, tile=(16, 16), **args)
    for planar in ("contig", "separate"):
        for values, name in ((RGB, "8"), (RGB16, "16")):
            stored = values if planar == "contig" else np.moveaxis(values, -1, 0)
            layout: dict[str, Any] = {"photometric": "rgb", "planarconfig": planar}
            for more in ({}, {"tile": (16, 16)}, {"compression": "lzw", "predictor": 2}):
                label = f"{name} bits, {planar}, {' '.join(more)}"
                yield label, tiff(stored, content(values), **layout, **more)
        stored = RGBA if planar == "contig" else np.moveaxis(RGBA, -1, 0)
        options = {"photometric": "rgb", "planarconfig": planar, "extrasamples": ["unassalpha"]}
        yield f"alpha, {planar}", tiff(stored, content(RGBA), **options)
    for bits in (1, 2, 3, 4, 6, 8, 10, 12, 14):
        yield f"{bits} bits", of_bits(bits)
    yield "1 bit, backward", of_bits(1, backward=True)
    yield "1 bit, white is zero", of_bits(1, white=True)
    yield "4 bits, white is zero", of_bits(4, white=True)
    yield "12 bits, white is zero", of_bits(12, white=True)
    yield "white is zero", tiff(WORDS, content(65535 - WORDS), photometric="miniswhite")
    yield "palette of 256", palette("uint8")
    yield "palette of 65536", palette("uint16")
    for codec in ("group3", "group4", "tiff_ccitt"):
        yield codec, by_pillow(BITS, codec)
    yield "raw bits", by_pillow(BITS, "raw")
    for codec in ("jpeg", "tiff_adobe_deflate", "packbits", "tiff_lzw"):
        yield f"Pillow's {codec}", by_pillow(RGB, codec)
        yield f"Pillow's {codec}, gray", by_pillow(BYTES, codec)
    for number in TURNS:
        yield f"orientation {number}", turned(WORDS, number)
        yield f"orientation {number}, tiles", turned(WORDS, number, tile=(16, 16))
        yield f"orientation {number}, colors", turned(RGB, number, photometric="rgb")
    yield "pages that are turned", pages_turned
    for order in ("XYZCT", "XYZTC", "XYCTZ", "XYCZT", "XYTCZ", "XYTZC"):
        axes = order[:1:-1]
        yield f"OME, {order}", ome(axes, order)
    yield "OME with levels", ome_levels
    yield "ImageJ, colors", imagej_colors
    yield "GeoTIFF, corners", geo(WORDS, Content(WORDS, **at(0.5)), 1)
    yield "GeoTIFF, centers", geo(WORDS, Content(WORDS, **at(0)), 2)
    matrix = (10.0, 0, 0, 500000, 0, -20.0, 0, 4600000, 0, 0, 0, 0, 0, 0, 0, 1.0)
    whole = [(34264, "d", 16, matrix, True)]
    yield "GeoTIFF, matrix", geo(WORDS, Content(WORDS, **at(0.5)), 1, place=whole)
    lacking = FLOATS.copy()
    lacking[3, 4:9] = -3.4028234663852886e38
    right = np.ma.masked_array(FLOATS, lacking < -1e38)
    text = (42113, "s", 0, "-3.4028234663852886e+38", True)
    yield "GeoTIFF, nodata of floats", geo(lacking, Content(right, **at(0.5)), 1, text)
    for value, name in ((0, "0"), (65535, "65535")):
        holes = WORDS.copy()
        holes[:3, :8] = value
        text = (42113, "s", 0, name, True)
        yield (
            f"GeoTIFF, nodata {name}",
            geo(holes, Content(np.ma.masked_equal(holes, value), **at(0.5)), 1, text),
        )
    yield "world file", beside
    yield "mask beside it", masked_beside
    yield "the second of two", named_page
