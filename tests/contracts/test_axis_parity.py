"""Every shape of the table of `axis_order` is read alike: embedded and in tiles, from memory and
from files, and by each verb.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, quilt
from nbimage.base.chunked import Array
from nbimage.mapping.frames import as_frames
from nbimage.mapping.value_scale import ValueScale
from nbimage.view.explorer import View
from nbimage.view.model.open_image import open_stack
from nbimage.view.model.stack import EmbeddedStack, on_host
from nbimage.view.model.tiled_image import TiledStack
from tests.arrays.test_axis_order import TABLE, Row, name
from tests.optional import zarr

xarray = pytest.importorskip("xarray")
tifffile = pytest.importorskip("tifffile")


@pytest.fixture(autouse=True)
def _silent() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ambiguous shapes: see test_axis_order
        yield


def samples(row: Row) -> Array:
    """Return samples that differ from one another."""
    size = int(np.prod(row.shape))
    return (np.arange(size, dtype=np.uint32) * 2654435761 >> 16).astype(np.uint8).reshape(row.shape)


def in_memory(row: Row, folder: Path) -> Any:
    array = samples(row)
    return array if row.names is None else xarray.DataArray(array, dims=row.names)


def as_npy(row: Row, folder: Path) -> Any:
    np.save(folder / "a.npy", samples(row))
    return folder / "a.npy"


def as_zarr(row: Row, folder: Path) -> Any:
    array = samples(row)
    path = folder / "a.zarr"
    made = zarr.create_array(path, shape=row.shape, dtype=array.dtype, dimension_names=row.names)
    made[...] = array
    return path


def as_zarr_array(row: Row, folder: Path) -> Any:
    return zarr.open(as_zarr(row, folder), mode="r")


def as_tiff(row: Row, folder: Path) -> Any:
    options: dict[str, Any] = {"photometric": "minisblack"}
    if row.channels is not None and row.shape[row.channels] > 1:
        last = row.channels == len(row.shape) - 1
        options = {"photometric": "rgb", "planarconfig": "contig" if last else "separate"}
        if row.shape[row.channels] == 4:
            options["extrasamples"] = ["unassalpha"]
    tifffile.imwrite(folder / "a.tif", samples(row), **options)
    return folder / "a.tif"


SOURCES: list[Callable[[Row, Path], Any]] = [in_memory, as_npy, as_zarr, as_zarr_array, as_tiff]


def can_hold(source: Callable[[Row, Path], Any], row: Row) -> bool:
    """Say whether a source can say of a row what it is: .npy has no names, TIFF its own axes."""
    if source is as_npy:
        return row.names is None
    return source is not as_tiff or (row.names is None and row.shape[:2] != (64, 5))


def every_source(rows: list[Row]) -> pytest.MarkDecorator:
    """Run a test on all sources of each row."""
    pairs = [
        pytest.param(row, source, id=f"{name(row)}-{source.__name__}")
        for row in rows
        for source in SOURCES
        if can_hold(source, row)
    ]
    return pytest.mark.parametrize(("row", "source"), pairs)


def expected(row: Row) -> Array:
    """Return all planes: the further axes, rows, columns, and channels if there are several."""
    array = samples(row)
    kept = [a for a in range(array.ndim) if a not in {row.channels, *row.further, *row.dropped}]
    last = [] if row.channels is None else [row.channels]
    array = array.transpose([*row.dropped, *row.further, *kept, *last])
    array = array.reshape(array.shape[len(row.dropped) :])
    return array[..., 0] if last and array.shape[-1] == 1 else array


@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
@every_source(TABLE)
def test_a_view_reads_it_so(
    row: Row, source: Callable[[Row, Path], Any], embed: bool, tmp_path: Path
) -> None:
    whole = expected(row)
    stack = open_stack(source(row, tmp_path), None, None, None, embed)
    assert isinstance(stack, EmbeddedStack if embed else TiledStack)
    assert stack.sizes == tuple(row.shape[axis] for axis in row.further)
    sides = whole.shape[len(row.further) :]
    assert (stack.rows, stack.columns, stack.channels) == (*sides[:2], (*sides, 1)[2])
    for index in np.ndindex(stack.sizes):
        plane, mask = on_host(stack.plane(index), stack.channel_axis)
        assert mask is None
        np.testing.assert_array_equal(plane.reshape(sides), whole[index])


@pytest.mark.parametrize(
    ("shape", "axes"), [((3, 20, 30), None), ((4, 20, 30), "CYX"), ((2, 3, 20, 30), "TCYX")]
)
@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
def test_the_gray_pages_of_a_tiff_are_planes(
    shape: tuple[int, ...], axes: str | None, embed: bool, tmp_path: Path
) -> None:
    whole = np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)
    path = tmp_path / ("a.ome.tif" if axes else "a.tif")
    options: dict[str, Any] = {"ome": True, "metadata": {"axes": axes}} if axes else {}
    tifffile.imwrite(path, whole, photometric="minisblack", **options)
    stack = open_stack(path, None, None, None, embed)
    assert (stack.sizes, stack.channels) == (shape[:-2], 1)
    for index in np.ndindex(stack.sizes):
        plane, _ = on_host(stack.plane(index), stack.channel_axis)
        np.testing.assert_array_equal(plane.reshape(20, 30), whole[index])


@pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
def test_the_channels_of_a_file_that_are_laid_over_one_another(embed: bool, tmp_path: Path) -> None:
    whole = np.arange(2 * 3 * 20 * 30, dtype=np.uint16).reshape(2, 3, 20, 30)
    np.save(tmp_path / "a.npy", whole)
    stack = open_stack(tmp_path / "a.npy", None, 1, 3, embed)
    assert (stack.sizes, stack.channels) == ((2,), 3)
    plane, _ = on_host(stack.plane((1,)), stack.channel_axis)
    np.testing.assert_array_equal(plane, whole[1].transpose(1, 2, 0))


@pytest.mark.parametrize("row", TABLE, ids=name)
def test_the_page_is_told_the_same_of_an_array_in_memory(row: Row, tmp_path: Path) -> None:
    embedded, tiled = (
        View(in_memory(row, tmp_path), 0, 255, embed=embed).model.config for embed in (True, False)
    )
    for key in ("axes", "order", "layout"):
        assert embedded[key] == tiled[key], key
    for key in ("rows", "columns", "channels", "kind", "lower", "x", "y", "label", "unit"):
        assert embedded["images"][0][key] == tiled["images"][0][key], key


@every_source([row for row in TABLE if not row.further])
def test_a_picture_reads_it_so(
    row: Row, source: Callable[[Row, Path], Any], tmp_path: Path
) -> None:
    picture = Picture(source(row, tmp_path))
    np.testing.assert_array_equal(picture.pixels, expected(row))


def stacks_of(most: int) -> list[Row]:
    """Return what verbs of stacks take without a word: four axes and more, or three of gray."""
    return [
        row
        for row in TABLE
        if 1 <= len(row.further) <= most and (row.names is None or "c" not in row.names)
    ]


@pytest.mark.parametrize("row", stacks_of(1), ids=name)
def test_a_video_reads_it_so(row: Row, tmp_path: Path) -> None:
    found = as_frames(in_memory(row, tmp_path), ValueScale.of(0, 255))
    whole = expected(row)
    assert found.count == row.shape[row.further[0]]
    for frame, plane in zip(found.pixels(), whole, strict=True):
        np.testing.assert_array_equal(frame, plane)


@pytest.mark.parametrize("row", stacks_of(2), ids=name)
def test_a_grid_reads_it_so(row: Row, tmp_path: Path) -> None:
    grid = Grid(in_memory(row, tmp_path))
    whole = expected(row)
    whole = whole.reshape(-1, *whole.shape[len(row.further) :])
    shown = [picture for picture in grid.pictures if isinstance(picture, Picture)]
    assert len(shown) == len(whole)
    for picture, plane in zip(shown, whole, strict=True):
        np.testing.assert_array_equal(picture.pixels, plane)


def has_images_last(row: Row) -> bool:
    """Say whether a quilt's images are the last axes, as it takes them."""
    return row.further == tuple(range(len(row.further))) or len(row.dropped) > 0


@pytest.mark.parametrize("row", list(filter(has_images_last, stacks_of(9))), ids=name)
def test_a_quilt_reads_it_so(row: Row, tmp_path: Path) -> None:
    data = quilt(in_memory(row, tmp_path), max_x=1)
    whole = expected(row)
    first = row.channels is not None and row.channels == len(row.shape) - 3
    if whole.ndim - len(row.further) == 3 and first:
        data = np.moveaxis(data, 0, -1)
    count = len(row.further)
    tall = whole.reshape(-1, *whole.shape[count + 1 :]) if count == 1 else whole
    np.testing.assert_array_equal(
        data.reshape(-1, *whole.shape[count + 1 :]),
        tall.reshape(-1, *whole.shape[count + 1 :]),
    )
