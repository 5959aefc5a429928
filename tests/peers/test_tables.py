"""Pictures in the tables of polars, great_tables and itables."""

from __future__ import annotations

import datetime
import re
import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from great_tables import GT
from itables import to_html_datatable

from nbimage import data_uri, rerange
from nbimage.tables.tables import ImageTable, data_uris, show_images
from tests.tables.test_tables import PAYLOADS, Parsed, as_seen, digits, pixels_of, table


def test_polars_keeps_its_name_and_gives_strings() -> None:
    images = digits(3)
    expected = data_uris(images, shared=False)
    stacked = np.stack(images)
    nested = [image.tolist() for image in images]
    for series in (
        pl.Series("digit", images, dtype=pl.Object),
        pl.Series("digit", stacked),
        pl.Series("digit", nested, dtype=pl.Array(pl.Float64, (8, 8))),
        pl.Series("digit", nested),
    ):
        made = data_uris(series, shared=False)
        assert (made.name, made.dtype) == ("digit", pl.String)
        assert made.to_list() == expected


@pytest.mark.parametrize("dtype", [pl.Array(pl.Float64, (8, 8)), pl.List(pl.List(pl.Float64))])
def test_nulls_of_polars_give_nulls(dtype: Any) -> None:
    first, last = digits(2)
    made = data_uris(
        pl.Series("d", [first.tolist(), None, last.tolist()], dtype=dtype), shared=False
    )
    assert as_seen(made.to_list()) == as_seen([data_uri(first), None, data_uri(last)])


def test_a_polars_frame_gives_a_series_of_joined_rows() -> None:
    frame = pl.DataFrame(
        {"one": pl.Series(digits(3), dtype=pl.Object), "two": np.stack(digits(3)) * 2}
    )
    made = data_uris(frame, titles=True, shared=False)
    same = pd.DataFrame({"one": digits(3), "two": [2 * d for d in digits(3)]})
    assert made.dtype == pl.String
    assert made.to_list() == data_uris(same, titles=True, shared=False).to_list()


def test_a_polars_table_shows_itself() -> None:
    frame = pl.DataFrame(
        {"image": np.stack(digits(3)), "n": [1, None, 3], "share": [0.5, 1 / 3, 1e-9]}
    )
    made = show_images(frame, shared=False)
    assert isinstance(made, ImageTable)
    assert made._repr_html_() == made.html
    parsed = Parsed(made.html)
    assert len(parsed.images) == 3
    assert {"shape: (3, 3)", "picture", "Int64", "null", "0.333333"} <= set(parsed.texts)
    assert repr(made) == "<ImageTable shape: (3, 3)>"


NUMBERS: dict[str, Any] = {
    "float": [0.1234567891, 1e-12, None],
    "large": [1e20, 12345678.9, float("nan")],
    "int": [10_000_000, -1, None],
    "day": [datetime.date(2024, 1, 1), None, datetime.date(2024, 1, 2)],
    "span": [datetime.timedelta(seconds=1), None, datetime.timedelta(days=2)],
    "bool": [True, False, None],
}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("options", [{}, {"float_precision": 2}, {"thousands_separator": True}])
def test_numbers_read_as_in_polars_own_table(name: str, options: Any) -> None:
    frame = pl.DataFrame({name: NUMBERS[name]})
    pictures = pl.Series("image", np.zeros((3, 6, 5)), dtype=pl.Array(pl.Float64, (6, 5)))
    with pl.Config(**options):
        theirs = re.findall("<td>(.*?)</td>", frame._repr_html_())[1:]
        html = show_images(frame.with_columns(pictures)).html
    ours = re.findall("<td>(.*?)</td>", html)[2:]  # below the dtypes
    assert ours[::2] == theirs


def test_a_polars_frame_with_nothing_in_some_rows_and_nested_lists() -> None:
    nested = [digits(1)[0].tolist(), None]
    for cells in (pl.Series(nested), pl.Series(nested, dtype=pl.Array(pl.Float64, (8, 8)))):
        parsed = Parsed(show_images(pl.DataFrame({"image": cells, "k": [1, 2]}), shared=False).html)
        assert len(parsed.images) == 1
        assert "null" in parsed.texts


def test_a_long_polars_table_says_how_much_of_it_is_there() -> None:
    frame = pl.DataFrame({"image": np.zeros((250, 2, 3)), "n": range(250)})
    parsed = Parsed(show_images(frame, shared=False).html)
    assert len(parsed.images) == 100
    assert "shape: (250, 2), the first 100 rows" in parsed.texts
    assert "99" in parsed.texts
    assert "100" not in parsed.texts


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_of_any_cell_or_name_of_polars_is_escaped(payload: str) -> None:
    nested = pl.DataFrame(
        {payload: np.stack(digits(2)), "t": [payload, None], "l": [[payload]] * 2}
    )
    made = show_images(nested, shared=False)
    parsed = Parsed(made.html)
    assert not {"script", "svg"} & set(parsed.tags)
    assert len(parsed.images) == 2
    assert parsed.texts.count(payload) == 2


def test_a_polars_table_without_pictures_says_why() -> None:
    frame = pl.DataFrame({"a": [1], "b": ["x"]})
    with pytest.raises(ValueError, match=r"column of pictures.*'a', 'b'") as caught:
        show_images(frame, shared=False)
    assert "\n" not in str(caught.value)


def test_a_polars_table_needs_no_jinja2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert (
        len(Parsed(show_images(pl.DataFrame({"i": np.zeros((2, 3, 4))}), shared=False).html).images)
        == 2
    )


def test_great_tables_shows_the_pictures() -> None:
    frame = pd.DataFrame({"digit": data_uris(digits(3), shared=False), "n": [1, 2, 3]})
    html = GT(frame).fmt(lambda uri: f'<img src="{uri}">', columns="digit").as_raw_html()
    found = [pixels_of(image["src"] or "", "L") for image in Parsed(html).images]
    np.testing.assert_array_equal(found, [rerange(image) for image in digits(3)])


def test_itables_takes_the_styler() -> None:
    html = to_html_datatable(show_images(table(3), shared=False), allow_html=True, connected=True)
    assert len(Parsed(html).images) == 6


def test_a_small_frame_of_polars_has_its_values_in_its_picture() -> None:
    import polars

    from tests.figure.test_overlay_values import check_small_tables

    check_small_tables(polars.DataFrame)
