"""`nbview` and `View`: an array to be explored on the page, without a kernel."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.codecs.files import write_whole
from nbimage.page.bundle import Bundle, mime_bundle, show
from nbimage.page.html import document_html
from nbimage.page.view_html import view_html
from nbimage.picture import Picture
from nbimage.values.blocks import Array
from nbimage.values.channels import guess_channel_axis, resolve_channel_axis
from nbimage.values.colormap import as_palette, gray_palette
from nbimage.values.coordinates import text_of
from nbimage.values.device import DeviceArray
from nbimage.values.intake import Values, as_values, pick
from nbimage.values.limits import Contrast, Extent, Limit, Limits, extent
from nbimage.values.norms import as_norm
from nbimage.values.together import shared_limits
from nbimage.view.samples import Samples, as_samples

_MAPS = (
    "gray",
    "viridis",
    "magma",
    "inferno",
    "cividis",
    "turbo",
    "coolwarm",
    "RdBu",
    "hot",
    "jet",
)
_SIDES = 240, 640  # CSS pixels between which the viewer's width is by default
_MOST = 100_000_000  # bytes of samples


class View:
    """An array's own values in an interactive viewer, shown when displayed and never before.

    See `nbview` for the parameters and what they raise.

    Attributes
    ----------
    picture : Picture
        What stands where scripts do not run: the first plane.
    """

    def __init__(
        self,
        data: Any,
        vmin: Limit = None,
        vmax: Limit = None,
        vsym: bool = False,
        *,
        contrast: Contrast = None,
        norm: Any = "linear",
        cmap: Any = None,
        channel_axis: int | None = None,
        exact: bool = False,
        title: str | None = None,
        width: float | None = None,
        height: float | None = None,
        display_id: str | None = None,
    ) -> None:
        self._title, self._display_id = title or "", display_id
        spread = as_norm(norm)
        if spread.function is not None:
            raise ValueError("norm must be a name or a gamma, which a browser can follow")
        values = as_values(data)
        planes, axis, names = _planes(values, channel_axis)
        asked: dict[str, Any] = {"vmin": vmin, "vmax": vmax, "vsym": vsym, "contrast": contrast}
        asked["norm"] = spread
        known = None
        if len(planes) > 1:
            asked, known = shared_limits(planes, [axis] * len(planes), **asked)
        first = planes[0]
        self.picture = Picture(
            first,
            **asked,
            cmap=cmap,
            channel_axis=axis,
            x=False,
            y=False,
            colorbar=False,
            title="",
            width=width,
            height=height,
        )
        turned = slice(None, None, -1) if self.picture.lower else slice(None)
        samples = [as_samples(*_last(plane, axis, turned), exact=exact) for plane in planes]
        total = sum(len(sample.png) for sample in samples)
        if total > _MOST:
            raise ValueError(
                f"data must take at most {_MOST / 1e6:.0f} MB in the page, but take "
                f"{total / 1e6:.0f}: show a part of them, or fewer planes"
            )
        key = self.picture.key
        if key is None:
            raise TypeError("data must be values, but got labels")
        known = known or key.known
        if spread.positive:  # what lies at 0 or below has no place on the page either
            known = Extent()
            for plane in planes:
                known = known.join(extent(plane.array, plane.mask, positive=True))
        kind = np.dtype(first.array.dtype)
        self._config = self._configured(samples, names, cmap, key.limits, known, kind)

    def _configured(
        self,
        samples: list[Samples],
        names: list[str],
        cmap: Any,
        limits: Limits,
        known: Extent,
        dtype: np.dtype[Any],
    ) -> dict[str, Any]:
        least, most = known.low or 0, 1 if known.high is None else known.high
        base = _base(samples, limits, least)
        low, high = ([float(x - base) for x in limit] for limit in (limits.vmin, limits.vmax))
        if limits.unchanged:
            low, high = [0.0], [256.0]  # bins of one value each
        span = [float(least - base), float(most - base)]
        if not np.isfinite([*low, *high, *span]).all():
            raise ValueError(
                f"data must lie within the range of float64, but go from {least} to {most}"
            )
        palettes = {name: as_palette(name).array for name in _MAPS}
        palettes["gray"] = gray_palette().array
        chosen = as_palette(cmap) if cmap is not None else None
        if chosen is not None:
            palettes = {chosen.name: chosen.array} | palettes | {chosen.name: chosen.array}
        rows, columns = samples[0].rows, samples[0].columns
        width = min(max(self.picture.width, _SIDES[0]), _SIDES[1])
        height = min(max(width * rows / columns, 120.0), 560.0)
        return {
            "planes": [
                {
                    "png": base64.b64encode(sample.png).decode("ascii"),
                    "dtype": sample.dtype,
                    "rows": sample.rows,
                    "columns": sample.columns,
                    "channels": sample.channels,
                }
                for sample in samples
            ],
            "names": names,
            "look": {
                "vmin": low[0] if len(low) == 1 else low,
                "vmax": high[0] if len(high) == 1 else high,
                "norm": limits.norm.name,
                "parameter": limits.norm.parameter,
                "vsym": limits.vsym,
                "cmap": "gray" if chosen is None else chosen.name,
            },
            "extent": span,
            "base": str(base),
            "full": float(np.iinfo(dtype).max) if dtype.kind in "iu" else 1.0,
            "palettes": {
                name: base64.b64encode(table[:, :3].tobytes()).decode("ascii")
                for name, table in palettes.items()
            },
            "exact": all(sample.exact for sample in samples),
            "lower": self.picture.lower,
            "alt": self.picture.alt,
            "width": width,
            "height": height,
        }

    @property
    def html(self) -> str:
        """The viewer as HTML that holds everything it needs."""
        return view_html(self.picture.html, self._config, title=self._title)

    def save(self, path: Any) -> Path:
        """Save a page of its own (``.html``), whole or not at all. Returns its path."""
        name = str(path) if str(path).lower().endswith((".html", ".htm")) else f"{path}.html"
        return write_whole(name, document_html(self.html, self._title or "View").encode())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        bundle, _ = self.picture._repr_mimebundle_()
        preview = base64.b64decode(bundle["image/png"])
        return mime_bundle(self.html, preview, self.picture.width, repr(self))

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        title = f"{self._title!r}: " if self._title else ""
        return f"<View {title}{self.picture.description}>"


def _planes(values: Values, channel_axis: int | None) -> tuple[list[Values], int | None, list[str]]:
    """Return the pictures that a stack holds, their channel axis, and their names."""
    shape = values.shape
    if len(shape) == 2 or (len(shape) == 3 and _is_picture(values, channel_axis)):
        return [values], resolve_channel_axis(shape, channel_axis, values.names), []
    if len(shape) > 4:
        raise ValueError(
            f"data must be a picture or a stack of them, but got shape {shape}: index it first"
        )
    planes = [pick(values, 0, i) for i in range(shape[0])]
    own = channel_axis
    if own is not None:
        if own == 0 or not -len(shape) < own < len(shape):
            raise ValueError(
                f"channel_axis must be 1, -1 or None for a stack, but got {own} for an array of "
                f"shape {shape}"
            )
        own = own % len(shape) - 1
    known = values.about.coordinates[0] if values.about.coordinates else None
    names: list[str] = []
    if known is not None and known.values is not None:
        label = (values.names or ("",))[0] or ""
        names = [f"{label} = {text_of(place)}" for place in known.values]
    return planes, resolve_channel_axis(planes[0].shape, own, planes[0].names), names


def _is_picture(values: Values, channel_axis: int | None) -> bool:
    """Whether three axes are one picture in colours rather than a stack of gray ones."""
    if channel_axis is not None:
        return True
    try:
        return guess_channel_axis(values.shape, values.names).axis is not None
    except ValueError:
        return False


def _last(values: Values, axis: int | None, rows: slice) -> tuple[Array, Array | None]:
    """Return a picture's values and mask with the channels last, of the rows in their order."""
    array = values.array.host() if isinstance(values.array, DeviceArray) else values.array
    mask = values.mask
    if axis is not None:
        array = np.moveaxis(array, axis, -1)
        mask = None if mask is None else np.asarray(mask.any(axis=axis))
    return array[rows], None if mask is None else mask[rows]


