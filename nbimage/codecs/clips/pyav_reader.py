"""Read the frames of a video file by PyAV, where it is installed: no process is started."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.optional_imports import find_av
from nbimage.base.text import one_line
from nbimage.codecs.clips.clip_index import ClipIndex

_FLAGS = 0x8  # AV_CODEC_FLAG_OUTPUT_CORRUPT
_CODECS = frozenset({"h264", "vp8", "vp9", "av1", "mpeg4", "mpeg1video", "mpeg2video"})
"""Of which it says that data is damaged, but in its log."""
_AHEAD = 8  # frames that are shown before one that they refer to
_SEEKS = frozenset({"mov", "matroska"})
"""Containers in which a seek ends at a key frame, by the time that the frame is shown."""


def can_read(path: str, index: ClipIndex) -> bool:
    """Say whether PyAV is there and finds the same video in a file."""
    if not index.seekable or index.codec not in _CODECS or find_av() is None:
        return False
    try:
        with _open(path) as container:
            stream = container.streams.video[0]
            name = container.format.name.split(",")[0]
            return (
                name in _SEEKS
                and stream.time_base == index.tick
                and stream.codec_context.name.startswith(_decoders(index.codec))
            )
    except Exception:  # each of its libraries has its own: ffmpeg reads it then
        return False


def _decoders(codec: str) -> tuple[str, ...]:
    return (codec, *{"av1": ("libdav1d", "libaom"), "vp8": ("libvpx",)}.get(codec, ()))


def _open(path: str) -> Any:
    av = find_av()
    if av is None:
        raise ImportError("PyAV is not installed")
    return av.open(f"file:{path}", options={"protocol_whitelist": "file"})


class PyAVReader:
    """Decodes frames from a key on."""

    def __init__(self, path: str, index: ClipIndex, key: int, start: int) -> None:
        """``start``: the first frame that is wanted, not before ``key``."""
        self._path, self._index = path, index
        self._from = int(index.ticks[start])
        self.words, self.alarms = "", 0
        self._kind: Any = None
        self._graph: Any = None
        self._container = _open(path)
        try:
            stream = self._container.streams.video[0]
            stream.codec_context.flags &= ~_FLAGS
            stream.thread_type = "AUTO"
            if key > 0:
                self._container.seek(int(index.ticks[key]), stream=stream)
        except BaseException:
            self._container.close()
            raise
        self._stream = stream

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def __iter__(self) -> Iterator[tuple[int, Array]]:
        """Yield the time, in ticks, and the pixels of each frame from the first one wanted."""
        for frame in self._decode_ahead():
            if frame.pts is not None and frame.pts >= self._from:
                yield int(frame.pts), self._as_pixels(frame)

    def _decode_ahead(self) -> Iterator[Any]:
        """Yield frames once it is known whether those that they may refer to are whole."""
        ahead = _AHEAD if self._stream.codec_context.has_b_frames else 0
        kept: deque[Any] = deque()
        for frame in self._decode():
            kept.append(frame)
            if len(kept) > ahead:
                yield kept.popleft()
        yield from kept

    def _decode(self) -> Iterator[Any]:
        for packet in self._container.demux(self._stream):
            try:
                frames = packet.decode()
            except Exception as error:  # each library has its own: the frame is missed
                self.words = one_line(error)
                self.alarms += 1
                continue
            for frame in frames:
                self.alarms += frame.is_corrupt
                yield frame

    def _as_pixels(self, frame: Any) -> Array:
        turns, flipped = _find_turn(frame) if self._index.upright else (0, False)
        width, height = self._index.size
        size = (height, width) if turns % 2 else (width, height)
        pixels = np.rot90(self._convert(frame, size), turns)
        return np.ascontiguousarray(pixels[:, ::-1] if flipped else pixels)

    def _convert(self, frame: Any, size: tuple[int, int]) -> Array:
        """Return a frame's colors, by the filters that ffmpeg has them from."""
        kind = frame.width, frame.height, frame.format.name, size
        if kind != self._kind:
            av = find_av()
            self._graph = av.filter.Graph()  # type: ignore[union-attr, unused-ignore]
            filters = [
                self._graph.add_buffer(
                    width=frame.width,
                    height=frame.height,
                    format=frame.format,
                    time_base=self._stream.time_base,
                ),
                self._graph.add("scale", f"{size[0]}:{size[1]}"),
                self._graph.add("format", "rgb24"),
                self._graph.add("buffersink"),
            ]
            for one, other in pairwise(filters):
                one.link_to(other)
            self._graph.configure()
            self._kind = kind
        self._graph.vpush(frame)
        pixels: Array = self._graph.vpull().to_ndarray()
        return pixels


def _find_turn(frame: Any) -> tuple[int, bool]:
    """Return by how many right angles a frame is turned, and whether it is flipped then."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return 0, False
    a, b, _, c, d = struct.unpack("=5i", bytes(data)[:20])
    flipped = a * d - b * c < 0
    if flipped:
        a, c = -a, -c
    turns = {(1, 0): 0, (0, 1): 3, (-1, 0): 2, (0, -1): 1}.get((_sign(a), _sign(b)), 0)
    return turns, flipped


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
