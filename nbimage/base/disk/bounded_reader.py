"""`BoundedReader`: a file of which nobody asks for more than it holds."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SMALL = 1 << 16  # bytes that may be asked for without a look at how many there are


class BoundedReader(io.BufferedReader):
    """A file that is read. Whatever length its head declares, no more memory is taken than it has.

    Python takes memory for all that is asked for, before it reads: formats of Pillow ask for
    lengths of 32 bits as they stand in a file.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(io.FileIO(path))

    def read(self, size: int | None = -1) -> bytes:
        """Read so many bytes, or as many as are left."""
        if size is not None and size > _SMALL:
            size = max(0, min(size, os.fstat(self.fileno()).st_size - self.tell()))
        return super().read(size)


def open_bounded(path: str | Path, make: Callable[..., Any]) -> Any:
    """Return the image that a class of Pillow's, or `PIL.Image.open`, makes of a file."""
    file = BoundedReader(path)
    try:
        image = make(file, str(path))
    except BaseException:
        file.close()
        raise
    image._exclusive_fp = True  # closed with the image, as if it had opened the file itself
    return image
