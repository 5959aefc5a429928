"""Which axis of an array is what: rows, columns, the channels of a pixel, or a further one.

One table for every verb, for arrays in memory and in files, embedded in a page and in tiles:

======================  ====================  =========  ========  ==============================
shape                   names                 channels   further   read as
======================  ====================  =========  ========  ==============================
``(H, W)``              any                   none       none      gray
``(3, H, W)``           none                  0          none      planar colors
``(H, W, 3)``           none                  2          none      interleaved colors
``(H, W, 4)``           none                  2          none      uint8, floats in 0…1: colors
``(H, W, 4)``           none                  none       2         others: four channels
``(4, H, W)``           none                  none       0         four channels: no alpha
``(3|4, H, 3|4)``       none                  0          none      planar, with a UserWarning
``(1, H, W)``           none                  0          none      gray
``(H, W, 1)``           none                  2          none      gray
``(2, H, W)``           none                  none       0         a stack of two gray planes
``(T, H, W)``           none                  none       0         a stack of gray planes
``(T, 3, H, W)``        none                  1          0         a stack of planar colors
``(T, 4, H, W)``        none                  none       0, 1      a stack of four channels
``(T, H, W, 3|4)``      none                  3          0         a stack of interleaved colors
``(T, 3|4, H, 3|4)``    none                  1          0         planar, with a UserWarning
``(T, H, W, 1)``        none                  3          0         a stack of gray planes
``(T, Z, H, W)``        none                  none       0, 1      gray planes along two axes
``(T, Z, H, W, 3|4)``   none                  4          0, 1      colors along two axes
``(1, 1, H, W)``        none                  1          none      gray: the first axis is dropped
``(1, 3, H, W)``        none                  1          none      colors: the first is dropped
``(3|4, H, W)``         z or t, y, x          none       0         named: no colors
``(H, W, T)``           lat, lon, time        none       2         named: rows, columns, a stack
``(1, H, W)``           time, lat, lon        none       none      gray: time is dropped
``(3, H, W)``           band, y, x            0          none      named: colors
``(H, 3|4, W)``         y, c, x               1          none      named: colors
``(2, H, W)``           c, y, x               none       0         two channels, one at a time
``(3, H, W)``           c, y, x               0          none      named: bytes or floats: colors
``(3, H, W)``           c, y, x               none       0         other integers: channels
``(4, H, W)``           c or band, y, x       none       0         channels: none of them is alpha
``(H, W, 3)``           y, x, c               2          none      named: colors
``(H, W, 4)``           y, x, c               2          none      uint8, floats in 0…1: colors
``(H, W, 4)``           y, x, c               none       2         others: channels
======================  ====================  =========  ========  ==============================

Which channels are colors, and which a composite, is the table of `nbimage.arrays.colors`. The axis
of a composite is one of the further ones, and is called "channel" where nothing else is said.

Names are believed before any guess: the caller's (``axes=``) before the array's or the file's own.
Rows and columns are the axes named y and x, lat and lon, row and column or the like (see
`axis_names`), wherever they are; else the last two that are no channels, depth or time. They stay
in the array's own order, ``(x, y)`` too, but for the caller's "y" and "x". Channels are guessed
among the last three axes alone, and of an axis whose name says something else never.

A verb states with a `Further` how many axes it takes beside those of a picture. Axes of length 1
beyond that are dropped. `STACK_OF_FRAMES`, `GRID_OF_PICTURES` and `QUILTED` of `further` take three
unnamed axes as a stack of gray planes; a grid takes ``(H, W, 3|4)`` as one picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbimage.arrays.axis_names import (
    CHANNEL_NAMES,
    SAMPLE_NAMES,
    Names,
    axis_word,
    check_names,
    find_composite_axis,
    find_spatial,
    plain_name,
    rank_as_space,
)
from nbimage.arrays.channels import (
    check_channel_axis,
    check_channels,
    guess_channel_axis,
    warn_ambiguous,
)
from nbimage.arrays.colors import Samples, are_colors
from nbimage.arrays.further import ANY_NUMBER, Further, wrong_axes
from nbimage.base.box import Box
from nbimage.base.chunked import Array

LAYERS = "channel"
"""What an axis of channels is called that are no colors, where it has no such name."""


@dataclass(frozen=True, slots=True)
class AxisOrder:
    """What each axis of an array is."""

    rows: int
    columns: int
    channels: int | None
    """May be of length 1: gray."""
    further: tuple[int, ...]
    names: tuple[str, ...]
    """Of the further axes."""
    dropped: tuple[int, ...] = ()
    """Axes of length 1 that no index is needed for."""

    @property
    def count(self) -> int:
        """How many axes the array has."""
        return len(self.further) + len(self.dropped) + 2 + (self.channels is not None)

    @property
    def letters(self) -> list[int | str]:
        """What each axis is: "y", "x", ":" (channels), "0" (dropped) or a number in `further`."""
        found: dict[int | None, int | str] = {axis: i for i, axis in enumerate(self.further)}
        found |= dict.fromkeys(self.dropped, "0")
        found |= {self.channels: ":", self.rows: "y", self.columns: "x"}
        return [found[axis] for axis in range(self.count)]

    def axes(self, shape: Sequence[int]) -> tuple[tuple[str, int], ...]:
        """Return names and lengths of the further axes of an array of this shape."""
        return tuple(
            (name, int(shape[axis])) for name, axis in zip(self.names, self.further, strict=True)
        )

    def channel_count(self, shape: Sequence[int]) -> int:
        """Return how many channels a picture of an array of this shape has."""
        return 1 if self.channels is None else int(shape[self.channels])

    def single(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Return the axes of length 1 that no index is needed for, that of one channel too."""
        one = self.channels is not None and shape[self.channels] == 1
        return (*self.dropped, self.channels) if one and self.channels is not None else self.dropped

    def select(self, box: Box, index: tuple[int, ...]) -> tuple[Any, ...]:
        """Return what picks a part of a plane from the array."""
        where: list[Any] = [slice(None)] * self.count
        where[self.rows], where[self.columns] = box.slices
        for axis, number in zip(self.further, index, strict=True):
            where[axis] = number
        for axis in self.dropped:
            where[axis] = 0
        return tuple(where)

    def as_plane(self, part: Array) -> Array:
        """Return what `select` has picked as rows, columns and channels, in this order."""
        kept = sorted(axis for axis in (self.rows, self.columns, self.channels) if axis is not None)
        order = [kept.index(self.rows), kept.index(self.columns)]
        if self.channels is None:
            return part.transpose(order)
        part = part.transpose([*order, kept.index(self.channels)])
        return part[:, :, 0] if part.shape[2] == 1 else part

    def without_dropped(self) -> AxisOrder:
        """Return the order of the array's axes once `dropped` are gone."""
        gone = self.dropped

        def number(axis: int) -> int:
            return axis - sum(other < axis for other in gone)

        return AxisOrder(
            number(self.rows),
            number(self.columns),
            None if self.channels is None else number(self.channels),
            tuple(map(number, self.further)),
            self.names,
        )


