"""One rule for paths: each verb opens the same files, with the same pixels."""

from __future__ import annotations

import base64
import io
import itertools
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import (
    Grid,
    Picture,
    Video,
    View,
    data_uri,
    encode,
    nbgrid,
    nbimage,
    nbvideo,
    open_pyramid,
    write_dzi,
    write_ome_zarr,
    write_tiff,
)
from nbimage.arrays.ingest import as_values
from nbimage.cli.main import main
from nbimage.pyramid.read_frames import read_frames

Array = np.ndarray
RANDOM = np.random.default_rng(5)
GRAY = RANDOM.integers(0, 256, (24, 37), dtype=np.uint8)
COLOR = RANDOM.integers(0, 256, (24, 37, 3), dtype=np.uint8)
DEEP = RANDOM.integers(0, 65536, (24, 37), dtype=np.uint16)
FRAMES = RANDOM.integers(0, 256, (5, 24, 37), dtype=np.uint8)


def by_pillow(name: str, array: Array, **options: Any) -> Callable[[Path], tuple[Path, Array]]:
    def make(folder: Path) -> tuple[Path, Array]:
        path = folder / name
        Image.fromarray(array).save(path, **options)
        with Image.open(path) as image:
            return path, as_values(image).array

    return make


def npy(array: Array) -> Callable[[Path], tuple[Path, Array]]:
    def make(folder: Path) -> tuple[Path, Array]:
        np.save(folder / "image.npy", array)
        return folder / "image.npy", array

    return make


def npz(folder: Path) -> tuple[Path, Array]:
    np.savez(folder / "image.npz", only=DEEP)
    return folder / "image.npz", DEEP


def zarr_array(folder: Path) -> tuple[Path, Array]:
    zarr = pytest.importorskip("zarr")
    zarr.save_array(str(folder / "image.zarr"), DEEP)
    return folder / "image.zarr", DEEP


def ome_zarr(folder: Path) -> tuple[Path, Array]:
    pytest.importorskip("zarr")
    return write_ome_zarr(DEEP, folder / "image.ome.zarr", progress=False), DEEP


def tiff(array: Array) -> Callable[[Path], tuple[Path, Array]]:
    def make(folder: Path) -> tuple[Path, Array]:
        pytest.importorskip("tifffile")
        return write_tiff(array, folder / "image.tif", progress=False), array

    return make


def deep_zoom(name: str) -> Callable[[Path], tuple[Path, Array]]:
    def make(folder: Path) -> tuple[Path, Array]:
        return write_dzi(COLOR, folder / name, format="png", progress=False), COLOR

    return make


IMAGES: dict[str, Callable[[Path], tuple[Path, Array]]] = {
    "PNG": by_pillow("image.png", COLOR),
    "PNG of 16 bits": by_pillow("image.png", DEEP),
    "JPEG": by_pillow("image.jpg", COLOR),
    "GIF": by_pillow("image.gif", GRAY),
    "BMP": by_pillow("image.bmp", COLOR),
    "WebP": by_pillow("image.webp", COLOR, lossless=True),
    "TIFF": tiff(DEEP),
    "TIFF in colors": tiff(COLOR),
    "npy": npy(DEEP),
    "npy in colors": npy(COLOR),
    "planar npy": npy(np.moveaxis(COLOR, 2, 0)),
    "npz": npz,
    "zarr": zarr_array,
    "OME-Zarr": ome_zarr,
    "Deep Zoom": deep_zoom("image.dzi"),
    "Deep Zoom in one file": deep_zoom("image.szi"),
}


def decoded(png: bytes) -> Array:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image)


def by_command_line(path: Path) -> Array:
    target = path.parent / "by-command-line.png"
    assert main(["png", str(path), str(target)]) == 0
    return decoded(target.read_bytes())


def by_saveas(path: Path) -> Array:
    target = path.parent / "by-saveas.png"
    nbimage(path, saveas=target)
    return decoded(target.read_bytes())


def by_nbgrid(path: Path) -> Array:
    pattern = path.parent / "by-nbgrid-{index}.png"
    nbgrid([path], saveas=pattern)
    return decoded((path.parent / "by-nbgrid-0.png").read_bytes())


