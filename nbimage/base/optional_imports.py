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


def fsspec() -> Any:
    """Return the package that reads addresses."""
    try:
        import fsspec  # type: ignore[import-untyped, unused-ignore]
        import fsspec.asyn  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise _missing("an address", "fsspec", "remote") from None
    return fsspec


def aiohttp() -> Any:
    """Return the package that reads from web servers."""
    try:
        import aiohttp
    except ImportError:
        raise _missing("a web address", "aiohttp", "remote") from None
    return aiohttp


def pyvips() -> Any:
    """Return the package that reads pictures too large for memory."""
    try:
        import pyvips  # type: ignore[import-untyped, unused-ignore]
    except (ImportError, OSError):  # without libvips itself
        raise _missing("reading so large a picture", "pyvips", "vips") from None
    return pyvips


def openslide() -> Any:
    """Return the package that reads slides."""
    try:
        import openslide
    except (ImportError, OSError):  # without the library itself
        raise _missing("reading slides", "openslide-python", "slides") from None
    return openslide


def _missing(what: str, package: str, extra: str) -> ImportError:
    return ImportError(f"{what} needs {package}: pip install 'nbimage[{extra}]'")
