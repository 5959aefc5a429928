"""`Picture`: a snapshot of an array, as large on the page as was asked for, and said in words."""

from __future__ import annotations

import base64
import io
import pickle
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from nbimage import Grid, Picture, encode, nbimage, rerange

Array = np.ndarray
GRAY = np.random.default_rng(8).integers(0, 256, (30, 48), dtype=np.uint8)


def stored(picture: Picture) -> Image.Image:
    """The picture that the page holds."""
    return Image.open(io.BytesIO(base64.b64decode(picture.data_uri.partition(",")[2])))


def alt_of(picture: Picture) -> str:
    (found,) = re.findall(r'<img [^>]*alt="([^"]*)"', picture.html)
    return unescape(found)


def tooltip_of(picture: Picture) -> str:
    (found,) = re.findall(r'<img [^>]*title="([^"]*)"', picture.html)
    return unescape(found)


def texts_of(picture: Picture) -> list[str]:
    """The texts above and below the picture."""
    html = re.sub(r"<script>.*?</script>", "", picture.html, flags=re.DOTALL)
    return [unescape(text) for text in re.findall(r">([^<]+)<", html)]


# ---------------------------------------------------------------------------------- the size


@given(st.integers(1, 400), st.integers(1, 400))
def test_a_small_picture_is_enlarged_by_the_largest_whole_factor_within_320(
    rows: int, columns: int
) -> None:
    assume(max(rows, columns) <= 20 * min(rows, columns))
    picture = Picture(np.zeros((rows, columns), np.uint8))
    times, longest = picture.width / columns, max(rows, columns)
    assert times == int(times)
    assert picture.height == rows * times
    assert longest * times <= 320 < longest * (times + 1) if longest < 200 else times == 1
    assert Picture(np.zeros((rows, columns), np.uint8), zoom=1).width == columns


def test_channels_are_no_side_of_a_picture() -> None:
    assert Picture(np.zeros((3, 9, 20))).width == Picture(np.zeros((9, 20, 3))).width == 320


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((1, 256), (320, 64)),
        ((256, 1), (64, 320)),
        ((4, 1000), (1000, 200)),
        ((10_000, 4), (200, 1000)),
    ],
)
def test_what_would_be_a_line_is_drawn_wider_and_says_so(
    shape: tuple[int, int], size: tuple[int, int]
) -> None:
    pixels = np.zeros(shape, np.uint8)
    picture = Picture(pixels)
    assert (picture.width, picture.height) == size
    assert any('aspect="equal"' in note for note in picture.figure.notes)
    for options in ({"aspect": "equal"}, {"zoom": 1}):
        plain = Picture(pixels, **options)
        assert plain.height / plain.width == pytest.approx(shape[0] / shape[1])
        assert plain.figure.notes == ()


@given(st.floats(0.01, 1000))
def test_zoom_multiplies_the_width(zoom: float) -> None:
    assert Picture(GRAY, zoom=zoom).width == pytest.approx(48 * zoom)


@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.none() | st.floats(0.5, 5000),
    st.none() | st.floats(0.5, 5000),
)
def test_a_picture_fits_into_the_width_and_height_and_touches_one_of_them(
    rows: int, columns: int, width: float | None, height: float | None
) -> None:
    picture = Picture(np.zeros((rows, columns), np.uint8), width=width, height=height)
    shown = picture.width, picture.width * rows / columns
    limits = [
        limit / side
        for limit, side in zip((width, height), shown, strict=True)
        if limit is not None
    ]
    if limits:
        assert min(limits) == pytest.approx(1)


def test_the_size_on_the_page_changes_no_pixel() -> None:
    plain = Picture(GRAY)
    for options in ({"width": 7}, {"height": 900}, {"zoom": 0.5}, {"width": 500, "height": 10}):
        picture = Picture(GRAY, **options)
        assert picture.data_uri == plain.data_uri
        assert picture.png == plain.png


# ------------------------------------------------------------------------------- max_pixels


