"""`nbvideo` and `Video`: any frame stack as an HTML5 video, encoded in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nbimage.base.doors import door
from nbimage.codecs.animations import as_animation
from nbimage.codecs.clips.kept_file import find_aspect, keep_file
from nbimage.codecs.png import encode_png
from nbimage.codecs.videos import as_rate, choose_codecs
from nbimage.export.encode_video import FigureChoice, encode_video
from nbimage.export.saved_video import SavedVideo
from nbimage.figure.figure_layout import FigureOptions, make_layout
from nbimage.mapping.channels.composite import resolve_channels
from nbimage.mapping.color_options import ColorOptions
from nbimage.mapping.frames import as_frames
from nbimage.mapping.value_scale import ValueScale
from nbimage.page.ipython import show
from nbimage.page.page_size import PageSize
from nbimage.page.verb import verb
from nbimage.page.video_html import Track
from nbimage.pyramid.read_frames import find_timing, read_frames
from nbimage.raster.frame_counter import parse_counter
from nbimage.raster.prepare_frames import describe_times

if TYPE_CHECKING:
    from nbimage.typing import (
        ChannelsLike,
        ColorLike,
        ColormapLike,
        ComplexLike,
        CoordinatesLike,
        CounterLike,
        FrameContrastLike,
        FrameRateLike,
        FramesLike,
        LevelsLike,
        LimitLike,
        NormLike,
        OverlayLike,
        PathLike,
    )

_RATE = 25  # frames a second, where nothing says


class Video(SavedVideo):
    """Frames as a video, shown when it is displayed and never before.

    The frames are encoded at once.

    Parameters
    ----------
    data : array-like, iterable of frames, or path
        ``(T, H, W)``, ``(T, H, W, 1|3|4)`` or ``(T, 1|3|4, H, W)``, in memory or lazy (dask, zarr,
        xarray); a list, an iterator or a generator of pictures; or the path of an animation, a TIFF
        of several pages, a stack in any file, a folder of pictures, or a pattern such as
        ``"frames/*.png"``. Read a few frames at a time. Of a video file that browsers play the
        page has the very bytes, unless an option changes its pixels, codec or rate.
    vmin, vmax, vsym, levels
        What black and white stand for in all frames; see `rerange`. NaN is black.
    fps : number or Fraction, optional
        Frames a second. Default: when the frames of an animation begin, as its file says; else 25.
    loop, autoplay, muted : bool
        How it plays. ``loop`` is that of an animation's file by default, else False.
    h264, vp8, vp9, av1, theora : number, True or None
        Each codec that is on, with its quality: h264 QP 0 (best) to 51; vp8 CRF 4 to 63; vp9 and
        av1 CRF 0 to 63; theora 0 to 10 (best). Several are encoded in one pass.
    counter : optional
        Text in a corner, over the picture on the page and drawn into files: True, the frame's
        coordinate such as its date, else its number; a corner (``"ul"``, ``"ur"``, ``"ll"``,
        ``"lr"``) for the same there; a format such as ``"frame {}"``, or ``"{:%B %Y}"`` of dates, a
        function of the number, or a pair of corner and one of these. Files of small frames are
        enlarged for it.
    counter_color : gray value, RGB triple or CSS name
        The color of the counter's letters.
    lossless : bool
        Keep every pixel (h264 and vp9).
    format : {"webp", "apng", "gif"}, optional
        An animated picture instead, for places where no video plays: it plays at once, whatever
        ``autoplay`` says. What browsers would show for longer is slowed down, with a warning.
    contrast : optional
        As for `rerange`, or ``"frame"`` for a range of each frame's own.
    norm, cmap, under, over, nan_color, mark_clipped, labels, complex
        As for `nbimage`, for every frame; the background of labels is black.
    channel_axis : int, optional
        The axis of the stack, or of a frame where these are given one by one.
    channels : dict {name: color}, list of names or False, optional
        As for `nbimage`; each channel has the same limits in all frames.
    orientation : bool
        As for `nbimage`, for every frame.
    overlay, title, xlabel, ylabel, x, y, colorbar, origin, aspect, pixel_size, unit
        As for `nbimage`: around all frames and over them, not in them.
    figure : bool
        Files have the figure in each frame: all that stands around it and over it, and above it
        the counter's words, the date or other coordinate of labelled data, or its number.
    scale : float
        Pixels of such a file that are one CSS pixel.
    progress : bool
        Show a bar while the work is long, in a notebook or a terminal; it goes when it is done.
    width, height, zoom, alt, display_id
        As for `nbimage`. A zoom by a whole number is that of the saved files too.

    Raises
    ------
    TypeError, ValueError
        For data and parameters that will not do, in one line.
    FFmpegError
        Where ffmpeg or an encoder is missing, or fails.

    Attributes
    ----------
    files : dict of str to bytes
        The files by codec: ``"h264"``, ``"vp8"``, … or ``"webp"``, ``"apng"``, ``"gif"``. They
        have the frames' own size; where a zoom, a counter or a codec asks for more, the
        description says so.
    count : int
        How many frames the video has: one that is shown for longer than others is several.
    fps : Fraction
        Frames a second, as browsers show them.
    size : (int, int)
        Width and height of the frames.
    width, height : float
        The size on the page in CSS pixels, without what stands beside it.
    description : str
        One line: shape, dtype, values, and what black and white stand for.
    labels : bool
        The values are labels, whose colors are never mixed but by a codec.

    Examples
    --------
    >>> frames = np.random.default_rng(0).integers(0, 256, (10, 48, 64), dtype=np.uint8)
    >>> video = nbimage.Video(frames, fps=5, title="Noise")
    >>> video
    <Video 'Noise': 10 frames of 48×64 uint8, gray shown as they are, 5 frames a second>
    >>> video.count, video.fps, video.duration, video.size
    (10, Fraction(5, 1), 2.0, (64, 48))
    >>> video.alt
    'Noise: Gray video, 10 frames of 48 × 64.'

    Several codecs are encoded in one pass:

    >>> sorted(nbimage.Video(frames, h264=10, vp9=30).files)
    ['h264', 'vp9']

    What is small is enlarged on the page:

    >>> video.width, video.height, video.labels, video.figure.title
    (320.0, 240.0, False, 'Noise')
    >>> video.html.count("<video"), video.inner_html.startswith("<video")
    (1, True)
    >>> video.description
    '10 frames of 48×64 uint8, gray shown as they are, 5 frames a second'
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
        levels: LevelsLike | None = None,
        cmap: ColormapLike | None = None,
        under: ColorLike | None = None,
        over: ColorLike | None = None,
        nan_color: ColorLike | None = None,
        mark_clipped: bool = False,
        labels: bool | None = None,
        complex: ComplexLike | None = None,  # noqa: A002 (the word for it)
        channel_axis: int | None = None,
        channels: ChannelsLike = None,
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
        figure: bool = False,
        scale: float = 1,
        width: float | str | None = None,
        height: float | str | None = None,
        zoom: float | None = None,
        alt: str | None = None,
        autoplay: bool = False,
        muted: bool = True,
        progress: bool = True,
        display_id: str | None = None,
    ) -> None:
        wanted = {"h264": h264, "vp9": vp9, "vp8": vp8, "av1": av1, "theora": theora}
        format = as_animation(format)  # noqa: A001 (the name users know)
        self._codecs = choose_codecs(wanted, format, lossless)
        asked, wanted_figure = PageSize(width, height, zoom), FigureChoice.of(figure, scale)
        shared = not (isinstance(contrast, str) and contrast == "frame")
        rule: Any = contrast if shared else None
        own_scale = ValueScale.of(vmin, vmax, vsym, rule, norm, channel_axis, levels)
        colors = ColorOptions.of(cmap, under, over, nan_color, mark_clipped, labels, complex)
        layers = resolve_channels(channels, cmap=cmap, labels=labels, complex_=complex)
        source, axis = read_frames(data, channel_axis, orientation, labels, channels=layers)
        options = FigureOptions(
            title=title,
            xlabel=xlabel,
            ylabel=ylabel,
            x=x,
            y=y,
            colorbar=colorbar,
            overlay=overlay,
            origin=origin,
            aspect=find_aspect(source) if aspect is None else aspect,
            pixel_size=pixel_size,
            unit=unit,
        )
        given = None if fps is None else as_rate(fps)
        self._format = format
        drawn = parse_counter(counter, counter_color)
        timing = find_timing(source) if fps is None or loop is None else None
        rate = given or as_rate(_RATE if timing is None else timing.rate)
        repeats = timing.repeats if timing is not None and given is None else ()
        self._loop = bool(loop) if loop is not None else timing is not None and timing.loop
        frames = as_frames(source, own_scale.on_axis(axis), colors, shared=shared, channels=layers)
        drawn = drawn and drawn.with_dates(frames.texts)
        self.labels = colors.are_labels(frames.first.metadata)
        rows, columns = frames.shape
        metadata, axis = frames.first.metadata, frames.channel_axis
        self._color_scale = frames.color_scale
        self._layout = make_layout(options, asked, metadata, frames.shape, axis, frames.color_scale)
        self._channels = frames.channels_shown
        self._layout = self._layout.with_channels(self._channels)
        self.size = columns, rows
        plain = own_scale == ValueScale.of() and colors is ColorOptions.of() and shared
        plain = plain and self._codecs == {"h264": 18} and not (lossless or self._layout.lower)
        plain = plain and all(one is None for one in (given, format, drawn, channels))
        plain = plain and orientation and not figure and (asked.zoom or 1) <= 1
        encoded = encode_video(
            frames,
            self._layout,
            self._codecs,
            rate,
            repeats=repeats,
            animation=format,
            lossless=lossless,
            loop=self._loop,
            zoom=asked.zoom or 1,
            counter=drawn,
            labels=self.labels,
            figure=wanted_figure,
            progress=progress,
            kept=keep_file(source, rate) if plain else None,
        )
        self._encoded, self.count, self._first, self._drawn, texts, self._framed = encoded
        self.fps = self._encoded.rate
        self._poster = encode_png(self._first)
        self._track = Track(
            float(self.fps),
            self.count,
            repeats=repeats if max(repeats, default=1) > 1 else (),
            labels=frames.texts,
            counter=drawn and (drawn.corner, drawn.color, texts if drawn.text else ()),
        )
        times = describe_times(self.fps, repeats)
        parts = (frames.description, self._encoded.note, times)
        self.description = ", ".join(filter(None, parts))
        self.width, self.height = self._layout.width, self._layout.height
        self._alt, self._display_id = alt, display_id
        self._autoplay, self._muted = autoplay, muted
        self._uris: dict[str, str] = {}
        self._notes: tuple[str, ...] = ()
        if format is not None:
            self._show_whole()


