"""NIfTI, Analyze, MGH, AFNI and Philips' PAR/REC, read by nibabel: any part of a volume at a time.

The first axis of such a file is the columns, the second the rows, the third the slices; time and
what else there is come first in an array here. Samples stay where they are stored; the coordinates
say which way they go: "R [mm]" are millimetres to the right.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.metadata import Coordinate, LabelTable, Metadata
from nbimage.base.chunked import Array
from nbimage.base.forks import abandon, call_in_child
from nbimage.base.optional_imports import import_nibabel
from nbimage.base.text import explain_damage, one_line
from nbimage.pyramid.core.units import short_unit
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.array import ArraySource, make_source
from nbimage.pyramid.sources.unpacked import PlainFile, read_head

_HEAD = 348  # bytes of the shorter header
_SIZES = {_HEAD: 1, 540: 2}  # of a header, by the version of the format
_MAGIC = {1: (344, b"n+1\0"), 2: (4, b"n+2\0")}
_PAIRS = (".hdr", ".img")
_MGH = (".mgh", ".mgz")
_WITH_HEADER = (
    ((".head",), (".brik.gz", ".brik"), b"-attribute"),
    ((".par",), (".rec",), b"DATA DESCRIPTION FILE"),
)
_NAMES = ("x", "y", "z", "t", "dim5", "dim6", "dim7")
_LABEL_INTENTS = (1002, 1003)  # numbers of regions: of a table, or of NeuroNames
_UP = frozenset("AS")
"""Where a volume's upper side is: anterior, superior."""
_TIMES = {"sec": "s", "msec": "ms", "usec": "µs", "hz": "Hz", "ppm": "ppm", "rads": "rad/s"}


def is_nifti(path: Path) -> bool:
    """Say whether a file, or what is packed in it, is one that is read here."""
    suffix = path.suffix.lower()
    if suffix in _MGH or _find_header(path) is not None:
        return True
    return find_version(read_head(path, _HEAD)) is not None or (suffix in _PAIRS and _is_pair(path))


def _find_header(path: Path) -> Path | None:
    """Return the file of AFNI's or Philips' that says what is in it or beside it; else None."""
    name = path.name.lower()
    for headers, samples, start in _WITH_HEADER:
        if name.endswith((*headers, *samples)):
            stem = path.name[
                : -len(next(end for end in (*samples, *headers) if name.endswith(end)))
            ]
            for end in headers:
                for file in (path.with_name(stem + end), path.with_name(stem + end.upper())):
                    if file.is_file() and start in read_head(file, 200):
                        return file
    return None


def find_version(head: bytes) -> int | None:
    """Return the version of NIfTI of a file that begins so and holds its own samples; else None."""
    if len(head) < _HEAD:
        return None
    for order in "<>":
        version = _SIZES.get(struct.unpack(f"{order}i", head[:4])[0])
        if version is not None:
            start, magic = _MAGIC[version]
            if head[start : start + 4] == magic:
                return version
    return None


def _is_pair(path: Path) -> bool:
    """Say whether there is a header of Analyze or NIfTI, with its samples beside it."""
    found = [path.with_suffix(end) for one in _PAIRS for end in (one, one.upper())]
    headers = [file for file in found if file.suffix.lower() == ".hdr" and file.is_file()]
    heads = [read_head(file, _HEAD) for file in headers]
    sizes = [struct.pack(f"{order}i", size) for order in "<>" for size in _SIZES]
    return any(len(head) == _HEAD and head[:4] in sizes for head in heads)


