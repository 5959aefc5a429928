"""Real notebooks in a real browser: what a user would see, and what a mouse would do.

The parts, each usable alone:

* `write_notebook`, `execute_notebook`, `export_html` make the files;
* `JupyterServer` is a private JupyterLab or Notebook 7 on a loopback port;
* `Chromium` is the browser, which blocks and records every request that leaves the machine;
* `NotebookPage` and `HtmlPage` are open pages, and `Shown` is one picture on such a page;
* `open_notebook` puts them together for one of the ways that a notebook is met:

  ========== ================================================== =========================
  fresh      opened without outputs, then Run > Run All Cells    trusted
  trusted    stored outputs, the file signed, nothing executed   trusted
  untrusted  stored outputs that were never signed               sanitised, scripts gone
  html       an nbconvert page from file:// (`export_html`)      no sanitiser
  ========== ================================================== =========================

The browser is the one that NBIMAGE_CHROMIUM names, else the first Chromium or Chrome on the
path; where there is none, that is an error and no reason to skip.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import io
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import numpy as np
from PIL import Image
from playwright.sync_api import ElementHandle, Page, Route, sync_playwright

if TYPE_CHECKING:
    from typing_extensions import Self

App = Literal["lab", "nb7"]
Mode = Literal["fresh", "trusted", "untrusted"]
Size = tuple[float, float]

HANG = 120  # seconds after which nothing more will come: no measure of a machine's speed
BROWSER_VARIABLE = "NBIMAGE_CHROMIUM"
# How many times as slow as it is the browser's pages shall run: what waits for a guess then fails.
SLOW_VARIABLE = "NBIMAGE_SLOW_PAGES"
# The shell has no window: a page of it takes a quarter of the work.
BROWSER_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BROWSER_FLAGS = [
    "--no-sandbox",  # containers run as root
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",  # so that a screenshot has the picture's own values
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
LEAVES_THE_MACHINE = re.compile(r"^(?:https?|wss?)://(?!(?:127\.0\.0\.1|localhost|\[::1\])[:/])")
NBCONVERT_ASKS = re.compile(r"//cdnjs\.cloudflare\.com/.*/(require|mathjax|mermaid)", re.I)
VIEWPORT = (1280, 1000)
READ_PIXELS = """img => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(img, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let bytes = "";
  for (let i = 0; i < data.length; i += 4096)
    bytes += String.fromCharCode(...data.subarray(i, i + 4096));
  return btoa(bytes);
}"""
# What a canvas has of a decoded picture: RGBA as base64.


# ------------------------------------------------------------------------------- notebooks


def write_notebook(path: Path, cells: Mapping[str, str]) -> Path:
    """Write a notebook of code cells, given as `{name: source}`, and return its path."""
    import nbformat  # takes a second, which tests without notebooks do not spend

    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells.values()]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def execute_notebook(source: Path, target: Path) -> Path:
    """Run a notebook without any front-end: the outputs are stored and not signed."""
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    notebook = nbformat.read(source, 4)
    client = NotebookClient(
        notebook, timeout=HANG, resources={"metadata": {"path": str(source.parent)}}
    )
    # Without any kernel folder there is only this very Python's own kernel.
    client.km = AsyncKernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    client.execute()
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return target


def run_module(name: str, python: str = sys.executable) -> list[str]:
    """Return the command that runs a module of Jupyter's, without what is slow to import."""
    code = (
        "import runpy, sys; sys.modules['rfc3987_syntax'] = None; "
        f"sys.argv[0] = {name!r}; runpy.run_module({name!r}, run_name='__main__', alter_sys=True)"
    )
    return [python, "-c", code]


def export_html(source: Path, target: Path) -> Path:
    """Make an HTML page of a notebook, as `jupyter nbconvert --to html` does."""
    command = [*run_module("nbconvert"), "--to", "html", str(source)]
    command += ["--output", target.name, "--output-dir", str(target.parent), "--log-level=ERROR"]
    subprocess.run(command, check=True)
    return target


# ---------------------------------------------------------------------------------- server


