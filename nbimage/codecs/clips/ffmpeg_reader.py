"""Read the frames of a video file by ffmpeg: one process for frames that follow each other.

ffmpeg lists all packets without decoding them; then it is started at a key frame and asked when
each frame that it decodes is shown. A frame that it does not give at its time is an error, or is
decoded once more from further ahead: none is ever taken for another.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import weakref
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.forks import detach_in_child
from nbimage.codecs.clips.clip_index import ClipIndex, make_index
from nbimage.codecs.clips.listener import Listener
from nbimage.codecs.ffmpeg import LOG, FFmpegError, describe_end, find_ffmpeg, widen_pipe
from nbimage.codecs.spoken import Spoken, start_apart
from nbimage.logs import Lazily, join_command

if TYPE_CHECKING:
    import subprocess

_PACKED = frozenset(
    {
        *("h264", "hevc", "vvc", "av1", "vp9", "mpeg1video", "mpeg2video"),
        *("mjpeg", "prores", "dnxhd", "ffv1", "rawvideo"),
    }
)
"""Codecs of which each packet of a usual file is one frame that is shown."""
_KEY, _DISCARD = 1, 4
_UNKNOWN = -(1 << 63)
_SHOWN = re.compile(
    r"showinfo.*? n: *\d+ pts: *(-?\d+|NOPTS) (?:.*? duration: *(-?\d+))?.*? fmt:(\S+) "
    r".*?sar:(\d+)/(\d+) s:(\d+)x(\d+) .*?iskey:(\d)"
)
_TICK = re.compile(r"showinfo.*? config in time_base: (\d+)/(\d+)(?:, frame_rate: (\d+)/(\d+))?")
_DAMAGED = re.compile(
    r"partial file|CRC mismatch|EBML number|containing master|ended prematurely|"
    r"exceeds max length|[Tt]runcat|[Cc]orrupt|moov atom|Invalid NAL|Invalid data|"
    r"error reading|Error (?:opening|during)"
)
_WORDY = re.compile(r"^(\[[^\]]*\] ?)+|^file:|\.$")
_NO_VIDEO = re.compile(r"matches no streams|does not contain any stream")


def _command(path: str, *before: str, upright: bool = True) -> list[str]:
    turned = () if upright else ("-noautorotate",)
    return [
        find_ffmpeg(),
        *("-hide_banner", "-nostdin", "-nostats", "-protocol_whitelist", "file,pipe"),
        *("-copyts", *turned, *before, "-i", f"file:{path}", "-map", "0:V:0"),
    ]


def read_index(path: str, upright: bool = True) -> ClipIndex:
    """Return when each frame is shown. Raises ValueError for what is no whole video."""
    header, packets = _list_packets(path)
    codec = header.get("codec_id", "")
    tick = Fraction(header.get("tb", "1/1"))
    plain = codec in _PACKED and all(time != _UNKNOWN for time, _, _, _ in packets)
    shown, found = _first_frames(path, None if not plain else 1, upright)
    if not shown:
        raise ValueError(f"{path} must be a whole video, but none of its frames can be decoded")
    facts: dict[str, Any] = {
        "codec": codec,
        "upright": upright,
        "nominal": found.get("rate"),
        "pixel_format": found["format"],
        "size": found["size"],
        "pixel_aspect": found["aspect"],
    }
    timed = all(frame[0] is not None for frame in shown) and found["tick"] == tick
    if plain and timed:
        kept = [(time, last, bool(key)) for time, last, key, dropped in packets if not dropped]
        index = make_index(kept, tick, shown[0][0], **facts)
        if len(index) and index.ticks[0] == shown[0][0]:
            return index
        shown, found = _first_frames(path, None, upright)
    known = {time for time, _, _, dropped in packets if not dropped}
    times = [time for time, _, _ in shown if time is not None]
    if timed and known.issuperset(times) and len(set(times)) == len(shown):
        keys = {time for time, _, key, _ in packets if key}
        decoded = [(time, last, time in keys) for time, last, _ in shown if time is not None]
        end = max(time + last for time, last, _, dropped in packets if not dropped)
        decoded[-1] = (times[-1], end - times[-1], times[-1] in keys)  # packets repeat it
        return make_index(decoded, tick, None, **facts)
    # times that are guessed while decoding are others after a seek
    order = [time if time is not None else n for n, (time, _, _) in enumerate(shown)]
    if any(b <= a for a, b in pairwise(order)):
        order = list(range(len(shown)))
    ticks, keys_ = np.array(order, np.int64), np.zeros(1, np.int64)
    return ClipIndex(ticks, keys_, found["tick"], shown[-1][1], seekable=False, **facts)


def _list_packets(path: str) -> tuple[dict[str, str], list[tuple[int, int, int, bool]]]:
    """Return what ffmpeg says of a file's video, and its packets: time, duration, key, dropped."""
    own = ("-c", "copy", "-copyinkf", "-copypriorss", "1", "-f", "framecrc", "pipe:1")
    listed = _run([*_command(path, "-loglevel", "error"), *own])
    words = listed.stderr.decode(errors="replace")
    damage = [line for line in words.splitlines() if _DAMAGED.search(line)]
    if _NO_VIDEO.search(words):
        raise ValueError(f"{path} must hold a video, but holds none: audio, or pictures alone")
    if listed.returncode or damage:
        lines = damage or words.splitlines() or [describe_end(listed.returncode)]
        raise ValueError(f"{path} must be a whole video, but: {_shorten(lines, path)}")
    header, packets = {}, []
    for line in listed.stdout.decode(errors="replace").splitlines():
        if line.startswith("#"):
            name, _, value = line[1:].partition(": ")
            header[name.split()[0]] = value.strip()
            continue
        parts = [part.strip() for part in line.split(",")]
        flags = next((int(part[2:], 16) for part in parts[6:] if part.startswith("F=")), _KEY)
        time, last = int(parts[2]), int(parts[3])
        packets.append((time, last, flags & _KEY, bool(flags & _DISCARD)))
    if not packets:
        raise ValueError(f"{path} must be a whole video, but holds no frames")
    return header, packets


