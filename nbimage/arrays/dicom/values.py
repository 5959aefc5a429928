"""A DICOM dataset of pydicom's as values: black and white the right way round, in their own units.

Pixels are decoded by `pydicom.pixels`. Not here: overlays, the order of a series.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.axis_names import Names
from nbimage.arrays.dicom.codestreams import decode_pixels
from nbimage.arrays.dicom.frames import find_frames, functional_groups
from nbimage.arrays.dicom.windows import find_window
from nbimage.arrays.metadata import UNLABELLED, Coordinate, FullScale, LabelTable, Metadata
from nbimage.base.chunked import Array
from nbimage.base.optional_imports import import_pydicom
from nbimage.base.text import explain_damage

_GRAY = ("MONOCHROME1", "MONOCHROME2")
_SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
_EXACT = 1 << 53  # whole numbers that a float64 holds
_UNITS = {"US": "", "BQML": "Bq/mL", "GML": "g/mL", "CNTS": "counts", "GY": "Gy", "NONE": ""}
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
    slope and intercept, a dose's scaling or the modality's table are applied, palettes are looked
    up and YBR becomes RGB. Padding is missing.

    Raises
    ------
    ValueError, ImportError
        For a dataset without pixels, or with some that pydicom does not decode, in one line.
    """
    if not any(name in dataset for name in _PIXELS):
        kind = _find_modality(dataset) or "of no modality"
        raise ValueError(f"data must hold pixels, but the DICOM dataset ({kind}) has none")
    decoder = import_pydicom().pixels
    try:
        return _as_values(dataset, _decode(dataset, decoder), decoder)
    except ImportError:
        raise
    except Exception as error:  # each of pydicom's plugins has its own
        raise ValueError(
            f"the pixels of the DICOM dataset can't be decoded: {explain_damage(error)}"
        ) from error


def _find_modality(dataset: Any) -> str:
    try:
        return str(dataset.get("Modality") or "")
    except Exception:  # of a damaged element
        return ""


def _decode(dataset: Any, decoder: Any) -> Array:
    """Return the pixels, by pydicom's decoders where these can, else by imagecodecs."""
    try:
        return np.asarray(decoder.pixel_array(dataset))
    except Exception as error:  # each of pydicom's plugins has its own
        try:
            return np.asarray(decode_pixels(dataset))
        except ImportError:
            raise
        except Exception:  # the first says what is wrong
            raise error from None


def _as_values(dataset: Any, array: Array, decoder: Any) -> DicomValues:
    kind = str(dataset.get("PhotometricInterpretation", "MONOCHROME2"))
    labels = _are_labels(dataset)
    kind = "MONOCHROME2" if labels else kind  # whose palette is for looking at them
    mask, notes = None, []
    windows: tuple[Any, ...] = ()
    colors, inverted = kind not in _GRAY, kind == "MONOCHROME1"
    if kind == "PALETTE COLOR":
        array = decoder.apply_color_lut(array, dataset)
        array = (array >> 8).astype(np.uint8) if array.dtype == np.uint16 else array
    elif not colors:
        mask, total = _find_padding(dataset, array), None
        if dataset.get("ModalityLUTSequence"):
            array, total = _apply_table(dataset, array, decoder)
            array = np.asarray(array.dtype.type(total) - array) if inverted else array
        else:
            stored, top = _invert(dataset, array) if inverted else (array, 0.0)
            array = _rescale(dataset, stored)
            slope, intercept = next(_find_rescales(dataset, stored))
            total = slope * top + 2 * intercept
            if array is stored:
                windows = _find_full_scale(dataset, array.dtype)
        if inverted:
            notes.append("inverted, as MONOCHROME1 asks for")
        window, note = find_window(dataset, array.dtype, total if inverted else None)
        windows = windows if window is None else (window,)
        notes.append(note)
    elif array.ndim < 3 or array.shape[-1] not in (3, 4):
        raise ValueError(f"colors {kind} of {int(dataset.get('SamplesPerPixel') or 1)} samples")
    names: Names = (None, None, "sample") if colors else (None, None)
    if array.ndim > len(names):
        names = ("frame", *names)
    metadata = _find_metadata(dataset, names)
    frames = find_frames(dataset) if names[0] == "frame" else None
    if frames is not None and frames.values is not None and len(frames.values) == len(array):
        own = metadata.coordinates[1:] or (None,) * (len(names) - 1)
        metadata = replace(metadata, coordinates=(frames, *own))
    label = "" if colors else _find_label(dataset)
    note = ", ".join(filter(None, notes))
    metadata = replace(metadata, windows=windows, label=label, note=note, labels=labels)
    if labels and dataset.get("SegmentationType") != "BINARY":
        metadata = replace(metadata, label_table=_read_label_table(dataset))
    return DicomValues(array, mask, names, metadata)


