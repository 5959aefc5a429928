"""`Framed`: what has HTML can stand in a frame of its own, and does in marimo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbimage.base.doors import NearNames, door
from nbimage.page.page_size import PageSize

if TYPE_CHECKING:
    from nbimage.page.figure_model import Figure


class Framed(NearNames):
    """What has HTML. `Picture`, `Video`, `Grid` and `View` are such."""

    @property
    def html(self) -> str:
        """HTML that holds everything it needs."""
        raise NotImplementedError

    def _frame_size(self) -> tuple[float, float]:
        """Return width and height of the HTML on a wide page, rather too tall than too low."""
        raise NotImplementedError

    def _frame_title(self) -> str:
        """Return what a screen reader says of the frame."""
        return repr(self).strip("<>")

    @door
    def iframe(self, *, width: float | None = None, height: float | None = None) -> str:
        """Return HTML for pages that run no scripts of what they show: a frame that runs its own.

        For Gradio's ``gr.HTML``, Panel's ``pn.pane.HTML`` and web pages of your own. The frame is
        sandboxed and holds everything that it needs. Where its ``onload`` is kept, it becomes as
        tall as what is in it and takes the page's colors; else it has this height, and colors as
        the reader's system is light or dark.

        Parameters
        ----------
        width, height : float, optional
            Size of the frame in CSS pixels, the height to begin with. By default the whole width of
            what it is in, and the height that it needs there if that is wide enough.

        Returns
        -------
        str
            An ``<iframe srcdoc>``, in a ``<div>``, in one line.

        Raises
        ------
        ValueError
            For sizes that are not positive; for a view of tiles of more than 64 MiB.

        Examples
        --------
        >>> html = nbimage.View(np.eye(3)).iframe(height=400)
        >>> "<iframe" in html, 'height="400"' in html
        (True, True)
        """
        from nbimage.page.frames.frame_html import frame_html  # takes time, and is rarely needed

        asked = PageSize(width, height)
        natural, needed = self._frame_size()
        tall = needed if asked.height is None else asked.height
        inner, title = self._frame_inner(), self._frame_title()
        return frame_html(inner, title, width=asked.width, height=tall, natural=natural)

    def _frame_inner(self) -> str:
        """Return what stands in the frame."""
        return self.html

    def _mime_(self) -> tuple[str, str]:
        """Return what marimo shows."""
        return "text/html", self.iframe()

    def _repr_html_(self) -> str:
        return self.html


class FramedFigure(Framed):
    """A picture, or a video, with what stands around it."""

    description: str
    width: float
    height: float

    @property
    def figure(self) -> Figure:
        """What stands around it."""
        raise NotImplementedError

    def _frame_size(self) -> tuple[float, float]:
        from nbimage.page.frames.frame_html import PLAYER_HEIGHT, find_figure_size

        wide, tall = find_figure_size(self.width, self.height, self.figure)
        return wide, tall + PLAYER_HEIGHT * ("<video" in self.html)
