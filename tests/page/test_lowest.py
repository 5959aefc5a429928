"""The lowest browsers that the README names have what pages and scripts use."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np

from nbimage import Grid, Picture, Video, View
from nbimage.page.html import document_html
from tests.npm import SETTINGS, lowest

README = SETTINGS.parents[1] / "README.md"
IMAGE = np.linspace(0, 1, 54, dtype=np.float32).reshape(6, 9)
FRAMES = np.arange(3 * 16 * 16, dtype=np.uint8).reshape(3, 16, 16)
AROUND: dict[str, Any] = {"x": (0, 3), "y": (0, 2), "colorbar": True}
SHOWN = {
    "picture": lambda: Picture(IMAGE).html,
    "figure": lambda: Picture(IMAGE, **AROUND, title="A", background="checkerboard").html,
    "share": lambda: Picture(IMAGE, width="50%", colorbar=True).html,
    "composite": lambda: Picture(FRAMES, channels={"a": "red", "b": "green", "c": "blue"}).html,
    "video": lambda: Video(FRAMES, **AROUND).html,
    "grid": lambda: Grid([IMAGE, IMAGE], **AROUND, titles=["a", "b"], columns=2).html,
    "view": lambda: View(IMAGE).html,
    "page": lambda: document_html(View(IMAGE).iframe(), "A"),
}
NAMES = {"chrome": "Chrome", "edge": "Edge", "firefox": "Firefox", "safari": "Safari"}


class Styles(HTMLParser):
    """All CSS of a page, as one sheet."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sheet = ""
        self.inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        for name, value in attributes:
            if name == "style":
                self.sheet += f"x{{{value}}}\n"
            elif name == "srcdoc" and value:
                self.sheet += Styles(value).sheet

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "style":
            self.sheet += f"{data}\n"


def test_the_readme_names_the_versions_that_are_checked() -> None:
    listed = json.loads((SETTINGS / "package.json").read_text("utf-8"))["browserslist"]
    checked = dict(line.split() for line in listed)
    assert checked.pop("ios_saf") == checked["safari"]
    (line,) = re.findall(r"^.*Lowest versions.*$", README.read_text("utf-8"), re.MULTILINE)
    named = {name: re.findall(rf"{word} (\d[\d.]*\d)", line) for name, word in NAMES.items()}
    named["edge"] = named["edge"] or named["chrome"]  # "Chrome and Edge 109"
    named["chrome"] = named["chrome"] or named["edge"]
    assert named == {name: [version] for name, version in checked.items()}


def test_the_lowest_browsers_have_the_css_of_all_pages(tmp_path: Path) -> None:
    sheets = [tmp_path / f"{name}.css" for name in SHOWN]
    for sheet, make in zip(sheets, SHOWN.values(), strict=True):
        sheet.write_text(Styles(make()).sheet, "utf-8")
        assert sheet.stat().st_size, sheet
    assert lowest(*sheets) == (0, "")


def test_what_the_lowest_browsers_lack_is_found_in_css(tmp_path: Path) -> None:
    wrong = {
        "light-dark()": "a{color:light-dark(red,blue)}",
        "color-mix()": "a{color:color-mix(in srgb,red,blue)}",
        ":has": "a:has(b){color:red}",
        "nesting": "a{color:red;& b{color:blue}}",
        "@starting-style": "@starting-style{a{color:red}}",
        "text-wrap": "a{text-wrap:balance}",
    }
    sheets = [tmp_path / f"wrong{i}.css" for i in range(len(wrong))]
    for sheet, text in zip(sheets, wrong.values(), strict=True):
        sheet.write_text(text, "utf-8")
    code, found = lowest(*sheets)
    assert code == 1
    for sheet, word in zip(sheets, wrong, strict=True):
        assert re.search(rf"{sheet}: (\w+: )?{re.escape(word)} is lacking", found), word


def test_what_the_lowest_browsers_lack_is_found_in_scripts(tmp_path: Path) -> None:
    wrong = {
        "Array.toReversed": "export const a = [1, 2].toReversed();",
        "ARIAMixin.ariaPressed": "document.createElement('b').ariaPressed = 'true';",
        "element.role": "Object.assign(document.createElement('b'), { role: 'note' });",
        "Promise.withResolvers": "export const a = Promise.withResolvers();",
        "Object.groupBy": "export const a = Object.groupBy([1], (one) => one);",
        "Set.union": "export const a = new Set([1]).union(new Set([2]));",
        "Element.checkVisibility": "export const a = document.body.checkVisibility();",
    }
    config = {
        "extends": str(SETTINGS / "tsconfig.json"),
        "compilerOptions": {"lib": ["esnext", "dom", "dom.iterable"]},
        "include": ["*.js"],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps(config), "utf-8")
    for i, text in enumerate(wrong.values()):
        (tmp_path / f"wrong{i}.js").write_text(f"{text}\nexport {{}};\n", "utf-8")
    code, found = lowest(tmp_path / "tsconfig.json")
    assert code == 1
    for i, word in enumerate(wrong):
        assert f"wrong{i}.js:1: {word} is lacking" in found, word
