"""Measured numbers -> GitHub Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import geometric_mean
from typing import Any


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _short(value: float) -> str:
    """Three digits that count: 0.123, 1.23, 12.3, 123, 1234."""
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def _by_way(inputs: list[dict[str, Any]], key: str, unit: float, ratios: str | None) -> str:
    """One row an input, one column a way; in brackets how many times nbimage's number."""
    peers = [name for name in inputs[0]["median_s"] if name != "nbimage"]
    rows = []
    for measured in (row for row in inputs if row[key]):
        ours = measured[key]["nbimage"]
        cells = [measured["input"], _short(ours / unit)]
        for name in peers:  # by name: no table may depend on the order in which things were run
            value = measured[key][name]
            times = measured[ratios][name] if ratios else value / max(ours, 1)
            cells.append(f"{_short(value / unit)} ({_short(times)}x)")
        rows.append(cells)
    return _table(["input", "nbimage", *peers], rows)


def _widest_spread(inputs: list[dict[str, Any]]) -> float:
    """How far the ratio of a single round lies from the median ratio, as a factor, at most."""
    spreads: list[float] = []
    for row in inputs:
        for name, (low, high) in row["times_nbimage_range"].items():
            middle = row["times_nbimage"][name]
            spreads += [middle / low, high / middle]
    return max(spreads)


def _largest_differences(inputs: list[dict[str, Any]]) -> str:
    names = [name for name in inputs[0]["largest_difference"] if name != "nbimage"]
    worst = {name: max(row["largest_difference"][name] for row in inputs) for name in names}
    return ", ".join(f"{name} {value}" for name, value in worst.items())


def _stored_means(inputs: list[dict[str, Any]]) -> str:
    stored = [row["stored_bytes"] for row in inputs]
    means = {
        name: geometric_mean(row[name] / row["nbimage"] for row in stored) for name in stored[0]
    }
    return ", ".join(f"{name} {mean:.2f}x" for name, mean in means.items() if name != "nbimage")


def _photographs(rows: list[dict[str, Any]], means: dict[str, float]) -> str:
    body = [
        [
            row["photograph"],
            " x ".join(map(str, row["shape"])) + (" bool" if row["kind"] == "bool" else ""),
            _short(row["nbimage_bytes"] / 1e3),
            _short(row["pillow_bytes"] / 1e3),
            f"{row['ratio']:.3f}",
        ]
        for row in rows
    ]
    body += [[f"**geometric mean, {name}**", "", "", "", f"**{mean:.3f}**"]
             for name, mean in means.items()]  # fmt: skip
    return _table(["photograph", "shape", "nbimage, kB", "Pillow, kB", "nbimage / Pillow"], body)


def _rerange(rows: list[dict[str, Any]]) -> str:
    key = "peak_bytes_beyond_input_and_output"
    body = [
        [
            row["case"],
            *(_short(row["median_s"][name] * 1e3) for name in ("copy", "rerange", "plain NumPy")),
            _short(row["rerange_over_copy"]),
            _short(row["plain_over_rerange"]),
            "" if row[key] is None else _short(row[key] / 1e6),
        ]
        for row in rows
    ]
    head = ["input", "`array.copy()`, ms", "`rerange`, ms", "plain NumPy, ms"]
    head += ["rerange / copy", "plain NumPy / rerange", "memory beyond input and output, MB"]
    return _table(head, body)


def report(results: dict[str, Any]) -> str:
    """All tables, each with the sentence that says what was measured."""
    inputs, imports, size = results["inputs"], results["imports"], results["rerange_size"]
    machine = dict(results["machine"])
    cores = f"{machine.pop('CPU')}, {machine.pop('cores')} cores, {machine.pop('system')}"
    load = machine.pop("load")
    versions = ", ".join(f"{name} {number}" for name, number in machine.items())
    return f"""\
# Benchmarks

{cores}; {versions}.

All in one run of {results["seconds"]:.0f} s, the libraries taking turns: medians, and medians of
the ratios of paired runs; load average before: {load}. Photographs resized, with noise of sigma
2/255.

## From an array to base64 PNG: milliseconds (times nbimage)

"nbimage" is `Picture(array).png` and its base64. "nbimage output" is all that it leaves in a
notebook: HTML that holds the PNG, and beside it what PDF and docx show: the same PNG up to 32 kB,
else a preview. mediapy's base64 is within HTML, plotly's within JSON.

{_by_way(inputs, "median_s", 1e-3, "times_nbimage")}

Ratios of single rounds lie up to a factor of {_widest_spread(inputs):.1f} from these medians.
Largest difference of a pixel from nbimage's picture, of 255: {_largest_differences(inputs)}.

## The PNG: kB (times nbimage)

mediapy stores gray as RGB, matplotlib everything as RGBA.

{_by_way(inputs, "png_bytes", 1e3, None)}

## What a notebook stores: kB of text (times nbimage's base64)

Base64 is a third more, and plotly writes each of its slashes as six letters.

{_by_way(inputs, "stored_bytes", 1e3, None)}

Geometric mean: {_stored_means(inputs)}.

## Peak memory beyond the input: MB (times nbimage)

In a fresh process each, C buffers and the base64 text included.

{_by_way(inputs, "peak_bytes", 1e6, None)}

## PNG sizes of photographs as they are

{_photographs(results["photographs"], results["photograph_means"])}

## `rerange` of {size}² beside `array.copy()`

{_rerange(results["rerange"])}

## Import

A new interpreter with `import numpy` takes {imports["numpy"]:.0f} ms; the medians of paired
differences: with `from nbimage import nbimage` {imports["import nbimage"]:.1f} ms more, with the
first `nbimage(array)` of 64² {imports["first picture"]:.1f} ms more than that."""
