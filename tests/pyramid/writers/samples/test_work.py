"""OME-Zarr and TIFF written by a cluster's workers, and by a run that goes on with another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from nbimage import open_pyramid, write_ome_zarr, write_tiff
from nbimage.base.box import Box
from nbimage.pyramid.levels.super_tiles import cut_super_tiles
from nbimage.pyramid.sources.array import ArraySource
from nbimage.pyramid.writers.dask_executor import ClusterExecutor
from nbimage.pyramid.writers.samples.work import plan_run

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
distributed = pytest.importorskip("distributed")
zarr = pytest.importorskip("zarr")

VALUES = np.random.default_rng(7).integers(0, 5000, (2, 3, 300, 470), dtype=np.uint16)
WRITERS: dict[str, tuple[Callable[..., Any], str]] = {
    "0.5": (partial(write_ome_zarr, chunk_size=64), "x.ome.zarr"),
    "0.4": (partial(write_ome_zarr, chunk_size=64, version="0.4"), "x.ome.zarr"),
    "shards": (partial(write_ome_zarr, chunk_size=64, shard_size=128), "x.ome.zarr"),
    "tiff": (partial(write_tiff, tile_size=64), "x.tif"),
    "ome-tiff": (partial(write_tiff, tile_size=64), "x.ome.tif"),
}
every_writer = pytest.mark.parametrize("kind", WRITERS)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as found,
    ):
        found.wait_for_workers(2)
        yield found


def files(path: Path) -> dict[str, bytes]:
    """All that was written."""
    if path.is_file():
        return {"": path.read_bytes()}
    found = (file for file in path.rglob("*") if file.is_file())
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in found}


def folder(path: Path, name: str) -> Path:
    path = path / name
    path.mkdir()
    return path


class Reads:
    """How often arrays in memory may be read, and were."""

    def __init__(self) -> None:
        self.most, self.count = 1 << 30, 0

    def until(self, most: int) -> None:
        """Let the next reads but so many be interrupted."""
        self.most, self.count = most, 0


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    found, read = Reads(), ArraySource.read

    def counted(self: ArraySource, level: int, box: Box, index: Any = ()) -> Any:
        if found.count >= found.most:
            raise KeyboardInterrupt
        found.count += 1
        return read(self, level, box, index)

    monkeypatch.setattr(ArraySource, "read", counted)
    monkeypatch.setattr(cut_super_tiles, "__defaults__", (1 << 16,))  # many super-tiles
    return found


def stop(reads: Reads, most: int, write: Callable[..., Any], *given: Any, **options: Any) -> None:
    reads.until(most)
    with pytest.raises(KeyboardInterrupt):
        write(*given, **options)
    reads.until(1 << 30)


@every_writer
@pytest.mark.parametrize("source", ["zarr", "dask"])
def test_a_clusters_files_are_those_of_threads(
    tmp_path: Path, client: Any, kind: str, source: str
) -> None:
    write, name = WRITERS[kind]
    store = tmp_path / "in.zarr"
    names = ["t", "c", "y", "x"]
    zarr.create_array(store, data=VALUES, chunks=(1, 1, 128, 200), dimension_names=names)
    image: Any = str(store) if source == "zarr" else da.from_zarr(str(store))
    own, there = folder(tmp_path, "own"), folder(tmp_path, "there")
    with open_pyramid(image, axes="tcyx") as pyramid:
        assert isinstance(plan_run(pyramid, pyramid, (), None).executor, ClusterExecutor)
        write(pyramid, there / name)
    with dask.config.set(scheduler="threads"), open_pyramid(image, axes="tcyx") as pyramid:
        write(pyramid, own / name)
    assert files(there) == files(own)
    assert {path.name for path in there.iterdir()} == {name}


@every_writer
def test_a_run_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, kind: str, reads: Reads
) -> None:
    write, name = WRITERS[kind]
    values, out = VALUES[0, 0], folder(tmp_path, "out")
    stop(reads, 3, write, values, out / name, resume=True)
    assert [path.name for path in out.iterdir()] == [f".nbimage-{name}.part"]
    finished = len(list(out.glob(".nbimage-*/*/done/*")))
    assert finished
    write(values, out / name, resume=True)
    second = reads.count
    own, plain = folder(tmp_path, "own"), folder(tmp_path, "plain")
    reads.until(1 << 30)
    write(values, own / name, resume=True)
    assert second == reads.count - finished
    assert files(out) == files(own)
    assert {path.name for path in out.iterdir()} == {name}
    write(values, plain / name)
    assert files(plain) == files(own)


@every_writer
def test_another_image_starts_afresh(tmp_path: Path, kind: str, reads: Reads) -> None:
    write, name = WRITERS[kind]
    out, own = folder(tmp_path, "out"), folder(tmp_path, "own")
    stop(reads, 3, write, VALUES[0, 0], out / name, resume=True)
    write(VALUES[1, 1], out / name, resume=True)
    write(VALUES[1, 1], own / name)
    assert files(out) == files(own)


@every_writer
def test_a_run_without_resume_takes_away_what_an_earlier_one_left(
    tmp_path: Path, kind: str, reads: Reads
) -> None:
    write, name = WRITERS[kind]
    stop(reads, 3, write, VALUES[0, 0], tmp_path / name, resume=True)
    stop(reads, 2, write, VALUES[0, 0], tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [f".nbimage-{name}.part"]
    write(VALUES[0, 0], tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_ranges_of_channels_are_those_of_all_runs(tmp_path: Path, reads: Reads) -> None:
    values = np.stack([VALUES[0, 0] // 7, VALUES[0, 1] // 3])
    path = tmp_path / "x.ome.zarr"
    options: Any = {"chunk_size": 64, "resume": True, "axes": "cyx"}
    stop(reads, 8, write_ome_zarr, values, path, **options)
    write_ome_zarr(values, path, **options)
    channels = zarr.open(str(path), mode="r").attrs["ome"]["omero"]["channels"]
    ends = [(one["window"]["start"], one["window"]["end"]) for one in channels]
    assert ends == [(int(one.min()), int(one.max())) for one in values]


def test_what_cant_be_gone_on_with_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^resume must be left out of what is no folder[^\n]+$"):
        write_ome_zarr(VALUES[0, 0], "memory://x.ome.zarr", resume=True)


def test_two_runs_write_the_same_ome_tiff(tmp_path: Path) -> None:
    one, two, other = (tmp_path / f"{name}.ome.tif" for name in ("one", "two", "other"))
    for path in (one, two):
        write_tiff(VALUES[0, 0], path)
    assert one.read_bytes() == two.read_bytes()
    write_tiff(VALUES[0, 1], other)
    assert _uuid(one) != _uuid(other)


def _uuid(path: Path) -> str:
    with tifffile.TiffFile(path) as file:
        text = file.ome_metadata
    assert text is not None
    return text.partition('UUID="')[2].partition('"')[0]
