"""A box of rows and columns."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """Rows and columns of a level, from and to."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    def within(self, other: Box) -> Box:
        """Return the same part, counted from another one's corner."""
        top, left = other.top, other.left
        return Box(self.top - top, self.bottom - top, self.left - left, self.right - left)

    def common(self, other: Box) -> Box:
        """Return the part that is in both, of boxes that overlap."""
        return Box(
            max(self.top, other.top),
            min(self.bottom, other.bottom),
            max(self.left, other.left),
            min(self.right, other.right),
        )

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns as an array takes them."""
        return slice(self.top, self.bottom), slice(self.left, self.right)
