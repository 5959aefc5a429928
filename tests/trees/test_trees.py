"""`%load_ext nbimage` shows what holds arrays as a tree, and nothing that is lazy is computed."""

from __future__ import annotations

import collections
import dataclasses
import re
import sys
import types
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import xarray
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image

from nbimage.trees import containers
from nbimage.trees.bundles import make_line, make_tree
from nbimage.trees.containers import holds_arrays
from tests.test_extension import loaded, shell, shown, tables  # noqa: F401

RANDOM = np.random.default_rng(7)
GRAY = RANDOM.random((32, 40))


class Page(HTMLParser):
    """The elements of a page, its visible text, and what is open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.opened: list[bool] = []
        self.text = ""
        self.html = html
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attrs))
        if tag == "details":
            self.opened.append("open" in dict(attrs))
        self.text += "|"

    def handle_data(self, data: str) -> None:
        self.text += data

    def lines(self) -> str:
        return re.sub(r"[| ]*\|[| ]*", "|", f"{self.text}|")


def page_of(value: Any) -> Page:
    bundle = make_tree(value)
    assert bundle is not None
    assert set(bundle[0]) == {"text/html"}
    return Page(bundle[0]["text/html"])


@dataclasses.dataclass
class Result:
    image: Any
    name: str = "x"


@dataclasses.dataclass(slots=True, frozen=True)
class Slotted:
    image: Any


class Pair(NamedTuple):
    image: Any
    scores: Any


CONTAINERS: dict[str, Any] = {
    "dict": {"image": GRAY},
    "list": [GRAY],
    "tuple": (GRAY, 1),
    "ordered dict": collections.OrderedDict(image=GRAY),
    "default dict": collections.defaultdict(list, image=GRAY),
    "deque": collections.deque([GRAY]),
    "named tuple": Pair(GRAY, 1),
    "data class": Result(GRAY),
    "data class with slots": Slotted(GRAY),
    "namespace": types.SimpleNamespace(image=GRAY),
    "read-only dict": types.MappingProxyType({"image": GRAY}),
    "user dict": collections.UserDict(image=GRAY),
    "nested": {"a": {"b": [Result({"c": (GRAY,)})]}},
    "pillow": [Image.fromarray(np.zeros((20, 30), np.uint8))],
    "masked": [np.ma.masked_greater(GRAY, 0.5)],
    "variable": [xarray.Variable(("y", "x"), GRAY)],
    "xarray": {"x": xarray.DataArray(GRAY, dims=("lat", "lon"))},
    "dataset": xarray.Dataset({"t2m": (("lat", "lon"), GRAY)}),
    "data tree": xarray.DataTree.from_dict({"/a": xarray.Dataset({"t": (("y", "x"), GRAY)})}),
}
OTHERS: dict[str, Any] = {
    "numbers": [1, 2, 3],
    "nested numbers": [[1] * 9] * 9,
    "strings": ["a", "b"],
    "dict": {"a": 1, "b": [2]},
    "empty": [],
    "data class": Result(1),
    "number": 3,
    "text": "abc",
    "none": None,
    "function": len,
    "class": Result,
    "numpy number": [np.float64(1)],
    "module": sys,
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_what_holds_an_array_is_a_tree(loaded: InteractiveShell, name: str) -> None:  # noqa: F811
    found = shown(loaded, CONTAINERS[name])
    assert {"text/html", "text/plain"} == set(found)
    page = Page(found["text/html"])
    assert "details" in page.tags
    assert "script" not in page.tags
    assert ("20 × 30" if name == "pillow" else "32 × 40") in page.text
    assert (page.images[0]["src"] or "").startswith("data:image/png")


@pytest.mark.parametrize("name", OTHERS)
def test_everything_else_is_shown_as_without_the_extension(
    shell: InteractiveShell,  # noqa: F811
    name: str,
) -> None:
    before = shell.display_formatter.format(OTHERS[name])
    shell.run_line_magic("load_ext", "nbimage")
    assert shell.display_formatter.format(OTHERS[name]) == before


class Own:
    """An object that shows itself."""

    shape = 3

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return {"text/x-own": "own"}, {"text/x-own": {"a": 1}}


class OwnDict(dict):  # type: ignore[type-arg]
    def _repr_html_(self) -> str:
        return "own"


def test_objects_that_show_themselves_go_on_doing_so(shell: InteractiveShell) -> None:  # noqa: F811
    import pandas as pd

    from nbimage import Grid, Picture

    items = [Own(), Own, OwnDict(image=GRAY), pd.DataFrame({"a": [1]}), Picture(GRAY), Grid([GRAY])]
    before = [shell.display_formatter.format(item) for item in items]
    registered = tables(shell)
    shell.run_line_magic("load_ext", "nbimage")
    assert [shell.display_formatter.format(item) for item in items] == before
    shell.run_line_magic("unload_ext", "nbimage")
    assert tables(shell) == registered
    assert set(shown(shell, {"a": GRAY})) == {"text/plain"}


def test_a_line_says_what_describe_says() -> None:
    weights = np.array([0.5, 1, np.nan, -3])
    page = page_of({"images": GRAY.astype("f4"), "weights": weights, "on": weights > 0, "n": 3})
    lines = page.lines()
    assert "dict of 4 · 3 arrays, " in lines
    assert "|weights|4|float64|−3 … 1, mean −0.5, 1 NaN|" in lines
    assert "|on|4|bool|50 % True|" in lines
    assert "|n|int|3|" in lines
    kinds = [(image["src"] or "").partition(";")[0] for image in page.images]
    assert kinds == ["data:image/png", "data:image/svg+xml", "data:image/svg+xml"]
    assert {image["alt"] for image in page.images} == {""}  # nothing of them is copied


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.array(5.0), "0-d|float64|5"),
        (np.zeros((0, 4)), "0 × 4|float64|empty"),
        (np.zeros((2, 3, 4, 5), complex), "magnitudes, 0 … 0"),
        (np.full((9, 9), "a"), "9 × 9|<U1|ndarray"),
        (np.full((9, 9), None), "9 × 9|object|ndarray"),
        (np.zeros(4, [("x", "f4"), ("y", "u1")]), "4|2 fields|"),
        (np.array([1, 2], np.longdouble), "|1 … 2, mean 1.5|"),
        (np.arange(3).astype("M8[ns]"), "1970-01-01 … 1970-01-01T00:00:00.000000002"),
        (np.arange(3).astype("M8[D]").astype("M8[ns]"), "|datetime64[ns]|1970-01-01 … 1970-01-03|"),
        (np.full((9, 9), np.nan), "no finite value, 81 NaN"),
        (np.array([np.inf, 1.0]), "1 … 1, mean 1, 1 infinite"),
    ],
)  # fmt: skip
def test_arrays_of_every_shape_and_dtype_have_a_line(array: Any, text: str) -> None:
    assert text in page_of([array]).lines()


def test_words_are_apart_where_no_style_is_left() -> None:
    """As on GitHub."""
    html = make_tree({"image": GRAY, "nest": {"n": 3, "line": GRAY[0]}})
    assert html is not None
    blocks = re.sub("</?(div|details|summary)[^>]*>", "\n", html[0]["text/html"])
    text = re.sub("<[^>]*>", "", blocks)
    words = text.split()
    assert words[words.index("image") :][:4] == ["image", "32", "×", "40"]
    assert {"float64", "nest", "dict", "line", "n", "int", "3"} <= set(words)


def pixels_of(page: Page) -> list[tuple[int, int]]:
    return [
        (int(image["width"] or 0), int(image["height"] or 0))
        for image in page.images
        if (image["src"] or "").startswith("data:image/png")
    ]


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((64, 96), (32, 22)),
        ((8, 8), (40, 40)),
        ((3, 40, 80), (40, 20)),
        ((40, 80, 3), (40, 20)),
        ((5, 40, 80), (40, 20)),
        ((2, 3, 40, 80), (40, 20)),
        ((2, 4, 6, 16, 20), (40, 32)),
        ((64, 7, 7), None),
        ((16, 3, 5, 5), None),
        ((300, 7), None),
        ((5, 5), (40, 40)),
        ((3, 7), (35, 15)),
        ((2, 2), None),
        ((3, 13), None),
        ((2000, 3000), (40, 27)),
    ],
)
def test_thumbnails_are_small_and_whole(shape: Any, size: Any) -> None:
    page = page_of([RANDOM.integers(0, 255, shape, dtype=np.uint8)])
    found = pixels_of(page)
    assert len(found) == (size is not None)
    for width, height in found:
        assert max(width, height) <= 40
        assert width / height == pytest.approx(size[0] / size[1], rel=0.1)


def test_hostile_names_and_texts_are_escaped() -> None:
    evil = "</code><script>alert(1)</script>"
    item = {evil: GRAY, "b": evil, (evil, 1): 2, type(evil, (), {})(): 3}
    page = page_of(item)
    assert "script" not in page.tags
    assert evil in page.text


class Hostile:
    """Every attribute and every text of it is an error."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)

    def __repr__(self) -> str:
        raise AssertionError("repr")

    def __len__(self) -> int:
        raise AssertionError("len")

    def __iter__(self) -> Iterator[Any]:
        raise AssertionError("iter")


