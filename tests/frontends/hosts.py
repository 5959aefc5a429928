"""How each front-end is started, and what is opened in it."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, Route

from tests import npm
from tests.e2e.harness import NotebookPage
from tests.frontends import sources, stills
from tests.frontends.environments import FOLDER, python
from tests.frontends.lite import open_lite
from tests.frontends.servers import Server, environment, free_port

ALL = dict.fromkeys(("figure", "grid", "table"), "drawn") | {"video": "plays"}
LIVE = {**ALL, "view": "live", "live": "live"}
PAGE = {**ALL, "view": "live", "live": "live"}  # tiles of so small an image are all kept
PNG = dict.fromkeys(("video", "view", "live"), "still") | dict.fromkeys(("figure", "grid"), "drawn")
PNG["table"] = "no"
STILL = {**ALL, "view": "still", "live": "still"}
Still = Callable[[Path, bool], tuple[dict[str, str], bytes]]
Open = Callable[[Path, bool], AbstractContextManager[str]]


@dataclass(frozen=True)
class Host:
    """A front-end, and a page of it."""

    name: str
    environment: str
    package: str
    open: Open | None
    """In a folder, for a dark theme or not: yields the address of the page."""
    how: str
    """What is shown there, for the table."""
    wanted: dict[str, str] = field(default_factory=lambda: LIVE)
    prepare: Callable[[Page], None] = lambda page: None
    """What a user does on the page before the outputs come."""
    serve: Callable[[Route], None] | None = None
    """Answers what the page asks of other hosts."""
    dark: bool = True
    """It has a dark theme."""
    still: Still | None = None
    """Where it has no page: returns what is there, and a screenshot."""


# Jupyter

_APPS = {"jupyterlab": "LabApp", "notebook": "JupyterNotebookApp"}


def _jupyter(
    module: str, page: str, theme: bool, signed: bool | None = None
) -> Callable[[Path, bool], AbstractContextManager[str]]:
    """Return what opens the notebook; ``signed`` False: with outputs of somebody else."""

    @contextlib.contextmanager
    def opened(folder: Path, dark: bool) -> Iterator[str]:
        own = python("jupyter")
        name = "JupyterLab Dark" if dark and theme else ""
        home = environment(folder / "home", own, name)
        if signed is None:
            sources.write_notebook(folder / "all.ipynb")
        else:
            execute(folder)
        port = free_port()
        command = [own, "-m", module, "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
        command += [f"--ServerApp.port={port}", "--IdentityProvider.token=t"]
        command += [f"--ServerApp.root_dir={folder}"]
        if module in _APPS:
            command += [f"--{_APPS[module]}.expose_app_in_browser=True"]
        root = f"http://127.0.0.1:{port}/"
        with Server(command, f"{root}api/status?token=t", folder, home):
            yield f"{root}{page}all.ipynb?token=t"

    return opened


def execute(folder: Path) -> Path:
    """Write the notebook with its outputs, run by nbconvert."""
    own = python("jupyter")
    path = sources.write_notebook(folder / "all.ipynb")
    home = environment(folder / "home", own)
    command = [own, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", path]
    subprocess.run(command, check=True, env=home, cwd=folder, capture_output=True)
    return path


def _run_lab(page: Page) -> None:
    page.wait_for_function("() => !!window.jupyterapp?.shell")
    page.evaluate(NotebookPage.HELPERS)
    page.wait_for_function("() => e2e.ready() && e2e.kernel()?.status === 'idle'")
    page.wait_for_function("() => !document.querySelector('#jupyterlab-splash')")
    page.locator(".lm-MenuBar-item", has_text="Run").first.click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()


def _run_classic(page: Page) -> None:
    page.wait_for_selector(".code_cell")
    page.wait_for_function("() => Jupyter.notebook.kernel?.is_connected()")
    page.evaluate("() => Jupyter.notebook.execute_all_cells()")


@contextlib.contextmanager
def _voila(folder: Path, dark: bool) -> Iterator[str]:
    own = python("jupyter")
    home = environment(folder / "home", own)
    sources.write_notebook(folder / "all.ipynb")
    port = free_port()
    command = [own, "-m", "voila", "all.ipynb", "--no-browser", "--Voila.ip=127.0.0.1"]
    command += [f"--port={port}", f"--theme={'dark' if dark else 'light'}"]
    with Server(command, f"http://127.0.0.1:{port}/voila/static/none", folder, home):
        yield f"http://127.0.0.1:{port}/"


def _converted(*options: str, suffix: str = ".html") -> Open:
    @contextlib.contextmanager
    def opened(folder: Path, dark: bool) -> Iterator[str]:
        path, own = execute(folder), python("jupyter")
        command = [own, "-m", "nbconvert", *options, path]
        if "html" in options:
            command += ["--theme", "dark" if dark else "light"]
        home = environment(folder / "home", own)
        subprocess.run(command, check=True, env=home, cwd=folder, capture_output=True)
        yield path.with_suffix(suffix).as_uri()

    return opened


@contextlib.contextmanager
def _slides(folder: Path, dark: bool) -> Iterator[str]:
    path = execute(folder)
    book = json.loads(path.read_text("utf-8"))
    for cell in book["cells"]:
        cell["metadata"]["slideshow"] = {"slide_type": "slide" if cell is book["cells"][0] else "-"}
    path.write_text(json.dumps(book), "utf-8")
    own = python("jupyter")
    command = [
        own,
        "-m",
        "nbconvert",
        "--to",
        "slides",
        path,
        "--SlidesExporter.reveal_scroll=True",
    ]
    command += [f"--SlidesExporter.reveal_theme={'black' if dark else 'simple'}"]
    command += [f"--SlidesExporter.theme={'dark' if dark else 'light'}"]
    command += ["--SlidesExporter.reveal_url_prefix=https://reveal"]
    home = environment(folder / "home", own)
    subprocess.run(command, check=True, env=home, cwd=folder, capture_output=True)
    yield path.with_suffix(".slides.html").as_uri()


def _serve_reveal(route: Route) -> None:
    """Answer with npm's reveal.js and require.js."""
    files = FOLDER / "npm" / "node_modules"
    if not (files / "requirejs").is_dir():
        command = [npm.program("npm"), "install", "--prefix", FOLDER / "npm"]
        command += ["reveal.js@4", "requirejs@2", "--no-audit", "--no-fund"]
        subprocess.run(command, check=True, capture_output=True)
    found = re.search(r"//reveal/([^?]*)", route.request.url)
    path = files / "reveal.js" / found[1] if found else files / "requirejs" / "require.js"
    if path.is_file() and (found or "require" in route.request.url):
        route.fulfill(path=path)
    else:
        route.abort()


