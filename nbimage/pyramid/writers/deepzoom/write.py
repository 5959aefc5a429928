"""Write pyramids of tiles: a descriptor and small picture files that viewers load as they need.

Where the files go is in `output`, what they are called in `pyramid/layouts`. The samples of
OME-Zarr and TIFF go through `writers/planes`.

Source: Deep Zoom File Format Overview, Microsoft; libvips' dzsave, whose tiles these are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nbimage.base.doors import door
from nbimage.base.scalars import number_or_nan
from nbimage.codecs.pictures import check_options
from nbimage.mapping.channels.channel_limits import check_channel_limits
from nbimage.mapping.channels.composite import resolve_channels
from nbimage.mapping.colormap import as_palette
from nbimage.mapping.value_scale import ValueScale
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.oriented import as_upright
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.read_channels import pick_asked
from nbimage.pyramid.core.stored import find_windows
from nbimage.pyramid.layouts.descriptors import make_descriptor
from nbimage.pyramid.layouts.layout import DEEP_ZOOM, IIIF, WRITTEN, Layout, find_layout
from nbimage.pyramid.levels.executors import Threads
from nbimage.pyramid.remote.url import split_address
from nbimage.pyramid.writers.dask_executor import ClusterExecutor, choose_executor
from nbimage.pyramid.writers.deepzoom.composite import Channels, CompositeMapping, find_channels
from nbimage.pyramid.writers.deepzoom.output import open_output
from nbimage.pyramid.writers.deepzoom.planes import Plane, name_plane, select_planes
from nbimage.pyramid.writers.deepzoom.remote_output import open_remote_output
from nbimage.pyramid.writers.deepzoom.run import DeepZoomRun, TileOutput
from nbimage.pyramid.writers.deepzoom.tiles import TileMaker
from nbimage.pyramid.writers.described import read_sizes
from nbimage.pyramid.writers.fingerprint import make_fingerprint
from nbimage.pyramid.writers.planes import open_source
from nbimage.pyramid.writers.tile_encoder import DEFAULT_QUALITY, TileCodec
from nbimage.pyramid.writers.value_mapping import ValueMapping

if TYPE_CHECKING:
    from nbimage.typing import (
        ColorLike,
        ColormapLike,
        ContrastLike,
        ImageLike,
        LevelsLike,
        LimitLike,
        NormLike,
        PathLike,
    )


@door
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
    levels: LevelsLike | None = None,
    cmap: ColormapLike | None = None,
    channels: Mapping[str, ColorLike | None] | Sequence[Any] | Literal[False] | None = None,
    planes: Mapping[Any, Any] | Literal["all"] | None = None,
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
) -> Path | str | list[Path] | list[str]:
    """Write an image of any size as a pyramid of tiles: Deep Zoom, IIIF, Google or Zoomify.

    The values become pixels as `rerange` has it, with one range for the whole image; each level is
    then made of the next larger one by means of two by two pixels, as libvips does; of labels by
    one of them. Memory is bounded, however large the image.

    While there is a `distributed.Client`, its workers do all this: for dask and zarr arrays and
    files that they can open too. They must share the folder that is written to, or write to an
    address. Without one, a dask array is computed in threads here, or with the "processes" that
    dask is set to.

    Parameters
    ----------
    source : array-like, path or Pyramid
        Whatever `open_pyramid` takes: one picture, or ``planes`` of it. Latitudes that increase
        begin at the bottom, as in a `Picture`.
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
          up with white, and those that are white, or 5 less at most, are left out.
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
    vmin, vmax, vsym, contrast, norm, levels
        As in `rerange`; exact limits that are not given cost one more pass over the values.
        Percentiles come from a sample of about a million pixels.
    cmap : colormap, optional
        For one channel; colors are given to the means, so that they stay the map's own.
    channels : dict {name: color}, list of names or False, optional
        Channels that are laid over one another, each in limits and a color of its own, as in a
        `View`. Default: those that a `Picture` shows so; False: none are.
    planes : dict {axis: number, numbers, slice or "all"} or "all", optional
        Which planes of a stack, by the names of its further axes, such as ``{"t": 3, "z": "all"}``.
        Several are a pyramid each, named such as ``NAME_t003_z005.dzi``, in one range of values,
        of axes of channels one a channel; they take their places when all are complete.
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
    Path or str, or a list of them
        The descriptor of Deep Zoom, the folder, or the one file; of several planes a list.
        Whatever fails or interrupts the writing, an older pyramid of that name stays as it was; but
        at an address an older descriptor is removed before the first tile is written, then its
        tiles are overwritten one by one.

    Raises
    ------
    ValueError, TypeError, OSError
        In one line.

    Examples
    --------
    >>> yy, xx = np.mgrid[:600, :800]
    >>> path = nbimage.write_dzi(xx * yy, "product", format="png", progress=False)
    >>> path.name
    'product.dzi'
    >>> nbimage.open_pyramid(path)
    <Pyramid 600 x 800 uint8, 11 levels>
    >>> sorted(tile.name for tile in path.with_name("product_files").glob("10/*"))[:3]
    ['0_0.png', '0_1.png', '0_2.png']
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
        asked_channels = resolve_channels(channels, cmap=cmap)
        pyramid = as_upright(pick_asked(given, asked_channels) if asked_channels else given)
        size = (pyramid.pixel_size, pyramid.unit) if given_size[0] is None else given_size
        shown = find_channels(pyramid, channels, cmap is not None)
        chosen = select_planes(pyramid, planes, None if shown is None else shown.along)
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
        scale = ValueScale.of(vmin, vmax, vsym, contrast, norm, None, levels)
        palette = None if cmap is None else as_palette(cmap)
        _check_picture(pyramid, shown, cmap, scale)
        quality = DEFAULT_QUALITY.get(name, 0) if quality is None else number_or_nan(quality)
        codec = TileCodec(name, quality, None if palette is None else palette.array)
        executor, read = choose_executor(pyramid, shared="memory://" not in str(path))
        asked = bool(resume)
        resume = isinstance(executor, ClusterExecutor) if resume is None else resume
        checkpointed = resume or not isinstance(executor, Threads)
        how = grid, codec.format, codec.quality, palette, pyramid.labels, layout, shown, chosen
        fingerprint = "0"
        if resume:
            windows = find_windows(pyramid)
            fingerprint = make_fingerprint(given, scale, *how, windows, required=asked)
        names = named.names(grid, named.suffix(name))
        run = DeepZoomRun(names, checkpointed, resume, fingerprint)
        maker = TileMaker(
            pyramid, shown, grid, names, codec, scale, palette, executor, read, progress
        )

        def open_plane(plane: Plane) -> tuple[TileOutput, str]:
            target = name_plane(str(address or local), plane.suffix)
            folder = target.rstrip("/").removesuffix(f"/{named.descriptor}")
            text = make_descriptor(names, grid, Path(folder).stem, url, size)
            if address is not None:
                return open_remote_output(target, run, storage_options), text
            return open_output(target, run), text

        written = _write(maker, chosen, open_plane)
    return written[0] if len(chosen) == 1 else written