class JupyterServer:
    """A private JupyterLab or Notebook 7: nothing of the user's settings or trust leaks in.

    `python`: the interpreter of the server and its kernels, this one unless another is given.
    """

    def __init__(self, root: Path, app: App, python: str = sys.executable) -> None:
        self.root = root.resolve()
        self.app = app
        self.python = python
        self.token = secrets.token_hex(16)

    def __enter__(self) -> JupyterServer:
        self.home = Path(tempfile.mkdtemp(prefix="nbimage-e2e-"))
        self.environment = self._prepare_home()
        module, app_class = {
            "lab": ("jupyterlab", "LabApp"),
            "nb7": ("notebook", "JupyterNotebookApp"),
        }[self.app]
        command = [
            *(*run_module(module, self.python), "--no-browser", "--allow-root"),
            "--ServerApp.ip=127.0.0.1",
            # Should this port be taken, the server tries others and writes down which it got.
            f"--ServerApp.port={20000 + secrets.randbelow(10000)}",
            "--ServerApp.port_retries=100",
            f"--ServerApp.root_dir={self.root}",
            f"--IdentityProvider.token={self.token}",
            f"--{app_class}.expose_app_in_browser=True",
        ]
        self.log_path = self.home / "server.log"
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.root,
                start_new_session=True,
            )
        try:
            self.url = self._wait_until_up()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def notebook_url(self, name: str) -> str:
        """The address that opens a notebook of the root folder."""
        if self.app == "lab":
            return f"{self.url}/lab/tree/{quote(name)}?reset&token={self.token}"
        return f"{self.url}/notebooks/{quote(name)}?token={self.token}"

    def trust(self, notebook: Path) -> None:
        """Sign a file in this server's trust database, as `jupyter trust` does."""
        command = [*run_module("nbformat.sign"), str(notebook)]
        subprocess.run(command, env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def set_theme(self, name: str) -> None:
        """Choose the front-end's theme ("JupyterLab Dark") for the pages opened from now on."""
        folder = self.home / "settings" / "@jupyterlab" / "apputils-extension"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "themes.jupyterlab-settings").write_text(json.dumps({"theme": name}))

    def _prepare_home(self) -> dict[str, str]:
        home = self.home
        labconfig = home / "config" / "labconfig"
        labconfig.mkdir(parents=True)
        news = "@jupyterlab/apputils-extension:announcements"
        (labconfig / "page_config.json").write_text(
            json.dumps({"disabledExtensions": {news: True}})
        )
        kernel = home / "data" / "kernels" / "python3"
        kernel.mkdir(parents=True)
        arguments = [self.python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        specification = {"argv": arguments, "display_name": "Python 3", "language": "python"}
        (kernel / "kernel.json").write_text(json.dumps(specification))
        return os.environ | {
            "HOME": str(home),
            "JUPYTER_PREFER_ENV_PATH": "0",
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "run"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
        }

    def _wait_until_up(self) -> str:
        """Wait for the server's answer and return its address."""
        deadline = time.monotonic() + HANG
        written = self.home / "run" / f"jpserver-{self.process.pid}.json"
        while time.monotonic() < deadline and self.process.poll() is None:
            time.sleep(0.1)
            with contextlib.suppress(OSError, ValueError):  # not written, or only half
                url = f"http://127.0.0.1:{json.loads(written.read_text())['port']}"
                with urllib.request.urlopen(f"{url}/api/status?token={self.token}", timeout=HANG):
                    return url
        log = self.log_path.read_text(errors="replace")[-4000:]
        raise RuntimeError(f"the {self.app} server did not start:\n{log}")

    def _end(self) -> None:
        with contextlib.suppress(Exception):  # the polite way ends the kernels too
            request = f"{self.url}/api/shutdown?token={self.token}"
            urllib.request.urlopen(urllib.request.Request(request, method="POST"), timeout=HANG)
        for last_word in (None, signal.SIGTERM, signal.SIGKILL):
            if last_word is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, last_word)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(8)
                break
        shutil.rmtree(self.home, ignore_errors=True)


# --------------------------------------------------------------------------------- browser


