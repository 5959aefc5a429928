"""Limits of tiled views of which few values count: a sample that misses is no proof."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from nbimage import View, open_pyramid
from nbimage.arrays.ingest import Values
from nbimage.pyramid.levels import limit_samples
from nbimage.pyramid.levels.sparse_samples import find_sparse_samples, spread_boxes

Array = np.ndarray[Any, Any]


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit_samples, "_SEARCHING_SECONDS", 600)


def sparse(fill: float, dtype: Any) -> Array:
    array = np.full((3000, 3100), fill, dtype)
    array[1234, 1000:1300] = np.arange(1, 301)
    return array


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (1, 300)),
        ({"contrast": "robust"}, (6.98, 294.02)),
        ({"norm": "log"}, (1, 300)),
        ({"norm": "log", "contrast": "robust"}, (6.98, 294.02)),
    ],
    ids=str,
)
@pytest.mark.parametrize("lazy", [False, True])
def test_few_finite_values_give_the_first_limits(
    options: dict[str, Any], expected: tuple[float, float], lazy: bool
) -> None:
    array = sparse(np.nan, np.float32)
    if lazy:
        import dask.array

        array = dask.array.from_array(array, chunks=(500, 3100))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        view = View(array, embed=False, **options)
    np.testing.assert_allclose(view.state["displays"][0]["limits"], [expected], rtol=1e-6)
    view.close()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (0, 300)),
        ({"norm": "log"}, (1, 300)),
        ({"norm": "log", "contrast": "robust"}, (6.98, 294.02)),
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_few_counts_among_zeros_give_the_first_limits(
    options: dict[str, Any], expected: tuple[float, float], dtype: Any
) -> None:
    view = View(sparse(0, dtype), embed=False, **options)
    np.testing.assert_allclose(view.state["displays"][0]["limits"], [expected], rtol=1e-6)
    view.close()


def test_few_values_of_a_channel_give_its_limits() -> None:
    array = np.stack([sparse(np.nan, np.float32), sparse(0, np.float32)])
    view = View(array, embed=False, axes="cyx", channels=["a", "b"], contrast="minmax")
    found = view.state["displays"][0]["limits"]
    np.testing.assert_allclose(found, [(1, 300), (0, 300)])
    view.close()


def test_estimated_limits_of_few_finite_values_are_exact() -> None:
    array = np.full((5000, 5000), np.nan, np.float32)
    array[4321, 17] = 5
    assert open_pyramid(array).limits() == (5, 5)
    with pytest.raises(ValueError, match="there are none"):
        open_pyramid(np.full((100, 100), np.nan)).limits()


def test_boxes_cover_all_once() -> None:
    seen = np.zeros((2500, 1100), int)
    for box in spread_boxes(2500, 1100):
        seen[box.slices] += 1
    assert (seen == 1).all()


def test_blocks_are_not_read_where_the_samples_suffice() -> None:
    def blocks() -> Any:
        raise AssertionError("nothing is to be read")
        yield

    samples = [Values(np.arange(20.0).reshape(4, 5))]
    assert find_sparse_samples(blocks(), samples, "finite", 1) == samples


def test_no_more_is_read_when_the_time_is_over() -> None:
    read = []

    def blocks() -> Any:
        for number in range(100):
            read.append(number)
            yield Values(np.full((4, 4), np.nan))

    samples = [Values(np.full((4, 4), np.nan))]
    assert find_sparse_samples(blocks(), samples, "finite", -1) == samples
    assert read == [0]


def test_masked_values_count_for_nothing() -> None:
    array = np.arange(64.0).reshape(8, 8)
    found = find_sparse_samples(
        [Values(array, array > 5)], [Values(array, np.ones((8, 8), bool))], "positive", 1
    )
    assert sorted(np.ravel(found[0].array).tolist()) == [1, 2, 3, 4, 5]


def test_where_there_are_no_samples_each_channel_has_its_own() -> None:
    nothing = np.full((4, 5, 2), np.nan)
    some = nothing.copy()
    some[1, 2, 1] = 7
    [found] = find_sparse_samples([Values(nothing), Values(some)], [], "finite", 600, 2)
    assert [found.array[~found.mask[..., number], number].tolist() for number in (0, 1)] == [
        [],
        [7],
    ]
    [found] = find_sparse_samples([Values(nothing)], [], "finite", 600, 2)
    assert np.isnan(found.array).all() and found.array.shape == nothing.shape
