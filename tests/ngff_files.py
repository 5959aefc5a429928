"""OME-Zarr as others write it, made with zarr alone: images, plates, labels, zip files."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.optional import zarr

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(15)


def samples(*shape: int, dtype: str = "uint16") -> Array:
    return RANDOM.integers(0, 200, shape).astype(dtype)


def set_ome(group: Any, version: str, **about: Any) -> None:
    """Describe a group in the way of a version of the specification."""
    plain = group.metadata.zarr_format == 2
    group.update_attributes(about if plain else {"ome": {"version": version, **about}})


def make_group(store: Any, version: str = "0.5", path: str = "") -> Any:
    return zarr.create_group(store, path=path, zarr_format=2 if version == "0.4" else 3)


def write_image(
    store: Any, data: Array, axes: str, version: str = "0.5", path: str = "", **about: Any
) -> Any:
    """Write an image of two levels, the second of every other sample."""
    group = make_group(store, version, path)
    halves = tuple(slice(None, None, 2 if axis in "yx" else 1) for axis in axes)
    datasets = []
    for level, part in enumerate((data, data[halves])):
        # 0.4 with "/" between the numbers of a chunk
        options: Any = {"chunk_key_encoding": {"name": "v2", "separator": "/"}}
        group.create_array(
            str(level), data=part, **(options if group.metadata.zarr_format == 2 else {})
        )
        scale = [2.0**level if axis in "yx" else 1.0 for axis in axes]
        transform = {"type": "scale", "scale": scale}
        datasets.append({"path": str(level), "coordinateTransformations": [transform]})
    kinds = {"t": "time", "c": "channel"}
    named = [{"name": axis, "type": kinds.get(axis, "space")} for axis in axes]
    image = {"version": version, "name": "image", "axes": named, "datasets": datasets}
    set_ome(group, version, multiscales=[image], **about)
    return group


def write_plate(
    store: Any,
    wells: Mapping[str, Mapping[str, Array]],
    rows: str = "ABC",
    columns: tuple[str, ...] = ("01", "02"),
    axes: str = "yx",
    version: str = "0.5",
) -> Any:
    """Write a plate: of each well, such as "B/02", its fields by their names."""
    group = make_group(store, version)
    listed = [
        {"path": p, "rowIndex": rows.index(p[0]), "columnIndex": columns.index(p[2:])}
        for p in wells
    ]
    about = {
        "rows": [{"name": name} for name in rows],
        "columns": [{"name": name} for name in columns],
        "wells": listed,
        "version": version,
    }
    set_ome(group, version, plate=about)
    for path, fields in wells.items():
        well = make_group(store, version, path)
        images = [{"path": name} for name in fields]
        set_ome(well, version, well={"images": images, "version": version})
        for name, data in fields.items():
            write_image(store, data, axes, version, f"{path}/{name}")
    return group


def write_labels(
    store: Any, names: tuple[str, ...], data: Array, version: str = "0.5", **about: Any
) -> None:
    """Write label images beside an image; what ``image-label`` holds is in ``about``."""
    labels = make_group(store, version, "labels")
    set_ome(labels, version, labels=list(names))
    for name in names:
        write_image(store, data, "yx", version, f"labels/{name}", **about)


def zip_folder(folder: Path, target: Path, within: str = "", **options: Any) -> Path:
    """Write a zip file of a folder, below the folder ``within``."""
    with zipfile.ZipFile(target, "w", **options) as file:
        for root, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                path = Path(root, name)
                file.write(path, within + path.relative_to(folder).as_posix())
    return target
