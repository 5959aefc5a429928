"""Arrays with named axes in any order are the same planes from memory, zarr and TIFF."""

from __future__ import annotations

import base64
import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import nbimage.tables.tables
from nbimage import (
    Grid,
    Picture,
    Video,
    View,
    data_uri,
    encode,
    open_pyramid,
    quilt,
    rerange,
    write_dzi,
    write_ome_zarr,
    write_tiff,
)
from nbimage.base.chunked import Array
from nbimage.view.model.open_image import open_stack
from nbimage.view.model.stack import on_host

xarray = pytest.importorskip("xarray")
zarr = pytest.importorskip("zarr")
tifffile = pytest.importorskip("tifffile")

PAIRS = [("y", "x"), ("lat", "lon"), ("Latitude", "Longitude"), ("row", "col"), ("y_c", "x_c")]
FURTHER = ["time", "z", "level", "season", "member", "k"]
CHANNELS = ["c", "band", "rgb", "s"]
LENGTHS = {"time": 2, "z": 3, "level": 4, "season": 4, "member": 3, "k": 5}


@st.composite
def labelled(draw: Any) -> Any:
    """Draw an array of up to five axes, of which the names say what each is."""
    rows, columns = draw(st.sampled_from(PAIRS))
    further = draw(st.lists(st.sampled_from(FURTHER), max_size=2, unique=True))
    channels = draw(st.lists(st.sampled_from(CHANNELS), max_size=1))
    lengths = {rows: 6, columns: 7, **{name: LENGTHS[name] for name in further}}
    lengths |= {name: draw(st.sampled_from([1, 3])) for name in channels}
    for name in further:
        lengths[name] = draw(st.sampled_from([1, lengths[name]]))
    dims = draw(st.permutations([rows, columns, *further, *channels]))
    shape = [lengths[name] for name in dims]
    dtype = draw(st.sampled_from(["u1", "f4"]))
    data = (np.arange(np.prod(shape)) % 250 + 1).astype(dtype).reshape(shape)
    return xarray.DataArray(data, dims=dims, name="v")


def expected(data: Any) -> tuple[dict[str, int], Array]:
    """Return names and lengths of the axes to go along, and the planes, of one axis each."""
    dims = list(data.dims)
    rows, columns = (next(d for d in dims if d in {p[i] for p in PAIRS}) for i in (0, 1))
    channels = [d for d in dims if d in CHANNELS]
    further = [d for d in dims if d in FURTHER and data.sizes[d] > 1]
    ones = [d for d in dims if d in FURTHER and data.sizes[d] == 1]
    sides = [d for d in dims if d in (rows, columns)]  # in their own order
    whole = data.transpose(*further, *ones, *sides, *channels).values
    whole = whole.reshape([*whole.shape[: len(further)], *whole.shape[len(further) + len(ones) :]])
    if channels and data.sizes[channels[0]] == 1:
        whole = whole[..., 0]
    return {name: data.sizes[name] for name in further}, whole


def as_zarr(data: Any, version: int, folder: Path) -> Path:
    path = folder / f"{version}.zarr"
    names = {"dimension_names": data.dims} if version == 3 else {}
    array = zarr.create_array(
        path, shape=data.shape, dtype=data.dtype, zarr_format=version, **names
    )
    array[...] = data.values
    if version == 2:
        array.attrs["_ARRAY_DIMENSIONS"] = list(data.dims)
    return path


def as_zarr_array(data: Any, folder: Path) -> Any:
    return zarr.open_array(as_zarr(data, 3, folder), mode="r")


