"""PNG beside Pillow, OpenCV and libvips: milliseconds and bytes, from 128² to 4096².

    python -m benchmarks.encoders [--quick] [--save]

Each encodes uint8 pixels to PNG in memory, the libraries taking turns; ``--save`` writes
encoders.md and two plots. Needs the development extra: pip install 'nbimage[bench]'.
"""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import cv2
import numpy as np
import pyvips
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from PIL import Image

import nbimage
from benchmarks.inputs import noisy_photograph, photographs
from benchmarks.measure import interleaved, paired_ratio

Array = np.ndarray[Any, Any]
Measured = tuple[float, float, int]
"""Milliseconds, how many times nbimage's they are, and bytes."""
Found = Mapping[tuple[str, int], Mapping[str, Measured]]
RESULTS = Path(__file__).with_name("encoders.md")
SIZES = 128, 256, 512, 1024, 2048, 4096
STEPS = 1, 2, 3, 4, 6, 9
OURS = "nbimage"
LINES: dict[str, tuple[str, Any]] = {
    OURS: ("#b2182b", "-"),
    "nbimage, 3": ("#e07b39", "-"),
    "Pillow": ("#1f4e9c", "-"),
    "Pillow, 1": ("#1f4e9c", (0, (4, 2))),
    "OpenCV": ("#1b7837", "-"),
    "libvips, 1": ("#6a3d9a", (0, (4, 2))),
}
APART = 0.05  # of the height of a plot: a line of text
SUBS = (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)


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


def measure(pixels: Array, rounds: int) -> dict[str, Measured]:
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


