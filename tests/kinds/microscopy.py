"""OME-TIFF, ImageJ, OME-Zarr, labels, and slides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.kinds.by_others import by_libvips, by_ngff_zarr, by_ome_zarr_py, by_openslide
from tests.kinds.kind import COLORS, Array, Content, Kind, add, gradient

NAMES = "DAPI", "GFP"
HEX = "#0000ff", "#00ff00"
WINDOWS = ((100, 3000), (0, 3500))
_MICRONS: dict[str, Any] = {"rows": (0.125, 0.25), "columns": (0.25, 0.5), "unit": "µm"}


def ome_tiff(folder: Path) -> tuple[str, Content]:
    """Channels with names and colors."""
    import tifffile

    values = gradient(2, 24, 37)
    signed = [int(np.array(int(c[1:] + "ff", 16), np.uint32).view("i4")) for c in HEX]
    known = {
        "axes": "CYX",
        "PhysicalSizeX": 0.5,
        "PhysicalSizeY": 0.25,
        "Channel": {"Name": NAMES, "Color": signed},
    }
    tifffile.imwrite(
        folder / "a.ome.tif", values, ome=True, photometric="minisblack", metadata=known
    )
    return str(folder / "a.ome.tif"), Content(
        values, axes=("c",), channel_names=NAMES, channel_colors=HEX, **_MICRONS
    )


def ome_tiff_stack(folder: Path) -> tuple[str, Content]:
    """Five axes."""
    import tifffile

    values = gradient(2, 3, 2, 24, 37)
    known = {
        "axes": "TZCYX",
        "PhysicalSizeX": 0.5,
        "PhysicalSizeY": 0.25,
        "PhysicalSizeZ": 2.0,
        "Channel": {"Name": NAMES},
    }
    tifffile.imwrite(
        folder / "a.ome.tif", values, ome=True, photometric="minisblack", metadata=known
    )
    return str(folder / "a.ome.tif"), Content(
        values, axes=("t", "z", "c"), channel_names=NAMES, **_MICRONS
    )


def imagej(folder: Path) -> tuple[str, Content]:
    """A hyperstack of times and depths."""
    import tifffile

    values = gradient(2, 3, 24, 37)
    tifffile.imwrite(
        folder / "a.tif",
        values,
        imagej=True,
        resolution=(2, 4),
        metadata={"axes": "TZYX", "spacing": 2.0, "unit": "um"},
    )
    return str(folder / "a.tif"), Content(values, axes=("t", "z"), **_MICRONS)


def imagej_channels(folder: Path) -> tuple[str, Content]:
    """A composite in the colors and windows of ImageJ."""
    import tifffile

    values = gradient(2, 24, 37)
    ramp = np.arange(256, dtype=np.uint8)
    none = np.zeros(256, np.uint8)
    tifffile.imwrite(
        folder / "a.tif",
        values,
        imagej=True,
        resolution=(2, 4),
        metadata={
            "axes": "CYX",
            "mode": "composite",
            "unit": "um",
            "Ranges": (100.0, 3000.0, 0.0, 3500.0),
            "LUTs": [np.stack([none, none, ramp]), np.stack([none, ramp, none])],
        },
    )
    return str(folder / "a.tif"), Content(
        values,
        axes=("c",),
        composite=True,
        channel_colors=HEX,
        windows=WINDOWS,
        **_MICRONS,
    )


def ome_tiff_colors(folder: Path) -> tuple[str, Content]:
    """Red, green and blue."""
    import tifffile

    known = {"axes": "YXS", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.25}
    tifffile.imwrite(folder / "a.ome.tif", COLORS, ome=True, photometric="rgb", metadata=known)
    return str(folder / "a.ome.tif"), Content(COLORS, colors=True, **_MICRONS)


def _ome_zarr(
    path: Path, values: Array, axes: str, version: str, omero: bool = False, **more: Any
) -> str:
    """Write an OME-Zarr image by zarr alone, its pixels 0.25 by 0.5 µm, 2 µm in depth."""
    import zarr

    group = zarr.open_group(str(path), mode="w", zarr_format=2 if version == "0.4" else 3)
    options: dict[str, Any] = {} if version == "0.4" else {"dimension_names": tuple(axes)}
    array = group.create_array("0", shape=values.shape, dtype=values.dtype, **options)
    array[...] = values
    kinds = {"c": "channel", "t": "time"}
    known: list[dict[str, str]] = []
    for axis in axes:
        unit = {"unit": "micrometer"} if axis in "zyx" else {}
        known.append({"name": axis, "type": kinds.get(axis, "space"), **unit})
    steps = {"y": 0.25, "x": 0.5, "z": 2.0}
    scale = {"type": "scale", "scale": [steps.get(axis, 1.0) for axis in axes]}
    levels = [{"path": "0", "coordinateTransformations": [scale]}]
    image: dict[str, Any] = {"axes": known, "datasets": levels}
    attributes: dict[str, Any] = {"multiscales": [image], **more}
    if omero:
        attributes["omero"] = {
            "channels": [
                {
                    "label": name,
                    "color": color[1:],
                    "active": True,
                    "window": {"start": low, "end": high, "min": 0, "max": 65535},
                }
                for name, color, (low, high) in zip(NAMES, HEX, WINDOWS, strict=True)
            ]
        }
    if version == "0.6":
        system = {"name": "physical", "axes": image.pop("axes")}
        ends = {"input": {"path": "0"}, "output": {"name": "physical"}}
        image["coordinateSystems"] = [system]
        levels[0]["coordinateTransformations"] = [{**scale, **ends}]
    if version == "0.4":
        image["version"] = "0.4"
        group.attrs.update(attributes)
    else:
        group.attrs["ome"] = {"version": version, **attributes}
    return str(path)


_OMERO: dict[str, Any] = {"channel_names": NAMES, "channel_colors": HEX, "windows": WINDOWS}


def ome_zarr_4(folder: Path) -> tuple[str, Content]:
    """Version 0.4 with names, colors and windows of channels."""
    values = gradient(2, 24, 37)
    path = _ome_zarr(folder / "a.ome.zarr", values, "cyx", "0.4", omero=True)
    return path, Content(values, axes=("c",), **_OMERO, **_MICRONS)


def ome_zarr_5(folder: Path) -> tuple[str, Content]:
    """Version 0.5 with times, channels and depths."""
    values = gradient(2, 2, 3, 24, 37)
    path = _ome_zarr(folder / "a.ome.zarr", values, "tczyx", "0.5", omero=True)
    return path, Content(values, axes=("t", "c", "z"), **_OMERO, **_MICRONS)


def ome_zarr_6(folder: Path) -> tuple[str, Content]:
    """Version 0.6, whose levels lead to a coordinate system."""
    values = gradient(2, 3, 24, 37)
    path = _ome_zarr(folder / "a.ome.zarr", values, "czyx", "0.6", omero=True)
    return path, Content(values, axes=("c", "z"), **_OMERO, **_MICRONS)


def ozx(folder: Path) -> tuple[str, Content]:
    """Version 0.5 in one file."""
    import shutil

    path, content = ome_zarr_depth(folder)
    shutil.make_archive(path, "zip", path)
    (folder / "a.ome.zarr.zip").rename(folder / "a.ozx")
    return str(folder / "a.ozx"), content


def ome_zarr_depth(folder: Path) -> tuple[str, Content]:
    """A volume of one channel."""
    values = gradient(3, 24, 37)
    path = _ome_zarr(folder / "a.ome.zarr", values, "zyx", "0.5")
    return path, Content(values, axes=("z",), **_MICRONS)


def ome_zarr_colors(folder: Path) -> tuple[str, Content]:
    """Three channels of bytes that nothing describes: red, green and blue."""
    values = np.moveaxis(COLORS, -1, 0)
    path = _ome_zarr(folder / "a.ome.zarr", values, "cyx", "0.4")
    return path, Content(COLORS, colors=True, **_MICRONS)


def ome_zarr_four(folder: Path) -> tuple[str, Content]:
    """Four channels of bytes that nothing describes: none of them is alpha."""
    values = gradient(4, 24, 37, dtype="uint8", high=250)
    path = _ome_zarr(folder / "a.ome.zarr", values, "cyx", "0.5")
    return path, Content(values, axes=("c",), composite=True, **_MICRONS)


def labels(folder: Path) -> tuple[str, Content]:
    """Numbers of cells."""
    values = gradient(24, 37, dtype="int32", high=6)
    label = {"image-label": {"version": "0.4", "source": {"image": "../../"}}}
    path = _ome_zarr(folder / "cells", values, "yx", "0.4", **label)
    return path, Content(values, labels=True, **_MICRONS)


def field(folder: Path) -> tuple[str, Content]:
    """A field of a well of a plate."""
    values = gradient(2, 24, 37)
    path = _ome_zarr(folder / "plate.zarr/B/03/0", values, "cyx", "0.5", omero=True)
    return path, Content(values, axes=("c",), **_OMERO, **_MICRONS)


def zipped_labels(folder: Path) -> tuple[str, Content]:
    """Numbers of cells beside an image in one file."""
    import shutil

    import zarr

    _, content = labels(folder)
    inner = folder / "image.zarr/labels"
    for group in (inner.parent, inner):
        zarr.create_group(str(group), zarr_format=2)
    (folder / "cells").rename(inner / "cells")
    shutil.make_archive(str(folder / "image"), "zip", folder / "image.zarr")
    (folder / "image.zip").rename(folder / "image.ozx")
    return str(folder / "image.ozx/labels/cells"), content


def slide(folder: Path) -> tuple[str, Content]:
    """Tiles and levels as Aperio's scanners write them."""
    import tifffile

    values = np.tile(COLORS, (12, 8, 1))[:280, :290]
    options: dict[str, Any] = {
        "tile": (240, 240),
        "photometric": "rgb",
        "compression": "zlib",
        "metadata": None,
        "software": False,
    }
    text = "Aperio Image Library v11.2.1\n290x280 [0,0 290x280] (240x240)|AppMag = 20|MPP = 0.5"
    with tifffile.TiffWriter(folder / "a.svs") as file:
        file.write(values, description=text, **options)
        file.write(values[::8, ::8], photometric="rgb", metadata=None)  # a thumbnail
        file.write(values[::4, ::4], description=text, **options)
    return str(folder / "a.svs"), Content(
        values, colors=True, rows=(0.25, 0.5), columns=(0.25, 0.5), unit="µm"
    )


