"""Encode animated pictures by Pillow, where there is no ffmpeg that does.

Frames last as long as ffmpeg's, up to what a format can say: hundredths of seconds of a GIF,
thousandths of others. Which rates browsers show is `animations`'.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.mapping.area_mean import enlarge

_STEP = {"gif": 10}
"""Milliseconds of which durations are a multiple."""
_OPAQUE = 128


def encode_animation(
    name: str,
    frames: Iterable[Array],
    loop: bool,
    rate: Fraction,
    repeats: tuple[int, ...] = (),
    factor: int = 1,
) -> bytes:
    """Return an animated picture of uint8 frames, each pixel so many times as large.

    Each frame lasts so many steps of the rate as ``repeats`` say, else one. GIFs have up to 256
    colors a frame, and pixels that are half transparent or more are wholly.
    """
    first, *rest = (_as_image(name, enlarge(frame, factor)) for frame in frames)
    durations = _durations(name, rate, repeats or (1,) * (1 + len(rest)))
    options: dict[str, Any] = {"duration": durations}
    if name == "webp":
        options |= {"lossless": True, "quality": 30, "exact": True, "loop": 0 if loop else 1}
    elif name == "apng":
        options |= {"loop": 0 if loop else 1, "disposal": 0, "blend": 0}
    else:
        options |= {"disposal": 2, "optimize": False} | ({"loop": 0} if loop else {})
    file = io.BytesIO()
    kind = "PNG" if name == "apng" else name.upper()
    first.save(file, kind, save_all=True, append_images=rest, **options)
    return file.getvalue()


def _durations(name: str, rate: Fraction, repeats: tuple[int, ...]) -> list[int]:
    """Return milliseconds that add up to the time at which each frame begins, rounded."""
    step = _STEP.get(name, 1)
    starts = [
        step * round(1000 * count / (rate * step)) for count in accumulate(repeats, initial=0)
    ]
    return [after - before for before, after in pairwise(starts)]


def _as_image(name: str, frame: Array) -> Any:
    from PIL import Image

    squeezed = frame[..., 0] if frame.ndim == 3 and frame.shape[2] == 1 else frame
    image = Image.fromarray(np.ascontiguousarray(squeezed))
    if name != "gif" or image.mode == "L":
        return image
    if image.mode == "RGB":
        return image.quantize(256, dither=Image.Dither.NONE)
    clear = squeezed[..., 3] < _OPAQUE
    if not clear.any():
        return image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    colors = image.convert("RGB").quantize(255, dither=Image.Dither.NONE)
    indices = np.where(clear, 255, np.asarray(colors)).astype(np.uint8)
    found = Image.fromarray(indices, "P")
    found.putpalette([*(colors.getpalette() or [])[: 3 * 255], 0, 0, 0])
    found.info["transparency"] = 255
    return found
