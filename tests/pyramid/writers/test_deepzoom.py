"""Deep Zoom pyramids: libvips' tiles, one range for the whole image, whole or not at all."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nbimage import rerange
from nbimage.base import atomic
from nbimage.base.box import Box
from nbimage.cli.main import main
from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.levels import executors
from nbimage.pyramid.levels import super_tiles as building
from nbimage.pyramid.levels.executors import Threads
from nbimage.pyramid.levels.super_tiles import (
    build_levels,
    cut_super_tiles,
    halve_pixels,
    in_threads,
)
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.writers import tile_encoder
from nbimage.pyramid.writers.deepzoom.write import write_dzi
from nbimage.pyramid.writers.tile_encoder import TileCodec
from tests.memory import traced

pyvips = pytest.importorskip("pyvips")

Array = np.ndarray
RANDOM = np.random.default_rng(5)
XMLNS = "{http://schemas.microsoft.com/deepzoom/2008}"
SIDES = [1, 2, 3, 7, 64, 97, 127, 128, 129, 251, 253, 254, 255, 256, 257, 258, 307, 508, 509, 511]
SIZES = [
    *[(1, side) for side in (1, 2, 5, 254, 255, 257, 1021)],
    *[(side, 1) for side in (2, 3, 253, 256, 509)],
    *zip(SIDES, SIDES, strict=True),
    *[(3, 600), (600, 3), (251, 1013), (1013, 251), (255, 509), (762, 763), (1024, 1016)],
    *[(1017, 1015), (2033, 2031), (2032, 254)],
]


def colors(shape: tuple[int, int], channels: int) -> Array:
    whole = shape if channels == 1 else (*shape, channels)
    pixels = RANDOM.integers(0, 256, whole, dtype=np.uint8)
    if channels in (2, 4):  # clear and opaque places as well
        pixels[..., -1] = np.where(pixels[..., -1] < 80, 0, pixels[..., -1])
        pixels[..., -1] = np.where(pixels[..., -1] > 170, 255, pixels[..., -1])
    return pixels


def by_vips(pixels: Array, path: Path, **options: Any) -> dict[str, Array]:
    height, width, *channels = pixels.shape
    image = pyvips.Image.new_from_memory(
        np.ascontiguousarray(pixels).data, width, height, channels[0] if channels else 1, "uchar"
    )
    kind = "srgb" if channels and channels[0] > 2 else "b-w"
    image.copy(interpretation=kind).dzsave(str(path), suffix=".png", **options)
    return tiles(path)


def tiles(path: Path) -> dict[str, Array]:
    """Tile's name below the pyramid's folder -> its pixels."""
    folder = path.with_name(f"{path.name}_files")
    found = {}
    for file in sorted(folder.rglob("*_*.*")):
        with Image.open(file) as image:
            found[file.relative_to(folder).as_posix()] = np.asarray(image)
    return found


def check_same(ours: dict[str, Array], theirs: dict[str, Array]) -> None:
    assert ours.keys() == theirs.keys()
    for name, tile in theirs.items():
        assert ours[name].shape == tile.shape, name
        assert np.array_equal(ours[name], tile), name


def level(found: dict[str, Array], grid: TileGrid, number: int) -> Array:
    """A level, put together of its tiles' own parts."""
    rows, columns = grid.shape(number)
    first = next(iter(found.values()))
    whole = np.zeros((rows, columns, *first.shape[2:]), np.uint8)
    down, across = grid.tiles(number)
    for row in range(down):
        for column in range(across):
            tile = next(
                pixels
                for name, pixels in found.items()
                if name.startswith(f"{grid.last - number}/{column}_{row}.")
            )
            box = grid.bounds(number, column, row)
            whole[box.top : box.bottom, box.left : box.right] = tile
    return whole


