"""`treescope_autovisualizer`: arrays in treescope's trees as the lines of nbimage's own."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from nbimage.page.trees.sketches import images_html
from nbimage.trees.array_lines import make_array_line
from nbimage.trees.containers import UNREADABLE, is_array

_SIDE = 128  # CSS pixels of a picture, which stands alone here


def treescope_autovisualizer(value: Any, path: str | None) -> Any:
    """Show arrays in treescope's trees: a thumbnail and a line each, lazy ones not computed.

    Parameters
    ----------
    value : object
        A part of the tree.
    path : str or None
        Where it is in the tree, for the buttons that treescope puts there.

    Returns
    -------
    treescope.VisualizationFromTreescopePart, or None
        A line that folds, with a picture, a curve or a histogram below. None leaves to treescope
        what is no array, and arrays of one value.

    Examples
    --------
    ``treescope.active_autovisualizer.set_globally(nbimage.treescope_autovisualizer)`` holds for all
    cells, ``%%autovisualize nbimage.treescope_autovisualizer`` for one, a ``with`` for some lines:

    >>> import treescope
    >>> visualizer = nbimage.treescope_autovisualizer
    >>> with treescope.active_autovisualizer.set_scoped(visualizer):
    ...     html = treescope.render_to_html({"weights": np.eye(64)}, compressed=False)
    >>> "data:image/png" in html
    True
    """
    treescope = sys.modules.get("treescope")
    try:
        if treescope is None or not is_array(value) or np.prod(getattr(value, "shape", 2)) == 1:
            return None
    except UNREADABLE:
        return None
    line = make_array_line("", value, side=_SIDE)
    parts = treescope.rendering_parts
    words = f"<{type(value).__name__} {line.shape} {line.dtype}"
    words += f", {line.text}" * bool(line.text and line.text != type(value).__name__)
    color = parts.abbreviation_color
    images = [image for image in (line.picture, line.sketch) if image]
    if not images:
        node = parts.build_one_line_tree_node(line=color(parts.text(f"{words}>")), path=path)
        return treescope.VisualizationFromTreescopePart(node)
    frame = parts.embedded_iframe(images_html(images), parts.empty_part())
    node = parts.build_custom_foldable_tree_node(
        label=color(parts.text(words)),
        contents=parts.siblings(
            parts.fold_condition(expanded=parts.indented_children([frame])),
            color(parts.text(">")),
        ),
        path=path,
        expand_state=parts.ExpandState.WEAKLY_EXPANDED,
    )
    return treescope.VisualizationFromTreescopePart(node)
