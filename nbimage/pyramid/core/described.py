"""`DescribedImage`: what is known of a pyramid's image, as its source has it."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage.arrays.metadata import Metadata
from nbimage.base.doors import NearNames
from nbimage.pyramid.core.source import Source


class DescribedImage(NearNames):
    """What says of which kind its samples are, and where they lie. `Pyramid` is one."""

    _source: Source

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the samples, in every level."""
        return self._source.dtype

    @property
    def channels(self) -> int:
        """How many channels a picture has: 1 is gray."""
        return self._source.channels

    @property
    def axes(self) -> tuple[tuple[str, int], ...]:
        """Names and lengths of the axes beside rows, columns and channels."""
        return self._source.axes

    @property
    def pixel_size(self) -> tuple[float, float] | None:
        """Height and width of a pixel of the whole image, in ``unit``; None: not known."""
        return self._source.pixel_size

    @property
    def unit(self) -> str:
        """The unit of ``pixel_size``."""
        return self._source.unit

    @property
    def metadata(self) -> Metadata:
        """Label, title and coordinates, such as xarray's or those of a zarr file.

        Those of the further axes come first, then rows, columns and channels.
        """
        return self._source.metadata

    @property
    def channel_names(self) -> tuple[str, ...]:
        """What the channels are called; empty: not known."""
        return self._source.channel_names

    @property
    def channel_colors(self) -> tuple[str, ...]:
        """The channels' colors as ``#rrggbb``; empty: not known."""
        return self._source.channel_colors

    @property
    def labels(self) -> bool:
        """Whether samples are labels: what is made of a level takes some of them, not means."""
        return self._source.metadata.labels

    @property
    def label_images(self) -> tuple[str, ...]:
        """Paths below an OME-Zarr image of the label images beside it, such as "labels/cells"."""
        return self._source.metadata.label_images
