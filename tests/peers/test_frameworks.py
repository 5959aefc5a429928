"""Arrays of PyTorch and JAX are taken as the arrays that they are."""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

from nbimage import Grid, Picture, rerange
from nbimage.arrays.coordinates import check_coordinate
from nbimage.arrays.ingest import as_values
from nbimage.arrays.labelled import as_labelled
from tests.arrays.test_ingest import GRAY, same_picture

TORCH_DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "bool"]


@pytest.mark.parametrize("dtype", [*TORCH_DTYPES, "uint16", "uint32", "uint64"])
def test_torch_tensors_are_arrays(dtype: str) -> None:
    plain = (np.abs(GRAY) * 50).astype(dtype)
    tensor = torch.from_numpy(plain)
    same_picture(tensor, plain)
    same_picture(tensor.T, plain.T)
    same_picture(tensor[::2, 1:], plain[::2, 1:])


def test_torch_tensors_that_need_a_gradient_are_detached() -> None:
    tensor = torch.from_numpy(GRAY.copy()).requires_grad_()
    same_picture(tensor, GRAY)
    same_picture(tensor * 2, GRAY * 2)
    assert tensor.requires_grad
    assert tensor.grad is None


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_torch_short_floats_are_shown_exactly(name: str) -> None:
    tensor = torch.from_numpy(GRAY).to(getattr(torch, name))
    same_picture(tensor, tensor.to(torch.float64).numpy())
    assert name in Picture(tensor).description


def test_torch_lazy_negatives_are_resolved() -> None:
    imaginary = torch.complex(torch.zeros(6, 8), torch.from_numpy(GRAY)).conj().imag
    assert imaginary.is_neg()
    same_picture(imaginary, -GRAY)


@pytest.mark.parametrize("layout", ["coo", "csr"])
def test_torch_sparse_tensors_are_shown_dense(layout: str) -> None:
    dense = torch.from_numpy(np.where(GRAY > 0, GRAY, 0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch: sparse CSR is in beta
        sparse = dense.to_sparse() if layout == "coo" else dense.to_sparse_csr()
    same_picture(sparse, dense.numpy())


@pytest.mark.parametrize("names", [("C", "H", "W"), ("H", "C", "W"), ("H", "W", "C")])
def test_torch_names_say_where_the_channels_are(names: Any) -> None:
    """Tensors have names before torch 2.13 only; a class that has them stands for these."""

    class Named(torch.Tensor):
        def rename(self, names: None) -> torch.Tensor:
            assert names is None
            return self.as_subclass(torch.Tensor)

    Named.names = names  # type: ignore[attr-defined]
    cube = np.random.default_rng(2).random((3, 3, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        pixels = Picture(torch.from_numpy(cube).as_subclass(Named)).pixels
    expected = Picture(np.moveaxis(cube, names.index("C"), -1), channel_axis=-1).pixels
    np.testing.assert_array_equal(pixels, expected)


def test_torch_tensors_that_hold_nothing_say_so() -> None:
    with pytest.raises(TypeError, match="meta"):
        Picture(torch.empty((3, 4), device="meta"))
    with pytest.raises(TypeError, match=r"complex64.*abs\(data\)"):
        Picture(torch.zeros((3, 4), dtype=torch.complex64))


def test_torch_parameters_are_tensors() -> None:
    same_picture(torch.nn.Parameter(torch.from_numpy(GRAY.copy())), GRAY)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float16", "bfloat16", "float32", "bool"])
def test_jax_arrays_are_arrays(dtype: str) -> None:
    array = jnp.asarray(np.abs(GRAY) * 50).astype(dtype)
    plain = np.asarray(array)
    same_picture(array, plain.astype(np.float64) if dtype == "bfloat16" else plain)
    assert dtype in Picture(array).description


def test_torch_tensors_are_taken_without_a_copy() -> None:
    tensor = torch.from_numpy(GRAY)
    for data in (tensor, tensor.T):
        assert np.shares_memory(as_values(data).array, GRAY)


def test_a_torch_tensor_of_one_axis_names_its_shape() -> None:
    with pytest.raises(ValueError, match=r"\(5,\).*reshape|reshape.*\(5,\)"):
        Picture(torch.zeros(5))
    assert rerange(torch.zeros(5), 0, 1).tolist() == [0] * 5


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (0, 0), (0, 4, 3), (3, 0, 4), (5, 0, 7)])
def test_empty_torch_tensors_raise_an_error_that_says_empty(shape: Any) -> None:
    for show in (rerange, Picture):
        with pytest.raises(ValueError, match="empty") as caught:
            show(torch.zeros(shape))
        assert str(shape) in str(caught.value)


def test_a_torch_tensor_is_a_coordinate() -> None:
    found = check_coordinate("x", torch.tensor([1.0, 2, 4]), 3)
    assert type(found) is np.ndarray
    assert found.dtype.kind in "if"
    np.testing.assert_array_equal(found, [1, 2, 4])


def test_a_torch_tensor_says_nothing_of_itself() -> None:
    assert as_labelled(torch.zeros(3)) is None


def test_a_torch_tensor_is_a_grid_of_one() -> None:
    assert len(Grid(torch.rand(5, 7)).pictures) == 1
