"""`encode` and `data_uri`: what another decoder sees is the picture, as close as was asked for."""

from __future__ import annotations

import base64
import io
import re
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data as photographs

from nbimage import data_uri, encode, rerange
from nbimage.mapping.alpha import composite_over

Array = np.ndarray
PILLOW_NAMES = {"png": "PNG", "jpeg": "JPEG", "jpg": "JPEG", "webp": "WEBP", "avif": "AVIF"}
LOSSY = ["jpeg", "webp", "avif"]


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def pixels_of(data: bytes, mode: str = "RGB") -> Array:
    return np.asarray(opened(data).convert(mode))


def psnr(one: Array, other: Array) -> float:
    """Peak signal to noise ratio in dB."""
    error = np.mean((one.astype(float) - other.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def noise(*shape: int) -> Array:
    return np.random.default_rng(5).integers(0, 256, shape, dtype=np.uint8)


# ------------------------------------------------------------------------------- the formats


@pytest.mark.parametrize("name", PILLOW_NAMES)
def test_the_bytes_are_of_the_format_that_was_asked_for(name: str) -> None:
    array = photographs.coffee()[:90, :131]
    for spelled in (name, f".{name}", name.upper()):
        image = opened(encode(array, spelled))
        assert (image.format, image.size) == (PILLOW_NAMES[name], (131, 90))


@pytest.mark.parametrize("name", LOSSY)
@pytest.mark.parametrize("photograph", ["camera", "astronaut", "coffee"])
def test_a_lossy_photograph_is_close_to_the_original(name: str, photograph: str) -> None:
    array = getattr(photographs, photograph)()
    data = encode(array, name)
    got = pixels_of(data, "L" if array.ndim == 2 else "RGB")
    assert got.shape == array.shape
    assert psnr(got, array) > 33
    assert len(data) < array.nbytes / 4


@pytest.mark.parametrize("name", LOSSY)
def test_a_flat_color_stays_that_color(name: str) -> None:
    for color in [(0, 0, 0), (255, 255, 255), (128, 128, 128), (220, 40, 60), (10, 90, 200)]:
        array = np.full((40, 50, 3), color, np.uint8)
        difference = np.abs(pixels_of(encode(array, name)).astype(int) - array)
        assert difference.max() <= 4


@pytest.mark.parametrize("name", ["jpeg", "avif"])
def test_neighbouring_colors_do_not_run_into_each_other(name: str) -> None:
    """Color is not stored at half the resolution: red and blue columns stay red and blue."""
    array = np.zeros((64, 64, 3), np.uint8)
    array[:, ::2, 0] = array[:, 1::2, 2] = 255
    got = pixels_of(encode(array, name, quality=95)).astype(int)
    assert np.abs(got - array).mean() < 8


@pytest.mark.parametrize("name", ["png", *LOSSY])
def test_gray_decodes_to_gray(name: str) -> None:
    got = pixels_of(encode(photographs.camera()[:100, :100], name)).astype(int)
    assert np.ptp(got, axis=2).max() <= 1


@pytest.mark.parametrize("name", LOSSY)
@pytest.mark.parametrize("photograph", ["camera", "coffee"])
def test_higher_quality_is_closer_and_never_smaller(name: str, photograph: str) -> None:
    array = getattr(photographs, photograph)()[:200, :200]
    mode = "L" if array.ndim == 2 else "RGB"
    files = [encode(array, name, quality=quality) for quality in (0, 30, 60, 90, 100)]
    sizes = [len(data) for data in files]
    closeness = [psnr(pixels_of(data, mode), array) for data in files]
    assert sizes == sorted(sizes)
    assert closeness == sorted(closeness)
    assert sizes[0] < sizes[-1] / 3


@pytest.mark.parametrize(("name", "quality"), [("jpeg", 90), ("webp", 90), ("avif", 80)])
def test_the_default_quality_is_the_documented_one(name: str, quality: float) -> None:
    array = photographs.coffee()[:120, :120]
    assert encode(array, name) == encode(array, name, quality=quality)
    assert encode(array, name) != encode(array, name, quality=quality - 10)


# -------------------------------------------------------------------------------- exact ones


@st.composite
def arrays(draw: st.DrawFn) -> Array:
    height, width = draw(st.integers(5, 30)), draw(st.integers(5, 30))
    channels = draw(st.sampled_from([(), (3,), (4,)]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    top = draw(st.sampled_from([2, 4, 256]))
    return (random.integers(0, top, (height, width, *channels)) * (255 // (top - 1))).astype(
        np.uint8
    )


@settings(max_examples=60)
@given(arrays(), st.sampled_from(["png", "webp"]))
def test_lossless_pictures_come_back_exactly_alpha_and_all(array: Array, name: str) -> None:
    data = encode(array, name, lossless=name == "webp")
    expected = np.repeat(array[:, :, None], 3, axis=2) if array.ndim == 2 else array
    mode = "RGBA" if expected.shape[2] == 4 else "RGB"
    assert np.array_equal(pixels_of(data, mode), expected)


@pytest.mark.parametrize("name", ["png", "webp"])
def test_colors_under_full_transparency_survive_where_nothing_is_to_be_lost(name: str) -> None:
    array = noise(20, 30, 4)
    array[:10, :, 3] = 0
    assert np.array_equal(pixels_of(encode(array, name, lossless=name == "webp"), "RGBA"), array)


@pytest.mark.parametrize("name", ["png", *LOSSY])
def test_pixels_are_the_values_reranged_as_asked(name: str) -> None:
    y, x = np.indices((60, 80))
    values = np.sin(x / 30) + np.cos(y / 25)
    for options in (
        {},
        {"vmin": -1, "vmax": 0.5},
        {"vsym": True},
        {"contrast": "robust"},
        {"contrast": (5, 60)},
    ):
        expected = rerange(values, **options)
        got = pixels_of(encode(values, name, **options), "L")
        assert psnr(got, expected) > 38
        if name == "png":
            assert np.array_equal(got, expected)


@pytest.mark.parametrize("name", ["png", *LOSSY])
def test_planar_and_interleaved_give_the_same_picture(name: str) -> None:
    array = photographs.coffee()[:70, :90]
    planar = np.ascontiguousarray(np.moveaxis(array, -1, 0))
    assert encode(planar, name) == encode(array, name)
    assert encode(planar, name, channel_axis=0) == encode(array, name, channel_axis=-1)


def test_more_effort_gives_the_same_pixels_in_fewer_bytes() -> None:
    array = photographs.coffee()
    files = [encode(array, compression=level) for level in (0, 1, 9)]
    assert len(files[0]) > len(files[1]) > len(files[2])
    for data in files:
        assert np.array_equal(pixels_of(data), array)


# ------------------------------------------------------------------------------ transparency


def holes() -> tuple[Array, Array]:
    y, x = np.indices((48, 64))
    values = x + 2.0 * y
    missing = (x // 16 + y // 16) % 2 == 0
    return np.where(missing, np.nan, values), missing


@pytest.mark.parametrize("name", ["png", "webp", "avif"])
def test_missing_pixels_are_transparent_and_all_others_opaque(name: str) -> None:
    values, missing = holes()
    for data in (values, np.ma.masked_invalid(values)):
        alpha = pixels_of(encode(data, name), "RGBA")[:, :, 3]
        assert (alpha[missing] < 10).all()
        assert (alpha[~missing] > 245).all()
        if name != "avif":
            assert set(np.unique(alpha)) == {0, 255}


def test_missing_pixels_are_white_in_jpeg() -> None:
    values, missing = holes()
    got = pixels_of(encode(values, "jpeg", quality=100), "L")
    whole = np.nan_to_num(values, nan=float(np.nanmin(values)))
    expected = np.where(missing, 255, rerange(whole))
    assert psnr(got, expected) > 40


def test_what_lies_under_a_mask_leaks_into_no_file() -> None:
    values, missing = holes()
    one = np.ma.array(np.where(missing, -1e9, values), mask=missing)
    other = np.ma.array(np.where(missing, 7, values), mask=missing)
    for name in ("png", *LOSSY):
        assert encode(one, name) == encode(other, name)


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_jpeg_puts_colors_over_white_as_light_adds_up(color: int, alpha: int, ground: int) -> None:
    pixel = np.array([[[color, color, color, alpha]]], np.uint8)
    exact = (color * alpha + ground * (255 - alpha)) / 255
    for array in (pixel, pixel[:, :, 2:]):
        mixed = composite_over(array, ground)
        assert np.abs(mixed.astype(float) - exact).max() <= 0.5


def test_half_transparent_colors_are_mixed_with_white_in_jpeg() -> None:
    array = np.full((32, 32, 4), (200, 0, 100, 128), np.uint8)
    got = pixels_of(encode(array, "jpeg", quality=100)).astype(int)
    assert np.abs(got - (227, 127, 177)).max() <= 3


def test_webp_keeps_alpha_exactly_even_if_colors_are_lossy() -> None:
    array = np.dstack([photographs.coffee()[:64, :64], noise(64, 64)])
    assert np.array_equal(pixels_of(encode(array, "webp"), "RGBA")[:, :, 3], array[:, :, 3])


# ----------------------------------------------------------------------------------- the URI


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("png", "image/png"),
        ("jpeg", "image/jpeg"),
        ("jpg", "image/jpeg"),
        ("webp", "image/webp"),
        ("avif", "image/avif"),
    ],
)
def test_a_data_uri_holds_the_bytes_of_encode(name: str, media_type: str) -> None:
    array = noise(9, 12, 3)
    uri = data_uri(array, name)
    head, _, body = uri.partition(",")
    assert head == f"data:{media_type};base64"
    assert base64.b64decode(body, validate=True) == encode(array, name)


def test_a_data_uri_takes_every_parameter_that_encode_takes() -> None:
    values = np.random.default_rng(0).normal(size=(3, 8, 9))
    for options in (
        {"vmin": 0},
        {"vmax": 1},
        {"vsym": True},
        {"contrast": "robust"},
        {"channel_axis": 0},
        {"compression": 9},
        {"format": "jpeg", "quality": 20},
        {"format": "webp", "lossless": True},
    ):
        body = data_uri(values, **options).partition(",")[2]
        assert base64.b64decode(body) == encode(values, **options)


# -------------------------------------------------------------------------------- the errors

GRAY = np.arange(48, dtype=np.uint8).reshape(6, 8)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"format": "png", "quality": 90}, "quality"),
        ({"format": "png", "quality": 0}, "quality"),
        ({"format": "png", "compression": 10}, "10"),
        ({"format": "png", "compression": -1}, "-1"),
        ({"format": "jpeg", "compression": 1}, "compression"),
        ({"format": "webp", "compression": 0}, "compression"),
        ({"format": "avif", "compression": 9}, "compression"),
        ({"format": "jpeg", "lossless": True}, "lossless"),
        ({"format": "avif", "lossless": True}, "lossless"),
        ({"format": "webp", "lossless": True, "quality": 50}, "quality"),
        ({"format": "jpeg", "quality": 101}, "101"),
        ({"format": "webp", "quality": -1}, "-1"),
        ({"format": "avif", "quality": float("nan")}, "nan"),
    ],
)
@pytest.mark.parametrize("function", [encode, data_uri])
def test_a_parameter_that_does_not_apply_is_an_error_that_names_it(
    function: Any, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        function(GRAY, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["gif", "tiff", "", "image/png", "jpegg", "PNG8"])
def test_an_unknown_format_is_an_error_that_names_the_choices(name: str) -> None:
    with pytest.raises(ValueError, match="format") as caught:
        encode(GRAY, name)
    for known in ("png", "jpeg", "webp", "avif", repr(name)):
        assert known in str(caught.value)


@pytest.mark.parametrize(("name", "most"), [("webp", 16383), ("jpeg", 65500)])
@pytest.mark.parametrize("upright", [False, True])
def test_the_longest_side_that_a_format_holds_is_written_and_one_more_is_an_error(
    name: str, most: int, upright: bool
) -> None:
    def line(length: int) -> Array:
        return np.zeros((length, 1) if upright else (1, length), np.uint8)

    assert max(opened(encode(line(most), name)).size) == most
    with pytest.raises(ValueError, match=str(most)) as caught:
        encode(line(most + 1), name)
    assert str(most + 1) in str(caught.value)
    assert "PNG" in str(caught.value)
    assert max(opened(encode(line(most + 1), "png")).size) == most + 1


def test_png_needs_no_pillow_and_the_others_say_which_build_they_lack(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from PIL import features

    monkeypatch.setattr(features, "check", lambda name: False)
    with pytest.raises(ValueError, match="avif"):
        encode(GRAY, "avif")
    for module in [name for name in sys.modules if name.split(".")[0] == "PIL"]:
        monkeypatch.setitem(sys.modules, module, None)
    assert encode(GRAY, "png")[:4] == b"\x89PNG"
