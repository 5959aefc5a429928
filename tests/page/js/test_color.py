"""The explorer's samples and colors in a real browser: each value, and each pixel as in Python."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from skimage import data

from nbimage import Picture, rerange
from nbimage.mapping.colormap import as_palette, gray_palette
from nbimage.mapping.value_sample import find_noise
from nbimage.view.model.samples import as_samples
from tests.page.js.node import Node

MODULES = tuple(f"view/values/{name}" for name in ("samples", "steps", "norms", "color", "format"))
RANDOM = np.random.default_rng(5)
SHAPE = 61, 83
NOISE = RANDOM.normal(size=SHAPE)
FLOATS = NOISE.astype(np.float32)
HOLES = FLOATS.copy()
HOLES.flat[::7] = np.nan
HOLES.flat[3::11] = np.inf
HOLES.flat[5::13] = -np.inf
WAVES = (np.sin(np.arange(83) / 9) + np.cos(np.arange(61) / 7)[:, None] + NOISE / 20).astype("f4")
STEPPED = {
    "waves": WAVES,
    "waves with holes": np.where(RANDOM.random(SHAPE) < 0.1, np.float32(np.nan), WAVES),
    "waves without ends": np.where(WAVES > 1.8, np.float32(-np.inf), WAVES),
    "waves among zeros": np.where(WAVES > 0, WAVES, np.float32(0)),
    "waves below 0": -9 - WAVES,
    "small waves": WAVES * np.float32(1e-30),
    "colors of waves": np.stack([WAVES, WAVES[::-1], np.abs(WAVES)], axis=-1),
    "whole numbers": RANDOM.poisson(40, SHAPE).astype(np.float32),
}
"""Floats that are stored as steps."""
DTYPES = "uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "uint64"
WHOLE = {
    name: RANDOM.integers(np.iinfo(name).min, np.iinfo(name).max, SHAPE, name, endpoint=True)
    for name in DTYPES
}
RGB = RANDOM.integers(0, 256, (*SHAPE, 3), np.uint8)
ARRAYS = {
    **WHOLE,
    "float32": FLOATS,
    "float64": NOISE,
    "huge": NOISE * 1e307,
    "holes": HOLES,
    "holes in doubles": HOLES / 3.0,
    "bytes of colors": RGB,
    "photograph": data.astronaut()[100:160, 200:281],
    "four channels": RANDOM.integers(0, 256, (*SHAPE, 4), np.uint8),
    "two channels": RANDOM.normal(size=(*SHAPE, 2)),
    "words of colors": RANDOM.integers(0, 65536, (*SHAPE, 3), np.uint16),
    "doubles of colors": RANDOM.normal(size=(*SHAPE, 3)),
    "five channels": RANDOM.integers(-(2**62), 2**62, (*SHAPE, 5)),
    "one sample": np.float32([[7]]),
    "one row": FLOATS[:1],
    "one column": FLOATS[:, :1],
    "masks": FLOATS > 0,
    **STEPPED,
}


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the modules' functions."""
    started = Node(*MODULES)
    yield started
    started.close()


def image_of(array: np.ndarray, mask: np.ndarray | None = None, **more: Any) -> dict[str, Any]:
    """What the page is told of a picture, its channels last."""
    samples = as_samples(array, mask, exact=True, page=True)
    kind = "gray" if samples.channels < 3 else "color"
    whole = array.dtype.kind in "iu"
    known = array if mask is None else array[~mask]
    return {
        "kind": kind,
        "rows": samples.rows,
        "columns": samples.columns,
        "channels": samples.channels,
        "planes": [samples.stored],
        "base": str(array.min()) if samples.dtype in ("int64", "uint64") else "0",
        "full": float(np.iinfo(array.dtype).max) if whole else 1.0,
        "colors": [],
        "noise": [find_noise(known[np.isfinite(known)].reshape(-1))],
    } | more


def painted(node: Node, image: dict[str, Any], look: dict[str, Any], cmap: Any) -> np.ndarray:
    """The pixels of all samples, RGBA."""
    palette = (gray_palette() if cmap is None else as_palette(cmap)).array
    told = np.concatenate((palette, np.full((256, 4 - palette.shape[1]), 255, np.uint8)), axis=1)
    text = node.evaluate(
        """async ([image, look, palette]) => {
          const plane = await new Embedded(image).plane(0);
          const patch = { left: 0, top: 0, width: image.columns, height: image.rows };
          return encode(paintPatch(plane, 0, patch, image, look, decodePalette(palette)).data);
        }""",
        [image, look, base64.b64encode(told.tobytes()).decode()],
    )
    pixels = np.frombuffer(base64.b64decode(text), np.uint8)
    return pixels.reshape(image["rows"], image["columns"], 4)


