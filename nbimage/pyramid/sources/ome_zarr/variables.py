"""Which variables there are in a zarr folder, where a path names another one."""

from __future__ import annotations

from pathlib import Path

from nbimage.arrays.stores.cf_arrays import find_images, list_variables
from nbimage.arrays.stores.zarr_metadata import zarr_variables
from nbimage.base.disk.missing import describe_missing
from nbimage.base.optional_imports import import_zarr
from nbimage.pyramid.sources.ome_zarr.opening import is_zarr


def explain_lack(path: Path) -> str:
    """Return what is wrong with a path that is not there, and what is in the store around it."""
    around = next((parent for parent in path.parents if parent.exists()), None)
    plain = describe_missing(path)
    if around is None or not around.is_dir() or not is_zarr(around):
        return plain
    try:
        group = import_zarr().open(str(around.absolute()), mode="r")
        groups = [f"{name}/" for name in group.group_keys()]
        images = find_images(zarr_variables(dict(group.arrays())))
    except Exception:  # an array, a damaged store, no zarr: as for any other path
        return plain
    held = ", ".join(filter(None, [list_variables(images), *groups[:12]])) or "no images"
    return f"{around} must hold {path.relative_to(around).as_posix()!r}, but holds {held}"
