"""`encode` and `data_uri`: any array or image file as the bytes of a picture file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbimage.base.doors import door
from nbimage.codecs.pictures import MEDIA_TYPES, as_data_uri, encode_pixels, resolve_format
from nbimage.mapping.channels.composite import resolve_channels
from nbimage.mapping.color_options import ColorOptions
from nbimage.mapping.pixels import as_pixels
from nbimage.mapping.value_scale import ValueScale
from nbimage.page.verb import same_parameters
from nbimage.pyramid.read_files import read_image

if TYPE_CHECKING:
    from nbimage.typing import (
        ChannelsLike,
        ColorLike,
        ColormapLike,
        ComplexLike,
        ContrastLike,
        ImageLike,
        LevelsLike,
        LimitLike,
        NormLike,
        PictureFormat,
    )


@door
def encode(
    data: ImageLike,
    format: PictureFormat = "png",  # noqa: A002 (the name users know)
    *,
    vmin: LimitLike = None,
    vmax: LimitLike = None,
    vsym: bool = False,
    contrast: ContrastLike = None,
    norm: NormLike = "linear",
    levels: LevelsLike | None = None,
    cmap: ColormapLike | None = None,
    under: ColorLike | None = None,
    over: ColorLike | None = None,
    nan_color: ColorLike | None = None,
    mark_clipped: bool = False,
    labels: bool | None = None,
    complex: ComplexLike | None = None,  # noqa: A002 (the word for it)
    channel_axis: int | None = None,
    channels: ChannelsLike = None,
    orientation: bool = True,
    quality: float | None = None,
    lossless: bool = False,
    compression: int | None = None,
) -> bytes:
    """Return an array or an image file as the bytes of a picture file, the right way up.

    Parameters
    ----------
    data, vmin, vmax, vsym, contrast, norm, levels, channel_axis, channels, orientation
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
        Effort for PNG: 0 (stored), 1 (fast, the default), 3 (small and quick) to 9 (smallest).

    Examples
    --------
    >>> data = nbimage.encode(np.eye(256), cmap="magma")
    >>> data[1:4], len(data) < 1500
    (b'PNG', True)
    >>> jpeg = nbimage.encode(np.eye(256), "jpeg", quality=50)
    >>> len(jpeg) > len(data)
    True
    """
    layers = resolve_channels(channels, cmap=cmap, labels=labels, complex_=complex)
    given: dict[str, Any] = {"labels": labels, "channels": layers}
    image = read_image(data, channel_axis, orientation=orientation, **given)
    scale = ValueScale.of(vmin, vmax, vsym, contrast, norm, image.channel_axis, levels)
    colors = ColorOptions.of(cmap, under, over, nan_color, mark_clipped, labels, complex)
    pixels = as_pixels(image.data, scale, colors, upright=True, channels=layers)
    return encode_pixels(
        pixels, format, quality=quality, lossless=lossless, compression=compression
    )


@same_parameters(encode)
@door
def data_uri(data: Any, format: Any = "png", **options: Any) -> str:  # noqa: A002
    """Return an array or an image file as a data URI, for HTML or a chart; see `encode`.

    Examples
    --------
    >>> nbimage.data_uri([[0, 1], [1, 0]])[:32]
    'data:image/png;base64,iVBORw0KGg'
    """
    return as_data_uri(encode(data, format, **options), MEDIA_TYPES[resolve_format(format)])