# Sphinx


def _sphinx(extension: str) -> Open:
    @contextlib.contextmanager
    def opened(folder: Path, dark: bool) -> Iterator[str]:
        path = execute(folder)
        text = json.loads(path.read_text("utf-8"))
        title = {"cell_type": "markdown", "id": "t", "metadata": {}, "source": "# Outputs"}
        text["cells"].insert(0, title)
        path.rename(folder / "index.ipynb").write_text(json.dumps(text), "utf-8")
        pages = folder / "site"
        (folder / "conf.py").write_text(
            f"extensions = ['{extension}']\nhtml_theme = 'pydata_sphinx_theme'\n"
            f"nb_execution_mode = 'off'\nnbsphinx_execute = 'never'\n"
            f"exclude_patterns = ['site', 'home']\n"
            f"html_context = {{'default_mode': '{'dark' if dark else 'light'}'}}\n"
        )
        own = python("sphinx")
        home = environment(folder / "home")
        home["PATH"] = f"{stills.find_pandoc()}:{home['PATH']}"
        command = [own, "-m", "sphinx", "-q", "-b", "html", folder, pages]
        subprocess.run(command, check=True, env=home, cwd=folder, capture_output=True)
        yield (pages / "index.html").as_uri()

    return opened


# Apps


def _marimo(mode: str) -> Open:
    @contextlib.contextmanager
    def opened(folder: Path, dark: bool) -> Iterator[str]:
        own = python("marimo")
        home = environment(folder / "home")
        app = sources.write_marimo(folder / "app.py", dark=dark)
        if mode == "export":
            page = folder / "app.html"
            command = [own, "-m", "marimo", "-y", "export", "html", app, "-o", page]
            subprocess.run(command, check=True, env=home, cwd=folder, capture_output=True)
            yield page.as_uri()
            return
        port = free_port()
        command = [own, "-m", "marimo", "-y", mode, app, "--headless", "--no-token"]
        command += ["--host", "127.0.0.1", "--port", port]
        with Server(command, f"http://127.0.0.1:{port}/health", folder, home):
            yield f"http://127.0.0.1:{port}/"

    return opened


