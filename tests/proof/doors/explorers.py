"""Explorers of files: in a page, by the server, in folders of values and of pictures."""

from __future__ import annotations

import base64
import contextlib
import io
import itertools
import threading
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np

from nbimage import View
from nbimage.cli.main import main
from nbimage.view.serve.http_server import TileServer
from tests.kinds.doors import along, compare, expected, is_composite, limits_of, plain, rgba
from tests.kinds.kind import Array, Content
from tests.proof.doors import pages
from tests.view.live.test_widget import Page


def run_quietly(*arguments: str) -> int:
    """Run the command line; return its code."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main(list(arguments))


def _planes(content: Content) -> list[tuple[int, Array]]:
    """Return the first and the last plane by their numbers: rows, columns and channels."""
    values = plain(content.values)
    axis = along(content)
    if axis is not None:
        values = np.moveaxis(values, axis, -1)
    several = axis is not None or content.colors
    if not several:
        values = values[..., None]
    flat = values.reshape(-1, *values.shape[-3:])
    return [(number, flat[number]) for number in sorted({0, len(flat) - 1})]


def _check_plane(content: Content, plane: Array, found: tuple[Array, Array]) -> None:
    """Compare what a page paints of a plane, and its samples, from the top."""
    pixels, samples = found
    channels = plane if is_composite(content) or content.colors else plane[..., 0]
    if is_composite(content):
        channels = np.moveaxis(channels, -1, 0)
    right = expected(content, channels, limits_of(content, plain(content.values)))
    compare(content, pixels, right)
    upright_plane = plane[::-1] if content.lower else plane
    if upright_plane.dtype.kind in "iub" and samples.dtype.kind in "iu":
        assert np.array_equal(samples, upright_plane)
        return
    wanted = upright_plane.astype(np.float64)
    if content.colors:  # of colors all are missing where one is
        wanted = np.where(np.isnan(wanted).any(axis=2, keepdims=True), np.nan, wanted)
    size = np.nanmax(np.abs(wanted)) if np.isfinite(wanted).any() else 1
    np.testing.assert_allclose(samples, wanted, rtol=0, atol=content.tolerance or size * 2.0**-23)


def _same_page(config: dict[str, Any], other: dict[str, Any]) -> None:
    """Compare what two pages are told, but for where their samples come from."""
    for key in ("axes", "order", "layout", "kinds"):
        assert config[key] == other[key], key
    for one, two in zip(config["images"], other["images"], strict=True):
        for key in one.keys() | two.keys():
            if key not in ("planes", "tiles", "exact", "source"):
                assert one.get(key) == two.get(key), key
    assert config["state"]["displays"] == other["state"]["displays"]


def in_page(path: str, content: Content, folder: Path) -> None:
    """Explore it in a page that holds all samples, which its own code decodes and paints."""
    exact = content.values.dtype == np.float64  # which is rounded, if nobody asks for it
    config = pages.config_of(View(path, embed=True, exact=exact).html)
    planes = _planes(content)
    found = pages.embedded_planes(config, [number for number, _ in planes])
    for (_, plane), one in zip(planes, found, strict=True):
        _check_plane(content, plane, one)


def served(path: str, content: Content, folder: Path) -> None:
    """Explore it by the server of ``nbimage view``."""
    view = View(path, embed=False)
    refused: list[str] = []
    server = TileServer(view.model, log=refused.append)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        with urllib.request.urlopen(server.address) as answer:
            config = pages.config_of(answer.read().decode())
        _same_page(config, pages.config_of(View(path, embed=True).html))

        def tile(plane: int, column: int, row: int) -> dict[str, Any]:
            url = f"{server.address}tiles/0/{plane}/0/{column}_{row}"
            with urllib.request.urlopen(url) as answer:
                data = base64.b64encode(answer.read()).decode()
                return {"dtype": answer.headers["X-Dtype"], "data": data, "encoding": "base64"}

        for number, plane in _planes(content):
            _check_plane(content, plane, pages.tiled_plane(config, number, tile))
        assert refused == []
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        view.close()


def live(path: str, content: Content, folder: Path) -> None:
    """Explore it with a kernel, by the messages of a widget."""
    view = View(path, embed=False)
    view.index = {}  # which makes the widget
    page, epochs = Page(view), itertools.count(1)
    [(hello, _)] = page.of("hello")
    config = hello["config"]
    _same_page(config, pages.config_of(View(path, embed=True).html))

    def tile(plane: int, column: int, row: int) -> dict[str, Any]:
        count = len(page.of("tile"))
        page.want(next(epochs), (plane, 0, column, row))
        said, [data] = page.wait("tile", count + 1)[count]
        assert (said["address"], said["rough"]) == ([plane, 0, column, row], False)
        encoded = base64.b64encode(data).decode()
        return {"dtype": said["dtype"], "data": encoded, "encoding": "base64"}

    for number, plane in _planes(content):
        _check_plane(content, plane, pages.tiled_plane(config, number, tile))
    view.close()


def _stitch(folder: Path, plane: int, rows: int, columns: int) -> Array:
    """Join the pictures of a plane's largest level, of 254 pixels and one more at each side."""
    level = max(int(one.name) for one in (folder / f"{plane}_files").iterdir())
    pixels = np.zeros((rows, columns, 4), np.uint8)
    for path in (folder / f"{plane}_files" / str(level)).glob("*.png"):
        column, row = map(int, path.stem.split("_"))
        tile = rgba(path.read_bytes())
        top, left = max(0, row * 254 - 1), max(0, column * 254 - 1)
        pixels[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return pixels


def exported(path: str, content: Content, folder: Path) -> None:
    """Write an explorer as a folder, of values and of pictures."""
    view = View(path, embed=False)
    raw = view.export(folder / "raw", raw=True, progress=False)
    config = pages.config_of((raw / "index.html").read_text("utf-8"))
    for number, plane in _planes(content):
        _check_plane(content, plane, pages.tiled_plane(config, number, pages.folder_tile(raw)))
    drawn = view.export(folder / "drawn", format="png", progress=False)
    (image,) = pages.config_of((drawn / "index.html").read_text("utf-8"))["images"]
    for number, plane in _planes(content):
        channels = plane if is_composite(content) or content.colors else plane[..., 0]
        channels = np.moveaxis(channels, -1, 0) if is_composite(content) else channels
        right = expected(content, channels, limits_of(content, plain(content.values)))
        shape = image["rows"], image["columns"]
        compare(content, _stitch(drawn / "tiles" / "0", number, *shape), right)
    view.close()


def by_commands(path: str, content: Content, folder: Path) -> None:
    """Write explorers by the command line."""
    assert run_quietly("export", path, str(folder / "page.html")) == 0
    config = pages.config_of((folder / "page.html").read_text("utf-8"))
    _same_page(config, pages.config_of(View(path, embed=True).html))
    assert run_quietly("view", path, "--export", str(folder / "out"), "--raw") == 0
    config = pages.config_of((folder / "out" / "index.html").read_text("utf-8"))
    (number, plane), *_ = _planes(content)
    _check_plane(
        content, plane, pages.tiled_plane(config, number, pages.folder_tile(folder / "out"))
    )
