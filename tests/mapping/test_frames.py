"""Frames of any kind become the pixels that their whole stack would have."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pytest

from nbimage import rerange
from tests.mapping.asking import as_frames
from tests.memory import traced

RANDOM = np.random.default_rng(0)
STACK = RANDOM.normal(size=(7, 12, 18)).astype(np.float32)
COLOR = RANDOM.integers(0, 256, (5, 12, 18, 3), dtype=np.uint8)


def pixels(*arguments: object, **options: object) -> np.ndarray:
    return np.stack(list(as_frames(*arguments, **options).pixels()))  # type: ignore[arg-type]


def generated(stack: np.ndarray) -> Iterator[np.ndarray]:
    yield from stack


@pytest.mark.parametrize("options", [{}, {"vsym": True}, {"vmin": -1, "vmax": 1}])
def test_one_range_holds_for_the_whole_stack(options: dict[str, object]) -> None:
    expected = rerange(STACK, **options)  # type: ignore[arg-type]
    assert np.array_equal(pixels(STACK, **options), expected)
    assert np.array_equal(pixels(list(STACK), **options), expected)


def test_lazy_stacks_are_read_in_slices_and_give_the_same_pixels() -> None:
    import dask.array
    import xarray
    import zarr

    expected = rerange(STACK)
    chunked = dask.array.from_array(STACK, chunks=(2, 12, 18))
    assert np.array_equal(pixels(chunked), expected)
    assert np.array_equal(pixels(zarr.array(STACK, chunks=(3, 12, 18))), expected)
    assert np.array_equal(pixels(xarray.DataArray(chunked, dims=("time", "y", "x"))), expected)


def test_a_lazy_stack_never_is_in_memory_as_a_whole() -> None:
    import dask.array

    largest = []

    def make(block: np.ndarray) -> np.ndarray:
        largest.append(len(block))
        return block

    stack = dask.array.zeros((400, 256, 256), chunks=(10, 256, 256)).map_blocks(make, dtype=float)
    shown = as_frames(stack, 0, 1)
    assert next(iter(shown.pixels())).shape == (256, 256)
    assert sum(largest) <= 200


@pytest.mark.parametrize("planar", [False, True])
def test_color_frames_come_out_interleaved(planar: bool) -> None:
    stack = np.moveaxis(COLOR, -1, 1) if planar else COLOR
    assert np.array_equal(pixels(stack), COLOR)
    assert np.array_equal(pixels(generated(stack)), COLOR)
    assert np.array_equal(pixels(stack, channel_axis=1 if planar else -1), COLOR)


def test_an_ambiguous_layout_warns_and_can_be_said() -> None:
    with pytest.warns(UserWarning, match="channel_axis"):
        as_frames(np.zeros((5, 3, 9, 3), np.uint8))
    assert as_frames(np.zeros((5, 3, 9, 3), np.uint8), channel_axis=-1).shape == (3, 9)


@pytest.mark.parametrize("channels", [3, 4])
def test_a_picture_in_color_that_is_taken_as_frames_warns(channels: int) -> None:
    import xarray

    picture = COLOR[0, :, :, [0, 1, 2, 0][:channels]].transpose(1, 2, 0)
    with pytest.warns(UserWarning, match=rf"taken as 12 frames of 18×{channels}: give list"):
        stack = pixels(picture)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(pixels(list(picture)), stack)
        named = xarray.DataArray(picture, dims=("time", "y", "x"))
        assert np.array_equal(pixels(named), stack)


def test_alpha_is_kept_and_gray_loses_its_channel() -> None:
    assert as_frames(np.zeros((2, 8, 9, 4), np.uint8)).channels == 4
    assert as_frames(np.zeros((2, 8, 9, 1), np.uint8)).channels == 1


def test_an_iterator_needs_limits_unless_its_frames_are_uint8() -> None:
    with pytest.raises(ValueError, match=r"vmin and vmax.*float32"):
        as_frames(generated(STACK))
    assert np.array_equal(pixels(generated(STACK), -2, 2), rerange(STACK, -2, 2))
    gray = COLOR[..., 0]
    assert np.array_equal(pixels(generated(gray)), gray)


def test_each_frame_may_have_a_range_of_its_own() -> None:
    expected = np.stack([rerange(frame) for frame in STACK])
    assert np.array_equal(pixels(generated(STACK), contrast="frame"), expected)
    assert np.array_equal(pixels(STACK, contrast="frame"), expected)


def test_a_frame_that_differs_is_named() -> None:
    frames = [np.zeros((4, 5), np.uint8)] * 3 + [np.zeros((5, 4), np.uint8)]
    with pytest.raises(ValueError, match=r"frame 3 must be uint8 of shape \(4, 5\)"):
        pixels(frames)
    with pytest.raises(ValueError, match="frame 1 must be uint8"):
        pixels([np.zeros((4, 5), np.uint8), np.zeros((4, 5), np.uint16)], 0, 255)


def test_limits_of_each_channel_are_found_over_all_frames() -> None:
    scaled = COLOR * np.array([0.5, 1.0, 2.0])
    low = [0.0, 0.0, 0.0]
    got = pixels(scaled, low)
    for channel in range(3):
        expected = rerange(scaled[..., channel], 0.0)
        assert np.array_equal(got[..., channel], expected)


def test_masked_values_leak_nothing() -> None:
    hidden = np.ma.array(STACK.copy(), mask=STACK > 1)
    hidden.data[hidden.mask] = 1e9
    limit = float(STACK[STACK <= 1].max())
    expected = rerange(STACK, float(STACK.min()), limit)
    expected[hidden.mask] = 0
    assert np.array_equal(pixels(hidden), expected)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (np.zeros((4, 5)), "(4, 5)"),
        (np.zeros((2, 3, 4, 5, 3)), "(2, 3, 4, 5, 3)"),
        (np.zeros((0, 4, 5)), "empty"),
        ([], "empty"),
        (iter(()), "yields none"),
        (np.zeros((2, 5, 6, 2), np.uint8), "(5, 6, 2)"),
    ],
)
def test_what_is_no_stack_is_an_error_that_says_why(data: object, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        as_frames(data)
    assert said in str(caught.value)


def test_other_data_are_a_type_error() -> None:
    for data in (5, "frames.mp4", {"a": STACK}):
        with pytest.raises(TypeError, match=f"but got {type(data).__name__}(: pick one.*)?$"):
            as_frames(data)


# Percentiles


def limits_of(data: object, **options: object) -> tuple[tuple[float, ...], tuple[float, ...]]:
    color_scale = as_frames(data, **options).color_scale
    assert color_scale is not None
    return color_scale.limits.vmin, color_scale.limits.vmax


RISING = RANDOM.random((6, 12, 18, 3)).astype(np.float32) * np.arange(1, 7)[:, None, None, None]
LAYOUTS = {
    "gray": RISING[..., 0],
    "interleaved": RISING,
    "planar": np.moveaxis(RISING, -1, 1),
    "one channel": RISING[..., :1],
    "bytes": (RISING * 40).astype(np.uint8),
    "alpha": np.concatenate([RISING, RISING[..., :1]], axis=-1) / 6,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("contrast", ["robust", (1, 99), (0, 50)])
@pytest.mark.parametrize("options", [{}, {"vmin": 0}, {"vsym": True}], ids=str)
def test_percentiles_are_those_of_the_whole_stack(
    layout: str, contrast: object, options: dict[str, object]
) -> None:
    data = LAYOUTS[layout]
    colors = data[..., :3] if layout == "alpha" else data
    percents = (2, 98) if contrast == "robust" else contrast
    low, high = np.percentile(colors.astype(np.float64), percents)  # type: ignore[call-overload]
    low = 0 if "vmin" in options else low
    if "vsym" in options:
        low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
    for given_as in (data, list(data)):
        assert limits_of(given_as, contrast=contrast, **options) == ((low,), (high,))
        pixels(given_as, contrast=contrast, **options)


@pytest.mark.parametrize("layout", ["interleaved", "planar", "bytes", "alpha"])
def test_percentiles_of_each_channel_are_those_of_the_whole_stack(layout: str) -> None:
    data = LAYOUTS[layout]
    last = np.moveaxis(data, 1, -1) if layout == "planar" else data
    expected = np.percentile(last[..., :3].astype(np.float64), 98, axis=(0, 1, 2))
    for given_as in (data, list(data)):
        assert limits_of(given_as, vmin=(0, 0, 0), contrast="robust") == ((0, 0, 0), (*expected,))
    got = pixels(data, vmin=(0, 0, 0), contrast="robust")
    assert np.array_equal(got[..., :3], rerange(last[..., :3], (0, 0, 0), expected, channel_axis=3))


def test_extremes_of_each_channel_are_those_of_the_whole_stack() -> None:
    expected = RISING.max(axis=(0, 1, 2)).tolist()
    assert limits_of(RISING, vmin=(0, 0, 0)) == ((0, 0, 0), (*expected,))


def test_limits_of_channels_that_are_not_there_are_named() -> None:
    with pytest.raises(
        ValueError, match=r"one number, but got 3: .*: give vmin and vmax, a number each"
    ):
        limits_of(RISING[..., 0], vmin=(0, 0, 0), contrast="robust")


def test_percentiles_of_a_lazy_stack_are_found_in_bounded_memory() -> None:

    import dask.array

    stack = dask.array.ones((64, 1000, 1000), chunks=(1, 1000, 1000), dtype=np.uint8).map_blocks(
        lambda block, block_info=None: block * block_info[0]["chunk-location"][0], dtype=np.uint8
    )
    with traced() as memory:
        low, high = limits_of(stack, contrast=(25, 75))
    assert abs(low[0] - 16) <= 1
    assert abs(high[0] - 47) <= 1
    assert memory.peak < stack.nbytes
