"""Find the frames of a video file whose data is damaged, by what ffmpeg says while it decodes.

Decoders conceal what they can't read and go on. What they say of it comes early: several threads
decode ahead of the frame that is shown. So a reader only counts what it hears; where that was
something, the group of frames is decoded once more, by one thread that says when each frame leaves
the decoder. Frames from there to the end of the group, which refer to it, count as damaged.
"""

from __future__ import annotations

import re

import numpy as np

from nbimage.codecs.clips.clip_index import ClipIndex
from nbimage.codecs.clips.ffmpeg_reader import decoder_lines
from nbimage.codecs.clips.listener import Listener

_AHEAD = 64  # frames: no decoder is further ahead of what is shown
_DECODED = re.compile(r"decoder -> .*?\b(?:frame_)?pts:(-?\d+|NOPTS)")


class Damage:
    """Which frames of a file are damaged, found out where a reader heard of it."""

    def __init__(self, path: str, index: ClipIndex) -> None:
        self._path, self._index = path, index
        self._found: dict[int, str] = {}
        self._judged: set[int] = set()
        self.begin()

    def begin(self) -> None:
        """Expect another reader."""
        self._heard = self._doubtful = 0

    def known(self, number: int) -> str:
        """Return what is known to be wrong with a frame, or nothing."""
        return self._found.get(number, "")

    def of(self, number: int, alarms: int) -> str:
        """Return what is wrong with a frame, which a reader yields that heard so many alarms."""
        index = self._index
        after = index.key_after(number)
        if alarms != self._heard:
            self._heard = alarms
            self._doubtful = max(number + _AHEAD, index.key_after(min(after, len(index) - 1)))
        if number < self._doubtful and number not in self._judged:
            key = index.find_key(number)
            stop = min(self._doubtful, len(index)) if index.is_intra else after
            self._found |= find_damage(self._path, index, key, stop)
            self._judged.update(range(key, stop))
        return self.known(number)


def find_damage(path: str, index: ClipIndex, first: int, stop: int) -> dict[int, str]:
    """Return which frames from a key on, before another one, are damaged: what ffmpeg says."""
    key = first
    while True:
        found: dict[int, str] = {}
        listener, words, count, before = Listener(), "", 0, -1
        with decoder_lines(path, index, key) as lines:
            for line in lines:
                words = words or listener.hear(line)
                decoded = _DECODED.search(line)
                if not decoded:
                    continue
                number = count if not index.seekable else _find(index, decoded[1])
                count += 1
                if number is None:
                    continue
                if number >= stop:
                    break
                if before < 0 and number > first and key > 0:
                    break  # it shows nothing before: begin further ahead
                if number < key:
                    words = ""  # of frames whose references were not read
                    continue
                lost = index.is_intra and before >= 0 and number > before + 1
                if words and not lost:
                    found[number] = words
                if index.is_intra:
                    words = ""
                before = number
        if before >= 0 or key == 0:
            break
        key = index.key_before(key)
    if found and not index.is_intra:  # those that were left out refer to it too
        begun = min(found)
        found = {number: found.get(number, found[begun]) for number in range(begun, stop)}
    return {number: words for number, words in found.items() if number >= first}


def _find(index: ClipIndex, time: str) -> int | None:
    if time == "NOPTS":
        return None
    number = int(np.searchsorted(index.ticks, int(time)))
    exact = number < len(index) and index.ticks[number] == int(time)
    return number if exact else None
