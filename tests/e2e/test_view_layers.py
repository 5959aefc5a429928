"""Layers over the explorer's picture: names below the pointer, outlines, picking, at every door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import View
from tests.e2e.explorer import Viewer, opened, showing
from tests.e2e.harness import Chromium, wait_for
from tests.e2e.tiles_server import tiled

Array = np.ndarray[Any, Any]
RNG = np.random.default_rng(29)
IMAGE = np.full((300, 400), 90, np.uint8)
LABELS = np.kron(RNG.integers(0, 40, (30, 40)), np.ones((10, 10), int)).astype(np.uint16)
NAMES = {label: f"cell {label:03}" for label in range(1, 40)}
STAGE = {"width": 400, "height": 300}


def check_names(viewer: Viewer, count: int = 100, shift: int = 0) -> None:
    """Compare the names below the pointer at random positions with the array's own labels."""
    assert viewer.percent() == 100
    for x, y in RNG.integers(2, (396, 296), (count, 2)).tolist():
        label = int(LABELS[y, x]) + shift * bool(LABELS[y, x])
        wanted = NAMES.get(label, "")

        def said(x: int = x, y: int = y, wanted: str = wanted) -> bool:
            text = viewer.move(x, y)
            return wanted in text if wanted else "cell" not in text

        wait_for(said)


def test_names_below_the_pointer_are_those_of_the_array(chromium: Chromium, tmp_path: Path) -> None:
    with showing(chromium, tmp_path, View(IMAGE, labels=LABELS, names=NAMES, **STAGE)) as viewer:
        viewer.press("1")
        check_names(viewer)


def test_names_below_the_pointer_are_those_of_tiles(chromium: Chromium) -> None:
    view = View(IMAGE, labels=LABELS, names=NAMES, embed=False, **STAGE)
    with tiled(chromium, view) as viewer:
        viewer.press("1")
        viewer.rest()
        check_names(viewer)


@pytest.mark.parametrize("raw", [True, False])
def test_an_exported_folder_names_labels(chromium: Chromium, tmp_path: Path, raw: bool) -> None:
    view = View(IMAGE, labels=LABELS, names=NAMES, embed=False, **STAGE)
    view.export(tmp_path / "out", raw=raw, progress=False)
    view.close()
    page = opened(chromium, (tmp_path / "out" / "index.html").as_uri())
    viewer = Viewer(page, root=".nbimage-tiled")
    viewer.press("1")
    viewer.rest()
    check_names(viewer, 10)
    page.context.close()


def test_labels_of_a_half_and_a_double_resolution_lie_where_the_image_does(
    chromium: Chromium, tmp_path: Path
) -> None:
    for own in (LABELS[::10, ::10].repeat(5, 0).repeat(5, 1), LABELS.repeat(2, 0).repeat(2, 1)):
        with showing(chromium, tmp_path, View(IMAGE, labels=own, names=NAMES, **STAGE)) as viewer:
            viewer.press("1")
            check_names(viewer, 20)


def as_words(pixels: np.ndarray) -> np.ndarray:
    """Return one number for each pixel's four bytes."""
    return np.ascontiguousarray(pixels).view(np.uint32)


def test_every_pixel_has_the_color_of_one_label_at_every_zoom(
    chromium: Chromium, tmp_path: Path
) -> None:
    state = {"layers": [{"opacity": 1}]}
    with showing(chromium, tmp_path, View(IMAGE, labels=LABELS, state=state, **STAGE)) as viewer:
        viewer.press("1")
        known = np.unique(as_words(viewer.pixels()))
        for key in ("0", "-", "+", "+", "-", "-", "-"):
            viewer.press(key)
            seen = viewer.pixels()
            assert np.isin(as_words(seen[seen[..., 3] == 255]), known).all()


def test_an_outline_is_one_pixel_wide(chromium: Chromium, tmp_path: Path) -> None:
    square = np.zeros((300, 400), np.uint8)
    square[100:200, 100:200] = 1
    state = {"layers": [{"fill": False, "opacity": 1}]}
    with showing(chromium, tmp_path, View(IMAGE, labels=square, state=state, **STAGE)) as viewer:
        viewer.press("1")
        seen = viewer.pixels()
        colored = (seen[..., :3] != seen[0, 0, :3]).any(axis=2)
        expected = np.zeros_like(colored)
        left, top = np.argwhere(colored)[0][::-1]
        expected[top : top + 100, left : left + 100] = True
        expected[top + 1 : top + 99, left + 1 : left + 99] = False
        np.testing.assert_array_equal(colored, expected)


