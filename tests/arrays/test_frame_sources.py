"""Frames of a stack, of a list and of an iterator are the same, whatever holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nbimage.arrays.frame_sources import as_source, each_frame
from nbimage.arrays.ingest import as_values

RANDOM = np.random.default_rng(5)
GRAY = RANDOM.integers(0, 256, (5, 12, 17), np.uint8)
COLORS = RANDOM.random((5, 12, 17, 3))
PHASES = np.exp(1j * RANDOM.random((5, 12, 17)))


class OnlyArray:
    """Something that becomes an array if it is asked to, and tells nothing before."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __array__(self, *args: Any, **options: Any) -> np.ndarray:
        return self._array


class OnlyBuffer:
    """The same by way of DLPack."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._array.__dlpack_device__()


HOLDERS: dict[str, Callable[[np.ndarray], Any]] = {
    "an array": np.asarray,
    "an array of another order": np.asfortranarray,
    "a list": list,
    "a tuple": tuple,
    "an iterator": iter,
    "a generator": lambda stack: (frame for frame in stack),
    "a list of nested lists": np.ndarray.tolist,
    "an object with __array__": OnlyArray,
    "an object with __dlpack__": OnlyBuffer,
    "a list of objects": lambda stack: [OnlyArray(frame) for frame in stack],
}


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize("stack", [GRAY, COLORS, PHASES], ids=["gray", "colors", "complex"])
def test_frames_are_the_same_whatever_holds_them(name: str, stack: np.ndarray) -> None:
    source, axis = as_source(HOLDERS[name](stack), None, lambda data: as_values(data, True))
    once = name in ("an iterator", "a generator")
    assert axis == (2 if stack is COLORS else None)
    assert (source.count, source.again) == ((None, False) if once else (5, True))
    assert np.array_equal(source.first.array, stack[0])
    for _ in range(1 if once else 2):
        found = [np.asarray(frame.array) for frame in each_frame(source)]
        assert np.array_equal(found, stack)


def test_what_has_no_frames_says_so() -> None:
    for given, error in (([], "at least one"), (iter([]), "yields none"), (GRAY[:0], "is empty")):
        with pytest.raises(ValueError, match=error):
            as_source(given, None, as_values)
    for given in ("frames", b"frames", {0: GRAY[0]}, 5, None):
        with pytest.raises(TypeError, match=r"a stack or an iterable of frames, but got "):
            as_source(given, None, as_values)
    for stack, axis in ((GRAY, 0), (GRAY, 2), (COLORS, 0), (COLORS, -4)):
        with pytest.raises(ValueError, match="channel_axis must be"):
            as_source(stack, axis, as_values)
