"""Levels that are kept are those that would be made, and nothing else is left behind."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import pickle
import shutil
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nbimage.base.box import Box
from nbimage.base.lock import acquire_lock
from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.levels import cache_folder
from nbimage.pyramid.levels.cache_folder import CacheLimits, clear_cache
from nbimage.pyramid.levels.level_cache import CachedSource, with_level_cache
from nbimage.pyramid.levels.row_bands import BuildHooks, BuildStoppedError, RowBandBuilder
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.sources.pillow_image import PillowSource
from nbimage.pyramid.sources.vips_image import VipsSource
from tests.memory import traced

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(3)
GRAY = RANDOM.integers(0, 65536, (301, 477), dtype=np.uint16)
RGB = RANDOM.integers(0, 256, (301, 477, 3), dtype=np.uint8)


LIMITS = CacheLimits(large=1 << 12, small=1 << 10, smallest_level=1 << 8, tile_size=32)


def cached(source: Source, path: Path, limits: CacheLimits = LIMITS, **more: Any) -> Source:
    return with_level_cache(source, path, limits=limits, **more)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("NBIMAGE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NBIMAGE_CACHE_SIZE", raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        yield tmp_path / "cache" / "levels"


class Counted(Source):
    """An array that counts how often each sample is read, and may fail."""

    def __init__(self, array: Array, block: tuple[int, int] = (1, 1)) -> None:
        channels = 1 if array.ndim == 2 else array.shape[2]
        shape = array.shape[:2]
        super().__init__(shapes=(shape,), dtype=array.dtype, channels=channels, blocks=(block,))
        self.array, self.counts, self.closed = array, np.zeros(shape, int), False
        self.fails_at = sys.maxsize

    def read(self, index: int, box: Box, plane: Any = ()) -> Array:
        if box.bottom > self.fails_at:
            raise KeyboardInterrupt
        self.counts[box.slices] += 1
        return self.array[box.slices]

    def close(self) -> None:
        self.closed = True


def written(path: Path, array: Array, **more: Any) -> Path:
    kind = (
        "rgb"
        if array.ndim == 3 and array.dtype == np.uint8 and 3 in array.shape[::2]
        else "minisblack"
    )
    tifffile.imwrite(path, array, photometric=kind, **({"rowsperstrip": 7} | more))
    return path


def opened(path: Path, always: bool = False, limits: CacheLimits = LIMITS) -> Pyramid:
    source = open_pyramid(path, cache=False).source
    return Pyramid(cached(source, path, limits, always=always))


def assert_alike(found: Pyramid, expected: Pyramid, plane: tuple[int, ...] = ()) -> None:
    assert found.shapes == expected.shapes
    for level in range(len(found.shapes)):
        part = found.read(level, index=plane)
        assert part.dtype == expected.dtype
        assert np.array_equal(part, expected.read(level, index=plane), equal_nan=part.dtype != bool)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


@given(st.data())
def test_levels_built_in_bands_are_halves_and_each_pixel_is_read_once(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(2, 90), st.integers(2, 90)))
    colors = data.draw(st.sampled_from([(), (3,)]))
    block = data.draw(st.sampled_from([(1, 1), (8, 8), (16, 90), (32, 16), (90, 16), (90, 90)]))
    whole = data.draw(st.booleans())
    array = RANDOM.integers(0, 256, (*shape, *colors), dtype=np.uint8)
    grid = TileGrid(*shape, 8, 0)
    smallest = data.draw(st.integers(1, grid.last))
    expected = [array]
    while len(expected) <= smallest:
        expected.append(halve(expected[-1]))
    tiles: dict[tuple[int, int, int], Array] = {}

    def write(level: int, column: int, row: int, tile: Array) -> None:
        assert (level, column, row) not in tiles
        tiles[level, column, row] = tile.copy()

    source, watched = Counted(array, block), []
    built = RowBandBuilder(
        grid,
        write,
        channels=source.channels,
        dtype=array.dtype,
        smallest=smallest,
        watch=watched.append,
        threads=2,
    )
    if whole:
        built.from_rows(lambda box: source.read(0, box))
    else:
        built.from_blocks(lambda box: source.read(0, box), block)
    assert (source.counts == 1).all()
    assert sum(watched) == shape[0] * shape[1]
    levels = range(not whole, smallest + 1)
    assert {level for level, _, _ in tiles} == set(levels)
    for (level, column, row), tile in tiles.items():
        box = grid.inner(level, column, row)
        assert np.array_equal(tile, expected[level][box.slices])
    assert len(tiles) == sum(np.prod(grid.tiles(level)) for level in levels)


@pytest.mark.parametrize("whole", [False, True])
def test_memory_does_not_grow_with_the_rows(whole: bool) -> None:
    class Endless(Source):
        def read(self, index: int, box: Box, plane: Any = ()) -> Array:
            return np.zeros(box.shape, np.uint8)

    def peak(rows: int) -> int:
        grid = TileGrid(rows, 3000, 64, 0)
        source = Endless(shapes=((rows, 3000),), dtype=np.dtype(np.uint8))
        built = RowBandBuilder(
            grid, lambda *tile: None, channels=1, dtype=source.dtype, smallest=5, threads=2
        )
        with traced() as memory:
            if whole:
                built.from_rows(lambda box: source.read(0, box))
            else:
                built.from_blocks(lambda box: source.read(0, box), (1, 1))
        return memory.peak

    assert peak(16_000) < 1.5 * peak(2_000)


@pytest.mark.parametrize(
    ("array", "options"),
    [
        (GRAY, {}),
        (GRAY, {"compression": "zlib"}),
        (GRAY, {"compression": "zlib", "rowsperstrip": 301}),
        (GRAY, {"rowsperstrip": 301}),
        (GRAY[:, :40], {}),
        (RGB, {"tile": (64, 48), "compression": "zlib"}),
        (RGB.transpose(2, 0, 1), {"planarconfig": "separate"}),
        (np.where(GRAY > 30000, np.nan, GRAY / 7).astype(np.float32), {}),
        (GRAY.astype(">i4") - 30000, {"byteorder": ">"}),
    ],
    ids=["strips", "zlib", "one-zlib", "one", "narrow", "tiles", "planar", "float", "big"],
)
def test_every_level_is_what_it_is_without_a_cache(
    tmp_path: Path, array: Array, options: dict[str, Any]
) -> None:
    path = written(tmp_path / "a.tif", array, **options)
    for _ in range(2):  # built, and found
        with opened(path) as found, open_pyramid(path, cache=False) as expected:
            assert isinstance(found.source, CachedSource)
            assert len(found.native_levels) > 2
            assert_alike(found, expected)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16"])
def test_a_picture_is_read_in_order_and_then_not_any_more(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    alpha = np.concatenate([RGB, RGB[:, :, :1]], axis=2)
    arrays = {"L": RGB[:, :, 0], "RGB": RGB, "RGBA": alpha, "I;16": GRAY}
    Image.fromarray(arrays[mode]).save(path)
    with opened(path) as found, open_pyramid(arrays[mode]) as expected:
        assert_alike(found, expected)
    source = VipsSource(path)
    for name in ("read", "in_order"):
        monkeypatch.setattr(VipsSource, name, None)
    with Pyramid(cached(source, path)) as found, open_pyramid(arrays[mode]) as expected:
        assert_alike(found, expected)


def test_a_picture_is_kept_without_libvips_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(RGB).save(path)
    monkeypatch.setitem(sys.modules, "pyvips", None)
    with (
        Pyramid(cached(PillowSource(path), path)) as found,
        open_pyramid(RGB) as expected,
    ):
        assert_alike(found, expected)


def test_a_truncated_picture_is_refused_and_nothing_is_kept(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(RGB).save(path)
    path.write_bytes(path.read_bytes()[:-100_000])
    with (
        opened(path) as found,
        pytest.raises(ValueError, match=r"a\.png must be a whole picture: [^\n]+$"),
    ):
        found.read(6)
    assert names(folder) == []


def test_what_is_whole_of_a_damaged_file_is_read(tmp_path: Path, folder: Path) -> None:
    path = written(tmp_path / "a.tif", GRAY, compression="zlib")
    with tifffile.TiffFile(path) as file:
        start = file.pages[0].dataoffsets[-1]
    data = bytearray(path.read_bytes())
    data[start : start + 50] = b"\xff" * 50
    path.write_bytes(data)
    with opened(path) as found:
        source: Any = found.source
        uncached = source._uncached.source
        source._uncached = Pyramid(uncached, max_samples=1000, small_level=100)
        for _ in range(2):
            with pytest.raises(ValueError, match=r"a\.tif must be a whole TIFF: [^\n]+$"):
                found.read(9)
        part = slice(0, 40), slice(0, 100)
        assert np.array_equal(found.read(2, *part), halve(halve(GRAY))[part])
    assert names(folder) == []


def test_what_is_known_of_a_file_stays_known(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.tif",
        GRAY,
        compression="zlib",
        rowsperstrip=301,
        resolution=(20_000, 10_000),
        resolutionunit="CENTIMETER",
    )
    with opened(path) as found:
        assert found.pixel_size == (1.0, 0.5)
        assert found.unit == "µm"


def test_all_that_a_source_knows_stays_known_but_for_its_levels(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", RGB)
    (tmp_path / "a.tfw").write_text("2.0\n0.0\n0.0\n-3.0\n100.0\n200.0\n")
    source = open_pyramid(path, cache=False).source
    found = cached(source, path)
    assert len(found.shapes) > len(source.shapes) and source.companions == (tmp_path / "a.tfw",)
    for field in {one.name for one in fields(Source)} - {"shapes", "blocks"}:
        assert getattr(found, field) == getattr(source, field)


def test_only_large_sources_without_small_levels_get_a_cache(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    path.touch()

    def source(*shapes: tuple[int, int]) -> Source:
        return Source(shapes=shapes, dtype=np.dtype(np.uint8))  # type: ignore[return-value]

    small, large = source((64, 64)), source((65, 64))
    assert cached(small, path) is small
    assert isinstance(cached(large, path), CachedSource)
    with_levels, with_large = source((650, 640), (32, 32)), source((650, 640), (325, 320))
    assert cached(with_levels, path) is with_levels
    assert isinstance(cached(with_large, path), CachedSource)
    assert cached(large, tmp_path) is large, "no file"


def test_any_file_gets_one_if_asked(tmp_path: Path) -> None:
    limits = replace(LIMITS, large=1 << 28, small_if_asked=1 << 12)
    path = written(tmp_path / "a.tif", GRAY)
    with opened(path, limits=limits) as plain, opened(path, True, limits) as found:
        assert not isinstance(plain.source, CachedSource)
        assert isinstance(found.source, CachedSource)
        assert_alike(found, plain)


def test_nothing_is_read_or_written_before_a_smaller_level_is(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    source = Counted(GRAY)
    pyramid = Pyramid(cached(source, path))
    assert not source.counts.any()
    pyramid.read(0, slice(3, 9), slice(0, 5))
    assert source.counts.sum() == 30
    assert names(folder) == []
    pyramid.read(1, slice(0, 2), slice(0, 2))
    assert source.counts.max() == 2 and source.counts.min() == 1
    assert len(names(folder)) == 1
    again = Counted(GRAY)
    for level in range(1, len(pyramid.shapes)):
        Pyramid(cached(again, path)).read(level)
    assert not again.counts.any()


def test_levels_go_on_from_the_smallest_that_there_is(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    half = halve(GRAY) // 2  # other than what would be made
    with tifffile.TiffWriter(path) as file:
        file.write(GRAY, subifds=1, tile=(64, 64))
        file.write(half, subfiletype=1, tile=(64, 64))
    with opened(path) as found, open_pyramid(path, cache=False) as expected:
        assert isinstance(found.source, CachedSource)
        assert found.native_levels[:3] == (0, 1, 2)
        assert_alike(found, expected)
        assert np.array_equal(found.read(2), halve(half))


def test_each_plane_is_built_when_it_is_read(tmp_path: Path, folder: Path) -> None:
    stack = RANDOM.integers(0, 256, (3, 120, 150), dtype=np.uint16)
    path = written(tmp_path / "a.tif", stack, metadata={"axes": "ZYX"})
    with opened(path) as found, open_pyramid(path, cache=False) as expected:
        assert found.axes == (("z", 3),)
        assert_alike(found, expected, (1,))
        assert len(names(folder)) == 1
        assert_alike(found, expected, (2,))
        assert_alike(found, expected, (0,))
        assert len(names(folder)) == 3


def test_other_options_have_other_levels(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    for key, array in [("yx", GRAY), ("xy", GRAY[::-1])]:
        with Pyramid(cached(Counted(array), path, key=key)) as found:
            assert_alike(found, open_pyramid(array))
    assert len(names(folder)) == 2


def test_a_file_that_changed_is_read_anew_and_its_old_levels_go(
    tmp_path: Path, folder: Path
) -> None:
    path = written(tmp_path / "a.tif", GRAY)
    other = written(tmp_path / "b.tif", GRAY)
    for each in (path, other):
        with opened(each) as found:
            found.read(9)
    before = names(folder)
    written(path, GRAY[::-1])
    with opened(path) as found:
        assert_alike(found, open_pyramid(GRAY[::-1]))
    assert len(names(folder)) == 2
    assert len(set(names(folder)) & set(before)) == 1


def test_a_file_that_changes_while_it_is_read_leaves_no_levels(
    tmp_path: Path, folder: Path
) -> None:
    path = tmp_path / "a"
    path.touch()
    pyramid = Pyramid(cached(Counted(GRAY), path))
    path.write_text("other")
    with pytest.raises(ValueError, match="must not change while it is read"):
        pyramid.read(9)
    assert names(folder) == []


def test_an_interrupt_leaves_what_the_next_read_goes_on_with(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    source = Counted(GRAY, (16, 477))
    pyramid = Pyramid(cached(source, path))
    source.fails_at = 200
    with pytest.raises(KeyboardInterrupt):
        pyramid.read(9)
    assert [name.rpartition(".levels")[2] for name in names(folder)] == [".part"]
    source.fails_at = sys.maxsize
    assert_alike(pyramid, open_pyramid(GRAY))
    assert len(names(folder)) == 1


def test_what_killed_processes_left_goes_after_a_day(tmp_path: Path, folder: Path) -> None:
    path = written(tmp_path / "a.tif", GRAY)
    with opened(path) as found:
        found.read(9)
    old, fresh = (folder / f".nbimage-{c * 12}.part" for c in "ab")
    mine = folder / "notes.part"
    for each in (old, fresh, mine):
        each.write_text("left")
    for each in (old, mine):
        os.utime(each, (time.time() - 90_000,) * 2)
    clear_cache()
    assert names(folder) == sorted([fresh.name, mine.name])


@pytest.mark.parametrize("how", ["a tile", "the index", "cut off", "empty", "nonsense"])
def test_levels_that_are_damaged_are_built_anew(tmp_path: Path, folder: Path, how: str) -> None:
    path = written(tmp_path / "a.tif", GRAY)
    with opened(path) as found:
        found.read(9)
    (entry,) = folder.iterdir()
    data = bytearray(entry.read_bytes())
    if how == "a tile":
        data[100:200] = bytes(100)
    elif how == "the index":
        data[-100:-60] = bytes(40)
    else:
        data = {"cut off": data[:-1000], "empty": b"", "nonsense": b"x" * 5000}[how]  # type: ignore[assignment]
    entry.write_bytes(data)
    with opened(path) as found:
        assert_alike(found, open_pyramid(GRAY))
    assert names(folder) == [entry.name]
    with opened(path) as found:
        assert_alike(found, open_pyramid(GRAY))


def test_levels_that_are_removed_while_they_are_open_are_read_all_the_same(
    tmp_path: Path, folder: Path
) -> None:
    path = written(tmp_path / "a.tif", GRAY)
    with opened(path) as found:
        found.read(9)
        size = sum(entry.stat().st_size for entry in folder.iterdir())
        assert clear_cache() == size
        assert names(folder) == []
        assert_alike(found, open_pyramid(GRAY))
    with opened(path) as found:
        assert_alike(found, open_pyramid(GRAY))


def test_what_was_used_longest_ago_goes_first(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [written(tmp_path / f"{name}.tif", GRAY) for name in "abcd"]
    entries = []
    for age, path in enumerate(paths[:3]):
        with opened(path) as found:
            found.read(9)
        (entry,) = {folder / name for name in names(folder)} - set(entries)
        entries.append(entry)
        os.utime(entry, (1000 + age,) * 2)
    size = entries[0].stat().st_size
    monkeypatch.setenv("NBIMAGE_CACHE_SIZE", str(3 * size + size // 2))
    with opened(paths[0]) as found:  # used again
        found.read(9)
    with opened(paths[3]) as found:
        found.read(9)
    left = set(names(folder))
    assert len(left) == 3
    assert entries[1].name not in left


def test_what_is_in_use_stays(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (written(tmp_path / f"{name}.tif", GRAY) for name in "abc")
    with opened(first) as used:
        used.read(9)
        (entry,) = folder.iterdir()
        monkeypatch.setenv("NBIMAGE_CACHE_SIZE", str(2 * entry.stat().st_size + 100))
        for path in (second, third):
            with opened(path) as found:
                found.read(9)
        os.utime(entry, (1000, 1000))
        assert len(names(folder)) == 2
        assert entry.exists()


def test_what_other_builds_have_written_counts_for_the_limit(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (written(tmp_path / f"{name}.tif", GRAY) for name in "ab")
    with opened(first) as found:
        found.read(9)
    (entry,) = folder.iterdir()
    size = entry.stat().st_size
    unfinished = folder / ".nbimage-0123456789ab.part"
    unfinished.write_bytes(bytes(size))
    monkeypatch.setenv("NBIMAGE_CACHE_SIZE", str(2 * size + size // 2))
    with opened(second) as found:
        found.read(9)
    assert not entry.exists() and unfinished.exists()
    assert len([path for path in folder.iterdir() if path.suffix == ".levels"]) == 1


WARNED = r"a\.tif is read without a cache of smaller levels, which is slow: [^\n]+$"


def assert_read_uncached(path: Path, folder: Path) -> None:
    with opened(path) as found:
        with pytest.warns(UserWarning, match=WARNED) as warned:
            assert_alike(found, open_pyramid(GRAY))
        assert len(warned) == 1
    assert not [name for name in names(folder) if "part" in name or "levels" in name]


def test_a_folder_that_cant_be_made_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("here")
    monkeypatch.setenv("NBIMAGE_CACHE", str(tmp_path / "file"))
    path = written(tmp_path / "a.tif", GRAY)
    assert_read_uncached(path, tmp_path / "nothing")


def test_levels_larger_than_the_cache_are_warned_of(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBIMAGE_CACHE_SIZE", "10k")
    assert_read_uncached(written(tmp_path / "a.tif", GRAY), folder)


def test_a_disk_that_gets_full_is_warned_of(tmp_path: Path, folder: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system limits no files")
    path = written(tmp_path / "a.tif", GRAY)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        assert_read_uncached(path, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_without_room_is_warned_of_at_once(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert_read_uncached(written(tmp_path / "a.tif", GRAY), folder)


def test_no_cache_is_kept_if_it_may_take_nothing(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBIMAGE_CACHE_SIZE", "0")
    with opened(written(tmp_path / "a.tif", GRAY)) as found:
        assert not isinstance(found.source, CachedSource)


@pytest.mark.parametrize(
    ("text", "size"),
    [("1000", 1000), ("20G", 20 << 30), ("1.5 k", 1536), ("3MiB", 3 << 20), ("2TB", 2 << 40)],
)
def test_the_size_is_told_in_bytes_or_with_a_suffix(
    monkeypatch: pytest.MonkeyPatch, text: str, size: int
) -> None:
    monkeypatch.setenv("NBIMAGE_CACHE_SIZE", text)
    assert cache_folder.max_cache_bytes() == size


def test_a_size_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBIMAGE_CACHE_SIZE", "much")
    with pytest.raises(ValueError, match=r'must be bytes, or for instance "20G", but is \'much\''):
        opened(written(tmp_path / "a.tif", GRAY))


def test_each_platform_has_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NBIMAGE_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    found = {}
    for platform in ("linux", "darwin", "win32"):
        monkeypatch.setattr(cache_folder.sys, "platform", platform)
        found[platform] = cache_folder.cache_folder().relative_to(tmp_path).as_posix()
    assert found == {
        "linux": ".cache/nbimage/levels",
        "darwin": "Library/Caches/nbimage/levels",
        "win32": "Local/nbimage/Cache/levels",
    }
    monkeypatch.setattr(cache_folder.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder.cache_folder() == tmp_path / "xdg" / "nbimage" / "levels"


def test_threads_build_once_and_read_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    source = Counted(GRAY)
    pyramid = Pyramid(cached(source, path))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: pyramid.read(2), range(16)))
    assert all(np.array_equal(part, found[0]) for part in found)
    assert np.array_equal(found[0], halve(halve(GRAY)))
    assert (source.counts == 1).all()


def test_a_pickled_pyramid_finds_the_cache_again(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "a.tif", GRAY, compression="zlib")
    monkeypatch.chdir(tmp_path)
    pyramid = opened(Path("a.tif"))
    pyramid.read(9)
    before = {path: path.stat().st_ino for path in folder.iterdir()}
    data = pickle.dumps(pyramid)
    assert len(data) < 10_000
    monkeypatch.chdir("/")
    with pickle.loads(data) as again:
        assert_alike(again, open_pyramid(GRAY))
    assert before == {path: path.stat().st_ino for path in folder.iterdir()}


def meet_at(barrier: Any) -> None:
    """Keep where this process is to meet the other one."""
    build_elsewhere.barrier = barrier  # type: ignore[attr-defined]


def build_elsewhere(path: str) -> bool:
    with opened(Path(path)) as pyramid:
        build_elsewhere.barrier.wait(120)  # type: ignore[attr-defined]
        return np.array_equal(pyramid.read(2), halve(halve(GRAY)))


def test_processes_that_build_at_once_leave_one_and_no_litter(tmp_path: Path, folder: Path) -> None:
    path = written(tmp_path / "a.tif", GRAY, compression="zlib")
    context = multiprocessing.get_context("spawn")
    with context.Pool(2, meet_at, (context.Barrier(2),)) as pool:
        assert all(pool.map(build_elsewhere, [str(path)] * 2, chunksize=1))
    assert len(names(folder)) == 1
    with opened(path) as found:
        assert_alike(found, open_pyramid(GRAY))


def test_clearing_leaves_what_others_put_there(tmp_path: Path, folder: Path) -> None:
    assert clear_cache() == 0
    with opened(written(tmp_path / "a.tif", GRAY)) as found:
        found.read(9)
    (folder / "notes.txt").write_text("mine")
    assert clear_cache() > 1000
    assert names(folder) == ["notes.txt"]


def stopped_after(path: Path, source: Source, samples: int, limits: CacheLimits = LIMITS) -> None:
    """Begin to build levels, and stop when so many samples of the largest one are done."""
    left = [samples]

    def watch(done: int) -> None:
        left[0] -= done
        if left[0] < 0:
            raise BuildStoppedError

    cache: Any = cached(source, path, limits)
    with pytest.raises(BuildStoppedError):
        cache.build((), BuildHooks(lambda *tile: None, watch, 1))
    cache.close()


@pytest.mark.parametrize("block", [(1, 1), (16, 477), (64, 64), (128, 128)], ids=str)
@pytest.mark.parametrize("share", [0.5, 0.75, 0.97])
def test_a_stopped_build_is_gone_on_with(
    tmp_path: Path, folder: Path, block: tuple[int, int], share: float
) -> None:
    path = tmp_path / "a"
    path.touch()
    first, second = Counted(RGB, block), Counted(RGB, block)
    stopped_after(path, first, int(share * first.counts.size))
    assert [name.rpartition(".levels")[2] for name in names(folder)] == [".part"]
    found = Pyramid(cached(second, path))
    shown: list[tuple[int, Box]] = []
    hooks = BuildHooks(lambda level, box, tile: shown.append((level, box)), lambda n: None, 2, 3)
    cache: Any = found.source
    assert cache.build((), hooks)
    assert second.counts.sum() < first.counts.size - (first.counts.sum() > 200 * 477) * 100 * 477
    assert second.counts[-1].all() and second.counts.max() == 1
    with open_pyramid(RGB) as expected:
        assert_alike(found, expected)
    ends = [(box.top << level, min(301, box.bottom << level)) for level, box in shown]
    rows = sorted(set(ends))
    assert rows[0][0] == 0 and rows[-1][1] == 301
    assert all(one[1] == other[0] for one, other in itertools.pairwise(rows)), "each row once"
    assert len(names(folder)) == 1


def test_a_stopped_build_of_rows_in_order_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(RGB).save(path)
    stopped_after(path, VipsSource(path), 150 * 477)
    with opened(path) as found, open_pyramid(RGB) as expected:
        assert_alike(found, expected)


@pytest.mark.parametrize("damage", ["cut", "zeros", "other"])
def test_what_is_damaged_of_a_stopped_build_is_built_anew(
    tmp_path: Path, folder: Path, damage: str
) -> None:
    path = tmp_path / "a"
    path.touch()
    stopped_after(path, Counted(RGB), 200 * 477)
    (part,) = folder.iterdir()
    data = bytearray(part.read_bytes())
    if damage == "cut":
        data = data[:-100]
    elif damage == "zeros":
        data[200:230] = bytes(30)
    else:
        data[8:20] = bytes(12)
    part.write_bytes(data)
    with open_pyramid(RGB) as expected:
        assert_alike(Pyramid(cached(Counted(RGB), path)), expected)
    assert len(names(folder)) == 1


def test_the_limit_of_the_folder_counts_a_stopped_build(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).touch()
    Pyramid(cached(Counted(RGB), tmp_path / "a")).read(3)
    (whole,) = folder.iterdir()
    stopped_after(tmp_path / "b", Counted(RGB), 200 * 477)
    most = whole.stat().st_size + 1000
    monkeypatch.setenv("NBIMAGE_CACHE_SIZE", str(most))
    cache_folder.make_room(folder, 0, folder / "other.levels")
    assert not whole.exists(), "both together are more"


def test_clearing_removes_stopped_builds_but_those_that_go_on(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    stopped_after(path, Counted(RGB), 200 * 477)
    (part,) = folder.iterdir()
    with acquire_lock(part.with_name(f"{part.name}.lock")):
        assert clear_cache() == 0
        assert part.exists()
    assert clear_cache() > 0
    assert names(folder) == []
