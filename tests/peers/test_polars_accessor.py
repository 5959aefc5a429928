"""``data.nb`` of polars: the same objects as the classes make, of the same data."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import nbimage.polars
from nbimage import Grid, Picture, Video, View, show_images

STACK = np.random.default_rng(0).integers(0, 99, (2, 20, 30))
FRAME = pl.DataFrame(STACK[0][:4, :5], schema=list("abcde"))
PHOTOS = pl.DataFrame({"id": [7, 8, 9], "photo": [STACK[0].tolist(), None, STACK[1].tolist()]})


def test_a_frame_of_numbers_is_a_picture() -> None:
    assert FRAME.nb.image(cmap="gray").html == Picture(FRAME, cmap="gray").html
    assert FRAME.nb.view().html == View(FRAME).html


def test_a_column_of_arrays_is_a_grid_a_video_or_a_view() -> None:
    column, found = PHOTOS["photo"], [STACK[0], STACK[1]]
    assert column.nb.grid().html == Grid(column).html
    assert PHOTOS.nb["photo"].video(progress=False).files == Video(found, progress=False).files
    assert column.nb.view().html == View(found).html
    assert column[:2].nb.image().html == Picture(STACK[0]).html
    with pytest.raises(ValueError, match=r"^image\(\) shows one array, but there are 2"):
        column.nb.image()
    assert PHOTOS.nb.table()._repr_html_() == show_images(PHOTOS)._repr_html_()
