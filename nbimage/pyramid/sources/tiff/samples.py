"""From samples as a TIFF holds them to those that are shown: bits, white, alpha, what is missing.

Not here: where in the file they are (`tiff`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.cf import parse_nodata
from nbimage.arrays.decoding import Decoding, Missing, divide_by_alpha
from nbimage.arrays.metadata import FullScale, Metadata
from nbimage.arrays.pillow.color_profile import ColorProfile, find_profile, note_of
from nbimage.base import optional_imports as optional
from nbimage.base.chunked import Array
from nbimage.pyramid.sources.tiff.colors import CMYK, Colors, find_colors
from nbimage.pyramid.sources.tiff.geo import find_pam, read_bands, unpack
from nbimage.pyramid.sources.tiff.metadata import has_colors, has_other_colors

_WHITE_IS_ZERO, _PALETTE = 0, 3
_PREMULTIPLIED = 1
_ALPHA = (1, 2)
_PROFILE = 34675
_NODATA, _LEAST, _LARGEST = 42113, 340, 341  # tags: GDAL_NODATA, SMinSampleValue, SMaxSampleValue


@dataclass(frozen=True, slots=True, eq=False)
class TiffSamples:
    """What becomes of the samples of a page.

    Fewer than eight bits are brought to 0…255, as Pillow and libvips have them: a page of two bits
    has 0, 85, 170 and 255. Those of nine and more stay the numbers that they are.
    """

    dtype: np.dtype[Any]
    stored: np.dtype[Any]
    """The same where nothing can be missing, which makes floats of integers."""
    bits: int
    palette: Array | None = None
    """The color of each index, with alpha 0 where it stands for what is missing."""
    white_is_zero: bool = False
    ends: tuple[float, float] | None = None
    """The values of black and white of floats, where the file has them."""
    alpha: bool = False
    """The last channel is alpha."""
    premultiplied: bool = False
    decoding: Decoding | None = None
    profile: ColorProfile | str = ""
    """What converts colors of 8 bits to sRGB, or why they are not converted."""
    colors: Colors | None = None
    """What makes RGB of other colors."""
    scales: tuple[tuple[float, float], ...] = ()
    """Factor and offset of each sample of a pixel, where values are other numbers than these."""

    def channels(self, samples: int) -> int:
        """Return how many channels so many samples of a pixel become."""
        if self.palette is not None:
            return int(self.palette.shape[1])
        return samples if self.colors is None else self.colors.channels(samples)

    @property
    def note(self) -> str:
        """What becomes of the colors, in words; "" for nothing to tell."""
        return note_of(self.profile, self._converts)

    @property
    def _converts(self) -> bool:
        plain = self.decoding is None and not self.scales
        return self.stored == np.uint8 and plain and bool(self.profile)

    @property
    def top(self) -> int:
        """The largest value that the bits of an unsigned integer hold."""
        return 255 if self.bits < 8 else (1 << self.bits) - 1

    def full_scale(self, significant: int | None) -> FullScale | None:
        """Return the values that the bits hold, or those that are used; None: as the dtype."""
        whole, bits = 8 * self.stored.itemsize, significant or self.bits
        few = self.bits < 8 or bool(self.scales)
        if self.stored.kind != "u" or self.palette is not None or few or bits >= whole:
            return None
        return FullScale(0, (1 << bits) - 1)

    @property
    def missing_value(self) -> int | None:
        """The integer that alone stands for missing values; None: there is no such."""
        kept = self.bits == 8 * self.stored.itemsize and not (self.alpha or self.white_is_zero)
        other = self.palette is not None or self.colors is not None or self.scales or self._converts
        if self.decoding is None or other or not kept:
            return None
        return self.decoding.missing_value(self.stored)

    @property
    def unchanged(self) -> bool:
        """Whether the samples are shown as they are."""
        few = 1 < self.bits < 8
        other = self.palette is not None or self.decoding is not None or self.colors is not None
        other = other or bool(self.scales)
        changed = few or other or self.white_is_zero or self.premultiplied
        return not (changed or (self._converts and not isinstance(self.profile, str)))

    def decode(self, part: Array, sample: int | None = None) -> Array:
        """Return samples ``(H, W)`` or ``(H, W, C)`` as they are shown; missing ones are NaN.

        ``sample``: which one of each pixel they are; None: all.
        """
        samples, missing = self._split(part)
        if self.decoding is None and not self.scales:
            return samples
        values = samples.astype(self.dtype)
        if self.scales:
            values = unpack(values, self.scales if sample is None else (self.scales[sample],))
        if missing is not None:
            values[missing] = np.nan
        return values

    def split(self, part: Array, sample: int | None = None) -> tuple[Array, Array | None]:
        """Return the same in the dtype ``stored``, and where they are missing; None: nowhere."""
        return (self.decode(part, sample), None) if self.scales else self._split(part)

    def _split(self, part: Array) -> tuple[Array, Array | None]:
        """Return samples that are not unpacked, and where they are missing."""
        if self.palette is not None:
            return np.take(self.palette, part, axis=0), None
        if self.colors is not None:
            return self.colors.convert(part), None
        missing = None if self.decoding is None else self._find_missing(part, self.decoding)
        if 1 < self.bits < 8 and not self.scales:
            part = np.take(_full_scale(self.bits), part, mode="clip")
        if self.premultiplied:
            part = divide_by_alpha(part, self.top)
        if self.white_is_zero and not self.scales:  # which are of what is stored
            part = self._invert(part)
        if self._converts and not isinstance(self.profile, str):
            part = self.profile.convert_array(part)
        return part, missing

    def after_libvips(self) -> TiffSamples | None:
        """Return what is left to do where libvips has read the samples; None: nothing."""
        if self.palette is not None or self.bits < 8:  # it has made bytes of these
            left = replace(self._as_bytes(), palette=None, bits=8, white_is_zero=False)
            return None if left.unchanged else left
        decoding, turned = self.decoding, self.white_is_zero and self.stored.kind == "u"
        if turned and decoding is not None:
            values = (Missing(self._inverse(np.asarray(one.value))) for one in decoding.missing)
            decoding = Decoding(missing=tuple(values))
        white = self.white_is_zero and not turned
        scales = self._with_scales_turned(self.top) if turned else self.scales
        left = replace(
            self, premultiplied=False, white_is_zero=white, decoding=decoding, scales=scales
        )
        return None if left.unchanged else left

    def _as_bytes(self) -> TiffSamples:
        """Return the same of few bits that libvips has brought to 0…255, 0 black."""
        if self.decoding is None and not self.scales:
            return self
        if self.palette is not None:
            raise ValueError("colors of a palette must be told from those that are missing")
        top = (1 << self.bits) - 1
        values = [int(one.value) for one in self.decoding.missing] if self.decoding else []
        values = [top - value if self.white_is_zero else value for value in values]
        missing = tuple(Missing(np.uint8(v * 255 // top)) for v in values if v <= top)
        scales = tuple(
            (scale * top / 255, offset) for scale, offset in self._with_scales_turned(top)
        )
        decoding = Decoding(missing=missing) if missing else None
        return replace(self, decoding=decoding, scales=scales, dtype=np.dtype(np.float32))

    def _with_scales_turned(self, top: int) -> tuple[tuple[float, float], ...]:
        """Return factors and offsets of samples that libvips has turned from white to black."""
        if not self.white_is_zero:
            return self.scales
        return tuple((-scale, offset + scale * top) for scale, offset in self.scales)

    def _find_missing(self, part: Array, decoding: Decoding) -> Array | None:
        """Return where colors are missing; alpha is never."""
        if not self.alpha:
            return decoding.find_missing(part)
        found = decoding.find_missing(part[..., :-1])
        return None if found is None else np.concatenate([found, np.zeros_like(found[..., :1])], 2)

    def _invert(self, part: Array) -> Array:
        if self.alpha:
            whole = part.copy()
            whole[..., :-1] = self._inverse(part[..., :-1])
            return whole
        return self._inverse(part)

    def _inverse(self, part: Array) -> Array:
        if part.dtype.kind == "f":
            return part if self.ends is None else np.asarray(sum(self.ends) - part, part.dtype)
        if part.dtype.kind == "u" and self.top < np.iinfo(part.dtype).max:
            return np.asarray(part.dtype.type(self.top) - part)
        return np.asarray(~part)


def describe_levels(
    keyframes: Sequence[Any], *, in_colors: bool, masked: bool = False
) -> list[TiffSamples]:
    """Return what becomes of the samples of each level; the first tells of missing and colors.

    ``in_colors``: their samples are the channels of a picture. ``masked``: a mask tells what is
    missing, and no sample does.
    """
    nodata, profile = _find_nodata(keyframes[0]), _read_profile(keyframes[0], in_colors)
    scales = read_bands(keyframes[0]).scales
    found = [
        _describe(page, None if masked else read_nodata(page) or nodata, profile, in_colors)
        for page in keyframes
    ]
    plain = found[0].palette is None and found[0].colors is None and not found[0].alpha
    if not scales or not plain:
        return found
    return [_with_scales(samples, scales) for samples in found]


def _with_scales(samples: TiffSamples, scales: tuple[tuple[float, float], ...]) -> TiffSamples:
    return replace(samples, dtype=Decoding().dtype(samples.stored), scales=scales)


def _read_profile(page: Any, in_colors: bool) -> ColorProfile | str:
    tag = page.tags.get(_PROFILE)
    gray = page.samplesperpixel == 1 and page.photometric != _PALETTE
    inks = in_colors and page.photometric == CMYK
    colors = page.photometric == _PALETTE or inks or (in_colors and page.samplesperpixel <= 4)
    if tag is None or not (gray or colors):
        return ""
    mode = "CMYK" if inks else "L" if gray or page.samplesperpixel == 2 else "RGB"
    data = tag.value if isinstance(tag.value, bytes) else bytes(np.asarray(tag.value, np.uint8))
    return find_profile(data, mode)


def _describe(
    keyframe: Any, nodata: str | None, profile: ColorProfile | str, in_colors: bool
) -> TiffSamples:
    dtype, bits = np.dtype(keyframe.dtype), keyframe.bitspersample
    bits = bits if isinstance(bits, int) else 8 * dtype.itemsize
    missing = tuple(map(Missing, parse_nodata(nodata, dtype)))
    if keyframe.photometric == _PALETTE and keyframe.colormap is not None:
        palette = _read_palette(keyframe.colormap, missing)
        if len(palette) < 1 << bits:
            raise ValueError(f"a palette must have {1 << bits} colors, but has {len(palette)}")
        if isinstance(profile, ColorProfile):
            palette = profile.convert_array(palette[None])[0]
        return TiffSamples(palette.dtype, palette.dtype, bits, palette, profile=profile)
    if in_colors and has_other_colors(keyframe):
        colors = find_colors(keyframe, profile if keyframe.photometric == CMYK else "")
        left = "" if isinstance(profile, ColorProfile) and colors.profile is None else profile
        return TiffSamples(colors.shown, colors.shown, bits, profile=left, colors=colors)
    extra = tuple(int(e) for e in keyframe.extrasamples or ())
    alpha = in_colors and keyframe.samplesperpixel in (2, 4) and extra[:1] in [(a,) for a in _ALPHA]
    decoding = Decoding(missing=missing) if missing else None
    return TiffSamples(
        dtype if decoding is None else decoding.dtype(dtype),
        dtype,
        bits,
        None,
        keyframe.photometric == _WHITE_IS_ZERO,
        _read_ends(keyframe) if dtype.kind == "f" else None,
        alpha,
        alpha and extra[0] == _PREMULTIPLIED and dtype.kind != "b",
        decoding,
        profile,
    )


def with_colors(metadata: Metadata, count: int, samples: TiffSamples) -> Metadata:
    """Return metadata of so many samples a pixel, of which red, green and blue are seen first.

    In one scale, as colors are; 0 of them: the metadata itself.
    """
    if not count:
        return metadata
    top = samples.top if samples.stored.kind == "u" else 1
    as_they_are = samples.stored == np.uint8 or samples.stored.kind not in "uf"
    note = "samples beyond RGB kept as channels, not shown"
    return replace(
        metadata,
        windows=() if as_they_are else ((0, top),) * count,
        hidden=tuple(range(3, count)),
        note=", ".join(filter(None, [metadata.note, note])),
    )


def describe_file(path: Path) -> TiffSamples | None:
    """Return what becomes of the samples of a file's first page; None where tifffile can't tell."""
    try:
        with optional.import_tifffile().TiffFile(path) as file:
            page = file.pages[0]
            return describe_levels([page], in_colors=has_colors(page))[0]
    except Exception:  # of a damaged file, which reading it tells
        return None


def sample_kind(keyframe: Any) -> tuple[Any, ...]:
    """Return what is the same of all levels: GDAL writes those of one bit in eight."""
    return keyframe.dtype, keyframe.bitspersample, keyframe.photometric == _PALETTE


def read_nodata(page: Any) -> str | None:
    """Return GDAL's word for the sample that stands for a missing value; None without one."""
    tag = page.tags.get(_NODATA)
    return None if tag is None else str(tag.value)