def _first_frames(
    path: str, count: int | None, upright: bool
) -> tuple[list[tuple[int | None, int, bool]], dict[str, Any]]:
    """Decode the first frames, or all: time, duration and key of each, and what they are like."""
    limit = () if count is None else ("-frames:v", str(count))
    own = ("-vf", "showinfo=checksum=0", "-fps_mode", "passthrough", *limit, "-f", "null", "-")
    done = _run([*_command(path, *_EXACT, "-loglevel", "info", upright=upright), *own])
    shown: list[tuple[int | None, int, bool]] = []
    found: dict[str, Any] = {"tick": Fraction(1)}
    for line in done.stderr.decode(errors="replace").splitlines():
        config, frame = _TICK.search(line), _SHOWN.search(line)
        if config:
            found["tick"] = Fraction(int(config[1]), int(config[2]))
            if config[4] and int(config[4]):
                found["rate"] = Fraction(int(config[3]), int(config[4]))
        elif frame:
            time = None if frame[1] == "NOPTS" else int(frame[1])
            shown.append((time, int(frame[2] or 0), frame[8] == "1"))
            if "size" not in found:
                across, down = int(frame[4]), int(frame[5])
                found["aspect"] = Fraction(across, down) if across and down else Fraction(1)
                found["size"] = int(frame[6]), int(frame[7])
                found["format"] = frame[3]
    return shown[:count], found


_EXACT = ("-flags:v", "-output_corrupt")
"""Frames whose references are missing are left out, not concealed."""


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    import subprocess  # only here, since importing nbimage should take no time

    LOG.info("%s", Lazily(join_command, command))
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            **start_apart(),
        )
    except OSError as error:
        raise FFmpegError(f"{command[0]} can't be run: {error}") from error


def run_ffmpeg(path: str, *arguments: str) -> None:
    """Run ffmpeg on the video of a file. Raises FFmpegError."""
    command = [*_command(path, "-loglevel", "error"), *arguments]
    command.remove("-copyts")
    done = _run(command)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").splitlines()
        words = _shorten(lines or [describe_end(done.returncode)], path)
        raise FFmpegError(f"ffmpeg failed on {path}: {words}")


def _shorten(lines: list[str], path: str) -> str:
    """Return the first of ffmpeg's own words, without what they say of its parts."""
    return _WORDY.sub("", lines[0].replace(f"file:{path}", "it").strip()).strip()


def _seek(index: ClipIndex, key: int) -> tuple[str, ...]:
    if key == 0:
        return ()
    second = index.ticks[key] * index.tick.numerator / index.tick.denominator
    return ("-noaccurate_seek", "-seek_timestamp", "1", "-ss", f"{second:.6f}")


