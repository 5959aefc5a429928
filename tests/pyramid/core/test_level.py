"""A level is an array to whatever takes arrays, and reads what it is indexed with."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import basic_indices

from nbimage import Picture
from nbimage.base.box import Box
from nbimage.pyramid.core.arrays.level import Level
from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.open import open_pyramid

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(8)
SHAPES: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "gray": ((33, 47), {}),
    "colors": ((33, 47, 3), {}),
    "planes": ((4, 33, 47), {"axes": "zyx"}),
    "planes of colors": ((2, 4, 33, 47, 3), {"axes": "tzyxc", "channel_axis": -1}),
}
ARRAYS = {
    name: RANDOM.integers(0, 256, shape, dtype=np.uint8) for name, (shape, _) in SHAPES.items()
}


def level_of(name: str, number: int = 0) -> Level:
    return open_pyramid(ARRAYS[name], **SHAPES[name][1]).levels[number]


@pytest.mark.parametrize("name", SHAPES)
@given(data=st.data())
def test_any_part_is_what_numpy_gives(name: str, data: st.DataObject) -> None:
    array = ARRAYS[name]
    index = data.draw(basic_indices(array.shape, allow_newaxis=True, allow_ellipsis=True))
    found, expected = level_of(name)[index], array[index]
    assert np.array_equal(found, expected) and np.shape(found) == np.shape(expected)
    assert found.dtype == expected.dtype


@pytest.mark.parametrize(
    "index",
    [[5, 0, -1, 5], (slice(None), [3, 1]), (2, [4, 4, 0]), ([1, 0], 7), np.zeros((2, 3), int), [],
     np.arange(33) % 2 == 0, np.s_[::-7, 3::11], np.s_[..., -1], np.s_[31:2:-9, None, 46:-48:-1]],
    ids=str,
)  # fmt: skip
def test_arrays_of_integers_and_booleans_pick_as_numpy_does(index: Any) -> None:
    expected = ARRAYS["gray"][index]
    found = level_of("gray")[index]
    assert np.array_equal(found, expected) and found.shape == expected.shape


@pytest.mark.parametrize(
    ("index", "words"),
    [(33, r"index 33 must lie within axis 0 of a level of shape \(33, 47\)"),
     ((0, -48), "index -48 must lie within axis 1"), ([0, 33], "must lie within axis 0"),
     ((0, 0, 0), "at most 2 parts"), ((..., ...), "one Ellipsis"), (1.5, "integers, slices"),
     ("a", "integers, slices"), (True, "integers, slices"), ([1.5], "must be integers")],
    ids=str,
)  # fmt: skip
def test_what_is_no_index_is_said_in_one_line(index: Any, words: str) -> None:
    with pytest.raises(IndexError, match=words):
        level_of("gray")[index]


@pytest.mark.parametrize("name", SHAPES)
def test_a_level_says_what_it_is(name: str) -> None:
    array, level = ARRAYS[name], level_of(name)
    assert (level.shape, level.dtype, level.ndim) == (array.shape, array.dtype, array.ndim)
    assert (level.size, level.nbytes, len(level)) == (array.size, array.nbytes, len(array))
    assert len(level.axes) == len(level.chunks) == level.ndim
    assert np.array_equal(pickle.loads(pickle.dumps(level)), array)
    assert np.array_equal([*level], array)


def test_levels_are_halves_down_to_one_pixel_and_as_arrays_are_whole() -> None:
    pyramid = open_pyramid(ARRAYS["colors"])
    expected = ARRAYS["colors"]
    assert len(pyramid.levels) == len(pyramid.shapes) == 7
    for level, shape in zip(pyramid.levels, pyramid.shapes, strict=True):
        assert level.shape == (*shape, 3)
        assert np.array_equal(np.asarray(level), expected)
        expected = halve(expected)
    assert np.array_equal(np.asarray(pyramid), ARRAYS["colors"])
    assert np.asarray(pyramid, np.float32).dtype == np.float32
    mine = np.array(pyramid)
    mine[:] = 0
    assert ARRAYS["colors"].any()


def test_what_is_too_large_for_an_array_says_how_large_it_is_and_the_way_out() -> None:
    pyramid = open_pyramid(np.broadcast_to(np.uint16(1), (3, 40_000, 30_000)), axes="zyx")
    words = r"takes 6\.7 GiB as an array, more than 2 GiB: .* pyramid\.levels\[0\]\[\.\.\., :1000"
    for each in (pyramid, pyramid.levels[0]):
        with pytest.raises(MemoryError, match=words):
            np.asarray(each)
    assert np.asarray(pyramid.levels[6]).shape == (3, 625, 469)


class Blocks(Source):
    """An array in blocks that remembers what was read."""

    def __init__(self, array: Array, block: tuple[int, int]) -> None:
        super().__init__(shapes=(array.shape,), dtype=array.dtype, blocks=(block,))
        self.array, self.reads = array, 0

    def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
        part = self.array[box.slices]
        self.reads += part.size
        return part


def test_chunks_are_whole_blocks_and_steps_read_no_more_than_the_blocks_in_which_they_lie() -> None:
    source = Blocks(np.broadcast_to(np.uint8(1), (50_000, 40_000)), (300, 700))
    level = Pyramid(source).levels[0]
    assert level.chunks == (900, 700)
    assert level[::10_000, ::20_000].shape == (5, 2)
    assert source.reads <= 5 * 2
    source.reads = 0
    assert level[100:49_000:7000, 5].shape == (7,)
    assert source.reads == 7


@pytest.mark.parametrize("name", SHAPES)
def test_dask_takes_levels_as_they_are(name: str) -> None:
    import dask.array

    for level in open_pyramid(ARRAYS[name], **SHAPES[name][1]).levels[:2]:
        lazy = dask.array.from_array(level, chunks=level.chunks)
        expected = np.asarray(level)
        assert np.array_equal(lazy.compute(scheduler="synchronous"), expected)
        picked = lazy[..., ::3, :][..., [2, 0], :] if level.ndim > 2 else lazy[::3][[2, 0]]
        wanted = expected[..., ::3, :][..., [2, 0], :] if level.ndim > 2 else expected[::3][[2, 0]]
        assert np.array_equal(picked.compute(scheduler="synchronous"), wanted)
        assert np.array_equal(lazy.mean().compute(scheduler="synchronous"), expected.mean())


def test_a_level_is_opened_as_a_lazy_array() -> None:
    source = Blocks(RANDOM.integers(0, 9, (600, 700)).astype(np.uint8), (100, 100))
    level = Pyramid(source).levels[1]
    again = open_pyramid(level)
    assert source.reads == 0 and again.shapes[0] == (300, 350)
    assert np.array_equal(again.read(0), level)
    stack = open_pyramid(level_of("planes of colors"))
    assert stack.axes == (("t", 2), ("z", 4)) and stack.channels == 3
    assert np.array_equal(stack.read(0, index=(1, 2)), ARRAYS["planes of colors"][1, 2])


def test_matplotlib_draws_a_level() -> None:
    from matplotlib.figure import Figure

    image = Figure().subplots().imshow(level_of("colors", 1))
    assert np.array_equal(image.get_array(), halve(ARRAYS["colors"]))


@pytest.mark.parametrize("count", [3, 4])
def test_bands_that_are_no_colors_are_none_as_a_level_either(count: int, tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    bands = RANDOM.integers(0, 4000, (count, 24, 37), dtype=np.uint16)
    names = "".join(
        f'<Item name="DESCRIPTION" sample="{k}" role="description">{name}</Item>'
        for k, name in enumerate(("blue", "green", "nir", "swir")[:count])
    )
    tags = [(42112, "s", 0, f"<GDALMetadata>{names}</GDALMetadata>", True)]
    options = {"photometric": "minisblack", "planarconfig": "separate", "metadata": None}
    tifffile.imwrite(tmp_path / "a.tif", bands, extratags=tags, **options)
    with open_pyramid(tmp_path / "a.tif") as pyramid:
        level = pyramid.levels[0]
        assert level.axes == ("c", "y", "x")
        shown = Picture(pyramid).render()
        for data in (level, pyramid.to_xarray(), tmp_path / "a.tif"):
            np.testing.assert_array_equal(Picture(data).render(), shown)
