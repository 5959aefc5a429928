from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from nbimage.codecs.pictures import gather_options
from nbimage.codecs.stored_picture import PreviewedPicture, StoredPicture
from nbimage.mapping.pixels import as_pixels

PIXELS = as_pixels(np.arange(24, dtype=np.uint8).reshape(4, 6) * 10)


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_the_page_holds_fewer_pixels_and_files_all() -> None:
    stored = StoredPicture(PIXELS, "png", gather_options(), (2, 3))
    assert stored.shown == (2, 2)
    assert decoded(stored.data).shape == (2, 2)
    assert decoded(stored.png).tolist() == PIXELS.array.tolist()
    assert decoded(stored.encode("png", gather_options())).tolist() == PIXELS.array.tolist()


def test_a_file_of_the_own_format_has_its_options() -> None:
    stored = StoredPicture(PIXELS, "jpeg", gather_options(quality=30))
    assert stored.encode("jpeg", gather_options()) == stored.data
    assert stored.encode("jpeg", gather_options(quality=95)) != stored.data
    assert decoded(stored.png).tolist() == PIXELS.array.tolist()


def test_options_that_the_format_lacks_are_an_error() -> None:
    with pytest.raises(ValueError, match="quality must be left out for PNG"):
        StoredPicture(PIXELS, "png", gather_options(quality=30))


@pytest.mark.parametrize(("colors", "kind"), [((), "jpeg"), ((3,), "jpeg"), ((4,), "png")])
def test_a_page_that_has_the_samples_holds_a_preview_and_files_all(
    colors: tuple[int, ...], kind: str
) -> None:
    array = np.random.default_rng(0).integers(0, 256, (1000, 1300, *colors), np.uint8)
    exact = StoredPicture(as_pixels(array), "png", gather_options())
    stored = PreviewedPicture(exact)
    assert stored.media_type == f"image/{kind}"
    assert stored.shown == (650, 500)
    assert max(decoded(stored.data).shape[:2]) <= 800
    assert len(stored.data) < len(exact.data) / 4
    assert stored.preview == stored.data
    for data in (stored.png, stored.encode("png", gather_options())):
        np.testing.assert_array_equal(decoded(data), decoded(exact.png))
