"""Tables of pictures write numbers and dates as the frame itself does, and the same each time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbimage import show_images

IMAGES = list(np.random.default_rng(3).random((4, 6, 5)))
COLUMNS: dict[str, Any] = {
    "float": [0.5, 1.25, np.nan, 3],
    "small and large": [1e-10, 1e10, 3, -0.0],
    "float32": np.float32([0.1, 0.2, 1 / 3, 1]),
    "nullable float": pd.array([0.5, None, 3, 1 / 3], "Float64"),
    "int": [1, -20, 300, 4],
    "nullable int": pd.array([1, None, 3, 4], "Int64"),
    "bool": [True, False, True, True],
    "complex": [1 + 2j, 2j, 3, 4.5],
    "days": pd.to_datetime(["2024-01-01", "2024-01-02", None, "2024-01-03"]),
    "times": pd.to_datetime(["2024-01-01 12:00", "2024-01-02 00:00", None, "2024-01-03 00:30"]),
    "spans": pd.to_timedelta([1, 2, 3, 4], "D"),
    "months": pd.period_range("2024-01", periods=4, freq="M"),
    "mixed": ["a<b", None, 0.123456789, pd.NA],
    "categories": pd.Categorical(["x", "y", "x", None]),
    "infinite": [np.inf, -np.inf, 1.5, 0],
}
INDICES: dict[str, Any] = {
    "range": None,
    "float": [0.5, 1.25, 2, 3],
    "days": pd.date_range("2024-01-01", periods=4),
    "two": pd.MultiIndex.from_tuples([(0.5, "a"), (0.5, "b"), (1.25, "a"), (2, "c")]),
}


class Cells(HTMLParser):
    """The text of every cell of a table, and of its heads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("td", "th"):
            self.found.append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside &= tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1] += data.replace("\xa0", "")


def bodies(frame: pd.DataFrame, index: str) -> tuple[list[str], list[str]]:
    """The cells of both tables: ours without its last column, and pandas'."""
    indexed = frame.set_axis(INDICES[index]) if INDICES[index] is not None else frame
    ours = Cells(show_images(indexed.assign(image=IMAGES)).to_html()).found
    theirs = Cells(indexed.assign(image="").to_html()).found
    return ours, theirs


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_reads_as_in_pandas_own_table(name: str) -> None:
    ours, theirs = bodies(pd.DataFrame({name: COLUMNS[name]}), "range")
    assert ours == theirs


@pytest.mark.parametrize("index", INDICES)
def test_an_index_reads_as_in_pandas_own_table(index: str) -> None:
    ours, theirs = bodies(pd.DataFrame({"x": [1, 2, 3, 4]}), index)
    assert ours == theirs


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("display.precision", 2),
        ("display.precision", 9),
        ("display.float_format", "{:.1f} m".format),
        ("display.chop_threshold", 0.3),
    ],
)
def test_pandas_options_hold(option: str, value: Any) -> None:
    frame = pd.DataFrame({"x": [1 / 3, 2 / 7, np.nan, 1000]})
    with pd.option_context(option, value):
        ours, theirs = bodies(frame, "range")
    assert ours == theirs


def test_options_of_styler_hold() -> None:
    frame = pd.DataFrame({"x": [1234.5678, np.nan], "image": IMAGES[:2]})
    options = ("styler.format.precision", 1, "styler.format.thousands", " ")
    with pd.option_context(*options, "styler.format.na_rep", "none"):
        html = show_images(frame).to_html()
    assert {"1 234.6", "none"} <= set(Cells(html).found)


def test_columns_of_one_name_keep_their_numbers() -> None:
    frame = pd.DataFrame([[0.5, 7, IMAGES[0]], [0.25, 8, IMAGES[1]]], columns=["x", "x", "image"])
    found = Cells(show_images(frame).to_html()).found
    assert {"0.50", "0.25", "7", "8"} <= set(found)


def test_formats_of_the_users_own_come_after() -> None:
    frame = pd.DataFrame({"x": [0.123456, 20], "image": IMAGES[:2]})
    found = Cells(show_images(frame).format("{:.1f} km", subset="x").to_html()).found
    assert {"0.1 km", "20.0 km"} <= set(found)


def table_name(html: str) -> str:
    found = re.search(r'<table id="(\w+)"', html)
    assert found
    return found[1]


def test_the_same_table_is_the_same_bytes() -> None:
    frame = pd.DataFrame({"x": [0.5, 1], "image": IMAGES[:2]})
    first, second = (show_images(frame)._repr_html_() for _ in range(2))
    assert first == second == show_images(frame).to_html()
    assert repr(show_images(frame)) == "<Styler of 2 rows and 2 columns>"
    assert "\ue000" not in first


def test_tables_that_differ_in_anything_do_not_share_names(tmp_path: Any) -> None:
    """Else the colors of one would be the other's."""
    frame = pd.DataFrame({"x": [0.5, 1], "image": IMAGES[:2]})
    tables = [
        show_images(frame),
        show_images(frame).background_gradient(subset=["x"]),
        show_images(frame).background_gradient(subset=["x"], cmap="viridis"),
        show_images(frame.assign(x=2)),
    ]
    names = [table_name(table._repr_html_()) for table in tables]
    assert len(set(names)) == len(tables)
    tables[0].to_html(tmp_path / "x.html")
    assert table_name((tmp_path / "x.html").read_text()) == names[0]
    assert table_name(show_images(frame).set_uuid("own").to_html()) == "T_own"
    assert table_name(show_images(frame).to_html(table_uuid="other")) == "T_other"


def test_numbers_stand_at_the_right_and_pictures_do_not() -> None:
    html = show_images(pd.DataFrame({"x": [1, 2], "image": IMAGES[:2], "y": [0.5, 1]})).to_html()
    assert "td.col0 {" in html
    assert "td.col1 {" not in html
    assert "td.col2 {" in html
    assert "tabular-nums" in html
