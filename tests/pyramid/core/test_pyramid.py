"""Any part of any level is what halving the whole array gives, however it is read."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nbimage import write_dzi
from nbimage.base.box import Box
from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.open import open_pyramid
from tests.memory import traced

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(5)
GRAY = RANDOM.integers(0, 65536, (423, 610), dtype=np.uint16)


def levels_of(array: Array) -> list[Array]:
    """All levels by their definition, the whole image first."""
    levels = [array]
    while max(levels[-1].shape[:2]) > 1:
        levels.append(halve(levels[-1]))
    return levels


class Counted(Source):
    """An array of several levels that remembers what was read."""

    def __init__(self, levels: Sequence[Array]) -> None:
        super().__init__(shapes=tuple(level.shape[:2] for level in levels), dtype=levels[0].dtype)
        self.levels = levels
        self.reads: list[tuple[int, int]] = []

    def read(self, index: int, box: Box, plane: Any = ()) -> Array:
        part = self.levels[index][box.top : box.bottom, box.left : box.right]
        assert part.shape == (box.bottom - box.top, box.right - box.left), "beyond the level"
        self.reads.append((index, part.size))
        return part


class Blocked(Counted):
    """An array in blocks, of which each that a read lies in is decoded."""

    def __init__(self, levels: Sequence[Array], block: tuple[int, int]) -> None:
        super().__init__(levels)
        self.blocks = (block,) * len(levels)
        self.decoded: Counter[tuple[int, int, int]] = Counter()

    def read(self, index: int, box: Box, plane: Any = ()) -> Array:
        high, wide = self.blocks[index]
        for row in range(box.top // high, -(-box.bottom // high)):
            for column in range(box.left // wide, -(-box.right // wide)):
                self.decoded[index, row, column] += 1
        return super().read(index, box, plane)


@given(st.data())
def test_any_part_of_any_level_is_that_of_the_halved_array(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 70), st.integers(1, 70)))
    array = RANDOM.integers(0, 256, shape, dtype=np.uint8)
    levels = levels_of(array)
    pyramid = open_pyramid(array)
    assert pyramid.shapes == tuple(level.shape for level in levels)
    level = data.draw(st.integers(0, len(pyramid.shapes) - 1))
    rows, columns = (
        slice(*sorted(data.draw(st.tuples(st.integers(0, n), st.integers(0, n)))))
        for n in levels[level].shape
    )
    assert np.array_equal(pyramid.read(level, rows, columns), levels[level][rows, columns])


@pytest.mark.parametrize("dtype", ["?", "u1", "i2", "u4", "i8", "f2", "f4", "f8", ">u2", ">f4"])
@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_every_dtype_stays_what_it_is_in_every_level(dtype: str, channels: tuple[int]) -> None:
    whole = RANDOM.integers(0, 2 if dtype == "?" else 100, (61, 90, *channels))
    array = (whole / 8 if "f" in dtype else whole).astype(dtype)
    native = array.astype(np.dtype(dtype).newbyteorder("="))
    pyramid = open_pyramid(array, axes="yxs" if channels else None)
    for level, expected in enumerate(levels_of(native)):
        found = pyramid.read(level)
        assert found.dtype == expected.dtype and found.dtype.isnative
        assert np.array_equal(found, expected)


def test_parts_are_the_same_when_blocks_are_cut_small() -> None:
    array = GRAY[:151, :207]
    expected = levels_of(array)
    for at_once, kept in ((1, 0), (100, 0), (5000, 64), (1 << 22, 1 << 20)):
        source = open_pyramid(array).source
        pyramid = Pyramid(source, max_samples=at_once, small_level=kept)
        for level in range(len(pyramid.shapes)) if at_once > 1 else [8, 5, 2]:
            part = slice(5, 9), slice(1, 99)
            assert np.array_equal(pyramid.read(level), expected[level])
            assert np.array_equal(pyramid.read(level, *part), expected[level][part])


def test_blocks_of_levels_that_are_made_are_halved_with_them() -> None:
    pyramid = Pyramid(Blocked([GRAY], (64, 16)))
    found = [pyramid.block(level) for level in range(len(pyramid.shapes))]
    assert found[:7] == [(64, 16), (32, 8), (16, 4), (8, 2), (4, 1), (2, 1), (1, 1)]
    two = Pyramid(Blocked([GRAY, halve(GRAY)], (64, 16)))
    assert [two.block(level) for level in range(3)] == [(64, 16), (64, 16), (32, 8)]


def test_tiles_have_their_overlap() -> None:
    pyramid = open_pyramid(GRAY, tile_size=100, overlap=3)
    assert np.array_equal(pyramid.tile(0, 1, 2), GRAY[197:303, 97:203])
    assert np.array_equal(pyramid.tile(0, 0, 4), GRAY[397:423, 0:103])
    with pytest.raises(ValueError, match="7 columns and 5 rows, but got column 7, row 0"):
        pyramid.tile(0, 7, 0)


def test_a_pyramid_is_taken_with_other_tiles() -> None:
    pyramid = open_pyramid(open_pyramid(GRAY), tile_size=50, overlap=0)
    assert np.array_equal(pyramid.tile(0, 1, 2), GRAY[100:150, 50:100])


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"axes": "yx"}, "axes and channel_axis"),
        ({"channel_axis": 0}, "axes and channel_axis"),
        ({"orientation": False}, "orientation"),
        ({"labels": True}, "labels"),
        ({"storage_options": {"anon": True}}, "storage_options"),
        ({"cache": True}, "cache"),
    ],
)
def test_what_says_how_to_open_a_source_is_refused_for_an_open_pyramid(
    options: Any, name: str
) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be left out of a pyramid"):
        open_pyramid(open_pyramid(GRAY), **options)
    open_pyramid(open_pyramid(GRAY), labels=False, storage_options={}, cache=False)


def test_levels_of_the_source_are_taken_as_they_are_and_others_made_of_the_next() -> None:
    second = halve(halve(GRAY)) // 2
    source = Counted([GRAY, second, RANDOM.integers(0, 9, (50, 50), dtype=np.uint16)])
    pyramid = Pyramid(source)
    assert pyramid.native_levels == (0, 2)
    assert np.array_equal(pyramid.read(1), halve(GRAY))
    assert np.array_equal(pyramid.read(2), second)
    source.reads.clear()
    assert np.array_equal(pyramid.read(4), halve(halve(second)))
    assert {index for index, _ in source.reads} == {1}


def test_a_level_that_was_rounded_down_is_read_with_its_last_row_and_column_again() -> None:
    array = GRAY[:401, :607]
    lower = halve(array)[:200, :303]
    pyramid = Pyramid(Counted([array, lower]))
    assert pyramid.native_levels == (0, 1)
    expected = np.pad(lower, ((0, 1), (0, 1)), mode="edge")
    assert np.array_equal(pyramid.read(1), expected)
    assert np.array_equal(pyramid.read(1, slice(200, 201), slice(300, 304)), expected[200:, 300:])


def test_small_levels_are_made_once() -> None:
    source = Counted([GRAY])
    pyramid = Pyramid(source)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda level: pyramid.read(level), [*range(2, 11)] * 4))
    assert all(np.array_equal(a, b) for a, b in zip(made, levels_of(GRAY)[2:] * 4, strict=True))
    assert sum(size for _, size in source.reads) <= GRAY.size


def test_making_a_level_takes_bounded_memory() -> None:
    import dask.array

    array = dask.array.zeros((12_000, 12_000), chunks=2000, dtype=np.uint16)
    pyramid = open_pyramid(array)
    pyramid.read(12)  # what is imported at first use
    with traced() as memory:
        pyramid.read(3, slice(0, 800), slice(0, 800))
    assert memory.peak < 60_000_000 < 2 * 6400**2


@given(st.data())
def test_blocks_of_any_size_give_any_part_of_any_level(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 150), st.integers(1, 150)))
    block = data.draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
    limits = {
        "max_samples": data.draw(st.integers(1, 5000)),
        "small_level": data.draw(st.sampled_from([0, 200])),
        "cache_bytes": data.draw(st.sampled_from([100, 10_000])),
    }
    array = RANDOM.integers(0, 256, shape, dtype=np.uint8)
    levels = levels_of(array)
    own = [array]
    if data.draw(st.booleans()) and len(levels) > 2:  # a level that was rounded down
        own.append(levels[2][: max(1, shape[0] >> 2), : max(1, shape[1] >> 2)])
        levels[2] = np.pad(
            own[1],
            [(0, a - b) for a, b in zip(levels[2].shape, own[1].shape, strict=True)],
            mode="edge",
        )
        levels[2:] = levels_of(levels[2])
    pyramid = Pyramid(Blocked(own, block), **limits)
    for _ in range(3):
        level = data.draw(st.integers(0, len(pyramid.shapes) - 1))
        rows, columns = (
            slice(*sorted(data.draw(st.tuples(st.integers(0, n), st.integers(0, n)))))
            for n in levels[level].shape
        )
        assert np.array_equal(pyramid.read(level, rows, columns), levels[level][rows, columns])


@pytest.mark.parametrize("block", [(64, 64), (50, 50), (60, 36), (5, 610), (423, 610), (1, 1)])
def test_each_block_is_decoded_once_to_make_a_level(block: tuple[int, int]) -> None:
    for level in range(1, 8):
        source = Blocked([GRAY], block)
        pyramid = Pyramid(source, max_samples=1 << 13, small_level=0)
        assert np.array_equal(pyramid.read(level), levels_of(GRAY)[level])
        assert set(source.decoded.values()) == {1}


def test_blocks_that_cant_be_halved_are_decoded_twice_at_most() -> None:
    four = 4 * 63 * 63 * 2  # bytes of four blocks
    for level in range(1, 6):
        source = Blocked([GRAY], (63, 63))
        pyramid = Pyramid(source, max_samples=1 << 12, small_level=0, cache_bytes=four)
        assert np.array_equal(pyramid.read(level), levels_of(GRAY)[level])
        assert max(source.decoded.values()) <= 2


def test_all_tiles_of_a_block_decode_it_once() -> None:
    source = Blocked([GRAY], (256, 256))
    pyramid = Pyramid(source, tile_size=32, max_samples=1 << 16, small_level=0)
    down, across = pyramid.grid.tiles(1)
    for row in range(down):
        for column in range(across):
            box = pyramid.grid.bounds(1, column, row)
            assert np.array_equal(pyramid.tile(1, column, row), levels_of(GRAY)[1][box.slices])
    assert set(source.decoded.values()) == {1}


def test_planes_are_told_by_their_index() -> None:
    stack = RANDOM.integers(0, 256, (2, 5, 40, 50), dtype=np.uint8)
    pyramid = open_pyramid(stack, axes="tzyx")
    assert pyramid.axes == (("t", 2), ("z", 5)) and pyramid.channels == 1
    assert np.array_equal(pyramid.read(0, index=(1, 3)), stack[1, 3])
    assert np.array_equal(pyramid.read(0), stack[0, 0])
    for level, expected in enumerate(levels_of(stack[1, 4])):
        assert np.array_equal(pyramid.read(level, index=(1, 4)), expected)
    with pytest.raises(ValueError, match=r"index must have one number for each of \('t', 'z'\)"):
        pyramid.read(0, index=(1,))
    with pytest.raises(ValueError, match="index must be 0 to 4 along z, but got 5"):
        pyramid.read(0, index=(1, 5))
    with pytest.raises(TypeError, match=r"index must be a tuple, one number for each of .*: 3"):
        pyramid.read(0, index=3)
    with pytest.raises(TypeError, match="index must be a tuple"):
        pyramid.read(0, index={"t": 0, "z": 1})
    with pytest.raises(TypeError, match=r"index must be whole numbers, but got 1\.5 along z"):
        pyramid.read(0, index=(0, 1.5))


@pytest.mark.parametrize(
    ("axes", "order"), [("yxc", (0, 1, 2)), ("cyx", (2, 0, 1)), ("xcy", (1, 2, 0))]
)
def test_channels_come_last_wherever_they_are(axes: str, order: tuple[int, ...]) -> None:
    colors = RANDOM.integers(0, 256, (40, 50, 3), dtype=np.uint8)
    pyramid = open_pyramid(colors.transpose(order), axes=axes)
    assert pyramid.channels == 3
    for level, expected in enumerate(levels_of(colors)):
        assert np.array_equal(pyramid.read(level), expected)


def test_a_stack_without_names_is_one_of_gray_pictures() -> None:
    pyramid = open_pyramid(np.zeros((7, 30, 40)))
    assert pyramid.axes == (("axis 0", 7),)
    assert open_pyramid(np.zeros((3, 30, 40))).channels == 3
    assert open_pyramid(np.zeros((30, 40, 2)), channel_axis=-1).channels == 2


def test_missing_values_are_nan_and_left_out_of_means() -> None:
    array = np.ma.masked_equal(np.array([[1, 2], [3, 99]], np.uint8), 99)
    pyramid = open_pyramid(array)
    assert pyramid.dtype == np.float32
    assert np.array_equal(pyramid.read(0), [[1, 2], [3, np.nan]], equal_nan=True)
    assert pyramid.read(1) == 2


def test_exact_limits_are_those_of_all_samples_and_estimates_lie_within() -> None:
    array = RANDOM.normal(size=(3, 700, 800)).astype(np.float32)
    array[2, 650, 3], array[1, 2, 3], array[0, 0, 0] = -50, np.nan, np.inf
    pyramid = open_pyramid(array, axes="zyx")
    finite = array[np.isfinite(array)]
    assert pyramid.limits(exact=True) == (finite.min(), finite.max())
    low, high = pyramid.limits()
    assert finite.min() <= low < high <= finite.max()
    with pytest.raises(ValueError, match="finite samples, but there are none"):
        open_pyramid(np.full((2, 2), np.nan)).limits()


def test_estimated_limits_look_at_a_small_part_only() -> None:
    large = np.broadcast_to(np.arange(40_000, dtype=np.float32), (40_000, 40_000))
    source = Counted([large])
    Pyramid(source).limits()
    assert 0 < sum(size for _, size in source.reads) <= 1 << 23


def test_estimated_limits_take_no_memory_by_the_number_of_blocks_or_planes() -> None:
    blocks = Counted([np.broadcast_to(np.uint8(3), (1 << 18, 1 << 18))])
    blocks.blocks = ((256, 256),)
    planes = Counted([np.zeros((4, 4), np.uint8)])
    planes.axes = tuple((f"a{number}", 3) for number in range(12))
    for source in (blocks, planes):
        with traced() as memory:
            Pyramid(source).limits()
        assert memory.peak < 10_000_000


def test_estimated_limits_come_from_each_end_of_each_axis() -> None:
    stack = np.zeros((5, 4, 30, 40), np.uint8)
    stack[0, 0], stack[4, 3] = 1, 9
    assert open_pyramid(stack, axes="tzyx").limits() == (0, 9)


def test_a_huge_lazy_array_is_opened_without_computing() -> None:
    import dask.array

    def computed(block: Array) -> Array:
        raise AssertionError("computed")

    lazy = dask.array.zeros((100_000, 100_000), chunks=4000, dtype=np.uint8)
    pyramid = open_pyramid(lazy.map_blocks(computed, dtype=np.uint8))
    assert len(pyramid.shapes) == 18 and pyramid.shapes[0] == (100_000, 100_000)
    repr(pyramid.levels)
    repr(pyramid)


def test_many_threads_read_the_same_as_one() -> None:
    expected = levels_of(GRAY)
    pyramid = open_pyramid(GRAY)
    tasks = [
        (level, slice(a, a + 40), slice(b, b + 50))
        for level in range(11)
        for a, b in RANDOM.integers(0, 400, (30, 2)).tolist()
    ]
    with ThreadPoolExecutor(16) as pool:
        parts = list(pool.map(lambda task: pyramid.read(*task), tasks))
    for (level, rows, columns), part in zip(tasks, parts, strict=True):
        assert np.array_equal(part, expected[level][rows, columns])


def test_the_callers_array_can_not_be_written_through_what_was_read() -> None:
    array = np.zeros((10, 10), np.uint8)
    with pytest.raises(ValueError, match="read-only"):
        open_pyramid(array).read(0)[:] = 1
    assert array.flags.writeable and not array.any()


def test_a_pyramid_pickles_and_closes() -> None:
    pyramid = open_pyramid(GRAY)
    pyramid.read(3)
    again = pickle.loads(pickle.dumps(pyramid))
    assert np.array_equal(again.read(3), pyramid.read(3))
    with pyramid:
        level = pyramid.levels[2]
    with pytest.raises(ValueError, match="the pyramid is closed"):
        pyramid.read(0)
    with pytest.raises(ValueError, match="the pyramid is closed"):
        level[0, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((11,), "level must be 0 to 10, but got 11"),
        ((-1,), "level must be 0 to 10, but got -1"),
        ((3, slice(0, 9, 2)), "rows must be a slice without a step"),
        ((3, slice(None), 4), "columns must be a slice, but got 4"),
    ],
)
def test_what_can_not_be_read_is_said_in_one_line(arguments: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message) as raised:
        open_pyramid(GRAY).read(*arguments)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (np.zeros(4), {}, "at least 2 axes"),
        (np.zeros((0, 4)), {}, "are empty"),
        (np.zeros((4, 4), complex), {}, "must be real"),
        (np.array([["a", "b"]]), {}, "numbers"),
        (GRAY, {"axes": "tyx"}, "axes must name each of the 2 axes"),
        (GRAY, {"axes": "ab"}, 'must hold "y" and "x"'),
        (np.zeros((9, 4, 4)), {"channel_axis": 0}, "channels must be 1 to 8"),
        (GRAY, {"tile_size": 0}, "tile_size must be 1 to 65536"),
        (np.broadcast_to(np.uint8(0), (4, 2**31 + 1)), {}, r"at most 2\^31 rows"),
        ("nowhere.tif", {}, "no such file or folder"),
    ],
)
def test_what_can_not_be_opened_is_said_in_one_line(
    source: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises((TypeError, ValueError, FileNotFoundError), match=message) as raised:
        open_pyramid(source, **options)
    assert "\n" not in str(raised.value)


def test_what_is_closed_opens_no_other_pyramid() -> None:
    pyramid = open_pyramid(np.zeros((5, 40, 50)))
    pyramid.close()
    with pytest.raises(ValueError, match="the pyramid is closed"):
        open_pyramid(pyramid)


@pytest.mark.parametrize(
    ("samples", "right", "wrong"),
    [
        (np.zeros((6, 7), np.uint8), ["yx", ("Y", "x")], ["xy", "tyx", "zz", "y"]),
        (np.zeros((6, 7, 3), np.uint8), ["yxc", "yxs"], ["yx", "tyx", "cyx", "xyc"]),
    ],
)
def test_axes_that_a_picture_does_not_have_are_refused(
    tmp_path: Path, samples: np.ndarray, right: list[Any], wrong: list[Any]
) -> None:
    Image.fromarray(samples).save(tmp_path / "x.png")
    write_dzi(samples, tmp_path / "x.dzi", format="png")
    for name in ("x.png", "x.dzi"):
        for axes in right:
            assert open_pyramid(tmp_path / name, axes=axes).shapes[0] == (6, 7)
        for axes in wrong:
            with pytest.raises(ValueError, match=r"^axes must be left out of a file of rows"):
                open_pyramid(tmp_path / name, axes=axes)
        if samples.ndim == 3:
            with pytest.raises(ValueError, match=r"^channel_axis must be left out of a file"):
                open_pyramid(tmp_path / name, channel_axis=0)
