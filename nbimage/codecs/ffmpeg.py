"""Run ffmpeg: raw frames go in through a pipe, finished files come out of a folder.

The pipe never hangs (`spoken` reads its error output, its standard output is not used), and no
process, and no file, outlives a failure. What browsers play, and the flags that give true colors in
them, were measured; each codec's line says the essence.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbimage.base.disk.leftovers import make_temporary_folder
from nbimage.base.forks import detach_in_child, remove_at_end
from nbimage.base.workers.threads import do_uninterrupted
from nbimage.codecs.spoken import Spoken, start_apart
from nbimage.logs import Lazily, find_log, join_command

if TYPE_CHECKING:
    import subprocess
    from fractions import Fraction
    from pathlib import Path

_INSTEAD = 'write format="webp", "apng" or "gif", which need none'
LOG = find_log("ffmpeg")
_PIPE = 1 << 20  # bytes: what Linux allows everybody
_PIP = "pip install --upgrade imageio-ffmpeg brings one that has it"


class FFmpegError(RuntimeError):
    """ffmpeg is missing, lacks an encoder or failed; the message ends with ffmpeg's own words.

    Examples
    --------
    An animation needs no ffmpeg:

    >>> frames = np.zeros((5, 20, 20), np.uint8)
    >>> try:
    ...     video = nbimage.Video(frames)
    ... except nbimage.FFmpegError:
    ...     video = nbimage.Video(frames, format="webp")
    >>> video.count
    5
    """


@functools.cache
def find_ffmpeg() -> str:
    """Return the ffmpeg to use: ``IMAGEIO_FFMPEG_EXE``, the bundled one, or one on the path."""
    if sys.platform in ("emscripten", "wasi"):
        raise FFmpegError(f"video needs ffmpeg, which can't be run in a browser: {_INSTEAD}")
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        import shutil  # with its compressors 4 ms

        found = os.environ.get("IMAGEIO_FFMPEG_EXE") or shutil.which("ffmpeg")
        if found and isinstance(error, ImportError):
            return found
        raise FFmpegError(
            "video needs ffmpeg, but none was found: pip install imageio-ffmpeg, "
            f"name one in IMAGEIO_FFMPEG_EXE, or {_INSTEAD} ({error})"
        ) from None


def has_encoder(name: str) -> bool:
    """Return whether there is an ffmpeg that can be run, and has an encoder."""
    try:
        return name in list_encoders(find_ffmpeg())
    except FFmpegError:
        return False


def describe_end(code: int | None, *, silent: bool = True) -> str:
    """Return how ffmpeg ended, by its exit code, or by a signal where it was ``silent``."""
    if code is not None and code < 0 and silent:
        import signal

        return f"ffmpeg was ended by {signal.Signals(-code).name}"
    return f"ffmpeg failed with exit code {code}"


@functools.cache
def list_encoders(exe: str) -> frozenset[str]:
    """Return the names of the encoders that this ffmpeg has."""
    import subprocess

    try:
        listed = subprocess.run(
            [exe, "-hide_banner", "-encoders"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise FFmpegError(f"{exe} can't be run: {error}; {_INSTEAD}") from error
    return frozenset(re.findall(r"^ [VAS][.\w]{5} (\S+)", listed.stdout.decode(), re.MULTILINE))


def run_ffmpeg(*arguments: str) -> None:
    """Run ffmpeg on files. Raises FFmpegError, with its own words, where it fails."""
    import subprocess

    command = [find_ffmpeg(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "error"]
    command += arguments
    LOG.info("%s", Lazily(join_command, command))
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        raise FFmpegError(f"{find_ffmpeg()} can't be run: {error}") from error
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip()
        raise FFmpegError(f"ffmpeg failed with exit code {done.returncode}:\n{words}")


@dataclass(frozen=True, slots=True)
class Output:
    """One file that ffmpeg is to write: what follows the input on its command line."""

    name: str
    """The codec's name, also the file's stem."""
    suffix: str
    arguments: tuple[str, ...]
    encoder: str
    luma: bool = False
    """It takes gray frames as YUV 4:2:0 that needs no conversion."""


def widen_pipe(pipe: Any) -> None:
    """Let a pipe hold some frames, so that making them and encoding them wait less in turns."""
    if sys.platform == "linux":
        with contextlib.suppress(ImportError, OSError):  # none here; more than the system allows
            import fcntl

            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


class Encoding:
    """A running ffmpeg that takes raw frames and writes one file an output, or nothing at all.

    A context: leaving it by an exception kills ffmpeg and removes what it wrote. Call `finish`
    inside it for the files, and read them before the context ends.
    """

    def __init__(
        self,
        outputs: Sequence[Output],
        size: tuple[int, int],
        pixel_format: str,
        rate: Fraction,
    ) -> None:
        self._exe = find_ffmpeg()
        for output in outputs:
            if output.encoder not in list_encoders(self._exe):
                raise FFmpegError(
                    f"{output.name} needs the encoder {output.encoder}, but {self._exe} has none: "
                    f"choose another codec, or {_PIP}"
                )
        width, height = size
        self._options = [
            *("-hide_banner", "-nostdin", "-nostats", "-loglevel", "error"),
            *("-f", "rawvideo", "-pix_fmt", pixel_format, "-s", f"{width}x{height}"),
            *("-r", f"{rate.numerator}/{rate.denominator}", "-i", "pipe:0"),
        ]
        self._outputs = outputs
        self._messages: deque[str] = deque(maxlen=20)
        self._process: subprocess.Popen[bytes]
        self._started = False
        self._remove_folder: Callable[[], object] = lambda: None

    def __enter__(self) -> Encoding:
        self._owner = os.getpid()
        try:
            do_uninterrupted(self._start)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        """Start ffmpeg, which writes to a folder of its own."""
        import subprocess  # only here, since importing nbimage should take no time

        folder = make_temporary_folder()
        self._remove_folder = remove_at_end(self, folder)
        self._files = {o.name: folder / f"{o.name}{o.suffix}" for o in self._outputs}
        command = [self._exe, *self._options]
        for output in self._outputs:
            file = str(self._files[output.name])
            exact = ("-fflags", "+bitexact")  # no random numbers: the same frames, the same bytes
            command += ["-map", "0:v", "-an", *output.arguments, *exact, "-y", file]
        self._spoken = Spoken(self._messages.append, lambda: None)
        LOG.info("%s", Lazily(join_command, command))
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._spoken.target,
                bufsize=0,
                **start_apart(),
            )
        except OSError as error:
            raise FFmpegError(f"{self._exe} can't be run: {error}") from error
        if self._process.stdin is None:
            raise FFmpegError("ffmpeg was started without pipes")
        self._input = self._process.stdin
        widen_pipe(self._input)
        detach_in_child(self._input)  # or ffmpeg waits for what a child might write
        self._spoken.listen(self._process)
        self._started = True

    def write(self, frame: Any) -> None:
        """Send one frame's bytes, all of them."""
        self._check_process()
        view = memoryview(frame).cast("B")
        try:
            while len(view):
                view = view[self._input.write(view) or 0 :]
        except OSError:  # nobody reads any more
            self._fail()

    def finish(self) -> dict[str, Path]:
        """Wait until the files are complete; return them by codec. They go with the context."""
        self._check_process()
        with contextlib.suppress(OSError):
            self._input.close()
        while self._process.poll() is None:
            time.sleep(0.001)  # interruptible everywhere, unlike a wait without end
        if self._process.returncode:
            self._fail()
        self._spoken.finish()
        return self._files

    def _check_process(self) -> None:
        if os.getpid() != self._owner:
            raise FFmpegError("the video must be finished by the process that began it, not a fork")

    def _fail(self) -> None:
        end = time.monotonic() + 1  # it may be about to say why
        while self._process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        self._kill()
        code = self._process.returncode
        words = "\n".join(self._messages)
        how = describe_end(code, silent=not words)
        raise FFmpegError(how + (f":\n{words}" if words else ""))

    def _kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):  # what was not written yet
            self._input.close()
        self._spoken.finish(1)
        self._spoken.close()

    def __exit__(self, *_: object) -> None:
        if os.getpid() != self._owner:  # ffmpeg and its files are the parent's
            return
        try:
            if self._started:
                self._kill()
        finally:
            self._remove_folder()
