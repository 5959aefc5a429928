"""What every source of a pyramid keeps to: arrays, files of every format, and addresses alike.

The samples are those that were put in, at every level as halving makes them; so they are from a
pickle and from many threads; closed, it says so. What only one format does is tested beside it, in
`tests/pyramid/sources`.
"""

from __future__ import annotations

import contextlib
import gc
import gzip
import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import tifffile
from astropy.io import fits as astropy_fits
from PIL import Image

from nbimage.base.box import Box
from nbimage.pyramid.core.block_cache import BlockCache
from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.levels.level_cache import CachedSource, with_level_cache
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.writers.ome_zarr.write import write_ome_zarr
from nbimage.testing import check_source
from tests.fits_files import write_fits
from tests.forking import Child, in_children, needs_fork
from tests.optional import zarr
from tests.pyramid.source_kinds import (
    COLOR,
    GRAY,
    RANDOM,
    SOURCES,
    Array,
    Make,
    check,
    dzi,
    in_zarr,
    levels_of,
    tiff,
    written,
    zipped,
)
from tests.web_server import serving


def jpeg(folder: Path) -> tuple[Any, Array]:
    smooth = np.repeat(np.arange(407, dtype=np.uint8)[None, :, None] // 2, 331, 0) + COLOR // 64
    Image.fromarray(smooth).save(folder / "a.jpg", quality=95)
    with Image.open(folder / "a.jpg") as image:
        return folder / "a.jpg", np.asarray(image)


def by_libvips(folder: Path) -> tuple[Any, Array]:
    pytest.importorskip("pyvips")
    from nbimage.pyramid.sources.vips_image import VipsSource

    path, expected = written("a.png", COLOR)(folder)
    return Pyramid(VipsSource(Path(path))), expected


def by_openslide(folder: Path) -> tuple[Any, Array]:
    pytest.importorskip("openslide")
    from nbimage.pyramid.sources.openslide_image import OpenSlideSource

    tifffile.imwrite(folder / "a.tif", COLOR, photometric="rgb", tile=(256, 256), metadata=None)
    return Pyramid(OpenSlideSource(folder / "a.tif")), COLOR


def kept_levels(folder: Path) -> tuple[Any, Array]:
    large = np.tile(GRAY, (4, 4))
    tifffile.imwrite(folder / "a.tif", large, compression="zlib", rowsperstrip=16)
    plain = open_pyramid(folder / "a.tif", cache=False).source
    source = with_level_cache(plain, folder / "a.tif", always=True, progress=False)
    assert isinstance(source, CachedSource)
    return Pyramid(source), large


def in_zip_store(folder: Path) -> tuple[Any, Array]:
    with zarr.storage.ZipStore(folder / "a.zip", mode="w") as store:
        zarr.create_array(store, data=GRAY, chunks=(60, 70))
    return zarr.open_array(
        zarr.storage.ZipStore((folder / "a.zip").absolute(), mode="r"), mode="r"
    ), GRAY


def ozx(folder: Path) -> tuple[Any, Array]:
    return write_ome_zarr(GRAY, folder / "a.ozx", chunk_size=64, progress=False), GRAY


def stored_alone(folder: Path) -> tuple[Any, Array]:
    np.savez(folder / "a.npz", GRAY)
    return folder / "a.npz", GRAY


def fits(folder: Path) -> tuple[Any, Array]:
    return write_fits(folder / "a.fits", (GRAY ^ 0x8000).view(np.int16), BZERO=32768), GRAY


def packed_fits(folder: Path) -> tuple[Any, Array]:
    path, expected = fits(folder)
    (folder / "a.fits.gz").write_bytes(gzip.compress(Path(path).read_bytes(), 1))
    return folder / "a.fits.gz", expected


def compressed_fits(folder: Path) -> tuple[Any, Array]:
    hdu = astropy_fits.CompImageHDU(GRAY, name="SCI", tile_shape=(64, 64))
    astropy_fits.HDUList([astropy_fits.PrimaryHDU(), hdu]).writeto(folder / "a.fits.fz")
    return str(folder / "a.fits.fz[SCI]"), GRAY


def nifti(folder: Path) -> tuple[Any, Array]:
    nibabel.save(nibabel.Nifti1Image(GRAY.T, np.eye(4)), folder / "a.nii.gz")
    return folder / "a.nii.gz", GRAY


def level_of_a_pyramid(folder: Path) -> tuple[Any, Array]:
    path, expected = tiff(GRAY, tile=(64, 64))(folder)
    return open_pyramid(path).levels[1], halve(expected)


LOCAL: dict[str, Make] = {
    **SOURCES,
    "JPEG": jpeg,
    "libvips": by_libvips,
    "OpenSlide": by_openslide,
    "levels that are kept": kept_levels,
    "level of a pyramid": level_of_a_pyramid,
    "zarr in a zip file": in_zip_store,
    "ozx": ozx,
    "npz": stored_alone,
    "FITS": fits,
    "NIfTI": nifti,
    "FITS in gzip": packed_fits,
    "compressed FITS": compressed_fits,
}
REMOTE: dict[str, Make] = {
    "http: dzi": dzi(COLOR),
    "http: szi": zipped("a.szi", COLOR),
    "http: tiles": tiff(GRAY, tile=(64, 64), compression="zlib"),
    "http: TIFF": tiff(GRAY),
    "http: zarr": in_zarr(GRAY, 3),
    "http: ozx": ozx,
    "http: PNG": written("a.png", COLOR),
    "http: npy": written("a.npy", GRAY),
    "http: FITS": compressed_fits,
}
KINDS = [*LOCAL, *REMOTE]
WITH_LOCKS = {"dask", "xarray of dask"}  # of their own, which a forked process can't renew
CARRIED = {"array", "Fortran order", "list", "PIL image", "dask", "xarray of dask", "npz"}
"""Whose samples are in memory, and in a pickle."""
IN_MEMORY = {"zarr array"}  # of which a pickle is none of a pyramid's business


@contextlib.contextmanager
def opened(name: str, folder: Path) -> Iterator[tuple[Pyramid, Array]]:
    """Yield a pyramid of a kind of source, and all samples that it has."""
    with contextlib.ExitStack() as stack:
        if name in REMOTE:
            pytest.importorskip("aiohttp")
            path, expected = REMOTE[name](folder)
            server = stack.enter_context(serving(folder.absolute()))
            source: Any = f"{server.address}/{Path(path).name}"
        else:
            source, expected = LOCAL[name](folder)
        yield stack.enter_context(open_pyramid(source)), expected


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBIMAGE_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", KINDS)
def test_every_level_is_what_halving_makes_of_the_samples(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as (pyramid, expected):
        check(pyramid, expected)
        assert np.array_equal(np.asarray(pyramid), expected)
        source, level = pyramid.source, pyramid.levels[1]
        assert np.array_equal(level[3:99:2, ::-3], halve(expected)[3:99:2, ::-3])
        assert pyramid.native_levels[0] == 0
        assert len(source.blocks) == len(source.shapes)
        assert source.dtype.isnative


@pytest.mark.parametrize("name", KINDS)
def test_a_source_keeps_to_what_is_promised_of_all(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as (pyramid, expected):
        by_path = name not in IN_MEMORY | CARRIED
        check_source(pyramid, expected, pickles=by_path, forks=name not in WITH_LOCKS)


@pytest.mark.parametrize("name", KINDS)
def test_what_was_read_is_never_changed_by_whoever_has_it(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as (pyramid, expected):
        levels = levels_of(expected)
        for level in (0, 1, 5):
            part = slice(10, 60), slice(3, 90)
            for rows, columns in (part, part, (slice(None), slice(None))):
                found = pyramid.read(level, rows, columns)
                assert np.array_equal(found, levels[level][rows, columns])
                if found.flags.writeable:
                    found[...] = 0


@pytest.mark.parametrize("name", [name for name in KINDS if name not in IN_MEMORY])
def test_a_pickle_reads_the_same_from_another_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with opened(name, Path()) as (pyramid, expected):
        pyramid.read(0, slice(0, 9))
        packed = pickle.dumps(pyramid)
        monkeypatch.chdir("/")
        with pickle.loads(packed) as again:
            assert np.array_equal(again.read(0), expected)
            assert np.array_equal(again.read(2), levels_of(expected)[2])
        if isinstance(pyramid.source, CachedSource) or name in REMOTE:
            assert len(packed) < 20_000


@pytest.mark.parametrize("name", KINDS)
def test_closed_it_says_so_and_can_be_closed_again(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as (pyramid, _):
        pyramid.read(3)
        level = pyramid.levels[0]
        pyramid.close()
        pyramid.close()
        for read in (
            lambda: pyramid.read(0),
            lambda: pyramid.read(3, slice(0, 2)),
            lambda: pyramid.tile(0, 0, 0),
            lambda: pyramid.limits(),
            lambda: level[0],
        ):
            with pytest.raises(ValueError, match=r"^the pyramid is closed: [^\n]+$"):
                read()
        gc.collect()


@pytest.mark.parametrize("name", KINDS)
def test_a_pyramid_of_a_pyramid_is_closed_with_it(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as (pyramid, expected):
        with open_pyramid(pyramid, tile_size=100) as other:
            assert np.array_equal(other.tile(0, 0, 0), expected[:101, :101])
        for read in (lambda: pyramid.read(0), lambda: pyramid.levels[1][0], pyramid.limits):
            with pytest.raises(ValueError, match=r"^the pyramid is closed: [^\n]+$"):
                read()


@pytest.mark.parametrize("name", KINDS)
def test_eight_threads_read_the_same_as_one(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as (pyramid, expected), ThreadPoolExecutor(8) as pool:
        levels = levels_of(expected)
        positions = RANDOM.integers(0, 150, (64, 2)).tolist()

        def read(task: tuple[int, list[int]]) -> bool:
            level, (top, left) = task[0] % 4, task[1]
            part = slice(top, top + 70), slice(left, left + 90)
            return np.array_equal(pyramid.read(level, *part), levels[level][part])

        assert all(pool.map(read, enumerate(positions)))


@needs_fork
@pytest.mark.parametrize("name", KINDS)
def test_forked_processes_read_the_same_at_once(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as (pyramid, expected):
        pyramid.read(0, slice(0, 9), slice(0, 9))
        levels = levels_of(expected)
        count = 15 if name in (*REMOTE, "lossless JPEG 2000") else 60

        def read(seed: int) -> int:
            caches = [found for found in gc.get_objects() if isinstance(found, BlockCache)]
            random, wrong = np.random.default_rng(seed), 0
            for task in range(count):
                for cache in caches:
                    cache.clear()
                level = (0, 0, 1)[task % 3]
                top, left = random.integers(0, 150, 2).tolist()
                part = slice(top, top + 10), slice(left, left + 10)
                wrong += not np.array_equal(pyramid.read(level, *part), levels[level][part])
            return wrong

        assert in_children(read, 2, lambda: read(9)) == [0, 0, 0]


@needs_fork
@pytest.mark.parametrize("name", [name for name in KINDS if name not in WITH_LOCKS])
def test_a_process_forked_while_others_read_goes_on(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as (pyramid, expected), ThreadPoolExecutor(2) as pool:
        done = threading.Event()
        pyramid.read(1)  # what another thread imports at the fork is never imported in the child

        def read_on() -> None:
            while not done.is_set():
                pyramid.source.read(0, Box(0, 300, 0, 300))
                pyramid.read(1, slice(0, 90))

        threads = [pool.submit(read_on) for _ in range(2)]
        try:
            for _ in range(2):
                with Child(lambda: pyramid.read(0)) as child:
                    assert np.array_equal(child.result(), expected)
        finally:
            done.set()
        for thread in threads:
            thread.result()
