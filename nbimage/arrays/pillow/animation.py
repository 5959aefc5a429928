"""The frames of an image that has several, and for how long each is shown."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

from nbimage.base.text import explain_damage

SUFFIXES = frozenset({".gif", ".webp", ".png", ".apng", ".avif"})
"""Of files that may be animations."""
FORMATS = ("GIF", "PNG", "WEBP", "AVIF")
"""Of these, as Pillow calls them."""
_TIMED = frozenset({*FORMATS, "FLI"})
_SHORTEST, _INSTEAD = 10, 100
"""Milliseconds: what is shown no longer than that is shown so long, as browsers do."""
_FINE = Fraction(10)  # milliseconds of a grid on which frames of any times begin
_MOST = 20_000  # frames that times are filled up to
_ROUNDING = Fraction(3, 2)  # milliseconds by which times of one rate differ in a file


@dataclass(frozen=True, slots=True)
class Timing:
    """When the frames of an animation are shown, as frames of one rate."""

    rate: Fraction
    """Frames a second."""
    repeats: tuple[int, ...]
    """How often each frame is shown at that rate: 1 of all where they have one rate."""
    loop: bool
    """It is played without an end."""


class Animation(Sequence[Any]):
    """The frames of an image of Pillow's, decoded one at a time; the image stays at its frame."""

    def __init__(self, image: Any, name: str = "the animation", read: Any = None) -> None:
        self._image, self._name = image, name
        self._read = read  # a frame of what is lost in a copy; None: it is copied
        # a PNG may have a picture before them for what plays no animations
        self._first = int(bool(image.info.get("default_image")) and image.format == "PNG")

    def __len__(self) -> int:
        return int(self._image.n_frames) - self._first

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(index)
        before = self._image.tell()
        try:
            return self._frame(index)
        finally:
            with contextlib.suppress(Exception):
                self._seek(before)

    def __iter__(self) -> Iterator[Any]:
        before = self._image.tell()
        try:
            for number in range(len(self)):
                yield self._frame(number)
        finally:
            with contextlib.suppress(Exception):  # a damaged file was reported by its frame
                self._seek(before)

    def _frame(self, index: int) -> Any:
        try:
            self._seek(index + self._first)
            return self._image.copy() if self._read is None else self._read(self._image)
        except Exception as error:  # each format has its own
            text = f"{self._name} must be whole, but frame {index}: {explain_damage(error)}"
            raise ValueError(text) from error

    def _seek(self, frame: int) -> None:
        if self._image.format == "PNG" and self._image.tell() > frame:
            # which keeps what it has read ahead of the next frame, unless there is none
            self._image.seek(self._image.n_frames - 1)
            self._image.load()
        self._image.seek(frame)

    def find_timing(self) -> Timing | None:
        """Return for how long each frame is shown; all are decoded for that. None: not known."""
        if self._image.format not in _TIMED:
            return None
        times = [show_time(frame) for frame in self]
        loop = self._image.info.get("loop")
        return make_timing(times, loop == 0)

    def close(self) -> None:
        """Close the image."""
        self._image.close()


def show_time(frame: Any) -> Fraction:
    """Return for how many milliseconds a frame of an animation is shown, as browsers do."""
    time = frame.info.get("duration") or 0
    return Fraction(time).limit_denominator(1000) if time > _SHORTEST else Fraction(_INSTEAD)


def has_frames(image: Any, name: str = "the animation") -> bool:
    """Say whether an image of Pillow's is an animation. Raises ValueError where it is damaged."""
    if image.format in ("MPO", "PSD", "ICO", "ICNS"):  # views, layers or sizes of one
        return False
    try:
        return int(getattr(image, "n_frames", 1)) > 1
    except Exception as error:  # each format has its own
        raise ValueError(f"{name} must be whole, but: {explain_damage(error)}") from error


def make_timing(times: Sequence[Fraction], loop: bool = False) -> Timing:
    """Return times in milliseconds as frames of one rate.

    They are exact where 1/100 s divides all of them, as in a GIF, and where all are the same;
    else each frame begins and ends within 5 ms of its time, unless that were too many frames.
    """
    total, shortest = sum(times, start=Fraction(0)), min(times)
    if max(times) - shortest <= _ROUNDING:
        return Timing(1000 * len(times) / total, (1,) * len(times), loop)
    denominator = math.lcm(*(time.denominator for time in times))
    step = Fraction(math.gcd(*(int(time * denominator) for time in times)), denominator)
    step = max(min(max(step, _FINE), shortest), total / _MOST)
    half, ends = Fraction(1, 2), [0]
    for end in accumulate(times):
        ends.append(max(math.floor(end / step + half), ends[-1] + 1))  # no frame is lost
    return Timing(1000 / step, tuple(b - a for a, b in pairwise(ends)), loop)
