"""treescope's trees with the lines of nbimage in them, and arrays of other frameworks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nbimage
from nbimage.trees.bundles import make_tree

treescope = pytest.importorskip("treescope")
ml_dtypes = pytest.importorskip("ml_dtypes")
units = pytest.importorskip("astropy.units")  # here: it asks whether a shell runs
GRAY = np.random.default_rng(1).random((32, 40))


def render(value: Any) -> str:
    with treescope.active_autovisualizer.set_scoped(nbimage.treescope_autovisualizer):
        html: str = treescope.render_to_html(value, compressed=False)
    return html


def test_arrays_in_a_tree_are_lines_with_a_picture() -> None:
    html = render({"image": GRAY, "deep": [{"line": np.arange(9.0)}], "n": 3, "text": "abc"})
    assert "ndarray 32 × 40 float64, 0.0" in html
    assert "data:image/png" in html
    assert "ndarray 9 float64, 0 … 8, mean 4" in html
    assert "data:image/svg+xml" in html


def test_a_tree_as_text_has_the_lines_too() -> None:
    with treescope.active_autovisualizer.set_scoped(nbimage.treescope_autovisualizer):
        text = treescope.render_to_text({"line": np.arange(9.0), "names": np.array(["a", "b"])})
    assert "ndarray 9 float64, 0 … 8, mean 4" in text
    assert "ndarray 2 <U1" in text


def test_what_is_no_array_is_left_to_treescope() -> None:
    for value in (3, "abc", [1], None, np.float64(1), np.array(1.0)):
        assert nbimage.treescope_autovisualizer(value, "") is None
    assert 'class="nbimage"' not in render({"n": 3, "m": [1, 2]})


def test_lazy_arrays_are_not_computed() -> None:
    import dask.array as da

    def fail(block: Any) -> Any:
        raise AssertionError("computed")

    lazy = da.zeros((4000, 5000), chunks=1000).map_blocks(fail, meta=np.empty((0, 0)))
    assert "dask, chunks 1000 × 1000, 160 MB" in render([lazy])


def test_a_state_dict_of_torch_is_a_tree() -> None:
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.Linear(64, 32))
    bundle = make_tree(model.state_dict())
    assert bundle is not None
    for text in ("0.weight", "8 × 3 × 3 × 3", "1.bias", "4 arrays", "float32", "data:image/png"):
        assert text in bundle[0]["text/html"]
    meta = make_tree([torch.zeros(9, 9, device="meta"), torch.zeros(9, 9).to_sparse()])
    assert meta is not None
    assert meta[0]["text/html"].count("9 × 9") == 2


def test_arrays_of_every_package_have_a_line() -> None:
    jax, polars, scipy = (pytest.importorskip(name) for name in ("jax", "polars", "scipy.sparse"))
    deleted = jax.numpy.zeros((9, 9))
    deleted.delete()
    lines = {
        "jax": (jax.numpy.arange(90.0).reshape(9, 10), "0 … 89, mean 44.5"),
        "deleted": (deleted, "ArrayImpl"),
        "polars": (polars.Series([1.0, 2, 3]), "1 … 3, mean 2"),
        "texts": (polars.Series(["a"]), "Series"),
        "sparse": (scipy.csr_array((30, 40)), "csr_array"),
        "small": (np.ones((9, 9), ml_dtypes.bfloat16), "1 … 1, mean 1"),
        "length": (GRAY * units.m, "mean 0."),
    }
    bundle = make_tree({name: array for name, (array, _) in lines.items()})
    assert bundle is not None
    rows = bundle[0]["text/html"].split("<code")
    for row, (_, text) in zip(rows[1:], lines.values(), strict=True):
        assert text in row


def test_fields_of_attrs_and_pydantic_are_lines() -> None:
    attrs, pydantic = pytest.importorskip("attrs"), pytest.importorskip("pydantic")

    @attrs.define
    class Slotted:
        image: Any
        name: str = "x"

    @attrs.define(slots=False)
    class Plain:
        image: Any

        @property
        def computed(self) -> Any:
            raise AssertionError("computed")

    class Model(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
        image: np.ndarray[Any, Any]

    for value in (Slotted(GRAY), Plain(GRAY), Model(image=GRAY)):
        bundle = make_tree(value)
        assert bundle is not None
        for text in (type(value).__name__, ".image", "32 × 40", "float64", "data:image/png"):
            assert text in bundle[0]["text/html"], text


def test_of_netcdf4_only_metadata_are_read(tmp_path: Path) -> None:
    netcdf = pytest.importorskip("netCDF4")
    with netcdf.Dataset(tmp_path / "x.nc", "w") as file:
        for name, size in (("y", 200), ("x", 300)):
            file.createDimension(name, size)
        whole = file.createVariable("whole", "i2", ("y", "x"), contiguous=True)
        inner = file.createGroup("inner")
        cut = inner.createVariable("cut", "f4", ("y", "x"), chunksizes=(100, 100))
        bundle = make_tree(file)
        assert bundle is not None
        html = bundle[0]["text/html"]
        for text in ("whole", "NetCDF, 120 kB", "Group of 1", "NetCDF, chunks 100 × 100, 240 kB"):
            assert text in html, text
        assert nbimage.describe(whole) == "200 × 300 int16, NetCDF"
        assert nbimage.describe(cut) == "200 × 300 float32, NetCDF, chunks 100 × 100"
        assert "data:image/png" not in html
        assert make_tree(inner) is not None
    assert make_tree(file) is None
    assert make_tree(inner) is None
