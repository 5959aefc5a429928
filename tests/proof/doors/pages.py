"""Pages read back by their own code in Node: what they hold, and what they paint of it."""

from __future__ import annotations

import atexit
import base64
import functools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.kinds.kind import Array
from tests.page.js.node import Node

CONFIG = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)
PAINT = """async ({ stored, image, display, palette }) => {
  const plane = await Plane.decode(stored, image, image.base, true);
  const patch = { left: 0, top: 0, width: image.columns, height: image.rows };
  const painted = paintPatch(plane, 0, patch, image, display, decodePalette(palette));
  const own = plane.own instanceof BigInt64Array || plane.own instanceof BigUint64Array
    ? [...plane.own].map(String) : [...Float64Array.from(plane.own)].map((x) =>
      Number.isFinite(x) ? x : String(x));
  return { pixels: encode(painted.data), samples: own };
}"""
Tile = Callable[[int, int, int], dict[str, Any]]
"""Returns what is stored of a tile, by its plane, column and row."""


@functools.cache
def node() -> Node:
    """Return a process that has the page's own functions."""
    started = Node("view/values/samples", "view/values/color", "view/values/steps")
    atexit.register(started.close)
    return started


def config_of(html: str) -> dict[str, Any]:
    """Return what a page is told."""
    found = CONFIG.search(html)
    assert found is not None, "the page has no configuration"
    config: dict[str, Any] = json.loads(found[1])
    return config


def _paint(stored: Any, image: Any, config: Any) -> tuple[Array, Array]:
    (display, *_) = config["state"]["displays"]
    palette = config["palettes"][display["cmap"]]
    argument = {"stored": stored, "image": image, "display": display, "palette": palette}
    answer = node().evaluate(PAINT, argument)
    shape = image["rows"], image["columns"]
    pixels = np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(*shape, 4).copy()
    texts = answer["samples"]
    whole = stored["dtype"] in ("int64", "uint64")
    numbers = [int(x) for x in texts] if whole else [float(x) for x in texts]
    samples = np.array(numbers, stored["dtype"] if whole else np.float64)
    pixels[pixels[..., 3] == 0] = 0
    return pixels, samples.reshape(*shape, image["channels"])


def embedded_planes(config: dict[str, Any], planes: list[int]) -> list[tuple[Array, Array]]:
    """Return pixels and samples of some planes that lie in a page, from its top."""
    (image, *_) = config["images"]
    return [_paint(image["planes"][number], image, config) for number in planes]


def tiled_plane(config: dict[str, Any], plane: int, tile: Tile) -> tuple[Array, Array]:
    """Return pixels and samples of a plane whose tiles come one by one."""
    (image, *_) = config["images"]
    size, rows, columns = image["tiles"]["size"], image["rows"], image["columns"]
    pixels = np.zeros((rows, columns, 4), np.uint8)
    samples: Array | None = None
    for top in range(0, rows, size):
        for left in range(0, columns, size):
            part = {"rows": min(size, rows - top), "columns": min(size, columns - left)}
            stored = tile(plane, left // size, top // size)
            colors, values = _paint(stored, {**image, **part}, config)
            if samples is None:
                samples = np.zeros((rows, columns, image["channels"]), values.dtype)
            index = slice(top, top + size), slice(left, left + size)
            pixels[index], samples[index] = colors, values
    assert samples is not None
    return pixels, samples


def folder_tile(folder: Path) -> Tile:
    """Return what reads the tiles of values of an exported folder."""

    def read(plane: int, column: int, row: int) -> dict[str, Any]:
        path = folder / "tiles" / "0" / str(plane) / "0" / f"{column}_{row}.js"
        text = path.read_text("ascii").removeprefix("document.currentScript.tile=")
        stored: dict[str, Any] = json.loads(text.rstrip(";\n"))
        return stored

    return read
