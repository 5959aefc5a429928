"""Front-ends that show the PNG of each output: what pictures they hold, and how they look."""

from __future__ import annotations

import io
import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pypdfium2
from PIL import Image
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from tests.frontends import sources
from tests.frontends.environments import ROOT, python
from tests.frontends.servers import environment

Size = tuple[int, ...]
FIELD = (160, 240)
"""Rows and columns of the array that is shown."""


def run_qtconsole(folder: Path, dark: bool) -> tuple[dict[str, str], bytes]:
    """Run the notebook in a qtconsole; return what is there, and a screenshot."""
    own = python("qtconsole")
    home = {**environment(folder / "home", own), "QT_QPA_PLATFORM": "offscreen"}
    notebook, shot = sources.write_notebook(folder / "all.ipynb"), folder / "shot.png"
    script = ROOT / "tests" / "frontends" / "qt_console.py"
    command = [own, script, notebook, shot, "linux" if dark else "lightbg"]
    done = subprocess.run(command, check=True, env=home, cwd=folder, capture_output=True, text=True)
    sizes = [tuple(map(tuple, one)) for one in json.loads(done.stdout.splitlines()[-1])]
    return _describe(sizes[1:]), shot.read_bytes()


def convert_to_pdf(folder: Path, notebook: Path) -> tuple[dict[str, str], bytes]:
    """Convert a notebook with its outputs by LaTeX; return what is there, and the pages."""
    own = python("jupyter")
    home = environment(folder / "home", own)
    home["PATH"] = os.pathsep.join((find_pandoc(), home["PATH"]))
    command = [own, "-m", "nbconvert", "--to", "pdf", notebook]
    subprocess.run(command, check=True, env=home, cwd=folder, capture_output=True)
    with pypdfium2.PdfDocument(notebook.with_suffix(".pdf")) as document:
        pages = [page.render(scale=1.3).to_pil() for page in document]
        sizes = [
            one.get_px_size()[::-1]
            for page in document
            for one in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE])
        ]
    whole = Image.new("RGB", (sum(page.width for page in pages), pages[0].height))
    for i, page in enumerate(pages):
        whole.paste(page, (i * page.width, 0))
    shot = io.BytesIO()
    whole.save(shot, "png")
    # those of a table come last, if there are any
    first = [(size,) for size in sizes[: len(sources.NAMES) - 1]]
    return _describe([*first, sizes[len(first) :]]), shot.getvalue()


def find_pandoc() -> str:
    """Return the folder of a pandoc."""
    code = "import pypandoc; print(pypandoc.get_pandoc_path())"
    own = [python("sphinx"), "-c", code]
    found = subprocess.run(own, check=True, capture_output=True, text=True)
    return str(Path(found.stdout.strip()).parent)


def _describe(sizes: Iterable[Iterable[Size]]) -> dict[str, str]:
    """Return what the pictures of each cell show: a figure has more pixels than its array."""
    found = {}
    for name, cell in zip(sources.NAMES, map(list, sizes), strict=True):
        if name == "table":
            found[name] = "drawn" if len(cell) == 3 else "no"
        elif len(cell) != 1:
            found[name] = "no"
        elif name == "grid":
            found[name] = "drawn"
        elif name == "figure":
            found[name] = "still" if cell[0] == FIELD else "drawn"
        else:
            found[name] = "still"
    return found
