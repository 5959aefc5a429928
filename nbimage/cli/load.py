"""Files to arrays, for the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def load_array(path: str, key: str | None = None) -> Any:
    """Return the array of an ``.npy`` or ``.npz`` file, or the picture that Pillow opens.

    Raises FileNotFoundError, ValueError or TypeError in one line.
    """
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"{path} must be a file, but there is none of that name")
    suffix = file.suffix.lower()
    if suffix == ".npy":
        return np.load(file, mmap_mode="r", allow_pickle=False)
    if suffix == ".npz":
        return _from_npz(path, key)
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(file)
        image.load()
    except UnidentifiedImageError:
        raise ValueError(f"{path} must be .npy, .npz or a picture that Pillow opens") from None
    return image


def _from_npz(path: str, key: str | None) -> Any:
    with np.load(path, allow_pickle=False) as archive:
        names = list(archive.files)
        if key is None and len(names) != 1:
            raise ValueError(f"{path} holds several arrays: give --key, one of {', '.join(names)}")
        name = names[0] if key is None else key
        if name not in names:
            raise ValueError(f"--key must be one of {', '.join(names)}, but got {name!r}")
        return archive[name]
