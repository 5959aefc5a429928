"""The small server of `nbimage view`: tiles for who knows the token, nothing for anybody else."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import json
import re
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pytest

from nbimage import View
from nbimage.page.scripts import is_packed, unpack_script
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source
from nbimage.view.model.samples import as_samples
from nbimage.view.serve import http_server as module
from nbimage.view.serve.http_server import TileServer

VALUES = np.random.default_rng(8).integers(0, 60_000, (700, 900), np.uint16)
TOKEN = "{token}"  # stands for the server's own in what is asked for

opened: list[str] = []
"""Files that were opened while `watching` holds a server."""
watching: list[Any] = []


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and watching and isinstance(arguments[0], (str, bytes)):
        opened.append(str(arguments[0]))


sys.addaudithook(watch)


class Running(NamedTuple):
    """A server that runs in a thread, and what it has logged."""

    server: TileServer
    logged: list[str]

    def path(self, path: str) -> str:
        return path.replace(TOKEN, self.server.token)

    def ask(
        self, path: str, method: str = "GET", head: dict[str, str] | None = None, body: Any = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Return the status, the headers and the body of an answer."""
        client = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=120)
        with_host = {"Host": f"127.0.0.1:{self.server.server_port}"} | (head or {})
        client.putrequest(method, "/", skip_host=True, skip_accept_encoding=True)
        first = f"{method} {self.path(path)} HTTP/1.1".encode("latin-1")
        client._buffer[0] = first  # type: ignore[attr-defined]
        for name, value in with_host.items():
            if value:
                client.putheader(name, value)
        if body is not None:
            client.putheader("Content-Length", str(len(body)))
        client.endheaders(body)
        answer = client.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read()
        client.close()
        return found

    def raw(self, data: bytes) -> bytes:
        """Send bytes; return what comes back until the server hangs up."""
        with socket.create_connection(("127.0.0.1", self.server.server_port), 20) as client:
            found = b""
            try:  # it may hang up before all has been sent
                client.sendall(data)
                client.shutdown(socket.SHUT_WR)
                while more := client.recv(1 << 16):
                    found += more
            except OSError:
                pass
            return found

    def lives(self) -> bool:
        return self.ask("/{token}/")[0] == 200


def run(view: View, **options: Any) -> Running:
    logged: list[str] = []
    server = TileServer(view.model, log=logged.append, **options)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return Running(server, logged)


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    running = run(View(VALUES, embed=False))
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def running(shared: Running) -> Running:
    shared.logged.clear()
    return shared


