"""A server that fails, is slow or does other than it says: the right samples, or one line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nbimage.pyramid.open import open_pyramid
from tests import web_faults as faults
from tests.pyramid.remote.test_remote_file import (
    Make,
    dzi,
    levels,
    ome_zarr,
    plain_zarr,
    saved,
    tiff,
)
from tests.web_server import Server, serving

h5py = pytest.importorskip("h5py")
fits = pytest.importorskip("astropy.io.fits")
nibabel = pytest.importorskip("nibabel")
pytest.importorskip("imagecodecs")

GRAY = np.random.default_rng(8).integers(0, 65536, (150, 170), dtype=np.uint16)
BYTES = (GRAY >> 8).astype(np.uint8)
SIGNED = GRAY.astype(np.int16)


def fits_file(folder: Path) -> str:
    fits.PrimaryHDU(SIGNED).writeto(folder / "a.fits")
    return "a.fits"


def fits_tiles(folder: Path) -> str:
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(SIGNED)]).writeto(folder / "c.fits")
    return "c.fits"


def nifti(name: str) -> Make:
    def make(folder: Path) -> str:
        volume = np.stack([SIGNED, SIGNED[::-1]], axis=-1)
        nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), folder / name)
        return name

    return make


def hdf5(folder: Path) -> str:
    with h5py.File(folder / "a.h5", "w") as file:
        file.create_dataset("t", data=GRAY, chunks=(64, 64), compression="gzip")
    return "a.h5"


def jpeg_2000(folder: Path) -> str:
    Image.fromarray(GRAY).save(folder / "a.jp2", tile_size=(128, 128), irreversible=False)
    return "a.jp2"


MAKERS: dict[str, Make] = {
    "dzi": dzi(BYTES, overlap=0, tile_size=64),
    "szi": dzi(BYTES, ".szi", overlap=0, tile_size=64),
    "OME-Zarr 0.4": ome_zarr("0.4", GRAY),
    "OME-Zarr 0.5": ome_zarr("0.5", GRAY),
    "OME-Zarr with shards": ome_zarr("0.5", GRAY, shards=(128, 128)),
    "zarr array": plain_zarr,
    "TIFF with tiles": tiff(GRAY, tile=(64, 64), compression="zlib"),
    "TIFF, plain": tiff(GRAY),
    "OME-TIFF with levels": levels(GRAY, tile=(64, 64), compression="zlib"),
    "npy": saved("a.npy", GRAY),
    "PNG": saved("a.png", GRAY),
    "JPEG": saved("b.jpg", BYTES),
    "FITS": fits_file,
    "FITS in tiles": fits_tiles,
    "NIfTI": nifti("a.nii"),
    "NIfTI, packed": nifti("b.nii.gz"),
    "HDF5": hdf5,
    "JPEG 2000": jpeg_2000,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {}
    for number, (name, make) in enumerate(MAKERS.items()):
        folder = tmp_path_factory.getbasetemp() / "made" / str(number)
        folder.mkdir(parents=True)
        found[name] = folder / make(folder)
    return found


@pytest.fixture(scope="module")
def web(made: dict[str, Path]) -> Iterator[Server]:
    with serving(next(iter(made.values())).parents[1]) as server:
        yield server


@pytest.fixture
def server(web: Server) -> Iterator[Server]:
    yield web
    web.wrong.clear()
    web.asked.clear()
    web.ranges = web.tags = True


def address_of(server: Server, path: Path) -> str:
    return f"{server.address}/{path.relative_to(server.folder).as_posix()}"


PASSING = {
    "busy": faults.once(faults.status(503), 4),
    "an error of its own": faults.once(faults.status(500)),
    "too many requests": faults.once(faults.status(429, Retry_After="0")),
    "hangs up": faults.once(faults.hang_up),
    "ends early": faults.once(faults.cut),
    "sends less than it says": faults.once(faults.short),
    "sends halves": faults.halves,
    "sends all at times": faults.once(faults.whole),
    "sends all at other times": faults.once(lambda handler: handler.send_file()),
    "packs all": faults.packed,
    "packs at times": faults.once(faults.packed),
    "is slow": faults.slow,
    "goes on": faults.goes_on,
    "redirects": faults.redirected,
}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_leaves_the_right_samples(
    fault: str, kind: str, made: dict[str, Path], server: Server
) -> None:
    path = made[kind]
    server.wrong["."] = PASSING[fault]
    with open_pyramid(path) as local, open_pyramid(address_of(server, path)) as remote:
        index = tuple(length - 1 for _, length in local.axes)
        assert np.array_equal(remote.read(0, index=index), local.read(0, index=index))
