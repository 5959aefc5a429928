"""The explorer wherever a notebook is read: run, reopened, exported, with nobody's trust."""

from __future__ import annotations

import numpy as np
import pytest

from nbimage import Picture
from tests.e2e.explorer import Viewer, place_of, rgba, same, values_of
from tests.e2e.harness import Chromium, HtmlPage, NotebookPage, OpenPage, settle, wait_for

ARRAYS = """
import numpy as np
rng = np.random.default_rng(7)
a = rng.normal(size=(100, 120))
stack = rng.integers(0, 999, (5, 50, 60), dtype=np.uint16)
"""
CELLS = {
    "setup": ARRAYS + "from nbimage import nbview",
    "shown": "nbview(a, exact=True, width=480, title='Noise')",
    "stack": "nbview(stack, width=240, fps=50)",
    "live": "nbview(a, display_id='explorer', width=240)",
    "update": "for i in range(20): nbview(a + i, display_id='explorer', width=240)",
    "tall": "from IPython.display import HTML; HTML('<div style=\"height:5000px\">tall</div>')",
    "end": "'the end'",
}
TIMES = 100
arrays: dict[str, np.ndarray] = {}
exec(ARRAYS, arrays)


def viewer_of(page: OpenPage, name: str) -> Viewer:
    """The explorer that a cell shows."""
    output = page.output(name)
    output.evaluate("e => e.querySelector('.nbimage-view').dataset.test = 'this'")
    viewer = Viewer(page.page, root=".nbimage-view[data-test=this]")
    viewer.root.evaluate("(e, name) => { delete e.dataset.test; e.dataset.cell = name }", arg=name)
    return Viewer(page.page, root=f".nbimage-view[data-cell={name}]")


