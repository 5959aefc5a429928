"""`share_scripts` and `nbimage slim`: each script once in a page, and all outputs work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, View
from nbimage.cli.main import main
from nbimage.page.html import document_html
from nbimage.page.shared_scripts import share_scripts
from tests.e2e.explorer import Viewer
from tests.e2e.harness import Chromium

IMAGES = np.random.default_rng(8).random((6, 30, 40))
SHOWN = """() => [
  document.querySelectorAll(".nbimage-view[data-ready]").length,
  document.querySelectorAll(".nbimage-grid[data-ready]").length,
  document.querySelectorAll(".nbimage-handle").length / 8,
]"""


def outputs() -> list[str]:
    """Three explorers, of which one has another script, two grids, and two pictures."""
    views = [View(IMAGES[0]), View(IMAGES[1], display_id="b"), View(IMAGES)]
    grids = [Grid(list(IMAGES[:3])), Grid(list(IMAGES[3:]))]
    return [each.html for each in (*views, *grids, Picture(IMAGES[0]), Picture(IMAGES[2]))]


def test_each_script_is_there_once() -> None:
    parts = outputs()
    page = document_html("".join(parts), "many")
    shared = share_scripts(page)
    large = re.findall(r"<script[^>]*>(\(.*?)</script>", shared, re.DOTALL)
    assert len(set(large)) == len(large) == 4  # two kinds of explorers, a grid's, a picture's
    assert len(shared) < len(page) - 73_000 - 19_000 - 4 * 4_000
    assert share_scripts(shared) == shared
    again = share_scripts(shared.replace("</body>", f"{parts[0]}</body>"))
    assert len(again) < len(shared) + len(parts[0]) - 73_000


def test_an_output_alone_stays_as_it_is() -> None:
    for html in outputs()[3:]:
        assert share_scripts(document_html(html, "one")) == document_html(html, "one")


def test_frames_templates_and_scripts_of_others_stay_as_they_are() -> None:
    frames = View(IMAGES[0]).iframe() * 2
    theirs = f"<script>{'theirs();' * 500}</script>" * 2
    hidden = f"<template>{Picture(IMAGES[0]).html}</template>"
    for html in (frames, theirs, hidden + Picture(IMAGES[0]).html):
        assert share_scripts(html) == html


def test_all_outputs_of_such_a_page_work(tmp_path: Path, capsys: Any) -> None:
    parts = [f"<div>{html}</div>" for html in outputs()]
    path, plain = tmp_path / "many.html", tmp_path / "plain.html"
    for each in (path, plain):
        each.write_text(document_html("".join(parts), "many"), "utf-8")
    assert main(["slim", str(path)]) == 0
    assert re.fullmatch(r".*many.html: 0\.\d+ MB, now 0\.\d+ MB\n", capsys.readouterr().out)
    assert path.stat().st_size < plain.stat().st_size - 100_000
    drawn: list[list[np.ndarray]] = []
    with Chromium() as browser:
        for each in (plain, path):
            page = browser.new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error, known=errors: known.append(str(error)))
            page.goto(each.as_uri())
            viewers = [Viewer(page, i) for i in range(3)]
            for viewer in viewers:
                viewer.settle()
            drawn.append([viewer.pixels() for viewer in viewers])
            assert (page.evaluate(SHOWN), errors) == ([3, 2, 5], [])  # fallbacks are pictures too
    for one, other in zip(*drawn, strict=True):
        assert one.std() > 50
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("written", [b"{}", b"", b"<p>\xe9</p>", b"\x89PNG\r\n"])
def test_what_is_no_page_is_refused_in_a_line(
    written: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "book.ipynb"
    path.write_bytes(written)
    assert main(["slim", str(path)]) == 2
    told = capsys.readouterr().err
    assert "must be a page of HTML in UTF-8, but got" in told and told.count("\n") == 1
    assert path.read_bytes() == written


def test_a_page_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"\xef\xbb\xbf\r\n<p>one</p>")
    assert main(["slim", str(path)]) == 0
    assert path.read_bytes() == b"\xef\xbb\xbf\r\n<p>one</p>"


@pytest.mark.parametrize("text", ["", "<script", "a < b", "<script></script>" * 3, "<p>é\n</p>"])
def test_any_text_stays_as_it_is(text: str) -> None:
    assert share_scripts(text) == text
