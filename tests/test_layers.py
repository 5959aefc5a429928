"""The layers of the package: what each module may import, and how large it may be."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import nbimage
from nbimage.page.scripts import FOLDER, imports, module_order

ROOT = Path(nbimage.__file__).parent
LAYERS = (
    "typing",
    "plugins",
    "logs",
    "base",
    "arrays",
    "mapping",
    "metrics",
    "raster",
    "codecs",
    "page",
    "figure",
    "export",
    "pyramid.core",
    "pyramid.layouts",
    "pyramid.remote",
    "pyramid.sources",
    "pyramid.levels",
    "pyramid.open_remote",
    "pyramid.open_plugin",
    "pyramid.open_path",
    "pyramid.own_axes",
    "pyramid.open",
    "pyramid.read_files",
    "pyramid.read_frames",
    "pyramid.writers",
    "napari",
    "testing",
    "picture",
    "video",
    "encoding",
    "grids",
    "tables",
    "trees",
    "extension",
    "view.shapes",
    "view.project",
    "view.model",
    "view.live",
    "view.comparison",
    "view.serve",
    "view.saving",
    "view.explorer",
    "accessors",
    "xarray",
    "pandas",
    "polars",
    "cli",
    "__main__",
)
"""Lowest first: each imports only from itself and from those before it."""
SCRIPT_LAYERS = (
    "",
    "view/base",
    "view/values",
    "view/compare",
    "view/shapes",
    "view/project",
    "view/contrast",
    "view/figure",
    "view/layers",
    "view/ortho",
    "grid",
    "player",
    "view/viewer",
    "view/tiles",
    "view/loaders",
)
"""The same of the page's scripts; "" has those of pictures, "player" that of videos."""
MOST_MODULES = 15
MOST_LINES = 420  # about 400
FRAMEWORKS = {"torch", "xarray", "dask", "zarr", "cupy", "jax", "jaxlib", "pandas", "ml_dtypes"} | {
    "polars",
    "datashader",
}
READS_FILES = "nbimage.base.optional_imports"


