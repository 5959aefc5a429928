"""Tensors of torch, whose module is a stand-in here: ``tests/peers`` has the library itself."""

from __future__ import annotations

import sys
import types
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from nbimage.arrays.ingest import as_values

VALUES = np.array([[0.0, 1, 2], [0.5, 4, 6]])
SHORT = ["bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"]
OWN = [
    "uint8",
    "int8",
    "int16",
    "uint16",
    "int32",
    "int64",
    "float16",
    "float32",
    "float64",
    "bool",
]


class Tensor:
    """Like torch's: NumPy can have those alone that have its dtypes."""

    is_quantized = False
    layout = "strided"

    def __init__(self, array: np.ndarray, *, conjugate: bool = False) -> None:
        self._array, self._conjugate = array, conjugate
        self.dtype, self.shape = f"torch.{array.dtype}", array.shape
        self.device = types.SimpleNamespace(type="cpu")

    def detach(self) -> Tensor:
        return self

    cpu = resolve_neg = detach

    def resolve_conj(self) -> Tensor:
        return Tensor(self._array.conj() if self._conjugate else self._array)

    def float(self) -> Tensor:
        return Tensor(self._array.astype(np.float32))

    def numpy(self) -> np.ndarray:
        if self._array.dtype.name in SHORT or self._conjugate:
            raise TypeError(f"Got unsupported ScalarType {self.dtype}")
        return self._array


@pytest.fixture(autouse=True)
def _module(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = types.ModuleType("torch")
    module.Tensor, module.strided = Tensor, "strided"
    monkeypatch.setitem(sys.modules, "torch", module)


@pytest.mark.parametrize("dtype", [*SHORT, *OWN])
def test_short_floats_are_widened_and_all_else_stays(dtype: str) -> None:
    array = VALUES.astype(getattr(ml_dtypes, dtype) if dtype in SHORT else dtype)
    values = as_values(Tensor(array))
    assert values.dtype == dtype
    assert values.array.dtype == ("float32" if dtype in SHORT else dtype)
    assert np.array_equal(values.array, array.astype(np.float64))


def test_complex_numbers_are_conjugated_where_that_is_due() -> None:
    values = as_values(Tensor(VALUES * 1j, conjugate=True), True)
    assert np.array_equal(values.array, VALUES * -1j)
