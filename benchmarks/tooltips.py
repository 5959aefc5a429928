"""Tooltip pictures for a chart: 200 rows of two small images each, joined, labelled, as data URIs.

The images and the first way are what Altair's documentation shows, in our own words
(https://altair-viz.github.io/case_studies/numpy-tooltip-images.html): two 96×96 float images a
row, joined with a gap of ones, stretched to 255, labelled by ImageDraw, saved as PNG with Pillow's
defaults. It takes for granted that values lie in 0…1; ours finds each image's range.

    python -m benchmarks.tooltips [--rounds N]
"""

from __future__ import annotations

import argparse
import base64
import io
import os
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.measure import interleaved, paired_ratio
from nbimage.tables.tables import data_uris

Array = NDArray[Any]
SIDE, GAP = 96, 10


def blobs(rows: int = 200, seed: int = 3) -> pd.DataFrame:
    """A smooth spot and a square of noise in each row, each at most 1."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE]

    def spot() -> Array:
        (cy, cx), sigma = random.integers(0, SIDE, 2), random.choice([0.05, 0.1, 0.15]) * SIDE
        image = np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * sigma**2))
        return image / image.max()

    def square() -> Array:
        (cy, cx), half = random.integers(0, SIDE, 2), random.choice([0.3, 0.4, 0.5]) * SIDE / 2
        inside = (abs(y - cy) <= half) & (abs(x - cx) <= half)
        image = inside * random.normal(4, size=(SIDE, SIDE))
        return image / image.max()

    return pd.DataFrame(
        {"im1": [spot() for _ in range(rows)], "im2": [square() for _ in range(rows)]}
    )


def by_hand(row: Any) -> str:
    """The documented way, for one row of the frame."""
    gap = np.ones((row["im1"].shape[0], GAP))
    joined = np.concatenate([row["im1"], gap, row["im2"]], axis=1)
    image = Image.fromarray((255 * joined).astype("uint8"))
    ImageDraw.Draw(image).text((3, 0), "im1", fill=255)
    ImageDraw.Draw(image).text((3 + row["im1"].shape[1] + GAP, 0), "im2", fill=255)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("utf8")


def measure(rounds: int) -> dict[str, float]:
    frame = blobs()
    ways = {
        "by hand": lambda: frame.apply(by_hand, axis=1),
        "data_uris": lambda: data_uris(frame, gap=GAP, titles=True, shared=False),
    }
    seconds, made = interleaved(ways, rounds)
    ours, theirs = seconds["data_uris"], seconds["by hand"]
    size = {name: int(uris.str.len().sum()) for name, uris in made.items()}
    return {
        "by hand, ms": 1e3 * median(theirs),
        "data_uris, ms": 1e3 * median(ours),
        "times faster, median of pairs": paired_ratio(theirs, ours),
        "times faster, best of each": min(theirs) / min(ours),
        "by hand, kB": size["by hand"] / 1e3,
        "data_uris, kB": size["data_uris"] / 1e3,
        "size ratio": size["data_uris"] / size["by hand"],
    }


def front_values(details: bool) -> dict[str, float]:
    """Return the figures that have targets."""
    return {"times faster": measure(15)["times faster, median of pairs"]}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tooltips", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    print(f"load average: {os.getloadavg()[0]:.1f}")
    for name, value in measure(options.rounds).items():
        print(f"{name:32} {value:9.3f}")


if __name__ == "__main__":
    main()
