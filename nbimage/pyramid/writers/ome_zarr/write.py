"""Write OME-Zarr: an image of any size in chunks, level by level, here or at an address.

It is read by `pyramid/sources/ome_zarr`; what its metadata say is in `metadata`.

Source: OME-NGFF 0.4 (of zarr 2), 0.5 and 0.6 (of zarr 3), https://ngff.openmicroscopy.org.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nbimage.arrays.metadata import Metadata
from nbimage.base import optional_imports as optional
from nbimage.base.atomic import AtomicPath, resolve_target
from nbimage.base.doors import door
from nbimage.base.scalars import as_whole, whole_or_nan
from nbimage.base.suffixes import known_suffix
from nbimage.base.text import clean_json
from nbimage.base.workers.threads import do_uninterrupted
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.oriented import as_upright
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.remote.url import redact_secrets, split_address
from nbimage.pyramid.sources.ome_zarr.zip_store import SUFFIX
from nbimage.pyramid.writers.deepzoom.output import LocalWorkFolder
from nbimage.pyramid.writers.described import Description
from nbimage.pyramid.writers.ome_zarr.label_group import listed_in_image
from nbimage.pyramid.writers.ome_zarr.metadata import (
    ChannelRanges,
    has_colors,
    make_channels,
    make_image_metadata,
)
from nbimage.pyramid.writers.ome_zarr.ozx import is_ozx, open_ozx
from nbimage.pyramid.writers.ome_zarr.targets import check_replaceable, open_new_store
from nbimage.pyramid.writers.planes import (
    find_axis_letters,
    open_source,
    smallest_level,
    write_planes,
)
from nbimage.pyramid.writers.samples.work import (
    TILES,
    RangesInFiles,
    SamplesRun,
    plan_run,
    remove_older_work,
)
from nbimage.pyramid.writers.samples.zarr_tiles import ZarrArrays, ZarrFiles, ZarrLayout

if TYPE_CHECKING:
    from nbimage.typing import ColorLike, ImageLike, PathLike, PixelSize

_VERSIONS = ("0.4", "0.5", "0.6")
_LONGEST, _CHUNKS_OF_SHARD = 1 << 14, 4  # pixels of a side; chunks of one by default in a zip file
_COMPRESSIONS = ("blosc", "zstd", "gzip", None)


@door
def write_ome_zarr(
    source: ImageLike,
    path: PathLike,
    *,
    version: str = "0.5",
    chunk_size: int = 512,
    shard_size: int | None = None,
    compression: str | None = "blosc",
    axes: str | Sequence[str] | None = None,
    channel_axis: int | None = None,
    orientation: bool = True,
    labels: bool | None = None,
    pixel_size: PixelSize | None = None,
    unit: str | Mapping[str, str] | None = None,
    channel_names: Sequence[str] | None = None,
    colors: Sequence[ColorLike] | None = None,
    storage_options: dict[str, Any] | None = None,
    progress: bool = True,
    resume: bool | None = None,
) -> Path | str:
    """Write an image of any size as OME-Zarr, with all of its planes and channels.

    The samples stay what they are; integers of which some are missing become floats, of 64 bits
    where they have more than 16, and NaN there. Each level has half the rows and columns of the one
    before, means of two by two, of labels one of them, until it fits in one chunk. Memory is
    bounded, however large the image. While there is a `distributed.Client`, its workers do all
    this for a folder, as for `write_dzi`.

    Parameters
    ----------
    source : array-like, path or Pyramid
        Whatever `open_pyramid` takes. Axes beside rows, columns and channels must be named t, c
        or z; they are written in the order t, c, z, y, x. Channels are the axis c; bytes in red,
        green and blue are colors again where they are opened. Latitudes that increase begin at the
        bottom, as in a `Picture`. Of coordinates it holds the first ones and the steps of axes
        that are lengths or times, and the names of channels; of values their name and unit.
    path : path-like or str
        A folder, such as ``NAME.ome.zarr`` (a label image of it, ``NAME.ome.zarr/labels/cells``, is
        listed there), one file of its own, ``NAME.ozx``, or an address of any kind that fsspec
        knows, such as ``s3://bucket/NAME.ome.zarr``.
    version : {"0.5", "0.6", "0.4"}
        Of the OME-NGFF specification: 0.5 and 0.6, which names a coordinate system, are of zarr 3,
        0.4 is of zarr 2.
    chunk_size : int
        Rows and columns of a chunk.
    shard_size : int, optional
        Rows and columns of a file that holds several chunks, a multiple of ``chunk_size``; for
        versions from 0.5 on. Each thread takes the memory of four such files. Default: four chunks
        a side in an ``.ozx``, else none.
    compression : {"blosc", "zstd", "gzip", None}
        Of the chunks, none of which loses anything; Blosc is zstd of shuffled bytes.
    axes, channel_axis, orientation, labels
        As in `open_pyramid`.
    pixel_size : float, sequence of float or dict, optional
        Height and width of a pixel: one number, ``(height, width)``, ``(depth, height, width)``,
        or a dict such as ``{"t": 0.5, "z": 2, "y": 0.1, "x": 0.1}``, whose t is the time from one
        picture to the next. Default: as the source says.
    unit : str or dict, optional
        Of ``pixel_size``, such as "µm"; of t "s", if a dict does not say another one.
    channel_names : sequence of str, optional
        One for each channel. Default: as the source says.
    colors : sequence of color, optional
        The color of each channel where they are laid over one another. Default: as the source
        says.
    storage_options : dict, optional
        For fsspec, with an address.
    progress : bool
        Show a bar where somebody is looking.
    resume : bool, optional
        As in `write_dzi`, for a folder: True leaves what is finished when the writing is stopped,
        and the same call goes on from there. Default: True on a cluster.

    Returns
    -------
    Path or str
        The folder or file, or the address. Whatever fails or interrupts the writing, an older zarr
        image of that name stays as it was. At an address nothing may be there yet, and what names
        the levels is written last; an ``.ozx`` is sent there when it is whole.

    Raises
    ------
    ValueError, TypeError, OSError
        In one line.

    Examples
    --------
    >>> cells = np.random.default_rng(0).poisson(9, (2, 5, 64, 64)).astype(np.uint16)
    >>> path = nbimage.write_ome_zarr(
    ...     cells,
    ...     "cells.ome.zarr",
    ...     axes="czyx",
    ...     pixel_size={"z": 2, "y": 0.5, "x": 0.5},
    ...     unit="µm",
    ...     channel_names=["DAPI", "GFP"],
    ...     progress=False,
    ... )
    >>> image = nbimage.open_pyramid(path)
    >>> image, image.pixel_size, image.unit, image.channel_names
    (<Pyramid 64 x 64 uint16, c=2, z=5, 7 levels>, (0.5, 0.5), 'µm', ('DAPI', 'GFP'))
    """
    zipped = is_ozx(path)
    _check_options(version, chunk_size, shard_size, compression, zipped)
    chunk_size = as_whole("chunk_size", chunk_size)
    if shard_size is None and zipped:
        shard_size = chunk_size * max(1, min(_CHUNKS_OF_SHARD, _LONGEST // chunk_size))
    shard_size = None if shard_size is None else as_whole("shard_size", shard_size)
    zarr = optional.import_zarr()
    description = Description.of(pixel_size, unit, channel_names, colors)
    with open_source(source, axes, channel_axis, orientation, labels, description) as opened:
        pyramid = as_upright(opened)
        letters = find_axis_letters(pyramid, "OME-Zarr image")
        address, local = split_address(path)
        if resume and (zipped or address is not None):
            raise ValueError(
                f"resume must be left out of what is no folder of this machine, but got "
                f"{redact_secrets(str(path))!r}: write it as NAME.ome.zarr, then copy it"
            )
        if zipped:
            name = _find_name(urlsplit(address).path if address else str(local))
            settings = _Settings(version, chunk_size, shard_size, compression, name, True)
            channels = max([pyramid.channels, *(n for _, n in pyramid.axes)])
            with open_ozx(path, storage_options, version, channels) as (store, given):
                _write_image(zarr, store, pyramid, letters, settings, progress)
            return given
        if address is not None:
            settings = _Settings(
                version, chunk_size, shard_size, compression, _find_name(urlsplit(address).path)
            )
            with open_new_store(zarr, address, storage_options) as store:
                _write_image(zarr, store, pyramid, letters, settings, progress)
            return address
        if storage_options is not None:
            raise ValueError(f"storage_options must be left out of a path, but got {str(path)!r}")
        is_label = pyramid.labels and pyramid.dtype.kind in "iu"
        with listed_in_image(local, version, is_label) as listed:
            given, target = resolve_target(local)
            name = _find_name(given.name)
            settings = _Settings(
                version, chunk_size, shard_size, compression, name, in_image=listed
            )
            if known_suffix(given.name) not in ("", "zarr"):
                raise ValueError(
                    f"OME-Zarr is a folder such as NAME.ome.zarr or a file NAME.ozx, but got "
                    f"{str(path)!r}: give another suffix"
                )
            check_replaceable(zarr, target)
            run = plan_run(pyramid, opened, ("ome-zarr", settings), resume)
            if run.checkpointed:
                _write_in_tasks(zarr, target, run, pyramid, letters, settings, progress)
            else:
                with AtomicPath(target, given) as part:
                    store = zarr.storage.LocalStore(part.path)
                    _write_image(zarr, store, pyramid, letters, settings, progress, run)
                    part.commit()
                remove_older_work(run, target)
        return given


@dataclass(frozen=True, slots=True)
class _Settings:
    """How an image is written; sizes in pixels a side."""

    version: str
    chunk: int
    shard: int | None
    compression: str | None
    name: str
    zipped: bool = False
    in_image: bool = False
    """A label image below the image that it is of."""

    @property
    def zarr(self) -> int:
        """Zarr's own version."""
        return 2 if self.version == "0.4" else 3


