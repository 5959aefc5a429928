"""A server that fails, is slow or does other than it says: the right samples, or one line."""

from __future__ import annotations

import email.utils
import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.remote import retries, transfer
from nbimage.pyramid.remote.remote_file import RemoteFile
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
from tests.web_server import Handler, Server, serving

aiohttp = pytest.importorskip("aiohttp")

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
    found, above = {}, tmp_path_factory.mktemp("made")  # anew where others came between its tests
    for number, (name, make) in enumerate(MAKERS.items()):
        folder = above / str(number)
        folder.mkdir()
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
    "too many requests": faults.once(faults.status(429, Retry_After="0")),
    "hangs up": faults.once(faults.hang_up),
    "ends early": faults.once(faults.cut),
    "sends less than it says": faults.once(faults.short),
    "sends halves": faults.halves,
    "sends all at times": faults.once(faults.whole),
    "packs all": faults.packed,
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


FINAL = {
    "another part": (faults.elsewhere, "from 7 on, not from"),
    "no part that is named": (faults.unnamed, "does not say which"),
    "an error that stays": (faults.status(500), r"status 500 \(asked 5 times\): try again later"),
    "a wait that is too long": (
        faults.status(429, Retry_After="3600"),
        "status 429, and asks to wait for 3600 seconds",
    ),
    "an error of the request": (faults.status(418), "status 418$"),
    "cut every time": (faults.hang_up, r"ended before all bytes came \(asked 5 times\)"),
    "short every time": (faults.short, r"it ends after \d+ of \d+ bytes \(asked 5 times\)"),
}


@pytest.mark.parametrize("kind", ["OME-Zarr with shards", "TIFF with tiles", "HDF5", "FITS"])
@pytest.mark.parametrize("fault", FINAL)
def test_what_stays_wrong_is_one_line_and_what_is_right_later_is_read(
    fault: str, kind: str, made: dict[str, Path], server: Server
) -> None:
    wrong, message = FINAL[fault]
    with open_pyramid(address_of(server, made[kind]) + "?key=secret") as remote:
        high, wide = remote.shapes[0]
        box = slice(high - 60, high), slice(wide - 60, wide)
        server.wrong["."] = wrong
        if kind in ("HDF5", "FITS"):  # which have been read as a whole
            remote.source.close()
            remote.source.remote._opened_range = None
        with pytest.raises((OSError, ValueError), match=message) as caught:
            remote.read(0, *box)
        assert "secret" not in str(caught.value)
        assert "\n" not in str(caught.value)
        assert server.address in str(caught.value)
        server.wrong.clear()
        with open_pyramid(made[kind]) as local:
            assert np.array_equal(remote.read(0, *box), local.read(0, *box))


@pytest.mark.parametrize("tags", [True, False])
@pytest.mark.parametrize("kind", ["TIFF with tiles", "FITS", "szi"])
def test_a_file_that_changes_while_it_is_open_is_said_to(
    kind: str, tags: bool, made: dict[str, Path], tmp_path: Path
) -> None:
    copy = tmp_path / made[kind].name
    copy.write_bytes(made[kind].read_bytes())
    with serving(tmp_path) as server:
        server.tags = tags
        with open_pyramid(f"{server.address}/{copy.name}") as remote:
            copy.write_bytes(made[kind].read_bytes() + bytes(not tags))
            os.utime(copy, ns=(1, 1))
            with pytest.raises((OSError, ValueError), match="has changed since it was opened"):
                remote.read(0)
        with open_pyramid(f"{server.address}/{copy.name}") as again, open_pyramid(copy) as local:
            assert np.array_equal(again.read(0), local.read(0))


def test_a_download_goes_on_where_it_ended(tmp_path: Path) -> None:
    data = np.random.default_rng(3).bytes(100_000)
    (tmp_path / "a.bin").write_bytes(data)
    with serving(tmp_path) as server:
        server.wrong["."] = faults.once(faults.cut)
        for tags in (True, False):
            server.tags = tags
            server.asked.clear()
            remote = RemoteFile(f"{server.address}/a.bin?{tags}")
            copy = remote.download()
            try:
                assert copy.read_bytes() == data
            finally:
                copy.unlink()
                remote.close()
            if tags:  # each time half of what was left
                assert server.sent < 1.2 * len(data)


def test_a_download_that_changes_begins_anew_or_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(50_000))
    with serving(tmp_path) as server:

        def change(handler: Handler) -> None:
            faults.cut(handler)
            (tmp_path / "a.bin").write_bytes(b"1" * 60_000)

        server.wrong["."] = faults.once(change)
        remote = RemoteFile(f"{server.address}/a.bin")
        with pytest.raises(OSError, match="has changed since it was opened"):
            remote.download()
        remote.close()


