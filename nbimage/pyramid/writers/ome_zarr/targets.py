"""Where an OME-Zarr image is written: what it may replace here, and a new store at an address."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbimage.pyramid.remote.file_system import open_fs, with_time_limits, write_errors
from nbimage.pyramid.remote.url import redact_secrets
from nbimage.pyramid.sources.ome_zarr.opening import is_zarr

_METADATA = {"zarr.json", ".zgroup", ".zattrs", ".zmetadata"}


def check_replaceable(zarr: Any, target: Path) -> None:
    """Raise FileExistsError for a file, and for a folder that holds more than a zarr image."""
    if not target.exists():
        return
    if not target.is_dir():
        raise FileExistsError(f"{target} is a file, but an OME-Zarr image is a folder: move it")
    entries = sorted(entry.name for entry in target.iterdir())
    if not entries:
        return
    if not is_zarr(target):
        raise FileExistsError(
            f"{target} is a folder, but no zarr image, and is not replaced: give another name"
        )
    try:
        older = zarr.open(str(target), mode="r")
    except Exception as error:
        raise FileExistsError(
            f"{target} is no whole zarr image, and is not replaced: give another name"
        ) from error
    if hasattr(older, "shape"):
        return
    metadata = dict(older.attrs)
    metadata = metadata.get("ome", metadata)
    levels = {
        str(dataset.get("path", "")).split("/")[0]
        for image in metadata.get("multiscales", ())
        for dataset in image.get("datasets", ())
    }
    more = [entry for entry in entries if entry not in levels | _METADATA]
    if more:
        raise FileExistsError(
            f"{target} holds {more[0]!r} beside a zarr image, and is not replaced: "
            "give another name"
        )


@contextlib.contextmanager
def open_new_store(zarr: Any, address: str, options: dict[str, Any] | None) -> Iterator[Any]:
    """Yield a store at an address at which nothing is; what was written goes if it fails."""
    name = redact_secrets(address)
    fs, root = open_fs(address, options)
    with write_errors(address):
        # what s3 and others call a folder is there as soon as anything is within it
        occupied = fs.exists(root) and (fs.isfile(root) or fs.ls(root, detail=False))
    if occupied:
        raise FileExistsError(f"something is at {name} already: remove it first")
    try:
        limited = with_time_limits(address, options)
        yield zarr.storage.FsspecStore.from_url(address, storage_options=limited)
    except BaseException as error:
        with contextlib.suppress(Exception):
            fs.rm(root, recursive=True)
        if isinstance(error, NotImplementedError):  # such as one that can only be read
            raise OSError(f"{name} does not take files: it can only be read") from error
        raise
