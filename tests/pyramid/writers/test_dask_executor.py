"""Pyramids built elsewhere: on a cluster's workers, by another run, behind an address."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import open_pyramid
from nbimage.cli.main import main
from nbimage.mapping.limits import Extent
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.levels.executors import Threads
from nbimage.pyramid.levels.super_tiles import cut_super_tiles
from nbimage.pyramid.writers.checkpoint import Checkpoint
from nbimage.pyramid.writers.dask_executor import (
    ClusterExecutor,
    SchedulerExecutor,
    choose_executor,
)
from nbimage.pyramid.writers.deepzoom import tiles as writing
from nbimage.pyramid.writers.deepzoom.write import write_dzi
from nbimage.pyramid.writers.directories import LocalDirectory
from nbimage.pyramid.writers.value_mapping import ValueSummary

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
distributed = pytest.importorskip("distributed")
zarr = pytest.importorskip("zarr")

RANDOM = np.random.default_rng(7)
SHAPE = 1300, 1700


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as found:
        yield found


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    with distributed.Client(cluster) as found:
        found.wait_for_workers(2)
        yield found


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A zarr array of several chunks."""
    values = RANDOM.integers(0, 5000, SHAPE, dtype=np.uint16)
    folder = tmp_path_factory.mktemp("image")
    return zarr.create_array(store=folder / "x.zarr", data=values, chunks=(300, 400))


@pytest.fixture
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many super-tiles of a small image."""
    monkeypatch.setattr(cut_super_tiles, "__defaults__", (1 << 16,))


def files(path: Any) -> dict[str, bytes]:
    """Tile's name -> its bytes."""
    path = Path(path)
    if path.suffix in (".zip", ".szi"):
        with zipfile.ZipFile(path) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
        return {name.partition("_files/")[2]: data for name, data in found.items()}
    folder = path.with_name(f"{path.stem}_files")
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    } | {"": path.read_bytes()}


def lazily(values: Any) -> Any:
    """A function of chunks that a worker can call."""
    array = da.from_array(values, chunks=(300, 400))
    return da.where(array % 7 == 0, np.nan, array.astype("f4"))


def slowed(array: Any, folder: Path, seconds: float = 0.1) -> Any:
    """A dask array whose blocks take their time, and leave a mark each time they are computed."""

    def compute(block: np.ndarray, block_info: Any = None) -> np.ndarray:
        if block_info is not None:
            row, column = block_info[0]["chunk-location"]
            (folder / f"{row}_{column}-{os.urandom(4).hex()}").touch()
            time.sleep(seconds)
        return block

    made = da.from_array(np.asarray(array), chunks=(254, 254))
    return made.map_blocks(compute, dtype=made.dtype, name=f"slowed-{folder.name}")


def part(folder: Path, name: str = "x.dzi") -> Path:
    return folder / f".nbimage-{name}.part"


def finished(folder: Path, name: str = "x.dzi") -> set[Path]:
    return set(part(folder, name).glob("*/done/*"))


