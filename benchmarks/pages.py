"""What a page of the explorer weighs, and when its first picture is shown, in Chromium.

    python -m benchmarks.pages [--rounds 5]

``nbview`` of 2048² float32 as a file; a live view of a zarr of 40,000² in JupyterLab, by
`first_pictures`. Then the scripts: the explorer's with its layers as an output stores it, and what
another view adds to a page of one that `share_scripts` has gone over.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.first_pictures import first_pictures
from benchmarks.views import PANE, field_of, opened, write_view
from nbimage import View
from nbimage.page.html import document_html
from nbimage.page.scripts import packed_script
from nbimage.page.shared_scripts import share_scripts
from nbimage.page.view_html import EMBEDDED, PARTS
from tests.e2e.harness import Chromium

SCRIPT = re.compile(r"<script(?![^>]*application/json)[^>]*>(.*?)</script>", re.DOTALL)
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1e3"


def embedded_page(rounds: int) -> tuple[float, float, float]:
    """Return a page's MB, and the seconds from navigation to its preview and to its samples."""
    with tempfile.TemporaryDirectory(prefix="nbimage-pages-") as folder:
        path = Path(folder) / "view.html"
        write_view(field_of(2048), path)
        previews, seconds = [], []
        for _ in range(rounds):
            with Chromium() as browser:
                page = opened(browser, path, f".nbimage-view {PANE}, {PANE}")
                seconds.append(page.evaluate("watch.shown") / 1e3)
                previews.append(page.evaluate(PAINT))
        return path.stat().st_size / 1e6, median(previews), median(seconds)


def live_page() -> float:
    """Return the seconds from running a cell until a zarr without levels is shown."""
    with tempfile.TemporaryDirectory(prefix="nbimage-pages-") as folder, Chromium() as browser:
        return float(first_pictures(browser, Path(folder))[0][2]) / 1e3


def scripts() -> tuple[float, float]:
    """Return the kB of the explorer's script with layers, and those that another view adds."""
    html = View(np.arange(63, dtype=np.float32).reshape(7, 9)).html
    one, two = (document_html(html * count, "Views") for count in (1, 2))
    letters = [sum(map(len, SCRIPT.findall(share_scripts(page)))) for page in (one, two)]
    return len(packed_script(PARTS["layers"], EMBEDDED)) / 1e3, (letters[1] - letters[0]) / 1e3


def measure(rounds: int) -> dict[str, float]:
    """Return all figures."""
    megabytes, preview, shown = embedded_page(rounds)
    script, more = scripts()
    return {
        "page": megabytes,
        "preview": preview,
        "shown": shown,
        "zarr": live_page(),
        "script": script,
        "scripts more": more,
    }


def front_values(details: bool) -> dict[str, float]:
    """Return the figures that have targets."""
    return measure(5)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    for name, value in measure(parser.parse_args().rounds).items():
        print(f"{name:24} {value:8.2f}")


if __name__ == "__main__":
    main()
