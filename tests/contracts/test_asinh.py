"""Asinh without a width takes it from the noise, the same at every door."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Grid, Picture, View, encode, open_pyramid, rerange, write_dzi
from nbimage.mapping.color_options import ColorOptions
from nbimage.mapping.frames import as_frames
from nbimage.mapping.value_scale import ValueScale

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(8)
SKY = RANDOM.normal(2, 3, (90, 120)).astype(np.float32)
SKY.ravel()[RANDOM.integers(0, SKY.size, 60)] = RANDOM.exponential(8000, 60) + 40
COUNTS = np.maximum(SKY, 0).astype(np.uint16)
SPARSE = np.where(RANDOM.random((64, 64)) < 0.1, RANDOM.integers(1, 9000, (64, 64)), 0)
HOLES = np.where(RANDOM.random(SKY.shape) < 0.3, np.nan, SKY)
PHOTOGRAPH = RANDOM.integers(0, 256, (40, 50)).astype(np.uint8)
DATA = {"sky": SKY, "counts": COUNTS, "sparse": SPARSE, "holes": HOLES, "bytes": PHOTOGRAPH}
LIMITS: dict[str, dict[str, Any]] = {
    "own": {},
    "given": {"vmin": 0, "vmax": 5000},
    "percentiles": {"contrast": (1, 99.5)},
    "symmetric": {"vsym": True},
}


def find_width(data: Array, low: float, high: float) -> float:
    """Return asinh's width by its definition."""
    known = data[np.isfinite(data)].astype(float)
    off = np.abs(known - np.median(known))
    middle = np.median(off) or np.median(off[off > 0])
    return float(min(3 * 1.4826 * middle, max(abs(low), abs(high)) / 10))


def decoded(data: bytes) -> Array:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[..., 0]


def drawn(data: Array, options: dict[str, Any], _: Path) -> Array:
    return Picture(data, norm="asinh", **options).pixels


def reranged(data: Array, options: dict[str, Any], _: Path) -> Array:
    return rerange(data, norm="asinh", **options)


def encoded(data: Array, options: dict[str, Any], _: Path) -> Array:
    return decoded(encode(data, norm="asinh", **options))


def framed(data: Array, options: dict[str, Any], _: Path) -> Array:
    scale = ValueScale.of(norm="asinh", **options)
    halves = data.reshape(2, len(data) // 2, -1)
    return np.concatenate(list(as_frames(halves, scale, ColorOptions.of()).pixels()))


def shared(data: Array, options: dict[str, Any], _: Path) -> Array:
    halves = list(data.reshape(2, len(data) // 2, -1))
    grid = Grid(halves, norm="asinh", **options)
    return np.concatenate([picture.pixels for picture in grid.pictures])


def tiled(data: Array, options: dict[str, Any], folder: Path) -> Array:
    write_dzi(data, folder / "a.dzi", format="png", progress=False, norm="asinh", **options)
    (whole,) = (folder / "a_files" / str((max(data.shape) - 1).bit_length())).iterdir()
    return decoded(whole.read_bytes())


def viewed(data: Array, options: dict[str, Any], _: Path) -> Array:
    return View(data, norm="asinh", **options).picture.pixels


def snapped(data: Array, options: dict[str, Any], _: Path) -> Array:
    view = View(open_pyramid(data), norm="asinh", embed=False, **options)
    pixels = view.snapshot().pixels
    view.close()
    return pixels


DOORS = [drawn, reranged, encoded, framed, shared, tiled, viewed, snapped]


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_door_has_the_width_of_the_noise(
    door: Any, name: str, limits: str, tmp_path: Path
) -> None:
    data, options = DATA[name], LIMITS[limits]
    found = door(data, options, tmp_path)
    linear = Picture(data, **{"contrast": "minmax"} | options).color_scale
    assert linear is not None
    ends = linear.limits.vmin[0], linear.limits.vmax[0]
    exact = rerange(data, *ends, norm=("asinh", find_width(data, *map(float, ends))))
    known = np.isfinite(data)
    np.testing.assert_array_equal(found[known], exact[known])


def test_noise_is_just_visible_and_a_tail_compressed() -> None:
    pixels = rerange(SKY, norm="asinh")
    faint = pixels[SKY < 20]
    assert 3 < faint.std() < 20
    assert len(np.unique(pixels[SKY > 100])) > 20


def test_constant_and_missing_values_have_a_picture() -> None:
    assert not rerange(np.full((3, 4), 5.0), norm="asinh").any()
    assert not rerange(np.full((3, 4), 7), norm="asinh").any()
    assert (rerange(np.zeros((3, 4)), norm="asinh", vsym=True) == 128).all()
    with pytest.warns(UserWarning, match="no finite value"):
        Picture(np.full((3, 4), np.nan), norm="asinh")
    assert rerange([[False, True]], norm="asinh").tolist() == [[0, 255]]


def test_the_picture_says_its_width() -> None:
    width = find_width(SKY, float(SKY.min()), float(SKY.max()))
    assert f"asinh {width:.3g}" in Picture(SKY, norm="asinh").description


@pytest.mark.parametrize("embed", [True, False])
def test_an_explorer_knows_the_noise_under_any_norm(embed: bool) -> None:
    several: list[dict[str, Any]] = [{}, {"norm": "asinh"}, {"vmin": 0, "vmax": 9}]
    for options in [*several, {"norm": "log"}]:
        view = View(SKY, embed=embed, **options)
        (noise,) = view.model.config["images"][0]["noise"]
        assert noise == pytest.approx(find_width(SKY, 0, 1e9))
        (display,) = view.model.state["displays"]
        assert display["parameter"] is None
        assert json.dumps(view.state)


@pytest.mark.parametrize("embed", [True, False])
def test_each_channel_of_a_composite_has_its_own(embed: bool) -> None:
    both = np.stack([SKY, SKY * 1000])
    view = View(both, channels=["a", "b"], axes="cyx", norm="asinh", embed=embed)
    one, other = view.model.config["images"][0]["noise"]
    assert other == pytest.approx(1000 * one, rel=1e-3)
    widths = [limits.norm.noise for limits in view.model.limits(0)]
    assert widths == pytest.approx([one, other])
