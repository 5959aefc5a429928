"""Whatever the texts are, the page stays as it was meant; and the script is one that runs."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbimage import Picture
from nbimage.page.html import css_background, figure_html, picture_html, resizable_html
from tests.e2e.harness import Chromium
from tests.npm import node

Array = np.ndarray
GRAY = np.arange(54, dtype=np.uint8).reshape(6, 9)
HOSTILE = [
    "<script>window.pwned = 1</script>",
    "</script><img src=x onerror='window.pwned = 1'>",
    '" onmouseover="window.pwned = 1" x="',
    "' onload='window.pwned = 1",
    "<!-- ",
    "--> ]]> </div></div></body>",
    "&lt;b&gt; &amp;amp; &#60;i&#62; &quot",
    "a\nb\tc  d",
    "10 < 20 > 5 & 7",
    "<style>*{display:none}</style><p id=x>",
    "größe 画像 🖼 \u202e",
    "\\x3cscript\\x3e ${1} `b`",
    "javascript:window.pwned=1",
]
VOID = {"img", "br", "meta", "link", "input"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and its texts; fails where tags don't match."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.scripts if self.open[-1:] == ["script"] else self.texts).append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data!r}")

    def one(self, tag: str) -> dict[str, str]:
        """The attributes of the only element of this tag."""
        (found,) = [attributes for name, attributes in self.elements if name == tag]
        return found

    def box(self) -> dict[str, str]:
        (found,) = [a for _, a in self.elements if "nbimage-box" in a.get("class", "").split()]
        return found


def style(attributes: dict[str, str]) -> dict[str, str]:
    """The declarations of an inline style."""
    parts = [part.partition(":") for part in attributes["style"].split(";") if part]
    assert len({name for name, _, _ in parts}) == len(parts)
    return {name.strip(): value for name, _, value in parts}


def shape_of(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements and the names of their attributes: what no text may change."""
    return [(tag, tuple(attributes)) for tag, attributes in Page(html).elements]


def full(text: str) -> str:
    return Picture(GRAY, title=text, alt=text, caption=text, display_id=text).html


# --------------------------------------------------------------------------------- the texts

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1) | st.sampled_from(
    HOSTILE
)


@given(texts)
def test_no_text_changes_the_elements_of_the_page(text: str) -> None:
    assert shape_of(full(text)) == shape_of(full("plain"))


@given(texts)
def test_every_text_arrives_as_it_was_given(text: str) -> None:
    page = Page(full(text))
    assert page.one("img")["alt"] == text
    assert page.box()["data-display-id"] == text
    assert page.texts == [text, text]  # title and caption


@given(texts)
def test_texts_never_reach_the_script(text: str) -> None:
    assert Page(full(text)).scripts == Page(full("plain")).scripts


@given(texts, texts)
def test_titles_and_notes_of_figures_are_escaped(title: str, note: str) -> None:
    page = Page(figure_html("<br>", title=title, notes=(note, title)))
    assert page.texts == [title, note, title]
    assert page.one("br") == {}


@given(texts, texts)
def test_alt_and_tooltip_are_escaped_each_for_itself(alt: str, tooltip: str) -> None:
    html = picture_html("data:,", width=3, alt=alt, tooltip=tooltip, crisp=True)
    image = Page(html).one("img")
    assert (image["alt"], image["title"]) == (alt, tooltip)


def test_a_browser_runs_nothing_of_what_the_texts_hold(chromium: Chromium) -> None:
    found = show_hostile(chromium)
    assert len(found) == len(HOSTILE)
    for text, (pwned, alt, shown, handles) in zip(HOSTILE, found, strict=True):
        assert not pwned, text
        assert alt == text
        assert shown == text + text  # title and caption
        assert handles > 0  # our own script did run


