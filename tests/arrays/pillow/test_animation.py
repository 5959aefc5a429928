"""For how long the frames of an animation are shown."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Video
from nbimage.arrays.ingest import as_values
from nbimage.arrays.pillow.animation import Animation, make_timing
from nbimage.cli.main import main
from nbimage.pyramid.read_frames import find_timing, read_frames

RANDOM = np.random.default_rng(8)
FRAMES = RANDOM.integers(0, 256, (4, 16, 24, 3), dtype=np.uint8)
SUFFIXES = ["gif", "webp", "png", "avif"]


def save(path: Path, durations: Any, frames: Any = FRAMES, **options: Any) -> Path:
    pages = [Image.fromarray(frame) for frame in frames]
    if path.suffix == ".webp":
        options |= {"lossless": True}
    pages[0].save(path, save_all=True, append_images=pages[1:], duration=durations, **options)
    return path


def frame_times(path: Path) -> list[float]:
    """The times in seconds at which a video's frames begin, by another reader."""
    av = pytest.importorskip("av")
    with av.open(str(path)) as file:
        return [float(frame.time) for frame in file.decode(video=0)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_video_has_the_rate_of_its_animation(suffix: str, tmp_path: Path) -> None:
    path = save(tmp_path / f"a.{suffix}", 200)
    for source in (path, str(path), Image.open(path)):
        video = Video(source, progress=False)
        assert (video.fps, video.count, video.duration) == (5, 4, 0.8)
        assert video.description.endswith(", 5 frames a second")
    assert Video(path, fps=25, progress=False).fps == 25
    assert Video(path, 0, 255, False, 10, progress=False).fps == 10
    assert Video(list(FRAMES), progress=False).fps == 25


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_video_has_the_unequal_times_of_its_animation(suffix: str, tmp_path: Path) -> None:
    times = [50, 200, 70, 130]
    video = Video(save(tmp_path / f"a.{suffix}", times), progress=False, counter="ul")
    assert (video.fps, video.count) == (100, 45)
    assert video.duration == sum(times) / 1000
    assert video.description.endswith(", each shown for 50 to 200 ms")
    assert video.size == (24, 16)


def test_the_command_line_keeps_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "a.gif", [100, 300, 100, 200])
    assert main(["video", str(path), str(tmp_path / "a.mp4")]) == 0
    assert "each shown for 100 to 300 ms" in capsys.readouterr().out
    assert np.allclose(frame_times(tmp_path / "a.mp4"), np.arange(7) / 10, atol=1e-3)
    assert main(["video", str(path), str(tmp_path / "b.mp4"), "--fps", "20"]) == 0
    assert np.allclose(frame_times(tmp_path / "b.mp4"), np.arange(4) / 20, atol=1e-3)


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
@pytest.mark.parametrize("time", [0, 10])
def test_frames_without_a_time_are_shown_as_browsers_do(
    suffix: str, time: int, tmp_path: Path
) -> None:
    assert Video(save(tmp_path / f"a.{suffix}", time), progress=False).fps == 10


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_a_video_is_played_on_as_its_animation(suffix: str, tmp_path: Path) -> None:
    endless = save(tmp_path / f"a.{suffix}", 40, loop=0)
    once = save(tmp_path / f"b.{suffix}", 40, loop=1)
    assert " loop" in Video(endless, progress=False).html
    assert " loop" not in Video(once, progress=False).html
    assert " loop" not in Video(endless, loop=False, progress=False).html
    assert " loop" in Video(once, loop=True, progress=False).html


def test_the_picture_before_an_animation_is_none_of_its_frames(tmp_path: Path) -> None:
    save(tmp_path / "a.png", 80, default_image=True)
    frames, _ = read_frames(tmp_path / "a.png")
    assert np.array_equal([np.asarray(frame) for frame in frames], FRAMES[1:])
    timing = find_timing(frames)
    assert timing is not None
    assert (timing.rate, timing.repeats) == (12.5, (1, 1, 1))


def test_the_callers_image_stays_at_its_frame(tmp_path: Path) -> None:
    image = Image.open(save(tmp_path / "a.gif", 80))
    image.seek(2)
    frames = Animation(image)
    assert len(list(frames)) == len(frames) == 4
    assert frames[1].size == (24, 16)
    assert image.tell() == 2
    Video(image, progress=False)
    assert image.tell() == 2


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_frames_are_read_in_any_order(suffix: str, tmp_path: Path) -> None:
    image = Image.open(save(tmp_path / f"a.{suffix}", 80))
    image.seek(1)
    frames = Animation(image)
    inward = list(frames)
    assert all(frames[i].tobytes() == inward[i].tobytes() for i in (2, 0, 1, 3, 0))
    assert image.tell() == 1
    image.load()
    assert Video(image, progress=False).count == 4