def _find_nodata(page: Any) -> str | None:
    """Return the same of the first page, of which GDAL's ``.aux.xml`` may say it."""
    found = read_nodata(page)
    pam = find_pam(page) if found is None else None
    named = set() if pam is None else set(pam.nodata)
    return named.pop() if len(named) == 1 else found


def _read_ends(keyframe: Any) -> tuple[float, float] | None:
    found = [keyframe.tags.get(tag) for tag in (_LEAST, _LARGEST)]
    if None in found:
        return None
    low, high = (float(np.ravel(tag.value)[0]) for tag in found)
    return (low, high) if np.isfinite([low, high]).all() and low < high else None


def _read_palette(colormap: Any, missing: tuple[Missing, ...]) -> Array:
    """Return the colors of indices, one byte each; alpha too, where an index is missing."""
    values = np.asarray(colormap).T
    if values.max(initial=0) > 255:  # else some have written bytes, as libtiff knows too
        values = values >> 8
    palette: Array = values.astype(np.uint8)
    gone = [int(one.value) for one in missing if int(one.value) < len(palette)]
    if not gone:
        return palette
    clear = np.concatenate([palette, np.full((len(palette), 1), 255, np.uint8)], axis=1)
    clear[gone] = 0
    return clear


def _full_scale(bits: int) -> Array:
    """Return each value of so few bits as a byte."""
    top = (1 << bits) - 1
    return ((np.arange(top + 1) * 255 + top // 2) // top).astype(np.uint8)
