"""What lies beside a picture is read: where it is, and what its bands are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage import Grid, Picture, Video, View, encode, open_pyramid, write_tiff
from nbimage.cli.main import main
from tests.optional import zarr

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(9)
COLORS = RANDOM.integers(0, 256, (24, 36, 3), np.uint8)
BANDS = RANDOM.integers(1, 3000, (24, 36, 4)).astype(np.uint16)
BANDS[:6, :6] = 0
NAMES = ["red", "green", "blue", "nir"]
UTM = (
    'PROJCS["WGS_1984_UTM_Zone_33N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",'
    '6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Transverse_Mercator"],UNIT["Meter",1.0]]'
)
WORLD = "10\n0\n0\n-10\n500005\n4999995\n"
ENCODINGS = "none", "hex", "utf-16", "shift_jis"  # that an XML parser has not
BAND = """<PAMRasterBand band="{}"><Description>{}</Description><NoDataValue>0</NoDataValue>
<UnitType>{}</UnitType><Offset>{}</Offset><Scale>{}</Scale></PAMRasterBand>"""


def positions(data: Any) -> list[Any]:
    """Return what is known of rows and columns."""
    with open_pyramid(data) as pyramid:
        known = pyramid.metadata.coordinates[len(pyramid.axes) : len(pyramid.axes) + 2]
        return [(one.label, one.regular) for one in known if one is not None]


EXPECTED = [("northing [m]", (4999995, -10)), ("easting [m]", (500005, 10))]


@pytest.mark.parametrize(
    ("suffix", "world"),
    [("png", "pgw"), ("jpg", "jgw"), ("jpg", "jpgw"), ("webp", "wld"), ("jp2", "j2w")],
)
def test_a_world_file_places_any_picture(suffix: str, world: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(COLORS).save(path)
    (tmp_path / f"a.{world}").write_text(WORLD)
    assert [line for _, line in positions(path)] == [line for _, line in EXPECTED]
    (tmp_path / "a.prj").write_text(UTM)
    assert positions(path) == EXPECTED
    with open_pyramid(path) as pyramid:
        assert (pyramid.pixel_size, pyramid.unit) == ((10, 10), "m")
        assert pyramid.metadata.georeference is not None
        assert pyramid.metadata.georeference.crs == "WGS_1984_UTM_Zone_33N"
    assert "easting [m]" in Picture(path).html
    for embed in (True, False):
        image = View(path, embed=embed).model.config["images"][0]
        assert (image["x"]["first"], image["x"]["step"]) == (500005, 10)


def test_a_turned_picture_is_placed_where_its_pixels_are(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # by half a turn
    Image.fromarray(COLORS).save(tmp_path / "a.png", exif=exif)
    (tmp_path / "a.pgw").write_text(WORLD)
    with open_pyramid(tmp_path / "a.png") as pyramid:
        rows, columns = pyramid.metadata.coordinates[:2]
        assert rows is not None
        assert columns is not None
        assert (rows.regular, columns.regular) == ((4999995 - 230, 10), (500005 + 350, -10))


def test_what_is_written_of_it_lies_there_too(tmp_path: Path) -> None:
    Image.fromarray(COLORS).save(tmp_path / "a.png")
    (tmp_path / "a.pgw").write_text(WORLD)
    (tmp_path / "a.prj").write_text(UTM[:-1] + ',AUTHORITY["EPSG","32633"]]')
    write_tiff(tmp_path / "a.png", tmp_path / "b.tif", progress=False)
    assert positions(tmp_path / "b.tif") == EXPECTED
    with open_pyramid(tmp_path / "b.tif") as pyramid:
        assert pyramid.metadata.georeference is not None
        assert pyramid.metadata.georeference.crs == "EPSG:32633"


def test_a_rotated_world_file_is_told(tmp_path: Path) -> None:
    Image.fromarray(COLORS).save(tmp_path / "a.png")
    (tmp_path / "a.pgw").write_text(WORLD.replace("10\n0\n0", "10\n1\n1"))
    assert "georeferenced with a rotation" in Picture(tmp_path / "a.png").description


@pytest.mark.parametrize("code", ['AUTHORITY["EPSG","32633"]]', 'ID["EPSG",32633]]'])
def test_gdals_file_beside_places_and_names_bands(code: str, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, BANDS, photometric="minisblack", planarconfig="contig")
    bands = "".join(
        BAND.format(number, name, "W", 1 if number == 1 else 0, 0.5 if number == 1 else 1)
        for number, name in enumerate(NAMES, 1)
    )
    wkt = UTM[:-1] + "," + code
    text = f"<SRS>{wkt.replace(chr(34), '&quot;')}</SRS>"
    text += "<GeoTransform>500000, 10, 0, 5000000, 0, -10</GeoTransform>"
    beside = tmp_path / "a.tif.aux.xml"
    beside.write_text(f"<PAMDataset>{text}{bands}</PAMDataset>")
    assert positions(path) == EXPECTED
    with open_pyramid(path) as pyramid:
        assert pyramid.channel_names == tuple(NAMES)
        assert pyramid.metadata.georeference is not None
        assert pyramid.metadata.georeference.crs == "EPSG:32633"
        assert pyramid.metadata.unit == "W"
        factor, offset = np.array([0.5, 1, 1, 1]), np.array([1, 0, 0, 0])
        for number in range(4):
            expected = np.where(BANDS[..., number] == 0, np.nan, BANDS[..., number])
            found = pyramid.read(0, index=(number,))
            np.testing.assert_allclose(found, expected * factor[number] + offset[number])
    for text in (
        "<PAMDataset>",
        *(f"<?xml version='1.0' encoding='{name}'?>" for name in ENCODINGS),
    ):
        beside.write_text(text)
        with open_pyramid(path) as pyramid:
            assert pyramid.dtype == np.uint16


@pytest.mark.parametrize("size", [5000, 60])
def test_ticks_of_a_picture_that_is_reduced_on_reading(size: int, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, BANDS, photometric="minisblack", planarconfig="contig")
    (tmp_path / "a.tfw").write_text(WORLD)
    picture = Picture(path, max_pixels=size)
    factor = 36 // picture.pixels.shape[1]
    x, y = picture._layout.x, picture._layout.y
    assert x.values is not None
    assert y.values is not None
    assert (x.label, y.label) == ("x", "y")
    assert x.values[0] == 500000 + 5 * factor
    assert np.diff(x.values)[0] == 10 * factor
    assert y.values[0] == 5000000 - 5 * factor


def test_uneven_coordinates_are_reduced_too(tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    longitude = np.arange(36) ** 1.5
    times = np.datetime64("2024-01-01", "h") + np.cumsum(np.arange(24)).astype("m8[h]")
    data = xarray.DataArray(
        RANDOM.random((24, 36), np.float32),
        dims=("time", "lon"),
        coords={"time": times, "lon": ("lon", longitude, {"units": "degrees_east"})},
        name="a",
    )
    data.to_netcdf(tmp_path / "a.nc")
    picture = Picture(tmp_path / "a.nc", max_pixels=300)
    x, y = picture._layout.x.values, picture._layout.y.values
    assert x is not None
    assert y is not None
    np.testing.assert_allclose(x, (longitude[::2] + longitude[1::2]) / 2)
    assert y[1] == times[2] + np.timedelta64(90, "m")


# Channels by their names


def write(kind: str, folder: Path) -> Path:
    """Write four bands with names."""
    if kind == "tif":
        path = folder / "a.tif"
        items = "".join(
            f'<Item name="DESCRIPTION" sample="{i}" role="description">{name}</Item>'
            for i, name in enumerate(NAMES)
        )
        tag = (42112, "s", 0, f"<GDALMetadata>{items}</GDALMetadata>", True)
        options: Any = {"photometric": "minisblack", "planarconfig": "contig"}
        tifffile.imwrite(path, BANDS, extratags=[tag], metadata=None, **options)
        return path
    if kind == "ome.tif":
        path = folder / "a.ome.tif"
        metadata = {"axes": "CYX", "Channel": {"Name": NAMES}}
        tifffile.imwrite(path, np.moveaxis(BANDS, -1, 0), metadata=metadata)
        return path
    path = folder / "a.zarr"
    group = zarr.open_group(str(path), mode="w", zarr_format=2)
    planes = np.moveaxis(BANDS, -1, 0)
    group.create_array("0", shape=planes.shape, dtype=planes.dtype)[...] = planes
    axes = [{"name": name} for name in "cyx"]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}]
    group.attrs["omero"] = {"channels": [{"label": name} for name in NAMES]}
    return path


KINDS = ["tif", "ome.tif", "zarr"]


@pytest.mark.parametrize("kind", KINDS)
def test_brackets_name_channels(kind: str, tmp_path: Path) -> None:
    path = write(kind, tmp_path)
    one, three = f"{path}[nir]", f"{path}[nir, Red,green]"
    expected = Picture(BANDS[..., 3]).pixels
    with open_pyramid(one) as pyramid:
        assert (pyramid.axes, pyramid.channels, pyramid.metadata.name) == ((), 1, "nir")
        assert np.array_equal(pyramid.read(0), BANDS[..., 3])
    for picture in (Picture(one), *Grid([one]).pictures, View(one).picture):
        assert isinstance(picture, Picture)
        assert np.array_equal(picture.pixels, expected)
    assert np.array_equal(View(one, embed=False).picture.pixels, expected)
    assert Video(one).description.startswith("1 frame of 24×36 uint16, gray")
    with open_pyramid(three) as pyramid:
        assert pyramid.channel_names == ("nir", "red", "green")
        assert np.array_equal(pyramid.read(0, index=(1,)), BANDS[..., 0])
        part = np.s_[3:9], np.s_[4:20]
        assert np.array_equal(pyramid.read(0, *part, index=(2,)), BANDS[..., 1][part])
    shown = Picture(three, contrast="minmax").pixels
    for column, number in enumerate((3, 0, 1)):
        assert np.array_equal(shown[..., column], Picture(BANDS[..., number]).pixels)
    assert encode(three) == encode(three)
    assert main(["png", one, str(tmp_path / "a.png")]) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_channels_of_a_view_are_found_by_their_names(kind: str, tmp_path: Path) -> None:
    path = write(kind, tmp_path)
    for embed in (True, False):
        options: Any = {"embed": embed, "contrast": "minmax"}
        view = View(path, channels={"nir": "red", "green": "lime"}, **options)
        expected = [Picture(BANDS[..., number]).pixels for number in (3, 1)]
        for column, pixels in enumerate(expected):
            assert np.array_equal(view.picture.pixels[..., column], pixels)
        swapped = View(path, channels=["nir", "blue", "green", "red"], embed=embed)
        first = swapped.model.config["images"][0]["colors"][0]
        assert first["name"] == "nir"
        assert [(own.name, own.color) for own in swapped.model.images[0].channel_colors][3] == (
            "red",
            (255, 0, 0),
        )
        single = View(path, channels=["nir"], **options)
        assert np.array_equal(single.picture.pixels[..., 0], expected[0])


def test_bands_that_are_named_as_colors_have_these(tmp_path: Path) -> None:
    shown = Picture(write("tif", tmp_path))
    layers = View(write("tif", tmp_path)).model.images[0].channel_colors
    assert [own.color for own in layers[:3]] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    assert np.array_equal(shown.pixels, View(tmp_path / "a.tif").picture.pixels)


@pytest.mark.parametrize("kind", KINDS)
def test_names_that_are_not_there_are_told(kind: str, tmp_path: Path) -> None:
    path = write(kind, tmp_path)
    words = r"^no channels \[swir\] in [^\n]+, which has red, green, blue, nir$"
    for door in (open_pyramid, Picture, View, Video, encode):
        with pytest.raises(ValueError, match=words):
            door(f"{path}[swir]")
