"""A folder of DICOM files as a volume: the slices of a series, sorted by their positions.

Not here: what one file says of its pixels (`nbimage.arrays.dicom`), whole slides (OpenSlide's).
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.decoding import Decoding
from nbimage.arrays.dicom.frames import find_direction
from nbimage.arrays.dicom.values import DicomValues, read_dataset
from nbimage.arrays.metadata import Coordinate
from nbimage.base.chunked import Array
from nbimage.base.optional_imports import import_pydicom
from nbimage.base.text import explain_damage, format_count, one_line
from nbimage.pyramid.core.block_cache import BlockCache
from nbimage.pyramid.sources.array import ArraySource, make_source
from nbimage.pyramid.sources.medical.dicom_file import (
    is_dicom,
    is_dicom_slide,
    is_directory,
    list_directory,
    open_dicom,
    read_dicom,
)

_SAMPLED = 32  # files of a folder that may hold something else
_CACHE_BYTES = 1 << 27
_GEOMETRY = ("Rows", "Columns", "SamplesPerPixel")
_TIMES = ("TemporalPositionIdentifier", "TriggerTime", "EchoTime", "DiffusionBValue")
_TAGS = (
    *("SOPClassUID", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "Modality"),
    *(*_GEOMETRY, *_TIMES, "NumberOfFrames", "BitsAllocated", "AcquisitionNumber"),
    *("ImagePositionPatient", "ImageOrientationPatient", "SliceLocation", "InstanceNumber"),
    *("SliceThickness", "SpacingBetweenSlices", "RescaleSlope", "RescaleIntercept"),
    "PixelPaddingValue",
)


class _Slice(NamedTuple):
    """A file, and its header without the pixels."""

    path: Path
    header: Any


def is_series(folder: Path) -> bool:
    """Say whether a folder holds DICOM files: one of the first of its files, or a DICOMDIR."""
    if _find_directory(folder) is not None:
        return True
    files = (path for path in sorted(folder.iterdir()) if path.is_file())
    return any(map(_is_image_file, itertools.islice(files, _SAMPLED)))


def _find_directory(folder: Path) -> Path | None:
    """Return the DICOMDIR of a folder."""
    for name in ("DICOMDIR", "dicomdir"):
        if (folder / name).is_file():
            return folder / name
    return None


def _list_images(folder: Path) -> list[Path]:
    """Return the DICOM files of a folder; where it has none itself, those of its DICOMDIR."""
    if folder.is_file():
        return list_directory(folder)
    files = [path for path in sorted(folder.iterdir()) if _is_image_file(path)]
    directory = _find_directory(folder)
    return files if files or directory is None else list_directory(directory)


def _is_image_file(path: Path) -> bool:
    return path.is_file() and is_dicom(path) and not is_directory(path)


def open_series(
    folder: Path, axes: Any, channel_axis: int | None, part: str | None = None
) -> ArraySource:
    """Return the volume in a folder as a source, its slices read when they are asked for.

    Parameters
    ----------
    folder : Path
        Of the files, which may have any names; or a DICOMDIR, which lists them.
    axes, channel_axis
        As for `open_pyramid`.
    part : str, optional
        The number or the description of a series, or its unique identifier (UID); needed where
        there are several.

    Raises
    ------
    ImportError, ValueError
        Without pydicom, and for files that make no volume, in one line.
    """
    try:
        import_pydicom()
    except ImportError as error:
        raise ImportError(f"{folder} can't be opened: {error}") from None
    with _one_error(folder):
        return _open_slices(folder, axes, channel_axis, part)


@contextlib.contextmanager
def _one_error(folder: Path) -> Iterator[None]:
    """Raise ValueError in one line, whatever pydicom makes of an element when it is asked for."""
    try:
        yield
    except Exception as error:
        own = isinstance(error, (ImportError, OSError, TypeError, ValueError))
        if own and any(str(name) in str(error) for name in (folder, folder.parent)):
            raise
        raise ValueError(
            f"{folder} must hold whole DICOM files: {explain_damage(error)}"
        ) from error


def _open_slices(
    folder: Path, axes: Any, channel_axis: int | None, part: str | None
) -> ArraySource:
    slices = _choose([_read_header(path) for path in _list_images(folder)], part, folder)
    slices, other = _of_one_geometry(slices)
    several = [one for one in slices if int(one.header.get("NumberOfFrames") or 1) > 1]
    if is_dicom_slide(slices[0].header) or (several and len(slices) > 1):
        what = "a slide" if not several else "images of several frames"
        raise ValueError(f"{folder} must hold slices, but holds {what}: open one of its files")
    if len(slices) == 1:
        return open_dicom(slices[0].path, axes, channel_axis)
    times, positions = _sort(slices, folder)
    slices = [one for row in times for one in row]
    middle = _read_values(slices[len(slices) // 2].path)
    lead = (len(times), len(times[0])) if len(times) > 1 else (len(times[0]),)
    masked = any("PixelPaddingValue" in one.header for one in slices)
    paths = tuple(one.path.absolute() for one in slices)
    samples = SeriesSamples(paths, lead, middle.array.shape, _find_dtype(slices, middle), masked)
    names = (*("t", "z")[-len(lead) :], "y", "x", *middle.names[2:])
    own = middle.metadata.coordinates or (None,) * middle.array.ndim
    along = (None, positions)[-len(lead) :]
    note = f"without {format_count(other, 'image')} of another size or direction" if other else ""
    metadata = replace(
        middle.metadata,
        coordinates=(*along, *own),
        note=", ".join(filter(None, [middle.metadata.note, note])),
    )
    try:
        decoding = Decoding(masked=masked)
        return make_source(samples, names, axes, channel_axis, decoding, metadata)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{folder} can't be opened: {one_line(error)}") from None


class SeriesSamples:
    """The samples of files of one slice each, ``([T,] Z, H, W[, 3])``."""

    def __init__(
        self,
        paths: tuple[Path, ...],
        lead: tuple[int, ...],
        plane: tuple[int, ...],
        dtype: np.dtype[Any],
        masked: bool,
    ) -> None:
        self._asked = paths, lead, plane, dtype, masked
        self.shape, self.dtype = (*lead, *plane), dtype
        self.chunks = (*(1,) * len(lead), *plane)
        self._cache = BlockCache(_CACHE_BYTES)

    def __getitem__(self, where: Any) -> Array:
        _, lead, _, _, _ = self._asked
        index = where if isinstance(where, tuple) else (where,)
        index += (slice(None),) * (len(self.shape) - len(index))
        first, rest = index[: len(lead)], index[len(lead) :]
        chosen = [
            range(n)[one] if isinstance(one, slice) else [range(n)[one]]
            for one, n in zip(first, lead, strict=True)
        ]
        counts = [len(one) for one, asked in zip(chosen, first, strict=True) if _is_slice(asked)]
        planes = [
            self._read(int(np.ravel_multi_index(position, lead)))[rest]
            for position in itertools.product(*chosen)
        ]
        if not counts:
            return planes[0]
        stack = np.ma.stack if self._asked[-1] else np.stack
        found: Array = stack(planes) if planes else np.empty((0, *self._asked[2]), self.dtype)
        return found.reshape(*counts, *found.shape[1:])

    def _read(self, number: int) -> Array:
        paths, _, plane, dtype, masked = self._asked

        def read() -> Array:
            found = _read_values(paths[number])
            if found.array.shape != plane:
                raise ValueError(
                    f"{paths[number]} must be a slice of shape {plane}, but has shape "
                    f"{found.array.shape}"
                )
            array = found.array.astype(dtype, copy=False)
            return (
                np.ma.array(array, mask=found.mask)
                if masked and found.mask is not None
                else (np.ma.array(array) if masked else array)
            )

        return self._cache.get(number, read)

    def __reduce__(self) -> Any:
        return SeriesSamples, self._asked


def _is_slice(one: Any) -> bool:
    return isinstance(one, slice)


def _read_header(path: Path) -> _Slice:
    try:
        header = read_dicom(path, stop_before_pixels=True, specific_tags=list(_TAGS))
    except Exception as error:  # of any element
        raise ValueError(f"{path} must be a whole DICOM file: {explain_damage(error)}") from error
    return _Slice(path, header)


def _read_values(path: Path) -> DicomValues:
    try:
        return read_dataset(read_dicom(path))
    except Exception as error:  # of any element
        raise ValueError(f"{path} can't be read: {explain_damage(error)}") from error


def _choose(slices: list[_Slice], part: str | None, folder: Path) -> list[_Slice]:
    """Return the files of a series: the only one, or that which is named."""
    series: dict[str, list[_Slice]] = defaultdict(list)
    for one in slices:
        if one.header.get("Rows") and one.header.get("Columns"):
            series[str(one.header.get("SeriesInstanceUID", ""))].append(one)
    if not series:
        raise ValueError(f"{folder} must hold images, but its DICOM files have no pixels")
    found = list(series.values())
    if part is not None:
        word = " ".join(part.lower().split())
        found = [one for one in found if word in _names(one[0].header)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(
        f"{' '.join(filter(None, _titles(one[0].header)))} ({format_count(len(one), 'image')})"
        for one in series.values()
    )
    if part is not None and found:
        number = ", ".join(str(one[0].header.SeriesInstanceUID) for one in found)
        raise ValueError(f"{part!r} names {len(found)} series of {folder}: name one by {number}")
    if part is not None:
        raise ValueError(f"no series {part!r} in {folder}, which has {listed}")
    number = _titles(found[0][0].header)[0]
    raise ValueError(
        f"{folder} must hold one series, but holds {len(found)}: {listed}: name one, such as "
        f"'{folder.name}[{number}]'"
    )


def _names(header: Any) -> tuple[str, ...]:
    """Return what names a series: its number, its description, both, or its unique identifier."""
    titles = _titles(header)
    return (*titles, " ".join(titles), str(header.get("SeriesInstanceUID", "")))


def _titles(header: Any) -> tuple[str, str]:
    number, words = header.get("SeriesNumber"), str(header.get("SeriesDescription") or "")
    return ("" if number is None else str(number)), " ".join(words.lower().split())


def _of_one_geometry(slices: list[_Slice]) -> tuple[list[_Slice], int]:
    """Return the most images of one size and direction, and how many others there are."""
    groups: dict[Any, list[_Slice]] = defaultdict(list)
    for one in slices:
        turned = one.header.get("ImageOrientationPatient") or ()
        key = tuple(one.header.get(name) for name in _GEOMETRY)
        groups[key, tuple(round(float(part), 3) for part in turned)].append(one)
    largest = max(groups.values(), key=len)
    return largest, len(slices) - len(largest)


def _sort(slices: list[_Slice], folder: Path) -> tuple[list[list[_Slice]], Coordinate | None]:
    """Return the slices by time and position, and the coordinate of the positions."""
    distances = [_find_distance(one.header) for one in slices]
    numbers = [_number(one.header, "InstanceNumber") for one in slices]
    if any(distance is None for distance in distances):
        order = np.argsort(numbers, kind="stable")
        step = _number(slices[0].header, "SpacingBetweenSlices", math.nan)
        step = step if step > 0 else _number(slices[0].header, "SliceThickness", math.nan)
        known = step * np.arange(len(slices)) if step > 0 else None
        return [[slices[i] for i in order]], known if known is None else Coordinate(known, "[mm]")
    levels = np.round(np.array(distances, np.float64), 3)
    positions, inverse = np.unique(levels, return_inverse=True)
    columns: list[list[_Slice]] = [[] for _ in positions]
    for one, column in zip(slices, inverse.tolist(), strict=True):
        columns[column].append(one)
    counts = {len(column) for column in columns}
    if len(counts) > 1:
        raise ValueError(
            f"{folder} must hold as many images at each position, but holds {min(counts)} to "
            f"{max(counts)}: keep one series of them"
        )
    for column in columns:
        column.sort(key=_time_of)
    rows = [list(row) for row in zip(*columns, strict=True)]
    return rows, Coordinate(positions, "[mm]") if len(positions) > 1 else None


def _find_distance(header: Any) -> float | None:
    """Return where a slice is along the direction in which they follow one another."""
    position, normal = header.get("ImagePositionPatient"), find_direction(header)
    if position is not None and len(position) == 3 and normal is not None:
        return float(np.dot(normal, [float(part) for part in position]))
    location = header.get("SliceLocation")
    return None if location is None else float(location)


def _time_of(one: _Slice) -> tuple[Any, ...]:
    names = (*_TIMES, "AcquisitionNumber", "InstanceNumber")
    return (*(_number(one.header, name) for name in names), one.path.name)


def _number(header: Any, name: str, default: float = 0.0) -> float:
    try:
        value = header.get(name)
        return default if value is None else float(value)
    except (TypeError, ValueError):
        return default


def _find_dtype(slices: Sequence[_Slice], middle: DicomValues) -> np.dtype[Any]:
    """Return what holds the values of all slices, whose scales may differ."""
    scales = {
        (_number(one.header, "RescaleSlope", 1.0), _number(one.header, "RescaleIntercept"))
        for one in slices
    }
    if len(scales) == 1:
        return np.dtype(middle.array.dtype)
    bits = max(int(one.header.get("BitsAllocated") or 16) for one in slices)
    return np.dtype(np.float32 if bits <= 16 else np.float64)
