"""What is seen in an explorer as files: the pixels of the page, with what stands around it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from astropy.coordinates import Angle
from PIL import Image

from nbimage import Picture, View
from tests.e2e.explorer import Viewer, opened, rgba, showing
from tests.e2e.harness import Chromium
from tests.page.js.test_sky import make_sky

ARRAY = np.random.default_rng(4).integers(0, 256, (60, 80), np.uint8)


def download(viewer: Viewer, entry: str, path: Path) -> Path:
    with viewer.page.expect_download() as waiting:
        viewer.save(entry)
    waiting.value.save_as(path)
    return path


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_picture_of_what_is_seen_is_drawn_anew_at_its_scale(
    chromium: Chromium, tmp_path: Path, scale: int
) -> None:
    view = View(ARRAY, cmap="magma", width=320, height=240)
    with showing(chromium, tmp_path, view) as viewer:
        path = download(viewer, f"PNG, {scale}×", tmp_path / "seen.png")
        seen = viewer.pixels()
    with Image.open(path) as image:
        saved = np.asarray(image.convert("RGBA"))
    height, width = 240 * scale, 320 * scale
    assert saved.shape[0] == seen.shape[0] * scale
    assert saved.shape[1] > seen.shape[1] * scale + 20  # the colorbar
    top, left = (saved.shape[0] - height) // 2, (seen.shape[1] * scale - width) // 2
    part = saved[top : top + height, left : left + width]
    expected = rgba(Picture(ARRAY, cmap="magma").render())
    expected = expected.repeat(4 * scale, 0).repeat(4 * scale, 1)
    np.testing.assert_array_equal(part, expected)
    if scale == 1:
        np.testing.assert_array_equal(part, seen[top : top + height, left : left + width])
    with Image.open(view.save(tmp_path / "python.png", scale=scale)) as image:
        np.testing.assert_array_equal(np.asarray(image.convert("RGBA")), expected)


def test_vectors_hold_the_picture_and_lines_and_texts(chromium: Chromium, tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    along = {
        side: (side, np.arange(n) * 0.5, {"units": "µm"})
        for side, n in zip("yx", (60, 80), strict=True)
    }
    data = xarray.DataArray(ARRAY, dims=("y", "x"), coords=along)
    label = 'a"<script>\x00\x1b\ud800\ufffe&b'  # of which XML can't hold some letters
    shape = {"kind": "box", "points": [(9, 9), (30, 30)], "label": label}
    view = View(data, width=320, height=240, state={"axes": True, "shapes": [shape]})
    with showing(chromium, tmp_path, view) as viewer:
        path = download(viewer, "SVG", tmp_path / "seen.svg")
    tree = ElementTree.parse(path)
    names = [one.tag.rpartition("}")[2] for one in tree.iter()]
    assert names.count("image") == 1 and "path" in names
    texts = {one.text for one in tree.iter() if one.tag.endswith("text")}
    assert {"10 µm", "x [µm]"} <= texts
    assert [text for text in texts if (text or "").startswith('a"<script>')]


def test_the_samples_are_one_pixel_each(chromium: Chromium, tmp_path: Path) -> None:
    with showing(chromium, tmp_path, View(ARRAY, width=320, height=240)) as viewer:
        path = download(viewer, "Samples, PNG", tmp_path / "samples.png")
    with Image.open(path) as image:
        np.testing.assert_array_equal(np.asarray(image.convert("L")), ARRAY)


def test_ticks_and_north_are_shown_on_demand(chromium: Chromium, tmp_path: Path) -> None:
    with showing(chromium, tmp_path, View(ARRAY, width=320, height=240)) as viewer:
        before = viewer.pixels()
        viewer.canvas.focus()
        viewer.changes(lambda: viewer.press("g"))
        assert not np.array_equal(viewer.pixels()[-20:], before[-20:])
        viewer.changes(lambda: viewer.press("g"))
        np.testing.assert_array_equal(viewer.pixels(), before)


@pytest.mark.parametrize("embed", [True, False])
def test_the_place_on_the_sky_is_said_below_the_pointer(
    chromium: Chromium, tmp_path: Path, embed: bool
) -> None:
    wcs = make_sky("TAN", ARRAY.shape, 0.5 / 3600, (83.633, 22.0145))
    view = View(ARRAY, wcs=wcs, embed=embed, width=320, height=240)
    view.save(tmp_path / "sky.html")
    page = opened(chromium, (tmp_path / "sky.html").as_uri())
    viewer = Viewer(page)
    viewer.move(101, 99)
    text = viewer.find(".readout").inner_text()
    found = re.search(r"\[(\d+), (\d+)\]", text)
    assert found
    row, column = map(int, found.groups())
    longitude, latitude = (float(one) for one in wcs.pixel_to_world_values(column, row))
    hours = Angle(longitude, "deg").to_string("hour", precision=3, pad=True)
    assert f"RA {hours}" in text and f"+{int(latitude)}°" in text
    page.close()
