"""Which variable of a file a path names: ``file.nc/t2m``, ``file.h5/group/data``."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from nbimage.pyramid.remote.references import is_references
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.remote.url import is_address, local_path

HDF5_HEAD = b"\x89HDF\r\n\x1a\n"
_NETCDF5 = b"CDF\5"
_NETCDF3 = b"CDF\1", b"CDF\2", _NETCDF5
_IN_FILE = re.compile(
    r"([^?#]*/[^/?#]+\.(?:nc[34]?|netcdf|cdf|hdf5?|h5|he5|json))/+([^?#]+?)/*([?#].*)?",
    re.IGNORECASE,
)
_USER_BLOCKS = 0, *(1 << power for power in range(9, 21))  # bytes that may stand before HDF5's


def is_hdf5(path: Path) -> bool:
    """Say whether a file is one of HDF5, which NetCDF 4 is too."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        for start in _USER_BLOCKS:
            if start + len(HDF5_HEAD) > size:
                return False
            file.seek(start)
            if file.read(len(HDF5_HEAD)) == HDF5_HEAD:
                return True
    return False


def is_netcdf3(path: Path | RemoteFile) -> bool:
    """Say whether a file begins as NetCDF 3 does."""
    with path.open("rb") as file:
        return file.read(4) in _NETCDF3


def is_netcdf5(path: Path) -> bool:
    """Say whether it is of the format with numbers of 64 bits, which few programs read."""
    with path.open("rb") as file:
        return file.read(4) == _NETCDF5


def is_matlab(path: Path) -> bool:
    """Say whether a file is one of MATLAB's up to version 7; later ones are HDF5."""
    with path.open("rb") as file:
        head = file.read(20)
    if head.startswith(b"MATLAB 5.0"):
        return True
    return path.suffix.lower() == ".mat" and bool(head) and not is_hdf5(path)


def is_dataset(path: Path) -> bool:
    """Say whether a file holds named arrays."""
    return is_netcdf3(path) or is_hdf5(path) or is_matlab(path)


def split_variable(source: Any) -> tuple[Any, str | None]:
    """Return the file that a path goes into, and the variable; else what was given and None."""
    if not isinstance(source, (str, os.PathLike)) or not isinstance(os.fspath(source), str):
        return source, None
    if is_address(source) and local_path(source) is None:
        found = _IN_FILE.fullmatch(source)
        return (found[1] + (found[3] or ""), found[2]) if found else (source, None)
    try:
        path = Path(source).expanduser()
        if path.exists():
            return source, None
        for parent in path.parents:
            if parent.is_file():
                if not is_dataset(parent) and not is_references(parent):
                    return source, None
                return parent, path.relative_to(parent).as_posix()
            if parent.exists():
                break
    except (OSError, RuntimeError, ValueError):
        pass
    return source, None
