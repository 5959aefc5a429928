"""OpenSeadragon shows what `write_dzi` has written, pixel for pixel, without a hole or an error.

Zoomify's levels are rounded down there, and up by libvips: sizes are those of which both have as
many tiles. Google's layout has no source of its own there: it is asked for by its address.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import shutil
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from nbimage import open_pyramid, write_dzi
from tests.e2e.harness import Chromium

from ..npm import packages

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(12)
PANE = 420, 360  # columns and rows of the viewer
PAGE = f"""<!DOCTYPE html>
<link rel="icon" href="data:,">
<style>html, body {{ margin: 0 }} #pane {{ width: {PANE[0]}px; height: {PANE[1]}px }}</style>
<div id="pane"></div>
<script src="openseadragon.min.js"></script>
<script>
const asked = decodeURIComponent(location.hash.slice(1));
const source = asked.startsWith("{{") ? JSON.parse(asked) : asked;
if (source.google)
    source.getTileUrl = (level, x, y) => `${{source.google}}/${{level}}/${{y}}/${{x}}.png`;
const viewer = OpenSeadragon({{
    id: "pane", tileSources: source, drawer: "canvas",
    showNavigationControl: false, imageSmoothingEnabled: false, visibilityRatio: 0,
    minZoomImageRatio: 0, maxZoomPixelRatio: 1000, animationTime: 0, blendTime: 0,
    minPixelRatio: 0.9, smoothTileEdgesMinZoom: Infinity,
}});
const failed = [];
for (const kind of ["open-failed", "tile-load-failed", "add-item-failed"])
    viewer.addHandler(kind, event => failed.push(kind + ": " + event.message));
