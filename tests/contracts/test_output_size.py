"""An output that makes a notebook large says so, and the way out, in one line."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nbimage
from nbimage.page import ipython

NOISE = np.random.default_rng(3).integers(0, 256, (90, 80), np.uint8)
DOORS: dict[str, tuple[Callable[[], Any], str]] = {
    "picture": (lambda: nbimage.Picture(NOISE), "max_pixels="),
    "grid": (lambda: nbimage.Grid([NOISE, NOISE]), "max_pixels="),
    "video": (lambda: nbimage.Video(NOISE[None].repeat(3, 0)), "h264="),
    "view": (lambda: nbimage.View(NOISE), "embed=False"),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_large_output_is_said_in_one_line_with_the_way_out(
    door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, way = DOORS[door]
    item = make()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data, _ = item._repr_mimebundle_()
    size = len(data["text/html"]) + len(data["image/png"])
    monkeypatch.setattr(ipython, "LARGE", size / 2)
    with pytest.warns(UserWarning, match=r"this output adds \d+ MB to the notebook: ") as caught:
        item._repr_mimebundle_()
    (said,) = (str(one.message) for one in caught)
    assert way in said
    assert "\n" not in said


def test_a_picture_of_more_than_5_mb_is_large() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (2000, 2000), np.uint8)
    with pytest.warns(UserWarning, match="this output adds 6 MB"):
        nbimage.Picture(noise, compression=0)._repr_mimebundle_()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nbimage.Picture(noise, compression=0, max_pixels=1e6)._repr_mimebundle_()
        repr(nbimage.Picture(noise, compression=0))