def by_view(path: Path) -> Array:
    picture: Any = View(path).picture
    return decoded(picture.png)


def by_pyramid(path: Path) -> Array:
    with open_pyramid(path) as pyramid:
        return decoded(Picture(pyramid).png)


DOORS: dict[str, Callable[[Path], Array]] = {
    "Picture": lambda path: decoded(Picture(path).png),
    "Picture of text": lambda path: decoded(Picture(str(path)).png),
    "nbimage": by_saveas,
    "encode": lambda path: decoded(encode(path)),
    "data_uri": lambda path: decoded(base64.b64decode(data_uri(path).partition(",")[2])),
    "Grid": lambda path: decoded(Grid([path]).pictures[0].png),
    "Grid of one path": lambda path: decoded(Grid(path).pictures[0].png),
    "nbgrid": by_nbgrid,
    "View": by_view,
    "command line": by_command_line,
    "pyramid": by_pyramid,
}


@pytest.mark.parametrize(
    ("kind", "door"),
    # for a grid three planes are a stack, of an array as well
    sorted(set(itertools.product(IMAGES, DOORS)) - {("planar npy", "Grid of one path")}),
)
def test_every_door_opens_every_file_with_the_same_pixels(
    tmp_path: Path, kind: str, door: str
) -> None:
    path, array = IMAGES[kind](tmp_path)
    expected = decoded(Picture(array).png)
    assert np.array_equal(DOORS[door](path), expected)


