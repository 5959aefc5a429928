"""Live views in notebooks: tiles from the kernel, what it and the page tell each other, the end."""

from __future__ import annotations

import base64
import json
import queue
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from playwright.sync_api import Page

from nbimage import Picture, View
from tests.e2e.explorer import Viewer, place_of, rgba, values_of
from tests.e2e.harness import (
    Chromium,
    HtmlPage,
    JupyterServer,
    NotebookPage,
    execute_notebook,
    export_html,
    frames,
    open_notebook,
    wait_for,
    wait_until,
    write_notebook,
)

ARRAYS = """
import numpy as np
y, x = np.mgrid[:2000, :3000]
a = ((x * 7 + y * 13) % 60000).astype(np.uint16)
stack = np.stack([(a[:1000, :1200] // 7 + 2000 * i).astype(np.uint16) for i in range(3)])
small = a[:300, :400]
"""
CELLS = {
    "setup": ARRAYS
    + """
import threading, time
import dask.array as da
import zarr
from ipywidgets.widgets import widget
from nbimage import View, nbview
from nbimage.view.live.linking import link
group = zarr.open_group("image.zarr", mode="w", zarr_format=2)
datasets = []
for level in range(4):
    step = 2 ** level
    part = a[: 2000 // step * step, : 3000 // step * step]
    part = part.reshape(2000 // step, step, 3000 // step, step).mean(axis=(1, 3)).astype(a.dtype)
    group.create_array(str(level), data=part, chunks=(256, 256))
    scale = {"type": "scale", "scale": [0.5 * step, 0.5 * step]}
    datasets.append({"path": str(level), "coordinateTransformations": [scale]})
axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "yx"]
group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": datasets}]
view = View(a, embed=False, width=500, height=400)
cube = View(stack, axes="zyx", embed=False, width=300, height=250, cmap="viridis")
heard = []
count, was = 50, 0
def tiles(): return [t.name for t in threading.enumerate() if t.name == "nbimage-tiles"]
""",
    "view": "view",
    "levels": "nbview('image.zarr', 0, 59999, embed=False, width=400, height=300)",
    "stack": "cube",
    "many": "for _ in range(count): nbview(small, embed=False, width=120, height=100)",
    "named": "nbview(small, embed=False, display_id='d', width=200, height=150, title='<i>It</i>')",
    "code": "exec(open('code.py').read())",
}
arrays: dict[str, np.ndarray] = {}
exec(ARRAYS, arrays)


def viewer_of(page: NotebookPage, name: str) -> Viewer:
    """The live explorer that a cell shows."""
    output = page.output(name)
    page.page.wait_for_function(
        "e => e.querySelector('.nbimage-live')?.firstElementChild?.shadowRoot", arg=output
    )
    output.evaluate("(e, name) => { e.querySelector('.nbimage-live').dataset.cell = name }", name)
    return Viewer(page.page, root=f".nbimage-live[data-cell={name}]")


def said(page: NotebookPage, code: str) -> str:
    """Run code in the kernel; return what it prints."""
    (page.server.root / "code.py").write_text(code)
    page.run_cell("code")
    return str(page.output("code").inner_text()).strip()


def html_of(page: NotebookPage, name: str) -> str:
    """What a cell's outputs have as HTML in the notebook's file."""
    texts = (output["data"].get("text/html", "") for output in page.stored(name))
    return "".join("".join(text) for text in texts)


def rest(viewer: Viewer) -> None:
    """Wait until the view has all its tiles."""
    viewer.rest()


def says(page: NotebookPage, code: str, expected: str) -> None:
    """Wait until code in the kernel prints this: the page tells it what is seen once that rests."""
    wait_for(lambda: said(page, code) == expected)


@contextmanager
def frames_sent(page: Page, model: str) -> Iterator[list[str]]:
    """What the page says to the kernel of a view meanwhile."""
    session, frames = page.context.new_cdp_session(page), []
    session.send("Network.enable")

    def sent(event: dict[str, Any]) -> None:
        payload = event["response"]["payloadData"]
        text = base64.b64decode(payload) if event["response"]["opcode"] == 2 else payload.encode()
        if model.encode() in text:
            found = re.findall(rb'"type":"(want|state|hello|bye|stop)"', text)
            frames.extend(kind.decode() for kind in found)

    session.on("Network.webSocketFrameSent", sent)
    yield frames
    session.detach()


