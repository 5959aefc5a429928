"""Pictures, grids and videos beside what matplotlib, plotly, treescope and mediapy make of them.

    python -m benchmarks.figures FOLDER [--shots] [CASE ...]

Writes a page for each case, FOLDER/CASE.html, with one column a library, each called as its users
would at its defaults. `--shots` adds what Chromium makes of it: at 420, 900 and 1600 CSS pixels,
light and dark, and printed on A4. For the eye: nothing is measured here. Needs `.[peers]`.
"""

from __future__ import annotations

import argparse
import base64
import html
import io
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import nbimage
from benchmarks.inputs import photograph

WIDTHS = (420, 900, 1600)  # CSS pixels
WORDS = (
    "The", "animal", "did", "not", "cross", "the", "street",
    "because", "it", "was", "too", "tired", ".",
)  # fmt: skip
Outputs = Iterator[tuple[str, str]]
CASES: dict[str, Callable[[], Outputs]] = {}
STYLE = """
:root{color-scheme:light dark} body{font:14px/1.45 system-ui,sans-serif;margin:16px}
h2{font-size:17px;margin:28px 0 8px} h3{font-size:12px;font-weight:500;opacity:.7;margin:0 0 6px}
.row{display:flex;flex-wrap:wrap;gap:24px;align-items:flex-start}
.row>div{min-width:0;max-width:100%}
"""


def case(function: Callable[[], Outputs]) -> Callable[[], Outputs]:
    """Keep a case by its name."""
    CASES[function.__name__.replace("_", " ")] = function
    return function


def matplotlib_html(draw: Callable[[Any], object], **options: Any) -> str:
    """Return what a notebook shows of a figure that `draw` draws on its only axes."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(**options)
    draw(axes)
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight", dpi=72)
    pyplot.close(figure)
    return f'<img src="data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}">'


def plotly_html(figure: Any) -> str:
    """Return a plotly figure; the page holds its script once."""
    text = figure.to_html(full_html=False, include_plotlyjs=False, default_height="450px")
    return f'<div style="width:600px;max-width:100%">{text}</div>'


def treescope_html(value: Any) -> str:
    """Return treescope's view of an array in a frame of its own, as it has in a notebook."""
    import treescope

    with treescope.active_autovisualizer.set_scoped(treescope.ArrayAutovisualizer()):
        text = treescope.render_to_html(value, compressed=False)
    source = html.escape(text, quote=True)
    style = "width:480px;max-width:100%;height:480px;border:0"
    return f'<iframe style="{style}" srcdoc="{source}"></iframe>'


def mediapy_html(image: Any, **options: Any) -> str:
    """Return mediapy's picture."""
    import mediapy

    return str(mediapy.show_image(image, return_html=True, **options))


@case
def confusion_matrix() -> Outputs:
    import pandas as pd
    import plotly.express as px

    names = ["cat", "dog", "horse", "ship", "truck"]
    counts = np.array(
        [[92, 5, 2, 0, 1], [9, 81, 8, 0, 2], [1, 6, 93, 0, 0], [0, 1, 0, 96, 3], [2, 1, 0, 7, 90]]
    )
    frame = pd.DataFrame(counts, index=names, columns=names)
    labels = {"xlabel": "predicted", "ylabel": "true"}
    yield "nbimage", nbimage.Picture(frame, cmap="Blues", **labels).html

    def draw(axes: Any) -> None:
        from sklearn.metrics import ConfusionMatrixDisplay

        ConfusionMatrixDisplay(counts, display_labels=names).plot(ax=axes, cmap="Blues")

    yield "scikit-learn", matplotlib_html(draw)
    figure = px.imshow(frame, text_auto=True, color_continuous_scale="Blues")
    yield "plotly", plotly_html(figure.update_layout(xaxis_title="predicted", yaxis_title="true"))
    yield "treescope", treescope_html(counts)


@case
def attention_map() -> Outputs:
    import plotly.express as px

    words = list(WORDS)
    draw_random = np.random.default_rng(3)
    scores = draw_random.normal(size=(13, 13)) + 3 * np.eye(13)
    weights = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    options = {"xlabel": "key", "ylabel": "query"}
    yield "nbimage", nbimage.Picture(weights, x=words, y=words, cmap="magma", **options).html

    def draw(axes: Any) -> None:
        axes.figure.colorbar(axes.imshow(weights, cmap="magma"))
        axes.set_xticks(range(13), words, rotation=45, ha="right")
        axes.set_yticks(range(13), words)

    yield "matplotlib", matplotlib_html(draw)
    yield "plotly", plotly_html(px.imshow(weights, color_continuous_scale="magma"))
    yield "treescope", treescope_html(weights)


