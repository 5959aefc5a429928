"""Values in cells: readable on every color, of one format, in cells that hold them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbimage import Picture
from nbimage.arrays.ingest import as_values
from nbimage.figure.overlay_values import find_luminance, format_values

CONFUSION = np.array([[741, 37, 35], [11, 810, 25], [13, 36, 570]])


def written(picture: Picture) -> dict[str, list[str]]:
    """The texts in each of the two inks."""
    groups = re.findall(r"<g [^>]*fill=\"([^\"]+)\"[^>]*>(.*?)</g>", picture.figure.overlay or "")
    return {
        ink: [unescape(t) for t in re.findall(r">([^<]+)</text>", text)] for ink, text in groups
    }


def every(found: dict[str, list[str]]) -> list[str]:
    return sorted(text for texts in found.values() for text in texts)


def test_the_word_alone_writes_the_pictures_own_values() -> None:
    found = written(Picture(CONFUSION, cmap="Blues", overlay="values"))
    assert every(found) == sorted(map(str, CONFUSION.ravel().tolist()))
    assert "741" in found["#ffffff"]
    assert "37" in found["#000000"]


@given(st.lists(st.integers(0, 255), min_size=3, max_size=3))
def test_ink_has_a_contrast_of_four_and_a_half_on_every_color(color: list[int]) -> None:
    luminance = float(find_luminance(np.array([[color]], np.uint8))[0, 0])
    ink = 0.0 if luminance > 0.179 else 1.0
    light, dark = max(ink, luminance), min(ink, luminance)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_ink_has_no_halo() -> None:
    overlay = Picture(CONFUSION, overlay="values").figure.overlay
    assert overlay is not None
    assert "stroke" not in overlay
    assert "tabular-nums" in overlay


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.5, -0.25, 1.0], ["0.50", "−0.25", "1.00"]),
        ([0.1234, 55.4, 87.3], ["0.1", "55.4", "87.3"]),
        ([1013.25, 1015.8, 1014.0], ["1013.25", "1015.80", "1014.00"]),
        ([3.0, 1200.0, -7.0], ["3", "1200", "−7"]),
        ([1e-9, 2e-9, 5e-9], ["1.00e−09", "2.00e−09", "5.00e−09"]),
        ([-0.001, 0.5, 1.0], ["0.00", "0.50", "1.00"]),
        ([np.inf, np.nan, -np.inf], ["∞", None, "−∞"]),
        ([1, -20, 300], ["1", "−20", "300"]),
    ],
)
def test_a_pictures_values_have_one_format(values: Any, texts: list[str | None]) -> None:
    assert format_values(as_values(np.array([values]))) == texts


def test_missing_values_are_left_out() -> None:
    array = np.ma.array([[1.5, 2.5], [np.nan, 4.5]], mask=[[1, 0], [0, 0]])
    found = written(Picture(array, overlay="values"))
    assert every(found) == ["2.50", "4.50"]


def check_small_tables(make: Callable[[dict[str, list[int]]], Any]) -> None:
    """Check pictures of frames of any package."""
    small = make({"a": [1, 2], "b": [3, 4]})
    assert every(written(Picture(small))) == ["1", "2", "3", "4"]
    assert Picture(small, overlay=[]).figure.overlay is None
    assert Picture(make({"a": list(range(40))})).figure.overlay is None
    assert Picture(make({"a": [True, False]})).figure.overlay is None


def test_small_tables_have_their_values() -> None:
    check_small_tables(pd.DataFrame)


def test_a_cell_with_a_value_is_32_pixels_wide_unless_a_size_is_given() -> None:
    assert Picture(np.zeros((20, 25), int), overlay="values").width == 25 * 32
    wide = Picture(np.full((3, 12), 123456), overlay="values")
    assert wide.width / 12 >= 7 * 6
    assert Picture(np.zeros((20, 25), int), overlay="values", zoom=10).width == 250


def test_colors_and_frames_have_no_values_of_their_own() -> None:
    with pytest.raises(ValueError, match="several channels or frames"):
        Picture(np.zeros((4, 5, 3), np.uint8), overlay="values")
