"""``%load_ext nbimage``: a bare array at the end of a cell shows as a picture."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from nbimage.arrays.channels import guess_channel_axis
from nbimage.page.ipython import Bundle, Known, register, unregister
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
_before: WeakKeyDictionary[Any, list[Known]] = WeakKeyDictionary()
"""How these types were shown before, in each shell that has the extension loaded."""


def load_ipython_extension(shell: Any) -> None:
    """Have bare arrays of two axes, or of a picture's channels, show as pictures."""
    if shell not in _before:
        _before[shell] = register(shell, _TYPES, _bundle)


def unload_ipython_extension(shell: Any) -> None:
    """Have bare arrays show as text again."""
    unregister(shell, _before.pop(shell, []), _bundle)


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
