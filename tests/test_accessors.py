"""``data.nb`` of xarray and pandas: the same objects as the classes make, of the same data."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import nbimage.pandas
import nbimage.xarray  # noqa: F401
from nbimage import Grid, Picture, Video, View, show_images

STACK = np.random.default_rng(0).normal(size=(3, 20, 30)).astype(np.float32)
DATA = xr.DataArray(
    STACK,
    dims=("time", "lat", "lon"),
    coords={"time": [1, 2, 3], "lat": np.linspace(50, 60, 20), "lon": np.linspace(0, 10, 30)},
    name="t2m",
    attrs={"units": "K"},
)
SET = xr.Dataset({"t2m": DATA, "u10": 2 * DATA, "scale": 5.0})
FRAME = pd.DataFrame(STACK[0][:4, :5], columns=list("abcde"))
PHOTOS = pd.DataFrame({"id": [7, 8, 9, 10], "photo": [STACK[0], None, STACK[1], np.nan]})
CLASSES = {"image": Picture, "view": View, "grid": Grid, "video": Video}


def test_a_data_array_becomes_what_the_classes_make_of_it() -> None:
    plane = DATA[0]
    assert plane.nb.image(cmap="viridis").html == Picture(plane, cmap="viridis").html
    assert plane.nb.view(title="a").html == View(plane, title="a").html
    assert DATA.nb.grid(vmin=0).html == Grid(DATA, vmin=0).html
    video = DATA.nb.video(-1, 1, progress=False)
    assert video.files == Video(DATA, -1, 1, progress=False).files
    assert video.description == Video(DATA, -1, 1, progress=False).description


def test_a_dataset_shows_its_variables() -> None:
    first = SET.isel(time=0)
    assert first.nb.grid().titles == ("t2m", "u10")
    assert [image.name for image in first.nb.view().model.images] == ["t2m", "u10"]
    assert first.nb["u10"].image().html == Picture(first["u10"]).html
    assert first[["t2m", "scale"]].nb.image().html == Picture(first["t2m"]).html
    with pytest.raises(ValueError, match=r"^image\(\) shows one array, but .*data\.nb\['t2m'\]"):
        first.nb.image()
    with pytest.raises(ValueError, match="but there is none"):
        first[["scale"]].nb.grid()


def test_a_frame_of_numbers_is_a_picture() -> None:
    assert FRAME.nb.image().html == Picture(FRAME).html
    assert FRAME.nb.view().html == View(FRAME).html


def test_a_column_of_arrays_is_a_grid_a_video_or_a_view() -> None:
    column, found = PHOTOS["photo"], [STACK[0], STACK[1]]
    assert column.nb.grid().html == Grid(column).html
    assert PHOTOS.nb["photo"].grid(columns=1).html == Grid(column, columns=1).html
    assert column.nb.video(progress=False).files == Video(found, progress=False).files
    assert column.nb.view().html == View(found).html
    assert column[:2].nb.image().html == Picture(STACK[0]).html
    with pytest.raises(ValueError, match=r"^image\(\) shows one array, but there are 2"):
        column.nb.image()
    table, own = PHOTOS.nb.table(size=16), show_images(PHOTOS, size=16)
    assert table.to_html(table_uuid="a") == own.to_html(table_uuid="a")


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("data", [DATA, SET, FRAME, PHOTOS["photo"]])
def test_methods_have_the_parameters_and_help_of_the_classes(data: Any, name: str) -> None:
    method, kind = getattr(data.nb, name), CLASSES[name]
    parameters = list(inspect.signature(kind).parameters.values())[1:]
    assert list(inspect.signature(method).parameters.values()) == parameters
    assert inspect.getdoc(method) == inspect.getdoc(kind)
    assert f".{name}()" in repr(data.nb)
    with pytest.raises(TypeError, match=rf"^nb\.{name}\(\) got .*'colormap'.*mean cmap\?$"):
        method(colormap="gray")


def test_the_packages_themselves_are_not_hidden_and_are_imported_when_asked_for() -> None:
    code = (
        "import sys, nbimage; nbimage.nbimage; before = 'xarray' in sys.modules; "
        "import nbimage.xarray, xarray, nbimage.pandas, pandas; "
        "print(before, xarray.DataArray.nb.__name__, hasattr(pandas.Series, 'nb'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "DataArrayAccessor", "True"]
