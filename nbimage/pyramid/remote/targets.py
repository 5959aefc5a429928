"""Who is asked for the bytes of a file, and where they lie where the file only refers to them."""

from __future__ import annotations

from typing import Any, NamedTuple

from nbimage.base.lazy_types import find_type
from nbimage.pyramid.remote.http import ask_http
from nbimage.pyramid.remote.s3 import ask_s3
from nbimage.pyramid.remote.transfer import Ask
from nbimage.pyramid.remote.url import redact_secrets

LOCAL = None, "file", "local"
"""Schemes of files on this machine."""


def is_http(fs: Any) -> bool:
    """Say whether a file system is fsspec's for the web."""
    return isinstance(fs, find_type("fsspec.implementations.http", "HTTPFileSystem"))


def is_s3(fs: Any) -> bool:
    """Say whether a file system is that of s3fs."""
    return isinstance(fs, find_type("s3fs", "S3FileSystem"))


def is_references(fs: Any) -> bool:
    """Say whether a file system is fsspec's for parts of other files."""
    return isinstance(fs, find_type("fsspec.implementations.reference", "ReferenceFileSystem"))


def find_ask(fs: Any, path: str) -> Ask | None:
    """Return what asks a server for a file; None for file systems of other kinds."""
    if is_http(fs):
        return ask_http(fs, path)
    return ask_s3(fs, path) if is_s3(fs) else None


def close_connections(fs: Any) -> None:
    """Let go of the connections of a file system for the web or for S3; it makes others later."""
    for kind, name in ((is_http, "_session"), (is_s3, "_s3")):
        session = getattr(fs, name, None) if kind(fs) else None
        if session is not None:
            setattr(fs, name, None)
            fs.close_session(fs.loop, session)


class Target(NamedTuple):
    """Where the bytes of a file lie, which a reference is to."""

    fs: Any
    address: str
    start: int | None
    end: int | None

    def check(self, data: bytes, size: int | None) -> None:
        """Raise OSError where bytes are missing."""
        if self.end is not None and len(data) != self.end - (self.start or 0):
            raise OSError(
                f"it refers to the bytes {self.start} to {self.end} of "
                f"{redact_secrets(self.address)}, which has {size or 'fewer'}"
            )


def find_target(fs: Any, path: str, start: int | None, end: int | None) -> bytes | Target:
    """Return the bytes that are among references, or where they lie.

    Raises FileNotFoundError where there is no reference.
    """
    found, first, last = fs._cat_common(path, start=start, end=end)
    if isinstance(found, bytes):
        return found[start:end]
    scheme = found.partition("://")[0] if "://" in found else None
    inner = fs.fss.get(scheme) or (fs.fss.get("file") if scheme in LOCAL else None)
    if inner is None:
        raise OSError(
            f"it refers to {redact_secrets(found)}: give remote_protocol={scheme!r} in "
            "storage_options"
        )
    return Target(inner, found, first, last)
