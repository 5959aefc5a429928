"""What stands around a picture, in real browsers: at its place, readable, inert, out of the way."""

from __future__ import annotations

import base64
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas
import pytest
import xarray
from PIL import Image
from playwright.sync_api import ElementHandle, Page

from nbimage import Picture, rerange
from tests.e2e.harness import Chromium, HtmlPage, NotebookPage, OpenPage, Shown, rectangle

SETUP = """
import numpy as np
from nbimage import Picture, nbimage

rows, columns = np.mgrid[0:90, 0:140]
wave = np.sin(columns / 13) * np.cos(rows / 17)
steps = np.random.default_rng(5).normal(size=(6, 8))
ramp = np.geomspace(0.01, 8, 12000).reshape(100, 120)
names = ["Amsterdam", "Berlin", "Kopenhagen", "Paris", "Oslo", "Rome", "Wien", "Stockholm"]
days = np.datetime64("2024-01-01") + np.arange(140)

AXES = {
    "numbers": (wave, {"x": True, "y": True}),
    "descending": (wave, {"x": np.linspace(-3, 4, 140), "y": np.linspace(50, 20, 90)}),
    "lower": (wave, {"x": np.linspace(9, -9, 140), "y": np.linspace(0, 8, 90), "origin": "lower"}),
    "uneven": (wave, {"x": np.geomspace(1, 1000, 140), "y": True}),
    "dates": (wave, {"x": days, "y": [f"row {i}" for i in range(90)], "colorbar": "volt"}),
    "names": (steps, {"x": names, "y": names[:6], "xlabel": "to", "ylabel": "from"}),
    "half": (wave, {"x": True, "y": True, "aspect": 0.5}),
    "auto": (wave, {"x": (0, 10), "y": (5, -5), "aspect": "auto", "width": 420, "height": 200}),
}
BARS = {
    "linear": {"vmin": 1, "vmax": 5, "cmap": "viridis", "under": "black", "over": "white"},
    "log": {"norm": "log", "cmap": "magma"},
    "symlog": {"norm": ("symlog", 0.1), "vmin": -8, "cmap": "RdBu"},
    "gamma": {"norm": 0.4, "vmax": 6},
    "callable": {"norm": lambda values: np.sqrt(values / 10)},
    "inverted": {"vmin": 7, "vmax": 0.5, "cmap": "turbo"},
}
"""
scope: dict[str, Any] = {}
exec(SETUP, scope)
AXES, BARS, WAVE, RAMP = (scope[name] for name in ("AXES", "BARS", "wave", "ramp"))

CELLS = {
    "setup": SETUP,
    **{name: f"data, options = AXES[{name!r}]; nbimage(data, **options)" for name in AXES},
    **{name: f"nbimage(ramp, colorbar={name!r}, **BARS[{name!r}])" for name in BARS},
    "scale": "nbimage(wave, pixel_size=65, unit='nm', width=350, overlay=wave > 0.5, x=True)",
    "all": (
        "nbimage(wave, -0.5, 0.5, title='Everything', x=days, y=True, xlabel='day', ylabel='row',"
        " colorbar='volt', histogram=True, pixel_size=2, unit='mm', under='blue', over='red',"
        " overlay=('contour', wave), caption='a note', alt='all of it')"
    ),
    "live": "nbimage(shown := wave, x=True, y=True, colorbar=True, display_id='figure')",
    "again": "nbimage(shown, x=True, y=True, colorbar=True, display_id='figure')",
}

TICKS = """root => [...root.querySelectorAll(".nbimage-axis")].map(axis => ({
  kind: axis.closest(".nbimage-y") ? "y" : axis.closest(".nbimage-aside") ? "bar" : "x",
  ticks: [...axis.querySelectorAll(".nbimage-tick")].filter(tick => tick.checkVisibility())
    .map(tick => {
      const mark = tick.firstElementChild.getBoundingClientRect();
      const range = document.createRange();
      range.selectNodeContents(tick.lastElementChild);
      let { left, top, right, bottom } = range.getBoundingClientRect();
      const turned = getComputedStyle(tick.lastElementChild).transform !== "none";
      if (turned) { // at 45°: 14 pixels across are 20 along the axis
        [left, right] = [mark.x - 9.5, mark.x + 9.5];
      }
      return {
        text: tick.lastElementChild.textContent,
        x: mark.x + mark.width / 2,
        y: mark.y + mark.height / 2,
        box: [left, top, right, bottom],
        cut: tick.lastElementChild.scrollWidth > tick.lastElementChild.clientWidth
          && getComputedStyle(tick.lastElementChild).overflow === "hidden",
      };
    }),
}))"""
Tick = dict[str, Any]


