"""Variables of HDF5, NetCDF and zarr, against what xarray, h5py and SciPy read of them."""

import gc
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.io
import xarray as xr

import nbimage
from nbimage import Picture, Video, View
from nbimage.pyramid.open import open_pyramid
from tests.web_server import Handler, serving

PACKED = {"dtype": "i2", "scale_factor": 0.01, "add_offset": 250.0, "_FillValue": -32768}
KINDS = "nc3", "nc4", "zarr2", "zarr3"


def make_dataset(count: int = 3) -> xr.Dataset:
    values = np.arange(count * 6 * 8, dtype="f4").reshape(count, 6, 8) / 10 + 250
    values[0, 1, 2] = np.nan
    attrs = {"units": "K", "long_name": "temperature"}
    days = np.datetime64("2020-01-01", "ns") + np.arange(count) * np.timedelta64(1, "D")
    latitudes = ("lat", np.arange(6.0), {"units": "degrees_north"})
    coordinates = {"time": days, "lat": latitudes, "lon": np.arange(8.0) * 2}
    return xr.Dataset({"t2m": (("time", "lat", "lon"), values, attrs)}, coordinates)


def write(dataset: xr.Dataset, folder: Path, kind: str, **options: object) -> str:
    if kind.startswith("zarr"):
        pytest.importorskip("zarr")
        path, version = folder / f"{kind}.zarr", int(kind[-1])
        dataset.to_zarr(path, zarr_format=version, consolidated=False, **options)  # type: ignore
    else:
        path, engine = folder / f"{kind}.nc", "scipy" if kind == "nc3" else "h5netcdf"
        dataset.to_netcdf(path, engine=engine, **options)  # type: ignore
    return str(path)


def reopen(path: str, kind: str) -> xr.Dataset:
    if kind.startswith("zarr"):
        return xr.open_zarr(path, chunks=None, consolidated=False)
    return xr.open_dataset(path, engine="scipy" if kind == "nc3" else "h5netcdf")


@pytest.mark.parametrize("kind", KINDS)
def test_a_variable_is_what_xarray_reads(tmp_path: Path, kind: str) -> None:
    path = write(make_dataset(), tmp_path, kind, encoding={"t2m": PACKED})
    with open_pyramid(path) as found, reopen(path, kind) as right:
        assert found.axes == (("time", 3),)
        assert found.metadata.label == "temperature [K]"
        time, lat, lon = found.metadata.coordinates
        assert time is not None and lat is not None and lon is not None
        np.testing.assert_array_equal(time.values, right.time.values)
        np.testing.assert_array_equal(lon.values, right.lon.values)
        assert lat.label == "lat [degrees_north]" and lat.upward
        again = pickle.loads(pickle.dumps(found))
        for index in range(3):
            part = found.read(0, index=(index,))
            np.testing.assert_allclose(part, right.t2m.values[index], rtol=1e-6)
            np.testing.assert_array_equal(again.read(0, index=(index,)), part)
        again.close()


@pytest.mark.parametrize("kind", KINDS)
def test_of_several_variables_one_is_named(tmp_path: Path, kind: str) -> None:
    one = make_dataset()
    path = write(xr.Dataset({"a": one.t2m, "b": one.t2m[1]}), tmp_path, kind)
    with pytest.raises(ValueError, match=r"a \(3, 6, 8\), b \(6, 8\): name one") as error:
        open_pyramid(path)
    assert "\n" not in str(error.value)
    with open_pyramid(f"{path}/b") as found:
        np.testing.assert_array_equal(found.read(0), one.t2m.values[1])
    assert nbimage.Picture(f"{path}/b").png == nbimage.Picture(one.t2m[1]).png
    with pytest.raises((OSError, ValueError)) as error:
        open_pyramid(f"{path}/c")
    assert "\n" not in str(error.value)


