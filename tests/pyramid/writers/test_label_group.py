"""Label images written into an OME-Zarr image: listed there, with what is known of labels."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import open_pyramid, write_ome_zarr
from nbimage.pyramid.core.pyramid import Pyramid
from tests.blocks import Blocks
from tests.ngff_files import samples, write_image, write_labels
from tests.optional import zarr

DATA, CELLS = samples(60, 80), samples(60, 80, dtype="int32")


@pytest.mark.parametrize("version", ["0.4", "0.5", "0.6"])
def test_label_images_are_listed_in_the_image(tmp_path: Path, version: str) -> None:
    image = write_ome_zarr(DATA, tmp_path / "x.zarr", version=version)
    for name in ("cells", "nuclei", "cells"):
        write_ome_zarr(CELLS, image / "labels" / name, version=version, labels=True)
    with open_pyramid(image) as pyramid:
        assert np.array_equal(pyramid.read(0), DATA)
        assert pyramid.label_images == ("labels/cells", "labels/nuclei")
    for name in ("cells", "nuclei"):
        with open_pyramid(image / "labels" / name) as pyramid:
            assert pyramid.labels and np.array_equal(pyramid.read(0), CELLS)
    with pytest.raises(FileExistsError, match="'labels' beside a zarr image"):
        write_ome_zarr(DATA, image, version=version)


def test_colors_and_properties_of_labels_are_written(tmp_path: Path) -> None:
    known = {
        "colors": [{"label-value": 3, "rgba": [255, 0, 0, 128]}],
        "properties": [{"label-value": 3, "class": "cell", "area": 2.5}],
    }
    path = str(tmp_path / "x.zarr")
    write_image(path, DATA, "yx")
    write_labels(path, ("cells",), CELLS, **{"image-label": known})
    copy = write_ome_zarr(f"{path}/labels/cells", tmp_path / "copy.zarr")
    about = dict(zarr.open_group(str(copy), mode="r").attrs)["ome"]["image-label"]
    assert about["colors"] == known["colors"]
    assert about["properties"] == [{"class": "cell", "area": 2.5, "label-value": 3}]
    with open_pyramid(f"{path}/labels/cells") as one, open_pyramid(copy) as other:
        assert one.metadata.label_table == other.metadata.label_table


def test_what_can_be_no_label_image_is_refused(tmp_path: Path) -> None:
    image = write_ome_zarr(DATA, tmp_path / "x.zarr")
    for data in (DATA, DATA / 7):
        with pytest.raises(ValueError, match="must be of integers: give labels=True"):
            write_ome_zarr(data, image / "labels" / "cells")
    with pytest.raises(ValueError, match=r'version must be "0\.5" or "0\.6" as .*x\.zarr is'):
        write_ome_zarr(CELLS, image / "labels" / "cells", labels=True, version="0.4")
    assert not (image / "labels").exists()
    (tmp_path / "labels").mkdir()
    write_ome_zarr(DATA, tmp_path / "labels" / "x.zarr")  # is in no image


def test_an_interrupt_leaves_the_image_as_it_was(tmp_path: Path) -> None:
    image = write_ome_zarr(DATA, tmp_path / "x.zarr")

    class Stopped(Blocks):
        def read(self, *place: Any) -> Any:
            raise KeyboardInterrupt

    stopped = Stopped(100)
    stopped.metadata = replace(stopped.metadata, labels=True)
    with pytest.raises(KeyboardInterrupt):
        write_ome_zarr(Pyramid(stopped), image / "labels" / "cells")
    assert not (image / "labels").exists()


def test_a_label_image_that_fails_takes_no_other_with_it(tmp_path: Path) -> None:
    image = write_ome_zarr(DATA, tmp_path / "x.zarr")

    class Stopped(Blocks):
        def read(self, *place: Any) -> Any:
            if not (image / "labels" / "nuclei").exists():  # as another process may do
                write_ome_zarr(CELLS, image / "labels" / "nuclei", labels=True)
            raise KeyboardInterrupt

    stopped = Stopped(100)
    stopped.metadata = replace(stopped.metadata, labels=True)
    with pytest.raises(KeyboardInterrupt):
        write_ome_zarr(Pyramid(stopped), image / "labels" / "cells")
    with open_pyramid(image) as pyramid:
        assert pyramid.label_images == ("labels/nuclei",)
    with open_pyramid(image / "labels" / "nuclei") as pyramid:
        assert np.array_equal(pyramid.read(0), CELLS)


def test_label_images_that_are_written_at_once_are_all_listed(tmp_path: Path) -> None:
    image = write_ome_zarr(DATA, tmp_path / "x.zarr")
    names = [f"cells-{number}" for number in range(6)]
    with ThreadPoolExecutor(3) as pool:
        list(
            pool.map(
                lambda name: write_ome_zarr(CELLS, image / "labels" / name, labels=True), names
            )
        )
    with open_pyramid(image) as pyramid:
        assert sorted(pyramid.label_images) == [f"labels/{name}" for name in names]
