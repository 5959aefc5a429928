"""Colors of an ICC profile as sRGB, which is what a page shows.

Relative colorimetric, with black point compensation: every color that sRGB has is kept, white
stays white. What has an sRGB profile, or none, is left as it is, bit for bit, and so are samples of
16 bits: they are data of which the caller chooses the limits. What PNG's gAMA and cHRM chunks, or
EXIF, say of colors without a profile is not looked at.
"""

from __future__ import annotations

import functools
import io
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.base.chunked import Array

_SPACES = {"L": "GRAY", "LA": "GRAY", "RGB": "RGB", "RGBA": "RGB", "CMYK": "CMYK", "LAB": "Lab"}
_SRGB = re.compile(r"\bs-?rgb\b", re.IGNORECASE)
_ALIKE = 2  # levels of 255 between a profile and sRGB that are rounding
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, eq=False)
class ColorProfile:
    """What converts pixels of one mode to sRGB."""

    name: str
    mode: str
    transform: Any
    data: bytes
    """The profile, as its file has it."""

    @property
    def note(self) -> str:
        """What is done, for a description."""
        return f"colors converted from {self.name} to sRGB"

    def __reduce__(self) -> Any:
        return _find_profile, (self.data, self.mode)

    def convert(self, image: Any) -> Any:
        """Return another image: gray stays gray, CMYK and LAB become RGB; alpha is kept."""
        from PIL import Image, ImageCms

        found: Any
        alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
        colors = image.convert(self.mode) if alpha is not None else image
        if self.mode == "L":
            found = colors.point(self._table())
        else:
            found = ImageCms.applyTransform(colors, self.transform)
        return found if alpha is None else Image.merge(image.mode, (*found.split(), alpha))

    def _table(self) -> list[int]:
        """Return what each gray becomes."""
        from PIL import Image, ImageCms

        grays = Image.frombytes("L", (256, 1), bytes(range(256)))
        found: Any = ImageCms.applyTransform(grays, self.transform)
        return list(found.getchannel(0).tobytes())

    def convert_array(self, array: Array) -> Array:
        """Return uint8 samples ``(H, W)`` or ``(H, W, 2|3|4)`` converted; the last may be alpha.

        Those of CMYK are its four, and become three.
        """
        from PIL import Image

        if self.mode == "CMYK":
            size = array.shape[1], array.shape[0]
            return np.asarray(self.convert(Image.frombytes("CMYK", size, array.tobytes())))
        return np.asarray(self.convert(Image.fromarray(np.ascontiguousarray(array))))


def convert_colors(image: Any) -> Any:
    """Return an image in sRGB: itself where nothing is to be done, or can be."""
    found = _profile_of(image)
    return image if isinstance(found, str) else found.convert(image)


def describe_colors(image: Any, converted: bool = True) -> str:
    """Return what `convert_colors` does, in words; "" for nothing. Reads no pixels."""
    return note_of(_profile_of(image), converted)


def _profile_of(image: Any) -> ColorProfile | str:
    data, mode = image.info.get("icc_profile"), image.mode
    if mode in ("P", "PA", "RGBa", "RGBX"):  # which become that
        mode = "RGB"
    return find_profile(data, mode) if data and mode in _SPACES else ""


def note_of(found: ColorProfile | str, converted: bool = True) -> str:
    """Return what is done with a profile that `find_profile` has found, in words."""
    if isinstance(found, str):
        return found
    return found.note if converted else f"colors of {found.name}, not converted"


def find_profile(data: bytes, mode: str) -> ColorProfile | str:
    """Return what converts pixels of a mode ("L", "RGB", "CMYK" …) to sRGB.

    Or the words why nothing is done: "" where the profile is that of sRGB.
    """
    return _find_profile(bytes(data), mode.removesuffix("A") or mode)


@functools.lru_cache(maxsize=16)
def _find_profile(data: bytes, mode: str) -> ColorProfile | str:
    try:
        from PIL import ImageCms

        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        text = ImageCms.getProfileDescription(profile) or ImageCms.getProfileName(profile)
    except ImportError:
        return "colors not converted: this Pillow has no ImageCms"
    except (OSError, TypeError, ValueError, ImageCms.PyCMSError):
        return "colors not converted: the color profile is damaged"
    name = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_LONGEST_NAME]
    name = name or "a color profile"
    space = str(profile.profile.xcolor_space).strip()
    if space != _SPACES[mode]:
        return f"colors not converted: {name} is a profile of {space}"
    if mode == "RGB" and _SRGB.search(name):
        return ""
    intent, flags = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
    if mode != "RGB":  # of which the quick ways are rough in the shadows
        flags |= ImageCms.Flags.NOOPTIMIZE if mode == "L" else ImageCms.Flags.HIGHRESPRECALC
    try:
        srgb = ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(profile, srgb, mode, "RGB", intent, flags)
    except ImageCms.PyCMSError:
        return f"colors not converted: {name} can't be"
    found = ColorProfile(name, mode, transform, data)
    return "" if _is_identity(found) else found


def _is_identity(profile: ColorProfile) -> bool:
    """Say whether a profile changes no color, but for rounding."""
    if profile.mode not in ("L", "RGB"):
        return False
    steps = np.arange(0, 256, 17, dtype=np.uint8)
    colors = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 16, 3)
    samples = np.arange(256, dtype=np.uint8)[None] if profile.mode == "L" else colors
    change = np.abs(profile.convert_array(samples).astype(int) - samples)
    return bool(change.max() <= _ALIKE)