@pytest.mark.parametrize("orientation", [True, False])
@pytest.mark.parametrize("kind", ["nodata", "deep", "inverted", "turned"])
def test_pages_that_pillow_has_opened_are_those_of_the_path(
    kind: str, orientation: bool, tmp_path: Path
) -> None:
    tifffile = pytest.importorskip("tifffile")
    path, pages = tmp_path / "a.tif", FRAMES[..., 0]
    options: Any = {"photometric": "minisblack"}
    if kind == "nodata":
        options |= {"extratags": [(42113, "s", 0, str(pages[0, 0, 0]), True)]}
    if kind == "turned":
        options |= {"extratags": [(274, "H", 1, 6, True)]}
    if kind == "inverted":
        pages, options = pages * np.uint16(200), {"photometric": "miniswhite"}
    if kind == "deep":
        pages, options = FRAMES * np.uint16(250) + np.uint16(7), {"photometric": "rgb"}
    with tifffile.TiffWriter(path) as tiff:
        for page in pages:
            tiff.write(page, metadata=None, **options)
    shown = {}
    for data in (path, Image.open(path)):
        if kind == "turned" and not orientation and data is not path:
            continue  # which Pillow turns itself
        frames, _ = read_frames(data, orientation=orientation)
        values = [as_values(frame) for frame in frames]
        shown[type(data)] = [
            np.ma.masked_array(v.array, False if v.mask is None else v.mask).filled(3)
            for v in values
        ]
        assert shown[type(data)][0].dtype == pages.dtype
    first, *others = shown.values()
    assert all(np.array_equal(first, other) for other in others)


def test_frames_that_are_not_turned_have_their_times(tmp_path: Path) -> None:
    path = save(tmp_path / "a.gif", 200)
    assert Video(path, orientation=False, progress=False).fps == 5


@pytest.mark.parametrize(
    ("times", "rate", "repeats"),
    [
        ([40, 40, 40], 25, (1, 1, 1)),
        ([33, 33, 34], 30, (1, 1, 1)),
        ([20, 1000], 50, (1, 50)),
        ([100, 30, 70], 100, (10, 3, 7)),
        ([33, 500], 100, (3, 50)),
        ([5000, 5000], Fraction(1, 5), (1, 1)),
    ],
)
def test_times_become_frames_of_one_rate(times: Any, rate: Any, repeats: Any) -> None:
    timing = make_timing([Fraction(time) for time in times])
    assert (timing.rate, timing.repeats) == (rate, repeats)


def test_no_frame_is_lost_and_the_duration_is_kept() -> None:
    for _ in range(50):
        times = [Fraction(int(n)) for n in RANDOM.integers(11, 3000, 30)]
        timing = make_timing(times)
        assert min(timing.repeats) >= 1
        step = 1000 / timing.rate
        assert abs(sum(timing.repeats) * step - sum(times)) <= step
        ends, shown = np.cumsum(times), np.cumsum(timing.repeats) * step
        assert np.abs(ends - shown).max() <= step / 2
    long = make_timing([Fraction(11), *[Fraction(600_000)] * 50])
    assert sum(long.repeats) <= 20_001


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_a_damaged_animation_is_one_line(suffix: str, tmp_path: Path) -> None:
    whole = save(tmp_path / f"a.{suffix}", 80).read_bytes()
    path = tmp_path / f"b.{suffix}"
    for size in range(40, len(whole) - 20, len(whole) // 12):
        path.write_bytes(whole[:size])
        try:
            video = Video(path, progress=False)
        except (OSError, ValueError) as error:
            assert "\n" not in str(error)
            assert path.name in str(error)
        else:
            assert video.count <= 4


def test_bytes_are_an_animation_too() -> None:
    file = io.BytesIO()
    pages = [Image.fromarray(frame) for frame in FRAMES]
    pages[0].save(file, "gif", save_all=True, append_images=pages[1:], duration=[30, 60, 30, 30])
    video = Video(Image.open(file), progress=False)
    assert (video.duration, video.count) == (0.15, 5)
