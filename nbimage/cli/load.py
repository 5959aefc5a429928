"""Files to arrays, for the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np


def load_array(path: str, key: str | None = None) -> Any:
    """Return the array of an ``.npy`` or ``.npz`` file, or the picture that Pillow opens.

    Raises FileNotFoundError, ValueError or TypeError in one line.
    """
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"{path} must be a file, but there is none of that name")
    suffix = file.suffix.lower()
    if key is not None and suffix != ".npz":
        raise ValueError(f"--key must be left out but for an .npz file, and {path} is none")
    if suffix in (".npy", ".npz"):
        try:
            return _from_npz(path, key) if suffix == ".npz" else _from_npy(path)
        except (EOFError, BadZipFile) as error:
            raise ValueError(f"{path} must be a whole {suffix} file, but is not: {error}") from None
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # the file was named by its owner, and may well be large
    try:
        image = Image.open(file)
        image.load()
    except UnidentifiedImageError:
        raise ValueError(f"{path} must be .npy, .npz or a picture that Pillow opens") from None
    return image


def _from_npy(path: str) -> Any:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise ValueError(f"{path} must hold an array of plain numbers: {error}") from None


def _from_npz(path: str, key: str | None) -> Any:
    with np.load(path, allow_pickle=False) as archive:
        names = list(archive.files)
        if key is None and len(names) != 1:
            raise ValueError(
                f"{path} must hold one array, but holds {len(names)}: give --key, "
                f"one of {', '.join(names)}"
            )
        name = names[0] if key is None else key
        if name not in names:
            raise ValueError(f"--key must be one of {', '.join(names)}, but got {name!r}")
        return archive[name]
