"""What a TIFF says of its pixels: axes, their size, and the names and colors of its channels."""

from __future__ import annotations

import html
import itertools
import re
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from nbimage.arrays.orientation import UPRIGHT, as_orientation, find_xmp_orientation
from nbimage.base.scalars import METRES
from nbimage.mapping.channels.composite import complete_colors
from nbimage.pyramid.core.units import short_unit
from nbimage.pyramid.sources.tiff.colors import COLORS, YCBCR
from nbimage.pyramid.sources.tiff.steps import (
    find_pixels,
    read_calibration,
    read_imagej_channels,
    read_json,
)
from nbimage.pyramid.sources.unread import raw_photograph

TIFF_HEADS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""The first four bytes: of either order, classic and BigTIFF."""
_ALPHA = (1, 2)
_ORIENTATION = 274
_PAGES = 1000  # of a scan, whose pages may each lie another way
_FIXED = ("is_ome", "is_geotiff", "is_svs", "is_ndpi", "is_scn", "is_bif", "is_philips")
_RGB, _CENTIMETER = 2, 3
_RAW = 32803, 34892  # filtered by the sensor's colors
_KNOWN_PHOTOMETRIC = frozenset({0, 1, 2, 3, 6, *_RAW, 32844, 32845})
_BYTES_ALONE = frozenset({1, 5, 8, 32773, 32946, 34925, 50000})
"""Compressions that know of no colors: what they keep as YCbCr comes out as that."""


def check_pages(file: Any, name: str) -> None:
    """Raise ValueError where a file has no page, or ends before its last one.

    tifffile takes the pages that are left.
    """
    if not len(file.pages):
        raise ValueError(f"{name} must be a TIFF of at least one page, but has none")
    handle, form = file.filehandle, file.tiff

    def number(offset: int, code: str, size: int) -> int | None:
        handle.seek(offset)
        data = handle.read(size)
        return int(struct.unpack(code, data)[0]) if len(data) == size else None

    following = number(file.pages.next_page_offset, form.offsetformat, form.offsetsize)
    if not following:
        if following is None and file.pages.next_page_offset < handle.size:
            raise ValueError(f"{name} must be a whole TIFF, but ends in its last page")
        return
    tags = number(following, form.tagnoformat, form.tagnosize)
    size = 0 if tags is None else form.tagnosize + tags * form.tagsize
    if tags is None or following + size > handle.size:
        raise ValueError(
            f"{name} must be a whole TIFF, but ends before page {len(file.pages)}, "
            f"which is said to be at {following}"
        )


def series_axes(series: Any) -> str:
    """Return the axes of a series without those of length 1 at its end, which no page has."""
    letters = str(series.axes)
    while letters and letters[-1] not in "YXS" and series.shape[len(letters) - 1] == 1:
        letters = letters[:-1]
    page = str(series.keyframe.axes)  # LSM has channels where a page has samples
    if "S" in page and letters.endswith(page.replace("S", "C")):
        return letters[: -len(page)] + page
    return letters


def series_names(file: Any, series: Any, letters: str) -> tuple[str | None, ...]:
    """Return the names of axes; None for one that has none."""
    noted = read_json(file).get("names") if "Q" in letters and series is file.series[0] else None
    noted = noted if isinstance(noted, list) else []
    samples = "s" if "S" in str(series.axes) else "c"
    return tuple(
        (str(noted[axis]) if axis < len(noted) and noted[axis] else None)
        if letter == "Q"
        else samples
        if letter == "S"
        else letter.lower()
        for axis, letter in enumerate(letters)
    )


class OtherColorsError(ValueError):
    """Colors are neither gray nor RGB, nor become that when they are decoded."""


def check_colors(keyframe: Any, name: str, *, in_colors: bool) -> None:
    """Raise OtherColorsError for colors that nothing here makes RGB of.

    And ValueError for the preview of a raw photograph.
    """
    below = keyframe.pages if keyframe.is_reduced and keyframe.subifds else ()
    if any(page.photometric in _RAW for page in below):
        raise raw_photograph(name)
    known = keyframe.photometric in _KNOWN_PHOTOMETRIC or keyframe.photometric in COLORS
    if not known or (has_other_colors(keyframe) and not in_colors):
        kind = getattr(keyframe.photometric, "name", keyframe.photometric)
        raise OtherColorsError(f"{name} must be gray or RGB, but is {kind}: convert it first")


def has_other_colors(keyframe: Any) -> bool:
    """Say whether colors are other than RGB when tiles and strips have been unpacked."""
    if keyframe.photometric == YCBCR:
        return keyframe.compression in _BYTES_ALONE
    return keyframe.photometric in COLORS


class AcrossPagesError(ValueError):
    """Rows or columns of an image go from page to page."""


def page_axes(keyframe: Any, letters: str) -> str:
    """Return the axes of one page: "YX", "YXS" or "SYX"."""
    page = str(keyframe.axes)
    if not letters.endswith(page) and letters.count("Y") == letters.count("X") == 1:
        raise AcrossPagesError(f"rows and columns must be those of pages, but axes are {letters!r}")
    if not page.strip("YXS") == "" or not letters.endswith(page) or page.count("Y") != 1:
        raise ValueError(
            f"pages must be of rows and columns, but have axes {page!r} of {letters!r}"
        )
    return page


def has_colors(keyframe: Any) -> bool:
    """Say whether the samples of a pixel are its colors, or gray and alpha."""
    extra = tuple(int(e) for e in keyframe.extrasamples or ())
    colors = 3 if keyframe.photometric == _RGB else COLORS.get(keyframe.photometric, 1)
    alpha = int(len(extra) == 1 and extra[0] in _ALPHA)
    return int(keyframe.samplesperpixel) in (colors, colors + alpha)


def shape_in_rgb(keyframe: Any, shape: tuple[int, ...], letters: str) -> tuple[int, ...]:
    """Return the shape that pages have when their colors are RGB, such as of CMYK with alpha."""
    axis, count = letters.find("S"), COLORS.get(int(keyframe.photometric), 3)
    if axis < 0 or count == 3:
        return shape
    return (*shape[:axis], shape[axis] - count + 3, *shape[axis + 1 :])


def describe_samples(keyframe: Any) -> dict[str, Any]:
    """Return names and colors of the samples of a pixel where those beyond RGB are not alpha."""
    count = int(keyframe.samplesperpixel)
    if keyframe.photometric != _RGB or count < 4 or has_colors(keyframe):
        return {}
    return {
        "channel_names": ("red", "green", "blue", *(f"sample {i}" for i in range(3, count))),
        "channel_colors": ("#ff0000", "#00ff00", "#0000ff", *("#ffffff",) * (count - 3)),
    }


def read_orientations(
    file: Any, series: Any, keyframes: Sequence[Any], local: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the orientation of each level, 1 to 8, and of each page where these differ.

    That of a level is its own, or else that of the largest one. Of a file that is not ``local``,
    pages of which tifffile has read no tags are taken to be as the first.

    Upright is what says itself where its rows and columns lie: OME's XML counts those that are
    stored, georeferences do so too, and no reader of slides turns them.
    """
    if any(getattr(file, name, False) for name in _FIXED):
        return (UPRIGHT,) * len(keyframes), ()
    found = [_orientation(keyframe) for keyframe in keyframes]
    first = found[0] or UPRIGHT
    levels = tuple(first if one is None else one for one in found)
    count = len(series.pages)
    if count > _PAGES:
        return levels, ()
    known = itertools.takewhile(lambda page: local or hasattr(page, "tags"), series.pages)
    pages = [page for page in known if page is not None]
    if len(pages) < count:
        return levels, ()
    own = tuple(
        (_orientation(page) if hasattr(page, "tags") else _read_orientation(file, page)) or UPRIGHT
        for page in pages
    )
    return levels, () if set(own) <= {first} else own


