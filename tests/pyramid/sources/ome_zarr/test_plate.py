"""Plates and wells of OME-Zarr: a grid of their fields, a stack of them, each by its path."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, Video, View, open_pyramid
from nbimage.cli.main import main
from tests.ngff_files import make_group, samples, set_ome, write_image, write_plate, zip_folder
from tests.optional import zarr
from tests.web_server import serving

VERSIONS = ["0.4", "0.5"]
WELLS = {
    "B/02": {"0": samples(40, 50), "1": samples(40, 50)},
    "A/01": {"0": samples(40, 50), "1": samples(40, 50)},
}


def make(folder: Path, version: str = "0.5", **options: Any) -> str:
    write_plate(str(folder / "p.zarr"), WELLS, version=version, **options)
    return str(folder / "p.zarr")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_plate_is_a_grid_of_rows_and_columns(tmp_path: Path, version: str) -> None:
    grid = Grid(make(tmp_path, version), vmin=0, vmax=255)
    assert grid.titles == ("A/01/0", "", "", "B/02/0", "", "")
    assert [picture is None for picture in grid.pictures] == [False, True, True, False, True, True]
    for number, well in ((0, "A/01"), (3, "B/02")):
        assert np.array_equal(grid.pictures[number].pixels, WELLS[well]["0"])
    for text in (">A<", ">C<", ">01<", ">02<", "B/02/0", "up to 2 fields"):
        assert text in grid.html


def test_the_titles_of_a_grid_are_paths_that_open(tmp_path: Path) -> None:
    path = make(tmp_path)
    titles = list(filter(None, Grid(path).titles))
    assert titles == ["A/01/0", "B/02/0"]
    for title in titles:
        with open_pyramid(f"{path}/{title}") as pyramid:
            assert np.array_equal(pyramid.read(0), WELLS[title[:4]][title[5:]])
            assert pyramid.native_levels == (0, 1)


def test_a_well_is_a_grid_of_its_fields(tmp_path: Path) -> None:
    grid = Grid(make(tmp_path) + "/B/02", vmin=0, vmax=255)
    assert grid.titles == ("0", "1")
    for picture, field in zip(grid.pictures, "01", strict=True):
        assert np.array_equal(picture.pixels, WELLS["B/02"][field])


@pytest.mark.parametrize("version", VERSIONS)
def test_the_fields_of_a_plate_are_a_stack_with_their_paths(tmp_path: Path, version: str) -> None:
    path = make(tmp_path, version)
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == (("field", 4),)
        names = ["A/01/0", "A/01/1", "B/02/0", "B/02/1"]
        assert pyramid.metadata.coordinates[0].values.tolist() == names
        for number, name in enumerate(names):
            data = WELLS[name[:4]][name[5:]]
            assert np.array_equal(pyramid.read(0, index=(number,)), data)
            assert np.array_equal(pyramid.read(1, index=(number,)), data[::2, ::2])
    with open_pyramid(f"{path}/A/01") as pyramid:
        assert pyramid.axes == (("field", 2),)
        assert np.array_equal(pyramid.read(0, index=(1,)), WELLS["A/01"]["1"])


@pytest.mark.parametrize("embed", [True, False])
def test_a_view_of_a_plate_names_its_fields(tmp_path: Path, embed: bool) -> None:
    view = View(make(tmp_path), embed=embed)
    (axis,) = view.model.config["axes"]
    assert axis["name"] == "field"
    assert axis["labels"] == ["A/01/0", "A/01/1", "B/02/0", "B/02/1"]


def test_a_video_of_a_well_goes_through_its_fields(tmp_path: Path) -> None:
    assert "2 frames" in repr(Video(make(tmp_path) + "/A/01", width=50))


def test_a_single_picture_names_a_field_to_open(tmp_path: Path) -> None:
    path = make(tmp_path)
    with pytest.raises(ValueError, match=f"{path} is a plate .* such as {path}/A/01/0, not one"):
        Picture(path)
    with pytest.raises(ValueError, match=f"{path}/A/01 is a well of 2 fields"):
        Picture(f"{path}/A/01")
    assert np.array_equal(Picture(f"{path}/A/01/1", vmin=0, vmax=255).pixels, WELLS["A/01"]["1"])


def test_info_lists_wells_and_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["info", make(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert "plate: 3 rows x 2 columns, 2 wells" in lines
    assert "wells: A/01, B/02" in lines
    assert "fields: A/01/0, A/01/1, B/02/0, B/02/1" in lines


def test_a_field_of_depth_and_channels_shows_its_first_plane(tmp_path: Path) -> None:
    data = samples(2, 3, 40, 50)
    path = str(tmp_path / "p.zarr")
    write_plate(path, {"A/01": {"0": data}}, axes="czyx")
    picture = Grid(path).pictures[0]
    alone = str(tmp_path / "first.zarr")
    write_image(alone, data[:, 0], "cyx")
    assert np.array_equal(picture.pixels, Picture(alone).pixels)
    assert "1 of 3 along z" in picture.description
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == (("field", 1), ("c", 2), ("z", 3))
        assert np.array_equal(pyramid.read(0, index=(0, 1, 2)), data[1, 2])


@pytest.mark.parametrize(
    "options", [{"orientation": False}, {"shared": False}, {"labels": True}, {"errors": "show"}]
)
def test_a_grid_of_a_plate_takes_its_options(tmp_path: Path, options: Any) -> None:
    grid = Grid(make(tmp_path), **options)
    assert grid.titles[0] == "A/01/0" and not grid.errors
    assert grid.pictures[3].pixels.shape[:2] == (40, 50)


def test_channels_of_fields_are_where_they_are_said_to_be(tmp_path: Path) -> None:
    data = samples(3, 40, 50, dtype="uint8")
    write_plate(str(tmp_path / "p.zarr"), {"A/01": {"0": data}}, axes="cyx")
    picture = Grid(str(tmp_path / "p.zarr"), channel_axis=0).pictures[0]
    assert np.array_equal(picture.pixels, np.moveaxis(data, 0, 2))


def test_large_fields_are_read_from_a_smaller_level(tmp_path: Path) -> None:
    path = make(tmp_path)
    grid = Grid(path, max_pixels=6 * 600, vmin=0, vmax=255)
    assert np.array_equal(grid.pictures[0].pixels, WELLS["A/01"]["0"][::2, ::2])


def test_a_well_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    path = make(tmp_path)
    group = zarr.open_group(path)
    about = dict(group.attrs)["ome"]
    about["plate"]["wells"].append({"path": "C/01", "rowIndex": 2, "columnIndex": 0})
    group.update_attributes({"ome": about})
    assert Grid(path).titles == ("A/01/0", "", "", "B/02/0", "", "")
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == (("field", 4),)


def test_fields_of_other_sizes_are_a_grid_but_no_stack(tmp_path: Path) -> None:
    path, small = str(tmp_path / "p.zarr"), samples(20, 30)
    write_plate(path, {"A/01": {"0": samples(40, 50)}, "B/02": {"f": small}})
    assert [p.width for p in Grid(path).pictures if p is not None] == [50, 30]
    with open_pyramid(path) as pyramid, pytest.raises(ValueError, match=f"open {path}/B/02/f"):
        pyramid.read(0, index=(1,))
    with open_pyramid(f"{path}/B/02/f") as pyramid:
        assert np.array_equal(pyramid.read(0), small)


def test_plates_of_bioformats2raw_are_plates(tmp_path: Path) -> None:
    path = make(tmp_path, "0.4")
    zarr.open_group(path).update_attributes({"bioformats2raw.layout": 3})
    assert Grid(path).titles[0] == "A/01/0"


def test_a_plate_is_one_in_a_zip_file_a_group_and_a_store(tmp_path: Path) -> None:
    path = make(tmp_path)
    zipped = str(zip_folder(Path(path), tmp_path / "p.ozx"))
    for source in (zipped, zarr.open_group(path), zarr.storage.LocalStore(path)):
        grid = Grid(source, vmin=0, vmax=255)
        assert grid.titles == ("A/01/0", "", "", "B/02/0", "", "")
        assert np.array_equal(grid.pictures[3].pixels, WELLS["B/02"]["0"])
        with open_pyramid(source) as pyramid:
            assert np.array_equal(pyramid.read(0, index=(3,)), WELLS["B/02"]["1"])
            again = pickle.loads(pickle.dumps(pyramid))
            assert np.array_equal(again.read(0, index=(3,)), WELLS["B/02"]["1"])
    with open_pyramid(f"{zipped}/B/02/1") as pyramid:
        assert np.array_equal(pyramid.read(0), WELLS["B/02"]["1"])


def test_a_plate_at_an_address_is_a_grid(tmp_path: Path) -> None:
    make(tmp_path)
    with serving(tmp_path) as server:
        grid = Grid(f"{server.address}/p.zarr", vmin=0, vmax=255)
        assert grid.titles == ("A/01/0", "", "", "B/02/0", "", "")
        assert np.array_equal(grid.pictures[3].pixels, WELLS["B/02"]["0"])
        with open_pyramid(f"{server.address}/p.zarr/B/02") as pyramid:
            again = pickle.loads(pickle.dumps(pyramid))
            assert np.array_equal(again.read(0, index=(1,)), WELLS["B/02"]["1"])
            again.close()


def test_the_first_of_several_images_names_another(tmp_path: Path) -> None:
    group = make_group(str(tmp_path / "x.zarr"), "0.4")
    group.update_attributes({"bioformats2raw.layout": 3})
    for name in "01":
        write_image(str(tmp_path / "x.zarr"), samples(20, 30), "yx", "0.4", name)
    with open_pyramid(tmp_path / "x.zarr") as pyramid:
        assert pyramid.metadata.note == f"the first of 2 images: {tmp_path}/x.zarr/1 is another"
    series = make_group(str(tmp_path / "x.zarr"), "0.4", "OME")
    series.update_attributes({"series": ["0"]})
    with open_pyramid(tmp_path / "x.zarr") as pyramid:
        assert pyramid.metadata.note == ""


def test_empty_plates_and_wells_are_refused(tmp_path: Path) -> None:
    set_ome(make_group(str(tmp_path / "p.zarr")), "0.5", plate={"rows": [], "wells": []})
    with pytest.raises(ValueError, match=r"p\.zarr must be a plate of one well or more"):
        open_pyramid(tmp_path / "p.zarr")
    set_ome(make_group(str(tmp_path / "w.zarr")), "0.5", well={"images": []})
    with pytest.raises(ValueError, match=r"w\.zarr must be a well of one field or more"):
        Grid(str(tmp_path / "w.zarr"))


def test_a_field_that_can_not_be_read_is_shown_as_such(tmp_path: Path) -> None:
    path, data = str(tmp_path / "p.zarr"), samples(40, 50)
    write_plate(path, {"A/01": {"0": data}, "B/02": {"0": data}})
    (Path(path) / "B/02/0/0/zarr.json").unlink()
    with pytest.raises(ValueError, match=f"^{path}/B/02/0: "):
        Grid(path)
    grid = Grid(path, errors="show")
    assert list(grid.errors) == [3] and grid.pictures[0] is not None
