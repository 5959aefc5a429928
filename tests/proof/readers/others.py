"""What is no image file: shapes in files, messages of a page to a kernel, requests to a server."""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import re
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from nbimage import Shapes, View
from nbimage.view.serve.http_server import TileServer
from tests.proof.readers.mutations import mutate
from tests.proof.readers.trial import FaultError, refuse
from tests.proof.readers.values import INTERESTING, TEXTS, change_value

DATA = np.random.default_rng(0).integers(1, 60000, (2, 90, 70), np.uint16)

# Shapes

_SHAPES = [
    {"kind": "point", "points": [(3, 4)], "label": "here", "color": "#ff0000", "plane": {"z": 1}},
    {"kind": "line", "points": [(3, 4), (5.5, 6)]},
    {"kind": "box", "points": [(3, 4), (5, 6)], "id": "a"},
    {"kind": "ellipse", "points": [(3, 4), (5, 6)]},
    {"kind": "polygon", "points": [(3, 4), (5, 6), (7, 1)]},
]
_QUPATH = {
    "type": "Feature",
    "id": "b",
    "geometry": {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "MultiPolygon", "coordinates": [[[[0, 0], [3, 0], [3, 3], [0, 0]]]]},
            {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]},
        ],
    },
    "properties": {"classification": {"name": "Tumor", "color": [200, 0, 0]}},
}


@functools.cache
def _shape_files() -> dict[str, bytes]:
    import tempfile

    shapes = Shapes(_SHAPES)
    found = {
        "a.geojson": json.dumps(shapes.to_geojson()).encode(),
        "b.geojson": json.dumps(_QUPATH).encode(),
    }
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(ImportError):
        found["a.zip"] = shapes.to_imagej(Path(folder) / "a.zip").read_bytes()
        for number, shape in enumerate(shapes):
            path = Shapes([shape]).to_imagej(Path(folder) / f"{number}.roi")
            found[f"{number}.roi"] = path.read_bytes()
    return found


def try_shapes(random: Random, folder: Path) -> str:
    """Read a changed file of shapes; those that are read are written and read again."""
    name = random.choice(list(_shape_files()))
    path = folder / name
    path.write_bytes(mutate(_shape_files()[name], random))

    def act() -> None:
        read = Shapes.from_geojson if path.suffix == ".geojson" else Shapes.from_imagej
        shapes = read(path)
        for shape in shapes:
            shape.measure()
            with contextlib.suppress(ValueError):  # outside of the image
                shape.mask((40, 50))
        assert list(Shapes.from_geojson(shapes.to_geojson())) == list(shapes) or shapes
        json.dumps([shape.to_dict() for shape in shapes], allow_nan=False)

    return refuse(act, name)


# Messages

_BOX = {"x0": 1.0, "y0": 2.0, "x1": 30.0, "y1": 40.0}
_CHANGES: list[dict[str, Any]] = [
    {"viewport": _BOX, "scale": 2.0},
    {"index": [1]},
    {"cursor": {"x": 3, "y": 4}},
    {"projections": [{"kind": "max", "from": 0, "to": 1}]},
    {"shapes": [{"kind": "box", "points": [{"x": 1, "y": 2}, {"x": 5, "y": 9}], "id": "a"}]},
    {"mode": "side", "pair": [0, 0], "swipe": 0.5, "rate": 10, "linked": True},
    {"panels": ["contrast"], "axes": True, "tip": False, "selected": "a"},
    {"image": {"visible": True, "opacity": 0.5}, "layers": []},
]


def _messages(view: View) -> list[dict[str, Any]]:
    state = view.model.config["state"]
    tiles = [[0, 0, 0, 0], ["0:max:0:1", 0, 0, 0], [1, 0, 0, 0]]
    measure = {"image": 0, "plane": 0, "points": [{"x": 1, "y": 2}, {"x": 5, "y": 9}]}
    found: list[dict[str, Any]] = [
        {"type": "hello", "client": "a", "have": [], "text": False},
        {"type": "hello", "client": "b", "have": ["x"], "text": True},
        {"type": "request", "client": "a", "epoch": 1, "requests": [{"image": 0, "tiles": tiles}]},
        {"type": "stop", "client": "a", "image": 0},
        {"type": "drawn", "client": "a", "generation": 1, "epoch": 1},
        {"type": "measure", "client": "a", "number": 1, "kind": "box", "parts": [measure]},
        {"type": "bye", "client": "b"},
        {"type": "state", "client": "a", "changes": copy.deepcopy(dict(state))},
    ]
    return found + [{"type": "state", "client": "a", "changes": one} for one in _CHANGES]