@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 5000))
def test_a_large_picture_is_reduced_by_the_least_whole_factor_that_will_do(
    rows: int, columns: int, most: int
) -> None:
    picture = Picture(np.zeros((rows, columns), np.uint8), max_pixels=most)
    size = stored(picture).size
    factor = next(n for n in range(1, 100) if -(-rows // n) * -(-columns // n) <= most)
    assert size == (-(-columns // factor), -(-rows // factor))
    assert picture.pixels.shape == (rows, columns)


def test_reduced_pixels_are_means_of_squares() -> None:
    picture = Picture(GRAY, max_pixels=GRAY.size / 4)
    means = GRAY.reshape(15, 2, 24, 2).mean(axis=(1, 3))
    assert np.abs(np.asarray(stored(picture)) - means).max() <= 0.5


def test_means_of_means_weigh_colors_by_their_alpha() -> None:
    """What nobody sees, since it is transparent, tints nothing."""
    values = np.full((8, 8), 100.0)
    values[::2, ::2] = np.nan
    picture = Picture(values, 0, 200, max_pixels=16)
    got = np.asarray(stored(picture).convert("LA"))
    assert (got[:, :, 0] == 128).all()
    assert (np.abs(got[:, :, 1].astype(int) - 191) <= 1).all()


def test_a_reduced_picture_says_so_and_a_whole_one_does_not() -> None:
    assert texts_of(Picture(GRAY)) == []
    (note,) = texts_of(Picture(GRAY, max_pixels=100))
    assert "30×48" in note
    assert "4×4" in note


def test_png_holds_every_pixel_whatever_the_page_holds() -> None:
    for options in ({}, {"max_pixels": 50}, {"format": "jpeg"}, {"format": "webp", "quality": 1}):
        png = Picture(GRAY, **options).png
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), GRAY)


def test_without_a_limit_nothing_is_reduced() -> None:
    assert stored(Picture(GRAY, max_pixels=float("inf"))).size == (48, 30)
    assert stored(Picture(GRAY, max_pixels=GRAY.size)).size == (48, 30)
    assert stored(Picture(GRAY, max_pixels=GRAY.size - 1)).size == (24, 15)


@pytest.mark.parametrize(
    ("shape", "size", "means"),
    [
        ((2, 1_100_000), (32_353, 2), "1×34"),
        ((1_100_000, 3), (3, 32_353), "34×1"),
        ((300, 40_000), (20_000, 150), "2×2"),
        ((1, 32_767), (32_767, 1), ""),
        ((32_768, 2), (2, 16_384), "2×1"),
    ],
)
def test_a_side_longer_than_browsers_show_is_reduced_by_itself(
    shape: tuple[int, int], size: tuple[int, int], means: str
) -> None:
    values = np.broadcast_to(np.zeros(1, np.uint8), shape)
    picture = Picture(values, max_pixels=np.prod(size) + 1)
    assert stored(picture).size == size
    text = f"{shape[0]}×{shape[1]} pixels, shown as means of {means}:"
    assert sum(text in note for note in texts_of(picture)) == bool(means)


def test_what_is_reduced_along_a_side_is_a_mean_and_is_saved_whole(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 256, (3, 70_000, 3), dtype=np.uint8)
    picture = Picture(values, channel_axis=-1)
    shown = np.asarray(stored(picture)).astype(float)
    means = values[:, :69_999].reshape(3, -1, 3, 3).mean(axis=2)
    assert np.abs(shown[:, :-1] - means).max() <= 0.5
    with Image.open(picture.save(tmp_path / "a.png")) as image:
        np.testing.assert_array_equal(np.asarray(image), values)
    with Image.open(io.BytesIO(picture.png)) as image:
        assert image.size == (70_000, 3)


def test_labels_over_a_long_picture_are_no_longer_than_it() -> None:
    labels = np.zeros((2, 70_000), np.uint8)
    labels[1, 69_999] = 3
    html = Picture(np.zeros((2, 70_000), np.uint8), labels=labels).html
    (svg,) = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", html)
    (png,) = re.findall(rb"data:image/png;base64,([A-Za-z0-9+/=]+)", base64.b64decode(svg))
    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        assert image.size == (23_334, 2)
        found = np.asarray(image)
    assert (found[1, -1], np.count_nonzero(found)) == (3, 1)


@pytest.mark.browser
def test_the_browser_shows_pictures_of_any_length(chromium: Any) -> None:
    """Chromium decodes a million pixels a side; a line of them is a pixel wide at the least."""
    line = np.linspace(0, 255, 1_100_000).astype(np.uint8)
    pictures = [Picture(np.stack([line, line])), Picture(line[:, None]), Grid([line[None]] * 2)]
    page = chromium.new_page()
    page.set_content("".join(picture.html for picture in pictures))
    found = page.evaluate(
        """async () => {
          const images = [...document.querySelectorAll(".nbimage img")].slice(0, 4);
          await Promise.all(images.map(image => image.decode()));
          return images.map(image => {
            const { width, height } = image.getBoundingClientRect();
            return [image.naturalWidth, image.naturalHeight, Math.min(width, height) >= 1];
          });
        }"""
    )
    assert found == [[32_353, 2, True], [1, 32_353, True], [32_353, 1, True], [32_353, 1, True]]
    page.context.close()


# --------------------------------------------------------------------------------- the words


def test_the_description_says_shape_dtype_values_and_mapping_in_one_line() -> None:
    picture = Picture(np.linspace(-2.5, 7.25, 12).reshape(3, 4), -1, 5)
    for said in ("3×4", "float64", "-2.5", "7.25", "-1", "5"):
        assert said in picture.description
    assert "\n" not in picture.description


@pytest.mark.parametrize(
    ("data", "options", "said"),
    [
        (GRAY, {}, ["30×48", "uint8", "gray", f"{GRAY.min()} to {GRAY.max()}"]),
        (np.zeros((3, 5, 6), np.uint8), {}, ["3×5×6", "planar RGB"]),
        (np.zeros((5, 6, 3), np.uint8), {}, ["5×6×3", "RGB"]),
        (np.zeros((5, 6, 4), np.uint8), {}, ["RGBA"]),
        (np.zeros((5, 6, 2), np.uint8), {"channel_axis": -1}, ["gray and alpha"]),
        (np.eye(4) > 0, {}, ["bool"]),
        (np.eye(4, dtype=np.float16), {}, ["float16"]),
        (np.eye(4, dtype=">f4"), {}, [">f4", "0 to 1"]),
        (np.array([[-3.0, np.nan], [np.inf, 8.0]]), {}, ["-3 to 8"]),
        (np.ma.array([[1, 2], [3, 99]], mask=[[0, 0], [0, 1]]), {}, ["1 to 3"]),
        (np.array([["2024-01-01", "2024-02-01"]], "M8[D]"), {}, ["2024-01-01", "2024-02-01"]),
        (np.zeros((5, 6, 3)), {"vmin": (1, 2, 3), "vmax": 9}, ["1 | 2 | 3", "9"]),
        (np.eye(3), {"vmin": -4}, ["-4"]),
        (np.eye(3), {"vsym": True}, ["-1", "1"]),
    ],
)
def test_the_description_says_what_came_in(
    data: Any, options: dict[str, Any], said: list[str]
) -> None:
    description = Picture(data, **options).description
    for text in said:
        assert text in description


def test_values_that_are_shown_as_they_are_and_values_that_are_mapped_differ_in_words() -> None:
    plain, mapped = Picture(GRAY).description, Picture(GRAY, 3, 200).description
    assert "as they are" in plain
    assert "as they are" not in mapped
    assert "3" in mapped
    assert "200" in mapped


def test_nothing_under_a_mask_is_said() -> None:
    array = np.ma.array([[1.0, 2.0], [3.0, 123456.0]], mask=[[0, 0], [0, 1]])
    assert "123456" not in Picture(array).html


@pytest.mark.parametrize(
    ("picture", "text"),
    [
        (
            Picture(np.arange(256, dtype=np.uint8).reshape(8, 32)),
            "Gray picture, 8 × 32, values from 0 to 255.",
        ),
        (
            Picture(np.linspace(-1, 2, 12).reshape(3, 4), 0, 1),
            "Gray picture, 3 × 4, values from -1 to 2, shown from 0 to 1.",
        ),
        (
            Picture(np.linspace(0, 1, 12).reshape(3, 4), cmap="viridis"),
            "Picture in colors of viridis, 3 × 4, values from 0 to 1.",
        ),
        (Picture(np.eye(5, dtype=bool)), "Black and white picture, 5 × 5."),
        (Picture(np.eye(5, dtype=int), labels=True), "Color picture, 5 × 5."),
        (
            Picture(np.full((5, 6, 4), 9, np.uint8)),
            "Color picture with transparency, 5 × 6, values from 9 to 9.",
        ),
        (
            Picture(np.eye(4) * 1j, complex="domain", title="f", colorbar=False),
            "f: Color picture, 4 × 4.",
        ),
    ],
)
def test_alt_is_a_sentence(picture: Picture, text: str) -> None:
    assert alt_of(picture) == text


def test_alt_is_what_is_given() -> None:
    assert alt_of(Picture(GRAY, alt="a face")) == "a face"
    assert alt_of(Picture(GRAY, alt="")) == ""  # decoration: screen readers pass it by
    titled = alt_of(Picture(GRAY, title="Left eye"))
    assert "Left eye" in titled


def test_the_tooltip_always_says_what_was_done_to_the_values() -> None:
    for options in ({}, {"alt": ""}, {"title": "t"}, {"caption": "c"}):
        picture = Picture(GRAY, **options)
        assert tooltip_of(picture) == picture.description


def test_a_caption_is_the_text_given_or_the_description_if_true() -> None:
    assert texts_of(Picture(GRAY, caption=False)) == []
    assert texts_of(Picture(GRAY, caption="below")) == ["below"]
    assert texts_of(Picture(GRAY, caption=True)) == [Picture(GRAY).description]


def test_the_title_is_above_and_the_caption_below() -> None:
    html = Picture(GRAY, title="above", caption="below").html
    assert html.index(">above<") < html.index("<img") < html.index(">below<")
    assert texts_of(Picture(GRAY, title="above")) == ["above"]


def test_repr_is_one_line_with_title_and_description() -> None:
    picture = Picture(GRAY)
    assert picture.description in repr(picture)
    assert "Picture" in repr(picture)
    titled = repr(Picture(GRAY, title="two\nlines"))
    assert "two" in titled
    assert picture.description in titled
    assert "\n" not in titled


# ------------------------------------------------------------------------------ the snapshot


def sources() -> list[Array]:
    random = np.random.default_rng(4)
    return [
        GRAY.copy(),
        random.integers(0, 256, (9, 8, 3), dtype=np.uint8),
        random.integers(0, 256, (3, 9, 8), dtype=np.uint8),
        random.integers(0, 256, (9, 8, 4), dtype=np.uint8),
        np.asfortranarray(GRAY),
        random.integers(0, 256, (9, 8, 1), dtype=np.uint8),
        random.normal(size=(9, 8)),
        random.normal(size=(9, 8)) > 0,
        random.integers(0, 9999, (9, 8)),
    ]


@pytest.mark.parametrize("number", range(len(sources())))
def test_what_happens_to_the_array_afterwards_does_not_show(number: int) -> None:
    array = sources()[number]
    expected = Picture(array.copy())
    picture = Picture(array)
    array[...] = 0 if array.dtype != bool else ~array
    assert np.array_equal(picture.pixels, expected.pixels)
    assert picture.html == expected.html
    assert picture.png == expected.png


def test_what_happens_to_a_mask_afterwards_does_not_show() -> None:
    mask = np.eye(9, dtype=bool)
    for data in (np.arange(81.0).reshape(9, 9), np.arange(81, dtype=np.uint8).reshape(9, 9)):
        array = np.ma.array(data, mask=mask.copy(), copy=False)
        picture, expected = Picture(array), Picture(np.ma.array(data.copy(), mask=mask.copy()))
        array.mask[...] = ~array.mask
        assert picture.png == expected.png


def test_a_list_is_read_once() -> None:
    rows = [[0, 1], [2, 3]]
    picture = Picture(rows)
    rows[0][0] = 99
    assert np.array_equal(picture.pixels, rerange([[0, 1], [2, 3]]))


@pytest.mark.parametrize("number", range(len(sources())))
def test_the_array_is_never_changed_and_may_be_read_only(number: int) -> None:
    array = sources()[number]
    before = array.copy()
    array.flags.writeable = False
    picture = Picture(array, max_pixels=20, vmin=0)
    picture._repr_mimebundle_()
    assert np.array_equal(array, before)


def test_a_picture_is_the_same_each_time_it_is_asked() -> None:
    picture = Picture(GRAY, title="t", max_pixels=99)
    assert picture.html == picture.html
    assert picture.data_uri == picture.data_uri
    assert picture._repr_mimebundle_() == picture._repr_mimebundle_()


def test_the_pixels_are_those_of_rerange_with_the_channels_last() -> None:
    values = np.random.default_rng(0).normal(size=(3, 8, 9))
    for options in ({}, {"vsym": True}, {"vmin": (0, 1, 2)}, {"contrast": "robust"}):
        expected = np.moveaxis(rerange(values, **options), 0, -1)
        assert np.array_equal(Picture(values, **options).pixels, expected)


def test_a_picture_and_encode_make_the_same_bytes() -> None:
    for options in (
        {},
        {"format": "jpeg", "quality": 40},
        {"format": "webp", "lossless": True},
        {"compression": 9},
        {"vmin": 9, "vmax": 3},
    ):
        body = Picture(GRAY, **options).data_uri.partition(",")[2]
        assert base64.b64decode(body) == encode(GRAY, **options)


# -------------------------------------------------------------------------------- the errors


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"width": 0}, "width"),
        ({"width": -3}, "-3"),
        ({"width": float("nan")}, "nan"),
        ({"width": float("inf")}, "inf"),
        ({"height": 0}, "height"),
        ({"height": float("inf")}, "inf"),
        ({"zoom": 0}, "zoom"),
        ({"zoom": -1}, "-1"),
        ({"zoom": float("inf")}, "inf"),
        ({"zoom": 2, "width": 100}, "zoom"),
        ({"zoom": 2, "height": 100}, "zoom"),
        ({"max_pixels": 0}, "max_pixels"),
        ({"max_pixels": -1}, "-1"),
        ({"max_pixels": float("nan")}, "nan"),
        ({"background": "red; color: blue"}, "red; color: blue"),
        ({"background": 5}, 'background must be "hatch"'),
        ({"format": "gif"}, "gif"),
        ({"format": "jpeg", "quality": 101}, "101"),
        ({"format": "jpeg", "lossless": True}, "lossless"),
        ({"format": "jpeg", "compression": 1}, "compression"),
        ({"quality": 50}, "quality"),
        ({"compression": 10}, "10"),
        ({"contrast": "best"}, "best"),
        ({"vmin": float("nan")}, "nan"),
        ({"channel_axis": 0}, "channel_axis"),
    ],
    ids=str,
)
@pytest.mark.parametrize("verb", [Picture, nbimage])
def test_a_parameter_that_does_not_fit_is_an_error_at_once(
    verb: Any, options: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        verb(GRAY, **options)
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (np.zeros((4, 4), complex), TypeError),
        (np.full((4, 4), None), TypeError),
        ("picture.png", FileNotFoundError),
        ([[1, 2], [3]], TypeError),
        (None, TypeError),
        (7, (TypeError, ValueError)),
        (np.zeros(9), ValueError),
        (np.zeros((0, 4)), ValueError),
        (np.zeros((5, 6, 7)), ValueError),
        (np.zeros((2, 3, 6, 7)), ValueError),
    ],
    ids=repr,
)
def test_what_cannot_be_shown_faithfully_is_an_error_in_one_line(
    data: Any, kind: type[Exception]
) -> None:
    for verb in (Picture, nbimage, encode):
        with pytest.raises(kind) as caught:
            verb(data)
        assert "\n" not in str(caught.value)


