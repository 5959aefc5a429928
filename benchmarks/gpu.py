"""Arrays of torch on a GPU: what is copied to the host, how long it takes, and the same pixels.

    python -m benchmarks.gpu [--side 4096] [--rounds 5] [--pretend] [--save]

Beside copying the tensor, and beside copying it and `rerange` on the host; every result is compared
with the host's, byte for byte. Takes less than a minute; needs torch and CUDA, or ``--pretend``:
tensors on the CPU that take the GPU's way, for trying the script alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.front import describe_machine, load_average
from benchmarks.measure import interleaved, paired_ratio
from nbimage import Picture, rerange
from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import as_values

RESULTS = Path(__file__).with_name("gpu.md")
CASES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("float32", "float32", {}),
    ("float32, vsym", "float32", {"vsym": True}),
    ("float32, limits", "float32", {"vmin": -1, "vmax": 2}),
    ("float32, log", "float32", {"norm": "log"}),
    ("float32, asinh", "float32", {"norm": ("asinh", 0.1)}),
    ("float32, sqrt", "float32", {"norm": "sqrt"}),
    ("float32, symlog, vsym", "float32", {"norm": ("symlog", 0.1), "vsym": True}),
    ("float32, 12 levels", "float32", {"levels": 12}),
    ("float32, 2nd to 98th percentile", "float32", {"contrast": "robust"}),
    ("float64", "float64", {}),
    ("float64, log", "float64", {"norm": "log"}),
    ("float16", "float16", {}),
    ("int16", "int16", {}),
    ("int32, log", "int32", {"norm": "log"}),
)


@contextmanager
def counted() -> Iterator[list[int]]:
    """Write down the bytes of all tensors that are copied to the host."""
    import torch

    copied: list[int] = []
    before = torch.Tensor.cpu

    def cpu(tensor: Any, *args: Any, **options: Any) -> Any:
        copied.append(tensor.numel() * tensor.element_size())
        return before(tensor, *args, **options)

    torch.Tensor.cpu = cpu  # type: ignore[method-assign]
    try:
        yield copied
    finally:
        torch.Tensor.cpu = before  # type: ignore[method-assign]


def make_values(dtype: str, side: int) -> np.ndarray:
    """Return waves with noise; some are NaN where the dtype has that."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    noise = np.random.default_rng(0).standard_normal((side, side), np.float32)
    field = np.sin(x / 70) * np.cos(y / 90) + noise / 10
    if not dtype.startswith("float"):
        return (field * 10_000).astype(dtype)
    field[side // 8 : side // 4, : side // 3] = np.nan
    return field.astype(dtype)


class Uploaded:
    """A tensor on the device, given to nbimage as its users would give it."""

    def __init__(self, plain: np.ndarray, pretend: bool) -> None:
        import torch

        self.tensor = torch.from_numpy(plain)
        self.values: Any = replace(as_values(plain), array=DeviceArray(self.tensor))
        if not pretend:
            self.values = self.tensor = self.tensor.cuda()


def measure(name: str, dtype: str, options: dict[str, Any], side: int, rounds: int,
            pretend: bool) -> str:  # fmt: skip
    """Return a row of the table. Raises ValueError where pixels differ."""
    import torch

    plain = make_values(dtype, side)
    uploaded = Uploaded(plain, pretend)

    def after_all(run: Callable[[], Any]) -> Callable[[], Any]:
        def timed() -> Any:
            found = run()
            if not pretend:
                torch.cuda.synchronize()
            return found

        return timed

    with counted() as copied:
        ours = rerange(uploaded.values, **options)
    if not np.array_equal(ours, rerange(plain, **options)):
        raise ValueError(f"{name}: pixels differ from the host's")
    with counted() as of_picture:
        picture = Picture(uploaded.values, cmap="viridis", **options).png
    if picture != Picture(plain, cmap="viridis", **options).png:
        raise ValueError(f"{name}: the picture differs from the host's")
    runs = {
        "device": after_all(lambda: rerange(uploaded.values, **options)),
        "copy": after_all(lambda: uploaded.tensor.cpu()),
        "host": after_all(lambda: rerange(uploaded.tensor.cpu().numpy(), **options)),
    }
    if not pretend:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
    seconds = interleaved(runs, rounds).seconds
    peak = 0 if pretend else torch.cuda.max_memory_allocated() - before
    cells = [
        f"{sum(copied) / plain.size:.3f}",
        f"{sum(of_picture) / plain.size:.3f}",
        *(f"{median(seconds[run]) * 1e3:.1f}" for run in runs),
        f"{paired_ratio(seconds['host'], seconds['device']):.1f}",
        f"{peak / 1e6:.0f}",
    ]
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--side", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pretend", action="store_true", help="on the CPU: no figures of a GPU")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    options = parser.parse_args()
    import torch

    if not (options.pretend or torch.cuda.is_available()):
        sys.exit("a GPU must be there for torch, but torch.cuda.is_available() is False")
    gpu = "no GPU: pretended" if options.pretend else torch.cuda.get_device_name()
    heads = ["copied, bytes a value", "of a picture in viridis", "`rerange`, ms", "copying all, ms",
             "copying and `rerange`, ms", "times", "GPU memory beyond it, MB"]  # fmt: skip
    lines = [
        "# Arrays on a GPU",
        "",
        f"{options.side}², {gpu}, torch {torch.__version__}; {describe_machine()}; load average "
        f"before: {load_average()}. Pixels and PNGs are the host's, byte for byte. What is beyond "
        "one byte a value are samples for percentiles and hints, and an eighth for where values "
        "are missing.",
        "",
        f"| array | {' | '.join(heads)} |",
        "| --- |" + " ---: |" * len(heads),
    ]
    print("\n".join(lines), flush=True)
    for case in CASES:
        lines.append(measure(*case, options.side, options.rounds, options.pretend))
        print(lines[-1], flush=True)
    if options.save:
        RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