def test_who_knows_the_token_gets_the_page_and_every_tile(running: Running) -> None:
    status, head, page = running.ask("/{token}/")
    assert status == 200
    assert head["Content-Type"].startswith("text/html")
    text = re.search(r'<script type="application/json">(.*?)</script>', page.decode())
    assert text
    tiles = json.loads(text[1])["images"][0]["tiles"]
    for level in range(tiles["coarsest"] + 1):
        values = running.server.stacks[0].pyramid.read(level)
        for row in range(-(-values.shape[0] // tiles["size"])):
            for column in range(-(-values.shape[1] // tiles["size"])):
                status, head, data = running.ask(f"/{TOKEN}/tiles/0/0/{level}/{column}_{row}")
                place = (slice(256 * k, 256 * k + 256) for k in (row, column))
                assert status == 200
                assert data == as_samples(values[tuple(place)], exact=True).png
                assert (head["X-Dtype"], head["X-Rough"], float(head["X-Progress"])) == (
                    "uint16",
                    "0",
                    1,
                )
    assert running.logged == []


REFUSED: dict[str, tuple[int, str, dict[str, Any]]] = {
    "no token": (404, "/", {}),
    "no token before a tile": (404, "/tiles/0/0/0/0_0", {}),
    "another token": (404, "/" + 32 * "a" + "/", {}),
    "a part of the token": (404, "/{token}x/", {}),
    "no slash": (404, "/{token}", {}),
    "dots": (404, "/{token}/../../etc/passwd", {}),
    "dots before": (404, "/../{token}/", {}),
    "encoded dots": (404, "/{token}/%2e%2e/%2e%2e/etc/passwd", {}),
    "backslashes": (404, "/{token}/..\\..\\windows", {}),
    "dots in a tile": (404, "/{token}/tiles/0/0/0/../../0_0", {}),
    "an absolute address": (404, "http://127.0.0.1/{token}/", {}),
    "a question": (404, "/{token}/?x", {}),
    "two slashes": (404, "/{token}//", {}),
    "a file": (404, "/{token}/index.html", {}),
    "an image too many": (404, "/{token}/tiles/1/0/0/0_0", {}),
    "a plane too many": (404, "/{token}/tiles/0/1/0/0_0", {}),
    "a level too many": (404, "/{token}/tiles/0/0/3/0_0", {}),
    "a column too many": (404, "/{token}/tiles/0/0/0/4_0", {}),
    "a row too many": (404, "/{token}/tiles/0/0/0/0_3", {}),
    "a huge column": (404, "/{token}/tiles/0/0/0/999999999_0", {}),
    "a huger column": (404, f"/{TOKEN}/tiles/0/0/0/{10**40}_0", {}),
    "an exponent": (404, "/{token}/tiles/0/0/0/1e9_0", {}),
    "a negative row": (404, "/{token}/tiles/0/0/0/0_-1", {}),
    "a negative image": (404, "/{token}/tiles/-1/0/0/0_0", {}),
    "a sign": (404, "/{token}/tiles/0/0/0/+1_0", {}),
    "a low line in a number": (404, "/{token}/tiles/0/0/0/0_0_0", {}),
    "digits of other scripts": (404, "/{token}/tiles/0/0/0/\xb2_0", {}),
    "encoded digits": (404, "/{token}/tiles/0/0/0/%D9%A1_0", {}),
    "an end of line": (404, "/{token}/tiles/0/0/0/0_0%0a", {}),
    "a long path": (414, "/{token}/" + 10_000 * "a", {}),
    "a longer path": (414, "/{token}/" + 70_000 * "a", {}),
    "a foreign host": (403, "/{token}/", {"head": {"Host": "example.org"}}),
    "a foreign host of the same port": (403, "/{token}/", {"head": {"Host": "example.org:{port}"}}),
    "no port but a name": (403, "/{token}/", {"head": {"Host": "127.0.0.1:evil.org"}}),
    "the name of a user": (403, "/{token}/", {"head": {"Host": "127.0.0.1@evil.org"}}),
    "a longer address": (403, "/{token}/", {"head": {"Host": "127.0.0.11:{port}"}}),
    "another machine": (403, "/{token}/", {"head": {"Host": "192.168.1.2:{port}"}}),
    "another IPv6 address": (403, "/{token}/", {"head": {"Host": "[::2]:{port}"}}),
    "a foreign origin": (403, "/{token}/", {"head": {"Origin": "http://evil.org:{port}"}}),
    "an origin that begins alike": (
        403,
        "/{token}/",
        {"head": {"Origin": "http://localhost.evil"}},
    ),
    "the origin of an extension": (403, "/{token}/", {"head": {"Origin": "app://localhost"}}),
    "another port without the token": (404, "/", {"head": {"Host": "localhost:9"}}),
    "a host that begins alike": (403, "/{token}/", {"head": {"Host": "127.0.0.1:{port}.evil.org"}}),
    "no host": (403, "/{token}/", {"head": {"Host": ""}}),
    "HEAD": (405, "/{token}/", {"method": "HEAD"}),
    "PUT": (405, "/{token}/tiles/0/0/0/0_0", {"method": "PUT", "body": b"x"}),
    "DELETE": (405, "/{token}/", {"method": "DELETE"}),
    "OPTIONS": (405, "*", {"method": "OPTIONS"}),
    "CONNECT": (405, "example.org:443", {"method": "CONNECT"}),
    "a method of its own": (405, "/{token}/", {"method": "BREW"}),
    "POST of the page": (404, "/{token}/", {"method": "POST"}),
    "POST to no image": (404, "/{token}/tiles/7/stop", {"method": "POST"}),
    "a body": (400, "/{token}/tiles/0/stop", {"method": "POST", "body": b"x" * 9}),
    "chunks": (400, "/{token}/", {"head": {"Transfer-Encoding": "chunked"}}),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_no_page_of_ours_asks_for_is_refused_logged_and_opens_no_file(
    running: Running, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, path, options = REFUSED[name]
    monkeypatch.setattr(running.server.scheduler, "tile", lambda *_: pytest.fail("a tile was made"))
    port = str(running.server.server_port)
    head = {key: text.replace("{port}", port) for key, text in options.get("head", {}).items()}
    assert running.lives()  # whatever a first request opens is open
    opened.clear()
    watching.append(running)
    try:
        found, answered, _ = running.ask(path, **{**options, "head": head})
    finally:
        watching.clear()
    assert (found, opened) == (status, [])
    assert answered["X-Content-Type-Options"] == "nosniff"
    (line,) = running.logged
    assert line.startswith("refused ")
    assert "\n" not in line
    assert len(line) < 200
    assert running.server.token not in line
    assert running.server.token[:12] not in line
    assert running.lives()


def test_two_hosts_are_refused_even_if_one_is_ours(running: Running) -> None:
    ours = f"127.0.0.1:{running.server.server_port}"
    text = f"GET /{running.server.token}/ HTTP/1.1\r\nHost: {ours}\r\nHost: evil.org\r\n\r\n"
    assert running.raw(text.encode()).startswith(b"HTTP/1.1 403")


SMUGGLED = "GET /{token}/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
BODIES = {
    "two lengths": "Content-Length: 0\r\nContent-Length: {length}",
    "a length in two lines": "Content-Length: 0\r\n {length}",
    "a length and chunks": "Content-Length: 0\r\nTransfer-Encoding: chunked",
    "chunks that are said oddly": "Transfer-Encoding: x, chunked",
    "a space before the colon": "X : y\r\nContent-Length: {length}",
    "a name of other letters": "X\xff: y\r\nContent-Length: {length}",
    "a line without a colon": "Content-Length\r\nContent-Length: {length}",
    "an end within a line": "X: y\rZ\r\nContent-Length: {length}",
    "a body that waits": "Expect: 100-continue\r\nContent-Length: {length}",
    "a sign": "Content-Length: +0",
    "no number": "Content-Length: 0x0",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_never_taken_for_another_request(running: Running, name: str) -> None:
    inner = running.path(SMUGGLED)
    head = BODIES[name].format(length=len(inner))
    text = f"GET {running.path('/{token}/')} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n{inner}"
    answers = running.raw(text.encode("latin-1"))
    assert len(re.findall(rb"HTTP/1\.1 \d+", answers)) == 1
    assert re.match(rb"HTTP/1\.1 4\d\d ", answers)
    assert b"Connection: close" in answers
    assert len(running.logged) == 1


@pytest.mark.parametrize(
    "span", ["bytes=0-0", "bytes=-1", "bytes=5-2", "bytes=" + "0-," * 2000 + "0-1", "x"]
)
def test_of_an_answer_no_part_is_sent(running: Running, span: str) -> None:
    whole = running.ask("/{token}/tiles/0/0/0/0_0")
    found = running.ask("/{token}/tiles/0/0/0/0_0", head={"Range": span, "If-Range": '"x"'})
    assert (found[0], found[2]) == (200, whole[2])
    assert "Content-Range" not in found[1]
    assert "Accept-Ranges" not in found[1]


def test_no_answer_is_for_pages_of_another_origin(running: Running) -> None:
    """None has a header that lets them read it; what they ask for first (CORS) is refused."""
    own = f"http://127.0.0.1:{running.server.server_port}"
    preflight = {"Origin": own, "Access-Control-Request-Method": "GET"}
    assert running.ask("/{token}/", "OPTIONS", head=preflight)[0] == 405
    for path, head in (("/{token}/", {"Origin": own}), ("/", {}), ("/{token}/", {"Origin": "x"})):
        answered = running.ask(path, head=head)[1]
        assert not [name for name in answered if name.lower().startswith("access-control")]
        assert answered["Cross-Origin-Resource-Policy"] == "same-origin"


def test_who_does_not_read_an_answer_is_left() -> None:
    running = run(View(VALUES, embed=False), patience=0.5)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        client.connect(("127.0.0.1", running.server.server_port))
        line = running.path("GET /{token}/tiles/0/0/0/0_0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        before = threading.active_count()
        with contextlib.suppress(OSError):
            for _ in range(200):  # more than any buffer holds
                client.send(line.encode())
        assert running.lives()
        client.settimeout(60)
        with contextlib.suppress(ConnectionError):
            while client.recv(1 << 16):
                pass  # what was sent until it gave up, and the end
        assert threading.active_count() <= before + 1
    running.server.shutdown()
    running.server.server_close()


def test_a_script_that_came_as_data_may_not_run() -> None:
    """Even if it stood in the page: the policy knows this package's own scripts alone."""
    running = run(View({"a": VALUES, "b": VALUES}, embed=False))
    page = running.server.page.decode("utf-8").replace("</body>", "<script>evil()</script></body>")
    assert module._content_policy(page) == running.server.policy
    running.server.shutdown()
    running.server.server_close()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
@pytest.mark.parametrize("port", ["", ":1", ":8080", ":65535"])
def test_another_port_may_lead_here_as_from_ssh(running: Running, name: str, port: str) -> None:
    for origin in ({}, {"Origin": f"http://{name}{port}"}, {"Origin": "null"}):
        assert running.ask("/{token}/", head={"Host": f"{name}{port}", **origin})[0] == 200


def test_it_listens_on_loopback_alone(running: Running) -> None:
    assert running.server.socket.getsockname() == ("127.0.0.1", running.server.server_port)
    names = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    for name in {"127.0.0.2", "::1", *map(str, names)} - {"127.0.0.1"}:
        with pytest.raises(OSError), socket.create_connection((name, running.server.server_port)):
            pass


def test_localhost_is_ours_too(running: Running) -> None:
    port = running.server.server_port
    assert running.ask("/{token}/", head={"Host": f"localhost:{port}"})[0] == 200
    assert running.ask("/{token}/", head={"Host": f"LOCALHOST:{port}"})[0] == 200


JUNK = {
    "nothing": b"",
    "ends of lines": b"\r\n\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n",
    "HTTP/0.9 with a host": b"GET / HTTP/0.9\r\nHost: 127.0.0.1\r\n\r\n",
    "HTTP/9": b"GET / HTTP/9.0\r\nHost: 127.0.0.1\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 4,
    "a line without an end": b"G" * 300_000,
    "too many headers": b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 500 + b"\r\n",
    "a long header": b"GET / HTTP/1.1\r\nA: " + b"b" * 100_000 + b"\r\n\r\n",
    "half a request": b"GET / HTTP/1.1\r\nHost: 127",
    "zeros": bytes(5000),
}


@pytest.mark.parametrize("name", list(JUNK))
def test_junk_is_refused_and_the_server_lives(running: Running, name: str) -> None:
    assert b"nbimage-tiled" not in running.raw(JUNK[name])
    assert running.lives()
    assert all("\n" not in line for line in running.logged)


@pytest.mark.parametrize("version", ["", " HTTP/0.9"])
def test_no_answer_is_without_headers(running: Running, version: str) -> None:
    asked = running.path("GET /{token}/tiles/0/0/0/0_0") + f"{version}\r\nHost: localhost\r\n\r\n"
    found = running.raw(asked.encode())
    assert b"PNG" not in found
    assert found.endswith((b"HTTP Version Not Supported\n", b"Bad Request\n"))


def test_every_answer_tells_browsers_to_keep_it_to_themselves(running: Running) -> None:
    for path in ("/{token}/", "/{token}/tiles/0/0/0/0_0", "/"):
        head = running.ask(path)[1]
        assert head["X-Content-Type-Options"] == "nosniff"
        assert head["Referrer-Policy"] == "no-referrer"
        assert head["Cache-Control"] == "no-store"
        assert "Server" not in head


@pytest.mark.parametrize(
    ("shown", "packed"),
    [(VALUES, 1), ({"a": VALUES, "b": VALUES}, 2)],
    ids=["one image", "two, whose pictures are a grid"],
)
def test_the_page_may_run_its_own_scripts_and_the_unpacked_ones_alone(
    shown: Any, packed: int
) -> None:
    running = run(View(shown, embed=False))
    _, head, page = running.ask("/{token}/")
    policy = head["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    allowed = policy.split("style-src")[0]
    assert "unsafe-inline" not in allowed
    scripts = re.findall(r"<script>(.*?)</script>", page.decode("utf-8"), re.DOTALL)
    unpacked = [unpack_script(text) for text in scripts if is_packed(text)]
    assert len(unpacked) == packed
    for text in (*scripts, *unpacked):
        digest = hashlib.sha256(text.encode("utf-8")).digest()
        assert base64.b64encode(digest).decode("ascii") in allowed
    running.server.shutdown()
    running.server.server_close()


def test_a_silent_client_is_left_and_one_that_drips_too() -> None:
    running = run(View(VALUES, embed=False), patience=0.3)
    stop = threading.Event()
    with socket.create_connection(("127.0.0.1", running.server.server_port), 20) as client:

        def drip() -> None:
            while not stop.wait(0.05):
                try:
                    client.send(b"G")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        assert running.lives()
        try:
            ended = client.recv(10) == b""
        except ConnectionError:
            ended = True
        stop.set()
        thread.join()
    assert ended
    running.server.shutdown()
    running.server.server_close()


def test_a_hundred_silent_connections_keep_nobody_out(running: Running) -> None:
    port = running.server.server_port
    clients = [socket.create_connection(("127.0.0.1", port), 20) for _ in range(100)]
    try:
        for client in clients:
            client.send(b"GET / HTTP/1.1\r\n")
        assert all(running.lives() for _ in range(5))
        assert len(running.server._waiting) <= module._MAX_CONNECTIONS + 1
    finally:
        for client in clients:
            client.close()


def test_many_at_once_get_the_same_tile(running: Running) -> None:
    with ThreadPoolExecutor(16) as pool:
        paths = ["/{token}/tiles/0/0/1/1_0"] * 48
        found = list(pool.map(running.ask, paths))
    assert {status for status, _, _ in found} == {200}
    assert len({data for _, _, data in found}) == 1


def test_one_connection_serves_one_request_after_the_other(running: Running) -> None:
    port, token = running.server.server_port, running.server.token
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    sockets = set()
    for column in (0, 1, 2, 0):
        client.request("GET", f"/{token}/tiles/0/0/0/{column}_0")
        answer = client.getresponse()
        assert (answer.status, len(answer.read()) > 0) == (200, True)
        sockets.add(client.sock.getsockname())
    client.close()
    assert len(sockets) == 1


class Breaks(Source):
    """A source that fails when it is told to."""

    broken = False

    def __init__(self) -> None:
        super().__init__(
            shapes=(VALUES.shape,), dtype=VALUES.dtype, channels=1, blocks=((256, 256),)
        )

    def read(self, index: int, box: Any, plane: tuple[int, ...] = ()) -> Any:
        if self.broken:
            raise OSError("the disk \udcb0 is\ngone")
        return VALUES[box.slices]

    def close(self) -> None:
        """Nothing is open."""


def test_a_tile_that_fails_says_why_in_one_line_and_can_be_asked_for_again() -> None:
    source = Breaks()
    running = run(View(Pyramid(source), embed=False))
    try:
        source.broken = True
        status, _, text = running.ask("/{token}/tiles/0/0/0/1_1")
        assert status == 500
        assert "disk � is" in text.decode()
        assert b"\n" not in text
        (line,) = running.logged
        assert "disk" in line
        assert "\n" not in line
        source.broken = False
        assert running.ask("/{token}/tiles/0/0/0/1_1")[0] == 200
    finally:
        running.server.shutdown()
        running.server.server_close()


def test_it_ends_while_a_tile_is_being_made() -> None:
    source = Breaks()
    running = run(View(Pyramid(source), embed=False))
    begun, go = threading.Event(), threading.Event()

    def wait(*_: Any) -> Any:
        begun.set()
        go.wait(60)
        raise OSError("too late")

    source.read = wait  # type: ignore[method-assign]
    with socket.create_connection(("127.0.0.1", running.server.server_port), 20) as client:
        head = f"Host: 127.0.0.1:{running.server.server_port}\r\n\r\n"
        client.sendall(f"GET /{running.server.token}/tiles/0/0/0/2_2 HTTP/1.1\r\n{head}".encode())
        assert begun.wait(20)
        running.server.shutdown()
        running.server.server_close()  # it does not wait for what may never come
        assert not go.is_set()
        go.set()


def test_an_overview_can_be_left_as_it_is(running: Running) -> None:
    assert running.ask("/{token}/tiles/0/stop", "POST")[0] == 200
    assert running.ask("/{token}/tiles/0/stop", "POST", body=b"")[0] == 200
    assert running.logged == []


def test_a_port_that_is_taken_is_said_in_one_line(running: Running) -> None:
    port = running.server.server_port
    with pytest.raises(OSError, match=rf"port must be free, but {port} is not: .*") as caught:
        TileServer(View(VALUES, embed=False).model, port)
    assert "\n" not in str(caught.value)


def test_a_view_that_has_no_tiles_is_refused() -> None:
    with pytest.raises(ValueError, match="embed=False"):
        TileServer(View(VALUES).model)


def test_each_server_has_a_token_of_its_own_and_lets_go_of_its_port() -> None:
    view, tokens = View(VALUES[:300, :300], embed=False), set()
    before = threading.active_count()
    for _ in range(10):
        running = run(view)
        tokens.add(running.server.token)
        assert running.lives()
        port = running.server.server_port
        running.server.shutdown()
        running.server.server_close()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), 5).close()
    assert len(tokens) == 10
    assert all(len(token) >= 32 for token in tokens)
    assert threading.active_count() <= before + 5