def _find_name(path: str) -> str:
    """Return what an image is called by where it is."""
    name = path.replace("\\", "/").rstrip("/").rpartition("/")[2]
    for suffix in (SUFFIX, ".zarr", ".ome"):
        name = name.removesuffix(suffix)
    return name or "image"


def _check_options(
    version: str, chunk: int, shard: int | None, compression: str | None, zipped: bool
) -> None:
    if version not in _VERSIONS:
        raise ValueError(f'version must be "0.4", "0.5" or "0.6", but got {version!r}')
    if zipped and version == "0.4":
        raise ValueError('version must be "0.5" or "0.6" for an .ozx, but got "0.4"')
    if not 1 <= whole_or_nan(chunk) <= _LONGEST:
        raise ValueError(f"chunk_size must be 1 to 16384, but got {chunk!r}")
    if compression not in _COMPRESSIONS:
        raise ValueError(f"compression must be one of {_COMPRESSIONS}, but got {compression!r}")
    if shard is None:
        return
    if version == "0.4":
        raise ValueError(f'shard_size must be left out of version {version}: "0.5" has shards')
    if not chunk <= whole_or_nan(shard) <= _LONGEST or shard % chunk:
        raise ValueError(
            f"shard_size must be a multiple of chunk_size ({chunk}) up to 16384, but got {shard!r}"
        )


