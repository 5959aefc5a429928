"""In a Python with one thread, or without what a browser or Windows lacks, all is the same."""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import nbimage


@cache
def made(*without: str) -> dict[str, list[str]]:
    """What `tests.alone` makes: digests of the bytes and of the pixels, or what was said."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.alone", *without]
    if "no-posix" in without:
        command[1:1] = ["-X", "warn_default_encoding"]  # Windows has another one
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("where", [(), ("loop",)], ids=["program", "notebook"])
def test_without_threads_the_same_bytes_are_made(where: tuple[str, ...]) -> None:
    assert made("no-threads", *where) == made()


def test_without_what_only_posix_systems_have_the_same_bytes_are_made() -> None:
    assert made("no-posix") == made()


def test_without_the_packages_that_a_browser_lacks_the_same_pixels_are_made() -> None:
    alone = made("no-threads", "no-packages")
    others = {name: pixels for name, (_, pixels) in made().items() if "videos" not in name}
    assert {name: pixels for name, (_, pixels) in alone.items() if name in others} == others


def test_without_ffmpeg_a_video_says_in_one_line_what_to_do() -> None:
    [said] = [one[0] for name, one in made("no-threads", "no-packages").items() if "h264" in name]
    assert "pip install imageio-ffmpeg" in said and 'format="webp"' in said
    assert "\n" not in said


SAY = """
import json
import numpy as np
import nbimage
from nbimage.view.serve.http_server import TileServer
from tests import alone

alone.forbid_threads()
said = []
for call in (
    lambda: nbimage.View("https://127.0.0.1/a.tif"),
    lambda: nbimage.open_pyramid("s3://bucket/a.tif"),
    lambda: nbimage.write_ome_zarr(np.eye(300), "a.ome.zarr"),
    lambda: TileServer(nbimage.View(np.eye(300), embed=False).model),
):
    try:
        call()
    except RuntimeError as error:
        said.append(str(error))
print(json.dumps(said))
"""


def test_what_needs_threads_says_in_one_line_what_to_do() -> None:
    done = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True)
    fetched, other, written, served = json.loads(done.stdout)
    assert fetched == other and "pyodide.http.pyfetch" in fetched
    assert "write_tiff" in written and "View.export" in served
    for said in (fetched, written, served):
        assert "needs threads" in said and "\n" not in said


@pytest.mark.parametrize("package", ["isal", "imageio_ffmpeg"])
def test_the_marks_of_a_browser_leave_out_what_has_no_wheels_for_it(package: str) -> None:
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(Path(nbimage.__file__).parents[1] / "setup.cfg", "utf-8")
    lines = settings["options"]["install_requires"].split("\n")
    needed = {one.name.replace("-", "_"): one for one in map(Requirement, filter(None, lines))}
    marker = needed[package].marker
    assert marker is not None
    browser = {"sys_platform": "emscripten", "platform_system": "Emscripten", "extra": ""}
    assert not marker.evaluate({**browser, "platform_machine": "wasm32"})
    assert marker.evaluate(
        {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"}
    )
