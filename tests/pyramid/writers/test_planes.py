"""`write_dzi` of stacks and composites: a plane, a pyramid a plane, channels as a `Picture` has."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, open_pyramid, rerange, write_dzi
from nbimage.base.chunked import Array
from nbimage.cli.main import main
from nbimage.pyramid.levels.super_tiles import cut_super_tiles
from nbimage.pyramid.writers.deepzoom.run import DeepZoomRun

xarray = pytest.importorskip("xarray")
dask_array = pytest.importorskip("dask.array")

RANDOM = np.random.default_rng(3)
STACK = RANDOM.integers(0, 4000, (3, 4, 70, 90)).astype(np.uint16)
OPTIONS: Any = {"format": "png", "progress": False, "axes": "tzyx"}


def read(path: Any) -> Array:
    with open_pyramid(path) as pyramid:
        found: Array = pyramid.read(0)
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_one_plane_is_picked_by_the_names_of_axes(tmp_path: Path) -> None:
    path = write_dzi(STACK, tmp_path / "x.dzi", planes={"t": 2, "z": 1}, **OPTIONS)
    assert path == tmp_path / "x.dzi"
    assert np.array_equal(read(path), rerange(STACK[2, 1]))
    assert names(tmp_path) == ["x.dzi", "x_files"]


def test_an_axis_of_an_array_without_names_has_its_number(tmp_path: Path) -> None:
    stack = STACK.reshape(12, 70, 90)[:7]
    path = write_dzi(stack, tmp_path / "x.dzi", planes={0: 3}, format="png")
    assert np.array_equal(read(path), rerange(stack[3]))
    paths = write_dzi(stack, tmp_path / "y.dzi", planes="all", format="png")
    assert [path.name for path in paths][:2] == ["y_axis0000.dzi", "y_axis0001.dzi"]  # type: ignore[union-attr]


@pytest.mark.parametrize("layout", ["dz", "iiif3", "google", "zoomify"])
@pytest.mark.parametrize("suffix", ["", ".zip", ".szi"])
def test_all_planes_are_a_pyramid_each_in_one_range(
    tmp_path: Path, layout: str, suffix: str
) -> None:
    suffix = suffix or (".dzi" if layout == "dz" else "")
    paths = write_dzi(STACK, tmp_path / f"x{suffix}", planes="all", layout=layout, **OPTIONS)
    places = list(itertools.product(range(3), range(4)))
    assert paths == [tmp_path / f"x_t{t:03}_z{z:03}{suffix}" for t, z in places]
    low, high = STACK.min(), STACK.max()
    for path, place in zip(paths, places, strict=True):
        assert np.array_equal(read(path), rerange(STACK[place], low, high))


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [("all", [0, 1, 2, 3]), (slice(1, None, 2), [1, 3]), ([3, 0, 3], [3, 0]), (range(2), [0, 1])],
    ids=str,
)
def test_several_planes_of_one_axis_are_named_by_it_alone(
    tmp_path: Path, asked: Any, numbers: list[int]
) -> None:
    paths = write_dzi(STACK, tmp_path / "x.dzi", planes={"t": 1, "z": asked}, **OPTIONS)
    assert paths == [tmp_path / f"x_z{z:03}.dzi" for z in numbers]
    part = STACK[1][numbers]
    for path, z in zip(paths, numbers, strict=True):
        assert np.array_equal(read(path), rerange(STACK[1, z], part.min(), part.max()))


@pytest.mark.parametrize(
    ("planes", "message"),
    [
        (None, r"has further axes t \(3\), z \(4\): pick one of it, such as planes="),
        ({"t": 0}, r"has further axes z \(4\)"),
        ({"t": 0, "q": 1}, "planes must be of the axes 't', 'z', but got 'q'$"),
        ({"t": 3, "z": 0}, "planes must be 0 to 2 along t, but got 3"),
        ({"t": -1, "z": 0}, "planes must be 0 to 2 along t, but got -1"),
        ({"t": [], "z": 0}, "planes must be 0 to 2 along t, but got"),
        ({"t": 0.5, "z": 0}, "planes must be whole numbers along t"),
        ({"t": "x", "z": 0}, "planes must be whole numbers along t"),
        (3, 'planes must be "all" or numbers by the names of axes'),
        ("some", 'planes must be "all" or numbers by the names of axes'),
    ],
    ids=str,
)
def test_planes_that_are_not_there_are_refused_in_one_line(
    tmp_path: Path, planes: Any, message: str
) -> None:
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        write_dzi(STACK, tmp_path / "x.dzi", planes=planes, **OPTIONS)
    assert "\n" not in str(caught.value)
    assert names(tmp_path) == []


@pytest.mark.parametrize("suffix", [".dzi", ".zip"])
@pytest.mark.parametrize("resume", [False, True])
def test_a_plane_that_fails_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, resume: bool
) -> None:
    target = tmp_path / f"x{suffix}"
    first = write_dzi(STACK[:1], target, planes={"z": "all"}, **OPTIONS)
    before = {path: read(path) for path in first}
    opened = DeepZoomRun.work_name

    def fail(run: DeepZoomRun, name: str) -> str:
        if "z002" in name:
            raise OSError("no space is left")
        return opened(run, name)

    there = names(tmp_path)
    if suffix == ".dzi" or resume:
        monkeypatch.setattr(DeepZoomRun, "work_name", fail)
    else:
        (tmp_path / "x_z002.zip").unlink()
        (tmp_path / "x_z002.zip").mkdir()
        before = {path: pixels for path, pixels in before.items() if "z002" not in path.name}
    with pytest.raises(OSError, match=r"no space is left|is a folder"):
        write_dzi(STACK[1:2], target, planes={"z": "all"}, resume=resume, **OPTIONS)
    assert [name for name in names(tmp_path) if not name.endswith(".part")] == there
    for path, pixels in before.items():
        assert np.array_equal(read(path), pixels)
    monkeypatch.undo()
    if suffix == ".dzi" or resume:
        written = write_dzi(STACK[1:2], target, planes={"z": "all"}, resume=resume, **OPTIONS)
        assert names(tmp_path) == there
        part = STACK[1]
        for z, path in enumerate(written):
            assert np.array_equal(read(path), rerange(part[z], part.min(), part.max()))


def test_more_planes_than_files_can_be_open_at_once(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    stack = RANDOM.integers(0, 255, (120, 5, 6)).astype(np.uint8)
    opened = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 60
    resource.setrlimit(resource.RLIMIT_NOFILE, (opened + 60, limits[1]))
    try:
        for name, resume in (("a.dzi", True), ("b.zip", False)):
            paths = write_dzi(stack, tmp_path / name, planes="all", resume=resume, format="png")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert np.array_equal(read(paths[-1]), stack[-1])


def test_planes_at_an_address(tmp_path: Path) -> None:
    paths = write_dzi(STACK, "memory://planes/x.dzi", planes={"t": "all", "z": 0}, **OPTIONS)
    assert paths == [f"memory://planes/x_t{t:03}.dzi" for t in range(3)]
    part = STACK[:, 0]
    for t, path in enumerate(paths):
        assert np.array_equal(read(path), rerange(part[t], part.min(), part.max()))


# ------------------------------------------------------------------------------ composites


def channels(count: int, dtype: str = "uint16") -> Array:
    values = RANDOM.integers(0, 4000 if dtype != "uint8" else 250, (count, 60, 85))
    return values.astype(dtype) * np.arange(1, count + 1)[:, None, None].astype(dtype) // 4


def named(array: Array, first: str = "c") -> Any:
    return xarray.DataArray(array, dims=(first, "y", "x"))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "int16"])
@pytest.mark.parametrize("count", [2, 4, 5])
def test_channels_that_are_no_colors_are_written_as_a_picture_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: str, count: int
) -> None:
    data = named(channels(count, dtype))
    monkeypatch.setattr(cut_super_tiles, "__defaults__", (1 << 12,))
    path = write_dzi(data, tmp_path / "x.dzi", format="png", tile_size=20)
    assert np.array_equal(read(path), Picture(data).pixels)


@pytest.mark.parametrize(
    "options",
    [{"vmin": 100}, {"vmin": (0, 5, 100), "vmax": 3000}, {"contrast": (1, 99)}, {"norm": "sqrt"},
     {"vsym": True}],
    ids=str,
)  # fmt: skip
def test_limits_are_one_or_one_a_channel(tmp_path: Path, options: dict[str, Any]) -> None:
    data = named(channels(3))
    path = write_dzi(data, tmp_path / "x.dzi", format="png", **options)
    assert np.array_equal(read(path), Picture(data, **options).pixels)
    with pytest.raises(ValueError, match="one for each of 3 channels, but got 2"):
        write_dzi(data, tmp_path / "y.dzi", vmin=(1, 2))


def test_what_is_missing_in_all_channels_is_clear(tmp_path: Path) -> None:
    values = channels(4, "float32")
    values[:, :20], values[0, 20:40] = np.nan, np.nan
    data = named(values)
    found = read(write_dzi(data, tmp_path / "x.dzi", format="png", tile_size=16))
    shown = Picture(data).pixels
    assert np.array_equal(found[:, :, 3] == 0, np.isnan(values).all(0))
    seen = ~np.isnan(values).all(0)
    assert np.array_equal(found[seen][:, :3], shown[seen][:, :3])


def test_colors_are_the_files_or_the_callers(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    values = channels(3)
    signed = [np.array(color, np.uint32).view("i4") for color in (0xFF8000FF, 0x0080FFFF, 0xFF)]
    about = {"axes": "CYX", "Channel": {"Name": ["a", "b", "c"], "Color": [int(c) for c in signed]}}
    file = tmp_path / "a.ome.tif"
    tifffile.imwrite(file, values, ome=True, photometric="minisblack", metadata=about)
    found = read(write_dzi(file, tmp_path / "x.dzi", format="png"))
    assert np.array_equal(found, Picture(file).pixels)
    asked: Any = {"channels": {"p": "red", "q": "lime", "r": "blue"}, "contrast": "minmax"}
    own = read(write_dzi(file, tmp_path / "y.dzi", format="png", **asked))
    limits = [(values[i].min(), values[i].max()) for i in range(3)]
    for i, (low, high) in enumerate(limits):
        assert np.array_equal(own[:, :, i], rerange(values[i], low, high))


def test_channels_of_each_pixel_are_laid_over_one_another_where_they_are_named(
    tmp_path: Path,
) -> None:
    values = np.moveaxis(channels(4), 0, 2)
    colors: Any = dict.fromkeys("abcd", "white")
    with pytest.raises(ValueError, match="channels must be as many as there are"):
        write_dzi(values, tmp_path / "x.dzi", channel_axis=2, channels=["a", "b"])
    options: Any = {"channel_axis": 2, "channels": colors, "contrast": "minmax"}
    found = read(write_dzi(values, tmp_path / "x.dzi", format="png", **options))
    bins = sum(rerange(values[:, :, i]).astype(int) for i in range(4))
    assert np.array_equal(found[:, :, 0], np.minimum(bins, 255))


@pytest.mark.parametrize("options", [{"channels": False}, {"cmap": "viridis"}])
def test_single_channels_are_planes_where_these_are_asked_for(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    values = channels(4)
    paths = write_dzi(named(values), tmp_path / "x.dzi", planes="all", format="png", **options)
    assert paths == [tmp_path / f"x_c{i:03}.dzi" for i in range(4)]
    found = read(paths[2])
    if "cmap" not in options:
        assert np.array_equal(found, rerange(values[2]))  # in a range of its own
    else:
        assert found.shape == (60, 85, 3)


@pytest.mark.parametrize("chunked", [False, True])
def test_planes_of_composites(tmp_path: Path, chunked: bool) -> None:
    values = RANDOM.integers(0, 999, (3, 4, 60, 85)).astype(np.uint16)
    array = dask_array.from_array(values, chunks=(1, 2, 33, 40)) if chunked else values
    data = xarray.DataArray(array, dims=("t", "c", "y", "x"))
    paths = write_dzi(data, tmp_path / "x.dzi", planes="all", format="png", tile_size=20)
    assert paths == [tmp_path / f"x_t{i:03}.dzi" for i in range(3)]
    robust = np.percentile(values.astype(float), (2, 98), axis=(0, 2, 3))
    ends: Any = dict(zip(("vmin", "vmax"), robust.tolist(), strict=True))
    for t, path in enumerate(paths):
        assert np.array_equal(read(path), Picture(named(values[t]), **ends).pixels)
    one = write_dzi(data, tmp_path / "y.dzi", planes={"t": 1}, format="png")
    assert np.array_equal(read(one), Picture(named(values[1])).pixels)


@pytest.mark.parametrize("scheduler", ["processes", "synchronous"])
def test_other_schedulers_write_the_same_planes(tmp_path: Path, scheduler: str) -> None:
    import dask

    values = RANDOM.integers(0, 999, (2, 3, 60, 85)).astype(np.uint16)
    array = dask_array.from_array(values, chunks=(1, 2, 33, 40))
    data = xarray.DataArray(array, dims=("t", "c", "y", "x"))
    options: Any = {"format": "png", "tile_size": 20, "planes": "all"}
    with dask.config.set(scheduler=scheduler):
        paths = write_dzi(data, tmp_path / "x.dzi", **options)
    for path, other in zip(paths, write_dzi(data, tmp_path / "y.dzi", **options), strict=True):
        assert np.array_equal(read(path), read(other))


def test_the_command_line_writes_planes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "x.npy", STACK[0])
    command = ["dzi", str(tmp_path / "x.npy"), str(tmp_path / "x"), "--axes", "zyx"]
    assert main([*command, "--planes", "z=2", "--format", "png"]) == 0
    assert np.array_equal(read(tmp_path / "x.dzi"), rerange(STACK[0, 2]))
    assert main([*command, "--planes", "all"]) == 0
    assert "x_z003.dzi: a pyramid of" in capsys.readouterr().out
    assert main([*command, "--planes", "z=1:3"]) == 0
    written = capsys.readouterr().out
    assert "x_z002.dzi: a pyramid of" in written
    assert "x_z003" not in written
    with pytest.raises(SystemExit):
        main([*command, "--planes", "z"])
    assert "must be all or AXIS=NUMBER" in capsys.readouterr().err
