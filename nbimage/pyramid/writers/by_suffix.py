"""`write_image`: an image of any size in the format that the suffix of its name asks for.

The formats are those of the writers beside this module and of other packages' plugins.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbimage.base.atomic import AtomicPath, resolve_target
from nbimage.base.doors import door
from nbimage.base.suffixes import name_suffix
from nbimage.plugins import WRITERS, Plugin, find_plugin, list_plugins
from nbimage.pyramid.remote.url import redact_secrets, split_address
from nbimage.pyramid.writers.deepzoom.write import write_dzi
from nbimage.pyramid.writers.ome_zarr.write import write_ome_zarr
from nbimage.pyramid.writers.planes import open_source
from nbimage.pyramid.writers.tiff import write_tiff

if TYPE_CHECKING:
    from nbimage.typing import ImageLike, PathLike

WRITERS_HERE: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("tif", "tiff"), write_tiff),
    **dict.fromkeys(("zarr", "ozx"), write_ome_zarr),
    **dict.fromkeys(("dzi", "szi", "zip"), write_dzi),
}
"""What writes an image of any size, by the suffix of its name."""


@door
def write_image(
    source: ImageLike,
    path: PathLike,
    *,
    axes: str | Sequence[str] | None = None,
    channel_axis: int | None = None,
    orientation: bool = True,
    labels: bool | None = None,
    options: Mapping[str, Any] | None = None,
) -> Path | str | list[Path] | list[str]:
    """Write an image of any size in the format of the path's suffix.

    Parameters
    ----------
    source : array-like, path or Pyramid
        Whatever `open_pyramid` takes.
    path : path-like
        ``.tif`` and ``.tiff`` are written by `write_tiff`, ``.zarr`` and ``.ozx`` by
        `write_ome_zarr`, ``.dzi``, ``.szi`` and ``.zip`` by `write_dzi`, others by packages that
        have the entry points ``nbimage.writers`` (see docs/plugins.md).
    axes, channel_axis, orientation, labels
        As in `open_pyramid`.
    options : dict, optional
        Further parameters of the function that writes it, such as ``{"compression": "zstd"}``.

    Returns
    -------
    Path, str or list
        What was written, as the function that writes it returns it. Whatever fails, older files of
        that name stay as they were.

    Raises
    ------
    ImportError, OSError, TypeError, ValueError
        For suffixes that nothing writes and for what does not fit, in one line.

    Examples
    --------
    >>> path = nbimage.write_image(np.eye(300), "eye.tif", options={"tile_size": 64})
    >>> nbimage.open_pyramid(path).block(0)
    (64, 64)
    >>> nbimage.write_image(np.eye(300), "eye.dzi", options={"format": "png"}).name
    'eye.dzi'
    """
    given: dict[str, Any] = {"axes": axes, "channel_axis": channel_axis, "orientation": orientation}
    given["labels"] = labels
    more = dict(options or {})
    twice = sorted(set(given) & set(more))
    if twice:
        raise ValueError(f"{twice[0]} must be left out of options: give it beside them")
    writer = find_writer(path)
    if isinstance(writer, Plugin):
        return write_by_plugin(writer, source, path, given, more)
    written: Path | str | list[Path] | list[str] = writer(source, path, **given, **more)
    return written


def find_writer(path: Any) -> Callable[..., Any] | Plugin:
    """Return what writes an image of any size by that name. Raises ValueError where nothing does.

    An address may have a query.
    """
    plain = redact_secrets(os.fsdecode(path)).rstrip("/")
    suffix = name_suffix(plain)
    if suffix in WRITERS_HERE:
        return WRITERS_HERE[suffix]
    plugin = find_plugin(WRITERS, plain) if suffix else None
    if plugin is None:
        known = ", ".join(f".{each}" for each in [*WRITERS_HERE, *list_plugins(WRITERS)])
        raise ValueError(
            f"an image of any size is written as {known}, but got {plain!r}: give it one of these "
            "suffixes"
        )
    return plugin


def write_by_plugin(
    writer: Plugin, source: Any, path: Any, opening: dict[str, Any], options: dict[str, Any]
) -> Path:
    """Have a plugin write an image, and return its path.

    It writes into an empty folder beside the target: what is in that takes the place of older
    files of the same names when all is written.
    """
    name = os.fsdecode(path)
    if split_address(path)[0] is not None:
        raise ValueError(
            f"{writer.package}, which writes .{writer.name}, writes no addresses, but got "
            f"{redact_secrets(name)}: give a path, and copy it there"
        )
    write = writer.load()
    shown, target = resolve_target(split_address(path)[1])
    with (
        open_source(source, **opening) as pyramid,
        tempfile.TemporaryDirectory(prefix=".nbimage-", dir=target.parent) as folder,
    ):
        with writer.named(name):
            write(pyramid, Path(folder) / target.name, **options)
        produced = sorted(Path(folder).iterdir(), key=lambda each: each.name == target.name)
        if not produced or produced[-1].name != target.name:
            raise ValueError(f"{writer.package} is broken: it has not written {name}")
        for each in produced:
            part = AtomicPath(target.with_name(each.name), shown.with_name(each.name))
            with part:
                each.rename(part.path)
                part.commit()
    return shown
