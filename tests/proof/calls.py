"""Random calls: pixels as a reference written from the documentation has them, or one line.

    python -m tests.proof calls

Arrays of every dtype, byte order, memory layout and layout of channels, with missing and infinite
values and masks, limits, norms, percentiles and colors, at each door. What a door gives is read
back by other people's readers, or by the page's own code in Node.
"""

from __future__ import annotations

import atexit
import base64
import functools
import io
import itertools
import json
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import matplotlib
import numpy as np
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from PIL import Image

from nbimage import Grid, Picture, Video, View, encode, rerange
from tests.page.js.node import Node
from tests.proof import reference
from tests.proof.reference import Bins

Array = np.ndarray[Any, Any]
DTYPES = [
    *("?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"),
    *("f2", "f4", "f8", "g", "M8[s]", "m8[ms]"),
]
CMAPS = [None, "viridis", "magma", "RdBu_r", "gray"]
AXES: dict[str, dict[str, Any]] = {
    "gray": {},
    "last": {"channel_axis": -1},
    "planar": {"channel_axis": 0},
}


@dataclass
class Call:
    """An array, what is asked of it, and what that comes to."""

    data: Any
    scale: dict[str, Any] = field(default_factory=dict)
    colors: dict[str, Any] = field(default_factory=dict)
    kind: str = "gray"

    def bins(self, door: str) -> list[Bins | None] | None:
        """Return the bins of each value, row by row; None where no limits can be found.

        A film holds the array twice, which percentiles notice. A page has float64 alone: of
        integers that are further apart than it can tell some are taken for their neighbours.
        """
        values = reference.values_of(self.data)
        dtype = np.asarray(np.ma.getdata(self.data)).dtype
        asked = {name: value for name, value in self.scale.items() if name != "norm"}
        norm = self.scale.get("norm", "linear")
        if dtype == np.uint8 and not asked and norm == "linear":
            return [None if x is None else frozenset({int(x)}) for x in values]
        limits = reference.find_limits(
            values * (2 if door == "Video" else 1), dtype, norm=norm, **asked
        )
        if limits is None:
            return None
        vsym = bool(asked.get("vsym"))
        found = reference.bins_of(values, limits, norm, vsym=vsym)
        known = reference.finite(values)
        if door != "View" or dtype.kind not in "iu" or known[-1] - known[0] <= 2**53:
            return found
        lost = (known[-1] - known[0]) * reference.EPSILON
        taken = [limits]
        if abs(limits.high - limits.low) <= 2 * lost:  # for one
            taken += [reference.Limits(end, end) for end in limits]
        for change, ends in itertools.product((-lost, lost), taken):
            moved = [None if x is None else x + change for x in values]
            beside = reference.bins_of(moved, ends, norm, vsym=vsym)
            pairs = zip(found, beside, strict=True)
            found = [a and (_from_to(a | b) if b else a) for a, b in pairs]
        return found

    def ends(self) -> list[Bins | None]:
        """Return the bins of values of which none is between limits: they lie at the ends."""
        negative = self.scale.get("norm") == "log"
        return [
            None if x is None or (negative and x < 0) else frozenset({255 if x == np.inf else 0})
            for x in reference.values_of(self.data)
        ]


def _from_to(bins: Bins) -> Bins:
    return frozenset(range(min(bins), max(bins) + 1))


# What is asked


@st.composite
def arrays(draw: st.DrawFn, shape: tuple[int, ...], dtypes: list[str]) -> Any:
    """An array of a dtype and byte order, in any memory layout, with or without a mask."""
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    count = int(np.prod(shape))
    numbers = draw(st.lists(_elements(dtype), min_size=count, max_size=count))
    data = np.array(numbers, dtype=dtype).reshape(shape)
    if draw(st.booleans()):
        data = data.astype(dtype.newbyteorder())
    data = draw(st.sampled_from(LAYOUTS))(data)
    if draw(st.integers(0, 4)) == 0:
        mask = draw(st.lists(st.booleans(), min_size=count, max_size=count))
        return np.ma.array(data, mask=np.reshape(mask, shape))
    return data


def _elements(dtype: np.dtype[Any]) -> st.SearchStrategy[Any]:
    if dtype.kind == "b":
        return st.booleans()
    if dtype.kind in "mM":
        times = st.integers(-(2**40), 2**40).map(lambda n: np.array(n).astype(dtype)[()])
        return times | st.just(np.array("NaT", dtype)[()])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        small = st.integers(max(info.min, -9), 9)
        return small | st.integers(int(info.min), int(info.max))
    width: Literal[16, 32, 64] = 16 if dtype.itemsize == 2 else 32 if dtype.itemsize == 4 else 64
    tame = st.integers(-64, 64).map(lambda n: n / 8)
    wild = st.floats(width=width, min_value=-6e4, max_value=6e4)
    return tame | wild | st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0])


