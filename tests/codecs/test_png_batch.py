"""`codecs.png_batch`: many small pictures at once have the pixels that each has by itself."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Grid, Picture
from nbimage.codecs.png_batch import _BATCH, split_evenly, write_uris

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(7)
Y, X = np.mgrid[:30, :44]


def waves(count: int) -> list[Array]:
    noise = RANDOM.normal(0, 0.05, (count, *X.shape))
    return [np.sin(X / (5 + i % 9)) * np.cos(Y / 7) + own for i, own in enumerate(noise)]


def photographs(count: int, channels: int) -> list[Array]:
    gray = np.array(waves(count))[..., None] * 90 + 128 + np.arange(channels) * 3
    return list(np.clip(gray, 0, 255).astype(np.uint8))


def holed(images: Sequence[Array]) -> list[Array]:
    return [np.where(X + Y < 9, np.nan, image) for image in images]


KINDS: dict[str, list[Picture]] = {
    "gray": [Picture(image) for image in waves(5)],
    "many": [Picture(image[:8, :8]) for image in waves(2 * _BATCH + 1)],
    "in colors": [Picture(image, cmap="viridis") for image in waves(5)],
    "of many lengths of palettes": [Picture(a, 0, 4, cmap="magma") for a in waves(5)],
    "RGB": [Picture(image, channel_axis=2) for image in photographs(5, 3)],
    "RGBA": [Picture(image, channel_axis=2) for image in photographs(4, 4)],
    "flat": [Picture(np.full((9, 8), i, np.uint8)) for i in range(5)],
    "labels": [Picture((X // 9 + i).astype(np.uint8), labels=True) for i in range(4)],
    "masks": [Picture(9 * i < X) for i in range(4)],
    "with holes": [Picture(image) for image in holed(waves(4))],
    "with holes, in colors": [Picture(image, cmap="plasma") for image in holed(waves(4))],
    "marked": [Picture(image, -0.5, 0.5, over="red") for image in waves(4)],
    "reduced": [Picture(image, max_pixels=400) for image in waves(4)],
    "with sizes": [Picture(image, pixel_size=2, unit="mm") for image in waves(3)],
    "WebP": [Picture(image, format="webp", lossless=True) for image in waves(3)],
    "large": [Picture(np.tile(image, (20, 20))) for image in waves(2)],
    "packed well": [Picture(image, compression=6) for image in waves(3)],
}
KINDS["all mixed"] = [picture for kind in KINDS.values() for picture in kind[:3]]


def decoded(uri: str) -> Array:
    data = base64.b64decode(uri.split(",", 1)[1])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


@pytest.mark.parametrize("kind", KINDS)
def test_each_picture_has_its_own_pixels(kind: str) -> None:
    stored = [picture._stored for picture in KINDS[kind]]
    uris = write_uris(stored)
    for uri, one in zip(uris, stored, strict=True):
        np.testing.assert_array_equal(decoded(uri), decoded(one.data_uri))
    assert sum(map(len, uris)) <= sum(1.02 * len(one.data_uri) + 6 for one in stored)
    assert write_uris(stored) == uris


def test_a_small_picture_has_only_the_colors_that_it_needs() -> None:
    """Its palette takes as many bytes as its pixels else."""
    images = [np.where(X % 4 < 2, i / 9, 1)[:20, :20] for i in range(9)]
    pictures = [Picture(image, 0, 1, cmap="viridis") for image in images]
    pictures += [Picture(np.linspace(0, 1, 400).reshape(20, 20), 0, 1, cmap="viridis")]
    counts = []
    for uri, picture in zip(write_uris([p._stored for p in pictures]), pictures, strict=True):
        data = base64.b64decode(uri.split(",", 1)[1])
        counts.append(len(Image.open(io.BytesIO(data)).getpalette()) // 3)
        np.testing.assert_array_equal(decoded(uri), decoded(picture.data_uri))
    assert counts == [2] * 9 + [256]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_bytes_do_not_depend_on_how_many_threads_there_are(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = [picture._stored for picture in KINDS["all mixed"]]
    known = write_uris(stored)
    monkeypatch.setattr("nbimage.base.chunked.thread_count", lambda: count)
    assert write_uris(stored) == known


def test_a_grid_has_the_pixels_of_its_pictures_whoever_was_asked_before() -> None:
    images = waves(20)
    grid, asked = Grid(images), Grid(images)
    for picture in asked.pictures:
        assert picture.png.startswith(b"\x89PNG")
    assert grid.html == asked.html
    uris = re.findall(r'<img src="([^"]+)"', grid.html)
    for uri, picture in zip(uris, grid.pictures, strict=False):
        np.testing.assert_array_equal(decoded(uri), decoded(picture.data_uri))


@pytest.mark.parametrize("count", [0, 1, 2, _BATCH - 1, _BATCH, _BATCH + 1, 200, 1000])
def test_batches_are_about_as_large_as_one_another(count: int) -> None:
    parts = split_evenly(range(5, 5 + count))
    assert [number for part in parts for number in part] == [*range(5, 5 + count)]
    sizes = {len(part) for part in parts}
    assert not count or (max(sizes) <= _BATCH and max(sizes) - min(sizes) <= 1)


def test_pictures_that_are_shared_out_themselves_wait_for_nobody() -> None:
    """A thread of the pool that waited for another one of it would do so for ever."""
    large = [Picture(np.tile(image, (30, 30))) for image in waves(4)]
    small = [Picture(image) for image in waves(4)]
    uris = write_uris([one._stored for pair in zip(large, small, strict=True) for one in pair])
    assert all(uri.startswith("data:image/png;base64,") for uri in uris)


def test_what_most_of_a_grid_s_pictures_say_of_their_values_is_there_once() -> None:
    html = Grid([*waves(30), RANDOM.random((4, 4))]).html
    assert len(re.findall(r'data-reading="', html)) == 2


def test_a_picture_without_a_title_says_once_what_it_is() -> None:
    pictures = waves(3)
    html, titled = Grid(pictures).html, Grid(pictures, ["a", "b", "c"]).html
    assert (html.count('role="img"'), titled.count('role="img"')) == (0, 3)
    for picture in Grid(pictures).pictures:
        assert (html.count(picture.alt), titled.count(picture.alt)) == (1, 2)


def test_the_page_of_many_small_pictures_is_little_more_than_these() -> None:
    digits = [np.where((X - 20) ** 2 + (Y - i) ** 2 < 60, 200, 0)[:28, :28] for i in range(300)]
    grid = Grid([digit.astype(np.uint8) for digit in digits])
    pictures = sum(len(picture.data_uri) for picture in grid.pictures)
    assert len(grid.html) <= 1.01 * pictures + 300 * 500 + 24_000