@pytest.mark.parametrize("door", DOORS)
def test_a_path_that_is_not_there_is_one_clear_line(
    tmp_path: Path, door: str, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.png"
    if door == "command line":
        assert main(["png", str(missing), str(tmp_path / "out.png")]) == 2
        message = capsys.readouterr().err.rstrip()
    else:
        with pytest.raises(FileNotFoundError) as caught:
            DOORS[door](missing)
        message = str(caught.value)
    assert "no such file" in message
    assert "missing.png" in message
    assert "\n" not in message


@pytest.mark.parametrize("door", [Picture, encode, Video, Grid, View])
def test_an_unknown_user_is_one_clear_line(door: Any) -> None:
    with pytest.raises(
        ValueError, match=r"^(images.*: )?unknown user in path '~nobody-here/x.png'"
    ):
        door("~nobody-here/x.png")


def test_a_path_from_the_home_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    Image.fromarray(COLOR).save(tmp_path / "image.png")
    path = "~/image.png"
    assert np.array_equal(decoded(encode(path)), COLOR)


def test_an_address_is_read_where_a_path_is(tmp_path: Path) -> None:
    path, array = IMAGES["PNG"](tmp_path)
    assert np.array_equal(decoded(encode(path.as_uri())), array)
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://test_paths/image.png", "wb") as file:
        file.write(path.read_bytes())
    for source in ("memory://test_paths/image.png", fsspec.open("memory://test_paths/image.png")):
        assert np.array_equal(decoded(encode(source)), array)
        assert np.array_equal(decoded(Grid([source]).pictures[0].png), array)


def test_files_of_a_list_have_their_names_as_titles(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        Image.fromarray(COLOR).save(tmp_path / name)
    paths = [tmp_path / "a.png", str(tmp_path / "b.png")]
    assert Grid(paths).titles == Grid(tmp_path).titles == ("a.png", "b.png")
    assert Grid(str(tmp_path / "*.png")).titles == ("a.png", "b.png")
    assert Grid(paths, ["one", "two"]).titles == ("one", "two")
    assert Grid({"one": paths[0], "two": paths[1]}).titles == ("one", "two")


def test_one_range_of_files_is_that_of_their_arrays(tmp_path: Path) -> None:
    arrays = [DEEP >> 2, DEEP]
    for number, array in enumerate(arrays):
        np.save(tmp_path / f"{number}.npy", array)
    paths = [tmp_path / f"{number}.npy" for number in range(2)]
    for of_path, of_array in zip(Grid(paths).pictures, Grid(arrays).pictures, strict=True):
        assert np.array_equal(of_path.pixels, of_array.pixels)


# ------------------------------------------------------------------------------- large files


def test_of_a_large_file_a_smaller_level_is_shown(tmp_path: Path) -> None:
    pytest.importorskip("tifffile")
    large = RANDOM.integers(0, 256, (600, 1000), dtype=np.uint8)
    path = write_tiff(large, tmp_path / "large.tif", progress=False)
    picture = Picture(path, max_pixels=200_000, pixel_size=2.0, unit="µm")
    assert picture.pixels.shape == (300, 500)
    assert "600×1000" in " ".join(picture.figure.notes)
    assert picture.figure.scale_bar == Picture(large, pixel_size=2.0, unit="µm").figure.scale_bar
    assert not Picture(path).figure.notes
    assert Picture(path, max_pixels=np.inf).pixels.shape == large.shape
    grid = Grid([path, path], max_pixels=400_000)
    assert [one.pixels.shape for one in grid.pictures] == [(300, 500)] * 2
    assert "600×1000" in " ".join(grid.pictures[1].figure.notes)


@pytest.mark.parametrize("suffix", ["npy", "npz", "zarr"])
def test_arrays_in_files_are_reduced_alike(tmp_path: Path, suffix: str) -> None:
    large = RANDOM.integers(0, 256, (600, 1000), dtype=np.uint8)
    path = tmp_path / f"large.{suffix}"
    if suffix == "zarr":
        pytest.importorskip("zarr").save_array(str(path), large)
    else:
        np.save(path, large) if suffix == "npy" else np.savez(path, large)
    assert Picture(path, max_pixels=200_000).pixels.shape == (300, 500)


# --------------------------------------------------------------------------------- many images


def stacks(folder: Path) -> dict[str, Any]:
    """The same frames in every kind of file."""
    pages = [Image.fromarray(frame) for frame in FRAMES]
    np.save(folder / "stack.npy", FRAMES)
    np.savez(folder / "stack.npz", FRAMES)
    for name in ("stack.gif", "stack.tif", "stack.png"):
        pages[0].save(folder / name, save_all=True, append_images=pages[1:])
    (folder / "folder").mkdir()
    for number, page in enumerate(pages):
        page.save(folder / "folder" / f"{number:03}.png")
    files = sorted((folder / "folder").iterdir())
    names = ("stack.npy", "stack.npz", "stack.gif", "stack.tif", "stack.png", "folder")
    return {
        **{name: folder / name for name in names},
        "pattern": str(folder / "folder" / "*.png"),
        "list": files,
    }


STACKS = ["stack.npy", "stack.npz", "stack.gif", "stack.tif", "stack.png", "folder"]


@pytest.mark.parametrize("kind", [*STACKS, "pattern", "list"])
def test_frames_are_those_of_the_array(tmp_path: Path, kind: str) -> None:
    if kind.endswith("tif"):
        pytest.importorskip("tifffile")
    source = stacks(tmp_path)[kind]
    frames, _ = read_frames(source)
    arrays = [as_values(frame).array for frame in frames]
    assert np.array_equal([a if a.ndim == 2 else a[:, :, 1] for a in arrays], FRAMES)
    video = Video(source, fps=25, progress=False)
    assert (video.count, video.size) == (5, (37, 24))
    assert video.files == Video(arrays, progress=False).files
    pictures = [picture.pixels for picture in Grid(source).pictures]
    assert np.array_equal([p if p.ndim == 2 else p[:, :, 1] for p in pictures], FRAMES)


def test_the_verb_takes_a_path_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nbvideo(stacks(tmp_path)["stack.gif"], progress=False, saveas=tmp_path / "out.mp4")
    assert "5 frames" in capsys.readouterr().out
    assert (tmp_path / "out.mp4").exists()


def test_one_picture_of_a_stack_is_not_picked_silently(tmp_path: Path) -> None:
    np.save(tmp_path / "stack.npy", FRAMES)
    with pytest.raises(ValueError, match=r"\(5, 24, 37\)"):
        Picture(tmp_path / "stack.npy")
    pytest.importorskip("tifffile")
    path = write_tiff(FRAMES, tmp_path / "stack.tif", axes="zyx", progress=False)
    with pytest.raises(ValueError, match=r"stack of images.*5 along z.*nbview"):
        Picture(path)


@pytest.mark.parametrize("door", [Video, Grid])
def test_a_folder_without_pictures_is_one_clear_line(tmp_path: Path, door: Any) -> None:
    for source in (tmp_path, tmp_path / "*.png"):
        with pytest.raises(FileNotFoundError, match=r"^no pictures in "):
            door(source)


def test_a_damaged_file_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.szi"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", b"")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    for name in ("bad.szi", "bad.png"):
        for door in (Picture, encode, Video, View):
            with pytest.raises(ValueError, match=name) as caught:
                door(tmp_path / name)
            assert "\n" not in str(caught.value)


@pytest.mark.parametrize("step", [1, -1])
def test_labels_and_orientation_of_a_file_are_those_of_its_array(tmp_path: Path, step: int) -> None:
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("zarr")
    latitudes = ("lat", np.linspace(10, 60, 24)[::step], {"units": "degrees_north"})
    values = DEEP.astype(np.float32)
    data = xarray.DataArray(
        values, dims=("lat", "lon"), coords={"lat": latitudes}, name="air", attrs={"units": "K"}
    )
    data.to_dataset().to_zarr(tmp_path / "air.zarr", zarr_format=2, consolidated=False)
    of_file, of_array = Picture(tmp_path / "air.zarr"), Picture(data)
    assert np.array_equal(of_file.pixels, of_array.pixels)
    assert of_file.lower == of_array.lower == (step == 1)
    assert of_file.figure.y == of_array.figure.y
    assert of_file.figure.bars == of_array.figure.bars


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_without_tifffile_a_tiff_of_one_page_is_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: str
) -> None:
    monkeypatch.setitem(sys.modules, "tifffile", None)
    path = tmp_path / "a.tiff"
    Image.fromarray(COLOR).save(path, compression=compression)
    assert np.array_equal(Picture(path).pixels, COLOR)
    assert np.array_equal(View(path, embed=True).picture.pixels, COLOR)
    assert main(["png", str(path), str(tmp_path / "a.png")]) == 0
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), COLOR)


