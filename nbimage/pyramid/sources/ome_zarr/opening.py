"""Open zarr: an array, an image of several levels, a plate, one of several variables.

Not here: how bytes come from an address (`nbimage.pyramid.remote.zarr_store`) or from a zip file
(`zip_store`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.colors import Samples
from nbimage.arrays.metadata import with_dropped
from nbimage.arrays.stores.cf_arrays import Beside, choose_image
from nbimage.arrays.stores.zarr_metadata import zarr_labels, zarr_names, zarr_variables
from nbimage.base import optional_imports as optional
from nbimage.base.text import explain_damage
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.remote.zarr_store import ZarrFileSystem
from nbimage.pyramid.sources.ome_zarr.image import open_image
from nbimage.pyramid.sources.ome_zarr.labels import read_ome
from nbimage.pyramid.sources.ome_zarr.plate import FieldsSource, read_fields, read_plate
from nbimage.pyramid.sources.ome_zarr.source import Kind, OwnedZarrSource, ZarrSource
from nbimage.pyramid.sources.ome_zarr.zip_store import ZipFileSystem, find_root
from nbimage.pyramid.sources.zip_entries import ZipEntries

AnyZarrSource = ZarrSource | FieldsSource


def is_zarr(path: Path) -> bool:
    """Say whether a folder holds a zarr array or group."""
    return any((path / name).is_file() for name in ("zarr.json", ".zgroup", ".zarray", ".zattrs"))


def open_zarr(path: Path, axes: Any, channel_axis: int | None) -> AnyZarrSource:
    """Return a folder's array, or its image of several levels, as a source."""
    zarr = optional.import_zarr()
    with _one_error(str(path)):
        found = _open_beside(path) or zarr.open(str(path.absolute()), mode="r")
        return _opened(str(path), found, axes, channel_axis, ZarrSource)


def open_zarr_array(path: Path) -> Any:
    """Return the zarr array that a folder is; None for a group and for anything else."""
    if not path.is_dir() or not is_zarr(path):
        return None
    zarr = optional.import_zarr()
    with _one_error(str(path)):
        found = _open_beside(path) or zarr.open(str(path.absolute()), mode="r")
    return found if hasattr(found, "shape") else None


def _open_beside(path: Path) -> Any:
    """Return an array through the group that it is in, which has its coordinates; else None."""
    zarr, folder = optional.import_zarr(), path.absolute()
    if not is_zarr(folder.parent) or (folder / ".zgroup").exists():
        return None
    try:
        found = zarr.open_group(str(folder.parent), mode="r").get(folder.name)
    except (OSError, KeyError, ValueError):
        return None
    return found if hasattr(found, "shape") else None


def open_remote_zarr(remote: RemoteFile, axes: Any, channel_axis: int | None) -> AnyZarrSource:
    """Return the array or the image at an address as a source."""
    zarr = optional.import_zarr()
    files = ZarrFileSystem(remote)
    with _one_error(str(remote)):
        try:
            found = zarr.open(zarr.storage.FsspecStore(files, read_only=True, path=""), mode="r")
            if hasattr(found, "shape"):
                found = _open_beside_remote(remote, found)
            source = _opened(str(remote), found, axes, channel_axis, OwnedZarrSource)
        except Exception:
            if files.refused is not None:
                raise files.refused from None
            raise
    return _owned(source, remote, open_remote_zarr, (remote, axes, channel_axis))


def _open_beside_remote(remote: RemoteFile, found: Any) -> Any:
    """Return an array through the group that it is in, if that has its coordinates; else itself."""
    folder, _, name = remote.path.rpartition("/")
    if not zarr_names(found) or not folder.strip("/") or folder.endswith((":", "/")):
        return found
    zarr = optional.import_zarr()
    store = zarr.storage.FsspecStore(ZarrFileSystem(remote, folder), read_only=True, path="")
    version = found.metadata.zarr_format
    try:
        group = zarr.open_group(store, mode="r", zarr_format=version, use_consolidated=False)
        array = group.get(name)
    except (OSError, KeyError, ValueError):
        return found
    return array if hasattr(array, "shape") else found


def open_zipped_zarr(
    entries: ZipEntries, axes: Any, channel_axis: int | None, part: str | None = None
) -> AnyZarrSource:
    """Return the array or the image in a zip file as a source.

    ``part``: the path within the zip file; by default its root. What can't be opened is closed.
    """
    name = f"{entries.path}/{part}" if part else str(entries.path)
    try:
        zarr = optional.import_zarr()
        with _one_error(name):
            root = find_root(entries.names)
            if root is None:
                raise ValueError(f"{entries.path} must hold zarr, but holds no metadata of any")
            files = ZipFileSystem(entries, root)
            store = zarr.storage.FsspecStore(files, read_only=True, path="")
            try:
                found = zarr.open(store, path=part or "", mode="r")
            except FileNotFoundError:
                raise ValueError(f"{name} must be in that zip file, but is not") from None
            source = _opened(name, found, axes, channel_axis, OwnedZarrSource)
    except BaseException:
        entries.close()
        raise
    return _owned(source, entries, open_zipped_zarr, (entries, axes, channel_axis, part))


