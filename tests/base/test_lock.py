"""A lock keeps processes apart, and is free again however its process ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nbimage.base.lock import acquire_lock

HOLD = """
import sys
from pathlib import Path
from nbimage.base.lock import acquire_lock
lock = acquire_lock(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.readline()
lock.release()
print("released", flush=True)
sys.stdin.readline()
"""
TRY = """
import sys
from pathlib import Path
from nbimage.base.lock import acquire_lock
try:
    acquire_lock(Path(sys.argv[1]))
except BlockingIOError as error:
    print(error)
else:
    print("locked")
"""


def attempt(path: Path) -> str:
    """What another process says that tries to lock a file."""
    command = [sys.executable, "-c", TRY, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("end", ["released", "killed"])
def test_two_processes_exclude_each_other(tmp_path: Path, end: str) -> None:
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline() == "locked\n"
            with pytest.raises(BlockingIOError, match="locked by another process"):
                acquire_lock(path)
            assert attempt(path) == f"{path} is locked by another process: wait for it"
            if end == "released":
                holder.stdin.write("\n")
                holder.stdin.flush()
                assert holder.stdout.readline() == "released\n"
            else:
                holder.kill()
                holder.wait()
            with acquire_lock(path):
                assert "another process" in attempt(path)
            assert attempt(path) == "locked"
        finally:
            holder.kill()


def test_two_parts_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    with acquire_lock(tmp_path / "lock"):
        with pytest.raises(BlockingIOError, match="wait for it"):
            acquire_lock(tmp_path / "lock")
        acquire_lock(tmp_path / "other").release()
    acquire_lock(tmp_path / "lock").release()


def test_the_package_of_locks_is_imported_only_when_one_is_needed() -> None:
    module = "nbimage.pyramid.writers.deepzoom.write"
    code = f"import sys, nbimage, {module}; print('filelock' in sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
