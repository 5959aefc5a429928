"""The log "nbimage": silent and never formatted by default, shown by -v, without secrets."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Video, View, open_pyramid
from nbimage.base.box import Box
from nbimage.cli.main import main
from nbimage.logs import Lazily, find_log
from nbimage.pyramid.levels.level_cache import with_level_cache
from nbimage.view.serve.http_server import TileServer
from tests.web_server import serving

IMAGE = np.random.default_rng(3).integers(0, 4000, (300, 400)).astype(np.uint16)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "nbimage")
    return caplog


def lines(caplog: pytest.LogCaptureFixture, subject: str) -> str:
    name = f"nbimage.{subject}"
    return "\n".join(each.getMessage() for each in caplog.records if each.name == name)


def test_what_is_opened_read_and_written_is_logged(logged: Any, tmp_path: Path) -> None:
    main(["tiff", "x.npy", str(tmp_path / "none.tif")])
    np.save(tmp_path / "a.npy", IMAGE)
    main(["convert", str(tmp_path / "a.npy"), str(tmp_path / "a.tif")])
    with open_pyramid(tmp_path / "a.tif") as found:
        found.read(0, slice(10, 20), slice(30, 40))
    assert f"{tmp_path / 'a.tif'} by TiffSource: ((300, 400)" in lines(logged, "open")
    assert "Box(top=10, bottom=20, left=30, right=40)" in lines(logged, "read")
    assert str(tmp_path / "a.tif") in lines(logged, "write")


def test_ffmpegs_commands_are_logged(logged: Any) -> None:
    assert Video([IMAGE, IMAGE], progress=False).files
    assert "-f rawvideo -pix_fmt" in lines(logged, "ffmpeg")


def test_levels_of_the_cache_are_logged(
    logged: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tifffile = pytest.importorskip("tifffile")
    monkeypatch.setenv("NBIMAGE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.tile(IMAGE, (4, 4)), compression="zlib", rowsperstrip=16)
    for word in ("build", "use"):
        logged.clear()
        plain = open_pyramid(path, cache=False).source
        source = with_level_cache(plain, path, always=True, progress=False)
        source.read(1, Box(0, 10, 0, 10), ())
        source.close()
        assert lines(logged, "cache").startswith(f"{word} {tmp_path / 'cache'}")


def test_what_is_served_is_logged_without_the_token(logged: Any, tmp_path: Path) -> None:
    view = View(IMAGE, embed=False)
    with TileServer(view.model) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        urllib.request.urlopen(server.address).close()
        server.shutdown()
        thread.join()
    view.model.close()
    said = lines(logged, "serve")
    assert "GET" in said
    assert ": 200, " in said
    assert server.token not in said


def test_what_is_fetched_is_logged_without_secrets(logged: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", IMAGE)
    with serving(tmp_path) as server:
        open_pyramid(f"{server.address}/a.npy?signature=hush").close()
    everything = "\n".join(record.getMessage() for record in logged.records)
    assert "a.npy" in lines(logged, "read")
    assert "hush" not in everything


def test_nothing_is_printed_and_nothing_formatted_by_default(capfd: Any) -> None:
    def fail() -> str:
        raise AssertionError("it was formatted")

    log = find_log("open")
    assert not log.isEnabledFor(logging.DEBUG)
    log.debug("%s", Lazily(fail))
    log.info("%s", Lazily(fail))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("arguments", [["-v", "info", "a.npy"], ["info", "a.npy", "--verbose"]])
def test_the_program_says_it_on_demand(tmp_path: Path, arguments: list[str]) -> None:
    np.save(tmp_path / "a.npy", IMAGE)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "nbimage", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    plain, told = run("info", "a.npy"), run(*arguments)
    assert plain.stderr == ""
    assert told.stdout == plain.stdout
    assert told.stderr.startswith("nbimage.open: a.npy by ArraySource: ((300, 400),) of uint16\n")


def test_a_program_that_says_it_leaves_no_handler(tmp_path: Path, capsys: Any) -> None:
    np.save(tmp_path / "a.npy", IMAGE)
    log = logging.getLogger("nbimage")
    before = log.level, list(log.handlers)
    main(["-v", "info", str(tmp_path / "a.npy")])
    assert (log.level, log.handlers) == before
    assert "nbimage.open" in capsys.readouterr().err