def by_size(sizes: tuple[int, ...]) -> Found:
    """Measure all sizes."""
    return {
        (kind, size): measure(pixels, max(3, min(41, 6000 // size)))
        for size in sizes
        for kind, pixels in inputs(size).items()
    }


def size_table(found: Found) -> str:
    """Return milliseconds, and in brackets bytes as a part of Pillow's default."""
    lines = [f"| input | {' | '.join(WAYS)} |", "| --- |" + " ---: |" * len(WAYS)]
    for (kind, size), row in found.items():
        pillow = row["Pillow"][2]
        cells = [f"{ms:.2f} ({count / pillow:.3f})" for ms, _, count in row.values()]
        lines.append(f"| {size}² {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def of_photographs() -> dict[str, dict[str, float]]:
    """Return the bytes of photographs as they are, as a part of Pillow's default."""
    ways = {
        **{f"nbimage, {step}": partial(by_nbimage, compression=step) for step in STEPS},
        "OpenCV": by_opencv,
        "libvips, 1": by_vips,
    }
    rows = {}
    for name, photo in photographs():
        if photo.dtype != bool:
            pixels = np.ascontiguousarray(photo)
            pillow = len(by_pillow(pixels))
            rows[name] = {way: len(encode(pixels)) / pillow for way, encode in ways.items()}
    return rows


def photograph_table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return these as a table."""
    ways = list(next(iter(rows.values())))
    lines = [f"| photograph | {' | '.join(ways)} |", "| --- |" + " ---: |" * len(ways)]
    for name, row in rows.items():
        lines.append(f"| {name} | {' | '.join(f'{part:.3f}' for part in row.values())} |")
    columns = [[row[way] for row in rows.values()] for way in ways]
    for title, of in (("geometric mean", geometric_mean), ("largest", max)):
        lines.append(f"| **{title}** | {' | '.join(f'{of(column):.3f}' for column in columns)} |")
    return "\n".join(lines)


def plot(found: Found, values: Callable[[Measured, int], float], label: str, path: Path) -> None:
    """Draw a value of each way against size, each line with its name at its end."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.4, 4.6), layout="constrained", facecolor="white")
    for panel, kind in zip(figure.subplots(1, 2), ("gray", "RGB"), strict=True):
        sizes = [size for one, size in found if one == kind]
        ends = {}
        for name, (color, dashes) in LINES.items():
            line = [values(found[kind, size][name], size) for size in sizes]
            width = 2.4 if name.startswith(OURS) else 1.3
            style = {"color": color, "linestyle": dashes, "linewidth": width}
            panel.loglog(sizes, line, marker="o", markersize=3, **style)
            ends[name] = line[-1]
        low, high = panel.get_ylim()
        for name, height in spread_out(ends, low, high).items():
            panel.annotate(
                name,
                (sizes[-1], height),
                xytext=(7, 0),
                textcoords="offset points",
                color=LINES[name][0],
                fontsize=9,
                fontweight="bold" if name.startswith(OURS) else "normal",
                verticalalignment="center",
                annotation_clip=False,
            )
        panel.set_ylim(low, high)
        panel.set_title(kind)
        panel.set_xlabel("pixels a side")
        panel.set_ylabel(label)
        panel.set_xticks(sizes, [str(size) for size in sizes])
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low > 4 else SUBS))
        panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        panel.yaxis.set_minor_formatter(NullFormatter())
        panel.minorticks_off()
        panel.grid(alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


def spread_out(ends: Mapping[str, float], low: float, high: float) -> dict[str, float]:
    """Return heights for the names of lines, none of which covers another."""
    least = (high / low) ** APART
    order = sorted(ends, key=ends.__getitem__)
    heights = {name: ends[name] for name in order}
    for _ in range(200):
        for below, above in pairwise(order):
            short = least * heights[below] / heights[above]
            if short > 1:
                heights[below] /= short**0.5
                heights[above] *= short**0.5
    return heights


def draw(found: Found) -> None:
    """Write both plots."""
    folder = RESULTS.parent
    plot(
        found,
        lambda row, size: row[0] / (size**2 / 1e6),
        "milliseconds a megapixel",
        folder / "encoders_time.svg",
    )
    plot(found, lambda row, size: row[2] / size**2, "bytes a pixel", folder / "encoders_bytes.svg")


def report(found: Found, photos: Mapping[str, Mapping[str, float]]) -> str:
    """Return what was measured as Markdown."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    packages = "pillow", "opencv-python-headless", "pyvips", "isal", "zlib-ng", "numpy"
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"""# PNG encoders

{os.cpu_count()} cores, load average before: {load}; {versions}. Medians, in turns; photographs
with a camera's noise. `python -m benchmarks.encoders --save` writes this. A number after a name is
the compression.

![Time against size](encoders_time.svg)

![Bytes against size](encoders_bytes.svg)

Milliseconds, and in brackets bytes as a part of Pillow's default:

{size_table(found)}

Bytes of photographs as they are, as a part of Pillow's default:

{photograph_table(photos)}
"""


def save(text: str, found: Found) -> None:
    """Write encoders.md and the plots."""
    RESULTS.write_text(text, encoding="utf-8")
    draw(found)


def front_values(details: bool) -> dict[str, float]:
    """Return the figures that have targets."""
    found, photos = by_size(SIZES), of_photographs()
    save(report(found, photos), found)
    kinds = "gray", "RGB"

    def slowest(way: str, cases: Iterable[tuple[str, int]]) -> float:
        return min(found[case]["OpenCV"][1] / found[case][way][1] for case in cases)

    large = [(kind, size) for kind in kinds for size in SIZES if size >= 512]
    default, small = ([row[f"nbimage, {step}"] for row in photos.values()] for step in (1, 3))
    return {
        "bytes": geometric_mean(default),
        "most bytes": max(default),
        "128": slowest(OURS, [(kind, 128) for kind in kinds]),
        "256": slowest(OURS, [(kind, 256) for kind in kinds]),
        "512 and more": slowest(OURS, large),
        "small bytes": geometric_mean(small),
        "most small bytes": max(small),
        "small": slowest("nbimage, 3", [("RGB", 256), *large]),
        "smaller than OpenCV": max(
            row["nbimage, 3"][2] / row["OpenCV"][2] for row in found.values()
        ),
    }


def main() -> None:
    """Measure and print; write the files if it is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small pictures alone")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name} and the plots")
    arguments = parser.parse_args()
    found = by_size(SIZES[:2] if arguments.quick else SIZES)
    text = report(found, of_photographs())
    print(text)
    if arguments.save:
        save(text, found)


if __name__ == "__main__":
    main()