def wait_for(what: Callable[[], Any], seconds: float = 120) -> None:
    """Wait until something is so; the bound only ends what hangs."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "that took too long"
        time.sleep(0.01)


# -------------------------------------------------------------------------------- a cluster


@pytest.mark.parametrize("target", ["x.dzi", "x.zip", "x.szi"])
def test_a_clusters_tiles_are_those_of_threads(
    tmp_path: Path, image: Any, client: Any, target: str
) -> None:
    write_dzi(np.asarray(image), tmp_path / f"own-{target}")
    assert isinstance(choose_executor(open_pyramid(image))[0], ClusterExecutor)
    write_dzi(image, tmp_path / target)
    assert files(tmp_path / target) == files(tmp_path / f"own-{target}")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("missing", {"format": "png"}),
        ("missing", {"contrast": "robust"}),
        ("missing", {"norm": "log", "cmap": "viridis", "format": "webp"}),
        ("colors", {}),
        ("colors", {"vmin": (0, 1, 2), "format": "png"}),
        ("file", {"cmap": "magma", "format": "png"}),
        ("path", {"norm": 0.5, "overlap": 0, "tile_size": 200}),
        ("path", {"labels": True}),
        ("file", {"labels": True, "vmin": 0, "vmax": 255, "tile_size": 100}),
    ],
    ids=str,
)
def test_any_values_and_mapping_are_the_same_on_a_cluster(
    tmp_path: Path, image: Any, client: Any, kind: str, options: dict[str, Any], small_tasks: None
) -> None:
    values = np.asarray(image)[:700, :900]
    if kind == "missing":
        source: Any = lazily(values)
    elif kind == "colors":
        source = da.from_array(np.dstack([values, values // 2, values // 3]), chunks=(300, 400, 3))
    elif kind == "file":
        np.save(tmp_path / "values.npy", values)
        source = tmp_path / "values.npy"
    else:
        source = Path(str(image.store_path).removeprefix("file://"))
    write_dzi(source, tmp_path / "x.dzi", **options)
    with dask.config.set(scheduler="threads"):
        assert isinstance(choose_executor(open_pyramid(source))[0], Threads)
        write_dzi(source, tmp_path / "own.dzi", **options)
    assert files(tmp_path / "x.dzi") == files(tmp_path / "own.dzi")
    if "labels" in options:
        with open_pyramid(tmp_path / "x.dzi", labels=True) as pyramid:
            whole = pyramid.read(0)
            for level in range(len(pyramid.shapes)):
                assert np.array_equal(pyramid.read(level), whole[:: 1 << level, :: 1 << level])


def test_what_lies_in_memory_is_not_sent_to_a_cluster(tmp_path: Path, client: Any) -> None:
    from PIL import Image

    Image.fromarray(np.zeros((50, 60), np.uint8)).save(tmp_path / "x.png")
    with open_pyramid(tmp_path / "x.png") as picture:
        for pyramid in (open_pyramid(np.zeros((50, 60))), picture):
            assert isinstance(choose_executor(pyramid)[0], Threads)
    held = zarr.create_array(store=zarr.storage.MemoryStore(), data=RANDOM.random((900, 900)))
    assert isinstance(choose_executor(open_pyramid(held))[0], Threads)


def test_a_task_of_a_cluster_writes_a_pyramid_by_itself(
    tmp_path: Path, image: Any, client: Any
) -> None:
    path = str(image.store_path).removeprefix("file://")
    client.submit(write_dzi, path, tmp_path / "x.dzi").result(60)
    write_dzi(np.asarray(image), tmp_path / "own.dzi")
    assert files(tmp_path / "x.dzi") == files(tmp_path / "own.dzi")


def test_progress_of_a_cluster_is_told_up_to_the_total(
    tmp_path: Path, image: Any, client: Any, monkeypatch: pytest.MonkeyPatch, small_tasks: None
) -> None:
    told: dict[str, list[int]] = {}

    @contextlib.contextmanager
    def bar(what: str, total: int, wanted: bool) -> Iterator[Any]:
        assert total == SHAPE[0] * SHAPE[1]
        yield told.setdefault(what, []).append

    monkeypatch.setattr(writing, "progress_bar", bar)
    write_dzi(image, tmp_path / "x.dzi")
    assert told.keys() == {"limits", "tiles"}
    for steps in told.values():
        assert sum(steps) == SHAPE[0] * SHAPE[1]
        assert max(steps) < sum(steps) / 4


def test_a_few_tasks_for_each_thread_are_in_flight(client: Any) -> None:
    class Work:
        def box(self, task: int) -> int:
            return task

        def find_done(self, task: int) -> None:
            return None

        def is_removed(self) -> bool:
            return False

        def __call__(self, task: int, block: int) -> int:
            return block

    run: Any = ClusterExecutor(client)
    done = run(list(range(60)), _twice, Work())
    assert next(done) in {0, 2, 4, 6}
    assert len(client.futures) <= 5
    assert sum(done) <= sum(range(0, 120, 2))
    assert not list(run([], _twice, Work()))


def _twice(number: int) -> int:
    return 2 * number


def test_an_error_of_a_worker_is_raised_here_and_ends_the_rest(
    tmp_path: Path, client: Any, small_tasks: None
) -> None:
    def fails(block: np.ndarray, block_info: Any = None) -> np.ndarray:
        if block_info and block_info[0]["chunk-location"] == (2, 1):
            raise ZeroDivisionError("of one block")
        return block

    array = da.ones((1000, 1000), chunks=200).map_blocks(fails, dtype=float)
    with pytest.raises(ZeroDivisionError, match="of one block"):
        write_dzi(array, tmp_path / "x.dzi", vmin=0, vmax=1, resume=False)
    assert not list(tmp_path.iterdir())
    wait_for(lambda: not any(client.processing().values()))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_workers_do_not_reach_is_named(
    tmp_path: Path, image: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = writing.build_levels

    def removed(*given: Any, **options: Any) -> None:
        for run in tmp_path.glob(".nbimage-*"):  # as if a worker were on another computer
            run.rename(tmp_path / "elsewhere")
        build(*given, **options)

    monkeypatch.setattr(writing, "build_levels", removed)
    with pytest.raises(FileNotFoundError, match="all workers must reach"):
        write_dzi(image, tmp_path / "x.dzi")


@pytest.mark.parametrize("resume", [None, False])
def test_after_an_interrupt_workers_write_nothing_more(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    image: Any,
    client: Any,
    small_tasks: None,
    resume: bool | None,
) -> None:
    marks = tmp_path / f"marks-{resume}"
    marks.mkdir()
    out = tmp_path / "out"
    out.mkdir()
    main_thread = threading.main_thread().ident
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))  # a job may ignore it

    def interrupt() -> None:
        wait_for(lambda: len(set(out.glob(".nbimage-*/*/done/*"))) > 4)
        signal.pthread_kill(main_thread, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        write_dzi(
            slowed(image, marks, 0.15),
            out / "x.dzi",
            tile_size=100,
            vmin=0,
            vmax=5000,
            resume=resume,
        )
    thread.join()
    wait_for(lambda: not any(client.processing().values()))
    assert [path.name for path in out.iterdir()] == (
        [".nbimage-x.dzi.part"] if resume is None else []
    )
    done = finished(out)
    wait_for(lambda: not any(client.run(_busy).values()))
    # what each of the two workers had begun may come to its end, if it is to stay; no other does
    assert len(finished(out) - done) <= (2 if resume is None else 0)
    assert not (out / "x.dzi").exists()


def _busy(dask_worker: Any) -> int:
    return int(dask_worker.state.executing_count)


@pytest.mark.cluster
def test_a_killed_worker_costs_no_tile_and_what_was_done_is_not_done_again(
    tmp_path: Path, image: Any, small_tasks: None
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    options: dict[str, Any] = {"vmin": 0, "vmax": 5000, "tile_size": 100}
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
        ) as own,
        distributed.Client(own) as client,
    ):
        pid = next(iter(client.run(os.getpid).values()))
        old: dict[Path, int] = {}

        def kill() -> None:
            wait_for(lambda: len(finished(tmp_path)) > 10)
            old.update({path: path.stat().st_mtime_ns for path in finished(tmp_path)})
            os.kill(pid, signal.SIGKILL)

        thread = threading.Thread(target=kill)
        thread.start()
        seen: dict[Path, int] = {}
        thread_seen = threading.Thread(target=_watched, args=(tmp_path, seen))
        thread_seen.start()
        write_dzi(slowed(image, marks, 0.03), tmp_path / "x.dzi", **options)
        thread.join()
        thread_seen.join()
    assert len(old) > 10
    assert not {path for path in old if seen.get(path, old[path]) != old[path]}
    write_dzi(np.asarray(image), tmp_path / "own.dzi", **options)
    assert files(tmp_path / "x.dzi") == files(tmp_path / "own.dzi")
    assert not part(tmp_path).exists()


def _watched(folder: Path, seen: dict[Path, int]) -> None:
    """Write down when each task's file was written last, until the pyramid is there."""
    while not (folder / "x.dzi").exists():
        for path in finished(folder):
            with contextlib.suppress(OSError):
                seen[path] = path.stat().st_mtime_ns
        time.sleep(0.02)


