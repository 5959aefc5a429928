"""Texts that steer terminals, turn lines round, name more than a value: they are texts."""

from __future__ import annotations

import argparse
import logging
import os
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from nbimage import (
    Grid,
    Picture,
    Shape,
    Shapes,
    Video,
    View,
    frames,
    open_pyramid,
    write_tiff,
)
from nbimage.base.text import clean_shown, close_directions, fill_format, show_controls
from nbimage.cli import slim
from nbimage.cli.main import main
from nbimage.grids.grid_files import name_files
from nbimage.view.shapes import imagej

FIELD = np.linspace(0, 1, 63, dtype=np.float32).reshape(7, 9)
STEERS = "\x1b]0;title\x07\x1b[2J\x9b1m\x08\r\u202e"
OBEYED = set("\x1b\x07\x9b\x08\r\u202e")


def test_a_terminal_is_not_steered_by_names_and_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"a{STEERS}\nnbimage: all is well"
    for argv in (
        ["info", f"{name}.npy"],
        ["-v", "png", f"{name}.npy", "a.png"],
        ["png", "b.npy", f"{name}.xyz"],
        ["png", "b.npy", "b.png", "--cmap", name],
    ):
        np.save("b.npy", FIELD)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert main(argv) == 2
        out, err = capsys.readouterr()
        assert not OBEYED & set(out + err)
        assert err.count("\n") == 1 + ("-v" in argv) * err.count("nbimage.")
    if os.name == "nt":
        return
    np.save(f"{name}.npy", FIELD)
    assert main(["-v", "png", f"{name}.npy", "a.png"]) == 0
    out, err = capsys.readouterr()
    assert not OBEYED & set(out + err)
    assert not [line for line in err.splitlines() if line.startswith("nbimage: ")]
    assert not logging.getLogger("nbimage").handlers[1:]


def test_what_a_terminal_obeys_is_shown_as_python_writes_it() -> None:
    assert show_controls("a\x1b[2J\nb\u202e µ°\u2009😀") == "a\\x1b[2J\\nb\\u202e µ°\u2009😀"


@pytest.mark.parametrize("door", [Picture, Grid, View])
def test_an_error_is_a_short_line_whatever_was_given(door: Any) -> None:
    for text in ("A" * 1_000_000, STEERS * 9, f"a\n{STEERS}"):
        for name in ("cmap", "contrast", "norm", "background", "width"):
            with pytest.raises((TypeError, ValueError)) as raised:
                door(FIELD[None] if door is Grid else FIELD, **{name: text})
            words = str(raised.value)
            assert len(words) < 2000
            assert not OBEYED & set(words)
            assert "\n" not in words


def test_a_name_that_turns_its_line_round_ends_where_it_ends() -> None:
    assert close_directions("\u202ea") == "\u202ea\u202c"
    assert close_directions("\u2066a\u202eb\u2069c") == "\u2066a\u202eb\u2069c"
    assert close_directions("\u2067a\u202bb") == "\u2067a\u202bb\u202c\u2069"
    assert close_directions("añ‮b‬") == "añ‮b‬"
    html = Picture(np.stack([FIELD] * 2), channels=["\u202ea", "b"], channel_axis=0).html
    assert "\u202ea\u202c<" in html
    shown = clean_shown({"name": "\u202ea", "state": {"shapes": [{"label": "\u202ea"}]}})
    assert shown == {"name": "\u202ea\u202c", "state": {"shapes": [{"label": "\u202ea"}]}}


