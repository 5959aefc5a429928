"""The files that mutations begin with: the kinds of `tests.kinds`, and a few more."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from nbimage import write_dzi, write_ome_zarr
from tests import fits_files, ngff_files
from tests.clips import make_clip
from tests.kinds import KINDS
from tests.picture_files import make_netpbm, make_png, make_profile

Make = Callable[[Path], str]
"""Writes files into an empty folder, and returns what of them is opened."""
GRAY = np.random.default_rng(20).integers(0, 250, (24, 37), np.uint8)
COLORS = np.random.default_rng(21).integers(0, 250, (24, 37, 3), np.uint8)


@dataclass(frozen=True)
class Seed:
    """Files by their names in a folder, and what is opened: a path in it, perhaps with a part."""

    name: str
    files: dict[str, bytes]
    opened: str


def read_seed(name: str, make: Make) -> Seed:
    """Return what a maker writes."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        opened = make(root)
        files = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }
        return Seed(name, files, opened.removeprefix(f"{root}/"))


def _of_kind(name: str) -> Make:
    return lambda folder: KINDS[name].make(folder)[0]


def _bytes(name: str, data: bytes) -> Make:
    def make(folder: Path) -> str:
        (folder / name).write_bytes(data)
        return str(folder / name)

    return make


def _pillow(name: str, **options: object) -> Make:
    def make(folder: Path) -> str:
        Image.fromarray(COLORS).save(folder / name, **options)
        return str(folder / name)

    return make


def _frames(name: str) -> Make:
    more = [Image.fromarray(COLORS[::-1]), Image.fromarray(COLORS[:, ::-1])]
    return _pillow(name, save_all=True, append_images=more, duration=100)


def _big_tiff(folder: Path) -> str:
    import tifffile

    data = np.tile(GRAY, (4, 3)).astype(np.uint16)
    with tifffile.TiffWriter(folder / "a.btf", bigtiff=True) as file:
        file.write(data, tile=(32, 32), compression="zlib", predictor=True, subifds=1)
        file.write(data[::2, ::2], tile=(32, 32), compression="zlib", subfiletype=1)
    return str(folder / "a.btf")


def _strips(folder: Path) -> str:
    import tifffile

    tifffile.imwrite(folder / "a.tif", COLORS, rowsperstrip=5, compression="lzw", byteorder=">")
    return str(folder / "a.tif")


def _coded(compression: str) -> Make:
    def make(folder: Path) -> str:
        import tifffile

        data = np.tile(COLORS, (4, 3, 1))
        tifffile.imwrite(folder / "a.tif", data, tile=(32, 32), compression=compression)
        return str(folder / "a.tif")

    return make


def _archive(suffix: str) -> Make:
    def make(folder: Path) -> str:
        data = np.tile(COLORS, (4, 3, 1))
        name = f"a.{suffix}"
        options = {} if suffix == "szi" else {"layout": "dz"}
        return str(write_dzi(data, folder / name, tile_size=64, progress=False, **options))

    return make


def _labels(folder: Path) -> str:
    data = ngff_files.samples(24, 37)
    ngff_files.write_image(str(folder / "a.zarr"), data, "yx", "0.5")
    about = {
        "image-label": {
            "version": "0.5",
            "colors": [{"label-value": 1, "rgba": [255, 0, 0, 255]}],
            "properties": [{"label-value": 1, "class": "cell"}],
            "source": {"image": "../../"},
        }
    }
    ngff_files.write_labels(str(folder / "a.zarr"), ("cells",), data, "0.5", **about)
    return str(folder / "a.zarr/labels/cells")


def _plate(version: str) -> Make:
    def make(folder: Path) -> str:
        fields = {"0": ngff_files.samples(24, 37), "1": ngff_files.samples(24, 37)}
        store = str(folder / "a.zarr")
        ngff_files.write_plate(store, {"A/01": fields, "B/02": fields}, version=version)
        return store

    return make


def _written(name: str, **options: object) -> Make:
    def make(folder: Path) -> str:
        data = np.tile(GRAY, (3, 2)).astype(np.uint16)
        return str(write_ome_zarr(data, folder / name, chunk_size=32, progress=False, **options))

    return make


def _zarr(version: int, **options: object) -> Make:
    def make(folder: Path) -> str:
        import zarr

        store = str(folder / "a.zarr")
        given = {"zarr_format": version, "chunks": (16, 16), **options}
        zarr.create_array(store, data=GRAY.astype(np.float32), **given)
        return store

    return make


def _group(version: int) -> Make:
    def make(folder: Path) -> str:
        import zarr

        store = str(folder / "a.zarr")
        group = zarr.create_group(store, zarr_format=version)
        for name in ("a", "b"):
            made = group.create_array(name, data=GRAY, chunks=(16, 16))
            made.attrs.update({"units": "m", "scale_factor": 0.5, "_FillValue": 3})
        zarr.consolidate_metadata(store)
        return f"{store}/a"

    return make


def _zipped(save: Callable[..., None], **arrays: object) -> bytes:
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def _npy(data: object, name: str = "a.npy") -> Make:
    file = io.BytesIO()
    np.save(file, data)
    return _bytes(name, file.getvalue())


