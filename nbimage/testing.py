"""`check_source`: what every source of a pyramid keeps to, for the tests of packages that add one.

A package calls it in a test, with whatever runs tests: what is wrong is an `AssertionError` of one
line. nbimage's own sources are checked by the same function.
"""

from __future__ import annotations

import math
import os
import pickle
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.arrays.ingest import as_values
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.open import open_pyramid

if TYPE_CHECKING:
    from nbimage.typing import ArrayLike, PathLike

__all__ = ["check_source"]

_SIDE = 700  # rows and columns of what is compared with its parts
_PARTS = 24  # that are read of each
_PLANES = 4
_PATIENCE = 120.0  # seconds for another process
_LARGE_PICKLE = 100_000
Part = tuple[int, Box, tuple[int, ...]]
Opened = Source | Pyramid


def check_source(
    source: PathLike | Opened | Callable[[], Opened],
    expected: ArrayLike | None = None,
    *,
    pickles: bool = True,
    forks: bool = True,
    damage: bool = True,
    seed: int = 0,
) -> None:
    """Check that a source keeps to what `nbimage.Source` promises.

    Its shapes, blocks, axes and channels fit one another; every part that is read has the shape and
    dtype that it should, and is the same whether it is read alone, in a larger part, once more, by
    eight threads at once, by a copy from a pickle, or in a forked process; what is missing is NaN
    and has its place in `Source.read_stored`; it can be closed twice.

    Parameters
    ----------
    source : path, Source, Pyramid, or function without parameters
        A path or an address is opened as by `nbimage.open_pyramid`: by the plugin, if that is
        installed. A function returns what is to be checked; a source that was made is closed.
    expected : array-like, optional
        All samples of the largest level: further axes, rows, columns, and channels if there are
        several.
    pickles : bool
        A pickle opens the file again by its path: it reads the same, and is much smaller.
    forks : bool
        A forked process reads the same; nothing is checked where the system has no fork.
    damage : bool
        Of the path of a file: what was cut off somewhere is an error of one line, ``OSError`` or
        ``ValueError``, when it is opened or read, unless it can be read all the same.
    seed : int
        For the parts that are read.

    Raises
    ------
    AssertionError
        For the first thing that is otherwise, in one line.

    Examples
    --------
    >>> from nbimage.testing import check_source
    >>> np.save("ramp.npy", np.arange(6000).reshape(60, 100))
    >>> check_source("ramp.npy", np.arange(6000).reshape(60, 100))

    A source that forgets where a part begins:

    >>> class Wrong(nbimage.Source):
    ...     def read(self, level, box, index=()):
    ...         return np.arange(10_000.0).reshape(100, 100)[: box.shape[0], : box.shape[1]]
    >>> check_source(Wrong(shapes=((100, 100),), dtype=float))
    Traceback (most recent call last):
        ...
    AssertionError: ...
    """
    opened = _open(source)
    try:
        found = opened.source if isinstance(opened, Pyramid) else opened
        _check_facts(found)
        random = np.random.default_rng(seed)
        windows = list(_choose_windows(found, random))
        if expected is not None:
            _check_expected(found, windows, np.asarray(as_values(expected, any_shape=True).array))
        known = _check_parts(found, windows, random)
        _check_threads(found, known)
        if pickles:
            _check_pickle(opened, known)
        if forks and hasattr(os, "fork"):
            _check_fork(found, known)
    finally:
        opened.close()
    opened.close()
    if damage and isinstance(source, (str, os.PathLike)) and Path(source).is_file():
        _check_damage(Path(source))


def _open(source: Any) -> Opened:
    if isinstance(source, (Source, Pyramid)):
        return source
    found = source() if callable(source) else open_pyramid(source)
    if not isinstance(found, (Source, Pyramid)):
        raise TypeError(
            f"source must be a path, a Source or a function that returns one, but got {found!r:.60}"
        )
    return found


def _require(holds: object, text: str) -> None:
    if not holds:
        raise AssertionError(text)


# ------------------------------------------------------------------------------- what it says


