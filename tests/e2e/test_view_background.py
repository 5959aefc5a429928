"""What stands behind missing samples in the explorer: a quiet hatch that does not move."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import View, nbview
from tests.e2e.explorer import Viewer, opened, saved, showing
from tests.e2e.harness import Chromium
from tests.e2e.tiles_server import tiled

DATA = np.linspace(0, 1, 120 * 160, dtype=np.float32).reshape(120, 160)
DATA[30:90, 40:120] = np.nan
RGBA = np.full((120, 160, 4), 255, np.uint8)
RGBA[30:90, 40:120, 3] = 0
LABELS = np.zeros((120, 160), np.uint8)
LABELS[:20] = 3
HATCH = [(0x79, 0x81, 0x8D), (0x8A, 0x92, 0x9E)]
SIZE = {"width": 400, "height": 240}  # twice as large, with bars at the sides


def seen(viewer: Viewer, x: int, y: int, width: int, height: int) -> np.ndarray:
    """Return what is seen of a part of the pane, RGB."""
    left, top = viewer.point(x, y)
    box: Any = {"x": round(left), "y": round(top), "width": width, "height": height}
    viewer.page.mouse.move(1, 1)
    viewer.settle()
    image = Image.open(io.BytesIO(viewer.page.screenshot(clip=box, full_page=True)))
    return np.asarray(image.convert("RGB")).astype(int)


def in_hole(viewer: Viewer) -> np.ndarray:
    return seen(viewer, 150, 90, 80, 60)


def is_hatched(pixels: np.ndarray) -> bool:
    """Whether pixels lie between the hatch's two grays, and are not all alike."""
    low, high = np.array(HATCH) - [[3], [-3]]
    between = ((pixels >= low) & (pixels <= high)).all()
    return bool(between and len(np.unique(pixels[..., 0])) > 1)


def find_clip(viewer: Viewer) -> str:
    return str(viewer.ask(".behind", "e => e.style.clipPath"))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("data", [DATA, RGBA], ids=["values", "alpha"])
def test_missing_samples_are_hatched_in_both_themes(
    data: np.ndarray, dark: bool, chromium: Chromium, tmp_path: Path
) -> None:
    page = opened(chromium, "about:blank")
    if dark:
        page.emulate_media(color_scheme="dark")
    page.goto(saved(tmp_path, View(data, **SIZE)))
    viewer = Viewer(page)
    assert is_hatched(in_hole(viewer))
    assert not is_hatched(seen(viewer, 5, 60, 30, 60))  # beside the image
    assert (viewer.pixels()[100:140, 160:220] == 0).all()  # and none of it is in the picture
    page.context.close()


def test_the_hatch_stands_still_while_an_image_moves(chromium: Chromium, tmp_path: Path) -> None:
    with showing(chromium, tmp_path, View(DATA, **SIZE)) as viewer:
        before = in_hole(viewer)
        viewer.drag((200, 120), (213, 131))
        np.testing.assert_array_equal(in_hole(viewer), before)
        viewer.press("+")
        np.testing.assert_array_equal(in_hole(viewer), before)


def test_tiles_are_hatched_as_well(chromium: Chromium) -> None:
    with tiled(chromium, View(DATA, embed=False, **SIZE)) as viewer:
        assert is_hatched(in_hole(viewer))
        assert not is_hatched(seen(viewer, 5, 60, 30, 60))


@pytest.mark.parametrize("embed", [True, False])
def test_nothing_shines_through_labels(embed: bool, chromium: Chromium, tmp_path: Path) -> None:
    view = View(LABELS, labels=True, embed=embed, **SIZE)
    if embed:
        with showing(chromium, tmp_path, view) as viewer:
            assert not is_hatched(in_hole(viewer))
    else:
        with tiled(chromium, view) as tiles:
            assert not is_hatched(in_hole(tiles))


def test_differences_and_swipes_are_hatched_where_there_is_nothing(
    chromium: Chromium, tmp_path: Path
) -> None:
    pair = {"a": DATA, "b": np.nan_to_num(DATA)}
    difference, swipe = (
        View(pair, **SIZE, state={"mode": mode, "swipe": 0.5}) for mode in ("difference", "swipe")
    )
    with showing(chromium, tmp_path, difference, swipe) as viewer:
        assert is_hatched(in_hole(viewer))
        other = Viewer(viewer.page, 1)
        assert is_hatched(seen(other, 130, 70, 30, 30))
        assert not is_hatched(seen(other, 240, 70, 30, 30))


def test_the_background_is_chosen_as_a_pictures(chromium: Chromium, tmp_path: Path) -> None:
    views = [View(DATA, **SIZE, background=one) for one in (None, "#123456", "checkerboard")]
    with showing(chromium, tmp_path, *views) as viewer:
        assert (in_hole(viewer) == 255).all()
        assert (in_hole(Viewer(viewer.page, 1)) == [0x12, 0x34, 0x56]).all()
        squares = in_hole(Viewer(viewer.page, 2))
        assert {0xBB, 0xFF} <= set(np.unique(squares))
    for view, css in zip(views, (None, "#123456", "conic-gradient"), strict=True):
        assert "79818d" not in view.picture.html
        assert css is None or css in view.picture.html
    for wrong in ("nonsense;", 3):
        with pytest.raises(ValueError, match='background must be "hatch"'):
            nbview(DATA, background=wrong)  # type: ignore[arg-type]