GRAY = AxisOrder(0, 1, None, (), ())
"""That of two axes without names."""


def resolve_axis_order(
    shape: Sequence[int],
    names: Names | None = None,
    axes: Any = None,
    channel_axis: int | None = None,
    *,
    further: Further = ANY_NUMBER,
    colors: bool = True,
    channels: int | None = None,
    dtype: Any = None,
    samples: Samples | None = None,
) -> AxisOrder:
    """Find out which axis is what, by the table above.

    Parameters
    ----------
    shape : sequence of int
        The array's shape.
    names : tuple of (str or None), optional
        The axes' own names.
    axes : str or sequence of str, optional
        The caller's names, a letter or a word for each axis, which count more.
    channel_axis : int, optional
        Where the channels of a pixel are.
    further : Further
        How many axes the verb takes beside those of a picture.
    colors : bool
        False: unless ``axes`` or ``channel_axis`` say so, no axis holds the channels of a pixel.
    channels : int, optional
        So many channels are laid over one another, each in its own color.
    dtype : dtype, optional
        Of the samples: planes along an axis "c" of integers of more than a byte are no colors.
    samples : Samples, optional
        The array itself, and what its channels are called: floats beyond 0…1 have no alpha.

    Raises
    ------
    TypeError, ValueError
        For what no picture can be found in, and for names and axes that do not fit.
    """
    shape = tuple(int(n) for n in shape)
    if len(shape) < 2:
        raise ValueError(
            f"data must have at least 2 axes (height, width), but got shape {shape}: give it two"
        )
    if 0 in shape:
        raise ValueError(f"the data are empty: their shape is {shape}")
    if axes is not None:
        names = check_names(axes, shape)
    without_hints = names is None and channel_axis is None and channels is None
    if len(shape) == 2 and without_hints and further.least == 0:
        return GRAY
    lower = [plain_name(name) for name in names or (None,) * len(shape)]
    spatial = _find_spatial(names, axes)
    dtype = samples.array.dtype if dtype is None and samples is not None else dtype
    search = _ChannelSearch(shape, names, lower, spatial, axes is not None, further, dtype, samples)
    axis = search.find(channel_axis, colors, channels)
    layers = search.layers
    if channels is not None and channel_axis is None and spatial is None:
        spatial = search.before_colors(axis)
    left = [own for own in range(len(shape)) if own not in (axis, layers)]
    if len(left) < 2 or (spatial is not None and {axis, layers}.intersection(spatial)):
        raise ValueError(
            f"data must have rows and columns beside channels, but got channel_axis={channel_axis} "
            f"for shape {shape}"
        )
    rows, columns = spatial or sorted(sorted(left, key=lambda a: (rank_as_space(lower[a]), -a))[:2])
    others = [own for own in range(len(shape)) if own not in (rows, columns, axis)]
    dropped: list[int] = []
    if axes is None:
        for own in [own for own in others if shape[own] == 1]:
            if len(others) > further.kept:
                others.remove(own)
                dropped.append(own)
    if layers is not None and lower[layers] not in CHANNEL_NAMES | SAMPLE_NAMES:
        named = list(names or (None,) * len(shape))
        names = (*named[:layers], LAYERS, *named[layers + 1 :])
    known = tuple(axis_word(names, own) for own in others)
    count = len(others)
    if further.composite == "beside" and len(shape) > 3:
        lengths = [shape[own] for own in others]
        count -= find_composite_axis(list(zip(known, lengths, strict=True))) is not None
    if count < further.least or (further.most is not None and count > further.most):
        may_be_colors = len(others) == 1 and search.is_of_pixels(others[0], given=True)
        raise wrong_axes(shape, names, others, further, may_be_colors)
    return AxisOrder(rows, columns, axis, tuple(others), known, tuple(dropped))


