"""Addresses such as ``https://host/image.dzi``: telling them from paths, hiding their secrets.

Text alone is dealt with here; `file_system` opens what is behind an address.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, TypeGuard
from urllib.parse import unquote

from nbimage.base.text import one_line

_ADDRESS = re.compile(r"(?:[a-z0-9]+::)*[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_URL = re.compile(r"[a-z][a-z0-9+.-]+://[^\s'\"<>]*", re.IGNORECASE)


def is_address(source: Any) -> TypeGuard[str]:
    """Say whether a source is text such as ``s3://bucket/name``; a path on Windows is none."""
    return isinstance(source, str) and _ADDRESS.match(source) is not None


def local_path(address: str) -> Path | None:
    """Return the path that a ``file://`` address names; None for any other."""
    if not address.lower().startswith("file://"):
        return None
    plain = address[len("file://") :]
    plain = plain[len("localhost") :] if plain.startswith("localhost/") else plain
    if re.match(r"/[A-Za-z]:[/\\]", plain) and os.name == "nt":
        plain = plain[1:]
    return Path(plain) if Path(plain).exists() else Path(unquote(plain))


def split_address(path: Any) -> tuple[str | None, Any]:
    """Return an address and None, or None and the path that is given or that ``file://`` names."""
    if not is_address(path):
        return None, path
    local = local_path(path)
    return (path, None) if local is None else (None, local)


def redact_secrets(text: str) -> str:
    """Return text without what its addresses may keep secret: users, passwords, signatures."""
    return _URL.sub(lambda match: _redact(match[0]), text)


def format_error(error: BaseException) -> str:
    """Return what an error says in one line, without secrets."""
    return one_line(OSError(redact_secrets(str(error) or type(error).__name__)))


def _redact(address: str) -> str:
    scheme, rest = address.split("://", 1)
    rest = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def split_query(address: str) -> tuple[str, str]:
    """Return an address of the web without its query, and the query; any other as it is."""
    if address.partition("://")[0].lower() not in ("http", "https"):
        return address, ""
    plain, mark, query = address.partition("#")[0].partition("?")
    return plain, mark + query


def find_suffix(path: str) -> str:
    """Return the suffix of the last part of a path, such as ".dzi", in small letters."""
    name = path.rstrip("/").rpartition("/")[2]
    return "." + name.rpartition(".")[2].lower() if "." in name.strip(".") else ""
