"""Channels that are picked by their names, and how much of a source tells its limits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nbimage.base.box import Box
from nbimage.pyramid.core.grid import Grid
from nbimage.pyramid.core.picked import pick_named
from nbimage.pyramid.core.sampled_blocks import all_blocks, some_blocks
from nbimage.pyramid.core.source import Source

NAMES = ("a", "b", "c", "d")
COLORS = ("#100000", "#200000", "#300000", "#400000")


class Numbers(Source):
    """Samples that say which channel they are of."""

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> np.ndarray:
        if self.channels > 1:
            return np.broadcast_to(np.arange(self.channels), (*box.shape, self.channels))
        return np.full(box.shape, index[[name for name, _ in self.axes].index("c")])


@pytest.mark.parametrize("picked", ["b", "db", "acd", "bcda"])
@pytest.mark.parametrize("colors", [(), COLORS])
@pytest.mark.parametrize("along", [True, False], ids=["planes", "samples"])
def test_channels_have_their_own_samples_and_colors(
    picked: str, colors: tuple[str, ...], along: bool
) -> None:
    options: dict[str, Any] = {"axes": (("t", 2), ("c", 4))} if along else {"channels": 4}
    source = Numbers(
        shapes=((3, 5),), dtype="u1", channel_names=NAMES, channel_colors=colors, **options
    )
    found = pick_named(source, tuple(picked))
    assert found is not None and found.channels == 1
    numbers = [NAMES.index(name) for name in picked]
    lengths = dict(found.axes)
    several = len(picked) > 1
    assert lengths.pop("c" if along else "s", 1) == len(picked)
    assert lengths == ({"t": 2} if along else {})
    assert found.channel_names == (tuple(picked) if several else ())
    own = tuple(colors[n] for n in numbers) if colors else ()
    default = ("#ff0000", "#00ff00", "#0000ff") if len(picked) == 3 else ()
    assert found.channel_colors == ((own or default) if several else ())
    for at, number in enumerate(numbers):
        where = (*((1,) if along else ()), *((at,) if several else ()))
        assert (found.read(0, Box(0, 0, 3, 5), where) == number).all()


# How much is read for limits


@pytest.mark.parametrize("planes", [1, 2, 7])
@pytest.mark.parametrize("channels", [1, 3, 8, 60, 1000])
def test_limits_come_from_four_million_samples_or_eight_blocks(channels: int, planes: int) -> None:
    source = Numbers(
        shapes=((1 << 14, 1 << 14),), dtype="u1", channels=channels, axes=(("t", planes),)
    )
    found = list(some_blocks(source))
    shown = {index for _, _, index in found}
    assert shown == {(0,), (planes // 2,), (planes - 1,)}
    assert {box.shape for _, box, _ in found} == {(256, 256)}
    assert len(found) == max(1, max(8, 64 // channels) // len(shown)) * len(shown)
    assert found == list(some_blocks(source))
    grid = Grid((1 << 14, 1 << 14), (256, 256))
    numbers = {grid.box_of(number): number for number in range(grid.total)}
    count = len(found) // len(shown)
    for index in shown:  # one of each of so many equal parts
        own = [numbers[box] * count // grid.total for _, box, other in found if other == index]
        assert own == list(range(count))


@pytest.mark.parametrize("levels", range(1, 8))
def test_limits_come_from_the_smallest_level_of_a_million_samples(levels: int) -> None:
    shapes = tuple((1 << 13 >> level, 1 << 12 >> level) for level in range(levels))
    source = Numbers(shapes=shapes, dtype="u1")
    assert {level for level, _, _ in some_blocks(source)} == {min(levels - 1, 2)}


def test_all_blocks_are_every_sample_of_every_plane_once() -> None:
    source = Numbers(shapes=((2100, 4200),), dtype="u1", axes=(("t", 2), ("c", 3)))
    count = np.zeros((2, 3, 2100, 4200), np.uint8)
    for level, box, index in all_blocks(source):
        assert level == 0
        assert math.prod(box.shape) <= 1 << 22
        count[(*index, *box.slices)] += 1
    assert (count == 1).all()
