"""What every writer of pyramids keeps to: Deep Zoom, OME-Zarr and TIFF alike.

What only one of them does (its metadata, its options, its layout) is tested beside it, in
`tests/pyramid/writers`.
"""

from __future__ import annotations

import errno
import inspect
import io
import itertools
import os
import re
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import tqdm
from PIL import Image

from nbimage import open_pyramid, write_dzi, write_ome_zarr, write_tiff
from nbimage.base import atomic
from nbimage.pyramid.core.pyramid import Pyramid
from tests.blocks import Blocks
from tests.optional import zarr

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(5)
GRAY = RANDOM.integers(0, 256, (331, 207), dtype=np.uint8)
COLORS = RANDOM.integers(0, 256, (150, 333, 3), dtype=np.uint8)
SIDE = 2100


@dataclass(frozen=True)
class Writer:
    """A writer with options that change no sample of bytes, and another reader of its files."""

    write: partial[Any]
    name: str
    read: Callable[[Path], Array]
    """Return the full image."""
    others: tuple[str, ...] = ()
    """What is written beside the file or folder of that name."""
    same_bytes: bool = True
    """Whether an image gives the same bytes again: not in an archive, to which threads append tiles
    as they come."""

    @property
    def names(self) -> list[str]:
        """All that is written."""
        return sorted([self.name, *self.others])


def write_otherwise(writer: Writer, data: Array, path: Path) -> None:
    """Write with other options: other files in the same place."""
    if writer.name.endswith(".zarr"):
        version = "0.5" if "0.4" in writer.write.keywords.values() else "0.4"
        write_ome_zarr(data, path, version=version, chunk_size=16)
    elif writer.name.endswith(".ozx"):
        write_ome_zarr(data, path, version="0.6", chunk_size=16)
    elif "tif" in writer.name:
        write_tiff(data, path, compression=None)
    else:
        write_dzi(data, path, layout=writer.write.keywords.get("layout", "dz"))


