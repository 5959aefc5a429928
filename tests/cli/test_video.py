"""``nbimage video``: frames of every kind of source to a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nbimage import Video
from nbimage.cli.main import main

FRAMES = np.random.default_rng(0).integers(0, 256, (6, 48, 64), dtype=np.uint8)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    np.save(tmp_path / "stack.npy", FRAMES)
    pages = [Image.fromarray(frame) for frame in FRAMES]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    pages[0].save(tmp_path / "frames.gif", save_all=True, append_images=pages[1:])
    (tmp_path / "folder").mkdir()
    for number, page in enumerate(pages):
        page.save(tmp_path / "folder" / f"{number:03d}.png")
    return tmp_path


@pytest.mark.parametrize(
    "source", ["stack.npy", "pages.tif", "frames.gif", "folder", "folder/*.png"]
)
def test_every_source_gives_all_of_its_frames(
    sources: Path, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = sources / "out.mp4"
    command = [
        "video",
        str(sources / source),
        str(target),
        "--fps",
        "24000/1001",
        "--counter",
        "ul",
    ]
    assert main(command) == 0
    assert target.read_bytes()[4:8] == b"ftyp"
    assert "6 frames" in capsys.readouterr().out


def test_a_counter_may_be_asked_for_without_a_corner(
    sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["video", str(sources / "stack.npy"), str(sources / "x.mp4"), "--counter"]) == 0
    said = "files enlarged 8 times to 384×512, so that the counter can be read"
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("x.webm", b"\x1aE\xdf\xa3"),
        ("x.ogv", b"OggS"),
        ("x.gif", b"GIF89a"),
        ("x.webp", b"RIFF"),
        ("x.apng", b"\x89PNG"),
        ("x.html", b"<!DOCTYPE html>"),
    ],
)
def test_the_suffix_chooses_the_codec(sources: Path, name: str, head: bytes) -> None:
    assert main(["video", str(sources / "stack.npy"), str(sources / name)]) == 0
    assert (sources / name).read_bytes().startswith(head)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing.npy", "x.mp4"],
        ["empty", "x.mp4"],
        ["none/*.png", "x.mp4"],
        ["stack.npy", "x.avi"],
        ["stack.npy", "x.mp4", "--quality", "99"],
        ["stack.npy", "x.mp4", "--fps", "0"],
    ],
)
def test_what_will_not_do_is_refused_in_one_line(
    sources: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (sources / "empty").mkdir()
    source, target, *rest = arguments
    assert main(["video", str(sources / source), str(sources / target), *rest]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("nbimage: ")
    assert errors.count("\n") == 1
    assert not (sources / target).exists()


def test_the_figure_is_in_each_frame_of_the_file(sources: Path) -> None:
    target = sources / "figure.mp4"
    command = ["video", str(sources / "stack.npy"), str(target), "--figure", "--scale", "2"]
    assert main(command) == 0
    assert target.read_bytes() == Video(FRAMES, figure=True, scale=2).files["h264"]