@pytest.mark.parametrize(
    "pattern",
    ["{title.__class__}", "{title[0]}", "{index.real}", "{index:99999}", "{index:{title}}"],
)
def test_a_format_has_a_value_and_nothing_within_it(pattern: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        fill_format(pattern, title="a", index=1)
    with pytest.raises(ValueError, match=r"\{index\}"):
        name_files(f"{pattern}{{index}}.png", [1], ["a"])
    counter = pattern.replace("title", "").replace("index", "")
    with pytest.raises(ValueError, match="counter must be a format"):
        Video(np.stack([FIELD] * 2), counter=counter, format="apng")


def test_a_title_of_any_length_names_a_file_within_the_folder(tmp_path: Path) -> None:
    titles = ["A" * 9999, "../../b", "/etc/c", "..\\d", "~/e", "-f", "\0g", "漢" * 999, "{index}"]
    grid = Grid([FIELD] * len(titles), titles, columns=3)
    paths = grid.save(tmp_path / "{index}-{title}.png")
    assert isinstance(paths, list)
    assert {path.parent for path in paths} == {tmp_path}
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_a_title_is_shown_whatever_it_is() -> None:
    assert "[&#x27;a&#x27;]" in Grid([FIELD], title=["a"]).html  # type: ignore[arg-type]


def test_names_that_xml_can_not_hold_are_written_without(tmp_path: Path) -> None:
    for ome in (True, False):
        target = tmp_path / ("a.ome.tif" if ome else "b.tif")
        path = write_tiff(
            np.stack([FIELD] * 2), target, axes="cyx", channel_names=["a\x1b<b", "\x00\ufffec&"]
        )
        with open_pyramid(path) as pyramid:
            held = ("a<b", "c&") if ome else ("a\x1b<b", "\x00\ufffec&")  # in JSON as they are
            assert pyramid.channel_names == held
    svg = Picture(FIELD, title="a\x1b\ufffe<b>", overlay=("text", "\x00c", {"at": (1, 1)})).svg
    assert "a<b>" in "".join(ElementTree.fromstring(svg).itertext())


# ------------------------------------------------------------------------------- files


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Makes what no reader may wait for, or read to its end: a pipe, and a link to a device."""
    if not hasattr(os, "mkfifo") or not Path("/dev/zero").exists():
        pytest.skip("no pipes and devices here")

    def make(name: str) -> Path:
        path = tmp_path / name
        if "pipe" in name:
            os.mkfifo(path)
        else:
            path.symlink_to("/dev/zero")
        return path

    yield make


READ: dict[str, Callable[[Path], Any]] = {
    ".geojson": Shapes.from_geojson,
    ".roi": Shapes.from_imagej,
    ".zip": Shapes.from_imagej,
    ".html": lambda path: slim.run(argparse.Namespace(pages=[str(path)])),
    ".npy": open_pyramid,
    ".npz": open_pyramid,
    ".tif": open_pyramid,
    ".png": Picture,
    ".mp4": Video,
    ".zarr": View,
    ".szi": open_pyramid,
    ".companion.ome": open_pyramid,
    ".json": open_pyramid,
}


@pytest.mark.parametrize("kind", ["pipe", "zero"])
@pytest.mark.parametrize("suffix", READ)
def test_pipes_and_devices_are_refused_at_once(
    suffix: str, kind: str, endless: Callable[[str], Path]
) -> None:
    path = endless(f"{kind}{suffix}")
    found: list[Any] = []

    def read() -> None:
        try:
            found.append(READ[suffix](path))
        except (ValueError, OSError) as error:
            found.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(100)
    assert len(found) == 1, "it waits"
    assert isinstance(found[0], Exception)
    assert "\n" not in str(found[0])


def test_an_archive_of_shapes_is_unpacked_only_if_it_is_not_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("roifile")
    monkeypatch.setattr(imagej, "_MOST", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(3):
            file.writestr(f"../../{number}.roi", bytes(1 << 19))
    with pytest.raises(ValueError, match=r"a\.zip.*at most 1 MiB, but have 1\.5$"):
        Shapes.from_imagej(tmp_path / "a.zip")


def test_labels_that_are_no_text_are_written_as_text(tmp_path: Path) -> None:
    shapes = Shapes([Shape("box", [(0, 0), (2, 3)], "a\udcff")])
    shapes.to_geojson(tmp_path / "a.geojson")
    assert Shapes.from_geojson(tmp_path / "a.geojson")[0].label == "a�"
    pytest.importorskip("roifile")
    assert Shapes.from_imagej(shapes.to_imagej(tmp_path / "a.zip"))[0].label == "a�"


@pytest.mark.parametrize("name", ["../secret.mp4", "{path}", "file:{path}", "pipe:0"])
def test_a_list_of_videos_names_none_elsewhere(name: str, tmp_path: Path) -> None:
    """What is called a video, but names others, is none to ffmpeg where these lie elsewhere."""
    [path] = Video(np.zeros((2, 32, 48), np.uint8), progress=False).save(tmp_path / "secret")
    named = name.format(path=path)
    (tmp_path / "inner").mkdir()
    for suffix, text in {
        "mp4": f"ffconcat version 1.0\nfile '{named}'\n",
        "ts": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{named}\n#EXT-X-ENDLIST\n",
    }.items():
        listed = tmp_path / "inner" / f"a.{suffix}"
        listed.write_text(text, "utf-8")
        with pytest.raises(ValueError, match="must be a whole video"):
            frames(listed)
