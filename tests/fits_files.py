"""FITS files made of cards and bytes alone, no reader of ours or of others in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
_BITS = {"u1": 8, "i2": 16, "i4": 32, "i8": 64, "f4": -32, "f8": -64}


def make_card(key: str, value: Any) -> bytes:
    """Return one line of a header."""
    if isinstance(value, bool):
        text = f"{'T' if value else 'F':>20}"
    elif isinstance(value, str):
        text = f"'{value:<8}'"
    else:
        text = f"{value!r:>20}".replace("e", "E")
    return f"{key:<8}= {text}".ljust(80).encode()


def make_unit(
    stored: Array | None, cards: dict[str, Any], *, primary: bool = True, kind: str = "IMAGE"
) -> bytes:
    """Return a header and data: of these numbers as they are stored, native or not."""
    lines = [make_card("SIMPLE", True) if primary else make_card("XTENSION", kind)]
    shape = () if stored is None else stored.shape
    code = "u1" if stored is None else stored.dtype.str[1:]
    lines += [make_card("BITPIX", _BITS[code]), make_card("NAXIS", len(shape))]
    lines += [make_card(f"NAXIS{i + 1}", n) for i, n in enumerate(reversed(shape))]
    if not primary:
        lines += [make_card("PCOUNT", 0), make_card("GCOUNT", 1)]
    else:
        lines.append(make_card("EXTEND", True))
    lines += [make_card(key, value) for key, value in cards.items()] + [b"END".ljust(80)]
    data = b"" if stored is None else stored.astype(stored.dtype.newbyteorder(">")).tobytes()
    return _pad(b"".join(lines), b" ") + _pad(data, b"\0")


def write_fits(path: Path, stored: Array | None, **cards: Any) -> Path:
    """Write a file of one image."""
    path.write_bytes(make_unit(stored, cards))
    return path


def _pad(data: bytes, filler: bytes) -> bytes:
    return data + filler * (-len(data) % 2880)
