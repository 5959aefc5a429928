"""Changes to bytes, numbers, texts and JSON, wherever they stand."""

from __future__ import annotations

import copy
import json
import re
import struct
from collections.abc import Iterator
from random import Random
from typing import Any

_FEW = "0 1 2 3 7 8 9 15 16 17 31 63 64 127 128 255 256 257 4096 32767 32768 65535 65536 16777216"
_MANY = *(2**n for n in (31, 32, 53, 62, 63, 64)), *(2**n - 1 for n in (31, 32, 63, 64))
INTERESTING: tuple[int, ...] = (*map(int, _FEW.split()), *_MANY)
"""Whole numbers at which readers go wrong."""
_WORDS = "nan -inf 1e999 -1 0 0x10 true {} [] 1,2 (3,) <f8 >i4 |O bool uint8 float64 complex64 U9"
_ODD = "\0", "\n", "\r\n\t", "\x1b[31m", "\u202e", "é", "\ud800", "a" * 300, "1" * 5000, "</script>"
TEXTS = ("", " ", *_ODD, "..", "../..", "/etc/passwd", "%s%n", *_WORDS.split())
PLAIN: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 0.5, -0.0, 1e308, float("nan"), float("inf"), [], {}, [[]], [None]),
    *({"a": 1}, [0, 0], [-1, -1], [1e30] * 2, ["x"] * 3, [1] * 40, 2**31, 2**63, -(2**63), 10**400),
)
"""What stands in JSON where something else should."""


def _position(data: bytes, random: Random) -> int:
    """Return an offset, more often near the beginning, where heads are."""
    end = max(1, len(data))
    return random.randrange(random.choice((min(end, 64), min(end, 512), min(end, 4096), end, end)))


def change_bytes(data: bytes, random: Random, depth: int = 0) -> bytes:
    changed = bytearray(data or b"\0")
    kind, at = random.randrange(10), _position(data, random)
    if kind == 0:
        for _ in range(random.choice((1, 1, 2, 8))):
            changed[_position(changed, random)] ^= 1 << random.randrange(8)
    elif kind == 1:
        for _ in range(random.choice((1, 1, 4, 30))):
            changed[_position(changed, random)] = random.choice((0, 1, 127, 128, 255, 32, 10))
    elif kind == 2:
        del changed[at:]
    elif kind == 3:
        del changed[at : at + random.choice((1, 2, 4, 16, 300))]
    elif kind == 4:
        part = changed[at : at + random.choice((1, 4, 16, 300))]
        changed[at:at] = part * random.choice((1, 1, 3))
    elif kind == 5:
        other, size = _position(data, random), random.choice((2, 4, 8, 64))
        first, second = changed[at : at + size], changed[other : other + size]
        if len(first) == len(second):
            changed[at : at + size], changed[other : other + size] = second, first
    elif kind == 6:
        changed[at:at] = random.randbytes(random.choice((1, 2, 4, 50)))
    elif kind == 7:
        size = random.choice((4, 16, 64))
        changed[at : at + size] = bytes([random.choice((0, 255))]) * size
    else:
        return change_numbers(data, random)
    return bytes(changed)


def change_numbers(data: bytes, random: Random, depth: int = 0) -> bytes:
    changed = bytearray(data)
    size = random.choice((1, 2, 2, 4, 4, 8))
    at = _position(data, random)
    at -= at % random.choice((1, size))
    set_number(changed, at, size, random.choice("<>"), random)
    return bytes(changed)


