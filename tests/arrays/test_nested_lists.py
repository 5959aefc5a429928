"""Nested lists of arrays of any kind: one array, with the masks of all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nbimage import Picture, Video, rerange
from nbimage.arrays.ingest import take

MASKED = np.ma.MaskedArray(np.arange(12.0).reshape(3, 4), np.eye(3, 4, dtype=bool))
OTHER = np.ma.MaskedArray(np.arange(12.0).reshape(3, 4), np.arange(12).reshape(3, 4) == 7)
PLAIN = np.arange(12.0).reshape(3, 4)


def mask_of(data: Any) -> np.ndarray:
    values = take(data)
    assert values.mask is not None
    assert values.mask.shape == values.shape
    return values.mask


@pytest.mark.parametrize("wrap", [list, tuple])
def test_masks_are_kept_at_any_depth(wrap: Any) -> None:
    one = wrap([MASKED, PLAIN, OTHER])
    expected = np.stack([MASKED.mask, np.zeros((3, 4), bool), OTHER.mask])
    np.testing.assert_array_equal(mask_of(one), expected)
    np.testing.assert_array_equal(mask_of([one, one]), np.stack([expected] * 2))
    np.testing.assert_array_equal(mask_of([[wrap([MASKED, PLAIN])], [[OTHER, OTHER]]]).sum(), 5)
    np.testing.assert_array_equal(take([one]).array, [[PLAIN, PLAIN, PLAIN]])


def test_rows_that_are_masked_arrays_are_a_picture() -> None:
    rows = [np.ma.masked_equal([1, 2, 3], 2), np.ma.masked_equal([4, 5, 2], 2)]
    picture = Picture(rows)
    assert picture.render()[..., 1].tolist() == [[255, 0, 255], [255, 255, 0]]
    assert "values 1 to 5" in picture.description


@pytest.mark.parametrize(
    ("data", "mask"),
    [
        ([[1, np.ma.masked], [3, 4]], [[0, 1], [0, 0]]),
        ([[np.ma.masked, np.ma.masked], [3, 4]], [[1, 1], [0, 0]]),
        ([[3, 4], [5, np.ma.masked]], [[0, 0], [0, 1]]),
        ([[[1, 2], [3, np.ma.masked]]], [[[0, 0], [0, 1]]]),
        ([[np.ma.masked] * 2], [[1, 1]]),
    ],
)
def test_masked_scalars_are_missing(data: Any, mask: Any) -> None:
    np.testing.assert_array_equal(mask_of(data), np.array(mask, bool))


def test_integers_beside_masked_scalars_stay_integers() -> None:
    assert take([[1, np.ma.masked], [3, 4]]).array.dtype == np.int64
    assert rerange([[0, np.ma.masked], [2, 4]]).tolist() == [[0, 0], [128, 255]]


def test_lists_of_arrays_that_say_what_is_missing_keep_it() -> None:
    import xarray

    named = xarray.DataArray(PLAIN, dims=("lat", "lon"), attrs={"_FillValue": 5.0})
    values = take([named, named])
    assert values.names == (None, "lat", "lon")
    np.testing.assert_array_equal(values.mask, np.stack([PLAIN == 5] * 2))


def test_lists_of_pictures_of_pillow_are_their_colors() -> None:
    from PIL import Image

    image = Image.fromarray(np.full((3, 4, 3), 200, np.uint8)).convert("P")
    assert take([image, image]).array.tolist() == [np.asarray(image.convert("RGB")).tolist()] * 2


def test_lists_of_lazy_arrays_are_computed() -> None:
    import dask.array

    lazy = dask.array.from_array(PLAIN)
    np.testing.assert_array_equal(take([[lazy, PLAIN]]).array, [[PLAIN, PLAIN]])


def test_frames_of_masked_rows_keep_their_masks() -> None:
    frame = [np.ma.masked_equal([0, 9, 1], 9), np.ma.masked_equal([1, 1, 9], 9)]
    video = Video([frame, frame], format="gif", nan_color="red", fps=1)
    assert "values 0 to 1" in video.description


@pytest.mark.parametrize(
    "data",
    [
        [np.ma.ones(3), np.ones(4)],
        [[np.ma.ones(3)], [np.ones(3)] * 2],
        [[1, np.ma.masked], [3]],
        [[np.ma.ones(3)], 3],
        [[[np.ma.masked], [1]], [[1], [2, 3]]],
        [np.ma.masked, np.ones(2)],
    ],
)
def test_what_is_ragged_is_named_in_one_line(data: Any) -> None:
    with pytest.raises(TypeError, match=r"^data must be rectangular, but hold (rows|items) of "):
        take(data)
