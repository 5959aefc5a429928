"""Tiles come from any thread: each made once, the newest wishes first, old ones forgotten."""

from __future__ import annotations

import gc
import io
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from nbimage.base.box import Box
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source
from nbimage.view.explorer import View
from nbimage.view.live.tile_scheduler import Tile, TileScheduler
from nbimage.view.model.tiled_image import TileAddress, TiledStack

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(9)
ARRAY = RANDOM.integers(0, 65536, (1000, 1300), dtype=np.uint16)


class Watched(Source):
    """An array that tells what is read; ``before`` may wait or fail."""

    def __init__(self, array: Array, before: Callable[[Box], object], block: int = 1) -> None:
        super().__init__(shapes=(array.shape[:2],), dtype=array.dtype, blocks=((block, block),))
        self.array, self.before = array, before
        self.reads: list[Box] = []
        self.closed = False

    def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
        self.reads.append(box)
        self.before(box)
        return self.array[box.slices]

    def close(self) -> None:
        self.closed = True


def watched(before: Callable[[Box], object] = lambda box: None, array: Array = ARRAY) -> Watched:
    return Watched(array, before)


def scheduler_of(*sources: Watched, **options: Any) -> TileScheduler:
    return TileScheduler([TiledStack(Pyramid(s)) for s in sources], **options)


def values_of(tile: Tile, rows: int, columns: int) -> Array:
    """The samples of a tile of one channel."""
    planes = np.asarray(Pillow.open(io.BytesIO(tile.data))).reshape(-1, rows, columns)
    dtype = np.dtype(tile.dtype)
    stacked = np.ascontiguousarray(np.moveaxis(planes, 0, 2))
    return stacked.view(dtype.newbyteorder(">"))[:, :, 0].astype(dtype)


