"""nbimage beside mediapy, plotly, matplotlib and Pillow: time, stored size and peak memory.

    python -m benchmarks.pictures [--quick] [--json FILE] [--save]

Everything is measured in one run, the libraries taking turns, so that only ratios from the same
minute and machine are compared. Needs the development extra: pip install 'nbimage[bench]'.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import geometric_mean, median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from benchmarks.inputs import noisy_photograph, photographs
from benchmarks.measure import (
    in_fresh_process,
    interleaved,
    paired_ratio,
    peak_beyond_now,
    ratios,
)
from benchmarks.rerange import measure_rerange
from benchmarks.tables import report
from benchmarks.ways import WAYS, Array, installed_ways, pixels_in, png_in

RESULTS = Path(__file__).with_name("results.md")


class Sizes(NamedTuple):
    """How much is measured: (kind, size, rounds) of each input, and the rest."""

    inputs: tuple[tuple[str, int, int], ...]
    memory_from: int  # smaller pictures' peaks drown in the allocator's noise
    photographs: int
    rerange: tuple[int, int]  # size, rounds
    imports: int


FULL = Sizes(
    inputs=(
        ("gray float32", 256, 21),
        ("gray float32", 1024, 7),
        ("gray float32", 2048, 5),
        ("RGB uint8", 256, 21),
        ("RGB uint8", 1024, 7),
        ("RGB uint8", 2048, 3),
        ("gray uint16", 4096, 3),
    ),
    memory_from=2048,
    photographs=100,
    rerange=(4096, 7),
    imports=15,
)
QUICK = Sizes(
    inputs=(("gray float32", 256, 3), ("RGB uint8", 256, 3), ("gray uint16", 512, 3)),
    memory_from=512,
    photographs=3,
    rerange=(256, 3),
    imports=2,
)


def _peak(way_name: str, path: Path) -> int:
    """Runs in a fresh process: bytes beyond the input, the stored text included."""
    way = WAYS[way_name]
    array = np.load(path)
    way(array[:512, :512].copy())  # imports, fonts, tables and thread pools are not the picture's
    return peak_beyond_now(lambda: way(array))


def _peaks(names: Sequence[str], array: Array) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "array.npy"
        np.save(path, array)
        return {name: in_fresh_process(_peak, name, path) for name in names}


def measure_input(kind: str, size: int, rounds: int, with_memory: bool) -> dict[str, Any]:
    """All ways on one array: medians, paired ratios to nbimage, sizes, peaks, and a check."""
    array = noisy_photograph(kind, size)
    ways = installed_ways()
    runs = {name: partial(way, array) for name, way in ways.items()}
    seconds, stored = interleaved(runs, rounds, warm_up=size <= 1024)
    pngs = {name: png_in(text) for name, text in stored.items()}
    ours = pixels_in(pngs["nbimage"])
    return {
        "input": f"{size}² {kind}",
        "input_bytes": array.nbytes,
        "rounds": rounds,
        "median_s": {name: median(times) for name, times in seconds.items()},
        "times_nbimage": {
            name: paired_ratio(times, seconds["nbimage"]) for name, times in seconds.items()
        },
        "times_nbimage_range": {
            name: [each(ratios(times, seconds["nbimage"])) for each in (min, max)]
            for name, times in seconds.items()
        },
        "png_bytes": {name: len(png) for name, png in pngs.items()},
        "stored_bytes": {name: len(text) for name, text in stored.items()},
        "peak_bytes": _peaks(list(ways), array) if with_memory else {},
        "largest_difference": {
            name: int(np.abs(pixels_in(png) - ours).max()) for name, png in pngs.items()
        },
    }


def measure_photographs(at_most: int) -> list[dict[str, Any]]:
    """PNG sizes of photographs as they are: nbimage beside Pillow's default."""
    rows = []
    for name, photo in list(photographs())[:at_most]:
        ours, pillow = (len(png_in(WAYS[way](photo))) for way in ("nbimage", "Pillow"))
        kind = "RGB" if photo.ndim == 3 else "bool" if photo.dtype == bool else "gray"
        row = {"photograph": name, "kind": kind, "shape": photo.shape}
        rows.append({**row, "nbimage_bytes": ours, "pillow_bytes": pillow, "ratio": ours / pillow})
    return rows


