"""OpenCV reads every pixel of our PNGs."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from nbimage import Picture, encode
from tests.codecs.test_png import Array, Case, as_rgba, deflate, encoded
from tests.mapping.test_colormap import SEVERAL


def by_opencv(data: bytes) -> Array:
    array = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert array.dtype == np.uint8
    order = [2, 1, 0, 3]  # OpenCV's order is blue, green, red
    return as_rgba(array if array.ndim == 2 else array[:, :, order[: array.shape[2]]])


def test_opencv_reads_every_pixel(encoded: list[tuple[Case, bytes]]) -> None:
    wrong = []
    for case, data in encoded:
        got, expected = by_opencv(data), case.expected()
        if case.hidden:  # OpenCV takes no notice of a gray picture's tRNS
            seen = expected[:, :, 3] > 0
            got, expected = got[seen], expected[seen]
        if not np.array_equal(got, expected):
            wrong.append(case.name)
    assert not wrong


@pytest.mark.parametrize("cmap", SEVERAL)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_opencv_reads_the_colors_of_palettes(cmap: str, dtype: Any) -> None:
    data = (np.random.default_rng(0).random((37, 53)) * 250).astype(dtype)
    data[0, :2] = 0, 255  # the whole palette is in the file
    expected = as_rgba(Picture(data, 0, 255, cmap=cmap).pixels)
    np.testing.assert_array_equal(by_opencv(encode(data, vmin=0, vmax=255, cmap=cmap)), expected)
