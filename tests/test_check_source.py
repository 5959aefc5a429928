"""`check_source` finds each thing that a source can do wrong, and says it in one line."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nbimage
from nbimage.testing import check_source

DATA = np.random.default_rng(0).random((3, 90, 120)).astype("f4")


class Right(nbimage.Source):
    """Raw samples of a file."""

    def __init__(self, path: Path, **facts: Any) -> None:
        self.path = path
        given = {"shapes": ((90, 120),), "dtype": np.dtype("f4"), "axes": (("z", 3),)}
        super().__init__(**{**given, **facts})
        self.data = np.memmap(path, "f4", "r", shape=DATA.shape)

    def read(self, level: int, box: Any, index: Any = ()) -> Any:
        return np.array(self.data[index][box.slices])

    def __reduce__(self) -> Any:
        return type(self), (self.path,)


class OneBuffer(Right):
    """Fills the same memory again and again."""

    buffer = np.empty((90, 120), "f4")

    def read(self, level: int, box: Any, index: Any = ()) -> Any:
        part = self.buffer[: box.shape[0], : box.shape[1]]
        part[...] = super().read(level, box, index)
        return part


class OneThread(Right):
    """Has its file in the thread that opened it, and there alone."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.own = threading.current_thread()

    def read(self, level: int, box: Any, index: Any = ()) -> Any:
        samples = super().read(level, box, index)
        return samples if threading.current_thread() is self.own else samples * 0


class OtherDtype(Right):
    def read(self, *args: Any) -> Any:
        return super().read(*args).astype(float)


class Turned(Right):
    def read(self, level: int, box: Any, index: Any = ()) -> Any:
        return super().read(level, box, index).T


class FirstPlane(Right):
    def read(self, level: int, box: Any, index: Any = ()) -> Any:
        return super().read(level, box, (0,))


class FromTheCorner(Right):
    def read(self, level: int, box: Any, index: Any = ()) -> Any:
        return self.data[index][: box.shape[0], : box.shape[1]]


class Masked(Right):
    def read_stored(self, level: int, box: Any, index: Any = ()) -> Any:
        samples = self.read(level, box, index)
        return samples, samples > 0.5


class Carrying(Right):
    def __init__(self, path: Path, ballast: bytes = b"") -> None:
        super().__init__(path)

    def __reduce__(self) -> Any:
        return type(self), (self.path, bytes(1_000_000))


class Bound(Right):
    def __reduce__(self) -> Any:
        raise TypeError("no pickles here")


WRONG = {
    OneBuffer: "later reads do not change",
    OneThread: "eight threads",
    OtherDtype: r"must have the dtype dtype\('float32'\), not dtype\('float64'\)",
    Turned: r"must have the shape \(90, 120\)",
    FirstPlane: "is not as expected",
    FromTheCorner: "is not what the same samples are",
    Masked: "must be NaN where samples are missing",
    Carrying: "has 1000[0-9]{3} bytes: write __reduce__",
    Bound: "no pickles here.*write __reduce__",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    DATA.tofile(tmp_path / "a.raw")
    return tmp_path / "a.raw"


def test_a_source_that_is_right_passes_in_every_form(path: Path) -> None:
    check_source(lambda: Right(path), DATA)
    check_source(Right(path))
    check_source(lambda: nbimage.Pyramid(Right(path)), DATA, forks=False)
    np.save(path.with_name("a.npy"), DATA[0])
    check_source(path.with_name("a.npy"), DATA[0])


@pytest.mark.parametrize("kind", WRONG, ids=lambda kind: kind.__name__)
def test_what_is_wrong_is_found(kind: type[Right], path: Path) -> None:
    with pytest.raises(AssertionError, match=WRONG[kind]) as caught:
        check_source(lambda: kind(path), DATA)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"shapes": ()}, "shapes must be"),
        ({"shapes": ((90, 120), (40, 50))}, "must be halves"),
        ({"blocks": ((0, 1),)}, "blocks must be one for each"),
        ({"axes": (("x", 3),)}, "axes are those beside"),
        ({"axes": (("z", 1), ("z", 3))}, "names of their own"),
        ({"channel_names": ("a", "b")}, "channel_names must be one for each"),
        ({"channel_colors": ("red",)}, "as #rrggbb"),
        ({"pixel_size": (0, 1)}, "pixel_size must be"),
        ({"companions": (Path("/nowhere"),)}, "companions must be files"),
    ],
)
def test_facts_that_do_not_fit_are_found(facts: dict[str, Any], words: str, path: Path) -> None:
    with pytest.raises(AssertionError, match=words):
        check_source(Right(path, **facts))


def test_what_is_no_source_is_said(path: Path) -> None:
    with pytest.raises(TypeError, match="source must be a path, a Source or a function"):
        check_source(lambda: 3)  # type: ignore[arg-type, return-value]
