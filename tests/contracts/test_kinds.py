"""A file of each kind is the same at every door: pixels, limits, names, units, positions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, Video, open_pyramid
from tests.kinds import HEAVY, KINDS, Content
from tests.kinds.doors import DOORS, plain
from tests.kinds.page import PAGE, with_tables

LIGHT = [(k, r) for k, kind in KINDS.items() for r in sorted(set(kind.references) - HEAVY)]
Made = tuple[str, Content]


@pytest.fixture(scope="module")
def made(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Made:
    """Return the path of a file of a kind, and what it holds."""
    return KINDS[request.param].make(tmp_path_factory.mktemp("kind"))


@pytest.mark.parametrize("made", KINDS, indirect=True)
@pytest.mark.parametrize("door", DOORS)
def test_what_a_file_holds_is_there_at_every_door(made: Made, door: str, tmp_path: Path) -> None:
    DOORS[door](*made, tmp_path)


@pytest.mark.parametrize(("made", "reference"), LIGHT, indirect=["made"])
def test_another_program_reads_the_same(
    made: Made, reference: str, request: pytest.FixtureRequest
) -> None:
    path, content = made
    name = request.node.callspec.params["made"]
    compare_values(KINDS[name].references[reference](path), content)


def compare_values(found: Any, content: Content) -> None:
    """Raise AssertionError where a reference's values are others than what was written."""
    wanted = plain(content.values)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(
        plain(found).astype(np.float64), wanted, rtol=0, atol=content.tolerance or 1e-9
    )


def test_every_kind_has_a_reference_that_is_not_used_inside() -> None:
    assert all(kind.references for kind in KINDS.values())


@pytest.mark.parametrize("made", ["OME-TIFF, channels", "SVS slide"], indirect=True)
def test_a_file_that_says_how_large_pixels_are_brings_a_scale_bar(made: Made) -> None:
    path, content = made
    assert content.columns is not None
    width = content.columns[1] * content.values.shape[-2 if content.colors else -1]
    shown = Picture(path)
    for layout in (shown, Grid([path]).pictures[0], Video(path, progress=False)):
        bar = layout.figure.scale_bar
        assert bar is not None
        number, unit = bar.text.split()
        assert unit == "µm"
        assert bar.fraction * width == pytest.approx(float(number))
    assert Picture(path, pixel_size=False).figure.scale_bar is None
    assert Picture(path, pixel_size=3, unit="mm").figure.scale_bar.text.endswith("mm")
    with open_pyramid(path) as pyramid:
        assert Picture(pyramid).figure.scale_bar == shown.figure.scale_bar
    reduced = Picture(path, max_pixels=shown.pixels.shape[0] * shown.pixels.shape[1] // 3)
    assert reduced.figure.scale_bar is not None
    assert reduced.figure.scale_bar.text == shown.figure.scale_bar.text


def test_the_page_of_formats_has_the_tables_of_today() -> None:
    text = PAGE.read_text("utf-8")
    assert text == with_tables(text), "run python -m tests.kinds"


def test_the_page_of_formats_names_every_extra_that_reads_files() -> None:
    text = PAGE.read_text("utf-8")
    for extra in sorted({kind.extra for kind in KINDS.values()} - {""}):
        assert f"`nbimage[{extra}]`" in text
