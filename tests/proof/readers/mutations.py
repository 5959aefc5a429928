"""What becomes of a file: bits, bytes, numbers and texts changed where formats have them.

`mutate` takes a file apart as far as it knows its kind (zip and gzip files, chunks of PNG, boxes,
tables of TIFF, cards of FITS, JSON, XML), changes something, and puts it together again, checksums
and lengths included, so that what is changed is read and not refused at once. It returns the same
for the same generator of random numbers.
"""

from __future__ import annotations

import gzip
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from random import Random

from tests.proof.readers.values import (
    INTERESTING,
    change_bytes,
    change_json,
    change_numbers,
    change_text,
    change_text_inside,
    change_xml,
    set_number,
)

PNG = b"\x89PNG\r\n\x1a\n"


def mutate(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Return a file that is changed somewhere."""
    found = data
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        ways = list(_ways(found)) if depth < 3 and random.random() < 0.75 else []
        way = random.choice(ways or [change_bytes])
        try:
            found = way(found, random, depth)
        except (ValueError, LookupError, struct.error, zlib.error, OSError, zipfile.BadZipFile):
            found = change_bytes(found, random, depth)  # what earlier changes have left of it
        except (
            EOFError,
            lzma.LZMAError,
            OverflowError,
            RuntimeError,
            NotImplementedError,
            RecursionError,
        ):
            found = change_bytes(found, random, depth)
    return found


Way = Callable[[bytes, Random, int], bytes]


def _ways(data: bytes) -> Iterator[Way]:
    """Yield what can be done with a file, by how it begins."""
    head = data[:16]
    if head[:4] == b"PK\3\4":
        yield _change_zip
    elif head[:2] == b"\x1f\x8b":
        yield _change_gzip
    elif head[:8] == PNG:
        yield _change_png
    elif head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        yield from (_change_tiff, _change_tiff, change_text_inside)
    elif head[4:8] in (b"jP  ", b"ftyp"):
        yield from (_change_boxes, _change_marks if b"\xff\x4f\xff\x51" in data else _change_boxes)
    elif head[:2] in (b"\xff\x4f", b"\xff\xd8"):
        yield _change_marks
    elif head[:9] in (b"SIMPLE  =", b"XTENSION="):
        yield from (_change_cards, _change_cards, _change_blocks)
    elif head[:6] == b"\x93NUMPY":
        yield _change_npy
    elif head[:4] == b"RIFF":
        yield change_numbers
    elif head.lstrip()[:1] in (b"{", b"["):
        yield from (change_json, change_json, change_json, change_text)
    elif head.lstrip()[:1] == b"<":
        yield from (change_text, change_xml)
    elif b"\0" not in data[:400]:
        yield change_text
    else:
        yield change_numbers
        yield change_text_inside


# Containers


def _change_zip(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Change a file in a zip file, its name, which there are, or how it is packed."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        entries = [(one.filename, file.read(one), one.compress_type) for one in file.infolist()]
    kind, at = random.randrange(9), random.randrange(len(entries))
    name, own, packed = entries[at]
    if kind == 0:
        del entries[at]
    elif kind == 1:
        entries.insert(0, (name, random.choice(entries)[1], packed))
    elif kind == 2:
        entries[at] = (
            random.choice((f"../{name}", f"/{name}", name.upper(), "é", f"{name}/")),
            own,
            packed,
        )
    elif kind == 3:
        entries[at] = name, own, random.choice((8, 12, 14))
    elif kind == 4:
        return change_bytes(data, random)
    else:
        entries[at] = name, mutate(own, random, depth + 1), packed
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for name, own, packed in entries:
            file.writestr(zipfile.ZipInfo(name), own, packed)
    found = bytearray(written.getvalue())
    if random.random() < 0.2:  # lengths and offsets of the directory alone
        start = found.rfind(b"PK\1\2")
        set_number(
            found,
            start + random.choice((8, 10, 20, 24, 28, 42)),
            random.choice((2, 4)),
            "<",
            random,
        )
    return bytes(found)


def _change_gzip(data: bytes, random: Random, depth: int = 0) -> bytes:
    if random.random() < 0.2:
        return change_bytes(data, random)
    inner = mutate(gzip.decompress(data), random, depth + 1)
    return gzip.compress(inner, 1, mtime=0)


def _change_png(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Change chunks of a PNG: their order, their kinds, what is in them."""
    chunks, at = [], 8
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    kind, at = random.randrange(9), random.randrange(len(chunks))
    name, own = chunks[at]
    if kind == 0:
        del chunks[at]
    elif kind == 1:
        chunks.insert(random.randrange(len(chunks)), chunks[at])
    elif kind == 2:
        random.shuffle(chunks)
    elif kind == 3:
        chunks[at] = (
            random.choice((b"IDAT", b"PLTE", b"tRNS", b"iCCP", b"acTL", b"fcTL", b"eXIf")),
            own,
        )
    elif kind == 4 and name in (b"IDAT", b"fdAT"):
        plain = zlib.decompress(own if name == b"IDAT" else own[4:])
        chunks[at] = name, zlib.compress(change_bytes(plain, random))
    elif kind < 7:
        chunks[0] = chunks[0][0], change_numbers(chunks[0][1], random)
    else:
        chunks[at] = name, change_bytes(own, random)
    wrong = random.random() < 0.05
    return PNG + b"".join(
        struct.pack(">I", len(own)) + name + own + struct.pack(">I", zlib.crc32(name + own) ^ wrong)
        for name, own in chunks
    )


def _change_boxes(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Change a box of JPEG 2000, AVIF or MP4, with the boxes within it."""
    starts = [
        one.start() - 4 for one in re.finditer(rb"[a-zA-Z]{3}[a-zA-Z0-9 ]", data) if one.start() > 3
    ]
    boxes = [at for at in starts if 8 <= int.from_bytes(data[at : at + 4], "big") <= len(data) - at]
    at = random.choice(boxes)
    length = int.from_bytes(data[at : at + 4], "big")
    kind, changed = random.randrange(6), bytearray(data)
    if kind == 0:
        del changed[at : at + length]
    elif kind == 1:
        changed[at:at] = data[at : at + length]
    elif kind == 2:
        set_number(changed, at, 4, ">", random)
    else:
        inside = at + 8 + random.randrange(max(1, min(length - 8, 120)))
        set_number(changed, inside, random.choice((1, 2, 4, 8)), ">", random)
    return bytes(changed)


def _change_marks(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Change a segment of JPEG or JPEG 2000."""
    marks = [one.start() for one in re.finditer(rb"\xff[\x4f-\x93\xc0-\xfe]", data)]
    at = random.choice(marks[: random.choice((4, 12, len(marks)))])
    length = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    kind, changed = random.randrange(7), bytearray(data)
    if kind == 0:
        del changed[at : at + length]
    elif kind == 1:
        changed[at:at] = data[at : at + length]
    elif kind == 2:
        changed[at + 1] = random.randrange(0x4F, 0xFF)
    else:
        inside = at + 2 + random.randrange(max(1, min(length, 60)))
        set_number(changed, inside, random.choice((1, 2, 4)), ">", random)
    return bytes(changed)


def _change_tiff(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Change an entry of a table of a TIFF: its tag, its type, its count, its value."""
    order = "<" if data[:1] == b"I" else ">"
    big = data[2:3] == b"+" or data[3:4] == b"+"
    changed, tables = bytearray(data), _find_tables(data, order, big)
    start, count = random.choice(tables)
    size, wide = (20, 8) if big else (12, 4)
    kind, at = random.randrange(12), start + size * random.randrange(count)
    if kind == 0:  # the number of entries
        set_number(changed, start - (8 if big else 2), 2, order, random)
    elif kind == 1:  # the next table
        set_number(changed, start + size * count, wide, order, random)
    elif kind == 2:
        other = start + size * random.randrange(count)
        changed[at + 2 : at + size] = data[other + 2 : other + size]
    elif kind == 3:
        struct.pack_into(order + "H", changed, at, random.choice(_TAGS))
    elif kind == 4:
        struct.pack_into(order + "H", changed, at + 2, random.choice((*range(19), 65535)))
    elif kind == 5:
        set_number(changed, at + 4, wide, order, random)
    elif kind == 6:
        (where,) = struct.unpack_from(order + "HIQ"[2 if big else 1], data, at + 4 + wide)
        set_number(changed, where, random.choice((2, 4, 8)), order, random)
    else:
        (form,) = struct.unpack_from(order + "H", data, at + 2)
        set_number(changed, at + 4 + wide, {1: 1, 3: 2}.get(form, wide), order, random)
    return bytes(changed)


_CODES = (
    "254 256 257 258 259 262 266 270 273 274 277 278 279 282 283 284 296 305 317 320 322 323 324 "
    "325 330 332 338 339 347 529 530 531 532 700 33550 33628 33922 34264 34412 34675 34735 34736 "
    "34737 42112 42113 50838 50839"
)
_TAGS = tuple(map(int, _CODES.split()))


def _find_tables(data: bytes, order: str, big: bool) -> list[tuple[int, int]]:
    """Return where the entries of each table begin, and how many there are."""
    found: list[tuple[int, int]] = []
    size, few = (20, "Q") if big else (12, "H")
    (at,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
    while at and len(found) < 20:
        (count,) = struct.unpack_from(order + few, data, at)
        start = at + struct.calcsize(few)
        if not 0 < count < 500:
            break
        found.append((start, count))
        (at,) = struct.unpack_from(order + ("Q" if big else "I"), data, start + size * count)
    return found


def _change_cards(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Change a card of a header of FITS."""
    changed, starts, at = bytearray(data), [], 0
    for at in range(0, len(data) - 79, 80):
        if re.match(rb"[A-Z0-9_-]{1,8} *(= |$)", data[at : at + 80]):
            starts.append(at)
    at = random.choice(starts)
    card, kind = data[at : at + 80], random.randrange(6)
    if kind == 0:
        card = data[(other := random.choice(starts)) : other + 80]
    elif kind == 1:
        card = random.choice(_KEYS).ljust(8).encode() + card[8:]
    elif kind == 2:
        card = change_bytes(card, random)
    else:
        value = random.choice(
            (*INTERESTING, -1, -8, -32, -64, 0.5, 1e300, "T", "F", "'x'", "", "nan", "'")
        )
        card = card[:10] + str(value).rjust(20).encode() + card[30:]
    changed[at : at + 80] = card[:80].ljust(80)
    return bytes(changed)


_CARDS = (
    "BITPIX NAXIS NAXIS1 NAXIS2 NAXIS3 BSCALE BZERO BLANK PCOUNT GCOUNT CTYPE1 CRPIX1 CDELT1 CD1_1 "
    "CUNIT1 CRVAL2 BUNIT ZIMAGE ZTILE1 ZCMPTYPE ZBITPIX ZNAXIS1 TFORM1 TTYPE1 TFIELDS EXTNAME "
    "GROUPS CONTINUE END"
)
_KEYS = tuple(_CARDS.split())


def _change_blocks(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Leave out whole blocks of a FITS file, or have one twice."""
    blocks = [data[at : at + 2880] for at in range(0, len(data), 2880)]
    at = random.randrange(len(blocks))
    blocks[at : at + 1] = random.choice(([], blocks[at : at + 1] * 2))
    return b"".join(blocks)


def _change_npy(data: bytes, random: Random, depth: int = 0) -> bytes:
    """Change the header of an array, its length included."""
    start = 10 if data[6] == 1 else 12
    length = int.from_bytes(data[8:start], "little")
    head = data[start : start + length]
    if random.random() < 0.25:
        return change_numbers(data, random)
    shape = random.choice(
        (
            "()",
            "(0,)",
            "(-1, 3)",
            "(3, 0)",
            "(2**40, 1)",
            "(1099511627776, 4)",
            "(True, 2)",
            "(1.5, 2)",
        )
    )
    kinds = (
        "'|O'",
        "'<U4'",
        "'<c8'",
        "'<f2'",
        "'>i4'",
        "'|V3'",
        "'<M8[s]'",
        "'|b1'",
        "'<f16'",
        "'x'",
        "[('a', '<f4')]",
    )
    new = random.choice(
        (
            change_text(head, random),
            re.sub(rb"\([^)]*\)", shape.encode(), head),
            re.sub(rb"'[<>|][^']*'", random.choice(kinds).encode(), head),
            head.replace(b"False", b"True"),
            b"{" * 5000 + head,
        )
    )
    size = len(new).to_bytes(start - 8, "little") if len(new) < 65536 else b"\xff" * (start - 8)
    return data[:8] + size + new + data[start + length :]
