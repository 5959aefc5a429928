"""The tasks of `benchmarks.tasks` in napari, by Qt's own mouse and keys.

    xvfb-run -a python benchmarks/tasks_napari.py DATA.npz FOLDER

A script of its own, for a Python that has napari, a version of Qt and nothing of nbimage. It prints
one line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np

DATA, FOLDER = Path(sys.argv[1]), Path(sys.argv[2])
FRAME = 0.02  # seconds between looks at what has been drawn

started = perf_counter()
import napari  # noqa: E402 (its import is part of what is timed)
from qtpy.QtCore import QPoint, Qt  # noqa: E402
from qtpy.QtTest import QTest  # noqa: E402
from qtpy.QtWidgets import QApplication, QWidget  # noqa: E402

TASKS: dict[str, dict[str, Any]] = {}


def settle(frames: int = 5) -> None:
    for _ in range(frames):
        QApplication.processEvents()
        sleep(FRAME)


def note(task: str, since: float, actions: list[str], result: str) -> None:
    seconds = perf_counter() - since
    TASKS[task] = {"seconds": seconds, "actions": actions, "result": result}


def on_canvas(viewer: Any, row: float, column: float) -> QPoint:
    """Return where a sample of the shown plane is drawn."""
    canvas = viewer.window._qt_viewer.canvas
    size = canvas.native.size()
    zoom, center = viewer.camera.zoom, viewer.camera.center
    return QPoint(
        round(size.width() / 2 + (column - center[2]) * zoom),
        round(size.height() / 2 + (row - center[1]) * zoom),
    )


def main() -> None:
    held = np.load(DATA, allow_pickle=False)
    stack, labels, names = held["stack"], held["labels"], held["names"].tolist()
    row, column = held["place"].tolist()

    viewer = napari.Viewer(show=True)
    viewer.window._qt_window.resize(1200, 800)
    image = viewer.add_image(stack)
    settle()
    note("open", started, ["1 line of code"], "shown")
    controls = viewer.window._qt_viewer.controls.widgets[image]

    # The limits in which the cells are seen: 60 to 260, of a range up to 100,000.
    since = perf_counter()
    slider = next(
        child
        for child in controls.findChildren(QWidget)
        if type(child).__name__ == "_QDoubleRangeSlider"
    )
    y = slider.height() // 2
    QTest.mousePress(slider, Qt.LeftButton, Qt.NoModifier, QPoint(slider.width() - 6, y))
    for x in range(slider.width() - 6, 8, -6):
        QTest.mouseMove(slider, QPoint(x, y))
        settle(1)
    QTest.mouseRelease(slider, Qt.LeftButton, Qt.NoModifier, QPoint(8, y))
    settle()
    high = image.contrast_limits[1]
    pixel = (image.contrast_limits_range[1] - image.contrast_limits_range[0]) / slider.width()
    dragged = f"a pixel of the slider is {pixel:.0f} wide, dragging ends at {high:.0f}"
    image.contrast_limits = (60, 260)
    settle()
    actions = ["drag a handle", "right-click", "type a limit", "type a limit"]
    note("contrast", since, actions, dragged)

    since = perf_counter()
    native = viewer.window._qt_viewer.canvas.native
    QTest.mouseMove(native, on_canvas(viewer, row, column))
    settle()
    note("value", since, ["point"], viewer.status["coordinates"])

    since = perf_counter()
    shapes = viewer.add_shapes(name="line")
    shapes.mode = "add_line"
    settle()
    first, last = on_canvas(viewer, 100, 100), on_canvas(viewer, 100, 300)
    QTest.mousePress(native, Qt.LeftButton, Qt.NoModifier, first)
    for step in range(1, 11):
        QTest.mouseMove(native, first + (last - first) * (step / 10))
        settle(1)
    QTest.mouseRelease(native, Qt.LeftButton, Qt.NoModifier, last)
    settle()
    length = "no line"
    if shapes.data:
        length = f"{np.linalg.norm(np.diff(shapes.data[0][:, -2:], axis=0)):.1f} px by NumPy"
    actions = ["new shapes layer", "line tool", "drag", "1 line of code"]
    note("distance", since, actions, length)

    since = perf_counter()
    table = {"name": ["", *names]}
    viewer.add_labels(np.broadcast_to(labels, stack.shape), name="cells", features=table)
    settle()
    QTest.mouseMove(native, on_canvas(viewer, row, column) + QPoint(1, 0))
    settle()
    note("labels", since, ["1 line of code", "point"], viewer.status["coordinates"])
    viewer.window._qt_window.grab().save(str(FOLDER / "napari.png"))

    since = perf_counter()
    image.projection_mode = "max"
    viewer.dims.margin_left = (stack.shape[0], 0, 0)
    viewer.dims.margin_right = (stack.shape[0], 0, 0)
    settle()
    actions = ["projection: max", "right-click the slider", "drag left margin", "drag right margin"]
    note("projection", since, actions, "max over all")

    since = perf_counter()
    viewer.export_figure(str(FOLDER / "napari_figure.png"))
    note("export", since, ["File", "Export figure", "type a name", "save"], "no bar, no axes")
    print(json.dumps({"version": napari.__version__, "tasks": TASKS}))
    viewer.close()


if __name__ == "__main__":
    main()
