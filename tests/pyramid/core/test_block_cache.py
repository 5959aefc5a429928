"""Blocks that were read last: no more of them than there may be, but those that are held."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nbimage.pyramid.core.block_cache import BlockCache

SIZE = 100  # bytes of a block


class Counted:
    """A cache of so many blocks, and which ones were read."""

    def __init__(self, blocks: int) -> None:
        self.cache, self.read = BlockCache(blocks * SIZE), list[int]()

    def get(self, *keys: int) -> None:
        for key in keys:
            assert self.cache.get(key, lambda key=key: self._made(key))[0] == key

    def _made(self, key: int) -> np.ndarray:
        self.read.append(key)
        return np.full(SIZE, key, np.uint8)


def test_what_is_held_is_read_once_however_far_others_are() -> None:
    one = Counted(2)
    with one.cache.hold([1, 2, 3]):
        one.get(1)
        one.get(*range(10, 30))  # another thread, which is ahead
        one.get(1, 2)
        one.get(*range(30, 50))
        one.get(1, 2, 3)
    assert [key for key in one.read if key < 10] == [1, 2, 3]


def test_as_much_is_kept_as_there_may_be() -> None:
    one = Counted(3)
    one.get(1, 2, 3)
    one.get(1, 2, 3)
    assert one.read == [1, 2, 3]


def test_what_was_held_by_two_is_kept_until_both_are_done() -> None:
    one = Counted(1)
    with one.cache.hold([1]):
        with one.cache.hold([1]):
            one.get(1)
        one.get(2, 3, 1)
    assert one.read.count(1) == 1
    one.get(2, 3, 1)
    assert one.read.count(1) == 2


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 9), st.sets(st.integers(0, 9), max_size=4)), max_size=30),
)
def test_no_more_is_kept_than_there_may_be_but_what_is_held(
    blocks: int, steps: list[tuple[int, set[int]]]
) -> None:
    one = Counted(blocks)
    for key, held in steps:
        with one.cache.hold(held):
            one.get(key)
            assert len(one.cache._blocks) <= blocks + len(held)
        assert len(one.cache._blocks) <= blocks
        assert one.cache._bytes == len(one.cache._blocks) * SIZE
        assert not one.cache._held
