"""Layers where scripts do not run, in snapshots, and their state."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Picture, View
from nbimage.view.model.layers.layer_pictures import Part, draw_layers, read_labels
from nbimage.view.serve.one_page import one_page

RNG = np.random.default_rng(3)
IMAGE = RNG.integers(0, 255, (60, 90), np.uint8)
LABELS = np.kron(RNG.integers(0, 7, (6, 9)), np.ones((10, 10), int)).astype(np.uint16)
STACK = RNG.integers(0, 255, (5, 60, 90), np.uint8)
NAMES = {"label": [1, 2, 3], "area": [1.0, 2.0, 3.0], "kind": ["a", "b", "a"]}


def raster(svg: str | None) -> np.ndarray[Any, Any]:
    assert svg is not None
    (data,) = re.findall(r"base64,([^\"]+)", svg)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))


def pixels(view: View, **state: Any) -> np.ndarray[Any, Any]:
    model = view.model
    states = [{**model.state["layers"][0], **state}]
    return raster(draw_layers(model.layers, states, 0, (0,) * 3, Part(0, 0, 1, 60, 90)))


def test_labels_have_the_colors_that_pictures_give_them() -> None:
    found = pixels(View(IMAGE, labels=LABELS))
    np.testing.assert_array_equal(found, Picture(LABELS, labels=True).render())


def test_a_picked_label_is_as_opaque_as_before_and_others_are_dimmed() -> None:
    found = pixels(View(IMAGE, labels=LABELS), picked=3)
    assert (found[LABELS == 3, 3] == 255).all() and (found[LABELS == 4, 3] == 64).all()


def test_outlines_have_no_inside() -> None:
    found = pixels(View(IMAGE, labels=LABELS), fill=False)
    inside = np.ones_like(LABELS, bool)
    inside[::10] = inside[9::10] = inside[:, ::10] = inside[:, 9::10] = False
    assert not found[inside].any() and found.any()


def test_a_property_colors_labels() -> None:
    view = View(IMAGE, labels=LABELS, names=NAMES)
    found = pixels(view, by="area")
    assert (found[LABELS == 1, :3] == (68, 1, 84)).all()
    assert (found[LABELS == 5, :3] == 128).all()
    kinds = pixels(view, by="kind")
    assert len(np.unique(kinds[np.isin(LABELS, [1, 3])], axis=0)) == 1


@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize("factor", [1, 2, 4])
@pytest.mark.parametrize("times", [1, 2, 0.5])
def test_the_nearest_label_is_taken_at_every_size(embed: bool, factor: int, times: float) -> None:
    own = (
        LABELS
        if times == 1
        else LABELS[::2, ::2]
        if times < 1
        else np.kron(LABELS, np.ones((2, 2), int))
    )
    view = View(IMAGE, labels=own, embed=embed)
    rows, columns = 60 // factor, 90 // factor
    found = read_labels(view.model.layers[0], (), Part(0, 0, factor, rows, columns))  # type: ignore[arg-type]
    at = [((np.arange(n) + 0.5) * factor).astype(int) for n in (rows, columns)]
    same = found == LABELS[np.ix_(*at)]
    assert same.mean() > (0.85 if factor > 1 else 0.999)
    assert np.isin(found, LABELS).all()
    view.close()


def test_the_state_of_layers_is_given_back() -> None:
    state = {
        "layers": [{"visible": False, "opacity": 0.7, "fill": False, "picked": 3, "by": "area"}]
    }
    view = View(IMAGE, labels=LABELS, names=NAMES, state=state)
    assert view.state["layers"] == [{"name": "labels", **state["layers"][0]}]
    again = View(IMAGE, labels=LABELS, names=NAMES, state=json.loads(json.dumps(view.state)))
    assert again.state == view.state
    by_name = View(IMAGE, labels=LABELS, state={"layers": {"labels": {"opacity": 1}}})
    assert by_name.state["layers"][0]["opacity"] == 1
    assert "<image" not in view.picture.html  # which is hidden


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ([{"opacity": 2}], "opacity.* must be from 0 to 1"),
        ([{"visible": 3}], "visible.* must be True or False"),
        ([{"by": "size"}], "by.* must be a column \\('area', 'kind'\\)"),
        ([{"picked": "x"}], "picked.* must be a label or its name"),
        ([{"color": 3}], "must have keys of visible, opacity, fill, picked, by"),
        ([], "must be 1 dicts, but got 0"),
        ({"cells": {}}, "must be of the layers \\('labels'\\)"),
        (3, "must be a list of dicts"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(asked: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words) as caught:
        View(IMAGE, labels=LABELS, names=NAMES, state={"layers": asked})
    assert str(caught.value).startswith("state['layers']") and "\n" not in str(caught.value)


def test_layers_are_set_from_python_while_live() -> None:
    view = View(IMAGE, labels={"cells": LABELS}, names={3: "nucleus"}, embed=False)
    assert [layer.name for layer in view.layers] == ["cells"] and len(view.layers) == 1
    cells = view.layers["cells"]
    cells.picked, cells.opacity, cells.fill, cells.visible = "nucleus", 0.25, False, True
    assert view.state["layers"] == [
        {"name": "cells", "visible": True, "opacity": 0.25, "fill": False, "picked": 3, "by": None}
    ]
    with pytest.raises(ValueError, match="opacity must be from 0 to 1"):
        cells.opacity = 3
    with pytest.raises(KeyError, match="layers must be one of 'cells'"):
        view.layers["x"]
    shown = view.snapshot()
    np.testing.assert_array_equal(raster(shown._layout.overlay)[LABELS == 0, 3], 0)
    view.close()
    with pytest.raises(ValueError, match="must be live to be set"):
        View(IMAGE, labels=LABELS).layers[0].visible = False


def test_one_page_holds_labels_of_tiles() -> None:
    view = View(STACK, labels=LABELS, embed=False)
    page = one_page(view.model)
    (text,) = re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    [own] = json.loads(text)["layers"]
    assert len(own["planes"]) == 1 and "tiles" not in own
    view.close()


@pytest.mark.parametrize("raw", [True, False])
def test_an_exported_folder_has_the_labels_of_the_chosen_planes(tmp_path: Any, raw: bool) -> None:
    labels = np.stack([LABELS + i for i in range(5)])
    view = View(STACK, labels={"all": labels, "one": LABELS}, embed=False)
    folder = view.export(tmp_path / "out", raw=raw, indices={"axis 0": [1, 3]}, progress=False)
    page = (folder / "index.html").read_text()
    (text,) = re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    both, one = json.loads(text)["layers"]
    assert (both["steps"], one["steps"]) == ([1], [0])
    assert sorted(path.name for path in (folder / "tiles" / "1").iterdir()) == ["0", "1"]
    assert (folder / "tiles" / "2" / "0" / "0" / "0_0.js").exists()
    view.close()
