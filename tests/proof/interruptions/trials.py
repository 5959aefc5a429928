"""One trial: a job, what interrupts it, and what is there then."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.proof.interruptions import jobs
from tests.proof.interruptions.states import (
    State,
    find_marked,
    grow_old,
    is_known_litter,
    state_of,
    temporary,
)

ROOT = Path(__file__).parents[3]
_PATIENCE = 120.0  # seconds, of what takes one
_numbers = itertools.count()
Request = dict[str, Any]


class Server:
    """A process that forks a child for each job."""

    def __init__(self) -> None:
        code = "from tests.proof.interruptions.jobs import serve; serve()"
        command = [sys.executable, "-c", code]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._answers: queue.Queue[dict[str, int]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(json.loads(line))

    def start(self, request: Request) -> int:
        """Start a job; return its process."""
        assert self._process.stdin is not None
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return self._answers.get(timeout=_PATIENCE)["started"]

    def end(self, seconds: float = _PATIENCE) -> int | None:
        """Return the code of the job's process; None while it runs after so many seconds."""
        try:
            return self._answers.get(timeout=seconds)["ended"]
        except queue.Empty:
            return None

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(_PATIENCE)


@dataclass
class Known:
    """A job's states: of the older array, and of the newer one in its place."""

    old: State
    new: State
    seconds: float

    def find(self, found: State, *, older: bool, killed: bool) -> str:
        """Return which state it is; "" where it is none that may be."""
        if found == self.new:
            return "new"
        if found == (self.old if older else {}):
            return "old"
        # two names of one pyramid can't change at once: one that was killed may lack one of them
        between = [{k: v for k, v in each.items() if k != "x.dzi"} for each in (self.old, self.new)]
        return "between" if killed and "x.dzi" in self.new and found in between else ""


