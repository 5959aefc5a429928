"""Views of labels: what they say, what stands without scripts, what is exported of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import xarray
from PIL import Image

from nbimage import Picture, View, open_pyramid
from nbimage.cli.main import main

LABELS = np.random.default_rng(3).choice(np.array([0, 1, 9, 700], np.uint16), (700, 900))
COLORED = Picture(LABELS, labels=True).render()


def rgba(png: bytes) -> Any:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGBA"))


@pytest.mark.parametrize("embed", [True, False])
def test_a_view_of_labels_begins_in_their_colors(embed: bool) -> None:
    view = View(LABELS, labels=True, embed=embed)
    (display,) = view.state["displays"]
    assert display["cmap"] == "labels" and display["limits"] == [[0, 700]]
    assert "700×900 uint16, labels in distinct colors" in repr(view)
    found = rgba(view.picture.png)
    step = -(-700 // found.shape[0])
    assert np.array_equal(found, COLORED[::step, ::step])
    again = View(LABELS, labels=True, embed=embed, state=view.state)
    assert again.state == view.state


def test_data_that_say_that_they_are_labels_keep_the_colors_that_are_asked_for() -> None:
    data = xarray.DataArray(LABELS, dims=("y", "x"), attrs={"flag_values": [0, 1, 9, 700]})
    view = View(data, cmap="viridis")
    (image,) = view.model.config["images"]
    assert image["labels"] > 200 and view.state["displays"][0]["cmap"] == "viridis"
    assert "labels" in view.model.config["palettes"]
    none = View(data, labels=False)
    assert none.model.config["images"][0]["labels"] == 0
    assert "labels" not in none.model.config["palettes"]


def test_labels_along_an_axis_of_channels_are_laid_over_one_another_by_nobody() -> None:
    stack = np.stack([LABELS, LABELS])
    data = xarray.DataArray(stack, dims=("c", "y", "x"), attrs={"flag_values": [0, 1]})
    for options in ({}, {"embed": False}, {"labels": True}):
        (image,) = View(data, **options).model.config["images"]  # type: ignore[arg-type]
        assert image["kind"] == "gray"


def test_a_snapshot_of_labels_is_some_of_them(tmp_path: Path) -> None:
    view = View(np.tile(LABELS, (2, 2)), labels=True, embed=False)
    picture = view.snapshot()
    whole = np.tile(COLORED, (2, 2, 1))
    step = whole.shape[0] // picture.pixels.shape[0]
    assert picture.labels and np.array_equal(picture.render(), whole[::step, ::step])


@pytest.mark.parametrize("cmap", ["labels", "gray"])
def test_exported_pictures_of_labels_are_some_of_them(tmp_path: Path, cmap: str) -> None:
    state = {"displays": [{"cmap": cmap}]}
    small = (LABELS % 251).astype(np.uint8)
    view = View(small, labels=True, embed=False, state=state)
    view.export(tmp_path / "out")
    colored = Picture(small, labels=True if cmap == "labels" else None).render()
    with open_pyramid(tmp_path / "out" / "tiles" / "0" / "0.dzi", labels=None) as pyramid:
        for level in range(len(pyramid.shapes)):
            step = 1 << level
            assert np.array_equal(pyramid.read(level), colored[::step, ::step])
    with pytest.raises(ValueError, match='format must be "png" for labels'):
        view.export(tmp_path / "jpeg", format="jpeg")


def test_exported_values_of_labels_are_some_of_them(tmp_path: Path) -> None:
    View(LABELS, labels=True, embed=False).export(tmp_path / "out", raw=True)
    assert (tmp_path / "out" / "tiles" / "0" / "0" / "2" / "0_0.js").is_file()


def test_what_can_be_no_labels_is_refused_by_a_view() -> None:
    with pytest.raises(ValueError, match="labels must have the image's 50 rows"):
        View(LABELS[:50], labels=LABELS[:7])
    with pytest.raises(ValueError, match=r"labels: the data are empty: .* \(4, 0\)"):
        View(LABELS[:50], labels=np.zeros((4, 0), int))
    with pytest.raises(FileNotFoundError, match=r"labels\.tif"):
        View(LABELS, labels="labels.tif")
    for embed in (True, False):
        with pytest.raises(TypeError, match="integers or booleans, but got dtype float64"):
            View(LABELS * 1.5, labels=True, embed=embed)
        with pytest.raises(ValueError, match="labels must have one channel, but got 3"):
            View(np.zeros((50, 60, 3), np.uint8), labels=True, embed=embed)
    with pytest.raises(ValueError, match="vmin must be left out where labels is True"):
        View(LABELS, 3, labels=True)
    with pytest.raises(ValueError, match="labels must be left out where channels have colors"):
        View(LABELS, labels=True, channels=["a"])


def test_the_command_line_shows_labels(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", LABELS, tile=(64, 64))
    out = tmp_path / "out"
    assert main(["view", str(tmp_path / "a.tif"), "--labels", "--export", str(out)]) == 0
    with open_pyramid(out / "tiles" / "0" / "0.dzi") as pyramid:
        assert np.array_equal(pyramid.read(2), COLORED[::4, ::4])
