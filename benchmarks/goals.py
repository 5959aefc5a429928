"""What the table of `front` has a row for: which module measures it, and what it is to be."""

from __future__ import annotations

from typing import NamedTuple


class Goal(NamedTuple):
    """One figure: ``name`` is its key in what the module's `front_values` returns."""

    module: str
    name: str
    what: str
    bound: float
    at_least: bool = False
    """The figure is to be so much or more; else so much or less."""
    digits: int = 2
    unit: str = ""

    @property
    def key(self) -> str:
        """The figure's name among those of all modules."""
        return f"{self.module}: {self.name}"

    @property
    def target(self) -> str:
        """The bound as the table has it."""
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}{self.unit}"

    def is_met(self, value: float) -> bool:
        """Return whether a figure keeps to the bound."""
        return value >= self.bound if self.at_least else value <= self.bound

    def format(self, value: float) -> str:
        """Return a figure as the table has it."""
        return f"{value:.{self.digits}f}{self.unit}"


GOALS = (
    # PNG of uint8 pixels: bytes as a part of Pillow's default, OpenCV's time as a part of ours
    Goal("encoders", "bytes", "PNG's bytes / Pillow's, mean of the photographs", 1.04, digits=3),
    Goal("encoders", "most bytes", "the same, the largest of them", 1.10, digits=3),
    Goal("encoders", "128", "OpenCV's time / PNG's, 128², the slower of gray and RGB", 1, True),
    Goal("encoders", "256", "the same, 256²", 1, True),
    Goal("encoders", "512 and more", "the same, the slowest of 512² to 4096²", 1, True),
    Goal("encoders", "small bytes", "`compression=3`: bytes / Pillow's, mean", 0.95, digits=3),
    Goal("encoders", "most small bytes", "the same, the largest", 1.00, digits=3),
    Goal(
        "encoders",
        "small",
        "`compression=3`: OpenCV's time / ours, the slowest of 256² RGB and 512² to 4096²",
        1,
        True,
    ),
    Goal(
        "encoders",
        "smaller than OpenCV",
        "`compression=3`: bytes / OpenCV's, the largest of 128² to 4096²",
        1,
        digits=3,
    ),
    # bytes as a part of those of matplotlib's `imsave`
    Goal("colors", "smooth", "a smooth field in viridis: bytes / `imsave`'s", 0.40),
    Goal("colors", "a little noise", "the same with a little noise", 0.40),
    Goal("colors", "photograph", "a photograph in viridis", 0.40),
    Goal("colors", "screenshot", "a screenshot, RGB", 0.40),
    Goal("colors", "labels", "a label image in distinct colors", 0.40),
    # from an array to all that a notebook stores
    Goal("pictures", "RGB, mediapy", "mediapy's time / a whole output's, 2048² RGB", 30, True, 1),
    Goal("pictures", "RGB, plotly", "plotly's time, the same", 12, True, 1),
    Goal("pictures", "gray, mediapy", "mediapy's time, 2048² gray float32", 45, True, 1),
    Goal("pictures", "gray, plotly", "plotly's time, the same", 15, True, 1),
    Goal("outputs", "mean", "output / picture, mean of the cases", 1.15),
    Goal("outputs", "most", "the same, the largest", 1.15),
    Goal("pictures", "memory, gray", "memory beyond 2048² gray float32", 13, False, 1, " MB"),
    Goal("pictures", "memory, RGB", "memory beyond 2048² RGB", 28.5, False, 1, " MB"),
    Goal("pictures", "memory, uint16", "memory beyond 4096² uint16", 39.9, False, 1, " MB"),
    # `rerange` as a part of `array.copy()`
    Goal("rerange", "float32", "`rerange` / `copy()`, 4096² float32", 1.1),
    Goal("rerange", "float32, vsym", "the same with `vsym`", 1.1),
    Goal("rerange", "float32, vmin and vmax", "the same with limits", 1.1),
    Goal("rerange", "uint16", "the same of uint16", 1.1),
    Goal("pictures", "import nbimage", "`import nbimage` beyond NumPy", 15, False, 1, " ms"),
    Goal(
        "pictures", "first picture", "the first `nbimage(array)` beyond that", 60, False, 1, " ms"
    ),
    # many pictures
    Goal("tooltips", "times faster", "Altair's documented way / 200 tooltip images", 10, True, 1),
    Goal("grids", "seconds", "1,000 thumbnails of floats, `Grid` and its bundle", 0.25, unit=" s"),
    Goal("grids", "page", "the page of them", 2.08, False, 1, " MB"),
    # video
    Goal("videos", "speed", "mediapy's time / `nbvideo`'s, mean of three", 3, True),
    Goal("videos", "most bytes", "bytes / mediapy's, the largest of three", 1.10),
    Goal("videos", "least quality", "PSNR beyond mediapy's, the least of three", 0, True, 2, " dB"),
    Goal("videos", "floats", "a video of floats / bare ffmpeg of uint8 frames", 1.05),
    # the explorer
    Goal("pages", "page", "`nbview(2048² float32)`: its page", 16, False, 1, " MB"),
    Goal("pages", "preview", "the same: from navigation to its preview", 0.4, unit=" s"),
    Goal("pages", "shown", "the same: from navigation to its samples", 0.4, unit=" s"),
    Goal("pages", "script", "the explorer's script with layers", 80, False, 1, " kB"),
    Goal(
        "pages",
        "scripts more",
        "scripts that a further view adds to an exported page",
        1,
        False,
        1,
        " kB",
    ),
    Goal(
        "pages",
        "zarr",
        "a live view of a 40,000² zarr without levels: its first picture",
        0.5,
        unit=" s",
    ),
)
