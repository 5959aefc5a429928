"""One picture's pixels and the bytes that they are stored as: on the page, in files, as preview."""

from __future__ import annotations

import functools
import math
from typing import Any

from nbimage.base.chunked import Array
from nbimage.codecs.packing.codings import FAST
from nbimage.codecs.pictures import (
    MEDIA_TYPES,
    as_data_uri,
    check_options,
    encode_pixels,
    gather_options,
)
from nbimage.codecs.png import SIGNATURE
from nbimage.codecs.preview import EXACT, SIDE, encode_preview
from nbimage.mapping.area_mean import Factors, factor_for
from nbimage.mapping.pixels import Pixels


class StoredPicture:
    """Pixels with the format and the options in which they are stored.

    Parameters
    ----------
    pixels : Pixels
        Every pixel, the first row at the top.
    format : str
        How the page stores them.
    options : dict
        Of the format; see `gather_options`.
    factors : (int, int)
        So many rows and columns become one pixel on the page.
    metres : float, optional
        The side of a pixel.

    Raises
    ------
    ValueError
        For options or sizes that the format lacks.
    """

    def __init__(
        self,
        pixels: Pixels,
        format: str,  # noqa: A002 (the name users know)
        options: dict[str, Any],
        factors: Factors = (1, 1),
        metres: float | None = None,
    ) -> None:
        self.pixels = pixels
        self.shape: tuple[int, int] = pixels.array.shape[:2]
        rows, columns = self.shape
        self.shown = -(-columns // factors[1]), -(-rows // factors[0])
        """Columns and rows on the page."""
        self._format = check_options(format, self.shown[::-1], **options)
        self._options, self._factors, self._metres = options, factors, metres

    @functools.cached_property
    def opaque(self) -> Array:
        """The pixels without what is transparent in them, uint8 ``(H, W)`` or ``(H, W, 2|3|4)``."""
        if self.pixels.palette is None and not self.pixels.marks:
            return self.pixels.array
        return self.pixels.render()

    @functools.cached_property
    def data(self) -> bytes:
        """The bytes that the page holds, reduced where the factors ask for it."""
        down, across = self._factors
        metres = None if self._metres is None or down != across else self._metres * down
        pixels = self.pixels.reduced(self._factors)
        return encode_pixels(pixels, self._format, pixel_size=metres, **self._options)

    @functools.cached_property
    def png(self) -> bytes:
        """Every pixel as PNG."""
        if self._format == "png" and self._factors == (1, 1):
            return self.data
        return encode_pixels(self.pixels, "png", pixel_size=self._metres)

    @property
    def plain_compression(self) -> int | None:
        """The compression of a PNG of all pixels without further metadata; None for another."""
        plain = self._format == "png" and self._factors == (1, 1) and self._metres is None
        compression: int | None = self._options["compression"]
        return (FAST if compression is None else compression) if plain else None

    @property
    def data_uri(self) -> str:
        """The bytes that the page holds, as a data URI."""
        return as_data_uri(self.data, self.media_type)

    @property
    def media_type(self) -> str:
        """The media type of what the page holds."""
        return MEDIA_TYPES[self._format]

    @property
    def preview(self) -> bytes:
        """What PDF export and restricted editors show: the own PNG while small, else a preview."""
        size, is_png = len(self.data), self._format == "png"
        if is_png and size <= EXACT:
            return self.data
        return encode_preview(self.pixels, size, large=is_png and self._factors == (1, 1))

    def encode(self, format: str, given: dict[str, Any]) -> bytes:  # noqa: A002
        """Encode every pixel for a file; of the own format, with its options where none is given.

        Raises ValueError for options that the format lacks.
        """
        own = format == self._format
        if own and given == gather_options():
            given = self._options
        if own and given == self._options and self._factors == (1, 1):
            return self.data
        return encode_pixels(self.pixels, format, pixel_size=self._metres, **given)


class PreviewedPicture(StoredPicture):
    """A large picture of which the page holds a preview: it has the samples beside that."""

    def __init__(self, stored: StoredPicture) -> None:
        super().__init__(stored.pixels, "png", gather_options(), metres=stored._metres)
        rows, columns = self.shape
        factor = factor_for(self.shape, side=SIDE)
        self.shown = -(-columns // factor), -(-rows // factor)

    @functools.cached_property
    def data(self) -> bytes:
        """The preview."""
        return encode_preview(self.pixels, math.prod(self.shape), large=True)

    @functools.cached_property
    def png(self) -> bytes:
        """Every pixel as PNG."""
        return self.encode("png", gather_options())

    @property
    def media_type(self) -> str:
        """The media type of the preview."""
        return MEDIA_TYPES["png" if self.data.startswith(SIGNATURE) else "jpeg"]

    @property
    def preview(self) -> bytes:
        """What PDF export and restricted editors show: the same."""
        return self.data

    def encode(self, format: str, given: dict[str, Any]) -> bytes:  # noqa: A002
        """Encode every pixel for a file."""
        return encode_pixels(self.pixels, format, pixel_size=self._metres, **given)