# -------------------------------------------------------------------------------- libvips


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_every_tile_of_every_level_is_that_of_libvips(tmp_path: Path, channels: int) -> None:
    for shape in SIZES if channels == 3 else SIZES[::3]:
        name = "x".join(map(str, shape))
        pixels = colors(shape, channels)
        theirs = by_vips(pixels, tmp_path / f"vips-{name}")
        axis = None if channels == 1 else -1
        write_dzi(pixels, tmp_path / f"ours-{name}.dzi", format="png", channel_axis=axis)
        check_same(tiles(tmp_path / f"ours-{name}"), theirs)


@pytest.mark.parametrize(
    ("tile_size", "overlap"), [(256, 0), (255, 1), (64, 5), (17, 17), (33, 8), (510, 2)]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_tiles_of_any_size_and_overlap_are_those_of_libvips(
    tmp_path: Path, tile_size: int, overlap: int, channels: int
) -> None:
    options = {"tile_size": tile_size, "overlap": overlap}
    pixels = colors((397, 521) if tile_size > 60 else (197, 261), channels)
    theirs = by_vips(pixels, tmp_path / "vips", **options)
    write_dzi(pixels, tmp_path / "ours.dzi", format="png", **options)
    check_same(tiles(tmp_path / "ours"), theirs)


@pytest.mark.parametrize("most", [1, 1 << 12, 1 << 15, 1 << 17, 1 << 30])
def test_the_tiles_are_the_same_whatever_one_task_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    pixels = colors((303, 227), 3)
    theirs = by_vips(pixels, tmp_path / "vips", tile_size=30, overlap=3)
    monkeypatch.setattr(cut_super_tiles, "__defaults__", (most,))
    monkeypatch.setattr(building, "_IN_MEMORY", 1 << 10)  # reduced levels go to a file
    write_dzi(pixels, tmp_path / "ours.dzi", format="png", tile_size=30, overlap=3)
    check_same(tiles(tmp_path / "ours"), theirs)


def test_the_descriptor_says_what_that_of_libvips_does(tmp_path: Path) -> None:
    pixels = colors((300, 417), 3)
    by_vips(pixels, tmp_path / "vips", tile_size=100, overlap=2)
    write_dzi(pixels, tmp_path / "ours.dzi", format="png", tile_size=100, overlap=2)
    ours, theirs = (ElementTree.parse(tmp_path / f"{n}.dzi").getroot() for n in ("ours", "vips"))
    assert (ours.tag, ours.attrib) == (theirs.tag, theirs.attrib) == (f"{XMLNS}Image", ours.attrib)
    assert ours.attrib == {"Format": "png", "Overlap": "2", "TileSize": "100"}
    assert ours.find(f"{XMLNS}Size").attrib == theirs.find(f"{XMLNS}Size").attrib
    assert ours.find(f"{XMLNS}Size").attrib == {"Height": "300", "Width": "417"}


def test_jpeg_tiles_are_as_near_to_the_pixels_as_those_of_libvips(tmp_path: Path) -> None:
    y, x = np.mgrid[:600, :500]
    pixels = np.stack([x % 256, y % 256, (x + y) % 256], -1).astype(np.uint8) // 2 + 60
    exact = by_vips(pixels, tmp_path / "exact")
    image = pyvips.Image.new_from_array(pixels).copy(interpretation="srgb")
    image.dzsave(str(tmp_path / "vips"))
    write_dzi(pixels, tmp_path / "ours.dzi")
    ours, theirs = tiles(tmp_path / "ours"), tiles(tmp_path / "vips")
    assert ours.keys() == theirs.keys()
    for name, tile in exact.items():
        name = name.replace(".png", ".jpeg")
        apart = [np.abs(found[name].astype(int) - tile).mean() for found in (ours, theirs)]
        assert apart[0] <= apart[1] + 0.5, name


def test_what_is_missing_or_clear_is_black_in_jpeg(tmp_path: Path) -> None:
    pixels = np.full((40, 40, 4), 200, np.uint8)
    pixels[:, :, 3] = 255
    pixels[:16, :16, 3] = 0
    write_dzi(pixels, tmp_path / "alpha.dzi")
    values = np.full((40, 40), 5.0)
    values[:16, :16], values[0, 20] = np.nan, 4
    write_dzi(values, tmp_path / "nan.dzi")
    for name in ("alpha", "nan"):
        tile = tiles(tmp_path / name)["6/0_0.jpeg"]
        assert tile[:8, :8].max() < 20
        assert tile[24:, 24:].min() > 180


# ----------------------------------------------------------------------------- the values


@pytest.mark.parametrize(
    "options",
    [{}, {"vmin": -1}, {"vmin": -1, "vmax": 2}, {"vsym": True}, {"norm": 0.5}, {"vmax": 0},
     {"contrast": "infer"}, {"contrast": (0, 100)}, {"norm": "asinh"}, {"vmin": 2, "vmax": -1}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2", "u2", "i4", "u1", "?", "f2"])
def test_one_range_holds_for_the_whole_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: str, options: dict[str, Any]
) -> None:
    values = (RANDOM.normal(size=(150, 211)) * (3 if dtype[0] == "f" else 40)).cumsum(0)
    data = np.abs(values).astype(dtype) if dtype[0] in "u?" else values.astype(dtype)
    monkeypatch.setattr(cut_super_tiles, "__defaults__", (1 << 14,))
    write_dzi(data, tmp_path / "x.dzi", format="png", tile_size=32, **options)
    expected = rerange(data, **options)
    grid = TileGrid(150, 211, 32)
    found = tiles(tmp_path / "x")
    for number in range(grid.last + 1):
        assert np.array_equal(level(found, grid, number), expected), number
        expected = halve(expected)


@pytest.mark.parametrize("options", [{"vmin": (0, -1, 0.1)}, {"vmax": [1, 2, 0.5]}, {"vmin": 0}])
def test_colors_have_one_range_or_one_each(tmp_path: Path, options: dict[str, Any]) -> None:
    data = RANDOM.normal(size=(90, 70, 3)) * [1, 2, 3]
    write_dzi(data, tmp_path / "x.dzi", format="png", tile_size=40, channel_axis=-1, **options)
    grid = TileGrid(90, 70, 40)
    found = level(tiles(tmp_path / "x"), grid, 0)
    assert np.array_equal(found, rerange(data, channel_axis=-1, **options))


def test_percentiles_of_a_large_image_are_those_of_its_values(tmp_path: Path) -> None:
    data = RANDOM.normal(size=(1500, 1600)).astype(np.float32)
    write_dzi(data, tmp_path / "x.dzi", format="png", contrast=(1, 99))
    grid = TileGrid(1500, 1600)
    found = level(tiles(tmp_path / "x"), grid, 0)
    low, high = np.percentile(data, (1, 99))
    ours = rerange(data, low, high)
    assert np.abs(found.astype(int) - ours).max() <= 3


def test_missing_values_are_clear_and_count_for_nothing(tmp_path: Path) -> None:
    data = RANDOM.normal(size=(64, 48))
    data[10:30, 4:20] = np.nan
    data[-1, -1] = np.inf
    write_dzi(data, tmp_path / "x.dzi", format="png")
    found = tiles(tmp_path / "x")
    gray, alpha = np.moveaxis(found["6/0_0.png"], 2, 0)
    assert np.array_equal(alpha == 0, np.isnan(data))
    assert np.array_equal(gray, rerange(data))
    half = found["5/0_0.png"]
    assert np.array_equal(half[5:15, 2:10], np.zeros((10, 8, 2)))
    seen = np.delete(half[:, :, 0], np.s_[5:15], 0)
    assert np.array_equal(seen, np.delete(halve(gray), np.s_[5:15], 0))


def test_tiles_without_a_missing_value_have_no_alpha(tmp_path: Path) -> None:
    data = RANDOM.normal(size=(100, 100))
    data[3, 3] = np.nan
    write_dzi(data, tmp_path / "x.dzi", format="png", tile_size=50, overlap=0)
    found = tiles(tmp_path / "x")
    assert found["7/0_0.png"].shape == (50, 50, 2)
    assert found["7/1_1.png"].shape == (50, 50)


@pytest.mark.parametrize("channels", [1, 3])
def test_masked_bytes_are_the_pixels_where_nothing_is_asked(tmp_path: Path, channels: int) -> None:
    pixels = colors((64, 48), channels) // 4 + 50
    mask = RANDOM.random((64, 48)) < 0.2
    whole = mask if channels == 1 else np.dstack([mask] * 3)
    masked = np.ma.MaskedArray(pixels, whole)
    write_dzi(masked, tmp_path / "x.dzi", format="png")
    found = tiles(tmp_path / "x")["6/0_0.png"]
    assert np.array_equal(found[:, :, -1] == 0, mask)
    assert np.array_equal(np.squeeze(found[:, :, :-1])[~mask], pixels[~mask])
    write_dzi(masked, tmp_path / "y.dzi", format="png", contrast="minmax")
    assert tiles(tmp_path / "y")["6/0_0.png"][:, :, :-1].max() == 255


def test_a_colormap_colors_the_means(tmp_path: Path) -> None:
    from nbimage.mapping.colormap import as_palette

    data = RANDOM.normal(size=(70, 90))
    write_dzi(data, tmp_path / "x.dzi", format="png", cmap="viridis")
    write_dzi(data, tmp_path / "x.zip", format="webp", cmap="viridis")
    palette = as_palette("viridis").array[:, :3]
    expected = rerange(data)
    for number in range(7, -1, -1):
        with Image.open(tmp_path / f"x_files/{number}/0_0.png") as image:
            assert image.mode == "P"
            assert np.array_equal(np.asarray(image.convert("RGB")), palette[expected])
        expected = halve(expected)


def test_a_norm_of_the_callers_own_holds_for_the_whole_image(tmp_path: Path) -> None:
    data = RANDOM.random((120, 80)) + 1
    from matplotlib.colors import LogNorm

    write_dzi(data, tmp_path / "x.dzi", format="png", tile_size=30, norm=LogNorm())
    grid = TileGrid(120, 80, 30)
    found = level(tiles(tmp_path / "x"), grid, 0)
    assert np.array_equal(found, rerange(data, norm=LogNorm()))


def test_an_image_without_a_finite_value_is_clear_and_says_so(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="no finite value"):
        write_dzi(np.full((9, 9), np.nan), tmp_path / "x.dzi", format="png")
    assert not tiles(tmp_path / "x")["4/0_0.png"].any()


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_format_holds_every_kind_of_pixels(tmp_path: Path, kind: str, channels: int) -> None:
    pixels = colors((70, 50), channels) // 2 + 100
    axis = None if channels == 1 else -1
    path = write_dzi(pixels, tmp_path / "x.dzi", format=kind, channel_axis=axis)
    assert path == tmp_path / "x.dzi"
    found = tiles(tmp_path / "x")
    assert {name.rpartition(".")[2] for name in found} == {kind}
    assert [found[f"{n}/0_0.{kind}"].shape[:2] for n in (7, 6, 0)] == [(70, 50), (35, 25), (1, 1)]


# ----------------------------------------------------------------------------- the sources


def test_lazy_arrays_files_and_pyramids_give_the_same_tiles(tmp_path: Path) -> None:
    import dask.array
    import zarr

    data = RANDOM.integers(0, 4000, (333, 500), dtype=np.uint16)
    np.save(tmp_path / "x.npy", data)
    chunked = zarr.create_array(store=tmp_path / "x.zarr", data=data, chunks=(100, 120))
    sources = {
        "array": data,
        "file": tmp_path / "x.npy",
        "dask": dask.array.from_array(data, chunks=(77, 99)),
        "zarr": chunked,
        "pyramid": open_pyramid(data),
    }
    found = {}
    for name, source in sources.items():
        write_dzi(source, tmp_path / name, format="png", tile_size=60)
        found[name] = tiles(tmp_path / name)
    for name in sources:
        check_same(found[name], found["array"])


def test_each_pixel_is_read_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = TileGrid(3000, 2500, 100, 1)
    seen = np.zeros((3000, 2500), np.uint8)

    def read(box: Box) -> Array:
        part = seen[box.top : box.bottom, box.left : box.right]
        part += 1
        return np.zeros(part.shape, np.uint8)

    written = []
    monkeypatch.setattr(cut_super_tiles, "__defaults__", (1 << 20,))
    build_levels(grid, read, lambda *tile: written.append(tile[:3]), channels=1, pixel_bytes=1,
          reduce=halve, run=Threads(1))  # fmt: skip
    assert seen.min() == 1
    assert seen.mean() < 1.1
    assert len(written) == len(set(written))
    assert len(written) == sum(np.prod(grid.tiles(n)) for n in range(grid.last + 1))


def test_memory_is_bounded_by_the_tasks_in_flight(tmp_path: Path) -> None:
    rows, columns = 6000, 40_000
    grid = TileGrid(rows, columns, 254, 1)
    with traced() as memory:
        build_levels(
            grid,
            lambda box: np.zeros(box.shape, np.uint8),
            lambda *tile: None,
            channels=1,
            pixel_bytes=16,
            reduce=halve,
            run=Threads(2),
        )
    assert memory.peak < rows * columns / 4


# ------------------------------------------------------------------------ whole or not at all


@pytest.mark.parametrize("suffix", ["zip", "szi"])
def test_one_file_holds_what_the_folder_does(tmp_path: Path, suffix: str) -> None:
    pixels = colors((600, 333), 3)
    write_dzi(pixels, tmp_path / "x.dzi")
    path = write_dzi(pixels, tmp_path / f"x.{suffix}")
    assert path == tmp_path / f"x.{suffix}"
    start = "x/" if suffix == "szi" else ""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
        held = {name: archive.read(name) for name in archive.namelist()}
    files = [*(tmp_path / "x_files").rglob("*.jpeg"), tmp_path / "x.dzi"]
    assert held == {
        start + file.relative_to(tmp_path).as_posix(): file.read_bytes() for file in files
    }


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("missing/x.dzi", FileNotFoundError, "missing does not exist: make it first"),
        ("x.png", ValueError, "but got 'x.png': give it one of these suffixes"),
        ("folder.dzi", IsADirectoryError, "folder.dzi is a folder, but a file is to be written"),
        ("~nobody-of-this-name/x", FileNotFoundError, "unknown user in path '~nobody-of-this-name"),
    ],
)
def test_a_name_that_will_not_do_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    error: type[Exception],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.dzi").mkdir()
    with pytest.raises(error, match=words):
        write_dzi(np.zeros((9, 9)), name)
    assert [path.name for path in tmp_path.rglob("*")] == ["folder.dzi"]


