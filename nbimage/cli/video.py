"""``nbimage video IN OUT``: a frame stack, an animation or a folder of pictures to a video file."""

from __future__ import annotations

import argparse
import glob
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from nbimage.base.notebook import print_line
from nbimage.cli.load import load_array
from nbimage.cli.values import add_values, values_of
from nbimage.codecs.videos import CODECS
from nbimage.video import Video

_PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".avif", ".npy"}


class PictureFiles(Sequence[Any]):
    """Picture files as frames, opened one at a time."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: Any) -> Any:
        return load_array(self._paths[index])


class Pages(Sequence[Any]):
    """The pages of a TIFF, or the frames of an animation, decoded one at a time."""

    def __init__(self, image: Any) -> None:
        self._image = image

    def __len__(self) -> int:
        return int(getattr(self._image, "n_frames", 1))

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(index)
        self._image.seek(index)
        return self._image.copy()


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "video",
        help="encode a frame stack as a video",
        description="Encode frames as a video: a stack (.npy), a TIFF of several pages, a GIF or "
        "another animation, a folder of pictures, or a pattern such as 'frames/*.png'. The suffix "
        "of OUT chooses the codec: .mp4 (h264), .webm (vp9), .ogv (theora).",
    )
    parser.add_argument("source", metavar="IN", help="stack, animation, folder or pattern")
    parser.add_argument("target", metavar="OUT", help="file to write; no suffix means .mp4")
    parser.add_argument(
        "--fps", type=Fraction, default=Fraction(25), help="such as 25 or 24000/1001"
    )
    add_values(parser)
    parser.add_argument("--quality", type=float, help="on the codec's own scale")
    parser.add_argument("--lossless", action="store_true", help="keep every pixel (h264, vp9)")
    parser.add_argument("--counter", help="ul, ur, ll or lr: the frame's number in that corner")
    parser.add_argument("--channel-axis", type=int, help="where the channels are: 1 or -1")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Do what the command line asks, and print one line on it."""
    suffix = Path(arguments.target).suffix.lower()
    codec = {".webm": "vp9", ".ogv": "theora"}.get(suffix, "h264")
    qualities: dict[str, Any] = dict.fromkeys(CODECS)
    qualities[codec] = True if arguments.quality is None else arguments.quality
    video = Video(
        load_frames(arguments.source),
        fps=arguments.fps,
        counter=arguments.counter,
        lossless=arguments.lossless,
        channel_axis=arguments.channel_axis,
        **qualities,
        **values_of(arguments),
    )
    for path in video.save(arguments.target):
        print_line(f"{path}: {video.description}")


def load_frames(source: str) -> Any:
    """Return the frames that a file, a folder or a pattern holds. Raises in one line."""
    path = Path(source)
    if path.is_dir():
        files = sorted(str(file) for file in path.iterdir() if file.suffix.lower() in _PICTURES)
    elif not path.exists() and glob.has_magic(source):
        files = sorted(glob.glob(source))
    else:
        loaded = load_array(source)
        return Pages(loaded) if hasattr(loaded, "seek") else loaded
    if not files:
        raise FileNotFoundError(f"{source} must hold pictures, but there are none")
    return PictureFiles(files)