def _write_in_tasks(
    zarr: Any,
    target: Path,
    run: SamplesRun,
    pyramid: Pyramid,
    letters: tuple[str, ...],
    settings: _Settings,
    progress: bool,
) -> None:
    """Write the image in a folder beside it, for other processes and later runs too."""
    work = run.open_work(target)
    try:
        tiles, files = work.directory.subfolder(TILES), dict[str, Any]()
        store = zarr.storage.MemoryStore(store_dict=files)  # of metadata alone

        def write_metadata() -> None:
            tiles.write({name: data.to_bytes() for name, data in files.items()})

        _write_image(zarr, store, pyramid, letters, settings, progress, run, work, write_metadata)
        write_metadata()
        with work.replace_folder(Path(tiles.root), target):
            pass
        work.remove()
    finally:
        work.leave()


def _write_image(
    zarr: Any,
    store: Any,
    pyramid: Pyramid,
    letters: tuple[str, ...],
    settings: _Settings,
    progress: bool,
    run: SamplesRun | None = None,
    work: LocalWorkFolder | None = None,
    begin: Callable[[], object] = lambda: None,
) -> None:
    """Write all levels, and last what says that they are an image."""
    lengths = {letter: n for letter, (_, n) in zip(letters, pyramid.axes, strict=True) if letter}
    if pyramid.channels > 1:
        lengths["c"] = pyramid.channels
    order = [letter for letter in "tcz" if letter in lengths]
    rows, columns = pyramid.shapes[0]
    # a file is written by one thread at a time: a tile is all of it
    grid = TileGrid(rows, columns, settings.shard or settings.chunk, 0)
    smallest = smallest_level(grid, settings.chunk)
    leading = tuple(lengths[letter] for letter in order)
    # zarr's own thread writes on when the wait for it is interrupted, into a folder that has gone
    image = do_uninterrupted(lambda: zarr.create_group(store, zarr_format=settings.zarr))
    levels = [
        _describe_level(level, (*leading, *grid.shape(level)), order, pyramid, settings)
        for level in range(smallest + 1)
    ]
    arrays = do_uninterrupted(lambda: [zarr.create_array(store, **level) for level in levels])
    begin()
    ranges = ChannelRanges(pyramid, letters)
    layout = ZarrLayout(grid, letters, tuple(order))

    def describe() -> None:
        metadata = make_image_metadata(
            pyramid, [*order, "y", "x"], len(levels), settings.version, settings.name
        )
        if "c" in lengths or pyramid.channel_names or pyramid.channel_colors:
            extents = ranges.find(lengths.get("c", 1))
            metadata["omero"] = {"channels": make_channels(pyramid, extents)}
        if settings.in_image:
            metadata["image-label"]["source"] = {"image": "../../"}
        metadata = clean_json(metadata)
        # a version is said once: of the whole since 0.5
        named = {"version": settings.version, **metadata}
        attributes = {"ome": named} if settings.zarr == 3 else metadata
        do_uninterrupted(lambda: image.update_attributes(attributes))

    if settings.zipped:  # space for it is left at the beginning
        describe()
    how: Any = {"progress": progress}
    if run is not None:
        how["run"] = run.executor, run.read
    if work is None:
        sink = ZarrArrays(arrays, layout)
        write_planes(pyramid, grid, smallest, sink, observe=ranges.add, **how)
    else:
        kept = RangesInFiles(ranges, work.directory)
        files = ZarrFiles(work.directory.subfolder(TILES), tuple(levels), layout)
        how["checkpoint"] = work.checkpoint
        write_planes(pyramid, grid, smallest, files, observe=kept, **how)
        kept.load()
    describe()


