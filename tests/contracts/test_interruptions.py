"""What interrupts writing costs neither the older file nor the newer one, and leaves nothing.

A few of the trials of `tests/proof/interruptions`, which tries all kinds of files at length.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing

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
