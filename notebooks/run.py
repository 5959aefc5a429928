"""Run a notebook and write it as a page that opens offline: ``python -m notebooks.run tour``."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from nbimage.base.atomic import write_file

HERE = Path(__file__).parent
BUILD = HERE.parent / "build"


def run(name: str, folder: Path = BUILD) -> Path:
    """Execute ``notebooks/NAME.ipynb`` and write ``NAME.html`` to a folder; return its path.

    Raises nbclient's CellExecutionError where a cell fails.
    """
    notebook = nbformat.read(HERE / f"{name}.ipynb", as_version=4)
    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        store_widget_state=False,  # pages with it ask the network for what shows widgets
        resources={"metadata": {"path": str(HERE)}},
    ).execute()
    exporter = HTMLExporter()
    exporter.require_js_url = exporter.mathjax_url = exporter.widget_renderer_url = ""
    exporter.mermaid_js_url = exporter.mermaid_layout_elk_js_url = ""
    page, _ = exporter.from_notebook_node(notebook)
    folder.mkdir(parents=True, exist_ok=True)
    return write_file(folder / f"{name}.html", page.encode())


if __name__ == "__main__":
    for chosen in sys.argv[1:] or ["tour"]:
        print(run(chosen))
