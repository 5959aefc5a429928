"""Every sample file at every door: pixels, names, units, coordinates, limits, what is missing.

    python -m tests.proof doors

What a file holds is what whoever wrote it gave, or what another package reads of it; what is to be
shown is worked out with NumPy alone, as ``tests.kinds.doors`` has it.
"""

from __future__ import annotations

import os
import re
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.kinds import KINDS
from tests.kinds.doors import DOORS as FIRST
from tests.proof.doors import described, further, pictures, sciences, tiffs
from tests.proof.doors.sample import Make

CLAIM = "Every kind of file is the same at every door: pixels, names, units, coordinates, limits"
DOORS = {**FIRST, **further.DOORS}
ASIDE = (
    # of an animation one picture is the first frame
    (r": (GIF|APNG|WebP), frames", r"(?!grid|video|film|view|page|server|folder)"),
    # on a disk alone: a folder that is to be listed, and files that lie beside
    (r"series|Google|world file|beside it|a pair|store of zarr", r"address"),
    # along the first axis of an array without names, for which videos have frames
    (r"zarr \d, (bands first|colors)|npy, (colors|alpha|planes of colors)", r"video|film"),
    # gray and alpha are no frames of a video
    (r"gray and alpha", r"video|film"),
)
"""Files and doors of which docs/formats.md says that they are not alike."""


def all_files() -> Iterator[tuple[str, Make]]:
    """Yield every sample file, by a name."""
    for kind in KINDS.values():
        yield kind.name, kind.make
    families = {"TIFF": tiffs, "picture": pictures, "data": sciences, "described": described}
    for family, module in families.items():
        for name, make in module.files():
            yield f"{family}: {name}", make


def is_aside(name: str, door: str) -> bool:
    """Say whether a file is not the same at a door as elsewhere."""
    return any(re.search(file, name) and re.match(doors, door) for file, doors in ASIDE)


def check(name: str, make: Make, door: str) -> None:
    """Open a file at a door."""
    with tempfile.TemporaryDirectory() as folder:
        path, content = make(Path(folder))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            DOORS[door](path, content, Path(folder))


def run(
    files: Mapping[str, Make], names: list[str], report: Callable[[str], object] | None = None
) -> Counter[str]:
    """Try files at doors; raise at the first fault, or report each of them."""
    tried: Counter[str] = Counter()
    for name, make in files.items():
        for door in names:
            if is_aside(name, door):
                continue
            tried[door] += 1
            try:
                check(name, make, door)
            except Exception as error:
                text = f"{name}, {door}: {type(error).__name__}: {error!s:.400}"
                if report is None:
                    raise AssertionError(text) from error
                report(text)
    return tried


def prove() -> str:
    """Try every file at every door; return how many."""
    files = dict(all_files())
    with tempfile.TemporaryDirectory() as cache:
        before = os.environ.get("NBIMAGE_CACHE")
        os.environ["NBIMAGE_CACHE"] = cache
        try:
            tried = run(files, list(DOORS))
        finally:
            if before is None:
                del os.environ["NBIMAGE_CACHE"]
            else:
                os.environ["NBIMAGE_CACHE"] = before
    return f"{len(files):,} files at {len(DOORS)} doors: {sum(tried.values()):,} times opened"
