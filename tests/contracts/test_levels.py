"""Discrete levels at every door: as many colors as bins, and a bar of blocks that matches."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import nbimage
from nbimage.mapping.colormap import as_palette

EDGES = [0, 1, 2, 5, 10]
DATA = np.linspace(-2, 12, 24 * 32).reshape(24, 32)
COLORS = as_palette("viridis").array[[0, 85, 170, 255], :3]
WANT = COLORS[np.clip(np.digitize(DATA, EDGES) - 1, 0, 3)]


def read(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def by_command(tmp_path: Path) -> np.ndarray:
    from nbimage.cli.main import main

    np.save(tmp_path / "x.npy", DATA)
    arguments = ["png", tmp_path / "x.npy", tmp_path / "x.png", "--levels", "0,1,2,5,10"]
    assert main([*map(str, arguments), "--cmap", "viridis"]) == 0
    return read((tmp_path / "x.png").read_bytes())


HOW: dict[str, Any] = {"levels": EDGES, "cmap": "viridis"}
DOORS: dict[str, Callable[[Path], np.ndarray]] = {
    "picture": lambda _: read(nbimage.Picture(DATA, **HOW).png),
    "encode": lambda _: read(nbimage.encode(DATA, **HOW)),
    "grid": lambda _: nbimage.Grid([DATA, DATA + 1], **HOW).pictures[0].pixels[:, :, :3],
    "command line": by_command,
}


@pytest.mark.parametrize("door", DOORS)
def test_values_have_the_colors_of_their_bins(door: str, tmp_path: Path) -> None:
    np.testing.assert_array_equal(DOORS[door](tmp_path), WANT)


@pytest.mark.parametrize("text", ["many", "1.5", "0,x"])
def test_the_command_line_refuses_what_are_no_levels(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from nbimage.cli.main import main

    with pytest.raises(SystemExit):
        main(["png", str(tmp_path / "x.npy"), str(tmp_path / "x.png"), "--levels", text])
    assert "argument --levels: must be a" in capsys.readouterr().err


def test_a_count_is_shared_by_the_pictures_of_a_grid() -> None:
    grid = nbimage.Grid([DATA, DATA * 10], levels=6, cmap="viridis", colorbar=True)
    first, second = (picture.color_scale.limits.norm.edges for picture in grid.pictures)
    assert first == second
    assert len(first) - 1 <= 6 and first[0] <= -20 and first[-1] >= 120


def test_the_colors_of_a_list_are_not_blended_for_as_many_levels() -> None:
    red_green_blue = [[255, 0, 0], [0, 128, 0], [0, 0, 255]]
    x = np.array([[0.5, 1.5, 2.5]])
    for levels in ([0, 1, 2, 3], 3):
        picture = nbimage.Picture(x, cmap=["red", "green", "blue"], levels=levels)
        assert picture.pixels[0].tolist() == red_green_blue


def test_the_bar_is_of_equal_blocks_whose_edges_have_ticks() -> None:
    picture = nbimage.Picture(DATA, colorbar="depth", height=300, **HOW)
    bar = picture.figure.bars[0]
    column = read(base64.b64decode(bar.uri.partition(",")[2]))
    np.testing.assert_array_equal(column[::-1, 0], COLORS)
    ticks = sorted((1 - tick.position, tick.text) for tick in bar.ticks)
    assert ticks == [(0, "0"), (0.25, "1"), (0.5, "2"), (0.75, "5"), (1, "10")]
    assert bar.under and bar.over  # values lie beyond both ends


def test_all_edges_have_ticks_where_there_is_room_and_round_ones_of_many() -> None:
    few = nbimage.Picture(DATA, levels=np.arange(13), colorbar=True, height=300).html
    few = few.partition('class="nbimage-flat"')[0]  # what lies below has ticks of its own
    ticks = re.findall(r'class="nbimage-tick"[^>]*style="([^"]*)"', few)
    assert sum("display:none" not in style for style in ticks) == 13


def test_colors_beyond_the_edges_are_those_that_are_asked_for() -> None:
    x = np.array([[-1.0, 0, 10, 11]])
    picture = nbimage.Picture(x, under="black", over="white", levels=EDGES, cmap="viridis")
    assert picture.pixels[0, :, :3].tolist() == [
        [0, 0, 0],
        COLORS[0].tolist(),
        COLORS[3].tolist(),
        [255, 255, 255],
    ]


def test_the_histogram_has_a_bar_a_level() -> None:
    picture = nbimage.Picture(DATA, histogram=True, colorbar=True, **HOW)
    ((_, lengths),) = picture.figure.histogram.curves
    assert len(lengths) == 4


def test_the_description_says_how_many() -> None:
    assert nbimage.Picture(DATA, **HOW).description.endswith("viridis from 0 to 10, 4 levels")


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([], "levels must be 2 to 257 edges, but got 0"),
        (np.array([]), "levels must be 2 to 257 edges, but got 0"),
        ([1], "levels must be 2 to 257 edges, but got 1"),
        ([[0, 1], [2, 3]], r"levels must be a count or edges, but got \[0, 1\]"),
        (["a", "b"], "levels must be a count or edges, but got 'a'"),
    ],
)
def test_what_are_no_edges_is_said_of_levels(edges: Any, words: str) -> None:
    stack = np.zeros((2, 5, 6))
    for door in (nbimage.Picture, nbimage.Grid, nbimage.Video, nbimage.View, nbimage.rerange):
        with pytest.raises((TypeError, ValueError), match=words):
            door(stack[0] if door is nbimage.Picture else stack, levels=edges)


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (np.zeros((5, 7, 3)), {}, "levels must have one channel, but got 3"),
        (np.zeros((4, 4), int), {"labels": True}, "levels must be left out where labels is True"),
        (np.zeros((4, 4), complex), {"complex": "domain"}, "levels must be left out where complex"),
        (np.zeros((4, 4)), {"norm": "log"}, "norm must be left out where levels is given"),
    ],
)
def test_what_has_no_bins_is_refused(data: Any, options: dict[str, Any], words: str) -> None:
    for make in (nbimage.Picture, nbimage.encode):
        with pytest.raises(ValueError, match=words):
            make(data, levels=3, **options)


def test_frames_have_the_levels_of_the_whole_stack(tmp_path: Path) -> None:
    from nbimage.mapping.color_options import ColorOptions
    from nbimage.mapping.frames import as_frames
    from nbimage.mapping.value_scale import ValueScale

    stack = np.stack([DATA, DATA * 2])
    frames = as_frames(stack, ValueScale.of(levels=7), ColorOptions.of("viridis"))
    edges = frames.color_scale.limits.norm.edges
    assert edges == (-4, 0, 4, 8, 12, 16, 20, 24)
    for shown, x in zip(frames.pixels(), stack, strict=True):
        bins = np.clip(np.digitize(x, edges) - 1, 0, 6)
        want = as_palette("viridis").array[np.arange(7) * 255 // 6, :3][bins]
        np.testing.assert_array_equal(shown, want)
    assert "white is 24, 7 levels" in nbimage.Video(stack, levels=7).description


def test_a_view_begins_with_levels_and_keeps_them_in_its_state() -> None:
    view = nbimage.View(DATA, cmap="viridis", levels=EDGES)
    np.testing.assert_array_equal(read(view.picture.png), WANT)
    display = view.model.config["state"]["displays"][0]
    assert display["norm"] == "levels" and display["edges"] == EDGES
    state = view.state
    assert state["displays"][0]["norm"] == ["levels", EDGES]
    again = nbimage.View(DATA, cmap="viridis", state=state)
    assert again.state == state
    with pytest.raises(ValueError, match="levels must have one channel, but got 3"):
        nbimage.View(np.zeros((9, 8, 3)), levels=4)


def test_levels_of_a_view_move_with_limits_that_are_set() -> None:
    view = nbimage.View(DATA, levels=[0, 1, 2], state={"displays": [{"limits": (0, 10)}]})
    assert view.state["displays"][0]["norm"] == ["levels", [0, 5, 10]]
    assert view.model.limits(0)[0].norm.edges == (0, 5, 10)


def test_tiles_of_a_pyramid_are_of_the_levels_colors_at_every_level(tmp_path: Path) -> None:
    big = np.kron(DATA, np.ones((12, 12)))
    path = nbimage.write_dzi(big, tmp_path / "x.dzi", format="png", progress=False, **HOW)
    colors = {tuple(color) for color in COLORS.tolist()}
    tiles = list(Path(str(path)).parent.glob("x_files/*/*.png"))
    assert len(tiles) > 8
    for tile in tiles:
        pixels = np.asarray(Image.open(tile).convert("RGB")).reshape(-1, 3)
        assert {tuple(pixel) for pixel in pixels.tolist()} <= colors


def test_a_reduced_picture_has_no_colors_between_the_levels() -> None:
    noise = np.random.default_rng(2).normal(3, 4, (60, 80))
    picture = nbimage.Picture(noise, max_pixels=500, **HOW)
    shown = read(base64.b64decode(picture.data_uri.partition(",")[2]))
    assert shown.shape[0] < 60
    colors = {tuple(color) for color in COLORS.tolist()}
    assert {tuple(pixel) for pixel in shown.reshape(-1, 3).tolist()} <= colors
    assert any("shown as one of" in note for note in picture.figure.notes)


def test_thumbnails_share_levels() -> None:
    first, second = nbimage.data_uris([DATA, DATA], shared=True, **HOW)
    assert first == second
    np.testing.assert_array_equal(read(base64.b64decode(first.partition(",")[2])), WANT)