</script>
"""
RESTING = """() => failed.length > 0 || (
    viewer.world.getItemCount() === 1 && viewer.world.getItemAt(0).getFullyLoaded()
    && !viewer.world.needsDraw() && !viewer.isAnimating())"""
TURN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def noise(*shape: int) -> Array:
    return RANDOM.integers(0, 256, shape, dtype=np.uint8)


def smooth(rows: int, columns: int) -> Array:
    """Colors that any codec keeps well."""
    y, x = np.mgrid[:rows, :columns] / 40
    waves = [np.sin(x), np.cos(y + x / 2), np.sin(y)]
    return (127.5 + 120 * np.stack(waves, axis=-1)).astype(np.uint8)


def with_holes(rows: int, columns: int) -> Array:
    """Colors, of which some are clear: pixels, and whole tiles."""
    pixels = noise(rows, columns, 4)
    pixels[..., 3] = np.where(pixels[..., 3] < 90, 0, 255)
    pixels[rows // 3 : rows // 2, :, 3] = 0
    return pixels


class Server:
    """A folder over HTTP; ``missed`` is what was asked for in vain."""

    def __init__(self, folder: Path) -> None:
        self.missed: list[str] = []
        missed = self.missed

        class Handler(SimpleHTTPRequestHandler):
            def log_request(self, code: Any = "-", size: Any = "-") -> None:
                if int(code) != HTTPStatus.OK:
                    missed.append(f"{code} {self.path}")

            def log_message(self, *_: Any) -> None:
                pass

        handler = functools.partial(Handler, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Viewer:
    """OpenSeadragon in a real browser, with one image open."""

    def __init__(self, page: Page, url: str, name: str) -> None:
        self.page = page
        self.troubles: list[str] = []
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("requestfailed", lambda request: self.troubles.append(request.url))
        page.goto(f"{url}/viewer.html#{name}")
        self.rest()

    def rest(self) -> None:
        """Wait until all is loaded and drawn."""
        self.page.evaluate(TURN)
        self.page.wait_for_function(RESTING)
        self.page.evaluate(TURN)
        assert self.page.evaluate("failed") == []

    def pixels(self) -> Array:
        """What the pane shows: RGBA."""
        uri = self.page.evaluate("viewer.drawer.canvas.toDataURL()")
        with Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))) as image:
            shown = np.asarray(image.convert("RGBA"))
        assert shown.shape == (PANE[1], PANE[0], 4)
        return shown

    def at(self, column: int, row: int, zoom: float = 1) -> Array:
        """Show a pixel of the image in the upper left corner; return what is seen.

        ``zoom`` is how wide a pixel is on the screen.
        """
        self.page.evaluate(
            f"viewer.viewport.fitBounds(viewer.viewport.imageToViewportRectangle({column}, {row}, "
            f"{PANE[0] / zoom}, {PANE[1] / zoom}), true)"
        )
        self.rest()
        return self.pixels()

    def home(self) -> tuple[Array, Array]:
        """Show the whole image; return what is seen, and x, y, width and height of its place."""
        self.page.evaluate("viewer.viewport.goHome(true)")
        self.rest()
        place = self.page.evaluate(
            "(() => { const box = viewer.viewport.viewportToViewerElementRectangle("
            "viewer.world.getItemAt(0).getBounds());"
            " return [box.x, box.y, box.width, box.height]; })()"
        )
        return self.pixels(), np.asarray(place)


def find_source(path: Any, layout: str) -> str:
    """What OpenSeadragon is to open."""
    if layout == "dz":
        return str(path.name)
    if layout == "iiif3":
        return f"{path.name}/info.json"
    with open_pyramid(path) as pyramid:
        (rows, columns), levels = pyramid.shapes[0], len(pyramid.native_levels)
        side = pyramid.block(0)[0]
    source: dict[str, Any] = {"width": columns, "height": rows, "tileSize": side}
    if layout == "zoomify":
        source |= {"type": "zoomifytileservice", "tilesUrl": f"{path.name}/", "fileFormat": "png"}
    else:  # all tiles have their full size
        whole = side << (levels - 1)
        source |= {"width": whole, "height": whole, "minLevel": 0, "maxLevel": levels - 1}
        source["google"] = path.name
    return quote(json.dumps(source))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Server]]:
    folder = tmp_path_factory.mktemp("served")
    script = packages() / "openseadragon" / "build" / "openseadragon" / "openseadragon.min.js"
    shutil.copy(script, folder)
    (folder / "viewer.html").write_text(PAGE)
    server = Server(folder)
    yield folder, server
    server.close()


@pytest.fixture
def shown(served: tuple[Path, Server], chromium: Chromium) -> Iterator[Any]:
    """What writes an image and opens it; at the end nothing may have failed."""
    folder, server = served
    server.missed.clear()
    viewers: list[Viewer] = []

    def show(array: Array, **options: Any) -> tuple[Path, Viewer]:
        layout = options.get("layout", "dz")
        name = "image.dzi" if layout == "dz" else f"image-{layout}"
        if layout == "iiif3":
            options["url"] = server.url
        path = write_dzi(array, folder / name, progress=False, **options)
        viewers.append(Viewer(chromium.new_page(), server.url, find_source(path, layout)))
        return path, viewers[-1]

    yield show
    for viewer in viewers:
        viewer.page.context.close()
        assert viewer.troubles == []
    assert server.missed == []


def on_pane(pixels: Array, column: int, row: int) -> Array:
    """What must be seen of pixels whose ``column, row`` is in the pane's corner."""
    part = pixels[row : row + PANE[1], column : column + PANE[0]]
    if part.ndim == 2:
        part = part[:, :, None].repeat(3, 2)
    pane = np.zeros((PANE[1], PANE[0], 4), np.uint8)
    pane[: part.shape[0], : part.shape[1], 3] = 255
    pane[: part.shape[0], : part.shape[1], : part.shape[2]] = part
    pane[pane[..., 3] == 0] = 0
    return pane


def check_pixels(viewer: Viewer, pixels: Array, halved: int = 0, off: int = 0) -> None:
    """Look one to one at corners and at the middle; ``halve`` is how often the level was."""
    for column, row in places(pixels, PANE):
        seen = viewer.at(column << halved, row << halved, 0.5**halved).astype(int)
        wanted = on_pane(pixels, column, row)
        assert np.array_equal(seen[..., 3], wanted[..., 3])
        assert np.abs(seen - wanted).max() <= off