def ticks_of(root: ElementHandle, kind: str) -> list[list[Tick]]:
    """The visible ticks of each axis of a kind: x, y or bar."""
    return [ticks for found, ticks in axes_of(root) if found == kind]


def axes_of(root: ElementHandle) -> list[tuple[str, list[Tick]]]:
    return [(axis["kind"], axis["ticks"]) for axis in root.evaluate(TICKS) if axis["ticks"]]


def number_of(text: str) -> float:
    return float(text.replace("−", "-"))


def pixel_of(text: str, coordinates: Any, count: int) -> float:
    """Where a tick's text says that it stands, in pixels: 0 is the first one's centre."""
    if coordinates is True:
        return number_of(text)
    if isinstance(coordinates, tuple):
        coordinates = np.linspace(*coordinates, count)
    coordinates = np.asarray(coordinates)
    if coordinates.dtype.kind == "U":
        return float(next(i for i, name in enumerate(coordinates) if name in (text, f"row {text}")))
    if coordinates.dtype.kind == "M" and len(text) == 5:  # the year stands once
        text = f"2024-{text}"
    asked: Any = number_of(text) if coordinates.dtype.kind == "f" else np.datetime64(text)
    if coordinates.dtype.kind == "M":
        asked = float((asked - coordinates[0]) / np.timedelta64(1, "s"))
        coordinates = (coordinates - coordinates[0]) / np.timedelta64(1, "s")
    order = np.argsort(coordinates)
    return float(np.interp(asked, coordinates[order], np.arange(count)[order]))


def check_axes(page: OpenPage, name: str) -> None:
    """Each visible tick stands at its pixel, and no two texts of an axis touch."""
    data, options = AXES[name]
    picture = page.picture(name)
    root = page.output(name)
    left, top, width, height = picture.rectangle()
    rows, columns = data.shape
    axes = axes_of(root)
    for kind, start, length, count in (("x", left, width, columns), ("y", top, height, rows)):
        (ticks,) = (ticks for found, ticks in axes if found == kind)
        assert len(ticks) > (length > 60), (name, kind, length)
        if name in ("numbers", "descending", "lower", "half", "auto"):
            steps = np.diff(sorted(tick[kind] for tick in ticks))
            assert steps == pytest.approx(steps[:1].repeat(len(steps)), abs=1), (name, ticks)
        for tick in ticks:
            along = (pixel_of(tick["text"], options[kind], count) + 0.5) / count
            if kind == "y" and options.get("origin") == "lower":
                along = 1 - along
            assert tick[kind] == pytest.approx(start + along * length, abs=1), (name, tick)
            assert not tick["cut"], (name, tick)
    check_apart(axes, name)


def check_apart(axes: list[tuple[str, list[Tick]]], name: str) -> None:
    for kind, ticks in axes:
        for one, other in itertools.combinations((tick["box"] for tick in ticks), 2):
            across = min(one[2], other[2]) - max(one[0], other[0])
            down = min(one[3], other[3]) - max(one[1], other[1])
            assert min(across, down) < 1, (name, kind, one, other)


def check_drags(page: OpenPage, names: Iterable[str]) -> None:
    for name in names:
        picture = page.picture(name)
        check_axes(page, name)
        before = picture.size()
        for edge, right, down in (("e", 70, 0), ("se", 320, 60), ("s", 0, -250)):
            width, height = picture.drag(edge, right, down)
            assert width / height == pytest.approx(before[0] / before[1], rel=0.01)
            check_axes(page, name)
        assert picture.double_click("e") == before


def check_bars(page: OpenPage, name: str) -> None:
    """Each tick of a colorbar stands on the color that its value has in the picture."""
    root = page.output(name)
    options = dict(BARS[name])
    limits = {key: options.get(key) for key in ("vmin", "vmax")}
    if name != "callable":
        limits = {
            key: {"vmin": 0.01, "vmax": 8.0}[key] if limit is None else limit
            for key, limit in limits.items()
        }
    image = root.query_selector(".nbimage-bar img[src^='data:image/png']")
    assert image is not None
    _, top, _, height = rectangle(image)
    column = column_of(image)
    assert len(column) == 256
    (ticks,) = ticks_of(root, "bar")
    assert len(ticks) >= 3, name
    for tick in ticks:
        value = np.array([[number_of(tick["text"])]])
        pixel = int(rerange(value, **limits, norm=options.get("norm", "linear"))[0, 0])
        centre = top + (255.5 - pixel) / 256 * height
        assert tick["y"] == pytest.approx(centre, abs=1 + height / 512), (name, tick)
        inside = {key: options[key] for key in ("norm", "cmap") if key in options}
        shown = np.ravel(Picture(value, **limits, **inside).pixels)
        np.testing.assert_array_equal(column[255 - pixel], np.resize(shown, 3), str(tick))


