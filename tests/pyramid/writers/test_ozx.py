"""OME-Zarr in one file: as RFC-9 recommends, whole or not at all, here and at an address."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest

from nbimage import open_pyramid, write_ome_zarr
from nbimage.pyramid.core.pyramid import Pyramid
from tests.blocks import Blocks
from tests.ngff_files import samples
from tests.optional import zarr


@pytest.mark.parametrize("version", ["0.5", "0.6"])
@pytest.mark.parametrize("options", [{}, {"shard_size": 64}], ids=["default", "shards"])
def test_a_zip_file_is_as_the_specification_recommends(
    tmp_path: Path, version: str, options: Any
) -> None:
    data = samples(3, 150, 200)
    path = write_ome_zarr(
        data, tmp_path / "x.ozx", axes="cyx", version=version, chunk_size=32, **options
    )
    assert path == tmp_path / "x.ozx"
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        names = file.namelist()
        assert len(set(names)) == len(names)
        assert names[:5] == ["zarr.json", *(f"{level}/zarr.json" for level in range(4))]
        assert not [name for name in names[5:] if name.endswith("zarr.json")]
        entries = file.infolist()
        assert [entry.header_offset for entry in entries] == sorted(
            entry.header_offset for entry in entries
        )
        assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
        assert json.loads(file.comment) == {
            "ome": {"version": version, "zipFile": {"centralDirectory": {"jsonFirst": True}}}
        }
        about = json.loads(file.read("zarr.json"))["attributes"]["ome"]
    assert about["version"] == version
    windows = [channel["window"] for channel in about["omero"]["channels"]]
    assert [(one["start"], one["end"]) for one in windows] == [
        (plane.min(), plane.max()) for plane in data
    ]
    with open_pyramid(path) as pyramid:
        assert pyramid.native_levels == (0, 1, 2, 3)
        for number, plane in enumerate(data):
            assert np.array_equal(pyramid.read(0, index=(number,)), plane)


def test_chunks_are_in_shards_by_default(tmp_path: Path) -> None:
    write_ome_zarr(samples(300, 300), tmp_path / "x.ozx", chunk_size=32)
    with zarr.storage.ZipStore(tmp_path / "x.ozx", mode="r") as store:
        array = zarr.open(store, mode="r")["0"]
        assert (array.chunks, array.shards) == ((32, 32), (128, 128))
    write_ome_zarr(samples(300, 300), tmp_path / "y.ozx", chunk_size=9000)


def test_long_names_of_many_channels_have_space(tmp_path: Path) -> None:
    data = samples(40, 20, 20).astype("float64") / 7
    path = write_ome_zarr(data, tmp_path / "x.ozx", axes="cyx")
    with zipfile.ZipFile(path) as file:
        about = json.loads(file.read("zarr.json"))["attributes"]["ome"]
    found = [channel["window"]["end"] for channel in about["omero"]["channels"]]
    assert found == [plane.max() for plane in data]


def test_an_interrupt_leaves_the_older_file_alone(tmp_path: Path) -> None:
    path, data = tmp_path / "x.ozx", samples(40, 50)
    write_ome_zarr(data, path)

    class Stopped(Blocks):
        def read(self, *place: Any) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_ome_zarr(Pyramid(Stopped(100)), path)
    assert list(tmp_path.iterdir()) == [path]
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0), data)


def test_an_address_takes_a_zip_file_when_it_is_whole() -> None:
    data, address = samples(40, 50), "memory://ozx/x.ozx"
    fs = fsspec.filesystem("memory")

    class Stopped(Blocks):
        def read(self, *place: Any) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_ome_zarr(Pyramid(Stopped(100)), address)
    assert not fs.exists("/ozx/x.ozx")
    assert write_ome_zarr(data, address) == address
    with open_pyramid(address) as pyramid:
        assert np.array_equal(pyramid.read(0), data)
    with pytest.raises(FileExistsError, match=r"x\.ozx already: remove it first"):
        write_ome_zarr(data, address)


def test_what_a_zip_file_can_not_be_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r'version must be "0\.5" or "0\.6" for an \.ozx'):
        write_ome_zarr(samples(9, 9), tmp_path / "x.ozx", version="0.4")
    with pytest.raises(ValueError, match="storage_options must be left out of a path"):
        write_ome_zarr(samples(9, 9), tmp_path / "x.ozx", storage_options={"anon": True})
    (tmp_path / "x.ozx").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write_ome_zarr(samples(9, 9), tmp_path / "x.ozx")