@case
def saliency_beside_a_photograph() -> Outputs:
    from skimage import filters

    cat = photograph("cat")
    saliency = filters.gaussian(filters.sobel(cat.mean(-1)), 6)
    yield "nbimage", nbimage.Grid([cat, saliency], ["input", "saliency"], shared=False).html

    def draw(axes: Any) -> None:
        for ax, image, title in zip(axes, (cat, saliency), ("input", "saliency"), strict=True):
            shown = ax.imshow(image)
            ax.set_title(title)
        axes[1].figure.colorbar(shown)

    yield "matplotlib", matplotlib_html(draw, ncols=2, figsize=(10, 4))
    import mediapy

    pair = {"input": cat, "saliency": saliency}
    yield "mediapy", str(mediapy.show_images(pair, return_html=True))


@case
def feature_maps() -> Outputs:
    import mediapy

    draw = np.random.default_rng(0)
    maps = draw.normal(size=(64, 7, 7)).astype(np.float32)
    yield "nbimage", nbimage.Grid(maps).html
    yield "mediapy", str(mediapy.show_images(maps, columns=8, return_html=True))
    yield "treescope", treescope_html(maps)


@case
def world_map() -> Outputs:
    import plotly.express as px
    import xarray as xr

    latitude, longitude = np.arange(-88.75, 90, 2.5), np.arange(0, 360, 2.5)
    y, x = np.meshgrid(np.deg2rad(latitude), np.deg2rad(longitude), indexing="ij")
    values = 288 - 40 * np.sin(y) ** 2 + 4 * np.sin(3 * x) * np.cos(y)
    field = xr.DataArray(
        values,
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", latitude, {"units": "degrees_north"}),
            "lon": ("lon", longitude, {"units": "degrees_east"}),
        },
        attrs={"long_name": "air temperature", "units": "K"},
    )
    yield "nbimage", nbimage.Picture(field, cmap="viridis", width=560).html
    yield "xarray, matplotlib", matplotlib_html(lambda axes: field.plot(ax=axes))
    yield "plotly", plotly_html(px.imshow(field, origin="lower"))


@case
def hovmoeller_diagram() -> Outputs:
    import xarray as xr

    days, longitude = np.arange("2024-01-01", "2024-07-01", dtype="M8[D]"), np.arange(0, 360, 3.0)
    phase = np.deg2rad(longitude)[None] * 3 - np.arange(len(days))[:, None] / 9
    field = xr.DataArray(
        np.sin(phase) * np.hanning(len(days))[:, None],
        dims=("time", "lon"),
        coords={"time": days, "lon": ("lon", longitude, {"units": "degrees_east"})},
        attrs={"long_name": "OLR anomaly", "units": "W m⁻²"},
    )
    yield "nbimage", nbimage.Picture(field, cmap="RdBu_r", vsym=True).html
    yield "xarray, matplotlib", matplotlib_html(lambda axes: field.plot(ax=axes))


@case
def twelve_months() -> Outputs:
    import xarray as xr

    months = np.arange("2023-01", "2024-01", dtype="M8[M]").astype("M8[ns]")
    latitude, longitude = np.arange(-60, 61, 2.0), np.arange(-180, 180, 3.0)
    season = np.cos(2 * np.pi * np.arange(12) / 12)
    y = np.deg2rad(latitude)[None, :, None]
    wave = np.sin(np.deg2rad(longitude) * 2)[None, None]
    field = xr.DataArray(
        25 * np.cos(y) - 8 * np.sin(y) * season[:, None, None] + wave,
        dims=("time", "lat", "lon"),
        coords={
            "time": months,
            "lat": ("lat", latitude, {"units": "degrees_north"}),
            "lon": ("lon", longitude, {"units": "degrees_east"}),
        },
        attrs={"long_name": "temperature", "units": "°C"},
    )
    yield "nbimage", nbimage.Grid(field, cmap="viridis").html
    file = io.BytesIO()
    field.plot(col="time", col_wrap=4).fig.savefig(file, dpi=72)
    data = base64.b64encode(file.getvalue()).decode()
    yield "xarray, matplotlib", f'<img src="data:image/png;base64,{data}">'


def _coins() -> tuple[np.ndarray, np.ndarray]:
    from skimage import filters, measure, morphology

    coins = photograph("coins")
    mask = morphology.closing(coins > filters.threshold_otsu(coins), np.ones((3, 3)))
    return coins, measure.label(morphology.remove_small_objects(mask, max_size=99))


@case
def masks() -> Outputs:
    coins, labels = _coins()
    yield "nbimage", nbimage.Picture(coins, overlay=labels > 0, width=384).html

    def draw(axes: Any) -> None:
        axes.imshow(coins, cmap="gray")
        axes.imshow(np.ma.masked_equal(labels > 0, 0), alpha=0.4, cmap="autumn")

    yield "matplotlib", matplotlib_html(draw)


@case
def instances() -> Outputs:
    from skimage import color

    coins, labels = _coins()
    yield "nbimage", nbimage.Picture(coins, labels=labels, width=384).html
    over = color.label2rgb(labels, coins, bg_label=0)
    yield "matplotlib", matplotlib_html(lambda axes: axes.imshow(over))
    yield "mediapy", mediapy_html(over)


