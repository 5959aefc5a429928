"""Pictures of many bits and in many colors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.clips import decode_all, make_clip
from tests.kinds.by_others import by_ffmpeg, by_gdal, by_imagecodecs, by_libvips, by_pillow
from tests.kinds.kind import COLORS, Array, Content, Kind, add, gradient
from tests.picture_files import make_png
from tests.pyramid.sources.tiff import test_colors as tiff_colors

DEEP = np.moveaxis(gradient(3, 24, 37, high=65000), 0, -1)


def jpeg_2000(array: Array, bits: int, colors: bool = False) -> Any:
    """Return a maker of a lossless file."""

    def make(folder: Path) -> tuple[str, Content]:
        import imagecodecs

        data = imagecodecs.jpeg2k_encode(array, level=0, reversible=True, bitspersample=bits)
        (folder / "a.jp2").write_bytes(data)
        return str(folder / "a.jp2"), Content(array, colors=colors)

    return make


def avif(folder: Path) -> tuple[str, Content]:
    """Gray of ten bits."""
    import imagecodecs

    values = gradient(24, 37, high=1023)
    data = imagecodecs.avif_encode(values, level=100, bitspersample=10)
    (folder / "a.avif").write_bytes(data)
    return str(folder / "a.avif"), Content(values, tolerance=8)


def png_16(folder: Path) -> tuple[str, Content]:
    """Gray of 16 bits."""
    values = gradient(24, 37, high=65000)
    (folder / "a.png").write_bytes(make_png(values, 16))
    return str(folder / "a.png"), Content(values)


def png_16_colors(folder: Path) -> tuple[str, Content]:
    """Colors of 16 bits."""
    (folder / "a.png").write_bytes(make_png(DEEP, 16))
    return str(folder / "a.png"), Content(DEEP, colors=True)


def png_alpha(folder: Path) -> tuple[str, Content]:
    """Colors and alpha."""
    alpha = gradient(24, 37, dtype="uint8", high=255)
    alpha[0, 0] = 255
    values = np.dstack([COLORS, alpha])
    (folder / "a.png").write_bytes(make_png(values))
    return str(folder / "a.png"), Content(values, colors=True)


def jpeg(folder: Path) -> tuple[str, Content]:
    """A photograph that a camera took on its side."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x112] = 6
    Image.fromarray(COLORS).save(folder / "a.jpg", quality=95, subsampling=0, exif=exif)
    turned = np.rot90(COLORS, -1)
    return str(folder / "a.jpg"), Content(turned, colors=True, tolerance=25)


_RGB = tiff_colors.RGB


def tiff_ycbcr(folder: Path) -> tuple[str, Content]:
    """Color differences of every second pixel, not compressed."""
    from PIL import Image

    smooth = np.asarray(Image.fromarray(_RGB))
    tags = tiff_colors.samples(8, 3, 6) | {tiff_colors.SUBSAMPLING: (3, [2, 2])}
    path = tiff_colors.write(folder / "a.tif", tiff_colors.subsampled(2, 2, tiff_colors.HIGH), tags)
    return str(path), Content(smooth, colors=True, tolerance=14)


def tiff_cmyk(folder: Path) -> tuple[str, Content]:
    """Inks."""
    inks = np.dstack([255 - _RGB, np.zeros(_RGB.shape[:2], np.uint8)])
    path = tiff_colors.write(folder / "a.tif", [inks.tobytes()], tiff_colors.samples(8, 4, 5))
    return str(path), Content(_RGB, colors=True, tolerance=1)


def tiff_lab(folder: Path) -> tuple[str, Content]:
    """CIELab of 8 bits."""
    from PIL import Image, ImageCms

    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    transform = ImageCms.buildTransform(*profiles, "RGB", "LAB")
    lab: Any = ImageCms.applyTransform(Image.fromarray(_RGB), transform)
    path = tiff_colors.write(
        folder / "a.tif", [np.asarray(lab).tobytes()], tiff_colors.samples(8, 3, 8)
    )
    return str(path), Content(_RGB, colors=True, tolerance=28)  # dark colors have few numbers


def tiff_palette(folder: Path) -> tuple[str, Content]:
    """Numbers of 16 colors."""
    index = (gradient(tiff_colors.HIGH, 51, dtype="uint8", high=15.9)).astype(np.uint8)
    palette = np.random.default_rng(1).integers(0, 256, (3, 256))
    palette[0, 0] = 255
    tags = tiff_colors.samples(8, 1, 3) | {
        tiff_colors.PALETTE: (3, (palette * 257).ravel().tolist())
    }
    path = tiff_colors.write(folder / "a.tif", [index.tobytes()], tags)
    return str(path), Content(palette.T[index].astype(np.uint8), colors=True, labels=True)


def tiff_12(folder: Path) -> tuple[str, Content]:
    """Samples of 12 bits."""
    values = gradient(tiff_colors.HIGH, tiff_colors.WIDE, high=4095)
    shifts = np.arange(11, -1, -1)
    bits = (values[..., None] >> shifts & 1).astype(np.uint8)
    data = np.packbits(bits.reshape(tiff_colors.HIGH, -1), axis=1).tobytes()
    path = tiff_colors.write(folder / "a.tif", [data], tiff_colors.samples(12, 1, 1))
    return str(path), Content(values)


