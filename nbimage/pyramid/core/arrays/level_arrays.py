"""`LevelArrays`: the levels of a pyramid as arrays: its own, NumPy's, dask's and xarray's.

Not here: what one level is (`level`), how it is read (`pyramid`).
"""

from __future__ import annotations

from typing import Any, cast

from nbimage.base import optional_imports as optional
from nbimage.base.chunked import Array
from nbimage.base.doors import door
from nbimage.pyramid.core.arrays.level import Level, LevelReader
from nbimage.pyramid.core.grid import TileGrid


class LevelArrays:
    """What gives the levels of a pyramid as arrays. `Pyramid` is one."""

    grid: TileGrid

    @property
    def levels(self) -> tuple[Level, ...]:
        """Every level as an array-like, which is read where it is indexed; the first is the image.

        napari, Matplotlib and NumPy take one as it is; `to_dask` and `to_xarray` give others.
        """
        reader = cast("LevelReader", self)
        return tuple(Level(reader, number) for number in range(self.grid.last + 1))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Return the whole image; see `Level.__array__`."""
        return self.levels[0].__array__(dtype, copy)

    @door
    def to_dask(self, level: int = 0) -> Any:
        """Return a level as a dask array, of which chunks are read where they are computed.

        Parameters
        ----------
        level : int
            0 is the whole image; -1 the smallest one.

        Returns
        -------
        dask.array.Array
            ``(*further axes, rows, columns)``, then channels if there are any; a chunk is a
            block of the file, or several of them, of one plane.

        Raises
        ------
        ImportError, ValueError
            Without dask: ``pip install 'nbimage[cluster]'``; for a level that there is not.

        Examples
        --------
        >>> image = nbimage.open_pyramid(np.zeros((600, 400), np.uint8))
        >>> image.to_dask(1).shape
        (300, 200)
        >>> image.to_dask().sum().compute().item()
        0
        """
        one = self._level(level)
        return optional.import_dask_array().from_array(one, chunks=one.chunks, name=False)

    @door
    def to_xarray(self, level: int = 0) -> Any:
        """Return a level as an `xarray.DataArray`, lazy where dask is installed.

        Parameters
        ----------
        level : int
            0 is the whole image; -1 the smallest one.

        Returns
        -------
        xarray.DataArray
            The dimensions are ``levels[level].axes``, with the coordinates and units of the file
            (of a smaller level those of its pixels' centers), names of channels, ``long_name`` and
            ``units`` of the values, and ``spatial_ref`` where a reference system is known.

        Raises
        ------
        ImportError, ValueError, MemoryError
            Without xarray: ``pip install xarray``; as `to_dask`; without dask, beyond 2 GiB.

        Examples
        --------
        >>> image = nbimage.open_pyramid(np.zeros((5, 60, 40)), axes="tyx")
        >>> image.to_xarray().dims
        ('t', 'y', 'x')
        >>> dict(image.to_xarray(2).sizes)
        {'t': 5, 'y': 15, 'x': 10}
        """
        xarray, one = optional.import_xarray(), self._level(level)
        try:
            data = self.to_dask(level)
        except ImportError:
            data = one.__array__()

        def variable(dims: Any, values: Any, label: str, unit: str) -> Any:
            texts = {"long_name": label, "units": unit}
            return xarray.Variable(dims, values, {k: text for k, text in texts.items() if text})

        known = one.metadata
        coords = {found[0]: variable(*found) for found in one.coordinates()}
        if known.georeference is not None and known.georeference.text:
            attributes = {"crs_wkt": known.georeference.text}
            coords["spatial_ref"] = xarray.Variable((), 0, attributes)
        values = variable(one.axes, data, known.name, known.value_unit)
        return xarray.DataArray(values, coords, name=known.name or None)

    def _level(self, number: Any) -> Level:
        count = self.grid.last + 1
        if not hasattr(number, "__index__") or not -count <= number < count:
            raise ValueError(f"level must be 0 to {count - 1}, but got {number!r:.60}")
        return self.levels[int(number)]
