"""Which axis holds the channels: the table, the names, and what is said where two readings fit."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbimage import Picture, data_uri, encode, guess_channel_axis, nbimage, rerange
from nbimage.arrays.axis_names import CHANNEL_NAMES, SPATIAL_NAMES, STACK_NAMES
from nbimage.arrays.channels import resolve_channel_axis
from nbimage.arrays.colors import Samples

COLORED = [3, 4]


# The table


@pytest.mark.parametrize("shape", [(5, 7), (3, 3), (1, 4), (4, 1), (1, 1), (3, 500)])
@pytest.mark.parametrize("names", [None, ("y", "x"), ("c", "x"), (None, "band")])
def test_two_axes_are_gray_whatever_their_names(shape: Any, names: Any) -> None:
    guess = guess_channel_axis(shape, names)
    assert guess.axis is None
    assert not guess.ambiguous


@pytest.mark.parametrize("channels", COLORED)
def test_three_or_four_first_are_planar(channels: int) -> None:
    guess = guess_channel_axis((channels, 5, 7))
    assert (guess.axis, guess.reason, guess.ambiguous) == (0, "planar", False)


@pytest.mark.parametrize("channels", COLORED)
def test_three_or_four_last_are_interleaved(channels: int) -> None:
    guess = guess_channel_axis((5, 7, channels))
    assert (guess.axis, guess.reason, guess.ambiguous) == (-1, "interleaved", False)


@pytest.mark.parametrize("first", COLORED)
@pytest.mark.parametrize("last", COLORED)
def test_planar_is_taken_where_both_fit_and_that_is_ambiguous(first: int, last: int) -> None:
    guess = guess_channel_axis((first, 9, last))
    assert (guess.axis, guess.ambiguous) == (0, True)


@pytest.mark.parametrize(
    ("shape", "axis", "ambiguous"),
    [
        ((1, 5, 7), 0, False),
        ((5, 7, 1), -1, False),
        ((1, 5, 1), 0, True),
        ((1, 1, 1), 0, False),
        ((1, 5, 3), -1, True),
        ((4, 5, 1), 0, True),
        ((1, 1, 3), -1, True),
    ],
)
def test_one_channel_is_gray_but_color_goes_first(shape: Any, axis: int, ambiguous: bool) -> None:
    guess = guess_channel_axis(shape)
    assert (guess.axis, guess.ambiguous) == (axis, ambiguous)


class Recorded:
    """A large array of which the parts that are read are remembered."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape, self.ndim, self.dtype = shape, len(shape), np.dtype(np.float32)
        self.parts: list[tuple[slice, ...]] = []

    def __getitem__(self, part: tuple[slice, ...]) -> np.ndarray:
        self.parts.append(part)
        sides = zip(part, self.shape, strict=False)
        return np.zeros([len(range(*one.indices(n))) for one, n in sides], "f4")


@pytest.mark.parametrize("shape", [(9000, 8000, 3), (50, 3000, 4000, 4)])
def test_of_what_is_stored_the_middle_tells_whether_it_is_color(shape: tuple[int, ...]) -> None:
    array = Recorded(shape)
    assert Samples(array).in_unit()
    (part,) = array.parts
    assert len(part) == len(shape)
    assert part[-1] == slice(None)
    assert 1 << 10 < np.prod([one.stop - one.start for one in part[:-1]]) < 1 << 20
    for one, length in zip(part[:-1], shape, strict=False):
        assert abs(one.start + one.stop - length) <= 1


def test_the_middle_axis_is_never_guessed() -> None:
    for middle in (1, 3, 4):
        with pytest.raises(ValueError, match="channels must be the first or the last axis"):
            guess_channel_axis((5, middle, 7))


@pytest.mark.parametrize("shape", [(2, 5, 7), (5, 7, 2), (5, 7, 9), (5, 6, 7)])
def test_a_shape_that_fits_no_reading_is_named_with_the_way_out(shape: Any) -> None:
    with pytest.raises(ValueError, match="channel_axis") as caught:
        guess_channel_axis(shape)
    assert str(shape) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4, 5), (1, 1, 1, 1, 1)])