def test_a_clusters_client_that_is_killed_is_gone_on_with(
    tmp_path: Path, image: Any, cluster: Any, client: Any, small_tasks: None
) -> None:
    marks, out = tmp_path / "marks", tmp_path / "out"
    marks.mkdir()
    out.mkdir()
    np.save(tmp_path / "in.npy", np.asarray(image))
    program = f"""
        import sys
        from pathlib import Path
        import numpy as np
        from distributed import Client
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import test_dask_executor as tests
        tests.cut_super_tiles.__defaults__ = (1 << 16,)
        array = tests.slowed(np.load("in.npy"), Path("marks").absolute(), 0.03)
        with Client({cluster.scheduler_address!r}):
            tests.write_dzi(array, "out/x.dzi", vmin=0, vmax=5000, tile_size=100)
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], cwd=tmp_path)
    wait_for(lambda: len(finished(out)) > 20)
    process.kill()
    process.wait()
    wait_for(lambda: not any(client.processing().values()))
    done = {path: path.stat().st_mtime_ns for path in finished(out)}
    assert len(done) > 20 and not (out / "x.dzi").exists()
    seen: dict[Path, int] = {}
    thread = threading.Thread(target=_watched, args=(out, seen))
    thread.start()
    options: dict[str, Any] = {"vmin": 0, "vmax": 5000, "tile_size": 100}
    write_dzi(slowed(image, marks, 0.01), out / "x.dzi", **options)
    thread.join()
    assert not {path for path in done if seen.get(path, done[path]) != done[path]}
    write_dzi(np.asarray(image), tmp_path / "own.dzi", **options)
    assert files(out / "x.dzi") == files(tmp_path / "own.dzi")
    assert {path.name for path in out.iterdir()} == {"x.dzi", "x_files"}


@pytest.mark.cluster
def test_a_cluster_of_threads_will_do(tmp_path: Path, image: Any) -> None:
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0"
        ) as own,
        distributed.Client(own),
    ):
        assert isinstance(choose_executor(open_pyramid(image))[0], ClusterExecutor)
        write_dzi(image, tmp_path / "x.dzi")
    write_dzi(image, tmp_path / "own.dzi")
    assert files(tmp_path / "x.dzi") == files(tmp_path / "own.dzi")


# ------------------------------------------------------------------------ other schedulers


@pytest.mark.parametrize(
    "scheduler", [pytest.param("processes", marks=pytest.mark.cluster), "custom"]
)
def test_dasks_own_schedulers_give_the_same_tiles(
    tmp_path: Path, image: Any, scheduler: str, small_tasks: None
) -> None:
    array = lazily(np.asarray(image)[:500, :600])
    write_dzi(array, tmp_path / "own.dzi", format="png")
    called = []

    def custom(graph: Any, keys: Any, **options: Any) -> Any:
        called.append(len(keys))
        return dask.get(graph, keys, **options)

    chosen: Any = custom if scheduler == "custom" else scheduler
    with dask.config.set(scheduler=chosen):
        assert isinstance(choose_executor(open_pyramid(array))[0], SchedulerExecutor)
        write_dzi(array, tmp_path / "x.dzi", format="png")
    assert bool(called) == (scheduler == "custom")
    assert files(tmp_path / "x.dzi") == files(tmp_path / "own.dzi")
    assert len(list(tmp_path.iterdir())) == 4


def test_the_synchronous_scheduler_means_one_thread(tmp_path: Path) -> None:
    threads = set()

    def noted(block: np.ndarray) -> np.ndarray:
        threads.add(threading.get_ident())
        return block

    array = da.ones((900, 900), chunks=300).map_blocks(noted, dtype=float)
    with dask.config.set(scheduler="synchronous"):
        write_dzi(array, tmp_path / "x.dzi")
    assert threads == {threading.get_ident()}


# -------------------------------------------------------------------------------- going on


class StoppedError(Exception):
    """What stops a run half-way."""


def counting(values: np.ndarray, most: int) -> tuple[Any, list[Any]]:
    """A pyramid that fails after so many reads, and what was read."""
    pyramid = open_pyramid(values)
    whole, read = pyramid.read, []

    def reads(level: int, *place: Any) -> np.ndarray:
        if len(read) >= most:
            raise StoppedError
        read.append(place)
        return whole(level, *place)

    pyramid.read = reads  # type: ignore[method-assign]
    return pyramid, read


@pytest.mark.parametrize("target", ["x.dzi", "x.zip", "x.szi"])
def test_a_run_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, image: Any, target: str, small_tasks: None
) -> None:
    values = np.asarray(image)
    write_dzi(values, tmp_path / f"own-{target}")
    entries = set(tmp_path.iterdir())
    tasks = len(cut_super_tiles(TileGrid(*SHAPE), 0, 2, workers=4))
    looks = len(cut_super_tiles(TileGrid(*SHAPE), 0, 2))
    first, _ = counting(values, looks + 8)
    with pytest.raises(StoppedError):
        write_dzi(first, tmp_path / target, resume=True)
    assert set(tmp_path.iterdir()) - entries == {part(tmp_path, target)}
    done = len(finished(tmp_path, target))
    assert 4 <= done <= 8
    second, read = counting(values, 10**6)
    write_dzi(second, tmp_path / target, resume=True)
    assert len(read) == tasks - done
    assert files(tmp_path / target) == files(tmp_path / f"own-{target}")
    assert not part(tmp_path, target).exists()


@pytest.mark.parametrize(
    ("values", "options"),
    [(1, {}), (0, {"vmin": 3}), (0, {"tile_size": 200}), (0, {"quality": 30}),
     (0, {"format": "png"}), (0, {"cmap": "viridis"}), (0, {"contrast": "robust"})],
    ids=str,
)  # fmt: skip
def test_another_image_or_mapping_starts_afresh(
    tmp_path: Path, image: Any, values: int, options: dict[str, Any], small_tasks: None
) -> None:
    older = np.asarray(image)
    with pytest.raises(StoppedError):
        write_dzi(counting(older, 18)[0], tmp_path / "x.dzi", resume=True)
    newer = older + values
    write_dzi(newer, tmp_path / "own.dzi", **options)
    write_dzi(newer, tmp_path / "x.dzi", resume=True, **options)
    assert files(tmp_path / "x.dzi") == files(tmp_path / "own.dzi")
    assert len(list(tmp_path.iterdir())) == 4


def test_a_file_that_has_changed_starts_afresh(tmp_path: Path, small_tasks: None) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.zeros((600, 600), np.uint8))
    with pytest.raises(StoppedError):
        pyramid = open_pyramid(path)
        _stop_after(pyramid, 2)
        write_dzi(pyramid, tmp_path / "x.dzi", resume=True)
    assert finished(tmp_path)
    np.save(path, np.full((600, 600), 200, np.uint8))
    write_dzi(path, tmp_path / "x.dzi", resume=True, format="jpeg")
    tile = files(tmp_path / "x.dzi")
    write_dzi(np.full((600, 600), 200, np.uint8), tmp_path / "own.dzi")
    assert tile == files(tmp_path / "own.dzi")


def _stop_after(pyramid: Any, most: int) -> None:
    whole, left = pyramid.read, [most]

    def read(*place: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise StoppedError
        return whole(*place)

    pyramid.read = read


def test_a_run_without_resume_takes_away_what_an_earlier_one_left(
    tmp_path: Path, image: Any, memory: Any, small_tasks: None
) -> None:
    for target in (tmp_path / "x.dzi", "memory://folder/x.dzi"):
        with pytest.raises(StoppedError):
            write_dzi(counting(np.asarray(image), 18)[0], target, resume=True)
        write_dzi(np.zeros((9, 9)), target)
    assert {path.name for path in tmp_path.iterdir()} == {"x.dzi", "x_files"}
    assert {path.split("/")[2] for path in memory.find("/folder")} == {"x.dzi", "x_files"}


def test_what_is_refused_leaves_nothing_to_go_on_with(tmp_path: Path, memory: Any) -> None:
    for target in (tmp_path / "x.dzi", tmp_path / "x.zip", "memory://folder/x.dzi"):
        with pytest.raises((ValueError, TypeError)):
            write_dzi(np.ones((9, 9)), target, vmin="low", resume=True)
    assert not list(tmp_path.iterdir())
    assert not memory.find("/folder")


def test_two_processes_do_not_write_the_same_pyramid(tmp_path: Path) -> None:
    seen = []
    pyramid = open_pyramid(np.ones((9, 9)))
    whole = pyramid.read

    def read(*place: Any) -> Any:
        with pytest.raises(BlockingIOError, match="another process is writing"):
            write_dzi(np.ones((9, 9)), tmp_path / "x.dzi", resume=True)
        seen.append(place)
        return whole(*place)

    pyramid.read = read  # type: ignore[method-assign]
    write_dzi(pyramid, tmp_path / "x.dzi", resume=True)
    assert seen
    assert {path.name for path in tmp_path.iterdir()} == {"x.dzi", "x_files"}


def test_a_process_that_is_killed_is_gone_on_with(
    tmp_path: Path, image: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "in.npy", np.asarray(image))
    program = """
        import time
        from nbimage.cli.main import main
        from nbimage.pyramid.writers import tile_encoder as tiles
        from nbimage.pyramid.levels.super_tiles import cut_super_tiles
        cut_super_tiles.__defaults__ = (1 << 16,)
        encode = tiles.TileCodec.encode
        def slowly(*given):
            time.sleep(0.01)
            return encode(*given)
        tiles.TileCodec.encode = slowly
        main(["dzi", "in.npy", "x", "--resume", "--tile-size", "100"])
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], cwd=tmp_path)
    wait_for(lambda: len(finished(tmp_path)) > 10)
    process.kill()
    process.wait()
    assert not (tmp_path / "x.dzi").exists()
    done = {path.name for path in finished(tmp_path)}
    monkeypatch.setattr(cut_super_tiles, "__defaults__", (1 << 16,))
    monkeypatch.chdir(tmp_path)
    put, written = LocalDirectory.write, []

    def noted(self: LocalDirectory, given: Any) -> None:
        written.extend(given)
        put(self, given)

    monkeypatch.setattr(LocalDirectory, "write", noted)
    assert main(["dzi", "in.npy", "x", "--resume", "--tile-size", "100"]) == 0
    again = {name.removeprefix("done/") for name in written if name.startswith("done/")}
    assert again
    assert not again & done
    assert "look" not in written
    assert not part(tmp_path).exists()
    monkeypatch.undo()
    write_dzi(np.asarray(image), tmp_path / "own.dzi", tile_size=100)
    assert files(tmp_path / "x.dzi") == files(tmp_path / "own.dzi")