def test_strange_objects_are_named_and_not_asked() -> None:
    assert "|x|Hostile|" in page_of({"x": Hostile(), "image": GRAY}).lines()


def test_tables_beside_arrays_say_how_large_they_are() -> None:
    import pandas as pd

    table = pd.DataFrame({"a": [1, 2, 3], "b": 0})
    lines = page_of({"table": table, "series": table.a, "image": GRAY}).lines()
    assert "|table|DataFrame|3 × 2|" in lines
    assert "|series|3|int64|1 … 3, mean 2|" in lines


def test_cycles_and_shared_objects_are_said_once() -> None:
    inner: dict[str, Any] = {"image": GRAY}
    outer: dict[str, Any] = {"a": inner, "b": inner, "image": GRAY, "n": (), "m": ()}
    outer["self"] = outer
    page = page_of(outer)
    assert "|b|dict|the same as ['a']|" in page.lines()
    assert "|self|dict|the same as the whole|" in page.lines()
    assert "the same as ['a']['image']" in page.lines()
    assert len(pixels_of(page)) == 1


def test_what_is_large_is_bounded_and_says_so() -> None:
    many = page_of([GRAY, *range(99_999)])
    assert "list of 100,000" in many.text
    assert "… 99,936 more" in many.text
    deep: Any = GRAY
    for _ in range(5):
        deep = [deep] * 1 + list(range(70))
    assert page_of(deep).text.count("… 7 more") == 5
    wide = {str(i): {str(j): np.zeros(2) for j in range(60)} for i in range(60)}
    page = page_of(wide)
    assert page.text.count("float64") < 600
    assert len(page.html) < 600_000
    assert not any(page.opened[1:])


