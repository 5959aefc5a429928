"""Outputs in frames: whole, harmless, as tall as what is in them, in the colors of the page."""

from __future__ import annotations

import html
import io
import re
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import ElementHandle, Page

from nbimage import Grid, Picture, Video, View
from nbimage.page.html import document_html
from tests.e2e.harness import Chromium, settle, wait_until
from tests.page.test_html import HOSTILE

rows, columns = np.mgrid[:160, :240]
WAVE = np.sin(columns / 18) * np.cos(rows / 13)
FRAMES = np.stack([np.roll(WAVE, 6 * t, 1) for t in range(4)])
AXES: dict[str, Any] = {"x": True, "y": True, "colorbar": "height [m]", "title": "A field"}
KINDS: dict[str, Any] = {
    "a picture": lambda: Picture(WAVE),
    "a picture with texts": lambda: Picture(WAVE, caption="many words " * 12, title="A title"),
    "a figure": lambda: Picture(WAVE, xlabel="column", ylabel="row", **AXES),
    "a histogram": lambda: Picture(WAVE, histogram=True),
    "names": lambda: Picture(WAVE[:2, :3], x=["some long name", "two", "three"], y=["a", "b"]),
    "a video": lambda: Video(FRAMES),
    "a video with axes": lambda: Video(FRAMES, **AXES),
    "a grid": lambda: Grid([WAVE] * 6, list("abcdef"), columns=3),
    "as many as fit": lambda: Grid([WAVE[:64, :64]] * 17, [str(i) for i in range(17)]),
    "a grid with axes": lambda: Grid([WAVE] * 4, x=True, y=True, columns=2),
    "a grid of videos": lambda: Grid([Video(FRAMES), Video(FRAMES)]),
    "pages": lambda: Grid([WAVE[:8, :8]] * 30, columns=5, page=10, title="some of them"),
    "a view": lambda: View(WAVE),
    "a stack": lambda: View(np.stack([FRAMES, FRAMES]), axes="ctyx", channels=False),
    "two images": lambda: View({"a": WAVE, "b": WAVE + 1}),
    "planes": lambda: View(FRAMES, axes="zyx", ortho=True),
    "facets": lambda: View(FRAMES, axes="tyx", facet="t", title="A title"),
    "panels": lambda: View(WAVE, state={"panels": ["contrast", "layers", "measure"]}),
    "tiles": lambda: View(WAVE, embed=False),
}
INSIDE = "() => document.body.getBoundingClientRect().height"
SCRIPTS = 'onload="[^"]*"'
DARK = (
    "body{background:#101418;color:#e8eaed}",  # without a word on schemes
    ":root{color-scheme:dark}body{background:#101418;color:#e8eaed}",
)


def parts(frame: str) -> tuple[str, str]:
    """Return a frame's tag without its page, and the page."""
    found = re.fullmatch(r"(?s)(.*) srcdoc='([^']*)'(></iframe>.*)", frame)
    assert found
    return found[1] + found[3], html.unescape(found[2])


def shown(page: Page, output: str, style: str = "") -> ElementHandle:
    """Show HTML on a page, and return its frame."""
    page.set_content(f"<style>{style}</style>{output}")
    frame = page.wait_for_selector("iframe")
    assert frame is not None
    return frame


def ready(frame: ElementHandle) -> Any:
    """Return what is in a frame, once it has been drawn."""
    inner = frame.content_frame()
    assert inner is not None
    inner.wait_for_function("() => document.readyState === 'complete'")
    inner.wait_for_function("() => !document.querySelector('.nbimage-fallback')?.checkVisibility()")
    inner.evaluate("() => new Promise(done => setTimeout(() => requestAnimationFrame(done)))")
    return inner


@pytest.fixture(scope="module")
def page(chromium: Chromium) -> Page:
    return chromium.new_page()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_frame_is_one_line_and_holds_the_page_as_it_is(text: str) -> None:
    picture = Picture(WAVE, title=text, caption=text)
    outside, inside = parts(picture.iframe())
    assert "\n" not in outside and outside.count("<iframe") == 1
    assert picture.html in inside
    assert "allow-same-origin" not in outside and 'sandbox="allow-scripts ' in outside
    assert "<script" not in outside


