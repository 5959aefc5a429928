"""What is interrupted: each kind of file that is written, of an older and a newer array.

`serve` is a process that has imported all and forks for each line of JSON it reads, so that trials
are short: the child does a job, and what it runs has a mark in its environment.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nbimage
from nbimage.cli.main import main
from tests.proof.interruptions.power import forget_boot, record
from tests.proof.interruptions.states import is_known_litter, state_of, temporary

Array = np.ndarray[Any, Any]
MARK, SIDE = "NBIMAGE_TRIAL", "NBIMAGE_TRIAL_SIDE"
"""What processes have in their environment: what tells a trial, and the columns of its array."""
FAILED, IMPOSSIBLE = 75, 77  # codes by which a child ends
_OWN_MOUNTS, _PRIVATE = 0x20000, 0x44000  # CLONE_NEWNS; MS_REC | MS_PRIVATE
_PLAIN: dict[str, Any] = {"progress": False}


def image(version: str, side: int = 0) -> Array:
    """Return an array, always the same; that of the newer version has another shape."""
    side = side or int(os.environ[SIDE])
    number = {"old": 1, "new": 2, "other": 3}[version]
    rows, columns = side + 40 * number, side
    yy, xx = np.mgrid[:rows, :columns]
    noise = np.random.default_rng(number).integers(0, 9, (rows, columns))
    return ((xx * number + yy + noise) % 256).astype(np.uint8)


def _film(version: str) -> Array:
    return np.stack([np.roll(image(version, 160), 9 * shift, 1) for shift in range(60)])


def _picture(name: str) -> Callable[[str], object]:
    return lambda version: nbimage.Picture(image(version), max_pixels=10**9).save(name)


def _tiff(name: str, resume: bool = False) -> Callable[[str], object]:
    return lambda version: nbimage.write_tiff(image(version), name, resume=resume, **_PLAIN)


def _zarr(name: str, resume: bool | None = None) -> Callable[[str], object]:
    return lambda version: nbimage.write_ome_zarr(
        image(version), name, chunk_size=200, resume=resume, **_PLAIN
    )


def _tiles(name: str, layout: str = "dz", resume: bool = False) -> Callable[[str], object]:
    return lambda version: nbimage.write_dzi(
        image(version), name, layout=layout, resume=resume, **_PLAIN
    )


def _command(*words: str) -> Callable[[str], object]:
    """Run the command line on a file of the array, which is beside the target's folder."""

    def run(version: str) -> None:
        inputs = {"IN": f"../{version}.npy", "FILM": f"../film-{version}.npy"}
        code = main([inputs.get(word, word) for word in words])
        if code:
            raise SystemExit(code)

    return run


def _label(version: str) -> None:
    if not Path("i.ome.zarr").exists():
        nbimage.write_ome_zarr(np.zeros((64, 64), np.uint8), "i.ome.zarr", **_PLAIN)
    nbimage.write_ome_zarr(
        image(version), "i.ome.zarr/labels/cells", labels=True, chunk_size=200, **_PLAIN
    )


JOBS: dict[str, Callable[[str], object]] = {
    "png": _picture("x.png"),
    "jpg": _picture("x.jpg"),
    "webp": _picture("x.webp"),
    "svg": _picture("x.svg"),
    "pdf": _picture("x.pdf"),
    "html": _picture("x.html"),
    "grid": lambda version: nbimage.Grid([image(version)] * 3).save("x.html"),
    "gif": lambda version: nbimage.Video(_film(version), format="gif", **_PLAIN).save("x"),
    "mp4": lambda version: nbimage.Video(_film(version), **_PLAIN).save("x.mp4"),
    "webm": lambda version: nbimage.Video(_film(version)[:20], h264=None, vp9=31, **_PLAIN).save(
        "x.webm"
    ),
    "view": lambda version: nbimage.View(image(version), embed=False).export("x", **_PLAIN),
    "tiff": _tiff("x.tif"),
    "tiff resumed": _tiff("x.ome.tif", resume=True),
    "zarr": _zarr("x.ome.zarr"),
    "zarr resumed": _zarr("x.ome.zarr", resume=True),
    "ozx": _zarr("x.ozx"),
    "label": _label,
    "dzi": _tiles("x.dzi"),
    "dzi resumed": _tiles("x.dzi", resume=True),
    "szi": _tiles("x.szi"),
    "szi resumed": _tiles("x.szi", resume=True),
    "iiif": _tiles("x", "iiif3"),
    "google resumed": _tiles("x", "google", resume=True),
    "zoomify": _tiles("x", "zoomify"),
    "command png": _command("convert", "IN", "x.png"),
    "command dzi": _command("dzi", "IN", "x", "--resume"),
    "command tiff": _command("tiff", "IN", "x.tif"),
    "command zarr": _command("zarr", "IN", "x.ome.zarr"),
    "command mp4": _command("video", "FILM", "x.mp4"),
    "command view": _command("view", "IN", "--export", "x"),
}
FILMS = ("mp4", "webm", "command mp4")
"""What runs ffmpeg."""