def test_small_trees_are_open_and_large_ones_are_folded() -> None:
    assert page_of({"a": {"b": [GRAY]}}).opened == [True, True, True]
    assert page_of({"a": [np.zeros(2) for _ in range(40)], "b": 1}).opened == [True, False]


def test_values_beyond_a_limit_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    from nbimage.trees import walk

    monkeypatch.setattr(walk, "_MOST_BYTES", 20_000)
    page = page_of([GRAY, GRAY + 1, GRAY + 2])
    assert len(pixels_of(page)) == 1
    assert "The values of 2 arrays were not looked at" in page.text


# ------------------------------------------------------------------------------ lazy arrays


class Lazy:
    """An array that fails as soon as anything but its shape and dtype is asked for."""

    def __init__(self, shape: Any, dtype: str) -> None:
        self._shape, self._dtype = shape, np.dtype(dtype)

    @property
    def shape(self) -> Any:
        return self._shape

    @property
    def dtype(self) -> Any:
        return self._dtype

    def _fail(self, *_: Any, **__: Any) -> Any:
        pytest.fail("computed")

    __array__ = __getitem__ = __iter__ = __len__ = compute = load = read = result = _fail
    __array_interface__ = __dlpack__ = __float__ = __bool__ = __repr__ = __str__ = _fail
    __array_ufunc__ = __array_function__ = min = max = mean = sum = tobytes = _fail


