"""One file that holds all: the places are exact, and texts stay texts, whatever they are."""

from __future__ import annotations

import base64
import io
import itertools
import re
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest
import pyvips
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nbimage.figure.overlay import overlay_svg
from nbimage.page.figure_model import Axis, Bar, Figure, Histogram, ScaleBar
from nbimage.page.figure_svg import estimate_width, figure_svg, wrap_text
from nbimage.page.ticks.levels import Tick, find_fitting_level, name_ticks
from nbimage.page.ticks.numbers import number_ticks

Array = np.ndarray
Element = ElementTree.Element
SVG, HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
HOSTILE = [
    "</text><script>window.pwned = 1</script>",
    '" onload="window.pwned = 1',
    "' onmouseover='window.pwned = 1",
    "]]> <!-- &amp; &lt;b&gt; &#60; <?xml version='1.0'?>",
    '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>&x;',
    "<image href='http://example.org/x.png'/>",
    "a\x00b\x0bc\ufffed\ud800e",
]


def uri_of(pixels: Array) -> str:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "png")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


COLORS = np.random.default_rng(7).integers(0, 256, (4, 5, 3), dtype=np.uint8)
PICTURE = uri_of(COLORS)
RAMP = np.repeat(np.arange(255, -1, -1, dtype=np.uint8)[:, None, None], 3, axis=2)
COLUMN = uri_of(RAMP)
NUMBERS = number_ticks(0, 10, lambda value: value / 10)
DOWN = number_ticks(0, 10, lambda value: 1 - value / 10)
LONG = "A very long label of many words, and Donaudampfschifffahrtsgesellschaftskapitän"
CURVE = tuple(i / 255 for i in range(256))  # the higher the value, the longer
FULL = Figure(
    title="A title",
    x=Axis(NUMBERS, "x [m]"),
    y=Axis(NUMBERS, "y [m]"),
    bars=(Bar(COLUMN, DOWN, "first", "#00f", "#f00"), Bar(COLUMN, DOWN, "second")),
    histogram=Histogram((("#e33", CURVE), ("#46f", CURVE[::-1])), DOWN, "values"),
    scale_bar=ScaleBar(0.25, "2 µm"),
    overlay=overlay_svg(np.eye(4, 5, dtype=bool), (4, 5), np.asarray, np.asarray),
    notes=("a note", "another"),
)


def drawn(figure: Figure, width: float = 250, height: float = 200, *, alt: str = "alt") -> str:
    return figure_svg(PICTURE, width, height, figure, alt=alt, crisp=True)


def tree(figure: Figure, width: float = 250, height: float = 200) -> Element:
    return ElementTree.fromstring(drawn(figure, width, height))


def rendered(svg: str) -> Array:
    """What librsvg makes of it, RGBA."""
    pixels: Array = pyvips.Image.svgload_buffer(svg.encode()).numpy()
    return pixels


def picture_place(root: Element) -> tuple[int, int]:
    """Where the picture's upper left corner stands in the file."""
    left, top = re.findall(r"-?\d+", root.find(f"{SVG}g").attrib["transform"])
    return int(left), int(top)


def marks(root: Element, mark: str) -> list[tuple[float, float]]:
    """Where the tick marks of this path command begin, in CSS pixels from the picture's corner."""
    paths = [path.attrib["d"] for path in root.iter(f"{SVG}path")]
    return [
        (float(x), float(y))
        for path in paths
        for x, y in re.findall(rf"M([-\d.]+) ([-\d.]+){mark}(?![.\d])", path)
    ]


