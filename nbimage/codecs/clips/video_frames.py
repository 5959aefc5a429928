"""The frames of a video file as an array of which any is decoded when it is asked for."""

from __future__ import annotations

import operator
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import Coordinate, Metadata
from nbimage.arrays.pillow.animation import SUFFIXES, Timing, make_timing
from nbimage.base.chunked import Array
from nbimage.base.doors import door
from nbimage.base.forks import abandon, call_in_child
from nbimage.base.text import format_count
from nbimage.codecs.clips import animation_reader, ffmpeg_reader, pyav_reader
from nbimage.codecs.clips.clip_index import ClipIndex
from nbimage.codecs.clips.damage import Damage

_CACHED = 1 << 27  # bytes of frames that are kept
_NEAR = 24  # frames: to decode so many more is as fast as to begin anew
_BACK = 32  # frames that are kept on the way to one that is a little before the last one
_OF_A_PROCESS = "_damage", "_decoder", "_lock", "_cache", "_reader", "_stream"
"""Attributes that no other process gets."""


class Reader(Protocol):
    """What decodes frames, from a key on."""

    words: str
    """Its last message about a frame that it could not decode."""

    @property
    def alarms(self) -> int:
        """The number of its messages about damaged data, of the frames so far or of later ones."""

    def __iter__(self) -> Iterator[tuple[int, Array]]:
        """Yield the time, in ticks, and the pixels of each frame from the first one wanted."""

    @property
    def close(self) -> Callable[[], object]:
        """What ends it."""