class Trials:
    """Trials in a folder, repeatable but for the moments at which signals come."""

    def __init__(self, home: Path, seed: int = 0, side: int = 1200) -> None:
        os.environ[jobs.SIDE] = str(side)
        self.home, self.chance = home, random.Random(seed)
        self.log = home / "log.txt"
        self.server = Server()
        self._known: dict[str, Known] = {}
        jobs.write_inputs(home)

    def close(self) -> None:
        """End the processes."""
        self.server.close()

    def request(self, job: str, version: str, folder: Path, **more: Any) -> Request:
        """Return what a server is asked for, with a mark of its own."""
        own = folder.with_name(f"{folder.name}-temporary")
        own.mkdir(exist_ok=True)
        folders = {"folder": str(folder), "temporary": str(own), "log": str(self.log)}
        mark = f"{os.getpid()}-{next(_numbers)}"
        return {"job": job, "version": version, "mark": mark, **folders, **more}

    def run(self, job: str, version: str, folder: Path, **more: Any) -> int:
        """Run a job to its end; return its code."""
        self.server.start(self.request(job, version, folder, **more))
        code = self.server.end()
        assert code is not None, f"{job} does not end"
        return code

    def template(self, job: str) -> Path:
        """Return a folder as the older array leaves it."""
        return self.home / f"template-{job.replace(' ', '-')}"

    def known(self, job: str) -> Known:
        """Return the states of a job, which is done once for each."""
        if job not in self._known:
            folder = self.template(job)
            folder.mkdir()
            assert self.run(job, "old", folder) == 0, self.fault(job)
            new = folder.with_name(f"{folder.name}-new")
            shutil.copytree(folder, new, symlinks=True)
            start = time.monotonic()
            assert self.run(job, "new", new) == 0, self.fault(job)
            seconds = time.monotonic() - start
            assert not temporary(folder), temporary(folder)
            assert not temporary(new), temporary(new)
            self._known[job] = Known(state_of(folder), state_of(new), seconds)
            assert self._known[job].old != self._known[job].new
        return self._known[job]

    def folder(self, job: str, *, older: bool) -> Path:
        """Return a new folder, with or without what the older array leaves."""
        folder = self.home / f"trial-{next(_numbers)}"
        if older:
            shutil.copytree(self.template(job), folder)
        else:
            folder.mkdir()
        return folder

    def fault(self, *what: object) -> str:
        """Return what reproduces a fault, with the last lines of the log."""
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        return f"{' '.join(map(str, what))}:\n" + "\n".join(lines[-12:])

    def interrupt(self, job: str, number: int, *, older: bool = True) -> str:
        """Send a job a signal at a random moment; return which state it left."""
        known = self.known(job)
        delay = self.chance.uniform(0, known.seconds * 1.05)
        folder = self.folder(job, older=older)
        request = self.request(job, "new", folder)
        _, code = self._signalled(request, delay, lambda child: send(child, number))
        name = signal.Signals(number).name
        what = job, name, f"after {delay:.4f} s", f"older={older}", folder, f"code {code}"
        tidy = number == signal.SIGINT or job.startswith("command ")
        return self._check(request, known, what, older=older, killed=not tidy or number == 9)

    def kill_encoder(self, job: str) -> str:
        """Kill the ffmpeg of a job at a random moment; return which state it left."""
        known = self.known(job)
        delay = self.chance.uniform(0, known.seconds)
        folder = self.folder(job, older=True)
        request = self.request(job, "new", folder)

        def kill(_: int) -> None:
            for process, command in find_marked(request["mark"]).items():
                if "rawvideo" in command:  # not one that is asked what it is
                    send(process, signal.SIGKILL)

        _, code = self._signalled(request, delay, kill)
        what = job, "ffmpeg killed", f"after {delay:.4f} s", folder, f"code {code}"
        refused = jobs.FAILED, 2  # of the command line
        assert code == 0 or code in refused, self.fault(*what)
        return self._check(request, known, what, older=True, killed=False)

    def fill(self, job: str, kind: str) -> str:
        """Do a job where files can't be so large, or on a full disk; return which state it left."""
        known = self.known(job)
        sizes = [path.stat().st_size for path in self._files(f"{self.template(job)}-new")]
        own = sum(-(-path.stat().st_size // 4096) + 1 for path in self._files(self.template(job)))
        folder = self.folder(job, older=kind != "disk")
        if kind == "disk":
            pages = own + self.chance.randrange(4, 2 * own)
            more = {"disk": pages * 4096, "template": str(self.template(job))}
            more["allowed"] = [known.old, known.new]
        else:
            more = {"largest": self.chance.randrange(1, int(max(sizes) * 1.1))}
        request = self.request(job, "new", folder, **more)
        self.server.start(request)
        code = self.server.end()
        what = job, kind, more.get("largest", more.get("disk")), folder, f"code {code}"
        if code == jobs.IMPOSSIBLE:
            return "impossible"
        assert code in (0, 2, jobs.FAILED), self.fault(*what)
        if kind == "disk":  # whose child has looked itself
            self.clear(folder)
            return "new" if code == 0 else "old"
        state = self._check(request, known, what, older=True, killed=False)
        assert (code == 0) == (state == "new"), self.fault(*what)
        return state

    def fail_power(self, job: str, every: float, most: int = 1 << 30) -> tuple[int, int]:
        """Return at how many steps of a job the power failed, and from how many it was gone on.

        The latter are ``most``, any of all.
        """
        known, folder = self.known(job), self.folder(job, older=True)
        copies = folder.with_name(f"{folder.name}-copies")
        copies.mkdir()
        seed = self.chance.randrange(1 << 30)
        more = {"copies": str(copies), "seed": seed, "every": every}
        assert self.run(job, "new", folder, **more) == 0, self.fault(job, more)
        found = sorted(copies.iterdir())
        assert len(found) > 2, self.fault(job, more)
        gone_on = 0
        taken = set(self.chance.sample(found, min(most, len(found))))
        for number, copy in enumerate(found):
            what = job, more, f"step {number} of {len(found)}", copy
            state = known.find(state_of(copy), older=True, killed=True)
            assert state, self.fault(*what, state_of(copy))
            if copy in taken and temporary(copy):
                grow_old(copy)
                assert self.run(job, "new", copy, boot=1) == 0, self.fault(*what)
                assert state_of(copy) == known.new, self.fault(*what)
                assert not temporary(copy), self.fault(*what, temporary(copy))
                gone_on += 1
        self.clear(folder)
        for copy in found:
            self.clear(copy)
        copies.rmdir()
        return len(found), gone_on

    def _files(self, folder: Path | str) -> list[Path]:
        return [path for path in Path(folder).rglob("*") if path.is_file()]

    def _signalled(
        self, request: Request, delay: float, act: Callable[[int], object]
    ) -> tuple[int, int]:
        child = self.server.start(request)
        code = self.server.end(delay)
        if code is None:
            act(child)
            code = self.server.end()
        assert code is not None, self.fault(request, "does not end")
        return child, code

    def _check(
        self, request: Request, known: Known, what: Any, *, older: bool, killed: bool
    ) -> str:
        """Check what is there, and that the same job done again leaves the newer one alone."""
        self.check_orphans(request["mark"], what)
        job, folder, own = request["job"], Path(request["folder"]), Path(request["temporary"])
        state = known.find(state_of(folder), older=older, killed=killed)
        assert state, self.fault(*what, state_of(folder))
        for name in (*temporary(folder), *(path.name for path in own.iterdir())):
            assert is_known_litter(name, killed=killed), self.fault(*what, name)
        for each in (folder, own):
            grow_old(each)
        code = self.run(job, "new", folder)
        again = self.fault(*what, "again", code, temporary(folder), [*own.iterdir()])
        assert code == 0, again
        assert state_of(folder) == known.new, again
        assert not temporary(folder), again
        assert not killed or job not in jobs.FILMS or not list(own.iterdir()), again
        self.clear(folder)
        return state

    def check_orphans(self, mark: str, what: Any) -> None:
        """Check that no process goes on."""
        end = time.monotonic() + _PATIENCE
        while left := find_marked(mark):
            assert time.monotonic() < end, self.fault(*what, left)
            time.sleep(0.01)

    def clear(self, folder: Path) -> None:
        """Remove a folder, and that of its temporary files."""
        for each in (folder, folder.with_name(f"{folder.name}-temporary")):
            shutil.rmtree(each, ignore_errors=True)


def send(process: int, number: int) -> None:
    """Send a process a signal, if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)
