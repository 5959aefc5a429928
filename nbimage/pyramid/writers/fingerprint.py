"""The fingerprint of what is written, and how: the same as long as the image has not changed.

By it a run finds the checkpoint of an earlier one.
"""

from __future__ import annotations

import os
from typing import Any

from nbimage.mapping.value_scale import ValueScale
from nbimage.pyramid.core.identity import UnknownImageError, identify
from nbimage.pyramid.core.pyramid import Pyramid


def make_fingerprint(pyramid: Pyramid, scale: ValueScale, *how: Any, required: bool) -> str:
    """Return a name of what is written, and how.

    Where images can't be told apart it is a new one each time; ``required``: ValueError is raised.
    """
    norm = scale.norm
    limits = scale.vmin, scale.vmax, scale.vsym, scale.contrast
    formula: tuple[Any, ...] = norm.name, norm.parameter, norm.function
    if norm.levels is not None:
        formula += (norm.levels,)
    try:
        return identify(4, pyramid.source, limits, formula, how)[:24]
    except UnknownImageError as error:
        if required:
            raise ValueError(
                "resume must be False for an image that may have changed when it is written again: "
                f"{error}"
            ) from None
        return os.urandom(12).hex()
