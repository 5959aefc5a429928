"""A DICOM dataset of pydicom's as values: black and white the right way round, in their own units.

Pixels are decoded by `pydicom.pixels`. Not here: overlays, the order of a series.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.axis_names import Names
from nbimage.arrays.metadata import UNLABELLED, Coordinate, FullScale, Metadata, Window
from nbimage.base.chunked import Array
from nbimage.base.optional_imports import import_pydicom
from nbimage.base.text import one_line

_GRAY = ("MONOCHROME1", "MONOCHROME2")
_EXACT = 1 << 53  # whole numbers that a float64 holds
_UNITS = {"US": "", "BQML": "Bq/mL", "GML": "g/mL", "CNTS": "counts", "NONE": ""}
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


class DicomValues(NamedTuple):
    """The values of a dataset, ``([frames,] H, W[, 3|4])``."""

    array: Array
    mask: Array | None
    """True where the dataset pads its pixels; None: nowhere."""
    names: Names
    metadata: Metadata


def read_dataset(dataset: Any) -> DicomValues:
    """Return the values of a dataset with pixels.

    MONOCHROME1 is inverted over the bits that are stored, as of a TIFF with MinIsWhite. Rescale
    slope and intercept, or the modality's table, are applied, palettes are looked up and YBR
    becomes RGB. Padding is missing.

    Raises
    ------
    ValueError, ImportError
        For a dataset without pixels, or with some that pydicom does not decode, in one line.
    """
    if not any(name in dataset for name in _PIXELS):
        kind = dataset.get("Modality") or "of no modality"
        raise ValueError(f"data must hold pixels, but the DICOM dataset ({kind}) has none")
    decoder = import_pydicom().pixels
    try:
        array = np.asarray(decoder.pixel_array(dataset))
        return _as_values(dataset, array, decoder)
    except Exception as error:  # each of pydicom's plugins has its own
        raise ValueError(
            f"the pixels of the DICOM dataset can't be decoded: {one_line(error)}"
        ) from error


def _as_values(dataset: Any, array: Array, decoder: Any) -> DicomValues:
    kind = str(dataset.get("PhotometricInterpretation", "MONOCHROME2"))
    mask, stored = None, array
    if kind == "PALETTE COLOR":
        array = decoder.apply_color_lut(array, dataset)
        array = (array >> 8).astype(np.uint8) if array.dtype == np.uint16 else array
    elif kind in _GRAY:
        mask = _find_padding(dataset, array)
        stored = _invert(dataset, array) if kind == "MONOCHROME1" else array
        array = _rescale(dataset, stored, decoder)
    colors = kind not in _GRAY
    names: Names = (None, None, "sample") if colors else (None, None)
    if array.ndim > len(names):
        names = ("frame", *names)
    metadata = _find_metadata(dataset, names)
    frames = _find_frames(dataset) if names[0] == "frame" else None
    if frames is not None and frames.values is not None and len(frames.values) == len(array):
        own = metadata.coordinates[1:] or (None,) * (len(names) - 1)
        metadata = replace(metadata, coordinates=(frames, *own))
    if not colors and array is stored:
        metadata = replace(metadata, windows=_find_full_scale(dataset, array.dtype))
    if not colors:
        window = _find_window(dataset, array.dtype)
        windows = metadata.windows if window is None else (window,)
        metadata = replace(metadata, windows=windows, label=_find_label(dataset))
    if kind == "MONOCHROME1":
        metadata = replace(metadata, note="inverted, as MONOCHROME1 asks for")
    return DicomValues(array, mask, names, metadata)


def _find_full_scale(dataset: Any, dtype: np.dtype[Any]) -> tuple[FullScale, ...]:
    bits = int(dataset.get("BitsStored") or 8 * dtype.itemsize)
    if dtype.kind not in "iu" or not 0 < bits < 8 * dtype.itemsize:
        return ()
    low = -(1 << bits - 1) if dtype.kind == "i" else 0
    return (FullScale(low, low + (1 << bits) - 1),)


def _find_window(dataset: Any, dtype: np.dtype[Any]) -> Window | None:
    """Return the first window of an image, in the values that are returned here."""
    groups = [dataset, *_functional_groups(dataset, "FrameVOILUTSequence")[:1]]
    found = next((g for g in groups if g.get("WindowCenter") is not None), None)
    if found is None or dataset.get("ModalityLUTSequence"):
        return None
    try:
        center, width = (float(_first(found.get(f"Window{name}"))) for name in ("Center", "Width"))
    except (TypeError, ValueError):
        return None
    way = str(found.get("VOILUTFunction") or "LINEAR")
    if way == "LINEAR":
        center, width = center - 0.5, width - 1
    if way == "SIGMOID" or not (width > 0 and np.isfinite([center, width]).all()):
        return None
    if dataset.get("PhotometricInterpretation") == "MONOCHROME1":
        if not dataset.get("BitsStored") or (dtype.kind == "f" and "PixelData" not in dataset):
            return None
        top = -1 if dataset.get("PixelRepresentation") else (1 << int(dataset.BitsStored)) - 1
        slope, intercept = next(_find_rescales(dataset, np.empty((1, 1))))
        center = slope * top + 2 * intercept - center
    window = center - width / 2, center + width / 2
    return None if dtype == np.uint8 and window == (0, 255) else window


def _first(value: Any) -> Any:
    """Return the first of several values of an element, or its only one."""
    return value[0] if isinstance(value, Sequence) and not isinstance(value, str) else value


def _find_label(dataset: Any) -> str:
    """Return the unit of values, such as "[HU]"; "" where none is told."""
    unit = str(dataset.get("RescaleType") or "")
    if not unit and dataset.get("Modality") == "CT" and "RescaleSlope" in dataset:
        unit = "HU"
    if dataset.get("Modality") == "PT":
        unit = str(dataset.get("Units") or unit)
    unit = _UNITS.get(unit, " ".join(unit.split()))
    return f"[{unit}]" if unit else ""


def find_direction(dataset: Any) -> Array | None:
    """Return in which direction slices follow one another: across rows and columns; else None."""
    turned = dataset.get("ImageOrientationPatient")
    if turned is None or len(turned) != 6:
        return None
    parts = [float(part) for part in turned]
    normal = np.cross(parts[:3], parts[3:])
    return normal if np.isfinite(normal).all() and normal.any() else None


def _find_frames(dataset: Any) -> Coordinate | None:
    """Return where the frames of an image are, if one follows the other in space."""
    positions = _functional_groups(dataset, "PlanePositionSequence")
    turned = _functional_groups(dataset, "PlaneOrientationSequence")
    normal = find_direction(turned[0]) if turned else None
    if normal is None or len(positions) < 2:
        return None
    found = [group.get("ImagePositionPatient") for group in positions]
    if any(position is None or len(position) != 3 for position in found):
        return None
    values = np.array(found, np.float64) @ normal
    steps = np.diff(values)
    return Coordinate(values, "[mm]") if (steps > 0).all() or (steps < 0).all() else None


def _find_padding(dataset: Any, array: Array) -> Array | None:
    """Return where pixels are padding: they are no part of what was taken."""
    value, limit = dataset.get("PixelPaddingValue"), dataset.get("PixelPaddingRangeLimit")
    if value is None or array.dtype.kind == "f":
        return None
    ends = [_as_stored(dataset, number) for number in (value, value if limit is None else limit)]
    low, high = min(ends), max(ends)
    mask = array == low if low == high else (array >= low) & (array <= high)
    return mask if mask.any() else None


def _as_stored(dataset: Any, value: Any) -> int:
    """Return a number as the pixels' own: some files have the bits of a signed one as unsigned."""
    number = int.from_bytes(value, "little") if isinstance(value, bytes) else int(value)
    if dataset.get("PixelRepresentation") and number > 0x7FFF:
        return number - (1 << 16)
    return number