def test_three_times_named_are_no_colors(tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    options = {"shape": (3, 6, 8), "dtype": "u1", "dimension_names": ("time", "lat", "lon")}
    zarr.open_group(tmp_path / "a.zarr", mode="w").create_array("v", **options)
    with open_pyramid(tmp_path / "a.zarr") as found:
        assert (found.axes, found.channels) == ((("time", 3),), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_samples_beyond_the_valid_range_are_missing(tmp_path: Path, kind: str) -> None:
    samples = np.arange(12, dtype="i2").reshape(3, 4)
    limits = {"valid_min": np.int16(2), "valid_max": np.int16(9)}
    path = write(xr.Dataset({"v": (("y", "x"), samples, limits)}), tmp_path, kind)
    with open_pyramid(path) as found:
        right = np.where((samples < 2) | (samples > 9), np.nan, samples)
        np.testing.assert_array_equal(found.read(0), right)


def test_bounds_and_further_coordinates_are_no_images(tmp_path: Path) -> None:
    dataset = make_dataset()
    dataset["lat_bnds"] = (("lat", "nv"), np.zeros((6, 2)))
    dataset.lat.attrs["bounds"] = "lat_bnds"
    dataset = dataset.assign_coords(area=(("lat", "lon"), np.ones((6, 8))))
    for kind in ("nc3", "nc4"):
        with open_pyramid(write(dataset, tmp_path, kind)) as found:
            assert found.metadata.label == "temperature [K]"
    with open_pyramid(dataset) as found:
        assert found.axes == (("time", 3),)


def test_a_dataset_in_memory_is_its_only_image() -> None:
    one = make_dataset(1)
    assert nbimage.encode(one) == nbimage.encode(one.t2m)
    several = one.assign(other=one.t2m + 1)
    for verb in (nbimage.Picture, nbimage.View, open_pyramid, nbimage.Video):
        with pytest.raises(TypeError, match=r"other .*, t2m .*: pick one, such as dataset"):
            verb(several)


def make_hdf5(path: Path) -> np.ndarray:
    samples = np.arange(4 * 300 * 200, dtype="u2").reshape(4, 300, 200)
    with h5py.File(path, "w") as file:
        data = file.create_dataset("group/data", data=samples, chunks=(1, 64, 64))
        for axis, (name, step) in enumerate((("z", 2.0), ("y", 0.5), ("x", 0.5))):
            scale = file.create_dataset(f"group/{name}", data=np.arange(samples.shape[axis]) * step)
            scale.make_scale(name)
            scale.attrs["units"] = "mm"
            data.dims[axis].attach_scale(scale)
        data.attrs["_FillValue"] = np.uint16(7)
    return samples


def test_dimension_scales_are_coordinates(tmp_path: Path) -> None:
    samples = make_hdf5(tmp_path / "a.h5")
    for name in ("a.h5", "a.h5/group", "a.h5/group/data"):
        with open_pyramid(tmp_path / name) as found:
            assert found.axes == (("z", 4),)
            assert (found.pixel_size, found.unit) == ((0.5, 0.5), "mm")
            assert found.source.blocks[0] == (64, 64)
            right = np.where(samples[2] == 7, np.nan, samples[2])
            np.testing.assert_array_equal(found.read(0, index=(2,)), right)
            assert np.isnan(found.read(0, index=(0,))[0, 7])


def test_an_h5py_dataset_is_as_its_file(tmp_path: Path) -> None:
    make_hdf5(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5") as file, open_pyramid(tmp_path / "a.h5") as right:
        found = open_pyramid(file["group/data"])
        assert (found.axes, found.unit) == (right.axes, right.unit)
        np.testing.assert_array_equal(found.read(0, index=(0,)), right.read(0, index=(0,)))
        assert nbimage.Video(file["group/data"]).alt == nbimage.Video(tmp_path / "a.h5").alt


def test_an_h5py_group_is_its_only_image(tmp_path: Path) -> None:
    make_hdf5(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        for given in (file, file["group"]):
            with open_pyramid(given) as found, open_pyramid(file["group/data"]) as right:
                assert found.axes == right.axes
                np.testing.assert_array_equal(found.read(0, index=(0,)), right.read(0, index=(0,)))
            assert nbimage.Video(given).alt == nbimage.Video(file["group/data"]).alt
        file["group/other"] = np.zeros((4, 5))
        with pytest.raises(ValueError, match=r"must hold one image, but holds .*other"):
            nbimage.Picture(file["group"])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")
@pytest.mark.parametrize("kind", ["nc3", "nc4"])
def test_a_forked_process_reads_on(tmp_path: Path, kind: str) -> None:
    path = write(make_dataset(), tmp_path, kind)
    code = f"""
import os, sys
from nbimage.pyramid.open import open_pyramid
found = open_pyramid({path!r})
first = found.read(0, index=(1,))
child = os.fork()
if child == 0:
    os._exit(0 if (found.read(0, index=(1,)) == first).all() else 3)
assert (found.read(0, index=(1,)) == first).all()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_scipy_reads_the_same_of_netcdf_3(tmp_path: Path) -> None:
    path = write(make_dataset(), tmp_path, "nc3")
    with open_pyramid(path) as found:
        with scipy.io.netcdf_file(path, mmap=False) as right:
            values = np.array(right.variables["t2m"][2])
        np.testing.assert_array_equal(found.read(0, index=(2,)), values)


@pytest.mark.parametrize("head", [b"\x89HDF\r\n\x1a\n", b"CDF\1", b"CDF\2"])
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.nc").write_bytes(head + b"\xff" * 100)
    with pytest.raises(ValueError, match=r"a.nc must be a whole") as error:
        open_pyramid(tmp_path / "a.nc")
    assert "\n" not in str(error.value)


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_hdf5(tmp_path / "a.h5")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"a.h5 can't be opened: .*nbimage\[hdf5\]"):
        open_pyramid(tmp_path / "a.h5")


def test_an_open_file_or_group_of_one_image_is_that(tmp_path: Path) -> None:
    array = np.arange(48.0).reshape(6, 8)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["group/image"] = array
        file["group/curve"] = array[0]
        for given in (file, file["group"], file["group/image"]):
            for picture in (Picture(given), View(given).picture):
                assert np.array_equal(picture.pixels, Picture(array).pixels)
            with open_pyramid(given) as pyramid:
                assert np.array_equal(pyramid.read(0), array)
        file["other"] = array
        with pytest.raises(
            ValueError, match=r"holds group/image \(6, 8\), other \(6, 8\): name one"
        ):
            Picture(file)


@pytest.mark.parametrize("name", ["wrong", "wrong/deeper"])
def test_a_name_that_a_zarr_folder_lacks_is_told_with_those_it_has(
    name: str, tmp_path: Path
) -> None:
    zarr = pytest.importorskip("zarr")
    store = tmp_path / "a.zarr"
    group = zarr.open_group(store, mode="w", zarr_format=2)
    for own in ("t2m", "wind"):
        group.create_array(own, shape=(3, 4), dtype="f4")
    group.create_group("deep")
    words = rf"a\.zarr must hold '{name}', but holds t2m \(3, 4\), wind \(3, 4\), deep/"
    for door in (open_pyramid, Picture, View, Video):
        with pytest.raises(FileNotFoundError, match=words):
            door(store / name)


@pytest.mark.parametrize(
    ("shape", "dtype", "axes"),
    [
        ((24, 37), "f8", ()),
        ((24, 37, 3), "u1", ()),
        ((24, 37, 5), "f4", (("page", 5),)),
        ((24, 37, 3), "i2", (("page", 3),)),
        ((24, 37, 3, 4), "u1", (("dimension 4", 4),)),
    ],
)
def test_arrays_of_matlab_have_rows_first(
    shape: tuple[int, ...], dtype: str, axes: tuple[tuple[str, int], ...], tmp_path: Path
) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    with h5py.File(tmp_path / "a.mat", "w", userblock_size=512) as file:
        dataset = file.create_dataset("image", data=array.T)  # as MATLAB stores it
        dataset.attrs["MATLAB_class"] = np.bytes_("double")
    with open_pyramid(tmp_path / "a.mat") as pyramid:
        assert pyramid.axes == axes
        first = array if not axes else array[..., 0]
        np.testing.assert_array_equal(pyramid.read(0, index=(0,) * len(axes)), first)
        np.testing.assert_array_equal(
            pyramid.read(0, np.s_[3:9], np.s_[5:30], (1,) * len(axes)),
            (array if not axes else array[..., 1])[3:9, 5:30],
        )


def test_netcdf_that_scipy_does_not_read_says_what_does(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    path.write_bytes(b"CDF\5" + bytes(60))
    with pytest.raises(ValueError, match=r"^\S+a\.nc is NetCDF of the format CDF-5, .*netcdf4"):
        open_pyramid(path)


def test_what_is_left_of_a_file_is_closed_while_another_one_is_read(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    array = np.arange(48.0).reshape(6, 8)
    for name in ("a", "b"):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file["image"] = array

    lock = h5py._objects.phil
    begun: list[bool] = []
    ended: list[bool] = []

    def is_held() -> bool:
        free = lock.acquire(blocking=False)
        if free:
            lock.release()
        return not free

    def collect_first(handler: Handler) -> None:
        if is_held():  # by the reader, which waits for this answer
            begun.append(True)
            gc.collect()
            ended.append(is_held())
        handler.send_file()

    gc.disable()
    try:
        with serving(tmp_path) as server:
            left: list[Any] = [View(f"{server.address}/a.h5", embed=False)]
            left.append(open_pyramid(f"{server.address}/a.h5"))
            assert np.array_equal(left[1].read(0), array)
            left.append(left)  # which counting does not free
            del left
            server.wrong["b.h5"] = collect_first
            with open_pyramid(f"{server.address}/b.h5") as pyramid:
                assert np.array_equal(pyramid.read(0), array)
            assert begun
            assert ended == begun
    finally:
        gc.enable()
