"""The package of ``examples/nbimage-raw``, installed as a user would, and packages of tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "examples" / "nbimage-raw"


def install_example(folder: Path) -> Path:
    """Install the example into a folder of its own, and return what belongs on the path."""
    source, target = folder / "source", folder / "installed"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("build", "*.egg-info"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run([*pip, *options, str(source)], check=True, capture_output=True, text=True)
    return target


def write_package(
    folder: Path, name: str, code: str, entries: Mapping[str, str], version: str = "1.0"
) -> None:
    """Write a package of one module as pip would install it; ``entries`` are lines by group."""
    module = name.replace("-", "_")
    about = folder / f"{module}-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [f"[{group}]\n{text}\n" for group, text in entries.items()]
    (about / "entry_points.txt").write_text("\n".join(lines), "utf-8")
    (folder / f"{module}.py").write_text(code, "utf-8")
