"""`View` and `nbview`: arrays to be explored on the page, with or without a kernel.

Here the parts are found and put together. Not here: what they are (`nbimage.view.model`), live
views (`nbimage.view.live`), how a view is shown, saved and exported (`saving`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbimage.base.doors import door
from nbimage.mapping.channels.composite import resolve_channels
from nbimage.mapping.color_options import ColorOptions, as_own_labels
from nbimage.mapping.colormap import as_palette
from nbimage.mapping.value_scale import ValueScale
from nbimage.page.html import css_background
from nbimage.page.page_size import PageSize
from nbimage.page.verb import verb
from nbimage.picture import Picture
from nbimage.view.comparison import ComparedView
from nbimage.view.live.kept_tiles import KEEP, check_keep
from nbimage.view.live.stream import StreamedView
from nbimage.view.live.widget import LiveWidget
from nbimage.view.model.blended import Blended
from nbimage.view.model.fallback import (
    describe_fallback,
    lay_over_fallback,
    light_channels,
    make_fallback,
)
from nbimage.view.model.image_limits import (
    browser_scale,
    describe_asked,
    find_limits,
    find_measured_limits,
)
from nbimage.view.model.images import as_images
from nbimage.view.model.layers.layer_config import describe_layers, resolve_layer_states
from nbimage.view.model.layers.resolve_layers import resolve_layers
from nbimage.view.model.page_config import page_config
from nbimage.view.model.pane_layout import (
    find_rate,
    group_images,
    resolve_layout,
    resolve_numbers,
    view_size,
)
from nbimage.view.model.view_model import ViewModel
from nbimage.view.model.view_state import resolve_state
from nbimage.view.model.world.page_world import check_wcs
from nbimage.view.saving import SavedView

if TYPE_CHECKING:
    from nbimage.grids.grid import Grid
    from nbimage.typing import (
        ChannelsLike,
        ColormapLike,
        ContrastLike,
        ImagesLike,
        LabelsLike,
        LevelsLike,
        LimitLike,
        NamesLike,
        NormLike,
        OverlayLike,
        PathLike,
        WcsLike,
    )


class View(SavedView, ComparedView, StreamedView):
    """An interactive viewer of an array's own values, shown when it is displayed.

    Parameters
    ----------
    data : array-like, dict or list of arrays
        A picture as for `nbimage`, or an array of more axes, ``(T, H, W)`` or ``(T, Z, H, W, C)``:
        each axis besides rows, columns and channels gets a slider. The readout and what is
        measured have the units of the data's coordinates (xarray's, a file's). The arrays of a dict
        ``{name: array}`` or of a list are compared: side by side, by a divider, as they blink
        or by their difference, SSIM or FLIP. The values themselves are kept in the page.
    vmin, vmax, vsym, contrast, norm, levels, cmap
        As for `nbimage`, to begin with: they can be changed on the page.
    labels : bool, array-like, path, or dict or list of such, optional
        Label images to lie over the images, ``{name: labels}`` for several: integers of the same
        rows and columns, or of a whole number of times as many or as few, along any of the images'
        further axes, by name or the last ones; of images that are compared a dict by their names
        has each its own. Those beside an OME-Zarr image are found; False leaves them out.
        True: the values of the images are labels, each in a color of its own, as for `nbimage`.
        Zoomed out, some of them are shown, never means; so too, in the colors of other values,
        where the data say that they are labels (see `open_pyramid`), unless this is False.
    names : dict {label: name} or table, optional
        What labels are called, and more of them, by which they can be colored: a dict of columns,
        a DataFrame or a list of records, with a column "label" or "id". Of several label images
        a dict of these by name.
    overlay : item or list of items, optional
        Masks, contours, points, lines, boxes, polygons and texts to lie over the images, as for
        `nbimage`.
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
        Frames per second of playing along an axis, by default as recorded where it is in seconds,
        else 10, and whether it begins again at the end.
    wcs : astropy.wcs.WCS, FITS header or False, optional
        Coordinates of rows and columns on the sky, by any object of astropy's interface of these
        (APE 14). By default those of a ``CCDData``, a FITS file, a GeoTIFF or of rioxarray (degrees
        of a projected system with pyproj); False: none.
    state : dict, optional
        What is shown first, any of

        - ``index``: ``{axis: index}`` along the further axes;
        - ``viewport``: what is seen, slices of rows and columns such as ``np.s_[10:90, :50]``;
        - ``cursor``: the pinned sample, (row, column);
        - ``shapes``: what is drawn and measured, a list of `Shape` or dicts of their fields;
          ``selected``: the id of the one that is selected;
        - ``mode``: "side", "swipe", "blink", "difference", "absolute", "relative", "ssim" or
          "flip" (see `View.compare`); ``pair``: two names or numbers of images; ``swipe``: the
          divider, 0 to 1; ``rate``: of blinking, per second; ``linked``: as ``shared``;
        - ``panels``: which are open, of "contrast", "layers", "measure" and "compare";
        - ``projections``: ``{axis: kind}``, the "max", "mean", "min", "sum" or "std" of the planes
          along an axis, or of some of them, ``(kind, first, last)``, the last one included; of
          labels "max" and "min", of dates these and "mean";
        - ``axes``: whether ticks stand along the edges, and where north and east are;
        - ``invert``: whether colors are inverted, a bool or one for each of ``displays``;
        - ``displays``: for all images, or for each, a dict of ``limits``, ``norm``, ``vsym``,
          ``cmap``, ``on`` and ``colors`` (which channels of a composite, in which colors);
        - ``tip``: whether the value stands beside the pointer as well;
        - ``layers``: of each layer a dict of ``visible``, ``opacity``, ``fill`` (False: outlines),
          ``picked`` (a label, or its name) and ``by`` (a column of ``names``); or a dict of these
          by name; ``image``: ``visible`` and ``opacity`` of what they lie over.

        `View.state` has them all.
    embed : bool, optional
        Keep all values in the page, or only an overview and ask the kernel for tiles, to pan and
        zoom over images of any size. By default arrays of up to 64 MiB are kept. Paths, pyramids,
        dask and zarr arrays are opened as by `open_pyramid`, animations with all their frames. A
        view with tiles is live: what is seen can be read and set from Python.
    keep : int
        How many bytes the notebook keeps of a live view when it is saved, 8 MB by default, 0 for
        its picture alone: coarse levels, then the tiles that were looked at. Opened without its
        kernel, or exported, it still zooms and says the values of these.
    title, width, height, background, display_id
        As for `nbimage`; the size is that of the picture area. The background stands still behind
        what is missing or transparent, but not behind labels.

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
        that are compared, and of facets, all of them. A page that holds all samples has a preview
        of one of more than 800×800 pixels there.
    model : ViewModel
        What the view is made of. For the modules of nbimage; it may change in any release.

    Examples
    --------
    >>> view = nbimage.View(np.arange(1200.0).reshape(30, 40), cmap="viridis", title="Ramp")
    >>> view
    <View 'Ramp': 30×40 float64, gray, values 0 to 1199, viridis from 0 to 1199>
    >>> view.picture
    <Picture 30×40 float64, gray, values 0 to 1199, viridis from 0 to 1199>
    >>> view.state["displays"][0]["limits"], view.html.count("<script") > 0
    ([[0.0, 1199.0]], True)

    A view of tiles is live: what is seen can be read and set, from either side.

    >>> stack = np.zeros((12, 600, 700), np.uint8)
    >>> view = nbimage.View(stack, axes="tyx", embed=False)
    >>> view.index = {"t": 5}
    >>> view.viewport = np.s_[100:200, :300]
    >>> view.limits = 0, 99
    >>> view.cursor = 120, 7
    >>> view.shapes = [nbimage.Shape("box", [(110, 20), (140, 80)], id="cell")]
    >>> view.selected = "cell"
    >>> view.projections = {"t": "max"}
    >>> view.index, view.viewport, view.limits, view.cursor
    ({'t': 5}, (slice(100, 200, None), slice(0, 300, None)), (0, 99), (120, 7))
    >>> view.shapes[0].kind, view.selected.id, view.projections
    ('box', 'cell', {'t': ['max', 0, 11]})

    New data take the place of the old ones, and layers lie over them:

    >>> view.data = stack + 9
    >>> view.data.max().item(), view.follow, view.dropped
    (9, False, 0)
    >>> cells = np.zeros((600, 700), int)
    >>> view = nbimage.View(stack[0], labels={"cells": cells}, embed=False)
    >>> view.layers["cells"].opacity = 0.5
    >>> view.layers
    [<Layer 'cells': labels, opacity 0.5>]
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
        levels: LevelsLike | None = None,
        cmap: ColormapLike | None = None,
        labels: bool | LabelsLike | None = None,
        names: NamesLike = None,
        overlay: OverlayLike = None,
        channel_axis: int | None = None,
        orientation: bool = True,
        channels: ChannelsLike = None,
        axes: str | Sequence[str] | None = None,
        facet: str | int | None = None,
        columns: int | None = None,
        ortho: bool = False,
        spacing: float | None = None,
        shared: bool = True,
        exact: bool = False,
        fps: float | None = None,
        loop: bool = True,
        wcs: WcsLike = None,
        state: Mapping[str, Any] | None = None,
        embed: bool | None = None,
        title: str | None = None,
        width: float | str | None = None,
        height: float | str | None = None,
        background: str | None = "hatch",
        display_id: str | None = None,
        keep: float = KEEP,
    ) -> None:
        kept = check_keep(keep)
        scale = ValueScale.of(vmin, vmax, vsym, contrast, norm, None, levels)
        behind = None if background is None else css_background(background)
        asked = PageSize(width, height)
        size = asked.width, asked.height
        wcs = check_wcs(wcs)
        columns, spacing, fps = resolve_numbers(columns, spacing, fps)
        own_labels = as_own_labels(labels)
        ColorOptions.of(cmap, labels=own_labels).check_scale(scale)
        blended = None
        if channels is None and cmap is None and not own_labels:
            blended = Blended((facet, *_index_names(state)))
        channel_colors = resolve_channels(channels, cmap=cmap, labels=own_labels) or None
        more: Any = orientation, blended, own_labels, wcs
        opened: Any = axes, channel_axis, channel_colors, embed, *more
        images = as_images(data, *opened)
        layers = resolve_layers(labels, names, overlay, orientation, images, data, embed)
        if layers is None:  # labels are too many for the page
            opened = axes, channel_axis, channel_colors, False, *more
            images = as_images(data, *opened)
            layers = resolve_layers(labels, names, overlay, orientation, images, data, False) or []
        layout = resolve_layout(images, facet, columns, ortho, spacing)
        first = resolve_state(state, images, midway=layout.kind == "ortho")

        shared = bool(shared) if first.linked is None else first.linked
        groups = group_images(images, shared)
        palette = None if cmap is None or own_labels else as_palette(cmap)
        for group in groups:
            members = [images[i] for i in group]
            own = browser_scale(scale, members, palette)
            find_limits(members, own, palette)
            find_measured_limits(members, own, palette, first.index)
        light_channels(images, groups, first.displays)
        self.picture: Picture | Grid = make_fallback(
            images, layout, first.index, cmap, size, own_labels, background
        )

        given: dict[str, Any] = {"cmap": cmap, "exact": exact, "labels": own_labels, "wcs": wcs}
        config = page_config(images, groups, layout, first, **given)
        config["asked"] = describe_asked(scale, state)
        config["state"]["linked"] = len(groups) == 1
        config["layers"] = describe_layers(layers)
        states = resolve_layer_states(first.layers, layers)
        config["state"]["layers"] = states
        lay_over_fallback(self.picture, images, layers, states, layout, tuple(first.page["index"]))
        config["state"] |= {"fps": fps or find_rate(images), "loop": bool(loop)}
        config["width"], config["height"] = view_size(images, layout, first.mode, size)
        if layout.kind == "compare" and None in size:
            stages = [view_size(images, layout, mode, size) for mode in ("side", "swipe")]
            config["stages"] = [list(stage) for stage in stages]
        config["alt"] = describe_fallback(self.picture, images)
        self._display_id = display_id
        config["background"], config["share"] = behind, asked.share
        config["id"] = str(display_id or "")
        self.model = ViewModel(
            "" if title is None else str(title),
            self.picture,
            tuple(images),
            config,
            background,
            tuple(layers),
        )
        self._live = LiveWidget(self, self.model, kept) if self.model.tiled else None
        self._begin_in_marimo()
        self._opening = opened
        self._data = data if self._live is not None else None

    @property
    def state(self) -> dict[str, Any]:
        """What is seen, complete: ``View(data, state=view.state)`` shows the same.

        Of a live view what is seen now, of others what is seen first. Rows and columns are counted
        as in the array, a line's ends from the first sample's center; a ``viewport`` of floats
        lies between samples.
        """
        return self.model.describe_state()


