"""The examples of docstrings that need packages which `make test` does not install."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import nbimage
from tests.examples import find_unshown, list_documents, read_sources, run_examples
from tests.public import list_public

polars = pytest.importorskip("polars")
pytest.importorskip("treescope")

import nbimage.polars  # noqa: E402

PUBLIC: dict[str, Any] = {
    "treescope_autovisualizer": nbimage.treescope_autovisualizer,
    "nbimage.polars": nbimage.polars,
    **list_public("nbimage.polars"),
}
DOCUMENTS = dict(list_documents(PUBLIC))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_examples(name: str) -> None:
    value = PUBLIC[name]
    assert read_sources(inspect.getdoc(value) or "")
    if inspect.isclass(value):
        assert find_unshown(value) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_examples_show_what_they_say(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_examples(name, DOCUMENTS[name]) == ""