def tiff_floats(folder: Path) -> tuple[str, Content]:
    """Floats with a predictor."""
    import tifffile

    values = gradient(40, 50, dtype="float32", high=1)
    values[0, 0] = np.nan
    tifffile.imwrite(folder / "a.tif", values, compression="zlib", predictor=3, tile=(16, 16))
    return str(folder / "a.tif"), Content(values)


def tiff_saved(array: Array, content: Content | None = None, **options: Any) -> Any:
    """Return a maker of a TIFF by tifffile."""

    def make(folder: Path) -> tuple[str, Content]:
        import tifffile

        tifffile.imwrite(folder / "a.tif", array, metadata=None, **options)
        return str(folder / "a.tif"), content or Content(array)

    return make


def tiff_pages(folder: Path) -> tuple[str, Content]:
    """Pages of the same size."""
    import tifffile

    values = gradient(3, 24, 37)
    with tifffile.TiffWriter(folder / "a.tif") as file:
        for page in values:
            file.write(page, contiguous=False, metadata=None)
    return str(folder / "a.tif"), Content(values, axes=("i",))


def gif(folder: Path) -> tuple[str, Content]:
    """A picture of a few grays."""
    from PIL import Image

    values = gradient(24, 37, dtype="uint8", high=250)
    Image.fromarray(values).save(folder / "a.gif")
    return str(folder / "a.gif"), Content(np.dstack([values] * 3), colors=True)


def webp(folder: Path) -> tuple[str, Content]:
    """Colors, lossless."""
    from PIL import Image

    Image.fromarray(COLORS).save(folder / "a.webp", lossless=True, exact=True)
    return str(folder / "a.webp"), Content(COLORS, colors=True)


def npz(folder: Path) -> tuple[str, Content]:
    """An array in an archive."""
    values = gradient(24, 37, dtype="float64")
    np.savez(folder / "a.npz", values)
    return str(folder / "a.npz"), Content(values)


def deep_zoom(folder: Path) -> tuple[str, Content]:
    """Tiles by libvips."""
    import pyvips

    values = np.tile(COLORS, (4, 3, 1))
    image = pyvips.Image.new_from_array(values)
    image.dzsave(str(folder / "a"), suffix=".png", tile_size=64, overlap=2)
    return str(folder / "a.dzi"), Content(values, colors=True)


def in_layout(layout: str) -> Any:
    """Return what writes tiles by libvips; of Google's all have their full size."""

    def make(folder: Path) -> tuple[str, Content]:
        import pyvips

        values = np.tile(COLORS, (4, 3, 1))
        image = pyvips.Image.new_from_array(values)
        image.dzsave(str(folder / "a"), suffix=".png", tile_size=64, layout=layout)
        if layout == "google":
            rows, columns = (-(-length // 64) * 64 for length in values.shape[:2])
            whole = np.full((rows, columns, 3), 255, np.uint8)
            whole[: values.shape[0], : values.shape[1]] = values
            values = whole
        return str(folder / "a"), Content(values, colors=True)

    return make


def _joined(pattern: str, step: int) -> Any:
    """Return what joins tiles of the largest level by their names, by Pillow."""

    def read(path: str) -> Array:
        found: dict[tuple[int, int], Array] = {}
        for tile in Path(path).rglob("*.png"):
            matched = re.fullmatch(pattern, tile.relative_to(path).as_posix())
            if matched is not None:
                place = int(matched["y"]) * step, int(matched["x"]) * step
                found[place] = by_pillow(str(tile))
        rows = max(y + tile.shape[0] for (y, _), tile in found.items())
        columns = max(x + tile.shape[1] for (_, x), tile in found.items())
        whole = np.zeros((rows, columns, 3), np.uint8)
        for (y, x), tile in found.items():
            whole[y : y + tile.shape[0], x : x + tile.shape[1]] = tile
        return whole

    return read


_IIIF_TILES = _joined(r"(?P<x>\d+),(?P<y>\d+),(\d+),(\d+)/\3,\4/0/default\.png", 1)
_GOOGLE_TILES = _joined(r"1/(?P<y>\d+)/(?P<x>\d+)\.png", 64)
_ZOOMIFY_TILES = _joined(r"TileGroup0/1-(?P<x>\d+)-(?P<y>\d+)\.png", 64)


def npy(folder: Path) -> tuple[str, Content]:
    """An array of a time series."""
    values = gradient(5, 24, 37, dtype="float32")
    np.save(folder / "a.npy", values)
    return str(folder / "a.npy"), Content(values)


def _tiles(path: str) -> Array:
    """Join the tiles of the largest level, without their overlap, by Pillow."""
    folder = Path(path.removesuffix(".dzi") + "_files")
    level = max(folder.glob("[0-9]*"), key=lambda one: int(one.name))
    places = [tuple(map(int, tile.stem.split("_"))) for tile in level.glob("*.png")]
    columns, rows = (max(one[axis] for one in places) + 1 for axis in (0, 1))
    lines = []
    for row in range(rows):
        line = []
        for column in range(columns):
            tile = by_pillow(str(level / f"{column}_{row}.png"))
            top, left = 2 * (row > 0), 2 * (column > 0)
            line.append(tile[top : top + 64, left : left + 64])
        lines.append(np.concatenate(line, axis=1))
    return np.concatenate(lines)


def clip(name: str, tolerance: float = 0) -> Any:
    """Return a maker of a video file of four frames."""

    def make(folder: Path) -> tuple[str, Content]:
        path = make_clip(folder, name, 4)
        values = decode_all(path, (4, 48, 64, 3))
        return str(path), Content(values, axes=("time",), colors=True, tolerance=tolerance)

    return make


def _by_av(path: str) -> Array:
    av = pytest.importorskip("av")
    with av.open(path) as file:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)])