def _read_orientation(file: Any, page: Any) -> int:
    """Return the orientation of a page of which tifffile has read no tags."""
    handle, form = page.parent.filehandle, file.tiff
    handle.seek(page.offset)
    (count,) = struct.unpack(form.tagnoformat, handle.read(form.tagnosize))
    tags = handle.read(count * form.tagsize)
    for start in range(0, len(tags) - form.tagsize + 1, form.tagsize):
        (code,) = struct.unpack_from(f"{form.byteorder}H", tags, start)
        if code == _ORIENTATION:
            value = start + form.tagsize - form.offsetsize
            return as_orientation(struct.unpack_from(f"{form.byteorder}H", tags, value)[0])
    return UPRIGHT


def _orientation(keyframe: Any) -> int | None:
    tag = keyframe.tags.get("Orientation")
    if tag is not None:
        return as_orientation(tag.value)
    xmp = keyframe.tags.get("XMP")
    return None if xmp is None else find_xmp_orientation(xmp.value)


def read_metadata(file: Any, series: Any) -> dict[str, Any]:
    """Return pixel size, unit, and names and colors of channels, where the file has them.

    And which other files OME says that the image is in.
    """
    companions = _find_companions(file)
    for read in (_from_ome, _from_imagej, _from_calibration, _from_svs, _from_json):
        try:
            found = read(file, series)
        except Exception:  # what is said of an image must not keep it from being shown
            continue
        if found:
            return {**found, "companions": companions}
    return {"companions": companions}