def column_of(image: ElementHandle) -> np.ndarray:
    source = image.get_attribute("src") or ""
    data = base64.b64decode(source.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))[:, 0]


def check_scale(page: OpenPage) -> None:
    """The bar is as long as it says, at several sizes of the picture."""
    picture = page.picture("scale")
    text = page.output("scale").query_selector(".nbimage-scale")
    bar = page.output("scale").query_selector(".nbimage-length")
    assert text is not None
    assert bar is not None
    length, unit = text.inner_text().split()
    assert unit == "µm"
    assert re.fullmatch(r"[125]0*|0\.0*[125]", length)
    for right in (0, 120, -230):
        if right:
            picture.drag("e", right, 0)
        wanted = float(length) * 1000 / (65 * 140) * picture.size()[0]
        assert bar.evaluate("e => e.getBoundingClientRect().width") == pytest.approx(wanted, abs=1)


# ------------------------------------------------------------------------------ at its place


def test_ticks_stand_at_their_pixels_on_an_exported_page(exported: HtmlPage) -> None:
    check_drags(exported, AXES)


def test_ticks_stand_at_their_pixels_in_a_notebook(fresh: NotebookPage) -> None:
    check_drags(fresh, ("dates", "names", "auto"))


def test_texts_never_touch_whatever_the_width(tab: Page, tmp_path: Path) -> None:
    tab.set_viewport_size({"width": 1000, "height": 700})
    for name, (data, options) in AXES.items():
        tab.goto(Picture(data, **options).save(tmp_path / "figure.html").as_uri())
        box, handle, body = (
            tab.wait_for_selector(css) for css in (".nbimage-box", "[data-edge=e]", "body")
        )
        assert box is not None
        assert handle is not None
        assert body is not None
        left, top, width, height = rectangle(handle)
        start, mouse = left + width / 2 - rectangle(box)[2], tab.mouse
        mouse.move(left + width / 2, top + height / 2)
        mouse.down()
        for width in (60, 75, 95, 120, 150, 190, 231, 270, 330, 407, 500, 612):
            mouse.move(start + width, top + height / 2)
            frames(tab)
            assert rectangle(box)[2] == pytest.approx(width, abs=1)
            check_apart(axes_of(body), f"{name} {width}")
        mouse.up()


@pytest.mark.parametrize("name", BARS)
def test_a_colorbars_ticks_stand_on_the_color_of_their_value(exported: HtmlPage, name: str) -> None:
    check_bars(exported, name)
    exported.picture(name).drag("e", 160, 0)
    check_bars(exported, name)


def test_a_histogram_is_as_long_as_the_colors_of_the_bar_beside_it(exported: HtmlPage) -> None:
    bar, histogram = (
        exported.output("all").query_selector(f".nbimage-aside {selector}")
        for selector in (".nbimage-bar img[src^='data:image/png']", ".nbimage-histogram")
    )
    assert bar is not None
    assert histogram is not None
    assert rectangle(histogram)[1::2] == pytest.approx(rectangle(bar)[1::2], abs=0.5)


def test_a_scale_bar_is_as_long_as_it_says(exported: HtmlPage) -> None:
    check_scale(exported)


def test_furniture_leaves_the_pixels_alone(exported: HtmlPage) -> None:
    for name, (data, options) in AXES.items():
        shown = exported.picture(name).pixels()[..., :3]
        expected = rerange(data)[:: -1 if options.get("origin") == "lower" else 1]
        np.testing.assert_array_equal(shown, np.repeat(expected[..., None], 3, 2), name)