def _base(samples: list[Samples], limits: Limits, least: Any) -> int:
    """Return what a browser takes off whole numbers that its own do not hold, before it bins."""
    large = any(sample.dtype in ("int64", "uint64") for sample in samples)
    return int(least) if large and limits.norm.linear else 0


def nbview(
    data: Any,
    vmin: Limit = None,
    vmax: Limit = None,
    vsym: bool = False,
    saveas: Any = None,
    *,
    contrast: Contrast = None,
    norm: Any = "linear",
    cmap: Any = None,
    channel_axis: int | None = None,
    exact: bool = False,
    title: str | None = None,
    width: float | None = None,
    height: float | None = None,
    display_id: str | None = None,
) -> None:
    """Show an array in an explorer that needs no kernel: zoom, pan, exact values, contrast.

    Parameters
    ----------
    data : array-like
        A picture as for `nbimage`, or a stack of them, ``(T, H, W)`` or ``(T, H, W, C)``: then
        there is a slider. The values themselves are kept in the page.
    vmin, vmax, vsym, contrast, norm, cmap
        As for `nbimage`, to begin with: they can be changed on the page.
    channel_axis : int, optional
        Where the channels are, if the guess is wrong.
    exact : bool
        Keep every digit of float64; else what float32 does not hold is rounded to it.
    title, width, height, display_id
        As for `nbimage`.
    saveas : path, optional
        Also save it as a page of its own, ``.html``.

    Raises
    ------
    TypeError, ValueError
        As `nbimage`; for a norm that is a callable; for more than a page should hold.
    """
    options = dict(locals())
    del options["saveas"]
    view = View(**options)
    hint = ' (no notebook here: save it with saveas="view.html")'
    if saveas is not None:
        hint = f" saved as {view.save(saveas)}"
    show(view, display_id, hint)
