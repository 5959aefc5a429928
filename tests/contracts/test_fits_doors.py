"""Every verb shows a FITS file alike: all planes, values as meant, the first row at the bottom."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage import (
    Grid,
    Picture,
    Video,
    View,
    encode,
    open_pyramid,
    write_dzi,
    write_ome_zarr,
    write_tiff,
)
from nbimage.cli.main import main
from nbimage.pyramid.read_files import unique_names
from nbimage.pyramid.read_frames import list_files, read_frames
from tests.fits_files import make_unit, write_fits
from tests.optional import zarr

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(12)
GRAY = RANDOM.integers(-300, 300, (20, 26)).astype(np.int16)
UNSIGNED = (GRAY.astype(np.int32) + 32768).astype(np.uint16)
CUBE = RANDOM.normal(size=(5, 20, 26)).astype(np.float32)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return the path of the second image of a file, which is unsigned."""
    file = tmp_path / "a.fits"
    second = make_unit(GRAY, {"EXTNAME": "SCI", "BZERO": 32768}, primary=False)
    file.write_bytes(make_unit(CUBE[0], {}) + second)
    return f"{file}[SCI]"


def decode(data: bytes) -> Array:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def test_a_picture_has_the_first_row_at_the_bottom(path: str) -> None:
    picture, expected = Picture(path), Picture(UNSIGNED, origin="lower")
    assert picture.lower
    assert np.array_equal(picture.pixels, expected.pixels)
    assert not Picture(path, origin="upper").lower
    assert "HDU 1 SCI of the images 0 PRIMARY, 1 SCI" in picture.description


def test_a_reduced_picture_has_the_first_row_at_the_bottom(path: str) -> None:
    picture = Picture(path, max_pixels=200)
    means = np.round(UNSIGNED.reshape(10, 2, 13, 2).mean((1, 3))).astype(np.uint16)
    assert picture.lower
    assert np.abs(picture.pixels.astype(int) - Picture(means, origin="lower").pixels).max() <= 1


def test_coordinates_are_ticks(tmp_path: Path) -> None:
    cards = {"CTYPE1": "X", "CUNIT1": "mm", "CRPIX1": 1.0, "CRVAL1": 100.0, "CDELT1": 2.0}
    picture = Picture(write_fits(tmp_path / "a.fits", GRAY, **cards))
    expected = Picture(GRAY, origin="lower", x=100 + 2.0 * np.arange(26), xlabel="X [mm]")
    assert picture.svg == expected.svg
    plain = Picture(write_fits(tmp_path / "b.fits", GRAY))
    assert plain.svg == Picture(GRAY, origin="lower").svg


def test_encoded_bytes(path: str) -> None:
    assert np.array_equal(decode(encode(path)), Picture(UNSIGNED, origin="lower").pixels)


def test_a_grid(path: str, tmp_path: Path) -> None:
    other = write_fits(tmp_path / "b.fits", GRAY)
    grid = Grid([path, other])
    for picture, array in zip(grid.pictures, (UNSIGNED, GRAY), strict=True):
        assert picture is not None
        assert picture.lower
        assert picture.pixels.shape == array.shape
    assert grid.titles == ("a.fits[SCI]", "b.fits")
    assert unique_names([path, path]) == ["a.fits[SCI] (1)", "a.fits[SCI] (2)"]


def test_a_video_of_a_cube(tmp_path: Path) -> None:
    path = write_fits(tmp_path / "cube.fits", CUBE)
    frames, _ = read_frames(path)
    assert [np.array_equal(frames[i].array, CUBE[i]) for i in range(5)] == [True] * 5
    video, expected = Video(path), Video(CUBE, origin="lower")
    assert np.array_equal(video.render(), expected.render())
    assert not np.array_equal(video.render(), Video(CUBE).render())
    with pytest.raises(ValueError, match=r"holds a stack of images \(5 along NAXIS3\)"):
        Picture(path)


def test_brackets_are_no_pattern(path: str) -> None:
    assert list_files(path) is None


def image_of(view: View) -> dict[str, Any]:
    return view.model.config["images"][0]


@pytest.mark.parametrize("embed", [True, False])
def test_a_view(embed: bool, path: str, tmp_path: Path) -> None:
    with_cube = write_fits(tmp_path / "cube.fits", CUBE, CTYPE3="FREQ", CRVAL3=1.0, CUNIT3="GHz")
    for source, shape in ((path, UNSIGNED.shape), (str(with_cube), CUBE.shape)):
        view = View(source, embed=embed)
        image = view.model.images[0].stack
        assert image.upward
        assert tuple(image.shape) == shape
        if len(shape) == 3:
            assert image.names == ("FREQ [GHz]",)
            assert image.labels(0) == ["2", "3", "4", "5", "6"]


def test_written_tiles_are_upright(path: str, tmp_path: Path) -> None:
    expected = Picture(UNSIGNED, origin="lower").pixels
    written = write_dzi(path, tmp_path / "b", format="png", progress=False)
    with open_pyramid(written) as pyramid:
        assert np.array_equal(pyramid.read(0), expected)
    assert main(["dzi", path, str(tmp_path / "c"), "--format", "png"]) == 0
    with open_pyramid(tmp_path / "c.dzi") as pyramid:
        assert np.array_equal(pyramid.read(0), expected)


def test_written_values_are_upright(path: str, tmp_path: Path) -> None:
    tiff = write_tiff(path, tmp_path / "b.tif", progress=False)
    assert np.array_equal(tifffile.imread(tiff), UNSIGNED[::-1])
    cube = write_fits(tmp_path / "cube.fits", CUBE)
    assert np.array_equal(
        tifffile.imread(write_tiff(cube, tmp_path / "c.tif", progress=False)), CUBE[:, ::-1]
    )


def test_written_zarr_is_upright(path: str, tmp_path: Path) -> None:
    assert zarr.open  # or the test is skipped
    written = write_ome_zarr(path, tmp_path / "b.ome.zarr", progress=False)
    with open_pyramid(written) as pyramid:
        assert np.array_equal(pyramid.read(0), UNSIGNED[::-1])


def test_the_command_line(path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", path]) == 0
    lines = capsys.readouterr().out
    assert "dtype: uint16" in lines
    assert "note: HDU 1 SCI of the images 0 PRIMARY, 1 SCI" in lines
    assert main(["png", path, str(tmp_path / "b.png")]) == 0
    expected = Picture(UNSIGNED, origin="lower").pixels
    assert np.array_equal(decode((tmp_path / "b.png").read_bytes()), expected)
    assert main(["view", path, "--export", str(tmp_path / "folder")]) == 0
    assert main(["info", path.replace("SCI", "NO")]) == 2
    assert "no HDU 'NO' in " in capsys.readouterr().err