def find_browser() -> str:
    """The browser's path: what NBIMAGE_CHROMIUM says, else a Chromium or Chrome on the path."""
    asked = os.environ.get(BROWSER_VARIABLE)
    if asked:
        found = shutil.which(asked)
        if found is None:
            raise RuntimeError(f"{BROWSER_VARIABLE} names no program, but {asked!r}")
        return found
    for name in BROWSER_NAMES:
        found = shutil.which(name)
        if found is not None:
            return found
    raise RuntimeError(
        f"the browser tests need one of {', '.join(BROWSER_NAMES)} on the path, "
        f"or its path in {BROWSER_VARIABLE}"
    )


class Chromium:
    """One headless browser; `external` lists every request that wanted to leave the machine."""

    def __init__(self) -> None:
        self.external: list[str] = []

    def __enter__(self) -> Chromium:
        path = find_browser()
        self._playwright = sync_playwright().start()
        try:
            self._browser = self._playwright.chromium.launch(
                executable_path=path, args=BROWSER_FLAGS
            )
        except BaseException:
            self._playwright.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._browser.close()
        finally:
            self._playwright.stop()

    def new_page(
        self, size: tuple[int, int] = VIEWPORT, *, scripts: bool = True, scale: float = 1
    ) -> Page:
        """A page in a context of its own; without `scripts`, it runs no JavaScript.

        `size`: of its window, in CSS pixels; `scale`: pixels of the screen that are one CSS pixel.
        """
        width, height = size
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            device_scale_factor=scale,
        )
        context.set_default_timeout(HANG * 1000)
        context.route(LEAVES_THE_MACHINE, self._block)
        page = context.new_page()
        if slow := os.environ.get(SLOW_VARIABLE):
            session = context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": float(slow)})
        return page

    def _block(self, route: Route) -> None:
        if NBCONVERT_ASKS.search(route.request.url):  # nbconvert's own page head, not an output
            route.fulfill(body="", content_type="text/javascript")
        else:
            self.external.append(route.request.url)
            route.abort()


# ----------------------------------------------------------------------------------- pages


STILL = """async what => {
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const find = () => {
    const root = what ?? document.body, { x, y, width, height } = root.getBoundingClientRect();
    const missing = [...root.querySelectorAll("img")].filter(
      img => !img.complete && img.loading !== "lazy").length;
    return [[x, y, width, height].join(), missing];
  };
  for (let before = "", same = 0; same < 2; ) {
    await frame();
    const [place, missing] = find();
    same = place === before && !missing ? same + 1 : 0;
    before = place;
  }
}"""


def settle(page: Page, element: ElementHandle | None = None) -> None:
    """Wait until an element, or the page, has its pictures and has stayed where it is."""
    page.evaluate(STILL, element)


def frames(page: Page, count: int) -> None:
    """Let the page draw so many frames: what would happen by itself has happened then."""
    page.evaluate(
        "async count => { while (count--) await new Promise(requestAnimationFrame); }", count
    )


def hold(page: Page, milliseconds: int) -> None:
    """Rest the hand within a gesture, at least so long: longer means the same."""
    page.evaluate("time => new Promise(done => setTimeout(done, time))", milliseconds)


def wait_until(page: Page, condition: str, what: Any = None) -> None:
    """Wait until a condition holds on the page, a JavaScript function of `what`."""
    page.wait_for_function(condition, arg=what, timeout=HANG * 1000)


def wait_for(condition: Callable[[], Any], page: Page | None = None) -> Any:
    """Wait until a condition holds here, and return what it gives; a page goes on meanwhile."""
    end = time.monotonic() + HANG
    while not (found := condition()):
        assert time.monotonic() < end, f"{HANG} s have passed, and it has not come about"
        if page is None:
            time.sleep(0.01)
        else:
            page.evaluate("() => new Promise(requestAnimationFrame)")
    return found


