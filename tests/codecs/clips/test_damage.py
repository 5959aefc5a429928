"""Damaged picture data of video files is an error that names the frame, never another picture."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import frames
from nbimage.codecs.clips import damage, pyav_reader
from nbimage.codecs.clips.listener import Listener
from tests.clips import make_clip


def _read(video: Any, number: int) -> Any:
    """Return a frame, or what its error says."""
    try:
        return video[number]
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[mjpeg @ 0x1f8] mjpeg_decode_dc: bad vlc: 0:0 (0x1f8dc408)", "bad vlc: 0:0"),
        ("[ffv1 @ 0x2f8] slice CRC mismatch 18F24C0B!at 1.440000 seconds", "mismatch 18F24C0B!"),
        ("[ffv1 @ 0x2f8] slice CRC mismatch 18F24C0B!demuxer+tsfixup -> pts:1", "18F24C0B!"),
        ("[h264 @ 0x2f8] error while decoding MB 3 1, bytestream 9[vist @ 0x1] decoder", "eam 9"),
        ("[mjpeg @ 0x1f8] error dc", ""),
    ],
)
def test_what_is_said_of_damage_is_the_decoders_own(line: str, words: str) -> None:
    heard = Listener().hear(line)
    assert heard.endswith(words)
    assert bool(heard) == bool(words) and "0x" not in heard and "@" not in heard


@pytest.mark.parametrize("by_av", [False, True])
@pytest.mark.parametrize(
    "name", ["long.mp4", "open.mp4", "full.mov", "mpeg2.ts", "packed.avi", "wide.mkv", "mjpeg.avi"]
)
def test_a_frame_of_damaged_data_is_one_line_and_no_other_picture(
    name: str, by_av: bool, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_av:
        pytest.importorskip("av")
    else:
        monkeypatch.setattr(pyav_reader, "find_av", lambda: None)
    data = bytearray(make_clip(folder, name).read_bytes())
    with frames(folder / name) as video:
        known, keys = np.asarray(video), video.index.keys
    # of H.264 within the first frame, not where it says how long a frame is
    start, count = len(data) * 3 // 5, 100
    if name in ("long.mp4", "full.mov"):
        start, count = data.index(b"mdat") + 1300, 8
    data[start : start + count] = random.Random(1).randbytes(count)
    (tmp_path / name).write_bytes(data)
    with frames(tmp_path / name) as video:
        found = [_read(video, number) for number in range(len(video))]
        assert video.shape == known.shape
        again = _read(video, len(known) - 2)
        assert type(again) is type(found[-2])
    refused = [number for number, one in enumerate(found) if isinstance(one, str)]
    assert refused
    if len(keys) > 1 and count > 8:
        assert refused[-1] - refused[0] < 30  # other groups are read
    for number, one in enumerate(found):
        if isinstance(one, str):
            text = f"{name} must be whole, but frame {number} "
            assert one.startswith((f"{text}is damaged: ", f"{text}can't be decoded"))
            assert "\n" not in one
            assert "0x" not in one
        else:
            assert np.array_equal(one, known[number]), number


@pytest.mark.parametrize(
    "name", ["open.mp4", "refresh.mp4", "stream.ts", "middle.ts", "mpeg2.ts", "edit.mp4"]
)
@pytest.mark.parametrize("by_av", [False, True])
def test_what_is_said_of_whole_files_is_no_alarm(
    name: str, by_av: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(*_: Any) -> Any:
        raise AssertionError("a whole file was taken for a damaged one")

    if by_av:
        pytest.importorskip("av")
    else:
        monkeypatch.setattr(pyav_reader, "find_av", lambda: None)
    monkeypatch.setattr(damage, "find_damage", find)
    with frames(make_clip(folder, name)) as video:
        for key in video.index.keys[::-1]:
            video[int(key)]
        video[:]
