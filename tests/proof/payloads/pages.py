"""Pages of every kind of output with all texts in them, opened in a browser."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from nbimage import Grid, Picture, Shape, Video, View
from nbimage.page.html import document_html
from tests.peers.engines.browser import Browser
from tests.proof.payloads.doors import CELLS, FIELD, SAYS, STACK, try_door
from tests.proof.payloads.texts import LONG, harmless

Texts = Mapping[str, str]
FEW = 16  # views of a page, each with an image of a name


class Trap:
    """A server that no page of ours has a reason to ask; what has asked it is in ``asked``."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        trap = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                trap.asked.append(self.path)
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def trapped() -> Iterator[Trap]:
    """A trap, until the context ends."""
    trap = Trap()
    try:
        yield trap
    finally:
        trap.close()


# What is on a page, of all texts


def _pictures(texts: Texts) -> str:
    shown = (
        Picture(
            FIELD,
            title=text,
            caption=text,
            alt=text,
            xlabel=text,
            ylabel=text,
            x=[f"{i}{text}"[:200] for i in range(9)],
            colorbar=text,
            display_id=name,
        )
        for name, text in texts.items()
    )
    return "".join(one.html for one in shown)


def _composites(texts: Texts) -> str:
    options: dict[str, Any] = {"channel_axis": 0}
    shown = (Picture(STACK, channels=[text, "b"], **options) for text in texts.values())
    return "".join(one.html for one in shown)


def _frames(texts: Texts) -> str:
    return "".join(Picture(FIELD, title=text, alt=text).iframe() for text in texts.values())


def _grids(texts: Texts) -> str:
    titles = list(texts.values())
    grid = Grid([FIELD] * len(titles), titles, title=titles[0], page=20)
    return (
        grid.html
        + Grid({f"{i}{text}": FIELD for i, text in enumerate(titles)}, columns=9, x=True).html
    )


def _videos(texts: Texts) -> str:
    shown = (
        Video(STACK, title=text, alt=text, x=True, xlabel=text, format="apng", progress=False)
        for text in list(texts.values())[::4]
    )
    return "".join(one.html for one in shown)


def _tables(texts: Texts) -> str:
    known = ("table", "keys of a tree", "values of a tree", "dataset")
    found = [try_door(SAYS[name], text) for text in texts.values() for name in known]
    return "".join(one["html"] for one in found if not isinstance(one, str))


def _views(texts: Texts) -> Iterator[View]:
    names = list(texts.values())
    shapes = [
        Shape("box", [(1, 1), (3, 4)], label=text, id=f"{i}{text}") for i, text in enumerate(names)
    ]
    for start in range(0, len(names), FEW):
        own = names[start : start + FEW]
        yield View({f"{i}{text}": FIELD for i, text in enumerate(own)}, title=own[0])
        yield View(
            STACK,
            axes=(own[0] or "t", "y", "x"),
            labels={f"{i}{text}": CELLS for i, text in enumerate(own)},
            names=dict(enumerate(own)),
            overlay=[("points", [(1, 2)], {"text": [text], "name": text}) for text in own[:4]],
            state={
                "shapes": shapes[start : start + FEW],
                "selected": shapes[start].id,
                "cursor": (2, 3),
                "panels": ["contrast", "measure", "layers"],
            },
        )
        channels = {f"{i}{text}": None for i, text in enumerate(own[:4])}
        yield View(np.stack([FIELD] * 4), channels=channels, channel_axis=0)


def _explorers(texts: Texts) -> str:
    return "".join(view.html for view in _views(texts))


KINDS: dict[str, Callable[[Texts], str]] = {
    "pictures": _pictures,
    "composites": _composites,
    "frames": _frames,
    "grids": _grids,
    "videos": _videos,
    "tables": _tables,
    "explorers": _explorers,
}


def write_pages(folder: Path, texts: Texts) -> dict[str, Path]:
    """Write pages, SVGs and exported folders with all texts; return them by their kind."""
    own = {name: text for name, text in texts.items() if len(text) < LONG}
    first = own.get("script", "title")
    found = {}
    for kind, make in KINDS.items():
        found[kind] = folder / f"{kind}.html"
        found[kind].write_text(document_html(make(own), first), "utf-8", "replace")
    items = [("text", [text], {"at": (1, 1)}) for text in own.values()]
    picture = Picture(FIELD, title=first, alt=first, overlay=items, x=True, colorbar=first)
    found["svg"] = Path(picture.save(folder / "picture.svg"))
    titles = list(own.values())
    grid = Grid([FIELD] * len(titles), titles, title=first)
    found["svg of a grid"] = folder / "grid.html"
    grid.save(found["svg of a grid"])
    names = {f"{i}{text}": FIELD for i, text in enumerate(titles[:FEW])}
    found["folder"] = (
        View(names, embed=False, title=first).export(folder / "folder", raw=True, progress=False)
        / "index.html"
    )
    return found


# What a browser makes of it

RISKY = {"script", "iframe", "object", "embed", "link", "style", "base", "meta", "form", "image"}
RISKY |= {"img", "video", "audio", "source", "svg", "math", "template", "plaintext", "body"}

