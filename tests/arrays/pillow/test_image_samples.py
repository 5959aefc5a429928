"""A `PIL.Image` of any mode, with its transparent value, its bits and its colors."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage import Picture
from nbimage.arrays.ingest import Values, as_values
from nbimage.arrays.orientation import find_turn
from nbimage.arrays.pillow.image_samples import find_kind, read_samples
from nbimage.pyramid.open import open_pyramid
from tests.picture_files import Array, make_netpbm, make_png

RANDOM = np.random.default_rng(14)
LOW = RANDOM.integers(0, 5, (12, 17), dtype=np.uint16)
COLORS = RANDOM.integers(0, 3, (12, 17, 3), dtype=np.uint16)
TWELVE_BITS = RANDOM.integers(0, 4096, (12, 17, 4), dtype=np.uint16)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def clear(values: Values) -> Array:
    """Where an image is transparent."""
    array = np.asarray(values.array)
    if values.mask is not None:
        return values.mask if array.ndim == 2 else values.mask.any(axis=2)
    if array.ndim == 3 and array.shape[2] in (2, 4):
        return np.asarray(array[:, :, -1] == 0)
    return np.zeros(array.shape[:2], bool)


def check_kind(image: Image.Image) -> Values:
    """Read an image whose head alone tells what comes; twice, which is the same."""
    kind, values = find_kind(image), as_values(image)
    array = np.asarray(values.array)
    assert (1 if array.ndim == 2 else array.shape[2], array.dtype) == kind[:2]
    assert kind.missing or values.mask is None
    again = as_values(image)
    assert np.array_equal(again.array, array)
    assert np.array_equal(clear(again), clear(values))
    return values


@pytest.mark.parametrize("mode", ["YCbCr", "CMYK", "LAB", "La"])
def test_a_tiffs_missing_value_is_none_of_colors_that_are_converted(
    mode: str, tmp_path: Path
) -> None:
    found = []
    for nodata in ("0", None):
        tags: dict[int, Any] = {} if nodata is None else {42113: nodata}
        path = tmp_path / f"{nodata}.tif"
        if mode == "La":
            tifffile.imwrite(
                path,
                np.stack([LOW, 100 + 30 * LOW], 2).astype(np.uint8),
                photometric="minisblack",
                extrasamples=["assocalpha"],
                extratags=[(tag, "s", 0, text, True) for tag, text in tags.items()],
            )
        else:
            planes = len(Image.new(mode, (1, 1)).getbands())
            samples = TWELVE_BITS[:, :, :planes].astype(np.uint8) % 3
            Image.fromarray(samples, mode).save(path, tiffinfo=tags)
        image = Image.open(path)
        assert image.mode == mode
        assert image.tag_v2.get(42113) == nodata  # type: ignore[attr-defined]
        found.append(check_kind(image))
    assert found[0].mask is None
    assert np.array_equal(found[0].array, found[1].array)


@pytest.mark.parametrize("colors", [1, 3])
@pytest.mark.parametrize("nodata", [0, 7, 255])
def test_a_tiffs_missing_value_is_one_of_colors_not_of_alpha(colors: int, nodata: int) -> None:
    array = RANDOM.integers(1, 255, (12, 17, colors + 1), np.uint8)
    array[2, 3, 0], array[4, 5, -1] = nodata, nodata or 9
    file = io.BytesIO()
    kind: Any = "rgb" if colors == 3 else "minisblack"
    tags = [(42113, "s", 0, str(nodata), True)]
    tifffile.imwrite(file, array, photometric=kind, extrasamples=["unassalpha"], extratags=tags)
    values = as_values(Image.open(file))
    assert np.array_equal(clear(values), (array[:, :, :-1] == nodata).any(axis=2))


@pytest.mark.parametrize("kind", ["unassalpha", "assocalpha"])
def test_deep_colors_with_alpha_are_read_whole(kind: Any) -> None:
    array = np.sort(TWELVE_BITS, axis=2) + 1  # no color above its alpha
    file = io.BytesIO()
    tifffile.imwrite(file, array, photometric="rgb", extrasamples=[kind])
    found = as_values(Image.open(file))
    assert found.array.dtype == np.uint16
    if kind == "unassalpha":
        assert np.array_equal(found.array, array)
    else:
        assert np.array_equal(found.array[:, :, 3], array[:, :, 3])
        wanted = array[:, :, :3] / array[:, :, 3:] * 65535
        assert np.abs(np.asarray(found.array[:, :, :3]) - wanted).max() <= 1


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("decoded", [False, True])
def test_a_transparency_key_of_gray_is_transparent(bits: int, decoded: bool) -> None:
    array = np.minimum(LOW, (1 << bits) - 1)
    for key in (0, 1, int(array.max())):
        image = opened(make_png(array, bits, key=[key]))
        if decoded:
            image.load()
        values = check_kind(image)
        assert np.array_equal(clear(values), array == key)
        scale = {1: 1, 2: 85, 4: 17}.get(bits, 1)
        assert np.array_equal(values.array, array * scale)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_transparency_key_of_colors_is_transparent(bits: int) -> None:
    values = check_kind(opened(make_png(COLORS, bits, key=[1, 2, 0])))
    assert np.array_equal(clear(values), (COLORS == [1, 2, 0]).all(axis=2))
    assert np.array_equal(np.asarray(values.array)[:, :, :3], COLORS)


def test_a_key_of_16_bits_does_not_count_for_the_limits() -> None:
    gray = TWELVE_BITS[:, :, 0].copy()
    gray[:3] = 65535
    picture = Picture(opened(make_png(gray, 16, key=[65535])))
    plain = Picture(np.ma.array(gray, mask=gray == 65535))
    assert picture.description == plain.description
    assert np.array_equal(picture.pixels, plain.pixels)
    colors = TWELVE_BITS[:, :, :3].copy()
    colors[:3] = 65535
    picture = Picture(opened(make_png(colors, 16, key=[65535] * 3)))
    assert f", values {colors[3:].min()} to {colors[3:].max()}, " in picture.description


@pytest.mark.parametrize("alpha", [[0], [255, 0, 128], [255, 255, 0]])
def test_a_palette_has_its_alpha(alpha: list[int]) -> None:
    palette = RANDOM.integers(0, 256, (5, 3))
    table = np.column_stack([palette, [*alpha, *[255] * (5 - len(alpha))]])
    for bits in (4, 8):
        image = opened(make_png(LOW, bits, palette=palette, palette_alpha=alpha))
        assert np.array_equal(check_kind(image).array, table[LOW])
    image.apply_transparency()  # now the palette holds it
    assert np.array_equal(check_kind(image).array, table[LOW])


KEYS_IN_MEMORY: dict[str, tuple[Array, Any]] = {
    "1": (LOW > 2, 255),
    "L": (LOW.astype(np.uint8), 2),
    "I;16": (LOW, 3),
    "I": (LOW.astype(np.int32), 3),
    "F": (LOW.astype(np.float32), 3),
    "RGB": (COLORS.astype(np.uint8), (1, 2, 0)),
}


@pytest.mark.parametrize("mode", KEYS_IN_MEMORY)
def test_the_key_of_an_image_in_memory_is_transparent(mode: str) -> None:
    array, key = KEYS_IN_MEMORY[mode]
    image = Image.fromarray(array)
    assert image.mode == mode
    image.info["transparency"] = key
    expected = array == (key if mode != "1" else True)
    values = check_kind(image)
    assert np.array_equal(clear(values), expected.all(axis=2) if array.ndim == 3 else expected)


@pytest.mark.parametrize("key", [2, b"\xff\xff\x00"])
def test_the_key_of_a_palette_in_memory_is_transparent(key: Any) -> None:
    image = Image.fromarray(LOW.astype(np.uint8))
    image.putpalette([*range(15)])
    image.info["transparency"] = key
    assert image.mode == "P"
    assert np.array_equal(clear(check_kind(image)), LOW == 2)


def test_a_gif_is_transparent_where_it_says_so() -> None:
    image = Image.fromarray(LOW.astype(np.uint8))
    image.putpalette([40, 9, 7] * 256)
    file = io.BytesIO()
    image.save(file, "gif", transparency=2, optimize=False)
    assert np.array_equal(clear(check_kind(opened(file.getvalue()))), LOW == 2)


# Bits


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("package", ["imagecodecs", None])
def test_16_bits_of_a_png_are_read(
    channels: int, package: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if package is None:
        monkeypatch.setitem(sys.modules, "imagecodecs", None)
    array = TWELVE_BITS[:, :, 0] if channels == 1 else TWELVE_BITS[:, :, :channels]
    image = opened(make_png(array, 16))
    values = check_kind(image)
    assert values.array.dtype == np.uint16
    assert np.array_equal(values.array, array)
    image.load()  # the caller's image is as it was
    assert image.size == (17, 12)


@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("channels", [3, 4])
def test_16_bits_of_a_tiff_are_read(order: Any, compression: str | None, channels: int) -> None:
    tifffile = pytest.importorskip("tifffile")
    array, file = TWELVE_BITS[:, :, :channels], io.BytesIO()
    extra = ["unassalpha"] if channels == 4 else None
    with tifffile.TiffWriter(file, byteorder=order) as tiff:
        for page in (array[::-1], array):
            tiff.write(page, photometric="rgb", extrasamples=extra, compression=compression)
    image = opened(file.getvalue())
    image.seek(1)
    assert np.array_equal(check_kind(image).array, array)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("largest", [1023, 4095, 65535])
@pytest.mark.parametrize("plain", [False, True])
def test_netpbm_has_the_samples_of_its_file(channels: int, largest: int, plain: bool) -> None:
    array = TWELVE_BITS[:, :, 0] if channels == 1 else TWELVE_BITS[:, :, :3]
    array = np.minimum(array, largest)
    values = check_kind(opened(make_netpbm(array, largest, plain=plain)))
    assert values.array.dtype == np.uint16
    assert np.array_equal(values.array, array)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize(("dtype", "bits"), [("u2", 12), ("u2", 16), ("i1", 8), ("i2", 12)])
@pytest.mark.parametrize("container", ["jp2", "j2k"])
def test_jpeg_2000_has_all_its_bits_and_its_sign(
    channels: int, dtype: str, bits: int, container: str
) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    least = -(1 << bits - 1) if dtype[0] == "i" else 0
    array = TWELVE_BITS[:, :, 0] if channels == 1 else TWELVE_BITS[:, :, :channels]
    array = (array.astype(np.int64) % (1 << bits) + least).astype(dtype)
    data = imagecodecs.jpeg2k_encode(
        array, level=0, reversible=True, bitspersample=bits, codecformat=container
    )
    assert np.array_equal(check_kind(opened(data)).array, array)
    full = ((least, least + (1 << bits) - 1),) * channels if bits == 12 else ()
    assert read_samples(opened(data)).full_scale == full


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("bits", [10, 12])
def test_avif_has_all_its_bits(channels: int, bits: int, tmp_path: Path) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    array = TWELVE_BITS[:, :, 0] if channels == 1 else TWELVE_BITS[:, :, :channels]
    array = array % (1 << bits)
    (tmp_path / "a.avif").write_bytes(imagecodecs.avif_encode(array, level=100, bitspersample=bits))
    values = check_kind(Image.open(tmp_path / "a.avif"))
    assert np.array_equal(values.array, array)
    with open_pyramid(tmp_path / "a.avif") as pyramid:
        assert np.array_equal(pyramid.read(0), array)
        assert pyramid.metadata.windows == ((0, (1 << bits) - 1),) * channels


@pytest.mark.parametrize("count", [2, 3])
def test_an_animation_of_avif_has_8_bits(count: int) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    frames = np.stack([TWELVE_BITS[:, :, :3] % 1024] * count)
    image = opened(imagecodecs.avif_encode(frames, level=100, bitspersample=10))
    assert image.n_frames == count  # type: ignore[attr-defined]
    assert check_kind(image).array.dtype == np.uint8


def test_jpeg_2000_says_what_its_bits_need(monkeypatch: pytest.MonkeyPatch) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    image = opened(imagecodecs.jpeg2k_encode(TWELVE_BITS[:, :, :3], level=0, reversible=True))
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(ImportError, match=r"^JPEG 2000 .*imagecodecs: pip install 'nbimage\[tiff"):
        as_values(image)


def test_sgi_has_all_its_bits() -> None:
    for array in (TWELVE_BITS[:, :, 0], TWELVE_BITS[:, :, :3], TWELVE_BITS):
        rows, columns = array.shape[:2]
        planes = np.atleast_3d(array).transpose(2, 0, 1)[:, ::-1]
        head = np.array([474, 2, 3 if array.ndim == 3 else 2, columns, rows, len(planes)], ">u2")
        head[1] = 2  # not compressed, two bytes
        data = head.tobytes().ljust(512, b"\0") + planes.astype(">u2").tobytes()
        assert np.array_equal(check_kind(opened(data)).array, array)


@pytest.mark.parametrize("mode", ["I;16B", "I;16L"])
def test_other_byte_orders_are_the_same_samples(mode: str) -> None:
    order = ">" if mode == "I;16B" else "<"
    image = Image.frombytes(mode, (17, 12), LOW.astype(f"{order}u2").tobytes())
    assert np.array_equal(as_values(image).array, LOW)
    assert np.array_equal(Picture(image).pixels, Picture(LOW).pixels)


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_16_bits_of_a_turned_tiff_are_upright(
    orientation: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tifffile = pytest.importorskip("tifffile")
    array, path = TWELVE_BITS[:, :, :3], tmp_path / "a.tif"
    tag = [(274, 3, 1, orientation, True)]
    tifffile.imwrite(path, array, photometric="rgb", extratags=tag)
    upright = find_turn(orientation).apply(array)
    assert np.array_equal(as_values(Image.open(path)).array, upright)
    assert np.array_equal(Picture(path).pixels, Picture(upright).pixels)
    monkeypatch.setitem(sys.modules, "tifffile", None)
    assert np.array_equal(Picture(path).pixels, Picture(upright).pixels)


@pytest.mark.parametrize("orientation", [5, 6])
@pytest.mark.parametrize("mode", ["L", "RGBA", "I;16"])
def test_a_tiff_that_pillow_maps_is_upright(mode: str, orientation: int, tmp_path: Path) -> None:
    samples = {"L": LOW.astype(np.uint8), "I;16": LOW, "RGBA": TWELVE_BITS.astype(np.uint8)}[mode]
    path = tmp_path / "a.tif"
    Image.fromarray(samples).save(path, tiffinfo={274: orientation})
    image = Image.open(path)
    assert image.mode == mode
    assert np.array_equal(as_values(image).array, find_turn(orientation).apply(samples))
    assert image.filename == str(path)


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("alpha", ["", "unassalpha", "assocalpha"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_16_bits_of_planes_are_read(
    compression: str | None, alpha: str, orientation: int, tmp_path: Path
) -> None:
    tifffile = pytest.importorskip("tifffile")
    array = TWELVE_BITS.copy() if alpha else TWELVE_BITS[..., :3]
    if alpha == "assocalpha":
        array[..., 3] = 4095
    path, planes = tmp_path / "a.tif", np.moveaxis(array, -1, 0)
    tifffile.imwrite(
        path,
        planes,
        photometric="rgb",
        planarconfig="separate",
        compression=compression,
        extrasamples=[alpha] if alpha else None,
        extratags=[(274, 3, 1, orientation, True)],
    )
    upright = find_turn(orientation).apply(array).astype(np.int64)
    if alpha == "assocalpha":
        upright[..., :3] = upright[..., :3] * 65535 // 4095
    image = Image.open(path)
    assert np.array_equal(as_values(image).array, upright)
    assert image.tile  # the caller's image is as it was


def test_8_bits_of_a_tiff_have_their_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tifffile = pytest.importorskip("tifffile")
    array, path = np.arange(-128, 112, dtype=np.int8).reshape(12, 20), tmp_path / "a.tif"
    nodata = [(42113, "s", 0, "-128", True)]
    tifffile.imwrite(path, array, photometric="minisblack", extratags=nodata)
    values = as_values(Image.open(path))
    assert np.array_equal(values.array, array)
    assert values.mask is not None and np.array_equal(values.mask, array == -128)
    expected = Picture(np.ma.masked_equal(array, -128)).pixels
    assert np.array_equal(Picture(path).pixels, expected)
    monkeypatch.setitem(sys.modules, "tifffile", None)
    assert np.array_equal(Picture(path).pixels, expected)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_an_icon_is_read_by_its_path(mode: str, tmp_path: Path) -> None:
    image = Image.fromarray(TWELVE_BITS.astype(np.uint8), "RGBA").convert(mode).resize((16, 16))
    path = tmp_path / "a.icns"
    image.save(path, append_images=[image])
    opened_again = Image.open(path)
    assert np.array_equal(Picture(path).pixels, Picture(opened_again).pixels)
    assert np.array_equal(as_values(opened_again).array, np.asarray(opened_again))
