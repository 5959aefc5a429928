"""What is asked of black and white is checked and normalised where a call comes in."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from nbimage import rerange
from nbimage.arrays.metadata import FullScale
from nbimage.mapping.color_options import PLAIN, ColorOptions
from nbimage.mapping.norms import LINEAR, as_norm
from nbimage.mapping.value_scale import UNTOUCHED, ValueScale, count_limits


def fields(scale: ValueScale) -> dict[str, Any]:
    return scale.parameters()


def test_nothing_asked_leaves_bytes_as_they_are() -> None:
    assert fields(ValueScale.of()) == fields(UNTOUCHED)
    assert ValueScale.of(channel_axis=0).untouched
    for asked in ({"vmin": 0}, {"vmax": 1}, {"vsym": True}, {"contrast": "minmax"}, {"norm": 2}):
        assert not ValueScale.of(**asked).untouched, asked


@pytest.mark.parametrize("limit", [[1, 2, 3], (1, 2, 3), np.array([1, 2, 3]), range(1, 4)])
def test_limits_of_channels_are_a_tuple(limit: Any) -> None:
    scale = ValueScale.of(vmin=limit, vmax=9)
    assert (scale.vmin, scale.vmax) == ((1, 2, 3), 9)
    assert scale.limit_count == 3
    assert [scale.of_channel(c).vmin for c in range(3)] == [1, 2, 3]
    assert {scale.of_channel(c).vmax for c in range(3)} == {9}


def test_limits_of_channels_may_have_units() -> None:
    units = pytest.importorskip("astropy.units")
    data = np.arange(60.0).reshape(4, 5, 3) * units.m
    limits = [10 * units.m, 2000 * units.cm, 0.03 * units.km]
    found = rerange(data, vmax=limits, vmin=[0, 0, 0] * units.m, channel_axis=-1)
    plain = rerange(data.value, vmax=[10, 20, 30], vmin=[0, 0, 0], channel_axis=-1)
    assert np.array_equal(found, plain)


def test_one_limit_stays_as_it_was_given() -> None:
    for limit in (3, np.float32(3), "2020-01-01", np.datetime64("2020-01-01")):
        assert ValueScale.of(vmin=limit).vmin is limit
        assert count_limits(limit) == 1
    assert ValueScale.of(vmin=np.array(3)).vmin == 3
    assert count_limits(None) == 0


def test_percentiles_are_two_floats_whatever_they_were() -> None:
    for contrast in ([2, 98], (2, 98.0), "robust"):
        scale = ValueScale.of(contrast=contrast)
        assert scale.contrast == (2.0, 98.0)
        assert scale.sampled
    assert not ValueScale.of(contrast="infer").sampled


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"contrast": "strong"}, "contrast must be .*'strong'"),
        ({"contrast": (99, 1)}, r"contrast must be .*\(99, 1\)"),
        ({"norm": "cubic"}, "norm must be .*'cubic'"),
        ({"vmax": []}, r"vmax must be a number, or one a channel, but got none: \[\]"),
    ],
)
def test_what_means_nothing_is_an_error_at_the_door(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ValueScale.of(**asked)


def test_the_parameters_of_a_scale_give_the_same_scale() -> None:
    scale = ValueScale.of([0, 1], 5, True, "robust", ("asinh", 3), -1)
    assert fields(ValueScale.of(**scale.parameters())) == fields(scale)
    assert scale.norm == as_norm(("asinh", 3))
    assert UNTOUCHED.norm is LINEAR


def test_a_scale_is_frozen_and_stays_itself_on_its_own_axis() -> None:
    scale = ValueScale.of(channel_axis=0)
    assert scale.on_axis(0) is scale
    assert scale.on_axis(None).channel_axis is None
    with pytest.raises(AttributeError):
        scale.vmin = 3  # type: ignore[misc]


def test_colors_that_nobody_asked_for_are_the_plain_ones() -> None:
    assert ColorOptions.of() is PLAIN
    assert ColorOptions.of(complex="abs").plain
    for asked in ({"cmap": "magma"}, {"under": "red"}, {"mark_clipped": True}, {"labels": True}):
        assert not ColorOptions.of(**asked).plain, asked
    with pytest.raises(ValueError, match='complex must be "abs", "phase" or "domain"'):
        ColorOptions.of(complex="real")


WINDOWS = ((0, 10), (-5, 5.5), (200, 100), (7, 8))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_limits_of_a_file_are_those_of_its_windows_but_of_alpha(count: int) -> None:
    shown = UNTOUCHED.within(WINDOWS[:count], count)
    colors = WINDOWS[: count - (count in (2, 4))]
    low, high = ([window[end] for window in colors] for end in (0, 1))
    expected = ValueScale.of(*(low, high) if len(colors) > 1 else (low[0], high[0]))
    assert fields(shown) == fields(expected)
    if len(colors) > 1:
        data = np.random.default_rng(0).normal(0, 9, (4, 5, 3))
        found = [rerange(data[..., i], *WINDOWS[i]) for i in range(3)]
        got = rerange(data, shown.vmin, shown.vmax, channel_axis=-1)  # type: ignore[arg-type]
        np.testing.assert_array_equal(got, np.stack(found, -1))


@pytest.mark.parametrize(
    ("asked", "windows", "count"),
    [
        ({}, WINDOWS[:3], 1),
        ({}, (), 3),
        ({}, (*WINDOWS[:2], None), 3),
        ({}, (None,), 1),
        ({"norm": "log"}, WINDOWS[:3], 3),
        ({"norm": "log"}, ((0, 1),), 1),
        ({"norm": np.tanh}, WINDOWS[:1], 1),
        ({"vmin": 0}, WINDOWS[:1], 1),
        ({"vmax": [1, 2, 3]}, WINDOWS[:3], 3),
        ({"vsym": True}, WINDOWS[:1], 1),
        ({"contrast": "minmax"}, WINDOWS[:1], 1),
        ({"contrast": "infer"}, WINDOWS[:1], 1),
    ],
)
def test_windows_count_where_nothing_is_asked_and_each_channel_has_one(
    asked: dict[str, Any], windows: Any, count: int
) -> None:
    scale = ValueScale.of(**asked)
    assert scale.within(windows, count) is scale


def test_windows_above_0_go_with_log() -> None:
    shown = ValueScale.of(norm="log").within(((0.5, 9),))
    assert (shown.vmin, shown.vmax) == (0.5, 9)


FULL = FullScale(-10, 4085)


@pytest.mark.parametrize(
    ("asked", "limits"),
    [
        ({"contrast": "infer"}, (-10, 4085)),
        ({"contrast": "infer", "vmin": 3}, (3, 4085)),
        ({"contrast": "infer", "vmax": [1, 2, 3]}, (-10, (1, 2, 3))),
        ({"contrast": "infer", "norm": "log"}, (None, 4085)),
        ({"contrast": "infer", "norm": np.tanh}, (None, None)),
        ({}, (None, None)),
        ({"contrast": "minmax"}, (None, None)),
    ],
)
def test_a_full_scale_is_inferred_alone(asked: dict[str, Any], limits: Any) -> None:
    scale = ValueScale.of(**asked)
    for count in (1, 3):
        shown = scale.within((FULL,) * count, count)
        assert (shown.vmin, shown.vmax) == limits
        assert (shown is scale) == (limits == (None, None))
        assert shown is scale or shown.contrast is None
        assert scale.within((FULL,) * count, count + 1) is scale
    assert scale.within((FULL, FullScale(0, 1), FULL), 3) is scale


@pytest.mark.parametrize("name", ["vmin", "vmax"])
@pytest.mark.parametrize(
    ("shape", "limits", "words"),
    [
        (
            (4, 5),
            [1, 2],
            "must be one number, but got 2: [1, 2]: give vmin and vmax, a number each",
        ),
        ((4, 5, 3), [1, 2], "must be one number or one for each of 3 channels, but got 2: [1, 2]"),
    ],
)
def test_another_number_of_limits_than_of_channels_is_named(
    name: str, shape: tuple[int, ...], limits: list[int], words: str
) -> None:
    axis = -1 if len(shape) == 3 else None
    with pytest.raises(ValueError, match=f"^{name} {re.escape(words)}$"):
        rerange(np.ones(shape), **{name: limits}, channel_axis=axis)  # type: ignore[arg-type]
