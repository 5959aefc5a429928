"""Other programs that read images: each is imported when it is asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.kinds.kind import Array


def by_gdal(path: str) -> Array:
    """Read all bands by GDAL, through rasterio; scale and offset are applied."""
    rasterio = pytest.importorskip("rasterio")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path) as file:
            bands = file.read(masked=True)
            if any(scale != 1 for scale in file.scales) or any(file.offsets):
                scales, offsets = (np.array(x)[:, None, None] for x in (file.scales, file.offsets))
                bands = bands * scales + offsets
            colors = file.colorinterp[0].name == "red"
    if colors:
        return np.moveaxis(bands, 0, -1)
    return bands[0] if len(bands) == 1 else bands


def by_libvips(path: str) -> Array:
    """Read all pages by libvips, upright and in sRGB."""
    pyvips = pytest.importorskip("pyvips")
    image = pyvips.Image.new_from_file(path)
    image = image.autorot()
    if image.interpretation in ("cmyk", "lab", "labs"):
        image = image.colourspace("srgb")
    if image.get_typeof("n-pages") and image.get("n-pages") > 1 and not path.endswith(".avif"):
        pages = [
            pyvips.Image.new_from_file(path, page=page).numpy()
            for page in range(image.get("n-pages"))
        ]
        return np.stack(pages)
    pixels = image.numpy()
    opaque = image.bands == 4 and image.interpretation == "srgb" and pixels[..., 3].min() == 255
    return np.asarray(pixels[..., :3] if opaque else pixels)


def by_pillow(path: str) -> Array:
    """Read a picture by Pillow; inks and CIELab as RGB."""
    from PIL import Image, ImageCms

    with Image.open(path) as image:
        if image.mode == "CMYK":
            return np.asarray(image.convert("RGB"))
        if image.mode == "LAB":
            profiles = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
            transform = ImageCms.buildTransform(*profiles, "LAB", "RGB")
            return np.asarray(ImageCms.applyTransform(image, transform))
        return np.asarray(image)


def by_imagecodecs(path: str) -> Array:
    """Decode a picture by the codec of its suffix in imagecodecs."""
    imagecodecs = pytest.importorskip("imagecodecs")
    return np.asarray(imagecodecs.imread(path))


def by_ffmpeg(path: str) -> Array:
    """Decode a gray picture of more than 8 bits by FFmpeg, through PyAV."""
    av = pytest.importorskip("av")
    with av.open(path) as file:
        frame = next(file.decode(video=0))
        plane = frame.planes[0]
        samples = np.frombuffer(plane, np.uint16).reshape(plane.height, -1)
        return np.asarray(samples[:, : plane.width])


def by_fitsio(path: str) -> Array:
    """Read an image of a FITS file by CFITSIO, through fitsio."""
    fitsio = pytest.importorskip("fitsio")
    path, _, part = path.rstrip("]").partition("[")
    values = fitsio.read(path, ext=part) if part else fitsio.read(path)
    return np.asarray(values.astype(values.dtype.newbyteorder("=")))


def by_astropy(path: str) -> Array:
    """Read an image of a FITS file by astropy."""
    fits: Any = pytest.importorskip("astropy.io.fits")
    path, _, part = path.rstrip("]").partition("[")
    values = fits.getdata(path, part or 0)
    return np.asarray(values.astype(values.dtype.newbyteorder("=")))


def by_xarray(path: str, engine: str) -> Array:
    """Read the variable behind the last slash, or the only one, by xarray with an engine."""
    xarray = pytest.importorskip("xarray")
    pytest.importorskip({"scipy": "scipy", "zarr": "zarr"}.get(engine, engine))
    head, _, name = path.rpartition("/")
    if "." in name:
        head, name = path, ""
    options = {"consolidated": False} if engine == "zarr" else {}
    with xarray.open_dataset(head, engine=engine, **options) as dataset:
        found = dataset[name] if name else next(iter(dataset.data_vars.values()))
        return np.asarray(found.values)


def by_netcdf4(path: str) -> Array:
    """Read the only variable of more than an axis, or the one behind the last slash."""
    netcdf = pytest.importorskip("netCDF4")
    head, _, name = path.rpartition("/")
    if "." in name:
        head, name = path, ""
    with netcdf.Dataset(head) as file:
        name = name or next(key for key, one in file.variables.items() if one.ndim > 1)
        return np.ma.asarray(file[name][...])


def by_h5netcdf(path: str) -> Array:
    """Read by xarray through h5netcdf."""
    return by_xarray(path, "h5netcdf")


def by_scipy(path: str) -> Array:
    """Read by xarray through SciPy."""
    return by_xarray(path, "scipy")


def by_xarray_of_zarr(path: str) -> Array:
    """Read a zarr store by xarray."""
    return by_xarray(path, "zarr")


def by_imageio(path: str) -> Array:
    """Read a DICOM file, or a folder of a series, by ImageIO, which has a reader of its own."""
    import warnings
    from pathlib import Path

    iio = pytest.importorskip("imageio.v2")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if Path(path).is_dir():
            return np.asarray(iio.volread(path, "DICOM"))
        return np.asarray(iio.imread(path, "DICOM"))


def by_openslide(path: str) -> Array:
    """Read the largest level of a slide by OpenSlide."""
    openslide = pytest.importorskip("openslide")
    with openslide.OpenSlide(path) as slide:
        return np.asarray(slide.read_region((0, 0), 0, slide.dimensions))[..., :3]


def by_ome_zarr_py(path: str) -> Array:
    """Read the largest level of an OME-Zarr image by ome-zarr-py."""
    io: Any = pytest.importorskip("ome_zarr.io")
    reader: Any = pytest.importorskip("ome_zarr.reader")
    location = io.parse_url(path, mode="r")
    (node, *_) = reader.Reader(location)()
    return np.asarray(node.data[0])


def by_ngff_zarr(path: str) -> Array:
    """Read the largest level of an OME-Zarr image by ngff-zarr."""
    ngff = pytest.importorskip("ngff_zarr")
    return np.asarray(ngff.from_ngff_zarr(path).images[0].data)


def by_bytes(path: str) -> Array:
    """Read a NIfTI file by its header's numbers alone."""
    import gzip
    import struct
    from pathlib import Path

    data = Path(path).read_bytes()
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    count, *lengths = struct.unpack_from("<8h", data, 40)
    code, offset, slope, shift = (
        struct.unpack_from("<h", data, 70)[0],
        *struct.unpack_from("<3f", data, 108),
    )
    dtype = {2: "u1", 4: "<i2", 16: "<f4", 64: "<f8", 512: "<u2"}[code]
    shape = lengths[:count]
    values = np.frombuffer(data, dtype, int(np.prod(shape)), int(offset)).reshape(shape[::-1])
    if slope and (slope, shift) != (1, 0):
        values = values * float(slope) + float(shift)
    return np.asarray(values)
