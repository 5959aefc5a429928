"""A video of a file that browsers play has the file's own bytes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Video, frames, nbvideo
from nbimage.codecs.clips import pyav_reader
from nbimage.codecs.clips.kept_file import KeptFile
from nbimage.page import ipython
from tests.clips import decode_all, make_clip, run


@pytest.fixture(autouse=True)
def _without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyav_reader, "find_av", lambda: None)


@pytest.mark.parametrize(
    ("name", "codec", "media_type"),
    [
        ("open.mp4", "h264", "video/mp4"),
        ("full.mov", "h264", "video/mp4"),
        ("rare.mkv", "h264", "video/mp4"),
        ("stream.ts", "h264", "video/mp4"),
        ("turned.mp4", "h264", "video/mp4"),
        ("vp8.webm", "vp8", "video/webm"),
        ("odd.webm", "vp9", "video/webm"),
        ("av1.mp4", "av1", "video/mp4"),
    ],
)
def test_what_browsers_play_is_not_encoded_anew(
    name: str, codec: str, media_type: str, folder: Path, tmp_path: Path
) -> None:
    path = make_clip(folder, name, 12)
    video = Video(path)
    with frames(path) as known:
        assert video.files == {codec: path.read_bytes()}
        assert (video.count, video.fps) == (len(known), known.fps)
        assert video.size == known.index.size and video.duration == pytest.approx(known.duration)
        assert np.array_equal(video.render(), known[0])
        (saved,) = video.save(tmp_path / "saved")
        assert saved.suffix == path.suffix and saved.read_bytes() == path.read_bytes()
        shown = tmp_path / f"page{'.mp4' if media_type == 'video/mp4' else '.webm'}"
        video.save(shown)
        with frames(shown) as again:  # repacked, of the same packets
            assert again.codec == codec
            assert np.array_equal(np.asarray(again), decode_all(path, known.shape))
    assert f'src="data:{media_type};base64,' in video.html
    assert f"as {name} has it" in video.description
    assert Video(frames(path)).files == video.files


def test_its_rate_and_size_are_those_of_the_file(folder: Path) -> None:
    assert Video(make_clip(folder, "rare.mkv", 12)).fps == Fraction(24000, 1001)
    uneven = Video(make_clip(folder, "uneven.mp4", 12))
    with frames(folder / "uneven.mp4") as known:
        assert uneven.duration == pytest.approx(known.duration)
        assert "each shown for" in uneven.description
    wide = Video(make_clip(folder, "wide.mkv", 12), zoom=1)
    assert wide.width / wide.height == pytest.approx(64 * 4 / 3 / 48, rel=0.02)


@pytest.mark.parametrize("name", ["packed.avi", "deep.mp4", "theora.ogv", "gray.mkv", "mjpeg.avi"])
def test_what_not_all_browsers_play_is_encoded_and_said(name: str, folder: Path) -> None:
    path = make_clip(folder, name, 12)
    with pytest.warns(UserWarning, match=rf"^{name} is [^\n]+: it is encoded anew, as H\.264$"):
        video = Video(path)
    assert list(video.files) == ["h264"]
    assert video.count == 12 or video.count == len(frames(path))  # of Theora none is repeated


@pytest.mark.parametrize(
    "options",
    [
        {"vmin": 3},
        {"fps": 30},
        {"counter": "ul"},
        {"h264": 30},
        {"h264": None, "vp9": 31},
        {"lossless": True},
        {"format": "gif"},
        {"contrast": "frame"},
        {"contrast": (1, 99)},
        {"vmax": [1, 2, 3]},
        {"norm": 0.5},
        {"origin": "lower"},
        {"zoom": 2},
        {"figure": True, "title": "a"},
    ],
)
def test_what_changes_pixels_asks_for_encoding(options: dict[str, Any], folder: Path) -> None:
    path = make_clip(folder, "open.mp4", 12)
    video = Video(path, **options)
    assert not isinstance(video._encoded, KeptFile)
    assert path.read_bytes() not in video.files.values()


@pytest.mark.parametrize(
    "options",
    [{"loop": True}, {"title": "a"}, {"width": 99}, {"h264": 18}, {"autoplay": True}, {"zoom": 1}],
)
def test_what_does_not_leaves_the_file_as_it_is(options: dict[str, Any], folder: Path) -> None:
    path = make_clip(folder, "open.mp4", 12)
    assert Video(path, **options).files == {"h264": path.read_bytes()}


def test_another_suffix_is_refused(folder: Path, tmp_path: Path) -> None:
    video = Video(make_clip(folder, "full.mov", 12))
    with pytest.raises(ValueError, match=r"is saved as \.mov, \.mp4 or \.html, but got"):
        video.save(tmp_path / "a.webm")
    (page,) = video.save(tmp_path / "a.html")
    assert "<video" in page.read_text("utf-8")


def test_the_page_can_refer_to_a_copy(folder: Path, tmp_path: Path) -> None:
    video = Video(make_clip(folder, "open.mp4", 12))
    video.refer_to(video.save(tmp_path / "a"))
    assert "a.mp4" in video.html and "base64" not in video.html.partition("poster=")[0]


def test_a_large_file_says_the_way_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ipython, "LARGE", 1000)
    video = Video(make_clip(folder, "open.mp4", 12))
    with pytest.warns(UserWarning, match=r"MB to the notebook: h264=28 encodes it anew, saveas="):
        video._repr_mimebundle_()


def test_sound_is_kept(tmp_path: Path) -> None:
    path = make_clip(tmp_path, "full.mov", 12, audio=True)
    video = Video(path)
    (page,) = video.save(tmp_path / "page.mp4")
    for file in (path, page):
        assert run("-i", str(file), "-map", "0:a:0", "-f", "u8", "pipe:1")


def test_it_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nbvideo(make_clip(folder, "open.mp4", 12))
    assert "as open.mp4 has it" in capsys.readouterr().out
