"""The file systems behind addresses, such as ``s3://bucket/name``: the one way to open them.

All that reads or writes at an address uses `open_fs`, so that time limits, credentials and errors
are the same for all. What is then read is in `remote_file`, what is written in `pyramid/writers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nbimage.base import optional_imports as optional
from nbimage.base.lazy_types import find_type
from nbimage.pyramid.remote.url import format_error, redact_secrets

_SILENCE = 30  # seconds without a byte


def open_fs(
    address: str, options: Mapping[str, Any] | None = None, *, once: bool = False
) -> tuple[Any, str]:
    """Return fsspec's file system of an address, and the path within it.

    ``once``: it asks once for what it is asked for; who uses it tries again (see `retries`).

    ``options`` are those of the file system, such as ``{"anon": True}``, and may set other limits
    of time. Raises ImportError where a package is missing, ValueError for what is no address; both
    in one line without passwords or signatures.
    """
    fsspec = optional.import_fsspec()
    name = redact_secrets(address)
    limited = with_time_limits(address, options)
    if once and "config_kwargs" in limited:
        limited["config_kwargs"] = {
            "retries": {"total_max_attempts": 1},
            **limited["config_kwargs"],
        }
    try:
        fs, path = fsspec.core.url_to_fs(address, **limited)
    except ImportError as error:
        raise ImportError(
            f"{name} needs a package: {format_error(error)}; for http and s3: "
            "pip install 'nbimage[remote]'"
        ) from None
    except Exception as error:  # each file system has its own
        raise ValueError(f"{name} can't be opened: {format_error(error)}") from None
    if once and isinstance(fs, find_type("s3fs", "S3FileSystem")):
        fs.retries = 1
    return fs, path


def with_time_limits(address: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return options with limits of time, where the caller has set none."""
    scheme = address.partition("://")[0].lower()
    limited = {"skip_instance_cache": True, **(options or {})}
    if scheme in ("http", "https"):
        timeout = optional.import_aiohttp().ClientTimeout(
            total=None, sock_connect=_SILENCE, sock_read=_SILENCE
        )
        limited["client_kwargs"] = {"timeout": timeout, **limited.get("client_kwargs", {})}
    elif scheme in ("s3", "s3a"):
        config = {"connect_timeout": _SILENCE, "read_timeout": _SILENCE}
        limited["config_kwargs"] = {**config, **limited.get("config_kwargs", {})}
    return limited


@contextmanager
def write_errors(address: str) -> Iterator[None]:
    """Raise OSError in one line without secrets, whatever a file system raises at writing."""
    try:
        yield
    except OSError as error:
        if format_error(error) == str(error):
            raise
        raise OSError(format_error(error)) from None
    except Exception as error:  # each file system has its own
        raise OSError(
            f"{redact_secrets(address)} does not take files: {format_error(error)}"
        ) from error
