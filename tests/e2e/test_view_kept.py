"""A live view that is saved: without its kernel it still zooms and says values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from nbimage import Picture
from tests.e2e.explorer import Viewer, place_of, rgba, values_of
from tests.e2e.harness import (
    Chromium,
    HtmlPage,
    JupyterServer,
    NotebookPage,
    OpenPage,
    execute_notebook,
    export_html,
    open_notebook,
    wait_for,
    write_notebook,
)

ARRAYS = """
import numpy as np
rng = np.random.default_rng(5)
small = rng.integers(0, 60000, (600, 700), dtype=np.uint16)
large = rng.integers(0, 60000, (2600, 3000), dtype=np.uint16)
"""
KEEP = 2_000_000
SHOWN = {
    "small": "nbview(small, embed=False, width=400, height=300)",
    "large": f"nbview(large, embed=False, width=400, height=300, keep={KEEP})",
    "none": "nbview(large, embed=False, width=400, height=300, keep=0)",
}
CELLS = {"setup": ARRAYS + "from nbimage import nbview", "kept": SHOWN["large"]}
arrays: dict[str, Any] = {}
exec(ARRAYS, arrays)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook that a program has run."""
    folder = tmp_path_factory.mktemp("kept")
    written = write_notebook(folder / "kept.ipynb", {"setup": CELLS["setup"], **SHOWN})
    return execute_notebook(written, folder / "out" / "kept.ipynb")


def kept(page: OpenPage, name: str) -> Viewer:
    """The explorer of what is kept, once it is there."""
    wait_for(lambda: page.output(name).query_selector(".nbimage-still .frame"), page.page)
    root = page.output(name).query_selector(".nbimage-still")
    assert root is not None
    root.evaluate("(e, name) => { e.dataset.test = name }", name)
    viewer = Viewer(page.page, root=f"[data-test={name}]")
    viewer.rest()
    return viewer


def check_kept(page: OpenPage) -> None:
    """Small images are there whole; of large ones coarse levels, which is said."""
    viewer = kept(page, "small")
    assert not viewer.find(".note.kept").count()
    viewer.move(150, 130)
    for _ in range(8):
        viewer.wheel(-100, control=True)
    viewer.rest()
    assert viewer.percent() > 200
    for x, y in ((40, 60), (200, 130), (350, 40)):
        column, row = place_of(viewer.move(x, y))
        assert values_of(viewer.readout()) == [str(arrays["small"][row, column])]
    viewer.press("1")
    viewer.rest()
    column, row = place_of(viewer.move(100, 100))
    part = arrays["small"][row - 100 :, column - 100 :][:300, :400]
    low, high = int(arrays["small"].min()), int(arrays["small"].max())
    expected = rgba(Picture(part, low, high).render())
    np.testing.assert_array_equal(viewer.pixels()[40:200, 40:200], expected[40:200, 40:200])

    viewer = kept(page, "large")
    said = viewer.find(".note.kept").inner_text()
    assert "1:4" in said and "run the cell again" in said.lower()
    viewer.move(150, 130)
    for _ in range(10):
        viewer.wheel(-100, control=True)
    viewer.rest()
    assert values_of(viewer.move(200, 130)) == ["not kept"]
    assert not viewer.find(".failed").is_visible()
    assert page.errors == []


def test_what_a_program_has_run_is_explored_as_a_page(saved: Path, chromium: Chromium) -> None:
    page = HtmlPage(chromium, export_html(saved, saved.with_suffix(".html")), ["setup", *SHOWN])
    check_kept(page)
    page.close()
    chromium.external.clear()  # nbconvert's page asks for what shows widgets


def test_reopened_without_a_kernel_it_is_explored(
    saved: Path, server: JupyterServer, chromium: Chromium
) -> None:
    with open_notebook(saved, ["setup", *SHOWN], server, chromium, "trusted") as page:
        check_kept(page)
        for name in SHOWN:  # nothing is said of what is not there but by the view itself
            assert "widget" not in page.output(name).inner_text().lower()


def test_with_nobodys_trust_the_overview_stands(
    saved: Path, server: JupyterServer, chromium: Chromium
) -> None:
    with open_notebook(saved, ["setup", *SHOWN], server, chromium, "untrusted") as page:
        for name in SHOWN:
            output = page.output(name)
            images = [img for img in output.query_selector_all("img") if img.is_visible()]
            assert len(images) == 1
            assert output.inner_text().strip() == ""


def test_the_notebook_grows_by_what_is_asked_for_at_most(saved: Path) -> None:
    cells = nbformat.read(saved, 4).cells
    sizes = {
        name: len(json.dumps(cell.outputs)) for name, cell in zip(SHOWN, cells[1:], strict=True)
    }
    assert 0.5 * KEEP < sizes["large"] - sizes["none"] <= KEEP
    assert "application/json" not in json.dumps(cells[3].outputs)


def test_what_was_looked_at_is_kept(
    fresh: NotebookPage, server: JupyterServer, chromium: Chromium
) -> None:
    output = fresh.output("kept")
    wait_for(lambda: output.query_selector(".nbimage-live .frame"), fresh.page)
    root = output.query_selector(".nbimage-live")
    assert root is not None
    root.evaluate("e => { e.dataset.test = 'live' }")
    viewer = Viewer(fresh.page, root="[data-test=live]")
    viewer.press("1")
    viewer.drag((300, 200), (100, 150))
    viewer.rest()
    column, row = place_of(viewer.move(200, 150))
    tile = f'"0/0/{column // 256}_{row // 256}"'
    wait_for(lambda: tile in "".join(fresh.stored("kept")[0]["data"]["text/html"]), fresh.page)
    assert not output.query_selector(".nbimage-still .frame")
    fresh.page.evaluate("async () => { await e2e.panel().context.save(); }")
    path = max(server.root.glob("again-fresh-*.ipynb"), key=lambda p: p.stat().st_mtime)
    with open_notebook(path, fresh.names, server, chromium, "trusted") as page:
        viewer = kept(page, "kept")
        assert viewer.percent() == 100
        assert place_of(viewer.move(200, 150)) == (column, row)
        assert values_of(viewer.readout()) == [str(arrays["large"][row, column])]
        assert page.errors == []
