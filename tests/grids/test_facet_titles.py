"""Titles of facets say once what all of them have in common, and stay apart."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from nbimage import Grid
from nbimage.grids.facet_titles import shorten_titles


def dates(*texts: str) -> list[str]:
    return [f"time = {text}" for text in texts]


@pytest.mark.parametrize(
    ("titles", "lead", "short"),
    [
        (dates("2013-01-01", "2013-02-01"), "time 2013", ["1 Jan", "1 Feb"]),
        (dates("2013-01", "2013-12"), "time 2013", ["Jan", "Dec"]),
        (dates("2013-01-01", "2014-01-01"), "time", ["2013-01-01", "2014-01-01"]),
        (dates("2013", "2014"), "", dates("2013", "2014")),
        (dates("2013-05-01", "2013-05-01 06:00"), "time 2013-05-01", ["00:00", "06:00"]),
        (dates("2013-05-01 06:00", "2013-06-02"), "time 2013", ["1 May 06:00", "2 Jun"]),
        (["level = 500 hPa", "level = 850 hPa"], "level", ["500 hPa", "850 hPa"]),
        (["run = 0", "run = 1"], "", ["run = 0", "run = 1"]),
        (["x = -1.5e-07", "x = nan"], "", ["x = -1.5e-07", "x = nan"]),
        (["band = nir", "band = red"], "band", ["nir", "red"]),
        (["band = nir", "other = red"], "", ["band = nir", "other = red"]),
        (["band = nir", "red"], "", ["band = nir", "red"]),
        (["band = nir"], "", ["band = nir"]),
        (["band = 1", "band = red"], "", ["band = 1", "band = red"]),
        (["a = b = c", "a = b = d"], "a", ["b = c", "b = d"]),
        ([], "", []),
    ],
)
def test_what_all_titles_say_is_said_once(titles: list[str], lead: str, short: list[str]) -> None:
    assert shorten_titles(titles) == (lead, tuple(short))


@given(st.lists(st.text(alphabet="ab =0123-: ", max_size=20), max_size=6))
def test_titles_that_differ_stay_apart(titles: list[str]) -> None:
    lead, short = shorten_titles(titles)
    assert len(short) == len(titles)
    assert len(set(short)) == len(set(titles))
    assert lead or short == tuple(titles)


def months() -> xr.DataArray:
    return xr.DataArray(
        np.random.default_rng(2).normal(size=(12, 19, 36)),
        dims=("time", "lat", "lon"),
        coords={
            "time": pd.date_range("2020-01-01", periods=12, freq="MS"),
            "lat": ("lat", np.linspace(90, -90, 19), {"units": "degrees_north"}),
            "lon": ("lon", np.arange(-180, 180, 10), {"units": "degrees_east"}),
        },
    )


def test_full_titles_name_files_and_stand_in_the_attribute() -> None:
    grid = Grid(months(), title="Temperature")
    assert grid.titles[1] == "time = 2020-02-01"
    assert 'data-title="time = 2020-02-01"' in grid.html
    assert ">1 Feb<" in grid.html
    assert grid.html.count("time 2020<") == 1


def test_titles_of_the_caller_stay_as_they_are() -> None:
    titles = [f"time = 2020-{month:02}" for month in range(1, 13)]
    grid = Grid(months(), titles)
    assert all(f">{title}<" in grid.html for title in titles)


def test_pictures_that_share_their_axes_have_ticks_outside_alone() -> None:
    for grid, rows, columns in (
        (Grid(months(), columns=4), 3, 4),
        (Grid(months(), columns=5), 3, 5),
        (Grid(months().values, x=True, y=(0, 1), columns=6), 2, 6),
    ):
        cells = grid.html.split("<template")[0].split('class="nbimage-cell"')[1:]
        down = ['class="nbimage-y"' in cell for cell in cells]
        across = ['data-across="1"' in cell and "nbimage-figure" in cell for cell in cells]
        assert down == [i % columns == 0 for i in range(12)]
        assert across == [i + columns >= 12 for i in range(12)]
        assert rows == sum(down)


def test_axes_of_their_own_stay_at_each_picture() -> None:
    data = months().values[:3]
    grid = Grid(data, x=[(0, 1), (0, 2), (0, 3)])
    assert len(re.findall('data-across="1"(?! data-bar)', grid.html)) == 3
    assert "<template" not in grid.html.split("<script")[0]