def read_levels(version: str) -> None:
    """Read a small level of a large file, for which all levels are built and kept."""
    with nbimage.open_pyramid(f"../{version}.tif", cache=True) as pyramid:
        found = pyramid.read(len(pyramid.shapes) - 3)
    part = Path(f"{os.getpid()}.part")
    part.write_bytes(np.ascontiguousarray(found).tobytes())
    part.rename(f"{os.getpid()}.bin")


def write_inputs(folder: Path) -> None:
    """Write what the command line reads."""
    for version in ("old", "new"):
        np.save(folder / f"{version}.npy", image(version))
        np.save(folder / f"film-{version}.npy", _film(version))


# The process that forks


def serve() -> None:
    """Fork for each line that is read."""
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _do(request)
        print(json.dumps({"started": child}), flush=True)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"ended": os.waitstatus_to_exitcode(status)}), flush=True)


def _do(request: dict[str, Any]) -> None:
    """Do a job in a child; never return."""
    output = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ |= {MARK: request["mark"], "TMPDIR": request["temporary"]}
    if "cache" in request:
        os.environ["NBIMAGE_CACHE"] = request["cache"]
    tempfile.tempdir = request["temporary"]
    os.chdir(request["folder"])
    job = read_levels if request["job"] == "levels" else JOBS[request["job"]]
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    try:
        if "largest" in request:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (request["largest"], most))
        if "disk" in request:
            _mount(request)
        if "copies" in request:
            os.sched_getaffinity = lambda _: {0}  # one thread writes; ffmpeg has all, as elsewhere
            with record(Path.cwd(), Path(request["copies"]), request["seed"], request["every"]):
                job(request["version"])
        else:
            if "boot" in request:
                forget_boot()
            job(request["version"])
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, nbimage.FFmpegError) as error:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))  # the log has none
        print(type(error).__name__, error)
        if "disk" in request:
            check_full_disk(request)
        sys.exit(FAILED)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    if "disk" in request:
        check_full_disk(request)
    sys.exit(0)


def _mount(request: dict[str, Any]) -> None:
    """Let the folders be on small disks of their own, which only this process has."""
    library = ctypes.CDLL(None, use_errno=True)
    copy = Path(request["template"])
    calls = [(library.unshare, _OWN_MOUNTS), (library.mount, b"none", b"/", None, _PRIVATE, None)]
    size = f"size={request['disk']}".encode()
    for folder in (request["folder"], request["temporary"]):
        calls.append((library.mount, b"none", os.fsencode(folder), b"tmpfs", 0, size))
    for call, *arguments in calls:
        if call(*arguments):
            sys.exit(IMPOSSIBLE)
    os.chdir(request["folder"])
    shutil.copytree(copy, ".", dirs_exist_ok=True)


def check_full_disk(request: dict[str, Any]) -> None:
    """Check that one of the allowed states is there, and nothing else."""
    found = state_of(Path.cwd())
    assert found in request["allowed"], found
    left = [*temporary(Path.cwd()), *(path.name for path in Path(request["temporary"]).iterdir())]
    assert all(is_known_litter(name, killed=False) for name in left), left
