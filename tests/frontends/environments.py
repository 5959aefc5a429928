"""Environments of front-ends: one each, so that their versions do not fight."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".venv-frontends"
_COMMON = ("pandas", "jinja2", "anywidget")
PACKAGES: dict[str, tuple[str, ...]] = {
    "gradio": ("gradio>=5",),  # older ones have no upper bound of Pillow, and do not start
    "jupyter": (
        "jupyterlab",
        "notebook",
        "nbclassic",
        "voila",
        "nbconvert",
        "ipywidgets",
        "resvg-py",
    ),
    "lite": (
        *("jupyterlite-core==0.5.1", "jupyterlite-pyodide-kernel==0.5.2"),  # of Pyodide 0.27
        *("jupyter-server", "jupyterlab_widgets"),
    ),
    "marimo": ("marimo",),
    "panel": ("panel",),
    "qtconsole": ("qtconsole", "pyside6-essentials", "ipykernel", "resvg-py"),
    "solara": ("solara[assets]",),  # its pages need no CDN then
    "sphinx": ("sphinx", "nbsphinx", "myst-nb", "pydata-sphinx-theme", "pypandoc-binary"),
    "streamlit": ("streamlit",),
}
"""What is installed into each beside nbimage."""


def python(name: str) -> Path:
    """Return the interpreter of an environment, which is made where it is missing."""
    folder = FOLDER / name
    path = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    stamp = folder / "packages.txt"
    wanted = "\n".join((*PACKAGES[name], *_COMMON))
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return path
    uv = [sys.executable, "-m", "uv"]
    if not path.exists():
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    install = [*uv, "pip", "install", "--quiet", "--python", path, "--editable", ROOT]
    subprocess.run([*install, *PACKAGES[name], *_COMMON], check=True)
    stamp.write_text(wanted, "utf-8")
    return path


def version(name: str, package: str) -> str:
    """Return the version of a package in an environment."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([python(name), "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.strip()
