"""Colormapped pictures beside matplotlib's `imsave`: time and stored size, the same map.

    python -m benchmarks.colors [--save]

1024² float32: a smooth field, one with a little noise, and a noisy photograph.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.inputs import noisy_photograph
from benchmarks.measure import interleaved, ratios
from nbimage import encode

RESULTS = Path(__file__).with_name("colors.md")
CMAP = "viridis"
NORMS = ("linear", "log", "asinh")


def fields() -> dict[str, np.ndarray]:
    """Return the inputs by name."""
    y, x = np.mgrid[:1024, :1024].astype(np.float32)
    smooth = np.sin(x / 90) + np.cos(y / 70) * x / 500
    noise = np.random.default_rng(0).normal(size=smooth.shape).astype(np.float32)
    photograph = noisy_photograph("gray float32", 1024)
    return {"smooth": smooth, "a little noise": smooth + noise / 50, "photograph": photograph}


def by_matplotlib(array: np.ndarray) -> bytes:
    """Return the PNG that `imsave` writes."""
    from matplotlib import image

    file = io.BytesIO()
    image.imsave(file, array, cmap=CMAP, format="png")
    return file.getvalue()


def main() -> str:
    """Measure, and return a table."""
    rows = []
    for name, array in fields().items():
        runs = {"matplotlib": lambda a=array: by_matplotlib(a)}
        for norm in NORMS:
            positive = array - array.min() + 1e-3
            runs[norm] = lambda a=positive, n=norm: encode(a, cmap=CMAP, norm=n)
        seconds, results = interleaved(runs, 5)
        times = median(ratios(seconds["matplotlib"], seconds["linear"]))
        size = len(results["linear"]) / len(results["matplotlib"])
        ours = " | ".join(f"{1e3 * median(seconds[norm]):.1f}" for norm in NORMS)
        theirs = f"{1e3 * median(seconds['matplotlib']):.0f}"
        rows.append(f"| {name} | {ours} | {theirs} ({times:.0f}x) | {size:.2f} |")
    head = "| 1024² float32, viridis | linear, ms | log, ms | asinh, ms | imsave, ms | size |"
    return "\n".join([head, "|---|---:|---:|---:|---:|---:|", *rows])


if __name__ == "__main__":
    table = main()
    print(table)
    if "--save" in sys.argv:
        RESULTS.write_text(
            "# Colormapped pictures\n\nSize: stored bytes, as a share of matplotlib's.\n\n"
            f"{table}\n",
            "utf-8",
        )
