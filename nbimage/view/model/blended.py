"""Which channels a view lays over one another where the caller names none.

Not here: which axes may hold them (`nbimage.arrays.axis_names`), their colors
(`nbimage.mapping.channels.composite`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from nbimage.arrays.axis_names import find_composite_axis
from nbimage.arrays.metadata import label_channels
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.view.model.stack import EmbeddedStack, join_letters


@dataclass(frozen=True, slots=True)
class Blended:
    """All axes of channels but those that the caller asks for as axes to go along."""

    kept: tuple[Any, ...] = ()
    """Names and numbers of axes that stay."""

    def join_channels(self, stack: EmbeddedStack) -> EmbeddedStack:
        """Return a stack whose channels are those of a plane rather than planes themselves."""
        if stack.axis_order.channels is not None or stack.metadata.labels:  # of no brightness
            return stack
        order, count = stack.axis_order, len(stack.values.shape)
        found = find_composite_axis(order.axes(stack.values.shape), stack.described)
        if found is None:
            return stack
        axis = order.further[found]
        if self._keeps(stack.names[found], order.names[found], axis, axis - count):
            return stack
        left = [i for i in range(len(order.further)) if i != found]
        further = tuple(order.further[i] for i in left)
        names = tuple(order.names[i] for i in left)
        joined = replace(order, channels=axis, further=further, names=names)
        labels = stack.channel_names or label_channels(stack.metadata, axis)
        letters = tuple(join_letters(stack.letters, found))
        return replace(
            stack,
            axis_order=joined,
            further=further,
            channel_names=labels,
            composite=True,
            letters=letters,
        )

    def count(self, pyramid: Pyramid) -> int | None:
        """Return how many channels of a pyramid are laid over one another; None: none are."""
        if pyramid.channels > 1 or pyramid.labels:
            return None
        described = max(len(pyramid.channel_names), len(pyramid.channel_colors))
        found = find_composite_axis(pyramid.axes, described)
        if found is None:
            return None
        order = getattr(pyramid.source, "axis_order", None)
        total = len(pyramid.axes) + 2 if order is None else order.count
        axis = found if order is None else order.further[found]
        name, length = pyramid.axes[found]
        return None if self._keeps(name, axis, axis - total) else length

    def _keeps(self, *ways: Any) -> bool:
        """Say whether the caller asks for an axis by its name or a number."""
        return any(way in self.kept for way in ways)
