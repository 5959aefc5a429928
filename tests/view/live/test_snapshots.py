"""What is seen of a view as pictures and figures that Python draws from its state."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Picture, Shape, View
from tests.page.js.test_sky import make_sky

ARRAY = np.random.default_rng(4).integers(0, 256, (60, 80), np.uint8)
DOORS = pytest.mark.parametrize("embed", [True, False])


def read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


@DOORS
@pytest.mark.parametrize("scale", [1, 2, 3])
def test_a_picture_of_what_is_seen_has_each_pixel_at_its_scale(
    tmp_path: Path, embed: bool, scale: int
) -> None:
    view = View(ARRAY, embed=embed, width=320, height=240, cmap="magma")
    saved = read(view.save(tmp_path / "seen.png", scale=scale))
    expected = Picture(ARRAY, cmap="magma").render()
    expected = expected.repeat(4 * scale, 0).repeat(4 * scale, 1)
    np.testing.assert_array_equal(saved, expected)


@DOORS
def test_a_picture_is_of_the_viewport_in_its_limits(tmp_path: Path, embed: bool) -> None:
    state: dict[str, Any] = {"viewport": np.s_[10:30, 20:60], "displays": [{"limits": (20, 90)}]}
    view = View(ARRAY.astype("i2"), embed=embed, width=400, height=200, state=state)
    saved = read(view.save(tmp_path / "seen.png"))
    expected = Picture(ARRAY[10:30, 20:60].astype("i2"), 20, 90).pixels.repeat(10, 0).repeat(10, 1)
    np.testing.assert_array_equal(saved, expected)


def test_rows_from_the_bottom_are_seen_as_the_page_has_them(tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    north = {"lat": ("lat", np.arange(60.0), {"units": "degrees_north"})}
    view = View(xarray.DataArray(ARRAY, dims=("lat", "lon"), coords=north), width=80, height=60)
    np.testing.assert_array_equal(read(view.save(tmp_path / "seen.png")), ARRAY[::-1])


@DOORS
@pytest.mark.parametrize("scale", [1, 2])
def test_a_figure_holds_the_picture_and_what_stands_around_it(
    tmp_path: Path, embed: bool, scale: int
) -> None:
    xarray = pytest.importorskip("xarray")
    along = {
        side: (side, np.arange(n) * 0.5, {"units": "µm"})
        for side, n in zip("yx", (60, 80), strict=True)
    }
    data = xarray.DataArray(ARRAY, dims=("y", "x"), coords=along, name="light")
    drawn = [Shape("box", [(5, 5), (20, 30)])]
    state: dict[str, Any] = {"axes": True, "shapes": drawn}
    view = View(data, embed=embed, width=320, height=240, state=state, title="Cells")
    saved = read(view.save(tmp_path / "figure.png", figure=True, scale=scale))
    assert saved.shape[0] > 240 * scale + 20 and saved.shape[1] > 320 * scale + 40
    np.testing.assert_array_equal(view.snapshot(figure=True, scale=scale).pixels, saved)
    svg = view.save(tmp_path / "figure.svg").read_text()
    texts = re.findall(r"<text[^>]*>([^<]*)<", svg)
    assert {"Cells", "y [µm]", "x [µm]"} <= set(texts)
    assert any(text.endswith(" µm") for text in texts)
    assert "data:image/png" in svg and "#ffd400" in svg
    assert view.save(tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")


def test_the_scale_bar_of_the_sky_is_an_angle(tmp_path: Path) -> None:
    wcs = make_sky("TAN", (60, 80), 1 / 3600, (20.0, 10.0))
    svg = View(ARRAY, wcs=wcs, width=320, height=240).save(tmp_path / "sky.svg").read_text()
    assert ">20 \u2033<" in svg


def test_compared_images_stand_side_by_side(tmp_path: Path) -> None:
    view = View({"one": ARRAY, "other": 255 - ARRAY}, width=400)
    saved = read(view.save(tmp_path / "both.png", figure=True))
    assert saved.shape[1] > saved.shape[0]
    with pytest.raises(ValueError, match=r"several panes are saved as \.png or \.pdf"):
        view.save(tmp_path / "both.svg")


@pytest.mark.parametrize("name", ["view.jpg", "view.tif", "view.webp"])
def test_other_suffixes_are_said_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"saved as \.html, \.png, \.svg or \.pdf") as caught:
        View(ARRAY).save(tmp_path / name)
    assert "\n" not in str(caught.value) and not list(tmp_path.iterdir())


def test_a_page_has_no_scale(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be left out for"):
        View(ARRAY).save(tmp_path / "view.html", figure=True)
    with pytest.raises(ValueError, match="scale must be left out"):
        View(ARRAY).snapshot(scale=2)


@pytest.mark.parametrize("image", [2, -3, 0.5, "a", None])
def test_an_image_that_is_not_there_is_said(image: Any) -> None:
    view = View({"a": ARRAY, "b": ARRAY})
    assert view.snapshot(-1).png == view.snapshot(1).png
    with pytest.raises(ValueError, match=f"image must be from 0 to 1, but got {image!r}"):
        view.snapshot(image)


def test_a_scale_that_gives_too_many_pixels_is_one_line(tmp_path: Path) -> None:
    view = View(np.zeros((20, 30), np.float32))
    for figure in (False, True):
        with pytest.raises(ValueError, match="at most 400 million pixels"):
            view.save(tmp_path / "a.png", figure=figure, scale=1e9)
    with pytest.raises(ValueError, match="scale must be finite and above 0, but got array"):
        view.snapshot(scale=np.zeros((2, 2)))  # type: ignore[arg-type]
