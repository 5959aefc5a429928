"""Writing is interrupted: by signals, full disks, killed processes, and by power that fails.

    python -m tests.proof interruptions

Each trial is a job of `jobs`, in a folder with or without what an older array has left. Whatever
comes, there is the older file or the newer one, whole; nothing temporary but what is to be gone on
with, or what a process that was killed outright could not remove, which goes a day later; and no
process goes on. Then the same job, done again, leaves what it would have left at first.
"""

from __future__ import annotations

import signal
import tempfile
from collections import Counter
from pathlib import Path

from tests.proof.interruptions import crowds, jobs
from tests.proof.interruptions.trials import Trials

CLAIM = (
    "Whatever interrupts writing, the older file is intact or the newer one whole; `resume` "
    "completes to the same bytes, and nothing is left behind"
)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_RESUMED = tuple(name for name in jobs.JOBS if name.endswith("resumed"))
_INTERRUPTED, _ENCODERS, _FULL, _CROWDS = 500, 200, 120, 20
_STEPS = 0.02  # of those of a job after which the power fails, beside those that replace a target


def interrupt(trials: Trials, number: int) -> str:
    """Interrupt one of all jobs by a signal."""
    names = list(jobs.JOBS)
    job = names[number % len(names)]
    own = (signal.SIGHUP,) if job.startswith("command ") else ()
    older = job == "label" or trials.chance.random() < 0.7  # which is within an image
    return trials.interrupt(job, trials.chance.choice((*_SIGNALS, *own)), older=older)


def prove() -> str:
    """Interrupt all jobs; return what came of it in figures."""
    with tempfile.TemporaryDirectory(prefix="nbimage-proof-") as folder:
        trials = Trials(Path(folder))
        try:
            left = Counter(interrupt(trials, number) for number in range(_INTERRUPTED))
            films = Counter(_interrupt_film(trials, number) for number in range(_ENCODERS))
            names = list(jobs.JOBS)
            full = Counter(
                trials.fill(names[number // 2 % len(names)], ("size", "disk")[number % 2])
                for number in range(_FULL)
            )
            powers = [
                trials.fail_power(job, _STEPS, 60) for job in ("png", "mp4", "dzi", *_RESUMED)
            ]
            crowds.meet(trials, _CROWDS)
        finally:
            trials.close()
    steps, gone_on = (sum(numbers) for numbers in zip(*powers, strict=True))
    return (
        f"{_INTERRUPTED} saves and pyramids of {len(jobs.JOBS)} kinds by a signal: "
        f"{_tell(left)}; {_ENCODERS} encodes of videos, ffmpeg or its parent killed: "
        f"{_tell(films)}; {_FULL} on full disks: {_tell(full)}; {steps} failures of power, "
        f"{gone_on} of them gone on from; {_CROWDS} crowds of three processes with one target and "
        "one cache, one of them killed"
    )


def _interrupt_film(trials: Trials, number: int) -> str:
    job = jobs.FILMS[number // 2 % len(jobs.FILMS)]
    if number % 2:
        return trials.kill_encoder(job)
    return trials.interrupt(job, trials.chance.choice(_SIGNALS))


def _tell(found: Counter[str]) -> str:
    words = {"old": "older", "new": "newer", "between": "with one of two names"}
    return ", ".join(f"{count:,} {words.get(name, name)}" for name, count in sorted(found.items()))
