"""Files that say more of their samples: orders of axes, valid ranges, frames, palettes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.kinds.kind import Array, Content, gradient
from tests.proof.doors.sample import BYTES, FLOATS, HIGH, RGB, STACK, WIDE, WORDS, Make, content

_LATITUDES = 60 - 2 * np.arange(float(HIGH))
_LONGITUDES = 10 + np.arange(float(WIDE))
_PLACE: dict[str, Any] = {"columns": (10, 1), "unit": "degrees"}


def variable(dims: tuple[str, ...], values: Array, right: Content, **attrs: Any) -> Make:
    """Return a maker of a NetCDF file of a variable as it is stored, by netCDF4's own rules."""

    def make(folder: Path) -> tuple[str, Content]:
        import h5netcdf

        with h5netcdf.File(folder / "a.nc", "w") as file:
            sizes = dict(zip(dims, values.shape, strict=True))
            file.dimensions = sizes
            fill = attrs.pop("_FillValue", None)
            made = file.create_variable("t", dims, values.dtype, fillvalue=fill, data=values)
            for name, value in attrs.items():
                made.attrs[name] = value
            if fill is not None:
                attrs["_FillValue"] = fill
            known = {"lat": (_LATITUDES, "degrees_north"), "lon": (_LONGITUDES, "degrees_east")}
            for name, (numbers, unit) in known.items():
                if name in sizes:
                    one = file.create_variable(name, (name,), "f8", data=numbers[: sizes[name]])
                    one.attrs["units"] = unit
        return str(folder / "a.nc"), right

    return make


def rising(folder: Path) -> tuple[str, Content]:
    """Latitudes that increase: the first row is at the bottom."""
    import xarray

    data = xarray.DataArray(
        FLOATS,
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", _LATITUDES[::-1], {"units": "degrees_north"}),
            "lon": ("lon", _LONGITUDES, {"units": "degrees_east"}),
        },
        name="t",
        attrs={"units": "K"},
    )
    data.to_netcdf(folder / "a.nc", engine="h5netcdf")
    first = float(_LATITUDES[-1])
    return str(folder / "a.nc"), Content(
        FLOATS, label="t [K]", rows=(first, 2), lower=True, **_PLACE
    )


def zarr_named(
    names: tuple[str, ...], order: tuple[int, ...], version: int, right: Content
) -> Make:
    """Return a maker of a zarr array whose axes have names, in another order than the picture's."""

    def make(folder: Path) -> tuple[str, Content]:
        import zarr

        stored = np.ascontiguousarray(right.values.transpose(np.argsort(order)))
        options: dict[str, Any] = (
            {"dimension_names": names} if version == 3 else {"fill_value": None}
        )
        made = zarr.create_array(
            folder / "a.zarr",
            shape=stored.shape,
            dtype=stored.dtype,
            zarr_format=version,
            chunks=tuple(min(9, length) for length in stored.shape),
            **options,
        )
        made[...] = stored
        if version == 2:
            made.attrs["_ARRAY_DIMENSIONS"] = list(names)
        return str(folder / "a.zarr"), right

    return make


def dicom(stored: Array, right: Content, kind: str = "MONOCHROME2", **more: Any) -> Make:
    """Return a maker of a DICOM file."""

    def make(folder: Path) -> tuple[str, Content]:
        from tests.arrays.dicom.test_values import dataset

        made = dict(more)
        found = dataset(stored, kind, bits=made.pop("bits", None), **made)
        found.save_as(folder / "a.dcm", enforce_file_format=True)
        return str(folder / "a.dcm"), right

    return make


