"""Zarr arrays whose chunks are parts of other files, as Kerchunk's references say.

Not here: zarr itself (`nbimage.pyramid.sources.ome_zarr`), and how bytes come from a server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nbimage.base import optional_imports as optional
from nbimage.base.text import explain_damage
from nbimage.pyramid.remote.file_system import with_time_limits
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.remote.targets import LOCAL

_MOST = 1 << 28  # bytes of references
_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_PLAIN = re.compile(r"(?:'[\w ./:-]*'|\"[\w ./:-]*\"|(?!__)\w|\*(?!\*)|[ +/%(),=~-])*", re.ASCII)
"""What a template may hold: names, numbers, texts and sums of these, but nothing of an object."""
_KEYS = ".zgroup", ".zarray", ".zmetadata", "zarr.json"


class _Refs(NamedTuple):
    """References, and the schemes of what they refer to."""

    refs: Mapping[str, Any]
    schemes: frozenset[str | None]


def is_references(path: Path) -> bool:
    """Say whether a file on this machine may hold references."""
    return path.suffix.lower() == ".json" and path.is_file()


def open_references(path: Path, variable: str | None = None) -> RemoteFile:
    """Return the zarr folder that the references in a file are. Raises ValueError for others."""
    if path.stat().st_size > _MOST:
        raise ValueError(f"{path} must be of at most {_MOST} bytes, but is larger")
    return _open(path.read_bytes(), str(path), variable, {}, local=True)


def open_remote_references(remote: RemoteFile, variable: str | None = None) -> RemoteFile:
    """Return the same for a file at an address, which may refer to no file on this machine."""
    data = remote.fetch(most=_MOST)
    return _open(data, str(remote), variable, remote.options, local=False)


def _open(
    data: bytes, name: str, variable: str | None, options: Mapping[str, Any], *, local: bool
) -> RemoteFile:
    try:
        found = _read(data)
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        raise ValueError(
            f"{name} must hold Kerchunk's references to be an image: {explain_damage(error)}"
        ) from None
    here = found.schemes.intersection(LOCAL)
    if here and not local:
        raise ValueError(f"{name} must refer to addresses, but refers to files on this machine")
    systems: dict[str | None, Any] = {}
    for scheme in found.schemes - here:
        systems[scheme] = with_time_limits(f"{scheme}://", options)
    if here:
        systems["file"] = {}
    given = {"fo": found.refs, "fs": systems}
    return RemoteFile(f"reference://{variable or ''}", given, name=name)


def _read(data: bytes) -> _Refs:
    """Return the references in a file, their templates filled in."""
    refs = json.loads(data)
    inner = refs.get("refs", refs) if isinstance(refs, dict) else None
    if not isinstance(inner, dict) or not any(
        key.rpartition("/")[2] in _KEYS for key in map(str, inner)
    ):
        raise ValueError("there is no zarr array or group in it")
    for text in _find_templates(refs):
        _check_template(text)
    fsspec = optional.import_fsspec()
    files = fsspec.filesystem("reference", fo=refs, fs={}, skip_instance_cache=True)
    named = {part[0] for part in files.references.values() if isinstance(part, (list, tuple))}
    split = fsspec.core.split_protocol
    return _Refs(refs, frozenset(split(one)[0] for one in named))


def _find_templates(refs: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of references that fsspec fills in, by `str.format` or jinja2."""
    yield from _texts(refs.get("templates"))
    yield from _texts(refs.get("gen"))
    for part in refs.get("refs", refs).values():
        if isinstance(part, list):
            yield from _texts(part)


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, (dict, list)):
        for each in part.values() if isinstance(part, dict) else part:
            yield from _texts(each)


def _check_template(text: str) -> None:
    """Raise ValueError for what is more than names and numbers: it may be code."""
    rest = _TEMPLATE.sub("", text)
    marks = "{}" if "{{" in text else ("{%", "{#", "}}")
    plain = all(_PLAIN.fullmatch(part) for part in _TEMPLATE.findall(text))
    if not plain or any(mark in rest for mark in marks):
        raise ValueError(f"a template must hold names and numbers alone, but got {text[:80]!r}")
