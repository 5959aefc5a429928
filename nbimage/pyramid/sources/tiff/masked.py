"""A TIFF with a mask, or with smaller levels in another file, as one source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.arrays.decoding import Decoding
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.source import WrappedSource
from nbimage.pyramid.sources.tiff.source import TiffSource

Own = tuple[TiffSource, int]
"""A source, and the number of a level of it."""


class MaskedSource(WrappedSource):
    """Levels of several files, of which masks tell what is missing: where they are 0.

    A smaller level without a mask of its size is left out where the largest has one: what is
    hidden there may be in its means.
    """

    inner: TiffSource

    def __init__(self, sources: Sequence[TiffSource], masks: Sequence[TiffSource]) -> None:
        self.inner = first = sources[0]
        self._opened = (*sources, *masks)
        found = {shape: (one, i) for one in reversed(masks) for i, shape in enumerate(one.shapes)}
        self._masked = first.shapes[0] in found
        levels: dict[tuple[int, int], Own] = {}
        for one in sources:
            same = one.channels == first.channels and one.axes == first.axes
            for i, shape in enumerate(one.shapes if same and one.stored == first.stored else ()):
                smaller = not levels or (shape[0] <= first.shapes[0][0] and shape not in levels)
                if smaller and (shape in found or not self._masked):
                    levels[shape] = one, i
        shapes = sorted(levels, reverse=True)
        self._levels = [levels[shape] for shape in shapes]
        self._masks: list[Own | None] = [
            found.get(shape) if self._masked else None for shape in shapes
        ]
        known: dict[str, Any] = {}
        others = {one.path for one in self._opened if one.path is not None} - {first.path}
        if masks and not self._masked:
            sizes = ", ".join(f"{high}×{wide}" for high, wide in masks[0].shapes[:1])
            own = f"its mask is of another size, {sizes}, and is not used"
            note = ", ".join(filter(None, (first.metadata.note, own)))
            known["metadata"] = replace(first.metadata, note=note)
        if self._masked:
            known["dtype"] = Decoding().dtype(first.dtype)
        super().__init__(
            first,
            shapes=tuple(shapes),
            blocks=tuple(one.blocks[i] for one, i in self._levels),
            companions=(*first.companions, *sorted(others)),
            **known,
        )
        turned = first.orientations[0]
        self.orientations = tuple(
            one.orientations[i] if one is first else turned for one, i in self._levels
        )
        self.page_orientations = first.page_orientations

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level; what the mask hides is NaN."""
        source, own = self._levels[level]
        hidden = self._find_hidden(level, box, index)
        part = source.read(own, box, index)
        if hidden is None:
            return part.astype(self.dtype, copy=False)
        values = part.astype(self.dtype)
        values[hidden if part.ndim == 2 else (hidden, self._colors)] = np.nan
        return values

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        source, own = self._levels[level]
        part, missing = source.read_stored(own, box, index)
        hidden = self._find_hidden(level, box, index)
        if hidden is None:
            return part, missing
        if part.dtype.kind == "f":
            return self.read(level, box, index), None
        missing = np.zeros(part.shape, bool) if missing is None else missing
        missing[hidden if part.ndim == 2 else (hidden, self._colors)] = True
        return part, missing

    @property
    def _colors(self) -> slice:
        """The channels that may be missing: alpha never is."""
        return slice(None, -1) if self.inner.has_alpha else slice(None)

    def _find_hidden(self, level: int, box: Box, index: tuple[int, ...]) -> Array | None:
        """Return where a plane is hidden; None: nowhere."""
        found = self._masks[level]
        if found is None:
            return None
        mask, own = found
        lengths = [length for _, length in mask.axes]
        along = index if [length for _, length in self.axes[: len(lengths)]] == lengths else ()
        hidden = mask.read(own, box, (along or (0,) * len(lengths))[: len(lengths)]) == 0
        hidden = hidden.any(axis=2) if hidden.ndim == 3 else hidden
        return hidden if hidden.any() else None

    def close(self) -> None:
        """Close all files."""
        for each in self._opened:
            each.close()