def test_an_update_in_place_keeps_the_dragged_width(fresh: NotebookPage) -> None:
    picture = fresh.picture("live")
    before = picture.size()[0]
    dragged = picture.drag("e", 60, 0)
    assert dragged[0] == before + 60
    assert fresh.execute("shown = wave + 1") == ""
    fresh.run_cell("again")
    assert fresh.picture("live").size() == dragged
    assert len(fresh.output("live").query_selector_all(".nbimage-figure")) == 1
    texts = [tick["text"] for tick in ticks_of(fresh.output("live"), "bar")[0]]
    assert max(map(number_of, texts)) > 1
    assert fresh.stored("again") == []


def test_keys_resize_a_picture_with_furniture(fresh: NotebookPage) -> None:
    picture = fresh.picture("all")
    width, _ = picture.size()
    picture.box.focus()
    assert fresh.page.evaluate("document.activeElement.className") == "nbimage-box"
    assert picture.press("ArrowLeft", 3)[0] == width - 48
    assert picture.press("Escape")[0] == width
    assert fresh.errors == []


def test_the_picture_speaks_once_and_furniture_not_at_all(exported: HtmlPage) -> None:
    root = exported.output("all")
    alts = [image.get_attribute("alt") for image in root.query_selector_all("img")]
    assert sorted(alts, key=str)[-1] == "all of it"
    assert set(alts) == {"", "all of it"}
    assert alts.count("all of it") == 1
    spoken = root.evaluate(
        """root => [...root.querySelectorAll('.nbimage div')].filter(e => !e.children.length
          && e.textContent && !e.closest('[aria-hidden]')).map(e => e.textContent)"""
    )
    assert spoken == ["Everything", "a note"]


# -------------------------------------------------------------------------------- readable

ITEMS: dict[str, dict[str, Any]] = {
    "title": {"title": "A title of several words that takes more than one line where it is narrow"},
    "labels": {"xlabel": "distance from the source [km]", "ylabel": "height [mm]"},
    "days": {"x": scope["days"]},
    **{name: options for name, (data, options) in AXES.items() if data is WAVE},
    "long names": {"y": [f"place {i:02} in a country far away" for i in range(90)]},
    "bar": {"colorbar": "amplitude [V]", "vmin": -0.5, "under": "#000", "over": "#fff"},
    "histogram": {"histogram": True},
    "scale": {"pixel_size": 3, "unit": "µm"},
    "everything": {
        "title": "Everything at once",
        "x": scope["days"],
        "y": (0, 40),
        "xlabel": "day",
        "ylabel": "depth [m]",
        "colorbar": "temperature [°C]",
        "histogram": True,
        "overlay": ("contour", WAVE),
        "pixel_size": 0.2,
        "unit": "m",
        "caption": True,
    },
}
PICTURES = {
    **{name: Picture(WAVE, **options) for name, options in ITEMS.items()},
    "names": Picture(AXES["names"][0], **AXES["names"][1]),
    "domain": Picture(WAVE + 1j * WAVE[::-1], complex="domain"),
    "colors": Picture(np.full((50, 60, 3), 90, np.uint8), histogram=True),
}
CUT = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("script,.nbimage-room")) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const { left, right } = range.getBoundingClientRect();
    if (left < -0.5 || right > innerWidth + 0.5) found.push([node.data, left, right]);
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  return [found, scrollWidth - clientWidth];
}"""


@pytest.fixture(scope="module")
def tab(chromium: Chromium) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.context.close()


@pytest.mark.parametrize("width", [300, 800, 1600])
def test_nothing_is_cut_and_the_picture_keeps_its_room(
    tab: Page, tmp_path: Path, width: int
) -> None:
    tab.set_viewport_size({"width": width, "height": 700})
    for name, picture in PICTURES.items():
        tab.goto(picture.save(tmp_path / "figure.html").as_uri())
        frames(tab)
        assert tab.evaluate(CUT) == [[], 0], name
        box = tab.query_selector(".nbimage-box")
        assert box is not None
        body = tab.query_selector("body")
        assert body is not None
        check_apart(axes_of(body), name)
        shown = box.evaluate("e => e.getBoundingClientRect().width")
        assert shown >= min(100, picture.width), name


def frames(page: Page) -> None:
    """Let the page lay itself out, and what that asks for once more."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def contrasts(page: Page, texts: list[Tick]) -> list[float]:
    """The contrast of each text with what is around it, as it is on the screen."""
    screen = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")) / 255
    linear = np.where(screen <= 0.04045, screen / 12.92, ((screen + 0.055) / 1.055) ** 2.4)
    light = linear @ np.array([0.2126, 0.7152, 0.0722])
    found = []
    for text in texts:
        left, top, right, bottom = (round(edge) for edge in text["box"])
        part = light[max(top, 0) : bottom, max(left, 0) : right]
        if part.size:
            found.append((part.max() + 0.05) / (part.min() + 0.05))
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ticks_are_readable_on_light_and_dark_pages(tab: Page, tmp_path: Path, scheme: Any) -> None:
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": 1000, "height": 700})
    tab.goto(PICTURES["everything"].save(tmp_path / "figure.html").as_uri())
    frames(tab)
    body = tab.query_selector("body")
    assert body is not None
    for kind, ticks in axes_of(body):
        found = contrasts(tab, ticks)
        assert len(found) == len(ticks)
        assert all(contrast >= 4.5 for contrast in found), (kind, found)
    dark = np.asarray(Image.open(io.BytesIO(tab.screenshot())).convert("L"))[-1, -1] < 60
    assert dark == (scheme == "dark")
    tab.emulate_media(color_scheme="light")


