"""Arrays that bring names, coordinates and units with them: xarray, pandas, polars, datashader."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.axis_names import CHANNEL_NAMES, Names
from nbimage.arrays.cf import (
    as_held,
    label_metadata,
    label_of,
    missing_values,
    names_by_attributes,
    points_up,
    units_of,
)
from nbimage.arrays.coordinates import as_plain, is_ascending, text_of, tidy
from nbimage.arrays.decoding import Decoding, Missing
from nbimage.arrays.metadata import Coordinate, GeoReference, Metadata
from nbimage.arrays.stores.cf_arrays import Variable, find_images
from nbimage.arrays.world.crs import name_system, parse_transform
from nbimage.base.chunked import Array
from nbimage.base.forks import compute
from nbimage.base.lazy_types import find_type

_SMALL_TABLE = 20  # rows and columns whose numbers are read one by one
_GRID_MAPPING = frozenset({"grid_mapping_name", "crs_wkt", "spatial_ref"})


class Labelled(NamedTuple):
    """A plain array, and what was written on it."""

    data: Any
    """The array(-like) beneath, not copied."""
    mask: Array | None
    """True where a nodata attribute says that a value is missing; None if nowhere."""
    names: Names | None
    metadata: Metadata
    missing: tuple[Missing, ...] = ()
    """Samples that stand for missing values, which nobody has looked for yet."""


def is_small_table(data: Any) -> bool:
    """Return whether data are a DataFrame of numbers, few enough to be read one by one."""
    if not any(
        isinstance(data, find_type(package, "DataFrame")) for package in ("pandas", "polars")
    ):
        return False
    rows, columns = data.shape
    kinds = {str(dtype).lower().rstrip("0123456789") for dtype in data.dtypes}
    return 0 < max(rows, columns) <= _SMALL_TABLE and kinds <= {"int", "uint", "float"}


def as_labelled(data: Any, *, lazy: bool = False) -> Labelled | None:
    """Take a labelled array apart, itself untouched; None for any other type.

    xarray DataArrays (their dask arrays stay lazy unless a nodata attribute asks for a look at
    the values), pandas and polars DataFrames, datashader images.

    ``lazy``: look at no values; `Labelled.missing` says which ones are missing.

    Raises
    ------
    TypeError
        For a DataFrame with a column that holds no numbers.
    """
    if isinstance(data, find_type("xarray", "DataArray")):
        drawn = isinstance(data, find_type("datashader.transfer_functions", "Image"))
        packed = drawn and data.ndim == 2 and data.dtype == np.uint32
        return _from_datashader(data) if packed else _from_xarray(data, lazy)
    if isinstance(data, find_type("pandas", "DataFrame")):
        return _from_pandas(data)
    if isinstance(data, find_type("polars", "DataFrame")):
        return _from_polars(data)
    if isinstance(data, find_type("astropy.nddata.nddata", "NDData")):
        return _from_nddata(data)
    return None


def _from_nddata(data: Any) -> Labelled:
    """Take astropy's ``NDData`` or ``CCDData`` apart, which have a mask and a unit."""
    mask = None if data.mask is None else np.asarray(data.mask, bool)
    if mask is not None and mask.shape != data.data.shape:
        mask = np.broadcast_to(mask, data.data.shape)
    unit = "" if data.unit is None else str(data.unit)
    return Labelled(data.data, mask, None, Metadata(quantity=unit))


# xarray


def pick_variable(dataset: Any) -> Any:
    """Return the only image of a Dataset, as a DataArray.

    Raises
    ------
    TypeError
        Where there are several or none: it says which variables there are.
    """
    found = find_images(
        Variable(
            str(name), one.shape, one.dtype, {**one.encoding, **one.attrs}, name in dataset.coords
        )
        for name, one in dataset.variables.items()
    )
    if len(found) == 1:
        return next(one for name, one in dataset.data_vars.items() if str(name) == found[0].name)
    held = ", ".join(map(str, found)) or f"none among {list(dataset.data_vars)}"
    way = f": pick one, such as dataset[{found[0].name!r}]" if found else ""
    raise TypeError(f"data must hold one image, but got an xarray Dataset of {held}{way}")


