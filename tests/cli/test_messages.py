"""Slips on the command line: one line each, in its own words, with the way out."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage.cli.main import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a picture, a stack, two frames and an archive of two arrays."""
    monkeypatch.chdir(tmp_path)
    array = np.arange(96, dtype=np.uint8).reshape(8, 12)
    np.save("picture.npy", array / 96)
    np.save("stack.npy", np.stack([array] * 6))
    np.save("color.npy", np.stack([array] * 3, -1))
    np.savez("two.npz", a=array, b=array[None])
    for name in ("1.png", "2.png"):
        Image.fromarray(array).save(name)
    return tmp_path


def end(*arguments: str) -> int | str | None:
    try:
        return main(arguments)
    except SystemExit as ended:  # argparse
        return ended.code


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("picture.npy", "no verb 'picture.npy': nbimage view FILE shows it"),
        ("vew picture.npy", "no verb 'vew': did you mean view?"),
        ("paint", "no verb 'paint': choose from convert, png, tiff"),
        ("convert picture.npy x.png --colormap gray", "no option --colormap: did you mean --cmap?"),
        ("convert picture.npy x.png --chanel-axis=0", "did you mean --channel-axis?"),
        ("info picture.npy --json", "no option --json (see nbimage info --help)"),
        ("info picture.npy stack.npy", "'stack.npy' is one too many: "),
        ("convert 1.png 2.png x.png", "'2.png' is one too many: several files are the frames of"),
        ("video 1.png --fps 3 2.png x.mp4", "'x.mp4' is one too many after OUT '2.png'"),
        ("convert picture.npy x.abc", "or another one: .tif, .tiff, .zarr"),
        ("convert picture.np x.png", "no such file or folder: 'picture.np': did you mean 'pictur"),
        ("slim page.html", "no such file or folder: 'page.html' in "),
        ("slim .", "is a directory: '.'"),
        ("convert stack.npy x.png", "nbimage view shows one at a time, .mp4 and .gif play them"),
        ("convert stack.npy x.png", "; --channel-axis says where channels are"),
        ("convert stack.npy x.dzi", 'such as --planes "axis 0=0", or give --planes all'),
        ("dzi stack.npy x --planes t=1", "but got 't': --axes gives them names"),
        ("convert two.npz x.png", "choose one by --key"),
        ("info two.npz", "choose one by --key"),
        ("video two.npz x.mp4", "choose one by --key"),
        ("video two.npz x.mp4 --key a", "nbimage convert writes one picture"),
        ("video picture.npy stack.npy x.mp4 --key a", "--key must be left out where there are"),
        ("video stack.npy x.mp4 --fps 0", "must be a number above 0, at most 1000, but got 0\n"),
        ("info .", "nbimage video takes a folder of pictures"),
        ("view --hlep", "no option --hlep: did you mean --help?"),
        ("dzi --tilesize=3", "no option --tilesize: did you mean --tile-size?"),
        ("video --fps 3", "are required: IN, OUT"),
    ],
)
def test_a_slip_gets_one_line_without_python(
    folder: Path, capsys: pytest.CaptureFixture[str], line: str, says: str
) -> None:
    before = sorted(folder.iterdir())
    assert end(*line.split()) == 2
    error = capsys.readouterr().err
    assert says in error and error.startswith("nbimage")
    assert error.count("\n") == 1
    assert not re.search(r"\w\(|\[\d|\[Errno|\b[a-z_]+=[^\d]", error), "a call of Python"
    assert sorted(folder.iterdir()) == before


def test_help_and_version_by_other_names(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("help",), ("--help",)):
        assert end(*words) in (0, None)
        assert "convert" in capsys.readouterr().out
    assert end("help", "slim") in (0, None)
    assert "PAGE.html" in capsys.readouterr().out
    assert end("-V") in (0, None)
    assert capsys.readouterr().out.startswith("nbimage ")


def test_several_pictures_are_the_frames_of_a_video(folder: Path, capsys: Any) -> None:
    """As a shell makes of a pattern that is not quoted."""
    for verb in ("video", "convert"):
        assert end(verb, "1.png", "2.png", "x.gif") == 0
        assert "2 frames of 8×12" in capsys.readouterr().out


def test_warnings_are_lines_without_code(
    folder: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["nbimage", "video", "color.npy", "x.gif"])
    assert main() == 0
    error = capsys.readouterr().err
    assert error == (
        "nbimage: shape (8, 12, 3) was taken as 8 frames of 12×3: nbimage convert writes one "
        "picture in color\n"
    )


def test_an_array_of_an_archive_is_named_by_every_verb_that_reads_one(folder: Path) -> None:
    assert end("info", "two.npz", "--key", "a") == 0
    assert end("video", "two.npz", "x.gif", "--key", "b") == 0
    assert end("convert", "two.npz", "y.gif", "--key", "b") == 0
    assert Path("x.gif").read_bytes() == Path("y.gif").read_bytes()
