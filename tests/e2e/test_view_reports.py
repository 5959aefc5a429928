"""An embedded view says to Python what is seen, and follows it; the notebook stays the same."""

from __future__ import annotations

import base64
import json
import queue
import re
from typing import Any

import numpy as np

from nbimage import View
from nbimage.view.live.reporting import ReportingWidget
from tests.e2e.explorer import Viewer, place_of
from tests.e2e.harness import Chromium, NotebookPage, wait_for

CELLS = {
    "setup": """
import sys
import numpy as np
from ipywidgets.widgets import widget
from nbimage import View, nbview
planes = (np.arange(6 * 60 * 80) % 251).reshape(6, 60, 80).astype(np.uint16)
view, twin, other = View(planes, width=240), View(planes + 1, width=240), View(planes, width=240)
heard = []
""",
    "view": "display(view)",
    "twin": "twin",
    "verb": "nbview(planes, width=240)",
    "without": """
import anywidget
without = View(planes * 2, width=240)
sys.modules["anywidget"] = None
display(without)
sys.modules["anywidget"] = anywidget
""",
}


def viewer_of(page: NotebookPage, name: str) -> Viewer:
    """The explorer that a cell shows."""
    wait_for(lambda: page.output(name).query_selector(".nbimage-view .frame"), page.page)
    root = page.output(name).query_selector(".nbimage-view")
    assert root is not None
    root.evaluate("(e, name) => { e.dataset.test = name }", f"report-{name}")
    return Viewer(page.page, root=f"[data-test=report-{name}]")


def says(page: NotebookPage, code: str, expected: Any) -> None:
    """Wait until Python says this."""
    wait_for(lambda: page.execute(f"print(({code}))").strip() == str(expected), page.page)


def test_python_reads_what_is_seen_and_sets_it(fresh: NotebookPage) -> None:
    viewer = viewer_of(fresh, "view")
    says(fresh, "view.index, view.cursor", "({'axis 0': 0}, None)")
    viewer.press("1", "+", "+", "+", "]")
    viewer.move(100, 90)
    viewer.press("p")
    column, row = place_of(viewer.move(100, 90))
    says(fresh, "view.index, view.cursor", f"({{'axis 0': 5}}, ({row}, {column}))")
    says(fresh, "view.state['viewport'] is not None", True)
    says(fresh, "twin.index['axis 0']", 0)  # another view hears nothing
    code = "view.index = {0: 2}; view.limits = 0, 100; view.viewport = np.s_[10:40, 20:60]"
    assert fresh.execute(code) == ""
    slider = viewer_of(fresh, "view").find(".axes input[type=range]").first
    wait_for(lambda: slider.input_value() == "2", fresh.page)
    viewer.settle()
    assert viewer.percent() == 600
    says(
        fresh,
        "view.limits, view.viewport",
        "((0, 100), (slice(10, 40, None), slice(20, 60, None)))",
    )
    assert viewer_of(fresh, "twin").find(".axes input[type=range]").first.input_value() == "0"
    assert fresh.errors == []


PAGE = """async script => {
  const told = new Set(), module = new Blob([script], { type: "text/javascript" });
  const { default: widget } = await import(URL.createObjectURL(module));
  window.deliver = (content, texts) => {
    const buffers = texts.map(text =>
      new DataView(Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer));
    for (const one of [...told]) one(content, buffers);
  };
  const model = {
    send: content => { kernel(JSON.stringify(content)) },
    on: (name, one) => { if (name === "msg:custom") told.add(one) },
    off: (name, one) => { told.delete(one) },
  };
  const el = document.body.appendChild(document.createElement("div"));
  window.end = widget.render({ model, el });
}"""


def test_what_is_changed_before_the_kernel_answers_is_told_and_stays(chromium: Chromium) -> None:
    view = View((np.arange(6 * 60 * 80) % 251).reshape(6, 60, 80).astype(np.uint16), width=240)
    live = ReportingWidget(view, view.model)
    live.show_beside("cell-1")
    view._live = live
    sent, heard = queue.Queue[Any](), queue.Queue[str]()
    live.widget.send = lambda content, buffers=None: sent.put((content, buffers or []))
    page = chromium.new_page()
    page.expose_function("kernel", heard.put)
    page.set_content(view._repr_mimebundle_()[0]["text/html"])
    viewer = Viewer(page)
    viewer.settle()
    page.evaluate(PAGE, live.widget._esm)
    viewer.press("1", "+", "+", "+", "]")
    view.limits = 3, 99  # what Python has changed meanwhile is shown
    viewer.settle()
    percent = viewer.percent()
    assert view.state["viewport"] is None

    def is_told() -> bool:
        while not heard.empty():
            live.widget._handle_custom_msg(json.loads(heard.get()), [])
        while not sent.empty():
            content, buffers = sent.get()
            texts = [base64.b64encode(data).decode() for data in buffers]
            page.evaluate("all => deliver(...all)", [content, texts])
        return view.state["viewport"] is not None and view.index != {"axis 0": 0}

    wait_for(is_told, page)
    assert view.index == {"axis 0": 5}
    rows, columns = view.viewport
    assert (rows.start, columns.start) != (0, 0)
    viewer.settle()
    assert viewer.percent() == percent
    assert view.limits == (3, 99)
    page.evaluate("() => window.end()")
    page.context.close()


def test_a_change_is_heard_by_who_observes(fresh: NotebookPage) -> None:
    says(fresh, "twin.cursor", None)
    assert fresh.execute("twin.observe(lambda c: heard.append((c.name, c.new)), 'index')") == ""
    viewer_of(fresh, "twin").press("]")
    says(fresh, "heard[-1:]", "[('index', {'axis 0': 5})]")


def test_the_notebook_holds_the_view_alone_and_a_name(fresh: NotebookPage) -> None:
    for name in ("view", "twin", "verb", "without"):
        outputs = fresh.stored(name)
        assert len(outputs) == 1
        assert sorted(outputs[0]["data"]) == ["image/png", "text/html", "text/plain"]
    verb, view = ("".join(fresh.stored(n)[0]["data"]["text/html"]) for n in ("verb", "view"))
    assert re.sub(r' data-view="[-\w]+-1"', "", view) == verb != view
    assert (
        int(
            fresh.execute("print(max(len(str(w.get_state())) for w in widget._instances.values()))")
        )
        < 10_000
    )
    assert "whose values are kept in the page" in fresh.execute("without.cursor")


def test_a_cell_that_is_run_again_reports_once_and_goes_on(fresh: NotebookPage) -> None:
    count = fresh.execute("print(len(widget._instances))")
    for _ in range(3):
        fresh.run_cell("view")
    assert fresh.execute("print(len(widget._instances))") == count
    viewer = viewer_of(fresh, "view")
    viewer.press("[")
    says(fresh, "view.index['axis 0']", 0)
    assert fresh.errors == []


def test_a_view_that_nobody_holds_leaves_no_widget(fresh: NotebookPage) -> None:
    count = int(fresh.execute("print(len(widget._instances))"))
    assert fresh.execute("del view; import gc; _ = gc.collect()") == ""
    wait_for(lambda: int(fresh.execute("print(len(widget._instances))")) < count, fresh.page)
