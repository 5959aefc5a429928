"""Data go one way through the house: what each module may import, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import nbimage

ROOT = Path(nbimage.__file__).parent
LAYERS = [
    "values",
    "codecs",
    "page",
    "figure",
    "pyramid",
    "",
    "view",
    "cli",
    "__init__",
    "__main__",
]
"""Folders in their order; "" are the modules beside them, without the package's own two."""
FRAMEWORKS = {"torch", "xarray", "dask", "zarr", "cupy", "jax", "jaxlib", "pandas", "ml_dtypes"} | {
    "polars",
    "datashader",
}


class Import(NamedTuple):
    """One import statement's target, as a dotted name, and where it stands."""

    target: str
    line: int


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(name: str) -> Iterator[Import]:
    """Yield all imports of a module: at its top, in functions, for type checkers, by function."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield Import(inner if inner in MODULES else base, node.lineno)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in ("import_module", "__import__") and node.args:
                argument = node.args[0]
                known = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                yield Import(str(argument.value) if known else "(computed)", node.lineno)


def layer(name: str) -> str:
    parts = name.split(".")
    if len(parts) == 1:
        return "__init__"
    if name == "nbimage.__main__":
        return "__main__"
    return parts[1] if (ROOT / parts[1]).is_dir() else ""


def inner_imports(name: str) -> Iterator[Import]:
    return (found for found in imports(name) if found.target.partition(".")[0] == "nbimage")


def test_the_reading_finds_imports_that_are_known_to_be_there() -> None:
    assert {"nbimage.values.rerange", "nbimage.picture"} <= {i.target for i in imports("nbimage")}
    assert "nbimage.values.blocks" in {i.target for i in imports("nbimage.values.rerange")}
    assert any(i.target.startswith("IPython") for i in imports("nbimage.page.bundle"))
    assert any(i.target == "PIL" for i in imports("nbimage.codecs.pictures"))


def test_every_folder_has_its_place_in_the_order() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/*.py")}
    assert folders <= set(LAYERS)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_from_its_own_folder_and_those_before(name: str) -> None:
    own = LAYERS.index(layer(name))
    upward = [
        f"line {found.line}: {found.target}"
        for found in inner_imports(name)
        if LAYERS.index(layer(found.target)) > own
        and not (layer(name) == "cli" and found.target == "nbimage")  # for its version and words
    ]
    assert not upward


@pytest.mark.parametrize("name", MODULES)
def test_imports_inside_the_package_name_modules_that_exist(name: str) -> None:
    assert not [found for found in inner_imports(name) if found.target not in MODULES]


def test_there_is_no_circle_of_imports() -> None:
    edges = {
        name: {found.target for found in inner_imports(name)} - {name, "nbimage"}
        for name in MODULES
    }
    left = dict(edges)
    while True:
        free = [name for name, targets in left.items() if not targets & set(left)]
        if not free:
            break
        for name in free:
            del left[name]
    assert not left, f"these import each other: {sorted(left)}"


@pytest.mark.parametrize("name", MODULES)
def test_only_the_bundle_imports_ipython(name: str) -> None:
    roots = {found.target.partition(".")[0] for found in imports(name)}
    if name != "nbimage.page.bundle":
        assert not roots & {"IPython", "ipykernel", "ipywidgets"}


@pytest.mark.parametrize("name", MODULES)
def test_no_framework_is_imported_but_the_one_that_reads_a_file(name: str) -> None:
    reads = {"zarr"} if name == "nbimage.pyramid.optional" else set()
    roots = {i.target.partition(".")[0] for i in imports(name)}
    assert not roots & (FRAMEWORKS - reads)
    if name != "nbimage":  # whose names come from within, when they are asked for
        assert not [i for i in imports(name) if i.target == "(computed)"]


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("nbimage.page")])
def test_the_page_knows_nothing_of_arrays(name: str) -> None:
    assert "numpy" not in {found.target.partition(".")[0] for found in imports(name)}


def test_the_pyramid_knows_nothing_of_pages() -> None:
    for name in MODULES:
        if layer(name) == "pyramid":
            assert not [i for i in imports(name) if i.target.startswith("nbimage.page")]


def test_no_module_beside_the_folders_bears_the_name_of_a_public_function() -> None:
    """It would be shadowed: `import nbimage.rerange` would yield the function."""
    beside = {path.stem for path in ROOT.glob("*.py")} | {
        p.name for p in ROOT.iterdir() if p.is_dir()
    }
    assert not beside & set(nbimage.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_rooms_stay_small(name: str) -> None:
    assert len(MODULES[name].read_text("utf-8").splitlines()) <= 420
