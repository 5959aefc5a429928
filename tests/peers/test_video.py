"""Other programs read our videos."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from nbimage import Video
from tests.test_video import patches


@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9", "av1", "theora"])
def test_other_programs_read_every_file(codec: str, tmp_path: Path) -> None:
    import av
    import mediapy

    frames = patches(6)
    (path,) = Video(frames, **{"h264": None, codec: True}, fps=12).save(tmp_path / "x")  # type: ignore[arg-type]
    probe = ["ffprobe", "-v", "error", "-count_frames", "-of", "json", "-show_streams", str(path)]
    (stream,) = json.loads(subprocess.run(probe, capture_output=True, check=True).stdout)["streams"]
    assert (stream["width"], stream["height"]) == (96, 64)
    assert stream["r_frame_rate"] == "12/1"
    assert int(stream["nb_read_frames"]) == 6
    with av.open(str(path)) as container:
        assert len(list(container.decode(video=0))) == 6
    if codec == "theora":  # mediapy looks for a line that ffmpeg does not print for it
        return
    mediapy.set_ffmpeg("ffmpeg")  # mediapy 1.2 asks for an option that ffmpeg 9 has no more
    read = np.asarray(mediapy.read_video(path))
    assert read.shape == frames.shape
    assert np.abs(read[:, 16::32, 16::32].astype(int) - frames[:, 16::32, 16::32]).max() <= 8