def _are_labels(dataset: Any) -> bool:
    """Say whether values are numbers of segments: not shares of one, as they may be too."""
    kind = str(dataset.get("SegmentationType") or "")
    return str(dataset.get("SOPClassUID") or "") in _SEGMENTATIONS and kind != "FRACTIONAL"


def _read_label_table(dataset: Any) -> LabelTable | None:
    """Return the names of segments by their numbers."""
    segments = dataset.get("SegmentSequence") or ()
    names = {int(one.SegmentNumber): str(one.get("SegmentLabel") or "") for one in segments}
    return LabelTable.of_names({number: name for number, name in names.items() if name})


def _find_full_scale(dataset: Any, dtype: np.dtype[Any]) -> tuple[FullScale, ...]:
    bits = int(dataset.get("BitsStored") or 8 * dtype.itemsize)
    if dtype.kind not in "iu" or not 0 < bits < 8 * dtype.itemsize:
        return ()
    low = -(1 << bits - 1) if dtype.kind == "i" else 0
    return (FullScale(low, low + (1 << bits) - 1),)


def _find_label(dataset: Any) -> str:
    """Return the unit of values, such as "[HU]"; "" where none is told."""
    unit = str(dataset.get("RescaleType") or "")
    if not unit and dataset.get("Modality") == "CT" and "RescaleSlope" in dataset:
        unit = "HU"
    if dataset.get("Modality") == "PT":
        unit = str(dataset.get("Units") or unit)
    if "DoseGridScaling" in dataset:
        unit = str(dataset.get("DoseUnits") or "")
    unit = _UNITS.get(unit, " ".join(unit.split()))
    return f"[{unit}]" if unit else ""


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


def _invert(dataset: Any, array: Array) -> tuple[Array, float]:
    """Return pixels of which black is white, and what each and its inverse are together.

    That is over the bits that are stored; numbers of floating point, which have no such range, over
    their own.
    """
    if array.dtype.kind == "f":
        known = array[np.isfinite(array)]
        total = float(known.min()) + float(known.max()) if known.size else 0.0
        return np.asarray(array.dtype.type(total) - array), total
    if array.dtype.kind == "i":
        return np.asarray(~array), -1.0
    bits = int(dataset.get("BitsStored") or 8 * array.dtype.itemsize)
    return np.asarray(array.dtype.type((1 << bits) - 1) - array), float((1 << bits) - 1)


def _apply_table(dataset: Any, array: Array, decoder: Any) -> tuple[Array, float]:
    """Return what the modality's table has for pixels, and its least and its largest together."""
    found = np.asarray(decoder.apply_modality_lut(array, dataset))
    return found, float(np.iinfo(found.dtype).max)


def _rescale(dataset: Any, array: Array) -> Array:
    """Return what the numbers stand for, such as Hounsfield units; whole ones stay whole."""
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
    elif "DoseGridScaling" in dataset:
        yield float(dataset.DoseGridScaling), 0.0
        return
    else:
        groups = functional_groups(dataset, "PixelValueTransformationSequence")
    if len(groups) != (len(array) if array.ndim > 2 else 1):
        groups = groups[:1]
    for group in groups or [{}]:
        slope, intercept = group.get("RescaleSlope"), group.get("RescaleIntercept")
        yield 1.0 if slope is None else float(slope), 0.0 if intercept is None else float(intercept)


def _find_metadata(dataset: Any, names: Names) -> Metadata:
    """Return the size of pixels as coordinates of rows and columns."""
    groups = [dataset, *functional_groups(dataset, "PixelMeasuresSequence")[:1]]
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