@pytest.mark.parametrize(
    "extent",
    [Extent(), Extent(0, 2**64 - 1), Extent(-0.1, 1e300, False), Extent(-(2**63), 5)],
    ids=str,
)
def test_what_was_seen_is_kept_exactly(tmp_path: Path, extent: Extent) -> None:
    checkpoint = Checkpoint(LocalDirectory(tmp_path))
    assert checkpoint.load() is None
    checkpoint.save(
        ValueSummary((extent, Extent(1, 2)), extent, (np.arange(5.0), np.ones(3, "u2")))
    )
    found = checkpoint.load()
    assert found is not None
    assert (found.extents, found.whole) == ((extent, Extent(1, 2)), extent)
    assert [part.dtype.str for part in found.samples] == ["<f8", "<u2"]
    assert np.array_equal(found.samples[0], np.arange(5.0))


# ------------------------------------------------------------------------------- addresses


@pytest.fixture
def memory() -> Iterator[Any]:
    fsspec = pytest.importorskip("fsspec")
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]
    yield fs
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]


def stored(fs: Any, folder: str) -> dict[str, bytes]:
    fs.invalidate_cache()
    found = fs.find(folder)
    return fs.cat(found) if found else {}


def same_tiles(fs: Any, name: str, own: Path) -> None:
    held = stored(fs, f"{name}_files")
    start = f"{name.strip('/')}_files/"
    tiles = {path.strip("/").removeprefix(start): data for path, data in held.items()}
    assert tiles | {"": fs.cat_file(f"{name}.dzi")} == files(own)


