"""Images in FITS files: the first one, or that of an HDU by its number or its name."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.decoding import Decoding, Missing
from nbimage.arrays.metadata import Metadata
from nbimage.arrays.world.wcs import write_sky_cards
from nbimage.base.optional_imports import import_astropy_fits
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.array import ArraySource, file_errors, make_source
from nbimage.pyramid.sources.fits.header import read_axes, read_label
from nbimage.pyramid.sources.fits.samples import (
    CompressedSamples,
    MappedSamples,
    find_kind,
    open_file,
)
from nbimage.pyramid.sources.unpacked import PlainFile, read_head

FITS_HEAD = b"SIMPLE  ="
_MOST_AXES = 999
_NEXT = b"XTENSION"
_BLOCK = 2880  # bytes that a file is a multiple of
_NAMED = 8  # HDUs that a note or an error lists


class _Unit(NamedTuple):
    """A header-and-data unit (HDU)."""

    number: int
    name: str
    version: int
    hdu: Any
    shape: tuple[int, ...]
    """Of an image of at least two axes; else ()."""
    what: str

    @property
    def title(self) -> str:
        """Number and name: "1 SCI"."""
        version = f",{self.version}" if self.version > 1 else ""
        return f"{self.number} {self.name}{version}".rstrip()


def is_fits(path: Path) -> bool:
    """Say whether a file, or what gzip has packed in it, begins as FITS does."""
    return read_head(path, len(FITS_HEAD)) == FITS_HEAD


def open_fits(
    path: Path | RemoteFile, axes: Any, channel_axis: int | None, part: str | None = None
) -> ArraySource:
    """Return an image of a FITS file as a source; nothing but headers is read.

    Parameters
    ----------
    path : Path or RemoteFile
        The file.
    axes, channel_axis
        As for `open_pyramid`.
    part : str, optional
        The HDU's number (0 is the primary one), its name, or its name and version, "SCI,2".
        Default: the first that is an image.

    Raises
    ------
    ImportError, ValueError
        Without astropy, and for what holds no image, in one line.
    """
    try:
        import_astropy_fits()
    except ImportError as error:
        raise ImportError(f"{path} can't be opened: {error}") from None
    file = PlainFile(path)
    with file_errors(path, "FITS"):
        _check_axes(read_head(path, _BLOCK))
        opened = open_file(file)
        try:
            units = list(_list_units(opened, file))
            unit = _choose(units, part, path)
            return _open_unit(file, unit, units, part, axes, channel_axis)
        finally:
            opened.close()


def _find_numbers(opened: Any, file: PlainFile) -> Iterator[int]:
    """Yield the numbers of HDUs; what follows the last one, such as zeros, is none.

    astropy would look for the end of a header in all that follows.
    """
    if file.is_remote:
        yield from range(len(opened))
        return
    with file.open() as plain:
        start = 0
        for number in itertools.count():
            yield number
            extent = opened[number].fileinfo()
            before, start = start, int(extent["datLoc"]) + int(extent["datSpan"])
            if start <= before:  # a negative length, after which nothing is found
                return
            plain.seek(start)
            head = plain.read(_BLOCK) or b""
            if not head.startswith(_NEXT):
                return
            _check_axes(head)


def _check_axes(head: bytes) -> None:
    """Raise ValueError for more axes or fields than FITS has: astropy counts them one by one."""
    for start in range(0, len(head) - 79, 80):
        found = re.match(rb"(?:NAXIS|ZNAXIS|TFIELDS) *=\s*(\d{1,20})", head[start : start + 80])
        if found and int(found[1]) > _MOST_AXES:
            raise ValueError(f"it has {int(found[1])} axes or fields, and may have 999")


def _list_units(opened: Any, file: PlainFile) -> Iterator[_Unit]:
    fits = import_astropy_fits()
    images = fits.PrimaryHDU, fits.ImageHDU, fits.CompImageHDU
    for number in _find_numbers(opened, file):
        hdu = opened[number]
        shape = tuple(int(n) for n in getattr(hdu, "shape", ()) or ())
        what = "of no image"
        if isinstance(hdu, fits.GroupsHDU):
            shape, what = (), "of random groups"
        elif isinstance(hdu, (fits.BinTableHDU, fits.TableHDU)) and not isinstance(hdu, images):
            shape, what = (), "a table"
        elif not isinstance(hdu, images):
            shape, what = (), "damaged"
        elif len(shape) < 2 or min(shape) < 1:
            what = f"of shape {shape}" if shape else "empty"
            shape = ()
        yield _Unit(number, str(hdu.name or "").strip(), int(hdu.ver or 1), hdu, shape, what)


def _choose(units: list[_Unit], part: str | None, path: Path | RemoteFile) -> _Unit:
    if part is None:
        found = [unit for unit in units if unit.shape]
        if not found:
            listed = ", ".join(f"HDU {unit.title} is {unit.what}" for unit in units[:_NAMED])
            raise ValueError(f"{path} must hold an image of at least 2 axes, but {listed}")
        return found[0]
    name, _, version = part.partition(",")
    name, version = name.strip().upper(), version.strip()
    for unit in units:
        same = unit.name.upper() == name and version in ("", str(unit.version))
        if same or (not version and name.isdecimal() and int(name) == unit.number):
            if not unit.shape:
                raise ValueError(
                    f"HDU {unit.title} of {path} must be an image of at least 2 axes, but is "
                    f"{unit.what}"
                )
            return unit
    raise ValueError(f"no HDU {part!r} in {path}, which has {_list_titles(units)}")


def _list_titles(units: list[_Unit]) -> str:
    more = ", …" if len(units) > _NAMED else ""
    return ", ".join(unit.title for unit in units[:_NAMED]) + more


def _open_unit(
    file: PlainFile,
    unit: _Unit,
    units: list[_Unit],
    part: str | None,
    axes: Any,
    channel_axis: int | None,
) -> ArraySource:
    header, shape, extent = unit.hdu.header, unit.shape, unit.hdu.fileinfo()
    kind = find_kind(header)
    samples: Any
    if isinstance(unit.hdu, import_astropy_fits().CompImageHDU):
        tile = tuple(int(n) for n in unit.hdu.tile_shape)
        if len(tile) != len(shape) or min(tile) < 1:
            raise ValueError(f"HDU {unit.title} has tiles of shape {tile}")
        if unit.hdu.compression_type == "PLIO_1" and kind.shifted and kind.dtype == np.uint16:
            kind = kind._replace(stored=kind.dtype, shifted=False)  # which holds them unshifted
        samples = CompressedSamples(file, unit.number, shape, tile, kind)
        length = int(extent["datSpan"]) - _BLOCK + 1  # without what fills the last block
    else:
        samples = MappedSamples(file, int(extent["datLoc"]), shape, kind)
        length = math.prod(shape) * kind.stored.itemsize
    end, size = extent["datLoc"] + length, file.size
    if end > size:
        raise ValueError(
            f"{file.path} must be a whole FITS file, but ends at byte {size} in HDU {unit.title}, "
            f"which goes on to {end}"
        )
    names, coordinates, note = read_axes(header, shape)
    missing = () if kind.blank is None else (Missing(kind.blank),)
    images = [each for each in units if each.shape]
    if len(images) > 1:
        here = f"HDU {unit.title}" if part is not None else f"HDU {unit.title}, the first"
        note = "; ".join(filter(None, [f"{here} of the images {_list_titles(images)}", note]))
    source = make_source(
        samples,
        names,
        axes,
        channel_axis,
        Decoding(missing=missing, scale=kind.scale, offset=kind.offset),
        Metadata(label=read_label(header), coordinates=coordinates, note=note),
    )
    sides = source.axis_order.rows, source.axis_order.columns
    if sides == (len(shape) - 2, len(shape) - 1):
        source.metadata = replace(source.metadata, sky=write_sky_cards(header))
    return source
