"""What is public: the names, their documents, and the order of the parameters."""

from __future__ import annotations

import configparser
import inspect
import re
import subprocess
import sys
from collections.abc import MutableSequence
from pathlib import Path
from typing import Any

import pytest

import nbimage as package
from nbimage import Picture, data_uri, encode, nbimage, rerange
from tests.public import INNER, list_results, public_members

ROOT = Path(__file__).parents[1]
REFERENCE = "\n".join(
    path.read_text("utf-8") for path in sorted(ROOT.joinpath("docs", "reference").glob("*.md"))
)
OBJECTS = {name: getattr(package, name) for name in package.__all__}
CALLABLES = [n for n in OBJECTS if not n.endswith(("ipython_extension", "Error"))]


def parameters(function: Any) -> dict[str, inspect.Parameter]:
    found = dict(inspect.signature(function).parameters)
    found.pop("self", None)
    return found


def by_position(function: Any) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [name for name, found in parameters(function).items() if found.kind in kinds]


def test_the_export_list_is_exact_and_sorted() -> None:
    public = {
        name
        for name, value in vars(package).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    } - {"TYPE_CHECKING", "Any", "annotations"}
    assert public == set(package.__all__)
    assert set(package._HOMES) == set(package.__all__)
    assert set(dir(package)) == {*package.__all__, "__version__"}
    assert package.__all__ == sorted(package.__all__)
    assert len(package.__all__) == len(set(package.__all__))