SOURCES: dict[str, Any] = {
    "memory": lambda data, folder: data,
    "dask": lambda data, folder: data.chunk(4),
    "zarr 2": lambda data, folder: as_zarr(data, 2, folder),
    "zarr 3": lambda data, folder: as_zarr(data, 3, folder),
    "zarr array": as_zarr_array,
}


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=labelled(), embed=st.booleans())
@pytest.mark.parametrize("source", SOURCES)
def test_names_in_any_order_give_the_same_planes(source: str, data: Any, embed: bool) -> None:
    further, whole = expected(data)
    with tempfile.TemporaryDirectory() as folder:
        stack = open_stack(SOURCES[source](data, Path(folder)), None, None, None, embed)
        found = dict(zip(stack.names, stack.sizes, strict=True))
        assert found == further
        sides = whole.shape[len(further) :]
        for index in np.ndindex(stack.sizes):
            plane, _ = on_host(stack.plane(index), stack.channel_axis)
            np.testing.assert_array_equal(plane.reshape(sides), whole[index])


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    st.permutations("TZCYX"),
    st.tuples(*[st.sampled_from([1, n]) for n in (2, 4, 3)]),
    st.sampled_from(["u1", "u2"]),
    st.sampled_from(["ome", "shaped"]),
)
def test_the_axes_of_a_tiff_are_those_of_the_named_array(
    letters: list[str], sizes: tuple[int, int, int], dtype: str, kind: str
) -> None:
    """OME-TIFF keeps rows and columns last; what tifffile calls shaped keeps any order."""
    lengths = {**dict(zip("TZC", sizes, strict=True)), "Y": 6, "X": 7}
    if kind == "ome":
        letters = [x for x in letters if x not in "YX"] + ["Y", "X"]
    shape = [lengths[letter] for letter in letters]
    whole = (np.arange(np.prod(shape)) % 251).astype(dtype).reshape(shape)
    named = xarray.DataArray(whole, dims=[letter.lower() for letter in letters])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("a.ome.tif" if kind == "ome" else "a.tif")
        options: dict[str, Any] = {"photometric": "minisblack", "ome": kind == "ome"}
        tifffile.imwrite(path, whole, metadata={"axes": "".join(letters)}, **options)
        theirs, ours = (open_stack(source, None, None, None, True) for source in (named, path))
        axes = [
            {name: size for name, size in zip(stack.names, stack.sizes, strict=True) if size > 1}
            for stack in (theirs, ours)
        ]
        assert axes[0] == axes[1]
        assert (theirs.rows, theirs.columns, theirs.channels) == (
            ours.rows,
            ours.columns,
            ours.channels,
        )
        planes = [
            [on_host(stack.plane(i), stack.channel_axis)[0] for i in np.ndindex(stack.sizes)]
            for stack in (theirs, ours)
        ]
        for one, other in zip(*planes, strict=True):
            np.testing.assert_array_equal(one.reshape(other.shape), other)


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ({"axis": "Y"}, {"axis": "X"}),
        ({"standard_name": "latitude"}, {"standard_name": "longitude"}),
        ({"units": "degrees_north"}, {"units": "degrees_east"}),
        (
            {"standard_name": "projection_y_coordinate"},
            {"standard_name": "projection_x_coordinate"},
        ),
    ],
)
@pytest.mark.parametrize("source", SOURCES)
def test_rows_and_columns_are_told_by_the_attributes_of_coordinates(
    source: str, rows: dict[str, str], columns: dict[str, str], tmp_path: Path
) -> None:
    data = xarray.DataArray(
        np.arange(6.0 * 7 * 5).reshape(6, 7, 5),
        dims=("a", "b", "k"),
        coords={"a": ("a", np.arange(6.0), rows), "b": ("b", np.arange(7.0) * 2, columns)},
        name="v",
    )
    given_: Any = data if source == "memory" else data.chunk(4)
    if source.startswith("zarr"):
        version = 2 if source == "zarr 2" else 3
        data.to_dataset().to_zarr(tmp_path / "a.zarr", zarr_format=version, consolidated=False)
        given_ = tmp_path / "a.zarr"
        if source == "zarr array":
            given_ = zarr.open_group(given_, mode="r")["v"]
    with open_pyramid(given_) as pyramid:
        assert (pyramid.axes, pyramid.shapes[0]) == ((("k", 5),), (6, 7))
        _, _, along = pyramid.metadata.coordinates
        assert along is not None and along.line == (0.0, 2.0)
    assert len(Grid(given_).pictures) == Video(given_, progress=False).count == 5


# One further axis of length 1


ONES = [
    ("time", "lat", "lon"),
    ("lat", "lon", "time"),
    ("time", "level", "y", "x"),
    ("c", "y", "x"),
    ("y", "x", "band"),
    ("t", "c", "z", "y", "x"),
]
VERBS: dict[str, Any] = {
    "Picture": Picture,
    "Grid": Grid,
    "Grid of a list": lambda data: Grid([data]),
    "Video": lambda data: Video(data, progress=False),
    "View": lambda data: View(data, embed=True),
    "View in tiles": lambda data: View(data, embed=False),
    "open_pyramid": open_pyramid,
    "encode": encode,
    "data_uri": data_uri,
    "rerange": rerange,
    "quilt": quilt,
}