def _check_facts(source: Source) -> None:
    shapes, channels = source.shapes, source.channels
    _require(
        shapes and all(len(one) == 2 and min(one) >= 1 for one in shapes),
        f"shapes must be rows and columns of one level or more, but are {shapes}",
    )
    levels = Pyramid(source)
    _require(
        len(levels.native_levels) == len(shapes),
        f"shapes must be halves of {shapes[0]}, halved again and again, but are {shapes}: leave "
        "out others, which are never read",
    )
    _require(source.dtype.isnative, f"dtype must be in native byte order, but is {source.dtype!r}")
    _require(source.dtype.kind in "biuf", f"dtype must be of real numbers, but is {source.dtype}")
    _require(channels >= 1, f"channels must be 1 or more, but are {channels}")
    names = [name for name, _ in source.axes]
    _require(len(set(names)) == len(names), f"axes must have names of their own, but are {names}")
    _require(
        not {"y", "x"} & set(names) and all(length >= 1 for _, length in source.axes),
        f"axes are those beside rows and columns, one long or more, but are {source.axes}",
    )
    blocks = source.blocks
    _require(
        len(blocks) == len(shapes) and all(min(block) >= 1 for block in blocks),
        f"blocks must be one for each of {len(shapes)} levels, but are {blocks}",
    )
    along = dict(source.axes).get("c", channels)
    for word in ("channel_names", "channel_colors"):
        given = getattr(source, word)
        _require(
            len(given) in (0, channels, along),
            f"{word} must be one for each of {max(channels, along)} channels, but are {given}",
        )
    for color in source.channel_colors:
        good = not color or re.fullmatch("#[0-9a-fA-F]{6}", color)
        _require(good, f"channel_colors must be as #rrggbb, but one is {color!r}")
    size = source.pixel_size
    _require(
        size is None or (len(size) == 2 and min(size) > 0),
        f"pixel_size must be height and width above 0, or None, but is {size}",
    )
    for path in source.companions:
        _require(Path(path).exists(), f"companions must be files that exist, but {path} is none")


# ------------------------------------------------------------------------------- what it reads


def _choose_windows(source: Source, random: np.random.Generator) -> Iterator[Part]:
    """Yield large parts: of each level, of some planes, at both ends."""
    lengths = [length for _, length in source.axes]
    planes = [tuple(0 for _ in lengths), tuple(length - 1 for length in lengths)]
    planes += [tuple(int(random.integers(n)) for n in lengths) for _ in range(_PLANES - 2)]
    for level, (rows, columns) in enumerate(source.shapes):
        high, wide = min(rows, _SIDE), min(columns, _SIDE)
        corners = {(0, 0), (rows - high, columns - wide)}
        for plane in dict.fromkeys(planes):
            for top, left in sorted(corners):
                yield level, Box(top, top + high, left, left + wide), plane


def _choose_parts(window: Box, random: np.random.Generator) -> Iterator[Box]:
    (high, wide), (top, left) = window.shape, (window.top, window.left)
    yield Box(top, top + 1, left, left + 1)
    yield Box(window.bottom - 1, window.bottom, window.right - 1, window.right)
    yield Box(top, window.bottom, left, left + 1)
    for _ in range(_PARTS):
        rows, columns = (np.sort(random.integers(0, n + 1, 2)) for n in (high, wide))
        rows[1], columns[1] = max(rows[1], rows[0] + 1), max(columns[1], columns[0] + 1)
        if rows[1] <= high and columns[1] <= wide:
            yield Box(*(top + rows).tolist(), *(left + columns).tolist())


def _check_parts(
    source: Source, windows: list[Part], random: np.random.Generator
) -> list[tuple[Part, Array]]:
    """Compare parts with the larger ones that they lie in; return some of them."""
    known = []
    for level, window, plane in windows:
        samples = _read(source, (level, window, plane))
        whole = samples.copy()
        _check_stored(source, (level, window, plane), whole)
        for box in _choose_parts(window, random):
            part: Part = level, box, plane
            right = whole[box.within(window).slices].copy()
            _require(
                _is_same(source, part, right),
                f"{_name(part)} is not what the same samples are as a part of {window}",
            )
            known.append((part, right))
        _require(
            _are_equal(samples, whole) and _is_same(source, (level, window, plane), whole),
            f"{_name((level, window, plane))} must stay as it is and be the same once more: return "
            "samples that later reads do not change",
        )
    chosen = random.permutation(len(known))[:60].tolist()
    return [known[number] for number in chosen]


def _read(source: Source, part: Part) -> Array:
    level, box, plane = part
    samples = source.read(level, box, plane)
    _require(
        isinstance(samples, np.ndarray),
        f"{_name(part)} must be an array of NumPy, but is {type(samples).__name__}",
    )
    shape = box.shape if source.channels == 1 else (*box.shape, source.channels)
    _require(
        samples.shape == shape, f"{_name(part)} must have the shape {shape}, not {samples.shape}"
    )
    _require(
        samples.dtype == source.dtype,
        f"{_name(part)} must have the dtype {source.dtype!r}, not {samples.dtype!r}",
    )
    return samples


