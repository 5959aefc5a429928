"""Files of astronomy, medicine, earth science, and arrays as they are saved."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.fits_files import make_unit, write_fits
from tests.kinds.kind import Array, Content, gradient
from tests.proof.doors.sample import (
    BITS,
    BYTES,
    FLOATS,
    HIGH,
    RGB,
    RGBA,
    STACK,
    WIDE,
    WORDS,
    Make,
    content,
    in_dtype,
)

# Astronomy


def fits(stored: Array, right: Array, *, known: Any = None, **cards: Any) -> Make:
    """Return a maker of a FITS file by its cards and bytes."""

    def make(folder: Path) -> tuple[str, Content]:
        path = write_fits(folder / "a.fits", stored, **cards)
        return str(path), Content(right, lower=True, **(known or {}))

    return make


def by_astropy(values: Array, **options: Any) -> Make:
    """Return a maker of a FITS file by astropy, as compressed tiles where options say so."""

    def make(folder: Path) -> tuple[str, Content]:
        from astropy.io import fits as module

        path = folder / "a.fits"
        image = module.CompImageHDU(values, **options) if options else module.PrimaryHDU(values)
        first = [module.PrimaryHDU()] if options else []
        module.HDUList([*first, image]).writeto(path)
        with module.open(path) as file:
            right = np.asarray(file[-1].data)
        right = right.astype(right.dtype.newbyteorder("="))
        return str(path), Content(right, lower=True)

    return make


def beside_a_table(folder: Path) -> tuple[str, Content]:
    """An image behind a table, by the number of its HDU."""
    from astropy.io import fits as module

    table = module.BinTableHDU.from_columns([module.Column("a", "J", array=np.arange(5))])
    units = [module.PrimaryHDU(), table, module.ImageHDU(FLOATS, name="SCI", ver=2)]
    module.HDUList(units).writeto(folder / "a.fits")
    return f"{folder / 'a.fits'}[SCI,2]", Content(FLOATS, lower=True)


def packed(folder: Path) -> tuple[str, Content]:
    """A whole file that gzip has packed."""
    (folder / "a.fits.gz").write_bytes(gzip.compress(make_unit(FLOATS, {})))
    return str(folder / "a.fits.gz"), Content(FLOATS, lower=True)


# Medicine


def nifti(stored: Array, name: str = "a.nii.gz", *, flip: str = "", big: bool = False) -> Make:
    """Return a maker of a volume by nibabel, some of its axes running the other way."""

    def make(folder: Path) -> tuple[str, Content]:
        import nibabel

        affine = np.diag([-2.0 if "x" in flip else 2, -1.5 if "y" in flip else 1.5, 3, 1])
        affine[:3, 3] = -10, -20, 5
        cls: Any = nibabel.Nifti1Pair if name.endswith((".img", ".hdr")) else nibabel.Nifti1Image
        if big:
            header = nibabel.Nifti1Header(endianness=">")
            header.set_data_dtype(stored.dtype)
            image = cls(stored.T, affine, header)
        else:
            image = cls(stored.T, affine, dtype=stored.dtype)
        image.header.set_xyzt_units("mm", "sec")
        nibabel.save(image, folder / name)
        steps: Any = {"columns": (-10, affine[0, 0]), "rows": (-20, affine[1, 1]), "unit": "mm"}
        lower = affine[1, 1] > 0
        return str(folder / name), Content(stored, axes=("z",), lower=lower, **steps)

    return make


def nifti_scaled(slope: float, shift: float) -> Make:
    """Return a maker of numbers with a slope and an intercept."""

    def make(folder: Path) -> tuple[str, Content]:
        import nibabel

        stored = gradient(2, HIGH, WIDE, dtype="int16", high=900)
        image = nibabel.Nifti1Image(stored.T, np.eye(4))
        nibabel.save(image, folder / "a.nii")
        data = bytearray((folder / "a.nii").read_bytes())
        data[112:120] = np.array([slope, shift], "<f4").tobytes()
        (folder / "a.nii").write_bytes(data)
        read: Any = nibabel.load(folder / "a.nii")
        right = np.asarray(read.dataobj).T
        return str(folder / "a.nii"), Content(
            right, axes=("z",), lower=True, tolerance=1e-6 * float(np.abs(right).max())
        )

    return make


def dicom(stored: Array, right: Content, kind: str = "MONOCHROME2", **more: Any) -> Make:
    """Return a maker of a DICOM file of samples as they are stored."""

    def make(folder: Path) -> tuple[str, Content]:
        import pydicom

        from tests.arrays.dicom.test_values import dataset

        made = dict(more)
        bits = made.pop("bits", None)
        syntax = made.pop("syntax", None)
        found = dataset(stored, kind, bits=bits, **made)
        if syntax == "RLELossless":
            found.compress(pydicom.uid.RLELossless)
        elif syntax is not None:
            imagecodecs: Any = __import__("imagecodecs")
            data = getattr(imagecodecs, f"{_ENCODERS[syntax]}_encode")(stored)
            found.PixelData = pydicom.encaps.encapsulate([data])
            found["PixelData"].is_undefined_length = True
            found.file_meta.TransferSyntaxUID = getattr(pydicom.uid, syntax)
        found.save_as(folder / "a.dcm", enforce_file_format=True)
        return str(folder / "a.dcm"), right

    return make


_ENCODERS = {"JPEG2000Lossless": "jpeg2k", "JPEGLSLossless": "jpegls", "JPEGLosslessSV1": "ljpeg"}

# Earth


def netcdf(name: str, values: Array, form: str, attrs: Any = None, **encoding: Any) -> Make:
    """Return a maker of a NetCDF file, which xarray reads back by the CF conventions."""

    def make(folder: Path) -> tuple[str, Content]:
        import xarray

        data = xarray.Dataset(
            {name: (("lat", "lon"), values, {"units": "K", "long_name": "heat", **(attrs or {})})},
            {
                "lat": ("lat", 60 - 2 * np.arange(float(HIGH)), {"units": "degrees_north"}),
                "lon": ("lon", 10 + np.arange(float(WIDE)), {"units": "degrees_east"}),
            },
        )
        by_scipy = form in ("NETCDF3_CLASSIC", "NETCDF3_64BIT")
        engine: Any = "scipy" if by_scipy else "netcdf4"
        path = folder / "a.nc"
        data.to_netcdf(path, engine=engine, format=form, encoding={name: encoding})
        with xarray.open_dataset(path, engine=engine) as read:
            found = read[name].values
        where = (
            np.ma.masked_invalid(found.astype(np.float64))
            if found.dtype.kind == "f" and np.isnan(found).any()
            else found
        )
        tolerance = 1e-4 if "scale_factor" in encoding or "scale_factor" in (attrs or {}) else 0
        return str(path), Content(
            where,
            label="heat [K]",
            rows=(60, -2),
            columns=(10, 1),
            unit="degrees",
            tolerance=tolerance,
        )

    return make


def hdf5(values: Array, **options: Any) -> Make:
    """Return a maker of an HDF5 file of one array."""

    def make(folder: Path) -> tuple[str, Content]:
        import h5py

        with h5py.File(folder / "a.h5", "w") as file:
            file.create_dataset("image", data=values, **options)
        right = values.astype(values.dtype.newbyteorder("="))
        return str(folder / "a.h5"), content(right)

    return make


def matlab(values: Array, right: Array | None = None, **options: Any) -> Make:
    """Return a maker of a MATLAB file of version 5."""

    def make(folder: Path) -> tuple[str, Content]:
        from scipy.io import loadmat, savemat

        savemat(folder / "a.mat", {"image": values}, **options)
        found = loadmat(folder / "a.mat")["image"] if right is None else right
        return str(folder / "a.mat"), content(np.ascontiguousarray(found))

    return make


# Arrays


def npy(values: Array, name: str = "a.npy", *, known: Any = None) -> Make:
    """Return a maker of an array as NumPy saves it."""

    def make(folder: Path) -> tuple[str, Content]:
        if name.endswith("z"):
            save: Any = np.savez_compressed if "packed" in name else np.savez
            save(folder / name, image=values)
        else:
            np.save(folder / name, values)
        right = np.ascontiguousarray(values, values.dtype.newbyteorder("="))
        return str(folder / name), content(right, **(known or {}))

    return make


def planes_of_colors(folder: Path) -> tuple[str, Content]:
    """Red, green and blue along the first axis."""
    np.save(folder / "a.npy", np.moveaxis(RGB, -1, 0))
    return str(folder / "a.npy"), content(RGB)


def zarr_array(values: Array, version: int, **options: Any) -> Make:
    """Return a maker of a zarr array."""

    def make(folder: Path) -> tuple[str, Content]:
        import zarr

        made = zarr.create_array(
            folder / "a.zarr",
            shape=values.shape,
            dtype=values.dtype,
            zarr_format=version,
            **{"chunks": (10, 11, 3)[: values.ndim], **options},
        )
        made[...] = values
        read = np.asarray(made[...])
        return str(folder / "a.zarr"), content(read.astype(read.dtype.newbyteorder("=")))

    return make


def store(version: int, packed_: bool) -> Make:
    """Return a maker of a store of xarray with missing values."""

    def make(folder: Path) -> tuple[str, Content]:
        import xarray

        values = FLOATS.astype(np.float64).round(2)
        values[2, 3:9] = np.nan
        data = xarray.Dataset({"h": (("y", "x"), values, {"units": "m"})})
        packing = {"dtype": "i2", "scale_factor": 0.01, "_FillValue": -999}
        data.to_zarr(
            folder / "a.zarr",
            zarr_format=version,
            consolidated=False,
            encoding={"h": packing} if packed_ else {},
        )
        with xarray.open_zarr(folder / "a.zarr", consolidated=False) as read:
            right = np.ma.masked_invalid(read["h"].values)
        return str(folder / "a.zarr"), Content(
            right, label="h [m]", tolerance=1e-6 if packed_ else 0
        )

    return make


def files() -> Iterator[tuple[str, Make]]:
    """Yield what is written, by a name."""
    yield from _astronomy()
    yield from _medicine()
    yield from _earth()
    yield from _arrays()


def _astronomy() -> Iterator[tuple[str, Make]]:
    for dtype in ("u1", "i2", "i4", "i8", "f4", "f8"):
        yield f"FITS, {dtype}", fits(in_dtype(dtype), in_dtype(dtype))
    for dtype in ("i1", "u2", "u4", "u8"):
        yield f"FITS, {dtype} by BZERO", by_astropy(in_dtype(dtype))
    blank = gradient(HIGH, WIDE, dtype="int32", high=90000)
    blank[3, 4:9] = -1
    hidden = np.ma.masked_equal(blank, -1)
    yield "FITS, BLANK", fits(blank, hidden, BLANK=-1)
    known = {"label": "[K]"}
    yield "FITS, BSCALE", fits(blank, blank * 0.25, known=known, BSCALE=0.25, BUNIT="K")
    small = gradient(HIGH, WIDE, dtype="uint8", high=250)
    yield (
        "FITS, bytes by BZERO and BSCALE",
        fits(small, small * np.float32(2) - 5, BSCALE=2.0, BZERO=-5.0),
    )
    for codec in ("RICE_1", "GZIP_1", "GZIP_2", "PLIO_1"):
        values = small.astype(np.int16) if codec == "PLIO_1" else blank
        yield f"FITS, {codec}", by_astropy(values, compression_type=codec, tile_shape=(10, 16))
    for codec in ("RICE_1", "GZIP_2"):
        for method in (-1, 1, 2):
            options: Any = {"quantize_level": 16, "quantize_method": method, "dither_seed": 5}
            yield (
                f"FITS, floats by {codec}, dither {method}",
                by_astropy(FLOATS, compression_type=codec, tile_shape=(10, 16), **options),
            )
    yield "FITS, unsigned by RICE_1", by_astropy(WORDS, compression_type="RICE_1")
    yield "FITS, HCOMPRESS_1", by_astropy(blank, compression_type="HCOMPRESS_1")
    yield "FITS, beside a table", beside_a_table
    yield "FITS, packed", packed


def _medicine() -> Iterator[tuple[str, Make]]:
    for dtype in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"):
        values = np.stack([in_dtype(dtype), in_dtype(dtype)[::-1]])
        yield f"NIfTI, {dtype}", nifti(values)
        yield f"NIfTI, {dtype}, big-endian", nifti(values, "a.nii", big=True)
    for flip in ("x", "y", "xy"):
        yield f"NIfTI, {flip} the other way", nifti(STACK.astype(np.int16), flip=flip)
    yield "NIfTI, a pair of files", nifti(STACK.astype(np.int16), "a.img")
    for slope, shift in ((2.0, 0.0), (0.5, -3.0), (1.0, 7.0), (0.0, 0.0)):
        yield f"NIfTI, slope {slope}, {shift}", nifti_scaled(slope, shift)
    for bits in (8, 10, 12, 16):
        dtype: Any = np.uint8 if bits == 8 else np.uint16
        stored = gradient(HIGH, WIDE, high=(1 << bits) - 1).astype(dtype)
        yield f"DICOM, {bits} bits", dicom(stored, content(stored), bits=bits)
        inverted = ((1 << bits) - 1 - stored).astype(dtype)
        yield (
            f"DICOM, MONOCHROME1, {bits} bits",
            dicom(stored, content(inverted), "MONOCHROME1", bits=bits),
        )
    signed = (gradient(HIGH, WIDE, dtype="int16", high=3000) - 1500).astype(np.int16)
    yield "DICOM, signed", dicom(signed, content(signed))
    scaled = content(signed * np.float32(2.5) - 3)
    yield "DICOM, slope", dicom(signed, scaled, RescaleSlope=2.5, RescaleIntercept=-3)
    for function, window in (("LINEAR", (-60, 139)), ("LINEAR_EXACT", (-60, 140))):
        known: Any = {"windows": (window,)}
        more: Any = {"WindowCenter": 40, "WindowWidth": 200, "VOILUTFunction": function}
        yield f"DICOM, {function} window", dicom(signed, content(signed, **known), **more)
    several: Any = {"WindowCenter": [40, 400], "WindowWidth": [200, 900]}
    yield "DICOM, windows", dicom(signed, content(signed, windows=((-60, 139),)), **several)
    for syntax in ("RLELossless", *_ENCODERS):
        yield f"DICOM, {syntax}", dicom(WORDS, content(WORDS), syntax=syntax)
    planar = np.ascontiguousarray(np.moveaxis(RGB, -1, 0)).reshape(HIGH, WIDE, 3)
    yield "DICOM, planes of colors", dicom(planar, content(RGB), "RGB", PlanarConfiguration=1)


def _earth() -> Iterator[tuple[str, Make]]:
    lacking = (FLOATS.astype(np.float64) * 10).round(1)
    lacking[4, 5:11] = np.nan
    for form in ("NETCDF3_CLASSIC", "NETCDF3_64BIT", "NETCDF4"):
        yield f"{form}, floats", netcdf("t", lacking.astype(np.float32), form)
        yield f"{form}, doubles", netcdf("t", lacking, form, _FillValue=-999.0)
        packing: Any = {"dtype": "i2", "scale_factor": 0.1, "add_offset": 5.0, "_FillValue": -32768}
        yield f"{form}, packed", netcdf("t", lacking, form, **packing)
        small: Any = {"dtype": "i1", "scale_factor": 1.0, "_FillValue": -128}
        yield f"{form}, packed bytes", netcdf("t", lacking, form, **small)
    for dtype in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"):
        yield f"NetCDF 4, {dtype}", netcdf("t", in_dtype(dtype), "NETCDF4")
    for dtype in (*("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"), *("f2", "f4", "f8")):
        yield f"HDF5, {dtype}", hdf5(in_dtype(dtype))
        yield f"HDF5, big-endian {dtype}", hdf5(in_dtype(dtype).astype(f">{dtype}"))
    for options in (
        {"compression": "gzip", "chunks": (7, 9)},
        {"compression": "lzf", "chunks": (7, 9), "shuffle": True},
        {"fletcher32": True, "chunks": (7, 9)},
        {"compression": "gzip", "shuffle": True, "chunks": (HIGH, WIDE)},
    ):
        yield f"HDF5, {' '.join(options)}", hdf5(WORDS, **options)
    yield "HDF5, bits", hdf5(BITS)
    yield "HDF5, colors", hdf5(RGB)
    for values, name in ((WORDS, "words"), (FLOATS.astype(np.float64), "doubles"), (RGB, "colors")):
        yield f"MATLAB 5, {name}", matlab(values)
        yield f"MATLAB 5, packed {name}", matlab(values, do_compression=True)
    yield "MATLAB 5, bits", matlab(BITS, right=BITS)  # which SciPy reads as bytes


def _arrays() -> Iterator[tuple[str, Make]]:
    for dtype in ("?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"):
        yield f"npy, {dtype}", npy(in_dtype(dtype))
        if dtype != "?":
            yield f"npy, big-endian {dtype}", npy(in_dtype(dtype).astype(f">{dtype}"))
            yield f"npy, Fortran {dtype}", npy(np.asfortranarray(in_dtype(dtype)))
        yield f"npz, {dtype}", npy(in_dtype(dtype), "a.npz")
        for version in (2, 3):
            yield f"zarr {version}, {dtype}", zarr_array(in_dtype(dtype), version)
    yield "npz, packed", npy(WORDS, "packed.npz")
    yield "npy, colors", npy(RGB)
    yield "npy, alpha", npy(RGBA)
    yield "npy, planes of colors", planes_of_colors
    yield "npy, bytes", npy(BYTES)
    yield "zarr 2, Fortran", zarr_array(WORDS, 2, order="F")
    yield "zarr 2, big-endian", zarr_array(WORDS.astype(">u2"), 2)
    yield "zarr 3, shards", zarr_array(WORDS, 3, chunks=(6, 8), shards=(12, 16))
    yield "zarr 3, colors", zarr_array(RGB, 3)
    for version in (2, 3):
        yield f"store of zarr {version}", store(version, False)
        yield f"packed store of zarr {version}", store(version, True)
