"""The IPython extension ``%load_ext nbimage``: show bare arrays of a cell as pictures."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from nbimage.arrays.channels import guess_channel_axis
from nbimage.page.ipython import Bundle, Printer, register, unregister
from nbimage.picture import Picture

_TYPES = [
    ("numpy", "ndarray"),
    ("torch", "Tensor"),
    ("cupy", "ndarray"),
    ("cupy._core.core", "ndarray"),
    ("jaxlib._jax", "ArrayImpl"),
    ("jaxlib.xla_extension", "ArrayImpl"),
]
_LEAST_SIDE = 8
_replaced: WeakKeyDictionary[Any, list[Printer]] = WeakKeyDictionary()
"""The printers that the extension replaced, in each shell that has loaded it."""


def load_ipython_extension(shell: Any) -> None:
    """Show bare arrays of two axes, or with the channels of a picture, as pictures."""
    if shell not in _replaced:
        _replaced[shell] = register(shell, _TYPES, _bundle)


def unload_ipython_extension(shell: Any) -> None:
    """Show bare arrays as text again."""
    unregister(shell, _replaced.pop(shell, []), _bundle)


def _bundle(data: Any, include: Any = None, exclude: Any = None) -> Bundle | None:
    """Return the bundle of an array that looks like a picture; None leaves it to its text."""
    shape = tuple(data.shape)
    try:
        axis = guess_channel_axis(shape).axis
        sides = [n for i, n in enumerate(shape) if axis is None or i != axis % len(shape)]
        if min(sides) < _LEAST_SIDE:
            return None
        return Picture(data, caption=True)._repr_mimebundle_()
    except (TypeError, ValueError):
        return None