def test_what_is_shown_one_to_one_are_the_arrays_own_values(fresh: NotebookPage) -> None:
    viewer, a = viewer_of(fresh, "view"), arrays["a"]
    viewer.press("1")
    rest(viewer)
    region = np.s_[0:0, 0:0]

    def is_told() -> bool:
        nonlocal region
        region = eval(said(fresh, "print(view.viewport)"))
        return [side.stop - side.start for side in region] == [400, 500]

    wait_for(is_told)
    viewer = viewer_of(fresh, "view")
    assert not any(img.is_visible() for img in fresh.output("view").query_selector_all("img"))
    shown = viewer.pixels()
    assert shown.shape[:2] == (400, 500)
    expected = rgba(Picture(a[region], 0, int(a.max())).render())
    np.testing.assert_array_equal(shown, expected)
    text = viewer_of(fresh, "view").move(123, 45)
    column, row = place_of(text)
    assert (row, column) == (region[0].start + 45, region[1].start + 123)
    assert values_of(text) == [str(a[row, column])]


def test_after_a_pan_the_view_has_no_holes(fresh: NotebookPage) -> None:
    viewer, a = viewer_of(fresh, "levels"), arrays["a"]
    for _ in range(3):
        viewer.press("+")
    for way in ((390, 290), (10, 10), (390, 150)):
        viewer.drag((200, 150), way)
    rest(viewer)
    assert (viewer.pixels()[:, :, 3] == 255).all()
    viewer.press("1")
    rest(viewer)
    column, row = place_of(viewer.move(100, 100))
    left, top = column - 100, row - 100
    expected = rgba(Picture(a[top : top + 300, left : left + 400], 0, 59999).render())
    inside = viewer.pixels()[40:200, 40:200]  # neither the navigator nor the scale bar
    np.testing.assert_array_equal(inside, expected[40:200, 40:200])


def test_dragging_contrast_says_nothing_to_the_kernel_until_it_rests(fresh: NotebookPage) -> None:
    viewer = viewer_of(fresh, "view")
    viewer.press("c")
    says(fresh, "print('contrast' in view.state['panels'])", "True")
    model = said(fresh, "print(view.widget.model_id)")
    viewer = viewer_of(fresh, "view")
    rest(viewer)
    box = viewer.find(".contrast-panel [role=slider]").last.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = viewer.pixels()
    with frames_sent(fresh.page, model) as sent:
        fresh.page.mouse.move(x, y)
        fresh.page.mouse.down()
        for i in range(12):
            fresh.page.mouse.move(x - 6 - 8 * i, y)
            viewer.settle()
        assert sent == []
        fresh.page.mouse.up()
        wait_for(lambda: sent, fresh.page)
        frames(fresh.page, 20)
        assert sent == ["state"]
    assert (viewer.pixels() != before).any()
    low, high = eval(said(fresh, "print(view.limits)"))
    assert low == 0 and high < 55000
    viewer_of(fresh, "view").press("c")


def test_python_sets_what_is_seen_and_reads_it_back(fresh: NotebookPage) -> None:
    viewer, a = viewer_of(fresh, "view"), arrays["a"]
    said(
        fresh,
        "heard.clear(); view.observe(lambda c: heard.append((c.name, threading.current_thread() is "
        "threading.main_thread())))\n"
        "view.viewport = np.s_[200:600, 700:1200]\n"
        "view.limits = 1000, 30000; view.cursor = 300, 800",
    )
    viewer_of(fresh, "view")
    rest(viewer)
    assert viewer.percent() == 100
    viewer.press("Escape")
    rest(viewer)
    expected = rgba(Picture(a[200:600, 700:1200], 1000, 30000).render())
    np.testing.assert_array_equal(viewer.pixels(), expected)
    four = [(name, True) for name in ("viewport", "limits", "cursor", "cursor")]
    says(
        fresh,
        "print(view.cursor, view.viewport == np.s_[200:600, 700:1200], view.limits, heard)",
        f"None True (1000, 30000) {four}",
    )
    said(fresh, "view.unobserve_all()")
    viewer = viewer_of(fresh, "view")
    viewer.drag((250, 200), (150, 150))
    rest(viewer)
    says(fresh, "print(view.viewport)", str(np.s_[250:650, 800:1300]))