def test_only_the_articles_parameters_may_be_given_by_place(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert Picture(GRAY, 3, 200, False).png == Picture(GRAY, vmin=3, vmax=200, vsym=False).png
    nbimage(GRAY, 3, 200, False, None)
    with pytest.raises(TypeError):
        nbimage(GRAY, 3, 200, False, None, "minmax")  # type: ignore[misc]
    with pytest.raises(TypeError):
        Picture(GRAY, 3, 200, False, "minmax")  # type: ignore[misc]


def test_the_verb_returns_nothing_and_prints_one_line_where_no_notebook_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert nbimage(GRAY, title="t") is None  # type: ignore[func-returns-value]
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1
    assert Picture(GRAY).description in printed.out
    assert printed.err == ""


def test_a_picture_without_any_finite_value_warns_and_is_transparent() -> None:
    with pytest.warns(UserWarning, match="transparent"):
        picture = Picture(np.full((4, 5), np.nan))
    assert np.asarray(stored(picture).convert("RGBA"))[:, :, 3].max() == 0
    assert "no finite value" in picture.description


def test_an_ambiguous_shape_warns_at_the_callers_line() -> None:
    with pytest.warns(UserWarning, match="channel_axis") as caught:
        Picture(np.zeros((3, 9, 3)))
    assert caught[0].filename == __file__


@pytest.mark.parametrize("options", [{}, {"cmap": "viridis"}, {"origin": "lower"}])
def test_pixels_are_read_only(options: dict[str, Any]) -> None:
    data = np.arange(12, dtype=np.uint8).reshape(3, 4)
    picture = Picture(data, **options)
    again = pickle.loads(pickle.dumps(picture))
    for pixels in (picture.pixels, picture.render(), again.pixels):
        with pytest.raises(ValueError, match="read-only"):
            pixels[0, 0] = 7
