"""Pyramids of a file on disk beside other writers: CPU seconds, wall, memory, each in a process.

    python -m benchmarks.pyramids --files [--size=84000x42000] [--source=none] [--rounds=3]
        [--only=TIFF] [--folder=/tmp]

``--source``: the compression of the flat TIFF that is read, "none", "jpeg" or "zlib"; OME-Zarr is
made of a uint16 zarr array. ``--only``: rows whose name has that. Writers take turns. The folder
must have room for what all of them write in one round: files are removed after it, since a file
system that has just removed many makes new ones slowly.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import numpy as np

from benchmarks.inputs import noisy_photograph
from benchmarks.measure import memory_bytes

_SIDE = 4096  # of the photograph that a source is made of
_TILE = 512


def by_nbimage(source: str, target: str, kind: str) -> None:
    from nbimage import write_dzi, write_ome_zarr, write_tiff

    quiet: dict[str, Any] = {"progress": False}
    if kind == "OME-Zarr":
        write_ome_zarr(source, f"{target}.ome.zarr", **quiet)
    elif kind.startswith("Deep Zoom"):
        write_dzi(source, f"{target}.dzi", format=kind.split()[-1].lower(), **quiet)
    elif kind == "TIFF JPEG":
        write_tiff(source, f"{target}.tif", compression="jpeg", quality=75, **quiet)
    else:
        write_tiff(source, f"{target}.tif", **quiet)


def by_libvips(source: str, target: str, kind: str) -> None:
    import pyvips

    image = pyvips.Image.new_from_file(source, access="sequential")
    tiled = {"tile": True, "tile_width": 256, "tile_height": 256, "pyramid": True, "bigtiff": True}
    if kind.startswith("Deep Zoom"):
        image.dzsave(target, suffix=f".{kind.split()[-1].lower()}")
    elif kind == "TIFF JPEG":
        image.tiffsave(f"{target}.tif", compression="jpeg", Q=75, **tiled)
    else:
        image.tiffsave(f"{target}.tif", compression="deflate", predictor="horizontal", **tiled)


def by_large_image(source: str, target: str, kind: str) -> None:
    import large_image_converter

    how = (
        {"compression": "jpeg", "quality": 75}
        if kind == "TIFF JPEG"
        else {"compression": "deflate"}
    )
    large_image_converter.convert(source, f"{target}.tif", tileSize=256, overwrite=True, **how)


def by_ome_zarr(source: str, target: str, kind: str) -> None:
    import dask.array as da
    import zarr
    from ome_zarr.writer import write_image

    group = zarr.open_group(f"{target}.ome.zarr", mode="w")
    chunks = {"chunks": (_TILE, _TILE)}
    write_image(da.from_zarr(source), group, axes="yx", storage_options=chunks)


def by_ngff_zarr(source: str, target: str, kind: str) -> None:
    import dask.array as da
    import ngff_zarr

    image = ngff_zarr.to_ngff_image(da.from_zarr(source), dims=["y", "x"])
    levels = ngff_zarr.to_multiscales(image, chunks=_TILE)
    ngff_zarr.to_ngff_zarr(f"{target}.ome.zarr", levels)


Way = Callable[[str, str, str], None]
WAYS: dict[str, tuple[Way, str]] = {
    "nbimage": (by_nbimage, "nbimage"),
    "libvips": (by_libvips, "pyvips"),
    "large_image": (by_large_image, "large_image_converter"),
    "ome-zarr-py": (by_ome_zarr, "ome_zarr"),
    "ngff-zarr": (by_ngff_zarr, "ngff_zarr"),
}
PEERS = {
    "TIFF JPEG": ("libvips", "large_image"),
    "TIFF zlib": ("libvips", "large_image"),
    "Deep Zoom JPEG": ("libvips",),
    "Deep Zoom PNG": ("libvips",),
    "OME-Zarr": ("ome-zarr-py", "ngff-zarr"),
}
"""What is written -> who else writes it. large_image has no writer of Deep Zoom."""


def make_tiff(path: Path, rows: int, columns: int, compression: str) -> None:
    """A flat picture, strip by strip or tile by tile."""
    import tifffile

    photograph = noisy_photograph("RGB uint8", min(_SIDE, max(rows, columns)))
    side = len(photograph)
    options: dict[str, Any] = {"photometric": "rgb", "dtype": np.uint8, "bigtiff": True}
    if compression == "none":
        wide = np.tile(photograph, (1, -(-columns // side), 1))[:, :columns]
        strips = (wide[np.arange(top, min(rows, top + 64)) % side] for top in range(0, rows, 64))
        shape = rows, columns, 3
        tifffile.imwrite(path, (row for one in strips for row in one[None]), shape=shape,
                         rowsperstrip=64, **options)  # fmt: skip
        return

    def tiles() -> Iterator[np.ndarray]:
        for top in range(0, rows, _TILE):
            for left in range(0, columns, _TILE):
                y, x = top % (side - _TILE), left % (side - _TILE)
                yield photograph[y : y + _TILE, x : x + _TILE]

    if compression == "jpeg":
        options |= {"compression": "jpeg", "compressionargs": {"level": 90}}
    else:
        options |= {"compression": "zlib", "predictor": True}
    tifffile.imwrite(path, tiles(), shape=(rows, columns, 3), tile=(_TILE, _TILE), **options)


def make_zarr(path: Path, rows: int, columns: int) -> None:
    """A picture of 12 bits in chunks of 1024²."""
    import zarr

    block = noisy_photograph("gray uint16", 2048)
    shape = rows, columns
    array = zarr.create_array(store=str(path), shape=shape, chunks=(1024, 1024), dtype="u2")
    for top in range(0, rows, 2048):
        for left in range(0, columns, 2048):
            high, wide = min(2048, rows - top), min(2048, columns - left)
            array[top : top + high, left : left + wide] = block[:high, :wide]


def run_alone(way: str, source: Path, target: Path, kind: str) -> tuple[float, float, float]:
    """CPU seconds, user and system, wall seconds, and peak MB of a process that writes a file."""
    command = [sys.executable, "-m", "benchmarks.pyramid_files", way, source, target, kind]
    begun = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE)
    assert process.stdout is not None
    text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{way} could not write {kind} of {source}")
    return used.ru_utime + used.ru_stime, wall, int(text.split()[-1]) / 1e6


def written_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure(folder: Path, size: tuple[int, int], compression: str, rounds: int, only: str) -> str:
    """A table of all writers that are installed."""
    columns, rows = size
    kinds = [kind for kind in PEERS if only.lower() in kind.lower()]
    tiff, array = folder / f"in-{compression}.tif", folder / "in.zarr"
    if any(kind != "OME-Zarr" for kind in kinds):
        make_tiff(tiff, rows, columns, compression)
    if "OME-Zarr" in kinds:
        make_zarr(array, rows, columns)
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    sizes: dict[tuple[str, str], int] = {}
    for turn in range(rounds):
        with tempfile.TemporaryDirectory(dir=folder) as written:
            for kind in kinds:
                ways = [
                    "nbimage",
                    *(p for p in PEERS[kind] if importlib.util.find_spec(WAYS[p][1])),
                ]
                for way in Random(turn).sample(ways, len(ways)):
                    own = Path(written, f"{way}-{kind}")
                    own.mkdir()
                    source = array if kind == "OME-Zarr" else tiff
                    one = run_alone(way, source, own / "x", kind)
                    found.setdefault((kind, way), []).append(one)
                    sizes[kind, way] = written_bytes(own)
                    print(
                        f"{turn} {kind} {way}: {one[0]:.1f} s CPU, {one[1]:.1f} s", file=sys.stderr
                    )
    lines = [
        f"{columns} x {rows}; TIFF and Deep Zoom of an RGB TIFF ({compression}), OME-Zarr of a "
        "uint16 zarr array.",
        "",
        "| written | by | CPU s | of nbimage's | wall s | of nbimage's | peak MB | MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for (kind, way), runs in found.items():
        own_runs = found[kind, "nbimage"]
        cpu, wall, peak = (median(run[i] for run in runs) for i in range(3))
        times = [median(a[i] / b[i] for a, b in zip(runs, own_runs, strict=True)) for i in (0, 1)]
        lines.append(
            f"| {kind} | {way} | {cpu:.1f} | {times[0]:.2f} | {wall:.1f} | {times[1]:.2f} | "
            f"{peak:.0f} | {sizes[kind, way] / 1e6:.0f} |"
        )
    return "\n".join(lines)


def main(arguments: list[str]) -> str:
    given = dict(one.lstrip("-").partition("=")[::2] for one in arguments)
    columns, _, rows = given.get("size", "84000x42000").partition("x")
    with tempfile.TemporaryDirectory(dir=given.get("folder") or None) as folder:
        return measure(
            Path(folder),
            (int(columns), int(rows)),
            given.get("source", "none"),
            int(given.get("rounds", "3")),
            given.get("only", ""),
        )


if __name__ == "__main__":
    way, source, target, kind = sys.argv[1:]
    WAYS[way][0](source, target, kind)
    print(memory_bytes("VmHWM"))  # what the system tells of a child has its parent's peak in it
