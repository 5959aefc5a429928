"""A value that a file or an array says is missing: the same picture at every door."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage import (
    Grid,
    Picture,
    Video,
    View,
    encode,
    open_pyramid,
    write_dzi,
    write_ome_zarr,
    write_tiff,
)
from nbimage.cli.main import main
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.sources.pillow_image import PillowSource
from nbimage.pyramid.sources.vips_image import VipsSource
from nbimage.view.model.open_image import open_stack

Array = np.ndarray[Any, Any]
FILL = 255
RANDOM = np.random.default_rng(41)
BYTES = RANDOM.integers(0, FILL, (80, 100), dtype=np.uint8)
BYTES[:21], BYTES[50, 60] = FILL, FILL
GONE = BYTES == FILL
LARGE = 2**60 + RANDOM.integers(0, 1000, (80, 100))  # no float64 holds such
LARGE[GONE] = -1


def in_tiff(folder: Path, values: Array, fill: int) -> Any:
    tags = [(42113, "s", 0, str(fill), True)]
    tifffile.imwrite(folder / "a.tif", values, tile=(32, 32), extratags=tags, metadata=None)
    return folder / "a.tif"


def in_xarray(folder: Path, values: Array, fill: int) -> Any:
    xarray = pytest.importorskip("xarray")
    return xarray.DataArray(values, dims=("y", "x"), attrs={"_FillValue": fill})


def in_chunks(folder: Path, values: Array, fill: int) -> Any:
    return in_xarray(folder, values, fill).chunk(33)


def in_masked_chunks(folder: Path, values: Array, fill: int) -> Any:
    dask = pytest.importorskip("dask.array")
    return dask.ma.masked_equal(dask.from_array(values, chunks=33), fill)


def in_masked_array(folder: Path, values: Array, fill: int) -> Any:
    return np.ma.masked_equal(values, fill)


def in_store(version: int) -> Callable[[Path, Array, int], Any]:
    def make(folder: Path, values: Array, fill: int) -> Any:
        data = in_xarray(folder, values, fill).to_dataset(name="v")
        data["v"].attrs.clear()
        data["v"].encoding["_FillValue"] = values.dtype.type(fill)
        data.to_zarr(folder / "a.zarr", zarr_format=version)
        return folder / "a.zarr"

    return make


def in_zarr_array(folder: Path, values: Array, fill: int) -> Any:
    import zarr

    array = zarr.create_array({}, data=values, chunks=(33, 33))
    array.attrs["missing_value"] = fill
    return array


def in_ome_zarr(folder: Path, values: Array, fill: int) -> Any:
    import zarr

    path = write_ome_zarr(values, folder / "a.zarr", progress=False)
    zarr.open_group(path)["0"].attrs["_FillValue"] = fill
    return path


def from_array_interface(folder: Path, values: Array, fill: int) -> Any:
    class Variable:
        """Such as netCDF4's, which masks what is missing."""

        shape, dtype = values.shape, values.dtype

        def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
            return np.ma.masked_equal(values, fill)

    return Variable()


SOURCES: dict[str, Callable[[Path, Array, int], Any]] = {
    "TIFF": in_tiff,
    "xarray": in_xarray,
    "xarray in chunks": in_chunks,
    "masked dask": in_masked_chunks,
    "masked array": in_masked_array,
    "masked __array__": from_array_interface,
    "zarr 2 of xarray": in_store(2),
    "zarr 3 of xarray": in_store(3),
    "zarr array": in_zarr_array,
    "OME-Zarr": in_ome_zarr,
}


@pytest.fixture(params=SOURCES)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Array, int], Any]:
    def made(values: Array, fill: int) -> Any:
        return SOURCES[request.param](tmp_path, values, fill)

    return made


def check(pixels: Array) -> None:
    """Compare pixels with alpha."""
    assert np.array_equal(pixels[..., -1] == 0, GONE)
    assert np.array_equal(pixels[..., 0][~GONE], BYTES[~GONE])
    assert (pixels[..., -1][~GONE] == 255).all()


def test_pictures_are_transparent_where_values_are_missing(make: Any) -> None:
    data = make(BYTES, FILL)
    check(Picture(data).render())
    check(Grid([data]).pictures[0].render())
    with Image.open(io.BytesIO(encode(data))) as image:
        check(np.asarray(image.convert("LA")))


