"""What is asked of arrays on a GPU, each of which is mapped there."""

from __future__ import annotations

from typing import Any

SCALES: list[dict[str, Any]] = [
    {},
    {"vsym": True},
    {"vmin": -20, "vmax": 90},
    {"vmin": 90, "vmax": -20.5},
    {"vmin": 5, "vmax": 5},
    {"vmin": 0, "vmax": 0, "vsym": True},
    {"contrast": "infer"},
    {"norm": "log"},
    {"norm": "log", "vmin": 3, "vmax": 70},
    {"norm": "sqrt"},
    {"norm": 2.5, "vmin": -50, "vmax": 50},
    {"norm": 2, "vsym": True},
    {"norm": ("asinh", 7)},
    {"norm": "symlog"},
    {"norm": ("symlog", 2), "vsym": True},
    {"norm": ("symlog", 2), "vmin": 90, "vmax": -90},
    {"levels": 7},
    {"levels": [-50, -3, 0.5, 2, 60, 61]},
    {"levels": [60, 2, 0, -3]},
]
