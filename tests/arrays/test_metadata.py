"""What positions along an axis are called."""

from __future__ import annotations

import numpy as np
import pytest

from nbimage.arrays.metadata import Coordinate, list_positions


@pytest.mark.parametrize(
    ("values", "unit", "names"),
    [
        (["2013-01-01", "2013-01-02"], "", ("2013-01-01", "2013-01-02")),
        (
            ["2013-01-01T00:00", "2013-01-01T12:00", "2013-01-02T00:00"],
            "",
            ("2013-01-01 00:00", "2013-01-01 12:00", "2013-01-02 00:00"),
        ),
        ([500, 850], "hPa", ("500 hPa", "850 hPa")),
        ([500, 850], "", ("500", "850")),
        (["red", "green"], "nm", ("red", "green")),
    ],
)
def test_positions_are_named_as_they_are_read(
    values: list[object], unit: str, names: tuple[str, ...]
) -> None:
    listed = np.array(values)
    if isinstance(values[0], str) and values[0][0] == "2":
        listed = listed.astype("datetime64[m]" if ":" in values[0] else "datetime64[D]")
    assert list_positions(Coordinate(listed, f"x [{unit}]" if unit else "x"), len(names)) == names
    assert list_positions(Coordinate(listed, f"x [{unit}]" if unit else "x"), len(names) + 1) == ()


def test_durations_have_their_own_unit() -> None:
    found = list_positions(Coordinate(np.array([1, 90], "timedelta64[m]"), "x [min]"), 2)
    assert found == list_positions(Coordinate(np.array([1, 90], "timedelta64[m]"), "x"), 2)
    assert all(found)


def test_numbers_that_nobody_has_listed_have_no_names() -> None:
    assert list_positions(None, 2) == ()
    assert list_positions(Coordinate(None, "x"), 2) == ()
