"""What a labelled array says of itself is read off exactly, itself left as it was."""

from __future__ import annotations

import copy
import subprocess
import sys
from typing import Any

import dask.array
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from nbimage.arrays.labelled import Labelled, as_labelled
from nbimage.arrays.metadata import Coordinate, Metadata, picture_axes
from tests.blocks import Counted

Array = np.ndarray[Any, Any]
VALUES = np.arange(12.0).reshape(3, 4)
LAT = xr.Variable("lat", [-10.0, 0, 10], {"units": "degrees_north", "long_name": "latitude"})


def labelled(data: Any) -> Labelled:
    found = as_labelled(data)
    assert found is not None
    return found


def coordinates(data: Any) -> tuple[Coordinate, ...]:
    found = labelled(data).metadata.coordinates
    assert all(isinstance(axis, Coordinate) for axis in found)
    return found  # type: ignore[return-value]


def one(values: Any, name: str = "y", **attrs: Any) -> Coordinate:
    """Return what a coordinate of a DataArray becomes."""
    coord = xr.Variable(name, values, attrs)
    return coordinates(xr.DataArray(np.zeros(len(values)), {name: coord}, (name,)))[0]


def rich() -> xr.DataArray:
    return xr.DataArray(
        np.arange(24, dtype=np.int16).reshape(2, 3, 4),
        {
            "time": pd.date_range("2013-01-01", periods=2),
            "lat": LAT,
            "lon": ("lon", list("abca"), {"units": "degrees_east"}),
            "level": ((), 500, {"units": "hPa"}),
            "area": (("lat", "lon"), VALUES),
            "lazy": (("lon",), dask.array.zeros(4)),
        },
        ("time", "lat", "lon"),
        "t",
        {"long_name": "air temperature", "units": "K", "_FillValue": 5.0, "nested": {"a": [1]}},
    )


# What it takes


def test_other_arrays_are_none_of_its_business() -> None:
    dataset = xr.Dataset({"a": (("y", "x"), VALUES)})
    others = [VALUES, VALUES.tolist(), pd.Series([1, 2]), dataset, None, "text"]
    others += [np.ma.array(VALUES), dask.array.zeros((3, 4)), pd.Index([1, 2])]
    assert [as_labelled(other) for other in others] == [None] * len(others)