def _strided(data: Array) -> Array:
    padded = np.zeros([2 * side + 1 for side in data.shape], data.dtype)
    inside = tuple(slice(1, None, 2) for _ in data.shape)
    padded[inside] = data
    return padded[inside]


def _reversed(data: Array) -> Array:
    turned = np.ascontiguousarray(np.flip(data))
    return np.flip(turned)


def _frozen(data: Array) -> Array:
    data = data.copy()
    data.flags.writeable = False
    return data


LAYOUTS: list[Callable[[Array], Array]] = [
    np.ascontiguousarray,
    np.asfortranarray,
    _strided,
    _reversed,
    _frozen,
]
limits = st.none() | st.integers(-20, 20) | st.floats(-1e4, 1e4).map(lambda x: round(x, 3))
widths = st.sampled_from([0.5, 1, 3, 100])
norms = st.one_of(
    *(st.just("linear"), st.just("linear"), st.sampled_from(["log", "sqrt", 0.5, 2.2, 1.7])),
    *(st.tuples(st.just("asinh"), widths), st.tuples(st.just("symlog"), widths)),
)
contrasts = st.sampled_from([None, None, None, "minmax", "infer", "robust", (10, 90), (0, 50)])


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call of a gray picture or of one in three colors."""
    rows, columns = draw(st.tuples(st.integers(2, 5), st.integers(5, 8)))
    kind = draw(st.sampled_from(["gray", "gray", "gray", "last", "planar"]))
    shape = {"gray": (rows, columns), "last": (rows, columns, 3), "planar": (3, rows, columns)}
    dtypes = DTYPES if kind == "gray" else [name for name in DTYPES if name[0] not in "mM?"]
    data = draw(arrays(shape[kind], dtypes))
    dtype = np.ma.getdata(data).dtype
    scale: dict[str, Any] = {}
    if dtype.kind not in "mMb":
        for name, strategy in [("vmin", limits), ("vmax", limits), ("norm", norms)]:
            if draw(st.integers(0, 2)) == 0 and (found := draw(strategy)) is not None:
                scale[name] = found
        if (found := draw(contrasts)) is not None:
            scale["contrast"] = found
        if draw(st.integers(0, 5)) == 0:
            scale["vsym"] = True
    colors: dict[str, Any] = {}
    if kind == "gray" and (cmap := draw(st.sampled_from(CMAPS))) is not None:
        colors["cmap"] = cmap
    return Call(data, scale, colors, kind)


# The doors


def table(cmap: str | None) -> list[tuple[int, int, int]]:
    """Return the colors of pixels, as matplotlib has them."""
    found = matplotlib.colormaps[cmap or "gray"](np.arange(256))
    return [tuple(row[:3].tolist()) for row in np.round(found * 255).astype(int)]


def decoded(data: bytes) -> Array:
    """Return a picture as Pillow reads it: red, green, blue, alpha."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def by_rerange(call: Call) -> Array:
    """Return bytes: gray values, or those of each channel."""
    return rerange(call.data, **AXES[call.kind], **call.scale)


def by_encode(call: Call) -> Array:
    return decoded(encode(call.data, **_given(call)))


def by_picture(call: Call) -> Array:
    return decoded(Picture(call.data, **_given(call)).png)


def by_grid(call: Call) -> Array:
    """Return the pixels of a grid's one picture, which its page holds."""
    html = Grid([call.data], **_given(call)).html
    uri = re.search(r'src="data:image/png;base64,([^"]+)"', html)
    assert uri is not None
    return decoded(base64.b64decode(uri[1]))


def by_video(call: Call) -> Array:
    """Return the first of two equal frames, of a film that keeps every pixel."""
    stack = np.ma.stack if isinstance(call.data, np.ma.MaskedArray) else np.stack
    given = _given(call)
    if call.kind == "planar":
        given["channel_axis"] = 1  # of the stack
    film = Video(stack([call.data, call.data]), format="apng", progress=False, **given)
    return decoded(film.files["apng"])


PAINT = """async config => {
  const [image] = config.images, [display] = config.state.displays;
  const plane = await new Embedded(image).plane(0);
  const patch = { left: 0, top: 0, width: image.columns, height: image.rows };
  const palette = decodePalette(config.palettes[display.cmap]);
  return encode(paintPatch(plane, 0, patch, image, display, palette).data);
}"""
CONFIG = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)


