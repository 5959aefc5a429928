"""Every notebook under notebooks/ runs, and becomes a page that opens offline."""

from pathlib import Path

import nbformat
import pytest

from notebooks.run import HERE, run
from tests.e2e.harness import Chromium, HtmlPage

HOLDERS = ".nbimage-box,.nbimage-media"
PICTURES = """css => Promise.all([...document.querySelectorAll(css)].map(async picture => {
    await picture.decode();
    return [picture.naturalWidth, picture.alt];
}))"""
DRAWN = """async canvas => {
    canvas.scrollIntoView();
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const { width, height } = canvas;
    return canvas.getContext("2d").getImageData(0, 0, width, height).data.some(x => x > 0);
}"""
NOTEBOOKS = sorted(path.stem for path in HERE.glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert "tour" in NOTEBOOKS


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_notebook_runs_and_its_page_shows_every_picture_offline(
    name: str, tmp_path: Path, chromium: Chromium
) -> None:
    chromium.external.clear()
    page = HtmlPage(chromium, run(name, tmp_path), [])
    pictures = page.page.evaluate(PICTURES, f":is({HOLDERS}) > img:first-child")
    overlays = page.page.evaluate(PICTURES, f":is({HOLDERS}) > img:not(:first-child)")
    videos = page.page.query_selector_all(f":is({HOLDERS}) video")
    assert len(pictures) + len(videos) >= 7
    assert all(width > 0 and alt for width, alt in pictures)
    assert all(width > 0 for width, _ in overlays)
    for video in videos:
        video.evaluate(
            "async v => { v.scrollIntoView(); v.muted = true; await v.play(); v.pause();"
            " if (v.error || !v.videoWidth) throw v.error }"
        )
    for view in page.page.query_selector_all(".nbimage-view"):
        pane = view.wait_for_selector(".pane canvas")
        assert pane is not None and pane.evaluate(DRAWN)
    assert chromium.external == []
    assert page.errors == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_notebook_is_stored_without_outputs(name: str) -> None:
    notebook = nbformat.read(HERE / f"{name}.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
