"""Label images of OME-Zarr: listed, opened as labels, with their colors and properties."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import open_pyramid
from nbimage.cli.main import main
from tests.ngff_files import make_group, samples, set_ome, write_image, write_labels
from tests.optional import zarr

DATA, LABELS = samples(60, 80), samples(60, 80, dtype="int32")
ABOUT = {
    "image-label": {
        "colors": [{"label-value": 1, "rgba": [0, 128, 255, 77]}, {"label-value": 2}],
        "properties": [{"label-value": 1, "area": 7.5, "class": "cell"}],
        "source": {"image": "../../"},
    }
}


def make(folder: Path, version: str = "0.5", **about: Any) -> str:
    write_image(str(folder / "x.zarr"), DATA, "yx", version)
    write_labels(str(folder / "x.zarr"), ("cells", "deep/nuclei"), LABELS, version, **about)
    return str(folder / "x.zarr")


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize("about", [ABOUT, {}])
def test_label_images_are_listed_and_open_as_labels(
    tmp_path: Path, version: str, about: Any
) -> None:
    path = make(tmp_path, version, **about)
    with open_pyramid(path) as pyramid:
        assert pyramid.label_images == ("labels/cells", "labels/deep/nuclei")
        assert not pyramid.labels
        assert pickle.loads(pickle.dumps(pyramid)).label_images == pyramid.label_images
    for name in ("labels/cells", "labels/deep/nuclei"):
        with open_pyramid(f"{path}/{name}") as pyramid:
            assert pyramid.labels and pyramid.label_images == ()
            for level in range(len(pyramid.shapes)):
                assert np.isin(pyramid.read(level), LABELS).all()
    with open_pyramid(zarr.open_group(path, mode="r")["labels/cells"]) as pyramid:
        assert pyramid.labels


def test_colors_and_properties_of_labels_are_kept(tmp_path: Path) -> None:
    with open_pyramid(make(tmp_path, **ABOUT) + "/labels/cells") as pyramid:
        table = pyramid.metadata.label_table
    assert table is not None
    assert table.colors == {1: (0, 128, 255, 77)}
    assert table.properties == {1: {"area": 7.5, "class": "cell"}}


def test_info_lists_label_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = make(tmp_path, **ABOUT)
    main(["info", path])
    assert "label images: labels/cells, labels/deep/nuclei\n" in capsys.readouterr().out
    main(["info", f"{path}/labels/cells"])
    assert "labels: 1 with colors, 1 with properties\n" in capsys.readouterr().out


def test_a_group_of_label_images_names_one(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"is a group of label images: name .*/labels/cells"):
        open_pyramid(make(tmp_path) + "/labels")


def test_an_image_in_a_folder_that_happens_to_be_called_labels_is_none(tmp_path: Path) -> None:
    write_image(str(tmp_path / "labels" / "x.zarr"), DATA, "yx")
    with open_pyramid(tmp_path / "labels" / "x.zarr") as pyramid:
        assert not pyramid.labels


def test_odd_metadata_of_labels_do_no_harm(tmp_path: Path) -> None:
    odd = {"image-label": {"colors": [7, {"label-value": "1"}], "properties": {"a": 1}}}
    path = make(tmp_path, **odd)
    set_ome(zarr.open_group(f"{path}/labels"), "0.5", labels=["../outside", 7, "cells"])
    with open_pyramid(path) as pyramid:
        assert pyramid.label_images == ("labels/7", "labels/cells")
    with open_pyramid(f"{path}/labels/cells") as pyramid:
        assert pyramid.labels and pyramid.metadata.label_table is None
    set_ome(make_group(f"{path}/labels", path="empty"), "0.5")
