"""The name of an image is another one for what is read otherwise, and stays for what is not."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage import open_pyramid, write_dzi, write_ome_zarr
from nbimage.pyramid.core.identity import UnknownImageError, identify
from nbimage.pyramid.levels.level_cache import CachedSource
from tests.optional import zarr

Array = np.ndarray[Any, Any]
GRAY = np.random.default_rng(3).integers(0, 250, (60, 60), dtype=np.uint8)
STACK = np.stack([GRAY, GRAY + 1, GRAY + 2])
SETTINGS = {"gain": 1}


def name_of(source: Any, **options: Any) -> str:
    with open_pyramid(source, **options) as pyramid:
        return identify(pyramid.source)


@contextmanager
def times_kept(path: Path) -> Iterator[None]:
    """Give a file, or all files of a folder, the times that they have now again."""
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    times = {file: file.stat() for file in files}
    yield
    for file, status in times.items():
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def as_npy(path: Path, data: Array) -> Path:
    np.save(path / "a.npy", data)
    return path / "a.npy"


def as_npz(path: Path, data: Array) -> Path:
    np.savez(path / "a.npz", data)
    return path / "a.npz"


def as_tiff(path: Path, data: Array, **options: Any) -> Path:
    tifffile.imwrite(path / "a.tif", data, tile=(16, 16), **options)
    return path / "a.tif"


def as_png(path: Path, data: Array) -> Path:
    Image.fromarray(data).save(path / "a.png", compress_level=0)
    return path / "a.png"


def as_zarr(path: Path, data: Array) -> Path:
    zarr.create_array(path / "a.zarr", data=data, chunks=(20, 20), overwrite=True, compressors=None)
    return path / "a.zarr"


def as_ome_zarr(path: Path, data: Array) -> Any:
    return write_ome_zarr(data, path / "a.ome.zarr", progress=False, compression=None)


def as_dzi(path: Path, data: Array) -> Any:
    return write_dzi(data, path / "a.dzi", format="png", tile_size=20, progress=False)


def as_szi(path: Path, data: Array) -> Any:
    return write_dzi(data, path / "a.szi", format="png", tile_size=20, progress=False)


FILES: dict[str, Callable[[Path, Array], Any]] = {
    "npy": as_npy,
    "npz": as_npz,
    "TIFF": as_tiff,
    "PNG": as_png,
    "zarr": as_zarr,
    "OME-Zarr": as_ome_zarr,
    "dzi": as_dzi,
    "szi": as_szi,
}
every_file = pytest.mark.parametrize("write", FILES.values(), ids=list(FILES))


def in_dask(path: Path) -> Any:
    import dask.array

    return dask.array.from_zarr(path) if path.is_dir() else dask.array.from_array(mapped(path))


def mapped(path: Path) -> Any:
    return np.load(path, mmap_mode="r")


# -------------------------------------------------------------------------------------- files


@every_file
def test_a_file_has_one_name_as_long_as_it_stays(
    tmp_path: Path, write: Callable[[Path, Array], Any]
) -> None:
    path = write(tmp_path, GRAY)
    first = name_of(path)
    with open_pyramid(path) as pyramid:
        pyramid.read(0)
        pyramid.limits()
        again = pickle.loads(pickle.dumps(pyramid))
        assert identify(pyramid.source) == identify(again.source) == first
        again.close()
    assert name_of(str(path)) == first


@every_file
def test_a_file_that_is_written_anew_in_the_same_second_has_another_name(
    tmp_path: Path, write: Callable[[Path, Array], Any]
) -> None:
    path = write(tmp_path, GRAY)
    first = name_of(path)
    with times_kept(Path(path)):
        write(tmp_path, GRAY[::-1].copy())
    assert name_of(path) != first


@pytest.mark.parametrize("write", [as_npy, as_tiff, as_png, as_zarr, as_dzi, as_szi])
def test_the_same_file_elsewhere_has_another_name(
    tmp_path: Path, write: Callable[[Path, Array], Any]
) -> None:
    (tmp_path / "one").mkdir()
    first = name_of(write(tmp_path / "one", GRAY))
    shutil.copytree(tmp_path / "one", tmp_path / "other")
    path = next(p for p in (tmp_path / "other").iterdir() if not p.name.endswith("_files"))
    assert name_of(path) != first


# ------------------------------------------------------------------- what is read differently


def oriented(folder: Path) -> Path:
    exif = Image.Exif()
    exif[274] = 3
    Image.fromarray(GRAY).save(folder / "a.png", exif=exif)
    return folder / "a.png"


def stack(folder: Path) -> Path:
    return as_npy(folder, STACK)


OPTIONS: dict[str, tuple[Callable[[Path], Any], dict[str, Any], dict[str, Any]]] = {
    "axes": (lambda folder: as_npy(folder, GRAY), {"axes": "yx"}, {"axes": "xy"}),
    "axes of zarr": (lambda folder: as_zarr(folder, GRAY), {"axes": "yx"}, {"axes": "xy"}),
    "axes of a stack": (stack, {"axes": "zyx"}, {"axes": "cyx"}),
    "channel axis": (stack, {"axes": "zyx"}, {"channel_axis": 0}),
    "orientation": (oriented, {}, {"orientation": False}),
    "axes in memory": (lambda folder: GRAY, {"axes": "yx"}, {"axes": "xy"}),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_what_is_opened_otherwise_has_another_name(tmp_path: Path, name: str) -> None:
    make, one, other = OPTIONS[name]
    source = make(tmp_path)
    assert name_of(source, **one) != name_of(source, **other)
    assert name_of(source, **one) == name_of(source, **one)


def test_missing_values_are_a_part_of_the_name() -> None:
    mask = np.zeros(GRAY.shape, bool)
    names = [name_of(np.ma.MaskedArray(GRAY, mask))]
    mask = mask.copy()
    mask[5, 5] = True
    names += [name_of(np.ma.MaskedArray(GRAY, mask)), name_of(np.ma.MaskedArray(GRAY, mask.copy()))]
    assert names[0] != names[1] == names[2]


def test_what_counts_as_missing_is_a_part_of_the_name() -> None:
    xarray = pytest.importorskip("xarray")

    def labelled(missing: float) -> Any:
        return xarray.DataArray(GRAY, dims=("y", "x"), attrs={"_FillValue": missing})

    assert name_of(labelled(3)) != name_of(labelled(4))
    assert name_of(labelled(3)) == name_of(labelled(3))


# ------------------------------------------------------------------------------- maps of files


def test_every_part_of_a_map_has_a_name_of_its_own(tmp_path: Path) -> None:
    whole = mapped(as_npy(tmp_path, STACK))
    parts = {
        "first": whole[0],
        "second": whole[1],
        "rows": whole[0, 10:40],
        "other rows": whole[0, 20:50],
        "mirrored": whole[0, ::-1],
        "transposed": whole[0].T,
        "every other": whole[0, ::2],
        "as bool": whole[0].view(np.int8),
        "plain": np.asarray(whole[2]),
    }
    names = {key: name_of(part) for key, part in parts.items()}
    assert len(set(names.values())) == len(parts)
    again = mapped(tmp_path / "a.npy")
    assert name_of(again[1]) == names["second"]
    assert name_of(np.asarray(again)[2]) == names["plain"]


def test_what_was_written_to_a_map_counts(tmp_path: Path) -> None:
    path = as_npy(tmp_path, GRAY)
    for mode in ("c", "r+"):
        array = np.load(path, mmap_mode=mode)  # type: ignore[call-overload]
        first = name_of(array)
        array[7, 7] ^= 1
        assert name_of(array) != first


# ------------------------------------------------------------------------------------- graphs


@pytest.mark.parametrize("write", [as_zarr, as_npy])
def test_a_graph_has_another_name_when_what_it_reads_is_written_anew(
    tmp_path: Path, write: Callable[[Path, Array], Path]
) -> None:
    path = write(tmp_path, GRAY)
    first = name_of(in_dask(path) + 1)
    assert name_of(in_dask(path) + 1) == first
    assert name_of(in_dask(path) + 2) != first
    with times_kept(path):
        write(tmp_path, GRAY[::-1].copy())
    assert name_of(in_dask(path) + 1) != first


def test_a_graph_of_files_by_name_has_another_name_when_one_is_written_anew(
    tmp_path: Path,
) -> None:
    import dask
    import dask.array

    path = as_npy(tmp_path, GRAY)

    def opened() -> Any:
        part = dask.delayed(np.load, pure=True)(str(path))
        return dask.array.from_delayed(part, GRAY.shape, GRAY.dtype)

    first = name_of(opened())
    assert name_of(opened()) == first
    with times_kept(path):
        np.save(path, GRAY[::-1])
    assert name_of(opened()) != first


def test_a_graph_of_files_in_the_working_folder_has_another_name_when_one_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dask
    import dask.array

    monkeypatch.chdir(tmp_path)
    path = as_npy(tmp_path, GRAY)
    for load in (lambda: dask.delayed(np.load)("a.npy"), dask.delayed(lambda: np.load("a.npy"))):
        graph = dask.array.from_delayed(load(), GRAY.shape, GRAY.dtype)
        first = name_of(graph)
        assert name_of(graph) == first
        with times_kept(path):
            np.save(path, np.load(path) + 1)
        assert name_of(graph) != first


def test_a_graph_has_another_name_when_what_its_functions_use_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import dask.array

    def gained(block: Array) -> Array:
        return np.asarray(block * SETTINGS["gain"], np.uint8)

    graph = dask.array.from_array(GRAY, chunks=20).map_blocks(gained, dtype=np.uint8)
    first = name_of(graph)
    assert name_of(graph) == first
    monkeypatch.setitem(SETTINGS, "gain", 2)
    assert name_of(graph) != first


def test_a_labelled_array_of_a_store_has_another_name_when_that_is_written_anew(
    tmp_path: Path,
) -> None:
    xarray = pytest.importorskip("xarray")
    path = tmp_path / "a.zarr"

    def write(data: Array) -> None:
        named = xarray.Dataset({"a": (("y", "x"), data)})
        named.to_zarr(path, mode="w", consolidated=False)

    def name() -> str:
        with xarray.open_zarr(path, consolidated=False) as found:
            return name_of(found["a"])

    write(GRAY)
    first = name()
    assert name() == first
    write(GRAY[::-1])
    assert name() != first


# ------------------------------------------------------------------------------- unknown ones


def test_what_can_not_be_told_from_others_says_so(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    from tests.web_server import serving

    as_tiff(tmp_path, GRAY)
    with serving(tmp_path) as server:
        address = f"{server.address}/a.tif"
        with pytest.raises(UnknownImageError, match="is at an address"):
            name_of(address)
        with pytest.raises(ValueError, match=r"^resume must be False for [^\n]+at an address"):
            write_dzi(address, tmp_path / "x.dzi", resume=True, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_a_store_of_another_file_system_is_not_the_folder_of_that_name(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    if not hasattr(zarr.storage, "FsspecStore"):
        pytest.skip("zarr 2 has another store")
    store = zarr.storage.FsspecStore.from_url(f"memory://{tmp_path}")
    with pytest.raises(UnknownImageError, match="FsspecStore"):
        name_of(zarr.create_array(store, data=GRAY))


def test_values_that_change_are_told_in_every_kind_of_memory() -> None:
    for make in (np.asarray, np.asfortranarray, lambda a: a.tolist(), zarr.array):
        one, other = make(GRAY), make(np.where(GRAY[9, 9] == GRAY, 255, GRAY).astype(np.uint8))
        assert name_of(one) == name_of(make(GRAY)) != name_of(other)


# --------------------------------------------------------------------------------- their users


class Stopping:
    """Raises KeyboardInterrupt after so many calls."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


