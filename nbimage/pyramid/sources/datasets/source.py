"""Images in HDF5 and NetCDF files: the only one, or the variable of a name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbimage.arrays.axis_names import Names
from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.cf import names_by_attributes
from nbimage.arrays.colors import Samples
from nbimage.arrays.decoding import Decoding
from nbimage.arrays.metadata import UNLABELLED, Metadata, with_dropped
from nbimage.arrays.stores.cf_arrays import (
    choose_image,
    decoding_of,
    find_images,
    list_variables,
    metadata_of,
)
from nbimage.arrays.stores.hdf5_metadata import (
    find_matlab_axes,
    hdf5_labels,
    hdf5_names,
    matlab_axes,
)
from nbimage.base import optional_imports as optional
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.array import ArraySource, file_errors
from nbimage.pyramid.sources.datasets.file_name import is_hdf5, is_netcdf3, is_netcdf5
from nbimage.pyramid.sources.datasets.stored import (
    Hdf5File,
    MatlabFile,
    Netcdf3File,
    StoredArray,
    true_errors,
)


class DatasetSource(ArraySource):
    """A variable of a file."""

    def close(self) -> None:
        """Close the file."""
        for array in self.levels:
            array.close()
        super().close()


def open_dataset(
    path: Path | RemoteFile, axes: Any, channel_axis: int | None, name: str | None = None
) -> DatasetSource:
    """Return a variable of a file as a source; nothing of its samples is read.

    Parameters
    ----------
    path : Path or RemoteFile
        An HDF5, NetCDF or MATLAB file.
    axes, channel_axis
        As for `open_pyramid`.
    name : str, optional
        The variable, or a group that holds one image; default: the only image.

    Raises
    ------
    ImportError, ValueError
        Without the package that reads it, and for another name, in one line.
    """
    kind: Any = Hdf5File
    if isinstance(path, Path) and not is_hdf5(path):
        kind = Netcdf3File if is_netcdf3(path) else MatlabFile
        if is_netcdf5(path):
            raise ValueError(
                f"{path} is NetCDF of the format CDF-5, which SciPy does not read: "
                "xarray.open_dataset(path, engine='netcdf4')['name'] reads it"
            )
    try:
        _ = optional.import_h5py() if kind is Hdf5File else optional.import_scipy_io()
    except ImportError as error:
        raise ImportError(f"{path} can't be opened: {error}") from None
    with file_errors(path, kind.format):
        file = kind(path)
        try:
            with true_errors(getattr(file, "remote", None)):
                chosen = _choose(file, name)
                return _open_variable(file, chosen, axes, channel_axis)
        finally:
            file.close()


def _choose(file: Any, name: str | None) -> str:
    """Return the whole name of a variable."""
    name = (name or "").strip("/")
    found = file.find(name) if name else None
    if name and hasattr(found, "shape"):
        return name
    if name and found is None:
        known = list_variables(find_images(file.variables())) or "no images"
        raise ValueError(f"{file.path} must hold the variable {name!r}, but holds {known}")
    return choose_image(file.variables(name), str(file.path))


def _open_variable(file: Any, name: str, axes: Any, channel_axis: int | None) -> DatasetSource:
    array = file.find(name)
    shape = tuple(array.shape or ())
    if len(shape) < 2 or 0 in shape or array.dtype.kind not in "biuf":
        raise ValueError(
            f"{file.path}/{name} must be numbers along two axes or more, but is {array.dtype} of "
            f"shape {shape}"
        )
    names, metadata, decoding = _describe(file, array)
    if axes is None and names is None and isinstance(file, Hdf5File):
        axes = find_matlab_axes(array)
    own = Samples(array, metadata=metadata)
    order = resolve_axis_order(shape, names, axes, channel_axis, samples=own)
    chunks = getattr(array, "chunks", None)
    facts = {"shape": shape, "dtype": array.dtype.newbyteorder("="), "chunks": chunks}
    stored = StoredArray(type(file), file.path, name, facts)
    metadata = with_dropped(metadata, names, order.single(shape))
    return DatasetSource([stored], order, decoding=decoding, metadata=metadata)


def _describe(file: Any, array: Any) -> tuple[Names | None, Metadata, Decoding]:
    if isinstance(file, Hdf5File):
        return hdf5_names(array), *hdf5_labels(array)
    if isinstance(file, MatlabFile):
        return matlab_axes(array.shape, array.dtype), UNLABELLED, Decoding()

    def attributes_of(name: str) -> dict[str, Any]:
        along = file.find(name)
        return {} if along is None else along.attrs

    names = names_by_attributes(array.names, attributes_of)
    metadata = metadata_of(array.attrs, array.name, array.names, array.shape, file.find)
    return names, metadata, decoding_of(array.attrs, array.dtype.newbyteorder("="))