def check_magnified(viewer: Viewer, pixels: Array, zoom: int = 4) -> None:
    """Look at pixels as squares: at their middles only.

    OpenSeadragon draws tiles that have no overlap one screen pixel too wide, so that no gap shows.
    """
    small = PANE[0] // zoom, PANE[1] // zoom
    for column, row in places(pixels, small):
        seen = viewer.at(column, row, zoom)[zoom // 2 :: zoom, zoom // 2 :: zoom]
        wanted = on_pane(pixels, column, row)[: small[1], : small[0]]
        high, wide = pixels.shape[0] - row, pixels.shape[1] - column
        assert np.array_equal(seen[:high, :wide], wanted[:high, :wide])


def check_seen_through(viewer: Viewer, pixels: Array, halved: int) -> None:
    """Look at colors times alpha, in which the browser keeps them, in 8 bits."""
    seen, wanted = viewer.at(0, 0, 0.5**halved).astype(int), on_pane(pixels, 0, 0).astype(int)
    assert np.array_equal(seen[..., 3], wanted[..., 3])
    times = [pane[..., :3] * pane[..., 3:] / 255 for pane in (seen, wanted)]
    assert np.abs(times[0] - times[1]).max() <= 1.5


def places(pixels: Array, pane: tuple[int, int]) -> list[tuple[int, int]]:
    """Return columns and rows that show corners and the middle."""
    rows, columns = pixels.shape[:2]
    lower, right = max(0, rows - pane[1]), max(0, columns - pane[0])
    return sorted({(0, 0), (right, lower), (right // 2, lower // 2), (right, 0)})


EXACT: dict[str, tuple[Array, dict[str, Any]]] = {
    "gray": (noise(517, 1021), {}),
    "gray, no overlap": (noise(700, 509), {"overlap": 0}),
    "colors": (noise(511, 763, 3), {"overlap": 1}),
    "colors, wide overlap": (noise(611, 463, 3), {"overlap": 8, "tile_size": 120}),
    "overlap of a whole tile": (noise(300, 333, 3), {"overlap": 50, "tile_size": 50}),
    "small tiles": (noise(401, 433), {"tile_size": 64, "overlap": 3}),
    "one tile": (noise(254, 254, 3), {}),
    "one pixel more than a tile": (noise(255, 255), {}),
    "one pixel": (noise(1, 1), {}),
    "one pixel of colors": (noise(1, 1, 3), {"overlap": 0, "channel_axis": -1}),
    "one row": (noise(1, 777), {}),
    "one column": (noise(603, 1), {}),
    "holes": (with_holes(523, 611), {"overlap": 0}),
    "holes and overlap": (with_holes(523, 611), {"overlap": 8}),
}


@pytest.mark.parametrize("name", EXACT)
def test_one_to_one_the_pixels_are_those_of_the_array(name: str, shown: Any) -> None:
    pixels, options = EXACT[name]
    _, viewer = shown(pixels, format="png", **options)
    if options.get("overlap") == 0:
        check_magnified(viewer, pixels)
    else:
        check_pixels(viewer, pixels)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_of_every_level_the_pixels_are_those_that_were_written(channels: int, shown: Any) -> None:
    shape = (1600, 1216) if channels == 1 else (1600, 1216, channels)
    path, viewer = shown(noise(*shape), format="png", tile_size=150, overlap=2)
    with open_pyramid(path) as pyramid:
        for halved in range(5):  # the last is one tile, the smallest that is drawn
            pixels = pyramid.read(halved)
            if channels < 4:
                check_pixels(viewer, pixels, halved)
            else:  # the browser keeps colors times alpha in 8 bits
                check_seen_through(viewer, pixels, halved)


@pytest.mark.parametrize("dtype", ["f4", "u2"])
def test_values_in_a_colormap_are_seen_in_its_colors(dtype: str, shown: Any) -> None:
    from nbimage.mapping.colormap import as_palette
    from nbimage.mapping.rerange_values import rerange

    values = (RANDOM.normal(size=(400, 600)) * 1000 + 10_000).astype(dtype)
    _, viewer = shown(values, format="png", cmap="viridis", tile_size=128)
    palette = as_palette("viridis").array
    check_pixels(viewer, palette[rerange(values)][..., :3])


def test_missing_values_are_seen_through(shown: Any) -> None:
    values = RANDOM.normal(size=(300, 500)).astype(np.float32)
    values[100:280, 100:420] = np.nan
    _, viewer = shown(values, format="png", tile_size=100)
    seen = viewer.at(0, 0)[:300, :420, 3]
    assert np.array_equal(seen == 0, np.isnan(values[:, :420]))


@pytest.mark.parametrize("overlap", [1, 8])
@pytest.mark.parametrize("form", ["jpeg", "webp", "avif"])
def test_what_a_lossy_codec_keeps_is_seen(form: str, overlap: int, shown: Any) -> None:
    pixels = smooth(467, 613)
    path, viewer = shown(pixels, format=form, quality=95, overlap=overlap, tile_size=200)
    with open_pyramid(path) as pyramid:
        check_pixels(viewer, pyramid.read(0), off=16)


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((1500, 2100), {}),
        ((2100, 900), {"overlap": 0, "tile_size": 256}),
        ((1025, 2049), {"overlap": 8, "tile_size": 128}),
        ((333, 4001), {"overlap": 1, "tile_size": 100, "format": "png"}),
        ((5, 4), {"format": "png"}),
    ],
    ids=["landscape", "portrait", "odd", "panorama", "tiny"],
)
def test_the_whole_image_has_no_hole(
    shape: tuple[int, int], options: dict[str, Any], shown: Any
) -> None:
    pixels = smooth(*shape) // 2 + 100
    _, viewer = shown(pixels, **options)
    seen, (x, y, wide, high) = viewer.home()
    top, left = round(y) + 1, round(x) + 1
    inner = seen[top : round(y + high) - 1, left : round(x + wide) - 1]
    assert inner.size > 0
    assert (inner[..., 3] == 255).all()
    assert inner[..., :3].min() >= 70


def test_every_zoom_asks_for_its_own_level(shown: Any) -> None:
    path, viewer = shown(smooth(2000, 3000), overlap=1)
    asked: set[int] = set()
    viewer.page.on("request", lambda request: asked.add(int(request.url.split("/")[-2])))
    with open_pyramid(path) as pyramid:
        last = pyramid.grid.last  # as Deep Zoom counts
    for halved in range(3):
        seen = viewer.at(0, 0, 0.5**halved)
        assert (seen[..., 3] == 255).all()
    assert asked >= {last, last - 1, last - 2}


OTHERS: dict[str, tuple[Array, dict[str, Any]]] = {
    "IIIF, gray": (noise(517, 1021), {"layout": "iiif3"}),
    "IIIF, colors": (noise(701, 463, 3), {"layout": "iiif3", "tile_size": 128}),
    "IIIF, as wide as two tiles": (noise(256, 512, 3), {"layout": "iiif3", "tile_size": 256}),
    "IIIF, one tile": (noise(300, 512), {"layout": "iiif3"}),
    "IIIF, less than a tile": (noise(300, 411), {"layout": "iiif3"}),
    "IIIF, odd": (noise(129, 257), {"layout": "iiif3", "tile_size": 64}),
    "Zoomify, gray": (noise(517, 1021), {"layout": "zoomify"}),
    "Zoomify, more than one group": (noise(1100, 1400, 3), {"layout": "zoomify", "tile_size": 64}),
    "Zoomify, one tile": (noise(200, 256), {"layout": "zoomify"}),
    "Google, gray": (noise(900, 1020), {"layout": "google"}),
    "Google, colors": (noise(460, 500, 3), {"layout": "google", "tile_size": 64}),
}


@pytest.mark.parametrize("name", OTHERS)
def test_in_other_layouts_the_pixels_are_those_of_the_array(name: str, shown: Any) -> None:
    pixels, options = OTHERS[name]
    _, viewer = shown(pixels, format="png", **options)
    if options["layout"] == "google":
        pixels = pixels[:400, :400]  # beside the image there is white, which is compared with none
    check_magnified(viewer, pixels)


@pytest.mark.parametrize("layout", ["iiif3", "zoomify"])
def test_the_whole_image_in_other_layouts_has_no_hole(layout: str, shown: Any) -> None:
    pixels = smooth(1600, 2096) // 2 + 100
    _, viewer = shown(pixels, layout=layout, tile_size=128, format="png")
    seen, (x, y, wide, high) = viewer.home()
    inner = seen[round(y) + 1 : round(y + high) - 1, round(x) + 1 : round(x + wide) - 1]
    assert inner.size > 0
    assert (inner[..., 3] == 255).all()
    assert inner[..., :3].min() >= 90
