"""All targets in one table, each figure beside the previous release's.

    python -m benchmarks.front [--only encoders,colors] [--save] [--details]
    python -m benchmarks.front --release

Asks `front_values` of each module that `goals` names, one after the other. ``--save`` writes
front.md, and front.json, from which the next release has its "previous" (previous.json) and a run
of some modules alone has the figures of the others. ``--details`` also writes what the modules
write by themselves. ``--release`` makes what front.json has the previous figures.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import nbimage
from benchmarks.goals import GOALS, Goal
from benchmarks.tried import TRIED

HERE = Path(__file__).parent
RESULTS, FIGURES, PREVIOUS = (HERE / name for name in ("front.md", "front.json", "previous.json"))
PACKAGES = (
    "numpy", "isal", "zlib-ng", "pillow", "opencv-python-headless", "pyvips", "matplotlib",
    "mediapy", "plotly", "altair", "zarr", "imageio-ffmpeg", "playwright",
)  # fmt: skip
NOTHING = "nothing is written down yet."
MODULES = tuple(dict.fromkeys(goal.module for goal in GOALS))


def load_average() -> str:
    """Return how busy the machine is."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def describe_machine() -> str:
    """Return what the figures depend on, and nothing that names this machine."""
    cores = f"{os.cpu_count()} cores, {platform.system()}; "
    found = [f"Python {platform.python_version()}", f"nbimage {nbimage.__version__}"]
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return cores + ", ".join(found)


def read(path: Path) -> dict[str, Any]:
    """Return what a file of figures holds."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def measure(name: str, details: bool) -> dict[str, Any]:
    """Return the figures of a module, and the load before it."""
    load = load_average()
    values = importlib.import_module(f"benchmarks.{name}").front_values(details)
    return {"load": load, "values": values}


def row(goal: Goal, measured: Mapping[str, Any], previous: Mapping[str, str]) -> str:
    """Return one line of the table."""
    value = measured.get(goal.module, {}).get("values", {}).get(goal.name)
    before = previous.get(goal.key, "")
    if value is None:
        return f"| {goal.what} | {before} | {goal.target} | not measured | |"
    mark = "" if goal.is_met(value) else "misses"
    return f"| {goal.what} | {before} | {goal.target} | {goal.format(value)} | {mark} |"


def missed(measured: Mapping[str, Any]) -> str:
    """Return a list of what misses its target, and what was tried."""
    lines = []
    for goal in GOALS:
        value = measured.get(goal.module, {}).get("values", {}).get(goal.name)
        if value is not None and not goal.is_met(value):
            why = TRIED.get(goal.key, NOTHING)
            lines.append(f"- **{goal.what}** ({goal.format(value)}, {goal.target}): {why}")
    return "\n".join(lines) or "Nothing."


def report(machine: str, measured: Mapping[str, Any], previous: Mapping[str, Any]) -> str:
    """Return the table as Markdown."""
    rows = "\n".join(row(goal, measured, previous["figures"]) for goal in GOALS)
    loads = ", ".join(f"{name} {found['load']}" for name, found in measured.items())
    count = sum(
        goal.is_met(measured[goal.module]["values"][goal.name])
        for goal in GOALS
        if goal.name in measured.get(goal.module, {}).get("values", {})
    )
    return f"""# Targets

{machine}.
Ratios are of runs of the same round, the libraries taking turns; the load average before each part:
{loads}. `python -m benchmarks.front --save` writes this; "previous" is {previous["version"]}.

{count} of {len(GOALS)} targets are met. Where the load is above the number of cores, what uses
threads loses against peers that use one core: such times say less than sizes do.

| what | previous | target | now | |
| --- | ---: | ---: | ---: | --- |
{rows}

## Time and bytes of PNG against size

![Time against size](encoders_time.svg)

![Bytes against size](encoders_bytes.svg)

The figures are in [encoders.md](encoders.md).

## What misses its target, and what was tried

{missed(measured)}
"""


def keep_as_previous() -> None:
    """Write previous.json: what front.json has is compared with from now on."""
    measured = read(FIGURES)["measured"]
    figures = {goal.key: goal.format(measured[goal.module]["values"][goal.name]) for goal in GOALS}
    kept = {"version": nbimage.__version__, "figures": figures}
    PREVIOUS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; write the files if it is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.front")
    parser.add_argument("--only", default=",".join(MODULES), help="names of modules, by commas")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--details", action="store_true", help="write the modules' own files too")
    parser.add_argument("--release", action="store_true", help=f"only write {PREVIOUS.name}")
    options = parser.parse_args(arguments)
    if options.release:
        keep_as_previous()
        return
    asked = [name for name in options.only.split(",") if name]
    measured = read(FIGURES).get("measured", {})
    for name in asked:
        measured[name] = measure(name, options.details)
        print(name, measured[name], flush=True)
        measured = {name: measured[name] for name in MODULES if name in measured}
        figures = {"machine": describe_machine(), "measured": measured}
        text = report(**figures, previous=read(PREVIOUS))
        if options.save:
            FIGURES.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
            RESULTS.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