class _ChannelSearch:
    """Which axis holds the channels: as the caller, the names or the lengths say."""

    def __init__(
        self,
        shape: tuple[int, ...],
        names: Names | None,
        lower: list[str],
        spatial: tuple[int, int] | None,
        named_by_caller: bool,
        further: Further,
        dtype: Any,
        samples: Samples | None,
    ) -> None:
        self.shape = shape
        self.names = names
        self.lower = lower
        self.spatial = spatial
        self.named_by_caller = named_by_caller
        self.further = further
        self.dtype = dtype
        self.samples = samples
        self.layers: int | None = None
        """The axis of channels that are no colors, where no name tells it."""

    def find(self, channel_axis: Any, colors: bool, channels: int | None) -> int | None:
        """Return the axis of the channels; None where there is none."""
        shape = self.shape
        if channel_axis is not None:
            axis = check_channel_axis(shape, channel_axis)
            if self.spatial is not None and self.named_by_caller and axis in self.spatial:
                raise ValueError(
                    f"channel_axis must be no axis of rows or columns, but got {channel_axis} for "
                    f"axes={self.names!r}"
                )
            if channels is None:
                colors_only = self.further.composite == "channels"
                return self._as_colors(check_channels(shape, axis, colors=colors_only))
            if shape[axis] != channels:
                raise ValueError(
                    f"channels must be {shape[axis]}, one for each along axis {axis} of shape "
                    f"{shape}, but got {channels}"
                )
            return axis
        if channels is not None:
            return self._of_length(channels)
        if not colors and not self.named_by_caller:
            return None
        named = self._named()
        if named is not None or self.named_by_caller:
            return named
        return self._guessed()

    def _named(self) -> int | None:
        """Return the axis whose name and length say that it holds channels; samples go first."""
        shape, further = self.shape, self.further
        if len(shape) < 3 or (len(shape) == 3 and further.three == "stack"):
            return None
        if len(shape) == 3 and further.three == "large" and not self._large():
            return None
        for words in (SAMPLE_NAMES, CHANNEL_NAMES):
            found = [axis for axis, name in enumerate(self.lower) if name in words]
            if len(found) > 1:
                raise ValueError(
                    f"axes must have one of channels, but got {len(found)} in {self.names}: give "
                    "channel_axis"
                )
            if found and shape[found[0]] in ((1, 2, 3, 4) if words is SAMPLE_NAMES else (1, 3, 4)):
                return found[0] if self.is_of_pixels(found[0]) else None
        return None

    def is_of_pixels(self, axis: int, *, given: bool = False) -> bool:
        """Say whether channels are the colors of a pixel rather than planes of other sources."""
        labels = [] if self.samples is None else self.samples.labels(axis)
        return are_colors(
            self.shape[axis],
            self.lower[axis],
            self.dtype,
            last=axis == len(self.shape) - 1,
            given=given or (self.named_by_caller and self.shape[axis] == 3),
            labels=labels,
            samples=self.samples,
        )

    def _as_colors(self, axis: int) -> int | None:
        """Return an axis that was given or guessed; None for channels that are no colors."""
        if self.further.composite == "channels" or self.is_of_pixels(axis, given=True):
            return axis
        self.layers = axis
        return None

    def _guessed(self) -> int | None:
        """Return the axis that lengths make out among the last three, with a warning if unsure."""
        shape, names = self.shape, self.names
        last = range(len(shape) - 3, len(shape))
        if len(shape) < 3 or (self.spatial is not None and not set(self.spatial) <= set(last)):
            return None
        three = self.further.three
        if len(shape) == 3 and three != "any" and not (three == "large" and self._large()):
            return None
        own: Names | None = None
        if names is not None:
            # of a stack, and where names tell rows and columns, only an axis without one is guessed
            every = len(shape) > 3 or self.spatial is not None or all(self.lower)
            channels = CHANNEL_NAMES | SAMPLE_NAMES
            own = tuple(
                "n" if (every and self.lower[axis]) or self.lower[axis] in channels else names[axis]
                for axis in last
            )
        try:
            guess = guess_channel_axis(shape[-3:], own)
        except ValueError:
            return None
        if guess.ambiguous:
            warn_ambiguous(shape, guess)
        return None if guess.axis is None else self._as_colors(len(shape) - 3 + guess.axis % 3)

    def before_colors(self, composite: int | None) -> tuple[int, int] | None:
        """Return rows and columns before colors that are laid over one another one by one."""
        count = len(self.shape)
        colors = count > 3 and self.shape[-1] in (3, 4) and self.shape[-3] not in (3, 4)
        if not colors or any(self.lower) or composite in (count - 3, count - 2, count - 1):
            return None
        return count - 3, count - 2

    def _large(self) -> bool:
        """Say whether three axes look like one picture in colors, not like a stack of slivers."""
        return min(self.shape[:2]) > 4 and self.shape[2] in (3, 4)

    def _of_length(self, count: int) -> int:
        """Return the axis that holds as many channels as were named: one that is called so first.

        Also of an axis that is called otherwise, as of any image of planes.
        """
        shape = self.shape
        several = range(len(shape)) if len(shape) > 2 else range(0)
        named = [axis for axis in several if self.lower[axis] in CHANNEL_NAMES]
        free: list[int] = [axis for axis in several if axis not in (len(shape) - 2, len(shape) - 1)]
        free += [len(shape) - 1] if several else []
        if self.spatial is not None:
            free = [axis for axis in range(len(shape)) if axis not in self.spatial]
        for axis in (*named, *free):
            if shape[axis] == count:
                return axis
        if named:
            raise ValueError(
                f"channels must be {shape[named[0]]}, one for each along axis {named[0]} of shape "
                f"{shape}, but got {count}"
            )
        raise ValueError(
            f"channels must have an axis, but none of shape {shape} is {count} long: give "
            "channel_axis, or one color for each channel"
        )


def _find_spatial(names: Names | None, axes: Any) -> tuple[int, int] | None:
    """Return rows and columns where names tell them: the caller's "y" and "x" in any order."""
    lower = [] if axes is None else [name.lower() for name in axes]
    if {"y", "x"} <= set(lower):
        return lower.index("y"), lower.index("x")
    return find_spatial(names)
