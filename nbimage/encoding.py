"""`encode` and `data_uri`: any array or image file as the bytes of a picture file."""

from __future__ import annotations

from typing import Any

from nbimage.codecs.pictures import MEDIA_TYPES, as_data_uri, encode_pixels, resolve_format
from nbimage.mapping.color_options import as_colors
from nbimage.mapping.limits import Contrast, Limit
from nbimage.mapping.norms import as_norm
from nbimage.mapping.pixels import as_pixels
from nbimage.pyramid.read_files import read_image


def encode(
    data: Any,
    format: str = "png",  # noqa: A002 (the name users know)
    *,
    vmin: Limit = None,
    vmax: Limit = None,
    vsym: bool = False,
    contrast: Contrast = None,
    norm: Any = "linear",
    cmap: Any = None,
    under: Any = None,
    over: Any = None,
    nan_color: Any = None,
    mark_clipped: bool = False,
    labels: Any = False,
    complex: str | None = None,  # noqa: A002 (the word for it)
    channel_axis: int | None = None,
    quality: float | None = None,
    lossless: bool = False,
    compression: int | None = None,
) -> bytes:
    """Return an array or an image file as the bytes of a picture file.

    Parameters
    ----------
    data, vmin, vmax, vsym, contrast, norm, channel_axis
        As for `nbimage`.
    cmap, under, over, nan_color, mark_clipped, labels, complex
        As for `nbimage`.
    format : {"png", "jpeg", "webp", "avif"}
        PNG keeps every pixel. JPEG has no transparency: the picture is put on white.
    quality : float, optional
        0 to 100, for JPEG (default 90), WebP (90) and AVIF (80).
    lossless : bool
        Keep every pixel in WebP.
    compression : int, optional
        Effort for PNG: 0 (stored), 1 (fast, the default) to 9 (smallest).
    """
    image = read_image(data, channel_axis)
    pixels = as_pixels(
        image.data,
        vmin,
        vmax,
        vsym,
        contrast=contrast,
        norm=as_norm(norm),
        channel_axis=image.channel_axis,
        complex=complex,
        colors=as_colors(cmap, under, over, nan_color, mark_clipped, labels),
    )
    return encode_pixels(
        pixels, format, quality=quality, lossless=lossless, compression=compression
    )


def data_uri(
    data: Any,
    format: str = "png",  # noqa: A002 (the name users know)
    *,
    vmin: Limit = None,
    vmax: Limit = None,
    vsym: bool = False,
    contrast: Contrast = None,
    norm: Any = "linear",
    cmap: Any = None,
    under: Any = None,
    over: Any = None,
    nan_color: Any = None,
    mark_clipped: bool = False,
    labels: Any = False,
    complex: str | None = None,  # noqa: A002 (the word for it)
    channel_axis: int | None = None,
    quality: float | None = None,
    lossless: bool = False,
    compression: int | None = None,
) -> str:
    """Return an array or an image file as a data URI, for HTML or a chart; see `encode`."""
    return as_data_uri(encode(**locals()), MEDIA_TYPES[resolve_format(format)])
