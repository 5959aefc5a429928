"""Colors of a TIFF that are neither gray nor RGB, as sRGB.

Sources: TIFF 6.0, sections 16 (CMYK), 20 to 23 (YCbCr, CIELab); Adobe's technical notes (ICCLab).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.arrays.pillow.color_profile import ColorProfile
from nbimage.base.chunked import Array

CMYK, YCBCR, CIELAB, ICCLAB = 5, 6, 8, 9
COLORS = {CMYK: 4, YCBCR: 3, CIELAB: 3, ICCLAB: 3}
"""How many samples of a pixel are its color."""
_INKS, _COEFFICIENTS, _SUBSAMPLING, _ENDS = 332, 529, 530, 532
_BT601 = (0.299, 0.587, 0.114)
_FULL = (0.0, 255.0, 128.0, 255.0, 128.0, 255.0)
_D50 = np.array([0.9642, 1.0, 0.8249], np.float32)
_TO_LINEAR = np.array(  # XYZ under D50 to linear sRGB, adapted by Bradford
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ],
    np.float32,
)


@dataclass(frozen=True, slots=True, eq=False)
class Colors:
    """What becomes of the color of a pixel; what follows it, alpha, is kept."""

    kind: int
    dtype: np.dtype[Any]
    """Of the samples as they are stored."""
    weights: tuple[float, ...] = _BT601
    ends: tuple[float, ...] = _FULL
    profile: ColorProfile | None = None

    @property
    def shown(self) -> np.dtype[Any]:
        """The dtype of the sRGB samples: what a profile converts has 8 bits."""
        return self.dtype if self.profile is None else np.dtype(np.uint8)

    def channels(self, samples: int) -> int:
        """Return how many channels so many samples become."""
        return samples - COLORS[self.kind] + 3

    def convert(self, part: Array) -> Array:
        """Return samples ``(H, W, C)`` as sRGB."""
        count = COLORS[self.kind]
        colors, rest = part[..., :count], part[..., count:]
        if self.profile is not None:
            found = self.profile.convert_array(_as_bytes(colors))
            rest = _as_bytes(rest)
        else:
            convert = {CMYK: self._from_cmyk, YCBCR: self._from_ycbcr}.get(
                self.kind, self._from_lab
            )
            top = float(np.iinfo(self.dtype).max)
            found = np.clip(np.rint(convert(colors, top)), 0, top).astype(self.dtype)
        return np.concatenate([found, rest], axis=-1) if rest.shape[-1] else found

    def _from_cmyk(self, part: Array, top: float) -> Array:
        light = top - part.astype(np.float32)
        return np.asarray(light[..., :3] * light[..., 3:] / top)

    def _from_ycbcr(self, part: Array, top: float) -> Array:
        red, green, blue = self.weights
        scale = top / 255
        low, high, blue_zero, blue_high, red_zero, red_high = (end * scale for end in self.ends)
        half = 127 * scale
        luma = (part[..., 0].astype(np.float32) - low) * (top / (high - low))
        to_blue = (part[..., 1].astype(np.float32) - blue_zero) * (half / (blue_high - blue_zero))
        to_red = (part[..., 2].astype(np.float32) - red_zero) * (half / (red_high - red_zero))
        r = luma + to_red * (2 - 2 * red)
        b = luma + to_blue * (2 - 2 * blue)
        return np.stack([r, (luma - red * r - blue * b) / green, b], axis=-1)

    def _from_lab(self, part: Array, top: float) -> Array:
        deep = self.dtype.itemsize == 2
        if self.kind == CIELAB:
            signed = np.ascontiguousarray(part[..., 1:]).view("i2" if deep else "i1")
            opponents, white = signed.astype(np.float32), top
        else:
            opponents = part[..., 1:].astype(np.float32) - (32768 if deep else 128)
            white = 65280.0 if deep else 255.0
        opponents /= 256 if deep else 1
        y = (part[..., 0].astype(np.float32) * (100 / white) + 16) / 116
        roots = np.stack([y + opponents[..., 0] / 500, y, y - opponents[..., 1] / 200], axis=-1)
        cubes = np.where(roots > 6 / 29, roots**3, (roots - 4 / 29) * (108 / 841))
        linear = np.clip((cubes * _D50) @ _TO_LINEAR.T, 0, 1)
        curved = 1.055 * linear ** (1 / 2.4) - 0.055
        return np.asarray(np.where(linear <= 0.0031308, 12.92 * linear, curved) * top)


def _as_bytes(part: Array) -> Array:
    if part.dtype == np.uint8:
        return part
    return ((part.astype(np.uint32) + 128) // 257).astype(np.uint8)


def find_colors(page: Any, profile: ColorProfile | str) -> Colors:
    """Return what converts the colors of a page. Raises ValueError for what can't be."""
    dtype = np.dtype(page.dtype).newbyteorder("=")
    if dtype not in (np.uint8, np.uint16) or page.bitspersample != 8 * dtype.itemsize:
        raise ValueError(
            f"colors must be of 8 or 16 bits, but are {page.photometric.name} of "
            f"{page.bitspersample}: convert them first"
        )
    inks = page.tags.get(_INKS)
    if page.photometric == CMYK and inks is not None and inks.value != 1:
        raise ValueError("inks must be CMYK, but are others: convert them first")
    weights = _read_rationals(page, _COEFFICIENTS, _BT601)
    ends = _read_rationals(page, _ENDS, _FULL)
    if not (min(weights) > 0 and ends[0] != ends[1] and ends[2] != ends[3] and ends[4] != ends[5]):
        weights, ends = _BT601, _FULL
    known = profile if isinstance(profile, ColorProfile) else None
    return Colors(int(page.photometric), dtype, weights, ends, known)


def _read_rationals(page: Any, code: int, default: tuple[float, ...]) -> tuple[float, ...]:
    tag = page.tags.get(code)
    if tag is None:
        return default
    pairs = np.reshape(np.asarray(tag.value, float), (-1, 2))
    if pairs.shape[0] != len(default) or (pairs[:, 1] == 0).any():
        return default
    return tuple((pairs[:, 0] / pairs[:, 1]).tolist())


def find_subsampling(page: Any) -> tuple[int, int]:
    """Return how many rows and columns of pixels share a pair of color differences."""
    tag = page.tags.get(_SUBSAMPLING)
    across, down = (2, 2) if tag is None else tag.value
    return int(down), int(across)


def join_subsampled(data: Any, shape: tuple[int, int], subsampling: tuple[int, int]) -> Array:
    """Return ``(H, W, 3)`` of bytes in which each pair of differences follows its pixels."""
    down, across = subsampling
    rows, columns = -(-shape[0] // down), -(-shape[1] // across)
    unit = down * across + 2
    units = np.frombuffer(data, np.uint8)
    if units.size < rows * columns * unit:
        raise ValueError(
            f"a tile or strip ends after {units.size} of {rows * columns * unit} bytes"
        )
    units = units[: rows * columns * unit].reshape(rows, columns, unit)
    whole = np.empty((rows, down, columns, across, 3), np.uint8)
    luma = units[..., :-2].reshape(rows, columns, down, across)
    whole[..., 0] = luma.transpose(0, 2, 1, 3)
    whole[..., 1:] = units[:, None, :, None, -2:]
    return whole.reshape(rows * down, columns * across, 3)[: shape[0], : shape[1]]
