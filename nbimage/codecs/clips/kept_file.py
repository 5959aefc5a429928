"""A video file that a page shows as it is: which browsers play, and in which container."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

from nbimage.base.user_warnings import warn
from nbimage.codecs.clips.ffmpeg_reader import run_ffmpeg
from nbimage.codecs.clips.video_frames import VideoFrames, is_animation
from nbimage.codecs.videos import resolve_video_path

_MP4, _WEBM = ".mp4", ".webm"
_PLAYED = {
    "h264": (frozenset({"yuv420p", "yuvj420p", "gbrp"}), (_MP4,), "H.264"),
    "vp8": (frozenset({"yuv420p", "yuva420p"}), (_WEBM,), "VP8"),
    "vp9": (frozenset(), (_WEBM, _MP4), "VP9"),
    "av1": (frozenset(), (_WEBM, _MP4), "AV1"),
}
"""Codecs that browsers play: of which samples (none named: any), and in which containers."""
_MEDIA = {_MP4: "video/mp4", _WEBM: "video/webm"}
_SOUND = {_MP4: "aac", _WEBM: "libopus"}
_WORDS = {"hevc": "H.265", "mpeg4": "MPEG-4 part 2", "prores": "ProRes", "theora": "Theora"}


def keep_file(source: Any, rate: Fraction) -> KeptFile | None:
    """Return the file whose frames these are, where browsers play it; None: they are encoded.

    A video that they do not play warns.
    """
    if not isinstance(source, VideoFrames) or is_animation(source.path):
        return None
    why = describe_unplayed(source)
    if why:
        warn(f"{source.name} is {why}, which not all browsers play: it is encoded anew, as H.264")
        return None
    return KeptFile(source, rate)


def find_aspect(source: Any) -> float | None:
    """Return the height of a video's pixels through their width; None of square ones."""
    if not isinstance(source, VideoFrames) or source.pixel_aspect == 1:
        return None
    return float(1 / source.pixel_aspect)


class KeptFile:
    """The bytes of a video file, with what `VideoFiles` has of those that it encodes.

    What browsers play is kept as it is; in a container that they do not open, its packets are put
    into another one for the page, and not encoded anew.
    """

    warning, drawn_factor, steps = "", 1, ()
    smaller = "h264=28 encodes it anew, saveas= with embed=False refers to a file"

    def __init__(self, video: VideoFrames, rate: Fraction) -> None:
        path = Path(video.path)
        data = path.read_bytes()
        name, containers = _PLAYED[video.codec][2], _PLAYED[video.codec][1]
        self.rate, self.note = rate, f"{name} as {video.name} has it"
        self._size = video.index.size
        self._suffix = path.suffix.lower() or containers[0]
        self._page_suffix = _find_container(data)
        self.files = self.page = {video.codec: data}
        if self._page_suffix not in containers:
            self._page_suffix = containers[0]
            self.page = {video.codec: _repack(path, containers[0])}

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """The codec and the media type of the page's file."""
        return [(name, _MEDIA[self._page_suffix]) for name in self.page]

    def encode(self, frames: Iterable[Any]) -> None:
        """Take the first frame alone, of which the poster is made."""
        next(iter(frames), None)

    def coded(self, *, saved: bool = False) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return width and height of the picture, and of what the file holds."""
        return self._size, self._size

    def name_files(self, path: Any) -> dict[str, bytes] | None:
        """Return the file to be saved and its bytes; None where the path is that of a page.

        Raises ValueError for another suffix.
        """
        way = (
            "that is the file as it is, kept; to encode it anew give vp9=31 for .webm, h264=17 for "
            ".mp4, or a format"
        )
        name, suffix = resolve_video_path(path, (self._suffix, self._page_suffix), way)
        if suffix == "html":
            return None
        (own,), (shown,) = self.files.values(), self.page.values()
        return {name: own if suffix == self._suffix else shown}

    def find_addresses(self, paths: list[Path]) -> dict[str, str]:
        """Return what a page calls the file. Raises ValueError without any."""
        from urllib.parse import quote

        found = [path for path in paths if path.suffix.lower() in (self._suffix, self._page_suffix)]
        if not found:
            raise ValueError(
                "saveas must name the file that the page refers to, but got "
                f"{', '.join(map(str, paths))}: leave out the suffix"
            )
        return {name: quote(found[0].as_posix()) for name in self.page}


def describe_unplayed(video: VideoFrames) -> str:
    """Return why browsers do not play a video file; "" for what they do."""
    samples, _, _ = _PLAYED.get(video.codec, (frozenset(), (), ""))
    if video.codec not in _PLAYED:
        return _WORDS.get(video.codec, video.codec)
    if samples and video.pixel_format not in samples:
        return f"{_PLAYED[video.codec][2]} in {video.pixel_format}"
    return ""


def _find_container(data: bytes) -> str:
    """Return the suffix of a container that browsers open; "" of any other."""
    if data[4:8] == b"ftyp" and data[8:12] != b"qt  ":
        return _MP4
    if data.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in data[:64]:
        return _WEBM
    return ""


def _repack(path: Path, suffix: str) -> bytes:
    """Return a file's packets in another container."""
    import tempfile  # only here, since importing nbimage should take no time

    with tempfile.TemporaryDirectory(prefix="nbimage-") as folder:
        target = Path(folder) / f"clip{suffix}"
        run_ffmpeg(
            str(path),
            *("-map", "0:a:0?", "-c:v", "copy", "-c:a", _SOUND[suffix]),
            *("-movflags", "+faststart", "-y", str(target)),
        )
        return target.read_bytes()
