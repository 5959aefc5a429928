"""`%load_ext nbimage`: bare arrays show as pictures, and `%unload_ext` takes nothing with it."""

from __future__ import annotations

import atexit
import base64
import contextlib
import io
import subprocess
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image
from traitlets.config import Config

from nbimage import Picture, rerange
from tests.e2e.harness import execute_notebook, write_notebook

Array = np.ndarray
RANDOM = np.random.default_rng(2)
GRAY = RANDOM.normal(size=(8, 9))


@contextlib.contextmanager
def new_shell(folder: Path) -> Iterator[InteractiveShell]:
    """A shell without history and without the user's settings, as before any extension."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config, ipython_dir=str(folder))
    try:
        yield shell
    finally:
        if "nbimage" in shell.extension_manager.loaded:
            shell.run_line_magic("unload_ext", "nbimage")
        shell.restore_sys_module_state()
        atexit.unregister(shell.atexit_operations)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[InteractiveShell]:
    with new_shell(tmp_path) as shell:
        yield shell


@pytest.fixture
def loaded(shell: InteractiveShell) -> InteractiveShell:
    shell.run_line_magic("load_ext", "nbimage")
    return shell


def shown(shell: InteractiveShell, item: Any) -> dict[str, Any]:
    """The bundle that the shell makes of a value at the end of a cell."""
    data, _ = shell.display_formatter.format(item)
    return data


def tables(shell: InteractiveShell) -> dict[str, Any]:
    """Everything that is registered with any of the shell's formatters."""
    formatter = shell.display_formatter
    every = {**formatter.formatters, "mimebundle": formatter.mimebundle_formatter}
    return {
        f"{name} {table}": dict(getattr(one, table))
        for name, one in every.items()
        for table in ("singleton_printers", "type_printers", "deferred_printers")
    }


BUNDLE = {"text/html", "image/png", "text/plain"}
PICTURES: dict[str, Any] = {
    "gray": GRAY,
    "tall": np.zeros((500, 8), np.uint8),
    "planar": RANDOM.integers(0, 256, (3, 8, 9), dtype=np.uint8),
    "interleaved": RANDOM.integers(0, 256, (8, 9, 3), dtype=np.uint8),
    "rgba": RANDOM.random((9, 8, 4)),
    "one-plane": RANDOM.random((1, 8, 8)),
    "one-channel": RANDOM.random((8, 8, 1)),
    "bool": GRAY > 0,
    "float16": GRAY.astype(np.float16),
    "big-endian": GRAY.astype(">f4"),
    "dates": np.arange(90).reshape(9, 10).astype("M8[D]"),
    "masked": np.ma.masked_greater(GRAY, 0.5),
    "masked-no-mask": np.ma.array(GRAY),
    "subclass": GRAY.view(type("Own", (np.ndarray,), {})),
    "memmap-like": GRAY[::-1].T,
}
TEXTS: dict[str, Any] = {
    "small": np.zeros((7, 7)),
    "narrow": np.zeros((7, 300)),
    "low": np.zeros((300, 7)),
    "line": np.zeros(300),
    "scalar": np.float64(1),
    "0-d": np.array(1.0),
    "empty": np.zeros((0, 9)),
    "stack": np.zeros((9, 9, 9)),
    "two-channels": np.zeros((9, 9, 2)),
    "small-colors": np.zeros((3, 7, 7)),
    "colors-in-a-row": np.zeros((1, 100, 3)),
    "either-way": np.zeros((3, 100, 3)),
    "four-axes": np.zeros((2, 3, 9, 9)),
    "complex": np.zeros((9, 9), complex),
    "objects": np.full((9, 9), None),
    "strings": np.full((9, 9), "a"),
    "records": np.zeros((9, 9), [("x", "f4")]),
    "masked-line": np.ma.masked_greater(np.arange(30.0), 5),
    "masked-complex": np.ma.array(np.zeros((9, 9), complex)),
    "list": [[1] * 9] * 9,
}


@pytest.mark.parametrize("name", PICTURES)
def test_an_array_that_looks_like_a_picture_shows_as_one(
    loaded: InteractiveShell, name: str
) -> None:
    array = PICTURES[name]
    data = shown(loaded, array)
    assert set(data) == BUNDLE
    (expected, _), got = Picture(array, caption=True)._repr_mimebundle_(), data["image/png"]
    assert got == expected["image/png"]
    assert data["text/html"].startswith("<div")


