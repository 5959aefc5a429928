"""Notebook 7 shows what JupyterLab shows: one notebook with something of each kind, run once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nbimage import Picture
from tests.e2e.explorer import Viewer, place_of, rgba, values_of
from tests.e2e.harness import Chromium, JupyterServer, open_notebook, wait_for, write_notebook
from tests.e2e.test_grid_page import drag, grid_of

ARRAYS = """
import numpy as np
picture = np.random.default_rng(3).integers(0, 256, (120, 240), dtype=np.uint8)
frames = np.zeros((12, 64, 96, 3), np.uint8)
frames[:, :, :48] = 200, 40, 30
"""
CELLS = {
    "setup": ARRAYS + "from nbimage import nbgrid, nbimage, nbvideo, nbview",
    "picture": "nbimage(picture, display_id='picture')",
    "again": "nbimage(255 - picture, display_id='picture')",
    "grid": "nbgrid([picture, picture, picture], columns=3, width=100)",
    "video": "nbvideo(frames, fps=6, progress=False)",
    "view": "nbview(picture, width=480)",
    "live": "nbview(picture, embed=False, width=240, height=120)",
}
arrays: dict[str, np.ndarray] = {}
exec(ARRAYS, arrays)


@pytest.mark.server
def test_notebook_7_shows_what_jupyterlab_shows(chromium: Chromium, tmp_path: Path) -> None:
    shown = arrays["picture"]
    chromium.external.clear()
    (tmp_path / "root").mkdir()
    written = write_notebook(tmp_path / "seven.ipynb", CELLS)
    with (
        JupyterServer(tmp_path / "root", "nb7") as server,
        open_notebook(written, list(CELLS), server, chromium, "fresh") as page,
    ):
        picture = page.picture("picture")
        np.testing.assert_array_equal(picture.pixels()[:, :, 0], 255 - shown)
        assert page.stored("again") == []
        assert picture.drag("e", 60, 0) == (300, 150)
        page.run_cell("again")
        assert picture.size() == (300, 150)
        assert picture.press("Escape") == (240, 120)

        drag(page.page, grid_of(page, "grid")[0], "e", 30, 0)
        assert {round(width) for _, _, width, _ in grid_of(page, "grid")} == {130}

        video = page.output("video").query_selector("video")
        assert video is not None
        video.evaluate("async v => { v.muted = true; await v.play(); v.pause() }")

        page.output("view")
        viewer = Viewer(page.page)
        viewer.shows(rgba(Picture(shown).render()).repeat(2, 0).repeat(2, 1))
        cells = page.page.evaluate("() => e2e.cells().length")
        viewer.press("a", "b", "x", "d", "d", "z")
        assert page.page.evaluate("() => e2e.cells().length") == cells

        page.output("live")
        live = Viewer(page.page, root=".nbimage-live")
        live.rest()
        assert page.page.locator(".nbimage-live").count() == 1
        images = page.output("live").query_selector_all("img")
        assert not any(image.is_visible() for image in images)
        live.press("1")
        live.rest()
        wait_for(lambda: "…" not in live.move(60, 70), page.page)
        column, row = place_of(live.readout())
        assert values_of(live.readout()) == [str(shown[row, column])]
        assert page.errors == page.console_errors == []
    assert chromium.external == []