def test_importing_the_package_imports_nothing_else_of_it() -> None:
    code = (
        "import sys, nbimage; print([m for m in sys.modules if m.startswith('nbimage.')]); "
        "nbimage.rerange; print('nbimage.picture' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "False"]
    with pytest.raises(AttributeError, match="no attribute 'imshow'"):
        package.imshow  # noqa: B018


def test_the_verb_for_pictures_imports_little_before_it_is_called() -> None:
    code = (
        "import sys, numpy; before = set(sys.modules); from nbimage import nbimage; "
        "print(*set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    new = set(done.stdout.split())
    assert len(new) <= 30, sorted(new)
    assert not new & {"logging", "concurrent.futures", "difflib", "PIL", "IPython"}
    assert not {name for name in new if name.startswith("nbimage.mapping")}


def test_every_file_of_the_package_is_installed() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    listed = set[Path]()
    for name, patterns in config["options.package_data"].items():
        folder = ROOT.joinpath(*name.split("."))
        for pattern in filter(None, map(str.strip, re.split("[,\n]", patterns))):
            listed.update(folder.glob(pattern))
    files = {
        path
        for path in ROOT.joinpath("nbimage").rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
    assert sorted(files - listed) == []


def test_a_star_import_brings_the_export_list() -> None:
    names: dict[str, Any] = {}
    exec("from nbimage import *", names)
    assert set(names) - {"__builtins__"} == set(package.__all__)


def test_the_version_is_that_of_the_metadata() -> None:
    from importlib.metadata import version

    assert version("nbimage") == package.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", package.__version__)


@pytest.mark.parametrize("name", OBJECTS)
def test_every_public_name_is_documented(name: str) -> None:
    found = OBJECTS[name]
    assert found.__doc__
    assert found.__doc__.strip().splitlines()[0].endswith((".", ":"))
    assert found.__name__ == name


@pytest.mark.parametrize("name", OBJECTS)
def test_every_public_name_stands_in_the_reference(name: str) -> None:
    if "ipython_extension" in name:  # users write it otherwise
        assert "%load_ext nbimage" in REFERENCE
    else:
        assert re.search(rf"\b{name}\b", REFERENCE)


@pytest.mark.parametrize("name", CALLABLES)
def test_every_public_parameter_is_annotated(name: str) -> None:
    for parameter in parameters(OBJECTS[name]).values():
        assert parameter.annotation is not inspect.Parameter.empty
        assert parameter.kind not in (
            inspect.Parameter.VAR_KEYWORD,
            inspect.Parameter.VAR_POSITIONAL,
        )


@pytest.mark.parametrize("function", [nbimage, rerange, encode])
def test_every_parameter_is_named_in_the_document(function: Any) -> None:
    for name in parameters(function):
        assert re.search(rf"\b{name}\b", function.__doc__), name


def test_the_order_of_the_parameters_is_that_of_the_article() -> None:
    assert by_position(nbimage) == ["data", "vmin", "vmax", "vsym", "saveas"]
    assert by_position(rerange) == ["data", "vmin", "vmax", "vsym"]
    assert by_position(Picture) == ["data", "vmin", "vmax", "vsym"]
    assert by_position(encode) == by_position(data_uri) == ["data", "format"]
    for function in (nbimage, rerange):
        defaults = [parameters(function)[name].default for name in ("vmin", "vmax", "vsym")]
        assert defaults == [None, None, False]


def test_the_verb_and_its_class_have_the_same_parameters() -> None:
    verb, passive = parameters(nbimage), parameters(Picture)
    assert verb.pop("saveas").default is None
    assert list(verb) == list(passive)
    for name in verb:
        assert verb[name] == passive[name], name


def test_encode_and_data_uri_have_the_same_parameters() -> None:
    assert parameters(encode) == parameters(data_uri)


@pytest.mark.parametrize("function", [encode, data_uri, rerange, Picture])
def test_a_parameter_of_one_name_means_the_same_everywhere(function: Any) -> None:
    mine, verb = parameters(function), parameters(nbimage)
    for name in set(mine) & set(verb):
        assert mine[name].default == verb[name].default, name
        if name not in ("data", "labels"):  # of which some take less
            assert mine[name].annotation == verb[name].annotation, name


def test_the_verb_returns_none_and_the_class_shows_nothing(capsys: Any) -> None:
    Picture([[1, 2], [3, 4]])
    assert capsys.readouterr().out == ""
    assert nbimage([[1, 2], [3, 4]]) is None
    assert capsys.readouterr().out.count("\n") == 1


# ------------------------------------------------------------------ one name, one default


OTHER_DEFAULTS: dict[tuple[str, str], str] = {
    # a list's own
    ("Shapes.insert", "index"): "a list's",
    ("Shapes.pop", "index"): "a list's: the last one",
    ("Shapes.to_geojson", "path"): "the dict is of use without a file",
    # parameters of the article, which keep their names and defaults
    ("quilt", "aspect"): "width through height of the whole; elsewhere a pixel's",
    ("quilt", "fill"): "a value of the data; elsewhere a color",
    ("nbvideo", "loop"): "a video ends; an axis that is played begins again",
    ("nbvideo", "embed"): "a video is in the page unless the caller says so; a view by its size",
    # what a file of another kind is called by, or needs
    ("nbvideo", "format"): "an animation instead of a video",
    ("View.export", "format"): "by the data: PNG for few colors, JPEG for photographs",
    ("write_dzi", "format"): "JPEG, as other writers of Deep Zoom",
    ("write_dzi", "tile_size"): "by the layout; Deep Zoom's is that of all others",
    ("write_dzi", "overlap"): "by the layout; Deep Zoom's is that of all others",
    ("Source", "axes"): "what there are; elsewhere how to read an array",
    ("Source", "channels"): "how many; elsewhere which",
    ("Source", "channel_names"): "none; elsewhere the file's own",
    ("Source", "shapes"): "of levels; elsewhere what is drawn",
    ("Source", "unit"): "none; elsewhere the file's own",
    ("write_ome_zarr", "compression"): "a codec of zarr; for pictures an effort from 0 to 9",
    ("write_tiff", "compression"): "a codec of TIFF",
    ("write_tiff", "tile_size"): "256, a multiple of 16; Deep Zoom's 254 and overlap are 256 too",
    # how much of an array is read, and where a tile lies
    ("Pyramid.read", "columns"): "a slice, beside rows",
    ("Pyramid.tile", "column"): "a tile's position",
    ("Pyramid.tile", "row"): "a tile's position",
    ("Pyramid.to_dask", "level"): "the whole image, of which nothing is read yet",
    ("Pyramid.to_xarray", "level"): "the whole image, of which nothing is read yet",
    ("View.compare", "index"): "what is seen; of a pyramid what is asked for",
    ("View.compare", "level"): "the finest that is small enough",
    # a table is small, a chart takes what it is given
    ("show_images", "size"): "thumbnails",
}
SAME = {"Video": "nbvideo", "View": "nbview", "Picture": "nbimage", "Grid": "nbgrid"}
"""Classes whose parameters are those of a verb."""


def public_callables() -> dict[str, Any]:
    found = {name: OBJECTS[name] for name in CALLABLES}
    for name, value in list(found.items()):
        if inspect.isclass(value):
            methods = inspect.getmembers(value, inspect.isfunction)
            own = [(m, f) for m, f in methods if INNER not in (f.__doc__ or "")]
            own = [(m, f) for m, f in own if not f.__module__.startswith("traitlets")]
            found |= {f"{name}.{m}": f for m, f in own if not m.startswith("_")}
    return found


def test_every_call_that_may_fail_is_a_door() -> None:
    """Its errors are short in a notebook, and name the nearest parameter."""
    simple = {
        *("FFmpegError", "Source", "Pyramid", "Shape"),  # made elsewhere
        *("Grid", "Picture", "Shapes", "Video", "View"),  # by their __init__, see below
        *("nbgrid", "nbimage", "nbvideo", "nbview"),  # verbs: see `nbimage.page.verb`
        *("clear_cache", "load_ipython_extension", "unload_ipython_extension"),
        "treescope_autovisualizer",
    }
    methods = {label for label, call in public_callables().items() if not parameters(call)}
    methods |= {f"Shapes.{name}" for name in dir(MutableSequence)}
    methods |= {"Pyramid.block", "Pyramid.extent", "Video.refer_to"}  # called from inside alone
    bare = {
        label
        for label, call in public_callables().items()
        if not hasattr(call, "__wrapped__") and not label.startswith(("Source.", "FFmpegError."))
    }
    assert bare - simple - methods == set()
    for name in ("Grid", "Picture", "Shapes", "Video", "View"):
        assert hasattr(OBJECTS[name].__init__, "__wrapped__"), name


def test_a_parameter_of_one_name_has_one_default_everywhere() -> None:
    defaults: dict[str, dict[str, list[str]]] = {}
    for label, function in public_callables().items():
        for name, parameter in parameters(function).items():
            if (SAME.get(label, label), name) not in OTHER_DEFAULTS:
                defaults.setdefault(name, {}).setdefault(repr(parameter.default), []).append(label)
    assert {name: found for name, found in defaults.items() if len(found) > 1} == {}


def test_the_exceptions_are_needed() -> None:
    callables = public_callables()
    for (label, name), reason in OTHER_DEFAULTS.items():
        own = parameters(callables[label])[name].default
        others = {
            repr(parameters(function)[name].default)
            for other, function in callables.items()
            if name in parameters(function) and SAME.get(other, other) != label
        }
        assert reason
        assert others - {repr(own)}, (label, name)


# ------------------------------------------------------------------------ members of classes


CLASSES: dict[str, type] = {
    **{name: value for name, value in OBJECTS.items() if inspect.isclass(value)},
    **list_results(),
}


@pytest.mark.parametrize("name", [n for n in CLASSES if not n.endswith("Error")])
def test_every_public_member_is_documented(name: str) -> None:
    kind = CLASSES[name]
    own = inspect.getdoc(kind) or ""
    for member in sorted(public_members(kind)):
        value = inspect.getattr_static(kind, member, None)
        text = None if value is None else inspect.getdoc(value)
        assert text or re.search(rf"^(\w+, )*{member}\b.* : ", own, re.MULTILINE), member
        if name in OBJECTS and INNER not in (text or ""):
            assert re.search(rf"`\.{member}\b", REFERENCE), f"docs/reference lacks {name}.{member}"
