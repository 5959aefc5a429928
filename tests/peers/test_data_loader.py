"""PyTorch's workers read a pyramid that was opened before they were started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from nbimage import open_pyramid, write_dzi, write_ome_zarr, write_tiff
from nbimage.pyramid.core.pyramid import Pyramid

SIDE, COUNT = 64, 8
ROWS = np.arange(SIDE * COUNT) // SIDE
TILES = (ROWS[:, None] * COUNT + ROWS + 1).astype(np.uint8)
WRITERS: dict[str, Any] = {
    "a.tif": lambda path: write_tiff(TILES, path, tile_size=SIDE, progress=False),
    "b.tif": lambda path: write_tiff(TILES, path, tile_size=SIDE, compression=None, progress=False),
    "a.szi": lambda path: write_dzi(TILES, path, format="png", tile_size=SIDE, progress=False),
    "a.dzi": lambda path: write_dzi(TILES, path, format="png", tile_size=SIDE, progress=False),
    "a.ome.zarr": lambda path: write_ome_zarr(TILES, path, chunk_size=SIDE, progress=False),
}


class Tiles(Dataset[Any]):
    """The tiles of a pyramid again and again, each with the number that it is full of."""

    def __init__(self, pyramid: Pyramid) -> None:
        self.pyramid = pyramid

    def __len__(self) -> int:
        return 4 * COUNT * COUNT

    def __getitem__(self, number: int) -> Any:
        """Return a tile and its number."""
        row, column = divmod(number % (COUNT * COUNT), COUNT)
        top, left = row * SIDE, column * SIDE
        tile = self.pyramid.read(0, slice(top, top + SIDE), slice(left, left + SIDE))
        return torch.from_numpy(tile.copy()), number % (COUNT * COUNT) + 1


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@pytest.mark.parametrize("context", ["fork", "spawn"])
@pytest.mark.parametrize("name", WRITERS)
def test_workers_read_the_tiles_that_were_asked_for(
    tmp_path: Path, name: str, context: str
) -> None:
    with open_pyramid(WRITERS[name](tmp_path / name)) as pyramid:
        assert pyramid.read(0, slice(9), slice(9)).max() == 1
        loader = DataLoader(
            Tiles(pyramid),
            batch_size=8,
            shuffle=True,
            num_workers=2,
            multiprocessing_context=context,
            timeout=120,
        )
        seen = 0
        for tiles, numbers in loader:
            assert torch.equal(tiles, numbers[:, None, None].expand_as(tiles).to(tiles.dtype))
            seen += len(numbers)
        assert seen == len(loader.dataset)  # type: ignore[arg-type]