def test_a_count_of_axes_that_is_no_picture_is_named(shape: Any) -> None:
    with pytest.raises(ValueError, match="2 or 3 axes") as caught:
        guess_channel_axis(shape)
    assert str(shape) in str(caught.value)


@given(st.tuples(*[st.integers(1, 9)] * 3))
def test_a_guess_holds_a_channel_count_or_there_is_none(shape: tuple[int, int, int]) -> None:
    try:
        guess = guess_channel_axis(shape)
    except ValueError:
        assert not {shape[0], shape[2]} & {1, 3, 4}
        return
    assert guess.axis in (0, -1)
    assert shape[guess.axis] in (1, 3, 4)
    assert guess.reason


# Names


@pytest.mark.parametrize("name", sorted(CHANNEL_NAMES))
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_axis_named_for_channels_is_believed_at_any_place(name: str, axis: int) -> None:
    names: list[str | None] = ["y", "x"]
    names.insert(axis, name)
    for shape in ((3, 3, 3), (4, 4, 4), (3, 4, 1), (5, 7, 2)):
        guess = guess_channel_axis(shape, tuple(names))
        assert (guess.axis, guess.ambiguous) == (axis, False)
        assert name in guess.reason
    assert guess_channel_axis((3, 3, 3), tuple((n or "").upper() for n in names)).axis == axis


@pytest.mark.parametrize("name", ["band", "bands", "channel", "channels", "rgb", "rgba", "c", "C"])
def test_the_names_that_the_design_promises_are_known(name: str) -> None:
    assert guess_channel_axis((3, 3, 3), (None, None, name)).axis == 2


@pytest.mark.parametrize("name", sorted(SPATIAL_NAMES | STACK_NAMES))
@pytest.mark.parametrize("length", [1, 3, 4])
def test_an_axis_named_as_space_or_time_is_not_taken_for_channels(name: str, length: int) -> None:
    assert guess_channel_axis((length, 5, 3), (name, None, None)).axis == -1
    guess = guess_channel_axis((3, 5, length), (None, None, name))
    assert (guess.axis, guess.ambiguous) == (0, False)
    with pytest.raises(ValueError, match="channels must be"):
        guess_channel_axis((length, 5, 7), (name, "y", "x"))


def test_unknown_names_leave_the_guess_to_the_lengths() -> None:
    assert guess_channel_axis((5, 7, 3), ("foo", None, "bar")).axis == -1
    assert guess_channel_axis((3, 7, 3), ("foo", None, "bar")) == guess_channel_axis((3, 7, 3))


# What the caller says


