"""What is public: the names, their documents, and the order of the parameters."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nbimage as package
from nbimage import Picture, data_uri, encode, nbimage, rerange

README = Path(__file__).parents[1] / "README.md"
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
def test_every_public_name_stands_in_the_readme(name: str) -> None:
    text = README.read_text("utf-8")
    if "ipython_extension" in name:  # users write it otherwise
        assert "%load_ext nbimage" in text
    else:
        assert re.search(rf"\b{name}\b", text)


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
