"""Errors at the doors of public calls: one line each, that names the parameter."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import nbimage
from nbimage import Picture, Video, View
from nbimage.base import doors

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


@pytest.mark.parametrize("given", ["no", "x.png", "", 2, [1], {}, b"1"])
def test_a_switch_is_true_or_false_by_name_and_by_position(given: Any) -> None:
    message = rf"^vsym must be True or False, but got {re.escape(repr(given))}$"
    with pytest.raises(TypeError, match=message):
        Picture(DATA, vsym=given)
    with pytest.raises(TypeError, match=message):
        Picture(DATA, -1, 1, given)
    with pytest.raises(TypeError, match=message):
        nbimage.nbimage(DATA, -1, 1, given)
    for one in (0, 1, True, np.True_, np.int8(0)):
        assert Picture(DATA, vsym=one).pixels.shape == DATA.shape  # type: ignore[arg-type]


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


VERBS = "nbimage", "nbgrid", "nbvideo", "nbview"


def _parameters(call: str) -> set[str]:
    return set(inspect.signature(getattr(nbimage, call)).parameters)


def test_what_one_verb_takes_another_says_so() -> None:
    """The table holds each parameter that some verbs have, with all that have it."""
    every = {name: [verb for verb in VERBS if name in _parameters(verb)] for name in ALL}
    some = {name: verbs for name, verbs in every.items() if len(verbs) < len(VERBS)}
    table = {
        name: text.replace(" and ", ", ").split(", ")
        for text, names in doors._ELSEWHERE.items()
        for name in names.split()
    }
    assert table == some
    with pytest.raises(TypeError, match=r"argument 'fps': it is for nbvideo and nbview$"):
        Picture(DATA, fps=3)  # type: ignore[call-arg]


ALL = sorted({name for verb in VERBS for name in _parameters(verb)})


def test_other_names_lead_to_parameters() -> None:
    calls = [*VERBS, "open_pyramid", "write_dzi", "write_tiff", "write_ome_zarr", "frames"]
    known = {name for call in calls for name in _parameters(call)}
    for name, meant in doors._OTHER_NAMES.items():
        assert set(meant.split()) <= known, name


@pytest.mark.parametrize(
    ("call", "name", "way"),
    [
        (Video, "framerate", r": did you mean fps\?"),
        (Video, "codec", r": did you mean h264, vp9, av1 or format\?"),
        (Video, "quality", r": did you mean h264, vp9, av1 or format\?"),
        (Video, "duration", ""),
        (Picture, "interpolation", ""),
        (Picture, "ax", ""),
        (Picture, "filename", r""),
        (nbimage.nbimage, "filename", r": did you mean saveas\?"),
        (nbimage.nbimage, "label", r": did you mean colorbar\?"),
        (nbimage.nbgrid, "names", r": did you mean titles\?"),
        (nbimage.nbview, "dims", r": did you mean axes\?"),
    ],
)
def test_the_name_that_is_meant_is_named_and_no_other(call: Any, name: str, way: str) -> None:
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'{way}$"):
        call(DATA, **{name: 1})


def test_a_picture_has_no_state() -> None:
    given: Any = {"projections": {}}
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'projections'$"):
        Picture(DATA, **given)


def test_axes_without_names_are_told_how_to_get_them() -> None:
    with pytest.raises(ValueError, match=r"\('axis 0'\), but got 'z': axes= gives them names$"):
        View(np.zeros((5, 7, 9)), state={"projections": {"z": "max"}})


def test_an_attribute_that_is_nearly_one_of_a_view_is_not_set_in_silence() -> None:
    view = View(DATA, embed=False)
    with pytest.raises(AttributeError, match=r"attribute 'viewprot': did you mean viewport\?$"):
        view.viewprot = np.s_[:2, :2]  # type: ignore[attr-defined]
    view.remark = "of the caller"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("owner", "name", "way"),
    [
        (nbimage, "imshow", r": did you mean nbimage\?"),
        (nbimage, "nbvidoe", r": did you mean nbvideo\?"),
        (Picture(DATA), "savefig", r": did you mean save\?"),
        (Picture(DATA), "show", ": it shows itself, at the end of a cell"),
        (Picture(DATA), "elephant", "$"),
        (nbimage.open_pyramid(DATA), "shape", r": did you mean shapes\?"),
    ],
)
def test_the_attribute_that_is_meant_is_named(owner: object, name: str, way: str) -> None:
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'{way}"):
        getattr(owner, name)
    assert not hasattr(owner, name)


def test_a_property_that_fails_says_why() -> None:
    """Not that it is not there."""

    class Broken(doors.NearNames):
        @property
        def size(self) -> int:
            raise AttributeError("no such part")

    with pytest.raises(AttributeError, match="no such part"):
        _ = Broken().size