def _from_xarray(data: Any, lazy: bool) -> Labelled:
    array, mask, missing = data.data, None, _find_missing(data)
    if missing and not lazy:
        array = compute(array) if data.chunks is not None else array
        mask, missing = Decoding(missing=missing).find_missing(array), ()
    return Labelled(array, mask, xarray_names(data), _metadata(data), missing)


def xarray_names(data: Any) -> Names:
    """Return the names of a DataArray's axes, "y" and "x" where its coordinates tell them."""

    def attributes_of(name: str) -> Any:
        return data.coords[name].attrs if name in data.coords else {}

    return names_by_attributes(tuple(str(dim) for dim in data.dims), attributes_of)


def _from_datashader(data: Any) -> Labelled:
    packed = data.data
    if hasattr(packed, "compute"):
        packed = compute(packed)
    if hasattr(packed, "get"):  # CuPy
        packed = packed.get()
    # red is the lowest byte of each, so the first in little-endian memory
    packed = np.ascontiguousarray(packed, dtype="<u4")
    pixels = packed.view(np.uint8).reshape(*packed.shape, 4)
    metadata = _metadata(data)
    y, x = metadata.coordinates
    y = y or Coordinate(None)
    # datashader draws the first row at the bottom, with coordinates or without
    y = replace(y, upward=y.values is None or is_ascending(y.values))
    names = (*(str(dim) for dim in data.dims), "channel")
    return Labelled(pixels, None, names, replace(metadata, coordinates=(y, x, None)))


def _metadata(data: Any) -> Metadata:
    name = str(data.name) if data.name is not None else ""
    coordinates = tuple(_coordinate(data, dim) for dim in data.dims)
    return Metadata(
        label_of(data.attrs, name),
        ", ".join(f"{name} = {text}" for name, text in list_scalars(data).items()),
        coordinates,
        georeference=_find_georeference(data, coordinates),
        **label_metadata(data.attrs),
    )


def _find_georeference(
    data: Any, coordinates: tuple[Coordinate | None, ...]
) -> GeoReference | None:
    """Return the reference system of a grid mapping, as rioxarray and CF have it; None without."""
    own = str(data.encoding.get("grid_mapping") or data.attrs.get("grid_mapping") or "")
    for name, coord in data.coords.items():
        if coord.ndim or not (name in (own, "spatial_ref") or _GRID_MAPPING & set(coord.attrs)):
            continue
        text = str(coord.attrs.get("crs_wkt") or coord.attrs.get("spatial_ref") or "")
        lines = [one for one in coordinates if one is not None and one.values is not None]
        transform = parse_transform(coord.attrs.get("GeoTransform"))
        if text:
            rotated = transform if transform is not None and not lines else None
            return GeoReference(name_system(text), None, rotated, text)
    return None


def _coordinate(data: Any, dim: Any) -> Coordinate | None:
    if dim not in data.coords:  # asked for one all the same, xarray would make pixel numbers up
        label = label_of({}, str(dim))
        return Coordinate(None, label) if label else None
    coord = data.coords[dim]
    lazy = coord.chunks is not None
    values = None if lazy or coord.ndim != 1 else tidy(as_plain(coord))
    upward = values is not None and points_up(values, str(dim), coord.attrs)
    return Coordinate(values, label_of(coord.attrs, str(dim)), upward)


def list_scalars(data: Any) -> dict[str, str]:
    """Return the coordinates that a DataArray has one of, as texts by their names."""
    found = {}
    for name, coord in data.coords.items():
        if coord.ndim or coord.chunks is not None or _GRID_MAPPING & set(coord.attrs):
            continue
        text = text_of(as_plain(coord.values)[()])
        if text and name not in _GRID_MAPPING:
            text = text if len(text) <= 60 else text[:59] + "…"
            found[str(name)] = f"{text} {units_of(coord.attrs)}".rstrip()
    return found


def _find_missing(data: Any) -> tuple[Missing, ...]:
    """Return the samples that stand for missing values, by the conventions of CF and rasterio."""
    fills = [Missing(fill) for fill in missing_values(data.attrs, data.dtype)]
    return (*fills, *_band_fills(data))


