"""The site of the documents: it builds, its links lead somewhere, what it shows works offline."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image
from playwright.sync_api import Page
from skimage import data

import nbimage as package
from tests.e2e.explorer import Viewer, place_of, values_of
from tests.e2e.harness import Chromium, rectangle, settle, wait_for
from tests.test_public_api import CLASSES, INNER, public_members

ROOT = Path(__file__).parents[2]
GUIDES = sorted(path.stem for path in ROOT.joinpath("docs", "guides").glob("[!i]*.md"))
PAGES = [
    *("index", "start", "gallery", "comparison", "versions"),
    *("reference/pictures", "reference/command_line", "api/index", "api/nbimage.Picture"),
    *("notebooks/tour", "notebooks/many"),
    *(f"guides/{name}" for name in GUIDES),
]
THEMES = ("light", "dark")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once for all processes of a run, with warnings as errors."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    target, said = base / "site", base / "site.json"
    with FileLock(base / "site.lock"):
        if not said.exists():
            command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "2"]
            command += ["-d", str(base / "doctrees"), "docs", str(target)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
            said.write_text(json.dumps([done.returncode, done.stderr]), "utf-8")
    code, errors = json.loads(said.read_text("utf-8"))
    assert code == 0, errors[-4000:]
    return target


@contextmanager
def opened(chromium: Chromium, path: Path, theme: str) -> Iterator[Page]:
    """A page of the site as who chose that theme sees it; nothing may fail or leave the machine."""
    before, wrong = len(chromium.external), []
    page = chromium.new_page()
    page.add_init_script(f"for (const k of ['mode', 'theme']) localStorage.setItem(k, '{theme}')")
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    yield page
    assert wrong == []
    assert chromium.external[before:] == []
    page.context.close()


# ------------------------------------------------------------------------------- files


class Document(HTMLParser):
    """Where a page leads to, what it loads, and what can be led to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids, self.links, self.loads = set[str](), set[str](), set[str]()
        self.feed(re.sub(r"data:[a-z]+/[^\"')\s]+", "data:", path.read_text("utf-8")))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a":
            self.links.add(found.get("href", ""))
        elif tag == "link" and found.get("rel") not in ("canonical",):
            self.loads.add(found.get("href", ""))
        self.loads |= {found[name] for name in ("src", "poster", "data") if name in found}


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Document]:
    """All pages; among the static files the theme has a template."""
    found = sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)
    return {path: Document(path) for path in found}


def test_every_link_and_anchor_of_the_site_leads_somewhere(pages: dict[Path, Document]) -> None:
    lost: dict[str, list[str]] = defaultdict(list)
    for path, document in pages.items():
        for link in document.links | document.loads:
            if re.match(r"[a-z]+:", link) or not link:
                continue
            name, _, anchor = unquote(link).partition("#")
            target = (path.parent / name.partition("?")[0]).resolve() if name else path
            known = pages[target].ids if target in pages and anchor else {anchor}
            if not target.exists() or anchor not in known:
                lost[path.name].append(link)
    assert dict(lost) == {}


def test_nothing_of_the_site_is_loaded_from_another_host(
    site: Path, pages: dict[Path, Document]
) -> None:
    for path, document in pages.items():
        assert [url for url in document.loads if re.match(r"(https?:)?//", url)] == [], path
    for path in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", path.read_text("utf-8")), path


def test_every_public_name_and_member_has_its_place_in_the_api(site: Path) -> None:
    inventory = site.joinpath("objects.inv").read_bytes().split(b"\n", 4)[4]
    names = {line.split(" ")[0] for line in zlib.decompress(inventory).decode().splitlines()}
    assert {f"nbimage.{name}" for name in package.__all__} <= names
    for label, kind in CLASSES.items():
        for member in public_members(kind) if label in package.__all__ else ():
            value = getattr(kind, member, None)
            if (callable(value) or isinstance(value, property)) and INNER not in value.__doc__:
                assert f"nbimage.{label}.{member}" in names


# ---------------------------------------------------------------------------- in Chromium


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_offline_and_fits(
    chromium: Chromium, site: Path, name: str, theme: str
) -> None:
    """Without a request to another host, an error of a script, or a page wider than its window."""
    with opened(chromium, site / f"{name}.html", theme) as page:
        for width in (1400, 420):
            page.set_viewport_size({"width": width, "height": 1000})
            settle(page)
            assert page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_is_shown_value_for_value_and_is_resized(
    chromium: Chromium, site: Path, theme: str
) -> None:
    """The tour's first picture; a theme may neither darken, pad nor round it."""
    with opened(chromium, site / "notebooks" / "tour.html", theme) as page:
        box = page.query_selector(".nbimage-box")
        assert box is not None
        box.scroll_into_view_if_needed()
        settle(page)
        image = box.query_selector("img")
        assert image is not None
        left, top, width, height = rectangle(image)
        clip = {"x": left, "y": top, "width": width, "height": height}
        shown = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("L"))
        np.testing.assert_array_equal(shown, data.camera())
        handle = wait_for(lambda: box.query_selector(".nbimage-handle[data-edge=e]"), page)
        x, y, wide, high = rectangle(handle)
        page.mouse.move(x + wide / 2, y + high / 2)
        page.mouse.down()
        page.mouse.move(x + wide / 2 - 112, y + high / 2, steps=4)
        page.mouse.up()
        assert rectangle(image)[2:] == (400, 400)


@pytest.mark.parametrize("theme", THEMES)
def test_an_explorer_reads_a_value(chromium: Chromium, site: Path, theme: str) -> None:
    with opened(chromium, site / "guides" / "teaching.html", theme) as page:
        viewer = Viewer(page)
        text = viewer.move(200, 120)
        column, row = place_of(text)
        assert values_of(text) == [str(data.camera()[row, column])]