def show_hostile(chromium: Chromium) -> list[list[Any]]:
    look = """() => [
      !!window.pwned,
      document.querySelector("img").alt,
      [...document.querySelector(".nbimage").children]
        .filter(e => !["SCRIPT"].includes(e.tagName) && !e.matches(".nbimage-box"))
        .map(e => e.textContent).join(""),
      document.querySelectorAll(".nbimage-handle").length,
    ]"""
    found = []
    chromium.external.clear()
    page = chromium.new_page()
    for text in HOSTILE:
        page.set_content(f"<!doctype html><body>{full(text)}")
        page.mouse.move(30, 30)
        found.append(page.evaluate(look))
    page.context.close()
    assert chromium.external == []
    return found


# ------------------------------------------------------------------- what is never on the page


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"title": "t", "caption": True, "alt": "a", "background": "checkerboard"},
        {"display_id": "live", "zoom": 3},
        {"format": "jpeg", "width": 99},
        {"max_pixels": 4},
    ],
    ids=str,
)
def test_outputs_share_a_page_and_need_no_network(options: dict[str, Any]) -> None:
    """No ids, no style sheets, no addresses: two outputs never collide, and none loads a thing."""
    html = Picture(GRAY, **options).html
    page = Page(html)
    assert {tag for tag, _ in page.elements} <= {"div", "img", "script"}
    for _, attributes in page.elements:
        assert {"id", "onclick", "onload", "href", "name"}.isdisjoint(attributes)
    source = page.one("img")["src"]
    assert source.startswith("data:image/")
    rest = html.replace(source, "")
    for never in ("http", "<style", " id=", "//", "import(", "@import", "url("):
        assert never not in rest


def test_two_outputs_are_alike_but_for_their_pictures() -> None:
    one, other = Picture(GRAY).html, Picture(GRAY[::-1]).html
    assert shape_of(one) == shape_of(other)
    assert Page(one).scripts == Page(other).scripts


# ------------------------------------------------------------------------------ the background


@pytest.mark.parametrize(
    "background",
    ["white", "Transparent", "#fff", "#ffff", "#C0FFEE", "#c0ffee80", "rgb(1, 2, 3)",
     "rgb(1 2 3 / 50%)", "rgba(0,0,0,.5)", "hsl(120deg 50% 50%)", "hsla(1, 2%, 3%, 0.4)",
     "oklch(60% 0.15 50)", "lab(50% 40 59.5)"],
)  # fmt: skip
def test_css_colors_are_taken_as_backgrounds(background: str) -> None:
    image = Page(Picture(GRAY, background=background).html).one("img")
    assert style(image)["background"] == background


def test_a_checkerboard_is_drawn_without_a_file() -> None:
    found = style(Page(Picture(GRAY, background="checkerboard").html).one("img"))["background"]
    assert "gradient" in found
    assert "url" not in found


def test_without_a_background_the_page_shows_through() -> None:
    assert "background" not in style(Page(Picture(GRAY).html).one("img"))


@pytest.mark.parametrize(
    "background",
    [
        "red;position:fixed",
        'red" onload="alert(1)',
        "red'",
        "red>",
        "url(http://example.com/x.png)",
        "url(x)",
        "rgb(0,0,0);position:fixed",
        "rgb(0,0,0)) url(x",
        "rgb(url(x))",
        "rgb(0&#41&#59position&#58fixed&#59color&#58hsl&#40 0)",
        "var(--x)",
        "expression(alert(1))",
        "#ff",
        "#fffff",
        "#ggg",
        "#123456789",
        "white\n",
        " white",
        "",
        "two words",
        "12",
    ],
)
def test_what_is_no_color_is_an_error_that_names_it(background: str) -> None:
    with pytest.raises(ValueError, match="background") as caught:
        Picture(GRAY, background=background)
    assert repr(background) in str(caught.value)


