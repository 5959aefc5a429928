"""Plugins: readers, writers and codecs of other packages, found by their entry points.

An entry point's name is what the plugin takes: the suffix of files and folders without its first
dot (``nbraw``, ``raw.json``), or the scheme of addresses (``omero://``). Nothing is looked for
before a name comes that nothing built in takes; then the entry points of all packages are read, and
of these the one plugin is imported whose name it is. Of two packages with one name the first by
the alphabet has it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCES, WRITERS, CODECS = GROUPS = "nbimage.sources", "nbimage.writers", "nbimage.codecs"

_Found = dict[str, dict[str, "Plugin"]]
_known: tuple[object, _Found] | None = None


@dataclass(frozen=True)
class Plugin:
    """What one entry point of a package names."""

    group: str
    name: str
    """The suffix without its first dot, or the scheme with ``://``."""
    package: str
    """Its name and version."""
    entry: Any = field(repr=False)

    def load(self) -> Any:
        """Return what the entry point names. Raises ImportError, in one line, if it is broken."""
        try:
            found = self.entry.load()
        except Exception as error:  # whatever a package does when it is imported
            raise ImportError(
                f"{self.package} can't be imported, whose {self.group} has {self.name!r}: "
                f"{_describe(error)}: update or uninstall it"
            ) from error
        if not callable(found):
            raise ImportError(
                f"{self.package} is broken: {self.entry.value} of its {self.group} must be "
                f"callable, but is {type(found).__name__}: update or uninstall it"
            )
        return found

    @contextlib.contextmanager
    def named(self, name: str) -> Iterator[None]:
        """Have errors that are none of the file or the parameters name the package, in one line."""
        try:
            yield
        except (OSError, ImportError, TypeError, ValueError, MemoryError):
            raise
        except Exception as error:  # whatever is wrong in the package
            raise ValueError(f"{self.package} failed on {name}: {_describe(error)}") from error


def find_plugin(group: str, name: Any) -> Plugin | None:
    """Return the plugin of a group that takes a path or an address; None where there is none."""
    candidates = _candidates(name)
    known = _find_all().get(group, {}) if candidates else {}
    return next((known[each] for each in candidates if each in known), None)


def find_plugin_suffix(name: Any) -> str:
    """Return the longest suffix of a path that any plugin takes; nothing where none does."""
    found = [find_plugin(group, name) for group in GROUPS]
    return max((each.name for each in found if each is not None), key=len, default="")


def list_plugins(group: str) -> list[str]:
    """Return the names of a group's plugins."""
    return sorted(_find_all().get(group, {}))


def _candidates(name: Any) -> list[str]:
    """Return the scheme of an address and the suffixes of a name, longest first, in small letters.

    A name's first dot, of a hidden file, begins none.
    """
    text = os.fsdecode(name).lower() if isinstance(name, (str, bytes, os.PathLike)) else ""
    scheme, mark, rest = text.partition("://")
    last = (rest if mark else text).rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    parts = last.lstrip(".").split(".")
    suffixes = [".".join(parts[i:]) for i in range(1, len(parts))]
    return [scheme + mark, *suffixes] if mark else suffixes


def _find_all() -> _Found:
    """Return all plugins by group and name; anew where packages came or went."""
    global _known
    state = tuple((folder, _changed(folder)) for folder in sys.path)
    if _known is None or _known[0] != state:
        _known = state, _read_entry_points()
    return _known[1]


def _changed(folder: str) -> int:
    try:
        return Path(folder or os.curdir).stat().st_mtime_ns
    except OSError:
        return 0


def _read_entry_points() -> _Found:
    from importlib import metadata  # which takes longer than all of this module

    try:
        points = [point for group in GROUPS for point in metadata.entry_points(group=group)]
    except Exception:  # one package's list is damaged: the others' are read all the same
        points = list(_read_one_by_one())
    found: _Found = {}
    for point in points:
        dist = getattr(point, "dist", None)
        package = point.value.partition(":")[0] if dist is None else f"{dist.name} {dist.version}"
        name = point.name.strip().lower().removeprefix(".")
        plugin, known = Plugin(point.group, name, package, point), found.setdefault(point.group, {})
        if name not in known or package < known[name].package:
            known[name] = plugin
    return found


def _read_one_by_one() -> Iterator[Any]:
    from importlib import metadata

    for package in metadata.distributions():
        with contextlib.suppress(Exception):
            yield from [point for point in package.entry_points if point.group in GROUPS]


def _describe(error: BaseException) -> str:
    lines = str(error).split("\n")
    return f"{type(error).__name__}: {lines[0]}".rstrip(": ")
