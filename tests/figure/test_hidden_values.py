"""What a picture hides because of a few values far away is said below it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nbimage import Picture, View
from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import Metadata
from nbimage.figure.hidden_values import describe_hidden
from nbimage.mapping.color_options import ColorOptions
from nbimage.mapping.pixels import as_pixels
from nbimage.mapping.value_scale import UNTOUCHED

RANDOM = np.random.default_rng(4)
SKY = RANDOM.normal(0, 5, (120, 150))
STARS = SKY.copy()
STARS.ravel()[RANDOM.integers(0, SKY.size, 40)] = RANDOM.exponential(9000, 40) + 500


def hints(data: Any, **options: Any) -> list[str]:
    return [note for note in Picture(data, **options).figure.notes if "values lie" in note]


def test_a_long_tail_is_named_with_the_code_that_shows_the_rest() -> None:
    (above,) = hints(STARS)
    assert above.startswith("99 % of values lie below 1")
    assert "contrast=(1, 99) or norm='asinh'" in above
    (below,) = hints(-STARS)
    assert below.startswith("99 % of values lie above -1")
    (both,) = hints(np.concatenate([STARS, -STARS]))
    assert both.startswith("98 % of values lie between -1")


@pytest.mark.parametrize(
    "options",
    [{"contrast": (1, 99)}, {"norm": "asinh"}, {"vmax": 9000}, {"vsym": True}],
)
def test_who_asks_for_limits_is_told_nothing(options: dict[str, Any]) -> None:
    assert hints(STARS, **options) == []


@pytest.mark.parametrize(
    "data",
    [
        SKY,
        (STARS > 100).astype(float),  # a mask has nothing between its values
        np.where(STARS > 100, 7, 0),
        np.linspace(0, 1, 5000).reshape(50, 100),
        STARS.clip(0, 255).astype(np.uint8),  # bytes as they are
        np.full((30, 30), np.inf),
        STARS[:5, :6],
        np.where(RANDOM.random((200, 200)) < 0.005, RANDOM.random((200, 200)), np.nan),
        np.ma.array(SKY, mask=RANDOM.random(SKY.shape) < 0.999),
    ],
)
@pytest.mark.filterwarnings("ignore:no finite")
def test_where_nothing_is_hidden_nothing_is_said(data: Any) -> None:
    assert hints(data) == []


def views(data: Any) -> list[str]:
    tails = [View(data, embed=embed).model.config["images"][0]["tail"] for embed in (True, False)]
    return [tail["text"] for tail in tails if tail]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "data",
    [
        STARS,
        STARS.astype(np.float32),
        (STARS + 100).astype(np.int32),
        np.where(RANDOM.random(STARS.shape) < 0.3, np.nan, STARS),
        np.ma.array(STARS, mask=RANDOM.random(STARS.shape) < 0.7),
        np.asfortranarray(np.tile(STARS, (5, 4))),  # more than are looked at
    ],
)
def test_pictures_and_views_say_the_same(data: Any, sign: int) -> None:
    (hint,) = hints(sign * data)
    assert [hint.partition(":")[0]] * 2 == views(sign * data)


def test_limits_of_a_file_are_asked_for() -> None:
    limits = Metadata(windows=((0.0, 9000.0),))
    values = Values(STARS, metadata=limits)
    pixels = as_pixels(values, UNTOUCHED, ColorOptions.of(None))
    assert pixels.color_scale is not None and pixels.color_scale.limits.vmax == (9000,)
    assert describe_hidden(values, pixels, UNTOUCHED) is None
    plain = Values(STARS)
    assert describe_hidden(plain, as_pixels(plain, UNTOUCHED, ColorOptions.of(None)), UNTOUCHED)
