"""Read the frames of an animated picture (GIF, PNG, WebP, AVIF) by Pillow, as those of a video."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from nbimage.arrays.ingest import without_orientation
from nbimage.arrays.orientation import UPRIGHT, Turn, find_turn
from nbimage.arrays.pillow.animation import FORMATS, Animation, has_frames, show_time
from nbimage.arrays.pillow.image_orientation import find_orientation
from nbimage.base.chunked import Array
from nbimage.base.disk.bounded_reader import open_bounded
from nbimage.base.text import explain_damage
from nbimage.codecs.clips.clip_index import ClipIndex

_TICK = Fraction(1, 1_000_000)  # seconds: the times of PNG and WebP are fractions


def _open(path: str, upright: bool) -> tuple[Any, Turn, Animation]:
    """Return an image, how its frames are to be turned, and these."""
    from PIL import Image

    try:
        image = open_bounded(path, lambda file, _: Image.open(file, formats=FORMATS))
        has_frames(image, path)
        turn = find_turn(find_orientation(image) if upright else UPRIGHT)
    except (OSError, Image.DecompressionBombError) as error:
        raise ValueError(
            f"{path} must be a whole animation, but: {explain_damage(error)}"
        ) from None
    return image, turn, Animation(image, path)


def read_index(path: str, upright: bool = True) -> ClipIndex:
    """Return when each frame is shown; all are decoded for that."""
    image, turn, animation = _open(path, upright)
    ticks, now, last, alpha = [], 0, 0, False
    with contextlib.closing(animation):
        for frame in animation:
            ticks.append(now)
            last = round(show_time(frame) / 1000 / _TICK)
            now += last
            alpha = alpha or _is_transparent(frame)
    return ClipIndex(
        np.array(ticks, np.int64),
        np.zeros(1, np.int64),
        _TICK,
        last,
        turn.shape(image.size[::-1])[::-1],
        channels=4 if alpha else 3,
        codec=image.format.lower(),
        upright=upright,
        seekable=False,
    )


def _is_transparent(frame: Any) -> bool:
    if not frame.has_transparency_data:
        return False
    return bool(frame.convert("RGBA").getextrema()[3][0] < 255)


class AnimationReader:
    """Decodes frames from the first one on, since each is drawn over the one before it."""

    words, alarms = "", 0

    def __init__(self, path: str, index: ClipIndex, key: int, start: int) -> None:
        """``start``: the first frame that is wanted; ``key`` is 0."""
        self._index, self._start = index, start
        _, self._turn, self._animation = _open(path, index.upright)

    def __iter__(self) -> Iterator[tuple[int, Array]]:
        """Yield the time, in ticks, and the pixels of each frame from the first one wanted."""
        for number, frame in enumerate(self._animation):
            if number >= self._start:
                pixels = self._turn.apply(_as_pixels(frame, self._index.channels))
                yield int(self._index.ticks[number]), np.ascontiguousarray(pixels)

    def close(self) -> None:
        """Close the file."""
        self._animation.close()


def _as_pixels(frame: Any, channels: int) -> Array:
    samples = np.asarray(without_orientation(frame).array)
    if samples.dtype != np.uint8:  # of 16 bits, or one
        samples = np.asarray(frame.convert("RGBA"))
    if samples.ndim == 2:
        samples = samples[:, :, None]
    colors = 1 if samples.shape[2] < 3 else 3
    pixels = np.empty((*samples.shape[:2], channels), np.uint8)
    pixels[:, :, :3] = samples[:, :, :colors]
    if channels == 4:
        pixels[:, :, 3] = 255 if samples.shape[2] in (1, 3) else samples[:, :, -1]
    return pixels