class NiftiSamples:
    """The samples of an image of nibabel's, its axes from the last one to the first."""

    def __init__(self, file: PlainFile, version: int | None) -> None:
        self._asked = file, version
        self.image: Any = _load(file, version)
        call_in_child(self._begin_child)
        samples = self.image.dataobj
        shape = tuple(int(n) for n in samples.shape)
        dtype = np.asarray(samples[(slice(0, 1),) * len(shape)]).dtype  # scaled, if that is asked
        self._colors = dtype.names
        self.shape: tuple[int, ...] = shape[::-1]
        self.dtype: np.dtype[Any] = dtype.newbyteorder("=")
        if self._colors:
            self.shape, self.dtype = (*self.shape, len(self._colors)), np.dtype(np.uint8)

    def _begin_child(self) -> None:
        """Let go of an image that another thread may have been reading, with its lock."""
        abandon(self.image)
        self.image = None

    def __getitem__(self, where: Any) -> Array:
        if self.image is None:
            self.image = _load(*self._asked)
        index = where if isinstance(where, tuple) else (where,)
        index += (slice(None),) * (len(self.shape) - len(index))
        own, colors = (index[:-1], index[-1]) if self._colors else (index, None)
        try:
            part = np.asarray(self.image.dataobj[own[::-1]]).T
        except Exception as error:  # of a damaged file
            raise ValueError(
                f"{self._asked[0].path} must be a whole file: {explain_damage(error)}"
            ) from error
        if self._colors:
            return np.stack([part[name] for name in self._colors], axis=-1)[..., colors]
        return part.astype(self.dtype, copy=False)

    def __reduce__(self) -> Any:
        return NiftiSamples, self._asked


def _load(file: PlainFile, version: int | None) -> Any:
    nibabel = import_nibabel()
    if version is None:
        return nibabel.load(file.plain)
    kind = nibabel.Nifti1Image if version == 1 else nibabel.Nifti2Image
    if file.is_remote:
        holder = nibabel.FileHolder(fileobj=file.open())
    else:
        holder = nibabel.FileHolder(filename=str(file.plain))
    return kind.from_file_map({"header": holder, "image": holder})


def open_nifti(path: Path | RemoteFile, axes: Any, channel_axis: int | None) -> ArraySource:
    """Return a volume as a source; nothing but its header is read.

    Raises
    ------
    ImportError, ValueError
        Without nibabel, and for a damaged file, in one line.
    """
    try:
        import_nibabel()
    except ImportError as error:
        raise ImportError(f"{path} can't be opened: {error}") from None
    header = None if isinstance(path, RemoteFile) else _find_header(path)
    file = PlainFile(header or path)
    try:
        samples = _open_samples(file, path)
        names = tuple(reversed(_NAMES[: samples.image.ndim]))
        metadata = _find_metadata(samples.image)
    except Exception as error:  # of any field of a header
        if str(path) in str(error) and isinstance(error, (OSError, ValueError)):
            raise
        raise ValueError(f"{path} must be a whole volume: {explain_damage(error)}") from error
    if len(samples.shape) > len(names):
        names = (*names, "sample")
        metadata = replace(metadata, coordinates=(*metadata.coordinates, None))
    try:
        return make_source(samples, names, axes, channel_axis, None, metadata)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{path} can't be opened: {one_line(error)}") from None


def _open_samples(file: PlainFile, path: Path | RemoteFile) -> NiftiSamples:
    version = find_version(read_head(path, _HEAD))
    _check_size(_load(file, version), file, path)
    return NiftiSamples(file, version)


def _check_size(image: Any, file: PlainFile, path: Path | RemoteFile) -> None:
    """Raise ValueError for a file that ends before its samples do."""
    samples, holder = image.dataobj, image.file_map["image"].filename
    if not hasattr(samples, "offset") or str(holder).lower().endswith((".gz", ".bz2", ".mgz")):
        return
    end = int(samples.offset) + math.prod(samples.shape) * np.dtype(samples.dtype).itemsize
    size = file.size if file.is_remote else Path(holder).stat().st_size
    if size < end:
        raise ValueError(f"{path} must be a whole file of {end} bytes, but ends at byte {size}")