def test_ticks_are_readable_in_the_dark_theme(fresh: NotebookPage) -> None:
    theme = "name => jupyterapp.commands.execute('apputils:change-theme', { theme: name })"
    try:
        fresh.page.evaluate(theme, "JupyterLab Dark")
        fresh.page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
        root = fresh.output("all")
        for kind, ticks in axes_of(root):
            found = contrasts(fresh.page, ticks)
            assert len(found) >= 2
            assert all(contrast >= 4.5 for contrast in found), (kind, found)
    finally:
        fresh.page.evaluate(theme, "JupyterLab Light")
        fresh.page.wait_for_function("document.body.dataset.jpThemeLight === 'true'")


def test_furniture_gives_the_output_no_scroll_bars(fresh: NotebookPage) -> None:
    for name in (*AXES, *BARS, "all", "scale"):
        hidden = fresh.picture(name).box.evaluate(
            """box => {
              const output = box.closest(".jp-OutputArea-output");
              return [output.scrollWidth - output.clientWidth,
                      output.scrollHeight - output.clientHeight];
            }"""
        )
        assert hidden == [0, 0], name


def test_a_printed_page_has_the_colorbar_and_the_ticks(tab: Page, tmp_path: Path) -> None:
    tab.goto(PICTURES["everything"].save(tmp_path / "figure.html").as_uri())
    printed = tab.pdf()
    sizes = set(re.findall(rb"/Width (\d+)\s*/Height (\d+)", printed))
    assert {(b"1", b"256"), (b"140", b"90")} <= sizes  # the bar and the picture
    tab.emulate_media(media="print")
    body = tab.query_selector("body")
    assert body is not None
    axes = axes_of(body)
    assert [kind for kind, _ in axes] == ["y", "bar", "x"]
    assert all(min(contrasts(tab, ticks)) >= 4.5 for _, ticks in axes)
    tab.emulate_media(media="screen")


# ----------------------------------------------------------------------------------- inert


def test_an_untrusted_figure_lacks_only_its_script(untrusted: NotebookPage) -> None:
    assert not any(untrusted.trusted())
    for name in AXES:
        check_axes(untrusted, name)
    for name in BARS:
        check_bars(untrusted, name)
    root = untrusted.output("all")
    texts = root.inner_text()
    for text in ("Everything", "a note", "day", "2024-02", "0.5"):
        assert text in texts
    assert Shown(untrusted, "all").handles() == []
    assert untrusted.errors == []


def test_untrusted_labels_and_names_are_not_cut(untrusted: NotebookPage) -> None:
    """Sanitisers leave no rotated text: it stands level."""
    for name, label in (("names", "↑ from"), ("dates", "volt"), ("names", "Kopenhagen")):
        clipped = untrusted.output(name).evaluate(
            """(root, label) => [...root.querySelectorAll('div,span')].filter(e =>
              !e.children.length && e.textContent.trim() === label && !e.closest('.nbimage-room')
              && e.checkVisibility({ visibilityProperty: true }))
              .map(e => e.closest('div'))
              .map(e => [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight])""",
            label,
        )
        assert clipped, label
        assert all(max(hidden) <= 1 for hidden in clipped), (label, clipped)


PAYLOADS = [
    "<script>window.pwned=1</script>",
    '" onload="window.pwned=1" x="',
    "</script><img src=x onerror='window.pwned=1'>",
    "]]><svg onload=window.pwned=1></svg>",
    "'><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "</text></svg><script>window.pwned=1</script>",
    "&lt;b&gt; <!-- --> ${window.pwned=1} </div>",
]


