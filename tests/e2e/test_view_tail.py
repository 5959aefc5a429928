"""What the first limits hide is said above the readout, with buttons that show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, View
from tests.e2e.explorer import Viewer, rgba, showing
from tests.e2e.harness import Chromium
from tests.e2e.tiles_server import tiled

RANDOM = np.random.default_rng(31)
SKY = RANDOM.normal(5, 5, (120, 160))
SKY.ravel()[RANDOM.integers(0, SKY.size, 60)] = RANDOM.exponential(9000, 60) + 500
WAYS: dict[str, dict[str, Any]] = {
    "1\N{EN DASH}99 %": {"contrast": (1, 99)},
    "asinh": {"norm": "asinh"},
    "zscale": {"contrast": "zscale"},
}


def middle_of(viewer: Viewer, shape: tuple[int, ...]) -> np.ndarray:
    pixels = viewer.pixels()
    top, left = ((pixels.shape[i] - shape[i] + 1) // 2 for i in (0, 1))
    return pixels[top : top + shape[0], left : left + shape[1]]


def check_ways(viewer: Viewer, data: np.ndarray) -> None:
    """Each button shows the picture of its options, and the line goes until it is undone."""
    note = viewer.root.get_by_role("note")
    viewer.press("1", "c")
    assert note.inner_text().startswith("99 % of values lie below ")
    assert note.get_by_role("button").all_inner_texts() == list(WAYS)
    for name, options in WAYS.items():
        note.get_by_role("button", name=name, exact=True).click()
        viewer.settle()
        assert not note.is_visible()
        expected = rgba(Picture(data, **options).render())
        viewer.page.mouse.move(1, 1)
        np.testing.assert_array_equal(middle_of(viewer, data.shape), expected)
        viewer.click("reset")
        assert note.is_visible()
    viewer.press("i")
    assert note.is_visible()  # inverted, they hide the same


def test_each_way_out_is_one_press(chromium: Chromium, tmp_path: Path) -> None:
    with showing(chromium, tmp_path, View(SKY)) as viewer:
        check_ways(viewer, SKY)


def test_so_it_is_of_tiles(chromium: Chromium) -> None:
    with tiled(chromium, View(SKY, embed=False)) as viewer:
        check_ways(viewer, SKY)


def test_of_several_images_the_line_is_that_of_the_active_one(
    chromium: Chromium, tmp_path: Path
) -> None:
    images = {"sky": SKY, "even": np.linspace(0, 1, SKY.size).reshape(SKY.shape)}
    with showing(chromium, tmp_path, View(images, shared=False)) as viewer:
        note = viewer.root.get_by_role("note")
        assert note.is_visible()
        viewer.press("c")
        viewer.named("image").select_option("even")
        assert not note.is_visible()
        viewer.named("image").select_option("sky")
        assert note.is_visible()


@pytest.mark.parametrize(
    "options",
    [
        {"contrast": "robust"},
        {"contrast": "zscale"},
        {"norm": "asinh"},
        {"vmax": 9},
        {"vsym": True},
        {"labels": True},
        {"state": {"displays": [{"limits": (0, 20)}]}},
        {"state": {"displays": [{"norm": "sqrt"}]}},
    ],
)
@pytest.mark.parametrize("embed", [True, False])
def test_who_asks_for_a_contrast_is_told_nothing(options: dict[str, Any], embed: bool) -> None:
    data = SKY.astype(np.int32) if "labels" in options else SKY
    assert View(data, embed=embed, **options).model.config["images"][0]["tail"] is None


@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize(
    ("data", "ways"),
    [
        (SKY, 3),
        (np.stack([SKY, SKY]), 3),
        (np.maximum(SKY, 0).astype(np.uint16), 3),
        (-SKY, 1),
        (np.concatenate([SKY, -SKY]), 1),
        (SKY.astype(np.int64) + 2**60, 1),  # where 0 is elsewhere
        (np.clip(SKY, 0, 255).astype(np.uint8), 0),
        (SKY > 5, 0),
        (SKY[:4, :5], 0),
        (np.stack([SKY] * 3, axis=2), 0),
        (np.full((50, 50), np.nan), 0),
        (np.linspace(0, 1, 5000).reshape(50, 100), 0),
    ],
)
@pytest.mark.filterwarnings("ignore:no finite")
def test_only_what_is_hidden_is_told(data: np.ndarray, ways: int, embed: bool) -> None:
    tail = View(data, embed=embed).model.config["images"][0]["tail"]
    assert len(tail["ways"] if tail else []) == ways


@pytest.mark.parametrize("embed", [True, False])
def test_zscale_gives_an_explorer_the_limits_of_the_picture(embed: bool) -> None:
    view, scale = View(SKY, contrast="zscale", embed=embed), Picture(SKY, contrast="zscale")
    assert scale.color_scale is not None
    limits = scale.color_scale.limits
    assert view.state["displays"][0]["limits"] == [[limits.vmin[0], limits.vmax[0]]]
    again = View(SKY, embed=embed, state=view.state)
    assert again.state["displays"] == view.state["displays"]
