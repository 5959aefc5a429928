"""The group "labels" of an OME-Zarr image, in which label images are written and listed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbimage.base import optional_imports as optional
from nbimage.base.disk.system import renames_apart
from nbimage.base.workers.threads import do_uninterrupted
from nbimage.pyramid.sources.ome_zarr.labels import read_ome
from nbimage.pyramid.sources.ome_zarr.opening import is_zarr


@contextlib.contextmanager
def listed_in_image(path: Any, version: str, labels: bool) -> Iterator[bool]:
    """List what is written to ``IMAGE/labels/NAME`` among an image's label images.

    The group is made where there is none, and goes again if the context fails. Yields whether the
    path is such a one: with others nothing is done.

    Raises
    ------
    ValueError
        For what holds no labels, and for an image of another version of zarr.
    """
    image = _find_image(path)
    if image is None:
        yield False
        return
    zarr, target = optional.import_zarr(), Path(path).expanduser()
    format_ = 2 if version == "0.4" else 3
    own = zarr.open_group(str(image), mode="r").metadata.zarr_format
    if own != format_:
        others = '"0.4"' if own == 2 else '"0.5" or "0.6"'
        raise ValueError(f"version must be {others} as {image} is, but got {version!r}")
    if not labels:
        raise ValueError(f"a label image of {image} must be of integers: give labels=True")
    group = target.parent
    is_new = not group.exists()
    if is_new:
        group.mkdir(exist_ok=True)
    try:
        yield True
    except BaseException:
        if is_new:  # and nobody else has written there meanwhile
            with contextlib.suppress(OSError):
                group.rmdir()
        raise
    with renames_apart(group):  # others may list theirs
        _list_label(zarr.open_group(str(group), mode="a", zarr_format=format_), version, target)


def _list_label(group: Any, version: str, target: Path) -> None:
    known = dict(read_ome(group))
    listed = known.get("labels")
    names = [*listed] if isinstance(listed, (list, tuple)) else []
    if target.name not in names:
        about = {**known, "labels": [*names, target.name]}
        old = group.metadata.zarr_format == 2
        attributes = about if old else {"ome": {"version": version, **about}}
        do_uninterrupted(lambda: group.update_attributes(attributes))


def _find_image(path: Any) -> Path | None:
    """Return the image among whose label images a path is; None for any other path."""
    try:
        folder = Path(path).expanduser().absolute()
    except RuntimeError:  # an unknown user, which is said elsewhere
        return None
    image = folder.parent.parent
    if folder.parent.name != "labels" or not is_zarr(image):
        return None
    zarr = optional.import_zarr()
    try:
        return image if "multiscales" in read_ome(zarr.open_group(str(image), mode="r")) else None
    except (OSError, KeyError, ValueError):
        return None
