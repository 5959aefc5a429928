"""Encode pixels as PNG, JPEG, WebP or AVIF: PNG by `codecs.png`, the others by Pillow or plugins.

Samples become pixels in `mapping`; videos are `codecs.videos`'.
"""

from __future__ import annotations

import io
import os
from typing import Any

from nbimage.base.scalars import number_or_nan
from nbimage.base.suffixes import name_suffix, resolve_name
from nbimage.base.text import encode_base64
from nbimage.codecs.packing.codings import FAST
from nbimage.codecs.plugin_codec import encode_by_plugin, find_codec
from nbimage.codecs.png import check_compression, encode_png, find_free_value
from nbimage.mapping.alpha import composite_over
from nbimage.mapping.pixels import Pixels

MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
}
SUFFIXES = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "webp": "webp", "avif": "avif"}
_FIGURES = {"svg": "svg", "pdf": "pdf", "html": "html", "htm": "html"}
_LONGEST_SIDE = {"jpeg": 65500, "webp": 16383, "avif": 65536}
_QUALITY = {"jpeg": 90, "webp": 90, "avif": 80}


def resolve_format(name: str) -> str:
    """Return the format's one name: png, jpeg, webp or avif. Raises ValueError for another."""
    lower = str(name).lower().lstrip(".")
    if lower not in SUFFIXES:
        raise ValueError(f"format must be one of {', '.join(MEDIA_TYPES)}, but got {name!r}")
    return SUFFIXES[lower]


def resolve_picture_path(path: Any) -> tuple[str, str]:
    """Return a file's name and format, "svg", "html" and "pdf" too: none means ``.png``."""
    possible = {**SUFFIXES, **_FIGURES}
    suffix = name_suffix(path)
    codec = find_codec(suffix) if suffix and suffix not in possible else None
    if codec is not None:
        return os.fsdecode(path), codec.name
    return resolve_name(path, possible, "a picture")


def encode_pixels(
    pixels: Pixels,
    format: str = "png",  # noqa: A002 (the name users know from Pillow and matplotlib)
    *,
    quality: float | None = None,
    lossless: bool = False,
    compression: int | None = None,
    pixel_size: float | None = None,
) -> bytes:
    """Encode pixels; see `nbimage.encode` for the parameters."""
    codec = find_codec(format)
    if codec is not None:
        return encode_by_plugin(codec, pixels, gather_options(quality, lossless, compression))
    name = check_options(format, pixels.array.shape, quality, lossless, compression)
    if name == "png":
        return _encode_png(pixels, FAST if compression is None else compression, pixel_size)
    quality = _QUALITY[name] if quality is None else number_or_nan(quality)
    return _encode_by_pillow(pixels, name, quality, lossless)


def gather_options(
    quality: float | None = None, lossless: bool = False, compression: int | None = None
) -> dict[str, Any]:
    """Return the options of a format by their names, their defaults where none is given."""
    return {"quality": quality, "lossless": lossless, "compression": compression}


def check_options(
    format: str,  # noqa: A002
    shape: tuple[int, ...],
    quality: float | None,
    lossless: bool,
    compression: int | None,
) -> str:
    """Return the format's one name; raise ValueError for options or sizes that it lacks."""
    name = resolve_format(format)
    if name == "png":
        if quality is not None:
            raise ValueError(
                f"quality must be left out for PNG, which is lossless, but got {quality!r}: "
                "give compression from 0 to 9, or another format"
            )
        if compression is not None:
            check_compression(compression)
        return name
    if compression is not None:
        raise ValueError(
            f"compression must be left out for {name}, but got {compression!r}: "
            "it is for PNG; give quality"
        )
    if lossless and name != "webp":
        raise ValueError(f"lossless must be False for {name}: PNG and WebP can be lossless")
    if quality is not None and lossless:
        raise ValueError(f"quality must be left out where lossless is True, but got {quality!r}")
    if quality is not None and not 0 <= number_or_nan(quality) <= 100:
        raise ValueError(f"quality must be from 0 to 100, but got {quality!r}")
    if max(shape[:2]) > _LONGEST_SIDE[name]:
        raise ValueError(
            f"{name} must have at most {_LONGEST_SIDE[name]} pixels a side, but got "
            f"{shape[0]}×{shape[1]}: PNG can hold it"
        )
    return name


def _encode_png(pixels: Pixels, compression: int, pixel_size: float | None) -> bytes:
    indexed = pixels.indexed()
    if indexed is not None:
        indices, palette = indexed
        return encode_png(indices, palette=palette, compression=compression, pixel_size=pixel_size)
    array, mask = pixels.array, pixels.mask
    if pixels.palette is not None or pixels.marks:
        array, mask = pixels.render(), None
    if mask is not None and (array.ndim > 2 or find_free_value(array, mask) is None):
        array, mask = pixels.render(), None
    return encode_png(
        array,
        mask=mask,
        bilevel=pixels.bilevel and array is pixels.array,
        compression=compression,
        pixel_size=pixel_size,
    )


def _encode_by_pillow(pixels: Pixels, name: str, quality: float, lossless: bool) -> bytes:
    from PIL import Image, features

    if name != "jpeg" and not features.check(name):
        raise ValueError(
            f"this Pillow was built without {name}: pip install --upgrade pillow, or give png"
        )
    array = pixels.render()
    if name == "jpeg":
        image = Image.fromarray(composite_over(array, 255))
    else:
        image = Image.fromarray(array)
        if image.mode == "LA":
            image = image.convert("RGBA")
    options: dict[str, Any] = {"quality": round(quality)}
    if name == "jpeg":
        options["subsampling"] = 0  # colors keep their own pixels
    elif name == "webp":
        options |= {"lossless": lossless, "exact": lossless, "method": 4}
        if lossless:
            options["quality"] = 50  # effort, here
    else:
        options["subsampling"] = "4:4:4"
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


def as_data_uri(data: bytes, media_type: str) -> str:
    """Return bytes as a data URI."""
    return encode_base64(data, f"data:{media_type};base64,")
