"""A pydicom dataset, or the file of one: its values the right way round, in their own units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Grid, Picture, Video, View, encode, open_pyramid, rerange
from nbimage.arrays.ingest import as_values
from nbimage.cli.main import main

pydicom = pytest.importorskip("pydicom", minversion="3")

Array = np.ndarray[Any, Any]
COUNTS = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64)


def dataset(array: Array, kind: str = "MONOCHROME2", bits: int | None = None, **more: Any) -> Any:
    found = pydicom.dataset.Dataset()
    found.file_meta = pydicom.dataset.FileMetaDataset()
    found.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    found.SOPClassUID = pydicom.uid.SecondaryCaptureImageStorage
    found.SOPInstanceUID = pydicom.uid.generate_uid()
    colors = kind in ("RGB", "YBR_FULL")
    shape = array.shape[:-1] if colors else array.shape
    found.Rows, found.Columns = shape[-2:]
    if len(shape) > 2:
        found.NumberOfFrames = shape[0]
    found.PhotometricInterpretation = kind
    found.SamplesPerPixel = 3 if colors else 1
    if colors:
        found.PlanarConfiguration = 0
    found.BitsAllocated = 8 * array.dtype.itemsize
    found.BitsStored = bits or found.BitsAllocated
    found.HighBit = found.BitsStored - 1
    found.PixelRepresentation = int(array.dtype.kind == "i")
    found.PixelData = array.tobytes()
    found["PixelData"].VR = "OW"
    for name, value in more.items():
        setattr(found, name, value)
    return found


def values(data: Any) -> Array:
    return np.asarray(as_values(data).array)


def test_rescaled_values_are_in_their_own_units() -> None:
    whole = values(dataset(COUNTS, bits=12, RescaleSlope=1, RescaleIntercept=-1024))
    assert whole.dtype == np.int32
    assert np.array_equal(whole, COUNTS.astype(int) - 1024)
    broken = values(dataset(COUNTS, bits=12, RescaleSlope=0.5, RescaleIntercept=0.25))
    assert broken.dtype == np.float32
    assert np.array_equal(broken, COUNTS * 0.5 + 0.25)
    deep = COUNTS.astype(np.uint32) + 2**30
    broken = values(dataset(deep, RescaleSlope=0.5, RescaleIntercept=0.25))
    assert np.array_equal(broken, deep * 0.5 + 0.25)
    assert np.array_equal(values(dataset(COUNTS, RescaleSlope=1, RescaleIntercept=0)), COUNTS)


def test_rescales_of_frames_are_their_own() -> None:
    data = dataset(np.stack([COUNTS, COUNTS]))
    groups = []
    for slope in (1, 2):
        rescale, group = pydicom.dataset.Dataset(), pydicom.dataset.Dataset()
        rescale.RescaleSlope, rescale.RescaleIntercept = slope, 5
        group.PixelValueTransformationSequence = [rescale]
        groups.append(group)
    data.PerFrameFunctionalGroupsSequence = groups
    assert np.array_equal(values(data), np.stack([COUNTS + 5, COUNTS.astype(int) * 2 + 5]))


def test_monochrome1_is_inverted_over_the_bits_that_are_stored() -> None:
    assert np.array_equal(values(dataset(COUNTS, "MONOCHROME1", 12)), 4095 - COUNTS)
    assert as_values(dataset(COUNTS, "MONOCHROME1")).metadata.note.startswith("inverted")
    assert "inverted" not in as_values(dataset(COUNTS)).metadata.note
    signed = COUNTS.astype(np.int16) - 1000
    assert np.array_equal(values(dataset(signed, "MONOCHROME1")), -1 - signed)
    rescaled = values(dataset(COUNTS, "MONOCHROME1", 12, RescaleSlope=2, RescaleIntercept=-10))
    assert np.array_equal(rescaled, (4095 - COUNTS.astype(int)) * 2 - 10)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_modality_table_is_looked_up(bits: int) -> None:
    table, entries, top = pydicom.dataset.Dataset(), np.arange(4096) * 3 % (1 << bits), 2**bits - 1
    table.LUTDescriptor, table.LUTData = [4096, 0, bits], entries.tolist()
    table["LUTDescriptor"].VR = "US"
    table["LUTData"].VR = "US"
    window = {"WindowCenter": 50, "WindowWidth": 20, "VOILUTFunction": "LINEAR_EXACT"}
    found = as_values(dataset(COUNTS, bits=12, ModalityLUTSequence=[table], **window))
    assert np.array_equal(found.array, entries[COUNTS])
    assert found.metadata.windows == ((40, 60),)
    data = dataset(COUNTS, "MONOCHROME1", 12, ModalityLUTSequence=[table], **window)
    inverted = as_values(data)
    assert np.array_equal(inverted.array, top - entries[COUNTS])
    assert inverted.metadata.windows == ((top - 60, top - 40),)


def test_colors_are_red_green_and_blue() -> None:
    colors = np.random.default_rng(3).integers(0, 256, (48, 64, 3), np.uint8)
    assert np.array_equal(Picture(dataset(colors, "RGB")).pixels, colors)
    from pydicom.pixels import convert_color_space

    found = Picture(dataset(colors, "YBR_FULL")).pixels
    assert np.array_equal(found, convert_color_space(colors, "YBR_FULL", "RGB"))


def test_a_palette_is_looked_up() -> None:
    indices = (COUNTS % 4).astype(np.uint8)
    data = dataset(indices, "PALETTE COLOR")
    colors = np.array([[1, 2, 3], [255, 0, 9], [8, 200, 7], [77, 66, 55]], np.uint8)
    for name, column in zip(("Red", "Green", "Blue"), colors.T, strict=True):
        setattr(data, f"{name}PaletteColorLookupTableDescriptor", [4, 0, 16])
        table = (column.astype("<u2") * 257).tobytes()
        setattr(data, f"{name}PaletteColorLookupTableData", table)
    assert np.array_equal(Picture(data).pixels, colors[indices])


@pytest.mark.parametrize("limit", [None, 5])
def test_padding_is_missing(limit: int | None) -> None:
    more = {} if limit is None else {"PixelPaddingRangeLimit": limit}
    data = dataset(
        COUNTS, bits=12, PixelPaddingValue=0, RescaleIntercept=-9, RescaleSlope=1, **more
    )
    gone = np.isin(COUNTS, range((limit or 0) + 1))
    picture = Picture(data)
    assert np.array_equal(picture.render()[..., -1] == 0, gone)
    assert f"values {int(COUNTS[~gone].min()) - 9} to" in picture.description
    with open_pyramid(data) as pyramid:
        assert np.array_equal(np.isnan(pyramid.read(0)), gone)


@pytest.mark.parametrize("dtype", ["u2", "i2"])
@pytest.mark.parametrize("value", [5, 0x1234, -2000])
def test_padding_of_an_unknown_kind_is_bytes_of_a_little_endian(dtype: str, value: int) -> None:
    array = COUNTS.astype(dtype)
    array[3, 4:9] = np.array(value).astype(dtype)
    data = dataset(array)
    data.PixelPaddingValue = 0
    data["PixelPaddingValue"].VR = "OB"
    data.PixelPaddingValue = np.array(value).astype(f"<{dtype}").tobytes()
    mask = as_values(data).mask
    assert mask is not None and np.array_equal(mask, array == array[3, 4])


@pytest.mark.parametrize(
    ("code", "unit"),
    [("BQML", "Bq/mL"), ("GML", "g/mL"), ("CNTS", "counts"), ("GY", "Gy"), ("NONE", "")],
)
def test_units_are_those_that_are_written(code: str, unit: str) -> None:
    assert as_values(dataset(COUNTS, Modality="PT", Units=code)).metadata.unit == unit


def test_pixels_have_their_size() -> None:
    with open_pyramid(dataset(COUNTS, PixelSpacing=[0.5, 0.25])) as pyramid:
        assert pyramid.pixel_size == (0.5, 0.25)
        assert pyramid.unit == "mm"


def doors(data: Any) -> dict[str, Any]:
    """Return what each door says of the values."""
    with open_pyramid(data) as pyramid:
        found = {"pyramid": pyramid.limits(exact=True)}
    return found | {
        "picture": Picture(data).description,
        "grid": Grid([data, data]).pictures[1].description,
        "list": Grid(data).pictures[0].description,
        "view": repr(View(data)),
        "tiles": repr(View(data, embed=False)),
        "comparison": repr(View({"a": data, "b": data})),
        "video": Video([data, data]).description,
    }


def test_every_door_takes_a_dataset_and_its_file(tmp_path: Path) -> None:
    data = dataset(COUNTS, "MONOCHROME1", 12, RescaleSlope=1, RescaleIntercept=-1024)
    path = tmp_path / "a.dcm"
    data.save_as(path, enforce_file_format=True)
    for source in (data, path):
        for name, found in doors(source).items():
            assert "0 to 3071" in str(found) or found == (0, 3071), (name, source)
    assert np.array_equal(Picture(path).pixels, Picture(data).pixels)
    assert encode(path) == encode(data)
    assert np.array_equal(rerange(data), Picture(data).pixels)
    assert main(["png", str(path), str(tmp_path / "a.png")]) in (None, 0)
    path.rename(tmp_path / "without_suffix")
    assert np.array_equal(Picture(tmp_path / "without_suffix").pixels, Picture(data).pixels)


@pytest.mark.parametrize("kind", ["MONOCHROME2", "RGB"])
def test_a_single_picture_is_a_frame_of_a_video(kind: str) -> None:
    array = COUNTS.astype(np.uint8)
    data = dataset(array if kind != "RGB" else np.stack([array] * 3, axis=-1), kind)
    assert Video(data).description.startswith("1 frame of 48×64")
    image = Image.fromarray(np.asarray(as_values(data).array))
    assert Video(image).description.startswith("1 frame of 48×64")


def test_frames_of_a_dataset_are_a_video_and_an_axis() -> None:
    data = dataset(np.stack([COUNTS, COUNTS + 1, COUNTS + 2]))
    assert Video(data).description.startswith("3 frames of 48×64")
    with open_pyramid(data) as pyramid:
        assert pyramid.axes == (("frame", 3),)
        assert np.array_equal(pyramid.read(0, index=(2,)), COUNTS + 2)
    with pytest.raises(ValueError, match="data must be one picture, but hold 3 along 'frame'"):
        Picture(data)


def test_what_holds_no_pixels_says_so_in_one_line(tmp_path: Path) -> None:
    empty = pydicom.dataset.Dataset()
    empty.Modality = "SR"
    with pytest.raises(ValueError, match=r"the DICOM dataset \(SR\) has none"):
        Picture(empty)
    damaged = dataset(COUNTS)
    damaged.PixelData = b"\0" * 100
    with pytest.raises(ValueError, match=r"can't be decoded: .+"):
        Picture(damaged)
    damaged.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    with pytest.raises(ValueError, match=r"a\.dcm can't be opened: .+"):
        open_pyramid(tmp_path / "a.dcm")


def test_a_file_says_what_it_needs_without_pydicom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset(COUNTS).save_as(tmp_path / "a.dcm", enforce_file_format=True)
    monkeypatch.setitem(__import__("sys").modules, "pydicom", None)
    with pytest.raises(
        ImportError, match=r"a\.dcm can't be opened: DICOM needs pydicom: pip install"
    ):
        open_pyramid(tmp_path / "a.dcm")
