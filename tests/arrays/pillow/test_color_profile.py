"""Colors of a profile are shown as sRGB; what is sRGB, or none, is left as it is."""

from __future__ import annotations

import io
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from nbimage import Picture, View, encode, open_pyramid
from nbimage.arrays.ingest import as_values
from nbimage.arrays.pillow.color_profile import find_profile
from tests.picture_files import PRIMARIES, Array, make_png, make_profile, to_srgb

RANDOM = np.random.default_rng(3)
COLORS = RANDOM.integers(0, 256, (16, 24, 3), dtype=np.uint8)
ALPHA = RANDOM.integers(0, 256, (16, 24, 1), dtype=np.uint8)
GRAY = np.arange(256, dtype=np.uint8).reshape(16, 16)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def tag(profile: bytes) -> list[tuple[int, int, int, bytes, bool]]:
    """A TIFF's tag of its profile."""
    return [(34675, 7, len(profile), profile, True)]


def near(one: object, other: Array) -> bool:
    return bool(np.abs(np.asarray(one).astype(int) - other).max() <= 1)


@pytest.mark.parametrize("space", sorted(set(PRIMARIES) - {"sRGB"}))
def test_colors_of_another_space_become_srgb(space: str) -> None:
    expected, data = to_srgb(COLORS, space), make_profile(space, space=space)
    assert not near(COLORS, expected)
    picture = Picture(opened(make_png(COLORS, profile=data)))
    assert near(picture.pixels, expected)
    assert f"colors converted from {space} to sRGB" in picture.description
    with_alpha = opened(make_png(np.dstack([COLORS, ALPHA]), profile=data))
    array = np.asarray(as_values(with_alpha).array)
    assert near(array[:, :, :3], expected)
    assert np.array_equal(array[:, :, 3:], ALPHA)
    key = [int(sample) for sample in COLORS[2, 3]]
    keyed = np.asarray(as_values(opened(make_png(COLORS, key=key, profile=data))).array)
    assert near(keyed[:, :, :3], expected)
    assert np.argwhere(keyed[:, :, 3] == 0).tolist() == [[2, 3]]


@pytest.mark.parametrize("name", ["", " ", "\x07"])
def test_a_profile_without_a_name_is_a_color_profile(name: str) -> None:
    values = as_values(opened(make_png(COLORS, profile=make_profile(name))))
    assert near(values.array, to_srgb(COLORS, "Display P3"))
    assert values.metadata.note == "colors converted from a color profile to sRGB"


def test_a_palette_of_another_space_becomes_srgb() -> None:
    palette, data = COLORS[:8, 0], make_profile("Display P3")
    indices = RANDOM.integers(0, 8, (5, 9), dtype=np.uint8)
    image = opened(make_png(indices, palette=palette, profile=data))
    assert near(as_values(image).array, to_srgb(palette, "Display P3")[indices])
    assert "converted from Display P3" in as_values(image).metadata.note


@pytest.mark.parametrize("profile", [SRGB, make_profile("mine", space="sRGB"), None])
def test_srgb_is_left_bit_for_bit(profile: bytes | None) -> None:
    values = as_values(opened(make_png(COLORS, profile=profile)))
    assert np.array_equal(values.array, COLORS)
    assert not values.metadata.note


def test_gray_of_another_curve_stays_gray() -> None:
    values = as_values(opened(make_png(GRAY, profile=make_profile("g", space="gray", gamma=1))))
    x = GRAY / 255
    curved = np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055)
    assert near(values.array, np.round(curved * 255))
    assert "converted from g" in values.metadata.note
    same = as_values(opened(make_png(GRAY, profile=make_profile("g", space="gray"))))
    assert np.array_equal(same.array, GRAY)


def test_lab_becomes_srgb() -> None:
    lab = Image.new("LAB", (2, 2), (128, 180, 90))
    plain = np.asarray(as_values(lab).array)
    lab.info["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    values = as_values(lab)
    assert np.array_equal(values.array, plain)
    assert plain[0, 0].tolist() == [179, 79, 186]


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (b"no profile", "colors not converted: the color profile is damaged"),
        (make_profile("gray", space="gray", gamma=1), "not converted: gray is a profile of GRAY"),
    ],
)
def test_a_profile_that_will_not_do_is_told(profile: bytes, words: str) -> None:
    picture = Picture(opened(make_png(COLORS, profile=profile)))
    assert np.array_equal(picture.pixels, COLORS)
    assert words in picture.description


def test_without_image_cms_colors_are_kept_and_that_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import PIL

    monkeypatch.delattr(PIL, "ImageCms")
    monkeypatch.setitem(sys.modules, "PIL.ImageCms", None)
    found = find_profile(SRGB + b" of another file", "RGB")
    assert found == "colors not converted: this Pillow has no ImageCms"


def test_samples_of_16_bits_are_kept_and_that_is_told(tmp_path: Path) -> None:
    deep = COLORS.astype(np.uint16) * 257
    (tmp_path / "a.png").write_bytes(make_png(deep, 16, profile=make_profile("Display P3")))
    for source in (tmp_path / "a.png", Image.open(tmp_path / "a.png")):
        picture = Picture(source)
        assert np.array_equal(picture.pixels, Picture(deep).pixels)
        assert "colors of Display P3, not converted" in picture.description


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_file_of_another_space_is_shown_alike_at_every_door(tmp_path: Path, suffix: str) -> None:
    path, profile = tmp_path / f"a.{suffix}", make_profile("Display P3")
    options = {"png": {}, "jpg": {"quality": 95}, "webp": {"lossless": True}}[suffix]
    Image.fromarray(COLORS).save(path, icc_profile=profile, **options)
    with Image.open(path) as image:
        expected = np.asarray(as_values(image).array)
        assert near(expected, to_srgb(np.asarray(image), "Display P3"))
    picture = Picture(path)
    assert np.array_equal(picture.pixels, expected)
    for shown in (picture, View(path).picture, View(path, embed=False).picture):
        assert "converted from Display P3" in shown.description
    assert np.array_equal(opened(encode(path)), expected)
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0), expected)


