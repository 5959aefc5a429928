"""libpng itself reads every pixel of our PNGs, all alpha and every palette with it."""

from __future__ import annotations

import imagecodecs
from hypothesis import given, settings
from hypothesis import strategies as st

from nbimage.codecs import png
from tests.codecs.test_png import (
    Array,
    Case,
    any_case,
    as_rgba,
    check_all,
    deflate,
    encoded,
)


def by_libpng(data: bytes) -> Array:
    return as_rgba(imagecodecs.png_decode(data))


def test_libpng_reads_every_pixel(encoded: list[tuple[Case, bytes]]) -> None:
    check_all(encoded, by_libpng)


@settings(max_examples=300)
@given(any_case(), st.sampled_from([1, 16, 100, 1 << 19]))
def test_libpng_reads_any_picture_cut_into_bands_of_any_size(case: Case, band: int) -> None:
    before, png._BAND = png._BAND, band
    try:
        data = case.encoded()
    finally:
        png._BAND = before
    check_all([(case, data)], by_libpng)
