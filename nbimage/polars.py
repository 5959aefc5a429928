"""``data.nb`` of `polars.DataFrame` and `polars.Series`, registered when this is imported.

>>> import nbimage.polars
>>> frame.nb.image(cmap="viridis")
>>> frame.nb["photo"].grid()
>>> frame.nb.table()

``.image()``, ``.view()``, ``.grid()`` and ``.video()`` take the parameters of `Picture`, `View`,
`Grid` and `Video`, and return these: what is returned in the last line of a cell is shown. A frame
of numbers is a picture; ``.table()`` is `show_images`, of a frame with columns of arrays.
"""

from __future__ import annotations

from typing import Any

import polars  # type: ignore[import-not-found, unused-ignore]

from nbimage.accessors import FrameAccessor, SeriesAccessor
from nbimage.grids.items import unpack_polars


@polars.api.register_series_namespace("nb")
class PolarsSeries(SeriesAccessor):
    """``series.nb``: the arrays of a column."""

    def _arrays(self) -> list[Any]:
        return [unpack_polars(one) for one in self._data if one is not None]


@polars.api.register_dataframe_namespace("nb")
class PolarsFrame(FrameAccessor):
    """``frame.nb``: the frame's numbers as a picture; ``frame.nb["name"]`` is a column's."""

    def __getitem__(self, name: Any) -> PolarsSeries:
        return PolarsSeries(self._data[name])
