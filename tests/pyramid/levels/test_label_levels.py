"""Levels of a file that mix labels are not used; those that take some of them are."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage import Picture, View, open_pyramid, write_dzi, write_ome_zarr
from nbimage.pyramid.core.downsample import halve

Array = np.ndarray[Any, Any]
LABELS = np.random.default_rng(3).choice(np.array([0, 1, 9, 200], np.uint8), (301, 407))


def check(pyramid: Any) -> None:
    for level in range(len(pyramid.shapes)):
        assert np.array_equal(pyramid.read(level), LABELS[:: 1 << level, :: 1 << level])


def save_levels(path: Path, *levels: Array) -> Path:
    with tifffile.TiffWriter(path) as file:
        file.write(levels[0], tile=(64, 64), subifds=len(levels) - 1)
        for level in levels[1:]:
            file.write(level, tile=(64, 64), subfiletype=1)
    return path


def find_mode(array: Array) -> Array:
    """Return the most frequent one of two by two, another one than the upper left at times."""
    four = np.stack(
        [array[:-1:2, :-1:2], array[:-1:2, 1::2], array[1::2, :-1:2], array[1::2, 1::2]]
    )
    counts = (four[:, None] == four[None]).sum(axis=0)
    return np.asarray(np.take_along_axis(four, counts.argmax(axis=0)[None], 0)[0])


def test_means_in_a_tiff_are_not_used_for_labels(tmp_path: Path) -> None:
    path = save_levels(tmp_path / "a.tif", LABELS, halve(LABELS), halve(halve(LABELS)))
    with open_pyramid(path) as pyramid:
        assert pyramid.native_levels == (0, 1, 2)
    with open_pyramid(path, labels=True) as pyramid:
        assert pyramid.native_levels == (0,)
        check(pyramid)
        again = pickle.loads(pickle.dumps(pyramid))
        assert again.labels and again.native_levels == (0,)
        check(again)


@pytest.mark.parametrize("first", [0, 1])
def test_levels_that_take_some_are_used(tmp_path: Path, first: int) -> None:
    half = LABELS[first::2, first::2]
    path = save_levels(tmp_path / "a.tif", LABELS[:300, :406], half[:150, :203])
    with open_pyramid(path, labels=True) as pyramid:
        assert pyramid.native_levels == (0, 1)


@pytest.mark.parametrize("mixed", [True, False])
def test_levels_that_are_a_quarter_of_the_next_larger_one_are_looked_at_too(
    tmp_path: Path, mixed: bool
) -> None:
    quarter = halve(halve(LABELS)) if mixed else LABELS[::4, ::4]
    with open_pyramid(save_levels(tmp_path / "a.tif", LABELS, quarter), labels=True) as pyramid:
        assert pyramid.native_levels == ((0,) if mixed else (0, 2))
        check(pyramid)


def test_levels_of_the_most_frequent_ones_are_used(tmp_path: Path) -> None:
    even = LABELS[:300, :406]
    path = save_levels(tmp_path / "a.tif", even, find_mode(even))
    with open_pyramid(path, labels=True) as pyramid:
        assert pyramid.native_levels == (0, 1)


def test_levels_are_used_as_far_as_they_are_labels(tmp_path: Path) -> None:
    half = LABELS[::2, ::2]
    path = save_levels(tmp_path / "a.tif", LABELS, half, halve(half))
    with open_pyramid(path, labels=True) as pyramid:
        assert pyramid.native_levels == (0, 1)
        check(pyramid)


@pytest.mark.parametrize("name", ["a.zarr", "a.dzi"])
def test_what_was_written_with_means_has_labels_all_the_same(tmp_path: Path, name: str) -> None:
    write: Any = write_dzi if name == "a.dzi" else write_ome_zarr
    options = {"format": "png"} if name == "a.dzi" else {"chunk_size": 64}
    path = write(LABELS, tmp_path / name, progress=False, **options)
    with open_pyramid(path, labels=True) as pyramid:
        check(pyramid)
    assert Picture(path, labels=True, max_pixels=20000).labels
    View(path, labels=True, embed=False)


def test_resolutions_of_jpeg_2000_are_no_labels(tmp_path: Path) -> None:
    codecs = pytest.importorskip("imagecodecs")
    (tmp_path / "a.jp2").write_bytes(codecs.jpeg2k_encode(LABELS, level=0, reversible=True))
    with open_pyramid(tmp_path / "a.jp2") as pyramid:
        assert len(pyramid.native_levels) > 1
    with open_pyramid(tmp_path / "a.jp2", labels=True) as pyramid:
        check(pyramid)


@pytest.mark.parametrize("suffix", ["png", "gif", "bmp"])
def test_colors_of_a_palette_may_be_labels(tmp_path: Path, suffix: str) -> None:
    colors = np.random.default_rng(0).integers(0, 256, (256, 3), np.uint8)
    image = Image.fromarray(LABELS)
    image.putpalette(colors.tobytes())
    image.save(tmp_path / f"a.{suffix}")
    for data in (tmp_path / f"a.{suffix}", image):
        with open_pyramid(data) as pyramid:
            assert not pyramid.labels
        with open_pyramid(data, labels=True) as pyramid:
            for level in range(3):
                step = 1 << level
                found = pyramid.read(level)[:, :, :3]
                assert np.array_equal(found, colors[LABELS[::step, ::step]])
        picture = Picture(data, labels=True)
        assert picture.labels and np.array_equal(picture.pixels[:, :, :3], colors[LABELS])
        (config,) = View(data, labels=True).model.config["images"]
        assert config["kind"] == "color" and config["labels"]
