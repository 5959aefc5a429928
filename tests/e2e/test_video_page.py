"""A video on a page of its own in Chromium: it plays, every frame is reached, keys step it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from nbimage import Grid, Video
from nbimage.page.html import document_html
from tests.clips import run
from tests.e2e.harness import Chromium, NotebookPage, settle, wait_for

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
  canvas.width = 160; canvas.height = 64;
  const context = canvas.getContext('2d'); context.drawImage(video, 0, 0, 160, 64);
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
    opened = chromium.new_page((700, 600))
    opened.goto(path.as_uri())
    opened.wait_for_function("document.querySelector('video').readyState >= 2")
    return opened


def with_codec(codec: str) -> object:
    return lambda: Video(numbered(), fps=12, **{"h264": None, codec: True})


def of_file(name: str) -> Callable[[], Video]:
    """Return what makes the video of a file of others, in groups with frames between two others."""

    def make() -> Video:
        flags = {".webm": "-c:v libvpx-vp9 -lag-in-frames 12 -auto-alt-ref 1"}
        with TemporaryDirectory() as folder:
            (plain,) = Video(numbered(), fps=12, lossless=True).save(Path(folder) / "plain")
            path = Path(folder) / name
            codec = flags.get(path.suffix, "-c:v libx264 -bf 3 -g 12").split()
            run("-i", str(plain), *codec, "-pix_fmt", "yuv420p", str(path))
            video = Video(path)
        assert f"as {name} has it" in video.description
        return video

    return make


@pytest.mark.parametrize(
    "page",
    [
        *(with_codec(name) for name in ("h264", "vp8", "vp9", "av1")),
        *(of_file(name) for name in ("a.mp4", "a.mov", "a.mkv", "a.webm")),
    ],
    indirect=True,
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


SEEN = NUMBER.replace(
    """  const seeked = new Promise(done => video.addEventListener('seeked', done, {once: true}));
  video.currentTime = time; await seeked;