def _stack(*shape: int) -> Any:
    def read(path: str) -> Array:
        pages = by_libvips(path)
        return pages.reshape(*shape, *pages.shape[-2:])

    return read


def _last_by_ngff_zarr(path: str) -> Array:
    return np.moveaxis(by_ngff_zarr(path), 0, -1)


def _by_zarr_in_zip(path: str) -> Array:
    import zarr

    file, _, inner = path.partition(".ozx/")
    with zarr.storage.ZipStore(f"{file}.ozx", mode="r") as store:
        return np.asarray(zarr.open_array(store, path=f"{inner}/0", mode="r")[...])


_NGFF = {"ome-zarr-py": by_ome_zarr_py, "ngff-zarr": by_ngff_zarr}
for _name, _make, _extra, _others in (
    ("OME-TIFF, channels", ome_tiff, "tiff", {"libvips": by_libvips}),
    ("OME-TIFF, five axes", ome_tiff_stack, "tiff", {"libvips": _stack(2, 3, 2)}),
    ("ImageJ hyperstack", imagej, "tiff", {"libvips": _stack(2, 3)}),
    ("OME-Zarr 0.4, omero", ome_zarr_4, "zarr", _NGFF),
    ("OME-Zarr 0.5, omero, five axes", ome_zarr_5, "zarr", _NGFF),
    ("OME-Zarr 0.5, depths", ome_zarr_depth, "zarr", _NGFF),
    ("ImageJ, channels", imagej_channels, "tiff", {"libvips": by_libvips}),
    ("OME-TIFF, colors", ome_tiff_colors, "tiff", {"libvips": by_libvips}),
    ("OME-Zarr, three bytes", ome_zarr_colors, "zarr", {"ngff-zarr": _last_by_ngff_zarr}),
    ("OME-Zarr, four bytes", ome_zarr_four, "zarr", _NGFF),
    ("OME-Zarr 0.6, omero", ome_zarr_6, "zarr", {"ngff-zarr": by_ngff_zarr}),
    ("OME-Zarr in a zip file", ozx, "zarr", {"ngff-zarr": by_ngff_zarr}),
    ("OME-Zarr, a field of a plate", field, "zarr", {"ngff-zarr": by_ngff_zarr}),
    ("OME-Zarr, labels in a zip file", zipped_labels, "zarr", {"zarr": _by_zarr_in_zip}),
    ("OME-Zarr, labels", labels, "zarr", {"ngff-zarr": by_ngff_zarr}),
    ("SVS slide", slide, "tiff", {"OpenSlide": by_openslide}),
):
    add(Kind(_name, "Microscopy", _extra, _make, dict(_others)))
