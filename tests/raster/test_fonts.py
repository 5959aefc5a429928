from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from nbimage.raster.fonts import font_path, has_letters, load_font, measure_text
from nbimage.raster.frame_counter import draw_counter
from nbimage.raster.join_pictures import draw_text

LETTERS = "µμ°−×·±²³⁻¹⁰₂ΑΩαβγδεθλπσφωΔ∂∑√∞≤≥≈≠→ÄÖÜßéèñçøåŁžЖя€Å…—“”‰"


@pytest.mark.parametrize("bold", [False, True])
def test_no_letter_of_figures_is_missing(bold: bool) -> None:
    known = TTFont(font_path(bold=bold)).getBestCmap()
    assert [letter for letter in LETTERS if ord(letter) not in known] == []
    font = load_font(20, bold=bold)
    unknown = bytes(font.getmask("\uffff"))
    assert [letter for letter in LETTERS if bytes(font.getmask(letter)) == unknown] == []
    assert has_letters(LETTERS)


def test_a_letter_that_is_missing_is_known() -> None:
    assert not has_letters("漢")
    assert not has_letters("🙂")
    assert has_letters(" \u00a0")


@pytest.mark.parametrize("bold", [False, True])
def test_all_digits_are_of_one_width(bold: bool) -> None:
    widths = {measure_text(digit, 12, bold=bold) for digit in "0123456789"}
    assert len(widths) == 1


def test_widths_are_those_of_the_font() -> None:
    font = TTFont(font_path())
    known, widths, units = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    text = "Temperature [°C] −12.5"
    advance = sum(widths[known[ord(letter)]][0] for letter in text) / units
    assert np.isclose(measure_text(text, 12), 12 * advance, atol=0.05)


def test_its_license_is_beside_it() -> None:
    text = (Path(font_path()).parent / "LICENSE.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE" in text


@pytest.mark.parametrize("letter", "µ°−×öβЖ")
def test_counters_and_labels_in_pictures_have_these_letters(letter: str) -> None:
    frame = np.zeros((64, 96), np.uint8)
    counters = [draw_counter(frame, one, "ul", (255, 255, 255)) for one in (letter, "\ue123")]
    assert (counters[0] != counters[1]).any()
    labels = [draw_text(one, 40) for one in (letter, "\ue123")]
    assert (labels[0] != labels[1]).any()


def test_a_letter_that_the_font_lacks_is_the_latin_one_it_is_of() -> None:
    assert (draw_text("ế", 40) == draw_text("e", 40)).all()