def test_without_tifffile_other_tiffs_say_what_they_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tifffile", None)
    path = tmp_path / "pages.tiff"
    frames = [Image.fromarray(frame) for frame in FRAMES]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    (tmp_path / "bad.tiff").write_bytes(b"II*\0garbage")
    for file in (path, tmp_path / "bad.tiff"):
        with pytest.raises(ImportError, match="TIFF needs tifffile"):
            Picture(file)


@pytest.mark.parametrize(
    ("shape", "names"),
    [((3, 40, 50), ("band", "y", "x")), ((4, 40, 50), None), ((5, 40, 50), None)],
)
def test_the_axes_of_a_zarr_array_are_read_alike_by_its_path(
    tmp_path: Path, shape: tuple[int, ...], names: tuple[str, ...] | None
) -> None:
    zarr = pytest.importorskip("zarr")
    path = tmp_path / "a.zarr"
    array = zarr.create_array(path, shape=shape, dtype="u1", dimension_names=names)
    array[...] = np.arange(np.prod(shape)).reshape(shape) % 251
    assert Video(path, fps=4).count == Video(array, fps=4).count
    theirs, ours = Grid(array), Grid(path)
    assert ours.titles == theirs.titles
    for one, other in zip(ours.pictures, theirs.pictures, strict=True):
        assert np.array_equal(one.pixels, other.pixels)


def test_the_description_of_a_reduced_file_has_its_own_shape(tmp_path: Path) -> None:
    np.save(tmp_path / "large.npy", RANDOM.integers(0, 256, (600, 1000), dtype=np.uint8))
    picture = Picture(tmp_path / "large.npy", max_pixels=200_000)
    assert picture.description.startswith("300×500 uint8")
    for text in (picture.description, repr(picture)):
        assert "reduced from 600×1000" in text
    assert "reduced" not in Picture(tmp_path / "large.npy").description
