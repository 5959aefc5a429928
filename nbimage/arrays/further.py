"""How many axes each verb takes beside rows, columns and channels.

Not here: which axes these are (`nbimage.arrays.axis_order`).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from nbimage.arrays.axis_names import CHANNEL_NAMES, Names, axis_word, plain_name
from nbimage.arrays.channels import guess_channel_axis


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
    composite: Literal["further", "beside", "channels"] = "further"
    """What channels that are no colors are: one of the further axes, one beside these, or the
    channels of a pixel like any others, whose samples are left as they are."""


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
    composite="beside",
)
QUILTED = Further(0, None, 64, "named", composite="channels")


def wrong_axes(
    shape: tuple[int, ...],
    names: Names | None,
    others: list[int],
    further: Further,
    may_be_colors: bool,
) -> ValueError:
    """Return what is wrong with an array that has too few further axes for a verb, or too many.

    ``may_be_colors``: the only one is of the colors of a pixel if the caller says so.
    """
    if names is not None and any(map(plain_name, names)) and others and further.most in (0, 1):
        lengths = " and ".join(f"{shape[axis]} along {axis_word(names, axis)!r}" for axis in others)
        if further is not ONE_PICTURE:
            wrong, way = (
                "a stack must have one axis of frames",
                "pick one along the others, or nbview",
            )
            return ValueError(f"{wrong}, but got {lengths} in shape {shape}: {way}")
        way = "pick one of them, or show all with nbview"
        if may_be_colors and plain_name(names[others[0]]) in CHANNEL_NAMES:
            way = f"give channel_axis={others[0]} if these are the channels of a pixel, or {way}"
        return ValueError(f"data must be one picture, but hold {lengths} in shape {shape}: {way}")
    if further in (ONE_PICTURE, STACK_OF_FRAMES) and len(shape) == 3 + further.kept:
        guess_channel_axis(shape[-3:], names[-3:] if names else None)  # says what is wrong
    way = further.way
    if further is STACK_OF_FRAMES and len(shape) == 2:
        way = f"nbimage(data) shows one picture; {way}"
    return ValueError(f"{further.wrong}, but got shape {shape}: {way}")
