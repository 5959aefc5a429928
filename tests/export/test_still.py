"""The PNG of a figure that stands for it where no HTML is shown."""

from __future__ import annotations

import base64
import io
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Grid, Picture, Video, View
from nbimage.export import still
from nbimage.export.raster import draw_pixels
from nbimage.raster.montage import composite_on_white

ROWS, COLUMNS = np.mgrid[0:300, 0:400]
WAVE = np.sin(COLUMNS / 31) * np.cos(ROWS / 47)


def still_of(item: Any) -> tuple[np.ndarray[Any, Any], int]:
    data, metadata = item._repr_mimebundle_()
    with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as image:
        return np.asarray(image.convert("RGB")), metadata["image/png"]["width"]


AROUND: dict[str, dict[str, Any]] = {
    "title": {"title": "A title"},
    "axes": {"x": True, "y": True, "xlabel": "right"},
    "bar": {"colorbar": "volt", "cmap": "viridis"},
    "overlay": {"overlay": WAVE > 0.5},
    "scale": {"pixel_size": 2, "unit": "mm"},
    "histogram": {"histogram": True},
}


@pytest.mark.parametrize("name", AROUND)
def test_a_picture_with_something_around_it_has_all_of_it_in_its_png(name: str) -> None:
    picture = Picture(WAVE, **AROUND[name])
    seen, width = still_of(picture)
    drawing = picture._draw()
    assert width == drawing.width > picture.width
    assert np.array_equal(seen, draw_pixels(drawing, seen.shape[1] / width))


def test_the_pictures_own_pixels_are_in_it_as_they_are() -> None:
    picture = Picture(WAVE, x=True, y=True, colorbar="volt", title="T")
    seen, width = still_of(picture)
    left, top = (int(side) for side in picture._draw().pictures[0].box[:2])
    assert seen.shape[1] == width  # a pixel is a pixel
    inside = seen[top + 1 : top + 299, left + 1 : left + 399]
    assert np.array_equal(inside, composite_on_white(picture.render())[1:299, 1:399])


def test_a_small_figure_has_two_pixels_for_each_of_the_page() -> None:
    seen, width = still_of(Picture(WAVE[:90, :140], x=True, y=True))
    assert seen.shape[1] == 2 * width


def test_a_photograph_with_its_figure_is_a_jpeg_as_wide_as_it() -> None:
    noise = np.random.default_rng(0).normal(size=(500, 640))
    picture = Picture(noise, x=True, y=True, title="T")
    data, metadata = picture._repr_mimebundle_()
    assert set(data) == {"text/html", "image/jpeg", "text/plain"}
    stored = base64.b64decode(data["image/jpeg"])
    assert len(stored) < 0.3 * len(picture.png)
    drawing, width = picture._draw(), metadata["image/jpeg"]["width"]
    with Image.open(io.BytesIO(stored)) as image:
        assert image.width == width == drawing.width
        assert image.info["dpi"] == (96, 96)
        texts = np.asarray(image.convert("RGB"))[:30].astype(int)
    assert np.abs(texts - draw_pixels(drawing, 1)[:30]).mean() < 5


def test_a_large_picture_is_reduced_but_not_its_texts() -> None:
    large = np.kron(WAVE, np.ones((7, 7)))
    seen, width = still_of(Picture(large, x=True, y=True, title="T"))
    assert 700 < width == seen.shape[1] < 900
    small, _ = still_of(Picture(large[::4, ::4], x=True, y=True, title="T"))
    assert abs(seen.shape[0] - small.shape[0]) < 8  # margins as wide


@pytest.mark.parametrize(
    "options", [{}, {"caption": "a note"}, {"vmin": 0}, {"background": "red"}], ids=str
)
def test_a_picture_with_nothing_around_it_is_its_own_pixels(options: dict[str, Any]) -> None:
    picture = Picture(WAVE, **options)
    assert base64.b64decode(picture._repr_mimebundle_()[0]["image/png"]) == picture.png


def test_the_still_of_a_grid_has_titles_and_colorbar() -> None:
    grid = Grid(np.stack([WAVE[:60, :80]] * 4), ["a", "b", "c", "d"], colorbar="volt", columns=2)
    seen, width = still_of(grid)
    drawing = grid._draw()
    assert width == drawing.width
    assert np.array_equal(seen, draw_pixels(drawing, seen.shape[1] / width))


def test_the_still_of_a_video_is_the_first_frame_with_its_figure() -> None:
    video = Video(np.stack([WAVE, WAVE / 2]), x=True, y=True, colorbar="volt", title="moving")
    seen, width = still_of(video)
    assert seen.shape[1] == width > video.width
    picture = Picture(WAVE, x=True, y=True, colorbar="volt", title="moving")
    assert np.abs(seen.astype(int) - still_of(picture)[0]).max() <= 2


def test_a_view_has_the_still_of_its_picture_with_its_title() -> None:
    view = View(WAVE)
    assert (
        view._repr_mimebundle_()[0]["image/png"]
        == (view.picture._repr_mimebundle_()[0]["image/png"])
    )
    seen, width = still_of(View(WAVE, title="A title"))
    assert np.array_equal(seen, still_of(Picture(WAVE, title="A title"))[0])
    assert width == Picture(WAVE, title="A title")._draw().width


def test_the_same_still_is_drawn_once() -> None:
    picture = Picture(WAVE, x=True)
    assert picture._preview is picture._preview


def test_without_resvg_or_with_too_many_lines_it_is_the_picture_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(still, "_SLOW", 10)
    picture = Picture(WAVE, x=True, y=True)
    assert base64.b64decode(picture._repr_mimebundle_()[0]["image/png"]) == picture.png
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    picture = Picture(WAVE, x=True, y=True)
    assert base64.b64decode(picture._repr_mimebundle_()[0]["image/png"]) == picture.png
    grid = Grid(np.stack([WAVE[:60, :80]] * 4))
    assert still_of(grid)[1] == 800
