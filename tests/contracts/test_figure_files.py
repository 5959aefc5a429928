"""The figure as a file: all that stands on the page, and the data's own pixels."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from nbimage import Grid, Picture, View

Array = np.ndarray
RNG = np.random.default_rng(5)
GRAY = RNG.integers(0, 256, (30, 40), dtype=np.uint8)
FULL: dict[str, Any] = {
    "title": "Fläche (µm²)",
    "xlabel": "x × 10⁻³ [m]",
    "ylabel": "β",
    "x": np.linspace(-3, 3, 40),
    "y": [f"row {i}°" for i in range(30)],
    "colorbar": "Δ ≤ 3",
    "cmap": "viridis",
    "histogram": True,
    "caption": "one — two",
    "overlay": ("text", ["Ω"], {"at": [[0, "row 5°"]]}),
    "pixel_size": 0.5,
    "unit": "µm",
}
PICTURES: dict[str, Callable[[], Picture]] = {
    "gray": lambda: Picture(GRAY, colorbar=True),
    "palette": lambda: Picture(GRAY, cmap="magma", title="a title", x=True, y=True),
    "colors": lambda: Picture(RNG.integers(0, 256, (13, 17, 3), dtype=np.uint8), title="t"),
    "labels": lambda: Picture(GRAY // 50, labels=True, caption="labels", background=None),
    "bool": lambda: Picture(GRAY > 90, title="t"),
    "signed": lambda: Picture(GRAY.astype(float) - 90, vsym=True, cmap="RdBu_r", width=400),
    "reduced": lambda: Picture(GRAY, max_pixels=300),
    "lower": lambda: Picture(GRAY, origin="lower", y=True),
}


def read(path: Path) -> Array:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def as_rgb(array: Array) -> Array:
    array = array[:, :, None] if array.ndim == 2 else array
    alpha = array[:, :, -1:] / 255 if array.shape[2] in (2, 4) else np.ones_like(array[:, :, :1])
    colors = array[:, :, : 1 if array.shape[2] < 3 else 3]
    return np.broadcast_to(
        np.floor(colors * alpha + 255 * (1 - alpha) + 0.5).astype(np.uint8), (*array.shape[:2], 3)
    )


def box_of(picture: Picture, scale: int) -> tuple[slice, slice]:
    left, top, width, height = (round(side * scale) for side in picture._draw().pictures[0].box)
    return slice(top, top + height), slice(left, left + width)


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("name", PICTURES)
def test_the_pixels_of_the_data_are_exact(name: str, scale: int, tmp_path: Path) -> None:
    picture = PICTURES[name]()
    found = read(picture.save(tmp_path / "x.png", figure=True, scale=scale))[box_of(picture, scale)]
    pixels = as_rgb(picture.render())
    down, across = (
        ((np.arange(n) + 0.5) * m / n).astype(int)
        for n, m in zip(found.shape, pixels.shape[:2], strict=False)
    )
    assert (found == pixels[down][:, across]).all()
    assert found.shape[1] == picture.width * scale


def test_alpha_lies_on_the_hatch_of_the_page(tmp_path: Path) -> None:
    array = np.zeros((40, 50, 4), np.uint8)
    array[:20] = (200, 10, 30, 255)
    picture = Picture(array, zoom=1)
    found = read(picture.save(tmp_path / "x.png", figure=True))[box_of(picture, 1)]
    assert (found[:20] == (200, 10, 30)).all()
    ends = np.array([[0x79, 0x81, 0x8D], [0x8A, 0x92, 0x9E]])
    assert (found[20:] >= ends[0]).all()
    assert (found[20:] <= ends[1]).all()
    assert len(np.unique(found[20:].reshape(-1, 3), axis=0)) > 2
    plain = Picture(array, zoom=1, background=None)
    assert (read(plain.save(tmp_path / "y.png", figure=True))[box_of(plain, 1)][20:] == 255).all()


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_scale_of_two_is_twice_the_size(suffix: str, tmp_path: Path) -> None:
    picture = Picture(GRAY, **FULL)
    once = read(picture.save(tmp_path / f"a.{suffix}", figure=True))
    twice = read(picture.save(tmp_path / f"b.{suffix}", figure=True, scale=2))
    assert twice.shape[:2] == tuple(2 * side for side in once.shape[:2])
    assert once.shape[1] > picture.width + 100
    with Image.open(tmp_path / "b.png") if suffix == "png" else io.BytesIO() as image:
        if suffix == "png":
            assert image.info["dpi"] == pytest.approx((192, 192), abs=0.1)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "pdf", "svg"])
def test_saved_twice_the_bytes_are_the_same(suffix: str, tmp_path: Path) -> None:
    files = [
        Picture(GRAY, **FULL).save(tmp_path / f"{name}.{suffix}", figure=True) for name in "ab"
    ]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_texts_of_a_pdf_are_texts(tmp_path: Path) -> None:
    page = pypdfium2.PdfDocument(Picture(GRAY, **FULL).save(tmp_path / "x.pdf"))[0]
    text = page.get_textpage().get_text_range()
    shown = [FULL[name] for name in ("title", "xlabel", "ylabel", "colorbar", "caption")]
    for words in (*shown, "Ω", "−2", "row 10°", "5 µm"):
        assert words in text, words


def test_the_outlines_of_letters_are_no_text(tmp_path: Path) -> None:
    raw = pypdfium2.raw
    page = pypdfium2.PdfDocument(Picture(GRAY, **FULL).save(tmp_path / "x.pdf"))[0]
    texts = list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]))
    outlines = 0
    for text in texts:
        stroked = raw.FPDFTextObj_GetTextRenderMode(text) == raw.FPDF_TEXTRENDERMODE_STROKE
        marks = [
            raw.FPDFPageObjMark_CountParams(raw.FPDFPageObj_GetMark(text, i))
            for i in range(raw.FPDFPageObj_CountMarks(text))
        ]
        assert marks == [1] * stroked  # ActualText, which is empty
        outlines += stroked
    assert 0 < outlines < len(texts) / 2


@pytest.mark.parametrize("name", ["gray", "palette", "colors", "labels", "signed"])
def test_a_pdf_holds_the_pixels_without_loss(name: str, tmp_path: Path) -> None:
    picture = PICTURES[name]()
    file = pypdfium2.PdfDocument(picture.save(tmp_path / "x.pdf"))
    images = [part for part in file[0].get_objects() if isinstance(part, pypdfium2.PdfImage)]
    stored = np.asarray(images[0].get_bitmap().to_pil().convert("RGB"))
    pixels = picture.render()
    times = stored.shape[0] // pixels.shape[0]
    assert times * pixels.shape[1] == stored.shape[1]
    assert max(stored.shape) >= 1600
    middle = stored[times // 2 :: times, times // 2 :: times]
    opaque = pixels[..., -1] == 255 if pixels.shape[-1] in (2, 4) else np.ones(pixels.shape[:2])
    assert (middle == as_rgb(pixels))[opaque.astype(bool)].all()
    assert (stored == middle.repeat(times, 0).repeat(times, 1)).all()


def test_channels_of_a_composite_are_named(tmp_path: Path) -> None:
    planes = RNG.integers(0, 4000, (2, 20, 30), dtype=np.uint16)
    channels = {"DAPI µ": "blue", "GFP": "lime"}
    for shown in (Picture(planes, channels=channels), Grid([planes, planes], channels=channels)):
        page = pypdfium2.PdfDocument(shown.save(tmp_path / "x.pdf"))[0]
        text = page.get_textpage().get_text_range()
        assert [text.count(name) for name in channels] == [1, 1]


def test_a_snapshot_of_a_view_has_its_figure(tmp_path: Path) -> None:
    view = View(np.arange(90_000, dtype=np.uint16).reshape(300, 300), embed=False)
    picture = view.snapshot()
    found = read(picture.save(tmp_path / "x.png", figure=True))
    assert (found[box_of(picture, 1)] == as_rgb(picture.render())).all()


def test_a_pdf_is_as_large_as_the_png(tmp_path: Path) -> None:
    picture = Picture(GRAY, **FULL)
    shape = read(picture.save(tmp_path / "x.png", figure=True)).shape
    for scale in (1, 2):
        file = picture.save(tmp_path / f"{scale}.pdf", scale=scale)
        size = pypdfium2.PdfDocument(file)[0].get_size()
        assert size == pytest.approx((0.75 * scale * shape[1], 0.75 * scale * shape[0]), abs=0.01)


def test_a_pdf_looks_like_the_png(tmp_path: Path) -> None:
    picture = Picture(GRAY, **FULL)
    png = read(picture.save(tmp_path / "x.png", figure=True, scale=2)).astype(int)
    page = pypdfium2.PdfDocument(picture.save(tmp_path / "x.pdf"))[0]
    pdf = np.asarray(page.render(scale=2 / 0.75).to_pil().convert("RGB")).astype(int)
    differs = np.abs(png - pdf[: png.shape[0], : png.shape[1]]).max(axis=2) > 128
    assert differs.mean() < 0.01


def test_svg_and_html_are_the_figure_anyway(tmp_path: Path) -> None:
    picture = Picture(GRAY, **FULL)
    for suffix in ("svg", "html", "pdf"):
        plain = picture.save(tmp_path / f"a.{suffix}").read_bytes()
        assert picture.save(tmp_path / f"b.{suffix}", figure=True).read_bytes() == plain
    large = picture.save(tmp_path / "c.svg", scale=3).read_text("utf-8")
    small = picture.svg
    assert large.partition("viewBox")[2] == small.partition("viewBox")[2]
    assert large != small


def test_pixels_stay_pixels_without_figure(tmp_path: Path) -> None:
    picture = Picture(GRAY, **FULL)
    assert read(picture.save(tmp_path / "x.png")).shape == (*GRAY.shape, 3)


STACK = RNG.normal(size=(2, 3, 20, 30))
GRIDS: dict[str, Callable[[], Grid]] = {
    "stack": lambda: Grid(STACK, row=0, column=1, title="β and µ", cmap="viridis"),
    "titles": lambda: Grid({"one µ": GRAY, "two": GRAY[:9], "three": GRAY > 9}, shared=False),
    "rows": lambda: Grid(STACK, row=0, column=1, shared="row"),
    "columns": lambda: Grid(STACK, row=0, column=1, shared="column", border="red"),
    "axes": lambda: Grid([GRAY, GRAY], x=True, y=True, border=["red", "#0a0"], colorbar="K"),
    "errors": lambda: Grid([GRAY, np.arange(3), GRAY], errors="show", columns=2),
    "paged": lambda: Grid([GRAY] * 6, columns=2, page=2, width=80),
}


def drawing_of(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> Any:
    found = []
    with monkeypatch.context() as patch:
        name = "nbimage.export.figure_file.encode_figure"
        patch.setattr(name, lambda drawing, *_: found.append(drawing) or b"")
        grid._encode("png", True, 1)
    return found[0]


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("name", GRIDS)
def test_each_picture_of_a_grid_is_exact(
    name: str, scale: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = GRIDS[name]()
    found = read(grid.save(tmp_path / "x.png", figure=True, scale=scale))
    shown = [picture for i, picture in enumerate(grid.pictures) if i not in grid.errors]
    lying = drawing_of(grid, monkeypatch).pictures
    assert len(lying) == len(shown)
    for picture, one in zip(shown, lying, strict=True):
        left, top, width, height = (round(side * scale) for side in one.box)
        pixels = as_rgb(picture.render())
        down = ((np.arange(height) + 0.5) * len(pixels) / height).astype(int)
        across = ((np.arange(width) + 0.5) * pixels.shape[1] / width).astype(int)
        assert (found[top : top + height, left : left + width] == pixels[down][:, across]).all()


def test_pictures_of_a_row_have_one_top(monkeypatch: pytest.MonkeyPatch) -> None:
    titles = ["short", "a title of so many words that it has to be broken into several lines", ""]
    grid = Grid([GRAY] * 3, titles, columns=3, width=60)
    boxes = [picture.box for picture in drawing_of(grid, monkeypatch).pictures]
    assert len({box[1] for box in boxes}) == 1
    assert len({box[0] for box in boxes}) == 3


def test_a_grid_has_its_texts_in_a_pdf(tmp_path: Path) -> None:
    grid = Grid({"one µ": GRAY, "two": np.arange(3)}, title="β ≤ 3", errors="show", colorbar="K")
    page = pypdfium2.PdfDocument(grid.save(tmp_path / "x.pdf"))[0]
    text = " ".join(page.get_textpage().get_text_range().split())
    for words in ("one µ", "two", "β ≤ 3", "K", "least 2 axes"):
        assert words in text, words


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "pdf"])
def test_a_grid_saved_twice_is_the_same(suffix: str, tmp_path: Path) -> None:
    files = [GRIDS["axes"]().save(tmp_path / f"{n}.{suffix}", figure=True) for n in "ab"]
    first, second = (file.read_bytes() for file in files if isinstance(file, Path))
    assert first == second


def test_borders_are_around_the_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = Grid([GRAY, GRAY], border=["red", "#00aa00"], zoom=1)
    found = read(grid.save(tmp_path / "x.png", figure=True))
    for picture, color in zip(
        drawing_of(grid, monkeypatch).pictures, [(255, 0, 0), (0, 170, 0)], strict=True
    ):
        left, top, width, height = map(round, picture.box)
        assert (found[top - 3 : top, left : left + width] == color).all()
        assert (found[top : top + height, left + width : left + width + 3] == color).all()


def test_bars_below_columns_lie_as_wide_as_these(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ramp = np.tile(np.linspace(0, 1, 256), (20, 1))
    grid = Grid([[ramp, ramp]], shared="column", zoom=1, colorbar="K")
    found = read(grid.save(tmp_path / "x.png", figure=True))
    pictures = drawing_of(grid, monkeypatch).pictures
    assert len(pictures) == 2
    for picture in pictures:
        left, top, width, height = map(round, picture.box)
        bar = found[top + height + 8 + 12 + 7, left + 1 : left + width - 1]
        assert np.abs(bar[:, 0].astype(int) - np.arange(1, 255)).max() <= 2


def test_each_picture_of_a_grid_has_a_figure_of_its_own(tmp_path: Path) -> None:
    saved = Grid([GRAY, GRAY], x=True).save(tmp_path / "{index}.png", figure=True, scale=2)
    assert isinstance(saved, list)
    assert all(read(path).shape[0] > 2 * GRAY.shape[0] for path in saved)


def test_a_grid_without_figure_is_as_before(tmp_path: Path) -> None:
    grid = GRIDS["axes"]()
    saved = grid.save(tmp_path / "x.png")
    assert isinstance(saved, Path)
    assert saved.read_bytes() == grid.png
    with pytest.raises(ValueError, match=r"figure=True writes \.jpg"):
        grid.save(tmp_path / "x.jpg")
    with pytest.raises(ValueError, match="scale must be left out where figure is False"):
        grid.save(tmp_path / "x.png", scale=2)
    with pytest.raises(ValueError, match="scale must be finite"):
        grid.save(tmp_path / "x.png", figure=True, scale=0)


@pytest.mark.parametrize(
    ("options", "suffix", "message"),
    [
        ({"figure": True, "scale": 0}, "png", "scale must be finite and above 0, but got 0"),
        ({"figure": True, "scale": -1}, "pdf", "scale must be finite and above 0, but got -1"),
        ({"figure": True, "scale": float("inf")}, "svg", "scale must be finite and above 0"),
        ({"figure": True, "scale": "2x"}, "jpg", "scale must be finite and above 0"),
        ({"scale": 2}, "png", "scale must be left out where figure is False, but got 2"),
        ({"scale": 2, "figure": True}, "html", "scale must be left out for html"),
        ({"figure": True, "scale": 1000}, "png", "at most 400 million pixels"),
        ({"figure": True, "quality": 90}, "pdf", "options must be left out for pdf"),
        ({"figure": True, "quality": 90}, "png", "quality must be left out for PNG"),
        ({"figure": True, "compression": 3}, "jpg", "compression must be left out for jpeg"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(
    options: dict[str, Any], suffix: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Picture(GRAY).save(tmp_path / f"x.{suffix}", **options)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("package", "suffix"), [("resvg_py", "png"), ("reportlab.pdfgen", "pdf")])
def test_a_missing_package_is_named_with_the_way_to_it(
    package: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(b"before")
    with pytest.raises(ImportError, match=r"pip install 'nbimage\[figure\]'"):
        Picture(GRAY, title="a title").save(path, figure=True)
    assert path.read_bytes() == b"before"


def test_letters_that_no_font_has_are_told(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="no font here has \ue123, for which"):
        Picture(GRAY, title="a \ue123").save(tmp_path / "x.png", figure=True)
    for known in ("µ ° − × ² β", "a\u0301", "\u200b\n"):
        Picture(GRAY, title=known).save(tmp_path / "x.png", figure=True)
