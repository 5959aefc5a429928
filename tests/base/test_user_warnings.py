"""Warnings are collected without a filter of the process being touched."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nbimage
from nbimage import Grid, Picture, data_uris, encode, open_pyramid
from nbimage.base.user_warnings import collect_warnings, warn
from nbimage.cli.main import main


def test_a_warning_points_at_the_caller() -> None:
    with pytest.warns(UserWarning, match="^here$") as caught:
        warn("here")
    assert caught[0].filename == __file__


def test_warnings_are_collected_by_the_innermost_and_of_this_thread() -> None:
    with collect_warnings() as outer:
        warn("one")
        with collect_warnings() as inner:
            warn("two")
        with pytest.warns(UserWarning, match="elsewhere"):
            thread = threading.Thread(target=warn, args=["elsewhere"])
            thread.start()
            thread.join()
        warn("three")
    assert (outer, inner) == (["one", "three"], ["two"])


def test_no_module_changes_what_the_process_filters() -> None:
    sources = {
        path: path.read_text("utf-8") for path in Path(nbimage.__file__).parent.rglob("*.py")
    }
    for word in ("warnings.catch_", "warnings.simple", "warnings.filterw", "MAX_IMAGE_PIXELS ="):
        assert not [path.name for path, text in sources.items() if word in text]


def test_every_door_leaves_filters_and_limits_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((9, 8), np.uint8)).save(path)
    seen: list[tuple[object, object]] = []
    real = Image.Image.load

    def load(image: Image.Image) -> object:
        seen.append((warnings.showwarning, list(warnings.filters)))
        return real(image)

    monkeypatch.setattr(Image.Image, "load", load)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)  # 72 pixels would be warned of
    filters, show = list(warnings.filters), warnings.showwarning
    Picture(path)
    encode(path)
    Grid([path])
    data_uris([np.zeros((4, 5), np.uint8)])
    with open_pyramid(path) as pyramid:
        pyramid.read(0)
    assert main(["png", str(path), str(tmp_path / "b.png")]) == 0
    assert main(["info", str(path)]) == 0
    assert main(["dzi", str(path), str(tmp_path / "b.dzi")]) == 0
    assert len(seen) > 3
    assert all(one == (show, filters) for one in seen)
    assert list(warnings.filters) == filters
    assert Image.MAX_IMAGE_PIXELS == 50
