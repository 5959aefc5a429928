"""A thousand thumbnails: ``python -m benchmarks.grids``.

Python's time, what the page weighs, when its last picture is shown, and how the page scrolls, for
96×96 floats and bytes, in headless Chromium, which draws without a graphics card.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.measure import in_fresh_process, peak_beyond_now
from nbimage import Grid
from tests.e2e.harness import Chromium

SIDE = 96

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


def thumbnails(kind: str, count: int) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    found = []
    for _ in range(count):
        a, b, c = random.random(3)
        field = np.sin(20 * a * x) * np.cos(20 * b * y) + 0.05 * random.normal(size=x.shape) + c
        found.append(field.astype(np.float32))
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


def memory(kind: str, count: int, options: dict[str, Any]) -> int:
    arrays = thumbnails(kind, count)
    Grid(arrays[:2], **options)._repr_mimebundle_()
    return peak_beyond_now(lambda: Grid(arrays, **options)._repr_mimebundle_())


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
    }
    heads = ["Grid, s", "with its bundle, s", "page, MB", "memory, MB", "all shown, s"]
    heads += ["scrolling: median, ms", "95th, ms", "longest, ms", "resized, ms"]
    print(f"{options.count} of {SIDE}×{SIDE}\n")
    print("| |" + "|".join(heads) + "|\n|---" + "|---:" * len(heads) + "|")
    folder = Path(tempfile.mkdtemp(prefix="nbimage-grids-"))
    with Chromium() as browser:
        for name, (kind, wanted) in ways.items():
            runs = [made(kind, options.count, wanted) for _ in range(options.rounds)]
            path = Grid(thumbnails(kind, options.count), **wanted).save(folder / "grid.html")
            assert isinstance(path, Path)
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


if __name__ == "__main__":
    main()
