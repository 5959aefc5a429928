"""`SavedView`: a view as HTML, in a cell, in files and folders.

Not here: how a view is made (`explorer`), servers and exported folders (`nbimage.view.serve`).
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbimage.base.atomic import write_file
from nbimage.base.doors import door
from nbimage.base.notebook import notebook_shell
from nbimage.base.suffixes import resolve_name
from nbimage.base.text import format_repr
from nbimage.base.user_warnings import collect_warnings
from nbimage.export.drawing import as_scale
from nbimage.page.frames.framed import Framed
from nbimage.page.frames.marimo_output import in_marimo, widget_html
from nbimage.page.html import document_html, figure_html
from nbimage.page.ipython import Bundle, mime_bundle, show
from nbimage.page.view_html import kept_html, still_html, view_html
from nbimage.picture import Picture
from nbimage.view.live.live_properties import LiveProperties
from nbimage.view.live.reporting import ReportingWidget, begin_reporting
from nbimage.view.live.snapshots import make_shown_figure, save_shown
from nbimage.view.serve.frame_size import find_view_size

if TYPE_CHECKING:
    from nbimage.typing import PathLike


_POSSIBLE = {"html": "html", "htm": "html", "png": "png", "svg": "svg", "pdf": "pdf"}


class SavedView(LiveProperties, Framed):
    """What shows, saves and exports a view. `View` is one."""

    _display_id: str | None
    _unheard = False

    @property
    def html(self) -> str:
        """The viewer as HTML that holds everything it needs; of an image of tiles the overview."""
        model = self.model
        if model.tiled:
            return figure_html(self.picture.html, title=model.title)
        return view_html(self.picture.html, model.config, title=model.title)

    @door
    def save(self, path: PathLike, *, figure: bool = False, scale: float = 1) -> Path:
        """Save a page of its own (``.html``), or what is seen (``.png``, ``.svg``, ``.pdf``).

        A picture is drawn from the view's state: its viewport, index, limits and colors, ``scale``
        pixels a CSS pixel. With ``figure`` the file holds what stands around it and over it too:
        colorbar, scale bar, axes if they are shown, and what was drawn; ``.svg`` and ``.pdf``
        always do. The file is written whole or not at all. Returns its path.

        Raises ValueError for other suffixes, and for a page of tiles of more than 64 MiB: `export`
        writes a folder of these.

        Examples
        --------
        >>> view = nbimage.View(np.eye(64), cmap="magma")
        >>> view.save("eye.html").name
        'eye.html'
        >>> view.save("eye.png", figure=True, scale=2).name
        'eye.png'
        """
        name, format_ = resolve_name(path, _POSSIBLE, "a view")
        if format_ != "html":
            shown = None if self._live is None else self._live.scale
            number = as_scale(scale)
            if format_ == "png" and not figure:
                shown_figure = make_shown_figure(self.model, shown, number, plain=True)
            else:
                shown_figure = make_shown_figure(self.model, shown, number)
            return save_shown(shown_figure, name, figure=figure, scale=number)
        if figure or scale != 1:
            raise ValueError(
                "figure and scale must be left out for .html, which is a page: give .png, .svg or "
                f".pdf instead of {name!r}"
            )
        if self.model.tiled:
            from nbimage.view.serve.one_page import one_page

            return write_file(name, one_page(self.model).encode())
        return write_file(name, document_html(self.html, self.model.title or "View").encode())

    @door
    def export(
        self,
        path: PathLike,
        *,
        raw: bool = False,
        indices: Mapping[str, Any] | None = None,
        format: str | None = None,  # noqa: A002 (the name users know)
        quality: float | None = None,
        max_bytes: float = 1 << 34,
        progress: bool = True,
    ) -> Path:
        """Write a folder that shows it without a kernel, from a disk or from any web server.

        A view whose values are kept in the page needs no tiles: the folder holds that page alone.

        Parameters
        ----------
        path : path-like
            The folder: a new one, an empty one, or an older export, which is replaced when all is
            written.
        raw : bool
            Tiles of the values themselves, for exact values below the pointer and for contrast. By
            default they are pictures: Deep Zoom images, ``tiles/IMAGE/PLANE.dzi``, that any
            viewer of these opens too.
        indices : dict, optional
            The indices along axes that are written, ``{"z": [0, 5], "t": slice(0, 10)}``; by
            default all.
        format : {"png", "jpeg", "webp", "avif"}, optional
            Of pictures. Default: JPEG for colors of one byte, else PNG.
        quality : float, optional
            0 to 100, but for PNG; default: 75, for AVIF 60.
        max_bytes : float
            How much all samples (or pixels) may take before they are compressed; default: 16 GiB.
        progress : bool
            Show a bar where somebody is looking.

        Returns
        -------
        Path
            The folder. Whatever fails or interrupts the writing, an older export stays as it was.

        Raises
        ------
        ValueError, TypeError
            For indices, formats and qualities that do not fit, for more than ``max_bytes``, and
            for a folder that holds anything else.
        OSError
            Where it cannot be written.

        Examples
        --------
        >>> view = nbimage.View(np.zeros((5, 300, 400)), axes="tyx", embed=False)
        >>> folder = view.export("stack", indices={"t": slice(0, 2)}, progress=False)
        >>> sorted(path.name for path in folder.iterdir())
        ['index.html', 'tiles']
        """
        from nbimage.view.serve.export_folder import export_folder

        return export_folder(
            self.model,
            path,
            raw=raw,
            indices=indices,
            format=format,
            quality=quality,
            max_bytes=max_bytes,
            progress=progress,
        )

    def _frame_inner(self) -> str:
        if not self.model.tiled:
            return self.html
        from nbimage.view.serve.one_page import one_page_html

        return one_page_html(self.model)

    def _frame_size(self) -> tuple[float, float]:
        return find_view_size(self.model)

    def _begin_in_marimo(self) -> None:
        """Make the widget in the cell that makes the view: when that one runs again, it ends."""
        if self._live is not None and in_marimo():
            with contextlib.suppress(ImportError):
                _ = self._live.widget

    def _mime_(self) -> tuple[str, str]:
        if self.model.tiled and self._live is not None and in_marimo():
            if getattr(self._live.widget.comm, "_closed", False):
                self._live.close()  # the cell that made it runs again; a cache has kept the view
            widget = self._live.widget
            still = still_html(self.picture.html, widget.model_id, title=self.model.title)
            return "text/html", still + widget_html(widget)
        return super()._mime_()

    def _show(self, display_id: str | None = None, hint: str = "") -> None:
        """Show it in a notebook's cell, live if it is tiled; elsewhere print a line."""
        if self._live is None or not self.model.tiled or notebook_shell() is None:
            self._unheard = True  # nobody has it who could ask what is seen
            show(self, display_id, hint)
        else:
            self._live.show(self._still, display_id)

    @door
    def _ipython_display_(self) -> None:
        if self.model.tiled and notebook_shell() is not None:
            self._show()
            return
        if not (self.model.tiled or self._unheard):
            self._live = begin_reporting(self, self._live)
        raise NotImplementedError  # IPython goes on to `_repr_mimebundle_`

    def _still(self, name: str, config: dict[str, Any] | None) -> Bundle:
        """Return what a notebook shows where the live view of this name cannot be shown.

        ``config``: of a page with the tiles that are kept; None: the overview alone.
        """
        title = self.model.title
        data, metadata = self._bundle(still_html(self.picture.html, name, title=title))
        if config is not None:
            data["text/html"] = kept_html(self.picture.html, config, name, title=title)
        return data, metadata

    def _bundle(self, html: str) -> Bundle:
        smaller = "embed=False asks the kernel for what is seen, and save(path) keeps it in a file"
        with collect_warnings():  # of a picture that is not shown
            preview = self._encode_preview()
        return mime_bundle(html, *preview, repr(self), smaller)

    def _encode_preview(self) -> tuple[bytes, float]:
        """Return the picture and the title as PNG for PDF and GitHub, and the width there."""
        title, titled = self.model.title, copy.copy(self.picture)
        if title:
            own = vars(titled)
            own.pop("_preview", None)
            if isinstance(titled, Picture):
                own["figure"] = titled.figure._replace(title=title)
            else:
                own["_title"] = title
        return titled._preview

    @door
    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        name = self._live.take_name() if isinstance(self._live, ReportingWidget) else ""
        if not name:
            return self._bundle(self.html)
        title = self.model.title
        return self._bundle(view_html(self.picture.html, self.model.config, title=title, name=name))

    def __getstate__(self) -> dict[str, Any]:
        if self.model.tiled:
            raise TypeError(
                "a view of tiles must stay where it was made, and can't be pickled or copied: "
                "pickle the image, or what view.snapshot() returns"
            )
        return {**self.__dict__, "_live": None, "_callbacks": []}

    def __repr__(self) -> str:
        return format_repr("View", self.model.title, self.picture.description)
