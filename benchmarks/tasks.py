"""Seven tasks in the explorer, napari, plotly and OpenSeadragon: `python -m benchmarks.tasks`.

    python -m benchmarks.tasks FOLDER [--napari PYTHON] [--save]

The same stack of 12 planes of cells, 300×420 float32, on which 60 samples lie up to 1,000 times
above the others; labels with names. Open it, set the contrast of the cells, read a value, measure
a distance, overlay the labels and read a name, project along z, export a figure. All is done by
real events of mouse and keyboard, in Chromium, or of Qt. Counted are the actions of a user who
knows the program (a click, a drag, a typed text, a line of code) and the seconds that the machine
takes for them; a task that has no way but code says so. FOLDER gets screenshots.

napari needs a Python of its own with `napari[pyqt6]`, and `xvfb-run`.
"""

from __future__ import annotations

import argparse
import functools
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page

from nbimage import View, write_dzi
from tests.e2e.explorer import Viewer
from tests.e2e.harness import Chromium, wait_for
from tests.npm import packages

RESULTS = Path(__file__).with_name("tasks.md")
SCRIPT = Path(__file__).with_name("tasks_napari.py")
TASKS = ("open", "contrast", "value", "distance", "labels", "projection", "export")
SAID = {
    "open": "open it",
    "contrast": "limits of the cells, 60 to 260",
    "value": "read a value",
    "distance": "measure a distance",
    "labels": "overlay labels, read a name",
    "projection": "project along z",
    "export": "export a figure",
}
CODE = "1 line of code"
ABOUT = """By `python -m benchmarks.tasks`: how many actions a user needs who knows the program (a
click, a drag, a typed text, a line of code), the seconds that the machine takes for them, and what
came of it. "No way": not without other programs.
"""


@dataclass(slots=True)
class Done:
    """What a task took."""

    seconds: float
    actions: list[str]
    result: str


@dataclass(slots=True)
class Data:
    """What is looked at."""

    stack: np.ndarray
    labels: np.ndarray
    names: list[str]
    place: tuple[int, int]
    """The middle of a cell: row, column."""


@dataclass(slots=True)
class Notes:
    """What has been done in one program."""

    done: dict[str, Done] = field(default_factory=dict)

    @contextmanager
    def task(self, name: str, *actions: str) -> Iterator[Callable[[str], None]]:
        """Time a task; what is yielded is told its result."""
        said: list[str] = []
        since = perf_counter()
        yield said.append
        self.done[name] = Done(perf_counter() - since, list(actions), said[-1] if said else "")


