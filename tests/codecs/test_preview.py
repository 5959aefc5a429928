"""What stands for a picture where no HTML is shown: exact if small, else a tenth of its bytes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Picture
from nbimage.codecs import preview
from nbimage.codecs.preview import encode_jpeg, encode_preview, without_alpha
from nbimage.mapping.area_mean import area_mean
from nbimage.mapping.pixels import as_pixels

RANDOM = np.random.default_rng(7)
NOISE = RANDOM.integers(0, 256, (600, 500), np.uint8)
SMOOTH = np.hypot(*np.mgrid[-1:1:400j, -1:1:500j])


def decoded(data: bytes) -> Any:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


@pytest.mark.parametrize("side", [100, 150, 178])
def test_a_png_of_32_kb_is_kept_as_it_is(side: int) -> None:
    picture = Picture(NOISE[:side, :side])
    assert len(picture.png) <= preview.EXACT
    assert picture._stored.preview == picture.png


def test_of_a_small_picture_in_another_format_there_is_the_exact_png() -> None:
    picture = Picture(NOISE[:100, :100], format="jpeg")
    assert np.array_equal(decoded(picture._stored.preview), NOISE[:100, :100])


def test_a_picture_that_pngs_hold_in_few_bytes_is_exact_however_many_pixels_it_has() -> None:
    flat = np.zeros((1000, 1000), np.uint8)
    flat[100:900, 100:900] = 200
    assert np.array_equal(decoded(Picture(flat)._stored.preview), flat)


@pytest.mark.parametrize(
    "shape", [(600, 500), (600, 500, 3), (2000, 1500), (1100, 900, 3)], ids=str
)
def test_a_preview_has_the_colors_and_a_tenth_of_the_bytes(shape: tuple[int, ...]) -> None:
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    wave = 128 + 80 * np.sin(columns / 90) * np.cos(rows / 70)
    array = wave if len(shape) == 2 else np.stack([wave, 255 - wave, wave / 2], axis=2)
    array = np.clip(array + RANDOM.normal(0, 4, shape), 0, 255).astype(np.uint8)
    picture = Picture(array)
    got = picture._stored.preview
    assert got.startswith(b"\xff\xd8")
    assert len(got) <= 0.1 * len(picture.png)
    small = decoded(got)
    factor = round(shape[0] / small.shape[0])
    difference = small.astype(int) - area_mean(array, factor)
    assert small.shape == area_mean(array, factor).shape
    assert np.abs(difference).mean() < 4


def test_the_same_pixels_have_the_same_preview() -> None:
    assert Picture(NOISE)._stored.preview == Picture(NOISE.copy())._stored.preview


def test_a_jpeg_is_worse_first_and_smaller_then() -> None:
    sizes = [decoded(encode_jpeg(NOISE, budget)).shape for budget in (1e6, 1.5e5, 4e4, 1)]
    assert sizes == [(600, 500), (600, 500), (300, 250), (300, 250)]
    assert (
        len(encode_jpeg(NOISE, 1e6)) > len(encode_jpeg(NOISE, 1.5e5)) > len(encode_jpeg(NOISE, 1))
    )
    assert decoded(encode_jpeg(NOISE, 1, figure=96)).shape == (600, 500)  # texts stay as large


def test_alpha_that_is_opaque_is_left_out() -> None:
    for channels in (2, 4):
        array = np.full((9, 8, channels), 255, np.uint8)
        assert without_alpha(array).shape == ((9, 8) if channels == 2 else (9, 8, 3))  # type: ignore[union-attr]
        array[3, 3, -1] = 254
        assert without_alpha(array) is None


def test_colors_of_discrete_levels_are_not_mixed() -> None:
    picture = Picture(RANDOM.normal(size=(900, 1000)), levels=5, cmap="viridis")
    image = Image.open(io.BytesIO(picture._stored.preview))
    assert image.format == "PNG"
    colors = {tuple(color) for color in picture.render().reshape(-1, 3)}
    assert {tuple(color) for color in np.asarray(image.convert("RGB")).reshape(-1, 3)} <= colors


def test_a_smooth_transparent_picture_keeps_all_its_levels() -> None:
    values = np.where(SMOOTH > 1, np.nan, SMOOTH)
    pixels = as_pixels(values)
    got = decoded(encode_preview(pixels, 10**7))
    assert np.array_equal(got[:, :, 0][got[:, :, 1] == 255], pixels.array[~np.isnan(values)])
