"""`data_uris` and `show_images`: every cell's picture, exactly, in the form the table came in."""

from __future__ import annotations

import base64
import io
import re
import sys
import warnings
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage import data as photographs
from sklearn.datasets import load_digits

from nbimage import Picture, data_uri, encode, rerange
from nbimage.codecs.png import encode_png
from nbimage.codecs.png_batch import encode_batch
from nbimage.mapping.area_mean import area_mean
from nbimage.tables.rerange_small import is_plain, map_small
from nbimage.tables.tables import data_uris, show_images
from tests.mapping.asking import as_pixels

Array = np.ndarray[Any, Any]
GRAY = 192  # of gaps, unless a fill is asked for
LINE = 15  # rows for labels
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></table><svg onload=alert(1)>",
    "a & b < c",
    "{{ 7 * 7 }} {% raw %}",
]


def digits(count: int = 12) -> list[Array]:
    return [image.copy() for image in load_digits().images[:count]]


def noise(*shape: int, seed: int = 5) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


def opened(uri: str) -> Image.Image:
    head, text = uri.split(",")
    assert re.fullmatch(r"data:image/(png|jpeg|webp|avif);base64", head)
    image = Image.open(io.BytesIO(base64.b64decode(text, validate=True)))
    image.load()
    return image


def pixels_of(uri: str, mode: str | None = None) -> Array:
    image = opened(uri)
    return np.asarray(image if mode is None else image.convert(mode))


def as_seen(uris: list[str | None]) -> list[Any]:
    """What pictures show, or None: their bytes may differ by the filter."""
    return [None if uri is None else pixels_of(uri).tolist() for uri in uris]