class Clock:
    """Time that passes where somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waits.append(seconds)


@pytest.fixture
def clock(server: Server, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    rule = retries.Retries(sleep=clock.sleep, clock=clock)
    monkeypatch.setattr(retries, "DEFAULT", rule)
    return clock


def fetch(server: Server) -> bytes:
    remote = RemoteFile(f"{server.address}/15/b.nii.gz")
    try:
        return remote.fetch(start=0, end=10)
    finally:
        remote.close()


def test_waits_are_longer_each_time_and_few(clock: Clock, server: Server) -> None:
    server.wrong["."] = faults.status(503)
    with pytest.raises(OSError, match="asked 5 times"):
        fetch(server)
    assert len(server.asked) == 5
    assert 1.8 <= clock.now <= 0.25 + 0.5 + 1 + 2
    server.asked.clear()
    server.wrong["."] = faults.status(503, Retry_After="25")
    with pytest.raises(OSError, match="asked 3 times"):
        fetch(server)
    assert len(server.asked) == 3
    assert clock.now <= 3.75 + 60


def test_what_a_server_asks_to_wait_is_waited(clock: Clock, server: Server) -> None:
    server.wrong["."] = faults.once(faults.status(429, Retry_After="7"))
    assert fetch(server)
    assert clock.now == 7
    when = email.utils.formatdate(time.time() + 3000, usegmt=True)
    server.wrong["."] = faults.status(503, Retry_After=when)
    with pytest.raises(OSError, match=r"asks to wait for (2\d\d\d|3000) seconds"):
        fetch(server)
    assert clock.now == 7


def test_who_is_closed_waits_no_longer(
    server: Server, made: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = RemoteFile(address_of(server, made["npy"]))

    async def close(seconds: float) -> None:
        remote.close()

    monkeypatch.setattr(retries, "DEFAULT", retries.Retries(first=9, sleep=close))
    server.wrong["."] = faults.status(503)
    with pytest.raises(OSError, match="status 503"):
        remote.fetch()
    assert len(server.asked) == 2


def test_a_server_that_was_never_there_is_not_looked_for_again(
    clock: Clock, made: dict[str, Path], tmp_path: Path
) -> None:
    with Server(tmp_path) as gone:
        address = gone.address
    with pytest.raises(OSError, match="can't be read"):
        open_pyramid(f"{address}/a.png")
    assert not clock.waits
    with serving(tmp_path) as server:
        (tmp_path / "a.bin").write_bytes(bytes(100))
        remote = RemoteFile(f"{server.address}/a.bin")
        assert remote.fetch(start=0, end=4) == bytes(4)
        remote.close()
        server.shutdown()
        server.server_close()
    with pytest.raises(OSError, match=r"\(asked 5 times\)"):
        remote.fetch(start=4, end=8)
    remote.close()


def test_a_silent_connection_is_tried_again(server: Server, made: dict[str, Path]) -> None:
    released = threading.Event()
    server.wrong["."] = faults.once(lambda handler: released.wait(60) and None)
    options = {"client_kwargs": {"timeout": aiohttp.ClientTimeout(sock_read=0.3)}}
    try:
        path = made["TIFF, plain"]
        with open_pyramid(address_of(server, path), storage_options=options) as remote:
            assert np.array_equal(remote.read(0), GRAY)
    finally:
        released.set()


def test_a_slow_download_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("nbimage.pyramid.remote.transfer.time.monotonic", lambda: now)
    watch = transfer._Watch()
    for _ in range(60):
        now += 1
        assert not watch.count(1000)
    now += 1
    with pytest.raises(TimeoutError):
        watch.count(1000)


def test_nothing_is_left_of_what_failed(server: Server, made: dict[str, Path]) -> None:
    kinds = "dzi", "OME-Zarr 0.5", "TIFF with tiles", "HDF5", "FITS", "PNG"

    def files() -> int:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    def threads() -> set[threading.Thread]:
        gc.collect()
        return {one for one in threading.enumerate() if "nbimage-remote" in one.name}

    counts, before = [], threads()
    for _ in range(2):
        server.wrong["."] = faults.once(faults.status(503), 2)
        for kind in kinds:
            with open_pyramid(address_of(server, made[kind])) as remote:
                remote.read(0)
        server.wrong["."] = faults.status(500)
        for kind in kinds:
            with pytest.raises(OSError, match="status 500"):
                open_pyramid(address_of(server, made[kind]))
        counts.append(files())
    assert wait_until(lambda: files() <= counts[0] + 2)
    assert wait_until(lambda: not threads() - before)


def wait_until(true: Callable[[], bool]) -> bool:
    for _ in range(200):
        if true():
            return True
        time.sleep(0.05)
    return False


# S3


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    pytest.importorskip("s3fs")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return {"key": "testing", "secret": "testing"}


@pytest.mark.parametrize("fault", ["busy", "hangs up", "ends early", "sends all at times"])
@pytest.mark.parametrize("kind", ["OME-Zarr with shards", "TIFF with tiles", "HDF5", "PNG"])
def test_a_bucket_that_fails_by_chance_is_read(
    kind: str, fault: str, made: dict[str, Path], server: Server, bucket: dict[str, Any]
) -> None:
    path = made[kind]
    address = f"s3://{path.relative_to(server.folder).as_posix()}"
    options = {"endpoint_url": server.address, **bucket}
    wrong = {"busy": faults.once(faults.status(503), 4)}.get(fault, PASSING[fault])
    server.wrong[path.name.replace(".", r"\.")] = wrong
    with (
        open_pyramid(path) as local,
        open_pyramid(address, storage_options=options) as remote,
    ):
        assert np.array_equal(remote.read(0), local.read(0))
        server.wrong["."] = faults.status(500)
        server.asked.clear()
    server.wrong["."] = faults.status(500)
    with pytest.raises(OSError, match=r"s3://.*try again later") as caught:
        open_pyramid(f"s3://1/none{path.suffix}", storage_options=options)
    assert "\n" not in str(caught.value)
