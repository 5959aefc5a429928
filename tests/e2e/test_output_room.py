"""Outputs in JupyterLab take the room that they need: none scrolls, at any width and zoom."""

from __future__ import annotations

import contextlib

import pytest
from playwright.sync_api import CDPSession

from tests.e2e.explorer import Viewer
from tests.e2e.harness import VIEWPORT, NotebookPage, frames, settle, wait_for

CELLS = {
    "setup": """
import numpy as np
import pandas as pd
from nbimage import nbgrid, nbimage, nbvideo, nbview, show_images
image = np.random.default_rng(1).integers(0, 60000, (120, 181), dtype=np.uint16)
stack = np.stack([image, image // 2, image // 3])
around = {"x": (0, 3), "y": (0, 2), "colorbar": True}
""",
    "picture": "nbimage(image)",
    "wide": "nbimage(image, zoom=9)",
    "figure": "nbimage(image, **around, title='A figure')",
    "grid": "nbgrid([image, image, image], titles=['a', 'b', 'c'], columns=3)",
    "grid of figures": "nbgrid([image, image // 2], **around)",
    "video": "nbvideo(stack, fps=5)",
    "video with axes": "nbvideo(stack, fps=5, **around)",
    "view": "nbview(image)",
    "view of a stack": "nbview(stack, axes='zyx', width=401, height=287)",
    "live view": "nbview(image, embed=False)",
    "live view of a stack": "nbview(stack, axes='zyx', embed=False, width=401, height=287)",
    "live view of a share": "nbview(image, embed=False, width='50%')",
    "table": "show_images(pd.DataFrame({'name': ['a', 'b'], 'image': [image, image // 2]}))",
    "tree": "%load_ext nbimage\n{'a': image, 'b': [image, stack]}",
}
ZOOMS = (0.9, 1, 1.1, 1.25, 1.5, 1.75, 2)
WIDTHS = (700, VIEWPORT[0])
# What scrolls of an output, though nobody asked for it; tables have a box of their own to scroll.
SCROLLED = """area => [area, ...area.querySelectorAll("[class*=jp-OutputArea]")].map(one => [
  one.className, one.scrollHeight - one.clientHeight, one.scrollWidth - one.clientWidth,
]).filter(([, down, across]) => down || across)"""


@pytest.fixture
def metrics(fresh: NotebookPage) -> CDPSession:
    session: CDPSession = fresh.page.context.new_cdp_session(fresh.page)
    return session


@pytest.mark.parametrize("name", [name for name in CELLS if name != "setup"])
def test_no_output_scrolls(name: str, fresh: NotebookPage, metrics: CDPSession) -> None:
    if "view" in name:
        Viewer(fresh.page)
    try:
        for width in WIDTHS:
            for zoom in ZOOMS:
                size = {"width": round(width / zoom), "height": VIEWPORT[1]}
                scale = {"deviceScaleFactor": zoom, "mobile": False}
                metrics.send("Emulation.setDeviceMetricsOverride", size | scale)
                output = fresh.output(name)
                frames(fresh.page, 2)
                settle(fresh.page, output)
                with contextlib.suppress(AssertionError):
                    wait_for(lambda output=output: not output.evaluate(SCROLLED), fresh.page)
                assert output.evaluate(SCROLLED) == [], (width, zoom)
    finally:
        metrics.send("Emulation.clearDeviceMetricsOverride")
