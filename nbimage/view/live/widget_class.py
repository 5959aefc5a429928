"""The anywidget of a view: of its state nothing but a few lines of script may be saved."""

from __future__ import annotations

import functools
from typing import Any

from nbimage.page.view_html import widget_script


@functools.cache
def widget_class() -> Any:
    """Return the widget's class. Raises ImportError without anywidget."""
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise ImportError("the live view needs anywidget: pip install 'nbimage[live]'") from None

    class LiveView(anywidget.AnyWidget):
        """A page of a view."""

        _esm = widget_script()
        reports = traitlets.Bool(False, help="Of a view that the page holds.").tag(sync=True)

    return LiveView
