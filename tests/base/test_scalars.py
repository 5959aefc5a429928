"""One number from anything that holds one, and one line for all else."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, Video, View, encode, quilt, rerange
from nbimage.base.scalars import as_number, as_whole, holds_one, unwrap

DATA = np.random.default_rng(0).random((8, 9)).astype(np.float32)
COLOR = np.stack([DATA, DATA / 2, DATA / 3], axis=-1)


class Tensor:
    """What torch, JAX and CuPy give: one element, with `item`, and no NumPy array of it."""

    def __init__(self, value: float, shape: tuple[int, ...] = ()) -> None:
        self.value, self.shape, self.ndim = value, shape, len(shape)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError("implicit conversion to a NumPy array is not allowed")

    def __index__(self) -> int:
        raise TypeError("only integer tensors can be an index")

    def item(self) -> float:
        return self.value


class Quantity:
    """What astropy's quantities do: lengths alone."""

    _METRES = {"m": 1.0, "km": 1000.0}  # noqa: RUF012

    def __init__(self, value: Any, unit: str) -> None:
        self.value, self.unit = value, unit

    def to(self, unit: str) -> Quantity:
        if unit not in self._METRES:
            raise TypeError(f"{self.unit} and {unit!r} are not convertible")
        return Quantity(self.value * self._METRES[self.unit] / self._METRES[unit], unit)

    def __str__(self) -> str:
        return f"{self.value} {self.unit}"


class QuantityArray(np.ndarray):
    """The same of an array."""

    unit: str
    to = Quantity.to

    @property
    def value(self) -> Any:
        return self.view(np.ndarray)


def metres(array: Any) -> Any:
    found = array.view(QuantityArray)
    found.unit = "m"
    return found


def lazy(value: Any) -> Any:
    import dask.array

    return dask.array.from_array(np.asarray(value))


def labelled(value: Any) -> Any:
    import xarray

    return xarray.DataArray(value)


ONE: dict[str, Callable[[Any], Any]] = {
    "0-d array": np.array,
    "array of one": lambda x: np.array([[x]]),
    "masked array": np.ma.array,
    "dask": lazy,
    "xarray": labelled,
    "lazy xarray": lambda x: labelled(lazy(x)),
    "tensor": Tensor,
    "tensor of one": lambda x: Tensor(x, (1, 1)),
    "NumPy scalar": np.float32,
    "long double": np.longdouble,
    "fraction": Fraction,
    "decimal": Decimal,
}


@pytest.mark.parametrize("name", ONE)
def test_limits_may_be_anything_that_holds_one_number(name: str) -> None:
    low, high = ONE[name](0.25), ONE[name](0.75)
    expected = rerange(DATA, 0.25, 0.75)
    np.testing.assert_array_equal(rerange(DATA, low, high), expected)
    np.testing.assert_array_equal(Picture(DATA, low, high).pixels, expected)
    np.testing.assert_array_equal(Grid([DATA], vmin=low, vmax=high).pictures[0].pixels, expected)
    assert View(DATA, low, high).state["displays"][0]["limits"] == [[0.25, 0.75]]


@pytest.mark.parametrize(
    "limits",
    [
        np.array([0, 0.25, 0.5]),
        np.array([[[0, 0.25, 0.5]]]),
        lazy([0, 0.25, 0.5]),
        labelled([0, 0.25, 0.5]),
        [lazy(0), np.float32(0.25), Fraction(1, 2)],
        (Tensor(0), Tensor(0.25), Tensor(0.5)),
    ],
)
def test_limits_of_channels_may_be_arrays_of_any_kind(limits: Any) -> None:
    expected = rerange(COLOR, (0, 0.25, 0.5), 1)
    np.testing.assert_array_equal(rerange(COLOR, limits, 1), expected)
    np.testing.assert_array_equal(Picture(COLOR, limits, 1).pixels, expected)


@pytest.mark.parametrize("name", [name for name in ONE if name != "fraction"])
def test_other_numbers_may_be_anything_that_holds_one(name: str) -> None:
    one = ONE[name]
    assert Picture(DATA, zoom=one(2)).width == 18
    assert Picture(DATA, width=one(20)).width == 20
    assert Picture(DATA, pixel_size=one(2), unit="m").html == (
        Picture(DATA, pixel_size=2, unit="m").html
    )
    assert Picture(DATA, aspect=one(2)).height == Picture(DATA, aspect=2).height
    assert encode(DATA, "jpeg", quality=one(50)) == encode(DATA, "jpeg", quality=50)
    assert quilt([DATA] * 3, aspect=one(2)).shape == quilt([DATA] * 3, aspect=2).shape
    video = Video(np.zeros((2, 4, 4), np.uint8), fps=one(5), format="gif", zoom=one(2))
    assert video.fps == 5
    np.testing.assert_array_equal(
        rerange(DATA, contrast=(one(2), one(98))), rerange(DATA, contrast=(2, 98))
    )


@pytest.mark.parametrize("whole", [np.int64, np.uint8, np.array, lazy, labelled, Tensor])
def test_whole_numbers_may_be_anything_that_holds_one(whole: Callable[[Any], Any]) -> None:
    assert encode(DATA, compression=whole(9)) == encode(DATA, compression=9)
    assert quilt([DATA] * 4, max_x=whole(2), space=whole(1)).shape == (17, 19)
    assert Grid([DATA] * 3, columns=whole(2), page=whole(2)).html


