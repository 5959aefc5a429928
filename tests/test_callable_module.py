"""The package can be called as its function `nbimage`, and is a module in all else."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import subprocess
import sys
import types

import cloudpickle
import pytest

import nbimage

IMAGE = [[0, 1], [2, 3]]


def test_the_module_shows_what_its_function_shows(capsys: pytest.CaptureFixture[str]) -> None:
    nbimage.nbimage(IMAGE, 0, vmax=9)
    first = capsys.readouterr().out
    assert nbimage(IMAGE, 0, vmax=9) is None  # type: ignore[operator]
    assert capsys.readouterr().out == first


def test_it_has_the_signature_and_the_errors_of_the_function() -> None:
    assert inspect.signature(nbimage) == inspect.signature(nbimage.nbimage)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="did you mean cmap"):
        nbimage(IMAGE, colormap="gray")  # type: ignore[operator]


def test_it_is_a_module() -> None:
    assert isinstance(nbimage, types.ModuleType)
    assert inspect.ismodule(nbimage)
    assert (inspect.getdoc(nbimage) or "").startswith("See any array")
    assert repr(nbimage).startswith("<module 'nbimage' from ")
    with pytest.raises(AttributeError, match="module 'nbimage' has no attribute 'nothing'"):
        nbimage.nothing  # noqa: B018


@pytest.mark.parametrize("package", [pickle, cloudpickle])
def test_it_is_pickled_by_its_name(package: types.ModuleType) -> None:
    assert package.loads(package.dumps(nbimage)) is nbimage
    assert copy.deepcopy(nbimage) is nbimage


def run(*arguments: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_it_can_be_called_after_it_was_loaded_again() -> None:
    code = "import importlib, nbimage; importlib.reload(nbimage); nbimage([[0, 1]])"
    assert "<Picture 1×2" in run("-c", code)


def test_it_runs_as_a_program_and_imports_nothing_before_it_is_called() -> None:
    assert run("-m", "nbimage", "--version") == f"nbimage {nbimage.__version__}"
    code = "import sys, nbimage; callable(nbimage); print('numpy' in sys.modules)"
    assert run("-c", code) == "False"


def test_a_submodule_is_still_its_attribute() -> None:
    assert importlib.import_module("nbimage.page.html") is nbimage.page.html  # type: ignore[attr-defined]
