"""One server a front-end for all browser tests; one notebook a test module.

A module names its cells in `CELLS`, a dict of name and source; the first is the set-up.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import (
    Chromium,
    HtmlPage,
    JupyterServer,
    NotebookPage,
    execute_notebook,
    export_html,
    open_notebook,
    write_notebook,
)


@pytest.fixture(scope="session", params=["lab", "nb7"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JupyterServer]:
    with JupyterServer(tmp_path_factory.mktemp(request.param), request.param) as running:
        yield running


@pytest.fixture(scope="module")
def names(request: pytest.FixtureRequest) -> list[str]:
    """The names of the module's cells, in their order."""
    return list(request.module.CELLS)


@pytest.fixture(scope="module")
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module's notebook, without outputs."""
    path = tmp_path_factory.mktemp("written") / f"{Path(request.path).stem}.ipynb"
    return write_notebook(path, request.module.CELLS)


@pytest.fixture(scope="module")
def executed(written: Path) -> Path:
    """The module's notebook with outputs that nobody signed."""
    return execute_notebook(written, written.parent / "executed" / written.name)


@pytest.fixture(scope="module")
def fresh(
    written: Path, names: list[str], server: JupyterServer, chromium: Chromium
) -> Iterator[NotebookPage]:
    """The module's notebook, just run by hand in the front-end."""
    with open_notebook(written, names, server, chromium, "fresh") as page:
        yield page


@pytest.fixture(scope="module")
def untrusted(
    executed: Path, names: list[str], server: JupyterServer, chromium: Chromium
) -> Iterator[NotebookPage]:
    """The module's notebook with outputs as somebody else has sent them."""
    with open_notebook(executed, names, server, chromium, "untrusted") as page:
        yield page


@pytest.fixture(scope="module")
def exported(executed: Path, names: list[str], chromium: Chromium) -> Iterator[HtmlPage]:
    """The module's notebook as a page made by nbconvert, opened from file://."""
    page = HtmlPage(chromium, export_html(executed, executed.with_suffix(".html")), names)
    yield page
    page.close()
