"""One JupyterLab for the browser tests of a process, and one notebook at a time that is open in it.

`tests/e2e/books.py` says which notebooks there are. A module's fixtures are its part of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from tests.e2e.books import Book, bind, book_of
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

T = TypeVar("T")


class Shelf:
    """The files and the open pages of the notebook that was asked for last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.book = Book("", {}, {})
        self.made: dict[str, object] = {}
        self.pages = ExitStack()

    def take(self, name: str) -> Book:
        """Open a notebook; what was open of another is closed."""
        if self.book.name != name:
            self.close()
            self.book = bind(name)
        return self.book

    def close(self) -> None:
        self.pages.close()
        self.made.clear()

    def once(self, what: str, make: Callable[[], T]) -> T:
        """Return what was made before, or make it."""
        if what not in self.made:
            self.made[what] = make()
        return self.made[what]  # type: ignore[return-value]

    def written(self) -> Path:
        """The notebook without outputs."""
        path = self.folder / f"{self.book.name}.ipynb"
        return self.once("written", lambda: write_notebook(path, self.book.cells))

    def executed(self) -> Path:
        """The notebook with outputs that nobody signed."""
        target = self.folder / "executed" / f"{self.book.name}.ipynb"
        return self.once("executed", lambda: execute_notebook(self.written(), target))


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory, chromium: Chromium) -> Iterator[Shelf]:
    """What is made of notebooks; its pages are closed before their browser is."""
    shelf = Shelf(tmp_path_factory.mktemp("books"))
    yield shelf
    shelf.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab."""
    with JupyterServer(tmp_path_factory.mktemp("lab"), "lab") as running:
        yield running


@pytest.fixture
def book(request: pytest.FixtureRequest, shelf: Shelf) -> Book:
    """The notebook that holds the module's cells."""
    return shelf.take(book_of(Path(request.path).stem))


@pytest.fixture
def names(request: pytest.FixtureRequest, book: Book) -> list[str]:
    """The names of the notebook's cells; of other modules' cells there are none."""
    before = book.offsets[Path(request.path).stem]
    cells = list(request.module.CELLS)
    return [""] * before + cells + [""] * (len(book.cells) - before - len(cells))


@pytest.fixture
def executed(shelf: Shelf, book: Book) -> Path:
    """The notebook with outputs that nobody signed."""
    return shelf.executed()


@pytest.fixture
def fresh(
    shelf: Shelf, book: Book, names: list[str], server: JupyterServer, chromium: Chromium
) -> NotebookPage:
    """The notebook, just run by hand in JupyterLab."""

    def make() -> NotebookPage:
        opened = open_notebook(shelf.written(), names, server, chromium, "fresh")
        return shelf.pages.enter_context(opened)

    return shelf.once("fresh", make).named(names)


@pytest.fixture
def untrusted(
    shelf: Shelf, book: Book, names: list[str], server: JupyterServer, chromium: Chromium
) -> NotebookPage:
    """The notebook with outputs as somebody else has sent them, in JupyterLab."""

    def make() -> NotebookPage:
        opened = open_notebook(shelf.executed(), names, server, chromium, "untrusted")
        return shelf.pages.enter_context(opened)

    return shelf.once("untrusted", make).named(names)


@pytest.fixture
def exported(shelf: Shelf, book: Book, names: list[str], chromium: Chromium) -> HtmlPage:
    """The notebook as a page made by nbconvert, opened from file://."""

    def make() -> HtmlPage:
        path = export_html(shelf.executed(), shelf.executed().with_suffix(".html"))
        page = HtmlPage(chromium, path, names)
        shelf.pages.callback(page.close)
        return page

    return shelf.once("exported", make).named(names)
