"""Pictures as the bytes of files that other packages' codecs write: `nbimage.codecs`.

A codec is a function of pixels, uint8 ``(H, W)`` or ``(H, W, 2|3|4)``, of which 2 and 4 have alpha
last, and of those of the options ``quality``, ``lossless`` and ``compression`` that were given. It
returns bytes. Such files are saved; pages hold what browsers show.
"""

from __future__ import annotations

from typing import Any

from nbimage.mapping.pixels import Pixels
from nbimage.plugins import CODECS, Plugin, find_plugin

_BUILT_IN = frozenset({"png", "jpeg", "jpg", "webp", "avif", "svg", "html", "htm", "pdf"})


def find_codec(name: str) -> Plugin | None:
    """Return the plugin that encodes a format or a suffix; None where nothing or nbimage does."""
    plain = str(name).lower().lstrip(".")
    return find_plugin(CODECS, f"x.{plain}") if plain and plain not in _BUILT_IN else None


def encode_by_plugin(codec: Plugin, pixels: Pixels, options: dict[str, Any]) -> bytes:
    """Return a picture as a plugin encodes it.

    Raises
    ------
    ImportError, TypeError, ValueError
        For options and pixels that the format lacks, and for a plugin that is broken.
    """
    given = {name: value for name, value in options.items() if value not in (None, False)}
    encode = codec.load()
    try:
        with codec.named(f"a picture for .{codec.name}"):
            data = encode(pixels.render(), **given)
    except TypeError as error:
        if given and "unexpected keyword" in str(error):
            names = " and ".join(given)
            raise ValueError(
                f"{names} must be left out for {codec.name}, as {codec.package} writes it"
            ) from None
        raise
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise ValueError(
            f"{codec.package} is broken: it must return bytes of {codec.name}, but returned "
            f"{type(data).__name__}"
        )
    return bytes(data)