def test_a_box_drawn_by_mouse_slices_the_pixels_under_it(fresh: NotebookPage) -> None:
    viewer, a = viewer_of(fresh, "view"), arrays["a"]
    viewer.press("1")
    rest(viewer)
    column, row = place_of(viewer.move(120, 90))
    viewer.click("Measure (s)")
    viewer.click("Draw a box")
    viewer.drag((120.5, 90.5), (200.5, 150.5))
    rest(viewer)
    code = 'print(*(f"{shape.kind} {shape.slices}" for shape in view.shapes))'
    kind, slices = wait_for(lambda: said(fresh, code)).split(" ", 1)
    assert kind == "box"
    part = a[eval(slices)]
    np.testing.assert_array_equal(part, a[row : row + 61, column : column + 81])
    mean = said(fresh, "print(view.selected.statistics(a)['mean'])")
    assert float(mean) == pytest.approx(part.mean(), rel=1e-12)
    said(fresh, "view.shapes.clear()")


def test_a_large_shape_shows_the_numbers_of_all_its_samples(fresh: NotebookPage) -> None:
    viewer, a = viewer_of(fresh, "view"), arrays["a"]
    shape = "nbimage.Shape('box', [(-0.5, -0.5), (1999.5, 2999.5)], id='all')"
    said(fresh, f"import nbimage; view.shapes = [{shape}]")
    if not viewer.find(".measure-panel").is_visible():
        viewer.click("Measure (s)")
    viewer.find(".shape-list button").first.click()
    numbers = viewer.find(".shape-numbers")
    wait_for(lambda: str(a.sum()) in numbers.inner_text(), fresh.page)
    text = viewer.find(".shape").inner_text()
    assert "means" not in text and str(a.size) in text and str(a.max()) in text
    said(fresh, "view.shapes.clear()")


def test_a_snapshot_has_the_pixels_that_are_seen(fresh: NotebookPage) -> None:
    viewer = viewer_of(fresh, "stack")
    said(fresh, "cube.index = {'z': 2}; cube.viewport = np.s_[100:350, 400:700]")
    viewer = viewer_of(fresh, "stack")
    rest(viewer)
    said(fresh, "from PIL import Image; Image.fromarray(cube.snapshot().render()).save('seen.png')")
    from PIL import Image

    seen = np.asarray(Image.open(fresh.server.root / "seen.png"))
    viewer = viewer_of(fresh, "stack")
    shown = viewer.pixels()
    free = np.s_[:120, :150]  # no navigator there
    np.testing.assert_array_equal(rgba(seen)[free], shown[free])
    assert said(fresh, "print(cube.index)") == "{'z': 2}"


def test_linked_views_follow_each_other(fresh: NotebookPage) -> None:
    said(fresh, "pair = link(view, cube, ('viewport',)); view.viewport = np.s_[400:800, 600:1100]")
    assert said(fresh, "print(cube.viewport)") == str(np.s_[200:400, 240:440])
    viewer = viewer_of(fresh, "stack")
    viewer.drag((150, 100), (50, 100))
    rest(viewer)
    says(fresh, "print(view.viewport[1].start > 600)", "True")
    assert said(fresh, "pair.unlink(); print(pair)") == "<Link that has ended>"


