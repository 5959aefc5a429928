"""Run each cell of a notebook in a qtconsole; run by its own environment.

``python qt_console.py NOTEBOOK SCREENSHOT STYLE``: prints how many pictures each cell has shown,
and their sizes, as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from qtconsole.manager import QtKernelManager
from qtconsole.rich_jupyter_widget import RichJupyterWidget
from qtpy import QtWidgets


def list_pictures(widget: Any) -> list[tuple[int, int]]:
    """Return heights and widths of the pictures in the document, from the top on."""
    found, block = [], widget._control.document().begin()
    while block.isValid():
        pieces = block.begin()
        while not pieces.atEnd():
            image = pieces.fragment().charFormat().toImageFormat()
            if image.isValid():
                picture = widget._control.document().resource(2, image.name())
                found.append((picture.height(), picture.width()))
            pieces += 1
        block = block.next()
    return found


def main(notebook: str, screenshot: str, style: str) -> None:
    """Run the cells one after the other, then look."""
    cells = [cell["source"] for cell in json.loads(Path(notebook).read_text("utf-8"))["cells"]]
    application = QtWidgets.QApplication([])
    manager = QtKernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    widget = RichJupyterWidget()
    widget.set_default_style(style)
    widget.kernel_manager, widget.kernel_client = manager, client
    widget.resize(1200, 2600)
    widget.show()
    shown: list[list[tuple[int, int]]] = []

    def begin() -> None:
        widget.execute(cells[len(shown)], interactive=True)

    def go_on(*_: Any) -> None:
        so_far = list_pictures(widget)
        shown.append(so_far[sum(map(len, shown)) :])
        if len(shown) < len(cells):
            begin()
        else:
            widget.grab().save(screenshot)
            application.quit()

    widget.executed.connect(go_on)
    client.kernel_info()
    begin()
    application.exec()
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    print(json.dumps(shown))


if __name__ == "__main__":
    main(*sys.argv[1:])
