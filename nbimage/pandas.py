"""``data.nb`` of `pandas.DataFrame` and `pandas.Series`, registered when this is imported.

``.image()``, ``.view()``, ``.grid()`` and ``.video()`` take the parameters of `Picture`, `View`,
`Grid` and `Video`, and return these: what is returned in the last line of a cell is shown. A frame
of numbers is a picture; ``.table()`` is `show_images`, of a frame with columns of arrays.

Examples
--------
>>> import pandas
>>> import nbimage.pandas
>>> frame = pandas.DataFrame(np.arange(12.0).reshape(3, 4), columns=list("abcd"))
>>> frame.nb.image(cmap="viridis")
<Picture 3×4 float64, gray, values 0 to 11, viridis from 0 to 11>
>>> frame.nb
<nbimage of a pandas.DataFrame: .grid(), .image(), .table(), .video(), .view()>
"""

from __future__ import annotations

from typing import Any

import pandas  # type: ignore[import-untyped, unused-ignore]

from nbimage.accessors import FrameAccessor, SeriesAccessor

__all__ = ["PandasFrame", "PandasSeries"]


@pandas.api.extensions.register_series_accessor("nb")
class PandasSeries(SeriesAccessor):
    """``series.nb``: the arrays of a column.

    Examples
    --------
    >>> import pandas
    >>> import nbimage.pandas
    >>> photos = pandas.Series([np.eye(9), np.ones((9, 9)), None])
    >>> photos.nb.grid()
    <Grid 2 pictures, the first 9×9 float64, gray, values 0 to 1, black is 0, white is 1>
    >>> photos.nb.view()
    <View 2 pictures, the first 9×9 float64, gray, values 0 to 1, black is 0, white is 1>
    >>> photos.nb.video(fps=2).count
    2
    >>> photos[:1].nb.image()
    <Picture 9×9 float64, gray, values 0 to 1, black is 0, white is 1>
    """

    def _arrays(self) -> list[Any]:
        is_missing = pandas.api.types.is_scalar, pandas.isna
        return [one for one in self._data if not all(test(one) for test in is_missing)]


@pandas.api.extensions.register_dataframe_accessor("nb")
class PandasFrame(FrameAccessor):
    """``frame.nb``: the frame's numbers as a picture; ``frame.nb["name"]`` is a column's.

    Examples
    --------
    >>> import pandas
    >>> import nbimage.pandas
    >>> frame = pandas.DataFrame(np.arange(12.0).reshape(3, 4))
    >>> frame.nb.image(vmin=0)
    <Picture 3×4 float64, gray, values 0 to 11, black is 0, white is 11>
    >>> frame.nb.view()
    <View 3×4 float64, gray, values 0 to 11, black is 0, white is 11>
    >>> photos = pandas.DataFrame({"id": [1, 2], "photo": [np.eye(9), np.ones((9, 9))]})
    >>> photos.nb["photo"].grid()
    <Grid 2 pictures, the first 9×9 float64, gray, values 0 to 1, black is 0, white is 1>
    >>> photos.nb["photo"].video(fps=2).count
    2
    >>> photos.nb.table().to_html().count("<img")
    2
    """

    def __getitem__(self, name: Any) -> PandasSeries:
        return PandasSeries(self._data[name])