def read_deepzoom(files: dict[str, bytes]) -> Array:
    """Put the tiles of the largest level together, as the descriptor says."""
    (text,) = (data.decode() for name, data in files.items() if name.endswith(".dzi"))
    rows, columns, side, overlap = (
        int(re.search(rf'{key}="(\d+)"', text)[1])  # type: ignore[index]
        for key in ("Height", "Width", "TileSize", "Overlap")
    )
    pattern = re.compile(r"(?:^|.*/)x_files/(\d+)/(\d+)_(\d+)\.png")
    tiles = {match.groups(): files[name] for name in files if (match := pattern.fullmatch(name))}
    last = max(int(level) for level, _, _ in tiles)
    whole: Array | None = None
    for (level, column, row), data in tiles.items():
        if int(level) != last:
            continue
        tile = np.asarray(Image.open(io.BytesIO(data)))
        if whole is None:
            whole = np.zeros((rows, columns, *tile.shape[2:]), np.uint8)
        top, left = int(row) * side, int(column) * side
        inner = tile[overlap if top else 0 :, overlap if left else 0 :][:side, :side]
        whole[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    assert whole is not None
    return whole


def read_deepzoom_folder(path: Path) -> Array:
    found = (p for p in path.parent.rglob("*") if p.is_file() and p.name != "notes.txt")
    return read_deepzoom({p.relative_to(path.parent).as_posix(): p.read_bytes() for p in found})


def read_tiles(pattern: str, path: Path) -> Array:
    """Put the tiles of the largest level together, which are in full size."""
    tiles = []
    for file in path.rglob("*.png"):
        matched = re.fullmatch(pattern, file.relative_to(path).as_posix())
        if matched is not None:
            place = {"zoom": 0, "x": 0, "y": 0} | matched.groupdict(0)
            tiles.append((*(int(place[key]) for key in ("zoom", "y", "x")), file))
    largest = [tile for tile in tiles if tile[0] == max(tiles)[0]]
    step = 1 if "full" in pattern else 100
    found = [(y * step, x * step, np.asarray(Image.open(file))) for _, y, x, file in largest]
    rows, columns = (max(one[i] + one[2].shape[i] for one in found) for i in (0, 1))
    whole = np.zeros((rows, columns, *found[0][2].shape[2:]), np.uint8)
    for top, left, tile in found:
        whole[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    described = next(file for file in path.iterdir() if file.suffix in (".json", ".xml"))
    wide, high = (
        int(re.search(rf'(?i)"?\b{key}"?[:=] ?"?(\d+)', described.read_text())[1])  # type: ignore[index]
        for key in ("width", "height")
    )
    return whole[:high, :wide]


def read_deepzoom_archive(path: Path) -> Array:
    with zipfile.ZipFile(path) as archive:
        return read_deepzoom({name: archive.read(name) for name in archive.namelist()})


ZOOMIFY = r"TileGroup\d+/(?P<zoom>\d+)-(?P<x>\d+)-(?P<y>\d+).png"


def read_zoomify_archive(path: Path) -> Array:
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
        return read_tiles(ZOOMIFY, Path(folder, "x", "x"))


def read_zarr(path: Path) -> Array:
    samples = np.asarray(zarr.open(str(path), mode="r")["0"][...])
    return np.moveaxis(samples, 0, 2) if samples.ndim == 3 else samples


def read_zipped_zarr(path: Path) -> Array:
    with zarr.storage.ZipStore(path, mode="r") as store:
        samples = np.asarray(zarr.open(store, mode="r")["0"][...])
    return np.moveaxis(samples, 0, 2) if samples.ndim == 3 else samples


write_png_tiles = partial(write_dzi, format="png", tile_size=100)
WRITERS = {
    "Deep Zoom": Writer(write_png_tiles, "x.dzi", read_deepzoom_folder, ("x_files",)),
    "Deep Zoom zip": Writer(write_png_tiles, "x.zip", read_deepzoom_archive, same_bytes=False),
    "Deep Zoom szi": Writer(write_png_tiles, "x.szi", read_deepzoom_archive, same_bytes=False),
    "IIIF": Writer(
        partial(write_png_tiles, layout="iiif3"),
        "x",
        partial(read_tiles, r"(?P<x>\d+),(?P<y>\d+),(\d+),(\d+)/\3,\4/0/default.png|full/max/.*"),
    ),
    "Google": Writer(
        partial(write_png_tiles, layout="google"),
        "x",
        partial(read_tiles, r"(?P<zoom>\d+)/(?P<y>\d+)/(?P<x>\d+).png"),
    ),
    "Zoomify": Writer(
        partial(write_png_tiles, layout="zoomify"),
        "x",
        partial(read_tiles, ZOOMIFY),
    ),
    "Zoomify szi": Writer(
        partial(write_png_tiles, layout="zoomify"),
        "x.szi",
        read_zoomify_archive,
        same_bytes=False,
    ),
    "OME-Zarr 0.4": Writer(
        partial(write_ome_zarr, version="0.4", chunk_size=64), "x.ome.zarr", read_zarr
    ),
    "OME-Zarr 0.5": Writer(
        partial(write_ome_zarr, chunk_size=64, shard_size=128), "x.ome.zarr", read_zarr
    ),
    "OME-Zarr 0.6": Writer(
        partial(write_ome_zarr, version="0.6", chunk_size=64), "x.ome.zarr", read_zarr
    ),
    "OME-Zarr zip": Writer(
        partial(write_ome_zarr, chunk_size=64), "x.ozx", read_zipped_zarr, same_bytes=False
    ),
    "TIFF": Writer(partial(write_tiff, tile_size=64), "x.tif", tifffile.imread),
    "OME-TIFF": Writer(partial(write_tiff, tile_size=64), "x.ome.tif", tifffile.imread),
}
every_writer = pytest.mark.parametrize("writer", WRITERS.values(), ids=list(WRITERS))


class Failing(Blocks):
    """An image that can't be read to its end."""

    def __init__(self, error: BaseException, share: float) -> None:
        super().__init__(SIDE)
        self.fails_after = share * SIDE * SIDE
        self.error = error

    def read(self, *place: Any) -> Array:
        """Return a part, or raise the error."""
        try:
            return super().read(*place)
        except KeyboardInterrupt:
            raise self.error from None


def held(folder: Path) -> dict[str, bytes | None]:
    """All that there is in a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def names(folder: Path) -> list[str]:
    """What there is in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def full_image(source: Any) -> Array:
    """The largest level, as `open_pyramid` reads it."""
    with open_pyramid(source) as pyramid:
        return pyramid.read(pyramid.shapes.index(max(pyramid.shapes)))


def assert_same(writer: Writer, one: Path, other: Path) -> None:
    """Two folders hold the same image, and nothing else."""
    assert held(one).keys() == held(other).keys()
    np.testing.assert_array_equal(writer.read(one / writer.name), writer.read(other / writer.name))
    if writer.same_bytes:
        assert held(one) == held(other)


# --------------------------------------------------------------------------- what is written


@every_writer
@pytest.mark.parametrize("data", [GRAY, COLORS, GRAY[:1, :1]], ids=["gray", "colors", "a pixel"])
def test_what_is_written_is_read_back_equal_here_and_by_another_reader(
    tmp_path: Path, writer: Writer, data: Array
) -> None:
    path = tmp_path / writer.name
    assert writer.write(data, path) == path
    assert names(tmp_path) == writer.names
    np.testing.assert_array_equal(full_image(path), data)
    np.testing.assert_array_equal(writer.read(path), data)


@every_writer
def test_a_pyramid_a_file_and_an_array_are_written_alike(tmp_path: Path, writer: Writer) -> None:
    np.save(tmp_path / "in.npy", GRAY)
    sources = {"array": GRAY, "file": tmp_path / "in.npy", "pyramid": open_pyramid(GRAY)}
    for name, source in sources.items():
        (tmp_path / name).mkdir()
        writer.write(source, tmp_path / name / writer.name)
        assert_same(writer, tmp_path / "array", tmp_path / name)
    assert sources["pyramid"].read(0).size  # type: ignore[union-attr] (what was given stays open)


@every_writer
def test_a_path_may_begin_with_the_home_folder(
    tmp_path: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert writer.write(GRAY, f"~/{writer.name}") == tmp_path / writer.name
    assert names(tmp_path) == writer.names


@every_writer
def test_the_source_is_read_about_once(tmp_path: Path, writer: Writer) -> None:
    source = Blocks(SIDE, (300, 300))
    # with limits given, Deep Zoom need not look for them first
    options = {"vmin": 0, "vmax": 255} if writer.write.func is write_dzi else {}
    writer.write(Pyramid(source), tmp_path / writer.name, **options)
    assert SIDE * SIDE <= source.pixels < 1.5 * SIDE * SIDE


@every_writer
def test_the_progress_of_the_tiles_ends_at_its_total(
    tmp_path: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars: list[Any] = []

    class Bar:
        def __init__(self, **options: Any) -> None:
            self.label, self.total, self.done = options["desc"], options["total"], 0
            bars.append(self)

        def update(self, pixels: int) -> None:
            self.done += pixels

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *error: object) -> None: ...

    monkeypatch.setattr(tqdm, "tqdm", Bar)
    monkeypatch.setattr("nbimage.base.progress._is_watched", lambda: True)
    writer.write(GRAY, tmp_path / writer.name)
    (tiles,) = (bar for bar in bars if bar.label == "tiles")
    assert tiles.done == tiles.total == GRAY.size
    bars.clear()
    writer.write(GRAY, tmp_path / writer.name, progress=False)
    assert not bars


# ------------------------------------------------------------------------ whole or not at all


@every_writer
@pytest.mark.parametrize("error", [OSError("a disk that fails"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("share", [0, 0.4, 0.9])
@pytest.mark.parametrize("older", [False, True], ids=["new", "older"])
def test_a_failure_leaves_what_was_there_and_no_litter(
    tmp_path: Path, writer: Writer, error: BaseException, share: float, older: bool
) -> None:
    if older:
        writer.write(GRAY, tmp_path / writer.name)
    before = held(tmp_path)
    with pytest.raises(type(error)) as caught:
        writer.write(Pyramid(Failing(error, share)), tmp_path / writer.name)
    assert caught.value is error
    assert held(tmp_path) == before


@every_writer
@pytest.mark.parametrize("older", [False, True], ids=["new", "older"])
def test_a_failure_at_the_last_step_leaves_what_was_there(
    tmp_path: Path, writer: Writer, older: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if older:
        writer.write(COLORS, tmp_path / writer.name)
    before = held(tmp_path)
    failed: list[str] = []

    def failing_once(real: Callable[..., None]) -> Callable[..., None]:
        def rename(source: Any, target: Any, **options: Any) -> None:
            if not failed and Path(target).name in writer.names:
                failed.append(Path(target).name)
                raise OSError(errno.EIO, "Input/output error", str(source))
            real(source, target, **options)

        return rename

    for name in ("rename", "replace"):
        monkeypatch.setattr(os, name, failing_once(getattr(os, name)))
    monkeypatch.setattr(atomic, "exchange", lambda one, other: False)  # which fails as well
    with pytest.raises(OSError, match="Input/output error"):
        writer.write(GRAY, tmp_path / writer.name)
    assert failed
    assert held(tmp_path) == before


# ----------------------------------------------------------------------- what is there already


@every_writer
def test_an_older_one_is_replaced_whole(tmp_path: Path, writer: Writer) -> None:
    for folder in ("older", "fresh"):
        (tmp_path / folder).mkdir()
    write_otherwise(writer, COLORS, tmp_path / "older" / writer.name)
    for folder in ("older", "fresh"):
        writer.write(GRAY[:70, :80], tmp_path / folder / writer.name)
    assert_same(writer, tmp_path / "older", tmp_path / "fresh")


@every_writer
def test_one_can_be_written_over_itself(tmp_path: Path, writer: Writer) -> None:
    path = writer.write(COLORS, tmp_path / writer.name)
    writer.write(path, path)
    assert names(tmp_path) == writer.names
    np.testing.assert_array_equal(writer.read(path), COLORS)


@every_writer
def test_a_folder_of_other_files_is_never_replaced(tmp_path: Path, writer: Writer) -> None:
    for name in writer.names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "notes.txt").write_text("kept")
        before = held(tmp_path)
        with pytest.raises(OSError, match=re.escape(str(tmp_path / name))) as caught:
            writer.write(GRAY, tmp_path / writer.name)
        assert isinstance(caught.value, (FileExistsError, IsADirectoryError))
        assert held(tmp_path) == before
        (tmp_path / name / "notes.txt").unlink()
        (tmp_path / name).rmdir()


@every_writer
def test_what_can_be_found_out_before_is_refused_before_the_source_is_read(
    tmp_path: Path, writer: Writer
) -> None:
    source = Pyramid(Failing(AssertionError("it was read"), 0))
    with pytest.raises(FileNotFoundError, match="does not exist: make it first"):
        writer.write(source, tmp_path / "missing" / writer.name)
    with pytest.raises(FileNotFoundError, match="unknown user in path"):
        writer.write(source, f"~nobody-is-called-so/{writer.name}")
    with pytest.raises(ValueError, match="axis must be left out of a pyramid"):
        writer.write(source, tmp_path / writer.name, channel_axis=0)
    with pytest.raises(TypeError, match="unexpected keyword"):
        writer.write(source, tmp_path / writer.name, nonsense=1)
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------------------- one language


def test_parameters_of_one_name_have_one_order_and_one_default() -> None:
    signatures = [inspect.signature(f).parameters for f in (write_dzi, write_ome_zarr, write_tiff)]
    for one, other in itertools.combinations(signatures, 2):
        shared = [name for name in one if name in other]
        assert shared == [name for name in other if name in one]
        # tiles and their compression are as is usual for each format
        for name in set(shared) - {"tile_size", "compression"}:
            assert one[name].default == other[name].default
            assert one[name].kind == other[name].kind
    assert all({"axes", "channel_axis", "progress"} <= set(names) for names in signatures)


@every_writer
def test_the_address_of_a_file_is_its_path(tmp_path: Path, writer: Writer) -> None:
    assert writer.write(GRAY, f"file://{tmp_path}/{writer.name}") == tmp_path / writer.name
    np.testing.assert_array_equal(writer.read(tmp_path / writer.name), GRAY)


@every_writer
def test_axes_may_be_named(tmp_path: Path, writer: Writer) -> None:
    turned = np.moveaxis(COLORS, 2, 0)
    writer.write(turned, tmp_path / writer.name, axes="cyx")
    np.testing.assert_array_equal(full_image(tmp_path / writer.name), COLORS)


def test_options_of_an_address_are_refused_for_a_path(tmp_path: Path) -> None:
    for write, name in ((write_dzi, "x.dzi"), (write_ome_zarr, "x.ome.zarr")):
        with pytest.raises(ValueError, match="storage_options must be left out of a path"):
            write(GRAY, tmp_path / name, storage_options={"anon": True})
    with pytest.raises(ValueError, match="is not written to an address, but got 's3://bucket/x"):
        write_tiff(GRAY, "s3://someone:secret@bucket/x.tif")
    assert not list(tmp_path.iterdir())