def test_a_slider_that_is_linked_with_the_index_moves_the_picture_and_is_moved(
    fresh: NotebookPage,
) -> None:
    said(
        fresh,
        "import ipywidgets, traitlets\n"
        "from IPython.display import display\n"
        "slider = ipywidgets.IntSlider(max=2)\n"
        "linked = View(stack, axes='zyx', embed=False, width=300, height=250)\n"
        "ways = (lambda z: {'z': z}, lambda index: index['z'])\n"
        "traitlets.link((slider, 'value'), (linked, 'index'), transform=ways)\n"
        "display(ipywidgets.VBox([slider, linked.widget]))",
    )
    viewer = viewer_of(fresh, "code")
    rest(viewer)
    handle = fresh.output("code").query_selector(".noUi-handle")
    assert handle is not None
    viewer.changes(lambda: handle.press("ArrowRight"))
    rest(viewer)
    column, row = place_of(viewer.move(150, 125))
    value = str(arrays["stack"][1, row, column])
    wait_for(lambda: values_of(viewer.readout()) == [value], fresh.page)
    viewer.changes(lambda: viewer.press("."))
    readout = fresh.output("code").query_selector(".widget-readout")
    assert readout is not None
    wait_for(lambda: readout.inner_text() == "2", fresh.page)


def test_tiles_come_while_the_kernel_computes(fresh: NotebookPage) -> None:
    viewer = viewer_of(fresh, "levels")
    begun, go = fresh.server.root / "begun", fresh.server.root / "go"
    (fresh.server.root / "code.py").write_text(
        "from pathlib import Path\nPath('begun').touch()\n"
        "while not Path('go').exists(): time.sleep(0.01)"
    )
    fresh.page.evaluate(
        """index => {
          const { content } = e2e.panel();
          content.activeCellIndex = content.widgets.indexOf(e2e.cells()[index]);
          jupyterapp.commands.execute("notebook:run-cell");
        }""",
        fresh.names.index("code"),
    )
    wait_for(begun.exists, fresh.page)  # "busy" may be over: the view has a thread of its own
    viewer = viewer_of(fresh, "levels")
    viewer.press("0", "1")
    viewer.move(30, 30)
    rest(viewer)
    assert values_of(viewer.readout()) != ["…"]
    assert not fresh.page.evaluate("() => e2e.done()")
    go.touch()
    wait_until(fresh.page, "() => e2e.done()")


def test_many_views_that_are_cleared_leave_nothing_behind(fresh: NotebookPage) -> None:
    fresh.output("many")
    lives = "e2e.cells()[4].outputArea.node.querySelectorAll('.nbimage-live').length"
    fresh.page.wait_for_function(f"() => {lives} === 25")  # JupyterLab shows 50 outputs at first
    before = said(fresh, "print(len(widget._instances)); count = 0")
    fresh.run_cell("many")
    wait_until(fresh.page, f"() => {lives} === 0")
    left = f"{int(before) - 100} 0"  # each has a layout
    says(fresh, "print(len(widget._instances), len(tiles()))", left)
    assert fresh.errors == []


def test_an_output_that_is_cleared_lets_go_of_its_tiles_and_can_come_back(
    fresh: NotebookPage,
) -> None:
    viewer = viewer_of(fresh, "stack")
    viewer.press("+")
    rest(viewer)
    fresh.page.evaluate("() => e2e.cells()[3].outputArea.model.clear()")
    assert (
        said(fresh, "time.sleep(.3); print(cube._live._scheduler, cube._live._pages)") == "None {}"
    )
    fresh.run_cell("stack")
    viewer = viewer_of(fresh, "stack")
    viewer.move(30, 30)  # the value is of a finer level than what is drawn
    rest(viewer)
    assert values_of(viewer.readout()) != ["…"]


def test_an_update_in_place_leaves_one_view_where_it_was(fresh: NotebookPage) -> None:
    viewer = viewer_of(fresh, "named")
    viewer.press("1", "+")
    rest(viewer)
    assert fresh.output("named").inner_text().startswith("<i>It</i>")
    update = "nbview(small + 5, embed=False, display_id='d', width=200, height=150, title='Now')"
    assert said(fresh, update) == ""

    def is_new() -> bool:
        viewer = viewer_of(fresh, "named")
        rest(viewer)
        column, row = place_of(viewer.move(40, 50))
        return values_of(viewer.readout()) == [str(arrays["small"][row, column] + 5)]

    wait_for(is_new)
    texts = fresh.output("named").inner_text()
    assert texts.startswith("Now") and "It" not in texts
    assert len(fresh.output("named").query_selector_all(".nbimage-live")) == 1
    assert viewer_of(fresh, "named").percent() == 200


