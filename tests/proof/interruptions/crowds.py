"""Several processes at once, as two machines would: with one target, and with one cache."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack, closing

import numpy as np
import tifffile

import nbimage
from tests.proof.interruptions import jobs
from tests.proof.interruptions.states import grow_old, is_known_litter, state_of, temporary
from tests.proof.interruptions.trials import Server, Trials, send

_SHARED = (
    "png",
    "dzi",
    "zarr",
    "szi",
    "dzi resumed",
    "zarr resumed",
    "tiff resumed",
    "google resumed",
)
_VERSIONS = ("old", "new", "other")


def meet(trials: Trials, times: int) -> None:
    """Let three processes write the same target, then read the same file by one cache."""
    large = jobs.image("new", 2500)
    np.save(trials.home / "large.npy", large)
    tifffile.imwrite(trials.home / "large.tif", large)  # without levels of its own
    with ExitStack() as stack:
        servers = [stack.enter_context(closing(Server())) for _ in _VERSIONS]
        for number in range(times):
            write_together(trials, servers, _SHARED[number % len(_SHARED)])
            read_together(trials, servers)


def write_together(trials: Trials, servers: list[Server], job: str) -> None:
    """Write three arrays to one target at once, and kill one of those who do.

    One of them is there then, whole. Who finds another at work that is to be gone on with is told.
    """
    allowed = []
    for version in _VERSIONS:
        alone = trials.home / f"alone-{job.replace(' ', '-')}-{version}"
        if not alone.exists():
            alone.mkdir()
            assert trials.run(job, version, alone) == 0, trials.fault(job, version)
        allowed.append(state_of(alone))
    folder = trials.folder(job, older=False)
    requests = [trials.request(job, version, folder) for version in _VERSIONS]
    children = [server.start(one) for server, one in zip(servers, requests, strict=True)]
    killed = trials.chance.randrange(3)
    code = servers[killed].end(trials.chance.uniform(0, 2 * trials.known(job).seconds))
    if code is None:
        send(children[killed], signal.SIGKILL)
    codes = [
        code if at == killed and code is not None else server.end()
        for at, server in enumerate(servers)
    ]
    what = job, folder, codes, killed
    found = state_of(folder)
    assert all(one in (0, jobs.FAILED, -signal.SIGKILL) for one in codes), trials.fault(*what)
    assert "resumed" in job or jobs.FAILED not in codes, trials.fault(*what)
    assert found in allowed or (0 not in codes and not found), trials.fault(*what, found)
    for name in temporary(folder):
        assert is_known_litter(name, killed=True), trials.fault(*what, name)
    grow_old(folder)
    assert trials.run(job, "new", folder) == 0, trials.fault(*what)
    assert state_of(folder) == allowed[1], trials.fault(*what)
    assert not temporary(folder), trials.fault(*what, temporary(folder))
    trials.clear(folder)


def read_together(trials: Trials, servers: list[Server]) -> None:
    """Read a file that needs a cache of levels three times at once; kill one, and read again."""
    folder = trials.home / "read"
    folder.mkdir(exist_ok=True)
    cache = trials.home / "cache"
    requests = [trials.request("levels", "large", folder, cache=str(cache)) for _ in servers]
    children = [server.start(one) for server, one in zip(servers, requests, strict=True)]
    code = servers[0].end(trials.chance.uniform(0, 1))
    if code is None:
        send(children[0], signal.SIGKILL)
        servers[0].end()
    codes = [server.end() for server in servers[1:]]
    codes.append(trials.run("levels", "large", folder, cache=str(cache)))
    assert codes == [0, 0, 0], trials.fault("levels", codes, json.dumps(requests))
    found = {path.read_bytes() for path in folder.glob("*.bin")}
    assert len(found) == 1, trials.fault("levels", len(found))
    with nbimage.open_pyramid(trials.home / "large.npy", cache=False) as pyramid:
        plain = np.ascontiguousarray(pyramid.read(len(pyramid.shapes) - 3))
    assert found == {plain.tobytes()}, trials.fault("levels")
    entries = [path.name for path in (cache / "levels").iterdir()]
    assert sum(name.endswith(".levels") for name in entries) == 1, trials.fault(entries)
    trials.clear(folder)
    trials.clear(cache)