@case
def stars() -> Outputs:
    draw = np.random.default_rng(1)
    y, x = np.mgrid[:240, :360]
    sky = draw.normal(100, 5, (240, 360))
    for _ in range(25):
        row, column, flux = draw.uniform(0, 240), draw.uniform(0, 360), 10 ** draw.uniform(2, 4)
        sky += flux * np.exp(-((y - row) ** 2 + (x - column) ** 2) / 8)
    yield "nbimage", nbimage.Picture(sky).html
    yield 'nbimage, norm="asinh"', nbimage.Picture(sky, norm="asinh").html
    yield 'nbimage, contrast="zscale"', nbimage.Picture(sky, contrast="zscale").html
    yield "matplotlib", matplotlib_html(lambda axes: axes.imshow(sky, cmap="gray"))


@case
def three_by_four() -> Outputs:
    array = np.arange(12).reshape(3, 4)
    yield "nbimage", nbimage.Picture(array).html
    yield 'nbimage, overlay="values"', nbimage.Picture(array, overlay="values").html
    yield "matplotlib", matplotlib_html(lambda axes: axes.imshow(array))
    yield "mediapy", mediapy_html(array / 11)
    yield "treescope", treescope_html(array)


@case
def missing_values() -> Outputs:
    field = photograph("camera")[100:300, 100:300].astype(float)
    field[40:90, 60:140] = np.nan
    yield "nbimage", nbimage.Picture(field, colorbar="counts", cmap="magma").html
    yield "matplotlib", matplotlib_html(lambda axes: axes.imshow(field, cmap="magma"))


@case
def small_video() -> Outputs:
    import mediapy

    y, x = np.mgrid[:32, :32]
    frames = np.sin(np.arange(24)[:, None, None] / 4 + (x + y) / 6)
    yield "nbimage", nbimage.Video(frames, fps=8, progress=False).html
    shown = (frames + 1) / 2
    yield "mediapy", str(mediapy.show_video(shown, fps=8, return_html=True))


@case
def dated_video() -> Outputs:
    import xarray as xr

    y, x = np.mgrid[-45:45:2, 0:360:3]
    days = np.arange("2024-01-01", "2024-01-25", dtype="M8[D]").astype("M8[ns]")
    phase = np.deg2rad(x)[None] * 3 - np.arange(len(days))[:, None, None] / 3
    field = xr.DataArray(
        15 * np.sin(phase) * np.cos(np.deg2rad(y)),
        dims=("time", "lat", "lon"),
        coords={
            "time": days,
            "lat": ("lat", y[:, 0], {"units": "degrees_north"}),
            "lon": ("lon", x[0], {"units": "degrees_east"}),
        },
        attrs={"long_name": "wind", "units": "m s⁻¹"},
    )
    options: dict[str, Any] = {"cmap": "RdBu_r", "vsym": True, "fps": 8, "progress": False}
    yield "nbimage, counter=True", nbimage.Video(field, counter=True, **options).html
    with tempfile.TemporaryDirectory() as folder:
        (file,) = nbimage.Video(field, figure=True, **options).save(Path(folder, "dated.mp4"))
        yield "nbimage, the figure's file in a player", nbimage.Video(file).html


def page(names: list[str]) -> str:
    """Return the page of the cases that are named."""
    from plotly.offline import get_plotlyjs

    parts = [f"<!doctype html><meta charset=utf-8><title>Figures</title><style>{STYLE}</style>"]
    parts.append(f"<script>{get_plotlyjs()}</script>")
    for name in names:
        columns = "".join(f"<div><h3>{who}</h3>{text}</div>" for who, text in CASES[name]())
        parts.append(f'<h2>{name.capitalize()}</h2><div class="row">{columns}</div>')
    return "".join(parts)


def take_shots(folder: Path, name: str) -> None:
    """Draw the page in Chromium, at all widths, in both themes, and print it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for theme in ("light", "dark"):
            for width in WIDTHS:
                tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
                tab.goto((folder / f"{name}.html").resolve().as_uri(), wait_until="load")
                tab.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=True)
                tab.close()
        tab = browser.new_page()
        tab.goto((folder / f"{name}.html").resolve().as_uri(), wait_until="load")
        tab.pdf(path=folder / f"{name}.pdf", format="A4", print_background=False)
        browser.close()


def main(arguments: list[str] | None = None) -> None:
    """Write the page, and what a browser makes of it."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("cases", nargs="*", help=f"of {', '.join(CASES)}; default: all")
    parser.add_argument("--shots", action="store_true")
    options = parser.parse_intermixed_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in options.cases or CASES:
            file = name.replace(" ", "-")
            (options.folder / f"{file}.html").write_text(page([name]), encoding="utf-8")
            if options.shots:
                take_shots(options.folder, file)


if __name__ == "__main__":
    main()