def in_pairs(folder: Path) -> dict[str, tuple[Any, Any, dict[str, Any], dict[str, Any]]]:
    large = np.zeros((2, 900, 900), np.uint8)
    large[1] = 200
    large[0, :450] = 60
    np.save(folder / "a.npy", large)
    np.save(folder / "b.npy", large[0])
    whole = mapped(folder / "a.npy")
    path = folder / "b.npy"
    return {
        "parts of a map": (whole[0], whole[1], {}, {}),
        "axes of a file": (path, path, {"axes": "yx"}, {"axes": "xy"}),
        "colors of labels": (large[0] // 60, large[0] // 60, as_colors("rgb"), as_colors("rrggbb")),
    }


def as_colors(letters: str) -> dict[str, Any]:
    """Return colors that are alike where they are stretched, but not those of a number."""
    colors = pytest.importorskip("matplotlib.colors")
    return {"cmap": colors.ListedColormap(list(letters))}


@pytest.mark.parametrize("name", ["parts of a map", "axes of a file", "colors of labels"])
def test_an_interrupted_run_is_not_gone_on_with_for_another_image(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nbimage.pyramid.writers import tile_encoder

    one, other, how, otherwise = in_pairs(tmp_path)[name]
    options: Any = {"format": "png", "tile_size": 64, "resume": True, "progress": False}
    stop, encode = Stopping(150), tile_encoder.TileWriter.__call__

    def stopping(self: Any, *tile: Any) -> None:
        stop()
        encode(self, *tile)

    with monkeypatch.context() as patched:
        patched.setattr(tile_encoder.TileWriter, "__call__", stopping)
        with pytest.raises(KeyboardInterrupt):
            write_dzi(one, tmp_path / "x.dzi", **options, **how)
    assert (tmp_path / ".nbimage-x.dzi.part").exists()
    write_dzi(other, tmp_path / "x.dzi", **options, **otherwise)
    expected_path = write_dzi(other, tmp_path / "y.dzi", **options, **otherwise)
    with open_pyramid(tmp_path / "x.dzi") as found, open_pyramid(expected_path) as expected:
        np.testing.assert_array_equal(found.read(0), expected.read(0))


def test_kept_levels_are_those_of_the_file_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBIMAGE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "x.tif"
    for value in (10, 200):
        tifffile.imwrite(path, np.full((1500, 1500), value, np.uint8), tile=(256, 256))
        os.utime(path, (10**9, 10**9))
        with open_pyramid(path, cache=True) as pyramid:
            assert isinstance(pyramid.source, CachedSource)
            assert pyramid.read(2).mean() == pyramid.read(0, slice(5), slice(5)).mean() == value
