"""NIfTI volumes and DICOM files."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np

from tests.kinds.by_others import by_bytes, by_imageio
from tests.kinds.kind import COLORS, Array, Content, Kind, add, gradient


def _save_nifti(path: Path, stored: Array, scale: tuple[float, float] = (1, 0)) -> None:
    """Save further axes, rows and columns; voxels of 2, 1.5 and 3 mm from the right corner."""
    import nibabel

    affine = np.diag([2.0, 1.5, 3, 1])
    affine[:3, 3] = -10, -20, 5
    image = nibabel.Nifti1Image(stored.T, affine)
    image.header.set_xyzt_units("mm", "sec")
    image.header.set_slope_inter(*scale)
    nibabel.save(image, path)


def nifti(folder: Path) -> tuple[str, Content]:
    """A volume of whole numbers."""
    stored = gradient(4, 24, 37, dtype="int16")
    _save_nifti(folder / "a.nii.gz", stored)
    return str(folder / "a.nii.gz"), Content(
        stored, axes=("z",), rows=(-20, 1.5), columns=(-10, 2), unit="mm", lower=True
    )


def nifti_scaled(folder: Path) -> tuple[str, Content]:
    """Packed numbers with a slope and an intercept."""
    import nibabel

    values = gradient(4, 24, 37, dtype="float64", high=1) - 0.25
    affine = np.diag([2.0, 1.5, 3, 1])
    affine[:3, 3] = -10, -20, 5
    image = nibabel.Nifti1Image(values.T, affine)
    image.set_data_dtype(np.int16)
    image.header.set_xyzt_units("mm")
    nibabel.save(image, folder / "a.nii")
    read: Any = nibabel.load(folder / "a.nii")
    return str(folder / "a.nii"), Content(
        np.asarray(read.dataobj).T,
        axes=("z",),
        rows=(-20, 1.5),
        columns=(-10, 2),
        unit="mm",
        lower=True,
        tolerance=1e-6,
    )


def _save_dicom(path: Path, array: Array, kind: str = "MONOCHROME2", **more: Any) -> None:
    from tests.arrays.dicom.test_values import dataset

    saved = dataset(array, kind, bits=12, **more)
    saved.save_as(path, enforce_file_format=True)


def ct(folder: Path) -> tuple[str, Content]:
    """Hounsfield units by a slope and an intercept, and a window."""
    stored = gradient(24, 37)
    _save_dicom(
        folder / "a.dcm",
        stored,
        RescaleSlope=1,
        RescaleIntercept=-1024,
        Modality="CT",
        PixelSpacing=[0.5, 0.25],
        WindowCenter=40,
        WindowWidth=400,
    )
    return str(folder / "a.dcm"), Content(
        stored.astype(np.int32) - 1024,
        label="[HU]",
        rows=(0.25, 0.5),
        columns=(0.125, 0.25),
        unit="mm",
        windows=((-160, 239),),
    )


def monochrome1(folder: Path) -> tuple[str, Content]:
    """The smallest value is white."""
    stored = gradient(24, 37)
    _save_dicom(folder / "a.dcm", stored, "MONOCHROME1")
    return str(folder / "a.dcm"), Content(4095 - stored)


def series(folder: Path) -> tuple[str, Content]:
    """A folder of slices whose names are not in order."""
    values = gradient(5, 24, 37)
    (folder / "series").mkdir()
    for number, name in enumerate("dbeac"):
        _save_dicom(
            folder / "series" / f"{name}.dcm",
            values[number],
            Modality="CT",
            SeriesInstanceUID="1.2.3",
            SeriesNumber=3,
            InstanceNumber=number + 1,
            PixelSpacing=[0.5, 0.25],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            ImagePositionPatient=[-10, -20, 100 + 2.5 * number],
            RescaleSlope=1,
            RescaleIntercept=0,
        )
    return str(folder / "series"), Content(
        values,
        axes=("z",),
        label="[HU]",
        rows=(0.25, 0.5),
        columns=(0.125, 0.25),
        unit="mm",
    )


def dicom_colors(folder: Path) -> tuple[str, Content]:
    """Red, green and blue."""
    from tests.arrays.dicom.test_values import dataset

    dataset(COLORS, "RGB").save_as(folder / "a.dcm", enforce_file_format=True)
    return str(folder / "a.dcm"), Content(COLORS, colors=True)


def dicom_frames(folder: Path) -> tuple[str, Content]:
    """Several frames in a file."""
    values = gradient(3, 24, 37)
    _save_dicom(folder / "a.dcm", values, PixelSpacing=[0.5, 0.25])
    return str(folder / "a.dcm"), Content(
        values, axes=("frame",), rows=(0.25, 0.5), columns=(0.125, 0.25), unit="mm"
    )


def dicom_signed(folder: Path) -> tuple[str, Content]:
    """Signed samples with padding."""
    from tests.arrays.dicom.test_values import dataset

    stored = gradient(24, 37, dtype="int16", high=3000) - 1000
    stored[:3] = -2000
    saved = dataset(stored, PixelPaddingValue=-2000)
    saved.save_as(folder / "a.dcm", enforce_file_format=True)
    return str(folder / "a.dcm"), Content(np.ma.masked_equal(stored, -2000))


def mgh(folder: Path) -> tuple[str, Content]:
    """FreeSurfer's volume of bytes."""
    import nibabel

    values = gradient(4, 24, 37, dtype="uint8", high=250)
    affine = np.diag([2.0, 1.5, 3, 1])
    affine[:3, 3] = -10, -20, 5
    nibabel.MGHImage(values.T, affine).to_filename(folder / "a.mgz")
    return str(folder / "a.mgz"), Content(
        values, axes=("z",), rows=(-20, 1.5), columns=(-10, 2), unit="mm", lower=True
    )