def _find_metadata(image: Any) -> Metadata:
    """Return coordinates, in the order of the array, and which way the axes go."""
    nibabel = import_nibabel()
    header, affine = image.header, np.asarray(image.affine, np.float64)
    count = min(3, image.ndim)
    length, time = _find_units(header)
    known = _has_space(header) and bool(np.isfinite(affine).all())
    codes: tuple[Any, ...] = nibabel.aff2axcodes(affine) if known else (None,) * 3
    sizes = [float(size) for size in header.get_zooms()]
    found: list[Coordinate] = []
    for axis in range(image.ndim):
        if axis >= count:
            found.append(_of_time(header, axis, time, image.shape[axis], sizes))
            continue
        upward = axis == 1 and (codes[1] in _UP or not known)
        found.append(_of_space(affine, axis, codes[axis], sizes[axis], length, upward))
        if axis == 2:
            found[2] = Coordinate(found[2].listed(image.shape[2]), found[2].label)
    note = ""
    if known and None not in codes[:count]:
        note = f"x, y, z go to {', '.join(codes)}"
        if not all(_is_straight(affine, axis) for axis in range(count)):
            note += ", nearly"
    table = _read_label_table(header)
    return Metadata(
        coordinates=tuple(reversed(found)),
        note=note,
        labels=table is not None or _are_labels(header),
        label_table=table,
    )


def _are_labels(header: Any) -> bool:
    """Say whether values are numbers of regions, by the intent of NIfTI or AFNI's colormap."""
    if hasattr(header, "get_intent"):
        return int(header["intent_code"]) in _LABEL_INTENTS
    return bool(np.any(getattr(header, "info", {}).get("INT_CMAP", 0)))


def _read_label_table(header: Any) -> LabelTable | None:
    """Return the names of AFNI's regions; None where there are none."""
    text = str(getattr(header, "info", {}).get("VALUE_LABEL_DTABLE", ""))
    rows = re.findall(r'"([-+]?\d+)"\s+"([^"]*)"', text)
    return LabelTable.of_names({int(label): name for label, name in rows})


def _find_units(header: Any) -> tuple[str, str]:
    """Return the units of lengths and of the fourth axis; MGH is in millimetres."""
    if not hasattr(header, "get_xyzt_units"):
        return "mm", {"MGHHeader": "ms", "PARRECHeader": "s"}.get(type(header).__name__, "")
    length, time = header.get_xyzt_units()
    short = "" if length == "unknown" else short_unit({"micron": "micrometer"}.get(length, length))
    return {"meter": "m"}.get(short, short), _TIMES.get(time, "")


def _has_space(header: Any) -> bool:
    """Say whether a file tells where its samples are, not only how large."""
    if hasattr(header, "get_sform"):
        return bool(int(header["sform_code"]) or int(header["qform_code"]))
    return type(header).__name__ in ("MGHHeader", "PARRECHeader", "AFNIHeader")


def _is_straight(affine: Array, axis: int) -> bool:
    """Say whether one coordinate changes along an axis, and along no other."""
    column = np.abs(affine[:3, axis])
    main = int(column.argmax())
    others = np.concatenate([np.delete(column, main), np.delete(np.abs(affine[main, :3]), axis)])
    return bool(column[main] > 0 and others.max() <= 1e-6 * column[main])


def _of_space(
    affine: Array, axis: int, code: str | None, size: float, unit: str, upward: bool
) -> Coordinate:
    """Return positions along an axis: in the scanner's space, or else from the first sample's."""
    if code is not None and _is_straight(affine, axis):
        main = int(np.abs(affine[:3, axis]).argmax())
        line = float(affine[main, 3]), float(affine[main, axis])
        label = f"{'RAS'[main]} [{unit}]" if unit else "RAS"[main]
        return Coordinate(None, label, upward, line)
    if not 0 < size < np.inf:
        return Coordinate(None, "", upward)
    return Coordinate(None, f"[{unit}]" if unit else "", upward, (size / 2, size))


def _of_time(header: Any, axis: int, unit: str, length: int, sizes: list[float]) -> Coordinate:
    """Return the coordinates along the fourth axis; none along others."""
    step = sizes[axis] if axis < len(sizes) else 0.0
    if axis != 3 or not unit or not 0 < step < np.inf:
        return Coordinate(None)
    first = float(header["toffset"]) if hasattr(header, "get_sform") else 0.0
    return Coordinate(first + step * np.arange(length), f"[{unit}]")
