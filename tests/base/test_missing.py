"""What is said of a path that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbimage import Picture, View, frames
from nbimage.base.disk.missing import describe_missing


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with one picture and a folder in it."""
    Picture([[1, 2]]).save(tmp_path / "photo.png")
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["photo.PNG", "phto.png", "photo.jpg", "Photo.png", "photo"])
def test_a_name_like_it_is_named(folder: Path, name: str) -> None:
    for path in (Path(name), folder / name):
        if path.exists():  # where small letters and large ones are the same
            continue
        near = path.with_name("photo.png")
        expected = f"no such file or folder: {str(path)!r}: did you mean {str(near)!r}?"
        assert describe_missing(path) == expected


def test_where_it_would_be_is_said_of_a_relative_path(folder: Path) -> None:
    assert describe_missing("xyz.tif") == f"no such file or folder: 'xyz.tif' in {Path.cwd()}"
    assert describe_missing(folder / "xyz.tif").endswith("xyz.tif'")


def test_the_folder_that_is_missing_is_named(folder: Path) -> None:
    text = describe_missing(Path("images", "day", "x.png"))
    assert text.endswith(f": there is no folder 'images' in {Path.cwd()}")
    assert describe_missing(Path("dat", "x.png")).endswith(": did you mean 'data'?")


@pytest.mark.parametrize("call", [Picture, View, frames])
def test_every_door_says_it(folder: Path, call: type) -> None:
    with pytest.raises(FileNotFoundError, match=r"'photo.tif': did you mean 'photo.png'"):
        call("photo.tif")


def test_names_that_no_system_takes_are_said_in_one_line(folder: Path) -> None:
    assert "\n" not in describe_missing("a\0b" + "c" * 5000)
