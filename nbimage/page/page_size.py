"""How large something stands on the page."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageSize:
    """What was asked for, in CSS pixels or as a multiple of one for one."""

    width: float | None = None
    height: float | None = None
    zoom: float | None = None

    def __post_init__(self) -> None:
        for name in ("width", "height", "zoom"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ValueError(f"{name} must be finite and above 0, but got {value!r}")
        if self.zoom is not None and (self.width is not None or self.height is not None):
            raise ValueError("zoom must be left out where width or height is given")

    @property
    def given(self) -> bool:
        """Whether anything was asked for."""
        return (self.width, self.height, self.zoom) != (None, None, None)

    def width_of(self, columns: int, rows: float) -> float:
        """Return the width of a picture of so many pixels; what width and height say, it fits."""
        if self.width is None and self.height is None:
            return float(columns * (self.zoom or 1))
        widths = [] if self.width is None else [float(self.width)]
        if self.height is not None:
            widths.append(self.height * columns / rows)
        return min(widths)
