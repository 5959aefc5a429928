"""What polars and datashader say of their arrays is read off exactly."""

from __future__ import annotations

import datashader
import datashader.transfer_functions as tf
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from nbimage.arrays.channels import guess_channel_axis
from nbimage.arrays.labelled import as_labelled
from nbimage.arrays.metadata import Coordinate, picture_axes
from tests.arrays.test_labelled import VALUES, labelled


def test_polars_tables_are_arrays_with_names_of_columns() -> None:
    polars = pytest.importorskip("polars")
    found = labelled(polars.DataFrame({"a": [1, None], "b": [True, False]}))
    np.testing.assert_array_equal(found.data, [[1, 1], [np.nan, 0]])
    rows, columns = picture_axes(found.metadata, None)
    assert rows is None
    assert columns is not None
    np.testing.assert_array_equal(columns.values, ["a", "b"])
    flags = labelled(polars.DataFrame({"a": [True, None]})).data
    np.testing.assert_array_equal(flags, [[1], [np.nan]])
    with pytest.raises(TypeError, match=r"String in column 'b': .*frame\.select\("):
        as_labelled(polars.DataFrame({"a": [1], "b": ["x"]}))


def drawn() -> tf.Image:
    points = pd.DataFrame({"x": [0.1, 0.9, 0.9, 0.5], "y": [2.1, 4.9, 4.9, 2.1]})
    canvas = datashader.Canvas(7, 5, x_range=(0, 1), y_range=(2, 5))
    return tf.shade(canvas.points(points, "x", "y"))


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_datashader_images_are_their_colors(order: slice) -> None:
    image = drawn()[order]
    found = labelled(image)
    assert found.data.dtype == np.uint8
    assert found.data.shape == (5, 7, 4)
    assert found.names == ("y", "x", "channel")
    np.testing.assert_array_equal(found.data[::-1], np.asarray(image.to_pil()))
    packed = image.data
    for channel in range(4):
        np.testing.assert_array_equal(found.data[..., channel], (packed >> 8 * channel) & 255)
    assert found.data[..., 3].any()
    assert guess_channel_axis(found.data.shape, found.names).axis == 2


def test_datashader_draws_upward() -> None:
    image = drawn()
    kept = image.copy(deep=True)
    y, x = picture_axes(labelled(image).metadata, 2)
    assert y is not None
    assert x is not None
    assert (y.upward, x.upward) == (True, False)
    np.testing.assert_array_equal(y.values, image.coords["y"])
    np.testing.assert_array_equal(x.values, image.coords["x"])
    assert image.identical(kept)
    turned = picture_axes(labelled(image[::-1]).metadata, 2)[0]
    assert turned is not None
    assert not turned.upward
    bare = picture_axes(labelled(tf.Image(image.data)).metadata, 2)[0]
    assert bare == Coordinate(None, "", True)


def test_datashader_pixels_are_not_copied() -> None:
    image = drawn()
    assert np.shares_memory(labelled(image).data, image.data)


def test_plain_arrays_of_unsigned_integers_are_no_colors() -> None:
    image = drawn()
    for data in (xr.DataArray(image), xr.DataArray(image.data), tf.Image(VALUES)):
        assert labelled(data).data.ndim == 2
