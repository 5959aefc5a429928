"""The arrays in files of HDF5 and NetCDF 3: any part of one, read by any thread and process."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.stores.cf_arrays import Variable
from nbimage.arrays.stores.hdf5_metadata import hdf5_variables
from nbimage.base import optional_imports as optional
from nbimage.base.chunked import Array
from nbimage.base.forks import abandon, call_in_child
from nbimage.base.text import explain_damage
from nbimage.base.workers.threads import can_start_threads
from nbimage.pyramid.remote.range_file import RangeFile
from nbimage.pyramid.remote.remote_file import RemoteFile


@contextlib.contextmanager
def true_errors(remote: RangeFile | None) -> Iterator[None]:
    """Raise what went wrong at an address, of which h5py says less."""
    if remote is not None:
        remote.error = None
    try:
        yield
    except Exception as error:
        if remote is not None and remote.error is not None:
            raise remote.error from error
        raise


class Hdf5File:
    """A file that h5py reads."""

    format = "HDF5"

    def __init__(self, path: Path | RemoteFile) -> None:
        self.path = path
        h5py = optional.import_h5py()
        self.remote = path.open() if isinstance(path, RemoteFile) else None
        if self.remote is not None:
            with true_errors(self.remote):
                self._file = h5py.File(self.remote, "r")
            return
        try:
            self._file = h5py.File(path, "r")
        except BlockingIOError:  # someone writes to it
            raise
        except OSError:  # opened already, or on a disk, without locks
            self._file = h5py.File(path, "r", locking=False)

    def variables(self, group: str = "") -> Iterator[Variable]:
        """Yield the arrays in a group and in those below it."""
        yield from hdf5_variables(self._file[group or "/"], group)

    def find(self, name: str) -> Any:
        """Return an array or a group; None where there is none."""
        try:
            return self._file.get(name)
        except (KeyError, OSError, RuntimeError, ValueError):
            return None

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Netcdf3Array:
    """A variable of SciPy's with its attributes as text and numbers."""

    def __init__(self, name: str, variable: Any) -> None:
        self.name, self._data, self.names = name, variable.data, tuple(variable.dimensions)
        self.shape = tuple(map(int, self._data.shape))
        self.dtype, self.ndim = self._data.dtype, self._data.ndim
        self.attrs = {
            key: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            for key, value in variable._attributes.items()
        }

    def __getitem__(self, where: Any) -> Array:
        return np.array(self._data[where])


class Netcdf3File:
    """A file that SciPy maps into memory."""

    format = "NetCDF"

    def __init__(self, path: Path) -> None:
        self.path = path
        module = optional.import_scipy_io()
        self._file = module.netcdf_file(path, "r", mmap=True, maskandscale=False)

    def variables(self, group: str = "") -> Iterator[Variable]:
        """Yield the variables."""
        for name, variable in self._file.variables.items():
            one = _Netcdf3Array(name, variable)
            is_axis = name in self._file.dimensions
            yield Variable(name, one.shape, one.dtype, one.attrs, is_axis)

    def find(self, name: str) -> Any:
        """Return a variable; None where there is none."""
        found = self._file.variables.get(name)
        return None if found is None else _Netcdf3Array(name, found)

    def close(self) -> None:
        """Leave the map, which its last array ends."""


class _MatlabArray:
    """A variable of a MATLAB file, which is read as a whole."""

    def __init__(self, path: Path, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._path, self.name, self.shape, self.dtype = path, name, shape, dtype
        self.ndim = len(shape)
        self._array: Array | None = None

    def __getitem__(self, where: Any) -> Array:
        if self._array is None:
            load = optional.import_scipy_io().loadmat
            found = load(self._path, variable_names=[self.name], mat_dtype=True)[self.name]
            self._array = np.asarray(found).astype(self.dtype, copy=False)
        return np.array(self._array[where])


class MatlabFile:
    """A file of MATLAB's up to version 7, which SciPy reads."""

    format = "MATLAB"

    def __init__(self, path: Path) -> None:
        self.path = path
        listed = optional.import_scipy_io().whosmat(path)
        self._arrays = {
            name: _MatlabArray(path, name, tuple(map(int, shape)), np.dtype(_MATLAB_TYPES[kind]))
            for name, shape, kind in listed
            if kind in _MATLAB_TYPES
        }

    def variables(self, group: str = "") -> Iterator[Variable]:
        """Yield the arrays of numbers."""
        for name, one in self._arrays.items():
            yield Variable(name, one.shape, one.dtype, {})

    def find(self, name: str) -> Any:
        """Return an array; None where there is none."""
        return self._arrays.get(name)

    def close(self) -> None:
        """Do nothing: no file is open."""


_MATLAB_TYPES = {
    **{name: name for name in ("int8", "int16", "int32", "int64", "single", "double")},
    **{f"uint{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
    "logical": "bool",
}


class _OpenedArray:
    """An open file, and an array of it.

    h5py has one lock, which it holds while it reads of an address, as other threads do the work.
    Any of these may collect garbage, and would wait for that lock: so what is let go of is closed,
    and its objects end, in a thread of its own.
    """

    def __init__(self, file: Any, name: str) -> None:
        self.file, self.array = file, file.find(name)
        self.remote = getattr(file, "remote", None)

    def let_go(self) -> None:
        """Close the file; at an address before long."""
        at_end = not threading.main_thread().is_alive()  # when nothing is read any more
        if self.remote is None or at_end or not can_start_threads():
            self._close()
            return
        threading.Thread(target=self._close, name="nbimage-close").start()  # the end waits for it

    def _close(self) -> None:
        file, self.file, self.array = self.file, None, None
        if file is not None:
            file.close()


class StoredArray:
    """An array of a file, which is opened when its samples are read."""

    def __init__(
        self, kind: Any, path: Path | RemoteFile, name: str, facts: Mapping[str, Any]
    ) -> None:
        self.shape, self.dtype, self.chunks = facts["shape"], facts["dtype"], facts["chunks"]
        self.ndim = len(self.shape)
        self._asked = kind, path, name, facts
        self._opened: Any = None
        self._begin_child()
        call_in_child(self._begin_child)

    def _begin_child(self) -> None:
        """Open the file anew: its parent process has it open."""
        if self._opened is not None:
            abandon(self._opened)
        self._opened, self._lock = None, threading.Lock()

    def __getitem__(self, where: Any) -> Array:
        kind, path, name, _ = self._asked
        with self._lock:
            try:
                if self._opened is None:
                    self._opened = _OpenedArray(kind(path), name)
                    weakref.finalize(self, self._opened.let_go).atexit = False
                with true_errors(self._opened.remote):
                    return np.asarray(self._opened.array[where])
            except Exception as error:  # each filter has its own
                if isinstance(error, OSError) and str(path) in str(error):
                    raise
                raise ValueError(
                    f"{path} must be a whole {kind.format} file, but {name} can't be read: "
                    f"{explain_damage(error)}"
                ) from error

    def close(self) -> None:
        """Close the file; it is opened again where more is read."""
        with self._lock:
            if self._opened is not None:
                self._opened.let_go()
            self._opened = None

    def __reduce__(self) -> Any:
        return StoredArray, self._asked
