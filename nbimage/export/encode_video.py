"""Frames to the files of a video: prepared, drawn within their figure if asked, and encoded."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from nbimage.base.chunked import Array
from nbimage.base.progress import count_items, progress_bar
from nbimage.base.user_warnings import warn
from nbimage.codecs.clips.kept_file import KeptFile
from nbimage.codecs.video_files import VideoFiles
from nbimage.export.drawing import as_scale
from nbimage.export.figure_frames import FigureFrames
from nbimage.figure.figure_layout import FigureLayout
from nbimage.mapping.frames import Frames
from nbimage.raster.frame_counter import Counter, find_counter_factor
from nbimage.raster.prepare_frames import PreparedFrames, name_frame

_MANY = 1000  # frames of an iterator that does not say how many, about


class EncodedVideo(NamedTuple):
    """A video's files, and what became known while its frames went by."""

    files: VideoFiles | KeptFile
    shown: int
    """How many frames the video has."""
    first: Array
    """The first frame, made smaller where it is large."""
    drawn: Array
    """The same with its counter or figure, as files have it."""
    texts: tuple[str, ...]
    """The texts of the counter, frame by frame."""
    page_size: tuple[float, float] | None
    """Width and height in CSS pixels of the figure that files hold; None of frames alone."""


class FigureChoice(NamedTuple):
    """Whether files hold the figure, and how many of their pixels are one CSS pixel."""

    wanted: bool = False
    scale: float = 1.0

    @classmethod
    def of(cls, figure: bool, scale: object) -> FigureChoice:
        """Check what was asked for. Raises ValueError for a scale without a figure."""
        number = as_scale(scale)
        if number != 1 and not figure:
            raise ValueError(f"scale must be left out where figure is False, but got {scale!r}")
        return cls(bool(figure), number)


def encode_video(
    frames: Frames,
    layout: FigureLayout,
    codecs: dict[str, float],
    rate: Fraction,
    *,
    repeats: tuple[int, ...],
    animation: str | None,
    lossless: bool,
    loop: bool,
    zoom: float,
    counter: Counter | None,
    labels: bool,
    figure: FigureChoice,
    progress: bool,
    kept: KeptFile | None = None,
) -> EncodedVideo:
    """Encode frames; see `VideoFiles` and `PreparedFrames` for the parameters.

    ``kept`` has the file that the frames are of, where nothing is to be encoded.
    """
    rows, columns = frames.shape
    framed = None
    if figure.wanted:
        framed = FigureFrames(
            layout.figure(columns, rows),
            layout.width,
            layout.height,
            scale=figure.scale,
            words=name_frame(frames, max(0, (frames.count or _MANY) - 1), counter),
            labels=labels,
        )
    colored = framed or (counter is not None and len(set(counter.color)) > 1)
    files = kept or VideoFiles(
        (columns, rows),
        frames.channels,
        codecs,
        rate,
        repeats=repeats,
        animation=animation,
        lossless=lossless,
        loop=loop,
        zoom=zoom,
        counter=find_counter_factor(columns, rows) if counter else 0,
        drawn_channels=3 if framed else max(frames.channels, 3 if colored else 1),
        figure=framed.size if framed else None,
    )
    if files.warning:
        warn(files.warning)
    prepared = PreparedFrames(
        frames,
        lower=layout.lower,
        counter=counter,
        factor=files.drawn_factor,
        repeats=files.steps,
        labels=labels,
        draw=framed.draw if framed else None,
    )
    total = sum(files.steps) or frames.count
    with progress_bar("encoding", total, progress, "frames") as done:
        files.encode(count_items(prepared, done))
    return EncodedVideo(
        files,
        sum(repeats) or prepared.count,
        prepared.poster,
        prepared.drawn,
        tuple(prepared.texts),
        framed.page_size if framed else None,
    )
