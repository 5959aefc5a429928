"""JupyterLite: a site of files alone, whose kernel is Pyodide and has our wheel from `piplite`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.frontends import sources
from tests.frontends.environments import python
from tests.frontends.servers import environment
from tests.frontends.wheels import build_wheel, link_pyodide, pack_wheel, serve

NEEDED = ("cmap", "filelock", "tqdm", "comm", "anywidget", "ipywidgets", "jupyterlab_widgets")
NEEDED += ("psygnal", "typing_extensions", "jinja2", "markupsafe")
_KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
_SETTINGS = {"pyodideUrl": "/pyodide/pyodide.js", "disablePyPIFallback": True}
_CONFIG = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "exposeAppInBrowser": True,
        "litePluginSettings": {_KERNEL: _SETTINGS},
    },
}


@contextmanager
def open_lite(folder: Path, dark: bool) -> Iterator[str]:
    """Build the site and serve it; yields the address of the notebook in it."""
    wheels, files = folder / "wheels", folder / "files"
    wheels.mkdir()
    files.mkdir()
    all_wheels = [build_wheel(wheels), *(pack_wheel(name, wheels) for name in NEEDED)]
    (files / "all.ipynb").write_text(json.dumps(_notebook()), "utf-8")
    (folder / "jupyter-lite.json").write_text(json.dumps(_CONFIG), "utf-8")
    theme = {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"}
    settings = {"@jupyterlab/apputils-extension:themes": theme}
    (folder / "overrides.json").write_text(json.dumps(settings), "utf-8")
    own = python("lite")
    command = [own, "-m", "jupyterlite_core", "build", "--contents", files, "--output-dir", "site"]
    command += ["--settings-overrides", "overrides.json"]
    for wheel in all_wheels:
        command += ["--piplite-wheels", wheel]
    home = environment(folder / "home")
    subprocess.run(command, check=True, env=home, cwd=folder, capture_output=True)
    link_pyodide(folder / "site")
    with serve(folder / "site") as url:
        yield f"{url}lab/index.html?path=all.ipynb"


def _notebook() -> dict[str, object]:
    """Return the notebook, which installs what it needs; no page has an ffmpeg."""
    book = sources.notebook()
    first = {**book["cells"][0], "id": "install"}
    first["source"] = "%pip install -q nbimage anywidget pandas jinja2"
    book["cells"].insert(0, first)
    for cell in book["cells"]:
        cell["source"] = cell["source"].replace("fps=10", 'fps=10, format="webp"')
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    book["metadata"]["kernelspec"] = kernel
    return book