@functools.cache
def node() -> Node:
    """Return a process that has the page's own functions."""
    started = Node("view/values/samples", "view/values/color")
    atexit.register(started.close)
    return started


def by_view(call: Call) -> Array:
    """Return what the page's own code paints of what the page holds."""
    found = CONFIG.search(View(call.data, **_given(call)).html)
    assert found is not None
    config = json.loads(found[1])
    painted = np.frombuffer(base64.b64decode(node().evaluate(PAINT, config)), np.uint8)
    (image,) = config["images"]
    return painted.reshape(image["rows"], image["columns"], 4)


DOORS = {
    "rerange": by_rerange,
    "encode": by_encode,
    "Picture": by_picture,
    "Grid": by_grid,
    "Video": by_video,
    "View": by_view,
}


def _given(call: Call) -> dict[str, Any]:
    return {**AXES[call.kind], **call.scale, **call.colors}


# What is to come of them


def refusals(call: Call) -> list[str]:
    """Return why a call is refused, as its one line may have it; none for one that is not."""
    if call.scale.get("norm") != "log":
        return []
    found = ["vsym"] if call.scale.get("vsym") else []
    if any(call.scale.get(end, 1) <= 0 for end in ("vmin", "vmax")):
        found.append("must be above 0 for norm='log'")
    return found


def check(call: Call, door: str) -> None:
    """Check the pixels of a call at a door, or its one line of error."""
    before = np.ma.getdata(call.data).tobytes()
    why = refusals(call)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = DOORS[door](call)
        except (TypeError, ValueError) as error:
            assert why, f"{door} refuses what is documented: {error}"
            assert any(one in str(error) for one in why) and "\n" not in str(error)
            return
    assert not why, f"{door} takes what is documented to be refused: {why}"
    assert np.ma.getdata(call.data).tobytes() == before
    bins = call.bins(door)
    if door == "rerange":
        if bins is None:  # nothing is between limits, and the ends are the ends
            values = reference.values_of(call.data)
            bins = [frozenset({255 if x == np.inf else 0}) for x in values]
        for pixel, allowed in zip(found.ravel().tolist(), bins, strict=True):
            assert pixel in (allowed or {0}), (pixel, allowed)
    else:
        check_colors(call, door, found, bins)


def check_colors(call: Call, door: str, found: Array, bins: list[Bins | None] | None) -> None:
    """Check red, green, blue and alpha; what is missing is transparent but in a film."""
    shape = call.data.shape
    rows, columns = shape[1:] if call.kind == "planar" else shape[:2]
    assert found.shape == (rows, columns, 4)
    pixels = found.reshape(-1, 4).tolist()
    if bins is None and door != "View":
        assert door == "Video" or not any(alpha for *_, alpha in pixels)
        return
    if bins is None:
        bins = call.ends()
    size = rows * columns
    channels = {
        "gray": [bins],
        "last": [bins[at::3] for at in range(3)],
        "planar": [bins[at * size : (at + 1) * size] for at in range(3)],
    }[call.kind]
    colors = table(call.colors.get("cmap"))
    for (*color, alpha), *allowed in zip(pixels, *channels, strict=True):
        if None in allowed:
            assert door == "Video" or alpha == 0
            continue
        assert alpha == 255
        if call.kind == "gray":
            assert tuple(color) in {colors[one] for one in allowed[0]}, (color, allowed)
        else:
            both = zip(color, allowed, strict=True)
            assert all(one in bins for one, bins in both), (color, allowed)


def run(examples: int, doors: Sequence[str] = tuple(DOORS), *, repeatable: bool = False) -> int:
    """Try so many calls, each at one of the doors; return how many."""
    tried = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=repeatable,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=True,
    )
    @given(calls(), st.sampled_from(list(doors)))
    def trial(call: Call, door: str) -> None:
        nonlocal tried
        tried += 1
        note(f"{door}: {call}")
        check(call, door)

    trial()
    return tried


CLAIM = (
    "Pixels are what the documentation says, in exact arithmetic, or a call is refused in a line"
)
EXAMPLES = {
    "rerange": 30_000,
    "encode": 25_000,
    "Picture": 20_000,
    "Grid": 10_000,
    "View": 10_000,
    "Video": 5_000,
}


def prove() -> str:
    """Try a hundred thousand calls; return how many at which door."""
    tried = {door: run(examples, [door]) for door, examples in EXAMPLES.items()}
    doors = ", ".join(f"`{door}` {count:,}" for door, count in tried.items())
    return f"{sum(tried.values()):,} random calls: {doors}"