""",
    "",
).replace("(video, time)", "video")
CONTROLS = """(() => {
  const bar = document.querySelector('.nbimage-player').shadowRoot;
  const [text, count] = bar.querySelector('output').children;
  return [text.textContent, count.textContent, +bar.querySelector('[type=range]').value];
})()"""
TIMES = ["2019-01-12 00:00", "2019-01-12 06:00", "2019-01-12 12:00", "2019-01-12 18:00"]


def labelled() -> Video:
    import xarray

    times = np.datetime64("2019-01-12") + 6 * np.arange(COUNT) * np.timedelta64(1, "h")
    stack = xarray.DataArray(numbered(), dims=("time", "y", "x"), coords={"time": times})
    return Video(stack, 0, 255, fps=12, counter=("lr", True))


def wait_for_frame(page: Page, number: int) -> None:
    """Wait until the picture, the slider and the count are those of a frame."""
    video = page.query_selector("video")
    assert video is not None
    wait_for(lambda: video.evaluate(SEEN) == number, page)
    wait_for(lambda: page.evaluate(CONTROLS)[1:] == [f"{number + 1}/{COUNT}", number], page)


@pytest.mark.parametrize(
    "page", [with_codec(name) for name in ("h264", "vp8", "vp9", "av1")], indirect=True
)
def test_the_slider_shows_every_frame(page: Page) -> None:
    slider = page.locator(".nbimage-player [type=range]")
    for number in [*range(COUNT), 5, 17, 0]:
        slider.fill(str(number))
        wait_for_frame(page, number)
    page.close()


@pytest.mark.parametrize("page", [lambda: Video(numbered(), fps=12)], indirect=True)
def test_keys_and_buttons_step_single_frames_and_the_number_is_shown(page: Page) -> None:
    box = page.query_selector(".nbimage-box")
    assert box is not None
    box.focus()
    keys = ((".", 1), ("ArrowRight", 2), (",", 1), ("End", 23), (".", 23), ("ArrowLeft", 22))
    for key, number in (*keys, ("Home", 0), (",", 0)):
        page.keyboard.press(key)
        wait_for_frame(page, number)
        assert page.evaluate(CONTROLS)[0] == f"frame {number}"
    for name, number in (("Next", 1), ("Next", 2), ("Previous", 1)):
        page.locator(f".nbimage-player button[aria-label={name}]").click()
        wait_for_frame(page, number)
    page.keyboard.press("Tab")
    page.close()


@pytest.mark.parametrize("page", [labelled], indirect=True)
def test_dates_are_said_below_and_stand_over_the_picture(page: Page) -> None:
    box = page.query_selector(".nbimage-box")
    counter = page.query_selector(".nbimage-counter")
    assert box is not None
    assert counter is not None
    box.focus()
    for number, text in enumerate(TIMES):
        wait_for_frame(page, number)
        assert page.evaluate(CONTROLS)[0] == text
        assert counter.inner_text() == text
        page.keyboard.press(".")
    inside, outside = counter.bounding_box(), box.bounding_box()
    assert inside is not None
    assert outside is not None
    assert inside["x"] > outside["x"] + outside["width"] / 2  # the lower right corner
    assert inside["y"] > outside["y"] + outside["height"] / 2
    assert counter.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 13
    page.close()


def test_frames_of_uneven_times_are_stepped_one_by_one(chromium: Chromium, tmp_path: Path) -> None:
    images = [Image.fromarray(frame) for frame in numbered()]
    times = [40 + 30 * (number % 4) for number in range(COUNT)]
    options: dict[str, Any] = {"append_images": images[1:], "duration": times}
    images[0].save(tmp_path / "x.gif", save_all=True, **options)
    path = tmp_path / "uneven.html"
    path.write_text(document_html(Video(tmp_path / "x.gif").html, "uneven"), "utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    for number in [*range(1, COUNT), 5, 0]:
        page.locator(".nbimage-player [type=range]").fill(str(number))
        wait_for_frame(page, number)
    page.close()


def slow() -> Video:
    return Video(numbered(), fps=60, loop=True)


@pytest.mark.parametrize("page", [slow], indirect=True)
def test_it_plays_pauses_loops_and_changes_its_rate(page: Page) -> None:
    video = page.query_selector("video")
    play = page.locator(".nbimage-player button").first
    assert video is not None
    play.click()
    page.wait_for_function("document.querySelector('video').currentTime > 0.1")
    wait_for(lambda: play.get_attribute("aria-pressed") == "true", page)
    video.click()  # the picture itself
    page.wait_for_function("document.querySelector('video').paused")
    wait_for(lambda: play.get_attribute("aria-pressed") == "false", page)
    loop = page.locator(".nbimage-player button[title*=again]")
    assert loop.get_attribute("aria-pressed") == "true"
    loop.click()
    assert loop.get_attribute("aria-pressed") == "false"
    page.locator(".nbimage-player select").select_option("4")
    assert video.evaluate("v => [v.playbackRate, v.loop]") == [4, False]
    play.click()
    wait_for_frame(page, COUNT - 1)
    wait_for(lambda: play.get_attribute("aria-pressed") == "false", page)
    note = "() => { v.dataset.from = v.currentTime; }, { once: true }"
    video.evaluate(f"v => v.addEventListener('seeking', {note})")
    play.click()  # from the first frame again
    page.wait_for_function("document.querySelector('video').dataset.from < 0.3")
    wait_for_frame(page, COUNT - 1)
    page.close()


def bare() -> Video:
    return Video(np.full((3, 300, 400), 90, np.uint8), x=(0, 1), y=(0, 1), colorbar=True)


PLACES = """[...document.querySelectorAll('.nbimage-box,.nbimage-media')].map(box => {
  const bar = box.closest('.nbimage,.nbimage-cell').querySelector('.nbimage-player');
  const [a, b] = [box, bar].map(one => one.getBoundingClientRect());
  const row = bar.shadowRoot.querySelector('.axis');
  const wide = Math.max(...[...row.children].map(one => one.getBoundingClientRect().right));
  return [a.bottom, b.top, b.left - a.left, b.right, wide, innerWidth];
})"""


def several() -> Any:
    frames = numbered()
    return Grid([Video(frames), Video(frames, title="second"), bare()], columns=2)


@pytest.mark.parametrize("width", [300, 420, 900, 1600])
@pytest.mark.parametrize("page", [bare, labelled, several], indirect=True)
def test_controls_stand_below_the_picture_and_never_over_it(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    settle(page)
    for bottom, top, aside, right, widest, whole in page.evaluate(PLACES):
        assert top >= bottom
        assert abs(aside) < 1
        assert widest <= right + 1
        assert right <= whole or width == 300
    assert page.evaluate("[...document.querySelectorAll('video')].every(v => !v.controls)")
    page.close()


@pytest.mark.parametrize("page", [bare], indirect=True)
def test_the_whole_screen_is_filled_and_left_as_it_was(page: Page) -> None:
    width = "document.querySelector('.nbimage-box').offsetWidth"
    page.focus(".nbimage-box")
    page.keyboard.press("f")
    page.wait_for_function(f"document.fullscreenElement && {width} > 440")
    settle(page)
    ((bottom, top, _, right, _, whole),) = page.evaluate(PLACES)
    assert bottom <= top
    assert right <= whole
    assert page.evaluate("document.fullscreenElement.scrollHeight <= innerHeight")
    page.keyboard.press("f")
    page.wait_for_function(f"!document.fullscreenElement && {width} === 400")
    page.close()


@pytest.mark.parametrize("frames", [(1, 1), (3, 4), (16, 16), (40, 50)])
def test_small_frames_play_and_have_their_colors(
    chromium: Chromium, tmp_path: Path, frames: tuple[int, int]
) -> None:
    stack = np.random.default_rng(0).integers(0, 2, (3, *frames, 3), dtype=np.uint8) * 200 + 20
    path = tmp_path / "small.html"
    path.write_text(document_html(Video(stack, h264=4, channel_axis=-1).html, "small"), "utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    image = seen(page)
    step = image.shape[0] // frames[0]
    shown = image[step // 2 :: step, step // 2 :: step, :3].astype(int)
    assert np.abs(shown - stack[0]).mean() < 12
    page.close()


def test_without_scripts_it_has_the_browsers_own_controls(
    chromium: Chromium, tmp_path: Path
) -> None:
    path = tmp_path / "bare.html"
    text = Video(numbered(), counter=True).html
    path.write_text(re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL), "utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    assert page.evaluate("document.querySelector('video').controls")
    assert page.query_selector(".nbimage-player") is None
    page.close()


def test_another_codec_plays_where_the_first_one_does_not(
    chromium: Chromium, tmp_path: Path
) -> None:
    path = tmp_path / "second.html"
    text = Video(numbered(), fps=12, theora=True, h264=None, vp8=True).html
    theora = re.search(r'<source src="(data:video/ogg[^"]+)"', text)
    vp8 = re.search(r'<video src="(data:video/webm[^"]+)"', text)
    assert theora is not None
    assert vp8 is not None
    swapped = text.replace(vp8[1], "?").replace(theora[1], vp8[1]).replace("?", theora[1], 1)
    path.write_text(swapped.replace('"video/ogg"', '"video/webm"'), "utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    page.locator(".nbimage-player [type=range]").fill("7")
    wait_for_frame(page, 7)
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
    shown = seen(page)
    step = 48 * shown.shape[0] // 96  # small ones are enlarged for the page
    middles = shown[step // 2 :: step, step // 2 :: step, :3].astype(int)
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
    middle, across = alpha[len(alpha) // 2], alpha.shape[1]
    assert middle[across // 5] >= 253
    assert middle[4 * across // 5] <= 2
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
