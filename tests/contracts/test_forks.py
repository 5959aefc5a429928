"""What a forked process leaves alone: files, pipes, ports and locks that are its parent's.

That it reads the same as its parent is tested for every source in `test_sources`.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import socket
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Grid, Picture, Video, View, encode, open_pyramid, write_dzi
from nbimage.base.atomic import AtomicPath
from nbimage.base.lock import acquire_lock
from nbimage.codecs.ffmpeg import FFmpegError
from nbimage.codecs.videos import Job, encode_frames, make_outputs
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.read_frames import read_frames
from nbimage.view.live.tile_scheduler import TileScheduler
from nbimage.view.model.tiled_image import TileAddress, TiledStack
from nbimage.view.serve.http_server import TileServer
from tests.blocks import Blocks
from tests.contracts.test_writers import Writer, every_writer, full_image
from tests.forking import Child, in_children, needs_fork

pytestmark = needs_fork
Array = np.ndarray[Any, Any]
SIDE = 600


def wait_until_killed() -> None:
    threading.Event().wait()


def picture(number: int) -> Array:
    """An image that can be told from those of other numbers even as JPEG."""
    return np.full((300, 300, 3), (number * 60, 255 - number * 60, 128), np.uint8)


# ------------------------------------------------------------------------------------- writers


class Forking(Blocks):
    """An image during whose reading a process is forked, which then ends as any program does."""

    def __init__(self) -> None:
        super().__init__(SIDE)
        self.children: list[int] = []
        self._once = threading.Lock()  # filelock refuses forks of two threads at once

    def read(self, *place: Any) -> Array:
        """Return a part."""
        with self._once:
            if self.pixels > SIDE * SIDE / 2 and not self.children:
                with Child(gc.collect) as child:
                    child.result()
                self.children.append(child.process)
        return super().read(*place)


@every_writer
def test_a_process_forked_meanwhile_changes_nothing_that_is_written(
    tmp_path: Path, writer: Writer
) -> None:
    source = Forking()
    with Pyramid(source) as pyramid:
        writer.write(pyramid, tmp_path / writer.name)
    assert source.children
    with Pyramid(Blocks(SIDE)) as pyramid:
        np.testing.assert_array_equal(full_image(tmp_path / writer.name), pyramid.read(0))
    assert sorted(path.name for path in tmp_path.iterdir()) == writer.names


@every_writer
def test_forked_processes_write_at_once(tmp_path: Path, writer: Writer) -> None:
    def write(number: int) -> None:
        (tmp_path / str(number)).mkdir()
        writer.write(picture(number), tmp_path / str(number) / writer.name)

    write(3)  # its files and threads are there before the fork
    in_children(write, 2, lambda: write(2))
    for number in range(4):
        found = full_image(tmp_path / str(number) / writer.name)
        np.testing.assert_array_equal(found, picture(number))


@pytest.mark.parametrize("format_", ["jpeg", "webp", "avif", "png"])
def test_forked_processes_encode_tiles_of_their_own(tmp_path: Path, format_: str) -> None:
    def write(number: int) -> None:
        for run in range(4):
            path = tmp_path / f"{number}-{run}.dzi"
            write_dzi(picture(number), path, format=format_, tile_size=60, progress=False)

    write(3)
    in_children(write, 2, lambda: write(2))
    for number in range(4):
        files = list(tmp_path.glob(f"{number}-*_files/9/*"))
        assert len(files) == 4 * 25  # of 5 by 5 tiles
        for file in files:
            with Image.open(file) as image:
                away = np.asarray(image.convert("RGB")).astype(int) - picture(number)[0, 0]
            assert abs(away).max() < 12


# ---------------------------------------------------------------------------- ffmpeg and files


def test_a_video_waits_for_no_process_that_was_forked_meanwhile() -> None:
    children: list[Child] = []

    def frames() -> Iterator[Array]:
        for number in range(5):
            if number == 2:
                children.append(Child(wait_until_killed))
            yield (np.full((64, 64), number * 20, np.uint8),)

    try:
        assert Video(frames()).html
        with Child(lambda: None, 1) as after:  # the first one has not ended
            after.result()
        os.kill(children[0].process, 0)
    finally:
        for child in children:
            child.kill()


def test_a_forked_process_can_neither_go_on_with_a_video_nor_end_it() -> None:
    def frames() -> Iterator[tuple[Array]]:
        for number in range(6):
            if number == 2:
                process = os.fork()
                if not process:
                    continue  # the child goes on in the parent's place
                waited.append(process)
            yield (np.full((64, 64), number * 20, np.uint8),)

    waited: list[int] = []
    parent = os.getpid()
    try:
        outputs = make_outputs({"h264": 1}, {"h264": 18.0}, (64, 64), 1, lossless=False)
        found = encode_frames(frames(), [Job((64, 64), 1, outputs)], Fraction(25))
    except FFmpegError as error:
        os._exit(7 if "by the process that began it" in str(error) else 8)
    finally:
        if os.getpid() != parent:
            os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(waited[0], 0)[1]) == 7
    assert found["h264"][4:8] == b"ftyp"


def test_what_is_being_written_is_not_removed_by_a_forked_process(tmp_path: Path) -> None:
    def leave() -> None:
        part.__exit__(None, None, None)

    with AtomicPath(tmp_path / "a") as part:
        part.path.write_bytes(b"whole")
        with Child(leave) as child:
            child.result()
        part.commit()
    assert (tmp_path / "a").read_bytes() == b"whole"


def test_a_copy_of_an_address_is_not_removed_by_a_forked_process(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    from tests.web_server import serving

    Image.fromarray(picture(1)).save(tmp_path / "a.png")
    with serving(tmp_path) as server, open_pyramid(f"{server.address}/a.png") as pyramid:
        with Child(pyramid.close) as child:
            child.result()
        assert Path(getattr(pyramid.source, "_path")).exists()  # noqa: B009 (of one source alone)


def test_frames_of_an_animation_are_each_process_own(tmp_path: Path) -> None:
    frames = [Image.fromarray(picture(n)[:40, :40]) for n in range(4)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    animation, _ = read_frames(tmp_path / "a.gif")

    def read(seed: int) -> bool:
        order = np.random.default_rng(seed).integers(0, 4, 60).tolist()
        return all(
            np.array_equal(np.asarray(animation[n].convert("RGB")), frames[n]) for n in order
        )

    assert in_children(read, 2, lambda: read(7)) == [True] * 3


# ---------------------------------------------------------------------------- locks and ports


def test_a_lock_is_free_when_its_process_releases_it(tmp_path: Path) -> None:
    lock = acquire_lock(tmp_path / "lock")
    with Child(wait_until_killed):
        with pytest.raises(BlockingIOError):
            acquire_lock(tmp_path / "lock")
        lock.release()
        acquire_lock(tmp_path / "lock").release()


def test_a_lock_stays_when_a_forked_process_forgets_it(tmp_path: Path) -> None:
    held = [acquire_lock(tmp_path / "lock")]

    def forget() -> None:
        held.pop().release(force=True)
        gc.collect()

    with Child(forget) as child:
        child.result()

    def acquire() -> str:
        try:
            acquire_lock(tmp_path / "lock")
        except BlockingIOError:
            return "held"
        return "free"

    with Child(acquire) as child:
        assert child.result() == "held"
    held[0].release()
    with Child(acquire) as child:
        assert child.result() == "free"


def test_a_port_is_free_when_its_server_is_closed() -> None:
    view = View(np.zeros((2000, 2000), np.uint8), embed=False)
    server = TileServer(view.model)
    port = server.server_port
    with Child(wait_until_killed):
        server.server_close()
        with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), 5):
            raise AssertionError("the child has the port")


# ------------------------------------------------------------------- threads of the parent's


def test_tiles_are_made_in_a_forked_process() -> None:
    with TileScheduler([TiledStack(open_pyramid(picture(1)))]) as scheduler:
        address = TileAddress(0, 0, 0, 0)
        first = scheduler.tile(0, address).data
        with scheduler._changed, Child(lambda: scheduler.tile(0, address).data) as child:
            assert child.result() == first


def test_pictures_are_made_in_a_forked_process_whatever_its_parent_did() -> None:
    large = np.random.default_rng(0).random((1500, 1500))
    right = encode(large, vmin=0, vmax=1)
    go_on = threading.Event()

    def make() -> None:
        while not go_on.is_set():
            Picture(large)

    busy = threading.Thread(target=make)
    busy.start()
    try:
        for _ in range(3):
            with Child(lambda: encode(large, vmin=0, vmax=1)) as child:
                assert child.result() == right
    finally:
        go_on.set()
        busy.join()


@pytest.mark.parametrize("door", ["picture", "grid", "limits", "labelled", "video"])
def test_lazy_arrays_are_computed_in_a_forked_process(door: str) -> None:
    dask_array = pytest.importorskip("dask.array")
    xarray = pytest.importorskip("xarray")
    lazy = dask_array.from_array(np.arange(900).reshape(30, 30), chunks=15)
    labelled = xarray.DataArray(lazy, dims=("y", "x"), attrs={"_FillValue": 3})
    doors = {
        "picture": lambda: Picture(lazy).html,
        "grid": lambda: Grid([lazy]).html,
        "limits": lambda: encode(np.eye(3), vmax=lazy.max()),
        "labelled": lambda: encode(labelled),
        "video": lambda: Video(dask_array.stack([lazy] * 2), format="gif", progress=False).html,
    }
    lazy.compute()  # by threads, which no child has
    with Child(lambda: len(doors[door]())) as child:
        assert child.result() == len(doors[door]())


def test_a_spawned_process_reads_the_same_pyramid(tmp_path: Path) -> None:
    write_dzi(picture(1), tmp_path / "a.szi", format="png", progress=False)
    with open_pyramid(tmp_path / "a.szi") as pyramid:
        pyramid.read(1)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found = pool.apply_async(pyramid.read, (0,)).get(60)
    np.testing.assert_array_equal(found, picture(1))
