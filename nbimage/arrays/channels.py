"""Which axis of one picture holds its channels; of stacks see `axis_order`, which asks here.

Not here: whether they are the colors of a pixel (`nbimage.arrays.colors`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from nbimage.arrays.axis_names import (
    CHANNEL_NAMES,
    SAMPLE_NAMES,
    SPATIAL_NAMES,
    STACK_NAMES,
    Names,
)
from nbimage.arrays.colors import MOST
from nbimage.base.doors import door
from nbimage.base.user_warnings import warn


class Guess(NamedTuple):
    """What a shape was taken for, and why."""

    axis: int | None
    """0 (planar), another axis (a name said so), -1 (interleaved) or None (gray, no such axis)."""
    reason: str
    ambiguous: bool = False


@door
def guess_channel_axis(shape: tuple[int, ...], names: Names | None = None) -> Guess:
    """Guess which axis of one picture's shape holds its channels.

    ==================  ===========================  ====  ====================================
    shape               named                        axis  reason
    ==================  ===========================  ====  ====================================
    ``(H, W)``          any                          None  two axes are a gray picture
    3-D                 one of `CHANNEL_NAMES`       that  the axis is named so
    ``(3|4, H, W)``     not otherwise                0     planar: of 4 none is alpha
    ``(H, W, 3|4)``     not otherwise                -1    interleaved
    ``(3|4, H, 3|4)``   not otherwise                0     both fit; planar is taken, ambiguous
    ``(1, H, W)``       not otherwise                0     one plane: gray
    ``(H, W, 1)``       not otherwise                -1    one channel: gray
    ==================  ===========================  ====  ====================================

    An axis named as space, time or depth is never taken for channels by its length. Color goes
    before gray where both fit, and that is ambiguous too: ``(1, 5, 3)`` is a row of five colors.

    Parameters
    ----------
    shape : tuple of int
        The shape, with two or three axes.
    names : tuple of (str or None), optional
        The axes' names, as xarray's dims or torch's names give them.

    Raises
    ------
    ValueError
        If no reading fits; the message says what to do.

    Examples
    --------
    >>> nbimage.guess_channel_axis((480, 640, 3))
    Guess(axis=-1, reason='interleaved', ambiguous=False)
    >>> nbimage.guess_channel_axis((3, 480, 640)).axis
    0
    >>> nbimage.guess_channel_axis((3, 480, 640), ("time", "y", "x"))
    Traceback (most recent call last):
        ...
    ValueError: channels must be the first or the last axis and 1, 3 or 4 of...
    """
    if len(shape) == 2:
        return Guess(None, "two axes are a gray picture")
    if len(shape) != 3:
        raise ValueError(
            f"data must be one picture of 2 or 3 axes, but got shape {shape}: "
            "nbgrid(data) shows them all, nbview(data) one at a time, data[0] is one"
        )
    lower = tuple((name or "").lower() for name in names) if names else ("", "", "")
    for axis, name in enumerate(lower):
        if name in CHANNEL_NAMES or name in SAMPLE_NAMES:
            return Guess(axis, f"the axis is named {name!r}")
    free = [name not in SPATIAL_NAMES and name not in STACK_NAMES for name in lower]
    color = [axis for axis in (0, 2) if free[axis] and shape[axis] in (3, 4)]
    single = [axis for axis in (0, 2) if free[axis] and shape[axis] == 1]
    fitting = color + single
    if not fitting:
        raise ValueError(
            f"channels must be the first or the last axis and 1, 3 or 4 of them, but got shape "
            f"{shape}: nbgrid(data) shows all planes, nbview(data) one at a time, data[0] is one; "
            "channel_axis= says where channels are"
        )
    axis = fitting[0]
    ambiguous = len(fitting) > 1 and shape != (1, 1, 1)
    if axis in single:
        return Guess(axis and -1, "one channel: gray", ambiguous)
    return Guess(axis and -1, "interleaved" if axis else "planar", ambiguous)


def resolve_channel_axis(
    shape: tuple[int, ...], channel_axis: int | None = None, names: Names | None = None
) -> int | None:
    """Return the channel axis of one picture, from 0 on, or None: given, or guessed with a warning.

    Raises ValueError if the axis given is not there or holds more than 8 channels.
    """
    if channel_axis is not None:
        return check_channels(shape, check_channel_axis(shape, channel_axis))
    guess = guess_channel_axis(shape, names)
    if guess.ambiguous:
        warn_ambiguous(shape, guess)
    return None if guess.axis is None else check_channels(shape, guess.axis % len(shape))


def warn_ambiguous(shape: tuple[int, ...], guess: Guess) -> None:
    """Warn that the last three axes of a shape fit two layouts, and say which one was taken."""
    first = len(shape) - 3
    own, other = (first, -1) if guess.axis == 0 else (-1, first)
    layout = "planar" if guess.axis == 0 else "interleaved"
    warn(
        f"shape {shape} fits two channel layouts and was taken as {layout}: "
        f"give channel_axis={own} to keep that silently, or channel_axis={other}",
    )


def check_channel_axis(shape: tuple[int, ...], channel_axis: Any) -> int:
    """Return the caller's channel axis as a number from 0 on."""
    if isinstance(channel_axis, bool) or not hasattr(channel_axis, "__index__"):
        raise TypeError(f"channel_axis must be an integer or None, but got {channel_axis!r}")
    if len(shape) < 3 or not -len(shape) <= channel_axis < len(shape):
        raise ValueError(
            f"channel_axis must be 0, -1 or None, but got {channel_axis} for an array of shape "
            f"{shape}"
        )
    return int(channel_axis) % len(shape)


def check_channels(shape: tuple[int, ...], axis: int, *, colors: bool = False) -> int:
    """Return the axis again. Raises ValueError for more than 8 channels, or than 4 colors."""
    if colors and shape[axis] not in (1, 2, 3, 4):
        raise ValueError(
            f"channels must be 1, 2, 3 or 4, but got {shape[axis]} along axis {axis} "
            f"of an array of shape {shape}"
        )
    if not 1 <= shape[axis] <= MOST:
        raise ValueError(
            f"channels must be 1 to {MOST}, but got {shape[axis]} along axis {axis} "
            f"of an array of shape {shape}: channels= names more"
        )
    return axis