def test_a_tab_that_was_hidden_goes_on(fresh: NotebookPage) -> None:
    viewer = viewer_of(fresh, "stack")
    before = viewer.pixels()
    fresh.page.evaluate(
        """async () => {
          const { id } = e2e.panel();
          await jupyterapp.commands.execute("launcher:create");
          for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame);
          jupyterapp.shell.activateById(id);
        }"""
    )
    viewer = viewer_of(fresh, "stack")
    rest(viewer)
    np.testing.assert_array_equal(viewer.pixels(), before)
    assert fresh.errors == []


def test_a_saved_notebook_has_the_overview_and_what_it_keeps(
    fresh: NotebookPage, server: JupyterServer, chromium: Chromium, tmp_path: Path
) -> None:
    for name in ("view", "levels"):  # as soon as their tiles have come the output has them
        rest(viewer_of(fresh, name))
        wait_for(lambda one=name: '"kept":[{"' in html_of(fresh, one), fresh.page)
    fresh.page.evaluate("async () => { await e2e.panel().context.save(); }")
    path = max(server.root.glob("live-fresh-*.ipynb"), key=lambda p: p.stat().st_mtime)
    text = path.read_text("utf-8")
    assert "widgets" not in json.loads(text)["metadata"]
    assert "model.send" not in text
    saved = shutil.copy(path, tmp_path / "saved.ipynb")
    for mode in ("trusted", "untrusted"):
        with open_notebook(Path(saved), list(CELLS), server, chromium, mode) as page:  # type: ignore[arg-type]
            for name in ("view", "levels"):
                output = page.output(name)
                assert output.query_selector(".nbimage-live") is None
                if mode == "trusted":
                    page.page.locator(".nbimage-still .frame").first.wait_for()
                    continue
                images = [img for img in output.query_selector_all("img") if img.is_visible()]
                assert len(images) == 1
                assert output.inner_text().strip() == ""
            assert page.errors == []


