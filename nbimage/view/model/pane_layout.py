"""How the panes of a view are laid out, and which images have one look together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nbimage.view.model.images import Image
from nbimage.view.model.stack import Stack


def check_numbers(columns: Any, spacing: Any, fps: Any) -> None:
    """Raise ValueError for numbers that make no sense."""
    whole = hasattr(columns, "__index__") and not isinstance(columns, bool)
    if columns is not None and not (whole and columns >= 1):
        raise ValueError(f"columns must be 1 or more, but got {columns!r}")
    for name, number in (("spacing", spacing), ("fps", fps)):
        if number is not None and not 0 < number < math.inf:
            raise ValueError(f"{name} must be finite and above 0, but got {number!r}")


def layout_of(
    images: list[Image], facet: Any, columns: Any, ortho: bool, spacing: Any
) -> tuple[str, int]:
    """Return how panes are laid out, and the number of the axis that lies side by side."""
    compared = len(images) > 1
    asked = {"facet": facet is not None, "ortho": bool(ortho), "several arrays": compared}
    wanted = [name for name, on in asked.items() if on]
    if len(wanted) > 1:
        raise ValueError(f"{wanted[0]} must be left out with {wanted[1]}: they are other layouts")
    if columns is not None and wanted not in (["facet"], ["several arrays"]):
        raise ValueError(
            "columns must be left out where there are neither facets nor several arrays"
        )
    if spacing is not None and not ortho:
        raise ValueError("spacing must be left out where ortho is False")
    if ortho:
        stack = images[0].stack
        if not isinstance(stack, Stack):
            raise ValueError(
                "ortho must have an array that is kept in the page: give embed=True, or a part"
            )
        if not stack.further:
            raise ValueError(
                "ortho must have a volume, with an axis beside rows, columns and channels, but got "
                f"shape {stack.values.shape}"
            )
        words = [name.partition(" ")[0].lower() for name in stack.names]
        depth = words.index("z") if "z" in words else len(words) - 1
        images[0].stack = stack.last(depth)
        return "ortho", -1
    if facet is not None:
        return "facet", images[0].stack.find("facet", facet)
    return ("compare" if compared else "single"), -1


def groups(images: Sequence[Image], shared: bool) -> list[list[int]]:
    """Return which images have one look together."""
    every = list(range(len(images)))
    kinds = {image.kind for image in images}
    if shared and len(kinds) == 1 and kinds != {"composite"}:
        return [every]
    return [[i] for i in every]