ALL = """const all = (root, found = []) => {
  for (const one of root.querySelectorAll("*")) {
    found.push(one);
    if (one.shadowRoot) all(one.shadowRoot, found);
  }
  return found;
};"""
READY = f"""() => {{ {ALL} return document.readyState === "complete" &&
  [...document.images].every((one) => one.complete) &&
  all(document).filter((one) => one.matches(".nbimage-view, .nbimage-tiled")).every((one) =>
    [...one.children].some((inner) => inner.shadowRoot?.querySelector(".zoom")?.textContent)); }}"""
POKE = f"""async () => {{ {ALL}
  const idle = /save|copy|png|svg|csv|json|python|full|download|remove/i;
  const frame = () => new Promise((done) => setTimeout(done, 20));
  for (const one of all(document)) {{
    const name = `${{one.textContent}} ${{one.getAttribute("aria-label")}} ${{one.title}}`;
    if (one.matches("button, summary, [role=button]") && name.length < 60 && !idle.test(name)
      && (one.checkVisibility?.() ?? true))
      one.click();
  }}
  await frame();
  for (const one of all(document)) {{
    const box = one.getBoundingClientRect();
    const at = {{ bubbles: true, clientX: box.x + 9, clientY: box.y + 9, pointerId: 1 }};
    if (one.matches("canvas, img")) one.dispatchEvent(new PointerEvent("pointermove", at));
    for (const type of ["mouseover", "focus", "toggle", "beforetoggle", "animationstart"])
      one.dispatchEvent(new Event(type));
    if (one.matches("[autofocus]")) one.focus();
  }}
  await frame();
  dispatchEvent(new KeyboardEvent("keydown", {{ key: "Escape", bubbles: true }}));
  await frame();
}}"""
REPORT = f"""() => {{ {ALL}
  const counts = {{}};
  for (const one of all(document)) {{
    const names = [...one.attributes].map(({{ name }}) => name).filter((name) =>
      /^(on|src|href|srcdoc|action|http|id$|name$)/.test(name) || name.includes('"'));
    const key = [one.localName, ...names.sort()].join(" ");
    counts[key] = (counts[key] ?? 0) + 1;
  }}
  const far = all(document).flatMap((one) => ["src", "href", "action", "poster", "data"]
    .map((name) => one.getAttribute(name) ?? "").filter((at) => /^\\s*(http|\\/\\/|j)/i.test(at)));
  return {{ ran: window.ran ?? null, counts, far, address: location.href,
    names: Object.keys(window).filter((name) => /^(x|evil|ran)$/.test(name)) }};
}}"""


def look_at(browser: Browser, path: Path) -> dict[str, Any]:
    """Open a page, press and point at all that is on it; return what it is made of then."""
    browser.open()
    browser.go(path.as_uri())
    if path.suffix != ".svg":
        browser.wait(READY)
        browser.evaluate(POKE)
        browser.settle()
    found: dict[str, Any] = browser.evaluate(REPORT)
    found["errors"] = browser.errors()
    return found


def check_pages(browser: Browser, folder: Path, texts: Texts, trap: Trap) -> int:
    """Check that no text does more than letters do, in a browser; return how many pages it was."""
    letters = {name: harmless(text) for name, text in texts.items()}
    for name in ("texts", "letters"):
        (folder / name).mkdir(exist_ok=True)
    pages = write_pages(folder / "texts", texts)
    others = write_pages(folder / "letters", letters)
    for kind, path in pages.items():
        found, other = look_at(browser, path), look_at(browser, others[kind])
        assert not trap.asked, f"{kind}: asked {trap.asked[:9]}"
        assert found["ran"] is None, f"{kind}: ran {found['ran']}"
        assert found["address"] == path.as_uri(), f"{kind}: led to {found['address']}"
        assert not found["far"], f"{kind}: {found['far'][:3]}"
        assert not found["errors"], f"{kind}: {found['errors'][:1]}"
        assert not _differ(found, other), f"{kind}: {_differ(found, other)}"
    return len(pages)


def _differ(found: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return what one page has and the other has not, or has more often if it may do something."""
    here, there = found["counts"], other["counts"]
    lost = [key for key in {*here, *there} if not (here.get(key) and there.get(key))]
    more = [
        key
        for key in {*here} & {*there}
        if key.partition(" ")[0] in RISKY and here[key] != there[key]
    ]
    return [f"{key}: {here.get(key)}, not {there.get(key)}" for key in sorted(lost + more)][:9]


def check_trap(browser: Browser, folder: Path, texts: Texts, trap: Trap) -> int:
    """Check that texts do ask the trap where they are elements; return how many did."""
    for i, (name, text) in enumerate(texts.items()):
        if (
            re.search(r"<(script|img|svg|iframe|object|media|link)|url\(", text)
            and len(text) < LONG
        ):
            path = folder / f"bad-{i}.html"
            page = f'<!DOCTYPE html><title>{name}</title><body><div title="{text}">{text}</div>'
            path.write_text(page, "utf-8", "replace")
            browser.open()
            browser.go(path.as_uri())
            browser.settle()
    found = {path.split("/")[1] for path in trap.asked}
    trap.asked.clear()
    browser.errors()  # of these texts' own
    return len(found)
