"""`js/unpack`: the text that bzip2 has packed, letter for letter."""

from __future__ import annotations

import base64
import bz2
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbimage.page.scripts import compact_script, packed_script, script, unpack_script
from nbimage.page.view_html import EMBEDDED, FOLDER, KEPT, PARTS, SERVED
from tests.page.js.node import Node

HARMLESS = str.maketrans("&<>", "/,.")
SCRIPTS = [(EMBEDDED,), (SERVED,), (FOLDER,), (KEPT,), (*PARTS.values(), EMBEDDED), ("grid/grid",)]
SCRIPTS += [("grid/grid", "player/video", "ticks")]
RUNS = st.lists(st.tuples(st.sampled_from("ab \n{é"), st.integers(1, 600)), min_size=1, max_size=9)


@pytest.fixture(scope="module")
def unpacking() -> Iterator[Node]:
    node = Node("unpack")
    yield node
    node.close()


def digits(text: str) -> str:
    """A text as a page has it."""
    packed = base64.b85encode(bz2.compress(text.encode("utf-8")[::-1]))
    return packed.decode("ascii").translate(HARMLESS)


@given(st.text(min_size=1) | RUNS.map(lambda runs: "".join(one * n for one, n in runs)))
@settings(deadline=None)
def test_any_text_is_what_it_was(unpacking: Node, text: str) -> None:
    assert unpacking.evaluate("unpack", digits(text)) == text


def test_all_letters_and_all_lengths_of_words_are_unpacked(unpacking: Node) -> None:
    every = "".join(map(chr, range(1, 0x2000)))
    for text in (every, every[::-1] * 40, "".join(f"{i}," for i in range(9000))):
        assert unpacking.evaluate("unpack", digits(text)) == text


@pytest.mark.parametrize("entries", SCRIPTS)
def test_a_page_unpacks_what_python_has_packed(unpacking: Node, entries: tuple[str, ...]) -> None:
    packed = packed_script(*entries)
    text = packed.split('const text = "')[1].split('"')[0]
    assert unpacking.evaluate("unpack", text) == unpack_script(packed) == compact_script(*entries)
    assert len(packed) < 0.48 * len(script(*entries))


def test_without_bzip2_it_is_deflated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bz2", None)
    packed = packed_script.__wrapped__(EMBEDDED)
    assert "DecompressionStream" in packed
    assert len(packed) < 1.1 * len(packed_script(EMBEDDED))
    assert unpack_script(packed) == compact_script(EMBEDDED)
