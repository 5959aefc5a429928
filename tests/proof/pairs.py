"""Pairs of all options of each verb: a picture that others can read, or one line of error.

python -m tests.proof pairs
"""

from __future__ import annotations

import contextlib
import inspect
import io
import itertools
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import numpy as np
from PIL import Image

from nbimage import Grid, Picture, Video, View, encode

CLAIM = "Any two options of a verb go together, or a line says why not"
RANDOM = np.random.default_rng(11)
FIELD = RANDOM.normal(size=(7, 9))
FIELD[2, 3] = np.nan
PHOTO = RANDOM.integers(0, 256, (7, 9, 3), np.uint8)
CELLS = RANDOM.integers(0, 5, (7, 9))
WAVES = FIELD + 1j * FIELD[::-1]
VOID = {"area", "base", "br", "circle", "col", "hr", "image", "img", "input", "line", "link"} | {
    *("meta", "path", "polygon", "polyline", "rect", "source", "stop", "track", "use", "wbr"),
}
OPTIONS: dict[str, list[Any]] = {
    "alt": ["words"],
    "aspect": [2, "auto"],
    "autoplay": [True],
    "av1": [40],
    "axes": ["yx"],
    "background": [None, "checkerboard", "#abc"],
    "border": ["red"],
    "caption": [True, "below"],
    "channel_axis": [-1],
    "channels": [False, ["a", "b", "c"], {"a": "red", "b": None, "c": "#0f0"}],
    "cmap": ["viridis", ["red", "#00f8", "blue"]],
    "colorbar": [True, "height [m]"],
    "columns": [2],
    "complex": ["abs", "phase", "domain"],
    "compression": [0, 9],
    "contrast": ["robust", "infer", (5, 95), "zscale"],
    "counter": [True, "{:03d}"],
    "counter_color": ["red"],
    "display_id": ["one"],
    "embed": [False],
    "errors": ["show"],
    "exact": [True],
    "facet": [0],
    "figure": [True],
    "format": ["jpeg", "webp", "avif"],
    "fps": [12.5],
    "h264": [30, False],
    "height": [50, "50px"],
    "histogram": [True, "log"],
    "keep": [0],
    "labels": [True, CELLS],
    "levels": [4, [-1, 0, 2]],
    "loop": [False],
    "lossless": [True],
    "mark_clipped": [True],
    "max_pixels": [20],
    "muted": [False],
    "nan_color": ["lime"],
    "norm": ["log", "sqrt", "asinh", ("symlog", 0.1), 0.5],
    "orientation": [False],
    "origin": ["lower"],
    "ortho": [True],
    "over": ["white"],
    "overlay": [("points", [(1, 2)]), FIELD > 0, "contour", "values"],
    "page": [1],
    "pixel_size": [0.5],
    "progress": [False],
    "quality": [50],
    "scale": [2],
    "shared": [False],
    "spacing": [2],
    "state": [{"mode": "side"}],
    "title": ["<b>Title</b> & more"],
    "titles": [["a", "<i>b</i>"]],
    "under": ["black"],
    "unit": ["mm"],
    "vmax": [1, 200.5],
    "vmin": [-1, 0.25],
    "vp8": [20],
    "vsym": [True],
    "width": [90, "50%"],
    "x": [(0, 8), False, list("abcdefghi")],
    "xlabel": ["x [m]"],
    "y": [np.arange(7) * 10.0, True],
    "ylabel": ["µ < 1"],
    "zoom": [2, 0.5],
}


class Nesting(HTMLParser):
    """Whether elements end in the order in which they began."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open and self.open[-1] == tag, f"</{tag}> ends {self.open[-3:]}"
            self.open.pop()


def nests(html: str) -> None:
    """Check that elements lie within one another."""
    found = Nesting()
    found.feed(html)
    found.close()
    assert not found.open, f"{found.open} have no end"


def is_read(data: bytes) -> None:
    """Check that Pillow reads a picture whole."""
    Image.open(io.BytesIO(data)).load()


def show_picture(data: Any, **options: Any) -> None:
    picture = Picture(data, **options)
    nests(picture.html)
    is_read(picture.png)


def show_grid(data: Any, **options: Any) -> None:
    grid = Grid([data, data], **options)
    nests(grid.html)
    is_read(grid.png)


def show_video(data: Any, **options: Any) -> None:
    video = Video(np.stack([data, data[::-1]]), **{"progress": False, "h264": 30, **options})
    nests(video.html)
    assert all(video.files.values())


def show_view(data: Any, **options: Any) -> None:
    with contextlib.closing(View(data, **options)) as view:
        nests(view.html)


def encode_picture(data: Any, **options: Any) -> None:
    is_read(encode(data, **options))


VERBS: dict[str, tuple[Callable[..., Any], Callable[..., None]]] = {
    "Picture": (Picture, show_picture),
    "Grid": (Grid, show_grid),
    "Video": (Video, show_video),
    "View": (View, show_view),
    "encode": (encode, encode_picture),
}


def pairs(verb: str) -> Iterator[dict[str, Any]]:
    """Yield each pair of options, each value of one with some value of the other."""
    known = [name for name in inspect.signature(VERBS[verb][0]).parameters if name in OPTIONS]
    for first, second in itertools.combinations(known, 2):
        longer = max(len(OPTIONS[first]), len(OPTIONS[second]))
        for number in range(longer):
            yield {name: OPTIONS[name][number % len(OPTIONS[name])] for name in (first, second)}


def try_pair(verb: str, data: Any, options: dict[str, Any]) -> str:
    """Return the line of error, or nothing; whatever else is raised goes on."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        try:
            VERBS[verb][1](data, **options)
        except (TypeError, ValueError) as error:
            line = str(error)
            assert line and "\n" not in line, line
            return line
    return ""


def run(verbs: list[str]) -> dict[str, Counter[str]]:
    """Return how often each verb gave a picture, "", and each line of error."""
    found: dict[str, Counter[str]] = {}
    for verb in verbs:
        found[verb] = Counter()
        for options in pairs(verb):
            data = WAVES if "complex" in options else FIELD
            for own in (data, PHOTO, CELLS):
                try:
                    line = try_pair(verb, own, options)
                except Exception as error:
                    error.add_note(f"{verb} of {own.dtype} {own.shape}: {options}")
                    raise
                found[verb][line] += 1
    return found


def prove() -> str:
    """Try all pairs; return how many gave a picture and how many a line."""
    found = run(list(VERBS))
    shown = sum(counts[""] for counts in found.values())
    tried = sum(counts.total() for counts in found.values())
    lines = len({line for counts in found.values() for line in counts if line})
    return (
        f"{tried:,} calls of {len(found)} verbs: {shown:,} outputs that other readers take, "
        f"{tried - shown:,} refused in {lines} lines"
    )
