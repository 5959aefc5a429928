"""Deep Zoom pyramids beside libvips' `dzsave`: time and bytes, the same image and tiles.

    python -m benchmarks.pyramids [--quick] [--save]
    python -m benchmarks.pyramids --files [--size=84000x42000] [--save]

8192² RGB in memory (a resized photograph with noise, and one of little detail) to JPEG of quality
75 and to PNG, the two in turns; and the peak of memory while a uint16 zarr array is written.
``--files``: files on disk beside libvips, large_image, ome-zarr-py and ngff-zarr, see
`pyramid_files`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks import pyramid_files
from benchmarks.inputs import noisy_photograph
from benchmarks.measure import in_fresh_process, interleaved, peak_beyond_now, ratios
from nbimage.pyramid.writers.deepzoom.write import write_dzi

RESULTS = Path(__file__).with_name("pyramids.md")
FILES = Path(__file__).with_name("pyramid_files.md")
Folder = tempfile.TemporaryDirectory  # goes with the last reference to it, outside the clock


def by_vips(array: np.ndarray, kind: str) -> Folder:
    import pyvips

    folder = tempfile.TemporaryDirectory()
    rows, columns, channels = array.shape
    image = pyvips.Image.new_from_memory(array.data, columns, rows, channels, "uchar")
    target = str(Path(folder.name) / "x")
    image.copy(interpretation="srgb").dzsave(target, suffix="." + kind)
    return folder


def by_nbimage(array: np.ndarray, kind: str) -> Folder:
    folder = tempfile.TemporaryDirectory()
    write_dzi(array, Path(folder.name) / "x.dzi", format=kind, progress=False)
    return folder


def tile_bytes(folder: Folder) -> int:
    """All tiles, without what libvips writes about the image beside them."""
    return sum(path.stat().st_size for path in Path(folder.name).rglob("*_*.*"))


def images(side: int) -> dict[str, np.ndarray]:
    y, x = np.mgrid[:side, :side].astype(np.float32)
    waves = [np.sin(x / 90) * 60 + np.cos(y / (50 + 20 * c)) * 60 + 128 for c in range(3)]
    return {
        "photograph": noisy_photograph("RGB uint8", side),
        "smooth": np.stack(waves, -1).astype(np.uint8),
    }


def measure(side: int, rounds: int) -> list[str]:
    rows = []
    for name, array in images(side).items():
        for kind in ("jpeg", "png"):
            runs: dict[str, Callable[[], object]] = {
                "libvips": partial(by_vips, array, kind),
                "nbimage": partial(by_nbimage, array, kind),
            }
            seconds, folders = interleaved(runs, rounds)
            sizes = {way: tile_bytes(folder) for way, folder in folders.items()}
            speed = {way: side * side / 1e6 / median(times) for way, times in seconds.items()}
            faster = ratios(seconds["libvips"], seconds["nbimage"])
            rows.append(
                f"| {name}, {kind} | {speed['nbimage']:.0f} | {speed['libvips']:.0f} | "
                f"{median(faster):.2f} ({min(faster):.2f} to {max(faster):.2f}) | "
                f"{sizes['nbimage'] / 1e6:.1f} | {sizes['libvips'] / 1e6:.1f} | "
                f"{sizes['nbimage'] / sizes['libvips']:.2f} |"
            )
    return rows


def zarr_peak(path: str, kind: str) -> int:
    """Runs in a fresh process: bytes beyond what imports and a first small pyramid took."""
    import zarr

    array = zarr.open_array(path, mode="r")
    with tempfile.TemporaryDirectory() as folder:
        write_dzi(np.zeros((300, 300), np.uint16), Path(folder) / "small", format=kind)
        target = Path(folder) / "x"
        return peak_beyond_now(lambda: write_dzi(array, target, format=kind, progress=False))


def measure_memory(side: int) -> str:
    import zarr

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "x.zarr")
        chunks = (1024, 1024)
        array = zarr.create_array(store=path, shape=(side, side), chunks=chunks, dtype="u2")
        block = noisy_photograph("gray uint16", 2048)
        for top in range(0, side, 2048):
            for left in range(0, side, 2048):
                rows, columns = min(2048, side - top), min(2048, side - left)
                array[top : top + rows, left : left + columns] = block[:rows, :columns]
        peak = in_fresh_process(zarr_peak, path, "jpeg")
    return f"A uint16 zarr array of {side}² to JPEG tiles: {peak / 2**20:.0f} MiB at most."


def main(arguments: list[str]) -> str:
    quick = "--quick" in arguments
    head = (
        "| image, tiles | nbimage, Mpx/s | libvips, Mpx/s | times as fast | nbimage, MB | "
        "libvips, MB | size |"
    )
    lines = "|---|---:|---:|---:|---:|---:|---:|"
    rows = measure(*((1024, 2) if quick else (8192, 5)))
    memory = measure_memory(4096 if quick else 40_000)
    return "\n".join([head, lines, *rows, "", memory])


if __name__ == "__main__" and "--files" in sys.argv:
    text = pyramid_files.main(sys.argv[1:])
    print(text)
    if "--save" in sys.argv:
        FILES.write_text(f"# Pyramids of files\n\n{text}\n", "utf-8")
elif __name__ == "__main__":
    text = main(sys.argv[1:])
    print(text)
    if "--save" in sys.argv:
        RESULTS.write_text(
            "# Deep Zoom pyramids\n\nRGB in memory to tiles of 254 pixels and an overlap of 1, "
            "JPEG of quality 75.\nSize: bytes of all tiles, as a share of libvips'. Memory: the "
            f"rise of the peak.\n\n{text}\n",
            "utf-8",
        )