def check_shown(page: OpenPage) -> None:
    """Explorers show the array's pixels and values, and say nothing of what they are made of."""
    viewer = viewer_of(page, "shown")
    a = arrays["a"]
    expected = rgba(Picture(a).render()).repeat(4, 0).repeat(4, 1)
    np.testing.assert_array_equal(viewer.pixels(), expected)
    for x, y in ((3, 3), (240, 201), (460, 380)):
        text = viewer.move(x, y)
        assert place_of(text) == (x // 4, y // 4)
        assert same(values_of(text)[0], a[y // 4, x // 4])
    assert not viewer.find(".nbimage-fallback img").is_visible()
    other = viewer_of(page, "stack")
    stack = arrays["stack"]
    slider = other.find(".axis > [type=range]")
    slider.focus()
    page.page.keyboard.press("End")
    limits = int(stack.min()), int(stack.max())
    other.shows(rgba(Picture(stack[4], *limits).render()).repeat(4, 0).repeat(4, 1))
    assert page.errors == []


def test_in_a_notebook_that_was_run_explorers_show_the_arrays(fresh: NotebookPage) -> None:
    check_shown(fresh)


def test_in_an_exported_page_explorers_show_the_arrays(
    exported: HtmlPage, chromium: Chromium
) -> None:
    chromium.external.clear()
    check_shown(exported)
    viewer = viewer_of(exported, "shown")
    viewer.canvas.focus()
    viewer.move(240, 200)
    viewer.press("+", "p", "ArrowRight")
    assert viewer.find(".pinned").is_visible()
    assert viewer.percent() == 600
    assert chromium.external == []
    assert exported.errors == []


def test_with_nobodys_trust_the_picture_stands(untrusted: NotebookPage) -> None:
    for name, array in (("shown", arrays["a"]), ("stack", arrays["stack"][0])):
        root = untrusted.output(name)
        image = root.query_selector("img")
        assert image is not None
        assert image.is_visible()
        assert image.evaluate("e => [e.naturalHeight, e.naturalWidth]") == list(array.shape)
        text = root.inner_text()
        assert "{" not in text
        assert "float64" not in text


def test_keys_and_wheel_are_the_viewers_in_a_notebook(fresh: NotebookPage) -> None:
    viewer = viewer_of(fresh, "shown")
    page = fresh.page
    cells = "() => e2e.panel().content.widgets.length"
    mode = "() => e2e.panel().content.mode"
    before, percent = page.evaluate(cells), viewer.percent()
    viewer.move(50, 50)
    viewer.press("a", "b", "x", "d", "d", "m", "y", "z", "1", "+", "+", "+", "Shift+M")
    assert viewer.percent() == 400
    viewer.press("0", "c", "l", "b", "b", "Escape", "Escape")
    assert page.evaluate(cells) == before
    assert page.evaluate(mode) == "command"
    viewer.press("c")
    viewer.canvas.scroll_into_view_if_needed()
    viewer.move(50, 50)
    top = viewer.canvas.bounding_box()
    viewer.press("0")
    viewer.wheel(-100)
    assert viewer.canvas.bounding_box() == top
    assert viewer.percent() > percent
    viewer.press("0", "Escape")
    viewer.move(50, 50)
    viewer.wheel(150)
    wait_for(lambda: viewer.canvas.bounding_box() != top, page)  # the notebook scrolls
    assert viewer.percent() == percent
    assert fresh.errors == []


TAKE_OUT = """async index => {
  const { node } = e2e.cells()[index], { parentNode, nextSibling } = node;
  const frame = () => new Promise(requestAnimationFrame);
  const frames = async () => { for (let i = 0; i < 5; i++) await frame(); };
  node.remove();
  await frames();
  parentNode.insertBefore(node, nextSibling);
  await frames();
}"""


def test_a_viewer_whose_cell_is_taken_out_of_the_page_and_put_back_goes_on(
    fresh: NotebookPage,
) -> None:
    viewer = viewer_of(fresh, "stack")
    page = fresh.page
    viewer.press("1", "+", "+", "+", "+", "+")
    percent = viewer.percent()
    root = viewer.root.element_handle()
    viewer.named("Play axis 0").click()
    fresh.output("end")
    page.evaluate(TAKE_OUT, fresh.names.index("stack"))
    assert root.evaluate("e => e.isConnected")
    viewer = viewer_of(fresh, "stack")
    assert viewer.percent() == percent
    play = viewer.named("Play axis 0")
    if play.get_attribute("aria-pressed") == "true":
        play.click()
    stack, limits = arrays["stack"], (int(arrays["stack"].min()), int(arrays["stack"].max()))
    viewer.press("0")
    for key, index in (("[", 0), (".", 1), ("]", 4)):
        viewer.press(key)
        viewer.shows(rgba(Picture(stack[index], *limits).render()).repeat(4, 0).repeat(4, 1))
        text = viewer.move(101, 55)
        assert same(values_of(text)[0], stack[index][place_of(text)[::-1]])
    play.click()
    page.wait_for_function(
        """root => root.lastElementChild.shadowRoot.querySelector(".axes input").value !== "4" """,
        arg=viewer.root.element_handle(),
    )
    play.click()
    assert fresh.errors == []


def measured(page: NotebookPage) -> tuple[int, float]:
    """How many nodes and how much memory a page has, what is not used any more left aside."""
    session = page.page.context.new_cdp_session(page.page)
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
        settle(page.page)
    nodes = session.send("Memory.getDOMCounters")["nodes"]
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return int(nodes), used / 1e6


COUNT = """() => {
  const { attachShadow } = Element.prototype;
  window.started = 0;
  Element.prototype.attachShadow = function (...told) {
    window.started++;
    return attachShadow.apply(this, told);
  };
}"""


@pytest.mark.parametrize(("name", "runs"), [("update", 5), ("shown", 10)])
def test_an_output_shown_again_and_again_leaves_nothing_behind(
    fresh: NotebookPage, name: str, runs: int
) -> None:
    """Updated 100 times by its display id, and its cell run again."""
    shown = "live" if name == "update" else name
    viewer_of(fresh, shown)
    for _ in range(2):
        fresh.run_cell(name)
    fresh.page.evaluate(COUNT)
    before = measured(fresh)
    for _ in range(runs):
        fresh.run_cell(name)
    one = viewer_of(fresh, shown).root.evaluate(
        "e => e.querySelectorAll('*').length +"
        " e.lastElementChild.shadowRoot.querySelectorAll('*').length"
    )
    started = fresh.page.evaluate("() => started")
    assert started >= (TIMES if name == "update" else runs)
    assert fresh.page.locator(".nbimage-view").count() <= 3

    def is_small() -> bool:  # the front-end's own timers may hold on to some for a while
        nodes, used = np.subtract(measured(fresh), before)
        return bool(nodes < 3 * one and used < 0.02 * started + 0.5)  # not those of 100 viewers

    wait_for(is_small, fresh.page)
    assert fresh.errors == []