def test_no_framework_is_imported_to_recognise_its_arrays() -> None:
    code = """
import sys
from nbimage.arrays.labelled import as_labelled
assert as_labelled([[1, 2], [3, 4]]) is None
found = {"xarray", "pandas", "polars", "datashader", "dask"} & set(sys.modules)
assert not found, found
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("lazy", [False, True])
def test_the_callers_array_is_never_changed(lazy: bool) -> None:
    data = rich().chunk({"lat": 2}) if lazy else rich()
    data.encoding["dtype"] = "int16"
    data.coords["time"].encoding["units"] = "days since 2000-01-01"
    kept, attrs = data.copy(deep=True), copy.deepcopy(data.attrs)
    encodings = [copy.deepcopy(part.encoding) for part in (data, *data.coords.values())]
    as_labelled(data)
    assert data.identical(kept)
    assert data.attrs == attrs
    assert [part.encoding for part in (data, *data.coords.values())] == encodings
    assert (data.chunks is not None) is lazy
    assert data.coords["lazy"].chunks is not None


def test_values_are_not_copied() -> None:
    for data in (xr.DataArray(VALUES), xr.DataArray(VALUES.T[::-1])):
        assert np.shares_memory(labelled(data).data, VALUES)
    frame = pd.DataFrame(VALUES)
    assert np.shares_memory(labelled(frame).data, frame.to_numpy())


# Labels and coordinates


def test_an_array_tells_its_label_its_title_and_its_axes() -> None:
    found = labelled(rich())
    assert found.names == ("time", "lat", "lon")
    assert found.metadata.label == "air temperature [K]"
    assert found.metadata.title == "level = 500 hPa"
    time, lat, lon = coordinates(rich())
    assert [axis.label for axis in (time, lat, lon)] == [
        "time",
        "latitude [degrees_north]",
        "lon [degrees_east]",
    ]
    np.testing.assert_array_equal(time.values, np.array(["2013-01-01", "2013-01-02"], "M8[D]"))
    np.testing.assert_array_equal(lat.values, [-10, 0, 10])
    np.testing.assert_array_equal(lon.values, list("abca"))
    assert [axis.upward for axis in (time, lat, lon)] == [False, True, False]


@pytest.mark.parametrize(
    ("name", "attrs", "label"),
    [
        ("t", {"long_name": "temperature", "standard_name": "air_temp", "units": "K"},
         "temperature [K]"),
        ("t", {"standard_name": "air_temperature", "units": "K"}, "air temperature [K]"),
        ("t", {"units": "K"}, "t [K]"),
        ("t", {"units": ""}, "t"),
        ("t", {"units": "1", "long_name": ""}, "t"),
        ("t", {"units": None, "long_name": None}, "t"),
        ("t", {"long_name": " two\n lines "}, "two lines"),
        (None, {"units": "K"}, "[K]"),
        (None, {}, ""),
        (7, {}, "7"),
        ("__xarray_dataarray_variable__", {}, ""),
    ],
)  # fmt: skip
def test_a_label_is_the_longest_name_there_is_and_the_units(
    name: Any, attrs: Any, label: str
) -> None:
    assert labelled(xr.DataArray(VALUES, name=name, attrs=attrs)).metadata.label == label


def test_names_that_a_library_made_up_are_no_labels() -> None:
    found = labelled(xr.DataArray(dask.array.zeros((3, 4))))
    assert found.metadata == Metadata(coordinates=(None, None))
    assert found.names == ("dim_0", "dim_1")


def test_an_axis_without_coordinates_has_its_name() -> None:
    assert coordinates(xr.DataArray(VALUES, dims=("y", "x"))) == (
        Coordinate(None, "y"),
        Coordinate(None, "x"),
    )


def test_curvilinear_coordinates_are_ignored() -> None:
    data = xr.DataArray(VALUES, {"lat": (("y", "x"), VALUES)}, ("y", "x"))
    assert [axis.values for axis in coordinates(data)] == [None, None]


def test_lazy_coordinates_are_not_computed() -> None:
    def fail(block: Array) -> Array:
        raise AssertionError("computed")

    lazy = dask.array.zeros(3).map_blocks(fail, dtype=float, meta=np.zeros(0))
    coords = xr.Coordinates({"y": ("y", lazy), "s": ("y", lazy), "one": lazy[0]}, indexes={})
    data = xr.DataArray(lazy[:, None] + np.zeros(4), coords, ("y", "x"), name="n")
    found = labelled(data)
    assert found.data is data.data
    assert found.metadata == Metadata("n", "", (Coordinate(None, "y"), Coordinate(None, "x")))


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (pd.MultiIndex.from_product([["a", "b"], [1, 2]]), ["a, 1", "a, 2", "b, 1", "b, 2"]),
        (pd.CategoricalIndex([1, 2, 3, 4]), ["1", "2", "3", "4"]),
        (pd.Index(["w", "x", None, "z"]), ["w", "x", "", "z"]),
        (pd.Index([1, "x", 2.5, (1, 2)], dtype=object), ["1", "x", "2.5", "1, 2"]),
        (pd.interval_range(0, 4), ["(0, 1]", "(1, 2]", "(2, 3]", "(3, 4]"]),
        (pd.Index([3, 1, 2, 4]), ["3", "1", "2", "4"]),
        (pd.Index([1.0, np.nan, 2, 3]), ["1", "", "2", "3"]),
        (pd.Index([4.0, 3, 1, 0]), [4, 3, 1, 0]),
        (pd.Index([1, 2, 3, 4], dtype="Int64"), [1, 2, 3, 4]),
        (pd.to_timedelta([1, 2, 3, 4], unit="h"), np.arange(1, 5) * np.timedelta64(1, "h")),
        (pd.date_range("2000", periods=4), np.arange("2000-01-01", "2000-01-05", dtype="M8[D]")),
        (pd.date_range("2000", periods=4, tz="Asia/Tokyo"),
         np.arange("2000-01-01", "2000-01-05", dtype="M8[D]")),
        (pd.period_range("2000-01", periods=4, freq="M"),
         np.arange("2000-01", "2000-05", dtype="M8[M]")),
    ],
    ids=lambda v: type(v).__name__,
)  # fmt: skip
def test_an_index_of_any_kind_is_numbers_times_or_names(index: Any, expected: Any) -> None:
    expected = np.asarray(expected)
    frame = pd.DataFrame(np.zeros((4, 2)), index=index)
    tables = [frame, frame.T]
    axes = [coordinates(tables[0])[0], coordinates(tables[1])[1]]
    coords = xr.Coordinates({"y": index}) if index.nlevels == 1 else None
    coords = coords or xr.Coordinates.from_pandas_multiindex(index, "y")
    axes.append(coordinates(xr.DataArray(np.zeros((4, 2)), coords, ("y", "x")))[0])
    for axis in axes:
        assert axis.values is not None
        assert axis.values.dtype.kind in {"i": "if"}.get(expected.dtype.kind, expected.dtype.kind)
        np.testing.assert_array_equal(axis.values, expected)


# What points up


@pytest.mark.parametrize(
    ("name", "attrs", "upward"),
    [
        ("y", {}, False),
        ("row", {}, False),
        ("lon", {"units": "degrees_east", "axis": "X"}, False),
        ("lat", {}, True),
        ("Latitude", {}, True),
        ("northing", {}, True),
        ("y", {"units": "degrees_north"}, True),
        ("y", {"units": "degree_N"}, True),
        ("y", {"standard_name": "projection_y_coordinate", "units": "m"}, True),
        ("rlat", {"standard_name": "grid_latitude"}, True),
        ("y", {"axis": "Y"}, True),
        ("z", {"axis": "Z"}, False),
        ("z", {"positive": "up"}, True),
        ("depth", {"positive": "down"}, False),
        ("y", {"positive": "down", "axis": "Y"}, False),
    ],
)
def test_only_northings_and_heights_point_up(name: str, attrs: Any, upward: bool) -> None:
    assert one([1.0, 2, 4], name, **attrs).upward is upward
    assert one([4, 2, 1], name, **attrs).upward is False  # right side up as it is


@pytest.mark.parametrize("values", [[5.0], [1, 3, 2], ["a", "b"], pd.date_range("2000", periods=3)])
def test_what_does_not_increase_as_numbers_does_not_point_up(values: Any) -> None:
    assert one(values, "lat", units="degrees_north").upward is False


# Titles


def test_scalar_coordinates_are_the_title() -> None:
    data = xr.DataArray(
        VALUES,
        {
            "time": pd.Timestamp("2013-01-01"),
            "at": np.datetime64("2013-01-01T06:30", "ns"),
            "step": np.timedelta64(6, "h"),
            "level": ((), 1 / 3, {"units": "hPa"}),
            "member": 4,
            "station": "Kew",
            "gone": np.nan,
            "never": np.datetime64("NaT", "ns"),
            "local": pd.DatetimeIndex(["2013-01-01 09:00"], tz="Asia/Tokyo")[0],
            "spatial_ref": 0,
            "grid": ((), 0, {"grid_mapping_name": "mercator"}),
            "note": "x" * 99,
        },
        ("y", "x"),
    )
    assert labelled(data).metadata.title == (
        "time = 2013-01-01, at = 2013-01-01 06:30, step = 6 h, level = 0.333333 hPa, member = 4, "
        f"station = Kew, local = 2013-01-01 09:00, note = {'x' * 59}…"
    )


def test_one_step_of_a_stack_says_which() -> None:
    stack = rich()
    assert labelled(stack[1]).metadata.title == "time = 2013-01-02, level = 500 hPa"
    assert len(labelled(stack[1]).metadata.coordinates) == 2


# Missing values


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("name", ["_FillValue", "missing_value", "nodata"])
@pytest.mark.parametrize(
    ("dtype", "fill", "missing"),
    [
        ("int16", 5, 5),
        ("int16", 5.0, 5),
        ("uint8", np.float32(5), 5),
        ("float32", 5, 5),
        ("float32", np.float64(0.1), 0.1),
        ("float16", 1e300, None),
        ("int16", np.array([5]), 5),
        ("int16", [5, 5.5, -1e9], 5),
        ("int16", 5.5, None),
        ("uint8", -1, None),
        ("uint8", 261, None),
        ("int16", np.nan, None),
        ("float32", np.nan, None),
        ("float32", np.inf, np.inf),
        ("int16", np.inf, None),
        ("int16", "5", None),
        ("int16", None, None),
        ("bool", 1, None),
        ("int64", 2**62 + 1, 2**62 + 1),
    ],
)
def test_nodata_values_are_masked_where_the_dtype_holds_them(
    lazy: bool, name: str, dtype: str, fill: Any, missing: Any
) -> None:
    array = np.arange(12).reshape(3, 4).astype(dtype)
    array[1, 2] = 7 if missing is None else missing
    data = xr.DataArray(array, attrs={name: fill})
    found = labelled(data.chunk() if lazy else data)
    np.testing.assert_array_equal(np.asarray(found.data), array)
    if missing is None:
        assert found.mask is None
    else:
        np.testing.assert_array_equal(found.mask, array == array[1, 2])
    if not lazy:
        assert found.data is data.data


def test_nodata_that_occur_nowhere_give_no_mask() -> None:
    assert labelled(xr.DataArray(VALUES, attrs={"_FillValue": -1.0})).mask is None


@pytest.mark.parametrize(("fill", "calls"), [(None, 0), (np.nan, 0), (4.0, 4)])
def test_lazy_arrays_are_computed_once_if_nodata_ask_for_it(fill: Any, calls: int) -> None:
    count = Counted()
    lazy = dask.array.from_array(VALUES, chunks=(2, 2)).map_blocks(
        count, dtype=float, meta=np.empty((0, 0))
    )
    data = xr.DataArray(lazy, attrs={} if fill is None else {"_FillValue": fill})
    with dask.config.set(scheduler="synchronous"):
        found = labelled(data)
    assert count.calls == calls
    assert (found.mask is not None) is bool(calls)
    assert isinstance(found.data, np.ndarray if calls else dask.array.Array)


def bands(*nodata: Any, dims: Any = ("band", "y", "x"), numbers: Any = None) -> xr.DataArray:
    array = np.tile(np.arange(3, dtype=np.uint8), (3, 2, 1)).reshape(3, 2, 3)
    coords = {} if numbers is None else {"band": numbers}
    data = xr.DataArray(array, coords, ("band", "y", "x"), attrs={"nodatavals": nodata})
    return data.transpose(*dims)


@pytest.mark.parametrize("dims", [("band", "y", "x"), ("y", "x", "band"), ("y", "band", "x")])
def test_every_band_has_its_own_nodata_value(dims: Any) -> None:
    data = bands(0, np.nan, 2, dims=dims)
    mask = labelled(data).mask
    expected = [data[{"band": 0}] == 0, data[{"band": 1}] == 99, data[{"band": 2}] == 2]
    np.testing.assert_array_equal(mask, xr.concat(expected, "band").transpose(*dims))


def test_bands_that_were_picked_keep_their_nodata_value() -> None:
    data = bands(0, 1, 2, numbers=[1, 2, 3])
    for number in (0, 1, 2):
        np.testing.assert_array_equal(labelled(data[number]).mask, data[number] == number)
    np.testing.assert_array_equal(labelled(data[::-2]).mask, [data[2] == 2, data[0] == 0])


def test_nodata_values_that_agree_hold_for_every_axis() -> None:
    data = bands(1, 1, 1).rename(band="k")
    np.testing.assert_array_equal(labelled(data).mask, data == 1)
    assert labelled(bands(0, 1, 2).rename(band="k")).mask is None


# Tables


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64", "bool", "M8[ns]"])
def test_a_table_of_one_dtype_keeps_it(dtype: str) -> None:
    array = np.arange(6).reshape(3, 2).astype(dtype)
    found = labelled(pd.DataFrame(array))
    assert found.data.dtype == array.dtype
    np.testing.assert_array_equal(found.data, array)
    assert found.mask is None


@pytest.mark.parametrize(
    ("columns", "dtype"),
    [
        ({"a": [1, 2], "b": [0.5, np.nan]}, "float64"),
        ({"a": np.array([1, 2], np.float32), "b": [3, 4]}, "float64"),
        ({"a": [True, False], "b": [3, 4]}, "float64"),
        ({"a": [True, False], "b": [0.5, 1.5]}, "float64"),
        ({"a": np.array([1, 2], np.int8), "b": np.array([1, 999], np.int16)}, "int16"),
        ({"a": np.array([1, 2], np.uint8), "b": np.array([-1, 9], np.int8)}, "int16"),
        ({"a": pd.array([1, 2], dtype="Int64")}, "int64"),
        ({"a": pd.array([1, None], dtype="Int64")}, "float64"),
        ({"a": pd.array([1, None], dtype="Int8"), "b": [2, 3]}, "float64"),
        ({"a": pd.array([1.5, 2], dtype="Float32")}, "float32"),
        ({"a": pd.array([1.5, None], dtype="Float32")}, "float64"),
        ({"a": pd.array([True, False], dtype="boolean")}, "bool"),
        ({"a": pd.array([True, None], dtype="boolean")}, "float64"),
        ({"a": pd.array([True, None], dtype="boolean"), "b": [0.5, 1]}, "float64"),
        ({"a": pd.arrays.SparseArray([0.0, 1]), "b": pd.arrays.SparseArray([2.0, 0])}, "float64"),
    ],
)
def test_a_table_of_numbers_is_one_array(columns: Any, dtype: str) -> None:
    found = labelled(pd.DataFrame(columns)).data
    assert type(found) is np.ndarray
    assert found.dtype == dtype
    for place, column in enumerate(columns.values()):
        expected = [np.nan if value is pd.NA else float(value) for value in column]
        np.testing.assert_array_equal(found[:, place].astype(float), expected)


@pytest.mark.parametrize(
    ("column", "dtype"),
    [
        (np.array(["x", "y"], object), "object|str"),
        (pd.Categorical([1, 2]), "category"),
        (pd.array(["x", "y"], dtype="string"), "string"),
        (pd.date_range("2000", periods=2), "datetime64"),
        (pd.date_range("2000", periods=2, tz="UTC"), "datetime64.*UTC"),
    ],
)
def test_a_table_of_more_than_numbers_names_the_first_such_column(column: Any, dtype: str) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": column, "c": column})
    message = rf"({dtype}).* in column 'b': .*frame\.select_dtypes\(\"number\"\)"
    with pytest.raises(TypeError, match=message) as caught:
        as_labelled(frame)
    assert "\n" not in str(caught.value)
    assert labelled(frame.select_dtypes("number")).data.shape == (2, 1)


def test_the_way_out_that_the_message_names_works() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [0.5, 1]})
    np.testing.assert_array_equal(labelled(frame.select_dtypes("number")).data, [[1, 0.5], [2, 1]])


def test_a_table_has_its_index_and_its_columns_as_coordinates() -> None:
    frame = pd.DataFrame(
        VALUES,
        index=pd.date_range("2000-01-01", periods=3, name="day"),
        columns=pd.Index(list("abcd"), name="station"),
    )
    kept = frame.copy(deep=True)
    day, station = coordinates(frame)
    assert (day.label, station.label) == ("day", "station")
    assert day.values is not None
    assert day.values.dtype.kind == "M"
    np.testing.assert_array_equal(station.values, list("abcd"))
    pd.testing.assert_frame_equal(frame, kept)


def test_a_table_without_an_index_has_pixel_numbers() -> None:
    rows, columns = coordinates(pd.DataFrame(VALUES))
    np.testing.assert_array_equal(rows.values, range(3))
    np.testing.assert_array_equal(columns.values, range(4))
    assert (rows.label, rows.upward) == ("", False)


def test_a_table_by_latitude_is_a_map() -> None:
    frame = pd.DataFrame(VALUES, index=pd.Index([10, 20, 30], name="lat"))
    assert coordinates(frame)[0].upward
    assert not coordinates(frame[::-1])[0].upward


def test_tables_with_repeated_columns_and_none_are_taken() -> None:
    frame = pd.DataFrame(VALUES, columns=list("abab"))
    np.testing.assert_array_equal(labelled(frame).data, VALUES)
    assert labelled(frame[[]]).data.shape == (3, 0)
    names = pd.MultiIndex.from_product([["p", "q"], [1, 2]], names=["kind", None])
    assert coordinates(pd.DataFrame(VALUES, columns=names))[1].label == "kind"


# Which axes are the picture's


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_the_picture_axes_are_those_beside_the_channels(axis: int) -> None:
    dims = ["y", "x"]
    dims.insert(axis % 3, "band")
    metadata = labelled(xr.DataArray(np.zeros((3, 3, 3)), dims=dims)).metadata
    assert picture_axes(metadata, axis) == (Coordinate(None, "y"), Coordinate(None, "x"))


def test_what_is_no_picture_has_no_axes() -> None:
    assert picture_axes(Metadata(), None) == (None, None)
    assert picture_axes(Metadata(), -1) == (None, None)
    assert picture_axes(labelled(rich()).metadata, None) == (None, None)
    metadata = labelled(rich()[0]).metadata
    assert list(map(id, picture_axes(metadata, None))) == list(map(id, metadata.coordinates))
