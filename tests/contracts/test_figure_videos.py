"""Videos whose files hold the figure in each frame."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from PIL import Image, ImageSequence

from nbimage import Grid, Video
from nbimage.export.figure_frames import FigureFrames
from tests.test_video import decoded

Array = np.ndarray
FRAMES = np.random.default_rng(3).integers(0, 256, (3, 21, 30), dtype=np.uint8)
AROUND: dict[str, Any] = {"x": True, "y": True, "colorbar": "K", "title": "Title", "width": 210}
DATES = ["2020-01-01", "2020-01-02", "2020-01-03"]


def labelled() -> xr.DataArray:
    dates = np.array(DATES, "datetime64[D]")
    return xr.DataArray(FRAMES, dims=("time", "y", "x"), coords={"time": dates})


def expected(video: Video, words: list[str], scale: float = 1) -> Array:
    plain = Video(FRAMES, cmap=None, progress=False, **AROUND)
    size = plain.width, plain.height
    figure = FigureFrames(plain.figure, *size, scale=scale, words=words[-1])
    return np.stack([figure.draw(frame, one) for frame, one in zip(FRAMES, words, strict=True)])


def frames_of(video: Video, name: str = "apng") -> Array:
    with Image.open(BytesIO(video.files[name])) as image:
        return np.stack([np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(image)])


@pytest.mark.parametrize("scale", [1, 2])
def test_each_frame_holds_the_figure_exactly(scale: int) -> None:
    video = Video(FRAMES, figure=True, scale=scale, format="apng", **AROUND)
    words = ["frame 0", "frame 1", "frame 2"]
    assert (frames_of(video) == expected(video, words, scale)).all()
    assert video.size == (30, 21)


def test_the_date_of_labelled_frames_is_in_each() -> None:
    options = AROUND | {"x": True, "y": True, "xlabel": "", "ylabel": ""}
    video = Video(labelled(), figure=True, format="apng", **options)
    assert (frames_of(video) == expected(video, DATES)).all()


@pytest.mark.parametrize("counter", ["day {}", ("lr", lambda number: f"day {number}")])
def test_a_counter_says_what_is_above_the_frames(counter: Any) -> None:
    video = Video(FRAMES, figure=True, counter=counter, format="apng", **AROUND)
    assert (frames_of(video) == expected(video, ["day 0", "day 1", "day 2"])).all()


@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9"])
@pytest.mark.parametrize("width", [199, 210])
def test_a_file_has_the_figures_size_and_the_page_the_frames(codec: str, width: int) -> None:
    options = AROUND | {"width": width} | {"h264": None, codec: True}
    video = Video(FRAMES, figure=True, **options)
    plain = Video(FRAMES, **options)
    figure = FigureFrames(plain.figure, plain.width, plain.height, words="frame 2")
    assert [side % 2 for side in figure.size] == [0, 0]
    found = decoded(video.files[codec], figure.size)
    assert len(found) == 3
    wanted = figure.draw(FRAMES[1], "frame 1").astype(int)
    assert np.abs(found[1] - wanted).mean() < 12
    assert video._encoded.page[codec] == plain._encoded.page[codec]
    assert video.html.count("Title") == plain.html.count("Title")
    assert (video.width, video.height) == (plain.width, plain.height)


def test_frames_of_an_iterator_are_drawn_as_they_come() -> None:
    def each() -> Iterator[Array]:
        yield from FRAMES

    video = Video(each(), figure=True, format="apng", **AROUND)
    assert len(frames_of(video)) == video.count == 3


def test_the_page_draws_no_second_figure_around_an_animation() -> None:
    video = Video(FRAMES, figure=True, format="gif", **AROUND)
    assert "nbimage-axis" not in video.html
    with Image.open(BytesIO(video.files["gif"])) as image:
        assert image.size == (video.width, video.height)
    assert "nbimage-axis" not in Grid([video]).html


def test_a_page_that_refers_to_files_has_one_figure(tmp_path: Path) -> None:
    video = Video(FRAMES, figure=True, scale=2, **AROUND)
    paths = video.save(tmp_path / "x.mp4")
    assert "nbimage-axis" in video.html
    video.refer_to(paths)
    assert "nbimage-axis" not in video.html
    assert video.width > AROUND["width"]


def test_the_same_frames_are_the_same_bytes() -> None:
    one, other = (Video(FRAMES, figure=True, **AROUND).files["h264"] for _ in "ab")
    assert one == other


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": 2}, "scale must be left out where figure is False, but got 2"),
        ({"figure": True, "scale": 0}, "scale must be finite and above 0, but got 0"),
        ({"figure": True, "scale": "x"}, "scale must be finite and above 0, but got 'x'"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Video(FRAMES, **options)
