"""Texts within files: what others write into them, and what this package writes itself."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import xarray as xr

from nbimage import Grid, View, open_pyramid, write_dzi, write_ome_zarr, write_tiff
from nbimage.cli.main import main
from tests.proof.payloads.texts import controls

Outputs = dict[str, Any]
PLANES = np.linspace(0, 900, 126).astype(np.uint16).reshape(2, 7, 9)


def _ome_tiff(folder: Path, text: str) -> Path:
    import tifffile

    channels = {"Name": [f"{text}1", f"{text}2"]}
    tifffile.imwrite(
        folder / "a.ome.tif", PLANES, ome=True, metadata={"axes": "CYX", "Channel": channels}
    )
    with tifffile.TiffFile(folder / "a.ome.tif") as file:
        ElementTree.fromstring(file.ome_metadata or "")  # signs that no XML has are in none
    return folder / "a.ome.tif"


def _imagej(folder: Path, text: str) -> Path:
    import tifffile

    if set("\r\n") & set(text):
        raise ValueError("each line of it is a key and its value")
    told = {"axes": "CYX", "Labels": [f"{text}1", f"{text}2"], "unit": text, "Info": text}
    tifffile.imwrite(folder / "a.tif", PLANES, imagej=True, metadata=told)
    return folder / "a.tif"


def _ome_zarr(folder: Path, text: str) -> Path:
    import zarr

    group = zarr.create_group(str(folder / "a.zarr"))
    group.create_array("0", data=PLANES)
    axes = [{"name": "c", "type": "channel"}]
    axes += [{"name": name, "type": "space", "unit": text} for name in "yx"]
    scale = [{"type": "scale", "scale": [1.0, 2.0, 2.0]}]
    levels = [{"path": "0", "coordinateTransformations": scale}]
    channels = [{"label": f"{text}{i}", "color": "FF0000", "active": True} for i in range(2)]
    image = {"name": text, "axes": axes, "datasets": levels}
    told = {"version": "0.5", "multiscales": [image], "omero": {"name": text, "channels": channels}}
    group.update_attributes({"ome": told})
    return folder / "a.zarr"


def _labelled(text: str) -> xr.Dataset:
    if set("[]") & set(text):
        raise ValueError("a unit is what stands in brackets")
    told = {"units": text, "long_name": f"{text} l"}
    steps = ("step", [0, 1], {"units": text, "long_name": text})
    data = xr.DataArray(PLANES, {"step": steps}, ("step", "y", "x"), attrs=told)
    return xr.Dataset({"a": data}, attrs={"title": text})


def _netcdf(folder: Path, text: str) -> Path:
    _labelled(text).to_netcdf(folder / "a.nc", engine="scipy")
    return folder / "a.nc"


def _store(folder: Path, text: str) -> Path:
    _labelled(text).to_zarr(str(folder / "a.zarr"), zarr_format=2)
    return folder / "a.zarr" / "a"


WRITERS: dict[str, Callable[[Path, str], Path]] = {
    "OME-TIFF": _ome_tiff,
    "ImageJ": _imagej,
    "OME-Zarr": _ome_zarr,
    "NetCDF": _netcdf,
    "zarr": _store,
}


def _info(path: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        main(["info", path])
    assert not controls(printed.getvalue().replace("\n", "")), printed.getvalue()
    return printed.getvalue()


def of_file(write: Callable[[Path, str], Path], text: str) -> Outputs:
    """Return what is shown of a file that somebody has written."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            path = str(write(Path(folder), text))
        except Exception:
            raise ValueError("no such file can be written") from None
        found: Outputs = {"text": _info(path)}
        with open_pyramid(path) as pyramid:
            found["text repr"] = repr(pyramid)
        with contextlib.closing(View(path)) as view:
            found["html"] = view.html
        found["html of a grid"] = Grid(path).html
        return {kind: shown.replace(folder, "/folder") for kind, shown in found.items()}


def _zarr_written(folder: Path, text: str) -> Outputs:
    path = folder / "b.zarr"
    write_ome_zarr(
        PLANES, path, channel_names=[text, "b"], axes="cyx", pixel_size=2, unit=text, progress=False
    )
    return {"json": (path / "zarr.json").read_text("utf-8")}


def _tiff_written(folder: Path, text: str) -> Outputs:
    import tifffile

    path = write_tiff(
        PLANES, folder / "b.ome.tif", channel_names=[text, "b"], axes="cyx", progress=False
    )
    with tifffile.TiffFile(path) as file:
        return {"svg": file.ome_metadata}


def _tiles_written(folder: Path, text: str) -> Outputs:
    write_dzi(PLANES[0], folder / "b", layout="iiif3", url=text, progress=False)
    return {"json": (folder / "b" / "info.json").read_text("utf-8")}


WRITTEN: dict[str, Callable[[Path, str], Outputs]] = {
    "OME-Zarr": _zarr_written,
    "OME-TIFF": _tiff_written,
    "IIIF": _tiles_written,
}


def of_written(write: Callable[[Path, str], Outputs], text: str) -> Outputs:
    """Return what is in a file that this package writes."""
    with tempfile.TemporaryDirectory() as folder:
        found = write(Path(folder), text)
    for kind, shown in found.items():
        if kind == "json":
            json.loads(shown)
    return found