def _find_companions(file: Any) -> tuple[Path, ...]:
    if not file.is_ome:
        return ()
    names = set(re.findall(r'\b(?:FileName|MetadataFile)="([^"]+)"', file.ome_metadata or ""))
    folder = Path(file.filehandle.dirname)
    return tuple(folder / html.unescape(name) for name in sorted(names))


def read_significant_bits(file: Any, series: Any) -> int | None:
    """Return how many bits of a sample OME says are used; None where it does not."""
    if not file.is_ome:
        return None
    try:
        return int(find_pixels(file, series).get("SignificantBits", ""))
    except (AttributeError, ElementTree.ParseError, LookupError, ValueError):
        return None


def _from_ome(file: Any, series: Any) -> dict[str, Any]:
    pixels = find_pixels(file, series)
    if pixels is None:
        return {}
    channels = [e for e in pixels if _name(e) == "Channel"]
    names = tuple(e.get("Name", "") for e in channels)
    colors = tuple(_ome_color(e.get("Color")) for e in channels)
    found: dict[str, Any] = {
        "channel_names": names if any(names) else (),
        "channel_colors": complete_colors(colors),
    }
    high, wide = pixels.get("PhysicalSizeY"), pixels.get("PhysicalSizeX")
    units = [pixels.get(f"PhysicalSize{axis}Unit", "µm") for axis in "YX"]
    factor = _find_factor(short_unit(units[1]), short_unit(units[0]))
    if high and wide and factor is not None:
        found |= _sized(float(high), float(wide) * factor, units[0])
    return found


def _find_factor(unit: str, other: str) -> float | None:
    """Return how many of another unit one is; None where that is not known."""
    if unit == other:
        return 1.0
    return METRES[unit] / METRES[other] if unit in METRES and other in METRES else None


def _from_imagej(file: Any, series: Any) -> dict[str, Any]:
    found = file.imagej_metadata if file.is_imagej else None
    if not found:
        return {}
    axes = str(series.axes)
    count = int(series.shape[axes.index("C")]) if "C" in axes else 1
    colors = read_imagej_channels(file, count)[0]
    facts: dict[str, Any] = {"channel_colors": colors} if colors else {}
    if found.get("unit"):
        facts |= _sized(*_resolution(file), str(found["unit"]).replace("\\u00B5", "µ"))
    return facts


def _from_calibration(file: Any, series: Any) -> dict[str, Any]:
    found = read_calibration(file)
    return {} if found is None else _sized(*found)


def _from_json(file: Any, series: Any) -> dict[str, Any]:
    noted = read_json(file)
    size = noted.get("pixel_size")
    if isinstance(size, list) and len(size) == 2:
        found = _sized(float(size[0]), float(size[1]), str(noted.get("unit", "")))
    else:
        found = _from_resolution(file, series)
    for key in ("channel_names", "channel_colors"):
        texts = noted.get(key)
        if isinstance(texts, list) and texts and all(isinstance(one, str) for one in texts):
            found[key] = tuple(texts)
    return found


def _from_svs(file: Any, series: Any) -> dict[str, Any]:
    if not file.is_svs:
        return {}
    for part in str(file.pages[0].description).split("|"):
        key, _, value = part.partition("=")
        if key.strip() == "MPP":
            return _sized(float(value), float(value), "µm")
    return {}


def _from_resolution(file: Any, series: Any) -> dict[str, Any]:
    unit = file.pages[0].tags.get("ResolutionUnit")
    if unit is None or unit.value != _CENTIMETER:  # inches are what is said of any print
        return {}
    high, wide = _resolution(file)
    return _sized(high * 1e4, wide * 1e4, "µm")


def _resolution(file: Any) -> tuple[float, float]:
    tags = file.pages[0].tags
    y, x = tags["YResolution"].value, tags["XResolution"].value
    return y[1] / y[0], x[1] / x[0]


def _sized(high: float, wide: float, unit: str) -> dict[str, Any]:
    if not (0 < high < float("inf") and 0 < wide < float("inf")):
        return {}
    return {"pixel_size": (high, wide), "unit": short_unit(unit)}


def _ome_color(color: str | None) -> str:
    """Return a color that OME holds as red, green, blue and alpha in a signed integer."""
    return "" if color is None else f"#{(int(color) & 0xFFFFFFFF) >> 8:06x}"


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