@pytest.mark.parametrize(
    "options",
    [
        {"tile_size": 0}, {"overlap": -1}, {"tile_size": 10, "overlap": 11}, {"format": "tiff"},
        {"quality": 101}, {"format": "png", "quality": 5}, {"vmin": "low"}, {"contrast": (9, 1)},
        {"cmap": "no such map"}, {"norm": "no such norm"}, {"vmin": (1, 2)},
        {"norm": "log", "vmin": -1},
    ],
    ids=str,
)  # fmt: skip
def test_parameters_that_do_not_fit_are_refused_before_anything_is_written(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        write_dzi(np.ones((9, 9)), tmp_path / "x.dzi", **options)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_stack_is_refused_with_the_names_of_its_axes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="further axes"):
        write_dzi(np.zeros((5, 9, 9)), tmp_path / "x.dzi")


# ------------------------------------------------------------------------------- the parts


@settings(max_examples=60)
@given(st.integers(1, 700), st.integers(1, 700), st.integers(1, 90), st.integers(0, 9), st.data())
def test_tiles_cover_each_pixel_of_each_level_once(
    rows: int, columns: int, tile_size: int, overlap: int, data: Any
) -> None:
    grid = TileGrid(rows, columns, tile_size, min(overlap, tile_size))
    number = data.draw(st.integers(0, grid.last))
    times = np.zeros(grid.shape(number), int)
    down, across = grid.tiles(number)
    for row in range(down):
        for column in range(across):
            box, outer = (f(number, column, row) for f in (grid.inner, grid.bounds))
            times[box.top : box.bottom, box.left : box.right] += 1
            assert outer.top == max(0, box.top - grid.overlap)
            assert outer.right == min(times.shape[1], box.right + grid.overlap)
    assert (times == 1).all()
    assert grid.shape(0) == (rows, columns)
    assert grid.shape(grid.last) == (1, 1)