class Parsed(HTMLParser):
    """All elements of some HTML, and the text between them, as a browser would have it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


# ----------------------------------------------------------------- each picture by itself


@pytest.mark.parametrize("dtype", ["u1", "i2", "u4", "i8", "f4", "f8", "?"])
def test_each_array_is_what_data_uri_shows_of_it(dtype: str) -> None:
    images = [(20 * noise(9, 14, seed=i)).astype(dtype) for i in range(5)]
    for image, uri in zip(images, data_uris(images, shared=False), strict=True):
        np.testing.assert_array_equal(pixels_of(uri, "L"), pixels_of(data_uri(image), "L"))


@pytest.mark.parametrize(
    "options",
    [
        {"vmin": -1, "vmax": 2.5},
        {"vmin": 2, "vmax": -1},
        {"vmin": 0},
        {"vsym": True},
        {"contrast": "robust"},
        {"contrast": "minmax"},
        {"norm": "asinh"},
        {"norm": 0.5},
        {"cmap": "viridis"},
        {"compression": 9},
    ],
)
@pytest.mark.parametrize("dtype", ["u1", "i4", "f4"])
def test_options_mean_what_they_mean_to_data_uri(options: dict[str, Any], dtype: str) -> None:
    images = [np.abs(3 * noise(8, 7, seed=i)).astype(dtype) for i in range(4)]
    for image, uri in zip(images, data_uris(images, **options, shared=False), strict=True):
        np.testing.assert_array_equal(
            pixels_of(uri, "RGBA"), pixels_of(data_uri(image, **options), "RGBA")
        )


@pytest.mark.parametrize("format_", ["png", "jpeg", "webp"])
def test_every_format_and_its_quality_pass_through(format_: str) -> None:
    photo = photographs.astronaut()[::8, ::8]
    options = {} if format_ == "png" else {"quality": 60}
    (uri,) = data_uris([photo], format=format_, **options)
    assert uri == data_uri(photo, format_, **options)


def test_pictures_of_all_kinds_stand_in_one_list() -> None:
    gray, colors = digits(1)[0], photographs.coffee()[::20, ::20]
    missing = gray.copy()
    missing[2, 3] = np.nan
    images = [
        gray,
        colors,
        np.moveaxis(colors, -1, 0)[:, :, :],
        missing,
        np.ma.masked_greater(gray, 12),
        gray > 8,
        gray.astype("f2"),
        gray.astype(">f8"),
        gray.astype("g"),
        gray.tolist(),
        Image.fromarray(colors),
        Picture(gray, cmap="magma"),
        gray[::2, ::-1],
    ]
    made = data_uris(images, shared=False)
    for image, uri in zip(images, made, strict=True):
        same = image.data_uri if isinstance(image, Picture) else data_uri(image)
        np.testing.assert_array_equal(pixels_of(uri, "RGBA"), pixels_of(same, "RGBA"))


@given(
    st.sampled_from(["u1", "i1", "u2", "i4", "u8", "f4", "f8"]),
    st.integers(1, 7),
    st.integers(1, 7),
    st.integers(-70, 70),
    st.none() | st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)),
    st.integers(0, 2**32),
)
def test_the_short_way_gives_the_pixels_of_the_long_one(
    dtype: str,
    height: int,
    width: int,
    power: int,
    limits: tuple[float, float] | None,
    seed: int,
) -> None:
    values = np.random.default_rng(seed).normal(size=(height, width)) * 2.0**power
    with np.errstate(all="ignore"):
        array = values.astype(dtype)
    out = np.empty(array.shape, np.uint8)
    assert is_plain(array)
    if map_small([array], limits, out[None]) == [True]:
        low, high = limits or (None, None)
        np.testing.assert_array_equal(out, as_pixels(array, low, high, contrast="minmax").array)


@pytest.mark.parametrize(
    "hard",
    [
        np.full((3, 4), 7.0),
        np.array([[1.0, np.nan]]),
        np.array([[1.0, np.inf]]),
        np.array([[-1e300, 1e300]]),
        np.array([[5e-324, 0]]),
        np.array([[2**62, 2**62 + 5]]),
    ],
)
def test_what_is_not_plain_takes_the_long_way_and_is_right(hard: Array) -> None:
    assert map_small([hard], None, np.empty((1, *hard.shape), np.uint8)) == [False]
    batch = [noise(*hard.shape), hard, noise(*hard.shape, seed=1)]
    for image, uri in zip(batch, data_uris(batch, shared=False), strict=True):
        np.testing.assert_array_equal(pixels_of(uri, "RGBA"), pixels_of(data_uri(image), "RGBA"))


def test_hundreds_of_shapes_and_sizes_keep_their_order() -> None:
    random = np.random.default_rng(8)
    images = [random.integers(0, 99, (random.integers(1, 4), 5)) for _ in range(300)]
    for image, uri in zip(images, data_uris(images, shared=False), strict=True):
        np.testing.assert_array_equal(pixels_of(uri), rerange(image))


@given(st.integers(1, 5), st.integers(1, 12), st.integers(1, 12), st.integers(0, 9), st.booleans())
def test_many_pngs_at_once_are_the_same_pictures(
    count: int, height: int, width: int, compression: int, smooth: bool
) -> None:
    stack = np.zeros((count, height + 1, width), np.uint8)
    stack[:, 1:] = np.random.default_rng(height).integers(0, 256, (count, height, width))
    if smooth:
        stack[:, 1:] = np.sort(stack[:, 1:], axis=2)
    for picture, png in zip(stack[:, 1:], encode_batch(stack, compression), strict=True):
        for data in (png, encode_png(picture)):
            image = Image.open(io.BytesIO(data))
            assert image.mode == "L"
            np.testing.assert_array_equal(np.asarray(image), picture)


def test_more_effort_makes_many_pngs_smaller() -> None:
    stack = np.zeros((20, 49, 48), np.uint8)
    y, x = np.mgrid[:48, :48]
    stack[:, 1:] = [np.sin((x + n) / 9) * np.cos(y / 7) * 100 + 120 for n in range(20)]
    sizes = [sum(map(len, encode_batch(stack, compression))) for compression in range(10)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[9] < 0.9 * sizes[1]


# ------------------------------------------------------------------- what came, what comes back


def test_a_list_an_iterator_and_a_stack_give_a_list() -> None:
    images = digits()
    expected = data_uris(images)
    assert isinstance(expected, list)
    assert data_uris(np.stack(images)) == expected
    assert data_uris(iter(images)) == expected
    objects = np.empty(len(images), object)
    objects[:] = images
    assert data_uris(objects) == expected
    assert data_uris([]) == []
    for uri, same in zip(data_uris(np.ma.stack(images)), expected, strict=True):
        np.testing.assert_array_equal(pixels_of(uri), pixels_of(same))


def test_a_stack_in_colors_gives_one_uri_each() -> None:
    stack = np.stack([photographs.coffee()[::20, ::20]] * 3)
    assert data_uris(stack) == data_uris(list(stack))


def test_a_dict_keeps_its_keys() -> None:
    images = dict(zip(["b", 7, None], digits(3), strict=True))
    made = data_uris(images)
    assert list(made) == ["b", 7, None]
    assert list(made.values()) == data_uris(list(images.values()))


@pytest.mark.parametrize(
    "index",
    [
        [5, 3, 5],
        pd.date_range("2026-11-21", periods=3, tz="UTC"),
        pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["x", None]),
        pd.Index(["a", None, "a"], name="who"),
    ],
)
def test_a_series_keeps_its_index_and_name(index: Any) -> None:
    series = pd.Series(digits(3), index=index, name="digit")
    made = data_uris(series)
    assert made.name == "digit"
    assert made.index is series.index
    assert list(made) == data_uris(digits(3))
    frame = pd.DataFrame({"one": digits(3), "two": digits(3)}, index=index)
    joined = data_uris(frame)
    assert joined.index is frame.index
    assert list(joined) == data_uris(list(zip(digits(3), digits(3), strict=True)))


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA, pd.NaT, np.float64("nan")])
def test_a_row_with_nothing_has_no_uri(nothing: Any) -> None:
    first, last = digits(2)
    expected = as_seen([data_uri(first), None, data_uri(last)])
    assert as_seen(data_uris([first, nothing, last], shared=False)) == expected
    series = pd.Series([first, nothing, last], dtype=object)
    assert as_seen(list(data_uris(series, shared=False))) == expected
    assert data_uris([(first, last), nothing, (nothing, nothing)], shared=False)[1:] == [None, None]


def test_nothing_at_all_gives_nothing() -> None:
    assert data_uris([None, None], titles=["a"]) == [None, None]
    assert list(data_uris(pd.DataFrame({"a": [None], "b": [np.nan]}), shared=True)) == [None]


def test_the_callers_table_stays_as_it_is() -> None:
    frame = pd.DataFrame({"a": digits(4), "b": ["<b>", 1, None, 2.5]})
    before = frame.copy(deep=True)
    arrays = list(frame["a"])
    show_images(frame).to_html()
    data_uris(frame["a"], size=4, titles=["x"])
    pd.testing.assert_frame_equal(frame, before)
    assert all(a is b for a, b in zip(frame["a"], arrays, strict=True))


# -------------------------------------------------------------------------------- one range


def test_a_shared_range_is_the_minimum_and_maximum_of_all() -> None:
    images = [k * digits(1)[0] - 5 for k in range(1, 5)]
    for image, uri in zip(images, data_uris(images, shared=True), strict=True):
        np.testing.assert_array_equal(pixels_of(uri), rerange(image, -5, 4 * 15 - 5))


def test_a_shared_range_is_that_of_a_column() -> None:
    frame = pd.DataFrame({"a": [noise(6, 7, seed=i) for i in range(3)]})
    frame["b"] = [1000 * image[:, :4] for image in frame["a"]]
    for i, uri in enumerate(data_uris(frame, shared=True)):
        whole = pixels_of(uri)
        for name, columns in (("a", slice(0, 7)), ("b", slice(17, 21))):
            every = np.concatenate([image.ravel() for image in frame[name]])
            np.testing.assert_array_equal(
                whole[:, columns], rerange(frame[name][i], every.min(), every.max())
            )


@pytest.mark.parametrize(
    "options", [{"vsym": True}, {"vmin": -3}, {"norm": "symlog"}, {"contrast": "infer"}]
)
def test_a_shared_range_goes_with_other_options(options: dict[str, Any]) -> None:
    images = [k * noise(6, 7, seed=k) for k in range(1, 5)]
    joined = np.concatenate(images)
    expected = np.split(rerange(joined, **options), 4)
    for pixels, uri in zip(expected, data_uris(images, shared=True, **options), strict=True):
        np.testing.assert_array_equal(pixels_of(uri), pixels)


def test_what_is_missing_does_not_count_for_a_shared_range() -> None:
    images = [np.ma.masked_equal([[1.0, 99, 3]], 99), np.array([[np.nan, 2, np.inf]]), None]
    first, second, third = data_uris(images, shared=True)
    assert pixels_of(first, "LA")[0, :, 0].tolist()[::2] == [0, 255]
    assert pixels_of(first, "LA")[0, :, 1].tolist() == [255, 0, 255]
    assert pixels_of(second, "LA")[0, 1:].tolist() == [[128, 255], [255, 255]]
    assert third is None


def test_bytes_share_their_full_scale_as_they_are() -> None:
    images = [np.full((2, 3), 7, np.uint8), np.full((2, 3), 9, np.uint8)]
    for image, uri in zip(images, data_uris(images, shared=True), strict=True):
        np.testing.assert_array_equal(pixels_of(uri), image)


# ------------------------------------------------------------------------------ side by side


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=2, max_size=4),
    st.integers(0, 12),
    st.booleans(),
    st.sampled_from([None, "black", "#f00", "#0f08"]),
    st.sampled_from([None, "viridis"]),
    st.booleans(),
)
def test_joined_arrays_are_at_their_places_and_all_else_is_gap(
    shapes: list[tuple[int, int]],
    gap: int,
    labelled: bool,
    fill: str | None,
    cmap: str | None,
    holes: bool,
) -> None:
    row = tuple(noise(*shape, seed=i) for i, shape in enumerate(shapes))
    if holes and row[0].size > 2:
        row[0].flat[1] = np.nan
    labels = [f"im{i}" for i in range(len(row))] if labelled else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a single NaN is blank
        (uri,) = data_uris([row], gap=gap, titles=labels, fill=fill, cmap=cmap)
        alone = [pixels_of(data_uri(array, cmap=cmap), "RGBA") for array in row]
    whole = pixels_of(uri, "RGBA").copy()
    top = LINE if labelled else 0
    height = top + max(shape[0] for shape in shapes)
    assert whole.shape == (height, sum(w for _, w in shapes) + gap * (len(row) - 1), 4)
    ground = {
        None: (GRAY,) * 3 + (255,),
        "black": (0, 0, 0, 255),
        "#f00": (255, 0, 0, 255),
        "#0f08": (0, 255, 0, 136),
    }[fill]
    left = 0
    for (high, wide), array in zip(shapes, alone, strict=True):
        place = whole[top : top + high, left : left + wide]
        clear = array[..., 3] == 0
        np.testing.assert_array_equal(place[~clear], array[~clear])
        assert (place[clear, 3] == 0).all()
        place[...] = ground
        left += wide + gap
    assert (whole[top:] == ground).all()


def test_rows_of_one_shape_are_joined_exactly_at_once() -> None:
    """As the documented case has it: 96×96 arrays, a gap of ten."""
    frame = pd.DataFrame({name: [noise(96, 96, seed=i) for i in range(40)] for name in "ab"})
    frame["b"] = frame["b"].map(lambda image: image**2)
    for (_, row), uri in zip(
        frame.iterrows(), data_uris(frame, titles=True, shared=False), strict=True
    ):
        whole = pixels_of(uri)
        assert whole.shape == (96 + LINE, 202)
        np.testing.assert_array_equal(whole[LINE:, :96], rerange(row["a"]))
        np.testing.assert_array_equal(whole[LINE:, 106:], rerange(row["b"]))
        assert (whole[LINE:, 96:106] == GRAY).all()


def test_gray_stays_gray_and_a_palette_a_palette_when_joined() -> None:
    row = (digits(1)[0], digits(2)[1])
    assert opened(data_uris([row])[0]).mode == "L"
    assert opened(data_uris([row], cmap="viridis")[0]).mode == "P"
    assert opened(data_uris([row], fill="tomato")[0]).mode == "P"


def test_gray_and_colors_are_joined_in_colors() -> None:
    gray, photo = digits(1)[0], photographs.coffee()[::50, ::50]
    whole = pixels_of(data_uris([(gray, photo)], gap=1)[0])
    assert whole.shape[2] == 3
    np.testing.assert_array_equal(whole[:8, :8], np.repeat(rerange(gray)[..., None], 3, 2))
    np.testing.assert_array_equal(whole[: photo.shape[0], 9:], photo)


def test_one_missing_of_a_row_leaves_its_place_empty() -> None:
    one, two = digits(1)[0], noise(8, 5)
    full, half = data_uris([(one, two), (one, None)], fill="white")
    assert opened(half).size == opened(full).size
    np.testing.assert_array_equal(pixels_of(half, "L")[:, :18], pixels_of(full, "L")[:, :18])
    assert (pixels_of(half, "L")[:, 18:] == 255).all()


def letters(uri: str, width: int) -> Array:
    """Where the label of the first picture is."""
    return pixels_of(uri, "L")[:LINE, :width] != GRAY


def test_a_label_is_written_above_its_picture() -> None:
    row = (noise(10, 60), noise(10, 60))
    blank, one, two, both = (
        data_uris([row], titles=labels)[0]
        for labels in (["", " "], ["spots", ""], ["", "spots"], ["spots", "spots"])
    )
    assert not letters(blank, 130).any()
    assert letters(one, 60).any()
    assert not letters(one, 130)[:, 60:].any()
    np.testing.assert_array_equal(letters(two, 130)[:, 70:], letters(one, 60))
    np.testing.assert_array_equal(letters(both, 130), letters(one, 130) | letters(two, 130))


def test_different_labels_look_different_and_long_ones_are_cut() -> None:
    row = (noise(10, 60),)
    made = {text: data_uris([row], titles=[text])[0] for text in ("im1", "im2", "im" * 40, "é")}
    assert len({letters(uri, 60).tobytes() for uri in made.values()}) == len(made)
    assert {opened(uri).size for uri in made.values()} == {(60, 10 + LINE)}
    assert letters(made["im" * 40], 60)[:, 40:].any()
    plain = letters(data_uris([row], titles=["e"])[0], 60)
    accent = letters(made["é"], 60)
    assert accent.sum() > plain.sum()
    assert accent.any(1).argmax() < plain.any(1).argmax()


def test_labels_read_on_dark_and_light_fills() -> None:
    for fill, ink in (("black", 255), ("white", 0)):
        (uri,) = data_uris([(noise(9, 50),)], titles=["label"], fill=fill)
        assert set(np.unique(pixels_of(uri, "L")[:LINE])) == {0, 255}
        assert (pixels_of(uri, "L")[:LINE] == ink).mean() < 0.3


def test_true_stands_for_the_names_of_columns() -> None:
    frame = pd.DataFrame({"spots": [noise(9, 60)], 7: [noise(9, 60)]})
    assert list(data_uris(frame, titles=True)) == list(data_uris(frame, titles=["spots", "7"]))
    series = frame["spots"]
    assert list(data_uris(series, titles=True)) == list(data_uris(series, titles=["spots"]))


# -------------------------------------------------------------------------------- thumbnails


@pytest.mark.parametrize(("size", "factor"), [(512, 1), (511, 2), (256, 2), (100, 6), (1, 512)])
def test_thumbnails_are_area_means_of_the_pixels(size: int, factor: int) -> None:
    for photo in (photographs.camera(), photographs.astronaut()):
        uri = data_uris([photo], size=size)[0]
        np.testing.assert_array_equal(pixels_of(uri), area_mean(photo, factor))
        assert max(opened(uri).size) <= size


def test_thumbnails_of_a_row_are_reduced_one_by_one() -> None:
    photo, small = photographs.camera(), digits(1)[0]
    whole = pixels_of(data_uris([(photo, small)], size=64, gap=3)[0])
    np.testing.assert_array_equal(whole[:, :64], area_mean(photo, 8))
    np.testing.assert_array_equal(whole[:8, 67:], rerange(small))


# ------------------------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("images", "options", "error", "message"),
    [
        ([np.eye(3)] * 17 + ["x"], {}, TypeError, r"^images\[17\]: data must .*str 'x'"),
        ([np.eye(3), np.zeros(4)], {}, ValueError, r"^images\[1\]: data must have at least 2"),
        ([np.eye(3), np.eye(3) * 1j], {}, TypeError, r"^images\[1\]: data must be real"),
        ({"a": np.eye(3), "b": 5}, {}, TypeError, r"^images\['b'\]: data must"),
        (pd.Series([np.eye(3), 5], index=["u", "v"]), {}, TypeError, r"^images\[1\]: data must"),
        (pd.DataFrame({"a": [np.eye(3)], "b": ["t"]}), {}, TypeError, r"^images\[0\]\['b'\]: "),
        ([(np.eye(3), np.eye(3)), (np.eye(3), [])], {}, ValueError, r"^images\[1\]\[1\]: "),
        ([(np.eye(3), np.eye(3)), (np.eye(3),)], {}, ValueError, r"^images\[1\]: .*tuple of 2"),
        ([(np.eye(3), np.eye(3)), np.eye(3)], {}, ValueError, r"^images\[1\]: .*got ndarray"),
        ([np.eye(3), "x"], {"shared": True}, TypeError, r"^images\[1\]: data must"),
        ([np.eye(3), "x"], {"cmap": "gray"}, TypeError, r"^images\[1\]: data must"),
        ([np.zeros((9, 8, 7))], {}, ValueError, r"^images\[0\]: channels must"),
        (np.eye(3), {}, ValueError, r"at least 3 axes .*\(3, 3\): data_uri"),
        (Picture(np.eye(3)), {}, TypeError, r"several arrays, but got Picture"),
        ("photo.png", {}, TypeError, r"several arrays, but got str 'photo.png'"),
        (5, {}, TypeError, r"a list, dict, stack, series or table .*int"),
        (pd.DataFrame(index=[1]), {}, ValueError, r"at least one column"),
        ([np.eye(3)], {"size": 0}, ValueError, r"size must be .* but got 0"),
        ([np.eye(3)], {"size": 9.5}, ValueError, r"size must be .* but got 9\.5"),
        ([np.eye(3)], {"gap": -1}, ValueError, r"gap must be .* but got -1"),
        ([np.eye(3)], {"gap": 1.5}, ValueError, r"gap must be .* but got 1\.5"),
        ([np.eye(3)], {"shared": "row"}, TypeError, r"shared must be .* but got 'row'"),
        ([np.eye(3)], {"fill": "no color"}, ValueError, r"fill must be .*'no color'"),
        ([np.eye(3)], {"titles": "ab"}, TypeError, r"titles must be .* but got 'ab'"),
        ([np.eye(3)], {"titles": ["a", "b"]}, ValueError, r"titles must be 1, .* got 2"),
        ([np.eye(3)], {"titles": True}, ValueError, r"titles must be a list"),
        ([np.eye(3)], {"format": "gif"}, ValueError, r"format must be one of .*'gif'"),
        ([np.eye(3)], {"quality": 5}, ValueError, r"quality must be left out"),
        ([], {"compression": 12}, ValueError, r"compression must be .* 12"),
        ([np.eye(3)], {"norm": "cube"}, ValueError, r"norm must be"),
        ([np.eye(3)], {"vmin": "a"}, TypeError, r"^vmin must be"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_in_one_line_with_its_place(
    images: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        data_uris(images, **options)
    assert "\n" not in str(caught.value)


def test_a_warning_is_given_once_with_its_places() -> None:
    blank = np.full((3, 4), np.nan)
    with pytest.warns(UserWarning) as caught:
        data_uris([np.eye(3), blank, blank, blank], shared=False)
    assert len(caught) == 1
    assert str(caught[0].message).startswith("images[1] and 2 more: no finite value")
    assert caught[0].filename == __file__


# ---------------------------------------------------------------------------- tables to look at


def table(count: int = 4) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "digit": digits(count),
            "photo": [photographs.coffee()[::k, ::k] for k in range(4, 4 + count)],
            "target": load_digits().target[:count],
            "score": np.linspace(0, 1, count),
        }
    )


def test_columns_of_arrays_become_pictures_and_others_stay() -> None:
    frame = table()
    parsed = Parsed(show_images(frame, shared=False).to_html())
    assert len(parsed.images) == 8
    text = " ".join(" ".join(parsed.texts).split())
    assert "digit photo target score" in text
    assert "0.333333" in text
    for i in range(4):
        digit, photo = parsed.images[2 * i : 2 * i + 2]
        np.testing.assert_array_equal(
            pixels_of(digit["src"] or "", "L"), rerange(frame["digit"][i])
        )
        shown = area_mean(frame["photo"][i], -(-max(frame["photo"][i].shape) // 96))
        np.testing.assert_array_equal(pixels_of(photo["src"] or ""), shown)


def test_a_small_picture_is_enlarged_by_a_whole_factor_with_hard_edges() -> None:
    digit, photo = Parsed(show_images(table(1)).to_html()).images
    assert (digit["width"], digit["height"]) == ("96", "96")
    assert "image-rendering:pixelated" in (digit["style"] or "")
    assert (photo["width"], photo["height"]) == ("75", "50")
    assert "pixelated" not in (photo["style"] or "")


def test_alt_text_says_what_the_picture_is_of() -> None:
    digit, photo = Parsed(show_images(table(1)).to_html()).images
    assert digit["alt"] == digit["title"] == Picture(digits(1)[0]).description
    assert photo["alt"] == Picture(photographs.coffee()[::4, ::4]).description


@pytest.mark.parametrize("kind", ["array", "pillow", "picture"])
def test_a_column_of_pictures_is_found_behind_empty_rows(kind: str) -> None:
    make: Any = {"array": np.asarray, "pillow": Image.fromarray, "picture": Picture}[kind]
    cells = [None, np.nan, make(digits(1)[0].astype(np.uint8))]
    frame = pd.DataFrame({"text": list("abc"), "image": cells, "lists": [[1], [2], [3]]})
    frame["curve"] = [np.arange(3)] * 3
    parsed = Parsed(show_images(frame).to_html())
    assert len(parsed.images) == 1
    assert "[0 1 2]" in parsed.texts


def test_only_the_columns_that_were_named_are_pictures() -> None:
    assert len(Parsed(show_images(table(), "digit").to_html()).images) == 4
    assert len(Parsed(show_images(table(), ["digit", "photo"]).to_html()).images) == 8


@pytest.mark.parametrize(
    "index",
    [
        ["a", "a", "b"],
        pd.date_range("2026-11-21", periods=3),
        pd.MultiIndex.from_product([["u"], range(3)], names=["one", "two"]),
    ],
)
def test_a_table_has_its_own_index(index: Any) -> None:
    frame = pd.DataFrame({"a": digits(3), "b": [1, 2, 3]}, index=index)
    styler = show_images(frame)
    assert list(styler.index) == list(frame.index)
    assert len(Parsed(styler.to_html()).images) == 3


def test_columns_of_one_name_and_of_two_levels_are_told_apart_by_their_place() -> None:
    twice = pd.DataFrame([[digits(1)[0], "x"]], columns=["a", "a"])
    parsed = Parsed(show_images(twice).to_html())
    assert len(parsed.images) == 1
    assert "x" in parsed.texts
    levels = pd.DataFrame({("a", "image"): digits(2), ("a", "name"): ["x", "y"]})
    assert len(Parsed(show_images(levels).to_html()).images) == 2
    assert len(Parsed(show_images(levels, ("a", "image")).to_html()).images) == 2


def test_values_of_a_column_may_share_a_range() -> None:
    frame = pd.DataFrame({"a": [np.eye(3), 5 * np.eye(3)]})
    first, second = Parsed(show_images(frame, shared=True).to_html()).images
    assert pixels_of(first["src"] or "").max() == 51
    assert pixels_of(second["src"] or "").max() == 255


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_of_any_cell_label_or_name_is_escaped(payload: str) -> None:
    frame = pd.DataFrame(
        {payload: digits(2), "text": [payload, [payload]], "other": [{payload: 1}, Named(payload)]},
        index=pd.Index([payload, "b"], name=payload),
    )
    frame.columns.name = payload
    plain = frame.rename(columns={payload: "p"})
    for html in (show_images(frame).to_html(), show_images(plain, "p").to_html()):
        parsed = Parsed(html)
        assert set(parsed.tags) <= {"style", "table", "thead", "tbody", "tr", "th", "td", "img"}
        assert len(parsed.images) == 2
        assert payload in parsed.texts


class Named:
    """Something whose text is whatever somebody wrote."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