class OpenPage:
    """What notebook pages and exported pages have in common: named outputs and their pictures."""

    def __init__(self, page: Page, names: list[str]) -> None:
        self.page = page
        self.names = names
        self.errors: list[str] = []  # what a page's scripts threw and nothing caught
        self.console_errors: list[str] = []
        page.on("pageerror", self._catch)
        page.on("console", self._hear)

    def output(self, name: str) -> ElementHandle:
        """The output area of the cell of this name, scrolled into view."""
        raise NotImplementedError

    def named(self, names: list[str]) -> Self:
        """This page with other names of its cells; an empty one is nobody's."""
        twin = copy.copy(self)
        twin.names = names
        return twin

    def picture(self, name: str, index: int = 0) -> Shown:
        """The picture that the cell of this name shows (the `index`th, where it shows many)."""
        return Shown(self, name, index)

    def screenshot(self, path: Path | None = None) -> np.ndarray:
        """The visible part of the page as an RGB array; written to `path` too, if given."""
        data = self.page.screenshot(path=path)
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))

    def close(self) -> None:
        """Close the page and all that belongs to it."""
        self.page.context.close()

    def _catch(self, error: Any) -> None:
        frames = re.findall(r"^ +at .*", error.stack or "", re.MULTILINE)
        if not frames or "/static/" not in frames[0]:  # not thrown by the front-end's own code
            self.errors.append(f"{error}\n{error.stack}")

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.console_errors.append(message.text)


