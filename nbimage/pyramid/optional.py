"""Packages that only some files need."""

from __future__ import annotations

from typing import Any


def tifffile() -> Any:
    """Return the package that reads TIFF."""
    try:
        import tifffile
    except ImportError:
        raise _missing("TIFF", "tifffile", "tiff") from None
    return tifffile


def zarr() -> Any:
    """Return the package that reads zarr."""
    try:
        import zarr
    except ImportError:
        raise _missing("OME-Zarr", "zarr", "zarr") from None
    return zarr


def pyvips() -> Any:
    """Return the package that reads pictures too large for memory."""
    try:
        import pyvips  # type: ignore[import-untyped, unused-ignore]
    except (ImportError, OSError):  # without libvips itself
        raise _missing("so large a picture", "pyvips", "vips") from None
    return pyvips


def _missing(what: str, package: str, extra: str) -> ImportError:
    return ImportError(f"reading {what} needs {package}: pip install 'nbimage[{extra}]'")
