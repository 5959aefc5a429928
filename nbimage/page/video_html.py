"""HTML of videos, from strings and numbers; see `page.html`."""

from __future__ import annotations

from dataclasses import dataclass

from nbimage.base.text import escape
from nbimage.page.figure_model import PLAIN, Figure
from nbimage.page.guard import ELEMENT
from nbimage.page.html import compose_html, number, overlays_html


@dataclass(frozen=True, slots=True)
class Track:
    """The frames of a video, as its player counts and names them."""

    fps: float
    count: int
    """Of the frames in the file."""
    repeats: tuple[int, ...] = ()
    """How many of them each frame is; empty: one."""
    labels: tuple[str, ...] = ()
    """What each is called, such as its date; empty: by its number."""
    counter: tuple[str, tuple[int, int, int], tuple[str, ...]] | None = None
    """Corner, color and texts, empty for the labels, of what stands over the picture."""

    def attributes(self) -> str:
        """Return them as attributes of the video."""
        found = {"fps": repr(self.fps), "count": str(self.count)}
        if self.repeats:
            found["repeats"] = " ".join(map(str, self.repeats))
        if self.labels:
            found["labels"] = _lines(self.labels)
        if self.counter is not None:
            corner, color, texts = self.counter
            found["counter"] = f"{corner} {','.join(map(str, color))}"
            if texts:
                found["texts"] = _lines(texts)
        return " ".join(f'data-{name}="{escape(value)}"' for name, value in found.items())


def _lines(texts: tuple[str, ...]) -> str:
    return "\n".join(" ".join(text.split()) for text in texts)


def video_html(
    media: str,
    *,
    width: float,
    figure: Figure = PLAIN,
    height: float = 0,
    display_id: str | None = None,
) -> str:
    """Return the HTML of what `video_media` gave, resizable by dragging and steppable by keys."""
    return compose_html(media, width, height, figure, display_id, ("resize", "player/video"))


def video_media(
    sources: list[tuple[str, str]],
    *,
    poster: str,
    size: tuple[int, int],
    coded: tuple[int, int],
    width: float,
    track: Track,
    alt: str,
    tooltip: str,
    loop: bool = False,
    autoplay: bool = False,
    muted: bool = True,
    figure: Figure = PLAIN,
) -> str:
    """Return a video that fills what it is in, with what lies over it.

    ``sources`` are (URI, media type); the first one goes into the video itself, since sanitisers
    empty ``<source>``. ``size`` is the picture's (width, height) and ``coded`` what is stored: the
    rest, at the right and below, is cut off.
    """
    flags = "".join(
        f" {name}" for name, on in (("loop", loop), ("autoplay", autoplay), ("muted", muted)) if on
    )
    wide, tall = (number(100 * whole / part) for whole, part in zip(coded, size, strict=True))
    fit = f"{tall}%;object-fit:fill" if figure.ratio else "auto"
    (first, _), *others = sources
    inner = "".join(f'<source src="{uri}" type="{kind}">' for uri, kind in others)
    tag = (
        f'<video src="{first}" poster="{poster}" controls{flags} playsinline preload="auto" '
        f'aria-label="{escape(alt)}" title="{escape(tooltip)}" width="{number(width)}" '
        f'{track.attributes()} style="{ELEMENT};width:{wide}%;height:{fit};max-width:none;'
        f'display:block;margin:0;image-rendering:pixelated">{inner}</video>'
    )
    if coded != size or figure.ratio:
        ratio = number(figure.ratio) if figure.ratio else f"{size[0]}/{size[1]}"
        cut = f"overflow:hidden;aspect-ratio:{ratio}"
        tag = f'<div style="{cut}">{tag}</div>'
    return tag + overlays_html(figure)
