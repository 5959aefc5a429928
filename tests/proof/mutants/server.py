"""A process that has imported what tests do, and forks for each run of some of them.

What is changed is imported anew by each child. `Server` starts one, and asks it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
QUIET = (
    *("-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-W", "ignore"),
    *("--hypothesis-profile", "check"),
)
HUNG = -1
"""What is returned for tests that don't end."""
_PRELOADED = (
    *("hypothesis.extra.numpy", "PIL.Image", "PIL.ImageCms", "pandas", "xarray", "dask.array"),
    *("zarr", "tifffile", "imagecodecs", "scipy.ndimage", "matplotlib.pyplot", "IPython.display"),
    *("astropy.io.fits", "h5py", "netCDF4", "pydicom", "rasterio", "xml.etree.ElementTree"),
)


class Server:
    """Runs tests in trees, one run at a time."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # of packages that no test asks
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from tests.proof.mutants.server import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=ROOT,
            text=True,
        )

    def run(self, tests: list[str], tree: Path, limit: float, *, keep: bool = False) -> int:
        """Return pytest's code for tests in a tree; `HUNG` for those that last too long.

        ``keep``: what is imported is compiled for later runs.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"tests": tests, "tree": str(tree), "limit": limit, "keep": keep}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def serve() -> None:
    """Fork for each line that is read; print the code of each child."""
    for name in _PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    own = [name for name in sys.modules if name.partition(".")[0] in ("nbimage", "tests")]
    for name in own:
        del sys.modules[name]  # a child has those of its tree
    answers = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            os.setsid()
            for number in (0, 1, 2):
                os.dup2(nowhere, number)
            os._exit(_test(asked))
        print(_wait(child, asked["limit"]), file=answers, flush=True)


def _test(asked: dict[str, object]) -> int:
    tree = str(asked["tree"])
    os.chdir(tree)
    sys.path[:] = [tree, *(one for one in sys.path if one not in ("", str(ROOT), tree))]
    os.environ["PYTHONPATH"] = tree
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = not asked["keep"]
    tests = asked["tests"]
    assert isinstance(tests, list)
    return int(pytest.main(["-x", *QUIET, "-p", "_hypothesis_pytestplugin", *tests]))


def _wait(child: int, limit: float) -> int:
    """Return the code of a child; end all that it started where it lasts too long."""
    descriptor = os.pidfd_open(child)
    ended = select.select([descriptor], [], [], limit)[0]
    os.close(descriptor)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) if ended else HUNG
