"""One changed file at one door: it is read, or refused in a line, or else that is a fault."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from nbimage import Grid, Picture, Video, View, encode, open_pyramid
from nbimage.base.box import Box
from nbimage.base.text import show_controls
from nbimage.cli.main import main
from nbimage.pyramid.core.source import Source
from tests.proof.readers.mutations import mutate
from tests.proof.readers.seeds import Seed

MEMORY = 2 << 30
SECONDS = 10.0
_SIDE = 64
_MOST_PIXELS = 1 << 24
"""Of an image that is read as a whole."""
_OF_PROGRAMS = (
    "index out of range|out of bounds|requires a buffer|object has no|object is not|codec can't|"
    "NoneType|recursion|division by zero|Assertion|unsupported operand|Traceback|KeyError|"
    "not subscriptable|Unable to allocate|unhashable|unexpected keyword|positional argument|"
    "has no attribute|must be str|must be int|must be real number, not|cannot be interpreted|"
    "not supported between| object at 0x|object does not support"
)
OBSCURE = re.compile(r"whole[^:]*: ('[^':]*'|-?\d+|)$|" + _OF_PROGRAMS)
"""What errors of Python's own say, which tells nobody what is wrong with a file."""


class FaultError(Exception):
    """Something that is neither right nor one clear line."""


class CostError(FaultError):
    """Something that takes too long, or too much memory."""


def change(seed: Seed, random: Random) -> dict[str, bytes]:
    """Return a seed's files of which one is another, is gone, or is there in place of another."""
    files = dict(seed.files)
    names = sorted(files, key=lambda name: (len(files[name]) > 4096, name))
    kind = random.randrange(12) if len(names) > 1 else 11
    name = random.choice(names)
    if kind == 0:
        del files[name]
    elif kind == 1:
        files[name] = files[random.choice(names)]
    else:
        texts = [one for one in names if _is_text(files[one])]
        if texts and random.random() < 0.6:
            name = random.choice(texts)
        files[name] = mutate(files[name], random)
    return files


def _is_text(data: bytes) -> bool:
    return data.lstrip()[:1] in (b"{", b"[", b"<")


def write(files: dict[str, bytes], folder: Path) -> None:
    """Write files below a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


# The doors


def _corners(shape: tuple[int, int]) -> Iterator[Box]:
    """Yield boxes of the corners and of the middle of a level."""
    high, wide = shape
    for part in (0, 1, 2):  # the first, the middle, the last
        top, left = (max(0, (length - _SIDE) * part // 2) for length in shape)
        yield Box(top, min(high, top + _SIDE), left, min(wide, left + _SIDE))


def read_by_others(path: str) -> np.ndarray[Any, Any] | None:
    """Return a plane as another reader has it, of files of which nothing else is told."""
    if path.endswith(".npy"):
        found = np.load(path)
    elif path.endswith(".npz"):
        with np.load(path) as archive:
            found = archive[archive.files[0]]
    elif path.endswith((".pgm", ".bmp")):
        with Image.open(path) as image:
            if image.mode == "I":  # which Pillow stretches to 16 bits, and nobody else
                return None
            found = np.asarray(image)
    else:
        return None
    return found if found.ndim == 2 and found.dtype.kind in "biuf" else None


def _is_steady(
    source: Source, level: int, box: Box, index: tuple[int, ...], equal_nan: bool
) -> bool:
    """Say whether a part is alike each time: decoders may leave what they lack as memory was."""
    whole = Box(0, source.shapes[level][0], 0, source.shapes[level][1])
    first = {one: source.read(level, one, index) for one in (box, whole)}
    return all(
        np.array_equal(source.read(level, one, index), first[one], equal_nan=equal_nan)
        for one in (box, whole) * 8
    )


def read_parts(path: str) -> None:
    """Read the corners of each level; what is small as a whole too, which must be the same."""
    with open_pyramid(path) as pyramid:
        assert "\n" not in repr(pyramid)
        source, sizes = pyramid.source, [length for _, length in pyramid.axes]
        index = tuple(length - 1 for length in sizes)
        colors = () if pyramid.channels == 1 else (pyramid.channels,)
        for level, shape in enumerate(source.shapes):
            for box in _corners(shape):
                part = source.read(level, box, index)
                if part.shape != (*box.shape, *colors) or part.dtype != source.dtype:
                    raise FaultError(
                        f"{part.dtype} {part.shape} of level {level}, but it is {source.dtype} "
                        f"{(*box.shape, *colors)}"
                    )
                if np.prod(shape) * pyramid.channels > 1 << 20:
                    continue
                whole = source.read(level, Box(0, shape[0], 0, shape[1]), index)
                other = read_by_others(path)
                if other is not None and other.shape == whole.shape and not level:
                    np.testing.assert_array_equal(whole, other, "what others read")
                equal_nan = part.dtype.kind in "fc"
                same = np.array_equal(whole[box.slices], part, equal_nan=equal_nan)
                if not same and _is_steady(source, level, box, index, equal_nan):
                    raise FaultError(f"level {level} has other samples in {box} than as a whole")


def _is_large(path: str) -> bool:
    with open_pyramid(path) as pyramid:
        sizes = [length for _, length in pyramid.axes]
        return (
            int(np.prod([*pyramid.shapes[0], pyramid.channels, *sizes], dtype=object))
            > _MOST_PIXELS
        )


def picture(path: str) -> None:
    if not _is_large(path):
        np.asarray(Picture(path).pixels)


def grid(path: str) -> None:
    if not _is_large(path):
        str(Grid([path]).html)


def encoded(path: str) -> None:
    if not _is_large(path):
        encode(path)


def view(path: str) -> None:
    if not _is_large(path):
        with contextlib.closing(View(path)) as shown:
            str(shown.html)


def tiles(path: str) -> None:
    with contextlib.closing(View(path, embed=False)) as shown:
        assert shown.picture is not None


def video(path: str) -> None:
    if not _is_large(path):
        Video(path, progress=False, format="apng")


def command(path: str) -> None:
    """Run ``nbimage info``; an error is the only line on stderr, and the code is 2."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = main(["info", path])
    if code not in (0, 2):
        raise FaultError(f"nbimage info ends with {code}")
    if code:
        text = errors.getvalue()
        if not text.startswith("nbimage: ") or text.count("\n") != 1:
            raise FaultError(f"nbimage info says {text!r}")
        raise ValueError(text.removeprefix("nbimage: ").rstrip("\n"))


