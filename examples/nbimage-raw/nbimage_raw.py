"""Raw samples with a sidecar, and PAM pictures, for nbimage.

``NAME.nbraw`` holds samples in C order, ``NAME.nbraw.json`` says what they are.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import nbimage

BAND = 256  # rows that are written at once


class RawSource(nbimage.Source):
    """A file of raw samples, of which only what is asked for is read."""

    def __init__(self, path):
        self.path, sidecar = Path(path), Path(f"{path}.json")
        about = json.loads(sidecar.read_text("utf-8"))  # errors of files are told as they are
        shape, names = tuple(about["shape"]), about["axes"]
        if len(names) != len(shape) or "yx" not in names:
            raise ValueError(f"{sidecar} must have axes with yx, one for each of {shape}: {names}")
        self.data = np.memmap(self.path, np.dtype(about["dtype"]), "r", shape=shape)
        colors = names.endswith("s")  # the samples of a pixel
        further = len(names) - 2 - colors
        super().__init__(
            shapes=(shape[further : further + 2],),
            dtype=self.data.dtype,
            channels=shape[-1] if colors else 1,
            axes=tuple(zip(names[:further], shape[:further], strict=True)),
            pixel_size=tuple(about["pixel_size"]) if about.get("pixel_size") else None,
            unit=about.get("unit", ""),
            companions=(sidecar,),
        )

    def read(self, level, box, index=()):
        """Return a part, in native byte order."""
        return np.array(self.data[(*index, *box.slices)], self.dtype)

    def __reduce__(self):
        """Have a pickle open the file again, not carry its samples."""
        return RawSource, (self.path,)


def write_raw(pyramid, path, *, big_endian=False):
    """Write all planes of an image of any size, some rows at once."""
    lengths = tuple(length for _, length in pyramid.axes)
    dtype = pyramid.dtype.newbyteorder(">" if big_endian else "<")
    colors = pyramid.channels > 1
    shape = (*lengths, *pyramid.shapes[0], *([pyramid.channels] if colors else []))
    data = np.memmap(path, dtype, "w+", shape=shape)
    for index in np.ndindex(lengths):
        for top in range(0, pyramid.shapes[0][0], BAND):
            rows = slice(top, min(top + BAND, pyramid.shapes[0][0]))
            data[(*index, rows)] = pyramid.read(0, rows, index=index)
    data.flush()
    about = {
        "shape": shape,
        "dtype": dtype.str,
        "axes": "".join(name[0] for name, _ in pyramid.axes) + "yx" + "s" * colors,
        "pixel_size": pyramid.pixel_size,
        "unit": pyramid.unit,
    }
    Path(f"{path}.json").write_text(json.dumps(about), "utf-8")


def encode_pam(pixels):
    """Return uint8 pixels ``(H, W)`` or ``(H, W, 2|3|4)`` as a PAM file of Netpbm."""
    height, width, depth = (*pixels.shape, 1)[:3]
    kind = {1: "GRAYSCALE", 2: "GRAYSCALE_ALPHA", 3: "RGB", 4: "RGB_ALPHA"}[depth]
    head = (
        f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {depth}\nMAXVAL 255\nTUPLTYPE {kind}\nENDHDR\n"
    )
    return head.encode("ascii") + pixels.tobytes()
