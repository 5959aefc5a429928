"""Each verb, called very often in one process: nothing grows; the same bytes in any thread.

    python -m tests.proof.load.calls VERB TIMES

prints what a process has after half and after all of its calls, as JSON.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import gc
import hashlib
import io
import itertools
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nbimage

ROOT = Path(__file__).parents[3]
_WARM = 30  # calls after which all is imported, and all pools are there
_NOISE = 12 << 20  # bytes of a process that come and go with its allocator's arenas
_TRACED = 64  # bytes a call that Python itself holds: less than any object with an attribute
_TABLE = 4 << 20  # bytes of the largest table that Python makes anew
_yy, _xx = np.mgrid[:48, :64]
_KEPT = 1 << 14  # bytes of objects that are taken from lists of free ones at first
GRAY = (_yy * 5.0 + _xx).astype(np.float32)
FILM = np.stack([np.roll(GRAY, step, 1) for step in range(4)])


def _shown(call: Callable[[], object]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        call()
    return printed.getvalue()


def _written(name: str, write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / name)
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        return b"".join(path.read_bytes() for path in files)


def _opened() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = nbimage.write_tiff(GRAY, Path(folder) / "x.tif", tile_size=16, progress=False)
        with nbimage.open_pyramid(path) as pyramid:
            return pyramid.read(0).tobytes()


VERBS: dict[str, Callable[[], Any]] = {
    "rerange": lambda: nbimage.rerange(GRAY).tobytes(),
    "encode": lambda: nbimage.encode(GRAY, cmap="viridis"),
    "nbimage": lambda: _shown(lambda: nbimage.nbimage(GRAY)),
    "Picture": lambda: nbimage.Picture(GRAY, cmap="magma", colorbar=True).html,
    "Picture.save": lambda: _written("x.png", lambda path: nbimage.Picture(GRAY).save(path)),
    "Picture.save svg": lambda: _written(
        "x.svg", lambda path: nbimage.Picture(GRAY, colorbar=True).save(path)
    ),
    "Grid": lambda: nbimage.Grid([GRAY, GRAY + 1, GRAY * 2]).html,
    "Grid.save": lambda: _written("x.png", lambda path: nbimage.Grid([GRAY, GRAY]).save(path)),
    "nbgrid": lambda: _shown(lambda: nbimage.nbgrid([GRAY, GRAY])),
    "Video": lambda: nbimage.Video(FILM, progress=False).files["h264"],
    "Video gif": lambda: nbimage.Video(FILM, format="gif", progress=False).files["gif"],
    "nbvideo": lambda: _shown(lambda: nbimage.nbvideo(FILM, format="apng", progress=False)),
    "View": lambda: nbimage.View(GRAY).html,
    "nbview": lambda: _shown(lambda: nbimage.nbview(GRAY)),
    "View.export": lambda: _written(
        "x", lambda path: nbimage.View(GRAY, embed=False).export(path, progress=False)
    ),
    "write_dzi": lambda: _written(
        "x.dzi", lambda path: nbimage.write_dzi(GRAY, path, tile_size=32, progress=False)
    ),
    "write_tiff": lambda: _written(
        "x.tif", lambda path: nbimage.write_tiff(GRAY, path, tile_size=16, progress=False)
    ),
    "write_ome_zarr": lambda: _written(
        "x.zarr", lambda path: nbimage.write_ome_zarr(GRAY, path, chunk_size=32, progress=False)
    ),
    "open_pyramid": _opened,
}


def _count_temporary() -> int:
    return sum(1 for _ in Path(tempfile.gettempdir()).iterdir())


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def measure(verb: str, times: int) -> dict[str, list[int]]:
    """Call a verb so often; return what there is after half of the calls, and later, to the end."""
    call, found = VERBS[verb], dict[str, list[int]]()
    counts = [times * eighths // 8 for eighths in range(4, 9)]
    for _ in range(_WARM):
        call()
    tracemalloc.start()
    for number in range(times):
        call()
        if number + 1 in counts:
            gc.collect()
            now = {
                "resident": _resident(),
                "traced": tracemalloc.get_traced_memory()[0],
                "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
                "threads": threading.active_count(),
                "temporary": _count_temporary(),
            }
            for name, value in now.items():
                found.setdefault(name, []).append(value)
    return found


def check_growth(verb: str, times: int) -> int:
    """Check that a process has no more after all of its calls than after half of them.

    Returns how many bytes Python held more at the end.
    """
    with tempfile.TemporaryDirectory(prefix="nbimage-proof-") as folder:
        command = [sys.executable, "-m", "tests.proof.load.calls", verb, str(times)]
        environment = {**os.environ, "TMPDIR": folder, "NBIMAGE_CACHE": f"{folder}/cache"}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
        )
    assert done.returncode == 0, f"{verb}: {done.stderr[-2000:]}"
    found: dict[str, list[int]] = json.loads(done.stdout.splitlines()[-1])
    for name, sizes in found.items():
        allowed = {"resident": _NOISE, "traced": _KEPT + _TRACED * times // 2}.get(name, 0)
        grown = _growth(sizes) if name == "traced" else sizes[-1] - sizes[0]
        assert grown <= allowed, f"{verb} {times} times: {name} {sizes}"
        assert sizes[-1] - sizes[0] <= max(allowed, _TABLE), f"{verb}: {name} {sizes}"
    return max(0, _growth(found["traced"]))


def _growth(sizes: list[int]) -> int:
    """Return by how much sizes grow from the first to the last, by the usual one of the steps.

    A table of Python's own, such as that of all names, is made anew at some call, once.
    """
    steps = [after - before for before, after in itertools.pairwise(sizes)]
    return int(statistics.median(steps) * len(steps))


# The same bytes anywhere


def digest(verb: str) -> str:
    """Return what tells what a verb gives."""
    found = VERBS[verb]()
    return hashlib.sha256(found if isinstance(found, bytes) else found.encode()).hexdigest()


def check_threads(verb: str, times: int) -> None:
    """Check that eight threads at once get what one alone gets."""
    verbs = (verb,) * times
    if verb.startswith("nb"):  # what they print goes to one output
        return
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(digest, verbs)) == {digest(verb)}, f"{verb} in 8 threads"


def check_processes(verbs: list[str]) -> None:
    """Check that processes that are forked, and such that are spawned, get the same."""
    expected = [digest(verb) for verb in verbs]
    for way in ("fork", "spawn"):
        with multiprocessing.get_context(way).Pool(2) as pool:
            found = pool.map(digest, verbs, chunksize=1)
        pairs = zip(verbs, expected, found, strict=True)
        assert found == expected, f"{way}: {[verb for verb, one, other in pairs if one != other]}"


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
