"""Data URIs where users put them, in Chromium: charts of Altair and plotly, tables of polars."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import altair as alt
import great_tables as gt
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import polars as pl
import pytest
from PIL import Image
from playwright.sync_api import Dialog, ElementHandle, Page

from nbimage import data_uri, rerange
from nbimage.tables.tables import data_uris, show_images
from tests.e2e.test_tables_page import (
    Open,
    box_of,
    check_payloads,
    check_rows,
    document,
    opened,
    screenshot,
    seen,
)
from tests.tables.test_tables import LINE, PAYLOADS, digits

Array = np.ndarray[Any, Any]


# ------------------------------------------------------------------------------------- Altair


def measured() -> pd.DataFrame:
    frame = pd.DataFrame({"im1": digits(4), "im2": [image.T**2 for image in digits(4)]})
    frame["x"] = range(4)
    return frame


@pytest.mark.parametrize("renderer", ["svg", "canvas"])
def test_the_tooltip_of_each_point_shows_its_own_pictures(opened: Open, renderer: str) -> None:
    frame = measured()
    frame["image"] = data_uris(frame[["im1", "im2"]], titles=True, shared=False)
    chart = (
        alt.Chart(frame[["x", "image"]])
        .mark_circle(size=900)
        .encode(x=alt.X("x:Q", scale=alt.Scale(domain=[-1, 4])), tooltip=["image"])
        .properties(width=500, height=60)
    )
    page = opened(chart.to_html(inline=True, embed_options={"renderer": renderer}))
    page.wait_for_selector(f"#vis {renderer}")
    drawing = page.query_selector("#vis svg .background, #vis canvas")
    assert drawing is not None
    box = drawing.bounding_box()
    assert box is not None
    left = box["x"] + (0 if renderer == "svg" else 5)
    for i, row in frame.iterrows():
        page.mouse.move(left + 100 * (row["x"] + 1), box["y"] + 30)
        tooltip = page.wait_for_selector(f"#vg-tooltip-element.visible img[src='{row['image']}']")
        assert tooltip is not None
        whole = seen(tooltip)
        assert whole.shape == (8 + LINE, 26, 4)
        for place, name in ((slice(0, 8), "im1"), (slice(18, 26), "im2")):
            for channel in range(3):
                np.testing.assert_array_equal(whole[LINE:, place, channel], rerange(frame[name][i]))
        assert (whole[..., 3] == 255).all()
        page.mouse.move(box["x"] + 2, box["y"] + box["height"] - 2)
        page.wait_for_selector("#vg-tooltip-element.visible", state="hidden")


def test_pictures_are_the_marks_of_a_chart(opened: Open) -> None:
    uris = data_uris([np.full((8, 8, 3), color, np.uint8) for color in (20, 90, 200)], shared=False)
    frame = pd.DataFrame({"x": [1, 2, 3], "url": uris})
    chart = (
        alt.Chart(frame)
        .mark_image(width=40, height=40)
        .encode(x=alt.X("x:Q", scale=alt.Scale(domain=[0, 4])), url="url:N")
        .properties(width=400, height=100)
    )
    page = opened(chart.to_html(inline=True, embed_options={"renderer": "svg"}))
    page.wait_for_selector("#vis svg image")
    centres = page.eval_on_selector_all(
        "#vis svg image",
        "all => all.map(i => i.getBoundingClientRect())"
        ".map(b => [b.x + b.width / 2, b.y + b.height / 2])",
    )
    shot = screenshot(page)
    assert [shot[int(y), int(x)].tolist() for x, y in centres] == [[c] * 3 for c in (20, 90, 200)]


# ------------------------------------------------------------------------------------- plotly

PATCHES = np.array(
    [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[255, 255, 0], [90, 90, 90], [20, 90, 200]]],
    np.uint8,
)


def patches_in(page: Page, box: Any) -> Array:
    """The colors in the middles of the 2×3 fields of a box on the page."""
    shot = screenshot(page)
    ys = [int(box["y"] + box["height"] * (i + 0.5) / 2) for i in range(2)]
    xs = [int(box["x"] + box["width"] * (j + 0.5) / 3) for j in range(3)]
    return shot[np.ix_(ys, xs)]


def test_a_plotly_image_is_the_picture_and_its_hover_has_the_values(opened: Open) -> None:
    figure = go.Figure(go.Image(source=data_uri(PATCHES)))
    figure.update_layout(width=600, height=400)
    page = opened(figure.to_html(include_plotlyjs=True))
    box = box_of(page, ".imagelayer image")
    np.testing.assert_array_equal(patches_in(page, box), PATCHES)
    page.mouse.move(box["x"] + box["width"] * 5 / 6, box["y"] + box["height"] * 3 / 4)
    hover = page.wait_for_selector(".hoverlayer .hovertext")
    assert hover is not None
    assert "[20, 90, 200" in (hover.text_content() or "")


def test_pictures_of_a_plotly_layout_are_where_they_were_put(opened: Open) -> None:
    figure = go.Figure(go.Scatter(x=[0, 4], y=[0, 3], mode="markers"))
    large = PATCHES.repeat(20, 0).repeat(20, 1)  # plotly blurs what it enlarges
    for i, uri in enumerate(data_uris([large, large[::-1]], shared=False)):
        where = {"xref": "x", "yref": "y", "x": 2 * i, "y": 2, "sizex": 1.5, "sizey": 1}
        figure.add_layout_image(source=uri, sizing="stretch", layer="above", **where)
    figure.update_layout(width=800, height=500)
    page = opened(figure.to_html(include_plotlyjs=True))
    page.wait_for_function("document.querySelectorAll('.layer-above image').length === 2")
    boxes = [image.bounding_box() for image in page.query_selector_all(".layer-above image")]
    assert all(boxes)
    for box, expected in zip(boxes, (PATCHES, PATCHES[::-1]), strict=True):
        np.testing.assert_array_equal(patches_in(page, box), expected)


# ------------------------------------------------------------------------------------- tables


def great(frame: pd.DataFrame) -> str:
    shown = frame.assign(digit=data_uris(frame["digit"], shared=False))
    return gt.GT(shown).fmt(lambda uri: f'<img src="{uri}">', columns="digit").as_raw_html()


@pytest.mark.parametrize(
    "as_html",
    [
        lambda frame: (
            show_images(pl.DataFrame({"digit": np.stack(frame["digit"])}), shared=False).html
        ),
        great,
    ],
    ids=["polars", "great_tables"],
)
def test_every_row_of_a_table_shows_its_picture(
    opened: Open, as_html: Callable[[pd.DataFrame], str]
) -> None:
    check_rows(opened, as_html)


def test_text_of_strangers_does_nothing_in_a_table_of_polars(opened: Open) -> None:
    data: dict[str, Any] = {"text": PAYLOADS, "image": np.stack(digits(len(PAYLOADS)))}
    data |= {payload: range(len(PAYLOADS)) for payload in PAYLOADS}
    check_payloads(opened(document(show_images(pl.DataFrame(data), shared=False).html)))
