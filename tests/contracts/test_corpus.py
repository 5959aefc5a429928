"""Sample files that installed packages ship: each is read right or refused in one line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import open_pyramid

PACKAGES = (
    *("astropy", "h5py", "matplotlib", "nibabel", "pydicom"),
    *("scipy", "skimage", "sklearn", "xarray"),
)
SUFFIXES = (
    *(".bmp", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"),
    *(".dcm", ".fit", ".fits", ".fits.gz", ".fz", ".img", ".mgz", ".mnc", ".nii", ".nii.gz"),
    *(".cdf", ".grib", ".h5", ".hdf5", ".nc", ".npy", ".npz"),
)
LARGEST = 8 << 20  # bytes of a file


def sample_files(package: str, *suffixes: str) -> Iterator[Path]:
    """Yield the files of a package that have such names; none of one that is not installed."""
    found = find_spec(package)
    for folder in (found and found.submodule_search_locations) or ():
        for path in sorted(Path(folder).rglob("*")):
            name = path.name.lower()
            if name.endswith(suffixes) and path.is_file() and path.stat().st_size <= LARGEST:
                yield path


def read_levels(path: str | Path) -> tuple[int, ...]:
    """Read the smallest level and a corner of the largest one."""
    with open_pyramid(path) as pyramid:
        rows, columns = pyramid.shapes[0]
        smallest = pyramid.read(len(pyramid.shapes) - 1)
        corner = pyramid.read(0, slice(0, min(rows, 200)), slice(0, min(columns, 200)))
        assert smallest.shape[:2] == pyramid.shapes[-1], path
        assert corner.shape[:2] == (min(rows, 200), min(columns, 200)), path
        assert corner.dtype == pyramid.dtype, path
        return rows, columns


def read_first(path: Path) -> tuple[int, ...]:
    """Read a file's only image, or the one that the error over several of them names first."""
    try:
        return read_levels(path)
    except ValueError as error:
        named = re.search(r": name one, such as (.+)$", str(error))
        if named is None:
            raise
        return read_levels(named[1])


@pytest.mark.parametrize("package", PACKAGES)
def test_every_sample_file_is_read_or_refused_in_one_line(package: str) -> None:
    opened = refused = 0
    for path in sample_files(package, *SUFFIXES):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", RuntimeWarning)
                warnings.simplefilter("error", ResourceWarning)
                rows, columns = read_first(path)
        except (ImportError, OSError, TypeError, ValueError) as error:
            message = str(error)
            assert "\n" not in message, path
            assert path.name in message, (path, message)
            refused += 1
            continue
        assert rows > 0 < columns, path
        opened += 1
    if find_spec(package) and package != "h5py":  # whose files hold no images
        assert opened, f"no sample file of {package} was opened, {refused} were refused"


def test_png_and_jpeg_files_have_the_samples_that_another_decoder_finds() -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    compared = 0
    for package in PACKAGES:
        for path in sample_files(package, ".png"):
            expected: Any = imagecodecs.png_decode(path.read_bytes())
            with open_pyramid(path) as pyramid:
                samples = pyramid.read(0)
                if pyramid.metadata.note or samples.dtype == bool:
                    continue  # colors were converted; one bit
            if samples.ndim == 2 and expected.ndim == 3:  # a palette of grays
                expected = expected[..., 0]
            np.testing.assert_array_equal(samples, expected, err_msg=str(path))
            compared += 1
    assert compared > 10
