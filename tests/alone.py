"""What a program makes of arrays, in a Python that has no threads and lacks packages if told so.

``python -m tests.alone [no-threads] [no-packages] [no-posix] [loop]`` prints digests as JSON;
``loop``: made while an event loop runs, as in a notebook. `tests/peers/test_pyodide` does it in the
Python of browsers.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NoReturn

ABSENT = ("isal", "zlib_ng", "imageio_ffmpeg", "resvg_py", "fcntl", "msvcrt", "resource")
ABSENT += ("multiprocessing",)
"""What a browser's Python lacks."""
POSIX = ("fork", "forkpty", "register_at_fork", "sched_getaffinity", "pread", "preadv", "pwrite")
POSIX += ("killpg", "setsid", "getpgid", "fchmod", "fchown", "chown", "lchown", "mkfifo", "mknod")
POSIX += ("statvfs", "getuid", "geteuid", "getgid", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK")
POSIX += ("posix_fadvise", "sendfile", "link", "symlink", "nice", "sync")
"""What `os` lacks on Windows, or has for few."""


def forbid_threads() -> None:
    """Let no thread be started, as in a browser."""

    def start(self: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    threading.Thread.start = start  # type: ignore[method-assign]


def import_others() -> None:
    """Import packages that choose by `os.name` what they need: they would be right there."""
    import anywidget  # and with it IPython  # noqa: F401


def forbid_posix() -> None:
    """Take away what only POSIX systems have, as on Windows."""
    import_others()
    subprocess.Popen.kill = subprocess.Popen.terminate  # type: ignore[method-assign]
    for name in POSIX:
        if hasattr(os, name):
            delattr(os, name)
    for name in ("SIGKILL", "SIGHUP", "SIGALRM", "SIGUSR1", "alarm", "pthread_kill", "setitimer"):
        if hasattr(signal, name):
            delattr(signal, name)
    sys.modules.update(dict.fromkeys(("fcntl", "resource", "pwd", "grp", "termios")))  # type: ignore[arg-type]
    warnings.filterwarnings("error", category=EncodingWarning, module=r"nbimage\b")
    if Path("/proc/self/maps").exists():
        keep_open_files()


def keep_open_files() -> None:
    """Let no file be replaced, renamed or removed that is open or mapped here, as on Windows."""
    for name in ("replace", "rename", "unlink", "remove", "rmdir"):
        setattr(os, name, _keeping(getattr(os, name)))


def _keeping(change: Callable[..., Any]) -> Callable[..., Any]:
    def call(*paths: Any, dir_fd: int | None = None, **options: Any) -> Any:
        for path in map(os.path.realpath, paths if dir_fd is None else ()):
            for used in _open_files():
                if used == path or used.startswith(f"{path}{os.sep}"):
                    raise PermissionError(13, "another process uses this file", used)
        if dir_fd is not None:
            options["dir_fd"] = dir_fd
        return change(*paths, **options)

    return call


def _open_files() -> set[str]:
    """Return the files that this process has open or mapped, but locks: they are others' work."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # that of the folder itself
            found.add(str(link.readlink()))
    lines = Path("/proc/self/maps").read_text("utf-8").splitlines()
    found.update(line.split(maxsplit=5)[5] for line in lines if len(line.split(maxsplit=5)) == 6)
    return {name for name in found if name.startswith("/") and not name.endswith(".lock")}


def forbid_packages() -> None:
    """Let packages be missing that a browser lacks, and no other process be started."""
    if sys.platform != "emscripten":
        import_others()
    sys.modules.update(dict.fromkeys(ABSENT))  # type: ignore[arg-type]
    os.environ["PATH"] = ""

    def start(*_: Any, **__: Any) -> NoReturn:
        raise OSError(138, "emscripten does not support processes.")

    subprocess.Popen = start  # type: ignore[assignment, misc]


async def make_all(*names: str) -> dict[str, list[str]]:
    """Return digests of the bytes and of the pixels of all that is made, and texts as they are."""
    found = {}
    for make in (pictures, pyramids, tiles, live_view, animations, videos):
        if not names or make.__name__ in names:
            async for name, data in make():
                found[f"{make.__name__} {name}"] = _digest(data)
    return found


async def wait_until(holds: Callable[[], object]) -> None:
    """Wait for what threads do, or the event loop."""
    from nbimage.base.workers.steps import find_loop

    until = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < until
        if find_loop() is None:
            time.sleep(0.002)
        else:
            await asyncio.sleep(0.002)


def _digest(data: Any) -> list[str]:
    if isinstance(data, str):
        return [data, data]
    raw = data if isinstance(data, bytes) else _pixels(data)
    return [hashlib.sha256(one).hexdigest() for one in (raw, _pixels(data))]


def _pixels(data: Any) -> bytes:
    """Return the pixels of a PNG, whatever has packed it; else the bytes."""
    import numpy as np
    from PIL import Image

    if not isinstance(data, bytes):
        return np.ascontiguousarray(data).tobytes()
    if not data.startswith(b"\x89PNG"):
        return data
    return Image.open(io.BytesIO(data)).convert("RGBA").tobytes()


def _large() -> Any:
    import numpy as np

    whole = np.random.default_rng(5).integers(-1000, 1000, (1300, 1500)).astype(np.float32)
    return whole / 8  # the same numbers on every machine


async def pictures() -> AsyncIterator[tuple[str, Any]]:
    """Yield pictures of all verbs."""
    import base64

    import numpy as np

    import nbimage

    large = _large()
    yield "limits", nbimage.rerange(large, contrast="robust")
    yield "gray", nbimage.encode(large)
    yield "palette", nbimage.encode(large, cmap="viridis", norm="asinh")
    yield "colors", nbimage.encode(nbimage.rerange(np.stack([large] * 3, 2)))
    yield "quilt", nbimage.quilt(large[:1280].reshape(20, 64, 1500))
    contour = {"contour": large[:40, :50], "levels": [0.0]}
    shown = {
        "picture": nbimage.Picture(large[:40, :50], colorbar=True, overlay=[contour]),
        "grid": nbimage.Grid([large[:40, :50], large[:60, :50]]),
        "view": nbimage.View(large[:200, :300]),
    }
    for name, each in shown.items():
        bundle = each._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        assert data["text/html"]
        kind = "image/png" if "image/png" in data else "image/jpeg"  # whichever is smaller
        assert base64.b64decode(data[kind])  # a figure, where resvg is: there is none here
        yield name, each.picture.png if isinstance(each, nbimage.View) else each.png


async def pyramids() -> AsyncIterator[tuple[str, Any]]:
    """Yield all files that writers write, and what is read of them."""
    import nbimage

    large = _large()
    with tempfile.TemporaryDirectory() as folder:
        nbimage.write_dzi(large, Path(folder, "a.dzi"), tile_size=254, overlap=1)
        nbimage.write_tiff(large, Path(folder, "a.tif"), tile_size=256, compression=None)
        nbimage.View(large, embed=False).export(Path(folder, "view"))
        for _ in range(2):  # the second one takes the place of the first
            nbimage.write_dzi(large[:300], Path(folder, "again.dzi"))
            nbimage.write_tiff(large[:300], Path(folder, "again.tif"), compression=None)
            nbimage.Picture(large[:300]).save(Path(folder, "again.png"))
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and path.suffix in (".png", ".dzi"):
                yield str(path.relative_to(folder)), path.read_bytes()
        for name in ("a.dzi", "a.tif"):
            with nbimage.open_pyramid(Path(folder, name)) as pyramid:
                for level in range(len(pyramid.levels)):
                    yield f"{name} {level}", pyramid.levels[level][:, :]


async def tiles() -> AsyncIterator[tuple[str, Any]]:
    """Yield tiles of an image whose small levels are made while it is looked at."""
    import numpy as np

    from nbimage.pyramid.open import open_pyramid
    from nbimage.view.live.tile_scheduler import Tile, TileScheduler
    from nbimage.view.model.tiled_image import TileAddress, TiledStack

    with tempfile.TemporaryDirectory() as folder:
        np.save(
            Path(folder, "a.npy"), np.random.default_rng(6).integers(0, 255, (6000, 5000), "u1")
        )
        with open_pyramid(Path(folder, "a.npy")) as pyramid:
            stack = TiledStack(pyramid)
            found: dict[TileAddress, Tile | str] = {}

            def take(image: int, address: TileAddress, tile: Tile | str) -> None:
                found[address] = tile

            with TileScheduler([stack]) as scheduler:
                wanted = [TileAddress(0, stack.coarsest, 0, 0), TileAddress(0, 0, 3, 2)]
                rough = True
                while rough:
                    found.clear()
                    scheduler.request(0, wanted, take)
                    await wait_until(lambda: len(found) == len(wanted))
                    rough = any(isinstance(one, Tile) and one.rough for one in found.values())
                for address, tile in found.items():
                    assert isinstance(tile, Tile), tile
                    yield str(address), tile.data


async def live_view() -> AsyncIterator[tuple[str, Any]]:
    """Yield what a live view says to a page that asks for tiles, measures, and gets new data."""
    import nbimage

    large = (_large() * 100).astype("i2")
    view = nbimage.View(large, embed=False)
    assert view._live is not None
    widget = view._live.widget
    said: list[tuple[dict[str, Any], list[bytes]]] = []
    widget.send = lambda content, buffers=None: said.append((content, list(buffers or ())))

    def tell(**content: Any) -> None:
        widget._handle_custom_msg({**content, "client": "page"}, [])

    async def wait(kind: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True) -> Any:
        def find() -> Any:
            return next(
                (one for one in list(said) if one[0]["type"] == kind and fits(one[0])), None
            )

        await wait_until(find)
        return find()

    tell(type="hello", have=[])
    address = [0, 0, 3, 2]
    tell(type="request", epoch=1, requests=[{"image": 0, "tiles": [address]}])
    asked = await wait("tile", lambda one: list(one["address"]) == address)
    yield "tile", asked[1][0]
    parts = [{"image": 0, "plane": 0, "points": [{"x": 3, "y": 2}, {"x": 1000, "y": 900}]}]
    tell(type="measure", number=1, kind="box", parts=parts)
    yield "measured", _round((await wait("measured"))[0]["found"])
    view.data = large[::-1].copy()
    newest = await wait("data")
    yield "new data", b"".join(_pixels(one) for one in newest[1])
    view.close()


def _round(found: Any) -> str:
    """Return numbers that processors add up in another order, as far as these agree."""
    return json.dumps(
        [
            {name: f"{one:.9g}" if isinstance(one, float) else one for name, one in each.items()}
            for channels in found
            for each in channels
        ]
    )


async def animations() -> AsyncIterator[tuple[str, Any]]:
    """Yield the frames of animated pictures."""
    import numpy as np
    from PIL import Image, ImageSequence

    import nbimage

    frames = np.random.default_rng(8).integers(0, 255, (6, 40, 60, 3), "u1")
    for name in ("webp", "apng"):
        data = nbimage.Video(frames, format=name, fps=5).files[name]
        image = Image.open(io.BytesIO(data))
        shown = [one.convert("RGBA") for one in ImageSequence.Iterator(image)]
        yield name, np.stack([np.asarray(one) for one in shown])


async def videos() -> AsyncIterator[tuple[str, Any]]:
    """Yield videos, or what is said where there is no ffmpeg."""
    import numpy as np

    import nbimage

    frames = np.random.default_rng(7).integers(0, 255, (6, 40, 60), "u1")
    with tempfile.TemporaryDirectory() as folder:
        if "no-packages" in sys.argv:
            yield "h264", _say(lambda: nbimage.Video(frames))
        else:
            nbimage.Video(frames).save(Path(folder, "a.mp4"))
            yield "h264", Path(folder, "a.mp4").read_bytes()
            yield "read", np.asarray(nbimage.frames(Path(folder, "a.mp4")))


def _say(call: Callable[[], object]) -> str:
    try:
        call()
    except Exception as error:
        return str(error)
    raise AssertionError("nothing was raised")


if __name__ == "__main__":
    if "no-threads" in sys.argv:
        forbid_threads()
    if "no-packages" in sys.argv:
        forbid_packages()
    if "no-posix" in sys.argv:
        forbid_posix()
    if "loop" in sys.argv:
        print(json.dumps(asyncio.run(make_all())))
    else:  # nothing is waited for by way of a loop
        try:
            make_all().send(None)
        except StopIteration as end:
            print(json.dumps(end.value))
