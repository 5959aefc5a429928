"""Encode many small gray PNGs of one shape at once: shared work is done once.

Each is what `encode_png` makes, but that one coding serves all; it is the one under which samples
of them take the fewest bytes.
"""

from __future__ import annotations

import struct

import numpy as np

from nbimage.base.chunked import Array
from nbimage.codecs.packing.codings import FAST, Coding, find_codings
from nbimage.codecs.packing.deflate import adler32
from nbimage.codecs.packing.filters import FILTERS, filter_rows
from nbimage.codecs.png import SIGNATURE, make_chunk


def encode_grays(stack: Array, compression: int = FAST) -> list[bytes]:
    """Encode gray pictures, uint8 ``(N, H, W)``, as PNG.

    ``stack[:, 0]`` must be zeros, and is no part of the pictures: it is the row that a PNG's
    filters suppose above the first one, so that they run over all pictures as over one.
    """
    count, height, width = stack.shape
    header = struct.pack(">IIBBBBB", width, height - 1, 8, 0, 0, 0, 0)
    head = b"".join([SIGNATURE, *make_chunk(b"IHDR", header), *make_chunk(b"sRGB", b"\0")])
    end = b"".join(make_chunk(b"IEND", b""))
    rows = stack.reshape(count * height, width)
    filtered = np.empty((count * height, width + 1), np.uint8)

    def encode(coding: Coding) -> list[bytes]:
        filter_rows(coding.filter, rows, 0, len(rows), 1, filtered)
        encoded = []
        for raw in filtered.reshape(count, -1)[:, width + 1 :]:
            tail = struct.pack(">I", adler32(raw))
            body = make_chunk(b"IDAT", b"\x78\x01", coding.deflate(raw), tail)
            encoded.append(b"".join([head, *body, end]))
        return encoded

    codings = find_codings(rows, 0, len(rows), 1, FILTERS, compression)
    return min(map(encode, codings), key=lambda encoded: sum(map(len, encoded)))
