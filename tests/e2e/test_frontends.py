"""Rows of `docs/frontends.md`: what this environment's Jupyter shows is what they say."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.harness import (
    Chromium,
    HtmlPage,
    JupyterServer,
    execute_notebook,
    export_html,
    open_notebook,
    write_notebook,
)
from tests.frontends import sources, table
from tests.frontends.look import FOUND, READABLE, Sight

CELLS = {"setup": sources.SETUP, **sources.VERBS}


@pytest.fixture
def pages() -> ExitStack:
    """What is open, until it is closed."""
    return ExitStack()


def open_page(
    row: str, pages: ExitStack, server: JupyterServer, chromium: Chromium, folder: Path
) -> Page:
    """Open the notebook as a row of the table has it."""
    written, names = write_notebook(folder / "all.ipynb", CELLS), list(CELLS)
    if row == "nbconvert html":
        executed = execute_notebook(written, folder / "executed" / "all.ipynb")
        pages.callback(chromium.external.clear)  # nbconvert's page asks for what shows widgets
        opened = HtmlPage(chromium, export_html(executed, folder / "all.html"), names)
        pages.callback(opened.close)
        return opened.page
    if row == "Notebook 7":
        (folder / "root").mkdir()
        server = pages.enter_context(JupyterServer(folder / "root", "nb7"))
    mode = "untrusted" if "untrusted" in row else "fresh"
    if mode == "untrusted":
        written = execute_notebook(written, folder / "executed" / "all.ipynb")
    opened = pages.enter_context(open_notebook(written, names, server, chromium, mode))
    return opened.page


@pytest.mark.server
@pytest.mark.parametrize(
    "name", ["JupyterLab", "JupyterLab, untrusted", "Notebook 7", "nbconvert html"]
)
def test_a_front_end_shows_what_the_table_says(
    name: str, pages: ExitStack, server: JupyterServer, chromium: Chromium, tmp_path: Path
) -> None:
    row = table.read()[name]
    with pages:
        page = open_page(name, pages, server, chromium, tmp_path)
        page.set_viewport_size({"width": 1200, "height": 2600})
        sight = Sight(page)
        wanted = {kind: row[kind] for kind in FOUND}
        assert sight.wait(wanted) == wanted
        assert sight.contrast() >= READABLE
        assert sight.hover() == row["hover"]
        assert sight.drag() == row["drag"]
