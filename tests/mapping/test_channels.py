"""Channels of a composite: which limits each has by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nbimage import Picture
from nbimage.arrays.ingest import as_values
from nbimage.mapping.channels.channel_limits import channel_scales
from nbimage.mapping.channels.composite import name_channels
from nbimage.mapping.channels.layers import composite
from nbimage.mapping.limits import resolve_limits
from nbimage.mapping.value_scale import ROBUST, UNTOUCHED, ValueScale

DTYPES = ["?", "u1", "i1", "u2", "i8", "f2", "f4", "f8"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_channels_are_robust_but_booleans_bytes_and_those_with_a_window(dtype: str) -> None:
    kind = np.dtype(dtype)
    first, second = channel_scales(UNTOUCHED, (None, (3, 7)), 2, kind)
    assert first.contrast == (None if dtype in ("?", "u1") else ROBUST)
    assert (second.vmin, second.vmax, second.contrast) == (3, 7, None)
    for one in channel_scales(UNTOUCHED, ((3, 7),), 2, kind):  # of another number of channels
        assert one == first


@pytest.mark.parametrize(
    ("asked", "bytes_", "others"),
    [
        ({"vmin": 0}, True, True),
        ({"vmax": [1, 2]}, True, True),
        ({"vmin": [0, 1], "vmax": 2}, False, False),
        ({"vsym": True}, True, True),
        ({"norm": "log"}, True, True),
        ({"norm": np.tanh}, False, False),
        ({"contrast": "minmax"}, False, False),
        ({"contrast": "infer"}, False, False),
    ],
)
def test_what_is_asked_leaves_channels_robust_or_not(
    asked: dict[str, Any], bytes_: bool, others: bool
) -> None:
    scale = ValueScale.of(**asked)
    for dtype in DTYPES:
        robust = {"?": False, "u1": bytes_}.get(dtype, others)
        for number, one in enumerate(channel_scales(scale, (), 2, np.dtype(dtype))):
            own = scale.of_channel(number)
            assert one == (own._replace(contrast=ROBUST) if robust else own), dtype


@pytest.mark.parametrize("asked", [{}, {"vmin": 0}, {"vmax": 1}])
def test_booleans_are_dark_and_light_however_few_are_true(asked: dict[str, Any]) -> None:
    channels = np.zeros((4, 6, 50), bool)
    channels[1] = True
    channels[2, 0, 0], channels[3] = True, np.arange(50) < 49
    colors = {"a": "#010000", "b": "#020000", "c": "#040000", "d": "#080000"}
    expected = np.tensordot([1, 2, 4, 8], channels, 1)
    found = Picture(channels, channel_axis=0, channels=colors, **asked)
    np.testing.assert_array_equal(found.pixels[..., 0], expected)
    assert "a 0 to 1, b 0 to 1, c 0 to 1, d 0 to 1" in repr(found)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("norm", [None, "log"])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_what_is_missing_in_all_channels_is_masked(dtype: Any, norm: Any, masked: bool) -> None:
    data = np.array([[[-1, -2, 0, 4, 9]], [[-3, 2, -2, 5, 8]]], dtype)
    missing = (data < 0) & (norm == "log")
    if masked:
        missing |= data == [[[4]], [[5]]]
    array: Any = np.ma.array(data, mask=data == [[[4]], [[5]]]) if masked else data
    values = as_values(array)
    scale = ValueScale.of(norm=norm)
    limits = [resolve_limits(data[i], None, scale, data.dtype.str) for i in range(2)]
    found = composite(values, 0, name_channels(2), limits)
    gone = missing.all(0)
    assert (found.mask is None) == (not gone.any())
    np.testing.assert_array_equal(
        np.zeros((1, 5, 3)) if found.mask is None else found.mask, np.repeat(gone[..., None], 3, 2)
    )
