"""Shapes are drawn, moved and removed by mouse, touch and keys, and lie where they should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nbimage import View
from tests.e2e.explorer import place_of
from tests.e2e.harness import Chromium
from tests.e2e.tiles_server import TiledViewer, tiled

ARRAY = np.random.default_rng(5).integers(0, 2**16, (1200, 1600), dtype=np.uint16)
YELLOW, BLUE = (0xFF, 0xD4, 0x00), (0x33, 0xCC, 0xFF)


@pytest.fixture(scope="module")
def shown(chromium: Chromium) -> Iterator[TiledViewer]:
    with tiled(chromium, View(ARRAY, embed=False, width=640, height=480)) as viewer:
        yield viewer


@pytest.fixture
def viewer(shown: TiledViewer) -> TiledViewer:
    """The same as it is at first, one to one."""
    shown.page.reload()
    shown.__init__(shown.page, shown.server)  # type: ignore[misc]
    shown.press("1", "s")
    return shown.rest()


def listed(viewer: TiledViewer) -> list[tuple[str, list[float]]]:
    """Return kinds and numbers as the list has them."""
    found = []
    for row in viewer.find(".annotations li").all():
        numbers = [float(one.input_value()) for one in row.locator("input[type=number]").all()]
        found.append((row.locator("button").first.inner_text(), numbers))
    return found


def pick(viewer: TiledViewer, kind: str) -> None:
    name = "Select annotations" if kind == "select" else f"Draw a {kind}"
    viewer.click(name)


def click(viewer: TiledViewer, x: float, y: float) -> None:
    viewer.mouse.click(*viewer.point(x, y))
    viewer.settle()


def world(viewer: TiledViewer, x: int, y: int) -> tuple[int, int]:
    """Return the sample at a place of the pane."""
    return place_of(viewer.move(x, y))


def colored(viewer: TiledViewer, color: tuple[int, int, int]) -> int:
    return int((viewer.pixels()[..., :3] == color).all(axis=-1).sum())


def drawn_box(viewer: TiledViewer) -> list[float]:
    pick(viewer, "box")
    viewer.drag((100, 100), (200, 180))
    ((kind, numbers),) = listed(viewer)
    assert kind == "box"
    return numbers


def test_a_box_has_the_samples_that_it_was_drawn_over(viewer: TiledViewer) -> None:
    x, y = world(viewer, 100, 100)
    assert drawn_box(viewer) == [x, y, x + 100, y + 80]
    assert colored(viewer, BLUE) > 300  # it is selected
    click(viewer, 400, 400)
    assert colored(viewer, YELLOW) > 300


def test_lines_points_and_polygons_lie_where_they_were_drawn(viewer: TiledViewer) -> None:
    x, y = world(viewer, 100, 100)
    pick(viewer, "line")
    viewer.drag((100, 100), (150, 160))
    pick(viewer, "point")
    click(viewer, 300, 100)
    pick(viewer, "polygon")
    for place in ((200, 200), (300, 220), (280, 300)):
        click(viewer, *place)
    viewer.press("Enter")
    assert listed(viewer) == [
        ("line", [x, y, x + 50, y + 60]),
        ("point", [x + 200, y]),
        ("polygon", [x + 100, y + 100, x + 200, y + 120, x + 180, y + 200]),
    ]
    assert viewer.percent() == 100  # no press was a double one


def test_a_polygon_ends_at_its_first_corner_and_escape_leaves_it(viewer: TiledViewer) -> None:
    pick(viewer, "polygon")
    for place in ((200, 200), (300, 220), (280, 300), (203, 202)):
        click(viewer, *place)
    assert [(kind, len(numbers)) for kind, numbers in listed(viewer)] == [("polygon", 6)]
    for place in ((400, 200), (500, 220), (480, 300)):
        click(viewer, *place)
    viewer.press("Escape")
    assert len(listed(viewer)) == 1


def test_shapes_are_taken_moved_bent_and_removed(viewer: TiledViewer) -> None:
    x0, y0, x1, y1 = drawn_box(viewer)
    pick(viewer, "select")
    viewer.drag((150, 140), (170, 150))
    assert listed(viewer) == [("box", [x0 + 20, y0 + 10, x1 + 20, y1 + 10])]
    viewer.drag((220, 190), (260, 230))
    assert listed(viewer) == [("box", [x0 + 20, y0 + 10, x1 + 60, y1 + 50])]
    before = world(viewer, 500, 400)
    viewer.drag((500, 400), (450, 380))  # nothing is there: the picture moves
    assert world(viewer, 450, 380) == before
    viewer.press("Delete")
    assert len(listed(viewer)) == 1  # none was selected any more
    click(viewer, 100, 100)
    viewer.press("Delete")
    assert listed(viewer) == []
    assert colored(viewer, YELLOW) + colored(viewer, BLUE) == 0


def test_corners_of_a_polygon_are_added_and_removed(viewer: TiledViewer) -> None:
    pick(viewer, "polygon")
    for place in ((200, 200), (300, 200), (300, 300)):
        click(viewer, *place)
    viewer.press("Enter")
    viewer.drag((250, 200), (250, 150))
    ((_, numbers),) = listed(viewer)
    x, y = world(viewer, 200, 200)
    assert numbers[2:4] == [x + 50, y - 50]
    assert len(numbers) == 8
    click(viewer, 250, 150)
    viewer.press("Delete")
    assert listed(viewer)[0][1] == [x, y, x + 100, y, x + 100, y + 100]
    viewer.button("Add a corner").click()
    assert len(listed(viewer)[0][1]) == 8
    viewer.button("Remove corner 3").click()
    assert len(listed(viewer)[0][1]) == 6


@pytest.mark.parametrize(
    ("kind", "key"), [*zip(("point", "line", "box", "polygon"), "dnrg", strict=True)]
)
def test_keys_alone_draw_move_and_remove(kind: str, key: str, viewer: TiledViewer) -> None:
    viewer.press(key, "Enter")
    ((found, before),) = listed(viewer)
    assert found == kind
    place = world(viewer, 320, 240)
    viewer.press("ArrowRight", "Shift+ArrowDown")
    ((_, after),) = listed(viewer)
    assert np.allclose(np.subtract(after, before), [1, 10] * (len(before) // 2))
    assert world(viewer, 320, 240) == place  # the picture stays
    viewer.press("Delete")
    assert listed(viewer) == []
    viewer.press("Escape", "ArrowRight")
    assert world(viewer, 320, 240) != place  # arrows are the picture's again


def test_keys_alone_draw_one_after_another(viewer: TiledViewer) -> None:
    viewer.press("r", "Enter", "d", "Enter", "n", "Enter", "g", "Enter")
    assert sorted(kind for kind, _ in listed(viewer)) == ["box", "line", "point", "polygon"]


def test_numbers_and_labels_are_typed_in_the_list(viewer: TiledViewer) -> None:
    drawn_box(viewer)
    for name, value in (("x1", 800), ("x0", 700), ("y1", 650), ("y0", 500)):
        box = viewer.named(f"annotation {name}")
        box.fill(str(value))
        box.press("Enter")
    assert listed(viewer)[0][1] == [700, 500, 800, 650]
    label = viewer.named("annotation label")
    label.fill("<b>a cell</b>")
    label.press("Enter")
    viewer.settle()
    assert label.input_value() == "<b>a cell</b>"
    assert colored(viewer, (255, 255, 255)) > 20
    viewer.button("Remove box").click()
    assert listed(viewer) == []


def test_fingers_draw_too(viewer: TiledViewer) -> None:
    pick(viewer, "box")
    viewer.canvas.focus()
    session = viewer.page.context.new_cdp_session(viewer.page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [dict(zip("xy", viewer.point(*place), strict=True)) for place in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (100, 100))
    for step in range(1, 6):
        touch("touchMove", (100 + 20 * step, 100 + 16 * step))
    touch("touchEnd")
    viewer.settle()
    ((kind, (x0, y0, x1, y1)),) = listed(viewer)
    assert (kind, x1 - x0, y1 - y0) == ("box", 100, 80)


def test_a_thousand_shapes_are_drawn_in_a_few_strokes_and_listed_in_part(
    chromium: Chromium,
) -> None:
    view = View(ARRAY, embed=False)
    corners = np.random.default_rng(1).integers(0, 1000, (1000, 2)).tolist()
    shapes: list[dict[str, Any]] = [
        {
            "kind": "polygon",
            "points": [{"x": x + i, "y": y + i * i} for i in range(8)],
            "label": f"shape {number}",
            "id": str(number),
        }
        for number, (x, y) in enumerate(corners)
    ]
    view.model.config["state"]["annotations"] = shapes
    with tiled(chromium, view) as viewer:
        assert viewer.find(".annotations li").count() <= 100
        assert "1000 annotations" in viewer.find(".annotations .bar").inner_text()
        assert colored(viewer, YELLOW) > 1000
        strokes = viewer.page.evaluate(
            """() => {
  const { shadowRoot } = document.querySelector(".nbimage-tiled").lastElementChild;
  const canvas = shadowRoot.querySelector(".pane canvas"), pen = canvas.getContext("2d");
  const { stroke } = pen;
  let count = 0;
  pen.stroke = (...all) => { count++; stroke.apply(pen, all); };
  return new Promise((done) => {
    canvas.focus();
    canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    requestAnimationFrame(() => requestAnimationFrame(() => done(count)));
  });
}"""
        )
        assert strokes < 20  # all in a few strokes
        viewer.find(".annotations li button").first.click()
        viewer.press("Delete")
        assert "999 annotations" in viewer.find(".annotations .bar").inner_text()


def test_shapes_lie_over_every_plane_and_stay_as_planes_change(chromium: Chromium) -> None:
    stack = np.stack([ARRAY] * 3 + [ARRAY // 2] * 2)
    with tiled(chromium, View(stack, embed=False, axes="tyx")) as viewer:
        viewer.press("1", "s", "r", "Enter")
        before = listed(viewer)
        viewer.press("Escape", "Escape", ".", ".", ".", "+")
        viewer.rest()
        assert listed(viewer) == before
        assert colored(viewer, YELLOW) > 300
