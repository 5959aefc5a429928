"""Complex tensors of PyTorch are painted as NumPy's arrays are."""

from __future__ import annotations

import numpy as np

from tests.mapping.test_color_options import plane, seen


def test_torch_tensors_of_complex_numbers_are_taken() -> None:
    import torch

    z = plane(np.complex64)
    tensor = torch.from_numpy(z)
    for way in ("abs", "phase", "domain"):
        np.testing.assert_array_equal(seen(tensor, complex=way), seen(z, complex=way))
        np.testing.assert_array_equal(seen(tensor.conj(), complex=way), seen(z.conj(), complex=way))
