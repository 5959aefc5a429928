"""What the package reads, writes and encodes; `pytest` runs it where the package is installed."""

import numpy as np
import pytest

import nbimage
from nbimage.testing import check_source

SAMPLES = np.random.default_rng(5).integers(0, 4000, (3, 90, 120)).astype(np.uint16)


@pytest.mark.parametrize("big_endian", [False, True])
def test_the_source_keeps_to_what_nbimage_promises(tmp_path, big_endian):
    path = tmp_path / "a.nbraw"
    nbimage.write_image(SAMPLES, path, axes="zyx", options={"big_endian": big_endian})
    check_source(path, SAMPLES)


def test_a_picture_is_encoded():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert nbimage.encode(pixels, "pam").endswith(b"ENDHDR\n" + pixels.tobytes())


def test_a_sidecar_that_does_not_fit_is_an_error_of_one_line(tmp_path):
    (tmp_path / "a.nbraw").write_bytes(bytes(6))
    (tmp_path / "a.nbraw.json").write_text('{"shape": [2, 3], "dtype": "u1", "axes": "yxz"}')
    with pytest.raises(ValueError, match="must have axes with yx") as caught:
        nbimage.open_pyramid(tmp_path / "a.nbraw")
    assert "\n" not in str(caught.value)
