"""Formats beyond Pillow's: read right where a decoder is, else refused in one line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import h5py
import imagecodecs
import numpy as np
import pillow_heif
import pytest
import scipy.io

from nbimage import Grid, Picture, Video, View, encode, open_pyramid
from nbimage.cli.main import main

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(7)
SHAPE = (24, 36)
ARRAYS: dict[str, Array] = {
    "gray8": RANDOM.integers(0, 256, SHAPE, np.uint8),
    "gray16": RANDOM.integers(0, 65536, SHAPE, np.uint16),
    "rgb8": RANDOM.integers(0, 256, (*SHAPE, 3), np.uint8),
    "rgb16": RANDOM.integers(0, 65536, (*SHAPE, 3), np.uint16),
    "rgba8": RANDOM.integers(0, 256, (*SHAPE, 4), np.uint8),
    "float": RANDOM.random(SHAPE, np.float32),
    "rgbfloat": RANDOM.random((*SHAPE, 3), np.float32),
}
WRITERS: dict[str, Any] = {
    "jxl": lambda array: imagecodecs.jpegxl_encode(array, lossless=True),
    "jxr": lambda array: imagecodecs.jpegxr_encode(array, level=100),
    "jls": imagecodecs.jpegls_encode,
    "lerc": imagecodecs.lerc_encode,
    "qoi": imagecodecs.qoi_encode,
    "webp": lambda array: imagecodecs.webp_encode(array, lossless=True),
    "ljpeg": lambda array: imagecodecs.ljpeg_encode(array),
}
KINDS = [
    *[("jxl", name) for name in ARRAYS],
    *[("jxr", name) for name in ("gray8", "gray16", "rgb8", "rgb16", "rgba8")],
    *[("jls", name) for name in ("gray8", "gray16", "rgb8")],
    *[("lerc", name) for name in ARRAYS],
    *[("qoi", name) for name in ("rgb8", "rgba8")],
    *[("webp", name) for name in ("rgb8", "rgba8")],
    ("ljpeg", "gray16"),
]
DOORS: list[Any] = [
    Picture,
    View,
    lambda path: View(path, embed=False),
    Video,
    lambda path: Grid([path]),
    encode,
    open_pyramid,
]


@pytest.mark.parametrize(("suffix", "name"), KINDS)
def test_samples_are_those_that_were_written(suffix: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(WRITERS[suffix](ARRAYS[name]))
    with open_pyramid(path) as pyramid:
        assert pyramid.dtype == ARRAYS[name].dtype
        assert np.array_equal(pyramid.read(0), ARRAYS[name])
    assert np.array_equal(Picture(path).pixels, Picture(ARRAYS[name]).pixels)


@pytest.mark.parametrize("suffix", ["jxl", "jxr", "jls", "lerc"])
def test_every_door_opens_them(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / "without_a_suffix"
    path.write_bytes(WRITERS[suffix](ARRAYS["rgb8"]))
    for door in DOORS:
        door(path)
    path.write_bytes(path.read_bytes()[:40])
    for door in DOORS:
        with pytest.raises(
            ValueError, match=r"^(?:(?!\n).)*must be a whole picture: (?:(?!\n).)*$"
        ):
            door(path)


def test_frames_of_a_jpeg_xl_are_an_axis(tmp_path: Path) -> None:
    frames = np.stack([ARRAYS["rgb8"], ARRAYS["rgb8"][::-1]])
    path = tmp_path / "a.jxl"
    path.write_bytes(imagecodecs.jpegxl_encode(frames, lossless=True))
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == (("frame", 2),)
        assert np.array_equal(pyramid.read(0, index=(1,)), frames[1])
    assert Video(path).description.startswith("2 frames")


def test_jpegs_of_12_bits_have_their_own_full_scale(tmp_path: Path) -> None:
    smooth = np.add.outer(np.arange(24) * 60, np.arange(36) * 70).astype(np.uint16)
    path = tmp_path / "a.jpg"
    path.write_bytes(imagecodecs.jpeg8_encode(smooth, level=98, bitspersample=12))
    with open_pyramid(path) as pyramid:
        assert np.abs(pyramid.read(0).astype(int) - smooth).max() < 40
    assert "white is 4095" in Picture(path, contrast="infer").description


def test_what_lerc_masks_is_missing(tmp_path: Path) -> None:
    mask = RANDOM.random(SHAPE) > 0.3
    path = tmp_path / "a.lerc"
    path.write_bytes(imagecodecs.lerc_encode(ARRAYS["float"], masks=mask))
    assert np.array_equal(Picture(path).render()[..., -1] > 0, mask)


@pytest.mark.parametrize("order", ["<", ">"])
def test_float_maps_are_the_right_way_up(order: str, tmp_path: Path) -> None:
    for name, head in (("float", b"Pf"), ("rgbfloat", b"PF")):
        array = ARRAYS[name]
        text = head + b"\n36 24\n" + (b"-1.0" if order == "<" else b"1.0") + b"\n"
        path = tmp_path / "a.pfm"
        path.write_bytes(text + array[::-1].astype(f"{order}f4").tobytes())
        with open_pyramid(path) as pyramid:
            assert np.array_equal(pyramid.read(0), array)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ValueError, match="less than 24 rows of 36 pixels"):
        open_pyramid(path)


def test_radiance_has_its_brightness(tmp_path: Path) -> None:
    path = tmp_path / "a.hdr"
    path.write_bytes(imagecodecs.rgbe_encode(ARRAYS["rgbfloat"] * 100, header=True))
    with open_pyramid(path) as pyramid:
        found = pyramid.read(0)
    brightest = found.max(axis=-1, keepdims=True)
    assert (np.abs(found - ARRAYS["rgbfloat"] * 100) <= brightest / 128).all()
    turned = path.read_bytes().replace(b"-Y ", b"+Y ")
    path.write_bytes(turned)
    with pytest.raises(ValueError, match=r"rows must go down .*, -Y \+X, but got \+Y \+X: turn"):
        open_pyramid(path)


def test_photos_in_heif_have_their_bits(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    image = pillow_heif.from_bytes("RGB", SHAPE[::-1], ARRAYS["rgb8"].tobytes())
    image.save(path, quality=-1, chroma=444, matrix_coefficients=0)
    for door in DOORS:
        door(path)
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0), ARRAYS["rgb8"])
    deep = ARRAYS["rgb16"] >> 6 << 6
    image = pillow_heif.from_bytes("RGB;16", SHAPE[::-1], deep.tobytes())
    image.save(path, quality=-1, chroma=444, matrix_coefficients=0)
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0), deep >> 6)
    assert "white is 1023" in Picture(path, contrast="infer").description


def test_without_its_package_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jxl").write_bytes(WRITERS["jxl"](ARRAYS["gray8"]))
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic")
    for package in ("imagecodecs", "pillow_heif"):
        monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(
        ImportError, match=r"a\.jxl can't be opened: JPEG XL needs imagecodecs: pip"
    ):
        Picture(tmp_path / "a.jxl")
    with pytest.raises(ImportError, match=r"HEIF needs pillow-heif: pip install 'nbimage\[heif\]'"):
        Picture(tmp_path / "a.heic")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "a.grib",
            b"GRIB\0\0\0\2",
            r"is GRIB, .+ give xarray\.open_dataset\(path, engine='cfgrib'\)",
        ),
        ("a", b"GRIB\0\0\0\1", r"is GRIB, .+ engine='cfgrib'"),
        ("a.bin", b"BUFR\0\0\0\4", r"is BUFR, .+ pdbufr"),
        ("a.exr", b"\x76\x2f\x31\x01\2\0\0\0", r"is OpenEXR, .+ OpenEXR\.File"),
        ("a.mp4", b"\0\0\0\x18ftypisom", "must be a whole video, .+ moov"),
        ("a", b"\0\0\0\x18ftypqt  ", "must be a whole video, .+ moov"),
        ("a.mrc", bytes(208) + b"MAP DA", r"is MRC, .+ mrcfile\.mmap"),
        ("a.csv", b"1,2\n3,4\n", r"is text, .+ numpy\.loadtxt"),
        ("a", b"\x1f\x8b\x08\0", "is packed, .+ unpacked"),
        ("a.png", b"", "must be a whole picture: it is empty"),
        ("a.pt", b"PK\3\4", r"is of PyTorch, .+ torch\.load"),
        ("a.nrrd", b"NRRD0004\n", r"is NRRD, .+ SimpleITK"),
    ],
)
def test_what_is_not_read_is_refused_with_what_reads_it(
    name: str, content: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content.ljust(300, b"\0") if content else content)
    for door in DOORS:
        with pytest.raises(ValueError, match=words) as error:
            door(path)
        assert "\n" not in str(error.value)
    assert main(["info", str(path)]) != 0
    assert re.search(words, capsys.readouterr().err)


def test_matlab_files_have_their_rows_and_colors(tmp_path: Path) -> None:
    arrays = {name: ARRAYS[name] for name in ("gray16", "rgb8", "float")}
    planes = RANDOM.random((*SHAPE, 5))
    for name, array in {**arrays, "planes": planes}.items():
        old, new = tmp_path / f"{name}.mat", tmp_path / f"{name}7.mat"
        scipy.io.savemat(old, {"a": array, "title": "text"})
        with h5py.File(new, "w", userblock_size=512) as file:
            file["a"] = array.T
            file["a"].attrs["MATLAB_class"] = np.bytes_(str(array.dtype))
            file["title"] = np.zeros((4, 1), np.uint16)
            file["title"].attrs["MATLAB_class"] = np.bytes_("char")
        for path in (old, new, old / "a", new / "a"):
            with open_pyramid(path) as pyramid:
                assert pyramid.dtype == array.dtype
                assert pyramid.shapes[0] == SHAPE
                if name == "planes":
                    assert pyramid.axes == (("page", 5),)
                    assert np.array_equal(pyramid.read(0, index=(2,)), planes[..., 2])
                    part = pyramid.read(0, slice(3, 9), slice(4, 20), index=(2,))
                    assert np.array_equal(part, planes[3:9, 4:20, 2])
                else:
                    assert np.array_equal(pyramid.read(0), array)


def test_several_matlab_variables_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"first": ARRAYS["float"], "second": ARRAYS["gray8"]})
    words = r"holds first \(24, 36\), second \(24, 36\): name one, such as .+a\.mat/first"
    with pytest.raises(ValueError, match=words):
        Picture(path)
    assert np.array_equal(Picture(path / "second").pixels, Picture(ARRAYS["gray8"]).pixels)
