"""Names and objects to palettes: the colors of 256 bins, and of labels.

Colors are looked up by the package `cmap`, which knows matplotlib's, colorcet's, cmocean's and
many other names; it is imported at the first use.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.base.chunked import Array, for_blocks, memory_order
from nbimage.base.lazy_types import find_type

Rgba = tuple[int, int, int, int]
CLEAR: Rgba = (0, 0, 0, 0)
_PREFIXES = {"cet_": "colorcet:", "cc.": "colorcet:", "cmo.": "cmocean:", "cmcrameri.": "crameri:"}
_STRIDE = 158  # next to 255 by the golden section, and prime to it: neighbours look different


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """The colors of the 256 bins, and of what lies outside of them where the map has some."""

    array: Array
    """uint8 ``(256, 4)``: RGBA of each bin."""
    name: str
    under: Rgba | None = None
    over: Rgba | None = None
    missing: Rgba | None = None
    count: int = 256
    """How many colors the map itself has, which whole numbers are indices of."""
    steps: Array | None = None
    """uint8 ``(256, 4)``: as many bins of each color of a list, where the bins blend them."""

    @property
    def discrete(self) -> bool:
        """Whether it is made of a few colors."""
        return self.count < 256

    def in_steps(self) -> Palette:
        """Return the palette with the list's own colors instead of blends."""
        return self if self.steps is None else replace(self, array=self.steps, steps=None)


def as_palette(cmap: Any) -> Palette:
    """Return the colors of 256 bins, each as the map has it.

    ``cmap`` is a name or object of the package `cmap` (whose catalogue holds matplotlib's,
    colorcet's and cmocean's), a matplotlib colormap or the name that one is registered by, a list
    of colors, which are blended, or an ``(N, 3|4)`` array of them (uint8, or floats from 0 to 1).

    Raises ValueError for what is no colormap; an unknown name is answered with near ones.
    """
    if isinstance(cmap, Palette):
        return cmap
    if _is_matplotlib(cmap):
        return _of_matplotlib(cmap)
    found = _colormap(cmap)
    if _is_matplotlib(found):
        return _of_matplotlib(found)
    colors = found.lut(256) if found.interpolation == "linear" else found(_centres())
    under, over, missing = (
        None if color is None else _rgba8(color)
        for color in (found.under_color, found.over_color, found.bad_color)
    )
    name = cmap if isinstance(cmap, str) else str(found.name).split(":")[-1]
    palette = Palette(_bytes(colors), "custom" if " " in name else name, under, over, missing)
    if found.interpolation != "linear":
        return replace(palette, count=int(found.num_colors))
    own = _listed(cmap)
    if own is None or not 1 < len(own) < 256:
        return palette
    steps = _bytes(own[(_centres() * len(own)).astype(np.intp)])
    return replace(palette, count=len(own), steps=steps)


def gray_palette() -> Palette:
    """Return black to white."""
    array = np.full((256, 4), 255, np.uint8)
    array[:, :3] = np.arange(256, dtype=np.uint8)[:, None]
    return Palette(array, "gray")


def as_color(name: str, color: Any) -> Rgba:
    """Return a CSS color, or (r, g, b) or (r, g, b, a) of 0…1 or 0…255, as four bytes."""
    parts = color.tolist() if isinstance(color, np.ndarray) else color
    try:
        if isinstance(parts, (list, tuple)):
            return _of_numbers([float(part) for part in parts])
        return _of_text(parts)
    except (ValueError, TypeError):
        raise ValueError(
            f"{name} must be a CSS color or (r, g, b), but got {str(color)[:60]!r}"
        ) from None


def _of_numbers(parts: list[float]) -> Rgba:
    """Return three or four numbers as bytes: of 0…1 if none is above 1, else of 0…255.

    Alpha by itself: 1 is opaque, as in CSS.
    """
    if len(parts) not in (3, 4) or not all(0 <= part <= 255 for part in parts):
        raise ValueError
    scale = 255 if max(parts[:3]) <= 1 else 1
    r, g, b = (round(part * scale) for part in parts[:3])
    alpha = parts[3] if len(parts) == 4 else 1.0
    return r, g, b, round(alpha * 255 if alpha <= 1 else alpha)


def _of_text(color: Any) -> Rgba:
    from cmap import Color

    if not isinstance(color, (str, Color)):
        raise TypeError
    if isinstance(color, str) and color.startswith("#") and len(color) == 5:
        color = "#" + "".join(2 * digit for digit in color[1:])
    return _rgba8(Color(color))


def as_css(color: Rgba) -> str:
    """Return a color as CSS and SVG write it."""
    return "#" + "".join(f"{part:02x}" for part in color[: 3 if color[3] == 255 else 4])


def label_palette(cmap: Any = None) -> Array:
    """Return the colors of labels, uint8 ``(N, 4)``: the first clear, the others distinct.

    By default Glasbey's colors (Glasbey et al. 2007), without those that hardly show on a light
    or a dark page. A list or an array of colors is taken as it is, and so are the steps of a
    colormap; of one without, 255 colors in an order that keeps neighbours apart.
    """
    found = _colormap("glasbey" if cmap is None else cmap)
    if _is_matplotlib(found):
        cmap, found = found, _colormap(found)
    own = _listed(cmap)
    colors = found.lut(found.num_colors if found.interpolation != "linear" else 255)
    if cmap is None:
        linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
        luminance = linear[:, :3] @ [0.2126, 0.7152, 0.0722]
        colors = colors[(luminance > 0.03) & (luminance < 0.85)]
    elif own is not None:
        colors = own
    elif found.interpolation == "linear":
        colors = colors[np.arange(255) * _STRIDE % 255]
    return _bytes(np.concatenate([np.zeros((1, 4)), colors[:255]]))