def _check_stored(source: Source, part: Part, samples: Array) -> None:
    stored, missing = source.read_stored(*part)
    _require(
        stored.dtype == source.stored and stored.shape == samples.shape,
        f"{_name(part)} must be stored as {source.stored!r} of {samples.shape}, not as "
        f"{stored.dtype!r} of {stored.shape}",
    )
    gone = (
        np.zeros(samples.shape, bool)
        if missing is None
        else np.broadcast_to(
            missing.reshape(missing.shape + (1,) * (samples.ndim - missing.ndim)), samples.shape
        )
    )
    there = ~gone & ~np.isnan(samples) if samples.dtype.kind == "f" else ~gone
    _require(
        np.array_equal(stored[there].astype(source.dtype), samples[there]),
        f"{_name(part)} must hold the stored samples, but holds others",
    )
    _require(
        samples.dtype.kind != "f" or np.isnan(samples[gone]).all(),
        f"{_name(part)} must be NaN where samples are missing",
    )


def _check_expected(source: Source, windows: list[Part], expected: Array) -> None:
    lengths = tuple(length for _, length in source.axes)
    channels = (source.channels,) if source.channels > 1 else ()
    shape = (*lengths, *source.shapes[0], *channels)
    _require(expected.shape == shape, f"expected has the shape {expected.shape}, not {shape}")
    for part in windows:
        if part[0] == 0:
            right: Array = expected[part[2]][part[1].slices]
            same = _are_equal(_read(source, part), right)
            _require(same, f"{_name(part)} is not as expected")


def _is_same(source: Source, part: Part, right: Array) -> bool:
    return _are_equal(_read(source, part), right)


def _are_equal(samples: Array, right: Array) -> bool:
    floats = samples.dtype.kind == "f" and right.dtype.kind == "f"
    return bool(np.array_equal(samples, right, equal_nan=floats))


def _name(part: Part) -> str:
    level, box, plane = part
    return f"read({level}, {box}, {plane})"


# ----------------------------------------------------------------- in other threads and processes


def _check_threads(source: Source, known: list[tuple[Part, Array]]) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that they come between one another often
    try:
        with ThreadPoolExecutor(8) as pool:
            for same in pool.map(lambda one: _is_same(source, *one), known * 4):
                _require(same, "reads of eight threads at once differ from those of one: lock")
    finally:
        sys.setswitchinterval(before)


def _check_pickle(opened: Opened, known: list[tuple[Part, Array]]) -> None:
    try:
        packed = pickle.dumps(opened)
    except Exception as error:
        raise AssertionError(
            f"a pickle must open the file again, but {error!r:.200}: write __reduce__, or leave "
            "it out by pickles=False"
        ) from error
    source = opened.source if isinstance(opened, Pyramid) else opened
    count = math.prod((*source.shapes[0], source.channels, *(n for _, n in source.axes)))
    limit = max(_LARGE_PICKLE, count * source.dtype.itemsize // 10)
    _require(
        len(packed) <= limit,
        f"a pickle must open the file again, but has {len(packed)} bytes: write __reduce__",
    )
    again = pickle.loads(packed)
    try:
        copy = again.source if isinstance(again, Pyramid) else again
        for part, right in known:
            same = _is_same(copy, part, right)
            _require(same, f"{_name(part)} of a pickle's copy is other than that of the source")
    finally:
        again.close()


def _check_fork(source: Source, known: list[tuple[Part, Array]]) -> None:
    import multiprocessing

    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)

    def read_all() -> None:
        try:
            there.send([_name(part) for part, right in known if not _is_same(source, part, right)])
        except BaseException as error:
            there.send([f"{error!r:.200}"])

    child = context.Process(target=read_all, daemon=True)
    child.start()  # of a fork beside threads Python 3.12 warns, and tests show it
    try:
        answered = here.poll(_PATIENCE)
        _require(answered, f"a forked process has not read {len(known)} parts in {_PATIENCE:g} s")
        wrong = here.recv()
    finally:
        child.kill()
        child.join()
    _require(not wrong, f"a forked process reads otherwise: {wrong[:1]}")


def _check_damage(path: Path) -> None:
    """Check that what is cut off is an error in one line."""
    size = path.stat().st_size
    with tempfile.TemporaryDirectory() as folder:
        for near in path.parent.glob(f"{path.stem}*"):  # sidecars
            if near.is_file():
                shutil.copy2(near, folder)
        copy = Path(folder) / path.name
        for length in sorted({0, size // 3, size // 2, size - 1}):
            copy.write_bytes(path.read_bytes()[:length])
            try:
                with open_pyramid(copy) as image:
                    image.read(0, slice(-9, None))
            except (OSError, ValueError, TypeError, ImportError) as error:
                text = str(error)
                _require(
                    text and "\n" not in text,
                    f"the error of a file of {length} bytes must be one line, but is {text!r:.200}",
                )
            except Exception as error:
                raise AssertionError(
                    f"a file of {length} bytes must be an OSError or a ValueError, but is {error!r}"
                ) from error
