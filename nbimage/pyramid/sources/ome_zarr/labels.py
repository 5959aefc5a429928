"""Label images of OME-Zarr: which there are beside an image, their colors and properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.metadata import LabelTable
from nbimage.base import optional_imports as optional

_DEPTH = 4  # groups between a label image and the group "labels"


def read_ome(group: Any) -> Mapping[str, Any]:
    """Return what a group says of itself by OME-Zarr: since 0.5 in a namespace of its own."""
    attributes = dict(group.attrs)
    ome = attributes.get("ome", attributes)
    return ome if isinstance(ome, Mapping) else {}


def find_label_images(group: Any) -> tuple[str, ...]:
    """Return the paths of an image's label images within it, such as "labels/cells"."""
    try:
        labels = group.get("labels")
    except (OSError, KeyError, ValueError):
        return ()
    if labels is None or hasattr(labels, "shape"):
        return ()
    return tuple(f"labels/{name}" for name in _listed(labels))


def _listed(labels: Any) -> list[str]:
    names = read_ome(labels).get("labels")
    if not isinstance(names, (list, tuple)):
        return []
    plain = [str(name).strip("/") for name in names]
    return [name for name in plain if name and ".." not in name.split("/")]


def is_label(path: str, group: Any, ome: Mapping[str, Any], dtype: Any) -> bool:
    """Say whether an image is one of labels: as it says, or the group that it is in."""
    if "image-label" in ome:
        return True
    if np.dtype(dtype).kind not in "biu":
        return False
    return any(name in _listed(labels) for labels, name in _groups_of_labels(path, group))


def _groups_of_labels(path: str, group: Any) -> Iterator[tuple[Any, str]]:
    """Yield groups named "labels" that a group is in, and its path in each."""
    zarr, inner = optional.import_zarr(), Path("/", group.path)
    for parent in list(inner.parents)[:_DEPTH]:
        if parent.name == "labels":
            within = parent.relative_to("/").as_posix()
            found = _open(zarr, group.store, within)
            if found is not None:
                yield found, inner.relative_to(parent).as_posix()
    folder = Path(path).absolute()
    if group.path or not folder.is_dir():
        return
    for parent in list(folder.parents)[:_DEPTH]:
        if parent.name == "labels":
            found = _open(zarr, str(parent), "")
            if found is not None:
                yield found, folder.relative_to(parent).as_posix()


def _open(zarr: Any, store: Any, path: str) -> Any:
    try:
        return zarr.open_group(store, path=path, mode="r")
    except (OSError, KeyError, ValueError):
        return None


def read_label_table(ome: Mapping[str, Any]) -> LabelTable | None:
    """Return what ``image-label`` says of single labels; None where it says nothing."""
    about = ome.get("image-label")
    if not isinstance(about, Mapping):
        return None
    colors: dict[int, tuple[int, int, int, int]] = {}
    for value, one in _by_label(about.get("colors")):
        rgba = one.get("rgba")
        if isinstance(rgba, (list, tuple)) and len(rgba) == 4 and all(map(_is_byte, rgba)):
            red, green, blue, alpha = rgba
            colors[value] = red, green, blue, alpha
    properties: dict[int, dict[str, Any]] = {}
    for value, one in _by_label(about.get("properties")):
        own = {str(key): item for key, item in one.items() if key != "label-value"}
        properties[value] = properties.get(value, {}) | own
    return LabelTable(colors, properties) if colors or properties else None


def _by_label(given: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for one in given if isinstance(given, (list, tuple)) else ():
        value = one.get("label-value") if isinstance(one, Mapping) else None
        if isinstance(value, (int, float)) and value == value // 1:
            yield int(value), one


def _is_byte(number: Any) -> bool:
    return isinstance(number, int) and 0 <= number <= 255
