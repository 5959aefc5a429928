"""The font of texts that are drawn into pictures: it is part of the package, the same everywhere.

Inter, whose license is beside it, with Latin, Greek and Cyrillic letters and the usual signs; all
its digits are of one width. It has no kerning, so that all programs set it alike.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

FAMILY = "Inter"
_FOLDER = Path(__file__).parent / "fonts"
_MEASURED = 1000  # pixels: no rounding to whole ones shows


def font_path(*, bold: bool = False) -> str:
    """Return the path of the font's file."""
    return str(_FOLDER / f"Inter-{'SemiBold' if bold else 'Regular'}.ttf")


@functools.cache
def load_font(size: int, *, bold: bool = False) -> Any:
    """Return the font for Pillow."""
    from PIL import ImageFont

    return ImageFont.truetype(font_path(bold=bold), size, layout_engine=ImageFont.Layout.BASIC)


def measure_text(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line; of letters that the font lacks about that."""
    return size * sum(_measure_letter(letter, bold) for letter in text)


def has_letters(text: str) -> bool:
    """Return whether the font has all letters of a text."""
    return all(map(_has_letter, text))


@functools.lru_cache(maxsize=4096)
def _measure_letter(letter: str, bold: bool) -> float:
    if not _has_letter(letter):
        return 1.0  # as Chinese letters and emoji are
    return float(load_font(_MEASURED, bold=bold).getlength(letter)) / _MEASURED


@functools.lru_cache(maxsize=4096)
def _has_letter(letter: str) -> bool:
    font = load_font(16)
    return bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))
