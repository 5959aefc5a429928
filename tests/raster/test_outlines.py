"""Texts as outlines beside what resvg and Pillow make of the same font."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import resvg_py
from PIL import Image

from nbimage.page.svg_primitives import escape_text
from nbimage.raster.fonts import FAMILY, font_path, has_letters, load_font, measure_text
from nbimage.raster.outlines import outline_text

LETTERS = [chr(code) for code in range(0x21, 0x2500) if has_letters(chr(code))]
LINES = ["".join(LETTERS[i : i + 30]) for i in range(0, len(LETTERS), 30)]
SIZE, LEFT, DOWN = 23.7, 5.3, 40.2


def render(body: str, **options: Any) -> np.ndarray[Any, Any]:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="60">{body}</svg>'
    data = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, **options)
    with Image.open(io.BytesIO(bytes(data))) as image:
        return np.asarray(image.convert("RGBA"))[:, :, 3].astype(int)


@pytest.mark.parametrize("bold", [False, True])
def test_outlines_are_the_texts_themselves(bold: bool) -> None:
    assert len(LINES) > 20
    fonts = {"font_files": [font_path(), font_path(bold=True)], "font_family": FAMILY}
    weight = ' font-weight="600"' if bold else ""
    for line in LINES:
        outline = outline_text(line, bold=bold)
        assert outline is not None
        at = f'x="{LEFT}" y="{DOWN}" font-size="{SIZE}"{weight}'
        text = render(f"<text {at}>{escape_text(line)}</text>", **fonts)
        place = f"translate({LEFT} {DOWN})scale({SIZE / outline.unit:.9g})"
        path = render(f'<path transform="{place}" d="{outline.data}"/>')
        assert path.sum() > 10_000
        assert np.abs(path - text).mean() < 0.01
        assert np.abs(path - text).max() <= 64  # of 255, at an edge that is nearly level


@pytest.mark.parametrize("bold", [False, True])
def test_outlines_are_as_wide_as_texts_are_measured(bold: bool) -> None:
    for line in LINES:
        outline = outline_text(line, bold=bold)
        assert outline is not None
        wide = measure_text(line, outline.unit, bold=bold)
        assert outline.width == pytest.approx(wide, rel=0.002)


def test_a_space_is_wide_and_has_no_outline() -> None:
    outline = outline_text(" ")
    assert outline is not None
    assert outline.data == ""
    assert outline.width > 0


def test_an_accent_is_a_part_of_its_letter() -> None:
    plain, accented = outline_text("e"), outline_text("é")
    assert plain is not None
    assert accented is not None
    assert accented.data.startswith(plain.data)
    assert accented.data.count("z") == plain.data.count("z") + 1
    assert load_font(16).getlength("é") == load_font(16).getlength("e")


@pytest.mark.parametrize("text", ["漢", "a漢b", "🙂", "a\nb"])
def test_what_the_font_lacks_has_no_outline(text: str) -> None:
    assert outline_text(text) is None
