"""What is known of an image is what is known of the file that it is written to."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nbimage
from nbimage import open_pyramid, write_dzi, write_ome_zarr, write_tiff
from nbimage.arrays.metadata import Coordinate, GeoReference, Metadata
from nbimage.base.chunked import Array
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.sources.array import open_array
from nbimage.typing import ImageLike

WRITERS = ["0.4", "0.5", "0.6", "ome.tif", "tif"]
STACK = np.random.default_rng(3).integers(0, 9000, (2, 2, 3, 17, 19), dtype=np.uint16)
each = pytest.mark.parametrize("how", WRITERS)


def write(data: ImageLike, folder: Path, how: str, **options: Any) -> Path | str:
    options["progress"] = False
    if "tif" in how:
        return write_tiff(data, folder / f"a.{how}", tile_size=16, **options)
    return write_ome_zarr(data, folder / f"a{how}.ome.zarr", version=how, chunk_size=16, **options)


def lines(pyramid: Pyramid) -> dict[str, Any]:
    """First ones, steps and units of the further axes."""
    return {
        name.lower(): (known.line, known.unit)
        for number, (name, _) in enumerate(pyramid.axes)
        if (known := pyramid.metadata.along(number)) is not None
    }


def read_all(pyramid: Pyramid) -> Array:
    """All samples of the largest level, planes in the order t, c, z."""
    names = [name for name, _ in pyramid.axes]
    lengths = [length for _, length in pyramid.axes]
    planes = np.array([pyramid.read(0, index=i) for i in np.ndindex(*lengths)])
    found = planes.reshape(*lengths, *planes.shape[1:])
    order = [names.index(name) for name in "tcz" if name in names]
    return found.transpose(*order, *range(len(names), found.ndim))


sizes = st.floats(1e-3, 1e4, allow_nan=False)
lengths_of = st.sampled_from(["nm", "µm", "mm", "m"])
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=9)
colors_of = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@each
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    size=st.fixed_dictionaries(dict.fromkeys("tzyx", sizes)),
    unit=lengths_of,
    time=st.sampled_from(["s", "ms", "h"]),
    names=st.lists(texts, min_size=2, max_size=2),
    colors=st.lists(colors_of, min_size=2, max_size=2),
)
def test_what_the_caller_says_comes_back(
    tmp_path: Path,
    how: str,
    size: dict[str, float],
    unit: str,
    time: str,
    names: list[str],
    colors: list[str],
) -> None:
    path = write(
        STACK,
        tmp_path,
        how,
        axes="tczyx",
        pixel_size=size,
        unit=dict(zip("tzyx", (time, unit, unit, unit), strict=True)),
        channel_names=names,
        colors=colors,
    )
    with open_pyramid(path) as found:
        assert np.array_equal(read_all(found), STACK)
        assert lines(found) == {"t": ((0.0, size["t"]), time), "z": ((0.0, size["z"]), unit)}
        assert found.channel_names == tuple(names)
        assert found.channel_colors == tuple(colors)
        assert (found.pixel_size, found.unit) == ((size["y"], size["x"]), unit)


@each
def test_a_file_written_again_says_the_same(tmp_path: Path, how: str) -> None:
    said = {"pixel_size": {"t": 3, "z": 2, "y": 0.5, "x": 0.25}, "unit": "µm"}
    first = write(
        STACK, tmp_path, "ome.tif", axes="tczyx", channel_names=["DAPI", "ß & <x>"], **said
    )
    (tmp_path / "again").mkdir()
    second = write(first, tmp_path / "again", how)
    with open_pyramid(first) as one, open_pyramid(second) as other:
        assert lines(one) == lines(other) == {"t": ((0, 3), "s"), "z": ((0, 2), "µm")}
        assert (one.pixel_size, one.unit) == (other.pixel_size, other.unit) == ((0.5, 0.25), "µm")
        assert one.channel_names == other.channel_names == ("DAPI", "ß & <x>")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"pixel_size": 0.5, "unit": "um"}, (0.5, 0.5)),
        ({"pixel_size": (0.5, np.float32(0.25)), "unit": "micrometer"}, (0.5, 0.25)),
        ({"pixel_size": [4, 0.5, 0.25], "unit": "µm"}, (0.5, 0.25)),
    ],
)
@each
def test_a_pixels_size_is_taken_in_each_form(
    tmp_path: Path, how: str, given: Any, expected: Any
) -> None:
    with open_pyramid(write(STACK[0, 0], tmp_path, how, axes="zyx", **given)) as found:
        assert (found.pixel_size, found.unit) == (expected, "µm")
        assert lines(found).get("z") == (
            ((0, 4), "µm") if np.size(given["pixel_size"]) == 3 else None
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unit": "µm"}, "pixel_size must be given where unit is"),
        ({"pixel_size": 0}, "pixel_size must be from"),
        ({"pixel_size": (1, 2, 3, 4)}, "pixel_size must be a number"),
        ({"pixel_size": {"y": 1}}, "the last two together"),
        ({"pixel_size": {"t": 1}}, "axes that are there"),
        ({"pixel_size": "1"}, "pixel_size must be a number"),
        ({"pixel_size": 1, "unit": 3}, "unit must be text"),
        ({"channel_names": ["a", "b"]}, "one for each of 1 channels, but got 2"),
        ({"channel_names": "a"}, "channel_names must be a list"),
        ({"channel_names": [1]}, "channel_names must be text"),
        ({"colors": ["nocolor"]}, "colors must be a CSS color"),
        ({"colors": ["#ff000080"]}, "colors must be opaque"),
        ({"colors": []}, "colors must be one for each channel"),
    ],
)
@pytest.mark.parametrize("how", ["0.5", "ome.tif"])
def test_what_can_not_be_meant_is_refused_in_one_line(
    tmp_path: Path, how: str, options: Any, message: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        write(STACK[0, 0, 0], tmp_path, how, **options)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", ["ome.tif", "tif"])
def test_a_unit_that_a_tiff_can_not_hold_is_refused(tmp_path: Path, how: str) -> None:
    for unit in ("parsec", ""):
        with pytest.raises(ValueError, match="unit must be a length"):
            write(STACK[0, 0, 0], tmp_path, how, pixel_size=1, unit=unit)


def test_channels_of_other_colors_are_no_red_green_and_blue(tmp_path: Path) -> None:
    data = np.moveaxis(STACK[0, 0], 0, -1)
    colors = ["cyan", (255, 0, 255), "#ff0"]
    for how in WRITERS:
        with open_pyramid(write(data, tmp_path, how, channel_axis=-1, colors=colors)) as found:
            assert found.channel_colors == ("#00ffff", "#ff00ff", "#ffff00")
            assert found.axes == (("c", 3),)
            assert np.array_equal(read_all(found), STACK[0, 0])


# Labelled arrays


def labelled(**coords: Any) -> Any:
    xarray = pytest.importorskip("xarray")
    return xarray.DataArray(
        STACK[:, 0],
        dims=("t", "z", "y", "x"),
        coords={
            "t": ("t", np.array([0.5, 2.0]), {"units": "seconds"}),
            "z": ("z", np.array([10.0, 12.5, 15.0]), {"units": "um"}),
            "y": ("y", np.arange(17) * 0.5, {"units": "um"}),
            "x": ("x", np.arange(19) * 0.25, {"units": "um"}),
            **coords,
        },
        name="density",
        attrs={"long_name": "photon count", "units": "1/µm"},
    )


@each
def test_steps_names_and_units_of_a_labelled_array_come_back(tmp_path: Path, how: str) -> None:
    with open_pyramid(write(labelled(), tmp_path, how)) as found:
        assert {axis: line for axis, (line, _) in lines(found).items()} == {
            "t": (0.5, 1.5),
            "z": (10.0, 2.5),
        }
        assert (found.pixel_size, found.unit) == ((0.5, 0.25), "µm")
        assert found.metadata.label == "photon count [1/µm]"


@each
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=st.floats(-1e4, 1e4), step=sizes, down=st.booleans(), unit=lengths_of)
def test_any_first_depth_and_step_come_back(
    tmp_path: Path, how: str, first: float, step: float, down: bool, unit: str
) -> None:
    step = -step if down and "tif" in how else step
    source = open_array(STACK[0, 0], "zyx", None)
    known = Coordinate(None, f"z [{unit}]", regular=(first, step))
    source.metadata = Metadata(coordinates=(known, None, None))
    with open_pyramid(write(Pyramid(source), tmp_path, how)) as found:
        line, own = lines(found)["z"]
        assert (line[0], own) == (pytest.approx(first, rel=1e-9, abs=1e-6 * abs(step)), unit)
        assert line[1] == step


@pytest.mark.parametrize("dims", [("c", "y", "x"), ("band", "y", "x"), ("y", "x", "channel")])
@each
def test_channels_keep_the_names_that_are_coordinates(
    tmp_path: Path, how: str, dims: tuple[str, ...]
) -> None:
    xarray = pytest.importorskip("xarray")
    data = STACK[0, :, 0] if dims[0] != "y" else np.moveaxis(STACK[0, :, 0], 0, -1)
    (name,) = set(dims) - {"y", "x"}
    array = xarray.DataArray(data, dims=dims, coords={name: ["DAPI", "GFP"]})
    with open_pyramid(write(array, tmp_path, how)) as found:
        assert found.channel_names == ("DAPI", "GFP")
        assert [length for _, length in found.axes] == [2]


def test_widths_in_another_unit_than_heights_are_converted(tmp_path: Path) -> None:
    size = {"PhysicalSizeY": 0.5, "PhysicalSizeX": 250.0, "PhysicalSizeXUnit": "nm"}
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, STACK[0, 0, 0], metadata={"axes": "YX", **size})
    with open_pyramid(path) as found:
        assert found.pixel_size == (0.5, pytest.approx(0.25))
        assert found.unit == "µm"


@pytest.mark.parametrize("how", ["ome.tif", "tif"])
def test_depths_and_times_without_a_step_come_back(tmp_path: Path, how: str) -> None:
    data = labelled(
        z=("z", np.array([9.0, 4.0, 3.5]), {"units": "um"}), t=("t", [1.0, 8.0], {"units": "s"})
    )
    with open_pyramid(write(data, tmp_path, how)) as found:
        known = found.metadata.along(1)
        assert known is not None and known.values is not None
        assert known.values.tolist() == [9.0, 4.0, 3.5]
        assert lines(found)["t"] == ((1.0, 7.0), "s")


@each
def test_dates_are_seconds_since_the_first(tmp_path: Path, how: str) -> None:
    times = np.array(["2024-05-01T10:00", "2024-05-01T10:01"], "datetime64[ns]")
    path = write(labelled(t=times), tmp_path, how)
    with open_pyramid(path) as found:
        known = found.metadata.along(0)
        assert known is not None
        if how == "tif":
            assert known.values is not None
            assert np.array_equal(known.values, times)
        else:
            assert (known.line, known.unit) == ((0.0, 60.0), "s")
    if how == "ome.tif":
        with tifffile.TiffFile(path) as file:
            assert "<AcquisitionDate>2024-05-01T10:00:00.000</AcquisitionDate>" in (
                file.ome_metadata or ""
            )


def test_names_of_other_axes_come_back_from_plain_tiff(tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    data = xarray.DataArray(
        STACK[0],
        dims=("station", "level", "y", "x"),
        coords={"station": ["a", "b"], "level": ("level", [1000, 850, 500], {"units": "hPa"})},
    )
    with open_pyramid(write(data, tmp_path, "tif")) as found:
        assert found.axes == (("station", 2), ("level", 3))
        station, level = (found.metadata.along(axis) for axis in (0, 1))
        assert station is not None and station.values is not None and level is not None
        assert station.values.tolist() == ["a", "b"]
        assert level.values is not None
        assert (level.values.tolist(), level.unit) == ([1000, 850, 500], "hPa")
        assert np.array_equal(read_all_named(found), STACK[0])


def read_all_named(pyramid: Pyramid) -> Array:
    lengths = [length for _, length in pyramid.axes]
    planes = [pyramid.read(0, index=i) for i in np.ndindex(*lengths)]
    return np.reshape(planes, (*lengths, *pyramid.shapes[0]))


@pytest.mark.parametrize("suffix", ["h5", "nc"])
@each
def test_a_variable_of_a_file_keeps_steps_names_and_units(
    tmp_path: Path, how: str, suffix: str
) -> None:
    pytest.importorskip("h5netcdf")
    source = tmp_path / f"a.{suffix}"
    labelled().to_dataset().to_netcdf(source, engine="h5netcdf")
    with open_pyramid(write(source, tmp_path, how)) as found:
        assert lines(found)["z"][0] == (10.0, 2.5)
        assert found.metadata.label == "photon count [1/µm]"


# Positions


def georeferenced(bands: int, keys: Any = None) -> Pyramid:
    data = STACK[0].reshape(6, 17, 19)[:bands]
    source = open_array(data if bands > 1 else data[0], "cyx"[3 - data.ndim + (bands == 1) :], None)
    further, last = (None,) * len(source.axes), (None,) * (source.channels > 1)
    source.metadata = Metadata(
        quantity="K",
        coordinates=(
            *further,
            Coordinate(None, "northing [m]", regular=(4600010.0, -20.0)),
            Coordinate(None, "easting [m]", regular=(500005.0, 10.0)),
            *last,
        ),
        georeference=GeoReference("EPSG:32633", keys or UTM),
    )
    source.pixel_size, source.unit = (20.0, 10.0), "m"
    source.channel_names = tuple(f"band {number}" for number in range(bands)) if bands > 1 else ()
    return Pyramid(source)


UTM = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633), (), ""
POINT = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 2, 3072, 0, 1, 32633), (), ""
OWN = (
    (1, 1, 0, 4, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32767, 3081, 34736, 1, 0),
    (48.5,),
    "",
)


@pytest.mark.parametrize("keys", [UTM, POINT, OWN], ids=["area", "point", "own"])
@pytest.mark.parametrize("bands", [1, 3, 6])
@pytest.mark.parametrize("how", ["tif", "ome.tif"])
def test_a_georeference_comes_back(tmp_path: Path, how: str, bands: int, keys: Any) -> None:
    source = georeferenced(bands, keys)
    with open_pyramid(write(source, tmp_path, how)) as found:
        own = found.metadata
        assert own.georeference is not None
        assert own.georeference.keys == keys
        for axis, line in enumerate([(4600010.0, -20.0), (500005.0, 10.0)], len(found.axes)):
            known = own.along(axis)
            assert known is not None and known.line == line
        assert found.channel_names == source.channel_names
        assert own.value_unit == "K"
        assert [length for _, length in found.axes] == [length for _, length in source.axes]


def test_degrees_of_a_labelled_array_come_back_from_tiff(tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    data = xarray.DataArray(
        STACK[0, 0, 0],
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", np.linspace(50.0, 42.0, 17), {"units": "degrees_north"}),
            "lon": ("lon", np.arange(19) * 0.5, {"units": "degrees_east"}),
        },
    )
    with open_pyramid(write(data, tmp_path, "tif")) as found:
        rows, columns = found.metadata.coordinates
        assert rows is not None and columns is not None
        assert (rows.label, rows.line) == ("latitude [degrees_north]", (50.0, -0.5))
        assert (columns.label, columns.line) == ("longitude [degrees_east]", (0.0, 0.5))


@pytest.mark.parametrize("how", ["ome.tif", "tif"])
@pytest.mark.parametrize("missing", [0, 100, 65535])
def test_integers_keep_the_number_that_stands_for_missing_ones(
    tmp_path: Path, how: str, missing: int
) -> None:
    data = np.where(np.indices((40, 50)).sum(axis=0) % 2, 99, 101).astype(np.uint16)
    data[:8, :8] = missing
    tag = (42113, "s", 0, str(missing), True)
    tifffile.imwrite(tmp_path / "in.tif", data, extratags=[tag], metadata=None)
    path = write(tmp_path / "in.tif", tmp_path, how)
    with tifffile.TiffFile(path) as file:
        assert file.pages[0].tags[42113].value == str(missing)
        assert np.array_equal(file.asarray(), data)
    with open_pyramid(path) as found:
        for level in range(3):
            gone = np.isnan(found.read(level))
            assert gone[: 8 >> level, : 8 >> level].all()
            assert gone.sum() == (8 >> level) ** 2  # a mean of 100 is none of them


# Other people's readers


def test_ome_xml_has_steps_and_positions_where_its_schema_has_them(tmp_path: Path) -> None:
    with tifffile.TiffFile(write(labelled(), tmp_path, "ome.tif")) as file:
        root = ElementTree.fromstring(file.ome_metadata or "")
    (pixels,) = (e for e in root.iter() if e.tag.endswith("}Pixels"))
    assert {key: pixels.get(key) for key in ("PhysicalSizeZ", "TimeIncrement")} == {
        "PhysicalSizeZ": "2.5",
        "TimeIncrement": "1.5",
    }
    planes = [e for e in pixels if e.tag.endswith("}Plane")]
    assert [
        (e.get("TheT"), e.get("TheZ"), e.get("DeltaT"), e.get("PositionZ")) for e in planes
    ] == [(str(t), str(z), str((0.5, 2.0)[t]), str(10 + 2.5 * z)) for t in (0, 1) for z in range(3)]
    kinds = [e.tag.rpartition("}")[2] for e in pixels]
    assert kinds == sorted(kinds, key=["Channel", "TiffData", "Plane"].index)


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_readers_of_ngff_find_steps_names_and_colors(tmp_path: Path, version: str) -> None:
    yaozarrs = pytest.importorskip("yaozarrs")
    path = write(
        STACK[:, :, :],
        tmp_path,
        version,
        axes="tczyx",
        pixel_size={"t": 0.5, "z": 2, "y": 0.25, "x": 0.125},
        unit="µm",
        channel_names=["DAPI", "GFP"],
        colors=["blue", "lime"],
    )
    group = yaozarrs.validate_zarr_store(str(path))
    metadata = group.ome_metadata()
    assert metadata is not None
    (image,) = metadata.multiscales
    assert [(axis.name, getattr(axis, "unit", None)) for axis in image.axes] == [
        ("t", "second"),
        ("c", None),
        ("z", "micrometer"),
        ("y", "micrometer"),
        ("x", "micrometer"),
    ]
    transforms = image.datasets[0].coordinateTransformations
    assert list(transforms[0].scale) == [0.5, 1.0, 2.0, 0.25, 0.125]
    channels = metadata.omero.channels
    assert [(one.label, one.color.upper()) for one in channels] == [
        ("DAPI", "0000FF"),
        ("GFP", "00FF00"),
    ]


def test_deep_zoom_has_the_size_of_a_pixel(tmp_path: Path) -> None:
    for name in ("a.dzi", "a.zip", "a.szi"):
        path = write_dzi(
            GRAY, tmp_path / name, pixel_size=(0.5, 0.25), unit="um", progress=False, format="png"
        )
        with open_pyramid(path) as found:
            assert (found.pixel_size, found.unit) == ((0.5, 0.25), "µm")
            again = write_dzi(found, tmp_path / f"b{name}", progress=False)
        with open_pyramid(again) as found:
            assert (found.pixel_size, found.unit) == ((0.5, 0.25), "µm")
    with pytest.raises(ValueError, match='any layout but "dz"'):
        write_dzi(GRAY, tmp_path / "c", layout="google", pixel_size=1, progress=False)
    assert nbimage.Picture(tmp_path / "a.dzi").pixels.shape[:2] == GRAY.shape


GRAY = (STACK[0, 0, 0] >> 6).astype(np.uint8)