def texts(root: Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def text_lines(root: Element) -> str:
    return " ".join(texts(root))


# Texts


FIELDS: dict[str, Callable[[str], Figure]] = {
    "title": lambda text: Figure(title=text),
    "x label": lambda text: Figure(x=Axis((), text)),
    "y label": lambda text: Figure(y=Axis((), text)),
    "x tick": lambda text: Figure(x=Axis((Tick(0.5, text),))),
    "turned x tick": lambda text: Figure(x=Axis((Tick(0.5, text),), "", True)),
    "y tick": lambda text: Figure(y=Axis((Tick(0.5, text),))),
    "bar": lambda text: Figure(bars=(Bar(COLUMN, (Tick(0.5, text),), text),)),
    "histogram": lambda text: Figure(
        histogram=Histogram((("#888", CURVE),), (Tick(0.5, text),), text)
    ),
    "scale bar": lambda text: Figure(scale_bar=ScaleBar(0.25, text)),
    "note": lambda text: Figure(notes=(text, text)),
}


def read_back(text: str) -> str:
    """The text without what XML forbids, and without white space, where lines may be broken.

    Surrogates that stand alone are replaced.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    kept = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
    return "".join(kept.split())


@pytest.mark.parametrize("name", FIELDS)
@given(text=st.text(st.characters()) | st.sampled_from(HOSTILE))
@settings(max_examples=40)
def test_any_text_in_any_field_is_read_back_as_text(name: str, text: str) -> None:
    root = ElementTree.fromstring(drawn(FIELDS[name](text), alt=text))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "g", "rect", "image", "path", "text")
    }
    said = "".join("".join(texts(root)).split())
    assert said in {read_back(text) * times for times in (0, 1, 2)}
    assert bool(said) == bool(read_back(text))
    assert "".join((root.find(f"{SVG}title").text or "").split()) == read_back(text)


@pytest.mark.parametrize("name", FIELDS)
def test_no_white_space_is_left_to_what_a_reader_makes_of_it(name: str) -> None:
    """SVG 1.1 drops a new line, so that two words would become one."""
    said = text_lines(tree(FIELDS[name]("  one\ntwo\t three\r\n")))
    assert said in {" ".join(["one two three"] * times) for times in (1, 2)}


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("payload", HOSTILE)
def test_no_text_becomes_an_element_or_an_attribute(name: str, payload: str) -> None:
    root = ElementTree.fromstring(drawn(FIELDS[name](payload), alt=payload))
    attributes = {key for element in root.iter() for key in element.attrib}
    assert not [key for key in attributes if key.startswith("on")]
    assert attributes <= {
        *("width", "height", "viewBox", "role", "transform", "x", "y", "preserveAspectRatio"),
        *("image-rendering", "shape-rendering", "style", "d", "rx", HREF),
        *(
            "fill",
            "fill-opacity",
            "stroke",
            "stroke-opacity",
            "text-anchor",
            "font-family",
            "font-size",
        ),
        "font-weight",
    }


def test_nothing_is_loaded_from_elsewhere() -> None:
    svg = drawn(FULL)
    assert set(re.findall(r'(\S+)="https?:', svg)) == {"xmlns", "xmlns:xlink"}
    assert "url(" not in svg
    links = [v for e in ElementTree.fromstring(svg).iter() for k, v in e.items() if "href" in k]
    assert len(links) == 4  # the picture, the mask, two colorbars
    assert all(link.startswith("data:image/png;base64,") for link in links)


@pytest.mark.parametrize("uri", ["http://example.org/a.png", "a.png", ""])
def test_a_picture_that_is_elsewhere_is_an_error(uri: str) -> None:
    with pytest.raises(ValueError, match="uri must be a data URI, but got"):
        figure_svg(uri, 10, 10, Figure(), alt="", crisp=True)
    with pytest.raises(ValueError, match="uri must be a data URI, but got"):
        drawn(Figure(bars=(Bar(uri),)))


@pytest.mark.parametrize("color", ['red" onload="x', "url(http://example.org)", "nonsense"])
def test_a_color_that_is_none_is_an_error(color: str) -> None:
    with pytest.raises(ValueError, match="over must be a CSS color"):
        drawn(Figure(bars=(Bar(COLUMN, over=color),)))
    with pytest.raises(ValueError, match="color must be a CSS color"):
        drawn(Figure(histogram=Histogram(((color, CURVE),))))


@given(text=st.text("ab M,界🖼\u0301\n ", max_size=200), room=st.integers(30, 300))
def test_lines_fit_hold_every_letter_and_break_between_words_first(text: str, room: int) -> None:
    lines = wrap_text(text, room, 12)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(estimate_width(line, 12) <= room for line in lines)
    if all(estimate_width(word, 12) <= room for word in text.split()):
        assert " ".join(lines) == " ".join(text.split())
    for line, after in itertools.pairwise(lines):
        assert (
            estimate_width(f"{line} {after.split()[0]}", 12) > room
        )  # no line is broken too early


# Places


@given(
    positions=st.lists(st.floats(0, 1), min_size=1, max_size=6),
    width=st.floats(5, 900),
    height=st.floats(5, 900),
)
def test_marks_are_where_the_ticks_are(positions: list[float], width: float, height: float) -> None:
    ticks = tuple(Tick(position, "") for position in positions)
    bar, histogram = Bar(COLUMN, ticks), Histogram((("#888", CURVE),), ticks)
    figure = Figure(x=Axis(ticks), y=Axis(ticks), bars=(bar,), histogram=histogram)
    root = tree(figure, width, height)
    exact = {"rel": 0, "abs": 1e-3}
    across, down, right = marks(root, "v5"), marks(root, "h-5"), marks(root, "h4")
    assert [x for x, _ in across] == pytest.approx([p * width for p in positions], **exact)
    assert {y for _, y in across} == {round(height, 3)}
    assert [y for _, y in down] == pytest.approx([p * height for p in positions], **exact)
    assert {x for x, _ in down} == {0}
    assert [y for _, y in right] == pytest.approx([p * height for p in positions] * 2, **exact)


@pytest.mark.parametrize("rising", [False, True])
@pytest.mark.parametrize("width", [20, 100, 250, 1000])
def test_the_names_of_the_finest_level_that_fits_are_shown(width: int, rising: bool) -> None:
    ticks = name_ticks([f"name {i}" for i in range(50)])
    level = find_fitting_level(ticks, width, not rising, apart=20 if rising else 0)
    expected = [tick.text for tick in ticks if level in tick.levels]
    assert 0 < len(expected) <= 50
    root = tree(Figure(x=Axis(ticks, "", rising, named=True)), width, 100)
    assert texts(root) == expected
    assert len(marks(root, "v5")) == len(expected)
    turned = [element.get("transform", "").startswith("rotate(-45 ") for element in root.iter()]
    assert sum(turned) == len(expected) * rising


@pytest.mark.parametrize("name", ["title", "x label", "scale bar", "note"])
def test_the_picture_keeps_its_size_whatever_stands_around_it(name: str) -> None:
    root = tree(FIELDS[name]("many words " * 20), 123.5, 77.25)
    image = root.find(f".//{SVG}image")
    position = [float(image.attrib[key]) for key in ("x", "y", "width", "height")]
    assert position == [0, 0, 123.5, 77.25]
    assert image.attrib["preserveAspectRatio"] == "none"


def test_a_bars_colors_and_ticks_lie_between_its_triangles() -> None:
    ends = Tick(0.0, "1"), Tick(1.0, "0")
    for under, over in ((None, None), ("#00f", None), (None, "#f00"), ("#00f", "#f00")):
        root = tree(Figure(bars=(Bar(COLUMN, ends, "", under, over),)))
        body = root.findall(f".//{SVG}image")[1].attrib
        top, bottom = 10 * (over is not None), 200 - 10 * (under is not None)
        assert (float(body["y"]), float(body["height"])) == (top, bottom - top)
        assert [y for _, y in marks(root, "h4")] == [top, bottom]


@pytest.mark.parametrize("text", [LONG, "M" * 80, "many words " * 20])
@pytest.mark.parametrize("name", ["title", "x label", "note"])
def test_long_texts_are_wrapped_and_do_not_widen_the_figure(name: str, text: str) -> None:
    alone = tree(Figure(), 300, 200)
    root = tree(FIELDS[name](text), 300, 200)
    assert root.attrib["width"] == alone.attrib["width"] == "316"
    assert len(texts(root)) > 1


def test_bars_stand_side_by_side() -> None:
    bar = Bar(COLUMN, DOWN, "a label")
    root = tree(Figure(bars=(bar, bar, bar), histogram=Histogram((("#888", CURVE),))))
    lefts = [float(image.attrib["x"]) for image in root.findall(f".//{SVG}image")[1:]]
    assert lefts[0] == 250 + 12
    assert all(right - left > 14 + 40 for left, right in itertools.pairwise(lefts))


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    root = tree(Figure(scale_bar=ScaleBar(0.3, "5 mm")))
    _, plate, bar = root.iter(f"{SVG}rect")
    assert float(bar.attrib["width"]) == 75
    assert float(bar.attrib["x"]) + 75 == 250 - 10
    assert float(plate.attrib["x"]) < float(bar.attrib["x"])


def test_a_smooth_picture_is_not_drawn_pixelated() -> None:
    svg = figure_svg(PICTURE, 50, 40, Figure(), alt="", crisp=False)
    assert "pixelated" not in svg
    assert "optimizeSpeed" not in svg


def test_the_alternative_text_names_the_picture() -> None:
    root = ElementTree.fromstring(drawn(FULL, alt="what it shows"))
    assert root.attrib["role"] == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "what it shows"


def test_all_texts_are_there() -> None:
    said = text_lines(tree(FULL))
    for text in ("A title", "x [m]", "y [m]", "first", "second", "values", "2 µm", "a note"):
        assert text in said
    assert said.count(" 10 ") == 5  # two axes, two bars, the histogram


# As librsvg draws it


def test_each_pixel_has_its_color_at_its_place() -> None:
    svg = drawn(Figure(title="A title", x=Axis(NUMBERS, "x"), y=Axis(NUMBERS, "y")))
    left, top = picture_place(ElementTree.fromstring(svg))
    shown = rendered(svg)[top : top + 200, left : left + 250, :3]
    assert np.array_equal(shown, COLORS.repeat(50, axis=0).repeat(50, axis=1))


def test_transparent_pixels_and_margins_are_white() -> None:
    clear = uri_of(np.zeros((2, 2, 4), np.uint8))
    shown = rendered(figure_svg(clear, 20, 20, Figure(), alt="", crisp=True))
    assert (shown == 255).all()


@pytest.mark.parametrize("size", [(250, 200), (30, 24), (700, 60), (12, 300)])
@pytest.mark.parametrize("turned", [False, True])
def test_nothing_reaches_the_edge_of_the_file(size: tuple[int, int], turned: bool) -> None:
    names = name_ticks(["Ouagadougou", "São Paulo", "Warszawa Wschodnia", "WWWWWW"])
    figure = Figure(
        title=LONG,
        x=Axis(names, LONG, turned),
        y=Axis(names, LONG),
        bars=(Bar(COLUMN, DOWN, LONG, "#00f", "#f00"),),
        histogram=Histogram((("#888", CURVE),), names, LONG),
        scale_bar=ScaleBar(0.25, "100 µm"),
        notes=(LONG, LONG),
    )
    shown = rendered(drawn(figure, *size))
    inner = shown[4:-4, 4:-4]
    assert (inner < 128).any()
    shown[4:-4, 4:-4] = 255
    assert (shown == 255).all()


def test_the_overlay_covers_the_picture_pixel_for_pixel() -> None:
    mask = np.zeros((4, 5), bool)
    mask[1, 3] = mask[3, 0] = True
    overlay = overlay_svg(("mask", mask, {"alpha": 1}), (4, 5), np.asarray, np.asarray)
    svg = drawn(Figure(y=Axis(NUMBERS, "y"), overlay=overlay))
    left, top = picture_place(ElementTree.fromstring(svg))
    expected = np.where(mask[:, :, None], (255, 0, 0), COLORS)
    shown = rendered(svg)[top : top + 200, left : left + 250, :3]
    assert np.array_equal(shown[25::50, 25::50], expected)


def test_shapes_beyond_the_picture_are_cut_off() -> None:
    line = ("line", np.array([[-50.0, -50.0], [60.0, 50.0]]), {"width": 9})
    overlay = overlay_svg(line, (4, 5), np.asarray, np.asarray)
    shown = rendered(drawn(Figure(overlay=overlay)))
    shown[8:-8, 8:-8] = 255
    assert (shown == 255).all()


def test_the_highest_value_is_on_top_of_bar_and_histogram() -> None:
    figure = Figure(bars=(Bar(COLUMN),), histogram=Histogram((("#f00", CURVE),)))
    svg = drawn(figure, 250, 256)
    left, top = picture_place(ElementTree.fromstring(svg))
    shown = rendered(svg)[top : top + 256, left:]
    assert np.array_equal(shown[:, 250 + 12 + 7, :3], RAMP[:, 0])
    start = 250 + 12 + 14 + 12
    red = (shown[:, start + 1 : start + 61, :3] == (255, 0, 0)).all(axis=2).sum(axis=1)
    assert red[0] > 57
    assert red[-1] <= 1
    assert (np.diff(red.astype(int)) <= 0).all()


def test_a_histogram_without_ticks_lines_up_with_the_bar_beside_it() -> None:
    lone = tuple(float(i == 255) for i in range(256))  # only the highest value occurs
    bar = Bar(COLUMN, DOWN, "", "#00f", "#0f0")
    for ticks, row in (((), 10), (DOWN, 0)):
        figure = Figure(bars=(bar,), histogram=Histogram((("#f00", lone),), ticks))
        svg = drawn(figure, 250, 256 * 4)
        _, top = picture_place(ElementTree.fromstring(svg))
        red = (rendered(svg)[top:, :, :3] == (255, 0, 0)).all(axis=2).any(axis=1)
        assert np.flatnonzero(red)[0] == row


def test_triangles_have_the_colors_of_what_is_beyond() -> None:
    svg = drawn(Figure(bars=(Bar(COLUMN, (), "", "#00f", "#f00"),)))
    left, top = picture_place(ElementTree.fromstring(svg))
    column = rendered(svg)[top : top + 200, left + 250 + 12 + 7, :3]
    assert tuple(column[8]) == (255, 0, 0)
    assert tuple(column[191]) == (0, 0, 255)
    assert np.ptp(column[15].astype(int)) == 0  # the bar's own gray
