"""`nbvideo` and `Video`: any frame stack as an HTML5 video, encoded in one pass."""

from __future__ import annotations

import functools
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nbimage.base.atomic import write_file
from nbimage.base.chunked import Array
from nbimage.base.doors import door
from nbimage.base.progress import iterate_with_progress
from nbimage.base.suffixes import name_suffix
from nbimage.base.text import format_repr
from nbimage.base.user_warnings import warn
from nbimage.codecs.pictures import as_data_uri
from nbimage.codecs.png import encode_png
from nbimage.codecs.videos import (
    ANIMATIONS,
    CODECS,
    as_rate,
    check_quality,
    encode_frames,
    find_video_path,
    needs_even,
    resolve_video_paths,
)
from nbimage.figure.figure_layout import FigureOptions, make_layout
from nbimage.mapping.area_mean import area_mean, factor_for, take_pixels
from nbimage.mapping.color_options import ColorOptions
from nbimage.mapping.color_scale import alt_text
from nbimage.mapping.frames import Frames, as_frames
from nbimage.mapping.value_scale import ValueScale
from nbimage.page.figure_model import Figure
from nbimage.page.html import document_html, picture_media, video_html, video_media
from nbimage.page.ipython import Bundle, mime_bundle, show
from nbimage.page.page_size import PageSize
from nbimage.page.verb import verb
from nbimage.pyramid.read_frames import find_timing, read_frames
from nbimage.raster.frame_counter import draw_counter, parse_color, parse_counter

if TYPE_CHECKING:
    from nbimage.typing import (
        ColorLike,
        ColormapLike,
        ComplexLike,
        CoordinatesLike,
        CounterLike,
        FrameContrastLike,
        FrameRateLike,
        FramesLike,
        LimitLike,
        NormLike,
        OverlayLike,
        PathLike,
    )

_RATE = 25  # frames a second, where nothing says
_TINY = 64  # frames of no longer side are enlarged before they are encoded, to this times two
_LARGE = 20_000_000  # bytes in a notebook from which a warning tells the ways to less
_PREVIEW_SIDE = 800


