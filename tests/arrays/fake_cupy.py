"""A stand-in for CuPy: arrays that NumPy computes and that count what is copied to the host.

Nothing leaves them unasked: NumPy can't make an array of one, only ``get`` and a number of a single
value do, as with arrays on a GPU.
"""

from __future__ import annotations

import types
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin


class Copies:
    """What has been copied to the host: bytes of arrays, and how many single values."""

    def __init__(self) -> None:
        self.bytes = 0
        self.values = 0


def make_module(copies: Copies) -> types.ModuleType:
    """A module like ``cupy`` whose arrays write down what leaves them."""

    def held(data: Any) -> Any:
        return data.held if isinstance(data, ndarray) else data

    def wrapped(found: Any) -> Any:
        if isinstance(found, tuple):
            return tuple(map(wrapped, found))
        return ndarray(found) if isinstance(found, (np.ndarray, np.generic)) else found

    class ndarray(NDArrayOperatorsMixin):  # noqa: N801
        def __init__(self, data: Any) -> None:
            self.held = np.asarray(data)

        def __array__(self, *args: Any, **options: Any) -> NoReturn:
            raise TypeError("Implicit conversion to a NumPy array is not allowed")

        def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
            assert all(isinstance(one, (ndarray, int, float, bool)) for one in inputs)
            if "out" in options:
                options["out"] = tuple(map(held, options["out"]))
                getattr(ufunc, method)(*map(held, inputs), **options)
                return self
            return wrapped(getattr(ufunc, method)(*map(held, inputs), **options))

        def __getattr__(self, name: str) -> Any:
            found = getattr(self.held, name)
            if not callable(found):
                return found
            return lambda *args, **options: wrapped(found(*map(held, args), **options))

        def __getitem__(self, index: Any) -> ndarray:
            index = tuple(map(held, index)) if isinstance(index, tuple) else held(index)
            return ndarray(self.held[index])

        def __len__(self) -> int:
            return len(self.held)

        def get(self) -> np.ndarray:
            copies.bytes += self.held.nbytes
            return self.held.copy()

        def _one(self) -> Any:
            assert self.held.size == 1
            copies.values += 1
            return self.held.item()

        def __bool__(self) -> bool:
            return bool(self._one())

        def __int__(self) -> int:
            return int(self._one())

        def __float__(self) -> float:
            return float(self._one())

    module = types.ModuleType("cupy")
    module.ndarray = ndarray  # type: ignore[attr-defined]
    module.asarray = ndarray  # type: ignore[attr-defined]

    def of_numpy(name: str) -> Any:
        function = getattr(np, name)
        return lambda *args, **options: wrapped(function(*map(held, args), **options))

    names = [
        "floor",
        "where",
        "isnan",
        "isfinite",
        "clip",
        "zeros_like",
        "searchsorted",
        "packbits",
    ]
    for name in [*names, "stack"]:
        setattr(module, name, of_numpy(name))
    module.float64, module.uint8 = np.float64, np.uint8  # type: ignore[attr-defined]
    return module