def test_pyramids_leave_missing_values_out_of_limits_and_means(make: Any) -> None:
    with open_pyramid(make(BYTES, FILL)) as pyramid:
        samples = pyramid.read(0)
        assert np.array_equal(np.isnan(samples), GONE)
        assert np.array_equal(samples[~GONE], BYTES[~GONE])
        assert pyramid.limits(exact=True) == (BYTES[~GONE].min(), BYTES[~GONE].max())
        assert np.isnan(pyramid.read(1)[:10]).all()
        assert np.array_equal(pyramid.read(1)[10], two_by_two(BYTES[21]))
        assert not np.isnan(pyramid.read(1)[25, 30])


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("fill", [-1, 65535])
def test_signed_samples_that_stand_for_unsigned_ones_are_those(
    fill: int, version: int, tmp_path: Path
) -> None:
    zarr = pytest.importorskip("zarr")
    values = np.arange(0, 65536, 64, dtype=np.uint16).reshape(32, 32)
    values[0, :3] = 65535
    options = {"data": values.view(np.int16), "chunks": (9, 9), "zarr_format": version}
    array = zarr.create_array(str(tmp_path / "a.zarr"), **options)
    array.attrs.update({"_Unsigned": "true", "_FillValue": fill, "scale_factor": 0.5})
    expected = np.where(values == 65535, np.nan, values / 2)
    with open_pyramid(tmp_path / "a.zarr") as pyramid:
        assert np.array_equal(pyramid.read(0), expected, equal_nan=True)
        assert np.nanmax(pyramid.read(1)) > 30000
    pixels = Picture(np.ma.masked_invalid(expected)).pixels
    assert np.array_equal(Picture(array).pixels, pixels)
    assert np.array_equal(Picture(tmp_path / "a.zarr").pixels, pixels)


def two_by_two(row: Array) -> Array:
    """Return the means of pairs in a row, of which the row above is missing."""
    return np.asarray(row.reshape(-1, 2).mean(axis=1), np.float32)


def test_tiles_that_are_written_are_transparent(make: Any, tmp_path: Path) -> None:
    path = write_dzi(make(BYTES, FILL), tmp_path / "out.dzi", format="png", progress=False)
    with open_pyramid(path) as pyramid:
        check(pyramid.read(0))


@pytest.mark.parametrize(
    ("values", "fill", "options"),
    [
        (BYTES > 90, 0, {}),
        (BYTES.astype(np.int16), FILL, {"contrast": "infer"}),
        (BYTES, FILL, {"contrast": "infer"}),
        (np.dstack([BYTES] * 3), FILL, {}),
        (BYTES.astype(np.uint16), FILL, {}),
    ],
)
def test_tiles_that_are_written_have_the_scale_of_the_stored_dtype(
    values: Array, fill: int, options: Any, tmp_path: Path
) -> None:
    source = in_tiff(tmp_path, values, fill)
    path = write_dzi(source, tmp_path / "out.dzi", format="png", progress=False, **options)
    with open_pyramid(path) as pyramid:
        picture = Picture(source, **options)
        assert np.array_equal(as_rgba(pyramid.read(0)), as_rgba(picture.render()))


@pytest.mark.parametrize("name", ["out.tif", "out.ome.tif", "out.zarr"])
def test_files_that_are_written_keep_what_is_missing(make: Any, name: str, tmp_path: Path) -> None:
    write = write_ome_zarr if name.endswith("zarr") else write_tiff
    with open_pyramid(write(make(BYTES, FILL), tmp_path / name, progress=False)) as pyramid:
        samples = pyramid.read(0)
        assert np.array_equal(np.isnan(samples), GONE)
        assert np.array_equal(samples[~GONE], BYTES[~GONE])


def test_a_tiff_of_floats_says_that_nan_is_missing(tmp_path: Path) -> None:
    masked = np.ma.masked_equal(BYTES, FILL)
    with tifffile.TiffFile(write_tiff(masked, tmp_path / "a.tif", progress=False)) as file:
        assert file.pages[0].tags[42113].value == "nan"
        assert np.array_equal(np.isnan(file.asarray()), GONE)


def test_long_integers_beside_missing_ones_keep_all_digits(make: Any) -> None:
    low, high = LARGE[~GONE].min(), LARGE[~GONE].max()
    data = make(LARGE, -1)
    assert f"values {low} to {high}" in Picture(data).description
    plane = open_stack(data, None, None, None, True).plane(())
    assert np.array_equal(plane.array[~GONE], LARGE[~GONE])


def test_frames_have_missing_values_of_their_own(tmp_path: Path) -> None:
    stack = np.stack([BYTES, BYTES[::-1]]).astype(np.int16)
    tags = [(42113, "s", 0, str(FILL), True)]
    tifffile.imwrite(tmp_path / "a.tif", stack, extratags=tags, photometric="minisblack")
    assert (
        f"values {BYTES[~GONE].min()} to {BYTES[~GONE].max()}"
        in Video(tmp_path / "a.tif", h264=None, theora=0).description
    )


