"""A view as a folder of tiles: every level's values or pixels, and no file lost on the way."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Pyramid, View, open_pyramid, rerange, write_dzi
from nbimage.arrays.ingest import Values
from nbimage.mapping.channels.composite import as_channel_colors
from nbimage.mapping.channels.layers import composite
from nbimage.mapping.colormap import as_palette
from nbimage.pyramid.core.source import Source
from nbimage.view.model.samples import as_samples
from nbimage.view.model.view_state import MODES
from nbimage.view.serve.one_page import one_page

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(88)
WORDS = RANDOM.integers(0, 60_000, (531, 777), np.uint16)
FLOATS = RANDOM.normal(size=(531, 777)).astype(np.float32)
HOLES = np.where(np.arange(777) % 300 < 40, np.float32(np.nan), FLOATS)
BYTES = RANDOM.integers(0, 256, (531, 777), np.uint8)
RGB = RANDOM.integers(0, 256, (531, 777, 3), np.uint8)
STACK = RANDOM.integers(0, 60_000, (4, 300, 410), np.uint16)


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def config(folder: Path) -> Any:
    """What the page of an export is told."""
    text = (folder / "index.html").read_text("utf-8")
    found = re.search(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def picture(folder: Path, plane: int = 0, level: int = 0) -> Array:
    """A plane of pictures, as any reader of Deep Zoom images has it."""
    with open_pyramid(folder / "tiles" / "0" / f"{plane}.dzi") as pyramid:
        return pyramid.read(level)


RAW: dict[str, Array] = {
    "uint8": BYTES,
    "uint16": WORDS,
    "int16": WORDS.astype(np.int16),
    "int64": WORDS.astype(np.int64) + 2**60,
    "float32": HOLES,
    "float64": FLOATS.astype(np.float64) / 3,
    "bool": BYTES > 99,
    "colors": RGB,
    "one row": WORDS[:1],
    "one pixel": WORDS[:1, :1],
    "one tile": WORDS[:256, :256],
}


@pytest.mark.parametrize("name", list(RAW))
def test_scripts_hold_every_level_down_to_one_tile_and_nothing_else(
    tmp_path: Path, name: str
) -> None:
    values = RAW[name]
    folder = View(values, embed=False).export(tmp_path / "out", raw=True)
    tiles = config(folder)["images"][0]["tiles"]
    size, found = tiles["size"], files(folder)
    expected = {"index.html": found["index.html"]}
    with open_pyramid(values) as pyramid:
        for level in range(tiles["coarsest"] + 1):
            whole = pyramid.read(level)
            for top in range(0, whole.shape[0], size):
                for left in range(0, whole.shape[1], size):
                    part = whole[top : top + size, left : left + size]
                    stored = json.dumps(as_samples(part, exact=True).stored)
                    name = f"tiles/0/0/{level}/{left // size}_{top // size}.js"
                    expected[name] = f"document.currentScript.tile={stored};\n".encode()
    assert found == expected
    assert max(whole.shape[:2]) <= size


PICTURES: dict[str, tuple[Array, dict[str, Any]]] = {
    "gray bytes": (BYTES, {}),
    "uint16": (WORDS, {}),
    "limits": (WORDS, {"vmin": 9000, "vmax": 20_000}),
    "percentiles": (FLOATS, {"contrast": "robust"}),
    "colormap": (WORDS, {"cmap": "viridis"}),
    "log": (WORDS + 1, {"norm": "log"}),
    "holes": (HOLES, {}),
    "holes and colors": (HOLES, {"cmap": "magma"}),
    "bool": (BYTES > 99, {}),
    "colors": (RGB, {}),
    "colors of words": (np.stack([WORDS, WORDS // 2, WORDS // 3], -1), {}),
    "colors with alpha": (np.concatenate([RGB, BYTES[..., None]], -1), {}),
    "one pixel": (BYTES[:1, :1], {"vmin": 0, "vmax": 255}),
}


@pytest.mark.parametrize("name", list(PICTURES))
def test_pictures_are_the_deep_zoom_image_that_write_dzi_makes_of_the_views_limits(
    tmp_path: Path, name: str
) -> None:
    values, options = PICTURES[name]
    view = View(values, embed=False, **options)
    folder = view.export(tmp_path / "out", format="png")
    limits = view.model.images[0].limits[0]
    given = {**options, "contrast": None}
    if not limits.unchanged:
        given |= {"vmin": limits.vmin, "vmax": limits.vmax}
    write_dzi(values, tmp_path / "0.dzi", format="png", **given)
    theirs, ours = files(tmp_path / "0_files"), files(folder / "tiles/0/0_files")
    assert set(ours) == set(theirs)
    for tile, data in theirs.items():
        assert pixels(ours[tile]).tobytes() == pixels(data).tobytes(), tile


def pixels(data: bytes) -> Array:
    """Pixels as RGBA; what is clear has no color."""
    found = np.array(Image.open(io.BytesIO(data)).convert("RGBA"))
    found[found[..., 3] == 0] = 0
    return found


def test_colors_are_those_of_the_colormap_in_the_limits(tmp_path: Path) -> None:
    view = View(WORDS, 1000, 50_000, embed=False, cmap="viridis")
    folder = view.export(tmp_path / "out")
    colors = as_palette("viridis").array[:, :3]
    assert np.array_equal(picture(folder), colors[rerange(WORDS, 1000, 50_000)])
    inverted = View(WORDS, 1000, 50_000, embed=False, cmap="viridis", state={"invert": True})
    folder = inverted.export(tmp_path / "other")
    assert np.array_equal(picture(folder), colors[255 - rerange(WORDS, 1000, 50_000)])


def test_pictures_are_in_the_limits_that_the_live_view_has_now(tmp_path: Path) -> None:
    for options in ({"cmap": "viridis"}, {"channels": ["a", "b", "c", "d"], "axes": "cyx"}):
        values = STACK if "axes" in options else WORDS
        view = View(values, embed=False, **options)
        view.limits = 2000, 30_000
        expected = View(values, 2000, 30_000, embed=False, **options)
        folders = [one.export(tmp_path / str(id(one))) for one in (view, expected)]
        now, then = (
            {name: data for name, data in files(f).items() if "tiles" in name} for f in folders
        )
        assert now == then and len(now) > 3


def test_channels_are_laid_over_one_another(tmp_path: Path) -> None:
    parts = {"a": "red", "b": "lime", "c": "blue", "d": None}
    view = View(STACK, channels=parts, embed=False)
    folder = view.export(tmp_path / "out")
    whole = composite(
        Values(np.moveaxis(STACK, 0, 2)), 2, as_channel_colors(parts), view.model.images[0].limits
    ).array
    assert np.array_equal(picture(folder), whole)


def test_photographs_are_jpeg_and_all_else_is_png(tmp_path: Path) -> None:
    def suffixes(values: Any, **options: Any) -> set[str]:
        folder = View(values, embed=False).export(tmp_path / "out", **options)
        return {name.rpartition(".")[2] for name in files(folder / "tiles")} - {"dzi"}

    assert suffixes(RGB) == {"jpeg"}
    assert suffixes(BYTES) == suffixes(WORDS) == suffixes(HOLES) == {"png"}
    assert suffixes(np.concatenate([RGB, RGB[..., :1]], -1)) == {"png"}
    assert suffixes(WORDS, format="webp") == {"webp"}
    assert suffixes(WORDS, format="jpg", quality=95) == {"jpeg"}
    assert suffixes(RGB, raw=True) == {"js"}


def test_all_planes_are_written_or_those_that_are_asked_for(tmp_path: Path) -> None:
    view = View(STACK, embed=False, axes="zyx", state={"index": {"z": 3}})
    folder = view.export(tmp_path / "all")
    assert config(folder)["axes"] == [{"name": "z", "size": 4, "labels": []}]
    limits = view.model.images[0].limits[0]
    for z in range(4):
        assert np.array_equal(picture(folder, z), rerange(STACK[z], limits.vmin[0], limits.vmax[0]))
    folder = view.export(tmp_path / "some", indices={"z": [1, 3]})
    assert config(folder)["axes"] == [{"name": "z", "size": 2, "labels": ["1", "3"]}]
    assert config(folder)["state"]["index"] == [1]
    shown = rerange(STACK[3], limits.vmin[0], limits.vmax[0])
    assert np.array_equal(picture(folder, 1), shown)
    folder = view.export(tmp_path / "few", indices={"z": slice(0, 2)}, raw=True)
    assert {name.split("/")[2] for name in files(folder) if "/" in name} == {"0", "1"}
    assert config(folder)["state"]["index"] == [0]


def test_images_that_are_compared_have_a_folder_each(tmp_path: Path) -> None:
    view = View({"whole": WORDS, "part": WORDS[:200]}, embed=False)
    folder = view.export(tmp_path / "out", raw=True)
    images = config(folder)["images"]
    assert [image["name"] for image in images] == ["whole", "part"]
    assert {name.split("/")[1] for name in files(folder) if "/" in name} == {"0", "1"}


@pytest.mark.parametrize("mode", MODES)
def test_pictures_are_compared_in_the_ways_that_need_no_values(tmp_path: Path, mode: str) -> None:
    view = View({"a": WORDS, "b": WORDS}, embed=False)
    view.model.update_state({"mode": mode, "panels": ["contrast", "compare"]})
    state = config(view.export(tmp_path / "pictures"))["state"]
    assert state["mode"] == (mode if mode in ("side", "swipe", "blink") else "side")
    assert state["panels"] == ["compare"]
    state = config(view.export(tmp_path / "raw", raw=True))["state"]
    assert (state["mode"], state["panels"]) == (mode, ["contrast", "compare"])


def test_pages_ask_for_nothing_from_elsewhere_and_say_whose_they_are(tmp_path: Path) -> None:
    folder = View(WORDS, embed=False, title="</title><b>").export(tmp_path / "out")
    text = (folder / "index.html").read_text("utf-8")
    assert not re.search(r"""(src|href)=(?!["']?data:)""", text)
    assert "</title><b>" not in text
    assert '<meta name="generator" content="nbimage export">' in text


def test_a_view_that_is_kept_in_the_page_is_a_folder_of_one_page(tmp_path: Path) -> None:
    view = View(BYTES, title="Bytes")
    folder = view.export(tmp_path / "out")
    assert list(files(folder)) == ["index.html"]
    assert view.html in (folder / "index.html").read_text("utf-8")


@pytest.mark.parametrize("option", [{"indices": {"z": 0}}, {"format": "jpeg"}, {"quality": 90}])
def test_a_folder_of_one_page_has_no_options_of_pictures(
    tmp_path: Path, option: dict[str, Any]
) -> None:
    [name] = option
    with pytest.raises(ValueError, match=f"{name} must be left out .* embed=False has tiles"):
        View(BYTES).export(tmp_path / "out", **option)
    assert not list(tmp_path.iterdir())


# Whole or not at all


class Breaks(Source):
    """A source of which a part can't be read."""

    def __init__(self, after: int) -> None:
        super().__init__(
            shapes=((3000, 5000),), dtype=np.dtype(np.uint8), channels=1, blocks=((256, 256),)
        )
        self.left = after

    def read(self, index: int, box: Any, plane: tuple[int, ...] = ()) -> Array:
        self.left -= 1
        if self.left < 0:
            raise OSError("the disk is gone")
        return np.ones(box.shape, np.uint8)

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("raw", [False, True])
def test_what_fails_leaves_an_older_export_as_it_was_and_nothing_beside_it(
    tmp_path: Path, raw: bool
) -> None:
    folder = View(WORDS, embed=False).export(tmp_path / "out")
    before = files(tmp_path)
    source = Breaks(10**9)
    view = View(Pyramid(source), embed=False, vmin=0, vmax=9)
    source.left = 0
    with pytest.raises(OSError, match="the disk is gone"):
        view.export(folder, raw=raw)
    assert files(tmp_path) == before
    with pytest.raises(OSError, match="the disk is gone"):
        view.export(tmp_path / "new", raw=raw)
    assert files(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_older_export_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = View(WORDS, embed=False).export(f"{tmp_path}/out/")
    View(STACK, embed=False).export(folder, raw=True)
    assert not any(name.endswith((".png", ".dzi")) for name in files(folder))
    View(BYTES).export(folder)
    assert list(files(folder)) == ["index.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert "index.html" in files(View(WORDS, embed=False).export(tmp_path / "out"))


def a_page(folder: Path) -> None:
    (folder / "index.html").write_text("<title>mine</title>")


def a_note(folder: Path) -> None:
    View(BYTES).export(folder)
    (folder / "note.txt").write_text("mine")


def a_note_among_tiles(folder: Path) -> None:
    View(BYTES, embed=False).export(folder)
    (folder / "tiles/0/0_files/0/note.txt").write_text("mine")


def a_link(folder: Path) -> None:
    View(BYTES, embed=False).export(folder)
    (folder / "tiles/1").symlink_to(folder.parent)


def a_folder(folder: Path) -> None:
    (folder / "tiles").mkdir()


FOREIGN: dict[str, Callable[[Path], None]] = {
    "a page of another kind": a_page,
    "a note beside": a_note,
    "a note among tiles": a_note_among_tiles,
    "a link among tiles": a_link,
    "a folder without a page": a_folder,
}


@pytest.mark.parametrize("name", list(FOREIGN))
def test_folders_that_hold_anything_else_are_left_alone(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    FOREIGN[name](folder)
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    with pytest.raises(FileExistsError, match="must be a new folder, an empty one or an older"):
        View(WORDS, embed=False).export(folder)
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before


def test_files_are_never_replaced_and_the_folder_above_must_be_there(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(FileExistsError, match="is a file"):
        View(WORDS, embed=False).export(file)
    assert file.read_text() == "mine"
    with pytest.raises(FileNotFoundError, match="does not exist"):
        View(WORDS, embed=False).export(tmp_path / "none" / "out")


BAD: dict[str, tuple[type[Exception], dict[str, Any]]] = {
    "an axis that is not there": (ValueError, {"indices": {"t": 0}}),
    "a place that is not there": (ValueError, {"indices": {"z": 4}}),
    "a place from the end": (ValueError, {"indices": {"z": -1}}),
    "no place": (ValueError, {"indices": {"z": []}}),
    "a place twice": (ValueError, {"indices": {"z": [1, 1]}}),
    "half a place": (TypeError, {"indices": {"z": 0.5}}),
    "a name as a place": (TypeError, {"indices": {"z": "1"}}),
    "a format of raw tiles": (ValueError, {"raw": True, "format": "png"}),
    "an unknown format": (ValueError, {"format": "gif87"}),
    "a quality of PNG": (ValueError, {"quality": 50}),
    "too much": (ValueError, {"max_bytes": 4 * 300 * 410 - 1}),
}


@pytest.mark.parametrize("name", list(BAD))
def test_what_does_not_fit_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    kind, options = BAD[name]
    with pytest.raises(kind) as caught:
        View(STACK, embed=False, axes="zyx").export(tmp_path / "out", **options)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
    if name == "too much":
        assert "indices=" in str(caught.value)


# One page


def test_one_page_holds_all_values_of_a_small_view_of_tiles(tmp_path: Path) -> None:
    view = View(STACK, embed=False, axes="zyx", title="Four")
    page = one_page(view.model)
    text = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert text
    (image,) = json.loads(text[1])["images"]
    assert "tiles" not in image
    assert image["planes"] == [as_samples(plane, exact=True).stored for plane in STACK]
    kept = View(STACK, axes="zyx", title="Four")
    same = json.loads(
        re.search(r'<script type="application/json">(.*?)</script>', kept.html, re.DOTALL)[1]  # type: ignore[index]
    )
    assert json.loads(text[1])["state"] == same["state"]


def test_a_view_too_large_for_one_page_is_told_of_folders() -> None:
    view = View(np.broadcast_to(np.uint16(7), (6000, 6000)), embed=False, vmin=0, vmax=9)
    with pytest.raises(ValueError, match=r"at most 64 MiB .* 69 MiB: .*export") as caught:
        one_page(view.model)
    assert "\n" not in str(caught.value)
