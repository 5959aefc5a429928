"""``data.nb`` of `xarray.DataArray` and `xarray.Dataset`, registered when this is imported.

``.image()``, ``.view()``, ``.grid()`` and ``.video()`` take the parameters of `Picture`, `View`,
`Grid` and `Video`, and return these: what is returned in the last line of a cell is shown.

Examples
--------
>>> import xarray
>>> import nbimage.xarray
>>> lat, lon = np.arange(30, 60), np.arange(-10, 30)
>>> warmth = xarray.DataArray(
...     np.cos(np.radians(lat))[:, None] * np.ones(40) * 30,
...     coords={"lat": lat, "lon": lon},
...     attrs={"units": "°C"},
... )
>>> warmth.nb.image(cmap="magma")
<Picture 30×40 float64, gray, values 15.4511 to 25.9808, magma from 15.4511 to 25.9808>
>>> warmth.nb
<nbimage of a xarray.DataArray: .grid(), .image(), .video(), .view()>
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray

from nbimage.accessors import ArrayAccessor, GroupAccessor

__all__ = ["DataArrayAccessor", "DatasetAccessor"]


@xarray.register_dataarray_accessor("nb")
class DataArrayAccessor(ArrayAccessor):
    """``data.nb``: pictures with the array's coordinates, names and units.

    Examples
    --------
    >>> import xarray
    >>> import nbimage.xarray
    >>> stack = xarray.DataArray(np.zeros((3, 20, 30)), dims=("time", "lat", "lon"))
    >>> stack[0].nb.image(vmax=1)
    <Picture 20×30 float64, gray, values 0 to 0, black is 0, white is 1>
    >>> stack.nb.grid(column="time")
    <Grid 3 pictures, the first 20×30 float64, gray, values 0 to 0, black is 0, white is 0>
    >>> stack.nb.view(title="Rain")
    <View 'Rain': 20×30 float64, gray, values 0 to 0, black is 0, white is 0>
    >>> stack.nb.video(vmax=1).count
    3
    """


@xarray.register_dataset_accessor("nb")
class DatasetAccessor(GroupAccessor):
    """``dataset.nb``: pictures of its variables; ``dataset.nb["name"]`` is that of one.

    Examples
    --------
    >>> import xarray
    >>> import nbimage.xarray
    >>> plane = ("lat", "lon"), np.ones((20, 30))
    >>> dataset = xarray.Dataset({"t2m": plane, "rain": plane})
    >>> dataset.nb.grid().titles
    ('t2m', 'rain')
    >>> dataset.nb.view()
    <View 2 pictures, the first 20×30 float64, gray, values 1 to 1, black is 1, white is 1>
    >>> dataset.nb["rain"].image(vmin=0)
    <Picture 20×30 float64, gray, values 1 to 1, black is 0, white is 1>

    What shows one array has to know which:

    >>> dataset.nb.image()
    Traceback (most recent call last):
        ...
    ValueError: image() shows one array, but there are 2, 't2m', 'rain': pic...

    Of a dataset with one variable nothing needs to be picked:

    >>> series = xarray.Dataset({"rain": (("time", "y", "x"), np.zeros((3, 20, 30)))})
    >>> series.nb.video(vmax=1).count
    3
    """

    def __getitem__(self, name: Any) -> DataArrayAccessor:
        return DataArrayAccessor(self._data[name])

    def _arrays(self) -> Mapping[Any, Any]:
        variables = self._data.data_vars
        return {name: one for name, one in variables.items() if one.ndim > 1}
