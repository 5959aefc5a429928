"""Every kind of source that a pyramid is read from, made small, with the samples that it holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image

from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.pyramid import Pyramid
from tests.optional import zarr

Array = np.ndarray[Any, Any]
Make = Callable[[Path], tuple[Any, Array]]
RANDOM = np.random.default_rng(6)
GRAY = RANDOM.integers(0, 65536, (331, 407), dtype=np.uint16)
COLOR = RANDOM.integers(0, 256, (331, 407, 3), dtype=np.uint8)
STACK = RANDOM.integers(0, 65536, (2, 3, 331, 407), dtype=np.uint16)
SIGNED = RANDOM.normal(size=(331, 407)).astype(np.float32)


def levels_of(array: Array, labels: bool = False) -> list[Array]:
    levels = [array]
    while max(levels[-1].shape[:2]) > 1:
        levels.append(levels[-1][::2, ::2] if labels else halve(levels[-1]))
    return levels


def check(pyramid: Pyramid, expected: Array, plane: tuple[int, ...] = ()) -> None:
    """Read whole levels and random parts."""
    levels = levels_of(expected, pyramid.labels)
    assert pyramid.dtype == expected.dtype
    for level in range(len(pyramid.shapes)):
        assert np.array_equal(pyramid.read(level, index=plane), levels[level])
    for top, left in RANDOM.integers(0, 300, (20, 2)).tolist():
        rows, columns = slice(top, top + 90), slice(left, left + 120)
        assert np.array_equal(pyramid.read(0, rows, columns, plane), expected[rows, columns])


def tiff(array: Array, **options: Any) -> Make:
    def make(folder: Path) -> tuple[Any, Array]:
        tifffile.imwrite(folder / "a.tif", array, **options)
        return folder / "a.tif", array

    return make


def written(name: str, array: Array) -> Make:
    def make(folder: Path) -> tuple[Any, Array]:
        if name.endswith(".npy"):
            np.save(folder / name, array)
        else:
            Image.fromarray(array).save(folder / name)
        return str(folder / name), array

    return make


def dzi(array: Array, **options: Any) -> Make:
    def make(folder: Path) -> tuple[Any, Array]:
        import pyvips

        options.setdefault("suffix", ".png")
        pyvips.Image.new_from_array(array).dzsave(str(folder / "image"), **options)
        return folder / "image.dzi", array

    return make


def in_layout(layout: str, array: Array) -> Make:
    def make(folder: Path) -> tuple[Any, Array]:
        import pyvips

        image = pyvips.Image.new_from_array(array)
        image.dzsave(str(folder / "image"), layout=layout, suffix=".png", tile_size=100)
        return folder / "image", array

    return make


def zipped(name: str, array: Array) -> Make:
    def make(folder: Path) -> tuple[Any, Array]:
        from nbimage.pyramid.writers.deepzoom.write import write_dzi

        return write_dzi(array, folder / name, format="png", progress=False), array

    return make


def in_zarr(array: Array, zarr_format: int, **options: Any) -> Make:
    def make(folder: Path) -> tuple[Any, Array]:
        path = folder / "a.zarr"
        made = zarr.create_array(
            path, data=array, chunks=(100, 90, 3)[: array.ndim], zarr_format=zarr_format, **options
        )
        assert made.shape == array.shape
        return path, array

    return make


def mapped(folder: Path) -> tuple[Any, Array]:
    SIGNED.astype(">f4").tofile(folder / "raw")
    return np.memmap(folder / "raw", ">f4", "r", shape=SIGNED.shape), SIGNED


def lazy(folder: Path) -> tuple[Any, Array]:
    import dask.array

    return dask.array.from_array(COLOR, chunks=(100, 90, 3)), COLOR


def labelled(folder: Path) -> tuple[Any, Array]:
    import xarray

    data = xarray.DataArray(np.moveaxis(COLOR, 2, 0), dims=("band", "y", "x"))
    return data.chunk({"y": 50}), COLOR


SOURCES: dict[str, Make] = {
    "array": lambda folder: (SIGNED, SIGNED),
    "Fortran order": lambda folder: (np.asfortranarray(GRAY), GRAY),
    "list": lambda folder: (COLOR.tolist(), COLOR.astype(int)),
    "PIL image": lambda folder: (Image.fromarray(COLOR), COLOR),
    "memmap": mapped,
    "npy": written("a.npy", GRAY),
    "npy, Fortran order": written("a.npy", np.asfortranarray(SIGNED)),
    "dask": lazy,
    "xarray of dask": labelled,
    "zarr array": lambda folder: (zarr.array(GRAY, chunks=(100, 100)), GRAY),
    "zarr 2": in_zarr(GRAY, 2),
    "zarr 3": in_zarr(SIGNED, 3),
    "zarr 3, sharded": in_zarr(COLOR, 3, shards=(200, 180, 3)),
    "PNG": written("a.png", COLOR),
    "16-bit PNG": written("a.png", GRAY),
    "BMP": written("a.bmp", COLOR),
    "TIFF": tiff(GRAY),
    "TIFF, big-endian floats": tiff(SIGNED, byteorder=">"),
    "BigTIFF of strips": tiff(GRAY, bigtiff=True, rowsperstrip=13),
    "tiles": tiff(GRAY, tile=(128, 64)),
    "deflate": tiff(GRAY, compression="zlib", predictor=True, tile=(64, 64)),
    "LZW strips": tiff(GRAY, compression="lzw", rowsperstrip=17),
    "zstd floats": tiff(SIGNED, compression="zstd", predictor=True, tile=(64, 112)),
    "float64": tiff(SIGNED.astype(float), tile=(64, 64)),
    "32 bits": tiff(GRAY.astype(np.uint32) * 60000, tile=(64, 64), compression="zlib"),
    "RGB": tiff(COLOR, photometric="rgb", tile=(64, 64)),
    "RGB, one strip": tiff(COLOR, photometric="rgb", compression="zlib", rowsperstrip=331),
    "lossless JPEG 2000": tiff(
        COLOR,
        photometric="rgb",
        tile=(64, 64),
        compression="jpeg2000",
        compressionargs={"level": 0, "reversible": True},
    ),
    "dzi": dzi(COLOR),
    "dzi, gray": dzi(COLOR[..., 0], tile_size=64, overlap=5),
    "dzi, no overlap": dzi(COLOR, tile_size=100, overlap=0),
    "dzi, down to a tile": dzi(COLOR, tile_size=100, depth="onetile"),
    "IIIF": in_layout("iiif3", COLOR),
    "IIIF 2": in_layout("iiif", COLOR),
    "Zoomify": in_layout("zoomify", COLOR[..., 0]),
    "dzi as zip": zipped("a.zip", COLOR),
    "szi": zipped("a.szi", COLOR[..., 0]),
    "dzi of one level": dzi(COLOR, depth="one"),
}