def size_means(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Geometric means of the size ratios: gray, RGB, and both."""
    kinds = {"gray": ("gray",), "RGB": ("RGB",), "gray and RGB": ("gray", "RGB")}
    ratios = {
        name: [row["ratio"] for row in rows if row["kind"] in wanted]
        for name, wanted in kinds.items()
    }
    return {name: geometric_mean(values) for name, values in ratios.items() if values}


def measure_import(rounds: int) -> dict[str, float]:
    """Milliseconds of a whole interpreter: NumPy's, and what nbimage and a first picture add."""

    def started(statement: str) -> None:
        subprocess.run([sys.executable, "-c", statement], check=True, stdout=subprocess.DEVNULL)

    make, imported = "import numpy; array = numpy.eye(64)", "; from nbimage import nbimage"
    seconds = interleaved(
        {
            "numpy": lambda: started(make),
            "import nbimage": lambda: started(make + imported),
            "first picture": lambda: started(f"{make}{imported}; nbimage(array)"),
        },
        rounds,
    ).seconds
    found = {"numpy": median(seconds["numpy"]) * 1000}
    for name, before in (("import nbimage", "numpy"), ("first picture", "import nbimage")):
        pairs = zip(seconds[name], seconds[before], strict=True)
        found[name] = median(more - less for more, less in pairs) * 1000
    return found


def machine() -> dict[str, str]:
    """What the numbers depend on, and nothing that names this machine or its owner."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [
            line
            for line in info.read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ]
        cpu = models[0].split(":", 1)[1].strip() if models else cpu
    affinity = getattr(os, "sched_getaffinity", None)
    versions = {}
    for name in ("numpy", "isal", "mediapy", "plotly", "matplotlib", "pillow"):
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return {
        "CPU": cpu,
        "cores": str(len(affinity(0)) if affinity else os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown",
        "system": platform.system(),
        "Python": platform.python_version(),
        **versions,
    }


def measure(sizes: Sizes) -> dict[str, Any]:
    start = perf_counter()
    results: dict[str, Any] = {"machine": machine(), "imports": measure_import(sizes.imports)}
    for way in installed_ways().values():  # once each: imports, fonts, thread pools
        way(noisy_photograph("gray float32", 64))
    results["inputs"] = [
        measure_input(kind, size, rounds, with_memory=size >= sizes.memory_from)
        for kind, size, rounds in sizes.inputs
    ]
    results["photographs"] = measure_photographs(sizes.photographs)
    results["photograph_means"] = size_means(results["photographs"])
    size, rounds = sizes.rerange
    results["rerange_size"] = size
    results["rerange"] = measure_rerange(size, rounds, with_memory=size >= sizes.memory_from)
    results["seconds"] = perf_counter() - start
    return results


def front_values(details: bool) -> dict[str, float]:
    """Return the figures that have targets."""
    results = measure(FULL)
    if details:
        RESULTS.write_text(report(results) + "\n", encoding="utf-8")
    inputs = {row["input"]: row for row in results["inputs"]}
    values = {}
    for name, case in (("RGB", "2048² RGB uint8"), ("gray", "2048² gray float32")):
        times = inputs[case]["times_nbimage"]
        for peer in ("mediapy", "plotly"):
            values[f"{name}, {peer}"] = times[peer] / times["nbimage output"]
        values[f"memory, {name}"] = inputs[case]["peak_bytes"]["nbimage"] / 1e6
    values["memory, uint16"] = inputs["4096² gray uint16"]["peak_bytes"]["nbimage"] / 1e6
    return {**values, **{name: ms for name, ms in results["imports"].items() if name != "numpy"}}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pictures", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small inputs, a few seconds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers to FILE")
    parser.add_argument("--save", action="store_true", help=f"write benchmarks/{RESULTS.name}")
    options = parser.parse_args(arguments)
    results = measure(QUICK if options.quick else FULL)
    text = report(results)
    print(text)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if options.save:
        RESULTS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
