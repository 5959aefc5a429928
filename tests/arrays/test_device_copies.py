"""Of an array on a GPU one byte a value returns, and the pixels are those of the host."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, rerange
from nbimage.arrays import device
from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values
from tests.arrays.device_scales import SCALES
from tests.arrays.fake_cupy import Copies, make_module

Array = np.ndarray
Upload = Callable[[Array], Any]
DTYPES = ["float16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "int64"]
SHAPE = (400, 500)
FEW = 36_000  # bytes: steps, a sample, and values whose pixels are worked out on the host


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> Copies:
    copies = Copies()
    monkeypatch.setitem(sys.modules, "cupy", make_module(copies))
    return copies


@pytest.fixture
def upload(copies: Copies) -> Upload:
    return lambda array: sys.modules["cupy"].asarray(array)  # type: ignore[attr-defined]


def values(dtype: str, shape: tuple[int, ...] = SHAPE) -> Array:
    random = np.random.default_rng(0)
    if dtype.startswith("float"):
        found = (random.standard_normal(shape) * 100).astype(dtype)
        found.reshape(-1)[:9] = 0
        return found
    low, high = max(np.iinfo(dtype).min, -300), min(np.iinfo(dtype).max, 300)
    return random.integers(low, high, shape, dtype, endpoint=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", SCALES, ids=str)
def test_one_byte_a_value_returns_and_pixels_are_the_hosts(
    dtype: str, scale: dict[str, Any], copies: Copies, upload: Upload
) -> None:
    plain = values(dtype)
    np.testing.assert_array_equal(rerange(upload(plain), **scale), rerange(plain, **scale))
    assert copies.bytes <= plain.size + FEW
    assert copies.values < 20


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("scale", SCALES, ids=str)
def test_where_values_are_missing_returns_as_bits(
    dtype: str, scale: dict[str, Any], copies: Copies, upload: Upload
) -> None:
    plain = values(dtype)
    plain[5:30, 10:77] = np.nan
    plain[40, :3] = np.inf, -np.inf, np.inf
    np.testing.assert_array_equal(rerange(upload(plain), **scale), rerange(plain, **scale))
    assert copies.bytes <= plain.size + FEW
    copies.bytes = 0
    ours, theirs = (Picture(data, cmap="viridis", **scale) for data in (upload(plain), plain))
    np.testing.assert_array_equal(ours.render(), theirs.render())
    assert copies.bytes <= plain.size * 9 / 8 + FEW


@pytest.mark.parametrize("options", [{}, {"cmap": "magma"}, {"cmap": "magma", "norm": "log"}])
def test_a_picture_is_the_hosts_byte_for_byte(
    options: dict[str, Any], copies: Copies, upload: Upload
) -> None:
    plain = values("float32")
    assert Picture(upload(plain), **options).png == Picture(plain, **options).png
    assert copies.bytes <= plain.size * 9 / 8 + FEW


def test_channels_with_limits_of_their_own_return_a_byte_a_value(
    copies: Copies, upload: Upload
) -> None:
    plain = values("float32", (260, 270, 3))
    limits = {"vmin": [0, -10, 20], "vmax": [50, 60, 70]}
    got = rerange(upload(plain), **limits, norm="sqrt")
    np.testing.assert_array_equal(got, rerange(plain, **limits, norm="sqrt"))
    assert copies.bytes <= plain.size + FEW


def test_many_values_at_a_step_are_not_worked_out_on_the_host(
    copies: Copies, upload: Upload
) -> None:
    for dtype in ("float32", "float64", "int32"):
        plain = np.zeros(SHAPE, dtype)
        plain[:, :9] = np.arange(-4, 5)
        for norm in ("symlog", ("asinh", 0.5)):
            scale = {"norm": norm, "vsym": True}
            np.testing.assert_array_equal(rerange(upload(plain), **scale), rerange(plain, **scale))
    assert copies.bytes <= 6 * (plain.size + FEW)


def test_values_beside_a_step_have_the_pixels_of_the_host(upload: Upload, copies: Copies) -> None:
    """All floats around each step, where arithmetic in another order would give another pixel."""
    for norm in ("log", "sqrt", 0.3, ("asinh", 1e-3), ("symlog", 5)):
        for dtype in (np.float32, np.float64):
            ramp = np.geomspace(1e-3, 1e3, 20_000, dtype=dtype)
            pixels = rerange(ramp, norm=norm)
            steps = ramp[1:][np.diff(pixels) > 0]
            bits = steps.view(f"i{steps.itemsize}")[:, None] + np.arange(-300, 300)
            near = bits.astype(f"i{steps.itemsize}").view(dtype)
            scale = {"vmin": 1e-3, "vmax": 1e3, "norm": norm}
            np.testing.assert_array_equal(rerange(upload(near), **scale), rerange(near, **scale))


def test_a_logarithm_that_falls_is_worked_out_on_the_host(upload: Upload, copies: Copies) -> None:
    plain = values("float32")
    scale = {"norm": "log", "vmin": 70, "vmax": 3}
    np.testing.assert_array_equal(rerange(upload(plain), **scale), rerange(plain, **scale))


def test_large_integers_are_mapped_exactly(upload: Upload, copies: Copies) -> None:
    plain = 2**60 + np.arange(30_000).reshape(150, 200)
    for scale in ({}, {"vmin": 2**60, "vmax": 2**60 + 256}, {"norm": "sqrt"}, {"levels": 5}):
        copies.bytes = 0
        np.testing.assert_array_equal(rerange(upload(plain), **scale), rerange(plain, **scale))
    whole = np.array([[-(2**63), -1, 0, 1, 2**63 - 1]])
    for scale in ({}, {"vmin": 0, "vmax": 255}, {"norm": "symlog"}):
        np.testing.assert_array_equal(rerange(upload(whole), **scale), rerange(whole, **scale))


def test_work_in_blocks_is_work_at_once(
    upload: Upload, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_BLOCK", 37)
    plain = values("float64", (13, 17))
    plain[3, 3:9] = np.nan
    for scale in SCALES:
        ours, theirs = (Picture(data, **scale) for data in (upload(plain), plain))
        np.testing.assert_array_equal(ours.render(), theirs.render())


def test_extremes_above_0_are_those_of_the_host(upload: Upload, copies: Copies) -> None:
    for dtype in DTYPES:
        plain = values(dtype)
        ours, theirs = (rerange(data, norm="log") for data in (upload(plain), plain))
        np.testing.assert_array_equal(ours, theirs)
    nothing = -np.ones(SHAPE)
    with pytest.warns(UserWarning, match="no finite value above 0"):
        assert not Picture(upload(nothing), norm="log").render()[..., -1].any()


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("counting", ["finite", "positive", "nonzero"])
def test_values_that_count_are_those_of_the_host(
    counting: str, masked: bool, upload: Upload, copies: Copies
) -> None:
    plain = values("float32")
    plain[3, :9] = np.nan, np.inf, -np.inf, 0, 0, -1, -2, 5, 6
    counts = {"finite": plain == plain, "positive": plain > 0, "nonzero": plain != 0}[counting]
    mask = np.arange(plain.size).reshape(SHAPE) % 3 == 0 if masked else None
    found = list(DeviceArray(upload(plain)).counting_values(counting, mask))
    counts &= np.isfinite(plain) & (True if mask is None else ~mask)
    assert np.array_equal(np.sort(np.concatenate(found)), np.sort(plain[counts]))


def test_a_mask_beside_such_an_array_counts(upload: Upload, copies: Copies) -> None:
    for dtype in ("float32", "int16"):
        plain = values(dtype)
        mask = np.zeros(SHAPE, bool)
        mask[7:9] = True
        plain[7] = 10_000
        ours = Values(DeviceArray(upload(plain)), mask)
        np.testing.assert_array_equal(rerange(ours), rerange(Values(plain, mask)))
        pictures = [Picture(one, cmap="magma").render() for one in (ours, Values(plain, mask))]
        np.testing.assert_array_equal(*pictures)
