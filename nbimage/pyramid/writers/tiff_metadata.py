"""What a TIFF says of an image beside its samples: OME-XML, JSON, GeoTIFF's and GDAL's tags.

They are read by `pyramid/sources/tiff`, in `metadata`, `steps` and `geo`.
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from nbimage.arrays.metadata import Coordinate, Transform
from nbimage.base.text import clean_json, clean_xml, replace_surrogates
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.units import TIMES, short_unit
from nbimage.pyramid.writers.described import Description, find_line_of, find_numbers

Tag = tuple[int, str, int, Any, bool]
"""As tifffile has it: code, type, count, value, on the first page only."""

OME_LENGTHS = {"Å", "pm", "nm", "µm", "mm", "cm", "dm", "m", "km", "in", "ft", "yd", "mi"}
_PER_CENTIMETER = {"Å": 1e8, "nm": 1e7, "µm": 1e4, "mm": 10, "cm": 1, "m": 0.01, "in": 1 / 2.54}
_NODATA = 42113  # GDAL's tag
_DEGREE_KEYS = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2054, 0, 1, 9102)
_RASTER_TYPE, _IS_POINT = 1025, 2
_RGB = ("#ff0000", "#00ff00", "#0000ff")


def has_other_colors(pyramid: Pyramid) -> bool:
    """Say whether the channels of a pixel have colors of their own, not red, green and blue."""
    colors = pyramid.channel_colors
    return len(colors) == pyramid.channels > 1 and colors[:3] != _RGB


def check_units(description: Description, ome: bool) -> None:
    """Raise ValueError for units that there is no place for."""
    known: dict[str, Container[str]] = dict.fromkeys("yx", _PER_CENTIMETER)
    if ome:
        known = {"t": TIMES, **dict.fromkeys("zyx", OME_LENGTHS)}
    for axis, unit in description.units.items():
        if unit not in known.get(axis, (unit,)):
            kind, example = ("time", "s") if axis == "t" else ("length", "µm")
            raise ValueError(
                f"unit must be a {kind} such as {example!r} for {'OME-' * ome}TIFF, but got "
                f"{unit!r} of {axis}"
            )


def make_resolution(pyramid: Pyramid, level: int) -> dict[str, Any]:
    """Return pixels a centimeter, where the size of a pixel is a length."""
    if pyramid.pixel_size is None or pyramid.unit not in _PER_CENTIMETER:
        return {}
    high, wide = (
        _PER_CENTIMETER[pyramid.unit] / (size * (1 << level)) for size in pyramid.pixel_size
    )
    if not all(1e-9 < one < 1 << 32 for one in (wide, high)):  # what 32 bits hold
        return {}
    return {"resolution": (wide, high), "resolutionunit": "CENTIMETER"}


# OME-XML


def make_ome_metadata(pyramid: Pyramid, letters: str, lengths: Sequence[int]) -> dict[str, Any]:
    """Return what OME-XML says of pixels, planes and channels, for tifffile.

    ``letters`` and ``lengths``: of the axes before rows and columns.
    """
    metadata: dict[str, Any] = {}
    if pyramid.pixel_size is not None and pyramid.unit in OME_LENGTHS:
        for axis, size in zip("YX", pyramid.pixel_size, strict=True):
            metadata |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": pyramid.unit}
    planes: dict[str, Any] = {}
    for number, letter in enumerate(letters[: len(pyramid.axes)]):
        known = pyramid.metadata.along(number)
        line, unit = find_line_of(known)
        if letter not in "ZT" or known is None or unit not in (OME_LENGTHS, TIMES)[letter == "T"]:
            continue
        step, position = (
            ("PhysicalSizeZ", "PositionZ")
            if letter == "Z"
            else (
                "TimeIncrement",
                "DeltaT",
            )
        )
        if line is not None:
            metadata |= {step: abs(line[1]), f"{step}Unit": unit}
        if line is None or line[0] != 0 or line[1] < 0:
            planes |= _list_positions(known, number, lengths, position, unit)
        if known.values is not None and known.values.dtype.kind == "M":
            metadata["AcquisitionDate"] = str(known.values[0].astype("datetime64[ms]"))
    count = lengths[letters.index("C")] if "C" in letters else 1
    channel: dict[str, Any] = {}
    if len(pyramid.channel_names) == count:
        channel["Name"] = [clean_xml(name) for name in pyramid.channel_names]
    if len(pyramid.channel_colors) == count:
        channel["Color"] = [_signed(color) for color in pyramid.channel_colors]
    metadata |= {"Plane": planes} if planes else {}
    return metadata | ({"Channel": channel} if channel else {})


def _list_positions(
    known: Coordinate, axis: int, lengths: Sequence[int], name: str, unit: str
) -> dict[str, list[Any]]:
    """Return where each plane is along an axis."""
    values, _ = find_numbers(known)
    values = known.listed(lengths[axis]) if values is None else values
    if values is None:
        return {}
    shape = [1] * len(lengths)
    shape[axis] = -1
    along = np.broadcast_to(np.reshape(values, shape), tuple(lengths)).ravel()
    return {name: along.astype(float).tolist(), f"{name}Unit": [unit] * along.size}


def _signed(color: str) -> int:
    """Return ``#rrggbb`` as OME has it: red, green, blue and alpha in a signed integer."""
    value = int(color.lstrip("#"), 16) << 8 | 0xFF
    return value - (1 << 32) if value >= 1 << 31 else value


# JSON beside the shape, which tifffile writes and reads of plain TIFF


