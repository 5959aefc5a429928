"""`docs/protocol.md` names the messages, keys, addresses and files that there are, no others."""

from __future__ import annotations

import re
import threading
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nbimage
from nbimage import View
from nbimage.page.scripts import FOLDER
from nbimage.view.serve.http_server import TileServer

ROOT = Path(nbimage.__file__).parent
TEXT = (ROOT.parent / "docs" / "protocol.md").read_text("utf-8")
TYPES = FOLDER.joinpath("view/base/types.js").read_text("utf-8")
IMAGE = np.random.default_rng(3).integers(0, 4000, (600, 700)).astype(np.uint16)


def table(heading: str) -> dict[str, set[str]]:
    """Return the messages of a table, and the keys of each."""
    part = TEXT.split(f"### {heading}\n", 1)[1].split("\n#", 1)[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", part, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", keys)) for name, keys in rows if name != "type"}


FROM_PAGE, FROM_PYTHON = table("From the page"), table("From Python")


def test_the_messages_that_python_sends_are_named() -> None:
    sent = set()
    for path in (ROOT / "view" / "live").glob("*.py"):
        sent |= set(re.findall(r'\{\s*"type": "(\w+)"', path.read_text("utf-8")))
    assert sent == set(FROM_PYTHON)


def test_the_messages_that_python_takes_are_named() -> None:
    text = (ROOT / "view" / "live" / "widget.py").read_text("utf-8")
    assert set(re.findall(r'kind == "(\w+)"', text)) == set(FROM_PAGE)


def test_the_messages_that_pages_send_and_take_are_named() -> None:
    sent, taken = set(), set()
    for path in FOLDER.rglob("*.js"):
        text = path.read_text("utf-8")
        sent |= set(re.findall(r'send\(\{\s*type: "(\w+)"', text))
        taken |= set(re.findall(r'(?:message\??\.|\()type [!=]== "(\w+)"', text))
    assert sent - set(FROM_PAGE) == set()
    assert set(FROM_PAGE) - sent <= {"drawn"}  # whose sender is handed on
    assert taken == set(FROM_PYTHON)


def typed() -> dict[str, set[str]]:
    """Return the messages that the page's types describe, with their keys, by type and name."""
    found: dict[str, set[str]] = {}
    for block in re.findall(r"/\*\*(.*?)\*/", TYPES, re.DOTALL):
        name = re.search(r"@typedef .*?(\w+)(Message|Request)\b", block, re.DOTALL)
        own = re.search(r'"(\w+)"\} type|type: "(\w+)"', block)
        if name is None or own is None:
            continue
        keys = set(re.findall(r"@property \{[^\n]*\} \[?(\w+)", block))
        if not keys:
            keys = set(re.findall(r"[{,]\s*\*?\s*(\w+)\??:", block.split("@typedef")[1]))
        kind = own[1] or own[2]
        found[f"{kind} {name[2]}"] = keys - {"type"}
    return found


def test_the_keys_are_those_of_the_pages_types() -> None:
    known = typed()
    assert known["tile Message"] == FROM_PYTHON["tile"]
    assert known["data Message"] == FROM_PYTHON["data"]
    assert known["hello Message"] == FROM_PYTHON["hello"]
    assert known["hello Request"] == FROM_PAGE["hello"]
    for kind in ("stop", "drawn"):
        assert known[f"{kind} Message"] - {"image", "tiles"} <= FROM_PAGE[kind]


@pytest.mark.parametrize("kind", ["GET", "POST"])
def test_the_servers_addresses_are_those_that_are_named(kind: str) -> None:
    view = View(IMAGE, embed=False)
    paths = re.findall(rf"`{kind} /TOKEN/(.*?)`", TEXT)
    assert paths
    numbers = {"IMAGE": "0", "PLANE": "0", "LEVEL": "1", "COLUMN": "0", "ROW": "0"}
    with TileServer(view.model) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            for path in paths:
                own = re.sub(r"[A-Z]{3,}", lambda match: numbers[match[0]], path)
                request = urllib.request.Request(f"{server.address}{own}", method=kind)
                with urllib.request.urlopen(request) as answer:
                    assert answer.status == 200
                    if "ROW" in path:
                        assert answer.headers["X-Dtype"] == "uint16"
                        named = set(re.findall(r"`(X-\w+)", TEXT))
                        assert {name for name in answer.headers if name[:2] == "X-"} >= named
        finally:
            server.shutdown()
            thread.join()
    view.model.close()


@pytest.mark.parametrize("raw", [False, True])
def test_the_files_of_a_folder_are_those_that_are_named(tmp_path: Path, raw: bool) -> None:
    view = View(IMAGE, embed=False)
    view.export(tmp_path / "out", raw=raw, progress=False)
    view.model.close()
    part = TEXT.split("## An exported folder", 1)[1]
    patterns = [
        re.sub(r"FORMAT", "(png|jpeg|webp|avif)", re.sub(r"[A-Z]{3,}", _number, name))
        for name in re.findall(r"^\| `(.*?)` \|", part, re.MULTILINE)
    ]
    files = [each for each in (tmp_path / "out").rglob("*") if each.is_file()]
    used: set[str] = set()
    for file in files:
        name = file.relative_to(tmp_path / "out").as_posix()
        fitting = [one for one in patterns if re.fullmatch(one, name)]
        assert fitting, name
        used |= set(fitting)
        if raw and file.suffix == ".js":
            assert file.read_text().startswith('document.currentScript.tile={"dtype":')
    assert used == ({patterns[0], patterns[3]} if raw else set(patterns[:3]))


def _number(match: Any) -> str:
    return match[0] if match[0] == "FORMAT" else r"\d+"
