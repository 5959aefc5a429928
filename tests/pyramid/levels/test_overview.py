"""An overview of what has no small levels is soon there, and at last is what halving gives."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nbimage.base.box import Box
from nbimage.pyramid.core.block_reader import BlockReader
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.levels.background_overviews import Overviews
from nbimage.pyramid.levels.overview import Overview
from nbimage.pyramid.levels.reading_order import cut_in_blocks, nearest, spread_out
from nbimage.pyramid.open import open_pyramid
from tests.memory import traced

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(8)


class Blocks(Source):
    """An array in blocks that counts how often samples are read; ``before`` may wait or fail."""

    def __init__(
        self,
        array: Array,
        block: tuple[int, int],
        before: Callable[[Box], object] = lambda box: None,
        further: tuple[tuple[str, int], ...] = (),
    ) -> None:
        first = len(further)
        super().__init__(
            shapes=(array.shape[first : first + 2],),
            dtype=array.dtype,
            channels=1 if array.ndim == first + 2 else array.shape[-1],
            axes=further,
            blocks=(block,),
        )
        self.array, self.before = array, before
        self.reads: list[Box] = []

    def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
        self.reads.append(box)
        self.before(box)
        part: Array = self.array[(*plane, *box.slices)]
        return part


def random(shape: tuple[int, ...], dtype: Any) -> Array:
    array = RANDOM.integers(0, 60_000, shape).astype(dtype)
    if array.dtype.kind == "f":
        array[..., 20:190, 100:300] = np.nan
        array[..., 400:402, 7] = np.inf
    return array


def finished(pyramid: Pyramid, level: int, place: tuple[int, ...] = ()) -> Overview:
    overview = Overview(pyramid, level, place)
    while overview.work():
        pass
    assert overview.is_done
    assert overview.progress == 1
    return overview


def whole(pyramid: Pyramid, level: int) -> Box:
    rows, columns = pyramid.grid.shape(level)
    return Box(0, rows, 0, columns)


def check_exact(overview: Overview, pyramid: Pyramid, place: tuple[int, ...] = ()) -> None:
    for level in range(overview.level, len(pyramid.shapes)):
        found, rough = overview.read(level, whole(pyramid, level))
        assert not rough
        assert found.dtype == pyramid.dtype
        np.testing.assert_array_equal(found, pyramid.read(level, index=place))


SHAPES = {
    "even": ((512, 1024), (128, 128)),
    "odd": ((777, 1031), (128, 64)),
    "small blocks": ((777, 1031), (20, 12)),
    "strips": ((777, 1031), (7, 1031)),
    "no multiples of two": ((1777, 2031), (300, 500)),
    "odd blocks": ((1777, 2031), (301, 299)),
    "one block": ((777, 531), (777, 531)),
    "any part is as near": ((2777, 1031), (1, 1)),
}


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int64", "float32", "float64", "?"])
@pytest.mark.parametrize("kind", list(SHAPES))
def test_all_levels_are_those_of_the_pyramid(kind: str, dtype: str) -> None:
    shape, block = SHAPES[kind]
    pyramid = Pyramid(Blocks(random(shape, dtype), block))
    check_exact(finished(pyramid, 5), pyramid)


@pytest.mark.parametrize("times", range(1, 9))
def test_any_level_can_be_the_largest_one(times: int) -> None:
    pyramid = Pyramid(Blocks(random((1177, 931), "uint16"), (100, 36)))
    check_exact(finished(pyramid, times), pyramid)


def test_colors_and_places_along_axes_are_each_their_own() -> None:
    array = random((3, 500, 700, 3), "uint8")
    pyramid = Pyramid(Blocks(array, (64, 100), further=(("z", 3),)))
    for place in range(3):
        overview = finished(pyramid, 4, (place,))
        check_exact(overview, pyramid, (place,))


@pytest.mark.parametrize("kind", ["even", "odd", "strips", "no multiples of two", "one block"])
def test_each_sample_is_read_once(kind: str) -> None:
    shape, block = SHAPES[kind]
    source = Blocks(random(shape, "uint8"), block)
    pyramid = Pyramid(source)
    finished(pyramid, 5)
    times = np.zeros(shape, int)
    for box in source.reads:
        times[box.slices] += 1
        assert box.top % block[0] == box.left % block[1] == 0, "a block is cut"
    assert (times == 1).all()


def test_any_number_of_threads_may_work() -> None:
    source = Blocks(random((1777, 2031), "uint16"), (100, 100))
    pyramid = Pyramid(source)
    overview = Overview(pyramid, 4, ())

    def work() -> None:
        while overview.work():
            pass

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(Counter(source.reads).values()) == 1
    check_exact(overview, pyramid)


# What is there before all is


def test_what_is_known_is_exact_and_all_else_is_as_its_nearest() -> None:
    rows = np.repeat(np.arange(16), 256)
    array = (rows[:, None] * 16 + rows).astype(np.uint16)  # a value of its own in each block
    pyramid = Pyramid(Blocks(array, (256, 256)))
    level = 4
    overview = Overview(pyramid, level, ())
    for _ in range(20):
        overview.work()
    for smaller in range(level, len(pyramid.shapes)):
        rough_one, rough = overview.read(smaller, whole(pyramid, smaller))
        assert rough
        assert set(np.unique(rough_one)) <= set(np.unique(array))
    exact = pyramid.read(level)
    count = 0
    for row in range(16):
        for column in range(16):
            box = Box(16 * row, 16 * row + 16, 16 * column, 16 * column + 16)
            found, rough = overview.read(level, box)
            if not rough:
                count += 1
                np.testing.assert_array_equal(found, exact[box.slices])
    assert count == 20
    near, _ = overview.read(level, whole(pyramid, level))
    far = np.abs(near.astype(int) // 16 - exact.astype(int) // 16).max()
    assert far <= 5, "something else stands there than what is near"


@pytest.mark.parametrize("shape", [(40, 40), (13, 57), (1, 90), (3, 2)])
def test_the_first_pieces_lie_evenly(shape: tuple[int, int]) -> None:
    order = spread_out(*shape)
    assert len({(int(r), int(c)) for r, c in order}) == shape[0] * shape[1] == len(order)
    for count in (16, 64, 256):
        some = order[:count]
        places = np.indices(shape).reshape(2, -1).T[:, None]
        distance = np.abs(places - some).max(axis=2).min(axis=1).max()
        fair = max(1.0, (shape[0] * shape[1] / len(some)) ** 0.5, max(shape) / len(some))
        assert distance <= 2 * fair


@pytest.mark.parametrize("shape", [(1, 1), (30, 41), (1, 50), (64, 3)])
def test_the_nearest_known_place_is_found(shape: tuple[int, int]) -> None:
    for count in (1, 5, 25):
        known = np.zeros(shape, bool)
        known.flat[RANDOM.choice(known.size, min(count, known.size), replace=False)] = True
        rows, columns = nearest(known)
        assert known[rows, columns].all()
        here = np.indices(shape)
        found = (rows - here[0]) ** 2 + (columns - here[1]) ** 2
        all_known = np.argwhere(known).T[:, :, None, None]
        least = ((all_known - here[:, None]) ** 2).sum(axis=0).min(axis=0)
        assert (found <= least).mean() > 0.97
        assert (found <= 2 * least + 2).all()


def test_what_is_asked_for_comes_next() -> None:
    source = Blocks(random((4096, 4096), "uint8"), (256, 256))
    pyramid = Pyramid(source)
    overview = Overview(pyramid, 4, ())
    overview.work()
    asked = Box(16, 40, 100, 124)  # samples 256 to 640, 1600 to 1984
    assert overview.read(overview.level, asked)[1]
    before = len(source.reads)
    for _ in range(4):
        overview.work()
    for box in source.reads[before:]:
        assert box.top in (256, 512)
        assert box.left in (1536, 1792)
    found, rough = overview.read(overview.level, asked)
    assert not rough
    np.testing.assert_array_equal(found, pyramid.read(overview.level)[asked.slices])


def test_where_any_part_is_as_near_there_is_soon_a_picture_of_all() -> None:
    array = np.add.outer(np.arange(3000), np.arange(5000)).astype(np.uint16)
    pyramid = Pyramid(Blocks(array, (1, 1)))
    overview = Overview(pyramid, 4, ())
    overview.sample_rows(time.monotonic() + 3600)
    assert overview.has_samples
    assert overview.progress == 0
    found, rough = overview.read(overview.level, whole(pyramid, overview.level))
    assert rough
    apart = np.abs(found.astype(int) - pyramid.read(overview.level).astype(int))
    assert apart.max() <= 3000 // 188 + 5000 // 313 + 4


# What can't be read


def fails_at(*places: tuple[int, int]) -> Callable[[Box], None]:
    def check(box: Box) -> None:
        if (box.top, box.left) in places:
            raise ValueError(f"broken\nat {box.top}, {box.left}")

    return check


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
@pytest.mark.parametrize("block", [(128, 128), (100, 100)])
def test_parts_that_fail_are_left_out_and_told(dtype: str, block: tuple[int, int]) -> None:
    step = cut_in_blocks((1024, 1024), block, 5).size[0]
    array = RANDOM.integers(0, 60_000, (1024, 1024)).astype(dtype)
    array[step : 2 * step, : 2 * step] = 70  # the broken piece is as its neighbour
    pyramid = Pyramid(Blocks(array, block, fails_at((step, 0))))
    overview = finished(pyramid, 5)
    found, rough = overview.read(overview.level, whole(pyramid, overview.level))
    assert not rough
    count = len(overview._order)
    assert overview.problem == f"1 of {count} parts of the image can't be read: broken at {step}, 0"
    expected = Pyramid(Blocks(array, block)).read(overview.level)
    there = np.ones(found.shape, bool)
    there[step // 32 : -(-2 * step // 32), : -(-step // 32)] = False
    np.testing.assert_array_equal(found[there], expected[there])
    inside = found[-(-step // 32) : 2 * step // 32, : step // 32]
    assert np.isnan(inside).all() if dtype == "float32" else (inside < 60_000).all()


def test_where_nothing_can_be_read_it_soon_ends_and_says_so() -> None:
    def fail(box: Box) -> None:
        raise OSError("the disk\nis gone")

    source = Blocks(np.zeros((6400, 6400), np.uint8), (64, 64), fail)
    pyramid = Pyramid(source)
    overview = finished(pyramid, 4)
    assert len(source.reads) < 100
    with pytest.raises(OSError, match=r"^625 of 625 parts .* read: the disk is gone$"):
        overview.read(overview.level, whole(pyramid, overview.level))


# In the background


def large(before: Callable[[Box], object] = lambda box: None) -> Blocks:
    """So large that it needs an overview."""
    return Blocks(np.broadcast_to(np.uint8([[3]]), (8192, 8192)), (512, 512), before)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "nothing more happens"
        time.sleep(0.005)


def test_only_what_is_not_read_quickly_comes_from_an_overview() -> None:
    overviews = Overviews(Pyramid(large()))
    assert overviews.needed
    assert overviews.level is not None
    assert [n for n in range(14) if overviews.has(n)] == list(range(overviews.level, 14))
    assert not Overviews(open_pyramid(np.zeros((2000, 2000)))).needed
    levels = [np.broadcast_to(np.uint8(1), (n, n)) for n in (40_000, 20_000, 10_000, 5000, 2500)]
    source = Blocks(levels[0], (512, 512))
    source.shapes, source.blocks = tuple(a.shape for a in levels), ((512, 512),) * 5
    assert not Overviews(Pyramid(source)).needed
    with pytest.raises(ValueError, match="no overview is needed"):
        Overviews(Pyramid(source)).read(0, Box(0, 1, 0, 1), ())


def test_sampling_does_not_wait_for_what_takes_long() -> None:
    go_on = threading.Event()
    reads: list[Box] = []

    def wait(box: Box) -> None:
        reads.append(box)
        if len(reads) > 1:
            go_on.wait(60)

    overviews = Overviews(Pyramid(large(wait)))
    assert not overviews.sample((), 0.2)
    assert overviews.level is not None
    found, rough = overviews.read(overviews.level, Box(0, 64, 0, 64), ())
    assert rough
    assert (found == 3).all()
    assert len(reads) < 8
    assert overviews.samples(())
    go_on.set()


def test_sampling_ends_once_more_blocks_would_not_change_the_limits() -> None:
    reads: list[Box] = []
    go_on = threading.Event()

    def wait(box: Box) -> None:
        reads.append(box)
        if len(reads) > 36 + 4:  # those of which samples are kept, and what each thread has begun
            go_on.wait(60)

    overviews = Overviews(Pyramid(large(wait)))
    assert not overviews.sample((), 10_000)
    assert len(overviews.samples(())) >= 36
    assert len(reads) <= 36 + 2 * 4
    go_on.set()


def test_it_is_made_in_the_background_until_it_is_exact() -> None:
    source = large()
    with Pyramid(source) as pyramid:
        overviews = Overviews(pyramid)
        assert overviews.progress() is None, "nothing is begun by itself"
        level = overviews.level
        assert level is not None
        overviews.read(level, whole(pyramid, level), ())
        overviews.start()
        until(lambda: overviews.progress() is None)
        _, rough = overviews.read(level, whole(pyramid, level), ())
        assert not rough
        assert max(Counter(source.reads).values()) == 1
        until(lambda: not overviews._threads)


def test_stopped_it_reads_no_more_until_it_is_started_again() -> None:
    source = large(lambda box: time.sleep(0.002))
    overviews = Overviews(Pyramid(source))
    overviews.sample((), 0)
    overviews.start()
    until(lambda: len(source.reads) > 10)
    overviews.stop()
    assert overviews.progress() is None
    until(lambda: not overviews._threads)
    count = len(source.reads)
    time.sleep(0.05)
    assert len(source.reads) == count < 256
    overviews.start()
    until(lambda: overviews.progress() is None)
    assert len(source.reads) == 256


def test_it_waits_while_something_else_is_read() -> None:
    source = large(lambda box: time.sleep(0.002))
    overviews = Overviews(Pyramid(source))
    overviews.sample((), 0)
    with overviews.pause():
        before = len(source.reads)
        overviews.start()
        time.sleep(0.1)
        assert len(source.reads) - before <= 2
    until(lambda: len(source.reads) > before + 20)
    overviews.close()


def test_dropped_or_closed_its_threads_end() -> None:
    source = large(lambda box: time.sleep(0.01))
    overviews = Overviews(Pyramid(source))
    overviews.sample((), 0)
    overviews.start()
    threads = set(overviews._threads)
    assert threads
    gone = weakref.ref(overviews)
    del overviews
    gc.collect()
    until(lambda: gone() is None and not any(thread.is_alive() for thread in threads))
    other = Overviews(Pyramid(source))
    other.sample((), 0)
    other.start()
    threads = set(other._threads)
    other.close(seconds=60)
    assert not any(thread.is_alive() for thread in threads)


def test_memory_stays_bounded() -> None:
    class Made(Blocks):
        def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
            return np.full(box.shape, box.top // 256 + box.left // 256, np.uint16)

    shape = (20_000, 20_000)
    pyramid = Pyramid(Made(np.broadcast_to(np.uint16(0), shape), (1000, 1000)))
    with traced() as memory:
        overviews = Overviews(pyramid)
        overviews.sample((), 0.1)
        overviews.start()
        until(lambda: overviews.progress() is None)
    assert memory.peak < 64_000_000


def test_overviews_of_many_places_are_not_all_kept() -> None:
    array = np.broadcast_to(np.float64(1), (100, 20_000, 20_000))
    overviews = Overviews(Pyramid(Blocks(array, (4096, 4096), further=(("t", 100),))))
    for place in range(100):
        overviews._overview_of((place,))
    assert sum(one.nbytes for one in overviews._overviews.values()) <= 1 << 28
    assert (99,) in overviews._overviews


# Blocks that are kept


def test_a_block_is_read_once_for_all_of_its_tiles() -> None:
    array = random((700, 900), "uint16")
    source = Blocks(array, (256, 256))
    pyramid = Pyramid(BlockReader(source))
    for top in range(0, 700, 64):
        for left in range(0, 900, 64):
            rows, columns = slice(top, min(700, top + 80)), slice(left, min(900, left + 80))
            np.testing.assert_array_equal(pyramid.read(0, rows, columns), array[rows, columns])
    assert len(source.reads) == 12


def test_what_is_closed_keeps_no_block() -> None:
    read: list[weakref.ref[Array]] = []

    class Fresh(Blocks):
        def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
            part = super().read(index, box, plane).copy()
            read.append(weakref.ref(part))
            return part

    reader = BlockReader(Fresh(random((70, 90), "uint16"), (32, 32)))
    pyramid = Pyramid(reader)
    pyramid.read(0, slice(40), slice(50))
    gc.collect()
    assert any(block() is not None for block in read)
    pyramid.close()
    gc.collect()
    assert all(block() is None for block in read)
