"""How many axes each verb takes beside rows, columns and channels.

Not here: which axes these are (`nbimage.arrays.axis_order`).
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class Further(NamedTuple):
    """How many axes a verb takes beside rows, columns and channels."""

    least: int
    most: int | None
    """None: any number."""
    kept: int
    """So many axes stay even where they are of length 1."""
    three: Literal["any", "stack", "named", "large"] = "any"
    """How three axes are read. "stack": as gray planes; "named": as these, unless one axis is named
    as channels; "large": as these, unless the last is 3 or 4 long and the others are longer."""
    wrong: str = ""
    """What the error says of more axes or fewer."""
    way: str = ""


ONE_PICTURE = Further(
    0,
    0,
    0,
    wrong="data must be one picture of 2 or 3 axes",
    way="nbgrid(data) shows them all, nbview(data) one at a time, data[0] is one",
)
ANY_NUMBER = Further(0, None, 0)
STACK_OF_FRAMES = Further(
    1,
    1,
    1,
    "stack",
    wrong="a stack must have 3 or 4 axes, frames first",
    way="give one picture as data[None]",
)
GRID_OF_PICTURES = Further(
    0,
    2,
    2,
    "large",
    wrong="images must have one or two axes before those of a picture",
    way="reshape it, or name its facets with row= and column=",
)
QUILTED = Further(0, None, 64, "named")
