"""Levels of a pyramid as arrays of dask and xarray: lazy, with all that the file says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pytest
import xarray as xr

from nbimage import Picture, Pyramid, encode, open_pyramid, rerange, write_ome_zarr, write_tiff
from nbimage.base.box import Box
from nbimage.pyramid.core.arrays import level_arrays

STACK = np.random.default_rng(0).integers(0, 999, (2, 3, 700, 1300)).astype(np.uint16)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("arrays") / "a.ome.tif"
    options: dict[str, Any] = {"channel_names": ["DAPI", "GFP", "RFP"]}
    return write_tiff(STACK, path, axes="tcyx", pixel_size=(0.5, 0.25), unit="µm", **options)


def test_every_level_is_a_lazy_array_of_blocks(path: Path) -> None:
    with open_pyramid(path) as pyramid:
        for number, level in enumerate(pyramid.levels):
            found = pyramid.to_dask(number)
            assert isinstance(found, da.Array)
            assert (found.shape, found.dtype) == (level.shape, level.dtype)
            assert found.chunksize == level.chunks
            sides = zip(found.chunksize[1:3], found.shape[1:3], strict=True)
            assert all(own % 256 == 0 or own == whole for own, whole in sides)
        assert np.array_equal(pyramid.to_dask().compute(), np.moveaxis(STACK, 1, -1))
        part = pyramid.to_dask(1)[1, 30:40, ::7, 2]
        assert np.array_equal(part.compute(), pyramid.levels[1][1, 30:40, ::7, 2])
        assert np.array_equal(pyramid.to_dask(-1).compute(), pyramid.levels[-1])


def test_nothing_is_read_before_it_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []
    pyramid = open_pyramid(STACK[0, 0])
    own = Pyramid.read
    monkeypatch.setattr(Pyramid, "read", lambda *given: read.append(given) or own(*given))
    lazy, labelled = pyramid.to_dask(), pyramid.to_xarray(1)
    assert not read
    assert np.array_equal(lazy[:5, :5].compute(), STACK[0, 0, :5, :5])
    assert labelled.shape == (350, 650)
    assert len(read) == 1


def test_names_sizes_and_channels_become_coordinates(path: Path) -> None:
    with open_pyramid(path) as pyramid:
        for number in (0, 2):
            found = pyramid.to_xarray(number)
            assert isinstance(found.data, da.Array)
            assert found.dims == ("t", "y", "x", "s")
            assert found["s"].values.tolist() == ["DAPI", "GFP", "RFP"]
            assert found["x"].attrs["units"] == found["y"].attrs["units"] == "µm"
            factor = 2**number
            for name, step in (("y", 0.5), ("x", 0.25)):
                first, second = found[name].values[:2]
                assert (first, second - first) == (step * (factor - 1) / 2, step * factor)
        assert np.array_equal(pyramid.to_xarray(), np.moveaxis(STACK, 1, -1))


def test_labelled_data_come_back_with_what_they_say() -> None:
    given = xr.DataArray(
        STACK[:, 0],
        dims=("time", "y", "x"),
        coords={"time": np.array(["2024-01-01", "2024-01-02"], "M8[ns]"),
                "y": ("y", np.linspace(9, 0, 700), {"units": "km"})},
        name="depth",
        attrs={"units": "m"},
    )  # fmt: skip
    found = open_pyramid(given).to_xarray()
    assert found.name == "depth"
    assert found.attrs["units"] == "m"
    assert found["y"].attrs["units"] == "km"
    assert np.array_equal(found["time"].values, given["time"].values)
    assert np.allclose(found["y"], given["y"])
    assert "x" not in found.coords
    assert np.array_equal(found, given)
    assert Picture(found[0]).description == Picture(given[0]).description


def test_without_dask_it_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking() -> Any:
        raise ImportError("a lazy array needs dask")

    monkeypatch.setattr(level_arrays.optional, "import_dask_array", lacking)
    pyramid = open_pyramid(STACK[0, 0])
    assert isinstance(pyramid.to_xarray(3).data, np.ndarray)
    with pytest.raises(ImportError, match="needs dask"):
        pyramid.to_dask()


@pytest.mark.parametrize("level", [99, -99, 1.5, "1", None])
def test_a_level_that_there_is_not_is_told(level: Any) -> None:
    pyramid = open_pyramid(STACK[0, 0])
    for call in (pyramid.to_dask, pyramid.to_xarray):
        with pytest.raises(ValueError, match=r"^level must be 0 to 11, but got"):
            call(level)


def test_a_picture_is_an_array_of_its_pixels() -> None:
    picture = Picture(STACK[0, 0])
    shared = np.asarray(picture)
    assert np.array_equal(shared, picture.pixels)
    assert not shared.flags.writeable
    copied = np.array(picture)
    copied[:] = 0
    assert picture.pixels.any()
    assert np.asarray(picture, np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="must be a copy"):
        picture.__array__(np.float32, copy=False)


@pytest.mark.parametrize("door", [rerange, lambda level: Picture(level).pixels, encode])
def test_a_level_is_shown_as_the_array_that_it_is(path: Path, door: Any) -> None:
    with open_pyramid(STACK[0, 1]) as pyramid:
        for level in pyramid.levels[:3]:
            found, wanted = door(level), door(np.asarray(level))
            assert np.array_equal(found, wanted)


@pytest.mark.parametrize("names", [["GFP"], ["RFP", "DAPI"]])
@pytest.mark.parametrize("apart", [False, True])
def test_channels_are_picked_by_their_names(
    names: list[str], apart: bool, path: Path, tmp_path: Path
) -> None:
    """Those of each pixel, as of the file, and those along an axis of their own."""
    known = ["DAPI", "GFP", "RFP"]
    if apart:
        options: dict[str, Any] = {"channel_names": known, "progress": False}
        path = write_ome_zarr(STACK, tmp_path / "a.zarr", axes="tcyx", **options)
    with open_pyramid(path) as whole:
        assert whole.channels == (1 if apart else 3)
    with open_pyramid(f"{path}[{','.join(names)}]") as pyramid:
        several = len(names) > 1
        assert pyramid.axes == (("t", 2), *[("c" if apart else "s", len(names))] * several)
        box = Box(3, 30, 5, 50)
        for number, name in enumerate(names):
            index = (1, number)[: 1 + several]
            wanted = STACK[1, known.index(name), 3:30, 5:50]
            assert np.array_equal(pyramid.read(0, *box.slices, index=index), wanted)
            stored, missing = pyramid.source.read_stored(0, box, index)
            assert np.array_equal(stored, wanted)
            assert missing is None