@pytest.mark.parametrize("resume", [None, True])
def test_a_pyramid_is_written_to_an_address(
    tmp_path: Path, memory: Any, image: Any, resume: bool | None
) -> None:
    values = np.asarray(image)
    write_dzi(values, tmp_path / "own.dzi")
    assert write_dzi(values, "memory://folder/x", resume=resume) == "memory://folder/x.dzi"
    same_tiles(memory, "/folder/x", tmp_path / "own.dzi")
    assert {path.split("/")[2] for path in memory.find("/folder")} == {"x.dzi", "x_files"}
    with open_pyramid("memory://folder/x.dzi") as pyramid:
        assert pyramid.shapes[0] == SHAPE


@pytest.mark.parametrize("suffix", [".zip", ".szi"])
@pytest.mark.parametrize("resume", [None, True])
def test_one_file_is_sent_to_an_address(
    tmp_path: Path, memory: Any, image: Any, suffix: str, resume: bool | None
) -> None:
    values = np.asarray(image)
    write_dzi(values, tmp_path / f"x{suffix}")
    write_dzi(values, f"memory://folder/x{suffix}", resume=resume)
    assert memory.find("/folder") == [f"/folder/x{suffix}"]
    (tmp_path / f"sent{suffix}").write_bytes(memory.cat_file(f"/folder/x{suffix}"))
    assert files(tmp_path / f"sent{suffix}") == files(tmp_path / f"x{suffix}")