def look_of(picture: Picture, image: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A picture's limits as the page is told them."""
    assert picture.color_scale is not None
    limits = picture.color_scale.limits
    base = int(image["base"])
    low, high = ([float(x - base) for x in ends] for ends in (limits.vmin, limits.vmax))
    return {
        "vmin": [0] if limits.unchanged else low,
        "vmax": [256] if limits.unchanged else high,
        "norm": limits.norm.name,
        "parameter": limits.norm.parameter,
        "vsym": limits.vsym,
        "edges": [float(edge - base) for edge in limits.norm.edges or ()],
        "on": [True] * (3 if image["kind"] == "color" else 0),
        "invert": False,
    } | more


def as_painted(array: np.ndarray) -> np.ndarray:
    """A picture's pixels as RGBA, all 0 where nothing is seen."""
    if array.ndim == 2:
        array = array[:, :, None]
    if array.shape[2] < 3:
        array = np.concatenate([array[:, :, :1]] * 3 + [array[:, :, 1:]], axis=2)
    if array.shape[2] == 3:
        array = np.concatenate([array, np.full_like(array[:, :, :1], 255)], axis=2)
    return array


def assert_painted(node: Node, array: Any, **options: Any) -> None:
    """Check that the page paints each pixel as the picture has it."""
    picture = Picture(array, **options)
    mask = np.ma.getmaskarray(array) if isinstance(array, np.ma.MaskedArray) else None
    if mask is not None and mask.ndim == 3:
        mask = mask.any(axis=2)
    image = image_of(np.ma.getdata(array), mask)
    found = painted(node, image, look_of(picture, image), options.get("cmap"))
    expected = as_painted(picture.render())
    seen = expected[:, :, 3:] > 0
    np.testing.assert_array_equal(found * (found[:, :, 3:] > 0), expected * seen)


# ---------------------------------------------------------------------------------- samples


@pytest.mark.parametrize("code", ["base64", "base85"])
@pytest.mark.parametrize("name", ARRAYS)
def test_every_sample_of_every_dtype_is_what_it_was(name: str, code: str, node: Node) -> None:
    array = ARRAYS[name]
    image = image_of(array)
    samples = as_samples(array, exact=True, page=True)
    assert b"stEP" in samples.png[:41] or name not in STEPPED
    if code == "base64":
        text = base64.b64encode(samples.png).decode()
        image["planes"] = [{**image["planes"][0], "data": text, "encoding": code}]
    own, at = node.evaluate(
        """async image => {
          const plane = await new Embedded(image).plane(0);
          return [encode(plane.own), plane.at(image.rows - 1, image.columns >> 1).map(String)];
        }""",
        image,
    )
    found = np.frombuffer(base64.b64decode(own), samples.dtype).reshape(array.shape)
    np.testing.assert_array_equal(found, array)
    if array.dtype == found.dtype:
        assert found.tobytes() == np.ascontiguousarray(array).tobytes()
    expected = np.atleast_1d(found[-1, array.shape[1] // 2])
    assert [samples_type(text) for text in at] == expected.astype(object).tolist()


@pytest.mark.parametrize("channels", [(), (3,)])
def test_halves_that_are_decoded_side_by_side_are_one_plane(
    channels: tuple[int, ...], node: Node
) -> None:
    noise = RANDOM.normal(size=(1025, 1031, *channels)).cumsum(axis=0)
    array = noise.astype(np.float32)
    image = image_of(array)
    assert len(image["planes"][0]["data"]) == 2
    own = node.evaluate("async image => encode((await new Embedded(image).plane(0)).own)", image)
    assert base64.b64decode(own) == array.tobytes()


def samples_type(text: str) -> float:
    return float(text.replace("Infinity", "inf")) if set(text) & set(".eIN") else int(text)


def test_whole_numbers_beyond_2_to_53_have_their_base_taken_off_exactly(node: Node) -> None:
    for name in ("int64", "uint64"):
        info = np.iinfo(name)
        for low in (info.min, info.max - 2**40, 2**53 + 1):
            array = np.array([[low, low + 1, low + 2**33 + 7], [low + 2**40] * 3], name)
            image = image_of(array, base=str(low))
            found = node.evaluate(
                "async image => [...(await new Embedded(image).plane(0)).level(0).data]", image
            )
            assert found == [int(value) - int(low) for value in array.flat]


def halved(array: np.ndarray) -> np.ndarray:
    """Means of two by two, of those that there are and are not missing."""
    rows, columns = ((side + 1) // 2 for side in array.shape[:2])
    blocks = np.full((2 * rows, 2 * columns, *array.shape[2:]), np.nan)
    blocks[: array.shape[0], : array.shape[1]] = array
    parts = np.stack([blocks[i::2, j::2] for i in (0, 1) for j in (0, 1)])
    known = ~np.isnan(parts)
    with np.errstate(all="ignore"):
        shares = np.where(known, parts / known.sum(axis=0), 0).sum(axis=0)
    return np.where(known.any(axis=0), shares, np.nan)


@pytest.mark.parametrize("name", [n for n in ARRAYS if n not in ("int64", "uint64")])
def test_levels_are_the_means_of_two_by_two(name: str, node: Node) -> None:
    array = ARRAYS[name]
    if name == "five channels":
        array = array >> 12
    texts = node.evaluate(
        """async image => {
          const plane = await new Embedded(image).plane(0);
          return Array.from({ length: plane.most + 1 }, (_, level) => {
            const { rows, columns, data } = plane.level(level);
            return [rows, columns, encode(Float64Array.from(data))];
          });
        }""",
        image_of(array, base="0"),
    )
    expected = array.astype(np.float64)
    scale = np.abs(expected[np.isfinite(expected)]).max()
    for rows, columns, text in texts:
        found = np.frombuffer(base64.b64decode(text)).reshape(rows, columns, *array.shape[2:])
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * scale)
        expected = halved(expected)
    assert texts[-1][:2] == [1, 1]


def test_planes_are_decoded_once_and_the_latest_are_kept(node: Node) -> None:
    zeros = as_samples(np.zeros((8192, 8192), np.uint8))
    image = image_of(np.zeros((1, 1), np.uint8), rows=8192, columns=8192)
    image["planes"] = [zeros.stored] * 6
    same, before, held = node.evaluate(
        """async image => {
          const source = new Embedded(image);
          const before = source.peek(0);
          const [one, other] = await Promise.all([source.plane(0), source.plane(0)]);
          for (const index of [1, 2, 3, 0, 4, 5]) await source.plane(index);
          const held = [0, 1, 2, 3, 4, 5].map(index => !!source.peek(index));
          return [one === other && one === await source.plane(0), before, held];
        }""",
        image,
    )
    assert same
    assert before is None
    assert held == [True, False, False, True, True, True]


def test_a_plane_that_can_not_be_read_says_so_each_time_and_hurts_no_other(node: Node) -> None:
    image = image_of(FLOATS)
    image["planes"] = [{**image["planes"][0], "data": image["planes"][0]["data"][:99]}] + image[
        "planes"
    ]
    failed, rows = node.evaluate(
        """async image => {
          const source = new Embedded(image);
          let failed = 0;
          for (let i = 0; i < 2; i++) await source.plane(0).catch(() => failed++);
          return [failed, (await source.plane(1)).rows];
        }""",
        image,
    )
    assert (failed, rows) == (2, SHAPE[0])


# ---------------------------------------------------------------------------------- colors

NORMS: dict[str, Any] = {
    "linear": "linear",
    "log": "log",
    "square root": "sqrt",
    "gamma": 2.2,
    "asinh": "asinh",
    "narrow asinh": ("asinh", 1e-4),
    "symlog": "symlog",
    "wide symlog": ("symlog", 50.0),
}
LIMITS: dict[str, dict[str, Any]] = {
    "own": {},
    "narrow": {"vmin": 0.2, "vmax": 0.9},
    "inverted": {"vmin": 2.5, "vmax": 0.01},
    "equal": {"vmin": 0.5, "vmax": 0.5},
    "close": {"vmin": 1, "vmax": 1 + 2**-40},
    "far": {"vmin": 1e-30, "vmax": 1e30},
}


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("norm", NORMS)
def test_pixels_are_the_pictures_for_every_norm_and_limits(
    norm: str, limits: str, node: Node
) -> None:
    for array in (FLOATS, HOLES, NOISE, np.abs(HOLES)):
        if norm == "log" and limits == "own":
            array = np.exp(2 * array)
        assert_painted(node, array, norm=NORMS[norm], **LIMITS[limits], cmap="magma")


@pytest.mark.parametrize(
    ("name", "norm"),
    [(name, "linear") for name in WHOLE]
    + [(name, "linear") for name in ("masks", "photograph", "bytes of colors")]
    + [(name, norm) for name in DTYPES[:6] for norm in ("sqrt", "asinh", "symlog")],
)
def test_pixels_are_the_pictures_for_every_dtype(name: str, norm: str, node: Node) -> None:
    array = ARRAYS[name]
    assert_painted(node, array, norm=norm)
    if array.ndim == 2 and array.dtype.kind != "b":
        low, high = (int(x) for x in np.percentile(array.astype(np.float64), (3, 97)))
        assert_painted(node, array, norm=norm, vmin=low, vmax=high, cmap="viridis")
        assert_painted(node, array, norm=norm, vmin=high, vmax=low)


@pytest.mark.parametrize(
    ("array", "options"),
    [
        (FLOATS, {"vsym": True, "cmap": "RdBu"}),
        (np.zeros(SHAPE), {"vsym": True}),
        (np.full(SHAPE, 7.0), {}),
        (NOISE * 1e307, {}),
        (np.clip(NOISE, -1, 1) * 1.7e308, {"vmin": -1.7e308, "vmax": 1.7e308}),
        (NOISE * 1e-310, {}),
        (NOISE * 1e-320, {"vmin": -1e-320, "vmax": 1e-320}),
        (FLOATS, {"vmin": -1e300, "vmax": 2.0}),
        (np.ma.masked_less(WHOLE["uint16"], 9000), {"vmin": 0, "vmax": 60000}),
        (np.ma.masked_less(RGB, 40), {}),
        (RGB, {"vmin": [0, 50, 90], "vmax": [255, 200, 100]}),
        (ARRAYS["words of colors"], {}),
        (ARRAYS["doubles of colors"], {"vmin": -1, "vmax": 2}),
        (np.where(RGB < 9, np.nan, RGB), {"vmin": 0, "vmax": 255}),
        (ARRAYS["four channels"], {}),
        (ARRAYS["four channels"], {"vmin": 20, "vmax": 200}),
        (ARRAYS["four channels"], {"vmin": [0, 9, 99, 20], "vmax": [255, 99, 9, 200]}),
        (RGB[:, :, :2], {"vmin": 30, "vmax": 99, "channel_axis": -1}),
        (np.abs(ARRAYS["two channels"]) / 9, {"channel_axis": -1}),
        (FLOATS, {"cmap": ["#ff000000", "#00ff0080", "blue"]}),
        (np.array([[0] * 60 + [-(2**53) - 1]]), {"vsym": True, "contrast": "robust"}),
    ],
)
def test_pixels_are_the_pictures_in_odd_cases(
    array: np.ndarray, options: dict[str, Any], node: Node
) -> None:
    assert_painted(node, array, **options)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(6))
def test_values_beside_each_edge_fall_into_pythons_bins(
    seed: int, dtype: type[np.floating[Any]], node: Node
) -> None:
    random = np.random.default_rng(seed)
    low, high = random.normal(size=2) * 10.0 ** random.integers(-30, 30)
    edges = (low + (high - low) * np.arange(257) / 256).astype(dtype)
    near = [edges]
    for end in (-np.inf, np.inf):
        beside = edges
        for _ in range(3):
            beside = np.nextafter(beside, dtype(end))
            near.append(beside)
    array = np.stack(near)
    assert_painted(node, array, vmin=float(low), vmax=float(high))


@pytest.mark.parametrize("norm", ["log", "gamma", "asinh", "symlog"])
def test_the_quick_way_gives_the_bins_of_the_formula_at_and_beside_each_edge(
    norm: str, node: Node
) -> None:
    wrong = node.evaluate(
        """async norm => {
          const wrong = [];
          const palette = new Uint8Array(1024).map((_, i) => i % 4 === 3 ? 255 : i >> 2);
          const cases = [[0.01, 30], [30, 0.01], [3, 3.001], [1e-30, 1e25], [1e5, 1e5 + 1e-3]];
          if (norm !== "log") cases.push([-5, 2], [0, 900], [7, -0.1], [-1e4, -1e3]);
          for (const [vmin, vmax] of cases) for (const parameter of [null, 0.07, 3.3]) {
            const look = { vmin: [vmin], vmax: [vmax], norm, parameter, on: [] };
            const limits = channelLimits(look, 0);
            const unplace = makeInverseNorm(limits), bin = makeBinning(limits);
            const values = [0, -0, NaN, Infinity, -Infinity, vmin, vmax, -1e308, 1e308, 5e-324];
            for (let k = 0; k <= 256; k++) {
              for (const off of [0, 1e-15, 1e-12, 1e-9, 1e-7, 1e-6, 1e-5, 1e-3, 0.4])
                values.push(unplace((k + off) / 256), unplace((k - off) / 256));
            }
            for (const Type of [Float64Array, Float32Array]) {
              const shape = { rows: 1, columns: values.length, channels: 1 };
              const dtype = Type === Float64Array ? "float64" : "float32";
              const plane = Plane.of(shape, dtype, Type.from(values));
              const patch = { left: 0, top: 0, width: values.length, height: 1 };
              const image = { kind: "gray", channels: 1, colors: [] };
              const { data } = paintPatch(plane, 0, patch, image, look, palette);
              plane.own.forEach((x, i) => {
                const right = bin(x), found = data[4 * i + 3] ? data[4 * i] : 256;
                if (found !== right) wrong.push([vmin, vmax, parameter, x, right, found].join(" "));
              });
            }
          }
          return wrong;
        }""",
        norm,
    )
    assert wrong == []


def test_a_patch_is_a_part_of_the_whole_at_every_level(node: Node) -> None:
    image = image_of(data.astronaut()[:90, :77])
    look = {"vmin": [20], "vmax": [220], "norm": "linear", "parameter": None, "on": [True] * 3}
    same = node.evaluate(
        """async ([image, look]) => {
          const plane = await new Embedded(image).plane(0), same = [];
          for (let level = 0; level < 4; level++) {
            const { rows, columns } = plane.level(level), none = new Uint8Array(1024);
            const paint = (left, top, width, height) =>
              paintPatch(plane, level, { left, top, width, height }, image, look, none).data;
            const whole = paint(0, 0, columns, rows), part = paint(3, 5, columns - 4, rows - 7);
            same.push(part.every((value, i) => {
              const pixel = i >> 2, row = Math.floor(pixel / (columns - 4)) + 5;
              return value === whole[4 * (row * columns + pixel % (columns - 4) + 3) + i % 4];
            }));
          }
          return same;
        }""",
        [image, look],
    )
    assert same == [True] * 4


def test_a_channel_that_is_off_counts_as_0(node: Node) -> None:
    image = image_of(RGB)
    for off in range(3):
        on = [channel != off for channel in range(3)]
        look = look_of(Picture(RGB), image, on=on)
        found = painted(node, image, look, None)
        np.testing.assert_array_equal(found[:, :, :3], RGB * np.array(on))
        assert (found[:, :, 3] == 255).all()


def test_an_inverted_look_takes_the_palette_from_its_other_end(node: Node) -> None:
    image = image_of(FLOATS)
    picture = Picture(FLOATS, cmap="turbo")
    found = painted(node, image, look_of(picture, image, invert=True), "turbo")
    bins = rerange(FLOATS)
    np.testing.assert_array_equal(found[:, :, :3], as_palette("turbo").array[255 - bins][..., :3])


@pytest.mark.parametrize("count", [1, 2, 3, 5, 16])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_a_composite_adds_up_the_channels_colors_by_the_whole_number_rule(
    dtype: str, count: int, node: Node
) -> None:
    random = np.random.default_rng(count)
    array = (random.random((*SHAPE, count)) * 250).astype(dtype)
    if dtype == "float32":
        array[random.random(array.shape) < 0.3] = np.nan
    colors = random.integers(0, 256, (count, 3))
    on = random.random(count) < 0.8
    low, high = random.uniform(0, 60, count), random.uniform(120, 300, count)
    parts = [{"name": str(i), "color": color} for i, color in enumerate(colors.tolist())]
    image = image_of(array, kind="composite", colors=parts)
    for shown in (on, np.ones(count, bool), np.zeros(count, bool)):
        total = np.zeros((*SHAPE, 3), np.int64)
        seen = np.full(SHAPE, not shown.any())
        for channel in np.flatnonzero(shown):
            values = array[:, :, channel]
            with np.errstate(all="ignore"):
                bins = rerange(values, float(low[channel]), float(high[channel])).astype(np.int64)
            known = ~np.isnan(values)
            bins[~known] = 0
            total += (colors[channel] * bins[:, :, None] + 127) // 255
            seen |= known
        expected = np.dstack((np.minimum(total, 255), np.where(seen, 255, 0)))
        look = {"vmin": low.tolist(), "vmax": high.tolist(), "norm": "linear", "parameter": None}
        found = painted(node, image, {**look, "on": shown.tolist()}, None)
        np.testing.assert_array_equal(found, np.where(seen[..., None], expected, 0))


# ------------------------------------------------------------------------------------ texts


@pytest.mark.parametrize("norm", ["linear", "log", "gamma", "asinh", "symlog"])
def test_a_place_between_the_limits_leads_back_to_its_value(norm: str, node: Node) -> None:
    found = node.evaluate(
        """norm => [[1, 300], [300, 1], [2, 2.5]].map(([vmin, vmax]) => {
          const look = { vmin, vmax, norm, parameter: norm === "gamma" ? 0.4 : 2 };
          const places = Array.from({ length: 101 }, (_, i) => i / 100);
          const place = makeNorm(look), unplace = makeInverseNorm(look);
          return [places.map(t => place(unplace(t)) - t), unplace(0) - vmin, unplace(1) - vmax];
        })""",
        norm,
    )
    for errors, low, high in found:
        np.testing.assert_allclose([*errors, low, high], 0, atol=1e-11)


def test_values_are_written_in_no_more_digits_than_tell_them_apart(node: Node) -> None:
    random = np.random.default_rng(2)
    values = (random.normal(size=999) * 10.0 ** random.integers(-40, 38, 999)).astype(np.float32)
    texts = node.evaluate("xs => xs.map(x => formatValue(x, 'float32'))", values.tolist())
    assert (np.array([np.float32(text) for text in texts]) == values).all()
    digits = [len(np.format_float_scientific(x, unique=True).split("e")[0]) for x in values]
    written = [len(text.split("e")[0].strip("-0.").replace(".", "").rstrip("0")) for text in texts]
    assert all(a <= b for a, b in zip(written, digits, strict=True))
    told = node.evaluate(
        """() => [
          [2n ** 63n - 1n, "int64"], [-7, "int8"], [0.1, "float64"], [NaN, "float32"],
          [Infinity, "float64"], [-Infinity, "float32"],
        ].map(([value, dtype]) => formatValue(value, dtype))"""
    )
    assert told == [str(2**63 - 1), "-7", "0.1", "NaN", "inf", "-inf"]


def test_what_the_page_is_told_is_json_that_needs_no_escapes() -> None:
    text = json.dumps(image_of(RGB)["planes"])
    assert not set(text) & set("<>&'\\")


# ---------------------------------------------------------------------------------- levels


@pytest.mark.parametrize("levels", [1, 7, 40, "edges"])
@pytest.mark.parametrize("name", [*DTYPES, "float32", "float64", "huge", "holes", "masks"])
def test_levels_have_the_colors_that_python_gives_them(name: str, levels: Any, node: Node) -> None:
    array = ARRAYS[name]
    if levels == "edges":  # which are values, of which each begins a bin
        finite = array[np.isfinite(array)]
        levels = np.unique(finite)[:: max(1, finite.size // 9)]
    if np.size(levels) == 1 and not isinstance(levels, int):
        levels = [0, 1]
    assert_painted(node, array, levels=levels, cmap="viridis")


def test_falling_levels_have_the_colors_that_python_gives_them(node: Node) -> None:
    assert_painted(node, FLOATS, levels=[2.5, 1, 0.3, -2], cmap="viridis")
    assert_painted(node, FLOATS, vmin=2, vmax=-2, levels=8)


def test_levels_move_with_the_limits_on_the_page_as_in_python(node: Node) -> None:
    from nbimage.view.model.display_settings import display_norm

    display = {"norm": "levels", "parameter": None, "edges": [0.0, 1.0, 3.0, 10.0]}
    display |= {"vmin": [-7.0], "vmax": [3.5]}
    picture = Picture(FLOATS * 4, levels=display_norm(display).edges)
    image = image_of(FLOATS * 4)
    look = look_of(picture, image) | display
    np.testing.assert_array_equal(painted(node, image, look, None), as_painted(picture.render()))


def test_levels_are_copied_as_python_takes_them(node: Node) -> None:
    picture = Picture(FLOATS, levels=[-1, 0.5, 2])
    look = look_of(picture, image_of(FLOATS)) | {"cmap": "magma"}
    text = node.evaluate("look => formatDisplay(look, true, x => x)", look)
    assert text == 'levels=[-1, 0.5, 2], cmap="magma"'
