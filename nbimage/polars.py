"""``data.nb`` of `polars.DataFrame` and `polars.Series`, registered when this is imported.

``.image()``, ``.view()``, ``.grid()`` and ``.video()`` take the parameters of `Picture`, `View`,
`Grid` and `Video`, and return these: what is returned in the last line of a cell is shown. A frame
of numbers is a picture; ``.table()`` is `show_images`, of a frame with columns of arrays.

Examples
--------
>>> import polars
>>> import nbimage.polars
>>> frame = polars.DataFrame({"a": [0.0, 1.0], "b": [2.0, 3.0]})
>>> frame.nb.image(cmap="viridis")
<Picture 2×2 float64, gray, values 0 to 3, viridis from 0 to 3>
>>> frame.nb
<nbimage of a polars.DataFrame: .grid(), .image(), .table(), .video(), .view()>
"""

from __future__ import annotations

from typing import Any

import polars  # type: ignore[import-not-found, unused-ignore]

from nbimage.accessors import FrameAccessor, SeriesAccessor
from nbimage.grids.items import unpack_polars

__all__ = ["PolarsFrame", "PolarsSeries"]


@polars.api.register_series_namespace("nb")
class PolarsSeries(SeriesAccessor):
    """``series.nb``: the arrays of a column.

    Examples
    --------
    >>> import polars
    >>> import nbimage.polars
    >>> photos = polars.Series("photo", np.zeros((3, 9, 9)))
    >>> photos.nb.grid()
    <Grid 3 pictures, the first 9×9 float64, gray, values 0 to 0, black is 0, white is 0>
    >>> photos.nb.view()
    <View 3 pictures, the first 9×9 float64, gray, values 0 to 0, black is 0, white is 0>
    >>> photos.nb.video(vmax=1).count
    3
    >>> photos[:1].nb.image()
    <Picture 9×9 float64, gray, values 0 to 0, black is 0, white is 0>
    """

    def _arrays(self) -> list[Any]:
        return [unpack_polars(one) for one in self._data if one is not None]


@polars.api.register_dataframe_namespace("nb")
class PolarsFrame(FrameAccessor):
    """``frame.nb``: the frame's numbers as a picture; ``frame.nb["name"]`` is a column's.

    Examples
    --------
    >>> import polars
    >>> import nbimage.polars
    >>> frame = polars.DataFrame({"a": [0.0, 1.0], "b": [2.0, 3.0]})
    >>> frame.nb.image(vmin=0)
    <Picture 2×2 float64, gray, values 0 to 3, black is 0, white is 3>
    >>> frame.nb.view()
    <View 2×2 float64, gray, values 0 to 3, black is 0, white is 3>
    >>> photos = polars.DataFrame({"photo": np.zeros((2, 9, 9))})
    >>> photos.nb["photo"].grid()
    <Grid 2 pictures, the first 9×9 float64, gray, values 0 to 0, black is 0, white is 0>
    >>> photos.nb["photo"].video(vmax=1).count
    2
    >>> photos.nb.table()
    <ImageTable shape: (2, 1)>
    """

    def __getitem__(self, name: Any) -> PolarsSeries:
        return PolarsSeries(self._data[name])