TIFFS: dict[str, tuple[Array, dict[str, object]]] = {
    "strips": (COLORS, {"photometric": "rgb"}),
    "tiles": (COLORS, {"photometric": "rgb", "tile": (16, 16), "compression": "zlib"}),
    "planes": (np.moveaxis(COLORS, 2, 0), {"photometric": "rgb", "planarconfig": "separate"}),
    "alpha": (
        np.dstack([COLORS, ALPHA]),
        {"photometric": "rgb", "extrasamples": ["unassalpha"]},
    ),
}


@pytest.mark.parametrize("kind", TIFFS)
def test_a_tiff_of_another_space_becomes_srgb(kind: str, tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    array, options = TIFFS[kind]
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, array, extratags=tag(make_profile("Display P3")), **options)
    expected = to_srgb(COLORS, "Display P3")
    with open_pyramid(path) as pyramid:
        whole = pyramid.read(0)
        assert near(whole[:, :, :3], expected)
        assert np.array_equal(pyramid.read(0, slice(3, 9), slice(5, 20)), whole[3:9, 5:20])
        again = pickle.loads(pickle.dumps(pyramid))
        assert np.array_equal(again.read(0), whole)
    picture = Picture(path)
    assert np.array_equal(picture.pixels, whole)
    assert "converted from Display P3" in picture.description
    if kind != "planes":
        assert np.array_equal(Picture(Image.open(path)).pixels, whole)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "jpeg"])
@pytest.mark.parametrize("mode", ["YCbCr", "CMYK"])
def test_a_tiff_in_other_colors_becomes_rgb(
    mode: str, compression: str | None, tmp_path: Path
) -> None:
    pytest.importorskip("tifffile")
    image = Image.fromarray(COLORS).convert(mode)
    path, pages = tmp_path / "a.tif", tmp_path / "pages.tif"
    image.save(path, compression=compression)
    try:
        expected = np.asarray(Image.open(path).convert("RGB")).astype(int)
    except OSError:
        pytest.skip("this Pillow can't read what it has written")
    with open_pyramid(path) as pyramid:
        assert abs(pyramid.read(0).astype(int) - expected).max() <= 8
    of_an_image = Picture(Image.open(path)).pixels.astype(int)
    assert abs(Picture(path).pixels - of_an_image).max() <= 1  # Pillow rounds YCbCr down
    image.save(pages, compression=compression, save_all=True, append_images=[image])
    with open_pyramid(pages) as pyramid:
        assert abs(pyramid.read(0, index=(1,)).astype(int) - expected).max() <= 8


def test_gray_and_deep_tiffs_with_a_profile(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    path, profile = tmp_path / "a.tif", make_profile("g", space="gray", gamma=1)
    tifffile.imwrite(path, GRAY, extratags=tag(profile))
    assert np.array_equal(Picture(path).pixels, Picture(Image.open(path)).pixels)
    assert not np.array_equal(Picture(path).pixels, GRAY)
    deep = COLORS.astype(np.uint16) * 257
    tifffile.imwrite(path, deep, photometric="rgb", extratags=tag(make_profile("Display P3")))
    assert np.array_equal(Picture(path).pixels, Picture(deep).pixels)
    assert "colors of Display P3, not converted" in Picture(path).description
    tifffile.imwrite(path, COLORS, photometric="rgb", extratags=tag(SRGB))
    assert np.array_equal(Picture(path).pixels, COLORS)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_libvips_converts_alike(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("pyvips")
    from nbimage.pyramid.core.pyramid import Pyramid
    from nbimage.pyramid.sources.vips_image import VipsSource

    path, profile = tmp_path / f"a.{suffix}", make_profile("Display P3")
    Image.fromarray(COLORS).save(path, icc_profile=profile)
    with Pyramid(VipsSource(path)) as pyramid, open_pyramid(path) as other:
        assert np.array_equal(pyramid.read(0), other.read(0))
        assert pyramid.metadata.note == other.metadata.note
        assert near(pyramid.read(0), to_srgb(COLORS, "Display P3"))


@pytest.mark.parametrize("kind", ["palette", "deep", "damaged"])
def test_libvips_converts_and_tells_of_a_tiff_alike(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("pyvips")
    tifffile = pytest.importorskip("tifffile")
    from nbimage.pyramid.core.pyramid import Pyramid
    from nbimage.pyramid.sources.vips_image import VipsSource

    path, profile, array = tmp_path / "a.tif", make_profile("Display P3"), COLORS
    options: dict[str, Any] = {"photometric": "rgb"}
    if kind == "palette":
        array = np.arange(60 * 80, dtype=np.uint8).reshape(60, 80)
        palette = np.random.default_rng(3).integers(0, 1 << 16, (3, 256), dtype=np.uint16)
        options = {"photometric": "palette", "colormap": palette}
    elif kind == "deep":
        array = COLORS.astype(np.uint16) * 257
    else:
        profile = b"of no use"
    tifffile.imwrite(path, array, metadata=None, extratags=tag(profile), **options)
    with open_pyramid(path) as whole, Pyramid(VipsSource(path)) as found:
        assert np.array_equal(found.read(0), whole.read(0))
        assert found.metadata.note == whole.metadata.note != ""
