"""Frames as they are encoded: turned, enlarged, numbered, and repeated as their times ask.

They are made in `mapping.frames` and encoded in `codecs.videos`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from nbimage.base.chunked import Array
from nbimage.mapping.area_mean import area_mean, enlarge, factor_for, take_pixels
from nbimage.mapping.frames import Frames
from nbimage.raster.frame_counter import Counter, draw_counter

_POSTER_SIDE = 800


class PreparedFrames:
    """Frames one after the other, plain and as a file has them; read once.

    Parameters
    ----------
    frames : Frames
    lower : bool
        The first row is the lowest.
    counter : Counter, optional
        What is drawn into the files' frames.
    factor : int
        By how much their pixels are enlarged before.
    repeats : tuple of int
        How often each frame is yielded; empty: once.
    labels : bool
        Colors are never mixed.
    draw : callable, optional
        Draws a frame and the words above it as a figure, which files have instead.

    Attributes
    ----------
    count : int
        How many frames have been yielded.
    poster, drawn : array
        The first one, made smaller where it is large; and with its counter.
    texts : list of str
        The texts that the counter has drawn.
    """

    poster: Array
    drawn: Array

    def __init__(
        self,
        frames: Frames,
        *,
        lower: bool = False,
        counter: Counter | None = None,
        factor: int = 1,
        repeats: tuple[int, ...] = (),
        labels: bool = False,
        draw: Callable[[Array, str], Array] | None = None,
    ) -> None:
        self._draw = draw
        self._frames, self._lower, self._factor = frames, lower, factor
        self._counter, self._repeats, self._labels = counter, repeats, labels
        self.count = 0
        self.texts: list[str] = []

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        for number, frame in enumerate(self._frames.pixels()):
            frame = np.ascontiguousarray(frame[::-1]) if self._lower else frame
            drawn = frame
            if self._counter is not None:
                self.texts.append(self._counter.word(number, self._frames.texts))
            if self._draw is not None:
                drawn = self._draw(frame, name_frame(self._frames, number, self._counter))
            elif self._counter is not None:
                shown, large = self._counter, enlarge(frame, self._factor)
                drawn = draw_counter(large, self.texts[-1], shown.corner, shown.color)
                drawn = np.ascontiguousarray(drawn)
            if number == 0:
                self.poster = self._reduce(frame)
                self.drawn = self.poster if drawn is frame else self._reduce(drawn)
            repeats = self._repeats[number] if self._repeats else 1
            self.count += repeats
            yield from itertools.repeat((frame, drawn), repeats)

    def _reduce(self, frame: Array) -> Array:
        reduce = take_pixels if self._labels else area_mean
        return reduce(frame, factor_for(frame.shape, side=_POSTER_SIDE))


def name_frame(frames: Frames, number: int, counter: Counter | None = None) -> str:
    """Return what a frame is called: as a counter says it, by its coordinate, or by its number."""
    if counter is not None and counter.text is not None:
        return counter.word(number, frames.texts)
    return frames.texts[number] if frames.texts else f"frame {number}"


def describe_times(rate: Fraction, repeats: tuple[int, ...] = ()) -> str:
    """Return how many frames are shown in a second, or for how long each."""
    if not repeats or min(repeats) == max(repeats):
        return f"{float(rate / max(repeats, default=1)):g} frames a second"
    low, high = (f"{float(1000 * n / rate):.4g}" for n in (min(repeats), max(repeats)))
    return f"each shown for {low} to {high} ms"
