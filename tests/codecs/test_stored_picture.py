from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from nbimage.codecs.pictures import gather_options
from nbimage.codecs.stored_picture import StoredPicture
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
