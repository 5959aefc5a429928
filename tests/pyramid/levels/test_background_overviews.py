"""A view of a huge file waits for none of its levels: they are built behind its rough overview."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage.base.box import Box
from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.levels import costly_levels, limit_samples
from nbimage.pyramid.levels.background_overviews import Overviews
from nbimage.pyramid.levels.cache_folder import CacheLimits
from nbimage.pyramid.levels.level_cache import CachedSource, with_level_cache
from nbimage.view.model.tiled_image import TiledStack

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(12)
ARRAY = RANDOM.integers(1, 255, (4500, 4200), dtype=np.uint8)
LIMITS = CacheLimits(quick_block=1 << 20)
COARSE = 4  # a level that is never read quickly


class Gated(Source):
    """An array in blocks; all reads but the first few wait until the gate is open."""

    def __init__(self, array: Array, block: tuple[int, int], free: int) -> None:
        super().__init__(shapes=(array.shape[:2],), dtype=array.dtype, blocks=(block,))
        self.array, self.free, self.gate = array, free, threading.Event()
        self.counts = np.zeros(array.shape[:2], np.uint8)
        self.error: Exception | None = None
        self._lock = threading.Lock()

    def read(self, index: int, box: Box, plane: Any = ()) -> Array:
        with self._lock:
            self.free -= 1
            waits = self.free < 0
        if waits:
            assert self.gate.wait(60)
            if self.error is not None:
                raise self.error
        self.counts[box.slices] += 1
        return self.array[box.slices]


def halvings(array: Array, times: int) -> Array:
    for _ in range(times):
        array = halve(array)
    return array


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "nothing more happens"
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("NBIMAGE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NBIMAGE_CACHE_SIZE", raising=False)
    yield tmp_path / "cache" / "levels"


def entries(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.levels")]


def stack_of(source: Gated, tmp_path: Path) -> TiledStack:
    path = tmp_path / "a"
    if not path.exists():
        path.touch()
    found = with_level_cache(source, path, always=True, progress=False, limits=LIMITS)
    assert isinstance(found, CachedSource)
    return TiledStack(Pyramid(found), sampling_seconds=0)


def whole(stack: TiledStack, level: int) -> Box:
    rows, columns = stack.level_shape(level)
    return Box(0, rows, 0, columns)


KINDS = {"blocks": (256, 256), "one block": ARRAY.shape}


def source_of(kind: str, free: int = 1) -> Gated:
    """In blocks: any of them is read quickly. In one: only from the top."""
    return Gated(ARRAY, KINDS[kind], free)


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_picture_comes_before_any_level_is_built_and_later_ones_are_exact(
    kind: str, tmp_path: Path, folder: Path
) -> None:
    source = source_of(kind)
    stack = stack_of(source, tmp_path)
    first = stack.plane(()).array
    assert first.shape == halvings(ARRAY, 3).shape and np.asarray(first).any()
    assert entries(folder) == []
    stack.overviews.start()
    rough, better = stack.read_quick(COARSE, whole(stack, COARSE), ())
    assert better and rough.shape == halvings(ARRAY, COARSE).shape
    progress = stack.overview_progress
    assert progress is not None and progress < 1
    source.gate.set()
    until(lambda: bool(entries(folder)) and stack.overview_progress is None)
    for level in range(COARSE - 1, 10):
        found, better = stack.read_quick(level, whole(stack, level), ())
        assert not better
        assert np.array_equal(found, halvings(ARRAY, level))
    reads = int(source.counts.sum()) - ARRAY.size
    assert reads <= 256 * 256, "the file is read once, and what is shown at first again"
    stack.close()
    again = source_of(kind)
    opened = stack_of(again, tmp_path)
    assert np.array_equal(np.asarray(opened.plane(()).array), halvings(ARRAY, 3))
    assert not again.counts.any(), "what was built is found"


def test_the_rows_that_are_built_are_exact_before_the_others_are(tmp_path: Path) -> None:
    source = source_of("one block", free=3)
    stack = stack_of(source, tmp_path)
    stack.plane(())
    rows = 512 >> COARSE
    until(lambda: source.free < 0)  # the fourth is waited for
    top, rough = stack.read_quick(COARSE, Box(0, rows, 0, 200), ())
    assert not rough
    assert np.array_equal(top, halvings(ARRAY, COARSE)[:rows, :200])
    below, rough = stack.read_quick(COARSE, Box(rows * 4, rows * 8, 0, 200), ())
    assert rough and below.any(), "it is as the nearest that is known"
    source.gate.set()
    stack.close()


def test_any_part_at_full_size_is_there_while_levels_are_built(tmp_path: Path) -> None:
    source = source_of("blocks", free=3)
    stack = stack_of(source, tmp_path)
    assert stack.overviews.reader(()) is not None
    part, rough = stack.read_quick(1, Box(100, 200, 50, 90), ())
    assert not rough and np.array_equal(part, halve(ARRAY)[100:200, 50:90])
    source.gate.set()


def test_no_tile_waits_for_a_file_that_is_unpacked_from_the_top(
    tmp_path: Path, folder: Path
) -> None:
    source = source_of("one block")
    stack = stack_of(source, tmp_path)
    assert stack.overviews.waits(())
    boxes = {level: Box(401, 529, 70, 201) for level in range(4)}
    for level, box in boxes.items():
        part, rough = stack.read_quick(level, box, ())
        assert rough and part.shape == box.shape
    assert not entries(folder)
    stack.overviews.start()
    source.gate.set()
    until(lambda: bool(entries(folder)) and not stack.overviews.waits(()))
    for level, box in boxes.items():
        part, rough = stack.read_quick(level, box, ())
        assert not rough and np.array_equal(part, halvings(ARRAY, level)[box.slices])
    assert (source.counts == 1).all(), "it is unpacked once"
    stack.close()


def test_limits_of_few_values_do_not_wait_for_a_file_that_is_unpacked_from_the_top(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limit_samples, "_SEARCHING_SECONDS", 0.01)
    source = Gated(np.zeros_like(ARRAY), KINDS["one block"], free=1)
    stack = stack_of(source, tmp_path)
    found = list(stack.planes("positive"))
    assert found and not np.asarray(found[0].array).any()
    assert not entries(folder)
    source.gate.set()
    stack.close()


@pytest.mark.parametrize("kind", KINDS)
def test_where_levels_can_not_be_kept_the_overview_becomes_exact_all_the_same(
    kind: str, tmp_path: Path, folder: Path
) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("no folder", encoding="utf-8")
    source = source_of(kind)
    source.gate.set()
    stack = stack_of(source, tmp_path)
    with pytest.warns(UserWarning, match="without a cache of smaller levels"):
        stack.plane(())
        stack.overviews.start()
        until(
            lambda: (
                stack.overviews.progress(()) is None
                or not stack.read_quick(COARSE, whole(stack, COARSE), ())[1]
            )
        )
    until(lambda: not stack.read_quick(COARSE, whole(stack, COARSE), ())[1])
    found, _ = stack.read_quick(COARSE, whole(stack, COARSE), ())
    assert np.array_equal(found, halvings(ARRAY, COARSE))
    stack.close()


def test_stopped_it_builds_no_more_and_leaves_nothing(tmp_path: Path, folder: Path) -> None:
    source = source_of("blocks")
    stack = stack_of(source, tmp_path)
    stack.plane(())
    stack.overviews.start()
    until(lambda: source.free < 0)
    stack.overviews.stop()
    source.gate.set()
    until(lambda: not stack.overviews._threads)
    assert list(folder.iterdir()) == []
    stack.overviews.start()
    until(lambda: bool(entries(folder)))
    stack.close()


def test_a_view_that_is_gone_ends_its_build(tmp_path: Path, folder: Path) -> None:
    source = source_of("blocks")
    path = tmp_path / "a"
    path.touch()
    overviews = Overviews(Pyramid(with_level_cache(source, path, always=True, limits=LIMITS)))
    overviews.sample((), 0)
    overviews.start()
    until(lambda: source.free < 0)
    threads, gone = set(overviews._threads), weakref.ref(overviews)
    del overviews
    source.gate.set()

    def ended() -> bool:
        gc.collect()
        return gone() is None and not any(thread.is_alive() for thread in threads)

    until(ended)
    assert entries(folder) == []


def test_a_tile_of_a_middle_level_is_rough_once_and_then_exact_while_others_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(costly_levels, "SLOW", 1 << 18)
    monkeypatch.setattr(costly_levels, "QUICK", 1 << 20)
    monkeypatch.setattr(costly_levels, "_PIXELS", 1 << 17)
    source = Gated(ARRAY, (256, 256), 1 << 30)
    overviews = Overviews(Pyramid(source, small_level=1 << 10))
    assert overviews.level == 4
    box = Box(0, 256, 0, 256)
    assert not overviews.begins_roughly(3, box, ()), "nothing goes on yet"
    overviews.sample((), 0)
    source.free = 0  # what is read in the background waits
    overviews.start()
    try:
        assert not overviews.begins_roughly(0, box, ())
        assert overviews.begins_roughly(3, box, ())
        part, rough = overviews.read(3, box, ())
        assert rough and part.shape == (256, 256)
        assert not overviews.begins_roughly(3, box, ())
        assert overviews.begins_roughly(3, Box(0, 256, 256, 512), ())
    finally:
        source.gate.set()
        overviews.close()
