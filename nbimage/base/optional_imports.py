"""Import the packages that only some files need, or say how to install them.

Packages that every installation has are imported where they are used.
"""

from __future__ import annotations

from typing import Any

from nbimage.base.workers.threads import need_threads


def import_tifffile() -> Any:
    """Return the package that reads and writes TIFF."""
    try:
        import tifffile
    except ImportError:
        raise _missing_package("TIFF", "tifffile", "tiff") from None
    return tifffile


def import_zarr() -> Any:
    """Return the package that reads and writes zarr, in a thread of its own."""
    need_threads("zarr", "open a .tif, .dzi or .npy, or write_dzi or write_tiff instead")
    try:
        import zarr
    except ImportError:
        raise _missing_package("OME-Zarr", "zarr", "zarr") from None
    return zarr


def import_roifile() -> Any:
    """Return the package that reads and writes ROI of ImageJ."""
    try:
        import roifile
    except ImportError:
        raise _missing_package("ImageJ ROI", "roifile", "imagej") from None
    return roifile


def import_fsspec() -> Any:
    """Return the package that reads and writes at addresses, in a thread of its own."""
    need_threads(
        "an address",
        "fetch the file first, in a page by pyodide.http.pyfetch, and open what was written",
    )
    try:
        import fsspec  # type: ignore[import-untyped, unused-ignore]
        import fsspec.asyn  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise _missing_package("an address", "fsspec", "remote") from None
    return fsspec


def import_aiohttp() -> Any:
    """Return the package that reads from web servers."""
    try:
        import aiohttp
    except ImportError:
        raise _missing_package("a web address", "aiohttp", "remote") from None
    return aiohttp


def import_pyvips() -> Any:
    """Return the package that reads pictures too large for memory."""
    try:
        import pyvips  # type: ignore[import-untyped, unused-ignore]
    except (ImportError, OSError):  # without libvips itself
        raise _missing_package("reading so large a picture", "pyvips", "vips") from None
    return pyvips


def import_imagecodecs(what: str) -> Any:
    """Return the package of decoders; ``what`` is what needs one of them."""
    try:
        import imagecodecs
    except ImportError:
        raise _missing_package(what, "imagecodecs", "tiff") from None
    return imagecodecs


def import_pillow_heif() -> Any:
    """Return the package that reads HEIF."""
    try:
        import pillow_heif  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise _missing_package("HEIF", "pillow-heif", "heif") from None
    return pillow_heif


def import_openslide() -> Any:
    """Return the package that reads slides."""
    try:
        import openslide
    except (ImportError, OSError):  # without the library itself
        raise _missing_package("reading slides", "openslide-python", "slides") from None
    return openslide


def import_pydicom() -> Any:
    """Return the package that reads DICOM; its third version was the first with ``pixels``."""
    try:
        import pydicom
        import pydicom.pixels
    except ImportError:
        raise _missing_package("DICOM", "pydicom", "dicom") from None
    return pydicom


def import_nibabel() -> Any:
    """Return the package that reads NIfTI."""
    try:
        import nibabel
    except ImportError:
        raise _missing_package("NIfTI", "nibabel", "nifti") from None
    return nibabel


def import_astropy_fits() -> Any:
    """Return the module of astropy that reads FITS, from 5.3 on parts of compressed images too."""
    try:
        from astropy.io import fits
    except ImportError:
        raise _missing_package("FITS", "astropy", "fits") from None
    return fits


def import_h5py() -> Any:
    """Return the package that reads HDF5."""
    try:
        import h5py  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise _missing_package("HDF5", "h5py", "hdf5") from None
    return h5py


def import_scipy_io() -> Any:
    """Return the module of SciPy that reads NetCDF 3 and MATLAB."""
    try:
        import scipy.io  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise _missing_package("NetCDF 3 or MATLAB", "scipy", "netcdf") from None
    return scipy.io


def import_resvg() -> Any:
    """Return the package that draws SVG."""
    try:
        import resvg_py
    except ImportError:
        raise _missing_package("a figure as a file", "resvg-py", "figure") from None
    return resvg_py


def import_reportlab() -> Any:
    """Return the module that writes PDF."""
    try:
        from reportlab.pdfgen import canvas  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise _missing_package("a figure as PDF", "reportlab", "figure") from None
    return canvas


def import_dask_array() -> Any:
    """Return dask's arrays."""
    try:
        import dask.array
    except ImportError:
        raise _missing_package("a lazy array", "dask", "cluster") from None
    return dask.array


def import_xarray() -> Any:
    """Return the package of labelled arrays."""
    try:
        import xarray
    except ImportError:
        raise ImportError("a labelled array needs xarray: pip install xarray") from None
    return xarray


def find_av() -> Any:
    """Return the package that reads videos without a process of its own; None without it."""
    try:
        import av  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    return av


def _missing_package(what: str, package: str, extra: str) -> ImportError:
    return ImportError(f"{what} needs {package}: pip install 'nbimage[{extra}]'")
