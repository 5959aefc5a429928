"""`nbimage convert IN OUT`: each format that is written, by suffix, with its verb's options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from nbimage import Picture, open_pyramid
from nbimage.cli.convert import make_parsers
from nbimage.cli.main import main
from nbimage.cli.parser import takes_value
from tests.example_package import write_package

STACK = np.random.default_rng(3).integers(0, 4000, (3, 40, 60)).astype(np.uint16)
COLOR = np.random.default_rng(4).integers(0, 256, (40, 60, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with images in it."""
    monkeypatch.chdir(tmp_path)
    np.save("stack.npy", STACK)
    np.save("color.npy", COLOR)
    main(["tiff", "stack.npy", "stack.ome.tif", "--axes=zyx"])
    Picture(COLOR).save("color.png")
    return tmp_path


def convert(*arguments: str) -> int:
    try:
        return main(["convert", *arguments])
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize("name", ["stack.npy", "stack.ome.tif"])
@pytest.mark.parametrize("target", ["out.tif", "out.ome.tif", "out.tiff", "out.zarr", "out.ozx"])
def test_samples_and_planes_are_kept(folder: Path, name: str, target: str, capsys: Any) -> None:
    if "z" in target:
        pytest.importorskip("zarr")
    axes = ["--axes=zyx"] if name.endswith(".npy") else []
    assert convert(name, target, *axes) == 0
    assert target in capsys.readouterr().out
    with open_pyramid(target) as found:
        assert np.array_equal(found.levels[0], STACK)


@pytest.mark.parametrize("name", ["color.npy", "color.png"])
@pytest.mark.parametrize("target", ["out.dzi", "out.szi", "out.zip"])
def test_pyramids_are_written(folder: Path, name: str, target: str) -> None:
    assert convert(name, target, "--format=png", "--tile-size", "16", "--overlap=0") == 0
    with open_pyramid(target) as found:
        assert np.array_equal(found.levels[0], COLOR)
        assert found.block(0) == (16, 16)


@pytest.mark.parametrize("name", ["stack.npy", "stack.ome.tif"])
@pytest.mark.parametrize("target", ["out.mp4", "out.webm", "out.gif", "out.apng"])
def test_videos_are_encoded(folder: Path, name: str, target: str) -> None:
    assert convert(name, target, "--fps", "5") == 0
    count, _ = imageio_ffmpeg.count_frames_and_secs(target)
    assert count == len(STACK)


@pytest.mark.parametrize("verb", ["convert", "png"])
@pytest.mark.parametrize(
    "target", ["out.png", "out.jpg", "out.webp", "out.avif", "out.svg", "out.html", "out", "run.1"]
)
def test_pictures_are_what_a_picture_saves(folder: Path, verb: str, target: str) -> None:
    data = STACK[0]
    np.save("plane.npy", data)
    assert main([verb, "--vmax", "3000", "plane.npy", target, "--cmap=viridis"]) == 0
    Path("expected").mkdir()
    expected = Picture(data, vmax=3000, cmap="viridis").save(f"expected/{target}")
    assert (folder / expected.name).read_bytes() == expected.read_bytes()


@pytest.mark.parametrize(
    ("options", "target", "verb"),
    [
        (["--vmin", "3"], "out.tif", "tiff"),
        (["--fps=3"], "out.zarr", "zarr"),
        (["--shard-size", "512"], "out.dzi", "dzi"),
        (["--layout", "google"], "out.png", "convert"),
        (["--chunk-size=9"], "out.mp4", "video"),
        (["--option", "a=1"], "out.ozx", "zarr"),
    ],
)
def test_options_of_other_formats_are_refused_by_name(
    folder: Path, capsys: Any, options: list[str], target: str, verb: str
) -> None:
    assert convert(*options, "color.npy", target) == 2
    lines = capsys.readouterr().err.splitlines()
    name = options[0].partition("=")[0]
    suffix = target.partition(".")[2]
    assert lines[-1] == (
        f"nbimage convert: error: {name} is not for .{suffix}: see nbimage {verb} --help"
    )
    assert not Path(target).exists()


@pytest.mark.parametrize("target", ["out.xlsx", "out.txt", "out.npz", "out.psd", "out.xyz"])
def test_a_suffix_that_nothing_writes_is_refused_in_one_line(
    folder: Path, capsys: Any, target: str
) -> None:
    assert convert("color.npy", target) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert target in error
    assert not Path(target).exists()


def test_an_option_of_one_name_takes_as_many_values_in_every_format() -> None:
    """Else what is an option's value for one of them is the file's name for another."""
    found: dict[str, set[Any]] = {}
    for parser in make_parsers().values():
        for names, options in parser.options.items():
            if names[0].startswith("-"):
                takes = takes_value(options), options.get("nargs"), options.get("dest")
                found.setdefault(names[-1], set()).add(takes)
    assert {name: kinds for name, kinds in found.items() if len(kinds) > 1} == {}


def test_a_plugin_writes_with_options_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    code = (
        "def write(pyramid, path, level=0, name=''):\n"
        "    path.write_text(f'{name} {pyramid.axes} {pyramid.levels[level].shape}')\n"
    )
    packages = folder / "packages"
    write_package(packages, "told", code, {"nbimage.writers": "told = told:write"})
    monkeypatch.syspath_prepend(str(packages))
    options = ["--option", "level=1", "--option=name=a b", "--axes=tyx"]
    assert convert("stack.npy", "out.told", *options) == 0
    assert Path("out.told").read_text(encoding="utf-8") == "a b (('t', 3),) (3, 20, 30)"
    assert convert("stack.npy", "out.told", "--vmin=3") == 2
    assert convert("stack.npy", "out.told", "--option=other=3") == 2
    assert "other" in capsys.readouterr().err


def test_there_and_back_nothing_is_lost(folder: Path) -> None:
    assert convert("color.png", "again.tif") == 0
    assert convert("again.tif", "again.png") == 0
    assert np.array_equal(open_pyramid("again.png").levels[0], COLOR)
