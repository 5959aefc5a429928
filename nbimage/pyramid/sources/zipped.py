"""Images in zip files: zarr (``.ozx``, ``.zarr.zip``), or Deep Zoom (``.szi``, ``.zip``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbimage.pyramid.core.source import Source
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.deepzoom.source import DeepZoomSource
from nbimage.pyramid.sources.ome_zarr.opening import open_zipped_zarr
from nbimage.pyramid.sources.ome_zarr.zip_store import SUFFIX, find_root
from nbimage.pyramid.sources.zip_entries import ZipEntries

ZIP = b"PK\3\4"
"""What a zip file begins with."""


def is_zip(path: Path) -> bool:
    """Say whether a file begins as a zip file, or should by its name."""
    if path.suffix.lower() == SUFFIX:
        return True
    with path.open("rb") as file:
        return file.read(len(ZIP)) == ZIP


def open_zip(
    path: Path | RemoteFile, axes: Any, channel_axis: int | None, part: str | None
) -> Source:
    """Open what a zip file holds; ``part``: the path of an image of zarr within it."""
    entries = ZipEntries(path)
    if part is not None or path.suffix.lower() == SUFFIX or find_root(entries.names) is not None:
        return open_zipped_zarr(entries, axes, channel_axis, part)
    return DeepZoomSource(path, entries)