def _invert(dataset: Any, array: Array) -> Array:
    if array.dtype.kind not in "iu":
        return array
    bits = int(dataset.get("BitsStored") or 8 * array.dtype.itemsize)
    if array.dtype.kind == "i":
        return np.asarray(~array)
    return np.asarray(array.dtype.type((1 << bits) - 1) - array)


def _rescale(dataset: Any, array: Array, decoder: Any) -> Array:
    """Return what the numbers stand for, such as Hounsfield units; whole ones stay whole."""
    if dataset.get("ModalityLUTSequence"):
        return np.asarray(decoder.apply_modality_lut(array, dataset))
    found = list(_find_rescales(dataset, array))
    slopes, intercepts = np.array(found, np.float64).T
    if (slopes == 1).all() and (intercepts == 0).all():
        return array
    count = (len(found),) + (1,) * (array.ndim - 1) if len(found) > 1 else ()
    slope, intercept = slopes.reshape(count), intercepts.reshape(count)
    whole = array.dtype.kind in "iu" and all(np.rint(one) == one for pair in found for one in pair)
    if whole:
        info = np.iinfo(array.dtype)
        most = max(abs(int(info.min)), int(info.max)) * np.abs(slopes).max()
        for dtype in (np.int32, np.int64):
            if most + np.abs(intercepts).max() <= min(_EXACT, np.iinfo(dtype).max):
                return np.asarray(array * slope.astype(dtype) + intercept.astype(dtype))
    kind = np.float32 if array.dtype.itemsize <= 2 else np.float64
    return np.asarray(array * slope.astype(kind) + intercept.astype(kind))


def _find_rescales(dataset: Any, array: Array) -> Iterator[tuple[float, float]]:
    """Yield slope and intercept: of all pixels, or of each frame."""
    if "RescaleSlope" in dataset or "RescaleIntercept" in dataset:
        groups = [dataset]
    else:
        groups = _functional_groups(dataset, "PixelValueTransformationSequence")
    if len(groups) != (len(array) if array.ndim > 2 else 1):
        groups = groups[:1]
    for group in groups or [{}]:
        slope, intercept = group.get("RescaleSlope"), group.get("RescaleIntercept")
        yield 1.0 if slope is None else float(slope), 0.0 if intercept is None else float(intercept)


def _functional_groups(dataset: Any, name: str) -> list[Any]:
    """Return what an image of several frames says of each, or of all of them."""
    for holder in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        items = dataset.get(holder) or ()
        found = [item[name].value[0] for item in items if name in item and item[name].value]
        if found and len(found) == len(items):
            return found
    return []


def _find_metadata(dataset: Any, names: Names) -> Metadata:
    """Return the size of pixels as coordinates of rows and columns."""
    groups = [dataset, *_functional_groups(dataset, "PixelMeasuresSequence")[:1]]
    keys = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
    found = next((group.get(key) for group in groups for key in keys if group.get(key)), None)
    try:
        high, wide = (float(size) for size in found or ())
    except (TypeError, ValueError):
        return UNLABELLED
    if not (0 < high < np.inf and 0 < wide < np.inf):
        return UNLABELLED
    known: dict[int, Coordinate] = {
        axis: Coordinate(None, "[mm]", regular=(size / 2, size))
        for axis, size in zip((0, 1), (high, wide), strict=True)
    }
    first = names.index(None)
    return Metadata(coordinates=tuple(known.get(axis - first) for axis in range(len(names))))
