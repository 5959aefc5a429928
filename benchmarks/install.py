"""What an installation takes: megabytes by package, and seconds to the first picture.

Installs the wheel alone into a new environment, and beside JupyterLab and marimo into another, and
runs the first screen of the README in a script, in a kernel as JupyterLab starts it, and in marimo.

    make dist
    python -m benchmarks.install dist/*.whl [--save]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from tests.e2e.harness import Chromium, JupyterServer, open_notebook, wait_until, write_notebook

ROOT = Path(__file__).parents[1]
RUNS = 5
FIRST = textwrap.dedent("""\
    import numpy as np
    from nbimage import nbimage
    array = np.random.default_rng(0).normal(size=(512, 512))
    nbimage(array)
    """)
MARIMO = """\
import marimo
app = marimo.App()


@app.cell
def _():
{}
    return


app.run() if __name__ == "__main__" else None
"""
KERNEL = """\
import json, sys
from time import perf_counter
from jupyter_client.manager import start_new_kernel
start = perf_counter()
manager, client = start_new_kernel(kernel_name="python3")
ready = perf_counter()
client.execute(sys.argv[1])
while True:
    message = client.get_iopub_msg(timeout=60)
    if message["msg_type"] == "error":
        sys.exit("\\n".join(message["content"]["traceback"]))
    if message["msg_type"] == "display_data":
        break
shown = perf_counter()
assert {"text/html", "image/png"} <= set(message["content"]["data"])
client.stop_channels()
manager.shutdown_kernel(now=True)
print(json.dumps([ready - start, shown - ready]))
"""
IN_PAGE = """async () => {
  const start = performance.now();
  jupyterapp.commands.execute("notebook:run-cell");
  const found = () => e2e.cells()[0].outputArea.node.querySelector("img");
  while (!found()?.complete || !found().naturalWidth)
    await new Promise(done => requestAnimationFrame(done));
  await found().decode();
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  return (performance.now() - start) / 1000;
}"""
SIZES = """\
import importlib.metadata, json, os
found = {}
for one in importlib.metadata.distributions():
    paths = {str(one.locate_file(file)) for file in one.files or ()}
    sizes = (os.path.getsize(path) for path in paths if os.path.isfile(path))
    found[one.metadata["Name"]] = sum(sizes)
