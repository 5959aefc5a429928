"""Label images over a view: which fit, on which planes, what is known of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import xarray

from nbimage import View, open_pyramid
from nbimage.arrays.metadata import LabelTable
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.view.model.layers.label_layer import LabelLayer
from tests.ngff_files import write_image, write_labels

RNG = np.random.default_rng(17)
IMAGE = RNG.integers(0, 255, (12, 20), np.uint8)
LABELS = RNG.integers(0, 9, (12, 20), np.int32)
STACK = RNG.integers(0, 255, (3, 5, 12, 20), np.uint8)


def layer(view: View, number: int = 0) -> LabelLayer:
    found = view.model.layers[number]
    assert isinstance(found, LabelLayer)
    return found


def planes(view: View, number: int = 0) -> list[np.ndarray[Any, Any]]:
    return [np.asarray(array) for array, _ in layer(view, number).read_planes()]


@pytest.mark.parametrize(
    ("image", "labels", "steps"),
    [
        ((12, 20), (12, 20), ()),
        ((3, 5, 12, 20), (12, 20), (0, 0)),
        ((3, 5, 12, 20), (5, 12, 20), (0, 1)),
        ((3, 5, 12, 20), (3, 1, 12, 20), (1, 0)),
        ((3, 5, 12, 20), (3, 5, 12, 20), (5, 1)),
        ((3, 5, 12, 20), (1, 1, 1, 12, 20), (0, 0)),
        ((12, 20, 3), (12, 20), ()),
        ((5, 12, 20, 3), (5, 12, 20), (1,)),
        ((12, 20), (6, 10), ()),
        ((12, 20), (36, 60), ()),
        ((13, 21), (7, 11), ()),
        ((1, 1), (1, 1), ()),
    ],
)
def test_labels_lie_along_the_images_last_axes(
    image: tuple[int, ...], labels: tuple[int, ...], steps: tuple[int, ...]
) -> None:
    array = np.arange(np.prod(labels), dtype=np.uint16).reshape(labels)
    view = View(np.zeros(image, np.uint8), labels=array)
    own = layer(view)
    assert own.steps == steps
    np.testing.assert_array_equal(np.array(planes(view)).ravel(), array.ravel())
    rows = image[-3] if image[-1] == 3 else image[-2]
    assert own.ratio[0] == {11: 2}.get(labels[-2], pytest.approx(rows / labels[-2], rel=0.1))


def test_named_axes_are_found_by_their_names() -> None:
    data = xarray.DataArray(STACK, dims=("t", "z", "y", "x"))
    labels = xarray.DataArray(np.zeros((12, 20, 3), np.uint8), dims=("y", "x", "t"))
    own = layer(View(data, labels=labels))
    assert own.steps == (1, 0) and own.plane((2, 4)) == 2


def test_labels_along_an_axis_of_channels_are_those_of_all() -> None:
    data = xarray.DataArray(STACK, dims=("t", "c", "y", "x"))
    for channels in (None, False):
        own = layer(View(data, channels=channels, labels=np.zeros((3, 12, 20), np.uint8)))
        assert own.plane((2,) if channels is None else (2, 4)) == 2


def test_rows_of_an_image_that_is_shown_upside_down_are_those_of_its_labels() -> None:
    coords = {"lat": np.arange(12.0), "lon": np.arange(20.0)}
    data = xarray.DataArray(IMAGE, dims=("lat", "lon"), coords=coords)
    np.testing.assert_array_equal(planes(View(data, labels=LABELS))[0], LABELS[::-1])
    view = View(data, labels=LABELS, embed=False)
    stack = view.model.tile_stacks[1]
    np.testing.assert_array_equal(stack.plane(()).array, LABELS[::-1])
    view.close()


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.zeros((11, 20), int), "labels must have the image's 12 rows and 20 columns"),
        (np.zeros((5, 20), int), "labels must have the image's 12 rows and 20 columns"),
        (np.zeros((4, 12, 20), int), "labels must have at most the image's 2 axes"),
        (np.zeros((12, 20)), "labels must be integers or booleans, but got dtype float64"),
        ({}, "labels must hold at least one label image, but is empty"),
        ({"a": np.zeros((3, 3), int)}, r"labels\['a'\] must have the image's 12 rows"),
        (["nowhere.npy"], "nowhere"),
        (np.zeros(12, int), "labels.*axes"),
    ],
)
def test_labels_that_do_not_fit_are_refused_in_one_line(labels: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError, OSError), match=words) as caught:
        View(IMAGE, labels=labels)
    assert "\n" not in str(caught.value)


def test_several_label_images_have_names() -> None:
    view = View(IMAGE, labels={"cells": LABELS, "nuclei": LABELS > 3})
    assert [one["name"] for one in view.model.config["layers"]] == ["cells", "nuclei"]
    assert [one["count"] for one in view.model.config["layers"]] == [8, 1]


def test_images_that_are_compared_have_labels_of_their_own_by_name() -> None:
    both = View({"a": IMAGE, "b": IMAGE}, labels={"b": LABELS})
    assert layer(both).image == 1
    assert layer(View({"a": IMAGE, "b": IMAGE}, labels={"cells": LABELS})).image == -1


@pytest.mark.parametrize(
    "names",
    [
        {"label": [3, 5], "name": ["nucleus", "cell"], "area": [1.5, 2.0]},
        {"ID": [3, 5], "class": ["nucleus", "cell"], "area": [1.5, 2.0]},
        [{"id": 3, "name": "nucleus", "area": 1.5}, {"id": 5, "name": "cell", "area": 2.0}],
        pandas.DataFrame({"label": [3, 5], "name": ["nucleus", "cell"], "area": [1.5, 2.0]}),
        pandas.DataFrame({"name": ["nucleus", "cell"], "area": [1.5, 2.0]}, index=[3, 5]),
        {3: {"name": "nucleus", "area": 1.5}, 5: {"name": "cell", "area": 2.0}},
        {"labels": {3: {"name": "nucleus", "area": 1.5}, 5: {"name": "cell", "area": 2.0}}},
    ],
)
def test_names_and_properties_come_from_any_table(names: Any) -> None:
    [own] = View(IMAGE, labels=LABELS, names=names).model.config["layers"]
    assert own["names"] == {"3": "nucleus", "5": "cell"} and own["ids"] == [3, 5]
    assert own["properties"] == {"area": [1.5, 2.0]} and own["ranges"] == {"area": [1.5, 2.0]}
    assert own["tints"]["area"] == ["#440154", "#fde725"]


def test_names_alone_name_labels() -> None:
    [own] = View(IMAGE, labels=LABELS, names={3: "nucleus"}).model.config["layers"]
    assert own["names"] == {"3": "nucleus"} and own["properties"] == {}
    [image] = View(LABELS, labels=True, names={3: "nucleus"}).model.config["images"]
    assert image["names"] == {"3": "nucleus"}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (3, "names must be a dict {label: name}, or a table"),
        ({"area": [1, 2]}, "names must have a column 'label' or 'id', but got 'area'"),
        ({"label": [1, 2], "area": [3]}, "names must have columns of one length"),
        ({"label": ["a"], "area": [3]}, "names must be of labels, which are whole numbers"),
        ({1.5: "a"}, "names must be of labels, which are whole numbers, but got 1.5"),
    ],
)
def test_names_that_are_no_table_are_refused_in_one_line(names: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        View(IMAGE, labels=LABELS, names=names)
    assert str(caught.value).startswith(words) and "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="names must be left out where there are no labels"):
        View(IMAGE, names={1: "a"})


@pytest.mark.parametrize("embed", [True, False])
def test_label_images_beside_an_ome_zarr_image_are_found(tmp_path: Path, embed: bool) -> None:
    path = str(tmp_path / "x.zarr")
    write_image(path, IMAGE, "yx", "0.5")
    about = {"colors": [{"label-value": 3, "rgba": [255, 0, 0, 255]}]}
    about["properties"] = [{"label-value": 3, "class": "nucleus"}]
    write_labels(path, ("cells",), LABELS, "0.5", **{"image-label": about})
    for data in (path, open_pyramid(path)):
        view = View(data, embed=embed)
        [own] = view.model.config["layers"]
        assert own["name"] == "cells" and own["names"] == {"3": "nucleus"}
        assert own["tints"][""] == ["#ff0000"]
        view.close()
        assert View(data, embed=embed, labels=False).model.layers == ()
        if isinstance(data, Pyramid):
            data.close()


def test_labels_too_large_for_a_page_make_tiles_of_all() -> None:
    wide = np.broadcast_to(np.uint16(3), (12 * 600, 20 * 600))
    view = View(IMAGE, labels=wide)
    assert len(view.model.tile_stacks) == 2 and view.model.config["images"][0]["tiles"]
    view.close()


@pytest.mark.parametrize("embed", [True, False])
def test_numbers_that_a_page_does_not_hold_are_texts(embed: bool) -> None:
    huge = np.full((4, 5), 2**63 + 1, np.uint64)
    view = View(
        np.zeros((4, 5)),
        labels=huge,
        names={2**63 + 1: "huge"},
        embed=embed,
        state={"layers": [{"picked": "huge"}]},
    )
    [own] = view.model.config["layers"]
    assert own["ids"] == [str(2**63 + 1)] and own["names"] == {str(2**63 + 1): "huge"}
    assert view.state["layers"][0]["picked"] == 2**63 + 1
    view.close()


def test_a_table_of_a_file_is_what_is_known() -> None:
    table = LabelTable({1: (1, 2, 3, 255)}, {1: {"name": "one", "size": 2}})
    from nbimage.view.model.layers.label_table import LabelFacts

    facts = LabelFacts.of_table(table)
    assert facts.names == {1: "one"} and facts.describe()["properties"] == {"size": [2]}


def test_labels_lie_at_single_planes_within_their_own_length() -> None:
    stack = np.zeros((3, 5, 20, 30), np.uint8)
    views = [
        View(
            stack, axes="tzyx", labels=np.ones(shape, np.uint8), state={"projections": {"t": "max"}}
        )
        for shape in [(3, 5, 20, 30), (5, 20, 30), (20, 30)]
    ]
    layers = [view.model.layers[0] for view in views]
    assert [layer.lengths for layer in layers] == [[3, 5], [0, 5], [0, 0]]
    assert [layer.lies_at((2, 4)) for layer in layers] == [True, True, True]
    assert [layer.lies_at((3, 4)) for layer in layers] == [False, True, True]
    assert [layer.lies_at((3, 5)) for layer in layers] == [False, False, True]
    projected = views[0].model.shown_index
    assert [layer.lies_at(projected) for layer in layers] == [False, True, True]
