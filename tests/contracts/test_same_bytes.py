"""The same cell run twice gives the same bytes, in one process and in two; outputs don't clash."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray

import nbimage
from nbimage.page.trees import stable_ids
from nbimage.trees.bundles import make_line, make_tree

RANDOM = np.random.default_rng(4)
GRAY = RANDOM.random((40, 50))
STACK = RANDOM.integers(0, 255, (5, 32, 32), dtype=np.uint8)
DATASET = xarray.Dataset({"t": (("y", "x"), GRAY)}, {"y": np.linspace(-40, 40, 40)})


def table() -> Any:
    import pandas as pd

    return nbimage.show_images(pd.DataFrame({"x": [0.5, 1], "image": [GRAY, GRAY + 1]}))


def video(codec: str, quality: int) -> Any:
    options = {"h264": None, codec: quality}
    return nbimage.Video(STACK, **options)


MAKERS: dict[str, Any] = {
    "picture": lambda: nbimage.Picture(GRAY),
    "figure": lambda: nbimage.Picture(GRAY, colorbar=True, cmap="viridis", x=True, y=True),
    "histogram": lambda: nbimage.Picture(GRAY, histogram=True, pixel_size=2, unit="um"),
    "overlays": lambda: nbimage.Picture(STACK[0], overlay=["values"]),
    "labels": lambda: nbimage.Picture(GRAY, labels=STACK[0, :, :1].repeat(50, 1)[:1].repeat(40, 0)),
    "labelled": lambda: nbimage.Picture(DATASET.t),
    "grid": lambda: nbimage.Grid([GRAY, GRAY + 1], titles=["a", "b"], colorbar=True),
    "view": lambda: nbimage.View(STACK),
    "views": lambda: nbimage.View([GRAY, GRAY + 1]),
    "h264": lambda: video("h264", 18),
    "vp8": lambda: video("vp8", 10),
    "vp9": lambda: video("vp9", 31),
    "theora": lambda: video("theora", 7),
    "gif": lambda: nbimage.Video(STACK, format="gif"),
    "apng": lambda: nbimage.Video(STACK, format="apng"),
    "webp": lambda: nbimage.Video(STACK, format="webp"),
    "table": table,
    "tree": lambda: make_tree({"a": GRAY, "b": [STACK, {1, 2}], "c": frozenset("abc")}),
    "dataset": lambda: make_tree(DATASET),
    "data array": lambda: make_line(DATASET.t),
    "coordinate": lambda: make_line(DATASET.y),
}


def digest(name: str) -> str:
    item = MAKERS[name]()
    if hasattr(item, "_repr_mimebundle_"):
        item = item._repr_mimebundle_()
    elif hasattr(item, "_repr_html_"):
        item = item._repr_html_()
    text = json.dumps(item, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def elsewhere() -> dict[str, str]:
    """What another process makes, whose sets and dicts of texts have another order."""
    code = (
        "import json, warnings; warnings.simplefilter('ignore')\n"
        "from tests.contracts.test_same_bytes import MAKERS, digest\n"
        "print(json.dumps({name: digest(name) for name in MAKERS}))"
    )
    root = Path(nbimage.__file__).parents[1]
    variables = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "77"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=variables, cwd=root
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.filterwarnings("ignore:browsers of today:UserWarning")
@pytest.mark.parametrize("name", MAKERS)
def test_the_same_call_is_the_same_bytes(elsewhere: dict[str, str], name: str) -> None:
    assert digest(name) == digest(name) == elsewhere[name]


def ids_in(html: str) -> list[str]:
    return re.findall(r'\bid=["\']?([^"\' >]+)', html)


def test_equal_outputs_on_one_page_have_names_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run of two cells, then one more of the first: what it showed has its names again."""
    cell: Any = None, None
    monkeypatch.setattr(stable_ids, "find_cell", lambda: cell)

    def run(now: Any, count: int) -> list[str]:
        nonlocal cell
        cell = now
        found = [make_tree(DATASET.assign(z=7.5)) for _ in range(count)]
        return [one[0]["text/html"] for one in found if one is not None]

    first = run(("a", 1), 2)
    second = run(("b", 2), 1)
    page = [name for html in first + second for name in ids_in(html) if "icon-" not in name]
    assert len(page) == len(set(page)) > 6
    assert run(("a", 3), 2) == first
    assert run(("b", 4), 1) == second
    for html in first:  # each label still belongs to a box of its own output
        assert set(re.findall(r'\bfor=["\']?([^"\' >]+)', html)) <= set(ids_in(html))


def test_shapes_without_ids_have_some_of_their_own() -> None:
    from nbimage import Shape
    from nbimage.view.shapes.page_shapes import add_ids

    box = Shape("box", [(1, 2), (3, 4)])
    shapes = [box, box, replace(box, label="x")]
    found = [shape.id for shape in add_ids(shapes)]
    assert len(set(found)) == 3
    assert all(found)
    assert found == [shape.id for shape in add_ids(shapes)]


def test_a_notebook_that_runs_in_two_kernels_is_the_same_file(tmp_path: Path) -> None:
    import nbformat

    from tests.e2e.harness import execute_notebook, write_notebook

    cells = {
        "setup": "%load_ext nbimage\n"
        "import numpy as np, pandas as pd, xarray as xr, nbimage as nb\n"
        "from nbimage.base import progress\nprogress._DELAY = 0\n"
        "gray = np.random.default_rng(4).random((40, 50))\n"
        "stack = (gray * 255).astype('u1')[None].repeat(5, 0)",
        "pictures": "nb.nbimage(gray, colorbar=True, display_id='x'); nb.nbgrid([gray, gray])",
        "video": "nb.nbvideo(stack, h264=None, vp9=31, progress=True)",
        "view": "nb.nbview(stack)",
        "tree": "{'image': gray, 'sets': {1, 2}, 'stack': [stack]}",
        "dataset": "xr.Dataset({'t': (('y', 'x'), gray)})",
        "again": "xr.Dataset({'t': (('y', 'x'), gray)})",
        "table": "nb.show_images(pd.DataFrame({'x': [0.5, 1], 'image': [gray, gray]}))",
    }
    source = write_notebook(tmp_path / "in.ipynb", cells)
    first, second = (
        nbformat.read(execute_notebook(source, tmp_path / f"{i}" / "out.ipynb"), 4)
        for i in range(2)
    )
    for name, one, other in zip(cells, first.cells, second.cells, strict=True):
        assert one.outputs == other.outputs, name
    assert [len(cell.outputs) for cell in first.cells] == [0, 2, 2, 1, 1, 1, 1, 1]
    assert len(json.dumps(first.cells[-1].outputs)) > 1000
