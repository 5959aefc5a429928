"""Grids of PyTorch's batches and polars' series."""

from __future__ import annotations

import numpy as np
import polars as pl
import torch

from nbimage import Grid
from tests.grids.test_grid import RANDOM, shapes, told


def test_torch_batches_are_planar_and_nothing_is_warned_of() -> None:
    batch = torch.rand(4, 3, 20, 30)
    for grid, said in (
        told(lambda: Grid(batch)),
        told(lambda: Grid(list(batch))),
        told(lambda: Grid(batch.clone().requires_grad_())),
    ):
        assert shapes(grid) == [(20, 30, 3)] * 4
        assert said == []
    assert shapes(Grid(torch.rand(4, 1, 20, 30))) == [(20, 30)] * 4
    assert shapes(Grid(torch.rand(2, 4, 3, 20, 30))) == [(20, 30, 3)] * 8


def test_a_series_of_polars_keeps_the_type_of_its_values() -> None:
    stack = RANDOM.integers(0, 99, (3, 4, 5), dtype=np.uint8)
    for series in (pl.Series(stack), pl.Series(list(stack), dtype=pl.Object)):
        grid = Grid(series)
        assert all(np.array_equal(p.pixels, a) for p, a in zip(grid.pictures, stack, strict=True))
    nested = pl.Series(stack.tolist(), dtype=pl.List(pl.List(pl.UInt8)))
    assert np.array_equal(np.stack([p.pixels for p in Grid(nested).pictures]), stack)
