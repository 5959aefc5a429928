"""A file that was fetched as a whole is what the same file is on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nbimage.base.box import Box
from nbimage.pyramid.sources.array import open_array
from nbimage.pyramid.sources.downloaded import DownloadedSource


class Remote:
    """A file at an address, as far as it is asked here."""

    def __init__(self, copy: Path) -> None:
        self._copy = copy

    def __str__(self) -> str:
        return "https://example.com/image"

    def download(self) -> Path:
        self._copy.write_bytes(b"")
        return self._copy

    def close(self) -> None:
        pass


def test_integers_that_no_float_holds_are_exact_beside_missing_ones(tmp_path: Path) -> None:
    data = np.ma.masked_equal(np.array([[2**60 + 1, -1], [5, 2**53 + 1]]), -1)
    remote: Any = Remote(tmp_path / "copy")
    source = DownloadedSource(remote, (), lambda path: open_array(data, None, None))
    assert source.dtype == np.float64
    samples, missing = source.read_stored(0, Box(0, 2, 0, 2))
    assert samples.dtype == np.int64
    assert missing is not None
    assert missing.tolist() == [[False, True], [False, False]]
    assert samples[~missing].tolist() == [2**60 + 1, 5, 2**53 + 1]
    source.close()
    assert not (tmp_path / "copy").exists()