@given(
    st.lists(st.integers(0, 10**6), max_size=5).map(tuple),
    st.sampled_from(["u1", "f4", "f8", "c16", "?", "M8[s]", "S3", "O"]),
    st.sampled_from(["dict", "list", "data class", "nested"]),
)
def test_arrays_of_unknown_packages_are_never_computed(shape: Any, dtype: str, where: str) -> None:
    lazy = Lazy(shape, dtype)
    wrapped = {
        "dict": {"x": lazy},
        "list": [lazy, lazy],
        "data class": Result(lazy),
        "nested": [{"a": (lazy, GRAY)}],
    }[where]
    text = page_of(wrapped).text
    assert " × ".join(map(str, shape)) in text
    assert "Lazy" in text


def fail(*_: Any, **__: Any) -> Any:
    pytest.fail("computed")


def lazy_dask() -> Any:
    import dask.array as da

    zeros = da.zeros((4000, 5000), chunks=1000, dtype=np.uint16)
    return zeros.map_blocks(fail, dtype=np.uint16, meta=np.empty((0, 0), np.uint16))


def lazy_xarray() -> Any:
    return xarray.DataArray(lazy_dask(), dims=("y", "x"))


def make_zarr(folder: Path) -> Any:
    zarr = pytest.importorskip("zarr")
    group = zarr.open_group(folder / "x.zarr", mode="w")
    array = group.create_array("a/b", shape=(400, 500), chunks=(100, 100), dtype="u2")
    array[:] = 1
    return group, array


def make_hdf5(folder: Path) -> Any:
    import h5py

    file = h5py.File(folder / "x.h5", "w")
    data = file.create_dataset("a/b", (400, 500), "u2", chunks=(100, 100))
    data[:] = 1
    file["soft"] = h5py.SoftLink("/a/b")
    file["gone"] = h5py.SoftLink("/nowhere")
    file["far"] = h5py.ExternalLink("no.h5", "/x")
    file["a/up"] = file["/"]
    return file, data


@pytest.mark.parametrize("make", [lazy_dask, lazy_xarray])
def test_lazy_arrays_are_lines_with_their_chunks(
    loaded: InteractiveShell,  # noqa: F811
    make: Any,
) -> None:
    for item in (make(), {"x": make()}, xarray.Dataset({"x": (("y", "x"), lazy_dask())})):
        html = shown(loaded, item)["text/html"]
        assert "4000 × 5000" in html
        assert "chunks 1000 × 1000, 40 MB" in html
        assert "data:image/png" not in html


def test_of_zarr_only_metadata_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group, array = make_zarr(tmp_path)
    store = type(group.store)
    asked: list[str] = []
    get = store.get

    async def watched(self: Any, key: str, *rest: Any, **options: Any) -> Any:
        asked.append(key)
        return await get(self, key, *rest, **options)

    monkeypatch.setattr(store, "get", watched)
    bundle = make_line(array)
    assert bundle is not None
    assert "zarr, chunks 100 × 100, 400 kB" in bundle[0]["text/html"]
    assert "zarr, chunks 100 × 100, 400 kB" in page_of(group).text
    assert asked
    assert not [key for key in asked if "/c/" in key]


def test_groups_of_zarr_are_listed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group, _ = make_zarr(tmp_path)
    group.create_group("deep/deeper").create_array("x", shape=(4, 4), dtype="f4")
    listed: list[str] = []
    members = type(group).members

    def watched(self: Any, *given: Any, **options: Any) -> Any:
        listed.append(self.path)
        return members(self, *given, **options)

    monkeypatch.setattr(type(group), "members", watched)
    assert "4 × 4" in page_of(group).text
    assert sorted(listed) == ["", "a", "deep", "deep/deeper"]
    listed.clear()
    assert "4 × 4" in page_of([group, {"again": group["deep"]}]).text
    assert sorted(listed) == ["", "a", "deep", "deep/deeper"]


