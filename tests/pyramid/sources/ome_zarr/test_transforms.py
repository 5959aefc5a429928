"""Coordinate systems and transforms of OME-Zarr 0.6: followed along the axes, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, open_pyramid
from nbimage.pyramid.sources.ome_zarr.transforms import as_affine
from tests.ngff_files import make_group, samples, set_ome, write_image

DATA = samples(3, 40, 50)
SPACE = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]


def write(folder: Path, *levels: Any, axes: Any = SPACE, **image: Any) -> Path:
    """Write an image, a level by each transform."""
    group = make_group(str(folder / "x.zarr"), "0.6")
    datasets = []
    for number, transform in enumerate(levels):
        group.create_array(str(number), data=DATA[:, :: 1 << number, :: 1 << number])
        ends = {"input": {"path": str(number)}, "output": {"name": "physical"}}
        transforms = [{**ends, **transform}]
        datasets.append({"path": str(number), "coordinateTransformations": transforms})
    systems = [{"name": "other", "axes": axes[::-1]}, {"name": "physical", "axes": axes}]
    about = {"coordinateSystems": systems, "datasets": datasets, "name": "x", **image}
    set_ome(group, "0.6", multiscales=[about])
    return folder / "x.zarr"


def sequence(scale: list[float], translation: list[float]) -> dict[str, Any]:
    parts = [
        {"type": "scale", "scale": scale},
        {"type": "translation", "translation": translation},
    ]
    return {"type": "sequence", "transformations": parts}


def test_scale_and_translation_of_a_level_are_followed(tmp_path: Path) -> None:
    path = write(
        tmp_path, sequence([2, 0.5, 0.25], [7, 1, 3]), sequence([2, 1, 0.5], [7, 1.25, 3.125])
    )
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == (("z", 3),)
        assert pyramid.native_levels == (0, 1)
        assert (pyramid.pixel_size, pyramid.unit) == ((0.5, 0.25), "µm")
        lines = [one.line for one in pyramid.metadata.coordinates]
        assert lines == [(7, 2), (1, 0.5), (3, 0.25)]
        assert np.array_equal(pyramid.read(0, index=(2,)), DATA[2])


@pytest.mark.parametrize(
    "transform",
    [
        {"type": "scale", "scale": [2, 0.5, 0.25]},
        {"type": "affine", "affine": [[2, 0, 0, 0], [0, 0.5, 0, 0], [0, 0, 0.25, 0]]},
        {"type": "bijection", "forward": {"type": "scale", "scale": [2, 0.5, 0.25]}},
        {
            "type": "byDimension",
            "transformations": [
                {
                    "transformation": {"type": "scale", "scale": [0.25]},
                    "inputAxes": [2],
                    "outputAxes": [2],
                },
                {
                    "transformation": {"type": "scale", "scale": [2, 0.5]},
                    "inputAxes": [0, 1],
                    "outputAxes": [0, 1],
                },
            ],
        },
        {
            "type": "sequence",
            "transformations": [
                {"type": "scale", "scale": [1, 0.25, 0.125]},
                {"type": "identity"},
                {"type": "scale", "scale": [2, 2, 2]},
            ],
        },
    ],
    ids=lambda transform: transform["type"],
)
def test_steps_along_the_axes_are_found_of_any_kind_of_transform(
    tmp_path: Path, transform: Any
) -> None:
    with open_pyramid(write(tmp_path, transform)) as pyramid:
        assert (pyramid.pixel_size, pyramid.unit) == ((0.5, 0.25), "µm")
        assert pyramid.metadata.coordinates[0].line == (0, 2)
        assert pyramid.metadata.note == ""


def test_an_axis_permutation_names_the_axes_of_the_array(tmp_path: Path) -> None:
    # the array is x, z, y: the system's z is the array's second axis
    parts = [
        {"type": "scale", "scale": [0.25, 2, 0.5]},
        {"type": "mapAxis", "mapAxis": [1, 2, 0]},
    ]
    path = write(tmp_path, {"type": "sequence", "transformations": parts})
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == (("z", 40),)
        assert pyramid.pixel_size == (0.5, 0.25)
        assert pyramid.metadata.coordinates[0].line == (0, 2)
        assert np.array_equal(pyramid.read(0, index=(9,)), DATA[:, 9, :].T)


def test_an_identity_has_the_axes_of_its_system(tmp_path: Path) -> None:
    with open_pyramid(write(tmp_path, {"type": "identity"})) as pyramid:
        assert pyramid.axes == (("z", 3),)
        assert pyramid.pixel_size is None and pyramid.metadata.note == ""


@pytest.mark.parametrize(
    "transform",
    [
        {"type": "rotation", "rotation": [[1, 0, 0], [0, 0, -1], [0, 1, 0]]},
        {"type": "affine", "affine": [[1, 0, 0, 0], [0, 1, 0.1, 0], [0, 0, 1, 0]]},
        {"type": "affine", "affine": [[1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0]]},
        {"type": "affine", "path": "matrix"},
        {"type": "displacements", "path": "field"},
        {"type": "scale", "scale": [1, 2]},
        {"type": "mapAxis", "mapAxis": [0, 0, 1]},
        {"type": "future"},
    ],
    ids=lambda transform: transform["type"],
)
def test_what_is_not_followed_is_shown_in_the_array_and_said(
    tmp_path: Path, transform: Any
) -> None:
    path = write(tmp_path, transform)
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == (("z", 3),) and pyramid.pixel_size is None
        words = f"positions are those in the array: its {transform['type']} transform is not"
        assert words in pyramid.metadata.note
        assert np.array_equal(pyramid.read(0, index=(1,)), DATA[1])


def test_other_coordinate_systems_are_named_in_a_note(tmp_path: Path) -> None:
    ends = {"input": {"name": "physical"}, "output": {"name": "other"}}
    of_labels = {"input": {"name": "physical"}, "output": {"name": "p", "path": "labels/cells"}}
    path = write(
        tmp_path,
        {"type": "scale", "scale": [2, 0.5, 0.25]},
        coordinateTransformations=[
            {"type": "mapAxis", "mapAxis": [2, 1, 0], **ends},
            {"type": "identity", **of_labels},
        ],
    )
    with open_pyramid(path) as pyramid:
        assert pyramid.pixel_size == (0.5, 0.25)
        assert pyramid.metadata.note == "positions are those in 'physical', not in 'other'"


def test_names_of_systems_are_taken_as_drafts_have_them(tmp_path: Path) -> None:
    transform = {"type": "scale", "scale": [2, 0.5, 0.25], "input": "0", "output": "physical"}
    path = write(tmp_path, transform)
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == (("z", 3),) and pyramid.pixel_size == (0.5, 0.25)


def test_colors_and_channels_of_a_coordinate_system(tmp_path: Path) -> None:
    axes = [{"name": "c", "type": "channel"}, *SPACE[1:]]
    path = write(tmp_path, {"type": "scale", "scale": [1, 0.5, 0.5]}, axes=axes)
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == (("c", 3),)
    assert "3×40×50" in Picture(path).description


@pytest.mark.parametrize(
    "step",
    [
        {"type": "scale", "path": "scales"},
        {"type": "scale", "scale": [2, 2]},
        {"type": "affine"},
        7,
    ],
    ids=["path", "length", "kind", "number"],
)
def test_steps_that_are_not_followed_before_version_6_are_said(tmp_path: Path, step: Any) -> None:
    group = write_image(str(tmp_path / "x.zarr"), DATA, "zyx")
    about = dict(group.attrs)["ome"]
    about["multiscales"][0]["coordinateTransformations"] = [step]
    group.update_attributes({"ome": about})
    with open_pyramid(tmp_path / "x.zarr") as pyramid:
        assert pyramid.axes == (("z", 3),) and pyramid.pixel_size is None
        assert "transform is not followed" in pyramid.metadata.note
        assert pyramid.native_levels == (0, 1)


def test_the_first_of_several_described_images_is_said(tmp_path: Path) -> None:
    group = write_image(str(tmp_path / "x.zarr"), DATA, "zyx")
    about = dict(group.attrs)["ome"]
    group.update_attributes({"ome": {**about, "multiscales": about["multiscales"] * 2}})
    with open_pyramid(tmp_path / "x.zarr") as pyramid:
        assert "the first of 2 images" in pyramid.metadata.note


def test_a_scene_names_its_images(tmp_path: Path) -> None:
    group = make_group(str(tmp_path / "x.zarr"), "0.6")
    group.create_group("tile_0")
    set_ome(group, "0.6", scene={"coordinateTransformations": []})
    with pytest.raises(ValueError, match=r"is a scene of several: name an image, .*/tile_0"):
        open_pyramid(tmp_path / "x.zarr")


def test_a_sequence_applies_its_first_step_first() -> None:
    steps = [{"type": "translation", "translation": [1, 2]}, {"type": "scale", "scale": [10, 100]}]
    matrix, offset = as_affine({"type": "sequence", "transformations": steps}, 2) or (None, None)
    assert np.array_equal(matrix, np.diag([10, 100])) and np.array_equal(offset, [10, 200])
