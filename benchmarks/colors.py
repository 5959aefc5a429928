"""Colormapped pictures beside matplotlib's `imsave`: time and stored size, the same map.

    python -m benchmarks.colors [--save]

1024² float32: a smooth field, one with a little noise, and a noisy photograph. And the bytes alone
of a screenshot and of a label image.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.inputs import noisy_photograph
from benchmarks.measure import interleaved, ratios
from nbimage import Picture, encode

RESULTS = Path(__file__).with_name("colors.md")
CMAP = "viridis"
NORMS = ("linear", "log", "asinh")


def fields() -> dict[str, np.ndarray]:
    """Return the inputs by name."""
    y, x = np.mgrid[:1024, :1024].astype(np.float32)
    smooth = np.sin(x / 90) + np.cos(y / 70) * x / 500
    noise = np.random.default_rng(0).normal(size=smooth.shape).astype(np.float32)
    photograph = noisy_photograph("gray float32", 1024)
    return {"smooth": smooth, "a little noise": smooth + noise / 50, "photograph": photograph}


def screenshot() -> np.ndarray:
    """Return a window with a table, a plot and texts, drawn by Pillow and matplotlib, RGB."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    window = Image.new("RGB", (1280, 800), (250, 250, 252))
    draw = ImageDraw.Draw(window)
    draw.rectangle((0, 0, 1280, 48), fill=(40, 44, 52))
    draw.rectangle((0, 48, 260, 800), fill=(236, 238, 242))
    font = ImageFont.load_default(15)
    draw.text((16, 14), "File   Edit   View   Run   Kernel   Help", (220, 222, 226), font)
    words = ["array", "block", "color", "band", "tile", "level", "sample", "plane", "window"]
    random = np.random.default_rng(0)
    for line in range(34):
        text = " ".join(random.choice(words, 3))
        draw.text((16, 60 + 21 * line), text, (60, 64, 72), font)
        cells = "   ".join(f"{value:9.4f}" for value in random.normal(size=5))
        if line < 12:
            draw.text((290, 60 + 21 * line), cells, (30, 30, 30), font)
    figure = Figure(figsize=(9.4, 4.4), dpi=100)
    axes = figure.subplots()
    for shift in range(4):
        axes.plot(np.cumsum(random.normal(size=300)) + 9 * shift)
    axes.set_title("A random walk")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    plot = Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3])
    window.paste(plot, (300, 340))
    return np.asarray(window)


def label_image() -> np.ndarray:
    """Return 1024² labels: the cells nearest to each of 200 points, some of them no label."""
    random = np.random.default_rng(0)
    points = random.integers(0, 1024, (200, 2))
    y, x = np.mgrid[:1024, :1024]
    nearest = np.full((1024, 1024), np.inf)
    labels = np.zeros((1024, 1024), np.int32)
    for number, (row, column) in enumerate(points, 1):
        distance = (y - row) ** 2 + (x - column) ** 2
        closer = distance < nearest
        nearest[closer] = distance[closer]
        labels[closer] = number if number % 4 else 0
    return labels


def of_distinct_colors() -> dict[str, float]:
    """Return the bytes of a screenshot and of labels as a part of what `imsave` writes of both."""
    window, labels = screenshot(), label_image()
    colored = Picture(labels, labels=True).render()
    found = {}
    for name, ours, pixels in (
        ("screenshot", encode(window), window),
        ("labels", encode(labels, labels=True), colored),
    ):
        found[name] = len(ours) / len(by_matplotlib(pixels, None))
    return found


def by_matplotlib(array: np.ndarray, cmap: str | None = CMAP) -> bytes:
    """Return the PNG that `imsave` writes."""
    from matplotlib import image

    file = io.BytesIO()
    image.imsave(file, array, cmap=cmap, format="png")
    return file.getvalue()


def measure() -> dict[str, dict[str, float]]:
    """Return of each field milliseconds, times and size."""
    found = {}
    for name, array in fields().items():
        runs = {"matplotlib": lambda a=array: by_matplotlib(a)}
        for norm in NORMS:
            positive = array - array.min() + 1e-3
            runs[norm] = lambda a=positive, n=norm: encode(a, cmap=CMAP, norm=n)
        seconds, results = interleaved(runs, 5)
        found[name] = {way: 1e3 * median(times) for way, times in seconds.items()}
        found[name]["times"] = median(ratios(seconds["matplotlib"], seconds["linear"]))
        found[name]["size"] = len(results["linear"]) / len(results["matplotlib"])
    return found


def table(found: dict[str, dict[str, float]], distinct: dict[str, float]) -> str:
    """Return what was measured as Markdown."""
    rows = []
    for name, row in found.items():
        ours = " | ".join(f"{row[norm]:.1f}" for norm in NORMS)
        theirs = f"{row['matplotlib']:.0f} ({row['times']:.0f}x)"
        rows.append(f"| {name} | {ours} | {theirs} | {row['size']:.2f} |")
    head = "| 1024² float32, viridis | linear, ms | log, ms | asinh, ms | imsave, ms | size |"
    lines = [head, "|---|---:|---:|---:|---:|---:|", *rows, ""]
    for name, size in distinct.items():
        lines.append(f"Size of {'a ' if name == 'screenshot' else ''}{name}: {size:.2f}.")
    return "\n".join(lines)


def save(text: str) -> None:
    """Write colors.md."""
    RESULTS.write_text(
        "# Colormapped pictures\n\nSize: stored bytes, as a share of matplotlib's.\n\n"
        + text
        + "\n",
        "utf-8",
    )


def front_values(details: bool) -> dict[str, float]:
    """Return the figures that have targets."""
    found, distinct = measure(), of_distinct_colors()
    if details:
        save(table(found, distinct))
    return {**{name: row["size"] for name, row in found.items()}, **distinct}


if __name__ == "__main__":
    text = table(measure(), of_distinct_colors())
    print(text)
    if "--save" in sys.argv:
        save(text)
