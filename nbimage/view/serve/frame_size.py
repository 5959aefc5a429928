"""How large the explorer is about on a page of its own."""

from __future__ import annotations

from nbimage.view.model.view_model import ViewModel

_AROUND = 94  # the row of buttons above the picture, and what is said of it below
_AXIS = 34  # the slider of an axis
_COMPARED = 72  # names above, and how they are compared below
_PANEL = {"layers": 120, "measure": 180, "compare": 60}  # of those that are open at first


def find_view_size(model: ViewModel) -> tuple[float, float]:
    """Return about how wide and tall a view is in CSS pixels, rather too tall than too low."""
    config = model.config
    tall = config["height"] + _AROUND + _AXIS * len(config.get("axes", ()))
    if config.get("layout") == "compare":
        tall += _COMPARED
    if model.title:
        tall += 20
    tall += sum(_PANEL.get(name, 0) for name in config["state"].get("panels", ()))
    return config["width"], tall
