"""A video on a page of its own in Chromium: it plays, every frame is reached, keys step it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from nbimage import Video
from tests.e2e.harness import Chromium, NotebookPage, wait_for

COUNT = 24


def numbered() -> np.ndarray:
    """Frames that carry their number in five bright or dark squares."""
    frames = np.zeros((COUNT, 64, 160), np.uint8)
    for number in range(COUNT):
        for bit in range(5):
            frames[number, 16:48, 32 * bit : 32 * bit + 32] = 255 * (number >> bit & 1)
    return frames


NUMBER = """async (video, time) => {
  const seeked = new Promise(done => video.addEventListener('seeked', done, {once: true}));
  video.currentTime = time; await seeked;
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const context = canvas.getContext('2d'); context.drawImage(video, 0, 0);
  let number = 0;
  for (let bit = 0; bit < 5; bit++)
    number |= (context.getImageData(32 * bit + 16, 32, 1, 1).data[0] > 127) << bit;
  return number;
}"""


@pytest.fixture
def page(chromium: Chromium, tmp_path: Path, request: pytest.FixtureRequest) -> Page:
    video: Video = request.param()
    path = tmp_path / "video.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><body><div>{video.html}</div>", "utf-8")
    opened = chromium.new_page()
    opened.set_viewport_size({"width": 700, "height": 600})
    opened.goto(path.as_uri())
    opened.wait_for_function("document.querySelector('video').readyState >= 2")
    return opened


def with_codec(codec: str) -> object:
    return lambda: Video(numbered(), fps=12, **{"h264": None, codec: True})


@pytest.mark.parametrize(
    "page", [with_codec(name) for name in ("h264", "vp8", "vp9", "av1")], indirect=True
)
def test_every_frame_is_reached_by_seeking_and_the_duration_is_right(page: Page) -> None:
    video = page.query_selector("video")
    assert video is not None
    assert abs(video.evaluate("v => v.duration") - COUNT / 12) < 0.05
    for number in [*range(COUNT), 3, 17, 0]:
        code = NUMBER.replace("(video, time)", "video").replace(
            "video.currentTime = time", f"video.currentTime = {(number + 0.5) / 12}"
        )

        def is_there(code: str = code, number: int = number) -> bool:
            return video.evaluate(code) == number

        wait_for(is_there, page)  # a frame may be painted late
    page.close()


@pytest.mark.parametrize("page", [lambda: Video(numbered(), fps=12)], indirect=True)
def test_keys_step_single_frames_and_the_number_is_shown(page: Page) -> None:
    box = page.query_selector(".nbimage-box")
    label = page.query_selector(".nbimage-frame")
    assert box is not None
    assert label is not None
    box.focus()
    for key, number in ((".", 1), (".", 2), ("ArrowRight", 3), (",", 2), ("ArrowLeft", 1)):
        page.keyboard.press(key)
        page.wait_for_function(
            f"document.querySelector('.nbimage-frame').textContent.startsWith('frame {number} ')"
        )
    assert f"of {COUNT}" in label.inner_text()
    page.close()


@pytest.mark.parametrize(
    "page", [lambda: Video(np.full((3, 101, 151), 90, np.uint8), fps=5, zoom=1)], indirect=True
)
def test_padding_is_never_seen_and_dragging_keeps_the_ratio(page: Page) -> None:
    box = page.query_selector(".nbimage-box")
    handle = page.query_selector("[data-edge=e]")
    assert box is not None
    assert handle is not None
    frame = page.query_selector(".nbimage-box > div")
    assert frame is not None
    for width in (151, 251):
        size = frame.bounding_box()
        assert size is not None
        assert size["width"] == pytest.approx(width, abs=1)
        assert size["width"] / size["height"] == pytest.approx(151 / 101, rel=0.01)
        grip = handle.bounding_box()
        assert grip is not None
        x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 100, y, steps=4)
        page.mouse.up()
    page.close()


PATCHES = np.array(
    [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [128, 128, 128], [20, 90, 200]], np.uint8
)
PIXELS = """async v => {
  if (v.readyState < 2) await new Promise(done => v.addEventListener('loadeddata', done));
  const c = document.createElement('canvas'); c.width = v.videoWidth; c.height = v.videoHeight;
  const x = c.getContext('2d'); x.drawImage(v, 0, 0);
  return [c.width, [...x.getImageData(0, 0, c.width, c.height).data]];
}"""


def seen(page: Page) -> np.ndarray:
    """The first frame as Chromium paints it on a canvas, RGBA."""
    video = page.query_selector("video")
    assert video is not None
    width, data = video.evaluate(PIXELS)
    return np.array(data, np.uint8).reshape(-1, width, 4)


def patches() -> np.ndarray:
    return np.stack([np.repeat(np.repeat(PATCHES.reshape(2, 3, 3), 48, 0), 48, 1)] * 3)


def painted(codec: str, **options: bool) -> object:
    return lambda: Video(patches(), **options, **{"h264": None, codec: True})


@pytest.mark.parametrize(
    "page", [painted(codec) for codec in ("h264", "vp8", "vp9")], indirect=True
)
def test_chromium_shows_the_true_colors(page: Page) -> None:
    middles = seen(page)[24::48, 24::48, :3].astype(int)
    assert np.abs(middles - patches()[0, 24::48, 24::48]).max() <= 2
    page.close()


@pytest.mark.parametrize(
    "page", [painted(codec, lossless=True) for codec in ("h264", "vp9")], indirect=True
)
def test_chromium_shows_every_pixel_of_a_lossless_video(page: Page) -> None:
    assert np.array_equal(seen(page)[:, :, :3], patches()[0])
    page.close()


def clear(codec: str) -> object:
    frames = np.zeros((3, 96, 96, 4), np.uint8)
    frames[:, :, :48] = (200, 40, 30, 255)
    return lambda: Video(frames, **{"h264": None, codec: True})


@pytest.mark.parametrize("page", [clear(codec) for codec in ("vp8", "vp9")], indirect=True)
def test_chromium_shows_what_is_transparent_so(page: Page) -> None:
    alpha = seen(page)[:, :, 3]
    assert alpha[48, 20] >= 253
    assert alpha[48, 76] <= 2
    page.close()


CELLS = {
    "set-up": "import numpy as np\nfrom nbimage import nbvideo\n"
    "frames = np.zeros((12, 64, 96, 3), np.uint8)\nframes[:, :, :48] = (200, 40, 30)\n"
    "frames[np.arange(12), 2, np.arange(12)] = 255",
    "h264": "nbvideo(frames, fps=6, progress=False)",
    "webm": "nbvideo(frames, fps=6, h264=None, vp8=10, vp9=31, progress=False)",
}


@pytest.mark.parametrize("name", ["h264", "webm"])
def test_jupyter_plays_it_in_true_colors(fresh: NotebookPage, name: str) -> None:
    video = fresh.output(name).query_selector("video")
    assert video is not None
    video.evaluate("async v => { v.muted = true; await v.play(); v.pause() }")
    assert abs(video.evaluate("v => v.duration") - 2) < 0.05
    red = video.evaluate("""v => { const c = document.createElement('canvas');
        c.width = v.videoWidth; c.height = v.videoHeight; const x = c.getContext('2d');
        x.drawImage(v, 0, 0); return [...x.getImageData(20, 40, 1, 1).data].slice(0, 3) }""")
    assert np.abs(np.array(red) - [200, 40, 30]).max() <= 3


def test_an_untrusted_notebook_still_plays_it(untrusted: NotebookPage) -> None:
    video = untrusted.output("h264").query_selector("video")
    assert video is not None
    played = "async v => { v.muted = true; await v.play(); return [v.videoWidth, v.videoHeight] }"
    width, height = video.evaluate(played)
    assert width / height == 96 / 64
