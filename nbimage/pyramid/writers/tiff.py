"""Write TIFF and OME-TIFF with tiles and smaller levels, of an image of any size.

They are read by `pyramid/sources/tiff/source`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.base import optional_imports as optional
from nbimage.base.atomic import AtomicPath, resolve_file_target
from nbimage.base.doors import door
from nbimage.base.forks import detach_in_child
from nbimage.base.scalars import as_whole, number_or_nan, whole_or_nan
from nbimage.base.suffixes import resolve_name
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.oriented import as_upright
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.remote.url import redact_secrets, split_address
from nbimage.pyramid.writers.described import AXIS_LETTERS, Description
from nbimage.pyramid.writers.planes import (
    find_axis_letters,
    find_missing_value,
    open_source,
    smallest_level,
    write_planes,
)
from nbimage.pyramid.writers.samples.tiff_tiles import (
    COMPRESSIONS,
    FileSpool,
    OrderedTiles,
    TaskFiles,
    TiffEncoder,
    TiffTiles,
    TileSpool,
)
from nbimage.pyramid.writers.samples.work import TILES, SamplesRun, plan_run, remove_older_work
from nbimage.pyramid.writers.tiff_metadata import (
    check_units,
    has_other_colors,
    make_json_metadata,
    make_ome_metadata,
    make_resolution,
    make_tags,
)

if TYPE_CHECKING:
    from nbimage.typing import ColorLike, ImageLike, PathLike, PixelSize

_OME_TYPES = {"bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"}
_MAX_CLASSIC = (1 << 32) - (1 << 26)  # bytes of a file whose offsets have 32 bits
_QUALITY = 90  # of JPEG: what is written once is looked at closely


@door
def write_tiff(
    source: ImageLike,
    path: PathLike,
    *,
    tile_size: int = 256,
    compression: str | None = "zlib",
    quality: int | None = None,
    axes: str | Sequence[str] | None = None,
    channel_axis: int | None = None,
    orientation: bool = True,
    labels: bool | None = None,
    pixel_size: PixelSize | None = None,
    unit: str | Mapping[str, str] | None = None,
    channel_names: Sequence[str] | None = None,
    colors: Sequence[ColorLike] | None = None,
    progress: bool = True,
    resume: bool | None = None,
) -> Path:
    """Write an image of any size as TIFF, in tiles, with all of its planes and smaller levels.

    The samples stay what they are, but for JPEG. Each level has half the rows and columns of the
    one before, means of two by two, of labels one of them, until it fits in one tile. Memory is
    bounded, however large the image; its folder has to have room for the file twice.
    While there is a `distributed.Client`, its workers do all this, as for `write_dzi`.

    Parameters
    ----------
    source : array-like, path or Pyramid
        Whatever `open_pyramid` takes. Up to four channels are the samples of a pixel: gray, gray
        and alpha, red, green and blue, and these with alpha; more of them are planes. Latitudes
        that increase begin at the bottom, as in a `Picture`. Of coordinates OME-TIFF holds those
        of depth and time in units of length and time, plain TIFF those of all further axes; both
        the size of a pixel that is a length, positions, reference system and bands of a GeoTIFF,
        and name and unit of the values.
    path : path-like
        ``NAME.ome.tif`` or ``NAME.ome.tiff``: OME-TIFF, whose axes beside rows, columns and
        channels must be named t, c or z. ``NAME.tif`` (or no suffix), ``NAME.tiff``: plain TIFF.
    tile_size : int
        Rows and columns of a tile: a multiple of 16.
    compression : {"zlib", "zstd", "lzw", "jpeg", None}
        Of the tiles; only JPEG loses anything, and it is for bytes in gray or colors.
    quality : int, optional
        1 to 100, of JPEG; default: 90.
    axes, channel_axis, orientation, labels
        As in `open_pyramid`.
    pixel_size, unit, channel_names, colors
        As in `write_ome_zarr`, in units of length, and of time for t. Channels of a pixel that have
        other colors than red, green and blue become planes.
    progress : bool
        Show a bar where somebody is looking.
    resume : bool, optional
        As in `write_dzi`: True leaves what is finished when the writing is stopped, and the same
        call goes on from there. Default: True on a cluster.

    Returns
    -------
    Path
        The file: BigTIFF where it is larger than 4 GB. Whatever fails or interrupts the writing,
        an older file of that name stays as it was.

    Raises
    ------
    ValueError, TypeError, OSError
        In one line.

    Notes
    -----
    The smaller levels of OME-TIFF, and of a plain TIFF with several planes, are SubIFDs of each
    plane. Those of one picture in a plain TIFF are the pages that follow, marked as reduced:
    that is where GDAL, OpenSlide and libvips look for them.

    Integers of up to 32 bits of which one number stands for missing values stay so, and GDAL's
    tag says which. Others of which some are missing are written as floats, of 64 bits where they
    have more than 16, and NaN where they are missing: the tag says so in all files of floats.

    Examples
    --------
    >>> photo = np.zeros((700, 900, 3), np.uint8)
    >>> path = nbimage.write_tiff(photo, "a.tif", pixel_size=0.25, unit="µm", progress=False)
    >>> with nbimage.open_pyramid(path) as image:
    ...     image, image.native_levels, image.pixel_size
    (<Pyramid 700 x 900 x 3 uint8, 11 levels>, (0, 1, 2), (0.25, 0.25))
    """
    tifffile = optional.import_tifffile()
    tile_size, quality = _resolve_options(tile_size, compression, quality)
    address, local = split_address(path)
    if address is not None:
        raise ValueError(
            f"a TIFF is not written to an address, but got {redact_secrets(address)!r}: "
            "write it here, then copy it"
        )
    possible, way = {"tif": "tif", "tiff": "tiff"}, "give it one of these suffixes, or .ome.tif"
    shown, target = resolve_file_target(resolve_name(local, possible, "a TIFF", way)[0])
    ome = Path(target.stem).suffix.lower() == ".ome"
    description = Description.of(pixel_size, unit, channel_names, colors)
    check_units(description, ome)
    with open_source(source, axes, channel_axis, orientation, labels, description) as given:
        pyramid = as_upright(given)
        settings = _find_settings(pyramid, tile_size, compression, ome)
        encode = TiffEncoder(
            compression,
            settings.predictor,
            _QUALITY if quality is None else quality,
            settings.samples,
            settings.dtype.kind == "b",
        )
        encode.check()
        run = plan_run(pyramid, given, ("tiff", settings, encode), resume)

        def finish(tiles: FileSpool | OrderedTiles) -> None:
            with AtomicPath(target, shown) as part:
                _write_file(tifffile, part.path, pyramid, settings, tiles)
                part.commit()

        _encode_tiles(run, target, pyramid, settings, encode, progress, finish)
        remove_older_work(run, target)
        return shown


@dataclass(frozen=True, slots=True)
class _Settings:
    """What becomes a page and what a sample, and how tiles are encoded."""

    grid: TileGrid
    smallest: int
    """The last level."""
    letters: str
    """Of the axes before rows and columns; of each, one page an index."""
    lengths: tuple[int, ...]
    samples: int
    """Of a pixel."""
    split: int
    """Channels that are planes, not samples; they are the last axis then."""
    compression: str | None
    predictor: int
    ome: bool
    dtype: np.dtype[Any]
    missing: int | None
    """The sample that stands for missing values; None: NaN does, or none is missing."""
    planar: int = 1
    """Of the planes, so many are the samples of a pixel, one after the other: bands."""

    @property
    def pages(self) -> int:
        """How many planes each level has."""
        return int(np.prod(self.lengths, dtype=np.int64))

    @property
    def levels(self) -> int:
        """How many levels there are."""
        return self.smallest + 1


def _resolve_options(
    tile_size: Any, compression: str | None, quality: Any
) -> tuple[int, int | None]:
    """Return plain numbers of those that fit. Raises ValueError."""
    if not 16 <= whole_or_nan(tile_size) <= 1 << 14 or tile_size % 16:
        raise ValueError(
            f"tile_size must be a multiple of 16 from 16 to 16384, but got {tile_size!r}"
        )
    if compression not in COMPRESSIONS:
        raise ValueError(
            f"compression must be one of {tuple(COMPRESSIONS)}, but got {compression!r}"
        )
    size = as_whole("tile_size", tile_size)
    if quality is None:
        return size, None
    if compression != "jpeg":
        raise ValueError(f"quality must be left out for {compression!r}: it is JPEG's")
    if not 1 <= number_or_nan(quality) <= 100:
        raise ValueError(f"quality must be 1 to 100, but got {quality!r}")
    return size, round(number_or_nan(quality))


def _find_settings(
    pyramid: Pyramid, tile_size: int, compression: str | None, ome: bool
) -> _Settings:
    """Find out what becomes a page, and what a sample."""
    missing = None if compression == "jpeg" else find_missing_value(pyramid)
    dtype = pyramid.dtype if missing is None else pyramid.source.stored
    channels = pyramid.channels
    if ome and dtype.name not in _OME_TYPES:
        raise ValueError(
            f"OME-TIFF holds {', '.join(sorted(_OME_TYPES))}, but got {dtype}: "
            "convert it first, or name the file .tif"
        )
    apart = channels > 4 or (channels > 1 and (dtype.kind == "b" or has_other_colors(pyramid)))
    samples, split = (1, channels) if apart else (channels, 1)
    if compression == "jpeg" and (dtype != np.uint8 or samples not in (1, 3)):
        raise ValueError(
            f"JPEG holds bytes in gray or colors, but got {dtype} with {samples} channels: "
            'give compression="zlib"'
        )
    rows, columns = pyramid.shapes[0]
    grid = TileGrid(rows, columns, tile_size, 0)
    predictor = 1
    if compression not in (None, "jpeg") and dtype.kind != "b" and dtype.itemsize <= 4:
        predictor = 3 if dtype.kind == "f" else 2
    elif compression not in (None, "jpeg") and dtype.kind == "f":
        predictor = 3
    letters = _find_letters(pyramid, ome) + ("C" if apart else "")
    lengths = tuple(length for _, length in pyramid.axes) + ((split,) if apart else ())
    names = [name.lower() for name, _ in pyramid.axes] + ["c"] * apart
    banded = not ome and samples == 1 and pyramid.metadata.georeference is not None
    banded &= bool(names) and AXIS_LETTERS.get(names[-1]) == "c" and dtype.kind != "b"
    return _Settings(
        grid,
        smallest_level(grid, tile_size),
        letters[:-1] + "S" if banded else letters,
        lengths,
        samples,
        split,
        compression,
        predictor,
        ome,
        dtype,
        missing,
        lengths[-1] if banded else 1,
    )


def _find_letters(pyramid: Pyramid, ome: bool) -> str:
    """Return what tifffile calls the further axes: "Q" is any other."""
    if ome:
        found = find_axis_letters(pyramid, "OME-TIFF image")
    else:
        found = tuple(name if name.lower() in ("t", "c", "z") else "" for name, _ in pyramid.axes)
    return "".join(letter.upper() or "Q" for letter in found)


def _encode_tiles(
    run: SamplesRun,
    target: Path,
    pyramid: Pyramid,
    settings: _Settings,
    encode: TiffEncoder,
    progress: bool,
    finish: Callable[[FileSpool | OrderedTiles], object],
) -> None:
    """Encode all tiles, super-tile by super-tile, each sample read about once; then ``finish``."""
    lengths = tuple(length for _, length in pyramid.axes)
    grid, counts = settings.grid, (settings.pages, settings.levels)
    how: Any = {"progress": progress, "run": (run.executor, run.read)}

    def sink(spool: TileSpool) -> TiffTiles:
        stored = None if settings.missing is None else (settings.dtype, settings.missing)
        return TiffTiles(encode, spool, grid.tile_size, lengths, settings.split, stored)

    if not run.checkpointed:
        with contextlib.closing(FileSpool(target.parent, grid, *counts)) as spool:
            write_planes(pyramid, grid, settings.smallest, sink(spool), **how)
            finish(spool)
        return
    work = run.open_work(target)
    try:
        tiles = work.directory.subfolder(TILES)
        how["checkpoint"] = work.checkpoint
        write_planes(pyramid, grid, settings.smallest, sink(TaskFiles(tiles)), **how)
        with contextlib.closing(OrderedTiles(Path(tiles.root), grid, *counts)) as ordered:
            finish(ordered)
        work.remove()
    finally:
        work.leave()


def _write_file(
    tifffile: Any,
    path: Path,
    pyramid: Pyramid,
    settings: _Settings,
    spool: FileSpool | OrderedTiles,
) -> None:
    """Put the tiles in their order into a file."""
    noted = {} if settings.ome else make_json_metadata(pyramid)
    paged = settings.ome or settings.pages > settings.planar
    paged |= "channel_colors" in noted or (
        "pixel_size" in noted and not make_resolution(pyramid, 0)
    )
    extra = "unassalpha" if settings.planar == 1 else "unspecified"
    in_colors = settings.samples > 2
    letters = settings.letters + "YX" + ("S" if settings.samples > 1 else "")
    samples = (settings.samples,) if settings.samples > 1 else ()
    samples_of_pixel = max(settings.samples, settings.planar)
    options: dict[str, Any] = {
        "dtype": settings.dtype,
        "tile": (settings.grid.tile_size,) * 2,
        "photometric": "rgb" if in_colors else "minisblack",
        "compression": COMPRESSIONS[settings.compression],
        "software": "nbimage",
        "planarconfig": "contig" if settings.planar == 1 else "separate",
        "extrasamples": None
        if settings.samples == 3
        else (extra,) * (settings.planar - 1 or settings.samples > 1),
    }
    if settings.predictor > 1:
        options["predictor"] = settings.predictor
    if settings.compression == "jpeg" and settings.samples == 3:
        options["subsampling"] = (2, 2)
    with (
        path.open("w+b") as opened,
        tifffile.TiffWriter(
            opened,
            bigtiff=spool.size > _MAX_CLASSIC,
            ome=settings.ome,
            shaped=paged and not settings.ome,
        ) as file,
    ):
        detach_in_child(opened)
        for level in range(settings.levels):
            metadata: dict[str, Any] | None = {"axes": letters} if paged else None
            if settings.ome and not level and metadata is not None:
                metadata |= make_ome_metadata(pyramid, settings.letters, settings.lengths)
                metadata["UUID"] = str(spool.identity)  # tifffile's own tells time and machine
            elif not level and metadata is not None:
                metadata |= noted
            file.write(
                spool.tiles(level),
                extratags=() if level else make_tags(pyramid, samples_of_pixel, settings.missing),
                shape=(*settings.lengths, *settings.grid.shape(level), *samples),
                subfiletype=int(level > 0),
                subifds=settings.levels - 1 if paged and not level else 0,
                metadata=metadata,
                **make_resolution(pyramid, level),
                **options,
            )
