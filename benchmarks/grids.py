"""A thousand thumbnails: ``python -m benchmarks.grids``.

Python's time, what the page weighs and is made of, when its last picture is shown, and how it
scrolls, for 96×96 floats and bytes and 28×28 strokes, in headless Chromium, which draws without a
graphics card. No page is smaller than what is in its pictures: of the floats in one range, a known
field with normal noise, `find_floor` says how much that is.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import numpy as np
from scipy.special import ndtr

from benchmarks.measure import in_fresh_process, peak_beyond_now
from nbimage import Grid
from tests.e2e.harness import Chromium

SIDE, NOISE = 96, 0.05

SHOWN = """async () => {
  for (const image of document.images) await image.decode();
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now();
}"""

SCROLL = """async () => {
  const times = [];
  let last = performance.now();
  const end = document.documentElement.scrollHeight - innerHeight;
  for (let y = 0; y < end; y += 60) {
    scrollTo(0, y);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  return times;
}"""

KEYS = """async () => {
  const item = document.querySelector(".nbimage-media");
  item.focus();
  const start = performance.now();
  for (let i = 0; i < 20; i++)
    item.dispatchEvent(new KeyboardEvent("keydown", { key: i % 2 ? "-" : "+", bubbles: true }));
  document.body.getBoundingClientRect();
  return (performance.now() - start) / 20;
}"""


def fields(count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield fields without their noise, and with it."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    for _ in range(count):
        a, b, c = random.random(3)
        field = np.sin(20 * a * x) * np.cos(20 * b * y)
        noise = NOISE * random.normal(size=x.shape)
        yield field + c, (field + noise + c).astype(np.float32)


def strokes(count: int) -> list[np.ndarray]:
    """Three strokes of a pen each, as digits have them."""
    random = np.random.default_rng(1)
    y, x = np.mgrid[:28, :28]
    found = []
    for _ in range(count):
        near = np.full(x.shape, np.inf)
        for (ay, ax), (by, bx) in random.integers(4, 24, (3, 2, 2)):
            for t in np.linspace(0, 1, 30):
                at = (y - ay - t * (by - ay)) ** 2 + (x - ax - t * (bx - ax)) ** 2
                near = np.minimum(near, at)
        found.append((255 * np.exp(-near / 2)).astype(np.uint8))
    return found


def find_floor(count: int = 50) -> float:
    """Return the bytes of a float thumbnail in one range below which no lossless format goes.

    It is the entropy of its pixels for one who knows the field.
    """
    both = list(fields(count))
    low, high = (float(f([f(noisy) for _, noisy in both])) for f in (np.min, np.max))
    edges = np.linspace(low, high, 257)
    bits = 0.0
    for field, _ in both:
        below = ndtr((edges - field.reshape(-1, 1)) / NOISE)
        below[:, 0], below[:, -1] = 0, 1
        share = np.diff(below, axis=1)
        bits -= (share * np.log2(np.where(share > 0, share, 1))).sum()
    return bits / 8 / count


def thumbnails(kind: str, count: int) -> list[np.ndarray]:
    if kind == "strokes":
        return strokes(count)
    found = [noisy for _, noisy in fields(count)]
    if kind == "bytes":
        return [np.clip(field * 80 + 128, 0, 255).astype(np.uint8) for field in found]
    return found


def made(kind: str, count: int, options: dict[str, Any]) -> tuple[float, float, int]:
    """Seconds for the pictures and for the whole bundle, and its bytes as HTML."""
    arrays = thumbnails(kind, count)
    Grid(arrays[:2], **options)._repr_mimebundle_()  # imports are not what is measured
    start = perf_counter()
    grid = Grid(arrays, **options)
    middle = perf_counter()
    data, _ = grid._repr_mimebundle_()
    return middle - start, perf_counter() - start, len(data["text/html"])


def weigh(html: str, count: int) -> list[float]:
    """Return the bytes a picture of a page: all, pictures, what is known of values, scripts."""
    pictures = sum(map(len, re.findall(r'<img src="(data:[^"]+)"', html)))
    known = sum(map(len, re.findall(r' data-(?:reading|scales)="([^"]*)"', html)))
    scripts = sum(map(len, re.findall(r"<script>(.*?)</script>", html, re.DOTALL)))
    return [part / count for part in (len(html), pictures, known, scripts)]


def memory(kind: str, count: int, options: dict[str, Any]) -> int:
    arrays = thumbnails(kind, count)
    Grid(arrays[:2], **options)._repr_mimebundle_()
    return peak_beyond_now(lambda: Grid(arrays, **options)._repr_mimebundle_())


def front_values(details: bool) -> dict[str, float]:
    """Return the figures that have targets."""
    runs = [made("floats", 1000, {}) for _ in range(5)]
    return {"seconds": median(run[1] for run in runs), "page": runs[0][2] / 1e6}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ways: dict[str, tuple[str, dict[str, Any]]] = {
        "floats, one range": ("floats", {}),
        "floats, a range each": ("floats", {"shared": False}),
        "floats in colors": ("floats", {"cmap": "viridis"}),
        "bytes": ("bytes", {}),
        "strokes": ("strokes", {}),
        "strokes in colors": ("strokes", {"cmap": "viridis", "vmin": 0, "vmax": 255}),
    }
    heads = ["Grid, s", "with its bundle, s", "page, MB", "memory, MB", "all shown, s"]
    heads += ["scrolling: median, ms", "95th, ms", "longest, ms", "resized, ms"]
    print(f"{options.count} of {SIDE}×{SIDE}, or strokes of 28×28\n")
    print("| |" + "|".join(heads) + "|\n|---" + "|---:" * len(heads) + "|")
    weights = []
    folder = Path(tempfile.mkdtemp(prefix="nbimage-grids-"))
    with Chromium() as browser:
        for name, (kind, wanted) in ways.items():
            runs = [made(kind, options.count, wanted) for _ in range(options.rounds)]
            grid = Grid(thumbnails(kind, options.count), **wanted)
            path = grid.save(folder / "grid.html")
            assert isinstance(path, Path)
            weights.append((name, weigh(grid.html, options.count)))
            page = browser.new_page()
            page.goto(path.as_uri())
            shown = page.evaluate(SHOWN) / 1000
            times = page.evaluate(SCROLL)
            resized = page.evaluate(KEYS)
            page.context.close()
            peak = in_fresh_process(memory, kind, options.count, wanted)
            cells = [
                f"{median(run[0] for run in runs):.2f}",
                f"{median(run[1] for run in runs):.2f}",
                f"{runs[0][2] / 1e6:.1f}",
                f"{peak / 1e6:.0f}",
                f"{shown:.2f}",
                f"{median(times):.1f}",
                f"{quantiles(times, n=20)[-1]:.1f}",
                f"{max(times):.0f}",
                f"{resized:.1f}",
            ]
            print(f"| {name} |" + "|".join(cells) + "|")
    print("\nBytes a picture\n\n| | page | pictures | of values | scripts | the rest |")
    print("|---" + "|---:" * 5 + "|")
    for name, (whole, *parts) in weights:
        cells = [f"{part:.0f}" for part in (whole, *parts, whole - sum(parts))]
        print(f"| {name} |" + "|".join(cells) + "|")
    floor = find_floor()
    print(
        f"\nIn the floats of one range are {floor:.0f} bytes each, {floor * 4 / 3:.0f} as base64."
    )


if __name__ == "__main__":
    main()