def _describe_level(
    level: int,
    shape: tuple[int, ...],
    order: list[str],
    pyramid: Pyramid,
    settings: _Settings,
) -> dict[str, Any]:
    """Return what `zarr.create_array` is told of a level."""
    colors = has_colors(pyramid)
    ones = tuple(n if letter == "c" and colors else 1 for letter, n in zip(order, shape))  # noqa: B905
    sides = shape[-2:]
    chunks = (*ones, *(min(settings.chunk, side) for side in sides))
    options: dict[str, Any] = {"compressors": _make_compressor(settings, pyramid.dtype.itemsize)}
    if settings.zarr == 2:
        options["chunk_key_encoding"] = {"name": "v2", "separator": "/"}
    else:
        options["dimension_names"] = [*order, "y", "x"]
    if settings.shard is not None:
        chunks = (*ones, settings.chunk, settings.chunk)
        whole = (min(settings.shard, -(-side // settings.chunk) * settings.chunk) for side in sides)
        options["shards"] = (*ones, *whole)
    return {
        "name": str(level),
        "shape": shape,
        "dtype": pyramid.dtype.str,  # C has two types of 64 bits, of which zarr knows one
        "chunks": chunks,
        "zarr_format": settings.zarr,
        "fill_value": 0,
        "attributes": _describe_values(pyramid.metadata),
        **options,
    }


def _describe_values(metadata: Metadata) -> dict[str, str]:
    """Return name and unit of values as CF has them: in the place that arrays have for that."""
    found = {"long_name": metadata.name, "units": metadata.value_unit}
    return {key: text for key, text in found.items() if text}


def _make_compressor(settings: _Settings, itemsize: int) -> Any:
    """Return what zarr calls a compressor."""
    if settings.compression is None:
        return None
    configuration: dict[str, Any] = {"level": 3 if settings.compression == "zstd" else 5}
    if settings.compression == "blosc":
        configuration = {"cname": "zstd", "clevel": 3, "blocksize": 0}
        shuffled = int(itemsize > 1)
        names = "noshuffle", "shuffle"
        configuration["shuffle"] = shuffled if settings.zarr == 2 else names[shuffled]
        if settings.zarr == 3:
            configuration["typesize"] = itemsize
    if settings.zarr == 2:
        return {"id": settings.compression, **configuration}
    if settings.compression == "zstd":
        configuration["checksum"] = False
    return {"name": settings.compression, "configuration": configuration}
