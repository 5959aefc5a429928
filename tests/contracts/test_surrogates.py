"""Text that no encoding holds is written as the replacement character, wherever it goes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, Video, View, open_pyramid, write_ome_zarr, write_tiff
from nbimage.base.text import clean_json, replace_surrogates

LONE = "\udcb0C"
ESCAPED = re.compile(r"(?<!\\)\\udcb0")
ARRAY = np.linspace(0, 1, 600, dtype=np.float32).reshape(20, 30)


def labelled() -> Any:
    xarray = pytest.importorskip("xarray")
    return xarray.DataArray(
        np.stack([ARRAY, ARRAY]),
        dims=("channel", "y", "x"),
        coords={"channel": [LONE, "b"], "x": ("x", np.arange(30.0), {"units": LONE})},
        attrs={"units": LONE, "long_name": f"temperature {LONE}"},
    )


def one() -> Any:
    return labelled()[0]


PAGES: dict[str, Callable[[], Any]] = {
    "picture": lambda: Picture(one(), title=LONE, alt=LONE, xlabel=LONE, colorbar=LONE),
    "overlay": lambda: Picture(ARRAY, overlay=("text", LONE, {"at": (1, 1)})),
    "grid": lambda: Grid({LONE: ARRAY, "b": ARRAY}, title=LONE),
    "grid by keys of two": lambda: Grid({(LONE, "a"): ARRAY, ("b", LONE): ARRAY}),
    "view of channels": lambda: View(np.zeros((9, 9, 2)), channels={LONE: "red", "b": "blue"}),
    "stack in a grid": lambda: Grid(labelled()),
    "view": lambda: View(labelled(), title=LONE),
    "views": lambda: View({LONE: ARRAY, "b": ARRAY}),
    "tiled view": lambda: View(labelled(), embed=False, title=LONE),
    "video": lambda: Video(labelled(), title=LONE, progress=False),
}


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_whole_text(page: str, tmp_path: Path) -> None:
    shown = PAGES[page]()
    assert "�" in shown.html or page == "overlay"  # which is base64
    for text in (shown.html, repr(shown)):
        text.encode()
        assert not ESCAPED.search(text)
    bundle, _ = shown._repr_mimebundle_()
    json.dumps(bundle, ensure_ascii=False).encode()
    if page not in ("video", "tiled view"):
        shown.save(tmp_path / "a.html")
        assert not ESCAPED.search((tmp_path / "a.html").read_text("utf-8"))
    if page in ("picture", "overlay"):
        shown.save(tmp_path / "a.svg")
        (tmp_path / "a.svg").read_text("utf-8")
    if page == "tiled view":
        shown.export(tmp_path / "folder", progress=False)
        text = (tmp_path / "folder" / "index.html").read_text("utf-8")
        assert "�" in text
        assert not ESCAPED.search(text)


@pytest.mark.parametrize("write", [write_ome_zarr, write_tiff])
def test_written_names_are_whole_text(write: Any, tmp_path: Path) -> None:
    pytest.importorskip("zarr" if write is write_ome_zarr else "tifffile")
    path = write(labelled(), tmp_path / ("a.zarr" if write is write_ome_zarr else "a.tif"))
    with open_pyramid(path) as pyramid:
        assert pyramid.channel_names in (("�C", "b"), ())
        assert np.array_equal(pyramid.read(0, index=(0,) * len(pyramid.axes)), ARRAY)


def test_only_surrogates_that_stand_alone_are_replaced() -> None:
    assert replace_surrogates("a°µ😀") == "a°µ😀"
    assert replace_surrogates("\ud83d\ude00") == "😀"
    assert replace_surrogates("a\udcffb\ud800") == "a�b�"
    assert clean_json({"\udcff": ["\udc00", 1, None, ("x",)]}) == {"�": ["�", 1, None, ["x"]]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file whose name is no text."""
    monkeypatch.chdir(tmp_path)
    try:
        np.save(b"\xff.npy".decode(errors="surrogateescape"), ARRAY)
    except (OSError, UnicodeError):
        pytest.skip("file names are text here")
    return tmp_path


def run(*arguments: str | bytes, **options: Any) -> subprocess.CompletedProcess[bytes]:
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8:strict", "PYTHONPATH": root}
    command = [sys.executable, "-m", "nbimage", *arguments]
    return subprocess.run(command, env=environment, check=False, timeout=100, **options)


def test_file_names_that_are_no_text_are_printed(folder: Path) -> None:
    done = run("png", b"\xff.npy", b"\xfe.svg", capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith("�.svg: 20×30 float32".encode())
    done = run("view", b"\xff.npy", "--export", "out", capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "�.npy" in (folder / "out" / "index.html").read_text("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="pipes of a shell")
@pytest.mark.parametrize(
    "arguments",
    [
        ["info", "a.npy"],
        ["png", "a.npy", "b.png"],
        ["dzi", "a.npy", "a.dzi"],
        ["view", "a.npy", "--no-browser"],
        ["--help"],
        ["info", "--help"],
    ],
)
def test_a_closed_pipe_ends_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", ARRAY)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(*arguments, stdout=writing, stderr=subprocess.PIPE)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="pipes of a shell")
def test_an_error_that_nobody_reads_is_one_for_the_shell() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run("info", "nowhere.npy", stdout=subprocess.PIPE, stderr=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stdout) == (2, b"")
