"""`nbimage export FILE … OUT`: a folder, one page or a picture, by the name of OUT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import View
from nbimage.cli.main import main

IMAGE = np.random.default_rng(3).integers(0, 4000, (300, 400)).astype(np.uint16)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", IMAGE)
    np.save("b.npy", IMAGE[::-1])
    return tmp_path


def test_a_name_without_a_suffix_is_a_folder(capsys: Any) -> None:
    assert main(["export", "a.npy", "b.npy", "out", "--raw", "--vmax=3000"]) == 0
    assert capsys.readouterr().out.endswith("out: open its index.html\n")
    main(["view", "a.npy", "b.npy", "--export", "same", "--raw", "--vmax=3000"])
    files = {str(each.relative_to("out")) for each in Path("out").rglob("*") if each.is_file()}
    assert "index.html" in files
    assert files == {str(e.relative_to("same")) for e in Path("same").rglob("*") if e.is_file()}


def test_a_page_holds_all_values() -> None:
    assert main(["export", "a.npy", "out.html", "--cmap", "viridis"]) == 0
    size = {"width": 960.0, "height": 560.0}
    View(IMAGE, title="a.npy", cmap="viridis", **size).save("expected.html")
    assert Path("out.html").read_bytes() == Path("expected.html").read_bytes()


@pytest.mark.parametrize("name", ["out.png", "out.svg", "out.pdf"])
def test_what_is_seen_is_a_picture(name: str) -> None:
    assert main(["export", "a.npy", name]) == 0
    assert Path(name).stat().st_size > 1000


@pytest.mark.parametrize(
    "arguments",
    [["out.html", "--raw"], ["out.tif"], ["out.html", "--quality=3"], ["out.html", "--quality=0"]],
)
def test_what_does_not_fit_is_refused_in_one_line(arguments: list[str], capsys: Any) -> None:
    assert main(["export", "a.npy", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not Path(arguments[0]).exists()
