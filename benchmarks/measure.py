"""Seconds side by side, and the peak of memory in a fresh process."""

from __future__ import annotations

import gc
import multiprocessing
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Rounds(NamedTuple):
    """What `interleaved` found: a run's name -> its seconds, and what it returned last."""

    seconds: dict[str, list[float]]
    results: dict[str, Any]


def interleaved(
    runs: Mapping[str, Callable[[], object]], rounds: int, warm_up: bool = True
) -> Rounds:
    """Times all runs in turns, so that a slow moment of the machine hits all alike.

    Each round has another order (the same ones in every session): what has run just before leaves
    the caches and the allocator to its successor, and that was worth 25 % on small pictures.
    """
    if warm_up:
        for run in runs.values():
            run()
    gc.collect()
    gc.freeze()  # what is here already need not be looked at again before each run
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    results: dict[str, Any] = {}
    for turn in range(rounds):
        for name in Random(turn).sample(list(runs), len(runs)):
            results.pop(name, None)  # freed outside the clock
            gc.collect()
            start = perf_counter()
            results[name] = runs[name]()
            seconds[name].append(perf_counter() - start)
    gc.unfreeze()
    return Rounds(seconds, {name: results[name] for name in runs})


def ratios(above: list[float], below: list[float]) -> list[float]:
    """The ratios of runs of the same round."""
    return [a / b for a, b in zip(above, below, strict=True)]


def paired_ratio(above: list[float], below: list[float]) -> float:
    """The median of the ratios of runs of the same round."""
    return median(ratios(above, below))


def memory_bytes(field: str) -> int:
    """`VmRSS` (now) or `VmHWM` (its peak) of this process.

    `ru_maxrss`, the usual source, serves only where there is no /proc: on Linux a new process
    inherits its parent's peak, which hides whatever is smaller than that.
    """
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )


def peak_beyond_now(run: Callable[[], object]) -> int:
    """Bytes by which memory rose above where it was, at most, while `run` ran (C buffers too)."""
    gc.collect()
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text(
            "5", encoding="utf-8"
        )  # Linux: the peak starts anew from here
    before = memory_bytes("VmRSS")
    result = run()
    peak = memory_bytes("VmHWM")
    del result
    return max(0, peak - before)


def in_fresh_process(function: Callable[..., T], *arguments: object) -> T:
    """What `function` returns in a new interpreter that has imported nothing of this one."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)