DOORS: dict[str, Callable[[str], None]] = {
    "parts": read_parts,
    "Picture": picture,
    "Grid": grid,
    "View": view,
    "tiles": tiles,
    "encode": encoded,
    "info": command,
}


_NAMING = ("parts", "info")
"""Doors that open files alone: others say of an array what is wrong with it."""


def pick_door(form: str, random: Random) -> str:
    """Return the door of a trial: reading parts is every other one."""
    if form == "videos" and random.random() < 0.5:
        return "Video"
    return "parts" if random.random() < 0.5 else random.choice(list(DOORS))


# The verdict

_PEAKS: list[int] = []
"""The most memory of all trials, once there were some."""


def judge(door: str, path: str, name: str) -> str:
    """Return the line in which a file is refused, "" where it is read. Raises `FaultError`."""
    before, start = _reset_peak(), time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asked = name if door in _NAMING else ""
            line = refuse(lambda: {**DOORS, "Video": video}[door](path), asked)
    finally:
        took, most = time.process_time() - start, peak() - before
        _PEAKS[:] = [max([most, *_PEAKS])]
    if took > SECONDS:
        raise CostError(f"it takes {took:.1f} s")
    if most > MEMORY:
        raise CostError(f"it takes {most >> 20} MiB")
    return line


def refuse(act: Callable[[], object], name: str = "") -> str:
    """Return the line of a documented error, "" for none. Raises `FaultError` for another one."""
    try:
        act()
    except FaultError:
        raise
    except (OSError, ValueError, TypeError, ImportError) as error:
        line = str(error)
        wrong = ""
        if isinstance(error, UnicodeError):
            wrong = "an error of texts"
        elif not line or "\n" in line or line != show_controls(line):
            wrong = "no line"
        elif OBSCURE.search(line):
            wrong = "obscure"
        elif name not in line:
            wrong = "without the file's name"
        elif _short_of_memory(error):
            wrong = "more memory than there is"
        if wrong:
            raise FaultError(f"{wrong}: {type(error).__name__}: {line[:300]}") from error
        return line
    except Exception as error:
        raise FaultError(f"{type(error).__name__}: {error!s:.300}") from error
    return ""


def _short_of_memory(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False


def explain(fault: BaseException) -> tuple[str, str]:
    """Return what groups faults of a kind, and the traceback of the error behind one."""
    cause = fault.__cause__ or fault
    frames = traceback.extract_tb(cause.__traceback__)
    own = [one for one in frames if "/nbimage/" in one.filename]
    where = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "?"
    kind = re.sub(r"/\S*/trial/|\d+|'[^']*'", "…", str(fault).partition(": ")[2])[:110]
    return f"{where} {kind}", "".join(traceback.format_exception(cause))[-6000:]


def _reset_peak() -> int:
    """Begin to measure memory anew; return what is resident."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    return peak()


def largest() -> int:
    """Return the most memory that a trial took."""
    return _PEAKS[0] if _PEAKS else peak()


def peak() -> int:
    """Return the most memory that was resident, in bytes."""
    if sys.platform != "linux":
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    return int(found[1]) << 10 if found else 0