class Replies:
    """A client, and what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, TileAddress, Tile | str]] = []
        self.news = threading.Condition()

    def take(self, image: int, address: TileAddress, found: Tile | str) -> None:
        with self.news:
            self.told.append((image, address, found))
            self.news.notify_all()

    def wait(self, count: int) -> Sequence[tuple[int, TileAddress, Tile | str]]:
        with self.news:
            assert self.news.wait_for(lambda: len(self.told) >= count, 120), self.told
            return list(self.told)

    @property
    def addresses(self) -> list[TileAddress]:
        return [address for _, address, _ in self.told]


class Gate:
    """Holds readers back until it is opened, and knows when some have come."""

    def __init__(self, when: Callable[[Box], bool] = lambda box: True) -> None:
        self.opened, self.when = threading.Event(), when
        self.come = threading.Semaphore(0)

    def __call__(self, box: Box) -> None:
        if self.when(box):
            self.come.release()
            assert self.opened.wait(60)

    def wait(self, count: int = 1) -> None:
        for _ in range(count):
            assert self.come.acquire(timeout=120)


def at(column: int, row: int = 0, level: int = 0) -> TileAddress:
    return TileAddress(0, level, column, row)


def place(box: Box) -> tuple[int, int]:
    return box.left // 256, box.top // 256


def threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith("nbimage-")]


@pytest.fixture(autouse=True)
def _threads_end() -> Any:
    before = set(threads())
    yield
    end = time.monotonic() + 120
    while set(threads()) - before and time.monotonic() < end:
        gc.collect()
        time.sleep(0.01)
    assert not set(threads()) - before


def test_a_tile_has_the_samples_of_its_level() -> None:
    source = watched()
    with scheduler_of(source) as scheduler:
        pyramid = Pyramid(source)
        for level in range(4):
            rows, columns = pyramid.shapes[level]
            whole = pyramid.read(level)
            for row in range(-(-rows // 256)):
                for column in range(-(-columns // 256)):
                    part = whole[row * 256 : (row + 1) * 256, column * 256 : (column + 1) * 256]
                    tile = scheduler.tile(0, at(column, row, level))
                    np.testing.assert_array_equal(values_of(tile, *part.shape), part)
                    assert not tile.rough


def test_a_tile_is_made_once_however_many_ask() -> None:
    gate = Gate()
    source = watched(gate)
    replies = Replies()
    with scheduler_of(source) as scheduler:
        found: list[Tile] = []
        askers = [
            threading.Thread(target=lambda: found.append(scheduler.tile(0, at(1))))
            for _ in range(5)
        ]
        for thread in askers:
            thread.start()
        gate.wait()
        scheduler.request(0, [at(1)], replies.take)
        gate.opened.set()
        for thread in askers:
            thread.join()
        (_, _, told), *_ = replies.wait(1)
        assert all(tile.data == found[0].data for tile in found)
        assert isinstance(told, Tile)
        assert scheduler.tile(0, at(1)).data == told.data
        assert len(source.reads) == 1


def test_the_order_is_that_of_importance_but_coarse_first() -> None:
    with scheduler_of(watched(), workers=1) as scheduler:
        replies = Replies()
        asked = [at(2), at(0), at(0, 0, 3), at(1), at(3, 2)]
        scheduler.request(0, asked, replies.take)
        replies.wait(5)
        assert replies.addresses == [at(0, 0, 3), at(2), at(0), at(1), at(3, 2)]


def test_what_is_not_wanted_any_more_is_never_read_but_what_was_begun_comes() -> None:
    gate = Gate(lambda box: place(box) == (0, 0))
    source = watched(gate)
    with scheduler_of(source, workers=1) as scheduler:
        replies = Replies()
        scheduler.request(0, [at(0), at(1), at(2)], replies.take)
        gate.wait()
        scheduler.request(0, [at(3), at(2)], replies.take)
        gate.opened.set()
        replies.wait(3)
        assert replies.addresses == [at(0), at(3), at(2)]
        assert [place(box) for box in source.reads] == [(0, 0), (3, 0), (2, 0)]


def test_who_asked_last_is_served_first_and_each_gets_its_own() -> None:
    gate = Gate(lambda box: place(box) == (0, 0))
    source = watched(gate)
    with scheduler_of(source, workers=1) as scheduler:
        first, second = Replies(), Replies()
        scheduler.request(0, [at(0), at(1)], first.take)
        gate.wait()
        scheduler.request(0, [at(2), at(1)], second.take)
        gate.opened.set()
        assert [address for _, address, _ in second.wait(2)] == [at(2), at(1)]
        assert [address for _, address, _ in first.wait(2)] == [at(0), at(1)]
        assert [place(box) for box in source.reads] == [(0, 0), (2, 0), (1, 0)]


def test_a_client_that_left_is_told_nothing_more() -> None:
    gate = Gate()
    source = watched(gate)
    with scheduler_of(source, workers=1) as scheduler:
        gone, other = Replies(), Replies()
        scheduler.request(0, [at(0), at(1)], gone.take)
        gate.wait()
        scheduler.cancel(gone.take)
        scheduler.request(0, [at(2)], other.take)
        gate.opened.set()
        other.wait(1)
        assert at(1) not in gone.addresses
        assert (1, 0) not in map(place, source.reads)


def test_a_source_that_blocks_does_not_hold_up_another() -> None:
    gate = Gate()
    slow, quick = watched(gate), watched()
    with scheduler_of(slow, quick) as scheduler:
        replies = Replies()
        scheduler.request(
            0, [at(column, row) for column in range(5) for row in range(3)], replies.take
        )
        gate.wait(3)
        scheduler.request(1, [at(column) for column in range(5)], replies.take)
        assert {image for image, _, _ in replies.wait(5)} == {1}
        gate.opened.set()
        replies.wait(20)


def test_the_kept_tiles_are_bounded_and_the_latest_ones() -> None:
    source = watched()
    with scheduler_of(source, cache_bytes=700_000) as scheduler:
        for column in range(5):
            for row in range(3):
                scheduler.tile(0, at(column, row))
        assert (
            sum(len(tile.data) for tile in scheduler._tiles.values()) == scheduler._bytes <= 700_000
        )
        count = len(source.reads)
        assert count == 15
        scheduler.tile(0, at(4, 2))
        assert len(source.reads) == count
        scheduler.tile(0, at(0, 0))
        assert len(source.reads) == count + 1


def test_a_tile_that_fails_says_so_in_one_line_and_can_be_asked_for_again() -> None:
    broken = [True]

    def fail(box: Box) -> None:
        if broken[0] and place(box) == (1, 0):
            raise RuntimeError("a chunk\n  is lost")

    with scheduler_of(watched(fail)) as scheduler:
        replies = Replies()
        scheduler.request(0, [at(1), at(2)], replies.take)
        told = {address: found for _, address, found in replies.wait(2)}
        assert told[at(1)] == "a chunk is lost"
        assert isinstance(told[at(2)], Tile)
        with pytest.raises(RuntimeError, match="a chunk"):
            scheduler.tile(0, at(1))
        broken[0] = False
        scheduler.request(0, [at(1)], replies.take)
        assert isinstance(replies.wait(3)[2][2], Tile)


@pytest.mark.parametrize(
    "address",
    [
        at(-1),
        at(99),
        at(0, 10**9),
        at(0, 0, 4),
        at(0, 0, -1),
        TileAddress(1, 0, 0, 0),
        at(0, 0, 10**6),
    ],
    ids=str,
)
def test_an_address_of_no_tile_is_told_in_one_line(address: TileAddress) -> None:
    source = watched()
    with scheduler_of(source) as scheduler:
        replies = Replies()
        scheduler.request(0, [address], replies.take)
        found = replies.wait(1)[0][2]
        assert isinstance(found, str)
        assert found.startswith("a tile")
        assert "\n" not in found
        with pytest.raises(ValueError, match="a tile"):
            scheduler.tile(0, address)
        assert not source.reads
        with pytest.raises(ValueError, match="image must be 0 to 0, but got 1"):
            scheduler.request(1, [at(0)], replies.take)


def test_a_client_that_raises_is_forgotten_and_others_are_served() -> None:
    def bad(image: int, address: TileAddress, found: Tile | str) -> None:
        raise RuntimeError("the page is gone")

    with scheduler_of(watched(), workers=1) as scheduler:
        replies = Replies()
        scheduler.request(0, [at(0), at(1), at(2)], bad)
        scheduler.request(0, [at(3), at(4)], replies.take)
        replies.wait(2)
        scheduler.request(0, [at(0)], replies.take)
        replies.wait(3)


def test_closed_it_forgets_all_and_its_threads_end() -> None:
    gate = Gate()
    source = watched(gate)
    scheduler = scheduler_of(source)
    replies = Replies()
    scheduler.request(0, [at(column) for column in range(5)], replies.take)
    gate.wait(4)
    gate.opened.set()
    scheduler.close(seconds=60)
    assert not threads()
    assert not scheduler._tiles
    for call in (
        lambda: scheduler.tile(0, at(0)),
        lambda: scheduler.request(0, [at(0)], replies.take),
    ):
        with pytest.raises(ValueError, match="is closed"):
            call()
    assert not source.closed, "others may use it"


# Overviews


def unready(before: Callable[[Box], object] = lambda box: None) -> Watched:
    """An image without small levels, of a value of its own in each block."""
    rows = np.repeat(np.arange(16, dtype=np.uint16), 512)
    return Watched(np.add.outer(rows * 16, rows), before, 512)


def test_an_overview_is_rough_at_first_then_exact_and_only_then_kept() -> None:
    gate = Gate(lambda box: len(source.reads) > 30 and box.shape == (512, 512))
    source = unready(gate)
    with scheduler_of(source) as scheduler:
        stack = scheduler._stacks[0]
        assert stack.tiles["rough"]
        stack.overviews.sample((), 0)
        top = at(0, 0, stack.coarsest)
        replies = Replies()
        scheduler.request(0, [top], replies.take)
        rough = replies.wait(1)[0][2]
        assert isinstance(rough, Tile)
        assert rough.rough
        gate.wait()
        share = scheduler.progress(0)
        assert share is not None
        assert 0 < share < 1
        assert not scheduler._tiles
        near = scheduler.tile(0, at(9, 9))
        assert not near.rough, "what is read at its own level never is"
        gate.opened.set()
        while scheduler.progress(0) is not None:
            time.sleep(0.005)
        exact = scheduler.tile(0, top)
        assert not exact.rough
        assert (0, top) in scheduler._tiles
        pyramid = Pyramid(source)
        expected = pyramid.read(stack.coarsest)
        np.testing.assert_array_equal(values_of(exact, *expected.shape), expected)


def test_a_stopped_overview_stays_as_it_is_and_nobody_waits_for_more() -> None:
    source = unready(lambda box: time.sleep(0.002))
    with scheduler_of(source) as scheduler:
        stack = scheduler._stacks[0]
        stack.overviews.sample((), 0)
        top = at(0, 0, stack.coarsest)
        assert scheduler.tile(0, top).rough
        scheduler.stop(0)
        assert scheduler.progress(0) is None
        assert not scheduler.tile(0, top).rough
        assert scheduler.progress(0) is None
        scheduler.start(0)
        while scheduler.progress(0) is not None:
            time.sleep(0.005)
        pyramid = Pyramid(source)
        expected = pyramid.read(stack.coarsest)
        found = values_of(scheduler.tile(0, top), *expected.shape)
        np.testing.assert_array_equal(found, expected)
        assert len([box for box in source.reads if box.shape == (512, 512)]) <= 256 + 1024


def test_what_of_an_overview_can_not_be_read_is_told() -> None:
    def fail(box: Box) -> None:
        if box.top == box.left:
            raise ValueError("gone")

    with scheduler_of(unready(fail)) as scheduler:
        scheduler.tile(0, at(0, 0, scheduler._stacks[0].coarsest))
        while scheduler.progress(0) is not None:
            time.sleep(0.005)
        assert scheduler.problem(0) == "16 of 256 parts of the image can't be read: gone"


# Views


def test_a_view_of_what_is_computed_takes_few_blocks() -> None:
    da = pytest.importorskip("dask.array")
    computed: list[int] = []
    lock = threading.Lock()

    def block(block_info: Any = None) -> Array:
        (top, bottom), (left, right) = block_info[None]["array-location"]
        with lock:
            computed.append(top)
        time.sleep(0.02)
        return np.full((bottom - top, right - left), (top + left) % 60_000 // 7, np.uint16)

    chunks = ((1000,) * 100,) * 2
    array = da.map_blocks(block, chunks=chunks, dtype=np.uint16, meta=np.empty((0, 0), np.uint16))
    view = View(array)
    assert 0 < len(computed) < 400, "of 10,000"
    shown = view.picture
    assert "uint16" in repr(view)
    limits = view.model.images[0].limits[0]
    assert 0 <= limits.vmin[0] < limits.vmax[0] <= 60_000 // 7
    assert shown.png


def test_channels_along_an_axis_each_have_their_limits() -> None:
    stack = np.zeros((3, 2, 900, 1100), np.uint16)
    for z in range(3):
        for channel, top in enumerate((100, 5000)):
            stack[z, channel] = np.linspace(0, top, 1100)
    view = View(
        stack, axes="zcyx", channels={"a": "red", "b": "lime"}, contrast="minmax", embed=False
    )
    image = view.model.images[0]
    assert [limits.vmax[0] for limits in image.limits] == [100, 5000]
    scheduler = TileScheduler(view.model.tiled)
    tile = scheduler.tile(0, at(1, 1))
    planes = np.asarray(Pillow.open(io.BytesIO(tile.data))).reshape(-1, 256, 256)
    assert len(planes) == 4, "two channels of two bytes"
    scheduler.close()


def test_the_file_of_a_view_that_is_gone_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, ARRAY)
    view = View(path, embed=False)
    stack: Any = view.model.images[0].stack
    pyramid = stack.pyramid
    scheduler = TileScheduler(view.model.tiled)
    scheduler.tile(0, at(0))
    scheduler.close()
    scheduler = TileScheduler(view.model.tiled)
    scheduler.tile(0, at(1))
    scheduler.close()
    gone = weakref.ref(stack)
    del view, stack, scheduler
    gc.collect()
    assert gone() is None
    with pytest.raises(ValueError, match="is closed"):
        pyramid.read(0)
    mine = Pyramid(watched())
    with TileScheduler(View(mine, embed=False).model.tiled) as scheduler:
        scheduler.tile(0, at(0))
    assert mine.read(len(mine.shapes) - 1).shape == (1, 1)
