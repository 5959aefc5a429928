"""Which pyramid of tiles a path or an address names."""

from __future__ import annotations

import contextlib
from pathlib import Path

from nbimage.pyramid.layouts.layout import GOOGLE
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.deepzoom.source import DeepZoomSource
from nbimage.pyramid.sources.deepzoom.tiles import DESCRIBED


def find_tiles(path: Path) -> DeepZoomSource | None:
    """Return the pyramid of a descriptor such as ``info.json``, or of a folder that has one.

    None for anything else.
    """
    if path.name in DESCRIBED:
        return DeepZoomSource(path, layout=DESCRIBED[path.name]) if path.is_file() else None
    if not path.is_dir():
        return None
    for name, layout in DESCRIBED.items():
        if (path / name).is_file():
            return DeepZoomSource(path / name, layout=layout)
    if _has_google_tiles(path):
        return DeepZoomSource(path / GOOGLE.descriptor, layout=GOOGLE)
    return None


def _has_google_tiles(path: Path) -> bool:
    """Say whether a folder has tiles in Google's layout, as libvips writes them."""
    first = path / "0" / "0"
    if not (path / "blank.png").is_file() and not first.is_dir():
        return False
    return first.is_dir() and any(file.stem == "0" and file.suffix for file in first.iterdir())


def find_remote_tiles(remote: RemoteFile) -> DeepZoomSource | None:
    """Return the same at an address that names the descriptor; None for any other."""
    layout = DESCRIBED.get(remote.path.rpartition("/")[2])
    return None if layout is None else DeepZoomSource(remote, layout=layout)


def find_remote_folder(remote: RemoteFile) -> DeepZoomSource | None:
    """Return the pyramid of a folder at an address; None where it has no descriptor."""
    for name, layout in DESCRIBED.items():
        with contextlib.suppress(OSError):
            remote.fetch(f"{remote.path}/{name}", start=0, end=1)
            return DeepZoomSource(remote, layout=layout)
    return None