class Import(NamedTuple):
    """One import: who, what, and where it stands."""

    module: str
    target: str
    line: int

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def read_modules() -> dict[str, Path]:
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def read_imports(name: str) -> Iterator[Import]:
    """Yield all imports of a module: at its top, in functions, for type checkers, by function."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield Import(name, inner if inner in MODULES else base, node.lineno)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in ("import_module", "__import__") and node.args:
                argument = node.args[0]
                known = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                target = str(argument.value) if known else "(computed)"
                yield Import(name, target, node.lineno)


def package_of(target: str) -> str:
    return target.partition(".")[0]


MODULES = read_modules()


@cache
def all_imports() -> list[Import]:
    """Return the imports of all modules; every process collects this module, few ask."""
    return [found for name in MODULES for found in read_imports(name)]


def inner_imports() -> list[Import]:
    return [found for found in all_imports() if package_of(found.target) == "nbimage"]


@cache
def script_imports() -> dict[str, tuple[str, ...]]:
    """Return each of the page's modules, and those that it imports."""
    names = [path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.js")]
    return {name: imports(name) for name in sorted(names)}


def layer(name: str) -> int | None:
    """Return a module's layer; None for the packages that hold several, and for `nbimage`."""
    within = name.removeprefix("nbimage.")
    for number, prefix in enumerate(LAYERS):
        if within == prefix or within.startswith(f"{prefix}."):
            return number
    return None


def test_the_reading_finds_imports_that_are_known_to_be_there() -> None:
    targets = {(found.module, found.target) for found in all_imports()}
    assert ("nbimage.__main__", "nbimage.cli.main") in targets
    assert ("nbimage.mapping.rerange_values", "nbimage.base.chunked") in targets
    assert ("nbimage.codecs.pictures", "PIL") in targets


def test_every_module_has_its_layer() -> None:
    without = {name for name in MODULES if layer(name) is None}
    assert without == {"nbimage", "nbimage.pyramid", "nbimage.view"}


def test_no_import_goes_to_a_layer_above() -> None:
    upward = []
    for found in inner_imports():
        own, other = layer(found.module), layer(found.target)
        if own is None:  # a package's own page, which only names what lies in it
            continue
        if other is None:
            allowed = found.target == "nbimage" and found.module.startswith("nbimage.cli")
        else:
            allowed = other <= own
        if not allowed:
            upward.append(str(found))
    assert not upward


def test_imports_inside_the_package_name_modules_that_exist() -> None:
    assert not [str(found) for found in inner_imports() if found.target not in MODULES]


def test_there_is_no_circle_of_imports() -> None:
    left: dict[str, set[str]] = {name: set() for name in MODULES}
    for found in inner_imports():
        if found.target not in (found.module, "nbimage"):
            left[found.module].add(found.target)
    while free := [name for name, targets in left.items() if not targets & set(left)]:
        for name in free:
            del left[name]
    assert not left, f"these import each other: {sorted(left)}"


def test_ipython_is_imported_by_one_module() -> None:
    front_ends = {"IPython", "ipykernel", "ipywidgets"}
    users = {found.module for found in all_imports() if package_of(found.target) in front_ends}
    assert users == {"nbimage.page.ipython"}


def test_no_framework_is_imported_but_to_read_a_file() -> None:
    frameworks = [found for found in all_imports() if package_of(found.target) in FRAMEWORKS]
    read = [found for found in frameworks if found.module == READS_FILES]
    # or to give an array that was asked for as one of theirs
    assert {found.target for found in read} <= {"zarr", "dask.array", "xarray"}
    own = [found for found in frameworks if found.module == f"nbimage.{package_of(found.target)}"]
    assert {found.module for found in own} == {"nbimage.xarray", "nbimage.pandas", "nbimage.polars"}
    assert not [str(found) for found in frameworks if found not in (*read, *own)]
    computed = {found.module for found in all_imports() if found.target == "(computed)"}
    assert computed == {"nbimage"}  # whose names come from within, when they are asked for


def test_the_page_knows_nothing_of_arrays() -> None:
    pages = [found for found in all_imports() if found.module.startswith("nbimage.page")]
    assert pages
    assert not [str(found) for found in pages if package_of(found.target) == "numpy"]


def test_the_pyramid_knows_nothing_of_pages() -> None:
    pyramids = [found for found in inner_imports() if found.module.startswith("nbimage.pyramid")]
    assert pyramids
    assert not [str(found) for found in pyramids if found.target.startswith("nbimage.page")]


def test_no_top_level_module_bears_the_name_of_a_public_function() -> None:
    """It would be shadowed: `import nbimage.rerange` would yield the function."""
    beside = {path.stem for path in ROOT.glob("*.py")} | {
        path.name for path in ROOT.iterdir() if path.is_dir()
    }
    assert not beside & set(nbimage.__all__)


def test_folders_and_modules_stay_small() -> None:
    files = list(MODULES.values())
    counts = Counter(path.parent for path in files if path.name != "__init__.py")
    crowded = {str(folder.relative_to(ROOT)): n for folder, n in counts.items() if n > MOST_MODULES}
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in files}
    long = {str(path.relative_to(ROOT)): n for path, n in lines.items() if n > MOST_LINES}
    assert not crowded
    assert not long


# The page's scripts


def script_layer(module: str) -> int:
    return SCRIPT_LAYERS.index(module.rpartition("/")[0])


def test_no_script_imports_from_a_folder_above() -> None:
    assert script_imports()["view/viewer/viewer"]  # imports are found
    upward = [
        f"{module} imports {target}"
        for module, targets in script_imports().items()
        for target in targets
        if script_layer(target) > script_layer(module) and module != "widget"
    ]
    assert not upward
    assert {target.rpartition("/")[0] for target in script_imports()["widget"]} == {"view/base"}


def test_there_is_no_circle_of_scripts() -> None:
    assert set(module_order(*script_imports())) == set(script_imports())  # or it raises


def test_types_alone_come_from_above() -> None:
    """A module may name types of its own layer and below; `types` says what lies above."""
    upward = []
    for module in script_imports():
        text = FOLDER.joinpath(f"{module}.js").read_text("utf-8")
        for path in re.findall(r'import\("([^"]+)"\)', text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(module), path))
            if script_layer(target) > script_layer(module):
                upward.append(f"{module} names a type of {target}")
    assert {line.partition(" ")[0] for line in upward} <= {"view/base/types", "widget"}, upward


def test_folders_of_scripts_and_scripts_stay_small() -> None:
    counts = Counter(module.rpartition("/")[0] for module in script_imports())
    texts = {name: FOLDER.joinpath(f"{name}.js").read_text("utf-8") for name in script_imports()}
    lines = {name: len(text.splitlines()) for name, text in texts.items()}
    assert not {folder: n for folder, n in counts.items() if n > MOST_MODULES}
    assert not {module: n for module, n in lines.items() if n > 400}
