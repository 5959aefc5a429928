"""The windows of a DICOM dataset are the first limits; frames and codecs of other kinds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_voi_lut

from nbimage import Grid, Picture, Video, View, open_pyramid
from nbimage.arrays.dicom.windows import read_table
from nbimage.arrays.ingest import as_values
from tests.arrays.dicom.test_values import COUNTS, dataset, values

Array = np.ndarray[Any, Any]


def table(first: int, entries: Any, bits: int = 16) -> Any:
    found = pydicom.dataset.Dataset()
    found.LUTDescriptor, found.LUTData = [len(entries), first, bits], list(map(int, entries))
    found["LUTDescriptor"].VR = found["LUTData"].VR = "US"
    return found


def group(name: str, **elements: Any) -> Any:
    inner, found = pydicom.dataset.Dataset(), pydicom.dataset.Dataset()
    for key, value in elements.items():
        setattr(inner, key, value)
    setattr(found, name, [inner])
    return found


def limits(data: Any) -> set[tuple[float, float]]:
    """Return the first limits of all doors."""
    texts = [
        Picture(data).description,
        Grid([data]).pictures[0].description,
        Video([data, data]).description,
        repr(View(data)),
        repr(View(data, embed=False)),
    ]
    found = [re.search(r"black is (-?\d+), white is (-?\d+)", text) for text in texts]
    assert all(found), texts
    return {(float(one[1]), float(one[2])) for one in found if one}


@pytest.mark.parametrize(
    ("more", "expected", "note"),
    [
        ({"WindowCenter": 1000.5, "WindowWidth": 801}, (600, 1400), ""),
        (
            {"WindowCenter": 1000, "WindowWidth": 800, "VOILUTFunction": "LINEAR_EXACT"},
            (600, 1400),
            "",
        ),
        (
            {"WindowCenter": 1000, "WindowWidth": 800, "VOILUTFunction": "SIGMOID"},
            (600, 1400),
            "the window's sigmoid is shown as a line",
        ),
        (
            {
                "WindowCenter": ["1000.5", "200.5"],
                "WindowWidth": ["801", "101"],
                "WindowCenterWidthExplanation": ["BONE", "LUNG"],
            },
            (600, 1400),
            "the first of 2 windows: BONE 600 to 1400; LUNG 150 to 250",
        ),
        ({"VOILUTSequence": [table(600, np.arange(801) * 80)]}, (600, 1400), ""),
        (
            {"VOILUTSequence": [table(500, [0] * 101 + [9, 50] * 399 + [50] * 30)]},
            (600, 1398),
            "the VOI table is shown as a line between its ends",
        ),
    ],
)
def test_a_window_is_the_first_limits(
    more: dict[str, Any], expected: tuple[float, float], note: str
) -> None:
    data = dataset(COUNTS, bits=12, **more)
    assert limits(data) == {expected}
    assert as_values(data).metadata.note == note
    inverted = dataset(4095 - COUNTS, "MONOCHROME1", 12, **more)
    assert limits(inverted) == {tuple(4095 - end for end in reversed(expected))}


def test_a_linear_table_is_shown_as_pydicom_does() -> None:
    data = dataset(COUNTS, bits=12, VOILUTSequence=[table(600, np.arange(801) * 80)])
    expected = np.asarray(apply_voi_lut(COUNTS, data)) / 64000 * 255
    assert np.abs(Picture(data).pixels - expected).max() <= 1


@pytest.mark.parametrize("count", [1, 2, 3, 256])
@pytest.mark.parametrize("dtype", ["u1", "<u2"])
def test_bytes_of_a_table_are_of_8_or_16_bits(count: int, dtype: str) -> None:
    entries = ((np.arange(count) * 3 + 1) % 256).astype(dtype)
    item = table(0, entries)
    item["LUTData"] = pydicom.DataElement("LUTData", "OW", entries.tobytes())
    assert read_table(item).tolist() == entries.tolist()
    item["LUTData"] = pydicom.DataElement("LUTData", "OW", entries.tobytes()[: count - 1])
    with pytest.raises(ValueError, match=rf"a table of {count} values of 16 bits has {count - 1}"):
        read_table(item)


def test_a_window_after_a_modality_table_is_in_its_values() -> None:
    modality = [table(0, 5000 + np.arange(4096))]
    data = dataset(
        COUNTS, bits=12, ModalityLUTSequence=modality, WindowCenter=6000.5, WindowWidth=1001
    )
    assert limits(data) == {(5500, 6500)}
    inverted = dataset(
        COUNTS,
        "MONOCHROME1",
        12,
        ModalityLUTSequence=modality,
        WindowCenter=6000.5,
        WindowWidth=1001,
    )
    assert np.array_equal(values(inverted), 65535 - 5000 - COUNTS)
    shown, plain = Picture(inverted).pixels.astype(int), Picture(data).pixels.astype(int)
    assert np.abs(shown + plain - 255).max() <= 1


def test_floats_of_monochrome1_are_inverted() -> None:
    data = dataset(COUNTS, "MONOCHROME1", 12, WindowCenter=1000.5, WindowWidth=801)
    del data.PixelData
    samples = COUNTS.astype(np.float32)
    data.FloatPixelData, data.BitsAllocated = samples.tobytes(), 32
    data["FloatPixelData"].VR = "OF"
    plain = Picture(COUNTS, vmin=600, vmax=1400).pixels
    assert np.abs(Picture(data).pixels.astype(int) - (255 - plain.astype(int))).max() <= 1


def test_frames_have_their_windows_and_directions() -> None:
    data = dataset(np.stack([COUNTS] * 3), bits=12)
    groups = []
    for number in range(3):
        one = group("FrameVOILUTSequence", WindowCenter=1000.5 + number, WindowWidth=801)
        one.update(group("PlanePositionSequence", ImagePositionPatient=[0, 0, 2.5 * number]))
        one.update(group("PlaneOrientationSequence", ImageOrientationPatient=LEVEL))
        groups.append(one)
    data.PerFrameFunctionalGroupsSequence = groups
    found = as_values(data).metadata
    assert found.windows == ((600, 1400),)
    assert found.note == "the window of the first frame, others have their own"
    assert found.coordinates[0] is not None
    assert np.array_equal(found.coordinates[0].listed(3), [0, 2.5, 5])
    upright = group("PlaneOrientationSequence", ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    groups[2].PlaneOrientationSequence = upright.PlaneOrientationSequence
    along = as_values(data).metadata.coordinates
    assert not along or along[0] is None


LEVEL = [1, 0, 0, 0, 1, 0]


def test_doses_are_in_grays() -> None:
    data = dataset(
        np.stack([COUNTS, COUNTS]),
        DoseGridScaling="0.5",
        DoseUnits="GY",
        GridFrameOffsetVector=[0, 3],
    )
    found = as_values(data)
    assert np.array_equal(found.array, np.stack([COUNTS, COUNTS]) / 2)
    assert found.metadata.unit == "Gy"
    assert found.metadata.coordinates[0] is not None


@pytest.mark.parametrize(
    ("syntax", "encode"),
    [
        ("JPEGLSLossless", imagecodecs.jpegls_encode),
        ("JPEGLosslessSV1", imagecodecs.ljpeg_encode),
        ("JPEG2000Lossless", lambda frame: imagecodecs.jpeg2k_encode(frame, level=0)),
        ("HTJ2KLossless", lambda frame: imagecodecs.jpeg2k_encode(frame, level=0)),
    ],
)
@pytest.mark.parametrize("signed", [False, True])
def test_pixels_of_any_codec_are_exact(
    syntax: str, encode: Any, signed: bool, tmp_path: Path
) -> None:
    frames = np.stack([COUNTS, COUNTS[::-1]]).astype(np.int16 if signed else np.uint16)
    frames = frames - np.int16(1500) if signed else frames
    bits = 16 if signed else 12
    data = dataset(frames, bits=bits)
    codestreams = [encode(np.ascontiguousarray(frame.view(np.uint16))) for frame in frames]
    data.PixelData = encapsulate(codestreams)
    data["PixelData"].VR = "OB"
    data.file_meta.TransferSyntaxUID = getattr(pydicom.uid, syntax)
    path = tmp_path / "a.dcm"
    data.save_as(path, enforce_file_format=True)
    with open_pyramid(path) as pyramid:
        for number, frame in enumerate(frames):
            assert np.array_equal(pyramid.read(0, index=(number,)), frame)


@pytest.mark.parametrize(
    ("packed", "plain"),
    [
        ("MR_small_jpeg_ls_lossless.dcm", "MR_small.dcm"),
        ("SC_rgb_jpeg_gdcm.dcm", "SC_rgb_gdcm_KY.dcm"),
    ],
)
def test_files_of_other_codecs_are_those_of_plain_ones(packed: str, plain: str) -> None:
    folder = Path(pydicom.__file__).parent / "data/test_files"
    found, expected = (pydicom.dcmread(folder / name) for name in (packed, plain))
    assert np.array_equal(values(found), values(expected))


@pytest.mark.parametrize("colors", [False, True])
def test_frames_say_themselves_how_deep_they_are_and_how_colors_lie(colors: bool) -> None:
    array = np.random.default_rng(2).integers(0, 256, (48, 64, 3)[: 2 + colors], np.uint8)
    data = dataset(array, "RGB") if colors else dataset(array.astype(np.uint16), bits=8)
    data.PlanarConfiguration = int(colors)
    data.PixelData = encapsulate([imagecodecs.jpegls_encode(array)])
    data["PixelData"].VR = "OB"
    data.file_meta.TransferSyntaxUID = pydicom.uid.JPEGLSLossless
    assert np.array_equal(values(data), array)


def test_codecs_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(pydicom.__file__).parent / "data/test_files/MR_small_jpeg_ls_lossless.dcm"
    monkeypatch.setitem(__import__("sys").modules, "imagecodecs", None)
    with pytest.raises(ImportError, match=r"DICOM of JPEG-LS .+ needs imagecodecs: pip install"):
        open_pyramid(path)