def make_data() -> Data:
    """Cells with labels and names, and samples far above them."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:300, :420]
    labels = np.zeros(y.shape, np.int32)
    stack = np.full((12, *y.shape), 90, np.float32)
    depth = np.arange(12)[:, None, None]
    for number in range(24):
        row = 30 + 60 * (number // 6) + random.integers(-6, 7)
        column = 35 + 70 * (number % 6) + random.integers(-6, 7)
        radius = random.integers(14, 24)
        away = np.hypot(y - row, x - column)
        labels[away < radius] = number + 1
        shape = np.exp(-((depth - random.uniform(3, 9)) ** 2) / 9)
        stack += (120 * np.exp(-((away / radius) ** 4)) * shape).astype(np.float32)
    stack += random.normal(0, 6, stack.shape).astype(np.float32)
    where = tuple(random.integers(n, size=60) for n in stack.shape)
    stack[where] = 1e5 * random.random(60)
    row, column = np.argwhere(labels == 9).mean(0).round().astype(int).tolist()
    return Data(stack, labels, [f"cell {i + 1}" for i in range(24)], (row, column))


def center(found: Locator) -> tuple[float, float]:
    box = found.bounding_box()
    assert box is not None, f"{found} is not shown"
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=10)
    page.mouse.up()


# -------------------------------------------------------------------------------------- plotly


PLOTLY_POSITION = """([row, column]) => {
  const { x, y, width, height } = document.querySelector(".nsewdrag").getBoundingClientRect();
  const { xaxis, yaxis } = document.querySelector(".js-plotly-plot")._fullLayout;
  const share = ([first, last], value) => (value - first) / (last - first);
  return [x + width * share(xaxis.range, column), y + height * (1 - share(yaxis.range, row))];
}"""


def do_plotly(page: Page, data: Data, folder: Path) -> Notes:
    import plotly.express as px
    import plotly.graph_objects as go

    notes = Notes()
    path = folder / "plotly.html"
    config = {"modeBarButtonsToAdd": ["drawline"]}
    shown = ".heatmaplayer image"

    def show(figure: Any) -> None:
        figure.update_layout(width=700, height=600).write_html(path, config=config)
        page.goto(path.as_uri())
        page.wait_for_function(f"document.querySelector('{shown}')")

    with notes.task("open", CODE) as say:
        show(px.imshow(data.stack, animation_frame=0, color_continuous_scale="gray"))
        say("shown")
    with notes.task("contrast", CODE) as say:
        show(
            px.imshow(
                data.stack, animation_frame=0, color_continuous_scale="gray", zmin=60, zmax=260
            )
        )
        say("by code alone")

    def at(row: float, column: float) -> tuple[float, float]:
        x, y = page.evaluate(PLOTLY_POSITION, [row, column])
        return x, y

    with notes.task("value", "point") as say:
        page.mouse.move(*at(*data.place), steps=3)
        page.wait_for_function("document.querySelector('.hovertext')")
        say("; ".join(map(str, page.locator(".hovertext").all_text_contents())))
    with notes.task("distance", "line tool", "drag", CODE) as say:
        page.locator("[data-val=drawline]").click()
        drag(page, at(100, 100), at(100, 300))
        say("a line; its length by code")
    with notes.task("labels", CODE, "point") as say:
        figure = px.imshow(data.stack[5], color_continuous_scale="gray", zmin=60, zmax=260)
        names = np.array(["", *data.names])[data.labels]
        figure.add_trace(
            go.Heatmap(
                z=np.where(data.labels, data.labels, np.nan),
                text=names,
                opacity=0.4,
                showscale=False,
                hovertemplate="%{text}",
                colorscale="HSV",
            )
        )
        show(figure)
        page.mouse.move(*at(*data.place), steps=3)
        page.wait_for_function("document.querySelector('.hovertext')")
        say("; ".join(map(str, page.locator(".hovertext").all_text_contents())))
    page.screenshot(path=folder / "plotly.png")
    with notes.task("projection", CODE) as say:
        show(px.imshow(data.stack.max(0), color_continuous_scale="gray", zmin=60, zmax=260))
        say("by code alone")
    with notes.task("export", "click") as say:
        with page.expect_download() as coming:
            page.locator("[data-title*='Download']").click()
        coming.value.save_as(folder / "plotly_figure.png")
        say("bar and axes")
    return notes


# ------------------------------------------------------------------------------- OpenSeadragon

SEADRAGON = """<!doctype html><style>body{margin:0}#pane{width:700px;height:600px}</style>
<div id="pane"></div><script src="openseadragon.min.js"></script><script>
const viewer = OpenSeadragon({ id: "pane", tileSources: "plane.dzi", drawer: "canvas",
  showNavigationControl: false });
</script>"""
READY = "viewer.world.getItemCount() === 1 && viewer.world.getItemAt(0).getFullyLoaded()"


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that prints nothing."""

    def log_message(self, *_: object) -> None:
        pass


def do_openseadragon(page: Page, data: Data, folder: Path) -> Notes:
    notes = Notes()
    site = folder / "openseadragon"
    site.mkdir()
    handler = functools.partial(Quiet, directory=site)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with notes.task("open", CODE, CODE) as say:
            write_dzi(data.stack[5], site / "plane", vmin=60, vmax=260, progress=False)
            build = packages() / "openseadragon" / "build" / "openseadragon"
            shutil.copy(build / "openseadragon.min.js", site)
            (site / "index.html").write_text(SEADRAGON, "utf-8")
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            page.wait_for_function(READY)
            say("8-bit pictures, made before")
        page.screenshot(path=folder / "openseadragon.png")
    finally:
        server.shutdown()
    notes.done["contrast"] = Done(0, [], "no way: made into the tiles")
    notes.done["value"] = Done(0, [], "no way")
    for name in ("distance", "labels", "projection", "export"):
        notes.done[name] = Done(0, [], "no way without plug-ins")
    return notes