def _run_marimo(page: Page) -> None:
    page.wait_for_selector("[data-testid=cell-editor]")
    page.locator("[data-testid=run-button]").last.click()


def _serve_marimo(route: Route) -> None:
    """Answer with the files that an exported page asks of a CDN."""
    found = re.search(r"@marimo-team/frontend@[^/]*/dist/([^?]*)", route.request.url)
    static = next((FOLDER / "marimo" / "lib").glob("*/site-packages/marimo/_static"))
    path = static / found[1] if found else None
    if path is not None and path.is_file():
        route.fulfill(path=path, headers={"Access-Control-Allow-Origin": "*"})
    else:
        route.abort()


def _app(
    name: str,
    write: Callable[[Path, bool], Path],
    command: Callable[[Path, int, bool], list[object]],
) -> Open:
    @contextlib.contextmanager
    def opened(folder: Path, dark: bool) -> Iterator[str]:
        home = environment(folder / "home")
        port = free_port()
        app = write(folder / "app.py", dark)
        root = f"http://127.0.0.1:{port}/"
        line = [python(name), *command(app, port, dark)]
        with Server(line, root, folder, home):
            yield root

    return opened


def _streamlit(each: str, live: str = "") -> Open:
    head = "st.write('{name}'); "
    table = head + "st.html({object})"

    def write(path: Path, dark: bool) -> Path:
        live_line = head + (live or each)
        return sources.write_app(
            path, "import streamlit as st", head + each, live=live_line, table=table
        )

    def command(app: Path, port: int, dark: bool) -> list[object]:
        options = ["--server.address", "127.0.0.1", "--server.port", port]
        options += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
        options += ["--theme.base", "dark" if dark else "light"]
        return ["-m", "streamlit", "run", app, *options]

    return _app("streamlit", write, command)


def _write_panel(path: Path, dark: bool) -> Path:
    before = f"import panel as pn\npn.extension(theme={'dark' if dark else 'default'!r})"
    before += "\nall = []"
    line = "all.append(pn.pane.HTML(({object}).iframe(), sizing_mode='stretch_width'))"
    table = "all.append(pn.pane.HTML({object}.to_html()))"
    return sources.write_app(path, before, line, "pn.Column(*all).servable()", table=table)


def _panel_command(app: Path, port: int, dark: bool) -> list[object]:
    options = ["--address", "127.0.0.1", "--port", port]
    options += ["--allow-websocket-origin", f"127.0.0.1:{port}"]
    return ["-m", "panel", "serve", app, "--index", "app", *options]


def _write_gradio(path: Path, dark: bool) -> Path:
    after = "demo.launch(server_name='127.0.0.1', server_port=int(sys.argv[1]), quiet=True)"
    table = "    gr.HTML({object}.to_html())"
    return sources.write_app(
        path,
        "import gradio as gr, sys\nwith gr.Blocks() as demo:",
        "    gr.HTML(({object}).iframe())",
        after,
        table=table,
    )


