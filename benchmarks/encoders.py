"""PNG beside Pillow, OpenCV and libvips: milliseconds and bytes, from 128² to 4096².

    python -m benchmarks.encoders [--quick] [--save]

Each encodes uint8 pixels to PNG in memory, the libraries taking turns; ``--save`` writes
encoders.md and encoders.svg. Needs the development extra: pip install 'nbimage[bench]'.
"""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import cv2
import numpy as np
import pyvips
from PIL import Image

import nbimage
from benchmarks.inputs import noisy_photograph, photographs
from benchmarks.measure import interleaved, paired_ratio

Array = np.ndarray[Any, Any]
RESULTS = Path(__file__).with_name("encoders.md")
SIZES = 128, 256, 512, 1024, 2048, 4096
STEPS = 1, 2, 3, 4, 6, 9
OURS = "nbimage"


def by_pillow(pixels: Array, level: int | None = None) -> bytes:
    """Encode by Pillow."""
    file = io.BytesIO()
    options = {} if level is None else {"compress_level": level}
    Image.fromarray(pixels).save(file, "png", **options)
    return file.getvalue()


def by_opencv(pixels: Array) -> bytes:
    """Encode by OpenCV, in its own order of colors, which costs it nothing here."""
    return bytes(cv2.imencode(".png", pixels)[1])


def by_vips(pixels: Array) -> bytes:
    """Encode by libvips at level 1."""
    return bytes(pyvips.Image.new_from_array(pixels).pngsave_buffer(compression=1))


def by_nbimage(pixels: Array, compression: int = 1) -> bytes:
    """Encode by nbimage."""
    return nbimage.encode(pixels, compression=compression)


WAYS: dict[str, Callable[[Array], bytes]] = {
    OURS: by_nbimage,
    "nbimage, 3": partial(by_nbimage, compression=3),
    "Pillow": by_pillow,
    "Pillow, 1": partial(by_pillow, level=1),
    "OpenCV": by_opencv,
    "libvips, 1": by_vips,
}


def inputs(size: int) -> dict[str, Array]:
    """Return a gray and an RGB photograph with a camera's noise."""
    color = np.ascontiguousarray(noisy_photograph("RGB uint8", size))
    return {"gray": np.ascontiguousarray(color[:, :, 1]), "RGB": color}


def measure(pixels: Array, rounds: int) -> dict[str, tuple[float, float, int]]:
    """Return each way's milliseconds, how many times nbimage's they are, and bytes."""
    runs = {name: partial(way, pixels) for name, way in WAYS.items()}
    seconds, found = interleaved(runs, rounds)
    return {
        name: (
            median(seconds[name]) * 1e3,
            paired_ratio(seconds[name], seconds[OURS]),
            len(found[name]),
        )
        for name in WAYS
    }


def by_size(sizes: tuple[int, ...]) -> dict[tuple[str, int], dict[str, tuple[float, float, int]]]:
    """Measure all sizes."""
    return {
        (kind, size): measure(pixels, max(3, min(41, 6000 // size)))
        for size in sizes
        for kind, pixels in inputs(size).items()
    }


def size_table(found: Mapping[tuple[str, int], Mapping[str, tuple[float, float, int]]]) -> str:
    """Return milliseconds, and in brackets bytes as a part of Pillow's default."""
    lines = [f"| input | {' | '.join(WAYS)} |", "| --- |" + " ---: |" * len(WAYS)]
    for (kind, size), row in found.items():
        pillow = row["Pillow"][2]
        cells = [f"{ms:.2f} ({count / pillow:.3f})" for ms, _, count in row.values()]
        lines.append(f"| {size}² {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def photograph_table() -> str:
    """Return bytes of photographs as they are, as a part of Pillow's default."""
    ways = {
        **{f"nbimage, {step}": partial(by_nbimage, compression=step) for step in STEPS},
        "OpenCV": by_opencv,
        "libvips, 1": by_vips,
    }
    lines = [f"| photograph | {' | '.join(ways)} |", "| --- |" + " ---: |" * len(ways)]
    rows = {}
    for name, photo in photographs():
        if photo.dtype == bool:
            continue
        pixels = np.ascontiguousarray(photo)
        pillow = len(by_pillow(pixels))
        rows[name] = [len(way(pixels)) / pillow for way in ways.values()]
        lines.append(f"| {name} | {' | '.join(f'{part:.3f}' for part in rows[name])} |")
    columns = list(zip(*rows.values(), strict=True))
    for title, of in (("geometric mean", geometric_mean), ("largest", max)):
        lines.append(f"| **{title}** | {' | '.join(f'{of(column):.3f}' for column in columns)} |")
    return "\n".join(lines)


def plot(found: Mapping[tuple[str, int], Mapping[str, tuple[float, float, int]]]) -> None:
    """Draw time and bytes against size, beside encoders.md."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6.4), layout="constrained")
    axes = figure.subplots(2, 2, sharex=True, sharey="row")
    for column, kind in enumerate(("gray", "RGB")):
        sizes = [size for one, size in found if one == kind]
        for name in WAYS:
            style: dict[str, Any] = {"label": name, "marker": "o", "markersize": 3}
            style |= {"linewidth": 2.2 if name.startswith(OURS) else 1.1}
            rows = [found[kind, size] for size in sizes]
            axes[0, column].loglog(sizes, [row[name][0] for row in rows], **style)
            parts = [row[name][2] / row["Pillow"][2] for row in rows]
            axes[1, column].semilogx(sizes, parts, **style)
        axes[0, column].set_title(kind)
        axes[1, column].set_xlabel("pixels a side")
        axes[1, column].set_xticks(sizes, [str(size) for size in sizes], minor=False)
        axes[1, column].minorticks_off()
    axes[0, 0].set_ylabel("milliseconds")
    axes[1, 0].set_ylabel("bytes, Pillow's default = 1")
    axes[0, 0].legend(frameon=False, fontsize=8)
    for one in axes.flat:
        one.grid(alpha=0.25)
        one.spines[["top", "right"]].set_visible(False)
    figure.savefig(RESULTS.with_suffix(".svg"), metadata={"Date": None})


def report(found: Mapping[tuple[str, int], Mapping[str, tuple[float, float, int]]]) -> str:
    """Return what was measured as Markdown."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    packages = "pillow", "opencv-python-headless", "pyvips", "isal", "zlib-ng", "numpy"
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"""# PNG encoders

{os.cpu_count()} cores, load average before: {load}; {versions}. Medians, in turns; photographs
with a camera's noise. `python -m benchmarks.encoders --save` writes this. A number after a name is
the compression.

![Time and bytes against size](encoders.svg)

Milliseconds, and in brackets bytes as a part of Pillow's default:

{size_table(found)}

Bytes of photographs as they are, as a part of Pillow's default:

{photograph_table()}
"""


def main() -> None:
    """Measure and print; write the files if it is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small pictures alone")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name} and a plot")
    arguments = parser.parse_args()
    found = by_size(SIZES[:2] if arguments.quick else SIZES)
    text = report(found)
    print(text)
    if arguments.save:
        RESULTS.write_text(text, encoding="utf-8")
        plot(found)


if __name__ == "__main__":
    main()