@verb(Video, after="vp8")
def nbvideo(video: Video, saveas: PathLike | None = None, *, embed: bool = True) -> None:
    """Show a frame stack as a video in the notebook.

    Parameters
    ----------
    saveas : path, optional
        Also save it: ``.mp4``, ``.webm``, ``.ogv`` as the codecs ask, ``.html`` the page.
    embed : bool
        False: the page refers to the files that ``saveas`` names instead of holding them.

    Examples
    --------
    >>> step, column = np.mgrid[:12, :60]
    >>> wave = np.sin(column / 9 - step / 2)[:, None].repeat(40, 1)
    >>> nbimage.nbvideo(wave, cmap="RdBu", vsym=True, fps=12, loop=True)
    <Video 12 frames of 40×60 float64, gray, values -0.999952 to 0.999952, R...
    >>> nbimage.nbvideo(wave, format="gif", counter="step {}", saveas="wave")
    <Video 12 frames of 40×60 float64, gray, values -0.999952 to 0.999952, b...
    """
    if not embed and saveas is None:
        raise ValueError("saveas must be given where embed is False: the page refers to the file")
    hint = ' (no notebook here: save it with saveas="video")'
    if saveas is not None:
        paths = video.save(saveas)
        video._notes = tuple(filter(None, [video._encoded.note]))
        hint = f" saved as {', '.join(map(str, paths))}"
        if not embed:
            video.refer_to(paths)
    show(video, video._display_id, hint)
