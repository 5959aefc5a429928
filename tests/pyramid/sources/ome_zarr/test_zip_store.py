"""zarr in zip files: read part by part, by its path within, by threads, pickled, damaged."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, View, open_pyramid
from nbimage.pyramid.sources.zip_entries import ZipEntries
from tests.ngff_files import samples, write_image, write_labels, zip_folder
from tests.optional import zarr
from tests.web_server import serving

DATA = samples(90, 120)


def make(folder: Path, name: str = "x.ozx", version: str = "0.5", **options: Any) -> Path:
    write_image(str(folder / "x.zarr"), DATA, "yx", version)
    write_labels(str(folder / "x.zarr"), ("cells",), DATA, version)
    return zip_folder(folder / "x.zarr", folder / name, **options)


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("x.ozx", {}),
        ("x.ozx", {"compression": zipfile.ZIP_DEFLATED}),
        ("x.ozx", {"compression": zipfile.ZIP_BZIP2}),
        ("x.zarr.zip", {}),
        ("x.zip", {"within": "x.zarr/"}),
    ],
)
def test_a_zipped_image_is_read_as_its_folder(
    tmp_path: Path, version: str, name: str, options: Any
) -> None:
    path = make(tmp_path, name, version, **options)
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0), DATA)
        assert np.array_equal(pyramid.read(1), DATA[::2, ::2])
        assert pyramid.native_levels == (0, 1)
        assert pyramid.label_images == ("labels/cells",)
        again = pickle.loads(pickle.dumps(pyramid))
        assert np.array_equal(again.read(0), DATA)
        again.close()


def test_every_door_opens_a_zipped_image_and_a_part_of_it(tmp_path: Path) -> None:
    path = make(tmp_path)
    (tmp_path / "other").mkdir()
    other = make(tmp_path / "other", "x.zip")
    for source in (path, str(path), f"{path}/labels/cells", f"{other}/labels/cells"):
        assert np.array_equal(Picture(source, vmin=0, vmax=255).pixels, DATA)
        assert np.array_equal(Grid([source], vmin=0, vmax=255).pictures[0].pixels, DATA)
        assert np.array_equal(Grid(source, vmin=0, vmax=255).pictures[0].pixels, DATA)
        assert View(source, embed=False).model.tiled
    with open_pyramid(f"{path}/labels/cells") as pyramid:
        assert pyramid.labels


def test_shards_of_a_zipped_array_are_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zarr.create_array(str(tmp_path / "a"), data=DATA, chunks=(10, 10), shards=(90, 120))
    path = zip_folder(tmp_path / "a", tmp_path / "a.zarr.zip")
    read = []
    own = ZipEntries._read_range

    def watch(self: ZipEntries, start: int, count: int) -> bytes:
        read.append(count)
        return own(self, start, count)

    with open_pyramid(path) as pyramid:
        monkeypatch.setattr(ZipEntries, "_read_range", watch)
        assert np.array_equal(pyramid.read(0, slice(20, 30), slice(50, 70)), DATA[20:30, 50:70])
    assert sum(read) < path.stat().st_size / 3


def test_a_zipped_image_at_an_address_is_read_in_parts(tmp_path: Path) -> None:
    data = samples(600, 800)
    write_image(str(tmp_path / "x.zarr"), data, "yx")
    zip_folder(tmp_path / "x.zarr", tmp_path / "x.ozx")
    with serving(tmp_path) as server:
        for part in ("", "/0", "?key=a/b", "/0?key=a/b"):
            with open_pyramid(f"{server.address}/x.ozx{part}") as pyramid:
                assert np.array_equal(pyramid.read(0), data)
                again = pickle.loads(pickle.dumps(pyramid))
                assert np.array_equal(again.read(1)[:3], pyramid.read(1)[:3])
                again.close()
        assert max(count for _, count in server.asked) < 500_000


def test_what_is_no_zipped_image_is_refused_in_one_line(tmp_path: Path) -> None:
    path = make(tmp_path)
    with pytest.raises(ValueError, match=r"x\.ozx/labels/no must be in that zip file, but is not"):
        open_pyramid(f"{path}/labels/no")
    (tmp_path / "text.ozx").write_bytes(b"no zip file")
    with pytest.raises(ValueError, match=r"text\.ozx must be a whole zip file"):
        open_pyramid(tmp_path / "text.ozx")
    with zipfile.ZipFile(tmp_path / "other.ozx", "w") as file:
        file.writestr("a.txt", "a")
    with pytest.raises(ValueError, match=r"other\.ozx must hold zarr, but holds no metadata"):
        open_pyramid(tmp_path / "other.ozx")


def test_a_damaged_chunk_is_told_when_it_is_read(tmp_path: Path) -> None:
    path = make(tmp_path)
    with zipfile.ZipFile(path) as file:
        start = file.getinfo("0/c/0/0").header_offset
    content = bytearray(path.read_bytes())
    content[start + 60 : start + 70] = bytes(10)
    path.write_bytes(content)
    with (
        open_pyramid(path) as pyramid,
        pytest.raises(ValueError, match=r"x\.ozx must be a whole zip file: 0/c/0/0 must"),
    ):
        pyramid.read(0)
