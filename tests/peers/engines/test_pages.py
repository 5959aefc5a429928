"""Pictures, figures, grids and videos on exported pages."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, Video
from tests.e2e.harness import wait_for
from tests.peers.engines.browser import Browser
from tests.peers.engines.conftest import Load

RANDOM = np.random.default_rng(18)
RGB = RANDOM.integers(0, 256, (60, 90, 3), np.uint8)
FLOATS = RANDOM.normal(size=(40, 60)).astype(np.float32)


def wait_for_pictures(browser: Browser) -> None:
    browser.wait("() => [...document.images].every((one) => one.complete && one.naturalWidth)")


# ------------------------------------------------------------------------------- pictures


def test_a_picture_has_its_pixels_and_is_resized_by_hand_and_keys(
    browser: Browser, load: Load
) -> None:
    load(Picture(RGB, width=180))
    wait_for_pictures(browser)
    left, top, width, height = browser.rectangle("img")
    browser.move(left + 400, top + 400)
    browser.settle()
    np.testing.assert_array_equal(browser.part("img"), RGB.repeat(2, 0).repeat(2, 1))
    middle = top + height // 2
    browser.drag((left + width - 1, middle), (left + width + 89, middle))
    assert browser.rectangle("img")[2:] == (270, 180)
    browser.move(left + 400, top + 400)
    browser.wait(
        "() => getComputedStyle(document.querySelector('.nbimage-handle:last-of-type'))"
        ".opacity === '0'"
    )
    np.testing.assert_array_equal(browser.part("img"), RGB.repeat(3, 0).repeat(3, 1))
    browser.key("ArrowLeft")
    assert browser.rectangle("img")[2] == 254
    browser.key("Escape")
    assert browser.rectangle("img")[2:] == (180, 120)
    browser.drag((left + 90, top + height - 1), (left + 90, top + height + 59))
    assert browser.rectangle("img")[2:] == (270, 180)
    browser.drag((left + 1, top + 90), (left + 31, top + 90))
    assert browser.rectangle("img")[2:] == (240, 160)


def test_a_figure_has_its_pixels_its_ticks_and_its_bar_in_place(
    browser: Browser, load: Load
) -> None:
    picture = Picture(FLOATS, cmap="viridis", x=True, y=True, colorbar="K", title="T", width=240)
    load(picture)
    wait_for_pictures(browser)
    pixels = picture.render().repeat(4, 0).repeat(4, 1)
    np.testing.assert_array_equal(browser.part(".nbimage-box img"), pixels)
    left, top, _, height = browser.rectangle(".nbimage-box img")
    ticks = browser.evaluate(
        """() => [...document.querySelectorAll(".nbimage-axis")].map((axis) =>
          [axis.closest(".nbimage-y") ? "y" : axis.closest(".nbimage-aside") ? "bar" : "x",
            [...axis.querySelectorAll(".nbimage-tick")].filter((one) => one.checkVisibility())
            .map((tick) => {
              const { x, y, width, height } = tick.firstElementChild.getBoundingClientRect();
              return [tick.lastElementChild.textContent, x + width / 2, y + height / 2]; })])"""
    )
    found = {kind: marks for kind, marks in ticks if marks}
    assert {kind: len(marks) > 2 for kind, marks in found.items()} == {
        "x": True,
        "y": True,
        "bar": True,
    }
    for text, x, _ in found["x"]:
        assert x == pytest.approx(left + 4 * (int(text) + 0.5), abs=0.75)
    for text, _, y in found["y"]:
        assert y == pytest.approx(top + 4 * (int(text) + 0.5), abs=0.75)
    low, high = FLOATS.min(), FLOATS.max()
    for text, _, y in found["bar"]:
        share = (float(text.replace("−", "-")) - low) / (high - low)
        assert y == pytest.approx(top + height * (1 - share), abs=1.5)


# ---------------------------------------------------------------------------------- grids

MEDIA = ".nbimage-media"
LARGE = ".nbimage-lightbox .nbimage-media"
HEAD = """() => [...document.querySelector(".nbimage-lightbox-title").parentElement.children]
  .slice(0, 2).map((one) => one.textContent)"""


def test_a_grid_is_dragged_enlarged_walked_and_read(browser: Browser, load: Load) -> None:
    data = [FLOATS, -FLOATS, FLOATS * 2]
    load(Grid(data, ["one", "two", "three"], columns=3, width=120))
    wait_for_pictures(browser)
    left, top, width, height = browser.rectangle(MEDIA)
    right, middle = left + width - 2, top + height / 2
    browser.drag((right, middle), (right + 30, middle))
    for index in range(3):
        assert browser.rectangle(MEDIA, index)[2:] == pytest.approx((150, 100), abs=0.1)
    left, top, width, height = browser.rectangle(MEDIA, 1)
    browser.click(left + width / 2, top + height / 2)
    browser.wait("() => !!document.querySelector('[role=dialog]')")
    assert browser.evaluate(HEAD) == ["two", "2 of 3"]
    browser.key("ArrowRight")
    assert browser.evaluate(HEAD) == ["three", "3 of 3"]
    for _ in range(3):
        browser.key("ArrowLeft")
    assert browser.evaluate(HEAD) == ["one", "1 of 3"]
    left, top, width, height = browser.rectangle(LARGE)
    scale = width / 60
    assert (scale, height) == (round(scale), scale * 40)
    for row, column in ((0, 0), (17, 33), (39, 59)):
        x, y = left + scale * (column + 0.5), top + scale * (row + 0.5)
        where = f"row {row}, column {column}: "
        browser.move(x, y)
        browser.wait(
            "(start) => document.querySelector('.nbimage-reading').textContent.startsWith(start)",
            where,
        )
        reading = browser.evaluate("() => document.querySelector('.nbimage-reading').textContent")
        assert np.float32(reading.removeprefix(where).replace("−", "-")) == FLOATS[row, column]
    browser.key("Escape")
    browser.wait("() => !document.querySelector('[role=dialog]')")
    assert (
        browser.evaluate(
            "() => [...document.querySelectorAll('.nbimage-media')].indexOf(document.activeElement)"
        )
        == 0
    )


def test_a_grid_shows_the_pixels_of_each(browser: Browser, load: Load) -> None:
    load(Grid([RGB, 255 - RGB], columns=2, zoom=2))
    wait_for_pictures(browser)
    browser.move(1, 1)
    for index, pixels in enumerate((RGB, 255 - RGB)):
        place = browser.rectangle(f"{MEDIA} img", index)
        assert place[2:] == (180, 120)
        np.testing.assert_array_equal(
            browser.part(f"{MEDIA} img", index), pixels.repeat(2, 0).repeat(2, 1)
        )


# --------------------------------------------------------------------------------- videos

COUNT, FPS, SIDE, BITS = 20, 10, 32, 5
OFF = 8  # of 255, by which codecs change flat colors


def coded() -> np.ndarray:
    """Frames with their number in squares, bright or dark, and squares of colors below."""
    numbers = np.arange(COUNT)[:, None] >> np.arange(BITS) & 1
    squares = np.zeros((COUNT, 2, BITS, 3), np.uint8)
    squares[:, 0] = 16 + 224 * numbers[..., None]
    squares[:, 1] = RANDOM.integers(30, 226, (COUNT, BITS, 3))
    return squares.repeat(SIDE, 1).repeat(SIDE, 2)


FRAMES = coded()


def middles(frame: np.ndarray, scale: int = 1) -> np.ndarray:
    """The mean colors within the squares of a frame: what no neighbour has an influence on."""
    side, edge = SIDE * scale, SIDE * scale // 4
    squares = frame[..., :3].reshape(2, side, BITS, side, 3)[:, edge:-edge, :, edge:-edge]
    return squares.mean((1, 3))


STATE = """() => {
  const [text, count] = document.querySelector(".nbimage-player").shadowRoot
    .querySelector("output").children;
  const video = document.querySelector("video");
  return [text.textContent, count.textContent, video.paused, video.seeking];
}"""


def wait_for_frame(browser: Browser, number: int) -> None:
    """Wait until a paused video shows a frame, and says so."""
    wanted = [f"frame {number}", f"{number + 1}/{COUNT}", True, False]
    browser.wait(f"(wanted) => ({STATE})().join() === wanted.join()", wanted)
    expected = middles(FRAMES[number])

    def shown() -> bool:
        browser.settle()
        return bool(np.abs(middles(browser.part("video"), 2) - expected).max() < OFF)

    wait_for(shown)


@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9", "av1"])
def test_a_video_shows_its_frames_as_keys_and_the_slider_ask(
    codec: str, browser: Browser, load: Load
) -> None:
    load(Video(FRAMES, fps=FPS, width=2 * BITS * SIDE, **{"h264": None, codec: True}))
    browser.wait("() => document.querySelector('video').readyState >= 2")
    browser.evaluate("() => document.querySelector('video').pause()")
    browser.focus(".nbimage-box")
    for key, number in (("Home", 0), (".", 1), ("ArrowRight", 2), (",", 1), ("End", COUNT - 1)):
        browser.key(key)
        wait_for_frame(browser, number)