def test_of_hdf5_only_metadata_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import h5py

    file, data = make_hdf5(tmp_path)
    monkeypatch.setattr(h5py.Dataset, "__getitem__", fail)
    monkeypatch.setattr(h5py.Dataset, "__array__", fail)
    bundle = make_line(data)
    assert bundle is not None
    page = page_of(file)
    for text in (bundle[0]["text/html"], page.text):
        assert "HDF5, chunks 100 × 100, 400 kB" in text
    assert "link to /a/b" in page.text
    assert "link to /nowhere" in page.text
    assert "link to no.h5:/x" in page.text
    assert "the same as the whole" in page.text
    file.close()
    assert make_tree(file) is None


def test_of_netcdf_files_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.nc"
    values = xarray.Dataset({"t": (("y", "x"), GRAY)}, {"y": np.arange(32.0)})
    values.to_netcdf(path, engine="h5netcdf")
    with xarray.open_dataset(path, engine="h5netcdf", cache=False) as dataset:
        import h5py

        monkeypatch.setattr(h5py.Dataset, "__getitem__", fail)
        page = page_of(dataset)
        assert "|t|32 × 40|float64|not read, 10.2 kB (y, x)|" in page.lines()
        bundle = make_line(dataset.t)
        assert bundle is not None
        assert "not read" in bundle[0]["text/html"]


def test_of_npz_files_only_heads_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "x.npz", image=GRAY, line=np.arange(9, dtype="u2"))
    with np.load(tmp_path / "x.npz") as file:
        monkeypatch.setattr(type(file), "__getitem__", fail)
        lines = page_of(file).lines()
        assert "|image|32 × 40|float64|npz, 10.2 kB|" in lines
        assert "|line|9|uint16|npz, 18 bytes|" in lines
        assert "npz, 10.2 kB" in page_of({"x": file}).text
    assert make_tree(file) is None


class TensorStore(Lazy):
    chunk_layout = types.SimpleNamespace(read_chunk=types.SimpleNamespace(shape=(64, 64)))


def test_tensorstore_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its type is made up here; the package is 60 MB."""
    module = types.ModuleType("tensorstore")
    module.TensorStore = TensorStore  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tensorstore", module)
    bundle = make_line(TensorStore((400, 500), "u2"))
    assert bundle is not None
    assert "tensorstore, chunks 64 × 64, 400 kB" in bundle[0]["text/html"]


def test_mapped_files_are_not_read(tmp_path: Path) -> None:
    mapped = np.memmap(tmp_path / "x", "f4", "w+", shape=(100, 200))
    page = page_of({"a": mapped, "b": mapped[::2], "c": np.asarray(mapped)})
    assert page.text.count("mapped file") == 3
    assert "data:image/png" not in page.html


def test_groups_at_addresses_are_not_listed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    group, _ = make_zarr(tmp_path)
    monkeypatch.setattr(containers, "_LOCAL_STORES", ())
    monkeypatch.setattr(type(group), "members", fail)
    assert make_tree(group) is None


def test_the_look_at_what_holds_no_arrays_is_bounded() -> None:
    """Counted in objects, not in seconds."""
    seen = 0

    class Counted(list):  # type: ignore[type-arg]
        pass

    def visit(value: Any, listed: Any) -> Any:
        nonlocal seen
        seen += 1
        return original(value, listed)

    original = containers.read_items
    big: Any = [Counted([Counted([object()] * 100)] * 100) for _ in range(10_000)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(containers, "read_items", visit)
        assert not holds_arrays(big)
        assert not holds_arrays([[0] * 10**5] * 10)
        assert not holds_arrays({i: str(i) for i in range(10**5)})
    assert 0 < seen <= 600


# ---------------------------------------------------------------------------------- xarray


def test_labelled_pictures_are_pictures_with_xarrays_own_below(
    loaded: InteractiveShell,  # noqa: F811
) -> None:
    data = xarray.DataArray(GRAY, dims=("lat", "lon"), coords={"lat": np.linspace(-60, 60, 32)})
    found = shown(loaded, data)
    assert {"text/html", "image/png", "text/plain"} == set(found)
    assert "As xarray shows it" in found["text/html"]
    assert "xr-wrap" in found["text/html"]
    assert "xr-wrap" in shown(loaded, xarray.Dataset({"t": data}))["text/html"]
    assert "xr-wrap" in shown(loaded, data.expand_dims(time=9))["text/html"]
    assert "xr-wrap" in shown(loaded, data.lat)["text/html"]
