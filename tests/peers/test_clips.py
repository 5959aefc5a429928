"""Frames of video files: PyAV's, ffmpeg's and OpenCV's are the same."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import frames
from nbimage.codecs.clips import pyav_reader, video_frames
from tests.clips import ALL, check_any_frame, decode_all, make_clip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.mark.parametrize("name", ALL)
def test_pyav_decodes_the_same_frames(name: str, folder: Path) -> None:
    path = make_clip(folder, name)
    chosen = random.Random(0)
    with frames(path) as video:
        if not pyav_reader.can_read(video.path, video.index):
            silent = video.codec in ("hevc", "ffv1")  # of damage, but in PyAV's log
            assert silent or path.suffix in (".avi", ".ts", ".ogv")
            return
        known = decode_all(path, video.shape)
        assert np.array_equal(np.asarray(video), known)
        assert isinstance(video._reader, pyav_reader.PyAVReader)
        for number in chosen.sample(range(len(video)), 10):
            video._cache.clear()
            assert np.array_equal(video[number], known[number]), number


def test_any_frame_of_a_long_group_is_found_by_pyav(folder: Path) -> None:
    (folder / "300").mkdir()
    path = make_clip(folder / "300", "long.mp4", 300)
    with frames(path) as video:
        check_any_frame(video, decode_all(path, video.shape))


def test_opencv_finds_as_many_frames(folder: Path) -> None:
    cv2: Any = pytest.importorskip("cv2")
    path = make_clip(folder, "open.mp4")
    capture = cv2.VideoCapture(str(path))
    with frames(path) as video:
        assert len(video) == int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        assert float(video.fps) == capture.get(cv2.CAP_PROP_FPS)
        for number in range(len(video)):
            there, frame = capture.read()
            assert there
            assert np.abs(frame[:, :, ::-1].astype(int) - video[number]).mean() < 6
    capture.release()


def test_without_pyav_ffmpeg_decodes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyav_reader, "find_av", lambda: None)
    with frames(make_clip(folder, "open.mp4")) as video:
        video[3]
        assert isinstance(video._reader, video_frames.ffmpeg_reader.FFmpegReader)
