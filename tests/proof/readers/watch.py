"""Start workers, and note what becomes of each trial: also of one that ends its process."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 120.0
"""Seconds after which a trial that has not ended never will, on a machine with other work."""
LIBRARIES = {"NetCDF and HDF5": "libhdf5"}
"""What reads a format, and may end its process, or take any memory, for a changed file."""
_LAST, _TEXT = 5.0, 4000
"""Seconds that a process has to say where it is, and letters of what it has said last."""
_ROOT = Path(__file__).parents[3]


@dataclass
class Found:
    """What became of the trials of one format."""

    form: str
    tried: int = 0
    refused: int = 0
    ended: int = 0
    """By a library in C that nobody can keep from that: see `LIBRARIES`."""
    used: float = 0.0
    """Seconds of a processor."""
    slowest: float = 0.0
    peak: int = 0
    lines: Counter[str] = field(default_factory=Counter)
    faults: list[dict[str, Any]] = field(default_factory=list)


def watch(form: str, seconds: float, *options: str, stop: bool = True) -> Found:
    """Try one format for so many seconds of a processor; ``stop``: until the first fault."""
    found, first = Found(form), 0
    while found.used < seconds:
        last = _run(found, first, seconds - found.used, options, stop)
        if last is None or (stop and found.faults):
            break
        first = last + 1
    return found


def _run(
    found: Found, first: int, seconds: float, options: tuple[str, ...], stop: bool
) -> int | None:
    """Run a worker; return the number at which it ended, None where its time was over."""
    command = [sys.executable, "-m", "tests.proof.readers.worker", found.form, str(seconds)]
    number, begun = first - 1, False
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    # decoders leave what they lack as memory was, which is the same each time so
    environment |= {"PYTHONMALLOC": "malloc", "MALLOC_PERTURB_": "85"}
    with (
        tempfile.TemporaryFile() as errors,  # a pipe would be full some time
        subprocess.Popen(
            [*command, "--first", str(first), *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            cwd=_ROOT,
        ) as process,
        contextlib.ExitStack() as stack,
    ):
        stack.callback(process.kill)
        assert process.stdout is not None
        for line in _lines(process):
            told = json.loads(line)
            if "peak" in told and "number" not in told:
                found.peak = max(found.peak, told["peak"])
                return None
            number = told["number"]
            begun = len(told) == 1
            if begun:
                continue
            found.tried += 1
            found.used += told.get("seconds", told.get("took", 0.0))
            if told.get("costs") and found.form in LIBRARIES:
                found.ended += 1
            elif "fault" in told:
                found.faults.append(told)
                if stop:
                    return number
            else:
                found.refused += bool(told["line"])
                found.lines[told["line"]] += bool(told["line"])
                found.slowest = max(found.slowest, told["seconds"])
        process.send_signal(signal.SIGUSR1)  # it says where it is, if it is anywhere
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_LAST)
        process.kill()
        code = process.wait()
        errors.seek(0)
        text = errors.read().decode(errors="replace")[-_TEXT:]
    found.tried += 1
    if begun and found.form in LIBRARIES:
        found.ended += 1
        return number
    what = f"ends the process ({code})" if begun else f"the worker ends ({code}) after a trial"
    found.faults.append({"number": number, "fault": what, "key": what, "text": text})
    return number


def _lines(process: subprocess.Popen[bytes]) -> Any:
    """Yield the lines of a process until it ends, or says nothing for too long."""
    assert process.stdout is not None
    rest, fileno = b"", process.stdout.fileno()
    with selectors.DefaultSelector() as selector:
        selector.register(fileno, selectors.EVENT_READ)
        while selector.select(PATIENCE):
            data = os.read(fileno, 1 << 16)
            if not data:
                return
            *whole, rest = (rest + data).split(b"\n")
            yield from whole
