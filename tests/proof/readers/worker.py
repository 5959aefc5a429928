"""A process that tries changed files of one format until its time is over: that of processors.

    python -m tests.proof.readers.worker PNG 60
    python -m tests.proof.readers.worker PNG --only 1234 --keep /tmp/found

It writes a line of JSON before each trial and one after it: what starts it (`watch`) knows so which
one a crash, or an end that does not come, belongs to.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from tests.proof.readers import trial
from tests.proof.readers.bombs import find_bombs
from tests.proof.readers.others import OTHERS
from tests.proof.readers.seeds import FORMATS, find_seeds

_LIMIT = 6 << 30  # bytes of data beyond which the system gives no more: well above trial.MEMORY
_BOMBED = ("parts", "Picture", "tiles")
"""The doors at which each of the files is tried that are far larger than they look."""


def make_trial(form: str) -> Callable[[int, Path], tuple[str, str]]:
    """Return what tries a number: it returns what is tried, and the line of an error or ""."""
    if form in OTHERS:
        other = OTHERS[form]()
        return lambda number, folder: (form, other(Random(f"{form} {number}"), folder))
    seeds, bombs = find_seeds(form), find_bombs(form)

    def act(number: int, folder: Path) -> tuple[str, str]:
        random = Random(f"{form} {number}")
        if number < len(_BOMBED) * len(bombs):
            name, files, opened = bombs[number // len(_BOMBED)]
            door = _BOMBED[number % len(_BOMBED)]
        else:
            seed = random.choice(seeds)
            name, opened = seed.name, seed.opened
            files = trial.change(seed, random)
            door = trial.pick_door(form, random)
        trial.write(files, folder)
        what = f"{name} at {door}"
        try:
            within = opened.partition("[")[0].partition("/")[0]
            return what, trial.judge(door, str(folder / opened), within)
        except trial.FaultError as fault:
            fault.args = (f"{what}: {fault}",)
            raise

    return act


def _limit() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (_LIMIT, _LIMIT))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _seconds() -> float:
    """Return what this process and its children took of the processors, until now."""
    own = os.times()
    return own.user + own.system + own.children_user + own.children_system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("form", choices=[*FORMATS, *OTHERS])
    parser.add_argument("seconds", type=float, nargs="?", default=60.0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--count", type=int, default=10**9)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever libraries print
    _limit()
    faulthandler.register(signal.SIGUSR1)  # by which `watch` asks where it is

    def report(**found: Any) -> None:
        out.write(json.dumps(found) + "\n")
        out.flush()

    first = asked.first if asked.only is None else asked.only
    last = first + (asked.count if asked.only is None else 1)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["NBIMAGE_CACHE"] = str(Path(scratch) / "cache")
        act = make_trial(asked.form)
        begun = _seconds()
        for number in range(first, last):
            if _seconds() - begun > asked.seconds:
                break
            folder = Path(scratch) / "trial"
            folder.mkdir()
            report(number=number)
            start = _seconds()
            try:
                what, line = act(number, folder)
                report(number=number, what=what, line=line, seconds=_seconds() - start)
            except BaseException as fault:
                key, text = trial.explain(fault)
                costs = isinstance(fault, trial.CostError)
                took = _seconds() - start
                report(number=number, fault=str(fault), key=key, text=text, costs=costs, took=took)
                if asked.keep is not None:
                    shutil.copytree(folder, asked.keep / f"{asked.form}-{number}")
            shutil.rmtree(folder, ignore_errors=True)
        report(peak=trial.largest())
    out.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