class Video:
    """Frames as a video, shown when it is displayed and never before.

    The frames are encoded at once.

    Parameters
    ----------
    data : array-like, iterable of frames, or path
        ``(T, H, W)``, ``(T, H, W, 1|3|4)`` or ``(T, 1|3|4, H, W)``, in memory or lazy (dask, zarr,
        xarray); a list, an iterator or a generator of pictures; or the path of an animation, a TIFF
        of several pages, a stack in any file, a folder of pictures, or a pattern such as
        ``"frames/*.png"``. Read a few frames at a time.
    vmin, vmax, vsym
        What black and white stand for in all frames; see `rerange`. NaN is black.
    fps : number or Fraction, optional
        Frames a second. Default: when the frames of an animation begin, as its file says; else 25.
    loop, autoplay, muted : bool
        How it plays. ``loop`` is that of an animation's file by default, else False.
    h264, vp8, vp9, av1, theora : number, True or None
        Each codec that is on, with its quality: h264 QP 0 (best) to 51; vp8 CRF 4 to 63; vp9 and
        av1 CRF 0 to 63; theora 0 to 10 (best). Several are encoded in one pass.
    counter : optional
        The frame's number in a corner (``"ul"``, ``"ur"``, ``"ll"``, ``"lr"``), a format such as
        ``"frame {}"``, a function of the number, or a pair of corner and one of these.
    counter_color : gray value, RGB triple or CSS name
        The color of the counter's letters.
    lossless : bool
        Keep every pixel (h264 and vp9).
    format : {"webp", "apng", "gif"}, optional
        An animated picture instead, for places where no video plays.
    contrast : optional
        As for `rerange`, or ``"frame"`` for a range of each frame's own.
    norm, cmap, under, over, nan_color, mark_clipped, labels, complex
        As for `nbimage`, for every frame; the background of labels is black.
    channel_axis : int, optional
        The axis of the stack, or of a frame where these are given one by one.
    orientation : bool
        As for `nbimage`, for every frame.
    overlay, title, xlabel, ylabel, x, y, colorbar, origin, aspect, pixel_size, unit
        As for `nbimage`: around all frames and over them, not in them.
    progress : bool
        Show a bar while the work is long, in a notebook or a terminal; it goes when it is done.
    width, height, zoom, alt, display_id
        As for `nbimage`.

    Raises
    ------
    TypeError, ValueError
        For data and parameters that will not do, in one line.
    FFmpegError
        Where ffmpeg or an encoder is missing, or fails.

    Attributes
    ----------
    files : dict of str to bytes
        The files by codec: ``"h264"``, ``"vp8"``, … or ``"webp"``, ``"apng"``, ``"gif"``.
    count : int
        How many frames the video has: one that is shown for longer than others is several.
    fps : Fraction
        Frames a second.
    size : (int, int)
        Width and height of the frames.
    width, height : float
        The size on the page in CSS pixels, without what stands beside it.
    description : str
        One line: shape, dtype, values, and what black and white stand for.
    labels : bool
        The values are labels, whose colors are never mixed but by a codec.
    """

    @door
    def __init__(
        self,
        data: FramesLike,
        vmin: LimitLike = None,
        vmax: LimitLike = None,
        vsym: bool = False,
        fps: FrameRateLike | None = None,
        loop: bool | None = None,
        theora: float | bool | None = None,
        h264: float | bool | None = 18,
        vp8: float | bool | None = None,
        counter: CounterLike = None,
        counter_color: float | ColorLike = 255,
        *,
        vp9: float | bool | None = None,
        av1: float | bool | None = None,
        lossless: bool = False,
        format: Literal["webp", "apng", "gif"] | None = None,  # noqa: A002 (the name users know)
        contrast: FrameContrastLike = None,
        norm: NormLike = "linear",
        cmap: ColormapLike | None = None,
        under: ColorLike | None = None,
        over: ColorLike | None = None,
        nan_color: ColorLike | None = None,
        mark_clipped: bool = False,
        labels: bool | None = None,
        complex: ComplexLike | None = None,  # noqa: A002 (the word for it)
        channel_axis: int | None = None,
        orientation: bool = True,
        overlay: OverlayLike = None,
        title: str | None = None,
        xlabel: str | None = None,
        ylabel: str | None = None,
        x: CoordinatesLike = None,
        y: CoordinatesLike = None,
        colorbar: bool | str | None = None,
        origin: Literal["upper", "lower"] | None = None,
        aspect: float | Literal["equal", "auto"] | None = None,
        pixel_size: float | None = None,
        unit: str | None = None,
        width: float | None = None,
        height: float | None = None,
        zoom: float | None = None,
        alt: str | None = None,
        autoplay: bool = False,
        muted: bool = True,
        progress: bool = True,
        display_id: str | None = None,
    ) -> None:
        wanted = {"h264": h264, "vp9": vp9, "vp8": vp8, "av1": av1, "theora": theora}
        self._codecs = {
            name: check_quality(name, quality, lossless)
            for name, quality in wanted.items()
            if quality is not None and not (isinstance(quality, (bool, np.bool_)) and not quality)
        }
        if format is not None and format not in ANIMATIONS:
            raise ValueError(
                f"format must be None or one of {', '.join(ANIMATIONS)}, but got {format!r}"
            )
        if format is None and not self._codecs:
            raise ValueError("a video must have a codec, but all are off: give h264=18")
        asked = PageSize(width, height, zoom)
        shared = not (isinstance(contrast, str) and contrast == "frame")
        rule: Any = contrast if shared else None
        scale = ValueScale.of(vmin, vmax, vsym, rule, norm, channel_axis)
        colors = ColorOptions.of(cmap, under, over, nan_color, mark_clipped, labels, complex)
        options = FigureOptions(
            title=title,
            xlabel=xlabel,
            ylabel=ylabel,
            x=x,
            y=y,
            colorbar=colorbar,
            overlay=overlay,
            origin=origin,
            aspect=aspect,
            pixel_size=pixel_size,
            unit=unit,
        )
        given = None if fps is None else as_rate(fps)
        self._format = format
        drawn = parse_counter(counter) if counter is not None else None
        color = parse_color(counter_color)
        source, axis = read_frames(data, channel_axis, orientation, labels)
        timing = find_timing(source) if fps is None or loop is None else None
        self.fps = given or as_rate(_RATE if timing is None else timing.rate)
        self._repeats = timing.repeats if timing is not None and given is None else ()
        self._loop = bool(loop) if loop is not None else timing is not None and timing.loop
        frames = as_frames(source, scale.on_axis(axis), colors, shared=shared)
        self.labels = colors.are_labels(frames.first.metadata)
        rows, columns = frames.shape
        metadata, axis = frames.first.metadata, frames.channel_axis
        self._color_scale = frames.color_scale
        self._layout = make_layout(options, asked, metadata, frames.shape, axis, frames.color_scale)
        self.size = columns, rows
        longest = max(rows, columns)
        enlarged = format is None and not lossless and longest <= _TINY
        self._scale = -(-2 * _TINY // longest) if enlarged else 1
        if drawn and frames.channels == 1 and len(set(color)) > 1:
            frames = frames.in_color()
        self._poster: bytes = b""
        self.count = 0
        self.files = encode_frames(
            iterate_with_progress(
                self._prepared(frames, drawn, color),
                sum(self._repeats) or frames.count,
                progress,
            ),
            (columns * self._scale, rows * self._scale),
            frames.channels,
            self.fps,
            self._codecs,
            lossless=lossless,
            animation=format,
            loop=self._loop,
        )
        self.description = f"{frames.description}, {self._describe_times()}"
        self.width, self.height = self._layout.width, self._layout.height
        self._alt, self._display_id = alt, display_id
        self._autoplay, self._muted = autoplay, muted
        self._lossless = lossless
        self._uris: dict[str, str] = {}

    def _prepared(self, frames: Frames, drawn: Any, color: Any) -> Iterator[Array]:
        """Yield frames enlarged and numbered; keep the first one as the poster."""
        for number, frame in enumerate(frames.pixels()):
            frame = np.ascontiguousarray(frame[::-1]) if self._layout.lower else frame
            if self._scale > 1:
                frame = np.repeat(np.repeat(frame, self._scale, 0), self._scale, 1)
            if drawn:
                corner, text = drawn
                frame = np.ascontiguousarray(draw_counter(frame, str(text(number)), corner, color))
            if number == 0:
                factor = factor_for(frame.shape, side=_PREVIEW_SIDE)
                reduce = take_pixels if self.labels else area_mean
                self._poster = encode_png(reduce(frame, factor))
            repeats = self._repeats[number] if self._repeats else 1
            self.count += repeats
            yield from itertools.repeat(frame, repeats)

    def _describe_times(self) -> str:
        """Return how many frames are shown in a second, or for how long each."""
        if not self._repeats or min(self._repeats) == max(self._repeats):
            return f"{float(self.fps / max(self._repeats, default=1)):g} frames a second"
        ends = (float(1000 * n / self.fps) for n in (min(self._repeats), max(self._repeats)))
        low, high = (f"{time:.4g}" for time in ends)
        return f"each shown for {low} to {high} ms"

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
        return self._layout.figure(*self.size)

    @property
    def alt(self) -> str:
        """The text in the video's place, for screen readers."""
        if self._alt is not None:
            return str(self._alt)
        columns, rows = self.size
        text = alt_text("video", f"{self.count} frames of {rows} × {columns}", self._color_scale)
        return f"{self._layout.title}: {text}" if self._layout.title else text

    def render(self) -> Array:
        """Return the poster as an array: the first frame, uint8 ``(H, W)`` or ``(H, W, 3|4)``."""
        from PIL import Image

        with Image.open(io.BytesIO(self._poster)) as image:
            return np.asarray(image)

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
            crisp = self.width >= self.size[0]
            return picture_media(uri, crisp=crisp, labels=self.labels, **common)
        columns, rows = (n * self._scale for n in self.size)
        even = needs_even(self.files, self._lossless)
        kinds = [(name, CODECS[name].media_type) for name in self.files]
        return video_media(
            [(self._uri(name, kind), kind) for name, kind in kinds],
            poster=as_data_uri(self._poster, "image/png"),
            size=(columns, rows),
            coded=(columns + columns % 2, rows + rows % 2) if even else (columns, rows),
            fps=float(self.fps),
            count=self.count,
            loop=self._loop,
            autoplay=self._autoplay,
            muted=self._muted,
            **common,
        )

    def save(self, path: PathLike) -> list[Path]:
        """Save one file a codec, with the suffix that it asks for. Returns the paths.

        A suffix that is given is believed, and only the codec that it names is saved; ``.html`` is
        the page. Each file is written whole or not at all.
        """
        if name_suffix(path) in ("html", "htm"):
            page = document_html(self.html, self._layout.title or self.description)
            return [write_file(path, page.encode("utf-8"))]
        paths = resolve_video_paths(path, list(self.files))
        return [write_file(name, self.files[codec]) for codec, name in paths.items()]

    def refer_to(self, paths: list[Path]) -> None:
        """Have the page refer to files, by paths relative to the notebook, not hold their bytes."""
        from urllib.parse import quote

        found = {name: find_video_path(paths, name, self.files) for name in self.files}
        self._uris = {name: quote(path.as_posix()) for name, path in found.items() if path}
        if not self._uris:
            raise ValueError(
                "saveas must name the files that the page refers to, but got "
                f"{', '.join(map(str, paths))}: leave out the suffix, or give that of a codec"
            )

    def _uri(self, name: str, media_type: str) -> str:
        return self._uris.get(name) or as_data_uri(self.files[name], media_type)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        if list(self.files) == ["theora"]:
            warn("browsers of today play no Theora: add another codec, such as h264=18")
        total = 0 if self._uris else sum(map(len, self.files.values()))
        if total > _LARGE:
            warn(
                f"the video adds {total / 1e6:.0f} MB to the notebook: a higher h264= (now "
                f"{self._codecs.get('h264', '')}), smaller frames or fewer codecs make it less"
            )
        return mime_bundle(self.html, self._poster, self.width, repr(self))

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return format_repr("Video", self._layout.title, self.description)


@verb(Video, after="vp8")
def nbvideo(video: Video, saveas: PathLike | None = None, *, embed: bool = True) -> None:
    """Show a frame stack as a video in the notebook.

    Parameters
    ----------
    saveas : path, optional
        Also save it: ``.mp4``, ``.webm``, ``.ogv`` as the codecs ask, ``.html`` the page.
    embed : bool
        False: the page refers to the files that ``saveas`` names instead of holding them.
    """
    if not embed and saveas is None:
        raise ValueError("saveas must be given where embed is False: the page refers to the file")
    hint = ' (no notebook here: save it with saveas="video")'
    if saveas is not None:
        paths = video.save(saveas)
        hint = f" saved as {', '.join(map(str, paths))}"
        if not embed:
            video.refer_to(paths)
    show(video, video._display_id, hint)
