"""When the frames of a video file are shown, and from where each can be decoded."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from nbimage.base.chunked import Array

_FASTEST = 100_000  # frames a second


@dataclass(frozen=True, slots=True, eq=False)
class ClipIndex:
    """The frames of a file in the order in which they are shown."""

    ticks: Array
    """When each is shown, int64, strictly increasing, in units of ``tick``."""
    keys: Array
    """The numbers of the frames that decoding can begin at; the first is 0."""
    tick: Fraction
    """Seconds."""
    last: int
    """For how many ticks the last frame is shown; 0: not known."""
    size: tuple[int, int]
    """Width and height, upright."""
    channels: int = 3
    codec: str = ""
    """As ffmpeg calls it."""
    pixel_format: str = ""
    """As ffmpeg calls it."""
    pixel_aspect: Fraction = Fraction(1)
    """Width by height of a pixel."""
    nominal: Fraction | None = None
    """Frames a second, as the file says."""
    upright: bool = True
    """Frames are turned as the file asks for."""
    seekable: bool = True
    """A frame is found by its time, from any key; else by counting from the first one."""

    def __len__(self) -> int:
        return len(self.ticks)

    def find_key(self, number: int) -> int:
        """Return the last key that is not after a frame."""
        return int(self.keys[np.searchsorted(self.keys, number, "right") - 1])

    def key_before(self, key: int) -> int:
        """Return the key before another; 0 where there is none."""
        return int(self.keys[max(0, int(np.searchsorted(self.keys, key)) - 1)])

    def key_after(self, number: int) -> int:
        """Return the first key after a frame; the count of frames where there is none."""
        later = int(np.searchsorted(self.keys, number, "right"))
        return int(self.keys[later]) if later < len(self.keys) else len(self)

    @property
    def is_intra(self) -> bool:
        """No frame refers to another."""
        return len(self.keys) == len(self)

    @property
    def times(self) -> Array:
        """When each frame is shown, in seconds from the first one."""
        ticks = (self.ticks - self.ticks[0]).astype(np.float64)
        times: Array = ticks * self.tick.numerator / self.tick.denominator
        return times

    @property
    def is_regular(self) -> bool:
        """All frames are shown for the same time, but for rounding to ticks."""
        return len(self) == 1 or _fits(self.ticks, 1 / self.rate / self.tick)

    @property
    def rate(self) -> Fraction:
        """Frames a second; their mean where they are shown for different times."""
        count, span = len(self) - 1, int(self.ticks[-1] - self.ticks[0])
        if not count:
            return 1 / (self.last * self.tick) if self.last > 0 else Fraction(25)
        mean = count / (span * self.tick)
        if count * int(self.ticks[1] - self.ticks[0]) == span and _fits(
            self.ticks, Fraction(span, count)
        ):
            return mean
        ntsc = Fraction(round(mean * 1001 / 1000) * 1000, 1001)
        for rate in (self.nominal, Fraction(round(mean)), ntsc, mean.limit_denominator(1001)):
            if rate and _fits(self.ticks, 1 / rate / self.tick):
                return rate
        return (len(self) / (self.duration_ticks * self.tick)).limit_denominator(_FASTEST)

    @property
    def duration_ticks(self) -> int:
        """From the first frame to the end of the last one."""
        span = int(self.ticks[-1] - self.ticks[0])
        return span + (self.last if self.last > 0 else max(1, span // max(1, len(self) - 1)))


def _fits(ticks: Array, step: Fraction) -> bool:
    """Say whether times are those of a step, rounded to ticks."""
    even = np.arange(len(ticks), dtype=np.float64) * float(step)
    return bool(np.abs(ticks - ticks[0] - even).max() <= 1)


def make_index(
    packets: list[tuple[int, int, bool]],
    tick: Fraction,
    first: int | None,
    **facts: object,
) -> ClipIndex:
    """Return the index of frames: time and duration in ticks, and whether it is a key.

    Frames before ``first``, the time of the first one that is decoded, are left out: what they
    refer to is not in the file.
    """
    shown = sorted({time: (time, last, key) for time, last, key in packets}.values())
    if first is not None:
        shown = [packet for packet in shown if packet[0] >= first]
    ticks = np.array([time for time, _, _ in shown], np.int64)
    keys = np.array([n for n, (_, _, key) in enumerate(shown) if key or not n], np.int64)
    end = max((time + last for time, last, _ in shown), default=0)
    return ClipIndex(ticks, keys, tick, end - int(ticks[-1]) if shown else 0, **facts)  # type: ignore[arg-type]
