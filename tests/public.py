"""What is public: names, the classes of what these return, their members."""

from __future__ import annotations

import ast
import inspect
import textwrap
from importlib import import_module
from typing import Any

INNER = "For the modules of nbimage"
"""In the docstring of a member that is no part of the reference."""
RESULTS = {
    "Comparison": "nbimage.view.comparison",
    "LayerHandle": "nbimage.view.live.layer_list",
    "Level": "nbimage.pyramid.core.arrays.level",
    "Link": "nbimage.view.live.linking",
    "VideoFrames": "nbimage.codecs.clips.video_frames",
}
"""Classes of what public names return."""


def list_public(module: str) -> dict[str, Any]:
    """Return what a module makes public by its ``__all__``, by name."""
    found = import_module(module)
    return {name: getattr(found, name) for name in found.__all__}


def list_results() -> dict[str, Any]:
    """Return the classes of what public names return."""
    return {name: getattr(import_module(home), name) for name, home in RESULTS.items()}


def public_members(kind: type) -> set[str]:
    """Names without underscore: those of the class, and those that its methods set."""
    found = set()
    for base in kind.__mro__:
        if base.__module__.startswith("nbimage"):
            found |= {name for name in vars(base) if not name.startswith("_")}
            for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(base)))):
                stored = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
                if stored and ast.unparse(node.value) == "self" and not node.attr.startswith("_"):
                    found.add(node.attr)
    return found
