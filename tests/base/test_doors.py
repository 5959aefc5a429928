"""Errors at the doors of public calls: one line each, that names the parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, View

DATA = np.arange(12, dtype=np.float32).reshape(3, 4)
ODD = np.zeros((2, 2))


@pytest.mark.parametrize("name", ["keep", "columns", "fps", "norm", "height", "wcs", "background"])
def test_an_array_in_place_of_a_number_is_named_in_one_line(name: str) -> None:
    given: Any = {name: ODD}
    with pytest.raises((TypeError, ValueError), match=f"^{name} must be .*but got array") as raised:
        View(DATA, **given)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["vsym", "orientation", "ortho", "shared", "loop", "embed"])
def test_an_array_in_place_of_a_switch_is_named(name: str) -> None:
    given: Any = {name: ODD}
    with pytest.raises(TypeError, match=rf"^{name} must be True or False, .* shape \(2, 2\)$"):
        View(DATA, **given)
    if name == "vsym":
        with pytest.raises(TypeError, match="vsym must be True or False"):
            Picture(DATA, **given)


@pytest.mark.parametrize(
    "state", [{"mode": ODD}, {"panels": [ODD]}, {"selected": ODD}, {"cursor": ODD}]
)
def test_an_array_in_a_state_is_named_in_one_line(state: Mapping[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^state\['?\w+'?\] must be ") as raised:
        View(DATA, state=state)
    assert "\n" not in str(raised.value)


def test_a_title_is_text() -> None:
    assert View(DATA, title=2019).snapshot(figure=True)  # type: ignore[arg-type]


def test_empty_colormaps_and_contrasts_are_named() -> None:
    with pytest.raises(ValueError, match="cmap must hold at least one color"):
        View(DATA, cmap={})
    with pytest.raises(ValueError, match="contrast must be"):
        View(DATA, contrast=np.array(3))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("projections", r"did you mean state=\{'projections': ...\}\?"),
        ("projection", r"did you mean state=\{'projections': ...\}\?"),
        ("layer", r"did you mean state=\{'layers': ...\}\?"),
        ("colormap", r"did you mean cmap\?"),
        ("pixel_size", "sizes come with the data, as coordinates of an xarray.DataArray"),
    ],
)
def test_a_parameter_that_is_elsewhere_is_told(name: str, way: str) -> None:
    given: Any = {name: 0.2}
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}': {way}"):
        View(DATA, **given)


def test_a_picture_has_no_state() -> None:
    given: Any = {"projections": {}}
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'projections'$"):
        Picture(DATA, **given)


def test_axes_without_names_are_told_how_to_get_them() -> None:
    with pytest.raises(ValueError, match=r"\('axis 0'\), but got 'z': axes= gives them names$"):
        View(np.zeros((5, 7, 9)), state={"projections": {"z": "max"}})
