"""Images of datashader, whose module is a stand-in here: ``tests/peers`` has the library itself."""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pytest
import xarray as xr

from nbimage import Picture
from nbimage.arrays.labelled import as_labelled

COLORS = np.random.default_rng(4).integers(0, 256, (3, 5, 4), np.uint8)
COLORS[0, 0, 3] = 255
PACKED = np.ascontiguousarray(COLORS).view("<u4")[..., 0].astype(np.uint32)


class Image(xr.DataArray):
    """Like datashader's class."""

    __slots__ = ()


@pytest.fixture(autouse=True)
def _module(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = types.ModuleType("datashader.transfer_functions")
    module.Image = Image
    monkeypatch.setitem(sys.modules, "datashader.transfer_functions", module)


@pytest.mark.parametrize("fortran", [False, True])
def test_packed_integers_are_colors_from_the_bottom_up(fortran: bool) -> None:
    packed = np.asfortranarray(PACKED) if fortran else PACKED
    found = as_labelled(Image(packed, dims=("y", "x")))
    assert found is not None
    assert np.array_equal(found.data, COLORS)
    assert found.names == ("y", "x", "channel")
    y = found.metadata.coordinates[0]
    assert y is not None and y.upward
    assert found.metadata.coordinates[2] is None


@pytest.mark.parametrize("upward", [False, True])
def test_coordinates_tell_which_row_is_the_lowest(upward: bool) -> None:
    rows = [1.0, 2.0, 3.0] if upward else [3.0, 2.0, 1.0]
    image = Image(PACKED, {"y": rows, "x": np.arange(5.0)}, ("y", "x"))
    found = as_labelled(image)
    assert found is not None
    y, x, _ = found.metadata.coordinates
    assert y is not None and x is not None
    assert (y.upward, x.upward) == (upward, False)
    assert (np.asarray(y.values).tolist(), len(np.asarray(x.values))) == (rows, 5)
    assert np.array_equal(Picture(image).pixels, COLORS[::-1] if upward else COLORS)


@pytest.mark.parametrize(
    "image",
    [
        xr.DataArray(PACKED, dims=("y", "x")),
        Image(PACKED.astype(np.uint64), dims=("y", "x")),
        Image(PACKED.astype(np.float32), dims=("y", "x")),
        Image(PACKED[None], dims=("time", "y", "x")),
        Image(PACKED[0], dims=("x",)),
    ],
)
def test_all_else_is_values(image: Any) -> None:
    found = as_labelled(image)
    assert found is not None
    assert np.array_equal(found.data, image.values)
    assert found.names == image.dims
