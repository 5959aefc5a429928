"""The explorer beside plotly's heat map and treescope, in Chromium: `python -m benchmarks.views`.

    python -m benchmarks.views [--side 2048] [--rounds 3] [--save]

The same 2048² float32 in all three. A real mouse drags and a real wheel turns for two seconds, 60
times a second; the page writes down when its animation frames begin, and Chromium how long scripts
and the main thread were busy. plotly is told to pan and to zoom by the wheel, which it would not
do by itself; treescope has no panning but the page's own scrolling, and zooms with Alt.
Then: other windows and zooms of the explorer, a handle of its histogram, 30 planes that are
scrubbed through, two images that are compared, and stored bytes.
Headless Chromium draws without a graphics card.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep
from typing import Any

import numpy as np
import plotly
import plotly.express
import treescope
from playwright.sync_api import CDPSession, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from benchmarks.first_pictures import HEADS as FIRST_HEADS
from benchmarks.first_pictures import first_pictures
from benchmarks.inputs import photograph
from benchmarks.streams import PROJECTION_HEADS, STREAM_HEADS, projected, streamed
from nbimage import View, encode
from nbimage.page.html import document_html
from tests.e2e.harness import Chromium

RESULTS = Path(__file__).with_name("views.md")

# Where things are on the explorer's page, within its shadow root.
PANE = ".pane canvas"
HANDLE = ".contrast-panel [role=slider]"
PLANES = ".axes input[type=range]"
FIT_KEY, CONTRAST_KEY = "0", "c"
# ... and on the others' pages.
PLOTLY = ".heatmaplayer image"
PLOTLY_DRAG = ".nsewdrag"
TREESCOPE = ".arrayviz_container canvas"

RATE = 60  # moves a second
SECONDS = 2.0
PATIENCE = 120_000  # ms that a page may take until it shows something
PLANE_COUNT = 30
WINDOWS = ((640, 640), (1240, 900), (1900, 1000))  # CSS pixels of the picture
ZOOMS = (0.44, 1, 1.37, 2.3, 5.7)
STEP = 255 // (PLANE_COUNT - 1)  # gray levels between two planes

# In every page before anything else. An element may be in a shadow root.
WATCH = """(() => {
  const deep = (css, root = document) => {
    const found = root.querySelector(css);
    if (found) return found;
    for (const one of root.querySelectorAll("*")) {
      const inside = one.shadowRoot && deep(css, one.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  const scratch = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const pixel = (canvas, x = 0.5, y = 0.5) => {
    scratch.clearRect(0, 0, 1, 1);
    const [left, top] = [Math.floor(canvas.width * x), Math.floor(canvas.height * y)];
    if (canvas.width && canvas.height) scratch.drawImage(canvas, left, top, 1, 1, 0, 0, 1, 1);
    return [...scratch.getImageData(0, 0, 1, 1).data];
  };
  const watch = globalThis.watch = { deep, pixel, times: [], shown: 0 };
  const ready = async (element) => {
    if (element instanceof HTMLCanvasElement) return pixel(element)[3] > 0;
    const image = new Image();
    image.src = element.getAttribute("href") ?? "";
    await image.decode();
    return true;
  };
  const look = async () => {
    const element = deep("SELECTOR");
    if (element && await ready(element).catch(() => false))
      return requestAnimationFrame((now) => { watch.shown = now; });
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  watch.start = () => {
    const times = watch.times = [];
    const frame = (now) => {
      times.push(now);
      if (watch.times === times) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  };
  watch.stop = () => {
    const { times } = watch;
    watch.times = [];
    return times;
  };
})()"""

# Each frame: the plane that is drawn at two places (else -1), and how many were asked for by then.
# Read in a task after the frame, since the page draws after this function has looked.
PLANE_FRAMES = """([canvas, slider, step]) => {
  const seen = watch.seen = { asked: [+slider.value], frames: [], on: true };
  slider.addEventListener("input", () => seen.asked.push(+slider.value));
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data: known }) => {
    const [one, two] = [0.45, 0.55].map((place) => watch.pixel(canvas, place, place)[0] / step);
    seen.frames.push([one === two ? one : -1, known]);
  };
  const look = () => {
    port2.postMessage(seen.asked.length);
    if (seen.on) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


@dataclass(slots=True)
class Action:
    """What was seen while something was dragged or turned."""

    frames: list[float] = field(default_factory=list)
    """Milliseconds from one frame to the next."""
    script: float = 0.0
    """Milliseconds, of all frames."""
    busy: float = 0.0
    """The same of the main thread: scripts, style, layout and painting."""

    def cells(self) -> list[str]:
        count = max(1, len(self.frames))
        times = [median(self.frames), quantiles(self.frames, n=20)[-1], max(self.frames)]
        return [f"{time:.1f}" for time in (*times, self.script / count, self.busy / count)]


@dataclass(slots=True)
class Viewer:
    """One way to explore an array on a page."""

    name: str
    shown: str
    """What holds its picture."""
    grip: str
    """What is dragged."""
    write: Callable[[np.ndarray, Path], None]
    wheel: float = -12.0
    """How far it is turned each time, to zoom in."""
    size: int = 0
    made: float = 0.0
    """Milliseconds until its page is written."""
    waits: list[float] = field(default_factory=list)
    after_script: list[float] = field(default_factory=list)
    actions: dict[str, Action] = field(default_factory=dict)


# ------------------------------------------------------------------------------------ pages


def write_view(array: np.ndarray, path: Path) -> None:
    """The explorer's page, with a mark where its own script begins."""
    before, script, after = View(array, cmap="viridis").html.rpartition("<script>")
    mark = '<script>performance.mark("script")</script>'
    path.write_text(document_html(before + mark + script + after, "View"), "utf-8")


def write_plotly(array: np.ndarray, path: Path) -> None:
    figure = plotly.express.imshow(array, color_continuous_scale="viridis")
    figure.update_layout(dragmode="pan", width=900, height=800)
    figure.write_html(path, include_plotlyjs=True, config={"scrollZoom": True})


def write_treescope(array: np.ndarray, path: Path) -> None:
    figure = treescope.render_array(array, around_zero=False, pixels_per_cell=1)
    path.write_text(document_html(figure._repr_html_(), "treescope"), "utf-8")


def viewers() -> list[Viewer]:
    return [
        Viewer("nbview", f".nbimage-view {PANE}, {PANE}", PANE, write_view),
        Viewer("plotly `imshow`", PLOTLY, PLOTLY_DRAG, write_plotly),
        Viewer("treescope `render_array`", TREESCOPE, TREESCOPE, write_treescope, 4 / 3),
    ]


def field_of(side: int) -> np.ndarray:
    """Waves with a little noise, float32."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    noise = np.random.default_rng(0).normal(scale=0.05, size=(side, side))
    return (np.sin(x / 70) * np.cos(y / 90) + noise).astype(np.float32)


# --------------------------------------------------------------------------------- measuring


def opened(browser: Chromium, path: Path, shown: str) -> Page:
    """A page whose picture is shown."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(WATCH.replace("SELECTOR", shown))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    try:
        page.wait_for_function("watch.shown")
    except PlaywrightTimeout as error:
        raise RuntimeError(
            f"{shown} of {path} was not shown; the page's errors: {errors}"
        ) from error
    return page


def busy_ms(session: CDPSession) -> tuple[float, float]:
    """How long scripts and the main thread have been busy, in milliseconds."""
    found = session.send("Performance.getMetrics")["metrics"]
    metrics = {metric["name"]: metric["value"] for metric in found}
    return 1e3 * metrics["ScriptDuration"], 1e3 * metrics["TaskDuration"]


def measured(page: Page, into: Action, act: Callable[[], None]) -> None:
    """Add to an action what is seen while something is done."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.evaluate("watch.start()")
    script, busy = busy_ms(session)
    act()
    page.wait_for_timeout(500)  # what a page does once the button is up belongs to it
    times = page.evaluate("watch.stop()")
    later, more = busy_ms(session)
    into.frames += list(np.diff(times))
    into.script += later - script
    into.busy += more - busy
    session.detach()


def at_rate(do: Callable[[float], None]) -> None:
    """Call with the share of the time that is over, `RATE` times a second or as fast as it goes."""
    start = perf_counter()
    done = 0
    while (over := (perf_counter() - start) / SECONDS) < 1:
        do(over)
        done += 1
        sleep(max(0.0, start + done / RATE - perf_counter()))


def middle(page: Page, css: str) -> tuple[float, float]:
    """The middle of what is seen of an element."""
    box = page.locator(css).first.bounding_box()
    assert box is not None, f"{css} is not shown"
    low = min(box["y"] + box["height"], 1000.0)
    right = min(box["x"] + box["width"], 1280.0)
    return (max(box["x"], 0.0) + right) / 2, (max(box["y"], 0.0) + low) / 2


def drag(page: Page, x: float, y: float, dx: float, dy: float) -> None:
    """Drag there and back, twice."""
    page.mouse.move(x, y)
    page.mouse.down()

    def move(over: float) -> None:
        share = (1 - np.cos(4 * np.pi * over)) / 2
        page.mouse.move(x + dx * share, y + dy * share)

    at_rate(move)
    page.mouse.up()


def turn(page: Page, by: float) -> None:
    """Turn the wheel, and half of the way back."""
    at_rate(lambda over: page.mouse.wheel(0, by if over < 2 / 3 else -by))


def explored(browser: Chromium, viewer: Viewer, path: Path) -> None:
    """Open a page, zoom, pan, and change its contrast if it can."""
    page = opened(browser, path, viewer.shown)
    viewer.waits.append(page.evaluate("watch.shown"))
    marks = page.evaluate("performance.getEntriesByName('script').map(mark => mark.startTime)")
    viewer.after_script += [viewer.waits[-1] - mark for mark in marks]
    actions = viewer.actions
    for name in ("zoom", "pan"):
        actions.setdefault(name, Action())
    x, y = middle(page, viewer.grip)
    if viewer.shown == TREESCOPE:
        page.mouse.move(x, y)
        page.keyboard.down("Alt")
        measured(page, actions["zoom"], lambda: turn(page, viewer.wheel))
        page.keyboard.up("Alt")
        measured(page, actions["pan"], lambda: turn(page, 12))
    else:
        if viewer.grip == PANE:
            page.mouse.click(x, y)  # it leaves the wheel to the page until it has the focus
        page.mouse.move(x, y)
        measured(page, actions["zoom"], lambda: turn(page, viewer.wheel))
        measured(page, actions["pan"], lambda: drag(page, x, y, 250, 150))
    if viewer.grip == PANE:
        for key in (FIT_KEY, CONTRAST_KEY):
            page.keyboard.press(key)
        x, y = middle(page, HANDLE)
        act = actions.setdefault("contrast", Action())
        measured(page, act, lambda: drag(page, x, y, 80, 0))
    page.context.close()


# ------------------------------------------------------------------------------------- zooms


def windows(browser: Chromium, folder: Path, side: int) -> list[list[str]]:
    """Rows of a table: panning and zooming by the size of the picture and how far it is enlarged.

    The work is the processor's time of the main thread, which other programs do not lengthen.
    """
    rows = []
    for width, height in WINDOWS:
        path = folder / f"{width}.html"
        view = View(field_of(side), width=width, height=height)
        path.write_text(document_html(view.html, "Window"), "utf-8")
        page = browser.new_page()
        page.set_viewport_size({"width": width + 200, "height": height + 250})
        page.add_init_script(WATCH.replace("SELECTOR", PANE))
        page.goto(path.as_uri())
        page.wait_for_function("watch.shown")
        x, y = middle(page, PANE)
        page.mouse.click(x, y)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        for zoom in ZOOMS:
            page.keyboard.press("1")
            for _ in range(4):
                page.mouse.wheel(0, -300 * np.log(zoom) / 4)
                page.wait_for_timeout(60)
            percent = page.evaluate("watch.deep('.zoom').innerText")
            acts = {"pan": partial(drag, page, x, y, 250, 150), "zoom": partial(turn, page, 6)}
            for name, act in acts.items():
                page.evaluate("watch.start()")
                script, busy = busy_ms(session)
                act()
                times = page.evaluate("watch.stop()")
                later, more = busy_ms(session)
                work = [(later - script) / len(times), (more - busy) / len(times)]
                frame = f"{median(np.diff(times)):.1f}"
                rows.append(
                    [f"{width} × {height}", percent, name, frame, *(f"{one:.1f}" for one in work)]
                )
        page.context.close()
    return rows


# ------------------------------------------------------------------------------------ planes


def stack() -> np.ndarray:
    """Noise, each plane's number in the middle."""
    random = np.random.default_rng(1)
    planes = random.integers(0, 256, (PLANE_COUNT, 512, 512), np.uint8)
    for number, plane in enumerate(planes):
        plane[128:384, 128:384] = number * STEP
    return planes


def scrubbed(browser: Chromium, folder: Path) -> list[list[str]]:
    """Rows of a table: planes that are read for the first time, and once they are at hand."""
    path = folder / "stack.html"
    path.write_text(document_html(View(stack(), vmin=0, vmax=255).html, "Stack"), "utf-8")
    page = opened(browser, path, PANE)
    slider, canvas = page.locator(PLANES).first, page.locator(PANE).first
    rows = []
    for name in ("first time", "again"):
        page.evaluate(PLANE_FRAMES, [canvas.element_handle(), slider.element_handle(), STEP])
        box = slider.bounding_box()
        assert box is not None
        x, y, width = box["x"] + 8, box["y"] + box["height"] / 2, box["width"] - 16
        page.mouse.move(x, y)
        page.mouse.down()

        def move(over: float, x: float = x, y: float = y, width: float = width) -> None:
            page.mouse.move(x + width * (1 - abs(1 - 4 * over % 2)), y)

        at_rate(move)
        page.mouse.up()
        page.wait_for_timeout(500)
        seen = page.evaluate("() => { watch.seen.on = false; return watch.seen; }")
        rows.append([name, *judged(seen)])
    page.context.close()
    return rows


def judged(seen: dict[str, Any]) -> list[str]:
    """Cells of what was drawn: the planes must be some of those asked for, in their order."""
    asked: list[int] = seen["asked"]
    at = changes = wrong = late = 0
    for (before, _), (drawn, known) in zip(seen["frames"], seen["frames"][1:], strict=False):
        changes += drawn != before
        late += drawn != asked[known - 1]
        try:
            at = asked.index(drawn, at, known)
        except ValueError:
            wrong += 1
    last = seen["frames"][-1][0] == asked[-1]
    frames = len(seen["frames"]) - 1
    per_second = f"{changes / SECONDS:.0f}"
    return [per_second, str(frames), str(late), str(wrong), "yes" if last else "no"]


# ---------------------------------------------------------------------------------- comparing


def compared(browser: Chromium, folder: Path, side: int) -> list[list[str]]:
    """Rows of a table: panning while a map of two images is worked out, and how long that takes."""
    field = field_of(side)
    shifted = np.roll(field, 1, axis=1)
    path = folder / "compared.html"
    state = {"mode": "swipe", "panels": ["compare"]}
    view = View({"a": field, "b": shifted}, state=state, width=640, height=640)
    path.write_text(document_html(view.html, "Compared"), "utf-8")
    page = opened(browser, path, PANE)
    rows = []
    for name in ("swipe", "|difference|", "SSIM", "FLIP"):
        act = Action()
        x, y = middle(page, PANE)
        mode = page.get_by_label("How to compare (m)", exact=True)
        page.evaluate("begun => { watch.begun = performance.now(); }")

        def work(name: str = name, mode: Any = mode, x: float = x, y: float = y) -> None:
            mode.select_option(name)
            drag(page, x + 90, y, 120, 80)

        measured(page, act, work)
        took = ""
        if name in ("SSIM", "FLIP"):
            page.wait_for_function(
                "() => watch.deep('.outcome')?.innerText.includes('mean') "
                "&& (watch.done ??= performance.now())"
            )
            took = f"{page.evaluate('watch.done - watch.begun') / 1e3:.1f}"
            page.evaluate("() => { watch.done = undefined; }")
        rows.append([name, *act.cells(), took])
    page.context.close()
    return rows


# --------------------------------------------------------------------------------- stored size


def samples_letters(view: View) -> int:
    """Letters that the samples take in the page."""
    (text,) = re.findall(r'<script type="application/json">(.*?)</script>', view.html, re.DOTALL)

    def count(part: Any) -> int:
        if isinstance(part, list):
            return sum(map(count, part))
        if isinstance(part, dict):
            own = sum(len(part[key]) for key in ("data", "png") if isinstance(part.get(key), str))
            return own + sum(map(count, part.values()))
        return 0

    return count(json.loads(text))


def stored() -> list[list[str]]:
    """Rows of a table: kB that are stored."""
    noise = np.random.default_rng(2).normal(size=(512, 512))
    figure = plotly.express.imshow(noise)
    rounded, exact = View(noise), View(noise, exact=True)
    sizes: list[tuple[str, str, int]] = [
        ("512² float64 noise", "the values themselves", noise.nbytes),
        ("", "nbview's samples", samples_letters(rounded)),
        ("", "nbview's samples, `exact=True`", samples_letters(exact)),
        ("", "nbview's HTML", len(rounded.html)),
        ("", "nbview's HTML, `exact=True`", len(exact.html)),
        ("", "plotly's JSON", len(figure.to_json())),
        ("", "plotly's HTML, plotly.js in it", len(figure.to_html(include_plotlyjs=True))),
    ]
    for name in ("astronaut", "camera"):
        picture = photograph(name)
        sizes += [
            (f"{name}, {'×'.join(map(str, picture.shape))} uint8", "nbview's samples",
             samples_letters(View(picture))),
            ("", "its PNG as base64", len(base64.b64encode(encode(picture)))),
        ]  # fmt: skip
    return [[what, how, f"{size / 1e3:,.0f}"] for what, how, size in sizes]


# -------------------------------------------------------------------------------------- tables


def table(heads: list[str], rows: list[list[str]], texts: int = 1) -> str:
    """Markdown; the first columns are texts, the rest numbers."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [heads, ["---"] * texts + ["---:"] * (len(heads) - texts), *cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main(side: int, rounds: int) -> str:
    """Measure, and return tables."""
    folder = Path(tempfile.mkdtemp(prefix="nbimage-views-"))
    array = field_of(side)
    peers = viewers()
    paths = {viewer.name: folder / f"{i}.html" for i, viewer in enumerate(peers)}
    for viewer in peers:
        viewer.write(array, paths[viewer.name])  # which finds all that it imports
        begin = perf_counter()
        viewer.write(array, paths[viewer.name])
        viewer.made = 1e3 * (perf_counter() - begin)
        viewer.size = paths[viewer.name].stat().st_size
    for turn_number in range(rounds):
        for viewer in peers[:: -1 if turn_number % 2 else 1]:
            with Chromium() as browser:
                explored(browser, viewer, paths[viewer.name])
    with Chromium() as browser:
        planes = scrubbed(browser, folder)
    with Chromium() as browser:
        maps = compared(browser, folder, side)
    with Chromium() as browser:
        zoomed = windows(browser, folder, side)
    with Chromium() as browser:
        frames_shown = streamed(browser, folder)
    with Chromium() as browser:
        first = first_pictures(browser, folder)
    pages = [
        [
            viewer.name,
            f"{viewer.size / 1e6:.1f}",
            f"{viewer.made:.0f}",
            f"{median(viewer.waits):.0f}",
            f"{median(viewer.after_script):.0f}" if viewer.after_script else "",
        ]
        for viewer in peers
    ]
    frames = [
        [viewer.name, name, *action.cells()]
        for name in ("pan", "zoom", "contrast")
        for viewer in peers
        if (action := viewer.actions.get(name))
    ]
    heads = [
        "",
        "page, MB",
        "written, ms",
        "shown after navigation, ms",
        "after its script begins, ms",
    ]
    times = ["median frame, ms", "95th %", "longest", "script, ms a frame", "main thread"]
    counts = ["planes a second", "frames", "behind the slider", "wrong", "ends right"]
    return "\n\n".join(
        [
            f"## {side}² float32",
            table(heads, pages),
            table(["", "", *times], frames, 2),
            f"## {side}² float32 by window and zoom",
            table(["", "from", "", *times[:1], "script, ms of work a frame", times[4]], zoomed, 3),
            f"## {PLANE_COUNT} planes of 512² uint8 scrubbed to and fro, twice, in {SECONDS:.0f} s",
            table(["", *counts], planes),
            f"## Two images of {side}² float32 compared: panning while the map is worked out",
            table(["", *times, "map, s"], maps),
            "## A camera's frames of 512² uint8 in JupyterLab, for 4 s",
            table(STREAM_HEADS, frames_shown),
            "## The first picture of a live view in JupyterLab",
            table(FIRST_HEADS, first),
            "## 100 planes of 512² uint16 projected",
            table(PROJECTION_HEADS, projected()),
            "## Stored",
            table(["", "", "kB"], stored(), 2),
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    text = main(options.side, options.rounds)
    print(text)
    if options.save:
        head = f"""# The explorer in the browser

Beside plotly {plotly.__version__} and treescope {treescope.__version__}, in headless Chromium
without a graphics card; a frame takes 16.7 ms at least. What is done is in
[views.py](views.py): a real mouse and wheel, two seconds each. plotly pans by moving its picture
and draws it anew at the end; treescope's panning is the page's scrolling. "Wrong" are planes that
nobody asked for, or that come after later ones.
"""
        RESULTS.write_text(f"{head}\n{text}\n", "utf-8")
