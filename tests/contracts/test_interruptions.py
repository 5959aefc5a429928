"""What interrupts writing costs neither the older file nor the newer one, and leaves nothing.

A few of the trials of `tests/proof/interruptions`, which tries all kinds of files at length.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.proof.interruptions import crowds
from tests.proof.interruptions.trials import Server, Trials

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    with closing(Trials(tmp_path_factory.mktemp("trials"), side=300)) as found:
        yield found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("job", ["mp4", "command tiff", "dzi resumed"])
def test_a_signal_at_any_moment_leaves_the_older_file_or_the_newer_one(
    trials: Trials, job: str, number: int
) -> None:
    trials.interrupt(job, number)


def test_a_killed_ffmpeg_leaves_the_older_file_or_the_newer_one(trials: Trials) -> None:
    trials.kill_encoder("mp4")


@pytest.mark.parametrize("job", ["png", "iiif", "dzi resumed"])
@pytest.mark.parametrize("kind", ["size", "disk"])
def test_a_full_disk_leaves_the_older_file_or_the_newer_one(
    trials: Trials, job: str, kind: str
) -> None:
    if trials.fill(job, kind) == "impossible":
        pytest.skip("mounting a small file system is not permitted; the size limit stands for it")


@pytest.mark.parametrize("job", ["png", "dzi resumed"])
def test_a_failure_of_power_leaves_what_can_be_gone_on_from(trials: Trials, job: str) -> None:
    trials.fail_power(job, 0.01, 5)


def test_processes_that_write_one_file_at_once_leave_one_of_theirs(trials: Trials) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(closing(Server())) for _ in range(3)]
        crowds.write_together(trials, servers, "dzi")


STARTED = """
import os, signal, subprocess, sys
import numpy as np
import nbimage

started, start = [], subprocess.Popen.__init__

def start_and_interrupt(process, command, *given, **options):
    start(process, command, *given, **options)
    if "rawvideo" in command:
        started.append(process)
        signal.raise_signal(signal.SIGINT)

nbimage.Video(np.zeros((2, 16, 16), np.uint8), progress=False)  # all is imported, and asked for
subprocess.Popen.__init__ = start_and_interrupt
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    nbimage.Video(np.zeros((9, 16, 16), np.uint8), progress=False)
except KeyboardInterrupt:
    print(len(started), started[0].poll() is not None, os.listdir(sys.argv[1]))
"""


def test_an_interrupt_while_ffmpeg_starts_leaves_neither_it_nor_its_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTED, str(tmp_path)]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "1 True []\n", done.stderr