def set_number(changed: bytearray, at: int, size: int, order: str, random: Random) -> None:
    """Write another number in place of one of so many bytes."""
    if at + size > len(changed):
        return
    form = order + {1: "B", 2: "H", 4: "I", 8: "Q"}[size]
    (old,) = struct.unpack_from(form, changed, at)
    most = (1 << 8 * size) - 1
    new = random.choice(
        (
            *(old + 1, old - 1, old * 2, old // 2, ~old, old ^ (1 << 8 * size - 1), -old, old << 8),
            *(0, 1, most, most - 1, most >> 1, (most >> 1) + 1, len(changed), len(changed) - at),
            *random.choices(INTERESTING, k=6),
            *((old ^ (1 << random.randrange(8 * size))),) * 3,
        )
    )
    struct.pack_into(form, changed, at, new & most)


# Texts: JSON, XML, headers


def change_text(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Change a number, a word or a line of a text."""
    text = data.decode("latin-1")
    found = list(re.finditer(r"[-+]?\d+(?:\.\d+)?|[A-Za-z_]\w*|[<>\"'{}\[\]=:,/]", text))
    kind = random.randrange(6)
    if kind == 0 or not found:
        lines = text.splitlines(keepends=True) or [""]
        at = random.randrange(len(lines))
        lines[at : at + 1] = random.choice(([], lines[at : at + 1] * 2, lines[::-1][:1]))
        return "".join(lines).encode("latin-1", "replace")
    numbers = [one for one in found if one[0].lstrip("+-")[:1].isdecimal()]
    one = random.choice(numbers if numbers and kind < 4 else found)
    if one in numbers:
        new = str(
            random.choice((*INTERESTING, -1, -(2**31), "1e400", "nan", 0.5, "", f"{one[0]}0"))
        )
    else:
        new = random.choice((*TEXTS, "", random.choice(found)[0]))
    return (text[: one.start()] + new + text[one.end() :]).encode("latin-1", "replace")


def change_text_inside(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Change a run of letters within a binary file, which stays as long as it is."""
    runs = list(re.finditer(rb"[ -~\n]{5,}", data))
    if not runs:
        return change_bytes(data, random)
    one = random.choice(runs)
    new = change_text(one[0], random)
    if random.random() < 0.8:
        new = new[: len(one[0])].ljust(len(one[0]), random.choice((b" ", b"\0")))
    return data[: one.start()] + new + data[one.end() :]


def change_xml(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Change XML: elements that go, come twice, lie in one another, and entities."""
    text = data.decode("utf-8", "replace")
    tags = list(re.finditer(r"<[^>]*>", text))
    kind = random.randrange(5)
    if kind == 0 and tags:
        one = random.choice(tags)
        text = text[: one.start()] + one[0] * random.choice((0, 2)) + text[one.end() :]
    elif kind == 1:
        levels = "".join(
            f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "x" * 50}">' for i in range(9)
        )
        text = f"<!DOCTYPE a [{levels}]>" + re.sub(r'"\d+"', '"&e8;"', text, count=1)
    elif kind == 2:
        text = "<a>" * 100_000 + text
    elif kind == 3 and tags:
        at = random.choice(tags).end()
        text = (
            text[:at] + random.choice(("\0", "&#0;", "&lt;", "<![CDATA[", "<!--", "é")) + text[at:]
        )
    else:
        return change_text(data, random)
    return text.encode("utf-8", "replace")


def change_json(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Change a value of JSON: of another type, huge, nested, missing, or there twice."""
    value = json.loads(data)
    kind = random.randrange(12)
    if kind == 0:
        return b"[" * 100_000 + data + b"]" * random.choice((0, 100_000))
    if kind == 1:
        text = data.decode("utf-8", "replace").strip()
        return (text[:1] + text[1:-1] + "," + text[1:]).encode("utf-8", "replace")  # keys twice
    changed = change_value(value, random)
    text = json.dumps(changed, indent=random.choice((None, 1)))
    if kind == 2:
        text = text.encode().decode("utf-8").encode("utf-16").decode("latin-1")
        return text.encode("latin-1")
    return text.encode("utf-8", "replace")


def change_value(value: Any, random: Random) -> Any:
    """Return a value of lists and dicts of which one part is another one."""
    paths = list(_paths(value))
    path = random.choice(paths)
    if not path:
        return copy.deepcopy(random.choice(PLAIN))
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    key, old = path[-1], holder[path[-1]]
    kind = random.randrange(8)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, dict):
        holder[random.choice((*TEXTS, *holder))] = holder.pop(key)
    elif kind == 1:
        holder.insert(0, old)
    elif kind == 2:
        holder[key] = random.choice(TEXTS)
    elif kind == 3:
        holder[key] = random.choice(([old], [old, old], {"a": old}, [old] * 1000, str(old)))
    elif isinstance(old, (int, float)) and not isinstance(old, bool) and kind < 7:
        holder[key] = random.choice(
            (old + 1, old - 1, -old, old * 1000, *random.choices(INTERESTING, k=4))
        )
    else:
        holder[key] = copy.deepcopy(random.choice(PLAIN))
    return value


def _paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield before
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    for key, one in inner:
        yield from _paths(one, (*before, key))
