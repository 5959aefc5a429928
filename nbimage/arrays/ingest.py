"""Convert any array-like to a plain array with a mask and named axes, values untouched.

Which type is what is decided here; those with labels are taken apart in `labelled`. A framework is
looked for in `sys.modules`: if it has not been imported, the data can't be its.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.arrays.axis_names import Names
from nbimage.arrays.axis_order import GRAY, AxisOrder, resolve_axis_order
from nbimage.arrays.colors import Samples
from nbimage.arrays.device import DeviceArray
from nbimage.arrays.further import ONE_PICTURE
from nbimage.arrays.metadata import UNLABELLED, DescribedChannels, Metadata, with_dropped
from nbimage.arrays.stacks.no_array import describe_ragged, suggest_array
from nbimage.base.chunked import Array
from nbimage.base.forks import compute
from nbimage.base.lazy_types import find_type
from nbimage.base.scalars import find_unit

if TYPE_CHECKING:
    from nbimage.arrays.labelled import Labelled

_CPU = 1  # DLPack's device type
_VIDEO = "nbimage.codecs.clips.video_frames", "VideoFrames"
_LABELLED = ("xarray", "DataArray"), ("pandas", "DataFrame"), ("polars", "DataFrame")
_NDDATA = "astropy.nddata.nddata", "NDData"


@dataclass(frozen=True, slots=True, eq=False, repr=False)  # arrays: of no use
class Values:
    """An array as it came in, nothing computed yet.

    ``array`` is a NumPy array, or one on an accelerator.
    """

    array: Array | DeviceArray
    mask: Array | None = None
    """True where a value is missing: same shape as the array, or None."""
    names: Names | None = None
    """The axes' names, where the data has some."""
    dtype: str = ""
    """The dtype that came in, for the reader."""
    metadata: Metadata = UNLABELLED
    """Coordinates, labels and units, where the data have some."""
    opaque: float | None = None
    """The alpha that is opaque, where that is known: of several pictures that belong together."""
    channels: DescribedChannels | None = None
    """Channels of one picture that are no colors, where a file has them."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        return self.array.shape


def as_values(data: Any, complex_too: bool = False, *, any_shape: bool = False) -> Values:
    """Take any array-like: the values themselves, no copy wherever the source allows it.

    NumPy arrays (masked ones too), nested lists, PIL images, whatever has ``__array__``,
    ``__array_interface__`` or DLPack, torch, JAX and CuPy tensors, xarray, dask and zarr arrays
    (computed once). With ``any_shape`` numbers and arrays of less than two axes as well.

    Raises
    ------
    TypeError
        For objects, strings, structured and ragged data, and complex numbers unless asked for.
    ValueError
        For empty data and for less than two axes.
    """
    number = any_shape and isinstance(data, (int, float, complex))
    values = take(np.asarray(data) if number else data)
    values = _numeric(values, complex_too)
    shape = values.shape
    if 0 in shape:
        raise ValueError(f"the data are empty: their shape is {shape}")
    if len(shape) < 2 and not any_shape:
        raise ValueError(
            f"data must have at least 2 axes (height, width), but got shape {shape}: "
            "give it two, such as data.reshape(1, -1) for one row"
        )
    return values if values.dtype else replace(values, dtype=str(values.array.dtype))


def _labelled(data: Any) -> Labelled | None:
    """Return a labelled array taken apart; None for any other type."""
    if not any(isinstance(data, find_type(*home)) for home in (*_LABELLED, _NDDATA)):
        return None
    from nbimage.arrays.labelled import as_labelled  # 5 ms, for those who have such data

    return as_labelled(data)


def pick(values: Values, axis: int, index: int) -> Values:
    """Return the values at one index along an axis, which is gone then."""
    where: Any = (*[slice(None)] * axis, index)
    names, coordinates = values.names, values.metadata.coordinates
    return replace(
        values,
        channels=values.channels and values.channels.without(axis),
        array=values.array[where],
        mask=None if values.mask is None else values.mask[where],
        names=None if names is None else names[:axis] + names[axis + 1 :],
        metadata=replace(values.metadata, coordinates=coordinates[:axis] + coordinates[axis + 1 :]),
    )


def without_dropped(values: Values, axis_order: AxisOrder) -> Values:
    """Return values without the axes of length 1 that need no index; labels join the title."""
    metadata = with_dropped(values.metadata, values.names, axis_order.single(values.shape))
    for axis in sorted(axis_order.dropped, reverse=True):
        values = pick(values, axis, 0)
    return replace(values, metadata=replace(values.metadata, title=metadata.title))


def names_of(data: Any) -> Names | None:
    """Return the names that any array-like has for its axes; nothing is computed or read."""
    if isinstance(data, Values):
        return data.names
    if isinstance(data, find_type("xarray", "DataArray")):
        from nbimage.arrays.labelled import xarray_names  # 5 ms, for those who have such data

        return xarray_names(data)
    if isinstance(data, find_type("nbimage.pyramid.core.arrays.level", "Level")):
        return tuple(data.axes)
    if isinstance(data, find_type(*_VIDEO)):
        known: Names = data.names
        return known
    if isinstance(data, find_type("zarr", "Array")):
        from nbimage.arrays.stores.zarr_metadata import (
            zarr_names,
        )  # 5 ms, for those who have such data

        return zarr_names(data)
    if isinstance(data, find_type("h5py", "Dataset")):
        from nbimage.arrays.stores.hdf5_metadata import hdf5_names

        return hdf5_names(data)
    return None


def only_variable(data: Any) -> Any:
    """Return the one image of an xarray Dataset, or of a group of HDF5; anything else as it is."""
    if isinstance(data, find_type("h5py", "Group")):
        from nbimage.arrays.stores.cf_arrays import choose_image
        from nbimage.arrays.stores.hdf5_metadata import hdf5_variables

        return data[choose_image(hdf5_variables(data), str(data.file.filename))]
    if not isinstance(data, find_type("xarray", "Dataset")):
        return data
    from nbimage.arrays.labelled import pick_variable

    return pick_variable(data)


def slice_along(data: Any, axis: int, start: int, stop: int) -> Any:
    """Return a part of any lazy array along an axis, with its labels where it has some."""
    where = (*[slice(None)] * axis, slice(start, stop))
    if isinstance(data, Values):
        mask = None if data.mask is None else data.mask[where]
        return replace(data, array=data.array[where], mask=mask)
    if isinstance(data, find_type("zarr", "Array")):
        from nbimage.arrays.stores.zarr_metadata import zarr_labels

        metadata, decoding = zarr_labels(data)
    elif isinstance(data, find_type("h5py", "Dataset")):
        from nbimage.arrays.stores.hdf5_metadata import hdf5_labels

        metadata, decoding = hdf5_labels(data)
    elif isinstance(data, find_type(*_VIDEO)) and not axis:
        known: Values = data.read_values(start, stop)
        return known
    else:
        return data[where]
    if metadata.coordinates:
        own = list(metadata.coordinates)
        along = own[axis]
        if along is not None and along.values is not None:
            own[axis] = replace(along, values=along.values[start:stop])
        metadata = replace(metadata, coordinates=tuple(own))
    samples = np.asarray(data[where])
    mask = decoding.find_missing(samples)
    return Values(decoding.unpack(samples), mask, names_of(data), metadata=metadata)


def transpose(values: Values, order: Sequence[int]) -> Values:
    """Return values with their axes in another order."""
    array = values.array.host() if isinstance(values.array, DeviceArray) else values.array
    names, metadata = values.names, values.metadata
    if metadata.coordinates:
        metadata = replace(metadata, coordinates=tuple(metadata.coordinates[i] for i in order))
    return replace(
        values,
        array=array.transpose(order),
        mask=None if values.mask is None else values.mask.transpose(order),
        names=None if names is None else tuple(names[i] for i in order),
        metadata=metadata,
    )


def picture_axis_order(values: Values, channel_axis: int | None) -> AxisOrder:
    """Return which axis is what of one picture, of no composite. Raises for what is none."""
    shape, names = values.array.shape, values.names
    if len(shape) == 2 and names is None and channel_axis is None and 0 not in shape:
        return GRAY  # at once: this is asked many times for each picture of a grid
    own = Samples(values.array, metadata=values.metadata, unit=True)
    return resolve_axis_order(shape, names, None, channel_axis, further=ONE_PICTURE, samples=own)


def as_picture(values: Values, channel_axis: int | None) -> tuple[Values, int | None]:
    """Return the values of one picture, with no axis that needs no index, and its channel axis.

    Raises TypeError or ValueError for what is no picture.
    """
    order = picture_axis_order(values, channel_axis)
    if not order.single(values.shape):
        return values, order.channels
    return without_dropped(values, order), order.without_dropped().channels


def take(data: Any) -> Values:
    """Return any array-like as a plain array with its mask and names, its dtype not looked at."""
    if isinstance(data, np.ma.MaskedArray):
        mask = np.ma.getmask(data)
        return Values(np.asarray(data.data), None if mask is np.ma.nomask else np.asarray(mask))
    if isinstance(data, np.ndarray):
        return _from_ndarray(data)
    if isinstance(data, Values):
        return data
    labelled = _labelled(data)
    if labelled is not None:
        values = take(labelled.data)
        masks = [mask for mask in (labelled.mask, values.mask) if mask is not None]
        return replace(
            values,
            mask=np.logical_or.reduce(masks) if masks else None,
            names=labelled.names,
            metadata=replace(
                labelled.metadata,
                quantity=labelled.metadata.quantity or values.metadata.quantity,
            ),
        )
    if isinstance(data, (find_type("xarray", "Dataset"), find_type("h5py", "Group"))):
        return take(only_variable(data))
    if isinstance(data, find_type("torch", "Tensor")):
        return _from_torch(data)
    if isinstance(data, find_type("cupy", "ndarray")):
        return Values(DeviceArray(data))
    if isinstance(data, find_type("PIL.Image", "Image")):
        return _from_pillow(data)
    if isinstance(data, find_type("dask.array", "Array")):
        return take(compute(data))
    if isinstance(data, find_type("zarr", "Array")):
        return _from_zarr(data)
    if isinstance(data, find_type("h5py", "Dataset")):
        return slice_along(data, 0, 0, data.shape[0]) if data.shape else Values(np.asarray(data))
    if isinstance(data, find_type("pydicom.dataset", "Dataset")):
        return _from_dicom(data)
    if isinstance(data, find_type(*_VIDEO)):
        return take(slice_along(data, 0, 0, len(data)))
    if isinstance(data, find_type("nbimage.pyramid.core.arrays.level", "Level")):
        known: Values = data.as_values()
        return known
    if isinstance(data, (str, bytes)) or hasattr(data, "__fspath__"):
        raise TypeError(
            f"data must be an array, but got {type(data).__name__} {str(data)[:60]!r}: "
            "open a file first, for instance with PIL.Image.open"
        )
    if find_unit(data) is not None and hasattr(data, "magnitude"):  # pint's, of any array
        values = take(data.magnitude)
        return replace(values, metadata=replace(values.metadata, quantity=str(data.units)))
    if hasattr(data, "__array__") or hasattr(data, "__array_interface__"):
        found = np.asanyarray(data)  # masked, such as a variable of netCDF4
        return take(found) if isinstance(found, np.ma.MaskedArray) else Values(np.asarray(found))
    if hasattr(data, "__dlpack__"):
        return _from_dlpack(data)
    if isinstance(data, (list, tuple)):
        from nbimage.arrays.stacks.nested_lists import stack_items

        try:
            stacked = stack_items(data, take)
            return Values(*stacked) if stacked else Values(np.asarray(data))
        except ValueError as error:
            raise TypeError(describe_ragged(data)) from error
    raise TypeError(
        f"data must be an array or nested lists, but got {type(data).__name__}{suggest_array(data)}"
    )


def _from_ndarray(data: Any) -> Values:
    if type(data) is np.ndarray:
        return Values(data)
    unit, mask = find_unit(data), None
    if hasattr(data, "unmasked") and hasattr(data, "mask"):  # astropy's own masked arrays
        data, mask = data.unmasked, np.asarray(data.mask)
    metadata = UNLABELLED if unit is None else Metadata(quantity=unit)
    return Values(np.asarray(data), mask, metadata=metadata)


def _numeric(values: Values, complex_too: bool) -> Values:
    """Check the dtype; dates become their integers, NaT is masked."""
    array = values.array
    kind = array.dtype.kind
    if isinstance(array, DeviceArray) and array.dtype == np.uint64:
        array = array.host()  # neither torch nor float64 can tell its extremes
        return replace(values, array=array)
    if kind in "biuf":
        return values
    array = array.host() if isinstance(array, DeviceArray) else array
    if kind == "c" and complex_too:
        return replace(values, array=array)
    if kind == "c":
        raise TypeError(
            f"data must be real, but got dtype {array.dtype}: show abs(data), numpy.angle(data) "
            'or data.real, or a picture with complex="abs", "phase" or "domain"'
        )
    if kind in "mM":
        missing = np.isnat(array)
        mask = values.mask
        if missing.any():
            mask = missing if mask is None else mask | missing
        native = array.astype(array.dtype.newbyteorder("="), copy=False)
        return replace(values, array=native.view(np.int64), mask=mask, dtype=str(array.dtype))
    if "float" in str(array.dtype) and array.dtype.names is None:  # ml_dtypes: bfloat16, float8
        return replace(values, array=array.astype(np.float32), dtype=str(array.dtype))
    raise TypeError(
        f"data must be numbers or booleans, but got dtype {array.dtype}: "
        "convert it first, for instance with data.astype(float)"
    )


def _from_torch(tensor: Any) -> Values:
    torch = sys.modules["torch"]
    tensor = tensor.detach()
    name = str(tensor.dtype).removeprefix("torch.")
    names: Names | None = tuple(getattr(tensor, "names", ()))  # torch before 2.13 had some
    if names and any(names):
        tensor = tensor.rename(None)
    else:
        names = None
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    if name == "bfloat16" or name.startswith("float8"):
        tensor = tensor.float()  # exact: float32 holds every such value
    if tensor.device.type in ("cuda", "xpu"):
        return Values(DeviceArray(tensor), None, names, name)
    if tensor.device.type == "meta":
        raise TypeError("data must hold values, but got a torch tensor on the device 'meta'")
    return Values(tensor.cpu().resolve_conj().resolve_neg().numpy(), None, names, name)


def _from_zarr(data: Any) -> Values:
    return slice_along(data, 0, 0, data.shape[0]) if data.ndim else Values(np.asarray(data[...]))


def _from_pillow(image: Any, upright: bool = True) -> Values:
    from nbimage.arrays.orientation import find_turn
    from nbimage.arrays.pillow.image_orientation import find_orientation
    from nbimage.arrays.pillow.image_samples import read_samples
    from nbimage.arrays.pillow.tiff_tags import find_full_scale

    samples = read_samples(image)  # before what is left to be turned is known
    turn = find_turn(find_orientation(image) if upright else 1)
    mask = None if samples.mask is None else turn.apply(samples.mask)
    windows = samples.full_scale or find_full_scale(image)
    labels = image.mode == "P" and getattr(image, "format", None) == "TIFF"  # as from its path
    indexed = image.mode in ("P", "PA")
    metadata = Metadata(note=samples.note, windows=windows, labels=labels, indexed=indexed)
    return Values(turn.apply(samples.array), mask, samples.names, metadata=metadata)


def without_orientation(data: Any) -> Any:
    """Return an image of Pillow's, or those in a list or an iterator, as Pillow has its samples.

    Anything else is returned as it is.
    """
    if isinstance(data, find_type("PIL.Image", "Image")):
        return _from_pillow(data, upright=False)
    if isinstance(data, (list, tuple)):
        return [without_orientation(part) for part in data]
    return map(without_orientation, data) if isinstance(data, Iterator) else data


def _from_dicom(dataset: Any) -> Values:
    from nbimage.arrays.dicom.values import read_dataset  # for those who have such data

    array, mask, names, metadata = read_dataset(dataset)
    return Values(array, mask, names, metadata=metadata)


def _from_dlpack(data: Any) -> Values:
    if int(data.__dlpack_device__()[0]) == _CPU:
        return Values(np.from_dlpack(data))
    for module in ("torch", "cupy"):
        if module in sys.modules:
            return take(sys.modules[module].from_dlpack(data))
    raise TypeError(
        f"data must be reachable from the CPU, but got a {type(data).__name__} on DLPack device "
        f"{data.__dlpack_device__()}: copy it to the host first"
    )
