"""A suffix that names a format is believed or refused; a dot in a name is a part of the name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, Video, View
from nbimage.base.suffixes import name_suffix, resolve_name

GRAY = np.zeros((20, 20), np.uint8)
MADE: dict[str, Any] = {
    "picture": lambda: Picture(GRAY),
    "grid": lambda: Grid([GRAY, GRAY]),
    "view": lambda: View(GRAY),
    "video": lambda: Video([GRAY, GRAY]),
}


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("x.html", "html"),
        ("X.PNG", "png"),
        ("x.tar.gz", "gz"),
        ("data.npz", "npz"),
        ("notes.txt", "txt"),
        ("x.xyz", "xyz"),
        ("x.pgn", "pgn"),
        ("plot.v2", ""),
        ("run.1", ""),
        ("mean.of.three", ""),
        ("panel.c", ""),
        ("x", ""),
        (".png", ""),
        ("folder.zip/x", ""),
    ],
)
def test_a_suffix_is_that_of_a_format(name: str, suffix: str) -> None:
    assert name_suffix(name) == name_suffix(Path(name)) == suffix


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize(
    "name", ["x.tar.gz", "x.txt", "x.tiff", "x.npz", "x.avi", "x.eps", "x.xyz", "x.pgn"]
)
def test_a_suffix_of_another_format_is_refused_in_one_line(
    tmp_path: Path, kind: str, name: str
) -> None:
    default = "mp4" if kind == "video" else "html" if kind == "view" else "png"
    possible = rf"is saved as \.{default}[^\n]* or \.\w+, but got [^\n]*{name}'[^\n]*"
    with pytest.raises(ValueError, match=rf"^[^\n]*{possible}$"):
        MADE[kind]().save(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("suffix", ["html", "HTM", "png", "svg", "pdf", "jpg", "mp4", "ogv"])
def test_a_suffix_that_is_possible_is_kept_and_others_write_nothing(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    try:
        MADE[kind]().save(tmp_path / f"x.{suffix}")
    except ValueError:
        assert not list(tmp_path.iterdir())
    else:
        assert [path.name for path in tmp_path.iterdir()] == [f"x.{suffix}"]


def test_an_animation_keeps_the_suffix_that_it_is_given(tmp_path: Path) -> None:
    video = Video([GRAY, GRAY], h264=None, format="apng")
    for name in ("a.png", "b.apng", "c"):
        (path,) = video.save(tmp_path / name)
        assert path.name == (name if "." in name else f"{name}.png")
        video.refer_to([path])


def test_what_has_no_figure_of_one_page_is_no_pdf(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*x\.pdf[^\n]*$"):
        MADE["video"]().save(tmp_path / "x.pdf")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["picture", "grid", "view"])
def test_what_has_a_figure_of_one_page_is_a_pdf(tmp_path: Path, kind: str) -> None:
    assert MADE[kind]().save(tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("name", ["plot.v2", "run.1"])
def test_a_dot_in_a_name_is_a_part_of_it(tmp_path: Path, kind: str, name: str) -> None:
    MADE[kind]().save(tmp_path / name)
    (found,) = tmp_path.iterdir()
    assert found.name == name + {"video": ".mp4", "view": ".html"}.get(kind, ".png")


@pytest.mark.parametrize("path", [True, 3, None, ["x.png"]])
def test_what_is_no_path_is_named(path: object) -> None:
    for call in (name_suffix, lambda given: resolve_name(given, {"png": "png"}, "a picture")):
        with pytest.raises(TypeError, match=r"^a file must have a name, but got .*: give it as"):
            call(path)
