"""The ways from an array to a PNG as base64 text, each as its users would write it.

mediapy and plotly end with base64 text, since that is what a notebook stores, so the other ways
take that step here too. "nbimage output" is more: everything that nbimage leaves in a notebook.
Libraries are imported at use: no way pays for another's import.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]


def plain_rerange(
    array: Array, vmin: float | None = None, vmax: float | None = None, vsym: bool = False
) -> NDArray[np.uint8]:
    """What one writes by hand: whole-array NumPy, 256 bins of equal width."""
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    low = float(array.min()) if vmin is None else vmin
    high = float(array.max()) if vmax is None else vmax
    if vsym:
        high = max(abs(low), abs(high))
        low = -high
    return np.clip((array - low) * (256 / (high - low)), 0, 255).astype(np.uint8)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def nbimage(array: Array) -> str:
    from nbimage import Picture

    return _base64(Picture(array).png)


def nbimage_output(array: Array) -> str:
    """All that nbimage puts into the notebook: HTML, the PNG for PDF and GitHub, and text."""
    from nbimage import Picture

    data, _ = Picture(array)._repr_mimebundle_()
    return "\n".join(map(str, data.values()))


def mediapy(array: Array) -> str:
    """Its defaults: gray is stretched from minimum to maximum, as here."""
    from mediapy import show_image

    return str(show_image(array, return_html=True))


def plotly(array: Array) -> str:
    """With `binary_string`, its fast way; the default for gray stores every value as a number."""
    import plotly.express

    return str(plotly.express.imshow(array, binary_string=True).to_json())


def matplotlib(array: Array) -> str:
    """Without pyplot, axes or margins: one screen pixel for each array element."""
    from matplotlib.figure import Figure

    height, width = array.shape[:2]
    dpi = 128  # a power of two, so that no size is rounded
    figure = Figure(figsize=(width / dpi, height / dpi), dpi=dpi)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(array, cmap="gray")
    axes.set_axis_off()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return _base64(buffer.getvalue())


def pillow(array: Array, **options: int) -> str:
    pixels = array if array.dtype == np.uint8 else plain_rerange(array)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", **options)
    return _base64(buffer.getvalue())


def pillow_level_1(array: Array) -> str:
    return pillow(array, compress_level=1)


WAYS: dict[str, Callable[[Array], str]] = {
    "nbimage": nbimage,
    "nbimage output": nbimage_output,
    "mediapy": mediapy,
    "plotly": plotly,
    "matplotlib": matplotlib,
    "Pillow": pillow,
    "Pillow level 1": pillow_level_1,
}


def installed_ways() -> dict[str, Callable[[Array], str]]:
    """`WAYS` without the peers that are not installed here."""
    peers = ("mediapy", "plotly", "matplotlib")
    return {name: way for name, way in WAYS.items() if name not in peers or find_spec(name)}


def png_in(stored: str) -> bytes:
    """The PNG inside what a way returned: bare base64, or a data URI in HTML or JSON."""
    unescaped = stored.replace("\\u002f", "/")  # plotly escapes every slash in its JSON
    found = re.search(r"data:image/png;base64,([A-Za-z0-9+/=]+)", unescaped)
    return base64.b64decode(found[1] if found else stored, validate=True)


def pixels_in(png: bytes) -> NDArray[np.int16]:
    """A PNG's pixels as RGB, for comparing what the ways show (signed, so that they subtract)."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(np.int16)