@pytest.mark.parametrize(
    ("frame", "columns", "error", "message"),
    [
        (table(1), "digits", ValueError, r"columns must .*'digits': did you mean 'digit'\?"),
        (table(1), ["photo", "z"], ValueError, r"'z': there are 'digit', 'photo', 'target'"),
        (pd.DataFrame({"a": [1], "b": ["x"]}), None, ValueError, r"column of pictures.*'a', 'b'"),
        (table(1), "score", TypeError, r"^frame\[0\]\['score'\]: data must be"),
        ([np.eye(3)], None, TypeError, r"pandas or polars DataFrame, but got list"),
    ],
)  # fmt: skip
def test_a_table_that_can_not_be_shown_says_why(
    frame: Any, columns: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        show_images(frame, columns)
    assert "\n" not in str(caught.value)


def test_without_jinja2_the_pip_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"pip install jinja2"):
        show_images(table(1))


# -------------------------------------------------------------------------- as others use them


def test_pandas_own_html_holds_the_pictures() -> None:
    frame = table()
    frame["digit"] = data_uris(frame["digit"], shared=False)
    html = frame[["digit", "target"]].to_html(
        escape=False, formatters={"digit": '<img src="{}">'.format}
    )
    found = [pixels_of(image["src"] or "", "L") for image in Parsed(html).images]
    np.testing.assert_array_equal(found, [rerange(image) for image in digits(4)])


def test_a_single_uri_is_that_of_encode() -> None:
    photo = photographs.camera()[::4, ::4]
    assert base64.b64decode(data_uris({"a": photo}, cmap="magma")["a"].split(",")[1]) == encode(
        photo, cmap="magma"
    )
