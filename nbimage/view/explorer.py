"""`View` and `nbview`: arrays to be explored on the page, with or without a kernel.

Here the parts are found and put together. Not here: what they are (`nbimage.view.model`), live
views (`nbimage.view.live`), servers and exports (`nbimage.view.serve`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nbimage.base.atomic import write_file
from nbimage.base.doors import door
from nbimage.base.notebook import notebook_shell
from nbimage.base.suffixes import name_suffix
from nbimage.base.text import format_repr
from nbimage.mapping.channels.composite import as_channel_colors
from nbimage.mapping.color_options import ColorOptions
from nbimage.mapping.colormap import as_palette
from nbimage.mapping.value_scale import ValueScale
from nbimage.page.html import document_html, figure_html
from nbimage.page.ipython import Bundle, mime_bundle, show
from nbimage.page.page_size import PageSize
from nbimage.page.verb import verb
from nbimage.page.view_html import still_html, view_html
from nbimage.picture import Picture
from nbimage.view.live.live_properties import LiveProperties
from nbimage.view.live.widget import LiveWidget
from nbimage.view.model.blended import Blended
from nbimage.view.model.fallback import describe_fallback, light_channels, make_fallback
from nbimage.view.model.images import as_images, browser_scale, find_limits
from nbimage.view.model.page_config import page_config
from nbimage.view.model.pane_layout import (
    group_images,
    resolve_layout,
    resolve_numbers,
    view_size,
)
from nbimage.view.model.view_model import ViewModel
from nbimage.view.model.view_state import resolve_state

if TYPE_CHECKING:
    from nbimage.grids.grid import Grid
    from nbimage.typing import (
        ColorLike,
        ColormapLike,
        ContrastLike,
        ImagesLike,
        LimitLike,
        NormLike,
        PathLike,
    )


class View(LiveProperties):
    """An interactive viewer of an array's own values, shown when it is displayed.

    Parameters
    ----------
    data : array-like, dict or list of arrays
        A picture as for `nbimage`, or an array of more axes, ``(T, H, W)`` or ``(T, Z, H, W, C)``:
        each axis besides rows, columns and channels gets a slider. The arrays of a dict
        ``{name: array}`` or of a list are compared: side by side, by a divider, by flicker or by
        their difference. The values themselves are kept in the page.
    vmin, vmax, vsym, contrast, norm, cmap
        As for `nbimage`, to begin with: they can be changed on the page.
    labels : bool, optional
        True: the values of the images are labels, each in a color of its own, as for `nbimage`.
        Zoomed out, some of them are shown, never means; so too, in the colors of other values,
        where the data say that they are labels (see `open_pyramid`), unless this is False.
    channel_axis : int, optional
        The axis of the channels, if the guess is wrong.
    orientation : bool
        As for `nbimage`.
    channels : dict {name: color}, list of names or False, optional
        Show channels as a composite, each in limits and a color of its own; None or no color
        takes the default one. They lie along ``channel_axis``, the axis with such a name, or the
        first one of that length. By default 2 to 8 channels along an axis named so ("c", "band"),
        or those that a file describes, unless these are red, green and blue; ``cmap``, ``facet``
        and an ``index`` of ``state`` that ask for single ones, and False, show one at a time.
    axes : str or sequence of str, optional
        What each axis is: ``"tzyx"``. "y" and "x" are rows and columns, in any order, "c" (or "s")
        channels, the others get sliders. By default the data's own names; without any the last
        two axes are rows and columns.
    facet : str or int, optional
        An axis whose planes are shown side by side.
    columns : int, optional
        The number of columns of facets or compared arrays.
    ortho : bool
        Show a volume by three planes that cut it; its depth is the axis "z", or the last one.
    spacing : float, optional
        A step in depth in steps along a row; by default from the coordinates.
    shared : bool
        Use the same limits for all arrays that are compared, or limits of its own for each.
    exact : bool
        Keep every digit of float64; else values that float32 cannot hold are rounded to it.
    fps, loop : float and bool
        Frames per second of playing along an axis, and whether it begins again at the end.
    state : dict, optional
        What is shown first, any of

        - ``index``: ``{axis: index}`` along the further axes;
        - ``viewport``: what is seen, slices of rows and columns such as ``np.s_[10:90, :50]``;
        - ``cursor``: the pinned sample, (row, column);
        - ``line``: of the profile, two (row, column);
        - ``roi``: the region with its numbers, slices of rows and columns;
        - ``mode``: "side", "swipe", "flicker", "difference" or "absolute"; ``pair``: two names or
          numbers of images; ``swipe``: the divider, 0 to 1; ``rate``: of flicker, per second;
        - ``panel``: whether the contrast panel is open;
        - ``invert``: whether colors are inverted, a bool or one for each of ``displays``;
        - ``displays``: for all images, or for each, a dict of ``limits``, ``norm``, ``vsym``,
          ``cmap`` and ``on`` (which channels of a composite);
        - ``annotations``: of a live view, see `View.annotations`.

        `View.state` has them all.
    embed : bool, optional
        Keep all values in the page, or only an overview and ask the kernel for tiles, to pan and
        zoom over images of any size. By default arrays of up to 64 MiB are kept. Paths, pyramids,
        dask and zarr arrays are opened as by `open_pyramid`. A view with tiles is live: what is
        seen can be read and set from Python.
    title, width, height, display_id
        As for `nbimage`; the size is that of the picture area.

    Raises
    ------
    TypeError, ValueError
        As `nbimage`; for a norm that is a callable, unless it is matplotlib's ``Normalize``,
        ``LogNorm``, ``PowerNorm``, ``AsinhNorm`` or ``NoNorm``; for axes that do not fit; for more
        than a page should hold.
    ImportError
        For a live view without anywidget: ``pip install 'nbimage[live]'``.

    Attributes
    ----------
    picture : Picture or Grid
        What stands where scripts do not run: the plane that the explorer begins with; of images
        that are compared, and of facets, all of them.
    model : ViewModel
        What the view is made of. For the modules of nbimage; it may change in any release.
    """

    @door
    def __init__(
        self,
        data: ImagesLike,
        vmin: LimitLike = None,
        vmax: LimitLike = None,
        vsym: bool = False,
        *,
        contrast: ContrastLike = None,
        norm: NormLike = "linear",
        cmap: ColormapLike | None = None,
        labels: bool | None = None,
        channel_axis: int | None = None,
        orientation: bool = True,
        channels: Mapping[str, ColorLike | None] | Sequence[Any] | Literal[False] | None = None,
        axes: str | Sequence[str] | None = None,
        facet: str | int | None = None,
        columns: int | None = None,
        ortho: bool = False,
        spacing: float | None = None,
        shared: bool = True,
        exact: bool = False,
        fps: float = 10,
        loop: bool = True,
        state: Mapping[str, Any] | None = None,
        embed: bool | None = None,
        title: str | None = None,
        width: float | None = None,
        height: float | None = None,
        display_id: str | None = None,
    ) -> None:
        scale = ValueScale.of(vmin, vmax, vsym, contrast, norm)
        asked = PageSize(width, height)
        size = asked.width, asked.height
        columns, spacing, fps = resolve_numbers(columns, spacing, fps)
        ColorOptions.of(cmap, labels=labels).check_scale(scale)
        blended = None
        if channels is None and cmap is None and not labels:
            blended = Blended((facet, *_index_names(state)))
        channel_colors = (
            None if channels is None or channels is False else as_channel_colors(channels)
        )
        if channel_colors is not None and cmap is not None:
            raise ValueError("cmap must be left out where channels have colors of their own")
        if channel_colors is not None and labels:
            raise ValueError("labels must be left out where channels have colors of their own")
        opened: Any = axes, channel_axis, channel_colors, embed, orientation, blended, labels
        images = as_images(data, *opened)
        layout = resolve_layout(images, facet, columns, ortho, spacing)
        first = resolve_state(state, images, midway=layout.kind == "ortho")

        groups = group_images(images, bool(shared))
        palette = None if cmap is None or labels else as_palette(cmap)
        for group in groups:
            members = [images[i] for i in group]
            find_limits(members, browser_scale(scale, members, palette), palette)
        light_channels(images, groups, first.displays)
        self.picture: Picture | Grid = make_fallback(
            images, layout, first.index, cmap, size, labels
        )

        given: dict[str, Any] = {"cmap": cmap, "exact": exact, "labels": labels}
        config = page_config(images, groups, layout, first, **given)
        config["state"] |= {"fps": float(fps), "loop": bool(loop)}
        config["width"], config["height"] = view_size(images, layout, first.mode, size)
        config["alt"] = describe_fallback(self.picture, images)
        self._display_id = display_id
        config["id"] = str(display_id or "")
        self.model = ViewModel(title or "", self.picture, tuple(images), config)
        self._live = LiveWidget(self, self.model) if self.model.tiled else None

    @property
    def state(self) -> dict[str, Any]:
        """What is seen, complete: ``View(data, state=view.state)`` shows the same.

        Of a live view what is seen now, of others what is seen first. Rows and columns are counted
        as in the array, a line's ends from the first sample's center; a ``viewport`` of floats
        lies between samples.
        """
        return self.model.describe_state()

    @property
    def html(self) -> str:
        """The viewer as HTML that holds everything it needs; of an image of tiles the overview."""
        model = self.model
        if model.tiled:
            return figure_html(self.picture.html, title=model.title)
        return view_html(self.picture.html, model.config, title=model.title)

    def save(self, path: PathLike) -> Path:
        """Save a page of its own (``.html``), whole or not at all. Returns its path.

        Raises ValueError for tiles of more than 64 MiB: `export` writes a folder of these.
        """
        suffix = name_suffix(path)
        if suffix not in ("", "html", "htm"):
            raise ValueError(
                f"a view is saved as .html, but got {str(path)!r}: give it this suffix"
            )
        name = str(path) if suffix else f"{path}.html"
        if self.model.tiled:
            from nbimage.view.serve.export_folder import one_page

            return write_file(name, one_page(self.model).encode())
        return write_file(name, document_html(self.html, self.model.title or "View").encode())

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
        ValueError, TypeError, OSError
            In one line.
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

    def _show(self, display_id: str | None = None, hint: str = "") -> None:
        """Show it in a notebook's cell, live if it is tiled; elsewhere print a line."""
        if self._live is None or notebook_shell() is None:
            show(self, display_id, hint)
        else:
            self._live.show(self._still, display_id)

    def _ipython_display_(self) -> None:
        if self._live is None or notebook_shell() is None:
            raise NotImplementedError  # IPython goes on to `_repr_mimebundle_`
        self._show()

    def _still(self, name: str) -> Bundle:
        """Return what a notebook shows where the live view of this name cannot be shown."""
        return self._bundle(still_html(self.picture.html, name, title=self.model.title))

    def _bundle(self, html: str) -> Bundle:
        bundle, metadata = self.picture._repr_mimebundle_()
        preview = base64.b64decode(bundle["image/png"])
        return mime_bundle(html, preview, metadata["image/png"]["width"], repr(self))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        return self._bundle(self.html)

    def _repr_html_(self) -> str:
        return self.html

    def __getstate__(self) -> dict[str, Any]:
        if self._live is not None:
            raise TypeError(
                "a view of tiles must stay where it was made, and can't be pickled or copied: "
                "pickle the image, or what view.snapshot() returns"
            )
        return self.__dict__

    def __repr__(self) -> str:
        return format_repr("View", self.model.title, self.picture.description)


def _index_names(state: Any) -> tuple[Any, ...]:
    """Return the axes along which ``state=`` says where to begin."""
    index = state.get("index") if isinstance(state, Mapping) else None
    return tuple(index) if isinstance(index, Mapping) else ()


@verb(View, after="vsym")
def nbview(view: View, saveas: PathLike | None = None) -> None:
    """Show arrays in an explorer: zoom, pan, exact values, contrast.

    Parameters
    ----------
    saveas : path, optional
        Also save it as a page of its own, ``.html``.
    """
    hint = ' (no notebook here: save it with saveas="view.html")'
    if saveas is not None:
        hint = f" saved as {view.save(saveas)}"
    view._show(view._display_id, hint)
