from __future__ import annotations

import numpy as np
import pytest

from nbimage import Picture
from nbimage.export.figure_frames import FigureFrames

Array = np.ndarray
RNG = np.random.default_rng(2)
FRAMES = RNG.integers(0, 256, (3, 20, 30), dtype=np.uint8)
PICTURE = Picture(FRAMES[0], x=True, y=True, colorbar="K", title="Title", width=300)


def make(words: str = "2020-01-01", scale: float = 1.0, picture: Picture = PICTURE) -> FigureFrames:
    size = picture.width, picture.height
    return FigureFrames(picture.figure, *size, scale=scale, words=words)


def find(canvas: Array, frame: Array, times: int) -> tuple[int, int]:
    """Return where an enlarged frame is, which must be there whole."""
    wanted = np.repeat(frame.repeat(times, 0).repeat(times, 1)[:, :, None], 3, axis=2)
    for top in range(canvas.shape[0] - wanted.shape[0] + 1):
        for left in range(canvas.shape[1] - wanted.shape[1] + 1):
            if (canvas[top, left] == wanted[0, 0]).all() and (
                canvas[top : top + wanted.shape[0], left : left + wanted.shape[1]] == wanted
            ).all():
                return top, left
    raise AssertionError("the frame is not there")


@pytest.mark.parametrize("scale", [1, 2])
def test_each_frame_is_exact_and_only_it_and_its_words_change(scale: int) -> None:
    figure = make(scale=scale)
    drawn = [figure.draw(frame, f"2020-01-0{i}") for i, frame in enumerate(FRAMES, 1)]
    top, left = find(drawn[0], FRAMES[0], 10 * scale)
    for frame, canvas in zip(FRAMES, drawn, strict=True):
        assert canvas.shape == (figure.size[1], figure.size[0], 3)
        assert find(canvas, frame, 10 * scale) == (top, left)
    changed = (drawn[0] != drawn[1]).any(axis=2)
    changed[top : top + 200 * scale, left : left + 300 * scale] = False
    rows, columns = np.nonzero(changed)
    assert len(rows), "the words are the same"
    assert rows.max() < top
    assert rows.min() >= top - 30 * scale
    assert columns.min() >= left
    assert columns.max() < left + 100 * scale


@pytest.mark.parametrize("width", [31, 100, 301])
def test_sides_are_even(width: int) -> None:
    for words in ("", "a"):
        figure = make(words, picture=Picture(FRAMES[0], width=width, title="t"))
        assert [side % 2 for side in figure.size] == [0, 0]


def test_an_overlay_lies_over_every_frame() -> None:
    mask = np.zeros((20, 30), bool)
    mask[5:9, 5:9] = True
    picture = Picture(FRAMES[0], width=300, overlay=("mask", mask, {"color": "red", "alpha": 1}))
    figure = make("", picture=picture)
    drawn = [figure.draw(frame) for frame in FRAMES[1:]]
    red = [(canvas == (255, 0, 0)).all(axis=2) for canvas in drawn]
    assert red[0].sum() == 40 * 40
    assert (red[0] == red[1]).all()


def test_long_words_never_meet_the_label_of_a_bar() -> None:
    picture = Picture(FRAMES[0], zoom=1, colorbar="a label of a bar")
    words = "2020-01-01 12:00:00"
    figure = make(words, picture=picture)
    with_words, without = figure.draw(FRAMES[0], words), figure.draw(FRAMES[0])
    ink = (with_words != without).any(axis=2)
    assert ink.any()
    assert (without[ink] == 255).all()


def test_frames_of_colors_and_alpha_are_drawn_on_white() -> None:
    frame = np.zeros((20, 30, 4), np.uint8)
    frame[:10] = (9, 200, 30, 255)
    canvas = make().draw(frame)
    assert (canvas == (9, 200, 30)).all(axis=2).sum() == 100 * 300


def test_channels_are_named_below_frames() -> None:
    planes = np.stack([FRAMES[0], FRAMES[1]]).astype(np.uint16)
    picture = Picture(planes, channels={"one": "blue", "two": "lime"}, zoom=4)
    below = make("", picture=picture).draw(FRAMES[0])[8 + 80 :]
    assert (below == (0, 0, 255)).all(axis=2).any()
    assert (below == (0, 255, 0)).all(axis=2).any()