@settings(max_examples=60)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 70), st.integers(1, 1 << 17))
def test_super_tiles_cover_a_level_once(rows: int, columns: int, tile_size: int, most: int) -> None:
    grid = TileGrid(rows, columns, tile_size, min(1, tile_size))
    times = np.zeros((rows, columns), int)
    for task in cut_super_tiles(grid, 0, 1, most):
        box = task.inner(grid)
        times[box.top : box.bottom, box.left : box.right] += 1
    assert (times == 1).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (8, 1), (9, 12), (12, 9), (33, 31), (64, 64)])
def test_means_of_colors_are_those_of_each_channel(shape: tuple[int, int]) -> None:
    pixels = colors(shape, 3)
    assert np.array_equal(halve_pixels(pixels), halve(pixels))
    opaque = np.dstack([pixels, np.full(shape, 255, np.uint8)])
    assert np.array_equal(halve_pixels(opaque, rounded=True)[:, :, :3], halve(pixels))
    assert (halve_pixels(opaque, rounded=True)[:, :, 3] == 255).all()


def test_after_an_error_no_other_task_is_begun() -> None:
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise OSError

    with pytest.raises(OSError):
        list(in_threads(list(range(1000)), work, 2))
    assert len(begun) < 20


# -------------------------------------------------------------------------- the command line


