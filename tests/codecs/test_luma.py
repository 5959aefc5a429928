"""Gray frames as planes of YUV: those that ffmpeg would make of them."""

from __future__ import annotations

import subprocess
from typing import Any

import numpy as np
import pytest

from nbimage import Video
from nbimage.codecs import videos
from nbimage.codecs.ffmpeg import find_ffmpeg
from nbimage.codecs.luma import LumaFrames


@pytest.mark.parametrize("shape", [(2, 2), (16, 16), (38, 70), (300, 402)])
def test_every_gray_has_the_luma_that_swscale_gives_it(shape: tuple[int, int]) -> None:
    frame = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    frame.flat[:256] = np.arange(min(frame.size, 256))
    height, width = shape
    command = [find_ffmpeg(), "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "gray"]
    command += ["-s", f"{width}x{height}", "-i", "-", "-vf", videos._COLORS, "-pix_fmt", "yuv420p"]
    wanted = subprocess.run(
        [*command, "-f", "rawvideo", "-"], input=frame.tobytes(), capture_output=True, check=True
    ).stdout
    frames = LumaFrames((width, height))
    frames.convert(255 - frame)  # leaves nothing behind
    assert frames.convert(frame).tobytes() == wanted


@pytest.mark.parametrize("codec", list(videos.CODECS))
def test_files_are_those_that_ffmpeg_makes_of_gray(
    codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"h264": None, codec: True}
    frames = np.random.default_rng(0).integers(0, 256, (5, 48, 64), dtype=np.uint8)
    ours = Video(frames, **options).files[codec]
    made = videos.make_output

    def without_luma(*arguments: Any, luma: bool) -> Any:
        assert luma
        return made(*arguments)

    monkeypatch.setattr(videos, "make_output", without_luma)
    assert Video(frames, **options).files[codec] == ours
