"""`SavedVideo`: what a video gives: HTML, its poster, and its files.

Not here: how frames are encoded (`encode_video`), what is encoded (`nbimage.video`).
"""

from __future__ import annotations

import functools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbimage.base.atomic import write_file
from nbimage.base.chunked import Array
from nbimage.base.doors import door
from nbimage.base.text import format_count, format_repr
from nbimage.base.user_warnings import warn
from nbimage.codecs.animations import ANIMATIONS
from nbimage.codecs.clips.kept_file import KeptFile
from nbimage.codecs.pictures import as_data_uri
from nbimage.codecs.png import encode_png
from nbimage.codecs.video_files import VideoFiles
from nbimage.figure.figure_layout import FigureLayout
from nbimage.mapping.channels.blend import ShownChannel, describe_alt
from nbimage.mapping.color_scale import ColorScale, alt_text
from nbimage.mapping.pixels import Pixels
from nbimage.page.figure_model import PLAIN, Figure
from nbimage.page.frames.framed import FramedFigure
from nbimage.page.html import document_html, picture_media
from nbimage.page.ipython import Bundle, mime_bundle
from nbimage.page.video_html import Track, video_html, video_media

if TYPE_CHECKING:
    from nbimage.typing import PathLike


class SavedVideo(FramedFigure):
    """What shows and saves a video. `Video` is one."""

    count: int
    fps: Fraction
    size: tuple[int, int]
    labels: bool
    _encoded: VideoFiles | KeptFile
    _format: str | None
    _layout: FigureLayout
    _channels: tuple[ShownChannel, ...]
    _color_scale: ColorScale | None
    _track: Track
    _loop: bool
    _autoplay: bool
    _muted: bool
    _alt: str | None
    _display_id: str | None
    _first: Array
    _drawn: Array
    _poster: bytes
    _framed: tuple[float, float] | None
    _uris: dict[str, str]
    _notes: tuple[str, ...]

    def _show_whole(self) -> None:
        """Have the page show files that hold the figure without another figure around them."""
        if self._framed is not None:
            self.width, self.height = self._framed
            self.figure = PLAIN
            self._first, self._poster = self._drawn, encode_png(self._drawn)

    @property
    def files(self) -> dict[str, bytes]:
        """The files by codec, as they are saved."""
        return self._encoded.files

    @property
    def duration(self) -> float:
        """The duration in seconds."""
        return float(self.count / self.fps)

    @property
    def html(self) -> str:
        """The video as HTML that holds everything it needs."""
        return video_html(
            self.inner_html,
            width=self.width,
            height=self.height,
            figure=self.figure,
            display_id=self._display_id,
        )

    @functools.cached_property
    def figure(self) -> Figure:
        """What stands around the video and over it."""
        return self._layout.figure(*self.size, notes=self._notes)

    @property
    def alt(self) -> str:
        """The text in the video's place, for screen readers."""
        if self._alt is not None:
            return str(self._alt)
        columns, rows = self.size
        size = f"{format_count(self.count, 'frame')} of {rows} × {columns}"
        text = describe_alt("video", size, self._channels)
        text = text or alt_text("video", size, self._color_scale)
        return f"{self._layout.title}: {text}" if self._layout.title else text

    def render(self) -> Array:
        """Return the poster as an array: the first frame, uint8 ``(H, W)`` or ``(H, W, 3|4)``.

        Examples
        --------
        >>> video = nbimage.Video(np.arange(300, dtype=np.uint8).reshape(3, 10, 10))
        >>> video.render()[0]
        array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], dtype=uint8)
        """
        return (self._first if self._framed else self._drawn).copy()

    @property
    def inner_html(self) -> str:
        """The video alone as HTML that fills its parent."""
        common: dict[str, Any] = {
            "width": self.width,
            "alt": self.alt,
            "tooltip": self.description,
            "figure": self.figure,
        }
        if self._format is not None:
            uri = self._uri(self._format, ANIMATIONS[self._format][1])
            crisp = self._framed is None and self.width >= self.size[0]
            return picture_media(uri, crisp=crisp, labels=self.labels, **common)
        size, coded = self._encoded.coded(saved=bool(self._uris))
        # files to which the page refers have the counter in them
        track = replace(self._track, counter=None) if self._uris else self._track
        return video_media(
            [(self._uri(name, kind), kind) for name, kind in self._encoded.kinds],
            poster=as_data_uri(self._poster, "image/png"),
            size=size,
            coded=coded,
            track=track,
            loop=self._loop,
            autoplay=self._autoplay,
            muted=self._muted,
            **common,
        )

    @door
    def save(self, path: PathLike) -> list[Path]:
        """Save one file a codec, with the suffix that it asks for. Returns the paths.

        A suffix that is given is believed, and only the codec that it names is saved; ``.html`` is
        the page. Each file is written whole or not at all.

        Examples
        --------
        >>> video = nbimage.Video(np.zeros((5, 20, 20)), vmax=1, vp8=10)
        >>> [path.name for path in video.save("black")]
        ['black.mp4', 'black.webm']
        >>> [path.name for path in video.save("black.webm")]
        ['black.webm']
        """
        files = self._encoded.name_files(path)
        if files is None:
            page = document_html(self.html, self._layout.title or self.description)
            return [write_file(path, page.encode("utf-8"))]
        return [write_file(name, data) for name, data in files.items()]

    def refer_to(self, paths: list[Path]) -> None:
        """Have the page refer to files, by paths relative to the notebook, not hold their bytes.

        Examples
        --------
        >>> video = nbimage.Video(np.zeros((5, 20, 20)), vmax=1)
        >>> video.refer_to(video.save("black"))
        >>> 'src="black.mp4"' in video.html
        True
        """
        self._uris = self._encoded.find_addresses(paths)
        self._show_whole()

    def _uri(self, name: str, media_type: str) -> str:
        return self._uris.get(name) or as_data_uri(self._encoded.page[name], media_type)

    @door
    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        if list(self._encoded.page) == ["theora"]:
            warn("browsers of today play no Theora: add another codec, such as h264=18")
        return mime_bundle(self.html, *self._preview(), repr(self), self._encoded.smaller)

    def _preview(self) -> tuple[bytes, float]:
        """Return the first frame with its figure as PNG for PDF and GitHub, and its width there."""
        own = self._poster if self._framed else encode_png(self._drawn), self.width
        if self.figure.is_bare:
            return own
        from nbimage.export.still import encode_still

        pixels = Pixels(self._drawn, None, False, self.description, labels=self.labels)
        size: dict[str, Any] = {"width": self.width, "height": self.height}
        options: dict[str, Any] = {"alt": self.alt, "labels": self.labels}
        return encode_still(pixels, lambda: own, figure=self.figure, **size, **options)

    def __repr__(self) -> str:
        return format_repr("Video", self._layout.title, self.description)