def test_an_address_of_a_file_is_its_path(tmp_path: Path) -> None:
    path = write_dzi(np.ones((9, 9)), f"file://{tmp_path}/x.dzi")
    assert path == tmp_path / "x.dzi"
    assert {path.name for path in tmp_path.iterdir()} == {"x.dzi", "x_files"}


def test_at_an_address_an_older_pyramids_tiles_are_removed_and_a_failed_ones_too(
    memory: Any, small_tasks: None
) -> None:
    write_dzi(np.ones((900, 700)), "memory://folder/x.dzi", format="png")
    write_dzi(np.ones((30, 20)), "memory://folder/x.dzi")
    found = memory.find("/folder")
    assert len(found) == 7
    assert not [path for path in found if path.endswith(".png")]
    before = stored(memory, "/folder")
    with pytest.raises(StoppedError):  # while the values are looked at: nothing is touched yet
        write_dzi(counting(np.eye(900), 3)[0], "memory://folder/x.dzi")
    assert stored(memory, "/folder") == before
    with pytest.raises(StoppedError):
        write_dzi(counting(np.eye(900), 3)[0], "memory://folder/x.dzi", vmin=0, vmax=1)
    assert not memory.find("/folder")


def test_somebody_elses_folder_at_an_address_is_never_replaced(memory: Any) -> None:
    memory.pipe("/folder/x_files/style.css", b"p {}")
    with pytest.raises(FileExistsError, match=r"style\.css"):
        write_dzi(np.ones((9, 9)), "memory://folder/x.dzi")
    assert memory.find("/folder") == ["/folder/x_files/style.css"]


def test_a_run_to_an_address_goes_on_where_it_was(
    tmp_path: Path, memory: Any, image: Any, small_tasks: None
) -> None:
    values = np.asarray(image)
    write_dzi(values, tmp_path / "own.dzi")
    looks = len(cut_super_tiles(TileGrid(*SHAPE), 0, 2))
    with pytest.raises(StoppedError):
        write_dzi(counting(values, looks + 8)[0], "memory://folder/x.dzi", resume=True)
    assert not memory.exists("/folder/x.dzi")
    pyramid, read = counting(values, 10**6)
    write_dzi(pyramid, "memory://folder/x.dzi", resume=True)
    assert len(read) < looks
    same_tiles(memory, "/folder/x", tmp_path / "own.dzi")
    assert {path.split("/")[2] for path in memory.find("/folder")} == {"x.dzi", "x_files"}


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("memory://folder/x.png", ValueError),
        ("memory://", ValueError),
        ("nosuchscheme://folder/x.dzi", ValueError),
    ],
)
def test_an_address_that_will_not_do_is_one_line(address: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        write_dzi(np.ones((9, 9)), address)
    assert "\n" not in str(caught.value)