def _listed(cmap: Any) -> Array | None:
    """Return the colors, as RGBA of 0…1, of what is a list of them; else None."""
    if isinstance(cmap, (list, tuple)):
        return np.array([_rgba(color) for color in cmap])
    if isinstance(cmap, np.ndarray):
        colors = cmap / 255 if cmap.dtype.kind in "iu" else cmap.astype(np.float64)
        opaque = np.ones((len(cmap), 1)) if cmap.ndim == 2 and cmap.shape[1] == 3 else None
        return colors if opaque is None else np.concatenate([colors, opaque], axis=1)
    if _is_matplotlib(cmap) and cmap.N < 255:
        return np.asarray(cmap(np.arange(cmap.N)))
    return None


def label_index(labels: Array, count: int = 255) -> Array:
    """Return each label's index in a palette of ``count`` colors after the clear one, uint8.

    0 stays 0; label k takes color 1 + (k - 1) mod count, whatever other labels there are.
    """
    out = np.empty(labels.shape, np.uint8)
    views = memory_order(labels, out)
    wide = np.uint64 if labels.dtype.newbyteorder("=") == np.uint64 else np.int64

    def work(indices: Sequence[Any]) -> None:
        for index in indices:
            block, to = (view[index] for view in views)
            colors = (block.astype(wide) % wide(count) + wide(count - 1)) % wide(count) + wide(1)
            colors[block == 0] = 0
            np.copyto(to, colors, casting="unsafe")

    for_blocks(work, views[0].shape)
    return out


def _is_matplotlib(cmap: Any) -> bool:
    return isinstance(cmap, find_type("matplotlib.colors", "Colormap"))


def _of_matplotlib(cmap: Any) -> Palette:
    """Return the colors that a matplotlib colormap gives at the bins' centres."""
    ends = (_rgba8(part) for part in (cmap.get_under(), cmap.get_over(), cmap.get_bad()))
    under, over, missing = ends
    array = _bytes(cmap(_centres()))
    return Palette(
        array,
        str(cmap.name),
        None if under == tuple(array[0].tolist()) else under,
        None if over == tuple(array[-1].tolist()) else over,
        None if missing[3] == 0 else missing,
        int(cmap.N),
    )


def _colormap(cmap: Any) -> Any:
    from cmap import Colormap

    given = cmap
    if isinstance(cmap, Colormap):
        return cmap
    if isinstance(cmap, np.ndarray):
        if cmap.ndim != 2 or cmap.shape[1] not in (3, 4) or len(cmap) < 1:
            raise ValueError(
                f"cmap must be an array of colors (N, 3) or (N, 4), but got shape {cmap.shape}"
            )
        given = cmap / 255 if cmap.dtype.kind in "iu" else cmap
        if not (given.min() >= 0 and given.max() <= 1):
            raise ValueError(
                "cmap must be an array of 0 to 255 (integers) or 0 to 1 (floats), but got "
                f"{cmap.dtype} from {cmap.min()} to {cmap.max()}"
            )
    elif isinstance(cmap, (list, tuple, dict)) and not cmap:
        kind = "dict" if isinstance(cmap, dict) else "list"
        raise ValueError(f"cmap must hold at least one color, but is an empty {kind}")
    elif isinstance(cmap, (list, tuple)):
        given = [tuple(_rgba(color)) for color in cmap]
    if isinstance(given, (list, np.ndarray)) and len(given) == 1:
        given = [*given, *given]
    with _quiet():
        try:
            return Colormap(given)
        except (ValueError, TypeError):
            pass
        for prefix, namespace in _PREFIXES.items():
            if isinstance(cmap, str) and cmap.lower().startswith(prefix):
                try:
                    return Colormap(namespace + cmap[len(prefix) :])
                except ValueError:
                    pass
        registered = getattr(sys.modules.get("matplotlib"), "colormaps", {})
        if isinstance(cmap, str) and cmap in registered:  # the caller's own, for instance
            return registered[cmap]
        raise ValueError(f"cmap must be a colormap, but got {_describe(cmap)}")


def _describe(cmap: Any) -> str:
    if not isinstance(cmap, str):
        return f"{type(cmap).__name__} {str(cmap)[:60]}: give a name such as 'viridis', or colors"
    import difflib

    from cmap import Catalog

    names = {name.lower(): name for name in Catalog().short_keys()}
    near = difflib.get_close_matches(cmap.lower(), names, n=4)
    hint = ", ".join(names[name] for name in near) if near else "viridis, magma, gray, RdBu"
    return f"{cmap!r}, which `cmap` does not know: perhaps {hint}?"


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep `cmap` from warning that a short name has a namesake elsewhere."""
    import logging

    logger = logging.getLogger("cmap")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _centres() -> Array:
    return (np.arange(256) + 0.5) / 256


def _rgba(color: Any) -> list[float]:
    """Return a color of a list as RGBA of 0…1."""
    return [part / 255 for part in as_color("cmap", color)]


def _rgba8(color: Any) -> Rgba:
    r, g, b, a = (float(part) for part in getattr(color, "rgba", color))
    return (round(r * 255), round(g * 255), round(b * 255), round(a * 255))


def _bytes(colors: Any) -> Array:
    array: Array = np.rint(np.asarray(colors, np.float64) * 255).astype(np.uint8)
    return array
