"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any


def write_whole(path: Any, data: bytes) -> Path:
    """Write bytes to a file: to a temporary one beside it first, which then takes its place.

    Whatever fails or interrupts the writing, a file that was there before is as it was, and
    nothing is left beside it. A link keeps pointing to the file it points to.
    """
    try:
        shown = Path(path).expanduser()
    except RuntimeError:
        raise FileNotFoundError(f"{path} must name a user that there is, but does not") from None
    target = Path(os.path.realpath(shown))
    if target.is_symlink():
        raise FileNotFoundError(f"{shown} must lead to a file, but is a link that leads nowhere")
    if target.is_dir():
        raise IsADirectoryError(f"a file is to be written, but {shown} is a folder: add a name")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} must exist, but does not: make it")
    if target.exists() and not target.is_file():  # a device or a pipe can't be replaced
        target.write_bytes(data)
        return shown
    beside = target.with_name(f".nbimage-{os.urandom(6).hex()}.part")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o7777)
        beside.replace(target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(shown)  # the name that the user knows
            del error.filename2
        raise
    return shown
