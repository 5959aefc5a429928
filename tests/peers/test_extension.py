"""Tensors of PyTorch show as pictures once the extension is loaded."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from nbimage import Picture
from tests.test_extension import BUNDLE, loaded, shell, shown, tables


def test_tensors_of_torch_show_as_pictures(loaded: InteractiveShell) -> None:
    torch = pytest.importorskip("torch")
    for tensor in (
        torch.rand(3, 8, 9),
        torch.rand(8, 9, requires_grad=True),
        torch.nn.Parameter(torch.rand(8, 9)),
        torch.rand(9, 8).T,
        torch.rand(9, 8).bfloat16(),
        torch.rand(9, 8) > 0.5,
    ):
        data = shown(loaded, tensor)
        assert set(data) == BUNDLE
        assert data["image/png"] == Picture(tensor)._repr_mimebundle_()[0]["image/png"]
    for tensor in (
        torch.rand(7, 7),
        torch.rand(90),
        torch.rand(9, 9) + 1j,
        torch.rand(2, 3, 9, 9),
        torch.zeros(9, 9, device="meta"),
    ):
        assert set(shown(loaded, tensor)) == {"text/plain"}


def test_unloading_takes_away_what_waited_for_torch(shell: InteractiveShell) -> None:
    torch = pytest.importorskip("torch")
    before = tables(shell)
    shell.run_line_magic("load_ext", "nbimage")
    assert set(shown(shell, torch.rand(9, 9))) == BUNDLE
    shell.run_line_magic("unload_ext", "nbimage")
    assert tables(shell) == before
    assert set(shown(shell, torch.rand(9, 9))) == {"text/plain"}