print(json.dumps(found))
"""
IMPORTS = """\
import sys
before = set(sys.modules)
import nbimage
nbimage.nbimage
print(len(set(sys.modules) - before))
"""
WHY = {
    "imageio-ffmpeg": "a whole ffmpeg, for videos; one on the path is taken where it is missing",
    "numpy": "with its own OpenBLAS",
    "pillow": "with the decoders of JPEG, WebP, AVIF, TIFF and JPEG 2000",
    "ipython": "there already where a notebook is",
    "jedi": "IPython's completion, there already where a notebook is",
    "nbimage": "Python, twice: as it is and as pip compiles it; 0.7 MB are scripts and a font",
    "Pygments": "IPython's colors, there already where a notebook is",
    "wcwidth": "of IPython",
    "prompt_toolkit": "of IPython",
    "cmap": "the colormaps of matplotlib, cmocean, crameri and others",
}


class Found(NamedTuple):
    """What was measured in one environment."""

    sizes: dict[str, int]
    seconds: dict[str, float]


class Environment:
    """A new environment, which has pip no more than it has others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)

    def install(self, *packages: str | Path) -> float:
        """Install packages by the pip that runs this; return the seconds."""
        pip = [sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet"]
        start = perf_counter()
        command = [*map(str, pip), "--disable-pip-version-check", *map(str, packages)]
        subprocess.run(command, check=True, env=self._kept())
        return perf_counter() - start

    def run(self, code: str, *arguments: str) -> str:
        """Run code; return what it prints."""
        command = [str(self.python), "-c", code, *arguments]
        options = {"check": True, "capture_output": True, "text": True, "env": self._kept()}
        return str(subprocess.run(command, cwd=self.folder, **options).stdout)

    def _kept(self) -> dict[str, str]:
        """Return the environment's variables, but for what would lead to other packages."""
        return {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}

    def sizes(self) -> dict[str, int]:
        """Return the bytes of each package, with what pip has compiled of it."""
        found: dict[str, int] = json.loads(self.run(SIZES))
        return found


def timed(run: Callable[[], object]) -> float:
    """Return the median of some runs, the first of which is left out."""
    seconds = []
    for _ in range(RUNS + 1):
        start = perf_counter()
        run()
        seconds.append(perf_counter() - start)
    return median(seconds[1:])


def measure(folder: Path, wheel: Path) -> tuple[Found, dict[str, float], int]:
    """Return what the wheel alone takes, seconds of notebooks, and how many modules it imports."""
    alone = Environment(folder / "alone")
    seconds = {"pip install": alone.install(wheel)}
    seconds["python -c pass"] = timed(lambda: alone.run("pass"))
    seconds["import numpy"] = timed(lambda: alone.run("import numpy"))
    seconds["import nbimage"] = timed(lambda: alone.run("import nbimage"))
    save = FIRST.replace("nbimage(array)", "nbimage(array, saveas='first')")
    seconds["a script that saves the first picture"] = timed(lambda: alone.run(save))
    assert (alone.folder / "first.png").read_bytes().startswith(b"\x89PNG")
    found = Found(alone.sizes(), seconds)
    modules = int(alone.run(IMPORTS))
    return found, notebooks(folder, wheel), modules


def notebooks(folder: Path, wheel: Path) -> dict[str, float]:
    """Return the seconds to the first picture in a kernel and in marimo."""
    beside = Environment(folder / "notebooks")
    beside.install(wheel, "jupyterlab", "marimo")
    runs = [json.loads(beside.run(KERNEL, FIRST)) for _ in range(RUNS + 1)][1:]
    seconds = {"the kernel's start": median(run[0] for run in runs)}
    seconds["JupyterLab's kernel: the first cell, until its picture has come"] = median(
        run[1] for run in runs
    )
    seconds["JupyterLab's page: the first cell, until its picture is drawn"] = in_page(beside)
    app, page = beside.folder / "app.py", beside.folder / "app.html"
    command = [
        str(beside.python),
        "-m",
        "marimo",
        "export",
        "html",
        str(app),
        "-o",
        str(page),
        "-f",
    ]

    def export(code: str) -> float:
        app.write_text(MARIMO.format(textwrap.indent(code, "    ")), "utf-8")
        return timed(
            lambda: subprocess.run(command, check=True, capture_output=True, env=beside._kept())
        )

    empty = export("import numpy as np\n")
    seconds["marimo export, of a cell that imports NumPy"] = empty
    seconds["marimo export, of the first picture"] = export(FIRST)
    assert "data:image/png;base64," in page.read_text("utf-8")
    return seconds


def in_page(environment: Environment) -> float:
    """Return the seconds from running the first cell to its drawn picture, in Chromium."""
    root = environment.folder / "pages"
    root.mkdir()
    notebook = write_notebook(root / "first.ipynb", {"first": FIRST})
    seconds = []
    with Chromium() as browser, JupyterServer(root, "lab", str(environment.python)) as server:
        for _ in range(RUNS + 1):
            with open_notebook(notebook, ["first"], server, browser, "trusted") as opened:
                wait_until(opened.page, "() => e2e.kernel()?.status === 'idle'")
                seconds.append(opened.page.evaluate(IN_PAGE))
    return median(seconds[1:])


def report(found: Found, notebook: dict[str, float], modules: int) -> str:
    """Return what was found as Markdown."""
    total = sum(found.sizes.values())
    megabytes = {name: size / 1e6 for name, size in found.sizes.items()}
    largest = sorted(megabytes, key=megabytes.__getitem__, reverse=True)
    shown = [name for name in largest if megabytes[name] >= 1]
    rest = sum(megabytes[name] for name in largest if name not in shown)
    sizes = [f"| {name} | {megabytes[name]:.1f} | {WHY.get(name, '')} |" for name in shown]
    times = [f"| {name} | {value:.2f} |" for name, value in (found.seconds | notebook).items()]
    return "\n".join(
        [
            "# What an installation takes",
            "",
            f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, "
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians of {RUNS} runs after "
            "one that is left out. `python -m benchmarks.install dist/*.whl --save` writes this.",
            "",
            "## Megabytes",
            "",
            f"`pip install nbimage` in an empty environment: {total / 1e6:.0f} MB in "
            f"{len(found.sizes)} packages, compiled Python included.",
            "",
            "| package | MB | why |",
            "|---|---|---|",
            *sizes,
            f"| {len(largest) - len(shown)} others | {rest:.1f} | |",
            "",
            "## Seconds",
            "",
            f"From a program's start, {modules} modules that were not there before for "
            "`import nbimage` and its first name.",
            "",
            "| what | s |",
            "|---|---|",
            *times,
            "",
        ]
    )


def main() -> None:
    """Measure and print; with ``--save`` into benchmarks/install.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path, help="what make dist has built")
    parser.add_argument("--save", action="store_true", help="write benchmarks/install.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = report(*measure(Path(folder), asked.wheel.resolve()))
    print(text)
    if asked.save:
        (ROOT / "benchmarks" / "install.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
