"""Servers of front-ends on loopback ports, with a home of their own; processes that end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from tests.frontends.environments import ROOT

HANG = 300  # seconds after which nothing more will come


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def environment(home: Path, python: Path | None = None, theme: str = "") -> dict[str, str]:
    """Return the variables of a program that reads none of the user's settings."""
    own = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "xdg"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "BOKEH_RESOURCES": "server",
        "JUPYTER_NO_CONFIG": "",
    }
    for name in ("CONFIG", "DATA", "RUNTIME"):
        own[f"JUPYTER_{name}_DIR"] = str(home / name.lower())
    own["IPYTHONDIR"] = str(home / "ipython")
    own["JUPYTERLAB_SETTINGS_DIR"] = str(home / "settings")
    own["JUPYTERLAB_WORKSPACES_DIR"] = str(home / "workspaces")
    if python is not None:
        _write_jupyter_home(home, python, theme)
    return {**os.environ, **own}


def _write_jupyter_home(home: Path, python: Path, theme: str) -> None:
    labconfig = home / "config" / "labconfig"
    kernel = home / "data" / "kernels" / "python3"
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    for folder in (labconfig, kernel, settings):
        folder.mkdir(parents=True, exist_ok=True)
    news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (labconfig / "page_config.json").write_text(json.dumps(news))
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    specification = {"argv": command, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(specification))
    if theme:
        (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))


class Server:
    """A program that serves an address, for as long as this is entered."""

    def __init__(self, command: Sequence[object], url: str, folder: Path, home: dict[str, str]):
        self.command, self.url, self.folder, self.home = [*map(str, command)], url, folder, home

    def __enter__(self) -> Server:
        self.log = Path(tempfile.mkstemp(suffix=".log")[1])
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + HANG
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self._end()
                raise RuntimeError(f"{self.command[:3]} serves nothing: {self.said()[-2000:]}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self.log.unlink()

    def said(self) -> str:
        """Return what it has printed."""
        return self.log.read_text("utf-8", "replace")

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url, timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def _end(self) -> None:
        for one in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, one)
                self.process.wait(10)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue
            return