def nifti_times(folder: Path) -> tuple[str, Content]:
    """A volume at several times, in floats."""
    values = gradient(2, 3, 24, 37, dtype="float32")
    _save_nifti(folder / "a.nii", values)
    return str(folder / "a.nii"), Content(
        values, axes=("t", "z"), rows=(-20, 1.5), columns=(-10, 2), unit="mm", lower=True
    )


def _mgh_bytes(path: str) -> Array:
    """Read an MGH file by its header's numbers alone."""
    data = gzip.decompress(Path(path).read_bytes())
    _, columns, rows, slices = struct.unpack_from(">4i", data)
    values = np.frombuffer(data, np.uint8, columns * rows * slices, 284)
    return values.reshape(slices, rows, columns)


def _dicom_bytes(path: str) -> Array:
    """Read the last bytes of a file of three frames."""
    samples = np.frombuffer(Path(path).read_bytes()[-3 * 24 * 37 * 2 :], "<u2")
    return samples.reshape(3, 24, 37)


def _dicom_colors(path: str) -> Array:
    """Read the last bytes of a file of colors."""
    samples = np.frombuffer(Path(path).read_bytes()[-3 * 24 * 37 :], np.uint8)
    return samples.reshape(24, 37, 3)


def _unpadded(path: str) -> Array:
    return np.ma.masked_equal(by_imageio(path), -2000)


def _inverted(path: str) -> Array:
    return 4095 - by_imageio(path)


for _name, _make, _extra, _others in (
    ("NIfTI", nifti, "nifti", {"its bytes": by_bytes}),
    ("NIfTI, scaled", nifti_scaled, "nifti", {"its bytes": by_bytes}),
    ("DICOM, CT with a window", ct, "dicom", {"ImageIO": by_imageio}),
    ("DICOM, MONOCHROME1", monochrome1, "dicom", {"ImageIO": _inverted}),
    ("NIfTI, times", nifti_times, "nifti", {"its bytes": by_bytes}),
    ("MGH", mgh, "nifti", {"its bytes": _mgh_bytes}),
    ("DICOM, colors", dicom_colors, "dicom", {"its bytes": _dicom_colors}),
    ("DICOM, frames", dicom_frames, "dicom", {"its bytes": _dicom_bytes}),
    ("DICOM, padding", dicom_signed, "dicom", {"ImageIO": _unpadded}),
    ("DICOM, folder of a series", series, "dicom", {"ImageIO": by_imageio}),
):
    add(Kind(_name, "Medicine", _extra, _make, _others))