class VideoFrames:
    """The frames of a video file, decoded when they are asked for.

    An array of ``(T, H, W, 3)`` to whatever takes array-likes. Frames are found by the times at
    which they are shown, so that each is the same whichever way it is asked for. The latest 128 MiB
    of frames are kept; the decoder waits where it is, so that frames in order are decoded once.

    Attributes
    ----------
    shape, dtype, ndim, size, nbytes : tuple, dtype and int
        As of an array of NumPy's: uint8, ``(T, H, W, 3)``, or 4 of an animation with transparency.
    chunks : tuple of int
        What is decoded at once: a frame.
    fps : Fraction
        Frames a second; their mean where the rate varies.
    times : ndarray
        When each frame is shown, in seconds from the first one.
    duration : float, in seconds
    codec, pixel_format : str
        Of the file, as ffmpeg calls them.
    pixel_aspect : Fraction
        The width of a pixel by its height: frames are not stretched by it.
    path, name, names : str, str, tuple of str
        The file; what errors call it; of the axes.
    index : ClipIndex
        For the modules of nbimage.

    Examples
    --------
    >>> clip = nbimage.frames(nbimage.Video(np.zeros((20, 32, 48)), fps=10).save("dark")[0])
    >>> clip.shape, clip.dtype, clip.ndim, clip.size, clip.nbytes, clip.chunks, clip.names
    ((20, 32, 48, 3), dtype('uint8'), 4, 92160, 92160, (1, 32, 48, 3), ('time', 'y', 'x', 's'))
    >>> clip.fps, clip.times[:3], clip.duration, clip.codec, clip.pixel_format, clip.pixel_aspect
    (Fraction(10, 1), array([0. , 0.1, 0.2]), 2.0, 'h264', 'yuv420p', Fraction(1, 1))
    >>> clip.name, clip.path[-8:], clip.summary, clip.close()
    ('dark.mp4', 'dark.mp4', 'h264 (yuv420p), 20 frames, 10 a second, 2 s', None)
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    names = ("time", "y", "x", "s")

    def __init__(
        self, path: str | os.PathLike[str], *, orientation: bool = True, name: str | None = None
    ) -> None:
        """``name``: what errors call the file, where ``path`` is that of a copy."""
        self.path = str(Path(path).absolute())
        self.name = name or Path(self.path).name
        self._state = _find_state(self.path)
        self.index: ClipIndex
        try:
            if is_animation(self.path):
                self.index = animation_reader.read_index(self.path, upright=orientation)
            else:
                self.index = ffmpeg_reader.read_index(self.path, upright=orientation)
        except ValueError as error:
            raise ValueError(str(error).replace(self.path, self.name)) from None
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        self._decoder: Callable[[str, ClipIndex, int, int], Reader] | None = None
        self._damage = Damage(self.path, self.index)
        self._lock = threading.RLock()
        self._cache: OrderedDict[int, Array] = OrderedDict()
        self._reader: Reader | None = None
        self._stream: Iterator[tuple[int, Array]] = iter(())
        self._next = self._asked = 0  # the frame that the reader yields next, and the last one
        self._begun = 0  # the key that the reader began at
        call_in_child(self._begin_child)

    def _begin_child(self) -> None:
        """Leave the decoder to the parent process."""
        abandon((self._reader, self._stream, self._lock))
        self._lock, self._cache = threading.RLock(), OrderedDict()
        self._reader, self._stream = None, iter(())

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """The count of frames, rows, columns and channels."""
        width, height = self.index.size
        return len(self.index), height, width, self.index.channels

    @property
    def chunks(self) -> tuple[int, int, int, int]:
        """What is decoded at once."""
        return (1, *self.shape[1:])

    @property
    def size(self) -> int:
        """The count of samples."""
        count, height, width, channels = self.shape
        return count * height * width * channels

    @property
    def nbytes(self) -> int:
        """The bytes of all frames."""
        return self.size

    @property
    def fps(self) -> Fraction:
        """Frames a second; their mean where the rate varies."""
        return self.index.rate

    @property
    def times(self) -> Array:
        """When each frame is shown, in seconds from the first one."""
        return self.index.times

    @property
    def duration(self) -> float:
        """The duration in seconds."""
        if self.index.is_regular:
            return float(len(self) / self.fps)
        return float(self.index.duration_ticks * self.index.tick)

    @property
    def codec(self) -> str:
        """The file's codec, as ffmpeg calls it."""
        return self.index.codec

    @property
    def pixel_format(self) -> str:
        """The file's samples, as ffmpeg calls them."""
        return self.index.pixel_format

    @property
    def pixel_aspect(self) -> Fraction:
        """The width of a pixel by its height."""
        return self.index.pixel_aspect

    @property
    def summary(self) -> str:
        """One line: codec, count, rate, duration."""
        kind = f"{self.codec} ({self.pixel_format})" if self.pixel_format else self.codec
        rate = f"{float(self.fps):.6g} a second" + ("" if self.index.is_regular else " on average")
        return f"{kind}, {format_count(len(self), 'frame')}, {rate}, {self.duration:.6g} s"

    def find_timing(self) -> Timing:
        """For the modules of nbimage: when each frame is shown, as frames of one rate."""
        if self.index.is_regular:
            return Timing(self.fps, (1,) * len(self), False)
        steps = np.diff(self.index.ticks, append=self.index.ticks[0] + self.index.duration_ticks)
        return make_timing([int(step) * self.index.tick * 1000 for step in steps])

    @property
    def metadata(self) -> Metadata:
        """For the modules of nbimage: the times as coordinates along the first axis."""
        along = Coordinate(self.times, "time [s]")
        return Metadata(coordinates=(along, None, None, None))

    def __len__(self) -> int:
        return len(self.index)

    def __repr__(self) -> str:
        count, height, width, channels = self.shape
        shape = f"{count} × {height} × {width} × {channels}"
        rate = f"{float(self.fps):.6g} frames a second"
        return f"<frames of {self.name}: {shape}, uint8, {rate}, {self.codec}>"

    def __iter__(self) -> Iterator[Array]:
        for number in range(len(self)):
            yield self._read(number).copy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError("copy must not be False for the frames of a file: they are decoded")
        return self[:] if dtype is None else self[:].astype(dtype, copy=False)

    @door
    def __getitem__(self, index: Any) -> Array:
        numbers, rest = self._resolve(index)
        if isinstance(numbers, int):
            return np.array(self._read(numbers)[rest])
        if not len(numbers):
            part = np.empty(self.shape[1:], self.dtype)[rest]
            return np.empty((0, *part.shape), self.dtype)
        out: Array | None = None
        for n in np.argsort(numbers, kind="stable"):  # as they are decoded
            frame = self._read(int(numbers[n]))[rest]
            if out is None:
                out = np.empty((len(numbers), *frame.shape), self.dtype)
            out[n] = frame
        return np.asarray(out)

    def read_values(self, start: int, stop: int) -> Values:
        """For the modules of nbimage: frames with the times at which they are shown."""
        times = Coordinate(self.times[start:stop], "time [s]")
        metadata = Metadata(coordinates=(times, None, None, None))
        return Values(self[start:stop], None, self.names, metadata=metadata)

    def close(self) -> None:
        """End the decoder, and let go of the frames that are kept."""
        with self._lock:
            self._closed = True
            self._stop()
            self._cache.clear()

    def __enter__(self) -> VideoFrames:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: one for name, one in self.__dict__.items() if name not in _OF_A_PROCESS}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._begin()

    def _resolve(self, index: Any) -> tuple[Any, tuple[Any, ...]]:
        """Return the numbers of frames, or that of one, and what picks a part of each."""
        parts = list(index) if isinstance(index, tuple) else [index]
        if sum(part is Ellipsis for part in parts) > 1:
            raise IndexError("an index can only have one ellipsis ('...')")
        for number, part in enumerate(parts):
            if part is Ellipsis:
                parts[number : number + 1] = [slice(None)] * (self.ndim + 1 - len(parts))
                break
        if len(parts) > self.ndim:
            raise IndexError(f"frames have {self.ndim} axes, but {len(parts)} were indexed")
        first, rest = (parts or [slice(None)])[0], tuple(parts[1:])
        for part in rest:
            if not isinstance(part, slice) and _as_number(part) is None:
                raise IndexError(
                    "only the first axis of frames takes a list of numbers, but got "
                    f"{part!r:.60}: pick from frames[numbers] then"
                )
        count, wanted = len(self), _as_number(first)
        if isinstance(first, slice):
            return np.arange(count)[first], rest
        if wanted is not None:
            if not -count <= wanted < count:
                raise IndexError(f"frame {wanted} of {self.name}, which has {count}")
            return wanted % count, rest
        if first is None or isinstance(first, (bool, np.bool_)):
            raise IndexError(f"frames are picked by numbers, slices and lists, but got {first!r}")
        chosen = np.asarray(first)
        if chosen.size == 0:
            chosen = chosen.astype(np.intp)
        if chosen.ndim != 1 or chosen.dtype.kind not in "biu":
            raise IndexError(f"frames are picked by one list of numbers, but got {first!r:.60}")
        return np.arange(count)[chosen], rest

    def _read(self, number: int) -> Array:
        """Return a frame, which is not to be written to."""
        with self._lock:
            if self._closed:
                raise ValueError(f"{self.name} is closed: open it anew by frames()")
            frame = self._cache.get(number)
            if frame is None:
                try:
                    frame = self._decode(number)
                except BaseException:  # wherever it was interrupted
                    self._stop()
                    raise
            else:
                self._cache.move_to_end(number)
            self._asked = number
            return frame

    def _decode(self, number: int) -> Array:
        self._refuse(number, self._damage.known(number))
        key, fresh = self.index.find_key(number), False
        near = self._next <= number and (
            self._next >= key or number - self._next <= number - key + _NEAR
        )
        if self._reader is None or not near:
            self._start(key, number)
            fresh = True
        while True:
            found, frame = self._take()
            if found is not None and found <= number:
                damage = self._damage.of(found, self._reader.alarms) if self._reader else ""
                if not damage:
                    self._keep(found, frame)
                if found == number:
                    self._refuse(number, damage)
                    return frame
                continue
            if fresh and self._begun == 0:
                words = self._reader.words if self._reader is not None else ""
                reason = f": {words}" if words else ""
                raise ValueError(
                    f"{self.name} must be whole, but frame {number} can't be decoded{reason}"
                )
            # what it refers to lies further ahead, or the reader began too late
            back = self.index.key_before(self._begun) if fresh else key
            self._start(back, number)
            fresh = True

    def _refuse(self, number: int, damage: str) -> None:
        if damage:
            raise ValueError(f"{self.name} must be whole, but frame {number} is damaged: {damage}")

    def _take(self) -> tuple[int | None, Array]:
        """Return the number and the pixels of the next frame; None at the end."""
        ticks = self.index.ticks
        for time, frame in self._stream:
            number = int(np.searchsorted(ticks, time))
            if number < len(ticks) and ticks[number] == time:
                self._next = number + 1
                frame.flags.writeable = False
                return number, frame
        self._next = len(ticks)
        return None, np.empty(0, np.uint8)

    def _keep(self, number: int, frame: Array) -> None:
        self._cache[number] = frame
        self._cache.move_to_end(number)
        while len(self._cache) > self._most:
            self._cache.popitem(last=False)

    @property
    def _most(self) -> int:
        """How many frames are kept."""
        return max(1, _CACHED // max(1, self.size // len(self)))

    def _start(self, key: int, number: int) -> None:
        """Begin at a key; frames that are likely to be asked for next are kept on the way."""
        self._stop()
        self._damage.begin()
        if _find_state(self.path) != self._state:
            raise ValueError(f"{self.name} has changed since it was opened: open it anew")
        going_back = 0 < self._asked - number <= 2 * _BACK
        first = max(key, number - min(_BACK, self._most // 2)) if going_back else number
        if self._decoder is None:
            self._decoder = _find_decoder(self.path, self.index)
        self._reader = self._decoder(self.path, self.index, key, first)
        self._stream = iter(self._reader)
        self._begun, self._next = key, first

    def _stop(self) -> None:
        reader, self._reader, self._stream = self._reader, None, iter(())
        if reader is not None:
            reader.close()


def _as_number(index: Any) -> int | None:
    if isinstance(index, (bool, np.bool_)):
        return None
    try:
        return operator.index(index)
    except TypeError:
        return None


def is_animation(path: str) -> bool:
    """Say whether a file's name is that of a picture whose frames Pillow reads."""
    return Path(path).suffix.lower() in SUFFIXES


def _find_decoder(path: str, index: ClipIndex) -> Any:
    """Return what decodes a video: PyAV where it is installed, else ffmpeg."""
    if is_animation(path):
        return animation_reader.AnimationReader
    by_av = pyav_reader.can_read(path, index)
    return pyav_reader.PyAVReader if by_av else ffmpeg_reader.FFmpegReader


def _find_state(path: str) -> tuple[int, int]:
    """Return what a file has once it was written again."""
    status = Path(path).stat()
    return status.st_size, status.st_mtime_ns
