"""Write pyramids of tiles: a descriptor and small picture files that viewers load as they need.

Where the files go is in `output`, what they are called in `pyramid/layouts`. The samples of
OME-Zarr and TIFF go through `writers/planes`.

Source: Deep Zoom File Format Overview, Microsoft; libvips' dzsave, whose tiles these are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.arrays.metadata import FullScale
from nbimage.base.progress import progress_bar
from nbimage.base.scalars import number_or_nan
from nbimage.codecs.pictures import check_options
from nbimage.codecs.png import encode_png
from nbimage.mapping.colormap import Palette, as_palette
from nbimage.mapping.index_colors import index_palette, may_be_indices
from nbimage.mapping.value_scale import ValueScale
from nbimage.pyramid.core.downsample import halve_labels
from nbimage.pyramid.core.flipped import as_upright
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.stored import find_windows
from nbimage.pyramid.layouts.descriptors import make_descriptor
from nbimage.pyramid.layouts.layout import DEEP_ZOOM, IIIF, WRITTEN, Layout, TileNames, find_layout
from nbimage.pyramid.levels.executors import Executor, Read, Threads
from nbimage.pyramid.levels.super_tiles import build_levels, cut_super_tiles, halve_pixels
from nbimage.pyramid.remote.url import split_address
from nbimage.pyramid.writers.dask_executor import ClusterExecutor, choose_executor
from nbimage.pyramid.writers.deepzoom.output import DeepZoomRun, TileOutput, open_output
from nbimage.pyramid.writers.deepzoom.remote_output import open_remote_output
from nbimage.pyramid.writers.described import read_sizes
from nbimage.pyramid.writers.fingerprint import make_fingerprint
from nbimage.pyramid.writers.planes import open_source
from nbimage.pyramid.writers.tile_encoder import DEFAULT_QUALITY, TileCodec, TileWriter
from nbimage.pyramid.writers.value_mapping import IndexedColors, find_mapping, make_pixel_reader

if TYPE_CHECKING:
    from nbimage.typing import ColormapLike, ContrastLike, ImageLike, LimitLike, NormLike, PathLike


def write_dzi(
    source: ImageLike,
    path: PathLike,
    *,
    layout: str = "dz",
    tile_size: int | None = None,
    overlap: int | None = None,
    format: str | None = None,  # noqa: A002 (the name users know from Pillow and matplotlib)
    quality: float | None = None,
    vmin: LimitLike = None,
    vmax: LimitLike = None,
    vsym: bool = False,
    contrast: ContrastLike = None,
    norm: NormLike = "linear",
    cmap: ColormapLike | None = None,
    axes: Any = None,
    channel_axis: int | None = None,
    orientation: bool = True,
    labels: bool | None = None,
    pixel_size: float | Sequence[float] | None = None,
    unit: str | None = None,
    url: str | None = None,
    storage_options: dict[str, Any] | None = None,
    progress: bool = True,
    resume: bool | None = None,
) -> Path | str:
    """Write an image of any size as a pyramid of tiles: Deep Zoom, IIIF, Google or Zoomify.

    The values become pixels as `rerange` has it, with one range for the whole image; each level is
    then made of the next larger one by means of two by two pixels, as libvips does; of labels by
    one of them. Memory is
    bounded, however large the image.

    While there is a `distributed.Client`, its workers do all this: for dask and zarr arrays and
    files that they can open too. They must share the folder that is written to, or write to an
    address. Without one, a dask array is computed in threads here, or with the "processes" that
    dask is set to.

    Parameters
    ----------
    source : array-like, path or Pyramid
        Whatever `open_pyramid` takes: one picture. Latitudes that increase begin at the bottom, as
        in a `Picture`.
    path : path-like
        ``NAME.dzi``: the descriptor, with the folder ``NAME_files`` beside it; of other layouts
        ``NAME``, a folder with a descriptor. ``NAME.zip`` or ``NAME.szi``: one file that holds
        all. Or an address that fsspec writes to, such as ``s3://bucket/NAME.dzi``.
    layout : {"dz", "iiif3", "google", "zoomify"}
        What the tiles are called, as libvips' dzsave has it:

        - "dz": Deep Zoom, ``LEVEL/COLUMN_ROW.jpeg`` down to one pixel.
        - "iiif3": the IIIF Image API 3, level 0, ``info.json`` and
          ``REGION/WIDTH,HEIGHT/0/default.jpg``.
        - "google": ``ZOOM/ROW/COLUMN.jpg`` with ``blank.png`` and ``tiles.json``; tiles are filled
          up with white, and those that are all white are left out.
        - "zoomify": ``ImageProperties.xml`` and ``TileGroupN/ZOOM-COLUMN-ROW.jpg``, in levels that
          are rounded up, as OpenLayers has them; OpenSeadragon rounds down, and lacks tiles of
          some odd sizes.

        But for Deep Zoom, levels end with the first that is no larger than a tile.
    tile_size, overlap : int, optional
        Pixels a side of a tile, and how many of each neighbour it has as well; default: 254 and 1,
        for IIIF 512, for Google and Zoomify 256, which have no overlap.
    format : {"jpeg", "png", "webp", "avif"}, optional
        Of the tiles. JPEG has no transparency: what is missing is black there. Default: JPEG, of
        labels PNG, which alone keeps them apart.
    quality : float, optional
        0 to 100, but for PNG; default: 75, for AVIF 60.
    vmin, vmax, vsym, contrast, norm
        As in `rerange`; exact limits that are not given cost one more pass over the values.
        Percentiles come from a sample of about a million pixels.
    cmap : colormap, optional
        For one channel; colors are given to the means, so that they stay the map's own.
    axes, channel_axis, orientation, labels
        As in `open_pyramid`. No means are made of labels; their values become pixels as those of
        others.
    pixel_size, unit
        Height and width of a pixel, or one number for both, in a unit such as "µm"; default: as the
        source says. The descriptor of "dz" tells them as attributes of OME's name, which viewers
        skip; other layouts have no place for them.
    url : str, optional
        For "iiif3": where the folder will lie, which its descriptor says. Default:
        ``https://example.com/iiif``, as of libvips, to be replaced in ``info.json``.
    storage_options : dict, optional
        For fsspec, with an address.
    progress : bool
        Show a bar where somebody is looking.
    resume : bool, optional
        True: what is finished stays in a hidden folder beside the target when the writing is
        stopped, and the same call goes on from there, if the image has not changed: a file's size,
        times and some of its bytes tell, a dask array's token and what it reads, the values of an
        array in memory; what can't be told, such as a file at an address, is refused. False:
        nothing is left. Default: True on a cluster.

    Returns
    -------
    Path or str
        The descriptor of Deep Zoom, the folder, or the one file. Whatever fails or interrupts the
        writing, an older pyramid of that name stays as it was; but at an address an older
        descriptor is removed before the
        first tile is written, then its tiles are overwritten one by one.

    Raises
    ------
    ValueError, TypeError, OSError
        In one line.
    """
    address, local = split_address(path)
    if storage_options is not None and address is None:
        raise ValueError(f"storage_options must be left out of a path, but got {str(path)!r}")
    named = find_layout(layout)
    if layout not in WRITTEN:
        raise ValueError(f"layout must be one of {WRITTEN}, but got {layout!r}")
    if url is not None and named is not IIIF:
        raise ValueError(f'url must be left out of any layout but "iiif3", but got {url!r}')
    given_size = read_sizes(pixel_size, unit)
    if given_size[0] is not None and named is not DEEP_ZOOM:
        raise ValueError(f'pixel_size must be left out of any layout but "dz": got {pixel_size!r}')
    with open_source(source, axes, channel_axis, orientation, labels) as given:
        pyramid = as_upright(given)
        size = (pyramid.pixel_size, pyramid.unit) if given_size[0] is None else given_size
        rows, columns = pyramid.shapes[0]
        grid = _make_grid(pyramid, named, tile_size, overlap)
        side = grid.tile_size + 2 * grid.overlap
        tile = min(rows, side), min(columns, side)
        if pyramid.labels and format not in (None, "png"):
            raise ValueError(
                f'format must be "png" for labels, which others mix at their edges, but got '
                f"{format!r}: leave it out, or give labels=False"
            )
        asked_format = format or ("png" if pyramid.labels else "jpeg")
        name = check_options(asked_format, tile, quality, False, None)
        scale = ValueScale.of(vmin, vmax, vsym, contrast, norm)
        scale = scale.within(find_windows(pyramid), pyramid.channels)
        palette = None if cmap is None else as_palette(cmap)
        _check_picture(pyramid, cmap)
        quality = DEFAULT_QUALITY.get(name, 0) if quality is None else number_or_nan(quality)
        codec = TileCodec(name, quality, None if palette is None else palette.array)
        executor, read = choose_executor(pyramid, shared="memory://" not in str(path))
        asked = bool(resume)
        resume = isinstance(executor, ClusterExecutor) if resume is None else resume
        checkpointed = resume or not isinstance(executor, Threads)
        how = grid, codec.format, codec.quality, palette, pyramid.labels, layout
        fingerprint = "0"
        if resume:
            fingerprint = make_fingerprint(given, scale, *how, required=asked)
        names = named.names(grid, named.suffix(name))
        run = DeepZoomRun(names, checkpointed, resume, fingerprint)
        if address is not None:
            output = open_remote_output(address, run, storage_options)
        else:
            output = open_output(local, run)
        folder = str(address or local).rstrip("/").removesuffix(f"/{named.descriptor}")
        describe = partial(make_descriptor, names, grid, Path(folder).stem, url, size)
        with output:
            return _write(
                pyramid, grid, names, codec, scale, palette, output, executor, read, progress,
                describe,
            )  # fmt: skip


def _make_grid(
    pyramid: Pyramid, layout: Layout, tile_size: int | None, overlap: int | None
) -> TileGrid:
    tile_size = layout.tile_size if tile_size is None else tile_size
    overlap = layout.overlap if overlap is None else overlap
    grid = TileGrid(*pyramid.shapes[0], tile_size, overlap)
    if overlap and layout is not DEEP_ZOOM:
        raise ValueError(
            f"overlap must be 0 in the layout {layout.name!r}, but got {overlap!r}: leave it out"
        )
    return grid


def _write(
    pyramid: Pyramid,
    grid: TileGrid,
    names: TileNames,
    codec: TileCodec,
    scale: ValueScale,
    palette: Palette | None,
    output: TileOutput,
    executor: Executor,
    read: Read,
    progress: bool,
    describe: Callable[[], str],
) -> Path | str:
    scale = scale.in_unit(pyramid.metadata.value_unit)
    stored, kept = pyramid.source.stored, _scale_as_stored(scale, pyramid)
    if not may_be_indices(scale, palette, stored):
        scale = kept
    colors = IndexedColors(palette, stored, kept)
    shape = (grid.rows, grid.columns, *([pyramid.channels] if pyramid.channels > 1 else []))
    pixel_bytes = pyramid.channels * max(2, pyramid.dtype.itemsize)
    boxes = [task.inner(grid) for task in cut_super_tiles(grid, 0, pixel_bytes)]
    pixels = grid.rows * grid.columns
    with progress_bar("limits", pixels, progress) as watch:
        mapping = find_mapping(
            scale, read, boxes, shape, pyramid.dtype, watch, executor, output.checkpoint, colors
        )
    padded = names.layout.padded
    full_side = grid.tile_size if padded else 0
    codec = replace(codec, has_missing=mapping.has_missing, full_side=full_side)
    if palette is not None and palette.steps is not None:
        low, high = mapping.limits.vmin[0], mapping.limits.vmax[0]
        codec = replace(codec, palette=index_palette(palette, low, high, mapping.scale.norm).array)
    writer = TileWriter(output.tiles, codec, names)
    output.begin()
    # means at the border have what is beside it, unless that is no value but a color
    beside = 255 if padded and palette is None else None
    means = partial(halve_pixels, rounded=mapping.has_missing, beside=beside)
    reduce = halve_labels if pyramid.labels else means
    with progress_bar("tiles", pixels, progress) as watch:
        build_levels(
            grid,
            make_pixel_reader(mapping, read),
            writer,
            channels=mapping.pixel_channels,
            pixel_bytes=pixel_bytes,
            reduce=reduce,
            smallest=len(names.shapes) - 1,
            watch=watch,
            flush=writer.flush,
            run=executor,
            stores=output.checkpoint,
        )
    others = {}
    if padded:
        white = np.full((grid.tile_size, grid.tile_size), 255, np.uint8)
        others["blank.png"] = encode_png(white)
    return output.finish(describe(), others)


def _scale_as_stored(scale: ValueScale, pyramid: Pyramid) -> ValueScale:
    """Return the scale that the stored dtype has where some samples are missing.

    They are read as floats, which have a value for that: bytes would be stretched, booleans that
    are all true be black, and "infer" would not know the dtype's range.
    """
    stored = pyramid.source.stored
    if pyramid.dtype.kind != "f" or stored.kind not in "biu":
        return scale
    limits = scale.vmin is not None or scale.vmax is not None
    if stored.kind == "b":
        return scale if limits else scale._replace(vmin=0, vmax=1, contrast=None)
    if scale.contrast == "infer":
        full = np.iinfo(stored)
        return scale.within(
            (FullScale(int(full.min), int(full.max)),) * pyramid.channels, pyramid.channels
        )
    asked = limits or scale.contrast is not None or scale.vsym or not scale.norm.linear
    return scale if asked or stored != np.uint8 else scale._replace(vmin=0, vmax=256)


def _check_picture(pyramid: Pyramid, cmap: Any) -> None:
    """Raise ValueError for what is not one picture."""
    if any(length > 1 for _, length in pyramid.axes):
        axes = ", ".join(f"{name} ({length})" for name, length in pyramid.axes)
        raise ValueError(f"source must be one picture, but has further axes {axes}: pick one of it")
    if pyramid.channels > 4:
        raise ValueError(
            f"a picture must have 1 to 4 channels, but got {pyramid.channels}: pick some of them"
        )
    if cmap is not None and pyramid.channels > 1:
        raise ValueError(
            f"cmap must have one channel, but got {pyramid.channels}: pick one, or leave it out"
        )