@pytest.mark.parametrize(
    "options",
    [{"fps": np.int64(25)}, {"h264": np.int64(25)}, {"h264": np.True_, "vp9": np.False_}],
    ids=str,
)
def test_numbers_of_a_video_may_be_scalars_of_numpy(options: dict[str, Any]) -> None:
    video = Video(np.zeros((2, 16, 16), np.uint8), **options)
    assert list(video.files) == ["h264"]


@pytest.mark.parametrize(
    "wrong", ["5", b"5", np.str_("5"), 1j, np.complex64(1), np.ma.masked, [1, 2], {}, object()]
)
def test_what_is_no_number_is_named_in_one_line(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^vmin must be a number, but got .*$"):
        as_number("vmin", wrong)
    calls: list[Callable[[], Any]] = [
        lambda: Picture(DATA, vmin=wrong),
        lambda: Picture(DATA, zoom=wrong),
        lambda: Picture(DATA, aspect=wrong),
        lambda: Picture(DATA, pixel_size=wrong),
        lambda: Picture(DATA, max_pixels=wrong),
        lambda: encode(DATA, "jpeg", quality=wrong),
        lambda: encode(DATA, compression=wrong),
        lambda: Video(DATA[None], fps=wrong),
        lambda: Video(DATA[None], h264=wrong),
        lambda: View(DATA, fps=wrong),
        lambda: quilt([DATA], aspect=wrong),
    ]
    for call in calls:
        with pytest.raises((TypeError, ValueError)) as caught:
            call()
        assert "\n" not in str(caught.value)
        assert " must " in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [np.nan, np.inf, -np.inf, np.float32("nan"), np.array(np.inf), Decimal("NaN"), 10**400],
)
def test_what_is_not_finite_is_named_in_one_line(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"^vmin must be finite, but got .*$"):
        rerange(DATA, wrong)
    for options in ({"fps": wrong}, {"h264": wrong}, {"zoom": wrong}):
        with pytest.raises(ValueError, match=r"^\w+ must be .*but got .*$"):
            Video(np.zeros((2, 4, 4), np.uint8), **options)


def test_integers_and_long_doubles_keep_every_digit() -> None:
    assert as_number("vmin", np.array(2**64 - 1, np.uint64)) == 2**64 - 1
    assert as_number("vmin", lazy(np.int64(2**60 + 1))) == 2**60 + 1
    assert as_number("vmin", Fraction(2**70, 2)) == 2**69
    tenth = np.longdouble(1) / 10
    assert as_number("vmin", np.array(tenth)) == tenth


def test_whole_numbers_are_no_floats_and_no_booleans() -> None:
    for wrong in (1.0, np.float64(2), True, np.True_, "1", None):
        with pytest.raises(TypeError, match=r"^size must be a whole number, but got"):
            as_whole("size", wrong)


def test_sequences_of_one_are_sequences() -> None:
    assert holds_one(np.array([[1]]))
    assert not holds_one([1])
    assert not holds_one(np.zeros(2))
    assert unwrap([1]) == [1]


# Quantities


@pytest.mark.parametrize("limit", [Quantity(1.0, "km"), Quantity(1000.0, "m"), 1000])
def test_a_quantity_is_converted_to_the_data_s_unit(limit: Any) -> None:
    plain = DATA * 2000
    expected = rerange(plain, 0, 1000)
    for data in (metres(plain), labelled(plain).assign_attrs(units="m")):
        np.testing.assert_array_equal(rerange(data, 0, limit), expected)
        np.testing.assert_array_equal(Picture(data, 0, limit).pixels, expected)
    grid = Grid([metres(plain), metres(plain)], vmin=0, vmax=limit)
    np.testing.assert_array_equal(grid.pictures[1].pixels, expected)


def test_a_quantity_of_another_kind_is_named() -> None:
    with pytest.raises(TypeError, match="unit of the same kind as m, but got 5 s"):
        rerange(metres(DATA), Quantity(5, "s"))
    with pytest.raises(TypeError, match=r"^vmin must be a plain number here, but got 5 km"):
        rerange(DATA, Quantity(5, "km"))


def test_pictures_of_two_units_share_no_range() -> None:
    other = metres(DATA)
    other.unit = "km"
    with pytest.raises(ValueError, match="one unit to share a range, but got 'km', 'm'"):
        Grid([metres(DATA), other])
    assert len(Grid([metres(DATA), other], shared=False).pictures) == 2


@pytest.mark.parametrize("norm", ["asinh", "symlog"])
def test_widths_and_gammas_may_be_anything_that_holds_one(norm: str) -> None:
    for one in (np.array(0.5), lazy(0.5), Tensor(0.5), Fraction(1, 2), Decimal("0.5")):
        np.testing.assert_array_equal(
            rerange(DATA, norm=(norm, one)), rerange(DATA, norm=(norm, 0.5))
        )
        np.testing.assert_array_equal(rerange(DATA, norm=one), rerange(DATA, norm=0.5))


class Unset(Tensor):
    """A tensor of a shape alone, as torch's "meta" device has them."""

    def item(self) -> Any:
        raise RuntimeError("no values")

    __float__ = item


def test_a_tensor_without_values_is_no_number() -> None:
    with pytest.raises(TypeError, match="vmin must be a number, but got"):
        as_number("vmin", Unset(1))
