"""A picture updated in place thirty times a second: ``python -m benchmarks.updates``.

A kernel calls ``nbimage(…, display_id=…)`` in JupyterLab, as a simulation would; the page counts
in each animation frame what it shows. "Blank" are frames without a picture or without height.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from tests.e2e.harness import (
    Chromium,
    JupyterServer,
    NotebookPage,
    open_notebook,
    write_notebook,
)

CELLS = {
    "setup": """
import time
import numpy as np
from nbimage import nbgrid, nbimage
y, x = np.mgrid[:512, :512]
frames = [((x + y + 8 * i) % 256).astype(np.uint8) for i in range(32)]
waves = [np.sin(frame / 40).astype(np.float32) for frame in frames]
def frame(i):
    return frames[i % 32]
def picture(i):
    nbimage(frame(i), display_id="picture")
def grid(i):
    nbgrid([frame(i + 4 * k)[:96, :96] for k in range(8)], columns=4, display_id="grid")
def floats(i):
    nbimage(waves[i % 32], display_id="floats", cmap="viridis", colorbar=True)
def loop(show, seconds, rate=30):
    start, late, busy = time.perf_counter(), 0, 0.0
    for i in range(seconds * rate):
        before = time.perf_counter()
        show(i)
        busy += time.perf_counter() - before
        wait = start + (i + 1) / rate - time.perf_counter()
        late += wait < 0
        time.sleep(max(0, wait))
    print(busy / (seconds * rate) * 1000, late)
def memory():
    print([int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmRSS")][0] / 1024)
""",
    "picture": "picture(0)",
    "floats": "floats(0)",
    "grid": "grid(0)",
}

WATCH = """index => {
  const area = e2e.cells()[index].outputArea.node;
  const watch = window.watching = { frames: 0, shown: 0, blank: 0, longest: 0, on: true };
  let last = "", then = performance.now();
  const look = (now) => {
    watch.frames++;
    const picture = area.querySelector("img");
    if (!picture?.complete || !picture.getBoundingClientRect().height) watch.blank++;
    else if (picture.src !== last) {
      if (last) watch.longest = Math.max(watch.longest, now - then);
      [last, then, watch.shown] = [picture.src, now, watch.shown + 1];
    }
    if (watch.on) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def in_page(page: NotebookPage) -> tuple[float, float]:
    """The page's JavaScript heap in MB after a collection, and its DOM nodes."""
    session = page.page.context.new_cdp_session(page.page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    found = session.send("Performance.getMetrics")["metrics"]
    metrics = {metric["name"]: metric["value"] for metric in found}
    session.detach()
    return metrics["JSHeapUsedSize"] / 1e6, metrics["Nodes"]


def measured(page: NotebookPage, name: str, seconds: int) -> dict[str, Any]:
    page.output(name)
    page.execute(f"loop({name}, 2)")  # what the first calls import and compile
    memory = float(page.execute("memory()"))
    heap, nodes = in_page(page)
    page.page.evaluate(WATCH, page.names.index(name))
    milliseconds, late = map(float, page.execute(f"loop({name}, {seconds})").split())
    page.page.wait_for_timeout(500)
    seen = page.page.evaluate("() => { watching.on = false; return watching; }")
    later, more = in_page(page)
    return {
        "sent": 30 * seconds,
        "late": int(late),
        "ms a call": round(milliseconds, 1),
        "shown": seen["shown"],
        "longest gap, ms": round(seen["longest"]),
        "frames": seen["frames"],
        "blank": seen["blank"],
        "JS heap, MB": f"{heap:.1f} to {later:.1f}",
        "DOM nodes": f"{nodes:.0f} to {more:.0f}",
        "kernel, MB": f"{memory:.0f} to {float(page.execute('memory()')):.0f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="nbimage-updates-"))
    notebook = write_notebook(root / "source" / "updates.ipynb", CELLS)
    rows = {}
    with Chromium() as browser, JupyterServer(root, "lab") as server:
        for name in ("picture", "floats", "grid"):
            names = list(CELLS)
            with open_notebook(notebook, names, server, browser, "fresh") as page:
                rows[name] = measured(page, name, options.seconds)
    heads = list(rows["picture"])
    titles = {
        "picture": "512² uint8",
        "floats": "512² floats, colors, colorbar",
        "grid": "8 of 96² uint8",
    }
    print("| |" + "|".join(heads) + "|\n|---" + "|---:" * len(heads) + "|")
    for name, row in rows.items():
        print(f"| {titles[name]} |" + "|".join(str(row[head]) for head in heads) + "|")


if __name__ == "__main__":
    main()
