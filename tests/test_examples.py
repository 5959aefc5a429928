"""The examples of docstrings: every public name has some, and they show what they say."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import nbimage.typing
from tests.examples import find_unshown, list_documents, read_sources, run_examples
from tests.public import list_public, list_results

MODULES = ("nbimage", "nbimage.xarray", "nbimage.pandas", "nbimage.testing")
ELSEWHERE = ("treescope_autovisualizer",)
"""Names whose examples need packages that only `tests.peers` has."""
PLAIN = ("nbimage.__doc__", "nbimage.testing.__doc__")
"""Modules whose names have the examples."""
PUBLIC: dict[str, Any] = {
    f"{module}.{name}": value
    for module in MODULES
    for name, value in [("__doc__", import_module(module)), *list_public(module).items()]
}
RESULTS = list_results()
KINDS = {name: value for name, value in {**PUBLIC, **RESULTS}.items() if inspect.isclass(value)}
DOCUMENTS = {
    name: text
    for name, text in list_documents({**PUBLIC, **RESULTS, "nbimage.typing": nbimage.typing})
    if not name.endswith(ELSEWHERE)
}


@pytest.mark.parametrize("name", [name for name in PUBLIC if name not in PLAIN])
def test_every_public_name_has_examples(name: str) -> None:
    assert read_sources(inspect.getdoc(PUBLIC[name]) or "")


@pytest.mark.parametrize("name", KINDS)
def test_every_public_member_is_in_an_example(name: str) -> None:
    assert find_unshown(KINDS[name]) == []


def test_every_name_of_a_type_is_in_an_example() -> None:
    shown = "".join(read_sources(nbimage.typing.__doc__ or ""))
    assert [n for n in nbimage.typing.__all__ if not re.search(rf"\b{n}\b", shown)] == []


NEEDS = {"nbimage.write_ome_zarr": "zarr"}  # which has no release for Python 3.10


@pytest.mark.parametrize("name", DOCUMENTS)
def test_examples_show_what_they_say(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NBIMAGE_CACHE", str(tmp_path / "cache"))
    assert run_examples(name, DOCUMENTS[name]) == ""