def labelled(text: str) -> xarray.DataArray:
    return xarray.DataArray(
        WAVE[:3, :3],
        dims=(f"row {text}", f"column {text}"),
        coords={f"row {text}": [f"{i}{text}" for i in range(3)], "at": text},
        attrs={"long_name": f"name {text}", "units": f"unit {text}"},
    )


def hostile(text: str) -> dict[str, Picture]:
    """Figures that hold a text in each of their places."""
    names = [f"{i}{text}" for i in range(3)]
    return {
        "parameters": Picture(
            WAVE[:3, :3],
            title=f"title {text}",
            xlabel=f"across {text}",
            ylabel=f"along {text}",
            colorbar=f"bar {text}",
            x=names,
            y=names,
            pixel_size=1,
            unit=f"u {text}",
            overlay=("text", [f"over {text}"], {"at": [(names[0], names[1])]}),
            caption=f"note {text}",
            alt=f"alt {text}",
            display_id=f"id {text}",
        ),
        "xarray": Picture(labelled(text), zoom=60),
        "pandas": Picture(
            pandas.DataFrame(WAVE[:3, :3], index=names, columns=names).rename_axis(f"rows {text}"),
            zoom=60,
        ),
    }


def overlay_text(html: str) -> str:
    """The overlays of a page as the XML that they hold, read as texts."""
    found = re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", html)
    return " ".join(
        "".join(ElementTree.fromstring(base64.b64decode(data).decode()).itertext())
        for data in found
    )


@pytest.mark.parametrize("text", PAYLOADS)
def test_texts_run_nothing_and_are_seen_as_they_are(
    chromium: Chromium, tab: Page, tmp_path: Path, text: str
) -> None:
    before = list(chromium.external)
    shortened = f"0{text}" if len(text) < 40 else f"0{text[:38]}…"
    seen = {
        "parameters": [*(f"{w} {text}" for w in ("title", "across", "along", "bar", "note", "u"))],
        "xarray": [f"row {text}", f"column {text}", f"name {text} [unit {text}]", f"at = {text}"],
        "pandas": [f"rows {text}"],
    }
    for name, picture in hostile(text).items():
        for suffix in ("html", "svg"):
            path = picture.save(tmp_path / f"figure.{suffix}")
            tab.goto(path.as_uri())
            tab.mouse.move(150, 60)
            frames(tab)
            assert tab.evaluate("typeof window.pwned") == "undefined", (name, suffix)
            shown = " ".join(tab.evaluate("document.documentElement.textContent").split())
            assert " ".join(shortened.split()) in shown, (name, suffix)
            if suffix == "html":
                assert tab.evaluate("document.querySelectorAll('iframe, script').length") == 1
                for words in seen[name]:
                    assert words in shown or len(text) > 40, (name, words)
                alts = [image.get_attribute("alt") for image in tab.query_selector_all("img")]
                assert any(text in (alt or "") for alt in alts) or name == "pandas"
        if name == "parameters":
            assert f"over {text}" in overlay_text(picture.html)
    assert chromium.external == before


LINES = """root => {
  const lines = element => {
    const text = document.createRange();
    text.selectNodeContents(element);
    return [...text.getClientRects()].filter(box => box.width && box.height)
      .map(({ left, top, right, bottom }) => [left, top, right, bottom]);
  };
  const seen = element => {
    const { width, height } = element.parentElement.getBoundingClientRect();
    return element.checkVisibility() && width && height;
  };
  const texts = [...root.querySelectorAll(".nbimage-figure :is(div, span)")]
    .filter(element => !element.children.length && element.textContent.trim());
  return {
    names: [...root.querySelectorAll(".nbimage-x .nbimage-tick > :last-child")]
      .filter(element => element.checkVisibility()).map(lines),
    labels: texts.filter(seen).map(element => [element.textContent.trim(), lines(element)]),
  };
}"""


def test_what_runs_along_a_side_is_level_where_nothing_may_be_turned(
    untrusted: NotebookPage,
) -> None:
    found = untrusted.output("names").evaluate(LINES)
    assert len(found["names"]) == 8
    assert all(len(lines) == 1 for lines in found["names"])  # no letter upon another
    for one, other in itertools.combinations([lines[0] for lines in found["names"]], 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart
    (lines,) = [lines for text, lines in found["labels"] if text == "↑ from"]
    assert len(lines) == 1
    assert lines[0][3] - lines[0][1] < 20
