"""OpenCV reads our TIFFs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nbimage.pyramid.writers.tiff import write_tiff
from tests.pyramid.writers.test_tiff import samples


@pytest.mark.parametrize("compression", ["zlib", "lzw", None])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "f8"])
def test_opencv_reads_numbers_of_any_size(
    tmp_path: Path, dtype: str, compression: str | None
) -> None:
    cv2 = pytest.importorskip("cv2")
    data = samples((100, 120), dtype)
    path = str(write_tiff(data, tmp_path / "a.tif", tile_size=64, compression=compression))
    np.testing.assert_array_equal(cv2.imread(path, cv2.IMREAD_UNCHANGED), data)
