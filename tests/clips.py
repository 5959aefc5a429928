"""Small video files of every kind, made by ffmpeg, and what ffmpeg itself decodes of them."""

from __future__ import annotations

import functools
import random
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage.codecs.ffmpeg import find_ffmpeg

SIZE = 64, 48
_X264 = "-c:v libx264 -preset veryfast"
KINDS = {
    "long.mp4": f"{_X264} -g 250 -bf 3",
    "open.mp4": f"{_X264} -x264-params open-gop=1:keyint=12:bframes=3:scenecut=0",
    "refresh.mp4": f"{_X264} -x264-params intra-refresh=1:keyint=12",
    "rare.mkv": f"{_X264} -r 24000/1001",
    "full.mov": f"{_X264} -pix_fmt yuvj420p",
    "bt709.mp4": f"{_X264} -vf setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709",
    "uneven.mp4": f"{_X264} -vf select=not(mod(n\\,3))+not(mod(n\\,7)) -fps_mode vfr",
    "odd.webm": "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -vf crop=63:47:0:0:exact=1",
    "vp8.webm": "-c:v libvpx -auto-alt-ref 1 -lag-in-frames 16 -deadline good -cpu-used 4",
    "wide.mkv": "-c:v ffv1 -level 3 -slicecrc 1 -vf setsar=4/3 -pix_fmt yuv444p",
    "deep.mp4": "-c:v libx265 -preset ultrafast -x265-params log-level=none -pix_fmt yuv420p10le",
    "gray.mkv": "-c:v ffv1 -pix_fmt gray",
    "av1.mp4": "-c:v libaom-av1 -usage realtime -cpu-used 8 -g 20",
    "theora.ogv": "-c:v libtheora -q:v 7",
    "packed.avi": "-c:v mpeg4 -bf 2",
    "mpeg2.ts": "-c:v mpeg2video -bf 2 -g 12",
    "stream.ts": f"{_X264} -x264-params open-gop=1:keyint=12:bframes=3",
    "mjpeg.avi": "-c:v mjpeg -pix_fmt yuvj420p",
}


def run(*arguments: str) -> bytes:
    """Run ffmpeg; return what it writes to its output."""
    quiet = ("-hide_banner", "-nostdin", "-loglevel", "error", "-y")
    done = subprocess.run([find_ffmpeg(), *quiet, *arguments], capture_output=True, check=True)
    return done.stdout


def make_clip(folder: Path, name: str, count: int = 60, audio: bool = False) -> Path:
    """Write a clip of a kind that ``KINDS`` names, or of several that are cut from one."""
    path = folder / name
    if path.exists():
        return path
    width, height = SIZE
    source = ("-f", "lavfi", "-i", f"testsrc2=size={width}x{height}:rate=25")
    sound = ("-f", "lavfi", "-i", "sine=duration=1") if audio else ()
    if name == "edit.mp4":  # begins between two keys, by an edit list
        run("-ss", "1.3", "-i", str(make_clip(folder, "long.mp4", count)), "-c", "copy", str(path))
    elif name == "turned.mp4":
        before = ("-display_rotation:v:0", "90", "-display_hflip:v:0")
        run(*before, "-i", str(make_clip(folder, "open.mp4", count)), "-c", "copy", str(path))
    elif name == "middle.ts":  # begins amid a group of frames
        data = make_clip(folder, "stream.ts", count).read_bytes()
        path.write_bytes(data[len(data) // 3 // 188 * 188 :])
    else:
        flags = KINDS[name].split()
        if "-pix_fmt" not in flags:
            flags += ["-pix_fmt", "yuv420p"]
        run(*source, *sound, *flags, "-frames:v", str(count), str(path))
    if path.suffix == ".ts":
        try:
            run("-i", str(path), "-f", "null", "-")
        except subprocess.CalledProcessError:  # such as a build of 7.0 that crashes
            path.unlink()
            pytest.skip("this ffmpeg reads no MPEG-TS")
    return path


ALL = (*KINDS, "edit.mp4", "turned.mp4", "middle.ts")


def decode_all(path: Path, shape: tuple[int, ...]) -> Any:
    """Return all frames as ffmpeg decodes them from the first one to the last."""
    own = ("-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1")
    before = ("-flags:v", "-output_corrupt", "-copyts")
    data = run(*before, "-i", str(path), "-map", "0:V:0", *own)
    return np.frombuffer(data, np.uint8).reshape(-1, *shape[1:])


def check_any_frame(video: Any, known: Any) -> None:
    """Read 200 frames in any order."""
    chosen = random.Random(0)
    for _ in range(200):
        number = chosen.randrange(len(known))
        assert np.array_equal(video[number], known[number]), number


@functools.cache
def make_frames(count: int = 12) -> Any:
    """Return frames that are told apart."""
    rows, columns = np.mgrid[:48, :64]
    numbers = np.arange(count)[:, None, None]
    red = (rows * 5 + numbers * 20) % 256
    green = (columns * 4 + 0 * numbers) % 256
    return np.stack([red, green, np.broadcast_to(numbers * 20, red.shape)], -1).astype(np.uint8)