@pytest.mark.parametrize(
    ("shape", "said", "axis"),
    [
        ((3, 5, 3), 0, 0),
        ((3, 5, 3), -1, 2),
        ((3, 5, 3), 2, 2),
        ((5, 3, 7), 1, 1),
        ((2, 5, 7), 0, 0),
    ],
)
def test_what_is_said_is_taken_in_silence(shape: Any, said: int, axis: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert resolve_channel_axis(shape, said) == axis
        assert resolve_channel_axis(shape, np.int64(said)) == axis
        assert resolve_channel_axis(shape, said, ("c", "c", "c")) == axis


@pytest.mark.parametrize("said", [3, -4, 7])
def test_an_axis_that_is_not_there_is_named(said: int) -> None:
    with pytest.raises(ValueError, match=rf"channel_axis.*{said}.*\(5, 7, 3\)"):
        Picture(np.zeros((5, 7, 3)), channel_axis=said)


def test_two_axes_hold_no_channel_axis() -> None:
    with pytest.raises(ValueError, match=r"channel_axis.*0.*\(5, 3\)"):
        Picture(np.zeros((5, 3)), channel_axis=0)


@pytest.mark.parametrize("said", [0, 1])
def test_an_axis_with_another_count_of_channels_is_named(said: int) -> None:
    shape = (9, 17, 3)
    with pytest.raises(ValueError, match=r"1 to 8.*\(9, 17, 3\)") as caught:
        Picture(np.zeros(shape), channel_axis=said)
    assert f"got {shape[said]}" in str(caught.value)


@pytest.mark.parametrize("said", [True, False, 1.0, "last", (0,)])
def test_an_axis_that_is_no_integer_is_named(said: Any) -> None:
    with pytest.raises(TypeError, match="channel_axis must be an integer") as caught:
        Picture(np.zeros((5, 7, 3)), channel_axis=said)
    assert repr(said) in str(caught.value)


# The warning

AMBIGUOUS = np.full((3, 5, 4), 255, np.uint8)  # opaque, whatever is alpha


@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7), (5, 7, 4), (1, 5, 7), (5, 7, 1), (1, 1, 1)])
def test_a_clear_shape_is_taken_in_silence(shape: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Picture(np.full(shape, 255, np.uint8))


@pytest.mark.parametrize(
    "show",
    [
        lambda: rerange(AMBIGUOUS, 0, [1, 2, 3]),
        lambda: nbimage(AMBIGUOUS),
        lambda: Picture(AMBIGUOUS),
        lambda: encode(AMBIGUOUS),
        lambda: data_uri(AMBIGUOUS),
    ],
    ids=["rerange", "nbimage", "Picture", "encode", "data_uri"],
)
def test_an_ambiguous_shape_warns_once_at_the_callers_own_line(show: Any) -> None:
    with pytest.warns(UserWarning, match="channel_axis=") as caught:
        show()
    assert [Path(w.filename).name for w in caught] == [Path(__file__).name]
    assert caught[0].lineno == show.__code__.co_firstlineno
    message = str(caught[0].message)
    assert "(3, 5, 4)" in message
    assert "planar" in message
    assert "\n" not in message


def test_the_warning_says_what_both_readings_are_called() -> None:
    with pytest.warns(UserWarning, match="interleaved") as caught:
        Picture(np.zeros((1, 5, 3), np.uint8))
    message = str(caught[0].message)
    assert "channel_axis=-1" in message
    assert "channel_axis=0" in message


def test_the_warning_reaches_a_caller_whose_module_is_named_much_like_ours() -> None:
    caller = {"__name__": "nbimage_gallery", "Picture": Picture, "data": AMBIGUOUS}
    with pytest.warns(UserWarning, match="channel_axis=") as caught:
        exec(compile("Picture(data)", "gallery.py", "exec"), caller)
    assert caught[0].filename == "gallery.py"


@pytest.mark.parametrize("said", [0, -1])
def test_saying_the_axis_ends_the_warning(said: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pixels = Picture(AMBIGUOUS, channel_axis=said).pixels
    assert pixels.shape == ((5, 4, 3) if said == 0 else (3, 5, 4))


def test_rerange_asks_for_no_channels_unless_limits_are_given_for_each() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert rerange(np.zeros((3, 5, 3))).shape == (3, 5, 3)
        assert rerange(np.zeros((2, 5, 6, 7, 9)), 0, 1).shape == (2, 5, 6, 7, 9)
        assert rerange(np.zeros((5, 6, 7)), [0], [1]).shape == (5, 6, 7)


@pytest.mark.parametrize("scale", [1, 5])
def test_planar_and_interleaved_data_give_the_same_picture(scale: float) -> None:
    data = np.random.default_rng(0).random((5, 7, 3 if scale == 1 else 4)) * scale
    planar = Picture(np.moveaxis(data, -1, 0))
    np.testing.assert_array_equal(planar.pixels, Picture(data).pixels)
    assert planar.png == Picture(data).png


@pytest.mark.parametrize("shape", [(1, 5, 7), (5, 7, 1)])
def test_one_channel_gives_the_picture_of_the_plane(shape: Any) -> None:
    data = np.arange(35.0).reshape(shape)
    np.testing.assert_array_equal(Picture(data).pixels, Picture(data.reshape(5, 7)).pixels)