class Messages:
    """A live view that gets messages, and is asked for a tile between them."""

    def __init__(self) -> None:
        self.view = View(DATA, embed=False)
        assert self.view._live is not None
        self.live = self.view._live
        self.live.widget.send = self._note
        self.answered = threading.Event()
        self.failed: list[str] = []
        threading.excepthook = lambda found: self.failed.append(repr(found.exc_value))
        self.known = _messages(self.view)

    def _note(self, content: dict[str, Any], buffers: Any = None) -> None:
        json.dumps(content, allow_nan=False)
        if content.get("type") == "tile" and content.get("client") == "check":
            self.answered.set()

    def trial(self, random: Random, folder: Path) -> str:
        """Send some messages; the view then sends a tile and has a state that is JSON."""
        for _ in range(random.randrange(1, 6)):
            sent: Any = copy.deepcopy(random.choice(self.known))
            for _ in range(random.choice((0, 1, 1, 2, 4))):
                sent = change_value(sent, random)
            try:
                self.live._receive(None, sent, [])
            except Exception as error:
                raise FaultError(f"a message: {sent!r:.300}") from error
        json.dumps(self.view.model.config["state"], allow_nan=False)
        again = View(DATA, embed=False, state=self.view.state)
        if again.state != self.view.state:
            raise FaultError("a state that no view takes")
        again.close()
        self.answered.clear()
        wanted = [{"image": 0, "tiles": [[random.randrange(2), 0, 0, 0]]}]
        epoch = random.randrange(2**40)
        for content in (
            {"type": "hello", "client": "check", "have": []},
            {"type": "request", "client": "check", "epoch": epoch, "requests": wanted},
        ):
            self.live._receive(None, content, [])
        if not self.answered.wait(60):
            raise FaultError("no tile comes any more")
        self.live._receive(None, {"type": "bye", "client": "check"}, [])
        for name in list(self.live.pages):
            self.live._receive(None, {"type": "bye", "client": name}, [])
        if self.failed:
            raise FaultError(f"a thread ended: {self.failed.pop()}")
        return ""


# Requests

_STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d) ")
_PHRASES = frozenset(status.phrase for status in HTTPStatus)
_HEADS = (
    "Host: 127.0.0.1:{port}",
    "Origin: http://localhost:{port}",
    "Content-Length: 0",
    "Connection: keep-alive",
    "Accept: */*",
    "Range: bytes=0-10",
    "Transfer-Encoding: chunked",
    "Expect: 100-continue",
)


class Requests:
    """The server of `nbimage view`, which gets requests, and is asked for a tile between them."""

    def __init__(self) -> None:
        self.logged: list[str] = []
        self.view = View(DATA, embed=False)
        assert self.view.model is not None
        self.server = TileServer(self.view.model, log=self.logged.append, patience=2)
        self.failed: list[str] = []
        threading.excepthook = lambda found: self.failed.append(repr(found.exc_value))
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def _request(self, random: Random) -> bytes:
        token, port = self.server.token, self.server.server_port
        rest = random.choice(("", "tiles/0/0/0/0_0", "tiles/0/1/0/0_0", "tiles/0/stop", "x"))
        method = "POST" if rest.endswith("stop") else "GET"
        heads = [_HEADS[0], *random.sample(_HEADS[1:6], random.randrange(3))]
        lines = [f"{method} /{token}/{rest} HTTP/1.1", *(one.format(port=port) for one in heads)]
        kind = random.randrange(8)
        if kind == 0:
            lines.append(random.choice(_HEADS).format(port=port))
        elif kind == 1:
            at = random.randrange(len(lines))
            lines[at] = lines[at].replace("0", str(random.choice(INTERESTING)), 1)
        elif kind == 2:
            at = random.randrange(len(lines))
            word = random.choice(re.findall(r"\w+", lines[at]))
            lines[at] = lines[at].replace(word, random.choice(TEXTS), 1)
        elif kind == 3:
            lines += ["X: y"] * random.choice((99, 100, 101, 5000))
        elif kind == 4:
            lines.append("X: " + "y" * random.choice((65000, 65536, 70000)))
        elif kind == 5:
            lines[0] += random.choice(("/" * 300, " ", "\0", " HTTP/9.9", "\r", "?a=b", "#c"))
        data = "\r\n".join([*lines, "", ""]).encode("utf-8", "replace")
        return mutate(data, random) if kind > 5 and random.random() < 0.8 else data

    def trial(self, random: Random, folder: Path) -> str:
        """Send what may be no request; each answer has a status that is none of a fault."""
        data = b"".join(self._request(random) for _ in range(random.choice((1, 1, 2))))
        found = self._send(data)
        statuses = [int(one) for one in _STATUS.findall(found)]
        bare = found.decode("latin-1").rstrip("\n") in _PHRASES  # what HTTP 0.9 gets
        if found and not bare and not found.startswith(b"HTTP/1."):
            raise FaultError(f"no answer of HTTP: {found[:60]!r} to {data[:300]!r}")
        if any(status >= 500 and status not in (501, 505) for status in statuses):
            raise FaultError(f"{statuses} to {data[:300]!r}: {self.logged[-1:]}")
        if b"Traceback" in found:
            raise FaultError(f"a traceback is sent for {data[:300]!r}")
        head = f"GET /{self.server.token}/tiles/0/0/0/0_0 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        if not self._send(head.encode()).startswith(b"HTTP/1.1 200 "):
            raise FaultError(f"the server is gone after {data[:300]!r}")
        wrong = [one for one in self.logged if "\n" in one or "failed" in one or "Error" in one]
        self.logged.clear()
        if wrong or self.failed:
            raise FaultError(f"{(wrong + self.failed)[0]!r:.300} after {data[:300]!r}")
        return "" if 200 in statuses else f"{statuses}"

    def _send(self, data: bytes) -> bytes:
        found = b""
        with (
            socket.create_connection(("127.0.0.1", self.server.server_port), 20) as client,
            contextlib.suppress(OSError),  # it may hang up before all has been sent
        ):
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            while more := client.recv(1 << 16):
                found += more
        return found


OTHERS: dict[str, Callable[[], Callable[[Random, Path], str]]] = {
    "GeoJSON and ROI": lambda: try_shapes,
    "messages of a page": lambda: Messages().trial,
    "requests to a server": lambda: Requests().trial,
}
"""By name what makes a function that tries one thing."""