def _table_fits(folder: Path) -> str:
    return str(
        fits_files.write_fits(
            folder / "a.fits",
            GRAY.astype(np.float32),
            BUNIT="Jy",
            CTYPE1="RA---TAN",
            CTYPE2="DEC--TAN",
            CRVAL1=10.0,
            CRVAL2=20.0,
            CRPIX1=3.0,
            CRPIX2=4.0,
            CDELT1=-0.1,
            CDELT2=0.1,
            CUNIT1="deg",
            CUNIT2="deg",
        )
    )


def _gray_mat(folder: Path) -> str:
    from scipy.io import savemat

    savemat(folder / "a.mat", {"a": GRAY})
    return str(folder / "a.mat")


def _video(name: str) -> Make:
    return lambda folder: str(make_clip(folder, name, 4))


def _apng(folder: Path) -> str:
    return _frames("a.png")(folder)


def _world(folder: Path) -> str:
    (folder / "a.pgw").write_text("2.0\n0\n0\n-2.0\n10\n20\n", "utf-8")
    (folder / "a.prj").write_text('PROJCS["x",UNIT["metre",1],AUTHORITY["EPSG","32633"]]', "utf-8")
    text = "<PAMDataset>"
    text += "<GeoTransform>1,2,0,3,0,-2</GeoTransform><PAMRasterBand band='1'/></PAMDataset>"
    (folder / "a.png.aux.xml").write_text(text, "utf-8")
    return _bytes("a.png", make_png(GRAY))(folder)


def _starting(*starts: str) -> dict[str, Make]:
    return {name: _of_kind(name) for name in KINDS if name.startswith(starts)}


_PNG = {
    "palette": _bytes("a.png", make_png(GRAY % 4, 2, palette=COLORS[0, :4], palette_alpha=[1, 2])),
    "key": _bytes("a.png", make_png(GRAY, key=[3])),
    "profile": _bytes("a.png", make_png(COLORS, profile=make_profile("Display P3"))),
    "one bit": _bytes("a.png", make_png(GRAY % 2, 1)),
    "animation": _apng,
    "with a world file": _world,
}
FORMATS: dict[str, dict[str, Make]] = {
    "TIFF": {
        **_starting("TIFF,", "SVS", "ImageJ"),
        "BigTIFF": _big_tiff,
        "strips": _strips,
        **{name: _coded(name) for name in ("jpeg", "webp", "zstd", "jpeg2000", "lzma", "packbits")},
    },
    "OME-TIFF": _starting("OME-TIFF"),
    "GeoTIFF": _starting("GeoTIFF", "COG"),
    "Deep Zoom and tiles": {
        **_starting("Deep Zoom", "IIIF", "Google", "Zoomify"),
        "szi": _archive("szi"),
        "zip": _archive("zip"),
    },
    "zarr": {
        **_starting("zarr", "xarray"),
        "version 2": _zarr(2),
        "version 3": _zarr(3),
        "shards": _zarr(3, chunks=(8, 8), shards=(16, 16)),
        "group 2": _group(2),
        "group 3": _group(3),
    },
    "OME-Zarr": {
        **_starting("OME-Zarr"),
        "label image": _labels,
        "plate 0.4": _plate("0.4"),
        "plate 0.5": _plate("0.5"),
        "written": _written("a.zarr"),
        "ozx": _written("a.ozx"),
    },
    "PNG": {**_starting("PNG"), **_PNG},
    "JPEG 2000": _starting("JPEG 2000"),
    "pictures": {
        **_starting("JPEG,", "GIF", "WebP", "AVIF"),
        "animated GIF": _frames("a.gif"),
        "animated WebP": _frames("a.webp"),
        "bmp": _pillow("a.bmp"),
        "tga": _pillow("a.tga"),
        "netpbm": _bytes("a.ppm", make_netpbm(COLORS.astype(np.uint16), 65535)),
        "plain netpbm": _bytes("a.pgm", make_netpbm(GRAY, 255, plain=True)),
    },
    "FITS": {**_starting("FITS"), "sky": _table_fits},
    "npy": {
        "npy": _npy(GRAY.astype(np.float32)),
        "three axes": _npy(COLORS.transpose(2, 0, 1).astype(">i2")),
        "columns first": _npy(np.asfortranarray(GRAY)),
        "dates": _npy(GRAY.astype("M8[s]")),
    },
    "npz": {
        "npz": _bytes("a.npz", _zipped(np.savez, a=GRAY)),
        "packed": _bytes("a.npz", _zipped(np.savez_compressed, a=COLORS)),
        "two": _bytes("a.npz", _zipped(np.savez, a=GRAY, b=COLORS)),
    },
    "NIfTI": _starting("NIfTI", "MGH"),
    "DICOM": _starting("DICOM"),
    "NetCDF and HDF5": {**_starting("NetCDF", "HDF5", "MATLAB"), "MATLAB 5": _gray_mat},
    "videos": {
        **_starting("video"),
        "GIF": _frames("a.gif"),
        "WebP": _frames("a.webp"),
        "APNG": _apng,
    },
}
"""By format what makes its files."""


def find_seeds(form: str) -> list[Seed]:
    """Return the files of a format that can be made here."""
    found = []
    for name, make in FORMATS[form].items():
        try:
            found.append(read_seed(name, make))
        except ImportError:  # a package that is not installed here
            continue
    return found