def _write_solara(path: Path, dark: bool) -> Path:
    before = f"import solara.lab\nlive = {sources.OBJECTS['live']}\n"
    before += f"@solara.component\ndef Page():\n  solara.lab.theme.dark = {dark}"
    before += "\n  with solara.Column():"
    line = "    solara.display({object})"
    return sources.write_app(path, before, line, live="    solara.display(live.widget)")


def _solara_command(app: Path, port: int, dark: bool) -> list[object]:
    options = ["--host", "127.0.0.1", "--port", port, "--production", "--no-open"]
    options += ["--theme-variant", "dark" if dark else "light"]
    return ["-m", "solara", "run", app, *options]


_LAB = _jupyter("jupyterlab", "lab/tree/", theme=True)
_UNTRUSTED = _jupyter("jupyterlab", "lab/tree/", theme=True, signed=False)
_NOTEBOOK = _jupyter("notebook", "notebooks/", theme=True)
_CLASSIC = _jupyter("nbclassic", "nbclassic/notebooks/", theme=False)
_GRADIO = _app("gradio", _write_gradio, lambda app, port, dark: [app, port])
HOSTS = (
    Host("JupyterLab", "jupyter", "jupyterlab", _LAB, "run", prepare=_run_lab),
    Host("JupyterLab, untrusted", "jupyter", "jupyterlab", _UNTRUSTED, "opened", STILL),
    Host("Notebook 7", "jupyter", "notebook", _NOTEBOOK, "run", prepare=_run_lab),
    Host(
        "nbclassic", "jupyter", "nbclassic", _CLASSIC, "run", prepare=_run_classic, dark=False
    ),
    Host("Voilà", "jupyter", "voila", _voila, "served"),
    Host("nbconvert html", "jupyter", "nbconvert", _converted("--to", "html"), "a page", PAGE),
    Host(
        "nbconvert slides", "jupyter", "nbconvert", _slides, "reveal.js", PAGE,
        serve=_serve_reveal,
    ),
    Host(
        "nbconvert pdf (LaTeX)", "jupyter", "nbconvert", None, "PNG", PNG, dark=False,
        still=lambda folder, dark: stills.convert_to_pdf(folder, execute(folder)),
    ),
    Host("nbsphinx", "sphinx", "nbsphinx", _sphinx("nbsphinx"), "a page", PAGE),
    Host("MyST-NB", "sphinx", "myst-nb", _sphinx("myst_nb"), "a page", PAGE),
    Host(
        "JupyterLite", "lite", "jupyterlite-core", open_lite, "run, video as WebP",
        prepare=_run_lab,
    ),
    Host("qtconsole", "qtconsole", "qtconsole", None, "PNG", PNG, still=stills.run_qtconsole),
    Host("marimo run", "marimo", "marimo", _marimo("run"), "verbs"),
    Host("marimo edit", "marimo", "marimo", _marimo("edit"), "verbs", prepare=_run_marimo),
    Host(
        "marimo export", "marimo", "marimo", _marimo("export"), "a page",
        {**LIVE, "live": "still"}, serve=_serve_marimo,
    ),
    Host(
        "Solara", "solara", "solara", _app("solara", _write_solara, _solara_command),
        "`solara.display`",
    ),
    Host(
        "Panel", "panel", "panel", _app("panel", _write_panel, _panel_command),
        "`.iframe()`", PAGE,
    ),
    Host(
        "Streamlit `st.iframe`", "streamlit", "streamlit",
        _streamlit("st.iframe(({object})._repr_html_())", "st.iframe(({object}).iframe())"),
        "`.html`", PAGE,
    ),
    Host(
        "Streamlit `st.html`", "streamlit", "streamlit", _streamlit("st.html({object})"),
        "sanitised", STILL,
    ),
    Host("Gradio", "gradio", "gradio", _GRADIO, "`.iframe()`", PAGE),
)  # fmt: skip
