"""Work that is shared out over threads."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from nbimage.base.chunked import share_out


def double(numbers: Sequence[int]) -> list[int]:
    return [2 * number for number in numbers]


def test_work_that_is_shared_out_shares_out_itself() -> None:
    def work(numbers: Sequence[int]) -> int:
        return sum(sum(map(sum, share_out(double, range(number)))) for number in numbers)

    whole = sum(number * (number - 1) for number in range(50))
    assert sum(share_out(work, range(50))) == whole


def test_an_error_in_any_share_is_raised_and_nothing_goes_on() -> None:
    begun: list[int] = []
    ended: list[int] = []

    def work(numbers: Sequence[int]) -> None:
        begun.extend(numbers)
        try:
            if 1 in numbers:
                raise ValueError("one")
        finally:
            ended.extend(numbers)

    with pytest.raises(ValueError, match="one"):
        share_out(work, range(8))
    assert 1 in begun and sorted(begun) == sorted(ended)