@contextlib.contextmanager
def decoder_lines(path: str, index: ClipIndex, key: int) -> Iterator[Iterator[str]]:
    """Decode by one thread from a key on; yield what ffmpeg says, and when a frame is decoded."""
    import subprocess

    alone = ("-threads", "1", "-debug_ts", "-loglevel", "repeat+info")
    command = [
        *_command(path, *_EXACT, *alone, *_seek(index, key)),
        *("-fps_mode", "passthrough", "-f", "null", "-"),
    ]
    LOG.info("%s", Lazily(join_command, command))
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        **start_apart(),
    )
    try:
        if process.stderr is None:
            raise FFmpegError("ffmpeg was started without pipes")
        detach_in_child(process.stderr)
        yield (line.decode(errors="replace").rstrip() for line in process.stderr)
    finally:
        _end(process, os.getpid())


class FFmpegReader:
    """A running ffmpeg that decodes frames from a key on."""

    def __init__(self, path: str, index: ClipIndex, key: int, start: int) -> None:
        """``start``: the first frame that is wanted, not before ``key``."""
        import subprocess

        self._index, self._path = index, path
        width, height = index.size
        self._from = int(index.ticks[start])
        self._count = 0  # of frames from the first one, where these have no times
        chosen = f"gte(pts\\,{self._from})" if index.seekable else f"gte(n\\,{start})"
        self._skipped = 0 if index.seekable else start
        chain = f"showinfo=checksum=0,select={chosen},scale={width}:{height},format=rgb24"
        command = [
            *_command(
                path, *_EXACT, "-loglevel", "info", *_seek(index, key), upright=index.upright
            ),
            *("-vf", chain, "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"),
        ]
        self._times: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._words: deque[str] = deque(maxlen=20)
        self._listener = Listener()
        hear = partial(_hear, self._times, self._words, self._listener)
        self._spoken = spoken = Spoken(hear, partial(self._times.put, None))
        LOG.info("%s", Lazily(join_command, command))
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=spoken.target,
                bufsize=0,
                **start_apart(),
            )
        except OSError as error:
            raise FFmpegError(f"{command[0]} can't be run: {error}") from error
        output = process.stdout
        if output is None:
            raise FFmpegError("ffmpeg was started without pipes")
        detach_in_child(output)
        widen_pipe(output)
        self._output: Any = output
        self.process_id = process.pid
        self.close = weakref.finalize(self, _end, process, os.getpid())
        spoken.listen(process)

    def __iter__(self) -> Iterator[tuple[int, Array]]:
        """Yield the time, in ticks, and the pixels of each frame from the first one wanted."""
        width, height = self._index.size
        while True:
            frame = np.empty((height, width, 3), np.uint8)
            if not self._fill(frame.data.cast("B")):
                self._spoken.catch_up()
                return
            yield self._next_time(), frame

    def _fill(self, view: memoryview) -> bool:
        done = 0
        while done < len(view):
            count = self._output.readinto(view[done:])
            if not count:
                return False
            done += count
        return True

    def _next_time(self) -> int:
        """Return the time of the next frame that was not left out."""
        while True:
            if self._times.empty():
                self._spoken.catch_up()  # ffmpeg says it of a frame before it gives it
            time = self._times.get()
            if time is None:
                raise FFmpegError(f"ffmpeg ended while it read {self._path}")
            if not self._index.seekable:
                self._count += 1
                if self._count > self._skipped:
                    return int(self._index.ticks[min(self._count, len(self._index)) - 1])
            elif time >= self._from:
                return time

    @property
    def alarms(self) -> int:
        """The number of ffmpeg's messages about damaged data so far."""
        return self._listener.alarms

    @property
    def words(self) -> str:
        """The last message of ffmpeg."""
        lines = [line for line in self._words if _DAMAGED.search(line) or "rror" in line]
        return _shorten(lines, self._path) if lines else ""


def _hear(
    times: queue.SimpleQueue[int | None], words: deque[str], listener: Listener, text: str
) -> None:
    listener.hear(text)
    shown = _SHOWN.search(text)
    if shown:
        times.put(_UNKNOWN if shown[1] == "NOPTS" else int(shown[1]))
    elif "showinfo" not in text:
        words.append(text)


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    """End ffmpeg; a forked process leaves it to the one that began it."""
    if os.getpid() != owner:
        return
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
