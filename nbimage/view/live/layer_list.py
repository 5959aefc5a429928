"""`LayerList`: the layers of a view, read and set from Python while it is live.

Not here: which layers there are and what their states mean (`nbimage.view.model.layers`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from nbimage.base.text import format_repr
from nbimage.view.model.layers.layer_config import resolve_layer_value
from nbimage.view.model.layers.overlay_layer import Layer, OverlayLayer
from nbimage.view.model.view_model import ViewModel

Change = Callable[[str, Any], None]
"""Sets a key of the page's state in all pages."""


class LayerHandle:
    """One layer of a view. What is set reaches all pages that show it.

    Examples
    --------
    >>> labels = {"nuclei": np.eye(60, 80, dtype=int)}
    >>> view = nbimage.View(
    ...     np.zeros((60, 80)), labels=labels, names={1: "a", 2: "b"}, embed=False
    ... )
    >>> layer = view.layers["nuclei"]
    >>> layer.name, layer.kind, layer.names, layer.visible, layer.opacity, layer.fill, layer.by
    ('nuclei', 'labels', {1: 'a', 2: 'b'}, True, 0.4, True, None)
    >>> layer.picked = "a"
    >>> layer.picked
    1
    >>> layer.fill = False
    >>> layer
    <Layer 'nuclei': labels, opacity 0.4>
    """

    def __init__(self, model: ViewModel, number: int, change: Change) -> None:
        self._model, self._number, self._change = model, number, change

    @property
    def _layer(self) -> Layer:
        return self._model.layers[self._number]

    @property
    def name(self) -> str:
        """What it is called in the list."""
        return self._layer.name

    @property
    def kind(self) -> str:
        """What it is: "labels", or the kind of the overlay's item, such as "points"."""
        return self._layer.kind

    @property
    def names(self) -> dict[int, str]:
        """What single labels are called."""
        layer = self._layer
        return {} if isinstance(layer, OverlayLayer) else dict(layer.facts.names)

    @property
    def visible(self) -> bool:
        """Whether it is shown."""
        return bool(self._get("visible"))

    @visible.setter
    def visible(self, visible: bool) -> None:
        self._set("visible", visible)

    @property
    def opacity(self) -> float:
        """How opaque it is, 0 to 1."""
        return float(self._get("opacity"))

    @opacity.setter
    def opacity(self, opacity: float) -> None:
        self._set("opacity", opacity)

    @property
    def fill(self) -> bool:
        """Whether labels are filled; False: outlines."""
        return bool(self._get("fill"))

    @fill.setter
    def fill(self, fill: bool) -> None:
        self._set("fill", fill)

    @property
    def picked(self) -> int | None:
        """The label that is picked out, while others are dimmed; set, a label or its name."""
        picked = self._get("picked")
        return None if picked is None else int(picked)

    @picked.setter
    def picked(self, picked: int | str | None) -> None:
        self._set("picked", picked)

    @property
    def by(self) -> str | None:
        """The property by which labels are colored; None: each has a color of its own."""
        by: str | None = self._get("by")
        return by

    @by.setter
    def by(self, by: str | None) -> None:
        self._set("by", by)

    def _get(self, key: str) -> Any:
        return self._model.state["layers"][self._number][key]

    def _set(self, key: str, value: Any) -> None:
        states = list(self._model.state["layers"])
        found = resolve_layer_value(key, key, value, self._layer)
        states[self._number] = {**states[self._number], key: found}
        self._change("layers", states)

    def __repr__(self) -> str:
        shown = "" if self.visible else ", hidden"
        return format_repr("Layer", self.name, f"{self.kind}, opacity {self.opacity:g}{shown}")


class LayerList(Sequence[LayerHandle]):
    """The layers of a view, the uppermost last: by number or by name."""

    def __init__(self, model: ViewModel, change: Change) -> None:
        self._names = [layer.name for layer in model.layers]
        self._handles = [LayerHandle(model, i, change) for i in range(len(self._names))]

    @overload
    def __getitem__(self, key: int | str) -> LayerHandle: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[LayerHandle]: ...
    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            if key not in self._names:
                known = ", ".join(map(repr, self._names)) or "none"
                raise KeyError(f"layers must be one of {known}, but got {key!r}")
            return self._handles[self._names.index(key)]
        return self._handles[key]

    def __len__(self) -> int:
        return len(self._handles)

    def __iter__(self) -> Iterator[LayerHandle]:
        return iter(self._handles)

    def __repr__(self) -> str:
        return repr(self._handles)
