"""What a file holds is never run: not a pickle, not a template; see SECURITY.md."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, Video, View, encode, open_pyramid, write_dzi
from tests.optional import zarr


class Trap:
    """Makes a folder where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("sprung",)


DOORS: dict[str, Callable[[Any], object]] = {
    "picture": Picture,
    "encode": encode,
    "grid": lambda source: Grid([source]),
    "video": Video,
    "view": View,
    "tiled view": lambda source: View(source, embed=False),
    "pyramid": lambda source: open_pyramid(source).read(0),
    "tiles": lambda source: write_dzi(source, "out.dzi", progress=False),
}


def in_zarr(path: Path, part: str) -> None:
    """Write an array whose chunks, or whose coordinates, zarr would unpickle."""
    trapped = {"filters": {"filters": [{"id": "pickle"}]}, "compressor": {"compressor": PICKLE}}
    plain: dict[str, Any] = {"zarr_format": 2, "compressor": None, "filters": None, "order": "C"}
    for name, shape in (("a", [4, 5]), ("y", [4])):
        folder = path / name
        folder.mkdir(parents=True)
        array = {**plain, "shape": shape, "chunks": shape, "dtype": "|u1", "fill_value": 0}
        trap = name == ("y" if part == "coordinates" else "a")
        more = trapped.get(part, trapped["filters"]) if trap else {}
        (folder / ".zarray").write_text(json.dumps({**array, **more}))
        axes = {"_ARRAY_DIMENSIONS": ["y", "x"] if name == "a" else [name]}
        (folder / ".zattrs").write_text(json.dumps(axes))
        chunk = pickle.dumps(Trap()) if trap else bytes(np.prod(shape))
        (folder / ".".join("0" * len(shape))).write_bytes(chunk)
    (path / ".zgroup").write_text('{"zarr_format": 2}')
    levels = {"multiscales": [{"version": "0.4", "datasets": [{"path": "a"}]}]}
    (path / ".zattrs").write_text(json.dumps(levels if part == "levels" else {}))


PICKLE = {"id": "pickle"}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("part", ["filters", "compressor", "coordinates", "levels", "in memory"])
def test_no_pickle_in_zarr_is_opened(
    part: str, door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    in_zarr(tmp_path / "in.zarr", part)
    source: Any = "in.zarr" if part == "levels" else "in.zarr/a"
    try:
        source = zarr.open("in.zarr/a", mode="r") if part == "in memory" else source
    except ValueError:  # newer ones open none
        return
    if part == "coordinates":  # newer ones find none there
        with contextlib.suppress(ValueError):
            DOORS[door](source)
    else:
        with pytest.raises(ValueError, match=r"pickle") as caught:
            DOORS[door](source)
        assert "\n" not in str(caught.value)
    assert not Path("sprung").exists()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", ["in.npy", "in.npz"])
def test_no_pickle_in_numpys_files_is_opened(
    name: str, door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    trap = np.array([[Trap()]], object)
    np.save("in.npy", trap, allow_pickle=True)
    np.savez("in.npz", a=trap)
    with pytest.raises((ValueError, TypeError), match=name) as caught:
        DOORS[door](name)
    assert "\n" not in str(caught.value)
    assert not Path("sprung").exists()