@settings(max_examples=300)
@given(
    st.tuples(
        st.sampled_from(["rgb(", "hsla(", "#", "", "lab(", "url(", "white"]),
        st.text("0123456789abcf%.,/ &#;:()\"'<>\\*\n-", max_size=20),
        st.sampled_from([")", "", ";", '"']),
    ).map("".join)
)
def test_whatever_is_taken_as_a_background_stays_one_declaration(background: str) -> None:
    try:
        css_background(background)
    except ValueError:
        return
    given = {"width": 3, "alt": "", "tooltip": "", "crisp": True}
    plain = Page(picture_html("data:,", **given)).one("img")
    image = Page(picture_html("data:,", **given, background=background)).one("img")
    found = style(image)
    assert found.pop("background", background) == background
    assert found == style(plain) | {"forced-color-adjust": "none"}
    assert image["alt"] == ""


# --------------------------------------------------------------------------------- the sizes


@pytest.mark.parametrize("width", [1, 2, 15, 16, 17, 100, 12.5, 1 / 3, 99_999, 1_234_567])
def test_the_width_is_said_once_for_pages_and_once_for_the_script(width: float) -> None:
    html = picture_html("data:,", width=width, alt="", tooltip="", crisp=True)
    page = Page(html)
    image, box = page.one("img"), page.box()
    number = re.compile(r"\d+(\.\d+)?")  # an attribute's number has no exponent
    assert number.fullmatch(image["width"])
    assert math.isclose(float(image["width"]), width, rel_tol=1e-5)
    assert number.fullmatch(box["data-width"])
    assert math.isclose(float(box["data-width"]), width, rel_tol=1e-5)
    declared = style(box)
    assert declared["width"].endswith("px")
    assert math.isclose(float(declared["width"].removesuffix("px")), width, rel_tol=1e-5)
    assert declared["max-width"] == "100%"
    assert float(declared["min-width"].removesuffix("px")) <= width + 1e-5


def test_zoom_one_is_one_css_pixel_a_pixel() -> None:
    assert Page(Picture(GRAY, zoom=1).html).one("img")["width"] == "9"
    assert Page(Picture(GRAY, zoom=1).html).box()["data-width"] == "9"
    assert Page(Picture(GRAY.T, zoom=1).html).one("img")["width"] == "6"


def test_a_very_wide_picture_keeps_its_width() -> None:
    image = Page(Picture(np.zeros((1, 3), np.uint8), zoom=500_000).html).one("img")
    assert float(image["width"]) == 1_500_000
    assert "e" not in image["width"]


def test_the_ratio_is_the_pictures_own() -> None:
    declared = style(Page(Picture(GRAY, width=50).html).one("img"))
    assert (declared["width"], declared["height"]) == ("100%", "auto")
    assert "height" not in Page(Picture(GRAY, width=50).html).one("img")


def test_without_scripts_the_corner_of_css_is_left() -> None:
    declared = style(Page(resizable_html("<br>", 40)).box())
    assert declared["resize"] == "horizontal"
    assert declared["overflow"] == "hidden"  # resize has no effect on visible overflow


def test_enlarged_pixels_are_squares_and_reduced_ones_smooth() -> None:
    def rendering(**options: Any) -> str:
        return style(Page(Picture(GRAY, **options).html).one("img"))["image-rendering"]

    assert rendering() == rendering(zoom=8) == rendering(width=9) == "pixelated"
    assert rendering(width=4) == rendering(zoom=0.5) == "auto"


# -------------------------------------------------------------------------------- the script


def script() -> str:
    (text,) = Page(Picture(GRAY).html).scripts
    return text


def test_the_script_runs_on_a_page_without_pictures(tmp_path: Path) -> None:
    path = tmp_path / "resize.js"
    path.write_text(f"globalThis.document = {{ querySelectorAll: () => [] }};\n{script()}", "utf-8")
    done = node(path, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_script_has_no_comments_and_cannot_end_its_element() -> None:
    text = script()
    for never in ("</", "<!--", "-->", "/*", "*/", "@type", "@param", "export", "import"):
        assert never not in text
    assert not re.search(r"(^|\s)//", text, re.MULTILINE)


def test_the_script_is_small() -> None:
    assert len(script()) < 6000
