"""The IPython extension ``%load_ext nbimage``: show bare arrays of a cell, and what holds some."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from nbimage.page.ipython import Bundle, Printer, find_own_bundle, register, unregister
from nbimage.picture import Picture
from nbimage.trees.array_lines import is_picture_shape
from nbimage.trees.bundles import make_line, make_tree
from nbimage.trees.containers import SCALARS, is_array

_TYPES = [
    ("numpy", "ndarray"),
    ("torch", "Tensor"),
    ("cupy", "ndarray"),
    ("cupy._core.core", "ndarray"),
    ("jaxlib._jax", "ArrayImpl"),
    ("jaxlib.xla_extension", "ArrayImpl"),
]
_EVERYTHING = [("builtins", "object")]
_LARGE = 1 << 26  # bytes of a file's array that are read for a picture
_replaced: WeakKeyDictionary[Any, list[Printer]] = WeakKeyDictionary()
"""The printers that the extension replaced, in each shell that has loaded it."""


def load_ipython_extension(shell: Any) -> None:
    """Show arrays that look like a picture as pictures, and containers of arrays as trees.

    Examples
    --------
    ``%load_ext nbimage`` in a cell calls it, ``c.InteractiveShellApp.extensions`` in IPython's
    configuration has it called for all notebooks. By hand it takes what `get_ipython` returns, of
    which the formatters are all that it needs:

    >>> from IPython.core.formatters import DisplayFormatter
    >>> class Shell:
    ...     display_formatter = DisplayFormatter()
    >>> shell = Shell()
    >>> nbimage.load_ipython_extension(shell)
    >>> sorted(shell.display_formatter.format(np.eye(9))[0])
    ['image/png', 'text/html', 'text/plain']
    """
    if shell not in _replaced:
        before = register(shell, _TYPES, _bundle)
        if "text/html" in shell.display_formatter.active_types:  # a terminal shows no tree
            before += register(shell, _EVERYTHING, _bundle_of_any)
        _replaced[shell] = before


def unload_ipython_extension(shell: Any) -> None:
    """Show everything as text again.

    Examples
    --------
    ``%unload_ext nbimage`` in a cell calls it:

    >>> from IPython.core.formatters import DisplayFormatter
    >>> class Shell:
    ...     display_formatter = DisplayFormatter()
    >>> shell = Shell()
    >>> nbimage.load_ipython_extension(shell)
    >>> nbimage.unload_ipython_extension(shell)
    >>> sorted(shell.display_formatter.format(np.eye(9))[0])
    ['text/plain']
    """
    before = _replaced.pop(shell, [])
    unregister(shell, before, _bundle)
    unregister(shell, before, _bundle_of_any)


def _bundle(data: Any, include: Any = None, exclude: Any = None) -> Bundle | None:
    """Return the bundle of an array that looks like a picture; None leaves it to its text."""
    if isinstance(data, np.memmap) and data.nbytes > _LARGE:
        return make_line(data)
    if not is_picture_shape(tuple(data.shape)):
        return None
    try:
        return Picture(data, caption=True)._repr_mimebundle_()
    except (TypeError, ValueError):
        return None


def _bundle_of_any(data: Any) -> Any:
    """Return the bundle of an array that is not computed, or of what holds arrays.

    Of everything else its own, as without the extension; None where it has none.
    """
    if type(data) in SCALARS:
        return None
    own = find_own_bundle(data)
    if own is not None:
        return own(include=None, exclude=None)
    return make_line(data) if is_array(data) else make_tree(data)
