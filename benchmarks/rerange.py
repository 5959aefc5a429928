"""`rerange` beside `array.copy()`, the least that any pass over an array costs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.inputs import noisy_photograph
from benchmarks.measure import in_fresh_process, interleaved, paired_ratio, peak_beyond_now
from benchmarks.ways import plain_rerange

Array = NDArray[Any]


def _same(array: Array) -> Array:
    return array


@dataclass(frozen=True)
class Case:
    """A photograph becomes `stored`, is looked at through `view`, and goes in with `options`."""

    stored: Callable[[Array], Array] = _same
    view: Callable[[Array], Array] = _same
    options: Mapping[str, Any] = field(default_factory=dict)


CASES = {
    "float32": Case(),
    "float32, vsym": Case(lambda photo: photo - np.float32(0.5), options={"vsym": True}),
    "float32, vmin and vmax": Case(options={"vmin": 0.1, "vmax": 0.9}),
    "float32, transposed": Case(view=lambda array: array.T),
    "float32, every 2nd column": Case(
        lambda photo: np.repeat(photo, 2, axis=1), lambda array: array[:, ::2]
    ),
    "float64": Case(lambda photo: photo.astype(np.float64)),
    "uint16": Case(lambda photo: np.clip(photo * 4095, 0, 4095).astype(np.uint16)),
    "int64": Case(lambda photo: (photo * 4095).astype(np.int64)),
    "bool": Case(lambda photo: photo > 0.5),
}


def _peak(case_name: str, path: Path) -> int:
    """Runs in a fresh process: bytes beyond the input and the result."""
    from nbimage import rerange

    case = CASES[case_name]
    array = case.view(np.load(path))
    rerange(array[:64, :64], **case.options)  # imports and thread pools are not the picture's
    peak = peak_beyond_now(lambda: rerange(array, **case.options))
    return max(0, peak - array.size)


def _measure_case(name: str, photo: Array, rounds: int, with_memory: bool) -> dict[str, Any]:
    from nbimage import rerange

    case = CASES[name]
    stored = case.stored(photo)
    array = case.view(stored)
    seconds = interleaved(
        {
            "copy": lambda: array.copy(),
            "rerange": lambda: rerange(array, **case.options),
            "plain NumPy": lambda: plain_rerange(array, **case.options),
        },
        rounds,
    ).seconds
    peak = None
    if with_memory:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "array.npy"
            np.save(path, stored)
            peak = in_fresh_process(_peak, name, path)
    return {
        "case": name,
        "median_s": {run: median(times) for run, times in seconds.items()},
        "rerange_over_copy": paired_ratio(seconds["rerange"], seconds["copy"]),
        "plain_over_rerange": paired_ratio(seconds["plain NumPy"], seconds["rerange"]),
        "peak_bytes_beyond_input_and_output": peak,
    }


def measure_rerange(size: int, rounds: int, with_memory: bool) -> list[dict[str, Any]]:
    photo = noisy_photograph("gray float32", size)
    return [_measure_case(name, photo, rounds, with_memory) for name in CASES]


def front_values(details: bool) -> dict[str, float]:
    """Return the figures that have targets."""
    photo = noisy_photograph("gray float32", 4096)
    names = "float32", "float32, vsym", "float32, vmin and vmax", "uint16"
    return {
        name: _measure_case(name, photo, 25, with_memory=False)["rerange_over_copy"]
        for name in names
    }
