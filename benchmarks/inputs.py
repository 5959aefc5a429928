"""What is measured on: photographs that come with scikit-image, and resized ones with noise.

A photograph is never tiled, and a resized one gets a little Gaussian noise (sigma 2 of 255) as a
camera would add: a smooth or repeated picture would flatter whoever compresses.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NOISE_SIGMA = 2.0  # of 255
PHOTOGRAPHS = (
    "astronaut", "brick", "camera", "cat", "cell", "clock", "coffee", "coins", "grass", "gravel",
    "horse", "hubble_deep_field", "immunohistochemistry", "microaneurysms", "moon", "page",
    "retina", "rocket", "stereo_motorcycle", "text",
)  # fmt: skip


def photograph(name: str) -> NDArray[np.generic]:
    """One of scikit-image's photographs, as it is: uint8 gray or RGB (`horse` is bool)."""
    import skimage.data

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = getattr(skimage.data, name)()
    return np.asarray(loaded[0] if isinstance(loaded, tuple) else loaded)


def photographs() -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Those of `PHOTOGRAPHS` that are on this machine; a download that fails leaves one out."""
    for name in PHOTOGRAPHS:
        try:
            yield name, photograph(name)
        except (OSError, AttributeError):  # no network, or another version of scikit-image
            continue


def _resized(plane: NDArray[np.generic], size: int) -> NDArray[np.float32]:
    picture = Image.fromarray(plane.astype(np.float32))
    return np.asarray(picture.resize((size, size), Image.Resampling.LANCZOS))


def noisy_photograph(kind: str, size: int) -> NDArray[np.generic]:
    """A square photograph: kind "gray float32", "gray uint16" (0 to 4095) or "RGB uint8"."""
    draw = np.random.default_rng(seed=size)
    source = photograph("astronaut" if kind == "RGB uint8" else "camera")
    planes = [source] if source.ndim == 2 else list(np.moveaxis(source, -1, 0))
    noisy = [
        _resized(plane, size)
        + np.float32(NOISE_SIGMA) * draw.standard_normal((size, size), dtype=np.float32)
        for plane in planes
    ]
    if kind == "gray float32":
        return np.asarray(noisy[0] / np.float32(255))
    if kind == "gray uint16":
        return np.clip(np.rint(noisy[0] * (4095 / 255)), 0, 4095).astype(np.uint16)
    if kind == "RGB uint8":
        rounded: NDArray[np.generic] = np.clip(np.rint(np.stack(noisy, axis=-1)), 0, 255)
        return rounded.astype(np.uint8)
    raise ValueError(f'kind must be "gray float32", "gray uint16" or "RGB uint8", but got {kind!r}')
