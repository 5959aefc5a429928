"""`make_montage`: pictures and their titles as one picture, the pixels where they belong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbimage.raster.montage import MontageItem, composite_on_white, make_montage

Array = np.ndarray
RANDOM = np.random.default_rng(5)


def photo(height: int, width: int) -> Array:
    """Dark noise, so that white is around it."""
    return RANDOM.integers(0, 120, (height, width, 3), dtype=np.uint8)


def contains(whole: Array, part: Array) -> bool:
    height, width = part.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(whole, (height, width, 3))[:, :, 0]
    return bool((windows == part).all(axis=(2, 3, 4)).any())


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=7),
    st.integers(1, 4),
    st.booleans(),
)
@settings(max_examples=40)
def test_every_picture_is_there_with_its_own_pixels_and_room_around_it(
    sizes: list[tuple[int, int]], columns: int, titled: bool
) -> None:
    photos = [photo(*size) for size in sizes]
    whole = make_montage(
        [MontageItem(p, "t" * titled) for p in photos], columns, title="T" * titled
    )
    assert whole.dtype == np.uint8
    for p in photos:
        framed = np.pad(p, ((0, 1), (1, 1), (0, 0)), constant_values=255)
        assert contains(whole, framed)


def test_gaps_stay_white() -> None:
    whole = make_montage(
        [MontageItem(photo(9, 9)), MontageItem(None), MontageItem(None), MontageItem(photo(9, 9))],
        2,
    )
    half = whole.shape[1] // 2
    assert (whole[: whole.shape[0] // 2, half + 4 :] == 255).all()
    assert (whole[whole.shape[0] // 2 + 4 :, :half] == 255).all()


def test_what_is_transparent_is_white_and_half_of_it_is_half_white() -> None:
    gray = np.zeros((1, 3, 2), np.uint8)
    gray[0, :, 1] = 0, 128, 255
    assert composite_on_white(gray)[0, :, 0].tolist() == [255, 127, 0]
    color = np.array([[[255, 0, 0, 0], [255, 0, 0, 255]]], np.uint8)
    assert composite_on_white(color)[0].tolist() == [[255, 255, 255], [255, 0, 0]]
    assert contains(make_montage([MontageItem(gray)], 1), composite_on_white(gray))


@pytest.mark.parametrize("array", [np.zeros((4, 5), np.uint8), np.zeros((4, 5, 1), np.uint8)])
def test_gray_becomes_color(array: Array) -> None:
    assert composite_on_white(array).shape == (4, 5, 3)


def test_a_side_bounds_the_pictures_by_means_of_whole_squares() -> None:
    items = [MontageItem(np.kron([[0, 200], [100, 40]], np.ones((300, 300))).astype(np.uint8))] * 4
    whole = make_montage(items, 2, side=200)
    assert max(whole.shape) < 240
    assert contains(whole, composite_on_white(np.full((20, 20), 200, np.uint8)))


def test_titles_are_written_in_their_own_lines_and_never_over_a_picture() -> None:
    pictures = [
        MontageItem(np.full((30, 60, 3), (0, 200, 0), np.uint8), text)
        for text in ("A", "B" * 400, "")
    ]
    whole = make_montage(pictures, 3, title="All of them", rows=["row"], heads=["1", "2", "3"])
    dark = (whole < 100).all(axis=2)
    light = (whole == (0, 200, 0)).all(axis=2)
    assert light.sum() == 3 * 30 * 60  # no letter has touched a pixel
    assert dark.any()
    columns = np.flatnonzero(light.any(axis=0))
    gaps = [c for c in range(columns[0], columns[-1]) if not light[:, c].any()]
    titles = slice(np.flatnonzero(light.any(axis=1))[0] - 18, np.flatnonzero(light.any(axis=1))[0])
    assert not dark[titles, gaps].any()  # a long one is cut to its picture's width


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb\tc", "\x00", "😀 日本", "\u202e", " "])
def test_any_title_can_be_written_in_one_line(text: str) -> None:
    plain = make_montage([MontageItem(photo(9, 90), "x")], 1, title="x", rows=["x"], heads=["x"])
    whole = make_montage(
        [MontageItem(photo(9, 90), text)], 1, title=text, rows=[text], heads=[text]
    )
    assert whole.shape[0] == plain.shape[0]


def test_a_longer_row_title_gets_more_room() -> None:
    short, long = (
        make_montage([MontageItem(photo(9, 9))], 1, rows=[text]).shape[1] for text in ("a", "a" * 9)
    )
    assert short < long


def test_the_pictures_given_are_not_changed() -> None:
    array = photo(5, 5)
    before = array.copy()
    whole = make_montage([MontageItem(array, "t")], 1)
    whole[...] = 0
    np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("letter", "µ°−×öβЖ")
def test_letters_of_titles_are_there_on_any_machine(letter: str) -> None:
    drawn, unknown = (
        make_montage([MontageItem(np.zeros((9, 40), np.uint8), one)], 1)
        for one in (letter, "\ue123")
    )
    assert (drawn != unknown).any()
