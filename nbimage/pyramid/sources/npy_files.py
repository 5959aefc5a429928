"""NumPy's files: ``.npy``, mapped into memory, and ``.npz``. Nothing is ever unpickled."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.text import explain_damage

_LISTED, _LONGEST = 12, 100  # names in an error, and letters of each
_READERS = {(1, 0): "read_array_header_1_0", (2, 0): "read_array_header_2_0"}


def map_npy(path: Path) -> Array:
    """Return the array of an ``.npy`` file, mapped into memory. Never unpickles anything."""
    try:
        array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # of its header, which is parsed as Python
        if isinstance(error, OSError) and error.filename is not None:
            raise
        raise ValueError(
            f"{path} must be a whole .npy file of numbers: {explain_damage(error)}"
        ) from None
    return array


def read_npz(path: Path, key: str | None = None) -> Array:
    """Return an array of an ``.npz`` file: the only one, or that of a key."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            names = list(archive.files)
            if (key in names) if key is not None else len(names) == 1:
                name = names[0] if key is None else key
                _check_length(archive.zip, name)
                array: Array = archive[name]
                return array
    except Exception as error:  # of the archive, or of a header in it
        if isinstance(error, OSError) and error.filename is not None:
            raise
        raise ValueError(
            f"{path} must be a whole .npz file of numbers: {explain_damage(error)}"
        ) from None
    known = ", ".join(name[:_LONGEST] for name in names[:_LISTED]) or "none"
    known += f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    if key is not None:
        raise ValueError(f"no array {key!r} in {path}, which has {known}")
    raise ValueError(
        f"{path} must hold one array, but holds {len(names)} ({known}): choose one by --key on the "
        "command line, by numpy.load(path)[key] in Python"
    )


def _check_length(archive: Any, name: str) -> None:
    """Raise ValueError where an array is longer than its file, before memory is taken for it."""
    name = name if name in archive.namelist() else f"{name}.npy"
    with archive.open(name) as file:
        shape, _, dtype = read_npy_header(file)
    length, held = math.prod(shape) * dtype.itemsize, archive.getinfo(name).file_size
    if not dtype.hasobject and length > held:
        raise ValueError(f"it has an array of {length} bytes in a file of {held}")


def read_npy_header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return the shape, whether columns are first, and the dtype of an ``.npy`` file."""
    version = np.lib.format.read_magic(file)
    if version not in _READERS:  # 3.0 is of records, whose names are no ASCII
        raise ValueError(f"its version is {version[0]}.{version[1]}: it must be of numbers")
    found: tuple[tuple[int, ...], bool, np.dtype[Any]]
    found = getattr(np.lib.format, _READERS[version])(file)
    return found
