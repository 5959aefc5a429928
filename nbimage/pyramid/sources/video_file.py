"""Video files as arrays and as sources: which files are videos, and how they are opened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.metadata import with_dropped
from nbimage.arrays.pillow.animation import FORMATS, has_frames
from nbimage.arrays.pillow.animation import SUFFIXES as ANIMATIONS
from nbimage.base.disk.missing import describe_missing
from nbimage.base.doors import door
from nbimage.base.forks import remove_at_end
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.remote.url import find_suffix, is_address, local_path, redact_secrets
from nbimage.pyramid.sources.array import ArraySource

if TYPE_CHECKING:
    from nbimage.codecs.clips.video_frames import VideoFrames
    from nbimage.typing import PathLike

SUFFIXES = frozenset(
    {
        *(".mp4", ".m4v", ".mov", ".3gp", ".mj2", ".f4v", ".webm", ".mkv", ".ogv", ".avi", ".dv"),
        *(".asf", ".wmv", ".flv", ".mpg", ".mpeg", ".m2v", ".vob", ".ts", ".mts", ".m2ts", ".mxf"),
        *(".h264", ".h265", ".hevc", ".ivf", ".mjpeg", ".mjpg", ".nut", ".y4m"),
    }
)
_BRANDS = (b"avc1", b"iso", b"mp4", b"M4V", b"qt  ", b"3gp", b"3g2", b"dash", b"f4v", b"MSNV")
_HEADS = (b"\x1a\x45\xdf\xa3", b"FLV\1", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"\0\0\1\xba")


def is_video(name: str, head: bytes = b"") -> bool:
    """Say whether a file is a video, by its suffix or its first twelve bytes."""
    if find_suffix(name) in SUFFIXES or head.startswith(_HEADS):
        return True
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return True
    return head[4:8] == b"ftyp" and head[8:12].startswith(_BRANDS)


def is_animation(path: Path) -> bool:
    """Say whether a file is a picture of several frames. Raises ValueError where it is damaged."""
    from nbimage.pyramid.sources.pillow_image import open_image

    if find_suffix(path.name) not in ANIMATIONS or not path.is_file():
        return False
    try:
        image = open_image(path, str(path))
    except ValueError:  # another kind of file, or too large for Pillow
        return False
    with image:
        return image.format in FORMATS and has_frames(image, str(path))


@door
def frames(path: PathLike, *, orientation: bool = True) -> VideoFrames:
    """Open the frames of a video file, or of an animation, as an array.

    Nothing is decoded yet but the first frame: ``frames("clip.mp4")[100]`` is one frame,
    ``[::30]`` every thirtieth, ``[-1, :100]`` the upper part of the last one. Each is the frame
    that ffmpeg decodes, wherever reading begins. Iterate over it for all of them in one pass, or
    give it to any verb; `numpy.asarray` reads everything.

    Parameters
    ----------
    path : path or address
        What ffmpeg reads (MP4, MOV, WebM, MKV, AVI, …), or a GIF, APNG, WebP or AVIF. A file at an
        address is fetched first.
    orientation : bool
        Turn frames as the file asks for. False: as they are stored.

    Returns
    -------
    VideoFrames
        uint8 ``(T, H, W, 3)``, or 4 of an animation with transparency, with ``fps``, ``times`` and
        ``duration``. Decoding begins at the key frame before the one that is asked for. At most
        128 MiB of frames are kept. Close it, or use it in a ``with`` block, to end the decoder.

    Raises
    ------
    OSError, ValueError
        For what is no video, or not whole, in one line. For a frame that is damaged, or that refers
        to one, when it is read, where the decoder notices it: of H.264, MPEG-2, MPEG-4 part 2, AV1
        and FFV1 nearly always, of H.265 half the time, of VP8 and VP9 hardly ever.

    Notes
    -----
    Colors are those of ffmpeg's ``rgb24``: of more than 8 bits the upper ones, gray three times,
    alpha left out, pixels that are not square (``pixel_aspect``) as they are. PyAV decodes MP4, MOV
    and MKV where it is installed (``nbimage[av]``): the same frames, and sooner.

    Examples
    --------
    >>> wave = np.tile(np.arange(64, dtype=np.uint8) * 4, (30, 48, 1))
    >>> nbimage.Video(wave, fps=10, format="gif").save("wave")[0].name
    'wave.gif'
    >>> with nbimage.frames("wave.gif") as clip:
    ...     clip.shape, clip.fps, clip[7, 0, :3]
    ((30, 48, 64, 3), Fraction(10, 1), array([[0, 0, 0],
           [4, 4, 4],
           [8, 8, 8]], dtype=uint8))
    """
    from nbimage.codecs.clips.video_frames import VideoFrames

    if is_address(path) and local_path(str(path)) is None:
        remote = RemoteFile(path)
        try:
            copy = remote.download()
        finally:
            remote.close()
        try:
            found = VideoFrames(copy, orientation=orientation, name=redact_secrets(str(path)))
        except BaseException:
            copy.unlink(missing_ok=True)
            raise
        remove_at_end(found, copy)
        return found
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must be that of a video, but got {type(path).__name__}")
    file = (is_address(path) and local_path(str(path))) or Path(path).expanduser()
    if not file.exists():
        raise FileNotFoundError(describe_missing(file))
    if not file.is_file():
        raise ValueError(f"{file} must be a video file, but is none")
    return VideoFrames(file, orientation=orientation)


class VideoSource(ArraySource):
    """The frames of a video, which its source has to close."""

    @property
    def video(self) -> VideoFrames:
        """The frames."""
        found: VideoFrames = self.levels[0]
        return found

    @property
    def words(self) -> str:
        """What the file is."""
        return f"a video of {len(self.video)} frames"

    ways = "nbvideo and nbview show it, frames(path)[0] is one"

    def close(self) -> None:
        """End the decoder."""
        self.video.close()


def open_video(
    path: Path, axes: Any, channel_axis: int | None, orientation: bool = True
) -> VideoSource:
    """Return a video file as a source, whose frames are decoded when they are read."""
    video = frames(path, orientation=orientation)
    try:
        order = resolve_axis_order(video.shape, video.names, axes, channel_axis, dtype=video.dtype)
        metadata = with_dropped(video.metadata, video.names, order.single(video.shape))
        return VideoSource([video], order, metadata=metadata)
    except BaseException:
        video.close()
        raise