def _index_names(state: Any) -> tuple[Any, ...]:
    """Return the axes along which ``state=`` says where to begin, or what is projected."""
    found = (
        [state.get(key) for key in ("index", "projections")] if isinstance(state, Mapping) else []
    )
    return tuple(name for names in found if isinstance(names, Mapping) for name in names)


@verb(View, after="vsym")
def nbview(view: View, saveas: PathLike | None = None) -> None:
    """Show arrays in an explorer: zoom, pan, exact values, contrast.

    Parameters
    ----------
    saveas : path, optional
        Also save it: a page of its own (``.html``), or what is seen (``.png``, ``.svg``, ``.pdf``).

    Examples
    --------
    In a notebook these show an explorer; elsewhere they print what it is:

    >>> volume = np.random.default_rng(0).poisson(9, (20, 64, 64))
    >>> nbimage.nbview(volume, axes="zyx", ortho=True)
    <View 64×64 int64, gray, values 0 to 22, black is 0, white is 25> (no no...
    >>> nbimage.nbview({"raw": volume[0], "log": np.log1p(volume[0])}, shared=False)
    <View 2 pictures, the first 64×64 int64, gray, values 0 to 22, black is...
    >>> nbimage.nbview(volume, axes="zyx", title="Counts", saveas="counts.html")
    <View 'Counts': 64×64 int64, gray, values 0 to 22, black is 0, white is...
    """
    hint = ' (no notebook here: save it with saveas="view.html")'
    if saveas is not None:
        hint = f" saved as {view.save(saveas)}"
    view._show(view._display_id, hint)
