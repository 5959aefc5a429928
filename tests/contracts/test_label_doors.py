"""Labels are shown by every verb in colors and values of their own, never by means of several."""

from __future__ import annotations

import io
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import xarray
from PIL import Image

from nbimage import Grid, Picture, Video, data_uris, open_pyramid, write_ome_zarr
from nbimage.cli.main import main

LABELS = np.random.default_rng(3).choice(np.array([0, 1, 9, 200], np.uint8), (301, 407))
ARRAY = xarray.DataArray(LABELS, dims=("y", "x"), attrs={"flag_values": [0, 1, 9, 200]})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a file that does not say what its values are, and one that does."""
    folder = tmp_path_factory.mktemp("labels")
    tifffile.imwrite(folder / "a.tif", LABELS, tile=(64, 64))
    write_ome_zarr(LABELS, folder / "a.zarr", labels=True, progress=False)
    return {"tiff": folder / "a.tif", "zarr": folder / "a.zarr"}


def pixels(png: bytes) -> Any:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGBA"))


def stored(picture: Picture) -> Any:
    """Return what the page holds."""
    return pixels(picture._stored.data)


COLORED = pixels(Picture(LABELS, labels=True).png)


def check_some(found: Any, whole: Any = COLORED) -> None:
    """Compare a picture with every other pixel of the whole one."""
    step = -(-whole.shape[0] // found.shape[0])
    assert step > 1 and np.array_equal(found, whole[::step, ::step])


@pytest.mark.parametrize("kind", ["array", "tiff", "zarr"])
def test_a_reduced_picture_of_labels_has_none_but_their_colors(
    kind: str, files: dict[str, Path]
) -> None:
    data = LABELS if kind == "array" else files[kind]
    picture = Picture(data, labels=True, max_pixels=20000)
    check_some(stored(picture))
    assert picture.labels and "pixelated" in picture.html and "data-labels" in picture.html
    assert "means" not in picture.html
    (cell,) = Grid([data], labels=True, max_pixels=20000).pictures
    check_some(stored(cell))
    assert "data-labels" in cell.inner_html and "pixelated" in cell.svg


@pytest.mark.parametrize("kind", ["array", "zarr"])
def test_labels_that_the_data_tell_of_are_not_averaged(kind: str, files: dict[str, Path]) -> None:
    data: Any = ARRAY if kind == "array" else files[kind]
    shown = stored(Picture(data, max_pixels=20000))
    check_some(shown[:, :, 0], LABELS)
    means = stored(Picture(data, max_pixels=20000, labels=False))
    assert not np.isin(means[:, :, 0], LABELS).all()


def test_a_level_of_a_pyramid_that_has_means_is_no_picture_of_labels(
    files: dict[str, Path],
) -> None:
    with open_pyramid(files["tiff"]) as pyramid:
        assert Picture(pyramid, labels=True).labels
        with pytest.raises(ValueError, match="labels must be left out"):
            Picture(pyramid, labels=True, max_pixels=20000)
    with open_pyramid(files["tiff"], labels=True) as pyramid:
        check_some(stored(Picture(pyramid, labels=True, max_pixels=20000)))


def test_previews_of_labels_have_none_but_their_colors() -> None:
    large = np.random.default_rng(0).choice(np.array([0, 1, 9], np.uint8), (900, 1700))
    colors = {tuple(c) for c in pixels(Picture(large[:9], labels=True).png).reshape(-1, 4)}
    picture = Picture(large, labels=True, compression=0)
    found = pixels(picture._stored.preview)
    assert found.shape[1] < 1700 and {tuple(c) for c in found.reshape(-1, 4)} <= colors
    check_some(found, pixels(picture.png))
    grid = pixels(b64decode(Grid([large], labels=True)._repr_mimebundle_()[0]["image/png"]))
    opaque = {c for c in colors if c[3]} | {(255, 255, 255, 255)}
    assert {tuple(c) for c in grid.reshape(-1, 4)} <= opaque


def test_the_poster_of_a_video_of_labels_has_none_but_their_colors() -> None:
    frames = np.random.default_rng(0).choice(np.array([0, 1, 9], np.uint8), (1, 900, 900))
    video = Video(frames, labels=True, format="webp", h264=None, progress=False)
    colors = pixels(Picture(frames[0, :9], labels=True).png).reshape(-1, 4)
    poster = video.render()
    assert poster.shape == (450, 450, 3)
    assert np.isin(poster.reshape(-1, 3) @ [65536, 256, 1], colors[:, :3] @ [65536, 256, 1]).all()
    assert "data-labels" in video.inner_html


def test_thumbnails_of_labels_have_none_but_their_values() -> None:
    (uri,) = data_uris([ARRAY], size=100)
    check_some(pixels(b64decode(uri.partition(",")[2]))[:, :, 0], LABELS)


def test_colors_of_a_palette_are_labels_already(tmp_path: Path) -> None:
    colors = np.random.default_rng(0).integers(0, 65536, (3, 256), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", LABELS, photometric="palette", colormap=colors)
    whole = stored(Picture(tmp_path / "a.tif", labels=True))
    assert np.array_equal(whole[:, :, 0], colors[0, LABELS] >> 8)
    check_some(stored(Picture(tmp_path / "a.tif", labels=True, max_pixels=20000)), whole)
    check_some(stored(Picture(tmp_path / "a.tif", max_pixels=20000)), whole)


def test_the_command_line_takes_labels(
    files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(files["tiff"])
    assert main(["info", path, "--labels"]) == 0
    assert "labels: " in capsys.readouterr().out
    assert main(["dzi", path, str(tmp_path / "a.dzi"), "--labels"]) == 0
    assert next((tmp_path / "a_files").rglob("*.png"))
    with open_pyramid(tmp_path / "a.dzi", labels=True) as pyramid:
        assert np.array_equal(pyramid.read(2), LABELS[::4, ::4])
    assert main(["dzi", path, str(tmp_path / "b.dzi"), "--labels", "--format", "jpeg"]) == 2
    assert 'must be "png" for labels' in capsys.readouterr().err
    assert main(["png", path, str(tmp_path / "a.png"), "--labels"]) == 0
    assert np.array_equal(pixels((tmp_path / "a.png").read_bytes()), COLORED)