def test_a_click_picks_a_label_out_and_another_lets_it_go(
    chromium: Chromium, tmp_path: Path
) -> None:
    view = View(IMAGE, labels=LABELS + 1, state={"panels": ["layers"]}, **STAGE)
    with showing(chromium, tmp_path, view) as viewer:
        viewer.press("1")
        before = viewer.pixels()
        viewer.changes(lambda: viewer.mouse.click(*viewer.point(205, 155)))
        picked = viewer.find(".list [aria-pressed=true]")
        wait_for(lambda: picked.count() == 1)
        assert picked.inner_text().strip() == str(LABELS[155, 205] + 1)
        picked.click()
        wait_for(lambda: viewer.find(".list [aria-pressed=true]").count() == 0)
        assert viewer.pixels().shape == before.shape


def test_labels_are_seen_alone_when_the_image_is_hidden(chromium: Chromium, tmp_path: Path) -> None:
    given: dict[str, Any] = {"labels": LABELS, "background": None, **STAGE}
    state: dict[str, Any] = {"panels": ["layers"], "layers": [{"opacity": 1.0}]}
    with showing(chromium, tmp_path, View(IMAGE, **given, state=state)) as viewer:
        viewer.press("1")
        row = viewer.find(".layer").last
        assert row.inner_text().split() == ["image", "uint8"]
        before = viewer.pixels()
        viewer.named("Hide image").click()
        wait_for(lambda: (viewer.pixels()[..., 3] == 0).any(), viewer.page)
        alone = viewer.pixels()
        free = LABELS == 0
        assert (alone[free][:, 3] == 0).all()
        np.testing.assert_array_equal(alone[~free], before[~free])
        viewer.named("Show image").click()
        viewer.shows(before)
        viewer.named("Opacity of image").fill("0.5")
        wait_for(lambda: (viewer.pixels()[free][:, 3] == 128).any(), viewer.page)


@pytest.mark.parametrize("embed", [True, False])
def test_labels_of_planes_are_not_shown_over_a_projection(
    embed: bool, chromium: Chromium, tmp_path: Path
) -> None:
    stack, labels = np.stack([IMAGE] * 5), np.stack([LABELS] * 5)
    state: dict[str, Any] = {"panels": ["layers"], "projections": {0: "max"}}
    options: dict[str, Any] = {"labels": {"all": LABELS, "each": labels}, **STAGE}
    view = View(stack, embed=embed, state=state, **options)
    other = View(stack, embed=embed, state=state, **{**options, "labels": {"all": LABELS}})
    np.testing.assert_array_equal(view.snapshot().render(), other.snapshot().render())
    with showing(chromium, tmp_path, view) if embed else tiled(chromium, view) as viewer:
        rows = viewer.find(".layer")
        texts = [" ".join(rows.nth(i).inner_text().split()) for i in range(2)]
        assert texts[0] == "each none here" and "none" not in texts[1]
        viewer.press("1")
        y, x = np.argwhere(LABELS == 7)[55].tolist()
        wait_for(lambda: "all 7" in viewer.move(x, y), viewer.page)
        assert "each" not in viewer.readout()


def test_a_frame_beyond_the_labels_of_a_stack_has_none(chromium: Chromium) -> None:
    stack, labels = np.stack([IMAGE] * 2), np.stack([LABELS] * 2)
    state = {"panels": ["layers"]}
    view = View(stack, axes="tyx", labels=labels, embed=False, state=state, **STAGE)
    view.append(IMAGE, max_planes=3)
    bare = View(IMAGE, embed=False, **STAGE)
    np.testing.assert_array_equal(view.snapshot().render(), bare.snapshot().render())
    with tiled(chromium, view) as viewer:
        viewer.press("1")
        y, x = np.argwhere(LABELS == 7)[55].tolist()
        viewer.rest()
        assert "labels" not in viewer.move(x, y)
        assert not any(image == 1 for image, *_ in viewer.server.asked)
        first = viewer.find(".layer").first
        assert "none here" in first.inner_text()
        viewer.press(",")
        wait_for(lambda: "none here" not in first.inner_text(), viewer.page)
        wait_for(lambda: "labels 7" in viewer.move(x, y), viewer.page)


def test_points_are_named_and_hidden(chromium: Chromium, tmp_path: Path) -> None:
    item = ("points", [(100, 50)], {"size": 12, "names": ["spot"]})
    view = View(IMAGE, overlay=item, state={"panels": ["layers"]}, **STAGE)
    with showing(chromium, tmp_path, view) as viewer:
        viewer.press("1")
        wait_for(lambda: "spot" in viewer.move(100, 50))
        viewer.changes(lambda: viewer.button("Hide points").click())
        assert viewer.button("Show points").is_visible()
