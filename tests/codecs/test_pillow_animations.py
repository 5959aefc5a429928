"""Animations that Pillow makes, where there is no ffmpeg, are those of ffmpeg."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from nbimage import Video
from nbimage.codecs import video_files
from nbimage.codecs.pillow_animations import encode_animation

random = np.random.default_rng(4)
GRAY = random.integers(0, 256, (5, 24, 30), np.uint8)
FEW = random.integers(0, 256, (200, 3), np.uint8)[random.integers(0, 200, (5, 24, 30))]
CLEAR = np.concatenate([FEW, 255 * (random.random((5, 24, 30, 1)) > 0.3).astype(np.uint8)], axis=3)
NAMES = "webp", "apng", "gif"


def frames_of(data: bytes) -> list[Any]:
    """The frames of a file, as RGBA, and their milliseconds."""
    image = Image.open(io.BytesIO(data))
    found = []
    for frame in ImageSequence.Iterator(image):
        array = np.asarray(frame.convert("RGBA"))
        found.append((array, frame.info.get("duration")))
    return found


def as_seen(array: Any) -> Any:
    """Colors of what is opaque, and what is not."""
    array = np.asarray(array)
    return np.where(array[..., 3:] > 0, array, 0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("frames", [GRAY, FEW, CLEAR], ids=["gray", "colors", "alpha"])
def test_frames_are_exact_as_far_as_the_format_holds_their_colors(name: str, frames: Any) -> None:
    data = encode_animation(name, iter(frames), True, Fraction(10))
    shown = frames_of(data)
    assert len(shown) == len(frames)
    for (found, _), frame in zip(shown, frames, strict=True):
        wanted = Image.fromarray(frame).convert("RGBA")
        np.testing.assert_array_equal(as_seen(found), as_seen(wanted))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rate", [Fraction(10), Fraction(30), Fraction(30000, 1001)])
@pytest.mark.parametrize("repeats", [(), (1, 3, 2, 1, 7)])
def test_each_frame_begins_when_it_does_by_the_rate(
    name: str, rate: Fraction, repeats: tuple[int, ...]
) -> None:
    data = encode_animation(name, iter(GRAY), False, rate, repeats)
    ends = [*accumulate(last for _, last in frames_of(data))]
    exact = [float(1000 * count / rate) for count in accumulate(repeats or (1,) * 5)]
    within = 5 if name == "gif" else 0.5
    np.testing.assert_allclose(ends, exact, rtol=0, atol=within + 1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("loop", [False, True])
def test_it_plays_once_or_for_ever(name: str, loop: bool) -> None:
    image = Image.open(io.BytesIO(encode_animation(name, iter(GRAY), loop, Fraction(10))))
    once = None if name == "gif" else 1
    assert image.info.get("loop") == (0 if loop else once)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("zoom", [1, 3])
def test_a_video_without_ffmpeg_is_shown_as_with_it(
    name: str, zoom: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_ffmpeg = Video(FEW, format=name, zoom=zoom, fps=5, progress=False).files[name]
    monkeypatch.setattr(video_files, "has_encoder", lambda _: False)
    by_pillow = Video(FEW, format=name, zoom=zoom, fps=5, progress=False).files[name]
    assert len(frames_of(by_pillow)) == len(frames_of(by_ffmpeg))
    for (one, last), (other, other_last) in zip(
        frames_of(by_pillow), frames_of(by_ffmpeg), strict=True
    ):
        assert last == other_last
        if name != "gif":  # whose colors ffmpeg chooses for all frames together
            np.testing.assert_array_equal(one, other)
        assert one.shape == other.shape