# -------------------------------------------------------------------------------------- napari


def do_napari(python: str, data: Data, folder: Path) -> Notes:
    path = folder / "data.npz"
    place = np.array(data.place)
    np.savez(path, stack=data.stack, labels=data.labels, names=np.array(data.names), place=place)
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24"]
    ran = subprocess.run(
        [*screen, python, SCRIPT, path, folder], capture_output=True, text=True, check=True
    )
    tasks = json.loads(ran.stdout.splitlines()[-1])["tasks"]
    return Notes({name: Done(**task) for name, task in tasks.items()})


# ------------------------------------------------------------------------------------- nbimage


def do_nbimage(page: Page, data: Data, folder: Path) -> Notes:
    notes = Notes()
    path = folder / "nbimage.html"
    row, column = data.place

    def show(**options: Any) -> Viewer:
        View(data.stack, axes="zyx", **options).save(path)
        page.goto(path.as_uri())
        return Viewer(page)

    with notes.task("open", CODE) as say:
        viewer = show()
        say("shown")
    with notes.task("contrast", "click") as say:
        viewer.find(".note button").first.click()
        ends = viewer.find(".colorbar [role=slider]")
        texts = [ends.nth(i).get_attribute("aria-valuetext") for i in range(2)]
        say(f"{texts[0]} to {texts[1]}; then by the bar's handles")
    width, height = viewer.size()
    rows, columns = data.labels.shape

    def at(row: float, column: float) -> tuple[float, float]:
        return (column + 0.5) * width / columns, (row + 0.5) * height / rows

    with notes.task("value", "point") as say:
        x, y = at(row, column)
        say(viewer.move(x, y))
    with notes.task("distance", "Measure", "line", "drag") as say:
        viewer.button("Measure (s)").click()
        viewer.button("Draw a line").click()
        viewer.drag(at(100, 100), at(100, 300), steps=10)
        say(
            viewer.find(".measure-panel table")
            .first.inner_text()
            .splitlines()[0]
            .replace("\t", " ")
        )
    page.screenshot(path=folder / "nbimage_line.png")
    names = dict(enumerate(data.names, 1))
    with notes.task("labels", CODE, "point") as say:
        viewer = show(labels=data.labels, names=names, contrast=(1, 99))
        say(viewer.move(*at(row, column)))
    with notes.task("projection", "choose max") as say:
        viewer.named("Planes of z").select_option("max")
        wait_for(lambda: "max of z" in viewer.move(*at(row, column)), page)
        say(viewer.readout())
    page.screenshot(path=folder / "nbimage.png")
    with notes.task("export", "Save", "PNG") as say:
        with page.expect_download() as coming:
            viewer.button("Save and copy").click()
            viewer.find("[role=menuitem]").first.click()
        coming.value.save_as(folder / "nbimage_figure.png")
        say("bar, labels, scale bar")
    return notes


# ------------------------------------------------------------------------------------- results


def table(found: dict[str, Notes]) -> list[str]:
    """Return a table: actions and seconds of each task in each program."""
    lines = ["| task | " + " | ".join(found) + " |", "|---" * (len(found) + 1) + "|"]
    for task in TASKS:
        cells = []
        for done in (notes.done[task] for notes in found.values()):
            if not done.actions:
                cells.append(done.result)
                continue
            actions = ", ".join(done.actions)
            cells.append(f"{len(done.actions)} ({actions}), {done.seconds:.1f} s: {done.result}")
        lines.append(f"| {SAID[task]} | " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--napari", metavar="PYTHON", help="a Python that has napari")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True)
    data = make_data()
    found: dict[str, Notes] = {}
    with Chromium() as browser:
        for name, do in (
            ("nbview", do_nbimage),
            ("plotly `imshow`", do_plotly),
            ("OpenSeadragon", do_openseadragon),
        ):
            page = browser.new_page()
            found[name] = do(page, data, asked.folder)
            page.context.close()
    if asked.napari:
        found["napari"] = do_napari(asked.napari, data, asked.folder)
    lines = table(found)
    print("\n".join(lines))
    if asked.save:
        title = "# Seven tasks in four programs"
        RESULTS.write_text("\n".join([title, "", ABOUT, *lines, ""]))


if __name__ == "__main__":
    main()
