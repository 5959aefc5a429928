"""Parameters of a grid that are one for all pictures or one each."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from nbimage import Grid, Picture, Video

RANDOM = np.random.default_rng(6)
STACK = RANDOM.normal(size=(3, 6, 8))
MASKS = STACK > 0
GREEN, RED = (0, 128, 0), (255, 0, 0)


def overlaid(grid: Grid) -> list[bool]:
    return [picture.figure.overlay is not None for picture in grid.pictures]


@pytest.mark.parametrize(
    ("overlay", "which"),
    [
        (MASKS[0], [True, True, True]),
        ("values", [True, True, True]),
        ([MASKS[0], ("points", [(1, 2)])], [True, True, True]),
        (("points", [(1, 2)]), [True, True, True]),
        ({"mask": MASKS[0], "color": "blue"}, [True, True, True]),
        ([MASKS[0], None, MASKS[2]], [True, False, True]),
        (list(MASKS), [True, True, True]),
        (MASKS, [True, True, True]),
        ([None, [MASKS[1], "values"], None], [False, True, False]),
        ({1: MASKS[1]}, [False, True, False]),
        ({"c": "values", "a": MASKS[0]}, [True, False, True]),
        (None, [False, False, False]),
    ],
)
def test_an_overlay_is_one_for_all_or_one_each(overlay: Any, which: list[bool]) -> None:
    grid = Grid(STACK, list("abc"), overlay=overlay)
    alone = Grid(dict(zip("abc", STACK, strict=True)), overlay=overlay)
    assert overlaid(grid) == overlaid(alone) == which


def test_overlays_of_each_are_their_own() -> None:
    grid = Grid(STACK, overlay=MASKS)
    overlays = [picture.figure.overlay for picture in grid.pictures]
    assert len(set(overlays)) == 3
    assert overlays[1] == Grid([STACK[1]], overlay=MASKS[1]).pictures[0].figure.overlay


@pytest.mark.parametrize("names", ["one", "each"])
def test_coordinates_are_one_for_all_or_one_each(names: str) -> None:
    x: Any = (0, 7) if names == "one" else [(0, 7), None, [0, 1, 2, 3, 4, 5, 6, 70]]
    grid = Grid(STACK, x=x, y=True if names == "one" else [False, True, None])
    axes = [(p.figure.x is not None, p.figure.y is not None) for p in grid.pictures]
    each = [(True, False), (False, True), (True, False)]
    assert axes == ([(True, True)] * 3 if names == "one" else each)


def test_numbers_dates_and_names_are_one_axis() -> None:
    stack = STACK[:, :, :3]  # as many columns as there are pictures
    for x in ([1, 2, 3], ["a", "b", "c"], pd.date_range("2020-01-01", periods=3), np.arange(3)):
        assert all(picture.figure.x is not None for picture in Grid(stack, x=x).pictures)


def test_scale_bars_are_one_for_all_or_one_each() -> None:
    grid = Grid(STACK, pixel_size=[0.5, None, 2.0], unit=["µm", None, "mm"])
    texts = [p.figure.scale_bar and p.figure.scale_bar.text for p in grid.pictures]
    assert texts[1] is None
    assert texts[0] is not None
    assert texts[2] is not None
    assert texts[0].endswith("µm")
    assert texts[2].endswith("mm")
    assert all(p.figure.scale_bar for p in Grid(STACK, pixel_size=1, unit="mm").pictures)


@pytest.mark.parametrize(
    ("border", "colors"),
    [
        ("green", [GREEN, GREEN, GREEN]),
        ((255, 0, 0), [RED, RED, RED]),
        ([255, 0, 0], [RED, RED, RED]),
        (["green", "red", None], [GREEN, RED, None]),
        (np.where([True, False, True], "green", "red"), [GREEN, RED, GREEN]),
        ([(0, 128, 0), (1.0, 0, 0), "#ff0000"], [GREEN, RED, RED]),
        (np.array([[0, 128, 0], [255, 0, 0], [255, 0, 0]]), [GREEN, RED, RED]),
        ({"b": "red"}, [None, RED, None]),
        ({0: "red", "c": "green"}, [RED, None, GREEN]),
        (pd.Series(["green", "red", "red"]), [GREEN, RED, RED]),
    ],
)
def test_a_border_is_one_color_or_one_each(border: Any, colors: list[Any]) -> None:
    large = np.repeat(np.repeat(STACK, 9, 1), 9, 2)
    grid = Grid(large, list("abc"), columns=3, border=border)
    frames = [
        re.search(r'class="nbimage-border"[^>]*border:3px solid ([^;]+);', part)
        for part in grid.html.split('class="nbimage-cell"')[1:]
    ]
    assert [frame is not None for frame in frames] == [color is not None for color in colors]
    pixels = np.asarray(Image.open(io.BytesIO(grid.png)))
    for number, color in enumerate(colors):  # three pixels outside of those of the picture
        left, top = 8 + number * (72 + 8), 8 + 18
        for offset in (-1, -2, -3):
            found = pixels[top + offset, left + 30], pixels[top + 30, left + offset]
            for pixel in found:
                assert tuple(pixel) == (color or (255, 255, 255))
        inside = pixels[top : top + 54, left : left + 72, 0]
        assert np.array_equal(inside, grid.pictures[number].pixels)


def test_a_grid_of_rows_takes_options_in_rows() -> None:
    grid = Grid(STACK[:2, None].repeat(2, 1), border=[["red", None], [None, "red"]])
    assert [bool(border) for border in grid._borders] == [True, False, False, True]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"border": ["red", "green"]}, "border must be one for all or 3, one a picture, but got 2"),
        ({"border": ["red", "gren", None]}, "border must be a CSS color"),
        ({"border": {"z": "red"}}, "border must have titles or numbers of pictures as keys"),
        ({"border": {3: "red"}}, "as keys, but got 3"),
        ({"overlay": [MASKS[0], None]}, "overlay must be one for all or 3"),
        ({"overlay": MASKS[:2]}, "overlay must be one for all or 3, one a picture, but got 2"),
        ({"overlay": [MASKS[0], MASKS[1], ("point", [])]}, "images[2]: overlay: unknown kind"),
        ({"x": [None, (0, 1)]}, "x must be one for all or 3"),
        ({"x": [None, [1, 2, 4], None]}, "images[1]: x must"),
        ({"pixel_size": [1, 2]}, "pixel_size must be one for all or 3"),
        ({"unit": ["mm", None, None]}, "images[0]: pixel_size must be given where unit is"),
    ],
)
def test_what_fits_no_picture_is_said(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        Grid(STACK, list("abc"), **options)


@pytest.mark.parametrize("make", [Picture, lambda data: Video(STACK, progress=False)])
def test_what_was_made_before_takes_a_border_and_no_overlay(make: Any) -> None:
    made = make(STACK[0])
    assert "nbimage-border" in Grid([made, STACK[1]], border="red").html
    with pytest.raises(ValueError, match=r"images\[0\]: overlay must be given to the"):
        Grid([made, STACK[1]], overlay=[MASKS[0], None])


def test_letters_of_an_overlay_are_of_one_size_however_far_a_grid_enlarges() -> None:
    sizes = []
    for side in (16, 64):
        text = ("text", ["a"], {"at": [(1, 1)]})
        grid = Grid([np.zeros((side, side))] * 2, columns=2, overlay=text)
        overlay = grid.pictures[0].figure.overlay
        found = re.search(r'font-size="?:?([\d.]+)', unescape(overlay)) or re.search(
            r"font:?[^\d]*([\d.]+)", overlay
        )
        assert found is not None
        sizes.append(float(found[1]) * grid.width / side)
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)
    assert 10 < sizes[0] < 16


def test_cells_of_which_the_values_are_written_can_be_read() -> None:
    grid = Grid(RANDOM.integers(0, 99, (4, 5, 5)), overlay="values")
    assert grid.width >= 5 * 32