def test_a_kernel_that_is_gone_is_told(fresh: NotebookPage) -> None:
    viewer = viewer_of(fresh, "view")
    fresh.console_errors.clear()
    fresh.page.evaluate("async () => { await e2e.kernel().restart(); }")
    wait_until(fresh.page, "() => e2e.kernel().status === 'idle'")
    viewer.press("0", "1", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")
    wait_for(lambda: "the kernel is gone" in viewer.find(".failed").inner_text(), viewer.page)
    assert (viewer.pixels()[:, :, 3] == 255).all()  # what was there stays
    assert fresh.errors == []
    assert fresh.console_errors == []


FRONT_END = """async ({ script, how }) => {
  const told = new Set(), module = new Blob([script], { type: "text/javascript" });
  const { default: widget } = await import(URL.createObjectURL(module));
  window.deliver = (content, texts) => {
    const buffers = how === "lost" ? [] : texts.map(text => {
      const bytes = Uint8Array.from("abc" + atob(text), letter => letter.charCodeAt(0));
      return new DataView(bytes.buffer, 3);
    });
    for (const one of [...told]) one(content, buffers);
  };
  const model = {
    send: content => { kernel(JSON.stringify(content)) },
    on: (name, one) => { if (name === "msg:custom") told.add(one) },
    off: (name, one) => { told.delete(one) },
  };
  window.end = widget.render({ model, el: document.querySelector("#el") });
}"""


class FrontEnd:
    """A page of its own that shows a live view, by nothing but messages."""

    def __init__(self, chromium: Chromium, view: View, how: str = "offsets") -> None:
        self.view, self.wrong = view, list[str]()
        widget = view.widget
        self._widget, self._sent, self._heard = widget, queue.Queue[Any](), queue.Queue[str]()
        widget.send = lambda content, buffers=None: self._sent.put((content, buffers or []))
        self.page = chromium.new_page()
        self.page.expose_function("kernel", self._heard.put)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.set_content("<div id=el></div>")
        self.page.evaluate(FRONT_END, {"script": widget._esm, "how": how})
        self.talk(lambda: self.page.query_selector(".nbimage-live > div") is not None)
        self.viewer = Viewer(self.page, root=".nbimage-live")
        self.rest()

    def talk(self, until: Callable[[], bool]) -> None:
        """Carry messages until something holds."""

        def holds() -> bool:
            while not self._heard.empty():
                self._widget._handle_custom_msg(json.loads(self._heard.get()), [])
            while not self._sent.empty():
                content, buffers = self._sent.get()
                texts = [base64.b64encode(data).decode() for data in buffers]
                self.page.evaluate(
                    "([content, texts]) => deliver(content, texts)", [content, texts]
                )
            return until()

        wait_for(holds, self.page)

    def rest(self) -> None:
        """Carry messages until the view has all its tiles."""
        calm = 0

        def at_rest() -> bool:
            nonlocal calm
            self.viewer.settle()
            calm = calm + 1 if self.viewer.waiting() == 0 else 0
            return calm == 2

        self.talk(at_rest)

    def close(self) -> None:
        self.page.evaluate("() => window.end()")
        assert self.view._live is not None
        live = self.view._live
        self.talk(lambda: not live._pages)
        assert self.page.query_selector(".nbimage-live") is None and self.wrong == []
        self.page.context.close()


@pytest.mark.parametrize("how", ["offsets", "lost"])
def test_a_front_end_needs_nothing_but_messages(chromium: Chromium, how: str) -> None:
    view = View(arrays["a"], embed=False, width=400, height=300)
    front = FrontEnd(chromium, view, how)
    front.viewer.press("1")
    front.rest()
    front.talk(lambda: view.state["viewport"] is not None)
    expected = rgba(Picture(arrays["a"][view.viewport], 0, int(arrays["a"].max())).render())
    np.testing.assert_array_equal(front.viewer.pixels(), expected)
    front.close()


def test_a_state_that_is_given_back_shows_the_same(chromium: Chromium) -> None:
    data = {"one": arrays["stack"][0], "other": arrays["stack"][1][::-1]}
    options: Any = {"embed": False, "width": 400, "height": 300}
    view = View(data, **options)
    front = FrontEnd(chromium, view)
    with pytest.raises(ValueError, match="display it"):
        _ = View(data, **options).viewport
    front.viewer.press("+", "+", "+", "m", "c", "i")
    front.viewer.drag((200, 150), (143, 121))
    front.viewer.move(100, 80)
    front.viewer.press("p")
    front.talk(lambda: view.cursor is not None)
    front.rest()
    front.talk(lambda: view.state["viewport"] is not None)
    state, pixels = json.loads(json.dumps(view.state)), front.viewer.pixels()
    assert (state["mode"], "contrast" in state["panels"], state["invert"]) == ("swipe", True, True)
    front.close()
    again = View(data, **options, state=state)
    assert again.state == state
    other = FrontEnd(chromium, again)
    np.testing.assert_array_equal(other.viewer.pixels(), pixels)
    other.close()


def test_run_by_a_program_it_is_saved_and_exported(chromium: Chromium, tmp_path: Path) -> None:
    cells = {"setup": ARRAYS + "from nbimage import nbview", "view": "nbview(a, embed=False)"}
    written = write_notebook(tmp_path / "live.ipynb", cells)
    executed = execute_notebook(written, tmp_path / "out" / "live.ipynb")
    notebook = nbformat.read(executed, 4)
    kinds = [sorted(one["data"]) for one in notebook.cells[1].outputs]
    live = "application/vnd.jupyter.widget-view+json"
    assert kinds == [["image/png", "text/html", "text/plain"], [live, "text/html", "text/plain"]]
    assert len(json.dumps(notebook.metadata.get("widgets", {}))) < 20_000
    page = HtmlPage(chromium, export_html(executed, executed.with_suffix(".html")), list(cells))
    output = page.output("view")
    wait_for(lambda: output.query_selector(".nbimage-still .frame"), page.page)
    assert page.errors == []
    page.close()
    chromium.external.clear()  # nbconvert's page asks for what shows widgets
