"""Values of a wrong kind are one line at every verb; sizes are height × width wherever said."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, Video, View, describe, nbgrid, nbimage, nbvideo, nbview
from nbimage.cli.main import main
from nbimage.page.page_size import OUTPUT

GRAY = np.arange(40.0 * 60).reshape(40, 60)
KINDS: dict[str, Callable[..., Any]] = {
    "picture": lambda **options: Picture(GRAY, **options),
    "video": lambda **options: Video(np.stack([GRAY, GRAY]), progress=False, **options),
    "grid": lambda **options: Grid([GRAY, GRAY], **options),
    "view": lambda **options: View(GRAY, **options),
}
VERBS: dict[str, Callable[..., None]] = {
    "picture": nbimage,
    "video": nbvideo,
    "grid": nbgrid,
    "view": nbview,
}


def one_line(kind: str, wrong: type[Exception] = ValueError, **options: Any) -> str:
    with pytest.raises(wrong) as caught:
        KINDS[kind](**options)
    text = str(caught.value)
    assert "\n" not in text and len(text) < 300
    return text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", ["300px", " 300 px ", "300.0px", 300, 300.0])
def test_a_width_in_pixels_may_be_a_text(kind: str, width: Any) -> None:
    shown = KINDS[kind](width=width)
    found = shown.model.config["width"] if kind == "view" else shown.width
    assert found == 300


@pytest.mark.parametrize("kind", KINDS)
def test_a_width_in_percent_is_of_the_output(kind: str) -> None:
    shown = KINDS[kind](width="50%")
    found = shown.model.config["width"] if kind == "view" else shown.width
    assert found == OUTPUT / 2
    said = {"grid": 'data-share="0.5"', "view": '"share":0.5'}.get(kind, "width:50cqw")
    assert said in shown.html
    assert said not in KINDS[kind](width=OUTPUT / 2).html


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "width",
    ["wide", "300em", "1.2.3px", ".px", "-3px", "0%", "101%", "%", "", 0, -1, np.nan, [3, 4], GRAY],
)
def test_a_width_that_is_none_is_told_with_what_is_taken(kind: str, width: Any) -> None:
    assert one_line(kind, width=width).startswith(
        'width must be finite and above 0, or a text such as "300px" or "50%", but got '
    )


@pytest.mark.parametrize("kind", ["picture", "video", "view"])
def test_a_height_is_in_pixels(kind: str) -> None:
    shown = KINDS[kind](height="80px")
    assert (shown.model.config["height"] if kind == "view" else shown.height) == 80
    assert 'or a text such as "300px", but got' in one_line(kind, height="50%")


@pytest.mark.parametrize("kind", ["picture", "grid", "view"])
@pytest.mark.parametrize(
    "color",
    ["red", "RebeccaPurple", "#0af", "#00aaff80", "transparent", "Canvas", "rgb(1 2 3 / 50%)",
     "rgba(1,2,3,.5)", "hsl(120deg 50% 50%)", "oklch(60% 0.1 none)", "hatch", None],
)  # fmt: skip
def test_colors_of_css_are_backgrounds(kind: str, color: Any) -> None:
    assert KINDS[kind](background=color).html


@pytest.mark.parametrize("kind", ["picture", "grid", "view"])
@pytest.mark.parametrize(
    "color",
    ["notacolor", "", "#12", "#12345", "rgb(1 2)", "rgb(a b c)", "url(x)", "red;color:blue", 5,
     (1, 2, 3), "x" * 500],
)  # fmt: skip
def test_what_is_no_color_is_told(kind: str, color: Any) -> None:
    text = one_line(kind, background=color)
    assert text.startswith('background must be "hatch", "checkerboard", a CSS color or None')


def test_two_pictures_are_given_as_a_list() -> None:
    for call in (Grid, nbgrid):
        with pytest.raises(TypeError, match=r"^titles must be .*nbgrid\(\[a, b\]\)$"):
            call(GRAY, GRAY)


@pytest.mark.parametrize("kind", VERBS)
def test_too_many_values_without_names_are_counted(kind: str) -> None:
    with pytest.raises(TypeError, match=r"by position, but got 20 values: .* as a list") as caught:
        VERBS[kind](*[GRAY] * 20)
    assert "\n" not in str(caught.value)


def test_sizes_are_height_times_width(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.npy"
    np.save(path, GRAY)
    texts = {
        kind: f"{shown!r} {getattr(shown, 'description', '')} {getattr(shown, 'alt', '')}"
        for kind, shown in ((kind, make()) for kind, make in KINDS.items())
    }
    texts["caption"] = Picture(GRAY, caption=True).html
    texts["reduced"] = Picture(GRAY, max_pixels=600).html
    texts["describe"] = describe(GRAY)
    assert main(["info", str(path)]) == 0
    texts["info"] = capsys.readouterr().out
    for what, text in texts.items():
        assert re.search(r"\b40( ?[×x] ?|, )60\b", text), what
        assert not re.search(r"\b60( ?[×x] ?|, )40\b", text), what
