"""What to say of a path that is not there: what may be meant, or where was looked."""

from __future__ import annotations

import os
from pathlib import Path

_ENTRIES = 20_000  # of a folder, that are compared with a name
_NEAR = 0.7


def describe_missing(path: str | os.PathLike[str]) -> str:
    """Return one line on a path that is not there: a name like it, or the folder that is missing.

    Of a relative path without such a name it says in which folder it would be.
    """
    path = Path(path)
    plain = f"no such file or folder: {str(path)!r}"
    try:
        folder = next((one for one in (path.parent, *path.parent.parents) if one.is_dir()), None)
        if folder is None:
            return plain
        missing = path.relative_to(folder).parts[0]
        near = _find_near(folder, missing)
        if near is not None:
            return f"{plain}: did you mean {str(folder / near)!r}?"
        if folder != path.parent:
            return f"{plain}: there is no folder {str(folder / missing)!r}{_find_home(path)}"
        return plain + _find_home(path)
    except (OSError, ValueError):  # a name that no system takes, a folder that was left
        return plain


def _find_home(path: Path) -> str:
    return "" if path.is_absolute() else f" in {Path.cwd()}"


def _find_near(folder: Path, name: str) -> str | None:
    """Return the name in a folder that is most like another one: other letters, another suffix."""
    import difflib

    with os.scandir(folder) as entries:
        names = [entry.name for entry, _ in zip(entries, range(_ENTRIES), strict=False)]
    small = {one.lower(): one for one in sorted(names) if one.isprintable()}
    stem = Path(name.lower()).stem
    found = difflib.get_close_matches(name.lower(), small, 9, _NEAR)
    near = [one for one in found if difflib.get_close_matches(stem, [Path(one).stem])]
    near = near or [one for one in small if Path(one).stem == stem]
    return small[near[0]] if near else None