@pytest.mark.parametrize("name", TEXTS)
def test_every_other_value_shows_as_its_own_text(loaded: InteractiveShell, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert shown(loaded, TEXTS[name]) == {"text/plain": loaded_text(loaded, TEXTS[name])}


def loaded_text(shell: InteractiveShell, item: Any) -> str:
    """The text that IPython gives it, whatever extension is loaded."""
    return shell.display_formatter.formatters["text/plain"](item)


def test_the_pixels_are_those_of_rerange(loaded: InteractiveShell) -> None:
    data = shown(loaded, GRAY)
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert np.array_equal(np.asarray(image), rerange(GRAY))


def test_masked_places_are_transparent(loaded: InteractiveShell) -> None:
    masked = np.ma.masked_greater(GRAY, 0.5)
    image = Image.open(io.BytesIO(base64.b64decode(shown(loaded, masked)["image/png"])))
    alpha = np.asarray(image.convert("RGBA"))[:, :, 3]
    assert np.array_equal(alpha == 0, masked.mask)


def test_the_caption_says_what_is_shown(loaded: InteractiveShell) -> None:
    html = shown(loaded, GRAY)["text/html"]
    assert Picture(GRAY).description in html.split("</script>")[-1]


def test_a_value_assigned_or_ended_by_a_semicolon_shows_nothing(tmp_path: Path) -> None:
    cells = {
        "load": "%load_ext nbimage\nimport numpy as np",
        "bare": "np.eye(9)",
        "quiet": "np.eye(9);",
        "assigned": "a = np.eye(9)",
        "text": "np.eye(2)",
        "unload": "%unload_ext nbimage",
        "after": "np.eye(9)",
    }
    import nbformat

    source = write_notebook(tmp_path / "in.ipynb", cells)
    notebook = nbformat.read(execute_notebook(source, tmp_path / "out.ipynb"), 4)
    found = [[set(output.data) for output in cell.outputs] for cell in notebook.cells]
    text = {"text/plain"}
    assert found == [[], [BUNDLE], [], [], [text], [], [text]]
    (bare,) = notebook.cells[1].outputs
    assert bare.output_type == "execute_result"
    assert bare.metadata == {"image/png": {"width": 315}}


# --------------------------------------------------------------------------------- unloading


def test_unloading_leaves_every_table_as_it_was(shell: InteractiveShell) -> None:
    before = tables(shell)
    shell.run_line_magic("load_ext", "nbimage")
    assert tables(shell) != before
    for array in (*PICTURES.values(), *TEXTS.values()):
        shown(shell, array)
    shell.run_line_magic("unload_ext", "nbimage")
    assert tables(shell) == before
    assert set(shown(shell, GRAY)) == {"text/plain"}


def own_bundle(item: Any, include: Any = None, exclude: Any = None) -> dict[str, str]:
    return {"text/x-own": str(item.shape)}


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize("used", [False, True])
def test_what_the_user_had_registered_comes_back(
    shell: InteractiveShell, by_name: bool, used: bool
) -> None:
    formatter = shell.display_formatter.mimebundle_formatter
    if by_name:
        formatter.for_type_by_name("numpy", "ndarray", own_bundle)
    else:
        formatter.for_type(np.ndarray, own_bundle)
    if used:
        assert "text/x-own" in shown(shell, GRAY)
    before = tables(shell)
    shell.run_line_magic("load_ext", "nbimage")
    assert set(shown(shell, GRAY)) == BUNDLE
    shell.run_line_magic("unload_ext", "nbimage")
    if used or not by_name:
        assert tables(shell) == before
    assert shown(shell, GRAY)["text/x-own"] == "(8, 9)"


def test_what_the_user_had_registered_for_masked_arrays_alone_comes_back(
    shell: InteractiveShell,
) -> None:
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type(np.ma.MaskedArray, own_bundle)
    before = tables(shell)
    shell.run_line_magic("load_ext", "nbimage")
    shown(shell, PICTURES["masked"])
    shell.run_line_magic("unload_ext", "nbimage")
    assert tables(shell) == before
    assert "text/x-own" in shown(shell, PICTURES["masked"])


def test_what_the_user_had_registered_for_a_module_not_imported_yet_comes_back(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The module comes, and a value of its type is shown, while the extension is loaded."""
    assert "cupy" not in sys.modules
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type_by_name("cupy", "ndarray", own_bundle)
    shell.run_line_magic("load_ext", "nbimage")
    module = types.ModuleType("cupy")
    module.ndarray = type("ndarray", (), {"__module__": "cupy", "shape": (3,)})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cupy", module)
    assert set(shown(shell, module.ndarray())) == {"text/plain"}
    shell.run_line_magic("unload_ext", "nbimage")
    assert shown(shell, module.ndarray())["text/x-own"] == "(3,)"


def test_what_the_user_registers_meanwhile_stays(loaded: InteractiveShell) -> None:
    formatter = loaded.display_formatter.mimebundle_formatter
    formatter.for_type(np.ndarray, own_bundle)
    assert "text/x-own" in shown(loaded, GRAY)
    loaded.run_line_magic("unload_ext", "nbimage")
    assert "text/x-own" in shown(loaded, GRAY)


def test_other_formatters_of_the_user_are_asked_as_before(shell: InteractiveShell) -> None:
    def text(array: Array, printer: Any, cycle: bool) -> None:
        printer.text("own text")

    shell.display_formatter.formatters["text/plain"].for_type(np.ndarray, text)
    shell.run_line_magic("load_ext", "nbimage")
    assert shown(shell, TEXTS["small"]) == {"text/plain": "own text"}
    shell.run_line_magic("unload_ext", "nbimage")
    assert shown(shell, GRAY) == {"text/plain": "own text"}


def test_loading_and_reloading_twice_changes_nothing_more(shell: InteractiveShell) -> None:
    before = tables(shell)
    shell.run_line_magic("load_ext", "nbimage")
    once = tables(shell)
    shell.run_line_magic("load_ext", "nbimage")
    assert tables(shell) == once
    shell.run_line_magic("unload_ext", "nbimage")
    assert tables(shell) == before
    shell.run_line_magic("load_ext", "nbimage")
    assert set(shown(shell, GRAY)) == BUNDLE
    shell.run_line_magic("unload_ext", "nbimage")
    shell.run_line_magic("unload_ext", "nbimage")
    assert tables(shell) == before


def test_in_a_terminal_no_tree_is_made(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise AssertionError("made a tree")

    before = tables(shell)
    shell.display_formatter.active_types = ["text/plain"]  # as IPython has it there
    shell.run_line_magic("load_ext", "nbimage")
    monkeypatch.setattr("nbimage.extension.make_tree", fail)
    monkeypatch.setattr("nbimage.extension.make_line", fail)
    assert set(shown(shell, {"image": GRAY})) == {"text/plain"}
    assert "8×9" in shown(shell, GRAY)["text/plain"]
    shell.run_line_magic("unload_ext", "nbimage")
    assert tables(shell) == before


def test_the_extension_can_be_called_without_the_magic(shell: InteractiveShell) -> None:
    import nbimage

    before = tables(shell)
    nbimage.load_ipython_extension(shell)
    nbimage.load_ipython_extension(shell)
    assert set(shown(shell, GRAY)) == BUNDLE
    nbimage.unload_ipython_extension(shell)
    assert tables(shell) == before
    nbimage.unload_ipython_extension(shell)
    assert tables(shell) == before


def test_each_shell_is_loaded_for_itself(loaded: InteractiveShell, tmp_path: Path) -> None:
    with new_shell(tmp_path) as other:
        assert set(shown(other, GRAY)) == {"text/plain"}
        before = tables(other)
        other.run_line_magic("load_ext", "nbimage")
        assert set(shown(other, GRAY)) == BUNDLE
        other.run_line_magic("unload_ext", "nbimage")
        assert tables(other) == before
        assert set(shown(loaded, GRAY)) == BUNDLE


def test_a_fresh_ipython_loads_it_by_its_name_before_numpy_is_there(tmp_path: Path) -> None:
    code = """
get_ipython().run_line_magic("load_ext", "nbimage")
import numpy
found = get_ipython().display_formatter.format(numpy.eye(9))[0]
print(sorted(found))
"""
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--quick", "--HistoryManager.enabled=False",
         f"--ipython-dir={tmp_path}", "-c", code],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "['image/png', 'text/html', 'text/plain']"
