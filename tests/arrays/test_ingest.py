"""Any array-like gives the pixels of the plain array it stands for, or says why it can't."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import dask
import dask.array
import ml_dtypes
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image

from nbimage import Picture, View, rerange
from nbimage.arrays.ingest import as_values
from tests.blocks import Counted
from tests.optional import zarr

Array = np.ndarray[Any, Any]
GRAY = np.random.default_rng(0).standard_normal((6, 8)).astype(np.float32)
BYTES = np.random.default_rng(1).integers(0, 256, (6, 8, 4), np.uint8)


def same_picture(data: Any, plain: Array, **options: Any) -> None:
    got, expected = Picture(data, **options), Picture(plain, **options)
    assert type(got.pixels) is np.ndarray
    np.testing.assert_array_equal(got.pixels, expected.pixels)
    assert got.png == expected.png


class OnlyArray:
    def __init__(self, array: Array) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return self.array


class OnlyInterface:
    def __init__(self, array: Array) -> None:
        self.array = array
        self.__array_interface__ = array.__array_interface__


class OnlyDLPack:
    def __init__(self, array: Array) -> None:
        self.array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()


# Python and NumPy


@pytest.mark.parametrize("convert", [Array.tolist, lambda a: tuple(map(tuple, a)), list, tuple])
@pytest.mark.parametrize("dtype", [np.int64, np.float64, bool])
def test_nested_lists_and_tuples_are_arrays(convert: Any, dtype: Any) -> None:
    plain = (GRAY * 9).astype(dtype)
    same_picture(convert(plain), plain)


@pytest.mark.parametrize(
    "data",
    [
        [[1, 2], [3]],
        [[1, 2], 3],
        [[[1], [2]], [[3], [4, 5]]],
        [np.zeros(3), np.zeros(4)],
        ((1, 2, 3), (4, 5)),
    ],
    ids=repr,
)
def test_ragged_data_raise_a_type_error(data: Any) -> None:
    with pytest.raises(TypeError, match="data must be rectangular"):
        rerange(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([[1, 2], [3]], "but hold rows of 1 and 2$"),
        ([[1, 2], 3], r"but hold items of shapes \(\) and \(2,\)$"),
        (
            [np.zeros((2, 3)), np.zeros((3, 2))],
            r"but hold items of shapes \(2, 3\) and \(3, 2\): nbgrid\(data\) shows pictures",
        ),
        (
            [np.zeros((n, 3)) for n in range(1, 9)],
            r"\(1, 3\), \(2, 3\), \(3, 3\) and others: nbgrid",
        ),
        ([[1, None], [3, 4]], "^data must hold numbers, but an item is None: numpy.nan"),
        (None, "got NoneType: a call before it returned nothing, as cv2.imread does"),
        (range(3), r"got range: give numpy.array\(list\(data\)\)$"),
        ((row for row in GRAY), r"got generator: nbgrid\(data\) shows what it yields"),
        (io.StringIO("x"), "got StringIO: give the file's path$"),
        (lambda: GRAY, "got function: call it, and give what it returns$"),
        ({"a": GRAY}, r"got dict: pick one, such as data\['a'\], or nbgrid\(data\) for all$"),
        (View(GRAY), "got View: it shows itself, at the end of a cell or by IPython.display"),
        (object(), "but got object$"),
    ],
)
def test_what_is_no_array_is_named_with_the_way_to_one(data: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message) as raised:
        Picture(data)
    assert "\n" not in str(raised.value)


def test_matrices_are_plain_arrays() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        matrix = np.matrix(GRAY)
    same_picture(matrix, GRAY)
    assert type(rerange(matrix)) is np.ndarray


def test_masked_values_are_kept_apart() -> None:
    mask = GRAY > 1
    values = as_values(np.ma.array(GRAY, mask=mask, fill_value=99))
    assert type(values.array) is np.ndarray
    np.testing.assert_array_equal(values.mask, mask)
    assert (Picture(np.ma.array(GRAY, mask=mask)).pixels[mask] == 0).all()


def test_a_list_of_masked_rows_leaks_nothing() -> None:
    rows = [np.ma.array([1.0, 2, 3]), np.ma.array([1e9, 2, 1], mask=[True, False, False])]
    np.testing.assert_array_equal(rerange(rows), [[0, 128, 255], [0, 128, 0]])


def test_memory_maps_are_read_in_place(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", GRAY)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    same_picture(mapped, GRAY)
    assert np.shares_memory(as_values(mapped).array, mapped)


def test_arrays_are_taken_without_a_copy() -> None:
    for data in (GRAY, GRAY.T, GRAY[::-2], np.ma.array(GRAY), OnlyArray(GRAY), OnlyDLPack(GRAY)):
        assert np.shares_memory(as_values(data).array, GRAY), type(data)
    for data in (xr.DataArray(GRAY), OnlyInterface(GRAY)):
        assert np.shares_memory(as_values(data).array, GRAY), type(data)


@pytest.mark.parametrize("wrap", [OnlyArray, OnlyInterface, OnlyDLPack])
@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float16, np.float64])
def test_objects_that_offer_an_array_protocol_are_arrays(wrap: Any, dtype: Any) -> None:
    plain = (GRAY * 20).astype(dtype)
    same_picture(wrap(plain), plain)
    same_picture(wrap(plain[::2, 1:]), plain[::2, 1:])


def test_data_that_only_another_device_can_reach_say_so() -> None:
    class Elsewhere(OnlyDLPack):
        def __dlpack_device__(self) -> Any:
            return (7, 0)

        def __dlpack__(self, **options: Any) -> Any:
            raise BufferError("not on the CPU")

    with pytest.raises((TypeError, BufferError)) as caught:
        rerange(Elsewhere(GRAY))
    assert str(caught.value)


@pytest.mark.parametrize("kind", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_short_floats_of_ml_dtypes_are_shown_exactly(kind: str) -> None:
    data = GRAY.astype(getattr(ml_dtypes, kind))
    same_picture(data, data.astype(np.float64))
    assert kind in Picture(data).description


# Pillow


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_pillow_images_of_bytes_are_shown_value_for_value(mode: str) -> None:
    plain = BYTES[:, :, 0] if mode == "L" else BYTES[:, :, : len(mode)]
    picture = Picture(Image.fromarray(plain))
    np.testing.assert_array_equal(picture.pixels, plain)


def test_pillow_gray_and_alpha_keep_their_alpha() -> None:
    image = Image.merge("LA", [Image.fromarray(BYTES[:, :, i]) for i in range(2)])
    np.testing.assert_array_equal(Picture(image).pixels, BYTES[:, :, :2])


def test_pillow_images_as_narrow_as_channels_are_not_mistaken() -> None:
    for shape in ((3, 5), (4, 4), (1, 3)):
        plain = np.resize(BYTES, (*shape, 3))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            np.testing.assert_array_equal(Picture(Image.fromarray(plain)).pixels, plain)


def test_pillow_bilevel_images_are_black_and_white() -> None:
    plain = GRAY > 0
    np.testing.assert_array_equal(Picture(Image.fromarray(plain)).pixels, np.where(plain, 255, 0))


def test_pillow_palettes_are_shown_as_their_colors() -> None:
    image = Image.new("P", (3, 2))
    image.putpalette([255, 0, 0, 0, 255, 0, 7, 8, 9])
    image.putdata([0, 1, 2, 2, 1, 0])
    red, green, dark = [255, 0, 0], [0, 255, 0], [7, 8, 9]
    expected = [[red, green, dark], [dark, green, red]]
    np.testing.assert_array_equal(Picture(image).pixels, expected)


def test_pillow_palettes_with_transparency_keep_it() -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 7, 8, 9])
    image.putdata([0, 1, 2])
    image.info["transparency"] = 1
    pixels = Picture(image).pixels
    assert pixels.shape == (1, 3, 4)
    np.testing.assert_array_equal(pixels[0, :, 3], [255, 0, 255])
    np.testing.assert_array_equal(pixels[0, 2], [7, 8, 9, 255])


@pytest.mark.parametrize(
    ("mode", "dtype"), [("I;16", np.uint16), ("I", np.int32), ("F", np.float32)]
)
def test_pillow_images_of_wider_numbers_are_mapped_as_such(mode: str, dtype: Any) -> None:
    plain = (np.abs(GRAY) * 1000).astype(dtype)
    image = Image.fromarray(plain)
    assert image.mode == mode
    same_picture(image, plain)


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "LAB"])
def test_pillow_colors_of_other_models_are_converted(mode: str) -> None:
    if mode == "LAB":
        image = Image.merge("LAB", [Image.new("L", (4, 3), n) for n in (200, 128, 128)])
        pixels = Picture(image).pixels
        assert pixels.shape == (3, 4, 3)
        return
    image = Image.fromarray(BYTES[:, :, :3]).convert(mode)
    np.testing.assert_array_equal(Picture(image).pixels, np.asarray(image.convert("RGB")))


# xarray, dask, zarr, pandas


@pytest.mark.parametrize("name", ["band", "channel", "rgb", "c", "Band"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_xarray_dims_say_where_the_channels_are(name: str, axis: int) -> None:
    cube = np.random.default_rng(3).random((3, 3, 3))
    dims = ["y", "x"]
    dims.insert(axis, name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pixels = Picture(xr.DataArray(cube, dims=dims)).pixels
    expected = Picture(np.moveaxis(cube, axis, -1), channel_axis=-1).pixels
    np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize("dims", [("time", "y", "x"), ("lat", "lon", "time"), ("z", "row", "col")])
@pytest.mark.parametrize("length", [2, 3, 4])
def test_a_time_of_three_steps_is_no_rgb(dims: Any, length: int) -> None:
    shape = tuple(length if name in ("time", "z") else 5 for name in dims)
    with pytest.raises(ValueError, match="data must be one picture"):
        Picture(xr.DataArray(np.zeros(shape), dims=dims))


@pytest.mark.parametrize("dims", [("time", "y", "x"), ("lat", "lon", "time"), ("z", "row", "col")])
def test_a_time_of_one_step_needs_no_index(dims: Any) -> None:
    data = xr.DataArray(np.arange(25.0).reshape(5, 5), dims=[d for d in dims if d not in "timez"])
    whole = data.expand_dims({name: [7] for name in dims if name in ("time", "z")}).transpose(*dims)
    picture = Picture(whole)
    np.testing.assert_array_equal(picture.pixels, Picture(data).pixels)
    assert "= 7" in picture.alt


def test_xarray_datasets_name_what_to_pick() -> None:
    dataset = xr.Dataset({"temperature": (("y", "x"), GRAY), "wind": (("y", "x"), GRAY)})
    with pytest.raises(TypeError, match="temperature"):
        Picture(dataset)


@pytest.mark.parametrize("wrap", [lambda a: a, lambda a: xr.DataArray(a, dims=("y", "x"))])
@pytest.mark.parametrize(
    ("options", "show"),
    [
        ({}, Picture),
        ({}, rerange),
        ({"contrast": "robust"}, Picture),
        ({"vsym": True}, rerange),
    ],
)
def test_dask_arrays_are_computed_once(wrap: Any, options: Any, show: Any) -> None:
    count = Counted()
    lazy = dask.array.from_array(GRAY, chunks=(3, 4)).map_blocks(
        count, dtype=np.float32, meta=np.empty((0, 0), np.float32)
    )
    with dask.config.set(scheduler="synchronous"):
        got = show(wrap(lazy), **options)
    assert count.calls == 4
    expected = show(GRAY * 2, **options)
    pixels = [x.pixels if show is Picture else x for x in (got, expected)]
    np.testing.assert_array_equal(*pixels)


def test_dask_masks_are_kept() -> None:
    masked = np.ma.array(GRAY, mask=GRAY > 1)
    lazy = dask.array.from_array(masked, chunks=(3, 4), asarray=False)
    same_picture(lazy, masked)


def test_zarr_arrays_are_read(tmp_path: Path) -> None:
    stored = zarr.create_array(tmp_path / "a.zarr", data=GRAY, chunks=(2, 3))
    same_picture(stored, GRAY)


def test_pandas_tables_of_numbers_are_arrays() -> None:
    same_picture(pd.DataFrame(GRAY), GRAY)
    with pytest.raises(TypeError, match="column 'b'"):
        Picture(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}))


# What is no picture


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (np.zeros((3, 4), complex), "complex128"),
        (np.zeros((3, 4), np.complex64), "complex64"),
        ([[1j, 2], [3, 4]], "complex128"),
        (np.ma.zeros((3, 4), complex), "complex128"),
    ],
    ids=["complex128", "complex64", "list", "masked"],
)
def test_complex_data_raise_a_type_error_that_names_abs(data: Any, dtype: str) -> None:
    for show in (rerange, Picture):
        with pytest.raises(TypeError, match=rf"{dtype}.*abs\(data\)"):
            show(data)


@pytest.mark.parametrize(
    "data",
    [
        np.array([[1, None]]),
        np.array([[object(), 2]]),
        [[1, 2], [3, 10**30]],
        [["a", "b"], ["c", "d"]],
        np.array([[b"a", b"b"]]),
        np.zeros((3, 4), [("r", "u1"), ("g", "u1")]),
        np.zeros((3, 4), [("float", "f4")]),
        np.zeros((3, 4), "V8"),
    ],
    ids=["None", "object", "long", "str", "bytes", "structured", "structured_float", "void"],
)
def test_other_data_raise_a_type_error_with_a_way_out(data: Any) -> None:
    for show in (rerange, Picture):
        with pytest.raises(TypeError, match="data must be numbers or booleans") as caught:
            show(data)
        message = str(caught.value)
        assert "\n" not in message
        assert f"{np.asarray(data).dtype}: " in message, "it names no way out"


@pytest.mark.parametrize("data", ["photo.png", b"photo.png", Path("photo.png")])
def test_a_path_raises_a_type_error_that_says_to_open_it(data: Any) -> None:
    with pytest.raises(TypeError, match=r"photo\.png.*open"):
        rerange(data)


@pytest.mark.parametrize("data", [None, object(), {1: 2}, {1, 2}, (x for x in [[1]]), 5j, print])
def test_what_is_no_array_at_all_raises_a_type_error_that_names_its_type(data: Any) -> None:
    with pytest.raises(TypeError, match=type(data).__name__):
        rerange(data)


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (np.float64(3), "()"),
        (np.array(3), "()"),
        ([1, 2, 3, 4, 5], "(5,)"),
        (np.zeros(5), "(5,)"),
        (np.ma.zeros(5), "(5,)"),
    ],
)
def test_less_than_two_axes_raise_an_error_that_names_the_shape(data: Any, shape: str) -> None:
    with pytest.raises(ValueError, match="reshape") as caught:
        Picture(data)
    assert shape in str(caught.value)


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (0, 0), (0, 4, 3), (3, 0, 4), (5, 0, 7)])
@pytest.mark.parametrize("wrap", [np.asarray, np.ma.array, np.ndarray.tolist])
def test_empty_data_raise_an_error_that_says_empty(shape: Any, wrap: Any) -> None:
    data = wrap(np.zeros(shape))
    shape = tuple(np.shape(data))
    for show in (rerange, Picture):
        with pytest.raises(ValueError) as caught:
            show(data)
        assert str(shape) in str(caught.value)
        if len(shape) > 1:
            assert "empty" in str(caught.value)


@pytest.mark.parametrize("number", [3, 2.5, True])
def test_a_bare_number_is_no_picture(number: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="data must"):
        Picture(number)


@pytest.mark.parametrize("shape", [(5, 1), (1, 5), (1, 1)])
def test_one_row_or_column_is_a_picture(shape: Any) -> None:
    assert Picture(np.arange(np.prod(shape)).reshape(shape)).pixels.shape == shape


# Frameworks are recognised, never imported

HEAVY = {"torch", "jax", "jaxlib", "cupy", "xarray", "dask", "zarr", "pandas", "PIL", "isal"}
HEAVY |= {"zlib_ng", "IPython", "IPython.display", "matplotlib", "scipy", "skimage", "ml_dtypes"}


def imported_after(code: str) -> set[str]:
    code = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    return set(done.stdout.splitlines()[-1].split())


def test_importing_nbimage_imports_numpy_and_nothing_heavy() -> None:
    alone = imported_after("import numpy")
    modules = imported_after("from nbimage import *")
    assert not HEAVY & modules
    tops = {name.partition(".")[0] for name in modules - alone}
    assert tops - sys.stdlib_module_names - {"nbimage", "__main__"} == {"traitlets"}  # of View
    without = imported_after("import nbimage, numpy; nbimage.nbimage(numpy.eye(3))")
    assert "traitlets" not in without


def test_showing_an_array_imports_no_framework() -> None:
    modules = imported_after(
        "import nbimage, numpy\n"
        "class A:\n"
        "    def __array__(self, dtype=None, copy=None): return numpy.eye(5)\n"
        "for a in (numpy.eye(5), [[1, 2], [3, 4]], A(), numpy.ma.ones((4, 4))):\n"
        "    nbimage.encode(a)\n"
        "    nbimage.nbimage(a)"
    )
    frameworks = {"torch", "jax", "cupy", "xarray", "dask", "zarr", "pandas", "IPython", "PIL"}
    assert not frameworks & modules