def _band_fills(data: Any) -> list[Missing]:
    """Return rasterio's nodata values, each with the band that it counts for."""
    listed = data.attrs.get("nodatavals")
    listed = (
        tuple(np.ravel(listed).tolist()) if isinstance(listed, (tuple, list, np.ndarray)) else ()
    )
    if len(set(listed)) == 1:
        return [Missing(fill) for fill in as_held(listed[0], data.dtype)]
    names = [str(dim).lower() for dim in data.dims]
    axis = next((axis for axis, name in enumerate(names) if name in CHANNEL_NAMES), None)
    found: list[Missing] = []
    for index, number in enumerate(_band_numbers(data, axis)):
        if 1 <= number <= len(listed):
            found += [
                Missing(fill, axis, index) for fill in as_held(listed[number - 1], data.dtype)
            ]
    return found


def _band_numbers(data: Any, axis: int | None) -> list[int]:
    """Return the numbers of the bands that are there, from 1 on: some may be cut away."""
    name = "band" if axis is None else data.dims[axis]
    if name in data.coords and data.coords[name].dtype.kind in "iu":
        return [int(number) for number in np.ravel(data.coords[name].values)]
    return [] if axis is None else list(range(1, data.shape[axis] + 1))


# Tables


def _from_pandas(frame: Any) -> Labelled:
    columns = [(name, dtype, getattr(dtype, "kind", "O")) for name, dtype in frame.dtypes.items()]
    kinds = {kind for _, _, kind in columns}
    plain = [
        getattr(dtype, "numpy_dtype", getattr(dtype, "subtype", dtype)) for _, dtype, _ in columns
    ]
    if kinds <= set("biufc") and columns:
        array = _numbers(frame, plain)
    elif kinds in ({"m"}, {"M"}) and all(isinstance(dtype, np.dtype) for dtype in plain):
        array = frame.to_numpy()
    elif columns:
        name, dtype = next((name, dtype) for name, dtype, kind in columns if kind not in "biufc")
        raise _no_number(name, dtype, 'frame.select_dtypes("number")')
    else:
        array = frame.to_numpy()
    metadata = Metadata(coordinates=(_index(frame.index), _index(frame.columns)))
    return Labelled(array, None, None, metadata)


def _numbers(frame: Any, plain: list[Any]) -> Array:
    kinds = {"i" if dtype.kind == "u" else dtype.kind for dtype in plain}
    target: Any = np.result_type(*plain)
    if len(kinds) > 1 and "c" not in kinds:
        target = np.dtype(np.float64)
    masked = [i for i, dtype in enumerate(frame.dtypes) if not isinstance(dtype, np.dtype)]
    if any(frame.iloc[:, i].isna().any() for i in masked):
        target = np.result_type(target, np.float64)
        return np.asarray(frame.to_numpy(dtype=target, na_value=np.nan))
    return np.asarray(frame.to_numpy(dtype=target))


def _index(index: Any) -> Coordinate:
    names = [str(name) for name in index.names if name is not None]
    label = ", ".join(names)
    values = tidy(as_plain(index))
    return Coordinate(values, label, points_up(values, label, {}))


def _from_polars(frame: Any) -> Labelled:
    polars = sys.modules["polars"]
    for name, dtype in frame.schema.items():
        if not dtype.is_numeric() and dtype != polars.Boolean:
            raise _no_number(name, dtype, "frame.select(polars.selectors.numeric())")
    array = frame.to_numpy()
    if array.dtype.kind == "O":  # booleans with nulls or beside numbers
        array = frame.cast(polars.Float64).to_numpy()
    columns = Coordinate(np.array(frame.columns, dtype=np.str_))
    return Labelled(array, None, None, Metadata(coordinates=(None, columns)))


def _no_number(name: Any, dtype: Any, way: str) -> TypeError:
    return TypeError(
        f"data must have columns of numbers, but got dtype {dtype} in column {name!r}: "
        f"pick the numeric ones with {way}"
    )
