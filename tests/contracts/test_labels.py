"""Labels, numbers of classes or objects, are never averaged: by what is asked, or a file says."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import xarray

from nbimage import open_pyramid, write_dzi, write_ome_zarr, write_tiff
from nbimage.pyramid.levels.overview import Overview
from tests.optional import zarr

LABELS = np.random.default_rng(3).choice(np.array([0, 1, 9, 700], np.uint16), (301, 407))


def check(pyramid: Any) -> None:
    """Compare all levels with every other sample."""
    assert pyramid.labels
    for level in range(len(pyramid.shapes)):
        assert np.array_equal(pyramid.read(level), LABELS[:: 1 << level, :: 1 << level])


def test_labels_of_two_by_two_are_one_of_them() -> None:
    pyramid = open_pyramid(np.array([[1, 9], [9, 1]]), labels=True)
    assert pyramid.read(1).tolist() == [[1]]


@pytest.mark.parametrize("dtype", ["uint8", "int32", "uint64", "bool"])
def test_no_level_of_labels_has_a_value_that_the_image_has_not(dtype: str) -> None:
    array = LABELS.astype(dtype)
    pyramid = open_pyramid(array, labels=True)
    for level in range(len(pyramid.shapes)):
        assert np.array_equal(pyramid.read(level), array[:: 1 << level, :: 1 << level])


def test_a_pickled_pyramid_still_has_labels(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", LABELS, tile=(64, 64))
    with open_pyramid(tmp_path / "a.tif", labels=True) as pyramid:
        check(pickle.loads(pickle.dumps(pyramid)))


def test_the_rough_overview_of_labels_has_no_means(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", LABELS, tile=(64, 64))
    with open_pyramid(tmp_path / "a.tif", labels=True) as pyramid:
        overview = Overview(pyramid, 2, ())
        while overview.work():
            part, _ = overview.read(2, pyramid.grid.inner(2, 0, 0))
            assert np.isin(part, LABELS).all()
        part, rough = overview.read(2, pyramid.grid.inner(2, 0, 0))
        assert not rough and np.array_equal(part, LABELS[::4, ::4][: part.shape[0]])


def test_cached_levels_of_labels_are_not_those_of_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBIMAGE_CACHE", str(tmp_path / "cache"))
    array = np.tile(LABELS, (4, 3))
    tifffile.imwrite(tmp_path / "a.tif", array, tile=(64, 64))
    for labels in (False, True, False, True):
        with open_pyramid(tmp_path / "a.tif", labels=labels, cache=True) as pyramid:
            assert np.array_equal(pyramid.read(1), array[::2, ::2]) == labels


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_written_ome_zarr_has_labels_and_says_so(tmp_path: Path, version: str) -> None:
    path = tmp_path / "a.ome.zarr"
    write_ome_zarr(LABELS, path, labels=True, version=version, chunk_size=64, progress=False)
    attributes = dict(zarr.open(str(path), mode="r").attrs)
    assert "image-label" in attributes.get("ome", attributes)
    with open_pyramid(path) as pyramid:
        assert len(pyramid.native_levels) == 4
        check(pyramid)


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
def test_written_tiff_has_levels_of_labels(tmp_path: Path, name: str) -> None:
    write_tiff(LABELS, tmp_path / name, labels=True, tile_size=64, progress=False)
    with open_pyramid(tmp_path / name, labels=True) as pyramid:
        assert len(pyramid.native_levels) == 4
        check(pyramid)


def test_deep_zoom_of_labels_is_png_of_some_of_the_pixels(tmp_path: Path) -> None:
    bytes_ = (LABELS % 251).astype(np.uint8)
    target = write_dzi(bytes_, tmp_path / "a.dzi", labels=True, progress=False)
    with open_pyramid(target, labels=True) as pyramid:
        assert len(pyramid.native_levels) == len(pyramid.shapes)
        for level in range(len(pyramid.shapes)):
            assert np.array_equal(pyramid.read(level), bytes_[:: 1 << level, :: 1 << level])
    with pytest.raises(ValueError, match='format must be "png" for labels'):
        write_dzi(bytes_, tmp_path / "b.dzi", labels=True, format="jpeg", progress=False)


@pytest.mark.parametrize("attribute", ["flag_values", "flag_masks"])
def test_flags_of_cf_are_labels(tmp_path: Path, attribute: str) -> None:
    data = xarray.DataArray(LABELS, dims=("y", "x"), attrs={attribute: [0, 1, 9, 700]})
    check(open_pyramid(data))
    check(open_pyramid(data.chunk({"y": 100})))
    array = zarr.create_array(str(tmp_path / "a.zarr"), data=LABELS)
    array.attrs[attribute] = [0, 1, 9, 700]
    with open_pyramid(tmp_path / "a.zarr") as pyramid:
        check(pyramid)


def test_what_can_be_no_labels_is_refused() -> None:
    with pytest.raises(TypeError, match="labels must be integers or booleans, but got dtype float"):
        open_pyramid(np.zeros((4, 4)), labels=True)
    with pytest.raises(ValueError, match="labels must have one channel, but got 3"):
        open_pyramid(np.zeros((5, 6, 3), np.uint8), labels=True)
    with pytest.raises(TypeError, match="labels must be True or False"):
        open_pyramid(LABELS, labels=LABELS)  # type: ignore[arg-type]


def _write_halved(path: Path, depth: bool, axis: str = "z") -> np.ndarray[Any, Any]:
    volume = np.random.default_rng(0).integers(0, 255, (5, 64, 80), dtype=np.uint8)
    group = zarr.create_group(str(path))
    datasets = []
    for level in range(3):
        step = 1 << level
        data = volume[:: step if depth else 1, ::step, ::step]
        zarr.create_array(group.store, name=str(level), data=np.ascontiguousarray(data))
        scale = [{"type": "scale", "scale": [float(step), float(step), float(step)]}]
        datasets.append({"path": str(level), "coordinateTransformations": scale})
    kinds = {"z": "space", "t": "time"}
    axes = [{"name": axis, "type": kinds[axis]}]
    axes += [{"name": name, "type": "space"} for name in "yx"]
    image = {"axes": axes, "datasets": datasets, "name": "a"}
    group.attrs["ome"] = {"version": "0.5", "multiscales": [image]}
    return volume


def test_levels_that_are_halved_in_depth_are_used(tmp_path: Path) -> None:
    volume = _write_halved(tmp_path / "a.zarr", depth=True)
    with open_pyramid(tmp_path / "a.zarr") as pyramid:
        assert pyramid.axes == (("z", 5),) and pyramid.native_levels == (0, 1, 2)
        for z in range(5):
            for level in range(3):
                step = 1 << level
                found = pyramid.read(level, index=(z,))
                assert np.array_equal(found, volume[z // step * step, ::step, ::step])
        assert "fewer planes" in pyramid.metadata.note


def test_levels_of_fewer_times_are_not_used(tmp_path: Path) -> None:
    _write_halved(tmp_path / "a.zarr", depth=True, axis="t")
    with open_pyramid(tmp_path / "a.zarr") as pyramid:
        assert pyramid.native_levels == (0,)
