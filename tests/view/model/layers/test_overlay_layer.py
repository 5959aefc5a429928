"""Overlays of a view: the same vocabulary as pictures', in samples of the image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray

from nbimage import Picture, View
from nbimage.view.model.layers.overlay_layer import OverlayLayer

IMAGE = np.arange(240.0).reshape(12, 20)
KINDS = [
    ("points", [(1, 2), (3, 4)]),
    ("line", [(1, 2), (3, 4), (5, 1)]),
    ("polygon", [(1, 2), (3, 4), (5, 1)]),
    ("boxes", [(1, 2, 3, 4)]),
    ("text", ["a"], {"at": [(1, 2)]}),
    ("contour", IMAGE),
    ("mask", IMAGE > 100),
    ("labels", (IMAGE // 50).astype(int)),
    ("values", IMAGE),
]


@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize("item", KINDS, ids=[item[0] for item in KINDS])
def test_every_kind_of_a_pictures_overlay_is_a_layer(item: Any, embed: bool) -> None:
    view = View(IMAGE, overlay=item, embed=embed)
    [own] = view.model.config["layers"]
    plain = {"mask": "labels", "values": "text"}
    assert own["kind"] == plain.get(item[0], item[0]) and own["name"] == item[0]
    assert isinstance(view.picture, Picture)
    assert (view.picture._layout.overlay is None) == (own["count"] == 0)
    view.close()


def test_points_lie_at_the_centers_of_samples() -> None:
    [own] = View(IMAGE, overlay=("points", [(0, 0), (19, 11)])).model.config["layers"]
    assert own["shapes"] == [[[0.5, 0.5]], [[19.5, 11.5]]]


def test_coordinates_are_those_of_the_data() -> None:
    coords = {"lat": np.arange(12.0) + 40, "lon": np.arange(20.0) * 2}
    data = xarray.DataArray(IMAGE, dims=("lat", "lon"), coords=coords)
    for embed in (True, False):
        view = View(data, overlay=("points", [(4, 41)]), embed=embed)
        assert view.model.config["layers"][0]["shapes"] == [[[2.5, 10.5]]]
        view.close()


def test_values_color_points_as_in_pictures() -> None:
    item = ("points", [(1, 2), (3, 4), (5, 5)], {"values": [1, 2, np.nan], "names": ["a", "b", 3]})
    [own] = View(IMAGE, overlay=item).model.config["layers"]
    assert own["colors"] == ["#440154", "#fde725", "#808080"]
    assert own["values"] == [1, 2, None] and own["names"] == ["a", "b", "3"]
    svg = Picture(IMAGE, overlay=item)._layout.overlay
    assert svg is not None and all(color in svg for color in own["colors"])


def test_an_item_has_the_name_that_it_is_given() -> None:
    items = [
        {"points": [(1, 2)], "name": "seeds"},
        ("boxes", [1, 2, 3, 4]),
        ("boxes", [1, 2, 3, 4]),
    ]
    view = View(IMAGE, overlay=items)
    assert [layer.name for layer in view.model.layers] == ["seeds", "boxes", "boxes 2"]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (("pionts", [(1, 2)]), "did you mean 'points'"),
        (("points", [(1, 2)], {"values": [1, 2]}), "values must be 1 numbers, one each"),
        (
            ("points", [(1, 2)], {"cmap": "magma"}),
            "cmap must be left out where there are no values",
        ),
        (("points", [(1, 2)], {"marker": "star"}), "marker must be one of"),
        (("mask", IMAGE), "mask must be bool"),
        (("mask", IMAGE[:5] > 3), "must have the image's 12 rows and 20 columns"),
        (("boxes", [(1, 2, 3)]), "boxes must be"),
    ],
)
def test_items_that_can_not_be_drawn_are_named_by_their_number(item: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words) as caught:
        View(IMAGE, overlay=[("points", [(1, 2)]), item])
    assert str(caught.value).startswith("overlay[1]: ") and "\n" not in str(caught.value)


def test_a_mask_may_have_a_dtype_that_numpy_does_not_know() -> None:
    class Foreign:
        dtype, shape = "torch.bool", IMAGE.shape

        def __init__(self, values: np.ndarray) -> None:
            self.values = values

        def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
            return self.values

    [own] = View(IMAGE, overlay=("mask", Foreign(IMAGE > 3))).model.layers
    assert own.name == "mask"
    with pytest.raises(TypeError, match="overlay: mask must be bool"):
        View(IMAGE, overlay=("mask", Foreign(IMAGE)))


def test_an_empty_overlay_is_none() -> None:
    for overlay in (None, [], ()):
        assert View(IMAGE, overlay=overlay).model.layers == ()
    [own] = View(IMAGE, overlay=("points", np.empty((0, 2)))).model.layers
    assert isinstance(own, OverlayLayer) and own.shapes == []
