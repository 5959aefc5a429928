"""What a running program says of errors: read by a thread, or from a file where there are none.

A pipe that nobody reads is full some day, and the program waits for ever.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nbimage.base.forks import detach_in_child
from nbimage.base.workers.threads import can_start_threads

if TYPE_CHECKING:
    import subprocess


def start_apart() -> dict[str, Any]:
    """Return options of `subprocess.Popen`: Ctrl-C reaches Python alone, which ends the process."""
    import subprocess

    return {
        "start_new_session": True,  # POSIX; on Windows without effect
        "creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    }


class Spoken:
    """The lines of a process' error output.

    Parameters
    ----------
    hear : callable
        Called with each line.
    end : callable
        Called when no other comes.

    Attributes
    ----------
    target
        Where the process is to write: ``stderr`` of `subprocess.Popen`.
    """

    def __init__(self, hear: Callable[[str], object], end: Callable[[], object]) -> None:
        import subprocess
        import tempfile

        self._hear, self._end = hear, end
        self._threaded, self._rest = can_start_threads(), b""
        self._lines: Any = None
        self.target: Any = subprocess.PIPE
        if not self._threaded:
            self.target = tempfile.NamedTemporaryFile(prefix="nbimage-")  # noqa: SIM115

    def listen(self, process: subprocess.Popen[bytes]) -> None:
        """Begin to read."""
        if not self._threaded:
            self._lines = open(self.target.name, "rb", 0)  # noqa: SIM115, PTH123 (a position of its own)
            return
        self._lines = process.stderr
        detach_in_child(self._lines)
        work = _read, (self._lines, self._hear, self._end)
        self._thread = threading.Thread(target=work[0], args=work[1], daemon=True)
        self._thread.start()

    def catch_up(self) -> None:
        """Read what was said until now, where no thread does."""
        if self._threaded or self._lines is None or self._lines.closed:
            return
        *lines, self._rest = (self._rest + self._lines.read()).split(b"\n")
        for line in lines:
            self._hear(_decode(line))

    def finish(self, seconds: float | None = None) -> None:
        """Wait until all is read that was said by a process that has ended."""
        if self._threaded:
            self._thread.join(seconds)
            return
        self.catch_up()
        if self._rest:
            self._hear(_decode(self._rest))
            self._rest = b""
        self._end()

    def close(self) -> None:
        """Let go of the pipe or the file."""
        for file in (self._lines, self.target):
            if hasattr(file, "close"):
                with contextlib.suppress(OSError):
                    file.close()


def _read(lines: Any, hear: Callable[[str], object], end: Callable[[], object]) -> None:
    with contextlib.suppress(OSError, ValueError):  # it was closed
        for line in lines:
            hear(_decode(line))
    end()


def _decode(line: bytes) -> str:
    return line.decode(errors="replace").rstrip()
