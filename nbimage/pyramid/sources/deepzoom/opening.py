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
    found = _find_descriptor(path)
    return None if found is None else DeepZoomSource(found, layout=DESCRIBED[found.name])


def is_tiles(path: Path) -> bool:
    """Say whether it is such a descriptor or folder."""
    return _find_descriptor(path) is not None


def _find_descriptor(path: Path) -> Path | None:
    """Return the path of a descriptor, which Google's layout may lack."""
    if path.name in DESCRIBED:
        return path if path.is_file() else None
    if not path.is_dir():
        return None
    for name in DESCRIBED:
        if (path / name).is_file():
            return path / name
    return path / GOOGLE.descriptor if _has_google_tiles(path) else None


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
