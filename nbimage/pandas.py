"""``data.nb`` of `pandas.DataFrame` and `pandas.Series`, registered when this is imported.

>>> import nbimage.pandas
>>> frame.nb.image(cmap="viridis")
>>> frame.nb["photo"].grid()
>>> frame.nb.table()

``.image()``, ``.view()``, ``.grid()`` and ``.video()`` take the parameters of `Picture`, `View`,
`Grid` and `Video`, and return these: what is returned in the last line of a cell is shown. A frame
of numbers is a picture; ``.table()`` is `show_images`, of a frame with columns of arrays.
"""

from __future__ import annotations

from typing import Any

import pandas  # type: ignore[import-untyped, unused-ignore]

from nbimage.accessors import FrameAccessor, SeriesAccessor


@pandas.api.extensions.register_series_accessor("nb")
class PandasSeries(SeriesAccessor):
    """``series.nb``: the arrays of a column."""

    def _arrays(self) -> list[Any]:
        is_missing = pandas.api.types.is_scalar, pandas.isna
        return [one for one in self._data if not all(test(one) for test in is_missing)]


@pandas.api.extensions.register_dataframe_accessor("nb")
class PandasFrame(FrameAccessor):
    """``frame.nb``: the frame's numbers as a picture; ``frame.nb["name"]`` is a column's."""

    def __getitem__(self, name: Any) -> PandasSeries:
        return PandasSeries(self._data[name])
