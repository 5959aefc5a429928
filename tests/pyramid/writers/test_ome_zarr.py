"""OME-Zarr as it is written: all samples and planes, the specification's metadata, or nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbimage.base.box import Box
from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.writers.ome_zarr import write as ome_zarr
from nbimage.pyramid.writers.ome_zarr.write import write_ome_zarr
from nbimage.pyramid.writers.planes import write_planes
from tests.blocks import Blocks
from tests.memory import traced

zarr = pytest.importorskip("zarr")

Array = np.ndarray
RANDOM = np.random.default_rng(7)
DTYPES = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "q", "Q", "f2", "f4", "f8"]
VERSIONS = ["0.4", "0.5", "0.6"]


def samples(shape: tuple[int, ...], dtype: str = "u2") -> Array:
    found = RANDOM.integers(0, 2 if dtype == "?" else 100, shape).astype(dtype)
    return found / 4 if found.dtype.kind == "f" else found


def about(path: Path) -> dict[str, Any]:
    """What the group says of its image, with the version that it is of."""
    if (path / "zarr.json").exists():
        return json.loads((path / "zarr.json").read_text())["attributes"]["ome"]
    return json.loads((path / ".zattrs").read_text())


def check_same(first: Pyramid, second: Pyramid) -> None:
    assert first.shapes == second.shapes
    assert first.dtype == second.dtype
    assert first.channels == second.channels
    for level in range(len(first.shapes)):
        for plane in np.ndindex(tuple(length for _, length in first.axes)):
            one, other = first.read(level, index=plane), second.read(level, index=plane)
            np.testing.assert_array_equal(one, other)


def described(**facts: Any) -> Pyramid:
    """A small image of which all is known."""
    data = samples((3, 40, 50))

    class Known(Source):
        def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
            return data[plane[0]][box.slices]

    known = {"shapes": ((40, 50),), "dtype": data.dtype, "axes": (("c", 3),)}
    return Pyramid(Known(**known | facts))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_samples_of_any_dtype_come_back_in_every_level(
    tmp_path: Path, dtype: str, version: str
) -> None:
    data = samples((131, 75), dtype)
    path = write_ome_zarr(data, tmp_path / "a.zarr", version=version, chunk_size=32)
    with open_pyramid(path) as found:
        check_same(open_pyramid(data), found)
        assert found.native_levels == (0, 1, 2, 3)
    level = data
    for number in range(4):
        stored = zarr.open(str(tmp_path / "a.zarr"), mode="r")[str(number)]
        np.testing.assert_array_equal(stored[...], level)
        assert max(stored.chunks) <= 32
        level = halve(level)


@settings(max_examples=25)
@given(
    rows=st.integers(1, 24),  # each chunk is a file
    columns=st.integers(1, 24),
    chunk=st.integers(1, 5).map(lambda n: 1 << n),
    shards=st.sampled_from([None, 1, 2, 3]),
    depth=st.integers(1, 2),
)
def test_any_shape_comes_back_with_any_chunks_and_shards(
    tmp_path_factory: pytest.TempPathFactory,
    rows: int,
    columns: int,
    chunk: int,
    shards: int | None,
    depth: int,
) -> None:
    data = samples((depth, rows, columns), "i2")
    path = tmp_path_factory.mktemp("shape") / "a.zarr"
    size = None if shards is None else shards * chunk
    write_ome_zarr(data, path, axes="zyx", chunk_size=chunk, shard_size=size)
    group = zarr.open(str(path), mode="r")
    for plane in range(depth):
        level, number = data[plane], 0
        while True:
            np.testing.assert_array_equal(group[str(number)][plane], level)
            if max(level.shape) <= chunk:
                break
            level, number = halve(level), number + 1
    assert len(list(group.arrays())) == number + 1


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("channels", [3, 4])
def test_colors_are_colors_again(tmp_path: Path, channels: int, version: str) -> None:
    data = samples((70, 61, channels), "u1")
    path = write_ome_zarr(data, tmp_path / "a.ome.zarr", version=version, chunk_size=16)
    with open_pyramid(path) as found:
        check_same(open_pyramid(data), found)
    omero = about(tmp_path / "a.ome.zarr")["omero"]["channels"]
    assert [c["color"] for c in omero] == ["FF0000", "00FF00", "0000FF", "FFFFFF"][:channels]
    assert {tuple(c["window"].values()) for c in omero} == {(0, 255, 0, 255)}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_three_channels_that_are_no_colors_stay_an_axis(
    tmp_path: Path, dtype: str, version: str
) -> None:
    facts: dict[str, Any] = {}
    data = samples((3, 40, 50), dtype)

    class Stain(Source):
        def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
            return data[plane[0]][box.slices]

    facts = {"shapes": ((40, 50),), "dtype": data.dtype, "axes": (("c", 3),)}
    path = write_ome_zarr(Pyramid(Stain(**facts)), tmp_path / "a.zarr", version=version)
    with open_pyramid(path) as found:
        assert found.axes == (("c", 3),)
        check_same(Pyramid(Stain(**facts)), found)


def test_channels_of_a_pixel_beyond_colors_become_an_axis(tmp_path: Path) -> None:
    data = samples((33, 44, 6))

    class Bands(Source):
        def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
            return data[box.slices]

    source = Pyramid(Bands(shapes=((33, 44),), dtype=data.dtype, channels=6))
    path = write_ome_zarr(source, tmp_path / "a.zarr", chunk_size=16)
    with open_pyramid(path) as found:
        assert found.axes == (("c", 6),)
        for channel in range(6):
            whole = found.read(0, index=(channel,))
            np.testing.assert_array_equal(whole, data[:, :, channel])


@pytest.mark.parametrize("version", VERSIONS)
def test_axes_are_in_the_order_of_the_specification(tmp_path: Path, version: str) -> None:
    data = samples((2, 5, 4, 20, 30))
    path = tmp_path / "a.zarr"
    write_ome_zarr(data, path, axes="zctyx", version=version, chunk_size=16)
    image = about(path)["multiscales"][0]
    axes = image["coordinateSystems"][0]["axes"] if version == "0.6" else image["axes"]
    assert [axis["name"] for axis in axes] == list("tczyx")
    assert [axis["type"] for axis in axes] == ["time", "channel", *["space"] * 3]
    stored = zarr.open(str(path), mode="r")["0"]
    np.testing.assert_array_equal(stored[...], data.transpose(2, 1, 0, 3, 4))
    assert stored.chunks == (1, 1, 1, 16, 16)
    with open_pyramid(path) as found:
        assert found.axes == (("t", 4), ("c", 5), ("z", 2))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_metadata_follow_the_specification(tmp_path: Path, version: str) -> None:
    source = described(
        pixel_size=(0.5, 0.25),
        unit="µm",
        channel_names=("DAPI", "GFP", "Cy5"),
        channel_colors=("#0000ff", "#00ff00", "#ff00ff"),
    )
    path = tmp_path / "a.zarr"
    write_ome_zarr(source, path, version=version, chunk_size=16)
    found = about(path)
    image = found["multiscales"][0]
    assert (image if version == "0.4" else found)["version"] == version
    if version == "0.6":
        (system,) = image["coordinateSystems"]
        axes = system["axes"]
    else:
        axes = image["axes"]
    assert [axis["name"] for axis in axes] == ["c", "y", "x"]
    units = [axis.get("unit") for axis in axes]
    assert units == [None, "micrometer", "micrometer"]
    assert [d["path"] for d in image["datasets"]] == ["0", "1", "2"]
    for number, dataset in enumerate(image["datasets"]):
        steps = dataset["coordinateTransformations"]
        if version == "0.6":
            (whole,) = steps
            assert whole.pop("input") == {"path": str(number)}
            assert whole.pop("output") == {"name": system["name"]}
            steps = whole.get("transformations", steps)
        scale, *shift = steps
        assert scale == {"type": "scale", "scale": [1.0, 0.5 * 2**number, 0.25 * 2**number]}
        middle = [0.0, 0.25 * (2**number - 1), 0.125 * (2**number - 1)]
        assert [s["translation"] for s in shift] == [middle][: number and 1]
        array = zarr.open(str(path), mode="r")[dataset["path"]]
        assert array.ndim == len(scale["scale"]) == len(axes)
        if version != "0.4":
            assert array.metadata.zarr_format == 3
            assert array.metadata.dimension_names == ("c", "y", "x")
        else:
            assert array.metadata.zarr_format == 2
            assert array.metadata.dimension_separator == "/"
    channels = found["omero"]["channels"]
    assert [c["label"] for c in channels] == ["DAPI", "GFP", "Cy5"]
    assert [c["color"] for c in channels] == ["0000FF", "00FF00", "FF00FF"]
    for number, channel in enumerate(channels):
        plane = source.read(0, index=(number,))
        window = {"min": 0, "max": 65535, "start": plane.min(), "end": plane.max()}
        assert channel["window"] == window
    with open_pyramid(path) as again:
        for name in ("pixel_size", "unit", "channel_names", "channel_colors", "axes"):
            assert getattr(again, name) == getattr(source, name)


def test_windows_leave_out_what_is_not_finite(tmp_path: Path) -> None:
    data = samples((2, 20, 20), "f4")
    data[0, 0, :2] = np.nan, np.inf
    data[1] = np.nan
    write_ome_zarr(data, tmp_path / "a.zarr", axes="cyx")
    first, second = (c["window"] for c in about(tmp_path / "a.zarr")["omero"]["channels"])
    kept = data[0][np.isfinite(data[0])]
    assert (first["start"], first["end"]) == (kept.min(), kept.max())
    assert second == {"min": 0.0, "max": 1.0, "start": 0.0, "end": 1.0}


@pytest.mark.parametrize("compression", ["blosc", "zstd", "gzip", None])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_compression_is_read_by_zarr(
    tmp_path: Path, compression: str | None, version: str
) -> None:
    data = samples((64, 64))
    path = tmp_path / "a.zarr"
    write_ome_zarr(data, path, version=version, compression=compression)
    np.testing.assert_array_equal(zarr.open(str(path), mode="r")["0"][...], data)


def test_memory_is_bounded_and_each_pixel_is_read_once(tmp_path: Path) -> None:
    source = Blocks(8000)
    with traced() as memory:
        write_ome_zarr(Pyramid(source), tmp_path / "a.zarr", version="0.4")
    assert source.pixels == 8000 * 8000
    assert memory.peak < 96 << 20  # the image has 122 MiB, and its second level is kept: 31


@pytest.mark.parametrize("block", [(300, 300), (64, 3000), (1000, 70)], ids=str)
def test_blocks_that_lie_across_chunks_are_read_about_once(
    tmp_path: Path, block: tuple[int, int]
) -> None:
    source = Blocks(3000, block)
    path = write_ome_zarr(Pyramid(source), tmp_path / "a.zarr", chunk_size=128)
    assert 3000 * 3000 <= source.pixels < 1.5 * 3000 * 3000  # a thread that lags reads some again
    found = zarr.open(str(path), mode="r")["0"][...]
    np.testing.assert_array_equal(found, source.read(0, Box(0, 3000, 0, 3000)))


def test_so_wide_an_image_that_no_row_of_blocks_can_be_kept_is_read_in_smaller_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ome_zarr, "write_planes", partial(write_planes, cache_bytes=3 << 20))
    source = Blocks(3000, (50, 3000))
    path = write_ome_zarr(Pyramid(source), tmp_path / "a.zarr", chunk_size=64)
    assert 3000 * 3000 <= source.pixels < 1.5 * 3000 * 3000  # a thread that lags reads some again
    found = zarr.open(str(path), mode="r")["0"][...]
    np.testing.assert_array_equal(found, source.read(0, Box(0, 3000, 0, 3000)))


def test_a_folder_that_holds_more_than_an_image_is_not_replaced(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("kept")
    with pytest.raises(FileExistsError, match="no zarr image, and is not replaced"):
        write_ome_zarr(samples((9, 9)), other)
    path = tmp_path / "a.zarr"
    write_ome_zarr(samples((9, 9)), path)
    (path / "labels").mkdir()
    with pytest.raises(FileExistsError, match="holds 'labels' beside a zarr image"):
        write_ome_zarr(samples((9, 9)), path)
    file = tmp_path / "file"
    file.write_text("kept")
    with pytest.raises(FileExistsError, match="is a file"):
        write_ome_zarr(samples((9, 9)), file)


def test_an_address_is_written_to_and_must_be_free() -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    address = "memory://bucket/a.ome.zarr"
    data = samples((50, 40))
    try:
        assert write_ome_zarr(data, address, chunk_size=16) == address
        found = zarr.open(address, mode="r")
        np.testing.assert_array_equal(found["0"][...], data)
        assert found.attrs["ome"]["multiscales"][0]["name"] == "a"
        with pytest.raises(FileExistsError, match="already: remove it first"):
            write_ome_zarr(data, address)
    finally:
        memory.rm("/bucket", recursive=True)


def test_an_interrupt_leaves_nothing_at_an_address() -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    source = Blocks(3000)
    source.fails_after = 3000 * 2000
    with pytest.raises(KeyboardInterrupt):
        write_ome_zarr(Pyramid(source), "memory://broken/a.zarr")
    assert not memory.exists("/broken/a.zarr")


def test_what_names_the_levels_is_written_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    real = ome_zarr.write_planes

    def watched(*args: Any, **options: Any) -> None:
        real(*args, **options)
        (part,) = tmp_path.glob(".nbimage-*")
        told.append("multiscales" in (part / "zarr.json").read_text())

    monkeypatch.setattr(ome_zarr, "write_planes", watched)
    write_ome_zarr(samples((30, 30)), tmp_path / "a.zarr")
    assert told == [False]
    assert "multiscales" in about(tmp_path / "a.zarr")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"version": "0.7"}, 'version must be "0.4", "0.5" or "0.6", but got \'0.7\''),
        ({"chunk_size": 0}, "chunk_size must be 1 to 16384, but got 0"),
        ({"compression": "lz"}, "compression must be one of"),
        ({"shard_size": 700}, "shard_size must be a multiple of chunk_size"),
        ({"version": "0.4", "shard_size": 512}, "shard_size must be left out of version 0.4"),
        ({"axes": ["p", "y", "x"]}, "axes of time, channels and depth, but got 'p' of length 5"),
    ],
    ids=["version", "chunk", "compression", "shard", "no shards", "axis"],
)
def test_what_can_not_be_written_is_said_in_one_line(
    tmp_path: Path, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says) as error:
        write_ome_zarr(samples((5, 20, 20)), tmp_path / "a.zarr", **{"axes": "zyx"} | options)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_file_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="give another suffix"):
        write_ome_zarr(samples((9, 9)), tmp_path / "a.tif")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        write_ome_zarr(samples((9, 9)), tmp_path / "none" / "a.zarr")


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be interrupted by itself there")
def test_an_interrupt_while_zarr_writes_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own thread goes on then, and makes the folders of what it writes."""
    store = zarr.storage.LocalStore
    started, write, ended = [0], store.set, threading.Event()

    async def interrupt_and_write(*given: Any) -> None:
        started[0] += 1
        if started[0] == 2:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.1)  # so long that what doesn't wait has removed all before
        await write(*given)
        if started[0] >= 2:
            ended.set()

    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(store, "set", interrupt_and_write)
    try:
        with pytest.raises(KeyboardInterrupt):
            write_ome_zarr(samples((40, 50)), tmp_path / "a.zarr", chunk_size=16, progress=False)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert ended.wait(60)
    assert not [*tmp_path.iterdir()]