GRADES = RANDOM.integers(0, 200, (24, 30), dtype=np.uint8)
TIFFS: dict[str, tuple[Array, dict[str, Any]]] = {
    "gray": (GRADES, {}),
    "16 bits": (GRADES.astype(np.uint16) * 300, {}),
    "floats": (GRADES.astype(np.float32), {}),
    "32 bits": (GRADES.astype(np.int32), {}),
    "1 bit": (GRADES > 90, {}),
    "RGB": (np.dstack([GRADES, GRADES // 2, GRADES // 3]), {"photometric": "rgb"}),
    "RGB of 16 bits": (
        np.dstack([GRADES, GRADES // 2, GRADES // 3]).astype(np.uint16) * 9,
        {"photometric": "rgb"},
    ),
    "RGBA": (
        np.dstack([GRADES, GRADES // 2, GRADES // 3, np.full_like(GRADES, 255)]),
        {"photometric": "rgb", "extrasamples": ["unassalpha"]},
    ),
    "gray and alpha": (
        np.dstack([GRADES, np.full_like(GRADES, 255)]),
        {"photometric": "minisblack", "extrasamples": ["unassalpha"], "planarconfig": "contig"},
    ),
    "palette": (
        GRADES,
        {
            "photometric": "palette",
            "colormap": (RANDOM.integers(0, 256, (3, 256)) * 257).astype(np.uint16),
        },
    ),
    "white is 0, 8 bits": (GRADES, {"photometric": "miniswhite"}),
    "white is 0, 16 bits": (GRADES.astype(np.uint16) * 300, {"photometric": "miniswhite"}),
    "premultiplied, 16 bits": (
        np.dstack([GRADES // 4, GRADES // 5, GRADES // 6, GRADES]).astype(np.uint16) * 9,
        {"photometric": "rgb", "extrasamples": ["assocalpha"]},
    ),
}


@pytest.mark.parametrize("declared", [False, True])
@pytest.mark.parametrize("name", TIFFS)
def test_pillow_and_tifffile_have_the_same_pixels_of_a_tiff(
    name: str, declared: bool, tmp_path: Path
) -> None:
    """Missing is one sample that is there, and nothing of alpha."""
    values, options = TIFFS[name]
    fill = values[0, 0].ravel()[0]
    if declared and not name.startswith("premultiplied"):
        options = {**options, "extratags": [(42113, "s", 0, f"{float(fill):g}", True)]}
    tifffile.imwrite(tmp_path / "a.tif", values, metadata=None, **options)
    by_path = Picture(tmp_path / "a.tif").render()
    with Image.open(tmp_path / "a.tif") as image:
        by_pillow = Picture(image).render()
    assert np.array_equal(as_rgba(by_path), as_rgba(by_pillow))
    if declared and values.ndim == 2:
        assert np.array_equal(as_rgba(by_path)[..., 3] == 0, values == fill)
    if name not in ("1 bit", "palette"):
        by_libvips = Picture(Pyramid(VipsSource(tmp_path / "a.tif"))).render()
        assert np.array_equal(as_rgba(by_path), as_rgba(by_libvips))
    without_tifffile = Picture(Pyramid(PillowSource(tmp_path / "a.tif"))).render()
    assert np.array_equal(as_rgba(by_path), as_rgba(without_tifffile))


def as_rgba(pixels: Array) -> Array:
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    colors, alpha = pixels, np.full_like(pixels[..., :1], 255)
    if pixels.shape[2] in (2, 4):
        colors, alpha = pixels[..., :-1], pixels[..., -1:]
    colors = np.where(alpha == 0, 0, colors if colors.shape[2] == 3 else np.repeat(colors, 3, 2))
    return np.concatenate([colors, alpha], 2)


def test_info_tells_the_dtype_that_is_stored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["info", str(in_tiff(tmp_path, BYTES, FILL))])
    assert "dtype: uint8, read as float32 for missing samples" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((5, 6, 7), {}),
        ((3, 5, 6, 7), {"axes": "tzyx"}),
        ((5, 6, 7), {"facet": 0}),
        ((3, 4, 6, 7), {"axes": "tcyx"}),  # a composite
    ],
)
@pytest.mark.parametrize("embed", [True, False])
def test_a_view_of_nothing_says_so_once_of_all_planes(
    shape: tuple[int, ...], options: dict[str, Any], embed: bool
) -> None:
    with pytest.warns(UserWarning) as caught:
        View(np.full(shape, np.nan), embed=embed, **options)
    (warning,) = caught
    words = f"no finite value in the float64 array of shape {shape}: "
    assert str(warning.message).startswith(words)


@pytest.mark.parametrize("channels", [(), (4,)])
def test_a_video_of_nothing_says_so_once(channels: tuple[int, ...]) -> None:
    with pytest.warns(UserWarning, match="no finite value in the float64 array") as caught:
        Video(np.full((5, *channels, 6, 8), np.nan))
    assert len(caught) == 1