@pytest.mark.parametrize("dims", ONES, ids="-".join)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("sides", [(6, 7), (1, 7), (1, 1)])
def test_every_verb_takes_axes_of_length_one(
    verb: str, dims: tuple[str, ...], sides: tuple[int, int]
) -> None:
    rows, columns = (next(d for d in dims if d in pair) for pair in (("y", "lat"), ("x", "lon")))
    shape = [{rows: sides[0], columns: sides[1]}.get(name, 1) for name in dims]
    VERBS[verb](xarray.DataArray(np.arange(np.prod(shape)).reshape(shape) % 5, dims=dims))


@pytest.mark.parametrize("dims", ONES, ids="-".join)
def test_the_labels_of_axes_of_length_one_join_the_title(
    dims: tuple[str, ...], tmp_path: Path
) -> None:
    shape = [6 if name in ("y", "lat") else 7 if name in ("x", "lon") else 1 for name in dims]
    ones = [name for name, length in zip(dims, shape, strict=True) if length == 1]
    coords = {name: (name, [2.5]) for name in ones}
    data = xarray.DataArray(np.zeros(shape) + 1, dims=dims, coords=coords, name="v")
    data.to_dataset().to_zarr(tmp_path / "a.zarr", zarr_format=3, consolidated=False)
    for source in (data, tmp_path / "a.zarr", open_pyramid(data.chunk())):
        title = Picture(source, 0, 1).figure.title
        assert sorted(title.split(", ")) == sorted(f"{name} = 2.5" for name in ones)


@pytest.mark.parametrize("verb", ["Picture", "Grid of a list", "encode"])
def test_a_stack_is_refused_with_the_axis_that_is_too_much(verb: str) -> None:
    data = xarray.DataArray(np.zeros((3, 6, 7)), dims=("time", "lat", "lon"))
    with pytest.raises(ValueError, match=r"hold 3 along 'time' in shape \(3, 6, 7\): pick one"):
        VERBS[verb](data)


def test_a_video_of_two_named_axes_names_them() -> None:
    data = xarray.DataArray(np.zeros((5, 2, 6, 7), np.uint16), dims=("t", "z", "y", "x"))
    with pytest.raises(ValueError, match=r"one axis of frames, but got 5 along 't' and 2 along 'z"):
        Video(data, progress=False)


# What writers keep


def latitudes() -> Any:
    return xarray.DataArray(
        np.arange(42.0, dtype=np.float32).reshape(6, 7),
        dims=("lat", "lon"),
        coords={"lat": np.linspace(10, 60, 6), "lon": np.arange(7) * 0.5},
    )


@pytest.mark.parametrize("kind", ["dzi", "ome.zarr", "tif", "ome.tif"])
@pytest.mark.parametrize("chunked", [False, True], ids=["memory", "dask"])
def test_what_is_written_of_increasing_latitudes_stands_upright(
    kind: str, chunked: bool, tmp_path: Path
) -> None:
    data, path = latitudes(), tmp_path / f"a.{kind}"
    given_: Any = data.chunk(3) if chunked else data
    if kind == "dzi":
        write_dzi(given_, path, format="png", progress=False)
    else:
        (write_ome_zarr if "zarr" in kind else write_tiff)(given_, path, progress=False)
    expected_ = Picture(data)
    assert expected_.lower
    np.testing.assert_array_equal(Picture(path).pixels, expected_.pixels)


@pytest.mark.parametrize("kind", ["array", "bands", "dask", "dataset", "nc", "zarr"])
def test_increasing_latitudes_stand_upright_however_they_are_given(
    kind: str, tmp_path: Path
) -> None:
    data: Any = latitudes().assign_attrs(units="K").rename("t")
    data.lat.attrs["units"] = "degrees_north"
    given_ = data
    if kind == "bands":
        given_ = xarray.concat([data] * 3, xarray.Variable("band", ["red", "green", "blue"]))
    elif kind == "dask":
        given_ = data.chunk(3)
    elif kind == "dataset":
        given_ = data.to_dataset()
    elif kind == "nc":
        given_ = tmp_path / "a.nc"
        data.to_netcdf(given_)
    elif kind == "zarr":
        given_ = tmp_path / "a.zarr"
        data.to_dataset().to_zarr(given_, zarr_format=2)
    expected_ = Picture(given_)
    assert expected_.lower
    for png in (encode(given_), base64.b64decode(data_uri(given_).partition(",")[2])):
        with Image.open(io.BytesIO(png)) as image:
            np.testing.assert_array_equal(np.asarray(image), expected_.pixels)
    if kind in ("array", "dask"):
        found = nbimage.tables.tables.data_uris([given_])[0]
        with Image.open(io.BytesIO(base64.b64decode(found.partition(",")[2]))) as image:
            np.testing.assert_array_equal(np.asarray(image), expected_.pixels)
