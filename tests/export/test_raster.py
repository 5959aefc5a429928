from __future__ import annotations

import numpy as np
import pytest

from nbimage import Picture
from nbimage.export import raster
from nbimage.export.drawing import draw_background, fit_pixels
from nbimage.page.svg.shapes import find_box, read_shapes

RNG = np.random.default_rng(1)
GRAY = RNG.integers(0, 256, (60, 80), dtype=np.uint8)
OVER = [
    ("boxes", [[10, 20, 30, 40]], {"text": "a box", "fill": "lime"}),
    ("line", [[0, 0], [79, 59]], {"width": 5}),
    ("points", [[5, 5], [70, 50]], {"marker": "ring", "size": 20}),
    ("mask", GRAY > 200),
]


def test_tiles_have_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Picture(GRAY, overlay=OVER, x=True, y=True, title="A title", colorbar="label")
    drawing = picture._draw()
    whole = raster.draw_pixels(drawing, 2)
    monkeypatch.setattr(raster, "_TILE", 97)
    tiled = raster.draw_pixels(drawing, 2).astype(int)
    differs = np.abs(tiled - whole)
    assert differs.max() < 64  # edges are smoothed a little otherwise
    assert (differs > 2).mean() < 1e-3


def test_shapes_stay_within_their_boxes() -> None:
    over = [one for one in OVER if one[0] == "mask"]
    picture = Picture(
        GRAY, overlay=over, x=[f"name {i}" for i in range(80)], title="A title", pixel_size=2
    )
    drawing = picture._draw()
    for shape in read_shapes(drawing.svg, 1.0):
        ink = raster.draw_shapes([shape], drawing.width, drawing.height)[:, :, 3]
        rows, columns = np.nonzero(ink)
        left, top, right, bottom = find_box(shape)
        assert len(rows) == 0 or (left <= columns.min() and columns.max() <= right)
        assert len(rows) == 0 or (top <= rows.min() and rows.max() <= bottom)


def test_a_part_is_the_same_as_in_the_whole() -> None:
    drawing = Picture(GRAY, overlay=OVER, title="A title")._draw()
    shapes = list(read_shapes(drawing.svg, 1.5))
    whole = raster.draw_shapes(shapes, 400, 300)
    part = raster.draw_shapes(shapes, 100, 90, (50, 60))
    assert np.abs(whole[60:150, 50:150].astype(int) - part).max() <= 2


@pytest.mark.parametrize("shape", [(30, 40), (31, 47), (120, 160), (7, 300)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pixels_are_fitted_to_any_size(shape: tuple[int, int], channels: int) -> None:
    array = RNG.integers(0, 256, (30, 40, channels), dtype=np.uint8)
    array = array[:, :, 0] if channels == 1 else array
    found = fit_pixels(array, shape[1], shape[0])
    assert found.shape == (*shape, *array.shape[2:])
    if shape[0] >= 30 and shape[1] >= 40:
        assert set(map(tuple, found.reshape(-1, channels).tolist())) <= set(
            map(tuple, array.reshape(-1, channels).tolist())
        )


def test_labels_are_never_mixed() -> None:
    array = np.arange(100, dtype=np.uint8).reshape(10, 10) // 10 * 20
    assert set(fit_pixels(array, 4, 4, labels=True).ravel()) <= set(array.ravel())


@pytest.mark.parametrize(
    ("background", "color"),
    [
        ("#abc", (170, 187, 204)),
        ("red", (255, 0, 0)),
        ("transparent", (255, 255, 255)),
        ("rgba(0, 0, 0, .5)", (128, 128, 128)),
        ("rgb(0 0 0 / 20%)", (204, 204, 204)),
        ("hsl(120, 100%, 50%)", (0, 255, 0)),
    ],
)
def test_backgrounds_are_those_of_css(background: str, color: tuple[int, int, int]) -> None:
    assert np.abs(draw_background(background, 3, 2, 1.0).astype(int) - color).max() <= 1


def test_a_background_that_only_browsers_know_is_an_error() -> None:
    with pytest.raises(ValueError, match="must have a background as a name, #rrggbb"):
        draw_background("oklch(0.7 0.1 200)", 3, 2, 1.0)


def test_patterns_grow_with_the_scale() -> None:
    small, large = (draw_background("checkerboard", 32 * n, 16 * n, float(n)) for n in (1, 3))
    assert (small.repeat(3, 0).repeat(3, 1) == large).all()
    hatch = draw_background("hatch", 600, 600, 4.0)[:, :, 0].astype(float)
    assert hatch.mean() == pytest.approx(0x79 + (0x8A - 0x79) / 6, abs=1)