def make_json_metadata(pyramid: Pyramid) -> dict[str, Any]:
    """Return names and coordinates of axes, size of pixels, names and colors of channels."""
    coordinates = {
        name: _as_json(known)
        for number, (name, _) in enumerate(pyramid.axes)
        if (known := pyramid.metadata.along(number)) is not None
    }
    found = {
        "names": [name for name, _ in pyramid.axes],
        "coordinates": {name: known for name, known in coordinates.items() if known},
        "pixel_size": [] if pyramid.pixel_size is None else list(pyramid.pixel_size),
        "unit": pyramid.unit,
        "channel_names": list(pyramid.channel_names),
        "channel_colors": list(pyramid.channel_colors) if _are_colored(pyramid) else [],
    }
    return {key: clean_json(value) for key, value in found.items() if value}


def _are_colored(pyramid: Pyramid) -> bool:
    """Say whether channels have other colors than samples of a pixel have anyway."""
    colors = pyramid.channel_colors
    return has_other_colors(pyramid) or (pyramid.channels == 1 and set(colors) != {"#ffffff"})


def _as_json(known: Coordinate) -> dict[str, Any]:
    found: dict[str, Any] = {"label": known.label}
    if known.regular is not None:
        return found | {"regular": list(known.regular)}
    values = known.values
    if values is None:
        return found if known.label else {}
    if values.dtype.kind in "mM":
        whole = values.astype(np.int64).tolist()
        return found | {"values": whole, "dtype": values.dtype.newbyteorder("=").str[1:]}
    if values.dtype.kind not in "iufUS" or not _is_plain(values):
        return {}
    return found | {"values": values.tolist(), "dtype": values.dtype.kind}


def _is_plain(values: Any) -> bool:
    return values.dtype.kind not in "fS" or (
        values.dtype.kind == "f" and bool(np.isfinite(values).all())
    )


# Tags of GeoTIFF and GDAL


def make_tags(pyramid: Pyramid, samples: int, missing: int | None = None) -> list[Tag]:
    """Return positions, reference system, and what is known of values and bands.

    ``samples``: of a pixel. ``missing``: the one that stands for missing values.
    """
    what = "nan" if missing is None else str(missing)
    tags: list[Tag] = [(_NODATA, "s", 0, what, True)] if pyramid.dtype.kind == "f" else []
    return tags + _make_geo_tags(pyramid) + _make_band_tags(pyramid, samples)


def _make_band_tags(pyramid: Pyramid, samples: int) -> list[Tag]:
    """Return names and unit of the samples of a pixel, as GDAL has them."""
    metadata, items = pyramid.metadata, []
    names: Sequence[str] = pyramid.channel_names if len(pyramid.channel_names) == samples else ()
    if samples == 1 and metadata.name:
        names = (metadata.name,)
    for key, role, texts in (
        ("DESCRIPTION", "description", names),
        ("UNITTYPE", "unittype", [metadata.value_unit] * samples),
    ):
        items += [
            f'  <Item name="{key}" sample="{number}" role="{role}">{escape(text)}</Item>\n'
            for number, text in enumerate(map(clean_xml, texts))
            if text
        ]
    if not items:
        return []
    text = f"<GDALMetadata>\n{''.join(items)}</GDALMetadata>"
    return [(42112, "s", 0, replace_surrogates(text).encode(), True)]


def _make_geo_tags(pyramid: Pyramid) -> list[Tag]:
    georeference = pyramid.metadata.georeference
    number = len(pyramid.axes)
    rows, columns = (pyramid.metadata.along(axis) for axis in (number, number + 1))
    in_degrees = all(
        known is not None and short_unit(known.unit).startswith("degree")
        for known in (rows, columns)
    )
    if georeference is None and not in_degrees:
        return []
    keys = None if georeference is None else georeference.keys
    if keys is None and in_degrees:
        keys = _DEGREE_KEYS, (), ""
    rotated = None if georeference is None else georeference.rotated
    directory = () if keys is None else keys[0]
    entries = zip(directory[4::4], directory[7::4], strict=False)
    is_point = dict(entries).get(_RASTER_TYPE) == _IS_POINT
    transform = rotated if rotated is not None else _find_transform(rows, columns)
    tags = [] if transform is None else _make_transform_tags(transform, is_point)
    if keys is not None:
        tags.append((34735, "H", len(directory), directory, True))
        tags += [(34736, "d", len(keys[1]), keys[1], True)] if keys[1] else []
        tags += [(34737, "s", 0, replace_surrogates(keys[2]).encode(), True)] if keys[2] else []
    return tags


def _find_transform(rows: Coordinate | None, columns: Coordinate | None) -> Transform | None:
    """Return the transform from corners of pixels, whose centers have regular coordinates."""
    down, across = (None if known is None else known.line for known in (rows, columns))
    if down is None or across is None:
        return None
    (y, high), (x, wide) = down, across
    return wide, 0.0, x - wide / 2, 0.0, high, y - high / 2


def _make_transform_tags(transform: Transform, is_point: bool) -> list[Tag]:
    a, b, c, d, e, f = transform
    if is_point:  # then they are of the centers
        c, f = c + (a + b) / 2, f + (d + e) / 2
    if not all(map(math.isfinite, transform)):
        return []
    if b or d or a < 0 or e > 0:
        matrix = (a, b, 0.0, c, d, e, 0.0, f, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
        return [(34264, "d", 16, matrix, True)]
    return [
        (33550, "d", 3, (a, -e, 0.0), True),
        (33922, "d", 6, (0.0, 0.0, 0.0, c, f, 0.0), True),
    ]
