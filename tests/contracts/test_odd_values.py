"""Values, options and sizes at the ends of what is allowed: a right picture, or one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest

from nbimage import Grid, Picture, Video, View, encode
from nbimage.export import pdf
from tests.contracts.test_label_doors import pixels

ONE = np.arange(12, dtype=np.float32).reshape(3, 4)
RGB = np.stack([ONE, ONE, ONE])
DATES = np.arange(3 * 32 * 32).reshape(3, 32, 32).astype("datetime64[h]")


@pytest.mark.parametrize("width", [10, 40, 159, 160, 161, 320])
@pytest.mark.parametrize("beside", [{}, {"colorbar": True}, {"x": True}, {"caption": "a"}])
def test_a_page_has_any_width(width: int, beside: dict[str, Any]) -> None:
    assert "<img" in Picture(ONE, width=width, **beside).html


@pytest.mark.parametrize("dtype", ["float16", "float64", "longdouble", "int8", "uint64"])
def test_marks_of_clipped_values_take_every_dtype(dtype: str) -> None:
    shown = encode(np.arange(12).reshape(3, 4).astype(dtype), vmin=2, vmax=9, mark_clipped=True)
    same = encode(np.arange(12).reshape(3, 4).astype("int32"), vmin=2, vmax=9, mark_clipped=True)
    assert np.array_equal(pixels(shown), pixels(same))


@pytest.mark.parametrize("door", [Picture, encode, View, Grid])
def test_an_axis_of_channels_is_a_number_beside_colors_too(door: Any) -> None:
    with pytest.raises(TypeError, match="channel_axis must be an integer or None, but got 'c'"):
        door([RGB] if door is Grid else RGB, channel_axis="c", channels=["a", "b", "c"])


@pytest.mark.parametrize("way", ["phase", "domain"])
@pytest.mark.parametrize("clipped", [False, True])
def test_phases_have_one_channel(way: Any, clipped: bool) -> None:
    with pytest.raises(ValueError, match=f"complex='{way}' must have one channel, but got 3"):
        encode(RGB.astype(np.complex64), channel_axis=0, complex=way, mark_clipped=clipped)


@pytest.mark.parametrize("counter", ["{x}", "{1}", "{:zz}", "{0.x}", "{", ("lr", "{x}")])
def test_a_counter_that_is_no_format_of_numbers_is_named(counter: Any) -> None:
    with pytest.raises(ValueError, match=r"counter must be a format of the frame's number"):
        Video(RGB, counter=counter)


@pytest.mark.parametrize("files", [{}, {"counter": True}])
def test_videos_of_labels_are_in_their_colors(files: dict[str, Any]) -> None:
    labels = np.repeat(np.arange(3 * 4).reshape(3, 2, 2), 16, axis=1).repeat(16, axis=2)
    video = Video(labels, labels=True, format="apng", progress=False, **files)
    assert video.labels and video.files
    if not files:
        frame = pixels(video.files["apng"])  # the first: 0 is black
        own = pixels(encode(labels[0], labels=True))
        assert np.array_equal(frame[16:, :, :3], own[16:, :, :3])


def test_a_picture_of_one_date_in_a_grid_has_the_range_of_all() -> None:
    html = Grid({"a": DATES[0], "b": np.full((32, 32), DATES[1, 0, 0])}).html
    assert "1970-01-" in html
    assert Grid({"a": np.full((300, 300), DATES[0, 0, 0]), "b": DATES[1]}).html
    spans = [np.full((300, 300), 7e5).astype("m8[s]"), np.zeros((300, 300), "m8[s]")]
    assert " to " in Grid(spans).html


@pytest.mark.parametrize("size", [{"zoom": 0.1}, {"width": 0.2}, {"aspect": 1e-6, "width": 2}])
def test_frames_of_less_than_a_pixel_have_one(size: dict[str, Any]) -> None:
    video = Video(np.zeros((2, 1, 3)), format="apng", figure=True, progress=False, **size)
    assert video.files


def test_what_lies_behind_a_very_long_picture_takes_no_more_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "_MOST", 20_000)
    sizes: list[int] = []
    drawn = pdf.draw_background

    def draw_background(background: str, width: int, height: int, scale: float) -> Any:
        sizes.append(width * height)
        return drawn(background, width, height, scale)

    monkeypatch.setattr(pdf, "draw_background", draw_background)
    missing = np.where(ONE > 3, np.nan, ONE)
    for aspect in (1.0, 1e5):
        assert Picture(missing, aspect=aspect).save(tmp_path / "a.pdf", figure=True).exists()
    assert len(sizes) == 2 and max(sizes) < 1_000_000


def test_a_pdf_is_called_what_can_be_written(tmp_path: Path) -> None:
    file = Picture(ONE, alt="\ud800<b>").save(tmp_path / "a.pdf", figure=True)
    assert pypdfium2.PdfDocument(file).get_metadata_value("Title") == "�<b>"
