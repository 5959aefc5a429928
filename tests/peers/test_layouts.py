"""Pyramids of tiles beside other programs: large_image, the validator of the IIIF's own."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import iiif_validator.validator as iiif
import large_image_source_deepzoom
import numpy as np
import pytest
from PIL import Image

from nbimage import open_pyramid, write_dzi

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(9)


def noise(*shape: int) -> Array:
    return RANDOM.integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("overlap", [0, 1, 7])
@pytest.mark.parametrize("shape", [(700, 901, 3), (300, 1200, 3), (257, 255, 3)])
def test_large_image_reads_every_tile_of_deep_zoom(
    tmp_path: Path, shape: tuple[int, ...], overlap: int
) -> None:
    pixels = noise(*shape)
    path = write_dzi(pixels, tmp_path / "x.dzi", format="png", tile_size=128, overlap=overlap)
    source = large_image_source_deepzoom.open(str(path))
    assert (source.sizeY, source.sizeX) == shape[:2]
    with open_pyramid(path) as pyramid:
        for number in range(source.levels):
            level = pyramid.read(source.levels - 1 - number)
            for y in range(-(-level.shape[0] // 128)):
                for x in range(-(-level.shape[1] // 128)):
                    tile = source.getTile(x, y, number, pilImageAllowed=True, numpyAllowed=False)
                    found = np.asarray(tile.convert("RGB"))
                    part = level[y * 128 : (y + 1) * 128, x * 128 : (x + 1) * 128]
                    assert np.array_equal(found[: part.shape[0], : part.shape[1]], part)
    region, _ = source.getRegion(format="numpy")
    assert np.array_equal(region[:, :, :3], pixels)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """A folder over HTTP: its host and port."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    handler = functools.partial(Handler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def squares(info: Any) -> Array:
    """The validator's own picture: ten by ten squares."""
    colors = np.array(info.colorInfo, np.uint8).transpose(1, 0, 2)
    return colors.repeat(100, 0).repeat(100, 1)


@pytest.mark.parametrize("kind", ["jpeg", "png"])
@pytest.mark.parametrize("tile_size", [1024, 256])
def test_the_validator_of_the_iiif_finds_no_fault_at_level_0(
    tmp_path: Path, served: str, tile_size: int, kind: str
) -> None:
    info = iiif.ValidationInfo()
    suite = iiif.TestSuite(info)
    options: Any = {"layout": "iiif3", "url": f"http://{served}", "format": kind}
    write_dzi(squares(info), tmp_path / "image", tile_size=tile_size, **options)
    tests = {name for name, about in suite.list_tests("3.0").items() if about["level"] == 0}
    assert {"info_json", "id_squares", "id_basic"} <= tests
    if tile_size < 1000 or kind == "png":  # no file of the whole image, or none that is JPEG
        tests &= {"info_json"}
    for name in tests - {"size_nofull"}:  # which asks a server for an error of its own
        api = iiif.ImageAPI("image", served, version="3.0", debug=False)
        found = suite.run_test(name, api)
        assert found.exception is None, (name, str(found.exception))
        assert found.tests


def test_every_tile_is_found_by_what_the_iiif_document_says(tmp_path: Path, served: str) -> None:
    """As clients do by chapter 4.7: regions and sizes by ``tiles`` and ``scaleFactors``."""
    api = iiif.ImageAPI("image", served, version="3.0", debug=False)
    pixels = noise(300, 517, 3)
    options: Any = {"layout": "iiif3", "url": f"http://{served}", "format": "png", "tile_size": 64}
    write_dzi(pixels, tmp_path / "image", **options)
    info = api.get_info()
    assert info["extraFormats"] == info["preferredFormats"] == ["png"]
    (tiles,) = info["tiles"]
    with open_pyramid(tmp_path / "image") as pyramid:
        for level, factor in enumerate(tiles["scaleFactors"]):
            expected = pyramid.read(level)
            step = tiles["width"] * factor
            for top in range(0, info["height"], step):
                for left in range(0, info["width"], step):
                    high, wide = min(step, info["height"] - top), min(step, info["width"] - left)
                    size = -(-wide // factor), -(-high // factor)
                    whole = (high, wide) == (info["height"], info["width"])
                    region = "full" if whole else f"{left},{top},{wide},{high}"
                    params = {"region": region, "size": "{},{}".format(*size), "format": "png"}
                    image: Image.Image = api.get_image(params)
                    assert image.size == size
                    y, x = top // factor, left // factor
                    part = expected[y : y + size[1], x : x + size[0]]
                    assert np.array_equal(np.asarray(image), part)
    for size in info["sizes"]:
        params = {"region": "full", "size": f"{size['width']},{size['height']}", "format": "png"}
        assert api.get_image(params).size == (size["width"], size["height"])
