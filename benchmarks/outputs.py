"""What a notebook stores of a picture: its bytes, those of the preview beside it, and both.

    python -m benchmarks.outputs [--save]

Photographs with the noise of a camera, gray, RGB, in a colormap and with missing values, as text:
base64 and HTML. Then the milliseconds of the whole output, and of the PNG alone.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any, NamedTuple

import numpy as np

from benchmarks.inputs import noisy_photograph
from benchmarks.measure import interleaved
from nbimage import Picture

SIZES = 256, 512, 1024, 2048
ROUNDS = 9
AROUND: dict[str, Any] = {"x": True, "y": True, "title": "A title"}


class Case(NamedTuple):
    """An array, and how it is shown."""

    name: str
    size: int
    array: Any
    options: dict[str, Any]


def cases() -> Iterator[Case]:
    """Yield what is measured."""
    for size in SIZES:
        gray, color = (noisy_photograph(kind, size) for kind in ("gray float32", "RGB uint8"))
        rows, columns = np.ogrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
        round_ = np.where(np.hypot(rows, columns) > 1, np.nan, gray)
        yield Case("gray float32", size, gray, {})
        yield Case("RGB uint8", size, color, {})
        yield Case("float32 in viridis", size, gray, {"cmap": "viridis"})
        yield Case("float32, a fifth missing", size, round_, {})
        yield Case("RGB uint8 with axes", size, color, AROUND)


def stored_ratio(case: Case) -> float:
    """Return the text of a whole output as a part of its picture's base64."""
    picture = Picture(case.array, **case.options)
    data, _ = picture._repr_mimebundle_()
    return sum(map(len, data.values())) / len(picture.data_uri)


def front_values(details: bool) -> dict[str, float]:
    """Return the figures that have targets."""
    if details:
        Path(__file__).with_suffix(".md").write_text(report(), "utf-8")
    found = [stored_ratio(case) for case in cases()]
    return {"mean": geometric_mean(found), "most": max(found)}


def measure(case: Case) -> str:
    """Return a row of the table."""
    picture = Picture(case.array, **case.options)
    data, metadata = picture._repr_mimebundle_()
    (kind,) = metadata
    stored = len(picture.data_uri)
    whole = sum(map(len, data.values()))
    seconds = interleaved(
        {
            "whole": lambda: Picture(case.array, **case.options)._repr_mimebundle_(),
            "png": lambda: Picture(case.array, **case.options).png,
        },
        ROUNDS,
    ).seconds
    times = [f"{median(seconds[name]) * 1e3:.1f}" for name in ("png", "whole")]
    kilobytes = [f"{size / 1e3:.1f}" for size in (stored, len(data[kind]))]
    cells = [f"{case.size}² {case.name}", kilobytes[0], kind, kilobytes[1]]
    return f"| {' | '.join([*cells, f'{whole / stored:.2f}', *times])} |"


def report() -> str:
    """Return what was measured as Markdown."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return "\n".join(
        [
            "# What a notebook stores of a picture",
            "",
            f"Text: base64 and HTML. {os.cpu_count()} cores, load average before: {load}; medians "
            f"of {ROUNDS} rounds, in turns. `python -m benchmarks.outputs --save` writes this.",
            "",
            "| input | picture, kB | beside it | kB | output / picture | PNG, ms | output, ms |",
            "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
            *map(measure, cases()),
            "",
        ]
    )


def main() -> None:
    """Measure and print; with ``--save`` into benchmarks/outputs.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", action="store_true", help="write benchmarks/outputs.md")
    asked, text = parser.parse_args(), report()
    print(text)
    if asked.save:
        Path(__file__).with_suffix(".md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
