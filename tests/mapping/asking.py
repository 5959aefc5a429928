"""Pixels by the parameters that a call has, one by one."""

from __future__ import annotations

from typing import Any

from nbimage.mapping import frames, pixels
from nbimage.mapping.color_options import PLAIN, ColorOptions
from nbimage.mapping.value_scale import ValueScale


def as_pixels(
    data: Any, *limits: Any, colors: ColorOptions | None = None, **asked: Any
) -> pixels.Pixels:
    colors = colors or ColorOptions.of(complex=asked.pop("complex", None))
    return pixels.as_pixels(data, ValueScale.of(*limits, **asked), colors)


def as_frames(data: Any, *limits: Any, contrast: Any = None, **asked: Any) -> frames.Frames:
    shared = contrast != "frame"
    scale = ValueScale.of(*limits, contrast=contrast if shared else None, **asked)
    return frames.as_frames(data, scale, PLAIN, shared=shared)