_SIGNED = gradient(24, 37, dtype="int16", high=60000 - 30000) - 15000
_GRAY = gradient(24, 37, dtype="uint8", high=250)
_BITS = _GRAY > 120
_GDAL = {"GDAL": by_gdal}
_J2K = {"OpenJPEG in GDAL": by_gdal}
_VIPS = {"libvips": by_libvips}
for _name, _make, _extra, _others in (
    ("PNG, 16 bits", png_16, "", {**_VIPS, "GDAL": by_gdal}),
    ("PNG, colors of 16 bits", png_16_colors, "", {**_VIPS, "GDAL": by_gdal}),
    ("PNG, alpha", png_alpha, "", _VIPS),
    ("JPEG, on its side", jpeg, "", _VIPS),
    ("JPEG 2000, 8 bits", jpeg_2000(COLORS, 8, True), "tiff", {"Pillow": by_pillow, **_J2K}),
    ("JPEG 2000, 12 bits", jpeg_2000(gradient(24, 37), 12), "tiff", _J2K),
    ("JPEG 2000, 16 bits", jpeg_2000(gradient(24, 37, high=65000), 16), "tiff", _J2K),
    ("JPEG 2000, signed", jpeg_2000(_SIGNED, 16), "tiff", _J2K),
    ("JPEG 2000, colors of 16 bits", jpeg_2000(DEEP, 16, True), "tiff", _J2K),
    ("AVIF, 10 bits", avif, "tiff", {"FFmpeg": by_ffmpeg}),
    ("TIFF, YCbCr, subsampled", tiff_ycbcr, "tiff", _VIPS),
    ("TIFF, CMYK", tiff_cmyk, "tiff", {"Pillow": by_pillow}),
    ("TIFF, CIELab", tiff_lab, "tiff", {"LittleCMS in Pillow": by_pillow}),
    ("TIFF, palette", tiff_palette, "tiff", _VIPS),
    ("TIFF, 12 bits", tiff_12, "tiff", {"GDAL": by_gdal}),
    ("TIFF, floats, predictor", tiff_floats, "tiff", {**_VIPS, "GDAL": by_gdal}),
    ("TIFF, bits", tiff_saved(_BITS, photometric=1), "tiff", _GDAL),
    ("TIFF, white is zero", tiff_saved(_GRAY, Content(255 - _GRAY), photometric=0), "tiff", _VIPS),
    ("TIFF, signed bytes", tiff_saved((_GRAY // 2).astype("i1") - 60), "tiff", _GDAL),
    ("TIFF, 32 bits", tiff_saved(_GRAY.astype("u4") << 20, compression="lzw"), "tiff", _GDAL),
    ("TIFF, half floats", tiff_saved(_GRAY.astype("f2")), "tiff", _GDAL),
    (
        "TIFF, planes of colors",
        tiff_saved(
            np.moveaxis(COLORS, -1, 0),
            Content(COLORS, colors=True),
            planarconfig="separate",
            photometric="rgb",
        ),
        "tiff",
        _GDAL,
    ),
    ("TIFF, pages", tiff_pages, "tiff", _VIPS),
    ("GIF", gif, "", {"imagecodecs": by_imagecodecs}),
    ("WebP", webp, "", {**_VIPS, "imagecodecs": by_imagecodecs}),
    ("npz", npz, "", {"NumPy": lambda path: next(iter(np.load(path).values()))}),
    ("Deep Zoom", deep_zoom, "", {"Pillow": _tiles}),
    ("IIIF tiles", in_layout("iiif3"), "", {"Pillow": _IIIF_TILES}),
    ("Google tiles", in_layout("google"), "", {"Pillow": _GOOGLE_TILES}),
    ("Zoomify tiles", in_layout("zoomify"), "", {"Pillow": _ZOOMIFY_TILES}),
    ("npy", npy, "", {"NumPy": lambda path: np.load(path)}),
):
    add(Kind(_name, "Pictures", _extra, _make, dict(_others)))
for _name, _make in (
    ("video, H.264 in MP4", clip("long.mp4")),
    ("video, VP8 in WebM", clip("vp8.webm")),
    ("video, MPEG-2 in TS", clip("mpeg2.ts")),
):
    add(Kind(_name, "Videos", "", _make, {"PyAV": _by_av}))
