"""Shapes as ImageJ ROI: files ``.roi`` of one, ``.zip`` of several, by the package roifile."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nbimage.base.atomic import read_file, write_file
from nbimage.base.optional_imports import import_roifile
from nbimage.base.suffixes import resolve_name
from nbimage.base.text import explain_damage, one_line, replace_surrogates
from nbimage.view.shapes.shape import Shape, as_shape

_AXES = "t", "z", "c"
_MOST = 1 << 28  # bytes of all shapes of an archive, unpacked
_TYPES = {"box": "RECT", "ellipse": "OVAL", "line": "LINE", "point": "POINT", "polygon": "POLYGON"}


def write_imagej(shapes: Sequence[Shape], path: Any) -> Path:
    """Write a ``.roi`` of one shape, or a ``.zip``. Raises ValueError for another number."""
    name, kind = resolve_name(path, {"zip": "zip", "roi": "roi"}, "a list of ImageJ ROI")
    rois = [_as_roi(shape) for shape in shapes]
    if kind == "roi":
        if len(rois) != 1:
            raise ValueError(
                f"a .roi file holds one shape, but there are {len(rois)}: write a .zip"
            )
        return write_file(name, rois[0].tobytes())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        used: set[str] = set()
        for i, roi in enumerate(rois):
            plain = "".join(letter for letter in roi.name if letter.isalnum() or letter in " -_")
            entry = plain.strip()[:100] or f"shape {i + 1}"
            entry = entry if entry not in used else f"{entry}-{i + 1}"
            used.add(entry)
            # of no date: the same shapes give the same bytes
            file.writestr(zipfile.ZipInfo(f"{entry}.roi"), roi.tobytes())
    return write_file(name, packed.getvalue())


def _as_roi(shape: Shape) -> Any:
    roifile = import_roifile()
    points = [(column + 0.5, row + 0.5) for row, column in shape.points]
    if shape.kind in ("box", "ellipse"):
        xs, ys = zip(*points, strict=True)
        points = [(min(xs), min(ys)), (max(xs), max(ys))]
    roi = roifile.ImagejRoi.frompoints(
        [[x, y] for x, y in points], name=replace_surrogates(shape.label)
    )
    roi.roitype = roifile.ROI_TYPE[_TYPES[shape.kind]]
    if shape.kind == "line" and len(points) > 2:
        roi.roitype = roifile.ROI_TYPE.POLYLINE
    if roi.roitype == roifile.ROI_TYPE.LINE:
        (roi.x1, roi.y1), (roi.x2, roi.y2) = points
    if shape.kind in ("box", "ellipse"):
        (roi.xd, roi.yd), (right, bottom) = points
        roi.widthd, roi.heightd = right - roi.xd, bottom - roi.yd
        roi.left, roi.top, roi.right, roi.bottom = (
            int(end) for end in (roi.xd, roi.yd, right, bottom)
        )
    if shape.kind in ("box", "ellipse") or roi.roitype == roifile.ROI_TYPE.LINE:
        roi.n_coordinates = 0
        roi.integer_coordinates = roi.subpixel_coordinates = None
    whole = all(float(end).is_integer() for point in points for end in point)
    if whole and shape.kind in ("box", "ellipse"):
        roi.options &= ~roifile.ROI_OPTIONS.SUB_PIXEL_RESOLUTION
    if shape.color:
        roi.stroke_color = b"\xff" + bytes.fromhex(shape.color[1:])
    for axis, i in (shape.plane or {}).items():
        letter = str(axis)[:1].lower()
        if letter in _AXES:
            setattr(roi, f"{letter}_position", i + 1)
        else:
            roi.position = i + 1
    return roi


_LARGEST = 1 << 26  # bytes of a shape


def read_imagej(path: Any) -> list[Shape]:
    """Return the shapes of a ``.roi`` or ``.zip`` file. Raises ValueError in one line."""
    roifile = import_roifile()
    name = os.fspath(path)
    data = read_file(path)
    try:
        if data[:2] != b"PK":
            return list(_read(data, roifile, "the ROI"))
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            entries = [one for one in file.infolist() if one.filename.lower().endswith(".roi")]
            size = sum(entry.file_size for entry in entries)
            if size > _MOST:
                most, has = _MOST / 2**20, size / 2**20
                raise ValueError(f"its shapes must have at most {most:g} MiB, but have {has:g}")
            return [
                shape
                for entry in entries
                for shape in _read(_read_entry(file, entry), roifile, repr(entry.filename))
            ]
    except Exception as error:  # of the archive, how it is packed, or the numbers in it
        own = isinstance(error, TypeError) and " must be " in str(error)
        text = one_line(error) if own else explain_damage(error)
        raise ValueError(f"{name!r} can't be read as ImageJ ROI: {text}") from None


def _read_entry(file: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with file.open(entry) as opened:
        data = opened.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"{entry.filename!r} must be of at most 64 MiB, but has more")
    return data


def _read(data: bytes, roifile: Any, what: str) -> Iterator[Shape]:
    roi = roifile.ImagejRoi.frombytes(data)
    types = roifile.ROI_TYPE
    if roi.composite:
        raise ValueError(f"{what} is a composite, which no shape is")
    if roi.roitype in (types.RECT, types.OVAL):
        kind = "box" if roi.roitype == types.RECT else "ellipse"
        corners = [(roi.left, roi.top), (roi.right, roi.bottom)]
        if roi.subpixelrect:
            corners = [(roi.xd, roi.yd), (roi.xd + roi.widthd, roi.yd + roi.heightd)]
    else:
        corners = roi.coordinates().tolist()
        kind = {types.LINE: "line", types.POINT: "point"}.get(roi.roitype, "polygon")
        if roi.roitype in (types.POLYLINE, types.FREELINE, types.ANGLE):
            kind = "line"
        if roi.roitype == types.NOROI:
            raise ValueError(f"{what} has no outline")
        if kind == "point" and roi.subpixel_coordinates is None:
            corners = [(x + 0.5, y + 0.5) for x, y in corners]  # the center of a pixel
    found = {axis: getattr(roi, f"{axis}_position") for axis in _AXES}
    plane: dict[Any, int] = {axis: i - 1 for axis, i in found.items() if i > 0}
    if not plane and roi.position > 0:
        plane = {0: roi.position - 1}
    points = [(_decimal(y) - 0.5, _decimal(x) - 0.5) for x, y in corners]
    own = {"label": roi.name, "color": roi.hexcolor(roi.stroke_color), "plane": plane}
    for some in [[point] for point in points] if kind == "point" else [points]:
        yield as_shape({"kind": kind, "points": some, **own}, what)


def _decimal(position: Any) -> float:
    """Return a position of single precision as the shortest number that it is."""
    import numpy as np

    return float(str(np.float32(position)))
