"""Raw deflate streams: Intel's ISA-L and zlib-ng where they are installed, zlib elsewhere.

Whole files are `codecs.png`'s.
"""

from __future__ import annotations

import struct
import sys
import zlib
from typing import Any, Literal

Matches = Literal["far", "long", "near", "runs"]
"""Which repetitions are looked for: all; all, and each for longer, as pays in what repeats a lot;
those that pay in the noise that PNG's filters leave of photographs; those of the byte before alone.
"""

_SHORT = 1000  # bytes that zlib makes smaller in the same time
_STORED = 4  # bytes after which ISA-L has a history
_LONGEST = 4  # level of zlib in place of zlib-ng's, which takes a quarter of the time
_NEAR = 9  # bits of the window: quicker by a fifth and, where little repeats, smaller


def raw_deflate(data: Any, level: int, *, last: bool = True, matches: Matches = "far") -> bytes:
    """Compress bytes to a raw deflate stream; unless ``last``, another one may follow it.

    Levels 1 to 3 are ISA-L's, if that is there, but of "long" and runs, which are zlib-ng's; 0 and
    4 to 9 are zlib's. Equal bytes become equal streams, in every process.
    """
    source = memoryview(data).cast("B")
    codec: Any = None
    if 1 <= level <= 3 and matches in ("far", "near"):
        codec = _isal()
    if codec is None or len(source) < _SHORT:
        return _by_zlib(source, level, last, matches)
    stream = codec.compressobj(level, codec.DEFLATED, -_NEAR if matches == "near" else -15)
    # To begin with, ISA-L hashes its own address in place of the third to sixth byte, unless it
    # has coded others before: what it makes of these few is left out, they are stored.
    head, rest = bytes(source[:_STORED]), source[_STORED:]
    stream.compress(head)
    stream.flush(codec.Z_SYNC_FLUSH)
    stored = struct.pack("<BHH", 0, _STORED, ~_STORED & 0xFFFF) + head
    end = codec.Z_FINISH if last else codec.Z_FULL_FLUSH
    return b"".join((stored, stream.compress(rest), stream.flush(end)))


def _by_zlib(source: memoryview, level: int, last: bool, matches: Matches) -> bytes:
    quick = level <= 3
    codec: Any = zlib if matches == "far" or level == 0 else _zlib_ng() or zlib
    strategy = codec.Z_DEFAULT_STRATEGY
    if matches == "long" and len(source) >= _SHORT:
        level = min(level, _LONGEST) if codec is zlib else level
    elif level > 0:
        level = 6 if quick and len(source) < _SHORT else 1 if quick else level
        if matches in ("near", "runs"):
            strategy = codec.Z_RLE if quick or matches == "runs" else codec.Z_FILTERED
    stream = codec.compressobj(level, codec.DEFLATED, -15, 9, strategy)
    head = stream.compress(source)
    return bytes(head + stream.flush(codec.Z_FINISH if last else codec.Z_FULL_FLUSH))


def _isal() -> Any:
    found = sys.modules.get("isal.isal_zlib")  # an import takes as long as a small sum
    if found is None:
        try:
            from isal import isal_zlib as found
        except ImportError:  # no wheel for this platform
            return None
    return found


def _zlib_ng() -> Any:
    try:
        from zlib_ng import zlib_ng
    except ImportError:
        return None
    return zlib_ng


def adler32(data: Any) -> int:
    """Return the Adler-32 sum of bytes."""
    return int((_isal() or zlib).adler32(data))


def adler32_combine(first: int, second: int, length: int) -> int:
    """Return the Adler-32 sum of two strings joined, given each sum and the second's length.

    From the definition in RFC 1950, section 9: both halves of the sum are taken modulo 65521.
    """
    base = 65521
    a1, b1 = first & 0xFFFF, first >> 16
    a2, b2 = second & 0xFFFF, second >> 16
    a = (a1 + a2 - 1) % base
    b = (b1 + b2 + length * (a1 - 1)) % base
    return (b << 16) | a


def crc32(data: Any, value: int = 0) -> int:
    """Return the CRC-32 of bytes, going on from ``value``."""
    return int((_isal() or zlib).crc32(data, value))
