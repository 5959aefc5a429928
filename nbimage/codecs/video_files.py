"""The files of a video: those that are saved, in the frames' own size, and those of the page."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

from nbimage.base.chunked import Array
from nbimage.codecs.animations import are_timed, hold_rate, make_animation, set_last_delay
from nbimage.codecs.ffmpeg import has_encoder
from nbimage.codecs.pillow_animations import encode_animation
from nbimage.codecs.videos import (
    CODECS,
    Job,
    encode_frames,
    enlarge_file,
    find_addresses,
    find_least_factor,
    find_page_factor,
    make_outputs,
    needs_even,
    resolve_video_paths,
)

_PAGE = "page."  # before the names of codecs
_MOST = 4096  # pixels of the longer side up to which files are enlarged for a zoom


class VideoFiles:
    """What is encoded of frames, and in which sizes.

    Files have the frames' own size. They are enlarged by a whole factor only for a zoom, for a
    counter that could not be read, and for a codec that takes no smaller ones; `note` says so.
    The page has files of its own where players need others, or where a counter is drawn.

    Parameters
    ----------
    size : (int, int)
        Width and height of the frames.
    channels : int
    codecs : dict of str to float
        The quality of each codec.
    rate : Fraction
        Frames a second.
    repeats : tuple of int
        For how many of them each frame is shown; empty: one.
    animation : str, optional
        An animated picture instead of the codecs.
    lossless, loop : bool
    zoom : float
        As it was asked for; what is no whole number is the page's alone.
    counter : int
        By how much frames must be enlarged so that their counter can be read; 0: they have none.
    drawn_channels : int
        Those of frames with a counter, or in a figure.
    figure : (int, int), optional
        Width and height of the figure that files hold instead of frames alone.

    Attributes
    ----------
    rate : Fraction
        As browsers show it.
    warning, note : str
        One line each, where browsers show another rate, and where files are enlarged.
    shared : bool
        The page shows the very files that are saved.
    """

    def __init__(
        self,
        size: tuple[int, int],
        channels: int,
        codecs: dict[str, float],
        rate: Fraction,
        *,
        repeats: tuple[int, ...] = (),
        animation: str | None = None,
        lossless: bool = False,
        loop: bool = False,
        zoom: float = 1,
        counter: int = 0,
        drawn_channels: int = 0,
        figure: tuple[int, int] | None = None,
    ) -> None:
        self._size, self._channels, self._codecs = size, channels, codecs
        self._lossless, self._animation = lossless, animation
        self._repeats = repeats
        asked = int(zoom) if zoom == int(zoom) else 1
        whole = 1 if figure else max(1, min(asked, _MOST // max(size)))
        self.drawn_factor = max(counter, whole) if counter and not figure else 1
        drawn = figure or (size[0] * self.drawn_factor, size[1] * self.drawn_factor)
        self._figure, apart = figure, bool(counter or figure)
        self.rate, self.warning = rate, ""
        self._zoom = 1
        self._files: dict[str, bytes] | None = None
        if animation is not None:
            self.rate, self.warning = hold_rate(animation, rate, repeats)
            own = 1 if apart else whole
            depth = drawn_channels if apart else channels
            output = make_animation(animation, depth, loop, self.rate, repeats, own)
            self._jobs, self._loop, self._own = [Job(drawn, depth, [output])], loop, own
            self._factors = {animation: own * self.drawn_factor}
            self.page_factor, self.shared = own * self.drawn_factor, True
        else:
            least = {name: find_least_factor(name, drawn) for name in codecs}
            page = 1 if lossless else find_page_factor(size, channels)
            self.page_factor = max(page, *least.values()) if not apart else page
            self._factors = {name: factor * self.drawn_factor for name, factor in least.items()}
            pages = dict.fromkeys(codecs, self.page_factor)
            outputs = make_outputs(pages, codecs, size, channels, lossless, _PAGE)
            others = {name: n for name, n in least.items() if apart or n != self.page_factor}
            if not apart and whole > 1:
                self._zoom, others = whole, {}
                self._factors = {name: max(whole, factor) for name, factor in least.items()}
            self.shared = not others and self._zoom == 1
            depth = drawn_channels if apart else channels
            files = make_outputs(others, codecs, drawn, depth, lossless)
            if apart:
                self._jobs = [Job(size, channels, outputs), Job(drawn, depth, files)]
            else:
                self._jobs = [Job(size, channels, [*outputs, *files])]
        self.note = self._describe(asked, whole)

    @property
    def steps(self) -> tuple[int, ...]:
        """How often each frame is to be given to `encode`; empty: once."""
        return () if self._animation and are_timed(self._repeats) else self._repeats

    def encode(self, frames: Iterable[tuple[Array, Array]]) -> None:
        """Encode frames, each as it is and with its counter or figure. Raises FFmpegError.

        Animations are Pillow's where no ffmpeg makes them.
        """
        both = len(self._jobs) == 2
        which = 1 if self._animation else 0
        given = (pair if both else pair[which : which + 1] for pair in frames)
        if self._animation and not has_encoder(self._jobs[0].outputs[0].encoder):
            encoded = {self._animation: self._encode_by_pillow(each for (each,) in given)}
        else:
            encoded = encode_frames(given, self._jobs, self.rate)
        if self._animation == "webp" and are_timed(self._repeats):
            last = round(1000 * self._repeats[-1] / self.rate)
            encoded = {name: set_last_delay(data, last) for name, data in encoded.items()}
        pages = {name: data for name, data in encoded.items() if name.startswith(_PAGE)}
        self._page = {name.removeprefix(_PAGE): data for name, data in pages.items()} or encoded
        self._files = {name: encoded.get(name, self._page[name]) for name in self._page}

    def _encode_by_pillow(self, frames: Iterable[Array]) -> bytes:
        repeats = self._repeats if are_timed(self._repeats) else ()
        name = self._animation or ""
        return encode_animation(name, frames, self._loop, self.rate, repeats, self._own)

    @property
    def page(self) -> dict[str, bytes]:
        """The page's files by codec."""
        return self._page

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """The codec and the media type of each of the page's files."""
        return [(name, CODECS[name].media_type) for name in self.page]

    @property
    def smaller(self) -> str:
        """What makes them smaller."""
        now = f"{self._codecs.get('h264', '')}"
        return (
            f"a higher h264= (now {now}), smaller frames, fewer codecs or saveas= with embed=False "
            "make it less"
        )

    def name_files(self, path: Any) -> dict[str, bytes] | None:
        """Return the files to be saved, and their bytes; None where the path is that of a page.

        Raises ValueError for another suffix.
        """
        paths = resolve_video_paths(path, list(self.page))
        if paths is None:
            return None
        return {name: self.files[codec] for codec, name in paths.items()}

    def find_addresses(self, paths: list[Path]) -> dict[str, str]:
        """Return what a page calls the file of each codec. Raises ValueError without any."""
        return find_addresses(paths, list(self.files))

    @property
    def files(self) -> dict[str, bytes]:
        """The files by codec, as they are saved."""
        if self._zoom > 1:  # encoded of the page's, once somebody asks for them
            self._files = {
                name: enlarge_file(
                    self._page[name],
                    name,
                    self._codecs[name],
                    self._size,
                    self._factors[name],
                    lossless=self._lossless,
                    channels=self._channels,
                )
                for name in self._page
            }
            self._zoom = 1
        return self._files or {}

    def coded(self, *, saved: bool = False) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return width and height of the picture in the page's files, and of what they hold.

        ``saved``: in those that are saved, if the page refers to them.
        """
        factor = next(iter(self._factors.values())) if saved else self.page_factor
        own = self._figure if saved and self._figure else self._size
        columns, rows = own[0] * factor, own[1] * factor
        if self._animation or not needs_even(self._codecs, self._lossless):
            return (columns, rows), (columns, rows)
        return (columns, rows), (columns + columns % 2, rows + rows % 2)

    def _describe(self, asked: int, whole: int) -> str:
        columns, rows = self._figure or self._size
        reasons: dict[int, list[str]] = {}
        for name, factor in self._factors.items():
            reasons.setdefault(factor, []).append(name)
        parts = []
        for factor, names in reasons.items():
            if factor == 1:
                continue
            if factor == self.drawn_factor > whole:
                why = "so that the counter can be read"
            elif factor == whole:
                why = "for the zoom"
                why += f", as far as {_MOST} pixels reach" if asked > whole else ""
            else:
                why = f"since {' and '.join(names)} takes no smaller ones"
            parts.append(
                f"files enlarged {factor} times to {rows * factor}×{columns * factor}, {why}"
            )
        return "; ".join(parts)