def dicom_palette(folder: Path) -> tuple[str, Content]:
    """Numbers of colors."""
    from tests.arrays.dicom.test_values import dataset

    index = (BYTES // 16).astype(np.uint8)
    colors = np.random.default_rng(3).integers(0, 256, (3, 16)).astype(np.uint8)
    found = dataset(index, "PALETTE COLOR")
    for name, one in zip(("Red", "Green", "Blue"), colors, strict=True):
        setattr(found, f"{name}PaletteColorLookupTableDescriptor", [16, 0, 8])
        setattr(found, f"{name}PaletteColorLookupTableData", one.tobytes())
        found[f"{name}PaletteColorLookupTableDescriptor"].VR = "US"
    found.save_as(folder / "a.dcm", enforce_file_format=True)
    return str(folder / "a.dcm"), Content(colors.T[index], colors=True)


def nifti_turned(folder: Path) -> tuple[str, Content]:
    """A volume whose first voxel axis goes up: rows and columns as they are stored."""
    import nibabel

    stored = gradient(3, HIGH, WIDE, dtype="int16")
    affine = np.diag([2.0, 1.5, 3.0, 1.0])
    image = nibabel.Nifti1Image(stored.T, None)
    image.set_qform(affine, code=1)
    image.header.set_xyzt_units("mm")
    nibabel.save(image, folder / "a.nii")
    return str(folder / "a.nii"), Content(
        stored, axes=("z",), rows=(0, 1.5), columns=(0, 2), unit="mm", lower=True
    )


def nifti_colors(folder: Path) -> tuple[str, Content]:
    """Red, green and blue of every voxel."""
    import nibabel

    colors = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    stored = np.ascontiguousarray(np.stack([RGB, RGB[::-1]]))
    image = nibabel.Nifti1Image(stored.view(colors)[..., 0].T, np.eye(4))
    nibabel.save(image, folder / "a.nii")
    return str(folder / "a.nii"), Content(stored, axes=("z",), colors=True, lower=True)


def ngff(version: str, zipped: bool, part: str) -> Make:
    """Return a maker of an OME-Zarr image of two levels, with labels beside it."""

    def make(folder: Path) -> tuple[str, Content]:
        from tests import ngff_files

        store = folder / "a.ome.zarr"
        ngff_files.write_image(str(store), STACK, "zyx", version)
        numbers = (BYTES // 64).astype(np.uint8)
        ngff_files.write_labels(
            str(store), ("cells",), numbers, version, **{"image-label": {"version": version}}
        )
        path = store
        if zipped:
            path = ngff_files.zip_folder(store, folder / "a.ozx")
        if part:
            return f"{path}/{part}", Content(numbers, labels=True)
        return str(path), Content(STACK, axes=("z",))

    return make


def field(version: str, path: str) -> Make:
    """Return a maker of a plate, of which a field is opened."""

    def make(folder: Path) -> tuple[str, Content]:
        from tests import ngff_files

        wells = {"A/01": {"0": WORDS, "1": WORDS[::-1].copy()}, "B/02": {"0": WORDS // 2}}
        ngff_files.write_plate(str(folder / "p.zarr"), wells, version=version)
        well, _, name = path.rpartition("/")
        return str(folder / "p.zarr" / path), content(wells[well][name])

    return make


def files() -> Iterator[tuple[str, Make]]:
    """Yield what is written, by a name."""
    place: dict[str, Any] = {"rows": (60, -2), **_PLACE}
    across = Content(FLOATS.T.copy(), label="t", rows=(10, 1), columns=(60, -2), unit="degrees")
    yield "NetCDF, longitudes down", variable(("lon", "lat"), FLOATS.T.copy(), across)
    yield "NetCDF, latitudes that increase", rising
    stored = gradient(HIGH, WIDE, dtype="int16", high=900)
    ranged = np.ma.masked_outside(stored, 100, 700)
    span = np.array([100, 700], np.int16)
    yield (
        "NetCDF, valid range",
        variable(("lat", "lon"), stored, Content(ranged, label="t", **place), valid_range=span),
    )
    both = np.ma.masked_array(stored, (stored == 40) | (stored == 41))
    numbers: dict[str, Any] = {"_FillValue": np.int16(40), "missing_value": np.int16(41)}
    yield (
        "NetCDF, two numbers for none",
        variable(("lat", "lon"), stored, Content(both, label="t", **place), **numbers),
    )
    unsigned = Content(BYTES.astype(np.float32), label="t", **place)
    yield (
        "NetCDF, unsigned by an attribute",
        variable(("lat", "lon"), BYTES.view(np.int8), unsigned, _Unsigned="true"),
    )
    for version in (2, 3):
        stack, turned = Content(STACK, axes=("time",)), ("y", "x", "time")
        yield (
            f"zarr {version}, times last",
            zarr_named(turned, (2, 0, 1), version, stack),
        )
        colors, bands = Content(RGB, colors=True), ("band", "y", "x")
        yield (
            f"zarr {version}, bands first",
            zarr_named(bands, (1, 2, 0), version, colors),
        )
        ngff_version = "0.4" if version == 2 else "0.5"
        for zipped in (False, True):
            for part in ("", "labels/cells"):
                name = f"{'zipped' if zipped else 'folder'}, {part or 'image'}"
                yield f"OME-Zarr {ngff_version}, {name}", ngff(ngff_version, zipped, part)
        for path in ("A/01/0", "A/01/1", "B/02/0"):
            yield f"OME-Zarr {ngff_version}, field {path}", field(ngff_version, path)
    signed = (gradient(HIGH, WIDE, dtype="int16", high=3000) - 1500).astype(np.int16)
    inverted = content((-1 - signed).astype(np.int16))
    yield "DICOM, MONOCHROME1, signed", dicom(signed, inverted, "MONOCHROME1")
    frames = np.stack([RGB, RGB[:, ::-1]])
    yield (
        "DICOM, frames of colors",
        dicom(frames, Content(frames, axes=("frame",), colors=True), "RGB"),
    )
    windowed = Content(STACK, axes=("frame",), windows=((500, 2499),))
    yield "DICOM, frames with a window", dicom(STACK, windowed, WindowCenter=1500, WindowWidth=2000)
    yield "DICOM, palette", dicom_palette
    yield "NIfTI, by its quaternion", nifti_turned
    yield "NIfTI, colors", nifti_colors
