"""A folder of DICOM files is a volume: sorted by position, in its own units, slice by slice."""

from __future__ import annotations

import gzip
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pydicom.fileset
import pytest

from nbimage import Grid, Picture, Video, View, open_pyramid, write_tiff
from nbimage.cli.main import main
from tests.arrays.dicom.test_values import dataset

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(15)
VOLUME = RANDOM.integers(0, 4000, (5, 12, 16)).astype(np.uint16)
ORDER = [3, 0, 4, 1, 2]
SERIES = pydicom.uid.generate_uid()


def save(folder: Path, number: int, array: Array, **more: Any) -> Path:
    known: dict[str, Any] = {
        "SeriesInstanceUID": SERIES,
        "SeriesNumber": 3,
        "SeriesDescription": "Chest",
        "InstanceNumber": ORDER[number % 5] + 1,
        "PixelSpacing": [0.5, 0.25],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "ImagePositionPatient": [-10, -20, 100 + 2.5 * (number % 5)],
    }
    path = folder / f"{ORDER[number % 5]}-{number}"  # in another order than in space
    dataset(array, bits=12, **known | more).save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a series of five slices."""
    series = tmp_path / "series"
    series.mkdir()
    for number in range(5):
        save(series, number, VOLUME[number], RescaleSlope=1, RescaleIntercept=-1024, Modality="CT")
    (series / "readme.txt").write_text("not an image")
    return series


def planes(path: Any) -> Array:
    with open_pyramid(path) as pyramid:
        return np.array([pyramid.read(0, index=(z,)) for z in range(pyramid.axes[-1][1])])


def test_slices_are_sorted_by_position(folder: Path) -> None:
    expected = VOLUME.astype(int) - 1024
    with open_pyramid(folder) as pyramid:
        assert (pyramid.axes, pyramid.dtype) == ((("z", 5),), np.int32)
        for z in range(5):
            assert np.array_equal(pyramid.read(0, index=(z,)), expected[z])
        part = slice(3, 9), slice(2, 14)
        assert np.array_equal(pyramid.read(0, *part, index=(4,)), expected[4][part])
        along = pyramid.metadata.coordinates[0]
        assert along is not None
        assert along.values is not None
        assert (along.unit, along.values.tolist()) == ("mm", [100, 102.5, 105, 107.5, 110])
        assert (pyramid.pixel_size, pyramid.unit) == ((0.5, 0.25), "mm")
        assert pyramid.metadata.unit == "HU"
        again = pickle.loads(pickle.dumps(pyramid))
    assert np.array_equal(again.read(0, index=(2,)), expected[2])
    with open_pyramid(folder, axes="yzx") as turned:
        assert np.array_equal(turned.read(0, index=(3,)), expected[:, 3])


def test_without_positions_instances_count(tmp_path: Path) -> None:
    for number in range(5):
        save(tmp_path, number, VOLUME[number], ImagePositionPatient=None, SliceThickness=2)
    assert np.array_equal(planes(tmp_path), VOLUME[np.argsort(ORDER)])
    with open_pyramid(tmp_path) as pyramid:
        along = pyramid.metadata.coordinates[0]
        assert along is not None
        assert along.values is not None
        assert along.values.tolist() == [0, 2, 4, 6, 8]


def test_times_at_each_position_are_an_axis(tmp_path: Path) -> None:
    for time in range(2):
        for number in range(5):
            more = {"TemporalPositionIdentifier": time, "InstanceNumber": 1}
            save(tmp_path, 5 * time + number, VOLUME[number] // (time + 1), **more)
    with open_pyramid(tmp_path) as pyramid:
        assert pyramid.axes == (("t", 2), ("z", 5))
        for time in range(2):
            found = pyramid.read(0, index=(time, 3))
            assert np.array_equal(found, VOLUME[3] // (time + 1))
    next(tmp_path.glob("*-7")).unlink()
    with pytest.raises(ValueError, match=r"as many images at each position, but holds 1 to 2"):
        open_pyramid(tmp_path)


def test_one_of_several_series_is_named(folder: Path) -> None:
    other = {"SeriesInstanceUID": pydicom.uid.generate_uid(), "SeriesNumber": 7}
    for number in range(2):
        save(folder, 10 + number, VOLUME[number] // 2, SeriesDescription="Thin", **other)
    words = r"holds 2: 3 chest \(5 images\), 7 thin \(2 images\): name one, such as 'series\[3\]'"
    with pytest.raises(ValueError, match=rf"^[^\n]*{words}$"):
        open_pyramid(folder)
    for part in ("7", "thin", "Thin"):
        assert np.array_equal(planes(f"{folder}[{part}]"), VOLUME[:2] // 2)
    assert len(planes(Path(f"{folder}[3]"))) == 5
    with pytest.raises(ValueError, match=r"^no series '9' in [^\n]*, which has 3 chest "):
        open_pyramid(f"{folder}[9]")


def test_images_of_another_direction_are_left_out_and_told(folder: Path) -> None:
    save(folder, 10, VOLUME[0], ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    with open_pyramid(folder) as pyramid:
        assert pyramid.axes == (("z", 5),)
        assert pyramid.metadata.note == "without 1 image of another size or direction"


def test_scales_of_slices_are_their_own(tmp_path: Path) -> None:
    for number in range(5):
        save(tmp_path, number, VOLUME[number], RescaleSlope=0.5 * (number + 1), RescaleIntercept=0)
    found = planes(tmp_path)
    assert found.dtype == np.float32
    assert np.array_equal(found, VOLUME * np.float32(0.5) * np.arange(1, 6)[:, None, None])


def test_padding_of_slices_is_missing(tmp_path: Path) -> None:
    array = VOLUME.copy()
    array[:, 2, 3] = 4095
    for number in range(5):
        save(tmp_path, number, array[number], PixelPaddingValue=4095)
    found = planes(tmp_path)
    assert np.array_equal(np.isnan(found), array == 4095)
    assert np.array_equal(found[array != 4095], array[array != 4095])


def test_colors(tmp_path: Path) -> None:
    colors = RANDOM.integers(0, 256, (3, 12, 16, 3)).astype(np.uint8)
    for number in range(3):
        data = dataset(colors[number], "RGB", SeriesInstanceUID=SERIES, InstanceNumber=number)
        data.save_as(tmp_path / f"{number}.dcm", enforce_file_format=True)
    with open_pyramid(tmp_path) as pyramid:
        assert (pyramid.axes, pyramid.channels) == ((("z", 3),), 3)
        assert np.array_equal(pyramid.read(0, index=(1,)), colors[1])


@pytest.mark.parametrize("embed", [True, False])
def test_a_view_has_all_slices(embed: bool, folder: Path) -> None:
    stack = View(folder, embed=embed).model.images[0].stack
    assert tuple(stack.shape) == (5, 12, 16)
    assert stack.labels(0) == ["100", "102.5", "105", "107.5", "110"]
    assert stack.spacing() == 10


def test_other_doors(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Video(folder).count == 5
    with pytest.raises(ValueError, match=r"holds a stack of images \(5 along z\)"):
        Picture(folder)
    single = tmp_path / "single"
    single.mkdir()
    file = save(single, 1, VOLUME[1])
    assert np.array_equal(Picture(single).pixels, Picture(file).pixels)
    assert Grid([single, file]).titles == ("single", file.name)
    written = write_tiff(folder, tmp_path / "a.ome.tif", progress=False)
    assert np.array_equal(planes(written), VOLUME.astype(int) - 1024)
    assert main(["info", str(folder)]) == 0
    assert "z: [mm] 100 to 110" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "low", "high"),
    [
        ({"WindowCenter": 40, "WindowWidth": 401}, -160.5, 239.5),
        ({"WindowCenter": [40, 9], "WindowWidth": [401, 2]}, -160.5, 239.5),
        ({"WindowCenter": 40, "WindowWidth": 400, "VOILUTFunction": "LINEAR_EXACT"}, -160, 240),
    ],
)
def test_windows_are_the_first_limits(
    more: dict[str, Any], low: float, high: float, folder: Path
) -> None:
    scaled = {"RescaleSlope": 1, "RescaleIntercept": -1024}
    path = save(folder, 0, VOLUME[0], **scaled, **more)
    picture = Picture(path)
    assert f"black is {low:g}, white is {high:g}" in picture.description
    values = VOLUME[0].astype(int) - 1024
    assert np.array_equal(picture.pixels, Picture(values, low, high).pixels)
    assert "black is -5" in Picture(path, vmin=-5, vmax=5).description


def test_a_window_is_inverted_with_the_values(tmp_path: Path) -> None:
    plain = save(tmp_path, 0, VOLUME[0], WindowCenter=1000, WindowWidth=501)
    other = {"PhotometricInterpretation": "MONOCHROME1"}
    inverted = save(tmp_path, 1, VOLUME[0], WindowCenter=1000, WindowWidth=501, **other)
    difference = Picture(plain).pixels.astype(int) + Picture(inverted).pixels - 255
    assert np.abs(difference).max() <= 1


def test_frames_have_positions() -> None:
    data = dataset(VOLUME, PixelSpacing=[0.5, 0.25])
    turned, frames = pydicom.Dataset(), []
    turned.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared = pydicom.Dataset()
    shared.PlaneOrientationSequence = [turned]
    for number in range(5):
        position, frame = pydicom.Dataset(), pydicom.Dataset()
        position.ImagePositionPatient = [0, 0, 3.0 * number]
        frame.PlanePositionSequence = [position]
        frames.append(frame)
    data.SharedFunctionalGroupsSequence = [shared]
    data.PerFrameFunctionalGroupsSequence = frames
    with open_pyramid(data) as pyramid:
        along = pyramid.metadata.coordinates[0]
        assert along is not None
        assert along.values is not None
        assert along.values.tolist() == [0, 3, 6, 9, 12]
        assert pyramid.pixel_size == (0.5, 0.25)


@pytest.mark.parametrize(("implicit", "little"), [(True, True), (False, True), (False, False)])
def test_old_files_without_a_preamble(implicit: bool, little: bool, tmp_path: Path) -> None:
    for number in range(2):
        data = dataset(VOLUME[number], InstanceNumber=number, SeriesInstanceUID=SERIES)
        del data.file_meta
        if not little:
            data.PixelData = VOLUME[number].astype(">u2").tobytes()
        path = tmp_path / f"{number}.dcm"
        pydicom.dcmwrite(path, data, implicit_vr=implicit, little_endian=little)
        with open_pyramid(path) as pyramid:
            assert np.array_equal(pyramid.read(0), VOLUME[number])
    assert np.array_equal(planes(tmp_path), VOLUME[:2])


def test_without_pydicom_the_error_names_the_extra(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pydicom", None)
    words = r"series can't be opened: DICOM needs pydicom: pip install 'nbimage\[dicom\]'"
    with pytest.raises(ImportError, match=rf"^[^\n]*{words}$"):
        open_pyramid(folder)


def pack(path: Path) -> Path:
    packed = path.with_name(f"{path.name}.dcm.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    return packed


def test_packed_files_are_those_that_are_packed(folder: Path) -> None:
    expected = planes(folder)
    for path in sorted(folder.iterdir()):
        if path.suffix != ".txt":
            pack(path)
    assert np.array_equal(planes(folder), expected)
    file = next(folder.glob("*.gz"))
    assert Picture(file).pixels.shape == VOLUME.shape[1:]
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(ValueError, match=r"\.dcm\.gz .+: .+"):
        open_pyramid(file)


def write_directory(folder: Path) -> Path:
    """Write a disc: two series in folders, and the file that lists their files."""
    files = pydicom.fileset.FileSet()
    for series in (3, 4):
        uid = pydicom.uid.generate_uid()
        for number in range(5):
            where = folder / f"{series}"
            where.mkdir(parents=True, exist_ok=True)
            more = {
                "SeriesInstanceUID": uid,
                "SeriesNumber": series,
                "PatientID": "a",
                "StudyInstanceUID": "1.2.3",
                "StudyDate": "20200101",
                "StudyTime": "120000",
                "StudyID": "1",
                "Modality": "OT",
            }
            files.add(save(where, number, VOLUME[number] + series, **more))
    disc = folder.parent / "disc"
    files.write(disc)
    return disc


def test_a_disc_has_the_series_that_its_directory_lists(tmp_path: Path) -> None:
    disc = write_directory(tmp_path / "files")
    for path in (disc, disc / "DICOMDIR"):
        with pytest.raises(ValueError, match="must hold one series, but holds 2: 3 chest"):
            open_pyramid(path)
        assert np.array_equal(planes(f"{path}[4]"), VOLUME + 4)
    assert View(f"{disc}[3]", embed=False)
    assert main(["info", str(disc / "DICOMDIR")]) == 2


def test_series_of_one_number_are_told_apart(tmp_path: Path) -> None:
    uids = [pydicom.uid.generate_uid() for _ in range(2)]
    for uid, step in zip(uids, (0, 5), strict=True):
        for number in range(step, step + 5):
            save(tmp_path, number, VOLUME[number % 5] + step, SeriesInstanceUID=uid)
    with pytest.raises(ValueError, match=f"'3' names 2 series of .+{uids[0]}"):
        open_pyramid(f"{tmp_path}[3]")
    assert np.array_equal(planes(f"{tmp_path}[{uids[1]}]"), VOLUME + 5)


def test_a_disc_without_its_files_says_so_in_one_line(tmp_path: Path) -> None:
    disc = write_directory(tmp_path / "files")
    alone = tmp_path / "alone"
    alone.mkdir()
    (disc / "DICOMDIR").rename(alone / "DICOMDIR")
    for path in (alone, alone / "DICOMDIR"):
        with pytest.raises(ValueError, match="lists 10 files, of which none is there"):
            open_pyramid(path)
