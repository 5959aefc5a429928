"""``data.nb`` of `xarray.DataArray` and `xarray.Dataset`, registered when this is imported.

>>> import nbimage.xarray
>>> data.nb.image(cmap="viridis")
>>> data.nb.grid(row="level", column="time")
>>> dataset.nb["t2m"].view()

``.image()``, ``.view()``, ``.grid()`` and ``.video()`` take the parameters of `Picture`, `View`,
`Grid` and `Video`, and return these: what is returned in the last line of a cell is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray

from nbimage.accessors import ArrayAccessor, GroupAccessor


@xarray.register_dataarray_accessor("nb")
class DataArrayAccessor(ArrayAccessor):
    """``data.nb``: pictures with the array's coordinates, names and units."""


@xarray.register_dataset_accessor("nb")
class DatasetAccessor(GroupAccessor):
    """``dataset.nb``: pictures of its variables; ``dataset.nb["name"]`` is that of one."""

    def __getitem__(self, name: Any) -> DataArrayAccessor:
        return DataArrayAccessor(self._data[name])

    def _arrays(self) -> Mapping[Any, Any]:
        variables = self._data.data_vars
        return {name: one for name, one in variables.items() if one.ndim > 1}
