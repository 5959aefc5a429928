"""What `contrast="infer"` takes as white where fewer bits are used than the dtype has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage import Grid, Picture, Video, View, open_pyramid, write_dzi, write_ome_zarr
from tests.pack_bits import let_tifffile_pack

let_tifffile_pack()
Array = np.ndarray[Any, Any]
VALUES = np.random.default_rng(12).integers(0, 4000, (40, 60), dtype=np.uint16)
RIGHT = VALUES >> 4


def of_12_bits(folder: Path) -> Any:
    tifffile.imwrite(folder / "a.tif", VALUES, bitspersample=12, photometric="minisblack")
    return folder / "a.tif"


def of_12_bits_and_missing(folder: Path) -> Any:
    tags = [(42113, "s", 0, "4095", True)]
    options: Any = {"bitspersample": 12, "photometric": "minisblack", "extratags": tags}
    tifffile.imwrite(folder / "a.tif", VALUES, **options)
    return folder / "a.tif"


def of_pillow(folder: Path) -> Any:
    return Image.open(of_12_bits(folder))


def of_ome(folder: Path) -> Any:
    tifffile.imwrite(folder / "a.ome.tif", VALUES, metadata={"SignificantBits": 12})
    return folder / "a.ome.tif"


def of_dicom(folder: Path) -> Any:
    from tests.arrays.dicom.test_values import dataset

    return dataset(VALUES, bits=12)


@pytest.mark.parametrize("make", [of_12_bits, of_12_bits_and_missing, of_pillow, of_ome, of_dicom])
def test_the_bits_that_are_used_are_the_full_scale(
    make: Callable[[Path], Any], tmp_path: Path
) -> None:
    data = make(tmp_path)
    assert np.array_equal(Picture(data, contrast="infer").pixels, RIGHT)
    assert np.array_equal(Grid([data], contrast="infer").pictures[0].pixels, RIGHT)
    assert "black is 0, white is 4095" in Video([data, data], contrast="infer").description
    assert "black is 0, white is 4095" in repr(View(data, contrast="infer"))
    assert "black is 0, white is 4095" in repr(View(data, contrast="infer", embed=False))
    path = tmp_path / "a.dzi"
    write_dzi(data, path, format="png", contrast="infer", progress=False)
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0), RIGHT)
    assert np.array_equal(Picture(data, vmin=0, vmax=4096).pixels, RIGHT)
    low, high = VALUES.min(), VALUES.max()
    assert f"black is {low}, white is {high}" in Picture(data).description
    with open_pyramid(write_ome_zarr(data, tmp_path / "a.zarr", progress=False)) as pyramid:
        assert f"black is {low}, white is {high}" in Picture(pyramid).description


def test_more_bits_than_are_used_have_the_range_of_their_dtype(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", VALUES)
    assert "white is 65535" in Picture(tmp_path / "a.tif", contrast="infer").description


@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize(("bits", "top"), [((10, 12), 4095), ((12, 10), 4095), ((10, 16), 65535)])
def test_pictures_that_share_a_range_share_the_largest_full_scale(
    bits: tuple[int, int], top: int, embed: bool, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{i}.tif" for i in range(2)]
    for path, count in zip(paths, bits, strict=True):
        options: Any = {} if count == 16 else {"bitspersample": count}
        tifffile.imwrite(path, VALUES >> 2, photometric="minisblack", **options)
    for order in (paths, paths[::-1]):
        for picture in Grid(order, contrast="infer").pictures:
            assert f"black is 0, white is {top}" in picture.description
        view = View(order, contrast="infer", embed=embed)
        assert [image.limits[0].vmax for image in view.model.images] == [(top,), (top,)]
    own = [picture.description for picture in Grid(paths, contrast="infer", shared=False).pictures]
    assert all(f"white is {(1 << n) - 1}" in text for n, text in zip(bits, own, strict=True))
