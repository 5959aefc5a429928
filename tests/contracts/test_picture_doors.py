"""A picture of any mode, bits, transparent value and colors is the same at every door.

The same files as in `test_paths`, of the kinds that Pillow alone would change.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Grid, Picture, View, data_uri, encode, open_pyramid, write_dzi, write_tiff
from tests.contracts import test_paths
from tests.contracts.test_paths import DOORS
from tests.picture_files import Array, make_netpbm, make_png, make_profile

RANDOM = np.random.default_rng(21)
LOW = RANDOM.integers(0, 4, (24, 37), dtype=np.uint16)
FEW = RANDOM.integers(0, 3, (24, 37, 3), dtype=np.uint16)
EIGHT = RANDOM.integers(0, 256, (24, 37, 4), dtype=np.uint16)
EIGHT[0, 0, 3] = 255
TWELVE = RANDOM.integers(0, 4096, (24, 37, 4), dtype=np.uint16)
DEEP_ALPHA = TWELVE.copy()
DEEP_ALPHA[..., 3] = RANDOM.choice([0, 65535], (24, 37))
PALETTE = RANDOM.integers(0, 256, (4, 3))
P3 = make_profile("Display P3")


def saved(array: Array, form: str, **options: Any) -> bytes:
    file, image = io.BytesIO(), Image.fromarray(array.astype(np.uint8))
    if options.pop("cmyk", False):
        image = image.convert("CMYK")
    image.save(file, form, **options)
    return file.getvalue()


def jpeg_2000(array: Array) -> bytes:
    encoded: bytes = pytest.importorskip("imagecodecs").jpeg2k_encode(
        array, level=0, reversible=True
    )
    return encoded


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    **{
        f"key of {bits} bits": (
            "png",
            lambda bits=bits: make_png(np.minimum(LOW, (1 << bits) - 1), bits, key=[1]),
        )  # type: ignore[misc]
        for bits in (1, 2, 4, 8, 16)
    },
    "key of colors": ("png", lambda: make_png(FEW, key=[1, 0, 2])),
    "key of colors of 16 bits": ("png", lambda: make_png(FEW, 16, key=[1, 0, 2])),
    "key that is nowhere": ("png", lambda: make_png(LOW, key=[200])),
    "palette": ("png", lambda: make_png(LOW, 4, palette=PALETTE)),
    "palette with alpha": ("png", lambda: make_png(LOW, palette=PALETTE, palette_alpha=[0, 90])),
    "gray and alpha": ("png", lambda: make_png(EIGHT[:, :, 2:])),
    "RGBA": ("png", lambda: make_png(EIGHT)),
    "gray of 16 bits": ("png", lambda: make_png(TWELVE[:, :, 0], 16)),
    "gray and alpha of 16 bits": ("png", lambda: make_png(DEEP_ALPHA[:, :, 2:], 16)),
    "RGB of 16 bits": ("png", lambda: make_png(TWELVE[:, :, :3], 16)),
    "RGBA of 16 bits": ("png", lambda: make_png(DEEP_ALPHA, 16)),
    "Display P3": ("png", lambda: make_png(EIGHT[:, :, :3], profile=P3)),
    "Display P3 with alpha": ("png", lambda: make_png(EIGHT, profile=P3)),
    "gray of gamma 1": (
        "png",
        lambda: make_png(EIGHT[:, :, 0], profile=make_profile("g", space="gray", gamma=1)),
    ),
    "JPEG": ("jpg", lambda: saved(EIGHT[:, :, :3], "jpeg", icc_profile=P3)),
    "CMYK": ("jpg", lambda: saved(EIGHT[:, :, :3], "jpeg", cmyk=True)),
    "WebP": ("webp", lambda: saved(EIGHT, "webp", lossless=True, exact=True, icc_profile=P3)),
    "GIF": ("gif", lambda: saved(LOW, "gif", transparency=2)),
    "AVIF": ("avif", lambda: saved(EIGHT, "avif", quality=90)),
    "PGM": ("pgm", lambda: make_netpbm(TWELVE[:, :, 0], 4095)),
    "PPM": ("ppm", lambda: make_netpbm(TWELVE[:, :, :3], 65535)),
    "PPM in letters": ("ppm", lambda: make_netpbm(TWELVE[:, :, :3], 4095, plain=True)),
    "JPEG 2000": ("jp2", lambda: jpeg_2000(TWELVE[:, :, :3])),
    "BMP": ("bmp", lambda: saved(EIGHT[:, :, :3], "bmp")),
    "TGA": ("tga", lambda: saved(EIGHT, "tga")),
}


def rgba(png: bytes) -> Array:
    """A PNG's pixels, black where nothing is seen."""
    with Image.open(io.BytesIO(png)) as image:
        pixels = np.array(image.convert("RGBA"))
    pixels[pixels[:, :, 3] == 0] = 0
    return pixels


def by_deep_zoom(path: Path) -> Array:
    target = write_dzi(path, path.parent / "by-deep-zoom.dzi", format="png", progress=False)
    return rgba(Picture(target).png)


def by_tiff(path: Path) -> Array:
    pytest.importorskip("tifffile")
    return rgba(Picture(write_tiff(path, path.parent / "by-tiff.tif", progress=False)).png)


def by_tiles(path: Path) -> Array:
    view = View(path, embed=False)
    shown: Any = view.picture
    return rgba(shown.png)


def by_uri(path: Path) -> Array:
    import base64

    return rgba(base64.b64decode(data_uri(Image.open(path)).partition(",")[2]))


def by_pyramid_of_an_image(path: Path) -> Array:
    with Image.open(path) as image, open_pyramid(image) as pyramid:
        return rgba(Picture(pyramid).png)


MORE_DOORS: dict[str, Callable[[Path], Array]] = {
    "decoded image": lambda path: rgba(Picture(Image.open(path)).png),
    "encode of an image": lambda path: rgba(encode(Image.open(path))),
    "grid of images": lambda path: rgba(Grid([Image.open(path)]).pictures[0].png),
    "data_uri of an image": by_uri,
    "pyramid of an image": by_pyramid_of_an_image,
    "tiles": by_tiles,
    "Deep Zoom": by_deep_zoom,
    "TIFF": by_tiff,
}
ALL_DOORS = {**DOORS, **MORE_DOORS}


# a TIFF has floats for what is missing, of which the limits are their own
FLOATS = {("GIF", "TIFF"), ("key that is nowhere", "TIFF")} | {
    (f"key of {bits} bits", "TIFF") for bits in (4, 8)
}


@pytest.mark.parametrize(("kind", "door"), sorted({*itertools.product(FILES, ALL_DOORS)} - FLOATS))
def test_a_picture_is_the_same_at_every_door(
    kind: str, door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_paths, "decoded", rgba)
    suffix, make = FILES[kind]
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(make())
    expected = rgba(Picture(Image.open(path)).png)
    assert expected.shape == (24, 37, 4)
    assert len(np.unique(expected)) > 1
    assert np.array_equal(ALL_DOORS[door](path), expected)