def _write(
    maker: TileMaker,
    planes: list[Plane],
    open_plane: Callable[[Plane], tuple[TileOutput, str]],
) -> list[Any]:
    """Write the pyramids of planes, and put them in their places when all are complete."""
    ranges: dict[tuple[int, ...], ValueMapping | CompositeMapping] = {}
    outputs = []
    with contextlib.ExitStack() as stack:
        for plane in planes:
            output, descriptor = open_plane(plane)
            stack.enter_context(output)
            key = plane.range_key
            if key not in ranges:
                alike = [other.index for other in planes if other.range_key == key]
                ranges[key] = maker.find_range(alike, output.checkpoint)
            maker.write(plane.index, ranges[key], output)
            output.complete(descriptor, maker.others)
            outputs.append(output)
        return [output.commit() for output in outputs]


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


def _check_picture(pyramid: Pyramid, shown: Channels | None, cmap: Any, scale: ValueScale) -> None:
    """Raise ValueError for what is not one picture."""
    if shown is not None:
        check_channel_limits(scale, len(shown.colors))
        return
    if pyramid.channels > 4:
        raise ValueError(
            f"a picture must have 1 to 4 channels, but got {pyramid.channels}: pick some of them, "
            "or name them all in channels="
        )
    asked = {"cmap": cmap is not None, "levels": scale.norm.levels is not None}
    name = next((name for name, given in asked.items() if given), None)
    if name is not None and pyramid.channels > 1:
        raise ValueError(
            f"{name} must have one channel, but got {pyramid.channels}: pick one, or leave it out"
        )