def test_sizes_are_those_that_are_asked_for() -> None:
    outside, _ = parts(Picture(WAVE).iframe(width=300, height=90.5))
    assert "width:300px" in outside and "height:91px" in outside
    for wrong in (0, -3, float("nan"), "tall"):
        with pytest.raises((ValueError, TypeError), match="height"):
            Picture(WAVE).iframe(height=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="hight"):
        View(WAVE).iframe(hight=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("name", KINDS)
def test_a_frame_becomes_as_tall_as_what_is_in_it(name: str, page: Page) -> None:
    item = KINDS[name]()
    estimated = item._frame_size()[1]
    frame = shown(page, f"<div style='width:900px'>{item.iframe()}</div>")
    inner = ready(frame)
    wait_until(
        page,
        "([frame, tall]) => frame.getBoundingClientRect().height === tall",
        [frame, -(-inner.evaluate(INSIDE) // 1)],
    )
    root = "document.documentElement"
    scrolled = f"() => [{root}.scrollHeight - innerHeight, {root}.scrollWidth - innerWidth]"
    assert inner.evaluate(scrolled) == [0, 0]
    needed = inner.evaluate(INSIDE)
    # what keeps no `onload` cuts nothing, and leaves not much free
    assert needed <= estimated <= 1.5 * needed + 40


def test_a_frame_without_its_onload_has_the_estimated_height(page: Page) -> None:
    item = View(WAVE)
    frame = shown(page, re.sub(SCRIPTS, "", item.iframe()))
    inner = ready(frame)
    assert inner.evaluate("() => document.querySelector('.nbimage-view').offsetHeight") > 100
    height = frame.evaluate("frame => frame.clientHeight")
    assert height == -(-item._frame_size()[1] // 1)


@pytest.mark.parametrize("style", DARK)
@pytest.mark.parametrize("kept", [True, False])
def test_a_frame_can_be_read_on_a_dark_page(style: str, kept: bool, page: Page) -> None:
    output = KINDS["a figure"]().iframe()
    frame = shown(page, output if kept else re.sub(SCRIPTS, "", output), style)
    inner = ready(frame)
    elements = "[document.body, document.documentElement].map(e => getComputedStyle(e))"
    found = f"() => {elements}.map(style => [style.color, style.backgroundColor])"
    if kept:
        inner.wait_for_function("() => getComputedStyle(document.body).color !== 'rgb(0, 0, 0)'")
        (text, _), (_, ground) = inner.evaluate(found)
        assert (text, ground) == ("rgb(232, 234, 237)", "rgba(0, 0, 0, 0)")
    else:  # as the reader's scheme has it, on a background of that scheme
        (text, _), (_, ground) = inner.evaluate(found)
        assert ground != "rgba(0, 0, 0, 0)" and text != ground


def test_a_frame_can_be_read_where_the_page_colors_no_text(page: Page) -> None:
    output = f"<main>{KINDS['a figure']().iframe()}</main>"
    for ground, text in (("#101418", "rgb(232, 234, 237)"), ("#fff", "rgb(0, 0, 0)")):
        frame = shown(page, output, f"main{{background:{ground}}}")
        inner = ready(frame)
        inner.wait_for_function("() => document.documentElement.style.color")
        assert inner.evaluate("() => getComputedStyle(document.body).color") == text


@pytest.mark.parametrize("style", DARK)
@pytest.mark.parametrize("name", ["a figure", "a grid", "a view", "a video"])
def test_an_output_alone_in_a_frame_has_the_colors_of_the_page(
    name: str, style: str, page: Page
) -> None:
    source = html.escape(KINDS[name]().html)
    # as Streamlit's: nothing is said of colors
    frame = shown(page, f'<iframe srcdoc="{source}" style="border:0"></iframe>', style)
    inner = ready(frame)
    color, ground = inner.evaluate(
        "() => [getComputedStyle(document.querySelector('.nbimage')).color, "
        "getComputedStyle(document.documentElement).backgroundColor]"
    )
    assert (color, ground) == ("rgb(232, 234, 237)", "rgba(0, 0, 0, 0)")
    schemes = "[frame, frame.contentDocument.documentElement].map(e => getComputedStyle(e))"
    one, other = frame.evaluate(f"frame => {schemes}.map(s => s.colorScheme)")
    assert one == other  # else there would be an opaque background


SCHEMES = (
    "",
    '<meta name="color-scheme" content="light dark">',
    '<meta name="color-scheme" content="dark">',
    "<style>:root{color-scheme:light dark}</style>",
    "<style>:root{color-scheme:dark}</style>",
    "<style>iframe{color-scheme:light}</style>",
)
"""What a page says of its colors."""


@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("kind", ["iframe", "bare", "both"])
def test_what_is_behind_a_frame_shows_through(
    kind: str, scheme: str, system: Literal["light", "dark"], chromium: Chromium
) -> None:
    page = chromium.new_page()  # a tab keeps the ground that a frame had on its last page
    picture = KINDS["a figure"]()
    frame = picture.iframe(width=400) if kind != "bare" else picture.html
    if kind != "iframe":
        frame = f'<iframe srcdoc="{html.escape(frame)}" style="border:0"></iframe>'
    page.emulate_media(color_scheme=system)
    for ground, text in ((16, 232), (255, 31)):
        color = f"rgb({ground},{ground},{ground})"
        style = f"body{{background:{color};color:rgb({text},{text},{text})}}"
        shown(page, f"{scheme}{frame}", style)
        for one in page.frames[1:]:
            one.wait_for_function("() => document.readyState === 'complete'")
        inner = page.frames[-1]
        inner.wait_for_function("() => document.documentElement.style.color")
        settle(page)
        title = inner.query_selector("div >> text='A field'")
        assert title is not None
        pixels = np.asarray(Image.open(io.BytesIO(title.screenshot())).convert("RGB")).reshape(
            -1, 3
        )
        assert (pixels == ground).all(axis=1).mean() > 0.5
        assert abs(pixels[:, 0].astype(int) - ground).max() > 150  # the letters
    page.context.close()


def test_a_page_with_colors_of_its_own_keeps_them_in_a_frame(page: Page) -> None:
    source = html.escape(document_html(Picture(WAVE).html, "x"))
    frame = shown(page, f'<iframe srcdoc="{source}"></iframe>', DARK[0])
    inner = ready(frame)
    assert inner.evaluate("() => document.documentElement.style.cssText") == ""


def test_pictures_are_dragged_in_a_frame_which_grows(page: Page) -> None:
    frame = shown(page, f"<div style='width:900px'>{Picture(WAVE).iframe()}</div>")
    inner = ready(frame)
    box = inner.query_selector(".nbimage-box")
    handle = inner.query_selector(".nbimage-handle[data-edge=se]")
    assert box is not None and handle is not None
    before, at = box.bounding_box(), handle.bounding_box()
    assert before is not None and at is not None
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y + 80, steps=6)
    page.mouse.up()
    assert box.evaluate("box => [box.offsetWidth, box.offsetHeight]") == [360, 240]
    wait_until(page, "frame => frame.clientHeight >= 240", frame)
    settle(page)