def _owned(
    source: OwnedZarrSource | FieldsSource, owner: Any, opener: Any, asked: tuple[Any, ...]
) -> AnyZarrSource:
    source.owner, source.again = owner, (opener, asked)
    return source


def open_store(store: Any, axes: Any, channel_axis: int | None) -> AnyZarrSource:
    """Return the array or the image in a store of zarr's as a source."""
    zarr = optional.import_zarr()
    name = f"the zarr store {type(store).__name__}"
    with _one_error(name):
        return _opened(name, zarr.open(store, mode="r"), axes, channel_axis, ZarrSource)


def open_group(group: Any, axes: Any, channel_axis: int | None) -> AnyZarrSource:
    """Return the image of a zarr group as a source."""
    name = f"the zarr group {group.name}"
    with _one_error(name):
        return _opened(name, group, axes, channel_axis, ZarrSource)


@contextlib.contextmanager
def _one_error(name: str) -> Iterator[None]:
    """Raise ValueError in one line, whatever zarr or a codec raises."""
    try:
        yield
    except Exception as error:
        if name in str(error) and isinstance(error, (OSError, TypeError, ValueError)):
            raise
        raise ValueError(f"{name} must be a whole zarr image: {explain_damage(error)}") from error


def _opened(
    path: str, found: Any, axes: Any, channel_axis: int | None, kind: type[Kind]
) -> Kind | FieldsSource:
    if hasattr(found, "shape"):
        return _array(path, found, None, axes, channel_axis, kind)
    ome, note = read_ome(found), ""
    if "plate" in ome or "well" in ome:
        return _fields(path, found, ome, axes, channel_axis, kind)
    if "multiscales" not in ome and ("bioformats2raw.layout" in ome or "0/0" in found):
        note = _series_note(path, found)
        found = found["0"]
        ome = read_ome(found)
    if "multiscales" in ome:
        return open_image(path, found, ome, axes, channel_axis, kind, note)
    _refuse_other(path, found, ome)
    arrays = dict(found.arrays())
    only = next(iter(arrays)) if len(arrays) == 1 else None
    name = only or choose_image(zarr_variables(arrays), path)
    return _array(path, arrays[name], arrays.get, axes, channel_axis, kind)


def _fields(
    path: str,
    group: Any,
    ome: Mapping[str, Any],
    axes: Any,
    channel_axis: int | None,
    kind: type[Kind],
) -> FieldsSource:
    """Return a plate or a well as a source."""
    asked = path, group, axes, channel_axis, kind
    if "plate" in ome:
        plate = read_plate(path, group, ome["plate"])
        fields = tuple(f"{well.path}/{field}" for well in plate.wells for field in well.fields)
        return FieldsSource(path, fields, _open_field, asked, plate)
    fields = read_fields(ome["well"])
    if not fields:
        raise ValueError(f"{path} must be a well of one field or more, but has none")
    return FieldsSource(path, fields, _open_field, asked)


def _open_field(
    field: str, path: str, group: Any, axes: Any, channel_axis: int | None, kind: type[Kind]
) -> Any:
    name = f"{path}/{field}"
    with _one_error(name):
        try:
            found = group[field]
        except KeyError:
            raise ValueError(f"{path} must hold its field {field}, but does not") from None
        return _opened(name, found, axes, channel_axis, kind)


def _series_note(path: str, group: Any) -> str:
    """Return which of several images is opened, where there are more."""
    try:
        series = read_ome(group["OME"]).get("series")
    except (KeyError, OSError, ValueError):
        series = None
    names = list(map(str, series)) if isinstance(series, (list, tuple)) else ["0", "1"]
    more = [name for name in names if name != "0" and name in group]
    return f"the first of {len(more) + 1} images: {path}/{more[0]} is another" if more else ""


def _refuse_other(path: str, group: Any, ome: Mapping[str, Any]) -> None:
    """Raise ValueError for groups that hold images, but are none."""
    labels = ome.get("labels")
    if isinstance(labels, (list, tuple)) and labels:
        raise ValueError(
            f"{path} must be an image, but is a group of label images: name one, such as "
            f"{path}/{labels[0]}"
        )
    if "scene" in ome:
        names = sorted(name for name, _ in group.groups())
        way = f": name an image, such as {path}/{names[0]}" if names else ""
        raise ValueError(f"{path} must be an image, but is a scene of several{way}")


def _array(
    path: str,
    array: Any,
    beside: Beside | None,
    axes: Any,
    channel_axis: int | None,
    kind: type[Kind],
) -> Kind:
    names = zarr_names(array)
    metadata, decoding = zarr_labels(array, beside)
    own = Samples(array, metadata=metadata)
    axis_order = resolve_axis_order(array.shape, names, axes, channel_axis, samples=own)
    metadata = with_dropped(metadata, names, axis_order.single(array.shape))
    return kind(path, [array], axis_order, decoding=decoding, metadata=metadata)