def test_the_command_writes_what_the_function_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = RANDOM.normal(size=(80, 120))
    np.save(tmp_path / "in.npy", data)
    words = ["--format", "png", "--tile-size", "40", "--overlap", "2", "--vsym", "--cmap", "RdBu"]
    assert main(["dzi", str(tmp_path / "in.npy"), str(tmp_path / "out"), *words]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(str(tmp_path / "out.dzi"))
    assert (out.count("\n"), err) == (1, "")
    options = {"format": "png", "tile_size": 40, "overlap": 2, "vsym": True, "cmap": "RdBu"}
    write_dzi(data, tmp_path / "own.dzi", **options)
    check_same(tiles(tmp_path / "out"), tiles(tmp_path / "own"))
    assert (tmp_path / "out.dzi").read_bytes() == (tmp_path / "own.dzi").read_bytes()


@pytest.mark.parametrize(
    "words",
    [["missing.npy", "x"], ["in.npy", "missing/x"], ["in.npy", "x", "--format", "tiff"],
     ["in.npy", "x", "--tile-size", "0"], ["in.npy", "x.png"]],
    ids=str,
)  # fmt: skip
def test_what_will_not_do_is_one_line_and_exit_code_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("in.npy", np.ones((5, 5)))
    assert main(["dzi", *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["in.npy"]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", ["noise", "smooth", "flat"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (256, 256), (255, 130), (700, 701)])
def test_a_tile_as_png_is_its_pixels(shape: tuple[int, int], kind: str, channels: int) -> None:
    pixels = colors(shape, channels)
    if kind != "noise":
        y, x = np.mgrid[: shape[0], : shape[1]]
        plane = (y + x * (kind == "smooth")) // 5 % 256
        pixels[...] = plane if channels == 1 else plane[:, :, None]
    with Image.open(io.BytesIO(TileCodec("png", 0).encode(pixels, thorough=True))) as image:
        image.load()
        assert np.array_equal(np.asarray(image), pixels)


def test_one_missing_value_is_the_only_clear_pixel_when_it_is_read_again(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(3000, 2900)).astype(np.float32)
    values[1234, 2345] = np.nan
    with open_pyramid(write_dzi(values, tmp_path / "a.dzi", format="png")) as found:
        alpha = found.read(0)[:, :, -1]
    assert np.argwhere(alpha == 0).tolist() == [[1234, 2345]]
    assert (alpha > 0).sum() == values.size - 1


@pytest.mark.parametrize("suffix", ["zip", "szi"])
@pytest.mark.parametrize("layout", ["dz", "google", "iiif3"])
def test_a_zip_file_is_the_same_in_whatever_order_its_tiles_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, layout: str
) -> None:
    monkeypatch.setattr(cut_super_tiles, "__defaults__", (1 << 12,))  # many tasks
    pixels, found = colors((333, 555), 3), set()
    for number, resume in enumerate((False, False, True)):
        monkeypatch.setattr(executors, "processors", lambda number=number: 1 + 3 * number)
        folder = tmp_path / f"{number}"
        folder.mkdir()
        how: Any = {"tile_size": 32, "layout": layout, "overlap": 0, "format": "png"}
        path = write_dzi(pixels, folder / f"x.{suffix}", resume=resume, **how)
        found.add(path.read_bytes())
    assert len(found) == 1


def test_a_killed_exchange_leaves_no_tiles_with_the_descriptor_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another descriptor is away while the folders are exchanged, and back if that fails."""
    write_dzi(colors((300, 200), 1), tmp_path / "x.dzi", format="png")
    older = {path.name: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    there = []

    def failing(one: Path, other: Path) -> bool:
        there.append((tmp_path / "x.dzi").exists())
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, "exchange", failing)
    with pytest.raises(KeyboardInterrupt):
        write_dzi(colors((300, 200), 1), tmp_path / "x.dzi", format="png")
    with pytest.raises(KeyboardInterrupt):
        write_dzi(colors((90, 200), 1), tmp_path / "x.dzi", format="png")
    assert there == [True, False]  # the first one has the same descriptor
    found = {path.name: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    assert found == older
    assert {path.name for path in tmp_path.iterdir()} == {"x.dzi", "x_files"}


@pytest.mark.parametrize("step", ["exchange", "_remove_folder"])
def test_tiles_that_were_replaced_are_never_taken_for_those_of_a_stopped_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whatever is in a run's folder when its process is killed in the end."""
    target, own = tmp_path / "x.dzi", tmp_path / "own.dzi"
    newer = colors((300, 200), 1)
    write_dzi(colors((300, 200), 1), target, format="png")
    write_dzi(newer, own, format="png")
    whole, killed = getattr(atomic, step), tmp_path.with_name(f"{tmp_path.name}-killed")

    def kill(*given: Path) -> None:
        whole(*given)
        if not killed.exists():
            shutil.copytree(tmp_path, killed)
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, step, kill)
    with pytest.raises(KeyboardInterrupt):
        write_dzi(newer, target, format="png", resume=True)
    monkeypatch.undo()
    write_dzi(newer, killed / "x.dzi", format="png", resume=True)
    check_same(tiles(killed / "x"), tiles(tmp_path / "own"))
    assert not (killed / ".nbimage-x.dzi.part").exists()


@pytest.mark.parametrize("in_memory", [False, True])
def test_tiles_are_the_same_where_the_system_has_no_files_in_memory(
    monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    codec, pixels = TileCodec("jpeg", 75, None), colors((200, 100), 3)
    expected = [codec.encode(pixels[:rows]) for rows in (200, 20)]
    if not in_memory:
        monkeypatch.delattr("os.memfd_create", raising=False)
    monkeypatch.setattr(tile_encoder, "_scratch", tile_encoder._Scratch())
    assert [codec.encode(pixels[:rows]) for rows in (200, 20)] == expected
