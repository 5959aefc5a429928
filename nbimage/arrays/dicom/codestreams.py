"""Pixels that pydicom has no decoder for, such as lossless JPEG and JPEG-LS, by imagecodecs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.optional_imports import import_imagecodecs, import_pydicom

_JPEG = "1.2.840.10008.1.2.4."
_DECODERS = {
    **dict.fromkeys((f"{_JPEG}50", f"{_JPEG}51"), "jpeg8"),
    **dict.fromkeys((f"{_JPEG}57", f"{_JPEG}70"), "jpegsof3"),
    **dict.fromkeys((f"{_JPEG}80", f"{_JPEG}81"), "jpegls"),
    **dict.fromkeys((f"{_JPEG}90", f"{_JPEG}91"), "jpeg2k"),
    **dict.fromkeys((f"{_JPEG}201", f"{_JPEG}202", f"{_JPEG}203"), "jpeg2k"),
    **dict.fromkeys((f"{_JPEG}110", f"{_JPEG}111", f"{_JPEG}112"), "jpegxl"),
}
"""By transfer syntax. Those of JPEG XL are newer than pydicom 3.0."""
DECODER_DEPENDENCIES = dict.fromkeys(_DECODERS, ("imagecodecs",))
"""What pydicom asks a plugin for."""


def is_available(uid: str) -> bool:
    """Say whether a transfer syntax is decoded here, as pydicom asks a plugin."""
    return uid in _DECODERS


def decode_pixels(dataset: Any) -> Array:
    """Return the pixels of a dataset, as `pydicom.pixels.pixel_array` does.

    Raises
    ------
    ImportError
        Without imagecodecs.
    NotImplementedError
        For what is not decoded here.
    """
    from pydicom.pixels.decoders.base import Decoder
    from pydicom.pixels.utils import as_pixel_options

    uid = dataset.file_meta.TransferSyntaxUID
    if uid not in _DECODERS:
        raise NotImplementedError(f"{uid.name} is not decoded")
    import_imagecodecs(f"DICOM of {uid.name}")
    decoder = Decoder(uid)
    decoder.add_plugin("nbimage", (__name__, "decode_frame"))
    array: Array = decoder.as_array(dataset, validate=True, **as_pixel_options(dataset))[0]
    return array


def decode_frame(codestream: bytes, runner: Any) -> bytes:
    """Return the samples of a frame, pixel by pixel: a plugin of pydicom's."""
    codecs = import_imagecodecs("DICOM")
    name = _DECODERS[str(runner.transfer_syntax)]
    options: dict[str, Any] = {}
    if name == "jpeg8" and runner.samples_per_pixel > 1:  # which pydicom converts
        options = {"colorspace": "YCBCR", "outcolorspace": "YCBCR"}
    samples = np.asarray(getattr(codecs, f"{name}_decode")(codestream, **options))
    shape = (runner.rows, runner.columns)
    if samples.shape[:2] != shape or samples.size != math.prod(shape) * runner.samples_per_pixel:
        raise ValueError(f"a frame must be of {shape} pixels, but is of {samples.shape}")
    kinds = import_pydicom().pixels.common.PhotometricInterpretation
    if runner.photometric_interpretation in (kinds.YBR_ICT, kinds.YBR_RCT):
        runner.set_option("photometric_interpretation", kinds.RGB)  # as they are decoded
    runner.set_option("bits_allocated", 8 * samples.dtype.itemsize)
    if runner.samples_per_pixel > 1:
        runner.set_option("planar_configuration", 0)
    return np.ascontiguousarray(samples).tobytes()