class Shown:
    """One picture on an open page, and the hands to drag it with.

    The elements are looked up at every use: an update in place replaces them.
    """

    HANDLE = ".nbimage-handle"

    def __init__(self, owner: OpenPage, name: str, index: int = 0) -> None:
        self.owner = owner
        self.name = name
        self.index = index
        self.mouse = owner.page.mouse

    @property
    def box(self) -> ElementHandle:
        """The element that the user resizes."""
        return self._find(".nbimage-box")

    @property
    def img(self) -> ElementHandle:
        """The element that holds the picture."""
        return self._find(".nbimage-box img")

    def handle(self, edge: str) -> ElementHandle:
        """A drag handle: edge "e", "s" or "se"."""
        found = self.box.query_selector(f"{self.HANDLE}[data-edge={edge}]")
        assert found is not None, f"the picture of cell {self.name!r} has no handle {edge!r}"
        return found

    def handles(self) -> list[str]:
        """The edges that have a handle."""
        found = self.box.query_selector_all(self.HANDLE)
        return [handle.get_attribute("data-edge") or "" for handle in found]

    def rectangle(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the `<img>` in the window, in CSS pixels."""
        return rectangle(self.img)

    def size(self) -> Size:
        """Width and height at which the picture is shown, in CSS pixels."""
        return self.rectangle()[2:]

    def room(self) -> float:
        """The width of the output that holds the picture, in CSS pixels."""
        return self.box.evaluate(
            """box => {
              const output = box.closest(".jp-OutputArea-output");
              const { paddingLeft, paddingRight } = getComputedStyle(output);
              return output.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
            }"""
        )

    def natural_size(self) -> tuple[int, int]:
        """Width and height of the file inside, in its own pixels."""
        width, height = self.img.evaluate(
            "async img => { await img.decode(); return [img.naturalWidth, img.naturalHeight]; }"
        )
        return width, height

    def pixels(self) -> np.ndarray:
        """What the browser decoded, read back from a canvas: uint8 of shape (H, W, 4)."""
        width, height = self.natural_size()
        text = self.img.evaluate(READ_PIXELS)
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)

    def drag(self, edge: str, dx: float, dy: float) -> Size:
        """Take a handle by its middle, pull it, let it go; return the size that results."""
        left, top, width, height = rectangle(self.handle(edge))
        self._pull((left + width / 2, top + height / 2), dx, dy)
        return self.size()

    def drag_css_corner(self, dx: float, dy: float) -> Size:
        """Pull the corner that CSS `resize` alone gives; return the size that results."""
        left, top, width, height = rectangle(self.box)
        self._pull((left + width - 5, top + height - 5), dx, dy)
        return self.size()

    def double_click(self, edge: str) -> Size:
        """Double-click on a handle; return the size that results."""
        left, top, width, height = rectangle(self.handle(edge))
        self.mouse.dblclick(left + width / 2, top + height / 2)
        self._settle()
        return self.size()

    def press(self, key: str, times: int = 1) -> Size:
        """Press a key with the picture in focus; return the size that results."""
        self.box.evaluate("box => box.focus({ preventScroll: true })")
        for _ in range(times):
            self.owner.page.keyboard.press(key)
        self._settle()
        return self.size()

    def screenshot(self) -> np.ndarray:
        """The picture as it is on the screen: an RGB array of its shown size."""
        left, top, width, height = (round(value) for value in self.rectangle())
        self.mouse.move(0, 0)  # no hover over the handles
        return self.owner.screenshot()[top : top + height, left : left + width]

    def _find(self, selector: str) -> ElementHandle:
        found = self.owner.output(self.name).query_selector_all(selector)
        assert len(found) > self.index, f"cell {self.name!r} shows {len(found)} of {selector!r}"
        return found[self.index]

    def _pull(self, start: tuple[float, float], dx: float, dy: float) -> None:
        x, y = start
        self.mouse.move(x, y)
        self.mouse.down()
        self.mouse.move(x + dx, y + dy, steps=6)
        self.mouse.up()
        self._settle()

    def _settle(self) -> None:
        """Let the page lay itself out, as it does before each frame."""
        self.owner.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )


def rectangle(element: ElementHandle) -> tuple[float, float, float, float]:
    """Left, top, width and height of an element in the window, in CSS pixels."""
    left, top, width, height = element.evaluate(
        "e => { const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; }"
    )
    return left, top, width, height


class NotebookPage(OpenPage):
    """A notebook open in JupyterLab or Notebook 7 (both show their app as `jupyterapp`)."""

    HELPERS = """() => { window.e2e = {
      panel() {
        const widget = window.jupyterapp.shell.currentWidget;
        return widget?.content?.widgets && widget.context ? widget : null;
      },
      ready() {
        const panel = this.panel();
        return !!panel?.context.isReady && panel.content.widgets.length > 0;
      },
      cells() { return this.panel().content.widgets.filter(cell => cell.model.type === "code") },
      kernel() { return this.panel()?.context.sessionContext.session?.kernel },
      rendered(index) {
        const { node, model } = this.cells()[index].outputArea;
        const found = [...node.querySelectorAll(".jp-OutputArea-output")];
        const all = [...Array(model.length).keys()].map(i => model.get(i).data)
          .filter(data => Object.keys(data).length);  // what has no content has no element
        const count = Math.min(all.length, 50);  // JupyterLab shows no more at first
        if (!node.isConnected || found.length < count) return false;
        return found.slice(0, count).every((output, i) => {
          const data = all[i];
          return output.childNodes.length || !data["text/html"]
            || data["application/vnd.jupyter.widget-view+json"];
        });
      },
      done() {
        return this.kernel()?.status === "idle" && this.cells().every(cell =>
          cell.model.executionCount != null && (cell.model.executionState ?? "idle") === "idle");
      },
    }}"""

    def __init__(
        self, browser: Chromium, server: JupyterServer, file: str, names: list[str]
    ) -> None:
        super().__init__(browser.new_page(), names)
        self.server = server
        self.page.goto(server.notebook_url(file), wait_until="domcontentloaded")
        wait_until(self.page, "() => !!window.jupyterapp?.shell")
        self.page.evaluate(self.HELPERS)
        wait_until(self.page, "() => e2e.ready()")
        if server.app == "lab":  # its file browser would leave little room for the notebook
            self.page.evaluate(
                """() => {
                  if (!jupyterapp.shell.leftCollapsed)
                    return jupyterapp.commands.execute("application:toggle-left-area");
                }"""
            )
        settle(self.page)

    def run_all(self) -> None:
        """Run > Run All Cells through the menu, and wait until all have run."""
        wait_until(self.page, "() => e2e.kernel()?.status === 'idle'")
        self.page.locator(".lm-MenuBar-item").filter(has_text="Run").first.click()
        self.page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
        wait_until(self.page, "() => e2e.done()")
        settle(self.page)

    def run_cell(self, name: str) -> None:
        """Run one cell again, as Ctrl+Enter does, and wait until it has run."""
        self.page.evaluate(
            """async index => {
              const { content } = e2e.panel();
              content.activeCellIndex = content.widgets.indexOf(e2e.cells()[index]);
              await jupyterapp.commands.execute("notebook:run-cell");
            }""",
            self.names.index(name),
        )
        wait_until(self.page, "() => e2e.done()")
        settle(self.page)

    def trusted(self) -> list[bool]:
        """For each cell, whether the front-end trusts it."""
        return self.page.evaluate("() => e2e.cells().map(cell => cell.model.trusted)")

    def output(self, name: str) -> ElementHandle:
        index = self.names.index(name)
        # A long notebook attaches only the cells near the window.
        self.page.evaluate(
            """async index => {
              const { content } = e2e.panel(), cell = e2e.cells()[index];
              const node = cell.outputArea.node;
              const seen = () => {
                const { top, bottom } = node.getBoundingClientRect();
                return node.isConnected && top >= 60 && bottom <= innerHeight - 40;
              };
              if (seen()) return;
              await content.scrollToItem(content.widgets.indexOf(cell), "start");
              node.scrollIntoView({ block: "center" });
            }""",
            index,
        )
        wait_until(self.page, "index => e2e.rendered(index)", index)
        handle = self.page.evaluate_handle("i => e2e.cells()[i].outputArea.node", index)
        element = handle.as_element()
        assert element is not None
        settle(self.page, element)
        return element

    def stored(self, name: str) -> list[dict[str, Any]]:
        """The outputs of a cell as the notebook's file would hold them."""
        index = self.names.index(name)
        return self.page.evaluate("i => e2e.cells()[i].model.outputs.toJSON()", index)

    def execute(self, code: str) -> str:
        """Run code in the notebook's kernel without a cell; return what it printed."""
        printed = self.page.evaluate(
            r"""async code => {
              let printed = "";
              const future = e2e.kernel().requestExecute({ code });
              future.onIOPub = message => {
                if (message.header.msg_type === "stream") printed += message.content.text;
                if (message.header.msg_type === "error")
                  printed += message.content.traceback.join("\n");
              };
              await future.done;
              return printed;
            }""",
            code,
        )
        settle(self.page)
        return str(printed)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.page.evaluate("() => e2e.panel().context.sessionContext.shutdown()")
        super().close()


class HtmlPage(OpenPage):
    """A page made by nbconvert, opened from file://."""

    def __init__(self, browser: Chromium, path: Path, names: list[str]) -> None:
        super().__init__(browser.new_page(), names)
        self.settled: set[int] = set()
        self.page.goto(path.resolve().as_uri(), wait_until="load")
        settle(self.page)

    def output(self, name: str) -> ElementHandle:
        index = self.names.index(name)
        handle = self.page.evaluate_handle(
            """index => {
              const cell = document.querySelectorAll(".jp-CodeCell")[index];
              const output = cell.querySelector(".jp-Cell-outputWrapper");
              output?.scrollIntoViewIfNeeded();
              return output;
            }""",
            index,
        )
        element = handle.as_element()
        assert element is not None, f"cell {name!r} has no output"
        if index not in self.settled:  # later nothing comes by itself
            settle(self.page, element)
            self.settled.add(index)
        return element


@contextlib.contextmanager
def open_notebook(
    source: Path, names: list[str], server: JupyterServer, browser: Chromium, mode: Mode
) -> Iterator[NotebookPage]:
    """Open a copy of a notebook whose cells bear these names, in one of the modes."""
    import nbformat

    mark = secrets.token_hex(4)
    target = server.root / f"{source.stem}-{mode}-{mark}.ipynb"
    notebook = nbformat.read(source, 4)
    notebook.metadata["e2e"] = mark  # a signature is for the content: never share one
    nbformat.write(notebook, target)
    if mode == "trusted":
        server.trust(target)
    page = NotebookPage(browser, server, target.name, names)
    try:
        if mode == "fresh":
            page.run_all()
        yield page
    finally:
        page.close()
